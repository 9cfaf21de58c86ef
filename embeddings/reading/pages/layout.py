"""Lines of pages, as a text in Markdown's form: headings, paragraphs, lists, tables and code, by where they stand.

What is set larger than most of the text, or alone in bold, is a heading, unless an outline names the headings; a gap
between lines parts paragraphs; what stands beside each other, line after line, is a table; what stands at the same
place of several pages is a running head, and no part of the text.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from embeddings.reading.formats import one_line
from embeddings.reading.marks import Writer, escaped, joined
from embeddings.reading.pages.lines import (
    Line,
    Outline,
    Page,
    grouped,
    had_to_end,
    is_level,
    letters_of,
    rounded,
    usual_size,
    without_numeral,
)
from embeddings.reading.pages.reading_order import in_order
from embeddings.reading.pages.running_heads import without_running_heads
from embeddings.reading.pages.tables import Table, ruled, stacked

_ENDS_OF_SENTENCES = tuple(".!?:;…。！？\"'”’»)]")
_LARGER = 1.08
"""How many times the size of most text that of a heading is, at least."""
_LARGE = 1.3
"""The same where it ends as a sentence does."""
_FEW_BOLD = 0.5
"""Of a text, that is bold where bold sets headings apart."""
_NESTED = 2
"""So many levels deeper, at most, than its size says."""
_UNNAMED = 4
"""So many lines that are set as a heading which the outline names, for each that it names, are headings too."""
_SMALLER = 0.93
"""How many times that size a note's is, at most."""
_LONGEST_HEADING = 200
_CAPTION = re.compile(r"(?:Fig(?:ure|\.)|Table|Abb(?:ildung|\.)|Tabelle|Figura|Tabla|Tableau) \d+", re.IGNORECASE)
_RELATION = re.compile("[=<>≤≥≈∈⇒→]")
_LONG_WORD = re.compile(r"[^\W\d_]{4}")
"""A line with a relation that has no such word is a formula."""
_SMALLEST_CAPITALS = 0.75
_LONGEST_SECTION = 80
_SECTION = re.compile(r"(?:\d+\.\d+(?:\.\d+)*\.?|[IVX]+\.) [A-Z]")
"""How the heading of a section begins that is numbered: "2.1 Pumps", "IV. Pumps"."""
_APART = 1.25
"""How many times their usual distance two lines stand apart that are of two paragraphs."""
_DEEPEST_INDENT = 40
_NEARLY = 0.85
"""Of the width of a paragraph, that a line fills which may go on without a sentence's end."""
_RAGGED = 0.2
"""Of the width of a paragraph, that the lines which fill it may be shorter."""
_MOST = 0.6
"""Of the lines of a paragraph, that fill it if its text runs on from each to the next."""
_NEAR = 60
"""Lines before and behind one, that say how wide its column is."""
_STATEMENT = 5
"""Words of a line that ends before it had to and says something by itself, or two less and a full stop; what has fewer
may be an address's."""
_WIDEST_MARK = 5
"""How many times the size of a line it begins behind an item's mark, at most."""
_DOTS = "•‣◦▪●○■□⁃∙·►▶♦➢✓✔\uf0b7\uf0a7\uf0d8\uf076"
"""Bullets, the last four as fonts of symbols have them."""
_BULLET = re.compile(rf"(?:[{_DOTS}]|[-–−*](?= )|o(?= [A-Z]))\s*")
_OF_NOTE = re.compile(r" ?(?:[∗*†‡§¶⋆]|(?<!\d)[⁰¹²³⁴-⁹])$")
"""What stands behind a title that a note is about."""
_BRACKETED = re.compile(r"\[[^\[\]]*\]|[^\[]*\]")
"""What is said beside a text, or the end of that: "[Adopted 5-4-2015]"."""
_REVISED = re.compile(
    r"(?:(?:last|as) )?(?:revised|revision|updated|amended|modified|effective|draft)\b", re.IGNORECASE
)
"""What says when a text was changed, and not what it is called."""
_STARRED = re.compile(r"\w\*+(?!\w)")
_CLAUSE = (
    r"§ ?\d+[a-z]?|\(?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})\)|\d+(?:\.\d+)+[.)]?|\[\d{1,3}\]|[QA]:|[A-Za-z]\.|[ivx]{2,4}\."
)
"""What a clause begins with that is no item of a list: "§ 2", "(a)", "iv)", "2.1", "[3]", "B."."""
_LABEL = re.compile(
    r"(?P<part>article|book|by-?law|chapter|division|part|section|title|appendix|annex|schedule|§) ?"
    r"(?:\d+(?:[-.]\d+)*[a-z]?|[ivxlc]+|[a-z])\b[.:]?",
    re.IGNORECASE,
)
"""What the heading of a part of a law or book begins with: "ARTICLE IV", "Chapter 3.", "§ 10-100"."""
_LONE_MARK = re.compile(rf"(?P<number>\d{{1,3}})[.)]?|[{_DOTS}–—−o*-]|(?P<clause>{_CLAUSE})")
_OPENS_CLAUSE = re.compile(rf"(?:{_CLAUSE}) (?=\S)")
_NUMBERED = re.compile(r"(?P<number>\d{1,3})[.)] +(?=\S)")
_MARK = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?: |$)|[-=]+$")
"""What a line begins with that would be read as an item of a list, or makes a heading of the line before."""
_STEM = re.compile(r"(?<![^\W\d_])(?P<stem>[^\W\d_]{2,})[-‐\u00ad]$")
_REST = re.compile(r"(?P<rest>[^\W\d_]+)(?P<mark>\S*) ?")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_JOINS = ("and ", "or ", "to ")
"""What follows on a hyphen that is one: "pre-" and "post-war"."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MOST_HEADS = 4
_LEADER = re.compile(r" ?\.(?: ?\.){4,}+ ?")
_ENTRY = re.compile(r"(?:^| )… (?:page |p\. ?)?(?P<page>\d{1,4})$", re.IGNORECASE)
"""What leads to a page, and how an entry of a table of contents ends."""
_FEWEST_ENTRIES = 5
"""Of a page, that such a table has at least, if it does not go on."""
_Pieces = Iterator[tuple[str, str, int]]
"""Pieces of text: what parts each from the one before in its block, the text, and its page, from 0."""


def written(pages: Sequence[Page], outline: Outline) -> tuple[str, tuple[int, ...], str]:
    """The text of pages in Markdown's form, where each of them begins in it, and what is set largest on the first.

    >>> lines = [Line("Pumps", 0, 0, 90, 18), Line("Open the valve care-", 0, 0, 60, 10), Line("fully.", 0, 0, 48, 10)]
    >>> written([Page(lines)], {})
    ('# Pumps\\n\\nOpen the valve carefully.', (0,), 'Pumps')
    """
    pages = [page._replace(lines=list(map(_without_leader, page.lines))) for page in pages]
    kept = [in_order(lines) for lines in without_running_heads(_with_stars(_without_contents(pages)))]
    has_code = not all(line.monospaced for page in kept for line in page)
    flow = [
        item for page, own in zip(pages, kept, strict=True) for item in _with_tables(Page(own, page.rules), has_code)
    ]
    form, words = _Form([item for item in flow if isinstance(item, Line)], outline), _Words(chain.from_iterable(kept))
    text, size, title = _Text(), 1.2 * form.size, ""
    before: Sequence[Line] = ()
    left, above = 0.0, 0
    of_parts: dict[str, int] = {}
    for block in _with_labels(_with_notes_behind(_blocks(_with_whole_tables(flow), form), form), form):
        if isinstance(block, Table):
            text.add(_table(block, words))
            before, above = (), 0
            continue
        if level := form.level(block):
            if above >= level and not outline:  # what stands right below a heading is within it
                level = min(above + 1, level + _NESTED, 6)
            if label := _LABEL.match(block[0].text):
                level = of_parts.setdefault(label["part"].casefold(), level)
            text.add(_heading(block, level, words))
            if block[0].page == 0 and block[0].size > size and not _REVISED.match(block[0].text):
                size = block[0].size
                title = _OF_NOTE.sub("", one_line(" ".join(line.text for line in block)))
        elif form.is_code(block[0]):
            text.add(_code(block))
        else:
            tight = bool(before and _mark_of(before[0]) and _mark_of(block[0]))
            left = left if tight else block[0].x
            indent = "   " if tight and block[0].x > left + block[0].size else ""
            text.add(_prose(block, words, indent, form), "\n" if tight else "\n\n")
        before, above = block, level
    text.turn(len(pages))
    return str(text), tuple(text.starts), title


# --- lines of pages --------------------------------------------------------------------------------


def _with_tables(page: Page, has_code: bool) -> Iterator[Line | Table]:
    """The lines and tables of a page in their order; there is none in code."""

    def is_kept(item: Line | Table) -> bool:
        return isinstance(item, Table) or (has_code and item.monospaced)

    for group in grouped(ruled(page), lambda item, before: is_kept(item) or is_kept(before[-1])):
        lines = [item for item in group if isinstance(item, Line) and not is_kept(item)]
        yield from stacked(_with_marks(lines)) if lines else group


def _without_leader(line: Line) -> Line:
    """A line whose dots that lead to the number of a page are one sign."""
    return line._replace(text=_LEADER.sub(" … ", line.text).strip())


def _without_contents(pages: Sequence[Page]) -> list[Page]:
    """Pages without what stands from the first to the last entry of a table of contents, which repeats headings."""
    kept: list[Page] = []
    fewest = _FEWEST_ENTRIES
    for page in pages:
        rows = grouped(sorted(page.lines, key=lambda line: -line.y), lambda line, row: not is_level(line, row[0]))
        ends = (
            (row, _ENTRY.search(" ".join(line.text for line in sorted(row, key=lambda line: line.x)))) for row in rows
        )
        entries = [(row[0].y, int(end["page"])) for row, end in ends if end]
        falls = sum(number > following for (_, number), (_, following) in pairwise(entries))
        is_table = (
            len(entries) >= fewest and 10 * falls <= len(entries) and max(entry[1] for entry in entries) <= len(pages)
        )
        fewest = 1 if is_table else _FEWEST_ENTRIES
        if is_table:
            top, bottom = entries[0][0], entries[-1][0]
            page = page._replace(lines=[line for line in page.lines if not bottom - 1 <= line.y <= top + 1])
        kept.append(page)
    return kept


def _with_stars(pages: Sequence[Page]) -> list[list[Line]]:
    """The lines of pages, of which those with a star are notes, and no items, where as many words have one."""
    lines = [line.text for page in pages for line in page.lines]
    noted = sum(line.startswith("*") for line in lines) <= sum(bool(_STARRED.search(line)) for line in lines)
    return [
        [line._replace(text=f"\\{line.text}") if noted and line.text.startswith("*") else line for line in page.lines]
        for page in pages
    ]


def _with_marks(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines of which the mark of an item and what stands beside it are one."""
    rows = list(grouped(lines, lambda line, row: not _is_beside(line, row[-1])))
    for first, *others in rows:
        mark = _LONE_MARK.fullmatch(first.text)
        if mark and others and _is_item(first, others, bool(mark["number"])):
            most, words = max(others, key=lambda line: len(line.text)), " ".join(line.text for line in others)
            lead = f"{mark['number']}." if mark["number"] else "•" if mark[0] in "o—" else mark[0]
            yield most._replace(text=f"{lead} {words}", x=first.x, right=others[-1].right)
        else:
            yield from (first, *others)


