"""Markdown read into tokens, a slab at a time, and its title.

markdown-it-py (MIT) parses the blocks of CommonMark and GitHub's tables. It is given a slab at a time, so that what it
needs of memory depends on the slab and not on the text.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SLAB = 16 * 1024
"""About how many characters are parsed at once; twice as many where no paragraph ends."""
MAX_TITLE_OFFSET = 64 * 1024
"""A first heading further down than this many characters is none of the whole text."""

TAB = 4
"""Columns from one stop of a tab to the next, and by which a line is code."""
CODE = r"(?<!`)``(?!`)(?:[^`\n]|`(?!`))*+``(?!`)|`[^`\n]++`"
"""Code within a line, as a part of a pattern."""
_FENCE = re.compile(r"^[ \t>]*+(?:(?P<mark>`{3,}+|~{3,}+)(?P<rest>[^\n]*+)\n?|(?P<comment><!--))", re.MULTILINE)
_UNDERLINE = re.compile(r"\S[ \t]*+\r?\n {0,3}(?:=++|-++)[ \t]*+\r?$", re.MULTILINE)
_NO_HEADING = re.compile(r"!\[|.*[.!,;][*_]*+$")
"""A line that is no heading though another is drawn beneath it: a picture, or one that ends as a sentence does."""
_COLUMNS = re.compile(r"   |\t|\|")
_UNEVEN = 2
"""Characters that the line beneath a heading of plain text is longer or shorter than it."""
_NUMBER = re.compile(r"^[ \t>*+-]*+(\d{1,9})[.)][ \t]", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")
_BORDER = re.compile(r"\n[ \t]*\r?\n(?=[^\s])")
"""Between paragraphs, where what follows is not indented and so in no list: a block of code there is not cut."""
_ITEM = re.compile(r"[ \t]*+(?:[-+*]|\d{1,9}[.)])[ \t]++")
_ABOVE = 2000
"""Characters before a place among which the item begins that it may be in."""
_TABLE = re.compile(r"^[ \t>]*+\|[^\n]*+\n[ \t>]*+\|(?=[^\n]*-)[-:| \t]++(?:\n[ \t>]*+\|[^\n]*+)*+", re.MULTILINE)
"""Rows that begin with a line, of which the second parts the head from the others."""
_PADDING = re.compile(r"(?<=\|)(?<!\\\|)[ \t]{2,}+|(?<=[^ \t|])[ \t]{2,}+(?=\|)")
_DASHES = re.compile(r"-{4,}+")
_HIDING = ("fence", "html_block")
_SAID = ("inline", "fence", "code_block")
_LINKED = re.compile(r"!?\[[^\[\]]*+\](?:\([^()\s]*+\)|\[[^\[\]]*+\])?+|\]\([^()\s]*+\)|<[^<>]*+>")
"""Pictures, links, the end of a link around a picture, and tags."""
_PROBE = "\n\n#\n"
"""A heading set behind each slab: where it is not seen as one, a block that began in the slab is still open."""


class Slab(NamedTuple):
    """Parsed tokens, and where each of the lines that they count begins in the text."""

    tokens: "list[Token]"
    lines: list[int]


class Heading(NamedTuple):
    """A heading with its markup, whether the text opens with it, and whether none of its level follows."""

    text: str
    opens: bool
    alone: bool


def first_heading(text: str) -> Heading | None:
    """The first heading of level 1, of either form; None where there is none near the beginning.

    One in code, in a comment, in a quotation or in a list is none. A text opens with its heading where nothing but
    pictures, links and HTML stands before it, as badges do.
    """
    opens, first = True, ""
    for tokens, _ in parsed(text[:MAX_TITLE_OFFSET]):
        for place, token in enumerate(tokens):
            if token.type == "heading_open" and token.tag == "h1" and not token.level:
                heading = tokens[place + 1].content.strip()
                if heading and first:
                    return Heading(first, opens, alone=False)
                first = first or heading
            elif opens and not first and token.type in _SAID:
                opens = not any(map(str.isalpha, _LINKED.sub("", token.content)))
    return Heading(first, opens, alone=True) if first else None


def parsed(text: str, needed: re.Pattern[str] | None = None) -> Iterator[Slab]:
    """The text slab by slab; without those in which `needed` does not match, unless a block before goes on in them."""
    opening = ""
    for start, end in _slabs(text):
        if needed and not opening and not needed.search(text, start, end):
            continue
        source = opening + text[start:end]
        tokens = _parser().parse(source + _PROBE)
        lines = [0, *(match.end() for match in _LINE_END.finditer(source))]
        lines += [len(source)] * 3  # those of the probe
        shift = start - len(opening)
        places = [max(start, line + shift) for line in lines]
        if len(tokens) >= 3 and tokens[-3].type == "heading_open" and not tokens[-3].level:
            tokens = tokens[:-3]
            opening = _header(tokens, source, lines) if end < len(text) else ""
        else:
            opening = _opening(tokens, source, lines)
        yield Slab(tokens, places)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # only a build parses, and what quotes more than a sentence

    blocks = MarkdownIt("commonmark").enable("table")
    blocks.core.ruler.enableOnly(["normalize", "block"])
    return blocks


def _opening(tokens: "list[Token]", source: str, lines: list[int]) -> str:
    """The line that opened the block which is open at the end: it is set before the next slab."""
    last = tokens[-1] if tokens else None
    if last is None or last.type not in _HIDING or not last.map:
        return ""
    line = last.map[0]
    return source[lines[line] : lines[line + 1]].rstrip("\r\n") + "\n"


def _header(tokens: "list[Token]", source: str, lines: list[int]) -> str:
    """The header of a table that reaches to the end, with the line beneath it: they are set before the next slab."""
    table = next((token for token in reversed(tokens) if token.type == "table_open"), None)
    if table is None or not table.map or tokens[-1].type != "table_close" or tokens[-1].level:
        return ""
    first, last = table.map
    return source[lines[first] : lines[first + 2]] if lines[last] == len(source) else ""


def _slabs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(start + SLAB, len(text))
        if end < len(text):
            border = _BORDER.search(text, end, end + SLAB) or _LINE_END.search(text, end)
            end = border.end() if border else len(text)
        yield start, end
        start = end


def hashed(text: str, plain: bool = False) -> str:
    """The text with headings that are underlined as lines that begin with "#".

    A paragraph of several lines, or one that ends as a sentence does, is none: a line beneath it is a rule. In `plain`
    text, so is one that is not as long as what stands above it, or stands beneath columns.

    >>> hashed("Valves\\n======\\n\\nRed ones\\n---\\n\\nThey leak.\\n---\\n")
    '# Valves\\n\\n## Red ones\\n\\nThey leak.\\n---\\n'
    """
    if not _UNDERLINE.search(text):
        return text
    parts: list[str] = []
    end = 0
    for tokens, lines in parsed(text):
        for token in tokens:
            if token.type != "heading_open" or token.level or token.markup not in ("=", "-") or not token.map:
                continue
            start, under, after = (lines[line] for line in (token.map[0], token.map[1] - 1, token.map[1]))
            line, mark = text[start:under].strip(), text[under:after].strip()
            fits = not plain or (abs(len(line) - len(mark)) <= _UNEVEN and not _COLUMNS.search(line))
            if fits and token.map[1] == token.map[0] + 2 and not _NO_HEADING.match(line):
                parts += text[end:start], f"{'#' * int(token.tag[1])} {line}", text[under:after].strip(" \t=-")
                end = after
    return "".join([*parts, text[end:]])


def numbered(text: str) -> str:
    """The text with the items of its lists numbered as they are shown: many people write "1." before each.

    >>> numbered("1. Open it.\\n1. Close it.\\n1. Go.")
    '1. Open it.\\n2. Close it.\\n3. Go.'
    """
    if not any(one == other for one, other in pairwise(_NUMBER.findall(text))):
        return text
    changes = sorted(change for slab in parsed(text) for change in _numbers(text, slab))
    parts: list[str] = []
    end = 0
    for start, stop, new in changes:
        parts += text[end:start], new
        end = stop
    return "".join([*parts, text[end:]])


def _numbers(text: str, slab: Slab) -> Iterator[tuple[int, int, str]]:
    """From where to where the number of each item stands, and the one that is shown; blanks that its other lines need
    to stay in the item where that has more digits."""
    counts: list[int] = []
    end = 0
    for token in slab.tokens:
        if token.type in ("ordered_list_open", "bullet_list_open"):
            counts.append(int(token.attrs.get("start", 1)))
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            counts.pop()
        elif token.type == "list_item_open" and token.info and token.map:
            number = str(counts[-1])
            counts[-1] += 1
            first, *others = slab.lines[slice(*token.map)]
            at = text.find(f"{token.info}{token.markup}", max(first, end), slab.lines[token.map[0] + 1])
            if at < 0:
                continue
            end = at + len(token.info)
            yield at, end, number
            if wider := " " * (len(number) - len(token.info)):
                within = re.compile(rf"[ \t]*+(?:>[ \t]*+){{0,{text.count('>', first, at)}}}(?=\S)")
                begins = filter(None, (within.match(text, line) for line in others))
                yield from ((each.end(), each.end(), wider) for each in begins)


def narrow(text: str) -> str:
    """The Markdown with its tables as narrow as their words are, so that what is cut by its length holds more rows.

    >>> narrow("| a    | b |\\n|------|:-----:|\\n| 1    |  2  |")
    '| a | b |\\n|---|:---:|\\n| 1 | 2 |'
    """
    return outside_code(text, partial(_TABLE.sub, _narrow))


def _narrow(table: re.Match[str]) -> str:
    head, rule, *rows = table[0].split("\n")
    head, *rows = (_PADDING.sub(" ", row) for row in (head, *rows))
    return "\n".join((head, _DASHES.sub("---", rule), *rows))


def column_of(line: str) -> int:
    """The column at which a line's words begin.

    >>> column_of("   a"), column_of(" \\ta")
    (3, 4)
    """
    return len(line[: len(line) - len(line.lstrip(" \t"))].expandtabs(TAB))


def in_item(text: str, at: int) -> bool:
    """Whether a place in an indented line is in an item of a list, where it is no code.

    >>> in_item("So:\\n\\n    <b>", 9), in_item("10. So:\\n\\n    <b>", 13)
    (False, True)
    """
    lines = text[max(at - _ABOVE, 0) : at].split("\n")
    width = column_of(lines.pop())
    for line in reversed(lines):
        place = column_of(line)
        if not line.strip() or place >= width:
            continue
        if item := _ITEM.match(line):
            return width < len(item[0].expandtabs(TAB)) + TAB
        if not place:
            break
    return False


def moved(line: str, columns: int) -> str:
    """A line so many columns further to the right, or to the left as far as it begins with blanks.

    >>> moved("  a", -1), moved("\\ta", -1), moved("a", 2)
    (' a', '   a', '  a')
    """
    at = width = 0
    while at < len(line) and line[at] in " \t" and width < -columns:
        width += TAB - width % TAB if line[at] == "\t" else 1
        at += 1
    return " " * max(width + columns, 0) + line[at:] if line.strip() else ""


def outside_code(text: str, read: Callable[[str], str]) -> str:
    """The text with everything but its blocks of code between fences as `read` gives it."""
    return "".join(part if code else read(part) for part, code in parts_by_code(text))


def parts_by_code(text: str) -> Iterator[tuple[str, bool]]:
    """The text in parts, each with whether it is a block of code between fences; what is within a comment is none."""
    start, opened, after = 0, "", 0
    for fence in _FENCE.finditer(text):
        mark = fence["mark"]
        if fence.start() < after or fence["comment"]:
            if fence.start() >= after >= 0 and not opened:
                after = text.find("-->", fence.end())
        elif not opened and "`" not in fence["rest"]:
            yield text[start : fence.start()], False
            start, opened = fence.start(), mark
        elif opened and mark.startswith(opened) and not fence["rest"].strip():
            yield text[start : fence.end()], True
            start, opened = fence.end(), ""
    yield text[start:], bool(opened)
