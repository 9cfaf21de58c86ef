"""The one value that a question asks for: a number, a date, a name, a word, or one of two that it names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from bot.english.counts import counts
from bot.english.values import Kind, Value, mentions, value_at
from bot.english.words import read
from bot.question.kinds import HOW
from embeddings.splitting.passages import Span
from embeddings.splitting.terms import term_set, terms

_FIGURE = (
    r"(?:(?<!\d[.,])\d+(?:[.,]\d+)*(?: (?:hundred|thousand|million|billion))?|"
    r"[a-z]+ (?:hundred|thousand|million|billion))"
)
HOW_MANY = re.compile(
    rf"\b(?:how many|number of|{_FIGURE},? or (?:[a-z]+ ){{0,2}}?{_FIGURE}|"
    rf"{_FIGURE}(?= [\w’' -]{{1,40}} or {_FIGURE})) "
    r"((?:\b[A-Z]\.|[^?.,;])+)",
    re.IGNORECASE,
)
"""What is counted, as a question says it: "U.S. troops were sent" of "How many" and of "2,000 or 4,000" of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The one value that a question asks for."""

    kind: Kind
    about: str
    last: bool = False
    """Of a span of time the end is asked for, not the beginning."""
    share: bool = False
    """A share is asked for: "3.5 %" may answer."""
    terms: frozenset[str] = frozenset()
    """Those of the question, which are no answer to it."""
    counts: bool = False
    """Whether things are counted."""
    counted: frozenset[str] = frozenset()
    """Keys of the words for them."""
    several: bool = False
    """A description is asked for, of which somebody can have several: what a document defines him by counts."""
    offered: tuple[Value, ...] = ()
    """The values that the question itself names: "2,000 or 4,000"."""

    def offers(self, value: Value | None) -> bool:
        """Whether this is one of the values that the question names, or it names none."""
        return not self.offered or (value is not None and sum(bool(value.agrees(each)) for each in self.offered) == 1)

    def fits(self, text: str, mention: Span) -> bool:
        """Whether what is mentioned there may be the answer, by how it is written."""
        if self.offered:
            return self.offers(value_at(text, mention, self.kind))
        written = text[mention.start : mention.end]
        if self.kind is Kind.NUMBER:
            if is_mark(text, mention):
                return False
            if _YEAR.fullmatch(written) or (not self.share and _PERCENT.match(text, mention.end)):
                return False
            units = units_of(text)
            own = units.get(mention.start, frozenset())
            return not own.isdisjoint(self.counted) or all(map(self.counted.isdisjoint, units.values()))
        if self.kind is Kind.DATE:
            return True
        return not self.terms.issuperset(terms(written)) and len(written) > 1


def is_mark(text: str, number: Span) -> bool:
    """Whether a number is the mark of an item, and counts nothing.

    >>> [is_mark("3. Bake it at 400.", Span(*place)) for place in ((0, 1), (14, 17))]
    [True, False]
    """
    line = text[text.rfind("\n", 0, number.start) + 1 : number.start]
    return not line.strip("> \t") and _MARKED.match(text, number.end) is not None


def units_of(text: str) -> Mapping[int, frozenset[str]]:
    """What each number of a text counts, by where it begins."""
    return {count.span.start: count.unit for count in counts(text)}


_BE = r"(?:is|was)"
_MEASURED = (
    r"(?:number|population|percentage|share|rate|size|length|height|width|depth|distance|area|age|cost|price|value|"
    r"capacity|weight|speed|budget|salary|toll|total|average|score|elevation|temperature|turnout|attendance|revenue)"
)
_ASKS_NUMBER = re.compile(
    rf"\bhow (?:{HOW})\b|"
    rf"\bwhat (?:{_BE} (?:the |an? )?(?:[\w'’.-]+ ){{0,4}}?)?{_MEASURED}\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:jobs?|professions?|occupations?|careers?|roles?|vocation|trade|"
    r"position(?!.{0,300} (?:play|played|playing)\b))\b",
    re.I,
)
_SHORT = re.compile(r"\b(what|who|where|when|which)['’]s\b", re.IGNORECASE)
_DATED = r"(?:year|date|day|month|decade|century|birthday|birthdate)"
_ASKS_DATE = re.compile(
    rf"\bwhen (?:is|was|were|are|did|does|do|will|would|has|have|had|can|could|should|must)\b|"
    rf"\b(?:what|which) (?:exact )?{_DATED}\b|"
    rf"\bwhat {_BE} (?:the )?(?:[\w'’.-]+ ){{0,4}}?{_DATED}\b",
    re.IGNORECASE,
)
_ASKS_END = re.compile(
    r"\b(?:die|died|death|dissolved|disbanded|abolished|closed|end|ended|expires?d?)\b", re.IGNORECASE
)
_ASKS_SHARE = re.compile(r"\b(?:percent\w*|per cent|share|rate|proportion|much|turnout)\b", re.IGNORECASE)
_MARKED = re.compile(r"[.)]\s")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_PERCENT = re.compile(r" ?(?:%|per ?cent)")
_ROLE = (
    r"(?:father|mother|husband|wife|spouse|son|daughter|brother|sister|successor|predecessor|director|author|artist|creator|composer|"
    r"producer|writer|singer|performer|editor|founder|inventor|designer|architect|owner|publisher|president|minister|governor|"
    r"mayor|chancellor|king|queen|emperor|pope|bishop|chair(?:man|woman|person)?|head|leader|chief|captain|coach|manager|commander|"
    r"secretary|ambassador|candidate|winner|champion|character|protagonist|star|host|narrator|speaker|ceo|judge)"
)
_ONE_DOES = (
    r"(?:direct|writ|wrote|compos|produc|design|found|invent|discover|creat|record|paint|sculpt|author|lead|led|own|built|build|"
    r"won|win|publish|succeed|succeeded|narrat|choreograph|coin|develop|draft|played|plays|command|coach|host)\w*"
)
_ASKS_WHO = re.compile(
    rf"\bwho(?:m|se)? (?:{_BE} (?:(?:[\w'’.-]+ ){{0,6}}?{_ROLE}\b|[\w'’.\- ]{{1,100}} married to\b)|"
    rf"(?:had |has |first |originally )?{_ONE_DOES}\b|(?:did|does) [\w'’.\- ]{{1,100}} (?:marry|succeed|play for)\b)",
    re.IGNORECASE,
)
_ASKS_WHERE = re.compile(
    rf"\bwhere {_BE} .{{0,300}}?"
    r"(?:\b(?:located|based|born|buried|headquartered|founded|built|signed|situated|from)\b|\?|$)|"
    r"\bwhere did .{0,300} (?:die|born)\b",
    re.IGNORECASE,
)
_HAS_ONE = (
    r"(?:name|title|capital|language|genre|medium|type|kind|format|style|profession|occupation|job|nationality|religion|gender|"
    r"colou?r|rank|position|party|ideology|region|country|city|town|village|state|county|province|district|continent|location|place|"
    r"address|sport|instrument|venue|currency|origin|species|family|mascot|motto|affiliation|line|river|"
    r"war|battle|operator|division|league|team|club|university|school|company|label|network|newspaper|station|airport|aircraft|"
    r"vehicle|ship|material|class|category|institution|denomination|order|dynasty|unit)"
)
_VERB = r"is|was|are|were|did|does|do|has|have|had|can|could|will|would|of|in"
_ASKS_WHICH = re.compile(
    rf"\b(?:what|which) (?!{_BE}\b)(?:(?!(?:{_VERB})\b)[\w'’-]+ ){{0,3}}?{_HAS_ONE}"
    r"(?= (?:is|was|did|does|do|has|had|of|in|refers?|belongs?|played)\b|[?]|$)|"
    r"\b(?:what|which) (?:type|kind|sort|line|form) of [\w'’-]+|"
    rf"\bwhat {_BE} (?:the |an? |[\w'’.\- ]{{1,100}}['’]s? )?(?:[\w'’-]+ ){{0,3}}?{_HAS_ONE}\b|"
    r"\bwhat (?:does|did) .{0,300} (?:refer to|mean|stand for)\b",
    re.IGNORECASE,
)
_OR = re.compile(
    r"(?: (?:[a-z’'-]+|[A-Z]\w+)){0,4}?[,;]? or (?:(?:about|only|just|rather|even|in|on|by|was|is|it|the|at) ){0,3}"
)


def asked(question: str) -> Asked | None:
    """The one value that a question asks for; None where it asks for a list, a description or a reason."""
    question = _SHORT.sub(r"\1 is", question)
    offered = _offered(question)
    counts_it = HOW_MANY.search(question)
    kind = offered[0].kind if offered else _kind(question)
    if kind is None:
        return None
    return Asked(
        kind,
        f"how many {counts_it[1].strip()}" if counts_it and not offered else question.strip(),
        last=_ASKS_END.search(question) is not None,
        share=_ASKS_SHARE.search(question) is not None,
        terms=term_set(question),
        counts=counts_it is not None,
        counted=frozenset(word.key for word in read(counts_it[1])[:3] if word.key) if counts_it else frozenset(),
        several=_SEVERAL.search(question) is not None,
        offered=offered,
    )


def _offered(question: str) -> tuple[Value, ...]:
    """The two values that a question names as alternatives: "2,000 or 4,000", "in May or in June", "Lee or Kim"."""
    for kind in (Kind.DATE, Kind.NUMBER, Kind.NAME):
        for one, other in pairwise(mentions(question, kind)):
            if (kind is Kind.NAME and not one.start) or not _OR.fullmatch(question[one.end : other.start]):
                continue
            values = tuple(value for span in (one, other) if (value := value_at(question, span, kind)))
            if len(values) == 2 and values[0].agrees(values[1]) is False:
                return values
    return ()


def _kind(question: str) -> Kind | None:
    if _ASKS_NUMBER.search(question):
        return Kind.NUMBER
    if _ASKS_DATE.search(question):
        return Kind.DATE
    if _ASKS_WHO.search(question) or _ASKS_WHERE.search(question):
        return Kind.NAME
    return Kind.WORD if _ASKS_WHICH.search(question) else None
