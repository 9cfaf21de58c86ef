"""Turn the bytes of an HTML page into a draft of a document: its main text, and what the page declares of itself."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import compress, groupby
from typing import Any, NamedTuple

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Document, use_config
from trafilatura.xpaths import OVERALL_DISCARD_XPATH

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, cleaned, decode, one_line
from embeddings.reading.marks import (
    LETTERED,
    LOWERED,
    RAISED,
    Table,
    Writer,
    Written,
    joined,
    lettered,
    whole,
    with_small,
)
from embeddings.reading.web.callouts import mark_callouts
from embeddings.reading.web.chats import name_speakers
from embeddings.reading.web.unfolding import ASKS, SIGNS, unfold

_SHORT = 250
"""A main text of fewer characters is not trusted to be all of it."""
_QUESTION = 300
"""Characters that a question has at most."""
_MOST = 0.9
"""Of the chosen text so much is in the element that is taken to hold the main text."""
_OF_SITES = ("script", "nav", "aside", "footer", "form")
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
_LETTERS = re.compile(r"(lower|upper)-(alpha|latin|roman)", re.IGNORECASE)
"""What counts the items of a list whose style says so."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN_INLINE = set("script style noscript template svg math iframe object select textarea button rt rp".split())
_UNSEEN = _UNSEEN_INLINE | {"head", "nav", "aside", "footer"}
_INLINE = _UNSEEN_INLINE | set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font hi i ins kbd label mark q ref ruby s samp "
    "small span strike strong sub sup time tt u var wbr".split()
)
_SAME = {
    "row": "tr",
    "cell": "td",
    "item": "li",
    "list": "ul",
    "menu": "ul",
    "dir": "ul",
    "quote": "blockquote",
    "lb": "br",
}
"""What trafilatura calls things, and old names."""
_TITLES = {*_HEADINGS, "dt", "summary"}
_SMALL = {"sup": RAISED, "sub": LOWERED}
_TO_HERE = {"¶", "#", "§"}
"""What a link beside a heading says that leads to the heading itself."""
_CODE_BEGINS, _CODE_ENDS = "\x01", "\x02"  # no text of a page has them
_CODE = re.compile(r"\x01([^\x01\x02`\n]+)\x02")
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
    """The encoding that the beginning of a page declares, as browsers understand it.

    UTF-16 is UTF-8: no tag could be found in the other.
    """
    match = _CHARSET.search(data[:4096])
    if not match:
        return None
    name = match[1].decode("ascii").lower()
    return "utf-8" if name.startswith("utf-16") else as_browsers_read(name)


def as_browsers_read(name: str) -> str:
    """The encoding that browsers and mail programs take for a declared one: windows-1252 for ISO 8859-1."""
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


class _Block(NamedTuple):
    """A block of a page, the element in which its text begins, and how many characters of it are in links."""

    written: Written
    source: etree._Element | None
    linked: int

    @property
    def leads(self) -> bool:
        """Whether it is a heading or a question, which belongs to what stands behind it."""
        words = self.written.words
        return self.written.text.startswith(("#", "**")) or (words.endswith(ASKS) and len(words) <= _QUESTION)

    @property
    def says(self) -> bool:
        """Whether it may be more than the word of a button."""
        text, words, _, within, _ = self.written
        named = within or self.leads or text.startswith("|") or "\n: " in text  # a list, a heading, a table, a meaning
        return bool(named) or not words.isalpha()


