"""A new generation is picked up while questions are answered: real builds, real files, real threads."""

import asyncio
import dataclasses
import gc
import io
import json
import logging
import os
import random
import re
import statistics
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder
from loopback import LoopbackDiscord, text_of, walk
from rich.console import Console

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.contract import answer_json
from bot.discord.client import FootnoteBot
from bot.live import Live
from bot.settings import Settings
from bot.terminal import converse
from embeddings.building.indexing import build
from embeddings.errors import BadRequest, IndexMissing
from embeddings.storing import generations

QUESTION = "How many troops were sent?"
WORDS = ["".join(random.Random(n).choices("abcdefghijklmnop", k=6)) for n in range(4000)]


def write(folder: Path, edition: int, documents: int = 4, paragraphs: int = 1, words: int = 12) -> Path:
    """A corpus of which every sentence names its edition."""
    chance = random.Random(edition)
    folder.mkdir(exist_ok=True)
    with (folder / "all.jsonl").open("w", encoding="utf-8") as stream:
        for n in range(documents):
            told = [
                f"In edition{edition} some {chance.randint(2, 9)},{n:03} troops were sent to "
                + " ".join(chance.choices(WORDS, k=words))
                + "."
                for _ in range(paragraphs)
            ]
            row = {"id": f"d{n}", "title": f"Dispatch {n} of edition{edition}", "text": "\n\n".join(told)}
            stream.write(json.dumps(row) + "\n")
    return folder


def publish(root: Path, edition: int, **size: int) -> str:
    """Build an edition, make it current, and return what CURRENT says."""
    build(write(root.with_name("corpus"), edition, **size), root, FakeEncoder())
    return told(root)


def told(root: Path) -> str:
    return generations.pointer(root) or ""


def point(root: Path, pointer: str) -> None:
    """Make a generation current again, as a rollback does."""
    (root / "aside").write_text(pointer)
    (root / "aside").replace(root / "CURRENT")


def current(root: Path) -> Path:
    return root / "generations" / told(root).split()[0]


def damage(root: Path) -> None:
    path = current(root) / "passages.jsonl"
    path.write_bytes(b"x" + path.read_bytes()[1:])


