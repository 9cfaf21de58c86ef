"""The index on disk: one folder a generation, a manifest with checksums, and a pointer to the current one.

    INDEX/
      CURRENT                  the name of the served generation and the SHA-256 of its manifest
      lock                     who is changing the index just now
      unfinished/              what an interrupted build has encoded already
      generations/<name>/
        manifest.json          what it was built from and with, and the checksum of every other file
        manifest.sha256        the checksum of that
        documents.jsonl  passages.jsonl  passages.faiss  sentences.faiss  lexical/
        entries.json           ids, titles and dates of the documents
        documents.npy  passages.npy    where each stands in its file, and the checksum of its line
        coarse.faiss           of a large index: passage vectors by nearness
        vocabulary.json        the words, spellings and names of the documents
        copies.json            which documents tell what another tells already
        sources.jsonl          the files it was built from
        shingles.npz           what of each text is compared to find copies; only a build reads it
        words.json             how often the words are there that vocabulary.json is made of; as above

A generation is written aside, flushed to disk, opened again and checked before `CURRENT` names it, so
whatever happens during a build, what is served stays whole. Whoever writes holds the lock (lock.py).

What a killed process leaves has names that `sweep` knows. A `.pending-<name>` beside a generation, which becomes
`CURRENT`, says that nobody was ever served this generation; a `.removed-<name>` is what was one.
"""

import contextlib
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from embeddings.errors import (
    BadRequest,
    IndexBusy,
    IndexCorrupt,
    IndexForbidden,
    IndexMissing,
    IndexUnusable,
    ModelMismatch,
)
from embeddings.files import forbidden, open_regular, read_text, sha256_of
from embeddings.reading.documents import Notice, SourceFile
from embeddings.reading.duplicates import Shingling
from embeddings.searching.index import Index
from embeddings.searching.vocabulary import Words
from embeddings.storing.storage import (
    Source,
    flush,
    notice,
    read_index,
    read_shinglings,
    read_sources,
    read_words,
    write_index,
    write_text,
)

FORMAT = 5
LARGE = 16 * 2**20
"""Bytes from which on a file is not read whole whenever an index is opened, but when it is published and verified."""
KEPT = 3
"""How many generations stay on disk, the served one included."""

_REBUILD = "Build it again: python -m embeddings build"
_REPAIR = f"{_REBUILD} (or go back to an earlier generation: python -m embeddings rollback [GENERATION])"
_DIGEST = "manifest.sha256"
_ASIDE, _PENDING, _POINTING, _REMOVED = ".building-", ".pending-", ".CURRENT-", ".removed-"
_TRIES = 10
"""How often a reader begins anew because another generation became the current one meanwhile."""
_T = TypeVar("_T")
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Model:
    """The model that encoded a generation."""

    name: str
    sha256: str
    """Its fingerprint: see `embeddings.encoding.models`."""
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
    search: str = "every vector"
    """What is looked at for a question."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an index is built from."""

    corpus: str = ""
    reader: str = ""
    files: tuple[SourceFile, ...] = ()
    shinglings: Mapping[str, Shingling] = field(default_factory=dict)
    """Those of its texts, by the SHA-256 of each."""
    words: Words = Words.of(())
    """How often its documents hold words."""


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
        write_index(aside, index, origin.files, origin.shinglings, origin.words)
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
            search=index.looked_at,
        )
        digest = write_text(aside / "manifest.json", _manifest_json(manifest))
        write_text(aside / _DIGEST, digest + "\n")
        opened = _read(aside, manifest_in(aside, digest))
        if check:
            check(opened)
        for folder in (*(path for path in aside.rglob("*") if path.is_dir()), aside):
            flush(folder)
        generations = root / "generations"
        generations.mkdir(exist_ok=True)
        pending = root / f"{_PENDING}{name}"
        try:
            _write_pointer(pending, name, digest)
            flush(root)
            aside.rename(generations / name)
            flush(generations)
            pending.replace(root / "CURRENT")
            flush(root)
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
    """Remove what killed processes left behind, and generations that they had not yet made current.

    Only for whoever holds the lock. What cannot be removed stays among the `leftovers`.
    """
    for path in root.glob(f"{_PENDING}*"):
        if _NAME.fullmatch(name := path.name.removeprefix(_PENDING)):
            _withdraw(root, name)
    for path in leftovers(root):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def leftovers(root: Path) -> list[Path]:
    """What killed processes left behind, and what could not be removed; whoever writes has some meanwhile."""
    return [path for prefix in (_ASIDE, _PENDING, _POINTING, _REMOVED) for path in root.glob(f"{prefix}*")]


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
    folder = root / "generations" / name
    opened = _load(folder, manifest_in(folder, digest))
    try:
        _point(root, name, digest)
    except OSError as error:
        raise unwritable(root, error) from error
    return opened


