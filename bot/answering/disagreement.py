"""Values that documents give differently, side by side.

A question that asks for one value of a kind (a number, a date, a name, yes or no) has what each document says
compared. Equal values merge, and so do those that can both be true: "over 1,900" and "2,000", "1912" and "June
1912", "Byron" and "Lord Byron". A value that goes together with two that differ, like "thousands", takes no side.
What is left are positions, and no winner is picked among them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import combinations, pairwise
from math import inf

from bot.english.patterns import initials
from bot.english.values import Kind, Name, Value, value_at
from bot.english.voices import Voice, VoiceKind
from bot.question.asked import Asked, units_of
from embeddings.messages import Message
from embeddings.numerals import MONTHS
from embeddings.splitting.passages import Span
from embeddings.splitting.terms import terms

# Chosen by benchmarks/report_disagreement.py, as logits of the confidence in a value.
SURE = -2.25
"""Documents disagree when both of two values are at least as sure as this."""
SURER = 1.5
"""Words that are no name, number or date must be surer by so much: what somebody plays, or a kind of thing."""
SHOWN = -4.0
"""When they do, the values of other documents stand beside these if they are at least as sure as this."""
_PLAIN = 1.0
"""A number of what is counted may be less sure by so much."""
_LONGEST = 8
"""Words of a name at most."""
_STANCES = {"yes": Message("yes"), "no": Message("no")}


@dataclass(frozen=True, slots=True)
class Position:
    """One of the values that sources give, as the first of its citations writes it."""

    value: str
    citations: tuple[int, ...]
    earliest: date | None = None
    """When the first of those citations whose date is known was published, and the last."""
    latest: date | None = None
    dated: bool = False
    """Whether the date of each of them is known."""
    stance: str | None = None
    """`yes` or `no`, where a whole statement is the position."""
    voices: tuple[Voice, ...] = ()
    """Who takes that side, for each of the citations."""

    @property
    def shown(self) -> str:
        """The value; of statements, which are quoted anyway, the side they take and who speaks: "no: the club"."""
        if self.stance is None:
            return self.value
        who = dict.fromkeys(map(_who, self.voices))
        voices = reduce(lambda first, last: Message("{first} and {last}", first=first, last=last), who)
        return Message("{stance}: {voices}", stance=_STANCES[self.stance], voices=voices)


def _who(voice: Voice) -> str:
    if voice.kind is VoiceKind.DOCUMENT:
        return Message("the source itself")
    if voice.kind is VoiceKind.UNATTRIBUTED and not voice.name:
        return Message("unattributed")
    return voice.name or Message("somebody named before")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that documents give different values for."""

    about: str
    positions: tuple[Position, ...]
    kind: Kind = Kind.NUMBER
    change_over_time: bool = False
    """Whether the documents' dates say that one value came after the other."""

    @property
    def matter(self) -> str:
        """What is differed on, in a sentence: a question of yes or no in quotation marks."""
        return f"“{self.about}”" if self.kind is Kind.STATEMENT else self.about


@dataclass(frozen=True, slots=True)
class Stated:
    """What a citation says: `value` is where in its sentence the value stands that was asked for."""

    number: int
    account: str
    sentence: str
    value: Span | None
    published: date | None = None
    passage: str = ""
    """What stands around the sentence."""
    sure: float = inf
    """How sure it is that this value answers, as a logit."""


@dataclass(frozen=True, slots=True)
class _Given:
    stated: Stated
    value: Value
    written: str
    places: frozenset[str] = frozenset()
    """Terms of places that the sentence names and the question does not, where things are counted."""
    counted: frozenset[str] = frozenset()
    """What is counted, by the words behind the number."""
    nowhere: bool = False
    """The sentence names no place, and the question names the values: it may speak of any place."""


_PLACE = re.compile(
    rf"\b(?:[Ii]n|[Ii]nto|[Tt]o|[Aa]t|[Aa]cross|[Nn]ear|[Oo]utside) (?:the )?(?!(?:{'|'.join(MONTHS)})\b)"
    r"([A-Z][\w’'-]*(?:(?:,? (?:of )?|-)[A-Z][\w’'-]*)*)"
)
_DEFINES = re.compile(r"\b(?:is|was|were|are|became) (?:an?|the)\b[^,;:.()]{0,300}$", re.IGNORECASE)


# --- what differs ----------------------------------------------------------------------------------


