"""Sheets of cells in Markdown's form: their tables with a header, what stands over them, and long rows as sections."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, takewhile, zip_longest
from statistics import mean
from typing import NamedTuple

from embeddings.reading.formats import Draft, Found, cleaned, cut, decode, one_line
from embeddings.reading.marks import Writer, escaped, joined
from embeddings.reading.web.webpages import parse, whole_text

_DELIMITERS = ",;\t|"
_STATED = re.compile(r'"?sep=(\t|[^\w\s"])"?\r?\n', re.IGNORECASE)
"""The first line of a file for Excel, which says what parts its cells: `sep=;`."""
_TRIED = 100
"""Lines by which it is told what parts the cells of a file."""
_LONG = 40
"""Words of a row from which on a table is a section for each of its rows: one row alone would fill a passage."""
_SENTENCES = 12
"""Words from which on a cell of such a row is a paragraph."""
_NAME = 10
"""Most words of a line that names the table or the paragraph below it."""
_LONGEST_NAME = 200
"""Characters of the heading of such a section."""
_UNNAMED = re.compile(r"sheet ?\d*", re.IGNORECASE)
_FIGURE = re.compile(r"[^\w\n]{0,3}\d[\d.,:/ '’\-–%]{0,30}(?:[A-Za-z%€]{0,3}|(?<=\d)[eE][-+]?\d{1,3})[^\w\n]{0,2}")
"""A cell that holds a number or a day in figures: "$1,200.50", "12 km", "2026-03-01"."""
_TAGS = re.compile(r"</(?:p|div|ul|ol|a|span|h[1-6]|table)>")
_HEADING = re.compile(r"^(#{1,4} )", re.MULTILINE)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[-–/]\d\d(?:\d\d)?)?")

Row = Sequence[str]
"""The cells of a row as they show; "" for an empty one."""


class Sheet(NamedTuple):
    """The rows of a sheet, and what it is called."""

    name: str
    rows: Iterable[Row]


def read_csv(data: bytes, stem: str) -> Found:
    """A file of comma-separated values, or values parted by semicolons, tabs or bars, with its header: one document."""
    text, remarks = decode(data)
    csv.field_size_limit(len(text) + 1)
    yield Draft(stem, written([Sheet("", _parted(text))]))
    yield from remarks


def _parted(text: str) -> list[Row]:
    """The rows of a text, parted by what it states, or by what gives the most cells in lines that have as many."""
    stated = _STATED.match(text)
    text = text[stated.end() :] if stated else text

    def alike(delimiter: str) -> int:
        lines = islice(io.StringIO(text, newline=""), _TRIED)
        counts = Counter(map(len, csv.reader(lines, delimiter=delimiter)))
        return max((cells - 1) * count for cells, count in counts.items())

    best = stated[1] if stated else max(_DELIMITERS, key=alike)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=best, skipinitialspace=best != "\t"))


def written(sheets: Iterable[Sheet]) -> str:
    """Sheets as one text, each under its name.

    >>> print(written([Sheet("Fees", [["Week", "9"], ["Month", "30"]])]))
    # Fees
    <BLANKLINE>
    |  |  |
    |---|---|
    | Week | 9 |
    | Month | 30 |
    """
    filled = [(name, regions) for name, rows in sheets if (regions := list(_regions(rows)))]
    writer = Writer()
    for name, regions in filled:
        if len(filled) > 1 or not _UNNAMED.fullmatch(name):
            writer.heading(1, name)
        for region, following in zip_longest(regions, regions[1:], fillvalue=()):
            _write(writer, region, following)
    return joined(writer.blocks)


def _regions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Runs of rows that are not empty, each without its empty columns.

    A run that goes on with the table before it, with figures in the same columns, is a part of that.
    """
    kept: list[list[str]] = []
    for filled, run in groupby((["" if not cell.strip() else cell for cell in row] for row in rows), key=any):
        if not filled:
            continue
        region = list(run)
        if kept and _goes_on(kept, region):
            kept += region
            continue
        if kept:
            yield _without_empty_columns(kept)
        kept = region
    if kept:
        yield _without_empty_columns(kept)


def _goes_on(table: Sequence[Row], region: Sequence[Row]) -> bool:
    def figures(row: Row) -> list[bool | None]:
        return [_is_figure(cell) if cell else None for cell in row]

    return any(figures(region[0])) and len(table) > 1 and figures(region[0]) == figures(table[-1])


