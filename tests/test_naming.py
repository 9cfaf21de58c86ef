"""Documents that a question names, by words that are their own."""

import pytest
from fakes import FakeReader, answerer, document, opened

from bot.answering.answers import Answer, Question
from bot.answering.naming import named_documents
from embeddings.reading.documents import Document

TOWNS = [
    Document("town-belmont", "By-laws", "# Dogs\n\nNo dog may bark at night. The fine is 50 dollars."),
    Document("town-montague", "By-laws", "# Horses\n\nNo horse is left in a street."),
    Document("pumps", "Pumps", "# Valves\n\nA dog may not open the valve. Belmont has none."),
    Document("news", "Brookfield Holds Talks on the Bridge Again", "# News\n\nThe mayor spoke of a bridge."),
]


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("may my dog bark in belmont", {"town-belmont", "pumps"}),
        ("may a horse stand in the street in Montague?", {"town-montague"}),
        ("may a dog bark", set()),
        ("what do the by-laws say about dogs", {"town-belmont", "town-montague"}),
        ("what did Brookfield say", set()),
        ("are belmont and montague towns", {"town-belmont", "pumps", "town-montague"}),
    ],
)
def test_a_word_that_is_a_document_s_own_names_it(question: str, named: set[str]):
    assert set(named_documents(question, opened(TOWNS).index)) == named


def test_a_question_about_one_town_is_not_answered_from_another_s_by_laws():
    found = answerer(TOWNS, 0.01, FakeReader()).ask(Question("may a dog bark in Montague"))

    assert not isinstance(found, Answer) or {each.citation.document.id for each in found.statements} == {
        "town-montague"
    }


def test_of_a_single_document_nothing_is_left_out():
    only = [document("belmont", "# Dogs\n\nNo dog may bark at night in Belmont.")]

    assert not named_documents("may a dog bark in belmont", opened(only).index)
