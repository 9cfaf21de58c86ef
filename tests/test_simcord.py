"""What people see the bot do, in simcord's Discord: the real bot, without a network."""

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import simcord
from fakes import SlowAnswerer, answerer, document
from loopback import text_of, walk

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.discord.client import FootnoteBot
from bot.discord.cogs.ask import HELLO
from bot.discord.cogs.sources import choices, find_source
from bot.discord.page import Place
from bot.discord.views import passage_view
from bot.settings import Settings
from embeddings.errors import BadRequest, FootnoteError

TROOPS = document(
    "troops",
    "The governor objected. Some 4,000 troops were sent to the city, @everyone said.\n\n"
    + "\n\n".join(
        f"In week {week} the troops stayed in their barracks and nothing much happened. " * 6 for week in range(9)
    ),
    "Troops in the city",
    "2025-06-08",
    "https://news.example/troops",
)
CURFEW = document("curfew", "Karen Bass said the curfew would be lifted on Tuesday.", "The curfew", "2025-06-12")
UNDATED = document("rumours", "The parade was small, according to those who saw it.", "Rumours")
DOCUMENTS = [TROOPS, CURFEW, UNDATED]
SECRET = "how many zebras were sent to the moon"


def settings(folder: Path, **changes: Any) -> Settings:
    return dataclasses.replace(Settings.load({}), index=folder, **changes)


def components(message: Any) -> list[dict[str, Any]]:
    return [part if isinstance(part, dict) else part.to_dict() for part in message.components]


def text(message: Any) -> str:
    return text_of({"content": message.content, "components": components(message)})


def buttons(message: Any, label: str) -> list[str]:
    return [part["custom_id"] for part in walk(components(message)) if part.get("label") == label]


class World(SimpleNamespace):
    """A server with one channel and a reader, and the bot."""

    async def ask(self, question: str = "How many troops were sent to the city?", **options: Any) -> Any:
        return await self.reader.slash(self.channel, "ask", question=question, **options)

    def last(self) -> Any:
        message = self.channel.last_message
        assert message.author.id == self.env.bot.user.id
        return message


@asynccontextmanager
async def running(folder: Path, served: Answerer | None = None, **changes: Any) -> AsyncIterator[World]:
    """The bot in a fresh Discord; not a fixture, because simcord's clock belongs to the task of the test."""
    bot = FootnoteBot(settings(folder, **changes), served or answerer(DOCUMENTS))
    async with simcord.run(bot, settle_timeout=30) as env:
        channel = env.create_guild("Archive").create_text_channel("questions")
        user = env.create_user("reader")
        yield World(env=env, bot=bot, channel=channel, user=user, reader=env.guild.add_member(user))


# -- asking


async def test_ask_is_deferred_and_then_edited_into_quotations_with_their_sources(tmp_path: Path):
    async with running(tmp_path) as world:
        asked = await world.ask()

        assert not asked.ephemeral
        assert asked.response.flags.components_v2
        shown = text(asked.response)
        assert "> Some **4,000** troops were sent to the city, \\@everyone said." in shown
        assert "*Troops in the city*" in shown and "8 June 2025" in shown
        assert "of 3 sources" in shown
        assert len(buttons(asked.response, "Open")) >= 1
        assert asked.followups == []


async def test_a_speaker_is_named(tmp_path: Path):
    async with running(tmp_path) as world:
        asked = await world.ask("What did Karen Bass say about the curfew?")

        assert "**Karen Bass**, as reported in *The curfew* · 12 June 2025" in text(asked.response)


async def test_without_an_answer_it_says_so_to_the_asker_alone_and_leads_to_the_nearest(tmp_path: Path):
    async with running(tmp_path, answerer(DOCUMENTS, threshold=1.0)) as world:
        asked = await world.ask("Who won?")

        (told,) = asked.followups
        assert told.flags.ephemeral and world.channel.last_message is None
        shown = text(told)
        assert shown.startswith("**Not in the documents.**\n-# Who won?")
        assert "None of 3 sources answers" in shown
        (nearest,) = buttons(told, "Show nearest")
        opened = await world.reader.click(told, custom_id=nearest)
        assert opened.ephemeral and "do not answer the question" in text(opened.response)
        assert buttons(opened.response, "Open")


