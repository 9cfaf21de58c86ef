"""What a reader sees of a line of AsciiDoc: attributes by their values, links by their words, and no marks."""

import re
from collections.abc import Mapping
from html import unescape

from embeddings.marks import small

_INTRINSIC = {
    **{"empty": "", "blank": "", "sp": " ", "nbsp": " ", "zwsp": "", "wj": "", "shy": ""},
    **{"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "plus": "+", "pipe": "|", "vbar": "|"},
    **{"startsb": "[", "endsb": "]", "caret": "^", "asterisk": "*", "tilde": "~", "backslash": "\\", "backtick": "`"},
    **{"two-colons": "::", "two-semicolons": ";;", "deg": "°", "cpp": "C++", "cxx": "C++", "pp": "++"},
    **{"lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”"},
}
_ATTRIBUTE = re.compile(r"(?<!\\)\{(?P<name>\w[\w-]*+)\}")
_MOST_GROWTH = 20_000
"""Attributes whose values name others are put in only as long as the text has fewer characters."""

_KEPT = re.compile(
    r"(?<!\\)(?:"
    r"\+\+\+(?P<triple>.+?)\+\+\+|\+\+(?P<twice>[^+]+)\+\+|pass:[a-z,]{0,20}\[(?P<passed>[^\]]*+)\]|\$\$(?P<dollars>.+?)\$\$"
    r"|``(?P<double>[^`]+)``(?!`)"
    r"|(?<![\w`\"'])`(?P<code>[^`\s](?:[^`]*[^`\s])?)`(?![\w`\"'])"
    r"|(?<![\w+])\+(?P<plus>[^+\s](?:[^+]*[^+\s])?)\+(?![\w+])"
    r"|(?<![\w`\"'])\"`(?P<quoted>[^`]+)`\"|(?<![\w`\"'])'`(?P<single>[^`]+)`'|``(?P<old>[^`']+)''"
    r")"
)
"""What stands as it is, or as code; and quotation marks, which are written with those of code."""
_PLACE = "\x01{}\x02"
_PLACED = re.compile(r"\x01(\d+)\x02")
_HELD = r"(?:[^\[\]\\]|\\.|\[[^\[\]]*+\])*+"
"""What stands between brackets."""
_NAMES = "|".join(
    "link xref mailto linkgit man kbd btn menu image icon footnoteref footnote anchor indexterm2? stem".split()
)
_MACRO = re.compile(
    r"(?<!\\)(?:"
    r"<<(?P<place>[^<>,]++)(?:,(?P<named>[^<>]++))?>>"
    rf"|(?:\b|(?=footnote))(?P<name>{_NAMES}):(?P<target>(?!:)[^\s\[\]]{{0,500}}+)\[(?P<held>{_HELD})\]"
    rf"|(?P<url>(?:\b(?:https?|ftp|irc)://|\{{[\w-]++\}})[^\s\[\]<>]{{0,1000}}+)\[(?P<label>{_HELD})\]"
    r"|\[\[\[(?P<cited>[^\[\],]++)(?:,[^\[\]]*+)?\]\]\]|\[\[[^\[\]]++\]\]"
    r"|\(\(\([^()]*+\)\)\)|\(\((?P<indexed>[^()]++)\)\)"
    r")"
)
_ROLE = r"(?:\[[^\[\]]{1,80}\])?"
_PAIRS = tuple(
    re.compile(pattern)
    for pattern in (
        *(rf"(?<!\\){_ROLE}{mark}{mark}(?P<words>[^{mark}]+?){mark}{mark}" for mark in (r"\*", "_", "#")),
        *(
            rf"(?<![\w\\{mark}]){_ROLE}{mark}(?P<words>(?=\S)[^{mark}]+?(?<=\S)){mark}(?![\w{mark}])"
            for mark in (r"\*", "_", "#")
        ),
    )
)
_RAISED = re.compile(r"(?<!\\)\^(?P<raised>[^^\s]{1,40})\^|(?<!\\)~(?P<lowered>[^~\s]{1,40})~")
_ESCAPED = re.compile(r"\\(?=[*_`#+^~{<\[(:'\"]|https?:|[a-z]{3,12}::?\S{0,200}\[)")
_OPTION = re.compile(r",\s*+(?:window|role|opts|options|title|id|xrefstyle|rel)=.*", re.DOTALL)
_ALT = re.compile(r"\s*+(?:\"(?P<quoted>[^\"]*+)\"|(?P<plain>[^,=]*+))(?=,|$)")
_EMPHASISED = re.compile(r"_(<[^<>]+>)_")


def with_attributes(text: str, attributes: Mapping[str, str]) -> str:
    """Text with the values of attributes in place of their names; one that nobody set stays.

    >>> with_attributes("{product} {nbsp}costs {price}", {"product": "Pump"})
    'Pump  costs {price}'
    """
    for _ in range(3):  # a value may name others
        if "{" not in text or len(text) > _MOST_GROWTH:
            break
        before, text = text, _ATTRIBUTE.sub(lambda found: _value(found, attributes), text)
        if text == before:
            break
    return text


def _value(found: re.Match[str], attributes: Mapping[str, str]) -> str:
    name = found["name"].lower()
    return attributes.get(name, _INTRINSIC.get(name, found[0]))


def shown(text: str, attributes: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """A paragraph as it is read, code between backticks; `titles` says what the places are called that it refers to.

    >>> shown("See *all* of <<go>>, `+a*b+` and https://example.org[the site].", {}, {"go": "Starting"})
    'See all of Starting, `a*b` and the site.'
    """
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_kept(found))
        return _PLACE.format(len(kept) - 1)

    def read(found: re.Match[str]) -> str:
        return _macro(found, titles)

    text = _KEPT.sub(keep, with_attributes(text, attributes))
    text = _MACRO.sub(read, text)
    for pattern in _PAIRS:
        text = pattern.sub(r"\g<words>", text)
    text = _RAISED.sub(_raised, text)
    text = unescape(_ESCAPED.sub("", text)).replace("\xa0", " ")
    for _ in range(3):  # code within quotation marks
        text = _PLACED.sub(lambda found: kept[int(found[1])], text)
    return text


def _kept(found: re.Match[str]) -> str:
    for name, marks in (("quoted", "“”"), ("single", "‘’"), ("old", "“”")):
        if found[name] is not None:
            return f"{marks[0]}{found[name]}{marks[1]}"
    code = found["code"] or found["double"]
    if code is None:
        return found["triple"] or found["twice"] or found["passed"] or found["dollars"] or _literal(found["plus"])
    code = _EMPHASISED.sub(r"\1", code.strip())
    if len(code) > 2 and code[0] == code[-1] == "+":
        code = code.strip("+")
    code = unescape(_MACRO.sub(lambda macro: _macro(macro, {}), code))
    return f"`{code}`" if code.strip() and "`" not in code else code


def _literal(words: str) -> str:
    """What stands between single signs of plus; once, that was code, which could be bold."""
    return re.sub(r"\*(.+)\*", r"\1", re.sub(r"pass:[a-z,]{0,20}\[([^\]]*+)\]", r"\1", unescape(words)))


def _macro(found: re.Match[str], titles: Mapping[str, str]) -> str:
    if found["place"]:
        return found["named"] or _called(found["place"], titles)
    if found["url"]:
        return _label(found["label"]) or found["url"]
    if found["name"] is None:
        return f"[{found['cited']}]" if found["cited"] else found["indexed"] or ""
    name, target, held = found["name"], found["target"], found["held"].replace("\\]", "]")
    if name in ("kbd", "btn", "indexterm2", "stem"):
        return held
    if name == "menu":
        return " > ".join(filter(None, map(str.strip, (target, *held.split(">")))))
    if name in ("footnote", "footnoteref"):
        note = held if name == "footnote" else held.partition(",")[2]
        return f" ({note.strip()})" if note.strip() else ""
    if name == "image":
        return _alternative(held)
    if name in ("icon", "anchor", "indexterm"):
        return ""
    if name == "xref":
        return _label(held) or _called(target, titles)
    if name in ("link", "mailto"):
        return _label(held) or target
    return f"{target}({held})" if held.isalnum() else _label(held) or target


def _label(held: str) -> str:
    """The words of a link, without what is said of its window."""
    return _OPTION.sub("", held).strip().strip('"').removesuffix("^").strip()


def _called(place: str, titles: Mapping[str, str]) -> str:
    """What a place is called that is referred to without words: its title, else its name."""
    place = place.strip()
    name = place.rpartition("#")[2] or place
    if name in titles:
        return titles[name]
    if " " in name:
        return name
    stem = re.split(r"[/:]", name)[-1].removesuffix(".adoc").removesuffix(".asciidoc")
    return " ".join(re.split(r"[_-]+", stem)).strip()


def _alternative(held: str) -> str:
    """What a picture within a line shows, if that is said in words: not by the name of a file."""
    found = _ALT.match(held)
    words = (found["quoted"] or found["plain"] or "").strip() if found else ""
    return "" if re.search(r"[_/.=]", words) else words


def _raised(found: re.Match[str]) -> str:
    words = found["raised"] or found["lowered"]
    return small(words, found["raised"] is not None, found.string[: found.start()][-3:])
