"""Find the passages that may answer a query: three views of a passage, fused into one ranking."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoding.encoder import Encoder, Vectors
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.index import Hit, Index, Ranking, Rows
from embeddings.searching.lexical import ranges
from embeddings.splitting.passages import Passage, label_of

MAX_QUERY = 2000
"""Longest query, in characters."""

_CANDIDATES = 200
_SENTENCE_CANDIDATES = 400
_POOL = 500
"""Passages of a large index whose sentences are looked at: those nearest by their own vectors."""


class Weights(NamedTuple):
    """How much each view counts; they add up to 1."""

    dense: float
    sentences: float
    lexical: float


# Chosen by benchmarks/tune_fusion.py; docs/decisions.md, "Retrieval", has the figures.
WEIGHTS = Weights(0.4, 0.3, 0.3)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents a query is put to; all of them when empty.

    Dates are inclusive and speak of when a document was published; with one set, documents without a
    known date are left out. Raises BadRequest when no day lies between them.
    """

    documents: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None

    def __post_init__(self) -> None:
        if self.after and self.before and self.after > self.before:
            raise BadRequest(Message("There is no day between these two: `after` must not be later than `before`."))

    def __bool__(self) -> bool:
        return bool(self.documents or self.after or self.before)


@dataclass(frozen=True, slots=True)
class Views:
    """The raw scores of the candidate passages of one query, each of shape (candidates,)."""

    rows: Rows
    dense: npt.NDArray[np.float32]
    sentences: npt.NDArray[np.float32]
    """Best cosine among each passage's sentences."""
    lexical: npt.NDArray[np.float32]
    each_sentence: list[npt.NDArray[np.float32]]


