"""Fit what chooses evidence and how sure it is, and report both error rates on articles kept apart.

Data: a mixture, because what is fitted on one kind of collection is too sure on another. Of `squad2_halfdev` the
articles that the reader was neither trained nor is reported on: for each, an index of every other paragraph is made, a
small collection on one subject, as people have. 400 pieces of articles of one science together (`covidqa`). The notes
in `seeds/`, with the questions in benchmarks/development. Short facts of two open manuals, which count twice, for there
are few of them. Questions are of three kinds: answered by something in the index; written by people to look answerable
from it but not answered; answered by something that is left out.

Two logistic regressions over the same features: one over all sentences, whether a sentence holds the answer, which
ranks them; one over each question's two best sentences, the same, which is the confidence (with
several features, what Platt scaling is with one). Figures, and the threshold with the least mean error, are those
of each article, or quarter of another collection, by a fit that had not seen it.

Two weights are fitted after all others, with these as they are: of how far a sentence introduces what is asked about,
which hardly a question of the mixture tells anything of. To it come questions that ask what something is, about the
manuals that choices are made by.

    python benchmarks/tune_confidence.py [--report] [--questions 150]

Without --report nothing is read of the reporting articles.
"""

import argparse
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from public_data import MANUALS, SCIENCE, UNSEEN_MANUALS, definitions, facts, opened, rows, squad_titles
from public_data import left_out as left_out_of
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

from bot.answering.answerer import PASSAGES, Answerer
from bot.answering.confidence import OF_READING, OF_SENTENCES, keep
from bot.answering.evidence import candidates
from bot.question.forms import Form, QuestionForm
from bot.reader.reading import Reader
from bot.reader.trained import TrainedReader
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.index import Index, compact_vectors, exact_vectors, sentence_rows
from embeddings.searching.lexical import Lexical
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.searching.vocabulary import Vocabulary
from embeddings.splitting.passages import text_for_encoder
from embeddings.storing import generations
from training.sources import rows as rows_in

Floats = npt.NDArray[np.float64]
KINDS = ("not answered", "left out")
ROOT = Path(__file__).resolve().parents[1]
NOTES = "notes"
FOLDS = 4
"""Parts of a collection that is not made of articles."""
THRESHOLDS = np.arange(0.05, 1, 0.05)
SETS = {
    "retrieval": slice(0, len(OF_SENTENCES)),
    "reader": slice(len(OF_SENTENCES), None),
    "both": slice(None),
}
"""Which of the features an answer goes by."""
_SIGNS = {
    "names_missing": -1,
    "kind_missing": -1,
    "doubtful": -1,
    "misplaced": -1,
    "passage_answers": 1,
    "passage_behind": -1,
    "span_margin": 1,
    "span_behind": -1,
    "holds_best": 1,
}
PLACES = (1.0, 0.5)
"""How much a question's best sentences weigh: with the best alone, the others of its passage seem as sure as it is."""
SIGNS = np.array([float(_SIGNS.get(name, 0)) for name in (*OF_SENTENCES, *OF_READING)])
"""What the reader finds may not speak against an answer, nor what is missing or doubtful for it, though in a small
sample it can seem to."""


INTRODUCED = OF_SENTENCES.index("introduced")
_OTHERS = np.arange(len(SIGNS)) != INTRODUCED


@dataclass(frozen=True)
class Asked:
    """A question of an article: its kind, the features of its sentences, which of them hold the answer."""

    article: str
    kind: str
    features: Floats
    holds: npt.NDArray[np.bool_]

    @property
    def answered(self) -> bool:
        """Whether a sentence holds the answer."""
        return self.kind == "answered"


