"""`python -m bot` from its arguments to its output and exit code, with the real model over a small corpus."""

import io
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytest import CaptureFixture, MonkeyPatch, TempPathFactory

from bot.cli import main
from bot.terminal import HELP
from embeddings.building.indexing import build
from embeddings.encoding.agreement import RECORD
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.process import EX_CONFIG, EX_TEMPFAIL
from embeddings.storing import generations

ROOT = Path(__file__).parent.parent
CORPUS = {
    "aurora.md": "---\ntitle: The ferry Aurora\npublished: 2025-05-04\n---\n"
    "On Saturday the ferry Aurora carried 2,000 passengers to Bergen. The sea was calm.\n",
    "port.md": "---\ntitle: A record at the port\npublished: 2025-05-09\n---\n"
    "The ferry Aurora carried 4,000 passengers to Bergen, the harbour master said. The quay was closed for an hour.\n",
    "bread.txt": "Bread is baked of flour, water, salt and yeast. It rises overnight.\n",
}
QUOTES = {
    "aurora": "On Saturday the ferry Aurora carried 2,000 passengers to Bergen.",
    "port": "The ferry Aurora carried 4,000 passengers to Bergen, the harbour master said.",
    "bread": "Bread is baked of flour, water, salt and yeast.",
}
FERRY = "How many passengers did the ferry Aurora carry to Bergen?"
BREAD = "What is bread baked of?"
NOWHERE = "Who won the 2026 World Cup?"


def write_corpus(folder: Path) -> Path:
    folder.mkdir()
    for name, text in CORPUS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def index(encoder: SentenceEncoder, tmp_path_factory: TempPathFactory) -> Path:
    """The folder of an index of the small corpus."""
    folder = tmp_path_factory.mktemp("cli")
    build(write_corpus(folder / "corpus"), folder / "index", encoder)
    assert encoder.root
    shutil.copy(encoder.root / RECORD, folder / "index")
    return folder / "index"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    """An empty folder to work in, and none of the developer's settings."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("FOOTNOTE_") or name == "DISCORD_TOKEN":
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "120")


def give(monkeypatch: MonkeyPatch, text: str | bytes) -> None:
    """Make this the standard input, which is no terminal."""
    data = text.encode() if isinstance(text, str) else text
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))


def refused(capsys: CaptureFixture[str]) -> str:
    """What a refused command said: one line, and nothing on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ") and err.endswith("\n") and err.count("\n") == 1, err
    return err.removeprefix("error: ").removesuffix("\n")


# --- one question ----------------------------------------------------------------------------------


def test_ask(index: Path, capsys: CaptureFixture[str]):
    assert main(["ask", FERRY, "--index", str(index)]) == 0

    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == FERRY
    about = "how many passengers did the ferry Aurora carry to Bergen (a change over time, by their dates)"
    assert lines[1] == f"The sources differ on {about}:"
    assert sorted(line[2:7] for line in lines[2:4]) == ["2,000", "4,000"]
    assert {f"[1] {QUOTES['aurora']}", f"[1] {QUOTES['port']}"} & {line.rstrip() for line in lines}
    assert any("The ferry Aurora, in its own words · 2025-05-04" in line for line in lines)
    assert "\x1b" not in out
    assert err == ""


