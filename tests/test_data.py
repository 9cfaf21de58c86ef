"""The list of public collections: complete, and what tells an altered file; the two that are converted."""

import ast
import gzip
import hashlib
import io
import json
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.sources import rows

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import data
import report_voices

PARAGRAPH = "The dam was built in 1931. It is 40 m high."
ANSWERS = [{"text": "1931", "answer_start": 21}, {"text": "in 1931", "answer_start": 18}]
SQUAD = {
    "data": [
        {
            "title": "Old_dam",
            "paragraphs": [
                {
                    "context": PARAGRAPH,
                    "qas": [
                        {"id": "a", "question": "When?", "is_impossible": False, "answers": [*ANSWERS, ANSWERS[0]]},
                        {
                            "id": "b",
                            "question": "Why?",
                            "is_impossible": True,
                            "answers": [],
                            "plausible_answers": ANSWERS[:1],
                        },
                    ],
                }
            ],
        }
    ]
}


def collection(converted: dict[str, data.Rows], download: str) -> data.Collection:
    digests = {name: hashlib.sha256(data.jsonl(rows)).hexdigest() for name, rows in converted.items()}
    return replace(data.collections()["squad2_halfdev"], download=download, sha256=digests)


@pytest.fixture
def published(tmp_path: Path) -> data.Collection:
    """A small collection in SQuAD's form, to be had from a file."""
    original = tmp_path / "dev.json"
    original.write_text(json.dumps(SQUAD), encoding="utf-8")
    return collection(data.squad(original.read_bytes()), original.as_uri())


def test_everything_that_the_benchmarks_read_is_listed():
    listed = data.collections()
    assert {row["source"] for row in rows(report_voices.LABELS)} - {"seeds", "shared_seeds"} <= listed.keys()
    constants = {
        str(node.value)
        for path in data.TABLE.parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    there = [*(data.SHARED / "data").glob("*/"), *(data.SHARED / "train").glob("*.gz")]
    assert constants & {path.name.removesuffix(".jsonl.gz") for path in there} <= listed.keys()
    assert {"scifact", "techqa", "mtrag_un"} <= constants & listed.keys()


@pytest.mark.parametrize("listed", data.collections().values(), ids=lambda listed: listed.name)
def test_a_collection_says_where_it_is_from_and_has_a_hash_for_each_file(listed: data.Collection):
    assert listed.origin and listed.commit and listed.licence and listed.obtained
    assert listed.sha256 and all(len(digest) == 64 for digest in listed.sha256.values())
    assert bool(listed.download) is (listed.name in data.CONVERSIONS)


@pytest.mark.slow
@pytest.mark.skipif(not data.SHARED.is_dir(), reason="needs the public collections in ../shared")
def test_the_collections_beside_the_project_are_those_that_were_measured():
    assert not [fault for listed in data.collections().values() for fault in data.faults(listed, data.SHARED)]


def test_a_collection_is_fetched_and_an_altered_file_is_found(published: data.Collection, tmp_path: Path):
    shared = tmp_path / "shared"
    assert data.here(published, shared)

    corpus, queries = published.files(shared)
    corpus.write_bytes(corpus.read_bytes().replace(b"1931", b"1932"))
    assert [str(corpus) in fault for fault in data.faults(published, shared)] == [True]
    assert not data.here(published, shared), "what is there is not overwritten"
    queries.unlink()
    assert len(list(data.faults(published, shared))) == 2
    assert b"1932" in corpus.read_bytes()


def test_what_differs_from_what_was_measured_is_not_kept(published: data.Collection, tmp_path: Path):
    other = replace(published, sha256=published.sha256 | {"queries.jsonl": "0" * 64})
    assert "queries.jsonl" in data.fetch(other, tmp_path / "shared")
    (tmp_path / "dev.json").write_text('{"articles": []}', encoding="utf-8")
    assert "not in the form that is known" in data.fetch(published, tmp_path / "shared")
    (tmp_path / "dev.json").unlink()
    assert "could not be fetched" in data.fetch(published, tmp_path / "shared")
    assert not (tmp_path / "shared").exists()


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert data.main(["--shared", str(tmp_path), "ramdocs"]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "data" / "ramdocs" / "queries.jsonl") in said and "RAMDocs_test.jsonl" in said
    with pytest.raises(SystemExit, match="2"):
        data.main(["no_such_collection"])


def test_a_gzipped_file_goes_by_what_it_holds(tmp_path: Path):
    path = tmp_path / "rows.jsonl.gz"
    for level in (1, 9):
        path.write_bytes(gzip.compress(b"rows" * 100, level))
        assert data.sha256(path) == hashlib.sha256(b"rows" * 100).hexdigest()


def test_squad_is_converted():
    found = data.squad(json.dumps(SQUAD).encode())
    (paragraph,) = found["corpus.jsonl"]
    assert (paragraph["title"], paragraph["text"]) == ("Old dam", PARAGRAPH)
    answered, impossible = found["queries.jsonl"]
    assert answered["answers"] == ["1931", "in 1931"]
    assert [PARAGRAPH[span["start"] : span["end"]] for span in answered["gold_spans"]] == answered["answers"]
    assert answered["gold_ids"] == impossible["related_ids"] == [paragraph["id"]]
    assert (impossible["answerable"], impossible["gold_spans"], impossible["plausible_answers"]) == (
        False,
        [],
        ["1931"],
    )


def test_scifact_is_converted():
    abstract = {"doc_id": 7, "title": "T", "abstract": ["First. ", "Second.", "Third."], "structured": False}
    evidence = {"7": [{"sentences": [2], "label": "CONTRADICT"}, {"sentences": [1, 2], "label": "CONTRADICT"}]}
    claims: list[dict[str, Any]] = [
        {"id": 1, "claim": "No.", "evidence": evidence, "cited_doc_ids": [7]},
        {"id": 2, "claim": "Maybe.", "evidence": {}, "cited_doc_ids": [7]},
    ]
    release = io.BytesIO()
    with tarfile.open(fileobj=release, mode="w:gz") as archive:
        for name, rows in (("corpus", [abstract]), ("claims_dev", claims), ("claims_train", claims[1:])):
            member = tarfile.TarInfo(f"data/{name}.jsonl")
            member.size = len(data.jsonl(rows))
            archive.addfile(member, io.BytesIO(data.jsonl(rows)))

    found = data.scifact(release.getvalue())

    (text,) = (row["text"] for row in found["corpus.jsonl"])
    contradicted, unknown = found["queries.jsonl"]
    assert (contradicted["label"], contradicted["gold_sentence_idx"]) == ("CONTRADICT", {"7": [1, 2]})
    assert [text[span["start"] : span["end"]] for span in contradicted["gold_spans"]] == ["Second.", "Third."]
    assert unknown == found["queries_train.jsonl"][0]
    assert (unknown["label"], unknown["answerable"], unknown["gold_ids"]) == ("NOT_ENOUGH_INFO", False, ["7"])
