"""What form of answer a question asks for: a value in its sentence, or a passage that explains or instructs."""

import re
from enum import Enum

from bot.answering.disagreement import asked
from bot.answering.wanted import Office, Valued, Words, asks_who_says

_LONG = 40
"""Words from which on a question tells a story, and a sentence will not do for an answer."""
_QUOTED = re.compile(r'"[^"]*"|“[^“”]*”')
_HOW_TO = re.compile(
    r"\bhow (?:do|does|can|could|should|would|shall|must|may) (?:i|we|you|one|my|our|users?|someone|somebody|people)\b|"
    r"\bhow to\b|\b(?:steps?|instructions?|guide|guidance|workaround|solution|way) (?:to|for)\b|"
    r"\b(?:guide|help|show|walk|assist)(?:ing)? (?:me|us)\b|\bneed help\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?<![\w'’])(?:i|i['’]?m|i['’]?ve|my|we|our)(?![\w.])", re.IGNORECASE)
"""Somebody who speaks of himself has something to do; newspapers and encyclopaedias are asked about others."""
_VALUE = re.compile(
    r"(?:^|[.!?,:;] +|\b(?:and|so|but) )(?:how (?:many|much|old|long|far|often|big|large|tall)\b|who(?:se|m|['’]?s)?\b|"
    r"(?:what|which) (?:time|hour|day|date|week|month|year|number|percentage|share|price)\b|"
    r"what (?:did|do|does|has|have) \w.{0,200} (?:say|said|think|call|tell|told)\b|"
    r"(?:when|where) (?:is|was|were|are|did|does|do|will|would|has|have|had)(?! (?:i|we|my|our)\b)\b)",
    re.IGNORECASE,
)
"""How a question that somebody asks among other things asks for a value."""


class Form(Enum):
    """What an answer is made of."""

    VALUE = "value"
    """Sentences: a number, a date, a name, somebody's words."""
    PROCEDURE = "procedure"
    """A passage: what to do, or what to do about something that does not work."""
    OPEN = "open"
    """Sentences that are sure enough, else a passage that is: what is, why, is it possible."""


def form_of(question: str) -> Form:
    """The form of a question, by its words.

    >>> form_of("How do I export my notes?"), form_of("How many people came?"), form_of("Does it support SHA-2?")
    (<Form.PROCEDURE: 'procedure'>, <Form.VALUE: 'value'>, <Form.OPEN: 'open'>)
    """
    text = _QUOTED.sub(" ", question)
    if _HOW_TO.search(text) or _OWN.search(text) or len(text.split()) > _LONG:
        return Form.VALUE if _VALUE.search(text) else Form.PROCEDURE
    asks = (
        _VALUE.search(text)
        or Valued.of(text)
        or asked(text)
        or Words.of(text)
        or Office.of(text)
        or asks_who_says(text)
    )
    return Form.VALUE if asks else Form.OPEN
