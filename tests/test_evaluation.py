"""Measures: against values worked out by hand and against ir_measures; collections in BEIR layout."""

import csv
import importlib.util
import json
import math
from itertools import islice
from pathlib import Path
from types import ModuleType

import ir_measures
import numpy as np
import pytest
from fakes import FakeEncoder, document, opened

from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import CorpusError
from embeddings.searching.evaluation import (
    Collection,
    measures,
    ndcg,
    ranked_documents,
    read_collection,
    recall,
    reciprocal_rank,
    run,
)
from embeddings.searching.index import Hit, Ranking
from embeddings.searching.retrieval import Retriever
from embeddings.splitting.passages import Passage
from embeddings.storing import generations

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data" / "squad2_halfdev"

GRADED = {"a": 3, "b": 1, "c": 0, "d": -1, "e": 2}


# --- measures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranked", "k", "value"),
    [
        (["a", "e", "b"], 10, 1.0),
        (["a", "e", "b"], 2, 1.0),
        ([], 10, 0.0),
        (["x", "c", "d"], 10, 0.0),
        (["x", "a"], 10, (3 / math.log2(3)) / (3 + 2 / math.log2(3) + 1 / 2)),
        (["x", "a"], 1, 0.0),
        (["b", "d", "e"], 10, (1 + 2 / 2) / (3 + 2 / math.log2(3) + 1 / 2)),
        (["b", "a"], 2, (1 + 3 / math.log2(3)) / (3 + 2 / math.log2(3))),
    ],
)
def test_ndcg_has_linear_gains_and_logarithmic_discounts(ranked, k, value):
    assert ndcg(GRADED, ranked, k) == pytest.approx(value)


@pytest.mark.parametrize(
    ("ranked", "k", "value"),
    [
        (["a", "b", "e"], 10, 1.0),
        (["a", "b", "e"], 2, 2 / 3),
        (["c", "d", "e"], 10, 1 / 3),
        (["c", "d"], 10, 0.0),
        ([], 10, 0.0),
    ],
)
def test_recall_is_the_share_of_the_relevant(ranked, k, value):
    assert recall(GRADED, ranked, k) == pytest.approx(value)


@pytest.mark.parametrize(
    ("ranked", "k", "value"),
    [
        (["a", "b"], 10, 1.0),
        (["c", "d", "b", "a"], 10, 1 / 3),
        (["x"] * 9 + ["a"], 10, 1 / 10),
        (["x"] * 10 + ["a"], 10, 0.0),
        ([], 10, 0.0),
    ],
)
def test_reciprocal_rank_is_of_the_first_relevant(ranked, k, value):
    assert reciprocal_rank(GRADED, ranked, k) == pytest.approx(value)


@pytest.mark.parametrize("measure", [ndcg, recall, reciprocal_rank])
def test_a_query_without_a_relevant_document_counts_as_nothing(measure):
    assert measure({"a": 0, "b": -1}, ["a", "b"], 10) == 0.0


def test_means_are_over_all_judged_queries():
    found = measures({"one": {"a": 1}, "two": {"b": 1}, "three": {"c": 1}}, {"one": ["a"], "two": ["x", "b"]})

    assert found == pytest.approx(
        {"nDCG@10": (1 + 1 / math.log2(3)) / 3, "recall@10": 2 / 3, "recall@100": 2 / 3, "MRR@10": 1.5 / 3}
    )


@pytest.mark.parametrize("seed", range(5))
def test_measures_are_those_of_ir_measures(seed):
    random = np.random.default_rng(seed)
    names = [f"d{n}" for n in range(150)]
    qrels = {
        f"q{query}": {
            str(key): int(random.integers(-1, 4)) for key in random.choice(names, random.integers(1, 40), replace=False)
        }
        for query in range(30)
    }
    found = {query: [str(key) for key in random.permutation(names)[: random.integers(1, 120)]] for query in qrels}
    found.popitem()
    wanted = {
        "nDCG@10": ir_measures.nDCG @ 10,
        "recall@10": ir_measures.R @ 10,
        "recall@100": ir_measures.R @ 100,
        "MRR@10": ir_measures.RR @ 10,
    }

    reference = ir_measures.calc_aggregate(
        wanted.values(), qrels, {query: {key: -float(at) for at, key in enumerate(found[query])} for query in found}
    )

    assert measures(qrels, found) == pytest.approx({name: reference[measure] for name, measure in wanted.items()})


