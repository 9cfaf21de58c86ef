"""The documents that a question names: by words of a title or a file's name that are their own."""

from collections.abc import Set

import numpy as np

from embeddings.reading.documents import Document
from embeddings.searching.index import Index
from embeddings.splitting.terms import term_set, terms

_OTHERS = 1
"""Documents that only speak of what has a name, for each that is called so, at most: else the name is a common word."""
_SHORT = 3
"""Terms of a title that is a name, at most."""
_MOST = 50
"""Documents that speak of it, at most."""


def named_documents(question: str, index: Index) -> Set[str]:
    """The documents that are called by a word of the question, and those that speak of what is; none for no such word.

    It is a word that stands in short titles, or names of files, and in hardly any other document: "in Belmont", where
    one town's by-laws are among others'. A longer title may be a headline, and what it speaks of is told by others in
    other words. Where there are several such words, the documents that have all of them, if any.
    """
    found: list[Set[str]] = []
    for term in dict.fromkeys(terms(question)):
        owners = np.unique(index.owners[index.lexical.rows[index.lexical.postings(term)]])
        if not 0 < len(owners) <= _MOST or len(owners) == len(index.ids):
            continue
        documents = [index.document_of[index.ids[owner]] for owner in owners]
        called = sum(term in _names(document) for document in documents)
        if called and len(documents) - called <= _OTHERS * called:
            found.append({document.id for document in documents})
    return (set.intersection(*map(set, found)) or set.union(*map(set, found))) if found else frozenset()


def _names(document: Document) -> Set[str]:
    """The terms that a document is called by."""
    title = terms(document.title)
    return term_set(" ".join([*document.words_of_file, *(title if len(title) <= _SHORT else ())]))
