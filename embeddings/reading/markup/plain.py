"""Plain text as it was meant: without what printed pages repeat, and with the headings that stand alone in it.

Manuals, rules, statutes, RFCs and books are kept so. What shows a heading there is its number, capitals, or that it
stands at the edge of a text that is indented. A line that may as well say something is none: it could not be quoted any
more. A text that has Markdown's headings is Markdown, and stays as it is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from embeddings.numerals import roman
from embeddings.reading.markup.markdown import column_of, hashed, moved

_MARK = re.compile(r"^(?= {0,3}#{1,6}\s)", re.MULTILINE)
_EDGE = 2
"""Of so many lines is what pages repeat, at most."""
_SEVERAL, _SHARE = 3, 0.25
"""On so many pages, and so large a share of them, is what is repeated; so many entries has a table of contents."""
_PAGE = re.compile(r"\b(?:page|seite|página|p\.) ?(\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"[\W_]*+(\d+)[\W_]*+")
"""The number of a page, where nothing else stands beside it."""
_GAP = re.compile(r"\s{3,}+")
_ENDS = (".", "!", "?", ":", ";", '"', "”", "’", ")", "]")
"""How a page ends at the end of a sentence."""
_LEADER = re.compile(r"(?<=[^\s.]) *+\.(?: ?\.){2,}+ *+(?=(?P<page>\d{1,4}|[ivxl]{1,6})\s*$)")
"""Dots that lead to the number of a page, at the end of a line."""

_LONGEST, _BESIDE = 80, 40
"""Characters of a heading, and of one that the text goes on below without a blank line, as in a manual's page."""
_INDENTED, _FEW = 0.7, 20
"""In a text of more than a few lines, the share that is indented where what is not may be a heading."""
_NONE = re.compile(r"\.\.\.|…|   |\t|\||[.!?,;:][\"”’)]*+$")
"""What a heading has not: an entry's dots, columns, or the end of a sentence."""
_RANKS = {"part": 1, "book": 1, "volume": 1, "section": 3, "sec": 3, "rule": 3, "scene": 3, "clause": 3, "§": 3}
"""How deep a heading is that begins with such a word; 2, if it begins with another."""
_NAMED = re.compile(
    r"(?P<word>part|book|volume|chapter|article|appendix|act|annex|section|sec|title|rule|scene|schedule|clause|lesson|"
    r"unit|module|week|day|kapitel|artikel|abschnitt|teil|chapitre|capítulo|artículo|§)\.? ?"
    r"(?:\d{1,4}[A-Z]?|(?<![^\W\d_])(?:[IVXLC]+|[A-Z]))"
    r"(?:\.\d{1,3})*+(?P<rest>[.:]?|(?:[.:]| [-–—])? +[\"“'(]?[A-ZÀ-Ý\d].*+)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?P<number>(?:[A-Z]\.)?[1-9]\d{0,2}(?:\.\d{1,3}){0,4}+|[A-Z](?=\. )|[IVXL]+(?=\. ))[.)]? +(?P<rest>\S.*+)"
)
_FEW_WORDS = 5
"""A title of fewer words may end with a full stop: "Section 12. Definitions."."""
_CAPITALS = re.compile(r"[^\W\d_][^\d:]*+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_ROMAN = "IVXL"


class _Line(NamedTuple):
    """A line without the blanks around it, where its words begin, and whether a blank line is before and behind it."""

    text: str
    indent: int
    follows: bool
    alone: bool


_Key = tuple[str, str, int]
"""Of what kind a number is, below which number it stands, and how far from the edge."""


class _Row(NamedTuple):
    """Numbers of one kind that follow each other: the place of each, as it is written, whether its line may be a
    heading."""

    key: _Key
    items: list[tuple[int, str, bool]]

    @property
    def depth(self) -> int:
        """Below how many numbers they stand."""
        return len(self.key[1].split(".")) if self.key[1] else 0


def laid_out(text: str) -> str:
    """Plain text with its headings as Markdown has them, and its pages joined.

    >>> laid_out("1 Valves\\n\\nThey are red.\\n\\n2 Springs\\n\\nThey are steel.\\n")
    '## 1 Valves\\n\\nThey are red.\\n\\n## 2 Springs\\n\\nThey are steel.\\n'
    """
    marks = [found.start() for found in _MARK.finditer(text)]
    if marks and (not text[: marks[0]].strip() or sum(_stands_alone(text, at) for at in marks) > 1):
        return hashed(text, plain=True)
    return with_headings(_with_entries(without_page_breaks(_MARK.sub(r"\\", text))))


def _stands_alone(text: str, at: int) -> bool:
    """Whether the line that begins at a place has blank lines around it."""
    end = text.find("\n", at)
    before = text[max(at - 4, 0) : at].replace("\r", "")
    return before.endswith("\n\n") and (end < 0 or not text[end + 1 : end + 2].strip())


def _with_entries(text: str) -> str:
    """The text with the dots of a table of contents as one sign, and its entries as paragraphs."""
    lines = text.splitlines(keepends=True)
    leaders = [_LEADER.search(line) for line in lines]
    pages = [int(found["page"]) for found in leaders if found and found["page"].isdigit()]
    if len(pages) < _SEVERAL or pages != sorted(pages):
        return text
    return "".join(
        f"{line[: found.start()]} … {line[found.end() :]}\n" if found else line
        for line, found in zip(lines, leaders, strict=True)
    )


def without_page_breaks(text: str) -> str:
    """The text without form feeds and what many of its pages begin or end with, but for the page's number.

    What says something stays, and a sentence that goes on behind a break is whole.
    """
    pages = [page.splitlines() for page in text.split("\f") if page.strip()]
    if len(pages) < _SEVERAL:
        return text
    edges = [{at: _sign(page[at], number) for at in _edges(page)} for number, page in enumerate(pages)]
    times = Counter(sign for edge in edges for sign in set(edge.values()))
    several = max(_SEVERAL, _SHARE * len(pages))
    repeated = {
        (words, ahead)
        for (words, ahead), often in times.items()
        if often >= several and (ahead is not None or not words.endswith(_ENDS[:3]))
    }
    parts: list[str] = []
    for page, edge in zip(pages, edges, strict=True):
        heads = {at for at, sign in edge.items() if sign in repeated}
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


def _sign(line: str, number: int) -> tuple[str, int | None]:
    """A line without the number of its page, and by how much that is ahead of the page's own."""
    words, parts = " ".join(line.split()), _GAP.split(line.strip())
    for at in (-1, 0):
        if alone := _NUMBER.fullmatch(parts[at]):
            parts[at] = "#"
            return " ".join(parts), int(alone[1][:9]) - number
    if named := _PAGE.search(words):
        return f"{words[: named.start(1)]}#{words[named.end(1) :]}", int(named[1][:9]) - number
    return words, None


def with_headings(text: str) -> str:
    """The text with "#" before the lines that are headings; where all else is indented, that far to the left."""
    text = hashed(text, plain=True)
    lines = text.splitlines(keepends=True)
    looked_at = list(_looked_at(lines))
    indents = Counter(line.indent for line in looked_at if line.text)
    indented = sum(count for indent, count in indents.items() if indent > 1)
    margin = 0
    if indents.total() > _FEW and indented > _INDENTED * indents.total():
        margin = max((indent for indent in indents if indent > 1), key=indents.__getitem__)
    levels = dict(_named(looked_at, margin)) | dict(_in_capitals(looked_at, margin)) | dict(_counted(looked_at, margin))
    if margin:
        levels |= dict(_outside(looked_at, levels))
    shown: list[str] = []
    for at, line in enumerate(lines):
        if at in levels:
            shown.append(f"{'#' * levels[at]} {line.lstrip()}")
        elif at - 1 in levels and _goes_on(*looked_at[at - 1 : at + 1]):
            shown[-1] = f"{shown[-1].rstrip()} {line.lstrip()}"  # "ARTICLE I", and what it is called
        else:
            shown.append(_MARK.sub(r"\\", moved(line, -margin)) if margin and looked_at[at].indent else line)
    return "".join(shown)


def _looked_at(lines: Sequence[str]) -> Iterator[_Line]:
    blank = True
    for line, after in pairwise([*lines, ""]):
        words = line.strip()
        yield _Line(words, column_of(line), blank, not after.strip())
        blank = not words


def _may_be(line: _Line, margin: int) -> bool:
    """Whether a line stands where a heading does, and says nothing by the way it ends."""
    short = 3 <= len(line.text) <= _LONGEST
    return _opens(line, margin) and line.alone and short and not _NONE.search(line.text)


def _opens(line: _Line, margin: int) -> bool:
    """Whether a line stands behind a blank one, and in an indented text at its edge."""
    return line.follows and not (margin and line.indent)


def _following(lines: Sequence[_Line]) -> Iterator[tuple[int, int]]:
    """The places of each line that is not blank and of the next such line."""
    return pairwise(at for at, line in enumerate(lines) if line.text)


def _is_title(words: str) -> bool:
    """Whether most of the longer words have a capital, as in a title: "Status of this Memo", not "Ben hides a box"."""
    longer: list[str] = [word for word in _WORD.findall(words) if len(word) > 3] or _WORD.findall(words)
    return 2 * sum(word[0].isupper() for word in longer) >= len(longer) > 0


def _is_bare(words: str) -> bool:
    """Whether a line is a word and a number alone: "Article I."."""
    named = _NAMED.fullmatch(words)
    return named is not None and len(named["rest"]) < 2


def _goes_on(line: _Line, after: _Line) -> bool:
    """Whether a heading, "Article I", has its name on the line beneath it."""
    return _is_bare(line.text) and _may_be(after._replace(follows=True), 0) and _is_title(after.text)


def _named(lines: Sequence[_Line], margin: int) -> Iterator[tuple[int, int]]:
    """The places and levels of "Chapter 3", "Section 12. Definitions.", but not where one follows on another."""
    found: dict[int, int] = {}
    for at, line in enumerate(lines):
        named = _NAMED.fullmatch(line.text) if _opens(line, margin) else None
        if not named or not (line.text[0].isupper() or line.text[0] == "§"):
            continue
        title = named["rest"].strip(" .:-–—\"“'(")
        ends = line.alone and line.text.endswith(".") and len(title.split()) < _FEW_WORDS and title.istitle()
        if _is_bare(line.text) or (title[:1].isupper() and (ends or _may_be(line, margin))):
            found[at] = _RANKS.get(named["word"].lower(), 2)
    yield from _apart(lines, found)


def _apart(lines: Sequence[_Line], found: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Headings but those that follow on each other at one level, which are a list, or what a notice says."""
    beside = {each for pair in _following(lines) if found.get(pair[0]) == found.get(pair[1], 0) for each in pair}
    yield from ((at, level) for at, level in found.items() if at not in beside)


def _counted(lines: Sequence[_Line], margin: int) -> Iterator[tuple[int, int]]:
    """The places and levels of "1 Valves", "1.1 Springs", where all of a row of numbers are headings."""
    rows: list[_Row] = []
    latest: defaultdict[tuple[_Key, int], list[_Row]] = defaultdict(list)
    for at, line in enumerate(lines):
        counted = _COUNTED.fullmatch(line.text) if _opens(line, margin) else None
        if not counted or "…" in line.text:
            continue
        above, _, last = counted["number"].rpartition(".")
        kind = "roman" if not set(last) - set(_ROMAN) else "letter" if last.isalpha() else "figure"
        key, number = (kind, above, line.indent), _value(last)
        if before := latest[key, number - 1]:
            row = before.pop()
        else:
            rows.append(row := _Row(key, []))
        latest[key, number].append(row)
        title = counted["rest"].lstrip("\"“'(")
        says = any(map(str.isalpha, title)) if above else title[:1].isupper() and _WORD.search(title) is not None
        row.items.append((at, counted["number"], says and _may_be(line, margin)))
    follows = dict(_following(lines))
    known: set[str] = set()
    for row in sorted(rows, key=lambda row: row.depth):
        apart = all(follows[one[0]] != other[0] for one, other in pairwise(row.items))
        several = len(row.items) > 1 or row.key[1] in known
        if several and apart and all(is_heading for *_, is_heading in row.items):
            known |= {number for _, number, _ in row.items}
            yield from ((at, 2 + row.depth) for at, *_ in row.items)


def _value(number: str) -> int:
    """The number that figures, a letter, or Roman figures say."""
    if number.isdigit():
        return int(number)
    if set(number) - set(_ROMAN):
        return ord(number) - ord("A") + 1
    return roman(number)


def _in_capitals(lines: Sequence[_Line], margin: int) -> Iterator[tuple[int, int]]:
    """The places and levels of lines in capitals; none where one recurs, as the names of who speaks do."""
    if margin:
        return
    found = {
        at: 2
        for at, line in enumerate(lines)
        if _may_be(line, margin) and _CAPITALS.fullmatch(line.text) and line.text.isupper() and _WORD.search(line.text)
    }
    often = Counter(line.text for line in lines)
    if all(often[lines[at].text] == 1 for at in found):
        yield from _apart(lines, found)


def _outside(lines: Sequence[_Line], levels: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The places and levels of titles at the edge above what is indented."""
    for at, after in _following(lines):
        line = lines[at]
        fits = _may_be(line._replace(alone=True), 1) and (line.alone or len(line.text) <= _BESIDE)
        if at not in levels and fits and lines[after].indent and line.text[0].isupper() and _is_title(line.text):
            yield at, 2
