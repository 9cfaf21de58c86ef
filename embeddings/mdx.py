"""MDX as Markdown: without what it imports, exports and comments, and without the tags of its components."""

import re

from embeddings.markdown import parts

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
    shown = "".join(part if code else _without(part) for part, code in parts(text))
    return shown.lstrip("\n")


def _without(text: str) -> str:
    text = _MODULE.sub(lambda found: found["before"], text)
    return _HIDDEN.sub(lambda found: found["code"] or "", text)
