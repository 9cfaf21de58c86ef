"""Spreadsheets and files of values: their cells as people see them, in tables with a header, or as sections."""

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft, Remark, Unreadable
from embeddings.reading.office.sheets import Sheet, written
from embeddings.reading.office.workbooks import figure
from embeddings.reading.sandbox import Sandbox


def only(suffix: str, data: bytes) -> str:
    """The text of a file that nothing is remarked on."""
    (draft,) = extract(suffix, "a", data)
    assert isinstance(draft, Draft)
    return draft.text


def of_csv(text: str) -> str:
    return only(".csv", text.encode())


def workbook(write: Callable[[Any], object]) -> bytes:
    """A workbook that is written so, beginning with one sheet, "Sheet"."""
    book, file = Workbook(), io.BytesIO()
    write(book)
    book.save(file)
    return file.getvalue()


def append(sheet: Any, *rows: Sequence[object]) -> None:
    for row in rows:
        sheet.append(row)


def of_rows(*rows: Sequence[object]) -> bytes:
    return workbook(lambda book: append(book.active, *rows))


FEES = "| Fee | Price |\n|---|---|\n| Week | 9 |\n| Month | 30 |"


# --- values in lines -------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_parts_values_is_told_by_the_lines(delimiter):
    text = "Fee,Price\nWeek,9\nMonth,30\n".replace(",", delimiter)

    assert of_csv(text) == FEES
    assert of_csv(f"Our prices\n\n{text}") == f"## Our prices\n\n{FEES}"


@pytest.mark.parametrize("line", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n'])
def test_a_first_line_for_excel_says_what_parts_values(line):
    assert of_csv(f"{line}Fee;Price\nWeek;1,5\nMonth;3,5\n") == FEES.replace("9", "1,5").replace("30", "3,5")


def test_values_in_quotation_marks_hold_what_parts_others():
    assert of_csv('Name,Said\nAnn,"Yes, ""now"", both\nof us"\nBo,No\n') == (
        '| Name | Said |\n|---|---|\n| Ann | Yes, "now", both of us |\n| Bo | No |'
    )


def test_a_mark_of_markdown_in_a_cell_is_none():
    assert of_csv("a,b\n*x*,1|2\n[y](z),3\n") == "| a | b |\n|---|---|\n| \\*x* | 1\\|2 |\n| \\[y](z) | 3 |"


def test_a_file_in_another_encoding_is_named():
    draft, remark = extract(
        ".csv", "a", "Ort;Preis\nKöln, für Schüler;9\nDüsseldorf, für Größere;30\n".encode("cp1252")
    )

    assert isinstance(draft, Draft)
    assert "| Köln, für Schüler | 9 |" in draft.text
    assert remark == Remark("not UTF-8; read as windows-1252")


def test_rows_of_different_lengths_lose_nothing():
    assert of_csv("a,b\n1\n2,3,4\n") == "| a | b |  |\n|---|---|---|\n| 1 |  |  |\n| 2 | 3 | 4 |"


# --- tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["Week", "9"], ["Month", "30"]], False),
        ([["Fee", "Price"], ["Week", "9"], ["Month", "30"]], True),
        ([["Name", "Place"], ["Ann", "Oslo"]], True),
        ([["", "2023", "2024"], ["Oslo", "5", "7"], ["Bergen", "6", "8"]], True),
        ([["Oslo", "5", "7"], ["Bergen", "6", "8"]], False),
        ([["Day", "Price"], ["2026-03-01", "$1,200.50"], ["2026-03-02", "-"]], True),
        ([["2026-02-28", "$9"], ["2026-03-01", "$1,200.50"]], False),
    ],
)
def test_a_header_has_no_figures_over_figures_but_years(rows, header):
    first, second, *_ = written([Sheet("", rows)]).splitlines()

    assert second == "|" + "---|" * len(rows[0])
    assert first == f"| {' | '.join(rows[0] if header else [''] * len(rows[0]))} |"