def main_text(page: HtmlElement) -> str:
    """What a reader comes for, without menus and the like; all that a page shows where too little of it is found, or
    where it is of no site: a document or a chat that a program exported.

    trafilatura chooses blocks, and leaves out lists, headings and last paragraphs among them. So what stands in the
    element that holds what it has chosen is taken too, if it is not in a part that trafilatura calls none of the text,
    and does not consist of links. Blocks are taken from the page, since words inside them are left out as well.
    """
    is_document = name_speakers(page) or next(page.iter(*_OF_SITES), None) is None
    etree.strip_elements(page, "script", "style", with_tail=False)
    mark_callouts(page)
    unfold(page)
    shown = _blocks(page)
    if is_document:
        return joined(block.written for block in shown)
    found = trafilatura.bare_extraction(page, include_comments=False, with_metadata=False, config=_CONFIG)
    runs = {run for block in _blocks(found.body) for run in _runs(block)} if isinstance(found, Document) else set()
    main = joined(block.written for block in compress(shown, _kept(shown, runs)))
    if len(main) >= _SHORT:
        return main
    holders = [*page.iter("main"), *page.iter("article")]
    inside = set(holders[0].iter(etree.Element)) if holders else set()
    within = [block.written for block in shown if block.source in inside]
    return joined(within or [block.written for block in shown])


def _kept(shown: Sequence[_Block], runs: set[tuple[str, ...]]) -> list[bool]:
    """Which blocks are of the main text, by the runs of words that trafilatura has chosen."""
    own = list(map(_runs, shown))
    chosen = [_share(each, runs) >= 0.5 for each in own]
    inside = _inside(list(compress(shown, chosen)))
    kept: list[bool] = []
    for _, group in groupby(zip(shown, own, chosen, strict=True), key=lambda each: each[0].written.group):
        blocks, read, is_chosen = zip(*group, strict=True)
        whole = _share([run for each in read for run in each], runs) >= 0.5
        links = sum(block.linked for block in blocks) > sum(len(block.written.words) for block in blocks) / 2
        kept += [
            one or whole or (not links and block.says and block.source in inside)
            for block, one in zip(blocks, is_chosen, strict=True)
        ]
    for place in reversed(range(len(shown) - 1)):
        kept[place] |= kept[place + 1] and shown[place].leads
    return kept


def _inside(chosen: Sequence[_Block]) -> set[etree._Element]:
    """What is in the innermost element that holds most of the chosen text, but parts that are none of the text."""
    sizes = Counter[etree._Element]()
    for block in chosen:
        if block.source is not None:
            for element in (block.source, *block.source.iterancestors()):
                sizes[element] += len(block.written.words)
    least = _MOST * max(sizes.values(), default=0)
    held = [element for element, size in sizes.items() if size >= least]
    if not held:
        return set()
    holder = max(held, key=lambda element: sum(1 for _ in element.iterancestors()))
    inside = set(holder.iter(etree.Element))
    for path in OVERALL_DISCARD_XPATH:
        for element in path(holder):
            if element is not holder and element in inside:
                inside.difference_update(element.iter(etree.Element))
    return inside


def whole_text(page: HtmlElement) -> str:
    """All that a page shows, in Markdown's form."""
    return joined(block.written for block in _blocks(page))


def _runs(block: _Block) -> list[tuple[str, ...]]:
    """The runs of three words in a block, or all its words where it has fewer."""
    words = block.written.words.replace("`", "").split()
    return [tuple(words[at : at + 3]) for at in range(max(len(words) - 2, 1))]


def _share(runs: list[tuple[str, ...]], chosen: set[tuple[str, ...]]) -> float:
    return sum(run in chosen for run in runs) / len(runs)


def _blocks(root: etree._Element) -> list[_Block]:
    reader = _Reader(root)
    for event, element in _walk(root):
        reader.take(event, element)
    return reader.end()


