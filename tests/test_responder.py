"""The first responder, with the real client over real sockets: when it answers, when it is silent, its buttons."""

import asyncio
import dataclasses
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import discord
import pytest
from fakes import FakeEncoder, document, opened
from loopback import ImpossibleError, LoopbackDiscord, text_of, walk
from loopback.payloads import MANAGE_GUILD, MANAGE_MESSAGES, ORDINARY

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.discord.client import FootnoteBot
from bot.discord.cogs.responder import SURE, sure
from bot.discord.responses import FOLDED, IS_SOLVED, MOST_CALLS, NOT_IT, NOTE, PERSON, SHOW, SOLVED, response
from bot.discord.store import FILE
from bot.settings import Settings
from embeddings.reading.documents import Document

Json = dict[str, Any]
DOCUMENTS = [
    document(
        "troops", "The governor objected. Some 4,000 troops were sent, @everyone <@1> said.", "Troops", "2025-06-08"
    ),
    document("curfew", "Karen Bass said the curfew would be lifted.", "Curfew"),
]
QUESTION = "How many troops were sent?"


class SureAnswerer(Answerer):
    """As sure as the bar asks of the first responder; a little less of a question that says "perhaps"."""

    def __init__(self, documents: Iterable[Document]) -> None:
        encoder = FakeEncoder()
        super().__init__(opened(documents, encoder), encoder, threshold=0.0)
        self.asked: list[str] = []

    def ask(self, question: Question) -> Answer | NoAnswer:
        """See Answerer; keeps what it was asked in `asked`."""
        self.asked.append(question.text)
        found, sure = super().ask(question), SURE - 0.001 if "perhaps" in question.text else SURE
        return dataclasses.replace(found, confidence=sure) if isinstance(found, Answer) else found


def asked_of(bot: FootnoteBot) -> list[str]:
    """What its answerer was asked."""
    assert isinstance(bot.answerer, SureAnswerer)
    return bot.answerer.asked


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord(approved=["message_content"], patience=20) as server:
        with server.attach():
            yield server


@asynccontextmanager
async def running(server: LoopbackDiscord, folder: Path, **changes: Any) -> AsyncIterator[FootnoteBot]:
    """The bot with the first responder switched on; at the end Discord must have refused nothing."""
    changes = {"first_responder": True} | changes
    settings = dataclasses.replace(Settings.load({}), index=folder, **changes)
    bot = FootnoteBot(settings, SureAnswerer(DOCUMENTS), guild_ready_timeout=0.05)
    async with server.running(bot):
        yield bot
    assert server.refusals == []


def moderator(server: LoopbackDiscord) -> Any:
    return server.member("moderator", permissions=ORDINARY | MANAGE_GUILD | MANAGE_MESSAGES)


async def chosen(server: LoopbackDiscord, *, role: bool = False) -> Any:
    """A moderator, who has chosen the forum, the text channel, and perhaps the role."""
    who = moderator(server)
    for channel in (server.forum_id, server.channel_id):
        await (await who.slash("setup add", {"channel": channel})).settled()
    if role:
        await (await who.slash("setup person", {"role": server.role_id})).settled()
    return who


def said(server: LoopbackDiscord, where: Json | None = None) -> list[Json]:
    """What the bot has written there for everybody, of itself."""
    written = server.messages(int(where["id"]) if where else None)
    return [each for each in written if each["author"]["id"] == str(server.bot_id) and "webhook_id" not in each]


async def replied(server: LoopbackDiscord, to: Json) -> Json:
    """The bot's reply to a message; posts are answered one after the other, so those before have theirs, or none."""

    def found() -> Json | None:
        replies = [each for each in said(server, {"id": to["channel_id"]}) if "message_reference" in each]
        return next((each for each in replies if each["message_reference"]["message_id"] == int(to["id"])), None)

    return await server.until(found, "a reply")


def button(message: Json, label: str) -> str:
    (found,) = [part["custom_id"] for part in walk(message["components"]) if part.get("label") == label]
    return str(found)


def labels(message: Json) -> list[str]:
    return [part["label"] for part in walk(message["components"]) if part.get("label")]


async def press(who: Any, message: Json, label: str) -> Any:
    pressed = await who.click(message, button(message, label))
    await pressed.acknowledged()
    return pressed


# -- choosing


