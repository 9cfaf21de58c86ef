"""What is asked back, because nothing is asked or claimed, and what never is."""

import pytest

from bot.question.content import check_claim, check_question
from embeddings.errors import BadRequest


@pytest.mark.parametrize(
    "question",
    [
        "", "?", ".", "…", "👍", "\u200b", "(){}", "_", "the", "who", "why?", "Who are they?", "What is it about?",
        "WHO ARE THEY", "How many were there?", "Am I?", "To be or not to be",
    ],
)  # fmt: skip
def test_a_question_in_which_nothing_carries_meaning_is_asked_back(question: str):
    with pytest.raises(BadRequest, match=r"^This question names nothing .* say who or what it is about\.$"):
        check_question(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is ICE?", "What is the US?", "US", "IT?", "Who are The Who?", "What happened?", "2025", "1?", "C",
        "Qué?", "Что это?", "Who was against it?", "这是什么", "I.C.E.?",
    ],
)  # fmt: skip
def test_a_question_with_one_word_that_does_is_asked(question: str):
    check_question(question)


@pytest.mark.parametrize(
    "claim",
    [
        "", "?", "👍", "\u200b", '"', "the", "is", "not", "yes", "No.", "Nothing.", "It is.", "It happened.",
        "They did it.", "It is false.", "That is true.", "This is not true.", "He said so.", "It said that.",
        "Berg", "Anna Berg", "Oslo", "in Oslo", "on Sunday", "in June 2025", "President Berg", "The mayor of Oslo",
        "The strikes in Oslo", "40", "40 sailors", "sailors", "Berg is.", "Berg did.", "Berg said.",
        "It was in Oslo.", "They were there.", "In 5 meets.",
    ],
)  # fmt: skip
def test_what_claims_nothing_is_asked_back(claim: str):
    with pytest.raises(BadRequest, match=r"^This says nothing that could be checked: write .* a whole sentence"):
        check_claim(claim)


@pytest.mark.parametrize(
    "claim",
    [
        "Berg lied.", "Berg is 79.", "Oslo is in Norway.", "Berg is a Democrat.", "Some 75,000 turned out in Oslo.",
        "Voss was one of the hosts.", "There were strikes.", "Strikes happened.", "People died.", "Crime rose",
        "They want peace.", "Berg serves as Secretary.", "The council warned nobody", "Berg Sues Voss", "BERG LIED",
        "Berg Sends Sailors To Oslo", "Most People In Oslo Still Dislike Anna Berg", "It began on Sunday.",
        "Police use tear gas", "He never resigned", "Section 3 meets in Oslo.",
    ],
)  # fmt: skip
def test_what_claims_something_is_checked(claim: str):
    check_claim(claim)
