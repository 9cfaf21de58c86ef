"""The first responder: answers to new questions that nobody put to the bot, and `/setup`, which says where."""

import asyncio
from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering.answers import Answer, Question
from bot.answering.extracts import StatementKind
from bot.discord.language import _
from bot.discord.responses import NEEDS_SETTING, post_text, response
from bot.discord.store import Store
from bot.question.posts import asks
from embeddings.errors import BadRequest, FootnoteError
from embeddings.messages import Message
from embeddings.splitting.terms import terms

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot, Interaction

SURE, NAMED = 0.8, 0.6
"""The confidence from which on a question that nobody put to the bot is answered, and how much of its words a whole
passage has to hold to be the answer, whose confidence says less: both by benchmarks/report_posts.py."""
LOOKED_AT = 100
"""Messages behind a question among which an answer by a person is looked for."""
MOST_WAITING = 100
"""Posts that wait for their turn; those beyond get silence."""

_NEEDED = "view_channel", "read_message_history"
_PERMISSIONS = {
    "view_channel": Message("View Channel"),
    "read_message_history": Message("Read Message History"),
    "send_messages": Message("Send Messages"),
    "send_messages_in_threads": Message("Send Messages In Threads"),
}
_CHOOSE = Message("Choose a role of people who help, not everyone.")
_SILENT = Message("I answer nowhere by myself. /setup add chooses a channel or a forum.")


