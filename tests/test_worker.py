"""The thread that answers, and what happens to those that do not come back."""

import asyncio
import gc
import threading
import time
import weakref
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import pytest

from bot.worker import SHARE, Worker
from embeddings.errors import BadRequest


async def idle(worker: Worker) -> None:
    async with asyncio.timeout(10):
        while worker.busy:  # noqa: ASYNC110  # threads ring no bell
            await asyncio.sleep(0.005)


async def test_tasks_run_in_their_order_in_one_thread():
    worker, order = Worker(places=10), list[int]()

    def task(number: int) -> int:
        order.append(number)
        return threading.get_ident()

    threads = await asyncio.gather(*(worker.run(partial(task, n)) for n in range(10)))
    assert order == list(range(10))
    assert len(set(threads)) == 1 and threads[0] != threading.get_ident()
    worker.stop()


@pytest.mark.parametrize("error", [ValueError("no"), StopIteration(), SystemExit(3)])
async def test_whatever_a_task_raises_reaches_its_caller_and_the_next_task_runs(error: BaseException):
    worker = Worker(places=1)

    def fail() -> None:
        raise error

    with pytest.raises(RuntimeError if isinstance(error, StopIteration) else type(error)):
        await worker.run(fail)
    assert await worker.run(lambda: 4) == 4
    worker.stop()


async def test_a_place_is_free_again_at_once_when_its_caller_waits_and_later_when_its_task_runs():
    worker, release = Worker(places=2), threading.Event()
    running, waiting = (asyncio.create_task(worker.run(lambda: release.wait(10))) for _ in range(2))
    await asyncio.sleep(0)
    for task, full in ((running, True), (waiting, False)):
        task.cancel()
        await asyncio.wait([task])
        if full:
            with pytest.raises(BadRequest, match="Try again in a moment"):
                await worker.run(lambda: 4)
    third = asyncio.create_task(worker.run(lambda: 4))
    release.set()
    assert await third == 4
    worker.stop()


async def test_a_task_that_takes_too_long_frees_its_place_and_its_thread_ends_with_it():
    worker, release = Worker(places=1, limit=0.05), threading.Event()
    with pytest.raises(BadRequest, match="given up"):
        await worker.run(lambda: release.wait(10))
    assert worker.busy
    assert await worker.run(threading.get_ident) != threading.get_ident()
    release.set()
    await idle(worker)
    worker.stop()


@pytest.mark.parametrize("fails", [False, True])
async def test_nothing_of_a_task_is_kept(fails: bool):
    class Heavy:
        pass

    async def run(worker: Worker) -> weakref.ref[Heavy]:
        heavy = Heavy()

        def task() -> Heavy:
            if fails:
                raise ValueError(heavy)
            return heavy

        with suppress(ValueError):
            await worker.run(task)
        return weakref.ref(heavy)

    worker = Worker(places=1)
    gc.disable()
    try:
        kept = await run(worker)
        async with asyncio.timeout(5):
            while kept() is not None:  # noqa: ASYNC110  # the thread lets go of it a moment later
                await asyncio.sleep(0.005)
    finally:
        gc.enable()
        worker.stop()


async def test_after_the_end_nothing_runs():
    worker = Worker(places=1)
    worker.stop()
    with pytest.raises(BadRequest, match="offline"):
        await worker.run(lambda: 4)
    assert not worker.busy


async def test_nobody_waits_behind_a_second_task_of_another():
    worker, release, order = Worker(places=10), threading.Event(), list[str]()
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(worker.run(lambda: release.wait(10), "a"))]
    for name in ("a2", "a3", "b1", "b2", "c1", "nobody"):
        who = None if name == "nobody" else name[0]
        tasks.append(asyncio.create_task(worker.run(partial(order.append, name), who)))
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(*tasks)

    assert order == ["b1", "c1", "nobody", "a2", "b2", "a3"]


