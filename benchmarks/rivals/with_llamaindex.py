"""LlamaIndex with its FAISS vector store: https://developers.llamaindex.ai/python/framework/."""

from pathlib import Path

import faiss
import protocol
from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissMapVectorStore


class LlamaIndex:
    """A vector index over nodes that name their document, in the FAISS store that can delete.

    Its old nodes are deleted by their ids: `delete_ref_doc`, and so `update_ref_doc`, leave a document's vectors in
    that store (0.7.0), after which a query that meets one raises KeyError.
    """

    def __init__(self, model: str, folder: Path) -> None:
        self._model, self._folder = HuggingFaceEmbedding(model_name=model, device="cpu"), str(folder)
        self._index, self._retriever = None, None

    def ingest(self, passages: list[dict[str, str]]) -> None:
        """See System."""
        dimension = len(self._model.get_text_embedding("dimension"))
        store = FaissMapVectorStore(faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)))
        storage = StorageContext.from_defaults(vector_store=store)
        self._use(VectorStoreIndex(_nodes(passages), storage_context=storage, embed_model=self._model))
        self._index.storage_context.persist(self._folder)

    def query(self, text: str) -> list[str]:
        """See System."""
        if self._index is None:
            store = FaissMapVectorStore.from_persist_dir(self._folder)
            storage = StorageContext.from_defaults(vector_store=store, persist_dir=self._folder)
            self._use(load_index_from_storage(storage, embed_model=self._model))
        return [found.node.node_id for found in self._retriever.retrieve(text)]

    def update(self, removed: list[str], passages: list[dict[str, str]]) -> None:
        """See System."""
        self._index.delete_nodes(removed, delete_from_docstore=True)
        self._index.insert_nodes(_nodes(passages))
        self._index.storage_context.persist(self._folder)

    def size(self) -> int:
        """See System."""
        return protocol.size_of(Path(self._folder))

    def _use(self, index: VectorStoreIndex) -> None:
        self._index, self._retriever = index, index.as_retriever(similarity_top_k=protocol.K)


def _nodes(passages: list[dict[str, str]]) -> list[TextNode]:
    return [
        TextNode(
            id_=passage["id"],
            text=passage["text"],
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage["document"])},
        )
        for passage in passages
    ]


if __name__ == "__main__":
    protocol.serve(LlamaIndex(*protocol.arguments()))
