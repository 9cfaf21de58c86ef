"""For moderators: `/footnote status` says how the bot is doing, `/footnote about` what it is."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot import version
from bot.answering.answerer import Answerer
from bot.discord.language import _, day, digits
from bot.discord.markup import line
from bot.discord.page import LOOKUP, Page
from bot.discord.views import layout

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_guild=True)
class Operation(commands.GroupCog, group_name="footnote", group_description="How the bot is doing, and what it is."):
    """What those who look after a server want to know; these replies are always private."""

    def __init__(self, bot: "FootnoteBot") -> None:
        self.bot = bot

    @app_commands.command()
    async def status(self, interaction: "Interaction") -> None:
        """Show the index, the answers so far, how long they took, and who waits."""
        await interaction.response.send_message(
            view=layout(status_page(self.bot, self.bot.seen_by(interaction))), ephemeral=True
        )

    @app_commands.command()
    async def about(self, interaction: "Interaction") -> None:
        """Say what this bot is, and what it can read."""
        await interaction.response.send_message(view=layout(about_page(self.bot)), ephemeral=True)


def status_page(bot: "FootnoteBot", seen: Sequence[Answerer]) -> Page:
    """How the bot is doing, and the corpora that may be seen."""
    journal, pace = bot.journal, bot.journal.pace
    lines = [text for answerer in seen for text in _index(answerer)]
    lines += [
        _("Answers since {day}, {time} UTC: {number}").format(
            day=day(journal.since.date()), time=f"{journal.since:%H:%M}", number=digits(journal.answers)
        )
    ]
    if pace:
        lines.append(
            _("Half of the last ones took at most {median} ms, 95 in 100 at most {p95} ms").format(
                median=digits(pace.median), p95=digits(pace.p95)
            )
        )
    lines.append(_("Waiting now: {number}").format(number=digits(bot.worker.waiting)))
    if memory := _memory():
        lines.append(_("Memory: {number} MB").format(number=digits(memory / 2**20)))
    head = "\n".join([f"**{_('How Footnote is doing')}**", *lines])
    return Page(LOOKUP, head, (), "-# " + _("Version {version}").format(version=version()))


def _index(answerer: Answerer) -> list[str]:
    source, index = answerer.source, answerer.index
    built = (
        _("Index of {corpus} **{generation}**, built {day} at {time} UTC")
        if source.corpus
        else _("Index **{generation}**, built {day} at {time} UTC")
    )
    return [
        built.format(
            corpus=line(source.corpus, 40),
            generation=source.generation,
            day=day(source.built_at.date()),
            time=f"{source.built_at:%H:%M}",
        ),
        _("Documents: {documents} · passages: {passages}").format(
            documents=digits(len(index.documents)), passages=digits(len(index.passages))
        ),
    ]


def about_page(bot: "FootnoteBot") -> Page:
    """What the bot is, and what it can read."""
    reads = (
        _("It may read every message in the channels that it can see.")
        if bot.intents.message_content
        else _("It has no message-content intent: it reads commands, mentions and direct messages, and nothing else.")
    )
    about = _(
        "This bot answers questions about a folder of documents with exact quotations, and says so when they do not "
        "answer."
    )
    model = (
        _("A language model adds sentences below the quotations, and only what these hold is shown.")
        if bot.writer.writes
        else _("No language model writes its answers.")
    )
    licence = _("Version {version}, under the MIT licence. Whoever runs the bot has its source and README.md.")
    return Page(LOOKUP, f"**Footnote**\n{about} {model}\n{reads}", (), "-# " + licence.format(version=version()))


def _memory() -> int | None:
    """The resident memory of this process in bytes; None where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
