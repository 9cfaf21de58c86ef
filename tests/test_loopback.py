"""The loopback Discord tested as an instrument: with the real discord.py, over real sockets."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from loopback import (
    ImpossibleError,
    Invocation,
    LoopbackDiscord,
    RefusalError,
    UnansweredError,
    text_of,
    walk,
)

Json = dict[str, Any]
Asked = discord.Interaction[discord.Client]
V2 = 1 << 15


class OpenButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"open:(?P<number>\d+)"):
    """A button that survives restarts: its state is in its custom_id."""

    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label="Open", custom_id=f"open:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str], /) -> "OpenButton":
        return cls(int(match["number"]))

    async def callback(self, interaction: Any) -> None:
        await interaction.response.send_message(f"passage {self.number}", ephemeral=True)


class PlainButton(discord.ui.Button[Any]):
    """A button that edits the message it is on."""

    async def callback(self, interaction: Any) -> None:
        await interaction.response.edit_message(view=layout("turned"))


def layout(text: str, buttons: int = 1) -> discord.ui.LayoutView:
    """One container with a section per button, and a row below."""
    view = discord.ui.LayoutView(timeout=None)
    box = discord.ui.Container[Any](discord.ui.TextDisplay(text))
    for number in range(1, buttons + 1):
        box.add_item(discord.ui.Section(f"[{number}] quotation", accessory=OpenButton(number)))
    row = discord.ui.ActionRow[Any](PlainButton(label="Turn", custom_id="turn"))
    row.add_item(discord.ui.Button(label="Off", custom_id="off", disabled=True))
    row.add_item(discord.ui.Button(label="Site", url="https://example.org"))
    view.add_item(box)
    view.add_item(row)
    return view


class Probe(discord.Client):
    """A small bot that uses every feature the loopback offers."""

    def __init__(self, **options: Any) -> None:
        intents = options.pop("intents", discord.Intents(guilds=True, guild_messages=True, dm_messages=True))
        mentions = options.pop("allowed_mentions", discord.AllowedMentions.none())
        super().__init__(intents=intents, allowed_mentions=mentions, guild_ready_timeout=0.05, **options)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[str] = []
        self.errors: list[discord.HTTPException] = []
        for add in (add_ask, add_misbehaviour, add_group):
            add(self)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(OpenButton)
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        self.heard.append(message.content)
        if message.guild is None or self.user in message.mentions:
            async with message.channel.typing():
                await message.reply(f"you said: {message.content.splitlines()[-1]} @everyone")


def add_ask(client: Probe) -> None:
    """``/ask`` defers and edits; ``/cards`` answers in Components V2; a context menu answers at once."""

    @client.tree.command(description="Ask the documents")
    async def ask(
        interaction: Asked,
        question: app_commands.Range[str, 1, 300],
        document: str = "all",
        limit: app_commands.Range[int, 1, 10] = 3,
        private: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=private, thinking=True)
        await interaction.edit_original_response(content=f"{question} / {document} / {limit}")

    @ask.autocomplete("document")
    async def documents(interaction: Asked, current: str) -> list[app_commands.Choice[str]]:
        count, size = (26, 5) if current == "many" else (1, 101) if current == "long" else (3, 5)
        limit = interaction.namespace.limit or ""
        return [
            app_commands.Choice(name=f"{number:0{size}d}", value=f"{current}{limit}{number}") for number in range(count)
        ]

    @client.tree.command(description="Answer with cards")
    async def cards(interaction: Asked) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(view=layout("# Cards for <@1>", buttons=3))
        await interaction.followup.send("more", ephemeral=True)

    @client.tree.context_menu(name="Ask about this")
    async def about(interaction: Asked, message: discord.Message) -> None:
        await interaction.response.send_message(f"about: {message.content}")


def add_misbehaviour(client: Probe) -> None:
    """``/twice``, ``/late`` and ``/gone`` do what Discord refuses, and keep the refusal."""

    @client.tree.command(description="Acknowledge twice")
    async def twice(interaction: Asked) -> None:
        await interaction.response.send_message("once")
        interaction.response._response_type = None
        await attempt(interaction.response.send_message("again"))

    @client.tree.command(description="Acknowledge late")
    async def late(interaction: Asked) -> None:
        client.advance(3.1)  # type: ignore[attr-defined]  # set by the test that uses it
        await attempt(interaction.response.defer())

    @client.tree.command(description="Edit after a quarter of an hour")
    async def gone(interaction: Asked) -> None:
        await interaction.response.defer()
        client.advance(15 * 60 + 1)  # type: ignore[attr-defined]  # set by the test that uses it
        await attempt(interaction.edit_original_response(content="too late"))

    async def attempt(act: Any) -> None:
        try:
            await act
        except discord.HTTPException as error:
            client.errors.append(error)


def add_group(client: Probe) -> None:
    """``/index rebuild`` is for administrators and only in the guild."""
    group = app_commands.Group(
        name="index",
        description="The index",
        guild_only=True,
        default_permissions=discord.Permissions(administrator=True),
    )

    @group.command(description="Rebuild it")
    async def rebuild(interaction: Asked) -> None:
        await interaction.response.send_message("rebuilding", ephemeral=True)

    client.tree.add_command(group)


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord(patience=5) as loopback:
        with loopback.attach():
            yield loopback


@pytest.fixture
async def client(server: LoopbackDiscord) -> AsyncIterator[Probe]:
    probe = Probe()
    probe.advance = server.advance  # type: ignore[attr-defined]  # a test's handle for its misbehaving commands
    async with server.running(probe):
        yield probe


@pytest.fixture
async def http(server: LoopbackDiscord) -> AsyncIterator[discord.http.HTTPClient]:
    """Only discord.py's REST client, logged in."""
    async with discord.Client(intents=discord.Intents.none()) as bare:
        await bare.login(server.token)
        yield bare.http


