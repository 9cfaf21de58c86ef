"""Rows of tables as what they say: of what, and what stands under which name of the header."""

import re
from collections import defaultdict
from collections.abc import Mapping
from math import sqrt

from embeddings.lexical import term_set, terms
from embeddings.passages import Passage, Span

_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)")
"""Another name, or what else is said of a row: "Methane (CH4)"."""
_SHORT = 40
"""Characters of a cell that is marked whole."""
_BETWEEN = re.compile(r"(?<!\\)\|")


class Rows:
    """The rows among the sentences of a passage, for a question.

    A row is of what stands in its first cell. Asked for the fee of a week, "| Week | 9 |" is named; "| Month | 30 |" is
    of something else, and so is the header.
    """

    def __init__(self, passage: Passage, text: str, question: str, weights: Mapping[str, float]) -> None:
        """`text` is the document's; `weights` has the question's terms with their rarity."""
        self._text = text
        number = {terms("number")[0]: max(weights.values(), default=0.0)} if _HOW_MANY.search(question) else {}
        self._weights = {**weights, **number}
        self._labels: dict[Span, frozenset[str]] = {}
        self._first: dict[Span, int] = {}
        tables: dict[int, list[Span]] = defaultdict(list)
        before = Span(-1, -1)
        for row in passage.sentences:
            if text.startswith("|", row.start):
                below = before in self._first and row.start == before.end + 1
                self._first[row] = self._first[before] if below else first_line(text, row.start)
                self._labels[row] = term_set(_ASIDE.sub("", text[slice(*cells(text, row)[0])]))
                tables[self._first[row]].append(row)
            before = row
        self.named: set[Span] = set()
        self.others: set[Span] = set()
        for first, rows in tables.items():
            labelled = [row for row in rows if self._labels[row]]
            named = {row for row in labelled if self._labels[row] <= weights.keys() and row.start > first}
            self.named |= named
            self.others |= {*labelled} - named if named else set()

    def header(self, row: Span) -> str:
        """The first line of the table that a row is of; "" of that itself, and of what is no row."""
        return self._text[slice(*self._header(row))] if self._first.get(row, row.start) < row.start else ""

    def _header(self, row: Span) -> Span:
        start = self._first[row]
        return Span(start, self._text.index("\n", start))

    def value(self, row: Span, counts: bool = False) -> Span | None:
        """Where in a named row the cell stands that is asked for: under what the question names, or the only one.

        None where that is not plain. `counts` says whether a number is asked for: then other cells are left aside.
        """
        others = cells(self._text, row)[1:]
        filled = [cell for cell in others if cell.start < cell.end]
        if counts:
            filled = [cell for cell in filled if any(map(str.isdigit, self._text[slice(*cell)]))]
        if len(filled) == 1:
            return _within(filled[0], row)
        header = cells(self._text, self._header(row))
        names = [term_set(self._text[slice(*cell)]) - self._labels[row] for cell in header[1:]]
        shares = [self._share(name) if cell in filled else 0.0 for name, cell in zip(names, others, strict=False)]
        most = max(shares, default=0.0)
        return _within(others[shares.index(most)], row) if most and shares.count(most) == 1 else None

    def _share(self, name: frozenset[str]) -> float:
        """How far the question names a column: the cosine of their terms, but for the question's length."""
        shared = sum(self._weights.get(term, 0.0) for term in name)
        return shared / sqrt(len(name)) if name else 0.0


def cells(text: str, row: Span) -> list[Span]:
    """Where the cells of a row stand in a text, without the white space around them.

    >>> cells("| Week |  9 |", Span(0, 13))
    [Span(start=2, end=6), Span(start=10, end=11)]
    """
    bars = [bar.start() for bar in _BETWEEN.finditer(text, row.start, row.end)]
    ends = [*bars[1:], *([row.end] if bars[-1] < row.end - 1 else [])]
    found = []
    for start, end in zip(bars, ends, strict=False):
        words = text[start + 1 : end]
        left = start + 1 + len(words) - len(words.lstrip())
        found.append(Span(left, max(left, start + 1 + len(words.rstrip()))))
    return found


def whole_cell(row: str, marked: Span) -> Span | None:
    """The cell in which something is marked, if it is short; None for what is of several cells."""
    cell = next((cell for cell in cells(row, Span(0, len(row))) if cell.start <= marked.start < cell.end), None)
    if cell is None or marked.end > cell.end:
        return None
    return cell if cell.end - cell.start <= _SHORT else marked


def first_line(text: str, row: int) -> int:
    """Where the table begins of which a row begins there."""
    first = row
    while first and text.startswith("|", above := text.rfind("\n", 0, first - 1) + 1):
        first = above
    return first


def _within(cell: Span, row: Span) -> Span:
    return Span(cell.start - row.start, cell.end - row.start)
