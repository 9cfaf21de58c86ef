"""Choose the weights of the three views of a passage, on questions that no reported figure uses.

Tuning data: SciFact's 809 training claims, the answerable questions of `squad2_halfdev` after the first 1,000, which
are reported, and those of `wixqa`, `techqa`, documentation, science and two open manuals. Questions that were written
beside their passage share its words, and those of people who need help do not, so each kind is there. Every combination
in steps of 0.05 is ranked by the mean over collections of nDCG@10 (SciFact) and MRR@10 (the others).

    python benchmarks/tune_fusion.py
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from public_data import DOCUMENTATION, MANUALS, SCIENCE, SUPPORT, asked, opened, rows

from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.evaluation import ndcg, reciprocal_rank
from embeddings.searching.index import Index
from embeddings.searching.retrieval import WEIGHTS, Retriever, Views, Weights, fuse

Measure = Callable[[Mapping[str, int], list[str], int], float]
REPORTED_SQUAD = 1000


def answerable(name: str) -> list[dict[str, Any]]:
    """The questions of a collection that have an answer in it."""
    return [row for row in rows(name) if row["answerable"]]


def documents(index: Index, views: Views, weights: Weights) -> list[str]:
    """Documents in the order of their best passage."""
    order = np.argsort(-fuse(views, weights), kind="stable")
    return list(dict.fromkeys(index.passages[views.rows[i]].document_id for i in order))


def main() -> None:
    """Print the best weights and those of single views."""
    encoder = SentenceEncoder()
    sets: list[tuple[str, list[dict[str, Any]], Measure]] = [
        ("scifact", rows("scifact", "queries_train.jsonl"), ndcg),
        ("squad2_halfdev", answerable("squad2_halfdev")[REPORTED_SQUAD::3], reciprocal_rank),
        *((name, answerable(name), reciprocal_rank) for name in (*SUPPORT, DOCUMENTATION, SCIENCE, *MANUALS)),
    ]
    steps = range(21)
    grid = [Weights(d / 20, s / 20, (20 - d - s) / 20) for d in steps for s in steps if d + s <= 20]
    table = np.zeros((len(grid), len(sets)))
    for column, (name, questions, measure) in enumerate(sets):
        index = opened(name, encoder).index
        retriever = Retriever(index, encoder)
        vectors = encoder.encode_queries(list(map(asked, questions)))
        for vector, row in zip(vectors, questions, strict=True):
            views = retriever.views(asked(row), vector[None])
            relevant = dict.fromkeys(row["gold_ids"], 1)
            for i, weights in enumerate(grid):
                table[i, column] += measure(relevant, documents(index, views, weights), 10) / len(questions)
    order = np.argsort(-table.mean(axis=1))
    singles = [i for i in range(len(grid)) if max(grid[i]) == 1]
    print("dense  sentences  lexical      mean", *(f"{name:>14}" for name, _, _ in sets))
    for i in [*order[:12], grid.index(WEIGHTS), *singles]:
        print(
            "{:.2f}   {:.2f}       {:.2f}".format(*grid[i]),
            f"      {table[i].mean():.4f}",
            *(f"{measured:14.4f}" for measured in table[i]),
        )


if __name__ == "__main__":
    main()
