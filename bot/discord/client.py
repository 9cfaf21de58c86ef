"""The Discord client: one bot, its queue of work, its commands, and how it starts and ends."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question, Source
from bot.checking.claims import Verdict
from bot.conversation import Reply, reply
from bot.corpora import EVERYBODY, NOTHING_HERE, Asker, Corpora
from bot.discord.answer import with_prose
from bot.discord.cogs.ask import Ask
from bot.discord.cogs.check import Check
from bot.discord.cogs.operation import Operation
from bot.discord.cogs.records import FORGET_ME, Records
from bot.discord.cogs.responder import Responder
from bot.discord.cogs.sources import Sources
from bot.discord.delivery import ANSWERED_TWICE, TOO_LATE, UNREACHABLE, defer, edit
from bot.discord.journal import Journal
from bot.discord.language import _, in_english, ngettext, speak
from bot.discord.ledger import Ledger
from bot.discord.markup import plain
from bot.discord.page import Leaf, Page
from bot.discord.registration import invitation, register
from bot.discord.responses import ResponseButton, calls
from bot.discord.store import FILE, Store
from bot.discord.views import BUTTONS, layout, notice, vote_with_reason
from bot.live import Live
from bot.logs import begin_request, request_id
from bot.prose.gate import Gate
from bot.prose.writer import Session, Writer
from bot.question.context import Turn
from bot.settings import Settings
from bot.worker import LIMIT, Job, Worker
from embeddings.errors import BadRequest, FootnoteError, StoreUnusable
from embeddings.messages import Message

Result = TypeVar("Result")

MOST_LOCALES = 1_000
"""People whose language is known for when they write directly."""
MOST_AHEAD = 3
"""Questions before somebody's own that are not worth mentioning."""
_TELLING, _LEAVING = 5.0, 2.0
"""Seconds after a signal to tell those who wait, then to leave Discord."""
_KEEPING = 3.0
"""Seconds that an answer waits for being kept."""


class _Tree(app_commands.CommandTree["FootnoteBot"]):
    async def interaction_check(self, interaction: "Interaction", /) -> bool:
        self.client.finish_before_leaving()
        self.client.speak_to(interaction)
        if interaction.command and interaction.command.name == FORGET_ME:
            return True  # also whoever may no longer see anything
        try:
            self.client.seen_by(interaction)
        except BadRequest as error:
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            else:
                await self.client.tell(interaction, error)
            return False
        return True

    async def on_error(self, interaction: "Interaction", error: app_commands.AppCommandError) -> None:
        await self.client.tell(interaction, error)


