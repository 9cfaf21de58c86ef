"""Tables of a page, which says no more than where words stand: in the cells that rules part, or beside each other.

A table with rules is cut as they say (see Nurminen, "Algorithmic Extraction of Data in Tables in PDF Documents", 2013,
section 4.1); one without is a run of rows whose cells stand below each other.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from statistics import median
from typing import NamedTuple

from embeddings.reading.pages.lines import Line, Page, Rule, grouped, had_to_end, is_level

_SNAP = 3.0
"""Points that two rules stand apart, at most, which are one or meet."""
_SHORTEST_RULE = 4.0
_MOST_CELLS = 20_000
_LONGEST_CELL = 800
"""Characters. What is framed and longer is a text in a frame."""
_FEW = 0.25
"""Of the rows of a grid, that have a cell in which lines stand beside each other, at most."""
_MOST = 0.6
"""Of a table's rows, that have several cells, and each in another column, at least."""
_TALLEST_CELL = 12
"""Lines of a cell without rules; what is taller is a column of a page."""
_LINE = 1.45
"""How many times its size a line stands below the one before, at most, that goes on in the same cell."""
_HANGING = 2.0
"""How many times its size a further line of a cell begins to the right of the first, at most."""
_ROW = 3.5
"""How many times its size a row stands below the one before, at most, of the same table."""
_LONGEST_SPANNING = 80
_NEAR = 30
"""Lines before one, that say where its cell begins and ends."""
_PROSE = 25
"""Characters of most lines of a column of prose, at least."""
_FILLED = 0.7
"""Of the width of a column, that most lines of prose fill, at least."""


class Table(NamedTuple):
    """The rows of a table, top to bottom, as many cells in each, of several lines where they have some."""

    rows: Sequence[Sequence[Sequence[Line]]]
    ruled: bool = False

    @property
    def lines(self) -> Iterator[Line]:
        """All that stands in it, row by row."""
        return chain.from_iterable(chain.from_iterable(self.rows))


def ruled(page: Page) -> Iterator[Line | Table]:
    """The lines of a page in their order; a table with rules stands where its first line does."""
    tables: dict[int, Table] = {}
    inside: set[int] = set()
    for grid in _grids(page.rules):
        own = [at for at, line in enumerate(page.lines) if at not in inside and grid.holds(line)]
        if table := grid.table([page.lines[at] for at in own]):
            tables[own[0]] = table
            inside |= set(own)
    for at, line in enumerate(page.lines):
        if at in tables:
            yield tables[at]
        elif at not in inside:
            yield line


# --- with rules -------------------------------------------------------------------------------------


