"""Who sees an answer: private and public by channel, a private one that is shared, pages of one that is long."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from fakes import FakeReader, answerer, document
from hypothesis import given
from hypothesis import strategies as st
from loopback import Actor, LoopbackDiscord, text_of, walk
from loopback.limits import ROW
from loopback.payloads import MANAGE_GUILD, ORDINARY
from test_border import ASKED, both, corpus, member
from test_border import running as over_corpora
from test_discord import DOCUMENTS, QUESTION, settings

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.discord.answer import answer_page, leaf_page
from bot.discord.client import FootnoteBot
from bot.discord.markup import plain, unquoted
from bot.discord.page import GONE, Leaf, Place
from bot.discord.quotation import LEAF
from bot.discord.sources import SOURCES_PER_PAGE
from bot.discord.views import NOT_ASKER, LeafButton, ShareButton
from bot.readable import readable
from embeddings.errors import BadRequest

Json = dict[str, Any]
HOW = "How do I descale the boiler?"
STEPS = "\n".join(
    f"{n}. Turn the_blue_valve_{n} slowly_to_the_left_of_the_wheel and hold_it_there_for_a_while until "
    "the_red_light_of_the_boiler goes_out_for_good."
    for n in range(1, 41)
)
MANUAL = f"# Boiler\n\n## Descale the boiler\n\nTo descale the boiler:\n\n{STEPS}\n\nThe boiler is clean now.\n"
SEND, THREADS = 1 << 11, 1 << 38


def long() -> Answerer:
    return answerer([document("manual", MANUAL, "Boiler manual"), *DOCUMENTS], reader=FakeReader())


@asynccontextmanager
async def running(
    server: LoopbackDiscord, folder: Path, served: Answerer | None = None, **changes: Any
) -> AsyncIterator[FootnoteBot]:
    bot = FootnoteBot(settings(folder, **changes), served or answerer(DOCUMENTS), guild_ready_timeout=0.05)
    async with server.running(bot):
        yield bot
    assert server.refusals == []
    assert server.pings == []


def button(message: Json, label: str) -> str:
    (found,) = [part["custom_id"] for part in walk(message["components"]) if part.get("label") == label]
    assert len(found) <= 100
    return str(found)


def labels(message: Json) -> list[str]:
    return [part["label"] for part in walk(message["components"]) if part.get("label")]


def forge(server: LoopbackDiscord, message: Json, label: str, custom_id: str) -> Json:
    """The message with another id in the place of a button's."""
    text = json.dumps(message).replace(json.dumps(button(message, label)), json.dumps(custom_id), 1)
    forged: Json = json.loads(text)
    server.world.messages[int(message["id"])] = forged
    return forged


async def press(server: LoopbackDiscord, who: Actor, message: Json, label: str) -> Any:
    pressed = await who.click(message, button(message, label))
    await pressed.settled()
    return pressed


# -- long answers


def test_the_pages_of_a_long_quotation_are_all_of_it_and_know_their_place():
    served = long()
    found = served.ask(Question(HOW))
    assert isinstance(found, Answer)
    first = answer_page(found)
    pages = [first]
    while (forth := pages[-1].forth) is not None:
        assert isinstance(forth, Leaf)
        pages.append(leaf_page(served.index, forth))

    blocks = [page.entries[0].texts[0] for page in pages]
    assert len(pages) > 2 and all(len(block) <= LEAF for block in blocks)
    assert "\n".join(map(unquoted, blocks)) == readable(found.statements[0].citation.quote).text
    assert [page.entries[0].texts[1].split("\n")[-1] for page in pages] == [
        f"-# Page {n} of {len(pages)}" for n in range(1, len(pages) + 1)
    ]
    last = pages[-1].back
    assert isinstance(last, Leaf) and leaf_page(served.index, Leaf(last.place, 99)) == pages[-1]


@pytest.mark.parametrize(
    "place", [Place("f" * 16, 0, 9), Place("", 1, 40), Place("", 0, 41), Place("", 40, 9), Place("", 0, 99_999)]
)
def test_a_page_is_made_of_whole_sentences_of_a_passage_that_is_there(place: Place):
    index = long().index
    known = index.passages_of["manual"][0].id
    with pytest.raises(BadRequest):
        leaf_page(index, Leaf(Place(place.passage_id or known, place.start, place.end), 0))


