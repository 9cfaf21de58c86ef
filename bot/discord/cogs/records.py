"""What is kept of answers: `/receipt` shows one again, `/insights` what was asked, `/forget-me` lets go of somebody."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui
from discord.app_commands import Range
from discord.ext import commands

from bot.corpora import choose
from bot.discord.chart import chart
from bot.discord.cogs.sources import WHICH, Name, complete_corpus
from bot.discord.delivery import defer, edit
from bot.discord.language import _, digits
from bot.discord.ledger import Ledger
from bot.discord.reports import insights_page, receipt_page, receipt_text
from bot.discord.views import layout
from embeddings.errors import BadRequest
from embeddings.messages import Message

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction


FORGET_ME = "forget-me"
_PICTURED = Message("Bars by day or week: answered, answered though the sources differ, not in the documents.")
_PICTURE = "insights.png"


class Records(commands.Cog):
    """The ledger, for whoever has a receipt, for moderators, and for those who want to be forgotten."""

    def __init__(self, bot: "FootnoteBot", ledger: Ledger) -> None:
        self.bot, self.ledger = bot, ledger

    @app_commands.command()
    @app_commands.describe(
        receipt="The eight letters and digits at the foot of an answer.",
        file="Send it as a Markdown file, with checksums.",
    )
    async def receipt(self, interaction: "Interaction", receipt: Range[str, 1, 20], file: bool = False) -> None:
        """Show an answer that was given here again, and what has changed since."""
        seen = {answerer.source.corpus: answerer.index for answerer in self.bot.seen_by(interaction)}
        found = await asyncio.to_thread(self.ledger.receipt, interaction.guild_id, receipt, seen)
        if found is None:
            raise BadRequest(Message("No answer that was given here is kept as “{id}”.", id=receipt))
        index = seen[found.corpus]
        if file:
            written = io.BytesIO(receipt_text(index, found).encode())
            await interaction.response.send_message(
                file=discord.File(written, f"receipt-{found.id}.md"), ephemeral=True
            )
        else:
            await interaction.response.send_message(view=layout(receipt_page(index, found)), ephemeral=True)

    @app_commands.command()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.describe(days="How many days to look back; 30 when nothing is said.", corpus=WHICH)
    @app_commands.autocomplete(corpus=complete_corpus)
    async def insights(
        self, interaction: "Interaction", days: Range[int, 1, 365] = 30, corpus: Name | None = None
    ) -> None:
        """Show moderators what was asked here, what had no answer, and what people did not like."""
        answerer = choose(self.bot.seen_by(interaction), corpus)
        await defer(interaction, private=True)
        now = datetime.now(UTC)
        since = now - timedelta(days)
        found = await asyncio.to_thread(self.ledger.insights, interaction.guild_id, since, answerer.source.corpus)
        page = insights_page(answerer.index, found, days, self.bot.settings.keep_questions)
        pictures, below = dict[str, bytes](), list[ui.Item[ui.LayoutView]]()
        if found.daily:
            pictures[_PICTURE] = await asyncio.to_thread(chart, found.daily, since.date(), now.date())
            shown = discord.MediaGalleryItem(f"attachment://{_PICTURE}", description=_(_PICTURED))
            below.append(ui.MediaGallery(shown))
        await edit(interaction, pictures, view=layout(page, *below))

    @app_commands.command(name=FORGET_ME)
    async def forget_me(self, interaction: "Interaction") -> None:
        """Have the bot forget your votes and that you asked what you asked."""
        count = await asyncio.to_thread(self.ledger.forget, interaction.user.id)
        forgotten = _("Forgotten: {number} of your answers and votes.").format(number=digits(count))
        told = forgotten if count else _("Nothing of you is kept.")
        await interaction.response.send_message(told, ephemeral=True)
