"""Turn the bytes of an HTML page into a draft of a document: its main text, and what the page declares of itself."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Document, use_config

from embeddings.formats import Draft, Found, Remark, Unreadable, cleaned, decode, one_line

_SHORT = 250
"""A main text of fewer characters is not trusted to be all of it."""
_CONFIG = use_config()
_CONFIG["DEFAULT"]["MIN_EXTRACTED_SIZE"] = "0"  # else trafilatura falls back on text that it joins by spaces

_CHARSET = re.compile(
    rb"""<(?:meta[^>]{0,500}?charset|\?xml[^>]{0,500}?encoding)\s*+=\s*+["']?\s*+([\w:.-]+)""", re.IGNORECASE
)
_AS_BROWSERS_READ = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"} | {
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "iso-8859-9": "cp1254",
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN_INLINE = set("script style noscript template svg math iframe object select textarea button".split())
_UNSEEN = _UNSEEN_INLINE | {"head", "nav", "aside", "footer"}
_INLINE = _UNSEEN_INLINE | set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font hi i ins kbd label mark q ref rp rt ruby s samp "
    "small span strike strong sub sup time tt u var wbr".split()
)
_CELLS = {"td", "th", "cell"}
_ROWS = {"tr", "row"}
_DATES = ("article:published_time", "datepublished")
_OTHER_DATES = ("date", "dc.date", "dc.date.issued", "dcterms.issued")


def read_page(data: bytes, stem: str) -> Found:
    """A page: one document, with the title, date and address that its metadata declares."""
    text, remarks = decode(data, charset(data))
    page = parse(text)
    declared = _metadata(page)
    linked = list(_articles(page))
    title = declared.get("og:title") or _only(linked, "headline") or one_line(page.findtext(".//title") or "")
    published, left_out = _published(declared, linked)
    yield Draft(stem, main_text(page), title, published, _address(page, declared))
    yield from remarks
    if left_out:
        yield Remark(f"its date ({left_out[:40]!r}) is not like 2025-06-16 and was left out")


def charset(data: bytes) -> str | None:
    """The encoding that the beginning of a page declares, as browsers understand it."""
    match = _CHARSET.search(data[:4096])
    if not match:
        return None
    name = match[1].decode("ascii").lower()
    return _AS_BROWSERS_READ.get(name, name)


