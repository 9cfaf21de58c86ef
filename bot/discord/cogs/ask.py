"""Asking: `/ask`, a mention of the bot, a direct message."""

import re
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.answering.answers import Question
from bot.discord.cogs.sources import NARROWING, accept, choices
from bot.discord.render import answer_page, plain
from bot.discord.views import layout
from embeddings.retrieval import MAX_QUERY

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction

HELLO = (
    "Ask me a question and I answer it with exact quotations from the documents here, or say that they hold "
    "no answer. /sources lists the documents."
)
_NO_HISTORY = 160002
"""Discord's code for a reply in a channel whose history the bot may not read."""


class Ask(commands.Cog):
    """Questions, however they arrive, and their answers."""

    def __init__(self, bot: "FootnoteBot") -> None:
        self.bot = bot

    @app_commands.command()
    @app_commands.describe(
        question="What you want to know, as a question.",
        **NARROWING,
        as_of="Answer as of this day, from what was published by then, like 2025-06-16.",
        private="Show the answer to you alone.",
    )
    async def ask(
        self,
        interaction: "Interaction",
        question: Range[str, 1, MAX_QUERY],
        source: Range[str, 1, 1000] | None = None,
        after: Range[str, 1, 40] | None = None,
        before: Range[str, 1, 40] | None = None,
        as_of: Range[str, 1, 40] | None = None,
        private: bool | None = None,
    ) -> None:
        """Answer a question with exact quotations from the documents."""
        answerer, filters = accept(interaction, source, after, before, as_of)
        found = await self.bot.respond(interaction, partial(answerer.ask, Question(question, filters)), private)
        await interaction.edit_original_response(view=layout(answer_page(found)))

    @ask.autocomplete("source")
    async def complete_source(self, _: "Interaction", typed: str) -> list[Choice[str]]:
        """Offer the documents whose title or id contains what was typed."""
        return choices(self.bot.answerer.index, typed)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a direct message, and a message that mentions the bot by name."""
        question = self._question(message)
        if question is None:
            return
        self.bot.finish_before_leaving()
        try:
            async with message.channel.typing():
                await self._reply(message, question)
        except discord.HTTPException as error:
            if not isinstance(error, discord.Forbidden) and error.code != _NO_HISTORY:
                raise
            await self._ask_for_permission(message)

    def _question(self, message: discord.Message) -> str | None:
        """What a message asks of the bot, "" when only its name; None when it is not for the bot.

        A reply to the bot's message mentions it too, but not in the text: it is left alone.
        """
        me = self.bot.user
        if me is None or message.author.bot or message.webhook_id or message.is_system():
            return None
        text, mentions = re.subn(rf"<@!?{me.id}>", " ", message.content)
        return text.strip() if mentions or not message.guild else None

    async def _reply(self, message: discord.Message, question: str) -> None:
        reference = message.to_reference(fail_if_not_exists=False)
        surface = "mention" if message.guild else "direct"
        try:
            self.bot.admit(message.guild.id if message.guild else None)
            if not question:
                await message.channel.send(HELLO, reference=reference)
                return
            page = answer_page(await self.bot.answer(Question(question), who=message.author.id, surface=surface))
        except Exception as error:
            if isinstance(error, discord.HTTPException):
                raise
            await message.channel.send(plain(self.bot.explain(error, surface)), reference=reference)
            return
        await message.channel.send(view=layout(page), reference=reference)

    async def _ask_for_permission(self, message: discord.Message) -> None:
        """Tell the asker directly why there is no reply, or the log where they take no direct messages."""
        try:
            await message.author.send(
                f"You asked me in <#{message.channel.id}>, but I cannot reply there. I need these permissions: "
                "View Channel, Send Messages (also in threads) and Read Message History."
            )
        except discord.HTTPException:
            self.bot.log.warning("Not permitted to reply in %s, nor to tell who asked", message.channel.id)
