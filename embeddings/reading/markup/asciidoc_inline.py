"""What a reader sees of a line of AsciiDoc: attributes by their values, links by their words, and no marks."""

import re
from collections.abc import Mapping
from html import unescape

from embeddings.reading.marks import small

_INTRINSIC = {
    **{"empty": "", "blank": "", "sp": " ", "nbsp": " ", "zwsp": "", "wj": "", "shy": ""},
    **{"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "plus": "+", "pipe": "|", "vbar": "|"},
    **{"startsb": "[", "endsb": "]", "caret": "^", "asterisk": "*", "tilde": "~", "backslash": "\\", "backtick": "`"},
    **{"two-colons": "::", "two-semicolons": ";;", "deg": "°", "cpp": "C++", "cxx": "C++", "pp": "++"},
    **{"lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”"},
}
_ATTRIBUTE = re.compile(r"(?<!\\)\{(?:counter2?:[^{}]*+|(?P<name>\w[\w-]*+))\}")
_MOST_GROWTH = 20_000
"""Attributes whose values name others are put in only as long as the text has fewer characters."""

_ROLE = r"(?:\[[\w.# %-]{1,80}\])?"
_KEPT = re.compile(
    rf"(?<!\\){_ROLE}(?:"
    r"\+\+\+(?P<triple>.{1,2000}?)\+\+\+|\+\+(?P<twice>[^+]{1,2000}+)\+\+|\$\$(?P<dollars>.{1,2000}?)\$\$"
    r"|pass:(?P<how>[a-z,]{0,20})\[(?P<passed>[^\]]{0,1000}+)\]"
    r"|``(?P<double>[^`]+)``(?!`)"
    r"|(?<![\w`\"'])`(?P<code>[^`\s](?:[^`]*[^`\s])?)`(?![\w`\"'])"
    r"|(?<![\w+])\+(?P<plus>[^+\s](?:[^+]*[^+\s])?)\+(?![\w+])"
    r"|(?<![\w`\"'])\"`(?P<quoted>[^`]+)`\"|(?<![\w`\"'])'`(?P<single>[^`]+)`'|``(?P<old>[^`']+)''"
    r")"
)
"""What stands as it is, or as code; and quotation marks, which are written with those of code."""
_PLACE = "\x01{}\x02"
_PLACED = re.compile(r"\x01(\d+)\x02")
_HELD = r"(?:[^\[\]\\]|\\.|\[[^\[\]]{0,300}+\]){0,1000}+"
"""What stands between brackets."""
_MACRO = re.compile(
    r"(?<!\\)(?:"
    r"(?<!<)<<(?P<place>[^\s<>,](?:[^<>,]{0,200}[^\s<>,])?)(?:,(?P<words>[^<>]{0,500}+))?>>(?!>)"
    rf"|(?P<url>(?:\b(?:https?|ftp|irc)://|\{{[\w-]++\}})[^\s\[\]<>]{{0,1000}}+)\[(?P<label>{_HELD})\]"
    rf"|(?:(?<![\w-])|(?=footnote))(?P<name>[a-z][a-z-]{{2,20}}2?):(?P<target>(?!:)[^\s\[\]]{{0,500}}+)\[(?P<held>{_HELD})\]"
    r"|\[\[\[(?P<cited>[^\[\],]++)(?:,[^\[\]]*+)?\]\]\]|\[\[[^\[\]]++\]\]"
    r"|\(\(\([^()]*+\)\)\)|\(\((?P<indexed>[^()]++)\)\)"
    r")"
)
_HOLDING = frozenset("kbd btn indexterm2 stem latexmath asciimath".split())
"""Macros that show what they hold."""
_UNSEEN = frozenset("icon anchor indexterm include".split())
_PAIRS = tuple(
    re.compile(pattern)
    for pattern in (
        *(rf"(?<!\\){_ROLE}{mark}{mark}(?P<words>[^{mark}]+?){mark}{mark}" for mark in (r"\*", "_", "#")),
        *(
            rf"(?<![\w\\{mark}]){_ROLE}{mark}(?P<words>(?=\S)(?:[^{mark}]|{mark}(?=\w)){{1,500}}?(?<=\S)){mark}(?![\w{mark}])"
            for mark in (r"\*", "_", "#")
        ),
    )
)
_RAISED = re.compile(r"(?<!\\)\^(?P<raised>[^^\s]{1,40})\^|(?<!\\)~(?P<lowered>[^~\s]{1,40})~")
_ESCAPED = re.compile(r"\\(?=[*_`#+^~{<\[(:'\"]|https?:|[a-z]{3,12}::?\S{0,200}\[)")
_OPTION = re.compile(r",\s*+(?:window|role|opts|options|title|id|xrefstyle|rel)=.*", re.DOTALL)
_ALT = re.compile(r"\s*+(?:\"(?P<quoted>[^\"]*+)\"|(?P<plain>[^,=]*+))(?=,|$)")
_EMPHASISED = re.compile(r"_(<[^<>]+>)_")
_PASSED = re.compile(r"pass:[a-z,]{0,20}\[([^\]]{0,1000}+)\]")
_BOLD = re.compile(r"\*([^*]+)\*")


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
    name = (found["name"] or "empty").lower()
    return attributes.get(name, _INTRINSIC.get(name, found[0]))


def shown(text: str, attributes: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """A paragraph as it is read, code between backticks; `titles` says what the places are called that it refers to.

    >>> shown("See *all* of <<go>>, `+a*b+` and https://example.org[the site].", {}, {"go": "Starting"})
    'See all of Starting, `a*b` and the site.'
    """
    return _Line(attributes, titles).read(text)


class _Line:
    """A paragraph that is read; what it keeps from further reading stands for itself by its number."""

    def __init__(self, attributes: Mapping[str, str], titles: Mapping[str, str]) -> None:
        self._attributes = attributes
        self._titles = titles
        self._held: list[str] = []

    def read(self, text: str) -> str:
        """The whole of it."""
        text = _KEPT.sub(self._keep, text)
        text = _KEPT.sub(self._keep, with_attributes(text, self._attributes))
        text = self._formatted(_MACRO.sub(self._macro, text))
        text = unescape(_ESCAPED.sub("", text)).replace("\xa0", " ")
        for _ in range(3):  # code within quotation marks
            text = _PLACED.sub(lambda found: self._held[int(found[1])], text)
        return text

    def _formatted(self, text: str) -> str:
        for pattern in _PAIRS:
            text = pattern.sub(r"\g<words>", text)
        return _RAISED.sub(_raised, text)

    def _keep(self, found: re.Match[str]) -> str:
        self._held.append(self._kept(found))
        return _PLACE.format(len(self._held) - 1)

    def _kept(self, found: re.Match[str]) -> str:
        for name, marks in (("quoted", "“”"), ("single", "‘’"), ("old", "“”")):
            if found[name] is not None:
                return f"{marks[0]}{found[name]}{marks[1]}"
        if found["passed"] is not None:
            return self._formatted(found["passed"]) if {"q", "n"} & set(found["how"]) else found["passed"]
        code = found["code"] or found["double"]
        if code is None:
            return found["triple"] or found["twice"] or found["dollars"] or _literal(found["plus"])
        code = _EMPHASISED.sub(r"\1", code.strip())
        if len(code) > 2 and code[0] == code[-1] == "+":
            code = code.strip("+")
        else:
            code = with_attributes(code, self._attributes)
            code = _MACRO.sub(lambda macro: macro[0] if macro["place"] else self._macro(macro), code)
        code = unescape(code)
        return f"`{code}`" if code.strip() and "`" not in code else code

    def _macro(self, found: re.Match[str]) -> str:
        if found["place"]:
            return (found["words"] or "").strip() or self._called(found["place"])
        if found["url"]:
            return self._label(found["label"]) or found["url"]
        if found["name"] is None:
            return f"[{found['cited']}]" if found["cited"] else found["indexed"] or ""
        name, target, held = found["name"], found["target"], found["held"].replace("\\]", "]")
        if name in _HOLDING:
            return held
        if name == "menu":
            return " > ".join(filter(None, map(str.strip, (target, *held.split(">")))))
        if name in ("footnote", "footnoteref"):
            note = held if name == "footnote" else held.partition(",")[2]
            return f" ({note.strip()})" if note.strip() else ""
        if name == "image":
            return _alternative(held)
        if name in _UNSEEN:
            return ""
        if name == "xref":
            return self._label(held) or self._called(target)
        if name in ("link", "mailto"):
            return self._label(held) or target
        if name in ("linkgit", "man"):
            return f"{target}({held})"
        return self._label(held) or re.split(r"[./#:]", target.rstrip("/"))[-1]

    def _label(self, held: str) -> str:
        """The words of a link, without what is said of its window."""
        words = _OPTION.sub("", held).strip().strip('"').removesuffix("^").strip()
        return _MACRO.sub(self._macro, words) if "image:" in words else words

    def _called(self, place: str) -> str:
        """What a place is called that is referred to without words: its title, else its name."""
        name = place.rpartition("#")[2] or place
        if name in self._titles:
            return with_attributes(self._titles[name], self._attributes)
        if " " in name:
            return name
        stem = re.split(r"[/:]", name)[-1].removesuffix(".adoc").removesuffix(".asciidoc")
        return " ".join(re.split(r"[_-]+", stem)).strip()


def _literal(words: str) -> str:
    """What stands between single signs of plus; once, that was code, which could be bold."""
    return _BOLD.sub(r"\1", _PASSED.sub(r"\1", unescape(words)))


def _alternative(held: str) -> str:
    """What a picture within a line shows, if that is said in words: not by the name of a file."""
    found = _ALT.match(held)
    words = (found["quoted"] or found["plain"] or "").strip() if found else ""
    return "" if re.search(r"[_/.=]", words) else words


def _raised(found: re.Match[str]) -> str:
    words = found["raised"] or found["lowered"]
    return small(words, found["raised"] is not None, found.string[: found.start()][-3:])
