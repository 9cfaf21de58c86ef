"""A scripted endpoint in OpenAI's form on 127.0.0.1: it plays a language model, and everything that can fail.

async with ScriptedEndpoint() as endpoint:
    endpoint.play(says("The office opens at nine. [1]"))
    ...
    assert endpoint.asked[0]["messages"]
"""

import json
from collections.abc import Mapping
from typing import Any, Self

from aiohttp import web

from .plays import Play, says

__all__ = ["Play", "ScriptedEndpoint"]

PATH = "/v1/chat/completions"


class ScriptedEndpoint:
    """Answers each call as the play does that was given last; what was asked is in `asked`, its headers in `headers`.

    `sent` counts the bytes of long replies that went out before the other side hung up.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.sent = 0
        self._play: Play = says("none")

    @property
    def url(self) -> str:
        """The base address, as FOOTNOTE_LLM_URL has it."""
        return f"http://127.0.0.1:{self._port}/v1"

    def play(self, play: Play) -> None:
        """Answer in this way from now on."""
        self._play = play

    @property
    def questions(self) -> list[str]:
        """The question in each of the calls."""
        return [json.loads(call["messages"][1]["content"])["question"] for call in self.asked]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        self.asked.append(await request.json())
        if request.path != PATH:
            return web.json_response({"error": {"message": "no such path"}}, status=404)
        return await self._play(request, self)