class Retriever:
    """Answers queries with rankings; safe to use from several threads."""

    def __init__(self, index: Index, encoder: Encoder, weights: Weights = WEIGHTS) -> None:
        self.index = index
        self._encoder = encoder
        self._weights = weights

    def search(self, query: str, k: int = 10, filters: Filters | None = None) -> Ranking:
        """The best `k` passages for the query, best first; fewer when there are fewer. See `within` for filters.

        Raises BadRequest for an empty or over-long query and for documents that are not in the index.
        """
        query = " ".join(query.split())
        if not query:
            raise BadRequest(Message("The question is empty. Ask something."))
        if not query.isprintable() and re.search("[\ud800-\udfff]", query):
            raise BadRequest(Message("The question holds half of a surrogate pair, which is not text."))
        if len(query) > MAX_QUERY:
            raise BadRequest(
                Message(
                    "The question is longer than {number} characters. Ask it in fewer words.", number=str(MAX_QUERY)
                )
            )
        if filters:
            return self.within(filters).search(query, k)
        searched = self.index.ids
        if not self.index.passages:
            return Ranking(query, (), searched)
        views = self.views(query, self._encoder.encode_queries([query]))
        fused = fuse(views, self._weights)
        scores = _within_ranking(fused)
        best = sorted(range(len(scores)), key=lambda i: (-scores[i], views.rows[i]))[:k]
        hits = tuple(
            Hit(
                passage=passage,
                score=float(scores[i]),
                dense=float(views.dense[i]),
                sentences=tuple(map(float, views.each_sentence[i])),
                lexical=float(views.lexical[i]),
                fused=float(fused[i]),
            )
            for i, passage in zip(best, self.index.passages_at(views.rows[best]), strict=True)
        )
        self.index.let_go()
        return Ranking(query, hits, searched)

    def label_cosine(self, query: str, passage: Passage) -> float:
        """Cosine of a query with the title and heading of a passage alone; 0.0 where it has neither."""
        label = label_of(self.index.document_of[passage.document_id].title, passage)
        if not label:
            return 0.0
        return float((self._encoder.encode_queries([query]) @ self._encoder.encode_passages([label]).T)[0, 0])

    def within(self, filters: Filters) -> "Retriever":
        """One that knows nothing of documents that the filters leave out; itself where they leave out none.

        Raises BadRequest for an unknown id.
        """
        documents = self.documents(filters)
        if len(documents) == len(self.index.documents):
            return self
        return Retriever(self.index.only(set(documents)), self._encoder, self._weights)

    def documents(self, filters: Filters) -> tuple[str, ...]:
        """The ids of the documents that pass the filters. Raises BadRequest for an unknown id."""
        for key in filters.documents:
            if key not in self.index.places:
                raise BadRequest(
                    Message("There is no document {id} in the index. See the list of sources.", id=repr(key))
                )
        named = set(filters.documents)
        return tuple(
            entry.id
            for entry in self.index.entries
            if (not named or entry.id in named) and entry.is_published(filters.after, filters.before)
        )

    def views(self, query: str, vector: Vectors) -> Views:
        """Gather the best candidates of each view and score every one of them in all three.

        `vector` is the encoded query, shape (1, dimension).
        """
        index = self.index
        rows, cosines, starts = self._candidates(vector, index.lexical.highest(query, _CANDIDATES))
        return Views(
            rows=rows,
            dense=index.passage_vectors.reconstruct_batch(rows) @ vector[0],
            sentences=np.maximum.reduceat(cosines, starts),
            lexical=index.lexical.scores_of(query, rows),
            each_sentence=[cosines[a:b] for a, b in pairwise([*starts.tolist(), len(cosines)])],
        )

    def _sentences(self, rows: Rows, vector: Vectors) -> tuple[npt.NDArray[np.float32], Rows]:
        """The cosines of these passages' sentences, and where those of each passage begin."""
        counts = self.index.sentence_counts[rows]
        return self.index.sentences_of(rows) @ vector[0], np.cumsum(counts) - counts

    def _candidates(self, vector: Vectors, top: Rows) -> tuple[Rows, npt.NDArray[np.float32], Rows]:
        """The passages that are best by one view, and their sentences as above; `top` are those by BM25."""
        index = self.index
        if index.coarse is not None:
            return self._coarse_candidates(index.coarse, vector, top)
        dense = _nearest(index.passage_vectors, vector, _CANDIDATES)
        nearest_sentences = _nearest(index.sentence_vectors, vector, _SENTENCE_CANDIDATES)
        last = np.searchsorted(index.first_sentence, nearest_sentences, side="right") - 1
        # A sentence shared by two passages is the first of the later one, which `last` names; the earlier
        # one is its neighbour.
        shared = last[(last > 0) & (index.first_sentence[last] == nearest_sentences)] - 1
        rows = np.unique(np.concatenate([dense, last, shared, top]))
        return rows, *self._sentences(rows, vector)

    def _coarse_candidates(
        self, coarse: faiss.Index, vector: Vectors, top: Rows
    ) -> tuple[Rows, npt.NDArray[np.float32], Rows]:
        """As above, but sentences are looked for only in passages that are near by another view."""
        pool = _nearest(coarse, vector, _POOL)
        rows = np.union1d(pool, top)
        cosines, starts = self._sentences(rows, vector)
        nearest = np.argpartition(-cosines, min(_SENTENCE_CANDIDATES, len(cosines)) - 1)[:_SENTENCE_CANDIDATES]
        owners = rows[np.searchsorted(starts, nearest, side="right") - 1]
        chosen = np.searchsorted(rows, np.unique(np.concatenate([pool[:_CANDIDATES], owners, top])))
        counts = self.index.sentence_counts[rows[chosen]]
        return rows[chosen], cosines[ranges(starts[chosen], counts)], np.cumsum(counts) - counts


def fuse(views: Views, weights: Sequence[float]) -> npt.NDArray[np.float64]:
    """A convex combination of the views' scores, each standardised over the query's candidates.

    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (TOIS 2023), find convex
    combinations better than reciprocal rank fusion, and compare normalisations.
    """
    columns = (views.dense, views.sentences, views.lexical)
    return sum(
        (weight * _standardised(column) for weight, column in zip(weights, columns, strict=True)),
        start=np.zeros(len(views.rows)),
    )


def _standardised(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Mean 0 and standard deviation 1; all 0 where the candidates do not differ."""
    exact = scores.astype(np.float64)
    spread = exact.std()
    return (exact - exact.mean()) / spread if spread > 1e-9 else np.zeros(len(exact))


def _within_ranking(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Scores from 1, the best, to 0, the last candidate."""
    spread = scores.max() - scores.min()
    return (scores - scores.min()) / spread if spread > 1e-9 else np.ones(len(scores))


def _nearest(vectors: faiss.Index, query: Vectors, k: int) -> Rows:
    _, rows = vectors.search(query, min(k, vectors.ntotal))
    found: Rows = rows[0]
    return found[found >= 0]
