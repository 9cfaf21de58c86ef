"""How a message looks, and its buttons; their state is in `custom_id`, so they outlive the process."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.answering.answerer import Answerer
from bot.discord.answer import leaf_page, note_of
from bot.discord.language import _
from bot.discord.lookup import nearest_page, passage_page, quoted_span
from bot.discord.page import GONE, MAX_TEXT, Leaf, Mix, Page, Place, corpus_mark
from bot.discord.sources import SOURCES_GONE, mix_page, sources_page
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.index import Index
from embeddings.splitting.passages import Span

if TYPE_CHECKING:
    from bot.discord.client import Interaction

OPEN, BACK, FORTH = Message("Open"), Message("Previous"), Message("Next")
ALL, NEAREST, SHARE = Message("All sources"), Message("Show nearest"), Message("Share")
NOT_ASKER = Message("Only whoever asked can do this with a private answer.")
_MAY_NOT_WRITE = Message("You may not write here, so this stays with you alone.")
_NOT_FOR_ALL = Message(
    "This comes from documents that not everybody here may see, or that were changed since. It stays private."
)
MOST_NEAREST = 3
"""Passages whose places fit into a button."""
MOST_COMPONENTS = 40
"""In a message, the message's container included."""
MAX_REASON = 300
"""Characters of what somebody writes with a vote."""
_WHY = re.compile("why:(?P<answer>[a-z2-9]{8})")
_CORPUS = r"(?::(?P<corpus>[\w-]{4}))?"
"""The end of an id, where there are several corpora."""
_PASSAGE = (
    rf"(?P<label>{OPEN}(?: [0-9]{{1,3}})?|{BACK}|{FORTH}):(?P<slot>[0-9]{{1,2}}):"
    r"(?P<passage>[0-9a-f]{16}):(?P<start>[0-9]{1,4}):(?P<end>[0-9]{1,4})"
)
_LEAF = (
    r"leaf:(?P<number>[0-9]{1,2}):(?P<passage>[0-9a-f]{16}):(?P<start>[0-9]{1,5}):(?P<end>[0-9]{1,5})"
    r":(?P<asker>[0-9]{1,20})"
)
_ROW = 5
"""Buttons in a row."""


async def _attend(interaction: "Interaction", act: Callable[[Sequence[Answerer]], Awaitable[None]]) -> None:
    """Do what somebody wants with what they may see, or tell what went wrong; discord.py would only log that."""
    interaction.client.finish_before_leaving()
    interaction.client.speak_to(interaction)
    try:
        await act(interaction.client.seen_by(interaction))
    except Exception as error:
        await interaction.client.tell(interaction, error)


class Button(ui.DynamicItem[ui.Button[Any]], template=r"(?!)"):
    """What the buttons share: whoever presses one is told what went wrong, if anything does."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Called by discord.py, which would only log an error."""
        await _attend(interaction, lambda seen: self.press(interaction, seen))

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Do what the button is for, with what whoever presses it may see."""
        raise NotImplementedError


class PassageButton(Button, template=_PASSAGE):
    """Opens a passage, privately, or turns from an open one to its neighbour.

    `slot` keeps the ids within a message apart.
    """

    def __init__(self, label: str, place: Place, slot: int = 0) -> None:
        self.label, self.place = label, place
        custom_id = f"{label}:{slot}:{place.passage_id}:{place.start}:{place.end}"
        word, *which = label.split()
        super().__init__(ui.Button(label=" ".join([_(word), *which]), custom_id=custom_id))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        place = Place(match["passage"], int(match["start"]), int(match["end"]))
        return cls(match["label"], place, int(match["slot"]))

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Show the passage; raises BadRequest when no index that may be seen has it."""
        view = passage_view(_holding(seen, self.place), self.place)
        if self.label.startswith(OPEN):
            await interaction.response.send_message(view=view, ephemeral=True)
        else:
            await interaction.response.edit_message(view=view)


