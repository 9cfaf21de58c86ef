"""A question that goes on from an earlier one, as it stands alone.

Whether it does so shows in its words, by one of the `Link`s below. What it then needs is carried over from the earlier
question, or from what was quoted in reply to it, behind the question's own words, so that its form stays its own.
"""

import re
from dataclasses import dataclass
from enum import Enum

from bot.english.numerals import CALENDAR
from embeddings.errors import BadRequest
from embeddings.lexical import STOPWORDS
from embeddings.retrieval import MAX_QUERY

NOT_SEEN = "This goes on from something I cannot see. Ask it as a whole question, or in reply to the answer you mean."
NOTHING_CLAIMED = "I cannot see which claim you mean. Write the claim itself, as a whole sentence."
NOT_SO_MANY = "I cannot tell which one you mean: the answer before has {} quotations. Ask it as a whole question."

_MOST = 200
"""Characters that are carried over."""
_RICH = 4
"""With more words of its own, a question stands alone whatever a pronoun in it means."""
_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
_PREPOSITIONS = "in|on|at|during|with|without|under|over|through|after|before|for|since|from|by|to|about|against"
_LIGHT = frozenset(
    "also else then ok okay please tell say says said mean means meant happen happens happened thing things more most "
    "long far often old kind really still even just anything something everything nothing exactly know one ones other "
    "others same another again too yes no thanks thank first second third last i'm it's that's what's who's".split()
).union(STOPWORDS, _PREPOSITIONS.split("|"))
"""Words that name nothing a question could be about."""
_JOINED = r"(?:(?:and|but|or|so|then|also|ok|okay|well|now|oh)\b[, ]*)*"
_HELPING = (
    "is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|shall|may|might|must|isn['’]?t|aren['’]?t|"
    "wasn['’]?t|weren['’]?t|don['’]?t|doesn['’]?t|didn['’]?t|can['’]?t"
)
_ASKING = "who|whom|whose|what|which|when|where|why|how|who['’]?s|what['’]?s|tell|show|give|explain|define|list|compare"
_ASKS = re.compile(rf"\b(?:{_ASKING}|{_HELPING}|i|we|you|he|she|they|it)\b", re.IGNORECASE)
"""What only a whole question has: a word of asking, a helping verb, somebody who does something."""
_ADDRESSED = re.compile(r"\b(?:you|your|u)\b", re.IGNORECASE)
_OPENS = re.compile(rf"{_JOINED}(?:{_ASKING}|{_HELPING})\b", re.IGNORECASE)

