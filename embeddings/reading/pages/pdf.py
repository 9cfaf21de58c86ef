"""Turn the bytes of a PDF file into a draft of a document.

A PDF file says where each character stands and in which font, and which lines are drawn; `layout` makes a text of it.
"""

import ctypes
import math
import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from string import ascii_lowercase
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
from embeddings.reading.marks import LOWERED, RAISED, with_small
from embeddings.reading.pages.layout import written
from embeddings.reading.pages.lines import Line, Outline, Page, Rule, grouped, letters_of

MAX_PAGES = 5000
MAX_TEXT = 16 * 1024**2
"""Longest text, in characters: 5,000 full pages, and four times the Bible."""
MAX_EXPANSION = 100
"""How many characters a byte of a file may become, beyond the first million; prose packs to a third."""

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_WORD = re.compile(r"[^\W_]+")
_FEWEST_WORDS, _MOST_WORDS = 3, 0.7
"""Of a title with at least so many words more than this part stands on the first pages, if it is one."""
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
_TOUCHES_SMALL = 0.1
"""The same, one of which is raised or lowered."""
_LEVEL = 0.6
"""How many times the size a character stands higher or lower than the one before on the same line, at most."""
_WITHIN_SMALL = re.compile("\x0f\x0e|\x11\x10")
"""Where raised or lowered characters follow each other (`RAISED`, `LOWERED`)."""
_NOTE = re.compile(r"^[⁰¹²³⁴-⁹]+(?=[A-Z][a-z])")
"""The number of a note that begins on a line."""
_SMALL = 0.85
"""How many times the size of its line's text raised or lowered words are, at most."""
_RAISED, _LOWERED = 0.2, -0.1
"""How many times that size they stand above its base line, at least, or below it."""
_WIDTHS = dict(
    zip("aceimnorstu", (0.5, 0.444, 0.444, 0.278, 0.833, 0.556, 0.5, 0.392, 0.394, 0.389, 0.556), strict=True)
)
"""How many times their size letters of Computer Modern Roman are wide (Knuth, Computer Modern Typefaces)."""
_LIGATURES_OF_TEX = str.maketrans("\x0b\x0c\r\x0e\x0f", "\ufb00\ufb01\ufb02\ufb03\ufb04")
_MARKS_OF_TEX = str.maketrans('\\"{|', "“”–—")
"""Where TeX's fonts have them (The TeXbook, appendix F); those of typewriters have only the first."""
_WIDEST = 2
"""How many times the size of its font a character is wide, at most, unless the size is that of a dot."""
_CODES = frozenset(map(chr, (*range(32), *range(127, 160))))
_FEW_CODES, _MOST_CODES = 5, 0.08
"""So many characters that are control codes a legible font may have, or such a part of all."""
_MOST_RULES = 4000
"""A page with more of them is a drawing."""


class _Font(NamedTuple):
    """How a run of characters is set: its size in points, and the quarter turns it runs up at, or None."""

    size: float
    bold: bool
    monospaced: bool
    turns: int | None
    pictures: int = 0
    """Which font it is of, if that is one of pictures (Type 3)."""


class _Look(NamedTuple):
    """How a font of dots looks: its size as its small letters tell it, if it has some; are its codes letters?"""

    size: float
    monospaced: bool
    is_legible: bool


