"""The process that is the bot: how it starts, what ends it, and with which exit code."""

import asyncio
import faulthandler
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import discord

from bot.discord.client import FootnoteBot
from bot.discord.delivery import UNREACHABLE
from bot.discord.health import served
from bot.lease import leased
from bot.live import Live
from bot.logs import configure, redact
from bot.settings import Settings
from embeddings.errors import BadSetting, BotRunning, FootnoteError
from embeddings.process import EX_CONFIG, EX_TEMPFAIL

_TOKEN = re.compile(r"[!-~]+")
_REFUSED_FOR_GOOD = 4004, 4010, 4011, 4012, 4013, 4014
"""Codes with which the gateway refuses a client as it is: the token, its shards, version or intents."""
_ENDING = 9.0
"""Seconds after a signal until the process ends in any case."""
WHERE = "https://discord.com/developers/applications, under Bot"
UNKNOWN_TOKEN = f"Discord does not know this DISCORD_TOKEN. Get another at {WHERE}: Reset Token."


def check_token(token: str) -> None:
    """Raise BadSetting for what cannot be a token; Discord is not asked."""
    if not token:
        raise BadSetting(f"DISCORD_TOKEN is not set. Get the bot's token at {WHERE}, and put it into .env.")
    if not _TOKEN.fullmatch(token):
        raise BadSetting(UNKNOWN_TOKEN)


def run(settings: Settings, load: Callable[[], Sequence[Live]], **options: Any) -> int:
    """Be the bot until SIGTERM or Ctrl-C; returns the exit code.

    Discord is asked about the token first; then `load` gives what is served, one for each corpus. A bot that cannot
    start returns EX_CONFIG when something has to be set right first, EX_TEMPFAIL when it may well later, 1 after an
    error that nobody foresaw, else 2. After a signal the process ends within ten seconds, whatever runs. `options` are
    as FootnoteBot's.
    """
    configure(settings.log_level, settings.log_json, settings.secrets)
    # Below INFO, discord.py logs what people write.
    logging.getLogger("discord").setLevel(max(settings.log_level, logging.INFO))
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody misses voice here
    fail = partial(_fail, settings.secrets)
    try:
        check_token(settings.token)
        application, recommended = asyncio.run(_log_in(settings.token))
        with leased(settings.index, application):
            settings = replace(settings, shards=settings.shards or recommended)
            lives = load()
            bot = FootnoteBot(settings, *(live.open() for live in lives), lives=lives, **options)
            asyncio.run(_serve(bot))
    except BadSetting as error:
        return fail(str(error), EX_CONFIG)
    except BotRunning as error:
        return fail(str(error), EX_TEMPFAIL)
    except FootnoteError as error:
        return fail(str(error), 2)
    except discord.LoginFailure:
        return fail(UNKNOWN_TOKEN, EX_CONFIG)
    except discord.PrivilegedIntentsRequired:
        return fail(
            f"Discord refused what FOOTNOTE_FIRST_RESPONDER=yes needs. Turn on Message Content Intent at {WHERE}, or "
            "set FOOTNOTE_FIRST_RESPONDER=no.",
            EX_CONFIG,
        )
    except discord.DiscordException as error:
        code = EX_CONFIG if getattr(error, "code", None) in _REFUSED_FOR_GOOD else EX_TEMPFAIL
        return fail(f"Discord refused: {error}. See https://discordstatus.com and start the bot again.", code)
    except UNREACHABLE as error:
        return fail(f"Discord cannot be reached ({error}). Check the network and start the bot again.", EX_TEMPFAIL)
    except Exception:  # nothing secret is shown in the log
        FootnoteBot.log.exception("The bot ended by an error that was not meant to happen. Please report it.")
        return 1
    finally:
        faulthandler.cancel_dump_traceback_later()
    if bot.worker.busy:  # the interpreter would wait for native code, or crash as it ends beside it
        logging.shutdown()
        os._exit(0)
    return 0


async def _log_in(token: str) -> tuple[int, int]:
    """The id of the application that a token belongs to, and how many shards Discord recommends for it.

    Raises what discord.py does, LoginFailure for a bad token.
    """
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        await client.login(token)
        shards, _, _ = await client.http.get_bot_gateway()
        return client.application_id or 0, shards


async def _serve(bot: FootnoteBot) -> None:
    async with bot, served(bot, bot.settings.health):
        serving = asyncio.create_task(bot.start(bot.settings.token))

        def end() -> None:
            faulthandler.dump_traceback_later(_ENDING, exit=True, file=2)  # also where no Python thread gets to run
            serving.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows has no such handlers; there Ctrl-C interrupts
                asyncio.get_running_loop().add_signal_handler(number, end)
        try:
            await serving
        except asyncio.CancelledError:
            bot.log.info("Stopping")


def _fail(secrets: Collection[str], text: str, code: int) -> int:
    print("error:", redact(" ".join(text.split()), secrets), file=sys.stderr)
    return code
