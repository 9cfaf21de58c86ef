"""Counts side by side: what a written number stands for, what merges, and what is no disagreement."""

from fractions import Fraction

import pytest

from bot.answering.disagreement import Disagreement, Position, differing_counts, is_exact, value_of

QUESTION = "How many National Guard troops were sent to Los Angeles?"
ABOUT = "how many National Guard troops were sent to Los Angeles"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", 0),
        ("7", 7),
        ("4000", 4000),
        ("4,000", 4000),
        ("2,000,000", 2_000_000),
        ("3.5", Fraction(7, 2)),
        ("1,234.5", Fraction(2469, 2)),
        ("four", 4),
        ("Nineteen", 19),
        ("ninety", 90),
        ("twenty five", 25),
        ("twenty-five", 25),
        ("hundred", 100),
        ("two hundred five", 205),
        ("four thousand", 4000),
        ("Four Thousand", 4000),
        ("fifteen hundred", 1500),
        ("four thousand five hundred", 4500),
        ("two hundred thousand", 200_000),
        ("4 thousand", 4000),
        ("1.5 million", 1_500_000),
        ("2 million five hundred thousand", 2_500_000),
        ("hundred thousand", 100_000),
        ("dozen", 12),
        ("two dozen", 24),
        ("three billion", 3_000_000_000),
    ],
)
def test_what_a_number_stands_for(written: str, value: int | Fraction):
    assert value_of(written) == value


@pytest.mark.parametrize(
    "written",
    ["thousands", "Dozens", "tens of thousands", "several thousand", "few hundred", "half a million", "half", "a dozen",
     "two and a half", "many", "", "—"],
)  # fmt: skip
def test_what_is_no_exact_number(written: str):
    assert value_of(written) is None


@pytest.mark.parametrize(
    ("before", "exact"),
    [
        ("", True),
        ("In the end ", True),
        ("They had come over. Then ", True),
        ("The moreover ", True),
        ("Over ", False),
        ("There were more than ", False),
        ("It was about a ", False),
        ("at least\n", False),
        ("He wanted up to ", False),
    ],
)
def test_a_count_that_is_only_a_bound_or_a_guess_is_not_exact(before: str, exact: bool):
    assert is_exact(f"{before}4,000 troops came.", len(before)) == exact


def test_values_that_differ_between_documents_stand_side_by_side_in_order():
    assert differing_counts(QUESTION, [(1, "a", "2,000"), (2, "b", "4,000"), (3, "c", "700")]) == (
        Disagreement(ABOUT, (Position("2,000", (1,)), Position("4,000", (2,)), Position("700", (3,)))),
    )


def test_equal_values_merge_however_they_are_written_and_the_first_writing_is_shown():
    counts = [(1, "a", "four thousand"), (2, "b", "2,000"), (3, "c", "4,000"), (4, "d", "4 thousand")]

    assert differing_counts(QUESTION, counts) == (
        Disagreement(ABOUT, (Position("four thousand", (1, 3, 4)), Position("2,000", (2,)))),
    )


@pytest.mark.parametrize(
    "counts",
    [
        [],
        [(1, "a", "2,000")],
        [(1, "a", "2,000"), (2, "b", "2000"), (3, "c", "two thousand")],
        [(1, "a", "2,000"), (2, "a", "4,000")],
        [(1, "a", "2,000"), (2, "b", "thousands")],
        [(1, "a", "several thousand"), (2, "b", "thousands")],
    ],
    ids=["nothing", "one", "all the same", "one document alone", "one is not exact", "none is exact"],
)
def test_what_is_no_disagreement(counts: list[tuple[int, str, str]]):
    assert differing_counts(QUESTION, counts) == ()


def test_one_document_may_give_a_value_that_another_gives_too():
    assert differing_counts(QUESTION, [(1, "a", "2,000"), (2, "a", "4,000"), (3, "b", "4,000")]) == (
        Disagreement(ABOUT, (Position("2,000", (1,)), Position("4,000", (2, 3)))),
    )


@pytest.mark.parametrize(
    ("question", "about"),
    [
        (QUESTION, ABOUT),
        ("So, HOW MANY troops came, according to Lee?", "how many troops came"),
        ("How many U.S. troops came? Say it.", "how many U.S. troops came"),
        ("Tell me how many came.", "how many came"),
        ("Count the troops!", "Count the troops!"),
        ("How many?", "How many?"),
    ],
)
def test_what_the_values_are_about(question: str, about: str):
    assert differing_counts(question, [(1, "a", "1"), (2, "b", "2")])[0].about == about
