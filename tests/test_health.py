"""What a running bot says of itself to programs, over real sockets, and what `python -m bot health` makes of it."""

import asyncio
import json
import logging
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fakes import SlowAnswerer, answerer
from loopback import LoopbackDiscord
from test_discord import DOCUMENTS, QUESTION, process, running, settings

from bot.answering.answerer import Answerer
from bot.discord.client import FootnoteBot
from bot.discord.health import served
from bot.health import ask, summary
from bot.logs import JsonFormatter
from bot.settings import Address

GENERATION = "20260801T120000Z-abcdef"
ANY = Address("127.0.0.1", 0)
ROOT = Path(__file__).parent.parent


@asynccontextmanager
async def shown(
    server: LoopbackDiscord, folder: Path, served_by: Answerer | None = None, **changes: Any
) -> AsyncIterator[tuple[FootnoteBot, Address]]:
    """A bot that is connected, and where it says how it is."""
    async with running(server, folder, served_by, **changes) as bot, served(bot, ANY) as address:
        assert address and address.port
        yield bot, address


async def get(address: Address, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{address}{path}") as response:
        return response.status, await response.text()


def samples(text: str) -> dict[str, float]:
    """The samples of a page of metrics by name and labels."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


async def test_a_connected_bot_is_well_and_says_what_it_serves(server: LoopbackDiscord, tmp_path: Path):
    async with shown(server, tmp_path) as (_, address):
        status, text = await get(address, "/healthz")
        found = await asyncio.to_thread(ask, address)

    assert status == 200 and json.loads(text).keys() == found.keys()
    assert found["ok"] and found["gateway"]["ok"]
    assert found["index"].pop("age_seconds") > 0
    assert found["index"] == {"ok": True, "generation": GENERATION, "documents": 2, "passages": 3, "problem": None}
    assert found["queue"] == {"ok": True, "waiting": 0, "oldest_seconds": 0.0}
    assert summary(found) == f"connected to Discord; generation {GENERATION}; 0 waiting"


async def test_a_bot_is_not_well_before_it_is_connected_nor_while_it_is_cut_off(
    server: LoopbackDiscord, tmp_path: Path
):
    bot = FootnoteBot(settings(tmp_path), answerer(DOCUMENTS), guild_ready_timeout=0.05)
    async with served(bot, ANY) as address:
        assert address
        before, text = await get(address, "/healthz")
        async with server.running(bot):
            connected, _ = await get(address, "/healthz")
            async with server.disconnected():
                cut_off, _ = await get(address, "/healthz")
            await server.until(lambda: server.resumes, "the bot again")
            again, _ = await get(address, "/healthz")

    assert (before, connected, cut_off, again) == (503, 200, 503, 200)
    assert json.loads(text)["gateway"] == {"ok": False, "latency_ms": None, "shards": 1, "shards_cut_off": []}
    assert summary(json.loads(text)).startswith("not connected to Discord; ")


async def test_the_queue_is_counted_and_a_bot_that_takes_no_more_is_not_well(server: LoopbackDiscord, tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with shown(server, tmp_path, slow) as (bot, address):
        asked = [await server.member(name).slash("ask", {"question": QUESTION}) for name in ("one", "two")]
        for each in asked:
            await each.acknowledged()
        await asyncio.sleep(0.1)
        waiting = await asyncio.to_thread(ask, address)
        now = samples((await get(address, "/metrics"))[1])
        bot.worker._left = 4
        held_up, text = await get(address, "/healthz")
        bot.worker._left = 0
        slow.release.set()
        for each in asked:
            await each.settled()

    assert waiting["ok"] and waiting["queue"]["waiting"] == 1 and waiting["queue"]["oldest_seconds"] >= 0.1
    assert now["footnote_queue_length"] == 1 and now["footnote_queue_oldest_seconds"] >= 0.1
    assert held_up == 503 and not json.loads(text)["queue"]["ok"]
    assert "so no more are taken" in summary(json.loads(text))


async def test_metrics_count_what_became_of_questions_and_of_requests_and_name_nobody(
    server: LoopbackDiscord, tmp_path: Path
):
    server.rate_limit("PATCH", "/webhooks/*")
    async with shown(server, tmp_path) as (bot, address):
        await (await server.user.slash("ask", {"question": QUESTION})).settled()
        await (await server.user.slash("ask", {"question": QUESTION, "before": "1990-01-01"})).settled()
        await (await server.user.slash("ask", {"question": QUESTION, "source": "zebras"})).settled()
        bot._serve(answerer(DOCUMENTS))
        status, text = await get(address, "/metrics")

    found = samples(text)
    assert status == 200
    for outcome in ("answered", "not-found", "refused"):
        assert found[f'footnote_answers_total{{outcome="{outcome}",surface="ask"}}'] == 1, text
    assert found["footnote_worked_seconds_count"] == found["footnote_waited_seconds_count"] == 2
    assert found["footnote_index_reloads_total"] == 1
    assert found['footnote_discord_responses_total{status="429"}'] == 1
    assert found['footnote_discord_responses_total{status="200"}'] > 3
    assert found["footnote_index_passages"] == 3 and found["footnote_gateway_connected"] == 1
    assert found[f'footnote_index_info{{generation="{GENERATION}"}}'] == 1
    assert found["process_resident_memory_bytes"] > 0
    assert not re.search(r"troops|zebra|reader|Archive", text)
    for number in (server.user.id, server.guild_id, server.channel_id, server.bot_id):
        assert str(number) not in text


async def test_an_address_that_is_taken_is_a_line_in_the_log_and_the_bot_goes_on(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address("127.0.0.1", taken.getsockname()[1])
        async with running(server, tmp_path) as bot, served(bot, address) as none:
            assert none is None
            asked = await server.user.slash("ask", {"question": QUESTION})
            await asked.settled()

    assert "**4,000**" in asked.text
    (line,) = [record.getMessage() for record in caplog.records if "No health" in record.getMessage()]
    assert str(address) in line and "Set FOOTNOTE_HEALTH to another address, or to no" in line


async def test_where_it_is_switched_off_nothing_listens(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    async with running(server, tmp_path) as bot, served(bot, None) as none:
        assert none is None
    assert "Health and metrics" not in caplog.text


async def test_every_line_about_an_answer_has_its_id_which_is_the_reference_of_an_error(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    class Broken(Answerer):
        def ask(self, question: Any) -> Any:
            raise KeyError(question.text)

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(caplog.handler, "formatter", JsonFormatter())
    broken = answerer(DOCUMENTS)
    async with running(server, tmp_path, broken):
        await (await server.user.slash("ask", {"question": QUESTION})).settled()
        await server.answer(await server.user.say(QUESTION, mention=True))
        broken.__class__ = Broken
        told = await (await server.user.slash("ask", {"question": "zebras?"})).followed_up()

    rows = [json.loads(line) for line in caplog.text.splitlines() if line.startswith("{")]
    answers = [row for row in rows if "outcome" in row]
    assert [row["outcome"] for row in answers] == ["answered", "answered", "error"]
    assert all(re.fullmatch("[0-9a-f]{6}", row["request"]) for row in answers)
    assert len({row["request"] for row in answers}) == 3
    assert answers[2]["reference"] == answers[2]["request"] and answers[2]["request"] in told["content"]
    assert all(row["request"] is None for row in rows if "Ready as" in row["message"])
    assert "zebras" not in caplog.text


# -- python -m bot health


async def health(folder: Path, address: Address | str, *options: str) -> tuple[int, str, str]:
    """The command's exit code, and what it says on both streams."""
    environment = {"PYTHONPATH": str(ROOT), "FOOTNOTE_HEALTH": str(address)}
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "bot", "health", *options]
    child = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stdout=pipe, stderr=pipe)
    out, errors = await child.communicate()
    return child.returncode or 0, out.decode(), errors.decode()