class FootnoteBot(commands.AutoShardedBot):
    """Carries questions to an answerer and its answers to Discord; needs no privileged intent but for that setting.

    `store` holds what moderators chose, `ledger` what was answered; it is None where the operator keeps nothing.
    There is one of `answerers` for each corpus, and each is replaced by a newer one that one of `lives` finds: whoever
    uses one takes it once. An answer may take `limit` seconds. All shards, of which the settings say how many, are in
    this process. `options` are passed on to discord.py, for tests.
    """

    log = logging.getLogger("footnote")

    def __init__(
        self,
        settings: Settings,
        *answerers: Answerer,
        lives: Sequence[Live] = (),
        limit: float = LIMIT,
        **options: Any,
    ) -> None:
        self.journal = Journal()
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
            http_trace=self.journal.metrics.trace(),
            shard_count=settings.shards or 1,
            **options,
        )
        self.settings = settings
        self.corpora = Corpora(settings.corpora or (EVERYBODY,), answerers)
        self.store = _open_store(settings)
        ledger = Ledger(self.store, settings.keep_days, settings.keep_questions)
        self.ledger = ledger if settings.keep_days else None
        self.calls = calls()
        self._lives = lives
        self.worker = Worker(settings.queue + 1, limit)
        self._requests: set[asyncio.Task[Any]] = set()
        self._locales: dict[int, discord.Locale] = {}
        self.writer = Writer(settings, Gate(self.corpora.first.reader))
        self.writing: set[asyncio.Task[None]] = set()

    async def setup_hook(self) -> None:
        """Called by discord.py between login and connection."""
        self.add_dynamic_items(*BUTTONS, ResponseButton)
        await self.add_cog(Ask(self))
        await self.add_cog(Check(self))
        await self.add_cog(Sources(self))
        if self.ledger:
            await self.add_cog(Records(self, self.ledger))
        await self.add_cog(Responder(self))
        await self.add_cog(Operation(self))
        self.log.info("Invite the bot to a server with %s", self.invitation)
        await register(self)
        for live in self._lives:
            live.follow(self._serve)

    async def close(self) -> None:
        """Tell all who wait for an answer that there will be none, and leave Discord, in seven seconds at most."""
        for live in self._lives:
            live.stop()
        for task in self.writing:
            task.cancel()  # their answers are shown already
        self.worker.stop()
        requests, self._requests = self._requests, set()
        if requests:
            await asyncio.wait(requests, timeout=_TELLING)
        try:
            async with asyncio.timeout(_LEAVING):
                await super().close()
        except TimeoutError:
            self.log.warning("Discord did not say goodbye")
        await self.writer.close()
        self.store.close()

    @property
    def answerer(self) -> Answerer:
        """What answers from the first corpus. What people are shown comes from one of those in `seen_by` instead."""
        return self.corpora.first

    @answerer.setter
    def answerer(self, answerer: Answerer) -> None:
        self.corpora.serve(answerer)

    def seen_by(self, place: "Interaction | discord.Message") -> list[Answerer]:
        """What whoever asks there may be answered from, first what is used where they name none.

        Raises BadRequest where there is nothing.
        """
        return self._seen(place, _asker(place, self))

    def seen_by_all(self, place: "Interaction | discord.Message") -> list[Answerer]:
        """The same of all who can read there: what nobody needs a role for. Raises BadRequest as `seen_by`."""
        return self._seen(place, replace(_asker(place, self), roles=frozenset()))

    def _seen(self, place: "Interaction | discord.Message", asker: Asker) -> list[Answerer]:
        guild = place.guild_id if isinstance(place, discord.Interaction) else place.guild and place.guild.id
        if self.settings.guild not in (None, guild):
            raise BadRequest(Message("I answer in one server only, and this is not it."))
        if not (seen := self.corpora.seen_by(asker)):
            raise BadRequest(NOTHING_HERE)
        return seen

    def private(self, answerer: Answerer, wanted: bool | None) -> bool | None:
        """Whether an answer is for the asker alone: always where not all who can read there may see its corpus.

        None where neither that nor the asker says so.
        """
        return True if self.corpora.is_closed(answerer) else wanted

    def alone(self, interaction: "Interaction") -> bool:
        """Whether answers there are for the asker alone where they do not say so: by channel, else by setting."""
        chosen = self.store.privacy(interaction.guild_id or 0).get(_channel(interaction) or 0)
        return self.settings.private if chosen is None else chosen

    def hidden(self, interaction: "Interaction", answerer: Answerer, wanted: bool | None) -> bool:
        """Whether an answer is for the asker alone: by its corpus, else as they say, else as is usual there."""
        private = self.private(answerer, wanted)
        return self.alone(interaction) if private is None else private

    def for_asker(self, interaction: "Interaction", answerer: Answerer, page: Page, private: bool | None) -> Page:
        """An answer's page as it is shown: one that the asker alone sees can be turned and shared by nobody else.

        In direct messages there is nobody to share it with, and what some roles may see only is shared with nobody.
        """
        if not self.hidden(interaction, answerer, private):
            return page
        who = interaction.user.id
        forth = replace(page.forth, asker=who) if isinstance(page.forth, Leaf) else page.forth
        shared = interaction.guild_id and page.entries and not self.corpora.is_closed(answerer)
        return replace(page, forth=forth, share=who if shared else 0)

    @property
    def connected(self) -> bool:
        """Whether the gateway sends the events of all shards just now."""
        return self.is_ready() and not self.cut_off

    @property
    def cut_off(self) -> list[int]:
        """The shards to which the gateway sends nothing just now."""
        return [number for number, shard in self.shards.items() if shard.is_closed()]

    @property
    def index_problem(self) -> str | None:
        """Why a newer index is not served; None where there is none, or nothing is looked for."""
        return next((live.problem for live in self._lives if live.problem), None)

    @property
    def invitation(self) -> str:
        """The address where the bot is invited to a server, or to the one that it answers in."""
        return invitation(self.application_id or 0, self.settings.guild)

    def finish_before_leaving(self) -> None:
        """Have the bot leave only when the task that calls this is over, as it has somebody to answer.

        What the log says from here on in this task is said of one request.
        """
        begin_request()
        if task := asyncio.current_task():
            self._requests.add(task)
            task.add_done_callback(lambda _: self._requests.discard(task))

    def speak_to(self, place: "Interaction | discord.Message") -> None:
        """Say what follows in this task in the language of whoever uses a command or a button.

        Of a message in a server that is the server's. In a direct message it is what they used last, which is kept for
        so many people and not beyond the process.
        """
        if isinstance(place, discord.Interaction):
            self._locales.pop(place.user.id, None)
            self._locales[place.user.id] = place.locale
            if len(self._locales) > MOST_LOCALES:
                del self._locales[next(iter(self._locales))]
            speak(place.locale)
        else:
            speak(place.guild.preferred_locale if place.guild else self._locales.get(place.author.id))

    def speak_to_all(self, interaction: "Interaction") -> None:
        """The same where everybody can read it: in the language of the server if it is a community, which chose one."""
        community = interaction.guild is not None and "COMMUNITY" in interaction.guild.features
        speak(interaction.guild_locale if community else interaction.locale)

    async def on_interaction(self, interaction: "Interaction", /) -> None:
        """Take what a modal sends; discord.py itself sees to everything else."""
        await vote_with_reason(interaction)

    async def on_message(self, _: discord.Message, /) -> None:
        """Prefix commands there are none; the cog Ask listens by itself."""

    async def on_ready(self) -> None:
        """Say where we are; happens again after every new session."""
        self.log.info("Ready as %s in %d servers", self.user, len(self.guilds))

    async def answer(
        self,
        answerer: Answerer,
        question: Question,
        who: int | None = None,
        earlier: Turn | None = None,
        surface: str = "other",
        guild: int | None = None,
    ) -> Reply:
        """Answer off the event loop when it is their turn and that of their server, as it is meant after `earlier`.

        `surface` says in the log where it was asked. Raises what `Worker.place` and `reply` raise.
        """
        task, source = partial(reply, answerer, question, earlier), answerer.source
        del answerer
        with self.worker.place(task, who, server=self._sharing(guild)) as job:
            del task
            result = await job.result()
            self._note(surface, result, source, job)
            return result

    async def respond(
        self,
        interaction: "Interaction",
        answerer: Answerer,
        task: Callable[[], Result],
        private: bool | None = None,
        quick: bool = False,
    ) -> Result:
        """Run a task for whoever uses a command; meanwhile they see that it is being looked at, and who is before them.

        Raises BadRequest before anything is shown when the task cannot be taken on, so that the refusal is private.
        `private` is as the setting says unless given or `answerer`'s corpus is not for all; a `quick` task goes before
        others.
        """
        private, source = self.hidden(interaction, answerer, private), answerer.source
        del answerer
        server = self._sharing(interaction.guild_id)
        with self.worker.place(task, interaction.user.id, quick, server) as job:
            del task
            await defer(interaction, private)
            if not private:
                self.speak_to_all(interaction)
            if job.ahead > MOST_AHEAD and not quick:
                await self._say_place(interaction, job.ahead)
            result = await job.result()
            self._note(_surface(interaction), result, source, job)
            return result

    def _sharing(self, guild: int | None) -> int | None:
        """The server that takes turns with others; None where there are none, so that it has the whole queue."""
        return guild if len(self.guilds) > 1 else None

    async def _say_place(self, interaction: "Interaction", ahead: int) -> None:
        try:
            place = ngettext("About {n} question is before yours.", "About {n} questions are before yours.", ahead)
            await interaction.edit_original_response(view=notice(f"-# {place}"))
        except (discord.HTTPException, *UNREACHABLE) as error:
            self.log.warning("A place in line could not be said: %s", error)

    def _note(self, surface: str, result: object, source: Source, job: Job[Any]) -> None:
        self.journal.answered(surface, result, source.generation, job.waited, job.worked, source.corpus)

    async def keep(self, guild: int | None, who: int, found: Reply, private: bool = False) -> str:
        """Keep an answer; returns the id of its receipt, or "" where none is kept or there is no answer.

        `private` is for one that the asker alone sees.
        """
        if not self.ledger or isinstance(found, Verdict):
            return ""
        try:
            async with asyncio.timeout(_KEEPING):
                key = await asyncio.to_thread(self.ledger.add, guild, who, found, private=private)
        except (sqlite3.Error, OSError, UnicodeError) as error:
            self.log.error("An answer could not be kept: %s", str(error) or "it takes too long")
            return ""
        return key if isinstance(found, Answer) else ""

    def add_prose(
        self, found: Reply, page: Page, session: Session, edit: Callable[[ui.LayoutView], Awaitable[object]]
    ) -> None:
        """Have a model write over an answer, and put that below its page by one edit of the message that shows it.

        Nobody waits for it. Where the model does not answer, or the message is gone, what is shown stays as it is.
        """
        if self.writer.writes:
            task = asyncio.create_task(self._add_prose(found, page, session, edit))
            self.writing.add(task)
            task.add_done_callback(self.writing.discard)

    async def _add_prose(
        self, found: Reply, page: Page, session: Session, edit: Callable[[ui.LayoutView], Awaitable[object]]
    ) -> None:
        try:
            prose = await session.write(found, lambda check: self.worker.run(check, quick=True))
            if prose and (whole := with_prose(page, prose, self.settings.llm_show_dropped)):
                await edit(layout(whole))
        except (discord.HTTPException, *UNREACHABLE) as error:
            self.log.info("What the model wrote could not be shown: %s", error)
        except Exception as error:
            self.explain(error, "prose")

    def _serve(self, answerer: Answerer) -> None:
        self.corpora.serve(answerer)
        self.journal.metrics.reloads.inc()

    def explain(self, error: Exception, surface: str = "other") -> str:
        """A sentence for whoever met the error, which is logged: what was not meant to happen under a reference."""
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if isinstance(error, FootnoteError):
            self.journal.refused(surface, error)
            return _explained(error)
        if isinstance(error, (app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)):
            self.journal.refused(surface, error)
            return _("This command has changed. Reload Discord and try again.")
        if isinstance(error, app_commands.TransformerError):
            return _("I cannot see what you chose. Let me view it, or choose something else.")
        reference = request_id()
        self.journal.failed(surface, error, reference)
        return _("Something went wrong. If it happens again, report it with the reference {id}.").format(id=reference)

    async def tell(self, interaction: "Interaction", error: Exception) -> None:
        """Explain an error to the one person who met it."""
        cause = getattr(error, "original", error)
        if isinstance(cause, discord.HTTPException) and cause.code in (TOO_LATE, ANSWERED_TWICE):
            self.log.warning("An interaction was over before it was answered (code %d)", cause.code)
            return
        meanwhile, response = _("This could not be answered."), interaction.response
        self.speak_to(interaction)
        text = plain(self.explain(error, _surface(interaction)))
        try:
            if not response.is_done():
                await response.send_message(text, ephemeral=True)
                return
            await self.tell_alone(interaction, meanwhile, content=text)
        except (discord.HTTPException, *UNREACHABLE) as failure:
            self.log.warning("An error could not be explained: %s", failure)

    async def tell_alone(self, interaction: "Interaction", meanwhile: str, **message: Any) -> None:
        """Send a message to one person in place of a "thinking" that all see; `meanwhile` is what they see of it.

        A public "thinking" cannot become private, and the first follow-up would only fill it in.
        """
        await edit(interaction, view=notice(meanwhile))
        await interaction.followup.send(ephemeral=True, **message)
        with suppress(discord.HTTPException):  # they have it; a moderator may have deleted the other
            await interaction.delete_original_response()