# --- runs ------------------------------------------------------------------------------------------


def test_a_document_stands_at_the_place_of_its_best_passage():
    hits = [
        Hit(Passage(f"p{place}", key, "", "", 0, 0, ()), 1 - place / 10, 0.0, (), 0.0, 0.0)
        for place, key in enumerate("babcab")
    ]

    assert ranked_documents(Ranking("q", tuple(hits), ())) == ["b", "a", "c"]


def test_a_run_ranks_documents_for_every_query_and_tells_of_progress():
    encoder = FakeEncoder()
    index = opened(
        [
            document("troops", "Troops were sent. " * 3 + "Many soldiers came."),
            document("parade", "A parade took place."),
            document("curfew", "The curfew was lifted."),
        ],
        encoder,
    ).index
    collection = Collection({"1": "the parade", "2": "curfew lifted"}, {"1": {"parade": 1}, "2": {"curfew": 1}})
    told: list[int] = []

    found = run(Retriever(index, encoder), collection, told.append)

    assert [sorted(ranked) for ranked in found.values()] == [["curfew", "parade", "troops"]] * 2
    assert {key: ranked[0] for key, ranked in found.items()} == {"1": "parade", "2": "curfew"}
    assert told == [1, 1]
    assert measures(collection.qrels, found)["MRR@10"] == 1.0


def test_a_run_is_a_hundred_documents_deep():
    encoder = FakeEncoder()
    index = opened([document(f"d{n:03}", f"Troops were sent to place {n}.") for n in range(130)], encoder).index

    found = run(Retriever(index, encoder), Collection({"1": "troops"}, {"1": {"d000": 1}}))

    assert len(set(found["1"])) == len(found["1"]) == 100


# --- collections -----------------------------------------------------------------------------------

QUERIES = ['{"_id": "q1", "text": "Who came?"}', '{"_id": 2, "text": "Who left?"}', '{"_id": "q3", "text": "Unjudged"}']
QRELS = ["query-id\tcorpus-id\tscore", "q1\td1\t1", "q1\td2\t0", "2\td1\t2", "gone\td1\t1"]


