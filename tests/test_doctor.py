"""`python -m bot doctor`: each thing that can be wrong is found and told with what to do; nothing is changed by it."""

import dataclasses
import hashlib
import json
import os
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import discord
import pytest
from discord.http import Route
from fakes import FakeEncoder
from loopback import LoopbackDiscord
from loopback.payloads import ADMINISTRATOR
from test_logs import TOKEN

from bot.cli import main
from bot.discord import access
from bot.discord.store import FILE, Store
from bot.doctor import Finding, Level, examine
from bot.settings import Settings
from embeddings.building.indexing import build
from embeddings.encoding.models import fingerprint, packaged_model
from embeddings.settings import Secret

SEND, HISTORY = 1 << 11, 1 << 16


class KnownEncoder(FakeEncoder):
    """A fake that goes by the fingerprint of the model that ships."""

    sha256 = fingerprint(packaged_model())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with documents and an index, in which everything is well but that there is no token and no network."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("FOOTNOTE_") or name == "DISCORD_TOKEN":
            monkeypatch.delenv(name)
    monkeypatch.setenv("FOOTNOTE_HEALTH", "no")
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("Some 4,000 troops were sent.", encoding="utf-8")
    build(tmp_path / "seeds", tmp_path / "index", KnownEncoder())
    return tmp_path


def found(variables: dict[str, str] | None = None) -> dict[str, list[tuple[Level, str]]]:
    """What is found with these settings, by check, in the order of the checks."""
    variables = {"FOOTNOTE_HEALTH": "no"} | (variables or {})
    usable = {name: text for name, text in variables.items() if name not in Settings.problems(variables)}
    by_check: dict[str, list[tuple[Level, str]]] = {}
    for finding in examine(Settings.load(usable), variables):
        by_check.setdefault(finding.check, []).append((finding.level, finding.text))
    return by_check


def only(findings: list[tuple[Level, str]]) -> tuple[Level, str]:
    (finding,) = findings
    return finding


