"""Counts that documents give differently, side by side."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

_UNITS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety".split(),
        [*range(1, 20), *range(20, 100, 10)],
        strict=True,
    )
)
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}

HOW_MANY = re.compile(r"\bhow many ((?:\b[A-Z]\.|[^?.,;])+)", re.IGNORECASE)
"""What is counted, as a "how many" question says it: "U.S. troops were sent"."""


_ROUGHLY = re.compile(
    r"\b(?:over|under|more than|less than|fewer than|at least|at most|up to|about|around|nearly|almost|some|"
    r"roughly|approximately|an estimated)(?: an?)?\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Position:
    """One of the values that sources give, and the citations that give it."""

    value: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that documents give different values for."""

    about: str
    positions: tuple[Position, ...]


def differing_counts(question: str, counts: Iterable[tuple[int, str, str]]) -> tuple[Disagreement, ...]:
    """The disagreement among the counts that answer a "how many" question, if there is one.

    `counts` are (citation number, document id, the count as written). Equal values merge however they are
    written. Counts that are no exact value ("thousands") take no part, and one document alone does not
    disagree with itself.
    """
    positions: dict[Fraction, list[tuple[int, str, str]]] = {}
    for count in counts:
        value = value_of(count[2])
        if value is not None:
            positions.setdefault(value, []).append(count)
    documents = [{document for _, document, _ in given} for given in positions.values()]
    if len(positions) < 2 or len(set().union(*documents)) < 2:
        return ()
    return (
        Disagreement(
            about=_counted(question),
            positions=tuple(
                Position(given[0][2], tuple(number for number, _, _ in given)) for given in positions.values()
            ),
        ),
    )


def is_exact(quote: str, start: int) -> bool:
    """Whether the count that begins at `start` of a quotation is given as it is, not as "over" or "about" so many."""
    return not _ROUGHLY.search(quote[:start])


def value_of(written: str) -> Fraction | None:
    """The number that "4,000", "four thousand" or "1.5 million" stands for; None for no exact one."""
    total = group = Fraction(0)
    found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?|[a-z]+", written.lower())
    for word in found:
        if word[0].isdigit():
            group += Fraction(word.replace(",", ""))
        elif word in _UNITS:
            group += _UNITS[word]
        elif _SCALES.get(word, 1000) < 1000:
            group = (group or Fraction(1)) * _SCALES[word]
        elif word in _SCALES:
            total, group = total + (group or 1) * _SCALES[word], Fraction(0)
        else:
            return None
    return total + group if found else None


def _counted(question: str) -> str:
    asked = HOW_MANY.search(question)
    return f"how many {asked[1].strip()}" if asked else question
