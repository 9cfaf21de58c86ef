"""Which sentences of a model the quotations hold: for now none is."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from bot.prose.draft import Draft
from bot.reader.reading import Reader


@dataclass(frozen=True, slots=True)
class Ground:
    """A quotation: its text as shown, who says it (None: the document itself), its title and date."""

    text: str
    speaker: str | None
    title: str
    published: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that is held, by the quotations of these numbers, and how well: from 0 to 1."""

    text: str
    numbers: tuple[int, ...]
    support: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that is not held, and why, in a short sentence."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a model's sentences; `whole` unless fewer than two are kept or more than a third dropped."""

    kept: tuple[Kept, ...]
    dropped: tuple[Dropped, ...]
    whole: bool


class Gate:
    """Holds a model's sentences against quotations."""

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader

    def check(self, drafts: Sequence[Draft], spans: Sequence[Ground]) -> Checked:
        """Keep what the quotations hold."""
        return Checked((), tuple(Dropped(draft.text, "No quotation holds it.") for draft in drafts), False)
