"""Turn the bytes of PDF files into drafts of documents, and say what reads the other formats.

Everything here runs in the process of `sandbox`, with its limits on time and memory.
"""

import io

import pypdf
from pypdf.errors import PyPdfError

from embeddings.formats import Draft, Found, Remark, Unreadable, cleaned, counted, given_title, summary
from embeddings.mail import read_mail, read_mailbox
from embeddings.rst import read_rst
from embeddings.subtitles import read_subtitles
from embeddings.webpages import read_page
from embeddings.word import read_docx

MAX_PAGES = 5000
MAX_TEXT = 64 * 1024**2
"""Longest text that is handed on, in characters: of all messages of a mailbox."""
MAX_DOCUMENT = 16 * 1024**2
"""Longest text of one document, in characters: 5,000 full pages, and four times the Bible."""
MAX_EXPANSION = 100
"""How many characters a byte of a PDF file may become, beyond the first million; prose packs to a third."""

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
        yield Draft(stem, text, given_title(reader.metadata.title if reader.metadata else None), pages=tuple(starts))
    if text and blank:
        yield Remark(f"{counted(blank, 'page')} of {len(starts):,} without text (scanned?)")


_READERS = {
    ".html": read_page,
    ".htm": read_page,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".rst": read_rst,
    ".eml": read_mail,
    ".mbox": read_mailbox,
    ".vtt": read_subtitles,
    ".srt": read_subtitles,
}


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise Unreadable(f"holds more than {limit:,} characters of text; split it")
