"""Who is speaking in a sentence: its document, somebody the document quotes, or nobody it names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from bot.english.attribution import (
    HEADS,
    OBJECTS,
    PRONOUNS,
    QUOTE,
    Found,
    Item,
    anybody,
    attributions,
    goes_on,
    has_quotation,
    head,
    itself,
    main_clauses,
    main_subject,
    named,
    plain,
    read,
    unfinished,
)
from embeddings.passages import Passage, Span


class VoiceKind(StrEnum):
    """Whose words a sentence carries."""

    DOCUMENT = "document"
    SPEAKER = "speaker"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks. A speaker's `name` is as the text gives it, None where nothing says who "he" or "she" is."""

    kind: VoiceKind
    name: str | None = None


def voice_in(passage: Passage, span: Span) -> Voice:
    """Whom a sentence of a passage, given by its characters in the document, attributes its words to."""
    turn = passage.turn_at(span.start)
    begins = turn.said if turn else 0
    sentences = [
        passage.text[max(s.start, begins) - passage.start : s.end - passage.start]
        for s in passage.sentences
        if s.start <= span.start and s.end > begins
    ]
    return voice_of(sentences[-1] if sentences else "", sentences[:-1], turn.speaker if turn else None)


def voice_of(sentence: str, before: Sequence[str] = (), speaker: str | None = None) -> Voice:
    """Find whom a sentence attributes its words to; without an attribution, the document speaks.

    `before` are the sentences before it in the same passage, the nearest last: they say who "he" is, and whose
    quotation goes on. Where it is what a `speaker` says in a transcript, he speaks in place of the document.
    """
    voice = _voice_of(sentence, before[-_CONTEXT:])
    return Voice(VoiceKind.SPEAKER, speaker) if speaker and voice.kind is VoiceKind.DOCUMENT else voice


def _voice_of(sentence: str, before: Sequence[str]) -> Voice:
    items = read(sentence, inside=_inside(before) and goes_on(sentence, lambda: _running(before) is not None))
    found = attributions(items)
    if found and itself(found[0].who) and not found[0].aside:
        return Voice(VoiceKind.DOCUMENT)
    others = [one for one in found if not itself(one.who)]
    for one in others:
        if not anybody(one.who):
            return Voice(VoiceKind.SPEAKER, _name(one, items, before))
    if others or _hearsay(items):
        return Voice(VoiceKind.UNATTRIBUTED)
    if items and all(item.kind == QUOTE or item.text in ".!?" for item in items):
        return _running(before) or Voice(VoiceKind.UNATTRIBUTED)
    return Voice(VoiceKind.DOCUMENT)


_CONTEXT = 4
"""So many sentences before are read."""


def _inside(before: Sequence[str]) -> bool:
    """Whether the sentences end inside a quotation."""
    inside = False
    for sentence in before:
        inside = (inside or has_quotation(sentence)) and unfinished(read(sentence, inside))
    return inside


def _running(before: Sequence[str]) -> Voice | None:
    """Who spoke in the last of these sentences, quotation upon quotation."""
    inside, speaker = False, None
    for place, sentence in enumerate(before):
        items = read(sentence, inside)
        found = [one for one in attributions(items) if not itself(one.who) and not anybody(one.who)]
        if found:
            speaker = Voice(VoiceKind.SPEAKER, _name(found[0], items, before[:place]))
        elif not (items and all(item.kind == QUOTE for item in items)):
            speaker = None
        inside = unfinished(items)
    return speaker


# ------------------------------------------------------------------------------------------------- who "he" is


def _name(found: Found, items: Sequence[Item], before: Sequence[str]) -> str | None:
    """The name of whoever speaks; for a pronoun, that of the nearest subject before it that can be meant."""
    word = found.who[0].low
    pronoun = OBJECTS.get(word, word) if len(found.who) == 1 else ""
    if pronoun not in PRONOUNS:
        return plain(found.who)
    for nearer in chain([items[: found.at]], map(read, reversed(before))):
        for words in _subjects(nearer):
            if _fits(pronoun, words):
                return plain(words)
    return None


def _subjects(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """Who speaks in a sentence, then the subject of its first main clause."""
    for one in attributions(items):
        if not itself(one.who) and not anybody(one.who):
            yield one.who
    for at in main_clauses(items):
        if subject := main_subject(items, at):
            yield subject.words
            return


def _fits(pronoun: str, words: Sequence[Item]) -> bool:
    """Whether "he" can mean this: a person by name or by what they are; "they" means several, "it" a body."""
    first, noun = words[0].low, head(words)
    if first in PRONOUNS or first in ("his", "her", "their", "its") or itself(words):
        return False
    pair = any(item.low == "and" for item in words)
    body = noun in _BODIES or plain(words).isupper()
    if pronoun == "it":
        return body or named(words)
    if pronoun == "they":
        return body or pair or noun.endswith("s")
    several = pair or (noun.endswith("s") and not words[-1].capital)
    return not body and not several and (named(words) or noun in HEADS)


_BODIES = frozenset(
    "bureau department university house party company union association institute council court church league inc "
    "corporation club band team police agency ministry government administration committee commission office network "
    "organization organisation foundation group army times post news study report survey film album show".split()
)


# ------------------------------------------------------------------------------------------------- what is only heard

_BE = r"(?:is|are|was|were|been|being)(?: (?:\w+ly|also|often|now|still|sometimes))*"
_KNOWERS = r"(?:many|some|critics|scholars|historians|most|experts)"
_HEARSAY = re.compile(
    r"\b(?:(?:reported|alleged|purported|supposed)ly|rumou?red|criticised for)\b"
    rf"|\bit (?:has |had )?{_BE} (?:said|believed|thought|claimed|alleged|considered|reported|"
    r"speculated|argued|suggested|estimated)\b"
    rf"|\b{_BE} (?:criticised|criticized|accused|described|praised|blamed) (?:as|for|of)\b"
    rf"|\b{_BE} (?:said|believed|thought|alleged|reputed|understood|feared) (?:to|that|by)\b"
    rf"|\b{_BE} (?:regarded|considered|seen|viewed|acknowledged|recogni[sz]ed|hailed|credited) "
    rf"(?:as|to be|by {_KNOWERS}|one of|by .{{1,60}} as)\b"
)
_SIDE_CLAUSES = frozenset("which who whose where whom although though while that".split())


def _hearsay(items: Sequence[Item]) -> bool:
    """Whether a sentence says of its main statement that it is only said, thought or reported."""
    main: list[str] = []
    for item in items:
        if (item.low in _SIDE_CLAUSES and main) or (item.text == "," and len(main) > 6):
            break
        main.append(item.low)
    return _HEARSAY.search(" ".join(main)) is not None
