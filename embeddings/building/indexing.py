"""Build an index from a folder of documents, offline, encoding only what no earlier build has encoded."""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings.building import reuse
from embeddings.building.reuse import Plan, Stored, same_text
from embeddings.building.unfinished import Unfinished
from embeddings.encoding.encoder import Encoder, Vectors, Window
from embeddings.errors import CorpusError, IndexCorrupt, IndexUnusable
from embeddings.reading.documents import EMPTY, Corpus, Document, NoticeKind, SourceFile, fingerprints, read_documents
from embeddings.reading.duplicates import Shingling, find_copies, shinglings
from embeddings.records import mapped
from embeddings.searching.index import Index, Lists, Rows, TabledIndex, coarse_vectors
from embeddings.searching.lexical import Lexical
from embeddings.searching.vocabulary import Vocabulary, Words
from embeddings.splitting.passages import MAX_CHARS, TITLE_TOKENS, VERSION, Passage, most_tokens, split
from embeddings.storing import generations, verification
from embeddings.storing.generations import Manifest, Model, Opened, Origin
from embeddings.storing.lock import locked

_LIBRARIES = (
    "charset-normalizer",
    "docutils",
    "lxml",
    "markdown-it-py",
    "mwparserfromhell",
    "openpyxl",
    "py3langid",
    "pypdfium2",
    "PyStemmer",
    "python-docx",
    "python-pptx",
    "PyYAML",
    "trafilatura",
    "webvtt-py",
)
_VERSIONS = {"Python": f"{sys.version_info[0]}.{sys.version_info[1]}"} | {name: version(name) for name in _LIBRARIES}
READER = " ".join(("23", *(f"{name}-{number}" for name, number in _VERSIONS.items())))
"""How files are turned into text, and text into words; where it changes, everything must be read and counted again."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done and how many there are."""

_SLAB = 256
"""Passages that are encoded before their vectors are put aside."""
_COPIED = 4096
"""Passages whose vectors are copied at once."""
_READ = 200
"""Documents that are read again, with their passages, after a build that took them over as they were."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: the manifest that is current now, and how many passages had to be encoded for it."""

    manifest: Manifest
    changed: bool
    """Whether a new generation was published; not when nothing in the corpus had changed."""
    encoded: int
    """Passages."""


