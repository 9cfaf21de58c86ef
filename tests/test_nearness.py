"""Why a passage does not answer: only what its words make certain, and nothing that is not in them."""

import pytest
from fakes import document, opened

from bot.answering import nearness
from bot.answering.nearness import why_not
from bot.question import kinds
from bot.question.forms import QuestionForm
from embeddings.splitting.passages import Span

MARINES = document(
    "marines", "The president sent 700 Marines to Los Angeles in 2025. They stayed for weeks.", "The order"
)
LAKE = document("lake", "The lake froze. Whales and tariffs stayed away.", "Winter in Canada")


def why(question: str, key: str = "marines") -> str | None:
    index = opened([MARINES, LAKE]).index
    passage = index.passages_of[key][0]
    return why_not(QuestionForm.of(question), passage, Span(passage.start, passage.end), index)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("How many Marines were sent to Chicago?", "Speaks of Marines and Los Angeles, not of Chicago."),
        ("How many Marines came to Los Angeles in 2019?", "Speaks of 2025, not of 2019."),
        (
            "How many Marines came to Chicago in 2019?",
            "Speaks of Marines, Los Angeles and 2025, not of Chicago or 2019.",
        ),
        ("Who won the World Cup?", "Does not mention World Cup."),
        ("Did Chicago or Boston object to it?", "Does not mention Chicago or Boston."),
        ("What did the president say about zebras?", "No document holds “zebras”."),
        ("Did the president mention subsidies?", "No document holds “subsidies”."),
        ("ACLU members: how many Marines?", "Speaks of Marines and Los Angeles, not of ACLU."),
    ],
)
def test_what_is_asked_for_and_stands_nowhere(question: str, reason: str):
    assert why(question) == reason


@pytest.mark.parametrize(
    "question",
    [
        "How many Marines were sent to Los Angeles?",
        "Why were Marines sent?",
        "Marines came why?",
        "How many marines were sent to chicago?",
        "Did the president of the order think about whales?",
        "Who took part?",
        "What happened, and who was involved?",
    ],
)
def test_where_the_words_do_not_tell_nothing_is_said(question: str):
    assert why(question) is None


def test_a_name_of_the_title_or_within_another_word_is_not_missing():
    assert why("How nice was Canada?", "lake") is None
    assert why("Which Canadians were there, and how nice was it?", "lake") is None


def test_a_name_in_full_and_its_first_letters_are_the_same():
    index = opened([document("a", "Agents of Immigration and Customs Enforcement came. The US did not say why.")]).index
    passage = index.passages[0]

    for question in ("Did agents of ICE come?", "Was it the U.S. that came?", "Was it the United States that came?"):
        assert why_not(QuestionForm.of(question), passage, Span(passage.start, passage.end), index) is None


def test_a_number_or_a_date_that_is_asked_for_and_not_there():
    assert why("How many whales froze?", "lake") == "Gives no number."
    assert why("When did the lake freeze?", "lake") == "Gives no date."
    assert why("minimum depth of the lake?", "lake") == "Gives no figure."
    assert why("Which year did the Marines come?") is None


def test_a_city_is_not_missing_where_the_passage_leaves_its_last_word_out():
    index = opened([document("a", "New York saw the parade.")]).index
    passage = index.passages[0]

    assert why_not(QuestionForm.of("Was there a parade in New York City?"), passage, Span(0, 24), index) is None


def test_the_words_of_somebody_else_are_not_those_that_are_asked_for():
    said = document("said", "Anna Berg said that the lake froze. Olav Moe was there.")
    index = opened([said, LAKE]).index
    passage = index.passages_of["said"][0]

    def of(question: str) -> str | None:
        return why_not(QuestionForm.of(question), passage, Span(*passage.sentences[0]), index)

    assert of("What did Olav Moe say about the lake?") == "These are not the words of Olav Moe."
    assert of("What did Anna Berg say about the lake?") is None


def test_whatever_kind_of_value_is_asked_for_it_can_be_said_to_be_missing():
    assert set(nearness._GIVES_NONE) == {kind for kind, *_ in kinds._COMPILED}


def test_the_year_and_the_month_in_which_it_was_published_are_not_missing():
    index = opened([document("a", "The harbour froze.", published="2010-12-12")]).index
    passage = index.passages[0]

    def of(question: str) -> str | None:
        return why_not(QuestionForm.of(question), passage, Span(0, 18), index)

    assert of("Did the harbour freeze in December 2010?") is None
    assert of("Did the harbour freeze in 2011?") == "Does not mention 2011."
