"""What the bot remembers over restarts, and over being killed."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.discord import store as module
from bot.discord.store import FILE, Store
from embeddings.errors import StoreUnusable

WRITER = """
import sys
from pathlib import Path
from bot.discord.store import Store

store = Store(Path(sys.argv[1]))
for number in range(1, 10**6):
    store.add_channel(number % 7, number)
    store.set_role(number % 7, number)
    assert store.claim("answer", number)
    print(number, flush=True)
"""


def test_what_was_chosen_is_there_again_and_by_server(tmp_path: Path):
    store = Store(tmp_path / "index" / FILE)
    store.add_channel(1, 10)
    store.add_channel(1, 10)
    store.add_channel(1, 11)
    store.add_channel(2, 20)
    store.remove_channel(1, 11)
    store.remove_channel(1, 20)
    store.set_role(1, 5)
    store.set_role(1, 6)
    store.set_role(2, 7)
    store.set_role(2, None)
    before = [(store.channels(guild), store.role(guild)) for guild in (1, 2, 3)]
    store.close()
    again = Store(tmp_path / "index" / FILE)

    assert before == [({10}, 6), ({20}, None), (frozenset(), None)]
    assert [(again.channels(guild), again.role(guild)) for guild in (1, 2, 3)] == before
    again.close()


def test_a_message_is_claimed_once_by_whoever_comes_first(tmp_path: Path):
    here, there = Store(tmp_path / FILE), Store(tmp_path / FILE)
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda n: (here, there)[n % 2].claim("answer", n // 8), range(80)))

    assert sum(taken) == 10
    assert here.claim("person", 3) and not there.claim("person", 3)
    here.release("person", 3)
    assert there.claim("person", 3)
    here.close()
    there.close()


def test_claims_are_bounded_and_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_CLAIMED", 5)
    store = Store(tmp_path / FILE)
    assert all(store.claim("answer", number) for number in range(1, 9))
    assert store.claim("person", 1)

    assert [store.claim("answer", number) for number in range(8, 3, -1)] == [False] * 5
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("select kind, count(*) from claims group by kind").fetchall() == [
            ("answer", 5),
            ("person", 1),
        ]
    connection.close()
    store.close()


def test_nothing_is_lost_when_the_process_is_killed(tmp_path: Path):
    command = [sys.executable, "-c", WRITER, str(tmp_path / FILE)]
    last = 0
    for lines in (1, 20, 50):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
            assert process.stdout
            for _ in range(lines):
                last = int(process.stdout.readline())
            process.kill()
            last = int((process.stdout.read().split("\n")[:-1] or [str(last)])[-1])
        store = Store(tmp_path / FILE)
        assert all(number in store.channels(number % 7) for number in range(1, last + 1))
        assert (store.role(last % 7) or 0) >= last
        assert not any(store.claim("answer", number) for number in range(1, last + 1))
        store.close()
        with sqlite3.connect(tmp_path / FILE) as connection:  # the next writer begins at the beginning
            connection.execute("delete from claims")
        connection.close()


def test_it_is_in_wal_mode_and_knows_its_version(tmp_path: Path):
    Store(tmp_path / FILE).close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute("pragma user_version").fetchone() == (len(module._MIGRATIONS),)
    connection.close()


def test_an_older_file_is_migrated_and_keeps_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = Store(tmp_path / FILE)
    store.add_channel(1, 10)
    store.close()
    monkeypatch.setattr(module, "_MIGRATIONS", (*module._MIGRATIONS, ("alter table roles add column since integer",)))
    for _ in range(2):
        store = Store(tmp_path / FILE)
        assert store.channels(1) == {10}
        store.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert "since" in [row[1] for row in connection.execute("pragma table_info(roles)")]
    connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Store(tmp_path / FILE).close()
    steps = ("alter table roles add column since integer", "no such statement")
    with monkeypatch.context() as patch:
        patch.setattr(module, "_MIGRATIONS", (*module._MIGRATIONS, steps))
        with pytest.raises(StoreUnusable, match="syntax error"):
            Store(tmp_path / FILE)
    store = Store(tmp_path / FILE)
    store.set_role(1, 5)
    store.close()


def test_a_newer_file_is_left_alone(tmp_path: Path):
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(StoreUnusable, match=r"was written by a newer Footnote\. Update Footnote"):
        Store(tmp_path / FILE)


def spoil_schema(path: Path) -> None:
    Store(path).close()
    data = path.read_bytes()
    path.write_bytes(data.replace(b"CREATE TABLE roles", b"CREATE T\xffBLE roles"))
    assert path.read_bytes() != data


@pytest.mark.parametrize(
    "spoil", [lambda path: path.write_bytes(b"no database" * 200), lambda path: path.mkdir(), spoil_schema]
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, spoil):
    spoil(tmp_path / FILE)
    with pytest.raises(StoreUnusable, match=r"footnote\.sqlite3 cannot be used: .* move it away"):
        Store(tmp_path / FILE)
