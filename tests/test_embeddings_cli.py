"""The command line of the offline side: exit codes, one-line errors, JSON, settings, progress, Ctrl-C."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes import FakeEncoder

from embeddings import cli
from embeddings.building.unfinished import Unfinished
from embeddings.encoding.agreement import RECORD
from embeddings.encoding.encoder import Window
from embeddings.storing import generations
from embeddings.storing.generations import generation_names, read_manifest
from embeddings.storing.lock import locked

Run = Callable[..., tuple[int, str, str]]

HERE = Path(__file__).parent
TROOPS = "Some 4,000 troops were sent — naïve or not."
TEXTS = {
    "corpus/troops.md": f"---\ntitle: The troops\npublished: 2025-06-08\n---\n{TROOPS}",
    "corpus/parade.txt": "A parade took place. Few came.",
    "corpus/picture.png": "no text",
    "corpus/empty.txt": "",
}


@pytest.fixture
def workplace(tmp_path, monkeypatch) -> Path:
    """An empty current folder with a small corpus below it, and no settings from outside."""
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for name, text in TEXTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def models(monkeypatch) -> list[str]:
    """The models that were loaded, by name; each is the small deterministic one."""
    loaded: list[str] = []

    def load(name: str, root: Path | None = None) -> FakeEncoder:
        loaded.append(name)
        return FakeEncoder()

    monkeypatch.setattr(cli, "SentenceEncoder", load)
    return loaded


@pytest.fixture
def run(workplace, models, capsys) -> Run:
    """Run a command in this process; returns its exit code, output and error output."""

    def command(*arguments: object) -> tuple[int, str, str]:
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as error:  # of argparse
            code = int(error.code or 0)
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def built(run) -> Run:
    """The same, with an index of the corpus."""
    assert run("build", "--corpus", "corpus")[0] == 1  # one of its files is empty
    return run


# --- build -----------------------------------------------------------------------------------------


def warnings(err: str) -> list[str]:
    return [line.removeprefix("warning: ") for line in err.splitlines() if line.startswith("warning: ")]


def test_building_says_what_was_done_and_warns_of_what_was_not(run, workplace):
    code, out, err = run("build", "--corpus", "corpus", "--index", "there")

    manifest = read_manifest(workplace / "there")
    assert code == 1
    assert out == (
        "Indexed 2 documents from corpus into there: 2 passages (2 encoded anew), 3 sentences, "
        f"generation {manifest.generation}; 1 could not be read, see above.\n"
    )
    empty, picture = sorted(warnings(err))
    assert empty == "empty.txt: empty"
    assert picture.startswith("picture.png: files of type .png are not read; convert it to ")


def test_without_a_terminal_progress_is_plain_lines(run):
    _, _, err = run("build", "--corpus", "corpus")

    assert "\x1b" not in err
    assert [line for line in err.splitlines() if not line.startswith("warning: ")] == [
        "reading: 3 of 3",
        "splitting: 2 of 2",
        "passages: 2 of 2",
    ]


def test_a_clean_corpus_has_no_warnings(run, workplace):
    (workplace / "corpus" / "picture.png").unlink()
    (workplace / "corpus" / "empty.txt").unlink()

    code, out, err = run("build", "--corpus", "corpus")

    assert code == 0
    assert out.endswith(f"generation {read_manifest(workplace / 'index').generation}.\n")
    assert "warning" not in err


def test_files_of_a_type_that_is_not_read_are_no_failure(run, workplace):
    (workplace / "corpus" / "empty.txt").unlink()

    code, out, err = run("build", "--corpus", "corpus")

    assert code == 0
    assert "could not be read" not in out
    assert [line.partition(":")[0] for line in warnings(err)] == ["picture.png"]


def test_building_again_encodes_only_what_is_new(built, workplace):
    (workplace / "corpus" / "more.txt").write_text("The curfew ended. Few came.", encoding="utf-8")

    code, out, err = built("build", "--corpus", "corpus")

    assert code == 1
    assert "3 documents from corpus into index: 3 passages (1 encoded anew), 5 sentences, generation " in out
    assert "passages: 1 of 1" in err.splitlines()


def test_when_nothing_has_changed_the_generation_stays(built, workplace):
    before = everything(workplace / "index")
    name = read_manifest(workplace / "index").generation

    code, out, err = built("build", "--corpus", "corpus")

    assert code == 1
    assert out == (f"Nothing has changed in corpus: generation {name} stays; 1 could not be read, see above.\n")
    assert "empty.txt: empty" in warnings(err)
    assert everything(workplace / "index") == before
    (workplace / "corpus" / "empty.txt").unlink()
    built("build", "--corpus", "corpus")
    code, out, _ = built("build", "--corpus", "corpus")
    assert code == 0
    assert out == f"Nothing has changed in corpus: generation {read_manifest(workplace / 'index').generation} stays.\n"


def test_a_full_build_encodes_everything_though_nothing_has_changed(built, workplace):
    before = read_manifest(workplace / "index").generation

    _, out, _ = built("build", "--corpus", "corpus", "--full")

    assert "2 passages (2 encoded anew), 3 sentences, generation " in out
    assert read_manifest(workplace / "index").generation != before


def test_with_strict_nothing_is_built_from_a_corpus_with_a_bad_file(built, workplace):
    before = everything(workplace / "index")
    (workplace / "corpus" / "more.txt").write_text("The curfew ended.", encoding="utf-8")

    code, out, err = built("build", "--corpus", "corpus", "--strict")

    assert (code, out) == (2, "")
    assert err.endswith(
        "error: Not everything could be read, so with --strict nothing was built. Repair or remove these, or build "
        "without --strict:\n  empty.txt: empty\n"
    )
    assert everything(workplace / "index") == before
    (workplace / "corpus" / "empty.txt").unlink()
    assert built("build", "--corpus", "corpus", "--strict")[0] == 0  # a type that is not read is no bad file


def test_with_strict_a_first_build_publishes_nothing(run, workplace):
    assert run("build", "--corpus", "corpus", "--strict")[0] == 2
    assert generation_names(workplace / "index") == []
    assert run("status")[0] == 2


@pytest.mark.parametrize("place", ["corpus/index", "corpus", "corpus/../corpus/deep/er", "corpus/.hidden"])
def test_an_index_inside_the_corpus_is_refused(run, workplace, place):
    before = everything(workplace)

    code, out, err = run("build", "--corpus", "corpus", "--index", place)

    assert (code, out) == (2, "")
    assert err == (
        f"error: The index ({place}) must not lie in the folder of documents (corpus), or it would be read as one. "
        "Choose another with --index or FOOTNOTE_INDEX.\n"
    )
    assert everything(workplace) == before


# --- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["default", "dotenv", "environment", "both", "option", "all"])
def test_folders_and_model_come_from_options_then_environment_then_dotenv(run, workplace, models, monkeypatch, where):
    winner = {"both": "environment", "all": "option"}.get(where, where)
    expected = tuple(f"{letter}-{winner}" for letter in "cim")
    if where == "default":
        expected = ("seeds", "index", "all-MiniLM-L6-v2")
    arguments = ["build"]
    if where in ("dotenv", "both", "all"):
        (workplace / ".env").write_text(
            "FOOTNOTE_CORPUS=c-dotenv\nFOOTNOTE_INDEX='i-dotenv'\nexport FOOTNOTE_MODEL=m-dotenv  # one\n", "utf-8"
        )
    if where in ("environment", "both", "all"):
        for name in ("corpus", "index", "model"):
            monkeypatch.setenv(f"FOOTNOTE_{name.upper()}", f" {name[0]}-environment ")
    if where in ("option", "all"):
        arguments += ["--corpus", "c-option", "--index", "i-option", "--model", "m-option"]
    (workplace / "corpus").rename(workplace / expected[0])

    code, out, _ = run(*arguments)

    assert code == 1
    assert out.startswith(f"Indexed 2 documents from {expected[0]} into {expected[1]}: ")
    assert read_manifest(workplace / expected[1]).counts["documents"] == 2
    assert models == [expected[2]]


def test_an_empty_setting_is_none(run, workplace, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_INDEX", " ")
    (workplace / ".env").write_text("FOOTNOTE_CORPUS=corpus\nFOOTNOTE_MODEL=\nFOOTNOTE_ALONE\n", "utf-8")

    assert run("build")[1].startswith("Indexed 2 documents from corpus into index: ")


# --- search ----------------------------------------------------------------------------------------


def test_search_prints_passages_with_their_place(built):
    code, out, err = built("search", "How many troops?")

    assert code == 0
    assert err == ""
    assert out == (
        f"1. The troops  (troops, characters 0-43, score 1.0)\n{TROOPS}\n\n"
        "2. Parade  (parade, characters 0-30, score 0.0)\nA parade took place. Few came.\n\n"
    )


def test_search_as_json_quotes_the_documents(built):
    code, out, _ = built("search", " troops  sent ", "-k", 1, "--json")

    found = json.loads(out)
    (hit,) = found.pop("hits")
    views = hit.pop("views")
    assert code == 0
    assert "— naïve" in out
    assert found == {"query": "troops sent"}
    assert hit == {
        "document": "troops",
        "title": "The troops",
        "published": "2025-06-08",
        "passage": hit["passage"],
        "start": 0,
        "end": 43,
        "text": TROOPS,
        "score": 1.0,
    }
    assert re.fullmatch("[0-9a-f]{16}", hit["passage"])
    assert set(views) == {"dense", "sentences", "lexical"}
    assert 0 < views["dense"] < 1
    assert 0 < views["sentences"] < 1
    assert views["lexical"] > 0


@pytest.mark.parametrize(("k", "count"), [(1, 1), (2, 2), (1000, 2)])
def test_search_gives_at_most_k(built, k, count):
    assert len(json.loads(built("search", "troops", "-k", k, "--json")[1])["hits"]) == count


def test_an_undated_untitled_document_has_neither(run, workplace):
    (workplace / "corpus" / "rows.jsonl").write_text('{"_id": "row", "text": "A zebra row."}', encoding="utf-8")
    run("build", "--corpus", "corpus")

    hit = json.loads(run("search", "zebra", "--json")[1])["hits"][0]
    assert (hit["document"], hit["title"], hit["published"]) == ("row", "", None)
    assert run("search", "zebra", "-k", 1)[1].startswith("1. row  (row, characters 0-12, score 1.0)\n")


# --- status ----------------------------------------------------------------------------------------


def test_status_says_what_the_index_holds(built, workplace, models):
    models.clear()
    manifest = read_manifest(workplace / "index")

    code, out, err = built("status")

    *lines, one, two = out.splitlines()
    assert (code, err, models) == (0, "", [])
    assert lines == [
        f"generation  {manifest.generation}, built {manifest.built_at:%Y-%m-%d %H:%M} UTC (0 minutes ago)",
        f"model       fake, fingerprint {FakeEncoder.sha256[:12]}…, 64 dimensions",
        "runtime     fake",
        "size        0.0 MiB",
        "store       the folder of the index",
        "documents   2",
        "passages    2",
        "sentences   3",
        f"corpus      {workplace / 'corpus'}",
        "            has not changed since",
    ]
    ignored, failed = sorted([one, two])
    assert failed == "not read    empty.txt: empty"
    assert ignored.startswith("ignored     picture.png: files of type .png are not read")


def test_status_as_json_is_the_manifest_and_what_happened_since(built, workplace):
    code, out, _ = built("status", "--json")

    status = json.loads(out)
    folder = workplace / "index" / "generations" / status["generation"]
    assert code == 0
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.parent != folder)
    assert status.pop("bytes") > size
    assert 0 <= status.pop("age_seconds") < 60
    assert status.pop("changes") == {"added": [], "changed": [], "removed": [], "moved": []}
    assert status.pop("other_generations") == []
    assert status.pop("being_changed_by") is None
    assert status.pop("store") is None
    assert {notice["path"]: notice["kind"] for notice in status["notices"]} == {
        "empty.txt": "failed",
        "picture.png": "ignored",
    }
    assert status | {"format": generations.FORMAT} == json.loads((folder / "manifest.json").read_bytes())


@pytest.fixture
def changed(built, workplace) -> Run:
    """The same, with a corpus that has changed since."""
    folder = workplace / "corpus"
    (folder / "sub").mkdir()
    (folder / "parade.txt").rename(folder / "sub" / "march.txt")
    (folder / "troops.md").write_text("Others were sent.", encoding="utf-8")
    (folder / "empty.txt").unlink()
    (folder / "new.txt").write_text("Something new.", encoding="utf-8")
    return built


def test_status_says_what_changed_in_the_corpus_since(changed):
    code, out, _ = changed("status")

    assert code == 0
    lines = out.splitlines()
    first = lines.index("            has changed since: python -m embeddings build")
    assert lines[first + 1 : first + 5] == [
        "            + new.txt",
        "            ~ troops.md",
        "            - empty.txt",
        "            > parade.txt is now sub/march.txt",
    ]


def test_status_as_json_says_what_changed_in_the_corpus_since(changed):
    assert json.loads(changed("status", "--json")[1])["changes"] == {
        "added": ["new.txt"],
        "changed": ["troops.md"],
        "removed": ["empty.txt"],
        "moved": [["parade.txt", "sub/march.txt"]],
    }
    changed("build", "--corpus", "corpus")
    assert not any(json.loads(changed("status", "--json")[1])["changes"].values())


def test_status_says_what_the_index_is_served_from(built, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_STORE", "milvus://db.example/?alias=news")

    assert "store       Milvus: http://db.example:19530, alias news\n" in built("status")[1]
    assert json.loads(built("status", "--json")[1])["store"] == "http://db.example:19530, alias news"


def test_status_shows_the_first_of_very_many_changes(built, workplace):
    for number in range(1000):
        (workplace / "corpus" / f"{number:04}.txt").write_text("New.", encoding="utf-8")

    lines = [line.strip() for line in built("status")[1].splitlines()]

    assert [line for line in lines if line.startswith("+")] == [f"+ {number:04}.txt" for number in range(20)]
    assert "and 980 more changes" in lines


def test_status_of_an_index_whose_corpus_is_gone_or_elsewhere(built, workplace):
    (workplace / "corpus").rename(workplace / "elsewhere")

    assert (
        "            is not there any more, so what changed since cannot be said; see --corpus\n" in built("status")[1]
    )
    assert json.loads(built("status", "--json")[1])["changes"] is None
    _, out, _ = built("status", "--corpus", "elsewhere")
    assert "corpus      elsewhere\n            has not changed since\n" in out


def test_status_names_the_other_generations(built, workplace):
    first = read_manifest(workplace / "index").generation
    built("build", "--corpus", "corpus", "--full")

    assert f"also here   {first}\n" in built("status")[1]
    assert json.loads(built("status", "--json")[1])["other_generations"] == [first]


def test_status_names_who_is_changing_the_index(built, workplace):
    with locked(workplace / "index", "prune"):
        _, out, _ = built("status")
        writer = json.loads(built("status", "--json")[1])["being_changed_by"]

    assert f"just now    being changed: prune, process {os.getpid()} on " in out
    assert set(writer) == {"doing", "pid", "host", "since"}
    assert (writer["doing"], writer["pid"]) == ("prune", os.getpid())


def test_status_after_the_clock_went_backwards(built, workplace, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) - timedelta(days=2)

    monkeypatch.setattr(cli, "datetime", Earlier)

    assert " UTC (0 minutes ago)\n" in built("status")[1]
    assert json.loads(built("status", "--json")[1])["age_seconds"] == 0


@pytest.mark.parametrize("name", ["manifest.json", "sources.jsonl"])
def test_status_of_a_damaged_index_is_one_line(built, workplace, name):
    path = next((workplace / "index").rglob(name))
    path.write_bytes(b"{" + path.read_bytes())

    code, out, err = built("status")

    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert str(path.relative_to(workplace)) in err
    assert "Build it again: python -m embeddings build" in err


# --- verify ----------------------------------------------------------------------------------------


def test_a_whole_index_is_verified(built, workplace, models):
    models.clear()
    name = read_manifest(workplace / "index").generation

    assert built("verify") == (
        0,
        f"Generation {name} is whole: every byte and every offset is as it was written.\n",
        "",
    )
    code, out, err = built("verify", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"generation": name, "ok": True, "problems": []}
    assert models == []


@pytest.mark.parametrize("name", ["passages.jsonl", "sentences.faiss", "manifest.json", "manifest.sha256"])
def test_a_damaged_index_is_not(built, workplace, name):
    path = next((workplace / "index").rglob(name))
    data = path.read_bytes()
    path.write_bytes(data[:-5] + bytes([data[-5] ^ 1]) + data[-4:])

    code, out, err = built("verify")
    assert (code, out) == (2, "")
    problem, last = err.splitlines()
    assert str(path.relative_to(workplace)) in problem
    assert last == (
        f"error: Generation {path.parent.name} has a problem. Build again (python -m embeddings build), or go back "
        "to an earlier generation (python -m embeddings rollback [GENERATION])."
    )
    code, out, err = built("verify", "--json")
    assert (code, err) == (2, "")
    assert json.loads(out) == {"generation": path.parent.name, "ok": False, "problems": [problem]}

    built("build", "--corpus", "corpus")
    assert built("verify")[0] == 0


def test_verifying_one_that_is_not_served(built, workplace):
    first = read_manifest(workplace / "index").generation
    built("build", "--corpus", "corpus", "--full")
    next((workplace / "index" / "generations" / first).rglob("copies.json")).unlink()

    assert built("verify")[0] == 0
    assert built("verify", first)[0] == 2
    assert built("verify", "another") == (
        2,
        "",
        "error: There is no generation 'another' in index; status lists them.\n",
    )


# --- rollback and prune ----------------------------------------------------------------------------


@pytest.fixture
def two(built, workplace) -> tuple[str, str]:
    """The names of two generations; the second, which is served, has a document more."""
    first = read_manifest(workplace / "index").generation
    (workplace / "corpus" / "more.txt").write_text("The curfew ended.", encoding="utf-8")
    built("build", "--corpus", "corpus")
    return first, read_manifest(workplace / "index").generation


def test_going_back_says_what_is_served_now(built, workplace, two):
    first, second = two
    manifest = read_manifest(workplace / "index")

    code, out, err = built("rollback")

    assert (code, err) == (0, "")
    assert out == (
        f"Serving generation {first} again (2 documents, built {manifest.built_at:%Y-%m-%d %H:%M} UTC, model fake); "
        f"before it was {second}.\n"
    )
    assert "curfew" not in built("search", "curfew")[1]
    (workplace / "index" / "CURRENT").unlink()
    assert built("rollback", first)[1] == out.partition(";")[0] + ".\n"
    code, out, _ = built("rollback", second, "--json")
    assert code == 0
    assert json.loads(out) == {
        "generation": second,
        "before": first,
        "counts": {"documents": 3, "passages": 3, "sentences": 4},
    }
    assert "curfew" in built("search", "curfew")[1]


def test_after_going_back_the_next_build_starts_from_there(built, workplace, two):
    first, second = two
    built("rollback")

    _, out, _ = built("build", "--corpus", "corpus")

    assert "3 passages (1 encoded anew)" in out
    names = json.loads(built("status", "--json")[1])["other_generations"]
    assert names == [second, first]


@pytest.mark.parametrize("command", ["rollback", "prune", "verify", "status"])
def test_where_there_is_no_index_none_is_made(run, workplace, command):
    assert run(command, "--index", "typo") == (
        2,
        "",
        "error: There is no index in typo. Build it first: python -m embeddings build --index typo\n",
    )
    assert not (workplace / "typo").exists()


def test_going_back_from_the_only_generation_is_an_error(built, workplace):
    name = read_manifest(workplace / "index").generation

    assert built("rollback") == (
        2,
        "",
        f"error: There is no generation before {name} in index. Build it again: python -m embeddings build\n",
    )


def test_pruning_says_what_was_removed_and_what_is_left(built, workplace, two):
    first, second = two
    (workplace / "index" / ".building-20260101T000000Z-aaaaaa").mkdir()

    assert built("prune", "--keep", "2") == (0, f"Generations removed: none. Left: {second}, {first}.\n", "")
    assert not list((workplace / "index").glob(".building*"))
    assert built("prune") == (0, f"Generations removed: {first}. Left: {second}.\n", "")
    assert json.loads(built("prune", "--json")[1]) == {"removed": [], "kept": [second]}


def test_pruning_to_one_erases_what_an_interrupted_build_put_aside_too(built, workplace, two):
    first, second = two
    aside = Unfinished(workplace / "index", FakeEncoder.sha256, 64)
    window = Window("A removed text.", ())
    aside.add([window], [FakeEncoder().encode_passages([window.text])])
    aside.save()

    assert built("prune", "--keep", "2")[0] == 0
    assert list((workplace / "index" / "unfinished").rglob("*.npz"))
    assert built("prune", "--keep", "1") == (0, f"Generations removed: {first}. Left: {second}.\n", "")
    assert {path.name for path in (workplace / "index").iterdir()} == {"CURRENT", "generations", "lock"}


def test_pruning_says_what_it_could_not_remove(built, workplace, two):
    (workplace / "index" / "unfinished").write_bytes(b"not a folder")

    code, out, err = built("prune", "--keep", "1")

    assert (code, out) == (2, "")
    assert err == ("error: Not all could be removed from index. Check the folder's permissions, then prune again.\n")


def test_a_build_that_changes_nothing_prunes_what_an_earlier_one_could_not(built, workplace, two):
    first, second = two
    index = workplace / "index"
    for name in ("20200101T000000Z-aaaaaa", "20200102T000000Z-aaaaaa"):
        shutil.copytree(index / "generations" / first, index / "generations" / name)
    shutil.copytree(index / "generations" / first, index / ".removed-20200103T000000Z-aaaaaa")

    _, out, _ = built("build", "--corpus", "corpus")

    assert f"generation {second} stays" in out
    assert generation_names(index) == [second, first, "20200102T000000Z-aaaaaa"]
    assert {path.name for path in index.iterdir()} == {"CURRENT", "generations", "lock"}


def test_going_back_never_leads_to_what_was_never_served(built, workplace, two):
    first, second = two
    index = workplace / "index"
    never = "99991231T235959Z-000000"
    shutil.copytree(index / "generations" / second, index / "generations" / never)
    (index / f".pending-{never}").write_text(f"{never} {'0' * 64}\n")

    assert built("rollback", never)[2].startswith(f"error: There is no generation '{never}' in index.")
    assert generation_names(index) == [second, first]
    assert not list(index.glob(".*"))


def test_a_generation_that_is_removed_while_it_is_verified_is_not_called_damaged(built, workplace, two, monkeypatch):
    first, _ = two
    real = cli.generations.damage

    def damage(root: Path, name: str) -> list[str]:
        shutil.rmtree(root / "generations" / name)
        return real(root, name)

    monkeypatch.setattr(cli.generations, "damage", damage)

    assert built("verify", first) == (
        2,
        "",
        f"error: Generation {first} was removed while it was checked. Verify again: python -m embeddings verify\n",
    )


def test_pruning_never_removes_what_is_served(built, two):
    first, second = two
    built("rollback")

    assert json.loads(built("prune", "--json")[1]) == {"removed": [second], "kept": [first]}
    assert built("search", "troops")[0] == 0


def test_pruning_needs_to_know_what_is_served(built, workplace, two):
    before = everything(workplace / "index" / "generations")
    (workplace / "index" / "CURRENT").write_bytes(b"?")

    code, _, err = built("prune")

    assert code == 2
    assert "CURRENT is not the file that was written" in err
    assert everything(workplace / "index" / "generations") == before


@pytest.mark.slow
@pytest.mark.parametrize("command", [["build", "--corpus", "corpus"], ["rollback"], ["prune"]])
def test_what_changes_an_index_waits_for_nobody_and_names_who_is_at_it(built, workplace, two, command):
    with locked(workplace / "index", "build"):
        code, out, err = built(*command)

    assert (code, out) == (2, "")
    assert re.fullmatch(
        rf"error: The index in index is being changed already \(build, process {os.getpid()} on .+, since .+ UTC\)\. "
        r"Wait for that to end, or end it, and try again\.\n",
        err,
    )


# --- evaluate --------------------------------------------------------------------------------------


def beir(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    rows = {
        "troops": "Some 4,000 troops were sent to the city by the president.",
        "parade": "A military parade took place in the capital, and few people came.",
        "curfew": "The mayor lifted the curfew downtown on Tuesday evening.",
    }
    queries = {"q1": "How many soldiers were deployed?", "q2": "When did the curfew end?", "q3": "Unjudged?"}
    (folder / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": key, "title": "", "text": text}) + "\n" for key, text in rows.items()), "utf-8"
    )
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": key, "text": text}) + "\n" for key, text in queries.items()), "utf-8"
    )
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\ttroops\t1\nq2\tcurfew\t1\n", "utf-8")
    return folder


def test_evaluate_measures_the_real_model_on_a_folder(workplace, encoder, monkeypatch, capsys):
    monkeypatch.setattr(cli, "SentenceEncoder", lambda *_: encoder)
    before = set(workplace.iterdir())
    folder = beir(workplace / "beir")

    assert cli.main(["evaluate", str(folder), "--json"]) == 0

    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "queries": 2,
        "documents": 3,
        "passages": 3,
        "sentences": 3,
        "measures": {"nDCG@10": 1.0, "recall@10": 1.0, "recall@100": 1.0, "MRR@10": 1.0},
    }
    assert err.splitlines()[-1] == "queries: 2 of 2"
    assert set(workplace.iterdir()) == before | {folder}


def test_evaluate_prints_a_table(run, workplace):
    (beir(workplace / "beir") / "qrels" / "test.tsv").rename(workplace / "beir" / "qrels" / "dev.tsv")

    code, out, _ = run("evaluate", "beir", "--split", "dev")

    assert code == 0
    first, *rows = out.splitlines()
    assert first == "2 queries, 3 documents, 3 passages"
    assert [re.sub(r"[01]\.\d{4}$", "?", row) for row in rows] == [
        "nDCG@10      ?",
        "recall@10    ?",
        "recall@100   ?",
        "MRR@10       ?",
    ]


def test_evaluate_needs_a_corpus(run, workplace):
    (beir(workplace / "beir") / "corpus.jsonl").unlink()

    assert run("evaluate", "beir") == (2, "", "error: beir has no corpus.jsonl; it is not in BEIR layout.\n")


# --- what cannot be done ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--corpus", "no"], "There is no folder no. Name another with --corpus DIR or FOOTNOTE_CORPUS."),
        (["build"], "There is no folder seeds. Name another with --corpus DIR or FOOTNOTE_CORPUS."),
        (["search", "troops"], "There is no index in index. Build it first: python -m embeddings build --index index"),
        (["status"], "There is no index in index. Build it first: python -m embeddings build --index index"),
        (
            ["status", "--index", "x/y"],
            "There is no index in x/y. Build it first: python -m embeddings build --index x/y",
        ),
        (
            ["evaluate", "no"],
            "no is not in BEIR layout (FileNotFoundError: [Errno 2] No such file or directory: 'no/qrels/test.tsv'). "
            "It needs corpus.jsonl, queries.jsonl (_id, text) and qrels/test.tsv (query-id, corpus-id, score).",
        ),
        (
            ["build", "--corpus", "corpus", "--index", "/dev/null/index"],
            "The index could not be written to /dev/null/index (Not a directory); what was there is unchanged. "
            "Check the disk's space and the folder's permissions, then try again.",
        ),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_do(run, arguments, message):
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == f"error: {message}"
    assert not any(line.startswith("Traceback") for line in err.splitlines())


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "The question is empty. Ask something."),
        (" \n", "The question is empty. Ask something."),
        ("x" * 2001, "The question is longer than 2000 characters. Ask it in fewer words."),
        ("caf\udce9", "The question holds half of a surrogate pair, which is not text."),
    ],
)
def test_a_bad_query_is_one_line(built, query, message):
    assert built("search", query) == (2, "", f"error: {message}\n")


def test_an_empty_corpus_is_an_error_and_the_index_stays(built, workplace):
    before = read_manifest(workplace / "index")
    (workplace / "none").mkdir()

    code, out, err = built("build", "--corpus", "none")

    assert (code, out) == (2, "")
    assert err == (
        "error: none holds no document that can be read. Put .txt, .md, .html, .pdf, .docx or .xlsx files with text in "
        "it and build again. If it is meant to be empty, so that nothing is answered any more: python -m embeddings "
        "build --allow-empty\n"
    )
    assert read_manifest(workplace / "index") == before


def test_an_index_without_documents_works_like_any_other(built, workplace):
    first = read_manifest(workplace / "index").generation
    for path in (workplace / "corpus").iterdir():
        path.unlink()
    assert built("build", "--corpus", "corpus")[0] == 2
    assert "parade" in built("search", "parade")[1]

    code, out, err = built("build", "--corpus", "corpus", "--allow-empty")

    second = read_manifest(workplace / "index").generation
    assert (code, err) == (0, "")
    assert out == (
        f"Indexed 0 documents from corpus into index: 0 passages (0 encoded anew), 0 sentences, generation {second}.\n"
    )
    assert built("verify")[0] == 0
    assert built("status")[0] == 0
    assert json.loads(built("status", "--json")[1])["counts"] == {"documents": 0, "passages": 0, "sentences": 0}
    assert built("search", "parade") == (0, "", "")
    assert json.loads(built("search", "parade", "--json")[1]) == {"query": "parade", "hits": []}
    assert "Nothing has changed" in built("build", "--corpus", "corpus", "--allow-empty")[1]
    assert built("build", "--corpus", "corpus", "--allow-empty", "--full")[0] == 0
    assert f"Serving generation {first} again (2 documents" in built("rollback", first)[1]
    assert built("build", "--corpus", "corpus", "--allow-empty")[0] == 0
    assert built("prune")[0] == 0
    assert not any(b"parade" in data for data in everything(workplace / "index").values())
    (workplace / "corpus" / "new.txt").write_text(TROOPS, encoding="utf-8")
    assert "Indexed 1 documents" in built("build", "--corpus", "corpus")[1]
    assert "troops" in built("search", "troops")[1]


def test_documents_without_a_passage_are_an_index_if_that_is_meant(built, workplace):
    for path in (workplace / "corpus").iterdir():
        path.unlink()
    (workplace / "corpus" / "heading.md").write_text("# A heading\n", encoding="utf-8")

    code, _, err = built("build", "--corpus", "corpus")
    assert code == 2
    assert "headings only" in err and err.endswith("python -m embeddings build --allow-empty\n")

    assert "Indexed 1 documents" in built("build", "--corpus", "corpus", "--allow-empty")[1]
    assert built("verify")[0] == 0
    assert built("search", "heading") == (0, "", "")


def test_an_empty_folder_may_be_indexed_from_the_start(run, workplace):
    (workplace / "none").mkdir()

    assert run("build", "--corpus", "none", "--allow-empty")[0] == 0
    assert run("verify")[0] == 0


def test_a_damaged_index_is_an_error(built, workplace):
    path = next((workplace / "index").rglob("passages.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"parade", b"charade"))

    assert built("search", "parade") == (
        2,
        "",
        f"error: The index is damaged: {path.relative_to(workplace)} has changed since it was written. "
        "Build it again: python -m embeddings build (or go back to an earlier generation: python -m embeddings "
        "rollback [GENERATION])\n",
    )


def test_an_index_of_another_model_is_an_error(built, monkeypatch):
    monkeypatch.setattr(FakeEncoder, "sha256", "f" * 64)

    code, out, err = built("search", "parade")

    assert (code, out) == (2, "")
    assert err.startswith("error: The index in index was built with the model fake (fingerprint ")
    assert "would be encoded with another (ffffffff…)" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["rebuild"], "invalid choice: 'rebuild'"),
        (["search"], "the following arguments are required: QUERY"),
        (["search", "q", "-k", "0"], "argument -k: a number from 1 to 1000 is needed"),
        (["search", "q", "-k", "1001"], "argument -k: a number from 1 to 1000 is needed"),
        (["search", "q", "-k", "many"], "argument -k: a number from 1 to 1000 is needed"),
        (["evaluate"], "the following arguments are required: DIR"),
        (["build", "--json"], "unrecognized arguments: --json"),
        (["prune", "--keep", "0"], "argument --keep: a number from 1 to 1000 is needed"),
        (["rollback", "one", "two"], "unrecognized arguments: two"),
    ],
)
def test_a_command_line_of_another_shape_is_refused(run, arguments, message):
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [["--help"]]
    + [[name, "--help"] for name in ("build", "search", "status", "verify", "rollback", "prune", "evaluate")],
)
def test_help_is_there(run, arguments):
    code, out, err = run(*arguments)

    assert (code, err) == (0, "")
    assert out.startswith(f"usage: python -m embeddings {' '.join(arguments[:-1])}".rstrip())


def pointer_is_a_folder(index: Path) -> None:
    (index / "CURRENT").unlink()
    (index / "CURRENT").mkdir()


def pointer_is_gone(index: Path) -> None:
    (index / "CURRENT").unlink()


def pointer_is_noise(index: Path) -> None:
    (index / "CURRENT").write_bytes(b"\xff\x00" * 3000 + b" x")


def pointer_names_no_file(index: Path) -> None:
    (index / "CURRENT").write_bytes(b"x" * 5000 + b" \x00")


def generations_is_a_file(index: Path) -> None:
    shutil.rmtree(index / "generations")
    (index / "generations").write_bytes(b"")


def generations_is_gone(index: Path) -> None:
    shutil.rmtree(index / "generations")


def generation_is_empty(index: Path) -> None:
    (folder,) = (index / "generations").iterdir()
    shutil.rmtree(folder)
    folder.mkdir()


def generation_is_a_file(index: Path) -> None:
    (folder,) = (index / "generations").iterdir()
    shutil.rmtree(folder)
    folder.write_bytes(b"")


def manifest_is_a_folder(index: Path) -> None:
    path = next(index.rglob("manifest.json"))
    path.unlink()
    path.mkdir()


def pointer_is_a_pipe(index: Path) -> None:
    (index / "CURRENT").unlink()
    os.mkfifo(index / "CURRENT")


def manifest_is_a_pipe(index: Path) -> None:
    path = next(index.rglob("manifest.json"))
    path.unlink()
    os.mkfifo(path)


def lock_is_a_pipe(index: Path) -> None:
    (index / "lock").unlink()
    os.mkfifo(index / "lock")


def unfinished_is_a_pipe(index: Path) -> None:
    folder = index / "unfinished" / FakeEncoder.sha256[:16]
    folder.mkdir(parents=True)
    os.mkfifo(folder / "1.npz")


def lock_is_a_folder(index: Path) -> None:
    (index / "lock").unlink()
    (index / "lock").mkdir()


def unfinished_is_a_file(index: Path) -> None:
    (index / "unfinished").write_bytes(b"")


def index_is_a_file(index: Path) -> None:
    shutil.rmtree(index)
    index.write_bytes(b"")


def index_is_a_link_to_itself(index: Path) -> None:
    shutil.rmtree(index)
    index.symlink_to(index)


def index_is_a_link_to_nowhere(index: Path) -> None:
    shutil.rmtree(index)
    index.symlink_to("nowhere")


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        pointer_is_a_folder,
        pointer_is_gone,
        pointer_is_noise,
        pointer_names_no_file,
        generations_is_a_file,
        generations_is_gone,
        generation_is_empty,
        generation_is_a_file,
        manifest_is_a_folder,
        pointer_is_a_pipe,
        manifest_is_a_pipe,
        lock_is_a_pipe,
        unfinished_is_a_pipe,
        lock_is_a_folder,
        unfinished_is_a_file,
        index_is_a_file,
        index_is_a_link_to_itself,
        index_is_a_link_to_nowhere,
    ],
)
def test_whatever_an_index_was_spoilt_to_every_command_works_or_says_what_to_do(built, workplace, patience, spoil):
    spoil(workplace / "index")

    for command in (
        ["status"],
        ["status", "--json"],
        ["verify"],
        ["search", "troops"],
        ["rollback"],
        ["prune"],
        ["build", "--corpus", "corpus"],
        ["build", "--corpus", "corpus", "--full"],
        ["verify"],
    ):
        code, _, err = built(*command)
        if code == 2:
            *_, last = err.splitlines()
            assert last.startswith("error: ")
            assert re.search("python -m embeddings|Check the |status lists them", last), last
            assert not re.search("Errno|Traceback", last.partition(" (")[0])
        else:
            assert code in (0, 1)
    hopeless = (pointer_is_a_folder, generations_is_a_file)
    assert (code == 0) is not (spoil in hopeless or spoil.__name__.startswith("index_is"))


# --- Ctrl-C and closed pipes, in processes of their own ----------------------------------------------

PATIENT = """
    import sys, time
    from embeddings import cli
    from fakes import FakeEncoder

    class Patient(FakeEncoder):
        def encode_windows(self, windows, progress=None):
            vectors = super().encode_windows(windows, progress)
            if any("wait" in text for text, _ in windows):
                print("waiting", file=sys.stderr, flush=True)
                time.sleep(30)
            return vectors

    cli.SentenceEncoder = lambda *_: Patient()
    sys.exit(cli.main(sys.argv[1:]))