def _is_beside(line: Line, last: Line) -> bool:
    """Whether a line stands to the right of the one before."""
    return line.x > last.x and is_level(line, last)


def _is_item(mark: Line, words: Sequence[Line], numbered: bool) -> bool:
    """Whether words stand close to their mark; a number that others follow in columns is a cell."""
    close = words[0].x - mark.x < _WIDEST_MARK * max(line.size for line in words)
    return close and (len(words) == 1 or not numbered or bool(_BULLET.match(words[0].text)))


def _least(distances: Sequence[float]) -> float:
    """The least distance that at least one in ten is, or else the commonest."""
    counts = Counter(distances)
    usual = max(counts, key=lambda distance: counts[distance])
    return min((distance for distance in counts if 10 * counts[distance] >= len(distances)), default=usual)


def _as_named(text: str) -> tuple[str, str]:
    """The letters of a heading as an outline may have it: whole, or without its number."""
    return letters_of(text), letters_of(without_numeral(text))


def _style(line: Line) -> tuple[float, bool]:
    return rounded(line.size), line.bold


# --- their form -------------------------------------------------------------------------------------


class _Form:
    """What is usual in a document, and so what sets a block apart."""

    def __init__(self, lines: Sequence[Line], outline: Outline) -> None:
        self.size = usual_size(lines)
        self._prose = not all(line.monospaced for line in lines)
        self._plain = sum(len(line.text) for line in lines if line.bold) < _FEW_BOLD * sum(
            len(line.text) for line in lines
        )
        self._sides: dict[tuple[int, float], list[tuple[float, float]]] = {}
        for line in lines:
            self._sides.setdefault((line.page, rounded(line.size)), []).append((line.x, line.right))
        distances: dict[float, list[float]] = {}
        for above, below in pairwise(lines):
            if above.page == below.page and 0.3 * below.size < above.y - below.y < 3 * below.size:
                distances.setdefault(rounded(below.size), []).append(round(above.y - below.y, 1))
        self._apart = {size: _least(all_of) for size, all_of in distances.items()}
        named = {(letters, line.page): line for line in lines if outline for letters in _as_named(line.text)}
        found = [heading for heading in outline if heading in named]
        self._outline = outline if len(found) > 1 else {}
        styles = {_style(named[heading]): min(outline[heading] + 2, 6) for heading in found if self._outline}
        often, by_name = Counter(map(_style, lines)), Counter(_style(named[heading]) for heading in found)
        self._styles = {
            style: level
            for style, level in styles.items()
            if style != (rounded(self.size), False) and often[style] <= _UNNAMED * by_name[style]
        }
        larger = {rounded(line.size) for line in lines if line.size > _LARGER * self.size}
        self._levels = {size: level for level, size in enumerate(sorted(larger, reverse=True), 1)}
        self._title = max((rounded(line.size) for line in lines if line.page == lines[0].page), default=0.0)

    def apart(self, size: float) -> float:
        """The usual distance from one line of that size to the next, in points."""
        return self._apart.get(rounded(size), 1.2 * size)

    def ends(self, line: Line, following: Line, block: Sequence[Line]) -> bool:
        """Whether a line of a block ends where it does though the next one's first word had place behind it."""
        if is_level(line, following):
            return False
        beneath = [o for o in block if o.page == line.page and o.x < line.right and line.x < o.right] or [line]
        left, right = min(other.x for other in beneath), max(other.right for other in beneath)
        full = sum(other.right > right - _RAGGED * (right - left) for other in beneath[:-1])
        if len(beneath) > 2 and full < _MOST * (len(beneath) - 1):  # lines that end anywhere say nothing of the column
            right = self._right(line)
        if line.right - left > _NEARLY * (right - left) and not line.text.endswith(_ENDS_OF_SENTENCES):
            return False
        return not had_to_end(line, following, right)

    def fills(self, line: Line, following: Line) -> bool:
        """Whether a line had no place for the next one's first word, among all that begin where it does."""
        return had_to_end(line, following, self._right(line))

    def _right(self, line: Line) -> float:
        """How far to the right the lines of a page run that begin where one does, and are as large."""
        sides = self._sides.get((line.page, rounded(line.size)), [])
        return max([line.right, *(right for x, right in sides if abs(x - line.x) < 2 * line.size)])

    def is_code(self, line: Line) -> bool:
        """Whether a line is set in a font for code, where not all are."""
        return line.monospaced and self._prose

    def stands_out(self, line: Line) -> bool:
        """Whether a line is bold, where not all are, or larger than the text."""
        return (line.bold and self._plain) or line.size > _LARGER * self.size

    def is_note(self, block: Sequence[Line]) -> bool:
        """Whether a block is set smaller than the text, or runs in another direction."""
        return block[0].size < _SMALLER * self.size

    def names(self, *lines: Line) -> bool:
        """Whether the outline names lines as a heading."""
        return self._depth(lines) is not None

    def _depth(self, lines: Sequence[Line]) -> int | None:
        """How deep the heading is that the outline names so, from 0."""
        named = _as_named(" ".join(line.text for line in lines)) if self._outline else ()
        found = (self._outline.get((letters, lines[0].page)) for letters in named)
        return next((depth for depth in found if depth is not None), None)

    def level(self, block: Sequence[Line]) -> int:
        """That of the heading that a block is, from 1 to 6; 0 for none."""
        text, first = " ".join(line.text for line in block), block[0]
        letters = letters_of(text)
        if len(text) > _LONGEST_HEADING or len(letters) < 3 or _BULLET.match(text):
            return 0
        if (depth := self._depth(block)) is not None:
            return min(depth + 2, 6)
        if self.is_code(first) or _CAPTION.match(text) or _BRACKETED.fullmatch(text):
            return 0
        if _RELATION.search(text) and not _LONG_WORD.search(text):
            return 0
        level = min(self._levels.get(rounded(first.size), 0), 6)
        if self._outline:  # headings that it leaves out look as those that it names, but the title
            title = level and first.page == 0 and rounded(first.size) == self._title
            return 1 if title else self._styles.get(_style(first), 0) if len(block) <= 2 else 0
        if level and not (text.endswith((".", ",", ";")) and first.size < _LARGE * self.size):
            return level
        large = first.size > (_SMALLEST_CAPITALS if text.isupper() else 0.95) * self.size
        opens = first.bold and self._plain and large and (text[0].isupper() or text[0].isdigit())
        ends = len(block) > 2 or text.endswith((".", ",", ";", ":"))
        section = len(block) == 1 and len(text) < _LONGEST_SECTION and _SECTION.match(text)
        return min(len(self._levels) + 1, 6) if (opens or section) and not ends else 0


