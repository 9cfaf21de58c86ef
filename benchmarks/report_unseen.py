"""How documents are answered that nobody wrote for Footnote: laws, a report, classrooms, hobbies, communities.

    python benchmarks/report_unseen.py FOLDER [--wrong]

FOLDER holds one corpus or more of `bylaws`, `report`, `course`, `lectures`, `klipper`, `paper`, `recipes`, `esphome`,
`community` and `guide`; `development/README.md` says what is in each. Indexes are built beside the corpora.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from report_news import table
from scoring import Row

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question, Statement
from bot.checking.claims import Checker, Status
from bot.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.storing import generations
from training.sources import rows

DEVELOPMENT = Path(__file__).resolve().parent / "development"
QUESTIONS = tuple(DEVELOPMENT / f"{name}.jsonl" for name in ("laws", "school", "hobbies", "communities"))


def letters(text: str) -> str:
    """A text as it is compared: its words, whatever the marks and line breaks between them."""
    return " ".join(re.findall(r"\w+", text.lower()))


def holds(statement: Statement, row: Row) -> bool:
    """Whether a statement holds words that answer."""
    quoted = letters(" ".join(each.quote for each in (*statement.parts, statement.citation)))
    return any(letters(words) in quoted for words in row["contains"])


def score(row: Row, answerer: Answerer) -> dict[str, bool]:
    """What a question says of its answer."""
    answer = answerer.ask(Question(row["question"]))
    statements = answer.statements if isinstance(answer, Answer) else ()
    if not row["answerable"]:
        return {"answered": bool(statements)}
    right = [holds(each, row) for each in statements]
    return {"answered": bool(statements), "first right": any(right[:1]), "one right": any(right)}


def scores(folder: Path, wrong: bool) -> Iterator[tuple[str, dict[str, bool]]]:
    """The kind of each question and claim, and how it fared."""
    encoder, reader = SentenceEncoder(), TrainedReader()
    asked = [row for file in QUESTIONS for row in rows(file)]
    for over in dict.fromkeys(row["over"] for row in asked if (folder / row["over"]).is_dir()):
        root = folder / f"{over}.index"
        build(folder / over, root, encoder)
        opened = generations.open_current(root, encoder.sha256)
        answerer = Answerer(opened, encoder, float(DEFAULT_THRESHOLD), reader)
        for row in asked:
            if row["over"] != over:
                continue
            if "claim" in row:
                status = Checker(answerer).check(Question(row["claim"])).status
                fared = {str(each): status is each for each in Status}
                kind = f"{over}, claim: {row['status']}"
            else:
                fared = score(row, answerer)
                kind = over if row["answerable"] else f"{over}, unanswerable"
            if wrong:
                print(row["id"], row.get("question") or row["claim"], [key for key, value in fared.items() if value])
            yield kind, fared


def main() -> None:
    """Print what is answered and checked, and with --wrong how each question and claim fared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wrong", action="store_true", help="print how each question and each claim fared")
    options = parser.parse_args()
    table("questions and claims", scores(options.folder, options.wrong))


if __name__ == "__main__":
    main()
