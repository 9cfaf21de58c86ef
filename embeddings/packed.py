"""Files that are an archive in a ZIP file: Word documents, presentations, OpenDocument, EPUB."""

import io
import zipfile

from embeddings.formats import Unreadable

MAX_UNPACKED = 256 * 1024**2
"""Most bytes that such a file may unpack to."""
MAX_RATIO = 200
"""How many times its own size it may unpack to."""


def unpacked(data: bytes) -> zipfile.ZipFile:
    """The archive, open. Raises Unreadable where it has a password, or unpacks to more than a document does."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    size = sum(entry.file_size for entry in archive.infolist())
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise Unreadable("encrypted with a password; save it without one")
    if size > MAX_UNPACKED or size > max(MAX_RATIO * len(data), 1024**2):
        raise Unreadable(f"unpacks to {size / 1024**2:,.0f} MiB, which no document of its size does; save it anew")
    return archive
