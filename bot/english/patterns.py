"""What several modules look for in a text: a word, a helping verb, a title before a name, what a name begins with."""

import re

from embeddings.splitting.terms import terms

WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
"""A word as it is written: "don't", "U.S", "state-of-the-art"."""
HELPING = (
    r"(?:can['’]?t|(?:am|is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)"
    r"(?:n['’]?t)?)"
)
"""A helping verb, with its "not", as a part of a pattern."""
TITLES = frozenset(
    terms("president governor mayor senator minister prime secretary general mr mrs ms dr sir judge former")
)
"""Terms of what stands before a name and is no part of it."""


def initials(name: str) -> str:
    """The first letters of the capitalised words of a name, in small letters: "un" of "United Nations"."""
    return "".join(re.findall(r"\b[A-Z]", name)).lower()
