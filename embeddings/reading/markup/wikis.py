"""Turn pages of a wiki (MediaWiki), one a file or many in an export, into drafts of documents."""

import re
from io import BytesIO
from typing import NamedTuple
from urllib.parse import quote

from lxml import etree

from embeddings.reading.formats import MAX_ID, Draft, Found, Remark, Unreadable, decode, one_line
from embeddings.reading.markup.wikitext import as_markdown

_REDIRECT = re.compile(r"\s*#[^\W\d_]+\s*:?\s*\[\[(?P<to>[^\]|#]+)", re.IGNORECASE)
_READ = {"0", "4", "12"}
"""Namespaces that are read: articles, pages about the wiki, such as its rules, and help."""
_TITLE = re.compile(r"^=([^=\n]{1,300})=[ \t]*$", re.MULTILINE)
"""A heading of the first level."""


def read_wikitext(data: bytes, stem: str) -> Found:
    """A `.wiki`, `.mediawiki` or `.wikitext` file: one page."""
    text, remarks = decode(data)
    yield Draft(stem, as_markdown(text), _title(text))
    yield from remarks


def read_export(data: bytes, stem: str) -> Found:
    """An `.xml` file that a wiki exported: each of its articles, and pages of rules and of help, in its last revision.

    What leads to a page by another name is an alias of it. Raises Unreadable where there is no article.
    """
    pages: dict[str, str] = {}
    aliases: dict[str, list[str]] = {}
    base, damage = "", ""
    try:
        for _, element in etree.iterparse(BytesIO(data), resolve_entities=False, no_network=True):
            name = etree.QName(element).localname
            if name == "base":
                base = (element.text or "").rpartition("/")[0]
            elif name == "page":
                page = _page(element)
                element.clear()
                if page and page.to:
                    aliases.setdefault(page.to, []).append(page.title)
                elif page:
                    pages[page.title] = page.text
    except etree.XMLSyntaxError as error:
        if not pages:
            raise
        damage = f"damaged: what stands behind “{[*pages][-1]}” is not read ({error.msg})"
    if not pages:
        raise Unreadable("holds no article; export the pages of a wiki, with their text")
    for title, text in pages.items():
        written = as_markdown(text)
        if written:
            url = f"{base}/{quote(title.replace(' ', '_'), safe='/:')}" if base.startswith("http") else None
            also = "; ".join(aliases.get(title, ()))
            yield Draft(f"{stem}/{title}"[:MAX_ID], written, title, url=url, aliases=also, part=f":{title}")
    if damage:
        yield Remark(damage, failed=True)


class _Page(NamedTuple):
    title: str
    text: str
    to: str
    """The title of the page that it only leads to."""


def _page(element: etree._Element) -> _Page | None:
    """A page of an export, if it is one to be read."""
    found = {etree.QName(each).localname: each for each in element.iter(etree.Element)}  # of revisions the last
    title = one_line(found["title"].text or "") if "title" in found else ""
    namespace = (found["ns"].text or "") if "ns" in found else "0"
    if not title or namespace not in _READ or "text" not in found:
        return None
    text = found["text"].text or ""
    led = found["redirect"].get("title", "") if "redirect" in found else ""
    if not led and (redirect := _REDIRECT.match(text)):
        led = redirect["to"].strip()
    return _Page(title, text, led)


def _title(text: str) -> str:
    found = _TITLE.search(text)
    return one_line(found[1]) if found else ""
