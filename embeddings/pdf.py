"""Turn the bytes of a PDF file into a draft of a document.

A PDF file says where runs of characters stand and in which font; `layout` makes a text of them.
"""

import io
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from embeddings.formats import Draft, Found, Remark, Unreadable, cleaned, counted, given_title, one_line, summary
from embeddings.layout import Line, Outline, letters_of, written

MAX_PAGES = 5000
MAX_TEXT = 16 * 1024**2
"""Longest text, in characters: 5,000 full pages, and four times the Bible."""
MAX_EXPANSION = 100
"""How many characters a byte of a file may become, beyond the first million; prose packs to a third."""

_BOLD = re.compile(r"bold|black|heavy|demi|-medi$|[-,]b$|cmbx", re.IGNORECASE)
_MONOSPACED = re.compile(r"mono|courier|consol|typewriter|cmtt|lmtt", re.IGNORECASE)
_CAPITALS = 6
"""So many letters, all of them capitals, set a line apart as bold does."""
_LIGATURES = re.compile("[\ufb00-\ufb06]")
"""Letters that are drawn as one, such as f and i."""
_DAMAGED = (PyPdfError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What pypdf raises on what it cannot read."""
_Numbers = Sequence[float]


def read_pdf(data: bytes, stem: str) -> Found:
    """A PDF file in Markdown's form. Its dates are those of the file, so none is taken for the publication's."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("encrypted with a password; save it without one")
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable(f"has more than {MAX_PAGES:,} pages; split it")
    pages: list[list[Line]] = []
    blank = length = 0
    limit = min(MAX_TEXT, max(MAX_EXPANSION * len(data), 1024**2))
    for number, page in enumerate(reader.pages):
        lines: list[Line] = []
        try:
            lines = list(_lines(page, number))
        except _DAMAGED as error:
            yield Remark(f"could not be read ({summary(error)})", failed=True, part=f", page {number + 1}")
        else:
            blank += not lines
        pages.append(lines)
        length += sum(len(line.text) + 1 for line in lines)
        if length > limit:
            raise Unreadable(f"holds more than {limit:,} characters of text; split it")
    if not length and blank == len(pages):
        raise Unreadable("holds no text (a scan?); run OCR first")
    if length:
        text, starts, title = written(pages, _outline(reader))
        yield Draft(stem, text, given_title(reader.metadata.title if reader.metadata else None) or title, pages=starts)
    if length and blank:
        yield Remark(f"{counted(blank, 'page')} of {len(pages):,} without text (scanned?)")


def _lines(page: pypdf.PageObject, number: int) -> Iterator[Line]:
    """The lines of a page that are not blank, in the order of its content."""
    runs: list[list[Line]] = [[]]

    def visit(text: str, outer: _Numbers, matrix: _Numbers, font: object, size: float) -> None:
        a, b, c, d, x, y = _product(matrix, outer)
        name = str(font.get("/BaseFont", "")) if isinstance(font, Mapping) else ""
        height = size * math.hypot(c, d) if abs(a) >= abs(b) else 0.0
        for at, part in enumerate(_readable(text).split("\n")):
            if at:
                runs.append([])
            runs[-1].append(Line(part, number, x, y, height, bool(_BOLD.search(name)), bool(_MONOSPACED.search(name))))

    page.extract_text(visitor_text=visit)
    yield from filter(None, map(_line, runs))


def _line(runs: Sequence[Line]) -> Line | None:
    """Runs that follow each other as one line, in the font of the longest; capitals alone are as good as bold."""
    text = one_line("".join(run.text for run in runs))
    shown = [run for run in runs if run.text.strip()]
    if not shown:
        return None
    most = max(shown, key=lambda run: len(run.text.strip()))
    bold = sum(len(run.text) for run in shown if run.bold) > 0.9 * sum(len(run.text) for run in shown)
    capitals = text.isupper() and len(letters_of(text)) >= _CAPITALS
    return most._replace(text=text, x=shown[0].x, bold=bold or capitals)


def _readable(text: str) -> str:
    """Text with ligatures as letters, and bullets as such: pypdf gives one of the usual encoding as U+007F."""
    return _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), cleaned(text.replace("\x7f", "•")))


def _product(first: _Numbers, then: _Numbers) -> tuple[float, ...]:
    """One transformation of the plane after another, each as six numbers (ISO 32000-1, 8.3.4)."""
    a, b, c, d, e, f = map(float, first)
    p, q, r, s, t, u = map(float, then)
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _outline(reader: pypdf.PdfReader) -> Outline:
    """The headings that a file's outline names; none where it cannot be read."""
    found: dict[tuple[str, int], int] = {}
    try:
        nested: list[Iterator[Any]] = [iter(reader.outline)]
        while nested:
            entry = next(nested[-1], None)
            if entry is None:
                nested.pop()
            elif isinstance(entry, list):
                nested.append(iter(entry))
            elif (page := reader.get_destination_page_number(entry)) is not None:
                found.setdefault((letters_of(str(entry.title or "")), page), len(nested) - 1)
    except (*_DAMAGED, RecursionError):
        return {}
    return found
