"""Lines of pages, as a text in Markdown's form: headings, paragraphs, lists, tables and code, by where they stand.

What is set larger than most of the text, or alone in bold, is a heading, unless an outline names the headings; a gap
between lines parts paragraphs; what stands beside each other, line after line, is a table; what stands at the same
place of several pages is a running head, and no part of the text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from embeddings.formats import one_line
from embeddings.marks import Writer, escaped, joined

_ENDS_OF_SENTENCES = tuple(".!?:;…。！？\"'”’»)]")
_LARGER = 1.08
"""How many times the size of most text that of a heading is, at least."""
_LONGEST_HEADING = 200
_SMALLEST_CAPITALS = 0.75
_LONGEST_SECTION = 80
_SECTION = re.compile(r"(?:\d+\.\d+(?:\.\d+)*\.?|[IVX]+\.) [A-Z]")
"""How the heading of a section begins that is numbered: "2.1 Pumps", "IV. Pumps"."""
_APART = 1.25
"""How many times their usual distance two lines stand apart that are of two paragraphs."""
_EDGE = 3
"""So many lines at the top of a page, and at its bottom, may be a running head."""
_NEAR = 8
"""Points that the same head may stand higher or lower on another page."""
_DEEPEST_INDENT = 40
_SHORT = 0.75
"""Of the longest line of a paragraph; what is shorter and followed by a capital ends there, as in an address."""
_LONGEST_CELL = 60
"""One of two texts that stand beside each other is no longer, or they are columns of a page."""
_WIDEST_MARK = 5
"""How many times the size of a line it begins behind an item's mark, at most."""
_DOTS = "•‣◦▪●○■□⁃∙·➢✓✔\uf0b7\uf0a7\uf0d8\uf076"
"""Bullets, the last four as fonts of symbols have them."""
_BULLET = re.compile(rf"(?:[{_DOTS}]|[-–*](?= ))\s*")
_LONE_MARK = re.compile(rf"(?P<number>\d{{1,3}})[.)]?|[{_DOTS}–*-]")
_NUMBERED = re.compile(r"(?P<number>\d{1,3})[.)] +(?=\S)")
_MARK = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?: |$)|[-=]+$")
"""What a line begins with that would be read as an item of a list, or makes a heading of the line before."""
_STEM = re.compile(r"(?<![^\W\d_])(?P<stem>[^\W\d_]{2,})[-‐\u00ad]$")
_REST = re.compile(r"(?P<rest>[^\W\d_]+)(?P<mark>\S*) ?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_JOINS = ("and ", "or ", "to ")
"""What follows on a hyphen that is one: "pre-" and "post-war"."""
_DIGITS = re.compile(r"\d+")
_OF_PAGES = re.compile(r"\b(?:page|seite|pagina|página|pág|p)\b", re.IGNORECASE)
_LARGEST_SHARE = 0.3
"""Of a page's characters, that its running heads may be."""
_TOP, _BOTTOM = 10**6, -(10**6)
_Sign = tuple[str, int, int | None]
"""A running head's words, its place, and by how much its number is ahead of the page's, from 0."""
Outline = Mapping[tuple[str, int], int]
"""The letters of headings and their pages, from 0; and how deep they are, from 0."""
_Pieces = Iterator[tuple[str, str, int]]
"""Pieces of text: what parts each from the one before in its block, the text, and its page, from 0."""


class Line(NamedTuple):
    """A line of a page, from 0: its text, where it begins in points from the left and the bottom, and its font.

    A line that runs up or down the page has the size 0.
    """

    text: str
    page: int
    x: float = 0.0
    y: float = 0.0
    size: float = 0.0
    bold: bool = False
    monospaced: bool = False
    cells: tuple[tuple[float, str], ...] = ()
    """Of a row of a table, what stands beside each other, and where it begins."""


def written(pages: Sequence[Sequence[Line]], outline: Outline) -> tuple[str, tuple[int, ...], str]:
    """The text of pages in Markdown's form, where each of them begins in it, and what is set largest on the first.

    >>> lines = [Line("Pumps", 0, 0, 90, 18), Line("Open the valve care-", 0, 0, 60, 10), Line("fully.", 0, 0, 48, 10)]
    >>> written([lines], {})
    ('# Pumps\\n\\nOpen the valve carefully.', (0,), 'Pumps')
    """
    lines = _without_running_heads([list(_in_rows(page)) for page in pages])
    form, words, text = _Form(lines, outline), _Words(lines), _Text()
    size, title = 1.2 * form.size, ""
    before: list[Line] = []
    left = 0.0
    for block in _blocks(lines, form):
        if level := form.level(block):
            text.add(_heading(block, level, words))
            if block[0].page == 0 and block[0].size > size:
                size, title = block[0].size, one_line(" ".join(line.text for line in block))
        elif form.is_code(block[0]):
            text.add(_code(block))
        elif sum(bool(line.cells) for line in block) > 1:
            text.add(_table(block))
        else:
            tight = bool(before and _mark_of(before[0]) and _mark_of(block[0]))
            left = left if tight else block[0].x
            indent = "   " if tight and block[0].x > left + block[0].size else ""
            text.add(_prose(block, words, indent), "\n" if tight else "\n\n")
        before = block
    text.turn(len(pages))
    return str(text), tuple(text.starts), title


def letters_of(text: str) -> str:
    """What a heading and its entry in an outline share, whatever their numbers and spaces."""
    return "".join(character for character in text.casefold() if character.isalpha())


# --- lines of pages --------------------------------------------------------------------------------


def _in_rows(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines of which those that stand beside each other are one: an item with its mark, or cells of a row."""
    return map(_row, _grouped(lines, lambda line, row: not _is_beside(line, row[-1])))


def _grouped(lines: Iterable[Line], opens: Callable[[Line, Sequence[Line]], bool]) -> Iterator[list[Line]]:
    """Lines in groups, each of which goes on until a line opens the next."""
    group: list[Line] = []
    for line in lines:
        if group and opens(line, group):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _is_beside(line: Line, last: Line) -> bool:
    """Whether a line stands beside the one before, not below; a cell of several lines may begin further up."""
    level = abs(line.y - last.y) < 0.35 * min(line.size, last.size)
    up = 0 < line.y - last.y < 3 * line.size and line.x > last.x + 2 * last.size
    return (level or up) and line.x > last.x and min(len(line.text), len(last.text)) < _LONGEST_CELL


def _row(pieces: Sequence[Line]) -> Line:
    """What stands beside each other as one line: an item where it begins with the mark of one."""
    first, *others = pieces
    if not others:
        return first
    most = max(pieces, key=lambda piece: len(piece.text))
    mark, words = _LONE_MARK.fullmatch(first.text), " ".join(piece.text for piece in others)
    close = others[0].x - first.x < _WIDEST_MARK * most.size
    if mark and close and (len(others) == 1 or not mark["number"] or _BULLET.match(words)):
        return most._replace(text=f"{mark['number']}. {words}" if mark["number"] else f"{mark[0]} {words}", x=first.x)
    text, cells = " ".join(piece.text for piece in pieces), tuple((piece.x, piece.text) for piece in pieces)
    return most._replace(text=text, x=first.x, bold=all(piece.bold for piece in pieces), cells=cells)


def _without_running_heads(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """The lines of all pages but those at the edge of one that stand at the same place of many others, too.

    They are the same but for the page's number, and no larger than most of the text, as titles of slides would be; of
    two pages, which may be a letter and its copy, smaller. A page of which they would be a good part is kept whole.
    """
    size = _usual_size(line for page in pages for line in page)
    largest = (_LARGER if len(pages) > 2 else 0.95) * size
    edges: list[dict[int, set[_Sign]]] = []
    for page in pages:
        ordered = sorted(range(len(page)), key=lambda at: page[at].y)
        at_edge = (at for at in {*ordered[:_EDGE], *ordered[-_EDGE:]} if page[at].size <= largest)
        edges.append({at: _signs(page, at, page[at].size < 0.95 * size) for at in at_edge})
    seen = Counter(sign for edge in edges for sign in set().union(*edge.values()))
    several = max(min(3, len(pages)), 2, len(pages) / 3)
    chapters = _chapters(seen, several)
    common = chapters | {sign for sign, times in seen.items() if times >= several and sign[1] not in (_TOP, _BOTTOM)}
    kept: list[Line] = []
    once: set[str] = set()
    for page, edge in zip(pages, edges, strict=True):
        heads = {at for at, signs in edge.items() if common & signs}
        first = {at for at in heads if page[at].size >= 0.95 * size and _is_said(page[at], once)}
        heads -= first
        left_out = sum(len(page[at].text) for at in heads)
        whole = left_out > _LARGEST_SHARE * sum(len(line.text) for line in page)
        kept += [line for at, line in enumerate(page) if whole or at not in heads]
    return kept


def _is_said(line: Line, before: set[str]) -> bool:
    """Whether a head as large as the text says something, for the first time: there it is kept."""
    words = _DIGITS.sub("", line.text)
    new = bool(letters_of(words)) and not _OF_PAGES.search(words) and words not in before
    before.add(words)
    return new


def _signs(page: Sequence[Line], at: int, smaller: bool) -> set[_Sign]:
    """What a running head shares with others: its words at its place, apart from a number that counts as pages do.

    Such a number may be the invoice's or the week's, so what stands with it is smaller, or says "page", or nothing;
    or it is the head of a chapter, which differs between pages: "12 Pumps", outermost.
    """
    line = page[at]
    places = (round(line.y / _NEAR), -1 - round(line.y / _NEAR + 0.5))
    signs: set[_Sign] = set() if line.cells and not smaller else {(line.text, place, None) for place in places}
    edges = [
        edge for edge, outermost in ((_TOP, max), (_BOTTOM, min)) if line.y == outermost(other.y for other in page)
    ]
    for number in _DIGITS.finditer(line.text):
        rest = f"{line.text[: number.start()]}#{line.text[number.end() :]}"
        if len(number[0]) > 4:
            continue
        counts = int(number[0]) - line.page
        if smaller or _OF_PAGES.search(rest) or not letters_of(rest):
            signs |= {(rest, place, counts) for place in places}
        signs |= {(rest, edge, counts) for edge in edges}
    return signs


def _chapters(seen: Mapping[_Sign, int], several: float) -> set[_Sign]:
    """Heads that count on from each other, of which one at least is on several pages."""
    chapters: set[_Sign] = set()
    groups: dict[tuple[int, int], list[_Sign]] = {}
    for sign in seen:
        words, place, counts = sign
        if place in (_TOP, _BOTTOM) and counts is not None and letters_of(words):
            groups.setdefault((place, counts), []).append(sign)
    for group in groups.values():
        if len(group) > 1 and max(seen[sign] for sign in group) > 1 and sum(seen[sign] for sign in group) >= several:
            chapters |= set(group)
    return chapters


def _usual_size(lines: Iterable[Line]) -> float:
    """That of most characters, in points."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[_rounded(line.size)] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], size), default=0.0)


def _least(distances: Sequence[float]) -> float:
    """The least distance that at least one in ten is, or else the commonest."""
    counts = Counter(distances)
    usual = max(counts, key=lambda distance: counts[distance])
    return min((distance for distance in counts if 10 * counts[distance] >= len(distances)), default=usual)


def _style(line: Line) -> tuple[float, bool]:
    return _rounded(line.size), line.bold


def _rounded(size: float) -> float:
    return round(size * 2) / 2


# --- their form -------------------------------------------------------------------------------------


class _Form:
    """What is usual in a document, and so what sets a block apart."""

    def __init__(self, lines: Sequence[Line], outline: Outline) -> None:
        self.size = _usual_size(lines)
        self._prose = not all(line.monospaced for line in lines)
        distances: dict[float, list[float]] = {}
        for above, below in pairwise(lines):
            if above.page == below.page and 0.3 * below.size < above.y - below.y < 3 * below.size:
                distances.setdefault(_rounded(below.size), []).append(round(above.y - below.y, 1))
        self._apart = {size: _least(all_of) for size, all_of in distances.items()}
        named = {(letters_of(line.text), line.page): line for line in lines if outline}
        found = outline.keys() & named.keys()
        self._outline = outline if len(found) > 1 else {}
        styles = {_style(named[heading]): min(outline[heading] + 2, 6) for heading in found if self._outline}
        self._styles = {style: level for style, level in styles.items() if style != (_rounded(self.size), False)}
        larger = {_rounded(line.size) for line in lines if line.size > _LARGER * self.size}
        self._levels = {size: level for level, size in enumerate(sorted(larger, reverse=True), 1)}
        self._title = max((_rounded(line.size) for line in lines if line.page == lines[0].page), default=0.0)

    def apart(self, size: float) -> float:
        """The usual distance from one line of that size to the next, in points."""
        return self._apart.get(_rounded(size), 1.2 * size)

    def is_code(self, line: Line) -> bool:
        """Whether a line is set in a font for code, where not all are."""
        return line.monospaced and self._prose

    def names(self, line: Line) -> bool:
        """Whether the outline names a line as a heading."""
        return (letters_of(line.text), line.page) in self._outline

    def level(self, block: Sequence[Line]) -> int:
        """That of the heading that a block is, from 1 to 6; 0 for none."""
        text, first = " ".join(line.text for line in block), block[0]
        letters = letters_of(text)
        if len(text) > _LONGEST_HEADING or len(letters) < 3 or self.is_code(first) or _BULLET.match(text):
            return 0
        if (letters, first.page) in self._outline:
            return min(self._outline[letters, first.page] + 2, 6)
        level = min(self._levels.get(_rounded(first.size), 0), 6)
        if self._outline:  # headings that it leaves out look as those that it names, but the title
            title = level and first.page == 0 and _rounded(first.size) == self._title
            return 1 if title else self._styles.get(_style(first), 0) if len(block) <= 2 else 0
        if level:
            return level
        large = first.size > (_SMALLEST_CAPITALS if text.isupper() else 0.95) * self.size
        opens = first.bold and large and (text[0].isupper() or text[0].isdigit())
        ends = len(block) > 2 or text.endswith((".", ",", ";", ":"))
        section = len(block) == 1 and len(text) < _LONGEST_SECTION and _SECTION.match(text)
        return min(len(self._levels) + 1, 6) if (opens or section) and not ends else 0


def _blocks(lines: Iterable[Line], form: _Form) -> Iterator[list[Line]]:
    """Lines that belong together: those of a heading, of a paragraph, of an item of a list, of code."""
    return _grouped(lines, lambda line, block: _opens(line, block, form))


def _opens(line: Line, block: Sequence[Line], form: _Form) -> bool:
    """Whether a line opens another block than the one before it."""
    last = block[-1]
    if block[0].cells or line.cells:
        return not _is_in_table(line, block)
    if line.bold != last.bold or line.monospaced != last.monospaced or form.names(line) or form.names(last):
        return True
    if abs(line.size - last.size) > (_LARGER - 1) * max(line.size, last.size):
        return True
    if _mark_of(line) and not form.is_code(line) and _follows(line, block):
        return True
    down, ended = last.y - line.y, last.text.endswith(_ENDS_OF_SENTENCES)
    if line.page != last.page or down < -0.5 * line.size:
        return ended
    if down > _APART * form.apart(line.size):
        return True
    if _mark_of(block[0]) and _is_left_of_item(line, block):
        return True
    indented = 0.5 * line.size < line.x - last.x < 6 * line.size
    return indented and ended and not _mark_of(block[0]) and not form.is_code(line)


def _is_left_of_item(line: Line, block: Sequence[Line]) -> bool:
    """Whether a line begins left of an item's text: of its mark, or below it where the item's other lines do not."""
    mark = block[0].x
    hanging = any(other.x > mark + 0.5 * line.size for other in block[1:])
    ended = hanging or block[-1].text.endswith(_ENDS_OF_SENTENCES)
    return line.x < mark - 0.3 * line.size or (ended and line.x < mark + 0.3 * line.size)


def _is_in_table(line: Line, block: Sequence[Line]) -> bool:
    """Whether a line is a further row of a table, or of a column other than the first."""
    down = block[-1].y - line.y
    if not block[0].cells or line.page != block[-1].page or not -3 * line.size < down < 4 * line.size:
        return False
    columns = max((row.cells for row in block), key=len)
    return bool(line.cells) or any(abs(line.x - x) < line.size for x, _ in columns[1:])


def _mark_of(line: Line) -> str:
    """What a line begins with as an item of a list: "- " or "2. "."""
    if _BULLET.match(line.text):
        return "- "
    numbered = _NUMBERED.match(line.text)
    return f"{numbered['number']}. " if numbered else ""


def _follows(line: Line, block: Sequence[Line]) -> bool:
    """Whether a line with an item's mark is one behind a block: a number is the first, or the next after an item's."""
    number, before = _NUMBERED.match(line.text), _NUMBERED.match(block[0].text)
    if not number:
        return True
    if before:
        return int(number["number"]) == int(before["number"]) + 1
    return number["number"] == "1" and bool(_mark_of(block[0]) or block[-1].text.endswith(_ENDS_OF_SENTENCES))


# --- in Markdown ------------------------------------------------------------------------------------


class _Words:
    """How often each word is written within a line."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._counts = Counter(word for line in lines for word in _WORD.findall(line.text.casefold()))

    def joined(self, stem: str, rest: str) -> str:
        """A word that is parted at the end of a line, with its hyphen where it has one elsewhere."""
        plain, parted = f"{stem}{rest}", f"{stem}-{rest}"
        return parted if self._counts[parted.casefold()] > self._counts[plain.casefold()] else plain


class _Text:
    """A text that grows by pieces, and where each page begins in it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.starts: list[int] = []

    def __str__(self) -> str:
        return "".join(self._parts)

    def add(self, pieces: _Pieces, apart: str = "\n\n") -> None:
        """The pieces of a block, set apart so from the one before; a blank page begins where that before it ends."""
        for at, (parted, text, page) in enumerate(pieces):
            self.turn(page)
            self._write(parted if at else apart if self._parts else "")
            self.turn(page + 1)
            self._write(text)

    def turn(self, pages: int) -> None:
        """So many pages have begun."""
        self.starts += [self._length] * (pages - len(self.starts))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _heading(block: Sequence[Line], level: int, words: _Words) -> _Pieces:
    texts = _without_hyphens([line.text for line in block], words)
    yield "", f"{'#' * level} {' '.join(filter(None, texts))}", block[0].page


def _code(block: Sequence[Line]) -> _Pieces:
    left = min(line.x for line in block)
    yield "", "```", block[0].page
    for line in block:
        indent = round((line.x - left) / (0.6 * line.size)) if line.size else 0
        yield "\n", " " * min(indent, _DEEPEST_INDENT) + line.text.replace("```", "` ` `"), line.page
    yield "\n", "```", block[-1].page


def _table(block: Sequence[Line]) -> _Pieces:
    """A table. Its first row is a header if it is bold, or has no numbers where all others have some."""
    columns = [x for x, _ in max((line.cells for line in block), key=len)]
    rows: list[list[str]] = []
    pages: list[int] = []
    for at, line in enumerate(block):
        cells = line.cells or ((line.x, line.text),)
        if line.cells or block[at - 1].y - line.y > 1.5 * line.size:
            rows.append([""] * len(columns))
            pages.append(line.page)
        for number, (x, text) in enumerate(cells):
            place = (
                number if len(cells) == len(columns) else min(range(len(columns)), key=lambda n: abs(columns[n] - x))
            )
            rows[-1][place] = f"{rows[-1][place]} {text}".strip()
    numbers = [any(map(str.isdigit, "".join(row))) for row in rows]
    header = block[0].bold or (not numbers[0] and all(numbers[1:]))
    writer = Writer()
    writer.table(rows, header)
    for text, page in zip(joined(writer.blocks).split("\n"), [pages[0]] * 2 + pages[header:], strict=True):
        yield "\n", text, page


def _prose(block: Sequence[Line], words: _Words, indent: str) -> _Pieces:
    """A paragraph, or an item of a list: its lines are one, but where one ends long before it had to."""
    mark = _mark_of(block[0])
    texts = [line.text for line in block]
    for pattern in (_BULLET, _NUMBERED) if mark else ():
        texts[0] = pattern.sub("", texts[0], count=1) if pattern.match(texts[0]) else texts[0]
    short = _SHORT * max(map(len, texts))
    texts = _without_hyphens(texts, words)
    yield "", indent + mark + escaped(texts[0]), block[0].page
    for (last, before), (line, text) in pairwise(zip(block, texts, strict=True)):
        if _goes_on(before, text):
            yield "", escaped(text), line.page
        elif len(last.text) < short and not text[:1].islower() and not _MARK.match(text):
            yield "\n" + indent + " " * len(mark), escaped(text), line.page
        elif text:
            yield " ", escaped(text), line.page


def _goes_on(line: str, following: str) -> bool:
    """Whether a line goes on in the next without a blank: "2010-", "2015", or an address that is parted."""
    word = line.rpartition(" ")[2]
    if word.endswith(("-", "‐")):
        return len(word) > 1 and not following.startswith(_JOINS)
    return word.endswith(("http:", "https:")) or ("://" in word and word.endswith(("/", "_", "=", "&", "?")))


def _without_hyphens(texts: Sequence[str], words: _Words) -> list[str]:
    """Lines that end with whole words; one of which nothing is left is empty."""
    whole = list(texts)
    for at in range(1, len(whole)):
        whole[at - 1 : at + 1] = _without_hyphen(whole[at - 1], whole[at], words)
    return whole


def _without_hyphen(line: str, following: str, words: _Words) -> tuple[str, str]:
    """Two lines of which the first ends with a whole word, where a hyphen parts it: "care-", "fully." """
    stem, rest = _STEM.search(line), _REST.match(following)
    if not stem or not rest or not rest["rest"][0].islower() or following.startswith(_JOINS):
        return line, following
    word = words.joined(stem["stem"], rest["rest"])
    return f"{line[: stem.start()]}{word}{rest['mark']}", following[rest.end() :]
