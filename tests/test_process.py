"""What a command does to its process: Ctrl-C at any moment, closed streams; each in a real process."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

AT_AN_IMPORT = """
    import os, signal, sys

    place, seen = int(os.environ["PLACE"]), 0

    def event(name, arguments):
        global seen
        if name == "import" and (seen or arguments[0].startswith("embeddings.")):
            seen += 1
            if seen == place:
                os.kill(os.getpid(), signal.SIGINT)

    sys.addaudithook(event)
"""
"""Presses Ctrl-C when so many modules have been looked for, counted from the first of our own."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": f"{folder}:{ROOT}", **more}


def importing(folder: Path, module: str, place: int, before: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(textwrap.dedent(AT_AN_IMPORT), encoding="utf-8")
    (folder / "CURRENT").write_text("not an index, which is seen when everything is loaded", encoding="utf-8")
    command = f"ask Who? --index {folder}" if module == "bot" else "--help"
    return subprocess.run(
        ["bash", "-c", f"{before} exec {sys.executable} -m {module} {command}"],
        env=environment(folder, PLACE=str(place)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("module", "place"), [("bot", 1), ("bot", 400), ("embeddings", 30)])
def test_ctrl_c_during_an_import_ends_a_command_quietly(tmp_path, module, place):
    done = importing(tmp_path, module, place)

    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("module", ["bot", "embeddings"])
def test_ctrl_c_during_any_import_ends_a_command_quietly(tmp_path, module):
    for place in (*range(1, 30), *range(30, 400, 37)):
        done = importing(tmp_path, module, place)
        assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", ""), place


@pytest.mark.slow
def test_ctrl_c_at_any_time_ends_a_question_quietly(tmp_path):
    """Before its own first statement an interpreter starts, in some hundredths of a second, as it likes."""
    chance = random.Random(5)
    command = [sys.executable, "-m", "bot", "ask", "Who?", "--index", str(tmp_path)]
    env = environment(tmp_path, FOOTNOTE_CORPUS=str(tmp_path))
    for _ in range(20):
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(chance.uniform(0.3, 1.5))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err.strip()) in ((130, "", ""), (2, "", err.strip()))
        assert "Traceback" not in err


def test_where_ctrl_c_is_ignored_it_stays_so(tmp_path):
    done = importing(tmp_path, "embeddings", 30, "trap '' INT;")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")


# --- small commands, run as those of Footnote are --------------------------------------------------


def command(folder: Path, source: str, redirected: str = "", before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a module that has a `main`; the file descriptors are redirected as a shell does it."""
    (folder / "little.py").write_text(textwrap.dedent(source), encoding="utf-8")
    start = f"{sys.executable} -c 'from embeddings.process import run; run(\"little\")'"
    return subprocess.run(
        ["bash", "-c", f"{before} {start} {redirected}"],
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


PRESS = """
    import os, signal, sys, time
    from embeddings.process import interruptible

    def press():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)
"""


@pytest.mark.parametrize(
    ("source", "code", "out"),
    [
        ("def main():\n        return 7", 7, ""),
        ("def main():\n        press()", 130, ""),
        (
            """
    def main():
        try:
            with interruptible():
                press()
        except KeyboardInterrupt:
            print("in order", flush=True)
        press()""",
            130,
            "in order\n",
        ),
        (
            """
    def main():
        with interruptible():
            try:
                press()
            except KeyboardInterrupt:
                press()""",
            130,
            "",
        ),
        (
            """
    class Ending:
        def __del__(self):
            press()

    def main():
        ending = Ending()
        del ending
        return 0""",
            130,
            "",
        ),
        (
            """
    import atexit

    def main():
        atexit.register(press)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # as an event loop leaves it
        print("done")
        return 0""",
            130,
            "done\n",
        ),
    ],
    ids=["none", "at once", "in order", "twice", "as an object ends", "as the process ends"],
)
def test_ctrl_c(tmp_path, source, code, out):
    done = command(tmp_path, PRESS + "\n    " + source.strip())

    assert (done.returncode, done.stdout, done.stderr.strip()) == (code, out, "")


READING = """
    import os, sys

    def main():
        print("read", len(sys.stdin.read()))
        with open("/dev/null") as stream:
            print("next", stream.fileno(), file=sys.stderr)
        return 0
"""


@pytest.mark.parametrize(
    ("redirected", "out", "err"),
    [
        ("<<< ab", "read 3\n", "next 3\n"),
        ("<&-", "read 0\n", "next 3\n"),
        (">&- </dev/null", "", "next 3\n"),
        ("2>&- </dev/null", "read 0\n", ""),
        ("<&- >&- 2>&-", "", ""),
        ("<&- 2>&1", "next 3\nread 0\n", ""),
    ],
)
def test_closed_streams_are_empty_and_no_file_takes_their_place(tmp_path, redirected, out, err):
    done = command(tmp_path, READING, redirected)

    assert (done.returncode, done.stdout, done.stderr) == (0, out, err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("end", ["return 3", "raise SystemExit(3)"])
def test_a_full_disk_behind_the_output_is_no_traceback(tmp_path, end):
    done = command(tmp_path, f"def main():\n    print('x')\n    {end}", ">/dev/full")

    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.slow
@pytest.mark.parametrize("redirected", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_with_closed_streams_fails_as_ever(tmp_path, redirected):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m embeddings status --index {tmp_path}/none {redirected}"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: There is no index") or "2>&-" in redirected
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("before", "threads"), [("", 1), ("OPENBLAS_NUM_THREADS=2", 2)])
def test_no_thread_waits_by_spinning_unless_it_is_asked_for(tmp_path, before, threads):
    source = """
    import os

    def main():
        import numpy
        print(len(os.listdir("/proc/self/task")))
    """
    found = int(command(tmp_path, source, before=before).stdout)

    assert found == min(threads, len(os.sched_getaffinity(0)))
