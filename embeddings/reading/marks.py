"""Text written in Markdown's form: how pages, Word documents and others keep headings, lists, tables and code.

So one reading of structure serves every format. What stands in the text itself and would be read as a mark gets a
backslash, which is left out again where the text is shown.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

MAX_DEPTH = 8
"""Lists and quotations are nested no deeper: what stands deeper stands as deep as this."""
_LONGEST_SPANNING = 200
"""A cell that spans rows is repeated in each, if it has no more characters."""
_MOST_COLUMNS = 100

_CODE = re.compile(r"`[^`\n]+`")
_WRAP = r"\n(?![ \t]*(?:\n|[-+*>#|`~]|\d{1,9}[.)]|$))"
"""The end of a line whose paragraph goes on."""
_PAIRS = (
    re.compile(
        rf"(?P<open>(?<!\\)(?:(?<!\\)!)?\[)(?:[^\[\]\n]|{_WRAP}){{1,200}}"
        r'(?P<close>\]\([^()\s]{1,400}(?: "[^"\n]{0,100}")?\))'
    ),
    re.compile(r"(?P<open>(?<!\\)(?:(?<!\\)!)?\[\[(?:[^\[\]|\n]{1,200}\|)?)[^\[\]|\n]{1,200}(?P<close>\]\])"),
    re.compile(
        rf"(?<![\w*\\])(?P<open>\*{{1,3}})(?=[^\s*])(?:[^*\n]|{_WRAP}){{1,500}}(?<=\S)(?P<close>\*{{1,3}})(?![\w*])"
    ),
    re.compile(
        rf"(?<![\w_\\])(?P<open>_{{1,2}})(?=[^\s_])(?:[^_\n]|{_WRAP}){{1,500}}(?<=\S)(?P<close>_{{1,2}})(?![\w_])"
    ),
)
"""[words](address), [[page|words]], *words*, _words_."""
_CALLOUT = re.compile(r"(?<!\\)\[(?P<open>!)[A-Za-z]+\](?P<fold>[-+]?)")
_ESCAPE = re.compile(r"(?P<open>\\)[*_\[#>|<`~]")
"""A backslash that says: what follows is no mark."""

_OPENS_BLOCK = re.compile(r"^[ \t]*+(?=#{1,6}(?:\s|$)|>|\||```|~~~|<[A-Za-z/!?])")
_CODE_OR_OPENS_PAIR = re.compile(r"(?P<code>`[^`\n]+`)|(?<![\w*\\])\*(?=\**[^\s*])|(?<![\w\\])_(?=_*[^\s_])|(?<!\\)\[")
_TICKS = re.compile(r"`{3,}")


LETTERED = {"loweralpha": "a", "upperalpha": "A", "lowerroman": "i", "upperroman": "I"}
"""The forms of `lettered` by what reStructuredText and AsciiDoc call them."""
_ROMAN = {"c": 100, "xc": 90, "l": 50, "xl": 40, "x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1}
_MOST_ROMAN = 400
"""From this number on, an item has letters: no list is counted so far by Roman figures."""

_FIGURES, HIGH, _LOW = "0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻", "₀₁₂₃₄₅₆₇₈₉₊₋₋"
_TO_HIGH, _TO_LOW = str.maketrans(_FIGURES, HIGH), str.maketrans(_FIGURES, _LOW)
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_MOST_LETTERS = 3
"""An exponent, or a note's letter, is no longer."""
RAISED, LOWERED = "\x0e{}\x0f", "\x10{}\x11"
"""How raised and lowered words are held until what stands before them is known; no text has these characters."""
_HELD = re.compile(r"\x0e(?P<high>[^\x0e-\x11]*+)\x0f|\x10(?P<low>[^\x0e-\x11]*+)\x11|[\x0e-\x11]")


class Container:
    """An item of a list or a quotation that is open: what its first line begins with, and each further one."""

    def __init__(self, first: str, rest: str, tight: bool = False) -> None:
        self.first = first
        self.rest = rest
        self.tight = tight
        """Whether it follows what stands before in the list without a blank line."""
        self.begun = False


