"""A generation as collections of Milvus: what is written, and whether that is what is there."""

import base64
import json
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.files import open_regular, sha256_of
from embeddings.records import bounds_of, mapped_array
from embeddings.searching.index import EXACT, Rows, codes
from embeddings.searching.lexical import Lexical
from embeddings.storing.generations import Opened
from embeddings.storing.milvus.connection import WRITING, Connection
from embeddings.storing.milvus.index import packed
from embeddings.storing.storage import TABLES

SCHEMA = 1
"""Raised when collections are written in another way, so that older versions refuse them."""
DOCUMENTS, SOURCES, MANIFEST = "documents.jsonl", "sources.jsonl", "manifest.json"
WORDS, BOUNDS = "lexical/vocabulary.json", "lexical/bounds.npy"
FILES = (DOCUMENTS, *TABLES, WORDS, BOUNDS, SOURCES, MANIFEST)
"""The files that are kept in blocks, numbered from 1 on; block 0 says what there is: see `_head`."""
PASSAGES, SENTENCES, BLOCKS = "", "_sentences", "_files"
"""What the names of a generation's collections end with."""
BLOCK = 48_000
"""Bytes of a file in a block: what they become as text is shorter than the 65,535 bytes of a field."""
AT_ONCE = 500
"""Passages or sentences that are written or read at once: less than the 64 MB of a message."""
BLOCKS_AT_ONCE = 100

_GRAPH = {"index_type": "HNSW", "params": {"M": 16, "efConstruction": 200}}
_TEXT = {"max_length": 65_535}

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of a generation's collections."""

    fields: list[tuple[str, str, dict[str, Any]]]
    """Name, type and options of each, first the primary key."""
    indexes: list[dict[str, Any]]
    entities: Callable[[], Iterator[list[Entity]]]
    """What it is to hold, some at a time."""


def write(connection: Connection, root: Path, opened: Opened, target: str) -> None:
    """Write a generation of the index in a folder into new collections, index and load them."""
    for suffix, kind in _kinds(root, opened).items():
        connection.create(target + suffix, kind.fields)
        for entities in kind.entities():
            connection.call("insert", target + suffix, entities, seconds=WRITING)
        connection.index(target + suffix, kind.indexes)


def differences(connection: Connection, root: Path, opened: Opened, target: str) -> Iterator[str]:
    """What the collections of a generation hold otherwise than the index in a folder, as sentences."""
    where = f"Milvus ({connection.address})"
    for suffix, kind in _kinds(root, opened).items():
        names = [name for name, _, _ in kind.fields]
        collection, key, count = target + suffix, names[0], 0
        for entities in kind.entities():
            count += len(entities)
            condition = f"{key} in {[entity[key] for entity in entities]}"
            found = connection.rows(collection, condition, names, consistency_level="Strong")
            held = {entity[key]: {name: _plain(value) for name, value in entity.items()} for entity in found}
            for entity in entities:
                if held.get(entity[key]) != entity:
                    yield f"{where} holds {collection}, {key} {entity[key]}, otherwise than it was written."
        if (there := connection.count(collection)) != count:
            yield f"{where} holds {there:,} entities in {collection}, not {count:,}."


def block_id(name: str, number: int) -> int:
    """The key of a block of a file."""
    return (1 + FILES.index(name)) << 32 | number


def unpacked_block(data: str) -> bytes:
    """The bytes of a block. Raises ValueError or zlib.error."""
    return zlib.decompress(base64.b64decode(data))


def _kinds(root: Path, opened: Opened) -> dict[str, _Kind]:
    folder = root / "generations" / opened.manifest.generation
    exact = len(opened.index.passages) <= EXACT
    own: list[tuple[str, str, dict[str, Any]]] = [("row", "INT64", {}), ("document", "INT64", {})]
    vector = ("vector", "FLOAT_VECTOR", {"dim": opened.manifest.model.dimension})
    vectors = {"field_name": "vector", "metric_type": "IP"} | ({"index_type": "FLAT"} if exact else _GRAPH)
    passages = _Kind(
        [
            *own,
            vector,
            ("words", "SPARSE_FLOAT_VECTOR", {}),
            ("sentences", "ARRAY", {"element_type": "VARCHAR", "max_capacity": 4096} | _TEXT),
            ("passage", "VARCHAR", _TEXT),
        ],
        [vectors, {"field_name": "words", "metric_type": "IP", "index_type": "SPARSE_INVERTED_INDEX"}],
        partial(_passages, folder, opened),
    )
    blocks = _Kind(
        [("id", "INT64", {}), ("data", "VARCHAR", _TEXT), ("none", "FLOAT_VECTOR", {"dim": 2})],  # all have a vector
        [{"field_name": "none", "metric_type": "IP", "index_type": "FLAT"}],
        partial(_blocks, folder, opened, exact),
    )
    sentences = _Kind([*own, vector], [vectors], partial(_sentences, opened))
    return {PASSAGES: passages} | ({SENTENCES: sentences} if exact else {}) | {BLOCKS: blocks}


