"""How sure to be, fitted to an operator's own questions: two numbers for sentences, two for passages quoted whole."""

import json
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.answering.confidence import Confidence, Scale, shipped
from bot.answering.extracts import StatementKind
from bot.contract import read_row
from embeddings.errors import BadRequest
from embeddings.storing.storage import write_text

FILE = "calibration.json"
FEWEST = 10
"""Right and wrong answers of a kind that are needed to fit it."""
PRIOR = 2.0
"""How much the shipped confidence is believed beside the questions, as a penalty on leaving it."""
FOLDS = 5
_CLEAREST = 1e-4
"""Probabilities nearer to 0 or 1 than this say no more."""

log = logging.getLogger("footnote")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question, and the documents that answer it: none where none does, None where any answer is right."""

    text: str
    answerable: bool
    documents: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered to a labelled question if anything at all may be: how sure, in which way, and rightly."""

    odds: float
    whole: bool
    right: bool
    answerable: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted, and the models (`models`, by their checksums) that it holds for."""

    models: str
    questions: int
    sentences: Scale
    passages: Scale

    def confidence(self) -> Confidence:
        """The shipped confidence, scaled."""
        return shipped().scaled(self.sentences, self.passages)


def read_labelled(lines: Iterable[str]) -> Iterator[Labelled]:
    """Questions from JSON lines. Raises BadRequest, which names the line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _labelled(read_row(line))
            except BadRequest as error:
                raise BadRequest(f"Line {number}: {error}") from error


def _labelled(row: dict[str, Any]) -> Labelled:
    text, answerable, gold = row.get("question"), row.get("answerable"), row.get("gold_ids")
    if not isinstance(text, str) or not text.strip() or not isinstance(answerable, bool):
        raise BadRequest('A line is {"question": "…", "answerable": true or false, "gold_ids": [documents, optional]}.')
    if gold is not None and not (isinstance(gold, list) and all(isinstance(one, str) for one in gold)):
        raise BadRequest("gold_ids is a list of document ids, as `python -m bot ask --json` gives them.")
    return Labelled(text, answerable, frozenset(gold) if gold else None)


def outcome(answerer: Answerer, asked: Labelled) -> Outcome | None:
    """What an answerer with the threshold 0 makes of a question; None where it has no answer at all."""
    found = answerer.ask(Question(asked.text))
    if not isinstance(found, Answer):
        return None
    first = found.statements[0]
    sure = min(max(found.confidence, _CLEAREST), 1 - _CLEAREST)
    of_right = asked.documents is None or first.citation.document.id in asked.documents
    whole = first.kind is not StatementKind.SENTENCE
    return Outcome(float(np.log(sure / (1 - sure))), whole, asked.answerable and of_right, asked.answerable)


def fit(outcomes: Sequence[Outcome]) -> Scale | None:
    """The logistic regression of right answers on their logit (Platt 1999), drawn towards leaving it as it is.

    Right and wrong answers weigh the same together, as where the shipped weights were fitted. None where there are
    fewer than `FEWEST` of either, or where surer answers are not more often right.
    """
    right = np.array([one.right for one in outcomes], float)
    if min(right.sum(), (1 - right).sum()) < FEWEST:
        return None
    x = np.array([(one.odds, 1.0) for one in outcomes])
    weight = np.where(right == 1, 0.5 / right.mean(), 0.5 / (1 - right).mean())
    usual = np.array([1.0, 0.0])
    found = usual
    for _ in range(50):  # Newton's method; a handful of steps are enough
        p = 1 / (1 + np.exp(-(x @ found)))
        slope = x.T @ (weight * (p - right)) + PRIOR * (found - usual)
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + PRIOR * np.eye(2)
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < 1e-9:
            break
    return Scale(float(found[0]), float(found[1])) if found[0] > 0 else None


@dataclass(frozen=True, slots=True)
class Rates:
    """Of answerable questions the share answered rightly, of the others the share answered."""

    right: float
    false: float

    def __str__(self) -> str:
        return f"{self.right:.0%} of answerable answered rightly, {self.false:.0%} of the others answered"

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], odds: npt.NDArray[np.float64], threshold: float) -> "Rates":
        """By logits and a threshold of confidence."""
        said = 1 / (1 + np.exp(-odds)) >= threshold
        answerable = np.array([one.answerable for one in outcomes])
        right = np.array([one.right for one in outcomes])
        return cls(_share((said & right)[answerable]), _share(said[~answerable]))


def _share(of: npt.NDArray[np.bool_]) -> float:
    return float(of.mean()) if len(of) else float("nan")


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted to one kind of answer, and how well that does on questions it was not fitted on."""

    scale: Scale | None
    before: Rates
    after: Rates
    questions: int

    def __str__(self) -> str:
        if self.scale is None:
            return f"{self.questions} questions, too few or too unclear to fit; as shipped: {self.before}."
        return f"{self.questions} questions. As shipped: {self.before}. Fitted: {self.after}, by cross-validation."

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], threshold: float) -> "Fit":
        """`after` is by cross-validation: each fifth by a fit on the others."""
        odds = np.array([one.odds for one in outcomes])
        fold = np.random.default_rng(1).permutation(len(outcomes)) % FOLDS
        scaled = odds.copy()
        for part in range(FOLDS):
            scale = fit([one for one, each in zip(outcomes, fold, strict=True) if each != part])
            if scale:
                scaled[fold == part] = scale.slope * odds[fold == part] + scale.shift
        before, after = (Rates.of(outcomes, each, threshold) for each in (odds, scaled))
        return cls(fit(outcomes), before, after, len(outcomes))


def calibrate(
    answerer: Answerer, questions: Sequence[Labelled], threshold: float, show: Callable[[str, int, int], None]
) -> tuple[Fit, Fit]:
    """For sentences and for passages, fitted on questions; `answerer` has the shipped confidence and threshold 0."""
    outcomes = []
    for number, asked in enumerate(questions, 1):
        found = outcome(answerer, asked)
        outcomes += [found] if found else []
        show("Asking", number, len(questions))
    sentences, passages = ([one for one in outcomes if one.whole is whole] for whole in (False, True))
    return Fit.of(sentences, threshold), Fit.of(passages, threshold)


def keep(root: Path, calibration: Calibration) -> None:
    """Write it beside the index, in one step."""
    aside = root / f".{FILE}"
    write_text(aside, json.dumps(asdict(calibration), indent=2) + "\n")
    aside.replace(root / FILE)


def kept(root: Path, models: Callable[[], str]) -> Confidence | None:
    """The confidence that was fitted for an index and these models; None, with a line in the log, for others."""
    try:
        found = json.loads((root / FILE).read_text(encoding="utf-8"))
        sentences, passages = (_scale(**found[part]) for part in ("sentences", "passages"))
        calibration = Calibration(found["models"], found["questions"], sentences, passages)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        log.warning("%s cannot be read (%s), so confidence is as shipped.", root / FILE, error)
        return None
    if calibration.models == models():
        return calibration.confidence()
    log.warning("%s is for other models, so confidence is as shipped. Run: python -m bot calibrate", root / FILE)
    return None


def _scale(slope: float = 1.0, shift: float = 0.0) -> Scale:
    """A scale as it was written. Raises TypeError, ValueError or OverflowError for what is no finite number."""
    if not math.isfinite(slope) or not math.isfinite(shift):
        raise ValueError("a number has no end")
    return Scale(slope, shift)
