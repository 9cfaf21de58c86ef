"""Targets: whole answers and what is shown of them, which fits into a message and breaks out of none."""

import asyncio
import io
import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import discord
from fakes import FakeReader, answerer
from loopback.limits import check_message, check_modal, walk
from rich.console import Console

from bot.answering.answers import Citation, Question
from bot.answering.timeline import timeline
from bot.checking.claims import Checker, Verdict
from bot.contract import json_text, reply_json
from bot.conversation import reply
from bot.discord import views
from bot.discord.answer import reply_page
from bot.discord.lookup import nearest_page, passage_page, search_page, timeline_page
from bot.discord.markup import escape, line
from bot.discord.page import Mix, Page, Place, fingerprint
from bot.discord.responses import ResponseButton
from bot.discord.sources import mix_page, sources_page
from bot.discord.verdict import verdict_page, verdicts_page
from bot.terminal import show, show_verdict
from embeddings.errors import BadRequest
from embeddings.reading.documents import Document
from embeddings.reading.formats import is_text
from embeddings.splitting.passages import Span
from fuzz.target import Target, documents, fields_of, pairs, questions, seed, sentences, text_of

_ANSWERER = answerer(
    [Document(str(n), "", text, date(2025, 6, 16)) for n, text in enumerate(documents())], reader=FakeReader()
)
_CONSOLE = Console(file=io.StringIO(), highlight=False)
_BUTTONS = (*views.BUTTONS, ResponseButton)
_ACTIVE = re.compile(r"(?<!\\)(?:@everyone|@here|<@|<#|<:|<a:|<t:|\]\(|https?://|discord\.gg)")
"""What would ping, mention or lead elsewhere, unless it is escaped or we wrote it."""


def _shown(page: Page) -> None:
    message = {"components": views.layout(page).to_components(), "flags": 1 << 15}
    check_message(message)
    ids = [part["custom_id"] for part in walk(message["components"]) if "custom_id" in part]
    for each in ids:
        assert any(button.__discord_ui_compiled_template__.fullmatch(each) for button in _BUTTONS), each


def _answer(data: bytes) -> None:
    """A question to real documents: an answer, exact, in every form that it is shown in."""
    given = reply(_ANSWERER, Question(text_of(data)))
    _shown(reply_page(given, "abcdefgh"))
    json_text(reply_json(given))


def _check(data: bytes) -> None:
    """A claim."""
    verdict = Checker(_ANSWERER).check(Question(text_of(data)))
    _shown(verdict_page(verdict))
    _shown(verdicts_page([verdict] * 3, 2))
    show_verdict(_CONSOLE, verdict)


def _document(data: bytes) -> None:
    """A question to a document that is as hostile as itself."""
    question, title, first, second = fields_of(data, 4)
    texts = [text for text in (first, second) if text.strip() and is_text(text)]
    if not texts:
        return
    found = answerer([Document(str(n), title[:500], text, date(2025, 6, 16)) for n, text in enumerate(texts)])
    index = found.index
    for passage in index.passages[:3]:
        sentence = passage.sentences[0]
        marked = Span(sentence.start - passage.start, sentence.end - passage.start)
        _shown(passage_page(index, passage, marked))
        place = Place(passage.id, marked.start, marked.end)
        _shown(nearest_page(index, [place]))
        _shown(search_page(question, [Citation.of(index, 1, passage, sentence)]))
    _shown(sources_page(index, 0))
    _shown(timeline_page(question, timeline(found.retriever.search(title or "who", 5), index), found.source))
    given = reply(found, Question(question))
    _shown(reply_page(given))
    if not isinstance(given, Verdict):
        show(_CONSOLE, given)


def _escaped(data: bytes) -> None:
    """Text that is shown means nothing, and taking the backslashes out gives it again."""
    text = text_of(data)
    shown = escape(text)
    assert not _ACTIVE.search(shown), shown
    for size in (20, 300):
        cut = line(text, size)
        assert len(cut) <= size
        assert "\n" not in cut
        assert not _ACTIVE.search(cut), cut