def _with_whole_tables(items: Iterable[Line | Table]) -> Iterator[Line | Table]:
    """Lines and tables, of which one that goes on at the top of the next page is one."""
    for group in grouped(items, lambda item, before: not _is_continued(before[-1], item)):
        first = group[0]
        if isinstance(first, Table):
            rows, head = [*first.rows], _texts(first.rows[0])
            for table in group[1:]:
                if isinstance(table, Table):
                    rows += table.rows[_texts(table.rows[0]) == head :]
            yield first._replace(rows=rows)
        else:
            yield from group


def _is_continued(item: Line | Table, following: Line | Table) -> bool:
    if not isinstance(item, Table) or not isinstance(following, Table):
        return False
    last, first = (next(table.lines) for table in (item, following))
    return len(item.rows[-1]) == len(following.rows[0]) and first.page == last.page + 1


def _blocks(items: Iterable[Line | Table], form: _Form) -> Iterator[Table | list[Line]]:
    """Lines that belong together: those of a heading, of a paragraph, of an item of a list, of code; and tables."""
    lines: list[Line] = []
    for item in items:
        if isinstance(item, Table):
            yield from grouped(lines, lambda line, block: _opens(line, block, form))
            yield item
            lines = []
        else:
            lines.append(item)
    yield from grouped(lines, lambda line, block: _opens(line, block, form))


