"""Answers are exact quotations, whatever the documents; without one the answerer says so."""

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations

import pytest
from fakes import FakeEncoder, FakeReader, answerer, document, opened
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.answerer import NEAREST, PASSAGES, RANKED, Answerer
from bot.answering.answers import Answer, Citation, NoAnswer, Question, Searched, Statement
from bot.answering.disagreement import Position
from bot.answering.evidence import find_evidence
from bot.answering.extracts import StatementKind
from bot.answering.statements import same_fact
from bot.english.voices import Voice, VoiceKind
from bot.question.forms import QuestionForm
from bot.reader.reading import Reading
from embeddings.errors import BadRequest, CorpusError, QuotationError
from embeddings.reading.documents import Document
from embeddings.searching.retrieval import Filters
from embeddings.splitting.passages import Passage, Span
from embeddings.splitting.terms import terms, words

TEXT = "The harbour froze in 1900. Seven goats live in Oslo. Nobody counted them 👍🏽."
SOURCE = document("a", TEXT, "A title")
QUOTE = "Seven goats live in Oslo."
START = TEXT.index(QUOTE)
END = START + len(QUOTE)


def passage(start: int = 0, end: int = len(TEXT), key: str = "a") -> Passage:
    return Passage("0" * 16, key, "", TEXT[start:end], start, end, (Span(start, end),))


# --- citations -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [(START, END), (0, len(TEXT)), (0, 1), (len(TEXT) - 1, len(TEXT)), (TEXT.index("👍"), TEXT.index("👍") + 2)],
)
def test_a_citation_is_a_span_of_its_document(start: int, end: int):
    citation = Citation(1, SOURCE, passage(), start, end, TEXT[start:end])

    assert citation.quote == SOURCE.text[citation.start : citation.end]
    citation.check()


@pytest.mark.parametrize(
    ("start", "end", "quote"),
    [
        pytest.param(START + 1, END + 1, QUOTE, id="one to the right"),
        pytest.param(START - 1, END - 1, QUOTE, id="one to the left"),
        pytest.param(START, END + 1, QUOTE, id="one too long"),
        pytest.param(START, END - 1, QUOTE, id="one too short"),
        pytest.param(START, END, QUOTE.replace("Seven", "Eight"), id="another word"),
        pytest.param(START, END, QUOTE.lower(), id="another case"),
        pytest.param(START, END, QUOTE[:-1], id="without its full stop"),
        pytest.param(START, START, "", id="empty"),
        pytest.param(START, START, "S", id="empty span"),
        pytest.param(END, START, QUOTE, id="backwards"),
        pytest.param(END, START, "", id="backwards and empty"),
        pytest.param(START - len(TEXT), END - len(TEXT), QUOTE, id="counted from the end"),
        pytest.param(-len(TEXT), END, TEXT[:END], id="negative start"),
        pytest.param(START, END - len(TEXT), QUOTE, id="negative end"),
        pytest.param(START, len(TEXT) + 5, TEXT[START:], id="beyond the end"),
        pytest.param(len(TEXT), len(TEXT) + 5, "", id="after the end"),
        pytest.param(len(TEXT), len(TEXT) + 5, "Seven", id="invented, after the end"),
    ],
)
def test_no_citation_can_be_made_of_a_span_that_is_not_the_quotation(start: int, end: int, quote: str):
    with pytest.raises(QuotationError) as raised:
        Citation(1, SOURCE, passage(), start, end, quote)
    assert str(raised.value) == (
        f"Characters {start} to {end} of a are not the quotation that was to be shown. Nothing was sent; please report "
        "this."
    )


def test_no_citation_can_be_made_of_another_document_s_passage():
    with pytest.raises(QuotationError):
        Citation(1, SOURCE, passage(key="b"), START, END, QUOTE)
    with pytest.raises(QuotationError):
        Citation(1, document("a", TEXT.replace("Seven", "Eight")), passage(), START, END, QUOTE)


@pytest.mark.parametrize(("start", "end"), [(0, START), (START + 1, len(TEXT)), (END, len(TEXT)), (-5, len(TEXT))])
def test_no_citation_can_be_made_of_a_passage_in_which_it_does_not_begin(start: int, end: int):
    with pytest.raises(QuotationError):
        Citation(1, SOURCE, passage(start, end), START, END, QUOTE)