@hypothesis.settings(deadline=None)
@given(st.text(st.sampled_from("ab_*` \n>"), min_size=1, max_size=60), st.integers(1, 200))
def test_any_long_quotation_has_pages_that_fit(piece: str, times: int):
    served = answerer(
        [document("a", f"# Boiler\n\n## Descale the boiler\n\n1. x {piece * times}\n2. Descale it.", "A")]
    )
    passage = served.index.passages[0]
    end = max(end for _, end in passage.sentences) - passage.start
    page = leaf_page(served.index, Leaf(Place(passage.id, 0, end), 0))
    seen = [page]
    while isinstance(forth := seen[-1].forth, Leaf):
        seen.append(leaf_page(served.index, forth))

    assert all(len(each.entries[0].texts[0]) <= LEAF for each in seen)
    whole = readable(passage.text[:end]).text
    assert "".join("".join(unquoted(each.entries[0].texts[0]) for each in seen).split()) == "".join(whole.split())


async def test_a_long_answer_is_turned_in_its_message_by_anybody_and_after_a_restart(
    server: LoopbackDiscord, tmp_path: Path
):
    other = server.member("other")
    async with running(server, tmp_path, long()):
        answer = await server.answer(await server.user.say(HOW, mention=True))
    assert "Page 1 of" in text_of(answer) and "Previous" not in labels(answer)
    async with running(server, tmp_path, long()):
        count = len(server.messages())
        turned = await press(server, other, answer, "Next")
        second = server.world.message(int(answer["id"]))
        await press(server, server.user, second, "Previous")
        again = server.world.message(int(answer["id"]))
        assert len(server.messages()) == count

    assert not turned.followups and "Page 2 of" in text_of(second) and "Page 1 of" not in text_of(second)
    assert text_of(again) == text_of(answer) and labels(again) == labels(answer)
    assert text_of(second).splitlines()[:2] == text_of(answer).splitlines()[:2]


async def test_a_private_long_answer_is_turned_by_its_asker_alone(server: LoopbackDiscord, tmp_path: Path):
    other = server.member("other")
    async with running(server, tmp_path, long()):
        asked = await server.user.slash("ask", {"question": HOW, "private": True})
        private = await asked.settled()
        turned = await press(server, server.user, private, "Next")
        public = await (await other.slash("ask", {"question": HOW})).settled()
        forged = forge(server, public, "Next", button(private, "Next"))
        refused = await press(server, other, forged, "Next")

    assert turned.ephemeral and "Page 2 of" in turned.text
    assert refused.ephemeral and refused.text == NOT_ASKER


async def test_a_long_answer_of_any_corpus_is_turned(server: LoopbackDiscord, tmp_path: Path):
    boiler = corpus("boiler"), [document("manual", MANUAL, "Boiler manual")]
    async with over_corpora(server, tmp_path, (corpus("news"), DOCUMENTS), boiler):
        answer = await (await server.user.slash("ask", {"question": HOW, "corpus": "boiler"})).settled()
        await press(server, server.user, answer, "Next")

    assert "Page 2 of" in text_of(server.world.message(int(answer["id"])))


async def test_a_message_without_a_quotation_has_no_page_to_turn_to(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, long()):
        answer = await (await server.user.slash("ask", {"question": HOW})).settled()
        rows = [part for part in walk(answer["components"]) if part.get("type") == ROW]
        server.world.messages[int(answer["id"])] = answer | {"components": rows}
        refused = await press(server, server.user, server.world.message(int(answer["id"])), "Next")

    assert refused.ephemeral and refused.text == plain(GONE)


async def test_the_list_of_all_sources_is_turned_in_its_message(server: LoopbackDiscord, tmp_path: Path):
    silent = [document(f"silent{n}", f"Goat {n} lives in Oslo.", f"Goat {n}") for n in range(SOURCES_PER_PAGE)]
    async with running(server, tmp_path, answerer([*DOCUMENTS, *silent])):
        answer = await (await server.user.slash("ask", {"question": QUESTION})).settled()
        opened = await server.user.click(answer, button(answer, "All sources"))
        listed = await opened.settled()
        turned = await press(server, server.user, listed, "Next")

    assert not turned.followups and turned.text != text_of(listed)
    assert f"Goat {SOURCES_PER_PAGE - 1}" in turned.text and f"Goat {SOURCES_PER_PAGE - 1}" not in text_of(listed)


# -- sharing


async def test_a_private_answer_is_made_public_by_its_asker(server: LoopbackDiscord, tmp_path: Path):
    other = server.member("other")
    async with running(server, tmp_path, long()):
        for question in (HOW, QUESTION):
            asked = await server.user.slash("ask", {"question": question, "private": True})
            private = await asked.settled()
            shared = await press(server, server.user, private, "Share")
            told = await shared.followed_up()
            assert not told["flags"] & 64 and asked.ephemeral
            assert text_of(told) == f"{text_of(private)}\n-# Shared by <@{server.user.id}>."
            assert "Share" not in labels(told) and "Share" not in labels(server.world.message(int(private["id"])))
            if question == HOW:
                assert "Page 2 of" in (await press(server, other, told, "Next")).text
        checked = await server.user.slash("check", {"claim": "Some 4,000 troops were sent.", "private": True})
        assert "Share" in labels(await checked.settled())
        for public in ({"question": QUESTION}, {"question": QUESTION, "private": False}):
            assert "Share" not in labels(await (await server.user.slash("ask", public)).settled())
        direct = await server.user.slash("ask", {"question": QUESTION, "private": True}, dm=True)
        assert "Share" not in labels(await direct.settled())


