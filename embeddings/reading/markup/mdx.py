"""MDX as Markdown: without what it imports, exports and comments, and its components as what they show."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from embeddings.reading.markup.markdown import CODE, in_item, outside_code

_MODULE = re.compile(r"(?P<before>\A\s*+|\n[ \t]*+\n)(?:import|export)[ \t][^\n]*+(?:\n[ \t]*+\S[^\n]*+)*+")
_COMMENT = r"\{/\*[^*{]*+(?:\*(?!/)[^*{]*+)*+\*/\}"
_QUOTED = r""""(?:[^"<]|<[^"<>]*+>)*+"|'(?:[^'<]|<[^'<>]*+>)*+'"""
_INNER = r"<(?:[^<>{}]|\{[^<>{}]*+\})*+>"
_TAG = (
    r"(?:(?P<line>^[ \t]*+))?(?<!\\)<(?P<ends>/)?(?:(?P<name>[A-Za-z][\w.-]*+)(?=[\s/>])"
    rf"(?P<given>(?:[^<>{{}}\"'/]|/(?!>)|{_QUOTED}|\{{(?:[^{{}}<]|\{{[^{{}}<]*+\}}|{_INNER})*+\}})*+))?(?P<whole>/)?>"
    r"(?P<rest>(?=[ \t]*+$))?"
)
TAGS = re.compile(rf"(?P<code>{CODE})|{_COMMENT}|{_TAG}", re.MULTILINE)
"""Code, which stays; a comment; a tag. None goes on behind the next `{` or `<` but for what is whole within an
attribute, as in `icon={<Key />}`, so that none is looked for twice."""
_IN_MARKDOWN = re.compile(rf"(?P<code>{CODE}|^(?:[ ]{{4}}|[ ]{{0,3}}\t)[^\n]*+)|{_TAG}", re.MULTILINE)
"""The same in Markdown, where a line that is indented may be code, and a comment in braces is none."""
COMPONENT = re.compile(r"</?[A-Z]")
_STRING = re.compile(rf"(?<![\w-])(?P<name>[\w-]++)\s*+=\s*+(?P<value>{_QUOTED})")
_LABELS = ("label", "title", "caption", "alt", "summary", "name")
"""Attributes that name a component for who reads the page."""
_TABS = ("Tab", "TabItem")
"""Components that are called by their value where they have no label."""
_OF_FIELDS = ("name", "path", "query", "body", "header")
_REQUIRED = re.compile(r"""(?<![\w"'-])required(?![\w"'-]|=\{false)""")
_GAP = re.compile(r"[ \t]*+(?:\n[ \t]*+(?:\n|\Z)|\Z)")
_LINE = "\n"
"""Set behind a component's name where no blank line is, so that what stands in it is not one sentence with that."""


def without_components(text: str) -> str:
    """The Markdown that stands in an MDX text; code is left as it is.

    Of a component its label or title is left, of one within a sentence all of its words.

    >>> without_components('<Tip>Press `<Tab>` or <Key mod="cmd" k="z" />.</Tip>')
    'Press `<Tab>` or cmd z.'
    """
    return outside_code(text, partial(TAGS.sub, _shown)).lstrip("\n")


def without_modules(text: str) -> str:
    """MDX without what it imports and exports, up to the next blank line.

    >>> without_modules('import Tip from "./tip"\\n\\n<Tip>Go.</Tip>')
    '\\n\\n<Tip>Go.</Tip>'
    """
    return outside_code(text, partial(_MODULE.sub, r"\g<before>"))


def without_sure_components(text: str) -> str:
    """Markdown that may hold components or not, read as MDX is where a tag is one for sure.

    `<Name>` may be a word in angle brackets: it is left alone where it has no attributes and no end.

    >>> without_sure_components('<TabItem value="mac" label="macOS">\\n\\nOpen <Volume>/<Name>.\\n</TabItem>')
    '**macOS**\\n\\nOpen <Volume>/<Name>.\\n'
    """
    if not COMPONENT.search(text):
        return text
    ended = {found["name"] for found in sure_tags(text) if found["ends"]}

    def shown(found: re.Match[str]) -> str:
        name = found["name"]
        named = name and name[0].isupper()
        sure = named and (found["whole"] or name in ended or _STRING.search(found["given"]))
        return _shown(found) if sure else found[0]

    return outside_code(text, partial(_replaced, shown))


def sure_tags(text: str) -> Iterator[re.Match[str]]:
    """The tags in Markdown, and code; a line that is indented is code unless it is in an item of a list."""
    end, listed = 0, False
    for found in _IN_MARKDOWN.finditer(text):
        if not found["code"] or found["code"][0] not in " \t":
            yield found
            continue
        if not end or text[end : found.start()].strip():  # else it is what the line before is
            listed = in_item(text, found.end())
        end = found.end()
        yield from TAGS.finditer(text, found.start(), end) if listed else (found,)


def _replaced(shown: Callable[[re.Match[str]], str], text: str) -> str:
    parts: list[str] = []
    at = 0
    for found in sure_tags(text):
        parts += text[at : found.start()], shown(found)
        at = found.end()
    return "".join([*parts, text[at:]])


def attributes(found: re.Match[str]) -> dict[str, str]:
    """The attributes of a tag that are strings, by their names."""
    return {one["name"]: one["value"][1:-1].strip() for one in _STRING.finditer(found["given"] or "")}


def label(given: Mapping[str, str]) -> str:
    """What a component is called on the page, by its attributes; nothing if it has no name."""
    return next((given[name] for name in _LABELS if given.get(name)), "")


def _field(found: re.Match[str], given: Mapping[str, str]) -> str:
    """A parameter of an API with its type: of `<ParamField query="page" type="integer" required>` "page"."""
    named = next((given[name] for name in _OF_FIELDS if given.get(name)), "")
    said = [given["type"]] if given.get("type") else []
    said += ["required"] if _REQUIRED.search(found["given"]) else []
    said += [f"default: {given['default']}"] if given.get("default") else []
    return f"**{named}**" + (f" ({', '.join(said)})" if said else "") if named else ""


def _shown(found: re.Match[str]) -> str:
    """What a reader of the page sees of a tag; code as it is."""
    if found["code"]:
        return found["code"]
    given = attributes(found)
    shown = label(given) or (given.get("value", "") if found["name"] in _TABS else "")
    alone = found["line"] is not None and found["rest"] is not None
    if found["whole"] and not alone:
        shown = shown or " ".join(value for value in given.values() if "/" not in value)
    elif (found["name"] or "").endswith("Field") and given and alone:
        shown = _field(found, given) + _LINE * (not _GAP.match(found.string, found.end()))
    elif not found["whole"]:
        shown = f"**{shown}**{'' if _GAP.match(found.string, found.end()) else _LINE}" if shown and alone else ""
    return (found["line"] or "") + shown