async def test_who_asks_for_it_has_all_see_that_there_is_no_answer(tmp_path: Path):
    async with running(tmp_path, answerer(DOCUMENTS, threshold=1.0)) as world:
        asked = await world.ask("Who won?", private=False)

        assert text(asked.response).startswith("**Not in the documents.**") and not asked.ephemeral


@pytest.mark.parametrize("greeting", ["hello!", "Good morning, everyone", "thanks"])
async def test_a_greeting_is_greeted_and_not_looked_up(tmp_path: Path, greeting: str):
    async with running(tmp_path) as world:
        asked = await world.ask(greeting)

        assert asked.ephemeral and text(asked.response) == HELLO


@pytest.mark.parametrize(
    ("default", "chosen", "private"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
async def test_who_sees_the_answer(tmp_path: Path, default: bool, chosen: bool | None, private: bool):
    async with running(tmp_path, answerer(DOCUMENTS), private=default) as world:
        options: dict[str, Any] = {} if chosen is None else {"private": chosen}

        assert (await world.ask(**options)).ephemeral is private


async def test_an_answer_can_be_had_from_one_source_or_from_some_days(tmp_path: Path):
    async with running(tmp_path) as world:
        from_one = text((await world.ask(source="curfew")).response)
        in_days = text((await world.ask(after="2025-06-09", before="2025-06-12")).response)

        for shown in (from_one, in_days):
            assert "1 of 1 source answers" in shown
            assert "*The curfew*" in shown


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"after": "yesterday"}, "year-month-day, like 2025-06-16"),
        ({"before": "2025-13-01"}, "year-month-day, like 2025-06-16"),
        ({"after": "2025-06-12", "before": "2025-06-01"}, "must not be later"),
        ({"source": "@everyone"}, "There is no source called “\\@everyone”"),
    ],
)
async def test_a_filter_that_cannot_be_used_is_explained_to_the_asker_only(
    tmp_path: Path, options: dict, sentence: str
):
    async with running(tmp_path) as world:
        asked = await world.ask(**options)

        assert asked.ephemeral
        assert sentence in asked.response.content
        assert isinstance(world.env.errors[0].original, BadRequest)


# -- opening


async def test_open_shows_the_passage_in_its_document_privately(tmp_path: Path):
    async with running(tmp_path) as world:
        asked = await world.ask()
        opened = await world.reader.click(asked.response, custom_id=buttons(asked.response, "Open")[0])

        shown = text(opened.response)
        assert opened.ephemeral
        assert shown.startswith("### Troops in the city\n8 June 2025 · passage 1 of ")
        assert "<https://news.example/troops>" in shown
        assert "**Some 4,000 troops were sent to the city, \\@everyone said.**" in shown


async def test_open_works_after_a_restart(tmp_path: Path):
    async with running(tmp_path) as world:
        asked = await world.ask()
        await world.env.restart_bot(FootnoteBot(settings(tmp_path), answerer(DOCUMENTS)))
        opened = await world.reader.click(asked.response, custom_id=buttons(asked.response, "Open")[0])

        assert opened.ephemeral
        assert "### Troops in the city" in text(opened.response)


async def test_next_and_previous_turn_the_pages_of_the_same_message(tmp_path: Path):
    async with running(tmp_path) as world:
        shown = await world.reader.slash(world.channel, "source", name="troops")
        assert "passage 1 of 4" in text(shown.response)
        assert buttons(shown.response, "Previous") == []

        await world.reader.click(shown.response, label="Next")
        assert "passage 2 of 4" in text(shown.response)

        await world.env.restart_bot(FootnoteBot(settings(tmp_path), answerer(DOCUMENTS)))
        await world.reader.click(shown.response, label="Next")
        await world.reader.click(shown.response, label="Next")
        assert "passage 4 of 4" in text(shown.response)
        assert buttons(shown.response, "Next") == []

        await world.reader.click(shown.response, label="Previous")
        assert "passage 3 of 4" in text(shown.response)


