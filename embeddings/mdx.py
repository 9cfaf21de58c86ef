"""MDX as Markdown: without what it imports, exports and comments, and its components as what they show."""

import re

from embeddings.markdown import parts

_MODULE = re.compile(r"(?P<before>\A\s*+|\n[ \t]*+\n)(?:import|export)[ \t][^\n]*+(?:\n[ \t]*+\S[^\n]*+)*+")
_COMMENT = r"\{/\*[^*{]*+(?:\*(?!/)[^*{]*+)*+\*/\}"
_QUOTED = r""""(?:[^"<]|<[^"<>]*+>)*+"|'(?:[^'<]|<[^'<>]*+>)*+'"""
_TAG = (
    r"(?:(?P<line>^[ \t]*+))?<(?P<ends>/)?(?:(?P<name>[A-Za-z][\w.-]*+)(?=[\s/>])"
    rf"(?P<given>(?:[^<>{{}}\"'/]|/(?!>)|{_QUOTED}|\{{(?:[^{{}}<]|\{{[^{{}}<]*+\}})*+\}})*+))?(?P<whole>/)?>"
    r"(?P<rest>(?=[ \t]*+$))?"
)
_HIDDEN = re.compile(rf"(?P<code>`[^`\n]++`)|{_COMMENT}|{_TAG}", re.MULTILINE)
"""Code, which stays; a comment; a tag. None goes on behind the next `{` or `<`, so that none is looked for twice."""
_IN_MARKDOWN = re.compile(rf"(?P<code>`[^`\n]++`|^(?:[ ]{{4}}|[ ]{{0,3}}\t)[^\n]*+)|{_TAG}", re.MULTILINE)
"""The same in Markdown, where a line that is indented may be code, and a comment in braces is none."""
_COMPONENT = re.compile(r"</?[A-Z]")
_STRING = re.compile(rf"(?<![\w-])(?P<name>[\w-]++)\s*+=\s*+(?P<value>{_QUOTED})")
_LABELS = ("label", "title", "caption", "alt", "summary", "name")
"""Attributes that name a component for who reads the page."""


def without_components(text: str, every: bool = True) -> str:
    """The Markdown that stands in an MDX text; code is left as it is.

    Of a component its label or title is left, of one within a sentence all of its words. Unless `every` tag is one, as
    in Markdown that may hold components or not, `<Name>` is left alone where it has no attributes and no end.

    >>> without_components('import Tip from "./tip"\\n\\n<Tip>Press `<Tab>` or <Key mod="cmd" k="z" />.</Tip>')
    'Press `<Tab>` or cmd z.'
    >>> without_components('<TabItem value="mac" label="macOS">\\n\\nOpen <Volume>/<Name>.\\n</TabItem>', every=False)
    '**macOS**\\n\\nOpen <Volume>/<Name>.\\n'
    """
    if not every and not _COMPONENT.search(text):
        return text
    pattern = _HIDDEN if every else _IN_MARKDOWN
    ended = {found["name"] for found in pattern.finditer(text) if found["ends"]}

    def shown(found: re.Match[str]) -> str:
        if found["code"] or (not every and not _is_component(found, ended)):
            return found[0]
        return (found["line"] or "") + _shown(found)

    def part(text: str) -> str:
        return pattern.sub(shown, _MODULE.sub(lambda found: found["before"], text) if every else text)

    read = "".join(each if code else part(each) for each, code in parts(text))
    return read.lstrip("\n") if every else read


def _is_component(found: re.Match[str], ended: set[str | None]) -> bool:
    """Whether what is found is the tag of a component for sure, and not a word in angle brackets."""
    name = found["name"]
    if not name or not name[0].isupper():
        return False
    return bool(found["whole"] or name in ended or _STRING.search(found["given"]))


def _shown(found: re.Match[str]) -> str:
    """What a reader of the page sees of a tag."""
    given = {one["name"]: one["value"][1:-1].strip() for one in _STRING.finditer(found["given"] or "")}
    label = next((given[name] for name in _LABELS if given.get(name)), "")
    if found["line"] is not None and found["rest"] is not None:
        return label if found["whole"] or not label else f"**{label}**"
    if found["whole"]:
        return label or " ".join(value for value in given.values() if "/" not in value)
    return ""
