"""What moderators chose, and what was done already: a file of SQLite beside the index, kept over restarts."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from embeddings.errors import StoreUnusable

FILE = "footnote.sqlite3"
PATIENCE = 1.2
"""Seconds to wait for another thread, and then for another process: together fewer than Discord waits for a reply."""
MOST_CLAIMED = 10_000
"""Claims of a kind that are kept, those of the newest messages: Discord delivers nothing again that is older."""

_MIGRATIONS = (
    (
        "create table channels (guild integer, channel integer, primary key (guild, channel)) without rowid",
        "create table roles (guild integer primary key, role integer not null)",
        "create table claims (kind text, message integer, primary key (kind, message)) without rowid",
    ),
    (
        "create table answers (id text primary key, at text not null, guild integer, who blob, outcome text not null, "
        "confidence real not null, generation text not null, built_at text not null, question text) without rowid",
        "create index answers_at on answers (at)",
        "create table quotations (answer text, number integer, document text not null, passage text not null, "
        "start integer not null, end integer not null, sha256 text not null, primary key (answer, number)) "
        "without rowid",
        "create table votes (answer text, who blob, up integer not null, reason text not null, "
        "primary key (answer, who)) without rowid",
        "create table salt (value blob not null)",
        "insert into salt values (randomblob(32))",
    ),
    ("alter table answers add column corpus text not null default ''",),
    (
        "create table privacy (guild integer, channel integer, private integer not null, primary key (guild, channel)) "
        "without rowid",
    ),
)
"""The statements that lead from each version of the schema to the next; a version that was used is never changed."""


class Store:
    """Per server the channels in which the bot answers by itself, those where answers are private or public, and the
    role it calls; and claims to messages.

    Every change is on the disk when its method returns. Methods may be called from any thread; all but `channels` and
    `privacy` wait for the disk, and raise what sqlite3 does, also where another thread has it too long. Raises
    StoreUnusable where the file is damaged, cannot be written or is of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._open(path)
            except BaseException:
                self._connection.close()
                raise
        except (OSError, sqlite3.Error, UnicodeError) as error:  # UnicodeError: damaged words in what sqlite3 says
            raise self.unusable(error) from error

    def unusable(self, error: Exception) -> StoreUnusable:
        """What tells an operator that the file cannot be used, and what to do."""
        return _unusable(self._path, error)

    def close(self) -> None:
        """Let the file go, unless the disk still holds up a thread; nothing can be asked of the store afterwards."""
        with suppress(sqlite3.OperationalError), self._alone():
            self._connection.close()

    def channels(self, guild: int) -> frozenset[int]:
        """The channels of a server in which the bot answers by itself; from memory, so at once."""
        return self._channels.get(guild, frozenset())

    def add_channel(self, guild: int, channel: int) -> None:
        """Have the bot answer by itself in a channel."""
        self.run("insert or ignore into channels values (?, ?)", guild, channel)
        self._channels[guild] = self.channels(guild) | {channel}

    def remove_channel(self, guild: int, channel: int) -> None:
        """Have the bot answer there no more."""
        self.run("delete from channels where guild = ? and channel = ?", guild, channel)
        self._channels[guild] = self.channels(guild) - {channel}

    def privacy(self, guild: int) -> dict[int, bool]:
        """The channels of a server for which was chosen whether answers are for the asker alone; from memory."""
        return self._privacy.get(guild, {})

    def set_privacy(self, guild: int, channel: int, private: bool | None) -> None:
        """Choose whether answers in a channel are for the asker alone, or let the setting decide."""
        self.run("delete from privacy where guild = ? and channel = ?", guild, channel)
        if private is not None:
            self.run("insert or replace into privacy values (?, ?, ?)", guild, channel, private)
        others = {key: value for key, value in self.privacy(guild).items() if key != channel}
        self._privacy[guild] = others if private is None else others | {channel: private}

    def role(self, guild: int) -> int | None:
        """The role that is called in a server, if one was chosen."""
        found = self.run("select role from roles where guild = ?", guild)
        return int(found[0][0]) if found else None

    def set_role(self, guild: int, role: int | None) -> None:
        """Choose the role that is called in a server, or none."""
        if role is None:
            self.run("delete from roles where guild = ?", guild)
        else:
            self.run("insert or replace into roles values (?, ?)", guild, role)

    def claim(self, kind: str, message: int) -> bool:
        """Take a message for something that is done once; False where it was taken before, by any process."""
        with self.transaction() as connection:
            taken = connection.execute("insert or ignore into claims values (?, ?)", (kind, message)).rowcount
            connection.execute(
                "delete from claims where kind = ?1 and message <= "
                "(select message from claims where kind = ?1 order by message desc limit 1 offset ?2)",
                (kind, MOST_CLAIMED),
            )
        return taken > 0

    def release(self, kind: str, message: int) -> None:
        """Give a claim back, because what it was for could not be done."""
        self.run("delete from claims where kind = ? and message = ?", kind, message)

    def _open(self, path: Path) -> None:
        """Bring the file to the newest version of the schema, and read what is looked up at every message."""
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        with self.transaction():
            ((version,),) = self._connection.execute("pragma user_version")
            _check_version(path, version)
            for statement in (statement for migration in _MIGRATIONS[version:] for statement in migration):
                self._connection.execute(statement)
            self._connection.execute(f"pragma user_version = {len(_MIGRATIONS)}")
        self._channels = _chosen(self._connection)
        self._privacy: dict[int, dict[int, bool]] = {}
        for guild, channel, private in self._connection.execute("select guild, channel, private from privacy"):
            self._privacy.setdefault(guild, {})[channel] = bool(private)

    def run(self, statement: str, *values: Any) -> list[Any]:
        """The rows that a statement gives."""
        with self._alone(), closing(self._connection.execute(statement, values)) as cursor:
            return cursor.fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all that is in the block with the connection, or, where it raises, nothing of it."""
        with self._alone():
            self._connection.execute("begin immediate")
            with self._connection:
                yield self._connection

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads from the connection; a disk that hangs must not take all of them."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise sqlite3.OperationalError("the disk takes too long")
        try:
            yield
        finally:
            self._lock.release()


def inspect(path: Path) -> dict[int, frozenset[int]]:
    """The channels by server in which the bot answers by itself, as the file has them, which is not changed.

    Raises StoreUnusable where it is damaged, cannot be read or is of a newer version.
    """
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", PATIENCE, uri=True)) as connection:
            ((version,),) = connection.execute("pragma user_version")
            _check_version(path, version)
            ((said,), *_) = connection.execute("pragma quick_check(1)")
            if said != "ok":
                raise sqlite3.DatabaseError(said)
            return _chosen(connection) if version else {}
    except (OSError, sqlite3.Error, UnicodeError) as error:
        raise _unusable(path, error) from error


def _chosen(connection: sqlite3.Connection) -> dict[int, frozenset[int]]:
    channels: dict[int, frozenset[int]] = {}
    for guild, channel in connection.execute("select guild, channel from channels"):
        channels[guild] = channels.get(guild, frozenset()) | {channel}
    return channels


def _check_version(path: Path, version: int) -> None:
    if version > len(_MIGRATIONS):
        raise StoreUnusable(f"{path} was written by a newer Footnote. Update Footnote, or move the file away.")


def _unusable(path: Path, error: Exception) -> StoreUnusable:
    return StoreUnusable(
        f"{path} cannot be used: {error}. Check the permissions of its folder and the disk. If the file is damaged, "
        "move it away, start again and use /setup anew. To keep nothing, set FOOTNOTE_KEEP_DAYS=0."
    )
