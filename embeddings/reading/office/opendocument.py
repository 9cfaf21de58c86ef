"""Turn the bytes of an OpenDocument text, presentation or spreadsheet into a draft of a document, with its form."""

import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain

from lxml import etree
from lxml.etree import _Element

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, cleaned, counted, given_title, one_line
from embeddings.reading.marks import (
    LETTERED,
    LOWERED,
    RAISED,
    Table,
    Writer,
    joined,
    lettered,
    paged,
    repeated,
    whole,
    with_small,
)
from embeddings.reading.office.packed import NO_TEXT, tree, unpacked
from embeddings.reading.office.sheets import Sheet, written

_NAMESPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for name in ("office", "text", "table", "style", "drawing", "presentation")
}
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_DRAWN = f"{{{_NAMESPACES['drawing']}}}"
_CLASS = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}class"
_NAMING = ("title", "header", "footer", "date-time", "page-number", "page")
"""What names a slide, and is no part of what stands on it."""
_CODE_STYLES = ("Preformatted", "Source", "Code")
_INDEXES = "table-of-content illustration-index table-index object-index user-index alphabetical-index bibliography"
_UNSEEN = frozenset(f"tracked-changes note annotation annotation-end {_INDEXES}".split())
"""What is no part of the text: what was deleted, notes, comments, indexes that are made of the text."""


def read_odt(data: bytes, stem: str) -> Found:
    """An OpenDocument text in Markdown's form. No date of its file is its publication's."""
    content, styles, title = _opened(data)
    reader = _Reader(styles)
    bodies = list(content.iter(_tag("office", "text")))
    for body in bodies:
        reader.read(body)
    text = reader.end()
    if not text.strip():
        raise Unreadable("holds no text")
    yield Draft(stem, text, title)
    drawn = chain(content.iterfind(".//{*}p//{*}text-box"), content.iterfind(".//{*}p//{*}custom-shape"))
    if boxes := sum(bool(reader.words(box).strip()) for box in drawn):
        yield Remark(f"{counted(boxes, 'drawn text')} left out")
    if notes := sum(1 for _ in content.iter(_tag("text", "note"))):
        yield Remark(f"{counted(notes, 'footnote')} left out")
    if any(styles.hides(element) for body in bodies for element in body.iter()):
        yield Remark("hidden text left out")


def read_odp(data: bytes, stem: str) -> Found:
    """An OpenDocument presentation: each slide a page under its title, with what the speaker notes.

    Slides that are hidden are left out.
    """
    content, styles, title = _opened(data)
    slides = list(content.iter(_tag("drawing", "page")))
    text, starts = paged("" if styles.hides(slide) else _slide(slide, styles) for slide in slides)
    if not text.strip():
        raise Unreadable(NO_TEXT)
    yield Draft(stem, text, title or _heading(slides[0], _Reader(styles)), pages=starts)
    if hidden := sum(map(styles.hides, slides)):
        yield Remark(f"{counted(hidden, 'hidden slide')} left out")


def read_ods(data: bytes, stem: str) -> Found:
    """An OpenDocument spreadsheet: what the cells of its sheets show. Hidden sheets, rows and columns are left out."""
    content, styles, title = _opened(data)
    sheets = [sheet for body in content.iter(_tag("office", "spreadsheet")) for sheet in body.iterchildren(_TABLE)]
    shown = [sheet for sheet in sheets if not styles.hides(sheet)]
    text = written(Sheet(sheet.get(_tag("table", "name"), ""), _rows(sheet, _Reader(styles))) for sheet in shown)
    if not text.strip():
        raise Unreadable(NO_TEXT)
    yield Draft(stem, text, title)
    if hidden := len(sheets) - len(shown):
        yield Remark(f"{counted(hidden, 'hidden sheet')} left out")