def _with_notes_behind(blocks: Iterable[Table | list[Line]], form: _Form) -> Iterator[Table | list[Line]]:
    """Blocks, of which a paragraph that goes on in the next column or on the next page is one.

    What stands between follows: the notes below it, and the figures and tables above the rest of it.
    """
    held: list[Table | list[Line]] = []
    for block in blocks:
        opened = held[0] if held and not isinstance(held[0], Table) else []
        first = next(block.lines) if isinstance(block, Table) else block[0]
        if opened and not isinstance(block, Table) and len(held) > 1 and _carries_on(block, opened):
            opened += block
        elif opened and first.page <= opened[-1].page + 1 and _floats(block, opened, form):
            held.append(block)
        else:
            yield from held
            held = [block]
    yield from held


def _with_labels(blocks: Iterable[Table | list[Line]], form: _Form) -> Iterator[Table | list[Line]]:
    """Blocks, of which the number of a part and the heading right below it are one: "ARTICLE IV", "TOWN OFFICERS"."""
    for group in grouped(blocks, lambda block, before: not _is_titled(before[-1], block, form)):
        label, *titles = group
        yield [*label, *titles[0]] if titles else label


def _is_titled(label: Table | list[Line], block: Table | list[Line], form: _Form) -> bool:
    if isinstance(label, Table) or isinstance(block, Table) or len(label) > 1 or not _LABEL.fullmatch(label[0].text):
        return False
    alike = _style(label[0]) == _style(block[0]) and label[0].page == block[0].page and not _LABEL.match(block[0].text)
    return alike and form.level(label) > 0 and form.level([*label, *block]) > 0


