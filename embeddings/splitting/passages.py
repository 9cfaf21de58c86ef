"""Cut documents into passages: windows of whole sentences that keep their character offsets."""

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise, zip_longest
from typing import NamedTuple, Protocol

from embeddings.reading.documents import Document
from embeddings.reading.formats import heading_text
from embeddings.reading.marks import unmarked
from embeddings.splitting.sentences import segment
from embeddings.splitting.structure import ITEMS, Block, BlockKind, blocks
from embeddings.splitting.turns import Turn, turn_at, turns

VERSION = 9
"""Raise it where a text is cut otherwise than before: an index remembers by which its passages were made."""
MAX_CHARS = 2000
"""No passage is longer, in characters: bounds text that a tokenizer sees as one giant unknown word."""
MAX_TOKENS = 254
"""Nor in tokens, title and heading included, however much a model reads: reading and quoting were measured so."""
TITLE_TOKENS = 64
"""At most so many tokens of title and heading are encoded in front of a passage."""
MAX_ITEM = 300
"""Characters up to which an item of a list is one sentence, whatever stops it has."""
MAX_HEADING = 1000
"""Longest line, in characters, that is a heading; a longer one is text, and can be quoted."""

PATH = " > "
"""Between the headings of a path, from the outermost."""
_ASKED_LEVEL = 7
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(?P<heading>\S.*)")
_ASKED = re.compile(r"\*\*(?P<star>[^*\n]+\?)\*\*|__(?P<line>[^_\n]+\?)__")
"""A paragraph that is a question in bold: the heading of its answer."""
_IN_LINE = r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
_UNWRAPPED = re.compile(rf"(?<!{_IN_LINE}){_IN_LINE}{{121}}")
"""A line longer than the 120 characters at which people wrap."""
_ADDRESS = re.compile(r"\]\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+\)")
"""Where a link leads: no editor wraps there, however long that is."""
_LINE_BREAK = re.compile(rf"(?!(?<={_IN_LINE}{{59}}[^\n\r.!?:;])\r?\n[ \t>]*+[\[(*_]{{0,3}}[a-z])(?:\r\n|(?<!\r)\n)")
"""The end of a line that does not go on: behind 60 characters without a full stop, no small letter follows, be it the
first of a link, of something in brackets or of emphasis."""
_WHOLE = (BlockKind.HEADING, BlockKind.ROW, BlockKind.CODE)
"""Blocks that nobody wraps."""
_SLAB = 256
"""Sentences that are tokenised at once: what that takes depends on this and MAX_CHARS, not on the document."""


class Span(NamedTuple):
    """Characters `start` (included) to `end` (excluded) of a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one document, with `text == document.text[start:end]`.

    `id` is a hash of the document's id, the passage's text and which occurrence of that text it is, so
    that a link to a passage holds across rebuilds for as long as the passage itself stands.
    """

    id: str
    document_id: str
    heading: str
    text: str
    start: int
    end: int
    sentences: tuple[Span, ...]
    """Where each sentence stands in the document."""
    turns: tuple[Turn, ...] = ()
    """Of a transcript the turns that it holds a part of, in characters of the document."""

    @property
    def speaker(self) -> str:
        """Who speaks where it begins, if the name stands before that."""
        turn = self.turn_at(self.start)
        return turn.speaker or "" if turn and turn.start < self.start else ""

    def text_of(self, span: Span) -> str:
        """What characters of the document, all of them its own, say."""
        return self.text[span.start - self.start : span.end - self.start]

    def turn_at(self, position: int) -> Turn | None:
        """The turn that a character of its document stands in, if it does in one whose speaker is known."""
        return turn_at(self.turns, position)


def passage_id(document_id: str, text: str, occurrence: int) -> str:
    """The id of a passage: of those with the same text in its document, number `occurrence`, from 0."""
    return hashlib.sha256(f"{document_id}\x00{text}\x00{occurrence}".encode()).hexdigest()[:16]


