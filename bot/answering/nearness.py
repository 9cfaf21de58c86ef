"""Why a passage that comes near a question does not answer it, where the words alone say so."""

import re
from collections.abc import Sequence

from bot.english.dates import month_of
from bot.english.numerals import CALENDAR, YEAR
from bot.english.patterns import initials
from bot.english.voices import voice_in
from bot.question.forms import QuestionForm
from embeddings.messages import Message
from embeddings.searching.index import Index
from embeddings.splitting.passages import Passage, Span
from embeddings.splitting.terms import STOPWORDS, terms, words

_SHOWN = 3
"""At most so many names of a quotation are said to be what it speaks of."""
_GIVES_NONE = {
    "time of day": Message("Gives no time of day."),
    "sum of money": Message("Gives no sum of money."),
    "share": Message("Gives no share."),
    "number": Message("Gives no number."),
    "figure": Message("Gives no figure."),
    "measure": Message("Gives no measure."),
    "date": Message("Gives no date."),
    "temperature": Message("Gives no temperature."),
}
"""Of each kind of value."""


def why_not(asked: QuestionForm, passage: Passage, quoted: Span, index: Index) -> str | None:
    """What the question asks for and the passage does not hold, as a sentence; None where its words do not tell.

    `quoted` are the characters of the document that are shown. Only words of the question are called missing,
    and they stand neither in the passage nor in its heading or title; only names that are shown are called
    present.
    """
    question, document = asked.text, index.document_of[passage.document_id]
    if document.language:
        return Message("It is not in English, the only language that answers are judged in.")
    held = f"{document.title}\n{passage.heading}\n{passage.text}"
    shown = document.text[quoted.start : quoted.end]
    if document.published:
        held += f"\n{month_of(document.published)}"
    names = [name for name in _names(question) if not _mentioned(name, held)]
    years = [year for year in YEAR.findall(question) if year not in held]
    if names or years:
        there = _related(set(terms(question)).difference(*map(terms, names)), shown) if names else []
        there += dict.fromkeys(YEAR.findall(shown)) if years else []
        missing = _either([*names, *years])
        if not there:
            return Message("Does not mention {missing}.", missing=missing)
        return Message("Speaks of {present}, not of {missing}.", present=_all(there), missing=missing)
    told = dict.fromkeys(noun or word for noun, word in _TELLING.findall(question))
    telling = [word for word in told if word not in STOPWORDS and _FRAME.isdisjoint(terms(word))]
    unknown = [f"“{word}”" for word in telling if not any(map(index.lexical.knows, terms(word)))]
    if unknown:
        return Message("No document holds {words}.", words=_either(unknown))
    if asked.kind and not asked.kind.may_be_in(passage.text):
        return _GIVES_NONE[asked.kind.kind]
    if asked.words and asked.words.who and not asked.words.may_be_in(shown, voice_in(passage, quoted, index)):
        return Message("These are not the words of {name}.", name=asked.words.name)
    return None


def _names(text: str) -> list[str]:
    """The names in a text, each once: its first word is none for its capital alone."""
    stems, names = set(terms(text)), []
    for match in _NAME.finditer(text):
        parts = match[0].split()
        opens = match.start() == 0 and not stems.isdisjoint(terms(parts[0]))
        if match.start() == 0 and not opens:
            del parts[0]
        if not stems.isdisjoint(terms(" ".join(parts))) and (not opens or len(parts) > 1 or parts[0].isupper()):
            names.append(" ".join(parts))
    return list(dict.fromkeys(names))


def _mentioned(name: str, text: str) -> bool:
    """Whether the last word of the name is in the text, if only within another ("American"), or its first letters."""
    first = initials(name)
    short = {name.replace(".", "").lower(), first} if len(first) > 1 or name.isupper() else set()
    runs = {initials(run) for run in _NAME.findall(text)}
    found = set(words(text)) | set(words(text.replace(".", "")))
    parts = words(name) if _GENERIC.search(name) else words(name)[-1:]
    beginnings = tuple(word[: max(4, len(word) - 4)] for word in parts)
    return not short.isdisjoint(found | runs) or any(word.startswith(beginnings) for word in found)


def _related(asked: set[str], shown: str) -> list[str]:
    """Names in what is shown but of days, those of the question first; none where both have no word in common."""
    if asked.isdisjoint(terms(shown)):
        return []
    names = [name for name in _names(shown) if not _DATE.search(name)]
    return sorted(names, key=lambda name: asked.isdisjoint(terms(name)))[:_SHOWN]


def _either(items: Sequence[str]) -> str:
    *others, last = items
    return Message("{first} or {last}", first=", ".join(others), last=last) if others else last


def _all(items: Sequence[str]) -> str:
    *others, last = items
    return Message("{first} and {last}", first=", ".join(others), last=last) if others else last


# Nouns, by what stands before them or how they end: a verb may be there in another form ("froze")
_TELLING = re.compile(
    r"\b(?:the|an?|about|of|on|for|by|from|with|which|what|how many) "
    r"(?!(?:many|much|long|were|have|will|would|could|\w+ly)\b)([a-z]{4,})\b|"
    r"\b([a-z]{4,}(?:s|tion|ment|ness|ity|ism|ist))\b"
)
_FRAME = frozenset(
    terms(
        "mention happen describe discuss explain include involve question information detail reason various document "
        "article source answer report other others person people always perhaps besides across"
    )
)
"""Words of asking, which say nothing of what is asked about."""
_GENERIC = re.compile(r"(?:City|County|State|Province|Administration|Government|Street)$")
_NAME = re.compile(r"\b(?:[A-Z]\.)+|\b[A-Z][\w-]*(?: [A-Z][\w-]*)*")
_DATE = re.compile(rf"\d|\b(?:{CALENDAR})s?\b", re.IGNORECASE)
