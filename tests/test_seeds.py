"""The documents that ship: what the notes are, and that the questions Footnote is judged by are answered from them."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.english.voices import Voice, VoiceKind
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.reading.documents import Corpus, read_documents
from embeddings.storing.generations import open_current

SEEDS = Path(__file__).parents[1] / "seeds"
ARTICLES = Path(__file__).parents[2] / "shared" / "seeds"
"""The publishers' articles, which are not ours to redistribute."""
NAMES = [
    "000_33ae47a5af713751",
    "001_80ccb8816e0bc047",
    "002_909c6087f5a20260",
    "003_ae651c9d80887fd3",
    "004_d1ecd00e6bcb41ef",
]
LONGEST_RUN = 7
"""Most consecutive words of an article that its note may share outside quotation marks."""

ANSWERED = [
    ("How many National Guard troops were sent to Los Angeles?", "004", ["2,000"], "2,000"),
    ("How many people took part in the protests, according to the ACLU?", "003", ["5 million"], "5 million"),
    ("What did Gavin Newsom call the deployment?", "004", ["deliberate incitement"], None),
    ("How many arrests a day does Stephen Miller want?", "003", ["3,000"], "3,000"),
    ("What did Karen Bass say about the curfew?", "002", ["Karen Bass", "curfew", "a couple more days"], None),
]
NOT_FOUND = ["Who won the 2026 World Cup?", "How many Marines were sent to Chicago?", "What is the capital of France?"]
SPEAKERS = {
    "How many National Guard troops were sent to Los Angeles?": Voice(VoiceKind.DOCUMENT),
    "How many people took part in the protests, according to the ACLU?": Voice(VoiceKind.SPEAKER, "ACLU"),
    "What did Gavin Newsom call the deployment?": Voice(VoiceKind.SPEAKER, "Governor Gavin Newsom"),
    "How many arrests a day does Stephen Miller want?": Voice(VoiceKind.SPEAKER, "Stephen Miller"),
    "What did Karen Bass say about the curfew?": Voice(VoiceKind.SPEAKER, "Mayor Karen Bass"),
}


def answerer_over(corpus: Path, root: Path, encoder: SentenceEncoder, reads: bool) -> Answerer:
    build(corpus, root, encoder)
    reader = TrainedReader() if reads else None
    return Answerer(open_current(root, encoder.sha256), encoder, float(DEFAULT_THRESHOLD), reader)


@pytest.fixture(scope="session")
def notes() -> Corpus:
    """The notes as they are read."""
    return read_documents(SEEDS)


