"""An index in Milvus: Milvus Lite as a server of its own, which real clients ask. `make milvus` installs it."""

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

if find_spec("pymilvus") is None or find_spec("milvus_lite") is None:
    pytest.skip("`make milvus` installs Milvus Lite and runs this", allow_module_level=True)

from fakes import FakeEncoder
from test_live import QUESTION, edition_of, write

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.contract import answer_json
from bot.live import Live
from bot.reader.trained import TrainedReader
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import IndexCorrupt, IndexMissing, IndexUnreachable, IndexUnusable
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.storing import generations
from embeddings.storing.addresses import Address
from embeddings.storing.milvus import connection, store, writing
from embeddings.storing.milvus.index import EngineIndex
from embeddings.storing.milvus.store import Milvus

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")]

ROOT = Path(__file__).parents[1]


class Server:
    """Milvus Lite behind a port, which can be killed and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._command = (Path(sys.executable).parent / "milvus-lite", "server", "--host", "127.0.0.1")
        self._folder = folder
        self.start()

    def start(self) -> None:
        options = ("--data-dir", str(self._folder), "--port", str(self.port))
        self._process = subprocess.Popen(
            [*map(str, self._command), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError("Milvus Lite does not start")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("milvus"))
    yield running
    running.kill()


@pytest.fixture
def address(server: Server, tmp_path: Path) -> Address:
    """An alias of its own for each test."""
    return Address(f"http://127.0.0.1:{server.port}", alias=f"t{abs(hash(tmp_path)):x}")


@pytest.fixture
def milvus(address: Address) -> Iterator[Milvus]:
    found = Milvus(address)
    yield found
    found.close()


@pytest.fixture
def root(tmp_path: Path, milvus: Milvus) -> Path:
    """An index of the first edition, in a folder and in Milvus."""
    publish(tmp_path / "index", milvus, 1)
    return tmp_path / "index"


def publish(root: Path, milvus: Milvus, edition: int, **size: int) -> str:
    build(write(root.with_name("corpus"), edition, **size), root, FakeEncoder())
    milvus.follow(root)
    return milvus.pointer() or ""


def call(milvus: Milvus, method: str, *arguments: Any, **options: Any) -> Any:
    return milvus._connection.call(method, *arguments, **options)


def collections(milvus: Milvus) -> set[str]:
    return {name for name in call(milvus, "list_collections") if name.startswith(milvus.address.alias)}


def said(answerer: Answerer, question: Question) -> Any:
    """What an answer says, with where it is quoted from, without its figures."""
    row = answer_json(answerer.ask(question))
    return row["status"], [(each["quote"], each["highlight"]) for each in row["statements"]], row["citations"]


# -- the same answers


def same(one: Retriever, other: Retriever, query: str, filters: Filters) -> float:
    """The share of the first ten that both have, which score alike; the order of equals aside."""
    mine, theirs = (each.search(query, 10, filters) for each in (one, other))
    scores = {hit.passage: hit for hit in theirs.hits}
    for hit in mine.hits:
        if hit.passage in scores:
            assert hit.dense == pytest.approx(scores[hit.passage].dense, abs=1e-5)
            assert hit.sentences == pytest.approx(scores[hit.passage].sentences, abs=1e-5)
            if not filters:
                assert hit.lexical == pytest.approx(scores[hit.passage].lexical, rel=1e-5, abs=1e-6)
    return len({hit.passage for hit in mine.hits} & scores.keys()) / max(len(scores), 1)


@pytest.mark.parametrize("exact", [True, False])
def test_passages_are_those_of_the_index_in_the_folder(tmp_path, milvus, monkeypatch, exact):
    """By looking at every vector, and by a graph, which large indexes have."""
    if not exact:
        monkeypatch.setattr(writing, "EXACT", 100)
    publish(tmp_path / "index", milvus, 1, documents=300, paragraphs=4)
    encoder = FakeEncoder()
    local, there = generations.open_current(tmp_path / "index").index, milvus.open().index
    assert isinstance(there, EngineIndex) and there.part.exact is exact
    chance = random.Random(5)
    words = list(local.vocabulary.counts)
    queries = [" ".join(chance.sample(words, 6)) for _ in range(60)]

    nearest = []
    for vector in encoder.encode_queries(queries):
        one = local.passage_vectors.search(vector[np.newaxis], 10)[1][0]
        other = there.passage_vectors.search(vector[np.newaxis], 10)[1][0]
        nearest.append(len({*one.tolist()} & {*other.tolist()}) / 10)
    if not exact:  # two stages, as a large index has in its folder
        local = replace(local, coarse=local.passage_vectors)
    one, other = Retriever(there, encoder), Retriever(local, encoder)

    assert np.mean(nearest) >= 0.99
    assert np.mean([same(one, other, query, Filters()) for query in queries]) >= 0.99
    for query in queries[:10]:
        some = Filters(documents=tuple(chance.sample(local.ids, 40)))
        assert same(one, other, query, some) >= 0.9


def test_an_index_knows_its_documents_passages_and_words_as_that_in_the_folder(root, milvus):
    local, there = generations.open_current(root).index, milvus.open().index

    for name in ("documents", "passages", "entries", "ids", "places", "copies", "counts", "vocabulary"):
        assert getattr(there, name) == getattr(local, name)
    assert all(there.row_of[passage.id] == row for row, passage in enumerate(local.passages))
    assert all(there.passages_of[key] == local.passages_of[key] for key in local.ids)
    assert [there.lexical.rarity(word) for word in ("troop", "nowher")] == [
        local.lexical.rarity(word) for word in ("troop", "nowher")
    ]


def test_a_filter_leaves_out_documents_their_words_and_their_names(tmp_path, milvus):
    rows = [
        {"id": "a", "title": "Oslo", "text": "Some 400 lamps burn in Oslo. Ada lit them.", "published": "2025-01-02"},
        {"id": "b", "title": "Bergen", "text": "Some 700 lamps burn in Bergen.", "published": "2025-03-04"},
        {"id": "c", "title": "Narvik", "text": "No lamp burns in Narvik, says Bo. 🎉"},
    ]
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "all.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    build(corpus, tmp_path / "index", FakeEncoder())
    milvus.follow(tmp_path / "index")
    local, there = generations.open_current(tmp_path / "index").index, milvus.open().index
    one, other = Retriever(there, FakeEncoder()), Retriever(local, FakeEncoder())

    for filters in (Filters(documents=("b", "c")), Filters(after=date(2025, 2, 1)), Filters(before=date(2025, 2, 1))):
        mine, theirs = one.within(filters).index, other.within(filters).index
        assert mine.documents == theirs.documents and mine.passages == theirs.passages
        assert mine.vocabulary == theirs.vocabulary and mine.places == theirs.places
        assert {p.id: mine.row_of[p.id] for p in mine.passages} == {p.id: theirs.row_of[p.id] for p in theirs.passages}
        for word in ("lamp", "oslo", "bergen", "ada", "nowher"):
            assert (mine.lexical.knows(word), mine.lexical.rarity(word)) == (
                theirs.lexical.knows(word),
                theirs.lexical.rarity(word),
            )
        assert same(one, other, "How many lamps burn in Oslo?", filters) == 1
    assert one.within(Filters(after=date(2026, 1, 1))).search("lamps").hits == ()


def golden(folder: Path, corpus: Path, questions: Path, milvus: Milvus, encoder: SentenceEncoder, every: int) -> float:
    """The share of questions that get the same statements from both."""
    build(corpus, folder, encoder)
    milvus.follow(folder)
    reader = TrainedReader()
    one, other = (
        Answerer(opened, encoder, 0.5, reader)
        for opened in (milvus.open(encoder.sha256), generations.open_current(folder))
    )
    asked = [json.loads(line)["question"] for line in questions.read_text(encoding="utf-8").splitlines()][::every]
    same = [said(one, Question(text)) == said(other, Question(text)) for text in asked]
    print(f"{sum(same)} of {len(same)} questions have the same statements")
    return float(np.mean(same))


@pytest.mark.parametrize(
    ("corpus", "questions"),
    [
        ("seeds", "benchmarks/golden/questions.jsonl"),
        ("benchmarks/manual/pages", "benchmarks/manual/questions.jsonl"),
    ],
)
def test_golden_questions_get_the_same_statements(tmp_path, milvus, encoder, corpus, questions):
    every = int(os.environ.get("EVERY", "10"))
    assert golden(tmp_path / "index", ROOT / corpus, ROOT / questions, milvus, encoder, every) >= 0.98


# -- generations


def test_an_alias_goes_to_another_collection_in_one_step_while_several_bots_ask(root, milvus, address):
    others = [Milvus(address), Milvus(address)]
    lives = [Live(each, FakeEncoder(), 0.0, every=0.02) for each in others]
    serving = [live.open() for live in lives]
    seen: list[set[str]] = [set(), set()]
    failed: list[BaseException] = []
    stop = threading.Event()

    def ask(place: int) -> None:
        try:
            while not stop.is_set():
                answerer = serving[place]
                answer = answerer.ask(Question(QUESTION))
                quoted = json.dumps(answer_json(answer))
                assert edition_of(answerer) in quoted
                seen[place].add(edition_of(answerer))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(place,)) for place in (0, 1)]
    for place, live in enumerate(lives):
        live.follow(partial(serving.__setitem__, place))
    for thread in threads:
        thread.start()
    for edition in (2, 3, 4):
        publish(root, milvus, edition)
        wait(partial(_seen, f"edition{edition}", seen, failed))
    stop.set()
    for live, thread in zip(lives, threads, strict=True):
        live.stop()
        thread.join()
    for each in others:
        each.close()

    assert failed == []
    assert seen == [{f"edition{n}" for n in (1, 2, 3, 4)}] * 2


def _seen(edition: str, seen: list[set[str]], failed: list[BaseException]) -> bool:
    return bool(failed) or all(edition in each for each in seen)


def wait(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.02)


def test_a_rollback_moves_the_alias_and_writes_nothing(root, milvus):
    first = milvus.pointer()
    second = publish(root, milvus, 2)
    assert second != first
    before = collections(milvus)

    generations.rollback(root)
    milvus.follow(root)

    assert milvus.pointer() == first
    assert collections(milvus) == before
    assert milvus.open().manifest.generation == generations.current_name(root)


def test_nothing_changes_where_nothing_has_changed(root, milvus):
    before = milvus.pointer(), collections(milvus)
    milvus.follow(root)
    assert (milvus.pointer(), collections(milvus)) == before


def test_generations_that_the_folder_no_longer_has_are_removed(root, milvus):
    for edition in (2, 3, 4, 5):
        publish(root, milvus, edition)
    assert len(collections(milvus)) == 3 * generations.KEPT

    generations.prune(root, 1)
    milvus.follow(root)

    left = milvus.pointer()
    assert collections(milvus) == {left, f"{left}_sentences", f"{left}_files"}
    aliases = [name for name in call(milvus, "list_aliases")["aliases"] if name.startswith(milvus.address.alias)]
    assert len(aliases) == 2
    assert edition_of(Live(milvus, FakeEncoder(), 0.0).open()) == "edition5"


def test_other_aliases_are_left_alone(root, milvus, address):
    other = Milvus(replace(address, alias=f"{address.alias}_news"))
    publish(root, other, 2)
    pointer = other.pointer()

    publish(root, milvus, 3)
    generations.prune(root, 1)
    milvus.follow(root)

    assert other.pointer() == pointer and other.open().manifest
    other.close()


# -- what goes wrong


def test_a_lost_connection_is_one_sentence_and_all_is_well_again_after_it(root, milvus, server, monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE", 2.0)
    live = Live(milvus, FakeEncoder(), 0.0, again=0.0)
    answerer = live.open()
    expected = said(answerer, Question(QUESTION))
    server.kill()

    try:
        with pytest.raises(
            IndexUnreachable, match=r"^Milvus \(.*\) does not answer as it should: .*\. Check that it runs"
        ):
            answerer.ask(Question("Which troops were sent elsewhere?"))
        assert live.newer() is None
        assert live.problem and "does not answer" in live.problem
        with pytest.raises(IndexUnreachable):
            publish(root, milvus, 2)  # which is built in the folder all the same
    finally:
        server.start()

    wait(lambda: live.newer() is None and live.problem is None)
    assert said(answerer, Question(QUESTION)) == expected
    milvus.follow(root)
    assert edition_of(live.newer() or answerer) == "edition2"


def test_a_missing_alias_is_said_and_what_was_opened_still_answers(root, milvus):
    live = Live(milvus, FakeEncoder(), 0.0, again=0.0)
    answerer = live.open()
    call(milvus, "drop_alias", milvus.address.alias)

    with pytest.raises(IndexMissing, match=r"has no index at .*\. Publish it first: python -m embeddings build"):
        milvus.open()
    assert not milvus.exists()
    assert live.newer() is None and "has no index" in (live.problem or "")
    assert isinstance(answerer.ask(Question(QUESTION)), Answer)

    milvus.follow(root)
    assert live.newer() is None and live.problem is None


def test_a_collection_that_was_released_is_loaded_when_it_is_asked(root, milvus):
    answerer = Live(milvus, FakeEncoder(), 0.0).open()
    for suffix in ("", "_sentences", "_files"):
        call(milvus, "release_collection", f"{milvus.pointer()}{suffix}")

    assert isinstance(answerer.ask(Question(QUESTION)), Answer)
    assert milvus.open().manifest


def test_a_collection_that_lacks_passages_is_refused_and_published_again(root, milvus):
    live = Live(milvus, FakeEncoder(), 0.0, again=0.0)
    live.open()
    publish(root, milvus, 2)
    half = milvus.pointer()
    call(milvus, "delete", half, filter="row in [0, 1]")

    assert live.newer() is None
    said = r"Milvus \(.*\) holds 2 entities of 4 in \w+\. Publish it again: python -m embeddings build"
    assert re.fullmatch(said, live.problem or "")
    milvus.follow(root)

    assert milvus.pointer() != half
    newer = live.newer()
    assert newer and edition_of(newer) == "edition2" and live.problem is None
    assert milvus.problems(root, newer.source.generation) == []


def test_another_version_of_the_schema_is_refused_and_published_again(root, milvus, monkeypatch):
    live = Live(milvus, FakeEncoder(), 0.0, again=0.0)
    live.open()
    for module in (store, writing):
        monkeypatch.setattr(module, "SCHEMA", 2)

    with pytest.raises(
        IndexUnusable, match=r"has schema 1, this version of Footnote reads schema 2\. Publish it again"
    ):
        milvus.open()
    before = milvus.pointer()
    milvus.follow(root)

    assert milvus.pointer() != before
    assert live.newer() is not None


def test_an_alias_of_something_else_is_refused(milvus, address):
    milvus._connection.create("alien_" + address.alias, [("a", "INT64", {}), ("b", "FLOAT_VECTOR", {"dim": 2})])
    call(milvus, "create_alias", "alien_" + address.alias, address.alias)

    with pytest.raises(IndexUnusable, match=r"leads to alien_\w+, which is no index"):
        milvus.open()


def test_a_changed_passage_is_never_quoted_and_is_found_by_verify(root, milvus):
    target, generation = milvus.pointer() or "", generations.current_name(root) or ""
    (row,) = milvus._connection.rows(
        target, "row in [0]", ["row", "document", "vector", "words", "sentences", "passage"]
    )
    altered = row | {"passage": row["passage"].replace("troops", "tropes"), "sentences": list(row["sentences"])}
    call(milvus, "upsert", target, [altered])

    assert milvus.problems(root, generation) == [
        f"Milvus ({milvus.address}) holds {target}, row 0, otherwise than it was written."
    ]
    with pytest.raises(IndexCorrupt, match="has changed since it was written"):
        milvus.open().index.passages[0]


# -- kill -9

PUBLISHER = """
    import json, re, sys
    from pathlib import Path
    sys.path[:0] = sys.argv[5:]
    from fakes import FakeEncoder
    from embeddings.storing import generations
    from embeddings.building.indexing import build
    from embeddings.storing.milvus.store import Milvus
    from embeddings.searching.retrieval import Retriever
    from embeddings.storing.addresses import Address

    folder, uri, alias, edition = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    root, milvus = folder / "index", Milvus(Address(uri, alias=alias))

    def served():
        index = milvus.open().index
        assert len(Retriever(index, FakeEncoder()).search("How many troops were sent?").hits) == 10
        texts = " ".join(passage.text for passage in index.passages[:]) + index.documents[39].text
        assert len(index.passages) == len(index.documents[:]) == 40
        (found,) = set(re.findall(r"edition(\\d+)", texts))
        return int(found)

    if before := milvus.pointer():
        print("served", served(), flush=True)
    (folder / "corpus").mkdir(exist_ok=True)
    rows = [{"id": f"d{n}", "text": f"In edition{edition} some {n},000 troops were sent."} for n in range(40)]
    (folder / "corpus" / "all.jsonl").write_text("\\n".join(map(json.dumps, rows)))
    build(folder / "corpus", root, FakeEncoder())
    print("publishing", flush=True)
    milvus.follow(root)
    assert served() == edition
    whole = {milvus._whole(name) for name in generations.generation_names(root)} - {None} | {before} - {None}
    names = {name for name in milvus._connection.call("list_collections") if name.startswith(alias)}
    assert {f"{name}{end}" for name in whole for end in ("", "_sentences", "_files")} == names, names
    print("published", flush=True)
