"""Files opened so that nothing that was put in their place can stop whoever reads them."""

import errno
import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading its bytes; raises OSError for what is no regular file, such as a named pipe."""
    stream = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - the caller closes it
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return stream


def sha256_of(path: Path) -> str:
    """SHA-256 of a regular file's bytes, in hexadecimal. Raises OSError."""
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _without_waiting(path: str, flags: int) -> int:
    """An opener that does not wait until somebody writes to what may be a named pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_text(path: Path) -> str:
    """The text of a regular file in UTF-8. Raises OSError or ValueError."""
    with open_regular(path) as stream:
        return stream.read().decode("utf-8")


def forbidden(path: Path, folder: Path) -> str:
    """What to say of a file below `folder` that this process may not read, as sentences."""
    return (
        f"{path} may not be read by the user that Footnote runs as, {_user()}. Give that user the permission to read "
        f"{folder} and everything in it{_owner(folder)}, then try again."
    )


def _user() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.geteuid()).pw_name
    except (ImportError, KeyError):  # no such list on this system, or nobody of that number in it
        return str(os.geteuid()) if hasattr(os, "geteuid") else "this one"


def _owner(folder: Path) -> str:
    try:
        return f", which belongs to {folder.owner()}"
    except (OSError, KeyError, NotImplementedError):
        return ""
