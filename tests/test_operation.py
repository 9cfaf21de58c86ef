"""What operators see of the bot: its log, exit codes, lease, the line that people wait in, `/footnote`."""

import asyncio
import dataclasses
import logging
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import SlowAnswerer, answerer
from loopback import ImpossibleError, Invocation, LoopbackDiscord, text_of
from test_discord import DOCUMENTS, QUESTION, live, process, running, settings

from bot.answering.answerer import Answerer
from bot.discord import service
from bot.discord.journal import Journal
from bot.lease import leased
from bot.live import Live
from bot.worker import SHARE
from embeddings.errors import BotRunning
from embeddings.process import EX_CONFIG, EX_TEMPFAIL
from embeddings.settings import Secret

GENERATION = "20260801T120000Z-abcdef"
ROOT = Path(__file__).parent.parent


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    """The structured lines of the log."""
    said = [record.getMessage() for record in caplog.records if record.name == "footnote"]
    return [dict(part.split("=", 1) for part in each.split("\n")[0].split()) for each in said if "surface=" in each]


# -- the log


async def test_each_answer_and_each_refusal_is_a_line_and_no_word_of_a_question_is_in_the_log(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    asked = "Zebras: how many troops were sent?"
    async with running(server, tmp_path):
        for command, options in (
            ("ask", {"question": asked}),
            ("ask", {"question": asked, "before": "1990-01-01"}),
            ("check", {"claim": "Some 4,000 zebras were sent."}),
            ("search", {"query": "zebras"}),
            ("ask", {"question": asked, "source": "zebras"}),
        ):
            await (await server.user.slash(command, options)).settled()
        await server.answer(await server.user.say(asked, mention=True))
        await server.answer(await server.user.dm(asked))

    found = lines(caplog)
    assert [(line["surface"], line["outcome"]) for line in found] == [
        ("ask", "answered"),
        ("ask", "not-found"),
        ("check", "not-found"),
        ("search", "found"),
        ("ask", "refused"),
        ("mention", "answered"),
        ("direct", "answered"),
    ]
    for line in found:
        if line["outcome"] == "refused":
            assert line["reason"] == "BadRequest"
            continue
        assert line["generation"] == GENERATION
        assert line["waited_ms"].isdigit() and line["worked_ms"].isdigit()
        assert re.fullmatch(r"[01]\.\d\d", line["confidence"]) or line["surface"] == "search"
    assert "zebra" not in caplog.text.casefold() and "troops" not in caplog.text


async def test_a_line_names_the_index_that_answered(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    slow, newer = SlowAnswerer(DOCUMENTS), answerer(DOCUMENTS)
    newer.source = dataclasses.replace(newer.source, generation="20270101T000000Z-abcdef")
    async with running(server, tmp_path, slow) as bot:
        asked = await server.user.slash("ask", {"question": QUESTION})
        await asked.acknowledged()
        bot.answerer = newer
        slow.release.set()
        await asked.settled()

    assert [line["generation"] for line in lines(caplog)] == [GENERATION]


class Broken(Answerer):
    def ask(self, question: Any) -> Any:
        raise KeyError(question.text)


async def test_an_error_is_logged_by_where_it_arose_without_its_words(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    whole = answerer(DOCUMENTS)
    whole.__class__ = Broken
    async with running(server, tmp_path, whole):
        told = await (await server.user.slash("ask", {"question": "zebras?"})).followed_up()

    (line,) = lines(caplog)
    assert (line["surface"], line["outcome"]) == ("ask", "error")
    assert line["reference"] in told["content"]
    assert "in ask\n" in caplog.text and "KeyError" in caplog.text and "zebras" not in caplog.text


async def test_what_took_too_long_is_a_line_too(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    slow = SlowAnswerer(DOCUMENTS)
    async with running(server, tmp_path, slow, limit=0.1):
        await (await server.user.slash("ask", {"question": QUESTION})).followed_up()
        slow.release.set()

    assert [(line["surface"], line["outcome"]) for line in lines(caplog)] == [("ask", "too-late")]


async def test_the_log_has_an_address_to_invite_the_bot_by(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    async with running(server, tmp_path):
        pass
    async with running(server, tmp_path, guild=server.guild_id):
        pass

    address, to_one = re.findall(r"https://discord.com/oauth2/authorize\S+", caplog.text)
    assert f"client_id={server.bot_id}" in address and "scope=bot+applications.commands" in address
    assert f"permissions={1 << 10 | 1 << 11 | 1 << 16 | 1 << 38}" in address
    assert "guild_id" not in address and f"guild_id={server.guild_id}" in to_one


def test_the_pace_is_that_of_the_last_answers():
    journal = Journal()
    assert not journal.pace
    journal.answered("ask", object(), GENERATION, waited=0.1, worked=0.4)
    assert journal.pace and (journal.pace.median, journal.pace.p95) == (500, 500)
    for _ in range(90):
        journal.answered("ask", object(), GENERATION, waited=0, worked=0.5)
    for _ in range(9):
        journal.answered("ask", object(), GENERATION, waited=0.5, worked=0.5)

    assert journal.answers == 100
    assert journal.pace.median == 500 and journal.pace.p95 == 1000


# -- the line that people wait in


def calls(server: LoopbackDiscord, asked: Invocation) -> list[str]:
    return [request.method for request in server.requests if asked.token in request.path]


async def test_whoever_has_too_many_waiting_is_told_so_in_one_private_call(server: LoopbackDiscord, tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with running(server, tmp_path, slow):
        asked = [await server.user.slash("ask", {"question": QUESTION}) for _ in range(8)]
        for each in asked:
            await each.acknowledged()
        slow.release.set()
        refused = [each for each in asked if not each.deferred]
        for each in asked:
            await each.settled()

    assert len(refused) == 8 - SHARE - 1
    for each in refused:
        assert each.ephemeral and f"You have {SHARE} questions waiting" in each.text
        assert calls(server, each) == ["POST"]
    assert sum("**4,000**" in each.text for each in asked) == SHARE + 1


async def test_whoever_waits_behind_many_is_told_how_many_once(server: LoopbackDiscord, tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with running(server, tmp_path, slow):
        asked = []
        for number in range(6):
            asked.append(await server.member(f"reader{number}").slash("ask", {"question": QUESTION}))
            await asked[-1].acknowledged()
        assert [text_of(await each.edited()) for each in asked[4:]] == [
            "-# About 4 questions are before yours.",
            "-# About 5 questions are before yours.",
        ]
        assert not any(each.edits for each in asked[:4])
        slow.release.set()
        for each in asked:
            await server.until(lambda each=each: "**4,000**" in each.text, "an answer")  # type: ignore[misc]

    assert [each.edits for each in asked] == [1, 1, 1, 1, 2, 2]


async def test_whoever_was_told_a_place_is_still_told_that_the_bot_leaves(server: LoopbackDiscord, tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with running(server, tmp_path, slow) as bot:
        for number in range(5):
            asked = await server.member(f"reader{number}").slash("ask", {"question": QUESTION})
            await asked.acknowledged()
        await asked.edited()
        await bot.close()
        slow.release.set()

    assert "going offline" in asked.followups[0]["content"]
    assert asked.message is None


async def test_a_lookup_goes_before_questions_that_wait(server: LoopbackDiscord, tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with running(server, tmp_path, slow):
        first, second = [await server.member(name).slash("ask", {"question": QUESTION}) for name in ("one", "two")]
        for each in (first, second):
            await each.acknowledged()
        looked_up = await server.user.slash("search", {"query": "troops"})
        await looked_up.acknowledged()
        slow.release.set()
        for each in (first, second, looked_up):
            await each.settled()

    order = [request.path for request in server.requests if request.method == "PATCH"]
    finished = [next(n for n, each in enumerate((first, second, looked_up)) if each.token in path) for path in order]
    assert sorted(finished) == [0, 1, 2] and finished.index(2) < finished.index(1)


# -- for moderators


async def test_moderators_see_how_the_bot_is_doing(server: LoopbackDiscord, tmp_path: Path):
    moderator = server.member("moderator", permissions=1 << 5)
    async with running(server, tmp_path):
        first = await moderator.slash("footnote status")
        await (await server.user.slash("ask", {"question": QUESTION})).settled()
        second = await moderator.slash("footnote status")
        before, after = text_of(await first.settled()), text_of(await second.settled())
        with pytest.raises(ImpossibleError, match="hidden from reader"):
            await server.user.slash("footnote status")
        with pytest.raises(ImpossibleError, match="not offered in direct messages"):
            await moderator.slash("footnote status", dm=True)

    assert first.ephemeral and not first.deferred
    assert f"Index **{GENERATION}**, built 1 August 2026 at 12:00 UTC\nDocuments: 2 · passages: 3" in before
    assert " UTC: 0\nWaiting now: 0" in before and " UTC: 1\nHalf of the last ones took at most " in after
    assert re.search(r"Memory: [\d,]+ MB", before) and re.search(r"Version \d+\.\d+", before)


async def test_moderators_are_told_what_the_bot_can_read(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        told = await server.member("moderator", permissions=1 << 5).slash("footnote about")
        await told.settled()

    assert told.ephemeral and "no message-content intent" in told.text and "MIT" in told.text


# -- the start


def nothing() -> list[Live]:
    raise AssertionError("nothing is loaded before the token is tried")


async def test_the_token_is_tried_before_anything_is_loaded(
    server: LoopbackDiscord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    code = await asyncio.to_thread(service.run, settings(tmp_path, token=Secret("wrong.token")), nothing)

    assert code == EX_CONFIG
    assert server.requests == [("GET", "/users/@me", 401)]
    assert "Discord does not know this DISCORD_TOKEN" in capsys.readouterr().err


RUN = """
import sys, yarl, time
sys.path.insert(0, {root!r})
from discord.http import Route
from bot import cli
Route.BASE = {base!r}
cli._encoder = cli._reader = lambda *_: time.sleep(60)  # models that take their time
sys.exit(cli.main(["run", "--index", {index!r}]))
"""


@pytest.mark.slow
async def test_a_bad_token_is_told_without_waiting_for_the_models(server: LoopbackDiscord, tmp_path: Path):
    live(tmp_path)
    code = RUN.format(root=str(ROOT), base=service.discord.http.Route.BASE, index=str(tmp_path))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stderr=asyncio.subprocess.PIPE, env={"DISCORD_TOKEN": "wrong.token"}
    )
    _, errors = await asyncio.wait_for(child.communicate(), 50)

    assert child.returncode == EX_CONFIG
    assert errors.decode().splitlines()[-1].startswith("error: Discord does not know this DISCORD_TOKEN.")


# -- the lease

HOLDING = """
    import sys, time
    from pathlib import Path
    from bot.lease import leased

    with leased(Path(sys.argv[1]), 42):
        print("holding", flush=True)
        time.sleep(60)
"""


@contextmanager
def another(root: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is bot 42."""
    command = [sys.executable, "-c", textwrap.dedent(HOLDING), str(root)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout and process.stdout.readline() == "holding\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_process_is_told_which_one_is_the_bot_and_a_killed_one_leaves_no_lease(tmp_path: Path):
    with another(tmp_path) as process:
        with (
            pytest.raises(BotRunning, match=rf"runs already \(bot, process {process.pid} on \S+, since .* UTC\)\. End"),
            leased(tmp_path, 42),
        ):
            pytest.fail("two are the same bot")
        with leased(tmp_path, 43):
            pass  # another bot over the same index
        process.send_signal(signal.SIGKILL)
        process.wait()

    with leased(tmp_path, 42):
        pass


def test_where_the_folder_cannot_be_written_nobody_is_kept_out(own_folder: Path, caplog: pytest.LogCaptureFixture):
    own_folder.chmod(0o500)
    with leased(own_folder, 42), leased(own_folder, 42):
        pass

    assert caplog.text.count("A second process of this bot would not be noticed") == 2


async def test_a_second_process_ends_before_it_loads_anything_and_may_be_started_again(
    server: LoopbackDiscord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with leased(tmp_path, server.bot_id):
        code = await asyncio.to_thread(service.run, settings(tmp_path, token=Secret(server.token)), nothing)

    assert code == EX_TEMPFAIL
    error = capsys.readouterr().err
    assert error.startswith("error: This bot runs already (bot, process ") and error.count("\n") == 1
    assert server.identifies == []


@pytest.mark.slow
async def test_a_killed_bot_is_followed_by_the_next(server: LoopbackDiscord, tmp_path: Path):
    first = await process(server, tmp_path, server.token)
    await server.until(lambda: server.identifies, "the bot", within=60)
    second = await process(server, tmp_path, server.token)
    _, errors = await second.communicate()
    assert second.returncode == EX_TEMPFAIL and f"process {first.pid} on ".encode() in errors
    first.kill()
    await first.communicate()

    third = await process(server, tmp_path, server.token)
    await server.until(lambda: len(server.identifies) == 2, "the next bot", within=60)
    third.terminate()
    await third.communicate()
    assert third.returncode == 0