"""


def kills(folder: Path, uri: str, alias: str) -> tuple[int, int, int]:
    """Kill publishers at random times; how many, and how often the old and the new edition was served after it."""
    count = int(os.environ.get("KILLS", "2"))

    @contextmanager
    def publisher(edition: int) -> Iterator[Callable[[str], str]]:
        script = [sys.executable, "-c", textwrap.dedent(PUBLISHER), str(folder), uri, alias, str(edition)]
        paths = [str(ROOT), str(ROOT / "tests")]
        with subprocess.Popen([*script, *paths], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:

            def told(word: str) -> str:
                assert process.stdout
                for line in process.stdout:
                    if line.startswith(word):
                        return line.strip()
                raise AssertionError(f"a publisher ended before it said {word!r}, with code {process.wait()}")

            yield told
            process.kill()

    with publisher(1) as told:
        told("publishing")
        began = time.monotonic()
        told("published")
        taken = time.monotonic() - began
    chance = random.Random(11)
    old, new, last = 0, 0, 1
    for edition in range(2, count + 3):
        with publisher(edition) as told:
            served = int(told("served").split()[1])
            if edition > 2:
                assert served in (last, edition - 1)
                old, new = old + (served == last), new + (served != last)
                last = served
            if edition < count + 2:
                told("publishing")
                time.sleep(chance.uniform(0, taken))
            else:
                told("published")
    print(f"{count} kills: {old} times the edition before was served, {new} times the new one")
    return count, old, new


def test_publishers_killed_at_any_time_lose_nothing(tmp_path, address):
    """The server goes on; what it is left with is whole, and the next publication removes the rest."""
    killed, old, new = kills(tmp_path, address.uri, address.alias)
    assert killed == old + new


def test_an_engine_killed_with_its_publisher_loses_nothing(tmp_path):
    """Milvus Lite within the publisher, so that both are killed."""
    killed, old, new = kills(tmp_path, str(tmp_path / "lite.db"), "footnote")
    assert killed == old + new


# -- commands


def test_commands_work_with_a_store(tmp_path, server):
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DISCORD_", "PYTEST_"))
    } | {
        "FOOTNOTE_STORE": f"milvus://127.0.0.1:{server.port}/?alias=commands",
        "FOOTNOTE_CORPUS": str(tmp_path / "documents"),
        "FOOTNOTE_INDEX": str(tmp_path / "index"),
        "PYTHONPATH": str(ROOT),
    }

    def run(*arguments: str, code: int = 0, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env=variables | more,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.md").write_text("# Lamps\n\nThe bridge in Oslo has 412 lamps. They burn all night.\n")
    assert "Publish it first" in run("bot", "ask", "How many lamps has the bridge?", code=2)
    run("embeddings", "build")
    assert "whole" in run("embeddings", "verify")
    asked = ("bot", "ask", "--json", "How many lamps has the bridge in Oslo?")
    elsewhere = tmp_path / "elsewhere"  # a bot on a machine without the folder of the index
    answer = json.loads(run(*asked, FOOTNOTE_INDEX=str(elsewhere)))
    assert answer["status"] == "answered" and "412" in json.dumps(answer["statements"])

    (documents / "a.md").write_text("# Lamps\n\nThe bridge in Oslo has 500 lamps. They burn all night.\n")
    run("embeddings", "build")
    assert "500" in run(*asked, FOOTNOTE_INDEX=str(elsewhere))
    run("embeddings", "rollback")
    assert "412" in run(*asked, FOOTNOTE_INDEX=str(elsewhere))
    assert "served from Milvus" in run("bot", "doctor")
    run("embeddings", "prune", "--keep", "1")
    assert "412" in run("embeddings", "search", "lamps")
    wrong = {"FOOTNOTE_STORE": "milvus://127.0.0.1:1/?alias=commands"}
    assert "does not answer" in run(*asked, code=2, **wrong)
    shutil.rmtree(tmp_path / "index")
    assert "412" in run(*asked, FOOTNOTE_INDEX=str(elsewhere))
