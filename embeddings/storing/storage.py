"""An index as files in a folder: written and flushed to disk, and read back."""

import dataclasses
import errno
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.errors import IndexCorrupt
from embeddings.files import open_regular, read_text
from embeddings.reading.documents import Document, Entry, Notice, NoticeKind, SourceFile
from embeddings.reading.duplicates import DIGEST, Shingling
from embeddings.records import Lines, Lookup, Spliced, mapped_array, resident_files, unmap
from embeddings.searching.index import LINES, PASSAGES, Index, TabledIndex, codes, key_of
from embeddings.searching.lexical import Lexical
from embeddings.searching.vocabulary import Vocabulary, Words
from embeddings.splitting.passages import Passage, Span
from embeddings.splitting.turns import Turn

_HEADERS = {b"IxFI": 45, b"IxSQ": 89, b"IwSq": 4096}
"""Least bytes of a file of vectors, by what FAISS writes at its beginning."""
_T = TypeVar("_T")
MAPPED = 2**30
"""Bytes of files that may stay in a process's memory: what questions touched of a large index is given back beyond."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the corpus as an index records it, with the ids of the documents it gave."""

    path: str
    sha256: str
    size: int
    documents: tuple[str, ...] | None
    """None where not all of them are in the index, because others had their ids."""
    notices: tuple[Notice, ...]


def write_index(
    folder: Path,
    index: Index,
    files: Sequence[SourceFile],
    shinglings: Mapping[str, Shingling] | None = None,
    words: Words | None = None,
) -> None:
    """Write an index into an empty folder, and what only the next build reads: its files, shinglings and words.

    Raises OSError.
    """
    _write_lines(folder / "documents.jsonl", index.documents, _document_json)
    _write_lines(folder / "passages.jsonl", index.passages, _as_dict)
    _write_tables(folder, index)
    _write_vectors(folder / "passages.faiss", index.passage_vectors)
    if index.coarse is not None:
        _write_vectors(folder / "coarse.faiss", index.coarse)
    _write_vectors(folder / "sentences.faiss", index.sentence_vectors)
    index.lexical.save(folder / "lexical")
    write_text(folder / "vocabulary.json", json.dumps(_as_dict(index.vocabulary), ensure_ascii=False) + "\n")
    _write_lines(folder / "sources.jsonl", files, partial(_source_json, index=index))
    _write_shinglings(folder / "shingles.npz", shinglings or {})
    write_text(folder / "words.json", json.dumps(_as_dict(words or Words.of(())), ensure_ascii=False) + "\n")
    write_text(folder / "copies.json", json.dumps(dict(index.copies), ensure_ascii=False, indent=1) + "\n")
    for path in folder.rglob("*"):
        if path.is_file():
            flush(path)


def _write_tables(folder: Path, index: Index) -> None:
    """Write what says where in the files of documents and passages each one stands."""
    listed = {
        "ids": [entry.id for entry in index.entries],
        "titles": [entry.title for entry in index.entries],
        "published": [entry.published and entry.published.isoformat() for entry in index.entries],
        "languages": [entry.language for entry in index.entries],
    }
    text = json.dumps(listed, ensure_ascii=False)
    (folder / "entries.json").write_text(text + "\n", encoding="utf-8")
    np.save(folder / "documents.npy", line_table(folder / "documents.jsonl"), allow_pickle=False)
    lines, table = line_table(folder / "passages.jsonl"), index.table.copy()
    table["end"], table["check"] = lines["end"], lines["check"]
    np.save(folder / "passages.npy", table, allow_pickle=False)


def read_index(folder: Path) -> Index:
    """What `write_index` wrote; the caller has checked its bytes, but for those of what is large."""
    coarse = folder / "coarse.faiss"
    tables = read_tables(folder)
    return StoredIndex(
        documents=Lines(folder / "documents.jsonl", tables.lines, parse_document),
        passages=Lines(folder / "passages.jsonl", tables.passages, parse_passage),
        passage_vectors=_read_vectors(folder / "passages.faiss"),
        sentence_vectors=_read_vectors(folder / "sentences.faiss"),
        lexical=Lexical.load(folder / "lexical"),
        vocabulary=tables.vocabulary,
        copies=tables.copies,
        coarse=_read_vectors(coarse) if coarse.exists() else None,
        table=tables.passages,
        listed=tables.listed,
    )


