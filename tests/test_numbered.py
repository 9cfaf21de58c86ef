"""Numbered things that are asked for by their number: rules, steps, articles."""

import pytest
from fakes import FakeReader, answerer, document

from bot.answering.answers import Answer, Question
from bot.question.numbered import Numbered, is_of_another

RULES = """# Our rules

Please read them.

1. Be kind.
2. No adverts. Links to your own shop are adverts, too.
   - Ask before you post one.
3. Use English.

## Names

1. No blank names.
2. No slurs.

# Prizes

2. A pump.
"""


def quotes(question: str, *texts: str, threshold: float = 0.5) -> list[str]:
    """What is quoted of documents with these texts."""
    documents = [document(f"d{at}", text) for at, text in enumerate(texts)]
    found = answerer(documents, threshold, FakeReader()).ask(Question(question))
    return [each.citation.quote for each in found.statements] if isinstance(found, Answer) else []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is rule 6?", ("rule", 6)),
        ("whats rule #6 again pls", ("rule", 6)),
        ("rule no. 6", ("rule", 6)),
        ("What does article 12 say?", ("article", 12)),
        ("show me the server rule 3", ("rule", 3)),
        ("What's the sixth rule?", ("rule", 6)),
        ("tell me the 3rd step", ("step", 3)),
        ("what does status code 417 mean", ("code", 417)),
        ("What is a 404 error?", ("error", 404)),
        ("What is a 2024 error?", None),
        ("why not 20", None),
        ("What is a 12 hour day?", None),
        ("Who broke rule 6?", None),
        ("What is rule 6 good for?", None),
        ("How many rules are there?", None),
        ("What happened in 2021?", None),
    ],
)
def test_a_question_for_a_numbered_thing_asks_for_nothing_else(question: str, expected: tuple[str, int] | None):
    assert Numbered.of(question) == expected


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("What is rule 1?", "1. Be kind."),
        ("rule 2", "2. No adverts. Links to your own shop are adverts, too.\n   - Ask before you post one."),
        ("What does the third rule say?", "3. Use English."),
    ],
)
def test_an_item_is_quoted_whole_from_the_list_that_is_called_so(question: str, quoted: str):
    assert quotes(question, RULES) == [quoted]


def test_there_is_no_fourth_of_three_nor_a_second_pump():
    assert quotes("What is rule 4?", RULES) == []
    assert quotes("What is pump 2?", "# Pump\n\n1. Open it.\n2. Close it.") == []


def test_items_that_are_all_written_as_the_first_are_counted():
    assert quotes("What is rule 2?", "# Rules\n\n> 1. Be kind.\n> 1. Be quiet.") == ["1. Be quiet."]


@pytest.mark.parametrize("heading", ["Rule 6: No spam", "6. No spam", "Rule #6"])
def test_a_section_that_is_called_so_is_quoted(heading: str):
    text = f"# Server rules\n\n## Rule 16\n\nBe kind.\n\n## 6.1 Spam\n\nNot this.\n\n## {heading}\n\nNo adverts at all."

    assert quotes("what is rule 6", text) == ["No adverts at all."]


@pytest.mark.parametrize("heading", ["10.4.18 417 Expectation Failed", "417 Expectation Failed", "Code 417"])
def test_a_code_is_quoted_from_the_section_that_begins_with_it(heading: str):
    text = f"# Status codes\n\n## 10 Others\n\n417 is rare.\n\n## {heading}\n\nIt could not be met.\n\n## 4.17\n\nNone."

    assert quotes("what does status code 417 mean", text) == ["It could not be met."]
    assert quotes("what is a 417 code?", text) == ["It could not be met."]
    assert quotes("what is a 417 form?", f"# {heading}\n\nIt could not be met.", threshold=1) == []


def test_documents_that_each_have_one_are_quoted_side_by_side():
    policies = ("# Policies\n\n1. We keep logs.\n", "# Old policies\n\n1. We kept no logs.\n")

    assert set(quotes("What is policy 1?", *policies)) == {"1. We keep logs.", "1. We kept no logs."}


@pytest.mark.parametrize(
    ("question", "label", "another"),
    [
        ("When is assignment 3 of 2026 due?", "Assignment 2", True),
        ("How do I install it on Windows 11?", "Windows 10 > Install", True),
        ("When is assignment 3 due?", "Assignments 2 > Assignment 3", False),
        ("When is assignment 3 due?", "Plan of 12 weeks", False),
        ("When is assignment 3 due?", "Assignment\n2 Set up", False),
        ("Are more than 3 due?", "More than 2", False),
        ("Is 3 % due?", "Share 3 %", False),
        ("What runs on Python 3.8?", "Python 3.11", False),
    ],
)
def test_what_is_under_another_number_answers_nothing(question: str, label: str, another: bool):
    assert is_of_another(question, label) is another


def test_neither_a_sentence_nor_a_passage_of_another_number_is_quoted():
    due = "## How to hand in the assignment\n\nThis assignment is due on Thursday, May 7. To hand it in, open the form."
    for question in ("When is assignment {} due?", "How do I hand in assignment {}?"):
        assert quotes(question.format(3), f"# Assignment 2\n\n{due}", threshold=0.01) == []
        assert quotes(question.format(2), f"# Assignment 2\n\n{due}", threshold=0.01)


SCHEDULE = """# Schedule

- HW 1 is due on Friday at noon.
- HW 2 is due on Monday at noon.
- The first exam is on Sunday.
- The second exam is on Tuesday.
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When is HW 2 due?", "- HW 2 is due on Monday at noon."),
        ("When is hw1 due?", "- HW 1 is due on Friday at noon."),
        ("On which day is the 2nd exam?", "- The second exam is on Tuesday."),
        ("On which day is exam 1?", "- The first exam is on Sunday."),
    ],
)
def test_a_line_about_another_of_the_same_thing_does_not_answer(question: str, expected: str):
    said = quotes(question, SCHEDULE, threshold=0.01)
    other = {line for line in SCHEDULE.splitlines() if line[2:5] == expected[2:5]} | {expected}
    assert expected in said
    assert not {each for each in other if is_of_another(question, each)} & set(said)


def test_below_a_heading_of_that_number_others_may_be_named():
    text = "# HW 2\n\nLike HW 1, it is due at noon.\n"
    assert quotes("When is HW 2 due?", text, threshold=0.01) == ["Like HW 1, it is due at noon."]


@pytest.mark.parametrize(
    ("sentence", "possible"),
    [
        ("In the first year they left.", True),
        ("In the 1st year they left.", True),
        ("In the second year they left.", False),
        ("In the second year, as in the first year, they left.", True),
        ("They left in the second month.", True),
        ("They left in that year.", True),
    ],
)
def test_what_is_asked_of_the_first_is_not_said_of_the_second(sentence: str, possible: bool):
    assert is_of_another("Who left in the first year?", sentence) is not possible
