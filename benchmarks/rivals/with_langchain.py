"""LangChain with its FAISS vector store: https://docs.langchain.com/oss/python/integrations/vectorstores/faiss."""

from pathlib import Path

import protocol
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings


class LangChain:
    """A FAISS store of unit vectors; a changed document is deleted by its ids and added again."""

    def __init__(self, model: str, folder: Path) -> None:
        self._model = HuggingFaceEmbeddings(
            model_name=model, model_kwargs={"device": "cpu"}, encode_kwargs={"normalize_embeddings": True}
        )
        self._folder, self._store = str(folder), None

    def ingest(self, passages: list[dict[str, str]]) -> None:
        """See System."""
        self._store = FAISS.from_texts(_texts(passages), self._model, ids=_ids(passages))
        self._store.save_local(self._folder)

    def query(self, text: str) -> list[str]:
        """See System."""
        if self._store is None:
            self._store = FAISS.load_local(self._folder, self._model, allow_dangerous_deserialization=True)
        return [found.id for found in self._store.similarity_search(text, k=protocol.K)]

    def update(self, removed: list[str], passages: list[dict[str, str]]) -> None:
        """See System."""
        self._store.delete(removed)
        self._store.add_texts(_texts(passages), ids=_ids(passages))
        self._store.save_local(self._folder)

    def size(self) -> int:
        """See System."""
        return protocol.size_of(Path(self._folder))


def _texts(passages: list[dict[str, str]]) -> list[str]:
    return [passage["text"] for passage in passages]


def _ids(passages: list[dict[str, str]]) -> list[str]:
    return [passage["id"] for passage in passages]


if __name__ == "__main__":
    protocol.serve(LangChain(*protocol.arguments()))
