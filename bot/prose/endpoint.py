"""A language model's endpoint: asked within a limit of time, so often an hour, and not for a while after it failed.

Every failure is an EndpointError with one line for the log, which holds neither the key nor a question or a passage.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.prose.prompts import Prompt
from bot.settings import Settings
from embeddings.errors import FootnoteError

FAILURES, PAUSE = 3, 60.0
"""After so many failures in a row the endpoint is not asked for so many seconds."""
_HOUR = 3600.0

_LATE = "The model did not answer within {:.0f} seconds (FOOTNOTE_LLM_TIMEOUT)."
_NO_TIME = "No time was left for the model (FOOTNOTE_LLM_TIMEOUT)."
_RESTING = "The endpoint is not asked for {:.0f} seconds more, because it failed before."
_OFTEN = "The model was called {} times within an hour, which is as often as FOOTNOTE_LLM_CALLS allows."


class EndpointError(FootnoteError):
    """There is no answer of the model's, and why; the endpoint wants to be left alone for `pause` seconds if given."""

    def __init__(self, line: str, pause: float | None = None) -> None:
        super().__init__(line)
        self.pause = pause


class NotAsked(EndpointError):  # noqa: N818
    """The endpoint was not even asked."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said; not `finished` where it was cut off."""

    text: str
    finished: bool = True


class Breaker:
    """Says when an endpoint is not to be asked: after failures, and as long as it wants to be left alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = clock()

    @property
    def rest(self) -> float:
        """Seconds in which it is still not to be asked."""
        return max(self._until - self._clock(), 0.0)

    def failed(self, pause: float | None = None) -> None:
        """Note a failure; one more in a row than there may be, or one that asks for a pause, ends the asking."""
        self._failures += 1
        if pause is not None or self._failures >= FAILURES:
            self._until = max(self._until, self._clock() + (PAUSE if pause is None else pause))

    def succeeded(self) -> None:
        """Note an answer."""
        self._failures = 0


class Endpoint:
    """Asks the model of the settings, for several answers at a time; none waits for another."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        from bot.prose.connection import Connection  # openai is imported where a model is set, and nowhere else

        self._connection = Connection(settings)
        self._breaker = Breaker(clock)
        self._clock = clock
        self._most = settings.llm_calls
        self._calls: deque[float] = deque()

    async def ask(self, prompt: Prompt, within: float) -> Completion:
        """What the model says within so many seconds. Raises EndpointError."""
        self._admit(within)
        failure: EndpointError | None = None
        try:
            async with asyncio.timeout(within):
                completion = await self._connection.complete(prompt)
        except EndpointError as error:
            failure = error
        except TimeoutError:
            failure = EndpointError(_LATE.format(within))
        if failure:
            self._breaker.failed(failure.pause)
            raise failure
        self._breaker.succeeded()
        return completion

    async def close(self) -> None:
        """Let go of the connections."""
        await self._connection.close()

    def _admit(self, within: float) -> None:
        """Count a call. Raises NotAsked where there may be none now."""
        if within <= 0:
            raise NotAsked(_NO_TIME)
        if rest := self._breaker.rest:
            raise NotAsked(_RESTING.format(rest))
        now = self._clock()
        while self._calls and self._calls[0] <= now - _HOUR:
            self._calls.popleft()
        if len(self._calls) >= self._most:
            raise NotAsked(_OFTEN.format(self._most))
        self._calls.append(now)


async def probe(settings: Settings) -> tuple[bool, str]:
    """Ask the model of the settings one question: whether that works, and a line that says what does or what to do."""
    from bot.prose.draft import parse_drafts, without_thoughts
    from bot.prose.gate import Ground
    from bot.prose.prompts import to_write

    if not settings.llm_url:
        return True, "not used (FOOTNOTE_LLM_URL is empty): answers are quotations alone"
    endpoint, began = Endpoint(settings), time.monotonic()
    try:
        ground = Ground("The office opens at nine.", None, "The office")
        completion = await endpoint.ask(to_write("When does the office open?", [ground]), settings.llm_timeout)
    except EndpointError as error:
        return False, f"The model {settings.llm_model} does not answer. {error}"
    finally:
        await endpoint.close()
    took = time.monotonic() - began
    drafts, _ = parse_drafts(without_thoughts(completion.text), 1)
    if not drafts:
        return False, (
            f"The model {settings.llm_model} answers ({took:.1f} s), but not in the form it is asked for, so nothing "
            "would be shown. Try a larger model, or one that follows instructions."
        )
    return True, f"The model {settings.llm_model} answers in the form it is asked for ({took:.1f} s)."
