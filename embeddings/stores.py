"""Where the index is that is served: in a folder, or in an engine that several machines ask."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from embeddings import generations
from embeddings.generations import Manifest, Opened
from embeddings.storage import Source

_ALIAS = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FORM = (
    "write milvus://HOST:19530 or milvus+tls://HOST:19530, behind it /DATABASE and ?alias=NAME where they are not the "
    "default ones, or milvus:///PATH/NAME.db for Milvus Lite; the password belongs into FOOTNOTE_STORE_TOKEN"
)


@dataclass(frozen=True, slots=True)
class Address:
    """An alias in a Milvus: what is behind it is served."""

    uri: str
    database: str = ""
    alias: str = "footnote"

    def __str__(self) -> str:
        return f"{self.uri}, alias {self.alias}"


def read_address(text: str) -> Address | None:
    """The address that FOOTNOTE_STORE gives; None for an empty one. Raises ValueError.

    >>> read_address("milvus://db.example:19530/news?alias=bot")
    Address(uri='http://db.example:19530', database='news', alias='bot')
    """
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port or 19530
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError as error:
        raise ValueError(_FORM) from error
    alias = options.pop("alias", "footnote")
    wrong = options or parts.username is not None or parts.fragment or not _ALIAS.fullmatch(alias)
    if wrong or parts.scheme not in ("milvus", "milvus+tls"):
        raise ValueError(_FORM)
    if parts.hostname:
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return Address(f"http{'s' * parts.scheme.endswith('tls')}://{host}:{port}", parts.path.strip("/"), alias)
    if not parts.path.endswith(".db"):
        raise ValueError(_FORM)
    return Address(parts.path, alias=alias)


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

    Of several corpora each has an alias of its own. Raises BadSetting where the engine's client is not installed.
    """
    if address is None:
        return Folder(root)
    from embeddings.milvus.store import Milvus

    if corpus:  # whose names have "-", which an alias has not, and no capitals
        address = replace(address, alias=f"{address.alias}_{corpus.replace('-', 'H')}")
    return Milvus(address, token)
