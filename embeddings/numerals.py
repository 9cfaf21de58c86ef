"""Numbers in Roman figures, as headings have them."""

from itertools import pairwise

_FIGURES = dict(zip("IVXLC", (1, 5, 10, 50, 100), strict=True))


def roman(figures: str) -> int:
    """The number that Roman figures say, in capitals or not.

    >>> roman("XIV"), roman("xl")
    (14, 40)
    """
    values = [_FIGURES[figure] for figure in figures.upper()]
    return sum(-value if value < after else value for value, after in pairwise([*values, 0]))
