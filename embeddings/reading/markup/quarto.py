"""Quarto and R Markdown as plain Markdown: code as what a reader of the page sees of it, and no marks of layout."""

import re
from collections.abc import Mapping
from typing import Any

from embeddings.reading.markup.admonitions import THEOREMS
from embeddings.reading.markup.markdown import CODE, parts_by_code

_HEADER = re.compile(r"^[ \t>]*+`{3,}+[ \t]*+\{[A-Za-z][^\n]*\}[ \t]*$", re.MULTILINE)
_OPENING = re.compile(r"(?P<fence>[ \t>]*+(?P<mark>`{3,}+|~{3,}+))[ \t]*+\{(?!\{)(?P<given>[^\n]*)\}[ \t]*\n")
"""The first line of a chunk: code that is run, with its language and how it is run in braces."""
_OPTION = re.compile(r"[ \t>]*+(?:#|//|%%|--)\|(?P<option>[^\n]*+)\n")
"""A line at the beginning of a chunk that says how it is run: `#| echo: false`."""
_SEEN = re.compile(r"\b(?P<name>echo|include)[ \t]*+[:=][ \t]*+(?P<value>\w+)")
_CAPTION = re.compile(
    r"""\b(?:fig|tbl|tab|lst)[.-]cap[ \t]*+[:=][ \t]*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)')|"""
    r"""^[ \t]*+(?:fig|tbl|lst)-cap:[ \t]*+(?P<bare>[^\s"'|>\[][^\n]*+)"""
)
_HIDDEN_HERE = re.compile(r"opts_chunk\$set\([^()]*\becho[ \t]*+=[ \t]*+(?:FALSE|F)\b")
"""What R Markdown's first chunk often says of all others."""
_NO = frozenset(("false", "f", "no"))
_SLIDES = ("revealjs", "beamer", "pptx")
"""What Quarto shows no code in, unless it is told to."""
_LANGUAGE = re.compile(r"[A-Za-z][\w+#-]*")
_ENVIRONMENTS = (*THEOREMS, "block", "block2", "asis")
"""What is set as text though it stands in a fence."""
_DIVISION = re.compile(r"^(?P<colons>[ \t]*+:{3,}+[ \t]*+)(?P<name>[A-Za-z][\w-]*+)(?=[ \t:]*+$)", re.MULTILINE)
_LAYOUT = re.compile(
    rf"(?P<code>{CODE})"
    r"|^[ \t]*+\.[ \t]\.[ \t]\.[ \t]*+$"
    r"|(?<=^# )\((?:PART|APPENDIX)\*?\)[ \t]++"
    r"|(?<![ \t\n])[ \t]++\{(?:-|[\w-]++=[^{}\n]*+)\}[ \t]*+$"
    r"|\{\{<[ \t]*+kbd[ \t]++(?P<key>[^\s<>]++)[^<>\n]*+>\}\}"
    r"|(?<!\])\[(?P<span>[^\[\]\n]*+)\]\{(?:[.#]|[\w-]++=)[^{}\n]*+\}",
    re.MULTILINE,
)
"""Code within a line, which stays; a pause between what a slide shows; the mark of a book's part; a heading without a
number, or its background; a key; words that are underlined, small or coloured."""


def as_markdown(text: str, declared: Mapping[str, Any]) -> str:
    """The Markdown that a reader sees, without chunks that the front matter or themselves hide.

    Subtitle and abstract stand above it, as on the page: one often says when something is due.

    >>> print(as_markdown('## Fit {-}\\n```{r fit, echo=TRUE}\\n#| eval: false\\nlm(y ~ x)\\n```', {}))
    ## Fit
    ```r
    lm(y ~ x)
    ```
    >>> as_markdown('```{r, include=FALSE}\\nlibrary(knitr)\\n```\\nSee [this]{.underline}.', {})
    'See this.'
    >>> as_markdown('::: columns', {})
    '::: {.columns}'
    """
    hidden = _hides_code(declared) or _HIDDEN_HERE.search(text) is not None
    text = _HEADER.sub(_without_backticks, text.replace("\r\n", "\n"))
    parts = parts_by_code(text)
    shown = "".join(_shown(part, hidden) if code else _laid_out(part) for part, code in parts)
    above = (declared.get(name) for name in ("subtitle", "abstract"))
    return "\n\n".join([*(text for text in above if isinstance(text, str)), shown])


def _without_backticks(header: re.Match[str]) -> str:
    """The first line of a chunk as Markdown can have it: options that hold backticks are none of a fence."""
    fence, brace, given = header[0].partition("{")
    return fence + brace + given.replace("`", "'")


def _shown(code: str, hidden: bool) -> str:
    """What is shown of a block of code between fences: of a chunk its caption, and the code without its options."""
    opening = _OPENING.match(code)
    if not opening or opening["mark"] not in code[opening.end() :]:
        return code
    given, body = opening["given"].strip(), code[opening.end() :]
    options = [given]
    while option := _OPTION.match(body):
        options.append(option["option"])
        body = body[option.end() :].removeprefix("\n")
    shown, _, _ = body.rpartition(opening["mark"])
    named = _LANGUAGE.match(given)
    name = named[0] if named else ""
    if given.startswith("=") or name in _ENVIRONMENTS:
        return shown.rstrip(" \t>") if name or given == "=html" else ""
    seen = {one["name"]: one["value"].lower() not in _NO for option in options for one in _SEEN.finditer(option)}
    if not seen.get("include", True) or name == "comment":
        return ""
    captions = (one for option in options for one in _CAPTION.finditer(option))
    said = [(one["double"] or one["single"] or one["bare"] or "").strip() for one in captions]
    indent = opening["fence"].removesuffix(opening["mark"])
    caption = "".join(f"{indent}\n{indent}{text}\n" for text in said if text)
    if not shown.strip(" \t>\n") or not seen.get("echo", not hidden):
        return caption
    return f"{opening['fence']}{name}\n{body}{caption}"


def _hides_code(declared: Mapping[str, Any]) -> bool:
    """Whether the front matter says that pages show no code, or is that of slides and says nothing.

    >>> _hides_code({'format': {'revealjs': {'theme': 'a.scss'}}}), _hides_code({'execute': {'echo': 'false'}})
    (True, True)
    """
    execute = declared.get("execute")
    if isinstance(execute, dict) and "echo" in execute:
        return str(execute["echo"]).lower() in _NO
    formats = declared.get("format")
    names = list(formats) if isinstance(formats, dict) else [formats]
    return bool(names) and str(names[0]).endswith(_SLIDES)


def _laid_out(text: str) -> str:
    text = _DIVISION.sub(r"\g<colons>{.\g<name>}", text)
    return _LAYOUT.sub(lambda found: found["code"] or found["span"] or found["key"] or "", text)