# -- coming and going


async def test_a_client_logs_in_identifies_and_sees_the_guild(server: LoopbackDiscord, client: Probe) -> None:
    assert client.user and client.user.id == server.bot_id
    guild = client.get_guild(server.guild_id)
    assert guild and [channel.name for channel in guild.text_channels] == ["general"]
    assert guild.me and guild.get_channel(server.channel_id)
    assert len(server.identifies) == 1
    assert server.intents == discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    assert [request.path for request in server.requests[:2]] == ["/users/@me", "/oauth2/applications/@me"]
    await server.until(lambda: server.heartbeats, "a heartbeat")
    assert not server.refusals


async def test_attach_restores_both_addresses() -> None:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    async with LoopbackDiscord() as server:
        with pytest.raises(ZeroDivisionError), server.attach():
            assert Route.BASE.startswith("http://127.0.0.1:")
            raise ZeroDivisionError
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_a_wrong_token_is_refused_by_rest(server: LoopbackDiscord) -> None:
    with pytest.raises(discord.LoginFailure):
        async with server.running(Probe(), token="wrong"):
            raise AssertionError("must not start")
    assert server.requests == [("GET", "/users/@me", 401)]


async def test_a_wrong_token_is_refused_by_the_gateway(server: LoopbackDiscord) -> None:
    assert await converse({"op": 2, "d": {"token": "wrong", "intents": 0}}) == 4004


async def test_an_unknown_session_cannot_be_resumed(server: LoopbackDiscord) -> None:
    answer = await converse({"op": 6, "d": {"token": server.token, "session_id": "none", "seq": 1}})
    assert answer == {"op": 9, "d": False, "s": None, "t": None}


async def test_invalidating_a_session_says_so(server: LoopbackDiscord) -> None:
    identify = {"op": 2, "d": {"token": server.token, "intents": 0}}
    async with aiohttp.ClientSession() as session, session.ws_connect(DiscordWebSocket.DEFAULT_GATEWAY) as ws:
        await ws.receive_json()
        await ws.send_json(identify)
        assert (await ws.receive_json())["t"] == "READY"
        await server.invalidate_session()
        assert (await ws.receive_json())["op"] == 9


async def converse(packet: Json) -> Any:
    """Send one packet after HELLO on a bare websocket; return the answer, or the code it was closed with."""
    async with aiohttp.ClientSession() as session, session.ws_connect(DiscordWebSocket.DEFAULT_GATEWAY) as ws:
        assert (await ws.receive_json())["op"] == 10
        await ws.send_json(packet)
        frame = await ws.receive()
        return frame.data if frame.type is aiohttp.WSMsgType.CLOSE else frame.json()


@pytest.mark.parametrize("name", ["members", "presences", "message_content"])
async def test_a_privileged_intent_needs_approval(name: str) -> None:
    async with LoopbackDiscord() as server:
        with server.attach(), pytest.raises(discord.PrivilegedIntentsRequired):
            async with server.running(Probe(intents=discord.Intents(guilds=True, **{name: True}))):
                raise AssertionError("must not start")


async def test_message_content_is_blank_without_the_intent(server: LoopbackDiscord, client: Probe) -> None:
    said = await server.user.say("a secret")
    await server.user.say("a question", mention=True)
    await server.user.dm("a letter")
    await until(lambda: len(client.heard) == 3)
    assert client.heard == ["", f"<@{server.bot_id}> a question", "a letter"]
    channel = client.get_partial_messageable(server.channel_id, guild_id=server.guild_id)
    assert (await channel.fetch_message(int(said["id"]))).content == ""
    assert [
        message.content async for message in channel.history(limit=1, before=discord.Object(int(said["id"]) + 1))
    ] == [""]


async def test_message_content_comes_with_the_approved_intent() -> None:
    async with LoopbackDiscord(approved=["message_content"]) as server:
        probe = Probe(intents=discord.Intents(guilds=True, guild_messages=True, message_content=True))
        with server.attach():
            async with server.running(probe):
                await server.user.dm("needs dm_messages")
                await server.user.say("a secret")
                await until(lambda: bool(probe.heard))
                assert probe.heard == ["a secret"]


async def until(probe: Callable[[], bool]) -> None:
    """Wait for something inside the client, which the server cannot see."""
    async with asyncio.timeout(5):
        while not probe():  # noqa: ASYNC110  # a client's list rings no bell
            await asyncio.sleep(0.005)


