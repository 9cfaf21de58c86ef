"""Read a folder of files into documents, and say which files could not be read and why."""

import hashlib
import json
import os
import re
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from embeddings.errors import CorpusError

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is read, in bytes."""

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FIRST_HEADING = re.compile(r"^#[ \t]+(?P<heading>\S.*)$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Document:
    """A text that can be quoted. Offsets everywhere in Footnote count characters of `text`."""

    id: str
    title: str
    text: str
    published: date | None = None
    url: str | None = None
    about: str = ""
    sha256: str = field(init=False)
    """SHA-256 of `text` in UTF-8, in hexadecimal."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.text.encode()).hexdigest())

    @property
    def name(self) -> str:
        """What people are shown: the title, or the id where there is none."""
        return self.title or self.id


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator should know about a file: it was skipped, or a part of it was not used."""

    path: str
    reason: str
    skipped: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds: its documents in order of their ids, and notices about its files."""

    documents: tuple[Document, ...]
    notices: tuple[Notice, ...]


class _Unreadable(Exception):  # noqa: N818 - says what the file is
    """Why one file or one line is skipped."""


def read_documents(folder: Path) -> Corpus:
    """Read every supported file below `folder`.

    `.txt`, `.md` and `.markdown` hold one document each, whose id is the path below the folder without
    its suffix; Markdown may begin with YAML front matter (`title`, `published`, `url`, `about`). `.jsonl`
    holds one document a line (`_id` or `id`, `title`, `text`, `published`, `url`). Hidden files, and a
    `README.md` at the top of the folder, which speaks about the corpus, are no documents.

    Raises CorpusError when the folder does not exist or holds no document at all.
    """
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}. Name another with --corpus DIR or FOOTNOTE_CORPUS.")
    documents: dict[str, Document] = {}
    paths, notices = _files(folder)
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if not _encodable(name):
            notices.append(Notice(_shown(name), "its name is not UTF-8; rename it"))
            continue
        for where, read in _read(path, name, folder):
            if isinstance(read, Document) and read.id in documents:
                notices.append(Notice(where, f"another document has the id {read.id!r} already; rename one"))
            elif isinstance(read, Document):
                documents[read.id] = read
            else:
                notices.append(read)
    if not documents:
        reasons = "".join(f"\n  {notice}" for notice in notices[:5])
        raise CorpusError(
            f"{folder} holds no document that can be read. "
            f"Put .txt, .md or .jsonl files with text in it and build again.{reasons}"
        )
    return Corpus(tuple(documents[key] for key in sorted(documents)), tuple(notices))


def _files(folder: Path) -> tuple[list[Path], list[Notice]]:
    """The files below `folder` by name, links to folders among them, and what could not be looked into."""
    paths: list[Path] = []
    notices: list[Notice] = []

    def unlisted(error: OSError) -> None:
        name = Path(error.filename).relative_to(folder).as_posix()
        notices.append(Notice(_shown(name), f"cannot be read ({error.strerror})"))

    for parent, folders, files in os.walk(folder, onerror=unlisted):
        folders[:] = [name for name in folders if not name.startswith(".")]
        # Path.is_symlink raises where the folder may not be looked into.
        links = [name for name in folders if os.path.islink(Path(parent, name))]  # noqa: PTH114
        paths += [Path(parent, name) for name in (*files, *links) if not name.startswith(".")]
    paths = [path for path in paths if path != folder / "README.md"]
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix()), notices


def _read(path: Path, name: str, folder: Path) -> Iterator[tuple[str, Document | Notice]]:
    """Yield each document of a file, or a notice for what is skipped, with the place it stands."""
    try:
        if path.is_symlink() and not _leads_into(folder, path):
            raise _Unreadable("a link that leaves the corpus folder is not followed")
        if path.is_dir():
            raise _Unreadable("a link to a folder is not followed")
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            raise _Unreadable(
                f"files of type {path.suffix or 'without a suffix'} are not read; convert it to {', '.join(_READERS)}"
            )
        text = _text(path)
        yield from reader(text, name)
    except _Unreadable as reason:
        yield name, Notice(name, str(reason))
    except OSError as error:
        yield name, Notice(name, f"cannot be read ({error.strerror or error})")