class Written(NamedTuple):
    """A block in Markdown's form, and its words without marks; those of one list or quotation share a `group`."""

    text: str
    words: str
    group: int
    within: tuple[Container, ...]
    tight: bool


class Writer:
    """Takes a document's blocks one after the other.

    >>> writer = Writer()
    >>> writer.heading(1, "Install")
    >>> writer.open_item(1)
    >>> writer.paragraph("Run this:")
    >>> writer.code("make\\n")
    >>> writer.close()
    >>> joined(writer.blocks)
    '# Install\\n\\n1. Run this:\\n\\n   ```\\n   make\\n   ```'
    """

    def __init__(self) -> None:
        self.blocks: list[Written] = []
        self._open: list[Container] = []
        self._lists: list[int] = []
        self._group = 0
        self._terms: list[str] = []
        self._label = ""

    def heading(self, level: int, text: str) -> None:
        """A heading of level 1 to 6, on one line."""
        self.end_terms()
        if text := " ".join(text.split()):
            self._write(f"{'#' * level} {text}", text)

    def paragraph(self, text: str) -> None:
        """Lines of text, in which code may stand between backticks; what the terms before it mean, if there are."""
        text, self._label = f"{self._label} {text}".rstrip() if self._label else text, ""
        if text.strip():
            terms, self._terms = self._terms, []
            text = "\n".join((*terms, f": {text}")) if terms else text
            self._write(escaped(text), text)

    def written(self, text: str) -> None:
        """Text that is in Markdown's form already."""
        self.end_terms()
        if text.strip():
            self._write(text, text)

    def question(self, text: str) -> None:
        """A line that is the question to what follows."""
        self.end_terms()
        text = " ".join(text.split())
        self._write(f"**{text}**", text) if "*" not in text else self.paragraph(text)

    def term(self, text: str) -> None:
        """What the next paragraph says the meaning of."""
        if text := " ".join(text.split()):
            self._terms.append(text)

    def end_terms(self) -> None:
        """No meaning follows: the terms are a paragraph, and so is a label without words."""
        terms, self._terms = self._terms, []
        if terms or self._label:
            self.paragraph("\n".join(terms))

    def code(self, text: str) -> None:
        """Lines of code, as they are."""
        self.end_terms()
        text = text.strip("\n").rstrip()
        if text.strip():
            self._write(fenced(text), text)

    def table(self, rows: Sequence[Sequence[str]], header: bool) -> None:
        """Rows of cells; where the first is no header, an empty one is written. Empty rows are left out."""
        self.end_terms()
        shown = [row for row in rows if any(cell.strip() for cell in row)]
        if not shown:
            return
        head = shown[0] if header else [""] * max(map(len, shown))
        lines = [_row(head), "|" + "---|" * len(head), *map(_row, shown[header:])]
        self._write("\n".join(lines), "\n".join(" ".join(row) for row in shown))

    def open_list(self) -> None:
        """A list begins."""
        self.end_terms()
        self._group += not (self._lists or self._open)
        self._lists.append(0)

    def bullets(self, items: Iterable[str]) -> None:
        """A list whose items are a paragraph each."""
        self.open_list()
        for item in items:
            self.open_item()
            self.paragraph(item)
            self.close()
        self.close_list()

    def close_list(self) -> None:
        """The list ends."""
        self.end_terms()
        self._lists.pop()

    def open_item(self, number: int | None = None, label: str = "") -> None:
        """An item of a list begins: a step, if it has a number; before its words stands its label, as `lettered`."""
        first = "- " if number is None else f"{number}. "
        follows = bool(self._lists and self._lists[-1])
        self._push(Container(first, " " * len(first), follows or number in (None, 1)))
        self._label = label
        if self._lists:
            self._lists[-1] += 1

    def open_quotation(self, callout: str = "") -> None:
        """A quotation begins, or a callout of that kind, such as a note."""
        self._push(Container("> ", "> "))
        if callout:
            self._write(f"[!{callout.upper()}]", callout)

    def close(self) -> None:
        """The item or quotation that was opened last ends."""
        self.end_terms()
        self._open.pop()

    def _push(self, container: Container) -> None:
        self.end_terms()
        self._group += not (self._lists or self._open)
        self._open.append(container)

    def _write(self, text: str, words: str) -> None:
        within = tuple(self._open[:MAX_DEPTH])
        self._group += not (self._lists or within)
        tight = next((container.tight for container in within if not container.begun), False)
        first = "".join(container.rest if container.begun else container.first for container in within)
        rest = "".join(container.rest for container in within)
        for container in within:
            container.begun = True
        line, *lines = text.split("\n")
        text = "\n".join((first + line, *((rest + line).rstrip() for line in lines)))
        self.blocks.append(Written(text, words, self._group, within, tight))


