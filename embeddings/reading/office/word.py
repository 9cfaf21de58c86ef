"""Turn the bytes of a Word document (DOCX) into a draft of a document, with the form that its styles give it."""

import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.styles.style import BaseStyle
from lxml.etree import _Element

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, cleaned, counted, given_title, one_line
from embeddings.reading.marks import LOWERED, RAISED, Writer, joined, lettered, repeated, spanning, whole, with_small
from embeddings.reading.office.formulas import FORMULA, formula
from embeddings.reading.office.packed import unpacked

_MOST_STYLES = 10
"""A style is made from at most so many others."""
_NUMBERED_STYLE = re.compile(r"List (?P<kind>Number|Bullet)(?: (?P<level>[2-9]))?")
_CODE_STYLE = re.compile(r"code|preformatted|verbatim|macro", re.IGNORECASE)
_QUOTE_STYLES = {"Quote", "Intense Quote", "Block Text", "Quotations"}
_HEADING = re.compile(
    r"(?!(?:figure|fig\.|table|page) ?\d|[A-Za-z]\))(?=\w.*?[^\W\d_]{3})(?!.*(?:\t|@|://)).{1,99}[^\s.,;!?]",
    re.IGNORECASE,
)
"""A line that may be a heading without a style: no caption, option or address."""
_MOST_MARKED = 0.6
"""Where a larger share of the paragraphs is in bold or underlined, that marks no headings."""
_CONTINUING_STYLES = ("List Continue", "List Paragraph")

