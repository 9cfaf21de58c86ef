"""What Discord says of the bot: its token, intents, servers and permissions, asked for by `python -m bot doctor`."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import discord
from discord.http import Route

from bot.discord.cogs.responder import lacking
from bot.discord.delivery import UNREACHABLE
from bot.discord.registration import PERMISSIONS, invitation
from bot.discord.service import UNKNOWN_TOKEN, WHERE, check_token
from bot.discord.store import FILE, inspect
from bot.doctor import Finding, Level
from bot.settings import Settings
from embeddings.errors import BadSetting, StoreUnusable
from embeddings.settings import Secret

_PATIENCE = 30.0
"""Seconds for everything that Discord is asked."""
_SKEW = 10.0
"""Seconds by which a clock may differ from Discord's."""
_MOST = 20
"""Servers that are looked at."""
_DISALLOWED = 4014
"""The gateway's code for an intent that is not switched on; discord.py names it only where it would reconnect."""
_REFUSED = (
    "Discord refuses Message Content Intent, which FOOTNOTE_FIRST_RESPONDER=yes needs. Turn it on at "
    f"{WHERE}, or set FOOTNOTE_FIRST_RESPONDER=no."
)


async def examine(settings: Settings) -> list[Finding]:
    """Log in as the bot would, look around, and leave; nobody is answered, and nothing is changed."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(_PATIENCE):
            async for finding in _examine(settings):
                found.append(finding)  # noqa: PERF401 - what was found before an error stays
    except TimeoutError:
        found.append(Finding(Level.WARNING, "discord", "Discord does not answer in time. Try again later."))
    except (discord.DiscordException, *UNREACHABLE) as error:
        found.append(Finding(Level.WARNING, "discord", f"Discord refused: {error}. See https://discordstatus.com."))
    return found


async def _examine(settings: Settings) -> AsyncIterator[Finding]:
    if settings.token:
        try:
            check_token(settings.token)
        except BadSetting as error:
            yield Finding(Level.ERROR, "token", str(error))
            settings = replace(settings, token=Secret())
    else:
        text = "DISCORD_TOKEN is not set, so intents and servers were not tried; make run needs it. Get it at "
        yield Finding(Level.WARNING, "token", f"{text}{WHERE}.")
    try:
        yield await _clock()
    except UNREACHABLE as error:
        text = f"Discord cannot be reached ({error}), so clock, token, intents and servers were not tried."
        yield Finding(Level.WARNING, "discord", f"{text} Check the network.")
        return
    if not settings.token:
        return
    intents = discord.Intents(guilds=True, message_content=settings.first_responder)
    async with discord.Client(intents=intents, chunk_guilds_at_startup=False) as client:
        try:
            await client.login(settings.token)
        except discord.LoginFailure:
            yield Finding(Level.ERROR, "token", UNKNOWN_TOKEN)
            return
        yield Finding(Level.OK, "token", f"it is that of {client.user}")
        for finding in _application(client, settings):
            yield finding
        serving = asyncio.create_task(client.connect(reconnect=False))
        ready = asyncio.create_task(client.wait_until_ready())
        try:
            await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
            for finding in _servers(client, settings):
                yield finding
        except discord.ConnectionClosed as error:
            if error.code != _DISALLOWED:
                raise
            yield Finding(Level.ERROR, "intents", _REFUSED)
        finally:
            for task in (serving, ready):
                task.cancel()


async def _clock() -> Finding:
    """Compare the clock with Discord's. Raises what aiohttp does where it cannot be reached."""
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session,
        session.get(f"{Route.BASE}/gateway") as response,
    ):
        told = response.headers.get("Date", "")
    try:
        ahead = (datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds()
    except (ValueError, TypeError):
        return Finding(Level.WARNING, "clock", "Discord did not say what time it is.")
    if abs(ahead) <= _SKEW:
        return Finding(Level.OK, "clock", f"within {_SKEW:.0f} seconds of Discord's")
    side = "ahead of" if ahead > 0 else "behind"
    text = f"{abs(ahead):,.0f} seconds {side} Discord's. Have it set from the network (timedatectl set-ntp true)."
    return Finding(Level.WARNING, "clock", text)


def _application(client: discord.Client, settings: Settings) -> Iterator[Finding]:
    """What is set in the developer portal. An intent that is missing is told when the gateway refuses it."""
    flags, about = client.application_flags, client.application
    granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if settings.first_responder and granted:
        yield Finding(Level.OK, "intents", "Message Content Intent is on, as FOOTNOTE_FIRST_RESPONDER=yes needs")
    elif not settings.first_responder:
        also = "; Message Content Intent is on, and nothing needs it" if granted else ""
        yield Finding(Level.OK, "intents", f"no privileged one is needed{also}")
    if about and about.interactions_endpoint_url:
        text = "an Interactions Endpoint URL is set, so that commands never reach the bot. Empty it at "
        yield Finding(Level.ERROR, "application", f"{text}https://discord.com/developers/applications.")
    yield Finding(Level.OK, "invite", invitation(client.application_id or 0, settings.guild))


def _servers(client: discord.Client, settings: Settings) -> Iterator[Finding]:
    """The servers that the bot is in, and what it may do there."""
    if settings.guild and client.get_guild(settings.guild) is None:
        text = f"the bot is not in the server FOOTNOTE_GUILD={settings.guild}. Invite it, or leave the setting empty."
        yield Finding(Level.ERROR, "servers", text)
    elif not client.guilds:
        yield Finding(Level.WARNING, "servers", "the bot is in none yet. Open the address above to invite it.")
    try:
        chosen = inspect(settings.index / FILE) if settings.first_responder else {}
    except StoreUnusable:  # as the check of the store says
        chosen = {}
    served = [guild for guild in client.guilds if settings.guild in (None, guild.id)]
    for guild in served[:_MOST]:
        yield from _permissions(guild, chosen)
    if len(served) > _MOST:
        yield Finding(Level.OK, "servers", f"{len(served) - _MOST:,} more were not looked at")


def _permissions(guild: discord.Guild, chosen: Mapping[int, frozenset[int]]) -> Iterator[Finding]:
    missing = PERMISSIONS & ~guild.me.guild_permissions
    if missing.value:
        names = ", ".join(name.replace("_", " ").title() for name, held in missing if held)
        text = f"in {guild.name} the bot lacks {names}. Give its role these permissions, or invite it again."
        yield Finding(Level.WARNING, "permissions", text)
    channels = guild.text_channels
    able = sum(not lacking(channel) for channel in channels)
    level = Level.OK if able or not channels else Level.WARNING
    yield Finding(level, "permissions", f"in {guild.name} it can answer in {able} of {len(channels)} text channels")
    for key in sorted(chosen.get(guild.id, ())):
        channel = guild.get_channel(key)
        if channel is None:
            text = (
                f"a channel of {guild.name} in which it shall answer by itself is gone or hidden ({key}). See /setup."
            )
        elif names := ", ".join(lacking(channel)):
            text = f"in #{channel.name} of {guild.name}, where it shall answer by itself, the bot lacks {names}."
        else:
            continue
        yield Finding(Level.WARNING, "permissions", text)