def test_a_line_over_a_table_names_it_and_one_under_it_is_a_note():
    rows = [["Fees of 2026"], [], ["Fee", "Price"], ["Week", "9"], [], ["Source: the register of the city, in March"]]

    assert written([Sheet("", rows)]) == (
        "## Fees of 2026\n\n| Fee | Price |\n|---|---|\n| Week | 9 |\n\nSource: the register of the city, in March"
    )
    assert written([Sheet("", [row for row in rows if row])]) == written([Sheet("", rows)])


def test_a_table_goes_on_behind_an_empty_row_where_figures_do():
    rows = [["Fee", "Price"], ["Week", "9"], [], ["Month", "30"]]

    assert written([Sheet("", rows)]) == FEES
    assert "\n\n| Name | Place |" in written([Sheet("", [*rows, [], ["Name", "Place"], ["Ann", "Oslo"]])])


def test_a_column_alone_is_a_list_or_paragraphs_under_their_names():
    long = "You may borrow up to twelve books at a time, and keep each of them for four weeks."

    assert written([Sheet("", [["Rivers"], ["Po"], ["Rhine"]])]) == "- Rivers\n- Po\n- Rhine"
    assert written([Sheet("", [["Loans"], [long], ["Fees"], [long]])]) == f"## Loans\n\n{long}\n\n## Fees\n\n{long}"


def test_long_rows_are_sections():
    answer = "Bring it back to any desk. " * 10
    page = f"<p>Ask <b>us</b>.</p><ul><li>{'By letter, or in person. ' * 8}</li><li>By mail.</li></ul>"
    rows = [
        ["id", "Question", "Answer", "Answer (HTML)", "Area"],
        ["1", "Where do I return a book?", f"{answer}\nNo fee.", f"<p>{answer}</p><p>No fee.</p>", "Loans"],
        ["2", "Whom do I ask?", page, "", "Help"],
    ]

    assert written([Sheet("", rows)]) == (
        f"## Where do I return a book?\n\n{answer.strip()}\n\nNo fee.\n\n- id: 1\n- Area: Loans\n\n"
        f"## Whom do I ask?\n\nAsk us.\n\n- {('By letter, or in person. ' * 8).strip()}\n- By mail.\n\n"
        "- id: 2\n- Area: Help"
    )


def test_a_section_keeps_all_that_its_row_says():
    answer, asked = "Bring it back to any desk. " * 8, "Where?" * 50
    rows = [
        ["Code", "Question", "Answer", "Floor", "Desks", "Open"],
        ["F1", "", answer, "2", "2", "✓"],
        ["F2", asked, answer, "1", "2", "-"],
    ]

    assert written([Sheet("", rows)]) == (
        f"## F1\n\n{answer.strip()}\n\n- Floor: 2\n- Desks: 2\n- Open: ✓\n\n"
        f"## F2\n\n{answer.strip()}\n\n- Question: {asked}\n- Floor: 1\n- Desks: 2\n- Open: -"
    )
    cut = written([Sheet("", [rows[0], ["F3", "Why?", *rows[1][2:]], rows[2]])])
    assert f"## {asked[:199]}…\n\n" in cut
    assert f"- Question: {asked}\n" in cut


@given(st.lists(st.lists(st.text("ab1| *\n", max_size=6), max_size=4), max_size=6))
def test_no_cell_is_lost(rows):
    text = written([Sheet("Sheet1", rows)])

    kept = "".join(filter(str.isalnum, text))
    assert all(letter in kept for row in rows for cell in row for letter in cell if letter.isalnum())
    assert len(kept) >= sum(letter.isalnum() for row in rows for cell in row for letter in cell)


@given(st.lists(st.tuples(*[st.text("abé1✓-. \n", max_size=9)] * 3), min_size=1, max_size=4))
def test_no_cell_of_a_long_row_is_lost(rows):
    answer = "Bring it back to any desk. " * 8
    text = written([Sheet("", [("a", "b", "c", "Answer"), *((*row, answer) for row in rows)])])

    for row in rows:
        for cell in row:
            assert " ".join(cell.split()) in " ".join(text.split())