async def test_a_passage_that_is_gone_is_said_to_be_gone(tmp_path: Path):
    async with running(tmp_path) as world:
        asked = await world.ask()
        world.bot.answerer = answerer([CURFEW])
        opened = await world.reader.click(asked.response, custom_id=buttons(asked.response, "Open")[0])

        assert opened.ephemeral
        assert (
            opened.response.content == "This passage is gone\\: its document was changed or removed since. Ask again."
        )


async def test_a_quotation_is_still_marked_when_its_passage_has_moved(tmp_path: Path):
    async with running(tmp_path) as world:
        asked = await world.ask()
        before = "\n\n".join("Something new stands before it now, and it is long. " * 8 for _ in range(4))
        first = world.bot.answerer.index.passages_of["troops"][0]
        moved = document("troops", f"{before}\n\n# Then\n\n{TROOPS.text}", TROOPS.title)
        world.bot.answerer = answerer([moved])
        assert world.bot.answerer.index.row_of.keys() & {first.id}

        opened = await world.reader.click(asked.response, custom_id=buttons(asked.response, "Open")[0])

        assert "**Some 4,000 troops were sent to the city, \\@everyone said.**" in text(opened.response)


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 3), (0, 9999), (9999, 9999), (0, 10), (6, 54)])
def test_a_forged_span_marks_nothing(start: int, end: int):
    index = answerer(DOCUMENTS).index
    assert index.passages_of["curfew"][0].sentences == ((0, 54),)
    view = passage_view(index, Place(index.passages_of["curfew"][0].id, start, end))
    assert "> Karen Bass said" in text_of({"components": view.to_components()})


# -- looking up


async def test_sources_are_listed_with_titles_and_dates(tmp_path: Path):
    async with running(tmp_path) as world:
        listed = await world.reader.slash(world.channel, "sources")

        shown = text(listed.response)
        assert listed.ephemeral
        assert shown.startswith("**3 sources**\n**Rumours**\n-# 1 passage")
        assert "**The curfew**\n-# 12 June 2025 · 1 passage" in shown
        opened = await world.reader.click(listed.response, custom_id=buttons(listed.response, "Open")[1])
        assert "### The curfew" in text(opened.response)


async def test_many_sources_are_paged_also_after_a_restart(tmp_path: Path):
    many = [document(f"d{n:02}", f"Text {n}.", f"Title {n:02}") for n in range(30)]
    async with running(tmp_path, answerer(many)) as world:
        listed = await world.reader.slash(world.channel, "sources")
        assert "Page 1 of 4" in text(listed.response)
        await world.reader.click(listed.response, label="Next")
        assert "**Title 08**" in text(listed.response)
        await world.env.restart_bot(FootnoteBot(settings(tmp_path), answerer(many)))
        await world.reader.click(listed.response, label="Previous")
        assert "Page 1 of 4" in text(listed.response)


async def test_search_shows_passages_and_claims_no_answer(tmp_path: Path):
    async with running(tmp_path) as world:
        found = await world.reader.slash(world.channel, "search", query="curfew lifted Tuesday")

        shown = text(found.response)
        assert found.ephemeral
        assert shown.startswith(
            "**Nearest passages**\n-# curfew lifted Tuesday\n> Karen Bass said the **curfew** would"
        )
        opened = await world.reader.click(found.response, custom_id=buttons(found.response, "Open")[0])
        assert "> **Karen Bass said the curfew would be lifted on Tuesday.**" in text(opened.response)