def collection_in(folder: Path, queries: list[str] = QUERIES, qrels: list[str] = QRELS, split: str = "test") -> Path:
    (folder / "qrels").mkdir()
    (folder / "queries.jsonl").write_text("\n".join(queries) + "\n", encoding="utf-8")
    (folder / "qrels" / f"{split}.tsv").write_text("\n".join(qrels) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("split", ["test", "train"])
def test_a_collection_is_its_judged_queries(tmp_path, split):
    collection = read_collection(collection_in(tmp_path, split=split), split)

    assert collection == Collection({"q1": "Who came?", "2": "Who left?"}, {"q1": {"d1": 1, "d2": 0}, "2": {"d1": 2}})


@pytest.mark.parametrize(
    ("queries", "qrels", "kind"),
    [
        (["not JSON"], QRELS, "JSONDecodeError"),
        (["[1]"], QRELS, "TypeError"),
        (['{"id": "q1", "text": "Who?"}'], QRELS, "KeyError"),
        (['{"_id": "q1"}'], QRELS, "KeyError"),
        (QUERIES, ["q1\td1\t1", "q1\td2\t1"], "KeyError"),
        (QUERIES, ["query-id\tcorpus-id\tscore", "q1\td1\tyes"], "ValueError"),
        (QUERIES, ["query-id\tcorpus-id\tscore", "q1\td1"], "TypeError"),
        (QUERIES, ["query-id\tcorpus-id", "q1\td1"], "KeyError"),
    ],
)
def test_a_malformed_collection_is_refused_with_what_it_needs(tmp_path, queries, qrels, kind):
    with pytest.raises(CorpusError) as raised:
        read_collection(collection_in(tmp_path, queries, qrels))

    assert str(raised.value).startswith(f"{tmp_path} is not in BEIR layout ({kind}: ")
    assert str(raised.value).endswith(
        "It needs corpus.jsonl, queries.jsonl (_id, text) and qrels/test.tsv (query-id, corpus-id, score)."
    )


@pytest.mark.parametrize("missing", ["queries.jsonl", "qrels/test.tsv"])
def test_a_collection_with_a_missing_file_is_refused_by_its_name(tmp_path, missing):
    (collection_in(tmp_path) / missing).unlink()

    with pytest.raises(CorpusError, match=rf"is not in BEIR layout \(FileNotFoundError: .*{missing}"):
        read_collection(tmp_path)


@pytest.mark.parametrize("qrels", [QRELS[:1], [*QRELS[:1], "gone\td1\t1"]])
def test_a_collection_without_a_judged_query_is_refused(tmp_path, qrels):
    with pytest.raises(CorpusError, match=rf"{tmp_path} has no query with a judgement in qrels/test\.tsv\."):
        read_collection(collection_in(tmp_path, qrels=qrels))


# --- measured on public data -----------------------------------------------------------------------


def public_data() -> ModuleType:
    """`benchmarks/public_data.py`, which is no package."""
    spec = importlib.util.spec_from_file_location("public_data", ROOT / "benchmarks" / "public_data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the public collections in ../shared/data")
def test_the_right_paragraph_of_squad_is_found_as_often_as_was_measured(tmp_path, encoder: SentenceEncoder):
    """200 questions over the paragraphs of two articles: MRR@10 0.902 when this was written."""
    data = public_data()
    titles = sorted(data.squad_titles("tune"))[:2]
    paragraphs = {row["id"]: row for row in data.rows("squad2_halfdev", "corpus.jsonl") if row["title"] in titles}
    answerable = (row for row in data.rows("squad2_halfdev") if row["answerable"] and row["gold_ids"][0] in paragraphs)
    beir, corpus, root = tmp_path / "beir", tmp_path / "corpus", tmp_path / "index"
    data.write_beir("squad2_halfdev", beir, list(islice(answerable, 200)))
    corpus.mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in paragraphs.values())
    (corpus / "corpus.jsonl").write_text(lines, encoding="utf-8")
    collection = read_collection(beir)
    assert len(collection.queries) == 200
    manifest = build(corpus, root, encoder).manifest
    assert manifest.counts["documents"] == len(paragraphs)
    assert manifest.notices == ()

    found = run(Retriever(generations.open_current(root, encoder.sha256).index, encoder), collection)

    assert measures(collection.qrels, found)["MRR@10"] >= 0.895


def test_collections_are_written_as_they_are_read(tmp_path, monkeypatch):
    """`write_beir` and `read_collection` speak the same layout, quotes and commas in ids included."""
    data = public_data()
    source = tmp_path / "data" / "tiny"
    source.mkdir(parents=True)
    row = {"id": 'd,"1"', "title": "T", "text": "Text."}
    (source / "corpus.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    monkeypatch.setattr(data, "ROOT", tmp_path / "data")

    data.write_beir("tiny", tmp_path / "beir", [{"id": "q 1", "question": "Who?", "gold_ids": ['d,"1"']}])

    assert read_collection(tmp_path / "beir") == Collection({"q 1": "Who?"}, {"q 1": {'d,"1"': 1}})
    with (tmp_path / "beir" / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream, delimiter="\t"))[1] == ["q 1", 'd,"1"', "1"]
