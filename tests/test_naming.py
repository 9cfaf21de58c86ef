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
    assert set(named_documents(question, opened(TOWNS).index, set()).own) == named


def test_a_question_about_one_town_is_not_answered_from_another_s_by_laws():
    found = answerer(TOWNS, 0.01, FakeReader()).ask(Question("may a dog bark in Montague"))

    assert not isinstance(found, Answer) or {each.citation.document.id for each in found.statements} == {
        "town-montague"
    }


COURSE = [
    Document("hw/hw-2", "HW 2 - Roots", "# Due\n\nThis is due on Friday."),
    Document("hw/hw-3", "HW 3 - Shoots", "# Due\n\nThis is due on Monday."),
    Document("lec-11", "Roots", "# Roots\n\nA root is brown."),
    Document("lec-12", "Leaves", "# Leaves\n\nA leaf is green. No HW."),
    Document("report-2023", "Report", "# Sums\n\n40 seeds were sown. No HW."),
    Document("report-2024", "Report", "# Sums\n\n50 seeds were sown. No HW."),
    Document("2024-03-04", "Minutes", "# Minutes\n\nIt rained."),
    Document("schedule", "Schedule", "# Schedule\n\n- HW 2 is due at noon.\n- HW 3 is due at midnight."),
]


@pytest.mark.parametrize(
    ("question", "own", "left_out"),
    [
        ("when is hw 3 due", {"hw/hw-3"}, {"hw/hw-2"}),
        ("when is hw2 due", {"hw/hw-2"}, {"hw/hw-3"}),
        ("when is the 3rd hw due", {"hw/hw-3"}, {"hw/hw-2"}),
        ("what is lecture 12 about", {"lec-12"}, {"lec-11"}),
        ("what is lecture 13 about", set(), set()),
        ("when is hw 9 due", set(), set()),
        ("how many seeds were sown in 2024", {"report-2024"}, {"report-2023"}),
        ("how many seeds were sown in 1999", set(), set()),
        ("is it the hw 3 of 2024", {"hw/hw-3", "report-2024"}, {"hw/hw-2", "report-2023"}),
    ],
)
def test_a_number_names_a_document_and_keeps_out_those_with_another(question: str, own: set[str], left_out: set[str]):
    everything = {each.id for each in COURSE}
    named = named_documents(question, opened(COURSE).index, everything)
    assert (named.own, named.answering) == (own, everything - left_out if own else set())


def test_what_another_homework_says_does_not_answer():
    found = answerer(COURSE, 0.01, FakeReader()).ask(Question("when is hw 3 due"))
    assert isinstance(found, Answer)
    assert "hw/hw-2" not in {each.citation.document.id for each in found.statements}


def test_of_a_single_document_nothing_is_left_out():
    only = [document("belmont", "# Dogs\n\nNo dog may bark at night in Belmont.")]

    assert not named_documents("may a dog bark in belmont", opened(only).index, set()).own
