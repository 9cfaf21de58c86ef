"""What only leads elsewhere: pictures, tables of contents and bibliographies answer nothing."""

import pytest
from fakes import FakeReader, answerer, document

from bot.answering.answers import Answer, NoAnswer, Question
from bot.answering.navigation import is_of_release, says_nothing

CONTENTS = """# Boiler

How to descale the boiler, and more about the boiler:

- [How to descale the boiler](descale.md)
- [How to restart the boiler](restart.md)
"""
DESCALE = """# Chalk

To descale the boiler:

1. Open the [valve](valve.md).
2. Pour in vinegar.
"""


@pytest.mark.parametrize(
    "sentence",
    [
        "![The boiler](boiler.png)",
        '> ![](boiler.png "Boiler") ![](b.png)',
        "![[boiler.png|200]]",
        "- [Descale](descale.md)",
        "> * [Descale](../descale.md#vinegar), [restart](#restart)",
        "12. [Descale](descale.md).",
        "| 1. [Descale](descale.md) | [Restart](restart.md) |",
        "+ ![](boiler.png) [Descale](descale.md)",
        "…!",
        "> — Ann Lee, 2018",
        '> -- [Ann Lee](https://example.org), "Why boilers"',
    ],
)
def test_pictures_and_items_that_are_links_say_nothing(sentence: str):
    assert says_nothing(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Open the valve ![a valve](valve.png).",
        "See [Descale](descale.md).",
        "[MIT](LICENSE)",
        "- [Descale](descale.md): with vinegar",
        "- [x] [Descale](descale.md)",
        "| Model | [Small](small.md) |",
        "- [Download](https://example.org/boiler.zip)",
        "- [Write to us](mailto:us@example.org)",
        "- 5",
        "- [[Anna Berg]]",
    ],
)
def test_whatever_else_is_said_says_something(sentence: str):
    assert not says_nothing(sentence)


def test_a_passage_is_quoted_and_no_table_of_contents():
    asked = answerer([document("index", CONTENTS, "Boiler"), document("descale", DESCALE, "Chalk")], 0.0, FakeReader())
    answer = asked.ask(Question("How do I descale the boiler?"))

    assert isinstance(answer, Answer)
    assert answer.statements[0].citation.document.id == "descale"
    assert asked.retriever.search("How do I descale the boiler?", 5).hits[0].passage.document_id == "index"


def test_no_picture_and_no_link_is_evidence():
    text = "# Valve\n\nThe valve is blue.\n\n![What colour is the valve?](valve.png)\n\n- [The valve's colour](v.md)"
    answer = answerer([document("valve", text)], 0.01, FakeReader()).ask(Question("What is the colour of the valve?"))

    assert isinstance(answer, Answer)
    assert [each.citation.quote for each in answer.statements] == ["The valve is blue."]


def test_neither_is_shown_as_what_comes_near():
    text = "# Valve\n\n![The valve](valve.png)\n\n- [The valve's colour](v.md)\n\nIt is blue."
    answer = answerer([document("valve", text)], 1.0, FakeReader()).ask(Question("What is a gasket?"))

    assert isinstance(answer, NoAnswer)
    assert [each.quote for each in answer.nearest] == ["It is blue."]


SOURCES = """Lee, A. (2018). The boiler of Oslo was built in 1901. Journal of Boilers, 3.

Berg, B. (n.d.). Boilers.

- [A boiler](https://example.org/boiler)
"""


@pytest.mark.parametrize(("heading", "answered"), [("7. References", False), ("Bibliography", False), ("Years", True)])
def test_a_bibliography_answers_nothing(heading: str, answered: bool):
    found = answerer([document("a", f"# Boilers\n\n## {heading}\n\n{SOURCES}")], 0.01, FakeReader()).ask(
        Question("When was the boiler of Oslo built?")
    )

    assert isinstance(found, Answer) is answered


def test_a_section_about_references_is_no_bibliography():
    text = "# Tales\n\n## References\n\nA reference was introduced in 1901.\n\nIt has to be bound.\n\nIt is an alias."
    found = answerer([document("a", text)], 0.01, FakeReader()).ask(Question("When was a reference introduced?"))

    assert isinstance(found, Answer)


