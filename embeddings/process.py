"""What a command does to its own process: it ends quietly at Ctrl-C, and all of its standard streams are open."""

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells give it."""
EX_CONFIG, EX_TEMPFAIL = 78, 75
"""Exit codes of what has to be set right before another try, and of what may go well by itself later (sysexits.h)."""


def run(module: str) -> NoReturn:
    """Import a module, which may take seconds, and end with the exit code of its `main`.

    Ctrl-C ends the process at once, whatever it does: an exception would be raised in the middle of somebody
    else's import, or of an object's end, where it is printed and lost. See `interruptible`.
    """
    # The first to be registered is called last: after it the interpreter takes handlers away, and all is done.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
    _leave_at_once()
    _open_streams()
    # NumPy's BLAS has small products only; its threads, which wait by spinning, took 0.3 s more of the processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code: int = import_module(module).main()
    except KeyboardInterrupt:  # a second one, while the first was answered
        code = INTERRUPTED
    finally:
        _leave_at_once()  # event loops put the usual handler back
        _flush_streams()
    sys.exit(code)


def leave(code: int) -> NoReturn:
    """End the process at once, whatever its threads do."""
    _flush_streams()
    os._exit(code)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, for work that has something to put in order before it ends."""
    ours = signal.getsignal(signal.SIGINT) is _leave
    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if ours:
            _leave_at_once()


def _leave_at_once() -> None:
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is ignored, as behind `nohup`
        signal.signal(signal.SIGINT, _leave)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    with suppress(OSError):
        os.write(2, b"\n")  # behind the ^C of a terminal
    os._exit(INTERRUPTED)


def _open_streams() -> None:
    """Open what was closed (`<&-`) as an empty input or as a place for output that nobody wants.

    Otherwise there is no `sys.stdin` to read, and the next file to be opened is taken for standard output.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            _discard(number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - a descriptor


def _flush_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # of a full disk; the interpreter would try it again at the very end, and say so
            _discard(stream.fileno())


def _discard(number: int) -> None:
    """Let a descriptor, open or not, lead to the null device."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number, inheritable=False)
        os.close(nowhere)
    os.set_inheritable(number, True)  # by the processes that are started, too
