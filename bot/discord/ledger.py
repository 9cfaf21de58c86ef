"""What was answered, for as many days as the operator keeps it: receipts, votes and counts, and nobody's name."""

import hashlib
import hmac
import secrets
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.answering.answers import Answer, Citation, NoAnswer
from bot.discord.store import Store

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of an id, which somebody may read out: none that looks like another."""
_LENGTH = 8
ONE = ("",)
"""The corpora where no file names several: the one that has no name."""
MOST_LISTED = 8
"""Entries of each list of the insights."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """Where a quotation of an answer stood, and the SHA-256 of its text; the text itself is not kept."""

    number: int
    document: str
    passage: str
    start: int
    end: int
    sha256: str

    @classmethod
    def of(cls, citation: Citation) -> "Quotation":
        """Of a citation."""
        place = citation.document.id, citation.passage.id, citation.start, citation.end
        return cls(citation.number, *place, sha256_of(citation.quote))


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer that was given: when, from which state of the index, how sure, and from where it quoted."""

    id: str
    at: datetime
    outcome: str
    confidence: float
    generation: str
    built_at: datetime
    quotations: tuple[Quotation, ...]
    corpus: str = ""


@dataclass(frozen=True, slots=True)
class Insights:
    """What was asked in one place within some days. Lists have the most frequent first, each with its count."""

    daily: Mapping[date, Mapping[str, int]]
    """How many answers of each outcome there were on each day, in UTC, that has any."""
    up: int
    down: int
    documents: tuple[tuple[str, int], ...]
    """Those that answers quote."""
    disliked: tuple[tuple[str, int], ...]
    """Those that answers quote which were voted down."""
    reasons: tuple[str, ...]
    """What people wrote with a vote against an answer, the newest first."""
    asked: tuple[tuple[str, int], ...]
    """Questions, where the operator keeps them; `unanswered` are those without an answer."""
    unanswered: tuple[tuple[str, int], ...]

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many answers of each outcome there were."""
        return sum(map(Counter, self.daily.values()), Counter[str]())


class Ledger:
    """Keeps what was answered in a store, for so many days; with `questions` also what was asked.

    People are known by a keyed hash of their id alone, whose key is drawn once for the store. Methods wait for the
    disk. They raise what sqlite3 raises.
    """

    def __init__(self, store: Store, days: int, questions: bool = False) -> None:
        """Let go of what is not to be kept any more. Raises StoreUnusable."""
        self._store, self._days, self._questions = store, days, questions
        try:
            ((self._salt,),) = store.run("select value from salt")
            with store.transaction() as connection:
                self._let_go(connection, datetime.now(UTC))
                if not questions:
                    connection.execute("update answers set question = null where question is not null")
        except (sqlite3.Error, ValueError) as error:
            raise store.unusable(error) from error

    def add(
        self,
        guild: int | None,
        who: int,
        found: Answer | NoAnswer,
        at: datetime | None = None,
        private: bool = False,
    ) -> str:
        """Keep an answer, or that there was none, and let go what is older than the days; returns its id.

        The question of a `private` one, or in a direct message, is not kept: it is nobody else's business.
        """
        at = at or datetime.now(UTC)
        key = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        open_to_all = guild is not None and not private
        question = found.question.text if self._questions and open_to_all else None
        source = found.source.generation, found.source.built_at.isoformat()
        row = (
            key,
            at.isoformat(),
            guild,
            self._hash(who),
            found.status,
            found.confidence,
            *source,
            question,
            found.source.corpus,
        )
        cited = found.citations if isinstance(found, Answer) else ()
        quoted = [
            (key, each.number, each.document, each.passage, each.start, each.end, each.sha256)
            for each in map(Quotation.of, cited)
        ]
        with self._store.transaction() as connection:
            connection.execute("insert into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            connection.executemany("insert into quotations values (?, ?, ?, ?, ?, ?, ?)", quoted)
            self._let_go(connection, at)
        return key

    def receipt(self, guild: int | None, key: str, corpora: Collection[str] = ONE) -> Receipt | None:
        """An answer that was given in this server (None: in a direct message) from one of these corpora.

        None where there is no such one.
        """
        key = key.strip().lower()
        found = self._store.run(
            "select at, outcome, confidence, generation, built_at, corpus from answers "
            "where id = ? and guild is ? and at >= ?",
            key,
            guild,
            self._oldest(datetime.now(UTC)),
        )
        if not found or found[0][-1] not in corpora:
            return None
        ((at, outcome, confidence, generation, built_at, corpus),) = found
        quoted = self._store.run(
            "select number, document, passage, start, end, sha256 from quotations where answer = ? order by number",
            key,
        )
        times = datetime.fromisoformat(at), datetime.fromisoformat(built_at)
        quotations = tuple(Quotation(*row) for row in quoted)
        return Receipt(key, times[0], outcome, confidence, generation, times[1], quotations, corpus)

    def vote(
        self, guild: int | None, key: str, who: int, up: bool, reason: str = "", corpora: Collection[str] = ONE
    ) -> bool:
        """Count somebody's vote on an answer that was given in this server, in place of an earlier one.

        False where no such answer from one of these corpora is kept under that id.
        """
        with self._store.transaction() as connection:
            found = connection.execute(
                "select corpus from answers where id = ? and guild is ?", (key, guild)
            ).fetchall()
            if not found or found[0][0] not in corpora:
                return False
            connection.execute("insert or replace into votes values (?, ?, ?, ?)", (key, self._hash(who), up, reason))
        return True

    def forget(self, who: int) -> int:
        """Let go all that is known of somebody; returns how many votes and answers that were."""
        name = (self._hash(who),)
        with self._store.transaction() as connection:
            votes = connection.execute("delete from votes where who = ?", name).rowcount
            asked = connection.execute("update answers set who = null, question = null where who = ?", name).rowcount
        return votes + asked

    def insights(self, guild: int | None, since: datetime, corpus: str = "") -> Insights:
        """What was asked of a corpus in a server since then."""
        here = guild, max(since.isoformat(), self._oldest(datetime.now(UTC))), corpus
        which = "where guild is ? and at >= ? and corpus = ?"
        asked = self._store.run(f"select at, outcome, question from answers {which}", *here)  # noqa: S608 - our own words
        cited = self._store.run(
            f"select distinct answer, document from quotations join answers on id = answer {which}",  # noqa: S608
            *here,
        )
        votes = self._store.run(
            f"select answer, up, reason from votes join answers on id = answer {which} order by at",  # noqa: S608
            *here,
        )
        against = {answer for answer, up, _ in votes if not up}
        daily: defaultdict[date, Counter[str]] = defaultdict(Counter)
        for at, outcome, _ in asked:
            daily[date.fromisoformat(at[:10])][outcome] += 1
        return Insights(
            daily=daily,
            up=sum(up for _, up, _ in votes),
            down=sum(not up for _, up, _ in votes),
            documents=_most(document for _, document in cited),
            disliked=_most(document for answer, document in cited if answer in against),
            reasons=tuple(reason for _, up, reason in reversed(votes) if reason and not up)[:MOST_LISTED],
            asked=_most(question for *_, question in asked if question),
            unanswered=_most(question for _, outcome, question in asked if question and outcome == NoAnswer.status),
        )

    def _let_go(self, connection: sqlite3.Connection, now: datetime) -> None:
        """Delete what is older than the days."""
        before = (self._oldest(now),)
        for table in ("quotations", "votes"):
            connection.execute(f"delete from {table} where answer in (select id from answers where at < ?)", before)  # noqa: S608 - our own names
        connection.execute("delete from answers where at < ?", before)

    def _oldest(self, now: datetime) -> str:
        """Since when answers are kept."""
        return (now - timedelta(self._days)).isoformat()

    def _hash(self, who: int) -> bytes:
        return hmac.digest(self._salt, str(who).encode(), "sha256")[:16]


def sha256_of(quote: str) -> str:
    """The SHA-256 of a quotation in UTF-8, in hexadecimal."""
    return hashlib.sha256(quote.encode()).hexdigest()


def _most(found: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(found).most_common(MOST_LISTED))
