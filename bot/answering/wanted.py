"""What a question wants, as far as its form tells: terms, a kind of value, whose words, who holds an office."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.answering.attribution import HEADS, attributions, itself, main_clauses, main_subject, read
from bot.answering.numerals import CALENDAR, NUMBER, NUMBER_WORDS, ORDINALS, YEAR
from bot.answering.voices import VoiceKind, voice_of
from embeddings.lexical import Lexical, terms
from embeddings.passages import Span

_HAS_NUMBER = re.compile(rf"{NUMBER}|\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
_HAS_DATE = re.compile(rf"\b\d{{4}}\b|\b(?:{CALENDAR})\b|\bcentury\b|\b(?:today|yesterday|tomorrow)\b")
_NAME = re.compile(r"\b[A-Z][\w’'-]*")
_KINDS = (
    (re.compile(r"\bhow (?:many|much|large|big|old|long|far|often)\b|\bwhat (?:percentage|number)\b", re.I), "number"),
    (re.compile(r"\bwhen\b|\b(?:what|which|in what) (?:year|date|day|month|century|decade)\b", re.I), "date"),
    (re.compile(r"\b(?:who|whom|whose)\b|\bwhere\b|\b(?:what|which) (?:city|country|person|state)\b", re.I), "name"),
)  # fmt: skip
_PLACED = re.compile(r"\b(?:in|at|from|to|near|outside|across|throughout) (?:the )?((?:[A-Z][\w’'-]*(?: (?=[A-Z]))?)+)")
"""A name behind a preposition of place."""
_NUMBERED = (
    rf"\d|\b(?:{'|'.join(NUMBER_WORDS)}|couple|pair|single|several|few|many|most|no|none|nobody|all|every|each|once|"
    r"twice)\b"
)
_VALUES = (
    (
        "time of day",
        r"\b(?:at )?(?:what|which) (?:time|hour)\b(?! (?:period|frame|zone|span))",
        r"\d ?(?:[ap]\.?m\b|o[’']clock)|\d:\d\d|\b(?:noon|midnight|midday|dawn|dusk|sunrise|sunset|hours?|morning|"
        r"afternoon|evening|night)\b",
    ),
    (
        "sum of money",
        r"\bhow much (?:money\b|(?:d(?:oes|id|o)|w(?:ill|ould|as|ere)|is)\b[^?]{0,300}"
        r"\b(?:costs?|pay|paid|spen[dt]|earn)\b)|"
        r"\bwhat (?:is|was|were|are) (?:the |its |their )?(?:\w+ )?(?:costs?|price|budget|salary|fee)\b",
        r"[$€£¥]|\b(?:dollars?|euros?|pounds?|cents?|pence|yen|francs?|rupees?|free|nothing|\d+)\b",
    ),
    (
        "share",
        r"\b(?:what|which) (?:percentage|percent|per ?cent|share|proportion|fraction)\b",
        rf"%|\bper ?cent|\bpercent|\bthirds?\b|\bquarters?\b|\bfifths?\b|\bmajority\b|{_NUMBERED}",
    ),
    (
        "number",
        r"\bhow (?:many|old|tall|high|heavy|fast)\b|\bwhat (?:\w+ ){0,3}?number\b(?! (?:one|of (?:ways|reasons)))",
        _NUMBERED,
    ),
    (
        "measure",
        r"\bhow (?:long|far|often)\b",
        rf"{_NUMBERED}|\b(?:hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|minutes?|seconds?|until|since|"
        r"daily|weekly|monthly|yearly|annually|always|never|often|rarely|regularly|forever|permanent\w*|brief\w*|"
        r"temporar\w+|long|longer|short\w*|miles?|kilomet\w+|far)\b",
    ),
    (
        "date",
        r"^(?:and |so )?when (?:is|was|were|are|did|does|do|will|would|has|have|had|can|could)\b|"
        r"\b(?:what|which) (?:year|date|day|month)\b",
        rf"\d|\b(?:{CALENDAR}|today|yesterday|tomorrow|centur(?:y|ies)|years?|months?|weeks?|weekend|days?|night|morning|"
        r"evening|afternoon|when|after|before|during|since|until|following|once|upon|spring|summer|autumn|fall|winter|"
        r"Easter|Christmas|late|early|end|beginning|start|age|era|period|time|soon|later|while|as)\b",
    ),
)
"""Kinds of value: how a question asks for one, and what every sentence that gives one holds."""
_COMPILED = tuple((kind, re.compile(asked, re.I), re.compile(held, re.I)) for kind, asked, held in _VALUES)


@dataclass(frozen=True, slots=True)
class Valued:
    """A kind of value that a question asks for: a "number", a "date", a "time of day"."""

    kind: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, question: str) -> "Valued | None":
        """The kind; None where a question asks for none that shows in the words."""
        return next((cls(kind, held) for kind, asked, held in _COMPILED if asked.search(question)), None)

    def may_be_in(self, text: str) -> bool:
        """Whether a text can hold such a value."""
        return self.pattern.search(text) is not None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks about: terms with their rarity, names, numbers, a kind of value, words, an office."""

    terms: dict[str, float]
    names: frozenset[str]
    value: "Valued | None"
    ordinals: dict[str, frozenset[int]]
    years: frozenset[int]
    places: tuple[frozenset[str], ...]
    denies: bool
    numbers: frozenset[str]
    kind: str | None
    known: frozenset[str]
    words: "Words | None"
    office: "Office | None"

    @classmethod
    def of(cls, question: str, lexical: Lexical) -> "Wanted":
        """Read a question that is put to an index with these words."""
        weights = {term: lexical.rarity(term) for term in terms(question)}
        first = question.split()[0].strip(',.:;!?"“”‘’()')
        names = {name for name in _NAME.findall(question) if name != first or name.isupper()}
        kind = next((kind for pattern, kind in _KINDS if pattern.search(question)), None)
        return cls(
            terms=weights,
            names=frozenset(term for name in names for term in terms(name)),
            value=Valued.of(question),
            ordinals=_ordinals(question),
            years=frozenset(map(int, YEAR.findall(question))),
            places=tuple(frozenset(terms(found[1])) for found in _PLACED.finditer(question)),
            denies=_ASKS_NOT.search(question) is not None,
            numbers=frozenset(term for number in re.findall(NUMBER, question) for term in terms(number)),
            kind=kind,
            known=frozenset(filter(lexical.knows, weights)),
            words=Words.of(question),
            office=Office.of(question),
        )

    @property
    def unknown(self) -> float:
        """The share of the terms that stand nowhere in the index."""
        return 1 - len(self.known) / len(self.terms) if self.terms else 0.0

    def overlap(self, present: frozenset[str]) -> float:
        """The share of the terms that are present, weighted by rarity."""
        total = sum(self.terms.values())
        return sum(weight for term, weight in self.terms.items() if term in present) / total if total else 0.0

    def names_missing(self, present: frozenset[str]) -> float:
        """The share of the names that are not present."""
        return len(self.names - present) / len(self.names) if self.names else 0.0

    def numbers_missing(self, present: frozenset[str]) -> float:
        """The share of the numbers that are not present."""
        return len(self.numbers - present) / len(self.numbers) if self.numbers else 0.0

    def may_be_in(self, sentence: str, before: Sequence[str]) -> bool:
        """Whether the answer can stand in a sentence, as far as its words tell.

        A number cannot stand where there is none, what is asked of the first of something where only the second is
        spoken of, nor somebody's words where somebody else speaks. `before` are the sentences before it in its passage.
        """
        if self.value and not self.value.may_be_in(sentence):
            return False
        stated = _ordinals(sentence)
        if any(thing in stated and not which & stated[thing] for thing, which in self.ordinals.items()):
            return False
        return not self.words or self.words.may_be_in(sentence, before)

    def is_of_other_years(self, text: str, published: date | None) -> bool:
        """Whether a passage speaks of years, or was published in one, and of none that the question names."""
        stated = {int(year) for year in YEAR.findall(text)}
        if published:
            stated |= {published.year + turn for turn, words in _NEAR_YEARS.items() if words in text}
        return bool(self.years and stated) and self.years.isdisjoint(stated)

    def is_misplaced(self, present: frozenset[str]) -> bool:
        """Whether the question names a place that is not present."""
        return not all(place <= present for place in self.places)

    def is_doubtful_in(self, sentence: str, before: Sequence[str]) -> bool:
        """Whether the question has a "not" and the sentence and the one before have none.

        Or whether somebody's words are wanted about a thing that documents name, but not this sentence.
        """
        if self.denies and not any(_NOT.search(each) for each in (*before[-1:], sentence)):
            return True
        topic = self.words.topic if self.words else frozenset()
        return len(topic) == 1 and topic <= self.known and topic.isdisjoint(terms(sentence))

    def kind_in(self, sentence: str) -> bool | None:
        """Whether a sentence holds a value of the kind that is asked for; None where none is."""
        if self.kind is None:
            return None
        if self.kind == "number":
            return _HAS_NUMBER.search(sentence) is not None
        if self.kind == "date":
            return _HAS_DATE.search(sentence) is not None
        return any(term not in self.terms for name in _NAME.findall(sentence[1:]) for term in terms(name))


