"""Turn the bytes of an AsciiDoc file into a draft of a document, in Markdown's form.

No parser of AsciiDoc that is kept runs in Python, so this one reads what manuals are written in: sections, lists,
tables, delimited blocks and the marks within a line. Nothing is read from other files: what is included is a document
of its own.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, cleaned, declared, decode, one_line
from embeddings.reading.marks import LETTERED, Writer, joined, lettered
from embeddings.reading.markup.asciidoc_inline import shown, with_attributes
from embeddings.reading.markup.asciidoc_tables import table_of

_CALLOUTS = frozenset("NOTE TIP IMPORTANT WARNING CAUTION".split())
_STYLES_OF_CODE = frozenset("source listing literal synopsis stem latexmath asciimath".split())
_ENTRY = re.compile(r":(?P<unset>!?)(?P<name>\w[\w-]*+)!?:(?:[ \t]++(?P<value>.*))?")
_PASSED_VALUE = re.compile(r"pass:[a-z,]*+\[(?P<value>.*)\]")
_TITLE = re.compile(r"(?P<marks>={1,6}|#{1,6})[ \t]++(?P<text>\S.*)")
_UNDERLINE = re.compile(r"(?P<mark>[=~^+-])(?P=mark)+")
_UNDERLINED = "=-~^+"
_DELIMITER = re.compile(
    r"(?P<code>-{4,}|\.{4,})|(?P<fence>```++)[\w+-]*+|(?P<inside>={4,}|\*{4,}|_{4,}|--)|(?P<table>[|!,:]={3,})"
    r"|(?P<raw>\+{4,})|(?P<comment>/{4,})"
)
_ATTRIBUTES = re.compile(r"\[(?=[\w\[#.%,\"'{]|\])(?P<held>.*)\]")
_LISTED = re.compile(r'(?:[^,"]|"[^"]*+")++')
"""One attribute of a list."""
_ANCHOR = re.compile(
    r"\[\[(?P<id>[^\[\],]++)(?:,(?P<named>[^\[\]]*+))?\]\]|\[[\w-]*+#(?P<short>[\w:.-]++)[^\[\]]*+\]"
    r"|\[id=[\"']?(?P<long>[^\"'\],]++)[\"']?(?:,[^\[\]]*+)?\]"
)
_BLOCK_TITLE = re.compile(r"\.(?P<text>[^\s.].*)")
_MACRO = re.compile(r"[a-z][\w-]*+::[^\s\[\]]*+\[.*\]|<{3,}|'{3,}|---|\*\*\*|- - -|\* \* \*")
"""What stands for something that is no text: a picture, a contents, a break."""
_INCLUDED = re.compile(r"(?<![\\`+\w:])include::[^\s\[\]]++\[[^\[\]]*+\]")
_CONDITION = re.compile(r"(?P<if>ifn?def)::(?P<names>[\w,+-]++)\[(?P<held>.*)\]|(?P<eval>ifeval)::\[.*\]|endif::.*\[\]")
_ESCAPED_LINE = re.compile(r"^\\(?=(?:ifn?def|ifeval|endif|include)::)")
_ELSEWHERE = re.compile(r"env-|backend-(?!html)|basebackend-(?!html)")
"""Attributes that no page for readers has."""
_ADMONITION = re.compile(rf"(?P<kind>{'|'.join(sorted(_CALLOUTS))}):[ \t]++(?P<text>\S.*)")
_ITEM = re.compile(
    r"[ \t]*+(?:(?P<bullet>-|\*{1,6}|\u2022)|(?P<step>\.{1,6}|\d{1,6}\.|[A-Za-z]\.|[ivxIVX]{1,5}\))"
    r"|<(?P<callout>\d{1,3}|\.)>)"
    r"[ \t]++(?P<text>\S.*)"
)
_MEANS = re.compile(r"(?::{2,4}|;;)(?=[ \t]|$)")
"""Behind a term, before what it means."""
_BREAK = "\x03"
"""A comment between blank lines, which ends a list; no text that was decoded has this character."""
_CHECK = re.compile(r"\[[ xX*]\][ \t]++")
_NAME = r"[^\W\d_][\w.'-]*+(?: [\w.'-]++){1,3}(?: <[^<>]++>)?"
_AUTHOR = re.compile(rf"{_NAME}(?:[;,] {_NAME})*+|[^\s<>]++ <[^<>]++>")
_REVISION = re.compile(r"v?\d[^\s,]{0,30}(?:,.*)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def read_asciidoc(data: bytes, stem: str) -> Found:
    """An AsciiDoc file: one document, with the title and the attributes that its header declares."""
    source, remarks = decode(data)
    reader = _Reader(_seen(source))
    text = reader.text()
    if not text.strip():
        if _INCLUDED.search(source):
            yield Remark("holds no text of its own, only what it includes")
            return
        raise Unreadable("holds no text")
    fields, reasons = declared({"title": reader.opening} | reader.declared)
    yield Draft(stem, text, **fields)
    yield from (*remarks, *map(Remark, reasons))


def _seen(source: str) -> list[str]:
    """The lines without comments, but where one ends a list, and without what is for other places than a page.

    What depends on an attribute that whoever includes the file may set stays.
    """
    seen: list[str] = []
    hidden: list[bool] = []
    verbatim = ""
    for line in cleaned(source).split("\n"):
        line = line.rstrip()
        if condition := _CONDITION.fullmatch(line):
            names = condition["names"]
            elsewhere = bool(names) and condition["if"] == "ifdef" and bool(_ELSEWHERE.match(names))
            if condition["held"]:
                seen += [] if elsewhere or any(hidden) else [condition["held"]]
            elif names or condition["eval"]:
                hidden.append(elsewhere)
            elif hidden:
                hidden.pop()
            continue
        if "include::" in line and (rest := _INCLUDED.sub("", line)) != line:
            if not rest.strip(" *.-|"):
                continue
            line = rest.rstrip()
        delimiter = _DELIMITER.fullmatch(line)
        if verbatim:
            verbatim = "" if line == verbatim else verbatim
        elif delimiter and (delimiter["code"] or delimiter["fence"] or delimiter["comment"]):
            underlines = bool(seen) and _heading((seen[-1], line), 0) is not None
            verbatim = "" if underlines else delimiter["fence"] or line
        elif line.startswith("//") and not line.startswith("///"):
            if not seen or seen[-1]:
                continue
            line = _BREAK
        if not any(hidden):
            seen.append(_ESCAPED_LINE.sub("", line))
    return seen


@dataclass(slots=True)
class _Given:
    """What is said of the next block: its title, style, options and named attributes."""

    title: str = ""
    style: str = ""
    options: frozenset[str] = frozenset()
    named: dict[str, str] = field(default_factory=dict)
    positional: list[str] = field(default_factory=list)

    def take(self, held: str) -> None:
        """An attribute list: `quote, Ana Berg`, `%header,cols="1,2"`, `source,python`."""
        if held.startswith("["):
            return
        for at, part in enumerate(map(str.strip, _LISTED.findall(held))):
            name, equals, value = part.partition("=")
            if equals and name.strip().isidentifier():
                self.named[name.strip()] = value.strip().strip('"')
            elif at == 0:
                style = re.match(r"[\w-]*", part)
                self.style = style[0] if style and style[0] else self.style
                self.options |= set(re.findall(r"%([\w-]+)", part))
            else:
                self.positional.append(part.strip('"'))
        for name in ("options", "opts"):
            self.options |= {option.strip() for option in self.named.get(name, "").split(",")}


class _Reader:
    """Follows the lines of a document and writes down its blocks."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.declared: dict[str, str] = {}
        self._lines = lines
        self._at = 0
        self._writer = Writer()
        self._attributes: dict[str, str] = {}
        self._titles = dict(_anchored(lines))
        self._markers: list[str] = []
        """The marks of the lists that are open."""

    def text(self) -> str:
        """The whole text."""
        self._header()
        self._blocks()
        self._writer.end_terms()
        return joined(self._writer.blocks)

    def _header(self) -> None:
        while self._at < len(self._lines) and (not self._line or self._entry() or _ANCHOR.fullmatch(self._line)):
            self._at += 1
        title = _heading(self._lines, self._at) if self._at < len(self._lines) else None
        if title and title[0] == 1:
            self._at += title[2]
            self._writer.heading(1, self._shown(title[1]))
            self._made()
        elif named := self._attributes.get("doctitle") or self._attributes.get("title"):
            self.declared["title"] = one_line(self._shown(named))
        if about := self._attributes.get("description"):
            self.declared["description"] = one_line(self._shown(about))
        if _DAY.fullmatch(revised := self._attributes.get("revdate", "")):
            self.declared["published"] = revised

    def _made(self) -> None:
        """Past the lines below the title that say who wrote it, when and how; others among them are text."""
        others: list[str] = []
        first = True
        while self._at < len(self._lines) and self._line:
            if not self._entry():
                if not (first and _AUTHOR.fullmatch(self._line)) and not _REVISION.fullmatch(self._line):
                    others.append(self._line)
                elif day := _DAY.search(self._line):
                    self.declared["published"] = day[0]
                first = False
            self._at += 1
        self._lines = [*others, *self._lines[self._at :]]
        self._at = 0

    @property
    def opening(self) -> str:
        """The heading that the text opens with; "" where it opens with anything else."""
        first = self._writer.blocks[0]
        return one_line(first.words.replace("`", "")) if first.text.startswith("#") else ""

    @property
    def _line(self) -> str:
        return self._lines[self._at]

    def _shown(self, text: str) -> str:
        return shown(text, self._attributes, self._titles)

    def _entry(self) -> bool:
        """Whether the line sets an attribute, which it then has; at the last of its lines."""
        found = _ENTRY.fullmatch(self._line)
        if not found:
            return False
        value = found["value"] or ""
        while value.endswith("\\") and self._at + 1 < len(self._lines):
            self._at += 1
            value = " ".join((value.rstrip("\\+ "), self._line.strip()))
        if passed := _PASSED_VALUE.fullmatch(value):
            value = passed["value"]
        if found["unset"]:
            self._attributes.pop(found["name"].lower(), None)
        else:
            self._attributes[found["name"].lower()] = value
        return True

    def _blocks(self) -> None:
        while self._at < len(self._lines):
            self._block()

    def _given(self) -> _Given:
        """What is said of the block that follows; the lines that say it are passed."""
        given = _Given()
        while self._at < len(self._lines):
            line = self._line
            if found := _ATTRIBUTES.fullmatch(line):
                given.take(found["held"])
            elif (found := _BLOCK_TITLE.fullmatch(line)) and not _ITEM.fullmatch(line):
                given.title = found["text"]
            elif line and not self._entry():
                break
            self._at += 1
        return given

    def _block(self) -> None:
        """The next block, with all that stands in it."""
        given = self._given()
        if self._at == len(self._lines):
            return
        line = self._line
        if line == _BREAK:
            self._at += 1
        elif _MACRO.fullmatch(line):
            self._at += 1
            self._writer.paragraph(self._shown(given.title))
        elif delimiter := _DELIMITER.fullmatch(line):
            self._delimited(delimiter, given)
        elif heading := _heading(self._lines, self._at):
            self._at += heading[2]
            self._writer.heading(heading[0], self._shown(heading[1]))
        elif self._marker(self._at):
            self._caption(given)
            self._list(given)
        elif line == "+":
            self._at += 1
        elif line[0] in " \t":
            self._caption(given)
            self._code(self._run())
        else:
            self._paragraph(given)

    def _caption(self, given: _Given) -> None:
        if given.title:
            title = self._shown(given.title)
            self._writer.paragraph(title if title.endswith((".", ":", "?", "!")) else f"{title}:")

    def _run(self) -> list[str]:
        """The lines up to the end of a paragraph."""
        begin = self._at
        self._at += 1
        while self._at < len(self._lines) and not self._ends_paragraph():
            self._at += 1
        return list(self._lines[begin : self._at])

    def _ends_paragraph(self) -> bool:
        line = self._line
        return (
            not line
            or (bool(self._markers) and (line == "+" or self._marker(self._at) is not None))
            or bool(_DELIMITER.fullmatch(line) and line != "--")
            or bool(_ATTRIBUTES.fullmatch(line))
        )

    def _paragraph(self, given: _Given) -> None:
        lines = self._run()
        admonition = _ADMONITION.fullmatch(lines[0])
        kind = admonition["kind"] if admonition else given.style if given.style in _CALLOUTS else ""
        if admonition:
            lines[0] = admonition["text"]
        if given.style in _STYLES_OF_CODE:
            self._caption(given)
            self._code(lines)
        elif kind:
            self._callout(kind, given, lambda: self._prose(lines))
        elif given.style == "quote":
            self._quotation(given, lambda: self._prose(lines))
        elif given.style == "verse":
            self._writer.paragraph("\n".join(self._shown(line.strip()) for line in lines))
        else:
            self._caption(given)
            self._prose(lines)

    def _prose(self, lines: Sequence[str]) -> None:
        """A paragraph; a line that is bold and asks is the question to what follows."""
        parts = [""]
        for line in lines:
            if line.endswith(" +"):
                parts[-1] += line.strip().removesuffix("+")
                parts.append("")
            else:
                parts[-1] += f"{line.strip()} "
        text = "\n".join(one_line(self._shown(part)) for part in parts if part.strip())
        asks = text.endswith("?") and len(lines) == 1 and re.fullmatch(r"\*.*\*", lines[0].strip())
        self._writer.question(text) if asks else self._writer.paragraph(text)

    def _code(self, lines: Sequence[str]) -> None:
        self._writer.code(_dedented(lines))

    def _callout(self, kind: str, given: _Given, inside: Callable[[], None]) -> None:
        self._writer.open_quotation(kind)
        self._caption(given)
        inside()
        self._writer.close()

    def _quotation(self, given: _Given, inside: Callable[[], None]) -> None:
        self._caption(given)
        self._writer.open_quotation()
        inside()
        if said_by := ", ".join(self._shown(part) for part in given.positional if part):
            self._writer.paragraph(f"— {said_by}")
        self._writer.close()

    def _delimited(self, delimiter: re.Match[str], given: _Given) -> None:
        """A block between two lines that are alike; one that does not end goes on to the end."""
        closing = delimiter["fence"] or self._line
        begin = self._at + 1
        end = next((at for at in range(begin, len(self._lines)) if self._lines[at] == closing), len(self._lines))
        lines = [line for line in self._lines[begin:end] if line != _BREAK or delimiter["inside"]]
        if delimiter["comment"] or (delimiter["raw"] and given.style not in _STYLES_OF_CODE):
            pass
        elif delimiter["table"]:
            self._caption(given)
            self._table(lines, given, closing[0])
        elif not delimiter["inside"] or given.style in _STYLES_OF_CODE:
            self._caption(given)
            code = "\n".join(lines)
            replaced = "attributes" in given.named.get("subs", "")
            self._writer.code(with_attributes(code, self._attributes) if replaced else code)
        elif given.style in _CALLOUTS:
            self._callout(given.style, given, lambda: self._within(lines))
        elif given.style == "verse":
            self._quotation(given, lambda: self._writer.paragraph("\n".join(map(self._shown, lines))))
        elif closing[0] == "_":
            self._quotation(given, lambda: self._within(lines))
        else:
            self._caption(given)
            self._within(lines)
        self._at = end + 1

    def _within(self, lines: Sequence[str]) -> None:
        """The blocks of lines that stand in a block."""
        outer, self._lines = (self._lines, self._at, self._markers), lines
        self._at, self._markers = 0, []
        self._blocks()
        self._writer.end_terms()
        self._lines, self._at, self._markers = outer

    def _marker(self, at: int) -> str | None:
        """The mark of the list that the line is an item of."""
        line = self._lines[at]
        if found := _ITEM.fullmatch(line):
            if found["bullet"]:
                return found["bullet"]
            if found["callout"]:
                return "<>"
            step = found["step"]
            return step if step[0] == "." else "1." if step[0].isdigit() else "a." if step.endswith(".") else "i)"
        means = _MEANS.search(line)
        return means[0] if means and line[: means.start()].strip() else None

    def _list(self, given: _Given) -> None:
        """A list, with the lists in it."""
        marker = self._marker(self._at)
        assert marker is not None  # noqa: S101 - whoever calls has looked
        self._markers.append(marker)
        described = marker[0] in ":;"
        asked = given.style == "qanda"
        started = given.named.get("start") or re.match(r"\s*(\d*)", self._line)[1]  # type: ignore[index] # matches all
        number = int(started) if started.isdecimal() and len(started) < 8 else 1
        if not described:
            self._writer.open_list()
        while self._at < len(self._lines) and self._marker(self._at) == marker:
            if described:
                self._defined(asked)
            else:
                self._item(None if marker[0] in "-*\u2022" else number, LETTERED.get(given.style))
                number += 1
            self._to_next_item()
        if not described:
            self._writer.close_list()
        self._markers.pop()

    def _to_next_item(self) -> None:
        """Past blank lines, if behind them an item of an open list follows."""
        at = self._at
        while at < len(self._lines) and not self._lines[at]:
            at += 1
        if at < len(self._lines) and self._marker(at) in self._markers:
            self._at = at

    def _item(self, number: int | None, form: str | None) -> None:
        found = _ITEM.fullmatch(self._line)
        assert found is not None  # noqa: S101 - as above
        step = found["step"] or "."
        label = lettered(number, form) if number and form else step if step[0].isalpha() else ""
        self._writer.open_item(None if label else number, label)
        lines = self._run()
        self._prose([_CHECK.sub("", found["text"]), *lines[1:]])
        self._attached()
        self._writer.close()

    def _defined(self, asked: bool) -> None:
        """A term, or several, with what is said of them."""
        means = _MEANS.search(self._line)
        assert means is not None  # noqa: S101 - as above
        term, meaning = self._shown(self._line[: means.start()].strip()), self._line[means.end() :].strip()
        asked = asked or term.endswith("?")
        self._writer.question(term) if asked else self._writer.term(term)
        lines = self._run()[1:]
        if meaning:
            lines.insert(0, meaning)
        elif not lines:
            at = self._at
            while at < len(self._lines) and not self._lines[at]:
                at += 1
            if at < len(self._lines) and self._begins_prose(at):
                self._at = at
                lines = self._run()
        if lines:
            self._prose(lines)
        self._attached()
        if lines:
            self._writer.end_terms()

    def _begins_prose(self, at: int) -> bool:
        line = self._lines[at]
        return not (
            self._marker(at)
            or line in ("+", _BREAK)
            or _DELIMITER.fullmatch(line)
            or _ATTRIBUTES.fullmatch(line)
            or _BLOCK_TITLE.fullmatch(line)
            or _heading(self._lines, at)
        )

    def _attached(self) -> None:
        """What belongs to an item besides its first paragraph: behind a `+`, indented, or a list of another kind."""
        while self._at < len(self._lines):
            at = self._at
            while at < len(self._lines) and not self._lines[at]:
                at += 1
            if at == len(self._lines):
                return
            line = self._lines[at]
            if line == "+":
                self._at = at + 1
                self._block()
                continue
            ahead = at
            while ahead < len(self._lines) and _ATTRIBUTES.fullmatch(self._lines[ahead]):
                ahead += 1
            marker = self._marker(ahead) if ahead < len(self._lines) else None
            if marker and marker not in self._markers:
                given = _Given()
                for line in self._lines[at:ahead]:
                    given.take(line[1:-1])
                self._at = ahead
                self._list(given)
            elif not marker and line[0] in " \t" and at > self._at:
                self._at = at
                self._code(self._run())
            elif not marker and at == self._at and not _ATTRIBUTES.fullmatch(line) and _DELIMITER.fullmatch(line):
                self._block()
            else:
                return

    def _table(self, lines: Sequence[str], given: _Given, mark: str) -> None:
        def read(line: str) -> str:
            return self._shown(words) if (words := _in_cell(line)) else ""

        table, header = table_of(lines, mark, given.named, read)
        header = header or "header" in given.options
        self._writer.table(table.rows, header and "noheader" not in given.options)