def test_no_citation_ends_beyond_its_document_though_its_passage_claims_to():
    with pytest.raises(QuotationError):
        Citation(1, SOURCE, passage(0, len(TEXT) + 5), START, len(TEXT) + 5, TEXT[START:])


def test_a_citation_cannot_be_altered_and_would_notice():
    citation = Citation(1, SOURCE, passage(), START, END, QUOTE)

    with pytest.raises(dataclasses.FrozenInstanceError):
        citation.quote = "Eight goats live in Oslo."  # type: ignore[misc]
    with pytest.raises(QuotationError):
        dataclasses.replace(citation, quote="Eight goats live in Oslo.")
    object.__setattr__(citation, "quote", "Eight goats live in Oslo.")  # as a bug or an attack would
    with pytest.raises(QuotationError, match="Nothing was sent"):
        citation.check()


# --- answers ---------------------------------------------------------------------------------------


def test_an_answer_in_full():
    asked = Question("How many goats live in Oslo?")
    answer = answerer([SOURCE, document("b", "The lake froze."), document("c", "It thawed.")], threshold=0.4).ask(asked)

    assert isinstance(answer, Answer)
    assert answer.status == "answered" and answer.question is asked and answer.disagreements == ()
    (statement,) = answer.statements
    assert answer.citations == (statement.citation,)
    citation = statement.citation
    assert (citation.number, citation.start, citation.end, citation.quote) == (1, START, END, QUOTE)
    assert citation.document is not None and citation.document.id == citation.passage.document_id == "a"
    assert statement.voice == Voice(VoiceKind.DOCUMENT)
    assert statement.highlight == (0, 5) and QUOTE[0:5] == "Seven"
    assert statement.confidence == answer.confidence >= 0.4
    assert answer.searched == Searched(("a",), ("b", "c"))
    assert answer.source.generation == "20260801T120000Z-abcdef"
    assert answer.source.built_at == datetime(2026, 8, 1, 12, tzinfo=UTC)


def test_no_answer_in_full():
    asked = Question("Who won the World Cup?")
    answer = answerer([SOURCE, document("b", "The lake froze."), document("c", "It thawed.")], threshold=0.4).ask(asked)

    assert isinstance(answer, NoAnswer)
    assert answer.status == "not_found" and answer.question is asked
    assert not hasattr(answer, "statements") and not hasattr(answer, "citations")
    assert answer.confidence == 0
    assert sorted(citation.document.id for citation in answer.nearest) == ["a", "b", "c"]
    assert [citation.number for citation in answer.nearest] == [1, 2, 3]
    assert answer.searched == Searched((), ("a", "b", "c"))


GERMAN = document("de", "Der Hafen ist im Winter wegen des Eises geschlossen.", language="de")
ENGLISH = document("en", "The harbour master is Jane Smith.")


def test_what_is_in_another_language_answers_nothing_and_is_named():
    asked = Question("Wann ist der Hafen im Winter geschlossen?")

    answer = answerer([GERMAN, ENGLISH]).ask(asked)

    assert isinstance(answer, NoAnswer) and isinstance(answerer([GERMAN, ENGLISH]).compare(asked), NoAnswer)
    assert answer.leads[0].document.id == "de"
    assert answer.reasons[0] == "It is not in English, the only language that answers are judged in."


def test_a_question_in_english_is_answered_from_what_is_in_english():
    others = [replace(GERMAN, id=f"de{number}", text=f"Jane Smith: {GERMAN.text}") for number in range(9)]

    answer = answerer([ENGLISH, *others]).ask(Question("Who is the harbour master Jane Smith?"))

    assert isinstance(answer, Answer)
    assert {citation.document.id for citation in answer.citations} == {"en"}


def test_a_reader_of_the_operator_may_know_other_languages():
    encoder = FakeEncoder()
    any_language = Answerer(opened([GERMAN], encoder), encoder, 0.0, any_language=True)

    assert isinstance(any_language.ask(Question("Wann ist der Hafen im Winter geschlossen?")), Answer)


