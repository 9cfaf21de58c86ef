"""What stands on the pages of a document that keeps no more than places: lines of text, and the rules drawn there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

_Item = TypeVar("_Item")


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

    >>> had_to_end(Line("Be kind.", 0, 72, 90, 10, right=110), Line("No adverts.", 0, 72, 78, 10, right=125), 300)
    False
    """
    word = following.text.partition(" ")[0]
    width = (following.right - following.x) * (len(word) + 1) / len(following.text)
    return line.right + width > limit - 0.3 * line.size
