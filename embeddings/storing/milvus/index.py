"""An index whose vectors, postings and texts stay in Milvus: what a question needs of them is fetched."""

import base64
import dataclasses
import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings.encoding.encoder import Vectors
from embeddings.records import Fetched
from embeddings.searching.index import Codes, Rows, compact_vectors
from embeddings.searching.lexical import Lexical, ranges
from embeddings.searching.vocabulary import Vocabulary
from embeddings.splitting.passages import Passage
from embeddings.splitting.terms import terms
from embeddings.storing.milvus.connection import Connection
from embeddings.storing.storage import StoredIndex

MOST = 16_384
"""Most entities that Milvus gives for one search or one query."""
_EF = 800
"""How many neighbours HNSW keeps in view; never fewer than are asked for."""
_READ = 500
"""Up to so many documents of a selection have their words counted anew; beyond, it has those of all."""


class Stored(NamedTuple):
    """The vectors of a passage."""

    vector: npt.NDArray[np.float32]
    sentences: Codes
    """Those of its sentences, as `compact_vectors` keeps them."""


@dataclass(frozen=True)
class Part:
    """What a collection holds of some documents, numbered from 0 on; or of all."""

    connection: Connection
    collection: str
    d: int
    """Dimension of the vectors."""
    rows: Rows
    """Of each vector its row in the collection, ascending."""
    documents: tuple[int, ...] | None
    """The numbers of these documents, None for all."""
    exact: bool
    """Whether every vector is looked at."""

    @property
    def ntotal(self) -> int:
        """How many vectors there are."""
        return len(self.rows)

    def search(self, queries: Vectors, k: int) -> tuple[npt.NDArray[np.float32], Rows]:
        """As FAISS's, for one query: scores and numbers of the `k` nearest; shape (1, found) each."""
        params: dict[str, Any] = {} if self.exact else {"search_params": {"params": {"ef": max(k, _EF)}}}
        ((scores, numbers),) = self.found("vector", [queries[0]], k, **params)
        return scores[np.newaxis], numbers[np.newaxis]

    def found(
        self, name: str, queries: Sequence[Any], k: int, among: Rows | None = None, **options: Any
    ) -> list[tuple[npt.NDArray[np.float32], Rows]]:
        """Scores and numbers of what the index of a field finds for each query, `among` these if they are given."""
        if among is not None:
            options["filter"] = f"row in {self.rows[among].tolist()}"
        elif self.documents is not None:
            options["filter"] = f"document in {list(self.documents)}"
        hits = self.connection.call(
            "search", self.collection, data=list(queries), anns_field=name, limit=min(k, MOST), **options
        )
        return [
            (
                np.array([hit["distance"] for hit in each], dtype=np.float32),
                np.searchsorted(self.rows, np.array([hit["row"] for hit in each], dtype=np.int64)),
            )
            for each in hits
        ]


@dataclass(frozen=True)
class Passages(Part):
    """A part whose entities are passages."""

    stored: Fetched[Stored] = field(kw_only=True)
    """By rows of the collection."""

    def reconstruct_batch(self, numbers: Rows) -> Vectors:
        """As FAISS's: the vectors of these passages, shape (passages, dimension)."""
        return np.array([each.vector for each in self._at(numbers)], dtype=np.float32).reshape(-1, self.d)

    def sentences(self, numbers: Rows) -> Vectors:
        """The vectors of all sentences of these passages, shape (sentences, dimension)."""
        code: Any = compact_vectors(np.empty((0, self.d), dtype=np.float32))
        found: Vectors = code.sa_decode(np.concatenate([each.sentences for each in self._at(numbers)]))
        return found

    def _at(self, numbers: Rows) -> list[Stored]:
        return self.stored.at(self.rows[numbers].tolist())