@pytest.mark.slow
def test_an_answer_imports_nothing_that_it_does_not_need(index: Path):
    """With the reader: neither torch nor what reads documents, also while everything is opened and checked."""
    torch = {"torch", "transformers", "sentence_transformers", "sklearn"}
    builds = {"charset_normalizer", "email", "filelock", "lxml", "markdown_it", "trafilatura", "yaml"}
    unneeded = torch | builds | {"discord", "huggingface_hub", "rapidfuzz", "rich.progress"}
    code = (
        "import sys\nfrom bot.cli import main\n"
        f"assert main(['ask', {BREAD!r}, '--json', '--index', {str(index)!r}]) == 0\n"
        f"print(sorted({unneeded!r} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_with_a_model_that_is_down_the_answer_is_what_it_is_without(
    index: Path, capsys: CaptureFixture[str], monkeypatch: MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    asking = ["ask", BREAD, "--json", "--index", str(index)]
    assert main(asking) == 0
    without = json.loads(capsys.readouterr().out)
    monkeypatch.setenv("FOOTNOTE_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("FOOTNOTE_LLM_MODEL", "small:1b")
    assert main(asking) == 0
    found = json.loads(capsys.readouterr().out)

    assert found == without | {"model": "small:1b", "prose": [], "dropped": []}
    (line,) = (each.getMessage() for each in caplog.records if each.levelname == "WARNING")
    assert "cannot be reached" in line and "bread" not in line.lower()


def test_a_model_on_another_machine_is_refused_with_what_would_leave_this_one(
    index: Path, capsys: CaptureFixture[str], monkeypatch: MonkeyPatch
):
    monkeypatch.setenv("FOOTNOTE_LLM_URL", "https://model.example/v1")
    assert main(["ask", BREAD, "--index", str(index)]) == 2

    assert "people's questions and passages of your documents would leave this one" in refused(capsys)


def test_help_comes_before_anything_is_loaded():
    code = (
        "import sys\nfrom bot.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    print(sorted({'numpy', 'faiss', 'rich'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.startswith("usage: ")
    assert done.stdout.splitlines()[-1] == "[]"


def test_ask_in_json(index: Path, capsys: CaptureFixture[str]):
    assert main(["ask", BREAD, "--json", "--index", str(index)]) == 0

    out, err = capsys.readouterr()
    row = json.loads(out)
    assert (row["id"], row["question"], row["status"]) == (None, BREAD, "answered")
    assert [statement["quote"] for statement in row["statements"]] == [QUOTES["bread"]]
    assert [(citation["document"], citation["start"], citation["end"]) for citation in row["citations"]] == [
        ("bread", 0, len(QUOTES["bread"]))
    ]
    assert row["searched"] == {
        "documents": 3, "accounts": 3, "addressing": ["bread"], "silent": ["aurora", "port"], "repeating": [],
        "undated": 0,
    }  # fmt: skip
    assert row["index"]["generation"] == generations.read_manifest(index).generation
    assert err == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ask", "?"], "This question names nothing that could be looked up: say who or what it is about."),
        (["ask", "Who are they?"], "This question names nothing that could be looked up: say who or what it is about."),
        (["check", "in Bergen"], "This says nothing that could be checked: write what you want to know as a whole "),
    ],
)
def test_what_has_no_content_is_asked_back(
    index: Path, arguments: list[str], sentence: str, capsys: CaptureFixture[str]
):
    assert main([*arguments, "--index", str(index)]) == 2

    assert refused(capsys).startswith(sentence)


def test_in_a_batch_what_has_no_content_is_an_error_and_the_rest_is_answered(
    index: Path, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]
):
    give(monkeypatch, json.dumps({"id": 1, "claim": "It happened."}) + "\n" + json.dumps({"claim": QUOTES["bread"]}))

    assert main(["check", "--batch", "-", "--index", str(index)]) == 2
    bad, good = map(json.loads, capsys.readouterr().out.splitlines())
    assert (bad["id"], bad["line"]) == (1, 1) and bad["error"].startswith("This says nothing that could be checked")
    assert good["status"] == "supported"


def test_no_answer_is_no_failure(index: Path, capsys: CaptureFixture[str]):
    assert main(["ask", NOWHERE, "--json", "--index", str(index)]) == 0

    row = json.loads(capsys.readouterr().out)
    assert row["status"] == "not_found" and row["statements"] == []
    assert [citation["number"] for citation in row["nearest"]] == [1, 2, 3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "documents"),
    [
        (["--document", "port", "--document", "bread"], ["bread", "port"]),
        (["--after", "2025-05-09"], ["port"]),
        (["--after", "2025-05-01", "--before", "2025-05-08"], ["aurora"]),
        (["--after", "2025-05-01", "--as-of", "2025-05-08"], ["aurora"]),
    ],
)
def test_ask_only_some_sources(index: Path, options: list[str], documents: list[str], capsys: CaptureFixture[str]):
    assert main(["ask", FERRY, "--json", "--index", str(index), *options]) == 0

    searched = json.loads(capsys.readouterr().out)["searched"]
    assert sorted(searched["addressing"] + searched["silent"]) == documents