"""


SLABS = """
    import sys, time
    from embeddings import cli
    from embeddings.building import indexing
    from fakes import FakeEncoder

    class Slow(FakeEncoder):
        def encode_windows(self, windows, progress=None):
            vectors = super().encode_windows(windows, progress)
            if len(self.windows) > 20:
                print("waiting", file=sys.stderr, flush=True)
                time.sleep(30)
            return vectors

    indexing._SLAB = 5
    cli.SentenceEncoder = lambda *_: Slow()
    sys.exit(cli.main(sys.argv[1:]))
"""

PLAIN = """
    import sys, time
    from embeddings import cli
    from fakes import FakeEncoder

    class Pausing(FakeEncoder):
        def encode_windows(self, windows, progress=None):
            if any("pause" in text for text, _ in windows):
                print("pausing", flush=True)
                time.sleep(1)
            return super().encode_windows(windows, progress)

    cli.SentenceEncoder = lambda *_: Pausing()
    sys.exit(cli.main(sys.argv[1:]))
"""


def start(folder: Path, *command: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{HERE.parent}:{HERE}", "TMPDIR": str(folder)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupt(process: subprocess.Popen[str], after: str) -> tuple[int, str]:
    """Press Ctrl-C once the process has printed a line; returns its exit code and what it printed since."""
    try:
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if line.startswith(after):
                break
        assert seen[-1].startswith(after), "".join(seen)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, err


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_ctrl_c_during_a_build_leaves_the_index_as_it_was(built, workplace):
    before = everything(workplace / "index")
    (workplace / "corpus" / "more.txt").write_text("Please wait.", encoding="utf-8")

    process = start(workplace, "-c", textwrap.dedent(PATIENT), "build", "--corpus", "corpus")
    code, err = interrupt(process, "waiting")

    assert code == 130
    assert err == "\nStopped. The index is as it was before.\n"
    assert everything(workplace / "index") == before


@pytest.mark.slow
def test_a_closed_pipe_ends_a_command_quietly(built, workplace):
    reading, writing = os.pipe()
    os.close(reading)

    process = start(workplace, "-c", textwrap.dedent(PATIENT), "status", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=60)

    assert err == ""
    assert process.returncode == -signal.SIGPIPE


def served(index: Path) -> dict[str, bytes]:
    """Everything but what was put aside for the next build, and what was measured of the model."""
    found = everything(index)
    return {name: data for name, data in found.items() if not name.startswith("unfinished/") and name != RECORD}


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_encoded_for_the_next_build(built, workplace):
    for number in range(40):
        (workplace / "corpus" / f"{number}.txt").write_text(f"Sentence {number} stands alone.", encoding="utf-8")
    before = served(workplace / "index")

    process = start(workplace, "-c", textwrap.dedent(SLABS), "build", "--corpus", "corpus")
    code, err = interrupt(process, "waiting")
    assert (code, err) == (130, "\nStopped. The index is as it was before.\n")
    assert served(workplace / "index") == before
    assert list((workplace / "index" / "unfinished").rglob("*.npz"))

    _, out, _ = built("build", "--corpus", "corpus")

    # 20 passages were encoded in whole slabs
    assert "42 passages (20 encoded anew), 43 sentences, " in out
    assert not (workplace / "index" / "unfinished").exists()
    again = served(workplace / "index")
    built("build", "--corpus", "corpus", "--full")
    vectors = [
        {Path(name).name: data for name, data in files.items() if name.startswith(f"generations/{generation}/")}
        for files, generation in (
            (again, again["CURRENT"].split()[0].decode()),
            (everything(workplace / "index"), read_manifest(workplace / "index").generation),
        )
    ]
    for name in ("passages.faiss", "sentences.faiss", "passages.jsonl", "documents.jsonl"):
        assert vectors[0][name] == vectors[1][name]


@pytest.mark.slow
def test_of_two_builds_at_once_the_second_is_refused_with_the_first_ones_process(built, workplace):
    (workplace / "corpus" / "more.txt").write_text("Please wait.", encoding="utf-8")
    first = start(workplace, "-c", textwrap.dedent(PATIENT), "build", "--corpus", "corpus")
    try:
        assert first.stderr is not None
        assert any(line == "waiting\n" for line in first.stderr)
        _, status, _ = built("status")
        second = start(workplace, "-c", textwrap.dedent(PLAIN), "build", "--corpus", "corpus")
        out, err = second.communicate(timeout=60)
    finally:
        first.kill()
        first.communicate()

    assert (second.returncode, out) == (2, "")
    assert err.startswith(f"error: The index in index is being changed already (build, process {first.pid} on ")
    assert err.count("\n") == 1
    assert f"just now    being changed: build, process {first.pid} on " in status
    assert "being changed" not in built("status")[1]
    assert "3 documents from corpus into index" in built("build", "--corpus", "corpus")[1]


@pytest.mark.slow
def test_ctrl_c_while_the_real_model_encodes_leaves_the_index_as_it_was(built, workplace):
    before = served(workplace / "index")
    (workplace / "corpus" / "long.txt").write_text(
        "\n".join(f"Sentence {n} speaks of the thing {n * 7} and of nothing else at all, ever." for n in range(3000)),
        encoding="utf-8",
    )

    code, err = interrupt(start(workplace, "-m", "embeddings", "build", "--corpus", "corpus"), "passages: ")

    assert code == 130
    assert err.endswith("\nStopped. The index is as it was before.\n")
    assert "Traceback" not in err
    assert served(workplace / "index") == before


# --- watching, in a process of its own ------------------------------------------------------------------


class Watch:
    """A running `build --watch`, and the lines that it has printed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PLAIN), "build", "--corpus", "corpus", "--watch"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{HERE.parent}:{HERE}", "TMPDIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines += []
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait(self, start: str, times: int = 1) -> None:
        """Until that many lines began so."""
        until = time.monotonic() + 60
        while sum(line.startswith(start) for line in self.lines) < times:
            assert time.monotonic() < until, self.lines
            assert self.process.poll() is None, self.lines
            time.sleep(0.05)

    def end(self) -> int:
        """Press Ctrl-C and wait; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        finally:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def watch(workplace) -> Iterator[Watch]:
    """Watching the corpus, with the first build done."""
    for name in ("empty.txt", "picture.png"):
        (workplace / "corpus" / name).unlink()
    watching = Watch(workplace)
    try:
        watching.wait("Watching corpus; Ctrl-C ends it.")
        yield watching
    finally:
        watching.kill()


@pytest.mark.slow
def test_watching_batches_a_burst_of_changes_and_ctrl_c_ends_it(watch, workplace):
    for number in range(20):
        (workplace / "corpus" / f"{number}.txt").write_text(f"Change {number}.", encoding="utf-8")
        time.sleep(0.05)
    watch.wait("Indexed 22 documents")
    watch.wait("Watching", 2)

    assert watch.end() == 130

    assert sum(line.startswith("Indexed") for line in watch.lines) <= 3  # the first, and the burst
    assert watch.lines[-2:] == ["", "Stopped watching. The index stays as it is."]
    assert not any("Traceback" in line for line in watch.lines)
    assert read_manifest(workplace / "index").counts["documents"] == 22


@pytest.mark.slow
def test_what_changes_during_a_build_is_found_after_it(watch, workplace):
    (workplace / "corpus" / "first.txt").write_text("Please pause.", encoding="utf-8")
    watch.wait("pausing")
    (workplace / "corpus" / "second.txt").write_text("It came meanwhile.", encoding="utf-8")
    watch.wait("Indexed 4 documents")

    assert watch.end() == 130
    assert read_manifest(workplace / "index").counts["documents"] == 4


@pytest.mark.slow
def test_watching_goes_on_after_an_error_and_after_the_folder_was_away(watch, workplace):
    folder, index = workplace / "corpus", workplace / "index"
    before = read_manifest(index)
    for path in folder.iterdir():
        path.unlink()
    watch.wait("error: corpus holds no document that can be read.")
    assert read_manifest(index) == before

    folder.rmdir()
    watch.wait("error: There is no folder corpus.")
    assert read_manifest(index) == before

    folder.mkdir()
    (folder / "back.txt").write_text("It is back.", encoding="utf-8")
    watch.wait("Indexed 1 documents")
    (folder / "more.txt").write_text("And more.", encoding="utf-8")
    watch.wait("Indexed 2 documents", 2)

    folder.rename(workplace / "away")
    (workplace / "other").mkdir()
    (workplace / "other" / "other.txt").write_text("Another folder.", encoding="utf-8")
    (workplace / "other").rename(folder)
    watch.wait("Indexed 1 documents", 2)
    (folder / "new.txt").write_text("It is watched, too.", encoding="utf-8")
    watch.wait("Indexed 2 documents", 3)

    assert watch.end() == 130
    assert sum(line.startswith("error: There is no folder corpus.") for line in watch.lines) <= 2
    assert not any("Traceback" in line for line in watch.lines)


@pytest.mark.slow
def test_watching_waits_for_the_end_of_another_build(watch, workplace):
    with locked(workplace / "index", "prune"):
        (workplace / "corpus" / "new.txt").write_text("Something new.", encoding="utf-8")
        watch.wait("error: The index in index is being changed already (prune, ")
        time.sleep(3)
        assert read_manifest(workplace / "index").counts["documents"] == 2
    watch.wait("Indexed 3 documents")

    assert watch.end() == 130
    assert sum(line.startswith("error: ") for line in watch.lines) == 1
