"""Settings from the environment and `.env`: strict, and each with a default that works."""

import dataclasses
import difflib
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from dotenv import dotenv_values

from embeddings.corpora import Corpus, read_corpora
from embeddings.encoding.models import DEFAULT_MODEL
from embeddings.errors import BadSetting
from embeddings.storing.addresses import Address, read_address

RENAMED: Mapping[str, str] = {
    "FOOTNOTE_DOCUMENTS": "FOOTNOTE_CORPUS",
    "FOOTNOTE_SERVER": "FOOTNOTE_GUILD",
    "FOOTNOTE_TOKEN": "DISCORD_TOKEN",
}
"""Names that a setting had in an earlier version, or is likely to be given, and what it is called."""


class Secret(str):
    """A text that does not show itself in the `repr` of what holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('…')" if self else "Secret('')"


def setting(variable: str, default: str, meaning: str, parse: Callable[[str], Any] = str) -> Any:
    """A field of a settings class that is read from an environment variable.

    `parse` turns its text into the value and raises ValueError, with what would be right, otherwise.
    """
    metadata = {"variable": variable, "default": default, "meaning": meaning, "parse": parse}
    return dataclasses.field(metadata=metadata)


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Where documents and index are, and which model encodes them."""

    _nearness: ClassVar[float] = 0.85
    """How much an unknown variable is like one of these settings (difflib's ratio) where it is taken for a slip."""

    corpus: Path = setting("FOOTNOTE_CORPUS", "seeds", "The folder of documents.", Path)
    index: Path = setting("FOOTNOTE_INDEX", "index", "The folder the index is kept in.", Path)
    model: str = setting(
        "FOOTNOTE_MODEL", DEFAULT_MODEL, "The embedding model: a folder, or a name already on this machine."
    )
    store: Address | None = setting(
        "FOOTNOTE_STORE",
        "",
        "The Milvus that the index is served from, beside its folder: milvus://host:19530; empty for the folder.",
        read_address,
    )
    store_token: Secret = setting("FOOTNOTE_STORE_TOKEN", "", "What Milvus asks for: user:password, or a key.", Secret)
    corpora: tuple[Corpus, ...] = setting(
        "FOOTNOTE_CORPORA",
        "",
        "A TOML file that names several folders of documents, and who sees which.",
        lambda text: read_corpora(Path(text)) if text else (),
    )

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """Read every field from `environment`; empty values count as not set. Raises BadSetting."""
        for problem in cls.problems(environment).values():
            raise BadSetting(problem)
        return cls(**{field.name: _value(field, environment) for field in dataclasses.fields(cls)})

    @classmethod
    def problems(cls, environment: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with each variable that cannot be used, as sentences: those that do not exist, then values."""
        known = {field.metadata["variable"]: field for field in dataclasses.fields(cls)}
        found = {}
        for name in environment:
            if name.startswith("FOOTNOTE_") and name not in known and (unknown := cls._unknown(name, list(known))):
                found[name] = unknown
        for name, field in known.items():
            try:
                _value(field, environment)
            except ValueError as error:
                shown = re.sub("//[^/]*@", "//…@", environment[name].strip())  # a password has no place there
                found[name] = f"{name}={shown!r} cannot be used: {error}."
        return found

    @classmethod
    def variables(cls) -> list[str]:
        """The names of all settings."""
        return [field.metadata["variable"] for field in dataclasses.fields(cls)]

    @classmethod
    def _unknown(cls, name: str, known: Sequence[str]) -> str | None:
        """A sentence on a variable that is none of ours; None where it may be one that only the bot knows."""
        if name in RENAMED:
            return f"There is no setting {name}: it is called {RENAMED[name]}. Rename it; its value can stay."
        meant = difflib.get_close_matches(name, known, n=1, cutoff=cls._nearness)
        return f"There is no setting {name}. Did you mean {meant[0]}? See .env.example." if meant else None


def _value(field: dataclasses.Field[Any], environment: Mapping[str, str]) -> Any:
    """The value of a field. Raises ValueError."""
    return field.metadata["parse"](environment.get(field.metadata["variable"], "").strip() or field.metadata["default"])


def environment(dotenv: Path = Path(".env")) -> dict[str, str]:
    """The variables of `.env`, if there is one, overridden by those of the process."""
    try:
        values = {key: value for key, value in dotenv_values(dotenv).items() if value is not None}
    except (UnicodeDecodeError, OSError) as error:
        raise BadSetting(f"{dotenv} cannot be read ({error}). Save it as UTF-8 text.") from error
    return values | dict(os.environ)


def use_utf8() -> None:
    """Make standard streams UTF-8 whatever the locale says, and let `| head` end a command quietly."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
