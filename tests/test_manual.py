"""The manual in benchmarks/manual and the questions about it: the data, and how answers to them are scored."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.question.forms import Form
from bot.reader.trained import TrainedReader
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.reading.documents import Document, read_documents
from embeddings.searching.retrieval import MAX_QUERY

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import report_support
from evaluate import DOCS
from evaluation_page import recorded

MANUAL = Path(__file__).parents[1] / "benchmarks" / "manual"
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (MANUAL / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
KINDS = "value who yes-no definition how-to why possible which compare troubleshoot".split()


@pytest.fixture(scope="module")
def pages() -> dict[str, Document]:
    """The pages by file name."""
    found = read_documents(MANUAL / "pages")
    assert not found.notices
    return {f"{document.id}.md": document for document in found.documents}


def test_pages_are_as_long_as_those_of_a_manual(pages: dict[str, Document]):
    assert len(pages) >= 30
    assert {name for name, page in pages.items() if not 200 <= len(page.text.split()) <= 900} == set()


def test_every_question_has_its_labels(pages: dict[str, Document]):
    assert len(ROWS) >= 60 and len({row["id"] for row in ROWS}) == len(ROWS)
    assert Counter(row["answerable"] for row in ROWS)[False] >= 20
    assert {row["form"] for row in ROWS} == {form.value for form in Form}
    assert {row["kind"] for row in ROWS} == set(KINDS)
    for row in ROWS:
        assert len(row["question"]) <= MAX_QUERY, row["id"]
        assert {*row["documents"], *row["outdated"]} <= pages.keys(), row["id"]
        assert bool(row["answer"]) == bool(row["spans"]) == bool(row["documents"]) == row["answerable"], row["id"]
        assert not set(row["documents"]) & set(row["outdated"]), row["id"]


def test_spans_are_exact_and_occur_once(pages: dict[str, Document]):
    for row in ROWS:
        for span in row["spans"]:
            text = pages[span["document"]].text
            assert text[span["start"] : span["end"]] == span["text"], row["id"]
            assert text.count(span["text"]) == 1, row["id"]
            assert span["document"] in row["documents"], row["id"]


def test_the_recorded_figures_are_of_these_questions_and_pages():
    recorded_sha256 = recorded(DOCS)["manual"]["versions"]["questions and pages"]

    assert recorded_sha256 == f"SHA-256 `{report_support.manual_sha256()}`", "changed: make evaluate ONLY=manual"


KETTLE = "# Kettle\n\nTo clean the kettle:\n\n1. Fill it with vinegar.\n2. Boil it.\n3. Rinse it twice.\n"
OTHERS = {
    "toaster": "# Toaster\n\nThe toaster of 2019 has a cord of 80 cm.\n",
    "radio": "# Radio\n\nThe radio receives short wave at night.\n",
    "lamp": "# Lamp\n\nThe lamp takes a bulb of 40 watts.\n",
}
STEPS = "1. Fill it with vinegar.\n2. Boil it.\n3. Rinse it twice."


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A manual of four pages, and two questions about it."""
    (tmp_path / "pages").mkdir()
    for name, text in {"kettle": KETTLE, **OTHERS}.items():
        (tmp_path / "pages" / f"{name}.md").write_text(text, encoding="utf-8")
    start = KETTLE.index(STEPS)
    span = {"document": "kettle.md", "start": start, "end": start + len(STEPS), "text": STEPS}
    cleaning = {"answerable": True, "documents": ["kettle.md"], "spans": [span], "answer": "Boil vinegar, rinse twice."}
    nowhere = {"answerable": False, "documents": [], "spans": [], "answer": ""}
    rows = [
        cleaning | {"question": "How do I clean the kettle?", "outdated": ["lamp.md"]},
        nowhere | {"question": "Who won the election in Peru?", "outdated": []},
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    monkeypatch.setattr(report_support, "MANUAL", tmp_path)
    return report_support.manual_rows()


def test_answers_are_scored_by_page_words_and_characters(small: list[dict[str, Any]], encoder: SentenceEncoder):
    with report_support.over_manual(encoder, TrainedReader()) as answerer:
        put = report_support.replies(answerer, small)
        kettle, election = report_support.scored(small, put)
        left = report_support.left_out(small[0], answerer.index)
    sure, answerable = report_support.confidences(small, put)

    assert [sure[0], sure[2]] == [each.given.confidence for each in put]
    assert answerable.tolist() == [True, False, False], "the second is the first, with its page left out"
    assert set(left.documents) == {"toaster", "radio"}
    assert election == {"invented": 0}
    assert kettle.pop("words") == len(STEPS.split()) + 4
    assert kettle == {"missed": 0, "absent": 0, "document": 1, "named": 1, "covered": 1, "complete": 1, "spans": 1}


def test_a_span_that_is_quoted_in_part_does_not_count(small: list[dict[str, Any]], encoder: SentenceEncoder):
    small[0]["spans"][0]["end"] += 1
    with report_support.over_manual(encoder, TrainedReader()) as answerer:
        (kettle,) = report_support.scored(small[:1], report_support.replies(answerer, small[:1]))

    assert (kettle["document"], kettle["spans"]) == (1, 0)
