"""Fit how sure it is that the first passage of a ranking answers a question about what to do.

Tuning data: the support questions of `wixqa` and `techqa`, and questions of documentation, each asked once more with
the documents that answer it left out. A lost answer counts `LOST` times as much as a false one: a passage of the wrong
page is seen to be one. Rates are those of ten-fold cross-validation over questions; the second AUROC is that of fitting
on the other collections.

    python benchmarks/tune_extracts.py
"""

import argparse
from typing import NamedTuple

import numpy as np
from public_data import DOCUMENTATION, SUPPORT, asked, left_out, opened, rows
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.answering.answerer import RANKED
from bot.answering.confidence import OF_PASSAGES, keep
from bot.answering.extracts import features
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.retrieval import Filters, Retriever

COLLECTIONS = (*SUPPORT, DOCUMENTATION)
LOST = 3.25
FOLDS = 10


class Asked(NamedTuple):
    """A question put to a collection: what tells whether its first passage answers, and whether it does."""

    collection: str
    question: str
    case: str
    """answerable, left out or unanswerable."""
    features: tuple[float, ...]
    right: bool


def collect(name: str, encoder: SentenceEncoder) -> list[Asked]:
    """Every question of a collection, the answerable ones twice."""
    index = opened(name, encoder).index
    retriever = Retriever(index, encoder)
    found = []
    for row in rows(name):
        cases = {"unanswerable": Filters()}
        if row["answerable"]:
            cases = {"answerable": Filters(), "left out": left_out(row, index)}
        for case, filters in cases.items():
            ranking = retriever.search(asked(row), RANKED, filters)
            right = case == "answerable" and ranking.hits[0].passage.document_id in row["gold_ids"]
            found.append(Asked(name, name + row["id"], case, features(ranking, retriever), right))
    return found


def main() -> None:
    """Print the weights, and how often what is answered at 0.5; with --keep, write them to confidence.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="write the weights to bot/answering/confidence.json")
    keeping = parser.parse_args().keep
    encoder = SentenceEncoder()
    cases = [one for name in COLLECTIONS for one in collect(name, encoder)]
    x = np.array([one.features for one in cases])
    y = np.array([one.right for one in cases])
    sizes = {name: sum(one.collection == name for one in cases) for name in COLLECTIONS}
    weights = np.array([LOST if one.right else 1.0 for one in cases]) / [sizes[one.collection] for one in cases]
    weights *= len(cases) / weights.sum()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3))
    given = {"logisticregression__sample_weight": weights}
    sure = cross_val_predict(
        model, x, y, groups=[one.question for one in cases], cv=GroupKFold(FOLDS), params=given, method="predict_proba"
    )[:, 1]
    for name in COLLECTIONS:
        own = np.array([one.collection == name for one in cases])
        model.fit(x[~own], y[~own], logisticregression__sample_weight=weights[~own])
        elsewhere = roc_auc_score(y[own], model.predict_proba(x[own])[:, 1])
        rates = {
            case: np.mean(
                [p >= 0.5 for p, one in zip(sure, cases, strict=True) if (one.collection, one.case) == (name, case)]
            )
            for case in sorted({one.case for one in cases if one.collection == name})
        }
        print(f"{name}: AUROC {roc_auc_score(y[own], sure[own]):.3f}, fitted on the others {elsewhere:.3f}; answered:")
        print("  " + ", ".join(f"{case} {rate:.1%}" for case, rate in rates.items()))
    model.fit(x, y, logisticregression__sample_weight=weights)
    scaler, fitted = model[0], model[-1]
    coefficients = fitted.coef_[0] / scaler.scale_
    intercept = float(fitted.intercept_[0] - coefficients @ scaler.mean_)
    sure = dict(zip(OF_PASSAGES, coefficients.tolist(), strict=True))
    print(f"{sure}, {intercept:.3f}")
    if keeping:
        keep("passage", {"sure": sure}, intercept)


if __name__ == "__main__":
    main()
