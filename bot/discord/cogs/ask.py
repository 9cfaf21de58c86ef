"""Asking: `/ask`, a mention of the bot, a direct message."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.conversation import Reply, reply
from bot.discord.answer import comparison_page, reply_page, silence, turn_in
from bot.discord.cogs.sources import NARROWING, WHICH, Name, accept, complete_corpus, complete_source
from bot.discord.delivery import again, edit
from bot.discord.language import _
from bot.discord.markup import plain
from bot.discord.page import Page
from bot.discord.views import layout, texts_of
from bot.question.context import Turn
from bot.question.links import has_topic, is_question, link
from bot.question.wording import is_greeting
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.retrieval import MAX_QUERY

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction

HELLO = Message(
    "Mention me by name and ask a question, or reply to one of my answers: I answer with exact quotations from the "
    "documents here, or say that they hold no answer. /sources lists the documents."
)
FOR_ROLES = Message(
    "The documents that I may answer you from here are not for everybody. Use /ask: I answer you alone."
)
_NO_HISTORY = 160002
"""Discord's code for a reply in a channel whose history the bot may not read."""
_ANSWERED_WITHIN = 50
"""Messages behind an edited one among which its answer is looked for."""
MOST_MENTIONS, WITHIN = 10, 60.0
"""Mentions of one person that are replied to within so many seconds; then one line says so, once in that time."""
_OFTEN = Message(
    "You have asked me {number} times within a minute. Mention me again in a minute; /ask answers meanwhile.",
    number=MOST_MENTIONS,
)
MOST_ANSWERED = 1_000
"""Messages whose answering is remembered."""
_TYPING = 2.0
"""Seconds in which Discord may take it that the bot is typing."""
_JUST_BEFORE = 10
"""Messages among which the bot's last answer is one that a message in a thread may go on from."""


