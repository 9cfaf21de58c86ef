"""MyST's Markdown, that of Sphinx and Jupyter Book, as Markdown: directives and roles as what they hold."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from embeddings.reading.markup.markdown import CODE
from embeddings.reading.markup.sphinx import OF_CODE, OF_WORDS, UNSEEN, numbered, since

_ADMONITIONS = frozenset(
    "note tip hint important warning caution danger attention error seealso todo admonition".split()
)
_PICTURES = ("image", "figure")
_SIGN = re.compile(
    r"^[ \t]*+(?:`{3,}+|~{3,}+|:{3,}+)\{[A-Za-z]|^\([\w.:/-]++\)=[ \t\r]*+$"
    r"|\{(?:cite(?::[a-z]++)?|doc|numref|ref|term)\}`[^`\n]",
    re.MULTILINE,
)
"""A directive, a target, or a role that leads elsewhere: by one of them a text is MyST's."""
_OPENS = re.compile(
    r"(?P<indent>[ \t>]*+)(?P<fence>`{3,}+|~{3,}+|:{3,}+)"
    r"(?:\{(?P<name>[A-Za-z][\w:+-]*+)\}[ \t]*+(?P<argument>[^\n]*+)|(?P<info>[^`:\n]*+))"
)
_OPTION = re.compile(r"^[ \t>]*+:(?P<name>[\w-]++):(?:[ \t]++(?P<value>.*))?")
_FIELD = re.compile(r"^[ \t>]*+(?P<name>[\w-]++):(?:[ \t]++(?P<value>.*))?")
_FENCE, _MOST_OPTIONS = "---", 40
_LEFT_OUT = re.compile(r"\([\w.:/-]++\)=[ \t\r]*+|%.*|\+\+\+.*")
"""A target; a comment; a break between the cells of a notebook."""
_ROLE = re.compile(
    rf"\{{(?P<role>[A-Za-z][\w:+.-]*+)\}}`(?P<words>[^`]++)`|(?P<code>{CODE})"
    r"|(?<!!)\[\]\((?P<place>[^()\s]++)\)"
)
"""A role; code, which stays; a link without words, whose place is all there is to read."""
_TITLED = re.compile(r"(?P<title>[^<]*\S)\s*+<(?P<target>[^<>]++)>", re.DOTALL)


class _Open(NamedTuple):
    """A directive or block of code that is open: what ends it, what is written then, and whether its lines are seen."""

    fence: str
    end: str | None
    code: bool = False
    unseen: bool = False

    def is_ended_by(self, line: str) -> bool:
        """Whether a line is at least as many of the signs that opened it, and nothing else."""
        words = line.strip(" \t\r>")
        return len(words) >= len(self.fence) and not words.strip(self.fence[0])


def without_directives(text: str) -> str:
    """The Markdown of a text in MyST's, admonitions as `with_callouts` reads them; any other text as it is.

    >>> print(without_directives('(go)=\\n```{note} Quick\\n:class: a\\nPress {kbd}`Go`, see {ref}`there <go>`.\\n```'))
    :::note Quick
    Press Go, see there.
    :::
    """
    if not _SIGN.search(text):
        return text
    parts: list[str] = []
    run: list[str] = []
    for line, code in _lines(text.split("\n")):
        if code:
            parts += [*_said(run), line]
            run = []
        else:
            run.append(line)
    return "\n".join([*parts, *_said(run)])


def _said(lines: list[str]) -> list[str]:
    """Lines that are no code, without roles, which may go on behind the end of a line."""
    return [_ROLE.sub(_shown, "\n".join(lines))] if lines else []


def _shown(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    if found["place"]:
        return found["place"].strip("/#")
    titled = _TITLED.fullmatch(found["words"])
    words = numbered(titled["title"], titled["target"]) if titled else found["words"]
    if found["role"] in OF_WORDS or titled:
        return words
    return f"`{words.rpartition('.')[2] if words.startswith('~') else words}`"


def _lines(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The lines that are seen, and whether each is code."""
    stack: list[_Open] = []
    at = 0
    while at < len(lines):
        line, within = lines[at], stack[-1] if stack else None
        at += 1
        if within and within.is_ended_by(line):
            stack.pop()
            if within.end is not None:
                yield within.end, within.code
        elif within and (within.unseen or within.code):
            if within.code:
                yield line, True
        elif not (found := _OPENS.fullmatch(line)) or (found["name"] is None and found["fence"][0] == ":"):
            if not _LEFT_OUT.fullmatch(line):
                yield line, False
        elif found["name"] is None:
            stack.append(_Open(found["fence"], found["indent"] + found["fence"], code=True))
            yield line, True
        else:
            at, options = _options(lines, at)
            opened, first = _directive(found, options)
            stack.append(opened)
            if first is not None:
                yield first, opened.code


def _directive(found: re.Match[str], options: Mapping[str, str]) -> tuple[_Open, str | None]:
    """What a directive opens, and the line that is written in place of its first one."""
    indent, fence, name = found["indent"], found["fence"], found["name"].lower()
    argument = found["argument"].strip()
    if name in UNSEEN or name.startswith("auto"):
        return _Open(fence, None, unseen=True), None
    if name in OF_CODE or name == "math":
        marks = indent + "`" * len(fence)
        return _Open(fence, marks, code=True), marks + (argument if argument.isalnum() else "")
    if name in _PICTURES:
        return _Open(fence, None), f"{indent}![{options.get('alt', '')}]({argument})"
    if said := since(name, argument):
        return _Open(fence, None), indent + said
    if name in _ADMONITIONS:
        kind = next((each for each in options.get("class", "").split() if each in _ADMONITIONS), name)
        kind = "note" if kind == "admonition" else kind
        return _Open(fence, f"{indent}:::"), f"{indent}:::{kind} {argument}".rstrip()
    if not any(map(str.isalpha, argument)):
        return _Open(fence, ""), None
    return _Open(fence, ""), f"{indent}{argument if '*' in argument else f'**{argument}**'}\n"


def _options(lines: Sequence[str], at: int) -> tuple[int, dict[str, str]]:
    """Where the lines of a directive's options end that begin at `at`, and what they say."""
    fenced = at < len(lines) and lines[at].rstrip() == _FENCE
    pattern, begin = (_FIELD, at + 1) if fenced else (_OPTION, at)
    found = list(takewhile(bool, map(pattern.fullmatch, lines[begin : begin + _MOST_OPTIONS])))
    end = begin + len(found)
    if fenced and (end == len(lines) or lines[end].rstrip() != _FENCE):
        return at, {}
    return end + fenced, {option["name"]: (option["value"] or "").strip() for option in found if option}
