"""The index in memory: exact and compact vectors, and which rows belong to which passage."""

from typing import Any

import faiss
import numpy as np
import pytest
from fakes import FakeEncoder, document, opened

from embeddings.building.indexing import make_index
from embeddings.errors import CorpusError
from embeddings.searching import index as index_module
from embeddings.searching.index import (
    Index,
    Lists,
    Selection,
    coarse_vectors,
    compact_vectors,
    exact_vectors,
    sentence_rows,
)
from embeddings.splitting.passages import Passage, Span

STEP = 1 / 255
"""Between two values of the 8-bit code, which spans -0.5 to 0.5; a value is off by half of it at most."""


def unit_vectors(seed: int, count: int, dimension: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def codes(vectors: np.ndarray) -> np.ndarray:
    index: Any = compact_vectors(vectors)
    return faiss.vector_to_array(index.codes).reshape(vectors.shape)


def passage(document_id: str, *sentences: tuple[int, int]) -> Passage:
    spans = tuple(Span(*span) for span in sentences)
    return Passage(f"{document_id}{spans[0]}", document_id, "", "", spans[0].start, spans[-1].end, spans)


# --- vectors ---------------------------------------------------------------------------------------


def test_exact_vectors_are_found_as_numpy_finds_them():
    vectors, queries = unit_vectors(1, 300, 48), unit_vectors(2, 20, 48)
    cosines = queries @ vectors.T

    scores, rows = exact_vectors(vectors).search(queries, 300)

    np.testing.assert_allclose(scores, -np.sort(-cosines), atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(cosines, rows, 1), scores, atol=1e-6)


def test_a_compact_vector_is_off_by_half_a_step_at_most():
    vectors = unit_vectors(3, 500, 384)
    assert np.abs(vectors).max() < 0.5

    stored = compact_vectors(vectors).reconstruct_n(0, 500)

    assert np.abs(stored - vectors).max() <= STEP / 2 + 1e-6
    assert codes(vectors).nbytes == 500 * 384


def test_a_compact_cosine_is_off_by_half_a_step_a_component_at_most():
    """By Hölder's inequality: |q·(v - v')| <= |q|₁ max|v - v'|; in fact it is ten times less."""
    vectors, queries = unit_vectors(4, 500, 384), unit_vectors(5, 20, 384)
    cosines = queries @ vectors.T

    scores, rows = compact_vectors(vectors).search(queries, 500)

    error = np.abs(scores - np.take_along_axis(cosines, rows, 1))
    bound = np.abs(queries).sum(axis=1, keepdims=True) * STEP / 2
    assert (error <= bound + 1e-6).all()
    assert error.max() < 0.005
    stored = compact_vectors(vectors).reconstruct_n(0, 500)
    np.testing.assert_allclose(scores, np.take_along_axis(queries @ stored.T, rows, 1), atol=1e-5)


@pytest.mark.parametrize("value", [0.5, 0.51, 1.0, -0.5, -1.0])
def test_components_out_of_range_are_stored_as_its_end(value):
    stored = compact_vectors(np.array([[value, 0.0]], dtype=np.float32)).reconstruct(0)

    assert stored[0] == pytest.approx(np.sign(value) * 0.5, abs=STEP)


def test_a_code_does_not_depend_on_the_vectors_beside_it():
    vectors = unit_vectors(6, 50, 32)
    odd = np.array([[9.0] + [0.0] * 31], dtype=np.float32)

    together = codes(np.concatenate([odd, vectors[::-1], -odd]))[-2:0:-1]

    assert (codes(vectors) == together).all()
    assert all((codes(vectors[row : row + 1])[0] == together[row]).all() for row in range(50))


def test_the_models_vectors_stay_within_the_range_of_the_code(encoder):
    texts = ["Troops.", "2,000", "The governor called the deployment an alarming abuse of power.", "🎉", "a" * 500]
    texts += [" ".join(texts) * 20, "你好。", "?", "Who won the 2026 World Cup?"]

    assert np.abs(encoder.encode_passages(texts)).max() < 0.5


# --- rows ------------------------------------------------------------------------------------------


def test_a_sentence_shared_by_neighbours_has_one_row():
    passages = [
        passage("a", (0, 1), (1, 2), (2, 3)),
        passage("a", (2, 3), (3, 4)),
        passage("a", (4, 5)),
        passage("b", (4, 5), (5, 6)),
        passage("b", (5, 6)),
    ]

    first, sentences = sentence_rows(passages)

    assert first.tolist() == [0, 2, 4, 5, 6]
    assert sentences == [
        ("a", (0, 1)),
        ("a", (1, 2)),
        ("a", (2, 3)),
        ("a", (3, 4)),
        ("a", (4, 5)),
        ("b", (4, 5)),
        ("b", (5, 6)),
    ]


def test_no_passages_have_no_sentences():
    first, sentences = sentence_rows([])

    assert first.shape == (0,)
    assert sentences == []


@pytest.fixture
def index() -> Index:
    long = " ".join(f"Sentence {n} speaks of the thing {n} and of no other thing at all." for n in range(60))
    return opened([document("b", long, "Long"), document("a", "One. Two."), document("c", "# Nothing")]).index


def test_rows_lead_from_passages_to_their_own_sentences(index):
    vectors = index.sentence_vectors.reconstruct_n(0, index.sentence_vectors.ntotal)
    text = index.document_of["b"].text
    assert len(index.passages_of["b"]) > 3

    for row, one in enumerate(index.passages):
        first, count = index.first_sentence[row], index.sentence_counts[row]
        said = [index.document_of[one.document_id].text[start:end] for start, end in one.sentences]
        expected = FakeEncoder().encode_passages(said)
        assert count == len(said)
        assert np.abs(vectors[first : first + count] - expected.clip(-0.5, 0.5)).max() <= STEP / 2 + 1e-6
    distinct = {(one.document_id, span) for one in index.passages for span in one.sentences}
    assert index.sentence_vectors.ntotal == len(distinct) == text.count(".") + 2


def test_passages_are_encoded_with_their_title():
    encoder = FakeEncoder()

    make_index((document("a", "# Heading\nOne. Two.", "Title"),), encoder)

    assert encoder.windows == [("Title\nHeading\nOne. Two.", ((14, 18), (19, 23)))]


def test_documents_and_passages_are_found_by_id(index):
    assert {key: found.id for key, found in index.document_of.items()} == {"a": "a", "b": "b", "c": "c"}
    assert [index.passages[index.row_of[one.id]] for one in index.passages] == list(index.passages)
    assert index.passages_of["a"] == [index.passages[0]]
    assert index.passages_of["b"] == list(index.passages[1:])
    assert index.passages_of["c"] == []


@pytest.mark.parametrize(
    ("wanted", "rows"), [([], []), (["c"], []), (["a"], [0]), (["b", "a"], None), (["unknown"], [])]
)
def test_rows_of_documents_are_ascending(index, wanted, rows):
    found = index.rows_in(wanted)

    assert found.dtype == np.int64
    assert found.tolist() == (list(range(len(index.passages))) if rows is None else rows)


def test_neighbours_stay_within_the_document(index):
    only = index.passages_of["a"][0]
    first, second, *_, last = index.passages_of["b"]

    assert index.neighbours(only) == (None, None)
    assert index.neighbours(first) == (None, second)
    assert index.neighbours(second) == (first, index.passages_of["b"][2])
    assert index.neighbours(last) == (index.passages_of["b"][-2], None)


def test_documents_lead_to_the_one_that_stands_for_their_account():
    copied = [document("a", "One. Two."), document("b", "One, two!"), document("c", "Three.")]
    found = opened(copied).index

    assert found.copies == {"a": "b"} or found.copies == {"b": "a"}
    ((copy, original),) = found.copies.items()
    assert [found.account_of(key) for key in (copy, original, "c")] == [original, original, "c"]
    assert found.original_of(copy) is found.document_of[original]
    assert found.original_of(original) is found.original_of("c") is None


def test_an_index_has_no_copies_unless_they_are_given(index):
    plain = Index(
        index.documents,
        index.passages,
        index.passage_vectors,
        index.sentence_vectors,
        index.lexical,
        index.vocabulary,
    )

    assert plain.copies == {}
    assert [plain.account_of(key) for key in "abc"] == ["a", "b", "c"]


def test_documents_without_a_sentence_are_no_index():
    with pytest.raises(CorpusError, match="headings only, no text that could be quoted"):
        opened([document("a", "# One"), document("b", "## Two\n")])


def test_progress_reaches_its_totals():
    told: dict[str, list[tuple[int, int]]] = {"splitting": [], "passages": []}
    documents = tuple(document(f"d{n}", f"Sentence one of {n}. Sentence two of {n}.") for n in range(3))

    make_index(documents, FakeEncoder(), lambda what, done, total: told[what].append((done, total)))

    assert told == {"splitting": [(1, 3), (2, 3), (3, 3)], "passages": [(3, 3)]}


# --- large indexes ----------------------------------------------------------------------------------


@pytest.fixture
def large(monkeypatch) -> tuple[np.ndarray, faiss.Index]:
    """Vectors in two hundred heaps, which count as too many to look at each, and 20 near some of them."""
    monkeypatch.setattr(index_module, "EXACT", 1000)
    monkeypatch.setattr(index_module, "_LOOKED_AT", 16)
    vectors = np.repeat(unit_vectors(7, 200, 48), 20, axis=0) + 0.5 * unit_vectors(8, 4000, 48)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return vectors[::200] + 0.2 * unit_vectors(9, 20, 48), exact_vectors(vectors)


def test_a_small_index_needs_no_lists(large):
    assert coarse_vectors(exact_vectors(unit_vectors(1, 1000, 48))) is None


def test_lists_find_what_looking_at_every_vector_finds(large):
    queries, vectors = large
    coarse: Any = coarse_vectors(vectors)

    _, wanted = vectors.search(queries, 10)
    _, found = coarse.search(queries, 20)

    assert coarse.nprobe < coarse.nlist
    assert np.mean([len({*one} & {*other}) / 10 for one, other in zip(wanted, found, strict=True)]) >= 0.97


def test_lists_that_are_taken_over_are_those_made_anew(large, monkeypatch):
    monkeypatch.setattr(index_module, "_SAMPLE", 8)
    trained: list[int] = []
    kmeans = faiss.Kmeans
    monkeypatch.setattr(faiss, "Kmeans", lambda *a, **k: trained.append(1) or kmeans(*a, **k))
    vectors = exact_vectors(np.concatenate([large[1].reconstruct_n(0, 4000), unit_vectors(10, 100, 48)]))
    before, sample = coarse_vectors(vectors), index_module._sample(vectors, 128)
    assert before
    others = np.setdiff1d(np.arange(4100), sample)
    assert len(sample) > 1000 < len(others)
    turned = np.array([1] * 2 + [-1] * 46, dtype=np.float32)  # the first two tell whether it is one of the sample
    new = vectors.reconstruct_batch(others[-3:]) * turned

    for removed, again in ((others[:5], False), (sample[:1], True)):
        kept = np.delete(np.arange(4100), removed)
        places = np.concatenate([kept[:1000], np.arange(4100, 4103), kept[1000:]])
        now = exact_vectors(np.concatenate([vectors.reconstruct_n(0, 4100), new])[places])
        trained.clear()
        taken = coarse_vectors(now, Lists(vectors, before, places))
        assert bool(trained) is again
        one, two = (faiss.serialize_index(each) for each in (taken, coarse_vectors(now)) if each)
        assert one.tobytes() == two.tobytes()


def test_lists_find_of_some_rows_only_these(large):
    queries, vectors = large
    rows, coarse = np.arange(0, vectors.ntotal, 2), coarse_vectors(vectors)
    assert coarse

    _, wanted = Selection(vectors, rows).search(queries, 10)
    _, found = Selection(coarse, rows).search(queries, 20)

    assert np.mean([len({*one} & {*other}) / 10 for one, other in zip(wanted, found, strict=True)]) >= 0.97
    assert found.max() < len(rows)
