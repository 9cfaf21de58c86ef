"""Numbers in Roman figures, as headings have them, and how months and days are written short."""

from itertools import pairwise

_FIGURES = dict(zip("IVXLC", (1, 5, 10, 50, 100), strict=True))

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
IN_FULL = {name[:3]: name for name in (*MONTHS, *DAYS) if name[:3] not in ("May", "Sat", "Sun")}
IN_FULL |= {"Sept": "September", "Tues": "Tuesday", "Thur": "Thursday", "Thurs": "Thursday"}
"""Months and days by what is written short for them, but for what is a word of its own."""


def roman(figures: str) -> int:
    """The number that Roman figures say, in capitals or not.

    >>> roman("XIV"), roman("xl")
    (14, 40)
    """
    values = [_FIGURES[figure] for figure in figures.upper()]
    return sum(-value if value < after else value for value, after in pairwise([*values, 0]))
