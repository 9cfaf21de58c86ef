"""Turn the bytes of an OpenDocument text (ODT) into a draft of a document, with the form that its elements give it."""

import zipfile
from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element

from embeddings.formats import Draft, Found, Remark, Unreadable, cleaned, counted, given_title, one_line
from embeddings.marks import LOWERED, RAISED, Table, Writer, joined, whole, with_small
from embeddings.packed import unpacked

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
_NAMESPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for name in ("office", "text", "table", "style", "drawing")
}
_DRAWN = f"{{{_NAMESPACES['drawing']}}}"
_CODE_STYLES = ("Preformatted", "Source", "Code")
_UNSEEN = ("tracked-changes", "note", "annotation", "annotation-end", "table-of-content", "alphabetical-index")
"""What is no part of the text: what was deleted, notes, comments, indexes that are made of the text."""


def read_odt(data: bytes, stem: str) -> Found:
    """An OpenDocument text in Markdown's form. No date of its file is its publication's."""
    with unpacked(data) as archive:
        if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read(
            "META-INF/manifest.xml"
        ):
            raise Unreadable("encrypted with a password; save it without one")
        content = etree.fromstring(archive.read("content.xml"), _PARSER)
        styles, title = _styles(archive, content), _title(archive)
    body = next(content.iter(_tag("office", "text")), None)
    reader = _Reader(styles)
    if body is not None:
        reader.read(body)
    reader.end_run()
    text = joined(reader.writer.blocks)
    if not text.strip():
        raise Unreadable("holds no text")
    yield Draft(stem, text, title)
    if boxes := sum(bool(reader.words(box).strip()) for box in content.iterfind(".//{*}p//{*}text-box")):
        yield Remark(f"{counted(boxes, 'drawn text')} left out")
    if notes := sum(1 for _ in content.iter(_tag("text", "note"))):
        yield Remark(f"{counted(notes, 'footnote')} left out")


def _tag(space: str, name: str) -> str:
    return f"{{{_NAMESPACES[space]}}}{name}"


def _name(element: _Element) -> str:
    """The name of an element without its namespace; "" for an entity that is not resolved."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _title(archive: zipfile.ZipFile) -> str:
    if "meta.xml" not in archive.namelist():
        return ""
    found = next(etree.fromstring(archive.read("meta.xml"), _PARSER).iter("{*}title"), None)
    return given_title(found.text) if found is not None else ""


class _Styles:
    """What the styles of a document are made from, and which levels of its lists are numbered."""

    def __init__(self, roots: list[_Element]) -> None:
        self._above: dict[str, str] = {}
        self._lists: dict[str, dict[int, int | None]] = {}
        self._heights: dict[str, str] = {}
        for root in roots:
            for style in root.iter(_tag("style", "style")):
                self._above[style.get(_tag("style", "name"), "")] = style.get(_tag("style", "parent-style-name"), "")
                for given in style.iter(_tag("style", "text-properties")):
                    self._heights[style.get(_tag("style", "name"), "")] = given.get(_tag("style", "text-position"), "")
            for style in root.iter(_tag("text", "list-style")):
                self._lists[style.get(_tag("style", "name"), "")] = dict(_levels(style))

    def names(self, element: _Element) -> list[str]:
        """The style of a paragraph, and those that it is made from."""
        names = [element.get(_tag("text", "style-name"), "")]
        while (above := self._above.get(names[-1], "")) and above not in names:
            names.append(above)
        return [name.replace("_20_", " ") for name in names]

    def held(self, span: _Element) -> str:
        """How the words of a span are held: raised, lowered, or as they are."""
        height = self._heights.get(span.get(_tag("text", "style-name"), ""), "").split(" ")[0]
        if height in ("", "0%"):
            return "{}"
        return LOWERED if height == "sub" or height.startswith("-") else RAISED

    def first(self, listed: str, level: int) -> int | None:
        """The first number of a list's level; None for one with bullets."""
        return self._lists.get(listed, {}).get(level)


def _levels(style: _Element) -> Iterator[tuple[int, int | None]]:
    for level in style:
        at = whole(level.get(_tag("text", "level")), 1)
        numbered = level.tag == _tag("text", "list-level-style-number") and level.get(_tag("style", "num-format"))
        yield at, whole(level.get(_tag("text", "start-value")), 1) if numbered else None


def _styles(archive: zipfile.ZipFile, content: _Element) -> _Styles:
    roots = [content]
    if "styles.xml" in archive.namelist():
        roots.insert(0, etree.fromstring(archive.read("styles.xml"), _PARSER))
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

    def read(self, container: _Element, level: int = 0, style: str = "") -> None:
        """The blocks of a part of the document: of an item of a list, if that is `level` deep and of that `style`."""
        for child in container:
            if child.tag == _tag("text", "h") and not level:
                self.end_run()
                self.writer.heading(min(whole(child.get(_tag("text", "outline-level")), 1), 6), self.words(child))
            elif child.tag in (_tag("text", "p"), _tag("text", "h")):
                self._paragraph(child)
            elif child.tag == _tag("text", "list"):
                self.end_run()
                self._list(child, level + 1, style)
            elif child.tag == _tag("table", "table"):
                self.end_run()
                self._table(child)
            elif (name := _name(child)) and name not in _UNSEEN:
                self.read(child, level, style)

    def end_run(self) -> None:
        """Paragraphs of code that follow each other are one block of it, and quoted ones are one quotation."""
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
        style = listed.get(_tag("text", "style-name")) or style
        number = self._styles.first(style, level)
        going_on = f"{style} {level}"
        if number is not None and listed.get(_tag("text", "continue-numbering")) == "true":
            number = self._counts.get(going_on, number)
        self.writer.open_list()
        for item in listed.iterchildren(_tag("text", "list-item"), _tag("text", "list-header")):
            first = next(iter(item), None)
            if first is not None and first.tag == _tag("text", "list"):  # no item, but where a deeper list goes on
                self.read(item, level, style)
                continue
            self.writer.open_item(number)
            self.read(item, level, style)
            self.end_run()
            self.writer.close()
            number = None if number is None else number + 1
        self.writer.close_list()
        if number is not None:
            self._counts[going_on] = number

    def _table(self, element: _Element) -> None:
        table = Table()
        for row in element.iter(_tag("table", "table-row")):
            if next(row.iterancestors(_tag("table", "table"))) is not element:
                continue  # of a table within a cell, whose words are those of the cell
            heads = next(row.iterancestors(_tag("table", "table-header-rows")), None) is not None
            table.row()
            for cell in row:
                if cell.tag == _tag("table", "table-cell"):
                    text = one_line(
                        " ".join(self.words(each) for each in cell.iter(_tag("text", "p"), _tag("text", "h")))
                    )
                    rows, columns = (
                        whole(cell.get(_tag("table", f"number-{what}-spanned")), 1) for what in ("rows", "columns")
                    )
                    table.cell(text, heads, rows, columns)
        if max(map(len, table.rows), default=0) > 1 and len(table.rows) > 1:
            self.writer.table(table.rows, table.header)
        else:
            for text in (cell for row in table.rows for cell in row):
                self.writer.paragraph(text)

    def words(self, element: _Element) -> str:
        """What a reader sees of a paragraph."""
        return "\n".join(" ".join(line.split()) for line in self._raw(element).split("\n"))

    def _raw(self, element: _Element) -> str:
        return cleaned(with_small("".join(self._inline(element))))

    def _inline(self, element: _Element) -> Iterator[str]:
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