def test_the_nearest_passages_are_in_the_order_of_their_best_sentences():
    """Long passages end with sentences that are far off, which must not count against them."""
    far = " ".join(f"Nothing {word} here." for word in "whale zebra otter horse tiger koala".split())
    documents = [
        document("a", f"Seven goats live in Oslo. {far}"),
        document("b", "Goats live there."),
        document("c", "Goats eat."),
        document("d", "Oslo froze."),
    ]
    never = answerer(documents, threshold=1.0)
    asked = "How many goats live in Oslo?"
    evidence = find_evidence(QuestionForm.of(asked), never.retriever.search(asked, PASSAGES), never.index)
    expected = list(dict.fromkeys(found.passage.document_id for found in evidence))[:NEAREST]

    answer = never.ask(Question(asked))

    assert isinstance(answer, NoAnswer)
    assert answer.nearest[0].quote == "Seven goats live in Oslo."
    assert [citation.document.id for citation in answer.nearest] == expected
    assert len(answer.nearest) == NEAREST == 3


def test_documents_that_count_differently_are_disputed():
    documents = [
        document("a", "On Friday 2,000 troops were sent to Oslo.", published="2025-06-07"),
        document("b", "By Monday 4,000 troops were sent to Oslo."),
        document("c", "Thousands of troops were sent to the town of Oslo on ships."),
    ]

    answer = answerer(documents).ask(Question("How many troops were sent to Oslo?"))

    assert isinstance(answer, Answer)
    assert answer.status == "disputed"
    number = {statement.citation.document.id: statement.citation.number for statement in answer.statements}
    assert sorted(number) == ["a", "b", "c"]
    (disagreement,) = answer.disagreements
    assert disagreement.about == "how many troops were sent to Oslo"
    assert {position.value: position.citations for position in disagreement.positions} == {
        "2,000": (number["a"],),
        "4,000": (number["b"],),
    }


WORG = "It has 26 hit points."


@pytest.mark.parametrize(
    ("text", "title", "disputed"),
    [
        (f"# Beasts\n\n## Worg\n\nLoud.\n\n{WORG}", "", False),
        (f"# Beasts\n\n## Worg\n\n{WORG} It speaks Goblin.", "", False),
        (f"# Beasts\n\n## Worg\n\n{WORG.replace('It', 'A goblin')}", "", True),
        (f"# Beasts\n\n## Worg\n\nIt is no goblin. It is loud. {WORG}", "", True),
        (f"# Beasts\n\n## Goblin, again\n\n{WORG}", "", True),
        ("# Beasts\n\n## Worg\n\nIt barks, runs, and has 26 hit points.", "", True),
        (WORG, "Worg", False),
        (WORG, "Goblin", True),
    ],
)
def test_a_value_under_another_name_is_of_something_else(text: str, title: str, disputed: bool):
    goblin = document("small", "# Monsters\n\n## Goblin\n\nSmall.\n\nIt has 7 hit points.")
    asked = answerer([goblin, document("worg", text, title)], 0.1, FakeReader())

    answer = asked.ask(Question("How many hit points has a goblin?"))

    assert isinstance(answer, Answer)
    assert answer.status == ("disputed" if disputed else "answered")
    assert [said.citation.document.id for said in answer.statements if not disputed] == ["small"] * (not disputed)


@pytest.mark.parametrize(
    ("question", "first"),
    [("How many hit points has a goblin?", "7"), ("How many hit points has a goblin boss?", "21")],
)
def test_a_value_under_the_very_name_comes_before_one_under_a_longer_one(question: str, first: str):
    text = "# Monsters\n\n## Goblin boss\n\nGoblin hit points: 21\n\n## Goblin\n\nGoblin hit points: 7\n"
    answer = answerer([document("monsters", text)], 0.1, FakeReader()).ask(Question(question))

    assert isinstance(answer, Answer)
    assert answer.statements[0].citation.quote.endswith(first)


@pytest.mark.parametrize(("heading", "shown"), [("Young red dragon", False), ("Dragons", False), ("News", True)])
def test_a_part_of_a_name_will_do_unless_it_is_in_the_name_of_another(heading: str, shown: bool):
    one = document("one", "# Monsters\n\n## Adult red dragon\n\nBig.\n\nIt has 7 hit points.")
    other = document("other", f"# All\n\n## {heading}\n\nThe red one is loud. It is old. {WORG}")

    answer = answerer([one, other], 0.1, FakeReader()).ask(Question("How many hit points has an adult red dragon?"))

    assert isinstance(answer, Answer)
    assert (len(answer.citations) > 1) is shown


