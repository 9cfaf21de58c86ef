"""Tables of AsciiDoc: cells behind bars, which may span columns and rows, or lines of values."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from embeddings.reading.marks import Table

_CELL = re.compile(
    r"(?:(?:^|(?<=[ \t]))(?P<times>\d{1,3}(?:\.\d{1,3})?[*+]|\.\d{1,3}\+)?(?:[<^>]?(?:\.[<^>])?)(?P<style>[a-z])?)??"
    r"(?<!\\)\|"
)
_MOST_TIMES, _MOST_COPIES = 100, 20
"""A cell spans no more columns or rows, and is written down no more often."""

Read = Callable[[str], str]
"""What a reader sees of a line of a cell; "" of one that is not for reading."""


def table_of(lines: Sequence[str], mark: str, given: Mapping[str, str], read: Read) -> tuple[Table, bool]:
    """The table of the lines between two that begin with `mark`, as `|===`, and whether its first row stands apart.

    `given` are its attributes: the columns, the form of its lines, what parts its cells.
    """
    form = given.get("format", "csv" if mark == "," else "dsv" if mark == ":" else "psv")
    parted = given.get("separator", {"psv": mark, "dsv": ":", "tsv": "\t"}.get(form, ","))
    if form == "psv":
        barred = lines if parted == "|" else [line.replace("|", "\\|").replace(parted, "|") for line in lines]
        return _of_bars(barred, given.get("cols", ""), read)
    table = Table()
    rows = csv.reader(
        (f"{line}\n" for line in lines),
        delimiter=parted[:1] or ",",
        quoting=csv.QUOTE_NONE if form == "dsv" else csv.QUOTE_MINIMAL,
    )
    for cells in filter(None, rows):
        table.row()
        for cell in cells:
            table.cell(_words(cell.split("\n"), read), heads=False)
    return table, False


def _words(lines: Sequence[str], read: Read) -> str:
    """What a reader sees of a cell's lines, on one."""
    return " ".join(filter(None, map(read, lines)))


def _of_bars(lines: Sequence[str], cols: str, read: Read) -> tuple[Table, bool]:
    cells: list[_Cell] = []
    width, apart = 0, False
    for number, line in enumerate(lines):
        before, found = _cells(line)
        if cells:
            cells[-1].lines.append(before)
        elif before.strip():
            cells.append(_Cell([before]))
        cells += found
        if found and not width:
            width = sum(cell.columns for cell in cells)
            apart = not any(lines[:number]) and lines[number + 1 : number + 2] == [""]
    width = _columns(cols) or width or 1
    table = Table()
    for cell in cells:
        while not table.rows or table.is_full(width):
            table.row()
        text = _words(cell.lines, read).replace("\\|", "|")
        table.cell(text, cell.style == "h", cell.rows, cell.columns)
    return table, apart


@dataclass(slots=True)
class _Cell:
    """A cell as it is written: its lines, and how many columns and rows it takes."""

    lines: list[str]
    style: str = ""
    columns: int = 1
    rows: int = 1
    copies: int = 1

    @classmethod
    def of(cls, times: str, style: str, held: str) -> "_Cell":
        """By what stands in front of its bar: `2+`, `.3+`, `3*`."""
        across, _, down = times.rstrip("*+").partition(".")
        count = min(int(across or 1), _MOST_TIMES)
        if times.endswith("*"):
            return cls([held], style, copies=min(count, _MOST_COPIES))
        return cls([held], style, columns=max(count, 1), rows=max(min(int(down or 1), _MOST_TIMES), 1))


def _cells(line: str) -> tuple[str, list[_Cell]]:
    """What stands before the first bar of a line, and the cells that begin in it."""
    found = list(_CELL.finditer(line))
    ends = [cell.start() for cell in found[1:]] + [len(line)]
    cells: list[_Cell] = []
    for cell, end in zip(found, ends, strict=False):
        made = _Cell.of(cell["times"] or "", cell["style"] or "", line[cell.end() : end])
        cells += [made] * made.copies
    return line[: found[0].start()] if found else line, cells


def _columns(cols: str) -> int:
    """How many columns `1,2*,a` declares, or a number alone."""
    if cols.strip().isdecimal():
        return min(int(cols), _MOST_TIMES)
    count = 0
    for part in re.split("[,;]", cols):
        times = re.match(r"\s*(\d{1,3})\*", part)
        count += min(int(times[1]), _MOST_TIMES) if times else bool(part.strip()) or "," in cols
    return count