@pytest.fixture(scope="session", params=[False, True], ids=["search", "reader"])
def over_notes(
    encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Answerer:
    """An answerer over the notes, at the default threshold, without the reader and with it."""
    return answerer_over(SEEDS, tmp_path_factory.mktemp("seeds") / "index", encoder, request.param)


@pytest.fixture(scope="session", params=[False, True], ids=["search", "reader"])
def over_articles(
    encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Answerer:
    """An answerer over the articles themselves."""
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not here")
    return answerer_over(ARTICLES, tmp_path_factory.mktemp("articles") / "index", encoder, request.param)


def check_exact(answer: Answer | NoAnswer, corpus: Path) -> None:
    """Hold every quotation against the file it comes from."""
    files = {document.id: document.text for document in read_documents(corpus).documents}
    citations = answer.nearest if isinstance(answer, NoAnswer) else answer.citations
    assert citations
    for citation in citations:
        assert citation.quote == files[citation.document.id][citation.start : citation.end]


# --- the notes -------------------------------------------------------------------------------------


def test_the_notes_are_read_without_a_word_of_complaint(notes: Corpus):
    assert [document.id for document in notes.documents] == NAMES
    assert notes.notices == ()


def test_every_note_has_a_title_and_says_what_kind_of_account_it_is(notes: Corpus):
    for document in notes.documents:
        assert len(document.title) > 20 and document.title not in document.text
        assert re.fullmatch(r"An? .*\b(?:account|report)\b.*\.", document.about)
    assert len({document.title for document in notes.documents}) == len({one.about for one in notes.documents}) == 5


def test_only_the_note_whose_source_states_a_date_has_one(notes: Corpus):
    assert [document.published for document in notes.documents] == [date(2025, 6, 16), None, None, None, None]
    assert all(document.url is None for document in notes.documents)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_note_repeats_its_article_in_quotations_only(name: str):
    if not ARTICLES.is_dir():
        pytest.skip("the articles are not here")
    article = words((ARTICLES / f"{name}.txt").read_text(encoding="utf-8"))
    note = (SEEDS / f"{name}.md").read_text(encoding="utf-8")
    runs = {tuple(article[start : start + LONGEST_RUN + 1]) for start in range(len(article) - LONGEST_RUN)}
    assert len(runs) > 200

    repeated = [
        " ".join(found[start : start + LONGEST_RUN + 1])
        for unquoted in re.split(r"[\"“][^\"“”]*[\"”]", note)
        for found in [words(unquoted)]
        for start in range(len(found) - LONGEST_RUN)
        if tuple(found[start : start + LONGEST_RUN + 1]) in runs
    ]

    assert repeated == []


def words(text: str) -> list[str]:
    return re.findall(r"\w+(?:[.,’']\w+)*", text.lower().replace("'", "’"))


# --- the questions Footnote is judged by -----------------------------------------------------------


@pytest.mark.parametrize(("question", "source", "held", "marked"), ANSWERED)
def test_a_question_is_answered_from_the_right_note(
    question: str, source: str, held: list[str], marked: str | None, over_notes: Answerer
):
    answer = over_notes.ask(Question(question))

    assert isinstance(answer, Answer)
    check_exact(answer, SEEDS)
    best = answer.statements[0]
    assert best.citation.document.id[:3] == source
    assert all(text in best.citation.quote for text in held)
    if marked or not over_notes.reader:
        assert (best.highlight and best.citation.quote[slice(*best.highlight)]) == marked
    assert best.voice == SPEAKERS[question]


def test_reports_that_count_the_troops_differently_stand_side_by_side(over_notes: Answerer):
    answer = over_notes.ask(Question("How many National Guard troops were sent to Los Angeles?"))

    assert isinstance(answer, Answer)
    assert answer.status == "disputed"
    (disagreement,) = answer.disagreements
    assert disagreement.about == "how many National Guard troops were sent to Los Angeles"
    quoted = {
        position.value: {answer.citations[number - 1].document.id[:3] for number in position.citations}
        for position in disagreement.positions
    }
    assert quoted.keys() == {"2,000", "4,000"}
    assert quoted["2,000"] == {"004"}
    assert quoted["4,000"] and quoted["4,000"] <= {"001", "002"}


@pytest.mark.parametrize(
    "question", [question for question, *_ in ANSWERED[1:]] + ["How many protesters were arrested?"]
)
def test_what_only_one_note_says_is_not_disputed(question: str, over_notes: Answerer):
    assert over_notes.ask(Question(question)).status == "answered"


@pytest.mark.parametrize("question", NOT_FOUND)
def test_a_question_that_the_notes_do_not_answer(question: str, over_notes: Answerer):
    answer = over_notes.ask(Question(question))

    assert isinstance(answer, NoAnswer)
    check_exact(answer, SEEDS)
    assert len(answer.nearest) == 3
    assert answer.searched.silent == tuple(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize(("question", "source", "held", "marked"), ANSWERED)
def test_a_question_is_answered_from_the_right_article(
    question: str, source: str, held: list[str], marked: str | None, over_articles: Answerer
):
    answer = over_articles.ask(Question(question))

    assert isinstance(answer, Answer)
    check_exact(answer, ARTICLES)
    best = answer.statements[0]
    assert best.citation.document.id[:3] == source
    assert all(text in best.citation.quote for text in held)
    if marked or not over_articles.reader:
        assert (best.highlight and best.citation.quote[slice(*best.highlight)]) == marked


@pytest.mark.slow
@pytest.mark.parametrize("question", NOT_FOUND)
def test_a_question_that_the_articles_do_not_answer(question: str, over_articles: Answerer):
    answer = over_articles.ask(Question(question))

    assert isinstance(answer, NoAnswer)
    check_exact(answer, ARTICLES)
