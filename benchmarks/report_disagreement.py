"""How well values that documents give differently are found, on questions that each come with their own documents.

    python benchmarks/report_disagreement.py

Data: `ramdocs`. Recall is the share of questions whose documents differ that are answered as disputed, false alarms
the share of those whose documents agree, value recall the share of the documents' different answers that stand in a
position's value or its quotation. "Right" is the share of the positions shown that are such an answer. The two
thresholds of `disagreement.py` are chosen on four fifths of the questions and reported on the fifth, five times: the
first one has the greatest recall at no more than a quarter of false alarms, the second is the lowest at which 70 % of
the positions are right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from public_data import opened, rows

from bot.answering.answerer import PASSAGES, RANKED
from bot.answering.disagreement import SHOWN, SURE, Disagreement, Position, Stated, disagreements
from bot.answering.evidence import DEFAULT_THRESHOLD, MOST_VALUES, Evidence, find_evidence, stated_by
from bot.answering.reader.trained import TrainedReader
from embeddings.encoder import SentenceEncoder
from embeddings.lexical import terms
from embeddings.retrieval import Filters, Retriever

FOLDS = 5
MOST_FALSE = 0.25
LEAST_RIGHT = 0.7
GRID = tuple(float(logit) for logit in np.arange(-6, 1, 0.25))


@dataclass(frozen=True)
class Case:
    """A question, what its documents answer, and what the sentences of these documents state."""

    question: str
    differ: bool
    answers: frozenset[str]
    answered: bool
    stated: tuple[Stated, ...]

    def found(self, sure: float, shown: float) -> tuple[Disagreement, ...]:
        """The disagreements with these thresholds."""
        return _found(self, sure, shown)


@cache
def _found(case: Case, sure: float, shown: float) -> tuple[Disagreement, ...]:
    return disagreements(case.question, case.stated, sure, shown) if case.answered else ()


def cases() -> list[Case]:
    """Every question of the collection with what is found in its documents."""
    encoder = SentenceEncoder()
    index = opened("ramdocs", encoder).index
    retriever, reader = Retriever(index, encoder), TrainedReader()
    read = []
    for row in rows("ramdocs"):
        own = tuple(each["id"] for each in row["docs"] if each["id"] in index.document_of)  # some hold no text
        ranking = retriever.search(row["question"], RANKED if index.copies else PASSAGES, Filters(own))
        evidence = find_evidence(replace(ranking, hits=ranking.hits[:PASSAGES]), index, reader)
        compared = [found for found in evidence if found.value and (found.count or not evidence[0].count)]
        surest: dict[str, Evidence] = {}
        for found in sorted(compared, key=lambda found: -found.sure):
            surest.setdefault(found.passage.document_id, found)
        read.append(
            Case(
                question=row["question"],
                differ=row["conflict"],
                answers=frozenset(plain(answer) for answer in row["distinct_doc_answers"]),
                answered=bool(evidence) and evidence[0].confidence >= float(DEFAULT_THRESHOLD),
                stated=tuple(stated_by(number, found, index) for number, found in enumerate(surest.values())),
            )
        )
    return read


@cache
def plain(text: str) -> str:
    """A text by its terms, so that articles, endings and punctuation make no difference."""
    return " ".join(terms(text))


Found = Sequence[tuple[Case, tuple[Disagreement, ...]]]


def figures(found: Found) -> dict[str, float]:
    """Recall, false alarms, value recall and the share of positions that are right."""
    differ = [(case, shown) for case, shown in found if case.differ]
    agree = [(case, shown) for case, shown in found if not case.differ]
    held, right = [], []
    for case, shown in differ:
        positions = [position for one in shown for position in one.positions][:MOST_VALUES]
        quotes = {number: stated.sentence for number, stated in enumerate(case.stated)}
        texts = [plain(position.value) for position in positions]
        texts += [plain(quotes[number]) for position in positions for number in position.citations]
        held += [any(answer in text for text in texts) for answer in case.answers]
        right += [_is_answer(position, case) for position in positions]
    return {
        "recall": float(np.mean([bool(shown) for _, shown in differ])),
        "false alarms": float(np.mean([bool(shown) for _, shown in agree])),
        "values": float(np.mean(held)),
        "right": float(np.mean(right)) if right else 0.0,
    }


def _is_answer(position: Position, case: Case) -> bool:
    value = plain(position.value)
    return any(value and (value in answer or answer in value) for answer in case.answers)


def at(asked: Sequence[Case], sure: float, shown: float) -> Found:
    """What is found with these thresholds."""
    return [(case, case.found(sure, shown)) for case in asked]


def chosen(asked: Sequence[Case]) -> tuple[float, float]:
    """Both thresholds, by these questions."""
    allowed = [sure for sure in GRID if figures(at(asked, sure, sure))["false alarms"] <= MOST_FALSE]
    sure = float(min(allowed))
    right = [shown for shown in GRID if shown <= sure and figures(at(asked, sure, shown))["right"] >= LEAST_RIGHT]
    return sure, float(min(right, default=sure))


def by_folds(asked: Sequence[Case]) -> list[Found]:
    """What is found in each fold with the thresholds that the other folds choose."""
    fold = np.random.default_rng(1).permutation(len(asked)) % FOLDS
    found = []
    for part in range(FOLDS):
        thresholds = chosen([case for case, of in zip(asked, fold, strict=True) if of != part])
        found.append(at([case for case, of in zip(asked, fold, strict=True) if of == part], *thresholds))
    return found


def baseline(case: Case) -> tuple[Disagreement, ...]:
    """Any two documents whose surest values are not written alike differ."""
    values: dict[str, Position] = {}
    for number, stated in enumerate(case.stated):
        written = stated.sentence[slice(*stated.value)] if stated.value else ""
        values.setdefault(plain(written), Position(written, (number,)))
    return (Disagreement(case.question, tuple(values.values())),) if case.answered and len(values) > 1 else ()


def line(name: str, values: dict[str, Any]) -> None:
    """Print one row of the table."""
    print(f"| {name} | " + " | ".join(str(value) for value in values.values()) + " |", flush=True)


def main() -> None:
    """Print the figures, those of the folds with their spread, and the thresholds by all questions."""
    asked = cases()
    found = by_folds(asked)
    each = [figures(held) for held in found]
    differ = sum(case.differ for case in asked)
    print(f"{differ} questions whose documents differ, {len(asked) - differ} whose documents agree")
    print("| | recall | false alarms | values | right |\n|---|---|---|---|---|")
    pooled = figures([one for held in found for one in held])
    spread = {name: (min(one[name] for one in each), max(one[name] for one in each)) for name in pooled}
    line("five folds", {n: f"{v:.3f} ({spread[n][0]:.2f}-{spread[n][1]:.2f})" for n, v in pooled.items()})
    now = figures(at(asked, SURE, SHOWN))
    line(f"as it is, sure {SURE:.2f}, shown {SHOWN:.2f}", {n: f"{v:.3f}" for n, v in now.items()})
    plain_ones = figures([(case, baseline(case)) for case in asked])
    line("any two values written otherwise", {n: f"{v:.3f}" for n, v in plain_ones.items()})
    sure, shown = chosen(asked)
    print(f"By all questions: SURE = {sure:.2f}, SHOWN = {shown:.2f}")


if __name__ == "__main__":
    main()