class Changes(NamedTuple):
    """How the files of a corpus differ from those an index was built from, as paths below its folder."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    """From where, to where."""

    def __bool__(self) -> bool:
        return any(map(len, self))


def build(
    corpus: Path,
    root: Path,
    encoder: Encoder,
    progress: Progress | None = None,
    *,
    full: bool = False,
    strict: bool = False,
    allow_empty: bool = False,
) -> Built:
    """Read `corpus`, encode what is new, and publish the result as the current generation of the index at `root`.

    Passages whose vectors the current generation has, or an interrupted build computed, are not encoded again
    unless `full`. With `strict`, a file that cannot be read stops the build; unless `allow_empty`, so does a folder
    in which there is nothing to quote. Raises CorpusError or IndexUnusable; the index that was there then stays as
    it was.
    """
    if Path(os.path.realpath(root)).is_relative_to(os.path.realpath(corpus)):
        raise CorpusError(
            f"The index ({root}) must not lie in the folder of documents ({corpus}), or it would be read as one. "
            "Choose another with --index or FOOTNOTE_INDEX."
        )
    if not corpus.is_dir():  # before a folder is made for the index
        read_documents(corpus)
    with locked(root, "build"):
        generations.sweep(root)
        before = None if full else _Before.of(root, encoder)
        known = before.files if before else None
        read = read_documents(corpus, known, _stage(progress, "reading"), allow_empty=allow_empty)
        failed = [notice for notice in read.notices if notice.kind is NoticeKind.FAILED]
        if strict and failed:
            shown = "".join(f"\n  {notice}" for notice in failed)
            raise CorpusError(
                "Not everything could be read, so with --strict nothing was built. Repair or remove these, or build "
                f"without --strict:{shown}"
            )
        unfinished = Unfinished(root, encoder.sha256, encoder.dimension)
        if before and before.holds(read, corpus) and generations.may_return(root, before.opened.manifest.generation):
            unfinished.remove()
            generations.prune(root, generations.KEPT)
            return Built(before.opened.manifest, changed=False, encoded=0)
        maker = _Maker(encoder, progress, before, None if full else unfinished)
        try:
            index = maker.make(read.documents, allow_empty)
        except OSError as error:  # of putting vectors aside
            raise generations.unwritable(root, error) from error
        finally:
            _keep(unfinished)
        before = maker.before = None  # as large in memory as what is written and opened again now
        try:
            manifest = generations.publish(
                root,
                index,
                Model(encoder.name, encoder.sha256, encoder.dimension, encoder.runtime),
                splitter=_splitter(encoder),
                notices=read.notices,
                origin=Origin(str(corpus.resolve()), READER, read.files, maker.shinglings, maker.words),
                check=lambda opened: _check(opened, encoder, maker.new),
            )
        except IndexCorrupt:  # perhaps by the vectors that were put aside, so the next build must not take them
            unfinished.remove()
            raise
        unfinished.remove()
        return Built(manifest, changed=True, encoded=maker.encoded)


def make_index(documents: tuple[Document, ...], encoder: Encoder, progress: Progress | None = None) -> Index:
    """Split, encode and index documents, in memory."""
    return _Maker(encoder, progress).make(documents)


def changes_since(root: Path, corpus: Path | None = None) -> Changes | None:
    """What changed in the corpus since the current generation was built; None where its folder is gone."""
    manifest, sources = generations.read_current_sources(root)
    folder = corpus or Path(manifest.corpus)
    if not folder.is_dir():
        return None
    before = {source.path: source.sha256 for source in sources}
    now = fingerprints(folder)
    added, removed = sorted(now.keys() - before.keys()), sorted(before.keys() - now.keys())
    places = defaultdict(list)
    for path in reversed(added):
        places[now[path]].append(path)
    moved = [(path, places[before[path]].pop()) for path in removed if places[before[path]]]
    added = sorted(set(added) - {to for _, to in moved})
    removed = sorted(set(removed) - {path for path, _ in moved})
    changed = sorted(path for path in now.keys() & before.keys() if now[path] != before[path])
    return Changes(tuple(added), tuple(changed), tuple(removed), tuple(moved))


@dataclass(frozen=True, slots=True)
class _Before:
    """The current generation, as far as the next one can reuse it."""

    opened: Opened
    files: Mapping[str, SourceFile]
    """Those that need not be parsed again while they stay as they are."""
    fingerprints: Mapping[str, str]
    reads_alike: bool
    """Whether files were turned into text, and text into words, as they would be now."""
    shinglings: Mapping[str, Shingling]
    words: Words | None
    documents: Mapping[str, Document]

    @classmethod
    def of(cls, root: Path, encoder: Encoder) -> "_Before | None":
        """None where there is none, or it is damaged, or of another model or version: then all is built anew."""
        try:
            opened = generations.open_current(root, encoder.sha256, whole=True)
            sources = generations.sources_of(root, opened)
            reads_alike = opened.manifest.reader == READER
            known = generations.shinglings_of(root, opened) if reads_alike else {}
            words = generations.words_of(root, opened) if reads_alike else None
        except IndexUnusable:
            return None
        if opened.manifest.splitter != _splitter(encoder):
            return None
        documents = dict(zip(opened.index.ids, opened.index.documents, strict=True))
        files = {
            source.path: SourceFile(
                source.path,
                source.sha256,
                source.size,
                tuple(documents[key] for key in source.documents),
                source.notices,
            )
            for source in sources
            if source.documents is not None and reads_alike
        }
        fingerprints = {source.path: source.sha256 for source in sources}
        return cls(opened, files, fingerprints, reads_alike, known, words, documents)

    def holds(self, read: Corpus, corpus: Path) -> bool:
        """Whether a new generation would be the same."""
        manifest = self.opened.manifest
        return (
            self.reads_alike
            and manifest.corpus == str(corpus.resolve())
            and manifest.notices == read.notices
            and self.fingerprints == {file.path: file.sha256 for file in read.files}
            and tuple(self.documents.values()) == read.documents
        )


@dataclass
class _Maker:
    """Makes an index of documents with what an earlier index and an interrupted build have of it."""

    encoder: Encoder
    progress: Progress | None = None
    before: "_Before | None" = None
    unfinished: Unfinished | None = None
    encoded: int = 0
    shinglings: Mapping[str, Shingling] = field(default_factory=dict)
    words: Words = field(default_factory=lambda: Words.of(()))
    new: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Where the documents stand whose passages are not those of the index before."""

    def make(self, documents: tuple[Document, ...], allow_empty: bool = False) -> Index:
        before = self.before.opened.index if self.before else None
        known = self.before.documents if self.before else {}
        made = reuse.cut(self._reported(documents), before, known, lambda document: split(document, self.encoder))
        passages, table = reuse.spliced(made, before)
        self.new = made.new
        if not passages and not allow_empty:
            raise CorpusError(
                f"The documents hold headings only, no text that could be quoted. Add some and build again. {EMPTY}"
            )
        self.encoder.settle(mapped(passages, attrgetter("text")))
        plan = reuse.plan(documents, made.fresh, made.places, before, self.encoder)
        vectors = self._vectors(table, plan, before)
        self.shinglings = shinglings(documents, self.before.shinglings if self.before else None)
        self.words = self._words(documents)
        return TabledIndex(
            documents=documents,
            passages=passages,
            passage_vectors=vectors.passages,
            sentence_vectors=vectors.sentences,
            lexical=self._lexical(documents, passages, plan),
            vocabulary=Vocabulary.counted(self.words),
            copies=find_copies(documents, self.shinglings),
            coarse=coarse_vectors(vectors.passages, self._lists(plan)),
            table=table,
        )

    def _reported(self, documents: Sequence[Document]) -> Iterator[Document]:
        for done, document in enumerate(documents, 1):
            yield document
            if self.progress:
                self.progress("splitting", done, len(documents))

    def _lists(self, plan: Plan) -> Lists | None:
        """What the index before has of a coarse one, where that was made as it would be now."""
        if self.before is None or not self.before.reads_alike:
            return None
        index = self.before.opened.index
        return Lists(index.passage_vectors, index.coarse, plan.places) if index.coarse else None

    def _words(self, documents: Sequence[Document]) -> Words:
        """How often the documents hold words: of those that stayed the same they are not counted again."""
        if self.before is None or self.before.words is None:
            return Words.of(documents)
        known, now = self.before.documents, {document.id: document for document in documents}
        return Words.of(
            [document for key, document in now.items() if not same_text(known.get(key), document)],
            [document for key, document in known.items() if not same_text(now.get(key), document)],
            self.before.words,
        )

    def _lexical(self, documents: Sequence[Document], passages: Sequence[Passage], plan: Plan) -> Lexical:
        """The postings of all passages: those of the index before where its words are counted as they would be now."""
        old = Lexical.of([])
        if self.before and self.before.reads_alike:
            old = self.before.opened.index.lexical
        elif self.before:
            plan = reuse.plan(documents, passages, np.arange(len(passages)), None, self.encoder)
        return old.renewed(plan.places, [window.text for window in plan.windows])

    def _vectors(self, table: npt.NDArray[Any], plan: Plan, before: Index | None) -> Stored:
        """The vectors of all passages: the codes of the index before where that has them, else new ones."""
        made = Stored.room(table, self.encoder.dimension)
        if before:
            old = Stored.of(before)
            kept = np.flatnonzero(plan.places < plan.size)
            for first in range(0, len(kept), _COPIED):
                rows = kept[first : first + _COPIED]
                made.copy(old, plan.places[rows], rows)
        rows_of = defaultdict(list)
        for row in np.flatnonzero(plan.places >= plan.size).tolist():
            rows_of[int(plan.places[row]) - plan.size].append(row)
        for numbers, vectors in self._encode(plan.windows):
            pairs = [(place, row) for place, number in enumerate(numbers) for row in rows_of[number]]
            places, rows = np.array(pairs, dtype=np.int64).T
            made.copy(Stored.encoded(vectors), places, rows)
        return made

    def _encode(self, windows: Sequence[Window]) -> Iterator[tuple[list[int], list[Vectors]]]:
        """Encode windows in slabs of similar length and put their vectors aside as they come; first those known.

        Yields which windows have been encoded, and the vectors of each.
        """
        missing: list[int] = []
        for number, window in enumerate(windows):
            known = self.unfinished.get(window) if self.unfinished else None
            if known is None or len(known) != 1 + len(window.sentences):
                missing.append(number)
            else:
                yield [number], [known]
        missing.sort(key=lambda number: len(windows[number].text), reverse=True)
        self.encoded = len(missing)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if self.progress:
                self.progress("passages", done, len(missing))

        for first in range(0, len(missing), _SLAB):
            numbers = missing[first : first + _SLAB]
            slab = [windows[number] for number in numbers]
            vectors = self.encoder.encode_windows(slab, advance)
            if self.unfinished:
                self.unfinished.add(slab, vectors)
            yield numbers, vectors


def _keep(unfinished: Unfinished) -> None:
    try:
        unfinished.save()
    except OSError:  # what matters is said by whatever stops the build
        return


def _check(opened: Opened, encoder: Encoder, new: Rows) -> None:
    """Read the documents that are new, by where they stand, and some of the others, which are as they were."""
    spread = np.linspace(0, len(opened.index.documents) - 1, _READ).astype(np.int64)
    places = np.union1d(new, spread) if opened.index.documents else new
    for problem in (*verification.problems(opened, places), *verification.misplaced(opened, encoder)):
        raise IndexCorrupt(
            f"The index that was just built does not hold together and is not served: {problem} "
            "Build all of it anew: python -m embeddings build --full"
        )


def _splitter(encoder: Encoder) -> dict[str, int | str]:
    return {
        "version": VERSION,
        "max_tokens": most_tokens(encoder),
        "max_chars": MAX_CHARS,
        "title_tokens": TITLE_TOKENS,
        "sentencex": version("sentencex"),
        "markdown-it-py": version("markdown-it-py"),
    }


def _stage(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return (lambda done, total: progress(what, done, total)) if progress else None