def _floats(block: Table | list[Line], before: Sequence[Line], form: _Form) -> bool:
    """Whether a block may stand within a paragraph: a note below it, or a figure or table above the rest of it."""
    ended = before[-1].text.endswith(_ENDS_OF_SENTENCES)
    if isinstance(block, Table):
        return not ended
    if form.is_note(block) and block[0].page == before[-1].page:
        return True
    return not ended and (form.is_note(block) or bool(_CAPTION.match(block[0].text)))


def _carries_on(block: Sequence[Line], before: Sequence[Line]) -> bool:
    """Whether a block on the next page, or in the next column, goes on in the middle of a sentence."""
    last, first = before[-1], block[0]
    small = first.text[0].islower() or not last.text.endswith(_ENDS_OF_SENTENCES)
    behind = first.page == last.page + 1 or (first.page == last.page and first.y > last.y)
    return behind and _style(first) == _style(last) and small and not _mark_of(first)


def _opens(line: Line, block: Sequence[Line], form: _Form) -> bool:
    """Whether a line opens another block than the one before it."""
    last, near = block[-1], block[-_NEAR:]
    if _is_beside(line, last):
        return False
    if line.bold != last.bold and not (line.text[0].islower() and form.fills(last, line)):
        return True
    if line.monospaced != last.monospaced or form.names(line) or form.names(*near):
        return True
    if abs(line.size - last.size) > (_LARGER - 1) * max(line.size, last.size):
        return True
    if _mark_of(line) and not form.is_code(line) and _follows(line, block):
        return True
    if _LABEL.match(line.text) and form.stands_out(line):
        return True
    if _OPENS_CLAUSE.match(line.text) and (last.text.endswith(_ENDS_OF_SENTENCES) or form.ends(last, line, near)):
        return True
    down, ended = last.y - line.y, last.text.endswith(_ENDS_OF_SENTENCES)
    if line.page != last.page or down < -0.5 * line.size:
        return ended or form.ends(last, line, near)
    if down > _APART * form.apart(line.size):
        return True
    if _mark_of(block[0]) and _is_left_of_item(line, block):
        return ended or bool(_mark_of(line)) or form.ends(last, line, near)
    indented = 0.5 * line.size < line.x - last.x < 6 * line.size
    hangs = _mark_of(block[0]) or _OPENS_CLAUSE.match(block[0].text)
    return indented and ended and not hangs and not form.is_code(line)


