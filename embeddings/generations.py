"""The index on disk: one folder a generation, a manifest with checksums, and a pointer to the current one.

    INDEX/
      CURRENT                  the name of the served generation and the SHA-256 of its manifest
      lock                     who is changing the index just now
      unfinished/              what an interrupted build has encoded already
      generations/<name>/
        manifest.json          what it was built from and with, and the checksum of every other file
        manifest.sha256        the checksum of that
        documents.jsonl  passages.jsonl  passages.faiss  sentences.faiss  lexical/
        vocabulary.json        the words, spellings and names of the documents
        copies.json            which documents tell what another tells already
        sources.jsonl          the files it was built from

A generation is written aside, flushed to disk, opened again and checked before `CURRENT` names it, so
whatever happens during a build, what is served stays whole. Whoever writes holds the lock (lock.py).
"""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embeddings.documents import Notice, SourceFile
from embeddings.errors import BadRequest, IndexCorrupt, IndexMissing, IndexUnusable, ModelMismatch
from embeddings.index import Index
from embeddings.storage import Source, flush, notice, read_index, read_sources, sha256_of, write_index, write_text

FORMAT = 3
KEPT = 3
"""How many generations stay on disk, the served one included."""

_REBUILD = "Build it again: python -m embeddings build"
_REPAIR = f"{_REBUILD} (or go back to an earlier generation: python -m embeddings rollback [GENERATION])"
_DIGEST = "manifest.sha256"
_ASIDE = ".building-"
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Model:
    """The model that encoded a generation."""

    name: str
    sha256: str
    """Its fingerprint: see `embeddings.models`."""
    dimension: int
    runtime: str = ""
    """What computed the vectors, and why that."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of."""

    generation: str
    built_at: datetime
    model: Model
    splitter: Mapping[str, int | str]
    """How its documents were cut into passages."""
    documents: Mapping[str, str]
    """Document id -> SHA-256 of its text."""
    counts: Mapping[str, int]
    corpus: str
    """The folder the documents were read from."""
    reader: str
    """The version of whatever read its files."""
    notices: tuple[Notice, ...]
    """What was said about files of the corpus that could not be used, or not entirely."""
    files: Mapping[str, Mapping[str, Any]]
    """File below the generation's folder -> its `sha256` and `bytes`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an index is built from."""

    corpus: str = ""
    reader: str = ""
    files: tuple[SourceFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A generation in memory."""

    index: Index
    manifest: Manifest


def publish(
    root: Path,
    index: Index,
    model: Model,
    splitter: Mapping[str, int | str],
    notices: Iterable[Notice],
    origin: Origin = Origin(),
    check: Callable[[Opened], None] | None = None,
) -> Manifest:
    """Write the index as a new generation, verify it from disk, and make it the current one.

    `check` is given the generation as it was read back, and raises IndexUnusable to stop it from being served.
    Raises IndexUnusable when the folder cannot be written or what was written does not read back; the
    generation that was current stays so.
    """
    built_at = datetime.now(UTC)
    name = _new_name(root, built_at)
    aside = root / f"{_ASIDE}{name}"
    before = current_name(root)
    try:
        aside.mkdir(parents=True)
        write_index(aside, index, origin.files)
        manifest = Manifest(
            generation=name,
            built_at=built_at.replace(microsecond=0),
            model=model,
            splitter=splitter,
            documents={document.id: document.sha256 for document in index.documents},
            counts=index.counts,
            corpus=origin.corpus,
            reader=origin.reader,
            notices=tuple(notices),
            files={
                path.relative_to(aside).as_posix(): {"sha256": sha256_of(path), "bytes": path.stat().st_size}
                for path in sorted(aside.rglob("*"))
                if path.is_file()
            },
        )
        digest = write_text(aside / "manifest.json", _manifest_json(manifest))
        write_text(aside / _DIGEST, digest + "\n")
        opened = _load(aside, digest)
        if check:
            check(opened)
        for folder in (*(path for path in aside.rglob("*") if path.is_dir()), aside):
            flush(folder)
        generations = root / "generations"
        generations.mkdir(exist_ok=True)
        try:
            aside.rename(generations / name)
            flush(generations)
            _point(root, name, digest)
        except BaseException:
            _withdraw(root, name)
            raise
    except OSError as error:
        raise unwritable(root, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    prune(root, KEPT, spare=before)
    return manifest


def sweep(root: Path) -> None:
    """Remove what killed builds left behind; only for whoever holds the lock."""
    for path in (*root.glob(f"{_ASIDE}*"), *root.glob(".CURRENT-*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def rollback(root: Path, name: str | None = None) -> Opened:
    """Make an earlier generation the current one, after checking every byte of it; returns it.

    Without a name it is the latest one before the current. Raises BadRequest when there is none of that
    name or none at all, IndexCorrupt when it is damaged; then nothing changes.
    """
    current = current_name(root)
    names = generation_names(root)
    if name is None:
        earlier = [each for each in names if current is None or each < current]
        if not earlier:
            raise BadRequest(f"There is no generation before {current or 'the current one'} in {root}. {_REBUILD}")
        name = earlier[0]
    if name not in names:
        raise BadRequest(f"There is no generation {name!r} in {root}. There are: {', '.join(names) or 'none'}.")
    digest = _own_digest(root, name)  # not that in CURRENT, which may be what is damaged
    opened = _load(root / "generations" / name, digest)
    try:
        _point(root, name, digest)
    except OSError as error:
        raise unwritable(root, error) from error
    return opened


def prune(root: Path, keep: int, spare: str | None = None) -> list[str]:
    """Remove all but the latest `keep` generations, always sparing the current one; returns the removed names.

    `spare` is kept before others, though not beyond `keep`. One that cannot be removed stays for the next time.
    """
    current = current_name(root)
    names = sorted(generation_names(root), key=lambda name: (name == current, name == spare, name), reverse=True)
    for name in names[keep:]:
        shutil.rmtree(root / "generations" / name, ignore_errors=True)
    left = generation_names(root)
    return [name for name in names[keep:] if name not in left]


def generation_names(root: Path) -> list[str]:
    """The generations on disk, the latest first; whatever else lies among them is none."""
    try:
        found = [path.name for path in (root / "generations").iterdir() if _NAME.fullmatch(path.name) and path.is_dir()]
    except OSError:
        return []
    return sorted(found, reverse=True)


def unwritable(root: Path, error: OSError) -> IndexUnusable:
    """The error for an index folder that could not be written."""
    return IndexUnusable(
        f"The index could not be written to {root} ({error.strerror or error}); what was there is "
        "unchanged. Check the disk's space and the folder's permissions, then try again."
    )


def exists(root: Path) -> bool:
    """Whether an index was ever built at `root`."""
    return (root / "CURRENT").exists()


def current_name(root: Path) -> str | None:
    """The name of the current generation, if `CURRENT` names one that is there."""
    with contextlib.suppress(IndexUnusable):
        return _current(root)[0].name
    return None


def pointer(root: Path) -> str | None:
    """What `CURRENT` says, which is another text after each publication and rollback; None without an index."""
    try:
        return (root / "CURRENT").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def open_current(root: Path, model_sha256: str | None = None) -> Opened:
    """Open the current generation after checking every byte of it against its manifest.

    With `model_sha256`, the fingerprint of the model that questions will be encoded with, an index of another
    is refused. Raises IndexMissing, IndexCorrupt or ModelMismatch.
    """
    folder, digest = _current(root)
    manifest = _read_manifest(folder, digest)
    if model_sha256 and manifest.model.sha256 != model_sha256:
        raise ModelMismatch(
            f"The index in {root} was built with the model {manifest.model.name} (fingerprint "
            f"{manifest.model.sha256[:8]}…), but questions would be encoded with another "
            f"({model_sha256[:8]}…). Set FOOTNOTE_MODEL to {manifest.model.name}, or build the index "
            "again: python -m embeddings build"
        )
    return _load(folder, digest)


def read_manifest(root: Path) -> Manifest:
    """The manifest of the current generation, without opening the rest."""
    return _read_manifest(*_current(root))


def open_generation(root: Path, name: str) -> Opened:
    """Open one of the generations on disk, checking every byte. Raises IndexCorrupt."""
    return _load(root / "generations" / name, _digest_of(root, name))


def sources_of(root: Path, manifest: Manifest) -> list[Source]:
    """The files of the corpus that a generation was built from. Raises IndexCorrupt."""
    folder = root / "generations" / manifest.generation
    for problem in _damage(folder, manifest, "sources.jsonl"):
        raise IndexCorrupt(f"{problem} {_REPAIR}")
    return read_sources(folder)


def damage(root: Path, name: str) -> list[str]:
    """Every file of a generation that is missing or changed, as sentences; none for a whole one."""
    folder = root / "generations" / name
    try:
        found = list(_damage(folder, _read_manifest(folder, _digest_of(root, name))))
        own = _own_digest(root, name)
        if own != sha256_of(folder / "manifest.json"):
            found.append(f"The index is damaged: {folder / _DIGEST} has changed since it was written.")
    except IndexUnusable as error:
        return [str(error)]
    return found


def _new_name(root: Path, now: datetime) -> str:
    """A name that sorts after those of the generations there are, even where the clock went backwards."""
    name = f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond * 16 + os.urandom(1)[0] % 16:06x}"
    latest = next(iter(generation_names(root)), "")
    if name > latest:
        return name
    before, _, number = latest.partition("-")
    return f"{before}-{int(number, 16) + 1:06x}"


def _current(root: Path) -> tuple[Path, str]:
    """The folder of the current generation and the SHA-256 of its manifest."""
    pointer = root / "CURRENT"
    try:
        name, digest = pointer.read_text(encoding="utf-8").split()
    except FileNotFoundError as error:
        if generation_names(root):
            raise IndexCorrupt(f"{pointer} is missing, which names the generation that is served. {_REPAIR}") from error
        raise IndexMissing(
            f"There is no index in {root}. Build it first: python -m embeddings build --index {root}"
        ) from error
    except OSError as error:
        raise IndexCorrupt(f"{pointer} cannot be read ({error}). {_REPAIR}") from error
    except ValueError as error:
        raise IndexCorrupt(f"{pointer} is not the file that was written. {_REPAIR}") from error
    folder = root / "generations" / name
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for a name that no file can have
        raise IndexCorrupt(f"{pointer} names generation {name}, but {folder} is not there. {_REPAIR}")
    return folder, digest


def _digest_of(root: Path, name: str) -> str:
    return _current(root)[1] if name == current_name(root) else _own_digest(root, name)


def _own_digest(root: Path, name: str) -> str:
    """The checksum of a generation's manifest, as the generation itself records it."""
    path = root / "generations" / name / _DIGEST
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"{path} cannot be read ({error}). {_REBUILD}") from error


