"""Markdown with the admonitions of site generators as callouts: Docusaurus's, VitePress's and Pandoc's between colons,
those of Python-Markdown and MkDocs above an indented body. A tab is its name in bold, and what stands in it."""

import re
from collections import Counter
from collections.abc import Container, Sequence
from typing import NamedTuple

from embeddings.reading.marks import MAX_DEPTH
from embeddings.reading.markup.markdown import column_of, moved

_MARKS = (":::", "!!!", "???", "===", "import ")
_INDENT = 4
"""Columns by which a body is indented that ends where its lines no longer are, and by which a line is code."""
_MOST_COLUMNS = 40
"""What is indented further opens nothing: what is written stays in proportion to what is read."""
THEOREMS = (
    *("theorem", "lemma", "corollary", "proposition", "conjecture", "definition", "example", "exercise"),
    *("hypothesis", "proof", "remark", "solution"),
)
"""What bookdown and Quarto set apart in a text of mathematics."""
_KINDS = (
    *("note", "tip", "hint", "info", "important", "warning", "caution", "danger", "callout", "discussion"),
    *("challenge", "spoiler", "prereq", "objectives", "questions", "keypoints", "instructor"),
    *THEOREMS,
)
"""Classes of Pandoc's divisions, as Quarto, the Carpentries and bookdown name them, that a reader is told of: all
others are for layout."""
_SHORT = {
    **{"thm": "theorem", "lem": "lemma", "cor": "corollary", "prp": "proposition", "cnj": "conjecture"},
    **{"def": "definition", "exm": "example", "exr": "exercise", "sol": "solution", "rem": "remark"},
}
"""How Quarto's names of these begin."""
_BETWEEN = re.compile(
    r"(?P<colons>:{3,}+)[ \t]*+"
    r"(?:(?P<kind>[A-Za-z][A-Za-z0-9_-]*+)(?P<title>(?:[ \t\[{].*)?)"
    r'|\{(?=[^{}.#=]*+[.#=])(?P<attributes>(?:"[^"]*+"|[^{}])*+)\}[ \t]*+:*+)'
)
_CLASS = re.compile(rf"(?<!\S)(?:\.(?:callout-)?(?P<kind>{'|'.join(_KINDS)})(?!\S)|#(?P<short>{'|'.join(_SHORT)})-)")
_NAMED = re.compile(r"""(?<!\S)(?:title|name)=(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)')""")
_UNTITLED = re.compile(r"\[![A-Z]++\]$")
_HEADING = re.compile(r"#{1,6}[ \t]++(?P<title>\S.*)")
"""In the first line of a callout without a title, it is that."""
_ABOVE = re.compile(
    r'(?:(?:!!!|\?\?\?\+?)[ \t]*+(?:(?P<kind>[A-Za-z][A-Za-z0-9_-]*+)|(?=".*"$))|===[!+]?[ \t]++(?=".*"$))'
    r'(?P<title>(?:[ \t"].*)?)'
)
_CLASSES_AND_TITLE = re.compile(r'[\w -]*+"(?P<title>.*)"')
_LAYOUT = re.compile(r"(?:(?<!\S)inline(?: end)?|\{(?:open|[.#][^{}]*+)\}|(?<!\S):{3,}+)$")
_ITEM = re.compile(r"(?:[-+*]|\d{1,9}+[.)])(?:[ \t]{1,4}(?=\S)|[ \t]|$)")
_FENCE = re.compile(r"(?P<mark>`{3,}+|~{3,}+)[^`]*+$")
_NAMES = r"(?:[\w$]++|\{[\w$, \t]*+\}|\*[ \t]++as[ \t]++[\w$]++)"
_IMPORT = re.compile(
    rf"import[ \t]++(?:{_NAMES}(?:[ \t]*+,[ \t]*+{_NAMES})?+[ \t]++from[ \t]++)?+"
    r"""["'](?:[.@/~][^"']*+["'];?|[^"']++["'];)\s*+"""
)
"""A whole line, which names a path or ends in a semicolon, as no sentence does."""


class _Open(NamedTuple):
    """What is open: the text itself, an item of a list, an admonition or a tab."""

    base: int = 0
    """The column before which no line of it begins."""
    strip: int = 0
    """So many columns of blanks its lines lose, and get the prefix."""
    prefix: str = ""
    body: int = 0
    """The base of the innermost indented body, which also ends a block of code."""
    colons: str = ""
    number: int = -1

    def line(self, line: str) -> str:
        """How a line of it is written."""
        return self.prefix + moved(line, -self.strip)


def with_callouts(text: str) -> str:
    """The Markdown with such admonitions as callouts, and without the lines that import a module; code as it is.

    >>> print(with_callouts(':::tip[Faster]\\nPress **Go**.\\n:::\\n\\n!!! note\\n    Or wait.'))
    > [!TIP] Faster
    >
    > Press **Go**.
    <BLANKLINE>
    > [!NOTE]
    > Or wait.
    """
    if not any(mark in text for mark in _MARKS):
        return text
    lines = text.split("\n")
    closed = _Page(lines, range(len(lines))).closed
    return "\n".join(_Page(lines, closed).written)


