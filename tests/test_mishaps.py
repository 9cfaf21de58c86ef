"""What goes wrong at Discord, on the disk or among people, and what nobody may lose by it."""

import asyncio
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fakes import answerer, document
from loopback import LoopbackDiscord, text_of, walk
from loopback.faults import CALLBACK, EDIT
from loopback.payloads import ADMINISTRATOR
from test_discord import DOCUMENTS, QUESTION, live, running, settings

from bot.discord import client, delivery, service
from bot.discord.client import FootnoteBot
from bot.discord.cogs.check import MENU, MOST_CLAIMS
from bot.discord.store import FILE, Store
from embeddings.errors import StoreUnusable
from embeddings.settings import Secret


def votes(message: dict) -> list[str]:
    return [part["custom_id"] for part in walk(message["components"]) if "emoji" in part]


# -- Discord


async def test_a_message_that_is_delivered_again_is_answered_once(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        said = await server.user.say(QUESTION, mention=True)
        await server.redeliver(said)
        await server.answer(said)
        await server.redeliver(said)
        last = await server.user.say(QUESTION, mention=True)
        await server.answer(last)
        ours = [m for m in server.messages() if m["author"]["id"] == str(server.bot_id)]

    assert [int(m["message_reference"]["message_id"]) for m in ours] == [int(said["id"]), int(last["id"])]


@pytest.mark.slow
async def test_an_answer_does_not_wait_until_discord_takes_that_the_bot_is_typing(
    server: LoopbackDiscord, tmp_path: Path
):
    async with running(server, tmp_path):
        server.rate_limit("POST", "/channels/*/typing", retry_after=60)
        answer = await server.answer(await server.user.say(QUESTION, mention=True), within=10)

    assert "**4,000**" in text_of(answer)


async def test_whoever_is_told_alone_is_told_once_though_the_other_message_cannot_be_deleted(
    server: LoopbackDiscord, tmp_path: Path
):
    async with running(server, tmp_path):
        throttle = server.rate_limit("DELETE", "/webhooks/*", via=None)
        asked = await server.user.slash("ask", {"question": QUESTION, "before": "1990-01-01"})
        await server.until(lambda: not throttle.left, "the refusal to delete")
        await (await server.user.slash("sources")).settled()
        await server.answer(await server.user.say(QUESTION, mention=True))

    assert [text_of(told)[:25] for told in asked.followups] == ["**Not in the documents.**"]


async def test_a_reply_at_a_bad_time_is_sent_again_and_what_is_lost_is_a_line_in_the_log(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "_AGAIN", 0.05)
    async with running(server, tmp_path):
        server.rate_limit("POST", "/channels/*/messages", via=None)
        answer = await server.answer(await server.user.say(QUESTION, mention=True))
        assert "**4,000**" in text_of(answer)
        throttle = server.rate_limit("POST", "/channels/*/messages", via=None, times=2)
        await server.user.say(QUESTION, mention=True)
        await server.until(lambda: not throttle.left, "the refusal")
        last = await server.answer(await server.user.say(QUESTION, mention=True))

    assert "**4,000**" in text_of(last)
    assert "surface=mention outcome=error" in caplog.text and "Ignoring exception" not in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("request_", [CALLBACK, EDIT], ids=["deferral", "answer"])
@pytest.mark.parametrize("mishap", ["half", "stalled", "banned"])
async def test_an_answer_comes_once_though_discord_says_nothing_to_what_led_to_it(
    server: LoopbackDiscord, tmp_path: Path, mishap: str, request_: tuple[str, str], monkeypatch: pytest.MonkeyPatch
):
    for name in ("_AGAIN", "_DEFERRING", "_SHOWING"):
        monkeypatch.setattr(delivery, name, 0.3)
    async with running(server, tmp_path):
        if mishap == "banned":
            met: Any = server.rate_limit(*request_, via=None)
        else:
            met = server.spoil(*request_, stall=5 if mishap == "stalled" else 0)
        asked = await server.user.slash("ask", {"question": QUESTION})
        await asked.settled()
        await (await server.user.slash("sources")).settled()
        server.refusals.clear()  # that what had arrived is there twice

    assert not met.left and "**4,000**" in asked.text and not asked.followups
    assert [error.code for error in asked.refused] in ([], [40060])


async def test_op_7_and_resumable_op_9_lose_no_question(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        await server.ask_to_reconnect()
        said = await server.user.say(QUESTION, mention=True)
        await server.answer(said)
        await server.invalidate_session(resumable=True)
        said = await server.user.say(QUESTION, mention=True)
        await server.answer(said)

    assert len(server.identifies) == 1 and server.resumes and len(server.replies(said)) == 1


async def test_a_reason_is_taken_also_after_a_restart(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path) as bot:
        answer = await (await server.user.slash("ask", {"question": QUESTION})).settled()
        opened = await server.user.click(answer, votes(answer)[1])
        await opened.acknowledged()
        assert not bot._connection._view_store._modals, "nothing is remembered of a modal that nobody sends"
    async with running(server, tmp_path) as bot:
        sent = await server.user.submit(opened, "An old figure")
        await sent.settled()
        assert bot.store.run("select up, reason from votes") == [(0, "An old figure")]

    assert sent.ephemeral and sent.text == "Noted, thank you."


async def test_a_reason_from_elsewhere_is_not_taken(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path) as bot:
        answer = await (await server.user.slash("ask", {"question": QUESTION})).settled()
        opened = await server.user.click(answer, votes(answer)[1])
        await opened.acknowledged()
    async with running(server, tmp_path) as bot:
        bot.settings = settings(tmp_path, guild=4567)
        sent = await server.user.submit(opened, "An old figure")
        await sent.settled()
        assert bot.store.run("select * from votes") == []

    assert sent.text == "I answer in one server only, and this is not it."


async def test_sentences_of_any_length_are_checked_in_one_message(server: LoopbackDiscord, tmp_path: Path):
    url, title, name = f"https://example.org/{'a' * 270}", "_T*" * 60, "General " + "Longname " * 8
    said = [f"{name}Smith said that {n},000 troops were sent to Oslo {'and_so_on ' * 40}." for n in range(1, 6)]
    hard = [document(f"{n}{'_' * 90}", text, f"{n}{title}", f"2025-06-0{n + 1}", url) for n, text in enumerate(said)]
    claims = " ".join(f"Some {n},000 troops were sent to Oslo {'*_[' * 100}." for n in range(1, MOST_CLAIMS + 1))
    async with running(server, tmp_path, answerer(hard)):
        checked = await server.user.menu(MENU, await server.user.say(claims))
        compared = await server.user.slash("compare", {"question": f"How many troops were sent to Oslo?{' *_[' * 90}"})
        await checked.settled()
        await compared.settled()

    assert checked.text.startswith("**Checked against the documents**")
    assert compared.text.startswith("**What each source says**")


# -- the disk


@pytest.mark.slow
async def test_an_answer_is_given_though_the_disk_is_held(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with running(server, tmp_path):
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("begin immediate")
        asked = await server.user.slash("ask", {"question": QUESTION})
        await asked.settled()
        told = await server.user.slash("forget-me")
        await told.settled()
        other.close()

    assert "**4,000**" in asked.text and "receipt" not in asked.text and not votes(asked.message or {})
    assert "An answer could not be kept: database is locked" in caplog.text
    assert "Something went wrong" in told.text and "OperationalError: database is locked" in caplog.text


@pytest.mark.slow
async def test_nobody_is_left_without_an_answer_by_a_disk_that_hangs(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with running(server, tmp_path) as bot:
        answer = await (await server.user.slash("ask", {"question": QUESTION})).settled()
        with bot.store._lock:  # as a thread that waits for a disk would have it
            asked = [await server.user.slash("ask", {"question": QUESTION}) for _ in range(2)]
            told = [await server.user.slash("receipt", {"receipt": "abcdefgh"}) for _ in range(3)]
            told.append(await server.user.click(answer, votes(answer)[0]))
            for each in (*asked, *told):
                await each.settled()

    assert all("**4,000**" in each.text for each in asked)
    assert all("Something went wrong" in each.text for each in told)
    assert "An answer could not be kept: the disk takes too long" in caplog.text


async def test_an_answer_is_given_though_keeping_it_never_ends(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "_KEEPING", 0.1)
    async with running(server, tmp_path) as bot:
        with bot.store._lock:
            asked = await server.user.slash("ask", {"question": QUESTION})
            await asked.settled()

    assert "**4,000**" in asked.text
    assert "An answer could not be kept: it takes too long" in caplog.text


async def test_where_nothing_is_kept_a_folder_that_cannot_be_written_is_served(
    server: LoopbackDiscord, own_folder: Path, caplog: pytest.LogCaptureFixture
):
    await asyncio.to_thread(own_folder.chmod, 0o500)
    with pytest.raises(StoreUnusable, match="set FOOTNOTE_KEEP_DAYS=0"):
        FootnoteBot(settings(own_folder), answerer(DOCUMENTS))
    with pytest.raises(StoreUnusable):
        FootnoteBot(settings(own_folder, keep_days=0, first_responder=True), answerer(DOCUMENTS))
    async with running(server, own_folder, keep_days=0):
        asked = await server.user.slash("ask", {"question": QUESTION})
        assert "**4,000**" in text_of(await asked.settled())

    assert "Nothing is kept: " in caplog.text


@pytest.mark.parametrize("damage", ["delete from salt", "drop table salt", "drop table votes"])
async def test_a_store_that_lost_a_table_is_told_in_one_line(
    server: LoopbackDiscord, tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
):
    opened = live(tmp_path)
    Store(tmp_path / FILE).close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute(damage)
    connection.close()
    code = await asyncio.to_thread(service.run, settings(tmp_path, token=Secret(server.token)), lambda: [opened])

    error = capsys.readouterr().err.splitlines()[-1]
    assert code == 2
    assert re.match(r"error: \S+footnote\.sqlite3 cannot be used: .* move it away", error)


async def test_when_the_disk_is_full_answers_go_on_and_the_log_says_why(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with running(server, tmp_path) as bot:
        bot.store.run("pragma max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            for channel in range(10_000):
                bot.store.add_channel(1, channel)
        for _ in range(200):
            asked = await server.user.slash("ask", {"question": QUESTION})
            await asked.settled()
            assert "**4,000**" in asked.text
            if "receipt" not in asked.text:
                break
        bot.store.run("pragma max_page_count = 100000")
        again = await server.user.slash("ask", {"question": QUESTION})
        await again.settled()

    assert "receipt" not in asked.text and "receipt" in again.text
    assert "An answer could not be kept: database or disk is full" in caplog.text


# -- people


async def test_what_somebody_asks_alone_no_moderator_reads(server: LoopbackDiscord, tmp_path: Path):
    moderator = server.member("moderator", permissions=ADMINISTRATOR)
    async with running(server, tmp_path, keep_questions=True):
        for command in ("ask", "compare"):
            for private, asked in ((True, "How many troops secretly came?"), (False, QUESTION)):
                await (await server.user.slash(command, {"question": asked, "private": private})).settled()
        seen = await moderator.slash("insights")
        await seen.settled()

    assert seen.text.startswith("**4 questions") and QUESTION in seen.text and "secretly" not in seen.text


@pytest.mark.parametrize("by_setting", [True, False])
async def test_what_is_private_by_setting_by_channel_or_in_direct_messages_is_not_kept(
    server: LoopbackDiscord, tmp_path: Path, by_setting: bool
):
    async with running(server, tmp_path, keep_questions=True, private=by_setting) as bot:
        if not by_setting:
            bot.store.set_privacy(server.guild_id, server.channel_id, True)
        for command in ("ask", "compare"):
            for options in ({}, {"private": False}):
                await (await server.user.slash(command, {"question": QUESTION} | options)).settled()
        await (await server.user.slash("ask", {"question": QUESTION, "private": False}, dm=True)).settled()
        await server.answer(await server.user.dm(QUESTION))
        kept = bot.store.run("select guild is null, question from answers order by at")

    assert kept == [(0, None), (0, QUESTION)] * 2 + [(1, None)] * 2