def test_the_index_and_the_threshold_are_settings(index: Path, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    Path(".env").write_text("FOOTNOTE_THRESHOLD=1\n", encoding="utf-8")
    monkeypatch.setenv("FOOTNOTE_INDEX", str(index))

    assert main(["ask", BREAD, "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["status"] == "not_found"


def test_a_question_cannot_drive_the_terminal(index: Path, capsys: CaptureFixture[str]):
    assert main(["ask", "What is \x1b[31m[bold]bread\x07 baked of?", "--index", str(index)]) == 0

    out = capsys.readouterr().out
    assert out.startswith("What is \ufffd[31m[bold]bread\ufffd baked of?\n")
    assert "\x1b" not in out and "\x07" not in out


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ask"], "Give one question in quotes, or --batch FILE"),
        (["ask", "Who?", "--batch", "-"], "Give one question in quotes, or --batch FILE"),
        (["ask", "Who?", "--after", "June"], "'June' is not a date. Write it as year-month-day, like 2025-06-16."),
        (["ask", "Who?", "--before", "2025-02-30"], "'2025-02-30' is not a date."),
        (["ask", "Who?", "--as-of", "2025-02-30"], "'2025-02-30' is not a date."),
        (["chat", "--after", "June"], "'June' is not a date."),
        (["ask", "--batch", "-", "--document", "a"], "A batch names documents and dates in its lines"),
        (["ask", "--batch", "-", "--after", "2025-06-16"], "A batch names documents and dates in its lines"),
        (["ask", "--batch", "-", "--as-of", "2025-06-16"], "A batch names documents and dates in its lines"),
        (["ask", "--batch", "nowhere.jsonl"], "nowhere.jsonl cannot be read: No such file or directory."),
        (["ask", "--batch", "."], ". cannot be read: Is a directory."),
        (["ask", "Who?"], "There is no index in index. Build it first: python -m embeddings build --index index"),
        (["ask", "--batch", "-"], "There is no index in index."),
        (["chat"], "There is no index in index."),
        (["chat", "--index", "other"], "Build it first: python -m embeddings build --index other"),
    ],
)
def test_what_is_refused_before_the_model_is_loaded(
    arguments: list[str], reason: str, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]
):
    monkeypatch.setenv("FOOTNOTE_MODEL", "no-such-model")
    give(monkeypatch, "")

    assert main(arguments) == 2

    assert reason in refused(capsys)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["ask", "chat"])
def test_an_unknown_document_is_refused(index: Path, command: str, capsys: CaptureFixture[str]):
    question = [FERRY] if command == "ask" else []

    assert main([command, *question, "--index", str(index), "--document", "b\x1bd"]) == 2

    assert refused(capsys) == "There is no document 'b\\x1bd' in the index. See the list of sources."


@pytest.mark.slow
@pytest.mark.parametrize(("question", "reason"), [("", "empty"), ("\udcff", "surrogate")])
def test_a_question_that_cannot_be_asked(index: Path, question: str, reason: str, capsys: CaptureFixture[str]):
    assert main(["ask", question, "--index", str(index)]) == 2

    assert reason in refused(capsys)


def test_a_damaged_index_is_refused_with_the_remedy(tmp_path: Path, capsys: CaptureFixture[str]):
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "CURRENT").write_text("nonsense", encoding="utf-8")

    assert main(["ask", "Who?", "--index", str(folder)]) == 2

    assert "python -m embeddings build" in refused(capsys)


def test_a_wrong_setting_is_refused_by_name(monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    monkeypatch.setenv("FOOTNOTE_THRESHOLD", "high")

    assert main(["ask", "Who?"]) == 2
    assert refused(capsys).startswith("FOOTNOTE_THRESHOLD='high' cannot be used")
    assert main(["run"]) == EX_CONFIG
    assert refused(capsys).startswith("FOOTNOTE_THRESHOLD='high' cannot be used")


@pytest.mark.parametrize(("token", "reason"), [("", "DISCORD_TOKEN is not set."), ("two words", "does not know this")])
def test_run_looks_at_the_token_before_anything_takes_time(
    token: str, reason: str, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]
):
    monkeypatch.setenv("DISCORD_TOKEN", token)
    monkeypatch.setenv("FOOTNOTE_MODEL", "no-such-model")

    assert main(["run", "--build"]) == EX_CONFIG

    error = refused(capsys)
    assert reason in error and "https://discord.com/developers/applications" in error
    assert not Path("index").exists()


def test_a_connection_that_is_closed_does_not_end_the_bot(capsys: CaptureFixture[str]):
    """Commands that print are ended by a closed pipe, and the bot would be by a socket."""
    assert main(["run"]) == EX_CONFIG
    here, there = socket.socketpair()
    with here:
        there.close()
        with pytest.raises(BrokenPipeError):
            here.send(b"x")
    assert "DISCORD_TOKEN" in refused(capsys)


