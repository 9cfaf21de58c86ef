"""Turn the bytes of a workbook (XLSX) into a draft of a document: its sheets, with numbers as they are shown."""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any

from openpyxl import load_workbook

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, cleaned, counted, given_title
from embeddings.reading.marks import repeated
from embeddings.reading.office.packed import NO_TEXT, unpacked
from embeddings.reading.office.sheets import Row, Sheet, written

_PART = re.compile(
    r'"(?P<quoted>[^"]*+)"?|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*+)[^\]]*+\]?|(?P<unseen>\[[^\]]*+\]?|[_*].)'
    r"|(?P<digits>[#0?]++(?:[,.]*+[#0?]++)*+[,.]*+|\.[#0?]++)|(?P<sign>[-+$€£¥%() ])|(?P<ends>;)|(?P<other>.)",
    re.DOTALL,
)
"""What a format of numbers is made of."""
_UNCOUNTED = re.compile(rb"(?:</f>|<f\b[^<>]*+(?<=/)>)\s*+(?:<v\s*+/>|<v>\s*+</v>)?+\s*+</c>")
"""A formula whose value the program that wrote the file did not compute."""
_DAY = re.compile(r"[dy]", re.IGNORECASE)
"""What a format has that shows the day of a time."""
_SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")


def read_xlsx(data: bytes, stem: str) -> Found:
    """A workbook in Markdown's form: what its cells show. No date of its file is its publication's.

    Sheets, rows and columns that are hidden are left out; pictures and charts are not read.
    """
    with unpacked(data) as archive:
        parts = (archive.read(name) for name in archive.namelist() if _SHEETS.fullmatch(name))
        uncounted = sum(len(_UNCOUNTED.findall(part)) for part in parts)
    with warnings.catch_warnings(action="ignore"):  # openpyxl warns of what it does not read
        workbook = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    read = [_read(sheet) for sheet in shown]
    text = written(sheet for sheet, _ in read)
    if not text.strip():
        raise Unreadable(NO_TEXT)
    yield Draft(stem, text, given_title(workbook.properties.title))
    if hidden := len(workbook.worksheets) - len(shown):
        yield Remark(f"{counted(hidden, 'hidden sheet')} left out")
    if cells := sum(hidden for _, hidden in read):
        yield Remark(f"{counted(cells, 'cell')} of hidden rows and columns left out")
    if uncounted:
        yield Remark(f"{counted(uncounted, 'formula')} without a value left out; save it with a spreadsheet program")


def _read(sheet: Any) -> tuple[Sheet, int]:
    """What shows of a sheet, and how many cells are hidden; a cell that spans rows stands in each of them."""
    cells = {place: text for place, cell in sheet._cells.items() if (text := _shown(cell))}  # only those that there are
    last = max((row for row, _ in cells), default=0)
    for merged in sheet.merged_cells.ranges:
        if text := repeated(cells.get((merged.min_row, merged.min_col), "")):
            cells |= {(row, merged.min_col): text for row in range(merged.min_row, min(merged.max_row, last) + 1)}
    rows = {number for number, row in sheet.row_dimensions.items() if row.hidden}
    columns = {
        number
        for column in sheet.column_dimensions.values()
        if column.hidden
        for number in range(column.min, column.max + 1)
    }
    shown = {(row, column): text for (row, column), text in cells.items() if row not in rows and column not in columns}
    return Sheet(sheet.title, list(_rows(shown))), len(cells) - len(shown)


def _rows(cells: Mapping[tuple[int, int], str]) -> Iterator[Row]:
    """The rows of cells by their row and column, without columns that are empty; an empty row stands for several."""
    columns = sorted({column for _, column in cells})
    before = 0
    for row in sorted({row for row, _ in cells}):
        if row > before + 1:
            yield ()
        yield [cells.get((row, column), "") for column in columns]
        before = row


def _shown(cell: Any) -> str:
    """What a cell shows; nothing for an error."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return figure(value, cell.number_format)
        case datetime() if _DAY.search(cell.number_format):
            return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
        case datetime():
            return f"{value:%H:%M}"
        case time():
            return f"{value:%H:%M}"
    return cleaned(str(value)).strip()


def figure(value: float, pattern: str) -> str:
    """A number as a workbook's format shows it (ECMA-376, part 1, 18.8.31); one that is not understood, as it is.

    >>> figure(0.125, "0.0%"), figure(-1234.5, '"$"#,##0.00'), figure(2.50, "General"), figure(7, "000")
    ('12.5%', '-$1,234.50', '2.5', '007')
    """
    sections: list[list[tuple[str | None, str]]] = [[]]
    for found in _PART.finditer(pattern):
        if found.lastgroup == "ends":
            sections.append([])
        else:
            sections[-1].append((found.lastgroup, found[found.lastgroup or 0]))
    own = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
    parts = sections[own]
    if sum(kind == "digits" for kind, _ in parts) > 1 or any(kind == "other" for kind, _ in parts) or not parts:
        return f"{value:.11g}" if isinstance(value, float) and not value.is_integer() else f"{value:.0f}"
    amount = abs(value) * 100 ** parts.count(("sign", "%"))
    shown = "".join(
        _digits(amount, text) if kind == "digits" else "" if kind == "unseen" else text for kind, text in parts
    )
    return ("-" if value < 0 and own == 0 else "") + " ".join(shown.split())


def _digits(amount: float, pattern: str) -> str:
    """A number with as many places as a pattern has, `#,##0.0#`; in thousands for each comma at its end."""
    scaled = pattern.rstrip(",")
    amount /= 1000 ** (len(pattern) - len(scaled))
    left, _, right = scaled.partition(".")
    text = f"{amount:{',' if ',' in left else ''}.{len(right)}f}"
    for _ in range(len(right) - len(right.rstrip("#?"))):
        text = text[:-1] if text.endswith("0") else text
    text = text.rstrip(".")
    if "0" not in left and text.startswith("0"):
        return text[1:]
    return text.zfill(left.replace(",", "").count("0")) if "," not in left else text
