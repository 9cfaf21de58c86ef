"""Several corpora: the file that names them, who may see which, and the commands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder, answerer, document, opened

from bot.answering.answerer import Answerer
from bot.answering.answers import Question
from bot.cli import main as bot
from bot.contract import answer_json
from bot.corpora import EVERYBODY, NOTHING_HERE, Asker, Corpora, choose, may_see
from bot.discord.ledger import Ledger
from bot.discord.store import Store
from bot.live import Live
from bot.settings import Settings
from embeddings import cli
from embeddings.building.indexing import build
from embeddings.corpora import Corpus, find_corpus, read_corpora
from embeddings.errors import BadRequest, BadSetting

FILE = """
[corpora.manual]
documents = "docs"
index = "index/manual"

[corpora.staff]
documents = "memos"
index = "index/staff"
servers = [123]
channels = [4, 5]
roles = [6]
"""


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a file of corpora, their documents and an index of each."""
    monkeypatch.chdir(tmp_path)
    for name in ("FOOTNOTE_CORPUS", "FOOTNOTE_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FOOTNOTE_CORPORA", "corpora.toml")
    Path("corpora.toml").write_text(FILE)
    for folder, text in (("docs", "The lamp burns for nine hours."), ("memos", "The vault opens at noon.")):
        Path(folder).mkdir()
        Path(folder, "a.txt").write_text(text)
    return tmp_path


