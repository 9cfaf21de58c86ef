"""Turn the bytes of PDF and DOCX files into drafts of documents, and say what reads the other formats.

Everything here runs in the process of `sandbox`, with its limits on time and memory.
"""

import io
import zipfile
from collections.abc import Iterator

import docx
import pypdf
from docx.oxml.ns import qn
from docx.styles.style import BaseStyle
from lxml.etree import _Element
from pypdf.errors import PyPdfError

from embeddings.formats import Draft, Found, Remark, Unreadable, cleaned, counted, one_line, summary
from embeddings.mail import read_mail, read_mailbox
from embeddings.webpages import read_page

MAX_PAGES = 5000
MAX_UNPACKED = 256 * 1024**2
"""Most bytes that a DOCX file may unpack to."""
MAX_RATIO = 200
"""How many times its own size a DOCX file may unpack to."""
MAX_TEXT = 64 * 1024**2
"""Longest text that is handed on, in characters: of all messages of a mailbox."""
MAX_DOCUMENT = 16 * 1024**2
"""Longest text of one document, in characters: 5,000 full pages, and four times the Bible."""
MAX_EXPANSION = 100
"""How many characters a byte of a PDF file may become, beyond the first million; prose packs to a third."""

_UNTITLED = {"untitled", "(untitled)", "word document"}
"""What programs write for a title that nobody gave."""
_ENDS_OF_SENTENCES = tuple(".!?:;…。！？\"'”’»)]")


def extract(suffix: str, stem: str, data: bytes) -> list[Draft | Remark]:
    """What is in a file of that suffix. Raises Unreadable, or whatever the library for it raises."""
    found: list[Draft | Remark] = []
    size = 0
    for item in _READERS[suffix](data, stem):
        found.append(item)
        if isinstance(item, Draft):
            _check_length(len(item.text), MAX_DOCUMENT)
            size += len(item.text)
        _check_length(size, MAX_TEXT)
    return found


def read_pdf(data: bytes, stem: str) -> Found:
    """A PDF file, page by page. Its dates are those of the file, so none is taken for the publication's."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("encrypted with a password; save it without one")
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable(f"has more than {MAX_PAGES:,} pages; split it")
    text = ""
    starts: list[int] = []
    blank = 0
    limit = min(MAX_DOCUMENT, max(MAX_EXPANSION * len(data), 1024**2))
    for number, page in enumerate(reader.pages, 1):
        try:
            content = cleaned(page.extract_text()).strip()
        except (PyPdfError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            yield Remark(f"could not be read ({summary(error)})", failed=True, part=f", page {number}")
            content = ""
        else:
            blank += not content
        if text and content:
            text += "\n\n" if text.endswith(_ENDS_OF_SENTENCES) else "\n"
        starts.append(len(text))
        text += content
        _check_length(len(text), limit)
    if not text and blank == len(starts):
        raise Unreadable("holds no text (a scan?); run OCR first")
    if text:
        yield Draft(stem, text, _title(reader.metadata.title if reader.metadata else None), pages=tuple(starts))
    if text and blank:
        yield Remark(f"{counted(blank, 'page')} of {len(starts):,} without text (scanned?)")


def read_docx(data: bytes, stem: str) -> Found:
    """A Word document: paragraphs, headings and the rows of tables. No date of its file is its publication's."""
    _check_packing(data)
    document = docx.Document(io.BytesIO(data))
    body = document.element.body
    styles = {style.style_id: _heading_level(style) for style in document.styles}
    text = "\n\n".join(block for block in _blocks(body, styles) if block)
    if not text.strip():
        raise Unreadable("holds no text")
    yield Draft(stem, text, _title(document.core_properties.title))
    if notes := len(body.xpath(".//w:footnoteReference | .//w:endnoteReference")):
        yield Remark(f"{counted(notes, 'footnote')} left out")
    if boxes := len(body.xpath(".//w:txbxContent[not(ancestor::*[local-name() = 'Fallback'])]")):
        yield Remark(f"{counted(boxes, 'drawn text')} left out")


_READERS = {
    ".html": read_page,
    ".htm": read_page,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".eml": read_mail,
    ".mbox": read_mailbox,
}


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise Unreadable(f"holds more than {limit:,} characters of text; split it")


def _title(given: str | None) -> str:
    title = one_line(given or "")
    return "" if title.lower() in _UNTITLED else title


def _check_packing(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
        encrypted = any(entry.flag_bits & 1 for entry in packed.infolist())
    if encrypted:
        raise Unreadable("encrypted with a password; save it without one")
    if unpacked > MAX_UNPACKED or unpacked > max(MAX_RATIO * len(data), 1024**2):
        raise Unreadable(f"unpacks to {unpacked / 1024**2:,.0f} MiB, which no document of its size does; save it anew")


def _heading_level(style: BaseStyle | None) -> int:
    """1 to 6 for a style that is a heading or made from one, else 0."""
    for _ in range(10):
        name = style.name or "" if style is not None else ""
        if name == "Title":
            return 1
        if name.startswith("Heading ") and name[8:].isdecimal():
            return min(int(name[8:]), 6)
        style = getattr(style, "base_style", None)
    return 0


_PARAGRAPH, _TABLE, _ROW, _CELL = (qn(f"w:{tag}") for tag in ("p", "tbl", "tr", "tc"))
_CONTAINERS = {qn(f"w:{tag}") for tag in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_SHOWN = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_INLINE = _CONTAINERS | {qn(f"w:{tag}") for tag in ("r", "hyperlink", "fldSimple", "bdo", "dir")}


def _blocks(container: _Element, styles: dict[str, int]) -> Iterator[str]:
    """The paragraphs and table rows of a part of the document, each on its own."""
    for child in container:
        if child.tag == _PARAGRAPH:
            text = cleaned("".join(_inline(child))).strip()
            level = styles.get(_style(child), 0)
            yield f"{'#' * level} {one_line(text)}" if level and text else text
        elif child.tag == _TABLE:
            for row in _within(child, _ROW):
                cells = [one_line(" ".join(_blocks(cell, {}))) for cell in _within(row, _CELL)]
                yield " | ".join(cell for cell in cells if cell)
        elif child.tag in _CONTAINERS:
            yield from _blocks(child, styles)


def _within(parent: _Element, tag: str) -> Iterator[_Element]:
    """The elements of a table that are `tag`, also those inside content controls."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _CONTAINERS:
            yield from _within(child, tag)


def _inline(parent: _Element) -> Iterator[str]:
    """What a reader sees of a paragraph: inserted text, but nothing deleted, hidden in a field or drawn."""
    for child in parent:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _SHOWN:
            yield _SHOWN[child.tag]
        elif child.tag in _INLINE:
            yield from _inline(child)


def _style(paragraph: _Element) -> str:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return "" if style is None else style.get(qn("w:val"), "")