async def test_without_the_setting_nothing_is_asked_of_discord_and_setup_says_so(
    server: LoopbackDiscord, tmp_path: Path
):
    async with running(server, tmp_path, first_responder=False) as bot:
        assert server.intents == discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        who = moderator(server)
        options: list[tuple[str, Json]] = [
            ("add", {"channel": server.forum_id}),
            ("remove", {"channel": server.forum_id}),
            ("person", {"role": server.role_id}),
            ("show", {}),
        ]
        for name, given in options:
            told = await who.slash(f"setup {name}", given)
            await told.settled()
            assert told.ephemeral
            assert "set FOOTNOTE\\_FIRST\\_RESPONDER=yes and turned on Message Content Intent at" in told.text
            assert "Nothing was stored." in told.text
        thread, _ = await server.user.post("Troops", QUESTION)
        await server.answer(await server.user.say(QUESTION, mention=True))
        assert said(server, thread) == []
        assert bot.store.channels(server.guild_id) == frozenset()


async def test_setup_is_for_those_who_manage_a_server_and_shows_what_is_set(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        assert server.intents.message_content
        who = moderator(server)
        with pytest.raises(ImpossibleError, match="hidden from reader"):
            await server.user.slash("setup show")
        with pytest.raises(ImpossibleError, match="not offered in direct messages"):
            await who.slash("setup show", dm=True)
        texts = []
        for name, given in [
            ("show", {}),
            ("add", {"channel": server.forum_id}),
            ("person", {"role": server.role_id}),
            ("show", {}),
            ("remove", {"channel": server.forum_id}),
            ("person", {}),
            ("show", {}),
        ]:
            told = await who.slash(f"setup {name}", given)
            await told.settled()
            assert told.ephemeral
            texts.append(told.text)

    assert texts[0] == (
        "I answer nowhere by myself. /setup add chooses a channel or a forum.\n"
        "*Ask a person* mentions nobody: /setup person chooses a role."
    )
    assert texts[1].startswith(f"I answer new questions in <#{server.forum_id}> by myself from now on")
    assert texts[3] == f"I answer by myself in <#{server.forum_id}>.\n*Ask a person* mentions <@&{server.role_id}>."
    assert texts[6] == texts[0]
    assert server.pings == []


async def test_permissions_that_are_missing_and_a_role_of_everybody_are_told(server: LoopbackDiscord, tmp_path: Path):
    who = moderator(server)
    (everyone,) = [role for role in server.world.guild["roles"] if role["id"] == str(server.guild_id)]
    everyone["permissions"] = str(1 << 10)
    async with running(server, tmp_path):
        added = await who.slash("setup add", {"channel": server.forum_id})
        await added.settled()
        everybody = await who.slash("setup person", {"role": server.guild_id})
        await everybody.settled()

    assert added.text.endswith("I still need these permissions there: Read Message History, Send Messages In Threads.")
    assert everybody.text == "Choose a role of people who help, not everyone." and everybody.ephemeral


# -- answering


async def test_a_question_in_the_forum_is_answered_once_with_its_buttons(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path) as bot:
        await chosen(server)
        thread, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
        await server.redeliver(post)
        await server.user.edit(post, QUESTION + " Please tell me.")
        await replied(server, await server.user.say(QUESTION))

        assert said(server, thread) == [answer]
        assert answer["message_reference"]["message_id"] == int(post["id"])
        assert "**4,000**" in text_of(answer) and text_of(answer).endswith(NOTE)
        assert labels(answer)[-3:] == [SOLVED, NOT_IT, PERSON] and "Open" in labels(answer)
        assert asked_of(bot)[0] == f"Troops\n{QUESTION}"
        assert server.pings == []
        assert all(writing.allowed_mentions == {"parse": []} for writing in server.writings)


async def test_a_question_in_a_channel_is_answered_by_a_reply_also_after_a_restart_only_once(
    server: LoopbackDiscord, tmp_path: Path
):
    async with running(server, tmp_path):
        await chosen(server)
        asked = await server.user.say(QUESTION)
        answer = await replied(server, asked)
        assert answer["message_reference"]["message_id"] == int(asked["id"])
    async with running(server, tmp_path) as bot:
        await server.redeliver(asked)
        again = await server.user.say("How many troops came?")
        await replied(server, again)
        assert asked_of(bot) == [QUESTION, "How many troops came?"]
    assert len(said(server)) == 2


async def test_chatter_bots_replies_talk_and_what_is_unsure_get_silence(server: LoopbackDiscord, tmp_path: Path):
    robot, friend = server.member("robot", bot=True), server.member("friend")
    async with running(server, tmp_path) as bot:
        await chosen(server)
        thread, post = await server.user.post("Done", "I have sent some troops home.")
        unsure, _ = await server.user.post("Troops", "How many troops were perhaps sent?")
        for text in ("hello everyone", "thanks, that worked!", "4,000 troops were sent", "troops!?", "lol", ""):
            await server.user.say(text)
        await robot.say(QUESTION)
        await server.user.say(QUESTION, reply_to=post | {"channel_id": str(server.channel_id)})
        await friend.say(QUESTION, where=thread)
        await server.user.say(f"<@{friend.id}> {QUESTION}")
        await server.user.say(f"<@&{server.role_id}> {QUESTION}")
        last = await server.user.say("How many troops came?")
        answer = await replied(server, last)

        assert said(server) == [answer]
        assert said(server, thread) == said(server, unsure) == []
        assert asked_of(bot) == ["Troops\nHow many troops were perhaps sent?", "How many troops came?"]


async def test_only_chosen_channels_are_answered_in(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path) as bot:
        who = await chosen(server)
        await (await who.slash("setup remove", {"channel": server.channel_id})).settled()
        await server.user.say(QUESTION)
        thread, post = await server.user.post("Troops", QUESTION)
        await replied(server, post)
        assert said(server) == [] and len(said(server, thread)) == 1
        assert len(asked_of(bot)) == 1


async def test_where_a_person_was_quicker_there_is_silence(server: LoopbackDiscord, tmp_path: Path):
    friend = server.member("friend")
    async with running(server, tmp_path):
        await chosen(server)
        async with server.disconnected():
            thread, _ = await server.user.post("Troops", QUESTION)
            await friend.say("Some 4,000.", where=thread)
            own, second = await server.user.post("More", "How many troops came?")
            await server.user.say("I mean in June.", where=own)
            asked = await server.user.say("How many troops left?")
            await friend.say("None.", reply_to=asked)
            await friend.open_thread(await server.user.say("How many troops stayed?"), "Troops that stayed")
            last = await server.user.say(QUESTION)
        await replied(server, last)
        await replied(server, second)
        assert said(server, thread) == []
        assert len(said(server)) == 1 and len(said(server, own)) == 1


async def test_a_title_and_a_text_of_mischief_reach_nobody(server: LoopbackDiscord, tmp_path: Path):
    title = "@everyone <@&7> **[x](https://evil.example)** `"
    async with running(server, tmp_path) as bot:
        who = await chosen(server, role=True)
        _, post = await server.user.post(title, f"{QUESTION} @here <#1> \u202e||x||")
        answer = await replied(server, post)
        assert asked_of(bot) == [f"{title}\n{QUESTION} @here <#1> \u202e||x||"]
        assert server.pings == []
        assert "\\@everyone \\<\\@&7\\> \\*\\*\\[x\\](https\\://evil.example)\\*\\*" in text_of(answer)
        await (await press(who, answer, PERSON)).edited()
        assert server.pings == [f"<@&{server.role_id}>"]
        assert "\u202e" not in said(server, {"id": post["channel_id"]})[-1]["content"]


async def test_another_server_and_a_channel_that_forbids_get_nothing(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with running(server, tmp_path) as bot:
        await chosen(server)
        settings, bot.settings = bot.settings, dataclasses.replace(bot.settings, guild=4567)
        thread, _ = await server.user.post("Troops", QUESTION)
        direct = await server.answer(await server.user.dm(QUESTION))
        assert text_of(direct).startswith("I answer in one server only")
        bot.settings = settings
        server.forbid()
        with caplog.at_level(logging.WARNING, "footnote"):
            await server.user.say(QUESTION)
            await server.until(lambda: any(refused.code == 50013 for refused in server.refusals), "a refusal")
            await replied(server, (await server.user.post("Troops", QUESTION))[1])
        assert said(server, thread) == []
        server.refusals.clear()
    assert "Discord's code 50013" in caplog.text and QUESTION not in caplog.text


async def test_where_it_cannot_be_noted_that_a_post_is_answered_there_is_silence(
    server: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with running(server, tmp_path):
        await chosen(server)
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("begin immediate")
            thread, _ = await server.user.post("Troops", QUESTION)
            await server.answer(await server.user.say(QUESTION, mention=True))
            async with asyncio.timeout(10):
                while "surface=channel outcome=error" not in caplog.text:  # noqa: ASYNC110 - a log rings no bell
                    await asyncio.sleep(0.01)
        await replied(server, await server.user.say(QUESTION))
        assert said(server, thread) == []

    assert "database is locked" in caplog.text and "troops" not in caplog.text


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("How do I open the vent?", True),
        ("How do I open the vent by hand when the wind is strong and the motor is hot and it rains?", False),
        ("How many hands are needed for the vent while it rains and the motor is hot?", True),
    ],
)
def test_a_whole_passage_has_to_hold_most_words_of_the_question(question: str, given: bool):
    steps = document("vent", "Opening it takes 2 hands.\n\n1. Press the pencil.\n2. Press Open.", "The vent")
    encoder = FakeEncoder()
    found = Answerer(opened([steps], encoder), encoder, 0.0).ask(Question(question))
    assert isinstance(found, Answer)
    assert sure(dataclasses.replace(found, confidence=SURE)) is given
    assert not sure(dataclasses.replace(found, confidence=SURE - 0.001))


def test_a_long_answer_leaves_room_for_the_buttons():
    ids = 2**63 - 1
    texts = [f"In week {n} some {n},000 troops were sent {'over_there ' * 90}today." for n in range(1, 40)]
    encoder = FakeEncoder()
    documents = [document(f"{n:02}" + "d" * 90, text, f"{n} " + "T" * 100) for n, text in enumerate(texts)]
    found = Answerer(opened(documents, encoder), encoder, 0.0).ask(Question(QUESTION + " *_[" * 90))
    assert isinstance(found, Answer)
    parts = list(walk(response(found, ids, ids).to_components()))

    assert len(parts) <= 40
    assert 3000 < sum(len(part.get("content", "")) for part in parts) <= 4000
    assert all(len(part.get("custom_id", "")) <= 100 for part in parts)
    assert [part["label"] for part in parts if part.get("label")][-3:] == [SOLVED, NOT_IT, PERSON]


# -- its buttons


async def test_solved_marks_the_answer_and_takes_the_buttons_away(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        await chosen(server)
        _, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
    async with running(server, tmp_path):
        await press(server.user, answer, SOLVED)
        solved = server.world.messages[int(answer["id"])]
        assert text_of(solved) == text_of(answer).replace(NOTE, IS_SOLVED)
        assert not {SOLVED, NOT_IT, PERSON} & set(labels(solved))
        opened_passage = await server.user.click(solved, button(solved, "Open"))
        await opened_passage.settled()
        assert opened_passage.ephemeral


async def test_not_it_folds_the_answer_and_show_brings_it_back_to_whoever_asks(server: LoopbackDiscord, tmp_path: Path):
    friend = server.member("friend")
    async with running(server, tmp_path):
        who = await chosen(server, role=True)
        _, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
        await press(who, answer, NOT_IT)
        line = server.world.messages[int(answer["id"])]
        assert text_of(line) == FOLDED and labels(line) == [SHOW, PERSON]
    async with running(server, tmp_path):
        shown = await press(friend, line, SHOW)
        await shown.edited()
        assert shown.ephemeral and "**4,000**" in shown.text
        assert text_of(server.world.messages[int(answer["id"])]) == FOLDED
        del server.world.messages[int(post["id"])]
        gone = await press(friend, line, SHOW)
        assert (await gone.followed_up())["content"] == "The question was deleted."
        server.refusals.clear()


async def test_what_all_see_stays_in_the_language_of_the_server_and_each_alone_has_their_own(
    server: LoopbackDiscord, tmp_path: Path
):
    server.world.guild["preferred_locale"] = "de"
    friend = server.member("amie", locale="fr", permissions=ORDINARY | MANAGE_MESSAGES)
    async with running(server, tmp_path):
        await chosen(server, role=True)
        thread, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
        assert labels(answer)[-3:] == ["Gelöst", "Passt nicht", "Einen Menschen fragen"]
        assert "Das habe ich von mir aus beantwortet." in text_of(answer)
        called = await press(friend, answer, "Einen Menschen fragen")
        await called.edited()
        assert called.text == f"J’ai appelé <@&{server.role_id}>."
        assert said(server, thread)[-1]["content"].startswith(f"<@&{server.role_id}> Hier braucht jemand einen")
        await press(friend, answer, "Passt nicht")
        line = server.world.messages[int(answer["id"])]
        assert labels(line) == ["Anzeigen", "Einen Menschen fragen"]
        shown = await press(friend, line, "Anzeigen")
        await shown.edited()
        assert shown.ephemeral and "documents au 1 août 2026" in shown.text

        _, second = await server.user.post("Troops again", QUESTION)
        answer = await replied(server, second)
        await press(friend, answer, "Gelöst")
        assert text_of(server.world.messages[int(answer["id"])]).endswith("**Gelöst.**")


async def test_ask_a_person_mentions_the_one_role_once(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        who = await chosen(server, role=True)
        thread, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
        called = await press(server.user, answer, PERSON)
        await called.edited()
        assert called.ephemeral and called.text == f"I have called <@&{server.role_id}>."
    async with running(server, tmp_path):
        again = await press(who, answer, PERSON)
        assert (await again.followed_up())["content"] == "A person was called to this question before."

    (call,) = [writing for writing in server.writings if writing.pings]
    assert call.pings == [f"<@&{server.role_id}>"] == server.pings
    assert call.allowed_mentions == {"parse": [], "roles": [server.role_id]}
    assert call.message["channel_id"] == thread["id"]
    assert "> Troops How many troops were sent?" in call.message["content"]
    assert call.message["content"].endswith(f"/{server.guild_id}/{thread['id']}/{answer['id']}")


async def test_nobody_has_people_called_again_and_again(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path):
        who = await chosen(server, role=True)
        answers = [await replied(server, await server.user.say(QUESTION)) for _ in range(MOST_CALLS + 1)]
        for answer in answers[:MOST_CALLS]:
            await (await press(server.user, answer, PERSON)).edited()
        told = await (await press(server.user, answers[-1], PERSON)).followed_up()
        assert told["content"].startswith(f"You have called people {MOST_CALLS} times within an hour.")
        assert len(server.pings) == MOST_CALLS
        await (await press(who, answers[-1], PERSON)).edited()

    assert len(server.pings) == MOST_CALLS + 1


async def test_why_nobody_can_be_called_is_said_in_private(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path) as bot:
        await chosen(server)
        _, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
        assert bot.store

        async def told() -> str:
            pressed = await press(server.user, answer, PERSON)
            return str((await pressed.followed_up())["content"])

        assert (await told()).startswith("No role is set that I could call.")
        bot.store.set_role(server.guild_id, 99)
        assert (await told()).startswith("The role that I was to call is gone.")
        bot.store.set_role(server.guild_id, server.role_id)
        role = bot.get_guild(server.guild_id).get_role(server.role_id)  # type: ignore[union-attr]
        role.mentionable = False  # type: ignore[union-attr]
        assert (await told()).startswith("I may not mention the role archivists.")
        role.mentionable = True  # type: ignore[union-attr]
        server.forbid(int(post["channel_id"]))
        assert (await told()).startswith("I cannot do that here. I need these permissions")
        server.refusals.clear()
        server.world.forbidden.clear()
        await (await press(server.user, answer, PERSON)).edited()
        assert server.pings == [f"<@&{server.role_id}>"]


async def test_others_and_other_servers_change_nothing(server: LoopbackDiscord, tmp_path: Path):
    friend = server.member("friend")
    async with running(server, tmp_path) as bot:
        who = await chosen(server, role=True)
        _, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
        for label in (SOLVED, NOT_IT, PERSON):
            told = await press(friend, answer, label)
            assert told.ephemeral and told.text == "Only whoever asked, and moderators, can do this."
        bot.settings = dataclasses.replace(bot.settings, guild=4567)
        for label in (SOLVED, NOT_IT, PERSON):
            told = await press(who, answer, label)
            assert told.ephemeral and told.text == "I answer in one server only, and this is not it."
        assert server.world.messages[int(answer["id"])] == answer
        assert server.pings == []


async def test_an_id_that_the_message_does_not_have_is_no_button(server: LoopbackDiscord, tmp_path: Path):
    friend = server.member("friend")
    async with running(server, tmp_path):
        await chosen(server, role=True)
        _, post = await server.user.post("Troops", QUESTION)
        answer = await replied(server, post)
        forged = {"custom_id": f"{SOLVED}:{friend.id}:{post['id']}", "component_type": 2, "id": 1}
        channel = server.world.channels[answer["channel_id"]]
        ignored = await friend._interact(3, "a forged press", channel, forged, answer)
        await (await press(server.user, answer, PERSON)).edited()
        assert ignored.response is None
        assert server.world.messages[int(answer["id"])] == answer
