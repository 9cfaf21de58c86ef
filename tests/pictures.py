"""Pictures of every kind of message that the bot shows: python tests/pictures.py OUT_DIR

The bot runs unchanged in simcord's Discord, over `seeds/`, over the manual in `benchmarks/manual/` and over a few
documents made for this; Debian's chromium takes the pictures, and OUT_DIR/README.md lists them. Without an answer that
is sure enough, the script fails rather than show another kind of message.

simcord draws Discord's dark theme only, and lets nobody but the bot open posts in a
forum: the first responder is shown in a channel, where it looks the same.
"""

import asyncio
import dataclasses
import functools
import io
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import simcord
from endpoint import ScriptedEndpoint
from endpoint.plays import says
from loopback import walk
from PIL import Image
from playwright.async_api import BrowserType

from bot.answering.answerer import Answerer
from bot.discord.client import FootnoteBot
from bot.reader.trained import TrainedReader
from bot.settings import Settings
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.storing.generations import open_current

ROOT = Path(__file__).resolve().parents[1]
SIZE, COLOURS, BYTES = (760, 2700), (128, 24, 12), 60_000
"""The largest picture, in pixels; its colours, fewer where a file would be larger than so many bytes."""
TITLE = """# Pictures

Every kind of message, as people see it in Discord. `make pictures` writes this page and its pictures from the bot's
real messages; simcord draws them, in Discord's dark theme.
"""
FAIR = """---
title: Note {number} on the harvest fair
published: 2025-09-{number:02}
---

The organisers counted {visitors:,} visitors at the harvest fair, according to the note that they pinned to the gate
on the last evening, after the music had stopped and the stalls had been taken down.
"""
GATE = """# The gate of the market

The sign at the gate says “שלום, ברוכים הבאים לשוק 🌻” and below it, in Arabic, “أهلاً وسهلاً بكم في السوق 🥕🥬”.
It was painted by 👩🏽‍🌾 Noor and 👨‍👩‍👧‍👦 her family in 2024.
"""
MINUTES = """# Meeting of the market's council

**Ana Berg** (18:02): I think that the old bridge to the market has to be closed for the winter. The deck is cracked in
two places, and nobody has looked at the piles since we bought it.

**Joost Dahl** (18:04): We had an engineer there in May. He told me that it is safe for people on foot.

**Ana Berg** (18:05): Then I ask for his report. What about the stalls?

**Mina Lund** (18:06): The stalls at the gate pay nothing until March, as we said last time. I would leave it there.

**Joost Dahl** (18:07): I agree.

**Mina Lund** (18:08): Thanks. Our next meeting is on the ninth.
"""
VENTS = "# Setting every vent to its limit\n\nDo this after new motors were built in.\n\n"
VENT = "{0}. Set `greenhouse.ventilation.house_{0}.maximum_opening_percentage` to {1}, then wait for confirmation.\n"
SHUTTERS = "# Closing every shutter for the night\n\nDo this when the sun has gone down.\n\n"
SHUTTER = (
    "{0}. Set greenhouse_shutters_house_{0}_north_and_south_position_percentage to {1}, then read "
    "greenhouse_shutters_house_{0}_motor_state_after_closing.\n"
)


class Album:
    """The pictures that were taken, and the folder they are in."""

    def __init__(self, out: Path) -> None:
        self.out, self.titles = out, dict[str, str]()

    def add(self, name: str, title: str, png: bytes) -> None:
        """Keep a picture, in few colours."""
        image, path = Image.open(io.BytesIO(png)).convert("RGB"), self.out / f"{name}.png"
        for colours in COLOURS:
            image.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path, optimize=True)
            if path.stat().st_size <= BYTES:
                break
        self.titles[name] = title
        print(path, flush=True)

    def close(self) -> None:
        """Write the page that shows them, and remove pictures that are not on it."""
        parts = [f"## {title}\n\n![{title}]({name}.png)\n" for name, title in self.titles.items()]
        (self.out / "README.md").write_text("\n".join([TITLE, *parts]), encoding="utf-8")
        for path in self.out.glob("*.png"):
            if path.stem not in self.titles:
                path.unlink()


