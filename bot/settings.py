"""The bot's settings: those of the index, and what concerns answers and Discord."""

import dataclasses
import difflib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from embeddings.corpora import address
from embeddings.errors import BadSetting
from embeddings.settings import IndexSettings, setting

DEFAULT_THRESHOLD = "0.5"
"""The confidence that gives the least mean of both error rates on the tuning questions."""

_SWITCH = dict.fromkeys(("yes", "true", "on", "1"), True) | dict.fromkeys(("no", "false", "off", "0"), False)
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class Secret(str):
    """A text that does not show itself in the `repr` of what holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('…')" if self else "Secret('')"


def _threshold(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError("it must be from 0 to 1")
    return value


def _guild(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise ValueError("it must be a server's id, a long number that Discord's developer mode copies")
    return int(text)


def _queue(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1000:
        raise ValueError("it must be from 1 to 1000")
    return value


def _days(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 3650:
        raise ValueError("it must be from 0 to 3650")
    return value


def _switch(text: str) -> bool:
    if text.lower() not in _SWITCH:
        raise ValueError("it must be yes or no")
    return _SWITCH[text.lower()]


def _level(text: str) -> int:
    if text.lower() not in _LEVELS:
        raise ValueError(f"it must be one of {', '.join(_LEVELS)}")
    return _LEVELS[text.lower()]


@dataclass(frozen=True)
class Settings(IndexSettings):
    """Everything an operator can set. `.env.example` lists the same variables."""

    token: Secret = setting("DISCORD_TOKEN", "", "The bot's token; only `python -m bot run` needs it.", Secret)
    threshold: float = setting(
        "FOOTNOTE_THRESHOLD",
        DEFAULT_THRESHOLD,
        "Answer only from this confidence on, from 0 to 1; below it the documents count as silent.",
        _threshold,
    )
    reader: bool = setting(
        "FOOTNOTE_READER",
        "yes",
        "Read the passages that are found, which answers better and takes longer; no goes by search alone.",
        _switch,
    )
    base_url: str = setting(
        "FOOTNOTE_BASE_URL",
        "",
        "The address that the documents' pages lie below, which links lead to where a document names no address.",
        address,
    )
    guild: int | None = setting(
        "FOOTNOTE_GUILD", "", "Answer in one server only, by its id: no other, and no direct messages.", _guild
    )
    queue: int = setting(
        "FOOTNOTE_QUEUE", "100", "Most questions that wait; whoever asks then is told to try again.", _queue
    )
    private: bool = setting(
        "FOOTNOTE_PRIVATE", "no", "Show answers of /ask to the asker only, unless asked otherwise.", _switch
    )
    keep_days: int = setting(
        "FOOTNOTE_KEEP_DAYS",
        "30",
        "For how many days answers are kept, for receipts, votes and /insights, without who asked; 0 for not at all.",
        _days,
    )
    keep_questions: bool = setting(
        "FOOTNOTE_KEEP_QUESTIONS", "no", "Keep what was asked for as long, and show it in /insights.", _switch
    )
    first_responder: bool = setting(
        "FOOTNOTE_FIRST_RESPONDER",
        "no",
        "Let moderators name channels in which the bot answers by itself; needs Discord's Message Content Intent.",
        _switch,
    )
    log_level: int = setting(
        "FOOTNOTE_LOG_LEVEL", "info", "What to log: debug, info, warning or error; never questions.", _level
    )

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """As IndexSettings.load; a FOOTNOTE_ variable that does not exist is refused too."""
        known = {field.metadata["variable"] for field in dataclasses.fields(cls)}
        for name in environment:
            if name.startswith("FOOTNOTE_") and name not in known:
                nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
                raise BadSetting(f"There is no setting {name}. Did you mean {nearest}? See .env.example.")
        return super().load(environment)
