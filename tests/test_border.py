"""Several corpora in the real client: what somebody may not see does not show, whatever they try."""

import asyncio
import dataclasses
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder, document, opened
from loopback import Actor, LoopbackDiscord, text_of, walk
from loopback.payloads import MANAGE_GUILD, ORDINARY

from bot.answering.answerer import Answerer
from bot.corpora import NOTHING_HERE
from bot.discord.client import FootnoteBot
from bot.discord.cogs.ask import FOR_ROLES
from bot.discord.cogs.check import MENU
from bot.discord.markup import plain
from bot.discord.page import GONE, fingerprint
from bot.discord.sources import SOURCES_GONE
from bot.live import Live
from bot.settings import Settings
from embeddings.building.indexing import build
from embeddings.corpora import Corpus
from embeddings.reading.documents import Document

Json = dict[str, Any]

MANUAL = [
    document(f"page{n:02}", f"The blue lamp number {n} burns for {n + 4} hours.", f"Lamps {n}") for n in range(20)
]
STAFF = [
    document(
        f"memo{n:02}", f"The vault {n} opens with the code {n}7731, said Quillfeather.", f"Vault {n}", "2025-06-08"
    )
    for n in range(20)
]
SECRET = re.compile(r"vault|7731|quillfeather|memo\d", re.IGNORECASE)
QUESTION, ASKED = "How many hours does the blue lamp burn?", "What is the code that opens it?"
SETTINGS = Settings.load({})


def corpus(name: str, **rules: Any) -> Corpus:
    return Corpus(name, Path(name), Path(name), **{key: frozenset(ids) for key, ids in rules.items()})  # type: ignore[arg-type]


def answers(name: str, documents: list[Document]) -> Answerer:
    encoder = FakeEncoder()
    return Answerer(opened(documents, encoder), encoder, 0.0, corpus=name)


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord(approved=["message_content"], patience=60) as server:
        with server.attach():
            yield server


@asynccontextmanager
async def running(
    server: LoopbackDiscord, folder: Path, *corpora: tuple[Corpus, list[Document]], **changes: Any
) -> AsyncIterator[FootnoteBot]:
    """The bot over these corpora; at the end Discord must have refused nothing."""
    settings = dataclasses.replace(SETTINGS, index=folder, corpora=tuple(each for each, _ in corpora), **changes)
    served = [answers(each.name, documents) for each, documents in corpora]
    bot = FootnoteBot(settings, *served, guild_ready_timeout=0.05)
    async with server.running(bot):
        yield bot
    assert server.refusals == []


def both(server: LoopbackDiscord) -> list[tuple[Corpus, list[Document]]]:
    """A corpus for one role, and one for all."""
    return [(corpus("staff", roles=[server.role_id]), STAFF), (corpus("manual"), MANUAL)]


def member(server: LoopbackDiscord) -> Actor:
    """Somebody who has that role."""
    return server.member("archivist", permissions=ORDINARY | MANAGE_GUILD, roles=(server.role_id,))


def stranger(server: LoopbackDiscord) -> Actor:
    """Somebody who may do as much, and has not."""
    return server.member("stranger", permissions=ORDINARY | MANAGE_GUILD)


def button(message: Json, label: str) -> str:
    return next(part["custom_id"] for part in walk(message["components"]) if part.get("label") == label)


def forge(server: LoopbackDiscord, message: Json, custom_id: str) -> None:
    """Have a message carry another id in place of that of its first button."""
    text = json.dumps(server.world.message(int(message["id"])))
    old = button(message, "Open")
    server.world.messages[int(message["id"])] = json.loads(text.replace(json.dumps(old), json.dumps(custom_id), 1))


async def pressed(server: LoopbackDiscord, who: Actor, custom_id: str) -> str:
    """What somebody gets who presses a button with that id below a public answer."""
    shown = await (await who.slash("ask", {"question": QUESTION, "corpus": "manual"})).settled()
    forge(server, shown, custom_id)
    press = await who.click(shown, custom_id)
    await press.settled()
    assert press.ephemeral
    return press.text.replace("\\", "")


COMMANDS: dict[str, Json] = {
    "ask": {"question": ASKED},
    "compare": {"question": ASKED},
    "check": {"claim": "The vault 3 was opened with the code 37731."},
    "search": {"query": ASKED},
    "timeline": {"subject": ASKED},
    "sources": {},
    "source": {"name": "Vault 3"},
    "insights": {},
}


