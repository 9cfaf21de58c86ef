"""Which reader turns the bytes of which format into drafts of documents.

Everything here runs in the process of `sandbox`, with its limits on time and memory.
"""

from embeddings.reading.formats import Draft, Remark, Unreadable
from embeddings.reading.markup.asciidoc import read_asciidoc
from embeddings.reading.markup.rst import read_rst
from embeddings.reading.markup.wikis import read_export, read_wikitext
from embeddings.reading.office.epub import read_epub
from embeddings.reading.office.opendocument import read_odp, read_ods, read_odt
from embeddings.reading.office.sheets import read_csv
from embeddings.reading.office.slides import read_pptx
from embeddings.reading.office.word import read_docx
from embeddings.reading.office.workbooks import read_xlsx
from embeddings.reading.pages.pdf import read_pdf
from embeddings.reading.subtitles import read_subtitles
from embeddings.reading.web.chats import read_chat
from embeddings.reading.web.mail import read_mail, read_mailbox
from embeddings.reading.web.webpages import read_page

MAX_TEXT = 64 * 1024**2
"""Longest text that is handed on, in characters: of all messages of a mailbox."""
MAX_DOCUMENT = 16 * 1024**2
"""Longest text of one document, in characters: 5,000 full pages, and four times the Bible."""


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


_READERS = {
    ".html": read_page,
    ".htm": read_page,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".odt": read_odt,
    ".odp": read_odp,
    ".pptx": read_pptx,
    ".xlsx": read_xlsx,
    ".xlsm": read_xlsx,
    ".ods": read_ods,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".epub": read_epub,
    ".rst": read_rst,
    ".adoc": read_asciidoc,
    ".asciidoc": read_asciidoc,
    ".eml": read_mail,
    ".mbox": read_mailbox,
    ".wiki": read_wikitext,
    ".mediawiki": read_wikitext,
    ".wikitext": read_wikitext,
    ".xml": read_export,
    ".json": read_chat,
    ".vtt": read_subtitles,
    ".srt": read_subtitles,
}


def _check_length(length: int, limit: int) -> None:
    if length > limit:
        raise Unreadable(f"holds more than {limit:,} characters of text; split it")
