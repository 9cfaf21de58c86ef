"""A text's form: headings, paragraphs, lists, tables, code and quotations, as whole lines with exact offsets.

Markdown shows it; in a text without any, every block is a paragraph.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from embeddings.reading.markup.markdown import parsed

if TYPE_CHECKING:
    from markdown_it.token import Token


class BlockKind(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    STEP = "step"
    """An item of a numbered list."""
    ITEM = "item"
    """An item of any other list."""
    ROW = "row"
    """A row of a table; that of the header comes with the line beneath it."""
    CODE = "code"
    QUOTATION = "quotation"
    DEFINITION = "definition"
    """A term and, behind a colon that begins a line, what it means."""


ITEMS = (BlockKind.ITEM, BlockKind.STEP, BlockKind.DEFINITION)
"""Blocks whose sentences say little without the first of them: "- interval: time between two. Defaults to 60 s."."""


class Block(NamedTuple):
    """Whole lines of a text, from character `start` to `end`.

    Those of one list, table, quotation or definition have the same `group`: the place where that begins.
    `level` is 1 to 6 for a heading, and how deep an item is nested, from 1.
    """

    kind: BlockKind
    start: int
    end: int
    group: int | None = None
    level: int = 0


_MARKED = re.compile(r"^[ \t]*(?:[#>|<*+-]|\d{1,9}[.)][ \t]|```|~~~)|\|[ \t]*:?-", re.MULTILINE)
"""What every text has that has more than paragraphs."""
_BLANK_LINE = re.compile(r"(?<![ \t])(?:[ \t]*+\r?\n){2,}")  # in linear time: entered once a run of spaces
_MEANING = re.compile(r"\S[ \t\r]*\n[ \t]*:[ \t]+\S")
_LISTS = {"ordered_list_open": BlockKind.STEP, "bullet_list_open": BlockKind.ITEM}
_LEAVES = {"heading_open", "paragraph_open", "html_block", "fence", "tr_open"}


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text, in order; together they hold every line of it with more than blanks and marks.

    >>> [(block.kind.value, block.level) for block in blocks("# A\\n\\n1. One\\n   - Two")]
    [('heading', 1), ('step', 1), ('item', 2)]
    """
    for block in _blocks(text):
        if block.kind is BlockKind.PARAGRAPH and _MEANING.search(text, block.start, block.end):
            group = block.start if block.group is None else block.group
            yield block._replace(kind=BlockKind.DEFINITION, group=group)
        else:
            yield block


def _blocks(text: str) -> Iterator[Block]:
    end = 0
    for slab in parsed(text, _MARKED):
        for block in _leaves(slab.tokens, slab.lines):
            yield from _paragraphs(text, end, block.start)
            yield block
            end = max(end, block.end)
    yield from _paragraphs(text, end, len(text))


def _paragraphs(text: str, start: int, end: int) -> Iterator[Block]:
    """What the parser makes nothing of, cut at blank lines: all of a text that it has not to read."""
    for blank in _BLANK_LINE.finditer(text, start, end):
        yield from _paragraph(text, start, blank.start())
        start = blank.end()
    yield from _paragraph(text, start, end)


def _paragraph(text: str, start: int, end: int) -> Iterator[Block]:
    """Lines as a paragraph that begins with the first that is not blank; nothing, where all are, or quoted blanks."""
    content = text[start:end]
    blank = len(content) - len(content.lstrip())
    if content.strip("> \t\r\n"):
        yield Block(BlockKind.PARAGRAPH, max(start, text.rfind("\n", start, start + blank) + 1), end)


def _leaves(tokens: "Sequence[Token]", lines: Sequence[int]) -> Iterator[Block]:
    """The blocks that hold text themselves, each from the beginning of its first line to the end of its last."""
    lists: list[BlockKind] = []
    group: int | None = None
    opens = -1
    """The line at which the item begins of which nothing has been seen yet."""
    table = -1
    for token in tokens:
        if token.map and not token.level and token.nesting >= 0:
            group = lines[token.map[0]]
        if token.type in _LISTS:
            lists.append(_LISTS[token.type])
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            lists.pop()
        elif token.type == "list_item_open" and token.map:
            opens = token.map[0]
        elif token.type == "table_open" and token.map:
            table = token.map[0]
        if token.type not in _LEAVES or not token.map:
            continue
        first, last = token.map
        kind = _kind(token, lists, opens == first)
        if kind is BlockKind.ROW and first == table:
            last += 1
        level = int(token.tag[1]) if kind is BlockKind.HEADING else len(lists)
        within = group if token.level or kind in (BlockKind.ROW, BlockKind.CODE) else None
        if lines[first] < lines[last]:
            yield Block(kind, lines[first], lines[last], within, level)
        opens = -1


def _kind(token: "Token", lists: Sequence[BlockKind], opening: bool) -> BlockKind:
    if token.type == "heading_open" and not token.level and token.markup.startswith("#"):
        return BlockKind.HEADING
    if token.type == "fence":
        return BlockKind.CODE
    if token.type == "tr_open":
        return BlockKind.ROW
    if lists:
        return lists[-1] if opening else BlockKind.PARAGRAPH
    return BlockKind.QUOTATION if token.level else BlockKind.PARAGRAPH