_TRUE = re.compile(
    rf"{_JOINED}(?:(?:is|was|are|were) (?:this|that|it|these|those|all that) (?:\w+ly )?"
    r"(?:true|right|correct|accurate|so|a fact|the case)|really|true|true or false|fact[ -]?check(?: (?:this|that))?|"
    r"are you sure|did (?:this|that|it) (?:really |actually )?happen|(?:check|verify) (?:this|that))[?!. ]*",
    re.IGNORECASE,
)
_PLACES = ("first", "second", "third", "fourth", "fifth")
_ORDINAL = re.compile(
    rf"\bthe (?P<which>{'|'.join(_PLACES)}|last|\d{{1,2}}(?=st|nd|rd|th))(?:st|nd|rd|th)?"
    r"(?: (?:one|point|quote|quotation|statement|source|answer|passage|result))?(?=[?!. ]{0,10}$)",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"{_JOINED}(?:no,? |sorry,? |oops,? )?"
    r"(?:(?:what about|how about|i mean|i meant) (?P<about>[^?!]+)|(?P<part>[^?!]+))[?!. ]*",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    rf"(?:and|but|or|also|{_PREPOSITIONS}|(?:so |then )?(?:what about|how about)|"
    r"(?:no,? |sorry,? |oops,? )?i mean(?:t)?)\b",
    re.IGNORECASE,
)
_WHO_SAID = re.compile(
    rf"{_JOINED}(?P<who>who (?:\w+ly )?(?:said|says|claimed|claims|wrote|writes|stated|reported|told)) "
    r"(?:that|this|it|so)[?!. ]*",
    re.IGNORECASE,
)
_UNCOUNTED = re.compile(
    rf"\bhow many(?: of (?:them|these|those))?(?= (?:{_HELPING})\b|[?!. ]{{0,10}}$)|"
    rf"^{_JOINED}(?:(?:{_PREPOSITIONS}) )?(?:who|what|which|how many|how much)"
    rf"(?: (?!(?:{_HELPING})\b)[a-z'’-]+){{1,2}}[?!. ]*$",
    re.IGNORECASE,
)
"""What is counted, or what happens to it, is not said: "how many were injured", "at how many places"."""
_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|hers|it|its|they|them|their|theirs|the (?:same|others?|former|latter)|"
    r"(?:this|these|those) (?!years?\b|months?\b|weeks?\b|morning|evening|times?\b|server\b|channel\b|bot\b)\w+|"
    r"(?:is|was|isn['’]?t|wasn['’]?t) (?:this|that)(?= \w+[?!. ]{0,10}$)|"
    r"(?:does|did|doesn['’]?t|didn['’]?t|will|would|can|could) (?:this|that)(?= \w)|"
    rf"(?:this|these|those|there|ones?)(?= (?:{_HELPING})\b)|(?:(?<=^)|(?<=[.;,!?] ))that(?= (?:{_HELPING})\b)|"
    rf"(?:this|that|these|those|there|ones?)(?=[?!.,]| (?:{_PREPOSITIONS})\b|$))(?![\w’'])",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\b(?:is|was|will|would|be) it (?:\w+ )?(?:possible|true|allowed|legal|safe|necessary|okay|ok|worth|better|best|"
    r"important|hard|easy|normal)\b|\b(?:does|did|will|would) it (?:take|cost|matter|mean|make sense)\b"
    r"(?=.{0,200} (?:to|for|when|if)\b)|\bwhat time is it\b|\bthere (?:is|are|was|were|be)\b|"
    r"\b(?:is|are|was|were) there\b",
    re.IGNORECASE,
)
"""An "it" or "there" that stands for nothing."""
_MORE = re.compile(
    r"(?<![/\w])else\b|\banother one\b|\b(?:then|too|as well|either|instead|otherwise)[?!. ]{0,10}$", re.IGNORECASE
)
"""What is asked in addition to something said before."""
_CLAUSE = re.compile(
    r"[,;.!?]|\b(?:when|if|because|that|and|but|or|while|after|before|since|who|which|what|how|why|where|to|until|so)\b",
    re.I,
)
_BEFORE_VERBS = frozenset("i we you they he she it to who not what which that can could must should".split())

_OWNING = frozenset("his her its their".split())

_REPORTED = re.compile(
    r"[^.!?,;:“”\"]{1,100}? (?:said|says|say|wrote|writes|claimed|claims|warned|announced|argued|argues|declared|"
    r"stated|reported|added|insisted|acknowledged|asserted|promised|complained)(?: \w+ \w+)? that (?=\S)",
)
_QUOTED = re.compile(r"[\"“]([^\"“”]{12,300})[\"”]")
_PHRASE = re.compile(
    rf"\b(?P<first>{_PREPOSITIONS})(?: (?!(?:{_PREPOSITIONS})\b)[^\s,;]+)+",
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
    rf"\b(?:{_DETERMINERS})(?: (?!(?:{_DETERMINERS}|of|{_PREPOSITIONS})\b)[^\s,;]+)+", re.IGNORECASE
)


class Link(Enum):
    """What in a question says that it goes on from an earlier one."""

    TRUTH = "is this true?"
    ORDINAL = "the second one"
    PART = "and in Chicago?"
    BARE = "why?"
    UNCOUNTED = "how many were injured?"
    PRONOUN = "how do I calibrate it?"


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


def link(question: str) -> Link | None:
    """What says that a question goes on from an earlier one; None where it stands alone.

    >>> link("and in Chicago?"), link("How many people came to Chicago?")
    (<Link.PART: 'and in Chicago?'>, None)
    """
    text = question.strip()
    if _TRUE.fullmatch(text):
        return Link.TRUTH
    if _ORDINAL.search(text):
        return Link.ORDINAL
    if _part(text):
        return Link.PART
    own = _content(text)
    if not own:
        return Link.BARE if _ASKS.search(text) and not _ADDRESSED.search(text) else None
    if _UNCOUNTED.search(text) and len(own) == 1 and own[0].islower():
        return Link.UNCOUNTED
    if len(own) > _RICH:
        return None
    if _MORE.search(text):
        return Link.PRONOUN
    empty = [found.span() for found in _EXPLETIVE.finditer(text)]
    for found in _PRONOUN.finditer(text):
        expletive = any(start <= found.start() < end for start, end in empty)
        if not expletive and not _has_antecedent(text, found):
            return Link.PRONOUN
    return None


