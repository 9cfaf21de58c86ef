"""A question that goes on from another, as a model says it stands alone: taken only where it adds nothing."""

from bot.question.context import Turn
from bot.question.links import Link, contents, link
from embeddings.splitting.terms import terms, words

MOST_CHARACTERS = 300
UNDERSTOOD = frozenset({Link.PART, Link.BARE, Link.UNCOUNTED, Link.PRONOUN})
"""The ways to go on that a model is asked about; which claim or quotation is meant, our own rules say better."""
_DENYING = frozenset("no not never none nobody nothing neither nor without cannot".split())


def understood(text: str, question: str, earlier: Turn) -> str | None:
    """The question that a model made of `question`; None where that cannot be taken.

    It is one line that asks, stands alone, has every word of the question that names something, no such word that
    neither question has, and the same denials.
    """
    lines = text.strip().strip('"“”').splitlines()
    meant = " ".join(lines[0].split()) if len(lines) == 1 else ""
    if not meant.endswith("?") or len(meant) > MOST_CHARACTERS or not meant.isprintable() or link(meant) is not None:
        return None
    own, given = _named(question), _named(earlier.question)
    if not own <= _named(meant) <= own | given:
        return None
    return meant if _denials(question) <= _denials(meant) <= _denials(question) | _denials(earlier.question) else None


def _named(text: str) -> set[str]:
    """The terms of the words that name something."""
    return set(terms(" ".join(found[0] for found in contents(text))))


def _denials(text: str) -> frozenset[str]:
    shortened = "n't" in text.lower().replace("’", "'")  # "don't"
    return (_DENYING & set(words(text))) | ({"not"} if shortened else set())