async def test_autocomplete_finds_titles_and_ids(tmp_path: Path):
    async with running(tmp_path) as world:

        async def offered(typed: str) -> list[tuple[str, str]]:
            offers = await world.reader.autocomplete(world.channel, "source", "name", typed)
            return [(choice["name"], choice["value"]) for choice in offers]

        assert await offered("CURF") == [("The curfew (12 June 2025)", "curfew")]
        assert await offered("rumours") == [("Rumours", "rumours")]
        assert await offered("nothing like it") == []
        assert len(await offered("")) == 3


def test_choices_keep_to_discords_limits_and_lead_back_to_their_document():
    long = [document(f"{n:03}" + "i" * 150, f"Text {n}.", "T" * 150, "2025-06-08") for n in range(30)]
    index = answerer(long).index
    offered = choices(index, "t")

    assert len(offered) == 25
    assert all(1 <= len(choice.name) <= 100 and 1 <= len(str(choice.value)) <= 100 for choice in offered)
    assert all(choice.name.endswith("… (8 June 2025)") for choice in offered)
    assert {find_source(index, choice.value).id for choice in offered} <= index.document_of.keys()
    assert len({find_source(index, choice.value).id for choice in offered}) == 25


@pytest.mark.parametrize(
    ("key", "title", "shown"),
    [
        ("two\nlines", "", "two lines"),
        ("bidi", "Name\u202egnp.exe", "Namegnp.exe"),
        ("title", " A\ttitle\r\nof two\u2028lines ", "A title of two lines"),
        ("marks", "\u200f\u2067\ufeff", "marks"),
        ("\u200f", "\x00", "(no title)"),
        (" spaces ", "Spaces", "Spaces"),
    ],
)
def test_choices_are_one_line_that_shows_as_it_is_and_lead_back(key: str, title: str, shown: str):
    index = answerer([document(key, "Some text.", title), *DOCUMENTS]).index
    (choice,) = [choice for choice in choices(index, "") if find_source(index, str(choice.value)).id == key]

    assert choice.name == shown
    assert str(choice.value) == str(choice.value).strip() and str(choice.value).isprintable()


def test_a_source_is_found_by_id_title_or_part_and_never_guessed():
    index = answerer([*DOCUMENTS, document("curfew-2", "More.", "A second curfew")]).index

    assert find_source(index, " troops ").id == "troops"
    assert find_source(index, "the CURFEW").id == "curfew"
    assert find_source(index, "second").id == "curfew-2"
    with pytest.raises(BadRequest, match="2 sources match “curf”"):
        find_source(index, "curf")
    with pytest.raises(BadRequest, match="no source called “nothing”"):
        find_source(index, "nothing")


# -- messages


async def test_a_mention_is_answered_as_a_reply(tmp_path: Path):
    async with running(tmp_path) as world:
        asked = await world.reader.send(world.channel, f"<@{world.env.bot.user.id}> How many troops were sent?")

        reply = world.last()
        assert reply.reference.message_id == asked.id
        assert "**4,000**" in text(reply)
        assert "-# How many troops were sent?" in text(reply)
        assert buttons(reply, "Open")


async def test_a_direct_message_is_answered(tmp_path: Path):
    async with running(tmp_path) as world:
        await world.user.send_dm("How many troops were sent?")

        assert "**4,000**" in text(world.user.dm_channel.last_message)


async def test_an_empty_mention_explains_itself(tmp_path: Path):
    async with running(tmp_path) as world:
        await world.reader.send(world.channel, f"<@!{world.env.bot.user.id}>  ")

        assert world.last().content == HELLO
        assert HELLO.count(". ") == 1


async def test_what_asks_nothing_of_the_bot_is_let_be(tmp_path: Path):
    async with running(tmp_path) as world:
        await world.reader.send(world.channel, f"<@{world.env.bot.user.id}>")
        before = len(world.channel.history())
        other = world.env.guild.add_member(world.env.create_user("robot", bot=True))
        reply_to = world.last()

        await world.reader.send(world.channel, "@everyone How many troops were sent?")
        await world.reader.send(world.channel, "How many troops were sent?")
        await world.reader.send(world.channel, "thanks a lot", reply_to=reply_to)
        await other.send(world.channel, f"<@{world.env.bot.user.id}> How many troops were sent?")

        assert len(world.channel.history()) == before + 4