def resolve(question: str, earlier: Turn | None) -> FollowUp | None:
    """A question as it stands alone, given what was asked before; None where it does so already.

    Raises BadRequest, which says what to do, where what it goes on from is not known.
    """
    linked = link(question)
    if linked is None or (earlier is None and linked in (Link.UNCOUNTED, Link.PRONOUN)):
        return None
    if linked is Link.TRUTH:
        return FollowUp(_claim(earlier), linked)
    if earlier is None or not has_topic(earlier.question):
        raise BadRequest(NOT_SEEN)
    text = _meant(question.strip(), linked, earlier)
    if len(text) > MAX_QUERY:
        raise BadRequest(NOT_SEEN)
    return FollowUp(text, linked)


def has_topic(text: str) -> bool:
    """Whether a question names anything that it is about."""
    return bool(_content(text))


def is_question(text: str) -> bool:
    """Whether a text asks something, be it of something said before; "thanks" and "that is wrong" do not."""
    return "?" in text or _OPENS.match(text) is not None or link(text) not in (None, Link.BARE, Link.PRONOUN)


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in _LIGHT]


def _part(text: str) -> str | None:
    """The part of a question that a text consists of: "in Chicago" of "and in Chicago?"."""
    found = _PART.fullmatch(text) if _GOES_ON.match(text) else None
    part = (found["about"] or found["part"]).rstrip(" .") if found else ""
    return part if part and not _ASKS.search(part) else None


def _has_antecedent(text: str, pronoun: re.Match[str]) -> bool:
    """Whether something is named before a pronoun that it can stand for: in another clause, but for "its" and "their".

    "Is the key in it?" does not ask of a key that is in itself (Chomsky's principle B).
    """
    end, before = pronoun.start(), ""
    if pronoun[0].lower() not in _OWNING:
        end = max((found.start() for found in _CLAUSE.finditer(text, 0, end)), default=0)
    for found in _WORD.finditer(text, 0, end):
        low = found[0].lower()
        if low not in _LIGHT and before not in _BEFORE_VERBS:
            return True
        before = low
    return False


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
        return _with_part(earlier.question, _part(question) or "")
    if (said := _WHO_SAID.fullmatch(question)) and earlier.quotations:
        return f"{said['who']} {_words_of(earlier.quotations[0])}?"
    return f"{question.rstrip(' ?!.')}, {_topic(earlier.question)}?"


def _topic(question: str) -> str:
    """What a question is about: all from its first word that names something on, but for what itself goes on."""
    whole = [clause for clause in question.split(", ") if link(clause) is None and has_topic(clause)]
    question = ", ".join(whole) or question
    start = next(found for found in _WORD.finditer(question) if found[0].lower() not in _LIGHT).start()
    quoted = start > 0 and question[start - 1] in '"“'
    return _clipped(question[start - quoted :].strip(" ?!."))


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST else text[:_MOST].rpartition(" ")[0] or text[:_MOST]


def _counted_out(question: str, quotations: tuple[str, ...]) -> str:
    """The question with a quotation in place of "the second one"; only that where nothing is asked of it."""
    found = _ORDINAL.search(question)
    place = _place(found["which"].lower(), len(quotations)) if found else 0
    if found is None or not 1 <= place <= len(quotations):
        raise BadRequest(NOT_SO_MANY.format(len(quotations) or "no"))
    before, behind = question[: found.start()], question[found.end() :]
    quoted = _words_of(quotations[place - 1])
    return f"{before}{quoted}{behind}" if _ASKS.search(before) else quotations[place - 1]


def _place(which: str, count: int) -> int:
    """The place that a word or a number means, from 1 on."""
    if which.isdecimal():
        return int(which)
    return count if which == "last" else _PLACES.index(which) + 1


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
