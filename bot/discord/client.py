"""The Discord client: one bot, its queue of work, its commands, and how it starts and ends."""

import asyncio
import faulthandler
import hashlib
import json
import logging
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.checking.claims import Verdict
from bot.conversation import Reply, reply
from bot.discord.cogs.ask import Ask
from bot.discord.cogs.check import Check
from bot.discord.cogs.records import Records
from bot.discord.cogs.responder import Responder
from bot.discord.cogs.sources import Sources
from bot.discord.ledger import Ledger
from bot.discord.render import plain
from bot.discord.responses import ResponseButton
from bot.discord.store import FILE, Store
from bot.discord.views import BUTTONS
from bot.live import Live
from bot.question.context import Turn
from bot.settings import Settings
from bot.worker import LIMIT, Worker
from embeddings.errors import BadRequest, BadSetting, FootnoteError
from embeddings.files import read_text

Result = TypeVar("Result")

_TOKEN = re.compile(r"[!-~]+")
_TOO_LATE, _ANSWERED_TWICE = 10062, 40060
"""Codes of interactions that are over, or that another process of the same bot has taken."""
_UNREACHABLE = OSError, aiohttp.ClientError
_TELLING, _LEAVING, _ENDING = 5.0, 2.0, 9.0
"""Seconds after a signal to tell those who wait, then to leave Discord, and until the process ends in any case."""
_WHERE = "https://discord.com/developers/applications, under Bot"
_UNKNOWN_TOKEN = f"Discord does not know this DISCORD_TOKEN. Get another at {_WHERE}: Reset Token."


class _Synced(TypedDict):
    """Which commands Discord has, as `commands.json` in the index folder records it."""

    application: int | None
    guild: int | None
    sha256: str


class _Tree(app_commands.CommandTree["FootnoteBot"]):
    async def interaction_check(self, interaction: "Interaction", /) -> bool:
        self.client.finish_before_leaving()
        try:
            self.client.admit(interaction.guild_id)
        except BadRequest as error:
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            else:
                await self.client.tell(interaction, error)
            return False
        return True

    async def on_error(self, interaction: "Interaction", error: app_commands.AppCommandError) -> None:
        await self.client.tell(interaction, error)


