"""What a question that goes on from another means; and that one that stands alone is left as it is."""

import json
import time
from pathlib import Path

import pytest
from fakes import answerer, document
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answers import Answer, Question
from bot.checking.claims import Status, Verdict
from bot.conversation import last_turn, reply, turn_of
from bot.question.context import NOT_SEEN, NOTHING_CLAIMED, FollowUp, Turn, resolve
from bot.question.links import Link, is_question, link
from embeddings.errors import BadRequest
from embeddings.searching.retrieval import MAX_QUERY

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SAID = 'The mayor said that "nobody was hurt at the bridge".'
TURN = Turn("How many protesters marched in Oslo?", ("Some 4,000 protesters marched in Oslo.", SAID))


def meant(question: str, earlier: Turn = TURN) -> str:
    followed = resolve(question, earlier)
    assert followed is not None
    return followed.text


@pytest.mark.parametrize(
    ("question", "linked"),
    [
        ("is this true?", Link.TRUTH),
        ("Really?", Link.TRUTH),
        ("are you sure", Link.TRUTH),
        ("did that really happen?", Link.TRUTH),
        ("the second one", Link.ORDINAL),
        ("who said the 2nd?", Link.ORDINAL),
        ("and in New York?", Link.PART),
        ("In New York?", Link.PART),
        ("and on the phone?", Link.PART),
        ("what about the phone?", Link.PART),
        ("I meant the phone", Link.PART),
        ("why?", Link.BARE),
        ("and when was that?", Link.BARE),
        ("who said that?", Link.BARE),
        ("what happens after that?", Link.BARE),
        ("how many were injured?", Link.UNCOUNTED),
        ("at how many places?", Link.UNCOUNTED),
        ("how do I calibrate it?", Link.PRONOUN),
        ("is the key in it?", Link.PRONOUN),
        ("Did they impose this on others?", Link.PRONOUN),
        ("is that possible?", Link.PRONOUN),
        ("does this apply to Debian?", Link.PRONOUN),
        ("what else is supported?", Link.PRONOUN),
        ("why are the times wrong then?", Link.PRONOUN),
    ],
)
def test_what_goes_on_shows_in_the_words(question: str, linked: Link):
    assert link(question) is linked


@pytest.mark.parametrize(
    "question",
    [
        "How many protesters marched in Bergen?",
        "Does Trump say that he will support the ATF?",
        "Is it possible to get a refund?",
        "Which president was the first?",
        "How long does it take to update a station?",
        "Are there limits for recipes?",
        "What stops the watering of a bench that has no water?",
        "How do I teach a motor its travel?",
        "My recipe is refused, what is wrong with it?",
        "What is the first thing to do when a battery is low?",
        "And how do I report a bug?",
        "What did Trump say this week?",
        "curfew extension",
        "thanks!",
        "who are you?",
        "",
        "   ",
        "?",
    ],
)
def test_what_stands_alone_is_left_as_it_is(question: str):
    assert link(question) is None
    assert resolve(question, TURN) is None
    assert resolve(question, None) is None


@pytest.mark.parametrize("question", ["is this true?", "who said that?", "the first one", "why?"])
def test_a_long_quotation_is_never_too_long(question: str):
    try:
        followed = resolve(question, Turn("Who came?", ("word " * 1000,)))
    except BadRequest:
        return
    assert followed and len(followed.text) <= MAX_QUERY


@pytest.mark.parametrize(
    ("name", "most"), [("golden/questions", 2), ("development/questions", 2), ("manual/questions", 2)]
)
def test_hardly_any_question_that_stands_alone_is_taken_for_another(name: str, most: int):
    lines = (BENCHMARKS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if link(json.loads(line)["question"])]) <= most


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("and in Bergen?", "How many protesters marched in Bergen?"),
        ("what about Bergen?", "How many protesters marched in Bergen?"),
        ("and on Sunday?", "How many protesters marched in Oslo, on Sunday?"),
        ("why?", "why, protesters marched in Oslo?"),
        ("when was that?", "when was that, protesters marched in Oslo?"),
        ("how many were injured?", "how many were injured, protesters marched in Oslo?"),
        ("who said that?", "who said “Some 4,000 protesters marched in Oslo”?"),
        ("the second one", SAID),
        ("who said the second one?", 'who said that "nobody was hurt at the bridge"?'),
        ("when was the first one?", "when was “Some 4,000 protesters marched in Oslo”?"),
    ],
)
def test_what_is_missing_is_carried_over(question: str, whole: str):
    assert meant(question) == whole


@pytest.mark.parametrize(
    ("quoted", "whole"),
    [
        ("Ann Lee said on Monday that the bridge is safe.", "who said that the bridge is safe?"),
        ("Ann Lee has said that it is safe, and Bo Ray said that it is not.",
         "who said that it is safe, and Bo Ray said that it is not?"),
        ('Ann Lee called the bridge "a deliberate risk".', "who said “a deliberate risk”?"),
        ("The bridge is safe.", "who said “The bridge is safe”?"),
    ],
)  # fmt: skip
def test_who_said_it_is_asked_of_what_was_said(quoted: str, whole: str):
    assert meant("who said that?", Turn("Is the bridge safe?", (quoted,))) == whole


def test_of_a_question_that_goes_on_itself_only_what_it_goes_on_from_is_carried_on():
    assert meant("who did it?", Turn("how many were arrested, protests in Oslo?")) == "who did it, protests in Oslo?"


def test_what_is_quoted_in_a_question_stays_in_its_marks():
    assert meant("why?", Turn("who said “deliberate incitement”?")) == "why, “deliberate incitement”?"


