"""Text in Discord's Markdown, and back."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from bot.readable import spoiling
from embeddings.splitting.passages import Span
from embeddings.splitting.terms import terms

MAX_CONTENT = 2000
"""All text of one ordinary message, in characters."""
_LONGEST_URL = 300
_MARKUP = re.compile(r"[\\`*_~|<>@:#\[\]]|(?<!\S)[-+]|(?i:(?<=discord)|(?<=discordapp))\.")
_TURNING = "\u202a-\u202e\u2066-\u2069"
_ORDINAL = re.compile(r"(?<!\S)[0-9]+(?=[.)])")
_WORD = re.compile(r"\w+")
_LINE = re.compile(r"\S(?:.*\S)?")
_BEFORE_CUT = re.compile(r"(?<=\w)[,;:]$")
_LINK = re.compile(rf"https?://[^\s<>{_TURNING}]+")
_TICKS, _APART = re.compile("```"), "\u200b".join("```")
"""What would end a fence, and the same with nothing that shows between its signs."""
_CODE = re.compile(r"(?<!`)(`[^`\n]+`)(?!`)")
_ESCAPED = re.compile(r"\\(.)|(`[^`\n]+`)|\*\*", re.DOTALL)
"""A character with a backslash before it, code, or what makes text bold."""


def escape(text: str) -> str:
    """The text in Discord's markdown, so that it shows as it is.

    A backslash stands before everything that could format, mention, link, invite or become an emoji, and before
    what would begin a heading or a list. Taking the backslashes out again gives the text.
    """
    return _ORDINAL.sub(r"\g<0>\\", _MARKUP.sub(r"\\\g<0>", text))


def unescaped(text: str) -> str:
    """The text that `escape` was given, whatever of it is bold."""
    return _ESCAPED.sub(r"\1\2", text)


def line(text: str, size: int) -> str:
    """The text escaped, on one line, and cut with an ellipsis to at most `size` characters.

    It stands beside words of ours, so characters that turn the direction of writing are replaced. In a
    quotation most stay: it is a paragraph of its own, and no such character reaches beyond its paragraph.
    """
    text = re.sub(f"[{_TURNING}]", "\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
    spoiled = set(spoiling(text))
    text = "".join(character for at, character in enumerate(text) if at not in spoiled)
    if len(escape(text)) <= size:
        return escape(text)
    return escape(_BEFORE_CUT.sub("", longest_prefix(text, size - 1, escape))) + "…"


def plain(text: str) -> str:
    """An error's sentence as the content of an ordinary message."""
    return line(text, MAX_CONTENT)


def block_quote(text: str, marks: Sequence[Span] = (), code: Sequence[Span] = ()) -> str:
    """The text in a block quote, the marked characters in bold, lines of code between fences."""
    parts, at = [], 0
    for start, end in code:
        if start >= len(text):
            break
        if start > at:
            parts.append(_marked(text[at : start - 1], marks, at))
        parts.append(f"```\n{_TICKS.sub(_APART, text[start:end])}\n```")
        at = end + 1
    if at < len(text) or not parts:
        parts.append(_marked(text[at:], marks, at))
    return "> " + "\n".join(parts).replace("\n", "\n> ")


def _marked(text: str, marks: Sequence[Span], first: int) -> str:
    """A part of a text, which begins at its character `first`, escaped, and bold where the text is marked.

    Code of which a part is marked is bold as a whole.
    """
    parts, at = [], 0
    code = [Span(*found.span()) for found in _CODE.finditer(text)]
    for mark in marks:
        start, end = max(mark.start - first, at), min(mark.end - first, len(text))
        if start < end:
            touched = [span for span in code if start < span.end and span.start < end]
            start, end = min([start, *(span.start for span in touched)]), max([end, *(span.end for span in touched)])
            parts += [_with_code(text[at:start]), _LINE.sub(r"**\g<0>**", _with_code(text[start:end]))]
            at = end
    return "".join([*parts, _with_code(text[at:])])


def _with_code(text: str) -> str:
    """The text escaped but for what stands between single backticks in one line: that is shown as code, as it is."""
    return "".join(part if at % 2 else escape(part) for at, part in enumerate(_CODE.split(text)))


def unquoted(block: str) -> str:
    """The text that is in a block quote of `block_quote`."""
    lines, fenced = [], False
    for each in block.split("\n"):
        shown = each.removeprefix("> ")
        if shown == "```":
            fenced = not fenced
        else:
            lines.append(shown.replace(_APART, "```") if fenced else unescaped(shown))
    return "\n".join(lines)


def matching_words(text: str, query: str) -> tuple[Span, ...]:
    """The words of a text that are words of the query, but for those that are shown as code."""
    wanted, code = set(terms(query)), [found.span() for found in _CODE.finditer(text)]
    return tuple(
        Span(*word.span())
        for word in _WORD.finditer(text)
        if not wanted.isdisjoint(terms(word[0])) and not any(start <= word.start() < end for start, end in code)
    )


def longest_prefix(text: str, size: int, form: Callable[[str], str]) -> str:
    """The longest beginning of the text that is at most `size` long once formed, ending with a word."""
    end = bisect_right(range(1, len(text) + 1), size, key=lambda n: len(form(text[:n])))
    if end == len(text):
        return text
    word = re.match(r"(?s).*\S(?=\s)", text[: end + 1])
    return text[: word.end() if word and word.end() > end // 2 else end]


def is_link(url: str | None) -> bool:
    """Whether an address is one that Discord makes a link of, and short enough."""
    return bool(url and _LINK.fullmatch(url) and len(url) <= _LONGEST_URL)