class Responder(commands.Cog):
    """Questions in the channels that moderators chose, and the choice of these channels."""

    setup = app_commands.Group(
        name="setup",
        description="Where I answer by myself, whom I call when I cannot, and who sees answers.",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_guild=True),
    )

    def __init__(self, bot: "FootnoteBot") -> None:
        self.bot = bot
        self._turn = asyncio.Lock()
        """Posts are answered one after the other, so that nobody who asks the bot waits behind two of them."""
        self._waiting = 0

    @setup.command()
    @app_commands.describe(channel="A channel, or a forum.")
    async def add(self, interaction: "Interaction", channel: discord.TextChannel | discord.ForumChannel) -> None:
        """Have me answer new questions in a channel or forum by myself."""
        await asyncio.to_thread(self._store.add_channel, channel.guild.id, channel.id)
        text = _(
            "I answer new questions in {channel} by myself from now on, where I am sure enough, and I am silent "
            "otherwise. For this I read every new message there; I keep none."
        )
        await self._tell(interaction, text.format(channel=channel.mention) + _missing(channel))

    @setup.command()
    @app_commands.describe(channel="The channel or forum.")
    async def remove(self, interaction: "Interaction", channel: discord.TextChannel | discord.ForumChannel) -> None:
        """Have me answer by myself there no more."""
        await asyncio.to_thread(self._store.remove_channel, channel.guild.id, channel.id)
        await self._tell(interaction, _("I do not answer by myself in {channel}.").format(channel=channel.mention))

    @setup.command()
    @app_commands.describe(role="The role that Ask a person mentions; without it, none.")
    async def person(self, interaction: "Interaction", role: discord.Role | None = None) -> None:
        """Choose the role that Ask a person mentions."""
        guild = interaction.guild
        if guild is None or (role and role.is_default()):
            raise BadRequest(_CHOOSE)
        await asyncio.to_thread(self._store.set_role, guild.id, role.id if role else None)
        await self._tell(interaction, _calling(role))

    @setup.command()
    @app_commands.describe(channel="A channel, or a forum.", answers="Who sees answers to commands there.")
    async def visibility(
        self,
        interaction: "Interaction",
        channel: discord.TextChannel | discord.ForumChannel,
        answers: Literal["private", "public", "default"],
    ) -> None:
        """Choose whether answers to commands in a channel are for the asker alone, unless they ask otherwise."""
        private = {"private": True, "public": False}.get(answers)
        await asyncio.to_thread(self.bot.store.set_privacy, channel.guild.id, channel.id, private)
        await self._tell(interaction, _seen(channel, self.bot.settings.private if private is None else private))

    @setup.command()
    async def show(self, interaction: "Interaction") -> None:
        """Show where I answer by myself, and whom I call."""
        guild = interaction.guild
        if guild is None:
            raise BadRequest(_SILENT)
        privacy = self.bot.store.privacy(guild.id)
        chosen_for = [(channel, privacy[key]) for key in sorted(privacy) if (channel := guild.get_channel(key))]
        seen = [_seen(channel, private) for channel, private in chosen_for]
        if seen and not self.bot.settings.first_responder:
            await self._tell(interaction, "\n".join(seen))
            return
        store = self._store
        channels = [channel for key in sorted(store.channels(guild.id)) if (channel := guild.get_channel(key))]
        chosen = await asyncio.to_thread(store.role, guild.id)
        lines = [
            _("I answer by myself in {channel}.").format(channel=channel.mention) + _missing(channel)
            for channel in channels
        ]
        await self._tell(
            interaction,
            "\n".join([*(lines or [_(_SILENT)]), _calling(guild.get_role(chosen) if chosen else None), *seen]),
        )

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a new question where that was chosen; be silent in every other case."""
        post = self._post(message)
        if post is None or self._waiting >= MOST_WAITING:
            return
        self.bot.finish_before_leaving()
        self.bot.speak_to(message)
        self._waiting += 1
        try:
            await self._respond(message, post)
        except FootnoteError as error:
            self.bot.log.debug("Not answered by itself: %s", error)
        except discord.HTTPException as error:
            self.bot.log.warning("Not answered by itself in %d: Discord's code %d", message.channel.id, error.code)
        except Exception as error:
            self.bot.explain(error, "channel")
        finally:
            self._waiting -= 1

    @property
    def _store(self) -> Store:
        if not self.bot.settings.first_responder:
            raise BadRequest(Message("{reason} Nothing was stored.", reason=NEEDS_SETTING))
        return self.bot.store

    def _post(self, message: discord.Message) -> str | None:
        """What a message asks of nobody in particular; None where it is not to be answered.

        It opens a thread of a chosen forum, or stands in a chosen channel and replies to nobody. The first post of a
        thread has the thread's id.
        """
        guild, channel, author = message.guild, message.channel, message.author
        if not self.bot.settings.first_responder or guild is None:
            return None
        if message.type is not discord.MessageType.default:
            return None
        if author.bot or message.webhook_id or message.reference:
            return None
        if message.mentions or message.role_mentions or message.mention_everyone:
            return None
        place = channel.parent_id if isinstance(channel, discord.Thread) and channel.id == message.id else channel.id
        if place not in self.bot.store.channels(guild.id):
            return None
        post = post_text(channel, message)
        return post if asks(post) else None

    async def _respond(self, message: discord.Message, post: str) -> None:
        """Answer if the answer is sure, nobody else has answered meanwhile, and the message was not answered before."""
        guild = message.guild.id if message.guild else None
        answerer = self.bot.seen_by_all(message)[0]
        async with self._turn:
            found = await self.bot.answer(answerer, Question(post), surface="channel", guild=guild)
        if not isinstance(found, Answer) or not sure(found) or await _answered(message):
            return
        if await asyncio.to_thread(self.bot.store.claim, "answer", message.id):
            receipt = await self.bot.keep(guild, message.author.id, found)
            view = response(found, message.author.id, message.id, receipt)
            await message.channel.send(view=view, reference=message.to_reference())

    async def _tell(self, interaction: "Interaction", text: str) -> None:
        await interaction.response.send_message(text, ephemeral=True)


def sure(found: Answer, threshold: float = SURE) -> bool:
    """Whether an answer is sure enough to be given to somebody who did not ask the bot."""
    first = found.statements[0]
    if found.confidence < threshold or first.kind is StatementKind.SENTENCE:
        return found.confidence >= threshold
    citation = first.citation
    asked = set(terms(found.question.text))
    held = set(terms(" ".join([citation.document.title, citation.passage.heading, citation.quote])))
    return len(asked & held) >= NAMED * len(asked)


async def _answered(message: discord.Message) -> bool:
    """Whether a person has answered: written in the thread, replied, or opened a thread for it."""
    opened = isinstance(message.channel, discord.Thread)
    if not opened and message.guild and message.guild.get_thread(message.id):
        return True
    async for later in message.channel.history(after=message, limit=LOOKED_AT):
        replies = later.reference is not None and later.reference.message_id == message.id
        if not later.author.bot and later.author.id != message.author.id and (opened or replies):
            return True
    return False


def lacking(channel: discord.abc.GuildChannel) -> list[str]:
    """The permissions that the bot needs to answer in a channel and does not have there, as Discord names them."""
    sending = "send_messages_in_threads" if isinstance(channel, discord.ForumChannel) else "send_messages"
    held = channel.permissions_for(channel.guild.me)
    return [_PERMISSIONS[key] for key in (*_NEEDED, sending) if not getattr(held, key)]


def _missing(channel: discord.abc.GuildChannel) -> str:
    """A sentence on the permissions that the bot lacks in a channel; "" where it has all."""
    names = ", ".join(map(_, lacking(channel)))
    return " " + _("I still need these permissions there: {names}.").format(names=names) if names else ""


def _seen(channel: discord.abc.GuildChannel, private: bool) -> str:
    if private:
        return _("Answers to commands in {channel} are for the asker alone.").format(channel=channel.mention)
    return _("Answers to commands in {channel} are for all to see.").format(channel=channel.mention)


def _calling(role: discord.Role | None) -> str:
    if role is None:
        return _("*Ask a person* mentions nobody: /setup person chooses a role.")
    return _("*Ask a person* mentions {role}.").format(role=role.mention)
