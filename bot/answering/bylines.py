"""Who wrote a document, by the lines between its title and its first paragraph."""

from collections.abc import Iterator, Set

from embeddings.reading.documents import Document
from embeddings.splitting.terms import term_set, terms

_HEAD = 1_000
"""Characters in which a byline is looked for."""
_LONGEST = 25
"""Words of a line that names authors; a longer one is the first paragraph."""
_CLOSED = (".", "!", "?", ":", ";")


def is_by(document: Document, name: Set[str]) -> bool:
    """Whether a byline has all terms of a name: not the title, which says whom a document is about, nor a sentence.

    >>> text = "# Why pumps matter\\n\\nJohn Hughes\\nThe University, Glasgow\\n\\nPumps matter to Ann Lee."
    >>> document = Document("a", "Why pumps matter", text, None, None, "")
    >>> is_by(document, {"hugh"}), is_by(document, {"lee"}), is_by(document, {"pump"})
    (True, False, False)
    """
    return bool(name) and any(name <= term_set(line) for line in _bylines(document))


def _bylines(document: Document) -> Iterator[str]:
    title = terms(document.title)
    for line in document.text[:_HEAD].splitlines():
        if len(line.split()) > _LONGEST:
            return
        if line.strip() and not line.rstrip().endswith(_CLOSED) and terms(line) != title:
            yield line
