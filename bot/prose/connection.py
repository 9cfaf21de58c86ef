"""The connection to a language model's endpoint: the client `openai` over a transport that is held to bounds.

It is imported where a model is set and nowhere else, since `openai` takes seconds to import.
"""

import logging
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

import httpx2
import openai

from bot.prose.endpoint import Completion, EndpointError
from bot.prose.prompts import Prompt
from bot.settings import Settings

MOST_BYTES = 1 << 20
"""Of a reply that are read."""
MOST_PAUSE = 3600.0
"""Seconds that an endpoint may ask us to wait."""
_KEY_PAUSE = 600.0
"""Seconds until a key that was refused is tried again."""
_CHARACTERS = 20
"""In a token, at most, of a reply that kept to its limit."""

_UNSUPPORTED = re.compile(
    r"(?=.*(?:support|unknown|unrecognized|unexpected|permitted|allowed)).*?\b(?P<name>max_tokens|temperature)\b",
    re.IGNORECASE | re.DOTALL,
)

_OTHER_FORM = "The endpoint answered in another form than OpenAI's. Is FOOTNOTE_LLM_URL right? It mostly ends with /v1."
_TOO_LARGE = "The endpoint sent more than a megabyte, or something packed, which was not read."
_UNREACHABLE = "The endpoint of the model cannot be reached. Is it running, and is FOOTNOTE_LLM_URL right?"
_REFUSED = "The model refused to answer."
_EMPTY = "The model answered with nothing."
_TOO_MUCH = "The model wrote more than FOOTNOTE_LLM_TOKENS allows."
_STATUS = {
    401: "The endpoint does not take FOOTNOTE_LLM_KEY (401).",
    403: "The endpoint does not take FOOTNOTE_LLM_KEY (403).",
    404: "The endpoint knows no such model or address (404). See FOOTNOTE_LLM_MODEL and FOOTNOTE_LLM_URL.",
    429: "The endpoint asks for a pause (429).",
}


class _Unread(Exception):  # noqa: N818 - said in a sentence before anybody sees it
    """A reply that is too large, or packed so that its size cannot be known."""


@dataclass
class _Bounded(httpx2.AsyncByteStream):
    """The body of a reply, up to `MOST_BYTES`. Raises _Unread beyond."""

    body: httpx2.AsyncByteStream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        async for chunk in self.body:
            count += len(chunk)
            if count > MOST_BYTES:
                raise _Unread
            yield chunk

    async def aclose(self) -> None:
        """Close the connection, whatever of the reply is still to come."""
        await self.body.aclose()


class _Transport(httpx2.AsyncHTTPTransport):
    """Sends no header but those that are needed, by no proxy, and reads so much of a reply."""

    def __init__(self, key: str, secure: bool) -> None:
        super().__init__(verify=secure, trust_env=False)
        self._headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "Footnote"}
        if key:
            self._headers["authorization"] = f"Bearer {key}"

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See AsyncHTTPTransport."""
        needed = {
            name: value for name, value in request.headers.items() if name in ("host", "content-type", "content-length")
        }
        request.headers = httpx2.Headers(needed | self._headers)
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise _Unread
        response.stream = _Bounded(cast(httpx2.AsyncByteStream, response.stream))
        return response


class Connection:
    """Asks one endpoint, without retries; safe to use for several questions at a time on one event loop."""

    def __init__(self, settings: Settings) -> None:
        for name in ("openai", "httpx2", "httpcore2"):  # below, they log what is asked
            logging.getLogger(name).setLevel(logging.WARNING)
        secure = settings.llm_url.lower().startswith("https:")
        transport = _Transport(str(settings.llm_key), secure)
        client = httpx2.AsyncClient(transport=transport, follow_redirects=False, trust_env=False, timeout=None)
        self._client = openai.AsyncOpenAI(
            api_key="set by the transport", base_url=settings.llm_url, max_retries=0, timeout=None, http_client=client
        )
        self._model, self._tokens = settings.llm_model, settings.llm_tokens
        self._parameters: dict[str, int] = {"temperature": 0, "max_tokens": settings.llm_tokens}

    async def complete(self, prompt: Prompt) -> Completion:
        """What the model says. Raises EndpointError, which holds nothing of the prompt and of the key.

        An endpoint that refuses a parameter is asked once more without it, and from then on at once so; never without
        any limit of tokens.
        """
        sent = self._parameters
        found = await self._create(prompt, sent)
        while (refused := _refused(found)) in sent and refused != "max_completion_tokens":
            sent = _without(sent, refused)
            found = await self._create(prompt, sent)
        if isinstance(found, Exception):
            raise _failure(found)
        self._parameters = sent
        return _completion(found, self._tokens)

    async def _create(self, prompt: Prompt, parameters: Mapping[str, int]) -> object:
        """What the endpoint sends, or what went wrong: raised, that would be kept with the key and the prompt."""
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        body = {"model": self._model, "messages": messages, "stream": False, **parameters}
        try:
            return await self._client.chat.completions.create(**body)  # type: ignore[call-overload]
        except Exception as error:  # a stranger's server may cause any
            return error

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()


def _refused(found: object) -> str:
    """The parameter that an endpoint says it does not take; empty where it does not say so."""
    if not isinstance(found, openai.BadRequestError):
        return ""
    said = found.body.get("message") if isinstance(found.body, dict) else None
    named = _UNSUPPORTED.match(said[:200]) if isinstance(said, str) else None
    return found.param if isinstance(found.param, str) else named["name"] if named else ""


def _without(parameters: Mapping[str, int], refused: str) -> dict[str, int]:
    """The parameters without one: OpenAI's models that want `max_completion_tokens` take no temperature either."""
    left = {name: value for name, value in parameters.items() if name not in (refused, "temperature")}
    return left | ({"max_completion_tokens": parameters[refused]} if refused == "max_tokens" else {})


def _failure(error: Exception) -> EndpointError:
    """A line that says what happened: of what the endpoint said, only the status."""
    if isinstance(error, _Unread):
        return EndpointError(_TOO_LARGE)
    if isinstance(error, openai.APIConnectionError):
        return EndpointError(_UNREACHABLE)
    if not isinstance(error, openai.APIStatusError):
        return EndpointError(_OTHER_FORM)
    status = error.status_code
    said = f"The endpoint leads to another address ({status}), which is not followed. Set FOOTNOTE_LLM_URL to it."
    if not 300 <= status < 400:
        said = _STATUS.get(status, f"The endpoint failed ({status}).")
    pause = _retry_after(error.response.headers.get("retry-after", ""))
    if status in (401, 403):
        pause = _KEY_PAUSE
    return EndpointError(said, pause)


def _retry_after(value: str) -> float | None:
    """The seconds that a Retry-After asks for, given as such or as a date; None where it is neither."""
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MOST_PAUSE)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), MOST_PAUSE)


def _completion(found: object, tokens: int) -> Completion:
    """The text of a reply, each part of which is looked at: openai takes what a server sends for a reply unread."""
    choices = getattr(found, "choices", None)
    first = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(first, "message", None)
    text, finish = getattr(message, "content", None), getattr(first, "finish_reason", None)
    if getattr(message, "refusal", None) or finish == "content_filter":
        raise EndpointError(_REFUSED)
    if message is None or not isinstance(text, str | None):
        raise EndpointError(_OTHER_FORM)
    if not text or not text.strip():
        raise EndpointError(_EMPTY)
    if len(text) > tokens * _CHARACTERS:
        raise EndpointError(_TOO_MUCH)
    return Completion(text, finish != "length")
