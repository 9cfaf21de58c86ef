"""A page as it is once a reader has unfolded it: answers beneath their questions, and every tab with its name."""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

_PANELS = ("tabpanel", "region")
"""Roles of what is shown on demand (WAI-ARIA 1.2)."""
_OF_THE_SITE = frozenset({"header", "nav", "aside", "footer"})
_BLOCKS = ("div", "section", "article")
_TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"})
_NAMED = re.compile(r"accordion|answer|collaps|faq|question|toggle", re.IGNORECASE)
"""How the classes are named of what unfolds."""
_MORE = re.compile(r"(?:show|read|see|view|expand|toggle|open|close|menu|more|search|filter)\b", re.IGNORECASE)
"""How a button begins that is no title of what it shows."""
SIGNS = " +-\u2212\u2013\u00d7\u25bc\u25be\u25bd\u25b8\u25ba\u203a\u2304\u2335"
"""What stands behind a title to say that it unfolds something."""
ASKS = ("?", "？")
"""What ends a question."""
_LONGEST = 300
"""Characters of a question."""


def unfold(page: HtmlElement) -> None:
    """Show what a page hides until somebody asks for it, in place.

    That is a panel of tabs, a region, what a button or a tab controls, and what stands behind a question or its like.
    What unfolds something, and a question that is a button or has a class that is named like one, becomes a summary; a
    button in a heading is its text. Each panel begins with the name of its tab.
    """
    controlled = {name for element in page.iter(etree.Element) for name in element.get("aria-controls", "").split()}
    for element in page.iter(etree.Element):
        asked_for = element.get("role") in _PANELS or element.get("id") in controlled
        if _is_folded(element) and not _is_of_the_site(element) and (asked_for or _answers(element)):
            for name in ("hidden", "aria-hidden", "style", "class"):
                element.attrib.pop(name, None)
    for tab, panel in [*_tabs(page), *_labelled(page)]:
        if tab.getparent() is not None:  # else it was in two lists
            begin_with(panel, _words(tab))
            tab.drop_tree()
    for element in list(page.iter("a", "button", "div", "p", "span")):
        if element.tag == "button" or _unfolds(element) or _NAMED.search(element.get("class", "")):
            _mark(element)


def _is_folded(element: etree._Element) -> bool:
    style = "".join(element.get("style", "").split())
    return element.get("hidden") is not None or element.get("aria-hidden") == "true" or "display:none" in style


def _is_of_the_site(element: etree._Element) -> bool:
    return any(above.tag in _OF_THE_SITE for above in element.iterancestors())


def _mark(element: etree._Element) -> None:
    """Make a summary of what is a question, or the title of what it unfolds."""
    if any(above.tag in _TITLES for above in element.iterancestors()):
        element.tag = "span" if element.tag == "button" else element.tag
        return
    words = _words(element)
    titles = _unfolds(element) and words and not _MORE.match(words)
    if (titles or words.endswith(ASKS)) and not _is_of_the_site(element):
        element.tag = "summary"


def _unfolds(element: etree._Element) -> bool:
    """Whether an element says that it unfolds another."""
    toggles = f"{element.get('data-toggle')} {element.get('data-bs-toggle')}"
    return element.get("aria-expanded") is not None or "collapse" in toggles


def _answers(element: etree._Element) -> bool:
    """Whether it stands right behind a question, or one of both has a class that is named like what unfolds."""
    before = element.getprevious()
    if before is None:
        return False
    named = _NAMED.search(f"{before.get('class')} {element.get('class')}") is not None
    return _words(before).endswith(ASKS) or (named and bool(_words(before)))


def _words(element: etree._Element) -> str:
    """The text of an element, if it is as short as a question, without the sign that it unfolds something."""
    words = " ".join("".join(element.itertext()).split()).rstrip(SIGNS)
    return words if len(words) <= _LONGEST else ""


def _tabs(page: HtmlElement) -> Iterator[tuple[HtmlElement, etree._Element]]:
    """Each tab with its panel, of a list of tabs beside which stand as many panels, and no other list."""
    lists: dict[etree._Element, list[HtmlElement]] = {}
    for element in page.iter(etree.Element):
        if element.get("role") == "tablist" and (around := element.getparent()) is not None:
            lists.setdefault(around, []).append(element)
    for around, (listed, *others) in lists.items():
        tabs = [element for element in listed.iter(etree.Element) if element.get("role") == "tab"]
        panels = [element for element in around.iter(etree.Element) if element.get("role") == "tabpanel"]
        if not others and len(tabs) == len(panels):
            yield from zip(tabs, panels, strict=True)


def _labelled(page: HtmlElement) -> Iterator[tuple[HtmlElement, etree._Element]]:
    """Each label of a radio button with the block that it shows: one right behind it, or one of as many beside them.

    Such are the tabs of sphinx-design, MkDocs and VitePress, which need no script.
    """
    for around in dict.fromkeys(button.getparent() for button in page.iterfind(".//input[@type='radio']")):
        buttons = [each.get("id") for each in around if each.get("type") == "radio"]
        labels = [label for label in around.iter("label") if label.get("for") in buttons]
        behind = [label.getnext() for label in labels]
        held = labels[0].getparent().getnext() if labels else None
        for panels in (behind, list(held) if held is not None else []):
            if len(buttons) == len(labels) == len(panels) and all(_is_block(panel) for panel in panels):
                yield from zip(labels, panels, strict=True)
                break


def _is_block(element: etree._Element | None) -> bool:
    return element is not None and element.tag in _BLOCKS


def begin_with(element: etree._Element, name: str) -> None:
    """Set a name before all else that stands in an element."""
    paragraph = etree.Element("p")
    etree.SubElement(paragraph, "b").text = name
    paragraph.tail, element.text = element.text, None
    element.insert(0, paragraph)
