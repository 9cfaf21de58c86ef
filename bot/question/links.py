"""Whether a question goes on from an earlier one: what in its words says so."""

import re
from enum import Enum

from bot.english.patterns import HELPING, WORD
from embeddings.splitting.terms import STOPWORDS

_RICH = 4
"""With more words of its own, a question stands alone whatever a pronoun in it means."""
PREPOSITIONS = "in|on|at|during|with|without|under|over|through|after|before|for|since|from|by|to|about|against"
_LIGHT = frozenset(
    "also else then ok okay please tell say says said mean means meant happen happens happened thing things more most "
    "long far often old kind really still even just anything something everything nothing exactly know one ones other "
    "others same another again too yes no thanks thank first second third last i'm it's that's what's who's".split()
).union(STOPWORDS, PREPOSITIONS.split("|"))
"""Words that name nothing a question could be about."""
JOINED = r"(?:(?:and|but|or|so|then|also|ok|okay|well|now|oh)\b[, ]*)*"
"""Words that join a question to what was said before."""
_ASKING = "who|whom|whose|what|which|when|where|why|how|who['’]?s|what['’]?s|tell|show|give|explain|define|list|compare"
ASKS = re.compile(rf"\b(?:{_ASKING}|{HELPING}|i|we|you|he|she|they|it)\b", re.IGNORECASE)
"""What only a whole question has: a word of asking, a helping verb, somebody who does something."""
_ADDRESSED = re.compile(r"\b(?:you|your|u)\b", re.IGNORECASE)
"""A question to the bot about itself."""
_OPENS = re.compile(rf"{JOINED}(?:{_ASKING}|{HELPING})\b", re.IGNORECASE)

_TRUE = re.compile(
    rf"{JOINED}(?:(?:is|was|are|were) (?:this|that|it|these|those|all that) (?:\w+ly )?"
    r"(?:true|right|correct|accurate|so|a fact|the case)|really|true|true or false|fact[ -]?check(?: (?:this|that))?|"
    r"are you sure|did (?:this|that|it) (?:really |actually )?happen|(?:check|verify) (?:this|that))[?!. ]*",
    re.IGNORECASE,
)
PLACES = ("first", "second", "third", "fourth", "fifth")
ORDINAL = re.compile(
    rf"\bthe (?P<which>{'|'.join(PLACES)}|last|\d{{1,2}}(?=st|nd|rd|th))(?:st|nd|rd|th)?"
    r"(?P<noun> (?:one|point|quote|quotation|statement|source|answer|passage|result))?(?=[?!. ]{0,10}$)",
    re.IGNORECASE,
)
_PART = re.compile(
    rf"{JOINED}(?:no,? |sorry,? |oops,? )?"
    r"(?:(?:what about|how about|i mean|i meant) (?P<about>[^?!]+)|(?P<part>[^?!]+))[?!. ]*",
    re.IGNORECASE,
)
"""A part of a question, behind words that join it to another."""
_GOES_ON = re.compile(
    rf"(?:and|but|or|also|{PREPOSITIONS}|(?:so |then )?(?:what about|how about)|"
    r"(?:no,? |sorry,? |oops,? )?i mean(?:t)?)\b",
    re.IGNORECASE,
)
_UNCOUNTED = re.compile(
    rf"\bhow many(?: of (?:them|these|those))?(?= {HELPING}\b|[?!. ]{{0,10}}$)|"
    rf"^{JOINED}(?:(?:{PREPOSITIONS}) )?(?:who|what|which|how many|how much)"
    rf"(?: (?!{HELPING}\b)[a-z'’-]+){{1,2}}[?!. ]*$",
    re.IGNORECASE,
)
"""What is counted, or what happens to it, is not said: "how many were injured", "at how many places"."""
_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|hers|it|its|they|them|their|theirs|the (?:same|others?|former|latter)|"
    r"(?:this|these|those) (?!years?\b|months?\b|weeks?\b|morning|evening|times?\b|server\b|channel\b|bot\b)\w+|"
    r"(?:is|was|isn['’]?t|wasn['’]?t) (?:this|that)(?= \w+[?!. ]{0,10}$)|"
    r"(?:does|did|doesn['’]?t|didn['’]?t|will|would|can|could) (?:this|that)(?= \w)|"
    rf"(?:this|these|those|there|ones?)(?= {HELPING}\b)|(?:(?<=^)|(?<=[.;,!?] ))that(?= {HELPING}\b)|"
    rf"(?:this|that|these|those|there|ones?)(?=[?!.,]| (?:{PREPOSITIONS})\b|$))(?![\w’'])",
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
"""Behind these, a word that could be a noun is a verb."""
_OWNING = frozenset("his her its their".split())


