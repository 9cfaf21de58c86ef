"""The searchable form of a corpus: its passages with their vectors, sentence vectors and postings."""

import hashlib
import math
import os
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Self

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoding.encoder import Vectors
from embeddings.reading.documents import Document, Entry
from embeddings.reading.duplicates import find_copies
from embeddings.searching.lexical import Lexical, ranges
from embeddings.searching.vocabulary import Vocabulary
from embeddings.splitting.passages import Passage, Span

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]
"""Vectors as FAISS keeps them, of shape (vectors, bytes a vector)."""

EXACT = 25_000
"""Up to so many passages every vector is looked at."""

faiss.omp_set_num_threads(1)  # FAISS shares out queries, and here comes one at a time: its threads would only wait

_COMPONENT = 0.5
"""Bound of a unit vector's component in the 8-bit code: of MiniLM's none seen exceeds 0.34."""
_LISTS, _LOOKED_AT = 2, 64
"""How many lists a coarse index has, as a multiple of the root of its vectors, and how many are looked at."""
_SAMPLE, _ROUNDS = 40, 10
"""Vectors a list that its centres are found among, at least, and how often they are moved."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SLAB = 16_384

LINES = np.dtype([("end", "<i8"), ("check", "<u4")])
"""Of each line of a file where it ends, in bytes, and its CRC-32."""
PASSAGES = np.dtype(
    [
        *LINES.descr,
        *(("document", "<i4"), ("first", "<i8"), ("sentences", "<i4"), ("text", "<u4")),
        *(("row", "<i4"), ("key", "<u8")),
    ]
)
"""Of each passage its line, once it is written, its document, its first sentence's row, how many it has and the CRC-32
of its text. `key` and `row` are a table of their own: the keys of all ids, ascending, and the row of each."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query: the fused score (0 to 1 within its ranking) and the three views' own."""

    passage: Passage
    score: float
    dense: float
    """Cosine of query and passage."""
    sentences: tuple[float, ...]
    """Cosine of the query and each of the passage's sentences."""
    lexical: float
    """BM25."""
    fused: float
    """The fused score as it was summed, in standard deviations of the query's candidates: what `score` is made of."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The passages found for a query, best first, and the documents that were searched."""

    query: str
    hits: tuple[Hit, ...]
    searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Some rows of an index of vectors, numbered from 0 on, as far as searching needs them; nothing is copied."""

    vectors: faiss.Index
    rows: Rows
    """Ascending, each once."""

    @classmethod
    def of(cls, vectors: Any, rows: Rows) -> Self:
        """These rows of an index of vectors, or of a selection of one."""
        return cls(vectors.vectors, vectors.rows[rows]) if isinstance(vectors, cls) else cls(vectors, rows)

    @property
    def ntotal(self) -> int:
        """How many vectors there are."""
        return len(self.rows)

    def search(self, queries: Vectors, k: int) -> tuple[npt.NDArray[np.float32], Rows]:
        """As FAISS's: scores and rows of the `k` nearest, -1 where there are fewer; shape (queries, k) each."""
        chosen: dict[str, Any] = {"sel": faiss.IDSelectorBatch(self.rows)}
        params: Any = faiss.SearchParameters(**chosen)
        if isinstance(self.vectors, faiss.IndexIVF):
            chosen["nprobe"] = self.vectors.nprobe
            params = faiss.SearchParametersIVF(**chosen)
        scores, found = self.vectors.search(queries, k, params=params)
        return scores, np.where(found < 0, -1, np.searchsorted(self.rows, found))

    def reconstruct_batch(self, rows: Rows) -> Vectors:
        """As FAISS's: the vectors of these rows, shape (rows, dimension)."""
        found: Vectors = self.vectors.reconstruct_batch(self.rows[rows])
        return found


