"""The bot's settings: those of the index, and what concerns answers and Discord."""

import dataclasses
import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, Self
from urllib.parse import urlsplit

from embeddings.corpora import address
from embeddings.errors import BadSetting
from embeddings.settings import IndexSettings, Secret, setting

DEFAULT_THRESHOLD = "0.5"
"""The confidence that gives the least mean of both error rates on the tuning questions."""

LLM_TASKS = ("choose", "write", "understand")
"""What a language model may be asked to do, where one is set."""

_SWITCH = dict.fromkeys(("yes", "true", "on", "1"), True) | dict.fromkeys(("no", "false", "off", "0"), False)
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _within(low: int, high: int, number: type[int] | type[float] = int, unit: str = "") -> Callable[[str], float]:
    """Reads a number from `low` to `high`."""

    def read(text: str) -> float:
        value = number(text)
        if not low <= value <= high:
            raise ValueError(f"it must be from {low} to {high}{unit}")
        return value

    return read


def _guild(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**63):
        raise ValueError("it must be a server's id, a long number that Discord's developer mode copies")
    return int(text)


def _tasks(text: str) -> frozenset[str]:
    named = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    if not named or not named <= set(LLM_TASKS):
        raise ValueError(f"it must name some of {', '.join(LLM_TASKS)}, with commas between them")
    return named


def _switch(text: str) -> bool:
    if text.lower() not in _SWITCH:
        raise ValueError("it must be yes or no")
    return _SWITCH[text.lower()]


def _model(text: str) -> Path | None:
    if text and not (Path(text) / "config.json").is_file():
        raise ValueError("it must be the folder of a model, with its config.json")
    return Path(text) if text else None


def _reader(text: str) -> bool | Path:
    if text.lower() in _SWITCH:
        return _SWITCH[text.lower()]
    try:
        return _model(text) or True
    except ValueError as error:
        raise ValueError("it must be yes, no or the folder of a model, with its config.json") from error


def _level(text: str) -> int:
    if text.lower() not in _LEVELS:
        raise ValueError(f"it must be one of {', '.join(_LEVELS)}")
    return _LEVELS[text.lower()]


def _is_json(text: str) -> bool:
    if text.lower() not in ("text", "json"):
        raise ValueError("it must be text or json")
    return text.lower() == "json"


def _address(text: str) -> Address | None:
    if _SWITCH.get(text.lower()) is False:
        return None
    host, _, port = text.rpartition(":")
    try:
        address = Address(str(ipaddress.ip_address(host.strip("[]"))), int(port))
    except ValueError:
        address = None
    if address is None or not 1 <= address.port <= 65535:
        raise ValueError("it must be an address and a port like 127.0.0.1:8377, or no")
    return address


