"""The real client over real sockets, against the loopback Discord."""

import asyncio
import dataclasses
import json
import logging
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route
from fakes import FakeEncoder, SlowAnswerer, StuckAnswerer, answerer, document
from loopback import LoopbackDiscord, text_of, walk
from loopback.payloads import ADMINISTRATOR

from bot.answering.answerer import Answerer
from bot.discord import service
from bot.discord.client import FootnoteBot
from bot.discord.cogs.ask import MOST_MENTIONS
from bot.discord.cogs.check import MENU, MOST_CLAIMS
from bot.live import Live
from bot.settings import Settings
from bot.worker import LIMIT, MOST_LEFT
from embeddings.building.indexing import build
from embeddings.errors import BadSetting, IndexMissing
from embeddings.process import EX_CONFIG, EX_TEMPFAIL
from embeddings.settings import Secret
from embeddings.storing import generations

DOCUMENTS = [
    document(
        "troops", "The governor objected. Some 4,000 troops were sent, @everyone <@1> said.", "Troops", "2025-06-08"
    ),
    document("curfew", "Karen Bass said the curfew would be lifted.\n\n# Later\n\nIt was lifted on Tuesday.", "Curfew"),
]
QUESTION = "How many troops were sent?"
COMMANDS = sorted(
    [*"ask check compare footnote forget-me insights receipt search setup source sources timeline".split(), MENU]
)


def settings(folder: Path, **changes: Any) -> Settings:
    return dataclasses.replace(Settings.load({}), index=folder, **changes)


@asynccontextmanager
async def running(
    server: LoopbackDiscord,
    folder: Path,
    served: Answerer | None = None,
    limit: float = LIMIT,
    **changes: Any,
) -> AsyncIterator[FootnoteBot]:
    """The bot, connected; at the end Discord must have refused nothing, and nobody may have been pinged."""
    bot = FootnoteBot(settings(folder, **changes), served or answerer(DOCUMENTS), limit=limit, guild_ready_timeout=0.05)
    async with server.running(bot):
        yield bot
    assert server.refusals == []
    assert server.pings == []


def buttons(message: dict[str, Any], label: str) -> list[str]:
    return [part["custom_id"] for part in walk(message["components"]) if part.get("label") == label]


# -- coming in


async def test_it_logs_in_with_no_privileged_intent_and_syncs_its_commands(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        assert server.intents == discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        ((scope, payload),) = server.syncs
        assert scope is None
        assert sorted(command["name"] for command in payload) == COMMANDS
        for command in payload:
            described = [command, *command["options"]] if command["type"] == 1 else []  # those of a menu have no room
            assert all(each["description"].endswith(".") for each in described)
            for_moderators = command["name"] in ("footnote", "insights", "setup")
            assert sorted(command["contexts"]) == ([0] if for_moderators else [0, 1, 2])
            assert sorted(command["integration_types"]) == ([0] if for_moderators else [0, 1])
            manage_guild = str(discord.Permissions(manage_guild=True).value)
            assert str(command["default_member_permissions"]) == (manage_guild if for_moderators else "None")


async def test_commands_are_synced_only_when_they_changed(server: LoopbackDiscord, tmp_path: Path):
    for _ in range(2):
        async with running(server, tmp_path):
            pass
    assert len(server.syncs) == 1

    record = tmp_path / "commands.json"
    record.write_text(record.read_text().replace('"sha256": "', '"sha256": "0'))
    async with running(server, tmp_path):
        pass
    assert [sync.scope for sync in server.syncs] == [None, None]


async def test_commands_are_in_one_scope_never_in_two(server: LoopbackDiscord, tmp_path: Path):
    for guild in (None, server.guild_id, None):
        async with running(server, tmp_path, guild=guild):
            assert sorted(server.commands()) == COMMANDS

    steps = [(sync.scope, len(sync.payload)) for sync in server.syncs]
    here = server.guild_id
    assert steps == [(None, len(COMMANDS)), (None, 0), (here, len(COMMANDS)), (here, 0), (None, len(COMMANDS))]


async def test_commands_of_one_server_work_in_it(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, guild=server.guild_id):
        asked = await server.user.slash("ask", {"question": QUESTION})
        await asked.settled()
        assert "**4,000**" in asked.text


async def test_where_one_server_is_named_nobody_elsewhere_is_answered(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path) as bot:
        asked = await server.user.slash("ask", {"question": QUESTION})
        answer = await asked.settled()
        bot.settings = dataclasses.replace(bot.settings, guild=server.guild_id)
        direct = await server.answer(await server.user.dm(QUESTION))
        elsewhere = [
            await server.user.slash("ask", {"question": QUESTION}, dm=True),
            await server.user.slash("sources", dm=True),
        ]
        bot.settings = dataclasses.replace(bot.settings, guild=4567)
        mentioned = await server.answer(await server.user.say(QUESTION, mention=True))
        elsewhere += [
            await server.user.slash("search", {"query": QUESTION}),
            await server.user.slash("check", {"claim": "Some 4,000 troops were sent."}),
            await server.user.click(answer, buttons(answer, "Open")[0]),
            await server.user.click(answer, buttons(answer, "All sources")[0]),
        ]
        for invocation in elsewhere:
            await invocation.settled()
        assert await server.user.autocomplete("source", "name", "") == []

    refused = {text_of(direct), text_of(mentioned), *(invocation.text for invocation in elsewhere)}
    assert refused == {"I answer in one server only, and this is not it."}
    assert all(invocation.ephemeral for invocation in elsewhere)


async def test_a_server_that_does_not_take_the_commands_is_named(server: LoopbackDiscord, tmp_path: Path):
    bot = FootnoteBot(settings(tmp_path, guild=4567), answerer(DOCUMENTS))
    with pytest.raises(BadSetting, match="server FOOTNOTE_GUILD=4567"):
        async with server.running(bot):
            raise AssertionError("must not start")
    assert json.loads((tmp_path / "commands.json").read_text())["sha256"] == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"application": 1}', "null"])
