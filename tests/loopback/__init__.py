"""A stand-in for Discord on 127.0.0.1: REST and gateway, for the real discord.py over real sockets.

async with LoopbackDiscord() as server:
    with server.attach():
        async with server.running(client):
            asked = await server.user.slash("ask", {"question": "Who?"})
            answer = await asked.settled()
"""

from .actors import Actor, ImpossibleError
from .invocations import Invocation
from .journal import Refused, Request, UnansweredError
from .limits import RefusalError, text_of, walk
from .server import LoopbackDiscord
from .world import Sync, Writing

__all__ = [
    "Actor",
    "ImpossibleError",
    "Invocation",
    "LoopbackDiscord",
    "RefusalError",
    "Refused",
    "Request",
    "Sync",
    "UnansweredError",
    "Writing",
    "text_of",
    "walk",
]
