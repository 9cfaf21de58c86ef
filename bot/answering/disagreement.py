"""Values that documents give differently, side by side.

A question that asks for one value of a kind (a number, a date, a name, yes or no) has what each document says
compared. Equal values merge, and so do those that can both be true: "over 1,900" and "2,000", "1912" and "June
1912", "Byron" and "Lord Byron". A value that goes together with two that differ, like "thousands", takes no side.
What is left are positions, and no winner is picked among them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations, pairwise
from math import inf

from bot.answering.counts import counts
from bot.answering.numerals import MONTHS
from bot.answering.values import Kind, Name, Value, mentions, value_at
from bot.answering.voices import Voice, VoiceKind
from bot.answering.words import read
from embeddings.lexical import terms
from embeddings.passages import Span

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

# Chosen by benchmarks/report_disagreement.py, as logits of the confidence in a value.
SURE = -2.75
"""Documents disagree when both of two values are at least as sure as this."""
SURER = 1.75
"""Words that are no name, number or date must be surer by so much: what somebody plays, or a kind of thing."""
SHOWN = -5.25
"""When they do, the values of other documents stand beside these if they are at least as sure as this."""
_PLAIN = 1.0
"""A number of what is counted may be less sure by so much."""
_LONGEST = 8
"""Words of a name at most."""


@dataclass(frozen=True, slots=True)
class Position:
    """One of the values that sources give, as the first of its citations writes it."""

    value: str
    citations: tuple[int, ...]
    earliest: date | None = None
    """When the first of those citations whose date is known was published, and the last."""
    latest: date | None = None
    dated: bool = False
    """Whether the date of each of them is known."""
    stance: str | None = None
    """`yes` or `no`, where a whole statement is the position."""
    voices: tuple[Voice, ...] = ()
    """Who takes that side, for each of the citations."""

    @property
    def shown(self) -> str:
        """The value; of statements, which are quoted anyway, the side they take and who speaks: "no: the club"."""
        if self.stance is None:
            return self.value
        return f"{self.stance}: {' and '.join(dict.fromkeys(map(_who, self.voices)))}"


def _who(voice: Voice) -> str:
    if voice.kind is VoiceKind.DOCUMENT:
        return "the source itself"
    return voice.name or ("unattributed" if voice.kind is VoiceKind.UNATTRIBUTED else "somebody named before")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that documents give different values for."""

    about: str
    positions: tuple[Position, ...]
    kind: Kind = Kind.NUMBER
    change_over_time: bool = False
    """Whether the documents' dates say that one value came after the other."""

    @property
    def matter(self) -> str:
        """What is differed on, in a sentence: a question of yes or no in quotation marks."""
        return f"“{self.about}”" if self.kind is Kind.STATEMENT else self.about


@dataclass(frozen=True, slots=True)
class Stated:
    """What a citation says: `value` is where in its sentence the value stands that was asked for."""

    number: int
    account: str
    sentence: str
    value: Span | None
    published: date | None = None
    passage: str = ""
    """What stands around the sentence."""
    sure: float = inf
    """How sure it is that this value answers, as a logit."""


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
    names: frozenset[str] = frozenset()
    """Those of them that name what is asked about: no part of an answer, unless a place is asked for."""

    counted: frozenset[str] = frozenset()
    """Keys of the words for what is counted."""
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
            if _YEAR.fullmatch(written) or (not self.share and _PERCENT.match(text, mention.end)):
                return False
            units = _units(text)
            own = units.get(mention.start, frozenset())
            return not own.isdisjoint(self.counted) or all(map(self.counted.isdisjoint, units.values()))
        if self.kind is Kind.DATE:
            return True
        return not self.terms.issuperset(terms(written)) and self.names.isdisjoint(terms(written)) and len(written) > 1


@lru_cache(maxsize=2_000)
def _units(text: str) -> Mapping[int, frozenset[str]]:
    """What each number of a text counts, by where it begins."""
    return {count.span.start: count.unit for count in counts(text)}


@dataclass(frozen=True, slots=True)
class _Given:
    stated: Stated
    value: Value
    written: str
    places: frozenset[str] = frozenset()
    """Terms of places that the sentence names and the question does not, where things are counted."""
    counted: frozenset[str] = frozenset()
    """What is counted, by the words behind the number."""
    nowhere: bool = False
    """The sentence names no place, and the question names the values: it may speak of any place."""


# --- what is asked for -----------------------------------------------------------------------------

