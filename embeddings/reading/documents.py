"""Read a folder of files into documents, and say which files could not be read and why."""

import bisect
import hashlib
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from embeddings.errors import CorpusError
from embeddings.reading import formats
from embeddings.reading.formats import MAX_SHOWN, Draft, Found, Remark, Unreadable, counted, cut, limited, summary
from embeddings.reading.language import language_of, names_of
from embeddings.reading.sandbox import SUFFIXES as EXTRACTED
from embeddings.reading.sandbox import OutOfTime, Sandbox

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is read, in bytes."""
MAX_REMARKS = 20
"""After so many notices of a kind about the lines or parts of one file, the others are only counted."""
MAX_REASON = 500
"""Longest reason of a notice, in characters: it is a line that somebody reads."""

_NO_TEXT = "holds no text of its own"
"""Of a page that has front matter alone, which a website fills: nothing has to be mended."""
EMPTY = "If it is meant to be empty, so that nothing is answered any more: python -m embeddings build --allow-empty"
"""What to do about a folder whose last document was removed, which looks like one that was not mounted."""

_SUFFIXES = (*formats.READERS, *EXTRACTED)
_KINDS = ".txt, .md, .html, .pdf, .docx or .xlsx"
"""Formats that anything can be saved in."""
_CONTAINERS = (".jsonl", ".mbox", ".xml")
"""What holds many documents, whose ids are declared inside."""
_EXPORTS = {".xml": re.compile(b"<mediawiki"), ".json": re.compile(rb'"messages"[ \r\n\t]*+:[ \r\n\t]*+\[')}
"""What the beginning of a file of these kinds has that is read: the export of a wiki, and of a chat."""
_BEGINNING = 4096
"""Bytes of that."""
_APART = re.compile(r"[\W_]+")
_LONG_TITLE = 5
"""Words of a title that is a name, at most."""
_NAME_IN_FILE = re.compile(r"(?!(?:index|readme)$)[a-z]{3,}\d{0,3}")
_WORD = re.compile(r"[^\W_]+")
_HIDDEN = (".", "~$")
"""How the names of files and folders begin that are none of the corpus."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text that can be quoted. Offsets everywhere in Footnote count characters of `text`."""

    id: str
    title: str
    text: str
    published: date | None = None
    url: str | None = None
    about: str = ""
    aliases: str = ""
    """Other names of it, parted by semicolons."""
    pages: tuple[int, ...] = ()
    """Where each page begins in `text`; empty for documents without pages."""
    language: str = ""
    """The ISO 639 code of its language where that is not English; see `language_of`."""
    sha256: str = field(init=False)
    """SHA-256 of `text` in UTF-8, in hexadecimal."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.text.encode()).hexdigest())

    @property
    def entry(self) -> "Entry":
        """What lists and filters need of it."""
        return Entry(self.id, self.title, self.published, self.language)

    @property
    def name(self) -> str:
        """What people are shown: the title, or the id where there is none that shows."""
        return self.entry.name

    @property
    def label(self) -> str:
        """What its passages are read under: the title, its other names, and what its file's name says besides."""
        known = {word.casefold() for word in _WORD.findall(f"{self.title} {self.aliases}")}
        file = (word for word in self.entry.words_of_file if word not in known)
        return "; ".join(name for name in (self.title, self.aliases, " ".join(file)) if name)

    def page(self, offset: int) -> int | None:
        """The page that holds the character at `offset`, counted from 1; None without pages."""
        return bisect.bisect_right(self.pages, offset) if self.pages else None


class Entry(NamedTuple):
    """A document without its text."""

    id: str
    title: str
    published: date | None
    language: str = ""

    @property
    def words_of_file(self) -> list[str]:
        """The words of its file's name and folders that people may call it by: "hive13", and no number or hash.

        None where the title is long enough to be a headline, which says more than a file.
        """
        if "://" in self.id or len(_WORD.findall(self.title)) > _LONG_TITLE:
            return []
        return [part for part in _APART.split(self.id.casefold()) if _NAME_IN_FILE.fullmatch(part)]

    @property
    def name(self) -> str:
        """See Document."""
        seen = any(letter.isprintable() and not letter.isspace() for letter in self.title)
        return self.title if seen else self.id

    def is_published(self, after: date | None, before: date | None) -> bool:
        """Whether it was published on one of these days or between them; without a date it was not, if any is given."""
        if not self.published:
            return not (after or before)
        return (not after or self.published >= after) and (not before or self.published <= before)