def joined(blocks: Iterable[Written]) -> str:
    """Blocks as one text, parted by blank lines, which inside a quotation are part of it."""
    parts: list[str] = []
    before: Written | None = None
    for block in blocks:
        if before and block.tight and block.group == before.group:
            parts.append("\n")
        elif before:
            shared = [one for one, other in zip(before.within, block.within, strict=False) if one is other]
            parts.append(f"\n{''.join(container.rest for container in shared).rstrip()}\n")
        parts.append(block.text)
        before = block
    return "".join(parts)


def paged(pages: Iterable[str]) -> tuple[str, tuple[int, ...]]:
    """The text of pages as one, and where each of them begins; one without text begins where the next does.

    >>> paged(["One", "", "Three"])
    ('One\\n\\nThree', (0, 5, 5))
    """
    parts: list[str] = []
    starts: list[int] = []
    at = 0
    for page in pages:
        starts.append(at)
        if page:
            parts.append(page)
            at += len(page) + 2
    text = "\n\n".join(parts)
    return text, tuple(min(start, max(len(text) - 1, 0)) for start in starts)


def fenced(text: str, language: str = "") -> str:
    """Lines of code between fences that are longer than any in the code."""
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def spanning(text: str, columns: int) -> list[str]:
    """A cell that spans columns, as so many cells of a row: all but the first are empty."""
    return [text, *[""] * (min(columns, _MOST_COLUMNS) - 1)]


def repeated(text: str) -> str:
    """What a cell that spans rows holds in each but the first: the same, unless that is long."""
    return text if len(text) <= _LONGEST_SPANNING else ""


def whole(value: str | None, default: int) -> int:
    """The whole number that a file states as an attribute; the default where that is none, or has eight digits."""
    return int(value) if value and value.isdecimal() and len(value) < 8 else default