_BE = r"(?:is|was|'s|’s)"
_MEASURED = (
    r"(?:number|population|percentage|share|rate|size|length|height|width|depth|distance|area|age|cost|price|value|"
    r"capacity|weight|speed|budget|salary|toll|total|average|score|elevation|temperature|turnout|attendance|revenue)"
)
_ASKS_NUMBER = re.compile(
    rf"\bhow (?:many|much|large|big|old|long|far|tall|high|wide|deep|often|fast|heavy)\b|"
    rf"\bwhat (?:{_BE} (?:the |an? )?(?:[\w'’.-]+ ){{0,4}}?)?{_MEASURED}\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:jobs?|professions?|occupations?|careers?|roles?|vocation|trade|"
    r"position(?!.{0,300} (?:play|played|playing)\b))\b",
    re.I,
)
_DEFINES = re.compile(r"\b(?:is|was|were|are|became) (?:an?|the)\b[^,;:.()]{0,300}$", re.IGNORECASE)
_SHORT = re.compile(r"\b(what|who|where|when|which)['’]s\b", re.IGNORECASE)
_DATED = r"(?:year|date|day|month|decade|century|birthday|birthdate)"
_ASKS_DATE = re.compile(
    rf"\bwhen\b (?!.{{0,300}} (?:raids|protests|demonstrations)\?)|\b(?:what|which) (?:exact )?{_DATED}\b|"
    rf"\bwhat {_BE} (?:the )?(?:[\w'’.-]+ ){{0,4}}?{_DATED}\b",
    re.IGNORECASE,
)
_ASKS_END = re.compile(
    r"\b(?:die|died|death|dissolved|disbanded|abolished|closed|end|ended|expires?d?)\b", re.IGNORECASE
)
_ASKS_SHARE = re.compile(r"\b(?:percent\w*|per cent|share|rate|proportion|much|turnout)\b", re.IGNORECASE)
_NAMED = re.compile(r"(?<=[\w\"“'’(] |[ ][\"“'’(])[A-Z][\w’'.-]+")
_PLACE = re.compile(
    rf"\b(?:[Ii]n|[Ii]nto|[Tt]o|[Aa]t|[Aa]cross|[Nn]ear|[Oo]utside) (?:the )?(?!(?:{'|'.join(MONTHS)})\b)"
    r"([A-Z][\w’'-]*(?:(?:,? (?:of )?|-)[A-Z][\w’'-]*)*)"
)
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
_ASKS_NAME = re.compile(r"\bname(?:s|d)? of\b|\b(?:is|was) .{0,300} (?:called|named)\b", re.IGNORECASE)
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
_DATES_IT = re.compile(
    r"\b(?:in|on|since|from|until|by|before|after|year|born|died|dated?|of)(?: \w+)? $|\bwhen\b", re.I
)
_LIST = re.compile(r"\b(?:what|which|who|where) (?:[\w'’-]+ ){0,3}?(?:are|were|have)\b", re.IGNORECASE)


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
        question.strip() if offered else _about(question),
        last=_ASKS_END.search(question) is not None,
        share=_ASKS_SHARE.search(question) is not None,
        terms=frozenset(terms(question)),
        names=frozenset() if _ASKS_WHERE.search(question) else _names(question),
        counted=frozenset(word.key for word in read(counts_it[1])[:3] if word.key) if counts_it else frozenset(),
        several=_SEVERAL.search(question) is not None,
        offered=offered,
    )


def _offered(question: str) -> tuple[Value, ...]:
    """The two values that a question names as alternatives: "2,000 or 4,000", "in May or in June", "Lee or Kim"."""
    for kind in (Kind.DATE, Kind.NUMBER, Kind.NAME):
        for one, other in pairwise(mentions(question, kind)):
            dated = kind is not Kind.DATE or _DATES_IT.search(question[: one.start])
            if not dated or (kind is Kind.NAME and not one.start) or not _OR.fullmatch(question[one.end : other.start]):
                continue
            values = tuple(value for span in (one, other) if (value := value_at(question, span, kind)))
            if len(values) == 2 and values[0].agrees(values[1]) is False:
                return values
    return ()


def _names(question: str) -> frozenset[str]:
    """Terms of the capitalised words, but for the first one."""
    return frozenset(term for name in _NAMED.findall(question) for term in terms(name))


def _kind(question: str) -> Kind | None:
    if _ASKS_NUMBER.search(question):
        return Kind.NUMBER
    if _ASKS_DATE.search(question):
        return Kind.DATE
    if _LIST.search(question):
        return None
    if _ASKS_WHO.search(question) or _ASKS_WHERE.search(question):
        return Kind.NAME
    if _ASKS_NAME.search(question):
        return Kind.NAME
    return Kind.WORD if _ASKS_WHICH.search(question) else None


def _about(question: str) -> str:
    counts = HOW_MANY.search(question)
    return f"how many {counts[1].strip()}" if counts else question.strip()


# --- what differs ----------------------------------------------------------------------------------


