"""Fit how surely a sentence of a quotation holds a sentence of prose that nothing speaks against.

Tuning data: the labelled sentences (development/prose_labels.jsonl) but the later ones, and altered sentences of the
experts' answers in `wixqa` and `mtrag_un`, which nothing holds. Only what passes the rules of
`bot/prose/grounding.py` is fitted on, a sentence's nearest match. Rates are those of five-fold cross-validation over
questions and documents. `SURE` is the lowest support from which on `PRECISION` of the labelled sentences are supported
and at most `ALTERED` of the altered ones of each kind pass.

    python benchmarks/tune_prose.py
"""

import random
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from prose_data import COLLECTIONS, altered, answers, labelled
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.prose.gate import WEIGHTS, Ground, candidates, features
from bot.prose.grounding import Text, flaw
from bot.reader.reading import CONTRADICT, SUPPORT, Reader
from bot.reader.trained import TrainedReader

EACH = 60
"""Altered sentences of a kind and collection, at most."""
SEED = 1
PRECISION, ALTERED = 0.95, 0.03
FOLDS = 5


class Case(NamedTuple):
    """A sentence: whether it is supported, and what tells so, None where the rules speak against it."""

    kind: str
    group: str
    supported: bool
    features: tuple[float, ...] | None


def nearest(text: str, grounds: list[Ground], reader: Reader) -> tuple[float, ...] | None:
    """The features of a sentence's nearest match in some quotations."""
    draft = Text(text)
    found = [] if flaw(text) else [each for ground in grounds for each in candidates(draft, ground)]
    if not found:
        return None
    quoted, match = max(found, key=lambda each: each[1].same + each[1].near / 2)
    row = reader.compare(text, [quoted.text])[0]
    return features(match, float(row[SUPPORT]), float(row[CONTRADICT]))


def cases(reader: Reader) -> Iterator[Case]:
    """The labelled sentences and the altered ones."""
    for one in labelled():
        if not one.later:
            yield Case("labelled", one.group, one.supported, nearest(one.draft.text, [one.ground], reader))
    for name in COLLECTIONS:
        for change in altered(list(answers(name)), random.Random(SEED), EACH):
            if change.kind != "steps":
                grounds = [quotation.ground for quotation in change.quotations]
                yield Case(change.kind, change.question, False, nearest(change.drafts[0].text, grounds, reader))


def main() -> None:
    """Print the weights and what they let pass."""
    every = list(cases(TrainedReader()))
    left = [one for one in every if one.features is not None]
    print(f"{len(every)} sentences; the rules leave {len(left)}")
    for kind in sorted({one.kind for one in every}):
        own = [one for one in every if one.kind == kind]
        print(f"  {kind}: {sum(one.features is not None for one in own)} of {len(own)}")
    x = np.array([one.features for one in left])
    y = np.array([one.supported for one in left])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, class_weight="balanced"))
    folds = GroupKFold(FOLDS)
    sure = cross_val_predict(model, x, y, groups=[one.group for one in left], cv=folds, method="predict_proba")[:, 1]
    judged = [one.kind == "labelled" for one in left]
    supported = sum(one.supported for one in every)
    totals = Counter(one.kind for one in every)
    chosen = None
    print("support | kept of supported | precision on labelled | altered kept, the worst kind")
    for limit in np.arange(0.05, 1.0, 0.05):
        passed = sure >= limit
        kept = sum(passed & y)
        wrong = sum(passed & ~y & judged)
        precision = kept / max(1, kept + wrong)
        worst = max(
            (sum(p and one.kind == kind for p, one in zip(passed, left, strict=True)) / totals[kind], kind)
            for kind in totals
            if kind != "labelled"
        )
        print(f"{limit:.2f} | {kept / supported:.3f} | {precision:.3f} | {worst[0]:.3f} {worst[1]}")
        if chosen is None and precision >= PRECISION and worst[0] <= ALTERED:
            chosen = limit
    model.fit(x, y)
    scaler, fitted = model[0], model[-1]
    coefficients = fitted.coef_[0] / scaler.scale_
    print(f"SURE = {chosen if chosen is not None else 1.0:.2f}")
    for name, weight in zip(WEIGHTS, coefficients, strict=True):
        print(f'    "{name}": {weight:.3f},')
    print(f"INTERCEPT = {fitted.intercept_[0] - coefficients @ scaler.mean_:.3f}")
    for p, one in zip(sure, left, strict=True):
        if not one.supported and p >= (chosen or 0.5):
            print(f"passes: {one.kind} {one.group} {p:.2f}")


if __name__ == "__main__":
    main()
