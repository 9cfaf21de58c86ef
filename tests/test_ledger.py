"""What is kept of answers: for some days, by server, and without anybody's name."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import answerer, document

from bot.answering.answers import Answer, NoAnswer, Question
from bot.discord.ledger import Ledger, sha256_of
from bot.discord.store import FILE, Store

QUESTION = "How many troops were sent to Oslo?"
DOCUMENTS = [document("a", "Some 4,000 troops were sent to Oslo."), document("b", "The lake froze.")]
ANN, BEN = 123456789012345678, 223456789012345678


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / FILE)
    yield store
    store.close()


def answered(text: str = QUESTION) -> Answer:
    found = answerer(DOCUMENTS, threshold=0).ask(Question(text))
    assert isinstance(found, Answer)
    return found


def unanswered(text: str = QUESTION) -> NoAnswer:
    found = answerer(DOCUMENTS, threshold=1).ask(Question(text))
    assert isinstance(found, NoAnswer)
    return found


def test_a_receipt_says_where_an_answer_quoted_and_when(store: Store):
    ledger, found = Ledger(store, days=30), answered()
    yesterday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    key = ledger.add(1, ANN, found, yesterday)
    receipt = ledger.receipt(1, f" {key.upper()} ")

    assert receipt and receipt.at == yesterday and receipt.outcome == "answered"
    assert (receipt.generation, receipt.built_at) == (found.source.generation, found.source.built_at)
    for quotation, citation in zip(receipt.quotations, found.citations, strict=True):
        assert quotation.sha256 == sha256_of(citation.quote) and quotation.document == citation.document.id
        assert citation.document.text[quotation.start : quotation.end] == citation.quote


def test_a_receipt_is_of_its_server_alone(store: Store):
    ledger = Ledger(store, days=30)
    here, direct = ledger.add(1, ANN, answered()), ledger.add(None, ANN, answered())

    assert ledger.receipt(1, here) and ledger.receipt(None, direct)
    assert not any(
        (ledger.receipt(2, here), ledger.receipt(None, here), ledger.receipt(1, direct), ledger.receipt(1, ""))
    )


def test_of_one_person_the_last_vote_counts(store: Store):
    ledger = Ledger(store, days=30)
    key = ledger.add(1, ANN, answered())
    assert (
        ledger.vote(1, key, ANN, True)
        and ledger.vote(1, key, ANN, False, "old figure")
        and ledger.vote(1, key, BEN, True)
    )
    assert not ledger.vote(1, "nothere", ANN, True)
    assert not ledger.vote(2, key, ANN, True) and not ledger.vote(None, key, ANN, True), "it was given elsewhere"

    found = ledger.insights(1, datetime(2000, 1, 1, tzinfo=UTC))
    assert (found.up, found.down, found.reasons) == (1, 1, ("old figure",))
    assert found.disliked == found.documents == (("a", 1),)


def test_questions_are_kept_only_where_the_operator_wants_it(store: Store, tmp_path: Path):
    Ledger(store, days=30).add(1, ANN, answered())
    assert QUESTION.encode() not in (tmp_path / FILE).read_bytes() + (tmp_path / f"{FILE}-wal").read_bytes()
    keeping = Ledger(store, days=30, questions=True)
    for given in (answered(), unanswered("Why did it freeze?"), unanswered("Why did it freeze?")):
        keeping.add(1, ANN, given)

    found = keeping.insights(1, datetime(2000, 1, 1, tzinfo=UTC))
    assert found.asked == (("Why did it freeze?", 2), (QUESTION, 1)) and found.unanswered == (
        ("Why did it freeze?", 2),
    )
    assert found.outcomes == {"answered": 2, "not_found": 2}
    assert keeping.insights(2, datetime(2000, 1, 1, tzinfo=UTC)).outcomes == {}


def test_nobodys_id_is_in_the_file_and_who_wants_it_is_forgotten(store: Store, tmp_path: Path):
    ledger = Ledger(store, days=30, questions=True)
    key, other = ledger.add(1, ANN, answered()), ledger.add(1, BEN, answered())
    ledger.vote(1, other, ANN, False, "wrong")
    written = (tmp_path / FILE).read_bytes() + (tmp_path / f"{FILE}-wal").read_bytes()
    assert not any(form in written for form in (str(ANN).encode(), ANN.to_bytes(8, "big"), ANN.to_bytes(8, "little")))

    assert ledger.forget(ANN) == 2 and ledger.forget(ANN) == 0
    found = ledger.insights(1, datetime(2000, 1, 1, tzinfo=UTC))
    assert (found.down, found.asked) == (0, ((QUESTION, 1),))
    assert ledger.receipt(1, key), "a receipt names nobody"


def test_what_is_older_than_the_days_goes(store: Store):
    ledger, now = Ledger(store, days=30), datetime.now(UTC)
    old = ledger.add(1, ANN, answered(), now - timedelta(31))
    ledger.vote(1, old, ANN, True)
    ledger.add(1, ANN, answered(), now)

    assert ledger.receipt(1, old) is None
    assert store.run("select count(*) from answers") == store.run("select count(*) from quotations") == [(1,)]
    assert store.run("select count(*) from votes") == [(0,)]


def test_it_all_is_there_after_a_restart(tmp_path: Path):
    store = Store(tmp_path / FILE)
    key = Ledger(store, days=30).add(1, ANN, answered())
    Ledger(store, days=30).vote(1, key, ANN, False)
    store.close()
    again = Store(tmp_path / FILE)
    ledger = Ledger(again, days=30)

    assert ledger.receipt(1, key) and ledger.vote(1, key, ANN, True)
    found = ledger.insights(1, datetime(2000, 1, 1, tzinfo=UTC))
    assert (found.up, found.down) == (1, 0), "the same person is known by the same hash"
    again.close()


def test_what_is_no_longer_to_be_kept_goes_at_the_next_start(store: Store):
    now = datetime.now(UTC)
    keeping = Ledger(store, days=60, questions=True)
    old, new = (keeping.add(1, ANN, answered(), now - timedelta(days)) for days in (31, 1))
    keeping.vote(1, old, BEN, False, "wrong")
    assert Ledger(store, days=60, questions=True).insights(1, now - timedelta(365)).asked == ((QUESTION, 2),)

    without = Ledger(store, days=60)
    assert without.insights(1, now - timedelta(365)).asked == () and without.receipt(1, old)
    assert Ledger(store, days=30).receipt(1, new)
    assert store.run("select id from answers") == [(new,)] and store.run("select * from votes") == []
    Ledger(store, days=0)
    assert store.run("select * from answers") == store.run("select * from quotations") == []


def test_what_is_older_than_the_days_is_not_shown_though_nothing_was_asked_since(store: Store):
    ledger, now = Ledger(store, days=30), datetime.now(UTC)
    old = ledger.add(1, ANN, answered(), now - timedelta(31))

    assert ledger.receipt(1, old) is None
    assert ledger.insights(1, now - timedelta(365)).outcomes == {}


def test_to_keep_one_answer_more_takes_no_longer_among_many(store: Store):
    ledger, now = Ledger(store, days=30), datetime.now(UTC)
    rows = [
        (f"k{n:07}", now.isoformat(), 1, b"", "answered", 0.9, "g", now.isoformat(), None, "") for n in range(30_000)
    ]
    with store.transaction() as connection:
        connection.executemany("insert into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        quoted = ((row[0], n, "a", "p", 0, 1, "") for row in rows for n in range(3))
        connection.executemany("insert into quotations values (?, ?, ?, ?, ?, ?, ?)", quoted)
    steps: list[int] = []
    store._connection.set_progress_handler(lambda: steps.append(1), 1000)
    ledger.add(1, ANN, answered())

    assert len(steps) < 10, "thousands of steps of SQLite"