_ILLEGIBLE = _Look(0.0, monospaced=False, is_legible=False)


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
    blank = illegible = length = 0
    limit = min(MAX_TEXT, max(MAX_EXPANSION * len(data), 1024**2))
    for number in range(len(document)):
        page = Page([], [])
        try:
            page = _page(document, number, limit)
        except pypdfium2.PdfiumError as error:
            yield Remark(f"could not be read ({summary(error)})", failed=True, part=f", page {number + 1}")
        else:
            blank += not page.lines and page.is_legible
            illegible += not page.is_legible
        pages.append(page)
        length += sum(len(line.text) + 1 for line in page.lines)
        if length > limit:
            raise _too_long(limit)
    if 2 * illegible > len(pages) - blank:
        raise Unreadable("its fonts do not say which letters they draw; run OCR first")
    if not length and blank == len(pages):
        raise Unreadable("holds no text (a scan?); run OCR first")
    if length:
        text, starts, title = written(pages, _outline(document))
        given = given_title(_TAG.sub("", document.get_metadata_value("Title") or ""))
        yield Draft(stem, text, given if not title or _is_printed(given, pages[:2]) else title, pages=starts)
    if illegible:
        yield Remark(f"{counted(illegible, 'page')} of {len(pages):,} in fonts that do not say which letters they draw")
    if length and blank:
        yield Remark(f"{counted(blank, 'page')} of {len(pages):,} without text (scanned?)")


def _is_printed(title: str, pages: Sequence[Page]) -> bool:
    """Whether a title stands on pages, or most of its words do: programs give that of a template, or of a figure."""
    text = " ".join(line.text for page in pages for line in page.lines)
    words = set(_WORD.findall(title.casefold()))
    printed = words.intersection(_WORD.findall(text.casefold()))
    most = len(words) >= _FEWEST_WORDS and len(printed) > _MOST_WORDS * len(words)
    return bool(words) and (most or letters_of(title) in letters_of(text))


def _too_long(limit: int) -> Unreadable:
    return Unreadable(f"holds more than {limit:,} characters of text; split it")


def _page(document: pypdfium2.PdfDocument, number: int, limit: int) -> Page:
    """The lines of a page in the order of its content, those that run as most do first, and its rules."""
    page = document[number]
    textpage = page.get_textpage()
    if textpage.count_chars() > limit:
        raise _too_long(limit)
    written_there = list(_characters(textpage))
    characters = _legible(written_there)
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
    return Page([*once.values()][::-1], rules, 2 * len(characters) >= len(written_there))


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
        drawn = raw.FPDFText_GetTextObject(page, at)
        key = ctypes.addressof(drawn.contents) if drawn else 0
        if key not in fonts:
            fonts[key] = _font(page, at, drawn)
        font = fonts[key]
        if text == " " or (not font.pictures and (text.isspace() or text == "\0")):
            apart = True
            continue
        raw.FPDFText_GetLooseCharBox(page, at, box)
        raw.FPDFText_GetCharOrigin(page, at, x, y)
        left, right, level = _turned(font.turns or 0, box, x.value, y.value)
        if text in _HYPHENS and (not font.pictures or raw.FPDFText_IsHyphen(page, at) == 1):
            text = "-"
        elif text < " " and not font.pictures:
            text = "\0"  # it has its place, and is no sign of with_small's
        yield _Character(text, left, right, level, font, apart)
        apart = False


def _font(page: raw.FPDF_TEXTPAGE, at: int, drawn: Any) -> _Font:
    name, matrix, flags, pictures = ctypes.create_string_buffer(256), raw.FS_MATRIX(), 0, 0
    if drawn:
        font = raw.FPDFTextObj_GetFont(drawn)
        raw.FPDFFont_GetBaseFontName(font, name, len(name))
        flags = max(raw.FPDFFont_GetFlags(font), 0)
        pictures = 0 if name.value else ctypes.addressof(font.contents)  # all other fonts have a name
    raw.FPDFText_GetMatrix(page, at, matrix)
    base = name.value.decode("latin-1")
    size = raw.FPDFText_GetFontSize(page, at) * math.hypot(matrix.c, matrix.d)
    quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    turns = round(quarters) % 4 if abs(quarters - round(quarters)) < 0.05 else None
    monospaced = _MONOSPACED.search(base) or ("typewriter" in base.lower() and flags & _FIXED_PITCH)
    return _Font(abs(size), bool(_BOLD.search(base)), bool(monospaced), turns, pictures)


