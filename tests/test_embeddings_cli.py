"""The command line of the offline side: exit codes, one-line errors, JSON, settings, progress, Ctrl-C."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeEncoder
from rich.console import Console

from embeddings import __main__ as cli
from embeddings.generations import read_manifest
from embeddings.progress import Bar

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
def workplace(tmp_path, monkeypatch, same_signals) -> Path:
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

    def load(name: str) -> FakeEncoder:
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
            code = error.code
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def built(run) -> Run:
    """The same, with an index of the corpus."""
    assert run("build", "--corpus", "corpus")[0] == 0
    return run


# --- build -----------------------------------------------------------------------------------------


def test_building_says_what_was_done_and_warns_of_what_was_not(run, workplace):
    code, out, err = run("build", "--corpus", "corpus", "--index", "there")

    manifest = read_manifest(workplace / "there")
    assert code == 0
    assert out == (
        f"Indexed 2 documents from corpus into there: 2 passages, 3 sentences, generation {manifest.generation}; "
        "2 warnings above.\n"
    )
    assert [line for line in err.splitlines() if line.startswith("warning: ")] == [
        "warning: empty.txt: empty",
        "warning: picture.png: files of type .png are not read; convert it to .txt, .md, .markdown, .jsonl",
    ]


def test_without_a_terminal_progress_is_plain_lines(run):
    _, _, err = run("build", "--corpus", "corpus")

    assert "\x1b" not in err
    assert [line for line in err.splitlines() if not line.startswith("warning: ")] == [
        "reading: 1 of 2",
        "reading: 2 of 2",
        "passages: 2 of 2",
        "sentences: 3 of 3",
    ]


def test_a_clean_corpus_has_no_warnings(run, workplace):
    (workplace / "corpus" / "picture.png").unlink()
    (workplace / "corpus" / "empty.txt").unlink()

    code, out, err = run("build", "--corpus", "corpus")

    assert code == 0
    assert out.endswith(f"generation {read_manifest(workplace / 'index').generation}.\n")
    assert "warning" not in err


def test_long_work_prints_a_line_every_tenth(capsys):
    with Bar(Console(stderr=True)) as bar:
        for done in range(1, 1001):
            bar.show("passages", done, 1000)
            bar.show("sentences", done, 5000)

    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("passages")] == [
        f"passages: {done} of 1000" for done in (1, *range(100, 1001, 100))
    ]
    assert [line for line in lines if line.startswith("sentences")] == [
        f"sentences: {done} of 5000" for done in (1, 500, 1000)
    ]


def test_in_a_terminal_progress_is_a_bar():
    screen = io.StringIO()

    with Bar(Console(file=screen, force_terminal=True, width=80)) as bar:
        bar.show("passages", 3, 12)
        bar.show("passages", 12, 12)

    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).replace("\r", "\n").rstrip().splitlines()[-1]
    assert re.search(r"passages\s+━+ 12/12", last)


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

    assert code == 0
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
        "2. parade  (parade, characters 0-30, score 0.0)\nA parade took place. Few came.\n\n"
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

    assert (code, err, models) == (0, "", [])
    assert out.splitlines() == [
        f"generation  {manifest.generation}, built {manifest.built_at:%Y-%m-%d %H:%M} UTC (0 days ago)",
        f"model       fake, weights {FakeEncoder.sha256[:12]}…, 64 dimensions",
        "size        0.0 MiB",
        "documents   2",
        "passages    2",
        "sentences   3",
        "warning     empty.txt: empty",
        "warning     picture.png: files of type .png are not read; convert it to .txt, .md, .markdown, .jsonl",
    ]


def test_status_as_json_is_the_manifest(built, workplace):
    code, out, _ = built("status", "--json")

    status = json.loads(out)
    folder = workplace / "index" / "generations" / status["generation"]
    assert code == 0
    assert status | {"format": 1} == json.loads((folder / "manifest.json").read_bytes())


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
    monkeypatch.setattr(cli, "SentenceEncoder", lambda _: encoder)
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
            ["build", "--corpus", "corpus", "--index", "corpus/empty.txt"],
            "The index could not be written to corpus/empty.txt (Not a directory); what was there is unchanged. "
            "Check the disk's space and the folder's permissions, then build again.",
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
        "error: none holds no document that can be read. Put .txt, .md or .jsonl files with text in it and build "
        "again.\n"
    )
    assert read_manifest(workplace / "index") == before


def test_a_damaged_index_is_an_error(built, workplace):
    path = next((workplace / "index").rglob("passages.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"parade", b"charade"))

    assert built("search", "parade") == (
        2,
        "",
        f"error: The index is damaged: {path.relative_to(workplace)} has changed since it was written. "
        "Build it again: python -m embeddings build\n",
    )


def test_an_index_of_another_model_is_an_error(built, monkeypatch):
    monkeypatch.setattr(FakeEncoder, "sha256", "f" * 64)

    code, out, err = built("search", "parade")

    assert (code, out) == (2, "")
    assert err.startswith("error: The index in index was built with the model fake (weights ")
    assert "would be encoded with other weights (ffffffff…)" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["rebuild"], "invalid choice: 'rebuild'"),
        (["search"], "the following arguments are required: QUERY"),
        (["search", "q", "-k", "0"], "argument -k: from 1 to 1000"),
        (["search", "q", "-k", "1001"], "argument -k: from 1 to 1000"),
        (["search", "q", "-k", "many"], "argument -k: invalid _count value: 'many'"),
        (["evaluate"], "the following arguments are required: DIR"),
        (["build", "--json"], "unrecognized arguments: --json"),
    ],
)
def test_a_command_line_of_another_shape_is_refused(run, arguments, message):
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert message in err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["search", "--help"], ["evaluate", "--help"]])
def test_help_is_there(run, arguments):
    code, out, err = run(*arguments)

    assert (code, err) == (0, "")
    assert out.startswith(f"usage: python -m embeddings {' '.join(arguments[:-1])}".rstrip())


# --- Ctrl-C and closed pipes, in processes of their own ----------------------------------------------

PATIENT = """
    import sys, time
    from embeddings import __main__ as cli
    from fakes import FakeEncoder

    class Patient(FakeEncoder):
        def encode_passages(self, texts, progress=None):
            vectors = super().encode_passages(texts, progress)
            if "wait" in " ".join(texts):
                print("waiting", file=sys.stderr, flush=True)
                time.sleep(30)
            return vectors

    cli.SentenceEncoder = lambda name: Patient()
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