def test_the_same_count_in_other_words_is_one_position():
    documents = [
        document("a", "2,000 troops were sent to Oslo."),
        document("b", "Four thousand troops were sent to Oslo."),
        document("c", "4,000 troops, it was announced by the ministry on a cold Monday, were sent to Oslo."),
    ]

    answer = answerer(documents).ask(Question("How many troops were sent to Oslo?"))

    assert isinstance(answer, Answer)
    assert [citation.document.id for citation in answer.citations] == ["a", "b", "c"]
    assert answer.disagreements[0].positions == (Position("2,000", (1,)), Position("Four thousand", (2, 3)))


def test_a_bound_does_not_contradict_a_figure():
    documents = [
        document("a", "Over 2,000 troops were sent to Oslo."),
        document("b", "4,000 troops were sent to Oslo."),
    ]

    answer = answerer(documents).ask(Question("How many troops were sent to Oslo?"))

    assert isinstance(answer, Answer)
    assert sorted(said.citation.quote[slice(*said.highlight or (0, 0))] for said in answer.statements) == [
        "2,000",
        "4,000",
    ]
    assert answer.status == "answered"


# --- copies ----------------------------------------------------------------------------------------

REST = (
    "The ministry did not say why. Ferries stopped at noon and trains an hour later, the port office wrote, and most "
    "shops on the quay kept their doors shut. A school near the fortress sent its pupils home. In the evening the "
    "square before the town hall was empty, and only the snow ploughs went up and down the hill until the morning, "
    "when the first boats left the harbour again. Fishermen sold cod from the pier as on any other day of the week. "
    "Nobody was hurt, the hospital announced, and by the weekend the matter was forgotten in the suburbs."
)
TROOPS = Question("How many troops were sent to Oslo?")


def wire(key: str, figure: str, published: str, before: str = "") -> Document:
    return document(key, f"{before}On Friday {figure} troops were sent to Oslo. {REST}", f"Title {key}", published)


def test_copies_answer_as_one_account_through_the_one_that_stands_for_them():
    documents = [
        wire("a", "4,000", "2025-06-09", "Oslo, Norway. "),
        wire("b", "4,000", "2025-06-08"),
        wire("c", "4,000", "2025-06-10", "By our desk. "),
        document("d", "The lake froze."),
        document("e", "The lake thawed."),
        document("f", "The lake thawed!"),
    ]

    answer = answerer(documents).ask(TROOPS)

    assert isinstance(answer, Answer)
    assert answer.status == "answered" and answer.repeated == {}
    assert [(citation.document.id, citation.original) for citation in answer.citations] == [("b", None)]
    searched = answer.searched
    assert (searched.addressing, searched.repeating, searched.silent) == (("b",), ("a", "c"), ("d", "e", "f"))
    assert searched.copies == {"a": "b", "c": "b", "f": "e"}
    assert (searched.documents, searched.accounts) == (6, 3)
    assert searched.summary == "1 of 6 sources answers (3 are copies)"


def test_a_changed_figure_stays_in_sight_and_is_of_the_same_account():
    documents = [wire("a", "2,000", "2025-06-07"), wire("b", "4,000", "2025-06-09"), document("c", "The lake froze.")]

    answer = answerer(documents).ask(TROOPS)

    assert isinstance(answer, Answer)
    assert answer.status == "disputed"
    assert sorted(position.value for position in answer.disagreements[0].positions) == ["2,000", "4,000"]
    first, second = answer.citations[:2]
    assert {first.document.id, second.document.id} == {"a", "b"}
    assert first.account == second.account == "a"
    assert answer.repeated == {2: 1}
    assert answer.searched.summary == "1 of 3 sources answers (1 is a copy)"


def test_copies_that_give_one_value_stand_in_one_position_as_one_account():
    """The second version counts the same in other words, so both are quoted."""
    documents = [
        wire("a", "4,000", "2025-06-07"),
        document(
            "b",
            f"Four thousand troops, it was announced by the ministry on a cold day, were sent to Oslo. {REST}",
            "Title b",
            "2025-06-09",
        ),
        document("c", "2,000 troops were sent to Oslo."),
    ]

    answer = answerer(documents).ask(TROOPS)

    assert isinstance(answer, Answer)
    number = {citation.document.id: citation.number for citation in answer.citations}
    positions = {frozenset(position.citations) for position in answer.disagreements[0].positions}
    assert positions == {frozenset({number["a"], number["b"]}), frozenset({number["c"]})}
    assert answer.repeated == {max(number["a"], number["b"]): min(number["a"], number["b"])}
    assert [citation.original for citation in answer.citations if citation.document.id == "b"] == [
        answer.citations[number["a"] - 1].document
    ]


