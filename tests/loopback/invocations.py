"""One interaction: what a user did, and what the bot has made of it so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from .limits import EPHEMERAL, LOADING, Json, RefusalError, text_of
from .world import World

Found = TypeVar("Found")
COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ANSWERS = {
    COMMAND: {REPLY, DEFER_REPLY, MODAL},
    COMPONENT: {REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    SUBMIT: {REPLY, DEFER_REPLY, DEFER_UPDATE, UPDATE},
}
ACKNOWLEDGE_WITHIN, TOKEN_LIVES = 3.0, 15 * 60.0


@dataclass(eq=False)
class Invocation:
    """What an act returns: tests await its coroutines and read its properties.

    ``response`` is the callback's body once the bot has acknowledged, ``edits`` counts the edits of the
    original response, ``refused`` holds Discord's refusals of this interaction's requests.
    """

    world: World = field(repr=False)
    id: int
    token: str = field(repr=False)
    kind: int
    what: str
    user: Json = field(repr=False)
    channel: Json = field(repr=False)
    created: float = field(repr=False)
    source: int | None = None
    response: Json | None = None
    original: int | None = None
    edits: int = 0
    followup_ids: list[int] = field(default_factory=list)
    refused: list[RefusalError] = field(default_factory=list)

    async def acknowledged(self, within: float | None = None) -> Json:
        """Wait for the callback and return it: ``{"type": …, "data": …}``."""
        return await self._until(lambda: self.response, "an acknowledgement", within)

    async def edited(self, times: int = 1, within: float | None = None) -> Json:
        """Wait until the original response has been edited so often, and return it."""
        return await self._until(lambda: self.message if self.edits >= times else None, f"edit {times}", within)

    async def settled(self, within: float | None = None) -> Json:
        """Wait for the first real answer: the reply itself, or after a deferral its first edit; return it."""
        return await self._until(lambda: self.message if self._has_answer else None, "an answer", within)

    async def followed_up(self, times: int = 1, within: float | None = None) -> Json:
        """Wait for so many follow-up messages and return the last of them."""
        enough = await self._until(lambda: self.followups[times - 1 : times] or None, f"follow-up {times}", within)
        return enough[0]

    @property
    def message(self) -> Json | None:
        """The original response as it stands; None before the first real text and after its deletion."""
        message = self.world.messages.get(self.original or 0)
        return None if message is None or message["flags"] & LOADING else message

    @property
    def text(self) -> str:
        """All text of ``message``: its content and every TextDisplay."""
        return text_of(self.message or {})

    @property
    def ephemeral(self) -> bool:
        """Whether only the user sees the original response."""
        return bool(self.world.messages.get(self.original or 0, {}).get("flags", 0) & EPHEMERAL)

    @property
    def deferred(self) -> bool:
        """Whether the acknowledgement was a deferral."""
        return self.response is not None and self.response["type"] in (DEFER_REPLY, DEFER_UPDATE)

    @property
    def followups(self) -> list[Json]:
        """Every follow-up message that still exists."""
        return [self.world.messages[number] for number in self.followup_ids if number in self.world.messages]

    @property
    def _has_answer(self) -> bool:
        return self.response is not None and (not self.deferred or self.edits > 0)

    async def _until(self, probe: Callable[[], Found | None], what: str, within: float | None) -> Found:
        return await self.world.journal.until(probe, f"{what} to {self.what}", within)
