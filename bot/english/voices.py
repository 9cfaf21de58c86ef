"""Who is speaking in a sentence: its document, somebody the document quotes, or nobody it names."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice, takewhile

from bot.english.attribution import (
    HEADS,
    OBJECTS,
    PRONOUNS,
    QUOTE,
    Found,
    Item,
    anybody,
    attributions,
    ends_in,
    goes_on,
    has_quotation,
    head,
    introduced,
    itself,
    named,
    plain,
    read,
    subjects,
    unfinished,
)
from embeddings.searching.index import Index
from embeddings.splitting.passages import Passage, Span

Items = tuple[Item, ...]
"""A sentence, read."""


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


def voice_in(passage: Passage, span: Span, index: Index) -> Voice:
    """Whom a sentence of a passage, given by its characters in the document, attributes its words to."""
    turn = passage.turn_at(span.start)
    if turn:
        begins, ends, around = turn.said, turn.end, [passage]
    else:
        last, following = index.neighbours(passage)
        begins, ends = 0, following.end if following else passage.end
        around = [each for each in (last, passage, following) if each and each.heading == passage.heading]
    said: dict[int, str] = {}
    opening: set[int] = set()
    for each in around:
        wrapped = any("\n" in each.text_of(s) for s in each.sentences)
        before = each.start
        for s in each.sentences:
            if s.end > begins and s.start < ends:
                said[s.start] = each.text[max(s.start, begins) - each.start : s.end - each.start]
            if each.text.count("\n", before - each.start, s.start - each.start) > wrapped:
                opening.add(s.start)
            before = s.end
    starts = sorted(said)
    read_until = bisect_right(starts, span.start)
    texts = [[*([PARAGRAPH] if at in opening else []), said[at]] for at in starts]
    *earlier, sentence = chain([""], *texts[:read_until])
    speaker = turn.speaker if turn else _signed(passage, span, index)
    return voice_of(sentence, earlier, speaker, [*chain(*texts[read_until:])])


PARAGRAPH = ""
"""Stands between sentences where a paragraph begins: a quotation goes on there only behind a mark of its own."""


def _signed(passage: Passage, span: Span, index: Index) -> str | None:
    """Who is named in the last line of the block quotation that a sentence stands in: "> — Ann Lee, 2018"."""
    text = index.document_of[passage.document_id].text
    begins = text.rfind("\n", 0, span.start + 1) + 1
    lines = text[begins : begins + _QUOTED].split("\n")
    quoted = [*takewhile(lambda line: line.lstrip().startswith(">"), lines)]
    found = SIGNED.match(quoted[-1]) if quoted else None
    return found["who"] if found else None


_QUOTED = 2000
"""So many characters of a block quotation are looked through for who is named below it."""
SIGNED = re.compile(
    r"[ \t>]*(?:-{2,3}|[—–―])[ \t]*[*_\[]{0,3}(?P<who>[A-Z][\w.’'-]*+(?: (?:(?:of|the|von|van|de) )?[A-Z][\w.’'-]*+)*)"
)
"""The last line of a block quotation, which says whose it is."""


def voice_of(sentence: str, before: Sequence[str] = (), speaker: str | None = None, after: Sequence[str] = ()) -> Voice:
    """Find whom a sentence attributes its words to; without an attribution, the document speaks.

    `before` are the sentences before it under its heading, the nearest last: they say who "he" is, and whose quotation
    goes on; `after` are those behind it, which say who is quoted where a quotation ends there. `PARAGRAPH` may stand
    among both. Where it is what a `speaker` says, in a transcript or a block quotation, he speaks in place of the
    document.
    """
    voice = _voice_of(sentence, before[-_CONTEXT:], after[:_CONTEXT])
    return Voice(VoiceKind.SPEAKER, speaker) if speaker and voice.kind is VoiceKind.DOCUMENT else voice


def _voice_of(sentence: str, before: Sequence[str], after: Sequence[str]) -> Voice:
    earlier, inside = _read_on(before)
    inside = inside and goes_on(
        sentence, lambda: _running(earlier) is not None or _opened(earlier) or ends_in([*takewhile(bool, after)])
    )
    items = _read(sentence, inside)
    found = attributions(items)
    if found and itself(found[0].who) and not found[0].aside:
        return Voice(VoiceKind.DOCUMENT)
    others = [one for one in found if not itself(one.who)]
    for one in others:
        if not anybody(one.who):
            return Voice(VoiceKind.SPEAKER, _name(one, items, earlier))
    if others or _hearsay(items):
        return Voice(VoiceKind.UNATTRIBUTED)
    if lead := introduced(items):
        return Voice(VoiceKind.SPEAKER, _name(lead, items, earlier))
    if _is_quoted(items):
        begun, ended = _running(earlier), _ahead([*earlier, items], after)
        return (begun or ended if inside else ended or begun) or Voice(VoiceKind.UNATTRIBUTED)
    return _led_to(before, sentence) or Voice(VoiceKind.DOCUMENT)


def _is_quoted(items: Items) -> bool:
    """Whether a sentence is nothing but a quotation, or a part of one."""
    return bool(items) and all(item.kind == QUOTE or item.text in ".!?" for item in items)


def _opened(before: Sequence[Items]) -> bool:
    """Whether the sentences before begin with a mark that only opens a quotation: "“Expect more of this. A hard …"."""
    quoted = [*takewhile(_is_quoted, reversed(before))]
    return bool(quoted) and quoted[-1][0].text.startswith("“")


def _led_to(before: Sequence[str], sentence: str) -> Voice | None:
    """Who speaks in a paragraph without marks behind one that ends "…, saying:"."""
    ends = next((at for at in range(len(before) - 1, 0, -1) if before[at] == PARAGRAPH), 0)
    lead = before[ends - 1].rstrip() if ends else ""
    if not lead.endswith(":") or not sentence[:1].isalpha():
        return None
    items = _read(f"{lead} “It is so.”", False)
    found = next((one for one in reversed(attributions(items)) if not itself(one.who) and not anybody(one.who)), None)
    return Voice(VoiceKind.SPEAKER, _name(found, items, [])) if found else None


_CONTEXT = 20
"""So many sentences before and behind are read, with where paragraphs begin."""
_NEAR = 4
"""So many before say who "he" is."""


def _first(items: Sequence[Item]) -> Found | None:
    """The first of those that a sentence attributes something to who are more than anybody."""
    found = (one for one in attributions(items) if not itself(one.who) and not anybody(one.who))
    return next(found, None) or introduced(items)


@lru_cache(1024)
def _read(sentence: str, inside: bool) -> Items:
    return tuple(read(sentence, inside))


def _read_on(sentences: Sequence[str]) -> tuple[list[Items], bool]:
    """What follows each other, each read within what the one before leaves open; whether the last leaves any open."""
    items: list[Items] = []
    inside = False
    for sentence in sentences:
        if sentence == PARAGRAPH:
            inside = False
            continue
        items.append(_read(sentence, inside and goes_on(sentence, lambda: True)))
        inside = (inside or has_quotation(sentence)) and unfinished(items[-1])
    return items, inside


def _running(before: Sequence[Items]) -> Voice | None:
    """Who spoke in the last of these sentences, quotation upon quotation."""
    speaker = None
    for place, items in enumerate(before):
        if found := _first(items):
            speaker = Voice(VoiceKind.SPEAKER, _name(found, items, before[:place]))
        elif not (items and all(item.kind == QUOTE for item in items)):
            speaker = None
    return speaker


def _ahead(before: Sequence[Items], after: Sequence[str]) -> Voice | None:
    """Who is named where what the last sentence leaves open ends: "“He lies. He always did,” Lee said."."""
    known, opens = list(before), False
    for sentence in after:
        if not unfinished(known[-1]):
            return None
        if sentence == PARAGRAPH:
            opens = True
            continue
        items = _read(sentence, not opens)
        if opens and (not items or items[0].kind != QUOTE):
            return None
        opens = False
        if found := _first(items):
            return Voice(VoiceKind.SPEAKER, _name(found, items, known))
        if not all(item.kind == QUOTE for item in items):
            return None
        known.append(items)
    return None


# ------------------------------------------------------------------------------------------------- who "he" is


def _name(found: Found, items: Items, before: Sequence[Items]) -> str | None:
    """The name of whoever speaks; for a pronoun, that of the nearest subject before it that can be meant."""
    word = found.who[0].low
    pronoun = OBJECTS.get(word, word) if len(found.who) == 1 else ""
    if pronoun not in PRONOUNS:
        return plain(found.who)
    for nearer in (items[: found.at], *reversed(before[-_NEAR:])):
        for words in _subjects(nearer):
            if _fits(pronoun, words):
                return plain(words)
    return None


def _subjects(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """Who speaks in a sentence, then the subject of its first main clause."""
    for one in attributions(items):
        if not itself(one.who) and not anybody(one.who):
            yield one.who
    for _, subject in islice(subjects(items), 1):
        yield subject.words


def _fits(pronoun: str, words: Sequence[Item]) -> bool:
    """Whether "he" can mean this: a person by name or by what they are; "they" means several, "it" a body."""
    first, noun = words[0].low, head(words)
    if first in PRONOUNS or first in ("his", "her", "their", "its", "today") or itself(words):
        return False
    pair = any(item.low == "and" for item in words)
    body = noun in _BODIES or plain(words).isupper()
    if pronoun == "it":
        return body or (named(words) and len(words) == 1)
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
