"""Generations of an index in Milvus, of which an alias names the current one.

    <alias>_<generation>_<random>         a collection, an entity a passage: vectors, weights of words, text
    …_sentences                           vectors of sentences; of a large index they only come with their passages
    …_files                               the other files of the generation, in blocks
    <alias>_<generation>                  an alias: this collection is whole, and was found to be what was written
    <alias>                               an alias: this one is served

An alias is set in one step, so whatever happens meanwhile, a reader finds one whole generation or another. Collections
without an alias are what an interrupted publication left; the next one removes them.
"""

import json
import os
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.errors import IndexCorrupt, IndexMissing, IndexUnusable
from embeddings.files import sha256_of
from embeddings.records import Fetched, bounds_of, checked, mapped_array
from embeddings.splitting.passages import Passage
from embeddings.storing import generations
from embeddings.storing.addresses import Address
from embeddings.storing.generations import Manifest, Opened
from embeddings.storing.lock import locked
from embeddings.storing.milvus.connection import WRITING, Connection
from embeddings.storing.milvus.index import EngineIndex, EngineLexical, Part, Passages, Stored, unpacked
from embeddings.storing.milvus.writing import (
    AT_ONCE,
    BLOCK,
    BLOCKS,
    BLOCKS_AT_ONCE,
    BOUNDS,
    DOCUMENTS,
    FILES,
    MANIFEST,
    SCHEMA,
    SENTENCES,
    SOURCES,
    WORDS,
    block_id,
    differences,
    unpacked_block,
    write,
)
from embeddings.storing.storage import TABLES, Source, parse_document, parse_passage, read_sources, read_tables

_REPAIR = "Publish it again: python -m embeddings build"


