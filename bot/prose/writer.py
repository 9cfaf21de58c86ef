"""What a language model does for an answer: it chooses among quotations, writes over them, understands a follow-up.

Each is on a switch of its own, all of them together have one limit of time for an answer, and whatever goes wrong
leaves the answer as it is without a model.
"""

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from bot.answering.answers import Answer, NoAnswer
from bot.checking.claims import Verdict
from bot.english.voices import Voice, VoiceKind
from bot.prose.choice import chosen, parse_choice
from bot.prose.draft import Draft, Dropped, parse_drafts, without_thoughts
from bot.prose.endpoint import Completion, Endpoint, EndpointError, NotAsked
from bot.prose.gate import ERRS, Checked, Gate, Ground
from bot.prose.prompts import Prompt, offered, to_choose, to_understand, to_write
from bot.prose.understanding import UNDERSTOOD, understood
from bot.question.context import Turn
from bot.question.links import link
from bot.readable import above, as_read
from bot.settings import Settings
from embeddings.errors import FootnoteError
from embeddings.messages import Message

_NOTHING = ("none", "none.")
"""What a model says that finds nothing to write."""
_SOMEBODY = "somebody"

Result = TypeVar("Result")
Reply = TypeVar("Reply", bound=Answer | NoAnswer | Verdict)


class Compute(Protocol):
    """Runs what takes a processor, away from the event loop where there is one to be kept free."""

    def __call__(self, task: Callable[[], Checked], /) -> Awaitable[Checked]:
        """The task's result. May raise FootnoteError where it cannot be run now."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the model's and the citations that support it, in [0, 1]; `step` where it is one of several."""

    text: str
    citations: tuple[int, ...]
    support: float
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Prose:
    """What a model wrote over the quotations of an answer: the sentences they hold, and those that were dropped.

    There are no sentences where too few were kept for any to be shown.
    """

    model: str
    sentences: tuple[Sentence, ...]
    dropped: tuple[Dropped, ...]

    @property
    def summary(self) -> str:
        """The notes on a line."""
        return " · ".join(self.notes)

    @property
    def notes(self) -> list[str]:
        """Who wrote it, how much was kept, and how often what is kept is wrong."""
        kept, written = len(self.sentences), len(self.sentences) + len(self.dropped)
        return [
            Message("written by {model}", model=self.model),
            Message.counted("{kept} of {n} sentence kept", "{kept} of {n} sentences kept", written, kept=kept),
            Message("the check errs in {number} of 100", number=ERRS),
        ]


class Writer:
    """Has a model help with answers, as the settings say; where they name none, it does nothing."""

    log = logging.getLogger("footnote")

    def __init__(self, settings: Settings, gate: Gate) -> None:
        self.model, self.shows_dropped = settings.llm_model, settings.llm_show_dropped
        self.tasks = settings.llm_tasks if settings.llm_url else frozenset[str]()
        self.limit = settings.llm_timeout
        self.gate = gate
        self._endpoint = Endpoint(settings) if settings.llm_url else None

    @property
    def writes(self) -> bool:
        """Whether there is prose."""
        return "write" in self.tasks

    def session(self) -> "Session":
        """The model's help with one answer."""
        return Session(self)

    async def ask(self, task: str, prompt: Prompt, within: float) -> Completion | None:
        """What the model says within so many seconds; None, with a line in the log, where it says nothing."""
        if self._endpoint is None or task not in self.tasks:
            return None
        try:
            return await self._endpoint.ask(prompt, within)
        except NotAsked as error:
            self.log.info("model task=%s outcome=not-asked: %s", task, error)
        except EndpointError as error:
            self.log.warning("model task=%s outcome=failed: %s", task, error)
        return None

    async def close(self) -> None:
        """Let go of the endpoint."""
        if self._endpoint:
            await self._endpoint.close()