def test_many_copies_do_not_crowd_another_account_out():
    copies = [wire(f"copy{n:02}", "4,000", f"2025-06-{10 + n}", f"Desk {n} in the city. ") for n in range(15)]
    other = document("other", "In the end 2,000 troops, as a witness wrote to the bishop in May, came to Oslo by rail.")
    ranked = answerer([*copies, other]).retriever.search(TROOPS.text, RANKED).hits
    assert [hit.passage.document_id for hit in ranked].index("other") >= PASSAGES

    answer = answerer([*copies, other]).ask(TROOPS)

    assert isinstance(answer, Answer)
    assert [position.value for position in answer.disagreements[0].positions] == ["4,000", "2,000"]
    assert answer.searched.addressing == ("copy00", "other")
    assert answer.searched.summary == "2 of 16 sources answer (14 are copies)"


def test_a_copy_that_is_asked_alone_is_an_account_of_its_own_question():
    documents = [wire("a", "4,000", "2025-06-07"), wire("b", "4,000", "2025-06-09", "By our desk. ")]

    answer = answerer(documents).ask(Question(TROOPS.text, Filters(documents=("b",))))

    assert answer.searched.addressing == ("b",)
    assert answer.searched.summary == "1 of 1 source answers"


def test_the_nearest_passages_show_an_account_once():
    documents = [wire("a", "4,000", "2025-06-07"), wire("b", "4,000", "2025-06-09", "By our desk. ")]

    answer = answerer([*documents, document("c", "The lake froze.")], threshold=1.0).ask(Question(f"Is {REST[:28]}"))

    assert isinstance(answer, NoAnswer)
    quotes = [citation.quote for citation in answer.nearest]
    assert len(quotes) == len(set(quotes))
    assert "b" not in [citation.document.id for citation in answer.nearest if not citation.quote.startswith("By")]
    assert answer.searched.summary == "None of 3 sources answers (1 is a copy)"


@pytest.mark.parametrize(
    ("searched", "summary"),
    [
        (Searched((), ()), "No source was searched"),
        (Searched(("a",), ()), "1 of 1 source answers"),
        (Searched((), ("a",)), "None of 1 source answers"),
        (Searched(("a", "b"), ("c",)), "2 of 3 sources answer"),
        (Searched(("a",), tuple(map(str, range(1200)))), "1 of 1,201 sources answers"),
        (Searched(("a", "b"), (), {"b": "a"}), "1 of 2 sources answers (1 is a copy)"),
        (Searched(("a",), ("c",), {"b": "a"}, ("b",)), "1 of 3 sources answers (1 is a copy)"),
        (Searched((), ("b", "c"), {"b": "a", "c": "a"}), "None of 2 sources answers (1 is a copy)"),
        (Searched(("a",), (), undated=2), "1 of 1 source answers, 2 without a date left out"),
    ],
)
def test_the_counts_in_words(searched: Searched, summary: str):
    assert searched.summary == summary


def test_a_citation_knows_its_page():
    paged = document("a", TEXT, pages=(0, 27, 54))

    pages = [Citation(1, paged, passage(), start, start + 3, TEXT[start : start + 3]).page for start in (0, 26, 27, 60)]
    assert pages == [1, 1, 2, 3]
    assert Citation(1, SOURCE, passage(), START, END, QUOTE).page is None


def test_a_question_that_asks_for_no_number_is_not_disputed():
    documents = [document("a", "2,000 troops were sent to Oslo."), document("b", "4,000 troops were sent to Oslo.")]

    answer = answerer(documents).ask(Question("Were troops sent to Oslo?"))

    assert answer.status == "answered"


