"""Removal means gone: once an index without a document is picked up, nothing leads to it any more."""

import asyncio
import dataclasses
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder
from loopback import Invocation, LoopbackDiscord, text_of, walk

import bot.cli
import embeddings.cli
import embeddings.encoding.sentence_encoder
from bot.answering.answers import Question
from bot.discord.client import FootnoteBot
from bot.discord.markup import escape
from bot.discord.sources import sources_page
from bot.live import Live
from bot.settings import Settings
from embeddings.building.indexing import build
from embeddings.storing import generations

ID, TITLE, WORD, OTHER = "kl1897", "Zyxomma", "Quillback", "Brindlemoor"
MARKS = {ID, TITLE, WORD, OTHER}
"""What only the removed document has: its id, a word of its title, and two of its text."""
QUESTION = f"How many {WORD} boats sank?"
GONE = "This passage is gone\\: its document was changed or removed since. Ask again."

REMOVED = f"---\ntitle: The {TITLE} ledger\npublished: 1897-08-02\nabout: Boats of {OTHER}\n---\n" + "\n\n".join(
    f"At {OTHER} some {n},000 {WORD} boats sank in the year {1880 + n}, "
    + "as the harbour master wrote into his book on that day" * 3
    + f". Nobody at {OTHER} spoke of it. " * 6
    for n in range(1, 9)
)
OTHERS = {
    f"report{n:02}": f"---\ntitle: Report {n:02} of the coast guard\npublished: 1899-01-{n:02}\n---\n"
    f"In month {n} the coast guard counted {n},500 boats, of which {n} sank. The harbour was calm."
    for n in range(1, 19)
}


def rebuild(root: Path, *, removed: bool) -> str:
    """Build the index with or without the document, and return the name of the generation."""
    corpus = root.with_name("corpus")
    corpus.mkdir(exist_ok=True)
    for key, text in OTHERS.items():
        (corpus / f"{key}.md").write_text(text, encoding="utf-8")
    if removed:
        (corpus / f"{ID}.md").unlink(missing_ok=True)
    else:
        (corpus / f"{ID}.md").write_text(REMOVED, encoding="utf-8")
    build(corpus, root, FakeEncoder())
    return generations.read_manifest(root).generation


@asynccontextmanager
async def serving(root: Path) -> AsyncIterator[tuple[FootnoteBot, LoopbackDiscord]]:
    live = Live(root, FakeEncoder(), 0.0, every=0.02)
    async with LoopbackDiscord(patience=20) as server:
        with server.attach():
            settings = dataclasses.replace(Settings.load({}), index=root)
            bot = FootnoteBot(settings, live.open(), lives=[live], guild_ready_timeout=0.05)
            async with server.running(bot):
                yield bot, server
    assert server.refusals == []


async def picked_up(bot: FootnoteBot, generation: str) -> None:
    async with asyncio.timeout(20):
        while bot.answerer.source.generation != generation:  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.005)


def buttons(message: dict[str, Any]) -> list[str]:
    return [part["custom_id"] for part in walk(message["components"]) if "custom_id" in part]


def traces(shown: str, typed: str = "") -> set[str]:
    """What a text tells of the document, apart from what was typed."""
    return {mark for mark in MARKS if mark.casefold() in shown.casefold() and mark.casefold() not in typed.casefold()}


async def look_around(server: LoopbackDiscord) -> list[tuple[str, dict[str, Any]]]:
    """Everything that can be reached by commands and messages: what was typed, and each message as it came."""
    seen: list[tuple[str, dict[str, Any]]] = []

    async def run(name: str, options: dict[str, Any], *, dm: bool = False) -> dict[str, Any]:
        invocation = await server.user.slash(name, options, dm=dm)
        message = await outcome(server, invocation)
        seen.append((json.dumps(options), message))
        return message

    for question in (QUESTION, f"What about {OTHER}?", f"What is in the {TITLE} ledger?", "Which boats sank in 1885?"):
        await run("ask", {"question": question})
        await run("ask", {"question": question, "private": True}, dm=True)
        await run("search", {"query": question})
        said = await server.user.say(question, mention=True), await server.user.dm(question)
        seen += [(question, await server.answer(message)) for message in said]
    await run("ask", {"question": QUESTION, "before": "1898-01-01"})
    for name in (ID, f"The {TITLE} ledger", TITLE.lower(), ID[:3]):
        await run("ask", {"question": QUESTION, "source": name})
        await run("source", {"name": name})
    listed = await run("sources", {})
    while forth := [custom_id for custom_id in buttons(listed) if custom_id.startswith("sources:Next")]:
        await (await server.user.click(listed, forth[0])).acknowledged()
        listed = server.world.messages[int(listed["id"])]
        seen.append(("", listed))
    return seen


