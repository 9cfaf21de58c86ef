"""The form of answer that a question asks for, on questions of other subjects than seeds/."""

import json
from pathlib import Path

import pytest

from bot.question.forms import Form, QuestionForm

QUESTIONS = {
    Form.VALUE: [
        "How many people came to the fair?",
        "how high above the tip do i mount the probe",
        "what temp do i bake the salmon at",
        "how soon do we have to pay",
        "When did the museum open?",
        "Who wrote the handbook?",
        "What did the mayor say about the bridge?",
        "Hi, quick one for my class. how many moons does Mars have",
        'Who said "I will not sell my house"?',
        "My teacher asks: who is the president of Peru?",
        "What year was my school founded?",
        "I lost my key. When do I have to return it?",
    ],
    Form.PROCEDURE: [
        "How do I export my notes?",
        "how to turn off dark mode",
        "Is there a way to undo a merge?",
        "I can't log in since the update.",
        "We get an error when the server starts",
        "Where can I find my invoices?",
        "When do I press save?",
        "Please help me reset the password",
        "When I press save, nothing happens. What should I do?",
        "The export fails. " + "The log says that a file is missing from the folder. " * 5,
    ],
    Form.OPEN: [
        "Does the router support IPv6?",
        "What is a callout?",
        "Why is the sky blue?",
        "Which browsers are supported?",
    ],
}


@pytest.mark.parametrize(("form", "question"), [(form, each) for form, some in QUESTIONS.items() for each in some])
def test_the_form_is_told_by_the_words(form, question):
    assert QuestionForm.of(question).answer is form


def test_the_labelled_questions_are_complete():
    path = Path(__file__).parents[1] / "benchmarks" / "development" / "forms.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    assert len({row["id"] for row in rows}) == len({row["question"] for row in rows}) == len(rows) >= 200
    assert len({row["subject"] for row in rows}) >= 10
    assert {row["form"] for row in rows} == {form.value for form in Form}


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("which port do I open", True),
        ("whats the room we meet in", True),
        ("my game crashes, what should I do", False),
        ("how do I find out which port is open", False),
        ("can I open a port", False),
        ('it says "which one?" for my file', False),
        ("When I press save, nothing happens", False),
        ("I want to see where my payments are going", False),
        ("I paid twice - where is my money?", True),
    ],
)
def test_somebody_with_something_to_do_may_ask_for_one_thing(question: str, thing: bool):
    assert QuestionForm.of(question).answer is Form.PROCEDURE
    assert QuestionForm.of(question).thing is thing