def _rows(sheet: _Element, reader: "_Reader") -> Iterator[list[str]]:
    """The rows of a sheet that show; a cell that spans rows stands in each of them."""
    hidden: set[int] = set()
    at = 0
    for column in sheet.iter(_tag("table", "table-column")):
        times = min(whole(column.get(_tag("table", "number-columns-repeated")), 1), _MOST_COLUMNS - at)
        if column.get(_VISIBILITY, "visible") != "visible":
            hidden.update(range(at, at + times))
        at += times
    spanning: dict[int, tuple[int, str]] = {}
    for row in sheet.iter(_ROW):
        if next(row.iterancestors(_TABLE)) is not sheet:
            continue
        cells: list[str] = []
        for cell in row.iterchildren(_CELL, _tag("table", "covered-table-cell")):
            text = "\n".join(map(reader.words, _paragraphs(cell)))
            down, times = (
                whole(cell.get(_tag("table", f"number-{what}")), 1) for what in ("rows-spanned", "columns-repeated")
            )
            if down > 1:
                spanning[len(cells)] = down, repeated(text)
            cells += [text] * min(times, _MOST_COLUMNS - len(cells))
        for at, (_, text) in spanning.items():
            if at < len(cells):
                cells[at] = cells[at] or text
        spanning = {at: (left - 1, text) for at, (left, text) in spanning.items() if left > 1}
        if row.get(_VISIBILITY, "visible") == "visible":
            shown = [text for at, text in enumerate(cells) if at not in hidden]
            yield from [shown] * min(whole(row.get(_tag("table", "number-rows-repeated")), 1), _MOST_TIMES)


def _slide(slide: _Element, styles: "_Styles") -> str:
    reader = _Reader(styles)
    reader.writer.heading(1, _heading(slide, reader))
    for shape in slide.iterchildren():
        if shape.get(_CLASS) not in _NAMING:
            reader.read((shape,))
    return reader.end()


def _heading(slide: _Element, reader: "_Reader") -> str:
    shapes = (shape for shape in slide.iterchildren() if shape.get(_CLASS) == "title")
    return one_line(" ".join(reader.words(line) for shape in shapes for line in _paragraphs(shape)))


def _opened(data: bytes) -> tuple[_Element, "_Styles", str]:
    """What a file holds, its styles and its title."""
    manifest = "META-INF/manifest.xml"
    with unpacked(data) as archive:
        if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
            raise Unreadable("encrypted with a password; save it without one")
        content = tree(archive.read("content.xml"))
        return content, _styles(archive, content), _title(archive)


def _tag(space: str, name: str) -> str:
    return f"{{{_NAMESPACES[space]}}}{name}"