def _heading(lines: Sequence[str], at: int) -> tuple[int, str, int] | None:
    """The level and the text of a heading that begins there, and its number of lines."""
    if found := _TITLE.fullmatch(lines[at]):
        return len(found["marks"]), found["text"].removesuffix(found["marks"]).rstrip(), 1
    if at + 1 < len(lines) and _UNDERLINE.fullmatch(lines[at + 1]):
        title, under = lines[at], lines[at + 1]
        if abs(len(title) - len(under)) <= 1 and re.search(r"\w", title) and not title[0].isspace():
            return _UNDERLINED.index(under[0]) + 1, title, 2
    return None


def _anchored(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the places are called that have a name: by the heading or the title behind it."""
    names: list[str] = []
    for at, line in enumerate(lines):
        found = _ANCHOR.match(line)
        if found and (found.end() == len(line) or _TITLE.fullmatch(line[found.end() :])):
            name = found["id"] or found["short"] or found["long"]
            if found["named"]:
                yield name, found["named"]
            else:
                names.append(name)
        elif line and not _ATTRIBUTES.fullmatch(line) and names:
            heading, title = _heading(lines, at), _BLOCK_TITLE.fullmatch(line)
            called = heading[1] if heading else title["text"] if title else ""
            yield from ((name, called) for name in names if called)
            names = []


def _in_cell(line: str) -> str:
    """The words of a line within a cell, which is written on one line."""
    if line == "+" or _ATTRIBUTES.fullmatch(line) or _DELIMITER.fullmatch(line):
        return ""
    item = _ITEM.fullmatch(line)
    words = item["text"] if item else line.removeprefix("!")
    return words.removesuffix(" +").strip()


def _dedented(lines: Sequence[str]) -> str:
    width = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[width:] for line in lines)