class _Page:
    """Lines as they are `written` if colons open something in those of `opening`, and which of these are `closed`."""

    def __init__(self, lines: Sequence[str], opening: Container[int]) -> None:
        self.written: list[str] = []
        self.closed: set[int] = set()
        self._opening = opening
        self._stack = [_Open()]
        self._colons = Counter[str]()
        self._blanks: list[str] = []
        self._fence = ""
        self._apart = False
        """Whether a blank line is to part what comes from what is written."""
        self._begun = False
        """Whether something was opened just now; blank lines behind are left out."""
        self._importing = True
        """Whether an import may follow directly."""
        for number, (line, following) in enumerate(zip(lines, _following(lines), strict=True)):
            if line.strip():
                self._read(number, line, following)
            else:
                self._blanks.append(line)
        self.written += self._blanks

    def _read(self, number: int, line: str, following: int) -> None:
        words, width = line.strip(), column_of(line)
        if self._fence and width >= self._stack[-1].body:
            if words.startswith(self._fence) and not words.strip(self._fence[0]):
                self._fence = ""
            self._write(self._stack[-1].line(line))
            return
        self._fence = ""
        if words.startswith(":::") and not words.strip(":") and (ended := self._ended(words)):
            self._close(ended)
            return
        while width < self._stack[-1].base:
            self._leave()
        within = self._stack[-1]
        opens = width < min(within.base + _INDENT, _MOST_COLUMNS)
        if opens and number in self._opening and (found := _BETWEEN.fullmatch(words)):
            opened = within._replace(strip=width, colons=found["colons"], number=number)
            kind, title = (found["kind"], _label(found["title"])) if found["kind"] else _declared(found["attributes"])
            self._open(kind, title, width, opened)
        elif opens and following >= (body := width + _INDENT) and (found := _ABOVE.fullmatch(words)):
            self._open(found["kind"] or "", _quoted(found["title"]), width, _Open(body, body, body=body))
        elif (self._importing or self._blanks) and _IMPORT.fullmatch(line):
            self._importing = True
        elif self._begun and _UNTITLED.search("".join(self.written[-1:])) and (found := _HEADING.fullmatch(words)):
            self.written[-1] += f" {found['title']}"
            self._apart = True
        else:
            item = _ITEM.match(words) if opens else None
            fence = _FENCE.match(words, item.end() if item else 0)
            self._fence = fence["mark"] if fence else ""
            self._write(within.line(line))
            if item:
                self._stack.append(within._replace(base=width + item.end(), colons=""))

    def _open(self, kind: str, title: str, width: int, opened: _Open) -> None:
        """A callout, if its kind is a word; else only a title, in bold."""
        within = self._stack[-1]
        prefix = within.prefix + " " * (width - within.strip)
        self._apart = True
        if kind.isalpha():
            prefix += "> " * (prefix.count(">") < MAX_DEPTH)
            self._write(f"{prefix}[!{kind.upper()}] {title}".rstrip())
        elif title:
            self._write(f"{prefix}{title}" if "*" in title else f"{prefix}**{title}**")
        self._apart = bool(title) or not kind.isalpha()
        self._begun = True
        self._stack.append(opened._replace(prefix=prefix))
        self._colons[opened.colons] += 1

    def _ended(self, colons: str) -> str:
        """The colons that opened what these end: as many, or those of what was opened last; "" if none did."""
        if self._colons[colons] > 0:
            return colons
        return next((each.colons for each in reversed(self._stack) if each.colons), "")

    def _close(self, colons: str) -> None:
        """What so many colons opened last ends, and what is open in it."""
        while self._stack[-1].colons != colons:
            self._leave()
        self.closed.add(self._stack[-1].number)
        self._leave()
        self._blanks.clear()
        self._apart, self._begun = True, False

    def _leave(self) -> None:
        left = self._stack.pop()
        self._colons[left.colons] -= 1
        if (left.prefix, left.strip) != (self._stack[-1].prefix, self._stack[-1].strip):
            self._apart, self._begun = True, False

    def _write(self, line: str) -> None:
        prefix = self._stack[-1].prefix.rstrip()
        if self._begun:
            self._blanks.clear()
        if self._apart and self.written and not self._blanks:
            self._blanks.append("")
        self.written += [prefix] * len(self._blanks) if prefix else self._blanks
        self.written.append(line)
        self._blanks.clear()
        self._apart = self._begun = self._importing = False


def _following(lines: Sequence[str]) -> list[int]:
    """For each line, the column at which the next one begins that is not blank; 0 behind the last."""
    columns, column = [], 0
    for line in reversed(lines):
        columns.append(column)
        column = column_of(line) if line.strip() else column
    return columns[::-1]


def _label(given: str) -> str:
    """The title behind a kind and colons: in brackets that follow directly, or the rest of the line."""
    title = _LAYOUT.sub("", given.rstrip()).rstrip()
    return title[1:-1].strip() if title.startswith("[") and title.endswith("]") else title.strip()


def _declared(attributes: str) -> tuple[str, str]:
    """The kind and the title of a division of Pandoc, from its classes and what it is called.

    >>> _declared('#tip-far .callout-tip title="Go far" collapse="true"'), _declared('.column width="50%"')
    (('tip', 'Go far'), ('', ''))
    """
    of_kind, named = _CLASS.search(attributes), _NAMED.search(attributes)
    if not of_kind:
        return "", ""
    title = (named["double"] or named["single"] or "").strip() if named else ""
    return of_kind["kind"] or _SHORT[of_kind["short"]], title


def _quoted(given: str) -> str:
    """The title above a body: in quotation marks, behind the names of its style, or the rest of the line."""
    found = _CLASSES_AND_TITLE.fullmatch(given)
    return (found["title"] if found else _LAYOUT.sub("", given)).strip()