class Tokenizer(Protocol):
    """What splitting needs to know of a model; every Encoder provides it."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads."""

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The character span of each token of each text."""


class _Section(NamedTuple):
    """What stands under one heading, which begins at `start`; two sections can have the same heading.

    `path` has that heading and those above it, each with its level.
    """

    start: int
    path: tuple[tuple[int, str], ...] = ()

    @property
    def heading(self) -> str:
        return PATH.join(heading for _, heading in self.path)

    def under(self, start: int, level: int, heading: str) -> "_Section":
        """The section that a heading of this level begins behind this one."""
        return _Section(start, (*(above for above in self.path if above[0] < level), (level, heading)))


class _Part(NamedTuple):
    """Text that is cut into sentences, or, if `whole`, is one; what has the same `group` is best left together.

    Else what has the same `item`, of a list.
    """

    span: Span
    section: _Section
    group: int | None = None
    item: int | None = None
    whole: bool = False


class _Sentence(NamedTuple):
    span: Span
    section: _Section
    tokens: int
    group: int | None
    item: int | None

    @property
    def heading(self) -> str:
        return self.section.heading


def text_for_encoder(title: str, passage: Passage, tokenizer: Tokenizer) -> str:
    """A passage as the model reads it: its document's title, its heading and who speaks, shortened, then its text."""
    label = label_of(title, passage)
    return f"{shortened([label], tokenizer)[label]}\n{passage.text}" if label else passage.text


def label_of(title: str, passage: Passage) -> str:
    """What is set before a passage's text: title, heading and speaker as far as there are any other than the text."""
    parts = (title, passage.heading, passage.speaker)
    return "\n".join(part for part in parts if part and part != passage.text)


def shortened(labels: Iterable[str], tokenizer: Tokenizer) -> dict[str, str]:
    """Each label as the model reads it: at most `TITLE_TOKENS` tokens of it; each is tokenised once, all together."""
    short = {label: label for label in labels}
    long = [label for label in short if len(label.encode()) > TITLE_TOKENS]  # a token is a byte at least
    for label, spans in zip(long, tokenizer.token_spans(long) if long else (), strict=True):
        if len(spans) > TITLE_TOKENS:
            short[label] = label[: spans[TITLE_TOKENS - 1][1]]
    return short


def split(document: Document, tokenizer: Tokenizer) -> tuple[Passage, ...]:
    """Cut a document into passages that the model can read whole, title and heading included.

    Consecutive passages of a section share one sentence where there is room for it. A sentence is cut
    only when it alone is longer than a passage can be. Markdown headings end a passage, and with those above
    them become the `heading` of what follows. A list, a table or a block of code, with the line that leads it in, stays
    in one passage where it fits into one. No sentence of a transcript is of two speakers.
    """
    passages: list[Passage] = []
    seen: dict[str, int] = {}
    said = turns(document.text)
    starts = [turn.start for turn in said]
    longest = max((turn.speaker or "" for turn in said), key=len, default="")
    for window in _windows(_sentences(document, starts, tokenizer), document.label, longest, tokenizer):
        start, end = window[0].span.start, window[-1].span.end
        text = document.text[start:end]
        first, last = max(bisect_right(starts, start) - 1, 0), bisect_left(starts, end)
        occurrence = seen[text] = seen.get(text, -1) + 1
        passages.append(
            Passage(
                id=passage_id(document.id, text, occurrence),
                document_id=document.id,
                heading=window[0].heading,
                text=text,
                start=start,
                end=end,
                sentences=tuple(sentence.span for sentence in window),
                turns=tuple(turn for turn in said[first:last] if turn.end > start),
            )
        )
    return tuple(passages)


def _windows(
    sentences: Iterable[_Sentence], title: str, speaker: str, tokenizer: Tokenizer
) -> Iterator[list[_Sentence]]:
    """Fill windows greedily, each beginning with the last sentence of the one before if both fit.

    `speaker` is the longest name that may be encoded in front of one.
    """
    window: list[_Sentence] = []
    for section, in_section in groupby(sentences, key=lambda sentence: sentence.section):
        budget = _budget(f"{title}\n{section.heading}\n{speaker}", tokenizer)
        for together in _together(in_section, budget):
            if window and not _fits([*window, *together], budget):
                yield window
                window = window[-1:] if _fits([window[-1], *together], budget) else []
            window.extend(together)
        yield window
        window = []