async def test_a_sharded_client_starts(server: LoopbackDiscord) -> None:
    sharded = discord.AutoShardedClient(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05)
    async with server.running(sharded):
        assert sharded.shard_count == 1
    assert ("GET", "/gateway/bot", 200) in server.requests


@pytest.mark.parametrize("code", [4000, 1006, None])
async def test_a_lost_connection_is_resumed_with_what_was_missed(
    server: LoopbackDiscord, client: Probe, code: int | None
) -> None:
    async with server.disconnected(1001 if code == 1006 else code):
        said = await server.user.say("are you there?", mention=True)
        asked = await server.user.slash("ask", {"question": "missed?"})
    assert (await asked.settled())["content"] == "missed? / all / 3"
    answer = await server.answer(said)
    assert "are you there?" in answer["content"]
    assert len(server.identifies) == 1
    (resume,) = server.resumes
    assert resume.path == "/resume"
    assert resume.replayed == ["MESSAGE_CREATE", "INTERACTION_CREATE"]
    await server.drop_connection()
    await server.until(lambda: len(server.resumes) == 2, "a second RESUME")


async def test_heartbeats_come_as_often_as_hello_asks() -> None:
    async with LoopbackDiscord(heartbeat_interval=0.05) as server:
        with server.attach():
            async with server.running(Probe()):
                await server.until(lambda: len(server.heartbeats) >= 4, "four heartbeats")
    gaps = [late - early for early, late in zip(server.heartbeats[1:], server.heartbeats[2:], strict=False)]
    assert all(gap > 0.03 for gap in gaps)


async def test_a_rate_limited_request_is_tried_again(server: LoopbackDiscord, client: Probe) -> None:
    limit = server.rate_limit("POST", "/channels/*/messages", retry_after=0.05, times=2)
    server.rate_limit("PATCH", "/webhooks/*/@original", retry_after=0.05)
    said = await server.user.dm("hello")
    assert (await server.answer(said))["content"].startswith("you said: hello")
    asked = await server.user.slash("ask", {"question": "again?"})
    await asked.edited()
    sent = [r.status for r in server.requests if r.method in ("POST", "PATCH") and "messages" in r.path]
    assert sent == [429, 429, 200, 429, 200]
    assert limit.left == 0 and not server.refusals


async def test_nothing_is_patched_over_tls() -> None:
    async with LoopbackDiscord(tls=True) as server:
        async with server.running(Probe(connector=server.connector())):
            assert Route.BASE == "https://discord.com/api/v10"
            assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"
            asked = await server.user.slash("ask", {"question": "over TLS?"})
            assert (await asked.settled())["content"] == "over TLS? / all / 3"
            await server.drop_connection()
            await server.until(lambda: server.resumes, "a RESUME")
        async with aiohttp.ClientSession(connector=server.connector()) as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get("https://example.org/")


async def test_connector_needs_tls(server: LoopbackDiscord) -> None:
    with pytest.raises(RuntimeError, match="tls=True"):
        server.connector()


# -- commands


async def test_sync_is_recorded_and_echoed(server: LoopbackDiscord, client: Probe) -> None:
    (sync,) = server.syncs
    assert sync.scope is None
    assert {command["name"] for command in sync.payload} >= {"ask", "index", "Ask about this"}
    fetched = {command.name: command for command in await client.tree.fetch_commands()}
    assert fetched["Ask about this"].description == ""
    assert fetched["index"].default_member_permissions == discord.Permissions(administrator=True)
    again = {command.name: command.id for command in await client.tree.sync()}
    assert again == {name: command.id for name, command in fetched.items()}
    assert len(set(again.values())) == len(again)


async def test_commands_synced_to_both_scopes_show_twice(server: LoopbackDiscord, client: Probe) -> None:
    guild = discord.Object(server.guild_id)
    client.tree.copy_global_to(guild=guild)
    await client.tree.sync(guild=guild)
    assert [sync.scope for sync in server.syncs] == [None, server.guild_id]
    assert server.commands().count("ask") == 2
    assert server.commands(dm=True).count("ask") == 1
    asked = await server.user.slash("ask", {"question": "which one?"})
    await asked.settled()
    client.tree.clear_commands(guild=None)
    await client.tree.sync()
    assert server.commands().count("ask") == 1


def command(**fields: Any) -> Json:
    return {"name": "ask", "description": "Ask", "type": 1} | fields


def option(**fields: Any) -> Json:
    return {"name": "text", "description": "Text", "type": 3} | fields


