"""Days that are plain get a date, all others stay as they are."""

from datetime import date

import pytest
from fakes import document

from bot.english.dates import dates_in
from embeddings.splitting.passages import Span

MONDAY = "2025-06-16"


def dates(text: str, published: str | None = MONDAY, before: str = "") -> dict[str, str]:
    """What is resolved, as written, and its date or its first and last day."""
    source = document("a", before + text, published=published)
    found = dates_in(source, Span(len(before), len(before + text)))
    return {
        text[slice(*each.span)]: f"{each.first}" if each.first == each.last else f"{each.first} {each.last}"
        for each in found
    }


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("The troops came on Sunday.", {"Sunday": "2025-06-15"}),
        ("The troops came on Monday.", {"Monday": "2025-06-16"}),
        ("On Tuesday, the troops came.", {"Tuesday": "2025-06-10"}),
        ("Mayor Bass said Sunday that the curfew would be extended.", {"Sunday": "2025-06-15"}),
        ("Photos of Saturday's protests showed large crowds.", {"Saturday": "2025-06-14"}),
        ("It began on Friday and ended on Saturday.", {"Friday": "2025-06-13", "Saturday": "2025-06-14"}),
        ("The hearing will be held on Friday.", {"Friday": "2025-06-20"}),
        ("On Wednesday the court is set to hear the case.", {"Wednesday": "2025-06-18"}),
        ("He spoke this past Friday.", {"this past Friday": "2025-06-13"}),
        ("He speaks this coming Friday.", {"this coming Friday": "2025-06-20"}),
        ("The vote next Monday matters.", {"next Monday": "2025-06-23"}),
        ("He spoke last Friday.", {"last Friday": "2025-06-13"}),
        ("He spoke last Monday.", {"last Monday": "2025-06-09"}),
        ("He came yesterday.", {"yesterday": "2025-06-15"}),
        ("He comes tomorrow.", {"tomorrow": "2025-06-17"}),
        ("He came three days ago.", {"three days ago": "2025-06-13"}),
        ("He wrote it last week.", {"last week": "2025-06-09 2025-06-15"}),
        ("He wrote it last month.", {"last month": "2025-05-01 2025-05-31"}),
        ("It begins next year.", {"next year": "2026-01-01 2026-12-31"}),
        ("Crowds came on June 14.", {"June 14": "2025-06-14"}),
        ("Crowds came on 14 June.", {"14 June": "2025-06-14"}),
        ("Crowds came on Saturday, June 14th.", {"Saturday, June 14th": "2025-06-14"}),
        ("The court will meet on July 4.", {"July 4": "2025-07-04"}),
        ("Snow fell on December 24.", {"December 24": "2024-12-24"}),
    ],
)
def test_days_that_are_plain(text: str, meant: dict[str, str]):
    assert dates(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sunday is a day of rest.", id="no tense"),
        pytest.param("Crowds came on Sundays.", id="every week"),
        pytest.param("The march of Bloody Sunday changed it.", id="a name"),
        pytest.param("The Sunday Times reported it.", id="a newspaper"),
        pytest.param("“They came on Sunday,” he said.", id="in a quotation"),
        pytest.param('He said: "I was there yesterday."', id="in another quotation"),
        pytest.param("On Sunday 15 June 2025 crowds came.", id="a whole date"),
        pytest.param("Crowds came on June 14, 2025.", id="a whole date in the other order"),
        pytest.param("In 1965, troops came on Sunday.", id="of another year"),
        pytest.param("The parade scheduled for Saturday drew few.", id="before or after"),
        pytest.param("They said that it would rain on Sunday.", id="would"),
        pytest.param("Crowds came on Sunday, June 14.", id="a day that is no Sunday"),
        pytest.param("Crowds came on June 31.", id="no such day"),
        pytest.param("Crowds came on June 17.", id="nearly a year ago"),
        pytest.param("The vote next Friday matters.", id="this week or the next"),
        pytest.param("It was the last week of term.", id="the last of several"),
        pytest.param("Here, the better tomorrow came.", id="no day"),
        pytest.param("He may come in May 20 times.", id="may"),
    ],
)
def test_days_that_are_not_plain_stay_as_they_are(text: str):
    assert dates(text) == {}


def test_nothing_is_resolved_where_the_document_has_no_date():
    assert dates("The troops came on Sunday.", published=None) == {}


def test_a_story_of_another_year_has_its_own_sundays():
    assert dates("The troops came on Sunday.", before="It was the spring of 1965. ") == {}
    assert dates("The troops came on Sunday.", before="It was the spring of 2025. ") == {"Sunday": "2025-06-15"}


def test_the_spans_count_from_the_first_character_that_is_quoted():
    before = "Nobody came. "
    source = document("a", before + "They came on Sunday.", published=MONDAY)

    (found,) = dates_in(source, Span(len(before), len(source.text)))

    assert source.text[len(before) :][slice(*found.span)] == "Sunday"
    assert (found.first, found.last) == (date(2025, 6, 15), date(2025, 6, 15))
