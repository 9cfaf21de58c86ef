"""What a question wants of the sentences of an index: terms, a kind of value, whose words, who holds an office."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from bot.english.dates import month_of
from bot.english.numerals import NUMBER, NUMBER_WORDS, SHORT_CALENDAR, YEAR
from bot.english.voices import Voice
from bot.question.forms import QuestionForm
from bot.question.kinds import HOW, Valued
from bot.question.offices import Office
from bot.question.speech import NAME, Words
from embeddings.numerals import DAYS, IN_FULL, MONTHS
from embeddings.searching.lexical import Lexical
from embeddings.splitting.terms import term_set, terms

_HAS_NUMBER = re.compile(rf"{NUMBER}|\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
_HAS_DATE = re.compile(rf"\b\d{{4}}\b|\b(?:{SHORT_CALENDAR})\b|\bcentury\b|\b(?:today|yesterday|tomorrow)\b")
_KINDS = (
    (re.compile(rf"\bhow (?:{HOW})\b|\bwhat (?:percentage|number)\b", re.I), "number"),
    (re.compile(r"\bwhen\b|\b(?:what|which|in what) (?:year|date|day|month|century|decade)\b", re.I), "date"),
    (re.compile(r"\b(?:who|whom|whose)\b|\bwhere\b|\b(?:what|which) (?:city|country|person|state)\b", re.I), "name"),
)  # fmt: skip
_PLACED = re.compile(r"\b(?:in|at|from|to|near|outside|across|throughout) (?:the )?((?:[A-Z][\w’'-]*(?: (?=[A-Z]))?)+)")
"""A name behind a preposition of place."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks about: terms with their rarity, names, numbers, a kind of value, words, an office."""

    terms: dict[str, float]
    names: frozenset[str]
    value: Valued | None
    years: frozenset[int]
    days: tuple[frozenset[str], frozenset[str]]
    places: tuple[frozenset[str], ...]
    denies: bool
    numbers: frozenset[str]
    kind: str | None
    known: frozenset[str]
    words: Words | None
    office: Office | None

    @classmethod
    def of(cls, asked: QuestionForm, lexical: Lexical) -> "Wanted":
        """A question that is put to an index with these words."""
        question = asked.text
        weights = {term: lexical.rarity(term) for term in terms(question)}
        first = question.split()[0].strip(',.:;!?"“”‘’()')
        names = {name for name in NAME.findall(question) if name != first or name.isupper()}
        kind = next((kind for pattern, kind in _KINDS if pattern.search(question)), None)
        return cls(
            terms=weights,
            names=frozenset(term for name in names for term in terms(name)),
            value=asked.kind,
            years=frozenset(map(int, YEAR.findall(question))),
            days=_days(question),
            places=tuple(term_set(found[1]) for found in _PLACED.finditer(question)),
            denies=_ASKS_NOT.search(question) is not None,
            numbers=frozenset(term for number in re.findall(NUMBER, question) for term in terms(number)),
            kind=kind,
            known=frozenset(filter(lexical.knows, weights)),
            words=asked.words,
            office=asked.office,
        )

    def overlap(self, present: frozenset[str]) -> float:
        """The share of the terms that are present, weighted by rarity."""
        total = sum(self.terms.values())
        return sum(weight for term, weight in self.terms.items() if term in present) / total if total else 0.0

    def introduced(self, sentence: str, names: Iterable[frozenset[str]]) -> float:
        """How far a sentence introduces what is asked about, from 0 to 1: with "A goat is …", what a goat is.

        It is the share of the question's terms that the sentence begins with, times how nearly these are one of
        `names`, the terms of a title or a heading that it stands under (Jaccard).
        """
        lead = frozenset(takewhile(self.terms.__contains__, terms(sentence)))
        return self.overlap(lead) * max(len(lead & name) / len(lead | name) if lead else 0.0 for name in names)

    def names_missing(self, present: frozenset[str]) -> float:
        """The share of the names that are not present."""
        return len(self.names - present) / len(self.names) if self.names else 0.0

    def may_be_in(self, sentence: str, voice: Voice | None = None) -> bool:
        """Whether the answer can stand in a sentence, as far as its words tell.

        A number cannot stand where there is none, what is asked of a Sunday where only a Monday is named, nor
        somebody's words where somebody else speaks: `voice` is whose the sentence is, where words are asked for.
        """
        if self.value and not self.value.may_be_in(sentence):
            return False
        if any(
            named and others and not named & others for named, others in zip(self.days, _days(sentence), strict=True)
        ):
            return False
        return not self.words or voice is None or self.words.may_be_in(sentence, voice)

    def dated(self, published: date) -> frozenset[str]:
        """The terms of the year and the month that the question names, where a document was published then.

        A report of December 2010 says "in the November elections", and a question "in the 2010 elections".
        """
        named = {*self.days[0], *map(str, self.years)}
        return term_set(" ".join(named.intersection(month_of(published).split())))

    def is_of_other_years(self, text: str, published: date | None) -> bool:
        """Whether a passage speaks of years, or was published in one, and of none that the question names."""
        stated = {int(year) for year in YEAR.findall(text)}
        if published:
            stated.add(published.year)
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

    def kind_missing(self, sentence: str) -> bool:
        """Whether a sentence holds no value of the kind that is asked for."""
        match self.kind:
            case None:
                return False
            case "number":
                return not _HAS_NUMBER.search(sentence)
            case "date":
                return not _HAS_DATE.search(sentence)
        return all(term in self.terms for name in NAME.findall(sentence[1:]) for term in terms(name))


_DAY = re.compile(rf"\b(?:{SHORT_CALENDAR})\b")
_ASKS_NOT = re.compile(r"\b(?:not|never|cannot|without|except)\b|n['’]t\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|never|none|no|nobody|nothing|neither|nor|cannot|without|except|refus\w+|fail\w*|den(?:y|ied|ies)|avoid\w*|"
    r"prevent\w*|lack\w*|un\w+|inability|incapable|oppos\w+|reject\w*|forbid\w*|prohibit\w*|ban(?:ned|s)?)\b|n['’]t\b",
    re.IGNORECASE,
)


def _days(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The months and the days of the week that a text names."""
    named = frozenset(IN_FULL.get(name, name) for name in _DAY.findall(text))
    return named.intersection(MONTHS), named.intersection(DAYS)