def prune(root: Path, keep: int, spare: str | None = None) -> list[str]:
    """Remove all but the latest `keep` generations, always sparing the current one; returns the removed names.

    `spare` is kept before others, though not beyond `keep`. One that cannot be removed stays for the next time.
    Each is renamed first, so that none is ever there in part.
    """
    current = current_name(root)
    names = sorted(generation_names(root), key=lambda name: (name == current, name == spare, name), reverse=True)
    removed = [name for name in names[keep:] if _put_aside(root, name)]
    for name in removed:
        shutil.rmtree(root / f"{_REMOVED}{name}", ignore_errors=True)
    return removed


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
    try:
        return (root / "CURRENT").exists()
    except PermissionError:  # something is there that may not be looked at, as whoever opens it is told
        return True


def current_name(root: Path) -> str | None:
    """The name of the current generation, if `CURRENT` names one that is there."""
    with contextlib.suppress(IndexUnusable):
        return _current(root)[0].name
    return None


def pointer(root: Path) -> str | None:
    """What `CURRENT` says, which is another text after each publication and rollback; None without an index.

    Raises OSError when it cannot be read.
    """
    try:
        with open_regular(root / "CURRENT") as stream:
            return stream.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None


def open_current(root: Path, model_sha256: str | None = None, *, whole: bool = False) -> Opened:
    """Open the current generation after checking its files against its manifest.

    Of those of `LARGE` bytes or more only the sizes, unless `whole`: a line of theirs is checked when it is read.
    With `model_sha256`, the fingerprint of the model that questions will be encoded with, an index of another
    is refused. Raises IndexMissing, IndexCorrupt or ModelMismatch.
    """

    def read(folder: Path, digest: str) -> Opened:
        manifest = manifest_in(folder, digest)
        check_model(manifest, model_sha256, str(root))
        return _load(folder, manifest, None if whole else LARGE)

    return _of_current(root, read)


def check_model(manifest: Manifest, model_sha256: str | None, where: str) -> None:
    """Raise ModelMismatch where the index that is in `where` was built with a model of another fingerprint."""
    if model_sha256 and manifest.model.sha256 != model_sha256:
        raise ModelMismatch(
            f"The index in {where} was built with the model {manifest.model.name} (fingerprint "
            f"{manifest.model.sha256[:8]}…), but questions would be encoded with another "
            f"({model_sha256[:8]}…). Set FOOTNOTE_MODEL to {manifest.model.name}, or build the index "
            "again: python -m embeddings build"
        )


def read_manifest(root: Path) -> Manifest:
    """The manifest of the current generation, without opening the rest."""
    return _of_current(root, manifest_in)


def read_current_sources(root: Path) -> tuple[Manifest, list[Source]]:
    """The manifest of the current generation, and the files of the corpus that it was built from."""

    def read(folder: Path, digest: str) -> tuple[Manifest, list[Source]]:
        manifest = manifest_in(folder, digest)
        for problem in _damage(folder, manifest, "sources.jsonl"):
            raise IndexCorrupt(f"{problem} {_REPAIR}")
        return manifest, read_sources(folder)

    return _of_current(root, read)


def open_generation(root: Path, name: str) -> Opened:
    """Open one of the generations on disk, checking every byte. Raises IndexCorrupt."""
    folder = root / "generations" / name
    return _load(folder, manifest_in(folder, _digest_of(root, name)))


