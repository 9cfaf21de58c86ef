"""The (question, passage) pairs that others made, as `shared/train` and `shared/data` hold them.

Sources whose licence does not clearly allow shipping weights are left out (bot/reader/MODEL_CARD.md).
Nothing is read of `ramdocs`, `clapnq_dev`, SciFact's test claims, and of `squad2_halfdev` the reporting articles are
read to be reported on only.
"""

import gzip
import json
import random
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.reader.reading import CONTRADICT, NEUTRAL, SUPPORT
from embeddings.splitting.sentences import segment

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Pair:
    """A question or claim, a passage, and what is known of them; UNKNOWN where nothing is."""

    source: str
    question: str
    title: str
    passage: str
    span: tuple[int, int] | None = None
    """Characters of the passage that answer; None when not answered, or when it is unknown where."""
    answer: int = UNKNOWN
    relation: int = UNKNOWN
    loose: bool = False
    """Whether the span is the beginning of a longer answer, so that its end says nothing."""


@lru_cache(maxsize=50_000)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """The characters of each sentence, surrounding space left out."""
    found = []
    end = 0
    for sentence in segment(text):
        start, end = end, end + len(sentence)
        if stripped := sentence.strip():
            start += len(sentence) - len(sentence.lstrip())
            found.append((start, start + len(stripped)))
    return tuple(found)


def rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a JSON lines file, gzipped or not."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


QUESTIONS = {  # file: at most so many rows
    "squad_train": None,
    "squad_train_derived_neg": None,
    "tydiqa_goldp_en": None,
    "squadshifts_newwiki": None,
    "squadshifts_newwiki_derived_neg": None,
    "xquad_en": None,
    "timeqa_human": None,
    "nq_qed_dev": None,
    "nq_oracle_litm": None,
    "nq_swap": None,
    "qamr": 6000,
    "quoref_contrast": None,
    "condaqa_span": None,
    "squad2_unanswerable": None,
    "squad2_unanswerable_nearest": None,
    "docs_faq": None,
    "docs_howto": 6000,
    "medquad": 6000,
    "molweni": None,
}
CLAIMS = {
    "fever_athnlp": None,
    "fever_symmetric": None,
    "foolmetwice": None,
    "condaqa": None,
    "cad_snli": 7000,
    "breaking_nli": 2500,
    "snli_ni": 8000,
    "mnli_ni": None,
    "boolq_dev": None,
    "squad_sentence": None,
    "selqa": None,
    "qnli_dev": None,
    "squad2_unans_sentence": None,
    "evidence_inference": None,
    "pubmedqa": None,
    "summedits": None,
    "vitaminc_mini": None,
}
HUMAN = ("squad2_unanswerable", "squad2_unanswerable_nearest", "squad2_unans_sentence")
"""Questions that people wrote to look answerable."""
DOCS = ("docs_faq", "docs_howto", "medquad")
"""Questions answered by a section, of which the span is the beginning."""
REPOSITORIES = ("docs_faq", "docs_howto")
"""Those of DOCS whose rows name the repository that they are from."""
ASKS = ("condaqa", "boolq_dev", "fever_athnlp", "fever_symmetric", "foolmetwice")
"""Sets where evidence that supports or contradicts answers the question, and neutral evidence does not."""
_LABELS = {"support": SUPPORT, "contradict": CONTRADICT, "neutral": NEUTRAL}


