"""Discord's REST routes, version 10, as far as a bot of messages, commands and interactions needs them."""

import asyncio
import functools
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web

from . import payloads
from .commands import check_commands, echo
from .gateway import PRIVILEGED, Gateway, redacted
from .invocations import (
    ACKNOWLEDGE_WITHIN,
    ANSWERS,
    CHOICES,
    DEFER_REPLY,
    MODAL,
    REPLY,
    TOKEN_LIVES,
    UPDATE,
    Invocation,
)
from .journal import Refused, Request
from .limits import EPHEMERAL, LOADING, Form, Json, RefusalError, check_choices, check_modal
from .world import Sync, World

PREFIX = "/api/v10"
UNAUTHORISED = ("/interactions/", "/webhooks/")  # their secret is the token in the path
Handler = Callable[[web.Request], Awaitable[Any]]


@dataclass
class Throttle:
    """The next ``left`` requests that match are answered 429, or with another status, as Discord does on a bad day."""

    method: str
    pattern: str
    retry_after: float
    left: int
    via: str | None
    status: int = 429

    def answer(self) -> web.Response:
        """A 429 of Discord's own; without ``Via`` discord.py takes it for a ban by Cloudflare."""
        self.left -= 1
        if self.status != 429:
            return web.Response(status=self.status, text="upstream connect error")
        headers = {
            "Retry-After": str(max(1, round(self.retry_after))),
            "X-RateLimit-Limit": "5",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(time.time() + self.retry_after),
            "X-RateLimit-Reset-After": str(self.retry_after),
            "X-RateLimit-Bucket": "loopback",
            "X-RateLimit-Scope": "user",
        } | ({"Via": self.via} if self.via else {})
        body = {"message": "You are being rate limited.", "retry_after": self.retry_after, "global": False}
        return _answer(429, body, headers)


