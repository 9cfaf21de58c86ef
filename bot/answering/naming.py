"""The documents that a question names: by words of a title or a file's name that are their own, or by their number."""

import re
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

import numpy as np

from bot.english.numerals import YEAR
from bot.question.numbered import is_short_for, numbers
from embeddings.reading.documents import Entry
from embeddings.searching.index import Index
from embeddings.splitting.terms import term_set, terms

_OTHERS = 1
"""Documents that only speak of what has a name, for each that is called so, at most: else the name is a common word."""
_SHORT = 3
"""Terms of a title that is a name, at most; a longer one may begin with a number by so many words."""
_MOST = 50
"""Documents that speak of it, at most."""
_PASSAGES = 20_000
"""Passages that hold a term which only a few documents do, at most."""
_BEGINNING = 3
"""Letters of a thing with which a document's number is looked for, before all that it numbers."""
_APART = re.compile(r"[/_-]+")
_DIGITS = re.compile(r"\d+")


class Named(NamedTuple):
    """The documents that a question names."""

    own: Set[str]
    """Those that are called so; none where it names none."""
    answering: Set[str]
    """Those that may answer then; what is found in others is only compared with."""


def named_documents(question: str, index: Index, ranked: Set[str]) -> Named:
    """The documents that are named by a word of the question, or by what is numbered in it, or by both if any are.

    By a word that is their own: only these may answer. By a number: all that are `ranked` may but those that have
    another.
    """
    by_word, (by_number, siblings) = _by_words(question, index), _by_numbers(question, index, ranked)
    if not by_number or (by_word and by_number.isdisjoint(by_word)):
        return Named(by_word, by_word)
    if by_word:
        return Named(by_number & by_word, by_word - siblings)
    return Named(by_number, (by_number | ranked) - siblings)


def _by_words(question: str, index: Index) -> Set[str]:
    """The documents that are called by a word of the question, and those that speak of what is.

    It is a word, no number, that stands in short titles, or names of files, and in hardly any other document: "in
    Belmont", where one town's by-laws are among others'. A longer title may be a headline, and what it speaks of is
    told by others in other words. Where there are several such words, the documents that have all of them, if any.
    """
    found: list[Set[str]] = []
    for term in dict.fromkeys(term for term in terms(question) if not term[0].isdigit()):
        entries = _holding(term, index)
        if len(entries) > _MOST or len(entries) == len(index.entries):
            continue
        called = sum(term in _names(entry) for entry in entries)
        if called and len(entries) - called <= _OTHERS * called:
            found.append({entry.id for entry in entries})
    return _in_all(found)


def _by_numbers(question: str, index: Index, ranked: Set[str]) -> tuple[Set[str], Set[str]]:
    """The documents that bear a number of the question, and those ranked that bear another of the same thing, or the
    same name but for the year: "hw-3" and "hw-2" for "hw 3", "Report 2024" and "Report 2023" for "in 2024".

    Where no document that is ranked bears another, the number tells none apart, and names none.
    """
    told = [(own, others) for own, others in _series(question, index, ranked) if others]
    all_own = _in_all([own for own, _ in told])
    return all_own, set[str]().union(*(others for _, others in told)) - all_own


def _series(question: str, index: Index, ranked: Set[str]) -> Iterator[tuple[Set[str], Set[str]]]:
    """For each thing and year that the question numbers, the documents that bear that, and those that bear another."""
    for thing, wanted in numbers(question).items():
        borne = re.compile(
            rf"(?<![a-z]){thing[:_BEGINNING]}[a-z]*[\W_]?0*(?:{'|'.join(map(str, wanted))})(?!\d)", re.IGNORECASE
        )
        near = (entry for entry in index.entries if borne.search(f"{entry.id}\n{entry.title}"))
        own = {entry.id for entry in near if _numbers_of(entry, thing) & wanted}
        entries = (index.document_of[key].entry for key in ranked - own if own)
        yield own, {entry.id for entry in entries if _numbers_of(entry, thing)}
    for year in dict.fromkeys(YEAR.findall(question)):
        dated = re.compile(rf"(?<!\d){year}(?![\W_]?\d)")
        own = {entry.id for entry in index.entries if year in entry.id + entry.title and dated.search(_called(entry))}
        names = {_DIGITS.sub("0", document) for document in own}
        yield own, {key for key in ranked - own if _DIGITS.sub("0", key) in names}


def _in_all(found: Sequence[Set[str]]) -> Set[str]:
    """What is in all sets, or where nothing is, in any."""
    return (set.intersection(*map(set, found)) or set.union(*map(set, found))) if found else frozenset()


def _numbers_of(entry: Entry, thing: str) -> set[int]:
    """The numbers of a thing that a document is called by."""
    stated = numbers(_called(entry))
    return set().union(*(numbered for name, numbered in stated.items() if is_short_for(name, thing)))


def _called(entry: Entry) -> str:
    """What may number a document, in small letters: the path of its file, and how its title begins."""
    file = "" if "://" in entry.id else _APART.sub(" ", entry.id)
    return f"{file}\n{' '.join(entry.title.split()[:_SHORT])}".lower()


def _holding(term: str, index: Index) -> list[Entry]:
    """The documents that hold a term, in their texts or in what these are read under; none of more than a few."""
    rows = index.lexical.rows[index.lexical.postings(term)]
    return [index.entries[owner] for owner in np.unique(index.owners[rows])] if len(rows) <= _PASSAGES else []


def _names(entry: Entry) -> Set[str]:
    """The terms that a document is called by."""
    title = term_set(entry.title)
    return term_set(" ".join(entry.words_of_file)) | (title if len(title) <= _SHORT else frozenset())