_NEAR_YEARS = {0: "", -1: "last year", 1: "next year"}
"""Words for a year beside that of publication, which itself needs none."""
_ASKS_NOT = re.compile(r"\b(?:not|never|cannot|without|except)\b|n['’]t\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|none|no|nobody|nothing|neither|nor|cannot|without|except|refus\w+|fail\w*|den(?:y|ied|ies)|avoid\w*|"
    r"prevent\w*|lack\w*|un\w+|inability|incapable|oppos\w+|reject\w*|forbid\w*|prohibit\w*|ban(?:ned|s)?)\b|n['’]t\b",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    rf"\b(?:(?P<word>{'|'.join(ORDINALS)})|(?P<digits>\d{{1,3}})(?:st|nd|rd|th)) (?:(?:\w+[’']s|full|ever|major) )?"
    r"(?P<thing>[a-z]{3,})\b",
    re.IGNORECASE,
)


def _ordinals(text: str) -> dict[str, frozenset[int]]:
    """The things that a text numbers, each with the numbers: "first year" is year 1."""
    numbered: dict[str, frozenset[int]] = {}
    for found in _ORDINAL.finditer(text):
        thing = terms(found["thing"])[0]
        place = ORDINALS.index(found["word"].lower()) + 1 if found["word"] else int(found["digits"])
        numbered[thing] = numbered.get(thing, frozenset()) | {place}
    return numbered