def _name(element: _Element) -> str:
    """The name of an element without its namespace; "" for an entity that is not resolved."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


_TABLE, _ROW, _CELL = (_tag("table", name) for name in ("table", "table-row", "table-cell"))
_VISIBILITY = _tag("table", "visibility")
_HIDES = {
    _tag("table", "display"): "false",
    _tag("presentation", "visibility"): "hidden",
    _tag("text", "display"): "none",
    _tag("text", "is-hidden"): "true",
}
"""By which properties of a style, or of an element itself, something does not show."""
_MOST_TIMES = 20
"""A cell that is repeated stands in no more columns of a table, a row of a sheet no oftener."""
_MOST_COLUMNS = 1000
"""Columns of a sheet that are read."""


def _title(archive: zipfile.ZipFile) -> str:
    if "meta.xml" not in archive.namelist():
        return ""
    found = next(tree(archive.read("meta.xml")).iter("{*}title"), None)
    return given_title(found.text) if found is not None else ""


class _Styles:
    """What the styles of a document are made from, and which levels of its lists are numbered."""

    def __init__(self, roots: list[_Element]) -> None:
        self._above: dict[str, str] = {}
        self._lists: dict[str, dict[int, int | None]] = {}
        self._forms: dict[tuple[str, int], str] = {}
        self._heights: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._of_lists: dict[str, str] = {}
        for root in roots:
            for style in root.iter(_tag("style", "style")):
                self._above[style.get(_tag("style", "name"), "")] = style.get(_tag("style", "parent-style-name"), "")
                self._of_lists[style.get(_tag("style", "name"), "")] = style.get(_tag("style", "list-style-name"), "")
                if any(_HIDES.items() & given.attrib.items() for given in style):
                    self._hidden.add(style.get(_tag("style", "name"), ""))
                for given in style.iter(_tag("style", "text-properties")):
                    self._heights[style.get(_tag("style", "name"), "")] = given.get(_tag("style", "text-position"), "")
            for style in root.iter(_tag("text", "list-style")):
                name = style.get(_tag("style", "name"), "")
                self._lists[name] = dict(_levels(style))
                for level in style:
                    at = whole(level.get(_tag("text", "level")), 1)
                    self._forms[name, at] = level.get(_tag("style", "num-format"), "")

    def names(self, element: _Element, plain: bool = True) -> list[str]:
        """The style of a paragraph, and those that it is made from; `plain` with their spaces."""
        names = [element.get(_tag("text", "style-name"), "")]
        while (above := self._above.get(names[-1], "")) and above not in names:
            names.append(above)
        return [name.replace("_20_", " ") for name in names] if plain else names

    def listed(self, element: _Element) -> str:
        """The style of a list that says none itself: that which the style of its first paragraph names."""
        paragraph = next(element.iter(_tag("text", "p")), None)
        names = self.names(paragraph, plain=False) if paragraph is not None else []
        return next((self._of_lists[name] for name in names if self._of_lists.get(name)), "")

    def hides(self, element: _Element) -> bool:
        """Whether a sheet, a slide, a section, a paragraph or words in it do not show."""
        styles = {element.get(_tag(space, "style-name")) for space in ("table", "drawing", "text")}
        fields = element.iterchildren(_tag("text", "hidden-paragraph"))
        return bool(styles & self._hidden) or any(_HIDES.items() & each.attrib.items() for each in (element, *fields))

    def held(self, span: _Element) -> str:
        """How the words of a span are held: raised, lowered, or as they are."""
        height = self._heights.get(span.get(_tag("text", "style-name"), ""), "").split(" ")[0]
        if height in ("", "0%"):
            return "{}"
        return LOWERED if height == "sub" or height.startswith("-") else RAISED

    def first(self, listed: str, level: int) -> int | None:
        """The first number of a list's level; None for one with bullets."""
        return self._lists.get(listed, {}).get(level)

    def form(self, listed: str, level: int) -> str:
        """By which letters or Roman figures a list's level is counted, as `lettered` takes it; "" for none."""
        form = self._forms.get((listed, level), "")
        return form if form in LETTERED.values() else ""


def _levels(style: _Element) -> Iterator[tuple[int, int | None]]:
    for level in style:
        at = whole(level.get(_tag("text", "level")), 1)
        numbered = level.tag == _tag("text", "list-level-style-number") and level.get(_tag("style", "num-format"))
        yield at, whole(level.get(_tag("text", "start-value")), 1) if numbered else None


def _styles(archive: zipfile.ZipFile, content: _Element) -> _Styles:
    roots = [content]
    if "styles.xml" in archive.namelist():
        roots.insert(0, tree(archive.read("styles.xml")))
    return _Styles(roots)