def test_a_part_takes_the_place_of_its_like():
    assert meant("and with Garden?", Turn("How many stations can I have with the Nursery edition?")) == (
        "How many stations can I have with Garden?"
    )
    assert meant("what about the light sensor?", Turn("How do I calibrate the soil probe?")) == (
        "How do I calibrate the light sensor?"
    )
    assert meant("what about the antenna?", Turn("What is the range of the bridge stick in a house?")) == (
        "What is the range of the bridge stick in a house, the antenna?"
    )
    assert meant("and Biden?", Turn("Did Trump send troops to Los Angeles?")) == (
        "Did Trump send troops to Los Angeles, Biden?"
    )
    assert meant("and on Monday?", Turn("What happened in Oslo on Sunday?")) == "What happened in Oslo on Monday?"
    assert meant("and in New York?", Turn("How many Marines were deployed to Los Angeles?")) == (
        "How many Marines were deployed in New York?"
    )
    assert meant("and Newsom?", Turn("What did Karen Bass say about it?")) == "What did Newsom say about it?"


def test_the_truth_of_what_was_quoted_or_said_is_a_claim():
    assert resolve("is this true?", TURN) == FollowUp("Some 4,000 protesters marched in Oslo.", Link.TRUTH)
    assert resolve("is that so?", Turn("The bridge was closed.")) == FollowUp("The bridge was closed.", Link.TRUTH)


@pytest.mark.parametrize(
    ("question", "earlier", "why"),
    [
        ("and in New York?", None, NOT_SEEN),
        ("why?", None, NOT_SEEN),
        ("why?", Turn("thanks!"), NOT_SEEN),
        ("the second one", None, NOT_SEEN),
        ("is this true?", None, NOTHING_CLAIMED),
        ("is this true?", Turn("Was the bridge closed?"), NOTHING_CLAIMED),
        ("is this true?", Turn("Was it closed?", ("word " * 500,)), NOTHING_CLAIMED),
        ("the third one", TURN, "has 2 quotations"),
        ("the first one", Turn("Was the bridge closed?"), "has no quotations"),
        ("the 0th one", TURN, "has 2 quotations"),
        ("and in Bergen?", Turn(f"Who {'marched ' * 260}?"), NOT_SEEN),
    ],
)
def test_what_cannot_be_understood_is_asked_back(question: str, earlier: Turn | None, why: str):
    with pytest.raises(BadRequest, match=why[:40].replace("?", r"\?")):
        resolve(question, earlier)


def test_a_question_of_its_own_words_is_asked_as_it_is_where_nothing_went_before():
    for question in ("how do I calibrate it?", "how many were injured?", "what about remigration?", "with Docker"):
        assert resolve(question, None) is None
        assert resolve(question, Turn("thanks")) is None


@pytest.mark.parametrize("text", ["and in Oslo?", "why", "is this true", "When did it open", "the second one"])
def test_a_question(text: str):
    assert is_question(text)


@pytest.mark.parametrize("text", ["thanks a lot", "that is wrong", "great answer!", "lol", "ok", ""])
def test_no_question(text: str):
    assert not is_question(text)


@given(st.text(max_size=MAX_QUERY), st.text(max_size=MAX_QUERY), st.lists(st.text(max_size=400), max_size=3))
def test_whatever_is_said_it_stays_within_the_longest_query(question: str, before: str, quoted: list[str]):
    try:
        followed = resolve(question, Turn(before, tuple(quoted)))
    except BadRequest:
        return
    assert followed is None or len(followed.text) <= MAX_QUERY


# --- a conversation --------------------------------------------------------------------------------

DOCUMENTS = [
    document("oslo", "Some 4,000 protesters marched in Oslo.", "Oslo"),
    document("bergen", "Some 700 protesters marched in Bergen.", "Bergen"),
]


def test_a_conversation_goes_on_from_what_it_was_read_as():
    asked = answerer(DOCUMENTS)
    first = reply(asked, Question("How many protesters marched in Oslo?"))
    second = reply(asked, Question("and in Bergen?"), turn_of(first))
    third = reply(asked, Question("is this true?"), turn_of(second))

    assert isinstance(second, Answer)
    assert (second.question.text, second.read_as) == ("and in Bergen?", "How many protesters marched in Bergen?")
    assert second.statements[0].citation.document.id == "bergen"
    assert isinstance(third, Verdict)
    assert (third.question.text, third.question.meant) == ("is this true?", "Some 700 protesters marched in Bergen.")
    assert third.status is Status.SUPPORTED
    assert turn_of(third).question == "Some 700 protesters marched in Bergen."


def test_an_answer_that_speaks_of_the_earlier_thing_only_is_not_given():
    asked = answerer(DOCUMENTS[:1])
    with pytest.raises(BadRequest, match="does not speak of it"):
        reply(asked, Question("and in Bergen?"), Turn("How many protesters marched in Oslo?"))


def test_where_there_is_no_answer_nothing_was_quoted():
    assert turn_of(answerer(DOCUMENTS, threshold=1.0).ask(Question("Who marched?"))) == Turn("Who marched?")


def test_of_earlier_questions_the_last_that_names_something_counts():
    history = ["How many protesters marched in Oslo?", "and in Bergen?", "why the second one?", "thanks"]
    assert last_turn(history) == Turn("How many protesters marched in Bergen?")
    assert last_turn(["thanks", "why?"]) is None
    assert last_turn([]) is None


@pytest.mark.parametrize("repeated", ["it, ", "it ", ", that was", "his "])
def test_a_message_full_of_pronouns_takes_no_time(repeated: str):
    text = "Paris, " + repeated * (4000 // len(repeated))
    began = time.process_time()
    link(text)

    assert time.process_time() - began < 0.5
