"""The commands that Discord has of the bot, and where it is invited."""

import hashlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import discord
from discord import app_commands

from bot.discord.descriptions import Translator
from embeddings.errors import BadSetting
from embeddings.files import read_text

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot

PERMISSIONS = discord.Permissions(
    view_channel=True, send_messages=True, send_messages_in_threads=True, read_message_history=True
)
"""What the bot needs in a server."""


class _Synced(TypedDict):
    """Which commands Discord has, as `commands.json` in the index folder records it."""

    application: int | None
    guild: int | None
    sha256: str


async def register(bot: "FootnoteBot") -> None:
    """Give Discord the commands if they, or where they belong, changed since the last time.

    Commands of a server and of everywhere would show twice, so the old ones are cleared first. The
    record is spoilt before that: whatever is interrupted is done again.
    """
    place = discord.Object(bot.settings.guild) if bot.settings.guild else None
    if not bot.settings.corpora:
        _leave_out(bot.tree, "corpus")
    if place:
        bot.tree.copy_global_to(guild=place)
        bot.tree.clear_commands(guild=None)
    translator = Translator()
    await bot.tree.set_translator(translator)
    payload = json.dumps(
        [await command.get_translated_payload(bot.tree, translator) for command in bot.tree.get_commands(guild=place)]
    )
    digest = hashlib.sha256(payload.encode()).hexdigest()
    wanted = _Synced(application=bot.application_id, guild=bot.settings.guild, sha256=digest)
    record = bot.settings.index / "commands.json"
    synced = _read(record)
    if synced == wanted:
        return
    ours = synced and synced["application"] == bot.application_id
    before = synced["guild"] if synced and ours else None
    if before != bot.settings.guild:
        _write(record, _Synced(application=bot.application_id, guild=before, sha256=""))
        try:
            await bot.tree.sync(guild=discord.Object(before) if before else None)
        except discord.Forbidden:
            bot.log.warning("The commands of server %s stay: the bot is no longer in it", before)
    try:
        await bot.tree.sync(guild=place)
    except discord.Forbidden as error:
        raise BadSetting(
            f"The bot may not offer commands in the server FOOTNOTE_GUILD={bot.settings.guild}. Invite it "
            f"there with {bot.invitation}, or leave the setting empty."
        ) from error
    _write(record, wanted)
    bot.log.info("Commands synced %s", f"to server {place.id}" if place else "everywhere")


def invitation(application: int, guild: int | None) -> str:
    """The address where a bot is invited to a server, or to this one."""
    return discord.utils.oauth_url(
        application,
        permissions=PERMISSIONS,
        guild=discord.Object(guild) if guild else discord.utils.MISSING,
        scopes=("bot", "applications.commands"),
    )


def _leave_out(tree: app_commands.CommandTree["FootnoteBot"], option: str) -> None:
    """Take an option, which its callback can do without, from all commands of this bot."""
    for command in tree.get_commands():
        if isinstance(command, app_commands.Command):
            command._params.pop(option, None)  # of this bot alone: its cogs have copies of their class's commands


def _read(record: Path) -> _Synced | None:
    try:
        fields = json.loads(read_text(record))
        return _Synced(application=fields["application"], guild=fields["guild"], sha256=fields["sha256"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(record: Path, synced: _Synced) -> None:
    """Replace the record; where that is not possible, the commands are synced at every start."""
    aside = record.with_suffix(".tmp")
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(synced) + "\n", encoding="utf-8")
        aside.replace(record)
    except OSError as error:
        logging.getLogger("footnote").warning("%s cannot be written (%s)", record, error)
