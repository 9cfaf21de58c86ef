"""Turn the bytes of a reStructuredText file into a draft of a document, in Markdown's form.

docutils parses it; what Sphinx adds is not run, but its directives and roles are read for what they hold. Nothing is
read from other files, and nothing raw is taken.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives, roles

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, counted, declared, decode, one_line
from embeddings.reading.marks import LETTERED, LOWERED, RAISED, Table, Writer, joined, lettered, with_small
from embeddings.reading.markup.sphinx import OF_CODE, OF_WORDS, UNSEEN, numbered, since

_SETTINGS = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "syntax_highlight": "none",
    "line_length_limit": 10**9,
}
_ERROR = 3
"""The level from which on docutils could not make out what it tells about."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BY_LABEL = ("ref", "numref")
"""Roles whose text may be a label alone."""
_SIGNATURE = re.compile(r"[.(]|^[A-Z]\S*+$")
"""What a class of Python is called, and what makes one; the directive "class" also says how something looks."""


def read_rst(data: bytes, stem: str) -> Found:
    """A reStructuredText file; what docutils cannot make out is kept as it stands, and counted."""
    source, remarks = decode(data)
    with _lenient():
        document = publish_doctree(source, settings_overrides=_SETTINGS)
    _resolve(document)
    reader = _Reader()
    reader.read(document)
    reader.writer.end_terms()
    text = joined(reader.writer.blocks)
    if not text.strip():
        raise Unreadable("holds no text")
    fields, reasons = declared(_docinfo(document))
    title = document.next_node(nodes.title)
    if not fields.get("title") and title is not None and _opens(title):
        fields["title"] = one_line(title.astext())
    yield Draft(stem, text, **fields)
    yield from (*remarks, *map(Remark, reasons))
    if reader.kept:
        yield Remark(f"{counted(reader.kept, 'place')} in it not valid reStructuredText, kept as it stands")


def _docinfo(document: nodes.document) -> dict[str, str]:
    """The fields at the beginning, which are what front matter is to Markdown."""
    found: dict[str, str] = {}
    for info in document.findall(nodes.docinfo):
        for child in info.children:
            name, value = (
                child.children if isinstance(child, nodes.field) else (nodes.Text(type(child).__name__), child)
            )
            found[name.astext().lower()] = one_line(value.astext())
    if _DAY.fullmatch(found.get("date", "")):
        found.setdefault("published", found["date"])
    return found


def _opens(title: nodes.title) -> bool:
    """Whether it is the title of the whole: of the document, or of the first of its sections."""
    above = title.parent
    return isinstance(above, nodes.document) or (
        isinstance(above, nodes.section) and isinstance(above.parent, nodes.document)
    )