async def outcome(server: LoopbackDiscord, invocation: Invocation) -> dict[str, Any]:
    """The reply, or the error that comes in place of a deferred one."""
    return await server.until(
        lambda: next(iter(invocation.followups), invocation.message if invocation._has_answer else None), "reply"
    )


async def offered(server: LoopbackDiscord) -> list[tuple[str, str]]:
    """What is typed into both fields that complete it, and the choices."""
    found = []
    for typed in ("", ID, TITLE, TITLE.lower(), "ledger", "The", WORD):
        for command, option, others in (("source", "name", {}), ("ask", "source", {"question": "x"})):
            choices = await server.user.autocomplete(command, option, typed, others)
            found.append((typed, json.dumps(choices)))
    return found


@pytest.mark.slow
async def test_no_command_button_or_message_reaches_a_removed_document(tmp_path: Path):
    root = tmp_path / "index"
    rebuild(root, removed=False)
    async with serving(root) as (bot, server):
        passages = [passage.id for passage in bot.answerer.index.passages_of[ID]]
        assert len(passages) >= 3
        before = await look_around(server)
        middle = await outcome(server, await server.user.slash("source", {"name": ID}))
        await (await server.user.click(middle, buttons(middle)[-1])).acknowledged()
        before.append(("", server.world.messages[int(middle["id"])]))
        assert set().union(*(traces(text_of(message), typed) for typed, message in before)) == MARKS
        assert {ID, TITLE} <= set().union(*(traces(shown, typed) for typed, shown in await offered(server)))
        pressed = {
            label: [
                (message, button)
                for _, message in before
                for button in buttons(message)
                if button.startswith(label) and any(passage in button for passage in passages)
            ]
            for label in ("Open", "Previous", "Next")
        }
        assert all(pressed.values())

        await picked_up(bot, rebuild(root, removed=True))
        for typed, message in await look_around(server):
            assert not traces(text_of(message), typed), text_of(message)
            assert not any(passage in button for button in buttons(message) for passage in passages)
        for typed, shown in await offered(server):
            assert not traces(shown, typed), shown
            assert typed not in (ID, TITLE, TITLE.lower()) or shown == "[]"
        once = {button: message for pairs in pressed.values() for message, button in pairs}
        for button, message in once.items():
            told = await (await server.user.click(message, button)).settled()
            assert told["content"] == GONE and told["flags"] & 64

        await picked_up(bot, rebuild(root, removed=False))
        message, button = pressed["Open"][0]
        opened = await server.user.click(message, button)
        assert TITLE in text_of(await opened.settled())


async def test_a_list_of_sources_from_before_turns_to_pages_without_the_document(tmp_path: Path):
    root = tmp_path / "index"
    rebuild(root, removed=False)
    async with serving(root) as (bot, server):
        listed = await outcome(server, await server.user.slash("sources", {}))
        await picked_up(bot, rebuild(root, removed=True))
        shown = []
        for label in ("Next", "Next", "Previous", "Previous"):
            now = server.world.messages[int(listed["id"])]
            (button,) = [button for button in buttons(now) if button.startswith(f"sources:{label}")]
            await (await server.user.click(now, button)).acknowledged()
            shown.append(text_of(server.world.messages[int(listed["id"])]))

        assert "Page 1 of 3" in shown[-1] and "**18 sources**" in shown[-1]
        assert not any(traces(page) for page in shown)


async def test_a_document_that_changed_opens_where_it_stands_as_it_was_and_nowhere_else(tmp_path: Path):
    root = tmp_path / "index"
    rebuild(root, removed=False)
    async with serving(root) as (bot, server):
        answer = await outcome(server, await server.user.slash("ask", {"question": "coast guard month 7?"}))
        button = buttons(answer)[0]
        old = bot.answerer.index.passages[bot.answerer.index.row_of[button.split(":")[2]]]
        path = root.with_name("corpus") / f"{old.document_id}.md"
        text = path.read_text()
        for changed, stands in (
            (text.replace("---\nIn", "---\n# A note\n\nPut before.\n\n# The report\n\nIn"), True),
            (text.replace("counted", "counted about"), False),
        ):
            path.write_text(changed)
            build(root.with_name("corpus"), root, FakeEncoder())
            await picked_up(bot, generations.read_manifest(root).generation)
            opened = await (await server.user.click(answer, button)).settled()
            if stands:
                moved = bot.answerer.index.passages[bot.answerer.index.row_of[old.id]]
                assert moved.text == old.text and moved.start > old.start
                start, end = map(int, button.split(":")[3:])
                assert f"**{escape(old.text[start:end])}**" in text_of(opened)
            else:
                assert opened["content"] == GONE