COMMANDS = {
    "name": [[command(name="n" * size)] for size in (32, 33)],
    "no upper case": [[command(name=name)] for name in ("über-fragen", "Ask")],
    "no spaces": [[command(name=name)] for name in ("ask_me", "ask me")],
    "description": [[command(description="d" * size)] for size in (100, 101)],
    "a description is needed": [[command(description=text)] for text in ("d", "")],
    "translated name": [[command(name_localizations={"de": "n" * size})] for size in (32, 33)],
    "menu name": [[{"name": "N" * size, "type": 3}] for size in (32, 33)],
    "menu without description": [[{"name": "Menu", "type": 3, "description": text}] for text in ("", "no")],
    "unique names": [[command(), {"name": "ask", "type": kind}] for kind in (3, 1)],
    "options": [[command(options=[option(name=f"o{n}") for n in range(size)])] for size in (25, 26)],
    "unique options": [[command(options=[option(), option(name=name)])] for name in ("other", "text")],
    "option name": [[command(options=[option(name="n" * size)])] for size in (32, 33)],
    "option description": [[command(options=[option(description="d" * size)])] for size in (100, 101)],
    "string length": [[command(options=[option(max_length=size)])] for size in (6000, 6001)],
    "required first": [
        [command(options=[option(required=first), option(name="b", required=not first)])]
        for first in (True, False)
    ],
    "choices": [
        [command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(size)])])]
        for size in (25, 26)
    ],
    "choice value": [
        [command(options=[option(choices=[{"name": "n", "value": "v" * size}])])] for size in (100, 101)
    ],
    "choices or autocomplete": [
        [command(options=[option(choices=[{"name": "n", "value": "v"}], autocomplete=auto)])]
        for auto in (False, True)
    ],
    "nested options": [
        [command(options=[option(type=1, options=[option(name="n" * size)])])] for size in (32, 33)
    ],
    "how many": [[command(name=f"c{n}") for n in range(size)] for size in (100, 101)],
    "all text": [  # 6 for the command, and for each of 25 options 1 for its name and 303 for its choices
        [command(options=[
            option(name=chr(97 + n), description="d" * size, choices=[{"name": "n", "value": "v" * 100}] * 3)
            for n in range(25)])]
        for size in (15, 16)
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", COMMANDS)
async def test_commands_beyond_a_limit_are_refused(server: LoopbackDiscord, http: Any, case: str) -> None:
    within, beyond = COMMANDS[case]
    await http.bulk_upsert_global_commands(server.bot_id, payload=within)
    await refused(http.bulk_upsert_global_commands(server.bot_id, payload=beyond))
    assert len(server.syncs) == 1


async def refused(act: Any, status: int = 400, code: int = 50035) -> discord.HTTPException:
    with pytest.raises(discord.HTTPException) as caught:
        await act
    assert (caught.value.status, caught.value.code) == (status, code)
    return caught.value


# -- slash commands, autocomplete, menus


async def test_a_deferred_command_is_edited(server: LoopbackDiscord, client: Probe) -> None:
    asked = await server.user.slash("ask", {"question": "Who?", "limit": 7, "private": True})
    assert (await asked.acknowledged())["type"] == 5
    assert asked.deferred
    message = await asked.edited()
    assert message["content"] == asked.text == "Who? / all / 7"
    assert asked.ephemeral and message["flags"] == 64
    assert await asked.settled() == asked.message == message
    assert server.messages() == []


async def test_a_command_works_in_direct_messages(server: LoopbackDiscord, client: Probe) -> None:
    asked = await server.user.slash("ask", {"question": "Here?"}, dm=True)
    await asked.settled()
    (message,) = server.messages(int(server.user.dm_channel["id"]))
    assert message == asked.message
    assert not asked.ephemeral and "guild_id" not in message


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("missing", {}, "no command missing has been synced"),
        ("ask", {}, "needs question"),
        ("ask", {"question": "q", "colour": "red"}, "has no colour"),
        ("ask", {"question": 7}, "does not take 7"),
        ("ask", {"question": "q", "limit": True}, "does not take True"),
        ("ask", {"question": "q", "limit": 11}, "11 is outside"),
        ("ask", {"question": "q" * 301}, "301 is outside"),
        ("index", {}, "is a group"),
        ("index rebuild", {}, "hidden from reader"),
    ],
)
async def test_discords_app_lets_nobody_do_that(
    server: LoopbackDiscord, client: Probe, name: str, options: Json, reason: str
) -> None:
    who = server.member("admin", permissions=8) if name == "index" else server.user
    with pytest.raises(ImpossibleError, match=reason):
        await who.slash(name, options)


async def test_an_administrator_runs_a_subcommand_in_the_guild_only(server: LoopbackDiscord, client: Probe) -> None:
    admin = server.member("admin", permissions=8)
    ran = await admin.slash("index rebuild")
    assert (await ran.settled())["content"] == "rebuilding"
    assert ran.ephemeral and not ran.deferred
    with pytest.raises(ImpossibleError, match="not offered in direct messages"):
        await admin.slash("index rebuild", dm=True)


async def test_autocomplete_returns_the_choices(server: LoopbackDiscord, client: Probe) -> None:
    choices = await server.user.autocomplete("ask", "document", "x", {"limit": 4})
    assert choices == [{"name": f"0000{n}", "value": f"x4{n}"} for n in range(3)]
    with pytest.raises(ImpossibleError, match="no autocomplete"):
        await server.user.autocomplete("ask", "question", "x")