def _legible(characters: list[_Character]) -> list[_Character]:
    """Characters without those of fonts of dots whose codes are no letters; the others as large as they look.

    TeX's fonts are such where dvips made a file of them: their size is said to be that of a printer's dot. Where other
    programs did, pictures are often numbered in the order in which they came up, and only eyes can read them.
    """
    pictures: dict[int, list[_Character]] = defaultdict(list)
    for character in characters:
        if character.font.pictures and character.right - character.left > _WIDEST * character.font.size:
            pictures[character.font.pictures].append(character)
    if not pictures:
        return characters
    looks = {font: _look(all_of) for font, all_of in pictures.items()}
    words = [each.text for font, all_of in pictures.items() if looks[font].is_legible for each in all_of]
    words = [text for text in words if text not in _NUMERIC]
    if 2 * sum(text in ascii_lowercase for text in words) < len(words):
        looks = dict.fromkeys(looks, _ILLEGIBLE)
    return [kept for character in characters if (kept := _as_it_looks(character, looks.get(character.font.pictures)))]


def _as_it_looks(character: _Character, look: _Look | None) -> _Character | None:
    """A character of a font that looks so, if it is one of pictures; None if it says nothing."""
    text, font = character.text, character.font
    if look and look.size > font.size:
        text = text.translate(_LIGATURES_OF_TEX)
        text = text if look.monospaced else text.translate(_MARKS_OF_TEX)
        font = font._replace(size=look.size, monospaced=look.monospaced)
    return character._replace(text=text, font=font) if cleaned(text) and (not look or look.is_legible) else None


def _look(characters: Sequence[_Character]) -> _Look:
    """How the characters of a font of dots look."""
    small = [
        (character.text, character.right - character.left) for character in characters if character.text in _WIDTHS
    ]
    size = median(width / _WIDTHS[letter] for letter, width in small) if small else 0.0
    widths, letters = {round(width, 1) for _, width in small}, {letter for letter, _ in small}
    odd = sum(character.text in _CODES for character in characters)
    return _Look(size, len(widths) == 1 and len(letters) > 3, odd < max(_FEW_CODES, _MOST_CODES * len(characters)))


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
    font, _ = Counter(character.font for character in run).most_common(1)[0]
    y = next(character.y for character in run if character.font == font)
    parts: list[str] = []
    first_word = 0.0
    for last, character in pairwise([run[0], *_composed(run)]):
        held = _held(character, font.size, y)
        apart = bool(parts) and _is_apart(character, last, held != character.text)
        first_word = first_word or (last.right if apart else 0.0)
        parts.append(f" {held}" if apart else held)
    text = with_small(_WITHIN_SMALL.sub("", "".join(parts)))
    text = _NOTE.sub(r"\g<0> ", one_line(_readable(text)))
    if not text:
        return None
    bold = sum(character.font.bold for character in run) > 0.9 * len(run)
    capitals = text.isupper() and len(letters_of(text)) >= _CAPITALS
    left, right = min(character.left for character in run), max(character.right for character in run)
    size = font.size if upright else 0.0
    return Line(text, number, left, y, size, bold or capitals, font.monospaced, right, first_word or right)


def _is_apart(character: _Character, last: _Character, small: bool) -> bool:
    """Whether a blank stands between two characters, the second of which may be raised or lowered.

    PDFium sees one wherever figures begin that are, and wherever they end.
    """
    size, away = max(character.font.size, last.font.size), character.left - last.right
    if away > _TOUCHES * size or not character.apart:
        return away > _TOUCHES * size
    level = abs(character.y - last.y) < _RAISED * size
    return level or (small and character.text.isalpha()) or away > _TOUCHES_SMALL * size


def _held(character: _Character, size: float, y: float) -> str:
    """A character, raised or lowered if it is small and not on the base line of a text of that size."""
    if character.font.size > _SMALL * size or _LOWERED * size < character.y - y < _RAISED * size:
        return character.text
    return (RAISED if character.y > y else LOWERED).format(character.text.strip("\0"))


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