def sources_of(root: Path, opened: Opened) -> list[Source]:
    """The files of the corpus that a generation was built from, whose bytes were checked when it was opened.

    Raises IndexCorrupt.
    """
    return _recorded(root, opened, read_sources)


def shinglings_of(root: Path, opened: Opened) -> dict[str, Shingling]:
    """The shinglings of a generation's texts, as above."""
    return _recorded(root, opened, read_shinglings)


def words_of(root: Path, opened: Opened) -> Words:
    """How often a generation's documents hold words, as above."""
    return _recorded(root, opened, read_words)


def _recorded(root: Path, opened: Opened, read: Callable[[Path], _T]) -> _T:
    folder = root / "generations" / opened.manifest.generation
    try:
        return read(folder)
    except Exception as error:  # as of an index that cannot be read
        raise IndexCorrupt(f"{folder} does not say what it was built from ({error!r}). {_REPAIR}") from error


def may_return(root: Path, name: str) -> bool:
    """Whether a generation that is current could be gone back to: whether it records its manifest's checksum itself.

    Raises IndexForbidden where that may not be read.
    """
    try:
        return _own_digest(root, name) == _digest_of(root, name)
    except IndexForbidden:
        raise
    except IndexUnusable:
        return False


def damage(root: Path, name: str) -> list[str]:
    """Every file of a generation that is missing or changed, as sentences; none for a whole one.

    Raises IndexForbidden where one may not be read.
    """
    folder = root / "generations" / name
    try:
        digest = _digest_of(root, name)
        found = list(_damage(folder, manifest_in(folder, digest)))
        if _own_digest(root, name) != digest:
            found.append(f"The index is damaged: {folder / _DIGEST} has changed since it was written.")
    except IndexForbidden:
        raise
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


def _of_current(root: Path, read: Callable[[Path, str], _T]) -> _T:
    """What `read` makes of the current generation's folder and the SHA-256 of its manifest.

    Readers hold no lock: where another generation became the current one meanwhile, the one before may have been
    removed, and `read` begins anew. Raises what `read` does, and IndexBusy where that never ends.
    """
    for _ in range(_TRIES):
        before = _told(root)
        try:
            return read(*_current(root))
        except IndexUnusable:
            if _told(root) == before:
                raise
    raise IndexBusy(f"The index in {root} was replaced {_TRIES} times while it was opened. Try again.")


def _told(root: Path) -> str | None:
    with contextlib.suppress(OSError):
        return pointer(root)
    return None


def _current(root: Path) -> tuple[Path, str]:
    """The folder of the current generation and the SHA-256 of its manifest."""
    pointer = root / "CURRENT"
    try:
        text = read_text(pointer)
    except FileNotFoundError as error:
        if generation_names(root):
            raise IndexCorrupt(f"{pointer} is missing, which names the generation that is served. {_REPAIR}") from error
        raise IndexMissing(
            f"There is no index in {root}. Build it first: python -m embeddings build --index {root}"
        ) from error
    except OSError as error:
        raise _unreadable(root, pointer, error) from error
    except ValueError as error:
        raise IndexCorrupt(f"{pointer} is not the file that was written. {_REPAIR}") from error
    if len(text.split()) != 2:
        raise IndexCorrupt(f"{pointer} is not the file that was written. {_REPAIR}")
    name, digest = text.split()
    folder = root / "generations" / name
    try:
        there = stat.S_ISDIR(folder.stat().st_mode)
    except PermissionError as error:
        raise _unreadable(root, folder, error) from error
    except (OSError, ValueError):  # of a name that no file can have
        there = False
    if not there:
        raise IndexCorrupt(f"{pointer} names generation {name}, but {folder} is not there. {_REPAIR}")
    return folder, digest


def _unreadable(root: Path, path: Path, error: OSError | ValueError, remedy: str = _REPAIR) -> IndexUnusable:
    if isinstance(error, PermissionError):
        return IndexForbidden(forbidden(path, root))
    return IndexCorrupt(f"{path} cannot be read ({error}). {remedy}")


def _root_of(folder: Path) -> Path:
    """The index that a generation's folder lies in, also while it is built."""
    return folder.parent if folder.name.startswith(_ASIDE) else folder.parent.parent


