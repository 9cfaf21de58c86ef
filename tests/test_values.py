"""What a few words stand for, and which of it can be true together."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.english.values import Date, Kind, Number, Value, count_of, date_of, mentions, name_of, number_of, value_at
from embeddings.splitting.passages import Span


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", 0),
        ("4000", 4000),
        ("4,000", 4000),
        ("2,000,000", 2_000_000),
        ("3.5", Fraction(7, 2)),
        ("1,234.5", Fraction(2469, 2)),
        ("four", 4),
        ("Nineteen", 19),
        ("twenty-five", 25),
        ("hundred", 100),
        ("two hundred and five", 205),
        ("four thousand", 4000),
        ("fifteen hundred", 1500),
        ("four thousand five hundred", 4500),
        ("two hundred thousand", 200_000),
        ("4 thousand", 4000),
        ("4K", 4000),
        ("1.5 million", 1_500_000),
        ("2 million five hundred thousand", 2_500_000),
        ("dozen", 12),
        ("two dozen", 24),
        ("three billion", 3_000_000_000),
    ],
)
def test_what_a_number_stands_for(written: str, value: int | Fraction):
    assert count_of(written) == value


@pytest.mark.parametrize("written", ["thousands", "several thousand", "half", "many", "", "—"])
def test_what_is_no_exact_number(written: str):
    assert count_of(written) is None


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("2,000", 2000, 2000),
        ("over 1,900", 1900, None),
        ("more than 5 million people", 5_000_000, None),
        ("20,000+", 20_000, None),
        ("up to 700", 0, 700),
        ("about 200", 180, 220),
        ("200–300", 200, 300),
        ("between 200 and 300", 200, 300),
        ("millions", 1_000_000, None),
        ("tens of thousands", 10_000, 100_000),
        ("several thousand", 2000, 10_000),
        ("half a million", 500_000, 500_000),
    ],
)
def test_a_number_is_from_here_to_there(written: str, low: int, high: int | None):
    found = number_of(written)

    assert found and (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("4,000", "four thousand", True),
        ("4K", "4000 troops", True),
        ("2,000", "over 1,900", True),
        ("over 5 million", "millions", True),
        ("2,000", "1,987", True),
        ("2,000", "1,400", False),
        ("20", "19", False),
        ("2,000", "4,000", False),
        ("over 4,000", "16", False),
        ("200–300", "250", True),
        ("98 km", "61 miles", True),
        ("98 km", "98 miles", False),
        ("98 km", "98 days", None),
        ("$40", "40", True),
    ],
)
def test_numbers_that_can_be_true_together(one: str, other: str, agree: bool | None):
    first, second = number_of(one), number_of(other)

    assert first and second
    assert first.agrees(second) is second.agrees(first) is agree


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("19 June 1910", (1910, 6, 19), (1910, 6, 19)),
        ("June 19th, 1910", (1910, 6, 19), (1910, 6, 19)),
        ("1910-06-19", (1910, 6, 19), (1910, 6, 19)),
        ("11 Nov. 1808", (1808, 11, 11), (1808, 11, 11)),
        ("June 1910", (1910, 6, 1), (1910, 6, 31)),
        ("in 1910", (1910, 1, 1), (1910, 12, 31)),
        ("1926-27", (1926, 1, 1), (1927, 12, 31)),
        ("1790 to 1794", (1790, 1, 1), (1794, 12, 31)),
        ("the 1790s", (1790, 1, 1), (1799, 12, 31)),
        ("early 1920s", (1920, 1, 1), (1925, 12, 31)),
        ("about 1835", (1832, 1, 1), (1838, 12, 31)),
        ("112 BC", (-112, 1, 1), (-112, 12, 31)),
        ("18th century", (1701, 1, 1), (1800, 12, 31)),
        ("5th century BC", (-500, 1, 1), (-401, 12, 31)),
        ("14 June", (0, 6, 14), (0, 6, 14)),
    ],
)
def test_a_date_is_as_long_as_it_is_vague(written: str, first: tuple[int, int, int], last: tuple[int, int, int]):
    assert date_of(written) == Date(first, last)


def test_of_a_life_the_beginning_counts_or_the_end():
    life = "Ann Lee (11 March 1816 – 15 March 1862) was a farmer."
    span = mentions(life, Kind.DATE)

    assert [life[slice(*one)] for one in span] == ["11 March 1816 – 15 March 1862"]
    assert value_at(life, span[0], Kind.DATE) == date_of("11 March 1816")
    assert value_at(life, span[0], Kind.DATE, last=True) == date_of("15 March 1862")


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("19 June 1910", "June 1910", True),
        ("19 June 1910", "1910", True),
        ("19 June 1910", "June 19", True),
        ("19 June 1910", "20 June", False),
        ("June 1910", "July 1910", False),
        ("1910", "1911", False),
        ("about 1910", "1911", True),
        ("112 BC", "112", None),
    ],
)
def test_dates_that_can_be_true_together(one: str, other: str, agree: bool | None):
    first, second = date_of(one), date_of(other)

    assert (first.agrees(second) if first and second else None) is agree


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("American football", "football", True),
        ("Lord Byron", "Byron", True),
        ("J. Smith", "John Smith", True),
        ("John Smith", "Bert Smith", False),
        ("golf", "golfer", True),
        ("R.E.M.", "REM", True),
        ("ACLU", "American Civil Liberties Union", True),
        ("Zoltán Korda", "Zoltan Korda", True),
        ("New York", "New York City", True),
        ("the Beatles", "Beatles", True),
        ("Brigadier General", "Lieutenant General", False),
    ],
)
def test_names_of_which_one_says_no_more_than_the_other(one: str, other: str, agree: bool):
    first, second = name_of(one), name_of(other)

    assert first and second
    assert first.agrees(second) is second.agrees(first) is agree


def test_values_of_different_kinds_are_not_compared():
    number, day, name = number_of("1910"), date_of("1910"), name_of("1910")

    assert number and day and name
    assert number.agrees(day) is day.agrees(name) is name.agrees(number) is None


def test_what_stands_before_a_number_belongs_to_it():
    sentence = "Organisers counted more than 5 million people."
    start = sentence.index("5")

    assert value_at(sentence, Span(start, start + len("5 million")), Kind.NUMBER) == Number(Fraction(5_000_000), None)


def test_where_there_is_no_value_of_a_kind_there_is_none():
    sentence = "Organisers counted."

    assert value_at(sentence, Span(0, 10), Kind.NUMBER) is None
    assert value_at(sentence, Span(0, 10), Kind.DATE) is None
    assert name_of("—") is None
    assert mentions(sentence, Kind.NUMBER) == mentions(sentence, Kind.DATE) == mentions(sentence, Kind.STATEMENT) == []


@given(st.integers(min_value=1, max_value=10**12))
def test_every_number_is_read_with_separators_and_without(number: int):
    assert count_of(f"{number:,}") == count_of(str(number)) == number


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)))
def test_every_day_is_read_and_agrees_with_its_month_and_year(day: date):
    whole = date_of(f"{day.day} {day:%B} {day.year}")

    assert whole == Date((day.year, day.month, day.day), (day.year, day.month, day.day))
    for part in (f"{day:%B} {day.year}", str(day.year), f"{day:%B} {day.day}"):
        vague = date_of(part)
        assert vague and vague.agrees(whole) and whole.agrees(vague)


_WORDS = st.sampled_from("2,000 over about 1910 June 12 million Ann Lee - – to BC % km dozens of the a K".split())


@given(st.lists(_WORDS, max_size=6), st.lists(_WORDS, max_size=6))
def test_whether_two_values_agree_does_not_depend_on_which_comes_first(one: list[str], other: list[str]):
    for read in (number_of, date_of, name_of):
        first: Value | None = read(" ".join(one))
        second: Value | None = read(" ".join(other))
        if first and second:
            assert first.agrees(second) is second.agrees(first)


@given(st.text(max_size=60), st.sampled_from(Kind))
def test_mentions_are_parts_of_the_text_in_order(text: str, kind: Kind):
    found = mentions(text, kind)

    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
