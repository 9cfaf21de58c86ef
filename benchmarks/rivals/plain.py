"""sentence-transformers and FAISS alone: https://sbert.net, https://github.com/facebookresearch/faiss/wiki."""

import json
from pathlib import Path

import faiss
import numpy as np
import protocol
from sentence_transformers import SentenceTransformer


class Plain:
    """An exact index of unit vectors whose rows have ids, so that they can be removed, beside the texts as JSON."""

    def __init__(self, model: str, folder: Path) -> None:
        self._model, self._folder = SentenceTransformer(model, device="cpu"), folder
        self._index, self._kept = None, {}

    def ingest(self, passages: list[dict[str, str]]) -> None:
        """See System."""
        self._index, self._kept = faiss.IndexIDMap2(faiss.IndexFlatIP(self._model.get_embedding_dimension())), {}
        self._add(passages)

    def query(self, text: str) -> list[str]:
        """See System."""
        if self._index is None:
            self._open()
        vector = self._model.encode([text], normalize_embeddings=True)
        _, rows = self._index.search(vector, protocol.K)
        return [self._kept[row]["id"] for row in rows[0].tolist() if row >= 0]

    def update(self, removed: list[str], passages: list[dict[str, str]]) -> None:
        """See System."""
        gone = [row for row, passage in self._kept.items() if passage["id"] in removed]
        self._index.remove_ids(np.array(gone))
        for row in gone:
            del self._kept[row]
        self._add(passages)

    def size(self) -> int:
        """See System."""
        return protocol.size_of(self._folder)

    def _add(self, passages: list[dict[str, str]]) -> None:
        first = max(self._kept, default=-1) + 1
        vectors = self._model.encode([passage["text"] for passage in passages], normalize_embeddings=True)
        self._index.add_with_ids(vectors, np.arange(first, first + len(passages)))
        kept = [{"id": passage["id"], "text": passage["text"]} for passage in passages]
        self._kept |= dict(enumerate(kept, first))
        faiss.write_index(self._index, str(self._folder / "index.faiss"))
        (self._folder / "passages.json").write_text(json.dumps(self._kept), encoding="utf-8")

    def _open(self) -> None:
        self._index = faiss.read_index(str(self._folder / "index.faiss"))
        kept = json.loads((self._folder / "passages.json").read_text(encoding="utf-8"))
        self._kept = {int(row): passage for row, passage in kept.items()}


if __name__ == "__main__":
    protocol.serve(Plain(*protocol.arguments()))