def _together(sentences: Iterable[_Sentence], budget: int) -> Iterator[list[_Sentence]]:
    """What is best left together, where it fits into one passage; else the items of a list, or single sentences."""
    for group, members in groupby(sentences, key=lambda sentence: sentence.group):
        together = list(members)
        if group is not None and _fits(together, budget):
            yield together
            continue
        for item, within in groupby(together, key=lambda sentence: sentence.item):
            of_item = list(within)
            if item is not None and _fits(of_item, budget):
                yield of_item
            else:
                yield from ([sentence] for sentence in of_item)


def _budget(label: str, tokenizer: Tokenizer) -> int:
    """How many tokens of text fit behind a label."""
    return most_tokens(tokenizer) - min(len(tokenizer.token_spans([label])[0]), TITLE_TOKENS)


def most_tokens(tokenizer: Tokenizer) -> int:
    """How many tokens a passage has at most, with the title and heading that are encoded in front of it."""
    return min(tokenizer.max_tokens, MAX_TOKENS)


def _fits(window: list[_Sentence], budget: int) -> bool:
    tokens = sum(sentence.tokens for sentence in window)
    chars = window[-1].span.end - window[0].span.start
    return tokens <= budget and chars <= MAX_CHARS


def _sentences(document: Document, starts: Sequence[int], tokenizer: Tokenizer) -> Iterator[_Sentence]:
    """The sentences with their sizes; one that no passage could hold is cut. One ends before each of `starts`."""
    text = document.text
    # TITLE_TOKENS bounds every label, so a sentence within this limit fits behind any of them.
    limit = most_tokens(tokenizer) - TITLE_TOKENS
    parts = (part._replace(span=span) for part in _parts(document) for span in _cut_at(starts, part))
    found = ((span, part) for part in parts for span in _segment(text, part))
    while slab := list(islice(found, _SLAB)):
        whole = [text[span.start : span.end] for span, _ in slab if span.end - span.start <= MAX_CHARS]
        counts = map(len, tokenizer.token_spans(whole))
        for span, (_, section, group, item, _) in slab:
            tokens = next(counts) if span.end - span.start <= MAX_CHARS else limit + 1
            if tokens <= limit:
                yield _Sentence(span, section, tokens, group, item)
            else:
                cut = _cut(text, span, limit, tokenizer)
                yield from (_Sentence(part, section, size, group, item) for part, size in cut)


def _parts(document: Document) -> Iterator[_Part]:
    """A document's blocks with the section they stand in; a heading is no part of it.

    A line break inside a block ends a sentence only in texts that are not hard-wrapped, and only where the line does
    not go on: what somebody wraps wider, or in a few places, goes on with a small letter.
    """
    text = document.text
    found = list(blocks(text))
    wrapped = _is_wrapped(text, found)
    section = _Section(0)
    for block, following in zip_longest(found, found[1:]):
        line = Span(block.start, block.end)
        level, heading = _heading(text, block)
        if heading:
            section = section.under(block.start, level, heading)
        elif block.kind in (BlockKind.ROW, BlockKind.CODE):
            yield _Part(line, section, block.group, whole=True)
        else:
            group = block.group
            if group is None and following and text[block.start : block.end].rstrip().endswith(":"):
                group = following.group
            item = block.start if block.kind in ITEMS else None
            whole = item is not None and block.end - block.start <= MAX_ITEM
            together = whole or wrapped or block.kind is BlockKind.DEFINITION
            lines = [line] if together else _between(_LINE_BREAK, text, line)
            yield from (_Part(part, section, group, item, whole) for part in lines)


def _cut_at(starts: Sequence[int], part: _Part) -> Iterator[Span]:
    """A part in pieces that begin where turns do, but for rows and code."""
    whole = part.whole and part.item is None
    within = starts[bisect_right(starts, part.span.start) : bisect_left(starts, part.span.end)]
    return map(Span._make, pairwise([part.span.start, *([] if whole else within), part.span.end]))