def edition_of(answerer: Answerer) -> str:
    (found,) = set(re.findall(r"edition\d+", " ".join(document.text for document in answerer.index.documents)))
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An index of the first edition."""
    publish(tmp_path / "index", 1)
    return tmp_path / "index"


@pytest.fixture
def live(root: Path) -> Live:
    return Live(root, FakeEncoder(), 0.0)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """What was logged since the last call: level and text."""
    caplog.set_level(logging.INFO, "footnote")

    def taken() -> list[tuple[str, str]]:
        records = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "footnote"]
        caplog.clear()
        return records

    return taken


# -- what is opened, and when


def test_the_current_generation_is_opened_and_then_only_newer_ones(root: Path, live: Live, log):
    assert edition_of(live.open()) == "edition1"
    assert live.newer() is None and log() == []

    publish(root, 2, documents=6)
    newer = live.newer()
    assert newer and edition_of(newer) == "edition2"
    ((level, line),) = log()
    assert level == "INFO"
    name = re.escape(newer.source.generation)
    assert re.fullmatch(rf"Answering from generation {name} now: 6 documents, 6 passages, opened in \d\.\d s", line)
    assert live.newer() is None and log() == []


def test_a_generation_that_was_there_before_is_picked_up_like_a_new_one(root: Path, live: Live):
    live.open()
    first = told(root)
    publish(root, 2)
    assert live.newer()

    point(root, first)
    back = live.newer()
    assert back and edition_of(back) == "edition1"


def test_a_generation_is_ready_for_its_first_question(live: Live):
    index = live.open().index

    assert {"document_of", "row_of", "passages_of", "first_sentence", "sentence_counts"} <= vars(index).keys()


def test_what_is_published_between_look_and_opening_is_not_missed(root: Path, live: Live):
    """Opened once more at the worst, never overlooked."""
    look, opened = live._look, list[Any]()

    def overtaken() -> str | None:
        seen = look()
        if not opened:
            opened.append(publish(root, 2))
        return seen

    live._look = overtaken  # type: ignore[method-assign]
    assert edition_of(live.open()) == "edition2"
    again = live.newer()
    assert again is None or edition_of(again) == "edition2"


def test_without_an_index_there_is_nothing_to_start_with(tmp_path: Path):
    with pytest.raises(IndexMissing, match="Build it first"):
        Live(tmp_path, FakeEncoder(), 0.0).open()


# -- what cannot be opened


class Other(FakeEncoder):
    """Another model."""

    sha256 = "0" * 64


def test_a_damaged_generation_is_logged_once_and_a_good_one_picked_up(root: Path, live: Live, log):
    live.open()
    publish(root, 2)
    damage(root)
    for _ in range(3):
        assert live.newer() is None
    ((level, line),) = log()
    assert level == "ERROR"
    assert line.startswith("The index before is still served. ") and "passages.jsonl" in line and "build" in line

    publish(root, 3)
    newer = live.newer()
    assert newer and edition_of(newer) == "edition3"
    assert [level for level, _ in log()] == ["INFO"]


def test_a_generation_of_another_model_is_logged_once(root: Path, live: Live, log):
    live.open()
    build(root.with_name("corpus"), root, Other())
    for _ in range(3):
        assert live.newer() is None
    ((_, line),) = log()
    assert "FOOTNOTE_MODEL" in line


def test_a_vanished_index_is_logged_once_and_welcome_back(root: Path, live: Live, log):
    live.open()
    pointer = told(root)
    (root / "CURRENT").unlink()
    for _ in range(3):
        assert live.newer() is None
    ((_, line),) = log()
    assert "CURRENT is missing" in line and "rollback" in line

    point(root, pointer)
    assert live.newer() is None and log() == []
    publish(root, 2)
    assert live.newer()


def test_an_index_that_may_not_be_read_is_logged_once(own_folder: Path, log):
    root = own_folder / "index"
    publish(root, 1)
    live = Live(root, FakeEncoder(), 0.0)
    live.open()
    root.chmod(0)
    for _ in range(3):
        assert live.newer() is None
    assert [level for level, _ in log()] == ["ERROR"]

    root.chmod(0o700)
    publish(root, 2)
    assert live.newer()


def test_it_is_tried_again_after_a_while_though_nothing_changed(root: Path, log):
    live = Live(root, FakeEncoder(), 0.0, again=0.05)
    live.open()
    publish(root, 2)
    path = current(root) / "passages.jsonl"
    whole = path.read_bytes()
    damage(root)
    assert live.newer() is None
    path.write_bytes(whole)
    assert live.newer() is None

    time.sleep(0.06)
    assert live.newer()
    assert [level for level, _ in log()] == ["ERROR", "INFO"]


def test_an_error_that_nobody_foresaw_is_logged_with_its_traceback_and_survived(root: Path, caplog):
    class Moody(FakeEncoder):
        sha256 = property(lambda self: moods.pop() or 1 / 0)

    good = FakeEncoder.sha256
    moods = [good, 0, 0, good]
    live = Live(root, Moody(), 0.0, again=0.0)
    live.open()
    publish(root, 2)
    assert live.newer() is None and live.newer() is None
    (record,) = [record for record in caplog.records if record.name == "footnote"]
    assert record.exc_info and "ZeroDivisionError" in record.getMessage()
    assert live.newer()


class Held(str):
    """The checksum of a model's weights; who compares it with that in a manifest is held until `release`."""

    def __ne__(self, other: object) -> bool:
        self.reached.set()
        assert self.release.wait(20)
        return str(self) != str(other)

    __hash__ = str.__hash__
    reached: threading.Event
    release: threading.Event


@contextmanager
def held(live: Live) -> Iterator[Callable[[], None]]:
    """Hold whoever opens a generation in the middle of it; call what is yielded to wait until somebody is there."""
    checksum = Held(FakeEncoder.sha256)
    checksum.reached, checksum.release = threading.Event(), threading.Event()
    live._encoder.sha256 = checksum  # type: ignore[misc] # the fake's is no property

    def reached() -> None:
        assert checksum.reached.wait(20)

    try:
        yield reached
    finally:
        checksum.release.set()


def test_what_is_replaced_and_removed_while_it_is_opened_is_no_error(root: Path, live: Live, log):
    live.open()
    publish(root, 2)
    found: list[Answerer | None] = []
    looking = threading.Thread(target=lambda: found.append(live.newer()))
    with held(live) as reached:
        looking.start()
        reached()
        publish(root, 3)
        generations.prune(root, 1)
    looking.join()

    (newer,) = found
    assert newer and edition_of(newer) == "edition3"
    assert [level for level, _ in log()] == ["INFO"]


# -- in its own thread


def test_it_follows_until_it_is_stopped(root: Path):
    live = Live(root, FakeEncoder(), 0.0, every=0.01)
    live.open()
    served: list[str] = []
    live.follow(lambda answerer: served.append(edition_of(answerer)))
    for edition in (2, 3):
        publish(root, edition)
        wait(partial(lambda edition: served[-1:] == [edition], f"edition{edition}"))
    live.stop()
    wait(lambda: not any(thread.name == "live" for thread in threading.enumerate()))
    publish(root, 4)
    time.sleep(0.05)

    assert served == ["edition2", "edition3"]


