"""Formulas of Word documents and presentations (Office Math), as people write them on a line."""

from lxml import etree
from lxml.etree import _Element

from embeddings.reading.marks import LOWERED, RAISED

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FORMULA = f"{_MATH}oMath"


def formula(element: _Element) -> str:
    """What a formula says, or a part of it, raised and lowered words as they are held in a line: (a+b)/2, x^(n+1), √2.

    Source: ECMA-376, part 1, 22.1.
    """
    parts = list(map(formula, element.iterchildren(etree.Element)))
    words = "".join(parts)
    *before, last = parts or [""]
    match etree.QName(element).localname:
        case "t":
            return element.text or ""
        case "del" | "moveFrom":
            return ""
        case "sup":
            return RAISED.format(words) if not words.strip("0123456789+-−") else f"^{_grouped(words)}"
        case "sub" | "lim":
            return LOWERED.format(words)
        case "num":
            return _grouped(words)
        case "den":
            return f"/{_grouped(words)}"
        case "fName":
            return f"{words} "
        case "rad":
            return f"{''.join(before)}√{_grouped(last)}"
        case "nary":
            return f"{_sign(element, 'chr', '∫')}{''.join(before)} {last}"
        case "d":
            between = _sign(element, "sepChr", "|").join(filter(None, parts))
            return f"{_sign(element, 'begChr', '(')}{between}{_sign(element, 'endChr', ')')}"
    return words


def _grouped(words: str) -> str:
    return words if len(words) < 2 or words.isalnum() else f"({words})"


def _sign(element: _Element, name: str, default: str) -> str:
    """A sign that is no text, but a property: of brackets, of a sum."""
    found = element.find(f"{element.tag}Pr/{_MATH}{name}")
    return default if found is None else found.get(f"{_MATH}val", "")
