"""The websocket gateway, version 10: HELLO, IDENTIFY, READY, heartbeats, dispatch, RESUME with replay."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import WSMsgType, web

from .limits import Json
from .world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = {"members": 1 << 1, "presences": 1 << 8, "message_content": MESSAGE_CONTENT}


class Resume(NamedTuple):
    """One accepted RESUME: the path it came to, the last sequence number it knew, the events sent again."""

    path: str
    sequence: int
    replayed: list[str]


class _Socket:
    """One connection; compresses as ``compress=zlib-stream`` asks."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request) -> None:
        self.ws, self.transport = ws, request.transport
        self._zlib = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None

    async def send(self, op: int, data: Any, **more: Any) -> None:
        text = json.dumps({"op": op, "d": data, "s": None, "t": None} | more)
        with suppress(ConnectionError):  # the client has gone: a resumed session gets the event from its log
            if self._zlib:
                await self.ws.send_bytes(self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH))
            else:
                await self.ws.send_str(text)


def redacted(data: Json, bot_id: str, intents: int) -> Json:
    """A message as a bot sees it: without the intent only DMs, mentions and its own have content."""
    if "author" not in data or "guild_id" not in data or intents & MESSAGE_CONTENT:
        return data
    if data.get("referenced_message"):
        data = data | {"referenced_message": redacted(data["referenced_message"], bot_id, intents)}
    if any(user["id"] == bot_id for user in [data["author"], *data["mentions"]]):
        return data
    return data | {"content": "", "embeds": [], "attachments": [], "components": []}


@dataclass
class Session:
    """One identified client, its events in order, and its connection while it has one."""

    id: str
    intents: int
    shard: tuple[int, int]
    bot_id: str
    socket: _Socket | None = None
    events: list[Json] = field(default_factory=list)

    def wants(self, event: str, data: Json) -> bool:
        """Whether the intents and the shard let an event through."""
        guild_id, (index, count) = data.get("guild_id"), self.shard
        if (int(guild_id) >> 22) % count != index if guild_id else index:
            return False
        if event.startswith("MESSAGE_"):
            return bool(self.intents & (GUILD_MESSAGES if guild_id else DIRECT_MESSAGES))
        return True

    async def push(self, event: str, data: Json) -> None:
        """Log an event and send it if the client is there."""
        packet = {"t": event, "s": len(self.events) + 1, "d": redacted(data, self.bot_id, self.intents)}
        self.events.append(packet)
        if self.socket:
            await self.socket.send(DISPATCH, packet["d"], s=packet["s"], t=event)