def test_stopping_waits_for_nothing_and_hands_nothing_on(root: Path):
    live = Live(root, FakeEncoder(), 0.0, every=0.01)
    live.open()
    publish(root, 2)
    served: list[Answerer] = []
    with held(live) as reached:
        live.follow(served.append)
        reached()
        began = time.monotonic()
        live.stop()
        assert time.monotonic() - began < 0.1
    wait(lambda: not any(thread.name == "live" for thread in threading.enumerate()))

    assert served == []


def wait(probe: Callable[[], object], within: float = 20) -> None:
    until = time.monotonic() + within
    while not probe():
        assert time.monotonic() < until
        time.sleep(0.005)


# -- in conversation


def test_a_conversation_goes_over_to_a_newer_index_between_two_lines(root: Path, live: Live):
    def lines() -> Iterator[str]:
        yield from (QUESTION, "open 1", "sources")
        publish(root, 2, documents=3)
        yield from ("open 1", "sources", QUESTION, "open 1")

    said = lines()
    written = io.StringIO()
    with pytest.raises(StopIteration):
        converse(Console(file=written, width=120), live.open(), lambda: next(said), Question, live.newer)
    before, after = written.getvalue().split("The index has changed: 3 sources now.")
    assert "edition1" in before and "edition2" not in before
    assert after.strip().startswith("There is nothing to open yet.")
    assert "edition2" in after and "edition1" not in after


# -- beneath the running bot


@asynccontextmanager
async def serving(root: Path, queue: int = 100) -> AsyncIterator[tuple[FootnoteBot, LoopbackDiscord]]:
    """The bot, connected, which looks for newer generations many times a second."""
    live = Live(root, FakeEncoder(), 0.0, every=0.02)
    settings = dataclasses.replace(Settings.load({}), index=root, queue=queue)
    async with LoopbackDiscord(patience=20) as server:
        with server.attach():
            bot = FootnoteBot(settings, live.open(), lives=[live], guild_ready_timeout=0.05)
            async with server.running(bot):
                yield bot, server
    assert server.refusals == []


async def picked_up(bot: FootnoteBot, pointer: str) -> None:
    async with asyncio.timeout(30):
        while bot.answerer.source.generation != pointer.split()[0]:  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.005)


def parts(message: dict, label: str) -> list[str]:
    return [part["custom_id"] for part in walk(message["components"]) if part.get("label") == label]


@pytest.mark.parametrize("swaps", [2, pytest.param(20, marks=pytest.mark.slow)])
async def test_no_question_fails_while_the_index_is_replaced_again_and_again(tmp_path: Path, swaps: int):
    root = tmp_path / "index"
    publish(root, 1, documents=20)
    built = {told(root).split()[0]: generations.read_manifest(root).documents}
    answers: list[dict] = []
    replies: list[str] = []
    over = asyncio.Event()

    async def ask(bot: FootnoteBot) -> None:
        while not over.is_set():
            found = await bot.answer(bot.answerer, Question(QUESTION))
            assert isinstance(found, Answer)
            answers.append(answer_json(found))

    async def use(server: LoopbackDiscord) -> None:
        while not over.is_set():
            for command, options in (
                ("ask", {"question": QUESTION}),
                ("ask", {"question": QUESTION, "source": "d1"}),
                ("search", {"query": "troops"}),
                ("source", {"name": "d3"}),
                ("sources", {}),
            ):
                invocation = await server.user.slash(command, options)
                replies.append(text_of(await invocation.settled()))
            choices = await server.user.autocomplete("source", "name", "edition")
            replies.append(" ".join(choice["name"] for choice in choices))

    async with serving(root) as (bot, server):
        asking = [asyncio.create_task(ask(bot)) for _ in range(3)]
        asking.append(asyncio.create_task(use(server)))
        for edition in range(2, swaps + 2):
            pointer = await asyncio.to_thread(publish, root, edition, documents=20)
            built[pointer.split()[0]] = generations.read_manifest(root).documents
            await picked_up(bot, pointer)
            assert not any(task.done() for task in asking)
        over.set()
        await asyncio.gather(*asking)

    for row in answers:
        documents = built[row["index"]["generation"]]
        assert row["statements"]
        assert {*row["searched"]["addressing"], *row["searched"]["silent"]} == documents.keys()
        assert all(citation["document_sha256"] == documents[citation["document"]] for citation in row["citations"])
    for shown in [*map(json.dumps, answers), *replies]:
        assert len(set(re.findall(r"edition\d+", shown))) == 1, shown
    generations_seen = {row["index"]["generation"] for row in answers}
    print(
        f"{swaps} swaps, {len(answers)} answers, {len(replies)} replies, {len(generations_seen)} generations answered"
    )
    assert len(generations_seen) > swaps / 2