async def test_whoever_lacks_the_role_gets_nothing_on_any_surface(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, *both(server), first_responder=True, keep_questions=True) as bot:
        insider, outsider = member(server), stranger(server)
        await (await outsider.slash("setup add", {"channel": server.channel_id})).settled()
        secret = await insider.slash("ask", {"question": ASKED})
        answer = await secret.settled()
        listed = await (await insider.slash("sources")).settled()
        assert secret.ephemeral and SECRET.search(secret.text) and SECRET.search(text_of(listed))
        (receipt,) = re.findall(r"receipt ([a-z2-9]{8})", secret.text)
        before = len(server.writings)

        for name, options in COMMANDS.items():
            told = []
            for which in ("staff", "nothing"):
                used = await outsider.slash(name, options | {"corpus": which})
                await used.settled()
                told.append(used.text.replace(which, "…"))
                assert used.ephemeral
            assert told[0] == told[1] and "There is no corpus “…”" in told[0].replace("\\", ""), name
            by_default = await outsider.slash(name, options)
            await by_default.settled()
            assert [each["name"] for each in await outsider.autocomplete(name, "corpus", "")] == ["manual"]
            assert await outsider.autocomplete(name, "corpus", "sta") == []
        for name, option in (("ask", "source"), ("check", "source"), ("source", "name")):
            assert await outsider.autocomplete(name, option, "vault") == []
            assert await outsider.autocomplete(name, option, "", {"corpus": "staff"} | _needed(name)) == []

        for forged in {part["custom_id"] for part in walk(answer["components"]) if "custom_id" in part}:
            if forged.startswith("vote:"):
                continue
            assert await pressed(server, outsider, forged) in (GONE, SOURCES_GONE), forged
        turn = button(listed, "Next")
        assert await pressed(server, outsider, turn) == SOURCES_GONE
        assert await pressed(server, outsider, turn.replace(fingerprint("staff"), "AAAA")) == SOURCES_GONE
        place = button(answer, "Open").split(":", 2)[2]
        assert await pressed(server, outsider, f"nearest:{place}") == GONE
        assert await pressed(server, outsider, f"nearest:{'0' * 16}:0:9") == GONE

        unkept = "This answer is no longer kept, so it cannot be voted on."
        assert await pressed(server, outsider, f"vote:up:{receipt}") == unkept
        opened = await outsider.click(await _forged(server, outsider, f"vote:down:{receipt}"), f"vote:down:{receipt}")
        assert (await sent(await outsider.submit(opened, "wrong"))).text == unkept
        assert bot.store.run("select * from votes") == []

        kept = [await sent(await outsider.slash("receipt", {"receipt": key})) for key in (receipt, "aaaaaaaa")]
        assert {each.text.replace(key, "…") for each, key in zip(kept, (receipt, "aaaaaaaa"), strict=True)} == {
            "No answer that was given here is kept as “…”."
        }
        assert "manual" in (await sent(await outsider.slash("footnote status"))).text

        posted = await outsider.say("What is the code of vault 3?")
        checked = await outsider.menu(MENU, posted)
        await checked.settled()
        replied = await server.answer(await outsider.say(ASKED, mention=True))
        direct = await server.answer(await outsider.dm(ASKED))
        assert text_of(direct) == NOTHING_HERE
        assert text_of(replied)

        later = "\n".join(text_of(each.message) for each in server.writings[before:]).replace("\\", "")
        for typed in (COMMANDS["check"]["claim"], COMMANDS["source"]["name"], ASKED, posted["content"]):
            later = later.replace(typed, "")
        assert later and not SECRET.findall(later)


async def sent(used: Any) -> Any:
    await used.settled()
    return used


async def _forged(server: LoopbackDiscord, who: Actor, custom_id: str) -> Json:
    shown: Json = await (await who.slash("ask", {"question": QUESTION, "corpus": "manual"})).settled()
    forge(server, shown, custom_id)
    return shown


def _needed(name: str) -> Json:
    return {} if name == "source" else COMMANDS[name]


async def test_what_is_for_a_role_is_answered_to_the_asker_alone(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, *both(server), keep_questions=True) as bot:
        insider = member(server)
        for name in ("ask", "compare", "check"):
            used = await insider.slash(name, COMMANDS[name] | {"private": False})
            await used.settled()
            assert used.ephemeral and SECRET.search(used.text), name
        public = await insider.slash("ask", {"question": QUESTION, "corpus": "manual"})
        await public.settled()
        assert not public.ephemeral and "manual, documents as of" in public.text
        offered = await insider.autocomplete("ask", "corpus", "")
        assert [each["value"] for each in offered] == ["staff", "manual"]
        assert "Vault 3" in [each["name"][:7] for each in await insider.autocomplete("source", "name", "Vault 3")]
        kept = bot.store.run("select corpus, question from answers order by at")
        assert kept == [("staff", None), ("staff", None), ("manual", QUESTION)]

        mentioned = await server.answer(await insider.say(ASKED, mention=True))
        assert "manual, documents as of" in text_of(mentioned) and not SECRET.search(text_of(mentioned))