Interaction = discord.Interaction[FootnoteBot]


def _open_store(settings: Settings) -> Store:
    """The store beside the index; where it cannot be used and nothing is to be kept, one that ends with the process.

    Raises StoreUnusable.
    """
    try:
        return Store(settings.index / FILE)
    except StoreUnusable as error:
        if settings.keep_days or settings.first_responder:
            raise
        FootnoteBot.log.warning("Nothing is kept: %s", error)
        return Store(Path(":memory:"))


def _asker(place: "Interaction | discord.Message", bot: FootnoteBot) -> Asker:
    """Who asks there: roles count only in a server that the bot is in."""
    who = place.author if isinstance(place, discord.Message) else place.user
    if place.guild is None or bot.get_guild(place.guild.id) is None:
        return Asker(None)
    roles = frozenset(role.id for role in who.roles) if isinstance(who, discord.Member) else frozenset[int]()
    return Asker(place.guild.id, _channel(place), roles)


def _channel(place: "Interaction | discord.Message") -> int | None:
    """The channel where something was written, of a thread the one that it belongs to."""
    channel = place.channel
    return channel.parent_id if isinstance(channel, discord.Thread) else channel.id if channel else None


def _explained(error: FootnoteError) -> str:
    """What an error says; what is for whoever runs the bot is said in English alone, and stands in the log."""
    text = error.args[0]
    if isinstance(text, Message) or in_english():
        return _(text)
    return _("This could not be answered. The log of whoever runs me says why.")


def _surface(interaction: "Interaction") -> str:
    """Where something was asked, in one word: the command's name, or that it was a button."""
    return interaction.command.qualified_name.replace(" ", "-") if interaction.command else "button"
