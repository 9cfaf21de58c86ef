"""The lock on an index: one writer, who is named, and whose death frees it."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from embeddings.errors import IndexBusy, IndexUnusable
from embeddings.storing.lock import Holder, holder, locked

HOLDING = """
    import sys, time
    from pathlib import Path
    from embeddings.storing.lock import locked

    with locked(Path(sys.argv[1]), "build"):
        print("holding", flush=True)
        time.sleep(60)
"""


@contextmanager
def another(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDING), str(root)],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_whoever_holds_the_lock_is_named_and_keeps_others_out(tmp_path):
    root = tmp_path / "index"

    with another(root) as process:
        named = holder(root)
        began = time.monotonic()
        with pytest.raises(IndexBusy) as raised, locked(root, "rollback"):
            pytest.fail("two have it")

    assert time.monotonic() - began < 5
    assert named is not None
    assert (named.doing, named.pid) == ("build", process.pid)
    assert str(raised.value) == (
        f"The index in {root} is being changed already ({named}). Wait for that to end, or end it, and try again."
    )
    here = re.escape(socket.gethostname())
    assert re.fullmatch(rf"build, process {process.pid} on {here}, since \d{{4}}-\d\d-\d\d \d\d:\d\d UTC", str(named))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_holder_blocks_nobody(tmp_path, how):
    with another(tmp_path) as process:
        process.send_signal(how)
        process.wait()

    assert (tmp_path / "lock").read_bytes() != b""  # its name is still there, and yet
    assert holder(tmp_path) is None
    with locked(tmp_path, "build"):
        named = holder(tmp_path)
        assert named is not None
        assert named.pid == os.getpid()
    assert holder(tmp_path) is None


def test_the_lock_ends_with_an_error_too(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path, "build"):
        raise ZeroDivisionError

    assert holder(tmp_path) is None
    with locked(tmp_path, "build"):
        pass


def test_where_nobody_ever_wrote_there_is_no_holder_and_nothing_is_made(tmp_path):
    assert holder(tmp_path / "index") is None
    assert holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_looking_for_the_holder_keeps_no_writer_out(tmp_path):
    """Whoever looks takes the lock for a moment."""
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            holder(tmp_path)

    with locked(tmp_path, "build"):
        pass
    looking = [threading.Thread(target=look) for _ in range(2)]
    for thread in looking:
        thread.start()
    try:
        for _ in range(50):
            with locked(tmp_path, "build"):
                pass
    finally:
        done.set()
        for thread in looking:
            thread.join()


@pytest.mark.slow
def test_of_many_at_once_one_has_it(tmp_path):
    inside, most, refused = 0, 0, 0
    begin = threading.Barrier(8)

    def work() -> None:
        nonlocal inside, most, refused
        begin.wait()
        try:
            with locked(tmp_path, "build"):
                inside += 1
                most = max(most, inside)
                time.sleep(1)
                inside -= 1
        except IndexBusy:
            refused += 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most, refused) == (1, 7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"null", b"[]", b"\xff", b"[" * 4000, b'{"pid": 1}'),
        b'{"doing": 1, "pid": [], "host": null, "since": 4}',
        b'{"doing": 1, "pid": 1e999, "host": null, "since": 4}',
    ],
)
def test_a_lock_that_names_nobody_is_held_all_the_same(tmp_path, content):
    with another(tmp_path):
        (tmp_path / "lock").write_bytes(content)

        with pytest.raises(IndexBusy, match=r"is being changed already \(.+\)\. Wait"), locked(tmp_path, "build"):
            pytest.fail("two have it")
        str(holder(tmp_path))
    assert holder(tmp_path) is None


def test_the_lock_says_who_in_plain_json(tmp_path):
    root = tmp_path / "of" / "its" / "own"
    with locked(root, "prune"):
        fields = json.loads((root / "lock").read_bytes())
        named = holder(root)
    since = datetime.fromisoformat(fields.pop("since"))

    assert fields == {"doing": "prune", "pid": os.getpid(), "host": socket.gethostname()}
    assert since.utcoffset() == timedelta(0) and not since.microsecond
    assert timedelta(0) <= datetime.now(UTC) - since < timedelta(seconds=60)
    assert named == Holder("prune", os.getpid(), socket.gethostname(), since.isoformat())
    assert (root / "lock").read_bytes() == b""


def test_where_the_disk_is_full_the_lock_holds_without_a_name(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with another(tmp_path) as process:
        process.kill()
        process.wait()
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with locked(tmp_path, "build"):
            left = (tmp_path / "lock").read_bytes()
            with (
                pytest.raises(IndexBusy, match=r"is being changed already \(by somebody unnamed\)"),
                locked(tmp_path, ""),
            ):
                pytest.fail("two have it")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert left == b""


def test_a_folder_that_may_not_be_written_is_an_error(own_folder):
    (own_folder / "index").mkdir()
    (own_folder / "index").chmod(0o500)

    for root in (own_folder / "index", own_folder / "index" / "deeper"):
        with pytest.raises(IndexUnusable) as raised, locked(root, "build"):
            pytest.fail("it was written")
        assert str(raised.value) == (
            f"The index could not be written to {root} (Permission denied); what was there is unchanged. Check the "
            "disk's space and the folder's permissions, then try again."
        )
    assert holder(own_folder / "index") is None


@pytest.mark.parametrize("name", ["lock", "."])
def test_something_else_in_its_place_is_an_error(tmp_path, name):
    root = tmp_path / "index"
    if name == ".":
        root.write_text("a file", encoding="utf-8")
    else:
        (root / "lock").mkdir(parents=True)

    why = f"{root / 'lock'} is not a regular file" if name == "lock" else "File exists"
    with pytest.raises(IndexUnusable) as raised, locked(root, "build"):
        pytest.fail("it was written")
    assert str(raised.value).startswith(
        f"The index could not be written to {root} ({why}); what was there is unchanged."
    )
    assert holder(root) is None
