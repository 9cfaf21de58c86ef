"""What goes wrong at Discord, on the way to it or in the machine, each by its name: `await FAULTS[name](fault)`."""

import asyncio
import resource
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from .server import LoopbackDiscord

CALLBACK, EDIT, FOLLOW_UP, MESSAGE = (
    ("POST", "/interactions/*/callback"),
    ("PATCH", "/webhooks/*/@original"),
    ("POST", "/webhooks/*"),
    ("POST", "/channels/*/messages"),
)
"""The requests by which people get their answers."""


@dataclass(frozen=True)
class Machine:
    """The bot's process, the folder of its index, and the folder through which `sitecustomize` is told of faults."""

    pid: int
    index: Path
    control: Path

    def tell(self, name: str, what: str) -> None:
        """Have a fault in the process, until it is told otherwise with ""."""
        (self.control / name).write_text(what)


Fault = Callable[[LoopbackDiscord, Machine], Awaitable[None]]


async def full_disk(_: LoopbackDiscord, machine: Machine) -> None:
    """No file can be written any more, for a while: what the kernel refuses beyond a size of 0 bytes."""
    before = resource.prlimit(machine.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(machine.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    await asyncio.sleep(3)
    resource.prlimit(machine.pid, resource.RLIMIT_FSIZE, before)


async def index_gone(_: LoopbackDiscord, machine: Machine) -> None:
    """The folder of the index vanishes and comes back, as a volume that is not mounted for a while."""
    away = machine.index.with_name("away")
    machine.index.rename(away)
    await asyncio.sleep(3)
    away.rename(machine.index)


async def clock_jump(_: LoopbackDiscord, machine: Machine) -> None:
    """The clock goes two hours ahead, then a day back, then right again."""
    for seconds in ("7200", "-86400", ""):
        machine.tell("clock", seconds)
        await asyncio.sleep(2)


async def encoder_error(_: LoopbackDiscord, machine: Machine) -> None:
    """The model raises an error for a while."""
    machine.tell("encoder", "raises")
    await asyncio.sleep(2)
    machine.tell("encoder", "")


async def stalled_gateway(server: LoopbackDiscord, _: Machine) -> None:
    """The connection is cut; the next is accepted, and nothing is said there for a while."""
    async with server.disconnected(None):
        await asyncio.sleep(3)


async def too_many_requests(server: LoopbackDiscord, _: Machine) -> None:
    """429 of Discord itself, which discord.py waits out."""
    for method, pattern in (EDIT, FOLLOW_UP, MESSAGE):
        server.rate_limit(method, pattern, retry_after=0.3, times=2)


async def banned(server: LoopbackDiscord, _: Machine) -> None:
    """429 without `Via`, which discord.py does not wait out."""
    for method, pattern in (CALLBACK, EDIT, MESSAGE):
        server.rate_limit(method, pattern, via=None)


async def server_error(server: LoopbackDiscord, _: Machine) -> None:
    """503 and 500, which discord.py tries again."""
    for (method, pattern), status in ((EDIT, 503), (FOLLOW_UP, 500), (MESSAGE, 503)):
        server.fail(method, pattern, status=status)


async def half_written(server: LoopbackDiscord, _: Machine) -> None:
    """What was asked for is done, but half of the response is missing and the connection is cut."""
    for method, pattern in (CALLBACK, EDIT):
        server.spoil(method, pattern)


async def stalled_response(server: LoopbackDiscord, _: Machine) -> None:
    """What was asked for is done, and no response ever comes."""
    for method, pattern in (CALLBACK, EDIT):
        server.spoil(method, pattern, stall=30)


async def drop(server: LoopbackDiscord, _: Machine) -> None:
    """The gateway closes the connection with a code that lets the session be resumed."""
    await server.drop_connection()


async def cut(server: LoopbackDiscord, _: Machine) -> None:
    """The connection ends without a word."""
    await server.drop_connection(None)


async def reconnect(server: LoopbackDiscord, _: Machine) -> None:
    """Op 7: the client is to connect again and resume."""
    await server.ask_to_reconnect()


async def session_invalid(server: LoopbackDiscord, _: Machine) -> None:
    """Op 9, not resumable."""
    await server.invalidate_session()


async def session_resumable(server: LoopbackDiscord, _: Machine) -> None:
    """Op 9, resumable."""
    await server.invalidate_session(resumable=True)


async def deaf(server: LoopbackDiscord, _: Machine) -> None:
    """Heartbeats are not acknowledged until the client gives the connection up."""
    server.ignore_heartbeats()


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        too_many_requests, banned, server_error, half_written, stalled_response, drop, cut, reconnect, session_invalid,
        session_resumable, deaf, stalled_gateway, clock_jump, index_gone, full_disk, encoder_error,
    )
}  # fmt: skip
