"""A bad day: python tests/soak.py [MINUTES [SEED]]

200 people use the bot, a process of its own with search and reader over `seeds/`, while everything in
`loopback/faults.py` goes wrong, a new index takes over, and it is stopped and killed in the middle of answers. Prints
what became of every use, and what the process held of the machine; ends with exit code 1 if anything was lost that
Discord would still have taken, or answered twice, if what it held grew, or if the bot ended as it should not.
"""

import asyncio
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from loopback import LoopbackDiscord, UnansweredError
from loopback.actors import Actor
from loopback.faults import FAULTS, Machine
from loopback.invocations import ACKNOWLEDGE_WITHIN

ROOT = Path(__file__).parent.parent
PEOPLE, PATIENCE, STARTING = 200, 150.0, 120.0
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
OPTION = {"ask": "question", "check": "claim", "search": "query"}
RESTARTS = "SIGTERM", "SIGKILL"
IN_THE_PROCESS = """
import asyncio.tasks, os, pathlib, threading, time

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from embeddings.encoding.sentence_encoder import SentenceEncoder

Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = os.environ["REST"], yarl.URL(os.environ["GATEWAY"])
control, told = pathlib.Path(os.environ["CONTROL"]), {"clock": "", "encoder": ""}
clock, encode = time.time, SentenceEncoder.encode_queries

def encode_or_raise(self, queries):
    if told["encoder"]:
        raise RuntimeError("the model has an error")
    return encode(self, queries)

def watch():
    while True:
        time.sleep(0.2)
        for name in told:
            try:
                told[name] = (control / name).read_text()
            except OSError:
                pass
        try:
            (control / "tasks").write_text(str(sum(not task.done() for task in list(asyncio.tasks._all_tasks))))
        except (OSError, RuntimeError):
            pass

SentenceEncoder.encode_queries = encode_or_raise
time.time = lambda: clock() + float(told["clock"] or 0)
threading.Thread(target=watch, daemon=True).start()
"""
"""`sitecustomize` of the bot's process: where its Discord is, and the faults that arise within."""


class Process:
    """`python -m bot run`, started again and again; `ended` has its exit codes by what ended it."""

    def __init__(self, server: LoopbackDiscord, folder: Path) -> None:
        self.folder, self.server, self.ended = folder, server, Counter[str]()
        self.control, self.kills, self.errors = folder / "control", 0, Counter[str]()
        self.control.mkdir()
        (self.control / "sitecustomize.py").write_text(IN_THE_PROCESS)
        rest, gateway = server.addresses
        with socket.create_server(("127.0.0.1", 0)) as free:
            health = f"127.0.0.1:{free.getsockname()[1]}"
        self.environment = {
            **{"PATH": os.environ["PATH"], "PYTHONPATH": f"{self.control}:{ROOT}", "HF_HUB_OFFLINE": "1"},
            **{"REST": rest, "GATEWAY": gateway, "CONTROL": str(self.control), "DISCORD_TOKEN": server.token},
            **{"FOOTNOTE_CORPUS": str(folder / "corpus"), "FOOTNOTE_INDEX": str(folder / "index")},
            "FOOTNOTE_HEALTH": health,
        }

    async def build(self) -> None:
        """Read the documents, as the operator's timer does. Without the faults: `sitecustomize` is the bot's."""
        environment = self.environment | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "embeddings", "build"]
        pipe = asyncio.subprocess.DEVNULL
        child = await asyncio.create_subprocess_exec(*command, cwd=self.folder, env=environment, stdout=pipe)
        if await child.wait():
            self.ended[f"build, exit code {child.returncode}"] += 1

    async def start(self) -> None:
        """Start it, and wait until Discord sends it events."""
        command, pipe = [sys.executable, "-m", "bot", "run"], asyncio.subprocess.PIPE
        self.child = await asyncio.create_subprocess_exec(
            *command, cwd=self.folder, env=self.environment, stderr=pipe, limit=1 << 20
        )
        self.machine = Machine(self.child.pid, self.folder / "index", self.control)
        self.reading = asyncio.create_task(self._read())
        await self.server.until(lambda: self.server.connected or self.child.returncode is not None, "a bot", STARTING)

    async def _read(self) -> None:
        """Keep its log, which goes through a pipe because a full disk must not stop it."""
        with (self.folder / "log").open("ab") as log:
            while line := await self.child.stderr.readline():  # type: ignore[union-attr]
                log.write(line)
                words = line.decode(errors="replace").split()
                if {"ERROR", "CRITICAL"} & set(words[:4]):
                    self.errors[" ".join(words[words.index("ERROR") + 1 :])[:110] if "ERROR" in words else "?"] += 1

    async def end(self, number: signal.Signals) -> None:
        """End it in the middle of what it does."""
        self.kills += number is signal.SIGKILL
        self.child.send_signal(number)
        began = time.monotonic()
        code = await self.child.wait()
        await self.reading
        late = ", late" if time.monotonic() - began > 10.5 else ""
        self.ended[f"{number.name}, exit code {code}{late}"] += 1

    def held(self) -> dict[str, int]:
        """What it has of the machine just now."""
        process = Path(f"/proc/{self.child.pid}")
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        return {
            "MB": int(status["VmRSS"].split()[0]) // 1024,
            "tasks": int((self.control / "tasks").read_text() or 0),
            "descriptors": len(list((process / "fd").iterdir())),
            "threads": int(status["Threads"]),
        }