def test_run_without_an_index_says_how_to_build_one(monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    monkeypatch.setenv("DISCORD_TOKEN", "a.b.c")

    assert main(["run"]) == 2

    assert "Build it first: python -m embeddings build --index index" in refused(capsys)


def test_the_exit_codes_of_run_are_explained_where_one_looks(capsys: CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    shown = capsys.readouterr().out
    page = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")

    assert f"Exit codes: {EX_CONFIG} when the token" in shown and f"{EX_TEMPFAIL} when Discord" in " ".join(
        shown.split()
    )
    assert f"exit code {EX_CONFIG} when the token" in page and f"with {EX_TEMPFAIL} when Discord" in " ".join(
        page.split()
    )


@pytest.mark.parametrize("arguments", [[], ["answer"], ["ask", "Who?", "--colour"], ["ask", "Who?", "extra"]])
def test_arguments_that_do_not_exist(arguments: list[str], capsys: CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main(arguments)

    assert left.value.code == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("usage: python -m bot")


# --- help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ([], ["--version", "run", "ask", "check", "calibrate", "chat", "doctor", "health"]),
        (["calibrate"], ["FILE", "--try", "--index DIR", "--build", "--corpus NAME"]),
        (["run"], ["--index DIR", "--build"]),
        (
            ["chat"],
            ["--index DIR", "--build", "--corpus NAME", "--document ID", "--after DATE", "--before DATE",
             "--as-of DATE"],
        ),
        (
            ["ask"],
            ["QUESTION", "--json", "--batch FILE", "--index DIR", "--build", "--corpus NAME", "--document ID",
             "--after DATE", "--before DATE", "--as-of DATE"],
        ),
        (
            ["check"],
            ["CLAIM", "--json", "--batch FILE", "--index DIR", "--build", "--corpus NAME", "--document ID",
             "--after DATE", "--before DATE", "--as-of DATE"],
        ),
    ],
)  # fmt: skip
def test_help_names_every_option(command: list[str], names: list[str], capsys: CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])

    assert left.value.code == 0
    out, err = capsys.readouterr()
    assert err == ""
    described = {
        match[0].strip()
        for match in re.finditer(r"^  +(?:-\w, )?(?:--[\w-]+(?: [A-Z]+)?|[A-Z]+|\w+)(?=\s)", out, re.MULTILINE)
    }
    assert set(names) <= described
    flags = set(re.findall(r"--[\w-]+", out)) - {"--help"}
    assert flags == {name.split()[0] for name in names if name.startswith("--")}


# --- a batch ---------------------------------------------------------------------------------------

