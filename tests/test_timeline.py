"""Dated sentences in the order of their days."""

from fakes import FakeEncoder, document, opened

from bot.answering.timeline import MOST_EVENTS, Event, timeline
from embeddings.reading.documents import Document
from embeddings.searching.retrieval import Retriever


def events(*documents: Document, about: str = "the bridge in Oslo") -> list[tuple[str, tuple[int, int, int], bool]]:
    index = opened(documents).index
    found = timeline(Retriever(index, FakeEncoder()).search(about, 40), index)
    for event in found:
        event.statement.citation.check()
    return [(event.statement.citation.quote, event.when.first, event.said) for event in found]


def test_sentences_are_in_the_order_of_the_days_they_name():
    found = events(
        document("a", "The bridge in Oslo fell on 3 May 2021.", "A", "2024-01-01"),
        document("b", "The bridge in Oslo was built in 1950.", "B", "2025-01-01"),
        document("c", "The bridge in Oslo was painted.", "C", "2019-06-02"),
    )

    assert found == [
        ("The bridge in Oslo was built in 1950.", (1950, 1, 1), True),
        ("The bridge in Oslo was painted.", (2019, 6, 2), False),
        ("The bridge in Oslo fell on 3 May 2021.", (2021, 5, 3), True),
    ]


def test_a_day_of_the_week_is_resolved_from_the_date_of_publication():
    found = events(document("a", "The bridge in Oslo was closed on Friday.", "A", "2025-06-07"))

    assert found == [("The bridge in Oslo was closed on Friday.", (2025, 6, 6), True)]


def test_what_nothing_dates_is_left_out_and_what_has_no_end_too():
    assert events(document("a", "The bridge in Oslo was closed on Friday.")) == []
    assert events(document("a", "The bridge in Oslo was closed on May 3.")) == []
    assert events(document("a", "The bridge in Oslo has been closed since 2019.")) == []


def test_who_says_the_same_of_the_same_day_is_there_once():
    text = "The bridge in Oslo fell on 3 May 2021."

    assert len(events(document("a", text), document("b", text))) == 1


def test_only_what_is_near_the_subject_and_no_more_than_a_message_holds():
    many = [document(f"d{n}", f"The bridge in Oslo number {n} fell in {1900 + n}.") for n in range(12)]

    assert len(events(*many)) == MOST_EVENTS
    assert all("bridge" in quote for quote, _, _ in events(many[0], document("x", "A goat was born in 1999.")))


def test_the_words_that_say_when_are_marked():
    index = opened([document("a", "On 3 May 2021 the bridge in Oslo fell.")]).index
    (event,) = timeline(Retriever(index, FakeEncoder()).search("the bridge in Oslo", 40), index)

    assert isinstance(event, Event) and event.statement.highlight
    assert event.statement.citation.quote[slice(*event.statement.highlight)] == "3 May 2021"
