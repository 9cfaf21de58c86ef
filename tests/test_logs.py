"""The log: lines for people and for programs, the request they are about, and nothing secret in them."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.discord import service
from bot.logs import HIDDEN, JsonFormatter, TextFormatter, begin_request, redact, request_id
from bot.settings import Settings
from embeddings.settings import Secret

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789_-"
SHORT = "a.b.c"
"""A token that does not look like one: it is known, so it is hidden too."""


@contextmanager
def logged(formatter: logging.Formatter) -> Iterator[tuple[logging.Logger, Callable[[], list[str]]]]:
    """A logger, and the lines it has written by a formatter."""
    stream, log = io.StringIO(), logging.getLogger("footnote.tried")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield log, lambda: stream.getvalue().splitlines()
    finally:
        log.removeHandler(handler)


@pytest.mark.parametrize("formatter", [TextFormatter([SHORT]), JsonFormatter([SHORT])])
@pytest.mark.parametrize("secret", [SHORT, TOKEN])
def test_no_secret_is_in_a_message_or_a_traceback(formatter: logging.Formatter, secret: str):
    with logged(formatter) as (log, lines):
        log.warning("logging in with %s", secret)
        try:
            raise ValueError(f"header Authorization: Bot {secret}")
        except ValueError:
            log.exception("refused %s", {"token": secret})
        found = "\n".join(lines())

    assert secret not in found
    assert found.count(HIDDEN) >= 3 and "ValueError" in found and "logging in with" in found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"FOOTNOTE_GUILD='{TOKEN}' cannot be used", f"FOOTNOTE_GUILD='{HIDDEN}' cannot be used"),
        ("https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb24/messages/@original", None),
        ("POST /interactions/123/aW50ZXJhY3Rpb24/callback", None),
        ("generation 20260801T120000Z-abcdef, weights.safetensors, docs/a.b.c", "the same"),
        ("https://discord.com/oauth2/authorize?client_id=123456789012345678&scope=bot", "the same"),
    ],
)
def test_what_looks_like_a_token_is_hidden_wherever_it_was_put(text: str, shown: str | None):
    found = redact(text)

    assert "aW50ZXJhY3Rpb24" not in found and TOKEN not in found
    if shown:
        assert found == (text if shown == "the same" else shown)


def test_a_line_for_programs_is_an_object_with_what_was_given_by_name():
    with logged(JsonFormatter()) as (log, lines):
        log.info("%s\n%s", "surface=ask", "and more", extra={"fields": {"surface": "ask", "outcome": "answered"}})
        log.error("plain")
        first, second = map(json.loads, lines())

    assert (first["surface"], first["outcome"], first["level"]) == ("ask", "answered", "info")
    assert first["message"] == "surface=ask\nand more" and first["logger"] == "footnote.tried"
    assert first["time"].endswith("+00:00") and first["request"] is None
    assert second["message"] == "plain" and "traceback" not in second


def test_lines_about_one_request_have_its_id_and_others_none():
    def answer(log: logging.Logger) -> str:
        begin_request()
        log.info("one")
        log.info("two")
        return request_id()

    with logged(TextFormatter()) as (log, lines):
        ids = [copy_context().run(answer, log) for _ in range(2)]
        log.info("three")
        found = lines()

    assert len(set(ids)) == 2
    assert [f" [{ids[n // 2]}]: " in line for n, line in enumerate(found[:4])] == [True] * 4
    assert found[4].endswith("INFO    footnote.tried: three")


def settings(**changes: Any) -> Settings:
    return Settings.load({"FOOTNOTE_HEALTH": "no", **changes})


def test_an_error_that_nobody_foresaw_ends_the_bot_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def fail(token: str) -> int:
        raise RuntimeError(f"the token {token} surprised us")

    monkeypatch.setattr(service, "_log_in", fail)
    assert service.run(settings(DISCORD_TOKEN=SHORT), lambda: pytest.fail("loaded")) == 1

    (record,) = [record for record in caplog.records if record.exc_info]
    said = TextFormatter([SHORT]).format(record)
    assert "was not meant to happen" in said and "RuntimeError: the token [hidden] surprised us" in said


def test_what_keeps_the_bot_from_starting_is_said_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    async def fail(token: str) -> int:
        raise OSError(f"no route to {token}")

    monkeypatch.setattr(service, "_log_in", fail)
    assert service.run(settings(DISCORD_TOKEN=SHORT), lambda: pytest.fail("loaded")) == 75

    assert capsys.readouterr().err.startswith(f"error: Discord cannot be reached (no route to {HIDDEN}).")


def test_a_token_in_the_place_of_another_setting_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOOTNOTE_GUILD", TOKEN)

    assert main(["ask", "Who?"]) == 2
    assert f"FOOTNOTE_GUILD='{HIDDEN}' cannot be used" in capsys.readouterr().err


def test_every_secret_of_the_settings_is_known():
    assert settings(DISCORD_TOKEN=SHORT).secrets == (SHORT,)
    assert settings().secrets == ()
    assert isinstance(settings(DISCORD_TOKEN=SHORT).secrets[0], Secret)