async def test_a_second_task_goes_before_those_who_come_later():
    worker, release, order = Worker(places=10), threading.Event(), list[str]()
    loop, tasks = asyncio.get_running_loop(), list[asyncio.Task]()

    async def come() -> None:
        tasks.append(asyncio.create_task(worker.run(lambda: order.append("c1"), "c")))

    def meanwhile() -> None:
        order.append("b1")
        asyncio.run_coroutine_threadsafe(come(), loop).result(10)

    for task, who in ((lambda: release.wait(10), "a"), (lambda: order.append("a2"), "a"), (meanwhile, "b")):
        tasks.append(asyncio.create_task(worker.run(task, who)))
    await asyncio.sleep(0)
    release.set()
    for _ in range(2):  # one has come meanwhile
        await asyncio.gather(*tasks)

    assert order == ["b1", "a2", "c1"]


async def test_a_quick_task_goes_before_one_other_and_not_before_two():
    worker, release, order = Worker(places=10), threading.Event(), list[str]()
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(worker.run(lambda: release.wait(10), "z"))]
    for name in ("a", "b", "quick 1", "quick 2", "quick 3"):
        task = worker.run(partial(order.append, name), name, name.startswith("quick"))
        tasks.append(asyncio.create_task(task))
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(*tasks)

    assert order == ["quick 1", "a", "quick 2", "b", "quick 3"]


async def test_a_task_knows_how_many_are_before_it_as_everybody_takes_turns():
    worker, release = Worker(places=10), threading.Event()
    ahead = []
    with ExitStack() as places:
        for who in ("a", "a", "a", "b", "b", "c"):
            job = places.enter_context(worker.place(lambda: release.wait(10), who))
            ahead.append(job.ahead)
        assert worker.waiting == 5
    release.set()
    await idle(worker)

    assert ahead == [0, 1, 2, 2, 4, 3]
    assert worker.waiting == 0


async def test_a_task_knows_how_long_it_waited_and_worked():
    worker = Worker(places=10)
    with worker.place(lambda: time.sleep(0.05)) as first, worker.place(lambda: time.sleep(0.02)) as second:
        assert first.worked >= 0 and second.worked == 0
        await first.result()
        await second.result()

    assert first.waited < 0.05 <= first.worked
    assert second.waited >= 0.05 and second.worked >= 0.02
    worker.stop()


async def test_one_person_has_a_share_of_the_places():
    worker, release = Worker(places=10), threading.Event()
    tasks = [asyncio.create_task(worker.run(lambda: release.wait(10), "a")) for _ in range(SHARE + 1)]
    await asyncio.sleep(0)

    with pytest.raises(BadRequest, match=f"You have {SHARE} questions waiting"):
        await worker.run(lambda: 4, "a")
    other = asyncio.create_task(worker.run(lambda: 4, "b"))
    release.set()
    assert await other == 4 and len(await asyncio.gather(*tasks)) == SHARE + 1


async def test_servers_take_turns_and_a_busy_one_has_half_of_the_places():
    worker, release, order = Worker(places=10), threading.Event(), list[str]()
    busy: list[asyncio.Task[Any]] = [asyncio.create_task(worker.run(lambda: release.wait(10), "a0", server="A"))]
    for name in ("a1", "a2", "a3", "a4", "a5"):
        task = worker.run(partial(order.append, name), name, server="A")
        busy.append(asyncio.create_task(task))
    await asyncio.sleep(0)

    with pytest.raises(BadRequest, match="of this server"):
        await worker.run(lambda: 4, "a6", server="A")
    with ExitStack() as places:
        jobs = [
            places.enter_context(worker.place(lambda name=name: order.append(name), name, server=server))  # type: ignore[misc]
            for name, server in (("b1", "B"), ("direct", None), ("b2", "B"))
        ]
        release.set()
        await asyncio.gather(*busy, *(job.result() for job in jobs))

    assert [job.ahead for job in jobs] == [2, 3, 5]
    assert order == ["b1", "direct", "a1", "b2", "a2", "a3", "a4", "a5"]
