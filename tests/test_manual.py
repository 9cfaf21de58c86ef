"""The manual in benchmarks/manual and the questions about it: whether the data is what it says it is."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.answering.forms import Form
from embeddings.documents import Document, read_documents
from embeddings.retrieval import MAX_QUERY

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
