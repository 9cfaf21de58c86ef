"""The documents that a question names: by words of a title or a file's name that are their own."""

from collections.abc import Set

import numpy as np

from embeddings.reading.documents import Entry
from embeddings.searching.index import Index
from embeddings.splitting.terms import term_set, terms

_OTHERS = 1
"""Documents that only speak of what has a name, for each that is called so, at most: else the name is a common word."""
_SHORT = 3
"""Terms of a title that is a name, at most."""
_MOST = 50
"""Documents that speak of it, at most."""
_PASSAGES = 20_000
"""Passages that hold a term which only a few documents do, at most."""


def named_documents(question: str, index: Index) -> Set[str]:
    """The documents that are called by a word of the question, and those that speak of what is; none for no such word.

    It is a word that stands in short titles, or names of files, and in hardly any other document: "in Belmont", where
    one town's by-laws are among others'. A longer title may be a headline, and what it speaks of is told by others in
    other words. Where there are several such words, the documents that have all of them, if any.
    """
    found: list[Set[str]] = []
    for term in dict.fromkeys(terms(question)):
        entries = _holding(term, index)
        if len(entries) > _MOST or len(entries) == len(index.entries):
            continue
        called = sum(term in _names(entry) for entry in entries)
        if called and len(entries) - called <= _OTHERS * called:
            found.append({entry.id for entry in entries})
    return (set.intersection(*map(set, found)) or set.union(*map(set, found))) if found else frozenset()


def _holding(term: str, index: Index) -> list[Entry]:
    """The documents that hold a term, in their texts or in what these are read under; none of more than a few."""
    rows = index.lexical.rows[index.lexical.postings(term)]
    return [index.entries[owner] for owner in np.unique(index.owners[rows])] if len(rows) <= _PASSAGES else []


def _names(entry: Entry) -> Set[str]:
    """The terms that a document is called by."""
    title = term_set(entry.title)
    return term_set(" ".join(entry.words_of_file)) | (title if len(title) <= _SHORT else frozenset())
