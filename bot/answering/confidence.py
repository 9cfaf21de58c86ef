"""How sure to be of an answer: logistic regressions, with the weights that fitting scripts wrote to confidence.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SHIPPED = Path(__file__).with_name("confidence.json")

OF_SENTENCES = (
    "sentence_cosine",  # of question and sentence
    "passage_cosine",  # of question and passage
    "passage_score",  # fused, within the ranking
    "sentence_overlap",  # share of the question's terms in the sentence, weighted by rarity
    "nearby_overlap",  # the same with the sentence before, title and heading
    "passage_overlap",  # the same with the whole passage, title and heading
    "names_missing",  # share of the question's names that stand nowhere nearby
    "kind_missing",  # a number, a date or a name is asked for, and the sentence holds none
    "doubtful",  # it has not the question's "not" or any of its numbers, or is of another thing or office
    "misplaced",  # a place of the question stands neither nearby nor in title and heading
    "introduced",  # how far it begins with what is asked about, under a title or heading that is its name
)
OF_READING = (
    "passage_answers",  # logit that the passage answers
    "passage_behind",  # by how much another passage of the ranking does so better
    "span_margin",  # by how much the sentence's best span beats that there is no answer
    "span_behind",  # by how much that of another sentence of the ranking does so better
    "holds_best",  # the passage's best span stands in the sentence
)
OF_PASSAGES = (
    "passage_cosine",  # of question and passage
    "label_cosine",  # of question and the passage's title and heading
    "above",  # by how much its cosine is above the median of the ranking's
    "ahead",  # by how much its fused score is above the median of those of passages elsewhere
)


def logistic(odds: float) -> float:
    """A logit as a probability."""
    return 1 / (1 + exp(-odds)) if odds > 0 else exp(odds) / (1 + exp(odds))


@dataclass(frozen=True, slots=True)
class Scale:
    """How an operator's own questions turn a logit into one that fits them: `slope` times it, plus `shift`."""

    slope: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Regression:
    """A logit that something answers: a weight for each feature, and the intercept."""

    weights: Floats
    intercept: float

    def odds(self, features: Sequence[float] | Floats) -> float:
        """The logit, given the features in the order of the weights."""
        return float(self.intercept + np.dot(features, self.weights))

    def scaled(self, scale: Scale) -> "Regression":
        """The same with its logit scaled."""
        return Regression(scale.slope * self.weights, scale.slope * self.intercept + scale.shift)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Over the same features: weights that order sentences, and how sure to be of the best of them."""

    rank: Floats
    sure: Regression


@dataclass(frozen=True, slots=True)
class Confidence:
    """What is fitted: for sentences without a reader and with one, and for passages that are quoted whole."""

    retrieval: Fitted
    reading: Fitted
    passage: Regression

    @classmethod
    def read(cls, file: Path) -> "Confidence":
        """What a fitting script wrote."""
        kept = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            retrieval=_fitted(kept["retrieval"], OF_SENTENCES),
            reading=_fitted(kept["reading"], (*OF_SENTENCES, *OF_READING)),
            passage=_sure(kept["passage"], OF_PASSAGES),
        )

    def scaled(self, sentences: Scale, passages: Scale) -> "Confidence":
        """The same, as sure as an operator's own questions ask for."""
        return Confidence(
            replace(self.retrieval, sure=self.retrieval.sure.scaled(sentences)),
            replace(self.reading, sure=self.reading.sure.scaled(sentences)),
            self.passage.scaled(passages),
        )


@cache
def shipped() -> Confidence:
    """What Footnote comes with."""
    return Confidence.read(SHIPPED)


def keep(part: str, weights: Mapping[str, Mapping[str, float]], intercept: float, file: Path = SHIPPED) -> None:
    """Write what was fitted as one part of the file: "retrieval", "reading" or "passage"."""
    kept = json.loads(file.read_text(encoding="utf-8"))
    rounded = {name: {feature: round(one, 3) for feature, one in each.items()} for name, each in weights.items()}
    kept[part] = {"intercept": round(intercept, 3), **rounded}
    file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _fitted(kept: Mapping[str, Any], features: Sequence[str]) -> Fitted:
    return Fitted(np.array([kept["rank"][name] for name in features]), _sure(kept, features))


def _sure(kept: Mapping[str, Any], features: Sequence[str]) -> Regression:
    return Regression(np.array([kept["sure"][name] for name in features]), kept["intercept"])
