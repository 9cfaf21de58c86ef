"""Turn the bytes of an electronic book (EPUB) into a draft of a document: its chapters in their order."""

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree
from lxml.etree import _Element
from lxml.html import HtmlElement

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, counted, declared, decode, one_line
from embeddings.reading.office.packed import tree, unpacked
from embeddings.reading.web.webpages import charset, parse, whole_text

_CONTAINER = "META-INF/container.xml"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_NOTES = frozenset({"footnote", "endnote", "rearnote"})


class _Label(NamedTuple):
    """What the contents call a chapter, and the place in its file that they lead to."""

    words: str
    place: str


def read_epub(data: bytes, stem: str) -> Found:
    """A book, with the title and the day that it declares; a chapter without a heading has that of the contents."""
    with unpacked(data) as archive:
        package = _root_file(archive)
        book = _xml(archive, package)
        folder = posixpath.dirname(package)
        items = {item.get("id", ""): item for item in _all(book, "item")}
        files = [_path(archive, folder, item.get("href", "")) for item in _spine(book, items)]
        labels = dict(_labels(archive, folder, items.values()))
        chapters = list(_chapters(archive, files, labels))
    missing = counted(len(files) - len(chapters), "chapter") + " named, but not in it or not to be read"
    text = "\n\n".join(filter(None, (chapter.text for chapter in chapters)))
    if not text.strip():
        raise Unreadable("holds no text" if len(files) == len(chapters) else f"holds no text: {missing}")
    fields, reasons = declared({"title": _said(book, "title"), "published": _day(book)})
    yield Draft(stem, text, **fields)
    yield from map(Remark, reasons)
    if len(files) > len(chapters):
        yield Remark(missing)
    if notes := sum(chapter.notes for chapter in chapters):
        yield Remark(f"{counted(notes, 'footnote')} left out")


def _root_file(archive: zipfile.ZipFile) -> str:
    names = archive.NameToInfo
    if "META-INF/encryption.xml" in names and b"xmlenc#aes" in archive.read("META-INF/encryption.xml"):
        raise Unreadable("protected against being read by other programs; use a copy without")
    if _CONTAINER not in names:
        raise Unreadable(f"damaged, or not an .epub file (without {_CONTAINER})")
    found = next(_all(_xml(archive, _CONTAINER), "rootfile"), None)
    name = "" if found is None else found.get("full-path", "")
    if name not in names:
        raise Unreadable("damaged, or not an .epub file (without the list of what is in it)")
    return name


def _spine(book: _Element, items: dict[str, _Element]) -> Iterator[_Element]:
    """The pages that are to be read, in their order: neither the contents nor what stands beside the text."""
    for place in _all(book, "itemref"):
        item = items.get(place.get("idref", ""))
        if item is None or "nav" in item.get("properties", "").split() or place.get("linear") == "no":
            continue
        if "html" in item.get("media-type", "html"):
            yield item


def _labels(archive: zipfile.ZipFile, folder: str, items: Iterable[_Element]) -> Iterator[tuple[str, _Label]]:
    """What the contents call each file, in either version of EPUB, from the last to the first, which is what counts."""
    found: list[tuple[str, _Label]] = []
    for item in items:
        name = _path(archive, folder, item.get("href", ""))
        nav = "nav" in item.get("properties", "").split()
        if name not in archive.NameToInfo or not (nav or item.get("media-type") == "application/x-dtbncx+xml"):
            continue
        root = _xml(archive, name)
        if root is None:
            continue
        listed = next((each for each in _all(root, "nav") if each.get(_TYPE, "toc") == "toc"), root) if nav else root
        for point in _all(listed, "a" if nav else "navPoint"):
            words = point if nav else next(_all(point, "text"), point)
            target = point.get("href") if nav else next((each.get("src") for each in _all(point, "content")), "")
            place = unquote((target or "").partition("#")[2])
            label = _Label(one_line("".join(words.itertext())), place)
            found.append((_path(archive, posixpath.dirname(name), target or ""), label))
    return reversed(found)


def _chapters(archive: zipfile.ZipFile, files: Iterable[str], labels: Mapping[str, _Label]) -> Iterator["_Chapter"]:
    """The chapters that are there and can be read."""
    for name in files:
        if name in archive.NameToInfo:
            with suppress(Unreadable):
                yield _Chapter(archive.read(name), labels.get(name))


class _Chapter:
    """The `text` of a file, and how many `notes` to it are left out."""

    def __init__(self, data: bytes, label: _Label | None) -> None:
        page = parse(decode(data, charset(data))[0])
        etree.strip_elements(page, "head", with_tail=False)
        opens = label is not None and _opens(page, label.place)
        self.notes = 0
        for element in list(page.iter()):
            kinds = element.get("epub:type", "").split()
            if "pagebreak" in kinds:
                element.drop_tree()
            elif element.tag == "aside" and _NOTES.isdisjoint(kinds):
                element.tag = "div"
            self.notes += element.tag == "aside"
        self.text = whole_text(page)
        if label and opens and not re.search(r"^#{1,6} ", self.text, re.MULTILINE):
            self.text = _headed(self.text, label.words)


def _opens(page: HtmlElement, place: str) -> bool:
    """Whether a place is the beginning of the page: nothing is said before."""
    marked = page.xpath("//*[@id = $place]", place=place) if place else []
    return not marked or not marked[0].xpath("preceding::text()[normalize-space()]")


def _headed(text: str, label: str) -> str:
    """A chapter under what the contents call it, which may be what it begins with."""
    first, _, rest = text.partition("\n\n")
    if one_line(first).casefold() == label.casefold():
        text = rest
    return f"# {label}\n\n{text}" if text and label else text


def _xml(archive: zipfile.ZipFile, name: str) -> _Element:
    return tree(archive.read(name), recover=True)


def _all(root: _Element, name: str) -> Iterator[_Element]:
    yield from root.iter(f"{{*}}{name}")


def _path(archive: zipfile.ZipFile, folder: str, href: str) -> str:
    """The name of the file that is meant, whose signs may be written as in an address."""
    plain = posixpath.normpath(posixpath.join(folder, href.partition("#")[0]))
    return plain if plain in archive.NameToInfo else unquote(plain)


def _said(book: _Element, name: str) -> str:
    return next((one_line("".join(found.itertext())) for found in _all(book, name)), "")


def _day(book: _Element) -> str | None:
    """The day of publication, where a whole day is named; some programs write the year 101 for none."""
    for found in _all(book, "date"):
        event = next((value for key, value in found.attrib.items() if str(key).endswith("event")), "publication")
        day = (found.text or "").strip()[:10]
        if "publication" in event and len(day) == 10 and day > "1000":
            return day
    return None