async def test_a_mention_where_all_documents_are_for_roles_is_told_how_to_ask(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, both(server)[0]):
        told = await server.answer(await member(server).say(ASKED, mention=True))
        refused = await server.answer(await stranger(server).say(ASKED, mention=True))
        assert await stranger(server).autocomplete("ask", "corpus", "") == []

    assert (text_of(told), text_of(refused)) == (plain(FOR_ROLES), NOTHING_HERE)


async def test_who_may_see_nothing_is_forgotten_all_the_same(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, both(server)[0]) as bot:
        outsider, insider = stranger(server), member(server)
        await sent(await insider.slash("ask", {"question": ASKED}))
        assert bot.ledger and bot.store.run("select count(*) from answers where who is not null") == [(1,)]
        ((answer,),) = bot.store.run("select id from answers")
        bot.ledger.vote(server.guild_id, answer, outsider.id, up=True, corpora=["staff"])
        told = await sent(await outsider.slash("forget-me"))
        refused = await sent(await outsider.slash("sources"))
        bot.settings = dataclasses.replace(bot.settings, guild=4567)
        elsewhere = await sent(await insider.slash("forget-me", dm=True))
        left = bot.store.run("select count(*) from answers where who is not null") + bot.store.run(
            "select * from votes"
        )

    assert told.text == elsewhere.text == "Forgotten: 1 of your answers and votes." and told.ephemeral
    assert refused.text == NOTHING_HERE and left == [(0,)]


async def test_the_menu_checks_against_what_its_user_sees_in_the_channel_and_says_which(
    server: LoopbackDiscord, tmp_path: Path
):
    staff, manual = both(server)
    rooms = [(dataclasses.replace(staff[0], channels=frozenset([server.channel_id])), staff[1]), manual]
    async with running(server, tmp_path, *rooms):
        claim = await server.user.say("The vault 3 was opened with the code 37731.")
        told = {}
        for name, who in (("insider", member(server)), ("outsider", stranger(server))):
            told[name] = await sent(await who.menu(MENU, claim))
        _, elsewhere = await server.user.post("A vault", "The vault 3 was opened with the code 37731.")
        there = await sent(await member(server).menu(MENU, elsewhere))

    assert "staff, documents as of" in told["insider"].text and "Share" not in str(told["insider"].message)
    assert "manual, documents as of" in told["outsider"].text and "manual, documents as of" in there.text
    assert not SECRET.search(re.sub("The vault 3 was opened with the code 37731", "", told["outsider"].text))


async def test_a_thread_counts_as_its_channel_and_no_other_place_does(server: LoopbackDiscord, tmp_path: Path):
    here = corpus("manual", channels=[server.channel_id]), MANUAL
    async with running(server, tmp_path, here):
        in_thread = await sent(await server.user.slash("ask", {"question": QUESTION}, where=server.world.thread))
        mentioned = await server.answer(await server.user.say(QUESTION, mention=True, where=server.world.thread))
        post, _ = await server.user.post("A lamp", "What burns?")
        refused = [
            await sent(await server.user.slash("ask", {"question": QUESTION}, where=post)),
            await sent(await server.user.slash("sources", dm=True)),
        ]
        elsewhere = await server.answer(await server.user.say(QUESTION, mention=True, where=post))

    assert "hours" in in_thread.text and "hours" in text_of(mentioned)
    assert {text_of(elsewhere), *(each.text for each in refused)} == {NOTHING_HERE}


async def test_a_corpus_of_another_server_is_not_seen_and_one_for_direct_messages_is(
    server: LoopbackDiscord, tmp_path: Path
):
    another = corpus("elsewhere", servers=[4567], roles=[server.guild_id]), STAFF
    open_to_all = dataclasses.replace(corpus("manual", servers=[server.guild_id]), direct=True), MANUAL
    async with running(server, tmp_path, another, open_to_all):
        direct = await server.answer(await server.user.dm(QUESTION))
        used = await sent(await server.user.slash("ask", {"question": QUESTION}, dm=True))
        here = await sent(await server.user.slash("ask", {"question": ASKED}))
        seen = await server.user.autocomplete("ask", "corpus", "")

    assert "manual, documents" in text_of(direct) and "manual, documents" in used.text
    assert "manual, documents" in here.text and not SECRET.search(here.text)
    assert [each["name"] for each in seen] == ["manual"]


