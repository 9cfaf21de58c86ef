"""Pictures of the bot's real messages, for the README: python tests/pictures.py OUT_DIR

The bot runs unchanged in simcord's Discord, over the index of `seeds/`; Debian's chromium takes the pictures.
"""

import asyncio
import dataclasses
import functools
import sys
import tempfile
from pathlib import Path
from typing import Any

import simcord
from loopback import walk
from playwright.async_api import BrowserType

from bot.answering.answerer import Answerer
from bot.discord.client import FootnoteBot
from bot.reader.trained import TrainedReader
from bot.settings import Settings
from embeddings.generations import open_current
from embeddings.indexing import build
from embeddings.sentence_encoder import SentenceEncoder

ANSWERED = "How many National Guard troops were sent to Los Angeles?"
ATTRIBUTED = "What did Karen Bass say about the curfew?"
UNANSWERED = "Who won the 2026 World Cup?"


async def main(out: Path) -> None:
    """Build the index of the seeds, ask the bot, and save what it shows."""
    BrowserType.launch = functools.partialmethod(  # type: ignore[method-assign] - simcord offers no other way
        BrowserType.launch, executable_path="/usr/bin/chromium", args=["--no-sandbox"]
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = dataclasses.replace(Settings.load({}), index=Path(folder))
        encoder = SentenceEncoder(settings.model)
        build(settings.corpus, settings.index, encoder)
        answerer = Answerer(open_current(settings.index, encoder.sha256), encoder, settings.threshold, TrainedReader())
        async with simcord.run(FootnoteBot(settings, answerer), settle_timeout=60) as env:
            await show(env, out)


async def show(env: Any, out: Path) -> None:
    """Use the bot as somebody would, with a picture of each reply."""
    channel = env.create_guild("Newsroom").create_text_channel("questions")
    reader = env.guild.add_member(env.create_user("reader"))
    answer = await reader.slash(channel, "ask", question=ANSWERED)
    first = next(part for part in walk(answer.response.components) if part.get("label") == "Open")
    replies = {
        "answer": answer,
        "voices": await reader.slash(channel, "ask", question=ATTRIBUTED),
        "not-found": await reader.slash(channel, "ask", question=UNANSWERED),
        "opened": await reader.click(answer.response, custom_id=first["custom_id"]),
        "sources": await reader.slash(channel, "sources"),
        "search": await reader.slash(channel, "search", query="arrests a day"),
    }
    async with env.preview(channel, viewers=[reader], width=760, height=1400) as preview:
        for name, reply in replies.items():
            await preview.screenshot(out / f"{name}.png", viewer=reader, target=reply, allow_incomplete=True)
            print(out / f"{name}.png")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(folder))