def test_filters_choose_the_documents_and_who_is_silent():
    documents = [
        document("a", "Seven goats live in Oslo.", published="2025-06-07"),
        document("b", "Nine goats live in Oslo.", published="2025-06-09"),
        document("c", "Ten goats live in Oslo."),
    ]
    always = answerer(documents)

    def sources(filters: Filters) -> tuple[tuple[str, ...], Searched]:
        answer = always.ask(Question("How many goats live in Oslo?", filters))
        assert isinstance(answer, Answer)
        return tuple(sorted(citation.document.id for citation in answer.citations)), answer.searched

    assert sources(Filters())[0] == ("a", "b", "c")
    assert sources(Filters(documents=("b",))) == (("b",), Searched(("b",), ()))
    assert sources(Filters(after=date(2025, 6, 8))) == (("b",), Searched(("b",), (), undated=1))
    assert sources(Filters(before=date(2025, 6, 7))) == (("a",), Searched(("a",), (), undated=1))
    assert sources(Filters(("b",), before=date(2025, 6, 9))) == (("b",), Searched(("b",), ()))


@pytest.mark.parametrize("threshold", [0.0, 0.4, 1.0])
def test_filters_that_leave_no_document_leave_no_answer(threshold: float):
    asked = Question("How many goats live in Oslo?", Filters(after=date(2030, 1, 1)))

    answer = answerer([SOURCE], threshold).ask(asked)

    assert isinstance(answer, NoAnswer)
    assert (answer.confidence, answer.nearest, answer.searched) == (0.0, (), Searched((), (), undated=1))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (Question(""), "empty"),
        (Question(" \n\t\u00a0 "), "empty"),
        (Question("x" * 2001), "longer than 2000 characters"),
        (Question("\ud800"), "surrogate"),
        (Question("Who?", Filters(documents=("z",))), "no document 'z'"),
        *((Question(text), "names nothing") for text in ("?", "…", "👍🏽", "\u200b", "the of and", "💥" * 2000)),
        (Question("pls, who r u?"), "names nothing"),
    ],
)
def test_a_question_that_cannot_be_asked(question: Question, reason: str):
    with pytest.raises(BadRequest, match=reason):
        answerer([SOURCE]).ask(question)


@pytest.mark.parametrize("text", ["x" * 2000, "你好吗", "\x1b[31m", "👍🏽 ok", "What is ICE?"])
def test_a_question_of_anything_is_answered_or_not(text: str):
    answer = answerer([SOURCE], threshold=0.9).ask(Question(text))

    assert isinstance(answer, NoAnswer)
    assert 0 <= answer.confidence < 0.9


# --- whatever the documents ------------------------------------------------------------------------

WORDS = (
    "goats Goats whales troops people 2,000 4,000 seven thousand million Oslo Paris Ann Lee said sent live came "
    "The the in of to and naïve nai\u0308ve “quoted” \"so\" Dr. U.S. 你好。 👍🏽 👩‍👩‍👧‍👦 it’s \u200b \x1b[31m "
    "[bold] ** ^"
).split()  # fmt: skip
sentences = st.builds(
    lambda found, mark: " ".join(found) + mark,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9),
    st.sampled_from([". ", "! ", "? ", ".\n\n", ".\r\n", "\n# ", " "]),
)
SAME = [
    "The ministry said that 2,000 troops were sent to Oslo. ",
    "The ministry said that 4,000 troops were sent to Oslo. ",
]
texts = st.lists(sentences | st.sampled_from(SAME), min_size=1, max_size=25).map("".join)
corpora = st.lists(texts, min_size=1, max_size=6).map(
    lambda found: [document(f"d{number}", text, text[:9].strip()) for number, text in enumerate(found)]
)
questions = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join) | st.sampled_from(
    ["How many troops were sent to Oslo?", "How many people came?", "Who sent goats to Paris?"]
)


class Small(FakeEncoder):
    """A model that reads 80 words, so that texts have several passages."""

    max_tokens = 80


def found_in(statement: Statement) -> str:
    """The sentence that answers, without those before it that it refers to."""
    return statement.citation.quote[statement.lead :]


def check_citation(citation: Citation, documents: dict[str, Document]) -> None:
    text = documents[citation.document.id].text
    assert citation.quote == text[citation.start : citation.end] != ""
    assert citation.quote == citation.quote.strip()
    assert citation.passage.text == text[citation.passage.start : citation.passage.end]
    assert citation.passage.start <= citation.start < citation.end


