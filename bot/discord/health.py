"""How the bot is, for programs: `/healthz` and Prometheus's `/metrics`, at an address of this machine."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.settings import Address

if TYPE_CHECKING:
    from bot.discord.client import FootnoteBot

_LEAVING = 0.5
"""Seconds that a request may still take when the bot ends."""


@asynccontextmanager
async def served(bot: "FootnoteBot", address: Address | None) -> AsyncIterator[Address | None]:
    """Say how the bot is at an address until the block ends; gives the address, with the port that was had for 0.

    Where it cannot be listened at, the log says so and the bot goes on: then, and without an address, it gives None.
    """
    if address is None:
        yield None
        return

    async def healthz(_: web.Request) -> web.Response:
        found = health(bot)
        return web.json_response(found, status=200 if found["ok"] else 503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=bot.journal.metrics.text(bot), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_LEAVING)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, address.host, address.port).start()
        except OSError as error:
            bot.log.warning(
                "No health and no metrics: %s cannot be listened at (%s). Set FOOTNOTE_HEALTH to another address, or "
                "to no",
                address,
                error.strerror or error,
            )
            yield None
        else:
            listening = Address(address.host, runner.addresses[0][1])
            bot.log.info("Health and metrics at http://%s/healthz and /metrics", listening)
            yield listening
    finally:
        await runner.cleanup()


def health(bot: "FootnoteBot") -> dict[str, Any]:
    """How gateway, index and queue are, and in `ok` whether all are well; of several indexes the oldest's age."""
    oldest = bot.corpora.oldest
    gateway = {
        "ok": bot.connected,
        "latency_ms": round(1000 * bot.latency) if math.isfinite(bot.latency) else None,
        "shards": bot.shard_count or 0,
        "shards_cut_off": bot.cut_off,
    }
    served_index = {
        "ok": True,  # without one the bot would not run
        "generation": oldest.generation,
        "age_seconds": max(0, round((datetime.now(UTC) - oldest.built_at).total_seconds())),
        "documents": bot.corpora.documents,
        "passages": bot.corpora.passages,
        "problem": bot.index_problem,
    }
    queue = {"ok": not bot.worker.held_up, "waiting": bot.worker.waiting, "oldest_seconds": round(bot.worker.oldest, 1)}
    parts: dict[str, dict[str, Any]] = {"gateway": gateway, "index": served_index, "queue": queue}
    return {"ok": all(part["ok"] for part in parts.values()), **parts}
