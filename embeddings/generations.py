"""The index on disk: one folder a generation, a manifest with checksums, and a pointer to the current one.

    INDEX/
      CURRENT                  the name of the served generation and the SHA-256 of its manifest
      generations/<name>/
        manifest.json          what it was built from and with, and the checksum of every other file
        documents.jsonl  passages.jsonl  passages.faiss  sentences.faiss  lexical/

A generation is written aside, flushed to disk, opened again and checked before `CURRENT` names it, so
whatever happens during a build, what is served stays whole.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import faiss

from embeddings.documents import Document
from embeddings.errors import IndexCorrupt, IndexMissing, IndexUnusable, ModelMismatch
from embeddings.index import Index
from embeddings.lexical import Lexical
from embeddings.passages import Passage, Span

FORMAT = 1
KEPT = 3
"""How many generations stay on disk, the served one included."""

_REBUILD = "Build it again: python -m embeddings build"


@dataclass(frozen=True, slots=True)
class Model:
    """The model that encoded a generation."""

    name: str
    sha256: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of."""

    generation: str
    built_at: datetime
    model: Model
    splitter: Mapping[str, int]
    documents: Mapping[str, str]
    """Document id -> SHA-256 of its text."""
    counts: Mapping[str, int]
    notices: tuple[str, ...]
    """What was said about files of the corpus that could not be used, or not entirely."""
    files: Mapping[str, Mapping[str, Any]]
    """File below the generation's folder -> its `sha256` and `bytes`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A generation in memory."""

    index: Index
    manifest: Manifest


def publish(root: Path, index: Index, model: Model, splitter: Mapping[str, int], notices: Iterable[str]) -> Manifest:
    """Write the index as a new generation, verify it from disk, and make it the current one.

    Raises IndexUnusable when the folder cannot be written or what was written does not read back; the
    generation that was current stays so.
    """
    built_at = datetime.now(UTC).replace(microsecond=0)
    name = f"{built_at:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"
    aside = root / f".building-{name}"
    try:
        aside.mkdir(parents=True)
        _write(aside, index)
        manifest = Manifest(
            generation=name,
            built_at=built_at,
            model=model,
            splitter=splitter,
            documents={document.id: document.sha256 for document in index.documents},
            counts={
                "documents": len(index.documents),
                "passages": len(index.passages),
                "sentences": index.sentence_vectors.ntotal,
            },
            notices=tuple(notices),
            files={
                path.relative_to(aside).as_posix(): {"sha256": _sha256(path), "bytes": path.stat().st_size}
                for path in sorted(aside.rglob("*"))
                if path.is_file()
            },
        )
        digest = _write_text(aside / "manifest.json", _manifest_json(manifest))
        _load(aside, digest)
        for folder in (*(path for path in aside.rglob("*") if path.is_dir()), aside):
            _flush(folder)
        generations = root / "generations"
        generations.mkdir(exist_ok=True)
        try:
            aside.rename(generations / name)
            _flush(generations)
            _point(root, name, digest)
        except BaseException:
            _withdraw(root, name)
            raise
    except OSError as error:
        raise IndexUnusable(
            f"The index could not be written to {root} ({error.strerror or error}); what was there is "
            "unchanged. Check the disk's space and the folder's permissions, then build again."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _prune(root / "generations", name)
    return manifest


def exists(root: Path) -> bool:
    """Whether an index was ever built at `root`."""
    return (root / "CURRENT").exists()


def open_current(root: Path, model_sha256: str | None = None) -> Opened:
    """Open the current generation after checking every byte of it against its manifest.

    With `model_sha256`, the weights that questions will be encoded with, an index of another model is
    refused. Raises IndexMissing, IndexCorrupt or ModelMismatch.
    """
    folder, digest = _current(root)
    manifest = _read_manifest(folder, digest)
    if model_sha256 and manifest.model.sha256 != model_sha256:
        raise ModelMismatch(
            f"The index in {root} was built with the model {manifest.model.name} (weights "
            f"{manifest.model.sha256[:8]}…), but questions would be encoded with other weights "
            f"({model_sha256[:8]}…). Set FOOTNOTE_MODEL to {manifest.model.name}, or build the index "
            "again: python -m embeddings build"
        )
    return _load(folder, digest)


def read_manifest(root: Path) -> Manifest:
    """The manifest of the current generation, without opening the rest."""
    return _read_manifest(*_current(root))


def _current(root: Path) -> tuple[Path, str]:
    """The folder of the current generation and the SHA-256 of its manifest."""
    pointer = root / "CURRENT"
    try:
        name, digest = pointer.read_text(encoding="utf-8").split()
    except FileNotFoundError as error:
        raise IndexMissing(
            f"There is no index in {root}. Build it first: python -m embeddings build --index {root}"
        ) from error
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"{pointer} cannot be read ({error}). {_REBUILD}") from error
    folder = root / "generations" / name
    if not folder.is_dir():
        raise IndexCorrupt(f"{pointer} names generation {name}, but {folder} is not there. {_REBUILD}")
    return folder, digest