class NoticeKind(StrEnum):
    """What became of the file or the line that a notice is about."""

    FAILED = "failed"
    """It should have been read and could not."""
    IGNORED = "ignored"
    """It is of a type that is not read."""
    PARTIAL = "partial"
    """It was read, but a part was left out or had to be repaired."""


_OTHERS = {
    NoticeKind.FAILED: "could not be read either",
    NoticeKind.IGNORED: "are not read either",
    NoticeKind.PARTIAL: "were left out or repaired as well",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator should know about a file of the corpus; a long `reason` is cut."""

    path: str
    reason: str
    kind: NoticeKind = NoticeKind.FAILED

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", cut(self.reason, MAX_REASON))

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as it was read: its path below the folder, its bytes' SHA-256 and size, and what was in it."""

    path: str
    sha256: str
    size: int
    documents: tuple[Document, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds: documents in order of their ids, notices about its files, and the files by path."""

    documents: tuple[Document, ...]
    notices: tuple[Notice, ...]
    files: tuple[SourceFile, ...] = ()


def read_documents(
    folder: Path,
    known: Mapping[str, SourceFile] | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    allow_empty: bool = False,
) -> Corpus:
    """Read every supported file below `folder`.

    A file holds one document, whose id is the path below the folder without its suffix; a `.jsonl` holds
    one a line (`_id` or `id`, `title`, `text`, `published`, `url`, `about`), a `.mbox` one a message and an `.xml` that
    a wiki exported one a page. Title, date and url are those that a file declares. A file's own id goes before one that
    is declared, and what two files declare under one id is in neither, unless it is the same. Hidden files, those that
    Office keeps beside an open document (`~$…`), and a `README.md` at the top of the folder, which speaks about the
    corpus, are no documents.

    A file whose bytes are those of `known` under its path is not parsed again. `progress` is called with
    how many files are done and how many there are.

    Raises CorpusError when the folder does not exist or, unless `allow_empty`, holds no document at all.
    """
    paths, notices = _listing(folder)
    root = Path(os.path.realpath(folder))
    files: list[SourceFile] = []
    others: defaultdict[str, list[str]] = defaultdict(list)
    with Sandbox() as sandbox:
        for done, (name, path) in enumerate(paths.items(), 1):
            try:
                data = _bytes(path, root)
                source = _source(name, data, known or {}, sandbox) if data is not None else None
            except Unreadable as reason:
                notices.append(Notice(name, str(reason)))
            else:
                if source:
                    files.append(source)
                    notices += source.notices
                else:
                    others[_suffix(path)].append(name)
            if progress:
                progress(done, len(paths))
    documents, refused = _merged(files)
    notices += [*refused, *(_ignored(suffix, names) for suffix, names in sorted(others.items()))]
    notices += _foreign([documents[key] for key in sorted(documents) if documents[key].language])
    if not documents and not allow_empty:
        reasons = "".join(f"\n  {notice}" for notice in notices[:5])
        raise CorpusError(
            f"{folder} holds no document that can be read. "
            f"Put {_KINDS} files with text in it and build again. {EMPTY}{reasons}"
        )
    return Corpus(tuple(documents[key] for key in sorted(documents)), tuple(notices), tuple(files))


def fingerprints(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file that would be read, by its path below the folder; none is parsed.

    Files that cannot be opened are left out. Raises CorpusError when the folder does not exist.
    """
    found: dict[str, str] = {}
    root = Path(os.path.realpath(folder))
    for name, path in _listing(folder)[0].items():
        try:
            data = _bytes(path, root)
        except Unreadable:
            continue
        if data is not None:
            found[name] = hashlib.sha256(data).hexdigest()
    return found


def _listing(folder: Path) -> tuple[dict[str, Path], list[Notice]]:
    """The files that would be read, by name, and notices about the others."""
    if not folder.is_dir():
        raise CorpusError(f"There is no folder {folder}. Name another with --corpus DIR or FOOTNOTE_CORPUS.")
    paths: dict[str, Path] = {}
    others: defaultdict[str, list[str]] = defaultdict(list)
    found, notices = _walk(folder)
    for path in found:
        name = path.relative_to(folder).as_posix()
        suffix = _suffix(path)
        if not formats.is_text(name):
            notices.append(Notice(_shown(name), "its name is not UTF-8; rename it"))
        elif suffix in _SUFFIXES or path.is_dir():
            paths[name] = path
        else:
            others[suffix].append(name)
    return paths, notices + [_ignored(suffix, names) for suffix, names in sorted(others.items())]


def _walk(folder: Path) -> tuple[list[Path], list[Notice]]:
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
        paths += [Path(parent, name) for name in (*files, *links) if not name.startswith(_HIDDEN)]
    paths = [path for path in paths if path != folder / "README.md"]
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix()), notices


def _suffix(path: Path) -> str:
    """The suffix that says how a file is read; what other reStructuredText includes is some, too: "options.rst.inc"."""
    return ".rst" if path.name.lower().endswith(".rst.inc") else path.suffix.lower()


def _ignored(suffix: str, names: list[str]) -> Notice:
    what = f"of type {suffix}" if suffix else "without a suffix"
    if len(names) == 1:
        reason = f"files {what} are not read; convert it to {_KINDS}"
        return Notice(names[0], reason, NoticeKind.IGNORED)
    reason = f"{len(names):,} files {what} are not read, such as {names[0]}"
    return Notice(f"*{suffix}", reason, NoticeKind.IGNORED)


def _foreign(documents: Sequence[Document]) -> Iterator[Notice]:
    """That answers are not taken from documents in other languages."""
    if documents:
        others = f" and {counted(len(documents) - 1, 'other')}" if documents[1:] else ""
        languages = names_of([document.language for document in documents])
        reason = f"not in English ({languages}), which is all that answers are judged in; found and named, not quoted"
        yield Notice(f"{documents[0].id}{others}", reason, NoticeKind.PARTIAL)


def _bytes(path: Path, root: Path) -> bytes | None:
    """The bytes of a regular file that stands in `root`, which is no link; raises Unreadable for anything else.

    None for XML and JSON that are no exports, which are no text for people; only their beginning is read.
    """
    try:
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(root):
            raise Unreadable("a link that leaves the corpus folder is not followed")
        parts = real.relative_to(root).parts
        if any(part.startswith(_HIDDEN) for part in parts):
            raise Unreadable("a link to a hidden file is not followed")
        with open(_opened(root, parts), "rb") as stream:
            data = stream.read(_BEGINNING)
            begins = _EXPORTS.get(_suffix(path))
            if begins and not begins.search(data):
                return None
            data += stream.read(MAX_BYTES + 1 - len(data))
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror or error})") from error
    if len(data) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1024**2} MiB; split it")
    return data


