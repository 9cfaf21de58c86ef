"""Score answers in their JSON form against what was expected of them, and say how sure the figures are.

A score is a dictionary from the name of a measure to a value from 0 to 1; a measure that does not apply to a question
is not in it. A figure is the mean of a measure over the questions it applies to, with an interval by the percentile
bootstrap (Efron 1979): questions are drawn again with replacement, always with the same seed.
"""

import re
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RESAMPLES, COVERED, SEED = 2000, 95.0, 5
"""How often the questions are drawn again, how many percent of the results an interval covers, and the seed."""
THRESHOLDS = tuple(round(tenth / 10, 1) for tenth in range(1, 10))
"""Those that error rates are shown at."""

Row = Mapping[str, Any]
Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Scores = dict[str, float]
Errors = Mapping[str, Sequence[float]]
"""Error rates at each of THRESHOLDS, by measure."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure says in words, whether less of it is better, and whether it is a share of the questions."""

    meaning: str
    less: bool = False
    share: bool = True


MEASURES = {
    "missed": Measure("not found although answerable", less=True),
    "invented": Measure("answered although unanswerable", less=True),
    "status": Measure("right status"),
    "first": Measure("first statement holds an acceptable sentence"),
    "among": Measure("one of the statements holds one"),
    "marked": Measure("value marked exactly in the first statement"),
    "overlap": Measure("words of the marked value, F1"),
    "voice": Measure("voice right, where an acceptable sentence is shown"),
    "conflict": Measure("disagreement shown where there is one"),
    "values": Measure("share of the differing values shown"),
    "alarm": Measure("disagreement shown where there is none", less=True),
    "exact": Measure("every quotation exact"),
    "right": Measure("claims right"),
    "supported": Measure("altered claims that are said to be supported", less=True),
    "unsaid": Measure("claims nobody makes that are said to be supported", less=True),
    "near": Measure("answered although unanswerable: written to look answerable", less=True),
    "absent": Measure("answered although unanswerable: what answers was left out", less=True),
    "best": Measure("first sentence holds the answer"),
    "three": Measure("one of the first three does"),
    "document": Measure("first statement is from a document that the expert used"),
    "named": Measure("it is, or one is named as where an answer may stand"),
    "covered": Measure("words of the expert's answer that are quoted"),
    "complete": Measure("at least 70 % of them are"),
    "spans": Measure("all that answers is quoted whole"),
    "words": Measure("words quoted in an answer", less=True, share=False),
    "auroc": Measure("AUROC of the confidence", share=False),
    "auroc_near": Measure("AUROC of the confidence, questions written to look answerable", share=False),
    "auroc_absent": Measure("AUROC of the confidence, what answers left out", share=False),
}


def measure_of(name: str) -> Measure:
    """The measure of this name; one that is not listed says what it is by its name."""
    return MEASURES.get(name, Measure(name))


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its interval, and how many questions it is about."""

    value: float
    low: float
    high: float
    count: int

    def worse(self, before: "Figure", less: bool = False) -> bool:
        """Whether it is worse than another figure by more than the interval of that one."""
        return self.value > before.high if less else self.value < before.low


def figure(values: Sequence[float] | Truths) -> Figure:
    """The mean of the values."""
    every = np.array(values, float)
    return _interval(float(every.mean()), every[_draws(len(every))].mean(axis=1), len(every))


def statistic(count: int, measure: Callable[[Rows], float]) -> Figure:
    """A measure of the rows 0 to `count`; a draw that it is not a number for has no part in the interval."""
    return _interval(measure(np.arange(count)), np.array([measure(rows) for rows in _draws(count)]), count)


def _draws(count: int) -> Rows:
    return np.random.default_rng(SEED).integers(count, size=(RESAMPLES, count))


def _interval(value: float, drawn: Floats, count: int) -> Figure:
    rest = (100 - COVERED) / 2
    low, high = np.nanpercentile(drawn, [rest, 100 - rest])
    return Figure(round(value, 4), round(float(low), 4), round(float(high), 4), count)


def figures(scores: Iterable[Scores]) -> dict[str, Figure]:
    """Each measure over the questions it applies to, in the order of MEASURES."""
    values: dict[str, list[float]] = {}
    for score in scores:
        for name, value in score.items():
            values.setdefault(name, []).append(value)
    return {name: figure(values[name]) for name in MEASURES if name in values}


def imperfect(rows: Sequence[Row], scores: Sequence[Scores]) -> dict[str, list[str]]:
    """For each measure, the ids of the questions that it is not perfect for."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, measure in MEASURES.items():
        perfect = 1 - measure.less
        for row, score in zip(rows, scores, strict=True):
            if score.get(name, perfect) != perfect:
                found[name].append(row["id"])
    return dict(found)


def by_kind(rows: Sequence[Row], scores: Sequence[Scores]) -> dict[str, dict[str, Figure]]:
    """The figures of each kind of question."""
    kinds: dict[str, list[Scores]] = defaultdict(list)
    for row, score in zip(rows, scores, strict=True):
        kinds[row["kind"]].append(score)
    return {kind: figures(kinds[kind]) for kind in sorted(kinds)}


def score_status(row: Row, answer: Row) -> Scores:
    """Whether the status is one of the acceptable ones, and which of the two errors it is if not."""
    status, accepted = answer["status"], row["status"]
    score = {"status": float(status in accepted)}
    if accepted == ["not_found"]:
        score["invented"] = float(status != "not_found")
    elif "not_found" not in accepted:
        score["missed"] = float(status == "not_found")
        if accepted == ["disputed"]:
            score["conflict"] = float(status == "disputed")
        elif "disputed" not in accepted:
            score["alarm"] = float(status == "disputed")
    return score