def disagreements(
    question: str, stated: Iterable[Stated], sure: float = SURE, shown: float = SHOWN, surer: float = SURER
) -> tuple[Disagreement, ...]:
    """The disagreement among the values that citations give for what is asked, if there is one.

    Of each account the surest value counts, so that it does not disagree with itself. Accounts disagree when two
    values as sure as `sure` cannot both be so; others that are as sure as `shown` stand beside these. The order of
    `stated` makes no difference.
    """
    wanted = asked(question)
    if wanted is None:
        return ()
    if wanted.kind is Kind.WORD:
        sure += surer
    if wanted.offered:
        sure = min(sure, shown)
    given = _surest([one for one in (_given(wanted, question, each) for each in stated if each.sure >= shown) if one])
    surest = _sides(
        [one for one in given if one.stated.sure >= sure - _PLAIN * (not wanted.counted.isdisjoint(one.counted))]
    )
    if not any(_differ(one, other) for one, other in combinations(surest, 2)):
        return ()
    sides = _sides(given)
    against = [any(_differ(one, other) for other in sides if other is not one) for one in sides]
    positions = [_position(side) for side, differs in zip(sides, against, strict=True) if differs]
    if len(positions) < 2:
        return ()
    changed = wanted.kind is Kind.NUMBER and one_after_the_other(positions)
    if changed:
        positions.sort(key=lambda position: position.earliest or date.min)
    else:
        positions.sort(key=lambda position: position.citations)
    return (Disagreement(wanted.about, tuple(positions), wanted.kind, changed),)


def _surest(given: Sequence[_Given]) -> list[_Given]:
    most: dict[str, float] = {}
    for one in given:
        most[one.stated.account] = max(one.stated.sure, most.get(one.stated.account, -inf))
    return [one for one in given if one.stated.sure == most[one.stated.account]]


def _given(wanted: Asked, question: str, stated: Stated) -> _Given | None:
    if stated.value is None:
        return None
    value = value_at(stated.sentence, stated.value, wanted.kind, wanted.last)
    if not wanted.offers(value) or (wanted.several and not _DEFINES.search(stated.sentence[: stated.value.start])):
        return None
    if (
        isinstance(value, Name)
        and not wanted.offered
        and (len(value.words) > _LONGEST or set(value.words) <= set(terms(question)))
    ):
        return None
    if value is None:
        return None
    written = stated.sentence[stated.value.start : stated.value.end]
    if wanted.kind is not Kind.NUMBER or not HOW_MANY.search(question):
        return _Given(stated, value, written)
    places = _places(stated.sentence, frozenset(terms(question)))
    return _Given(
        stated,
        value,
        written,
        places,
        _units(stated.sentence).get(stated.value.start, frozenset()),
        bool(wanted.offered) and not _PLACE.search(stated.sentence),
    )


def _places(sentence: str, asked: frozenset[str]) -> frozenset[str]:
    """Terms of the names that stand behind "in", "at" and the like, but for those asked about, be it as "LA"."""
    named = [place for place in _PLACE.findall(sentence) if "".join(re.findall("[A-Z]", place)).lower() not in asked]
    return frozenset(term for place in named for term in terms(place)) - asked


def _sides(given: Sequence[_Given]) -> list[list[_Given]]:
    """Values that go together; those that say most come first, and what goes with two that differ takes no side."""
    sides: list[list[_Given]] = []
    for one in sorted(given, key=lambda one: (one.value.width, repr(one.value), one.stated.number)):
        fitting = [side for side in sides if one.value.agrees(side[0].value)]
        if len(fitting) == 1:
            fitting[0].append(one)
        elif not fitting:
            sides.append([one])
    return sides


def _differ(one: Sequence[_Given], other: Sequence[_Given]) -> bool:
    """Whether two accounts say what cannot both be so."""
    return any(
        a.stated.account != b.stated.account
        and a.value.agrees(b.value) is False
        and (a.places == b.places or a.nowhere or b.nowhere)
        and (not a.counted or not b.counted or not a.counted.isdisjoint(b.counted))
        and not _says_both(a, b)
        for a in one
        for b in other
    )


def _says_both(one: _Given, other: _Given) -> bool:
    """Whether one of two names stands beside the other too, as "linebacker" beside "American football"."""
    if not isinstance(one.value, Name) or not isinstance(other.value, Name):
        return False
    return set(one.value.words) <= set(terms(other.stated.passage)) or set(other.value.words) <= set(
        terms(one.stated.passage)
    )


def _position(side: Sequence[_Given]) -> Position:
    ordered = sorted(side, key=lambda one: (one.stated.number, one.stated.value or Span(0, 0)))
    dates = [one.stated.published for one in ordered if one.stated.published]
    return Position(
        ordered[0].written,
        tuple(dict.fromkeys(one.stated.number for one in ordered)),
        min(dates, default=None),
        max(dates, default=None),
        all(one.stated.published for one in ordered),
    )


def one_after_the_other(positions: Sequence[Position]) -> bool:
    """Whether every citation has a date, and no two positions were published at the same time."""
    dated = sorted((p.earliest, p.latest) for p in positions if p.dated and p.earliest and p.latest)
    return len(dated) == len(positions) and all(a[1] < b[0] for a, b in pairwise(dated))
