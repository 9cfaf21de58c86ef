"""A channel as DiscordChatExporter writes it in HTML: who says something, and when, as a line above it."""

from lxml import etree
from lxml.html import HtmlElement

_HEADER, _AUTHOR, _TIME = "chatlog__header", "chatlog__author", "chatlog__timestamp"
_NOT_SAID = (*(f"chatlog__{name}" for name in "reply reactions short-timestamp edited-timestamp".split()), "postamble")
"""What an earlier message says, and what is said of one."""


def name_speakers(page: HtmlElement) -> bool:
    """Whether a page is such a channel; then each message begins with a line that a transcript has: `[12:30] ana:`."""
    headers = [header for header in _of_class(page, _HEADER) if _of_class(header, _AUTHOR)]
    for header in headers:
        author, time = (
            "".join(" ".join(each.itertext()) for each in _of_class(header, name)) for name in (_AUTHOR, _TIME)
        )
        for child in list(header):
            header.remove(child)
        header.tag, header.text = "p", f"[{' '.join(time.split())}] {' '.join(author.split())}:"
    for name in _NOT_SAID if headers else ():
        for element in _of_class(page, name):
            if element is not page:
                element.drop_tree()
    return bool(headers)


def _of_class(root: etree._Element, name: str) -> list[HtmlElement]:
    return [element for element in root.iter(etree.Element) if name in element.get("class", "").split()]