def lettered(number: int, form: str) -> str:
    """The label of an item in a list that is counted by letters, "a" or "A", or by Roman figures, "i" or "I".

    >>> lettered(2, "a"), lettered(28, "A"), lettered(9, "i")
    ('(b)', '(AB)', '(ix)')
    """
    label = ""
    if form in "iI" and number < _MOST_ROMAN:
        for figure, value in _ROMAN.items():
            label += figure * (number // value)
            number %= value
    while number > 0:
        number, last = divmod(number - 1, 26)
        label = chr(ord("a") + last) + label
    return f"({label.upper() if form.isupper() else label})"


class Table:
    """The rows of a table as they come, each a list of cells without marks.

    >>> table = Table()
    >>> table.cell("Keys", heads=True, columns=2)
    >>> table.row()
    >>> table.cell("F5", heads=False)
    >>> table.rows, table.header
    ([['Keys', ''], ['F5']], True)
    """

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.header = False
        """Whether the first row says what stands in the columns."""
        self._spanning: dict[int, tuple[int, str]] = {}
        """For a column, through which row its cell reaches, and what it holds there."""

    def row(self) -> None:
        """A row begins, with the cells of those above that reach into it."""
        self.rows.append([])
        self._take_spanning()

    def cell(self, text: str, heads: bool, rows: int = 1, columns: int = 1) -> None:
        """A cell of the row that began last; `heads` says whether it names a column or a row."""
        if not self.rows:
            self.row()
        row = self.rows[-1]
        if len(self.rows) == 1:
            self.header = heads and (self.header or not row)
        for each in spanning(text, columns):
            self._spanning[len(row)] = len(self.rows) + rows - 1, repeated(each)
            row.append(each)
        self._take_spanning()

    def is_full(self, columns: int) -> bool:
        """Whether the row that began last has so many columns, with those of cells that span rows."""
        return len(self.rows[-1]) >= columns

    def _take_spanning(self) -> None:
        row = self.rows[-1]
        while len(row) < _MOST_COLUMNS:
            last, text = self._spanning.get(len(row), (0, ""))
            if last < len(self.rows):
                return
            row.append(text)


def small(words: str, raised: bool, before: str) -> str:
    """Raised or lowered words: of a power, a unit or a formula, or of a note, which is no part of the word before.

    `before` is the text that they stand behind.

    >>> small("6", True, "10"), small("2", True, "5 m"), small("2", False, "H"), small("3", True, "the word")
    ('^6', '²', '₂', ' ³')
    """
    figures = words and not words.strip(_FIGURES)
    if raised and before[-1:].isdigit() and (figures or (len(words) <= _MOST_LETTERS and words.isalpha())):
        return words if words in _ORDINALS else f"^{words}"
    if not figures:
        return words
    noted = raised and len(before) >= _MOST_LETTERS and before[-_MOST_LETTERS:].isalpha()
    return f"{' ' if noted else ''}{words.translate(_TO_HIGH if raised else _TO_LOW)}"


def with_small(text: str) -> str:
    """Text with what was held as `RAISED` or `LOWERED` written behind what stands before it.

    >>> with_small(f"10{RAISED.format('6')} H{LOWERED.format('2')}O")
    '10^6 H₂O'
    """
    parts: list[str] = []
    at = 0
    for found in _HELD.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        words = found["high"] or found["low"] or ""
        parts.append(small(words, found["high"] is not None, "".join(parts[-2:])[-_MOST_LETTERS:]) if words else "")
    return "".join((*parts, text[at:]))


def escaped(text: str) -> str:
    """Text with a backslash before what would be read as a mark.

    >>> escaped("> 5 and [x](y), but 2 * 3 and `*a*`")
    '\\\\> 5 and \\\\[x](y), but 2 * 3 and `*a*`'
    """
    return "\n".join(_OPENS_BLOCK.sub(r"\g<0>\\", _without_pairs(line)) for line in text.split("\n"))


def marks(text: str) -> Iterator[tuple[int, int]]:
    """Where the marks of one or more lines of text stand; what stands in code is none."""
    code = [found.span() for found in _CODE.finditer(text)]
    for found in (found for pattern in (_ESCAPE, _CALLOUT, *_PAIRS) for found in pattern.finditer(text)):
        spans = [found.span(name) for name in found.groupdict()]
        if not any(_overlaps(span, code) for span in spans):
            yield from spans


def unmarked(line: str) -> str:
    """A line of text without its marks.

    >>> unmarked("See [the *guide*](guide.md)")
    'See the guide'
    """
    hidden = {place for start, end in marks(line) for place in range(start, end)}
    return "".join(character for place, character in enumerate(line) if place not in hidden)


def _overlaps(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Whether characters are also in one of others, which follow each other."""
    at = bisect_left(others, (span[1], 0))
    return at > 0 and others[at - 1][1] > span[0]


def _without_pairs(line: str) -> str:
    if not any(marks(line)):
        return line
    return _CODE_OR_OPENS_PAIR.sub(lambda found: found[0] if found["code"] else f"\\{found[0]}", line)


def _row(cells: Sequence[str]) -> str:
    shown = (_without_pairs(" ".join(cell.split()).replace("|", "\\|")) for cell in cells)
    return f"| {' | '.join(shown)} |"
