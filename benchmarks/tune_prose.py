"""Fit how surely a sentence of a quotation holds a sentence of prose.

Tuning data: the labelled sentences (development/prose_labels.jsonl) but the later ones, and altered sentences of the
experts' answers in `wixqa` and `mtrag_un`, which nothing holds, each beside its nearest match. The weights are fitted
on all of them, because the rules of `bot/prose/grounding.py` leave too few that are false to fit anything on. `SURE`
is the highest support that costs at most `LOST` of the supported sentences that the rules leave. Rates are those of
five-fold cross-validation over questions and documents.

    python benchmarks/tune_prose.py
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from prose_data import COLLECTIONS, altered, answers, labelled
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.prose.gate import WEIGHTS, Ground, features, matches
from bot.prose.grounding import Text
from bot.reader.reading import CONTRADICT, SUPPORT, Reader
from bot.reader.trained import TrainedReader

EACH = 40
"""Altered sentences of a kind and collection, at most."""
SEED = 1
LOST = 0.03
FOLDS = 5


class Case(NamedTuple):
    """A sentence beside its nearest match: whether it is supported, and whether the rules leave it."""

    kind: str
    group: str
    supported: bool
    left: bool
    features: tuple[float, ...]


def case(kind: str, group: str, supported: bool, text: str, grounds: list[Ground], reader: Reader) -> Case | None:
    """A sentence beside the nearest that the rules leave, or else the nearest; None for one that is near none."""
    draft = Text(text)
    found = [each for ground in grounds for each in matches(draft, ground) if each[1].spread < 1]
    if not found:
        return None
    quoted, match = max(found, key=lambda each: (each[1].reason is None, each[1].same + each[1].near / 2))
    row = reader.compare(text, [quoted.text])[0]
    seen = features(match, float(row[SUPPORT]), float(row[CONTRADICT]))
    return Case(kind, group, supported, match.reason is None, seen)


def cases(reader: Reader) -> Iterator[Case | None]:
    """The labelled sentences and the altered ones."""
    for one in labelled():
        if not one.later:
            yield case("labelled", one.group, one.supported, one.draft.text, [one.ground], reader)
    for name in COLLECTIONS:
        for change in altered(list(answers(name)), random.Random(SEED), EACH):
            if change.kind != "steps":
                grounds = [quotation.ground for quotation in change.quotations]
                yield case(change.kind, change.question, False, change.drafts[0].text, grounds, reader)


def main() -> None:
    """Print the weights and what they let pass."""
    every = [one for one in cases(TrainedReader()) if one]
    x = np.array([one.features for one in every])
    y = np.array([one.supported for one in every])
    left = np.array([one.left for one in every])
    judged = np.array([one.kind == "labelled" for one in every])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, class_weight="balanced"))
    folds = GroupKFold(FOLDS)
    sure = cross_val_predict(model, x, y, groups=[one.group for one in every], cv=folds, method="predict_proba")[:, 1]
    print(f"{len(every)} sentences, {sum(y)} supported; AUROC {roc_auc_score(y, sure):.3f}")
    limit = float(np.quantile(sure[left & y], LOST))
    for name, passed in {"by rules": left, "by support": sure >= limit, "by both": left & (sure >= limit)}.items():
        print(
            f"kept {name}: {sum(passed & y)} of {sum(y)} supported; {sum(passed & ~y & judged)} of "
            f"{sum(~y & judged)} labelled as not; {sum(passed & ~judged)} of {sum(~judged)} altered"
        )
    model.fit(x, y)
    scaler, fitted = model[0], model[-1]
    coefficients = fitted.coef_[0] / scaler.scale_
    print(f"SURE = {limit:.3f}")
    for name, weight in zip(WEIGHTS, coefficients, strict=True):
        print(f'    "{name}": {weight:.3f},')
    print(f"INTERCEPT = {fitted.intercept_[0] - coefficients @ scaler.mean_:.3f}")


if __name__ == "__main__":
    main()
