"""Files that are an archive in a ZIP file: Word documents, presentations, OpenDocument, EPUB."""

import io
import zipfile

from lxml import etree
from lxml.etree import _Element

from embeddings.reading.formats import Unreadable

NO_TEXT = "holds no text; what pictures and charts say is not read"
"""Why slides and sheets without any are not read."""
MAX_UNPACKED = 256 * 1024**2
"""Most bytes that such a file may unpack to."""
MAX_RATIO = 200
"""How many times its own size it may unpack to."""


_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
"""How files begin in which Office keeps what is encrypted, and what it wrote before 2007."""


def unpacked(data: bytes) -> zipfile.ZipFile:
    """The archive, open. Raises Unreadable where it has a password, or unpacks to more than a document does."""
    if data.startswith(_COMPOUND):
        raise Unreadable("encrypted with a password, or of an older kind; save it anew, without one")
    archive = zipfile.ZipFile(io.BytesIO(data))
    size = sum(entry.file_size for entry in archive.infolist())
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise Unreadable("encrypted with a password; save it without one")
    if size > MAX_UNPACKED or size > max(MAX_RATIO * len(data), 1024**2):
        raise Unreadable(f"unpacks to {size / 1024**2:,.0f} MiB, which no document of its size does; save it anew")
    return archive


def tree(data: bytes, *, recover: bool = False) -> _Element:
    """The XML of a file in it, which reads no other file; `recover` takes what can be made out of a flawed one."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=recover, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(data, parser)
