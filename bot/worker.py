"""One thread that works for the event loop: a queue with so many places, and a limit of time for each task."""

import asyncio
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from embeddings.errors import BadRequest
from embeddings.messages import Message

Result = TypeVar("Result")

LIMIT = 40.0
"""Seconds that a task may run. Discord waits for fifteen minutes: a hundred usual questions take less than two, and
after four that do not end, all who wait are told."""
MOST_LEFT = 3
"""Threads at a time that are left behind with a task that does not end."""
SHARE = 3
"""Tasks of one person that may wait at a time."""

FULL = Message("Many people are asking just now. Try again in a moment.")
CROWDED = Message("Many people of this server are asking just now. Try again in a moment.")
ENOUGH = Message("You have {number} questions waiting. Ask again when one of them is answered.", number=SHARE)
HELD_UP = Message("Questions asked before are taking far too long. Try again in a few minutes.")
OFFLINE = Message("Footnote is going offline, so this stays unanswered. Ask again when it is back.")


class TooLong(BadRequest):
    """A task has taken longer than it may."""


@dataclass(eq=False)
class Job(Generic[Result]):
    """A task in line, and what came of it once it is done. Times are those of `time.monotonic`."""

    task: Callable[[], Result] | None
    who: Hashable
    server: Hashable
    quick: bool = False
    ahead: int = 0
    """About how many tasks ran or were to run before this one when it came."""
    came: float = field(default_factory=time.monotonic)
    began: float | None = None
    ended: float | None = None
    timer: asyncio.TimerHandle | None = None
    context: Context = field(default_factory=copy_context)
    """Of whoever gave the task, for the log."""
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _outcome: tuple[Any, BaseException | None] = None, None

    @property
    def waited(self) -> float:
        """Seconds from coming to the beginning, or to the end where it was never begun."""
        return (self.began or self.ended or time.monotonic()) - self.came

    @property
    def worked(self) -> float:
        """Seconds from the beginning to the end."""
        return (self.ended or time.monotonic()) - self.began if self.began else 0.0

    async def result(self) -> Result:
        """Wait for the task, and return its result or raise what it raised; to be called once."""
        await self._done.wait()
        found: Result
        found, error = self._outcome
        self._outcome = None, None
        try:
            if error is not None:
                raise error
            return found
        finally:
            del found, error  # an error would hold on to itself, by its traceback

    def settle(self, result: Any, error: BaseException | None) -> None:
        """Note what came of it, unless whoever waits for it has been told something already."""
        if not self._done.is_set():
            self._outcome, self.ended = (result, error), time.monotonic()
            self._done.set()


