"""Whether an index holds together, found also where every checksum is right."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from fakes import FakeEncoder, sign

from embeddings.building.indexing import build
from embeddings.encoding.encoder import Vectors, Window
from embeddings.errors import IndexCorrupt
from embeddings.searching.index import Index, compact_vectors, exact_vectors
from embeddings.storing.generations import Opened, open_current, read_manifest
from embeddings.storing.storage import line_table
from embeddings.storing.verification import misplaced, problems

ENCODER = FakeEncoder()
Rows = list[dict[str, Any]]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Four documents of some passages each."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("troops", "parade", "curfew", "mayor"):
        text = " ".join(f"On day {day} the {name} was spoken of, and word{day * 31 % 97} too." for day in range(60))
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def root(corpus: Path, tmp_path: Path) -> Path:
    """An index that is served."""
    build(corpus, tmp_path / "index", ENCODER)
    return tmp_path / "index"


def folder_of(root: Path) -> Path:
    return root / "generations" / read_manifest(root).generation


def found(root: Path) -> str:
    return "\n".join(problems(open_current(root)))


def test_a_sound_index_has_no_problems(root):
    opened = open_current(root)

    assert len(opened.index.passages) > 8
    assert list(problems(opened)) == []
    assert list(misplaced(opened, ENCODER)) == []
    assert opened.index.counts == opened.manifest.counts
    sign(folder_of(root))
    assert found(root) == ""


def rows_of(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: Rows) -> None:
    """Write lines, and a table that fits them as far as it says where they stand."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    old, lines = np.load(path.with_suffix(".npy")), line_table(path)
    table = np.resize(old, len(lines)) if len(old) else np.zeros(len(lines), old.dtype)
    table["end"], table["check"] = lines["end"], lines["check"]
    np.save(path.with_suffix(".npy"), table)


def shift(row: dict[str, Any]) -> None:
    row["start"] += 1


def stretch(row: dict[str, Any]) -> None:
    row["end"] = 10**9


def empty(row: dict[str, Any]) -> None:
    row |= {"text": "", "end": row["start"], "sentences": [[row["start"], row["start"]]]}


def before_the_text(row: dict[str, Any]) -> None:
    row["start"] -= 10**6


def other_text(row: dict[str, Any]) -> None:
    row["text"] = row["text"].replace("day", "way")


def other_id(row: dict[str, Any]) -> None:
    row["id"] = "0" * 16


def other_document(row: dict[str, Any]) -> None:
    row["document_id"] = "parade" if row["document_id"] != "parade" else "mayor"


def no_document(row: dict[str, Any]) -> None:
    row["document_id"] = "nowhere"


def no_sentences(row: dict[str, Any]) -> None:
    row["sentences"] = []


def sentence_outside(row: dict[str, Any]) -> None:
    row["sentences"][-1][1] += 5


def sentences_out_of_order(row: dict[str, Any]) -> None:
    row["sentences"].reverse()


def sentences_that_overlap(row: dict[str, Any]) -> None:
    row["sentences"][1][0] -= 3


def sentence_that_ends_before_it_begins(row: dict[str, Any]) -> None:
    row["sentences"][0].reverse()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (shift, "is not characters"),
        (stretch, "is not characters"),
        (empty, "is not characters"),
        (before_the_text, "is not characters"),
        (other_text, "has not the id its content gives"),
        (other_id, "has not the id its content gives"),
        (other_document, "is not characters"),
        (no_document, "is no document of the index"),
        (no_sentences, "has sentences outside of it or out of order"),
        (sentence_outside, "has sentences outside of it or out of order"),
        (sentences_out_of_order, "has sentences outside of it or out of order"),
        (sentences_that_overlap, "has sentences outside of it or out of order"),
        (sentence_that_ends_before_it_begins, "has sentences outside of it or out of order"),
    ],
)
@pytest.mark.parametrize("place", [0, 3, -1])
def test_a_passage_that_does_not_fit_its_document_is_found(root, change, said, place):
    path = folder_of(root) / "passages.jsonl"
    rows = rows_of(path)
    change(rows[place])
    write(path, rows)
    sign(path.parent)

    assert said in found(root)


def drop(rows: Rows) -> Rows:
    return rows[:-1]


def double(rows: Rows) -> Rows:
    return [*rows, rows[-1]]


def nothing(rows: Rows) -> Rows:
    return []


@pytest.mark.parametrize("change", [drop, double, nothing])
@pytest.mark.parametrize("name", ["passages.jsonl", "documents.jsonl"])
def test_rows_too_few_or_too_many_are_found(root, name, change):
    path = folder_of(root) / name
    write(path, change(rows_of(path)))
    sign(path.parent)

    if name == "passages.jsonl":
        assert "BM25 covers" in found(root)
        assert " vectors of 64 dimensions for " in found(root)
    else:
        with pytest.raises(IndexCorrupt, match=r"lists 4 documents and holds "):
            found(root)


@pytest.mark.parametrize("column", ["document", "first", "sentences", "text", "row"])
def test_a_table_that_does_not_fit_the_passages_is_found(root, column):
    path = folder_of(root) / "passages.npy"
    table = np.load(path)
    table[column][[0, 5]] = table[column][[5, 0]] + 1
    np.save(path, table)
    sign(path.parent)

    assert "The table of passages is not that of the passages." in found(root)


def test_a_list_that_does_not_fit_the_documents_is_found(root):
    path = folder_of(root) / "entries.json"
    path.write_text(path.read_text(encoding="utf-8").replace("parade", "charade"), encoding="utf-8")
    sign(path.parent)

    assert "The list of documents is not that of the documents." in found(root)