@pytest.mark.slow
def test_no_command_line_reaches_a_removed_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for module in (embeddings.encoding.sentence_encoder, embeddings.cli):
        monkeypatch.setattr(module, "SentenceEncoder", lambda *_: FakeEncoder())
    monkeypatch.setenv("FOOTNOTE_THRESHOLD", "0")
    root = tmp_path / "index"
    batch = tmp_path / "batch.jsonl"
    batch.write_text(
        "\n".join(json.dumps(row) for row in ({"question": QUESTION}, {"question": QUESTION, "documents": [ID]})) + "\n"
    )
    commands = [
        (bot.cli.main, [*words, "--index", str(root)])
        for words in (
            ["ask", QUESTION],
            ["ask", QUESTION, "--json"],
            ["ask", QUESTION, "--json", "--before", "1898-01-01"],
            ["ask", QUESTION, "--document", ID],
            ["ask", "--batch", str(batch)],
            ["chat"],
        )
    ] + [
        (embeddings.cli.main, [*words, "--index", str(root)])
        for words in (
            ["search", WORD, "-k", "50"],
            ["search", WORD, "-k", "50", "--json"],
            ["search", "boats", "-k", "50", "--json"],
            ["status"],
            ["status", "--json"],
        )
    ]

    def said() -> list[tuple[str, str]]:
        found = []
        for main, words in commands:
            monkeypatch.setattr(sys, "stdin", io.StringIO("sources\nWhich boats sank?\nopen 1\n"))
            main(words)
            out, err = capsys.readouterr()
            typed = f"{words}{batch.read_text() if '--batch' in words else ''}"
            found.append((typed, out + err))
        return found

    rebuild(root, removed=False)
    assert set().union(*(traces(shown, typed) for typed, shown in said())) == MARKS
    rebuild(root, removed=True)
    capsys.readouterr()
    for typed, shown in said():
        assert shown
        assert not traces(shown, typed), shown


@pytest.mark.slow
def test_with_the_last_document_gone_nothing_is_found_by_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    root, corpus = tmp_path / "index", tmp_path / "corpus"
    corpus.mkdir()
    (corpus / f"{ID}.md").write_text(REMOVED, encoding="utf-8")
    for module in (embeddings.encoding.sentence_encoder, embeddings.cli):
        monkeypatch.setattr(module, "SentenceEncoder", lambda *_: FakeEncoder())
    monkeypatch.setenv("FOOTNOTE_THRESHOLD", "0")
    build(corpus, root, FakeEncoder())
    live = Live(root, FakeEncoder(), 0.0)
    assert live.open().ask(Question(QUESTION)).status == "answered"
    (corpus / f"{ID}.md").unlink()

    build(corpus, root, FakeEncoder(), allow_empty=True)

    newer = live.newer()
    assert newer and newer.ask(Question(QUESTION)).status == "not_found"
    batch = tmp_path / "batch.jsonl"
    batch.write_text(json.dumps({"question": QUESTION, "claim": QUESTION}) + "\n", encoding="utf-8")
    for words, said in (
        (["ask", QUESTION], "The documents do not answer this."),
        (["ask", QUESTION, "--json"], '"status": "not_found"'),
        (["ask", "--batch", str(batch)], '"status": "not_found"'),
        (["check", QUESTION], "No source was searched"),
        (["check", "--batch", str(batch)], '"status": "not_found"'),
        (["chat"], "No source was searched"),
    ):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"sources\n{QUESTION}\nmix\nopen 1\n"))
        assert bot.cli.main([*words, "--index", str(root)]) == 0
        shown = capsys.readouterr().out
        assert said in shown
        assert not traces(shown, QUESTION)
    assert sources_page(newer.index, 0).foot == "-# /source opens one by its name."


async def test_an_index_without_documents_is_served_in_discord(tmp_path: Path):
    root, corpus = tmp_path / "index", tmp_path / "corpus"
    corpus.mkdir()
    build(corpus, root, FakeEncoder(), allow_empty=True)

    async with serving(root) as (_, server):
        for name, options in (
            ("ask", {"question": QUESTION}),
            ("check", {"claim": "Some boats sank."}),
            ("search", {"query": QUESTION}),
            ("sources", {}),
            ("source", {"name": ID}),
        ):
            invocation = await server.user.slash(name, options)
            shown = text_of(await outcome(server, invocation))
            assert shown and "went wrong" not in shown
