"""Build an index from a folder of documents, offline, encoding only what no earlier build has encoded."""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from embeddings import generations, verification
from embeddings.documents import EMPTY, Corpus, Document, NoticeKind, SourceFile, fingerprints, read_documents
from embeddings.duplicates import find_copies
from embeddings.encoder import Encoder, Vectors, Window
from embeddings.errors import CorpusError, IndexCorrupt, IndexUnusable
from embeddings.generations import Manifest, Model, Opened, Origin
from embeddings.index import Index, Rows, compact_vectors, exact_vectors, shares_first
from embeddings.lexical import Lexical
from embeddings.lock import locked
from embeddings.passages import MAX_CHARS, TITLE_TOKENS, Passage, Tokenizer, split, text_for_encoder
from embeddings.unfinished import Unfinished
from embeddings.vocabulary import Vocabulary

_LIBRARIES = (
    "charset-normalizer",
    "docutils",
    "lxml",
    "markdown-it-py",
    "pypdf",
    "python-docx",
    "PyYAML",
    "trafilatura",
)
_VERSIONS = {"Python": f"{sys.version_info[0]}.{sys.version_info[1]}"} | {name: version(name) for name in _LIBRARIES}
READER = " ".join(("3", *(f"{name}-{number}" for name, number in _VERSIONS.items())))
"""How files are turned into text; where it changes, everything must be read again."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done and how many there are."""

