"""One writer at a time: a lock on an index that names its holder and ends with it, however it ends."""

import errno
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from embeddings.errors import IndexBusy
from embeddings.files import read_text
from embeddings.generations import unwritable

_PATIENCE = 0.5
"""Seconds to wait for the lock: whoever only looks for its holder has it for a moment."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is changing an index."""

    doing: str
    pid: int
    host: str
    since: str
    """When it began, in ISO 8601."""

    def __str__(self) -> str:
        return f"{self.doing}, process {self.pid} on {self.host}, since {self.since.replace('T', ' ')[:16]} UTC"


@contextmanager
def locked(root: Path, doing: str) -> Iterator[None]:
    """Keep others from changing the index at `root` meanwhile; reading it needs no lock.

    The operating system ends the lock with the process that holds it, so a killed build blocks nobody.
    Raises IndexBusy when somebody holds it, IndexUnusable when the folder cannot be written.
    """
    path = root / "lock"
    lock = FileLock(path)
    try:
        root.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, f"{path} is not a regular file")
        lock.acquire(timeout=_PATIENCE, poll_interval=_PATIENCE / 10)
    except Timeout as error:
        named = _named(path)
        raise IndexBusy(
            f"The index in {root} is being changed already ({named or 'by somebody unnamed'}). Wait for that to "
            "end, or end it, and try again."
        ) from error
    except OSError as error:
        raise unwritable(root, error) from error
    try:
        _name(path, doing)
        yield
    finally:
        _unname(path)
        lock.release()


def holder(root: Path) -> Holder | None:
    """Who is changing the index just now; None when nobody is."""
    path = root / "lock"
    if not path.is_file() or not os.access(path, os.W_OK):
        return _named(path)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return _named(path)
    lock.release()
    return None


def _name(path: Path, doing: str) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    named = Holder(doing, os.getpid(), socket.gethostname(), since)
    try:
        path.write_text(json.dumps(asdict(named)), encoding="utf-8")
    except OSError:  # a full disk: the lock itself holds without a name
        _unname(path)


def _unname(path: Path) -> None:
    try:
        os.truncate(path, 0)
    except OSError:
        return


def _named(path: Path) -> Holder | None:
    try:
        fields = json.loads(read_text(path))
        return Holder(str(fields["doing"]), int(fields["pid"]), str(fields["host"]), str(fields["since"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
