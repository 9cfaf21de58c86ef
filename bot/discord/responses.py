"""An answer that the bot gives by itself, and the buttons below it; their state is in `custom_id`."""

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import discord
from discord import ui
from discord.ext import commands

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.discord.answer import answer_page, reply_page
from bot.discord.delivery import defer, edit
from bot.discord.language import _, speak
from bot.discord.markup import line
from bot.discord.page import MAX_TEXT
from bot.discord.views import Button, Layout, layout
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.retrieval import MAX_QUERY

if TYPE_CHECKING:
    from bot.discord.client import Interaction

SOLVED, NOT_IT, PERSON, SHOW = Message("Solved"), Message("Not it"), Message("Ask a person"), Message("Show")
NOTE = Message("-# I answered this by myself. The buttons below are for whoever asked, and for moderators.")
IS_SOLVED = Message("**Solved.**")
FOLDED = Message("-# I answered this by myself, and it was not it.")
NEEDS_SETTING = Message(
    "I answer by myself only where whoever runs me has set FOOTNOTE_FIRST_RESPONDER=yes and turned on Message Content "
    "Intent at <https://discord.com/developers/applications>, under Bot."
)
_NOT_YOURS = Message("Only whoever asked, and moderators, can do this.")
_ASKED_BEFORE = Message("A person was called to this question before.")
_NO_ROLE = Message(
    "No role is set that I could call. Somebody who manages this server can choose one with /setup person."
)
_ROLE_GONE = Message(
    "The role that I was to call is gone. Somebody who manages this server can choose one with /setup person."
)
_NOT_PERMITTED = Message(
    "I cannot do that here. I need these permissions: View Channel, Send Messages (also in threads) and Read Message "
    "History."
)
_QUESTION_GONE = Message("The question was deleted.")
MOST_CALLS, _WITHIN = 3, 3600.0
"""How often somebody may have a role mentioned within so many seconds."""
_CALLED_OFTEN = Message(
    "You have called people {number} times within an hour. Wait for them, or write to them yourself.", number=MOST_CALLS
)
_CALLED = 300
"""Characters of a question that are shown to whoever is called."""