def _leads_into(folder: Path, path: Path) -> bool:
    # Not Path.resolve: before Python 3.13 it raises on a link that leads to itself.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _text(path: Path) -> str:
    if not path.is_file():
        raise _Unreadable("not a regular file")
    if path.stat().st_size > MAX_BYTES:
        raise _Unreadable(f"larger than {MAX_BYTES // 1024**2} MiB; split it")
    data = path.read_bytes()
    if b"\x00" in data[:4096]:
        raise _Unreadable("binary, not text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable(f"not UTF-8 (byte {error.start}); save it as UTF-8") from error
    if not text.strip():
        raise _Unreadable("empty")
    return text


def _read_plain(text: str, name: str) -> Iterator[tuple[str, Document | Notice]]:
    yield name, _document(_stem(name), {"title": Path(name).stem}, text)


def _read_markdown(text: str, name: str) -> Iterator[tuple[str, Document | Notice]]:
    meta: dict[str, Any] = {}
    if match := _FRONT_MATTER.match(text):
        try:
            loaded = yaml.safe_load(match["yaml"])
        except Exception as error:  # a date such as 2025-02-31, a tag or deep nesting raise other kinds
            raise _Unreadable(f"its front matter is not valid YAML ({_one_line(error)})") from error
        if not isinstance(loaded, dict | None):
            raise _Unreadable("its front matter is not a list of `key: value` lines")
        meta = loaded or {}
        text = text[match.end() :]
    if not meta.get("title"):
        match = _FIRST_HEADING.search(text)
        meta["title"] = heading_text(match["heading"]) if match else Path(name).stem
    notices, fields = _fields(meta)
    yield name, _document(_stem(name), fields, text)
    for reason in notices:
        yield name, Notice(name, reason, skipped=False)


def _read_lines(text: str, name: str) -> Iterator[tuple[str, Document | Notice]]:
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{name}:{number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise _Unreadable("not a JSON object")
            key = row.get("_id", row.get("id"))
            if not isinstance(key, str | int) or str(key).strip() == "":
                raise _Unreadable("has no `_id`")
            if not isinstance(row.get("text"), str):
                raise _Unreadable("has no `text`")
            notices, fields = _fields(row)
            yield where, _document(str(key), fields, row["text"])
        except (_Unreadable, ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, _Unreadable) else f"not valid JSON ({_one_line(error)})"
            yield where, Notice(where, reason)
        else:
            for reason in notices:
                yield where, Notice(where, reason, skipped=False)


_READERS = {".txt": _read_plain, ".md": _read_markdown, ".markdown": _read_markdown, ".jsonl": _read_lines}


def _fields(meta: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Take the known fields of front matter or of a JSON line; what cannot be used is named, not guessed."""
    fields: dict[str, Any] = {}
    notices: list[str] = []
    for key in ("title", "url", "about"):
        value = meta.get(key)
        if isinstance(value, str | int | float) and _encodable(str(value)):
            fields[key] = " ".join(str(value).split())
        elif value is not None:
            notices.append(f"its `{key}` is not a line of text and was left out")
    try:
        fields["published"] = _date(meta.get("published"))
    except ValueError:
        notices.append(
            f"its `published` ({reprlib.repr(meta['published'])}) is not a date like 2025-06-16 and was left out"
        )
    return notices, fields


def _date(value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise ValueError(value)
    return datetime.fromisoformat(value.strip()).date()


def _document(key: str, fields: dict[str, Any], text: str) -> Document:
    if not text.strip():
        raise _Unreadable("empty")
    if not _encodable(text) or not _encodable(key):
        raise _Unreadable("holds half of a surrogate pair, which is not text; repair it")
    if len(_CONTROL.findall(text)) > len(text) // 100:
        raise _Unreadable("binary, not text")
    return Document(key, text=text, **{"title": "", **fields})


def heading_text(line: str) -> str:
    """A Markdown heading, given without its `# `, less the hashes that may close it: `Title ##`."""
    line = line.rstrip()
    opened = line.rstrip("#")
    return opened.rstrip() if opened[-1:].isspace() else line


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stem(name: str) -> str:
    return name.removesuffix(Path(name).suffix)


def _shown(name: str) -> str:
    """A file's name as text, whatever its bytes."""
    return os.fsencode(name).decode(errors="replace")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
