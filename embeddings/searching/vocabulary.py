"""What the documents of an index call things: their words, spellings and names, counted once, when it is built."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from embeddings.reading.documents import Document
from embeddings.splitting.terms import STOPWORDS

WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
"""A word, of letters."""
MOST_WORDS = 6
"""Names of more words are not kept; what their initials stand for is."""

_CAPITALS = re.compile(r"[A-Z][\w’'-]*+(?:(?: (?:of|the|and|for))*+ [A-Z][\w’'-]*+)*+")
"""One word with a capital or a run of them. Every word with a capital is taken whole, even one that is no run, so that
no character is looked at for a second beginning: a megabyte without a space takes no longer than one of prose."""
_CAPITAL_INSIDE = re.compile(r"[A-Z](?<=[^\W_] [A-Z]|[,;] [A-Z])[^\W\d_]*(?:[’'][^\W\d_]+)*")
"""A word with a capital that does not owe it to the beginning of a sentence. What stands before it is looked at only
where there is a capital, which takes a quarter of the time."""
_OPENERS = STOPWORDS | frozenset(
    "before after during since until under near against between across despite following".split()
)
_FIRST_CAPITALS, _FIRST_LETTERS = re.compile(r"\b[A-Z]"), re.compile(r"\b[A-Za-z]")
_CLEARLY = 3
"""What stands for initials is there so many times, and as often as they are, and as anything else with them."""


_HARDLY = 20
"""A word is hardly ever written in lower case where it is so many times as often with a capital."""


@dataclass(frozen=True, slots=True)
class Words:
    """How often documents hold each word, word with a capital inside of a sentence, and run of words with capitals.

    Each in the order of the alphabet, so that what is made of them does not depend on the order of the documents.
    """

    words: Mapping[str, int]
    inside: Mapping[str, int]
    runs: Mapping[str, int]

    @classmethod
    def of(cls, documents: Iterable[Document], removed: Iterable[Document] = (), before: "Words | None" = None) -> Self:
        """Count the titles and texts of the documents, and add that to those `before`, without those of `removed`."""
        found = [Counter(each) for each in (before.words, before.inside, before.runs)] if before else _counted(())
        for all_of, added, gone in zip(found, _counted(documents), _counted(removed), strict=True):
            all_of.update(added)
            all_of.subtract(gone)
            for word in gone:
                if not all_of[word]:
                    del all_of[word]
        return cls(*(dict(sorted(each.items())) for each in found))


def _counted(documents: Iterable[Document]) -> list[Counter[str]]:
    words: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    for document in documents:
        text = f"{document.label}\n{document.text}"
        words.update(WORD.findall(text))
        if _is_headline(document.title):
            text = document.text
        inside.update(_CAPITAL_INSIDE.findall(text))
        runs.update(run for run in _CAPITALS.findall(text) if " " in run)
    return [words, inside, runs]


def _is_headline(title: str) -> bool:
    """Whether a title has capitals that say nothing of its words: "Mayor Holds Talks on the Bridge"."""
    telling = [word for word in WORD.findall(title) if word.lower() not in STOPWORDS]
    return len(telling) > _NAME_LONG and sum(word[0].isupper() for word in telling) > _MOSTLY * len(telling)


_NAME_LONG = 3
_MOSTLY = 0.7
"""A headline has more words than a name, and so large a share of them with a capital."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of all documents of an index, and of no others."""

    counts: Mapping[str, int]
    """How often each word stands there, in lower case."""
    capitals: Mapping[str, str]
    """Word in lower case -> its spelling, of words that are hardly ever written in lower case."""
    names: Mapping[str, str]
    """Name of two words and more in lower case -> its usual spelling."""
    initials: Mapping[str, str]
    """Initials -> the name they stand for, where that is plain: "LA" -> "Los Angeles"."""

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "Vocabulary":
        """Count the titles and texts of the documents, in time linear in their length."""
        return cls.counted(Words.of(documents))

    @classmethod
    def counted(cls, found: Words) -> "Vocabulary":
        """That of documents whose words were counted."""
        counts: Counter[str] = Counter()
        for word, count in found.words.items():
            counts[word.lower()] += count
        names: Counter[str] = Counter()
        for run, count in found.runs.items():
            for name in _parts(run):
                names[name] += count
        return cls(
            counts=dict(counts),
            capitals={
                low: word
                for low, word in _usual(found.inside).items()
                if found.words.get(low, 0) * _HARDLY <= found.inside[word]
            },
            names={low: name for low, name in _usual(names).items() if name.count(" ") < MOST_WORDS},
            initials={
                short: name
                for short, name in _by_initials(names).items()
                if names[name] >= _CLEARLY * max(counts[short.lower()], 1)
            },
        )


def _usual(spellings: Mapping[str, int]) -> dict[str, str]:
    """The most frequent spelling of each, by the same in lower case; of several the last one of the alphabet."""
    ordered = sorted(spellings, key=lambda spelling: (spellings[spelling], spelling))
    return {spelling.lower(): spelling for spelling in ordered}


def _parts(run: str) -> Iterator[str]:
    """A run of words with capitals, and what "and" joins in it, each without an opening such as "In"."""
    for part in dict.fromkeys([run, *run.split(" and ")]):
        words = part.split()
        first, behind = 0, len(words)
        while first < behind and words[first].lower() in _OPENERS:
            first += 1
        while first < behind and words[behind - 1].lower() in STOPWORDS:
            behind -= 1
        if behind - first > 1:
            yield " ".join(words[first:behind])


def _by_initials(names: Counter[str]) -> dict[str, str]:
    """What stands for initials where that is plain: one name with them, or one far more often than any other."""
    found: dict[str, Counter[str]] = {}
    for name, count in names.items():
        if any(len(word) == 1 for word in name.split()):
            continue  # GitHub B.V. is no gigabyte
        for letter in (_FIRST_CAPITALS, _FIRST_LETTERS):  # DHS, the Department of Homeland Security; DOJ, of Justice
            found.setdefault("".join(letter.findall(name)).upper(), Counter())[name] = count
    plain = {}
    for initials, each in found.items():
        alone = Counter({name: count for name, count in each.items() if " and " not in name}) or each
        (first, most), *others = alone.most_common(2)
        if not others or most >= _CLEARLY * others[0][1]:
            plain[initials] = first
    return plain