@dataclass
class Spoiler:
    """The next ``left`` requests that match are done, but half of the response comes, or after ``stall`` s none."""

    method: str
    pattern: str
    left: int
    stall: float

    async def spoil(self, request: web.Request, response: web.Response) -> None:
        """Send what comes of a response, and cut the connection."""
        self.left -= 1
        if self.stall:
            await asyncio.sleep(self.stall)
        else:
            body = response.body if isinstance(response.body, bytes) else b""
            stream = web.StreamResponse(headers={"Content-Type": "application/json"})
            stream.content_length = len(body) + 1
            await stream.prepare(request)
            await stream.write(body[: len(body) // 2])
        if request.transport:
            request.transport.close()


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    if body is None:
        return web.Response(status=204, headers=headers)
    # bytes, because aiohttp adds a charset to the content type of text, and discord.py then sees no JSON
    data = json.dumps(body).encode()
    return web.Response(status=status, body=data, content_type="application/json", headers=headers)


def _matches(mishap: Throttle | Spoiler, method: str, path: str) -> bool:
    return mishap.method == method and fnmatchcase(path, mishap.pattern)


class Rest:
    """The routes; every one is recorded, authorised, throttled and refused in ``_serve``."""

    def __init__(self, world: World, gateway: Gateway, token: str, shards: int = 1) -> None:
        self.world, self.gateway, self.token, self.shards = world, gateway, token, shards
        self.invocations: dict[str, Invocation] = {}
        self.throttles: list[Throttle] = []
        self.spoilers: list[Spoiler] = []

    def add_to(self, app: web.Application) -> None:
        """Register every route below ``/api/v10``."""
        messages, original = "/channels/{channel}/messages", "/webhooks/{app}/{token}/messages/{message}"
        scopes = ("/applications/{app}/commands", "/applications/{app}/guilds/{guild}/commands")
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/gateway", self._gateway),
            ("GET", "/gateway/bot", self._gateway),
            ("GET", "/users/@me", self._me),
            ("GET", "/oauth2/applications/@me", self._application),
            ("POST", "/users/@me/channels", self._open_dm),
            *(("GET", scope, self._commands) for scope in scopes),
            *(("PUT", scope, self._sync) for scope in scopes),
            ("GET", "/channels/{channel}", self._channel),
            ("POST", "/channels/{channel}/typing", self._typing),
            ("GET", messages, self._history),
            ("POST", messages, self._create),
            ("GET", messages + "/{message}", self._read),
            ("PATCH", messages + "/{message}", self._edit),
            ("DELETE", messages + "/{message}", self._delete),
            ("POST", "/interactions/{id}/{token}/callback", self._callback),
            ("POST", "/webhooks/{app}/{token}", self._follow_up),
            ("GET", original, self._read_response),
            ("PATCH", original, self._edit_response),
            ("DELETE", original, self._delete_response),
            ("*", "/{tail:.*}", self._unknown),
        ]
        for method, path, handler in table:
            app.router.add_route(method, PREFIX + path, functools.partial(self._serve, handler))

    async def _serve(self, handler: Handler, request: web.Request) -> web.Response:
        path, journal = request.path.removeprefix(PREFIX), self.world.journal
        try:
            if not path.startswith(UNAUTHORISED) and request.headers.get("Authorization") != f"Bot {self.token}":
                raise RefusalError(401, 0, "401: Unauthorized")
            response = self._throttled(request.method, path) or _answer(200, await handler(request))
        except RefusalError as error:
            response = self._refuse(request, path, error)
        except (LookupError, TypeError, ValueError) as error:  # a 500 would have discord.py try five times
            why = f"the loopback cannot read this request: {error!r}"
            response = self._refuse(request, path, RefusalError(400, 50109, why))
        journal.requests.append(Request(request.method, path, response.status))
        journal.changed()
        for spoiler in self.spoilers:
            if spoiler.left and response.status < 300 and _matches(spoiler, request.method, path):
                await spoiler.spoil(request, response)
                break
        return response

    def _refuse(self, request: web.Request, path: str, error: RefusalError) -> web.Response:
        refused = Refused(request.method, path, error.status, error.code, str(error))
        self.world.journal.refusals.append(refused)
        if invocation := self.invocations.get(request.match_info.get("token", "")):
            invocation.refused.append(error)
        return _answer(error.status, error.body())

    def _throttled(self, method: str, path: str) -> web.Response | None:
        for throttle in self.throttles:
            if throttle.left and _matches(throttle, method, path):
                return throttle.answer()
        return None

    async def _unknown(self, request: web.Request) -> Any:
        raise RefusalError(404, 0, f"404: Not Found (the loopback has no {request.method} {request.path})")

    # -- who am I

    async def _gateway(self, request: web.Request) -> Json:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = f"{'wss' if request.secure else 'ws'}://{request.host}/"
        return {"url": url, "shards": self.shards, "session_start_limit": limit}

    async def _me(self, _: web.Request) -> Json:
        return self.world.bot

    async def _application(self, _: web.Request) -> Json:
        granted = not self.gateway.denied & PRIVILEGED["message_content"]
        flags = payloads.MESSAGE_CONTENT_LIMITED if granted else 0
        return payloads.application(self.world.bot["id"], "Footnote", self.world.owner, flags, self.world.endpoint)

    # -- commands

    def _scope(self, request: web.Request) -> int | None:
        if request.match_info["app"] != self.world.bot["id"]:
            raise RefusalError(404, 10002, "Unknown Application")
        guild = request.match_info.get("guild")
        if guild not in (None, self.world.guild["id"]):
            raise RefusalError(403, 50001, "Missing Access")
        return int(guild) if guild else None

    async def _commands(self, request: web.Request) -> list[Json]:
        return self.world.commands.get(self._scope(request), [])

    async def _sync(self, request: web.Request) -> list[Json]:
        scope, payload = self._scope(request), await request.json()
        check_commands(payload)
        self.world.syncs.append(Sync(scope, payload))
        where = {"application_id": self.world.bot["id"]} | ({"guild_id": str(scope)} if scope else {})
        known = self.world.commands.get(scope, [])
        self.world.commands[scope] = [echo(command, known, self.world.new_id, **where) for command in payload]
        return self.world.commands[scope]

    # -- channels and messages

    def _place(self, request: web.Request, writing: bool = False) -> Json:
        channel = self.world.channels.get(request.match_info["channel"])
        if channel is None:
            raise RefusalError(404, 10003, "Unknown Channel")
        if writing and channel["id"] in self.world.forbidden:
            if self.world.is_dm(channel):
                raise RefusalError(403, 50007, "Cannot send messages to this user")
            raise RefusalError(403, 50013, "Missing Permissions")
        return channel

    def _message(self, request: web.Request, own: bool = False) -> Json:
        channel, message = self._place(request), self.world.message(int(request.match_info["message"]))
        if message["channel_id"] != channel["id"] or message["flags"] & EPHEMERAL:
            raise RefusalError(404, 10008, "Unknown Message")
        if own and message["author"]["id"] != self.world.bot["id"]:
            raise RefusalError(403, 50005, "Cannot edit a message authored by another user")
        return message

    async def _channel(self, request: web.Request) -> Json:
        return self._place(request)

    async def _open_dm(self, request: web.Request) -> Json:
        return self.world.dm_with(str((await request.json())["recipient_id"]))

    async def _typing(self, request: web.Request) -> None:
        self._place(request, writing=True)

    async def _create(self, request: web.Request) -> Json:
        channel = self._place(request, writing=True)
        return await self._show(self.world.write("create", channel, await self._body(request)))

    async def _history(self, request: web.Request) -> list[Json]:
        channel, limit = self._place(request)["id"], int(request.query.get("limit", 50))
        before, after = int(request.query.get("before", 1 << 63)), int(request.query.get("after", 0))
        found = [
            message
            for number, message in sorted(self.world.messages.items(), reverse=True)
            if message["channel_id"] == channel and after < number < before and not message["flags"] & EPHEMERAL
        ]
        return [self._visible(message) for message in (found[-limit:] if after else found[:limit])]

    async def _read(self, request: web.Request) -> Json:
        return self._visible(self._message(request))

    def _visible(self, message: Json) -> Json:
        return redacted(message, self.world.bot["id"], ~self.gateway.denied)

    async def _edit(self, request: web.Request) -> Json:
        message = self._message(request, own=True)
        return await self._show(self.world.rewrite("edit", message, await self._body(request)), "UPDATE")

    async def _delete(self, request: web.Request) -> None:
        await self._remove(self._message(request))

    async def _body(self, request: web.Request) -> Json:
        """The JSON of a request, with an attachment for each uploaded file."""
        if request.content_type != "multipart/form-data":
            body: Json = await request.json()
            return body
        form = await request.post()
        whole = json.loads(str(form["payload_json"]))
        body = whole.get("data", whole) if "type" in whole else whole
        uploads = [part for part in form.values() if isinstance(part, web.FileField)]
        body["attachments"] = [
            {"id": str(self.world.new_id()), "filename": part.filename, "size": len(part.file.read())}
            | {
                "url": f"https://cdn.discordapp.com/{part.filename}",
                "proxy_url": "",
                "content_type": part.content_type,
            }
            for part in uploads
        ]
        return dict(whole)

    async def _show(self, message: Json, verb: str = "CREATE") -> Json:
        if not message["flags"] & EPHEMERAL:
            await self.gateway.dispatch(f"MESSAGE_{verb}", message)
        return message

    async def _remove(self, message: Json) -> None:
        del self.world.messages[int(message["id"])]
        gone = {key: message[key] for key in ("id", "channel_id", "guild_id") if key in message}
        await self._show(gone | {"flags": message["flags"]}, "DELETE")

    # -- interactions

    async def _callback(self, request: web.Request) -> Json | None:
        invocation = self.invocations.get(request.match_info["token"])
        if invocation is None or str(invocation.id) != request.match_info["id"]:
            raise RefusalError(404, 10062, "Unknown interaction")
        body = await self._body(request)
        if invocation.response is not None:
            raise RefusalError(400, 40060, "Interaction has already been acknowledged.")
        if self.world.now() - invocation.created > ACKNOWLEDGE_WITHIN:
            raise RefusalError(404, 10062, "Unknown interaction")
        if body["type"] not in ANSWERS[invocation.kind]:
            form = Form()
            form.add("type", "INTERACTION_RESPONSE_TYPE_INVALID", f"Not for interactions of type {invocation.kind}")
            form.close()
        shown = await self._acknowledge(invocation, body)
        return (
            self._callback_answer(invocation, body, shown)
            if request.query.get("with_response") in ("1", "true")
            else None
        )

    async def _acknowledge(self, invocation: Invocation, body: Json) -> Json | None:
        """Do what the callback asks; return the message it created or updated."""
        data, message = body.get("data") or {}, None
        if body["type"] == REPLY:
            message = self._respond("reply", invocation, data, "data")
        elif body["type"] == DEFER_REPLY:
            flags = int(data.get("flags") or 0)
            message = self._private(invocation, self.world.think(invocation.channel, flags, **self._mark(invocation)))
        elif body["type"] == UPDATE:
            message = self.world.rewrite("update", self.world.message(invocation.source or 0), data, "data")
        elif body["type"] == CHOICES:
            check_choices(data.get("choices", []))
        elif body["type"] == MODAL:
            check_modal(data)
        invocation.response = body
        invocation.original = int(message["id"]) if message else invocation.source
        if message:
            await self._show(message, "UPDATE" if body["type"] == UPDATE else "CREATE")
        return message

    def _callback_answer(self, invocation: Invocation, body: Json, shown: Json | None) -> Json:
        about: Json = {"id": str(invocation.id), "type": invocation.kind}
        resource: Json = {"type": body["type"]}
        if shown:
            about["response_message_id"] = shown["id"]
            about["response_message_loading"] = bool(shown["flags"] & LOADING)
            about["response_message_ephemeral"] = bool(shown["flags"] & EPHEMERAL)
        if body["type"] in (REPLY, UPDATE):  # Discord's documentation gives no message for a deferral
            resource["message"] = shown
        return {"interaction": about, "resource": resource}

    def _mark(self, invocation: Invocation) -> Json:
        owners = {"0": self.world.guild["id"]}
        trace = {"id": str(invocation.id), "type": invocation.kind, "user": invocation.user}
        trace |= {"authorizing_integration_owners": owners}
        application_id = self.world.bot["id"]
        return {"application_id": application_id, "webhook_id": application_id, "interaction_metadata": trace}

    def _private(self, invocation: Invocation, message: Json) -> Json:
        if message["flags"] & EPHEMERAL:
            self.world.readers[int(message["id"])] = invocation.user["id"]
        return message

    def _respond(self, how: str, invocation: Invocation, body: Json, root: str = "") -> Json:
        message = self.world.write(how, invocation.channel, body, root, **self._mark(invocation))
        return self._private(invocation, message)

    def _live(self, request: web.Request) -> Invocation:
        invocation = self.invocations.get(request.match_info["token"])
        if invocation is None or request.match_info["app"] != self.world.bot["id"] or invocation.response is None:
            raise RefusalError(404, 10015, "Unknown Webhook")
        if self.world.now() - invocation.created > TOKEN_LIVES:
            raise RefusalError(401, 50027, "Invalid Webhook Token")
        return invocation

    def _response_message(self, request: web.Request) -> tuple[Invocation, Json]:
        invocation, name = self._live(request), request.match_info["message"]
        number = (invocation.original or 0) if name == "@original" else int(name)
        if number not in (invocation.original, *invocation.followup_ids):
            raise RefusalError(404, 10008, "Unknown Message")
        return invocation, self.world.message(number)

    async def _read_response(self, request: web.Request) -> Json:
        return self._response_message(request)[1]

    async def _edit_response(self, request: web.Request) -> Json:
        invocation, message = self._response_message(request)
        return await self._revise(invocation, message, await self._body(request))

    async def _revise(self, invocation: Invocation, message: Json, body: Json) -> Json:
        message = self.world.rewrite("edit response", message, body)
        invocation.edits += int(message["id"]) == invocation.original
        return await self._show(message, "UPDATE")

    async def _delete_response(self, request: web.Request) -> None:
        await self._remove(self._response_message(request)[1])

    async def _follow_up(self, request: web.Request) -> Json:
        invocation, body = self._live(request), await self._body(request)
        waiting = self.world.messages.get(invocation.original or 0)
        if waiting and waiting["flags"] & LOADING:  # Discord lets the first follow-up fill the deferred response
            return await self._revise(invocation, waiting, body)
        message = self._respond("follow-up", invocation, body)
        invocation.followup_ids.append(int(message["id"]))
        return await self._show(message)