class Ask(commands.Cog):
    """Questions, however they arrive, and their answers."""

    def __init__(self, bot: "FootnoteBot") -> None:
        self.bot = bot
        self._at_work: set[int] = set()
        """The messages that are being answered."""
        self._answered: deque[int] = deque(maxlen=MOST_ANSWERED)
        """Those that were, the last ones: Discord may deliver one again."""
        self._often = _by_author(MOST_MENTIONS)
        self._told = _by_author(1)

    @app_commands.command()
    @app_commands.describe(
        question="What you want to know, as a question.",
        **NARROWING,
        as_of="Answer as of this day, from what was published by then, like 2025-06-16.",
        private="Show the answer to you alone.",
        corpus=WHICH,
    )
    @app_commands.autocomplete(source=complete_source, corpus=complete_corpus)
    async def ask(
        self,
        interaction: "Interaction",
        question: Range[str, 1, MAX_QUERY],
        source: Range[str, 1, 1000] | None = None,
        after: Range[str, 1, 40] | None = None,
        before: Range[str, 1, 40] | None = None,
        as_of: Range[str, 1, 40] | None = None,
        private: bool | None = None,
        corpus: Name | None = None,
    ) -> None:
        """Answer a question with exact quotations from the documents."""
        if is_greeting(question):
            await interaction.response.send_message(_(HELLO), ephemeral=True)
            return
        answerer, filters = accept(interaction, corpus, source, after, before, as_of)
        private = self.bot.private(answerer, private)
        task = partial(reply, answerer, Question(question, filters))
        session = self.bot.writer.session()
        found = await session.choose(await self.bot.respond(interaction, answerer, task, private))
        hidden = self.bot.hidden(interaction, answerer, private)
        receipt = await self.bot.keep(interaction.guild_id, interaction.user.id, found, hidden)
        page = await self._show(interaction, answerer, found, partial(reply_page, found, receipt), private)
        self.bot.add_prose(found, page, session, lambda view: interaction.edit_original_response(view=view))

    @app_commands.command()
    @app_commands.describe(
        question="What you want to know, as a question.",
        after=NARROWING["after"],
        before=NARROWING["before"],
        private="Show the comparison to you alone.",
        corpus=WHICH,
    )
    @app_commands.autocomplete(corpus=complete_corpus)
    async def compare(
        self,
        interaction: "Interaction",
        question: Range[str, 1, MAX_QUERY],
        after: Range[str, 1, 40] | None = None,
        before: Range[str, 1, 40] | None = None,
        private: bool | None = None,
        corpus: Name | None = None,
    ) -> None:
        """Show what each source says to a question, side by side."""
        answerer, filters = accept(interaction, corpus, None, after, before, None)
        private = self.bot.private(answerer, private)
        task = partial(answerer.compare, Question(question, filters))
        found = await self.bot.respond(interaction, answerer, task, private)
        hidden = self.bot.hidden(interaction, answerer, private)
        receipt = await self.bot.keep(interaction.guild_id, interaction.user.id, found, hidden)
        draw = partial(comparison_page, found, receipt) if isinstance(found, Answer) else partial(reply_page, found)
        await self._show(interaction, answerer, found, draw, private)

    async def _show(
        self,
        interaction: "Interaction",
        answerer: Answerer,
        found: Reply,
        draw: Callable[[], Page],
        private: bool | None,
    ) -> Page:
        """Show an answer; that there is none is shown to the asker alone, unless asked otherwise. Returns its page."""
        meanwhile = ""  # what the others see
        if isinstance(found, NoAnswer) and private is None and not self.bot.alone(interaction):
            meanwhile = silence(found)
            self.bot.speak_to(interaction)
        page = self.bot.for_asker(interaction, answerer, draw(), private)
        if meanwhile:
            await self.bot.tell_alone(interaction, meanwhile, view=layout(page))
        else:
            await edit(interaction, view=layout(page))
        return page

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a direct message, and a message that mentions the bot by name."""
        question = self._question(message)
        if question is None or message.id in self._at_work or message.id in self._answered:
            return
        often = bool(message.guild and self._often.update_rate_limit(message))
        if often and self._told.update_rate_limit(message):
            return
        self.bot.finish_before_leaving()
        self.bot.speak_to(message)
        self._at_work.add(message.id)
        try:
            if often:
                await _send(message, content=_(_OFTEN))
                return
            async with AsyncExitStack() as stack:
                with suppress(discord.HTTPException, aiohttp.ClientError, OSError):  # that is not worth an answer
                    async with asyncio.timeout(_TYPING):
                        await stack.enter_async_context(message.channel.typing())
                await self._reply(message, question)
            self._answered.append(message.id)
        except Exception as error:
            if isinstance(error, discord.Forbidden) or getattr(error, "code", None) == _NO_HISTORY:
                await self._ask_for_permission(message)
            else:
                self.bot.explain(error, "mention" if message.guild else "direct")
        finally:
            self._at_work.discard(message.id)

    @commands.Cog.listener()
    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Answer a message that was edited into one for the bot, unless it is or was answered as it was."""
        message = event.message
        taken = message.id in self._at_work or message.id in self._answered
        if message.edited_at is None or taken or self._question(message) is None:
            return
        self._at_work.add(message.id)
        try:
            async for said in message.channel.history(limit=_ANSWERED_WITHIN, after=message):
                if said.author == self.bot.user and said.reference and said.reference.message_id == message.id:
                    return
        except discord.HTTPException:
            return
        finally:
            self._at_work.discard(message.id)
        await self.on_message(message)

    def _question(self, message: discord.Message) -> str | None:
        """What a message asks of the bot, "" when only its name; None when it is not for the bot.

        A reply to the bot's message mentions it without its name in the text, be it only to say thanks: that is let be.
        Whoever mentions its role is told to use its name: the text of such a message is not sent to bots.
        """
        me = self.bot.user
        if me is None or message.author.bot or message.webhook_id or message.is_system():
            return None
        text, named = re.subn(rf"<@!?{me.id}>", " ", message.content)
        text = text.strip()
        if any(role.tags and role.tags.bot_id == me.id for role in message.role_mentions) and not named:
            return ""
        asks = me in message.mentions and (not text or is_question(text))
        return text if named or not message.guild or asks else None

    async def _earlier(self, message: discord.Message) -> Turn | None:
        """What a message goes on from: the one it replies to, else the bot's last answer just before in this thread.

        Nothing is kept: it is read back from the channel itself, so it outlives the process, and nobody gets to see
        what was said elsewhere. Direct messages are such a thread.
        """
        with suppress(discord.HTTPException):
            reference = message.reference if message.type is discord.MessageType.reply else None
            if reference and reference.channel_id == message.channel.id:
                said = reference.resolved or await message.channel.fetch_message(reference.message_id or 0)
                return self._turn(said) if isinstance(said, discord.Message) else None
            if not message.guild or isinstance(message.channel, discord.Thread):
                async for said in message.channel.history(limit=_JUST_BEFORE, before=message):
                    turn = self._turn(said) if said.author == self.bot.user else None
                    if turn and has_topic(turn.question):
                        return turn
        return None

    def _turn(self, said: discord.Message) -> Turn | None:
        """What an answer of the bot's is about, or what somebody else wrote, as far as the bot may read it."""
        if said.author == self.bot.user:
            return None if said.flags.ephemeral else turn_in(list(texts_of(said.components)))
        text = re.sub(r"<@!?\d+>", " ", said.content).strip()
        return Turn(text) if text else None

    async def _reply(self, message: discord.Message, question: str) -> None:
        surface, guild = ("mention", message.guild.id) if message.guild else ("direct", None)
        try:
            answerer = self._answerer(message)
            if not question or is_greeting(question):
                await _send(message, content=_(HELLO))
                return
            session = self.bot.writer.session()
            earlier = await self._earlier(message) if link(question) else None
            asked = Question(question, meant=await session.understand(question, earlier))
            found = await self.bot.answer(answerer, asked, message.author.id, earlier, surface, guild)
            found = await session.choose(found)
            page = reply_page(found, await self.bot.keep(guild, message.author.id, found))
        except Exception as error:
            if isinstance(error, discord.HTTPException):
                raise
            await _send(message, content=plain(self.bot.explain(error, surface)))
            return
        sent = await _send(message, view=layout(page))
        self.bot.add_prose(found, page, session, lambda view: sent.edit(view=view))

    def _answerer(self, message: discord.Message) -> Answerer:
        """What a message is answered from, by one that all can read. Raises BadRequest where there is nothing."""
        seen = self.bot.seen_by(message)
        try:
            return self.bot.seen_by_all(message)[0]
        except BadRequest as error:
            raise BadRequest(FOR_ROLES if seen else error.args[0]) from error

    async def _ask_for_permission(self, message: discord.Message) -> None:
        """Tell the asker directly why there is no reply, or the log where they take no direct messages."""
        try:
            await message.author.send(
                _(
                    "You asked me in {channel}, but I cannot reply there. I need these permissions: View Channel, "
                    "Send Messages (also in threads) and Read Message History."
                ).format(channel=f"<#{message.channel.id}>")
            )
        except discord.HTTPException:
            self.bot.log.warning("Not permitted to reply in %s, nor to tell who asked", message.channel.id)


def _by_author(most: int) -> commands.CooldownMapping[discord.Message]:
    return commands.CooldownMapping.from_cooldown(most, WITHIN, lambda message: message.author.id)


async def _send(message: discord.Message, **content: Any) -> discord.Message:
    """Reply to a message; once more where Discord takes nothing just now, which discord.py does not wait out."""
    reference = message.to_reference(fail_if_not_exists=False)
    return await again(lambda: message.channel.send(reference=reference, **content), limit=None)