def _opened(root: Path, parts: Sequence[str]) -> int:
    """A descriptor of the regular file `parts` below `root`, which holds no link at the moment of opening.

    It is opened from folder to folder, so that a link which takes the place of one meanwhile leads nowhere.
    """
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            there = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = there
        name = parts[-1] if parts else "."
        _check_regular(os.stat(name, dir_fd=here, follow_symlinks=False))  # a device may act on being opened
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)  # nor wait for a pipe
    finally:
        os.close(here)
    try:
        _check_regular(os.fstat(file))
    except Unreadable:
        os.close(file)
        raise
    return file


def _check_regular(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise Unreadable("a link to a folder is not followed")
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISLNK(found.st_mode):  # opening a link says what is wrong
        raise Unreadable("not a regular file")


def _source(name: str, data: bytes, known: Mapping[str, SourceFile], sandbox: Sandbox) -> SourceFile:
    sha256 = hashlib.sha256(data).hexdigest()
    before = known.get(name)
    if before and before.sha256 == sha256:
        return before
    documents: list[Document] = []
    notices: list[Notice] = []
    for found in _read(name, data, sandbox):
        if isinstance(found, Document):
            documents.append(found)
        else:
            notices.append(found)
    return SourceFile(name, sha256, len(data), tuple(documents), tuple(_few(name, notices)))


def _few(name: str, notices: Iterable[Notice]) -> Iterator[Notice]:
    """The first notices of each kind about one file, and how many others there are."""
    count: Counter[NoticeKind] = Counter()
    for notice in notices:
        count[notice.kind] += 1
        if count[notice.kind] <= MAX_REMARKS:
            yield notice
    for kind, number in count.items():
        if number > MAX_REMARKS:
            yield Notice(name, f"{counted(number - MAX_REMARKS, 'other part')} of it {_OTHERS[kind]}", kind)


def _read(name: str, data: bytes, sandbox: Sandbox) -> Iterator[Document | Notice]:
    """What is in a file. Raises OutOfTime where it was not tried, and nothing else: any error is a notice."""
    stem = name.removesuffix(Path(name).suffix)
    suffix = _suffix(Path(name))
    reader = formats.READERS.get(suffix)
    try:
        if not data.strip():
            raise Unreadable("empty")
        found: Found = reader(data, stem) if reader else iter(sandbox.extract(suffix, stem, data))
        for item in found:
            try:
                if isinstance(item, Remark):
                    yield _notice(name, item)
                elif reader and suffix not in _CONTAINERS and not item.text.strip():
                    yield Notice(name, _NO_TEXT, NoticeKind.PARTIAL)
                else:
                    draft, reasons = limited(item)
                    if not draft.title and suffix not in _CONTAINERS:
                        draft = replace(draft, title=formats.title_of_name(stem))
                    yield _document(draft)
                    yield from (Notice(name + item.part, reason, NoticeKind.PARTIAL) for reason in reasons)
            except Unreadable as reason:
                yield Notice(name + item.part, str(reason))
    except OutOfTime:
        raise
    except Unreadable as reason:
        yield Notice(name, str(reason))
    except Exception as error:  # one file that a reader was not written for must not cost the others
        yield Notice(name, f"could not be read ({summary(error)})")


def _notice(name: str, remark: Remark) -> Notice:
    return Notice(name + remark.part, remark.reason, NoticeKind.FAILED if remark.failed else NoticeKind.PARTIAL)


def _document(draft: Draft) -> Document:
    if not draft.text.strip():
        raise Unreadable("empty")
    if not formats.is_text(draft.text) or not formats.is_text(draft.id):
        raise Unreadable("holds a NUL or half of a surrogate pair, which is not text; repair it")
    return Document(
        draft.id,
        draft.title,
        draft.text,
        draft.published,
        draft.url,
        draft.about,
        draft.aliases,
        draft.pages,
        language_of(draft.text),
    )


def _merged(files: Sequence[SourceFile]) -> tuple[dict[str, Document], list[Notice]]:
    """The documents of all files by id, and notices about those whose id another has.

    A file's own id goes before one that is declared inside a file. Of two files with the same own id
    (`a.md`, `a.txt`) the first is read, and of two documents with one id in the same file too; but what two files
    declare is left out of both, unless it is the same: neither can take the other's place.
    """
    claims: defaultdict[str, list[tuple[SourceFile, Document]]] = defaultdict(list)
    for file in files:
        for document in file.documents:
            claims[document.id].append((file, document))
    documents: dict[str, Document] = {}
    refused: defaultdict[str, list[Notice]] = defaultdict(list)
    for key, claimed in claims.items():
        kept = next((claim for claim in claimed if _is_own(*claim)), claimed[0])
        rivals = [claim for claim in claimed if claim is not kept]
        if not _is_own(*kept) and any(file is not kept[0] and document != kept[1] for file, document in rivals):
            for path in dict.fromkeys(file.path for file, _ in claimed):
                other = next(file.path for file, _ in claimed if file.path != path)
                reason = f"another document has the id {cut(repr(key), MAX_SHOWN)} in {other}"
                refused[path].append(Notice(path, f"{reason}, so neither is read; rename one"))
            continue
        documents[key] = kept[1]
        for file, _ in rivals:
            reason = f"another document has the id {cut(repr(key), MAX_SHOWN)} already ({kept[0].path}); rename one"
            refused[file.path].append(Notice(file.path, reason))
    return documents, [notice for path, notices in sorted(refused.items()) for notice in _few(path, notices)]


def _is_own(file: SourceFile, document: Document) -> bool:
    """Whether the document has the id that its file gives it by its path."""
    path = Path(file.path)
    return path.suffix.lower() not in _CONTAINERS and document.id == file.path.removesuffix(path.suffix)


def _shown(name: str) -> str:
    """A file's name as text, whatever its bytes."""
    return os.fsencode(name).decode(errors="replace")