def regression(features: Floats, truth: npt.NDArray[np.bool_], weight: Floats, signs: Floats) -> Floats:
    """Logistic regression with weights that have the given signs, 0 for either; the last one is the intercept."""
    x = np.column_stack([features, np.ones(len(features))])
    y = np.where(truth, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        margin = y * (x @ w)
        slope = -y * weight / (1 + np.exp(np.clip(margin, -500, 500)))
        return float(weight @ np.logaddexp(0, -margin) + w[:-1] @ w[:-1] / 2), x.T @ slope + np.append(w[:-1], 0)

    bounds = [(0 if sign > 0 else None, 0 if sign < 0 else None) for sign in (*signs, 0)]
    found: Floats = minimize(loss, np.zeros(x.shape[1]), jac=True, bounds=bounds, options={"maxiter": 5000}).x
    return found


@dataclass(frozen=True)
class Fit:
    """The two regressions over some of the features."""

    columns: slice
    rank: Floats
    sure: Floats
    intercept: float

    @classmethod
    def of(cls, asked: Sequence[Asked], columns: slice) -> "Fit":
        """Fit both but for "introduced"; for the second, sentences that hold the answer weigh as much as the others."""
        asked = [replace(row, features=row.features * _OTHERS) for row in asked]
        answered = [row for row in asked if row.answered]
        holds = np.concatenate([row.holds for row in answered])
        every = np.vstack([row.features[:, columns] for row in answered])
        rank = regression(every, holds, np.ones(len(every)), SIGNS[columns])
        fit = cls(columns, rank[:-1], rank[:-1], 0.0)
        sure = regression(*fit.first(asked), SIGNS[columns])
        return replace(fit, sure=sure[:-1], intercept=float(sure[-1]))

    def introducing(self, asked: Sequence[Asked]) -> "Fit":
        """The same with the likeliest weights of "introduced", all others as they are.

        What ranks is fitted as a choice among the sentences of each question (McFadden 1974): among those of all
        questions, of which few answer, it would be worth a fifth of that.
        """
        answered = [(row.features[:, self.columns], row.holds) for row in asked if row.holds.any()]

        def unlikely(weight: float) -> float:
            odds = [features @ self.rank + weight * features[:, INTRODUCED] for features, _ in answered]
            lost = sum(logsumexp(one) - logsumexp(one[holds]) for one, (_, holds) in zip(odds, answered, strict=True))
            return float(lost + weight**2 / 2)

        ranking = replace(self, rank=_with_introduced(self.rank, minimize_scalar(unlikely).x))
        features, truth, weight = ranking.first(asked)
        odds, sign = self.intercept + features @ self.sure, np.where(truth, -1.0, 1.0)

        def unlikely_sure(one: float) -> float:
            return float(weight @ np.logaddexp(0, sign * (odds + one * features[:, INTRODUCED])) + one**2 / 2)

        return replace(ranking, sure=_with_introduced(self.sure, minimize_scalar(unlikely_sure).x))

    def first(self, asked: Sequence[Asked]) -> tuple[Floats, npt.NDArray[np.bool_], Floats]:
        """The features of each question's best sentences, whether they hold the answer, and what each weighs."""
        first = [(row, place, share) for row in asked for place, share in zip(self.order(row), PLACES, strict=False)]
        truth = np.array([row.holds[place] for row, place, _ in first])
        weight = np.array([share for _, _, share in first])
        weight *= np.where(truth, 1 / weight[truth].sum(), 1 / weight[~truth].sum()) * len(asked) / 2
        return np.array([row.features[place, self.columns] for row, place, _ in first]), truth, weight

    def best(self, asked: Sequence[Asked]) -> Floats:
        """The features of each question's best sentence."""
        return np.array([row.features[self.order(row)[0], self.columns] for row in asked])

    def order(self, row: Asked) -> npt.NDArray[np.int64]:
        """A question's sentences, the best first."""
        return np.argsort(-(row.features[:, self.columns] @ self.rank))

    def confidence(self, asked: Sequence[Asked]) -> Floats:
        """How sure the best sentence of each question is."""
        sure: Floats = 1 / (1 + np.exp(-(self.intercept + self.best(asked) @ self.sure)))
        return sure


def _with_introduced(weights: Floats, weight: float) -> Floats:
    return np.where(np.arange(len(weights)) == INTRODUCED, weight, weights)


def half(index: Index, encoder: SentenceEncoder, title: str) -> Index:
    """Every other paragraph of an article as an index of its own, with the vectors it has already."""
    documents = tuple(document for document in index.documents if document.title == title)[::2]
    kept = index.rows_in([document.id for document in documents])
    passages = tuple(index.passages[row] for row in kept)
    _, sentences = sentence_rows(passages)
    place = {key: row for row, key in enumerate(sentence_rows(index.passages)[1])}
    texts = [text_for_encoder(title, passage, encoder) for passage in passages]
    return Index(
        documents=documents,
        passages=passages,
        passage_vectors=exact_vectors(index.passage_vectors.reconstruct_batch(kept)),
        sentence_vectors=compact_vectors(
            index.sentence_vectors.reconstruct_batch(np.array([place[key] for key in sentences]))
        ),
        lexical=Lexical.of(texts),
        vocabulary=Vocabulary.of(documents),
    )


def left_out(index: Index, title: str) -> set[str]:
    """The paragraphs of an article that its half index lacks."""
    return {document.id for document in [d for d in index.documents if d.title == title][1::2]}


def ask(retriever: Retriever, reader: Reader, question: dict[str, Any], article: str = "") -> Asked:
    """The features of every sentence that is evidence for a question."""
    gold = [(span["doc_id"], span["start"], span["end"]) for span in question["gold_spans"]]
    sought = question.get("related_ids") or question["gold_ids"]
    absent = bool(sought) and sought[0] not in retriever.index.document_of
    kind = "left out" if absent else "answered" if question["answerable"] else "not answered"
    features, holds = [], []
    ranking = retriever.search(question["question"], PASSAGES)
    found = list(candidates(QuestionForm.of(ranking.query), ranking, retriever.index, reader))
    for candidate in [each for each in found if each.possible] or found:
        document, span = candidate.hit.passage.document_id, candidate.span
        features.append(candidate.features)
        holds.append(any(d == document and s < span.end and span.start < e for d, s, e in gold))
    return Asked(article, kind, np.array(features), np.array(holds))


def collect(titles: set[str], most: int, encoder: SentenceEncoder, reader: Reader) -> list[Asked]:
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
        asked += [ask(retriever, reader, question, title) for question in questions[:most]]
        print(".", end="", flush=True)
    return asked


def collect_pooled(most: int, encoder: SentenceEncoder, reader: Reader) -> list[Asked]:
    """Ask questions of the pieces of `covidqa` together; every third with the pieces that may answer it left out."""
    retriever = Retriever(opened(SCIENCE, encoder).index, encoder)
    questions = list(rows(SCIENCE))
    random.Random(SCIENCE).shuffle(questions)
    asked = []
    for number, question in enumerate(questions[:most]):
        kept = left_out_of(question, retriever.index) if number % 3 == 2 else Filters()
        asked.append(ask(retriever.within(kept), reader, question, f"{SCIENCE} {number % FOLDS}"))
    return asked


def collect_notes(encoder: SentenceEncoder, reader: Reader) -> list[Asked]:
    """Ask the questions of benchmarks/development of the notes in seeds/."""
    with tempfile.TemporaryDirectory() as root:
        build(ROOT / "seeds", Path(root), encoder)
        answerer = Answerer(generations.open_current(Path(root), encoder.sha256), encoder, 0.5)
        return [
            ask(answerer.retriever, reader, _of_notes(row, answerer), f"{NOTES} {number % FOLDS}")
            for number, row in enumerate(rows_in(ROOT / "benchmarks" / "development" / "questions.jsonl"))
        ]


def collect_manuals(
    asked_of: Callable[[str], list[dict[str, Any]]], names: Sequence[str], encoder: SentenceEncoder, reader: Reader
) -> list[Asked]:
    """Ask questions of open manuals, but those that no sentence answers by itself."""
    answerers = {name: Answerer(opened(name, encoder), encoder, 0.5) for name in names}
    questions = [(name, _of_manual(row, answerers[name])) for name in names for row in asked_of(name)]
    return [
        ask(answerers[name].retriever, reader, row, name)
        for name, row in questions
        if QuestionForm.of(row["question"]).answer is not Form.PROCEDURE
    ]


def _of_manual(row: dict[str, Any], answerer: Answerer) -> dict[str, Any]:
    """A question as the bot reads it, with where the pages answer it."""
    spans = []
    for key in row["gold_ids"]:
        for contained in row["contains"]:
            words = r"\s+".join(map(re.escape, contained.split()))
            found = re.finditer(words, answerer.index.document_of[key].text)
            spans += [{"doc_id": key, "start": at.start(), "end": at.end()} for at in found]
    return row | {"question": answerer.wording.understand(row["question"]).text, "gold_spans": spans}


def _of_notes(row: dict[str, Any], answerer: Answerer) -> dict[str, Any]:
    """A question as the bot reads it, in the words of the notes."""
    spans = []
    for evidence in row["evidence"]:
        start = answerer.index.document_of[evidence["document"]].text.index(evidence["contains"])
        spans.append({"doc_id": evidence["document"], "start": start, "end": start + len(evidence["contains"])})
    gold = {"gold_ids": [span["doc_id"] for span in spans], "gold_spans": spans}
    question = answerer.wording.understand(row["question"]).text
    return {"question": question, "answerable": "not_found" not in row["status"], **gold}


def rates(asked: Sequence[Asked], sure: Floats, threshold: float) -> tuple[float, float, float]:
    """Shares of the answered questions that get no answer, and of either other kind that get one."""
    kinds = np.array([row.kind for row in asked])
    missed = float(np.mean(sure[kinds == "answered"] < threshold))
    wrong, absent = (float(np.mean(sure[kinds == kind] >= threshold)) for kind in KINDS)
    return missed, wrong, absent


def mean_error(asked: Sequence[Asked], sure: Floats, threshold: float) -> float:
    """The mean of both error rates; the two kinds of unanswered questions weigh the same."""
    missed, wrong, absent = rates(asked, sure, threshold)
    return (missed + (wrong + absent) / 2) / 2


def unseen(asked: Sequence[Asked], columns: slice) -> Floats:
    """Confidences of each article's questions by a fit on the other articles."""
    sure = np.zeros(len(asked))
    for article in sorted({row.article for row in asked}):
        own = [i for i, row in enumerate(asked) if row.article == article]
        fit = Fit.of([row for row in asked if row.article != article], columns)
        sure[own] = fit.confidence([asked[i] for i in own])
    return sure


def best_threshold(asked: Sequence[Asked], sure: Floats) -> float:
    """The threshold with the least mean error."""
    return float(min(THRESHOLDS, key=lambda threshold: mean_error(asked, sure, threshold)))


def ablation(asked: Sequence[Asked], found: dict[str, tuple[Fit, Floats, float]]) -> Iterator[str]:
    """One line a set of features."""
    yield (
        "| features | AUROC, not answered | AUROC, left out | threshold | error | hallucination, not answered |"
        " left out | balanced accuracy | gold sentence first | among three |"
    )
    yield "|" + "---|" * 10
    kinds = np.array([row.kind for row in asked])
    for name, (fit, sure, threshold) in found.items():
        scores = [
            roc_auc_score(kinds[chosen] == "answered", sure[chosen])
            for kind in KINDS
            for chosen in [(kinds == "answered") | (kinds == kind)]
        ]
        tops = [row.holds[fit.order(row)] for row in asked if row.answered]
        values = [
            *scores,
            threshold,
            *rates(asked, sure, threshold),
            1 - mean_error(asked, sure, threshold),
            np.mean([top[0] for top in tops]),
            np.mean([top[:3].any() for top in tops]),
        ]
        yield f"| {name} | " + " | ".join(f"{value:.3f}" for value in values) + " |"


def defined(asked: Sequence[Asked], fit: Fit, mixture: Sequence[Asked]) -> Iterator[str]:
    """How often questions what something is are answered at 0.5, the weights of "introduced" fitted without a manual's.

    An answer is right whose first sentence says what it is.
    """
    yield "| manual | introduced | right | wrong | not defined, yet answered |"
    yield "|---|---|---|---|---|"
    for name in MANUALS:
        own = [row for row in asked if row.article == name]
        others = [row for row in asked if row.article != name]
        for used, one in (("no", fit), ("yes", fit.introducing([*mixture, *others]))):
            given = one.confidence(own) >= 0.5
            holds = np.array([row.holds[one.order(row)[0]] for row in own])
            there = np.array([row.answered for row in own])
            counts = (
                f"{(given & mask).sum()} of {of.sum()}"
                for mask, of in ((holds, there), (there & ~holds, there), (~there, ~there))
            )
            yield f"| {name} | {used} | " + " | ".join(counts) + " |"


def by_collection(asked: Sequence[Asked], sure: Floats, threshold: float) -> Iterator[str]:
    """Both errors of each kind of collection at one threshold: how far the confidence travels."""
    yield "| collection | questions | error | hallucination | AUROC |"
    yield "|---|---|---|---|---|"
    answered = np.array([row.answered for row in asked])
    parts = [row.article.partition(" ")[0] for row in asked]
    names = np.array([part if part in (NOTES, SCIENCE, *MANUALS, *UNSEEN_MANUALS) else "articles" for part in parts])
    for name in np.unique(names):
        own = names == name
        missed, wrong = np.mean(sure[own & answered] < threshold), np.mean(sure[own & ~answered] >= threshold)
        score = roc_auc_score(answered[own], sure[own])
        yield f"| {name} | {own.sum()} | {missed:.3f} | {wrong:.3f} | {score:.3f} |"


def reliability(asked: Sequence[Asked], sure: Floats) -> Iterator[str]:
    """How often a question is answered, by confidence; every kind of question weighs as it does in the fit."""
    truth = np.array([row.answered for row in asked])
    weight = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum())
    yield "| confidence | questions | mean confidence | answered |"
    yield "|---|---|---|---|"
    for low in np.arange(0, 1, 0.1):
        inside = (sure >= low) & (sure < low + 0.1)
        if inside.any():
            mean, share = (np.average(column[inside], weights=weight[inside]) for column in (sure, truth))
            yield f"| {low:.1f} to {low + 0.1:.1f} | {inside.sum()} | {mean:.2f} | {share:.2f} |"