@settings(deadline=None, database=None, derandomize=True, max_examples=60)
@given(corpora, questions, st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0]))
def test_every_answer_to_every_question_keeps_its_promises(corpus: list[Document], question: str, threshold: float):
    encoder = Small()
    try:
        asked = Answerer(opened(corpus, encoder), encoder, threshold)
    except CorpusError:  # headings only
        return
    documents = {one.id: one for one in corpus}

    try:
        answer = asked.ask(Question(question))
    except BadRequest as error:  # words that carry no meaning only
        assert "names nothing" in str(error)
        return

    searched, account_of = answer.searched, asked.index.account_of
    assert sorted(searched.addressing + searched.silent + searched.repeating) == sorted(documents)
    assert searched.accounts == len(set(map(account_of, documents)))
    answering = set(map(account_of, searched.addressing))
    assert answering.isdisjoint(map(account_of, searched.silent)) and answering >= set(
        map(account_of, searched.repeating)
    )
    if isinstance(answer, NoAnswer):
        assert answer.status == "not_found" and answer.confidence < threshold
        assert answer.searched.addressing == ()
        assert [citation.number for citation in answer.nearest] == list(range(1, len(answer.nearest) + 1))
        assert 1 <= len(answer.nearest) <= 3
        assert len({citation.passage.id for citation in answer.nearest}) == len(answer.nearest)
        for citation in answer.nearest:
            check_citation(citation, documents)
        return
    assert answer.confidence >= threshold
    shown = [statement.citation for statement in answer.statements]
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert 1 <= len(shown) <= 4 and answer.citations[: len(shown)] == tuple(shown)
    assert answer.searched.addressing == tuple(dict.fromkeys(citation.document.id for citation in answer.citations))
    for statement in answer.statements:
        check_citation(statement.citation, documents)
        within = statement.citation.end <= statement.citation.passage.end
        assert within or statement.kind is not StatementKind.SENTENCE
        accounts = [citation.account for citation in (statement.citation, *statement.also)]
        assert len(accounts) == len(set(accounts)), "nobody agrees with himself"
        for citation in statement.also:
            check_citation(citation, documents)
        assert statement.confidence >= threshold
        if statement.highlight:
            start, end = statement.highlight
            assert 0 <= start < end <= len(statement.citation.quote)
    for one, other in combinations(answer.statements, 2):
        assert (one.citation.document.id, one.citation.end) != (other.citation.document.id, other.citation.end)
    sentences = [said for said in answer.statements if said.kind is StatementKind.SENTENCE]
    for one, other in combinations(sentences, 2):
        assert one.voice != other.voice or not same_fact(found_in(one), found_in(other))
    k = RANKED if asked.index.copies else PASSAGES
    ranking = asked.retriever.search(question, k)
    ranked = find_evidence(QuestionForm.of(ranking.query), ranking, asked.index)
    order = [(account_of(found.passage.document_id), words(found.sentence)) for found in ranked]
    places = [order.index((said.citation.account, words(found_in(said)))) for said in sentences]
    assert places == sorted(places) and (places[:1] == [0] or len(sentences) < len(answer.statements)), "best first"
    assert (answer.status == "disputed") == bool(answer.disagreements)
    assert answer.status in ("answered", "disputed")
    for disagreement in answer.disagreements:
        numbers = [number for position in disagreement.positions for number in position.citations]
        assert len(disagreement.positions) >= 2 and len(numbers) == len(set(numbers))
        for position in disagreement.positions:
            assert position.value in answer.citations[position.citations[0] - 1].quote


# --- with a reader ---------------------------------------------------------------------------------


def test_a_reader_moves_what_answers_to_the_front_and_marks_the_value():
    documents = [
        document("a", "The ship came to Oslo at dawn. It left the same day, in 1905."),
        document("b", "The ship came to Oslo again and again."),
    ]
    asked = Question("Which year did the ship come to Oslo?")

    without = answerer(documents).ask(asked)
    answer = answerer(documents, reader=FakeReader()).ask(asked)

    assert isinstance(without, Answer) and isinstance(answer, Answer)
    marked = [said for said in answer.statements if said.highlight]
    assert [said.citation.quote[slice(*said.highlight)] for said in marked if said.highlight] == ["1905"]
    assert all(said.citation.quote.endswith("1905.") for said in without.statements if said.highlight)
    assert {said.citation.quote for said in answer.statements} <= {
        "The ship came to Oslo at dawn.",
        "The ship came to Oslo at dawn. It left the same day, in 1905.",
        "The ship came to Oslo again and again.",
    }