@dataclass(frozen=True)
class Index:
    """Passages in the order of their rows; sentences are rows too, each once, in document order."""

    documents: Sequence[Document]
    passages: Sequence[Passage]
    passage_vectors: faiss.Index
    sentence_vectors: faiss.Index
    lexical: Lexical
    vocabulary: Vocabulary
    copies: Mapping[str, str] = field(default_factory=dict)
    """Of each near-duplicate document the id of the one that it is a copy of: see `find_copies`."""
    coarse: faiss.Index | None = None
    """Finds most of the nearest passages without looking at all; None where all are looked at. See `coarse_vectors`."""

    @property
    def counts(self) -> dict[str, int]:
        """How much it holds, as manifests say."""
        return {
            "documents": len(self.documents),
            "passages": len(self.passages),
            "sentences": int(self.sentence_vectors.ntotal),
        }

    @property
    def looked_at(self) -> str:
        """What is looked at for a question, as manifests say."""
        if self.coarse is None:
            return "every vector"
        coarse: Any = self.coarse
        return f"{coarse.nprobe} of {coarse.nlist} lists of 8-bit vectors, then the sentences of what is near"

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The documents without their texts."""
        return tuple(document.entry for document in self.documents)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of the documents."""
        return tuple(entry.id for entry in self.entries)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where among the documents each one stands, by its id."""
        return {key: place for place, key in enumerate(self.ids)}

    @cached_property
    def document_of(self) -> Mapping[str, Document]:
        """Documents by id."""
        return {document.id: document for document in self.documents}

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Rows of passages by passage id."""
        return {passage.id: row for row, passage in enumerate(self.passages)}

    @cached_property
    def passages_of(self) -> Mapping[str, list[Passage]]:
        """The passages of each document, in order."""
        passages: dict[str, list[Passage]] = {document.id: [] for document in self.documents}
        for passage in self.passages:
            passages[passage.document_id].append(passage)
        return passages

    @cached_property
    def table(self) -> npt.NDArray[Any]:
        """What need not be read in the passages themselves: see `PASSAGES`."""
        return passage_table(self.passages, self.places)

    @cached_property
    def owners(self) -> npt.NDArray[np.int32]:
        """For each passage, where among the documents its own stands, or -1."""
        return np.ascontiguousarray(self.table["document"])

    @cached_property
    def texts(self) -> npt.NDArray[np.uint32]:
        """For each passage, the CRC-32 of its text."""
        return np.ascontiguousarray(self.table["text"])

    @cached_property
    def first_sentence(self) -> Rows:
        """For each passage, the row of its first sentence; the others follow it."""
        return np.ascontiguousarray(self.table["first"])

    @cached_property
    def sentence_counts(self) -> Rows:
        """For each passage, how many sentences it has."""
        return self.table["sentences"].astype(np.int64)

    def passages_at(self, rows: Rows) -> Sequence[Passage]:
        """The passages of these rows."""
        return [self.passages[row] for row in rows.tolist()]

    def sentences_of(self, rows: Rows) -> Vectors:
        """The vectors of all sentences of these passages, one passage behind the other."""
        sentences = ranges(self.first_sentence[rows], self.sentence_counts[rows])
        found: Vectors = self.sentence_vectors.reconstruct_batch(sentences)
        return found

    def rows_in(self, document_ids: Collection[str]) -> Rows:
        """The rows of the passages of these documents, ascending."""
        wanted = [self.places[key] for key in {*document_ids} & self.places.keys()]
        return np.flatnonzero(np.isin(self.owners, wanted))

    def only(self, document_ids: Collection[str]) -> "Index":
        """What the index would be if there were no other documents than these: its words, names and copies too."""
        rows = self.rows_in(document_ids)
        passages = tuple(map(self.passages.__getitem__, rows.tolist()))
        sentences = np.unique(ranges(self.first_sentence[rows], self.sentence_counts[rows]))
        places = sorted(self.places[key] for key in {*document_ids} & self.places.keys())
        documents = tuple(self.documents[place] for place in places)
        passage_vectors: Any = Selection.of(self.passage_vectors, rows)
        sentence_vectors: Any = Selection.of(self.sentence_vectors, sentences)
        coarse: Any = None if self.coarse is None else Selection.of(self.coarse, rows)
        return Index(
            documents,
            passages,
            passage_vectors,
            sentence_vectors,
            lexical=self.lexical.only(rows),
            vocabulary=Vocabulary.of(documents),
            copies=self.copies_among(document_ids),
            coarse=coarse if len(rows) > EXACT else None,
        )

    def copies_among(self, document_ids: Collection[str]) -> dict[str, str]:
        """What `copies` would be if there were no other documents than these."""
        ours = {copy: original for copy, original in self.copies.items() if copy in document_ids}
        orphans = [self.document_of[copy] for copy, original in ours.items() if original not in document_ids]
        return {copy: original for copy, original in ours.items() if original in document_ids} | find_copies(orphans)

    def account_of(self, document_id: str) -> str:
        """The id of the document that stands for this one's account: itself, unless it is a copy."""
        return self.copies.get(document_id, document_id)

    def original_of(self, document_id: str) -> Document | None:
        """The document that this one is a copy of, if it is one."""
        return self.document_of[self.copies[document_id]] if document_id in self.copies else None

    def neighbours(self, passage: Passage) -> tuple[Passage | None, Passage | None]:
        """The passages before and after this one in its document."""
        row = self.row_of[passage.id]
        last, following = (
            self.passages[other] if 0 <= other < len(self.owners) and self.owners[other] == self.owners[row] else None
            for other in (row - 1, row + 1)
        )
        return last, following

    def let_go(self) -> None:
        """Take out of memory what was read for a question, where the index is too large to stay there."""