def score_answer(row: Row, answer: Row) -> Scores:
    """Everything that one golden question says about its answer.

    What is asked of an answerable question counts as wrong where there is no answer; only the voice is judged just
    where an acceptable sentence is shown.
    """
    score = score_status(row, answer)
    if "missed" not in score:
        return score
    found = [statement for statement in answer["statements"] if acceptable(row, answer, statement)]
    if row["evidence"]:
        score["first"] = float(bool(found) and found[0] is answer["statements"][0])
        score["among"] = float(bool(found))
    values = row["values"] or [one["value"] for one in row["evidence"]]
    if values and all(values) and row["kind"] != "yes_no":
        marked = highlighted(answer["statements"][0]) if answer["statements"] else ""
        score["marked"] = float(max(normal(marked) == normal(value) for value in values))
        score["overlap"] = max(word_f1(marked, value) for value in values)
    if row["voice"] and found:
        score["voice"] = float(any(same_voice(found[0]["voice"], voice) for voice in row["voice"]))
    if row["status"] == ["disputed"]:
        shown = [position["value"] for one in answer["disagreements"] for position in one["positions"]]
        score["values"] = float(np.mean([any(has_words(text, value) for text in shown) for value in row["values"]]))
    return score


def score_claim(row: Row, answer: Row) -> Scores:
    """Whether a claim is judged right; for one that the documents do not say, whether it is supported all the same."""
    score = {"right": float(answer["status"] in row["status"])}
    if "supported" not in row["status"]:
        score["supported" if row["of"] else "unsaid"] = float(answer["status"] == "supported")
    return score


def score_exact(answer: Row, texts: Mapping[str, str]) -> Scores:
    """Whether all that is shown as a quotation stands in the documents, given by id, where it is said to stand."""
    cited = {citation["number"]: citation["quote"] for citation in answer["citations"]}
    every = [*answer["citations"], *answer["nearest"]]
    exact = all(
        citation["quote"] and texts[citation["document"]][citation["start"] : citation["end"]] == citation["quote"]
        for citation in every
    )
    stated = all(
        statement["quote"] == cited.get(statement["citation"])
        and (statement["highlight"] is None or highlighted(statement).strip())
        for statement in answer["statements"]
    )
    return {"exact": float(exact and stated)} if every else {}


def acceptable(row: Row, answer: Row, statement: Row) -> bool:
    """Whether a statement holds a sentence that answers the question, or another document that says the same does."""
    numbers = {statement["citation"], *statement.get("also", ())}
    return any(
        citation["document"] == one["document"] and spaced(one["contains"]) in spaced(citation["quote"])
        for citation in answer["citations"]
        if citation["number"] in numbers
        for one in row["evidence"]
    )


def highlighted(statement: Row) -> str:
    """The marked value of a statement, or nothing."""
    if statement["highlight"] is None:
        return ""
    start, end = statement["highlight"]
    return str(statement["quote"][start:end]) if 0 <= start < end <= len(statement["quote"]) else ""


def same_voice(said: Row, expected: Row) -> bool:
    """The same kind, and the same name where one is expected, however much of it is given ("the ACLU", "Newsom")."""
    if said["kind"] != expected["kind"] or expected["name"] is None:
        return bool(said["kind"] == expected["kind"])
    one, other = (set(normal(name or "").split()) for name in (said["name"], expected["name"]))
    return bool(one) and (one <= other or other <= one)


def normal(text: str) -> str:
    """Text as SQuAD compares it: without capitals, punctuation, articles and surplus spaces."""
    plain = "".join(letter for letter in text.lower() if letter not in string.punctuation + "“”‘’—–")
    return spaced(re.sub(r"\b(?:a|an|the)\b", " ", plain))


def has_words(text: str, part: str) -> bool:
    """Whether the words of `part` stand in the text, one after the other."""
    return f" {normal(part)} " in f" {normal(text)} "


def word_f1(one: str, other: str) -> float:
    """The harmonic mean of precision and recall over the words of both texts."""
    first, second = normal(one).split(), normal(other).split()
    common = sum((Counter(first) & Counter(second)).values())
    return 2 * common / (len(first) + len(second)) if common else 0.0


def spaced(text: str) -> str:
    """Text with single spaces."""
    return " ".join(text.split())


def both_errors(sure: Floats, answerable: Truths) -> Errors:
    """At each of THRESHOLDS, the share of the answerable questions below it, and of the others from it on."""
    return {
        "missed": [float(np.mean(sure[answerable] < threshold)) for threshold in THRESHOLDS],
        "invented": [float(np.mean(sure[~answerable] >= threshold)) for threshold in THRESHOLDS],
    }


def auroc(sure: Floats, answerable: Truths) -> float:
    """How often an answerable question has more confidence than another; nan where all are of one kind."""
    yes, no = sure[answerable], np.sort(sure[~answerable])
    if not (len(yes) and len(no)):
        return float("nan")
    below, same = np.searchsorted(no, yes, "left"), np.searchsorted(no, yes, "right")
    return float((below + same).mean() / 2 / len(no))


def bins(sure: Floats, answerable: Truths, width: float = 0.1) -> list[tuple[float, float, int]]:
    """For each tenth of the confidence: its mean, the share that is answerable, and how many questions it holds.

    Answerable questions and the others weigh the same in total, as they do where the confidence is fitted.
    """
    weight = np.where(answerable, 0.5 / max(answerable.sum(), 1), 0.5 / max((~answerable).sum(), 1))
    place = np.minimum((sure / width + 1e-9).astype(int), round(1 / width) - 1)
    return [
        (
            float(np.average(sure[inside], weights=weight[inside])),
            float(np.average(answerable[inside], weights=weight[inside])),
            int(inside.sum()),
        )
        for inside in (place == number for number in range(round(1 / width)))
        if inside.any()
    ]