_PARAGRAPH, _TABLE, _ROW, _CELL, _RUN, _TEXT = (qn(f"w:{tag}") for tag in ("p", "tbl", "tr", "tc", "r", "t"))
_VALUE = qn("w:val")
_CONTAINERS = {qn(f"w:{tag}") for tag in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_SMALL = {"superscript": RAISED, "subscript": LOWERED}
_LETTERS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
"""The forms of `lettered` by what Word calls them."""
_SHOWN = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_INLINE = _CONTAINERS | {qn(f"w:{tag}") for tag in ("r", "hyperlink", "fldSimple", "bdo", "dir")} | {qn("m:oMathPara")}


def read_docx(data: bytes, stem: str) -> Found:
    """A Word document in Markdown's form. No date of its file is its publication's."""
    with unpacked(data):
        document = docx.Document(io.BytesIO(data))
    body = document.element.body
    styles = {style.style_id: _Style.of(style) for style in document.styles}
    parts = (each for each in document.part.rels.values() if each.reltype == RELATIONSHIP_TYPE.NUMBERING)
    numbering = next((getattr(each.target_part, "element", None) for each in parts if not each.is_external), None)
    marked = [_is_marked(paragraph) for paragraph in body.iter(_PARAGRAPH) if _has_words(paragraph)]
    reader = _Reader(styles, _Numbering(numbering), sum(marked) <= _MOST_MARKED * len(marked))
    reader.read(body)
    text = reader.end()
    if not text.strip():
        raise Unreadable("holds no text")
    yield Draft(stem, text, given_title(document.core_properties.title))
    if notes := len(body.xpath(".//w:footnoteReference | .//w:endnoteReference")):
        yield Remark(f"{counted(notes, 'footnote')} left out")
    if boxes := len(body.xpath(".//w:txbxContent[not(ancestor::*[local-name() = 'Fallback'])]")):
        yield Remark(f"{counted(boxes, 'drawn text')} left out")
    if any(map(_is_hidden, body.iter(_RUN))):
        yield Remark("hidden text left out")


class _Item(NamedTuple):
    """How a paragraph stands in a list: which numbering it follows, and how deep it is, from 0."""

    numbering: str
    level: int


class _Style(NamedTuple):
    """What a paragraph's style says of its form; 1 to 6 as `heading`, 0 for none."""

    name: str = ""
    heading: int = 0
    code: bool = False
    quotation: bool = False
    item: _Item | None = None
    numbered: bool = False
    deeper: int = 0
    """How much deeper an item is than its numbering says: 1 for `List Number 2`."""

    @classmethod
    def of(cls, style: BaseStyle) -> "_Style":
        """That of the style itself, or of one that it is made from."""
        found = cls(style.name or "")
        above: BaseStyle | None = style
        for _ in range(_MOST_STYLES):
            if above is None:
                break
            name = above.name or ""
            listed = _NUMBERED_STYLE.fullmatch(name)
            found = found._replace(
                heading=found.heading or _heading_level(name),
                code=found.code or _CODE_STYLE.search(name) is not None,
                quotation=found.quotation or name in _QUOTE_STYLES,
                item=found.item or _item(above.element),
                numbered=found.numbered or bool(listed and listed["kind"] == "Number"),
                deeper=found.deeper or (int(listed["level"] or 1) - 1 if listed else 0),
            )
            above = getattr(above, "base_style", None)
        return found


def _heading_level(name: str) -> int:
    if name == "Title":
        return 1
    return min(int(name[8:]), 6) if name.startswith("Heading ") and name[8:].isdecimal() else 0


def _item(element: _Element) -> _Item | None:
    """What the properties of a paragraph or a style say of a list; numbering 0 is none."""
    found = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if found is None:
        return None
    return _Item(_value(found, "w:numId") or "", whole(_value(found, "w:ilvl"), 0))


class _Numbering:
    """The numberings of a document, and how far each has come."""

    def __init__(self, root: _Element | None) -> None:
        self._levels: dict[str, dict[int, tuple[str, int]]] = {}
        """By abstract numbering and level, the format of its numbers and the first of them."""
        self._abstract: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        """At which numbers a numbering begins anew when it is first used."""
        self._count: dict[tuple[str, int], int] = {}
        for element in root if root is not None else ():
            if element.tag == qn("w:abstractNum"):
                self._levels[element.get(qn("w:abstractNumId"), "")] = dict(_levels(element))
            elif element.tag == qn("w:num"):
                key = element.get(qn("w:numId"), "")
                self._abstract[key] = _value(element, "w:abstractNumId") or ""
                self._restarts[key] = {
                    whole(override.get(qn("w:ilvl")), 0): whole(_value(override, "w:startOverride"), 1)
                    for override in element.iter(qn("w:lvlOverride"))
                    if _value(override, "w:startOverride")
                }

    def next(self, item: _Item, numbered: bool) -> int | None:
        """The number of the next item; None for one without. `numbered` says it where the numbering is not known."""
        abstract = self._abstract.get(item.numbering, "")
        form, first = self._levels.get(abstract, {}).get(item.level, ("decimal" if numbered else "bullet", 1))
        if form in ("bullet", "none"):
            return None
        for level, start in self._restarts.pop(item.numbering, {}).items():
            self._count[abstract, level] = start - 1
        number = self._count[abstract, item.level] = self._count.get((abstract, item.level), first - 1) + 1
        for level in range(item.level + 1, 9):
            self._count.pop((abstract, level), None)
        return number

    def form(self, item: _Item) -> str | None:
        """By which letters or Roman figures the items are counted, as `lettered` takes it."""
        levels = self._levels.get(self._abstract.get(item.numbering, ""), {})
        return _LETTERS.get(levels[item.level][0]) if item.level in levels else None


def _levels(abstract: _Element) -> Iterator[tuple[int, tuple[str, int]]]:
    for level in abstract.iter(qn("w:lvl")):
        form = _value(level, "w:numFmt") or "decimal"
        yield whole(level.get(qn("w:ilvl")), 0), (form, whole(_value(level, "w:start"), 1))


class _Reader:
    """Follows the paragraphs and tables of a document and writes down its blocks."""

    def __init__(self, styles: Mapping[str, _Style], numbering: _Numbering, marks: bool) -> None:
        """`marks` says whether a line in bold or underlined may be a heading."""
        self._styles = styles
        self._marks = marks
        self._numbering = numbering
        self._writer = Writer()
        self._items: list[int] = []
        """How deep the items stand that are open, each in a list of its own."""
        self._code: list[str] = []
        self._quoting = False
        self._level = 0
        """Of the last heading that has a style."""

    def read(self, container: _Element) -> None:
        """The paragraphs and tables of a part of the document."""
        for child in container:
            if child.tag == _PARAGRAPH:
                self._paragraph(child)
            elif child.tag == _TABLE:
                self._table(child)
            elif child.tag in _CONTAINERS:
                self.read(child)

    def end(self) -> str:
        """The whole text."""
        self._end_blocks()
        return joined(self._writer.blocks)

    def _paragraph(self, paragraph: _Element) -> None:
        style = self._style(paragraph)
        raw = cleaned(with_small("".join(_inline(paragraph))))
        text = raw.strip()
        if style.code and not style.heading:
            self._code.append(raw.rstrip())
            return
        if not text:
            return
        self._end_code()
        item = _item(paragraph) or style.item
        if style.heading:
            self._end_blocks()
            self._level = style.heading
            self._writer.heading(style.heading, text)
        elif item and item.numbering != "0":
            self._list_item(item, style)
            self._writer.paragraph(text)
        elif self._marks and not style.quotation and _heads(paragraph, text):
            self._end_blocks()
            self._writer.heading(min(max(self._level, 1) + 1, 6), text)
        else:
            if not (self._items and style.name.startswith(_CONTINUING_STYLES)):
                self._end_items(-1)
            self._quote(style.quotation)
            self._writer.question(text) if _asks(paragraph, text) else self._writer.paragraph(text)

    def _style(self, paragraph: _Element) -> _Style:
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._styles.get("" if style is None else style.get(_VALUE, ""), _Style())

    def _list_item(self, item: _Item, style: _Style) -> None:
        self._quote(False)
        level = item.level + style.deeper
        self._end_items(level)
        if self._items and self._items[-1] == level:
            self._writer.close()
        else:
            self._writer.open_list()
            self._items.append(level)
        number, form = self._numbering.next(item, style.numbered), self._numbering.form(item)
        label = lettered(number, form) if number and form else ""
        self._writer.open_item(None if label else number, label)

    def _end_items(self, level: int) -> None:
        """Close the items that stand deeper than a level."""
        while self._items and self._items[-1] > level:
            self._items.pop()
            self._writer.close()
            self._writer.close_list()

    def _quote(self, quoted: bool) -> None:
        if self._quoting and not quoted:
            self._writer.close()
        elif quoted and not self._quoting:
            self._writer.open_quotation()
        self._quoting = quoted

    def _end_code(self) -> None:
        """Paragraphs of code that follow each other are one block of it, in the item where one is open."""
        self._writer.code("\n".join(self._code))
        self._code.clear()

    def _end_blocks(self) -> None:
        self._end_code()
        self._quote(False)
        self._end_items(-1)

    def _table(self, table: _Element) -> None:
        """A table of several rows and columns; one that arranges the page is what stands in it."""
        rows = [list(_within(row, _CELL)) for row in _within(table, _ROW)]
        self._end_blocks()
        if len(rows) < 2 or max(map(len, rows)) < 2 or len(list(islice(table.iter(_TABLE), 2))) > 1:
            for cell in chain.from_iterable(rows):
                self.read(cell)
            self._end_blocks()
            return
        shown: list[list[str]] = []
        for row in rows:
            shown.append(_row(row, shown[-1] if shown else []))
        self._writer.table(shown, _has_header(table))


def _row(cells: list[_Element], above: list[str]) -> list[str]:
    """The text of each cell, which those below a cell that spans rows have from it."""
    row: list[str] = []
    for cell in cells:
        merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
        if merged is not None and merged.get(_VALUE) != "restart":
            text = repeated(above[len(row)]) if len(row) < len(above) else ""
        else:
            text = one_line(" ".join(with_small("".join(_inline(each))) for each in _paragraphs(cell)))
        columns = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
        row += spanning(text, whole(columns.get(_VALUE) if columns is not None else None, 1))
    return row


def _paragraphs(container: _Element) -> Iterator[_Element]:
    for child in container:
        if child.tag == _PARAGRAPH:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _paragraphs(child)


def _has_header(table: _Element) -> bool:
    """Whether the first row is styled as the header, repeated on each page or all bold."""
    look = table.find(f"{qn('w:tblPr')}/{qn('w:tblLook')}")
    if look is not None and (look.get(qn("w:firstRow")) in ("1", "true") or _flags(look.get(_VALUE)) & 0x20):
        return True
    row = next(_within(table, _ROW))
    return row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None or _is_bold(row)


def _flags(value: str | None) -> int:
    try:
        return int(value or "0", 16)
    except ValueError:
        return 0


def _asks(paragraph: _Element, text: str) -> bool:
    return text.endswith("?") and "\n" not in text and _is_bold(paragraph)


def _heads(paragraph: _Element, text: str) -> bool:
    """Whether a line is a heading without a style: short, marked as a whole, right above what is not, and not the last
    of three and more that are.
    """
    if not _HEADING.fullmatch(text) or not _is_marked(paragraph):
        return False
    following = next(filter(_has_words, paragraph.itersiblings()), None)
    before = list(islice(filter(_has_words, paragraph.itersiblings(preceding=True)), 2))
    crowd = len(before) == 2 and all(map(_is_marked_line, before))
    return following is not None and not _is_marked_line(following) and not crowd


def _is_marked_line(element: _Element) -> bool:
    return element.tag == _PARAGRAPH and _is_marked(element)


def _has_words(element: _Element) -> bool:
    return any((text.text or "").strip() for text in element.iter(_TEXT))


def _is_marked(element: _Element) -> bool:
    """Whether all words are in bold, or all are underlined."""
    return _is_bold(element) or _all_have(element, "w:u", "none")


def _is_bold(element: _Element) -> bool:
    return _all_have(element, "w:b", "0", "false")


def _is_hidden(element: _Element) -> bool:
    return _all_have(element, "w:vanish", "0", "false")


def _all_have(element: _Element, tag: str, *off: str) -> bool:
    """Whether each run with words has a property, and not one of the values that say that it does not."""
    marks = [run.find(f"{qn('w:rPr')}/{qn(tag)}") for run in element.iter(_RUN) if _has_words(run)]
    return bool(marks) and all(mark is not None and mark.get(_VALUE) not in off for mark in marks)


def _within(parent: _Element, tag: str) -> Iterator[_Element]:
    """The elements of a table that are `tag`, also those inside content controls."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _within(child, tag)


def _inline(parent: _Element) -> Iterator[str]:
    """What a reader sees of a paragraph: inserted text, but nothing deleted, hidden, drawn or in a field's code."""
    for child in parent:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag in _SHOWN:
            yield _SHOWN[child.tag]
        elif child.tag == FORMULA:
            yield formula(child)
        elif child.tag in _INLINE and not _is_hidden(child):
            words = _inline(child)
            height = child.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
            held = _SMALL.get("" if height is None else height.get(_VALUE, ""))
            yield from (held.format("".join(words)),) if held else words


def _value(element: _Element, tag: str) -> str | None:
    found = element.find(qn(tag))
    return None if found is None else found.get(_VALUE)
