"""Rows of tables as what they say: of what, and what stands under which name of the header."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from embeddings.splitting.passages import Passage, Span
from embeddings.splitting.terms import term_set, terms

_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)")
"""Another name, or what else is said of a row: "Methane (CH4)"."""
_JOINT = re.compile(r"_|(?<=[a-z])(?=[A-Z])")
"""Between the words of a name that is written as one."""
_SHORT = 40
"""Characters of a cell that is marked whole."""
_BETWEEN = re.compile(r"(?<!\\)\|")


class Cell(NamedTuple):
    """Where in a row a cell stands, and the terms of what it is said of: the name of the row and that of the column."""

    span: Span
    of: frozenset[str]


class Rows:
    """The rows among the sentences of a passage, for a question.

    A row is of what stands in its first cell, or in the first with letters, where that before it has none. Asked for
    the fee of a week, "| Week | 9 |" and "| 7 | Week | 9 |" are named; "| Month | 30 |" is of something else, and so is
    the header.
    """

    def __init__(self, passage: Passage, text: str, question: str, weights: Mapping[str, float]) -> None:
        """`text` is the document's; `weights` has the question's terms with their rarity."""
        self._text = text
        number = {terms("number")[0]: max(weights.values(), default=0.0)} if _HOW_MANY.search(question) else {}
        self._weights = {**weights, **number}
        self._labels: dict[Span, Cell] = {}
        self._first: dict[Span, int] = {}
        tables: dict[int, list[Span]] = defaultdict(list)
        before = Span(-1, -1)
        for row in passage.sentences:
            if text.startswith("|", row.start) and (held := cells(text, row)):
                below = before in self._first and row.start == before.end + 1
                self._first[row] = self._first[before] if below else first_line(text, row.start)
                self._labels[row] = self._label(held)
                tables[self._first[row]].append(row)
            before = row
        self.named: set[Span] = set()
        self.others: set[Span] = set()
        for first, rows in tables.items():
            labelled = [row for row in rows if self._labels[row].of]
            named = {row for row in labelled if self._labels[row].of <= weights.keys() and row.start > first}
            self.named |= named
            self.others |= {*labelled} - named if named else set()

    def _label(self, held: Sequence[Span]) -> Cell:
        """The cell that says what a row is of."""
        first, *others = (Cell(cell, names(_ASIDE.sub("", self._text[slice(*cell)]))) for cell in held)
        if not first.of or first.of <= self._weights.keys() or self._has_letters(first):
            return first
        return next(filter(self._has_letters, others), first)

    def _has_letters(self, cell: Cell) -> bool:
        return any(map(str.isalpha, self._text[slice(*cell.span)]))

    @property
    def headers(self) -> frozenset[str]:
        """The terms of the headers of all tables that rows are of."""
        last = {first: row for row, first in self._first.items()}
        return frozenset(term for row in last.values() for term in self.header(row))

    def header(self, row: Span) -> frozenset[str]:
        """The terms of the header of the table that a row is of; none for that itself, and for what is no row."""
        if self._first.get(row, row.start) == row.start:
            return frozenset()
        return names(self._text[slice(*self._header(row))])

    def _header(self, row: Span) -> Span:
        start = self._first[row]
        return Span(start, self._text.index("\n", start))

    def value(self, row: Span, counts: bool = False) -> Cell | None:
        """The cell of a named row that is asked for: under what the question names, or the only one.

        None where that is not plain. `counts` says whether a number is asked for: then other cells are left aside.
        """
        label = self._labels[row]
        header = cells(self._text, self._header(row))
        columns = [
            Cell(cell, names(self._text[slice(*head)]))
            for head, cell in zip(header, cells(self._text, row), strict=False)
            if cell != label.span and cell.start < cell.end
        ]
        if counts:
            columns = [column for column in columns if any(map(str.isdigit, self._text[slice(*column.span)]))]
        shares = [self._share(column.of - label.of) for column in columns]
        most = max(shares, default=0.0)
        if not columns or (len(columns) > 1 and not (most and shares.count(most) == 1)):
            return None
        column = columns[shares.index(most)]
        return Cell(_within(column.span, row), label.of | column.of)

    def _share(self, name: frozenset[str]) -> float:
        """How far the question names a column: the cosine of their terms, but for the question's length."""
        shared = sum(self._weights.get(term, 0.0) for term in name)
        return shared / sqrt(len(name)) if name else 0.0


def names(text: str) -> frozenset[str]:
    """The terms of what names rows or columns, also where several words are written as one.

    >>> sorted(names("beer_servings")), sorted(names("RottenTomatoes"))
    (['beer', 'serv'], ['rotten', 'tomato'])
    """
    return term_set(_JOINT.sub(" ", text))


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
