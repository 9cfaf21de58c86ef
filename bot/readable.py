"""A quotation as people read it: without the marks of Markdown, and otherwise as it is.

Characters are only left out, never put in or changed, so what is shown stays the quotation.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answering.answers import Citation
from embeddings.passages import Span

_FENCE = re.compile(r"[ \t>]*+(?:`{3,}+|~{3,}+)[^`\n]*+")
_BENEATH_HEADER = re.compile(r"[ \t|:-]++")
_GAP = re.compile(r"[ \t]{2,}+")
_QUOTED = re.compile(r"(?P<open>[ \t]*>(?:[ \t]?>)*[ \t]?)")
_CALLOUT = re.compile(r"\[(?P<open>!)[A-Za-z]+\]")
_CODE = re.compile(r"`[^`\n]+`")
_PAIRS = (
    re.compile(r'(?P<open>!?\[)[^\[\]\n]{1,200}(?P<close>\]\([^()\s]{1,400}(?: "[^"\n]{0,100}")?\))'),
    re.compile(r"(?P<open>!?\[\[(?:[^\[\]|\n]{1,200}\|)?)[^\[\]|\n]{1,200}(?P<close>\]\])"),
    re.compile(r"(?<![\w*\\])(?P<open>\*{1,3})(?=[^\s*])[^*\n]{1,200}(?<=\S)(?P<close>\*{1,3})(?![\w*])"),
    re.compile(r"(?<![\w_\\])(?P<open>_{1,2})(?=[^\s_])[^_\n]{1,200}(?<=\S)(?P<close>_{1,2})(?![\w_])"),
)
"""[words](address), [[page|words]], *words*, _words_."""


@dataclass(frozen=True, slots=True)
class Readable:
    """What is left of a text, and where each character of it stood."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Where characters `start` to `end` of the text are in what is left."""
        return Span(bisect_left(self.places, start), bisect_left(self.places, end))


def readable(text: str) -> Readable:
    """Leave out marks of emphasis, targets of links, borders of tables and fences of code.

    >>> readable("1. Open **[[Settings|the settings]]**.").text
    '1. Open the settings.'
    """
    left_out = {at for start, end in _marks(text) for at in range(start, end)}
    places = tuple(at for at in range(len(text)) if at not in left_out)
    shown = "".join(text[at] for at in places)
    return Readable(shown, places) if shown.strip() else Readable(text, tuple(range(len(text))))


def above(parts: Sequence[Citation]) -> str:
    """Quotations that are shown above another, each on lines of its own. Raises QuotationError."""
    for part in parts:
        part.check()
    return "".join(f"{readable(part.quote).text.rstrip()}\n" for part in parts)


def _marks(text: str) -> Iterator[tuple[int, int]]:
    start, code = 0, False
    for line in text.splitlines(keepends=True):
        words = line.rstrip("\r\n")
        if _FENCE.fullmatch(words):
            code = not code
            yield start, start + len(line)
        elif not code and "|" in words and "-" in words and _BENEATH_HEADER.fullmatch(words):
            yield start, start + len(line)
        elif not code:
            yield from ((start + first, start + last) for first, last in _in_line(words))
        start += len(line)


def _in_line(line: str) -> Iterator[tuple[int, int]]:
    """The marks of a line of text; what stands in code stays."""
    quoted = _QUOTED.match(line)
    if quoted:
        yield quoted.span("open")
    yield from _borders(line)
    code = [found.span() for found in _CODE.finditer(line)]
    for found in (found for pattern in (_CALLOUT, *_PAIRS) for found in pattern.finditer(line)):
        spans = [found.span(name) for name in found.groupdict()]
        if not any(start < last and first < end for start, end in spans for first, last in code):
            yield from spans


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
    for gap in _GAP.finditer(line, first, last):
        if line[gap.start() - 1] == "|" or line[gap.end()] == "|":
            yield gap.start() + 1, gap.end()
