"""How well values that documents give differently are found, on questions that each come with their own documents.

    python benchmarks/report_disagreement.py

Data: `ramdocs`. Recall is the share of questions whose documents differ that are answered as disputed, false alarms
the share of those whose documents agree, value recall the share of the documents' different answers that stand in a
position's value or its quotation. "Right" is the share of the positions shown that are such an answer. The
thresholds of `disagreement.py` are chosen on four fifths of the questions and reported on the fifth, five times: how
sure values must be, and words by how much surer, with the fewest false alarms at a recall of 75 % at least; the one for
values that stand beside these is the lowest at which 70 % of the positions are right. Last come the steps at which
answers of the documents are lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from public_data import opened, rows
from scoring import Row

from bot.answering.answerer import PASSAGES, RANKED
from bot.answering.disagreement import SHOWN, SURE, SURER, Disagreement, Position, Stated, disagreements
from bot.answering.evidence import MOST_VALUES, Evidence, find_evidence, stated_by
from bot.question.asked import asked
from bot.question.forms import QuestionForm
from bot.reader.reading import Reader
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.splitting.terms import terms

FOLDS = 5
LEAST_RECALL = 0.75
LEAST_RIGHT = 0.7
GRID = tuple(float(logit) for logit in np.arange(-6, 1, 0.25))
SURER_GRID = tuple(float(logit) for logit in np.arange(0, 2.25, 0.25))


@dataclass(frozen=True)
class Case:
    """A question, what its documents answer, and what the sentences of these documents state."""

    question: str
    differ: bool
    answers: frozenset[str]
    answered: bool
    stated: tuple[Stated, ...]
    texts: tuple[str, ...] = ()
    """The documents."""
    ranked: tuple[str, ...] = ()
    """The passages that are read."""
    mentioned: tuple[Stated, ...] = ()
    """The best value of every sentence, where `stated` has the surest of each document."""

    def found(self, sure: float, shown: float, surer: float) -> tuple[Disagreement, ...]:
        """The disagreements with these thresholds."""
        return _found(self, sure, shown, surer)


@cache
def _found(case: Case, sure: float, shown: float, surer: float) -> tuple[Disagreement, ...]:
    return disagreements(asked(case.question), case.stated, sure, shown, surer) if case.answered else ()


def cases(retriever: Retriever, reader: Reader, of: Sequence[Row]) -> list[Case]:
    """Questions of the collection, which the retriever is over, with what is found in their documents."""
    index = retriever.index
    read = []
    for row in of:
        own = tuple(each["id"] for each in row["docs"] if each["id"] in index.document_of)  # some hold no text
        ranking = retriever.search(row["question"], RANKED if index.copies else PASSAGES, Filters(own))
        evidence = find_evidence(
            QuestionForm.of(ranking.query), replace(ranking, hits=ranking.hits[:PASSAGES]), index, reader
        )
        compared = [found for found in evidence if found.value and (found.count or not evidence[0].count)]
        compared.sort(key=lambda found: -found.sure)
        surest: dict[str, Evidence] = {}
        for found in compared:
            surest.setdefault(found.passage.document_id, found)
        read.append(
            Case(
                question=row["question"],
                differ=row["conflict"],
                answers=frozenset(plain(answer) for answer in row["distinct_doc_answers"]),
                answered=bool(evidence) and evidence[0].confidence >= float(DEFAULT_THRESHOLD),
                stated=tuple(stated_by(number, found, index) for number, found in enumerate(surest.values())),
                texts=tuple(index.document_of[key].text for key in own),
                ranked=tuple(hit.passage.text for hit in ranking.hits[:PASSAGES]),
                mentioned=tuple(stated_by(number, found, index) for number, found in enumerate(compared)),
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


def lost(found: Found) -> dict[str, int]:
    """For each of the documents' different answers whether it is shown, or at which step it is lost."""
    counts = dict.fromkeys(_STEPS, 0)
    for case, shown in found:
        for answer in case.answers if case.differ else ():
            counts[_step(case, shown, answer)] += 1
    return counts