@pytest.mark.parametrize("typed", ["many", "long"])
async def test_autocomplete_beyond_the_limits_is_refused(server: LoopbackDiscord, client: Probe, typed: str) -> None:
    with pytest.raises(RefusalError, match="Must be between"):
        await server.user.autocomplete("ask", "document", typed)
    assert server.refusals[-1].code == 50035


async def test_a_message_menu_gets_its_target(server: LoopbackDiscord, client: Probe) -> None:
    said = await server.user.say("the target's text")
    ran = await server.user.menu("Ask about this", said)
    assert (await ran.settled())["content"] == "about: the target's text"


# -- interactions out of time


async def test_a_second_acknowledgement_is_refused(server: LoopbackDiscord, client: Probe) -> None:
    ran = await server.user.slash("twice")
    await server.until(lambda: ran.refused, "a refusal")
    await until(lambda: bool(client.errors))
    assert (client.errors[0].status, client.errors[0].code) == (400, 40060)
    assert ran.text == "once"


async def test_an_acknowledgement_after_three_seconds_is_refused(server: LoopbackDiscord, client: Probe) -> None:
    ran = await server.user.slash("late")
    await until(lambda: bool(client.errors))
    assert (client.errors[0].status, client.errors[0].code) == (404, 10062)
    assert ran.response is None
    with pytest.raises(UnansweredError, match=r"an acknowledgement to /late; (.|\n)*callback -> 404") as caught:
        await ran.acknowledged(within=0.01)
    assert "refused (10062): Unknown interaction" in str(caught.value)


async def test_a_token_lives_fifteen_minutes(server: LoopbackDiscord, client: Probe) -> None:
    ran = await server.user.slash("gone")
    await until(lambda: bool(client.errors))
    assert (client.errors[0].status, client.errors[0].code) == (401, 50027)
    assert ran.deferred and ran.message is None


async def answerable(server: LoopbackDiscord, http: Any, kind: int = 5) -> tuple[Invocation, Callable[..., Any]]:
    """An acknowledged command nobody but the test answers, and a caller of its webhook."""
    await http.bulk_upsert_global_commands(server.bot_id, payload=[command()])
    ran = await server.user.slash("ask")
    callback = Route("POST", "/interactions/{i}/{t}/callback?with_response=1", i=ran.id, t=ran.token)

    def call(method: str, path: str = "/messages/@original", body: Json | None = None) -> Any:
        route = Route(method, f"/webhooks/{server.bot_id}/{{webhook_token}}{path}", webhook_token=ran.token)
        return http.request(route, json=body) if body is not None else http.request(route)

    if kind:
        ran.callback_answer = await http.request(callback, json={"type": kind, "data": {"flags": 64}})  # type: ignore[attr-defined]
    return ran, call


async def test_an_unacknowledged_interaction_has_no_response(server: LoopbackDiscord, http: Any) -> None:
    _, call = await answerable(server, http, kind=0)
    await refused(call("PATCH", body={"content": "early"}), 404, 10015)


@pytest.mark.parametrize("kind", [6, 7, 8])
async def test_a_command_cannot_be_answered_as_a_button(server: LoopbackDiscord, http: Any, kind: int) -> None:
    await refused(answerable(server, http, kind))


async def test_the_response_is_read_edited_and_deleted(server: LoopbackDiscord, http: Any) -> None:
    ran, call = await answerable(server, http)
    answer = ran.callback_answer  # type: ignore[attr-defined]
    assert answer["interaction"]["response_message_loading"] and answer["interaction"]["response_message_ephemeral"]
    assert answer["resource"] == {"type": 5}
    assert (await call("GET"))["flags"] == 64 | 128
    assert ran.message is None
    filled = await call("POST", "", {"content": "a follow-up fills the deferred response"})
    assert filled["flags"] == 64 and ran.message == filled and ran.followups == []
    more = await call("POST", "", {"content": "public"})
    assert await ran.followed_up() == more and more["flags"] == 0
    await call("PATCH", f"/messages/{more['id']}", {"content": "edited"})
    assert ran.followups[0]["content"] == "edited" and ran.edits == 1
    await call("DELETE")
    assert ran.message is None
    await refused(call("GET"), 404, 10008)


# -- components


async def test_a_nested_dynamic_button_answers(server: LoopbackDiscord, client: Probe) -> None:
    shown = await server.user.slash("cards")
    message = await shown.settled()
    assert message["flags"] == V2 and message["content"] == ""
    assert text_of(message).splitlines() == [
        "# Cards for <@1>",
        "[1] quotation",
        "[2] quotation",
        "[3] quotation",
    ]
    pressed = await server.user.click(message, "open:2")
    assert (await pressed.settled())["content"] == "passage 2"
    assert pressed.ephemeral
    assert (await shown.followed_up())["flags"] == 64


async def test_buttons_outlive_the_process(server: LoopbackDiscord, client: Probe) -> None:
    shown = await server.user.slash("cards")
    message = await shown.settled()
    await shown.followed_up()
    await client.close()
    async with server.running(Probe()):
        pressed = await server.user.click(message, "open:3")
        assert (await pressed.settled())["content"] == "passage 3"
    assert len(server.identifies) == 2