class _Grid:
    """Rules that meet, as columns and rows, top to bottom; cells that no rule parts are one."""

    def __init__(self, across: Sequence[Rule], upright: Sequence[Rule]) -> None:
        self._xs = _places(
            [*(rule.x for rule in upright), min(rule.x for rule in across), max(rule.right for rule in across)]
        )
        self._ys = _places(
            [*(rule.y for rule in across), min(rule.y for rule in upright), max(rule.top for rule in upright)]
        )
        self._one: dict[tuple[int, int], tuple[int, int]] = {}
        if self.is_grid:
            self._join(across, upright)

    @property
    def is_grid(self) -> bool:
        """Whether there are two columns, two rows and no mass of them."""
        return min(len(self._xs), len(self._ys)) > 2 and len(self._xs) * len(self._ys) < _MOST_CELLS

    def holds(self, line: Line) -> bool:
        """Whether a line stands within the rules."""
        x, y = _middle(line)
        return self._xs[0] < x < self._xs[-1] and self._ys[0] < y < self._ys[-1]

    def table(self, lines: Sequence[Line]) -> Table | None:
        """The table of lines that stand in it, without empty rows and columns; None if it is none, or parts too few."""
        cells: dict[tuple[int, int], list[Line]] = defaultdict(list)
        for line in lines:
            x, y = _middle(line)
            cells[self._first(bisect_right(self._xs, x), -bisect_right(self._ys, y))].append(line)
        if any(sum(len(line.text) for line in cell) > _LONGEST_CELL for cell in cells.values()):
            return None
        rows: dict[int, dict[int, list[Line]]] = defaultdict(lambda: defaultdict(list))
        for (column, row), cell in cells.items():
            several = any(is_level(line, other) for line, other in pairwise(cell))
            for line in cell:
                rows[row][bisect_right(self._xs, _middle(line)[0]) if several else column].append(line)
        beside = sum(any(is_level(*two) for two in pairwise(cell)) for row in rows.values() for cell in row.values())
        if beside > _FEW * len(rows):
            return None
        columns = sorted({column for row in rows.values() for column in row})
        placed = ([rows[row].get(column, []) for column in columns] for row in sorted(rows))
        limits = [self._xs[min(column, len(self._xs) - 1)] for column in columns]
        table = Table(_compact([part for row in placed for part in _parted(row, limits)]), ruled=True)
        return table if sum(sum(map(bool, row)) > 1 for row in table.rows) > 1 else None

    def _first(self, column: int, row: int) -> tuple[int, int]:
        """The cell at the top left of those that are one."""
        cell = column, row
        while (before := self._one.get(cell, cell)) != cell:
            cell = before
        return cell

    def _join(self, across: Sequence[Rule], upright: Sequence[Rule]) -> None:
        walls = {x: [rule for rule in upright if abs(rule.x - x) < _SNAP] for x in self._xs}
        floors = {y: [rule for rule in across if abs(rule.y - y) < _SNAP] for y in self._ys}
        for column, (left, right) in enumerate(pairwise(self._xs), 1):
            x = (left + right) / 2
            for row, (bottom, top) in enumerate(pairwise(self._ys), 1):
                y = (bottom + top) / 2
                cell = column, -row
                if not any(rule.y < y < rule.top for rule in walls[right]):
                    self._unite(cell, (column + 1, -row))
                if not any(rule.x < x < rule.right for rule in floors[bottom]):
                    self._unite(cell, (column, 1 - row))

    def _unite(self, cell: tuple[int, int], other: tuple[int, int]) -> None:
        if other[0] < len(self._xs) and other[1] < 0:
            first, then = sorted((self._first(*cell), self._first(*other)), key=lambda one: (one[1], one[0]))
            self._one[then] = first


def _grids(rules: Iterable[Rule]) -> Iterator[_Grid]:
    """The grids of a page's rules, each of rules that meet."""
    long = [rule for rule in rules if max(rule.right - rule.x, rule.top - rule.y) > _SHORTEST_RULE]
    upright = _joined([rule for rule in long if rule.x == rule.right])
    across = [_flipped(rule) for rule in _joined([_flipped(rule) for rule in long if rule.y == rule.top])]
    if len(across) * len(upright) > 10 * _MOST_CELLS:
        return
    while upright:
        columns: list[Rule] = []
        rows: list[Rule] = []
        further = [upright.pop()]
        while further:
            columns += further
            meeting = {rule for rule in across if any(_meet(rule, other) for other in further)}
            rows += meeting
            across = [rule for rule in across if rule not in meeting]
            further = [rule for rule in upright if any(_meet(other, rule) for other in meeting)]
            upright = [rule for rule in upright if rule not in further]
        if rows and (grid := _Grid(rows, columns)).is_grid:
            yield grid


def _meet(across: Rule, upright: Rule) -> bool:
    return (
        across.x - _SNAP <= upright.x <= across.right + _SNAP and upright.y - _SNAP <= across.y <= upright.top + _SNAP
    )


def _flipped(rule: Rule) -> Rule:
    return Rule(rule.y, rule.x, rule.top, rule.right)


def _joined(upright: Iterable[Rule]) -> list[Rule]:
    """Rules up a page, of which those that go on from each other, or lie on each other, are one."""
    joined: list[Rule] = []
    for column in grouped(sorted(upright), lambda rule, before: rule.x - before[-1].x > _SNAP / 2):
        x = median(rule.x for rule in column)
        parts = grouped(
            sorted(column, key=lambda rule: rule.y),
            lambda rule, before: rule.y > max(other.top for other in before) + _SNAP,
        )
        joined += [Rule(x, part[0].y, x, max(rule.top for rule in part)) for part in parts]
    return joined


def _places(places: Iterable[float]) -> list[float]:
    return [group[0] for group in grouped(sorted(places), lambda place, before: place - before[-1] > _SNAP)]


