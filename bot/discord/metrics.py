"""What is counted for operators, in the form that Prometheus reads: no question, no person, no server."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot

_SECONDS = 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320
"""Upper bounds of the histograms' buckets; a task may run for 40."""


class Metrics:
    """Counts what becomes of questions and of requests to Discord; `text` adds how the bot is at that moment."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.outcomes = Counter(
            "footnote_answers",
            "Questions, claims and lookups by where they came from and what became of them.",
            ["surface", "outcome"],
            registry=self._registry,
        )
        self.waited = Histogram(
            "footnote_waited_seconds", "Time in the queue.", registry=self._registry, buckets=_SECONDS
        )
        self.worked = Histogram(
            "footnote_worked_seconds", "Time of making an answer.", registry=self._registry, buckets=_SECONDS
        )
        self.reloads = Counter(
            "footnote_index_reloads", "Newer generations that were picked up.", registry=self._registry
        )
        self.responses = Counter(
            "footnote_discord_responses",
            "Discord's responses by status; 429 is a rate limit, none that there was no response.",
            ["status"],
            registry=self._registry,
        )

    def trace(self) -> aiohttp.TraceConfig:
        """What counts the responses of a session's requests."""
        config = aiohttp.TraceConfig()

        async def ended(_: object, __: object, response: aiohttp.TraceRequestEndParams) -> None:
            self.responses.labels(response.response.status).inc()

        async def failed(_: object, __: object, ___: object) -> None:
            self.responses.labels("none").inc()

        config.on_request_end.append(ended)
        config.on_request_exception.append(failed)
        return config

    def text(self, bot: "FootnoteBot") -> bytes:
        """Everything, in Prometheus's text format."""
        now = CollectorRegistry(auto_describe=False)
        now.register(_State(bot))
        return generate_latest(self._registry) + generate_latest(now)


class _State(Collector):
    """How a bot is just now."""

    def __init__(self, bot: "FootnoteBot") -> None:
        self._bot = bot

    def describe(self) -> list[Metric]:
        """See Collector: names are not compared with others'."""
        return []

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        bot, corpora = self._bot, self._bot.corpora
        latency = bot.latency if math.isfinite(bot.latency) else math.nan
        for name, meaning, value in (
            ("queue_length", "Questions that wait for their turn.", bot.worker.waiting),
            ("queue_oldest_seconds", "How long the first of them has waited.", bot.worker.oldest),
            ("gateway_connected", "Whether the bot is connected to Discord.", bot.connected),
            ("gateway_latency_seconds", "Between a heartbeat and its acknowledgement.", latency),
            ("index_documents", "Documents that are served.", corpora.documents),
            ("index_passages", "Passages that are served.", corpora.passages),
            (
                "index_built_timestamp_seconds",
                "When it was built, the oldest of several.",
                corpora.oldest.built_at.timestamp(),
            ),
            ("index_refused", "Whether a newer generation cannot be opened.", bot.index_problem is not None),
        ):
            yield GaugeMetricFamily(f"footnote_{name}", meaning, float(value))
        yield InfoMetricFamily("footnote_index", "The served generation.", {"generation": corpora.oldest.generation})
