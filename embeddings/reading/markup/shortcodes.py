"""Markdown without comments and embedded files, and without what Hugo, Jekyll, GitBook, kramdown and Obsidian have in
it for themselves."""

import re
from functools import partial

from embeddings.reading.markup.markdown import CODE, outside_code

_MARKS = ("data:", "<!--", "{", "[TOC]", "[toc]", "[[_TOC_]]", "%%", " ^", "\n^")
_TAG = re.compile(
    rf"(?P<code>{CODE})"
    r"|<!--[^-<]*+(?:(?:-(?!->)|<(?!!--))[^-<]*+)*+-->"
    r"|\{\{<(?P<angled>[^{}<>]*+)>\}\}|\{\{%(?P<percent>[^{}%]*+)%\}\}"
    r"|\{%[^{}%]*+%\}"
    r"|(?<!\S)%%(?!%)[^%]*+(?:%(?!%)[^%]*+)*+%%(?!\S)"
    r"|(?:^|(?<![ \t])[ \t]++)\^(?=[\w-]*[A-Za-z])[\w-]++(?=[ \t]*$)"
    r"|!\[(?P<embedded>[^\[\]\n]*+)\](?:\([ \t]*+<?data:[^()\n]*+\)|\[image\d{1,4}\])"
    r"|^[ ]{0,3}\[[^\[\]\n]++\]:[ \t]*+<?data:[^\n]*+$"
    r"|^[ \t]*+\[(?:(?:TOC|toc)|\[(?:toc|TOC|_TOC_)\])\][ \t]*+$"
    r"|(?P<link>(?:!\[)?+\]\((?:[^()\n]|\([^()\n]*+\))*+\))\{:?[ \t]*+(?P<given>(?:[.#]|[\w-]++=)[^{}\n]*+)\}"
    r"|(?<![ \t])(?<!:::)[ \t]*+\{(?::[ \t]*+(?:[.#]|[\w-]++=)|[ \t]*+[.#][\w-])[^{}\n]*+\}(?=[ \t]*$)",
    re.MULTILINE,
)
"""Code, which stays; a comment; a shortcode in either form; a tag of Liquid; Obsidian's comment, and its name of a
block at the end of a line; a picture whose bytes stand here, or beneath, as Google Docs writes it; the place of the
table of contents; attributes of a link or a picture, and at the end of a line, but not of what Pandoc divides by
colons. None goes on behind the next brace, a comment not behind the next that opens."""
_ESCAPED = "/*"
"""How a shortcode begins that is to be seen as it is."""
_SHOWN = re.compile(r"""\b(?P<name>caption|alt|title|text)=(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)')""")
_COMPONENTS = {
    **dict.fromkeys(("admonition", "alert", "callout", "hint", "notice"), "Callout"),
    **dict.fromkeys(("details", "expand", "accordion"), "Accordion"),
    **{name: name.title() for name in "caution code danger important info note step tab tip update warning".split()},
}
"""What in Liquid or Hugo stands around text, and which component shows the same."""
_AROUND = re.compile(
    r"^(?P<indent>[ \t]*+)(?:\{%-?[ \t]*+(?P<end>end)?|\{\{[<%][ \t]*+(?P<slash>/)?[ \t]*+)"
    rf"(?P<name>{'|'.join(_COMPONENTS)})\b(?P<given>[^{{}}\n]*+)\}}\}}?[ \t]*+$",
    re.MULTILINE,
)
_GIVEN = re.compile(
    r"""(?<!\S)(?:(?P<name>[\w-]++)=)?(?:"(?P<double>[^"<>]*+)"|'(?P<single>[^'<>]*+)'|(?P<bare>\w++))"""
)
_KINDS, _TITLES = ("type", "style", "kind", "color"), ("title", "name", "date", "header")
_PLACE = re.compile(r"""\s*(?:rel)?ref\s++["']?(?P<place>[^"'\s]++)""")


def without_shortcodes(text: str) -> str:
    """The Markdown without these; of a picture its caption is left, of a reference its place, and code as it is.

    >>> without_shortcodes('## Go {#go}\\n{{< hint >}}Press **Go**.{{< /hint >}} {% raw %}`{% raw %}`{% endraw %}')
    '## Go\\nPress **Go**. `{% raw %}`'
    >>> without_shortcodes('{{< figure src="a.png" caption="The menu" >}} [There]({{< relref "user/menu" >}})')
    'The menu [There](user/menu)'
    >>> without_shortcodes('%% Is it? %% It is 2 ^2 and in the cellar. ^where')
    ' It is 2 ^2 and in the cellar.'
    >>> without_shortcodes('![](a.png){alt="A wheel"} [turns](b.md){: .wide}.')
    '![A wheel](a.png) [turns](b.md).'
    >>> without_shortcodes('It costs 7 euros. <!-- It cost 5 -- or 6. -->Pay `<!-- here -->`.')
    'It costs 7 euros. Pay `<!-- here -->`.'
    """
    if not any(mark in text for mark in _MARKS):
        return text
    return outside_code(text, partial(_TAG.sub, _shown))


def as_components(text: str) -> str:
    """The Markdown with what Liquid and Hugo set around text as components, which show what it is.

    >>> print(as_components('{% hint style="tip" %}\\nPress **Go**.\\n{% endhint %}'))
    <Callout type="tip">
    Press **Go**.
    </Callout>
    >>> print(as_components('{{< tab "Linux" >}}\\nPress **Go**.\\n{{< /tab >}}'))
    <Tab title="Linux">
    Press **Go**.
    </Tab>
    """
    ended = {found["name"] for found in _AROUND.finditer(text) if found["end"] or found["slash"]}
    return outside_code(text, partial(_AROUND.sub, partial(_component, ended))) if ended else text


def _component(ended: set[str], found: re.Match[str]) -> str:
    """The tag of a component for one of those that end."""
    name = _COMPONENTS[found["name"]]
    if found["name"] not in ended:
        return found[0]
    if found["end"] or found["slash"]:
        return f"{found['indent']}</{name}>"
    given, bare = {}, ""
    for one in _GIVEN.finditer(found["given"]):
        value = one["double"] or one["single"] or one["bare"] or ""
        if one["name"]:
            given[one["name"]] = value
        else:
            bare = bare or value
    kind = next((given[each] for each in _KINDS if given.get(each)), bare)
    title = next((given[each] for each in _TITLES if given.get(each)), bare if name in ("Tab", "Accordion") else "")
    told = f' type="{kind}"' if name == "Callout" and kind.isalpha() else ""
    return f"{found['indent']}<{name}{told}" + (f' title="{title}">' if title else ">")


def _shown(found: re.Match[str]) -> str:
    """What a reader of the page sees of a tag."""
    if found["code"] or found["embedded"]:
        return found["code"] or found["embedded"]
    given = found["angled"] or found["percent"] or found["given"] or ""
    if given.startswith(_ESCAPED):
        return found[0]
    if place := _PLACE.match(given):
        return place["place"]
    seen = {one["name"]: one["double"] or one["single"] or "" for one in _SHOWN.finditer(given)}
    if found["link"]:
        return found["link"].replace("![]", f"![{seen.get('alt', '')}]", 1)
    return next((seen[name] for name in ("caption", "alt", "title", "text") if seen.get(name)), "")
