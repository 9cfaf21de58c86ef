"""The stand-in as a test sees it: lifecycle, the two ways of attaching a client, mishaps, waiting."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Self, TypeVar

import aiohttp
import discord
import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from . import payloads, tls
from .actors import Actor
from .gateway import Gateway
from .journal import Journal
from .limits import EPHEMERAL, Json
from .rest import PREFIX, Rest, Spoiler, Throttle
from .world import World

Found = TypeVar("Found")


class LoopbackDiscord:
    """A Discord on 127.0.0.1 with one guild, one text channel, one forum, a bot and a member, ``user``.

    ``approved`` names the privileged intents Discord has granted: members, presences, message_content.
    ``patience`` is how long a test waits for anything and ``heartbeat_interval`` what HELLO asks of the
    client, both in seconds; ``tls=True`` also serves Discord's own host names, for ``connector``.
    ``shards`` is how many are recommended; of two the second one has the guild, the first the direct messages.

    Records, oldest first: ``requests`` (method, path, status), ``refusals`` (what Discord refused, with code
    and words; not the 429s), ``syncs`` (scope, payload), ``writings`` (every message created or edited, with
    its allowed_mentions and pings), ``identifies`` (data of each IDENTIFY), ``resumes`` (path, sequence,
    events sent again) and ``heartbeats`` (the server's time at each).
    """

    def __init__(
        self,
        *,
        approved: Collection[str] = (),
        patience: float = 5.0,
        heartbeat_interval: float = 41.25,
        tls: bool = False,
        shards: int = 1,
    ) -> None:
        self.token = "loopback.bot.token"
        self._journal = Journal(patience)
        self.world = World(self._journal)
        self._gateway = Gateway(self.world, self.token, frozenset(approved), heartbeat_interval)
        self._rest = Rest(self.world, self._gateway, self.token, shards)
        self._tls, self._port, self._tls_port = tls, 0, 0
        self._trust: ssl.SSLContext | None = None
        self.requests, self.refusals = self._journal.requests, self._journal.refusals
        self.syncs, self.writings = self.world.syncs, self.world.writings
        self.identifies, self.resumes = self._gateway.identifies, self._gateway.resumes
        self.heartbeats = self._gateway.heartbeats
        self.bot_id, self.guild_id = int(self.world.bot["id"]), self.world.guild_id
        self.channel_id, self.role_id = int(self.world.channel["id"]), int(self.world.role["id"])
        self.forum_id = int(self.world.forum["id"])
        self.thread = self.world.thread
        self.user = self.member("reader")

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 << 20)
        self._rest.add_to(app)
        app.router.add_get("/", self._gateway.connect)
        app.router.add_get("/resume", self._gateway.connect)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        self._port = await self._listen(None)
        if self._tls:
            context, self._trust = tls.certificates()
            self._tls_port = await self._listen(context)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gateway.drop(1001)
        await self._runner.cleanup()

    async def _listen(self, context: ssl.SSLContext | None) -> int:
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        port: int = self._runner.addresses[-1][1]
        return port

    # -- attaching a client

    @contextmanager
    def attach(self) -> Iterator[None]:
        """Point discord.py's two module-level addresses here for the length of the block."""
        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        base, gateway = self.addresses
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, yarl.URL(gateway)
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    def connector(self) -> aiohttp.TCPConnector:
        """A connector that finds this server under Discord's own names, over TLS; it patches nothing."""
        if self._trust is None:
            raise RuntimeError("start the server with LoopbackDiscord(tls=True)")
        return tls.connector(self._tls_port, self._trust)

    @asynccontextmanager
    async def running(self, client: discord.Client, token: str | None = None) -> AsyncIterator[discord.Client]:
        """Start a client as ``client.start`` does, wait until it is ready, and close it at the end.

        Raises whatever ends the client: discord.LoginFailure, discord.PrivilegedIntentsRequired.
        """
        async with client:
            life = asyncio.create_task(client.start(token or self.token))
            ready = asyncio.create_task(client.wait_until_ready())
            for task in (life, ready):
                task.add_done_callback(lambda _: self._journal.changed())
            try:
                await self.until(lambda: life.done() or ready.done(), "a ready client")
                if life.done():
                    await life
                yield client
            finally:
                ready.cancel()
                await client.close()
                await asyncio.wait({life}, timeout=5)
                life.cancel()
        await life

    # -- who there is, and what was recorded

    def member(
        self,
        name: str,
        *,
        permissions: int = payloads.ORDINARY,
        locale: str = "en-US",
        bot: bool = False,
        roles: tuple[int, ...] = (),
    ) -> Actor:
        """One more person or bot in the guild; make them before the client connects if its cache must have them."""
        user = payloads.user(self.world.new_id(), name, bot)
        self.world.users[user["id"]] = user
        self.world.guild["members"].append(payloads.member(permissions, list(map(str, roles))) | {"user": user})
        return Actor(self.world, self._gateway, self._rest, user, permissions, locale, roles)

    @property
    def pings(self) -> list[str]:
        """Every mention that Discord would have parsed in a message of the bot's, as written."""
        return [ping for writing in self.writings for ping in writing.pings]

    @property
    def intents(self) -> discord.Intents:
        """The intents of the latest IDENTIFY."""
        known = discord.Intents.none()
        known.value = self.identifies[-1]["intents"]
        return known

    def commands(self, *, dm: bool = False) -> list[str]:
        """The names in the user's command list; one synced globally and to the guild occurs twice."""
        return [command["name"] for command in self.world.commands_seen(dm)]

    def messages(self, channel_id: int | None = None) -> list[Json]:
        """All messages of a channel (the guild's when None) that everyone there sees, oldest first."""
        channel = str(channel_id or self.channel_id)
        return [m for m in self.world.messages.values() if m["channel_id"] == channel and not m["flags"] & EPHEMERAL]

    # -- waiting

    async def until(self, probe: Callable[[], Found | None], what: str, within: float | None = None) -> Found:
        """Wait until ``probe`` returns something true, and return it; looks again after every change here.

        Raises UnansweredError, naming ``what`` and the last requests, after ``within`` seconds.
        """
        return await self._journal.until(probe, what, within)

    async def answer(self, to: Json, *, nth: int = 1, within: float | None = None) -> Json:
        """Wait for the bot's nth message in the channel after a message, and return it as it stands.

        Responses to interactions do not count: their Invocation has them.
        """

        def found() -> Json | None:
            answers = self._after(to)
            return answers[nth - 1] if len(answers) >= nth else None

        return await self.until(found, f"message {nth} of the bot", within)

    def replies(self, to: Json) -> list[Json]:
        """Every reply of the bot's to a message that still exists."""
        later = self._after(to)
        return [m for m in later if int((m.get("message_reference") or {}).get("message_id", 0)) == int(to["id"])]

    def _after(self, message: Json) -> list[Json]:
        later = [m for m in self.messages(int(message["channel_id"])) if int(m["id"]) > int(message["id"])]
        return [m for m in later if m["author"]["id"] == self.world.bot["id"] and "webhook_id" not in m]

    # -- mishaps

    def advance(self, seconds: float) -> None:
        """Move the server's clock on: acknowledgements become late and tokens expire without sleeping."""
        self.world.offset += seconds

    def forbid(self, channel_id: int | None = None) -> None:
        """Let the bot no longer write in a channel (the guild's when None): 403 with 50013, in a DM 50007."""
        self.world.forbidden.add(str(channel_id or self.channel_id))

    def rate_limit(
        self, method: str, pattern: str, *, retry_after: float = 0.1, times: int = 1, via: str | None = "1.1 google"
    ) -> Throttle:
        """Answer the next ``times`` matching requests 429; ``*`` in the pattern stands for anything.

        Without ``via`` discord.py takes it for a ban by Cloudflare, and does not try again.
        """
        self._rest.throttles.append(Throttle(method, pattern, retry_after, times, via))
        return self._rest.throttles[-1]

    def fail(self, method: str, pattern: str, *, status: int = 503, times: int = 1) -> Throttle:
        """Answer the next ``times`` matching requests with an error of Discord's own."""
        self._rest.throttles.append(Throttle(method, pattern, 0.0, times, None, status))
        return self._rest.throttles[-1]

    async def redeliver(self, message: Json) -> None:
        """Send the event of a message once more, as after a RESUME that went wrong."""
        await self._gateway.dispatch("MESSAGE_CREATE", message | {"member": payloads.member(payloads.ORDINARY)})

    async def drop_connection(self, code: int | None = 4000) -> None:
        """Close the websocket with a code, or cut it without one when None; its session can be resumed."""
        await self._gateway.drop(code)

    def disconnected(self, code: int | None = 4000, shard: int | None = None) -> AbstractAsyncContextManager[None]:
        """``async with``: drop all connections, or a shard's, and let no client back in until the block ends."""
        return self._gateway.away(code, shard)

    def spoil(self, method: str, pattern: str, *, times: int = 1, stall: float = 0.0) -> Spoiler:
        """Do what the next ``times`` matching requests ask, but give half the response, or after ``stall`` s none."""
        self._rest.spoilers.append(Spoiler(method, pattern, times, stall))
        return self._rest.spoilers[-1]

    def calm(self) -> None:
        """Forget what was still to go wrong with requests."""
        self._rest.throttles.clear()
        self._rest.spoilers.clear()

    async def invalidate_session(self, *, resumable: bool = False) -> None:
        """Op 9; unless it is resumable the client must IDENTIFY again, which costs discord.py about 5 s."""
        await self._gateway.invalidate(resumable)

    async def ask_to_reconnect(self) -> None:
        """Op 7: the client is to connect again and resume."""
        await self._gateway.ask_to_reconnect()

    def ignore_heartbeats(self) -> None:
        """Acknowledge no heartbeat any more, until the client connects anew."""
        self._gateway.ignore_heartbeats()

    @property
    def connected(self) -> set[int]:
        """The connections of clients that get events just now, by a number each."""
        return self._gateway.connected

    @property
    def addresses(self) -> tuple[str, str]:
        """Where a process of its own finds the REST routes and the gateway."""
        return f"http://127.0.0.1:{self._port}{PREFIX}", f"ws://127.0.0.1:{self._port}/"
