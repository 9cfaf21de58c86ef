"""Yes against no: what a question puts forward, which side a sentence takes, and what is no dispute."""

import sys
from datetime import date
from pathlib import Path

import pytest
from fakes import answerer, document
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.answers import Answer, Question
from bot.answering.disagreement import Disagreement
from bot.contract import answer_json
from bot.discord.answer import answer_page
from bot.english.values import Kind
from bot.question.proposed import proposed

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import disputes


def asked(case: disputes.Case) -> Answer:
    """The answer to the question of a case."""
    days = case.published or (None,) * len(case.texts)
    documents = [
        document(f"d{n}", text, published=day) for n, (text, day) in enumerate(zip(case.texts, days, strict=True))
    ]
    answer = answerer(documents).ask(Question(case.question))
    assert isinstance(answer, Answer)
    return answer


def only(answer: Answer) -> Disagreement:
    """The one disagreement of an answer."""
    (found,) = answer.disagreements
    return found


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Did the mayor resign?", "the mayor resign"),
        ("so is it true that the mayor resigned??", "the mayor resigned"),
        ("wait, did the mayor really resign?", "the mayor resign"),
        ("Hasn't the mayor resigned?", "the mayor resigned"),
        ("Do the sources say that the mayor resigned?", "the mayor resigned"),
        ("Can you tell me whether the mayor resigned?", "the mayor resigned"),
        ("The mayor resigned.", None),
        ("Who resigned?", None),
        ("Did two or three ministers resign?", None),
        ("Do you know how many resigned?", None),
        ("Is it known why the mayor resigned?", None),
        ("", None),
    ],
)
def test_what_a_question_of_yes_or_no_puts_forward(question: str, text: str | None):
    assert proposed(question) == text


@pytest.mark.parametrize("case", disputes.DISPUTED, ids=lambda case: case.question)
def test_sources_that_contradict_each_other_stand_side_by_side(case: disputes.Case):
    answer = asked(case)
    found = only(answer)

    assert answer.status == "disputed"
    assert found.kind is Kind.STATEMENT and not found.change_over_time
    assert [position.stance for position in found.positions] == ["yes", "no"]
    quotes = {citation.number: citation.quote for citation in answer.citations}
    for position in found.positions:
        assert position.value in quotes[position.citations[0]]
        assert len(position.voices) == len(position.citations)


@pytest.mark.parametrize("case", disputes.UNDISPUTED, ids=lambda case: case.question)
def test_what_only_looks_like_a_contradiction_is_none(case: disputes.Case):
    assert asked(case).disagreements == ()


def test_cases_that_were_set_aside_are_told_apart_too():
    found = [asked(case).status == "disputed" for case in disputes.DISPUTED_ASIDE]
    wrong = [asked(case).status == "disputed" for case in disputes.UNDISPUTED_ASIDE]

    assert sum(found) >= 13 and not any(wrong)


@pytest.mark.parametrize("case", disputes.CHANGED, ids=lambda case: case.question)
def test_what_a_later_source_says_of_now_is_a_change(case: disputes.Case):
    found = only(asked(case))

    assert found.change_over_time
    assert [position.earliest for position in found.positions] == [date.fromisoformat(day) for day in case.published]
    undated = only(asked(case._replace(published=())))
    assert not undated.change_over_time


def test_a_later_denial_is_no_change():
    case = disputes.Case(
        "Did Lee take a bribe?",
        ("Lee took a bribe, prosecutors say.", "Lee denied that he took a bribe."),
        ("2024-03-01", "2024-05-10"),
    )

    assert not only(asked(case)).change_over_time


@pytest.mark.parametrize(
    ("denial", "name"),
    [
        ("The firm denied that it polluted the river.", "the firm"),
        ("The firm rejected the claim that it polluted the river.", "the firm"),
        ("According to the paper, engineers widely dispute that the firm polluted the river.", "engineers"),
        ("The claim that the firm polluted the river was rejected by a judge.", "a judge"),
        ("The firm did not pollute the river, its owner says.", "its owner"),
    ],
)
def test_who_denies_is_named(denial: str, name: str):
    claim = "Residents say that the firm polluted the river."
    yes, no = only(asked(disputes.Case("Did the firm pollute the river?", (claim, denial)))).positions

    assert [voice.name for voice in yes.voices] == ["Residents"]
    assert [voice.name for voice in no.voices] == [name]
    assert no.shown == f"no: {name}"


def test_a_source_does_not_dispute_with_itself_but_two_speakers_in_it_do():
    alone = disputes.Case("Is the lake frozen?", ("The lake is frozen. It is cold. The lake is not frozen.",))
    both = disputes.Case("Is the lake frozen?", ("The lake is frozen, Lee said. The lake is not frozen, Kim said.",))

    assert asked(alone).disagreements == ()
    assert [position.voices[0].name for position in only(asked(both)).positions] == ["Lee", "Kim"]


def test_a_statement_in_json_and_in_a_message_names_its_side_and_who_takes_it():
    answer = asked(disputes.Case("Is the lake frozen?", ("The lake is frozen, Lee said.", "The lake is not frozen.")))
    yes, no = answer_json(answer)["disagreements"][0]["positions"]

    assert (yes["stance"], yes["voices"]) == ("yes", [{"kind": "speaker", "name": "Lee"}])
    assert (no["stance"], no["voices"]) == ("no", [{"kind": "document", "name": None}])
    assert r"**no\: the source itself**" in answer_page(answer).head


_TEXTS = st.lists(
    st.sampled_from(
        [
            "The lake is frozen.",
            "The lake is not frozen, Lee said.",
            "Kim denied it.",
            "Lee denies that the lake is frozen.",
            "It is unclear whether the lake is frozen.",
            "No lake is frozen.",
            "The claim that the lake is frozen is false.",
            "He said so.",
            "There is no evidence that the lake is frozen.",
            "not",
            "Never.",
            "“The lake is frozen”, he said.",
            "The lake is unfrozen.",
        ]
    ),
    max_size=5,
).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(_TEXTS, min_size=1, max_size=4), st.sampled_from(["Is the lake frozen?", "What of the lake?"]))
def test_every_side_is_cited_once_and_has_somebody_who_takes_it(texts: list[str], question: str):
    documents = [document(str(n), f"{text} The lake is deep.") for n, text in enumerate(texts)]
    answer = answerer(documents).ask(Question(question))

    assert isinstance(answer, Answer)
    for found in answer.disagreements:
        numbers = [number for position in found.positions for number in position.citations]
        assert len(found.positions) == 2 and len(numbers) == len(set(numbers))
        assert all(
            position.citations and len(position.voices) == len(position.citations) for position in found.positions
        )
