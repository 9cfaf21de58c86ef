"""MDX laid out as Markdown: what stands in a component begins where its tags do, callouts stand between colons, and
steps are numbered."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

from embeddings.reading.markup.markdown import column_of, moved, outside_code, parts_by_code
from embeddings.reading.markup.mdx import COMPONENT, TAGS, attributes, label, sure_tags

_CALLOUTS = frozenset("Caution Check Danger Important Info Note Tip Warning".split())
_CALLOUTS_OF_A_KIND = frozenset("Admonition Alert Aside Callout".split())
_KINDS = ("type", "variant", "kind", "intent", "severity")
"""Components of Mintlify, Nextra, Starlight and the like that are callouts by their name, or by what these say."""
_STEP = "Step"
_AS_WRITTEN = frozenset("code pre script style textarea".split())
"""Elements whose lines stay as they are."""
_BEGINS = re.compile(
    r"^(?P<indent>[ \t]*+)(?P<tag><(?P<name>[A-Z][\w.]*+)(?P<given>(?:[ \t][^<>\n]*+)?)(?<!/)>)[ \t]*+(?=[^\s<])",
    re.MULTILINE,
)
_ENDS = re.compile(r"^(?P<indent>[ \t]*+)(?P<words>\S[^\n]*?)(?P<tag></(?P<name>[A-Z][\w.]*+)>)[ \t]*+$", re.MULTILINE)
"""A component that begins a line or ends one, with words on that line."""
_HEADING = re.compile(r"#{1,6}[ \t]++(?P<words>[^\n]*[^\s#])[\s#]*+")
_DEEP = 4
"""How often Markdown is laid out: so deep may components stand in each other that are indented as code is."""


class _Element(NamedTuple):
    """An element whose tags stand alone on their lines."""

    name: str
    given: dict[str, str]
    opens: int
    """The line where its first tag begins, and the one where that ends."""
    begins: int
    parent: int
    """The line where the component opens that it stands in; -1 for none."""
    closes: int = -1
    """The line of its other tag."""

    @property
    def scope(self) -> int:
        """What is the parent of those that stand in it."""
        return self.opens if self.name[0].isupper() else self.parent


def laid_out(text: str, sure: bool = False) -> str:
    """MDX with what stands in an element moved to the column of its tags, callouts between colons, steps numbered.

    In MDX nothing is code because it is indented, and writers indent what stands in a component. With `sure`, the text
    may be Markdown, where only what is a component is moved.

    >>> print(laid_out('<Steps>\\n  <Step title="Go">\\n      Run `ls`.\\n  </Step>\\n</Steps>\\n<Tip>Wait.</Tip>'))
    <Steps>
    1. **Go**
    <BLANKLINE>
       Run `ls`.
    <BLANKLINE>
    </Steps>
    :::tip
    Wait.
    :::
    """
    passes = 1
    if sure:  # where what is indented by four columns is seen once it is not
        passes = _DEEP if COMPONENT.search(text) else 0
    for _ in range(passes):
        text = outside_code(text, _parted)
        if elements := sorted(_elements(text, sure), key=lambda element: element.opens):
            page = _Page(text.split("\n"))
            for element in elements:
                page.take(element)
            text = "\n".join(page.written())
    return text


def _callout(name: str, given: Mapping[str, str]) -> str:
    """What kind of callout a component is; nothing for what is none."""
    if name in _CALLOUTS:
        return name.lower()
    kind = next((given[each] for each in _KINDS if given.get(each)), "note")
    return kind if name in _CALLOUTS_OF_A_KIND and kind.isalpha() else ""


def _parted(text: str) -> str:
    """Text with the tags of what is a callout, a step or has a name on lines of their own."""
    named: set[str] = set()

    def begins(found: re.Match[str]) -> str:
        name, given = found["name"], attributes(found)
        if not (_callout(name, given) or label(given) or name == _STEP or name.endswith("Field")):
            return found[0]
        named.add(name)
        return f"{found['indent']}{found['tag']}\n{found['indent']}"

    def ends(found: re.Match[str]) -> str:
        if found["name"] not in named:
            return found[0]
        return f"{found['indent']}{found['words']}\n{found['indent']}{found['tag']}"

    return _ENDS.sub(ends, _BEGINS.sub(begins, text))


class _Page:
    """Lines of MDX, and what becomes of them."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._moved = [0] * (len(lines) + 1)
        """By how many columns a line is moved to the right, more than the one before it."""
        self._tags: dict[int, str] = {}
        """What stands in the place of a tag."""
        self._marks: dict[int, str] = {}
        """What is set before the words of a line."""
        self._steps = Counter[int]()

    def take(self, element: _Element) -> None:
        """Move what stands in an element, and write its tags as what they show."""
        start, end = element.begins + 1, element.closes
        first = next((number for number in range(start, end) if self._lines[number].strip()), end)
        if first == end or element.name in _AS_WRITTEN:
            return
        self._move(start, end, min(column_of(self._lines[element.opens]) - column_of(self._lines[first]), 0))
        title = label(element.given)
        if kind := _callout(element.name, element.given):
            self._write(element, f":::{kind} {title}".rstrip(), ":::")
        elif element.name == _STEP:
            self._steps[element.parent] += 1
            mark = f"{self._steps[element.parent]}. "
            self._write(element, f"{mark}**{title}**\n" if title else "", "")
            if not title:
                self._marks[first] = mark
                if heading := _HEADING.fullmatch(self._lines[first].strip()):
                    self._tags[first] = heading["words"] if "*" in heading["words"] else f"**{heading['words']}**\n"
            self._move(start if title else first + 1, end, len(mark))

    def written(self) -> Iterator[str]:
        """The lines as they are now."""
        for number, (line, columns) in enumerate(zip(self._lines, accumulate(self._moved), strict=False)):
            if number in self._tags or number in self._marks:
                words = self._marks.get(number, "") + self._tags.get(number, line.lstrip(" \t"))
                line = " " * column_of(line) + words if words else ""
            yield moved(line, columns)

    def _move(self, start: int, end: int, columns: int) -> None:
        self._moved[start] += columns
        self._moved[end] -= columns

    def _write(self, element: _Element, opening: str, closing: str) -> None:
        self._tags |= dict.fromkeys(range(element.opens, element.begins + 1), "")
        self._tags |= {element.opens: opening, element.closes: closing}


def _elements(text: str, sure: bool) -> Iterator[_Element]:
    """The elements that end, the inner ones first; in Markdown components only."""
    tags = sure_tags if sure else TAGS.finditer
    stack: list[_Element] = []
    opened = Counter[str]()
    line = 0
    for part, code in parts_by_code(text):
        at = 0
        for found in () if code else tags(part):
            name = found["name"]
            if not name or found["whole"] or found["line"] is None or found["rest"] is None:
                continue
            line += part.count("\n", at, found.start())
            at, opens = found.start(), line
            if sure and not name[0].isupper():
                continue
            if not found["ends"]:
                parent = stack[-1].scope if stack else -1
                stack.append(_Element(name, attributes(found), opens, opens + found[0].count("\n"), parent))
                opened[name] += 1
            elif opened[name]:
                while (element := stack.pop()).name != name:
                    opened[element.name] -= 1
                opened[name] -= 1
                yield element._replace(closes=opens)
        line += part.count("\n", at)