# --- workbooks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        (0.125, "0%", "13%"),
        (2.5, "0", "3"),
        (1234.5, "#,##0", "1,235"),
        (1.005, "0.00", "1.01"),
        (1234567, "#,##0", "1,234,567"),
        (1234567, '#,##0.0,,"M"', "1.2M"),
        (-5, "0.00;(0.00)", "(5.00)"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (0, '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', "-"),
        (0.5, "#.##", ".5"),
        (-5, "0.00;[Red]-0.00", "-5.00"),
        (5, '0 "pieces', "5 pieces"),
        (5, "[$€-407] 0.00", "€ 5.00"),
        (1234.5, '_-* #,##0.00\\ "€"_-', "1,234.50 €"),
        (42, "00000", "00042"),
        (2.5, "0.0##", "2.5"),
        (2.0, "General", "2"),
        (0.1 + 0.2, "General", "0.3"),
        (12345678901234, "General", "12345678901234"),
        (1.5, "# ?/?", "1.5"),
        (3.25, "0.00E+00", "3.25"),
        (1e300, "General", f"{1e300:.0f}"),
        (5, "", "5"),
        (5, ";;;", ""),
        (0, "0;-0;;@", ""),
    ],
)
def test_numbers_are_shown_as_their_format_says(value, pattern, shown):
    assert figure(value, pattern) == shown


@given(st.floats(allow_nan=False, allow_infinity=False), st.text('#0.,;%"\\[]$_*-@Ey ', max_size=12))
def test_any_format_shows_something(value, pattern):
    assert isinstance(figure(value, pattern), str)


def test_cells_are_read_as_they_show():
    def write(book: Any) -> None:
        sheet = book.active
        sheet.append(["Day", "Opens", "Changed", "Share", "Free", "Broken"])
        sheet.append([date(2026, 3, 1), time(9, 30), datetime(2026, 2, 28, 14, 5), 0.25, True, "#N/A"])
        sheet["D2"].number_format = "0%"

    assert only(".xlsx", workbook(write)) == (
        "| Day | Opens | Changed | Share | Free | Broken |\n|---|---|---|---|---|---|\n"
        "| 2026-03-01 | 09:30 | 2026-02-28 14:05 | 25% | TRUE |  |"
    )


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        (datetime(2026, 3, 1), "mmmm", "2026-03-01"),
        (datetime(2026, 3, 1), "mmm", "2026-03-01"),
        (datetime(2026, 3, 1), "mm", "2026-03-01"),
        (datetime(2026, 3, 1, 9, 30), "[Red]h:mm", "09:30"),
        (time(0, 12, 34), "mm:ss", "12:34"),
        (time(0, 12), "mm:ss", "12:00"),
        (time(2, 1, 9), "h:mm:ss", "02:01:09"),
        (time(9, 30, 5), "h:mm AM/PM", "09:30"),
        (timedelta(hours=26, minutes=30), "[h]:mm", "26:30"),
        (timedelta(hours=26, minutes=5, seconds=9), "[hh]:mm:ss", "26:05:09"),
        (timedelta(minutes=90, seconds=5), "[mm]:ss", "90:05"),
        (timedelta(hours=-1, minutes=-30), "[h]:mm", "-1:30"),
    ],
)
def test_times_are_shown_with_what_their_format_has(value, pattern, shown):
    def write(book: Any) -> None:
        book.active["A1"] = value
        book.active["A1"].number_format = pattern

    assert only(".xlsx", workbook(write)) == shown


def test_each_sheet_stands_under_its_name_and_a_cell_over_rows_in_each():
    def write(book: Any) -> None:
        book.properties.title = "Fees and rooms"
        book.active.title = "Fees"
        append(book.active, ("Fee", "Price"), ("Week", 9), ("Month", 30))
        rooms = book.create_sheet("Rooms")
        append(rooms, ("Floor", "Room", "Places"), ("First", "Po", 4), (None, "Rhine", 6))
        rooms.merge_cells("A2:A3")

    (draft,) = extract(".xlsx", "a", workbook(write))

    assert isinstance(draft, Draft)
    assert draft.title == "Fees and rooms"
    assert draft.text == (
        f"# Fees\n\n{FEES}\n\n# Rooms\n\n| Floor | Room | Places |\n|---|---|---|\n"
        "| First | Po | 4 |\n| First | Rhine | 6 |"
    )


