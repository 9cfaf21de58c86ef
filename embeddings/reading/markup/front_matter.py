"""What the front matter of a Markdown file declares: YAML whose scalars stay text, else read line by line; or TOML."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import yaml

from embeddings.reading.formats import one_line, summary

MAX_FRONT_MATTER = 64 * 1024
"""Longest front matter that is read, in characters; what is longer is a text between two rules."""

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\r?\n(?P<toml>.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
"""As Hugo's pages have it."""
_KEYS = ("title", "subtitle", "published", "url", "about", "description", "aliases")
_ENTRY = re.compile(rf"^(?P<key>{'|'.join(_KEYS)})[ \t]*:(?=\s)(?P<value>[^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_LINE_OF_FIELDS = re.compile(r"""["']?[\w-]+(?: [\w-]+){0,2}["']?[ \t]*:(?:\s|$)|[\s#\-\[\]{}]|$""")
"""How a line of front matter begins, valid or not: a key of at most three words, or what belongs to a value."""


class _Alias(yaml.YAMLError):
    """A front matter that refers to another part of itself, by which a few lines can grow without end."""


class _FrontMatter(yaml.BaseLoader):
    """YAML whose scalars stay the text that they are, less what says nothing: no number or date is made of them."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _Alias
        return super().compose_node(parent, index)


_NULL = "tag:yaml.org,2002:null"
_FrontMatter.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_FrontMatter.add_constructor(_NULL, lambda loader, node: None)


def front_matter(text: str) -> tuple[Mapping[str, Any], int, list[str]]:
    """What front matter declares, where the text below it begins, and what could not be understood."""
    if match := _TOML.match(text):
        try:
            declared = tomllib.loads(match["toml"].replace("\r\n", "\n"))
        except (ValueError, RecursionError) as error:
            return {}, 0, [f"its front matter is not valid TOML ({summary(error)}) and was read as text"]
        found = {key: declared[key] for key in _KEYS if key in declared}
        return {key: value if isinstance(value, list) else str(value) for key, value in found.items()}, match.end(), []
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, 0, []
    source = match["yaml"]
    if len(source) > MAX_FRONT_MATTER:
        return {}, 0, [f"its front matter is longer than {MAX_FRONT_MATTER:,} characters and was read as text"]
    try:
        loaded = _FrontMatter(source).get_single_data()
    except Exception as error:  # nesting raises others than YAMLError
        if not all(_LINE_OF_FIELDS.match(line) for line in source.split("\n")):
            return {}, 0, [_no_fields(summary(error))]
        fields, reasons = _line_by_line(source)
        said = f"its front matter is not valid YAML ({summary(error)}) and was read line by line"
        if isinstance(error, _Alias):
            said = "aliases (`*name`) in its front matter are not read"
        return fields, match.end(), [said, *reasons]
    if loaded is not None and not isinstance(loaded, dict):
        return {}, 0, [_no_fields("not a list of `key: value` lines")]
    merged = ["merge keys (`<<`) in its front matter are not read"] if loaded and "<<" in loaded else []
    return loaded or {}, match.end(), merged


def _no_fields(why: str) -> str:
    return f"what stands between two rules (`---`) at its top is no front matter ({why}) and was read as text"


def _line_by_line(source: str) -> tuple[dict[str, Any], list[str]]:
    """The known keys of front matter that is not valid as a whole, each by itself: as YAML, else as it stands."""
    fields: dict[str, Any] = {}
    reasons = []
    for key, entry in {match["key"]: match for match in _ENTRY.finditer(source)}.items():
        try:
            fields[key] = _FrontMatter(entry[0]).get_single_data()[key]
        except _Alias:
            reasons.append(f"its `{key}` refers to another line (`*name`) and was left out")
        except Exception:  # such as a colon in a title without quotes
            fields[key] = one_line(entry["value"])
    return fields, reasons
