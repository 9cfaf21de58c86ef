"""How a scripted endpoint answers a call: as a model that says something, or as one of the ways in which that fails."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from . import ScriptedEndpoint

Play = Callable[[web.Request, "ScriptedEndpoint"], Awaitable[web.StreamResponse]]

MEGABYTE = b" " * (1 << 20)


def completion(content: Any, finish: str = "stop", **message: Any) -> dict[str, Any]:
    """A chat completion, as an endpoint sends it."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content} | message}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "scripted"}
    return head | {"choices": [choice], "usage": usage}


def says(content: Any, finish: str = "stop", **message: Any) -> Play:
    """A model that says this, whatever it is asked."""
    return sends(json.dumps(completion(content, finish, **message)))


def sends(body: str | bytes, kind: str = "application/json") -> Play:
    """An endpoint that sends this body with the status 200."""
    data = body.encode() if isinstance(body, str) else body

    async def play(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
        return web.Response(body=data, content_type=kind)

    return play


def fails(status: int, headers: Mapping[str, str] | None = None) -> Play:
    """An endpoint that fails with this status, and repeats in its error what it was asked and with which key."""

    async def play(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
        message = f"no: {request.headers.get('authorization')} {await request.text()}"
        return web.json_response({"error": {"message": message}}, status=status, headers=headers)

    return play


def refuses(*names: str, then: Play, named: bool = True) -> Play:
    """An endpoint that says which of these parameters it does not take, in `param` or only in its message."""

    async def play(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
        name = next((each for each in names if each in endpoint.asked[-1]), None)
        if name is None:
            return await then(request, endpoint)
        error = {"message": f"Unsupported parameter: '{name}' is not supported with this model.", "code": "unsupported"}
        return web.json_response({"error": error | ({"param": name} if named else {})}, status=400)

    return play


def replies(answer: Callable[[dict[str, Any]], str]) -> Play:
    """A model that says what `answer` makes of the material of a call: its question and quotations."""

    async def play(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
        material = json.loads((await request.json())["messages"][1]["content"])
        return web.json_response(completion(answer(material)))

    return play


def waits(released: asyncio.Event, then: Play) -> Play:
    """An endpoint that answers once it is released."""

    async def play(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
        await released.wait()
        return await then(request, endpoint)

    return play


async def never(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
    """An endpoint that does not answer."""
    await asyncio.sleep(60)
    return web.Response()


async def drips(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
    """An endpoint that sends a byte now and then, and so is never silent for long."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def hangs_up(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
    """An endpoint that goes away in the middle of its answer."""
    body = json.dumps(completion("The office opens at nine. [1]")).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()
    return response


async def floods(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
    """An endpoint that sends 50 MB in front of its answer."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    try:
        for _ in range(50):
            await response.write(MEGABYTE)
            endpoint.sent += len(MEGABYTE)
        await response.write(json.dumps(completion("The office opens at nine. [1]")).encode())
    except ConnectionError:
        pass
    return response


async def floods_packed(request: web.Request, endpoint: "ScriptedEndpoint") -> web.StreamResponse:
    """An endpoint that sends 50 MB in 50 KB, which nobody had asked for."""
    return web.Response(
        body=gzip.compress(MEGABYTE * 50, 1), headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
