"""The numbers of a claim and of a sentence: whether the one gives what the other gives, of the same."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from bot.english.values import Kind, Number, value_at
from bot.english.words import NUMBER, Word, read
from embeddings.splitting.passages import Span


@dataclass(frozen=True, slots=True)
class Count:
    """A number of a text, and the keys of the words that say what is counted."""

    value: Number
    unit: frozenset[str]
    span: Span


_YEAR = re.compile(r"[12]\d{3}")
_DATING = re.compile(
    r"(?:\b(?:in|since|by|until|from|before|after|during|of|early|late)|"
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: \d{1,2},)?) $"
)


_BESIDE = 100
"""So many characters on either side of a number may say how it is meant: "no fewer than", "square miles"."""
_LONGEST_UNIT = 4
"""So many words say at most what is counted."""
_BEHIND = re.compile(r"[ -]?(?:(?!more\b)[^\W\d]+ ){0,2}(?:(?P<least>at least|or more)|at most|or (?:less|fewer))\b")
"""A limit behind a number and what is counted: "5 A at most", "12 characters or more"."""


@lru_cache(maxsize=2_000)
def counts(text: str) -> tuple[Count, ...]:
    """The numbers of a text."""
    words = read(text)
    starts = [word.start for word in words]
    found = []
    for match in NUMBER.finditer(text):
        span = Span(*match.span())
        first = max(0, span.start - _BESIDE)
        value = value_at(text[first : span.end + _BESIDE], Span(span.start - first, span.end - first), Kind.NUMBER)
        if isinstance(value, Number):
            following = words[bisect_left(starts, span.end) :]
            found.append(Count(_limited(value, text, span.end), _unit(text, following, span), span))
    return tuple(found)


def _limited(value: Number, text: str, end: int) -> Number:
    """An exact number with the limit that stands behind it, if one does."""
    limit = _BEHIND.match(text, end) if value.low == value.high else None
    if not limit:
        return value
    return replace(value, high=None) if limit["least"] else replace(value, low=Fraction(0))


def _unit(text: str, following: Iterable[Word], span: Span) -> frozenset[str]:
    """The words after a number until something else begins; "a year" for what looks like one."""
    if _YEAR.fullmatch(text, span.start, span.end) and _DATING.search(text, max(0, span.start - _BESIDE), span.start):
        return frozenset({"a year"})
    unit: list[str] = []
    at = span.end
    for word in following:
        between = text[at : word.start]
        joins = word.text.lower() in ("of", "the", "a", "an", "more", "other")
        if re.search(r"[,;:.()\"“”]", between) or (not word.key and not joins) or len(unit) == _LONGEST_UNIT:
            break
        if word.key:
            unit.append(word.key)
        at = word.end
    return frozenset(unit)


def counted(claimed: Sequence[Count], stated: Sequence[Count]) -> Iterator[tuple[Count, Count] | bool]:
    """For each number of a claim whether a sentence gives it, or both where it gives another of the same."""
    known: dict[tuple[Number, frozenset[str]], Count | bool] = {}
    for ours in claimed:
        said = ours.value, ours.unit
        if said not in known:
            known[said] = _stated(ours, stated)
        found = known[said]
        yield found if isinstance(found, bool) else (ours, found)


def _stated(ours: Count, stated: Sequence[Count]) -> Count | bool:
    """Whether one of these is the same number, or which of them is another one of the same."""
    same = [other for other in stated if _same_number(ours.value, other.value)]
    if any(_same_unit(ours, other) for other in same):
        return True
    alike = [other for other in stated if _same_unit(ours, other) and (ours.unit or not other.unit)]
    if same and len(alike) > 1:
        return False
    return next((other for other in alike if _differ(ours.value, other.value)), False)


def _same_unit(one: Count, other: Count) -> bool:
    if one.value.unit and other.value.unit and one.value.unit != other.value.unit:
        return False
    return not one.unit or bool(one.unit & other.unit)


def _base(number: Number) -> object:
    return number.high if not number.low else number.low


def _is_vague(number: Number) -> bool:
    """Whether it is given as "thousands" or "millions"."""
    power = number.low in (12, 10**3, 10**6, 10**9, 10**12)
    return power and (number.high or 10**12) >= 1000 * number.low and not number.round_to


def _same_number(claimed: Number, found: Number) -> bool:
    """Whether the sentence gives the claim's number: the same one, or "thousands" for 4,000."""
    if (claimed.low, claimed.high) == (found.low, found.high):
        return True
    if claimed.low == claimed.high == found.low and found.high is None:
        return True  # "5 million" where the sentence says "more than 5 million"
    around = claimed.high is not None and 0 < claimed.low < claimed.high  # neither "over" nor "up to"
    if around and found.low == found.high == (claimed.low + (claimed.high or 0)) / 2:
        return True  # "about 4,000" for 4,000
    wide = claimed.high is not None and claimed.high >= 1000 * claimed.low > 0
    return wide and claimed.low <= found.low <= (claimed.high or found.low)


def _differ(claimed: Number, found: Number) -> bool:
    """Whether the sentence gives another number, rather than the same one more or less precisely."""
    if _is_vague(claimed) or _is_vague(found):
        return not claimed.agrees(found)
    return _base(claimed) != _base(found) or bool(claimed.low) != bool(found.low)
