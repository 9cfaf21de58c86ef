"""Looking sources up: `/sources` lists them, `/source` opens one, `/search` finds passages, `/timeline` dated ones."""

import hashlib
import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from discord import app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.answering.answerer import RANKED, Answerer
from bot.answering.answers import Citation
from bot.answering.timeline import Event, timeline
from bot.contract import read_filters
from bot.corpora import choose
from bot.discord.delivery import edit
from bot.discord.language import _, day
from bot.discord.lookup import search_page, timeline_page
from bot.discord.page import Place
from bot.discord.sources import page_at, sources_page
from bot.discord.views import layout, passage_view
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.reading.documents import Document, Entry
from embeddings.searching.index import Index, Ranking
from embeddings.searching.retrieval import MAX_QUERY, Filters

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction

MOST_CHOICES = 25
LONGEST_CHOICE = 100
FOUND = 5
"""Passages that /search shows."""

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that show nothing, or turn the direction of those around them."""


NARROWING = {
    "source": Message("Look in this one document only."),
    "after": Message("Look only in documents published on this day or later, like 2025-06-16."),
    "before": Message("Look only in documents published on this day or earlier, like 2025-06-16."),
}
"""What narrows the documents that a question or a claim is put to."""
WHICH = Message("Which documents; without it, the first that you may see.")
Name = Range[str, 1, 32]
"""Of a corpus."""


async def complete_corpus(interaction: "Interaction", typed: str) -> list[Choice[str]]:
    """Offer the corpora that whoever types may see."""
    names = [answerer.source.corpus for answerer in interaction.client.seen_by(interaction)]
    return [Choice(name=name, value=name) for name in names if typed.casefold() in name][:MOST_CHOICES]


async def complete_source(interaction: "Interaction", typed: str) -> list[Choice[str]]:
    """Offer the documents whose title or id contains what was typed, of the corpus that was chosen."""
    try:
        answerer = choose(interaction.client.seen_by(interaction), getattr(interaction.namespace, "corpus", None))
    except BadRequest:
        return []
    return choices(answerer.index, typed)


class Sources(commands.Cog):
    """What the index holds, for whoever asks: these replies are always private."""

    def __init__(self, bot: "FootnoteBot") -> None:
        self.bot = bot

    @app_commands.command()
    @app_commands.describe(at="A page's number, or how the title begins that you look for.", corpus=WHICH)
    @app_commands.autocomplete(corpus=complete_corpus)
    async def sources(
        self, interaction: "Interaction", at: Range[str, 1, 100] | None = None, corpus: Name | None = None
    ) -> None:
        """List the documents that questions are answered from."""
        answerer = choose(self.bot.seen_by(interaction), corpus)
        number = page_at(answerer.index, at) if at else 0
        view = layout(sources_page(answerer.index, number, answerer.source.corpus))
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(name="The title or id of the document; choose from the list while typing.", corpus=WHICH)
    @app_commands.autocomplete(name=complete_source, corpus=complete_corpus)
    async def source(self, interaction: "Interaction", name: Range[str, 1, 1000], corpus: Name | None = None) -> None:
        """Open a document at its first passage."""
        index = choose(self.bot.seen_by(interaction), corpus).index
        document = find_source(index, name)
        passages = index.passages_of[document.id]
        if not passages:
            raise BadRequest(Message("{title} holds no text that could be shown.", title=document.name))
        view = passage_view(index, Place(passages[0].id))
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(query="Words or a sentence that the passages should be about.", corpus=WHICH)
    @app_commands.autocomplete(corpus=complete_corpus)
    async def search(
        self, interaction: "Interaction", query: Range[str, 1, MAX_QUERY], corpus: Name | None = None
    ) -> None:
        """Find the passages nearest to a few words, without an answer."""
        answerer = choose(self.bot.seen_by(interaction), corpus)
        retriever = answerer.retriever
        search = partial(retriever.search, query, FOUND)
        ranking = await self.bot.respond(interaction, answerer, search, private=True, quick=True)
        view = layout(search_page(query, list(_citations(ranking, retriever.index))))
        await edit(interaction, view=view)

    @app_commands.command()
    @app_commands.describe(subject="Words or a sentence that says what it is about.", corpus=WHICH)
    @app_commands.autocomplete(corpus=complete_corpus)
    async def timeline(
        self, interaction: "Interaction", subject: Range[str, 1, MAX_QUERY], corpus: Name | None = None
    ) -> None:
        """List dated sentences about a subject, in the order of their days."""
        answerer = choose(self.bot.seen_by(interaction), corpus)

        def dated() -> tuple[Event, ...]:
            return timeline(answerer.retriever.search(subject, RANKED), answerer.index)

        events = await self.bot.respond(interaction, answerer, dated, private=True, quick=True)
        await edit(interaction, view=layout(timeline_page(subject, events, answerer.source)))


def choices(index: Index, typed: str) -> list[Choice[str]]:
    """At most 25 documents that match what was typed, titles that begin with it first."""
    typed = " ".join(typed.split()).casefold()
    found = [entry for entry in index.entries if typed in f"{entry.title}\n{entry.id}".casefold()]
    names = {entry.id: entry.name.casefold() for entry in found}
    found.sort(key=lambda entry: (not names[entry.id].startswith(typed), names[entry.id]))
    return [Choice(name=_label(entry), value=_key(entry)) for entry in found[:MOST_CHOICES]]


def accept(
    interaction: "Interaction",
    corpus: str | None,
    source: str | None,
    after: str | None,
    before: str | None,
    as_of: str | None,
) -> tuple[Answerer, Filters]:
    """Read which documents a question or a claim is put to. Raises BadRequest for what cannot be read or seen."""
    answerer = choose(interaction.client.seen_by(interaction), corpus)
    documents = (find_source(answerer.index, source).id,) if source else ()
    return answerer, read_filters(documents, after, before, as_of)


def find_source(index: Index, name: str) -> Document:
    """The document somebody chose, or named by its id, its title or an unmistakable part of either."""
    name = name.strip()
    if name in index.document_of:
        return index.document_of[name]
    folded = name.casefold()
    for matches in (
        [entry for entry in index.entries if _key(entry) == name],
        [entry for entry in index.entries if entry.title.casefold() == folded],
        [entry for entry in index.entries if folded in f"{entry.title}\n{entry.id}".casefold()],
    ):
        if len(matches) == 1:
            return index.document_of[matches[0].id]
        if matches:
            raise BadRequest(
                Message.counted(
                    "{n} source matches “{name}”. Choose one from the list while typing.",
                    "{n} sources match “{name}”. Choose one from the list while typing.",
                    len(matches),
                    name=name,
                )
            )
    raise BadRequest(Message("There is no source called “{name}”. /sources lists them all.", name=name))


def _label(entry: Entry) -> str:
    """Title and date, within the limit of a choice's name."""
    dated = f" ({day(entry.published)})" if entry.published else ""
    name = _shown(entry.title) or _shown(entry.id) or _("(no title)")
    room = LONGEST_CHOICE - len(dated)
    return (name if len(name) <= room else name[: room - 1] + "…") + dated


def _key(entry: Entry) -> str:
    """The id, or a hash in its place where it is too long for a choice's value, or no line that shows as it is."""
    if len(entry.id) <= LONGEST_CHOICE and _shown(entry.id) == entry.id:
        return entry.id
    return "sha256:" + hashlib.sha256(entry.id.encode()).hexdigest()


def _shown(text: str) -> str:
    return _UNSEEN.sub("", " ".join(text.split()))


def _citations(ranking: Ranking, index: Index) -> Iterator[Citation]:
    """Of each passage the sentence nearest to the query."""
    for number, hit in enumerate(ranking.hits, 1):
        yield Citation.of(index, number, hit.passage, hit.passage.sentences[hit.sentences.index(max(hit.sentences))])
