"""Turn the bytes of a workbook (XLSX) into a draft of a document: its sheets, with numbers as they are shown."""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
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
_DAY = re.compile(r"[dy]|mmm|\A[^hs]*+\Z")
"""What a format has that shows the day of a time, as one without hours and seconds does."""
_LENGTH = re.compile(r"\[([hms])\1*+\]", re.IGNORECASE)
"""What a format has that shows a length of time, `[h]:mm`: the hours, minutes or seconds that it counts."""
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
        case datetime() if _DAY.search(_letters(cell.number_format)):
            return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
        case datetime() | time():
            return _clock(value, _letters(cell.number_format))
        case timedelta():
            return _length(value, cell.number_format)
    return cleaned(str(value)).strip()


def _letters(pattern: str) -> str:
    """What a format says of a time: "h:mm" of `[Red]h:mm" hours"`."""
    return "".join(found["other"] or "" for found in _PART.finditer(pattern)).lower()


def _clock(value: datetime | time, letters: str) -> str:
    """A time of day, with its seconds where a format shows them and there are some."""
    if "s" in letters and "h" not in letters:
        return f"{value:%M:%S}"
    return f"{value:%H:%M:%S}" if "s" in letters and value.second else f"{value:%H:%M}"


def _length(value: timedelta, pattern: str) -> str:
    """A length of time as a format shows it: 26:30 for `[h]:mm`, 1590:00 for `[mm]:ss`."""
    seconds = round(abs(value).total_seconds())
    lengths = {"h": seconds // 3600, "m": seconds // 60, "s": seconds}
    first, letters = _LENGTH.search(pattern), _letters(pattern)
    rest = (f":{lengths[unit] % 60:02}" for unit in "ms" if unit in letters)
    return f"{'-' if value < timedelta() else ''}{lengths[first[1].lower() if first else 'h']}{''.join(rest)}"


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
    if not parts and len(sections) > 1:
        return ""
    if sum(kind == "digits" for kind, _ in parts) > 1 or any(kind == "other" for kind, _ in parts) or not parts:
        return f"{value:.11g}" if isinstance(value, float) and not value.is_integer() else f"{value:.0f}"
    amount = abs(Decimal(repr(value))) * 100 ** parts.count(("sign", "%"))
    shown = "".join(
        _digits(amount, text) if kind == "digits" else "" if kind == "unseen" else text for kind, text in parts
    )
    return ("-" if value < 0 and own == 0 else "") + " ".join(shown.split())


def _digits(amount: Decimal, pattern: str) -> str:
    """A number with as many places as a pattern has, `#,##0.0#`; in thousands for each comma at its end.

    Halves are rounded up, as programs show them: 2.5 is 3 for `0`.
    """
    scaled = pattern.rstrip(",")
    amount /= 1000 ** (len(pattern) - len(scaled))
    left, _, right = scaled.partition(".")
    with localcontext(rounding=ROUND_HALF_UP):
        text = f"{amount:{',' if ',' in left else ''}.{len(right)}f}"
    for _ in range(len(right) - len(right.rstrip("#?"))):
        text = text[:-1] if text.endswith("0") else text
    text = text.rstrip(".")
    if "0" not in left and text.startswith("0"):
        return text[1:]
    return text.zfill(left.replace(",", "").count("0")) if "," not in left else text