def questions_of(name: str, found: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """Rows of questions with spans as pairs, without those of repositories that are for tuning."""
    for row in found:
        if name in REPOSITORIES and for_tuning(row):
            continue
        answered = bool(row["answerable"])
        span = (row["start"], row["end"]) if answered else None
        human = "" if answered or name.endswith("neg") or row["source"].endswith("neg") else "/human-no"
        loose = name in DOCS and answered
        yield Pair(name + human, row["q"], row["title"] or "", row["context"], span, int(answered), loose=loose)


def repository(row: Mapping[str, Any]) -> str:
    """The repository that a row of documentation is from."""
    name: str = row["source"].removesuffix("-derived-neg").rsplit(":", 1)[-1]
    return name


def for_tuning(row: Mapping[str, Any]) -> bool:
    """Whether a row of documentation is of one of the repositories, about a sixth, that confidence is fitted on."""
    return zlib.crc32(repository(row).encode()) % 6 == 0


def claims_of(name: str, found: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """Rows of labelled text pairs as pairs."""
    for row in found:
        relation = _LABELS.get(row["label"], UNKNOWN)
        answer = UNKNOWN
        if relation == UNKNOWN:
            answer = int(row["label"] == "relevant")
        elif name in ASKS:
            answer = int(relation != NEUTRAL)
        yield Pair(name, row["a"], "", row["b"], None, answer, relation)


def squad_split() -> dict[str, tuple[str, ...]]:
    """Articles of `squad2_halfdev` by use. Every third by title is reported (benchmarks/public_data.py)."""
    return {
        "train": (
            "1973 oil crisis",
            "Force",
            "French and Indian War",
            "Immune system",
            "Islamism",
            "Scottish Parliament",
            "Steam engine",
        ),
        "tune": ("Computational complexity theory", "Huguenot", "Normans", "Yuan dynasty"),
        "report": ("European Union law", "Harvard University", "Imperialism", "Packet switching", "Warsaw"),
    }


def halfdev(data: Path, use: str) -> list[Pair]:
    """Questions of `squad2_halfdev` about the articles of one use, each with its own paragraph."""
    folder = data / "squad2_halfdev"
    corpus = {row["id"]: row for row in rows(folder / "corpus.jsonl")}
    titles = {title.replace("_", " ") for title in squad_split()[use]}
    found = []
    for row in rows(folder / "queries.jsonl"):
        paragraph = corpus[row["related_ids"][0]]
        if paragraph["title"].replace("_", " ") not in titles:
            continue
        spans = [(s["start"], s["end"]) for s in row["gold_spans"] if s["doc_id"] == paragraph["id"]]
        name = "halfdev" if row["answerable"] else "halfdev/human-no"
        span = spans[0] if spans else None
        if row["answerable"] == (span is not None):
            found.append(
                Pair(name, row["question"], paragraph["title"], paragraph["text"], span, int(row["answerable"]))
            )
    return found


def scifact(data: Path, use: str) -> list[Pair]:
    """SciFact's training claims with sentences: two thirds by id to train on, one third for tuning.

    A few are test claims too, word for word; they are left out.
    """
    folder = data / "scifact"
    corpus = {row["id"]: row for row in rows(folder / "corpus.jsonl")}
    reported = {row["question"] for row in rows(folder / "queries.jsonl")}
    chance = random.Random(5)
    found = []
    for row in rows(folder / "queries_train.jsonl"):
        if (int(row["id"]) % 3 == 2) != (use == "tune") or row["question"] in reported:
            continue
        for document in row["gold_ids"]:
            title, text = corpus[document]["title"], corpus[document]["text"]
            spans = [(s["start"], s["end"]) for s in row["gold_spans"] if s["doc_id"] == document]
            others = [s for s in sentences(text) if not any(s[0] < b and a < s[1] for a, b in spans)]
            chance.shuffle(others)
            relation = {"SUPPORT": SUPPORT, "CONTRADICT": CONTRADICT}.get(row["label"], NEUTRAL)
            for a, b in spans:
                found.append(Pair("scifact", row["question"], title, text[a:b], None, 1, relation))
            for a, b in others[: 2 if spans else 1]:
                found.append(Pair("scifact/other", row["question"], title, text[a:b], None, 0, NEUTRAL))
            if use == "train":
                known = relation if spans else NEUTRAL
                found.append(Pair("scifact/abstract", row["question"], title, text, None, int(bool(spans)), known))
    return found