def test_what_is_hidden_is_left_out_and_counted():
    def write(book: Any) -> None:
        append(book.active, ("Fee", "Price", "Cost"), ("Week", 9, 4), ("Day", 2, 1), ("Month", 30, 12))
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["C"].hidden = True
        book.create_sheet("Lists").append(["secret"])
        book["Lists"].sheet_state = "hidden"

    draft, *remarks = extract(".xlsx", "a", workbook(write))

    assert isinstance(draft, Draft)
    assert draft.text == FEES
    assert remarks == [Remark("1 hidden sheet left out"), Remark("6 cells of hidden rows and columns left out")]


def test_a_formula_that_nobody_computed_is_counted():
    draft, remark = extract(".xlsx", "a", of_rows(("Fee", "Price"), ("Week", 9), ("All", "=SUM(B2:B2)")))

    assert isinstance(draft, Draft)
    assert draft.text.endswith("| All |  |")
    assert remark == Remark("1 formula without a value left out; save it with a spreadsheet program")


def test_a_cell_far_away_takes_no_time():
    def write(book: Any) -> None:
        book.active["A1"], book.active["XFD1048576"] = "near", "far"

    assert only(".xlsx", workbook(write)) == "near\n\nfar"


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_an_empty_sheet_is_named(suffix):
    with pytest.raises(Unreadable, match="holds no text"):
        extract(suffix, "a", of_rows() if suffix == ".xlsx" else samples.odt("<table:table/>", kind="spreadsheet"))


# --- OpenDocument ----------------------------------------------------------------------------------


def cells(*texts: str, given: str = "") -> str:
    held = (f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in texts)
    return f"<table:table-row{given}>{''.join(held)}</table:table-row>"


def test_an_opendocument_sheet_is_read_as_it_shows():
    hides = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
    spanned = '<table:table-cell table:number-rows-spanned="2"><text:p>First</text:p></table:table-cell>'
    covered = "<table:covered-table-cell/>"
    rest = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    body = (
        '<table:table table:name="Rooms"><table:table-column/><table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/>'
        + cells("Floor", "Room", "Places", "Note")
        + cells("Po", "4", "x").replace("<table:table-cell>", spanned + "<table:table-cell>", 1)
        + cells("Rhine", "6", "y").replace("<table:table-cell>", covered + "<table:table-cell>", 1)
        + cells("Hidden", given=' table:visibility="filter"')
        + rest
        + '</table:table><table:table table:name="Lists" table:style-name="ta2">'
        + cells("secret")
        + "</table:table>"
    )

    draft, remark = extract(".ods", "a", samples.odt(body, f"{hides}</style:style>", kind="spreadsheet"))

    assert isinstance(draft, Draft)
    assert draft.text == (
        "# Rooms\n\n| Floor | Room | Places |\n|---|---|---|\n| First | Po | 4 |\n| First | Rhine | 6 |"
    )
    assert remark == Remark("1 hidden sheet left out")


# --- hostile files ---------------------------------------------------------------------------------


def test_a_workbook_that_refers_to_another_file_reads_only_itself(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden elsewhere")
    files = samples.unpacked(of_rows(("open",)))
    name = "xl/worksheets/sheet1.xml"
    declared = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    files[name] = declared + files[name].replace(b"<t>open</t>", b"<t>&e;</t>")

    with Sandbox() as sandbox, pytest.raises(Unreadable):
        sandbox.extract(".xlsx", "a", samples.archive(files))


def test_a_broken_workbook_is_an_error_of_that_file():
    with Sandbox() as sandbox:
        with pytest.raises(Unreadable):
            sandbox.extract(".xlsx", "a", b"PK\x03\x04 no archive")
        assert sandbox.extract(".csv", "a", b"a,b\n1,2\n")