def _compact(rows: Sequence[Sequence[list[Line]]]) -> list[list[list[Line]]]:
    """Rows in which neighbouring columns are one where no row has something in both."""
    columns: list[list[list[Line]]] = []
    for column in zip(*rows, strict=True):
        if columns and not any(one and other for one, other in zip(columns[-1], column, strict=True)):
            columns[-1] = [one + other for one, other in zip(columns[-1], column, strict=True)]
        else:
            columns.append(list(column))
    return [list(row) for row in zip(*columns, strict=True)]


def _parted(row: Sequence[Sequence[Line]], limits: Sequence[float]) -> Iterator[list[list[Line]]]:
    """The rows that a row is which has several lines in its cells, none of which had to end where it does.

    `limits` says how far to the right each cell's lines could run.
    """
    pairs = [(*two, limit) for cell, limit in zip(row, limits, strict=True) for two in pairwise(cell)]
    lines = sorted(chain.from_iterable(row), key=lambda line: -line.y)
    levels = list(grouped(lines, lambda line, level: not is_level(line, level[0])))
    several = sum(len(level) > 1 for level in levels)
    if several > 1 and several > _MOST * len(levels) and 2 * sum(_goes_on_in(*pair) for pair in pairs) < len(pairs):
        for level in levels:
            yield [[line for line in cell if line in level] for cell in row]
    else:
        yield [list(cell) for cell in row]


def _goes_on_in(line: Line, following: Line, limit: float) -> bool:
    """Whether a line goes on in the next: it had to end there, and they are not two numbers."""
    alone = " " not in line.text and " " not in following.text and any(map(str.isdigit, line.text + following.text))
    return not alone and had_to_end(line, following, limit)


def _middle(line: Line) -> tuple[float, float]:
    return (line.x + line.right) / 2, line.y + 0.3 * line.size


# --- without ----------------------------------------------------------------------------------------


class _Cell(NamedTuple):
    """Lines below each other, and the place they take."""

    lines: Sequence[Line]

    @property
    def left(self) -> float:
        return min(line.x for line in self.lines)

    @property
    def right(self) -> float:
        return max(line.right for line in self.lines)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def is_prose(self) -> bool:
        """Whether it is a part of a column of the page."""
        return len(self.lines) > _TALLEST_CELL and median(len(line.text) for line in self.lines) > _PROSE


_Row = Sequence[_Cell]


def stacked(lines: Iterable[Line]) -> Iterator[Line | Table]:
    """The lines of a page, of which those in rows are tables; columns of prose follow each other."""
    cells = map(_Cell, grouped(lines, lambda line, before: not _goes_on(before, line)))
    rows = [
        [_Cell(cell) for cell in part if cell]
        for row in grouped(cells, lambda cell, row: not _is_beside(cell, row))
        for part in _parted([cell.lines for cell in row], [*(cell.left for cell in row[1:]), row[-1].right])
    ]
    at = 0
    while at < len(rows):
        end, columns = _table(rows, at)
        if columns and _is_prose(rows[at:end], columns):
            for column in range(len(columns)):
                for row in rows[at:end]:
                    yield from (line for cell in row if _column(cell, columns) == column for line in cell.lines)
        elif columns:
            yield Table([_placed(row, columns) for row in _whole(rows[at:end], columns)])
        else:
            end = max(end, at + 1)
            yield from (line for row in rows[at:end] for cell in row for line in cell.lines)
        at = end


def _goes_on(cell: Sequence[Line], line: Line) -> bool:
    """Whether a line is a further one of a cell, or of a paragraph."""
    last, size = cell[-1], max(line.size, cell[-1].size)
    other = abs(line.size - last.size) > 0.1 * size or line.bold != last.bold
    if other or not 0.3 * size < last.y - line.y < _LINE * size:
        return False
    near = cell[-_NEAR:]
    left, right = min(other.x for other in near), max(other.right for other in near)
    beneath = -size < line.x - left < _HANGING * size or abs(line.right - right) < size
    return beneath or abs(line.x + line.right - left - right) < 2 * size


def _is_beside(cell: _Cell, row: _Row) -> bool:
    """Whether a cell stands to the right of those of a row."""
    first, last = cell.lines[0], cell.lines[-1]
    if first.size == 0 or cell.left < row[-1].right or any(other.is_prose for other in (*row, cell)):
        return False
    top, bottom = max(other.lines[0].y for other in row), min(other.lines[-1].y for other in row)
    tolerance = 0.4 * first.size
    return first.y > bottom - tolerance and last.y < top + tolerance


