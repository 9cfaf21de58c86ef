"""Checking: `/check` holds a claim against the documents."""

from functools import partial
from typing import TYPE_CHECKING

from discord import app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.answering.answers import Question
from bot.checking.claims import Checker
from bot.discord.cogs.sources import NARROWING, accept, choices
from bot.discord.render import verdict_page
from bot.discord.views import layout
from embeddings.retrieval import MAX_QUERY

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction


class Check(commands.Cog):
    """Claims, and what the documents say for them and against them."""

    def __init__(self, bot: "FootnoteBot") -> None:
        self.bot = bot

    @app_commands.command()
    @app_commands.describe(
        claim="What somebody claims, as a plain sentence.",
        **NARROWING,
        as_of="Check it as of this day, by what was published by then, like 2025-06-16.",
        private="Show the result to you alone.",
    )
    async def check(
        self,
        interaction: "Interaction",
        claim: Range[str, 1, MAX_QUERY],
        source: Range[str, 1, 1000] | None = None,
        after: Range[str, 1, 40] | None = None,
        before: Range[str, 1, 40] | None = None,
        as_of: Range[str, 1, 40] | None = None,
        private: bool | None = None,
    ) -> None:
        """Say whether the documents support a claim, with exact quotations."""
        answerer, filters = accept(interaction, source, after, before, as_of)
        check = partial(Checker(answerer).check, Question(claim, filters))
        verdict = await self.bot.respond(interaction, check, private, quick=True)
        await interaction.edit_original_response(view=layout(verdict_page(verdict)))

    @check.autocomplete("source")
    async def complete_source(self, _: "Interaction", typed: str) -> list[Choice[str]]:
        """Offer the documents whose title or id contains what was typed."""
        return choices(self.bot.answerer.index, typed)
