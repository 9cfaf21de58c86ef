"""How well support questions are answered: from the right document, and with how much of the expert's answer.

    python benchmarks/report_support.py

`wixqa` and `techqa`, each answerable question once more with the documents that answer it left out. The confidence of
passages was fitted on these questions (tune_extracts.py has cross-validated rates): take both errors as optimistic.
"""

import re
from collections.abc import Callable

from public_data import SUPPORT, asked, left_out, opened, rows
from scoring import Scores, figures, measure_of

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.answering.reader.reading import Reader
from bot.answering.reader.trained import TrainedReader
from bot.settings import DEFAULT_THRESHOLD
from embeddings.lexical import STOPWORDS
from embeddings.sentence_encoder import SentenceEncoder

COMPLETE = 0.7
"""The share of the expert's words from which on an answer counts as complete."""
Progress = Callable[[str, int, int], None]
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]*[a-z0-9]|[a-z0-9]")


def content(text: str) -> set[str]:
    """The words that carry meaning."""
    return set(_WORD.findall(text.lower())) - STOPWORDS


def support(name: str, encoder: SentenceEncoder, reader: Reader, progress: Progress = lambda *_: None) -> list[Scores]:
    """The scores of each question of a collection."""
    answerer = Answerer(opened(name, encoder), encoder, float(DEFAULT_THRESHOLD), reader)
    every = rows(name)
    found = []
    for number, row in enumerate(every, 1):
        text = asked(row)
        answer = answerer.ask(Question(text))
        progress(name, number, len(every))
        if not row["answerable"]:
            found.append({"invented": float(isinstance(answer, Answer))})
            continue
        without = answerer.ask(Question(text, left_out(row, answerer.index)))
        citations = [said.citation for said in answer.statements] if isinstance(answer, Answer) else []
        quoted = " ".join(citation.quote for citation in citations)
        wanted = content(" ".join(row["answers"]))
        covered = len(wanted & content(quoted)) / max(1, len(wanted))
        scores = {
            "missed": float(not citations),
            "absent": float(isinstance(without, Answer)),
            "document": float(bool(citations) and citations[0].document.id in row["gold_ids"]),
            "covered": covered,
            "complete": float(covered >= COMPLETE),
        }
        found.append(scores | ({"words": float(len(quoted.split()))} if citations else {}))
    return found


def main() -> None:
    """Print the figures of each collection."""
    encoder, reader = SentenceEncoder(), TrainedReader()
    for name in SUPPORT:
        print(name)
        for measure, one in figures(support(name, encoder, reader)).items():
            between = f"{one.low:.3f} to {one.high:.3f}, {one.count} questions"
            print(f"  {measure_of(measure).meaning}: {one.value:.3f} ({between})")


if __name__ == "__main__":
    main()
