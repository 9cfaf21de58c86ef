"""txtai, whose vectors lie in FAISS and its texts in SQLite: https://neuml.github.io/txtai/embeddings/."""

from pathlib import Path

import protocol
from txtai import Embeddings


class Txtai:
    """An index that keeps texts, as its documentation shows; a changed document is deleted by its ids and upserted."""

    def __init__(self, model: str, folder: Path) -> None:
        self._model, self._folder = model, str(folder / "index")
        self._embeddings: Embeddings | None = None

    def ingest(self, passages: list[dict[str, str]]) -> None:
        """See System."""
        if self._embeddings is None:
            self._embeddings = Embeddings(path=self._model, content=True, gpu=False)
        self._embeddings.index(_rows(passages))
        self._embeddings.save(self._folder)

    def query(self, text: str) -> list[str]:
        """See System."""
        if self._embeddings is None:
            self._embeddings = Embeddings()
            self._embeddings.load(self._folder)
        return [found["id"] for found in self._embeddings.search(text, protocol.K)]

    def update(self, removed: list[str], passages: list[dict[str, str]]) -> None:
        """See System."""
        self._embeddings.delete(removed)
        self._embeddings.upsert(_rows(passages))
        self._embeddings.save(self._folder)

    def size(self) -> int:
        """See System."""
        return protocol.size_of(Path(self._folder))


def _rows(passages: list[dict[str, str]]) -> list[tuple[str, str, None]]:
    return [(passage["id"], passage["text"], None) for passage in passages]


if __name__ == "__main__":
    protocol.serve(Txtai(*protocol.arguments()))
