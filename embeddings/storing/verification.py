"""Whether an index holds together: its counts, its offsets, its vectors, and passages that find themselves."""

import zlib
from collections.abc import Iterator, Sequence

import faiss
import numpy as np

from embeddings.encoding.encoder import Encoder, Window
from embeddings.searching.index import Index, Rows, compact_vectors, own_counts, shares_first
from embeddings.splitting.passages import Passage, passage_id, text_for_encoder
from embeddings.storing.generations import Opened

_PROBES = 8
"""How many passages are encoded anew, spread over the index."""
_SAME = 0.98
"""Cosine from which two encodings count as those of one text: one may be kept in 8 bits a component."""


def problems(opened: Opened, places: Rows | None = None) -> Iterator[str]:
    """Every inconsistency in a generation whose files are unchanged; a sound one has none.

    With `places`, only these documents are read, by where they stand, and their passages.
    """
    index, manifest = opened.index, opened.manifest
    size = len(index.passages)
    if places is None:
        places, rows = np.arange(len(index.documents)), np.arange(size)
    else:
        rows = np.flatnonzero(np.isin(index.owners, places))
    documents = [index.documents[place] for place in places.tolist()]
    passages = [index.passages[row] for row in rows.tolist()]
    expected = (manifest.documents.get(document.id) for document in documents)
    if index.places.keys() != manifest.documents.keys() or [each.sha256 for each in documents] != [*expected]:
        yield "The documents are not those of the manifest."
    if manifest.counts != index.counts:
        yield f"The manifest counts {dict(manifest.counts)}, the index holds {index.counts}."
    if index.lexical.size != size:
        yield f"BM25 covers {index.lexical.size} passages of {size}."
    for copy, original in index.copies.items():
        if not {copy, original} <= manifest.documents.keys():
            yield f"{copy!r} is said to be a copy of {original!r}, which are not both documents of the index."
    yield from _passages(index, passages)
    if not all(passage.sentences for passage in passages):
        return
    if [index.entries[place] for place in places.tolist()] != [document.entry for document in documents]:
        yield "The list of documents is not that of the documents."
    yield from _table(index, rows, passages)
    for what, vectors, wanted in (
        ("passages", index.passage_vectors, size),
        ("sentences", index.sentence_vectors, int(own_counts(index.table).sum())),
    ):
        if vectors.ntotal != wanted or vectors.d != manifest.model.dimension:
            yield f"There are {vectors.ntotal} vectors of {vectors.d} dimensions for {wanted} {what}."
        elif what == "passages":
            yield from _lengths(vectors)


def misplaced(opened: Opened, encoder: Encoder) -> Iterator[str]:
    """Passages that do not find themselves: some are encoded anew and looked up among all vectors.

    This is what would show that rows and vectors were mixed up, or that the vectors are another model's.
    """
    index = opened.index
    if not index.passages:
        return
    rows = np.unique(np.linspace(0, len(index.passages) - 1, _PROBES).astype(np.int64))
    chosen = [index.passages[row] for row in rows]
    documents = [index.document_of[passage.document_id] for passage in chosen]
    texts = [
        text_for_encoder(document.label, passage, encoder) for document, passage in zip(documents, chosen, strict=True)
    ]
    ends = [len(text) for text in texts]  # a passage's last sentence ends it, and no passage before has it
    starts = [end - (p.sentences[-1].end - p.sentences[-1].start) for end, p in zip(ends, chosen, strict=True)]
    windows = [Window(text, ((a, b),)) for text, a, b in zip(texts, starts, ends, strict=True)]
    passages, sentences = np.stack(encoder.encode_windows(windows), axis=1)
    own = np.einsum("ij,ij->i", passages, np.stack([index.passage_vectors.reconstruct(int(row)) for row in rows]))
    best, _ = index.passage_vectors.search(passages, 1)
    for row, score, top in zip(rows, own, best[:, 0], strict=True):
        if not score >= max(_SAME, top - (1 - _SAME)):
            yield f"Passage {row} is not found by its own text: cosine {score:.3f}, another has {top:.3f}."
    again = compact_vectors(sentences)  # the same code on both sides, whatever it loses
    for place, row in enumerate(index.first_sentence[rows] + index.sentence_counts[rows] - 1):
        one = np.asarray(again.reconstruct(place))
        two = np.asarray(index.sentence_vectors.reconstruct(int(row)))
        cosine = float(one @ two / (np.linalg.norm(one) * np.linalg.norm(two) or 1))
        if not cosine >= _SAME:
            yield f"The vector of sentence {row} is not that of its text: cosine {cosine:.3f}."


def _passages(index: Index, passages: Sequence[Passage]) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for passage in passages:
        document = index.document_of.get(passage.document_id)
        if document is None:
            yield f"Passage {passage.id} is of {passage.document_id!r}, which is no document of the index."
            continue
        where = f"Passage {passage.id} of {document.id!r}"
        inside = 0 <= passage.start < passage.end <= len(document.text)
        if not inside or passage.text != document.text[passage.start : passage.end]:
            yield f"{where} is not characters {passage.start} to {passage.end} of its document."
        key = (document.id, passage.text)
        seen[key] = seen.get(key, -1) + 1
        if passage.id != passage_id(document.id, passage.text, seen[key]):
            yield f"{where} has not the id its content gives."
        ends = [passage.start, *(end for span in passage.sentences for end in span), passage.end]
        if not passage.sentences or ends != sorted(ends):
            yield f"{where} has sentences outside of it or out of order."


def _table(index: Index, rows: Rows, passages: Sequence[Passage]) -> Iterator[str]:
    """What is kept of these passages, so that not all need to be read, has to say what they do."""
    own = [len(each.sentences) - shared for each, shared in zip(passages, shares_first(passages), strict=True)]
    for kept, found in (
        (index.owners[rows], [index.places.get(passage.document_id, -1) for passage in passages]),
        (index.sentence_counts[rows], [len(passage.sentences) for passage in passages]),
        (own_counts(index.table)[rows], own),
        (index.texts[rows], [zlib.crc32(passage.text.encode()) for passage in passages]),
        ([index.row_of.get(passage.id) for passage in passages], rows),
    ):
        if not np.array_equal(np.asarray(kept), np.asarray(found)):
            yield "The table of passages is not that of the passages."
            return


def _lengths(vectors: faiss.Index) -> Iterator[str]:
    for first in range(0, vectors.ntotal, 8192):
        block = vectors.reconstruct_n(first, min(8192, vectors.ntotal - first))
        wrong = np.flatnonzero(~(np.abs(np.linalg.norm(block, axis=1) - 1) < 1 - _SAME))
        if len(wrong):
            yield f"The vector of passage {first + wrong[0]} is not of length 1."