async def test_a_channel_without_readable_history_gets_a_direct_message_that_says_so(tmp_path: Path):
    async with running(tmp_path) as world:
        world.env.inject_error("POST", "/channels/*/messages", status=400, code=160002)
        await world.reader.send(world.channel, f"<@{world.env.bot.user.id}> How many troops were sent?")

        assert "Read Message History" in world.user.dm_channel.last_message.content


# -- what goes wrong


class Broken(Answerer):
    def ask(self, question: Any) -> Any:
        raise ZeroDivisionError(question.text)


async def test_an_unforeseen_error_is_private_has_a_reference_and_is_logged_without_the_question(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    whole = answerer(DOCUMENTS)
    whole.__class__ = Broken
    async with running(tmp_path, whole) as world:
        with caplog.at_level(logging.INFO):
            asked = await world.ask("Why now in Oslo?")
            await world.reader.send(world.channel, f"<@{world.env.bot.user.id}> Why now in Oslo?")

        assert asked.response is None  # the public "thinking" is gone
        (private,) = asked.followups
        assert private.ephemeral
        reference = private.content.rstrip("\\.").split()[-1]  # one of digits only looks like a list's number
        assert private.content.startswith("Something went wrong.")
        assert reference in caplog.text and "ZeroDivisionError" in caplog.text
        assert isinstance(world.env.errors[0].original, ZeroDivisionError)
        assert world.last().content.startswith("Something went wrong.")


async def test_questions_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    async with running(tmp_path) as world:
        with caplog.at_level(logging.INFO):
            await world.ask(SECRET)
            await world.reader.send(world.channel, f"<@{world.env.bot.user.id}> {SECRET}")

        assert "zebras" not in caplog.text


async def test_an_interaction_that_is_over_is_only_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    async with running(tmp_path) as world:
        world.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
        await world.reader.slash(world.channel, "ask", question="Why now in Oslo?")

        assert "An interaction was over before it was answered (code 10062)" in caplog.text
        assert [type(error.original) for error in world.env.errors] == [discord.NotFound]


async def test_a_command_that_has_changed_says_so(tmp_path: Path):
    async with running(tmp_path) as world:
        error = discord.app_commands.CommandNotFound("ask", [])

        assert "has changed" in world.bot.explain(error)


# -- the queue


async def test_a_full_queue_asks_to_try_again(tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with FootnoteBot(settings(tmp_path, queue=1), slow) as bot:
        first, second = (asyncio.create_task(bot.answer(bot.answerer, Question("Which troops?"))) for _ in range(2))
        await asyncio.sleep(0)
        with pytest.raises(FootnoteError, match="Try again in a moment"):
            await bot.answer(bot.answerer, Question("Which troops?"))

        second.cancel()  # whoever gives up leaves the queue
        await asyncio.wait([second])
        third = asyncio.create_task(bot.answer(bot.answerer, Question("Which troops?")))
        slow.release.set()
        one, other = await first, await third
        assert isinstance(one, Answer) and isinstance(other, Answer) and one.statements == other.statements
        assert slow.asked == 2


async def test_whoever_waits_is_told_when_the_bot_leaves(tmp_path: Path):
    slow = SlowAnswerer(DOCUMENTS)
    async with FootnoteBot(settings(tmp_path), slow) as bot:
        asked, waiting = (asyncio.create_task(bot.answer(bot.answerer, Question("Which troops?"))) for _ in range(2))
        await asyncio.sleep(0)
    slow.release.set()

    for task in (asked, waiting):
        with pytest.raises(FootnoteError, match="going offline"):
            await task
    with pytest.raises(FootnoteError, match="going offline"):
        await bot.answer(bot.answerer, Question("Which troops?"))
    assert slow.asked <= 1  # that which ran, if it had begun
