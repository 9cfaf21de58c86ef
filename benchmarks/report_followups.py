"""Whether a question that goes on from another finds the right document, and one that does not still does.

Pairs of our own over the notes in `seeds/` and the pages in `manual/`, and last turns of conversations (MTRAG-UN) over
their pooled passages: is a right one among the first three, for the last question alone, with the whole question before
it always, and as `bot/question/` reads it? Retrieval alone, so that it is cheap. Then how many questions that
stand alone are taken for one that does not.

    python benchmarks/report_followups.py
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import public_data

from bot.conversation import last_turn
from bot.question.context import Turn, resolve
from bot.question.links import link
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import BadRequest
from embeddings.searching.retrieval import MAX_QUERY, Retriever
from embeddings.storing import generations
from training.sources import rows as json_lines

BENCHMARKS = Path(__file__).resolve().parent
FOLDERS = BENCHMARKS.parent / "seeds", BENCHMARKS / "manual" / "pages"
CONVERSATIONS = "mtrag_un"
ALONE = tuple(
    f"{name}.jsonl" for name in ("development/questions", "development/forms", "golden/questions", "manual/questions")
)
"""Questions of our own, each written to stand alone."""
FIRST, RANKED = 3, 30

Row = Mapping[str, Any]


def alone(question: str, earlier: Turn | None) -> str:
    """The question as it was typed."""
    return question


def joined(question: str, earlier: Turn | None) -> str:
    """The question behind the one before."""
    return f"{earlier.question} {question}" if earlier else question


def in_context(question: str, earlier: Turn | None) -> str:
    """The question as the bot reads it; as it was typed where the bot would ask back."""
    try:
        followed = resolve(question, earlier)
    except BadRequest:
        return question
    return followed.text if followed else question


READINGS: dict[str, Callable[[str, Turn | None], str]] = {
    "alone": alone,
    "joined to the one before": joined,
    "in context": in_context,
}


def found(retriever: Retriever, query: str, right: Iterable[str]) -> bool:
    """Whether one of the right documents is among the first three of the ranking."""
    hits = retriever.search(" ".join(query.split())[:MAX_QUERY], RANKED).hits
    documents = list(dict.fromkeys(hit.passage.document_id for hit in hits))
    return not set(documents[:FIRST]).isdisjoint(right)


def show(name: str, retriever: Retriever, rows: Sequence[tuple[str, Turn | None, list[str]]]) -> None:
    """Print the share of questions with a right document among three, for each reading."""
    print(f"{name}, {len(rows)} questions")
    for reading, read in READINGS.items():
        right = sum(found(retriever, read(question, earlier), gold) for question, earlier, gold in rows)
        print(f"  {reading}: {right / max(1, len(rows)):.3f}")


def over_our_own(encoder: SentenceEncoder) -> Retriever:
    """What searches the notes and the manual, pooled."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, root = Path(folder, "corpus"), Path(folder, "index")
        corpus.mkdir()
        for page in (page for pages in FOLDERS for page in pages.glob("*.md") if page.name != "README.md"):
            shutil.copy(page, corpus)
        build(corpus, root, encoder)
        return Retriever(generations.open_current(root, encoder.sha256).index, encoder)


def earlier_questions(row: Row) -> list[str]:
    """What the person in a conversation asked before."""
    return [turn["text"] for turn in row["turns"] if turn["speaker"] == "user"]


def last_questions() -> list[tuple[str, Turn | None, list[str]]]:
    """The last questions of the public conversations, what was asked before, and the passages that answer."""
    return [
        (row["question"], last_turn(earlier_questions(row)), row["gold_ids"])
        for row in public_data.rows(CONVERSATIONS)
        if row["turns"] and row["gold_ids"] and row["answerability"][0] in ("ANSWERABLE", "PARTIAL")
    ]


def report_conversations(encoder: SentenceEncoder) -> None:
    """Print the figures of the public conversations, and of those among them that are taken for follow-ups."""
    retriever = Retriever(public_data.opened(CONVERSATIONS, encoder).index, encoder)
    rows = last_questions()
    show("conversations, all last questions", retriever, rows)
    show("conversations, those taken for follow-ups", retriever, [row for row in rows if link(row[0])])


def report_alarms() -> None:
    """Print how many questions that stand alone are taken for follow-ups."""
    asked = {name: [row["question"] for row in json_lines(BENCHMARKS / name)] for name in ALONE}
    if (public_data.ROOT / CONVERSATIONS).is_dir():
        rows = public_data.rows(CONVERSATIONS)
        asked["first questions of conversations"] = [[*earlier_questions(row), row["question"]][0] for row in rows]
    for name, questions in asked.items():
        print(f"{name}: {sum(link(question) is not None for question in questions)} of {len(questions)} taken for one")


def main() -> None:
    """Print all figures; those of the public conversations where they lie beside the project."""
    encoder = SentenceEncoder()
    pairs = json_lines(BENCHMARKS / "development" / "followups.jsonl")
    retriever = over_our_own(encoder)
    for written in ("before", "after"):
        for needed, name in ((True, "context is needed"), (False, "the second question is unrelated")):
            rows = [row for row in pairs if row["needs_context"] is needed and row["written"] == written]
            asked = [(row["question"], last_turn(row["history"]), row["documents"]) for row in rows]
            show(f"our own, written {written} the rules, {name}", retriever, asked)
    if (public_data.ROOT / CONVERSATIONS).is_dir():
        report_conversations(encoder)
    report_alarms()


if __name__ == "__main__":
    main()
