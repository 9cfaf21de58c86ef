"""Plain text as it was meant: without what printed pages repeat, and with the headings that stand alone in it.

Manuals, rules, statutes, RFCs and books are kept so. What shows a heading there is its number, capitals, or that it
stands at the edge of a text that is indented. A text that has Markdown's headings is Markdown, and stays as it is.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from embeddings.reading.markup.markdown import hashed

_MARKED = re.compile(r"^#{1,6} \S", re.MULTILINE)
_EDGE = 2
"""Of so many lines is what is repeated, at most."""
_SEVERAL, _SHARE = 3, 0.25
"""On so many pages, and so large a share of them, is what is repeated."""
_DIGITS = re.compile(r"\d+")
_ENDS = (".", "!", "?", ":", ";", '"', "”", "’", ")", "]")
"""How a page ends at the end of a sentence."""

_LONGEST, _BESIDE = 80, 40
"""Characters of a heading, and of one that the text goes on below without a blank line, as in a manual's page."""
_INDENTED, _FEW = 0.7, 20
"""In a text of more than a few lines, the share that is indented where what is not may be a heading."""
_RANKS = {"part": 1, "book": 1, "volume": 1, "chapter": 2, "article": 2, "appendix": 2, "act": 2, "annex": 2}
"""How deep a heading is that begins with such a word; those that begin with others of `_NAMED` are deeper."""
_NAMED = re.compile(
    rf"(?P<word>{'|'.join(_RANKS)}|section|sec|title|rule|scene|schedule|clause|§)\.? ?"
    r"(?:\d{1,4}[A-Z]?|[IVXLC]+|[A-Z])(?:\.\d{1,3})*+(?![\w,]|['’]s).*+",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?P<number>(?:[A-Z]\.)?\d{1,3}(?:\.\d{1,3}){0,4}+|(?!C|D|L|M)[IVXL]+(?=\.))[.)]? +(?=[\"“'(]?[A-Z\d]).*+"
)
_LEADER = re.compile(r"(?<=[^\s.]) *+\.(?: ?\.){2,}+ *+(?=(?:\d{1,4}|[ivxl]{1,6})\s*$)")
"""Dots that lead to the number of a page, at the end of a line."""
_NONE = re.compile(r"\.\.\.|…|   |\t")
"""What a line holds that is none: an entry of a table of contents, or two columns."""
_SAID = re.compile(r"[.!?,;:][\"”’)]*+$")
"""How a line ends that says something."""


class _Line(NamedTuple):
    """A line without the blanks around it, where its words begin, and whether a blank line is before and behind it."""

    text: str
    indent: int
    follows: bool
    alone: bool


def laid_out(text: str) -> str:
    """Plain text with its headings as Markdown has them, and its pages joined.

    >>> laid_out("1 Valves\\n\\nThey are red.\\n\\n1.1 Springs\\n\\nThey are steel.\\n")
    '## 1 Valves\\n\\nThey are red.\\n\\n### 1.1 Springs\\n\\nThey are steel.\\n'
    """
    if _MARKED.search(text):
        return hashed(text, plain=True)
    return with_headings(hashed(_with_entries(without_page_breaks(text)), plain=True))


def _with_entries(text: str) -> str:
    """The text with the dots of a table of contents as one sign, and its entries as paragraphs."""
    entries = ((line, _LEADER.sub(" … ", line)) for line in text.splitlines(keepends=True))
    return "".join(entry if line is entry else f"{entry}\n" for line, entry in entries)


def without_page_breaks(text: str) -> str:
    """The text without form feeds and what many of its pages begin or end with, but for numbers in it.

    A sentence that goes on behind a break is whole.
    """
    pages = [page.splitlines() for page in text.split("\f") if page.strip()]
    if len(pages) < _SEVERAL:
        return text
    edges = [{_sign(page[at]) for at in _edges(page)} for page in pages]
    times = Counter(sign for edge in edges for sign in edge)
    repeated = {sign for sign, often in times.items() if often >= max(_SEVERAL, _SHARE * len(pages))}
    parts: list[str] = []
    for page in pages:
        heads = {at for at in _edges(page) if _sign(page[at]) in repeated}
        body = "\n".join(line for at, line in enumerate(page) if at not in heads).strip("\n")
        goes_on = parts and body.lstrip()[:1].islower() and not parts[-1].rstrip().endswith(_ENDS)
        parts += ("\n" if goes_on else "\n\n" if parts else "", body)
    return "".join(parts)


def _edges(page: Sequence[str]) -> set[int]:
    """The few lines that stand by themselves at the top of a page and at its bottom."""
    blank = [at for at, line in enumerate(page) if not line.strip()]
    borders = [one for one in pairwise([-1, *blank, len(page)]) if one[1] > one[0] + 1]
    outermost = borders[:1] + borders[-1:] if len(borders) > 1 else []
    return {at for before, after in outermost if after - before <= _EDGE + 1 for at in range(before + 1, after)}


def _sign(line: str) -> str:
    """A line without its numbers and its place."""
    return _DIGITS.sub("#", " ".join(line.split()))


def with_headings(text: str) -> str:
    """The text with "#" before the lines that are headings; where all else is indented, that far to the left."""
    lines = text.splitlines(keepends=True)
    looked_at = list(_looked_at(lines))
    indents = Counter(line.indent for line in looked_at if line.text)
    indented = sum(count for indent, count in indents.items() if indent > 1)
    margin = 0
    if indents.total() > _FEW and indented > _INDENTED * indents.total():
        margin = max((indent for indent in indents if indent > 1), key=indents.__getitem__)
    often = Counter(line.text for line in looked_at)
    levels = [_level(line, margin, often[line.text]) for line in looked_at]
    _without_lists(looked_at, levels)
    return "".join(
        f"{'#' * level} {line.lstrip()}" if level else line[min(margin, len(line) - len(line.lstrip(" "))) :]
        for line, level in zip(lines, levels, strict=True)
    )


def _looked_at(lines: Sequence[str]) -> Iterator[_Line]:
    blank = True
    for line, after in pairwise([*lines, ""]):
        words = line.strip()
        yield _Line(words, len(line) - len(line.lstrip(" ")), blank, not after.strip())
        blank = not words


def _level(line: _Line, margin: int, often: int) -> int:
    """How deep a line is as a heading; 0 if it is none."""
    words = line.text
    longest = _LONGEST if line.alone else _BESIDE if margin else 0
    if not line.follows or not 3 <= len(words) <= longest or _NONE.search(words) or (margin and line.indent):
        return 0
    if named := _NAMED.fullmatch(words):
        return _RANKS.get(named["word"].lower(), 3) if words[0].isupper() or words[0] == "§" else 0
    if _SAID.search(words):
        return 0
    if counted := _COUNTED.fullmatch(words):
        return 2 + counted["number"].count(".")
    letters = "".join(filter(str.isalpha, words))
    is_capitals = len(letters) > 3 and 2 * len(letters) > len(words) and letters.isupper()
    return 2 if often == 1 and words[0].isupper() and (margin or is_capitals) else 0


def _without_lists(lines: Sequence[_Line], levels: list[int]) -> None:
    """Take numbered lines that stand one behind another for a list, unless the second is deeper."""
    numbered = [at for at, line in enumerate(lines) if line.text]
    items: set[int] = set()
    for one, other in pairwise(numbered):
        if levels[one] and levels[one] == levels[other] and all(_COUNTED.match(lines[at].text) for at in (one, other)):
            items |= {one, other}
    for at in items:
        levels[at] = 0
