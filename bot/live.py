"""The index that is served, opened at the start and again whenever another generation becomes the current one."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from bot.answering.answerer import Answerer
from bot.reader.reading import Reader
from embeddings.encoding.encoder import Encoder
from embeddings.errors import FootnoteError, IndexUnusable
from embeddings.reading.documents import Document
from embeddings.records import mapped
from embeddings.searching.index import Index
from embeddings.splitting.passages import Passage
from embeddings.storing.generations import Opened
from embeddings.storing.storage import Source
from embeddings.storing.stores import Folder, Store

EVERY, AGAIN = 2.0, 60.0
"""Seconds between two looks at `CURRENT`, and until an index that could not be opened is tried once more."""

_TEXT: Callable[[Passage], str] = attrgetter("text")
_OF_MANY = {".jsonl", ".mbox"}
"""Files of many documents, whose ids are no paths."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What `CURRENT` said, why that could not be opened, and when to try it again."""

    pointer: str | None
    reason: str
    until: float


class Live:
    """Opens the current generation of an index, and each one that becomes current later.

    It keeps none of them: an index is let go when the last one who uses it is done. `every` and `again`
    are in seconds, as EVERY and AGAIN; `root` is its folder, or what it is served from instead. `make` makes what
    answers; see `addressed` for `base`.
    """

    log = logging.getLogger("footnote")

    def __init__(
        self,
        root: Path | Store,
        encoder: Encoder,
        threshold: float,
        reader: Reader | None = None,
        make: Callable[[Opened, Encoder, float, Reader | None], Answerer] = Answerer,
        every: float = EVERY,
        again: float = AGAIN,
        base: str = "",
    ) -> None:
        self._store = Folder(root) if isinstance(root, Path) else root
        self._encoder = encoder
        self._threshold = threshold
        self._reader = reader
        self._make = make
        self._base = base
        self._every = every
        self._again = again
        self._opened: str | None = None
        self._refusal: _Refusal | None = None
        self._stopped = threading.Event()

    @property
    def problem(self) -> str | None:
        """Why the current generation is not the one that is served; None where it is."""
        return self._refusal.reason if self._refusal else None

    def open(self) -> Answerer:
        """Open the current generation. Raises IndexUnusable."""
        pointer = self._look()  # first, so that a change while it is opened is seen as one
        opened = self._store.open(self._encoder.sha256)
        if self._base:
            opened = addressed(opened, self._store.sources(opened), self._base)
        self._encoder.settle(mapped(opened.index.passages, _TEXT))
        _warm(opened.index)
        self._opened = pointer
        return self._make(opened, self._encoder, self._threshold, self._reader)

    def newer(self) -> Answerer | None:
        """The current generation if it is another one than was opened last; None if not, or if it is unusable.

        That is logged, once; it is tried again when `CURRENT` changes, and now and then.
        """
        pointer, began = self._look(), time.monotonic()
        if pointer == self._opened:
            self._refusal = None
            return None
        if self._refusal and self._refusal.pointer == pointer and began < self._refusal.until:
            return None
        try:
            answerer = self.open()
        except Exception as error:
            if self._look() == pointer:  # otherwise it was replaced meanwhile, and the next look finds the new one
                self._refuse(pointer, error)
            return None
        self._refusal = None
        self.log.info(
            "Answering from generation %s now: %d documents, %d passages, opened in %.1f s",
            answerer.source.generation,
            len(answerer.index.documents),
            len(answerer.index.passages),
            time.monotonic() - began,
        )
        return answerer

    def follow(self, serve: Callable[[Answerer], None]) -> None:
        """Look again and again, in a thread of its own, and hand on what is newer, until `stop`."""
        threading.Thread(target=self._follow, args=(serve,), name="live", daemon=True).start()

    def stop(self) -> None:
        """Hand nothing on any more. A generation that is just being opened is not waited for."""
        self._stopped.set()

    def _follow(self, serve: Callable[[Answerer], None]) -> None:
        while not self._stopped.wait(self._every):
            answerer = self.newer()
            if answerer and not self._stopped.is_set():
                serve(answerer)
            del answerer  # or it would be kept until the next one

    def _look(self) -> str | None:
        """What `CURRENT` says; None where it cannot be read, which opening the index explains."""
        try:
            return self._store.pointer()
        except (OSError, IndexUnusable):
            return None

    def _refuse(self, pointer: str | None, error: Exception) -> None:
        reason = str(error) if isinstance(error, FootnoteError) else repr(error)
        before, self._refusal = self._refusal, _Refusal(pointer, reason, time.monotonic() + self._again)
        if before is None or (before.pointer, before.reason) != (pointer, reason):
            unforeseen = None if isinstance(error, FootnoteError) else error
            self.log.error("The index before is still served. %s", reason, exc_info=unforeseen)


def addressed(opened: Opened, sources: Iterable[Source], base: str) -> Opened:
    """The same with an address for each document that names none and has a file of its own: its path below `base`.

    As documentation sites have it, that is without suffix, and without "index" at its end.
    """
    pages = {}
    for source in sources:
        path = PurePosixPath(source.path)
        if source.documents and path.suffix not in _OF_MANY:
            page = path.parent if path.stem == "index" else path.with_suffix("")
            below = quote(page.as_posix()) if page.name else ""
            pages[source.documents[0]] = f"{base.rstrip('/')}/{below}"

    def with_address(document: Document) -> Document:
        return document if document.url else replace(document, url=pages.get(document.id))

    return replace(opened, index=replace(opened.index, documents=mapped(opened.index.documents, with_address)))


def _warm(index: Index) -> None:
    """Compute what the index would compute at its first question."""
    for kind in type(index).__mro__:
        for name, found in vars(kind).items():
            if isinstance(found, cached_property):
                getattr(index, name)