async def test_a_button_edits_its_message(server: LoopbackDiscord, client: Probe) -> None:
    shown = await server.user.slash("cards")
    message = await shown.settled()
    pressed = await server.user.click(message, "turn")
    await pressed.settled()
    assert pressed.text.startswith("turned") and shown.text == pressed.text
    assert [writing.how for writing in server.writings].count("update") == 1


@pytest.mark.parametrize(
    ("custom_id", "reason"),
    [("off", "off is disabled"), ("open:9", "open:9 is missing; the message has open:1")],
)
async def test_a_button_must_be_there_to_be_pressed(
    server: LoopbackDiscord, client: Probe, custom_id: str, reason: str
) -> None:
    message = await (await server.user.slash("cards")).settled()
    with pytest.raises(ImpossibleError, match=reason):
        await server.user.click(message, custom_id)


async def test_a_private_message_is_anothers(server: LoopbackDiscord, client: Probe) -> None:
    asked = await server.user.slash("ask", {"question": "mine?", "private": True})
    with pytest.raises(ImpossibleError, match="another user"):
        await server.member("stranger").click(await asked.settled(), "turn")


async def test_a_select_menu_is_used(server: LoopbackDiscord, client: Probe) -> None:
    chosen: list[str] = []
    view = discord.ui.View(timeout=None)
    menu = discord.ui.Select[Any](custom_id="menu", options=[discord.SelectOption(label="A", value="a")])

    async def callback(interaction: Any) -> None:
        chosen.extend(menu.values)
        await interaction.response.defer()
        await interaction.edit_original_response(content="chosen", view=None)

    menu.callback = callback  # type: ignore[method-assign]  # discord.py's documented way without a subclass
    view.add_item(menu)
    channel = client.get_partial_messageable(server.channel_id, guild_id=server.guild_id)
    sent = await channel.send("choose", view=view)
    (message,) = server.messages()
    with pytest.raises(ImpossibleError, match="no such option"):
        await server.user.select(message, "menu", ["b"])
    used = await server.user.select(message, "menu", ["a"])
    assert (await used.edited())["content"] == "chosen"
    assert chosen == ["a"] and server.messages()[0]["id"] == str(sent.id)


# -- messages


async def test_a_mention_is_answered_with_a_reply(server: LoopbackDiscord, client: Probe) -> None:
    said = await server.user.say("hello", mention=True)
    answer = await server.answer(said)
    assert answer["content"] == f"you said: <@{server.bot_id}> hello @everyone"
    assert answer["referenced_message"]["id"] == said["id"]
    assert ("POST", f"/channels/{server.channel_id}/typing", 200) not in server.requests
    assert ("POST", f"/channels/{server.channel_id}/typing", 204) in server.requests
    follow = await server.user.say("and then?", reply_to=answer)
    assert "and then?" in (await server.answer(follow))["content"]


async def test_messages_are_fetched_edited_and_deleted(server: LoopbackDiscord, client: Probe) -> None:
    person = await client.fetch_channel(server.channel_id)
    assert isinstance(person, discord.TextChannel)
    sent = await person.send("one", file=discord.File(__file__, "test.py"))
    assert [attachment.filename for attachment in sent.attachments] == ["test.py"]
    await sent.edit(content="two")
    assert [m.content async for m in person.history()] == ["two"]
    said = await server.user.say("mine")
    other = await person.fetch_message(int(said["id"]))
    await refused(other.edit(content="yours"), 403, 50005)
    await sent.delete()
    assert server.messages() == [said]
    await refused(sent.edit(content="three"), 404, 10008)


async def test_the_bot_opens_a_direct_message(server: LoopbackDiscord, client: Probe) -> None:
    user = client.get_user(server.user.id) or discord.Object(server.user.id)
    channel = await client.create_dm(user)
    await channel.send("for you")
    assert [m["content"] for m in server.messages(channel.id)] == ["for you"]


async def test_a_forbidden_channel_refuses(server: LoopbackDiscord, client: Probe) -> None:
    server.forbid()
    server.forbid(int(server.user.dm_channel["id"]))
    channel = client.get_partial_messageable(server.channel_id, guild_id=server.guild_id)
    await refused(channel.send("no"), 403, 50013)
    await refused(client.get_partial_messageable(int(server.user.dm_channel["id"])).send("no"), 403, 50007)
    asked = await server.user.slash("ask", {"question": "still?"})
    await asked.settled()


ALL = "@everyone @here <@5> <@!6> <@&7>"


@pytest.mark.parametrize(
    ("allowed", "pings"),
    [
        (None, ALL.split()),
        (discord.AllowedMentions.none(), []),
        (discord.AllowedMentions(everyone=True, users=False, roles=False), ["@everyone", "@here"]),
        (discord.AllowedMentions(everyone=False, users=[discord.Object(6)], roles=True), ["<@!6>", "<@&7>"]),
    ],
)
async def test_pings_are_computed(
    server: LoopbackDiscord, allowed: discord.AllowedMentions | None, pings: list[str]
) -> None:
    async with discord.Client(intents=discord.Intents.none(), allowed_mentions=allowed) as bare:
        await bare.login(server.token)
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.Container(discord.ui.TextDisplay(ALL)))
        channel = bare.get_partial_messageable(server.channel_id)
        await channel.send(ALL)
        await channel.send(view=view)
    assert server.pings == pings * 2
    assert [writing.allowed_mentions for writing in server.writings] == [allowed.to_dict() if allowed else None] * 2