class SourcesButton(Button, template=rf"sources:(?P<label>{BACK}|{FORTH}):(?P<page>[0-9]{{1,6}}){_CORPUS}"):
    """Turns to another page of the list of sources."""

    def __init__(self, label: str, page: int, corpus: str = "") -> None:
        self.page, self.corpus = page, corpus
        super().__init__(ui.Button(label=_(label), custom_id=f"sources:{label}:{page}{_ending(corpus)}"))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        return cls(match["label"], int(match["page"]), match["corpus"] or "")

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Show that page in place of this one."""
        answerer = _of_corpus(seen, self.corpus)
        page = sources_page(answerer.index, self.page, answerer.source.corpus)
        await interaction.response.edit_message(view=layout(page))


class MixButton(
    Button,
    template=rf"mix:(?P<label>{ALL}|{BACK}|{FORTH}):(?P<page>[0-9]{{1,6}}):(?P<after>[0-9]{{0,7}}):(?P<before>[0-9]{{0,7}}):"
    rf"(?P<source>(?:[\w-]{{4}})?):(?P<addressing>(?:[\w-]{{4}})*){_CORPUS}",
):
    """Lists the documents that a question was put to, privately, or turns to another page of that list."""

    def __init__(self, label: str, mix: Mix) -> None:
        self.label, self.mix = label, mix
        dates = ":".join(str(day.toordinal()) if day else "" for day in (mix.after, mix.before))
        custom_id = f"mix:{label}:{mix.page}:{dates}:{mix.source}:{''.join(mix.addressing)}{_ending(mix.corpus)}"
        super().__init__(ui.Button(label=_(label), custom_id=custom_id))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        after, before = (_day(match[name]) for name in ("after", "before"))
        addressing = tuple(re.findall(".{4}", match["addressing"]))
        corpus = match["corpus"] or ""
        return cls(match["label"], Mix(addressing, match["source"], after, before, int(match["page"]), corpus))

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Show the list."""
        view = layout(await asyncio.to_thread(mix_page, _of_corpus(seen, self.mix.corpus).index, self.mix))
        if self.label == ALL:
            await interaction.response.send_message(view=view, ephemeral=True)
        else:
            await interaction.response.edit_message(view=view)


class NearestButton(Button, template=r"nearest(?P<places>(?::[0-9a-f]{16}:[0-9]{1,4}:[0-9]{1,4}){1,3})"):
    """Shows, privately, the passages nearest to a question that has no answer."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = tuple(places[:MOST_NEAREST])
        ids = "".join(f":{place.passage_id}:{place.start}:{place.end}" for place in self.places)
        super().__init__(ui.Button(label=_(NEAREST), custom_id=f"nearest{ids}"))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        found = re.findall(r":([0-9a-f]{16}):([0-9]+):([0-9]+)", match["places"])
        return cls([Place(passage, int(start), int(end)) for passage, start, end in found])

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Show them."""
        index = _holding(seen, *self.places)
        await interaction.response.send_message(view=layout(nearest_page(index, self.places)), ephemeral=True)


class LeafButton(Button, template=_LEAF):
    """Turns to another page of a long quotation, in the same message; of a private one only its asker can."""

    def __init__(self, label: str, leaf: Leaf) -> None:
        self.leaf, place = leaf, leaf.place
        custom_id = f"leaf:{leaf.number}:{place.passage_id}:{place.start}:{place.end}:{leaf.asker}"
        super().__init__(ui.Button(label=_(label), custom_id=custom_id))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        return cls(getattr(item, "label", "") or FORTH, _leaf(match))

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Put that page in the place of the one in the message, which otherwise stays as it is.

        A public message shows everybody what whoever presses sees, so it is turned to what they all may see.
        """
        if self.leaf.asker not in (0, interaction.user.id):
            raise BadRequest(NOT_ASKER)
        readers = seen
        if not self.leaf.asker:
            interaction.client.speak_to_all(interaction)
            readers = interaction.client.seen_by_all(interaction)
        page = leaf_page(_holding(readers, self.leaf.place), self.leaf)
        view = self.view
        parts = list(view.walk_children()) if isinstance(view, ui.LayoutView) else []
        section = next((part for part in parts if isinstance(part, ui.Section)), None)
        if section is None or not isinstance(view, ui.LayoutView):
            raise BadRequest(GONE)
        block, note = (part for part in section.children if isinstance(part, ui.TextDisplay))
        block.content, note.content = page.entries[0].texts[0], note_of(note.content, page.entries[0].texts[1])
        row = next(part for part in parts if isinstance(part, ui.ActionRow) and self in part.children)
        row.clear_items()
        for button in _turns(page):
            row.add_item(button)
        view.stop()  # its buttons are found by their ids: discord.py need not remember the message
        await interaction.response.edit_message(view=view)


class ShareButton(Button, template=r"share:(?P<asker>[0-9]{1,20})"):
    """Makes a private answer public in its channel, for its asker; never what is not for everybody there."""

    def __init__(self, asker: int) -> None:
        self.asker = asker
        super().__init__(ui.Button(label=_(SHARE), custom_id=f"share:{asker}"))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        return cls(int(match["asker"]))

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Take the button from the private message, and send the rest of it for all.

        What may be shared is told by the passages that the message opens and shows: an id could be forged.
        """
        if interaction.user.id != self.asker:
            raise BadRequest(NOT_ASKER)
        threaded, allowed = isinstance(interaction.channel, discord.Thread), interaction.permissions
        if not (allowed.send_messages_in_threads if threaded else allowed.send_messages):
            raise BadRequest(_MAY_NOT_WRITE)
        view, common = self.view, list[Answerer]()
        with suppress(BadRequest):
            common = interaction.client.seen_by_all(interaction)
        passages = set(_passages(view)) if isinstance(view, ui.LayoutView) else set[str]()
        if not isinstance(view, ui.LayoutView) or not passages:
            raise BadRequest(_NOT_FOR_ALL)
        if not any(passages <= answerer.index.row_of.keys() for answerer in common):
            raise BadRequest(_NOT_FOR_ALL)
        _take_out(view, self)
        view.stop()  # its buttons are found by their ids: discord.py need not remember the messages
        await interaction.response.edit_message(view=view)
        for button in _buttons(view):
            if turns := re.fullmatch(_LEAF, button.custom_id or ""):
                button.custom_id = LeafButton(FORTH, replace(_leaf(turns), asker=0)).custom_id
        note = "-# " + _("Shared by {person}.").format(person=f"<@{self.asker}>")
        if len("".join(texts_of(view.children))) + len(note) <= MAX_TEXT:
            view.add_item(ui.TextDisplay(note))
        await interaction.followup.send(view=view)


