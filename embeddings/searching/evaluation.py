"""Measure retrieval on a judged collection: nDCG@10, recall@k and MRR@10 over documents."""

import csv
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from embeddings.errors import CorpusError
from embeddings.searching.index import Ranking
from embeddings.searching.retrieval import Retriever

Qrels = Mapping[str, Mapping[str, int]]
"""Query id -> document id -> relevance, above 0 for relevant."""
Run = Mapping[str, list[str]]
"""Query id -> document ids, best first."""

_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Collection:
    """Queries by id, and which documents are relevant to them."""

    queries: Mapping[str, str]
    qrels: Qrels


def read_collection(folder: Path, split: str = "test") -> Collection:
    """Read `queries.jsonl` and `qrels/<split>.tsv` of a folder in BEIR layout.

    Queries without a judgement are left out. Raises CorpusError when a file is missing or malformed.
    """
    try:
        qrels: dict[str, dict[str, int]] = {}
        with (folder / "qrels" / f"{split}.tsv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                qrels.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
        queries = {}
        with (folder / "queries.jsonl").open(encoding="utf-8") as stream:
            for line in stream:
                query = json.loads(line)
                if str(query["_id"]) in qrels:
                    queries[str(query["_id"])] = str(query["text"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{folder} is not in BEIR layout ({type(error).__name__}: {error}). It needs corpus.jsonl, "
            f"queries.jsonl (_id, text) and qrels/{split}.tsv (query-id, corpus-id, score)."
        ) from error
    if not queries:
        raise CorpusError(f"{folder} has no query with a judgement in qrels/{split}.tsv.")
    return Collection(queries, {key: qrels[key] for key in queries})


def run(retriever: Retriever, collection: Collection, progress: Callable[[int], None] | None = None) -> Run:
    """Rank documents for every query; a document's score is that of its best passage."""
    found = {}
    for key, query in collection.queries.items():
        found[key] = ranked_documents(retriever.search(query, k=_DEPTH * 3))[:_DEPTH]
        if progress:
            progress(1)
    return found


def ranked_documents(ranking: Ranking) -> list[str]:
    """The documents of a ranking of passages, each at the place of its best passage."""
    return list(dict.fromkeys(hit.passage.document_id for hit in ranking.hits))


def measures(qrels: Qrels, found: Run) -> dict[str, float]:
    """The mean of each measure over the judged queries; a query with no result counts as 0."""
    each: dict[str, Callable[[Mapping[str, int], list[str]], float]] = {
        "nDCG@10": lambda relevant, ranked: ndcg(relevant, ranked, 10),
        "recall@10": lambda relevant, ranked: recall(relevant, ranked, 10),
        "recall@100": lambda relevant, ranked: recall(relevant, ranked, 100),
        "MRR@10": lambda relevant, ranked: reciprocal_rank(relevant, ranked, 10),
    }
    return {
        name: sum(measure(qrels[key], found.get(key, [])) for key in qrels) / len(qrels)
        for name, measure in each.items()
    }


def ndcg(relevant: Mapping[str, int], ranked: list[str], k: int) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with linear gains."""
    gains = [max(relevant.get(key, 0), 0) for key in ranked[:k]]
    ideal = sorted((gain for gain in relevant.values() if gain > 0), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def recall(relevant: Mapping[str, int], ranked: list[str], k: int) -> float:
    """The share of the relevant documents among the first k."""
    wanted = {key for key, gain in relevant.items() if gain > 0}
    return len(wanted & set(ranked[:k])) / len(wanted) if wanted else 0.0


def reciprocal_rank(relevant: Mapping[str, int], ranked: list[str], k: int) -> float:
    """1 / the place of the first relevant document, 0 when it is not among the first k."""
    for place, key in enumerate(ranked[:k], 1):
        if relevant.get(key, 0) > 0:
            return 1 / place
    return 0.0


def _discounted(gains: list[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))
