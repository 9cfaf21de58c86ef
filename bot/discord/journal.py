"""What became of each question: a line in the log that never says what was asked, and counts for operators."""

import logging
import sqlite3
import statistics
import traceback
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

import discord

from bot.discord.metrics import Metrics
from bot.worker import TooLong
from embeddings.errors import BadRequest

KEPT = 1_000
"""Answers whose times are kept for the median."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long answers took, waiting included, in milliseconds."""

    median: float
    p95: float


class Journal:
    """Writes a line of `key=value` for every answer, refusal and error, and counts them in `metrics`."""

    log = logging.getLogger("footnote")

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.since = datetime.now(UTC)
        self.answers = 0
        self._took: deque[float] = deque(maxlen=KEPT)

    @property
    def pace(self) -> Pace | None:
        """The pace of the last answers; None before the first."""
        if not self._took:
            return None
        cuts = statistics.quantiles([*self._took, self._took[-1]], n=20, method="inclusive")
        return Pace(statistics.median(self._took), cuts[-1])

    def answered(
        self, surface: str, result: object, generation: str, waited: float, worked: float, corpus: str = ""
    ) -> None:
        """Note an answer, a verdict or a ranking, how many seconds it waited, and how many it took to make."""
        status, confidence = getattr(result, "status", "found"), getattr(result, "confidence", None)
        self.answers += 1
        self._took.append(1000 * (waited + worked))
        self.metrics.waited.observe(waited)
        self.metrics.worked.observe(worked)
        self._note(
            logging.INFO,
            surface,
            str(status).replace("_", "-"),
            confidence="-" if confidence is None else f"{confidence:.2f}",
            waited_ms=f"{1000 * waited:.0f}",
            worked_ms=f"{1000 * worked:.0f}",
            generation=generation,
            **({"corpus": corpus} if corpus else {}),
        )

    def refused(self, surface: str, error: Exception) -> None:
        """Note that somebody was told why there is no answer."""
        outcome = "too-late" if isinstance(error, TooLong) else "refused" if isinstance(error, BadRequest) else "error"
        self._note(logging.INFO, surface, outcome, reason=type(error).__name__)

    def failed(self, surface: str, error: Exception, reference: str) -> None:
        """Note an error that was not meant to happen, and where it did.

        What it says is left out unless it comes from Discord, the system or SQLite: it may quote the question.
        """
        said = f": {error}" if isinstance(error, (discord.DiscordException, OSError, sqlite3.Error)) else ""
        frames = "".join(traceback.format_tb(error.__traceback__))
        self._note(logging.ERROR, surface, "error", f"\n{frames}{type(error).__name__}{said}", reference=reference)

    def _note(self, level: int, surface: str, outcome: str, more: str = "", **fields: str) -> None:
        self.metrics.outcomes.labels(surface, outcome).inc()
        fields = {"surface": surface, "outcome": outcome} | fields
        line = " ".join(f"{name}={value}" for name, value in fields.items())
        self.log.log(level, "%s%s", line, more, extra={"fields": fields})
