"""Turn the bytes of a PDF file into a draft of a document.

A PDF file says where each character stands and in which font, and which lines are drawn; `layout` makes a text of it.
"""

import ctypes
import math
import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from embeddings.reading.formats import (
    Draft,
    Found,
    Remark,
    Unreadable,
    cleaned,
    counted,
    given_title,
    one_line,
    summary,
)
from embeddings.reading.pages.layout import written
from embeddings.reading.pages.lines import Line, Outline, Page, Rule, grouped, letters_of

MAX_PAGES = 5000
MAX_TEXT = 16 * 1024**2
"""Longest text, in characters: 5,000 full pages, and four times the Bible."""
MAX_EXPANSION = 100
"""How many characters a byte of a file may become, beyond the first million; prose packs to a third."""

_BOLD = re.compile(r"bold|black|heavy|demi|-medi$|[-,]b$|cmbx", re.IGNORECASE)
_MONOSPACED = re.compile(r"mono|courier|consol|cmtt|lmtt", re.IGNORECASE)
_FIXED_PITCH = 1
"""What a font says of itself (ISO 32000-1, table 123): fonts that look typed are called typewriters, too."""
_CAPITALS = 6
"""So many letters, all of them capitals, set a line apart as bold does."""
_LIGATURES = re.compile("[\ufb00-\ufb06]")
"""Letters that are drawn as one, such as f and i."""
_ACCENTS = dict(
    zip("`´ˆ˜¨˚˝¸ˇ¯˘˙", "\u0300\u0301\u0302\u0303\u0308\u030a\u030b\u0327\u030c\u0304\u0306\u0307", strict=True)
)
"""Accents that are drawn by themselves, and what they are behind a letter."""
_DOTLESS = {"\u0131": "i", "\u0237": "j"}
_HYPHENS = "\x02\ufffe\u00ad"
"""How PDFium gives the hyphen at the end of a line."""
_GAP = 1.0
"""How many times the size of its font two words of a line stand apart that are two cells of a row."""
_GAP_OF_MONOSPACED = 1.6
"""The same, where two blanks are not yet one."""
_GAP_OF_NUMBERS = 0.6
"""The same, of two numbers."""
_NUMERIC = frozenset("0123456789.,%()$€£+-–—*")
_TOUCHES = 0.2
"""How many times the size two characters stand apart that are one word."""
_LEVEL = 0.6
"""How many times the size a character stands higher or lower than the one before on the same line, at most."""
_MOST_RULES = 4000
"""A page with more of them is a drawing."""


class _Font(NamedTuple):
    """How a run of characters is set: its size in points, and the quarter turns it runs up at, or None."""

    size: float
    bold: bool
    monospaced: bool
    turns: int | None


class _Character(NamedTuple):
    """A character, where it begins and ends, and its base line, in points as if the text ran from left to right."""

    text: str
    left: float
    right: float
    y: float
    font: _Font
    apart: bool
    """Whether a blank stands before it."""


