"""Footnote's own retrieval, as `python -m embeddings build` and `search` run it."""

import json
from collections import defaultdict
from pathlib import Path

import protocol

from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.searching.retrieval import Retriever
from embeddings.storing import generations


class Footnote:
    """Documents as JSON lines in a folder, and an index of them: all of a build, with everything it checks.

    It is given documents, not passages, and cuts them itself: into those that the others are given.
    """

    def __init__(self, model: str, folder: Path) -> None:
        self._corpus, self._root = folder / "corpus", folder / "index"
        self._corpus.mkdir(parents=True, exist_ok=True)
        self._encoder = SentenceEncoder(model, self._root)
        self._retriever: Retriever | None = None

    def ingest(self, passages: list[dict[str, str]]) -> None:
        """See System."""
        for path in self._corpus.iterdir():
            path.unlink()
        documents = defaultdict(list)
        for passage in passages:
            documents[passage["document"]].append(passage)
        for key, parts in documents.items():
            self._write(key, parts)
        build(self._corpus, self._root, self._encoder, full=True)
        self._open()

    def query(self, text: str) -> list[str]:
        """See System."""
        if self._retriever is None:
            self._open()
        return [hit.passage.id for hit in self._retriever.search(text, protocol.K).hits]

    def update(self, removed: list[str], passages: list[dict[str, str]]) -> None:
        """See System."""
        self._write(passages[0]["document"], passages)
        build(self._corpus, self._root, self._encoder)
        self._open()

    def size(self) -> int:
        """See System: the current generation, not those before it, which stay for a rollback."""
        opened = generations.open_current(self._root, self._encoder.sha256)
        return sum(file["bytes"] for file in opened.manifest.files.values())

    def _write(self, key: str, parts: list[dict[str, str]]) -> None:
        row = {"id": key, "title": parts[0]["title"], "text": parts[0]["whole"]}
        (self._corpus / f"{key}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")

    def _open(self) -> None:
        self._retriever = Retriever(generations.open_current(self._root, self._encoder.sha256).index, self._encoder)


if __name__ == "__main__":
    protocol.serve(Footnote(*protocol.arguments()))
