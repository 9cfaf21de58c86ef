"""HTML that stands in Markdown, as the Markdown that shows the same: tables, headings, code, pictures, links and
summaries; of other elements their words."""

import re
from collections.abc import Container, Mapping
from html import unescape
from html.entities import html5

from embeddings.reading.marks import HIGH, Table, Writer, joined, small, whole
from embeddings.reading.markup.markdown import CODE, in_item, outside_code

_MARKS = re.compile(r"</?[A-Za-z]|&[#A-Za-z]")
_INLINE = (
    "a abbr b bdi bdo big br button cite code del em font i img ins kbd label mark option q s samp select small span "
    "strike strong sub sup tt u wbr"
).split()
_BLOCKS = frozenset(
    "address article aside blockquote caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr iframe li main nav ol p picture pre section source summary table tbody td tfoot th thead tr ul "
    "video".split()
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_CELLS = frozenset({"td", "th"})
_CODE = frozenset({"code", "pre", "tt"})
_SMALL = ("sup", "sub")
_HELD = _HEADINGS | _CODE | {"a", "caption", "summary", *_SMALL}
"""Elements whose words are written when they end, as these elements are in Markdown."""
_DEEP = 8
"""Elements that are held within each other; of deeper ones the words are left."""
_TOKEN = re.compile(
    rf"(?P<code>{CODE})"
    r"|<(?P<unseen>script|style|svg)\b[^<>]*+>(?:[^<]|<(?!/?(?P=unseen)\b))*+</(?P=unseen)\s*+>"
    rf"|<(?P<ends>/)?(?P<name>{'|'.join(sorted({*_INLINE, *_BLOCKS}))})(?=[\s/>])(?P<given>[^<>]*+)>"
    r"|(?P<character>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});)",
    re.IGNORECASE,
)
"""Code, which stays; what nobody sees; a tag; a character by its name or number."""
_GIVEN = re.compile(
    r"""(?<![\w-])(?P<name>alt|href|src|colspan|rowspan)\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|"""
    r"(?P<bare>[^\s\"'{}]++))",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s()<>]{1,400}")
_MARKING = re.compile(r"[*_`\[\]|\\<~]")
_MARKING_LINES = re.compile(r"[#>+-]")
_INDENTED = re.compile(r" {4}| {0,3}\t")
_CONTAINED = re.compile(r"\A[ \t]*+[>|]")
_OPENING = re.compile(r"\A[ \t]*+(?:[-+*>|]|\d{1,9}[.)])")
"""How a line of a quotation or a table begins, and one of these or of a list, in which no paragraph can end."""
_EMPTY = re.compile(r"\n(?:[ \t]*+\n){2,}+")


def without_tags(text: str) -> str:
    """Markdown without HTML; code is left as it is, and so is what is in angle brackets but no element of HTML.

    >>> without_tags('<h2>Keys</h2><kbd>F5</kbd>&nbsp;starts <a href="go.md">it</a>, `<b>` and <name> stay.<br>')
    '## Keys\\n\\nF5 starts [it](go.md), `<b>` and <name> stay. '
    >>> without_tags("<details><summary>Is it free?</summary>Yes.</details>")
    '**Is it free?**\\n\\nYes.\\n\\n'
    >>> without_tags("<table><tr><th>Key<th>Does<tr><td>F5<td>starts</table>")
    '| Key | Does |\\n|---|---|\\n| F5 | starts |\\n\\n'
    """
    return outside_code(text, _read) if _MARKS.search(text) else text


def _read(text: str) -> str:
    tokens = list(_TOKEN.finditer(text))
    if all(token["code"] for token in tokens):
        return text
    page, at = _Page(text.lower().rfind("</table")), 0
    for token in tokens:
        page.write(text[at : token.start()])
        page.take(token)
        at = token.end()
    page.write(text[at:])
    return _EMPTY.sub("\n\n", page.text())


class _Element:
    """What is open, and its words so far."""

    def __init__(self, name: str, given: str) -> None:
        self.name = name
        self.given = {
            one["name"].lower(): one["double"] or one["single"] or one["bare"] or "" for one in _GIVEN.finditer(given)
        }
        self.table = Table()
        self.line = ""
        """How its last line begins."""
        self.last = "\n"
        """Its last three characters."""
        self._parts: list[str] = []

    @property
    def words(self) -> str:
        """What was written to it."""
        return "".join(self._parts)

    def number(self, name: str) -> int:
        """An attribute that is a number; 1 where it is none."""
        return whole(self.given.get(name), 1)

    def write(self, text: str) -> None:
        """Take text."""
        if self.last[-1] in HIGH and text[:1].isalnum():
            text = f" {text}"
        self._parts.append(text)
        self.last = (self.last + text)[-3:]
        _, ends, rest = text.rpartition("\n")
        self.line = (rest if ends else self.line + rest)[:40]


class _Page:
    """Takes the text and the tags of a page one after the other."""

    def __init__(self, last_table: int) -> None:
        """`last_table` is where the last table ends: one that begins behind is none."""
        self._open = [_Element("", "")]
        self._last_table = last_table

    def write(self, text: str) -> None:
        """Take text; what stands in a table and in no cell stands before it."""
        if self._open[-1].name != "table":
            self._open[-1].write(text)
        elif text.strip():
            self._open[-2].write(text)

    def take(self, token: re.Match[str]) -> None:
        """Take what is no text."""
        if token["code"]:
            self.write(token["code"])
        elif token["character"]:
            self.write(self._character(token["character"]))
        elif (
            token["name"]
            and len(self._open) == 1
            and _INDENTED.match(self._open[0].line)
            and not in_item(token.string, token.start())
        ):
            self.write(token[0])  # as code is
        elif token["name"] and token["ends"]:
            self._end(token["name"].lower())
        elif token["name"]:
            self._begin(_Element(token["name"].lower(), token["given"]), token.start())

    def text(self) -> str:
        """All that was taken; of what has not ended the words."""
        self._close_to(self._open[0])
        return self._open[0].words

    def _within(self, names: Container[str]) -> "_Element | None":
        return next((element for element in reversed(self._open) if element.name in names), None)

    def _character(self, written: str) -> str:
        known = written[1] == "#" or written[1:] in html5
        found = unescape(written).replace("\xa0", " ") if known else written
        plain = not known or self._within({"table"}) or self._within(_CODE)
        marks = _MARKING.fullmatch(found) or (self._begins_line() and _MARKING_LINES.fullmatch(found))
        return f"\\{found}" if marks and not plain else found

    def _begin(self, element: _Element, at: int) -> None:
        name, table = element.name, self._within({"table"})
        if name == "br":
            self.write("" if self._open[-1].last[-1].isspace() else " ")
        elif name == "img":
            self.write(_picture(element.given, alone=not table))
        elif table and name in ("tr", *_CELLS):
            self._close_to(table)
            if name == "tr":
                table.table.row()
            else:
                self._open.append(element)
        elif (name in _HELD and len(self._open) < _DEEP) or (name == "table" and not table and at < self._last_table):
            if name in _BLOCKS:
                self._border()
            self._open.append(element)
        elif name == "li" and not table and not self._in_row():
            self.write("- " if self._begins_line() else "\n- ")
        elif name in _BLOCKS:
            self._border()

    def _end(self, name: str) -> None:
        element = self._within({name}) if name in (*_HELD, *_CELLS, "table") else None
        if element:
            self._close_to(element)
            self._open.pop()
            self._write_element(element)
        elif name in _BLOCKS and name != "li":
            self._border(lists=name in ("ul", "ol", "dl"))

    def _close_to(self, element: _Element) -> None:
        """End what is open in an element: a cell and a table as if their ends were there, of others the words stay."""
        while self._open[-1] is not element:
            inner = self._open.pop()
            if inner.name in (*_CELLS, "table"):
                self._write_element(inner)
            else:
                self.write(inner.words)

    def _begins_line(self) -> bool:
        return not self._open[-1].line.strip(" \t>")

    def _in_row(self) -> bool:
        return self._open[-1].line.lstrip().startswith("|")

    def _border(self, lists: bool = False) -> None:
        """A paragraph ends, if there is one: in quotations, rows and elements, and in items of lists, words do.

        `lists` says that a list does.
        """
        outer = self._open[-1]
        inside = outer.name or (_CONTAINED if lists else _OPENING).match(outer.line)
        if not self._begins_line():
            self.write("\n\n" if not inside else "" if outer.last[-1].isspace() else " ")

    def _write_element(self, element: _Element) -> None:
        """Write what has ended."""
        words, table = element.words, self._within({"table"})
        line = " ".join(words.split())
        if element.name == "table":
            self.write(_written(element.table))
        elif table and element.name in _CELLS:
            table.table.cell(line, element.name == "th", element.number("rowspan"), element.number("colspan"))
        elif element.name in _SMALL:
            self.write(small(words, element.name == "sup", self._open[-1].last))
        elif not line or (table and element.name not in ("caption", "code", "tt")):
            self.write(words)
        elif element.name in _HEADINGS:
            self.write(f"{'#' * int(element.name[1])} {line}\n\n" if self._begins_line() else words)
        elif element.name in ("caption", "summary"):
            self.write(f"**{line}**\n\n" if "*" not in line else f"{line}\n\n")
        elif element.name == "pre":
            self.write(f"{_code(words)}\n\n")
        elif element.name in _CODE:
            self.write(f"`{words.strip()}`" if "`" not in words and "\n" not in words.strip() else words)
        else:
            self.write(_link(words, element.given.get("href", "")))


def _link(words: str, address: str) -> str:
    sound = _ADDRESS.fullmatch(address) and words.strip() and not any(mark in words for mark in "[]\n")
    return f"[{words.strip()}]({address})" if sound else words


def _picture(given: Mapping[str, str], alone: bool) -> str:
    words, address = " ".join(given.get("alt", "").split()), given.get("src", "")
    sound = alone and words and _ADDRESS.fullmatch(address) and not any(mark in words for mark in "[]")
    return f"![{words}]({address})" if sound else words


def _code(words: str) -> str:
    writer = Writer()
    writer.code(words)
    return joined(writer.blocks)


def _written(table: Table) -> str:
    """A table, or the words of what has one row or one column, which is for layout."""
    if len(table.rows) < 2 or max(map(len, table.rows)) < 2:
        return "\n\n".join(cell for row in table.rows for cell in row if cell) + "\n\n"
    writer = Writer()
    writer.table(table.rows, table.header)
    return f"{joined(writer.blocks)}\n\n"