@dataclasses.dataclass
class Scene:
    """A channel with a reader and a moderator, and a camera."""

    album: Album
    channel: Any
    reader: Any
    moderator: Any
    preview: Any

    async def take(self, name: str, title: str, shown: Any, viewer: Any = None) -> None:
        """Take a picture of a message, or of the form that an interaction opened."""
        if isinstance(shown, simcord.InteractionResult) and not shown.modal:
            shown = shown.response or shown.followups[0]
        taken = await self.preview.screenshot(viewer=viewer or self.reader, target=shown, allow_incomplete=True)
        self.album.add(name, title, taken.png)

    async def ask(self, question: str) -> Any:
        """The answer to a question; fails where there is none."""
        asked = await self.reader.slash(self.channel, "ask", question=question)
        if asked.response is None:
            raise SystemExit(f"No answer is sure enough to be shown: {question}")
        return asked

    def written(self) -> Any:
        """The last message in the channel."""
        return self.channel.last_message


def button(message: Any, label: str) -> str:
    """The id of the first button of a message with this label or emoji."""
    parts = [part if isinstance(part, dict) else part.to_dict() for part in message.components]
    return next(
        str(part["custom_id"])
        for part in walk(parts)
        if part.get("label") == label or (part.get("emoji") or {}).get("name") == label
    )


def write(folder: Path) -> Path:
    """Make the documents for what is rare: many that differ, other scripts, a very long list."""
    folder.mkdir()
    files = {f"fair-{n}": FAIR.format(number=n, visitors=900 + 37 * n) for n in range(1, 13)}
    files |= {"gate": GATE, "minutes": MINUTES, "vents": VENTS + "".join(VENT.format(n, 20 + n) for n in range(1, 36))}
    files["shutters"] = SHUTTERS + "".join(SHUTTER.format(n, 60 + n) for n in range(1, 31))
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


async def main(out: Path) -> None:
    """Take all pictures."""
    BrowserType.launch = functools.partialmethod(  # type: ignore[method-assign, assignment] # simcord offers no other way
        BrowserType.launch, executable_path="/usr/bin/chromium", args=["--no-sandbox"]
    )
    album = Album(out)
    encoder, reader = SentenceEncoder(Settings.load({}).model), TrainedReader()
    with tempfile.TemporaryDirectory() as folder:
        made = write(Path(folder, "made"))
        for corpus, show in ((ROOT / "seeds", news), (ROOT / "benchmarks/manual/pages", manual), (made, extremes)):
            settings = dataclasses.replace(
                Settings.load({}), corpus=corpus, index=Path(folder, f"{show.__name__}-index"), first_responder=True
            )
            build(settings.corpus, settings.index, encoder)
            opened = open_current(settings.index, encoder.sha256)
            bot = FootnoteBot(settings, Answerer(opened, encoder, settings.threshold, reader))
            async with simcord.run(bot, settle_timeout=60) as env:
                await bot.user.edit(username="Footnote")  # type: ignore[union-attr] # it is logged in
                await env.advance_time((datetime.now(UTC) - env.now()).total_seconds())
                await show(env, album)
            if show is manual:
                await prose(settings.index, Answerer(opened, encoder, settings.threshold, reader), album)
    album.close()


@asynccontextmanager
async def scene(env: Any, album: Album, guild: Any, name: str) -> AsyncIterator[Scene]:
    """A new channel, with people in it."""
    channel = guild.create_text_channel(name)
    reader = guild.add_member(env.create_user("maria"))
    keeper = guild.create_role("Moderators", permissions=discord.Permissions.all())
    moderator = guild.add_member(env.create_user("joost"), roles=[keeper])
    width, height = SIZE
    async with env.preview(channel, viewers=[reader, moderator], width=width, height=height, locale="en-GB") as preview:
        yield Scene(album, channel, reader, moderator, preview)


