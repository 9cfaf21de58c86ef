"""Markdown without comments, and without what Hugo, Jekyll, kramdown and Obsidian have in it for themselves."""

import re
from functools import partial

from embeddings.markdown import CODE, outside_code

_MARKS = ("<!--", "{{<", "{{%", "{%", "{:", "{#", "{.", "[TOC]", "[toc]", "[[_TOC_]]", "%%", " ^", "\n^")
_TAG = re.compile(
    rf"(?P<code>{CODE})"
    r"|<!--[^-<]*+(?:(?:-(?!->)|<(?!!--))[^-<]*+)*+-->"
    r"|\{\{<(?P<angled>[^{}<>]*+)>\}\}|\{\{%(?P<percent>[^{}%]*+)%\}\}"
    r"|\{%[^{}%]*+%\}"
    r"|(?<!\S)%%(?!%)[^%]*+(?:%(?!%)[^%]*+)*+%%(?!\S)"
    r"|(?:^|(?<![ \t])[ \t]++)\^(?=[\w-]*[A-Za-z])[\w-]++(?=[ \t]*$)"
    r"|^[ \t]*+\[(?:(?:TOC|toc)|\[(?:toc|TOC|_TOC_)\])\][ \t]*+$"
    r"|(?<![ \t])[ \t]*+\{(?::[ \t]*+(?:[.#]|[\w-]++=)|[.#][\w-])[^{}\n]*+\}(?=[ \t]*$)",
    re.MULTILINE,
)
"""Code, which stays; a comment; a shortcode in either form; a tag of Liquid; Obsidian's comment, and its name of a
block at the end of a line; the place of the table of contents; attributes at the end of a line. None goes on behind the
next brace, a comment not behind the next that opens."""
_ESCAPED = "/*"
"""How a shortcode begins that is to be seen as it is."""
_SHOWN = re.compile(r"""\b(?P<name>caption|alt|title)=(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)')""")
_PLACE = re.compile(r"""\s*(?:rel)?ref\s++["']?(?P<place>[^"'\s]++)""")


def without_shortcodes(text: str) -> str:
    """The Markdown without these; of a picture its caption is left, of a reference its place, and code as it is.

    >>> without_shortcodes('## Go {#go}\\n{{< hint >}}Press **Go**.{{< /hint >}} {% raw %}`{% raw %}`{% endraw %}')
    '## Go\\nPress **Go**. `{% raw %}`'
    >>> without_shortcodes('{{< figure src="a.png" caption="The menu" >}} [There]({{< relref "user/menu" >}})')
    'The menu [There](user/menu)'
    >>> without_shortcodes('%% Is it? %% It is 2 ^2 and in the cellar. ^where')
    ' It is 2 ^2 and in the cellar.'
    >>> without_shortcodes('It costs 7 euros. <!-- It cost 5 -- or 6. -->Pay `<!-- here -->`.')
    'It costs 7 euros. Pay `<!-- here -->`.'
    """
    if not any(mark in text for mark in _MARKS):
        return text
    return outside_code(text, partial(_TAG.sub, _shown))


def _shown(found: re.Match[str]) -> str:
    """What a reader of the page sees of a tag."""
    if found["code"]:
        return found["code"]
    given = found["angled"] or found["percent"] or ""
    if given.startswith(_ESCAPED):
        return found[0]
    if place := _PLACE.match(given):
        return place["place"]
    seen = {one["name"]: one["double"] or one["single"] or "" for one in _SHOWN.finditer(given)}
    return next((seen[name] for name in ("caption", "alt", "title") if seen.get(name)), "")
