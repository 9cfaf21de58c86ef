"""Rows of tables: their header, and which are of something else than a question names."""

import pytest
from fakes import FakeEncoder, document

from bot.answering.rows import header_above, rows_of_others
from embeddings.lexical import term_set
from embeddings.passages import split

TABLE = "| Fee | Price |\n|---|---|\n| Week | 9 |\n| Month | 30 |\n|  | 31 |\n| Long week | 12 |"


def others(question: str, text: str = TABLE) -> list[str]:
    """The rows that are of something else."""
    (passage,) = split(document("fees", text), FakeEncoder())
    return [text[slice(*span)] for span in sorted(rows_of_others(passage, text, term_set(question)))]


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


@pytest.mark.parametrize(("row", "header"), [("| Month", "| Fee | Price |"), ("| Fee", ""), ("Text", "")])
def test_the_header_is_the_first_line_of_the_table(row, header):
    text = f"Text.\n\n{TABLE}"

    assert header_above(text, text.index(row)) == header