def test_a_changed_document_is_found(root):
    path = folder_of(root) / "documents.jsonl"
    rows = rows_of(path)
    rows[0]["text"] += "!"
    write(path, rows)
    sign(path.parent)

    assert found(root) == "The documents are not those of the manifest."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"counts": {"documents": 5, "passages": 1, "sentences": 1}}, "The manifest counts {'documents': 5, "),
        ({"counts": {}}, "The manifest counts {}, the index holds {'documents': 4, "),
        ({"documents": {}}, "The documents are not those of the manifest."),
        ({"model": {"name": "fake", "sha256": ENCODER.sha256, "dimension": 32}}, "vectors of 64 dimensions"),
    ],
)
def test_a_manifest_that_says_something_else_is_found(root, changed, said):
    sign(folder_of(root), **changed)

    assert said in found(root)


@pytest.mark.parametrize("copies", [{"mayor": "nobody"}, {"nobody": "mayor"}])
def test_copies_of_nothing_are_found(root, copies):
    path = folder_of(root) / "copies.json"
    path.write_text(json.dumps(copies), encoding="utf-8")
    sign(path.parent)

    assert "which are not both documents of the index" in found(root)


@pytest.mark.parametrize("name", ["passages", "sentences"])
def test_vectors_too_few_are_found(root, name):
    index = open_current(root).index
    old = index.passage_vectors if name == "passages" else index.sentence_vectors
    make = exact_vectors if name == "passages" else compact_vectors
    faiss.write_index(make(old.reconstruct_n(0, old.ntotal - 1)), str(folder_of(root) / f"{name}.faiss"))
    sign(folder_of(root))

    assert f"There are {old.ntotal - 1} vectors of 64 dimensions for {old.ntotal} {name}." in found(root)


@pytest.mark.parametrize("value", [0.0, 0.5, np.nan, np.inf])
def test_a_vector_that_is_not_of_length_one_is_found(root, value):
    vectors = open_current(root).index.passage_vectors
    changed = vectors.reconstruct_n(0, vectors.ntotal)
    changed[3] *= value
    faiss.write_index(exact_vectors(changed), str(folder_of(root) / "passages.faiss"))
    sign(folder_of(root))

    assert found(root) == "The vector of passage 3 is not of length 1."


# --- what the model says about it -------------------------------------------------------------------


def mixed_up(vectors: faiss.Index, make: Callable[[Vectors], faiss.Index]) -> faiss.Index:
    return make(np.roll(vectors.reconstruct_n(0, vectors.ntotal), 1, axis=0))


def passages_mixed_up(index: Index) -> Index:
    return replace(index, passage_vectors=mixed_up(index.passage_vectors, exact_vectors))


def sentences_mixed_up(index: Index) -> Index:
    return replace(index, sentence_vectors=mixed_up(index.sentence_vectors, compact_vectors))


@pytest.mark.parametrize(
    ("mix", "said"),
    [
        (passages_mixed_up, "Passage 0 is not found by its own text"),
        (sentences_mixed_up, "The vector of sentence 18 is not that of its text"),
    ],
)
def test_vectors_that_were_mixed_up_are_found(root, mix, said):
    opened = open_current(root)
    mixed = Opened(mix(opened.index), opened.manifest)

    assert list(problems(mixed)) == []  # the offsets are as they were
    assert said in "\n".join(misplaced(mixed, ENCODER))


def test_the_vectors_of_another_model_are_found(root):
    class Other(FakeEncoder):
        def _vectors(self, texts: Sequence[str]) -> Vectors:
            return np.roll(super()._vectors(texts), 5, axis=1)

    assert list(misplaced(open_current(root), Other()))


class Liar(FakeEncoder):
    """Mixes up the vectors of what it is given, once it `lies`."""

    lies = False

    def encode_windows(self, windows: Sequence[Window], progress: Callable[[int], None] | None = None) -> list[Vectors]:
        """See Encoder."""
        lies = self.lies  # before the progress is told
        vectors = super().encode_windows(windows, progress)
        return [*vectors[-1:], *vectors[:-1]] if lies else vectors


@pytest.mark.parametrize("honest_when_checked", [True, False])
def test_a_build_whose_vectors_are_mixed_up_is_not_served(corpus, root, honest_when_checked):
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    encoder = Liar()
    encoder.lies = True
    for number in range(20):
        (corpus / f"new{number}.txt").write_text(f"Number{number} is new. It says thing{number}.", encoding="utf-8")

    def watch(what: str, done: int, total: int) -> None:
        if honest_when_checked and what == "passages" and done == total:
            encoder.lies = False

    with pytest.raises(IndexCorrupt) as raised:
        build(corpus, root, encoder, watch)

    assert str(raised.value).startswith("The index that was just built does not hold together and is not served: ")
    assert str(raised.value).endswith(" Build all of it anew: python -m embeddings build --full")
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert build(corpus, root, ENCODER).manifest.counts["documents"] == 24
    assert list(misplaced(open_current(root), ENCODER)) == []


def test_a_generation_with_mixed_up_vectors_is_not_built_upon_but_anew(corpus, root):
    index = open_current(root).index
    faiss.write_index(mixed_up(index.passage_vectors, exact_vectors), str(folder_of(root) / "passages.faiss"))
    sign(folder_of(root))
    (corpus / "new.txt").write_text("Something is new.", encoding="utf-8")
    served = read_manifest(root).generation

    with pytest.raises(IndexCorrupt, match="build --full"):
        build(corpus, root, ENCODER)
    assert read_manifest(root).generation == served

    build(corpus, root, ENCODER, full=True)
    assert list(misplaced(open_current(root), ENCODER)) == []
