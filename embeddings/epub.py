"""Turn the bytes of an electronic book (EPUB) into a draft of a document: its chapters in their order."""

import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from lxml import etree
from lxml.etree import _Element

from embeddings.formats import Draft, Found, Remark, Unreadable, counted, declared, decode, one_line
from embeddings.packed import unpacked
from embeddings.webpages import charset, parse, whole_text

_CONTAINER = "META-INF/container.xml"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
_NOTES = frozenset({"footnote", "endnote", "rearnote"})


def read_epub(data: bytes, stem: str) -> Found:
    """A book, with the title and the date that it declares; a chapter without a heading has that of the contents."""
    with unpacked(data) as archive:
        package = _root_file(archive)
        book = _xml(archive, package)
        folder = posixpath.dirname(package)
        items = {item.get("id", ""): item for item in _all(book, "item")}
        files = [_path(folder, item.get("href", "")) for item in _spine(book, items)]
        labels = dict(_labels(archive, folder, items.values()))
        chapters = [_chapter(archive.read(name), labels.get(name, "")) for name in files if name in archive.namelist()]
    text = "\n\n".join(filter(None, chapters))
    if not text.strip():
        raise Unreadable("holds no text")
    fields, reasons = declared({"title": _said(book, "title"), "published": _day(book)})
    yield Draft(stem, text, **fields)
    yield from map(Remark, reasons)
    if missing := len(files) - len(chapters):
        yield Remark(f"{counted(missing, 'chapter')} named, but not in it")


def _root_file(archive: zipfile.ZipFile) -> str:
    if "META-INF/encryption.xml" in archive.namelist() and b"xmlenc#aes" in archive.read("META-INF/encryption.xml"):
        raise Unreadable("protected against being read by other programs; use a copy without")
    found = next(_all(_xml(archive, _CONTAINER), "rootfile"), None)
    return "" if found is None else found.get("full-path", "")


def _spine(book: _Element, items: dict[str, _Element]) -> Iterator[_Element]:
    """What is to be read, in its order: neither the contents nor what stands beside the text."""
    for place in _all(book, "itemref"):
        item = items.get(place.get("idref", ""))
        if item is not None and "nav" not in item.get("properties", "").split() and place.get("linear") != "no":
            yield item


def _labels(archive: zipfile.ZipFile, folder: str, items: Iterable[_Element]) -> Iterator[tuple[str, str]]:
    """What the contents call each file, in either version of EPUB, from the last to the first, which is what counts."""
    found: list[tuple[str, str]] = []
    for item in items:
        contents = "nav" in item.get("properties", "").split()
        name = _path(folder, item.get("href", ""))
        if name not in archive.namelist() or not (contents or item.get("media-type") == "application/x-dtbncx+xml"):
            continue
        root = _xml(archive, name)
        for point in _all(root, "a" if contents else "navPoint"):
            words = point if contents else next(_all(point, "text"), point)
            target = point.get("href") if contents else next((each.get("src") for each in _all(point, "content")), "")
            found.append((_path(posixpath.dirname(name), target or ""), one_line("".join(words.itertext()))))
    return reversed(found)


def _chapter(data: bytes, label: str) -> str:
    text, _ = decode(data, charset(data))
    page = parse(text)
    for element in list(page.iter()):
        kinds = element.get("epub:type", "").split()
        if "pagebreak" in kinds:
            element.drop_tree()
        elif element.tag == "aside" and _NOTES.isdisjoint(kinds):
            element.tag = "div"
    etree.strip_elements(page, "head", with_tail=False)
    text = whole_text(page)
    headed = any(line.startswith("#") for line in text.split("\n", 40)[:40])
    return f"# {label}\n\n{text}" if text and label and not headed else text


def _xml(archive: zipfile.ZipFile, name: str) -> _Element:
    return etree.fromstring(archive.read(name), _PARSER)


def _all(root: _Element, name: str) -> Iterator[_Element]:
    yield from root.iter(f"{{*}}{name}")


def _path(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _said(book: _Element, name: str) -> str:
    return next((one_line("".join(found.itertext())) for found in _all(book, name)), "")


def _day(book: _Element) -> str | None:
    """The day of publication, where a whole day is named."""
    for found in _all(book, "date"):
        event = next((value for key, value in found.attrib.items() if str(key).endswith("event")), "publication")
        day = (found.text or "").strip()[:10]
        if event != "modification" and len(day) == 10:
            return day
    return None