def _is_wrapped(text: str, found: Iterable[Block]) -> bool:
    """Whether lines are broken where people wrap: most blocks are that have several lines or a longer one."""
    long = short = 0
    for block in found:
        if block.kind not in _WHOLE:
            shown = _ADDRESS.sub("]", text[block.start : block.end])
            unwrapped = _UNWRAPPED.search(shown) is not None
            long += unwrapped
            short += not unwrapped and "\n" in shown.strip()
    return not long or short > long


def _heading(text: str, block: Block) -> tuple[int, str]:
    """The level and the words of a heading; none for a block that is none, or longer than MAX_HEADING."""
    if block.end - block.start > MAX_HEADING:
        return 0, ""
    if block.kind is BlockKind.HEADING:
        match = _HEADING.match(text, block.start, block.end)
        return block.level, unmarked(heading_text(match["heading"])) if match else ""
    if block.kind is BlockKind.PARAGRAPH and block.group is None:
        match = _ASKED.fullmatch(text[block.start : block.end].strip())
        return _ASKED_LEVEL, (match["star"] or match["line"]) if match else ""
    return 0, ""


def _between(separator: re.Pattern[str], text: str, span: Span) -> Iterator[Span]:
    start = span.start
    for match in separator.finditer(text, span.start, span.end):
        yield Span(start, match.start())
        start = match.end()
    yield Span(start, span.end)


def _segment(text: str, part: _Part) -> Iterator[Span]:
    """The sentences of a part, without the white space around them."""
    block = part.span
    content = text[block.start : block.end]
    if not content.strip():
        return
    if part.whole:
        yield _strip(text, block.start, block.end)
        return
    start = found = block.start
    for sentence in segment(content):
        end = found = found + len(sentence)
        while end < block.end and _inside_character(text, end):
            end += 1
        span = _strip(text, start, end)
        if span.start < span.end:
            yield span
        start = max(start, end)


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _cut(text: str, span: Span, limit: int, tokenizer: Tokenizer) -> Iterator[tuple[Span, int]]:
    """Cut one over-long sentence into parts of at most `limit` tokens, between words if there are words."""
    start, before = span.start, Span(span.start, span.start)
    while start < span.end:
        view = text[start : min(span.end, start + MAX_CHARS)]
        spans = tokenizer.token_spans([view])[0]
        size = limit
        while True:
            end = start + _part(view, spans, size, start + len(view) == span.end)
            end = _whole_characters(text, end, start)
            part = _strip(text, start, end)
            tokens = len(tokenizer.token_spans([text[part.start : part.end]])[0])
            if tokens <= limit or size == 1:
                break
            size = max(1, size * 9 // 10)  # a word cut in two can take more tokens than it did whole
        if before.start < before.end == part.start:  # a word cut in two: together they can take more as well
            together = tokenizer.token_spans([text[before.start : part.end], text[before.start : before.end]])
            tokens = max(tokens, len(together[0]) - len(together[1]))
        if part.start < part.end:
            yield part, tokens
        start, before = end, part


def _part(view: str, tokens: list[tuple[int, int]], size: int, last: bool) -> int:
    """Where a part that begins at the start of `view` ends: after `size` tokens, or a word before that."""
    if len(tokens) <= size and last:
        return len(view)
    end = tokens[size][0] if len(tokens) > size else len(view)
    for position in range(end, end // 2, -1):
        if view[position - 1].isspace():
            return position
    return end


def _whole_characters(text: str, end: int, start: int) -> int:
    """Move a cut left to where it does not part a character; where there is no such place, leave it."""
    whole = end
    while whole > start and _inside_character(text, whole):
        whole -= 1
    return whole if whole > start else max(end, start + 1)


def _inside_character(text: str, at: int) -> bool:
    """Whether a cut at `at` parts a base from its marks, a joined emoji, or CR from LF."""
    return 0 < at < len(text) and (
        unicodedata.category(text[at]).startswith("M")
        or text[at] in "\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
        or text[at - 1] == "\u200d"
        or text[at - 1 : at + 1] == "\r\n"
    )