async def test_where_one_server_is_served_every_other_place_is_told_so(server: LoopbackDiscord, tmp_path: Path):
    told = "I answer in one server only, and this is not it."
    async with running(server, tmp_path, both(server)[1]) as bot:
        bot.settings = dataclasses.replace(bot.settings, guild=server.guild_id)
        here = await sent(await server.user.slash("sources"))
        asked = await server.answer(await server.user.say(QUESTION, mention=True))
        direct = await server.answer(await server.user.dm(QUESTION))
        bot.settings = dataclasses.replace(bot.settings, guild=4567)
        elsewhere = await sent(await server.user.slash("sources"))
        mentioned = await server.answer(await server.user.say(QUESTION, mention=True))

    assert "20 sources" in here.text and "hours" in text_of(asked)
    assert [text_of(direct), elsewhere.text, text_of(mentioned)] == [told] * 3 and elsewhere.ephemeral


async def test_in_a_server_that_the_bot_is_not_in_roles_do_not_count(server: LoopbackDiscord, tmp_path: Path):
    """There somebody has brought it along: only what is open to direct messages is seen."""
    direct = dataclasses.replace(corpus("manual", servers=[server.guild_id]), direct=True), MANUAL
    for corpora, told in ((both(server), NOTHING_HERE), ([both(server)[0], direct], "manual, documents as of")):
        async with running(server, tmp_path, *corpora) as bot:
            bot._connection._guilds.pop(server.guild_id)
            used = await sent(await member(server).slash("ask", {"question": QUESTION}))
            assert told in used.text and not SECRET.search(used.text)


async def test_buttons_open_what_they_were_made_for(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, *both(server)):
        insider = member(server)
        for name, documents in (("staff", STAFF), ("manual", MANUAL)):
            title = documents[0].title.split()[0]
            listed = await (await insider.slash("sources", {"corpus": name})).settled()
            turned = await sent(await insider.click(listed, button(listed, "Next")))
            assert f"20 sources** in {name}" in turned.text and f"{title} 16" in turned.text
            answer = await (await insider.slash("ask", {"question": QUESTION, "corpus": name})).settled()
            opened = await sent(await insider.click(answer, button(answer, "Open")))
            mixed = await sent(await insider.click(answer, button(answer, "All sources")))
            assert title in opened.text and title in mixed.text


async def test_each_has_an_index_that_is_renewed_alone(server: LoopbackDiscord, tmp_path: Path):
    corpora, encoder = [], FakeEncoder()
    for name, text in (("manual", "The lamp burns for nine hours."), ("staff", "The vault opens at noon.")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(text)
        corpora.append(Corpus(name, tmp_path / name, tmp_path / "index" / name))
        build(corpora[-1].documents, corpora[-1].index, encoder)
    lives = [Live(each.index, encoder, 0.0, make=partial(Answerer, corpus=each.name), every=0.02) for each in corpora]
    settings = dataclasses.replace(SETTINGS, index=tmp_path / "index", corpora=tuple(corpora))
    bot = FootnoteBot(settings, *(live.open() for live in lives), lives=lives, guild_ready_timeout=0.05)
    async with server.running(bot):
        (tmp_path / "manual" / "b.txt").write_text("The lamp is blue.")
        before, newer = bot.answerer.source, build(corpora[0].documents, corpora[0].index, encoder).manifest.generation
        while bot.answerer.source.generation != newer:  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.01)
        lists = [await sent(await server.user.slash("sources", {"corpus": each.name})) for each in corpora]
        status = await sent(await stranger(server).slash("footnote status"))

    assert before.generation != newer
    assert [each.text.split("\n")[0] for each in lists] == ["**2 sources** in manual", "**1 source** in staff"]
    assert f"Index of manual **{newer}**" in status.text and "Index of staff **" in status.text


async def test_the_option_is_there_only_where_a_file_names_several(server: LoopbackDiscord, tmp_path: Path):
    def named() -> set[str]:
        commands = server.syncs[-1].payload
        return {each["name"] for each in commands if "corpus" in [one["name"] for one in each.get("options", [])]}

    async with running(server, tmp_path, *both(server)):
        assert named() == set(COMMANDS)
    bot = FootnoteBot(dataclasses.replace(SETTINGS, index=tmp_path), answers("", MANUAL), guild_ready_timeout=0.05)
    async with server.running(bot):
        assert named() == set()
        await (await server.user.slash("ask", {"question": QUESTION})).settled()


def test_nothing_that_people_are_shown_comes_from_a_corpus_that_was_not_looked_up_for_them():
    """`FootnoteBot.answerer` is the first corpus, whoever may see it."""
    folder = Path(__file__).parent.parent / "bot" / "discord"
    using = [
        path.name for path in folder.rglob("*.py") if re.search(r"(?:client|bot|self)\.answerer\b", path.read_text())
    ]
    assert using == []