async def _button(custom_id: str) -> None:
    """A button with this id, which may be forged, as far as it goes without Discord."""
    nobody: Any = None
    for kind in _BUTTONS:
        match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)
        if match is None:
            continue
        item = await kind.from_custom_id(nobody, nobody, match)
        again = kind.__discord_ui_compiled_template__.fullmatch(item.custom_id)
        assert again, item.custom_id
        if isinstance(item, views.PassageButton):
            views.passage_view(views._holding([_ANSWERER], item.place), item.place).to_components()
        elif isinstance(item, views.SourcesButton):
            _shown(sources_page(views._of_corpus([_ANSWERER], item.corpus).index, item.page))
        elif isinstance(item, views.MixButton):
            _shown(mix_page(views._of_corpus([_ANSWERER], item.mix.corpus).index, item.mix))
        elif isinstance(item, views.NearestButton):
            _shown(nearest_page(_ANSWERER.index, item.places))


def _pressed(data: bytes) -> None:
    asyncio.run(_button(data.decode("utf-8", errors="replace")))


def _modal(data: bytes) -> None:
    """A modal that is sent: its id, and what was written."""
    custom_id, answer, reason = fields_of(data, 3)
    said: list[object] = []

    class Client:
        ledger = None

        def finish_before_leaving(self) -> None: ...

        def speak_to(self, _: object) -> None: ...

        def seen_by(self, _: object) -> list[object]:
            return [_ANSWERER]

        async def tell(self, _: object, error: Exception) -> None:
            said.append(error)

    sent = {"custom_id": custom_id, "components": [{"component": {"custom_id": answer, "value": reason}}]}
    interaction: Any = SimpleNamespace(data=sent, type=discord.InteractionType.modal_submit, client=Client(), user=None)
    asyncio.run(views.vote_with_reason(interaction))
    assert all(isinstance(error, BadRequest) for error in said), said
    if re.fullmatch("[a-z2-9]{8}", answer):
        check_modal(views._why(answer).to_dict())


def _ids() -> Iterator[bytes]:
    passage = _ANSWERER.index.passages[0]
    first = passage.sentences[0]
    place = Place(passage.id, first.start - passage.start, first.end - passage.start)
    mark = fingerprint(_ANSWERER.index.documents[0].id)
    made = (
        views.PassageButton("Open", place, 3),
        views.PassageButton("Open 2", place),
        views.SourcesButton("Next", 1, "abcd"),
        views.SourcesButton("Next", 999_999),
        views.MixButton("All sources", Mix((mark,), mark, date(2025, 6, 16), date.max, 3)),
        views.MixButton("Next", Mix((), "", None, None, 0, "abcd")),
        views.NearestButton([place] * 3),
        views.VoteButton(True, "abcdefgh"),
        ResponseButton("Solved", 2**64, 1),
    )
    yield from (button.custom_id.encode() for button in made)


def _pages() -> Iterator[bytes]:
    yield from pairs(questions(), 4)
    yield seed(
        "Who?",
        "@everyone",
        "# <@1> [x](https://a.example) `a` ||b||\n- 700 of them.",
        "```\n@here\n```\n\n| a |\n|--|\n| b |",
    )


TARGETS = {
    "answer": Target(_answer, sentences, (BadRequest,), 600, share=2),
    "check": Target(_check, sentences, (BadRequest,), 600, share=2),
    "hostile document": Target(_document, _pages, (BadRequest,), 2048),
    "escape": Target(
        _escaped, lambda: [*sentences(), seed("\\@everyone <@1> \\\\https://x 1. a"), seed("1) a\n-# b")], share=4
    ),
    "button": Target(_pressed, _ids, (BadRequest,), 150, share=2),
    "modal": Target(_modal, lambda: [seed("why:abcdefgh", "abcdefgh", "It is wrong.")], (), 600, share=0.5),
}