class Soak:
    """Who uses the bot, and what becomes of it."""

    def __init__(self, server: LoopbackDiscord, process: Process, chance: random.Random) -> None:
        self.server, self.process, self.chance = server, process, chance
        self.people = [server.member(f"person{number}") for number in range(PEOPLE)]
        self.outcomes, self.faults, self.lost = Counter[str](), Counter[str](), list[str]()
        self.uses = set[asyncio.Task[None]]()
        self.running = True

    async def crowd(self) -> None:
        """Let people use it as long as the soak goes on."""
        while self.running:
            if self.server.connected:
                kind = self.chance.choices(("ask", "check", "search", "mention"), (5, 2, 2, 2))[0]
                task = asyncio.create_task(self.use(self.chance.choice(self.people), kind))
                self.uses.add(task)
                task.add_done_callback(self.uses.discard)
            await asyncio.sleep(self.chance.uniform(0.5, 5))

    async def use(self, person: Actor, kind: str) -> None:
        """Use the bot once, and note what came of it."""
        process, connections, kills = self.process.child, self.server.connected, self.process.kills
        question, began = self.chance.choice(QUESTIONS), time.monotonic()
        said = used = None
        if kind == "mention":
            said = await person.say(question, mention=True)
        else:
            used = await person.slash(kind, {OPTION[kind]: question})
        await asyncio.sleep(ACKNOWLEDGE_WITHIN)
        still = process is self.process.child and bool(connections & self.server.connected)
        if used and not used.response:
            if still:
                self.lost.append(f"{used.what} was not acknowledged: {used.refused}")
            self.outcomes["lost" if still else "expired while the connection was down"] += 1
            return

        def answered() -> bool:
            if said:
                return bool(self.server.replies(said))
            assert used
            return bool(used.followups or (used.edits + (not used.deferred) and MEANWHILE not in used.text))

        try:
            await self.server.until(answered, f"an answer to {kind}", PATIENCE)
            self.outcomes[kind] += 1
        except UnansweredError as error:
            excused = self.process.kills > kills or not (used or still)
            self.outcomes["lost by SIGKILL or with the session" if excused else "lost"] += 1
            if not excused:
                ago = time.monotonic() - began
                self.lost.append(f"{kind} of {ago:.0f} s ago: {used.refused if used else ''} {error!s:.300}")
            return
        await asyncio.sleep(5)
        if len(self.server.replies(said) if said else used.followups if used else ()) > 1:
            self.outcomes["answered twice"] += 1
            self.lost.append(f"{kind} was answered twice")

    async def trouble(self, name: str) -> None:
        """One fault, and time to get over it."""
        print(f"{time.strftime('%T')} {name}", flush=True)
        self.faults[name] += 1
        if name in RESTARTS:
            await self.process.end(signal.Signals[name])
            await self.process.start()
        elif name == "new index":
            (self.process.folder / "corpus" / f"later{self.faults[name]}.md").write_text(f"# Later\n\n{self.faults}\n")
            await self.process.build()
        else:
            await FAULTS[name](self.server, self.process.machine)
        if self.process.child.returncode is not None and name not in RESTARTS:
            self.process.ended[f"by itself after {name}, exit code {self.process.child.returncode}"] += 1
            await self.process.start()
        await asyncio.sleep(self.chance.uniform(2, 8))
        self.server.calm()

    async def go_on(self, seconds: float, names: list[str]) -> None:
        """Every fault once before any is there twice, in an order of chance, for so long."""
        end, order = time.monotonic() + seconds, list[str]()
        while time.monotonic() < end:
            order = order or self.chance.sample(names, len(names))
            await self.trouble(order.pop())


async def soak(folder: Path, minutes: float, seed: int) -> bool:
    """Let it all happen; whether nothing was lost."""
    shutil.copytree(ROOT / "seeds", folder / "corpus")
    async with LoopbackDiscord(patience=60, heartbeat_interval=5) as server:
        process = Process(server, folder)
        await process.build()
        await process.start()
        soak = Soak(server, process, random.Random(seed))
        crowd, held, faults = asyncio.create_task(soak.crowd()), list[dict[str, int]](), [*FAULTS, "new index"]
        await soak.go_on(60 * minutes / 3, [*faults, *RESTARTS])  # then one process, so that a leak is seen
        for _ in range(2):
            await asyncio.sleep(5)
            held.append(process.held())
            await soak.go_on(60 * minutes / 3, faults)
        held.append(process.held())
        await asyncio.sleep(2)
        await process.end(signal.SIGTERM)
        soak.running = False
        await crowd
        await asyncio.gather(*soak.uses)
        refusals = Counter(f"{each.method} {each.status} {each.code}" for each in server.refusals)
    return report(soak, held, refusals, minutes, seed)


def report(soak: Soak, held: list[dict[str, int]], refusals: Counter[str], minutes: float, seed: int) -> bool:
    """Print the figures; whether nothing was lost."""
    outcomes, ended = soak.outcomes, soak.process.ended
    print(f"{minutes:g} minutes, seed {seed}: {outcomes.total():,} uses, {soak.faults.total()} faults")
    print("faults:", dict(soak.faults))
    print("uses:", dict(outcomes), f"; lost: {outcomes['lost']}, answered twice: {outcomes['answered twice']}")
    for when, figures in zip(("start", "middle", "end"), held, strict=False):
        print(f"{when}:", ", ".join(f"{number} {name}" for name, number in figures.items()))
    print("ended:", dict(ended), "; refused by Discord:", dict(refusals))
    print("errors in the log:", dict(soak.process.errors))
    print(*soak.lost, sep="\n")
    clean = all(key.endswith(("SIGTERM, exit code 0", "SIGKILL, exit code -9")) for key in ended)
    flat = all(held[-1][name] <= 1.1 * count + 20 for name, count in held[0].items())
    return clean and flat and not soak.lost


if __name__ == "__main__":
    long, seed = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0, int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as place:
        sys.exit(0 if asyncio.run(soak(Path(place), long, seed)) else 1)