async def test_nobody_else_and_nobody_who_may_not_write_shares(server: LoopbackDiscord, tmp_path: Path):
    muted, other = server.member("muted", permissions=ORDINARY & ~SEND), server.member("other")
    async with running(server, tmp_path):
        private = await (await muted.slash("ask", {"question": QUESTION, "private": True})).settled()
        refused = await press(server, muted, private, "Share")
        public = await (await other.slash("ask", {"question": QUESTION})).settled()
        forged = forge(server, public, "Open", button(private, "Share"))
        stolen = await press(server, other, forged, "Open")

    assert refused.text == "You may not write here, so this stays with you alone."
    assert stolen.ephemeral and stolen.text == NOT_ASKER
    assert not [message for message in server.messages() if "Shared by" in text_of(message)]


async def test_in_a_thread_it_counts_whether_somebody_may_write_in_threads(server: LoopbackDiscord, tmp_path: Path):
    told = []
    async with running(server, tmp_path):
        for name, denied in (("thread", THREADS), ("channel", SEND)):
            who = server.member(f"no {name}", permissions=ORDINARY & ~denied)
            for where in (server.world.thread, server.world.channel):
                asked = await who.slash("ask", {"question": QUESTION, "private": True}, where=where)
                pressed = await press(server, who, await asked.settled(), "Share")
                told.append("may not write" in pressed.text)

    assert told == [True, False, False, True]


async def test_an_answer_of_the_only_passage_is_shared_and_what_opens_none_is_not(
    server: LoopbackDiscord, tmp_path: Path
):
    async with running(server, tmp_path, answerer([document("a", "Some 4,000 troops were sent.")])):
        asked = await server.user.slash("ask", {"question": QUESTION, "private": True})
        private = await asked.settled()
        bare = json.loads(re.sub('"Open:[^"]*"', '"nothing"', json.dumps(private)))
        server.world.messages[int(private["id"])] = bare
        refused = await press(server, server.user, bare, "Share")
        server.world.messages[int(private["id"])] = private
        shared = await press(server, server.user, private, "Share")
        told = await shared.followed_up()

    assert refused.ephemeral and "not everybody here may see" in refused.text
    assert "Shared by" in text_of(told)


async def test_what_a_button_brings_is_for_whoever_presses_it_alone(server: LoopbackDiscord, tmp_path: Path):
    other = server.member("other")
    async with running(server, tmp_path) as bot:
        answer = await (await server.user.slash("ask", {"question": QUESTION})).settled()
        pressed = [await press(server, other, answer, label) for label in ("Open", "All sources")]
        up = next(part["custom_id"] for part in walk(answer["components"]) if "emoji" in part)
        pressed.append(await other.click(answer, up))
        await pressed[-1].settled()
        votes = bot.store.run("select up, reason from votes")
        opened = await other.slash("source", {"name": "Curfew"})
        passage = await opened.settled()
        first = text_of(passage)
        turned = await press(server, other, passage, "Next")
    async with running(server, tmp_path, answerer(DOCUMENTS, 1.0)):
        nothing = await (await server.user.slash("ask", {"question": "Who won?", "private": False})).settled()
        pressed.append(await press(server, other, nothing, "Show nearest"))

    assert all(each.ephemeral for each in pressed) and not turned.followups
    assert pressed[2].text == "Noted, thank you." and votes == [(1, "")]
    assert "Karen Bass" in first and "Tuesday" not in first and "Tuesday" in turned.text


async def test_what_is_for_roles_is_never_shared(server: LoopbackDiscord, tmp_path: Path):
    async with over_corpora(server, tmp_path, *both(server)):
        insider = member(server)
        for name, options in (("ask", {"question": ASKED}), ("compare", {"question": ASKED})):
            private = await (await insider.slash(name, options | {"private": True})).settled()
            assert "Share" not in labels(private)
            opens = next(part for part in walk(private["components"]) if part.get("label") == "All sources")
            text = json.dumps(private).replace(json.dumps(opens["custom_id"]), f'"share:{insider.id}"')
            server.world.messages[int(private["id"])] = json.loads(text)
            refused = await insider.click(private, f"share:{insider.id}")
            await refused.settled()
            assert refused.ephemeral and "not everybody here may see" in refused.text
        opened = await (
            await insider.slash("ask", {"question": QUESTION, "corpus": "manual", "private": True})
        ).settled()
        assert "Share" in labels(opened)