class _Unknown(Directive):
    """A directive that docutils does not know, or knows too narrowly: code, or a term with what is said of it."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]] | None] = None

    def run(self) -> list[nodes.Node]:
        """What it holds."""
        text = "\n".join(self.content)
        if self.name in UNSEEN:
            return []
        if self.name in OF_CODE:
            return [nodes.literal_block(text, text)]
        inside = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, inside)
        argument = one_line(" ".join(self.arguments))
        if self.name == "class" and not _SIGNATURE.search(argument):
            argument = ""  # how it looks
        if said := since(self.name, argument):
            return [nodes.paragraph("", said), *inside.children]
        if not argument:
            return inside.children
        if not inside.children:
            return [nodes.paragraph("", argument)]
        item = nodes.definition_list_item("", nodes.term("", argument), nodes.definition("", *inside.children))
        return [nodes.definition_list("", item)]


class _AnyOption(dict[str, Callable[[str], Any]]):
    """Options of every name, unchanged."""

    def __missing__(self, name: str) -> Callable[[str], Any]:
        return directives.unchanged


_Unknown.option_spec = _AnyOption(name=directives.unchanged)


def _with_any_option(known: Any) -> Any:
    """A directive of docutils that passes over the options which only Sphinx knows: `:label:` of `.. math::`."""
    spec = known.option_spec

    def run(self: Any) -> Any:
        self.options = {name: value for name, value in self.options.items() if name in spec}
        return known.run(self)

    return type(known.__name__, (known,), {"option_spec": _AnyOption(spec), "run": run}) if spec else known


@contextmanager
def _lenient() -> Iterator[None]:
    """docutils with something for every directive and every role."""
    known_directive, known_role = directives.directive, roles.role

    def directive(name: str, *others: Any) -> Any:
        found, messages = known_directive(name, *others)
        known = found and name not in UNSEEN | OF_CODE | {"class"}
        return (_with_any_option(found), messages) if known else (_Unknown, [])

    def role(name: str, *others: Any) -> Any:
        found, messages = known_role(name, *others)
        return (found, messages) if found else (_unknown_role, [])

    directives.directive, roles.role = directive, role  # type: ignore[assignment] # of as many parameters
    try:
        yield
    finally:
        directives.directive, roles.role = known_directive, known_role


def _unknown_role(role: str, rawtext: str, text: str, *_: Any) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """`title <target>` is shown as its title, and `~package.name` as `name`."""
    text = nodes.unescape(text)
    name = role.rpartition(":")[2].lower()
    if name in _BY_LABEL and not re.search("[<!~]", text):
        return [nodes.inline(rawtext, text, label=text)], []
    if text.endswith(">") and text.find("<") > 0:
        at = text.rindex("<")
        shown = numbered(text[:at].strip(), text[at + 1 : -1])
    else:
        shown = text.rpartition(".")[2] if text.startswith("~") else text.removeprefix("!")
    return [(nodes.inline if name in OF_WORDS else nodes.literal)(rawtext, shown)], []


def _resolve(document: nodes.document) -> None:
    """References by a label alone, `config-pin`, show the heading behind it, or else "config pin"."""
    for reference in document.findall(nodes.inline):
        if label := reference.get("label"):
            target = document.ids.get(document.nameids.get(nodes.fully_normalize_name(label)) or "")
            words = label.rpartition(":")[2].replace("-", " ").replace("_", " ")
            reference[:] = [nodes.Text(target[0].astext() if isinstance(target, nodes.section) else words)]


class _Reader:
    """Follows docutils's tree and writes down its blocks."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.kept = 0
        """How many parts could not be parsed."""
        self._level = 0

    def read(self, node: Any) -> None:
        """A block with all that stands in it."""
        write = self._WRITE.get(node.tagname)
        if write:
            write(self, node)
        elif isinstance(node, nodes.Admonition):
            self._callout(node)
        elif isinstance(node, nodes.Invisible | nodes.PreBibliographic):
            return
        elif isinstance(node, nodes.TextElement):
            self.writer.paragraph(_inline(node))
        else:
            self._children(node)

    def _callout(self, node: Any) -> None:
        self.writer.open_quotation(node.tagname)
        self._children(node)
        self.writer.close()

    def _children(self, node: nodes.Node) -> None:
        for child in node.children:
            self.read(child)

    def _document(self, node: nodes.Element) -> None:
        self._level = int(any(isinstance(child, nodes.title) for child in node.children))
        self._children(node)

    def _section(self, node: nodes.Element) -> None:
        self._level += 1
        self._children(node)
        self._level -= 1

    def _title(self, node: nodes.Element) -> None:
        if isinstance(node.parent, nodes.section | nodes.document):
            deeper = isinstance(node, nodes.subtitle)
            self.writer.heading(min(max(self._level + deeper, 1), 6), node.astext())
        else:
            self.writer.paragraph(_inline(node))

    def _paragraph(self, node: nodes.Element) -> None:
        text = _inline(node)
        bold = len(node.children) == 1 and isinstance(node.children[0], nodes.strong)
        self.writer.question(text) if bold and text.endswith("?") else self.writer.paragraph(text)

    def _code(self, node: nodes.Element) -> None:
        self.writer.code(node.astext())

    def _list(self, node: nodes.Element) -> None:
        counted = isinstance(node, nodes.enumerated_list)
        form = LETTERED.get(node.get("enumtype"))
        self.writer.open_list()
        for number, item in enumerate(node.children, int(node.get("start", 1))):
            if form:
                self.writer.open_item(label=lettered(number, form))
            else:
                self.writer.open_item(number if counted else None)
            self._children(item)
            self.writer.close()
        self.writer.close_list()

    def _defined(self, node: nodes.Element) -> None:
        """A term, a field or options, with what is said of them."""
        *terms, meaning = node.children
        for term in terms:
            text = _inline(term) if isinstance(term, nodes.TextElement) else term.astext()
            self.writer.question(text) if text.endswith("?") else self.writer.term(text)
        self._children(meaning)
        self.writer.end_terms()

    def _quotation(self, node: nodes.Element) -> None:
        """What is indented is a quotation if it is prose; lists and code are often indented without meaning it."""
        if all(isinstance(child, nodes.paragraph | nodes.attribution) for child in node.children):
            self.writer.open_quotation()
            self._children(node)
            self.writer.close()
        else:
            self._children(node)

    def _lines(self, node: Any) -> None:
        self.writer.paragraph("\n".join(_inline(line) for line in node.findall(nodes.line) if line.children))

    def _note(self, node: nodes.Element) -> None:
        label, *rest = node.children
        first = f"[{label.astext()}]" if isinstance(label, nodes.label) else _inline(label)
        self.writer.paragraph(" ".join((first, *(one_line(child.astext()) for child in rest))))

    def _table(self, node: Any) -> None:
        for title in node.findall(nodes.title):
            self.writer.paragraph(_inline(title))
        table = Table()
        for row in node.findall(nodes.row):
            table.row()
            for cell in row.children:
                rows, columns = (1 + int(cell.get(name, 0)) for name in ("morerows", "morecols"))
                table.cell(_inline(cell), False, rows, columns)
        self.writer.table(table.rows, node.next_node(nodes.thead) is not None)

    def _topic(self, node: nodes.Element) -> None:
        if "contents" not in node["classes"]:
            self._children(node)

    def _failed(self, node: nodes.Element) -> None:
        """What could not be parsed, as it stands."""
        failed = node.findall(nodes.literal_block) if node["level"] >= _ERROR else ()
        for child in failed:
            self.kept += 1
            self.writer.code(child.astext())

    def _nothing(self, _: nodes.Element) -> None:
        return

    _WRITE: ClassVar[dict[str, Callable[["_Reader", Any], None]]] = {
        "document": _document,
        "section": _section,
        "title": _title,
        "subtitle": _title,
        "paragraph": _paragraph,
        "literal_block": _code,
        "doctest_block": _code,
        "math_block": _code,
        "bullet_list": _list,
        "enumerated_list": _list,
        "definition_list_item": _defined,
        "field": _defined,
        "option_list_item": _defined,
        "block_quote": _quotation,
        "line_block": _lines,
        "footnote": _note,
        "citation": _note,
        "table": _table,
        "topic": _topic,
        "docinfo": _nothing,
        "system_message": _failed,
        "image": _nothing,
        "raw": _nothing,
    }


def _inline(node: nodes.Node) -> str:
    """The text of a paragraph on one line, code between backticks."""
    return one_line(with_small("".join(_shown(node))))


def _shown(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Text):
        yield node.astext()
    elif isinstance(node, nodes.literal):
        text = one_line(node.astext())
        yield f"`{text}`" if text and "`" not in text else text
    elif isinstance(node, nodes.superscript | nodes.subscript):
        yield (RAISED if isinstance(node, nodes.superscript) else LOWERED).format(node.astext())
    elif isinstance(node, nodes.image):
        yield node.get("alt", "")
    elif isinstance(node, nodes.footnote_reference | nodes.citation_reference):
        yield f"[{node.astext()}]"
    elif not isinstance(node, nodes.raw | nodes.system_message):
        for child in node.children:
            yield from _shown(child)
            if isinstance(child, nodes.Body | nodes.list_item):
                yield " "
