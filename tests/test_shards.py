"""Two shards in one process, over real sockets: each hears of its own, and the bot is well when both are."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
from fakes import answerer
from loopback import LoopbackDiscord, text_of
from test_discord import DOCUMENTS, QUESTION, process, settings

from bot.discord.client import FootnoteBot
from bot.discord.health import health
from bot.health import summary
from bot.settings import Settings
from embeddings.errors import BadSetting


class PromptBot(FootnoteBot):
    """Does not wait five seconds between two shards, as discord.py does for Discord's sake."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """See discord.Client."""


def bot(folder: Path, shards: int = 2) -> PromptBot:
    return PromptBot(settings(folder, shards=shards), answerer(DOCUMENTS), guild_ready_timeout=0.05)


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord(patience=20, shards=2) as server:
        with server.attach():
            yield server


@pytest.mark.slow
@pytest.mark.parametrize(("variables", "count"), [({}, 2), ({"FOOTNOTE_SHARDS": "1"}, 1)])
async def test_a_process_has_as_many_shards_as_discord_recommends_or_the_setting_says(
    server: LoopbackDiscord, tmp_path: Path, variables: dict[str, str], count: int
):
    child = await process(server, tmp_path, server.token, **variables)
    await server.until(lambda: len(server.identifies) == count, "all shards", within=30)
    asked = await server.user.slash("sources")
    await asked.settled()
    child.send_signal(signal.SIGTERM)
    _, errors = await child.communicate()

    assert child.returncode == 0 and b"Traceback" not in errors
    assert [data["shard"] for data in server.identifies] == [[n, count] for n in range(count)]


@pytest.mark.parametrize("count", [1, 3])
async def test_there_are_as_many_shards_as_the_settings_say(server: LoopbackDiscord, tmp_path: Path, count: int):
    async with server.running(bot(tmp_path, shards=count)) as client:
        assert isinstance(client, discord.AutoShardedClient) and client.shard_count == count
        assert [data["shard"] for data in server.identifies] == [[n, count] for n in range(count)]
        asked = await server.user.slash("ask", {"question": QUESTION})
        assert "**4,000**" in text_of(await asked.settled())
    assert len(server.syncs) == 1 and server.refusals == []


async def test_each_shard_hears_of_its_own_and_both_are_one_bot(server: LoopbackDiscord, tmp_path: Path):
    async with server.running(client := bot(tmp_path)):
        assert [guild.shard_id for guild in client.guilds] == [1]
        said, sent = await server.user.say(QUESTION, mention=True), await server.user.dm(QUESTION)
        for message in (said, sent):
            assert "**4,000**" in text_of(await server.answer(message))
    assert len([m for m in server.messages() if m["author"]["id"] == str(server.bot_id)]) == 1


@pytest.mark.parametrize("shard", [0, 1])
async def test_it_is_well_only_while_both_are_connected_and_nothing_is_lost(
    server: LoopbackDiscord, tmp_path: Path, shard: int
):
    async with server.running(client := bot(tmp_path)):
        assert health(client)["gateway"] | {"latency_ms": 0} == {
            "ok": True,
            "latency_ms": 0,
            "shards": 2,
            "shards_cut_off": [],
        }
        async with server.disconnected(shard=shard):
            said, sent = await server.user.say(QUESTION, mention=True), await server.user.dm(QUESTION)
            await server.answer(sent if shard else said)
            cut_off = health(client)
        for message in (said, sent):
            assert "**4,000**" in text_of(await server.answer(message))
        await server.until(lambda: client.connected, "both shards")

    assert not cut_off["ok"] and cut_off["gateway"]["shards_cut_off"] == [shard]
    assert summary(cut_off).startswith(f"not connected to Discord (shard {shard}); ")
    assert [resume.path for resume in server.resumes] == ["/resume"] and len(server.identifies) == 2


@pytest.mark.parametrize("text", ["-1", "1001", "two"])
def test_a_number_of_shards_that_cannot_be_is_refused(text: str):
    with pytest.raises(BadSetting, match="FOOTNOTE_SHARDS"):
        Settings.load({"FOOTNOTE_SHARDS": text})