_SLAB = 256
"""Passages that are encoded before their vectors are put aside."""


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
        if before and before.holds(read, corpus) and not generations.damage(root, before.opened.manifest.generation):
            unfinished.remove()
            generations.prune(root, generations.KEPT)
            return Built(before.opened.manifest, changed=False, encoded=0)
        maker = _Maker(encoder, progress, before.opened.index if before else None, None if full else unfinished)
        try:
            index = maker.make(read.documents, allow_empty)
        except OSError as error:  # of putting vectors aside
            raise generations.unwritable(root, error) from error
        finally:
            _keep(unfinished)
        try:
            manifest = generations.publish(
                root,
                index,
                Model(encoder.name, encoder.sha256, encoder.dimension, encoder.runtime),
                splitter=_splitter(encoder),
                notices=read.notices,
                origin=Origin(str(corpus.resolve()), READER, read.files),
                check=lambda opened: _check(opened, encoder),
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

    @classmethod
    def of(cls, root: Path, encoder: Encoder) -> "_Before | None":
        """None where there is none, or it is damaged, or of another model or version: then all is built anew."""
        try:
            opened = generations.open_current(root, encoder.sha256)
        except IndexUnusable:
            return None
        manifest = opened.manifest
        if manifest.splitter != _splitter(encoder):
            return None
        document_of = opened.index.document_of
        sources = generations.sources_of(root, manifest)
        files = {
            source.path: SourceFile(
                source.path,
                source.sha256,
                source.size,
                tuple(document_of[key] for key in source.documents),
                source.notices,
            )
            for source in sources
            if source.documents is not None and manifest.reader == READER
        }
        return cls(opened, files, {source.path: source.sha256 for source in sources})

    def holds(self, read: Corpus, corpus: Path) -> bool:
        """Whether a new generation would be the same."""
        manifest = self.opened.manifest
        return (
            manifest.reader == READER
            and manifest.corpus == str(corpus.resolve())
            and manifest.notices == read.notices
            and self.opened.index.documents == read.documents
            and self.fingerprints == {file.path: file.sha256 for file in read.files}
        )


@dataclass
class _Maker:
    """Makes an index of documents with what an earlier index and an interrupted build have of it."""

    encoder: Encoder
    progress: Progress | None = None
    before: Index | None = None
    unfinished: Unfinished | None = None
    encoded: int = 0

    def make(self, documents: tuple[Document, ...], allow_empty: bool = False) -> Index:
        passages: list[Passage] = []
        for done, document in enumerate(documents, 1):
            passages += self._passages(document)
            if self.progress:
                self.progress("splitting", done, len(documents))
        if not passages and not allow_empty:
            raise CorpusError(
                f"The documents hold headings only, no text that could be quoted. Add some and build again. {EMPTY}"
            )
        windows = _windows(documents, passages, self.encoder)
        texts = [window.text for window in windows]
        self.encoder.settle(texts)
        passage_vectors, sentence_vectors = self._vectors(windows)
        return Index(
            documents=documents,
            passages=tuple(passages),
            passage_vectors=passage_vectors,
            sentence_vectors=sentence_vectors,
            lexical=Lexical.of(texts),
            vocabulary=Vocabulary.of(documents),
            copies=find_copies(documents),
        )

    def _passages(self, document: Document) -> Sequence[Passage]:
        old = self.before.document_of.get(document.id) if self.before else None
        if self.before and old and (old.label, old.text) == (document.label, document.text):
            return self.before.passages_of[document.id]
        return split(document, self.encoder)

    def _vectors(self, windows: Sequence[Window]) -> tuple[faiss.Index, faiss.Index]:
        """The vectors of passages and of sentences: the codes of the old ones where it had the window, else new ones.

        A window brings its passage's row and a row for each of its sentences, which follow those of the windows before.
        """
        old = self.before
        old_windows = _windows(old.documents, old.passages, self.encoder) if old else []
        place_of = {window: place for place, window in enumerate(old_windows)}
        new = list(dict.fromkeys(window for window in windows if window not in place_of))
        place_of |= {window: len(old_windows) + place for place, window in enumerate(new)}
        fresh = self._encode(new)
        places = np.array([place_of[window] for window in windows], dtype=np.int64)
        counts = np.array([len(window.sentences) for window in (*old_windows, *new)], dtype=np.int64)
        firsts = np.cumsum(counts) - counts
        ends = np.cumsum(counts[places])
        rows = np.repeat(firsts[places] + counts[places] - ends, counts[places])
        rows += np.arange(len(rows))
        nothing = np.empty((0, self.encoder.dimension), dtype=np.float32)
        return (
            _combined(
                exact_vectors(np.stack([vectors[0] for vectors in fresh]) if fresh else nothing),
                old.passage_vectors if old else None,
                places,
            ),
            _combined(
                compact_vectors(np.concatenate([nothing, *(vectors[1:] for vectors in fresh)])),
                old.sentence_vectors if old else None,
                rows,
            ),
        )

    def _encode(self, windows: Sequence[Window]) -> list[Vectors]:
        """Encode windows in slabs of similar length, and put their vectors aside as they come."""
        found: dict[int, Vectors] = {}
        missing: list[int] = []
        for row, window in enumerate(windows):
            known = self.unfinished.get(window) if self.unfinished else None
            if known is None:
                missing.append(row)
            else:
                found[row] = known
        missing.sort(key=lambda row: len(windows[row].text), reverse=True)
        self.encoded = len(missing)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if self.progress:
                self.progress("passages", done, len(missing))

        for first in range(0, len(missing), _SLAB):
            rows = missing[first : first + _SLAB]
            slab = [windows[row] for row in rows]
            vectors = self.encoder.encode_windows(slab, advance)
            found |= zip(rows, vectors, strict=True)
            if self.unfinished:
                self.unfinished.add(slab, vectors)
        return [found[row] for row in range(len(windows))]


def _windows(documents: Sequence[Document], passages: Sequence[Passage], tokenizer: Tokenizer) -> list[Window]:
    """Each passage as the model reads it, with those of its sentences that have no row of the passage before."""
    label_of = {document.id: document.label for document in documents}
    windows = []
    for passage, shared in zip(passages, shares_first(passages), strict=True):
        text = text_for_encoder(label_of[passage.document_id], passage.heading, passage.text, tokenizer)
        before = len(text) - len(passage.text) - passage.start
        windows.append(Window(text, tuple((a + before, b + before) for a, b in passage.sentences[shared:])))
    return windows


def _combined(fresh: faiss.Index, old: faiss.Index | None, rows: Rows) -> faiss.Index:
    """An index of the kind of `fresh` with these rows of the old one followed by the fresh one, code by code."""
    codes = _codes(fresh) if old is None else np.concatenate([_codes(old), _codes(fresh)])
    fresh.reset()
    fresh.add_sa_codes(codes[rows])
    return fresh


def _codes(vectors: faiss.Index) -> npt.NDArray[np.uint8]:
    """The bytes of each vector as FAISS keeps them, of shape (vectors, bytes a vector)."""
    stored: Any = vectors  # both kinds that an index has keep codes, which the common type does not say
    codes: npt.NDArray[np.uint8] = faiss.vector_to_array(stored.codes).reshape(-1, vectors.sa_code_size())
    return codes


def _keep(unfinished: Unfinished) -> None:
    try:
        unfinished.save()
    except OSError:  # what matters is said by whatever stops the build
        return


def _check(opened: Opened, encoder: Encoder) -> None:
    for problem in (*verification.problems(opened), *verification.misplaced(opened, encoder)):
        raise IndexCorrupt(
            f"The index that was just built does not hold together and is not served: {problem} "
            "Build all of it anew: python -m embeddings build --full"
        )


def _splitter(encoder: Encoder) -> dict[str, int | str]:
    return {
        "max_tokens": encoder.max_tokens,
        "max_chars": MAX_CHARS,
        "title_tokens": TITLE_TOKENS,
        "sentencex": version("sentencex"),
        "markdown-it-py": version("markdown-it-py"),
    }


def _stage(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return (lambda done, total: progress(what, done, total)) if progress else None