class Gateway:
    """All sessions, the record of how clients came, and the ways of losing them."""

    def __init__(self, world: World, token: str, approved: frozenset[str], heartbeat_interval: float) -> None:
        self.world, self.token, self.interval = world, token, heartbeat_interval
        self.denied = sum(bit for name, bit in PRIVILEGED.items() if name not in approved)
        self.sessions: dict[str, Session] = {}
        self.identifies: list[Json] = []
        self.resumes: list[Resume] = []
        self.heartbeats: list[float] = []
        self._sockets: set[_Socket] = set()
        self.deaf: set[_Socket] = set()
        self._open = asyncio.Event()
        self._open.set()

    async def dispatch(self, event: str, data: Json) -> None:
        """Send an event to every session that may see it, now or after its RESUME."""
        for session in list(self.sessions.values()):
            if session.wants(event, data):
                await session.push(event, data)

    async def drop(self, code: int | None, shard: int | None = None) -> None:
        """Close every connection, or those of one shard, with a code, or cut them when None.

        The sessions stay resumable.
        """
        sockets = set(self._sockets)
        for session in self.sessions.values():
            if shard in (None, session.shard[0]):
                session.socket = None
            elif session.socket:
                sockets.discard(session.socket)
        for socket in sockets:
            if code is None:
                if socket.transport:
                    socket.transport.abort()
            else:
                await socket.ws.close(code=code)

    @asynccontextmanager
    async def away(self, code: int | None, shard: int | None = None) -> AsyncIterator[None]:
        """Drop every connection, or those of one shard, and greet nobody until the block ends."""
        self._open.clear()
        try:
            await self.drop(code, shard)
            yield
        finally:
            self._open.set()

    @property
    def connected(self) -> set[int]:
        """The connections that get events, by a number each."""
        return {id(session.socket) for session in self.sessions.values() if session.socket}

    async def invalidate(self, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9), and forget those that are not resumable."""
        lost = dict(self.sessions)
        if not resumable:
            self.sessions.clear()
        for session in lost.values():
            if session.socket:
                await session.socket.send(INVALID_SESSION, resumable)

    async def ask_to_reconnect(self) -> None:
        """Ask every client to connect again and resume (op 7)."""
        for session in list(self.sessions.values()):
            if session.socket:
                await session.socket.send(RECONNECT, None)

    def ignore_heartbeats(self) -> None:
        """Acknowledge no heartbeat of the present connections any more."""
        self.deaf |= self._sockets

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one websocket until either side closes it."""
        ws = web.WebSocketResponse(timeout=2)
        await ws.prepare(request)
        await self._open.wait()
        socket, session = _Socket(ws, request), None
        self._sockets.add(socket)
        try:
            await socket.send(HELLO, {"heartbeat_interval": int(self.interval * 1000)})
            async for frame in ws:
                packet = json.loads(frame.data) if frame.type is WSMsgType.TEXT else {}
                op = packet.get("op")
                if op == HEARTBEAT:
                    self.heartbeats.append(self.world.now())
                    if socket not in self.deaf:
                        await socket.send(HEARTBEAT_ACK, None)
                elif op == IDENTIFY:
                    session = await self._identify(socket, request, packet["d"])
                elif op == RESUME:
                    session = await self._resume(socket, request, packet["d"])
                self.world.journal.changed()
        finally:
            self._sockets.discard(socket)
            self.deaf.discard(socket)
            if session and session.socket is socket:
                session.socket = None
                if ws.close_code in (1000, 1001):  # a client that says goodbye ends its session
                    self.sessions.pop(session.id, None)
        return ws

    async def _identify(self, socket: _Socket, request: web.Request, data: Json) -> Session | None:
        self.identifies.append(data)
        if data["token"] != self.token:
            await socket.ws.close(code=4004, message=b"Authentication failed.")
            return None
        if data["intents"] & self.denied:
            await socket.ws.close(code=4014, message=b"Disallowed intent(s).")
            return None
        index, count = data.get("shard") or (0, 1)
        session_id = f"session-{self.world.new_id():x}"
        session = Session(session_id, data["intents"], (index, count), self.world.bot["id"], socket)
        self.sessions[session_id] = session
        guild = self.world.guild
        here = session.wants("GUILD_CREATE", {"guild_id": guild["id"]})
        ready = {
            "v": 10,
            "user": self.world.bot,
            "guilds": [{"id": guild["id"], "unavailable": True}] if here else [],
            "session_id": session_id,
            "resume_gateway_url": f"{'wss' if request.secure else 'ws'}://{request.host}/resume",
            "application": {"id": self.world.bot["id"], "flags": 0},
            "shard": [index, count],
        }
        await session.push("READY", ready)
        if here and session.intents & GUILDS:
            await session.push("GUILD_CREATE", guild)
        return session

    async def _resume(self, socket: _Socket, request: web.Request, data: Json) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if data["token"] != self.token or session is None:
            await socket.send(INVALID_SESSION, False)
            return None
        position = data["seq"]
        self.resumes.append(Resume(request.path, position, [packet["t"] for packet in session.events[position:]]))
        while position < len(session.events):  # one that arrives meanwhile keeps its place in the order
            packet = session.events[position]
            position += 1
            await socket.send(DISPATCH, packet["d"], s=packet["s"], t=packet["t"])
        session.socket = socket
        await session.push("RESUMED", {})
        return session