class Tables(NamedTuple):
    """What an index keeps beside its records, vectors and postings."""

    lines: npt.NDArray[Any]
    """Of each document its line."""
    passages: npt.NDArray[Any]
    """See `PASSAGES`."""
    listed: tuple[Entry, ...]
    vocabulary: Vocabulary
    copies: dict[str, str]


TABLES = ("documents.npy", "passages.npy", "entries.json", "vocabulary.json", "copies.json")
"""The files that `read_tables` reads."""


def read_tables(folder: Path) -> Tables:
    """What `TABLES` hold. Raises OSError, ValueError or KeyError."""
    lines, passages = mapped_array(folder / "documents.npy"), mapped_array(folder / "passages.npy")
    if lines.dtype != LINES or passages.dtype != PASSAGES:
        raise ValueError(f"{folder} holds tables of another form")
    entries = json.loads(read_text(folder / "entries.json"))
    published = (each and date.fromisoformat(each) for each in entries["published"])
    languages = entries.get("languages", [""] * len(lines))  # which older indexes did not tell
    listed = tuple(map(Entry, entries["ids"], entries["titles"], published, languages))
    if len(listed) != len(lines):
        raise ValueError(f"{folder} lists {len(listed)} documents and holds {len(lines)}")
    vocabulary = Vocabulary(**json.loads(read_text(folder / "vocabulary.json")))
    return Tables(lines, passages, listed, vocabulary, dict(json.loads(read_text(folder / "copies.json"))))


@dataclass(frozen=True)
class StoredIndex(TabledIndex):
    """An index in files: what it holds of a document's text, a passage or a vector is read when it is asked for."""

    listed: tuple[Entry, ...] = field(kw_only=True)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """See Index."""
        return self.listed

    @cached_property
    def document_of(self) -> Mapping[str, Document]:
        """See Index."""
        return Lookup(self.places, self.documents.__getitem__)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """See Index."""
        return _Rows(self.passages, np.ascontiguousarray(self.table["key"]), self.table["row"])

    @cached_property
    def passages_of(self) -> Mapping[str, list[Passage]]:
        """See Index."""
        bounds = np.searchsorted(self.owners, np.arange(len(self.listed) + 1))
        passages = self.passages
        return Lookup(self.places, lambda place: list(passages[int(bounds[place]) : int(bounds[place + 1])]))

    def let_go(self) -> None:
        """See Index. What is asked for again is read again; other processes may have it in memory still."""
        if self.coarse is None or resident_files() < MAPPED:
            return
        for vectors in (self.passage_vectors, self.sentence_vectors):
            unmap(codes(vectors))
        for array in (self.lexical.rows, self.lexical.weights):
            unmap(array)


class _Rows(Mapping[str, int]):
    """The rows of passages by their ids, of which the keys are sorted."""

    def __init__(self, passages: Sequence[Passage], keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.int32]) -> None:
        self._passages, self._keys, self._rows = passages, keys, rows

    def __len__(self) -> int:
        return len(self._passages)

    def __iter__(self) -> Iterator[str]:
        return (passage.id for passage in self._passages)

    def __getitem__(self, key: str) -> int:
        wanted = np.uint64(key_of(key))
        for place in range(*np.searchsorted(self._keys, np.array([wanted, wanted + np.uint64(1)]))):
            row = int(self._rows[place])
            if row >= len(self._passages):
                raise IndexCorrupt(
                    "The index is damaged: its table of passages names one that is not there. "
                    "Build it again: python -m embeddings build"
                )
            if self._passages[row].id == key:
                return row
        raise KeyError(key)


def read_sources(folder: Path) -> list[Source]:
    """The files an index was built from."""
    with open_regular(folder / "sources.jsonl") as stream:
        return [_source(json.loads(line)) for line in stream]


def read_shinglings(folder: Path) -> dict[str, Shingling]:
    """The shinglings that were written with an index, by the SHA-256 of each text."""
    with open_regular(folder / "shingles.npz") as stream, np.load(stream, allow_pickle=False) as arrays:
        texts, words, counts, shingles = (arrays[name] for name in ("texts", "words", "counts", "shingles"))
    return {
        text.tobytes().hex(): Shingling(digest.tobytes() if digest.any() else b"", shingles[end - count : end])
        for text, digest, count, end in zip(texts, words, counts, np.cumsum(counts), strict=True)
    }


def read_words(folder: Path) -> Words:
    """How often the documents of an index hold words."""
    return Words(**json.loads(read_text(folder / "words.json")))