def curve(asked: Sequence[Asked], sure: Floats) -> Iterator[str]:
    """Both error rates by threshold."""
    yield "| threshold | error | hallucination, not answered | left out | mean error |"
    yield "|---|---|---|---|---|"
    for threshold in THRESHOLDS:
        values = [*rates(asked, sure, threshold), mean_error(asked, sure, threshold)]
        yield f"| {threshold:.2f} | " + " | ".join(f"{value:.2f}" for value in values) + " |"


def show(title: str, lines: Iterator[str]) -> None:
    """Print a table."""
    print(f"\n{title}\n", *lines, sep="\n")


def main() -> None:
    """Fit on the mixture; with --keep, write confidence.json; with --report, measure on the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", action="store_true", help="measure on the reporting articles too")
    parser.add_argument("--questions", type=int, default=150, help="most questions of an article (default: 150)")
    parser.add_argument("--keep", action="store_true", help="write the weights to bot/answering/confidence.json")
    given = parser.parse_args()
    encoder, reader = SentenceEncoder(), TrainedReader()
    tuning = collect(squad_titles("tune"), given.questions, encoder, reader)
    tuning += collect_pooled(given.questions, encoder, reader) + collect_notes(encoder, reader)
    tuning += 2 * collect_manuals(facts, MANUALS, encoder, reader)
    asking = collect_manuals(definitions, MANUALS, encoder, reader)
    found = {}
    for name, columns in SETS.items():
        sure = unseen(tuning, columns)
        found[name] = Fit.of(tuning, columns), sure, best_threshold(tuning, sure)
    if given.keep:
        for part, name, features in (
            ("retrieval", "retrieval", OF_SENTENCES),
            ("reading", "both", (*OF_SENTENCES, *OF_READING)),
        ):
            fit = found[name][0].introducing([*tuning, *asking])
            weights = {
                "rank": dict(zip(features, fit.rank.tolist(), strict=True)),
                "sure": dict(zip(features, fit.sure.tolist(), strict=True)),
            }
            keep(part, weights, fit.intercept)
    show(f"Each article, or quarter, by a fit on the others, {len(tuning)} questions", ablation(tuning, found))
    show("By collection", by_collection(tuning, found["both"][1], found["both"][2]))
    others = collect_manuals(facts, UNSEEN_MANUALS, encoder, reader)
    fit, _, threshold = found["both"]
    show("Short facts of manuals that nothing was fitted on", by_collection(others, fit.confidence(others), threshold))
    show("What something is", defined(asking, found["both"][0], tuning))
    show("How far to trust the confidence", reliability(tuning, found["both"][1]))
    show("Both errors by threshold", curve(tuning, found["both"][1]))
    if given.report:
        reporting = collect(squad_titles("report"), given.questions, encoder, reader)
        found = {name: (fit, fit.confidence(reporting), threshold) for name, (fit, _, threshold) in found.items()}
        show(f"Reporting articles, {len(reporting)} questions", ablation(reporting, found))
        show("How far to trust the confidence", reliability(reporting, found["both"][1]))
        show("Both errors by threshold", curve(reporting, found["both"][1]))


if __name__ == "__main__":
    main()