def parse(text: str) -> HtmlElement:
    """The tree of a page. Raises Unreadable where it is nested more deeply than any page that people read."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        page = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise Unreadable("holds no text") from error
    for entry in parser.error_log:
        if entry.type_name == "ERR_RESOURCE_LIMIT":  # what follows is not in the tree
            what = "nested too deeply" if "depth" in entry.message else "a text without marks too long for a page"
            raise Unreadable(f"{what}; save its text as .txt")
    return page


def main_text(page: HtmlElement) -> str:
    """What a reader comes for, without menus and the like; all that a page shows where too little of it is found.

    trafilatura chooses the blocks, but they are taken from the page, since it leaves out words inside them.
    """
    etree.strip_elements(page, "script", "style", with_tail=False)
    shown = list(_blocks(page))
    found = trafilatura.bare_extraction(page, include_comments=False, with_metadata=False, config=_CONFIG)
    chosen = {run for block in _blocks(found.body) for run in _runs(block)} if isinstance(found, Document) else set()
    main = "\n\n".join(block for block in shown if _share(_runs(block), chosen) >= 0.5)
    return main if len(main) >= _SHORT else "\n\n".join(shown)


def whole_text(page: HtmlElement) -> str:
    """All that a page shows: blocks parted by a blank line, headings as Markdown, each row of a table a block."""
    return "\n\n".join(_blocks(page))


def _runs(block: str) -> set[tuple[str, ...]]:
    """The runs of three words in a block, or all its words where it has fewer."""
    words = [word for word in block.split() if word.strip("#|")]
    return {tuple(words[at : at + 3]) for at in range(max(len(words) - 2, 1))}


def _share(runs: set[tuple[str, ...]], chosen: set[tuple[str, ...]]) -> float:
    return len(runs & chosen) / len(runs)


def _blocks(root: etree._Element) -> Iterator[str]:
    inline: list[str] = []
    prefix = ""
    preformatted = 0
    for event, element in _walk(root):
        tag = str(element.tag)
        if tag in ("br", "lb"):
            if event == "start":
                inline.append("\n")
        elif tag in _CELLS:
            inline.append(" \x00 ")
        elif tag not in _INLINE and _in_row(element):
            inline.append(" ")
        elif tag not in _INLINE:
            if block := _shown("".join(inline)):
                yield prefix + block.replace("\n", " ") if prefix else block
                prefix = ""
            inline.clear()
            if level := _HEADINGS.get(element.get("rend", "") if tag == "head" else tag):
                prefix = "#" * level + " " if event == "start" else ""
        if tag == "pre":
            preformatted = preformatted + 1 if event == "start" else max(preformatted - 1, 0)  # a hidden one only ends
        text = element.text if event == "start" else element.tail
        if text and (event == "start" or element is not root):
            inline.append(cleaned(text) if preformatted else cleaned(text).replace("\n", " "))
    if block := _shown("".join(inline)):
        yield prefix + block


def _walk(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Each element when it begins and when it ends; what is not shown only ends, so that its tail is."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        named = element.tag in _UNSEEN and not element.get("rend")  # trafilatura's headings are <head rend="h2">
        unseen = (named or element.get("hidden") is not None) and element is not root
        if unseen and event == "start":
            walk.skip_subtree()
        else:
            yield event, element


def _in_row(element: etree._Element) -> bool:
    parent = element.getparent()
    while parent is not None and parent.tag not in _ROWS:
        parent = parent.getparent()
    return parent is not None


def _shown(text: str) -> str:
    """Inline text with white space as a browser shows it; cells of a row are parted by a bar."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    text = "\n".join(line for line in lines if line)
    return " | ".join(cell for cell in (cell.strip() for cell in text.split("\x00")) if cell)


def _metadata(page: HtmlElement) -> dict[str, str]:
    """The first content of each `<meta>` by its property, name or itemprop."""
    found: dict[str, str] = {}
    for meta in page.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if content := one_line(meta.get("content", "")):
            found.setdefault(name.strip().lower(), content)
    return found


def _articles(page: HtmlElement) -> Iterator[dict[str, Any]]:
    """What the page's JSON-LD declares at its top as an article."""
    for script in page.iter("script"):
        if script.get("type", "").strip().lower() != "application/ld+json":
            continue
        try:
            loaded = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for item in loaded if isinstance(loaded, list) else [loaded]:
            graph = item.get("@graph") if isinstance(item, dict) else None
            for thing in graph if isinstance(graph, list) else [item]:
                if isinstance(thing, dict) and _is_article(thing.get("@type")):
                    yield thing


def _is_article(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(name, str) and name.endswith(("Article", "Posting", "Report")) for name in kinds)


def _only(articles: list[dict[str, Any]], key: str) -> str:
    """The value that the articles declare for a key, unless they differ in it."""
    values = {one_line(article[key]) for article in articles if isinstance(article.get(key), str)}
    return values.pop() if len(values) == 1 else ""


def _published(declared: dict[str, str], articles: list[dict[str, Any]]) -> tuple[date | None, str]:
    """The first date that is declared as the publication's and can be read, or else one that cannot."""
    left_out = ""
    for value in (
        *(declared.get(name, "") for name in _DATES),
        _only(articles, "datePublished"),
        *(declared.get(name, "") for name in _OTHER_DATES),
    ):
        try:
            return datetime.fromisoformat(value).date(), ""
        except ValueError:
            left_out = left_out or value
    return None, left_out


def _address(page: HtmlElement, declared: dict[str, str]) -> str | None:
    links = [link.get("href", "") for link in page.iter("link") if "canonical" in link.get("rel", "").lower().split()]
    for address in (*links, declared.get("og:url", "")):
        if re.match(r"https?://\S+$", one_line(address)):
            return one_line(address)
    return None