def read_pdf(data: bytes, stem: str) -> Found:
    """A PDF file in Markdown's form. Its dates are those of the file, so none is taken for the publication's."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise Unreadable("encrypted with a password; save it without one") from None
        raise
    if len(document) > MAX_PAGES:
        raise Unreadable(f"has more than {MAX_PAGES:,} pages; split it")
    pages: list[Page] = []
    blank = length = 0
    limit = min(MAX_TEXT, max(MAX_EXPANSION * len(data), 1024**2))
    for number in range(len(document)):
        page = Page([], [])
        try:
            page = _page(document, number, limit)
        except pypdfium2.PdfiumError as error:
            yield Remark(f"could not be read ({summary(error)})", failed=True, part=f", page {number + 1}")
        else:
            blank += not page.lines
        pages.append(page)
        length += sum(len(line.text) + 1 for line in page.lines)
        if length > limit:
            raise _too_long(limit)
    if not length and blank == len(pages):
        raise Unreadable("holds no text (a scan?); run OCR first")
    if length:
        text, starts, title = written(pages, _outline(document))
        yield Draft(stem, text, given_title(document.get_metadata_value("Title")) or title, pages=starts)
    if length and blank:
        yield Remark(f"{counted(blank, 'page')} of {len(pages):,} without text (scanned?)")


def _too_long(limit: int) -> Unreadable:
    return Unreadable(f"holds more than {limit:,} characters of text; split it")


def _page(document: pypdfium2.PdfDocument, number: int, limit: int) -> Page:
    """The lines of a page in the order of its content, those that run as most do first, and its rules."""
    page = document[number]
    textpage = page.get_textpage()
    if textpage.count_chars() > limit:
        raise _too_long(limit)
    characters = list(_characters(textpage))
    directions = [turns for turns, _ in Counter(character.font.turns for character in characters).most_common()]
    main = directions[0] if directions else 0
    rules = _rules(page, main or 0)
    upright = sorted((rule for rule in rules if rule.x == rule.right), key=lambda rule: rule.x)
    lines: list[Line] = []
    for turns in directions:
        own = [character for character in characters if character.font.turns == turns]
        runs = _runs(own, upright if turns == main else [])
        lines += filter(None, (_line(run, number, turns == main) for run in runs))
    once = {(line.text, round(line.x), round(line.y)): line for line in reversed(lines)}  # drawn twice, it looks bold
    return Page([*once.values()][::-1], rules)


def _characters(textpage: pypdfium2.PdfTextPage) -> Iterator[_Character]:
    """What is written on a page, but for blanks."""
    page, box = textpage.raw, raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    fonts: dict[int, _Font] = {}
    apart, high = False, 0
    for at in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(page, at)
        if 0xD800 <= code < 0xDC00:  # the first half of a character in UTF-16
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
        high = 0
        text = chr(code) if code <= sys.maxunicode else "\ufffd"
        if text.isspace() or text == "\0":
            apart = True
            continue
        raw.FPDFText_GetLooseCharBox(page, at, box)
        raw.FPDFText_GetCharOrigin(page, at, x, y)
        drawn = raw.FPDFText_GetTextObject(page, at)
        key = ctypes.addressof(drawn.contents) if drawn else 0
        if key not in fonts:
            fonts[key] = _font(page, at, drawn)
        font = fonts[key]
        left, right, level = _turned(font.turns or 0, box, x.value, y.value)
        yield _Character("-" if text in _HYPHENS else text, left, right, level, font, apart)
        apart = False


def _font(page: raw.FPDF_TEXTPAGE, at: int, drawn: Any) -> _Font:
    name, matrix, flags = ctypes.create_string_buffer(256), raw.FS_MATRIX(), 0
    if drawn:
        font = raw.FPDFTextObj_GetFont(drawn)
        raw.FPDFFont_GetBaseFontName(font, name, len(name))
        flags = max(raw.FPDFFont_GetFlags(font), 0)
    raw.FPDFText_GetMatrix(page, at, matrix)
    base = name.value.decode("latin-1")
    size = raw.FPDFText_GetFontSize(page, at) * math.hypot(matrix.c, matrix.d)
    quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    turns = round(quarters) % 4 if abs(quarters - round(quarters)) < 0.05 else None
    monospaced = _MONOSPACED.search(base) or ("typewriter" in base.lower() and flags & _FIXED_PITCH)
    return _Font(abs(size), bool(_BOLD.search(base)), bool(monospaced), turns)


def _turned(turns: int, box: raw.FS_RECTF, x: float, y: float) -> tuple[float, float, float]:
    """Where a character begins and ends and its base line, after so many quarter turns."""
    if not turns:
        return box.left, box.right, y
    (left, _), (right, _) = _turned_point(turns, box.left, box.bottom), _turned_point(turns, box.right, box.top)
    return min(left, right), max(left, right), _turned_point(turns, x, y)[1]


def _runs(characters: Sequence[_Character], upright: Sequence[Rule]) -> Iterator[list[_Character]]:
    """Characters that follow each other on a line without a gap."""
    places = [rule.x for rule in upright]
    return grouped(characters, lambda character, run: not _follows(run[-1], character, upright, places))


def _follows(last: _Character, character: _Character, upright: Sequence[Rule], places: Sequence[float]) -> bool:
    """Whether a character stands behind another one on its line, with no gap and no rule between them."""
    size = max(last.font.size, character.font.size)
    if abs(character.y - last.y) > _LEVEL * size:
        return False
    if (character.left, character.right) == (last.left, last.right):  # parts of one that is drawn as a whole
        return True
    away = character.left - last.right
    if unicodedata.bidirectional(character.text) in ("R", "AL"):
        away = min(away, last.left - character.right, key=abs)
    if not -0.7 * size < away < _gap(last, character) * size:
        return False
    if not upright or away < 0.1 * size:
        return True
    between = upright[bisect_left(places, last.right - 1) : bisect_right(places, character.left + 1)]
    return not any(rule.y - 1 <= character.y <= rule.top for rule in between)


def _composed(run: Sequence[_Character]) -> list[_Character]:
    """Characters, of which a letter and the accent that is drawn above or below it are one."""
    whole: list[_Character] = []
    for before, character in pairwise([run[0], *run]):
        last = whole[-1] if whole else character
        shared = min(character.right, last.right) - max(character.left, last.left)
        over = 2 * shared > min(character.right - character.left, last.right - last.left)
        if whole and over and len({last.text, character.text} & _ACCENTS.keys()) == 1:
            letter, accent = (character, last) if last.text in _ACCENTS else (last, character)
            text = unicodedata.normalize("NFC", _DOTLESS.get(letter.text, letter.text) + _ACCENTS[accent.text])
            left, right = min(last.left, character.left), max(last.right, character.right)
            whole[-1] = last._replace(text=text, left=left, right=right)
        elif before.text in _ACCENTS:  # PDFium sees a blank behind an accent that ends before its letter
            whole.append(character._replace(apart=character.left - last.right > _TOUCHES * last.font.size))
        else:
            whole.append(character)
    return whole


def _gap(last: _Character, character: _Character) -> float:
    """How many times their size two characters stand apart, at least, that are of two cells."""
    if last.font.monospaced:
        return _GAP_OF_MONOSPACED
    return _GAP_OF_NUMBERS if {last.text, character.text} <= _NUMERIC else _GAP


def _line(run: Sequence[_Character], number: int, upright: bool) -> Line | None:
    """A run as a line, in the font of most of it; capitals alone are as good as bold."""
    parts: list[str] = []
    first_word = 0.0
    for last, character in pairwise([run[0], *_composed(run)]):
        size = max(character.font.size, last.font.size)
        apart = parts and (character.apart or character.left - last.right > _TOUCHES * size)
        first_word = first_word or (last.right if apart else 0.0)
        parts.append(f" {character.text}" if apart else character.text)
    text = one_line(_readable("".join(parts)))
    if not text:
        return None
    font, _ = Counter(character.font for character in run).most_common(1)[0]
    bold = sum(character.font.bold for character in run) > 0.9 * len(run)
    capitals = text.isupper() and len(letters_of(text)) >= _CAPITALS
    left, right = min(character.left for character in run), max(character.right for character in run)
    y = next(character.y for character in run if character.font == font)
    size = font.size if upright else 0.0
    return Line(text, number, left, y, size, bold or capitals, font.monospaced, right, first_word or right)


def _readable(text: str) -> str:
    """Text with ligatures as letters."""
    return _LIGATURES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), cleaned(text))


def _rules(page: pypdfium2.PdfPage, turns: int) -> list[Rule]:
    """The lines across a page and up it that are drawn, or are the edges of rectangles; none of a drawing."""
    found: list[Rule] = []
    for drawn in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        found += _edges(drawn, turns)
        if len(found) > _MOST_RULES:
            return []
    return found


def _edges(drawn: pypdfium2.PdfObject, turns: int) -> Iterator[Rule]:
    """The straight lines of a path, after so many quarter turns."""
    matrix = drawn.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for at in range(min(raw.FPDFPath_CountSegments(drawn), _MOST_RULES)):
        segment = raw.FPDFPath_GetPathSegment(drawn, at)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = _turned_point(turns, *matrix.on_point(x.value, y.value))
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield from _rule(last, point)
        if raw.FPDFPathSegment_GetClose(segment):
            yield from _rule(point, start)
        last = point


def _rule(start: tuple[float, float], end: tuple[float, float]) -> Iterator[Rule]:
    """A line that runs across or up, and is no dot."""
    (left, bottom), (right, top) = map(min, zip(start, end, strict=True)), map(max, zip(start, end, strict=True))
    if right - left < 1 < top - bottom:
        yield Rule(left, bottom, left, top)
    elif top - bottom < 1 < right - left:
        yield Rule(left, bottom, right, bottom)


def _turned_point(turns: int, x: float, y: float) -> tuple[float, float]:
    return {1: (y, -x), 2: (-x, -y), 3: (-y, x)}.get(turns, (x, y))


def _outline(document: pypdfium2.PdfDocument) -> Outline:
    """The headings that a file's outline names."""
    found: dict[tuple[str, int], int] = {}
    for bookmark in document.get_toc():
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        if page is not None:
            found.setdefault((letters_of(bookmark.get_title()), page), bookmark.level)
    return found