async def test_pings_of_replies_and_of_responses(server: LoopbackDiscord, http: Any) -> None:
    said = await server.user.say("hello")
    create = Route("POST", "/channels/{channel_id}/messages", channel_id=server.channel_id)
    replies: list[Json] = [
        {},
        {"allowed_mentions": {"parse": []}},
        {"allowed_mentions": {"replied_user": True}},
    ]
    for allowed in replies:
        reference = {"message_reference": {"message_id": said["id"]}}
        await http.request(create, json={"content": "hello"} | reference | allowed)
    assert server.pings == [f"<@{server.user.id}>"] * 2
    await refused(http.request(create, json={"content": "to nobody", "message_reference": {"message_id": "1"}}))
    _, call = await answerable(server, http)
    await call("PATCH", body={"content": ALL})
    assert server.pings[2:] == ["<@5>", "<@!6>"]


# -- the limits of a message


def button(**fields: Any) -> Json:
    return {"type": 2, "style": 1, "label": "b", "custom_id": "b"} | fields


def link(size: int) -> Json:
    return {"type": 2, "style": 5, "label": "l", "url": "https://".ljust(size, "x")}


def row(*parts: Json) -> Json:
    return {"components": [{"type": 1, "components": list(parts)}]}


def menu(**fields: Any) -> Json:
    return row({"type": 3, "custom_id": "m", "options": [{"label": "o", "value": "o"}]} | fields)


def text(size: int = 1) -> Json:
    return {"type": 10, "content": "t" * size}


def box(*parts: Json) -> Json:
    return {"flags": V2, "components": [{"type": 17, "components": list(parts)}]}


def section(*parts: Json, **fields: Any) -> Json:
    return box({"type": 9, "components": list(parts), "accessory": button()} | fields)


def options(size: int) -> list[Json]:
    return [{"label": "o", "value": str(n)} for n in range(size)]


def forty(extra: int) -> list[Json]:
    """In a container (1) a section with a text and a button (3) and 35 texts: 39, and the extra ones."""
    return [{"type": 9, "components": [text()], "accessory": button()}, *[text()] * (35 + extra)]