class Worker:
    """Runs tasks one after the other in a thread, for callers on one event loop.

    When a task is done, all others of the same server go behind those that wait then, and in it those of the same
    person: nobody waits behind a second one of another, and nobody for ever. Tasks of one server take at most half of
    the places. Whoever is in no server counts as one. A quick task goes before the others, but never two of them in a
    row.

    Python cannot stop a thread. One whose task takes longer than `limit` seconds is left behind and another takes
    its place, until more than `MOST_LEFT` are. Threads are daemons: none keeps the process from ending.
    """

    log = logging.getLogger("footnote")

    def __init__(self, places: int, limit: float = LIMIT) -> None:
        self._places = places
        self._limit = limit
        self._waiting: deque[Job[Any]] = deque()
        self._served: tuple[Hashable, Hashable] = None, None
        """Of which server and of whom was the task that ran last; in `_hurried`, whether that was a quick one."""
        self._hurried = False
        self._running: Job[Any] | None = None
        self._tasks: SimpleQueue[Any] | None = None
        """What the thread that is not left behind, if there is one, takes its tasks from."""
        self._left = 0
        self._stopped = False

    @property
    def busy(self) -> bool:
        """Whether a thread is at work, be it one that is left behind."""
        return self._running is not None or self._left > 0

    @property
    def waiting(self) -> int:
        """How many tasks wait for their turn."""
        return len(self._waiting)

    @property
    def oldest(self) -> float:
        """For how many seconds the longest of them has waited."""
        return max((job.waited for job in self._waiting), default=0.0)

    @property
    def held_up(self) -> bool:
        """Whether no task is taken because too many do not end."""
        return self._left > MOST_LEFT

    async def run(
        self, task: Callable[[], Result], who: Hashable = None, quick: bool = False, server: Hashable = None
    ) -> Result:
        """Run a task in its turn, and return its result or raise what it raises; see `place`."""
        with self.place(task, who, quick, server) as job:
            del task
            return await job.result()

    @contextmanager
    def place(
        self, task: Callable[[], Result], who: Hashable = None, quick: bool = False, server: Hashable = None
    ) -> Iterator[Job[Result]]:
        """Give a task of somebody, or of nobody in particular, a place in line until the block ends.

        Raises BadRequest at once when all places are taken, half of them by the same server or `SHARE` by the same
        person, and after `stop`; `result` raises it when the task takes too long. Whoever leaves the block early gives
        the place back, at once if the task waits, otherwise when it is done. Task and result are let go at once: they
        may hold much.
        """
        job = self._submit(task, who, quick, server)
        del task
        try:
            yield job
        finally:
            if job in self._waiting:
                self._waiting.remove(job)
            del job

    def _submit(self, task: Callable[[], Result], who: Hashable, quick: bool, server: Hashable) -> Job[Result]:
        if self._stopped:
            raise BadRequest(OFFLINE)
        if self.held_up:
            raise BadRequest(HELD_UP)
        if len(self._waiting) + (self._running is not None) >= self._places:
            raise BadRequest(FULL)
        if server is not None and sum(job.server == server for job in self._waiting) >= max(self._places // 2, 1):
            raise BadRequest(CROWDED)
        if who is not None and sum(job.who == who for job in self._waiting) >= SHARE:
            raise BadRequest(ENOUGH)
        who = object() if who is None else who
        job = Job(task, who, who if server is None else server, quick)
        job.ahead = self._ahead(job)
        self._waiting.append(job)
        self._next()
        return job

    def stop(self) -> None:
        """Take no task any more, and tell all who wait for one that it stays undone."""
        self._stopped = True
        self._tell_waiting(OFFLINE)
        if self._running:
            self._running.settle(None, BadRequest(OFFLINE))
        if self._tasks:
            self._tasks.put(None)

    def _next(self) -> None:
        """Have the first task of the line run, if none does; those of whoever had theirs go to its end."""
        if self._running or not self._waiting:
            return
        server, who = self._served
        self._waiting = deque(sorted(self._waiting, key=lambda job: (job.server == server, job.who == who)))
        job = self._waiting[0]
        if not self._hurried:
            job = next((each for each in self._waiting if each.quick), job)
        self._waiting.remove(job)
        if self._tasks is None:
            self._tasks = SimpleQueue()
            threading.Thread(target=_work, args=(self._tasks,), name="answer", daemon=True).start()
        loop = asyncio.get_running_loop()
        self._running, self._served, self._hurried = job, (job.server, job.who), job.quick
        job.began = time.monotonic()
        job.timer = loop.call_later(self._limit, self._leave, job, context=job.context)
        self._tasks.put((job.task, lambda *outcome: loop.call_soon_threadsafe(self._ended, job, *outcome)))
        job.task = None

    def _ahead(self, job: Job[Any]) -> int:
        """How many tasks run before one that comes now: of everybody as many as are its own with it, in turns.

        So it is among the people of its server, and then among servers.
        """
        servers = Counter(other.server for other in self._waiting)
        people = Counter(other.who for other in self._waiting if other.server == job.server)
        del servers[job.server]
        own = people.pop(job.who, 0)
        here = own + sum(min(count, own + 1) for count in people.values())
        return (self._running is not None) + here + sum(min(count, here + 1) for count in servers.values())

    def _ended(self, job: Job[Any], result: Any, error: BaseException | None) -> None:
        """Called on the event loop when a thread is done with a task."""
        if job is self._running:
            self._running = None
        else:
            self._left -= 1
        if job.timer:
            job.timer.cancel()
        job.settle(result, error)
        self._next()

    def _leave(self, job: Job[Any]) -> None:
        """Leave the thread of a task behind that takes too long; it ends when the task does."""
        told = Message(
            "This took more than {seconds} seconds, so it was given up. Ask it in fewer words.",
            seconds=f"{self._limit:.0f}",
        )
        job.settle(None, TooLong(told))
        if self._tasks:
            self._tasks.put(None)
        self._running = self._tasks = None
        self._left += 1
        self.log.error("A question took more than %.0f s and is left behind; %d such run on", self._limit, self._left)
        if self.held_up:
            self._tell_waiting(HELD_UP)
        self._next()

    def _tell_waiting(self, what: str) -> None:
        while self._waiting:
            self._waiting.popleft().settle(None, BadRequest(what))


def _work(tasks: "SimpleQueue[Any]") -> None:
    """Run tasks until there is None in place of one."""
    while (item := tasks.get()) is not None:
        task, ended = item
        del item
        result, error = _outcome(task)
        del task  # before it is told, so that nothing is held any more when somebody hears of it
        with suppress(RuntimeError):  # the event loop is closed
            ended(result, error)
        del result, error, ended


def _outcome(task: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return task(), None
    except BaseException as error:
        return None, error
