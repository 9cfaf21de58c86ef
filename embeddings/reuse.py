"""What the next index takes over from the one before: whole passages, found without a tokenizer, vector by vector."""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import faiss
import numpy as np

from embeddings.documents import Document
from embeddings.encoder import Vectors, Window
from embeddings.index import Index, Rows, codes, compact_vectors, exact_vectors, shares_first
from embeddings.lexical import ranges
from embeddings.passages import Passage, Tokenizer, label_of, shortened


class Plan(NamedTuple):
    """Where the vectors and the terms of each passage come from."""

    places: Rows
    """Its row in the index before or, from that one's size on, the number of its new window; shape (passages,)."""
    size: int
    """Passages of the index before."""
    windows: list[Window]
    """What no passage of the index before was, each once."""


class _Input(NamedTuple):
    """All that a passage's window depends on: where two are equal, so are the windows, whatever the tokenizer."""

    label: str
    """Title and heading, not shortened yet."""
    text: str
    sentences: tuple[tuple[int, int], ...]
    """Those that the passage before does not have, as characters of `text`."""

    @classmethod
    def of(cls, document: Document, passage: Passage, shared: bool) -> "_Input":
        start = passage.start
        own = tuple((a - start, b - start) for a, b in passage.sentences[shared:])
        return cls(label_of(document.label, passage.heading, passage.text), passage.text, own)

    def window(self, label: str) -> Window:
        text = f"{label}\n{self.text}" if label else self.text
        before = len(text) - len(self.text)
        return Window(text, tuple((a + before, b + before) for a, b in self.sentences))


def plan(
    documents: Sequence[Document],
    passages: Sequence[Passage],
    kept: Collection[str],
    before: Index | None,
    tokenizer: Tokenizer,
) -> Plan:
    """Say which passages the index before has, wherever they stood, and make the windows of the others.

    `kept` are the ids of documents whose title and passages are those of the index before.
    """
    document_of = {document.id: document for document in documents}
    inputs = {
        row: _Input.of(document_of[passage.document_id], passage, shared)
        for row, (passage, shared) in enumerate(zip(passages, shares_first(passages), strict=True))
        if passage.document_id not in kept
    }
    known = _known(before, {each.text for each in inputs.values()}) if before else {}
    size = len(before.passages) if before else 0
    new = list(dict.fromkeys(each for each in inputs.values() if each not in known))
    place_of = known | {each: size + number for number, each in enumerate(new)}
    following = _first_rows(before) if before else {}
    places = []
    for row, passage in enumerate(passages):
        if row in inputs:
            places.append(place_of[inputs[row]])
        else:
            places.append(following[passage.document_id])
            following[passage.document_id] += 1
    labels = shortened((each.label for each in new), tokenizer)
    return Plan(np.array(places, dtype=np.int64), size, [each.window(labels[each.label]) for each in new])


def _known(before: Index, texts: Collection[str]) -> dict[_Input, int]:
    """The rows of the passages with one of these texts."""
    ends = before.first_sentence + before.sentence_counts
    rows = np.flatnonzero(np.isin(before.texts, [zlib.crc32(text.encode()) for text in texts]))
    found = {}
    for row, passage in ((row, before.passages[row]) for row in rows.tolist()):
        if passage.text in texts:
            shared = row > 0 and before.first_sentence[row] < ends[row - 1]
            found[_Input.of(before.document_of[passage.document_id], passage, bool(shared))] = row
    return found


def _first_rows(before: Index) -> dict[str, int]:
    """The row of the first passage of each document; the others follow it."""
    return dict(zip(before.ids, np.searchsorted(before.owners, np.arange(len(before.ids))).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Stored:
    """The vectors of passages, and of those of their sentences that the passage before does not have."""

    passages: faiss.Index
    sentences: faiss.Index
    firsts: Rows
    """Of each passage the row of its first own sentence; the others follow it."""
    counts: Rows
    """How many sentences of its own each passage has."""

    @classmethod
    def room(cls, passages: Sequence[Passage], dimension: int) -> "Stored":
        """Room for the vectors of these passages, to be copied there."""
        counts = _own(passages)
        nothing = np.empty((0, dimension), dtype=np.float32)
        return cls(
            _sized(exact_vectors(nothing), len(passages)),
            _sized(compact_vectors(nothing), int(counts.sum())),
            np.cumsum(counts) - counts,
            counts,
        )

    @classmethod
    def of(cls, index: Index) -> "Stored":
        """Those of an index."""
        ends = index.first_sentence + index.sentence_counts
        firsts = np.append(np.zeros(1, dtype=np.int64), ends)[:-1]
        return cls(index.passage_vectors, index.sentence_vectors, firsts, ends - firsts)

    @classmethod
    def encoded(cls, vectors: Sequence[Vectors]) -> "Stored":
        """Those that `Encoder.encode_windows` gave, of at least one window."""
        counts = np.array([len(each) - 1 for each in vectors], dtype=np.int64)
        return cls(
            exact_vectors(np.stack([each[0] for each in vectors])),
            compact_vectors(np.concatenate([each[1:] for each in vectors])),
            np.cumsum(counts) - counts,
            counts,
        )

    def copy(self, source: "Stored", sources: Rows, targets: Rows) -> None:
        """Copy passages of another, byte by byte: those in rows `sources` there become those in rows `targets` here."""
        theirs = ranges(source.firsts[sources], source.counts[sources])
        ours = ranges(self.firsts[targets], self.counts[targets])
        codes(self.passages)[targets] = codes(source.passages)[sources]
        codes(self.sentences)[ours] = codes(source.sentences)[theirs]


def _own(passages: Sequence[Passage]) -> Rows:
    counts = [len(passage.sentences) - shared for passage, shared in zip(passages, shares_first(passages), strict=True)]
    return np.array(counts, dtype=np.int64)


def _sized(vectors: faiss.Index, count: int) -> faiss.Index:
    """An empty index with room for so many vectors, whose codes are to be written."""
    stored: Any = vectors  # both kinds that an index has keep codes, which the common type does not say
    stored.codes.resize(count * vectors.sa_code_size())
    vectors.ntotal = count
    return vectors