MESSAGES: dict[str, Sequence[Json]] = {
    "content": ({"content": "c" * 2000}, {"content": "c" * 2001}),
    "embeds": ({"embeds": [{"title": "e"}] * 10}, {"embeds": [{"title": "e"}] * 11}),
    "embed description": (
        {"embeds": [{"description": "d" * 4096}]},
        {"embeds": [{"description": "d" * 4097}]},
    ),
    "all embed text": (
        {"embeds": [{"description": "d" * 3000}, {"fields": [{"name": "n" * 200, "value": "v" * 800}] * 3}]},
        {"embeds": [{"description": "d" * 3001}, {"fields": [{"name": "n" * 200, "value": "v" * 800}] * 3}]},
    ),
    "v2 without content": (box(text()), box(text()) | {"content": "c"}),
    "v2 without embeds": (box(text()), box(text()) | {"embeds": [{"title": "e"}]}),
    "v2 parts need the flag": (box(text()), box(text()) | {"flags": 0}),
    "40 components": (box(*forty(1)), box(*forty(2))),
    "4000 characters": (box(text(3999), text(1)), box(text(3999), text(2))),
    "no empty text": (box(text(1)), box(text(0))),
    "section texts": (section(*[text()] * 3), section(*[text()] * 4)),
    "no empty section": (section(text()), section()),
    "an accessory": (section(text()), section(text(), accessory=None)),
    "no container in a container": (box(text()), box(*box(text())["components"])),
    "buttons in a row": tuple(row(*[button(custom_id=str(n)) for n in range(size)]) for size in (5, 6)),
    "rows": tuple({"components": [row(link(20))["components"][0]] * size} for size in (5, 6)),
    "button label": (row(button(label="l" * 80)), row(button(label="l" * 81))),
    "button style": (row(button(style=4)), row(button(style=7))),
    "custom_id": (row(button(custom_id="i" * 100)), row(button(custom_id="i" * 101))),
    "no empty custom_id": (row(button(custom_id="i")), row(button(custom_id=""))),
    "unique custom_id": (row(button(), button(custom_id="c")), row(button(), button())),
    "unique custom_id, nested": (
        section(text()) | {"components": [*section(text())["components"], *row(button(custom_id="c"))["components"]]},
        section(text()) | {"components": [*section(text())["components"], *row(button())["components"]]},
    ),
    "link": (row(link(512)), row(link(513))),
    "link scheme": (row(link(20)), row(link(20) | {"url": "file:///etc/passwd"})),
    "link without custom_id": (row(link(20)), row(link(20) | {"custom_id": "c"})),
    "a button shows something": (row(button(emoji={"name": "x"}, label=None)), row(button(label=None))),
    "select options": (menu(options=options(25)), menu(options=options(26))),
    "placeholder": (menu(placeholder="p" * 150), menu(placeholder="p" * 151)),
    **{
        f"option {key}": tuple(menu(options=[{"label": "o", "value": "o"} | {key: "x" * size}]) for size in (100, 101))
        for key in ("label", "value", "description")
    },
    "unique option values": (menu(options=options(2)), menu(options=options(1) * 2)),
    "allowed_mentions": tuple({"content": "c", "allowed_mentions": {"parse": [k]}} for k in ("users", "all")),
    "parse or list": tuple(
        {"content": "c", "allowed_mentions": {"parse": [kind], "users": ["1"]}} for kind in ("roles", "users")
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
async def test_messages_beyond_a_limit_are_refused(server: LoopbackDiscord, http: Any, case: str) -> None:
    within, beyond = MESSAGES[case]
    create = Route("POST", "/channels/{channel_id}/messages", channel_id=server.channel_id)
    message = await http.request(create, json=within)
    error = await refused(http.request(create, json=beyond))
    assert error.text.startswith("Invalid Form Body\nIn ")
    _, call = await answerable(server, http)
    await refused(call("PATCH", body=beyond))
    assert len(server.writings) == 1 and server.writings[0].message == message
    assert {part["id"] for part in walk(message["components"])} == set(
        range(1, 1 + len(list(walk(message["components"]))))
    )


@pytest.mark.parametrize("body", [{}, {"content": " \n"}, {"flags": V2, "components": []}])
async def test_an_empty_message_is_refused(server: LoopbackDiscord, http: Any, body: Json) -> None:
    create = Route("POST", "/channels/{channel_id}/messages", channel_id=server.channel_id)
    await refused(http.request(create, json=body), code=50006)


async def test_components_v2_cannot_be_taken_back(server: LoopbackDiscord, http: Any) -> None:
    create = Route("POST", "/channels/{channel_id}/messages", channel_id=server.channel_id)
    message = await http.request(create, json=box(text()))
    edit = Route("PATCH", create.path + "/{message}", channel_id=server.channel_id, message=message["id"])
    await refused(http.request(edit, json={"flags": 0, "components": row(button())["components"]}))
    await refused(http.request(edit, json={"content": "plain", "components": []}))
    await http.request(edit, json={"components": box(text(2))["components"]})
    plain = await http.request(create, json={"content": "plain"})
    edit = Route("PATCH", create.path + "/{message}", channel_id=server.channel_id, message=plain["id"])
    await refused(http.request(edit, json=box(text())))
    turned = await http.request(edit, json=box(text()) | {"content": None})
    assert turned["flags"] == V2 and turned["content"] == ""


@pytest.mark.parametrize(("title", "size", "fits"), [(45, 4000, True), (46, 1, False), (1, 4001, False)])
async def test_a_modal_has_limits(server: LoopbackDiscord, http: Any, title: int, size: int, fits: bool) -> None:
    await http.bulk_upsert_global_commands(server.bot_id, payload=[command()])
    ran = await server.user.slash("ask")
    field = {"type": 4, "custom_id": "f", "style": 1, "value": "v" * size}
    modal = {"title": "t" * title, "custom_id": "m"} | {"components": [{"type": 18, "label": "l", "component": field}]}
    callback = Route("POST", "/interactions/{i}/{t}/callback", i=ran.id, t=ran.token)
    act = http.request(callback, json={"type": 9, "data": modal})
    if fits:
        await act
        assert (await ran.acknowledged())["type"] == 9
    else:
        await refused(act)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/applications/1/commands", 404, 10002),
        ("GET", "/applications/{bot}/guilds/1/commands", 403, 50001),
        ("GET", "/channels/1", 404, 10003),
        ("GET", "/channels/{channel}/messages/1", 404, 10008),
        ("POST", "/interactions/1/unknown/callback", 404, 10062),
        ("PATCH", "/webhooks/{bot}/unknown/messages/@original", 404, 10015),
        ("POST", "/channels/{channel}/messages", 400, 50109),
        ("POST", "/users/@me/channels", 400, 50033),
    ],
)
async def test_what_does_not_exist_is_refused(
    server: LoopbackDiscord, http: Any, method: str, path: str, status: int, code: int
) -> None:
    route = Route(method, path.format(bot=server.bot_id, channel=server.channel_id))
    body = {"recipient_id": "1", "content": 7, "type": 4}
    await refused(http.request(route, **({} if method == "GET" else {"json": body})), status, code)
    assert [(refusal.status, refusal.code) for refusal in server.refusals] == [(status, code)]


async def test_an_unknown_route_is_recorded(server: LoopbackDiscord, http: Any) -> None:
    error = await refused(http.request(Route("GET", "/sticker-packs")), 404, 0)
    assert "the loopback has no GET" in error.text
    assert server.requests[-1] == ("GET", "/sticker-packs", 404)