async def test_the_command_tells_a_bot_that_is_well_from_one_that_is_not(server: LoopbackDiscord, tmp_path: Path):
    async with shown(server, tmp_path) as (bot, address):
        code, out, _ = await health(tmp_path, address)
        bot.worker._left = 4
        code_held_up, json_held_up, _ = await health(tmp_path, address, "--json")
        bot.worker._left = 0

    assert code == 0 and out.startswith("connected to Discord; ")
    assert code_held_up == 1 and json.loads(json_held_up)["queue"]["ok"] is False


async def test_the_command_says_that_no_bot_answers(tmp_path: Path):
    code, out, errors = await health(tmp_path, "127.0.0.1:9")
    assert (code, out) == (1, "") and errors.startswith("error: No bot answers at 127.0.0.1:9 (")
    code, _, errors = await health(tmp_path, "no")
    assert code == 2 and "FOOTNOTE_HEALTH=no" in errors


@pytest.mark.slow
async def test_a_started_bot_listens_at_the_address_of_the_setting(server: LoopbackDiscord, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = Address("127.0.0.1", free.getsockname()[1])
    child = await process(server, tmp_path, server.token, FOOTNOTE_HEALTH=str(address))
    await server.until(lambda: server.identifies, "the bot", within=60)
    await (await server.user.slash("sources")).settled()
    async with asyncio.timeout(20):  # it counts as connected when its servers have come in
        while not (found := await asyncio.to_thread(ask, address))["ok"]:  # noqa: ASYNC110 - another process has it
            await asyncio.sleep(0.1)
    child.terminate()
    _, errors = await child.communicate()

    assert found["ok"] and child.returncode == 0
    assert f"http://{address}/healthz".encode() in errors