def _without_empty_columns(rows: Sequence[Row]) -> list[Row]:
    columns = max(map(len, rows))
    held = [column for column in range(columns) if any(column < len(row) and row[column] for row in rows)]
    return [[row[column] if column < len(row) else "" for column in held] for row in rows]


def _write(writer: Writer, region: Sequence[Row], following: Sequence[Row]) -> None:
    above = list(takewhile(_is_single, region))
    table = region[len(above) :]
    lines = ["".join(row) for row in above]
    if len(lines) > 1 and not table and all(len(line.split()) < _SENTENCES for line in lines):
        writer.bullets(lines)
        return
    over_table = bool(table) or bool(following and not _is_single(following[-1]))
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        leads = len(below.split()) >= _SENTENCES if below else over_table
        if leads and len(line.split()) <= _NAME and line[-1] not in ".:!?":
            writer.heading(2, line)
        else:
            writer.paragraph(line)
    notes = list(takewhile(_is_note, reversed(table)))[::-1]
    table = _without_empty_columns(table[: len(table) - len(notes)]) if len(notes) < len(table) else []
    if table:
        header = len(table) > 1 and _is_header(table)
        if header and mean(sum(len(cell.split()) for cell in row) for row in table[1:]) > _LONG:
            _sections(writer, table[0], table[1:])
        else:
            writer.table([[one_line(cell) for cell in row] for row in table], header)
    for row in notes:
        writer.paragraph("".join(row))


def _is_single(row: Row) -> bool:
    return sum(map(bool, row)) == 1


def _is_note(row: Row) -> bool:
    """Whether a row behind a table is a line of text: "Source: the city's register of 2026"."""
    return bool(row[0]) and _is_single(row) and len(row[0].split()) > _NAME // 2


def _is_figure(cell: str) -> bool:
    return _FIGURE.fullmatch(cell.strip()) is not None


def _is_header(table: Sequence[Row]) -> bool:
    """Whether the first row names the columns: no figures stand in it over figures, but for years."""
    first, *others = table
    over = [cell for cell, *below in zip(first, *others, strict=True) if sum(map(_is_figure, below)) * 2 > len(below)]
    figures = [cell for cell in over if _is_figure(cell)]
    return not figures or (len(figures) > 1 and all(_YEAR.fullmatch(cell.strip()) for cell in figures))


def _sections(writer: Writer, header: Row, rows: Sequence[Row]) -> None:
    """A section for each row: under what names it the long cells as paragraphs, and the others with their column."""
    naming = _naming(header, rows)
    for row in rows:
        name = cut(one_line(row[naming] or next(filter(None, row))), _LONGEST_NAME)
        writer.heading(2, name)
        said = {_letters(name)}
        long: list[tuple[str, str]] = []
        short: list[tuple[str, str]] = []
        for column, cell in zip(header, row, strict=True):
            words = _without_tags(cell)
            if len(words.split()) < _SENTENCES:
                if (words := one_line(words)) not in ("", name):
                    short.append((column, words))
            elif (letters := _letters(words)) not in said:
                said.add(letters)
                long.append((column, words))
        for number, (column, words) in enumerate(long):
            writer.paragraph(f"{column}:" if number and column else "")
            writer.written(words)
        writer.bullets(one_line(f"{column}: {words}" if column else words) for column, words in short)


def _letters(words: str) -> str:
    return "".join(filter(str.isalnum, words)).lower()


def _without_tags(cell: str) -> str:
    """A long cell in Markdown's form: of a page's HTML, which help desks write out so, what it shows."""
    if _TAGS.search(cell):
        return _HEADING.sub(r"##\1", whole_text(parse(cell)))
    return "\n\n".join(escaped(cleaned(line).strip()) for line in cell.splitlines() if line.strip())


def _naming(header: Row, rows: Sequence[Row]) -> int:
    """The first column that tells rows apart in a few words, not by codes: of questions and answers, the questions."""

    def names(column: int) -> bool:
        cells = [row[column].strip() for row in rows]
        said = [any(map(str.isalpha, cell)) and (" " in cell or not any(map(str.isdigit, cell))) for cell in cells]
        most = 0.9 * len(cells)
        return sum(said) > most and len(set(cells)) > most and mean(len(cell.split()) for cell in cells) < _LONG / 2

    return next(filter(names, range(len(header))), 0)
