"""Choose the weights of the three views of a passage, on questions that no reported figure uses.

Tuning data: SciFact's 809 training claims, and the answerable questions of `squad2_halfdev` after the first
1,000, which are reported. Every combination in steps of 0.05 is ranked by the mean of SciFact's nDCG@10 and
SQuAD's MRR@10.

    python benchmarks/tune_fusion.py
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from public_data import opened, rows

from embeddings.evaluation import ndcg, reciprocal_rank
from embeddings.index import Index
from embeddings.retrieval import Retriever, Views, Weights, fuse
from embeddings.sentence_encoder import SentenceEncoder

Measure = Callable[[Mapping[str, int], list[str], int], float]
REPORTED_SQUAD = 1000


def squad_tuning() -> list[dict[str, Any]]:
    """Every third of the answerable questions that are not reported."""
    return [row for row in rows("squad2_halfdev") if row["answerable"]][REPORTED_SQUAD::3]


def documents(index: Index, views: Views, weights: Weights) -> list[str]:
    """Documents in the order of their best passage."""
    order = np.argsort(-fuse(views, weights), kind="stable")
    return list(dict.fromkeys(index.passages[views.rows[i]].document_id for i in order))


def main() -> None:
    """Print the best weights and those of single views."""
    encoder = SentenceEncoder()
    sets: list[tuple[str, list[dict[str, Any]], Measure]] = [
        ("scifact", rows("scifact", "queries_train.jsonl"), ndcg),
        ("squad2_halfdev", squad_tuning(), reciprocal_rank),
    ]
    steps = range(21)
    grid = [Weights(d / 20, s / 20, (20 - d - s) / 20) for d in steps for s in steps if d + s <= 20]
    table = np.zeros((len(grid), len(sets)))
    for column, (name, questions, measure) in enumerate(sets):
        index = opened(name, encoder).index
        retriever = Retriever(index, encoder)
        vectors = encoder.encode_queries([row["question"] for row in questions])
        for vector, row in zip(vectors, questions, strict=True):
            views = retriever.views(row["question"], vector[None])
            relevant = dict.fromkeys(row["gold_ids"], 1)
            for i, weights in enumerate(grid):
                table[i, column] += measure(relevant, documents(index, views, weights), 10) / len(questions)
    order = np.argsort(-table.mean(axis=1))
    singles = [i for i in range(len(grid)) if max(grid[i]) == 1]
    print("dense  sentences  lexical   SciFact nDCG@10   SQuAD MRR@10")
    for i in [*order[:12], *singles]:
        print(
            "{:.2f}   {:.2f}       {:.2f}".format(*grid[i]),
            "      {:.4f}            {:.4f}".format(*table[i]),
        )


if __name__ == "__main__":
    main()
