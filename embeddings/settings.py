"""Settings from the environment and `.env`: strict, and each with a default that works."""

import dataclasses
import difflib
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from dotenv import dotenv_values

from embeddings.corpora import Corpus, read_corpora
from embeddings.errors import BadSetting
from embeddings.models import DEFAULT_MODEL


def setting(variable: str, default: str, meaning: str, parse: Callable[[str], Any] = str) -> Any:
    """A field of a settings class that is read from an environment variable.

    `parse` turns its text into the value and raises ValueError, with what would be right, otherwise.
    """
    metadata = {"variable": variable, "default": default, "meaning": meaning, "parse": parse}
    return dataclasses.field(metadata=metadata)


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Where documents and index are, and which model encodes them."""

    corpus: Path = setting("FOOTNOTE_CORPUS", "seeds", "The folder of documents.", Path)
    index: Path = setting("FOOTNOTE_INDEX", "index", "The folder the index is kept in.", Path)
    model: str = setting(
        "FOOTNOTE_MODEL", DEFAULT_MODEL, "The embedding model: a folder, or a name already on this machine."
    )
    corpora: tuple[Corpus, ...] = setting(
        "FOOTNOTE_CORPORA",
        "",
        "A TOML file that names several folders of documents, and who sees which.",
        lambda text: read_corpora(Path(text)) if text else (),
    )

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """Read every field from `environment`; empty values count as not set. Raises BadSetting."""
        values = {}
        known = [field.metadata["variable"] for field in dataclasses.fields(cls)]
        for name in environment:
            meant = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if name.startswith("FOOTNOTE_") and name not in known and meant:
                raise BadSetting(f"There is no setting {name}. Did you mean {meant[0]}? See .env.example.")
        for field in dataclasses.fields(cls):
            variable = field.metadata["variable"]
            text = environment.get(variable, "").strip() or field.metadata["default"]
            try:
                values[field.name] = field.metadata["parse"](text)
            except ValueError as error:
                raise BadSetting(f"{variable}={text!r} cannot be used: {error}.") from error
        return cls(**values)


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
