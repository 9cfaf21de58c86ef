"""Parts of documents that are asked for by their number: sections, articles, chapters."""

import pytest
from fakes import FakeReader, answerer, document

from bot.answering.answers import Answer, NoAnswer, Question
from bot.question.sections import Label, Section
from embeddings.reading.documents import Document

TOWN = """# By-laws of the town

## ARTICLE I Meetings

Section 1: The town meets in May.

Section 2: It meets at eight in the evening. Whoever is late stands.

Section 3: Nobody smokes.

## ARTICLE IV Animals

Section 2: No horse is left in a street.

### § 60-720. Goats

A goat pays ten dollars.
"""
CLUB = "# Rules of the club\n\n## 3.6 Dues\n\nDues are paid monthly.\n\n## 3.60 Keys\n\nA key costs five dollars.\n"


def quotes(question: str, *documents: Document) -> list[str]:
    answer = answerer(documents, 0.5, FakeReader()).ask(Question(question))
    return [each.citation.quote for each in answer.statements] if isinstance(answer, Answer) else []


@pytest.mark.parametrize(
    ("question", "number", "within"),
    [
        ("what does section 3.6 of the hive13 bylaws say", ("section", "3.6"), "the hive13 bylaws"),
        ("whats in article XII of the rpi senate bylaws", ("article", "12"), "the rpi senate bylaws"),
        ("what does 60-720 in the belmont bylaws say", ("", "60-720"), "the belmont bylaws"),
        ("hey, read me § 60-720 please", ("section", "60-720"), ""),
        ("What does Art. 6(1)(f) say?", ("article", "6"), ""),
        ("what is the 14th amendment", ("amendment", "14"), ""),
        ("what is part c about", ("part", "c"), ""),
        ("what does section 8 housing cost", None, ""),
        ("who wrote chapter 3", None, ""),
        ("what do the bylaws say", None, ""),
        ("what is a 2-3 zone defence", None, ""),
    ],
)
def test_which_part_is_asked_for(question: str, number: tuple[str, str] | None, within: str):
    section = Section.of(question)

    assert (section and section.label) == number
    assert (section.within if section else "") == within


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("3.6 Dues", ("", "3.6")),
        ("Article iv – Pumps", ("article", "4")),
        ("§ 60-720. Goats", ("", "60-720")),
        ("By-law 6: Search", ("bylaw", "6")),
        ("(b) Upon", ("", "b")),
        ("Civil matters", None),
        ("Parts of pumps", None),
        ("In 3 days", None),
    ],
)
def test_how_a_heading_is_numbered(heading: str, label: tuple[str, str] | None):
    assert Label.at(heading) == label


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("what does section 3.6 of the club's rules say?", "Dues are paid monthly."),
        ("what is 3.60 about", "A key costs five dollars."),
        ("what's in § 60-720", "A goat pays ten dollars."),
        (
            "what does section 2 of article I say",
            "Section 2: It meets at eight in the evening. Whoever is late stands.",
        ),
        ("what does section 2 of article 4 of the town by-laws say", "Section 2: No horse is left in a street."),
        ("Section 3", "Section 3: Nobody smokes."),
    ],
)
def test_a_part_is_quoted_by_its_number(question: str, quoted: str):
    assert quotes(question, document("town", TOWN), document("club", CLUB)) == [quoted]


def test_an_article_is_quoted_from_its_beginning():
    assert quotes("what is article 1 about", document("town", TOWN))[0].startswith("Section 1: The town meets in May.")


def test_a_part_that_the_document_named_has_not_is_not_quoted_from_another():
    both = document("town", TOWN), document("club", CLUB)

    for question in ("what does section 3.6 of the town by-laws say", "what does section 9 say"):
        assert isinstance(answerer(both, 0.01, FakeReader()).ask(Question(question)), NoAnswer)


@pytest.mark.parametrize("question", ["what does article II say", "what's in appendix C", "what is appendix D about"])
def test_a_number_without_a_word_is_not_an_article_s_and_a_label_alone_says_nothing(question: str):
    report = "# Report\n\n## II. Results\n\nThere are some.\n\n## C. Acronyms\n\nThere are ten.\n\nAppendix D\n\nMore."

    assert quotes(question, document("report", report)) == []


def test_a_document_is_named_by_its_file_too():
    first, second = (document(f"{name}-rules", CLUB.replace("Dues", name)) for name in ("hive13", "foulab"))

    assert quotes("what does section 3.6 of the foulab rules say", first, second) == ["foulab are paid monthly."]


def test_a_whole_document_may_bear_the_number():
    bylaw = Document("six", "Bylaw 6: Search", "There is a committee.")

    assert quotes("what is bylaw 6 about?", bylaw, document("town", TOWN)) == ["There is a committee."]


def test_a_number_that_many_parts_bear_is_none():
    text = "# Town\n\n" + "\n\n".join(f"## Chapter {at}\n\n### Section 1\n\nText {at}." for at in range(1, 6))

    assert quotes("what does section 1 of chapter 4 say", document("town", text)) == ["Text 4."]
    assert quotes("what does section 1 say", document("town", text)) == []


def test_what_speaks_of_a_part_answers_where_it_is_nowhere_itself():
    text = "# News\n\nTitle IX requires that schools treat women and men alike. Title VI requires other things."

    said = quotes("what does title IX require?", document("news", text))

    assert said in ([], ["Title IX requires that schools treat women and men alike."])
