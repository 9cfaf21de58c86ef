"""What a terminal is shown: text that cannot drive it, and the progress of long work."""

import re
import sys
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import TaskID

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_SECONDS = 5.0
"""Between two lines outside a terminal."""


def plain(text: str) -> str:
    """Text whose control characters cannot drive the terminal or turn lines around; each keeps its place."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", " \n"))


class Bar:
    """Progress on standard error: a bar in a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = console
        self._progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, tuple[float, int]] = {}
        self._shown: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` are done, how many a second, and how long the rest will take.

        Outside a terminal that is a line every few seconds, and one at the end.
        """
        now = time.monotonic()
        began, first = self._began.setdefault(what, (now, done))
        rate = (done - first) / (now - began) if now > began else 0.0
        if not self._console.is_terminal:
            if done == total or now - self._shown.setdefault(what, began) > _SECONDS:
                self._shown[what] = now
                pace = f", {rate:,.0f} a second" if rate >= 1 else ""
                pace += f", {_duration((total - done) / rate)} left" if rate else ""
                print(f"{what}: {done:,} of {total:,}{pace if done < total else ''}", file=sys.stderr, flush=True)
            return
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total, rate="")
        self._progress.update(self._tasks[what], completed=done, rate=f"{rate:,.0f}/s" if rate >= 1 else "")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