def _digest_of(root: Path, name: str) -> str:
    return _current(root)[1] if name == current_name(root) else _own_digest(root, name)


def _own_digest(root: Path, name: str) -> str:
    """The checksum of a generation's manifest, as the generation itself records it."""
    path = root / "generations" / name / _DIGEST
    try:
        return read_text(path).strip()
    except (OSError, ValueError) as error:
        raise _unreadable(root, path, error, _REBUILD) from error


def manifest_in(folder: Path, digest: str) -> Manifest:
    """The manifest in a generation's folder, whose SHA-256 is to be `digest`. Raises IndexUnusable."""
    path = folder / "manifest.json"
    try:
        if sha256_of(path) != digest:
            raise IndexCorrupt(f"{path} is not the file that was written: CURRENT has another checksum. {_REPAIR}")
        fields = json.loads(read_text(path))
    except (OSError, ValueError) as error:
        raise _unreadable(_root_of(folder), path, error) from error
    version = "another version"
    try:
        if (number := fields.pop("format")) != FORMAT:
            version = "an older version" if number < FORMAT else "a newer version"
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
        raise IndexUnusable(f"The index in {folder} was built by {version} of Footnote. {_REBUILD}") from error
    if folder.name.removeprefix(_ASIDE) != manifest.generation:
        raise IndexCorrupt(f"{folder} holds generation {manifest.generation}, which is not its name. {_REPAIR}")
    return manifest


def _load(folder: Path, manifest: Manifest, large: int | None = None) -> Opened:
    for problem in _damage(folder, manifest, large=large):
        raise IndexCorrupt(f"{problem} {_REPAIR}")
    return _read(folder, manifest)


def _read(folder: Path, manifest: Manifest) -> Opened:
    """What a generation holds whose files have just been found to be those of its manifest."""
    try:
        return Opened(read_index(folder), manifest)
    except Exception as error:  # as written, and yet no index: each library has errors of its own for that
        raise IndexCorrupt(f"{folder} holds no index that can be read ({error!r}). {_REPAIR}") from error


def _damage(folder: Path, manifest: Manifest, only: str | None = None, large: int | None = None) -> Iterator[str]:
    for name, expected in manifest.files.items():
        if only and name != only:
            continue
        path = folder / name
        try:
            changed = path.stat().st_size != expected["bytes"]
            if large is None or expected["bytes"] < large:
                changed = changed or sha256_of(path) != expected["sha256"]
        except PermissionError as error:
            raise _unreadable(_root_of(folder), path, error) from error
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            yield f"The index is incomplete: {path} is missing."
            continue
        except OSError as error:
            yield f"{path} cannot be read ({error.strerror})."
            continue
        if changed:
            yield f"The index is damaged: {path} has changed since it was written."


def _manifest_json(manifest: Manifest) -> str:
    fields = asdict(manifest) | {"format": FORMAT, "built_at": manifest.built_at.isoformat()}
    return json.dumps(fields, indent=1) + "\n"  # in ASCII, which can write a folder's name whatever its bytes


def _point(root: Path, name: str, digest: str) -> None:
    aside = root / f"{_POINTING}{name}"
    try:
        _write_pointer(aside, name, digest)
        aside.replace(root / "CURRENT")
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
    flush(root)


def _write_pointer(path: Path, name: str, digest: str) -> None:
    write_text(path, f"{name} {digest}\n")


def _withdraw(root: Path, name: str) -> None:
    """Remove what an interrupted publication left, unless it came as far as being served."""
    pending = root / f"{_PENDING}{name}"
    if pending.exists() and current_name(root) != name:  # it is gone once it became `CURRENT`
        if (root / "generations" / name).exists() and not _put_aside(root, name):
            return
        shutil.rmtree(root / f"{_REMOVED}{name}", ignore_errors=True)
        with contextlib.suppress(OSError):
            pending.unlink()


def _put_aside(root: Path, name: str) -> bool:
    """Rename a generation to what is none; whether that could be done."""
    try:
        (root / "generations" / name).rename(root / f"{_REMOVED}{name}")
    except OSError:
        return False
    return True
