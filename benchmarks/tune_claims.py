"""Chooses LIMITS in `bot/checking/claims.py`: from which of the reader's probabilities on it may decide.

    python benchmarks/tune_claims.py        # prints the limits; run it again whenever the reader has new weights

`support` is the lowest under which at most one in fifty false claims is supported: the altered ones with even ids in
`benchmarks/development`, and sentences of the notes that ship with one word exchanged (seed 1). `contradict` is the one
with the best macro F1 on SciFact's training claims with id % 3 = 2, which the reader was not trained on, among those
that contradict at most one in fifty true claims of the same development half.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from public_data import rows
from report_claims import abstracts, altered_sentences, claims_in, judged, labels, seeds
from sklearn.metrics import f1_score

from bot.answering.answers import Question
from bot.checking.claims import Compared, Limits, Relation, judge
from bot.reader.trained import TrainedReader
from embeddings.sentence_encoder import SentenceEncoder

GRID = tuple(float(value) for value in np.round(np.arange(0.4, 1, 0.05), 2))
NEVER = 1.1
ALLOWED = 0.02
Asked = Sequence[tuple[str, Sequence[Compared]]]


def relations(claims: Asked, limits: Limits) -> list[set[Relation]]:
    """What the documents do to each claim."""
    return [{relation for _, relation in judge(claim, found, limits)[0]} for claim, found in claims]


def main() -> None:
    """Print the two limits and what they cost."""
    encoder, reader = SentenceEncoder(), TrainedReader()
    with tempfile.TemporaryDirectory() as name:
        checker = seeds(encoder, reader, Path(name))
        written = [row for row in claims_in("development") if int(row["id"][1:]) % 2 == 0]
        asked = [(row["claim"], checker.compare(Question(row["claim"]))[1]) for row in written]
        true = [each for each, row in zip(asked, written, strict=True) if row["status"] == ["supported"]]
        false = [each for each, row in zip(asked, written, strict=True) if "supported" not in row["status"]]
        false += [(claim, checker.compare(Question(claim))[1]) for claim, _ in altered_sentences(checker)]
    train = [row for row in rows("scifact", "queries_train.jsonl") if int(row["id"]) % 3 == 2]
    with tempfile.TemporaryDirectory() as name:
        compared, truth = judged(abstracts(train, encoder, reader, Path(name)), train)

    for support in GRID:
        wrong = np.mean([each == {Relation.SUPPORTS} for each in relations(false, Limits(support, NEVER))])
        found = np.mean([each == {Relation.SUPPORTS} for each in relations(true, Limits(support, NEVER))])
        print(f"support {support:.2f}: {wrong:.3f} of {len(false)} false claims, {found:.3f} of {len(true)} true ones")
        if wrong <= ALLOWED:
            break
    best = 0.0, NEVER
    for contradict in GRID:
        limits = Limits(support, contradict)
        wrong = np.mean([Relation.CONTRADICTS in each for each in relations(true, limits)])
        value = float(f1_score(truth, labels(compared, limits), average="macro"))
        print(
            f"contradict {contradict:.2f}: {wrong:.3f} of the true claims; SciFact's tuning third, macro F1 {value:.3f}"
        )
        if wrong <= ALLOWED:
            best = max(best, (value, contradict))
    print(Limits(support, best[1]))


if __name__ == "__main__":
    main()