class Session:
    """A model's help with one answer, within one limit of time for all that it does."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._left = writer.limit
        """Seconds that are left of the limit."""

    async def understand(self, question: str, earlier: Turn | None) -> str | None:
        """A question that goes on from an earlier one, as it stands alone; None where that is for our own rules."""
        if earlier is None or "understand" not in self._writer.tasks or link(question) not in UNDERSTOOD:
            return None
        completion = await self._ask("understand", to_understand(question, earlier.question))
        return understood(without_thoughts(completion.text), question, earlier) if completion else None

    async def choose(self, found: Reply) -> Reply | Answer | NoAnswer:
        """The answer with those statements alone that the model says answer, if any; what differs stays whole."""
        if "choose" not in self._writer.tasks or not isinstance(found, Answer) or found.disagreements:
            return found
        shown = offered(grounds_of(found)[: len(found.statements)])
        completion = await self._ask("choose", to_choose(found.question.whole, shown))
        numbers = parse_choice(without_thoughts(completion.text), len(shown)) if completion else None
        return found if numbers is None else chosen(found, numbers)

    async def write(self, found: Answer | NoAnswer | Verdict, compute: Compute) -> Prose | None:
        """What the model writes over an answer; None where it has nothing to write over, or does not answer.

        It is not asked where there is no answer, where documents differ, and about a claim.
        """
        if not self._writer.writes or not isinstance(found, Answer) or found.disagreements:
            return None
        grounds = grounds_of(found)
        shown = offered(grounds)
        completion = await self._ask("write", to_write(found.question.whole, shown))
        if completion is None:
            return None
        drafts, off = _drafts(completion, len(shown))
        if not drafts:
            return self._noted(Prose(self._writer.model, (), tuple(off)))
        checked = await self._check(drafts, grounds, compute)
        return self._noted(_prose(self._writer.model, drafts, off, checked, found)) if checked else None

    async def _check(self, drafts: list[Draft], grounds: list[Ground], compute: Compute) -> Checked | None:
        """What the gate says; None where there is no time left for it, or something goes wrong."""
        try:
            with self._time():
                async with asyncio.timeout(self._left):
                    return await compute(partial(self._writer.gate.check, drafts, grounds))
        except TimeoutError:
            self._writer.log.warning(
                "model task=write outcome=failed: no time was left to check it (FOOTNOTE_LLM_TIMEOUT)"
            )
        except FootnoteError as error:
            self._writer.log.info("model task=write outcome=not-checked: %s", error)
        except Exception as error:  # its words may be those of a document
            frames = "".join(traceback.format_tb(error.__traceback__))
            self._writer.log.error("model task=write outcome=error: %s\n%s", type(error).__name__, frames)
        return None

    async def _ask(self, task: str, prompt: Prompt) -> Completion | None:
        with self._time():
            return await self._writer.ask(task, prompt, self._left)

    @contextmanager
    def _time(self) -> Iterator[None]:
        """Take what the block needs from the seconds that are left."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._left = max(self._left - (time.monotonic() - began), 0.0)

    def _noted(self, prose: Prose) -> Prose:
        took = self._writer.limit - self._left
        count = len(prose.sentences)
        self._writer.log.info(
            "model task=write outcome=%s kept=%d dropped=%d took_ms=%.0f",
            "shown" if count else "not-shown",
            count,
            len(prose.dropped),
            1000 * took,
        )
        return prose


class PatientWriter:
    """The same for a program that waits for it, such as a command."""

    def __init__(self, writer: Writer) -> None:
        self.model, self.writes, self.shows_dropped = writer.model, writer.writes, writer.shows_dropped
        self._writer = writer
        self._runner = asyncio.Runner()

    @classmethod
    def idle(cls) -> "PatientWriter":
        """One without a model."""
        return cls(Writer(Settings.load({}), Gate(None)))

    def __enter__(self) -> "PatientWriter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer.tasks:
            self._runner.run(self._writer.close())
        self._runner.close()

    def session(self) -> "PatientSession":
        """The model's help with one answer."""
        return PatientSession(self._writer.session(), self._runner, self._writer.tasks)


@dataclass(frozen=True, slots=True)
class PatientSession:
    """A session whose methods wait; see Session. Without a task of its own, none of them starts an event loop."""

    session: Session
    runner: asyncio.Runner
    tasks: frozenset[str]

    def understand(self, question: str, earlier: Turn | None) -> str | None:
        """See Session."""
        return self.runner.run(self.session.understand(question, earlier)) if "understand" in self.tasks else None

    def choose(self, found: Reply) -> Reply | Answer | NoAnswer:
        """See Session."""
        return self.runner.run(self.session.choose(found)) if "choose" in self.tasks else found

    def write(self, found: Answer | NoAnswer | Verdict) -> Prose | None:
        """See Session."""
        return self.runner.run(self.session.write(found, _at_once)) if "write" in self.tasks else None


def grounds_of(answer: Answer) -> list[Ground]:
    """The quotations that may hold a sentence over an answer: the one of citation n is in place n - 1."""
    grounds = [
        Ground(
            above(said.parts) + as_read(said.citation).text,
            _speaker(said.voice),
            said.citation.document.name,
            said.citation.document.published,
        )
        for said in answer.statements
    ]
    also = [
        Ground(as_read(each).text, _speaker(said.voice), each.document.name, each.document.published)
        for said in answer.statements
        for each in said.also
    ]
    return grounds + also


def _speaker(voice: Voice) -> str | None:
    return None if voice.kind is VoiceKind.DOCUMENT else voice.name or _SOMEBODY


async def _at_once(task: Callable[[], Checked]) -> Checked:
    return task()


def _drafts(completion: Completion, spans: int) -> tuple[list[Draft], list[Dropped]]:
    """The sentences of a reply, and the lines off form; none of either where it says that there is nothing to write."""
    text = without_thoughts(completion.text)
    return ([], []) if text.lower() in _NOTHING else parse_drafts(text, spans, completion.finished)


def _prose(model: str, drafts: Sequence[Draft], off: Sequence[Dropped], checked: Checked, answer: Answer) -> Prose:
    """What is shown of the sentences that the gate kept: nothing where they are too few of those that were written."""
    dropped = (*checked.dropped, *off)
    kept = len(checked.kept)
    if not checked.whole or 3 * len(dropped) > kept + len(dropped):
        return Prose(model, (), dropped)
    steps = {draft.text: draft.step for draft in drafts}
    numbers = [citation.number for citation in answer.citations]
    sentences = (
        Sentence(each.text, tuple(numbers[n - 1] for n in each.numbers), each.support, steps.get(each.text))
        for each in checked.kept
    )
    return Prose(model, tuple(sentences), dropped)