def _table(rows: Sequence[_Row], at: int) -> tuple[int, list[tuple[float, float]]]:
    """Behind the last row of the table that begins with one, and its columns; these are none if no table does."""
    ends: list[int] = []
    for further in range(at, len(rows)):
        if further > at and not _is_below(rows[further], rows[further - 1]):
            break
        if len(rows[further]) > 1:
            if ends and ends[-1] == further:
                ends.pop()
            ends.append(further + 1)
        elif (
            not ends
            or further > ends[-1] + 1
            or not _is_within(rows[further], [*rows[at:further], *rows[further + 1 :][:1]])
        ):
            break
    for end in reversed(ends):
        if end - at > 1 and (columns := _columns(rows[at:end])):
            return end, columns
    return at, []


def _is_within(row: _Row, table: Sequence[_Row]) -> bool:
    """Whether what stands alone in a row may be a row of a table: it is short, no larger and not beside it."""
    (cell,) = row
    cells = list(chain.from_iterable(table))
    size = max(other.lines[0].size for other in cells)
    beside = cell.left < min(o.left for o in cells) - size or cell.right > max(o.right for o in cells) + size
    return not beside and cell.lines[0].size < 1.05 * size and len(cell.text) <= _LONGEST_SPANNING


def _is_below(row: _Row, above: _Row) -> bool:
    size = max(cell.lines[0].size for cell in (*row, *above))
    bottom = min(cell.lines[-1].y for cell in above)
    top = max(cell.lines[0].y for cell in row)
    return row[0].lines[0].page == above[0].lines[0].page and 0.3 * size < bottom - top < _ROW * size


def _columns(rows: Sequence[_Row]) -> list[tuple[float, float]]:
    """Where the columns of rows begin and end; none if these are no table's."""
    most = max(map(len, rows))
    cells = sorted((cell.left, cell.right) for row in rows if len(row) == most for cell in row)
    columns: list[tuple[float, float]] = []
    for left, right in cells:
        if columns and left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(right, columns[-1][1])
        else:
            columns.append((left, right))
    fitting = sum(len({_column(cell, columns) for cell in row}) == len(row) > 1 for row in rows)
    several = sum(len(row) > 1 for row in rows)
    return columns if len(columns) > 1 < fitting and fitting > _MOST * several else []


def _column(cell: _Cell, columns: Sequence[tuple[float, float]]) -> int:
    """The column that a cell shares most with, or else the nearest."""
    shared = [min(cell.right, right) - max(cell.left, left) for left, right in columns]
    return shared.index(max(shared))


def _placed(row: _Row, columns: Sequence[tuple[float, float]]) -> list[list[Line]]:
    placed: list[list[Line]] = [[] for _ in columns]
    for cell in row:
        placed[_column(cell, columns)] += cell.lines
    return placed


def _whole(rows: Sequence[_Row], columns: Sequence[tuple[float, float]]) -> Iterator[_Row]:
    """Rows, of which those are one that are lines of the same."""
    gaps = [_gap(above, below) for above, below in pairwise(rows)]
    usual = median(gaps)

    def opens(at: int, before: Sequence[int]) -> bool:
        gap = gaps[at - 1]
        empty = all(_column(cell, columns) for cell in rows[at])
        goes_on = len(rows[at]) == 1 and rows[at][0].text[0].islower()
        return not (gap < _LINE and (gap < 0.75 * usual or goes_on or (empty and gap < 0.95 * usual)))

    for group in grouped(range(len(rows)), opens):
        yield [cell for at in group for cell in rows[at]]


def _gap(above: _Row, below: _Row) -> float:
    """From the lowest line of a row to the highest of the next, in sizes of their font."""
    size = max(1.0, *(cell.lines[0].size for cell in below))
    return (min(cell.lines[-1].y for cell in above) - max(cell.lines[0].y for cell in below)) / size


def _is_prose(rows: Sequence[_Row], columns: Sequence[tuple[float, float]]) -> bool:
    """Whether rows are columns of a page that are written line by line across it."""
    if len(columns) > 3 or len(rows) < 4:
        return False
    for number, (left, right) in enumerate(columns):
        cells = [cell for row in rows for cell in row if _column(cell, columns) == number]
        filled = median((cell.right - cell.left) / max(right - left, 1) for cell in cells)
        if median(len(cell.text) for cell in cells) < _PROSE or filled < _FILLED:
            return False
    return True
