"""What the reader adds where nothing was tuned: web questions, claims, and the ranking of abstracts.

    python benchmarks/report_reader.py clapnq     # pooled; the threshold by cross-validation over questions
    python benchmarks/report_reader.py scifact    # nDCG@10 of the test claims, with and without re-ranking
    python benchmarks/report_reader.py claims     # support, contradict, not enough: macro F1 on test claims

A claim's label is that of the sentence of its abstracts that supports or contradicts it most, if that is surer than a
threshold, chosen on the training claims with id % 3 = 2, which the reader was not trained on.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from public_data import opened, rows
from sklearn.metrics import f1_score, roc_auc_score
from tune_confidence import Asked, Floats, ask

from bot.answering.answerer import PASSAGES
from bot.answering.confidence import Fitted, shipped
from bot.answering.evidence import find_evidence
from bot.question.forms import QuestionForm
from bot.reader.reading import Reader
from bot.reader.trained import TrainedReader
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.evaluation import ndcg, ranked_documents
from embeddings.searching.retrieval import Retriever
from training.sources import sentences

FOLDS = 10


def by_cross_validation(answered: Sequence[bool], sure: Floats) -> tuple[float, float]:
    """Error and hallucination rate, each question judged with the threshold that is best for the other folds."""
    truth = np.array(answered)
    fold = np.random.default_rng(1).permutation(len(truth)) % FOLDS
    said = np.zeros(len(truth), bool)
    for part in range(FOLDS):
        others = fold != part
        yes, no = sure[others & truth], sure[others & ~truth]
        grid = np.unique(sure[others])
        threshold = max(grid, key=lambda t: np.mean(yes >= t) + np.mean(no < t))
        said[fold == part] = sure[fold == part] >= threshold
    return float(np.mean(~said[truth])), float(np.mean(said[~truth]))


def clapnq(encoder: SentenceEncoder, reader: Reader) -> None:
    """Abstention and answer sentences on the pooled passages."""
    retriever = Retriever(opened("clapnq_dev", encoder).index, encoder)
    asked = [ask(retriever, reader, row) for row in rows("clapnq_dev")]
    answered = [row.kind == "answered" for row in asked]
    print("| | AUROC | error | hallucination | balanced accuracy | gold sentence first | among three |")
    print("|---|---|---|---|---|---|---|")
    for name, fitted in (("retrieval", shipped().retrieval), ("with reader", shipped().reading)):
        order = [np.argsort(-(row.features[:, : len(fitted.rank)] @ fitted.rank)) for row in asked]
        sure = np.array([confidence(row, fitted, places[0]) for row, places in zip(asked, order, strict=True)])
        missed, wrong = by_cross_validation(answered, sure)
        tops = [row.holds[places] for row, places in zip(asked, order, strict=True) if row.kind == "answered"]
        first, three = np.mean([top[0] for top in tops]), np.mean([top[:3].any() for top in tops])
        values = (roc_auc_score(answered, sure), missed, wrong, 1 - (missed + wrong) / 2, first, three)
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |", flush=True)


def confidence(row: Asked, fitted: Fitted, place: int) -> float:
    """How sure a sentence is, as a logit."""
    return fitted.sure.odds(row.features[place, : len(fitted.rank)])


def scifact(encoder: SentenceEncoder, reader: Reader) -> None:
    """nDCG@10 over documents; of the first passages, the reader changes the order."""
    retriever = Retriever(opened("scifact", encoder).index, encoder)
    scores: dict[str, list[float]] = {"retrieval": [], "re-ranked by sentences": [], "re-ranked with reader": []}
    for row in rows("scifact"):
        ranking = retriever.search(row["question"], 10 * PASSAGES)
        found = ranked_documents(ranking)
        first = replace(ranking, hits=ranking.hits[:PASSAGES])
        relevant = dict.fromkeys(row["gold_ids"], 1)
        for name, reads in (("re-ranked by sentences", None), ("re-ranked with reader", reader)):
            evidence = find_evidence(QuestionForm.of(ranking.query), first, retriever.index, reads)
            best = [one.passage.document_id for one in evidence]
            scores[name].append(ndcg(relevant, list(dict.fromkeys(best + found)), 10))
        scores["retrieval"].append(ndcg(relevant, found, 10))
    for name, each in scores.items():
        print(f"{name}: nDCG@10 {np.mean(each):.4f}", flush=True)


def claims(encoder: SentenceEncoder, reader: Reader) -> None:
    """Labels of claims with the abstracts that were judged for them."""
    corpus = {row["id"]: row["text"] for row in rows("scifact", "corpus.jsonl")}

    def judged(asked: list[dict[str, Any]]) -> tuple[Floats, list[str]]:
        shares = []
        for row in asked:
            texts = [corpus[document] for document in row["gold_ids"]]
            found = sorted({text[a:b] for text in texts for a, b in sentences(text)})
            shares.append(reader.compare(row["question"], found)[:, :2].max(axis=0))
        return np.array(shares, float), [row["label"] for row in asked]

    def labels(shares: Floats, threshold: float) -> list[str]:
        named = np.array(["SUPPORT", "CONTRADICT"])[shares.argmax(axis=1)]
        return [
            str(name) if best >= threshold else "NOT_ENOUGH_INFO"
            for name, best in zip(named, shares.max(axis=1), strict=True)
        ]

    tuning, truth = judged([row for row in rows("scifact", "queries_train.jsonl") if int(row["id"]) % 3 == 2])
    threshold = max(
        np.arange(0.3, 1, 0.02), key=lambda t: float(f1_score(truth, labels(tuning, float(t)), average="macro"))
    )
    shares, truth = judged(rows("scifact"))
    said = labels(shares, float(threshold))
    print(f"threshold {threshold:.2f}; macro F1 {f1_score(truth, said, average='macro'):.3f}")
    for name, value in zip(
        sorted(set(truth)), f1_score(truth, said, average=None, labels=sorted(set(truth))), strict=True
    ):
        print(f"  {name}: F1 {value:.3f} of {truth.count(name)}")


PARTS: dict[str, Callable[[SentenceEncoder, Reader], None]] = {"clapnq": clapnq, "scifact": scifact, "claims": claims}


def main() -> None:
    """Print one part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    PARTS[parser.parse_args().part](SentenceEncoder(), TrainedReader())


if __name__ == "__main__":
    main()
