"""The words of numbers, months and days, and how a year is written: one list for all who look for them."""

import re

from embeddings.numerals import DAYS, IN_FULL, MONTHS

UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
NUMBER_WORDS = [*UNITS, *TENS, *SCALES, *(f"{scale}s" for scale in SCALES), "half"]
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
ORDINAL = rf"(?:{'|'.join(ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th))"
"""An ordinal, in a word or in figures."""
NUMBER = r"\d+(?:[.,]\d+)*"
"""A number in digits."""
YEAR = re.compile(r"(?<![\w.,$€£])(?:1[5-9]|20)\d\d(?![\w%]|[.,]\d)")
"""A year from 1500 on, that is no part of another number, of a price or of a share."""
CALENDAR = "|".join((*MONTHS, *DAYS))
"""A month or a day of the week, as an alternative of a pattern."""
SHORT_CALENDAR = "|".join((*MONTHS, *DAYS, *IN_FULL))
"""The same, also where it is written short, with its capital."""


def ordinal(text: str) -> int:
    """The number of what `ORDINAL` finds, whatever its letters.

    >>> ordinal("Third"), ordinal("14th")
    (3, 14)
    """
    low = text.lower()
    return ORDINALS.index(low) + 1 if low in ORDINALS else int(low[:-2])
