"""The log: a line or a JSON object for each record, with the request that it is about and without anything secret."""

import json
import logging
import os
import re
from collections.abc import Collection
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

HIDDEN = "[hidden]"
"""What is shown in place of a secret."""

_SHAPES = (
    re.compile(r"(?<![\w.-])[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}"),  # a token, also one that was put somewhere else
    re.compile(r"(?<=/)(?:webhooks|interactions)/\d+/[^/\s]+"),  # who has this can answer in the bot's name
)

_request: ContextVar[str] = ContextVar("request", default="")


def begin_request() -> None:
    """Give what is answered from here on, in this task, an id that stands in every line of the log about it."""
    _request.set(os.urandom(3).hex())


def request_id() -> str:
    """The id of what is being answered; another one where nothing was begun."""
    return _request.get() or os.urandom(3).hex()


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """A text without these secrets, and without what looks like a token."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


def configure(level: int, as_json: bool = False, secrets: Collection[str] = ()) -> None:
    """Have everything from a level on written to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(secrets) if as_json else TextFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler])


class TextFormatter(logging.Formatter):
    """A line for people: when, how grave, who says it, about which request, what; then a traceback, if there is one."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s%(request)s: %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        request = _request.get()
        record.request = f" [{request}]" if request else ""
        return redact(super().format(record), self._secrets)


class JsonFormatter(logging.Formatter):
    """An object a line; what was logged by `extra={"fields": …}` stands in it by name."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        found: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": _request.get() or None,
            "message": redact(record.getMessage(), self._secrets),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            found["traceback"] = redact(self.formatException(record.exc_info), self._secrets)
        return json.dumps(found, ensure_ascii=False, default=str)