class Link(Enum):
    """What in a question says that it goes on from an earlier one."""

    TRUTH = "is this true?"
    ORDINAL = "the second one"
    PART = "and in Chicago?"
    BARE = "why?"
    UNCOUNTED = "how many were injured?"
    PRONOUN = "how do I calibrate it?"


def link(question: str) -> Link | None:
    """What says that a question goes on from an earlier one; None where it stands alone.

    >>> link("and in Chicago?"), link("How many people came to Chicago?")
    (<Link.PART: 'and in Chicago?'>, None)
    """
    text = question.strip()
    if _TRUE.fullmatch(text):
        return Link.TRUTH
    if (found := ORDINAL.search(text)) and (found["noun"] or not contents(text[: found.start()])):
        return Link.ORDINAL
    if part_of(text):
        return Link.PART
    own = contents(text)
    if not own:
        return Link.BARE if ASKS.search(text) and not _ADDRESSED.search(text) else None
    if _UNCOUNTED.search(text) and len(own) == 1 and own[0][0].islower():
        return Link.UNCOUNTED
    if len(own) > _RICH:
        return None
    if _MORE.search(text):
        return Link.PRONOUN
    empty = [found.span() for found in _EXPLETIVE.finditer(text)]
    standing: dict[bool, re.Match[str]] = {}
    """The first pronoun of each kind: whatever precedes it precedes all others."""
    for one in _PRONOUN.finditer(text):
        if not any(start <= one.start() < end for start, end in empty):
            standing.setdefault(one[0].lower() in _OWNING, one)
    return None if all(_has_antecedent(text, pronoun) for pronoun in standing.values()) else Link.PRONOUN


def has_topic(text: str) -> bool:
    """Whether a question names anything that it is about."""
    return bool(contents(text))


def is_question(text: str) -> bool:
    """Whether a text asks something, be it of something said before; "thanks" and "that is wrong" do not."""
    return "?" in text or _OPENS.match(text) is not None or link(text) not in (None, Link.BARE, Link.PRONOUN)


def contents(text: str) -> list[re.Match[str]]:
    """The words of a text that name something."""
    return [found for found in WORD.finditer(text) if found[0].lower() not in _LIGHT]


def part_of(text: str) -> str | None:
    """The part of a question that a text consists of: "in Chicago" of "and in Chicago?"."""
    found = _PART.fullmatch(text) if _GOES_ON.match(text) else None
    part = (found["about"] or found["part"]).rstrip(" .") if found else ""
    return part if part and not ASKS.search(part) else None


def _has_antecedent(text: str, pronoun: re.Match[str]) -> bool:
    """Whether something is named before a pronoun that it can stand for: in another clause, but for "its" and "their".

    "Is the key in it?" does not ask of a key that is in itself (Chomsky's principle B).
    """
    end, before = pronoun.start(), ""
    if pronoun[0].lower() not in _OWNING:
        end = max((found.start() for found in _CLAUSE.finditer(text, 0, end)), default=0)
    for found in WORD.finditer(text, 0, end):
        low = found[0].lower()
        if low not in _LIGHT and before not in _BEFORE_VERBS:
            return True
        before = low
    return False