_STEPS = (
    "shown",
    "in no document, written like this",
    "its passage is not read",
    "no sentence with it has a value of the kind",
    "another sentence of its document is surer",
    "its sentence is the surest of its document, another value of it is taken",
    "the question is not answered",
    "no disagreement is found",
    "too unsure to be shown",
    "merged with another value, or takes no side",
)


def _step(case: Case, shown: tuple[Disagreement, ...], answer: str) -> str:
    positions = [position for one in shown for position in one.positions][:MOST_VALUES]
    numbers = {number for position in positions for number in position.citations}
    sentences = [stated for number, stated in enumerate(case.stated) if answer in plain(stated.sentence)]
    values = [plain(position.value) for position in positions]
    taken = (
        any(answer in text for text in (*values, *(plain(case.stated[number].sentence) for number in numbers))),
        not any(answer in plain(text) for text in case.texts),
        not any(answer in plain(text) for text in case.ranked),
        not any(answer in plain(stated.sentence) for stated in case.mentioned),
        not sentences,
        not any(answer in plain(_written(stated)) or plain(_written(stated)) in answer for stated in sentences),
        not case.answered,
        not shown,
        all(stated.sure < SHOWN for stated in sentences),
        True,
    )
    return next(step for step, so in zip(_STEPS, taken, strict=True) if so)


def _written(stated: Stated) -> str:
    return stated.sentence[slice(*stated.value)] if stated.value else ""


def at(asked: Sequence[Case], sure: float, shown: float, surer: float) -> Found:
    """What is found with these thresholds."""
    return [(case, case.found(sure, shown, surer)) for case in asked]


def chosen(asked: Sequence[Case]) -> tuple[float, float, float]:
    """The three thresholds, by these questions: `sure`, `shown` and by how much words must be surer."""
    tried = [(sure, surer, figures(at(asked, sure, sure, surer))) for sure in GRID for surer in SURER_GRID]
    enough = [one for one in tried if one[2]["recall"] >= LEAST_RECALL]
    sure, surer, _ = min(enough or tried, key=lambda one: (round(one[2]["false alarms"], 3), -one[2]["recall"]))
    right = [
        shown for shown in GRID if shown <= sure and figures(at(asked, sure, shown, surer))["right"] >= LEAST_RIGHT
    ]
    return sure, min(right, default=sure), surer


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
        written = _written(stated)
        values.setdefault(plain(written), Position(written, (number,)))
    return (Disagreement(case.question, tuple(values.values())),) if case.answered and len(values) > 1 else ()


def line(name: str, values: dict[str, Any]) -> None:
    """Print one row of the table."""
    print(f"| {name} | " + " | ".join(str(value) for value in values.values()) + " |", flush=True)


def main() -> None:
    """Print the figures, those of the folds with their spread, and the thresholds by all questions."""
    encoder = SentenceEncoder()
    asked = cases(Retriever(opened("ramdocs", encoder).index, encoder), TrainedReader(), rows("ramdocs"))
    found = by_folds(asked)
    each = [figures(held) for held in found]
    differ = sum(case.differ for case in asked)
    print(f"{differ} questions whose documents differ, {len(asked) - differ} whose documents agree")
    print("| | recall | false alarms | values | right |\n|---|---|---|---|---|")
    pooled = figures([one for held in found for one in held])
    spread = {name: (min(one[name] for one in each), max(one[name] for one in each)) for name in pooled}
    line("five folds", {n: f"{v:.3f} ({spread[n][0]:.2f}-{spread[n][1]:.2f})" for n, v in pooled.items()})
    as_it_is = at(asked, SURE, SHOWN, SURER)
    now = figures(as_it_is)
    line(
        f"as it is, sure {SURE:.2f}, words {SURE + SURER:.2f}, shown {SHOWN:.2f}",
        {n: f"{v:.3f}" for n, v in now.items()},
    )
    plain_ones = figures([(case, baseline(case)) for case in asked])
    line("any two values written otherwise", {n: f"{v:.3f}" for n, v in plain_ones.items()})
    sure, shown, surer = chosen(asked)
    print("Where the documents' answers are lost, as it is:")
    for step, many in lost(as_it_is).items():
        print(f"  {many:4} {step}")
    print(f"By all questions: SURE = {sure:.2f}, SHOWN = {shown:.2f}, SURER = {surer:.2f}")


if __name__ == "__main__":
    main()