def disagreements(
    wanted: Asked | None, stated: Iterable[Stated], sure: float = SURE, shown: float = SHOWN, surer: float = SURER
) -> tuple[Disagreement, ...]:
    """The disagreement among the values that citations give for what is asked, if there is one.

    Of each account the surest value counts, so that it does not disagree with itself. Accounts disagree when two
    values as sure as `sure` cannot both be so; others that are as sure as `shown` stand beside these. The order of
    `stated` makes no difference.
    """
    if wanted is None:
        return ()
    if wanted.kind is Kind.WORD:
        sure += surer
    if wanted.offered:
        sure = min(sure, shown)
    given = _surest([one for one in (_given(wanted, each) for each in stated if each.sure >= shown) if one])
    surest = _sides(
        [one for one in given if one.stated.sure >= sure - _PLAIN * (not wanted.counted.isdisjoint(one.counted))]
    )
    if not any(_differ(one, other) for one, other in combinations(surest, 2)):
        return ()
    sides = _sides(given)
    against = [any(_differ(one, other) for other in sides if other is not one) for one in sides]
    positions = [_position(side) for side, differs in zip(sides, against, strict=True) if differs]
    if len(positions) < 2:
        return ()
    changed = wanted.kind is Kind.NUMBER and one_after_the_other(positions)
    if changed:
        positions.sort(key=lambda position: position.earliest or date.min)
    else:
        positions.sort(key=lambda position: position.citations)
    return (Disagreement(wanted.about, tuple(positions), wanted.kind, changed),)


def _surest(given: Sequence[_Given]) -> list[_Given]:
    most: dict[str, float] = {}
    for one in given:
        most[one.stated.account] = max(one.stated.sure, most.get(one.stated.account, -inf))
    return [one for one in given if one.stated.sure == most[one.stated.account]]


def _given(wanted: Asked, stated: Stated) -> _Given | None:
    if stated.value is None:
        return None
    value = value_at(stated.sentence, stated.value, wanted.kind, wanted.last)
    if value is None or not wanted.offers(value):
        return None
    if wanted.several and not _DEFINES.search(stated.sentence[: stated.value.start]):
        return None
    name = value.words if isinstance(value, Name) and not wanted.offered else None
    if name is not None and (len(name) > _LONGEST or wanted.terms.issuperset(name)):
        return None
    written = stated.sentence[stated.value.start : stated.value.end]
    if wanted.kind is not Kind.NUMBER:
        return _Given(stated, value, written)
    counted = units_of(stated.sentence).get(stated.value.start, frozenset())
    if not wanted.counts:
        return _Given(stated, value, written, counted=counted)
    places = _places(stated.sentence, wanted.terms)
    return _Given(stated, value, written, places, counted, bool(wanted.offered) and not _PLACE.search(stated.sentence))


def _places(sentence: str, asked: frozenset[str]) -> frozenset[str]:
    """Terms of the names that stand behind "in", "at" and the like, but for those asked about, be it as "LA"."""
    named = [place for place in _PLACE.findall(sentence) if initials(place) not in asked]
    return frozenset(term for place in named for term in terms(place)) - asked


def _sides(given: Sequence[_Given]) -> list[list[_Given]]:
    """Values that go together; those that say most come first, and what goes with two that differ takes no side."""
    sides: list[list[_Given]] = []
    for one in sorted(given, key=lambda one: (one.value.width, repr(one.value), one.stated.number)):
        fitting = [side for side in sides if one.value.agrees(side[0].value)]
        if len(fitting) == 1:
            fitting[0].append(one)
        elif not fitting:
            sides.append([one])
    return sides


def _differ(one: Sequence[_Given], other: Sequence[_Given]) -> bool:
    """Whether two accounts say what cannot both be so."""
    return any(
        a.stated.account != b.stated.account
        and a.value.agrees(b.value) is False
        and (a.places == b.places or a.nowhere or b.nowhere)
        and (not a.counted or not b.counted or not a.counted.isdisjoint(b.counted))
        and not _says_both(a, b)
        for a in one
        for b in other
    )


def _says_both(one: _Given, other: _Given) -> bool:
    """Whether one of two names stands beside the other too, as "linebacker" beside "American football"."""
    if not isinstance(one.value, Name) or not isinstance(other.value, Name):
        return False
    return set(one.value.words) <= set(terms(other.stated.passage)) or set(other.value.words) <= set(
        terms(one.stated.passage)
    )


def _position(side: Sequence[_Given]) -> Position:
    ordered = sorted(side, key=lambda one: (one.stated.number, one.stated.value or Span(0, 0)))
    dates = [one.stated.published for one in ordered if one.stated.published]
    return Position(
        ordered[0].written,
        tuple(dict.fromkeys(one.stated.number for one in ordered)),
        min(dates, default=None),
        max(dates, default=None),
        all(one.stated.published for one in ordered),
    )


def one_after_the_other(positions: Sequence[Position]) -> bool:
    """Whether every citation has a date, and no two positions were published at the same time."""
    dated = sorted((p.earliest, p.latest) for p in positions if p.dated and p.earliest and p.latest)
    return len(dated) == len(positions) and all(a[1] < b[0] for a, b in pairwise(dated))
