"""Tables of pages: those that rules part, and those whose cells stand beside each other."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.platypus import PageBreak, Paragraph, Spacer, Table
from samples import flowing_pdf

from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft
from embeddings.reading.pages.lines import Line, Page, Rule
from embeddings.reading.pages.tables import Table as Found
from embeddings.reading.pages.tables import ruled, stacked

LONG = "The pump has a valve that is opened before it starts."
GRID = ("GRID", (0, 0), (-1, -1), 0.5, "black")


def text_of(*flowables: object) -> str:
    """The text of a PDF file in which these stand below each other."""
    (found,) = extract(".pdf", "a", flowing_pdf(*flowables))
    assert isinstance(found, Draft)
    return found.text


def line(text: str, x: float, y: float, size: float = 10, bold: bool = False) -> Line:
    first, right = (x + length * size / 2 for length in (len(text.split()[0]), len(text)))
    return Line(text, 0, x, y, size, bold, right=right, first=first)


def all_of(page: Page) -> list[Line | Found]:
    """The lines and tables of a page."""
    found = list(ruled(page))
    return [*stacked([item for item in found if isinstance(item, Line)]), *(i for i in found if isinstance(i, Found))]


def rows(*lines: Line, rules: list[Rule] | None = None) -> list[list[str]]:
    """The rows of the one table of a page; none if there is none."""
    tables = [item for item in all_of(Page(lines, rules or [])) if isinstance(item, Found)]
    assert len(tables) < 2
    return [[" ".join(line.text for line in cell) for cell in row] for table in tables for row in table.rows]


def row(y: float, *cells: str) -> list[Line]:
    """Cells at 72, 172, 272, … points from the left; an empty one is none."""
    return [line(text, 72 + 100 * column, y) for column, text in enumerate(cells) if text]


def test_what_stands_in_rows_and_columns_is_a_table():
    models = Table([["Model", "Weight"], ["A1", "12 kg"], ["A2", Paragraph(f"{LONG} It weighs 15 kg.")]], [80, 120])
    shares = Table([["Homework", "40 %"], ["", "20 %"], ["Exam | oral", "40 %"]])

    assert text_of(models, "Shares:", shares) == (
        "| Model | Weight |\n|---|---|\n| A1 | 12 kg |\n"
        f"| A2 | {LONG} It weighs 15 kg. |\n\nShares:\n\n"
        "|  |  |\n|---|---|\n| Homework | 40 % |\n|  | 20 % |\n| Exam \\| oral | 40 % |"
    )


def test_rules_part_cells_however_close_their_words_are():
    table = Table(
        [["Fee", "Adults", "Children"], ["Week", "120", "80"]],
        [30, 38, 46],
        style=[GRID, ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 2)],
    )

    assert text_of(table) == "| Fee | Adults | Children |\n|---|---|---|\n| Week | 120 | 80 |"


def test_a_header_of_several_rows_is_one_and_a_cell_that_spans_columns_stands_in_the_first():
    table = Table(
        [["Fee", "Per person", ""], ["", "Adults", "Children"], ["Week", "120", "80"]],
        style=[GRID, ("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0))],
    )

    assert text_of(table).split("\n") == [
        "| Fee | Per person Adults | Children |",
        "|---|---|---|",
        "| Week | 120 | 80 |",
    ]


def test_rows_that_no_rule_parts_are_rows_nevertheless():
    rules = [
        *(Rule(70, y, 370, y) for y in (690.0, 670.0, 600.0)),
        *(Rule(x, 600, x, 690) for x in (70.0, 170.0, 270.0)),
    ]

    assert rows(
        *row(675, "Model", "Weight", "Price"),
        *row(655, "A1", "12 kg", "300"),
        *row(643, "A2", "15 kg", "340"),
        rules=rules,
    ) == [["Model", "Weight", "Price"], ["A1", "12 kg", "300"], ["A2", "15 kg", "340"]]


def test_columns_that_no_rule_parts_are_columns_nevertheless():
    header = [line("Men", 92, 675), line("Women", 212, 675)]
    years = [*row(655, "1.5", "2.5", "3.5"), *row(640, "4.5", "5.5", "6.5"), *row(625, "7.5", "8.5", "9.5")]
    rules = [*(Rule(70, y, 370, y) for y in (690.0, 670.0, 600.0)), Rule(70, 600, 70, 690), Rule(260, 670, 260, 690)]

    assert rows(*header, *years, rules=rules)[1:] == [
        ["1.5", "2.5", "3.5"],
        ["4.5", "5.5", "6.5"],
        ["7.5", "8.5", "9.5"],
    ]


def test_a_frame_around_a_text_makes_no_table_of_it():
    frame = [Rule(70, 600, 370, 600), Rule(70, 700, 370, 700), Rule(70, 600, 70, 700), Rule(370, 600, 370, 700)]

    assert rows(line(LONG, 72, 680), line(LONG, 72, 668), rules=frame) == []


def test_a_table_goes_on_on_the_next_page_below_the_same_header():
    whole = Table(
        [["Number", "Name"], *([f"{number}", f"Pump {number}"] for number in range(60))], repeatRows=1, style=[GRID]
    )

    text = text_of(whole)

    assert text.count("| Number | Name |") == 1
    assert "| 36 | Pump 36 |\n| 37 | Pump 37 |\n" in text
    assert text.endswith("| 59 | Pump 59 |")


def test_two_tables_that_differ_are_two():
    first, second = Table([["A", "1"], ["B", "2"]]), Table([["C", "D", "3"], ["E", "F", "4"]])

    assert text_of(first, PageBreak(), second).count("\n|---") == 2
    assert text_of(first, Spacer(1, 60), LONG, second).count("\n|---") == 2


def test_a_line_between_rows_may_be_theirs_but_not_one_that_is_larger_or_beside_them():
    above, below = (
        [*row(700, "A1", "12 kg"), *row(685, "A2", "15 kg")],
        [*row(655, "B1", "9 kg"), *row(640, "B2", "7 kg")],
    )

    assert rows(*above, line("Small pumps", 72, 670), *below)[2:4] == [["Small pumps", ""], ["B1", "9 kg"]]
    for other in (line("Small pumps", 72, 670, size=12), line("Small pumps", 10, 670)):
        assert [isinstance(item, Found) for item in stacked([*above, other, *below])] == [True, False, True]


@pytest.mark.parametrize("across", [True, False])
def test_columns_of_prose_are_read_one_after_the_other(across):
    left, right = (
        [line(f"{LONG} {name}{number}", x, 700 - 12 * number) for number in range(5)]
        for name, x in (("a", 72), ("b", 372))
    )
    lines = [*chain.from_iterable(zip(left, right, strict=True))] if across else [*left, *right]

    assert list(stacked(lines)) == [*left, *right]


def test_lines_of_one_row_are_one_where_rows_stand_further_apart():
    lines = [*row(700, "Model", "Weight"), *row(670, "A1", "12 kg or"), *row(658, "", "less"), *row(628, "A2", "15 kg")]

    assert rows(*lines) == [["Model", "Weight"], ["A1", "12 kg or less"], ["A2", "15 kg"]]


def test_a_row_alone_is_no_table():
    assert rows(*row(700, "Place, date", "Signature")) == []


_PLACES = st.integers(0, 12).map(lambda place: 30.0 * place)


@given(
    st.lists(
        st.builds(lambda x, y, width: Line("word", 0, x, y, 10, right=x + width), _PLACES, _PLACES, st.integers(1, 90))
    ),
    st.lists(st.builds(lambda x, y, far: Rule(x, y, x + far, y), _PLACES, _PLACES, _PLACES)),
    st.lists(st.builds(lambda x, y, far: Rule(x, y, x, y + far), _PLACES, _PLACES, _PLACES)),
)
def test_each_line_is_found_once(lines: list[Line], across: list[Rule], upright: list[Rule]):
    found = all_of(Page(lines, [*across, *upright]))

    assert sorted(chain.from_iterable([item] if isinstance(item, Line) else item.lines for item in found)) == sorted(
        lines
    )
    for table in found:
        if isinstance(table, Found):
            assert len({len(row) for row in table.rows}) == 1
