"""A bad day on a busy server: python tests/soak.py [INTERACTIONS]

200 people use the bot in bursts, over the index of `seeds/`, while Discord answers 429 and 503, drops the connection,
and a new index takes over. Prints what became of every interaction; ends with exit code 1 if one was lost, or
acknowledged after three seconds, or if Discord refused anything (a second answer, say).
"""

import asyncio
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loopback import LoopbackDiscord
from loopback.actors import Actor
from loopback.invocations import Invocation

from bot.discord.client import FootnoteBot
from bot.live import Live
from bot.settings import Settings
from embeddings.indexing import build
from embeddings.sentence_encoder import SentenceEncoder

PEOPLE, BURST, PAUSE = 200, 40, 4.0
QUESTIONS = (
    "How many Marines were deployed?",
    "How many National Guard troops were sent to Los Angeles?",
    "What did Karen Bass say about the curfew?",
    "Who is the governor of California?",
    "Why were there protests?",
    "When was the curfew lifted?",
    "Who won the 2026 World Cup?",
    "How do I apply for a permit?",
)
MEANWHILE = "before yours"
"""What a message says while somebody waits in line."""
TROUBLE = ("429", "503", "drop", "swap")


@dataclass(frozen=True)
class Outcome:
    """What became of one interaction: how long it took to be acknowledged and to be answered, in seconds."""

    kind: str
    said: str
    acknowledged: float
    answered: float


async def use(server: LoopbackDiscord, person: Actor, kind: str, question: str) -> Outcome:
    """Use a command, and wait for what comes of it."""
    began = time.monotonic()
    name, option = {"ask": ("ask", "question"), "check": ("check", "claim"), "search": ("search", "query")}[kind]
    used: Invocation = await person.slash(name, {option: question})
    await used.acknowledged(within=60)
    acknowledged = time.monotonic() - began
    await server.until(
        lambda: used.followups or (used.edits + (not used.deferred) and MEANWHILE not in used.text),
        f"an answer to {used.what}",
        within=300,
    )
    told = used.followups[-1] if used.followups else used.message
    said = used.text or str(told)
    refused = "waiting" in said or "Many people" in said
    return Outcome(kind, "refused" if refused else "answered", acknowledged, time.monotonic() - began)


async def trouble(server: LoopbackDiscord, kind: str, swap: Any) -> None:
    """Make Discord have a bad moment."""
    if kind == "429":
        server.rate_limit("PATCH", "/webhooks/*/@original", retry_after=0.3, times=3)
        server.rate_limit("POST", "/webhooks/*", retry_after=0.3, times=2)
    elif kind == "503":
        server.fail("PATCH", "/webhooks/*/@original", times=2)
    elif kind == "drop":
        await server.drop_connection()
    else:
        await asyncio.to_thread(swap)


async def soak(folder: Path, count: int) -> bool:
    """Let it all happen; whether nothing was lost."""
    chance = random.Random(1)
    corpus, index = folder / "corpus", folder / "index"
    shutil.copytree("seeds", corpus)
    encoder = SentenceEncoder(Settings.load({}).model)
    build(corpus, index, encoder)
    swaps = 0

    def swap() -> None:
        nonlocal swaps
        swaps += 1
        (corpus / f"later{swaps}.md").write_text(f"# Later {swaps}\n\nNothing happened in week {swaps}.\n")
        build(corpus, index, encoder)

    settings = replace(Settings.load({}), index=index, corpus=corpus)
    live = Live(index, encoder, settings.threshold, every=0.2)
    outcomes: list[Outcome] = []
    async with LoopbackDiscord(patience=60) as server:
        people = [server.member(f"person{number}") for number in range(PEOPLE)]
        bot = FootnoteBot(settings, live.open(), lives=[live], guild_ready_timeout=0.05)
        with server.attach():
            async with server.running(bot):
                running: list[asyncio.Task[Outcome]] = []
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                for burst in range(0, count, BURST):
                    for person in chance.sample(people, BURST):
                        kind = chance.choices(("ask", "check", "search"), (6, 2, 2))[0]
                        running.append(asyncio.create_task(use(server, person, kind, chance.choice(QUESTIONS))))
                    await trouble(server, TROUBLE[burst // BURST % len(TROUBLE)], swap)
                    await asyncio.sleep(PAUSE)
                for done in await asyncio.gather(*running, return_exceptions=True):
                    outcomes += [done] if isinstance(done, Outcome) else []
                    if isinstance(done, BaseException):
                        print("lost:", repr(done)[:300])
                refusals = Counter(f"{each.status} {each.code}" for each in server.refusals)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return report(outcomes, count, refusals, grown, swaps)


def report(outcomes: list[Outcome], count: int, refusals: Counter[str], grown: float, swaps: int) -> bool:
    """Print the table; whether nothing was lost."""
    late = sum(outcome.acknowledged > 3 for outcome in outcomes)
    print(f"{len(outcomes):,} of {count:,} came to an end; {late} acknowledged after more than three seconds")
    print(f"{swaps} new indexes; memory grew by {grown:.0f} MB; refused by Discord: {dict(refusals) or 'nothing'}")
    for kind in ("ask", "check", "search"):
        mine = [outcome for outcome in outcomes if outcome.kind == kind]
        waits = sorted(outcome.answered for outcome in mine if outcome.said == "answered")
        told = sum(outcome.said == "refused" for outcome in mine)
        if waits:
            print(
                f"{kind:<7}{len(waits):>5} answered, {told} refused in private; seconds: median "
                f"{statistics.median(waits):.2f}, p95 {waits[int(0.95 * (len(waits) - 1))]:.2f}, most {waits[-1]:.2f}"
            )
    return len(outcomes) == count and not late and not refusals


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        sys.exit(0 if asyncio.run(soak(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 1000)) else 1)
