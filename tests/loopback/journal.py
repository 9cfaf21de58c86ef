"""What the loopback server saw, and the one way in which a test waits for it."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple, TypeVar

Found = TypeVar("Found")


class Request(NamedTuple):
    """One REST request as answered; the path is without ``/api/v10``."""

    method: str
    path: str
    status: int


class Refused(NamedTuple):
    """One request that Discord would have refused, with its error code and the reason in words."""

    method: str
    path: str
    status: int
    code: int
    text: str


class UnansweredError(AssertionError):
    """The awaited thing did not happen in time; the message lists the last requests."""


class Journal:
    """The record of requests, and the bell that wakes waiting tests after every change."""

    def __init__(self, patience: float) -> None:
        self.requests: list[Request] = []
        self.refusals: list[Refused] = []
        self._patience = patience
        self._bell = asyncio.Event()

    def changed(self) -> None:
        """Wake every waiting test so that it looks again."""
        self._bell.set()
        self._bell = asyncio.Event()

    async def until(self, probe: Callable[[], Found | None], what: str, within: float | None = None) -> Found:
        """Return the first result of ``probe`` that is true.

        Raises UnansweredError after ``within`` seconds (the server's patience, 5 s, when None).
        """
        limit = self._patience if within is None else within
        try:
            async with asyncio.timeout(limit):
                while not (found := probe()):
                    await self._bell.wait()
        except TimeoutError:
            raise UnansweredError(f"waited {limit:g} s for {what}; {self._recently()}") from None
        return found

    def _recently(self) -> str:
        lines = [f"  {r.method} {r.path} -> {r.status}" for r in self.requests[-12:]] or ["  none"]
        lines += [f"  refused ({r.code}): {r.text}" for r in self.refusals[-4:]]
        return "the last requests were\n" + "\n".join(lines)