def _is_left_of_item(line: Line, block: Sequence[Line]) -> bool:
    """Whether a line begins left of an item's text: of its mark, or below it where the item's other lines do not."""
    mark = block[0].x
    hanging = any(other.x > mark + 0.5 * line.size for other in block[1:])
    ended = hanging or block[-1].text.endswith(_ENDS_OF_SENTENCES)
    return line.x < mark - 0.3 * line.size or (ended and line.x < mark + 0.3 * line.size)


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
    if not block[-1].text.endswith(_ENDS_OF_SENTENCES):
        return number["number"] == "1" and bool(_mark_of(block[0]))
    return number["number"] == "1" or bool(_OPENS_CLAUSE.match(block[0].text))


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


def _table(table: Table, words: _Words) -> _Pieces:
    rows = [_texts(row, words) for row in table.rows]
    pages = [next(line for cell in row for line in cell).page for row in table.rows]
    header = all(line.bold for cell in table.rows[0] for line in cell) or _names_columns(rows, table.ruled)
    heads = _heads(rows) if header else 0
    rows[:heads] = [[" ".join(filter(None, column)) for column in zip(*rows[:heads], strict=True)]] if heads else []
    writer = Writer()
    writer.table(rows, header)
    for text, page in zip(joined(writer.blocks).split("\n"), [pages[0]] * 2 + pages[heads:], strict=True):
        yield "\n", text, page


