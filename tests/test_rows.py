"""Rows of tables: their header, and which are of something else than a question names."""

import pytest
from fakes import FakeEncoder, document

from bot.answering.rows import Rows, whole_cell
from embeddings.splitting.passages import Span, split
from embeddings.splitting.terms import terms

LONG = "The pump has a valve that is opened before it starts."
TABLE = "| Fee | Price |\n|---|---|\n| Week | 9 |\n| Month | 30 |\n|  | 31 |\n| Long week | 12 |"


def rows_of(question: str, text: str) -> tuple[Rows, tuple[Span, ...]]:
    (passage,) = split(document("fees", text), FakeEncoder())
    return Rows(passage, text, question, dict.fromkeys(terms(question), 1.0)), passage.sentences


def others(question: str, text: str = TABLE) -> list[str]:
    """The rows that are of something else."""
    rows, _ = rows_of(question, text)
    return [text[slice(*span)] for span in sorted(rows.others)]


def value(question: str, text: str, counts: bool = False) -> str | None:
    """What is found in the one row that is named."""
    rows, _ = rows_of(question, text)
    (row,) = rows.named
    found = rows.value(row, counts)
    return text[slice(*row)][slice(*found.span)] if found else None


def test_a_row_is_of_what_stands_in_its_first_cell():
    week, month, long = "| Week | 9 |", "| Month | 30 |", "| Long week | 12 |"
    header = "| Fee | Price |\n|---|---|"

    assert others("How much is a week?") == [header, month, long]
    assert others("How much is a long week?") == [header, month]
    assert others("How much are a week and a month?") == [header, long]
    assert others("How much is a day?") == []
    assert week not in others("What is the price of a week?")


def test_what_a_header_names_is_no_row():
    assert others("What is the fee?") == []


def test_each_table_has_its_own_rows():
    assert others("How much is a week?", f"{TABLE}\n\nText.\n\n| Day | Hours |\n|---|---|\n| Monday | 9 |")[-1] == (
        "| Long week | 12 |"
    )


def test_the_header_is_the_first_line_of_the_table():
    rows, sentences = rows_of("How much?", f"Text.\n\n{TABLE}")

    assert [sorted(rows.header(sentence)) for sentence in sentences] == [[], [], *[["fee", "price"]] * 4]
    assert rows.headers == {"fee", "price"}


PEOPLE = (
    "| Country | Population | Area in km² | Number of lakes | Chief |\n|---|---|---|---|---|\n"
    "| Norway | 5.6 million | 385,207 | 450,000 |  |\n| Malta | 0.5 million | 316 | 0 | A \\| B |"
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the population of Norway?", "5.6 million"),
        ("how many lakes are in Norway", "450,000"),
        ("What is the area of Malta?", "316"),
        ("Who is the chief of Malta?", "A \\| B"),
        ("Who is the chief of Norway?", None),
        ("What is the climate of Norway?", None),
    ],
)
def test_the_cell_that_is_asked_for_is_under_what_the_question_names(question, expected):
    assert value(question, PEOPLE) == expected


def test_the_only_cell_of_a_row_is_asked_for():
    assert value("How much is a month?", "| | now |\n|---|---|\n| Month | 30 |\n| Week | 9 |") == "30"


def test_what_stands_in_brackets_need_not_be_named():
    text = "| Gas | Limit |\n|---|---|\n| Methane (CH4) | 100 000 |\n| Carbon dioxide (CO2) | 9 |"

    assert value("What is the limit for methane?", text) == "100 000"


@pytest.mark.parametrize(("marked", "expected"), [("100", "100 000"), ("100 000 | 5", None), (LONG[4:8], LONG[4:8])])
def test_a_short_cell_is_marked_whole_and_never_two(marked, expected):
    row = f"| Methane | 100 000 | 5 | {LONG} |"
    start = row.index(marked)
    found = whole_cell(row, Span(start, start + len(marked)))

    assert (row[slice(*found)] if found else None) == expected


@pytest.mark.parametrize(("counts", "expected"), [(True, "24"), (False, None)])
def test_where_a_number_is_asked_for_the_only_one_is_meant(counts, expected):
    text = "| What | Limit | Can it be raised? |\n|---|---|---|\n| recipes | 24 | no |"

    assert value("How many recipes are there?", text, counts) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("whats the fatal accidents count of Oslo Air", "5"),
        ("how many seats has oslo air", "180"),
        ("what is the rating of Oslo Air on rotten tomatoes", "7"),
    ],
)
def test_a_row_may_begin_with_its_number_and_columns_have_names_of_programs(question, expected):
    text = (
        "| id | airline | fatal_accidents | seats | RottenTomatoes |\n|---|---|---|---|---|\n"
        "| 31 | Oslo Air | 5 | 180 | 7 |\n| 32 | Bergen Air | 6 | 90 | 8 |"
    )

    assert value(question, text) == expected


def test_a_row_is_named_by_its_number_where_the_question_has_that():
    text = "| Error | Name | Remedy |\n|---|---|---|\n| 404 | Not found | Look elsewhere |\n| 500 | Broken | Wait |"

    assert value("remedy for error 404", text) == "Look elsewhere"
    assert value("remedy where it was not found", text) == "Look elsewhere"


def test_a_bar_alone_is_no_row():
    rows, _ = rows_of("How much is a week?", "Text that is longer.\n|\n\nMore text.")

    assert not rows.named