class Milvus:
    """See Store: the generations behind one alias, and what is kept of them."""

    def __init__(self, address: Address, token: str = "") -> None:
        self.address = address
        self._connection = Connection(address, token)
        self._name = re.compile(rf"{address.alias}_(\d{{8}}T\d{{6}}Z)_([0-9a-f]{{6}})_[0-9a-f]{{8}}")

    def pointer(self) -> str | None:
        """See Store: the collection behind the alias. Raises IndexUnreachable."""
        call = self._connection.call
        if self.address.alias not in call("list_aliases")["aliases"]:
            return None
        return str(call("describe_alias", self.address.alias)["collection_name"])

    def exists(self) -> bool:
        """See Store."""
        return self.pointer() is not None

    def manifest(self) -> Manifest:
        """See Store."""
        files, generation = self._current()
        with tempfile.TemporaryDirectory() as name:
            return files.manifest(Path(name, generation))

    def open(self, model_sha256: str | None = None, *, whole: bool = False) -> Opened:
        """See Store; `whole` asks for nothing more, as every record is checked when it is read."""
        files, generation = self._current()
        connection, collection = self._connection, files.collection
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, generation)
            manifest = files.manifest(folder)
            generations.check_model(manifest, model_sha256, str(self.address))
            for each in (*TABLES, WORDS, BOUNDS):
                files.download(each, folder, manifest)
            try:
                tables = read_tables(folder)
                words = json.loads((folder / WORDS).read_bytes())
                bounds = mapped_array(folder / BOUNDS)
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise IndexCorrupt(f"Milvus ({self.address}) holds no index that can be read. {_REPAIR}") from error
        table = tables.passages
        for problem in self._lacking(files):
            raise IndexCorrupt(f"{problem} {_REPAIR}")

        def stored(rows: Sequence[int]) -> list[Stored]:
            found = self._rows(collection, rows, ["vector", "sentences"])
            return [Stored(np.array(row["vector"], np.float32), unpacked(row["sentences"])) for row in found]

        def passages(rows: Sequence[int]) -> list[Passage]:
            lines = (row["passage"].encode() for row in self._rows(collection, rows, ["passage"]))
            return [parse_passage(checked(line, table, row, collection)) for row, line in zip(rows, lines, strict=True)]

        size, exact, dimension = manifest.counts["sentences"], SENTENCES in files.entities, manifest.model.dimension
        part: Any = Passages(
            *(connection, collection, dimension, np.arange(len(table)), None, exact),
            stored=Fetched(len(table), stored),
        )
        sentences: Any = Part(connection, collection + SENTENCES, dimension, np.arange(size), None, exact)
        none = np.empty(0, dtype=np.int32)
        index = EngineIndex(
            documents=Fetched(
                len(tables.lines),
                lambda places: list(map(parse_document, files.lines(DOCUMENTS, tables.lines, places))),
            ),
            passages=Fetched(len(table), passages),
            passage_vectors=part,
            sentence_vectors=sentences,
            lexical=EngineLexical(len(table), words["vocabulary"], bounds, none, none, none.astype("f4"), part=part),
            vocabulary=tables.vocabulary,
            copies=tables.copies,
            coarse=None if exact else part,
            table=table,
            listed=tables.listed,
            numbers=np.arange(len(tables.lines)),
            part=part,
        )
        return Opened(index, manifest)

    def sources(self, opened: Opened) -> list[Source]:
        """See Store."""
        collection = self._whole(opened.manifest.generation)
        if collection is None:
            raise IndexCorrupt(f"Milvus ({self.address}) lacks generation {opened.manifest.generation}. {_REPAIR}")
        with tempfile.TemporaryDirectory() as name:
            _Files(self._connection, collection).download(SOURCES, Path(name), opened.manifest)
            return read_sources(Path(name))

    def follow(self, root: Path) -> None:
        """See Store."""
        with locked(root, "publish"):
            generation = generations.read_manifest(root).generation
            before = self.pointer()
            self._remove({*generations.generation_names(root)}, before)
            target = self._whole(generation)
            if target is None or self._damaged(target):
                opened = generations.open_current(root, whole=True)
                target = f"{self._mark(generation)}_{os.urandom(4).hex()}"
                write(self._connection, root, opened, target)
                for problem in differences(self._connection, root, opened, target):
                    raise IndexCorrupt(f"{problem} It is not served; what was served still is. {_REPAIR}")
                self._set_alias(self._mark(generation), target)
            if target != before:
                self._set_alias(self.address.alias, target)
            self._remove({*generations.generation_names(root)}, target, before)

    def problems(self, root: Path, name: str) -> list[str]:
        """See Store; of a generation that is not kept here there are none, unless it is the current one."""
        target = self._whole(name)
        if name == generations.current_name(root) and (target is None or target != self.pointer()):
            return [f"Milvus ({self.address}) does not serve generation {name}."]
        if target is None:
            return []
        return list(differences(self._connection, root, generations.open_generation(root, name), target))

    def close(self) -> None:
        """End the connection; what was opened makes another when it is asked."""
        self._connection.close()

    # -- reading

    def _current(self) -> "tuple[_Files, str]":
        """The files of the collection behind the alias, which is loaded, and the name of its generation."""
        target = self.pointer()
        if target is None:
            raise IndexMissing(
                f"Milvus has no index at {self.address}. Publish it first: python -m embeddings build, with the same "
                "FOOTNOTE_STORE, or name the alias that there is."
            )
        named, files = self._name.fullmatch(target), _Files(self._connection, target)
        if named is None or not self._connection.call("has_collection", target + BLOCKS):
            raise IndexUnusable(f"The alias of Milvus ({self.address}) leads to {target}, which is no index. {_REPAIR}")
        self._connection.load(target + BLOCKS)
        if files.schema != SCHEMA:
            raise IndexUnusable(
                f"The index in Milvus ({self.address}) has schema {files.schema}, this version of Footnote reads "
                f"schema {SCHEMA}. Publish it again with this version (python -m embeddings build), or install that."
            )
        for suffix in files.entities:
            self._connection.load(target + suffix)
        return files, "-".join(named.groups())

    def _rows(self, collection: str, rows: Sequence[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        """The fields of the passages of these rows, in this order. Raises IndexCorrupt where one is missing."""
        found = {
            row["row"]: row
            for first in range(0, len(rows), AT_ONCE)
            for row in self._connection.rows(
                collection, f"row in {list(rows[first : first + AT_ONCE])}", ["row", *fields]
            )
        }
        if not found.keys() >= {*rows}:
            raise IndexCorrupt(f"Milvus ({self.address}) lacks passages in {collection}. {_REPAIR}")
        return [found[row] for row in rows]

    # -- writing

    def _mark(self, generation: str) -> str:
        return f"{self.address.alias}_{generation.replace('-', '_')}"

    def _whole(self, generation: str) -> str | None:
        """The collection of a generation that was found to be whole."""
        mark = self._mark(generation)
        if mark not in self._connection.call("list_aliases")["aliases"]:
            return None
        return str(self._connection.call("describe_alias", mark)["collection_name"])

    def _damaged(self, target: str) -> bool:
        """Whether a collection no longer holds as much as was written, or not in this way."""
        try:
            self._connection.load(target + BLOCKS, WRITING)
            files = _Files(self._connection, target)
            return files.schema != SCHEMA or bool(self._lacking(files))
        except IndexCorrupt:
            return True

    def _lacking(self, files: "_Files") -> list[str]:
        """Which collections of a generation hold more or less than was written, as sentences."""
        counts = {name: self._connection.count(files.collection + name) for name in files.entities}
        return [
            f"Milvus ({self.address}) holds {counts[name]:,} entities of {size:,} in {files.collection}{name}."
            for name, size in files.entities.items()
            if counts[name] != size
        ]

    def _set_alias(self, alias: str, collection: str) -> None:
        there = alias in self._connection.call("list_aliases")["aliases"]
        self._connection.call("alter_alias" if there else "create_alias", collection, alias)

    def _remove(self, kept: set[str], *spared: str | None) -> None:
        """Remove collections of other generations, and those that never became whole."""
        call = self._connection.call
        there = {*call("list_collections")}
        of = {name: name.removesuffix(SENTENCES).removesuffix(BLOCKS) for name in there}
        for target in {*of.values()}:
            named = self._name.fullmatch(target)
            if named is None or target in spared:
                continue
            marks = call("list_aliases", target)["aliases"] if target in there else []
            if marks and "-".join(named.groups()) in kept:
                continue
            for mark in marks:
                call("drop_alias", mark)
            for name in there:
                if of[name] == target:
                    call("drop_collection", name)


class _Files:
    """The files of a generation in Milvus."""

    def __init__(self, connection: Connection, collection: str) -> None:
        self.collection = collection
        self._connection = connection

    @property
    def schema(self) -> object:
        """The version of the schema."""
        return self._head.get("schema")

    @property
    def entities(self) -> dict[str, int]:
        """How many entities were written, by what the name of their collection ends with."""
        found: dict[str, int] = self._head["entities"]
        return found

    def manifest(self, folder: Path) -> Manifest:
        """The manifest, by a folder that is made for the files. Raises IndexUnusable."""
        folder.mkdir()
        self._save(MANIFEST, folder)
        return generations.manifest_in(folder, str(self._head["manifest"]))

    def download(self, name: str, folder: Path, manifest: Manifest) -> None:
        """Write a file into a folder. Raises IndexCorrupt where it is not that of the manifest."""
        self._save(name, folder)
        if sha256_of(folder / name) != manifest.files[name]["sha256"]:
            raise IndexCorrupt(f"{name} of {self.collection} in Milvus has changed since it was written. {_REPAIR}")

    def lines(self, name: str, lines: Any, places: Sequence[int]) -> Iterator[bytes]:
        """Some lines of a file. Raises IndexCorrupt where one is not that of the table of its lines."""
        bounds = [bounds_of(lines, place) for place in places]
        spans = [range(start // BLOCK, -(-end // BLOCK)) for start, end in bounds]
        numbers = list(dict.fromkeys(number for span in spans for number in span))
        held = dict(zip(numbers, self._blocks(name, numbers), strict=True))
        for place, (start, end), span in zip(places, bounds, spans, strict=True):
            data = b"".join(map(held.__getitem__, span))[start - span.start * BLOCK : end - span.start * BLOCK]
            yield checked(data, lines, place, f"{self.collection}, {name}")

    @cached_property
    def _head(self) -> dict[str, Any]:
        """What was written: its schema, the checksum of its manifest, bytes of files, entities of collections."""
        (data,) = self._at([0])
        return dict(json.loads(data))

    def _save(self, name: str, folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("wb") as stream:
            stream.writelines(self._blocks(name, range(-(-self._head["sizes"][FILES.index(name)] // BLOCK))))

    def _blocks(self, name: str, numbers: Sequence[int]) -> Iterator[bytes]:
        for first in range(0, len(numbers), BLOCKS_AT_ONCE):
            yield from self._at([block_id(name, number) for number in numbers[first : first + BLOCKS_AT_ONCE]])

    def _at(self, keys: list[int]) -> list[bytes]:
        rows = self._connection.rows(self.collection + BLOCKS, f"id in {keys}", ["id", "data"])
        held = {row["id"]: row["data"] for row in rows}
        try:
            return [unpacked_block(held[key]) for key in keys]
        except (KeyError, ValueError, zlib.error) as error:
            raise IndexCorrupt(
                f"{self.collection}_files in Milvus lacks a block or holds another. {_REPAIR}"
            ) from error
