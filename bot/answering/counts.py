"""The numbers of a claim and of a sentence: whether the one gives what the other gives, of the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from bot.answering.values import Kind, Number, value_at
from bot.answering.words import NUMBER, Word, narrower, read
from embeddings.passages import Span


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


@lru_cache(maxsize=2_000)
def counts(text: str) -> tuple[Count, ...]:
    """The numbers of a text."""
    words = read(text)
    found = []
    for match in NUMBER.finditer(text):
        span = Span(*match.span())
        value = value_at(text, span, Kind.NUMBER)
        if isinstance(value, Number):
            found.append(Count(value, _unit(text, words, span), span))
    return tuple(found)


def _unit(text: str, words: Sequence[Word], span: Span) -> frozenset[str]:
    """The words after a number until something else begins; "a year" for what looks like one."""
    if _YEAR.fullmatch(text, span.start, span.end) and _DATING.search(text[: span.start]):
        return frozenset({"a year"})
    unit: list[str] = []
    at = span.end
    for word in words:
        if word.start < span.end:
            continue
        between = text[at : word.start]
        joins = word.text.lower() in ("of", "the", "a", "an", "more", "other")
        if re.search(r"[,;:.()\"“”]", between) or (not word.key and not joins) or len(unit) == 4:
            break
        if word.key:
            unit.append(word.key)
        at = word.end
    return frozenset(unit)


def counted(claim: str, sentence: str) -> Iterator[tuple[Count, Count] | bool]:
    """For each number of the claim whether the sentence gives it, or both where it gives another of the same."""
    theirs = counts(sentence)
    for ours in counts(claim):
        if any(_same_number(ours.value, other.value) and _same_unit(ours, other) for other in theirs):
            yield True
            continue
        alike = [other for other in theirs if _same_unit(ours, other, widened=False)]
        other = next((other for other in alike if _differ(ours.value, other.value)), None)
        same_value = any(_same_number(ours.value, each.value) for each in theirs)
        yield (ours, other) if other and not (same_value and len(alike) > 1) else False


def _same_unit(one: Count, other: Count, widened: bool = True) -> bool:
    if one.value.unit and other.value.unit and one.value.unit != other.value.unit:
        return False
    wanted = one.unit.union(*(narrower(key) for key in one.unit)) if widened else one.unit
    if not widened and not one.unit:
        return not other.unit
    return not one.unit or bool(wanted & other.unit)


def _base(number: Number) -> object:
    return number.high if not number.low else number.low


def _is_vague(number: Number) -> bool:
    """Whether it is given as "thousands" or "millions"."""
    return (number.high or 10**12) >= 1000 * number.low > 0 and not number.round_to and _is_power(number.low)


def _is_power(value: Fraction) -> bool:
    return value in (12, 10**3, 10**6, 10**9, 10**12)


def _same_number(claimed: Number, found: Number) -> bool:
    """Whether the sentence gives the claim's number: the same one, or "thousands" for 4,000."""
    if (claimed.low, claimed.high) == (found.low, found.high):
        return True
    if claimed.low == claimed.high == found.low and found.high is None:
        return True  # "5 million" where the sentence says "more than 5 million"
    if claimed.low != claimed.high and found.low == found.high == (claimed.low + (claimed.high or 0)) / 2:
        return True  # "about 4,000" for 4,000
    wide = claimed.high is not None and claimed.high >= 1000 * claimed.low > 0
    return wide and claimed.low <= found.low and found.low <= (claimed.high or found.low)


def _differ(claimed: Number, found: Number) -> bool:
    """Whether the sentence gives another number, rather than the same one more or less precisely."""
    if _is_vague(claimed) or _is_vague(found):
        return not claimed.agrees(found)
    if bool(claimed.low) != bool(found.low) and _base(claimed) == _base(found):
        return claimed.high != found.high or claimed.low != found.low
    return _base(claimed) != _base(found)
