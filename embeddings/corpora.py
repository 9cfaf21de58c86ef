"""Several folders of documents, each with an index of its own, as a TOML file names them."""

import difflib
import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Any

from embeddings.errors import BadRequest, BadSetting
from embeddings.files import read_text

ALL = "all"
"""What commands call all of them; none can have this name."""
_ADDRESS = re.compile(r"https?://[^\s<>()]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of documents, its index, and who may see it: see `bot.corpora`.

    Servers, channels and roles are ids of Discord; where there are none, it is open to each. `base` is the address that
    the pages of its files lie below, if they are on a site.
    """

    name: str
    documents: Path
    index: Path
    servers: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    direct: bool = False
    base: str = ""


def read_corpora(file: Path) -> tuple[Corpus, ...]:
    """The corpora of a file, in its order. Raises BadSetting, which says where what is wrong."""
    try:
        written = tomllib.loads(read_text(file).removeprefix("\ufeff"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{file}, which FOOTNOTE_CORPORA names, cannot be read: {error}.") from error
    except (ValueError, RecursionError) as error:  # also of a number or a nesting that has no end
        raise BadSetting(f"{file} is not TOML: {error}.") from error
    _check_keys(f"{file}", written, ["corpora"])
    tables = written.get("corpora")
    if not isinstance(tables, dict) or not tables:
        raise BadSetting(f"{file} names no corpus. Begin one with a line [corpora.manual].")
    corpora = tuple(_corpus(f"{file}, [corpora.{name}]", name, table) for name, table in tables.items())
    for one, other in combinations(corpora, 2):
        if one.index.resolve() == other.index.resolve():
            raise BadSetting(
                f"{file}: {one.name} and {other.name} have one index, {other.index}. Give each a folder of its own."
            )
        if _meet(one.documents, other.documents):
            raise BadSetting(
                f"{file}: {one.name} and {other.name} share documents, as {other.documents} and {one.documents} are "
                "not apart: what one may see, all may. Keep them in folders beside each other."
            )
    return corpora


def find_corpus(corpora: tuple[Corpus, ...], name: str) -> Corpus:
    """The corpus of a name. Raises BadRequest where there is none."""
    for corpus in corpora:
        if corpus.name == name:
            return corpus
    names = ", ".join(corpus.name for corpus in corpora)
    raise BadRequest(f"There is no corpus {name!r}. There are: {names}.")


def _corpus(where: str, name: str, table: object) -> Corpus:
    if not _NAME.fullmatch(name) or name == ALL:
        raise BadSetting(
            f"{where}: a corpus cannot be called {name!r}. Take up to 32 small letters, digits, - and _, not {ALL!r}."
        )
    if not isinstance(table, dict):
        raise BadSetting(f"{where} is no table. Begin it with a line [corpora.{name}].")
    known = fields(Corpus)[1:]
    _check_keys(where, table, [field.name for field in known])
    values: dict[str, Any] = {}
    for field in known:
        if field.name in table:
            values[field.name] = _READ[field.name](f"{where}, {field.name}", table[field.name])
        elif field.default is MISSING:
            raise BadSetting(f'{where} has no `{field.name}`. Name the folder: {field.name} = "{name}".')
    if values.get("direct") and values.get("roles"):
        raise BadSetting(f"{where}: nobody has roles in direct messages. Leave out either `direct` or `roles`.")
    return Corpus(name, **values)


def _check_keys(where: str, table: dict[str, Any], known: list[str]) -> None:
    for key in table:
        if key not in known:
            nearest = difflib.get_close_matches(key, known, n=1, cutoff=0)[0]
            raise BadSetting(f"{where}: there is no `{key}`. Did you mean `{nearest}`?")


def _folder(where: str, value: object) -> Path:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise BadSetting(f"{where}: {value!r} is no folder. Write its path in quotes.")
    return Path(value)


def _ids(where: str, value: object) -> frozenset[int]:
    ids = value if isinstance(value, list) else [value]
    wrong = [each for each in ids if type(each) is not int or not 0 < each < 2**63]
    if wrong or ids is not value:
        raise BadSetting(
            f"{where}: {[*wrong, value][0]!r} cannot be used. Write ids, the long numbers that Discord's developer "
            "mode copies, as [1234567890]."
        )
    return frozenset(ids)


def _switch(where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadSetting(f"{where}: {value!r} is neither true nor false.")
    return value


def address(text: str) -> str:
    """An address that pages lie below, or "". Raises ValueError for what is none."""
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError("it must be an address, like https://docs.example.org/guide")
    return text


def _base(where: str, value: object) -> str:
    try:
        return address(value if isinstance(value, str) else "?")
    except ValueError as error:
        raise BadSetting(f"{where}: {value!r} cannot be used: {error}.") from error


_READ = {
    "documents": _folder,
    "index": _folder,
    "servers": _ids,
    "channels": _ids,
    "roles": _ids,
    "direct": _switch,
    "base": _base,
}


def _meet(one: Path, other: Path) -> bool:
    """Whether two folders are the same, or one is within the other."""
    one, other = one.resolve(), other.resolve()
    return one.is_relative_to(other) or other.is_relative_to(one)