def test_the_reader_decides_how_sure_an_answer_is():
    documents = [document("a", "The ship came to Oslo in 1905."), document("b", "Goats came.")]
    asked = Question("When did the ship come to Oslo?")

    class Sure(FakeReader):
        def __init__(self, logit: float) -> None:
            super().__init__()
            self.logit = logit

        def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
            return [replace(reading, answer=self.logit) for reading in super().read(question, passages)]

    surer = [answerer(documents, reader=Sure(logit)).ask(asked).confidence for logit in (-30.0, -2.0, 0.0, 2.0, 30.0)]

    assert surer == sorted(surer) and len(set(surer)) == len(surer)
    assert answerer(documents, 0.4, Sure(-30.0)).ask(asked).status == "not_found"


def test_documents_disagree_on_counts_and_on_dates():
    documents = [
        document("a", "The port was opened in 1905. Seven goats came."),
        document("b", "The port was opened in 1906. Nine goats came."),
    ]

    answer = answerer(documents).ask(Question("How many goats came?"))
    other = answerer(documents, reader=FakeReader()).ask(Question("When was the port opened?"))

    assert isinstance(answer, Answer) and isinstance(other, Answer)
    assert {position.value for position in answer.disagreements[0].positions} == {"Seven", "Nine"}
    assert {said.citation.quote[slice(*said.highlight)] for said in other.statements if said.highlight} == {
        "1905",
        "1906",
    }
    assert {position.value for position in other.disagreements[0].positions} == {"1905", "1906"}


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=4), st.text(min_size=1, max_size=40))
def test_with_a_reader_too_every_quotation_is_exact(texts: list[str], question: str):
    documents = [document(str(number), f"{text} 12 goats.") for number, text in enumerate(texts)]
    answer = answerer(documents, reader=FakeReader()).ask(Question(f"goats {terms(question)}"))

    assert isinstance(answer, Answer)
    for said in answer.statements:
        citation = said.citation
        assert citation.quote == citation.document.text[citation.start : citation.end]
        assert said.highlight is None or citation.quote[slice(*said.highlight)]


NEWS = (
    "The raids began on Friday. Ann Lee said that the raids were wrong. Cy Holm said that he was glad. “They lie,” Ann "
    "Lee said. Bo Falk wrote that it was late. The mayor said that he had seen nothing."
)
MANUAL = (
    "The Pump answers the raids of the valve with a beep. Ann Lee owns a Pump. Close the valve. Open the tap. Wait a "
    "day."
)


@pytest.mark.parametrize(("text", "wanted"), [(NEWS, True), (MANUAL, False)])
def test_a_reaction_is_somebodys_words_only_where_documents_report_what_people_say(text: str, wanted: bool):
    asked = answerer([document("a", text)])._read(Question("How did Ann Lee respond to the raids?"))

    assert (asked.form.words is not None) is wanted


ESSAY = "# Goats\n\nAnn Lee, University of Oslo\n\nSeven goats live in Oslo. The harbour froze. Cy Holm owns two goats."
OTHER = "# Sheep\n\nBo Falk\n\nSeven goats and a sheep live in Bergen. The harbour did not freeze."


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("What does Ann Lee say about goats?", ["a"]),
        ("How many goats are there, according to Lee?", ["a"]),
        ("What does Bo Falk say about goats?", ["b"]),
    ],
)
def test_what_somebody_wrote_is_in_whose_words_it_is(question: str, documents: list[str]):
    written = [document("a", ESSAY, "Goats"), document("b", OTHER, "Sheep")]
    answer = answerer(written).ask(Question(question))

    assert isinstance(answer, Answer)
    assert sorted({said.citation.document.id for said in answer.statements}) == documents
    assert answer.statements[0].voice.kind is VoiceKind.DOCUMENT


@pytest.mark.parametrize(
    "text",
    [ESSAY.replace("Ann Lee, ", ""), ESSAY.replace("Oslo\n", "Oslo.\n"), NEWS.replace("The", "Cy Holm\n\nThe", 1)],
)
def test_who_is_named_elsewhere_did_not_write_it(text: str):
    asked = answerer([document("a", text, "Ann Lee")])._read(Question("What does Cy Holm say, according to Ann Lee?"))

    assert asked.form.words
