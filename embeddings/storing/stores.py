"""Where the index is that is served: in a folder, or in an engine that several machines ask."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from embeddings.storing import generations
from embeddings.storing.addresses import Address
from embeddings.storing.generations import Manifest, Opened
from embeddings.storing.storage import Source


class Store(Protocol):
    """What holds the generations of an index, one of which is the current one."""

    def pointer(self) -> str | None:
        """What names the current generation, another text after each change; None without one. May raise OSError."""

    def exists(self) -> bool:
        """Whether there was ever a current generation."""

    def manifest(self) -> Manifest:
        """The manifest of the current generation. Raises IndexUnusable."""

    def open(self, model_sha256: str | None = None, *, whole: bool = False) -> Opened:
        """Open the current generation: see `generations.open_current`. Raises IndexUnusable."""

    def sources(self, opened: Opened) -> list[Source]:
        """The files of the corpus that a generation was built from. Raises IndexCorrupt."""

    def follow(self, root: Path) -> None:
        """Serve what the index in a folder serves, and keep no generation that it no longer has.

        Raises IndexUnusable; then what was served still is.
        """

    def problems(self, root: Path, name: str) -> list[str]:
        """How what is kept here of a generation differs from that in a folder, as sentences."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The index in a folder, as it is built."""

    root: Path

    def pointer(self) -> str | None:
        """See Store."""
        return generations.pointer(self.root)

    def exists(self) -> bool:
        """See Store."""
        return generations.exists(self.root)

    def manifest(self) -> Manifest:
        """See Store."""
        return generations.read_manifest(self.root)

    def open(self, model_sha256: str | None = None, *, whole: bool = False) -> Opened:
        """See Store."""
        return generations.open_current(self.root, model_sha256, whole=whole)

    def sources(self, opened: Opened) -> list[Source]:
        """See Store."""
        return generations.sources_of(self.root, opened)

    def follow(self, root: Path) -> None:
        """See Store: this is that folder."""

    def problems(self, root: Path, name: str) -> list[str]:
        """See Store."""
        return []


def store_of(root: Path, address: Address | None, token: str = "", corpus: str = "") -> Store:
    """Where the index of a corpus is served from: the folder it is built in, unless there is an address.

    Raises BadSetting where the engine's client is not installed.
    """
    if address is None:
        return Folder(root)
    from embeddings.storing.milvus.store import Milvus

    return Milvus(address_of(address, corpus), token)


def address_of(address: Address, corpus: str) -> Address:
    """The address of a corpus: of several each has an alias of its own."""
    if not corpus:
        return address
    return replace(address, alias=f"{address.alias}_{corpus.replace('-', 'H')}")  # no alias has "-", no name capitals
