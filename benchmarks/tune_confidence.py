"""Fit what chooses evidence and how sure it is, and report both error rates on articles kept apart.

Data: `squad2_halfdev`. For each article, an index of every other paragraph is made: a small collection on one
subject, as people have. Its questions are of three kinds: answered by a paragraph in the index; written by people
to look answerable from one but not answered; answered by a paragraph that is left out. Two thirds of the articles
are for fitting, every third in alphabetical order for reporting.

Two logistic regressions over the same features: one over all sentences, whether a sentence holds the answer, which
ranks them; one over each question's best sentence, whether the question is answered, which is the confidence.

    python benchmarks/tune_confidence.py
"""

import random
from typing import Any

import numpy as np
import numpy.typing as npt
from public_data import opened, rows, squad_titles
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.answering.answerer import PASSAGES
from bot.answering.evidence import FEATURES, candidates
from embeddings.encoder import SentenceEncoder
from embeddings.index import Index, compact_vectors, exact_vectors, sentence_rows
from embeddings.lexical import Lexical
from embeddings.passages import text_for_encoder
from embeddings.retrieval import Retriever

PER_ARTICLE = 80
Asked = tuple[str, npt.NDArray[np.float64], npt.NDArray[np.bool_]]
"""A question's kind, the features of its sentences, and which of them hold the answer."""


def half(index: Index, encoder: SentenceEncoder, title: str) -> Index:
    """Every other paragraph of an article as an index of its own, with the vectors it has already."""
    documents = tuple(document for document in index.documents if document.title == title)[::2]
    kept = index.rows_in([document.id for document in documents])
    passages = tuple(index.passages[row] for row in kept)
    _, sentences = sentence_rows(passages)
    place = {key: row for row, key in enumerate(sentence_rows(index.passages)[1])}
    texts = [text_for_encoder(title, passage.heading, passage.text, encoder) for passage in passages]
    return Index(
        documents=documents,
        passages=passages,
        passage_vectors=exact_vectors(index.passage_vectors.reconstruct_batch(kept)),
        sentence_vectors=compact_vectors(
            index.sentence_vectors.reconstruct_batch(np.array([place[key] for key in sentences]))
        ),
        lexical=Lexical.of(texts),
    )


def ask(retriever: Retriever, question: dict[str, Any]) -> Asked:
    """The features of every sentence that is evidence for a question."""
    gold = [(span["doc_id"], span["start"], span["end"]) for span in question["gold_spans"]]
    present = question["related_ids"][0] in retriever.index.document_of
    kind = "left out" if not present else "answered" if question["answerable"] else "not answered"
    features, holds = [], []
    for candidate in candidates(retriever.search(question["question"], PASSAGES), retriever.index):
        document, span = candidate.hit.passage.document_id, candidate.span
        features.append(candidate.features)
        holds.append(any(d == document and s < span.end and span.start < e for d, s, e in gold))
    return kind, np.array(features), np.array(holds)


def collect(titles: set[str], encoder: SentenceEncoder) -> list[Asked]:
    """Ask a sample of the questions of each article, answerable or not, of its half index."""
    index = opened("squad2_halfdev", encoder).index
    asked = []
    for title in sorted(titles):
        questions = [
            row
            for row in rows("squad2_halfdev")
            if index.document_of[row["related_ids"][0]].title == title
            and (row["answerable"] or row["related_ids"][0] not in left_out(index, title))
        ]
        random.Random(title).shuffle(questions)
        retriever = Retriever(half(index, encoder, title), encoder)
        asked += [ask(retriever, question) for question in questions[:PER_ARTICLE]]
        print(".", end="", flush=True)
    return asked


def left_out(index: Index, title: str) -> set[str]:
    """The paragraphs of an article that its half index lacks."""
    return {document.id for document in [d for d in index.documents if d.title == title][1::2]}


def best(asked: list[Asked], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The features of each question's best sentence."""
    return np.array([features[np.argmax(features @ weights)] for _, features, _ in asked])


def report(name: str, asked: list[Asked], rank: npt.NDArray[np.float64], sure: npt.NDArray[np.float64]) -> None:
    """Print how often the first sentence, or one of three, holds the answer; AUROC; error rates by threshold."""
    kinds = np.array([kind for kind, _, _ in asked])
    tops = [holds[np.argsort(-(features @ rank))] for kind, features, holds in asked if kind == "answered"]
    print(f"\n{name}: {len(asked)} questions; gold sentence first {np.mean([t[0] for t in tops]):.3f}, "
          f"among three {np.mean([t[:3].any() for t in tops]):.3f}")  # fmt: skip
    answered = kinds == "answered"
    for kind in ("not answered", "left out"):
        chosen = answered | (kinds == kind)
        print(f"  AUROC against {kind}: {roc_auc_score(answered[chosen], sure[chosen]):.3f}")
    for threshold in np.arange(0.3, 0.75, 0.05):
        shares = [np.mean(sure[kinds == kind] >= threshold) for kind in ("not answered", "left out")]
        missed = np.mean(sure[answered] < threshold)
        print(f"  from {threshold:.2f}: error {missed:.2f}, hallucination {shares[0]:.2f} (not answered), "
              f"{shares[1]:.2f} (left out); mean {(missed + np.mean(shares)) / 2:.3f}")  # fmt: skip


def main() -> None:
    """Fit on the tuning articles, print the weights for evidence.py, report on the others."""
    encoder = SentenceEncoder()
    tuning, reporting = (collect(squad_titles(split), encoder) for split in (False, True))
    answered = [row for row in tuning if row[0] == "answered"]
    holds = np.concatenate([holds for _, _, holds in answered])
    rank = LogisticRegression(max_iter=5000).fit(np.vstack([x for _, x, _ in answered]), holds).coef_[0]
    kinds = np.array([kind for kind, _, _ in tuning])
    weights = np.choose(kinds == "answered", [1 / np.sum(kinds != "answered"), 1 / np.sum(kinds == "answered")])
    model = LogisticRegression(max_iter=5000).fit(
        best(tuning, rank), kinds == "answered", sample_weight=weights * len(tuning)
    )
    print("\nfeature              rank    confidence")
    for name, one, two in zip(FEATURES, rank, model.coef_[0], strict=True):
        print(f"{name:<18} {one:8.3f}   {two:8.3f}")
    print(f"{'intercept':<18} {'':>8}   {model.intercept_[0]:8.3f}")
    for name, asked in (("tuning", tuning), ("reporting", reporting)):
        report(name, asked, rank, model.predict_proba(best(asked, rank))[:, 1])


if __name__ == "__main__":
    main()