def _read_manifest(folder: Path, digest: str) -> Manifest:
    path = folder / "manifest.json"
    try:
        if _sha256(path) != digest:
            raise IndexCorrupt(f"{path} is not the file that was written: CURRENT has another checksum. {_REBUILD}")
        fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"{path} cannot be read ({error}). {_REBUILD}") from error
    try:
        if fields.pop("format") != FORMAT:
            raise ValueError("format")
        return Manifest(
            **fields
            | {
                "built_at": datetime.fromisoformat(fields["built_at"]),
                "model": Model(**fields["model"]),
                "notices": tuple(fields["notices"]),
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IndexUnusable(f"The index in {folder} was built by another version of Footnote. {_REBUILD}") from error


def _load(folder: Path, digest: str) -> Opened:
    manifest = _read_manifest(folder, digest)
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise IndexCorrupt(f"The index is incomplete: {path} is missing. {_REBUILD}")
        try:
            changed = path.stat().st_size != expected["bytes"] or _sha256(path) != expected["sha256"]
        except OSError as error:
            raise IndexCorrupt(f"{path} cannot be read ({error.strerror}). {_REBUILD}") from error
        if changed:
            raise IndexCorrupt(f"The index is damaged: {path} has changed since it was written. {_REBUILD}")
    return Opened(_read(folder), manifest)


def _write(folder: Path, index: Index) -> None:
    _write_lines(folder / "documents.jsonl", (_document_json(document) for document in index.documents))
    _write_lines(folder / "passages.jsonl", (asdict(passage) for passage in index.passages))
    _write_vectors(folder / "passages.faiss", index.passage_vectors)
    _write_vectors(folder / "sentences.faiss", index.sentence_vectors)
    index.lexical.save(folder / "lexical")
    for path in folder.rglob("*"):
        if path.is_file():
            _flush(path)


def _read(folder: Path) -> Index:
    documents = tuple(map(_document, _read_lines(folder / "documents.jsonl")))
    passages = tuple(map(_passage, _read_lines(folder / "passages.jsonl")))
    return Index(
        documents=documents,
        passages=passages,
        passage_vectors=faiss.read_index(str(folder / "passages.faiss")),
        sentence_vectors=faiss.read_index(str(folder / "sentences.faiss")),
        lexical=Lexical.load(folder / "lexical"),
    )


def _document_json(document: Document) -> dict[str, Any]:
    fields = asdict(document)
    fields.pop("sha256")  # computed from the text, and kept in the manifest
    return fields | {"published": document.published.isoformat() if document.published else None}


def _document(fields: dict[str, Any]) -> Document:
    published = fields.pop("published")
    return Document(published=date.fromisoformat(published) if published else None, **fields)


def _passage(fields: dict[str, Any]) -> Passage:
    sentences = tuple(Span(*span) for span in fields.pop("sentences"))
    return Passage(sentences=sentences, **fields)


def _manifest_json(manifest: Manifest) -> str:
    fields = asdict(manifest) | {"format": FORMAT, "built_at": manifest.built_at.isoformat()}
    return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"


def _write_vectors(path: Path, vectors: faiss.Index) -> None:
    with path.open("wb") as stream:  # given a path, FAISS says nothing of a full disk
        faiss.write_index(vectors, faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined] # SWIG


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield json.loads(line)


def _write_text(path: Path, text: str) -> str:
    """Write and flush a text file; returns its SHA-256."""
    path.write_text(text, encoding="utf-8", newline="\n")
    _flush(path)
    return _sha256(path)


def _point(root: Path, name: str, digest: str) -> None:
    aside = root / f".CURRENT-{name}"
    _write_text(aside, f"{name} {digest}\n")
    aside.replace(root / "CURRENT")
    _flush(root)


def _withdraw(root: Path, name: str) -> None:
    """Remove what an interrupted publication left, unless it came as far as being served."""
    pointer = root / "CURRENT"
    with contextlib.suppress(OSError):
        (root / f".CURRENT-{name}").unlink(missing_ok=True)
        if not pointer.is_file() or not pointer.read_bytes().startswith(name.encode()):
            shutil.rmtree(root / "generations" / name, ignore_errors=True)


def _prune(generations: Path, current: str) -> None:
    names = sorted((path.name for path in generations.iterdir()), reverse=True)
    for name in [name for name in names if name != current][KEPT - 1 :]:
        shutil.rmtree(generations / name, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
