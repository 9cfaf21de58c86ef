"""The order in which the lines of a page are read, where they are drawn in another."""

from collections.abc import Sequence

from embeddings.reading.pages.lines import Line, grouped, is_level, letters_of, usual_size

_LIKE = 0.07
"""By which share of the size of most text that of a line differs at most which is text, and no part of a figure."""
_LETTERS = 25
"""Of such a line, at least."""
_LINE = 0.9
"""How many times its size a line stands above the next, at least."""
_MOST = 500
"""Lines of a page that are put in order."""


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page of one column, of which text that is drawn behind what stands below it is above that.

    Only what begins where the column does has text above it; labels of a figure may have it beside them.

    >>> texts = {"Pumps": 90, "Valves": 60, "All of them lift water or heavy oil.": 75}
    >>> [line.text for line in in_order([Line(text, 0, 72, y, 10, right=199) for text, y in texts.items()])]
    ['Pumps', 'All of them lift water or heavy oil.', 'Valves']
    """
    size = usual_size(lines)
    texts = [line for line in lines if _is_text(line, size)]
    in_one_column = bool(texts) and max(line.x for line in texts) < min(line.right for line in texts)
    if not in_one_column or len(lines) > _MOST:
        return list(lines)
    left = min(line.x for line in texts) + _LINE * size
    placed: list[Line] = []
    for run in grouped(lines, lambda line, run: line.y > run[-1].y + size):
        at = len(placed)
        for line in run:
            if any(is_level(text, line) for text in texts):
                at = next(
                    (n for n, other in enumerate(placed) if other.x <= left and _is_below(other, line)), len(placed)
                )
            placed.insert(at, line)
            at += 1
    return placed


def _is_text(line: Line, size: float) -> bool:
    return abs(line.size - size) <= _LIKE * size and len(letters_of(line.text)) >= _LETTERS


def _is_below(other: Line, line: Line) -> bool:
    """Whether another line stands below one, and not beside it."""
    return other.y < line.y - _LINE * line.size and other.x < line.right and line.x < other.right