class ResponseButton(
    Button,
    template=rf"(?P<label>{SOLVED}|{NOT_IT}|{PERSON}|{SHOW}):(?P<asker>[0-9]{{1,20}}):(?P<question>[0-9]{{1,20}})",
):
    """A button below an answer that the bot gave by itself: who asked, and the message that did, are in its id.

    discord.py lets nobody press a button that the message does not have. What a press changes is the message itself
    or belongs to its server.
    """

    _STYLES: ClassVar[dict[str, discord.ButtonStyle]] = {SOLVED: discord.ButtonStyle.success}

    def __init__(self, label: str, asker: int, question: int) -> None:
        self.label, self.asker, self.question = label, asker, question
        style = self._STYLES.get(label, discord.ButtonStyle.secondary)
        super().__init__(ui.Button(label=_(label), style=style, custom_id=f"{label}:{asker}:{question}"))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        return cls(match["label"], int(match["asker"]), int(match["question"]))

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Do what the button is for."""
        try:
            await self._press(interaction)
        except discord.Forbidden as error:
            raise BadRequest(_NOT_PERMITTED) from error

    async def _press(self, interaction: "Interaction") -> None:
        if self.label == SHOW:
            await self._show(interaction)
            return
        if interaction.user.id != self.asker and not interaction.permissions.manage_messages:
            raise BadRequest(_NOT_YOURS)
        speak(interaction.guild_locale or interaction.locale)  # what changes from here on is for all to see
        if self.label == SOLVED:
            await interaction.response.edit_message(view=self._solved())
        elif self.label == NOT_IT:
            await interaction.response.edit_message(view=folded(self.asker, self.question))
        else:
            await self._call(interaction)

    def _solved(self) -> ui.LayoutView:
        """The answer as it stands, which discord.py has read from the message, without our buttons."""
        solved = Layout()
        for part in self.view.children if self.view else ():
            if isinstance(part, ui.Container):
                solved.add_item(part)
        solved.add_item(ui.TextDisplay(_(IS_SOLVED)))
        return solved

    async def _show(self, interaction: "Interaction") -> None:
        """Answer the question once more, to whoever pressed; the folded message no longer has the answer."""
        answerer = interaction.client.seen_by_all(interaction)[0]
        await defer(interaction, private=True)
        question = Question(await self._question(interaction))
        found = await interaction.client.answer(
            answerer, question, who=interaction.user.id, surface="show", guild=interaction.guild_id
        )
        page = interaction.client.for_asker(interaction, answerer, reply_page(found), private=True)
        await edit(interaction, view=layout(page))

    async def _call(self, interaction: "Interaction") -> None:
        """Mention the role that was chosen in this server, unless that was done for this question before."""
        store, guild = interaction.client.store, interaction.guild
        if guild is None or not interaction.client.settings.first_responder:
            raise BadRequest(NEEDS_SETTING)
        await defer(interaction, private=True)
        chosen = await asyncio.to_thread(store.role, guild.id)
        if chosen is None:
            raise BadRequest(_NO_ROLE)
        role = guild.get_role(chosen)
        if role is None:
            raise BadRequest(_ROLE_GONE)
        if not role.mentionable and not interaction.app_permissions.mention_everyone:
            raise BadRequest(
                Message(
                    "I may not mention the role {role}. Somebody who manages this server can allow anyone to mention "
                    "it, or give me the permission to mention all roles.",
                    role=role.name,
                )
            )
        question = await self._question(interaction)
        if not interaction.permissions.manage_messages and interaction.client.calls.update_rate_limit(interaction):
            raise BadRequest(_CALLED_OFTEN)
        if not await asyncio.to_thread(store.claim, "person", self.question):
            raise BadRequest(_ASKED_BEFORE)
        try:
            await self._mention(interaction, role, question)
        except BaseException:
            await asyncio.to_thread(store.release, "person", self.question)
            raise
        interaction.client.speak_to(interaction)
        await edit(interaction, content=_("I have called {role}.").format(role=role.mention))

    async def _mention(self, interaction: "Interaction", role: discord.Role, question: str) -> None:
        parts = [_("{role} Somebody needs a person here.").format(role=role.mention), f"> {line(question, _CALLED)}"]
        if interaction.message:
            parts.append(_("What I found: {address}").format(address=interaction.message.jump_url))
        await _place(interaction).send(
            "\n".join(parts),
            allowed_mentions=discord.AllowedMentions(everyone=False, users=False, roles=[role], replied_user=False),
        )

    async def _question(self, interaction: "Interaction") -> str:
        """The post that was answered, as it stands now."""
        try:
            message = await _place(interaction).fetch_message(self.question)
        except discord.NotFound as error:
            raise BadRequest(_QUESTION_GONE) from error
        return post_text(interaction.channel, message)


def calls() -> commands.CooldownMapping["Interaction"]:
    """Counts how often each member of a server has had people called."""
    return commands.CooldownMapping.from_cooldown(MOST_CALLS, _WITHIN, lambda call: (call.guild_id, call.user.id))


def response(found: Answer, asker: int, question: int, receipt: str = "") -> ui.LayoutView:
    """An answer to a message of somebody, kept under the id `receipt`, with the buttons below it."""
    buttons = (ResponseButton(label, asker, question) for label in (SOLVED, NOT_IT, PERSON))
    page = answer_page(found, receipt, MAX_TEXT - len(_(NOTE)))
    return layout(page, ui.TextDisplay(_(NOTE)), ui.ActionRow(*buttons))


def folded(asker: int, question: int) -> ui.LayoutView:
    """What is left of an answer that was not it."""
    buttons = (ResponseButton(label, asker, question) for label in (SHOW, PERSON))
    return Layout().add_item(ui.TextDisplay(_(FOLDED))).add_item(ui.ActionRow(*buttons))


def post_text(channel: Any, message: discord.Message) -> str:
    """What somebody asks with a message: its text, below the title where it opens a thread of a forum."""
    title = channel.name if isinstance(channel, discord.Thread) and channel.id == message.id else ""
    return f"{title}\n{message.content}".strip()[:MAX_QUERY]


def _place(interaction: "Interaction") -> discord.PartialMessageable:
    return interaction.client.get_partial_messageable(interaction.channel_id or 0, guild_id=interaction.guild_id)