class VoteButton(Button, template=r"vote:(?P<way>up|down):(?P<answer>[a-z2-9]{8})"):
    """Counts a vote on an answer that is kept; of one against it, asks why."""

    def __init__(self, up: bool, answer: str) -> None:
        self.up, self.answer = up, answer
        emoji = "\N{THUMBS UP SIGN}" if up else "\N{THUMBS DOWN SIGN}"
        super().__init__(ui.Button(emoji=emoji, custom_id=f"vote:{'up' if up else 'down'}:{answer}"))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        return cls(match["way"] == "up", match["answer"])

    async def press(self, interaction: "Interaction", seen: Sequence[Answerer]) -> None:
        """Count it, or open the modal that does."""
        if self.up:
            await _vote(interaction, seen, self.answer, up=True)
        else:
            await interaction.response.send_modal(_why(self.answer))


def _why(answer: str) -> ui.Modal:
    """Asks for a reason; see `vote_with_reason`. It is found by its id, so discord.py need not remember it."""
    reason: ui.TextInput[Any] = ui.TextInput(
        custom_id="reason",
        style=discord.TextStyle.paragraph,
        max_length=MAX_REASON,
        required=False,
        placeholder=_("You may leave this empty."),
    )
    modal = ui.Modal(title=_("What is wrong with this answer?"), custom_id=f"why:{answer}")
    modal.add_item(ui.Label(text=_("For the moderators, without your name"), component=reason))
    modal.stop()
    return modal


async def vote_with_reason(interaction: "Interaction") -> None:
    """Count the vote against an answer that a modal sends; what is no such modal is let be."""
    sent: Any = interaction.data
    if interaction.type is not discord.InteractionType.modal_submit or not (found := _WHY.fullmatch(sent["custom_id"])):
        return
    answer = found["answer"]

    async def count(seen: Sequence[Answerer]) -> None:
        reason = next((part["component"]["value"] for part in sent["components"] if "component" in part), "")
        await _vote(interaction, seen, answer, up=False, reason=reason.strip()[:MAX_REASON])

    await _attend(interaction, count)


async def _vote(interaction: "Interaction", seen: Sequence[Answerer], answer: str, up: bool, reason: str = "") -> None:
    ledger, corpora = interaction.client.ledger, {answerer.source.corpus for answerer in seen}
    if not ledger or not await asyncio.to_thread(
        ledger.vote, interaction.guild_id, answer, interaction.user.id, up, reason, corpora
    ):
        raise BadRequest(Message("This answer is no longer kept, so it cannot be voted on."))
    await interaction.response.send_message(_("Noted, thank you."), ephemeral=True)


BUTTONS = PassageButton, SourcesButton, MixButton, NearestButton, LeafButton, ShareButton, VoteButton


