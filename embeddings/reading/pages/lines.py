"""What stands on the pages of a document that keeps no more than places: lines of text, and the rules drawn there."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

_Item = TypeVar("_Item")


Outline = Mapping[tuple[str, int], int]
"""The letters of headings and their pages, from 0; and how deep they are, from 0."""


class Line(NamedTuple):
    """Words that stand behind each other on a page, from 0: where they begin, in points from the left and the bottom.

    What runs in another direction than most of the page has the size 0.
    """

    text: str
    page: int
    x: float = 0.0
    y: float = 0.0
    """Of the base line."""
    size: float = 0.0
    """Of the font, in points."""
    bold: bool = False
    monospaced: bool = False
    right: float = 0.0
    """Where they end."""
    first: float = 0.0
    """Where the first of them ends."""


class Rule(NamedTuple):
    """A line drawn across a page, or up it: where it begins and ends, in points from the left and the bottom."""

    x: float
    y: float
    right: float
    top: float


class Page(NamedTuple):
    """The lines of a page in the order of its content, and its rules."""

    lines: Sequence[Line]
    rules: Sequence[Rule] = ()
    is_legible: bool = True
    """Whether most of what is written on it is in the lines."""


_NUMERAL = re.compile(r"\A(?:\(?(?:[ivxlcIVXLC]{1,6}|[A-Za-z])[.):]\.? |[A-Z] (?=[A-Z]))")
"""A heading's number in letters: "IV. ", "(a) ", "B "."""


def without_numeral(text: str) -> str:
    """A heading without its number in letters, which outlines often leave out.

    >>> without_numeral("IV. Pumps"), without_numeral("(a) Valves"), without_numeral("A Proofs")
    ('Pumps', 'Valves', 'Proofs')
    """
    return _NUMERAL.sub("", text)


def letters_of(text: str) -> str:
    """What a heading and its entry in an outline share, whatever their numbers and spaces."""
    return "".join(character for character in text.casefold() if character.isalpha())


def rounded(size: float) -> float:
    """A font's size, to half a point."""
    return round(size * 2) / 2


def usual_size(lines: Iterable[Line]) -> float:
    """That of most characters, in points."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[rounded(line.size)] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], size), default=0.0)


def grouped(items: Iterable[_Item], opens: Callable[[_Item, Sequence[_Item]], bool]) -> Iterator[list[_Item]]:
    """Items in groups, each of which goes on until an item opens the next."""
    group: list[_Item] = []
    for item in items:
        if group and opens(item, group):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def is_level(line: Line, other: Line) -> bool:
    """Whether lines stand on the same base line, or nearly."""
    return line.page == other.page and abs(line.y - other.y) < 0.4 * max(line.size, other.size)


def had_to_end(line: Line, following: Line, limit: float) -> bool:
    """Whether a line had no place for the next one's first word: it may run as far to the right as `limit`.

    >>> line, following = Line("Kind", 0, 72, 90, 10, right=92, first=92), Line("No", 0, 72, 78, 10, right=82, first=82)
    >>> had_to_end(line, following, 300)
    False
    """
    return line.right + following.first - following.x > limit - 0.6 * line.size