async def test_a_public_answer_is_turned_only_to_what_all_who_read_it_may_see(server: LoopbackDiscord, tmp_path: Path):
    """Its documents may be for a role only since, whose members could else turn it for everybody."""
    manual = [document("manual", MANUAL, "Boiler manual")]
    async with over_corpora(server, tmp_path, (corpus("boiler"), manual)):
        public = await (await server.user.slash("ask", {"question": HOW})).settled()
    async with over_corpora(server, tmp_path, (corpus("boiler", roles=[server.role_id]), manual), both(server)[1]):
        refused = await press(server, member(server), public, "Next")

    assert "Page 1 of" in text_of(public)
    assert refused.ephemeral and refused.text == plain(GONE)
    assert text_of(server.world.message(int(public["id"]))) == text_of(public)


async def test_a_page_that_is_not_for_all_is_not_shared(server: LoopbackDiscord, tmp_path: Path):
    """Where an id is forged, the page of one corpus stands beside the button that opens another's."""
    staff = [document("steps", MANUAL.replace("boiler", "vault"), "Vault manual")]
    rooms = (corpus("staff", roles=[server.role_id]), staff), (corpus("manual"), [document("manual", MANUAL, "Boiler")])
    async with over_corpora(server, tmp_path, *rooms):
        insider = member(server)
        options = {"question": HOW, "private": True}
        secret = await (await insider.slash("ask", options | {"corpus": "staff"})).settled()
        private = await (await insider.slash("ask", options | {"corpus": "manual"})).settled()
        forged = forge(server, private, "Next", button(secret, "Next"))
        turned = await press(server, insider, forged, "Next")
        refused = await press(server, insider, server.world.message(int(private["id"])), "Share")

    assert "vault" in turned.text
    assert refused.ephemeral and "not everybody here may see" in refused.text


@pytest.mark.parametrize(
    "made", [LeafButton("Next", Leaf(Place("f" * 16, 99_999, 99_999), 99, 2**64 - 1)), ShareButton(2**64 - 1)]
)
def test_ids_are_short_enough(made: LeafButton | ShareButton):
    assert len(made.custom_id) <= 100


async def test_a_page_is_turned_in_the_language_of_its_message(server: LoopbackDiscord, tmp_path: Path):
    server.world.guild.update(preferred_locale="de", features=["COMMUNITY"])
    other = server.member("otra", locale="es-419")
    async with running(server, tmp_path, long()):
        public = await (await other.slash("ask", {"question": HOW})).settled()
        private = await (await other.slash("ask", {"question": HOW, "private": True})).settled()
        for message, forth, back, page in (
            (public, "Weiter", "Zurück", "Seite 2 von"),
            (private, "Siguiente", "Anterior", "Página 2 de"),
        ):
            turned = (await press(server, other, message, forth)).message
            assert labels(turned)[-2:] == [back, forth]
            assert text_of(turned).count(page) == 1 and text_of(turned).count(page.replace("2", "1")) == 0
        shared = await press(server, other, private, "Compartir")
        assert text_of(await shared.followed_up()).endswith(f"Compartido por <@{other.user['id']}>.")


# -- by channel


async def test_moderators_choose_by_channel_and_whoever_asks_by_option(server: LoopbackDiscord, tmp_path: Path):
    who = server.member("moderator", permissions=ORDINARY | MANAGE_GUILD)

    async def choose(answers: str) -> str:
        chosen = await who.slash("setup visibility", {"channel": server.channel_id, "answers": answers})
        await chosen.settled()
        assert chosen.ephemeral
        return str(chosen.text)

    async def ephemeral(**options: Any) -> bool:
        asked = await server.user.slash("ask", {"question": QUESTION} | options)
        await asked.settled()
        return bool(asked.ephemeral)

    async with running(server, tmp_path):
        assert not await ephemeral()
        assert "for the asker alone" in await choose("private")
        assert await ephemeral() and not await ephemeral(private=False)
        threaded = await server.user.slash("ask", {"question": QUESTION}, where=server.thread)
        await threaded.settled()
        assert threaded.ephemeral
    async with running(server, tmp_path, private=True):
        assert await ephemeral()
        assert "for all to see" in await choose("public")
        assert not await ephemeral() and await ephemeral(private=True)
        shown = await who.slash("setup show")
        await shown.settled()
        assert re.search(r"Answers to commands in <#\d+> are for all to see", shown.text)
        assert "for the asker alone" in await choose("default")
        assert await ephemeral()
