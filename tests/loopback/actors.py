"""What a person does in Discord's own app: the app's checks first, then the event that reaches the bot."""

import asyncio

from . import payloads
from .commands import CHAT, GROUP, SUBCOMMAND
from .gateway import Gateway
from .invocations import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, SUBMIT, Invocation
from .limits import BUTTON, EPHEMERAL, LINK, SELECTS, TEXT_INPUT, Json, walk
from .rest import Rest
from .world import World

STRING, INTEGER, BOOLEAN, CHANNEL, ROLE, NUMBER = 3, 4, 5, 7, 8, 10
TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    CHANNEL: (int,),
    ROLE: (int,),
    NUMBER: (int, float),
}
MESSAGE_MENU = 3
# Seconds from seeing a message to pressing on it: discord.py knows a view only once it has read the answer to
# the request that showed it, and no person is quicker than that.
GLANCE = 0.02


class ImpossibleError(AssertionError):
    """Discord's app would not let a person do this: no such command, a disabled button, a missing option."""


class Actor:
    """One person, a member of the guild; made by ``LoopbackDiscord.member``."""

    def __init__(
        self,
        world: World,
        gateway: Gateway,
        rest: Rest,
        user: Json,
        permissions: int,
        locale: str,
        roles: tuple[int, ...] = (),
    ) -> None:
        self.user, self.locale = user, locale
        self._roles = [str(role) for role in roles]
        self._world, self._gateway, self._rest, self._permissions = world, gateway, rest, permissions

    @property
    def id(self) -> int:
        """The user's id."""
        return int(self.user["id"])

    @property
    def dm_channel(self) -> Json:
        """The direct-message channel between this person and the bot."""
        return self._world.dm_with(self.user["id"])

    async def say(
        self, text: str, *, mention: bool = False, reply_to: Json | None = None, where: Json | None = None
    ) -> Json:
        """Write in the channel, or in a thread; ``mention`` puts the bot's mention in front. Return the message."""
        place = where or self._world.channel
        return await self._say(place, f"<@{self._world.bot['id']}> {text}" if mention else text, reply_to)

    async def post(self, title: str, text: str) -> tuple[Json, Json]:
        """Open a thread in the forum. Return it and its first message, which has its id."""
        thread = await self._open(self._world.forum, title)
        return thread, await self._say(thread, text, None, id=thread["id"])

    async def open_thread(self, message: Json, title: str) -> Json:
        """Open a thread at a message of the channel. Return it."""
        return await self._open(self._world.channel, title, message)

    async def edit(self, message: Json, text: str) -> Json:
        """Change the text of a message of one's own. Return the message as stored."""
        edited = self._world.amend(message, text)
        await self._gateway.dispatch("MESSAGE_UPDATE", edited)
        return edited

    async def dm(self, text: str, *, reply_to: Json | None = None) -> Json:
        """Write to the bot directly. Return the message as stored."""
        return await self._say(self.dm_channel, text, reply_to)

    async def slash(
        self, name: str, options: Json | None = None, *, dm: bool = False, where: Json | None = None
    ) -> Invocation:
        """Run ``/name`` (``"group sub"`` for a subcommand) with options by name, in the channel unless said where."""
        data, leaf, definitions = self._command(name, CHAT, dm)
        leaf["options"] = [
            _option(name, _named(definitions, key, name), value) for key, value in (options or {}).items()
        ]
        data["resolved"] = self._resolved(leaf["options"])
        missing = [d["name"] for d in definitions if d.get("required") and d["name"] not in (options or {})]
        if missing:
            raise ImpossibleError(f"/{name} needs {', '.join(missing)}")
        return await self._interact(COMMAND, f"/{name}", where or self._channel(dm), data)

    async def autocomplete(
        self, name: str, option: str, typed: str, others: Json | None = None, *, dm: bool = False
    ) -> list[Json]:
        """Type into one option and return the choices the bot offers, each with ``name`` and ``value``.

        Raises RefusalError if Discord refuses the answer: more than 25 choices, or one beyond 100 characters.
        """
        data, leaf, definitions = self._command(name, CHAT, dm)
        focused = _named(definitions, option, name)
        if not focused.get("autocomplete"):
            raise ImpossibleError(f"option {option} of /{name} has no autocomplete")
        leaf["options"] = [
            _option(name, _named(definitions, key, name), value) for key, value in (others or {}).items()
        ]
        leaf["options"].append({"name": option, "type": focused["type"], "value": typed, "focused": True})
        asked = await self._interact(AUTOCOMPLETE, f"autocomplete of /{name} {option}", self._channel(dm), data)
        await self._world.journal.until(lambda: asked.response or asked.refused, f"choices for {asked.what}")
        if asked.response is None:
            raise asked.refused[0]
        choices: list[Json] = asked.response["data"]["choices"]
        return choices

    async def menu(self, name: str, message: Json, *, dm: bool = False) -> Invocation:
        """Run a message context-menu command on a message."""
        data, _, _ = self._command(name, MESSAGE_MENU, dm)
        target = self._world.message(int(message["id"]))
        data |= {"target_id": target["id"], "resolved": {"messages": {target["id"]: target}}}
        return await self._interact(COMMAND, f"menu {name}", self._world.channels[target["channel_id"]], data)

    async def click(self, message: Json, custom_id: str) -> Invocation:
        """Press a button of the message as it stands now, however deep it is nested."""
        return await self._use(message, custom_id, {BUTTON}, {})

    async def select(self, message: Json, custom_id: str, values: list[str]) -> Invocation:
        """Choose values in a select menu of the message as it stands now."""
        return await self._use(message, custom_id, SELECTS, {"values": values})

    async def submit(self, opened: Invocation, text: str) -> Invocation:
        """Write into the one field of the modal that an interaction opened, and send it."""
        shown = await opened.acknowledged()
        if shown["type"] != MODAL:
            raise ImpossibleError(f"{opened.what} opened no modal")
        modal = shown["data"]
        parts = [part.get("component") or part for part in modal["components"]]
        (field,) = (part for part in walk(parts) if part["type"] == TEXT_INPUT)
        if len(text) > field.get("max_length", 4000) or (not text and field.get("required", True)):
            raise ImpossibleError(f"the field does not take {len(text)} characters")
        filled = {"type": TEXT_INPUT, "id": 2, "custom_id": field["custom_id"], "value": text}
        rows = [{"type": 18, "id": 1, "component": filled}]
        data = {"custom_id": modal["custom_id"], "components": rows}
        return await self._interact(SUBMIT, f"modal of {opened.what}", opened.channel, data)

    async def _open(self, parent: Json, title: str, message: Json | None = None) -> Json:
        thread = self._world.open_thread(parent, self.user, title, message)
        await self._gateway.dispatch("THREAD_CREATE", thread | {"newly_created": True})
        return thread

    async def _say(self, channel: Json, text: str, reply_to: Json | None, **extra: str) -> Json:
        body: Json = {"content": text}
        if reply_to:
            # The app sends what one began to write even if the other message was deleted meanwhile.
            body["message_reference"] = {"message_id": reply_to["id"], "fail_if_not_exists": False}
        message = self._world.post(channel, self.user, body, **extra)
        event = message if self._world.is_dm(channel) else message | {"member": self._member()}
        await self._gateway.dispatch("MESSAGE_CREATE", event)
        return message

    async def _use(self, message: Json, custom_id: str, kinds: set[int], extra: Json) -> Invocation:
        await asyncio.sleep(GLANCE)
        current = self._world.messages.get(int(message["id"]))
        if current is None:
            raise ImpossibleError(f"message {message['id']} is gone")
        if current["flags"] & EPHEMERAL and self._world.readers.get(int(current["id"])) != self.user["id"]:
            raise ImpossibleError("the message is visible to another user only")
        parts = {p["custom_id"]: p for p in walk(current["components"]) if p["type"] in kinds and "custom_id" in p}
        part = parts.get(custom_id)
        if part is None or part.get("style") == LINK or part.get("disabled"):
            state = "disabled" if part else "missing"
            raise ImpossibleError(f"{custom_id} is {state}; the message has {', '.join(parts) or 'nothing to press'}")
        if not set(extra.get("values", [])) <= {o["value"] for o in part.get("options", [])} and part.get("options"):
            raise ImpossibleError(f"{custom_id} has no such option as one of {extra['values']}")
        data = {"custom_id": custom_id, "component_type": part["type"], "id": part["id"]} | extra
        channel = self._world.channels[current["channel_id"]]
        return await self._interact(COMPONENT, f"press of {custom_id}", channel, data, current)

    def _resolved(self, options: list[Json]) -> Json:
        """The channels and roles that options name by their ids."""
        world = self._world
        channels = {key: one | {"permissions": str(self._permissions)} for key, one in world.channels.items()}
        roles = {role["id"]: role for role in world.guild["roles"]}
        chosen = {kind: [each["value"] for each in options if each["type"] == kind] for kind in (CHANNEL, ROLE)}
        return {
            "channels": {key: channels[key] for key in chosen[CHANNEL]},
            "roles": {key: roles[key] for key in chosen[ROLE]},
        }

    def _channel(self, dm: bool) -> Json:
        return self.dm_channel if dm else self._world.channel

    def _command(self, path: str, kind: int, dm: bool) -> tuple[Json, Json, list[Json]]:
        """Interaction data of a synced command, its innermost node, and the options that node takes."""
        name, *rest = path.split() if kind == CHAT else [path]
        seen = self._world.commands_seen(dm)
        command = next((c for c in seen if c["name"] == name and c["type"] == kind), None)
        if command is None:
            raise ImpossibleError(f"no command {name} has been synced; there are: {[c['name'] for c in seen]}")
        self._allowed(command, dm)
        leaf: Json = {"id": command["id"], "name": name, "type": kind}
        data = leaf | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})
        leaf, definitions = data, command.get("options") or []
        for word in rest:
            node = _named(definitions, word, path)
            inner: Json = {"name": word, "type": node["type"]}
            leaf["options"] = [inner]
            leaf, definitions = inner, node.get("options") or []
        if definitions and definitions[0]["type"] in (SUBCOMMAND, GROUP):
            raise ImpossibleError(f"/{path} is a group: name one of {[d['name'] for d in definitions]}")
        return data, leaf, definitions

    def _allowed(self, command: Json, dm: bool) -> None:
        contexts = command.get("contexts")
        if dm if contexts is None and command.get("dm_permission") is False else contexts and int(dm) not in contexts:
            raise ImpossibleError(f"/{command['name']} is not offered {'in direct messages' if dm else 'in the guild'}")
        needed = command["default_member_permissions"]
        if needed is None or dm or self._permissions & payloads.ADMINISTRATOR:
            return
        if int(needed) == 0 or int(needed) & ~self._permissions:
            raise ImpossibleError(f"/{command['name']} is hidden from {self.user['username']}: it needs {needed}")

    async def _interact(
        self, kind: int, what: str, channel: Json, data: Json, source: Json | None = None
    ) -> Invocation:
        world, dm = self._world, self._world.is_dm(channel)
        number = world.new_id()
        place: Json = {"user": self.user} if dm else self._guild_part()
        payload = place | {
            "id": str(number),
            "application_id": world.bot["id"],
            "type": kind,
            "token": f"interaction-token-{number:x}",
            "version": 1,
            "data": data,
            "channel": channel,
            "channel_id": channel["id"],
            "context": int(dm),
            "locale": self.locale,
            "app_permissions": str(payloads.ORDINARY),
            "entitlements": [],
            "authorizing_integration_owners": {"0": "0" if dm else world.guild["id"]},
            "attachment_size_limit": 10 << 20,
        }
        if source:
            payload["message"] = source
        origin = int(source["id"]) if source else None
        invocation = Invocation(world, number, payload["token"], kind, what, self.user, channel, world.now(), origin)
        self._rest.invocations[invocation.token] = invocation
        await self._gateway.dispatch("INTERACTION_CREATE", payload)
        return invocation

    def _member(self) -> Json:
        return payloads.member(self._permissions, self._roles)

    def _guild_part(self) -> Json:
        guild = self._world.guild
        brief = {"id": guild["id"], "locale": guild["preferred_locale"], "features": guild["features"]}
        member = self._member() | {"user": self.user}
        return {"guild_id": guild["id"], "guild": brief, "guild_locale": brief["locale"], "member": member}