@dataclass(frozen=True)
class Settings(IndexSettings):
    """Everything an operator can set. `.env.example` lists the same variables."""

    token: Secret = setting("DISCORD_TOKEN", "", "The bot's token; only `python -m bot run` needs it.", Secret)
    threshold: float = setting(
        "FOOTNOTE_THRESHOLD",
        DEFAULT_THRESHOLD,
        "Answer only from this confidence on, from 0 to 1; below it the documents count as silent.",
        _within(0, 1, float),
    )
    reader: bool | Path = setting(
        "FOOTNOTE_READER",
        "yes",
        "Read the passages that are found, which answers better and takes longer; no goes by search alone. The folder "
        "of a question-answering model, in the form of transformers, reads with that.",
        _reader,
    )
    reranker: Path | None = setting(
        "FOOTNOTE_RERANKER",
        "",
        "The folder of a CrossEncoder of sentence-transformers, which then orders the passages that are found.",
        _model,
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
        "FOOTNOTE_QUEUE", "100", "Most questions that wait; whoever asks then is told to try again.", _within(1, 1000)
    )
    shards: int = setting(
        "FOOTNOTE_SHARDS", "0", "Connections to Discord; 0 for as many as it recommends.", _within(0, 1000)
    )
    private: bool = setting(
        "FOOTNOTE_PRIVATE", "no", "Show answers of /ask to the asker only, unless asked otherwise.", _switch
    )
    keep_days: int = setting(
        "FOOTNOTE_KEEP_DAYS",
        "30",
        "For how many days answers are kept, for receipts, votes and /insights, without who asked; 0 for not at all.",
        _within(0, 3650),
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
    llm_url: str = setting(
        "FOOTNOTE_LLM_URL",
        "",
        "The address of a language model's endpoint in OpenAI's form, which mostly ends with /v1.",
    )
    llm_model: str = setting("FOOTNOTE_LLM_MODEL", "", "The model's name, as its endpoint calls it.")
    llm_key: Secret = setting(
        "FOOTNOTE_LLM_KEY", "", "The endpoint's key, if it wants one; it is never logged.", Secret
    )
    llm_remote: bool = setting(
        "FOOTNOTE_LLM_REMOTE",
        "no",
        "Let questions and passages leave this machine, for an endpoint on another one.",
        _switch,
    )
    llm_timeout: float = setting(
        "FOOTNOTE_LLM_TIMEOUT",
        "20",
        "Seconds that the model may take for one answer, all it does together.",
        _within(1, 120, float, " seconds"),
    )
    llm_calls: int = setting(
        "FOOTNOTE_LLM_CALLS", "120", "Most calls of the model within an hour.", _within(1, 100_000)
    )
    llm_tokens: int = setting(
        "FOOTNOTE_LLM_TOKENS", "600", "Most tokens that the model may write at a time.", _within(50, 8_000)
    )
    llm_tasks: frozenset[str] = setting(
        "FOOTNOTE_LLM_TASKS", "write", "What the model is asked to do: some of choose, write, understand.", _tasks
    )
    llm_show_dropped: bool = setting(
        "FOOTNOTE_LLM_SHOW_DROPPED", "no", "Show the model's sentences that were dropped, struck through.", _switch
    )
    log_level: int = setting(
        "FOOTNOTE_LOG_LEVEL", "info", "What to log: debug, info, warning or error; never questions.", _level
    )
    log_json: bool = setting("FOOTNOTE_LOG_FORMAT", "text", "How to log: text, or json for an object a line.", _is_json)
    health: Address | None = setting(
        "FOOTNOTE_HEALTH",
        "127.0.0.1:8377",
        "The address at which the bot says how it is, at /healthz and /metrics; no for nowhere.",
        _address,
    )

    _nearness: ClassVar[float] = 0.0
    """Every FOOTNOTE_ variable is one of ours."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be shown nowhere."""
        values = (getattr(self, field.name) for field in dataclasses.fields(self))
        return tuple(value for value in values if isinstance(value, Secret) and value)

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """As IndexSettings.load; the settings of a language model have to fit each other too."""
        settings = super().load(environment)
        if settings.llm_url:
            settings._check_model()
        return settings

    def _check_model(self) -> None:
        """Raise BadSetting where the model's settings cannot be used together; the key and the address are not told."""
        try:
            address = urlsplit(self.llm_url)
            usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
        except ValueError:  # brackets or a port that are none
            usable = False
        if not usable or address.username or address.password or address.query or address.fragment:
            raise BadSetting(
                "FOOTNOTE_LLM_URL is no address of an endpoint. Write it like http://127.0.0.1:11434/v1, without a "
                "password or a question mark."
            )
        if not is_loopback(address.hostname or "") and not self.llm_remote:
            raise BadSetting(
                "FOOTNOTE_LLM_URL leads to another machine, so that people's questions and passages of your documents "
                "would leave this one: set FOOTNOTE_LLM_REMOTE=yes if they may."
            )
        if not self.llm_model:
            raise BadSetting(
                "FOOTNOTE_LLM_MODEL is not set. Name the model as the endpoint of FOOTNOTE_LLM_URL calls it."
            )
        if not (self.llm_key.isascii() and self.llm_key.isprintable()):
            raise BadSetting("FOOTNOTE_LLM_KEY holds characters that no key has. Copy it again.")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its address, or is called localhost: no other name or form of writing is taken.

    >>> is_loopback("127.8.0.1"), is_loopback("::1"), is_loopback("127.0.0.1.example.com"), is_loopback("0x7f000001")
    (True, True, False, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (
        address in ipaddress.ip_network("127.0.0.0/8")
        if address.version == 4
        else address == ipaddress.ip_address("::1")
    )