@pytest.mark.parametrize(
    ("heading", "text", "answered"),
    [
        ("Index", "boiler of Oslo, 1901–3, 41n\n\nboilers, steam, 12\n\nvalve", False),
        ("Contents", "| 1 The boiler of Oslo . . . | 1901 |\n|---|---|\n| 2 Its valve | 12 |", False),
        ("Boilers", "boiler of Oslo, 1901–3, 41n\n\nboilers, steam, 12", True),
        ("Index", "The index of boilers says which one was built.\n\nThe boiler of Oslo was, in 1901.\n\nIt is.", True),
    ],
)
def test_an_index_and_a_table_of_contents_with_pages_answer_nothing(heading: str, text: str, answered: bool):
    found = answerer([document("a", f"# Boilers\n\n## {heading}\n\n{text}")], 0.01, FakeReader()).ask(
        Question("When was the boiler of Oslo built?")
    )

    assert isinstance(found, Answer) is answered


@pytest.mark.parametrize("question", ["When was the valve blue?", "**When was the valve blue?**"])
def test_a_question_in_the_text_is_no_answer_to_it(question: str):
    text = f"# Valve\n\n{question}\n\nThe valve was blue in 1901, when the fire brigade asked for it."
    answer = answerer([document("valve", text)], 0.01, FakeReader()).ask(Question("When was the valve blue?"))

    assert isinstance(answer, Answer)
    assert not answer.statements[0].citation.quote.startswith(question)


RELEASES = """# Changes

## Version 2.1.0 (2021-05-03)

- The boiler is descaled.
- How to descale the boiler is asked for.

## 2.0.1 - 3 March 2021

- Descale the boiler anew.
"""


@pytest.mark.parametrize(
    ("question", "document_id"),
    [("How do I descale the boiler?", "descale"), ("How do I descale the boiler since version 2.1.0?", "changes")],
)
def test_the_notes_of_releases_answer_what_is_asked_of_releases(question: str, document_id: str):
    documents = [document("changes", RELEASES), document("descale", DESCALE, "Chalk")]
    answer = answerer(documents, 0.0, FakeReader()).ask(Question(question))

    assert isinstance(answer, Answer)
    assert answer.statements[0].citation.document.id == document_id


@pytest.mark.parametrize("heading", ["Exercises", "3.4 Exercises", "Review questions", "Practice problems", "Übungen"])
@pytest.mark.parametrize(
    ("question", "document_id"),
    [("How do I descale the boiler?", "descale"), ("What is the exercise about how to descale the boiler?", "lesson")],
)
def test_exercises_answer_what_is_asked_of_exercises(heading: str, question: str, document_id: str):
    lesson = f"# Lesson\n\n## {heading}\n\nSay how to descale the boiler, and what the exercise is about.\n"
    documents = [document("lesson", lesson), document("descale", DESCALE, "Chalk")]

    answer = answerer(documents, 0.0, FakeReader()).ask(Question(question))

    assert isinstance(answer, Answer)
    assert answer.statements[0].citation.document.id == document_id


@pytest.mark.parametrize(
    ("heading", "release"),
    [
        ("Version 1.2.0 (2022-02-22 22:02:22 :-)", True),
        ("Release 3.2", True),
        ("Boiler v2.0", True),
        ("[1.2.0] - 2020-01-02", True),
        ("3.2 - 5 May 2021", True),
        ("1.2.0", True),
        ("Change Log 1.x", True),
        ("3.2 Descaling", False),
        ("Boiler 3.11", False),
        ("Rule 3.2", False),
        ("From 1.1 to version 1.2", False),
        ("Version 2.0 features", False),
    ],
)
def test_the_heading_of_a_release_is_its_number_and_day(heading: str, release: bool):
    (passage,) = answerer([document("a", f"# Boiler\n\n## {heading}\n\nIt is hot.")]).index.passages

    assert is_of_release(passage) is release


def test_notes_below_a_text_answer_only_where_nothing_else_does():
    notes = "# Notes\n\n¹ Letter on how to descale the boiler (May 11, 2017).\n\n² How to descale the boiler, 2016."
    alone, both = [document("notes", notes)], [document("notes", notes), document("descale", DESCALE, "Chalk")]

    for documents, first in ((alone, "notes"), (both, "descale")):
        answer = answerer(documents, 0.0, FakeReader()).ask(Question("How do I descale the boiler?"))
        assert isinstance(answer, Answer)
        assert answer.statements[0].citation.document.id == first