def notice(fields: dict[str, Any]) -> Notice:
    """A notice from its fields in JSON."""
    return Notice(**fields | {"kind": NoticeKind(fields["kind"])})


def write_text(path: Path, text: str) -> str:
    """Write and flush a text file; returns the SHA-256 of what was to be written."""
    data = text.encode()
    path.write_bytes(data)
    flush(path)
    return hashlib.sha256(data).hexdigest()


def flush(path: Path) -> None:
    """Wait until a file or folder has reached the disk; where folders cannot be waited for, do not."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not path.is_dir():
            raise
    finally:
        os.close(descriptor)


def _source_json(file: SourceFile, index: Index) -> dict[str, Any]:
    whole = all(index.document_of.get(document.id) == document for document in file.documents)
    return {
        "path": file.path,
        "sha256": file.sha256,
        "size": file.size,
        "documents": [document.id for document in file.documents] if whole else None,
        "notices": [asdict(one) for one in file.notices],
    }


def _source(fields: dict[str, Any]) -> Source:
    documents = fields["documents"]
    return Source(
        path=fields["path"],
        sha256=fields["sha256"],
        size=fields["size"],
        documents=None if documents is None else tuple(documents),
        notices=tuple(map(notice, fields["notices"])),
    )


def _as_dict(item: Document | Passage | Vocabulary | Words) -> dict[str, Any]:
    """The fields of an item by name; `asdict` would copy each value, which JSON takes as it is."""
    return {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}


def _document_json(document: Document) -> dict[str, Any]:
    found = _as_dict(document)
    found.pop("sha256")  # computed from the text, and kept in the manifest
    return found | {"published": document.published.isoformat() if document.published else None}


def parse_document(line: bytes) -> Document:
    """A document from its line."""
    fields = json.loads(line)
    published = fields.pop("published")
    pages = tuple(fields.pop("pages"))
    return Document(published=date.fromisoformat(published) if published else None, pages=pages, **fields)


def parse_passage(line: bytes) -> Passage:
    """A passage from its line."""
    fields = json.loads(line)
    sentences = tuple(map(Span._make, fields.pop("sentences")))
    turns = tuple(map(Turn._make, fields.pop("turns", ())))
    return Passage(sentences=sentences, turns=turns, **fields)


def _write_shinglings(path: Path, shinglings: Mapping[str, Shingling]) -> None:
    digests = b"".join(each.words or bytes(DIGEST) for each in shinglings.values())
    with path.open("wb") as stream:
        np.savez(
            stream,
            texts=np.frombuffer(bytes.fromhex("".join(shinglings)), dtype=np.uint8).reshape(-1, 32),
            words=np.frombuffer(digests, dtype=np.uint8).reshape(-1, DIGEST),
            counts=np.array([len(each.shingles) for each in shinglings.values()], dtype=np.int64),
            shingles=np.concatenate([np.empty(0, np.uint64), *(each.shingles for each in shinglings.values())]),
        )


def _write_vectors(path: Path, vectors: faiss.Index) -> None:
    with path.open("wb") as stream:  # given a path, FAISS says nothing of a full disk
        faiss.write_index(vectors, faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined] # SWIG


def _read_vectors(path: Path) -> faiss.Index:
    """Vectors mapped into memory, so that processes share them and opening reads none.

    Raises ValueError for a file that ends within its header, where FAISS would crash, and RuntimeError.
    """
    with open_regular(path) as stream:  # FAISS takes no path that is not UTF-8
        kind, size = os.pread(stream.fileno(), 4, 0), os.fstat(stream.fileno()).st_size
        if size < _HEADERS.get(kind, size + 1):
            raise ValueError(f"{path} ends within its header")
        return faiss.read_index(f"/dev/fd/{stream.fileno()}", faiss.IO_FLAG_MMAP_IFC)


def _write_lines(path: Path, items: Sequence[_T], as_json: Callable[[_T], dict[str, Any]]) -> None:
    def line(item: _T) -> bytes:
        return (json.dumps(as_json(item), ensure_ascii=False) + "\n").encode()

    with path.open("wb") as stream:
        stream.writelines(items.as_lines(line) if isinstance(items, Spliced) else map(line, items))


def line_table(path: Path) -> npt.NDArray[Any]:
    """Where each line of a file ends, and its checksum: see `Lines`."""
    with open_regular(path) as stream:
        found = [(len(line), zlib.crc32(line)) for line in stream]
    table = np.array(found, dtype=LINES)
    table["end"] = np.cumsum(table["end"])
    return table