def _read_manifest(folder: Path, digest: str) -> Manifest:
    path = folder / "manifest.json"
    try:
        if sha256_of(path) != digest:
            raise IndexCorrupt(f"{path} is not the file that was written: CURRENT has another checksum. {_REPAIR}")
        fields = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"{path} cannot be read ({error}). {_REPAIR}") from error
    try:
        if fields.pop("format") != FORMAT:
            raise ValueError("format")
        manifest = Manifest(
            **fields
            | {
                "built_at": datetime.fromisoformat(fields["built_at"]),
                "model": Model(**fields["model"]),
                "notices": tuple(map(notice, fields["notices"])),
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IndexUnusable(f"The index in {folder} was built by another version of Footnote. {_REBUILD}") from error
    if folder.name.removeprefix(_ASIDE) != manifest.generation:
        raise IndexCorrupt(f"{folder} holds generation {manifest.generation}, which is not its name. {_REPAIR}")
    return manifest


def _load(folder: Path, digest: str) -> Opened:
    manifest = _read_manifest(folder, digest)
    for problem in _damage(folder, manifest):
        raise IndexCorrupt(f"{problem} {_REPAIR}")
    try:
        return Opened(read_index(folder), manifest)
    except Exception as error:  # as written, and yet no index: each library has errors of its own for that
        raise IndexCorrupt(f"{folder} holds no index that can be read ({error!r}). {_REPAIR}") from error


def _damage(folder: Path, manifest: Manifest, only: str | None = None) -> Iterator[str]:
    for name, expected in manifest.files.items():
        if only and name != only:
            continue
        path = folder / name
        if not path.is_file():
            yield f"The index is incomplete: {path} is missing."
            continue
        try:
            changed = path.stat().st_size != expected["bytes"] or sha256_of(path) != expected["sha256"]
        except OSError as error:
            yield f"{path} cannot be read ({error.strerror})."
            continue
        if changed:
            yield f"The index is damaged: {path} has changed since it was written."


def _manifest_json(manifest: Manifest) -> str:
    fields = asdict(manifest) | {"format": FORMAT, "built_at": manifest.built_at.isoformat()}
    return json.dumps(fields, indent=1) + "\n"  # in ASCII, which can write a folder's name whatever its bytes


def _point(root: Path, name: str, digest: str) -> None:
    aside = root / f".CURRENT-{name}"
    try:
        write_text(aside, f"{name} {digest}\n")
        aside.replace(root / "CURRENT")
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
    flush(root)


def _withdraw(root: Path, name: str) -> None:
    """Remove what an interrupted publication left, unless it came as far as being served."""
    pointer = root / "CURRENT"
    with contextlib.suppress(OSError):
        if not pointer.is_file() or not pointer.read_bytes().startswith(name.encode()):
            shutil.rmtree(root / "generations" / name, ignore_errors=True)
