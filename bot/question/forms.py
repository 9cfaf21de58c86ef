"""A question, read once: the form of answer it asks for, and what of it shows in the words of an answer."""

import re
from dataclasses import dataclass
from enum import Enum

from bot.question.asked import Asked, asked
from bot.question.kinds import HOW, Valued
from bot.question.numbered import Numbered
from bot.question.offices import Office
from bot.question.proposed import proposed
from bot.question.sections import Section
from bot.question.speech import Words, asks_who_says

_LONG = 40
"""Words from which on a question tells a story, and a sentence will not do for an answer."""
_SHORT = 25
"""Words up to which somebody who has something to do may ask for one thing, and no more."""
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
    rf"(?:^|[.!?,:;] +|\b(?:and|so|but) )(?:how (?:{HOW})\b|who(?:se|m|['’]?s)?\b|"
    r"(?:what|which) (?:time|hour|day|date|week|month|year|number|percentage|share|price|temp(?:erature)?)\b|"
    r"what (?:did|do|does|has|have) \w.{0,200} (?:say|said|think|call|tell|told)\b|"
    r"(?:when|where) (?:is|was|were|are|did|does|do|will|would|has|have|had)(?! (?:i|we|my|our)\b)\b|"
    r"(?:by )?when (?:do|does|did|must|should) (?:i|we) (?:have|need) to\b)",
    re.IGNORECASE,
)
"""How a question that somebody asks among other things asks for a value."""
_THING = re.compile(
    r"(?:^|[.!?,:;–-] +|\b(?:and|so|but|know|tell me) )"
    r"(?:which|who(?:se|m|['’]?s)?|what(?:['’]?s)?(?! (?:do|should|can|could|must|am|are|shall|to) "
    r"(?:(?:i|we) )?(?:do|supposed|need|have)\b)|"
    r"(?:where|when) (?:is|was|are|were|do|does|did|will|would|can|could|should|must|shall))\b",
    re.IGNORECASE,
)
"""How a question asks for a thing; not "what should I do", nor what happens "when I press save"."""


class Form(Enum):
    """What an answer is made of."""

    VALUE = "value"
    """Sentences: a number, a date, a name, somebody's words."""
    PROCEDURE = "procedure"
    """A passage: what to do, or what to do about something that does not work."""
    OPEN = "open"
    """Sentences that are sure enough, else a passage that is: what is, why, is it possible."""


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """A question, read once: what it asks for, by its words.

    >>> QuestionForm.of("How do I export my notes?").answer, QuestionForm.of("How many people came?").answer
    (<Form.PROCEDURE: 'procedure'>, <Form.VALUE: 'value'>)
    """

    text: str
    answer: Form
    value: Asked | None
    """The one value that is asked for, which documents can differ on."""
    kind: Valued | None
    """The kind of value that shows in the words of every sentence that gives one."""
    words: Words | None
    """Whose words are asked for."""
    who_says: bool
    """Whether it is asked who said something."""
    office: Office | None
    numbered: Numbered | None
    section: Section | None
    """The part of a document that is asked for by its number."""
    proposed: str | None
    """What a question answered by yes or no puts forward."""
    thing: bool
    """Whether somebody with something to do asks for one thing, which a sentence may hold: "which port do I open"."""

    @classmethod
    def of(cls, question: str, reported: bool = False, authored: bool = False) -> "QuestionForm":
        """Read a question that is put to documents that report what people say, or all say what one person does."""
        value, kind, office = asked(question), Valued.of(question), Office.of(question)
        words = None if authored else Words.of(question, reported)
        who_says = asks_who_says(question)
        sought = bool(value or kind or words or office or who_says)
        return cls(
            question,
            _form(question, sought),
            value,
            kind,
            words,
            who_says,
            office,
            Numbered.of(question),
            Section.of(question),
            proposed(question),
            _asks_thing(question),
        )


def _asks_thing(question: str) -> bool:
    told = len(question.split()) > _SHORT or _HOW_TO.search(question)
    return not told and _THING.search(_QUOTED.sub(" ", question)) is not None


def _form(question: str, sought: bool) -> Form:
    """The form of a question; `sought` says whether something is asked for that a sentence holds."""
    text = _QUOTED.sub(" ", question)
    valued = _VALUE.search(text) is not None
    if _HOW_TO.search(text) or _OWN.search(text) or len(text.split()) > _LONG:
        return Form.VALUE if valued else Form.PROCEDURE
    return Form.VALUE if valued or sought else Form.OPEN
