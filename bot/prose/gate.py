"""The gate before prose: of a model's sentences only those pass that a quotation holds.

Cheap checks come first: the rules of `grounding`, then the reader, whose judgement counts beside how many words the
quotation has in common with the sentence. Sentences that lean on others fall with them, and where too few are left
nothing is shown.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.answering.confidence import logistic
from bot.prose.draft import Draft, Dropped
from bot.prose.grounding import UNSAID, Match, Text, compare, foreign, said_by, sentences
from bot.reader.reading import CONTRADICT, SUPPORT, Reader
from embeddings.messages import Message


@dataclass(frozen=True, slots=True)
class Ground:
    """A quotation that may hold a sentence: its text as shown, who says it (None: the document itself), its title."""

    text: str
    speaker: str | None
    title: str
    published: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that quotations hold, each by itself: their numbers, from 1, and how surely, in [0, 1]."""

    text: str
    numbers: tuple[int, ...]
    support: float


@dataclass(frozen=True, slots=True)
class Checked:
    """What passed and what did not, each in the order of the drafts."""

    kept: tuple[Kept, ...]
    dropped: tuple[Dropped, ...]
    whole: bool
    """Whether enough is left to be shown: at least `FEWEST` sentences, and at most a third dropped."""


FEWEST = 2
"""Sentences below which none is shown."""
ERRS = 4
"""Of a hundred sentences that are kept so many are not supported, rounded up: of those in `docs/prose.md` that were
labelled when the rules stood, the first time that they were asked."""
SURE = 0.752
"""From this support on a quotation holds a sentence. Chosen with the weights by `benchmarks/tune_prose.py`."""
WEIGHTS = {
    "shared": 4.183,
    "moved": -2.322,
    "spread": 0.089,
    "support": 1.295,
    "contradict": -4.123,
}
INTERCEPT = -3.661


@dataclass(frozen=True, slots=True)
class Held:
    """A sentence of a quotation that holds a draft, and how surely."""

    quoted: Text
    match: Match
    support: float


@dataclass(frozen=True, slots=True)
class _Judged:
    """A draft with what holds it, by the number of the quotation; why nothing does, else."""

    draft: Draft
    text: Text
    held: Mapping[int, Sequence[Held]]
    reason: Message | None = None

    def without(self, reason: Message) -> "_Judged":
        return self if self.reason else _Judged(self.draft, self.text, {}, reason)


class Gate:
    """Checks drafts against quotations; without a reader only drafts pass whose words all stand in a quotation.

    Threads may share one if they may share its reader.
    """

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader

    def check(self, drafts: Sequence[Draft], spans: Sequence[Ground]) -> Checked:
        """Which drafts the quotations hold: those that a draft names, or else the one that holds it most surely.

        A draft names none that there is not, and none says again what one before it says.
        """
        judged = list(_leaning(_steps([self._judge(draft, spans) for draft in drafts])))
        kept = tuple(_kept(one) for one in judged if not one.reason)
        dropped = tuple(Dropped(one.draft.text, one.reason) for one in judged if one.reason)
        return Checked(kept, dropped, len(kept) >= FEWEST and 3 * len(dropped) <= len(judged))

    def _judge(self, draft: Draft, spans: Sequence[Ground]) -> _Judged:
        text = Text(draft.text)
        reasons: list[tuple[float, Message]] = []
        others = [number for number in range(1, len(spans) + 1) if number not in draft.numbers]
        for numbers in (sorted(set(draft.numbers)), others):
            found = {number: self.holds(text, spans[number - 1], reasons) for number in numbers}
            held = {number: each for number, each in found.items() if each}
            if held:
                return _Judged(draft, text, held)
        _, reason = max(reasons, key=lambda each: each[0], default=(0.0, UNSAID))
        return _Judged(draft, text, {}, reason)

    def holds(self, draft: Text, span: Ground, reasons: list[tuple[float, Message]] | None = None) -> list[Held]:
        """The sentences of a quotation that hold a draft; why the others do not is noted in `reasons`.

        What the draft leans on is not looked at.
        """
        noted = [] if reasons is None else reasons
        every = list(matches(draft, span))
        noted += ((match.same + match.near, match.reason) for _, match in every if match.reason)
        left = [(quoted, match) for quoted, match in every if match.reason is None]
        found = [Held(*each, support) for each, support in zip(left, self._supports(draft, left), strict=True)]
        noted += ((one.match.same + one.match.near, UNSAID) for one in found if one.support < SURE)
        return [one for one in found if one.support >= SURE]

    def _supports(self, draft: Text, found: Sequence[tuple[Text, Match]]) -> list[float]:
        """How surely each sentence holds a draft, in [0, 1]."""
        if self._reader is None or not found:
            return [float(match.exact) for _, match in found]
        read = self._reader.compare(draft.text, [quoted.text for quoted, _ in found])
        return [
            support(features(match, float(row[SUPPORT]), float(row[CONTRADICT])))
            for (_, match), row in zip(found, read, strict=True)
        ]