LINES: list[tuple[bytes, dict[str, object]]] = [
    (f'{{"id": "q1", "question": "{BREAD}"}}'.encode(), {"id": "q1", "status": "answered"}),
    (b"", {}),
    (b"not json", {"id": None, "line": 3, "error": "The line is not JSON"}),
    (f'{{"question": "{NOWHERE}"}}'.encode(), {"id": None, "status": "not_found"}),
    (b" \t ", {}),
    (b'{"id": 6, "question": 7}', {"id": 6, "line": 6, "error": 'not an object with a "question"'}),
    (
        f'{{"id": [7], "question": "{FERRY}", "documents": ["port"]}}'.encode(),
        {"id": [7], "status": "answered"},
    ),
    (b'{"id": 8, "question": "Who?", "documents": ["z"]}', {"id": 8, "line": 8, "error": "no document 'z'"}),
    (b'{"id": 9, "question": "Who?", "after": "June"}', {"id": 9, "line": 9, "error": "'June' is not a date"}),
    (b'{"id": 10, "question": ""}', {"id": 10, "line": 10, "error": "The question is empty"}),
    (b'{"id": 11, "question": "bread \xff\xfe"}', {"id": 11, "question": "bread \ufffd\ufffd"}),
    (b'{"id": 12, "question": "\\ud800"}', {"id": 12, "line": 12, "error": "half of a surrogate pair"}),
    (b"[" * 100_000, {"id": None, "line": 13, "error": "The line is not JSON"}),
    (b'{"id": 1e999, "question": "Who?"}', {"id": None, "line": 14, "error": "1e999 is too large a number"}),
    (f'{{"id": "\\ud800", "question": "{BREAD}"}}'.encode(), {"id": "\ud800", "status": "answered"}),
    (b'{"id": ["\\udfff"], "question": 7}', {"id": ["\udfff"], "line": 16, "error": "not an object"}),
    (
        f'{{"id": 17, "question": "and salt?", "history": ["{BREAD}"]}}'.encode(),
        {"id": 17, "question": "and salt?", "read_as": "What is bread baked of, salt?"},
    ),
    (b'{"id": 18, "question": "why?", "history": []}', {"id": 18, "line": 18, "error": "Ask it as a whole question"}),
    (
        b'{"id": 19, "question": "is this true?", "history": ["Bread is baked of flour, water, salt and yeast."]}',
        {"id": 19, "question": "is this true?", "status": "supported"},
    ),
    (
        f'{{"id": "last", "question": "{FERRY}", "after": "2025-05-01"}}'.encode(),
        {"id": "last", "status": "disputed"},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("source", ["-", "questions.jsonl"])
def test_a_batch_is_answered_line_by_line_and_bad_lines_lose_nothing(
    index: Path, source: str, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]
):
    data = b"\r\n".join(line for line, _ in LINES)
    give(monkeypatch, data)
    Path("questions.jsonl").write_bytes(b"\xef\xbb\xbf" + data)

    assert main(["ask", "--batch", source, "--index", str(index)]) == 2

    out, err = capsys.readouterr()
    rows = [json.loads(line, parse_constant=pytest.fail) for line in out.encode("utf-8").split(b"\n")[:-1]]
    expected = [row for _, row in LINES if row]
    assert [row["id"] for row in rows] == [row["id"] for row in expected]
    for row, wanted in zip(rows, expected, strict=True):
        if "error" in wanted:
            assert row.keys() == {"id", "line", "error"}
            assert row["line"] == wanted["line"] and str(wanted["error"]) in row["error"]
        else:
            assert {key: row[key] for key in wanted} == wanted
    last = rows[-1]
    assert sorted(citation["quote"] for citation in last["citations"]) == [QUOTES["aurora"], QUOTES["port"]]
    assert err == ""


def test_a_batch_without_bad_lines_succeeds(index: Path, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    give(monkeypatch, f'{{"id": "é", "question": "{BREAD}"}}\n')

    assert main(["ask", "--batch", "-", "--index", str(index)]) == 0

    out = capsys.readouterr().out
    assert out.startswith('{"id": "é", ') and out.count("\n") == 1


def test_an_empty_batch_is_no_failure(index: Path, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    give(monkeypatch, "\n\n  \n")

    assert main(["ask", "--batch", "-", "--index", str(index)]) == 0

    assert capsys.readouterr().out == ""


# --- building on the way ---------------------------------------------------------------------------


@pytest.mark.slow
def test_build_builds_a_missing_index_once(tmp_path: Path, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    corpus = write_corpus(tmp_path / "corpus")
    (corpus / "broken.txt").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("FOOTNOTE_CORPUS", "corpus")

    assert main(["ask", BREAD, "--json", "--build", "--index", "built"]) == 0

    out, err = capsys.readouterr()
    assert json.loads(out)["statements"][0]["quote"] == QUOTES["bread"]
    assert err.startswith("Indexing corpus (once) …\n") and "passages: 3 of 3\n" in err
    assert err.endswith("warning: broken.txt: damaged UTF-16; save it again as UTF-8\n")
    generation = generations.read_manifest(Path("built")).generation

    assert main(["ask", BREAD, "--json", "--build", "--index", "built"]) == 0

    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["index"]["generation"] == generation

    monkeypatch.setenv("FOOTNOTE_CORPUS", "others")
    assert main(["ask", BREAD, "--json", "--build", "--index", "built"]) == 0

    err = capsys.readouterr().err
    assert err == f"warning: The index holds the documents of {corpus.resolve()}; make index reads others.\n"


def test_build_without_documents_is_refused(capsys: CaptureFixture[str]):
    assert main(["ask", BREAD, "--build"]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "Indexing seeds (once) …\nerror: There is no folder seeds. Name another with --corpus DIR or FOOTNOTE_CORPUS.\n"
    )
    assert not Path("index").exists()


# --- chat ------------------------------------------------------------------------------------------


def test_a_conversation_until_the_end_of_input(index: Path, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    give(monkeypatch, f"{BREAD}\nopen 1\nopen 9\nsources\n".encode() + b"\xff\xfe?\n")

    assert main(["chat", "--index", str(index)]) == 0

    out, err = capsys.readouterr()
    built = generations.read_manifest(index).built_at
    assert out.startswith(f"3 sources, indexed {built:%Y-%m-%d}.\n{HELP}\n")
    assert f"[1] {QUOTES['bread']}" in out
    assert "bread · passage 1 of 1" in out
    assert "The last answer has citations 1 to 1." in out
    assert "aurora  The ferry Aurora      2025-05-04" in out
    assert out.endswith("\n\n")
    assert "›" not in out, "no prompt where nobody sits"
    assert err == ""


def test_a_conversation_about_some_sources(index: Path, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]):
    give(monkeypatch, f"{BREAD}\nquit\nsources\n")

    assert main(["chat", "--index", str(index), "--document", "port"]) == 0

    out = capsys.readouterr().out
    assert "The documents do not answer this." in out and "None of 1 source answers" in out
    assert "2025-05-04" not in out, "nothing is read after quit"


class Interrupting(io.StringIO):
    """An input in which somebody presses Ctrl-C."""

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        signal.raise_signal(signal.SIGINT)
        return ""


@pytest.mark.slow
@pytest.mark.parametrize(("command", "code"), [(["chat"], 0), (["ask", "--batch", "-"], 130)])
def test_ctrl_c_leaves_cleanly(
    index: Path, command: list[str], code: int, monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]
):
    class Lines(Interrupting):
        def __next__(self) -> str:  # type: ignore[override]
            return self.readline()

    monkeypatch.setattr(sys, "stdin", Lines())

    assert main([*command, "--index", str(index)]) == code

    out, err = capsys.readouterr()
    assert out.endswith("\n") if command == ["chat"] else out == ""
    assert err == ("" if command == ["chat"] else "\n")


# --- real processes --------------------------------------------------------------------------------


def process_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LD_LIBRARY_PATH")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


@pytest.mark.slow
def test_no_terminal_and_no_locale_are_needed(index: Path):
    command = [
        sys.executable,
        "-m",
        "bot",
        "ask",
        "--index",
        str(index),
        "Was backt man? “Bread” 👍🏽 — what is it baked of?",
    ]

    done = subprocess.run(
        command, env=process_environment(LC_ALL="C"), stdin=subprocess.DEVNULL, capture_output=True, timeout=120
    )

    assert done.returncode == 0
    text = done.stdout.decode("utf-8")
    assert text.startswith("Was backt man? “Bread” 👍🏽 — what is it baked of?\n")
    assert done.stderr == b"" and "\x1b" not in text


@pytest.mark.slow
def test_ask_into_a_closed_pipe_ends_quietly(index: Path):
    command = f"{sys.executable} -m bot ask --json --index {index} '{BREAD}' | head -c 1"

    done = subprocess.run(["bash", "-c", command], env=process_environment(), capture_output=True, timeout=120)

    assert (done.stdout, done.stderr) == (b"{", b"")


ATTACHED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "bot", *sys.argv[1:]])
"""


@pytest.mark.slow
@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_a_conversation_at_a_terminal_is_left_with_a_key(index: Path, key: bytes):
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", ATTACHED, "chat", "--index", str(index)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=process_environment(TERM="xterm", COLUMNS="120"),
        start_new_session=True,
    )
    os.close(theirs)
    seen = b""

    def until(wanted: bytes | None) -> None:
        """Read until this has come, or until the other end is closed."""
        nonlocal seen
        ends = time.monotonic() + 120
        while wanted is None or wanted not in seen:
            assert select.select([ours], [], [], ends - time.monotonic())[0], seen
            try:
                seen += os.read(ours, 65536)
            except OSError:  # as Linux says that it is closed
                assert wanted is None, seen
                return

    try:
        until("› ".encode())
        seen = b""
        os.write(ours, f"{BREAD}\n".encode())
        until(b"sources answer")
        until("› ".encode())
        assert QUOTES["bread"].encode() in re.sub(rb"\x1b\[[\d;]*m", b"", seen)  # the value is marked in colour
        time.sleep(1)  # CPython loses an interrupt between its last look for one and the wait for a line
        os.write(ours, key)
        until(None)
        assert child.wait(timeout=60) == 0
        assert b"Traceback" not in seen
    finally:
        child.kill()
        child.wait()
        os.close(ours)
