"""A question that goes on from an earlier one, as it stands alone.

What it needs is carried over from the earlier question, or from what was quoted in reply to it, behind the question's
own words, so that its form stays its own; a part of a question takes the place of its like in the earlier one.
"""

import re
from dataclasses import dataclass

from bot.english.numerals import CALENDAR
from bot.question.links import ASKS, JOINED, ORDINAL, PLACES, PREPOSITIONS, Link, contents, has_topic, link, part_of
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.retrieval import MAX_QUERY

NOT_SEEN = Message(
    "This goes on from something I cannot see. Ask it as a whole question, or in reply to the answer you mean."
)
NOTHING_CLAIMED = Message("I cannot see which claim you mean. Write the claim itself, as a whole sentence.")

_MOST = 200
"""Characters that are carried over."""
_ADDS = re.compile(r"(?:and|but|or|also)\b", re.IGNORECASE)
_WHO_SAID = re.compile(
    rf"{JOINED}(?P<who>who (?:\w+ly )?(?:said|says|claimed|claims|wrote|writes|stated|reported|told)) "
    r"(?:that|this|it|so)[?!. ]*",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"[^.!?,;:“”\"]{1,100}? (?:said|says|say|wrote|writes|claimed|claims|warned|announced|argued|argues|declared|"
    r"stated|reported|added|insisted|acknowledged|asserted|promised|complained)(?: \w+ \w+)? that (?=\S)",
)
_QUOTED = re.compile(r"[\"“]([^\"“”]{12,300})[\"”]")
_PHRASE = re.compile(
    rf"\b(?P<first>{PREPOSITIONS})(?: (?!(?:{PREPOSITIONS})\b)[^\s,;]+)+",
    re.IGNORECASE,
)
_TIME = re.compile(
    rf"\d|\b(?:{CALENDAR}|mornings?|evenings?|nights?|days?|weeks?|months?|years?|today|yesterday)\b", re.I
)
_NAMED = re.compile(r"(?<=[ (])[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*")
_PLACE = re.compile(r"(?:(?i:in|at|to|from)) [A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*")
_CIRCUMSTANCE = re.compile(r"(?:in|on|at|during|with|without|under|over|through|after|before)\b", re.IGNORECASE)
_DETERMINERS = "the|a|an|my|our|your"
_DETERMINED = re.compile(
    rf"\b(?:{_DETERMINERS})(?: (?!(?:{_DETERMINERS}|of|{PREPOSITIONS})\b)[^\s,;]+)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What was asked before, as it stands alone, and what was quoted in reply, best first."""

    question: str
    quotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question that goes on from another, as it stands alone; where it asks the truth of a claim, that claim."""

    text: str
    link: Link


def resolve(question: str, earlier: Turn | None) -> FollowUp | None:
    """A question as it stands alone, given what was asked before; None where it does so already.

    Where nothing was, one with words of its own is left as it is. Raises BadRequest, which says what to do, where what
    is missing is not known.
    """
    linked, question = link(question), question.strip()
    if linked is None:
        return None
    if linked is Link.TRUTH:
        return FollowUp(_claim(earlier), linked)
    if earlier is None or not has_topic(earlier.question):
        if linked in (Link.ORDINAL, Link.BARE) or (linked is Link.PART and _ADDS.match(question)):
            raise BadRequest(NOT_SEEN)
        return None
    text = _meant(question, linked, earlier)
    if len(text) > MAX_QUERY:
        raise BadRequest(NOT_SEEN)
    return FollowUp(text, linked)


def _claim(earlier: Turn | None) -> str:
    """The claim whose truth is asked: what was quoted first, else what was said."""
    claim = next(iter(earlier.quotations), earlier.question) if earlier else ""
    if not has_topic(claim) or claim.rstrip().endswith("?") or len(claim) > MAX_QUERY:
        raise BadRequest(NOTHING_CLAIMED)
    return claim


def _meant(question: str, linked: Link, earlier: Turn) -> str:
    if linked is Link.ORDINAL:
        return _counted_out(question, earlier.quotations)
    if linked is Link.PART:
        return _with_part(earlier.question, part_of(question) or "")
    if (said := _WHO_SAID.fullmatch(question)) and earlier.quotations:
        return f"{said['who']} {_words_of(earlier.quotations[0])}?"
    return f"{question.rstrip(' ?!.')}, {_topic(earlier.question)}?"


def _topic(question: str) -> str:
    """What a question is about: all from its first word that names something on, but for what itself goes on."""
    whole = [clause for clause in question.split(", ") if link(clause) is None and has_topic(clause)]
    question = ", ".join(whole) or question
    start = contents(question)[0].start()
    quoted = start > 0 and question[start - 1] in '"“'
    return _clipped(question[start - quoted :].strip(" ?!."))


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST else text[:_MOST].rpartition(" ")[0] or text[:_MOST]


def _counted_out(question: str, quotations: tuple[str, ...]) -> str:
    """The question with a quotation in place of "the second one"; only that where nothing is asked of it."""
    found = ORDINAL.search(question)
    place = _place(found["which"].lower(), len(quotations)) if found else 0
    if found is None or not 1 <= place <= len(quotations):
        raise BadRequest(_not_so_many(len(quotations)))
    before, behind = question[: found.start()], question[found.end() :]
    quoted = _words_of(quotations[place - 1])
    return f"{before}{quoted}{behind}" if ASKS.search(before) else quotations[place - 1]


def _not_so_many(count: int) -> Message:
    if not count:
        return Message(
            "I cannot tell which one you mean: the answer before has no quotations. Ask it as a whole question."
        )
    return Message.counted(
        "I cannot tell which one you mean: the answer before has {n} quotations. Ask it as a whole question.",
        "I cannot tell which one you mean: the answer before has {n} quotations. Ask it as a whole question.",
        count,
    )


def _place(which: str, count: int) -> int:
    """The place that a word or a number means, from 1 on."""
    if which.isdecimal():
        return int(which)
    return count if which == "last" else PLACES.index(which) + 1


def _words_of(quotation: str) -> str:
    """What somebody says in a quotation, without who says it: "that it rains" of "Ann said that it rains."."""
    text = " ".join(quotation.split()).rstrip(" .")
    reported, repeated = _REPORTED.match(text), max(_QUOTED.findall(text), key=len, default="")
    if reported:
        return f"that {_clipped(text[reported.end() :])}"
    return f"“{_clipped(repeated or text)}”"


def _with_part(question: str, part: str) -> str:
    """The question with a part in place of its own of the same kind: a place, a time, a name; else with both."""
    stem = question.rstrip(" ?!.")
    slot = _phrase_like(stem, part) or _only(_NAMED, stem, part) or _only(_DETERMINED, stem, part)
    return f"{stem[: slot[0]]}{part}{stem[slot[1] :]}?" if slot else f"{stem}, {part}?"


def _phrase_like(stem: str, part: str) -> tuple[int, int] | None:
    """Where the phrase stands that begins as a part does, or is the only one of its kind; a time for a time only."""
    first, timed = part.split()[0].lower(), _TIME.search(part) is None
    like = [found for found in _PHRASE.finditer(stem) if (_TIME.search(found[0]) is None) is timed]
    if same := [found.span() for found in like if found["first"].lower() == first]:
        return same[-1]
    for kind in (_PLACE, _CIRCUMSTANCE):
        of_kind = [found.span() for found in like if kind.match(found[0])]
        if len(of_kind) == 1 and kind.match(part):
            return of_kind[0]
    return None


def _only(pattern: re.Pattern[str], stem: str, part: str) -> tuple[int, int] | None:
    """Where the only one of a kind stands, if the whole part is of that kind; of several none is picked."""
    places = [found.span() for found in pattern.finditer(stem)]
    return places[0] if len(places) == 1 and pattern.fullmatch(f" {part}", 1) else None
