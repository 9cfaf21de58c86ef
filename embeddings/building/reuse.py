"""What the next index takes over from the one before: whole passages, found without a tokenizer, vector by vector."""

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoding.encoder import Vectors, Window
from embeddings.reading.documents import Document
from embeddings.records import Spliced
from embeddings.searching.index import (
    Index,
    Rows,
    codes,
    compact_vectors,
    exact_vectors,
    keys_of,
    own_counts,
    passage_table,
    set_keys,
    shares_first,
)
from embeddings.searching.lexical import ranges
from embeddings.splitting.passages import Passage, Tokenizer, label_of, shortened


class Cut(NamedTuple):
    """How documents are cut into passages."""

    fresh: list[Passage]
    """The passages of documents that the index before has not, or not with this title and text, in order."""
    places: Rows
    """Of each passage its row in the index before or, from that one's size on, its place among `fresh`."""
    owners: Rows
    """Of each passage where among the documents its own stands."""
    new: Rows
    """Where the documents stand that were split."""


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
        return cls(label_of(document.label, passage), passage.text, own)

    def window(self, label: str) -> Window:
        text = f"{label}\n{self.text}" if label else self.text
        before = len(text) - len(self.text)
        return Window(text, tuple((a + before, b + before) for a, b in self.sentences))


def cut(
    documents: Iterable[Document],
    before: Index | None,
    known: Mapping[str, Document],
    split: Callable[[Document], Sequence[Passage]],
) -> Cut:
    """Split the documents that are not, with this title and text, among those `known`, the documents of `before`."""
    size = len(before.passages) if before else 0
    bounds = np.searchsorted(before.owners, np.arange(len(before.ids) + 1)).tolist() if before else []
    fresh: list[Passage] = []
    starts, ends, new = [], [], []
    for number, document in enumerate(documents):
        if before and same_text(known.get(document.id), document):
            place = before.places[document.id]
            starts.append(bounds[place])
            ends.append(bounds[place + 1])
        else:
            new.append(number)
            starts.append(size + len(fresh))
            fresh += split(document)
            ends.append(size + len(fresh))
    first = np.array(starts, dtype=np.int64)
    counts = np.array(ends, dtype=np.int64) - first
    owners = np.repeat(np.arange(len(counts)), counts)
    return Cut(fresh, ranges(first, counts), owners, np.array(new, dtype=np.int64))


def same_text(one: Document | None, other: Document) -> bool:
    """Whether both are cut into the same passages."""
    return one is not None and (one.label, one.text) == (other.label, other.text)


def spliced(made: Cut, before: Index | None) -> tuple[Sequence[Passage], npt.NDArray[Any]]:
    """All passages, of which those of the index before are not read, and what is known of them: see `PASSAGES`."""
    fresh = passage_table(made.fresh, {})
    if before is None:
        passages: Sequence[Passage] = tuple(made.fresh)
        old = fresh[:0]
    else:
        lines: Any = before.passages  # of an index that was opened
        passages, old = Spliced(lines, made.fresh, made.places), before.table
    table = np.concatenate([old, fresh])[made.places]
    table["document"] = made.owners
    table["first"] = np.cumsum(np.concatenate([own_counts(old), own_counts(fresh)])[made.places]) - table["sentences"]
    set_keys(table, np.concatenate([keys_of(old), keys_of(fresh)])[made.places])
    return passages, table


def plan(
    documents: Sequence[Document], fresh: Sequence[Passage], places: Rows, before: Index | None, tokenizer: Tokenizer
) -> Plan:
    """Say which passages the index before has, wherever they stood, and make the windows of the others.

    `fresh` and `places` are those of a `Cut`.
    """
    document_of = {document.id: document for document in documents}
    inputs = [
        _Input.of(document_of[passage.document_id], passage, shared)
        for passage, shared in zip(fresh, shares_first(fresh), strict=True)
    ]
    known = _known(before, {each.text for each in inputs}) if before else {}
    size = len(before.passages) if before else 0
    new = list(dict.fromkeys(each for each in inputs if each not in known))
    place_of = known | {each: size + number for number, each in enumerate(new)}
    found = places.copy()
    found[places >= size] = [place_of[each] for each in inputs]
    labels = shortened((each.label for each in new), tokenizer)
    return Plan(found, size, [each.window(labels[each.label]) for each in new])


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
    def room(cls, table: npt.NDArray[Any], dimension: int) -> "Stored":
        """Room for the vectors of the passages of a table, to be copied there."""
        counts = own_counts(table)
        nothing = np.empty((0, dimension), dtype=np.float32)
        return cls(
            _sized(exact_vectors(nothing), len(table)),
            _sized(compact_vectors(nothing), int(counts.sum())),
            np.cumsum(counts) - counts,
            counts,
        )

    @classmethod
    def of(cls, index: Index) -> "Stored":
        """Those of an index."""
        counts = own_counts(index.table)
        return cls(index.passage_vectors, index.sentence_vectors, np.cumsum(counts) - counts, counts)

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


def _sized(vectors: faiss.Index, count: int) -> faiss.Index:
    """An empty index with room for so many vectors, whose codes are to be written."""
    stored: Any = vectors  # both kinds that an index has keep codes, which the common type does not say
    stored.codes.resize(count * vectors.sa_code_size())
    vectors.ntotal = count
    return vectors