def _plain(value: Any) -> Any:
    """A value as it was written: of what is repeated, pymilvus returns a sequence of its own."""
    return value if isinstance(value, str | int | dict) else list(value)


def _passages(folder: Path, opened: Opened) -> Iterator[list[Entity]]:
    index = opened.index
    bounds, numbers, weights = _by_passage(index.lexical)
    vectors, sentences = codes(index.passage_vectors).view(np.float32), codes(index.sentence_vectors)
    table = mapped_array(folder / "passages.npy")

    def entity(row: int, descriptor: int) -> Entity:
        start, end = bounds_of(table, row)
        own = slice(bounds[row], bounds[row + 1])
        first = index.first_sentence[row]
        words = dict(zip(numbers[own].tolist(), weights[own].tolist(), strict=True))
        return {
            "row": row,
            "document": int(index.owners[row]),
            "vector": vectors[row].tolist(),
            "words": words or {len(index.lexical.vocabulary): 1.0},  # it must not be empty: a word that no query has
            "sentences": packed(sentences[first : first + index.sentence_counts[row]]),
            "passage": os.pread(descriptor, end - start, start).decode(),
        }

    with open_regular(folder / "passages.jsonl") as stream:
        for rows in _some(len(index.passages)):
            yield [entity(row, stream.fileno()) for row in rows]


def _by_passage(lexical: Lexical) -> tuple[Rows, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Where the postings of each passage begin, and the last one's end; the terms of the postings; their weights."""
    order = np.argsort(lexical.rows, kind="stable")
    numbers = np.repeat(np.arange(len(lexical.vocabulary), dtype=np.int32), np.diff(lexical.bounds))[order]
    bounds: Rows = np.searchsorted(lexical.rows[order], np.arange(lexical.size + 1))
    return bounds, numbers, lexical.weights[order]


def _sentences(opened: Opened) -> Iterator[list[Entity]]:
    index = opened.index
    for rows in _some(index.sentence_vectors.ntotal):
        vectors = index.sentence_vectors.reconstruct_n(rows.start, len(rows))
        owners = index.owners[np.searchsorted(index.first_sentence, rows, side="right") - 1].tolist()
        yield [
            {"row": row, "document": owner, "vector": vector.tolist()}
            for row, owner, vector in zip(rows, owners, vectors, strict=True)
        ]


def _some(size: int) -> Iterator[range]:
    return (range(first, min(first + AT_ONCE, size)) for first in range(0, size, AT_ONCE))


def _blocks(folder: Path, opened: Opened, exact: bool) -> Iterator[list[Entity]]:
    sizes = [(folder / name).stat().st_size for name in FILES]
    counts = opened.index.counts
    entities = {PASSAGES: counts["passages"], BLOCKS: 1 + sum(-(-size // BLOCK) for size in sizes)}
    entities |= {SENTENCES: counts["sentences"]} if exact else {}
    head = {"schema": SCHEMA, "manifest": sha256_of(folder / MANIFEST), "sizes": sizes, "entities": entities}
    blocks = [_block(0, json.dumps(head).encode())]
    for name, size in zip(FILES, sizes, strict=True):
        with open_regular(folder / name) as stream:
            for number in range(-(-size // BLOCK)):
                blocks.append(_block(block_id(name, number), os.pread(stream.fileno(), BLOCK, number * BLOCK)))
                if len(blocks) == BLOCKS_AT_ONCE:
                    yield blocks
                    blocks = []
    if blocks:
        yield blocks


def _block(key: int, data: bytes) -> Entity:
    return {"id": key, "data": base64.b64encode(zlib.compress(data)).decode(), "none": [0.0, 1.0]}
