"""Locks that name their holder and end with it, however it ends; one of them keeps a second writer from an index."""

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
from embeddings.storing.generations import unwritable

_PATIENCE = 0.5
"""Seconds to wait for the lock: whoever only looks for its holder has it for a moment."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a lock."""

    doing: str
    pid: int
    host: str
    since: str
    """When it began, in ISO 8601."""

    def __str__(self) -> str:
        return f"{self.doing}, process {self.pid} on {self.host}, since {self.since.replace('T', ' ')[:16]} UTC"


class HeldError(Exception):
    """Somebody else has the lock: `holder`, or None where the file does not say who."""

    def __init__(self, holder: Holder | None) -> None:
        super().__init__(str(holder))
        self.holder = holder


def acquire(path: Path, doing: str) -> FileLock:
    """Take the lock in a file, which says meanwhile who has it.

    The operating system ends a lock with the process that holds it, so a killed one blocks nobody.
    Raises HeldError when somebody else has it, OSError when the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, f"{path} is not a regular file")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=_PATIENCE, poll_interval=_PATIENCE / 10)
    except Timeout as error:
        raise HeldError(_named(path)) from error
    _name(path, doing)
    return lock


def release(lock: FileLock) -> None:
    """Give a lock back, and take the name out of its file."""
    _unname(Path(lock.lock_file))
    lock.release()


@contextmanager
def locked(root: Path, doing: str) -> Iterator[None]:
    """Keep others from changing the index at `root` meanwhile; reading it needs no lock.

    Raises IndexBusy when somebody holds it, IndexUnusable when the folder cannot be written.
    """
    try:
        lock = acquire(root / "lock", doing)
    except HeldError as error:
        raise IndexBusy(
            f"The index in {root} is being changed already ({error.holder or 'by somebody unnamed'}). Wait for that to "
            "end, or end it, and try again."
        ) from error
    except OSError as error:
        raise unwritable(root, error) from error
    try:
        yield
    finally:
        release(lock)


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
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