async def test_a_damaged_record_means_another_sync(server: LoopbackDiscord, tmp_path: Path, text: str):
    (tmp_path / "commands.json").write_text(text)
    async with running(server, tmp_path):
        assert sorted(server.commands()) == COMMANDS


# -- asking


async def test_ask_is_deferred_then_edited(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        asked = await server.user.slash("ask", {"question": QUESTION})
        assert (await asked.acknowledged())["type"] == 5
        await asked.settled()

        assert asked.deferred and not asked.ephemeral and asked.edits == 1 and asked.followups == []
        assert "> Some **4,000** troops were sent, \\@everyone \\<\\@1\\> said." in asked.text
        assert [writing.allowed_mentions for writing in server.writings] == [{"parse": []}]


async def test_ask_in_private_and_in_direct_messages(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        private = await server.user.slash("ask", {"question": QUESTION, "private": True})
        direct = await server.user.slash("ask", {"question": QUESTION}, dm=True)
        await private.settled()
        await direct.settled()

        assert private.ephemeral and "**4,000**" in private.text
        assert not direct.ephemeral and "**4,000**" in direct.text


async def test_an_error_after_a_public_deferral_reaches_the_asker_only(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        asked = await server.user.slash("ask", {"question": f"   {QUESTION}   ", "private": False})
        told = await server.user.slash("ask", {"question": "     "})
        await asked.settled()
        private = await told.followed_up()
        await server.until(lambda: told.message is None, "the public message to go")

        assert private["flags"] & 64
        assert private["content"] == "The question is empty. Ask something."
        assert asked.message


async def test_autocomplete_keeps_to_the_limits(server: LoopbackDiscord, tmp_path: Path):
    many = [document(f"{n:02}" + "i" * 120, f"Text {n}.", f"{n:02}" + "T" * 120) for n in range(30)]
    async with running(server, tmp_path, answerer(many)):
        for command, option in (("source", "name"), ("ask", "source")):
            choices = await server.user.autocomplete(
                command, option, "t", {"question": "x"} if option == "source" else {}
            )
            assert len(choices) == 25
        chosen = await server.user.slash("source", {"name": choices[3]["value"]})
        await chosen.settled()
        assert chosen.text.startswith("### 03TTT")


async def test_open_works_after_a_restart_and_turns_pages(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        asked = await server.user.slash("ask", {"question": "When was the curfew lifted?", "source": "curfew"})
        answer = await asked.settled()
    async with running(server, tmp_path):
        opened = await server.user.click(answer, buttons(answer, "Open")[0])
        passage = await opened.settled()
        assert opened.ephemeral and opened.text.startswith("### Curfew\npassage ")
        label = "Next" if buttons(passage, "Next") else "Previous"
        before = opened.text
        turned = await server.user.click(passage, buttons(passage, label)[0])
        await turned.acknowledged()
        assert turned.text.startswith("### Curfew") and turned.text != before


async def test_all_sources_of_an_answer_are_listed_also_after_a_restart(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        asked = await server.user.slash("ask", {"question": QUESTION, "as_of": "2025-06-09"})
        answer = await asked.settled()
    async with running(server, tmp_path):
        opened = await server.user.click(answer, buttons(answer, "All sources")[0])
        await opened.settled()

    assert "without a date left out" in asked.text
    assert opened.ephemeral and re.match(r"\*\*\d+ sources? searched\*\*\n-# ", opened.text)
    assert "**answers**" in opened.text


async def test_a_claim_is_checked_and_by_what_was_published_by_a_day(server: LoopbackDiscord, tmp_path: Path):
    claim = "Some 4,000 troops were sent."
    async with running(server, tmp_path):
        now = await server.user.slash("check", {"claim": claim})
        earlier = await server.user.slash("check", {"claim": claim, "as_of": "2025-06-07"})
        await now.settled()
        await earlier.settled()

    assert "4,000" in now.text and "of 2 sources" in now.text
    assert "neither support nor contradict" in earlier.text and "No source was searched" in earlier.text


async def test_the_sentences_of_a_message_are_checked_in_private(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        said = await server.user.say("Really? **Some 4,000 troops were sent.** The curfew began on the moon. :smile:")
        checked = await server.user.menu(MENU, said)
        await checked.settled()
        empty = await server.user.menu(MENU, await server.user.say("Is that so?"))
        await empty.settled()
        many = await server.user.menu(MENU, await server.user.say("Some 4,000 troops were sent. " * (MOST_CLAIMS + 2)))
        await many.settled()

    assert checked.ephemeral and "Really" not in checked.text and "**4,000**" not in checked.text
    assert "**The documents support this.**\nSome 4,000 troops were sent." in checked.text
    assert "**The documents neither support nor contradict this.**\nThe curfew began on the moon." in checked.text
    assert empty.ephemeral and "No sentence of this message" in empty.text
    assert "2 more sentences not checked" in many.text


async def test_sources_are_compared_and_dated_sentences_put_in_order(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        compared = await server.user.slash("compare", {"question": QUESTION})
        dated = await server.user.slash("timeline", {"subject": "troops"})
        await compared.settled()
        await dated.settled()

    assert not compared.ephemeral and compared.text.startswith("**What each source says**") and "4,000" in compared.text
    assert dated.ephemeral and dated.text.startswith("**What happened when**")


async def test_a_mention_and_a_direct_message_are_answered(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        for said in (await server.user.say(QUESTION, mention=True), await server.user.dm(QUESTION)):
            reply = await server.answer(said)
            assert int(reply["message_reference"]["message_id"]) == int(said["id"])
            assert f"-# {QUESTION}\n" in text_of(reply) and "**4,000**" in text_of(reply)
            assert ("POST", f"/channels/{said['channel_id']}/typing", 204) in server.requests


# -- going on


OSLO = [
    document("oslo", "Some 4,000 protesters marched in Oslo. The mayor of Oslo spoke.", "Oslo"),
    document("bergen", "Some 700 protesters marched in Bergen.", "Bergen"),
]
MARCHED = "How many protesters marched in Oslo?"
READ_AS = "-# read as: How many protesters marched in Bergen?"


async def test_a_reply_to_an_answer_goes_on_from_it(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        first = await server.answer(await server.user.say(MARCHED, mention=True))
        second = await server.answer(await server.user.say("and in Bergen?", reply_to=first))
        third = await server.answer(await server.user.say("is this true?", reply_to=second))

    assert f"-# and in Bergen?\n{READ_AS}" in text_of(second) and "**700**" in text_of(second)
    assert "The documents support this." in text_of(third)
    assert "-# is this true?\n-# read as: Some 700 protesters marched in Bergen." in text_of(third)


async def test_a_reply_goes_on_from_an_answer_to_a_command_and_after_a_restart(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        asked = await server.user.slash("ask", {"question": MARCHED})
        answer = await asked.settled()
    async with running(server, tmp_path, answerer(OSLO)):
        said = await server.user.say("and in Bergen?", mention=True, reply_to=answer)
        assert READ_AS in text_of(await server.answer(said))


async def test_in_a_thread_and_in_direct_messages_the_next_message_goes_on(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        await server.answer(await server.user.say(MARCHED, mention=True, where=server.thread))
        await server.answer(await server.user.dm(MARCHED))
        threaded = await server.answer(await server.user.say("and in Bergen?", mention=True, where=server.thread))
        direct = await server.answer(await server.user.dm("and in Bergen?"))

    assert READ_AS in text_of(threaded) and READ_AS in text_of(direct)


async def test_what_stands_alone_is_answered_as_it_is_and_nothing_is_read_back(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        first = await server.answer(await server.user.say(MARCHED, mention=True, where=server.thread))
        said = await server.user.say(
            "How many protesters marched in Bergen?", mention=True, reply_to=first, where=server.thread
        )
        assert "read as" not in text_of(await server.answer(said))

    assert not [request for request in server.requests if request.method == "GET" and "/messages" in request.path]


async def test_nothing_is_carried_from_elsewhere_nor_from_what_others_cannot_see(
    server: LoopbackDiscord, tmp_path: Path
):
    other = server.member("other")
    async with running(server, tmp_path, answerer(OSLO)):
        await server.answer(await server.user.dm(MARCHED))
        await server.answer(await server.user.say(MARCHED, mention=True))
        private = await server.user.slash("ask", {"question": MARCHED, "private": True})
        await private.settled()
        lost = [
            await server.answer(await other.dm("and in Bergen?")),
            await server.answer(await other.say("and in Bergen?", mention=True)),
            await server.answer(await other.say("and in Bergen?", mention=True, where=server.thread)),
            await server.answer(await other.say("is this true?", mention=True, where=server.thread)),
        ]

    assert [re.sub(r"\W", " ", text_of(told))[:30] for told in lost] == [
        *["This goes on from something I "] * 3,
        "I cannot see which claim you m",
    ]


async def test_a_claim_that_somebody_else_wrote_is_checked_where_the_bot_may_read_it(
    server: LoopbackDiscord, tmp_path: Path
):
    async with running(server, tmp_path, answerer(OSLO)):
        claim = await server.user.dm("Some 700 protesters marched in Bergen.")
        await server.answer(claim)
        read = await server.answer(await server.user.dm("is this true?", reply_to=claim))
        hidden = await server.user.say("Some 700 protesters marched in Bergen.")
        unread = await server.answer(await server.user.say("is this true?", mention=True, reply_to=hidden))

    assert "The documents support this." in text_of(read)
    assert "I cannot see which claim you mean" in text_of(unread)


async def test_a_reply_to_a_message_that_is_gone_is_asked_back(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        first = await server.answer(await server.user.say(MARCHED, mention=True))
        del server.world.messages[int(first["id"])]
        said = await server.user.say("and in Bergen?", mention=True, reply_to=first)
        assert "Ask it as a whole question" in text_of(await server.answer(said))


async def test_a_command_has_nothing_to_go_on_from(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        asked = await server.user.slash("ask", {"question": "and in Bergen?"})
        assert "Ask it as a whole question" in (await asked.followed_up())["content"]


async def test_a_mention_of_its_role_and_an_empty_reply_get_one_line(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        called = await server.answer(await server.user.say(f"<@&{server.world.bot_role['id']}> {MARCHED}"))
        pinged = await server.answer(await server.user.say("", reply_to=called))
        await server.user.say(f"<@&{server.role_id}> {MARCHED}")
        last = await server.answer(await server.user.say(MARCHED, mention=True))

    assert "Mention me by name" in text_of(called) == text_of(pinged)
    assert "**4,000**" in text_of(last)
    assert len([m for m in server.messages() if m["author"]["id"] == str(server.bot_id)]) == 3


async def test_a_message_edited_into_a_mention_is_answered_once(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, answerer(OSLO)):
        said = await server.user.say("How many marched?")
        named = await server.user.edit(said, f"<@{server.bot_id}> {MARCHED}")
        answer = await server.answer(said)
        await server.user.edit(named, f"<@{server.bot_id}> {MARCHED} Please.")
        last = await server.answer(await server.user.say(MARCHED, mention=True))

    assert "**4,000**" in text_of(answer)
    assert int(answer["message_reference"]["message_id"]) == int(said["id"])
    assert [m["id"] for m in server.messages() if m["author"]["id"] == str(server.bot_id)] == [answer["id"], last["id"]]


async def test_a_reply_that_only_pings_is_let_be(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        first = await server.answer(await server.user.say("", mention=True))
        await server.user.say("thanks", reply_to=first)
        last = await server.user.say(QUESTION, mention=True)

        assert "**4,000**" in text_of(await server.answer(last))
        assert len([m for m in server.messages() if m["author"]["id"] == str(server.bot_id)]) == 2


async def test_many_mentions_by_one_person_are_not_as_many_replies(server: LoopbackDiscord, tmp_path: Path):
    other = server.member("other")
    async with running(server, tmp_path):
        for _ in range(30):
            await server.user.say(QUESTION, mention=True)
        theirs = await other.say(QUESTION, mention=True)

        def replies() -> list[dict[str, Any]]:
            return [m for m in server.messages() if m["author"]["id"] == str(server.bot_id)]

        await server.until(lambda: len(replies()) >= MOST_MENTIONS + 2, "the replies")

    assert len(replies()) == MOST_MENTIONS + 2
    assert str(theirs["id"]) in {str(reply["message_reference"]["message_id"]) for reply in replies()}
    assert [text_of(reply).startswith("You have asked me") for reply in replies()].count(True) == 1


async def test_a_server_has_the_whole_queue_where_it_is_the_only_one(server: LoopbackDiscord, tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with running(server, tmp_path, slow, queue=3) as bot:
        asked = [await server.member(f"m{n}").slash("ask", {"question": QUESTION}) for n in range(4)]
        for each in asked:
            await each.acknowledged()
        assert bot.worker.waiting == 3
        slow.release.set()
        for each in asked:
            assert "**4,000**" in text_of(await each.settled())


# -- what is kept of answers


async def test_an_answer_has_a_receipt_that_shows_it_again(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        asked = await server.user.slash("ask", {"question": QUESTION})
        await asked.settled()
    (key,) = re.findall(r"receipt ([a-z2-9]{8})", asked.text)
    async with running(server, tmp_path):
        shown = await server.user.slash("receipt", {"receipt": key.upper()})
        await shown.settled()
        written = await server.user.slash("receipt", {"receipt": key, "file": True})
        attached = await written.settled()
        unknown = await server.user.slash("receipt", {"receipt": "nothere2"})
        direct = await server.user.slash("receipt", {"receipt": key}, dm=True)
        await unknown.settled()
        await direct.settled()

    assert shown.ephemeral and "every quotation stands where it stood" in shown.text
    assert "Some 4,000 troops were sent" in shown.text and "% sure" in shown.text
    assert attached["attachments"][0]["filename"] == f"receipt-{key}.md"
    assert "is kept as" in unknown.text and "is kept as" in direct.text


async def test_votes_are_counted_and_moderators_see_what_was_not_liked(server: LoopbackDiscord, tmp_path: Path):
    moderator = server.member("moderator", permissions=ADMINISTRATOR)
    async with running(server, tmp_path):
        asked = await server.user.slash("ask", {"question": QUESTION})
        answer = await asked.settled()
        (up, down) = [part["custom_id"] for part in walk(answer["components"]) if "emoji" in part]
        await (await server.user.click(answer, up)).settled()
        thanked = await moderator.submit(await moderator.click(answer, down), "An **old** figure")
        await thanked.settled()
        seen = await moderator.slash("insights")
        await seen.settled()
        forgotten = await moderator.slash("forget-me")
        await forgotten.settled()
        later = await moderator.slash("insights", {"days": 1})
        await later.settled()

    assert thanked.ephemeral and thanked.text == "Noted, thank you."
    assert (
        seen.ephemeral
        and seen.text.startswith("**1 question in 30 days**")
        and "An \\*\\*old\\*\\* figure" in seen.text
    )
    assert QUESTION not in seen.text and "Questions are not kept" in seen.text
    assert seen.message
    (drawn,) = [item for part in walk(seen.message["components"]) for item in part.get("items", ())]
    (sent,) = seen.message["attachments"]
    assert drawn["media"]["url"] == f"attachment://{sent['filename']}" and "Bars" in drawn["description"]
    assert forgotten.text == "Forgotten: 1 of your answers and votes." and "old" not in later.text


async def test_nothing_waits_for_the_buttons_of_a_message(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        for private in (True, False):
            asked = await server.user.slash("ask", {"question": QUESTION, "private": private})
            answer = await asked.settled()
            (opens, *_) = [part["custom_id"] for part in walk(answer["components"]) if part.get("label") == "Open"]
            await (await server.user.click(answer, opens)).settled()
        waiting = [task for task in asyncio.all_tasks() if "timeout" in str(task.get_coro())]

    assert not waiting


async def test_nothing_is_kept_where_the_operator_does_not_want_it(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, keep_days=0):
        asked = await server.user.slash("ask", {"question": QUESTION})
        await asked.settled()
        names = sorted(server.commands())

    assert "receipt" not in asked.text and "👍" not in str(asked.message)
    assert not {"receipt", "insights", "forget-me"} & set(names)


# -- mishaps


async def test_rate_limits_are_waited_out(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        server.rate_limit("PATCH", "/webhooks/*/@original", retry_after=0.05, times=2)
        server.rate_limit("POST", "/channels/*/messages", retry_after=0.05)
        asked = await server.user.slash("ask", {"question": QUESTION})
        said = await server.user.dm(QUESTION)

        await asked.settled()
        assert "**4,000**" in asked.text
        assert "**4,000**" in text_of(await server.answer(said))
        assert [request.status for request in server.requests].count(429) == 3


async def test_a_dropped_connection_is_resumed_and_nothing_is_lost(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        async with server.disconnected():
            asked = await server.user.slash("ask", {"question": QUESTION})
            said = await server.user.say(QUESTION, mention=True)

        await asked.settled()
        assert "**4,000**" in asked.text and "**4,000**" in text_of(await server.answer(said))
        assert len(server.identifies) == 1 and len(server.resumes) == 1
        assert len(server.syncs) == 1


async def test_heartbeats_go_on_and_everything_else_works_while_an_answer_takes_long(tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with LoopbackDiscord(patience=20, heartbeat_interval=0.05) as server:
        with server.attach():
            async with running(server, tmp_path, slow, queue=1):
                first = await server.user.slash("ask", {"question": QUESTION})
                second = await server.user.slash("ask", {"question": QUESTION})
                await first.acknowledged()
                await second.acknowledged()
                beats = len(server.heartbeats)
                await server.until(lambda: len(server.heartbeats) >= beats + 4, "four heartbeats")
                listed = await server.user.slash("sources")
                assert "**2 sources**" in text_of(await listed.settled())

                refused = await server.user.slash("ask", {"question": QUESTION})
                assert "Try again in a moment." in text_of(await refused.settled())
                assert refused.ephemeral and not refused.deferred
                assert not first.edits and not second.edits

                slow.release.set()
                for asked in (first, second):
                    await asked.settled()
                    assert "**4,000**" in asked.text


async def test_what_takes_too_long_is_given_up_and_the_next_is_answered(server: LoopbackDiscord, tmp_path: Path):
    stuck = StuckAnswerer(DOCUMENTS)
    async with running(server, tmp_path, stuck, limit=0.3, queue=1) as bot:
        hopeless = await server.user.slash("ask", {"question": f"stuck: {QUESTION}"})
        await hopeless.acknowledged()
        asked = await server.user.slash("ask", {"question": QUESTION})
        told = await hopeless.followed_up()
        await asked.settled()

        assert told["flags"] & 64 and "so it was given up" in told["content"]
        assert "**4,000**" in asked.text
        assert bot.worker.busy
        stuck.release.set()


async def test_when_nothing_ends_everybody_is_told(server: LoopbackDiscord, tmp_path: Path):
    stuck = StuckAnswerer(DOCUMENTS)
    async with running(server, tmp_path, stuck, limit=0.1) as bot:
        hopeless = [await server.user.slash("ask", {"question": f"stuck {n}"}) for n in range(MOST_LEFT + 1)]
        for asked in hopeless:
            await asked.followed_up()
        refused = await server.user.slash("ask", {"question": QUESTION})
        assert "Try again in a few minutes." in text_of(await refused.settled())
        assert stuck.asked == MOST_LEFT + 1

        stuck.release.set()
        async with asyncio.timeout(10):
            while bot.worker.busy:  # noqa: ASYNC110  # threads ring no bell
                await asyncio.sleep(0.01)
        asked = await server.user.slash("ask", {"question": QUESTION})
        assert "**4,000**" in text_of(await asked.settled())


async def test_whoever_waits_is_told_that_the_bot_leaves(server: LoopbackDiscord, tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with running(server, tmp_path, slow) as bot:
        public = await server.user.slash("ask", {"question": QUESTION})
        private = await server.user.slash("check", {"claim": "Troops were sent.", "private": True})
        for asked in (public, private):
            await asked.acknowledged()
        said, sent = await server.user.say(QUESTION, mention=True), await server.user.dm(QUESTION)
        await server.until(lambda: [r for r in server.requests if r.path.endswith("/typing")][1:], "both to be read")
        await bot.close()

        for asked in (public, private):
            assert "going offline" in asked.followups[0]["content"] and asked.followups[0]["flags"] & 64
            assert asked.message is None
        for message in (said, sent):
            assert "going offline" in text_of(await server.answer(message))
        slow.release.set()


async def test_without_permission_the_asker_is_told_which_is_missing(server: LoopbackDiscord, tmp_path: Path):
    bot = FootnoteBot(settings(tmp_path), answerer(DOCUMENTS), guild_ready_timeout=0.05)
    async with server.running(bot):
        server.forbid()
        await server.user.say(QUESTION, mention=True)
        dm = int(server.user.dm_channel["id"])
        await server.until(lambda: server.messages(dm), "a direct message")

        (told,) = server.messages(dm)
        assert f"<#{server.channel_id}>" in told["content"] and "Send Messages" in told["content"]
        assert {refusal.code for refusal in server.refusals} == {50013}


async def test_without_permission_to_write_anywhere_the_log_says_so(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    bot = FootnoteBot(settings(tmp_path), answerer(DOCUMENTS), guild_ready_timeout=0.05)
    async with server.running(bot):
        server.forbid()
        server.forbid(int(server.user.dm_channel["id"]))
        await server.user.say(QUESTION, mention=True)
        await server.until(lambda: any(refusal.code == 50007 for refusal in server.refusals), "a refusal")
        await asyncio.sleep(0.05)

    assert f"Not permitted to reply in {server.channel_id}" in caplog.text
    assert QUESTION not in caplog.text


async def test_it_starts_over_tls_with_nothing_patched(tmp_path: Path):
    async with LoopbackDiscord(patience=20, tls=True) as server:
        bot = FootnoteBot(
            settings(tmp_path), answerer(DOCUMENTS), connector=server.connector(), guild_ready_timeout=0.05
        )
        async with server.running(bot):
            asked = await server.user.slash("ask", {"question": QUESTION})
            assert "**4,000**" in text_of(await asked.settled())


# -- the process

CHILD = """
import sys, yarl, pathlib
sys.path[:0] = {paths!r}
from discord.gateway import DiscordWebSocket
from discord.http import Route
from fakes import EndlessReader, FakeEncoder
from bot.discord import service
from bot.live import Live
from bot.settings import Settings
Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = {base!r}, yarl.URL({gateway!r})
settings = Settings.load({variables!r})
live = Live(settings.index, FakeEncoder(), 0.0, {reader}, every=0.02)
sys.exit(service.run(settings, lambda: [live], guild_ready_timeout=0.05))
"""


def live(folder: Path) -> Live:
    """A small index on disk, and what opens it."""
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    (corpus / "a.txt").write_text("Some text.")
    build(corpus, folder, FakeEncoder())
    return Live(folder, FakeEncoder(), 0.0)


CLOSED: Any = SimpleNamespace()


def untouched() -> list[Live]:
    raise AssertionError("nothing is loaded before the token is tried")


async def process(
    server: LoopbackDiscord, folder: Path, token: str, reader: str = "None", **variables: str
) -> asyncio.subprocess.Process:
    from discord.gateway import DiscordWebSocket

    live(folder)
    here = Path(__file__).parent
    code = CHILD.format(
        paths=[str(here), str(here.parent)],
        base=Route.BASE,
        gateway=str(DiscordWebSocket.DEFAULT_GATEWAY),
        variables={"DISCORD_TOKEN": token, "FOOTNOTE_INDEX": str(folder), "FOOTNOTE_HEALTH": "no"} | variables,
        reader=reader,
    )
    return await asyncio.create_subprocess_exec(sys.executable, "-c", code, stderr=asyncio.subprocess.PIPE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
async def test_a_signal_ends_the_process_cleanly(server: LoopbackDiscord, tmp_path: Path, number: signal.Signals):
    child = await process(server, tmp_path, server.token)
    await server.until(lambda: server.identifies, "the bot", within=30)
    asked = await server.user.slash("sources")
    await asked.settled()
    child.send_signal(number)
    _, errors = await child.communicate()

    assert child.returncode == 0
    assert b"Traceback" not in errors and b"WARNING" not in errors and b"Stopping" in errors
    assert server.token.encode() not in errors


@pytest.mark.slow
async def test_a_signal_is_not_kept_waiting_by_an_answer_that_never_ends(server: LoopbackDiscord, tmp_path: Path):
    child = await process(server, tmp_path, server.token, "EndlessReader()")
    assert child.stderr
    await server.until(lambda: server.identifies, "the bot", within=30)
    running = await server.user.slash("ask", {"question": QUESTION})
    while await child.stderr.readline() != b"reading\n":
        assert child.returncode is None
    waiting = await server.user.slash("ask", {"question": QUESTION})
    await waiting.acknowledged()
    child.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(child.communicate(), 10)

    assert child.returncode == 0
    assert b"Traceback" not in errors and b"Stopping" in errors
    for asked in (running, waiting):
        assert "going offline" in asked.followups[0]["content"]
        assert asked.message is None


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="what a process reads cannot be seen here")
async def test_a_signal_is_not_kept_waiting_by_an_index_that_is_being_opened(server: LoopbackDiscord, tmp_path: Path):
    child = await process(server, tmp_path, server.token)
    await server.until(lambda: server.identifies, "the bot", within=30)
    await endless(tmp_path, child.pid)
    child.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(child.communicate(), 5)

    assert child.returncode == 0
    assert b"Traceback" not in errors and b"Stopping" in errors


def reads(process: int, path: Path) -> bool:
    return path in {Path(os.path.realpath(number)) for number in Path(f"/proc/{process}/fd").iterdir()}


async def endless(root: Path, reader: int) -> None:
    """Make a generation current whose manifest takes minutes to read, and wait until a process does so."""
    told = generations.pointer(root) or ""
    name = told.split()[0]
    folder = root / "generations" / f"{name[:-6]}0ff0ff"
    folder.mkdir()
    manifest = folder / "manifest.json"
    manifest.touch()
    os.truncate(manifest, 2**38)  # of nothing that takes room on the disk
    (root / "new").write_text(told.replace(name, folder.name))
    (root / "new").replace(root / "CURRENT")
    async with asyncio.timeout(10):
        while not reads(reader, manifest):  # noqa: ASYNC110 - another process does
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_a_wrong_token_ends_the_process_with_a_sentence(server: LoopbackDiscord, tmp_path: Path):
    child = await process(server, tmp_path, "wrong.token")
    _, errors = await child.communicate()

    assert child.returncode == EX_CONFIG
    last = errors.decode().splitlines()[-1]
    assert last.startswith("error: Discord does not know this DISCORD_TOKEN. Get another at https://discord.com/")
    assert b"Traceback" not in errors and b"wrong.token" not in errors


@pytest.mark.slow
async def test_an_intent_that_is_refused_names_the_switch(server: LoopbackDiscord, tmp_path: Path):
    child = await process(server, tmp_path, server.token, FOOTNOTE_FIRST_RESPONDER="yes")
    _, errors = await child.communicate()

    assert child.returncode == EX_CONFIG and len(server.identifies) == 1
    assert errors.decode().splitlines()[-1] == (
        "error: Discord refused what FOOTNOTE_FIRST_RESPONDER=yes needs. Turn on Message Content Intent at "
        "https://discord.com/developers/applications, under Bot, or set FOOTNOTE_FIRST_RESPONDER=no."
    )
    assert b"Traceback" not in errors


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "“quoted”"])
def test_what_is_no_token_is_not_even_sent(tmp_path: Path, token: str, capsys: pytest.CaptureFixture[str]):
    assert service.run(settings(tmp_path, token=Secret(token)), untouched) == EX_CONFIG

    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1 and "DISCORD_TOKEN" in error
    assert not token or token not in error


def test_without_a_network_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")

    assert service.run(settings(tmp_path, token=Secret("a.b.c")), untouched) == EX_TEMPFAIL
    assert "error: Discord cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (
            discord.PrivilegedIntentsRequired(None),
            EX_CONFIG,
            "Turn on Message Content Intent at https://discord.com/dev",
        ),
        (discord.ConnectionClosed(CLOSED, shard_id=None, code=4004), EX_CONFIG, "Discord refused: "),
        (discord.ConnectionClosed(CLOSED, shard_id=None, code=4000), EX_TEMPFAIL, "Discord refused: "),
        (discord.GatewayNotFound(), EX_TEMPFAIL, "Discord refused: "),
        (aiohttp.ServerDisconnectedError(), EX_TEMPFAIL, "cannot be reached"),
        (BadSetting("FOOTNOTE_X is wrong."), EX_CONFIG, "FOOTNOTE_X is wrong."),
        (IndexMissing("There is no index."), 2, "There is no index."),
    ],
)
def test_whatever_keeps_it_from_starting_is_one_sentence(
    tmp_path: Path,
    error: Exception,
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    async def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(service, "_log_in", fail)

    assert service.run(settings(tmp_path, token=Secret("a.b.c")), untouched) == code
    shown = capsys.readouterr().err
    assert sentence in shown and shown.count("\n") == 1


def test_discord_py_never_logs_what_people_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    service.run(settings(tmp_path, log_level=logging.DEBUG), untouched)

    assert logging.getLogger("discord.gateway").getEffectiveLevel() == logging.INFO