class FootnoteBot(commands.Bot):
    """Carries questions to an answerer and its answers to Discord; needs no privileged intent but for that setting.

    `store` holds what moderators chose, `ledger` what was answered; it is None where the operator keeps nothing.
    `answerer` is replaced by each newer one that `live` finds: whoever uses it takes it once. An answer may take
    `limit` seconds. `options` are passed on to discord.py, for tests.
    """

    log = logging.getLogger("footnote")

    def __init__(
        self,
        settings: Settings,
        answerer: Answerer,
        live: Live | None = None,
        limit: float = LIMIT,
        **options: Any,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=_Tree,
            intents=discord.Intents(
                guilds=True, guild_messages=True, dm_messages=True, message_content=settings.first_responder
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            **options,
        )
        self.settings = settings
        self.answerer = answerer
        self.store = Store(settings.index / FILE)
        self.ledger = Ledger(self.store, settings.keep_days, settings.keep_questions) if settings.keep_days else None
        self._live = live
        self._worker = Worker(settings.queue + 1, limit)
        self._requests: set[asyncio.Task[Any]] = set()

    async def setup_hook(self) -> None:
        """Called by discord.py between login and connection."""
        self.add_dynamic_items(*BUTTONS, ResponseButton)
        await self.add_cog(Ask(self))
        await self.add_cog(Check(self))
        await self.add_cog(Sources(self))
        if self.ledger:
            await self.add_cog(Records(self, self.ledger))
        await self.add_cog(Responder(self))
        await self._sync()
        if self._live:
            self._live.follow(self._serve)

    async def close(self) -> None:
        """Tell all who wait for an answer that there will be none, and leave Discord, in seven seconds at most."""
        if self._live:
            self._live.stop()
        self._worker.stop()
        requests, self._requests = self._requests, set()
        if requests:
            await asyncio.wait(requests, timeout=_TELLING)
        try:
            async with asyncio.timeout(_LEAVING):
                await super().close()
        except TimeoutError:
            self.log.warning("Discord did not say goodbye")
        self.store.close()

    def admit(self, guild: int | None) -> None:
        """Raise BadRequest where people in this server, or with None in direct messages, are not to be answered."""
        if self.settings.guild not in (None, guild):
            raise BadRequest("I answer in one server only, and this is not it.")

    @property
    def busy(self) -> bool:
        """Whether a thread is still at work on an answer."""
        return self._worker.busy

    def finish_before_leaving(self) -> None:
        """Have the bot leave only when the task that calls this is over, as it has somebody to answer."""
        if task := asyncio.current_task():
            self._requests.add(task)
            task.add_done_callback(lambda _: self._requests.discard(task))

    async def on_message(self, _: discord.Message, /) -> None:
        """Prefix commands there are none; the cog Ask listens by itself."""

    async def on_ready(self) -> None:
        """Say where we are; happens again after every new session."""
        self.log.info("Ready as %s in %d servers", self.user, len(self.guilds))

    async def answer(
        self,
        question: Question,
        answerer: Answerer | None = None,
        who: int | None = None,
        earlier: Turn | None = None,
    ) -> Reply:
        """Answer off the event loop, as it is meant after `earlier`. Raises what Worker.run and `reply` raise."""
        return await self.work(partial(reply, answerer or self.answerer, question, earlier), who)

    async def work(self, task: Callable[[], Result], who: int | None = None) -> Result:
        """Run a task of a user off the event loop, when it is their turn; see Worker.run."""
        return await self._worker.run(task, who)

    async def keep(self, guild: int | None, who: int, found: Reply) -> str:
        """Keep an answer; returns the id of its receipt, or "" where none is kept or there is no answer."""
        if not self.ledger or isinstance(found, Verdict):
            return ""
        try:
            key = await asyncio.to_thread(self.ledger.add, guild, who, found)
        except sqlite3.Error as error:
            self.log.error("An answer could not be kept: %s", error)
            return ""
        return key if isinstance(found, Answer) else ""

    def _serve(self, answerer: Answerer) -> None:
        self.answerer = answerer

    def explain(self, error: Exception) -> str:
        """A sentence for whoever met the error; what was not meant to happen is logged under a reference."""
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if isinstance(error, FootnoteError):
            return str(error)
        if isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
            return "This command has changed. Reload Discord and try again."
        if isinstance(error, app_commands.TransformerError):
            return "I cannot see what you chose. Let me view it, or choose something else."
        reference = os.urandom(3).hex()
        self.log.error("Reference %s", reference, exc_info=error)
        return f"Something went wrong. If it happens again, report it with the reference {reference}."

    async def tell(self, interaction: "Interaction", error: Exception) -> None:
        """Explain an error to the one person who met it."""
        cause = getattr(error, "original", error)
        if isinstance(cause, discord.HTTPException) and cause.code in (_TOO_LATE, _ANSWERED_TWICE):
            self.log.warning("An interaction was over before it was answered (code %d)", cause.code)
            return
        text, response = plain(self.explain(error)), interaction.response
        try:
            if not response.is_done():
                await response.send_message(text, ephemeral=True)
                return
            await self.tell_alone(interaction, "This could not be answered.", content=text)
        except (discord.HTTPException, *_UNREACHABLE) as failure:
            self.log.warning("An error could not be explained: %s", failure)

    async def tell_alone(self, interaction: "Interaction", meanwhile: str, **message: Any) -> None:
        """Send a message to one person in place of a "thinking" that all see; `meanwhile` is what they see of it.

        A public "thinking" cannot become private, and the first follow-up would only fill it in.
        """
        await interaction.edit_original_response(content=meanwhile)
        await interaction.followup.send(ephemeral=True, **message)
        await interaction.delete_original_response()

    async def _sync(self) -> None:
        """Give Discord the commands if they, or where they belong, changed since the last time.

        Commands of a server and of everywhere would show twice, so the old ones are cleared first. The
        record is spoilt before that: whatever is interrupted is done again.
        """
        place = discord.Object(self.settings.guild) if self.settings.guild else None
        if place:
            self.tree.copy_global_to(guild=place)
            self.tree.clear_commands(guild=None)
        payload = json.dumps([command.to_dict(self.tree) for command in self.tree.get_commands(guild=place)])
        digest = hashlib.sha256(payload.encode()).hexdigest()
        wanted = _Synced(application=self.application_id, guild=self.settings.guild, sha256=digest)
        record = self.settings.index / "commands.json"
        synced = _read(record)
        if synced == wanted:
            return
        ours = synced and synced["application"] == self.application_id
        before = synced["guild"] if synced and ours else None
        if before != self.settings.guild:
            _write(record, _Synced(application=self.application_id, guild=before, sha256=""))
            try:
                await self.tree.sync(guild=discord.Object(before) if before else None)
            except discord.Forbidden:
                self.log.warning("The commands of server %s stay: the bot is no longer in it", before)
        try:
            await self.tree.sync(guild=place)
        except discord.Forbidden as error:
            raise BadSetting(
                f"The bot may not offer commands in the server FOOTNOTE_GUILD={self.settings.guild}. Invite it "
                "there with the scopes bot and applications.commands, or leave the setting empty."
            ) from error
        _write(record, wanted)
        self.log.info("Commands synced %s", f"to server {place.id}" if place else "everywhere")


Interaction = discord.Interaction[FootnoteBot]


def check_token(token: str) -> None:
    """Raise BadSetting for what cannot be a token; Discord is not asked."""
    if not token:
        raise BadSetting(f"DISCORD_TOKEN is not set. Get the bot's token at {_WHERE}, and put it into .env.")
    if not _TOKEN.fullmatch(token):
        raise BadSetting(_UNKNOWN_TOKEN)


def run(settings: Settings, live: Live, **options: Any) -> int:
    """Be the bot until SIGTERM or Ctrl-C; returns the exit code, 2 when it cannot start.

    After a signal the process ends within ten seconds, whatever runs. `options` are as FootnoteBot's.
    """
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    # Below INFO, discord.py logs what people write.
    logging.getLogger("discord").setLevel(max(settings.log_level, logging.INFO))
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody misses voice here
    try:
        check_token(settings.token)
        bot = FootnoteBot(settings, live.open(), live, **options)
        asyncio.run(_serve(bot))
    except FootnoteError as error:
        return _fail(str(error))
    except discord.LoginFailure:
        return _fail(_UNKNOWN_TOKEN)
    except discord.PrivilegedIntentsRequired:
        return _fail(
            f"Discord refused what FOOTNOTE_FIRST_RESPONDER=yes needs. Turn on Message Content Intent at {_WHERE}, or "
            "set FOOTNOTE_FIRST_RESPONDER=no."
        )
    except discord.DiscordException as error:
        return _fail(f"Discord refused: {error}. See https://discordstatus.com and start the bot again.")
    except _UNREACHABLE as error:
        return _fail(f"Discord cannot be reached ({error}). Check the network and start the bot again.")
    finally:
        faulthandler.cancel_dump_traceback_later()
    if bot.busy:  # the interpreter would wait for native code, or crash as it ends beside it
        logging.shutdown()
        os._exit(0)
    return 0


async def _serve(bot: FootnoteBot) -> None:
    async with bot:
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


def _fail(text: str) -> int:
    print("error:", " ".join(text.split()), file=sys.stderr)
    return 2


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
        FootnoteBot.log.warning("%s cannot be written (%s)", record, error)
