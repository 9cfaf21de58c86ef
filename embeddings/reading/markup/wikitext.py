"""The text of a wiki's page (MediaWiki) in Markdown's form.

A template is known by its name alone, not by what it makes: one of several lines with names is a table of these and
their values, such as an infobox; any other stands for the words that it is given.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import mwparserfromhell
from mwparserfromhell.nodes import (
    Argument,
    ExternalLink,
    Heading,
    HTMLEntity,
    Tag,
    Template,
    Text,
    Wikilink,
)
from mwparserfromhell.wikicode import Wikicode

from embeddings.reading.formats import cleaned
from embeddings.reading.marks import LOWERED, RAISED, Table, Writer, fenced, joined, whole, with_small

_MARKS = {"*": "\x01", "#": "\x02", ";": "\x03", ":": "\x04"}
"""What stands for a mark at the beginning of a line: of an item, a step, a term, a meaning or an indent."""
_BREAK, _HEADING, _BLOCK = "\x05", "\x06", "\x07"
"""What stands for the end of a line within a paragraph, before a heading, and around the number of a block."""
_LINE = re.compile("(?P<marks>[\x01-\x04]*)(?P<text>.*)")
_PARTS = re.compile(f"{_BLOCK}(\\d+){_BLOCK}")
_FIRST_MARK = re.compile("^[\\s\x01-\x04]*(?:[*#]+ )?")
_NEXT_MARK = re.compile("\n[\x01-\x04]+ ?")
_QUOTES = re.compile(r"'{2,5}|__[A-Z]{3,}__")
"""Marks for bold and italic words, and switches such as __NOTOC__."""
_MEDIA, _CATEGORY = ("file", "image", "media", "datei", "archivo", "fichier"), ("category", "kategorie")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)?:\S")
_OF_KIND = re.compile(r" \([^()]*\)$")
"""What stands behind a name to tell it from others: "Sword (item)"; "[[Sword (item)|]]" is shown without."""
_OPTION = re.compile(
    r"(?:thumb(?:nail)?|frame(?:d|less)?|border|left|right|cent(?:er|re)|none|upright.*|\d*+(?:x\d++)?+ ?px|\w++ ?=.*)?"
)
"""What is said of a picture and is no caption."""
_SILENT = frozenset(
    "ref references gallery includeonly imagemap timeline score style script templatestyles inputbox mapframe".split()
)
_WRITTEN = frozenset({"nowiki", "math", "chem", "ce"})
_CODE = frozenset({"pre", "syntaxhighlight", "source"})
_TYPED = frozenset({"code", "tt", "kbd", "samp"})
_APART = frozenset(
    "p div center section article main header footer ul ol dl noinclude onlyinclude details summary".split()
)
_CALLOUTS = frozenset("note notice info tip hint important warning caution danger".split())
_NOTES = frozenset("ref refn efn sfn r cn fact".split())
_LEADS = frozenset({"main", "see also", "further", "see"})
_LOOKS = re.compile(r"(?:image|img|picture|photo|icon|logo|caption|alt|style|class|align)[\w -]*", re.IGNORECASE)
_MEASURE = re.compile(r"#[0-9a-fA-F]{3,8}|\d++ ?(?:px|em)")
"""Names and values of what only says how a template looks."""


def as_markdown(text: str) -> str:
    """The wikitext of a page in Markdown's form.

    >>> print(as_markdown("== Use ==\\n'''Open''' the [[valve|tap]]:\\n# one\\n# two<ref>p. 3</ref>"))
    ## Use
    <BLANKLINE>
    Open the tap:
    <BLANKLINE>
    1. one
    2. two
    """
    reader = _Reader()
    reader.read(mwparserfromhell.parse(cleaned(text), skip_style_tags=True))
    return joined(reader.writer.blocks)


class _Reader:
    """Writes down wikitext: first as lines without marks, in which numbers stand for blocks, then block by block."""

    def __init__(self) -> None:
        self.writer = Writer()
        self._blocks: list[Callable[[], None]] = []
        self._lists: list[str] = []
        """The marks of the lists that are open."""
        self._numbers: list[int] = []

    def read(self, code: Wikicode) -> None:
        """Everything of a page or of a part of it."""
        paragraph: list[str] = []
        code_lines: list[str] = []

        def flush() -> None:
            if code_lines:
                self.writer.code("\n".join(code_lines))
            self._paragraph(" ".join(paragraph))
            paragraph.clear()
            code_lines.clear()

        for line in self._inline(code).split("\n"):
            found = _LINE.match(line)
            marks, text = (found["marks"], found["text"]) if found else ("", line)
            typed = line.startswith(" ") and bool(text.strip()) and not _PARTS.search(text)
            if marks or not text.strip() or typed != bool(code_lines) or text.startswith(_HEADING):
                flush()
            if not marks:
                self._close(0)
            if text.startswith(_HEADING):
                title = text.lstrip(_HEADING)
                self.writer.heading(min(len(text) - len(title), 6), _flat(title))
            elif marks:
                self._item(marks, text)
            elif typed:
                code_lines.append(text[1:].replace(_BREAK, "\n"))
            elif text.strip():
                paragraph.append(text.strip())
        flush()
        self._close(0)
        self.writer.end_terms()

    def _item(self, marks: str, text: str) -> None:
        """A line of a list: an item, what goes on in the one before, a term with its meaning, or an indented line."""
        listed = marks.rstrip(_MARKS[";"] + _MARKS[":"])
        rest = marks[len(listed) :]
        shared = 0
        while shared < min(len(listed), len(self._lists)) and listed[shared] in (self._lists[shared], _MARKS[":"]):
            shared += 1
        self._close(shared)
        if listed and shared == len(listed) and not rest:
            self.writer.close()
            self._numbers[-1] += 1
            self.writer.open_item(self._numbers[-1] if listed[-1] == _MARKS["#"] else None)
        for mark in listed[shared:]:
            self.writer.open_list()
            self.writer.open_item(1 if mark == _MARKS["#"] else None)
            self._lists.append(mark)
            self._numbers.append(1)
        if rest.endswith(_MARKS[";"]):
            term, _, meaning = text.partition(_MARKS[":"])
            self.writer.term(_flat(term))
            text = meaning
        self._paragraph(text)

    def _close(self, depth: int) -> None:
        """So many lists stay open."""
        while len(self._lists) > depth:
            self.writer.close()
            self.writer.close_list()
            self._lists.pop()
            self._numbers.pop()

    def _paragraph(self, text: str) -> None:
        """A paragraph, and the blocks that stand in it."""
        for at, part in enumerate(_PARTS.split(text)):
            if at % 2:
                self._blocks[int(part)]()
            elif part.strip():
                lines = (" ".join(line.split()) for line in with_small(_unmarked(part, "")).split(_BREAK))
                self.writer.paragraph("\n".join(filter(None, lines)))

    def _held(self, write: Callable[[], None]) -> str:
        """What stands for a block that is written where it is met."""
        self._blocks.append(write)
        return f"{_BLOCK}{len(self._blocks) - 1}{_BLOCK}"

    def _inline(self, code: Any) -> str:
        return "".join(map(self._node, code.nodes)) if code is not None else ""

    def _node(self, node: Any) -> str:
        """What a reader sees of a node; comments, and whatever else is none of these, show nothing."""
        match node:
            case Text():
                return _QUOTES.sub("", str(node))
            case Heading():
                return f"\n{_HEADING * node.level}{self._inline(node.title)}\n"
            case Wikilink():
                return self._link(node)
            case ExternalLink():
                return self._inline(node.title) if node.title else str(node.url)
            case HTMLEntity():
                return cleaned(node.normalize())
            case Template():
                return self._template(node)
            case Argument():
                return self._inline(node.default)
            case Tag():
                return self._tag(node)
        return ""

    def _link(self, link: Wikilink) -> str:
        title = str(link.title).strip()
        space, _, name = title.partition(":")
        text = self._inline(link.text)
        if name and space.lower() in _MEDIA:
            caption = text.rpartition("|")[2].strip()
            return "" if _OPTION.fullmatch(caption) else f"\n\n{caption}\n\n"
        if name and (space.lower() in _CATEGORY or (link.text is None and _LANGUAGE.match(title))):
            return ""
        shown = title.lstrip(":#").replace("_", " ")
        return shown if link.text is None else text or _OF_KIND.sub("", name or shown)

    def _tag(self, tag: Tag) -> str:
        name, mark = _name(tag), tag.wiki_markup
        if mark in _MARKS:
            return _MARKS[mark]
        if name in _SILENT:
            return ""
        if name in _WRITTEN:
            return cleaned(unescape(str(tag.contents or "")))
        if name in _CODE:
            return self._source(tag)
        if name == "br":
            return _BREAK
        if name == "table":
            return self._held(self._table(tag))
        if name in ("blockquote", "poem"):
            return self._held(lambda: self._within("", tag.contents))
        inside = self._inline(tag.contents)
        if name in ("sup", "sub"):
            return (RAISED if name == "sup" else LOWERED).format(inside) if inside.strip() else ""
        if name in _TYPED and "`" not in inside and inside.strip():
            return f"`{inside}`"
        if re.fullmatch("h[1-6]", name):
            return f"\n{_HEADING * int(name[1])}{inside}\n"
        if name in ("li", "dt", "dd"):
            kind = {"dt": ";", "dd": ":"}.get(name, "*")
            return f"\n{_MARKS[kind]}{inside.strip()}"
        return f"\n\n{inside}\n\n" if name in _APART or name == "hr" else inside

    def _source(self, tag: Tag) -> str:
        """Code in lines of its own, or within a line."""
        text = str(tag.contents or "")
        text = cleaned(unescape(text)) if _name(tag) == "pre" else text
        languages = [str(each.value) for each in tag.attributes if str(each.name).strip() == "lang"]
        language = languages[0] if languages and languages[0].isalnum() else ""
        if "\n" not in text and _name(tag) != "pre" and "`" not in text:
            return f"`{text.strip()}`" if text.strip() else ""
        code = text.strip("\n").rstrip()
        return self._held(lambda: self.writer.written(fenced(code, language)) if code else None)

    def _within(self, kind: str, code: Wikicode) -> None:
        """A quotation, or a callout of that kind."""
        before = self._lists, self._numbers
        self._lists, self._numbers = [], []
        self.writer.open_quotation(kind)
        self.read(code)
        self.writer.close()
        self._lists, self._numbers = before

    # --- tables and templates ---------------------------------------------------------------------------

    def _table(self, tag: Tag) -> Callable[[], None]:
        table, captions, header = Table(), list[str](), False
        for row in _rows(tag):
            captions += [self._cell(cell.contents).lstrip("+ ").rpartition("|")[2] for cell in row if _is_caption(cell)]
            cells = [cell for cell in row if not _is_caption(cell)]
            if not table.rows:
                header = all(_name(cell) == "th" for cell in cells)
            if cells:
                table.row()
            for cell in cells:
                spans = {str(each.name).strip(): str(each.value).strip('" ') for each in cell.attributes}
                rows, columns = (whole(spans.get(name), 1) for name in ("rowspan", "colspan"))
                table.cell(self._cell(cell.contents), _name(cell) == "th", rows, columns)

        def write() -> None:
            self._paragraph(" ".join(captions))
            self.writer.table(table.rows, header and len(table.rows) > 1)

        return write

    def _cell(self, code: Any) -> str:
        """The words of a cell on one line, items of a list behind each other."""
        text = _FIRST_MARK.sub("", _PARTS.sub("", self._inline(code)))
        return _flat(_NEXT_MARK.sub(", ", text))

    def _template(self, template: Template) -> str:
        name = " ".join(str(template.name).split()).lower()
        if name == "!":
            return "|"
        if ":" in name or name in _NOTES or name.startswith(("#", "cite ")):
            return ""
        named = [(str(each.name).strip(), each.value) for each in template.params if each.showkey]
        given = [self._inline(each.value).strip() for each in template.params if not each.showkey]
        plain = [value for value in given if value]
        if name in _CALLOUTS and plain:
            code = next(each.value for each in template.params if not each.showkey and str(each.value).strip())
            return self._held(lambda: self._within(name, code))
        if name in _LEADS and plain:
            return f"\n\n{name.capitalize()}: {', '.join(plain)}\n\n"
        if named and "\n" in str(template):
            rows = [[_label(key), self._cell(value)] for key, value in named if not _LOOKS.fullmatch(key)]
            rows = [row for row in rows if row[1] and not _MEASURE.fullmatch(row[1])]
            if rows:
                table = self._held(lambda: self.writer.table(rows, header=False))
                return f"{table}\n\n{_BREAK.join(plain)}\n\n" if plain else table
        shown = plain or [self._inline(value).strip() for key, value in named if key in ("text", "quote", "content")]
        return " ".join(shown)


def _rows(tag: Tag) -> Iterator[list[Tag]]:
    """The cells of each row of a table; those before the first row are one."""
    first: list[Tag] = []
    for node in [each for each in tag.contents.nodes if isinstance(each, Tag)] if tag.contents else []:
        if _name(node) in ("td", "th"):
            first.append(node)
        elif _name(node) in ("tr", "tbody", "thead", "tfoot"):
            yield first
            first = []
            yield from _rows(node)
    yield first


def _name(node: Any) -> str:
    return str(node.tag).strip().lower() if isinstance(node, Tag) else ""


def _is_caption(cell: Tag) -> bool:
    """Whether what looks like a cell is what stands behind "|+"."""
    return bool(cell.wiki_markup == "|" and str(cell.contents).startswith("+"))


def _label(key: str) -> str:
    """The name of a value as people read it: "max_health" is "Max health"."""
    words = " ".join(key.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _unmarked(text: str, mark: str) -> str:
    """Text in which other signs stand for the marks of lists."""
    return re.sub("[\x01-\x04\x06]+", mark, text)


def _flat(text: str) -> str:
    """Text on one line, without marks."""
    return " ".join(with_small(_unmarked(text, " ")).replace(_BREAK, " ").split())
