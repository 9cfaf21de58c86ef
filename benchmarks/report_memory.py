"""Resident memory while many different questions are answered over seeds/, in one process.

    python benchmarks/report_memory.py [--questions 2000] [--every 500] [--reader]

Each question is one of golden/questions.jsonl with a word of the documents put behind it, so that none comes twice and
every cache that is keyed by text is filled. Every third is checked as a claim, too. Memory is that of /proc/self/statm.
"""

import argparse
import gc
import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.answering.answerer import Answerer
from bot.answering.answers import Question
from bot.checking.claims import Checker
from bot.live import Live
from bot.reader.trained import TrainedReader
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from training.sources import rows as json_lines

PROJECT = Path(__file__).resolve().parents[1]
GOLDEN = PROJECT / "benchmarks" / "golden" / "questions.jsonl"


def questions(answerer: Answerer) -> Iterator[str]:
    """Different questions, as many as there are pairs of a golden one and a longer word of the documents."""
    rows = [row["question"] for row in json_lines(GOLDEN)]
    text = " ".join(document.text for document in answerer.index.documents)
    words = sorted({word for word in text.split() if word.isalpha() and len(word) > 5})
    for word, question in itertools.product(words, rows):
        yield f"{question.rstrip('?')} {word}?"


def resident() -> int:
    """In megabytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def main() -> None:
    """Print a row of the table at the start, and whenever so many questions are answered."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--reader", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        encoder = SentenceEncoder(root=Path(name))
        build(PROJECT / "seeds", Path(name), encoder)
        answerer = Live(Path(name), encoder, 0.5, TrainedReader() if options.reader else None).open()
        gc.collect()
        print(f"{0:6} questions {resident():6} MB", flush=True)
        checker, began = Checker(answerer), time.monotonic()
        for number, text in enumerate(itertools.islice(questions(answerer), options.questions), 1):
            answerer.ask(Question(text))
            if number % 3 == 0:
                checker.check(Question(text.rstrip("?") + " was sent."))
            if number % options.every == 0:
                print(f"{number:6} questions {resident():6} MB {time.monotonic() - began:6.0f} s", flush=True)


if __name__ == "__main__":
    main()
