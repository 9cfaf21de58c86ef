"""Numbered things in questions: "what is rule 6", "when is assignment 3 due"."""

import re
from collections.abc import Mapping, Set
from functools import lru_cache
from typing import NamedTuple, Self

from bot.english.numerals import ORDINAL, ordinal
from bot.english.words import FUNCTION

_ASKS = re.compile(
    r"(?:(?:(?:what|which)(?:['’]?s| (?:is|was|are|does|do))?|show|quote|post|give|tell|read|remind|explain|cite) )?"
    r"(?:(?:me|us) )?(?:(?:the|your|our|this) )?(?:server )?"
    r"(?:(?:[a-z]{3,} )?(?P<thing>[a-z]{3,})(?: number| no\.?| nr\.?)? ?#?(?!(?:19|20)\d\d\b)(?P<digits>\d{1,4})|"
    r"an? (?!(?:19|20)\d\d )(?P<code>\d{3,4}) (?P<coded>[a-z]{3,})(?: code)?|"
    rf"(?P<place>{ORDINAL}) (?P<counted>[a-z]{{3,}}))"
    r"(?:,? (?:please|pls|plz|again|about|says?|states?|means?|exactly))* ?[?!.]*",
    re.IGNORECASE,
)
"""On a line without blanks beside each other."""
_THING = re.compile(
    r"\b(?P<thing>[a-z]{2,})[ -]?(?:number |no\.? ?|# ?)?(?!(?:19|20)\d\d\b)(?P<number>\d{1,4})"
    r"(?![\d%,]| ?%|:\d|(?:st|nd|rd|th)\b)|"
    rf"\b(?<!\ba )(?P<place>{ORDINAL}) (?:(?:\w+[’']s|full|ever|major) )?(?P<counted>[a-z]{{2,}})\b(?!-?\d| \d)",
    re.IGNORECASE,
)
"""Not a year; and "a second exam" is one more."""
_SHORTENED = 3
"""Letters at least of what may be short for a longer word: "lec", "vol"."""


def is_of_another(question: str, label: str) -> bool:
    """Whether a title and heading number a thing, and none as the question does: "Assignment 2", for assignment 3.

    >>> is_of_another("When is assignment 3 due?", "Assignment 2"), is_of_another("Are 3 due?", "Assignment 2")
    (True, False)
    >>> is_of_another("Who wrote RFC 32?", "rfc0044"), is_of_another("Who left in June 2024?", "June 2025")
    (True, False)
    """
    asked = numbers(question)
    stated = numbers(label) if asked else {}
    return any(thing in stated and not wanted & stated[thing] for thing, wanted in asked.items())


def is_numbered(question: str, label: str) -> bool:
    """Whether a title and heading number a thing as the question does, so that what stands below is of that."""
    asked = numbers(question)
    stated = numbers(label) if asked else {}
    return any(wanted & stated.get(thing, set()) for thing, wanted in asked.items())


@lru_cache(maxsize=1000)
def numbers(text: str) -> Mapping[str, Set[int]]:
    """The things that a text numbers, in small letters, each with its numbers; those of a question are asked for often.

    >>> numbers("the 2nd exam, hw3 and week 5 of 2024, a second time")
    {'exam': {2}, 'hw': {3}, 'week': {5}}
    """
    found: dict[str, set[int]] = {}
    for each in _THING.finditer(text):
        thing = (each["thing"] or each["counted"]).lower()
        if thing not in FUNCTION:
            number = int(each["number"]) if each["number"] else ordinal(each["place"])
            found.setdefault(thing, set()).add(number)
    return found


def is_short_for(one: str, other: str) -> bool:
    """Whether two words may say the same, one in its first letters: "lec" and "lecture", or the same word."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _SHORTENED and long.startswith(short))


class Numbered(NamedTuple):
    """One of several things that are numbered: a thing, in small letters and the singular, and its number.

    >>> Numbered.of("what's rule 6 again?"), Numbered.of("the second tip"), Numbered.of("Who broke rule 6?")
    (Numbered(thing='rule', number=6), Numbered(thing='tip', number=2), None)
    >>> Numbered.of("what does status code 417 mean"), Numbered.of("What is a 404 error?")
    (Numbered(thing='code', number=417), Numbered(thing='error', number=404))
    """

    thing: str
    number: int

    @classmethod
    def of(cls, question: str) -> Self | None:
        """That which a question asks for, if it asks for nothing else."""
        found = _ASKS.fullmatch(" ".join(question.split()))
        if not found:
            return None
        if number := found["digits"] or found["code"]:
            thing = (found["thing"] or found["coded"]).lower()
            return None if thing in FUNCTION else cls(thing, int(number))
        return cls(found["counted"].lower(), ordinal(found["place"]))

    def is_one_of(self, label: str) -> bool:
        """Whether a title or a heading names several of them: "Server rules", "Policies"."""
        many = rf"{re.escape(self.thing[:-1])}(?:{self.thing[-1]}s|ies)" if self.thing[-1] == "y" else f"{self.thing}s"
        return re.search(rf"\b{many}\b", label, re.IGNORECASE) is not None

    def is_named(self, heading: str) -> bool:
        """Whether a heading begins with its number, or with the thing and its number: "6. No spam", "Rule 6"."""
        pattern = rf"(?:{self.thing}\s+)?(?:number\s+|no\.?\s*|#\s*)?0?{self.number}(?!\d|\.\d)"
        return re.match(pattern, heading, re.IGNORECASE) is not None
