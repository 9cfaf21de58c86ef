"""The address of an engine that an index is served from."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

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