def test_ctrl_c_during_a_build_leaves_the_index_as_it_was(built, workplace):
    before = everything(workplace / "index")
    (workplace / "corpus" / "more.txt").write_text("Please wait.", encoding="utf-8")

    process = start(workplace, "-c", textwrap.dedent(PATIENT), "build", "--corpus", "corpus")
    code, err = interrupt(process, "waiting")

    assert code == 130
    assert err == "\nStopped. The index is as it was before.\n"
    assert everything(workplace / "index") == before


def test_a_closed_pipe_ends_a_command_quietly(built, workplace):
    reading, writing = os.pipe()
    os.close(reading)

    process = start(workplace, "-c", textwrap.dedent(PATIENT), "status", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=60)

    assert err == ""
    assert process.returncode == -signal.SIGPIPE


@pytest.mark.slow
def test_ctrl_c_while_the_real_model_encodes_leaves_the_index_as_it_was(built, workplace):
    before = everything(workplace / "index")
    (workplace / "corpus" / "long.txt").write_text(
        "\n".join(f"Sentence {n} speaks of the thing {n * 7} and of nothing else at all, ever." for n in range(3000)),
        encoding="utf-8",
    )

    code, err = interrupt(start(workplace, "-m", "embeddings", "build", "--corpus", "corpus"), "passages: ")

    assert code == 130
    assert err.endswith("\nStopped. The index is as it was before.\n")
    assert "Traceback" not in err
    assert everything(workplace / "index") == before
