"""An index as files in a folder: written and flushed to disk, and read back."""

import dataclasses
import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from embeddings.documents import Document, Notice, NoticeKind, SourceFile
from embeddings.duplicates import DIGEST, Shingling
from embeddings.files import open_regular, read_text
from embeddings.index import Index
from embeddings.lexical import Lexical
from embeddings.passages import Passage, Span
from embeddings.vocabulary import Vocabulary


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
    folder: Path, index: Index, files: Sequence[SourceFile], shinglings: Mapping[str, Shingling] | None = None
) -> None:
    """Write an index, the files it was built from and its texts' shinglings into an empty folder. Raises OSError."""
    _write_lines(folder / "documents.jsonl", (_document_json(document) for document in index.documents))
    _write_lines(folder / "passages.jsonl", (_as_dict(passage) for passage in index.passages))
    _write_vectors(folder / "passages.faiss", index.passage_vectors)
    _write_vectors(folder / "sentences.faiss", index.sentence_vectors)
    index.lexical.save(folder / "lexical")
    write_text(folder / "vocabulary.json", json.dumps(_as_dict(index.vocabulary), ensure_ascii=False) + "\n")
    _write_lines(folder / "sources.jsonl", (_source_json(file, index) for file in files))
    _write_shinglings(folder / "shingles.npz", shinglings or {})
    write_text(folder / "copies.json", json.dumps(dict(index.copies), ensure_ascii=False, indent=1) + "\n")
    for path in folder.rglob("*"):
        if path.is_file():
            flush(path)


def read_index(folder: Path) -> Index:
    """Read what `write_index` wrote; the caller has checked that its bytes are unchanged."""
    return Index(
        documents=tuple(map(_document, _read_lines(folder / "documents.jsonl"))),
        passages=tuple(map(_passage, _read_lines(folder / "passages.jsonl"))),
        passage_vectors=_read_vectors(folder / "passages.faiss"),
        sentence_vectors=_read_vectors(folder / "sentences.faiss"),
        lexical=Lexical.load(folder / "lexical"),
        vocabulary=Vocabulary(**json.loads(read_text(folder / "vocabulary.json"))),
        copies=dict(json.loads(read_text(folder / "copies.json"))),
    )


def read_sources(folder: Path) -> list[Source]:
    """The files an index was built from."""
    return list(map(_source, _read_lines(folder / "sources.jsonl")))


def read_shinglings(folder: Path) -> dict[str, Shingling]:
    """The shinglings that were written with an index, by the SHA-256 of each text."""
    with open_regular(folder / "shingles.npz") as stream, np.load(stream, allow_pickle=False) as arrays:
        texts, words, counts, shingles = (arrays[name] for name in ("texts", "words", "counts", "shingles"))
    return {
        text.tobytes().hex(): Shingling(digest.tobytes() if digest.any() else b"", shingles[end - count : end])
        for text, digest, count, end in zip(texts, words, counts, np.cumsum(counts), strict=True)
    }


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


def _as_dict(item: Document | Passage | Vocabulary) -> dict[str, Any]:
    """The fields of an item by name; `asdict` would copy each value, which JSON takes as it is."""
    return {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}


def _document_json(document: Document) -> dict[str, Any]:
    found = _as_dict(document)
    found.pop("sha256")  # computed from the text, and kept in the manifest
    return found | {"published": document.published.isoformat() if document.published else None}


def _document(fields: dict[str, Any]) -> Document:
    published = fields.pop("published")
    pages = tuple(fields.pop("pages"))
    return Document(published=date.fromisoformat(published) if published else None, pages=pages, **fields)


def _passage(fields: dict[str, Any]) -> Passage:
    sentences = tuple(Span(*span) for span in fields.pop("sentences"))
    return Passage(sentences=sentences, **fields)


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
    with open_regular(path) as stream:  # FAISS takes no path that is not UTF-8
        return faiss.read_index(faiss.PyCallbackIOReader(stream.read))  # type: ignore[attr-defined] # SWIG


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with open_regular(path) as stream:
        for line in stream:
            yield json.loads(line.decode("utf-8"))