async def news(env: Any, album: Album) -> None:
    """Over `seeds/`: answers, sources that differ, and all that is done with them."""
    guild = env.create_guild("Newsroom")
    async with scene(env, album, guild, "questions") as s:
        await s.take("answer", "An answer with a value", await s.ask("How many Marines were deployed to Los Angeles?"))
        differing = await s.ask("How many National Guard troops were sent to Los Angeles?")
        await s.take("differing", "The sources differ", differing)
        await s.take("attributed", "Who says it", await s.ask("What did Karen Bass say about the curfew?"))
        opened = await s.reader.click(differing.response, custom_id=button(differing.response, "Open"))
        await s.take("opened", "A quotation, opened in its document", opened)
        sources = await s.reader.click(differing.response, custom_id=button(differing.response, "All sources"))
        await s.take("all-sources", "All sources of an answer", sources)
        silent = await s.reader.slash(s.channel, "ask", question="Who won the 2026 World Cup?")
        await s.take("not-found", "Not in the documents", silent)
        told = silent.followups[0]
        nearest = await s.reader.click(told, custom_id=button(told, "Show nearest"))
        await s.take("nearest", "What comes nearest", nearest)

        mention = f"<@{env.bot.user.id}> "
        await s.reader.send(s.channel, mention + "How many Marines were deployed to Los Angeles?")
        await s.reader.send(s.channel, "and in Chicago?", reply_to=s.written())
        await s.take("follow-up", "A follow-up, by a reply", s.written())
        await s.reader.send(s.channel, mention)
        await s.take("hello", "What it says to a greeting", s.written())

        private = await s.reader.slash(
            s.channel, "ask", question="How many Marines were deployed to Los Angeles?", private=True
        )
        await s.take("private", "A private answer", private)
        await s.reader.click(private.response, custom_id=button(private.response, "Share"))
        await s.take("shared", "The same, shared by its asker", s.written())

        claim = "Donald Trump sent 5,000 National Guard troops to Los Angeles."
        await s.take("check", "A claim, checked", await s.reader.slash(s.channel, "check", claim=claim))
        post = await s.moderator.send(
            s.channel,
            "4,000 National Guard troops were sent to Los Angeles. Karen Bass lifted the curfew in March. I like tea.",
        )
        checked = await s.reader.context_menu(s.channel, "Check against the documents", post)
        await s.take("check-message", "Somebody's message, checked", checked)
        compared = await s.reader.slash(s.channel, "compare", question="What did Gavin Newsom call the deployment?")
        await s.take("compare", "What each source says", compared)
        await s.take("sources", "The list of sources", await s.reader.slash(s.channel, "sources"))
        found = await s.reader.slash(s.channel, "search", query="arrests a day")
        await s.take("search", "A search", found)
        unknown = await s.reader.slash(s.channel, "source", name="Reuters")
        await s.take("error", "An error", unknown)
        assert len(env.errors) == 1

        thumbs = differing.response
        await s.moderator.click(thumbs, custom_id=button(thumbs, "\N{THUMBS UP SIGN}"))
        why = await s.reader.click(thumbs, custom_id=button(thumbs, "\N{THUMBS DOWN SIGN}"))
        await s.take("vote", "Why an answer is no good", why)
        part = why.modal["components"][0]["component"]
        await s.reader.submit_modal(why, {part["custom_id"]: "The newer figure should come first."})
        key = str(button(thumbs, "\N{THUMBS UP SIGN}")).rpartition(":")[2]
        await s.take("receipt", "A receipt", await s.reader.slash(s.channel, "receipt", receipt=key))
        await s.take("insights", "Insights", await s.moderator.slash(s.channel, "insights"), s.moderator)
        await s.take("status", "The status", await s.moderator.slash(s.channel, "footnote status"), s.moderator)
    async with scene(env, album, env.create_guild("Redaktion", preferred_locale="de"), "fragen") as s:
        await s.reader.send(s.channel, f"<@{env.bot.user.id}> How many Marines were deployed to Los Angeles?")
        await s.take("german", "In a server of German speakers", s.written())


