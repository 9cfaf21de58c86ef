"""MDX as Markdown: without what it imports, exports and comments, and without the tags of its components."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^[ \t]*+(?P<mark>`{3,}+|~{3,}+)(?P<rest>[^\n]*+)\n?", re.MULTILINE)
_MODULE = re.compile(r"(?P<before>\A\s*+|\n[ \t]*+\n)(?:import|export)[ \t][^\n]*+(?:\n[ \t]*+\S[^\n]*+)*+")
_HIDDEN = re.compile(
    r"(?P<code>`[^`\n]++`)"
    r"|\{/\*[^*{]*+(?:\*(?!/)[^*{]*+)*+\*/\}"
    r"""|</?(?:[A-Za-z][\w.-]*+(?=[\s/>])(?:[^<>{}"']|"[^"<]*+"|'[^'<]*+'|\{(?:[^{}<]|\{[^{}<]*+\})*+\})*+)?>"""
)
"""Code, which stays; a comment; a tag. None goes on behind the next `{` or `<`, so that none is looked for twice."""


def without_components(text: str) -> str:
    """The Markdown that stands in an MDX text; code is left as it is.

    >>> without_components('import Tip from "./tip"\\n\\n<Tip kind="new">Press `<Tab>`.</Tip>')
    'Press `<Tab>`.'
    """
    shown = "".join(part if code else _without(part) for part, code in _parts(text))
    return shown.lstrip("\n")


def _without(text: str) -> str:
    text = _MODULE.sub(lambda found: found["before"], text)
    return _HIDDEN.sub(lambda found: found["code"] or "", text)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text in parts, each with whether it is a block of code between fences."""
    start, opened = 0, ""
    for fence in _FENCE.finditer(text):
        mark = fence["mark"]
        if not opened and "`" not in fence["rest"]:
            yield text[start : fence.start()], False
            start, opened = fence.start(), mark
        elif opened and mark.startswith(opened) and not fence["rest"].strip():
            yield text[start : fence.end()], True
            start, opened = fence.end(), ""
    yield text[start:], bool(opened)