def matches(draft: Text, span: Ground) -> Iterator[tuple[Text, Match]]:
    """The sentences of a quotation, and how a draft compares with each."""
    part = foreign(draft, f"{span.speaker or ''}\n{span.text}")
    for place, sentence in enumerate(sentences(span.text)):
        quoted = said_by(sentence, span.speaker)
        match = compare(draft, quoted, place)
        missing = Message("“{words}” does not stand in the quotation.", words=part) if part else None
        yield quoted, replace(match, reason=missing or match.reason)


def features(match: Match, supports: float, contradicts: float) -> tuple[float, ...]:
    """What tells how surely a sentence holds a draft, in the order of `WEIGHTS`; the last are the reader's."""
    return match.same + match.near, match.moved, match.spread, supports, contradicts


def support(values: Sequence[float]) -> float:
    """How surely a sentence with these features holds a draft, in [0, 1]."""
    score = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS.values(), values, strict=True))
    return logistic(score)


# --- sentences that lean on others ---------------------------------------------------------------


def _steps(judged: Sequence[_Judged]) -> Iterator[_Judged]:
    """The drafts; numbered steps only where one quotation holds them all, in their order."""
    for numbered, group in groupby(judged, key=lambda one: one.draft.step is not None):
        steps = list(group)
        if not numbered or len(steps) == 1:
            yield from steps
            continue
        if any(one.reason for one in steps):
            yield from (one.without(Message("Another step of these is not held.")) for one in steps)
            continue
        common = set.intersection(*(set(one.held) for one in steps))
        paths = {number: _in_order([one.held[number] for one in steps]) for number in sorted(common)}
        numbers = [one.draft.step or 0 for one in steps]
        for at, one in enumerate(steps):
            held = {number: [path[at]] for number, path in paths.items() if path}
            if held and numbers == sorted(set(numbers)):
                yield _Judged(one.draft, one.text, held)
            else:
                yield one.without(Message("No quotation has these steps in this order."))


def _in_order(held: Sequence[Sequence[Held]]) -> list[Held]:
    """One place for each step, none before that of the step before; empty where there is no such choice."""
    path: list[Held] = []
    for each in held:
        later = [one for one in each if not path or one.match.place >= path[-1].match.place]
        if not later:
            return []
        path.append(min(later, key=lambda one: one.match.place))
    return path


def _leaning(judged: Iterable[_Judged]) -> Iterator[_Judged]:
    """The drafts; one that opens with "it" or "however" only behind the one it leans on, and where "it" is the same."""
    before: _Judged | None = None
    subject: frozenset[str] = frozenset()
    for one in judged:
        if one.text.leans and (before is None or before.reason):
            one = one.without(Message("It leans on a sentence that is not there."))
        elif one.text.pronoun and not one.reason and before:
            meant = {
                number: [held for held in each if held.quoted.topic & subject] for number, each in one.held.items()
            }
            if any(meant.values()):
                one = _Judged(one.draft, one.text, {number: each for number, each in meant.items() if each})
            else:
                one = one.without(Message("It is not clear what “{word}” means.", word=one.text.pronoun))
        before = one
        if not one.text.pronoun:
            subject = one.text.subject
        yield one


def _kept(judged: _Judged) -> Kept:
    """What is shown of a draft: of quotations that it names all that hold it, of others the surest."""
    sure = {number: max(one.support for one in held) for number, held in judged.held.items()}
    best = max(sure, key=lambda number: (sure[number], -number))
    numbers = tuple(sorted(sure)) if best in judged.draft.numbers else (best,)
    return Kept(judged.draft.text, numbers, round(sure[best], 4))