# ------------------------------------------------------------------------------------------------- somebody's words

_SAYING = (
    "say says said think thinks thought claim claims claimed write writes wrote written post posts posted tweet tweets "
    "announce announced argue argues argued tell tells told declare declared stated promise promised warn warns warned "
    "believe believes believed comment commented mention mentioned demand demanded complain complained suggest "
    "suggested explain explained allege alleged admit admitted acknowledge acknowledged deny denied insist insisted"
).split()
_JUDGING = (
    "call calls called describe describes described characterize characterise characterized characterised label "
    "labels labelled accuse accuses accused blame blames blamed denounce denounced criticize criticise criticized "
    "criticised compare compares compared consider considers considered portray portrays portrayed refer refers "
    "referred conclude concludes concluded"
).split()
_VERBS = "|".join(sorted({*_SAYING, *_JUDGING}, key=len, reverse=True))
_SAID = re.compile(
    r"\b(?:what|how|whom?|which (?:words?|terms?|names?|reasons?)|in (?:what|which) words)(?: \w+){0,2}? "
    rf"(?:did|does|do|has|have|had) (?P<who>[^,?]{{1,60}}?) (?:\w+ly |also |just |then )?(?P<verb>{_VERBS})\b"
    r"(?P<rest>[^?]*)",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been) (?=[^?]{0,400} by )"  # looked for first, as without it every word would be tried
    r"(?P<rest>[^?]{0,300}?)\b(?:\w+ly |also )?\b(?P<verb>\w+(?:ed|d|en|aid|old|ought)) by (?P<who>[^,?]{1,60})",
    re.IGNORECASE,
)
_WHO_SAYS = re.compile(
    rf"^(?:and |so )?who (?:was it (?:that|who) |else )?(?:\w+ly |has |had |have )*(?:{_VERBS})\b", re.IGNORECASE
)
_HELD = re.compile(
    r"\bwhat (?:is|are|was|were) (?P<who>[^,?]{1,60}?)(?:[’']s?) (?:\w+ )?"
    r"(?:views?|opinions?|reactions?|responses?|statements?|positions?|takes?|comments?|claims?|words|arguments?)\b"
    r"(?P<rest>[^?]*)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?P<rest>[^?]*?),? ?\b(?:according to|in the (?:words|view|opinion|eyes) of) (?P<who>[^,?]{1,60})", re.IGNORECASE
)
_ITSELF = re.compile(
    r"\b(?:accounts?|articles?|sources?|documents?|reports?|notes?|texts?|authors?|papers?|outlets?|newspapers?|stories|"
    r"story|pieces?|files?|writers?)$",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\s*(?:about|on|of|regarding|concerning) (?=.*\w)(.*)", re.IGNORECASE | re.DOTALL)
_NOBODY = frozenset(
    "people anyone anybody someone somebody everyone everybody they he she it you i we one bot this that there".split()
)
_TITLES = frozenset(
    terms("president governor mayor senator minister prime secretary general mr mrs ms dr sir judge us former the")
)


def asks_who_says(question: str) -> bool:
    """Whether a question is who said something."""
    return _WHO_SAYS.search(question) is not None


def _said_by(question: str) -> re.Match[str] | None:
    found = _PASSIVE.search(question)
    return found if found and found["verb"].lower() in {*_SAYING, *_JUDGING} else None


_NAMED = re.compile(r"(?:\b(against|of|for|by|to|with|from|about|on|than) )?\b[A-Z][\w-]*(?: [A-Z][\w-]*)*+([’']s?\b)?")
"""A name, with what makes it only the name of somebody something is against, of or for."""
_STANDS_FOR = re.compile(
    r"\b(?:he|she|they|it|him|her|them|who|president|governor|mayor|senator|minister|secretary|chief|king|queen)\b",
    re.I,
)
"""What may stand for the one who is named in the question."""


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody's words are wanted: `who` are the terms of the name, none for the document itself.

    `topic` is what they are to be about, none where the question asks what somebody calls a thing: who calls it
    something does not name it.
    """

    name: str
    who: frozenset[str]
    topic: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "Words | None":
        """Whose words a question asks for, and about what; None where it asks for something else."""
        found = _SAID.search(question) or _HELD.search(question) or _BY.search(question) or _said_by(question)
        if not found or not found["who"].strip():
            return None
        if found["who"].lower().split()[-1] in _NOBODY or re.search(r"[’']s? \w", found["who"]):
            return None
        about = _ABOUT.match(found["rest"])
        topic = frozenset(terms(about[1])) & frozenset(terms(question)) if about else frozenset()
        if _ITSELF.search(found["who"].strip()):
            verb = found.groupdict().get("verb") or ""
            return cls(found["who"], frozenset(), topic) if verb.lower() in _JUDGING else None
        who = frozenset(term for name in _NAME.findall(found["who"]) for term in terms(name)) - _TITLES
        return cls(found["who"].strip(), who, topic - who) if who else None

    def may_be_in(self, sentence: str, before: Sequence[str]) -> bool:
        """Whether a sentence can hold them: neither somebody else nor the document itself plainly speaks in it."""
        voice = voice_of(sentence, before)
        if not self.who:
            return voice.kind is VoiceKind.DOCUMENT
        if voice.kind is VoiceKind.SPEAKER and voice.name:
            name = frozenset(terms(voice.name))
            return self.who <= name or bool(name - _TITLES and name - _TITLES <= self.who)
        items = read(sentence)
        subjects = [found.words for at in main_clauses(items) if (found := main_subject(items, at))]
        if any(map(itself, subjects)) or any(itself(found.who) for found in attributions(items)):
            return False
        acting = [found[0] for found in _NAMED.finditer(sentence) if not found[1] and not found[2]]
        return any(not self.who.isdisjoint(terms(name)) for name in acting) or bool(_STANDS_FOR.search(sentence))


# ------------------------------------------------------------------------------------------------- offices

_WHO_HOLDS = re.compile(
    r"^(?:and |so )?who(?:[’']s| (?:is|was|are|were|runs|ran|heads|headed|leads|led|holds|held|serves|served))\b"
    r"(?P<office>[^?]*)",
    re.IGNORECASE,
)
_WHOSE_OFFICE = re.compile(
    r"^what (?:is|was|are) (?P<who>[^?]{2,60}?)(?:[’']s?) (?:\w+ )?(?:job|role|position|title|office|post)\b|"
    r"^who(?:[’']s| is| was) (?P<name>(?-i:[A-Z])[\w’'.-]*(?: (?-i:[A-Z])[\w’'.-]*){1,3}) *\??$",
    re.IGNORECASE,
)
_HOLDING = frozenset(
    terms("run head lead hold serve office current currently role post job charge name called title position person")
)
_PERSON = r"[A-Z][\w’'-]{1,40} (?:[A-Z]\. )?[A-Z][\w’'-]{1,40}"
_RANKS = frozenset("deputy acting former vice senior prime press foreign interior of".split())
_TITLE_WORD = rf"(?:[A-Z][\w’'-]{{1,40}}|{'|'.join(sorted(HEADS | _RANKS))})"
_BEFORE_NAME = re.compile(rf"((?:{_TITLE_WORD} ){{1,30}})({_PERSON})(?! [A-Z])")
_AFTER_NAME = re.compile(rf"({_PERSON}), (?:the |an? )?((?:former |acting |deputy )?[a-z][^,.;:]{{3,60}})(?=[,.;])")
_BETWEEN_COMMAS = re.compile(rf"\b[Tt]he ((?:[\w’'-]+ ){{1,6}}[\w’'-]+), ({_PERSON})(?=[,.;])")


@dataclass(frozen=True, slots=True)
class Office:
    """Who holds an office is wanted, or which office somebody holds."""

    title: frozenset[str]
    holder: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "Office | None":
        """The office or its holder that a question names; None where it asks for something else."""
        if found := _WHOSE_OFFICE.search(question):
            return cls(frozenset(), frozenset(terms(found["who"] or found["name"])))
        found = _WHO_HOLDS.search(question)
        title = frozenset(terms(found["office"])) - _HOLDING if found and found["office"].strip() else frozenset()
        return cls(title, frozenset()) if title else None

    def held_in(self, sentence: str, present: frozenset[str]) -> Span | None:
        """Where in a sentence the holder of the office stands, or the office of the holder.

        An office is a title before a name or a description beside it. What else the question says of it has to be
        present.
        """
        for title, holder in _offices(sentence):
            stated, person = set(terms(sentence[slice(*title)])), set(terms(sentence[slice(*holder)]))
            if self.holder and (self.holder <= person or person <= self.holder):
                return title
            shared = self.title & stated
            if self.title and 2 * len(shared) >= len(stated) and self.title <= shared | present:
                return holder
        return None

    def is_another_in(self, sentence: str) -> bool:
        """Whether a sentence names the holder of an office that has a word in common with this one."""
        return any(not self.title.isdisjoint(terms(sentence[slice(*title)])) for title, _ in _offices(sentence))


def _offices(sentence: str) -> list[tuple[Span, Span]]:
    """Titles or descriptions in a sentence, each with the name of whoever has it."""
    found = [(Span(*m.span(1)), Span(*m.span(2))) for m in _BEFORE_NAME.finditer(sentence)]
    found += [(Span(*m.span(2)), Span(*m.span(1))) for m in _AFTER_NAME.finditer(sentence)]
    found += [(Span(*m.span(1)), Span(*m.span(2))) for m in _BETWEEN_COMMAS.finditer(sentence)]
    return [(Span(title.start, title.start + len(sentence[slice(*title)].rstrip())), name) for title, name in found]