def _heads(rows: Sequence[Sequence[str]]) -> int:
    """How many rows the header has: a further one names no row, and has no numbers but years."""
    heads = 1
    while heads < min(_MOST_HEADS, len(rows) - 1) and not rows[heads][0] and all(map(_is_name, rows[heads])):
        heads += 1
    return heads if len(rows) > heads and rows[heads][0] else 1


def _is_name(cell: str) -> bool:
    return not any(map(str.isdigit, cell)) or bool(_YEAR.search(cell))


def _names_columns(rows: Sequence[Sequence[str]], usual: bool) -> bool:
    """Whether the first row says what stands below: words, or a year, above numbers; as usual if there are none."""
    for_it = against = 0
    for name, *cells in zip(*rows, strict=True):
        filled = [cell for cell in cells if cell]
        if name and 2 * sum(any(map(str.isdigit, cell)) for cell in filled) > len(filled):
            for_it, against = for_it + _is_name(name), against + (not _is_name(name))
    return usual if for_it == against else for_it > against


def _texts(row: Sequence[Sequence[Line]], words: _Words | None = None) -> list[str]:
    """What stands in the cells of a row."""
    cells = ([line.text for line in cell] for cell in row)
    return [" ".join(filter(None, _without_hyphens(cell, words) if words else cell)) for cell in cells]


def _prose(block: Sequence[Line], words: _Words, indent: str, form: _Form) -> _Pieces:
    """A paragraph, or an item of a list: its lines are one, but where one ends before it had to."""
    mark = _mark_of(block[0])
    texts = [line.text for line in block]
    if mark:
        texts[0] = (_BULLET if mark == "- " else _NUMBERED).sub("", texts[0], count=1)
    texts = _without_hyphens(texts, words)
    yield "", indent + mark + escaped(texts[0]), block[0].page
    for at, ((last, before), (line, text)) in enumerate(pairwise(zip(block, texts, strict=True))):
        if _goes_on(before, text):
            yield "", escaped(text), line.page
        elif _ENTRY.search(before):
            yield "\n", escaped(text), line.page
        elif (
            not text[:1].islower()
            and not _MARK.match(text)
            and form.ends(last, line, block[max(at - _NEAR, 0) : at + _NEAR])
        ):
            whole = not mark and len(before.split()) >= _STATEMENT - 2 * before.endswith(_ENDS_OF_SENTENCES)
            yield "\n\n" if whole else "\n" + indent + " " * len(mark), escaped(text), line.page
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