def snapshot(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_where_all_is_well_it_says_so_without_token_and_network_and_changes_nothing(place: Path):
    before = snapshot(place)
    by_check = found()

    assert list(by_check) == [
        *("settings", "documents", "index", "model", "reader", "disk", "store", "health", "language model", "token"),
        "discord",
    ]
    levels = {check: level for check, findings in by_check.items() for level, _ in findings}
    assert {check for check, level in levels.items() if level is not Level.OK} == {"token", "discord"}
    assert only(by_check["token"])[1].startswith("DISCORD_TOKEN is not set")
    assert "clock, token, intents and servers were not tried" in only(by_check["discord"])[1]
    assert "1 documents, 1 passages; every byte is as it was written" in only(by_check["index"])[1]
    assert KnownEncoder.sha256 in only(by_check["model"])[1]
    assert snapshot(place) == before


@pytest.mark.parametrize(
    ("variables", "level", "text"),
    [
        ({"FOOTNOTE_TRESHOLD": "0.4"}, Level.ERROR, "no setting FOOTNOTE_TRESHOLD. Did you mean FOOTNOTE_THRESHOLD?"),
        ({"FOOTNOTE_THRESHOLD": "4"}, Level.ERROR, "FOOTNOTE_THRESHOLD='4' cannot be used: it must be from 0 to 1."),
        ({"FOOTNOTE_TOKEN": "a.b.c"}, Level.ERROR, "no setting FOOTNOTE_TOKEN: it is called DISCORD_TOKEN."),
        ({"DISCORD_TOKN": "a.b.c"}, Level.WARNING, "DISCORD_TOKN is no setting. Did you mean DISCORD_TOKEN?"),
        ({"FOOTNOT_GUILD": "1"}, Level.WARNING, "FOOTNOT_GUILD is no setting. Did you mean FOOTNOTE_GUILD?"),
        ({"FOOTNOTE_QUEUE": "3", "PATH": "/bin"}, Level.OK, "given are FOOTNOTE_QUEUE, FOOTNOTE_HEALTH; the others"),
    ],
)
def test_settings(place: Path, variables: dict[str, str], level: Level, text: str):
    said = found(variables)["settings"]

    assert [each for each in said if each[0] is level and text in each[1]], said
    assert not [each for each in said if "PATH" in each[1]]


def test_documents_that_changed_since_and_a_folder_that_is_gone(place: Path):
    (place / "seeds" / "b.txt").write_text("More is said.", encoding="utf-8")
    (place / "seeds" / "a.txt").write_text("Other is said.", encoding="utf-8")
    level, text = only(found()["documents"])
    assert level is Level.WARNING and "1 new, 1 changed. make index reads them." in text

    level, text = only(found({"FOOTNOTE_CORPUS": "nowhere"})["documents"])
    assert level is Level.WARNING and "there is no folder nowhere" in text


@pytest.mark.slow
def test_an_index_that_is_missing_damaged_of_another_model_or_incomplete(place: Path):
    level, text = only(found({"FOOTNOTE_INDEX": "none"})["index"])
    assert level is Level.ERROR and "There is no index in none. Build it first" in text

    (place / "seeds" / "bad.pdf").write_bytes(b"no pdf")
    build(place / "seeds", place / "index", KnownEncoder())
    assert (Level.WARNING, "1 files could not be read: python -m embeddings status lists them.") in found()["index"]

    passages = next((place / "index" / "generations").glob("*/passages.jsonl"))
    other = [path.parent for path in (place / "index" / "generations").glob("*/passages.jsonl")]
    for folder in other:
        (folder / passages.name).write_text("damaged", encoding="utf-8")
    level, text = only(found()["index"])
    assert level is Level.ERROR and "passages.jsonl has changed since it was written" in text

    build(place / "seeds", place / "index", FakeEncoder())
    level, text = only(found()["index"])
    assert level is Level.ERROR and "was built with the model fake" in text


def test_a_model_that_is_not_here(place: Path):
    by_check = found({"FOOTNOTE_MODEL": "no-such-model"})

    assert only(by_check["model"])[0] is Level.ERROR and "is not on this machine" in only(by_check["model"])[1]
    assert only(by_check["index"])[0] is Level.OK


def test_a_reader_that_is_switched_off_or_changed(place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from bot.reader import trained

    assert only(found({"FOOTNOTE_READER": "no"})["reader"]) == (Level.OK, "not used (FOOTNOTE_READER=no)")
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"other")
    weights.with_suffix(".sha256").write_text("0" * 64, encoding="ascii")
    monkeypatch.setattr(trained, "WEIGHTS", weights)
    level, text = only(found()["reader"])
    assert level is Level.ERROR and "has changed since it was written: its SHA-256 is another" in text


def test_a_disk_that_is_nearly_full(place: Path, monkeypatch: pytest.MonkeyPatch):
    from bot import doctor

    monkeypatch.setattr(doctor, "_ROOM", 10**18)
    level, text = only(found()["disk"])
    assert level is Level.WARNING and "MB are free where" in text and "prune --keep 1" in text


def test_a_folder_that_may_not_be_written(own_folder: Path, monkeypatch: pytest.MonkeyPatch):
    from bot import doctor

    own_folder.chmod(0o500)
    given = {"FOOTNOTE_INDEX": str(own_folder)}
    levels = [list(doctor._disk(Settings.load(given | more)))[-1] for more in ({}, {"FOOTNOTE_KEEP_DAYS": "0"})]
    assert [level for level, _ in levels] == [Level.ERROR, Level.WARNING]
    assert all("may not be written by this user" in text for _, text in levels)


def test_a_store_that_is_damaged_or_newer(place: Path):
    Store(place / "index" / FILE).close()
    assert only(found()["store"])[0] is Level.OK
    with sqlite3.connect(place / "index" / FILE) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()
    assert "was written by a newer Footnote" in only(found()["store"])[1]
    (place / "index" / FILE).write_bytes(b"not a database, whatever its name may say" * 50)
    level, text = only(found()["store"])
    assert level is Level.ERROR and "cannot be used" in text and "move it away" in text


# -- what Discord says


async def asked(server: LoopbackDiscord, folder: Path, **changes: Any) -> dict[str, list[tuple[Level, str]]]:
    """What Discord's side finds, by check."""
    given: dict[str, Any] = {"token": Secret(server.token), "index": folder, "health": None} | changes
    by_check: dict[str, list[tuple[Level, str]]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(discord, "Client", partial(discord.Client, guild_ready_timeout=0.05))
        findings = await access.examine(dataclasses.replace(Settings.load({}), **given))
    for finding in findings:
        assert isinstance(finding, Finding) and server.token not in finding.text
        by_check.setdefault(finding.check, []).append((finding.level, finding.text))
    return by_check


async def test_a_bot_that_may_do_everything(server: LoopbackDiscord, tmp_path: Path):
    by_check = await asked(server, tmp_path)

    assert list(by_check) == ["clock", "token", "intents", "invite", "permissions"]
    assert all(level is Level.OK for findings in by_check.values() for level, _ in findings)
    assert only(by_check["clock"])[1] == "within 10 seconds of Discord's"
    assert only(by_check["token"])[1].startswith("it is that of footnote")
    assert only(by_check["intents"])[1] == "no privileged one is needed"
    assert f"client_id={server.bot_id}" in only(by_check["invite"])[1]
    assert only(by_check["permissions"])[1] == "in Archive it can answer in 1 of 1 text channels"
    assert server.syncs == [] and server.writings == [] and not list(tmp_path.iterdir())  # noqa: ASYNC240


async def test_a_token_that_is_malformed_or_unknown(server: LoopbackDiscord, tmp_path: Path):
    level, text = only((await asked(server, tmp_path, token=Secret("two words")))["token"])
    assert level is Level.ERROR and "Discord does not know this DISCORD_TOKEN" in text
    level, text = only((await asked(server, tmp_path, token=Secret("wrong.token")))["token"])
    assert level is Level.ERROR and "Reset Token" in text
    assert list(await asked(server, tmp_path, token=Secret())) == ["token", "clock"]


@pytest.mark.parametrize(("seconds", "side"), [(5000, "behind"), (-5000, "ahead of"), (15, "behind"), (5, None)])
async def test_a_clock_that_is_wrong(
    server: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, side: str | None
):
    later = datetime.now(UTC) + timedelta(seconds=seconds)
    monkeypatch.setattr(access, "parsedate_to_datetime", lambda _: later)
    level, text = only((await asked(server, tmp_path, token=Secret()))["clock"])
    told = re.fullmatch(
        r"([\d,]+) seconds (.+) Discord's\. Have it set from the network \(timedatectl set-ntp true\)\.", text
    )

    assert level is (Level.WARNING if side else Level.OK) and (told and told[2]) == side
    assert told is None or abs(int(told[1].replace(",", "")) - abs(seconds)) < 4


@pytest.mark.parametrize("told", ["", "soon", "Sat, 28 Nov 2026 08:00:00 -0000"])
async def test_a_discord_that_does_not_say_what_time_it_is(
    server: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
):
    monkeypatch.setattr(access, "parsedate_to_datetime", lambda _: parsedate_to_datetime(told))

    found = await asked(server, tmp_path, token=Secret())
    assert only(found["clock"]) == (Level.WARNING, "Discord did not say what time it is.")


async def test_an_intent_that_is_not_switched_on(server: LoopbackDiscord, tmp_path: Path):
    by_check = await asked(server, tmp_path, first_responder=True)

    assert list(by_check) == ["clock", "token", "invite", "intents"]
    assert only(by_check["intents"]) == (
        Level.ERROR,
        "Discord refuses Message Content Intent, which FOOTNOTE_FIRST_RESPONDER=yes needs. Turn it on at "
        "https://discord.com/developers/applications, under Bot, or set FOOTNOTE_FIRST_RESPONDER=no.",
    )


async def test_what_is_set_in_the_developer_portal_and_not_needed(tmp_path: Path):
    async with LoopbackDiscord(patience=20, approved=["message_content"]) as server:
        server.world.endpoint = "https://example.org/interactions"
        with server.attach():
            by_check = await asked(server, tmp_path)

    assert only(by_check["intents"]) == (
        Level.OK,
        "no privileged one is needed; Message Content Intent is on, and nothing needs it",
    )
    assert only(by_check["application"]) == (
        Level.ERROR,
        "an Interactions Endpoint URL is set, so that commands never reach the bot. Empty it at "
        "https://discord.com/developers/applications.",
    )


async def test_channels_in_which_it_shall_answer_by_itself(tmp_path: Path):
    async with LoopbackDiscord(patience=20, approved=["message_content"]) as server:
        everyone = {"id": str(server.guild_id), "type": 0, "allow": "0", "deny": str(SEND | HISTORY)}
        server.world.channel["permission_overwrites"] = [everyone]
        store = Store(tmp_path / FILE)
        for channel in (server.channel_id, server.forum_id, 4567):
            store.add_channel(server.guild_id, channel)
        store.close()
        with server.attach():
            by_check = await asked(server, tmp_path, first_responder=True)

    assert only(by_check["intents"]) == (
        Level.OK,
        "Message Content Intent is on, as FOOTNOTE_FIRST_RESPONDER=yes needs",
    )
    assert by_check["permissions"] == [
        (Level.WARNING, "in Archive it can answer in 0 of 1 text channels"),
        (
            Level.WARNING,
            "a channel of Archive in which it shall answer by itself is gone or hidden (4567). See /setup.",
        ),
        (
            Level.WARNING,
            "in #general of Archive, where it shall answer by itself, the bot lacks Read Message History, "
            "Send Messages.",
        ),
    ]


@pytest.mark.slow
async def test_a_server_that_the_bot_is_not_in_or_in_which_it_may_do_little(server: LoopbackDiscord, tmp_path: Path):
    by_check = await asked(server, tmp_path, guild=4567)
    level, text = only(by_check["servers"])
    assert level is Level.ERROR and "not in the server FOOTNOTE_GUILD=4567" in text
    assert "guild_id=4567" in only(by_check["invite"])[1]
    assert "servers" not in await asked(server, tmp_path, guild=server.guild_id)

    server.world.guild["roles"][0]["permissions"] = str(1 << 10)
    missing, _ = (await asked(server, tmp_path))["permissions"]
    assert missing[0] is Level.WARNING and "in Archive the bot lacks" in missing[1]
    assert "Send Messages, Read Message History" in missing[1] and "View Channel" not in missing[1]
    server.world.guild["roles"][0]["permissions"] = str(ADMINISTRATOR)
    assert only((await asked(server, tmp_path))["permissions"])[0] is Level.OK


async def test_the_servers_that_are_looked_at(server: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    none = list(access._servers(discord.Client(intents=discord.Intents.none()), Settings.load({})))
    assert none == [Finding(Level.WARNING, "servers", "the bot is in none yet. Open the address above to invite it.")]
    monkeypatch.setattr(access, "_MOST", 0)
    by_check = await asked(server, tmp_path)
    assert only(by_check["servers"]) == (Level.OK, "1 more were not looked at") and "permissions" not in by_check


async def test_a_store_that_cannot_be_read_hides_no_server(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"not a database, whatever its name may say" * 50)
    async with LoopbackDiscord(patience=20, approved=["message_content"]) as server:
        with server.attach():
            by_check = await asked(server, tmp_path, first_responder=True)

    assert only(by_check["permissions"])[1] == "in Archive it can answer in 1 of 1 text channels"


async def test_a_discord_that_does_not_answer_in_time_is_a_warning(
    server: LoopbackDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(access, "_PATIENCE", 0.5)
    server.spoil("GET", "/users/@me", stall=1)
    by_check = await asked(server, tmp_path)

    assert list(by_check) == ["clock", "discord"], "what was found before stays"
    assert only(by_check["discord"]) == (Level.WARNING, "Discord does not answer in time. Try again later.")


async def test_a_discord_that_is_out_of_order_is_a_warning(server: LoopbackDiscord, tmp_path: Path):
    server.fail("GET", "/users/@me", status=403, times=9)
    level, text = only((await asked(server, tmp_path))["discord"])
    assert level is Level.WARNING and text.startswith("Discord refused: 403 Forbidden")
    assert text.endswith(". See https://discordstatus.com.")


# -- the command


def test_the_command_prints_a_line_for_each_and_fails_only_for_errors(place: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith(": 0 errors, 2 warnings")
    assert {line.split()[0] for line in lines[:-1]} == {"ok", "warning"}
    assert main(["doctor", "--index", "none"]) == 1


def test_the_command_goes_on_with_settings_that_cannot_be_used_and_shows_no_secret(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (place / ".env").write_text(f"FOOTNOTE_QUEUE=many\nFOOTNOTE_GUILD={TOKEN}\n", encoding="utf-8")
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)

    assert main(["doctor", "--json"]) == 1
    out, err = capsys.readouterr()
    row = json.loads(out)
    assert not row["ok"] and row["version"]
    errors = [check["text"] for check in row["checks"] if check["level"] == "error"]
    assert len(errors) == 2 and "FOOTNOTE_QUEUE='many' cannot be used" in errors[1] + errors[0]
    assert TOKEN not in out + err and "DISCORD_TOKEN" in out


def test_the_version_is_told_whatever_the_settings_are(place: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("footnote-bot ")