@dataclass(frozen=True)
class EngineLexical(Lexical):
    """BM25 by inner products with the weights of `Lexical`, so that scores are its scores.

    Of some documents only, words are as rare as they are there; how long passages are on average stays that of all.
    """

    part: Passages = field(kw_only=True)
    held: dict[str, int] = field(kw_only=True, default_factory=dict)
    """How many of the texts hold a term, as far as that was asked for."""

    def scores(self, query: str) -> npt.NDArray[np.float32]:
        """See Lexical; of more than `MOST` texts only the best have a score."""
        scores = np.zeros(self.size, dtype=np.float32)
        for found, numbers in self._found(query, MOST):
            scores[numbers] = found
        return scores

    def highest(self, query: str, k: int) -> Rows:
        """See Lexical."""
        return np.concatenate([np.empty(0, dtype=np.int64), *(numbers for _, numbers in self._found(query, k))])

    def scores_of(self, query: str, rows: Rows) -> npt.NDArray[np.float32]:
        """See Lexical."""
        scores = np.zeros(len(rows), dtype=np.float32)
        order = np.argsort(rows)
        for found, numbers in self._found(query, len(rows), rows):
            scores[order[np.searchsorted(rows[order], numbers)]] = found
        return scores

    def holding(self, term: str) -> int:
        """See Lexical; of some documents only, at most `MOST`."""
        whole = super().holding(term)
        if self.part.documents is None or not whole or not self.size:
            return min(whole, self.size)
        if term not in self.held:
            ((_, numbers),) = self.part.found("words", [{self.vocabulary[term]: 1.0}], MOST)
            self.held[term] = len(numbers)
        return self.held[term]

    def _found(self, query: str, k: int, among: Rows | None = None) -> list[tuple[npt.NDArray[np.float32], Rows]]:
        wanted = {
            self.vocabulary[term]: count * self._rarer(term)
            for term, count in Counter(terms(query)).items()
            if self.knows(term)
        }
        return self.part.found("words", [wanted], k, among) if wanted and k else []

    def _rarer(self, term: str) -> float:
        """By how much rarer a term is here than in all passages, by which its postings were weighed."""
        if self.part.documents is None:
            return 1.0
        size, held = len(self.part.stored), super().holding(term)
        return self.rarity(term) / math.log(1 + (size - held + 0.5) / (held + 0.5))


@dataclass(frozen=True)
class EngineIndex(StoredIndex):
    """An index in a collection. Its tables, words and titles are in memory, all else comes when it is asked for."""

    part: Passages = field(kw_only=True)
    numbers: Rows = field(kw_only=True)
    """Of each document its number in the collection."""

    def passages_at(self, rows: Rows) -> Sequence[Passage]:
        """See Index."""
        found: Any = self.passages
        passages: list[Passage] = found.at(rows.tolist())
        return passages

    def sentences_of(self, rows: Rows) -> Vectors:
        """See Index."""
        return self.part.sentences(rows)

    def only(self, document_ids: Collection[str]) -> "EngineIndex":
        """See Index; of more than `_READ` documents the vocabulary stays that of all."""
        rows = self.rows_in(document_ids)
        places = sorted(self.places[key] for key in {*document_ids} & self.places.keys())
        whole: Any = self.documents
        documents = Fetched(len(places), lambda chosen: whole.at([places[each] for each in chosen]))
        sentences = np.unique(ranges(self.first_sentence[rows], self.sentence_counts[rows]))
        numbers = tuple(self.numbers[places].tolist())
        part: Any = dataclasses.replace(self.part, rows=self.part.rows[rows], documents=numbers)
        vectors: Any = self.sentence_vectors
        lexical: EngineLexical = self.lexical  # type: ignore[assignment] # as it is opened
        return dataclasses.replace(
            self,
            documents=documents,
            passages=Fetched(len(rows), lambda chosen: self.passages_at(rows[list(chosen)])),
            passage_vectors=part,
            sentence_vectors=dataclasses.replace(vectors, rows=vectors.rows[sentences], documents=numbers),
            coarse=self.coarse and part,
            lexical=dataclasses.replace(lexical, size=len(rows), part=part, held={}),
            vocabulary=Vocabulary.of(documents[:]) if len(places) <= _READ else self.vocabulary,
            copies=self.copies_among(document_ids),
            table=_renumbered(self.table, rows, places, sentences),
            listed=tuple(self.listed[place] for place in places),
            numbers=self.numbers[places],
            part=part,
        )

    def let_go(self) -> None:
        """See Index: nothing of it is mapped."""


def _renumbered(table: npt.NDArray[Any], rows: Rows, places: Sequence[int], sentences: Rows) -> npt.NDArray[Any]:
    """The table of these passages, in which these documents and sentences are numbered from 0 on."""
    keys = np.empty(len(table), dtype=table["key"].dtype)
    keys[table["row"]] = table["key"]
    chosen = table[rows]
    chosen["document"] = np.searchsorted(places, chosen["document"])
    chosen["first"] = np.searchsorted(sentences, chosen["first"])
    order = np.argsort(keys[rows], kind="stable")
    chosen["key"], chosen["row"] = keys[rows][order], order
    return chosen


def packed(codes: Codes) -> list[str]:
    """The codes of vectors, shape (vectors, bytes), as texts that Milvus keeps."""
    return [base64.b64encode(code.tobytes()).decode() for code in codes]


def unpacked(texts: Sequence[str]) -> Codes:
    """What `packed` was given, of at least one vector."""
    return np.stack([np.frombuffer(base64.b64decode(text), dtype=np.uint8) for text in texts])
