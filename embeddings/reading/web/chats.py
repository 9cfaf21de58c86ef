"""Chats as DiscordChatExporter and Telegram export them: who says something, and when, as a line above it."""

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from embeddings.reading.formats import Draft, Found, Unreadable, cleaned, decode, one_line

_HEADER, _AUTHOR, _TIME = "chatlog__header", "chatlog__author", "chatlog__timestamp"
_NOT_SAID = (*(f"chatlog__{name}" for name in "reply reactions short-timestamp edited-timestamp".split()), "postamble")
"""What an earlier message says, and what is said of one."""


_SAYS = frozenset({"default", "reply", "message", "19", "0"})
"""Types of messages that somebody wrote; others say that somebody joined, or pinned something."""


def read_chat(data: bytes, stem: str) -> Found:
    """A `.json` file that DiscordChatExporter or Telegram wrote: one document, a transcript.

    What one person says without an answer stands under one line, at the time of the first message.
    Raises Unreadable for any other JSON.
    """
    text, remarks = decode(data)
    try:
        export = json.loads(text)
        messages = list(export["messages"])
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise Unreadable("no chat that Discord's or Telegram's exporter wrote; leave it out") from error
    parts: list[str] = []
    before: tuple[str, str] | None = None
    for author, time, said in _messages(messages):
        if before != (author, time[:10]):
            parts.append(f"[{time}] {author}:")
            before = author, time[:10]
        parts.append(said)
    names = (_name(export.get("guild")), _name(export.get("channel")), one_line(str(export.get("name") or "")))
    yield Draft(stem, "\n\n".join(parts), " / ".join(filter(None, names)))
    yield from remarks


def _messages(messages: list[Any]) -> Iterator[tuple[str, str, str]]:
    """Who wrote a message, when, such as 2026-01-05 10:02, and what."""
    for message in messages:
        if not isinstance(message, dict) or str(message.get("type", "message")).lower() not in _SAYS:
            continue
        author = _name(message.get("author")) or one_line(str(message.get("from") or ""))
        time = str(message.get("timestamp") or message.get("date") or "")[:16].replace("T", " ")
        content = message.get("content") or message.get("text") or ""
        pieces = content if isinstance(content, list) else [content]
        said = "".join(str(each.get("text", "")) if isinstance(each, dict) else str(each) for each in pieces)
        if author and said.strip():
            yield author, cleaned(time), cleaned(said.replace("\r\n", "\n")).strip()


def _name(value: Any) -> str:
    """What somebody, a server or a channel is called there."""
    return one_line(str(value.get("nickname") or value.get("name") or "")) if isinstance(value, dict) else ""


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