@pytest.fixture
def built(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for corpus in read_corpora(Path("corpora.toml")):
        build(corpus.documents, corpus.index, FakeEncoder())
    monkeypatch.setattr(cli, "SentenceEncoder", lambda *_: FakeEncoder())
    monkeypatch.setattr("bot.cli._encoder", lambda *_: FakeEncoder())
    monkeypatch.setattr("bot.cli._reader", lambda *_: None)
    monkeypatch.setenv("FOOTNOTE_THRESHOLD", "0")
    return workplace


A = "[corpora.a]\ndocuments = 'a'\nindex = 'i'\n"

# -- the file


def test_the_file_is_read_in_its_order(workplace: Path):
    manual, staff = Settings.load({"FOOTNOTE_CORPORA": "corpora.toml"}).corpora

    assert manual == Corpus("manual", Path("docs"), Path("index/manual"))
    assert staff == Corpus(
        "staff", Path("memos"), Path("index/staff"), frozenset([123]), frozenset([4, 5]), frozenset([6])
    )
    assert Settings.load({}).corpora == ()
    assert find_corpus((manual, staff), "staff") is staff
    with pytest.raises(BadRequest, match=r"There is no corpus 'stuff'\. There are: manual, staff\."):
        find_corpus((manual, staff), "stuff")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (A + "server = [1]", "[corpora.a]: there is no `server`. Did you mean `servers`?"),
        ("[corpus.a]\ndocuments = 'a'", "there is no `corpus`. Did you mean `corpora`?"),
        ("[corpora.a]\ndocuments = 'a'", "[corpora.a] has no `index`. Name the folder: index = \"a\"."),
        ("[corpora.a]\nindex = 'a'", "[corpora.a] has no `documents`."),
        ("[corpora.a]\ndocuments = 3\nindex = 'i'", "[corpora.a], documents: 3 is no folder."),
        ("[corpora.a]\ndocuments = ' '\nindex = 'i'", "[corpora.a], documents: ' ' is no folder."),
        (A + "servers = ['x']", "[corpora.a], servers: 'x' cannot be used."),
        (A + "roles = [true]", "[corpora.a], roles: True cannot be used."),
        (A + "roles = [1, -2]", "[corpora.a], roles: -2 cannot be used."),
        (A + "channels = 123", "[corpora.a], channels: 123 cannot be used."),
        (A + "roles = [9999999999999999999]", "roles: 9999999999999999999 cannot be"),
        (A + "direct = 'yes'", "[corpora.a], direct: 'yes' is neither true nor false."),
        (
            A + "direct = true\nroles = [1]",
            "[corpora.a]: nobody has roles in direct messages.",
        ),
        ("[corpora.all]\ndocuments = 'a'\nindex = 'i'", "[corpora.all]: a corpus cannot be called 'all'."),
        ("[corpora.'A b']\ndocuments = 'a'\nindex = 'i'", "a corpus cannot be called 'A b'."),
        (A + "base = 'docs.example'", "[corpora.a], base: 'docs.example' cannot be used: it must be an address,"),
        ("corpora.a = 3", "[corpora.a] is no table."),
        ("corpora = 3", "names no corpus. Begin one with a line [corpora.manual]."),
        ("", "names no corpus."),
        ("[corpora.a", "is not TOML:"),
        ("a = " + "[" * 2000, "is not TOML:"),
        ("a = " + "9" * 5000, "is not TOML:"),
        (FILE.replace("index/staff", "./index/../index/manual"), "manual and staff have one index,"),
        (FILE.replace("memos", "docs/memos"), "manual and staff share documents, as docs/memos and docs are not apart"),
        (FILE.replace('"docs"', '"memos"'), "manual and staff share documents,"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_said_in_a_sentence_with_its_place(workplace: Path, text: str, said: str):
    Path("corpora.toml").write_text(text)

    with pytest.raises(BadSetting) as raised:
        read_corpora(Path("corpora.toml"))

    assert said in str(raised.value) and str(raised.value).startswith("corpora.toml")


def test_documents_in_one_place_by_a_link_are_shared(workplace: Path):
    Path("elsewhere").symlink_to("docs")
    Path("corpora.toml").write_text(FILE.replace("memos", "elsewhere"))

    with pytest.raises(BadSetting, match="manual and staff share documents"):
        read_corpora(Path("corpora.toml"))


@pytest.mark.parametrize("name", ["missing.toml", ".", "\udcff.toml"])
def test_a_file_that_cannot_be_read_is_named(workplace: Path, name: str):
    with pytest.raises(BadSetting, match=r"which FOOTNOTE_CORPORA names, cannot be read"):
        Settings.load({"FOOTNOTE_CORPORA": name})


def test_a_file_that_is_no_utf_8_is_said_to_be_none(workplace: Path):
    Path("corpora.toml").write_bytes(FILE.encode("utf-16"))

    with pytest.raises(BadSetting, match="cannot be read"):
        read_corpora(Path("corpora.toml"))


# -- who may see which


@pytest.mark.parametrize(
    ("rules", "asker", "seen"),
    [
        ({}, Asker(1, 2), True),
        ({}, Asker(None), False),
        ({"direct": True}, Asker(None), True),
        ({"servers": frozenset([1])}, Asker(1, 2), True),
        ({"servers": frozenset([1])}, Asker(3, 2), False),
        ({"servers": frozenset([1])}, Asker(None), False),
        ({"servers": frozenset([1]), "direct": True}, Asker(None), True),
        ({"channels": frozenset([2])}, Asker(1, 2), True),
        ({"channels": frozenset([2])}, Asker(1, 3), False),
        ({"channels": frozenset([2])}, Asker(1, None), False),
        ({"roles": frozenset([5, 6])}, Asker(1, 2, frozenset([6, 7])), True),
        ({"roles": frozenset([5])}, Asker(1, 2, frozenset([6])), False),
        ({"roles": frozenset([5])}, Asker(1, 2), False),
        ({"servers": frozenset([1]), "channels": frozenset([2]), "roles": frozenset([5])}, Asker(1, 2), False),
    ],
)
def test_all_rules_must_let_somebody_in(rules: dict[str, Any], asker: Asker, seen: bool):
    assert may_see(asker, Corpus("a", Path("a"), Path("i"), **rules)) is seen
    assert may_see(asker, EVERYBODY)


def named(name: str) -> Answerer:
    encoder = FakeEncoder()
    return Answerer(opened([document("a", f"Here is {name}.")], encoder), encoder, 0.0, corpus=name)


def test_the_first_that_lets_somebody_in_is_taken_where_they_name_none():
    corpora = [Corpus(name, Path(name), Path(name)) for name in "ba"]
    closed = Corpus("closed", Path("c"), Path("i"), roles=frozenset([5]))
    served = Corpora([closed, *corpora], map(named, ["a", "b", "closed"]))
    seen = served.seen_by(Asker(1))

    assert [each.source.corpus for each in seen] == ["b", "a"]
    assert choose(seen) is seen[0] and choose(seen, "a") is seen[1]
    for unseen in ("closed", "nothing"):
        with pytest.raises(BadRequest, match=f"^There is no corpus “{unseen}” that I may answer you from here\\.$"):
            choose(seen, unseen)
    with pytest.raises(BadRequest, match=re.escape(NOTHING_HERE)):
        choose([])
    assert served.first.source.corpus == "closed" and served.is_closed(served.first)

    newer = named("a")
    served.serve(newer)
    assert served.seen_by(Asker(1))[1] is newer and not served.is_closed(newer)


def test_an_answer_says_of_which_corpus_it_is_where_there_are_several():
    assert answer_json(named("a").ask(Question("What is here?")))["index"]["corpus"] == "a"
    assert "corpus" not in answer_json(answerer([document("a", "Here.")]).ask(Question("What is here?")))["index"]


def test_what_is_kept_is_of_the_corpus_it_was_answered_from(tmp_path: Path):
    store = Store(tmp_path / "store.sqlite3")
    ledger = Ledger(store, days=30)
    found = named("a").ask(Question("What is here?"))
    key = ledger.add(1, 7, found)
    since = found.source.built_at.replace(year=2000)

    assert ledger.receipt(1, key) is None and ledger.receipt(1, key, ["b"]) is None
    receipt = ledger.receipt(1, key, ["b", "a"])
    assert receipt and receipt.corpus == "a"
    assert not ledger.vote(1, key, 7, True) and not ledger.vote(1, key, 7, True, "", ["b"])
    assert ledger.vote(1, key, 7, True, "", ["a"])
    assert [ledger.insights(1, since, name).up for name in ("", "a", "b")] == [0, 1, 0]
    store.close()


# -- addresses


def test_a_file_without_an_address_gets_that_of_its_page(workplace: Path):
    Path("docs/guide").mkdir()
    for name, text in (
        ("index.md", "Home of lamps."),
        ("guide/index.md", "The guide to lamps."),
        ("guide/two words.md", "Words about lamps."),
        ("own.md", "---\nurl: https://own.example\n---\nA lamp of its own."),
        ("many.jsonl", '{"_id": "row", "title": "Row", "text": "A row of lamps."}'),
    ):
        Path("docs", name).write_text(text)
    build(Path("docs"), Path("index"), FakeEncoder())

    found = Live(Path("index"), FakeEncoder(), 0.0, base="https://lamps.example/en/").open().index
    plain = Live(Path("index"), FakeEncoder(), 0.0).open().index

    assert {document.id: document.url for document in found.documents} == {
        "a": "https://lamps.example/en/a",
        "index": "https://lamps.example/en/",
        "guide/index": "https://lamps.example/en/guide",
        "guide/two words": "https://lamps.example/en/guide/two%20words",
        "own": "https://own.example",
        "row": None,
    }
    assert {document.url for document in plain.documents} == {None, "https://own.example"}


@pytest.mark.parametrize("text", ["docs.example", "ftp://docs.example", "https://a b", "https://"])
def test_a_base_that_is_no_address_is_refused(text: str):
    with pytest.raises(BadSetting, match=r"FOOTNOTE_BASE_URL=.* cannot be used: it must be an address"):
        Settings.load({"FOOTNOTE_BASE_URL": text})


# -- commands


def test_build_and_status_are_for_all_of_them_or_one(built: Path, capsys: pytest.CaptureFixture[str]):
    Path("docs/b.txt").write_text("Another lamp.")

    assert cli.main(["build", "--corpus", "staff"]) == 0
    assert "Nothing has changed in memos" in capsys.readouterr().out
    assert cli.main(["build"]) == cli.main(["build", "--corpus", "all"]) == 0
    out = capsys.readouterr().out
    assert "Indexed 2 documents from docs into index/manual" in out and out.count("Nothing has changed in memos") == 2

    assert cli.main(["status"]) == 0
    out = capsys.readouterr().out
    assert re.findall(r"^\[corpora\.(\w+)\]$", out, re.MULTILINE) == ["manual", "staff"]
    assert cli.main(["status", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["corpus_name"], row["counts"]["documents"]) for row in rows] == [("manual", 2), ("staff", 1)]
    assert not Path("index/CURRENT").exists()


def test_what_is_wrong_with_one_keeps_no_other_from_its_turn(built: Path, capsys: pytest.CaptureFixture[str]):
    Path("docs/a.txt").unlink()

    assert cli.main(["build"]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("error: manual: ") and "Nothing has changed in memos" in told.out


def test_other_commands_are_for_one_that_is_named(built: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["verify"]) == 2
    assert "Say which, by --corpus NAME: manual, staff." in capsys.readouterr().err
    assert cli.main(["verify", "--corpus", "staff"]) == 0
    assert cli.main(["search", "vault", "--corpus", "staff", "--json"]) == 0
    assert "The vault opens at noon." in capsys.readouterr().out
    assert cli.main(["search", "vault", "--corpus", "stuff"]) == 2
    assert "There are: manual, staff." in capsys.readouterr().err


def test_a_folder_that_is_named_needs_no_file(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert cli.main(["build", "--corpus", "memos", "--index", "another"]) == 0
    assert cli.main(["search", "vault", "--index", "another", "--corpus", "staff"]) == 2
    assert "FOOTNOTE_CORPORA names no file, or --index is given" in capsys.readouterr().err
    monkeypatch.delenv("FOOTNOTE_CORPORA")
    assert cli.main(["verify", "--corpus", "staff"]) == 2
    assert cli.main(["build", "--corpus", "memos"]) == 0
    assert Path("index/CURRENT").exists()


def test_questions_are_put_to_the_first_or_the_one_that_is_named(built: Path, capsys: pytest.CaptureFixture[str]):
    def asked(*options: str) -> dict[str, Any]:
        assert bot(["ask", "What burns for hours?", "--json", *options]) == 0
        return json.loads(capsys.readouterr().out)

    first, staff, alone = asked(), asked("--corpus", "staff"), asked("--index", "index/staff")
    assert first["index"]["corpus"] == "manual" and "lamp" in first["statements"][0]["quote"]
    assert staff["index"]["corpus"] == "staff" and "vault" in staff["statements"][0]["quote"]
    assert "corpus" not in alone["index"] and "vault" in alone["statements"][0]["quote"]
    assert bot(["check", "The vault opens at noon.", "--corpus", "stuff"]) == 2
    assert bot(["ask", "What?", "--corpus", "staff", "--index", "index/staff"]) == 2
    assert "There is no corpus 'staff': FOOTNOTE_CORPORA names no file, or --index is given." in capsys.readouterr().err


def test_a_missing_index_is_built_where_that_is_asked_for(
    workplace: Path, built: Path, capsys: pytest.CaptureFixture[str]
):
    Path("index/staff/CURRENT").unlink()

    assert bot(["ask", "What opens?", "--corpus", "staff"]) == 2
    capsys.readouterr()
    assert bot(["ask", "What opens?", "--corpus", "staff", "--build", "--json"]) == 0
    told = capsys.readouterr()
    assert "Indexing memos (once)" in told.err and "vault" in told.out