async def manual(env: Any, album: Album) -> None:
    """Over the manual: whole passages, and the first responder."""
    guild = env.create_guild("Greenhouses")
    async with scene(env, album, guild, "questions") as s:
        for name, title, question in (
            ("steps", "Steps", "How do I calibrate the soil moisture probe?"),
            ("table", "A table", "How can I see which editions and prices there are?"),
            ("code", "Code", "How do I call the API from Python?"),
            ("passage", "A whole passage", "How do I make a backup?"),
            ("open", "An open question", "Do API tokens expire?"),
            ("row", "A row of a table", "How many steps can a recipe have?"),
        ):
            await s.take(name, title, await s.ask(question))
        unsure = await s.reader.slash(s.channel, "ask", question="what's the difference between a hold and an override")
        await s.take("unsure", "No sure answer", unsure)
        dated = await s.reader.slash(s.channel, "timeline", subject="releases, and fixes of security")
        await s.take("timeline", "A timeline", dated)
    async with scene(env, album, guild, "help") as s:
        helpers = guild.create_role("Helpers", mentionable=True)
        await s.take(
            "setup",
            "A moderator names a channel",
            await s.moderator.slash(s.channel, "setup add", channel=s.channel),
            s.moderator,
        )
        await s.moderator.slash(s.channel, "setup person", role=helpers)
        await s.reader.send(s.channel, "How many dashboards can a user have?")
        answer = s.written()
        await s.take("responder", "The first responder", answer)
        called = await s.reader.click(answer, custom_id=button(answer, "Ask a person"))
        await s.take("person", "A person is called", s.written())
        assert called.ephemeral
        await s.reader.click(answer, custom_id=button(answer, "Not it"))
        await s.take("folded", "It was not it", answer)


PROSE = """Put the sensor in with its station if you are not sure which of the two is broken. [1]
Repairs take about ten working days. [1]
You pay the way to us, and we pay the way back. [1]
Repairs take five working days at most. [1]
"""


async def prose(folder: Path, answerer: Answerer, album: Album) -> None:
    """What a language model wrote, of which a sentence was dropped: left out, and struck through."""
    question = "How do I send a device in for repair?"
    for name, title, shown in (
        ("prose", "In other words, by a language model", False),
        ("prose-dropped", "The same, with the sentence that was dropped", True),
    ):
        async with ScriptedEndpoint() as endpoint:
            endpoint.play(says(PROSE))
            (folder / "commands.json").unlink(missing_ok=True)  # each of these Discords has to be told the commands
            settings = dataclasses.replace(
                Settings.load({}), index=folder, llm_url=endpoint.url, llm_model="qwen3:4b", llm_show_dropped=shown
            )
            bot = FootnoteBot(settings, answerer)
            async with simcord.run(bot, settle_timeout=60) as env:
                await bot.user.edit(username="Footnote")  # type: ignore[union-attr] # it is logged in
                await env.advance_time((datetime.now(UTC) - env.now()).total_seconds())
                async with scene(env, album, env.create_guild("Greenhouses"), "questions") as s:
                    asked = await s.ask(question)
                    while bot.writing:
                        await asyncio.wait(bot.writing)
                    await env.settle()
                    await s.take(name, title, asked)


async def extremes(env: Any, album: Album) -> None:
    """Over made documents: what is long, and what other scripts and emoji do."""
    async with scene(env, album, env.create_guild("Extremes"), "questions") as s:
        for name, title, question in (
            ("long", "A long answer", "How many visitors came to the harvest fair?"),
            ("long-quotation", "A quotation of 4,000 characters", "How do I set every vent to its limit?"),
            ("spoken", "Whose turn it is in a transcript", "What did Mina Lund say about the stalls?"),
            ("scripts", "Right to left, and emoji", "What does the sign at the gate say?"),
        ):
            await s.take(name, title, await s.ask(question))
        paged = await s.ask("How do I close every shutter for the night?")
        await s.take("pages", "A passage too long for a message", paged)
        await s.reader.click(paged.response, custom_id=button(paged.response, "Next"))
        await s.take("turned", "The same, turned to its second page", s.written())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(folder))