class _Reader:
    """Follows the elements of a document and writes down its blocks."""

    def __init__(self, styles: _Styles) -> None:
        self.writer = Writer()
        self._styles = styles
        self._code: list[str] = []
        self._quoting = False
        self._counts: dict[str, int] = {}
        """How far numberings have come that a later list may go on with, by the list's id and level."""

    def read(self, container: Iterable[_Element], level: int = 0, style: str = "") -> None:
        """The blocks of a part of the document: of an item of a list, if that is `level` deep and of that `style`."""
        for child in container:
            if self._styles.hides(child):
                continue
            if child.tag == _tag("text", "h") and not level:
                self.end_run()
                self.writer.heading(min(whole(child.get(_tag("text", "outline-level")), 1), 6), self.words(child))
            elif child.tag in (_tag("text", "p"), _tag("text", "h")):
                self._paragraph(child)
            elif child.tag == _tag("text", "list"):
                self.end_run()
                self._list(child, level + 1, style)
            elif child.tag == _TABLE:
                self.end_run()
                self._table(child)
            elif (name := _name(child)) and name not in _UNSEEN:
                self.read(child, level, style)

    def end(self) -> str:
        """The whole text."""
        self.end_run()
        return joined(self.writer.blocks)

    def end_run(self) -> None:
        """Paragraphs of code that follow each other are one block of it, and quoted ones are one quotation."""
        if self._code:
            self.writer.code("\n".join(self._code))
        self._code.clear()
        if self._quoting:
            self.writer.close()
        self._quoting = False

    def _paragraph(self, paragraph: _Element) -> None:
        names = self._styles.names(paragraph)
        if any(name.startswith(_CODE_STYLES) for name in names):
            self._code.append(self._raw(paragraph).rstrip())
            return
        words = self.words(paragraph)
        quoted = "Quotations" in names
        if not (quoted and self._quoting):
            self.end_run()
        if quoted and not self._quoting and words.strip():
            self.writer.open_quotation()
            self._quoting = True
        self.writer.heading(1, words) if "Title" in names else self.writer.paragraph(words)

    def _list(self, listed: _Element, level: int, style: str) -> None:
        style = listed.get(_tag("text", "style-name")) or style or self._styles.listed(listed)
        number, form = self._styles.first(style, level), self._styles.form(style, level)
        going_on, before = f"{style} {level}", listed.get(_tag("text", "continue-list"))
        if number is not None and before:
            number = self._counts.get(f"{before} {level}", number)
        elif number is not None and listed.get(_tag("text", "continue-numbering")) == "true":
            number = self._counts.get(going_on, number)
        self.writer.open_list()
        for item in listed.iterchildren(_tag("text", "list-item"), _tag("text", "list-header")):
            first = next(item.iterchildren(), None)
            if first is not None and first.tag == _tag("text", "h"):  # its number is that of a heading
                self.read(item, 0, style)
            elif item.tag == _tag("text", "list-header") or (
                first is not None and first.tag == _tag("text", "list")  # no item, but where a deeper list goes on
            ):
                self.read(item, level, style)
            else:
                number = None if number is None else whole(item.get(_tag("text", "start-value")), number)
                label = lettered(number, form) if number and form else ""
                self.writer.open_item(None if label else number, label)
                self.read(item, level, style)
                self.end_run()
                self.writer.close()
                number = None if number is None else number + 1
        self.writer.close_list()
        if number is not None:
            self._counts[going_on] = self._counts[f"{listed.get(_ID, '')} {level}"] = number

    def _table(self, element: _Element) -> None:
        """A table of several rows and columns; of any other what its cells hold."""
        rows = [row for row in element.iter(_ROW) if next(row.iterancestors(_TABLE)) is element]
        cells = [list(row.iterchildren(_CELL)) for row in rows]
        if len(rows) < 2 or max(map(len, cells)) < 2:
            for cell in chain.from_iterable(cells):
                self.read(cell)
            return
        table = Table()
        for row, held in zip(rows, cells, strict=True):
            heads = next(row.iterancestors(_tag("table", "table-header-rows")), None) is not None
            table.row()
            for cell in held:
                text = one_line(" ".join(self.words(each) for each in _paragraphs(cell)))
                down, across, times = (
                    whole(cell.get(_tag("table", f"number-{what}")), 1)
                    for what in ("rows-spanned", "columns-spanned", "columns-repeated")
                )
                for _ in range(min(times, _MOST_TIMES) if text or cell is not held[-1] else 1):
                    table.cell(text, heads, down, across)
        self.writer.table(table.rows, table.header)

    def words(self, element: _Element) -> str:
        """What a reader sees of a paragraph."""
        return "\n".join(" ".join(line.split()) for line in self._raw(element).split("\n"))

    def _raw(self, element: _Element) -> str:
        return cleaned(with_small("".join(self._inline(element))))

    def _inline(self, element: _Element) -> Iterator[str]:
        if self._styles.hides(element):
            return
        yield " ".join((element.text or "").split("\n"))
        for child in element:
            name = _name(child)
            if name == "s":
                yield " " * min(whole(child.get(_tag("text", "c")), 1), 200)
            elif name == "tab":
                yield "\t"
            elif name == "line-break":
                yield "\n"
            elif name and name not in _UNSEEN and (name == "a" or not child.tag.startswith(_DRAWN)):
                yield self._styles.held(child).format("".join(self._inline(child)))
            yield " ".join((child.tail or "").split("\n"))


def _paragraphs(container: _Element) -> Iterator[_Element]:
    """The paragraphs and headings in a cell, but not those of notes and the like."""
    for child in container:
        if child.tag in (_tag("text", "p"), _tag("text", "h")):
            yield child
        elif (name := _name(child)) and name not in _UNSEEN:
            yield from _paragraphs(child)
