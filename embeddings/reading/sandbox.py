"""Read files by libraries in a process of its own, which a bad file can hang, crash or fill without harm.

Both ends of the conversation are here: `Sandbox` asks, and `python -m embeddings.reading.sandbox` answers over the
socket that it has as standard input. A question is a line of JSON and the bytes of a file, an answer one line.
"""

import contextlib
import ctypes
import json
import logging
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Self

from embeddings.reading.formats import Draft, Remark, Unreadable, counted, summary

SUFFIXES = (
    *(".html", ".htm", ".pdf", ".docx", ".odt", ".odp", ".pptx", ".epub", ".rst", ".adoc", ".asciidoc"),
    *(".xlsx", ".xlsm", ".ods", ".csv", ".tsv", ".eml", ".mbox", ".vtt", ".srt"),
    *(".wiki", ".mediawiki", ".wikitext", ".xml", ".json"),
)
"""What is read in the other process."""
SECONDS = 60
"""Longest time that reading one file may take."""
LOST_SECONDS = 600
"""Longest time that files may take in all which then cannot be read, unless the others took longer."""
MEMORY = 2 * 1024**3
"""Most memory that reading may take, in bytes of address space; held where the platform can."""

_ROOT = Path(__file__).resolve().parents[2]
_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
_NO_MEMORY = ("unknown error", "Memory allocation failed", "out of memory")
"""How lxml says that libxml2 got no memory."""
_TOO_DEEP = "Excessive depth in document"
_MAX_REPLY = 256 * 1024**2
"""Longest answer, in bytes: the longest text that is handed on, in UTF-8."""
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)


class OutOfTime(Unreadable):
    """A file that was not tried, because those before it took too long."""


class Sandbox:
    """The process that reads, started when the first file comes and again after one that broke it."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._lost = self._used = 0.0

    @property
    def pid(self) -> int | None:
        """The id of the process, while there is one."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def extract(self, suffix: str, stem: str, data: bytes) -> list[Draft | Remark]:
        """What is in a file. Raises Unreadable, also when reading took too long, too much or crashed twice.

        Raises OutOfTime where files that could not be read have taken longer than LOST_SECONDS and longer than
        those that could: so a folder of bad files ends, and a large one with some among them is read to the end.
        """
        if self._lost > max(LOST_SECONDS, self._used):
            minutes = counted(max(1, round(self._lost / 60)), "minute")
            raise OutOfTime(f"not tried, since files that cannot be read took {minutes}; build again to go on")
        began = time.monotonic()
        try:
            found = self._extract(suffix, stem, data)
        except Unreadable:
            self._lost += time.monotonic() - began
            raise
        self._used += time.monotonic() - began
        return found

    def _extract(self, suffix: str, stem: str, data: bytes) -> list[Draft | Remark]:
        if self._process and self._process.poll() is not None:
            self._stop()
        try:
            try:
                reply = self._ask(suffix, stem, data)
            except ConnectionError:  # perhaps somebody else ended the process, so the file has a second chance
                self._stop()
                reply = self._ask(suffix, stem, data)
        except TimeoutError as error:
            self._stop()
            raise Unreadable(f"not read within {self._seconds:g} seconds; split it or save its text as .txt") from error
        except OSError as error:
            how = self._stop()
            raise Unreadable(f"its reader crashed ({how}); save its text as .txt") from error
        except BaseException:
            self._stop()  # an answer to this question must not be taken for the next one's
            raise
        if reply.get("exhausted"):
            self._stop()
        if "unreadable" in reply:
            raise Unreadable(reply["unreadable"])
        return [_found(fields) for fields in reply["found"]]

    def _ask(self, suffix: str, stem: str, data: bytes) -> Any:
        until = time.monotonic() + self._seconds
        connection = self._socket or self._start()
        header = {"suffix": suffix, "stem": stem, "bytes": len(data)}
        connection.settimeout(self._seconds)
        connection.sendall(json.dumps(header).encode() + b"\n", _NO_SIGNAL)
        connection.sendall(data, _NO_SIGNAL)
        received = bytearray()
        while not received.endswith(b"\n"):
            connection.settimeout(max(until - time.monotonic(), 0.001))
            part = connection.recv(1 << 20)
            if not part:
                raise ConnectionError("the process ended")
            received += part
            if len(received) > _MAX_REPLY:
                raise Unreadable(f"holds more than {_MAX_REPLY // 1024**2} MiB of text; split it")
        return json.loads(received)

    def _start(self) -> socket.socket:
        here, there = socket.socketpair()
        self._socket = here
        with there:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-m",
                    "embeddings.reading.sandbox",
                    str(self._seconds),
                    str(self._memory),
                ],
                cwd=_ROOT,
                stdin=there.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the parent, which ends this process itself
            )
        return here

    def _stop(self) -> str:
        """End the process; returns what had ended it before, if something had."""
        how = "it could not be started"
        if self._socket:
            self._socket.close()
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.2)
            code = self._process.poll()
            self._process.kill()
            self._process.wait()
            how = "no answer" if code is None else _ending(code)
        self._socket = self._process = None
        return how


def _ending(code: int) -> str:
    names = {number.value: number.name for number in signal.Signals}
    return f"exit code {code}" if code >= 0 else names.get(-code, f"signal {-code}")


def _found(fields: dict[str, Any]) -> Draft | Remark:
    if "text" not in fields:
        return Remark(**fields)
    published = fields.pop("published")
    pages = tuple(fields.pop("pages"))
    return Draft(**fields, pages=pages, published=date.fromisoformat(published) if published else None)


def _answer(suffix: str, stem: str, data: bytes) -> dict[str, Any]:
    from embeddings.reading import extraction  # its libraries are loaded in this process only

    try:
        found = [asdict(item) for item in extraction.extract(suffix, stem, data)]
    except Unreadable as reason:
        return {"unreadable": str(reason)}
    except Exception as error:  # whatever a library raises on a file it cannot read
        said = summary(error)
        if isinstance(error, MemoryError) or said.startswith(_NO_MEMORY):
            return {"unreadable": "takes more memory to read than it may; split it", "exhausted": True}
        if isinstance(error, RecursionError) or said.startswith(_TOO_DEEP):
            return {"unreadable": "nested too deeply; save its text as .txt"}
        return {"unreadable": f"damaged, or not a {suffix} file ({said})"}
    return {"found": found}


def _serve(questions: BinaryIO, answers: BinaryIO, seconds: float) -> None:
    while header := questions.readline():
        asked = json.loads(header)
        data = questions.read(asked["bytes"])
        signal.alarm(int(seconds) + 5)  # ends this process if nobody else does
        reply = _answer(asked["suffix"], asked["stem"], data)
        del data
        answers.write(_encoded(reply))
        answers.flush()
        signal.alarm(0)


def _encoded(reply: dict[str, Any]) -> bytes:
    text = json.dumps(reply, default=date.isoformat, ensure_ascii=False)  # escapes take up to three times the bytes
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _limit(memory: int) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # not on every platform

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    _limit(int(sys.argv[2]))
    logging.disable()
    with open(0, "rb") as asked, open(0, "wb", closefd=False) as answered:
        _serve(asked, answered, float(sys.argv[1]))
