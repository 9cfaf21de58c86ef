"""A quotation as people read it: without the marks of Markdown and what spoils a screen, and otherwise as it is.

Characters are only left out, and a line's end within a paragraph is a space: what is shown stays the quotation.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.answering.answers import Citation
from embeddings.reading.marks import marks
from embeddings.splitting.passages import Span

MOST_MARKS = 4
_OVERRIDES = "\u202d\u202e"
_FENCE = re.compile(r"(?P<before>[ \t>]*+)(?:`{3,}+|~{3,}+)[^`\n]*+")
_NO_CELL = re.compile(r"[ \t|:-]++")
_BEFORE_BAR = re.compile(r"\\(?=\|)")
_GAP = re.compile(r"[ \t]{2,}+")
_QUOTED = re.compile(r"(?P<open>[ \t]*>(?:[ \t]?>)*[ \t]?)")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+(?=\S)")
_MEANING = re.compile(r":[ \t]+(?=\S)")
"""Before what a term means, which is shown where the term stands above it."""
_NARROWEST, _WIDEST = 50, 120
"""Characters of the longest line of a paragraph that somebody wraps."""
_AROUND = 2000
"""Characters on either side of a quotation that are looked at for the lines of its paragraphs."""
_TWO = 2
"""Lines that are too few to tell that one of them, which ends a sentence, was wrapped there."""
_FULL = 0.8
"""The share of the longest line that another is long with the next word, if that had no room."""
_BEGINS = re.compile(r"(?P<prose>[-+*](?=\s)|\d{1,9}[.)]|:\s)|#|```|~~~|\[!|!\[|[$\\}]|\r?$")
"""How a line begins that goes on from none: an item, what a term means; a heading, code, a callout, a picture, a
formula, nothing."""
_FIRST = re.compile(r"^[\s>]*+(\S*+)")
_ENDS = re.compile(r"[.!?:][\"”’')*_]*$")
"""How a line ends that may end there by itself."""


@dataclass(frozen=True, slots=True)
class Readable:
    """What is left of a text, and where each character of it stood."""

    text: str
    places: tuple[int, ...]
    code: tuple[Span, ...] = ()
    """Where in what is left whole lines of code stand that were fenced."""

    def span(self, start: int, end: int) -> Span:
        """Where characters `start` to `end` of the text are in what is left."""
        return Span(bisect_left(self.places, start), bisect_left(self.places, end))


def as_read(citation: Citation) -> Readable:
    """A quotation as people read it."""
    return readable(citation.quote, wraps(citation.document.text, citation.start, citation.end))


def readable(text: str, wrapped: Collection[int] = ()) -> Readable:
    """Leave out marks of emphasis and headings, targets of links, borders of tables, fences of code and backslashes
    before marks; outside of code `wrapped` ends of lines are spaces, and the next line is not indented.

    >>> readable("1. Open **[[Settings|the settings]]**.").text
    '1. Open the settings.'
    """
    fenced: list[Span] = []
    left_out = {at for start, end in _marks(text, fenced) for at in range(start, end)} | set(spoiling(text))
    spaces = {at for at in wrapped if at not in left_out and not any(start <= at < end for start, end in fenced)}
    for at in spaces:
        following = text[at + 1 :].lstrip(" \t>")
        left_out.update(range(at + 1, len(text) - len(following)), range(at - (text[at - 1] == "\r"), at))
    places = tuple(at for at in range(len(text)) if at not in left_out)
    shown = "".join(" " if at in spaces else text[at] for at in places)
    if not shown.strip():
        return Readable(text, tuple(range(len(text))))
    found = Readable(shown, places)
    code = (found.span(*span) for span in fenced)
    return Readable(shown, places, tuple(span for span in code if shown[slice(*span)].strip()))


def wraps(text: str, start: int, end: int) -> list[int]:
    """Where between `start` and `end` a line of prose ends only because the next word had no room, from `start` on.

    There is room for as many characters as the longest line of the paragraph has. Where that is fewer than `_NARROWEST`
    or more than `_WIDEST`, nobody wrapped them.
    """
    far = max(start - _AROUND, 0)
    at = max(text.rfind("\n", 0, far) + 1, far - _AROUND)
    paragraph: list[tuple[int, str]] = []
    found: list[int] = []
    for line in text[at : end + _AROUND].split("\n"):
        words = line.lstrip(" \t>")
        begins = _BEGINS.match(words)
        row = "|" in line
        if begins or row:
            found += _wrapped(paragraph)
            paragraph = []
        if not row and (not begins or begins["prose"]):
            paragraph.append((at, line))
        at += len(line) + 1
    return [at - start for at in (*found, *_wrapped(paragraph)) if start <= at < end]


def _wrapped(paragraph: Sequence[tuple[int, str]]) -> list[int]:
    """Where lines of a paragraph, each with where it starts, end that the next word had hardly room in."""
    width = max((len(line.rstrip()) for _, line in paragraph), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return []
    return [
        start + len(line)
        for (start, line), (_, following) in pairwise(paragraph)
        if len(line.rstrip()) + len(_FIRST.findall(following)[0]) > _FULL * width
        and not line.rstrip("\r").endswith(("  ", "\\"))
        and (len(paragraph) > _TWO or not _ENDS.search(line.rstrip()))
    ]


def spoiling(text: str) -> Iterator[int]:
    """Where characters stand that spoil what is around them: those that turn all letters round, whatever script they
    are of, and combining marks beyond MOST_MARKS on one letter, which paint over other lines."""
    if text.isascii():
        return
    marks = 0
    for at, character in enumerate(text):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks > MOST_MARKS or character in _OVERRIDES:
            yield at


def above(parts: Sequence[Citation]) -> str:
    """Quotations that are shown above another, each on lines of its own. Raises QuotationError."""
    for part in parts:
        part.check()
    return "".join(f"{as_read(part).text.rstrip()}\n" for part in parts)


def _marks(text: str, fenced: list[Span]) -> Iterator[tuple[int, int]]:
    """What is left out; the lines between fences, but for the end of the last one, are added to `fenced`."""
    if meaning := _MEANING.match(text):
        yield meaning.span()
    start, opened = 0, -1
    apart = []  # lines that hold no words: fences, code, borders of tables
    quoted = re.compile("")  # how lines of code begin that are quoted as deep as the fence
    for line in text.splitlines(keepends=True):
        words = line.rstrip("\r\n")
        end = start + len(line)
        fence = _FENCE.fullmatch(words)
        if opened < 0 and not fence and not ("|" in words and _NO_CELL.fullmatch(words)):
            yield from ((start + first, start + last) for first, last in _in_line(words))
            start = end
            continue
        apart.append(Span(start, end))
        if fence:
            if opened < 0:
                opened = end
                depth = fence["before"].count(">")
                quoted = re.compile(rf"(?:[ \t]*+>){{1,{depth}}}+ ?" if depth else "")
            else:
                fenced.append(Span(opened, max(opened, start - 1)))
                opened = -1
            yield start, end
            if end == len(text) and opened < 0 and start:
                yield start - 1, start  # no empty line is left behind code
        elif opened < 0:
            yield start, end
        elif found := quoted.match(words):
            yield start, start + found.end()
        start = end
    if opened >= 0:
        fenced.append(Span(opened, len(text)))
    begin = 0
    for span in (*apart, Span(start, start)):
        yield from ((begin + first, begin + last) for first, last in marks(text[begin : span.start]))
        begin = span.end


def _in_line(line: str) -> Iterator[tuple[int, int]]:
    """The marks at the beginning of a line of text, and around its cells."""
    quoted, heading = _QUOTED.match(line), _HEADING.match(line)
    if quoted:
        yield quoted.span("open")
    if heading:
        yield heading.span()
    yield from _borders(line)


def _borders(line: str) -> Iterator[tuple[int, int]]:
    """What stands around the cells of a table's row, but for one space on either side of the lines between them."""
    row = line.strip(" \t")
    cells = row[1:-1].strip(" \t")
    if not cells or row[0] != "|" or row[-1] != "|":
        return
    first = line.index(cells, line.index("|") + 1)
    last = first + len(cells)
    yield 0, first
    yield last, len(line)
    yield from (found.span() for found in _BEFORE_BAR.finditer(line, first, last))
    for gap in _GAP.finditer(line, first, last):
        if line[gap.start() - 1] == "|" or line[gap.end()] == "|":
            yield gap.start() + 1, gap.end()
