"""The public collections that Footnote is tuned and measured on, where they lie beside the project."""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.index import Index
from embeddings.searching.retrieval import MAX_QUERY, Filters
from embeddings.storing import generations
from embeddings.storing.generations import Opened
from training.sources import REPOSITORIES, for_tuning, repository, squad_split
from training.sources import rows as json_lines

ROOT = Path(__file__).resolve().parents[2] / "shared" / "data"
SUPPORT = ("wixqa", "techqa")
"""Questions of people who need help, which passages are fitted and measured on."""
SCIENCE = "covidqa"
"""400 pieces of articles about a virus, of `train/covidqa`, with experts' questions; no reader learns from them."""
DOCUMENTATION = "documentation"
"""Sections of `train/docs_faq` and `docs_howto` as documents, with their questions; of the repositories that no reader
learns from."""
MANUALS = ("jellyfin", "obsidian")
"""Open manuals, to choose by the questions that `development/manuals.jsonl` has about them."""
UNSEEN_MANUALS = ("silverbullet", "syncthing")
"""More of these, to measure on."""
_SECTIONS, _QUESTIONS = 130, 40
_PIECES, _AROUND = 400, 5
"""Of `SCIENCE` so many pieces, of which that many on either side may overlap."""
_CACHE = Path(__file__).resolve().parent / ".cache"
_DEVELOPMENT = Path(__file__).resolve().parent / "development"


def rows(name: str, file: str = "queries.jsonl") -> list[dict[str, Any]]:
    """The rows of one file of a collection."""
    if name in _MADE:
        return _MADE[name]()[file]
    if name in (*MANUALS, *UNSEEN_MANUALS):
        return _over(name, "manuals.jsonl")
    return json_lines(ROOT / name / file)


def definitions(name: str) -> list[dict[str, Any]]:
    """Questions that ask what something is, of an open manual."""
    return _over(name, "definitions.jsonl")


def facts(name: str) -> list[dict[str, Any]]:
    """Questions that ask for one short fact, of an open manual."""
    return _over(name, "facts.jsonl")


def _over(name: str, file: str) -> list[dict[str, Any]]:
    return [row for row in json_lines(_DEVELOPMENT / file) if row["over"] == name]


def corpus_of(name: str) -> Path:
    """Where a collection is written to be indexed, and where the pages of an open manual must be put."""
    return _CACHE / name / "corpus"


def opened(name: str, encoder: SentenceEncoder) -> Opened:
    """The collection's documents as an index, built once and kept in `.cache` (delete it to build anew)."""
    root = _CACHE / name
    if not (root / "CURRENT").exists():
        print(f"{name}: building the index", flush=True)
        corpus = corpus_of(name)
        if name not in (*MANUALS, *UNSEEN_MANUALS):
            corpus.mkdir(parents=True, exist_ok=True)
            _write_corpus(name, corpus)
        build(corpus, root, encoder)
    return generations.open_current(root, encoder.sha256)


def asked(row: Mapping[str, Any]) -> str:
    """A row's question as far as it may be long."""
    return " ".join(row["question"].split())[:MAX_QUERY]


def left_out(row: Mapping[str, Any], index: Index) -> Filters:
    """All documents but those that answer a row's question, or did so for another version (`outdated_ids`)."""
    without = {*row["gold_ids"], *row.get("outdated_ids", ())}
    return Filters(tuple(document.id for document in index.documents if document.id not in without))


def write_beir(name: str, folder: Path, queries: list[dict[str, Any]]) -> None:
    """Write a collection in BEIR layout with these queries, each relevant to its `gold_ids`."""
    (folder / "qrels").mkdir(parents=True)
    _write_corpus(name, folder)
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as stream:
        for query in queries:
            stream.write(json.dumps({"_id": query["id"], "text": query["question"]}) + "\n")
    with (folder / "qrels" / "test.tsv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter="\t", lineterminator="\n")
        table.writerow(["query-id", "corpus-id", "score"])
        table.writerows([query["id"], gold, 1] for query in queries for gold in query["gold_ids"])


def squad_titles(use: str) -> set[str]:
    """Titles of `squad2_halfdev` that the reader learns from (`train`), for choices (`tune`), to `report` on."""
    named = squad_split()[use]
    return {row["title"] for row in rows("squad2_halfdev", "corpus.jsonl") if row["title"].replace("_", " ") in named}


@cache
def _documentation() -> dict[str, list[dict[str, Any]]]:
    """A collection made of sections and questions, drawn by chance, of the repositories that have enough of them."""
    chance, of_repository = random.Random(3), defaultdict(list)
    for name in REPOSITORIES:
        for row in json_lines(ROOT.parent / "train" / f"{name}.jsonl.gz"):
            if for_tuning(row):
                of_repository[repository(row)].append(row)
    corpus: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    for some in of_repository.values():
        if sum(row["answerable"] for row in some) < _QUESTIONS:
            continue
        sections = list(dict.fromkeys((row["title"], row["context"]) for row in some))
        ids = {}
        for title, text in chance.sample(sections, min(_SECTIONS, len(sections))):
            ids[title, text] = str(len(corpus))
            corpus.append({"id": ids[title, text], "title": title, "text": text})
        asked = [row for row in some if row["answerable"] and (row["title"], row["context"]) in ids]
        for row in chance.sample(asked, min(_QUESTIONS, len(asked))):
            gold = ids[row["title"], row["context"]]
            about = {"id": str(len(questions)), "question": row["q"], "answerable": True, "gold_ids": [gold]}
            questions.append(about)
    return {"corpus.jsonl": corpus, "queries.jsonl": questions}


@cache
def _science() -> dict[str, list[dict[str, Any]]]:
    """A collection of pieces of text, in the order of their articles; `gold_ids` are those that an answer may be in."""
    every = json_lines(ROOT.parent / "train" / f"{SCIENCE}.jsonl.gz")
    pieces = list(dict.fromkeys(row["context"] for row in every))[:_PIECES]
    place = {piece: number for number, piece in enumerate(pieces)}
    questions: list[dict[str, Any]] = []
    for row in {row["q"]: row for row in every if row["context"] in place}.values():
        number, answer = place[row["context"]], row["answer"]
        near = range(max(number - _AROUND, 0), min(number + _AROUND + 1, len(pieces)))
        found = [(one, pieces[one].find(answer)) for one in near]
        spans = [{"doc_id": str(one), "start": at, "end": at + len(answer)} for one, at in found if at >= 0]
        about = {"id": str(len(questions)), "question": row["q"], "answerable": True}
        questions.append(about | {"gold_ids": [str(one) for one in near], "gold_spans": spans})
    corpus = [{"id": str(number), "title": "", "text": piece} for piece, number in place.items()]
    return {"corpus.jsonl": corpus, "queries.jsonl": questions}


_MADE = {DOCUMENTATION: _documentation, SCIENCE: _science}


def _write_corpus(name: str, folder: Path) -> None:
    with (folder / "corpus.jsonl").open("w", encoding="utf-8") as stream:
        for row in rows(name, "corpus.jsonl"):
            kept = {"_id": row["id"], "title": row["title"], "text": row["text"]}
            stream.write(json.dumps(kept, ensure_ascii=False) + "\n")
