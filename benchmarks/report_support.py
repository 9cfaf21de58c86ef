"""How well support questions are answered: from the right document, and with how much of the expert's answer.

    python benchmarks/report_support.py

The manual in benchmarks/manual, `wixqa` and `techqa` where they are beside the project, and two open manuals where
their pages are in `.cache`; each answerable question once more with the documents that answer it left out. The
confidence of passages was fitted on the questions of `wixqa` and `techqa` (tune_extracts.py has cross-validated rates):
take both errors as optimistic there. Questions that ask what something is, or for a short fact, are put to four open
manuals; the confidence of sentences was fitted on those about the first two, among others.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import public_data
from public_data import MANUALS, SUPPORT, UNSEEN_MANUALS, asked, left_out, opened
from scoring import Floats, Row, Scores, Truths, figures, measure_of

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Citation, NoAnswer, Question
from bot.reader.reading import Reader
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.splitting.terms import STOPWORDS
from embeddings.storing import generations
from training.sources import rows as json_lines

MANUAL = Path(__file__).resolve().parent / "manual"
COMPLETE = 0.7
"""The share of the expert's words from which on an answer counts as complete."""
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]*[a-z0-9]|[a-z0-9]")


def content(text: str) -> set[str]:
    """The words that carry meaning."""
    return set(_WORD.findall(text.lower())) - STOPWORDS


def manual_rows() -> list[dict[str, Any]]:
    """The questions about the manual, as those of the public collections are: `gold_ids` and `answers`."""
    return [
        row
        | {"gold_ids": [Path(name).stem for name in row["documents"]]}
        | {"outdated_ids": [Path(name).stem for name in row["outdated"]], "answers": [row["answer"]]}
        for row in json_lines(MANUAL / "questions.jsonl")
    ]


def manual_sha256() -> str:
    """The SHA-256 of the questions and pages together."""
    files = (MANUAL / "questions.jsonl", *sorted(MANUAL.glob("pages/*.md")))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@contextmanager
def over_manual(encoder: SentenceEncoder, reader: Reader) -> Iterator[Answerer]:
    """What answers from the manual, indexed for as long as it is asked."""
    with tempfile.TemporaryDirectory() as root:
        build(MANUAL / "pages", Path(root), encoder)
        yield Answerer(generations.open_current(Path(root), encoder.sha256), encoder, float(DEFAULT_THRESHOLD), reader)


def there() -> list[str]:
    """The support questions whose documents are here."""
    folders = {name: public_data.ROOT / name for name in SUPPORT}
    folders |= {name: public_data.corpus_of(name) for name in UNSEEN_MANUALS}
    return [name for name, folder in folders.items() if folder.is_dir()]


def over_public(name: str, encoder: SentenceEncoder, reader: Reader) -> Answerer:
    """What answers from the documents of a public collection."""
    return Answerer(opened(name, encoder), encoder, float(DEFAULT_THRESHOLD), reader)


class Replies(NamedTuple):
    """What is answered to a question, and, if it is answerable, what with the documents that answer it left out."""

    given: Answer | NoAnswer
    without: Answer | NoAnswer | None = None


def replies(answerer: Answerer, rows: Iterable[Row]) -> list[Replies]:
    """The replies to each question."""
    return [_replies(answerer, row) for row in rows]


def _replies(answerer: Answerer, row: Row) -> Replies:
    given = answerer.ask(Question(asked(row)))
    if not row["answerable"]:
        return Replies(given)
    return Replies(given, answerer.ask(Question(asked(row), left_out(row, answerer.index))))


def scored(rows: Iterable[Row], put: Iterable[Replies]) -> list[Scores]:
    """The scores of each question."""
    return [_score(row, each) for row, each in zip(rows, put, strict=True)]


def _score(row: Row, put: Replies) -> Scores:
    if not row["answerable"]:
        return {"invented": float(isinstance(put.given, Answer))}
    return {"absent": float(isinstance(put.without, Answer))} | score(row, put.given)


def confidences(rows: Iterable[Row], put: Iterable[Replies]) -> tuple[Floats, Truths]:
    """How sure each reply is, and whether there was an answer to give."""
    sure, answerable = [], []
    for row, each in zip(rows, put, strict=True):
        sure.append(each.given.confidence)
        answerable.append(bool(row["answerable"]))
        if each.without:
            sure.append(each.without.confidence)
            answerable.append(False)
    return np.array(sure), np.array(answerable)


def score(row: Row, answer: Answer | NoAnswer) -> Scores:
    """What an answerable question says about its answer."""
    citations = [said.citation for said in answer.statements] if isinstance(answer, Answer) else []
    places = citations[:1] if isinstance(answer, Answer) else answer.leads
    right = any(citation.document.id in row["gold_ids"] for citation in places)
    scores = {
        "missed": float(not citations),
        "document": float(bool(citations) and right),
        "named": float(right),
    }
    if "answers" in row:
        quoted = " ".join(citation.quote for citation in citations)
        wanted = content(" ".join(row["answers"]))
        covered = len(wanted & content(quoted)) / max(1, len(wanted))
        scores |= {"covered": covered, "complete": float(covered >= COMPLETE)}
        if citations:
            scores["words"] = float(len(quoted.split()))
    if "spans" in row:
        scores["spans"] = float(all(_quotes(shown(answer), span) for span in row["spans"]))
    if "contains" in row:
        held = [any(words in " ".join(one.quote.split()) for words in row["contains"]) for one in citations]
        scores |= {"first": float(any(held[:1])), "among": float(any(held))}
    return scores


def shown(answer: Answer | NoAnswer) -> list[Citation]:
    """All that an answer quotes, with the parts that belong to a statement, such as the header of a table."""
    if isinstance(answer, NoAnswer):
        return []
    return [citation for said in answer.statements for citation in (said.citation, *said.parts)]


def _quotes(citations: Iterable[Citation], span: Row) -> bool:
    """Whether one of the citations holds a span whole."""
    return any(
        f"{one.document.id}.md" == span["document"] and one.start <= span["start"] and span["end"] <= one.end
        for one in citations
    )


def _show(name: str, answerer: Answerer, rows: Sequence[Row]) -> None:
    print(name)
    for measure, one in figures(scored(rows, replies(answerer, rows))).items():
        between = f"{one.low:.3f} to {one.high:.3f}, {one.count} questions"
        print(f"  {measure_of(measure).meaning}: {one.value:.3f} ({between})")


def main() -> None:
    """Print the figures of each collection."""
    encoder, reader = SentenceEncoder(), TrainedReader()
    with over_manual(encoder, reader) as answerer:
        _show("manual", answerer, manual_rows())
    for name in there():
        _show(name, over_public(name, encoder, reader), public_data.rows(name))
    for name in filter(lambda name: public_data.corpus_of(name).is_dir(), (*MANUALS, *UNSEEN_MANUALS)):
        answerer = over_public(name, encoder, reader)
        _show(f"{name}, what something is", answerer, public_data.definitions(name))
        _show(f"{name}, short facts", answerer, public_data.facts(name))


if __name__ == "__main__":
    main()