@pytest.mark.slow
async def test_an_index_is_let_go_when_its_last_reader_is_done(tmp_path: Path):
    """Without the garbage collector's help: a question, lookups, buttons and errors leave nothing behind."""
    root = tmp_path / "index"
    publish(root, 1, documents=20)
    gone: list[weakref.ref] = []
    async with serving(root) as (bot, server):
        gc.collect()
        gc.disable()
        try:
            for edition in range(2, 5):
                gone.append(weakref.ref(bot.answerer.index))
                await use_everything(bot, server)
                await picked_up(bot, await asyncio.to_thread(publish, root, edition, documents=20))
                async with asyncio.timeout(5):
                    while gone[-1]() is not None:  # noqa: ASYNC110 - nothing tells when
                        await asyncio.sleep(0.01)
        finally:
            gc.enable()


async def use_everything(bot: FootnoteBot, server: LoopbackDiscord) -> None:
    """Use whatever reads the index, rightly and wrongly."""
    asked = await server.user.slash("ask", {"question": QUESTION})
    answer = await asked.settled()
    opened = await server.user.click(answer, parts(answer, "Open")[0])
    await opened.settled()
    listed = await server.user.slash("sources")
    turned = await server.user.click(await listed.settled(), parts(await listed.settled(), "Next")[0])
    await turned.acknowledged()
    found = await server.user.slash("search", {"query": "troops"})
    await found.settled()
    await server.user.autocomplete("ask", "source", "dispatch", {"question": "x"})
    await server.answer(await server.user.dm(QUESTION))
    empty = await server.user.slash("ask", {"question": "   ", "source": "d1"})
    await empty.followed_up()
    unknown = await server.user.slash("source", {"name": "nowhere"})
    await unknown.settled()
    await server.answer(await server.user.dm(b"half a \\ud800 pair".decode("unicode_escape")))
    with pytest.raises(BadRequest):
        await bot.answer(bot.answerer, Question(" "))
    asked_and_left = asyncio.create_task(bot.answer(bot.answerer, Question(QUESTION)))
    await asyncio.sleep(0)
    asked_and_left.cancel()
    await asyncio.wait([asked_and_left])


def resident() -> float:
    """The memory this process occupies, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
async def test_memory_does_not_grow_over_fifty_swaps(tmp_path: Path):
    root = tmp_path / "index"
    pointers = [publish(root, edition, **LARGE) for edition in (1, 2, 3)]
    measured: dict[int, float] = {}
    indexes: list[weakref.ref] = []
    async with serving(root) as (bot, _):
        assert len(bot.answerer.index.passages) >= 1500
        one = sum(file["bytes"] for file in generations.read_manifest(root).files.values()) / 2**20
        for swap in range(1, 51):
            indexes.append(weakref.ref(bot.answerer.index))
            point(root, pointers[swap % 3])
            await picked_up(bot, pointers[swap % 3])
            await asyncio.gather(*(bot.answer(bot.answerer, Question(f"{QUESTION} {n}")) for n in range(3)))
            if swap % 10 == 0:
                measured[swap] = resident()
        await asyncio.sleep(0.1)
        assert [index() for index in indexes] == [None] * 50
    print(f"an index of {one:.0f} MiB; MiB resident after n swaps: {measured}")
    assert measured[50] - measured[10] < 2 * one  # of forty that came and went


LARGE = {"documents": 200, "paragraphs": 8, "words": 180}


@pytest.mark.slow
async def test_the_event_loop_runs_on_while_an_index_is_opened(tmp_path: Path):
    root = tmp_path / "index"
    pointers = [publish(root, edition, **LARGE) for edition in (1, 2)]
    late: dict[bool, list[float]] = {False: [], True: []}
    waited: dict[bool, list[float]] = {False: [], True: []}
    swapping = False

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late[swapping].append(time.perf_counter() - began - 0.005)

    async def ask(bot: FootnoteBot) -> None:
        while True:
            during, began = swapping, time.perf_counter()
            await bot.answer(bot.answerer, Question(QUESTION))
            waited[during].append(time.perf_counter() - began)
            await asyncio.sleep(0.01)

    gc.collect()
    gc.freeze()  # as `python -m bot run` does
    async with serving(root) as (bot, _):
        tasks = [asyncio.create_task(tick()), asyncio.create_task(ask(bot))]
        await asyncio.sleep(2)
        swapping = True
        for swap in range(10):
            point(root, pointers[swap % 2])
            await picked_up(bot, pointers[swap % 2])
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    gc.unfreeze()
    for during in (False, True):
        print(
            f"{'while swapping' if during else 'before'}: {len(waited[during])} answers, median "
            f"{1000 * statistics.median(waited[during]):.0f} ms, longest {1000 * max(waited[during]):.0f} ms; "
            f"the loop late by {1000 * max(late[during]):.0f} ms at most"
        )
    assert max(late[True]) < 0.5
