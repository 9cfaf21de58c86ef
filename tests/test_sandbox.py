"""The process that reads files by libraries: what hangs, crashes or fills it does not reach the one that asks."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from embeddings.reading.formats import Draft, Unreadable
from embeddings.reading.sandbox import OutOfTime, Sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGE = b"<title>A page</title><p>The text of a page.</p>"
SLOW = b"<nav></nav>" + b"<p>x" * 100_000
"""A page that takes several seconds."""


def alive(pid: int) -> bool:
    """Whether there is a process of that id which has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def waits_until(condition, seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def reads(sandbox: Sandbox) -> bool:
    return sandbox.extract(".html", "a", PAGE) == [Draft("a", "The text of a page.", "A page")]


def test_no_process_is_started_before_there_is_a_file_to_read():
    with Sandbox() as sandbox:
        assert sandbox.pid is None


def test_one_process_reads_all_files_and_is_gone_afterwards():
    with Sandbox() as sandbox:
        assert reads(sandbox)
        pid = sandbox.pid
        assert pid is not None
        assert reads(sandbox)
        assert sandbox.pid == pid

    assert not alive(pid)


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read():
    with Sandbox(seconds=5) as sandbox:
        assert reads(sandbox)
        pid = sandbox.pid
        began = time.monotonic()
        with pytest.raises(Unreadable, match=r"^not read within 5 seconds; split it or save its text as \.txt$"):
            sandbox.extract(".html", "slow", SLOW)

        assert time.monotonic() - began < 10
        assert pid is not None
        assert not alive(pid)
        assert reads(sandbox)


def test_a_file_whose_reader_is_killed_once_is_read_by_another():
    with Sandbox() as sandbox:
        assert reads(sandbox)
        pid = sandbox.pid
        assert pid is not None
        killer = threading.Timer(0.5, os.kill, (pid, signal.SIGKILL))
        killer.start()

        (draft,) = sandbox.extract(".html", "slow", SLOW[:20_000])

        killer.join()
        assert isinstance(draft, Draft)
        assert sandbox.pid != pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_file_whose_reader_crashes_twice_is_given_up_and_the_next_is_read(number):
    with Sandbox() as sandbox:
        over = threading.Event()

        def kill_each() -> None:
            while not over.wait(0.3):
                if sandbox.pid:
                    os.kill(sandbox.pid, number)

        killer = threading.Thread(target=kill_each)
        killer.start()
        with pytest.raises(Unreadable, match=rf"^its reader crashed \({number.name}\); save its text as \.txt$"):
            sandbox.extract(".html", "slow", SLOW)
        over.set()
        killer.join()

        assert reads(sandbox)


def test_a_process_that_ended_between_two_files_costs_none():
    with Sandbox() as sandbox:
        assert reads(sandbox)
        assert sandbox.pid is not None
        os.kill(sandbox.pid, signal.SIGKILL)
        os.waitid(os.P_PID, sandbox.pid, os.WEXITED | os.WNOWAIT)

        assert reads(sandbox)


def test_sending_to_a_dead_process_kills_nobody_who_has_the_default_for_pipes():
    """The commands set SIGPIPE to its default, which ends a process that writes to a closed pipe."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with Sandbox() as sandbox:
        assert reads(sandbox)
        assert sandbox.pid is not None
        os.kill(sandbox.pid, signal.SIGSTOP)
        killer = threading.Timer(0.5, os.kill, (sandbox.pid, signal.SIGKILL))
        killer.start()
        assert sandbox.extract(".eml", "large", b"Subject: A letter\n\n" + b"Text. " * (2 << 20))
        killer.join()


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms do not hold address space to a limit")
def test_a_file_that_takes_too_much_memory_is_given_up_and_the_next_is_read():
    with Sandbox(memory=400 << 20) as sandbox:
        with pytest.raises(Unreadable, match=r"^takes more memory to read than it may; split it$"):
            sandbox.extract(".html", "large", b"<p>A paragraph of text" * 1_500_000)

        assert reads(sandbox)


def test_a_folder_of_bad_files_ends_and_files_that_are_read_go_on(monkeypatch):
    """The time of files that cannot be read is limited in all, unless the others take longer."""
    monkeypatch.setattr("embeddings.reading.sandbox.LOST_SECONDS", 0)
    with Sandbox(seconds=8) as sandbox:
        assert reads(sandbox)
        with pytest.raises(Unreadable, match=r"^damaged"):
            sandbox.extract(".pdf", "bad", b"%PDF-")
        assert reads(sandbox)  # since starting the process took longer than that

        with pytest.raises(Unreadable, match=r"^not read within 8 seconds"):
            sandbox.extract(".html", "slow", SLOW + b"<p>x" * 300_000)
        with pytest.raises(
            OutOfTime, match=r"^not tried, since files that cannot be read took \d minutes?; build again"
        ):
            sandbox.extract(".html", "a", PAGE)


def test_an_interruption_leaves_no_process():
    with Sandbox() as sandbox:
        assert reads(sandbox)
        pid = sandbox.pid
        assert pid is not None
        signals = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        signals.start()
        with pytest.raises(KeyboardInterrupt):
            sandbox.extract(".html", "slow", SLOW)
        signals.join()

        assert not alive(pid)
        assert reads(sandbox)


@pytest.mark.parametrize("busy", [False, True])
def test_the_process_does_not_outlive_one_that_was_killed(busy):
    program = f"""
        from embeddings.reading.sandbox import Sandbox
        with Sandbox() as sandbox:
            sandbox.extract(".html", "a", {PAGE!r})
            print(sandbox.pid, flush=True)
            {"sandbox.extract('.html', 'slow', b'<nav></nav>' + b'<p>x' * 100_000)" if busy else "input()"}
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.3)
        assert alive(pid)
        parent.kill()

    assert waits_until(lambda: not alive(pid))


def test_nothing_of_what_libraries_say_reaches_the_terminal(capfd):
    with Sandbox() as sandbox:
        for suffix, data in (
            (".pdf", b"%PDF-1.4 1 0 obj << /Length 5 endobj trailer"),
            (".docx", b"PK"),
            (".html", b"<p>"),
        ):
            with contextlib.suppress(Unreadable):
                sandbox.extract(suffix, "a", data)

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".odt", ".pptx", ".epub", ".eml", ".mbox", ".vtt", ".srt"])
@pytest.mark.parametrize("data", [b"No such file.", bytes(range(1, 256)) * 40])
def test_what_is_no_file_of_its_type_is_refused_in_one_line(suffix, data):
    with Sandbox() as sandbox, pytest.raises(Unreadable) as refused:
        sandbox.extract(suffix, "a", data)

    assert len(str(refused.value)) < 250
    assert "\n" not in str(refused.value)