@dataclass(frozen=True)
class TabledIndex(Index):
    """An index whose table is known without reading the passages."""

    table: npt.NDArray[Any] = field(kw_only=True)


def passage_table(passages: Sequence[Passage], places: Mapping[str, int]) -> npt.NDArray[Any]:
    """See `PASSAGES`; `places` has where among the documents each stands."""
    table = np.zeros(len(passages), dtype=PASSAGES)
    table["document"] = [places.get(passage.document_id, -1) for passage in passages]
    table["first"] = sentence_rows(passages)[0]
    table["sentences"] = [len(passage.sentences) for passage in passages]
    table["text"] = [zlib.crc32(passage.text.encode()) for passage in passages]
    set_keys(table, np.array([key_of(passage.id) for passage in passages], dtype=np.uint64))
    return table


def own_counts(table: npt.NDArray[Any]) -> Rows:
    """Of each passage how many sentences it has that the one before it has not."""
    counts: Rows = np.diff(table["first"] + table["sentences"], prepend=0)
    return counts


def key_of(passage_id: str) -> int:
    """Which of the sorted keys is that of an id: 63 bits, so that one more is still a number of 64."""
    return int.from_bytes(hashlib.blake2b(passage_id.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def keys_of(table: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """The key of each passage's id, by rows; the table has them in their own order."""
    keys = np.empty(len(table), dtype=np.uint64)
    keys[table["row"]] = table["key"]
    return keys


def set_keys(table: npt.NDArray[Any], keys: npt.NDArray[np.uint64]) -> None:
    """Put the keys of the passages' ids, by rows, into their table."""
    order = np.argsort(keys, kind="stable")
    table["key"], table["row"] = keys[order], order


def sentence_rows(passages: Sequence[Passage]) -> tuple[Rows, list[tuple[str, Span]]]:
    """Give each distinct sentence a row; a sentence shared by two neighbouring passages has one.

    Returns the row of each passage's first sentence, shape (passages,), and the sentences by row.
    """
    first: list[int] = []
    sentences: list[tuple[str, Span]] = []
    for passage, shared in zip(passages, shares_first(passages), strict=True):
        first.append(len(sentences) - shared)
        sentences += [(passage.document_id, span) for span in passage.sentences[shared:]]
    return np.array(first, dtype=np.int64), sentences


def shares_first(passages: Sequence[Passage]) -> list[bool]:
    """Of each passage whether its first sentence is the last one of the passage before."""
    ends = [None, *((passage.document_id, passage.sentences[-1:]) for passage in passages)]
    return [(passage.document_id, passage.sentences[:1]) == end for passage, end in zip(passages, ends, strict=False)]


def exact_vectors(vectors: Vectors) -> faiss.Index:
    """An exact inner-product index, 4 bytes a component."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def compact_vectors(vectors: Vectors) -> faiss.Index:
    """An inner-product index with 1 byte a component.

    The code's range is fixed rather than learnt from the vectors, so a vector's code does not depend on
    which others it is stored with.
    """
    dimension = vectors.shape[1]
    index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit_uniform, faiss.METRIC_INNER_PRODUCT)
    bounds = np.full((2, dimension), _COMPONENT, dtype=np.float32)
    bounds[0] = -_COMPONENT
    index.train(bounds)
    index.add(np.clip(vectors, -_COMPONENT, _COMPONENT))
    return index


class Lists(NamedTuple):
    """The coarse index before, as far as the next one can take it over."""

    vectors: faiss.Index
    coarse: faiss.Index
    places: Rows
    """Of each of the new vectors its row there; beyond its last row for one that it has not."""


def coarse_vectors(vectors: faiss.Index, before: Lists | None = None) -> faiss.Index | None:
    """An index that finds most of the nearest vectors by looking at those of a few lists; None for a small one.

    Every vector is in the list of the centre that it is nearest to (Sivic and Zisserman 2003; FAISS's IVF), with 1 byte
    a component. How many lists there are and how many are looked at was chosen from the table in docs/scale.md. Centres
    depend on the vectors of the sample alone, so where these are those of `before`, vectors that it has stay in their
    lists, and the result is the same.
    """
    if vectors.ntotal <= EXACT:
        return None
    lists = 1 << round(math.log2(_LISTS * math.sqrt(vectors.ntotal)))
    sample = _sample(vectors, lists)
    assigned = np.full(vectors.ntotal, -1)
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    try:
        if before and _same_sample(before, sample, lists):
            centres = exact_vectors(before.coarse.quantizer.reconstruct_n(0, lists))  # type: ignore[attr-defined]
            known = np.flatnonzero(before.places < before.vectors.ntotal)
            assigned[known] = _assigned(before.coarse)[before.places[known]]
        else:
            found = faiss.Kmeans(vectors.d, lists, niter=_ROUNDS, spherical=True, seed=1)
            found.train(vectors.reconstruct_batch(sample))
            centres = found.index
        code: Any = compact_vectors(np.empty((0, vectors.d), dtype=np.float32))
        index: Any = faiss.IndexIVFScalarQuantizer(
            centres, vectors.d, lists, code.sq.qtype, faiss.METRIC_INNER_PRODUCT, False
        )
        index.sq, index.is_trained, index.nprobe = code.sq, True, _LOOKED_AT
        for first in range(0, vectors.ntotal, _SLAB):
            block = vectors.reconstruct_n(first, min(_SLAB, vectors.ntotal - first))
            own = assigned[first : first + len(block)]
            if len(new := np.flatnonzero(own < 0)):
                own[new] = centres.search(block[new], 1)[1][:, 0]
            block = np.clip(block, -_COMPONENT, _COMPONENT)
            index.add_core(len(block), faiss.swig_ptr(block), None, faiss.swig_ptr(own))
        index.own_fields, index.referenced_objects = False, [centres]
    finally:
        faiss.omp_set_num_threads(1)
    result: faiss.Index = index
    return result


def _sample(vectors: faiss.Index, lists: int) -> Rows:
    """The rows of about `_SAMPLE` vectors a list, up to twice as many: which ones they are is said by their own bytes.

    So only one vector in so many, when it comes or goes, changes the sample.
    """
    mixed = np.ascontiguousarray(codes(vectors)[:, :8]).view(np.uint64)[:, 0] * _MULTIPLIER
    bits = int(math.log2(max(1, vectors.ntotal / (_SAMPLE * lists))))
    while bits and (chosen := mixed >> np.uint64(64 - bits) == 0).sum() < _SAMPLE * lists // 2:  # of very many alike
        bits -= 1
    return np.flatnonzero(chosen) if bits else np.arange(vectors.ntotal)


def _same_sample(before: Lists, sample: Rows, lists: int) -> bool:
    """Whether the lists before are as many, around centres that were found among the same vectors in the same order."""
    coarse: Any = before.coarse
    return coarse.nlist == lists and np.array_equal(before.places[sample], _sample(before.vectors, lists))


def _assigned(coarse: Any) -> Rows:
    """The list that each vector is in."""
    found = np.empty(coarse.ntotal, dtype=np.int64)
    for number in range(coarse.nlist):
        size = coarse.invlists.list_size(number)
        if size:
            found[faiss.rev_swig_ptr(coarse.invlists.get_ids(number), size)] = number
    return found


def codes(vectors: faiss.Index) -> Codes:
    """The memory in which an index keeps its vectors; it must outlive what is returned."""
    shape = vectors.ntotal, vectors.sa_code_size()
    if not vectors.ntotal:
        return np.empty(shape, dtype=np.uint8)
    stored: Any = vectors
    codes: Codes = faiss.rev_swig_ptr(stored.codes.data(), shape[0] * shape[1]).reshape(shape)
    return codes