def _named(definitions: list[Json], name: str, command: str) -> Json:
    found = next((definition for definition in definitions if definition["name"] == name), None)
    if found is None:
        raise ImpossibleError(f"/{command} has no {name}; it has: {[d['name'] for d in definitions]}")
    return found


def _option(command: str, definition: Json, value: str | float) -> Json:
    """One option of the interaction, its value checked as the app checks what a person types."""
    name, kind = definition["name"], definition["type"]
    if kind not in TYPES:
        raise ImpossibleError(f"the loopback cannot fill option {name}: type {kind}")
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
        raise ImpossibleError(f"option {name} of /{command} does not take {value!r}")
    if kind in (CHANNEL, ROLE):
        return {"name": name, "type": kind, "value": str(value)}
    choices = [choice["value"] for choice in definition.get("choices") or []]
    if choices and value not in choices:
        raise ImpossibleError(f"option {name} of /{command} offers only {choices}")
    text = kind == STRING
    low, high = ("min_length", "max_length") if text else ("min_value", "max_value")
    size = len(value) if isinstance(value, str) else value
    if not definition.get(low, size) <= size <= definition.get(high, 6000 if text else size):
        raise ImpossibleError(f"option {name} of /{command}: {size} is outside {low} and {high}")
    return {"name": name, "type": kind, "value": value}