class Layout(ui.LayoutView):
    """A message whose buttons are found by their ids, so that discord.py need not remember it and wait for them."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.stop()


def layout(page: Page, *below: ui.Item[Any]) -> ui.LayoutView:
    """The page as a message: one section with an Open button an entry, rows of further buttons, and what is `below`.

    Those that open citations without an entry are as many as there is room for.
    """
    box: ui.Container[Any] = ui.Container(ui.TextDisplay(page.head), accent_colour=page.colour)
    for slot, entry in enumerate(page.entries):
        if entry.place:
            box.add_item(ui.Section(*entry.texts, accessory=PassageButton(OPEN, entry.place, slot)))
            continue
        for text in entry.texts:
            box.add_item(ui.TextDisplay(text))
    box.add_item(ui.Separator()).add_item(ui.TextDisplay(page.foot))
    buttons: list[Button] = [NearestButton(page.nearest)] if page.nearest else []
    buttons += [MixButton(ALL, page.mix)] if page.mix else []
    buttons += [ShareButton(page.share)] if page.share else []
    buttons += [VoteButton(up, page.receipt) for up in (True, False)] if page.receipt else []
    buttons += [PassageButton(f"{OPEN} {number}", place) for number, place in page.opens]
    view = Layout().add_item(box)
    for item in below:
        view.add_item(item)
    room = MOST_COMPONENTS - view.total_children_count
    for start in range(0, len(buttons), _ROW):
        row = buttons[start : start + _ROW][: max(room - 1, 0)]
        if row:
            box.add_item(ui.ActionRow(*row))
        room -= len(row) + 1
    if turns := _turns(page):
        box.add_item(ui.ActionRow(*turns))
    return view


def _buttons(view: ui.LayoutView) -> list[ui.Button[Any]]:
    return [part for part in view.walk_children() if isinstance(part, ui.Button)]


def _passages(view: ui.LayoutView) -> Iterator[str]:
    """The ids of the passages that buttons of a message open, and of those whose pages it shows."""
    for button in _buttons(view):
        if found := re.fullmatch(_PASSAGE, button.custom_id or "") or re.fullmatch(_LEAF, button.custom_id or ""):
            yield found["passage"]


def _take_out(view: ui.LayoutView, button: ui.Item[Any]) -> None:
    """Take a button from a message, and its row where nothing else is in it."""
    for box in view.walk_children():
        if isinstance(box, ui.ActionRow) and button in box.children:
            box.remove_item(button)
            if not box.children and isinstance(box.parent, ui.Container):
                box.parent.remove_item(box)
            return


def texts_of(parts: Iterable[Any]) -> Iterator[str]:
    """All texts among the components of a message, from top to bottom."""
    for part in parts:
        if isinstance(part, discord.TextDisplay):
            yield part.content
        yield from texts_of(getattr(part, "children", ()))


def notice(text: str) -> ui.LayoutView:
    """A line of ours that an answer can take the place of."""
    return Layout().add_item(ui.TextDisplay(text))


def passage_view(index: Index, place: Place) -> ui.LayoutView:
    """A passage in its document. Raises BadRequest when the index no longer has it."""
    row = index.row_of.get(place.passage_id)
    if row is None:
        raise BadRequest(GONE)
    passage = index.passages[row]
    sound = quoted_span(passage, place)
    return layout(passage_page(index, passage, Span(place.start, place.end) if sound else Span(0, 0)))


def _holding(seen: Sequence[Answerer], *places: Place) -> Index:
    """The first index that has one of the places; any other knows as little of them as of what may not be seen."""
    indexes = [answerer.index for answerer in seen]
    return next((each for each in indexes if any(place.passage_id in each.row_of for place in places)), indexes[0])


def _of_corpus(seen: Sequence[Answerer], corpus: str) -> Answerer:
    """That of the corpus which a button stands for. Raises BadRequest where it may not be seen, or is gone."""
    found = next((answerer for answerer in seen if corpus in ("", corpus_mark(answerer.source.corpus))), None)
    if found is None:
        raise BadRequest(SOURCES_GONE)
    return found


def _leaf(match: re.Match[str]) -> Leaf:
    place = Place(match["passage"], int(match["start"]), int(match["end"]))
    return Leaf(place, int(match["number"]), int(match["asker"]))


def _ending(corpus: str) -> str:
    return f":{corpus}" if corpus else ""


def _day(ordinal: str) -> date | None:
    """The day of a number in a button; None where there is none, also in a forged one that no calendar has."""
    return date.fromordinal(int(ordinal)) if ordinal and 0 < int(ordinal) <= date.max.toordinal() else None


def _turns(page: Page) -> list[Button]:
    return [_turn(label, to, page.corpus) for label, to in ((BACK, page.back), (FORTH, page.forth)) if to is not None]


def _turn(label: str, to: Place | int | Mix | Leaf, corpus: str) -> Button:
    if isinstance(to, Leaf):
        return LeafButton(label, to)
    if isinstance(to, Mix):
        return MixButton(label, to)
    return PassageButton(label, to) if isinstance(to, Place) else SourcesButton(label, to, corpus)
