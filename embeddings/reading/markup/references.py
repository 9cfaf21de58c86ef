"""Links of Markdown whose addresses stand elsewhere in the text, "[words][label]", written as those that have them."""

import re

from embeddings.reading.markup.markdown import CODE, outside_code

_DEFINITION = re.compile(
    r"^ {0,3}\[(?P<label>(?!\^)[^\[\]\n]{1,200})\]:[ \t]*+(?:<(?P<within>[^<>\n]*+)>|(?P<bare>[^\s<]\S*+))"
    r"(?:[ \t]++(?:\"[^\"\n]*+\"|'[^'\n]*+'|\([^()\n]*+\)))?+[ \t]*+(?:\n|\Z)",
    re.MULTILINE,
)
_REFERENCE = re.compile(
    rf"(?P<code>{CODE})|"
    rf"(?<![\\\[\]])(?P<words>!?\[(?P<own>(?:!\[[^\[\]\n]*+\]\([^()\s]*+\)|[^\[\]`\n]|{CODE})*+)\])"
    r"(?:\[(?P<label>[^\[\]\n]*+)\])?+(?![\[(:])"
)
_ADDRESS = re.compile(r"[/#.:@]")
_NOT_IN_ADDRESS = str.maketrans({" ": "%20", "(": "%28", ")": "%29"})


def linked(text: str) -> str:
    """The Markdown with every link and picture that names an address given elsewhere followed by it; without the
    lines that give them, which no page shows.

    >>> linked("See [the `FAQ`][faq] or [Matrix].\\n\\n[faq]: faq.md\\n[matrix]: <https://example.org/a b>\\n")
    'See [the `FAQ`](faq.md) or [Matrix](https://example.org/a%20b).\\n\\n'
    """
    if not _DEFINITION.search(text):
        return text
    addresses: dict[str, str] = {}

    def defined(found: re.Match[str]) -> str:
        address = found["within"] if found["within"] is not None else found["bare"]
        if not _ADDRESS.search(address):  # a remark: "[Note]: yes"
            return found[0]
        addresses.setdefault(_key(found["label"]), address.translate(_NOT_IN_ADDRESS))
        return ""

    def followed(found: re.Match[str]) -> str:
        address = None if found["code"] else addresses.get(_key(found["label"] or found["own"]))
        return found[0] if address is None else f"{found['words']}({address})"

    text = outside_code(text, lambda part: _DEFINITION.sub(defined, part))
    for _ in range(2):  # pictures, then links around them
        text = outside_code(text, lambda part: _REFERENCE.sub(followed, part))
    return text


def _key(label: str) -> str:
    """What labels that name the same address have in common."""
    return " ".join(label.casefold().split())
