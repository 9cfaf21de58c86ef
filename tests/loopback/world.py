"""What exists on the loopback server: a clock, people, places, messages, commands, interactions."""

import itertools
import time
from typing import Any, NamedTuple

from . import payloads
from .journal import Journal
from .limits import COMPONENTS_V2, EPHEMERAL, LOADING, Json, RefusalError, check_message, text_of, walk
from .mentions import parsed
from .payloads import ORDINARY

DISCORD_EPOCH = 1_420_070_400


class Sync(NamedTuple):
    """One bulk overwrite of commands: the guild's id, or None for the global ones, and what was sent."""

    scope: int | None
    payload: list[Json]


class Writing(NamedTuple):
    """One message that the bot created or edited, and what in it Discord would parse as a mention."""

    how: str
    message: Json
    allowed_mentions: Json | None
    pings: list[str]


class World:
    """The state behind REST and gateway; it sends nothing itself."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._wall, self._serial = time.time() - time.monotonic(), itertools.count(1)
        self.offset = 0.0
        self.bot = payloads.user(self.new_id(), "footnote", bot=True)
        self.owner = payloads.user(self.new_id(), "owner")
        self.endpoint: str | None = None
        self.users = {person["id"]: person for person in (self.bot, self.owner)}
        while not (guild_id := self.new_id()) >> 22 & 1:  # so the second of two shards has it
            time.sleep(0.001)
        self.channel = payloads.text_channel(self.new_id(), guild_id, "general")
        self.forum = payloads.forum(self.new_id(), guild_id, "help")
        self.thread = payloads.thread(self.new_id(), self.channel, self.owner, "a question", self.now())
        self.role = payloads.role(self.new_id(), "archivists", 0)
        own = payloads.role(self.new_id(), "footnote", 0) | {"managed": True, "tags": {"bot_id": self.bot["id"]}}
        self.bot_role = own
        everyone = payloads.role(guild_id, "@everyone", ORDINARY)
        members = [payloads.member(ORDINARY) | {"user": person} for person in self.users.values()]
        self.guild = payloads.guild(
            guild_id, "Archive", self.owner, [self.channel, self.forum], [everyone, self.role, own], members
        )
        self.guild["threads"].append(self.thread)
        self.channels: dict[str, Json] = {place["id"]: place for place in (self.channel, self.forum, self.thread)}
        self.forbidden: set[str] = set()
        self.messages: dict[int, Json] = {}
        self.readers: dict[int, str] = {}  # of an ephemeral message: the one user who sees it
        self.writings: list[Writing] = []
        self.commands: dict[int | None, list[Json]] = {}
        self.syncs: list[Sync] = []

    def now(self) -> float:
        """The server's time in seconds since 1970, moved on by every ``advance``."""
        return self._wall + time.monotonic() + self.offset

    def new_id(self) -> int:
        """A snowflake: unique, increasing, and carrying the server's time."""
        return (int((self.now() - DISCORD_EPOCH) * 1000) << 22) + next(self._serial)

    @property
    def guild_id(self) -> int:
        """The id of the one guild."""
        return int(self.guild["id"])

    def is_dm(self, channel: Json) -> bool:
        """Whether a channel lies outside the guild."""
        return bool(channel["type"] == 1)

    def dm_with(self, user_id: str) -> Json:
        """The direct-message channel with a user, opened at first use."""
        for channel in self.channels.values():
            if self.is_dm(channel) and channel["recipients"][0]["id"] == user_id:
                return channel
        if user_id not in self.users:
            raise RefusalError(400, 50033, "Invalid Recipient(s)")
        channel = payloads.dm_channel(self.new_id(), self.users[user_id])
        return self.channels.setdefault(channel["id"], channel)

    def open_thread(self, parent: Json, owner: Json, name: str, message: Json | None = None) -> Json:
        """A new thread of a channel or forum; one that is opened at a message has its id."""
        number = int(message["id"]) if message else self.new_id()
        thread = payloads.thread(number, parent, owner, name, self.now())
        return self.channels.setdefault(thread["id"], thread)

    def message(self, message_id: int) -> Json:
        """A stored message, or Discord's 10008 when there is none."""
        if message_id not in self.messages:
            raise RefusalError(404, 10008, "Unknown Message")
        return self.messages[message_id]

    def post(self, channel: Json, author: Json, body: Json, **extra: Any) -> Json:
        """Store a new message; limits and mentions of the bot's own are the business of ``write``."""
        message = payloads.message(self.new_id(), channel, author, body, self.now()) | extra
        if not self.is_dm(channel):
            message["guild_id"] = channel["guild_id"]
        self._refer(message, body)
        mentioned = {part.strip("<@!>") for part in parsed(message["content"], {"parse": ["users"]}, False)}
        quoted = message.get("referenced_message")
        if quoted and body.get("allowed_mentions", {"replied_user": True}).get("replied_user"):
            mentioned.add(quoted["author"]["id"])
        message["mentions"] = [self.users[name] for name in sorted(mentioned) if name in self.users]
        roles = {f"<@&{role['id']}>": role["id"] for role in self.guild["roles"]}
        message["mention_roles"] = [roles[name] for name in roles if name in message["content"]]
        return self._keep(message)

    def write(self, how: str, channel: Json, body: Json, root: str = "", **extra: Any) -> Json:
        """Create a message of the bot's within Discord's limits, and record what it could ping."""
        check_message(body, root=root)
        return self._record(how, self.post(channel, self.bot, body, **extra), body, "webhook_id" in extra)

    def rewrite(self, how: str, message: Json, body: Json, root: str = "") -> Json:
        """Edit a message of the bot's; fields the body lacks stay, a "thinking" mark goes."""
        check_message(body, message, root)
        fields = ("content", "embeds", "components", "attachments")
        flags = message["flags"] & ~LOADING | int(body.get("flags") or 0) & (COMPONENTS_V2 | 1 << 2)
        edit = {key: body[key] or ("" if key == "content" else []) for key in fields if key in body}
        edited = {**message, **edit, "flags": flags, "edited_timestamp": payloads.timestamp(self.now())}
        return self._record(how, self._keep(edited), body, "webhook_id" in message)

    def amend(self, message: Json, text: str) -> Json:
        """Change the text of somebody's message, and whom it mentions."""
        named = {part.strip("<@!>") for part in parsed(text, {"parse": ["users"]}, False)}
        mentions = [self.users[name] for name in sorted(named) if name in self.users]
        edit = {"content": text, "mentions": mentions, "edited_timestamp": payloads.timestamp(self.now())}
        return self._keep({**message, **edit})

    def think(self, channel: Json, flags: int, **extra: Any) -> Json:
        """The "… is thinking" message that a deferred response leaves."""
        return self.post(channel, self.bot, {"flags": LOADING | flags & EPHEMERAL}, **extra)

    def commands_seen(self, dm: bool = False) -> list[Json]:
        """Every command in the user's list, the guild's first; a name occurring twice shows twice."""
        return ([] if dm else self.commands.get(self.guild_id, [])) + self.commands.get(None, [])

    def _refer(self, message: Json, body: Json) -> None:
        reference = body.get("message_reference")
        if not reference:
            return
        quoted = self.messages.get(int(reference["message_id"]))
        if quoted is None and reference.get("fail_if_not_exists", True):
            error = {"_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]}
            raise RefusalError(400, 50035, "Invalid Form Body", {"message_reference": error})
        message["message_reference"] = {
            "message_id": reference["message_id"],
            "channel_id": message["channel_id"],
        }
        message["referenced_message"] = quoted

    def _keep(self, message: Json) -> Json:
        used = {part["id"] for part in walk(message["components"]) if part.get("id")}
        fresh = (number for number in itertools.count(1) if number not in used)
        for part in walk(message["components"]):  # Discord numbers the components that came without an id
            part["id"] = part.get("id") or next(fresh)
        self.messages[int(message["id"])] = message
        self.journal.changed()
        return message

    def _record(self, how: str, message: Json, body: Json, response: bool) -> Json:
        quoted = message.get("referenced_message")
        author = quoted["author"]["id"] if quoted and how == "create" else None
        allowed = body.get("allowed_mentions")
        pings = parsed(text_of(message), allowed, response, author)
        self.writings.append(Writing(how, message, allowed, pings))
        return message
