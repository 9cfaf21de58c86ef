"""How a message looks, and its buttons; their state is in `custom_id`, so they outlive the process."""

import re
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.render import Page, Place, passage_page, sources_page
from embeddings.errors import BadRequest
from embeddings.index import Index
from embeddings.passages import Span

if TYPE_CHECKING:
    from bot.client import Interaction

OPEN, BACK, FORTH = "Open", "Previous", "Next"


class _Button(ui.DynamicItem[ui.Button[Any]], template=r"(?!)"):
    """What the buttons share: whoever presses one is told what went wrong, if anything does."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Called by discord.py, which would only log an error."""
        try:
            await self.press(interaction, interaction.client.answerer.index)
        except Exception as error:
            await interaction.client.tell(interaction, error)

    async def press(self, interaction: "Interaction", index: Index) -> None:
        """Do what the button is for."""
        raise NotImplementedError


class PassageButton(
    _Button,
    template=rf"(?P<label>{OPEN}|{BACK}|{FORTH}):(?P<slot>[0-9]{{1,2}}):"
    r"(?P<passage>[0-9a-f]{16}):(?P<start>[0-9]{1,4}):(?P<end>[0-9]{1,4})",
):
    """Opens a passage, privately, or turns from an open one to its neighbour.

    `slot` keeps the ids within a message apart.
    """

    def __init__(self, label: str, place: Place, slot: int = 0) -> None:
        self.label, self.place = label, place
        custom_id = f"{label}:{slot}:{place.passage_id}:{place.start}:{place.end}"
        super().__init__(ui.Button(label=label, custom_id=custom_id))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        place = Place(match["passage"], int(match["start"]), int(match["end"]))
        return cls(match["label"], place, int(match["slot"]))

    async def press(self, interaction: "Interaction", index: Index) -> None:
        """Show the passage; raises BadRequest when the index no longer has it."""
        view = passage_view(index, self.place)
        if self.label == OPEN:
            await interaction.response.send_message(view=view, ephemeral=True)
        else:
            await interaction.response.edit_message(view=view)


class SourcesButton(_Button, template=rf"sources:(?P<label>{BACK}|{FORTH}):(?P<page>[0-9]{{1,6}})"):
    """Turns to another page of the list of sources."""

    def __init__(self, label: str, page: int) -> None:
        self.page = page
        super().__init__(ui.Button(label=label, custom_id=f"sources:{label}:{page}"))

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See DynamicItem."""
        return cls(match["label"], int(match["page"]))

    async def press(self, interaction: "Interaction", index: Index) -> None:
        """Show that page in place of this one."""
        await interaction.response.edit_message(view=layout(sources_page(index, self.page)))


BUTTONS = PassageButton, SourcesButton


def layout(page: Page) -> ui.LayoutView:
    """The page as a message: one section with an Open button an entry, and a row to turn pages with."""
    box: ui.Container[Any] = ui.Container(ui.TextDisplay(page.head), accent_colour=page.colour)
    for slot, entry in enumerate(page.entries):
        if entry.place:
            box.add_item(ui.Section(*entry.texts, accessory=PassageButton(OPEN, entry.place, slot)))
            continue
        for text in entry.texts:
            box.add_item(ui.TextDisplay(text))
    box.add_item(ui.Separator()).add_item(ui.TextDisplay(page.foot))
    turns = [_turn(label, to) for label, to in ((BACK, page.back), (FORTH, page.forth)) if to is not None]
    if turns:
        box.add_item(ui.ActionRow(*turns))
    return ui.LayoutView(timeout=None).add_item(box)


def passage_view(index: Index, place: Place) -> ui.LayoutView:
    """A passage in its document. Raises BadRequest when the index no longer has it."""
    row = index.row_of.get(place.passage_id)
    if row is None:
        raise BadRequest("This passage is gone: its document was changed or removed since. Ask again.")
    passage = index.passages[row]
    quoted = Span(passage.start + place.start, passage.start + place.end)
    sound = quoted in passage.sentences  # a custom_id can be forged, or older than the way sentences are cut now
    return layout(passage_page(index, passage, Span(place.start, place.end) if sound else Span(0, 0)))


def _turn(label: str, to: Place | int) -> _Button:
    return PassageButton(label, to) if isinstance(to, Place) else SourcesButton(label, to)
