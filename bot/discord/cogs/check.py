"""Checking: `/check` holds a claim against the documents, and so does a command in the menu of any message."""

from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.answering.answers import Question
from bot.checking.claims import Checker, claims_in
from bot.corpora import choose
from bot.discord.cogs.sources import NARROWING, WHICH, Name, accept, complete_corpus, complete_source
from bot.discord.delivery import edit
from bot.discord.verdict import verdict_page, verdicts_page
from bot.discord.views import layout
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.retrieval import MAX_QUERY

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction


MENU = Message("Check against the documents")
MOST_CLAIMS = 5
"""Sentences of a message that are checked."""


class Check(commands.Cog):
    """Claims, and what the documents say for them and against them."""

    def __init__(self, bot: "FootnoteBot") -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(name=MENU, callback=self.check_message)

    async def cog_load(self) -> None:
        """Called by discord.py, which finds the slash command by itself."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Called by discord.py."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command()
    @app_commands.describe(
        claim="What somebody claims, as a plain sentence.",
        **NARROWING,
        as_of="Check it as of this day, by what was published by then, like 2025-06-16.",
        private="Show the result to you alone.",
        corpus=WHICH,
    )
    @app_commands.autocomplete(source=complete_source, corpus=complete_corpus)
    async def check(
        self,
        interaction: "Interaction",
        claim: Range[str, 1, MAX_QUERY],
        source: Range[str, 1, 1000] | None = None,
        after: Range[str, 1, 40] | None = None,
        before: Range[str, 1, 40] | None = None,
        as_of: Range[str, 1, 40] | None = None,
        private: bool | None = None,
        corpus: Name | None = None,
    ) -> None:
        """Say whether the documents support a claim, with exact quotations."""
        answerer, filters = accept(interaction, corpus, source, after, before, as_of)
        check = partial(Checker(answerer).check, Question(claim, filters))
        verdict = await self.bot.respond(interaction, answerer, check, private, quick=True)
        page = self.bot.for_asker(interaction, answerer, verdict_page(verdict), private)
        await edit(interaction, view=layout(page))

    async def check_message(self, interaction: "Interaction", message: discord.Message) -> None:
        """Say of each sentence of a message, in private, whether the documents support it."""
        found = list(claims_in(message.content))
        if not found:
            raise BadRequest(Message("No sentence of this message says anything that could be checked."))
        answerer = choose(self.bot.seen_by(interaction))
        claims, checker = found[:MOST_CLAIMS], Checker(answerer)
        verdicts = await self.bot.respond(
            interaction, answerer, lambda: [checker.check(Question(claim)) for claim in claims], private=True
        )
        page = verdicts_page(verdicts, len(found) - len(claims))
        page = self.bot.for_asker(interaction, answerer, page, private=True)
        await edit(interaction, view=layout(page))