class _Reader:
    """Follows a walk through a page and writes down its blocks.

    Tables that arrange a page, which hold headings, code or other tables or have one column, are none; nor are lists
    that hold headings.
    """

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._writer = Writer()
        self._inline: list[str] = []
        self._read: list[_Block] = []
        self._source: etree._Element | None = None
        """Where the text since the last block begins."""
        self._links = self._linked = 0
        """Links that are open, and characters in links since the last block."""
        self._all_bold = True
        self._bold = 0
        self._next = ""
        """The heading, term or summary that has begun and has no text yet."""
        self._open: list[etree._Element] = []
        """Lists, items, quotations, tables and code that are open; what is hidden is none."""
        self._numbers: list[int | None] = []
        self._table: _Table | None = None
        self._arranged = set(_around(root, *_HEADINGS))
        self._no_table = self._arranged | set(_around(root, "table", "pre"))

    def take(self, event: str, element: etree._Element) -> None:
        """The beginning or the end of an element."""
        tag = _tag(element)
        begins = event == "start"
        if tag == "br":
            self._add("\n" if begins else "")
        elif tag == "code":
            self._inline.append(_CODE_BEGINS if begins else _CODE_ENDS)
        elif tag in _SMALL:
            self._inline.append(_SMALL[tag].split("{}")[not begins])
        elif tag in ("b", "strong"):
            self._bold = max(self._bold + (1 if begins else -1), 0)
        elif tag == "a":
            self._links = max(self._links + (1 if begins else -1), 0)
        elif tag not in _INLINE:
            self._border(begins, tag, element)
        text = element.text if begins else element.tail
        if text and (begins or element is not self._root):
            if self._source is None and text.strip():
                self._source = element if begins else element.getparent()
            self._linked += len(text.strip()) if self._links else 0
            self._add(cleaned(text) if self._in_code else cleaned(text).replace("\n", " "))

    def end(self) -> list[_Block]:
        """All blocks."""
        self._flush()
        self._writer.end_terms()
        self._take_blocks()
        if len(self._read) == 1 and self._read[0].written.text.startswith("```"):  # a text file as browsers wrap it
            self._writer, (code,), self._read = Writer(), self._read, []
            self._writer.paragraph(code.written.words)
            self._take_blocks()
        return self._read

    def _take_blocks(self) -> None:
        """What was written since the last time."""
        self._read += [
            _Block(written, self._source, self._linked) for written in self._writer.blocks[len(self._read) :]
        ]
        self._source, self._linked = None, 0

    @property
    def _in_code(self) -> bool:
        return bool(self._open) and self._open[-1].tag == "pre"

    def _add(self, text: str) -> None:
        self._all_bold &= self._bold > 0 or not text.strip()
        self._inline.append(text)

    def _border(self, begins: bool, tag: str, element: etree._Element) -> None:
        """Where a block begins or ends."""
        if self._in_code and self._open[-1] is not element:
            self._add("\n" if begins else "")
        elif self._table and tag != "table" and tag != "caption":
            self._table.border(begins, tag, element, self._inline)
        else:
            self._flush()
            if tag in _TITLES:
                self._next = tag if begins else ""
            if begins:
                self._begin(tag, element)
            elif self._open and self._open[-1] is element:
                self._open.pop()
                self._finish(tag)
            self._take_blocks()

    def _begin(self, tag: str, element: etree._Element) -> None:
        if tag in ("ul", "ol") and element not in self._arranged:
            self._numbers.append(whole(element.get("start"), 1) if tag == "ol" else None)
            self._writer.open_list()
        elif tag == "li" and element not in self._arranged:
            number = self._numbers[-1] if self._numbers else None
            if number is not None:
                number = whole(element.get("value"), number)
                self._numbers[-1] = number + 1
            form = _form(element.getparent())
            label = lettered(number, form) if number and form else ""
            self._writer.open_item(None if label else number, label)
        elif tag == "blockquote":
            callout = element.get("data-callout", "")
            self._source = element
            self._writer.open_quotation(callout if callout.isalpha() else "")
        elif tag == "table" and element not in self._no_table and _is_data(element):
            self._table = _Table()
        elif tag != "pre":
            return
        self._open.append(element)

    def _finish(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._numbers.pop()
            self._writer.close_list()
        elif tag in ("li", "blockquote"):
            self._writer.close()
        elif tag == "table" and self._table:
            self._writer.table(self._table.rows, self._table.header)
            self._table = None

    def _flush(self) -> None:
        """Write down the text so far: code, a heading, a question, a term, or a paragraph."""
        raw = with_small("".join(self._inline))
        text = _shown(raw)
        self._inline.clear()
        if self._in_code:
            self._writer.code(_without_ends(raw))
        elif text:
            tag, self._next = self._next, ""
            asks = text.endswith(ASKS) and "\n" not in text and (self._all_bold or tag == "dt")
            if level := _HEADINGS.get(tag):
                self._writer.heading(level, text.replace("`", ""))
            elif asks or tag == "summary":
                self._writer.question(text.rstrip(SIGNS) if tag == "summary" else text)
            elif tag == "dt":
                self._writer.term(text)
            else:
                self._writer.paragraph(text)
        self._all_bold = True


class _Table(Table):
    """A table whose cells come as elements."""

    def border(self, begins: bool, tag: str, element: etree._Element, inline: list[str]) -> None:
        """Where a row, a cell or a block in a cell begins or ends; `inline` is the text since the last cell."""
        if tag == "tr" and begins:
            self.row()
        elif tag in ("td", "th") and not begins:
            rows, columns = (whole(element.get(name), 1) for name in ("rowspan", "colspan"))
            self.cell(_shown(with_small("".join(inline))).replace("\n", " "), tag == "th", rows, columns)
        if tag in ("tr", "td", "th"):
            inline.clear()
        else:
            inline.append(" ")


def _around(root: etree._Element, *tags: str) -> Iterator[etree._Element]:
    """Each element that holds one of those; in time linear in the page."""
    seen: set[etree._Element] = set()
    for element in root.iter(*tags):
        for above in element.iterancestors():
            if above in seen:
                break
            seen.add(above)
            yield above


def _form(listed: etree._Element) -> str:
    """By which letters or Roman figures the items of a list are counted, as `lettered` takes it; "" for none."""
    if style := _LETTERS.search(listed.get("style", "")):
        return LETTERED[f"{style[1]}{style[2]}".lower().replace("latin", "alpha")]
    form = listed.get("type", "")
    return form if form in LETTERED.values() else ""


def _is_data(table: etree._Element) -> bool:
    """Whether a table has rows of several cells, as those do that hold data."""
    rows = [sum(_tag(cell) in ("td", "th") for cell in row) for row in table.iter("tr", "row")]
    return table.get("role") not in ("presentation", "none") and len(rows) > 1 and max(rows) > 1


def _tag(element: etree._Element) -> str:
    """An element's name as HTML has it."""
    tag = str(element.tag)
    if tag == "head":
        return element.get("rend") or tag  # trafilatura's headings are <head rend="h2">
    return _SAME.get(tag, tag)


def _walk(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Each element when it begins and when it ends; what is not shown only ends, so that its tail is."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element is not root and _is_unseen(element):
            walk.skip_subtree()
        else:
            yield event, element


def _is_unseen(element: etree._Element) -> bool:
    tag = _tag(element)
    if tag == "button":
        return _tag(element.getparent()) not in _TITLES
    return tag in _UNSEEN or element.get("hidden") is not None or (tag == "a" and _text(element) in _TO_HERE)


def _text(element: etree._Element) -> str:
    """The text of an element that holds no other."""
    return (element.text or "").strip() if len(element) == 0 else ""


def _shown(text: str) -> str:
    """Inline text with white space as a browser shows it, and code between backticks."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    text = "\n".join(line for line in lines if line.strip(_CODE_BEGINS + _CODE_ENDS))
    return _without_ends(_CODE.sub(lambda found: f"`{found[1].strip()}`" if found[1].strip() else "", text))


def _without_ends(text: str) -> str:
    return text.replace(_CODE_BEGINS, "").replace(_CODE_ENDS, "")


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
