"""The index on disk: whole or refused by name, and never less than what was served before."""

import errno
import hashlib
import json
import os
import pwd
import re
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import faiss
import numpy as np
import pytest
from fakes import FakeEncoder, document, sign

from embeddings.building.indexing import READER, Changes, build, changes_since, make_index
from embeddings.errors import (
    BadRequest,
    CorpusError,
    IndexBusy,
    IndexCorrupt,
    IndexForbidden,
    IndexMissing,
    IndexUnusable,
    ModelMismatch,
)
from embeddings.reading.documents import Document, Notice, NoticeKind, SourceFile
from embeddings.searching import index as index_module
from embeddings.searching.index import Index
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.splitting.passages import VERSION
from embeddings.storing import generations, storage
from embeddings.storing.generations import (
    KEPT,
    Manifest,
    Model,
    Opened,
    Origin,
    damage,
    exists,
    generation_names,
    leftovers,
    open_current,
    pointer,
    prune,
    publish,
    read_manifest,
    rollback,
    sweep,
)
from embeddings.storing.verification import problems

ENCODER = FakeEncoder()
MODEL = Model(ENCODER.name, ENCODER.sha256, ENCODER.dimension, ENCODER.runtime)
SPLITTER = {"version": VERSION, "max_tokens": 254, "max_chars": 2000, "title_tokens": 64}
REMEDY = "Build it again: python -m embeddings build"
FILES = [
    "copies.json",
    "documents.jsonl",
    "documents.npy",
    "entries.json",
    "lexical/bounds.npy",
    "lexical/counts.npy",
    "lexical/rows.npy",
    "lexical/vocabulary.json",
    "lexical/weights.npy",
    "passages.faiss",
    "passages.jsonl",
    "passages.npy",
    "sentences.faiss",
    "shingles.npz",
    "sources.jsonl",
    "vocabulary.json",
    "words.json",
]
OPENED = [*FILES, "manifest.json"]
"""What is checked when a generation is opened; its own record of the manifest's checksum is for a rollback."""
NOTICES = (
    Notice("a.pdf", "files of type .pdf are not read", NoticeKind.IGNORED),
    Notice("ü", "was cut off", NoticeKind.PARTIAL),
    Notice("empty.txt", "empty"),
)
DOCUMENTS = (
    document(
        "a/first",
        "# One\r\nTroops were sent, naïve 👍🏽 or not.\u2028They stayed.\n" + "Another sentence stands here. " * 120,
        "The “first”",
        "2025-06-07",
        "https://x.example/1?a=b&c",
    ),
    Document("second\nid", "", "A parade took place. Few came.", about="a note"),
)
ORIGIN = Origin("/where it was", "reader 1", (SourceFile("all.jsonl", "ab" * 32, 10, DOCUMENTS, NOTICES[1:]),))


@pytest.fixture(scope="module")
def index() -> Index:
    return make_index(DOCUMENTS, ENCODER)


@pytest.fixture
def root(tmp_path: Path, index: Index) -> Path:
    """An index that is served."""
    publish(tmp_path / "index", index, MODEL, SPLITTER, NOTICES, ORIGIN)
    return tmp_path / "index"


def folder_of(root: Path) -> Path:
    return root / "generations" / read_manifest(root).generation


def everything(root: Path) -> dict[str, bytes | None]:
    """Every path below `root` with its bytes; None for a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None for path in root.rglob("*")
    }


def corpus(folder: Path, *texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


def same(one: Index, two: Index) -> None:
    """Two indexes hold the same, to the bit."""
    assert one.documents == two.documents
    assert one.passages == two.passages
    for vectors in ("passage_vectors", "sentence_vectors"):
        first, second = getattr(one, vectors), getattr(two, vectors)
        assert type(first) is type(second)
        assert first.ntotal == second.ntotal
        assert first.metric_type == second.metric_type
        assert (first.reconstruct_n(0, first.ntotal) == second.reconstruct_n(0, second.ntotal)).all()
    for query in ("troops", "the parade few", "another sentence", "unknown", ""):
        assert (one.lexical.scores(query) == two.lexical.scores(query)).all()
        if query:
            assert Retriever(one, ENCODER).search(query, 100) == Retriever(two, ENCODER).search(query, 100)


# --- whole -----------------------------------------------------------------------------------------


def test_what_is_published_is_what_is_opened(root, index):
    same(open_current(root).index, index)
    same(open_current(root, ENCODER.sha256).index, index)


def test_the_manifest_says_what_a_generation_is_made_of(root, index):
    manifest = open_current(root).manifest
    folder = folder_of(root)

    assert manifest == read_manifest(root) == Manifest(
        generation=folder.name,
        built_at=manifest.built_at,
        model=Model("fake", ENCODER.sha256, 64, "fake"),
        splitter=SPLITTER,
        documents={one.id: hashlib.sha256(one.text.encode()).hexdigest() for one in DOCUMENTS},
        counts={
            "documents": 2,
            "passages": len(index.passages),
            "sentences": index.sentence_vectors.ntotal,
        },
        corpus="/where it was",
        reader="reader 1",
        notices=NOTICES,
        files={
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in everything(folder).items()
            if data is not None and name not in ("manifest.json", "manifest.sha256")
        },
    )  # fmt: skip
    assert list(manifest.files) == FILES
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", manifest.generation)
    assert manifest.built_at.strftime("%Y%m%dT%H%M%SZ") == manifest.generation.split("-")[0]
    assert timedelta(0) <= datetime.now(UTC) - manifest.built_at < timedelta(minutes=1)
    fields = json.loads((folder / "manifest.json").read_bytes())
    assert set(fields) == {
        "format", "generation", "built_at", "model", "splitter", "documents", "counts", "corpus", "reader",
        "notices", "files", "search",
    }  # fmt: skip
    assert fields["format"] == generations.FORMAT
    assert set(fields["model"]) == {"name", "sha256", "dimension", "runtime"}


def test_the_pointer_names_the_generation_and_the_checksum_of_its_manifest(root):
    folder = folder_of(root)
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()

    assert (root / "CURRENT").read_text(encoding="utf-8") == f"{folder.name} {digest}\n"
    assert {path.name for path in root.iterdir()} == {"CURRENT", "generations"}


def test_no_file_is_or_holds_a_pickle(root):
    folder = folder_of(root)
    names = {name for name, data in everything(folder).items() if data is not None}

    assert names == {*FILES, "manifest.json", "manifest.sha256"}
    for name in names:
        data = (folder / name).read_bytes()
        if name.endswith(".npy"):
            assert not np.load(folder / name, allow_pickle=False).dtype.hasobject
        elif name.endswith(".npz"):
            with np.load(folder / name, allow_pickle=False) as arrays:
                assert {array.dtype.kind for array in arrays.values()} <= {"i", "u"}
        elif name.endswith(".faiss"):
            assert data[:3] in (b"IxF", b"IxS")
        elif name.endswith(".jsonl"):
            assert [type(json.loads(line)) for line in data.splitlines()].count(dict) == data.count(b"\n")
        elif name == "manifest.sha256":
            assert data == f"{hashlib.sha256((folder / 'manifest.json').read_bytes()).hexdigest()}\n".encode()
        else:
            assert isinstance(json.loads(data), dict)


def test_nothing_is_unpickled_when_an_index_is_opened(root):
    """The interpreter itself says so: loading a class from a pickle raises an audit event."""
    script = """
        import sys
        from pathlib import Path
        from embeddings.storing.generations import open_current

        root, events = Path(sys.argv[1]), []
        sys.addaudithook(lambda event, _: events.append(event) if "pickle" in event else None)
        opened = open_current(root)
        print(len(opened.index.documents), events)
    """

    assert run_script(script, root) == "2 []\n"


def test_an_index_is_opened_from_where_it_was_moved_to(root, index):
    moved = root.rename(root.with_name("moved"))

    same(open_current(moved).index, index)


@pytest.mark.parametrize(("make", "there"), [(False, False), (True, True)])
def test_whether_there_is_an_index(tmp_path, index, make, there):
    if make:
        publish(tmp_path / "index", index, MODEL, SPLITTER, [])

    assert exists(tmp_path / "index") is there


# --- damaged ---------------------------------------------------------------------------------------


def damaged(root: Path, path: Path) -> None:
    """Opening is refused with the name of the file and what to do about it."""
    with pytest.raises(IndexCorrupt) as raised:
        open_current(root)
    assert str(path) in str(raised.value)
    assert REMEDY in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", OPENED)
def test_a_missing_file_is_named(root, name):
    path = folder_of(root) / name
    path.unlink()

    damaged(root, path)


@pytest.mark.parametrize("name", OPENED)
def test_a_changed_byte_is_noticed_wherever_it_is(root, name):
    path = folder_of(root) / name
    data = path.read_bytes()

    for place in {*range(0, len(data), max(1, len(data) // 8)), len(data) - 1}:
        for mask in (0x01, 0xFF):
            path.write_bytes(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :])
            damaged(root, path)
    path.write_bytes(data)
    assert open_current(root).manifest.generation == path.parts[len(root.parts) + 1]


@pytest.mark.parametrize("name", OPENED)
@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-1], lambda data: data + b"\n", lambda _: b"", lambda data: data[::-1]],
    ids=["cut", "longer", "empty", "reversed"],
)
def test_a_file_of_another_length_or_order_is_named(root, name, change):
    path = folder_of(root) / name
    path.write_bytes(change(path.read_bytes()))

    damaged(root, path)


@pytest.mark.parametrize("name", OPENED)
def test_a_folder_in_the_place_of_a_file_is_named(root, name):
    path = folder_of(root) / name
    path.unlink()
    path.mkdir()

    damaged(root, path)


def test_a_changed_byte_in_the_pointer_is_noticed_wherever_it_is(root):
    pointer = root / "CURRENT"
    data = pointer.read_bytes()

    for place in range(len(data) - 1):  # the last byte ends the line and says nothing
        for mask in (0x01, 0x20, 0x80, 0xFF, data[place]):
            pointer.write_bytes(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :])
            with pytest.raises(IndexCorrupt, match=f"CURRENT.*{REMEDY}"):
                open_current(root)
            with pytest.raises(IndexCorrupt, match=f"CURRENT.*{REMEDY}"):
                read_manifest(root)


@pytest.mark.parametrize("content", [b"", b"one", b"one two three", b"\xff\xfe", b"../../x 00"])
def test_a_pointer_of_another_shape_is_named(root, content):
    (root / "CURRENT").write_bytes(content)

    damaged(root, root / "CURRENT")


def test_without_a_pointer_the_generations_that_are_left_are_spoken_of(root):
    (root / "CURRENT").unlink()

    damaged(root, root / "CURRENT")
    name = generations.generation_names(root)[0]
    assert generations.rollback(root, name).manifest == read_manifest(root)


def test_a_generation_that_is_gone_is_named(root):
    folder = folder_of(root)
    folder.rename(root / "elsewhere")

    damaged(root, folder)
    with pytest.raises(IndexCorrupt, match=re.escape(str(folder))):
        read_manifest(root)


def test_a_file_that_may_not_be_read_is_named(own_folder, index):
    publish(own_folder, index, MODEL, SPLITTER, [])
    path = folder_of(own_folder) / "documents.jsonl"
    path.chmod(0)

    with pytest.raises(IndexForbidden) as raised:
        open_current(own_folder)
    assert str(raised.value) == (
        f"{path} may not be read by the user that Footnote runs as, {pwd.getpwuid(os.geteuid()).pw_name}. Give that "
        f"user the permission to read {own_folder} and everything in it, which belongs to {own_folder.owner()}, then "
        "try again."
    )


@pytest.mark.parametrize("name", [".", "CURRENT", "generations", "{}", "{}/manifest.json", "{}/lexical"])
def test_what_may_not_be_read_is_no_damage(own_folder, index, name):
    root = own_folder / "index"
    served = publish(root, index, MODEL, SPLITTER, []).generation
    (root / name.format(f"generations/{served}")).chmod(0)

    for read in (lambda: open_current(root), lambda: read_manifest(root) and damage(root, served)):
        with pytest.raises(IndexForbidden, match=f" may not be read by .* permission to read {root} and everything in"):
            read()
    assert exists(root)


def pipe(path: Path) -> Path:
    """A named pipe in the place of a file, which whoever reads it waits for."""
    path.unlink()
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("name", OPENED)
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(root, name, patience):
    damaged(root, pipe(folder_of(root) / name))


def test_a_pipe_in_the_place_of_the_pointer_is_not_waited_for(root, three, patience):
    damaged(root, pipe(root / "CURRENT"))
    with pytest.raises(OSError, match="Not a regular file"):
        pointer(root)
    assert rollback(root).manifest.generation == three[2]


def test_a_pipe_in_the_place_of_a_record_of_files_or_a_checksum_is_not_waited_for(root, three, patience):
    opened = open_current(root)
    for name, read in (("sources.jsonl", generations.sources_of), ("shingles.npz", generations.shinglings_of)):
        pipe(folder_of(root) / name)
        with pytest.raises(IndexCorrupt, match=r"does not say what it was built from .*Not a regular file"):
            read(root, opened)
    pipe(root / "generations" / three[1] / "manifest.sha256")
    with pytest.raises(IndexCorrupt, match=r"manifest\.sha256 cannot be read .*Not a regular file"):
        rollback(root)


@pytest.mark.parametrize("there", [None, "index", "index/generations"])
def test_where_no_index_was_built_the_message_is_how_to(tmp_path, there):
    root = tmp_path / "index"
    if there:
        (tmp_path / there).mkdir(parents=True)

    for open_it in (open_current, read_manifest):
        with pytest.raises(IndexMissing) as raised:
            open_it(root)
        assert str(raised.value) == (
            f"There is no index in {root}. Build it first: python -m embeddings build --index {root}"
        )


def test_another_model_is_refused_with_both_named(root):
    other = hashlib.sha256(b"other").hexdigest()

    with pytest.raises(ModelMismatch) as raised:
        open_current(root, other)

    assert str(raised.value) == (
        f"The index in {root} was built with the model fake (fingerprint {ENCODER.sha256[:8]}…), but questions would "
        f"be encoded with another ({other[:8]}…). Set FOOTNOTE_MODEL to fake, or build the index again: "
        "python -m embeddings build"
    )


def write_manifest(root, change):
    path = folder_of(root) / "manifest.json"
    path.write_text(json.dumps(change(json.loads(path.read_bytes()))), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (root / "CURRENT").write_text(f"{path.parent.name} {digest}\n", encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields | {"format": "1"},
        lambda fields: fields | {"new": 1},
        lambda fields: fields | {"built_at": "yesterday"},
        lambda fields: fields | {"model": {"name": "fake"}},
        lambda fields: fields | {"notices": None},
        lambda fields: fields | {"notices": ["empty.txt: empty"]},
        lambda fields: fields | {"notices": [{"path": "a", "reason": "b", "kind": "unheard of"}]},
        lambda fields: {key: value for key, value in fields.items() if key != "format"},
        lambda fields: {key: value for key, value in fields.items() if key != "counts"},
        lambda fields: [fields],
    ],
)
def test_a_generation_of_another_version_is_refused(root, change):
    write_manifest(root, change)

    with pytest.raises(IndexUnusable, match=f"was built by another version of Footnote. {REMEDY}"):
        open_current(root)


@pytest.mark.parametrize(("by", "version"), [(-1, "an older"), (1, "a newer")])
def test_a_generation_of_another_format_is_said_to_be_older_or_newer_and_is_built_anew(tmp_path, by, version):
    corpus, root = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Some text is said here.", encoding="utf-8")
    build(corpus, root, ENCODER)
    write_manifest(root, lambda fields: fields | {"format": generations.FORMAT + by})

    with pytest.raises(IndexUnusable, match=f"was built by {version} version of Footnote. {REMEDY}"):
        open_current(root)
    built = build(corpus, root, ENCODER)
    assert built.encoded == built.manifest.counts["passages"] == 1
    assert open_current(root).manifest == built.manifest


# --- publishing ------------------------------------------------------------------------------------


def test_a_new_generation_takes_the_place_of_the_old_one(root):
    before = open_current(root)
    made = make_index((document("new", "Something else is said."),), ENCODER)

    manifest = publish(root, made, MODEL, SPLITTER, [])

    after = open_current(root)
    assert after.manifest == manifest
    assert manifest.generation != before.manifest.generation
    same(after.index, made)
    assert (root / "generations" / before.manifest.generation / "manifest.json").is_file()


def test_only_the_latest_generations_stay(root, index):
    folder = root / "generations"
    for name in ("20200101T000000Z-aaaaaa", "20210101T000000Z-bbbbbb", "20220101T000000Z-cccccc"):
        (folder / name / "lexical").mkdir(parents=True)
    first = read_manifest(root).generation

    second = publish(root, index, MODEL, SPLITTER, []).generation

    assert KEPT == 3
    assert {path.name for path in folder.iterdir()} == {first, second, "20220101T000000Z-cccccc"}


def test_no_more_generations_stay_however_often_an_index_is_built(root, index):
    for _ in range(5):
        manifest = publish(root, index, MODEL, SPLITTER, [])
        assert open_current(root).manifest.generation == manifest.generation

    assert len(list((root / "generations").iterdir())) == KEPT


def test_whoever_opens_an_index_while_it_is_replaced_gets_a_whole_one(root, index):
    """An old generation outlives two more: who began to open it finishes."""
    done = threading.Event()
    found: list[Opened] = []
    failures: list[IndexUnusable] = []

    def read() -> None:
        while not done.is_set():
            try:
                found.append(open_current(root))
            except IndexUnusable as error:
                failures.append(error)

    reader = threading.Thread(target=read)
    names = [read_manifest(root).generation]
    reader.start()
    try:
        names += [publish(root, index, MODEL, SPLITTER, []).generation for _ in range(KEPT - 1)]
    finally:
        done.set()
        reader.join(30)

    assert failures == []
    assert found
    assert [names.index(opened.manifest.generation) for opened in found] == sorted(
        names.index(opened.manifest.generation) for opened in found
    )


def unchanged(root: Path, attempt: Callable[[], object], error: type[BaseException], match: str | None) -> None:
    """The attempt fails, and every byte below `root` is as it was."""
    before = everything(root)
    with pytest.raises(error, match=match):
        attempt()
    assert everything(root) == before


def notices_that_end_in(error: BaseException) -> Iterator[Notice]:
    yield Notice("a", "a notice")
    raise error


@pytest.mark.parametrize(
    ("error", "raised", "match"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            IndexUnusable,
            r"No space left on device.*unchanged\. Check",
        ),
        (OSError("Something without a number"), IndexUnusable, "Something without a number"),
        (KeyboardInterrupt(), KeyboardInterrupt, None),
        (RuntimeError("a bug"), RuntimeError, "a bug"),
    ],
)
def test_what_goes_wrong_on_the_way_changes_nothing(root, index, error, raised, match):
    """The notices are taken when every other file is written."""
    unchanged(root, lambda: publish(root, index, MODEL, SPLITTER, notices_that_end_in(error)), raised, match)


@pytest.mark.parametrize("name", [".", "generations"])
def test_a_folder_that_may_not_be_written_stays_as_it_is(own_folder, index, name):
    root = own_folder / "index"
    publish(root, index, MODEL, SPLITTER, [])
    (root / name).chmod(0o500)

    unchanged(
        root,
        lambda: publish(root, index, MODEL, SPLITTER, []),
        IndexUnusable,
        rf"The index could not be written to {root} \(Permission denied\); what was there is unchanged\. "
        r"Check the disk's space and the folder's permissions, then try again\.",
    )
    assert open_current(root).manifest.counts["documents"] == 2


def test_a_pointer_that_cannot_be_replaced_stays_as_it_is(root, index):
    (root / "CURRENT").unlink()
    (root / "CURRENT").mkdir()

    unchanged(root, lambda: publish(root, index, MODEL, SPLITTER, []), IndexUnusable, "Is a directory")


def test_an_index_cannot_be_a_file(tmp_path, index):
    (tmp_path / "index").write_text("not a folder", encoding="utf-8")

    unchanged(
        tmp_path, lambda: publish(tmp_path / "index", index, MODEL, SPLITTER, []), IndexUnusable, "Not a directory"
    )


def run_script(script: str, *arguments: object) -> str:
    """Run a script in a process of its own, with the project and the fakes at hand; returns what it prints."""
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=here.parent,
        env={"PYTHONPATH": f"{here.parent}:{here}", "PATH": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_is_said_and_changes_nothing_whichever_file_it_meets(tmp_path):
    """No file may grow larger than a limit, set below the size of each file in turn, as on a full disk."""
    folder = corpus(tmp_path / "corpus", "Troops were sent. " * 30, "A parade took place.")
    root = tmp_path / "index"
    first = build(folder, root, ENCODER).manifest
    before = everything(root)
    sizes = {path.stat().st_size for path in (root / "generations" / first.generation).rglob("*") if path.is_file()}
    script = """
        import resource, sys
        from pathlib import Path
        from fakes import FakeEncoder
        from embeddings.errors import IndexUnusable
        from embeddings.building.indexing import build

        corpus, root = map(Path, sys.argv[1:3])
        for limit in map(int, sys.argv[3:]):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                print(limit, build(corpus, root, FakeEncoder(), full=True).manifest.generation)
            except IndexUnusable as error:
                print(limit, error)
    """

    limits = [0, 1, *sorted(size - 1 for size in sizes)]
    lines = run_script(script, folder, root, *limits).splitlines()

    assert lines == [
        f"{limit} The index could not be written to {root} (File too large); what was there is unchanged. Check the "
        "disk's space and the folder's permissions, then try again."
        for limit in limits
    ]
    assert everything(root) == before
    assert build(folder, root, ENCODER, full=True).manifest == read_manifest(root) != first


def test_where_folders_cannot_be_flushed_an_index_is_published_all_the_same(tmp_path, index, monkeypatch):
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)

    publish(tmp_path / "index", index, MODEL, SPLITTER, [])

    same(open_current(tmp_path / "index").index, index)


def test_a_file_that_cannot_be_flushed_is_not_published(root, index, monkeypatch):
    def fsync(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)

    unchanged(root, lambda: publish(root, index, MODEL, SPLITTER, []), IndexUnusable, "Input/output error")


def test_what_killed_builds_left_behind_is_swept_away(root):
    before = everything(root)
    (root / ".building-20260101T000000Z-aaaaaa" / "lexical").mkdir(parents=True)
    (root / ".building-20260101T000000Z-aaaaaa" / "lexical" / "data").write_bytes(b"half")
    (root / ".building-file").write_bytes(b"")
    (root / ".CURRENT-20260101T000000Z-aaaaaa").write_text("half", encoding="utf-8")

    sweep(root)

    assert everything(root) == before


def test_files_that_only_look_like_leftovers_of_a_publication_cost_no_generation(root, index):
    second = publish(root, index, MODEL, SPLITTER, []).generation
    before = everything(root)
    for name in ("", ".", second):
        (root / f".pending-{name}").write_text("half", encoding="utf-8")

    sweep(root)

    assert everything(root) == before
    same(open_current(root).index, index)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from fakes import FakeEncoder
    from embeddings.storing.generations import prune, rollback
    from embeddings.building.indexing import build

    task, event, part, root, corpus = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5])

    def kill(name, arguments):
        if name == event and any(part in str(argument) for argument in arguments):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    if task == "build":
        build(corpus, root, FakeEncoder())
    elif task == "rollback":
        rollback(root)
    else:
        prune(root, 1)
"""


def killed(task: str, event: str, part: str, root: Path, folder: Path) -> None:
    """Do something to an index in a process that is killed just before it does this to such a file."""
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), task, event, part, str(root), str(folder)],
        timeout=60,
        cwd=here.parent,
        env={"PYTHONPATH": f"{here.parent}:{here}", "PATH": ""},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def edited(tmp_path: Path) -> tuple[Path, Path, str]:
    """A corpus whose index is not of its last edition, the index, and the generation that is served."""
    folder, root = corpus(tmp_path / "corpus", "Troops were sent."), tmp_path / "index"
    first = build(folder, root, ENCODER).manifest.generation
    corpus(folder, "Troops were sent, a bad edit says.")
    return folder, root, first


def test_going_back_never_leads_to_a_generation_that_a_killed_build_had_not_made_current(edited):
    folder, root, first = edited
    killed("build", "os.rename", "CURRENT", root, folder)
    assert open_current(root).manifest.generation == first
    corpus(folder, "Troops were sent, and came back.")

    second = build(folder, root, ENCODER).manifest.generation

    assert generation_names(root) == [second, first]
    assert rollback(root).manifest.generation == first
    assert leftovers(root) == []


def test_a_killed_rollback_costs_no_generation(edited):
    folder, root, first = edited
    second = build(folder, root, ENCODER).manifest.generation
    killed("rollback", "os.rename", "CURRENT", root, folder)

    sweep(root)

    assert generation_names(root) == [second, first]
    assert (damage(root, first), damage(root, second), leftovers(root)) == ([], [], [])
    assert read_manifest(root).generation == second


@pytest.mark.slow
@pytest.mark.parametrize("part", ["manifest.json", "documents.jsonl", "lexical"])
def test_a_killed_prune_leaves_no_generation_in_part(edited, part):
    folder, root, first = edited
    second = build(folder, root, ENCODER).manifest.generation
    killed("prune", "os.remove" if "." in part else "os.rmdir", part, root, folder)

    assert [name for name in generation_names(root) if damage(root, name)] == []
    assert generation_names(root) == [second]
    assert leftovers(root) == [root / f".removed-{first}"]
    assert not build(folder, root, ENCODER).changed
    assert leftovers(root) == []


@pytest.mark.slow
def test_a_full_disk_while_vectors_are_put_aside_is_said_and_changes_nothing(tmp_path):
    folder = corpus(tmp_path / "corpus", "Troops were sent.")
    root = tmp_path / "index"
    build(folder, root, ENCODER)
    before = everything(root)
    corpus(folder, *(f"Number {number} is new." for number in range(100)))
    script = """
        import resource, sys
        from pathlib import Path
        from embeddings.building import indexing, unfinished
        from embeddings.errors import IndexUnusable
        from fakes import FakeEncoder

        indexing._SLAB, unfinished._EVERY = 10, 0.0
        corpus, root = map(Path, sys.argv[1:3])
        for limit in (0, 100, 2000):
            encoder = FakeEncoder()
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                indexing.build(corpus, root, encoder)
            except IndexUnusable as error:
                print(len(encoder.windows), error)
    """

    assert (
        run_script(script, folder, root).splitlines()
        == [
            f"10 The index could not be written to {root} (File too large); what was there is unchanged. Check the "
            "disk's space and the folder's permissions, then try again."
        ]
        * 3
    )
    assert {name: data for name, data in everything(root).items() if data and "unfinished" not in name} == {
        name: data for name, data in before.items() if data
    }
    assert build(folder, root, ENCODER).manifest.counts["documents"] == 100
    assert not (root / "unfinished").exists()


def test_a_publication_that_meets_a_full_disk_keeps_the_vectors_for_the_next_build(tmp_path, monkeypatch):
    folder, root = corpus(tmp_path / "corpus", "Troops were sent. Few came."), tmp_path / "index"

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(generations, "write_index", full)
        with pytest.raises(IndexUnusable, match="No space left on device"):
            build(folder, root, ENCODER)

    built = build(folder, root, ENCODER)

    assert built.encoded == 0
    assert built.manifest == open_current(root).manifest


@pytest.mark.parametrize("inside", [[], ["generations"], ["generations", "lock"]])
def test_a_build_into_an_index_that_may_not_be_written_changes_nothing(own_folder, inside):
    folder, root = corpus(own_folder / "corpus", "Troops were sent."), own_folder / "index"
    build(folder, root, ENCODER)
    corpus(folder, "Others were sent.")
    for name in inside:
        (root / name).chmod(0o400 if name == "lock" else 0o500)
    root.chmod(0o500)

    unchanged(root, lambda: build(folder, root, ENCODER), IndexUnusable, r"Permission denied.*unchanged\. Check")
    assert open_current(root).manifest.counts["documents"] == 1
    root.chmod(0o700)


# --- damage, and what else may lie there ----------------------------------------------------------


def test_a_whole_generation_has_no_damage(root):
    assert damage(root, folder_of(root).name) == []


@pytest.mark.parametrize("name", [*OPENED, "manifest.sha256"])
@pytest.mark.parametrize("served", [True, False])
def test_damage_is_told_of_every_file(root, index, name, served):
    folder = folder_of(root)
    if not served:
        publish(root, index, MODEL, SPLITTER, [])
    path = folder / name
    data = path.read_bytes()
    for place in (0, len(data) // 2, len(data) - (2 if name == "manifest.sha256" else 1)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x04]) + data[place + 1 :])
        (problem,) = damage(root, folder.name)
        assert str(path) in problem or (name == "manifest.sha256" and str(folder / "manifest.json") in problem)
        assert "\n" not in problem
    path.unlink()
    (problem,) = damage(root, folder.name)
    assert str(path) in problem


def test_damage_lists_every_file_that_is_hurt(root):
    folder = folder_of(root)
    (folder / "documents.jsonl").unlink()
    (folder / "lexical" / "vocabulary.json").write_bytes(b"{}")

    assert damage(root, folder.name) == [
        f"The index is incomplete: {folder / 'documents.jsonl'} is missing.",
        f"The index is damaged: {folder / 'lexical' / 'vocabulary.json'} has changed since it was written.",
    ]


@pytest.mark.parametrize("name", ["passages.faiss", "sentences.faiss"])
@pytest.mark.parametrize("size", [7, 30, 48, 68])
def test_vectors_that_end_in_their_header_are_refused_with_the_right_checksums(root, name, size):
    folder = folder_of(root)
    (folder / name).write_bytes((folder / name).read_bytes()[:size])
    sign(folder)

    with pytest.raises(IndexCorrupt):
        open_current(root)


def test_a_table_that_names_a_passage_which_is_not_there_is_refused_when_it_is_read(root):
    folder = folder_of(root)
    table = np.load(folder / "passages.npy")
    table["row"] += len(table)
    np.save(folder / "passages.npy", table)
    sign(folder)

    with pytest.raises(IndexCorrupt, match="names one that is not there"):
        list(problems(open_current(root)))


@pytest.mark.parametrize("end", [-1, 2**40, 2**62])
def test_a_table_whose_lines_lie_elsewhere_is_refused_when_one_is_read(root, end):
    folder = folder_of(root)
    table = np.load(folder / "passages.npy")
    table["end"][0] = end
    np.save(folder / "passages.npy", table)
    sign(folder)

    with pytest.raises(IndexCorrupt, match="line 1 lies outside of"):
        list(problems(open_current(root)))


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\n", b"{\n", b"\xff\n", b"1\n"])
@pytest.mark.parametrize(
    "name",
    [
        name
        for name in FILES
        if name.endswith((".jsonl", ".faiss", ".npy", "copies.json", "vocabulary.json")) and name != "sources.jsonl"
    ],
)
def test_files_with_the_right_checksums_that_hold_no_index_are_refused(root, name, content):
    folder = folder_of(root)
    (folder / name).write_bytes(content)
    sign(folder)

    try:
        found = list(problems(open_current(root)))
    except IndexCorrupt as error:
        assert str(folder) in str(error)
        assert REMEDY in str(error)
    else:  # what can be read is something else, which verification finds, or says that there are no copies
        assert found or name == "copies.json"


def test_a_generation_under_another_name_is_refused(root):
    folder = folder_of(root)
    digest = (root / "CURRENT").read_text(encoding="utf-8").split()[1]
    other = folder.rename(folder.with_name("20200101T000000Z-aaaaaa"))
    (root / "CURRENT").write_text(f"{other.name} {digest}\n", encoding="utf-8")

    with pytest.raises(IndexCorrupt, match=f"{other} holds generation {folder.name}, which is not its name. {REMEDY}"):
        open_current(root)


def test_strange_files_beside_an_index_and_in_it_are_left_alone(root, index):
    first = folder_of(root).name
    strange = {
        "generations/.DS_Store": b"1",
        "generations/zz.txt": b"2",
        "generations/backup/mine.txt": b"3",
        "generations/99991231T000000Z-ffffff": b"a file",
        f"generations/{first}/note.txt": b"4",
        "note.txt": b"5",
    }
    for name, data in strange.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)

    names = [publish(root, index, MODEL, SPLITTER, []).generation for _ in range(2)]

    assert generation_names(root) == [*reversed(names), first]
    assert damage(root, first) == []
    assert {name: (root / name).read_bytes() for name in strange} == strange
    same(open_current(root).index, index)


# --- going back ------------------------------------------------------------------------------------


@pytest.fixture
def three(root, index) -> tuple[str, str, str]:
    """The names of three generations, the last of which is served; each holds one document more."""
    names = [folder_of(root).name]
    for number in (1, 2):
        documents = tuple(document(f"{n}", f"Edition {n} is out.") for n in range(number))
        origin = Origin(files=(SourceFile("all.jsonl", "cd" * 32, number, documents, ()),))
        names.append(publish(root, make_index(documents, ENCODER), MODEL, SPLITTER, [], origin).generation)
    first, second, third = names
    return first, second, third


def test_going_back_serves_the_generation_before(root, three, index):
    first, second, third = three
    files = {name: data for name, data in everything(root).items() if name != "CURRENT"}

    assert rollback(root).manifest.generation == second
    assert open_current(root).manifest.generation == second
    assert rollback(root).manifest.generation == first
    same(open_current(root).index, index)
    with pytest.raises(BadRequest) as raised:
        rollback(root)

    assert str(raised.value) == f"There is no generation before {first} in {root}. {REMEDY}"
    assert read_manifest(root).generation == first
    assert generation_names(root) == [third, second, first]
    assert {name: data for name, data in everything(root).items() if name != "CURRENT"} == files


def test_going_back_to_one_by_name_and_forward_again(root, three):
    first, _, third = three
    before = pointer(root)

    for name in (first, third):
        opened = rollback(root, name)
        assert opened.manifest.generation == name == open_current(root).manifest.generation
    assert pointer(root) == before


@pytest.mark.parametrize("name", ["", ".", "..", "../generations", "20200101T000000Z-aaaaaa", "nö\x00ne"])
def test_going_back_to_an_unknown_name_changes_nothing(root, three, name):
    first, second, third = three

    unchanged(
        root,
        lambda: rollback(root, name),
        BadRequest,
        re.escape(f"There is no generation {name!r} in {root}. There are: {third}, {second}, {first}."),
    )


@pytest.mark.parametrize("name", [*OPENED, "manifest.sha256"])
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_going_back_to_a_damaged_generation_changes_nothing(root, three, name, how):
    _, second, third = three
    path = root / "generations" / second / name
    data = path.read_bytes()
    path.unlink()
    if how == "changed":
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])

    unchanged(root, lambda: rollback(root), IndexCorrupt, REMEDY)
    assert open_current(root).manifest.generation == third


@pytest.mark.parametrize("content", [None, b"", b"\xff\xff", b"one two", b"x" * 5000 + b" y"])
def test_going_back_works_without_a_pointer_that_can_be_read(root, three, content):
    first, _, third = three
    (root / "CURRENT").unlink()
    if content is not None:
        (root / "CURRENT").write_bytes(content)

    assert rollback(root).manifest.generation == third
    assert open_current(root).manifest.generation == third
    (root / "CURRENT").unlink()
    assert rollback(root, first).manifest.generation == first
    assert open_current(root).manifest.generation == first


def test_a_pointer_with_a_wrong_checksum_is_healed_by_going_to_the_generation_it_names(root, three):
    _, _, third = three
    (root / "CURRENT").write_text(f"{third} {'0' * 64}\n", encoding="utf-8")
    with pytest.raises(IndexCorrupt):
        open_current(root)

    assert rollback(root, third).manifest == open_current(root).manifest


def test_a_pointer_that_is_a_folder_is_named_and_nothing_changes(root, three):
    (root / "CURRENT").unlink()
    (root / "CURRENT").mkdir()

    damaged(root, root / "CURRENT")
    unchanged(root, lambda: rollback(root), IndexUnusable, "Is a directory")


def test_a_damaged_generation_is_left_for_the_one_before(root, three):
    _, second, third = three
    (root / "generations" / third / "documents.jsonl").unlink()
    with pytest.raises(IndexCorrupt, match="or go back to an earlier generation: python -m embeddings rollback"):
        open_current(root)

    assert rollback(root).manifest.generation == second
    assert open_current(root).manifest.generation == second


def test_where_there_is_nothing_to_go_back_to_nothing_is_made(tmp_path):
    with pytest.raises(BadRequest, match=f"There is no generation before the current one in .*{REMEDY}"):
        rollback(tmp_path / "index")

    assert list(tmp_path.iterdir()) == []


def test_a_publication_after_going_back_keeps_what_was_gone_back_to(root, three, index):
    first, _, third = three
    rollback(root, first)

    fourth = publish(root, index, MODEL, SPLITTER, []).generation

    assert generation_names(root) == [fourth, third, first]
    rollback(root, first)
    fifth = publish(root, index, MODEL, SPLITTER, []).generation
    assert generation_names(root) == [fifth, fourth, first]
    assert open_current(root).manifest.generation == fifth


def test_an_earlier_generation_is_opened_by_its_name_and_checked(root, three):
    opened = generations.open_generation(root, three[1])
    assert opened.manifest.generation == three[1]

    path = root / "generations" / three[1] / "vocabulary.json"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(IndexCorrupt, match="has changed since it was written"):
        generations.open_generation(root, three[1])


def test_a_name_says_when_and_comes_after_all_others(tmp_path, monkeypatch):
    """Sixteen of a microsecond differ by chance."""
    for chance in (b"\x00", b"\xff"):
        monkeypatch.setattr(os, "urandom", lambda _, chance=chance: chance)
        for microsecond in (0, 999_999):
            name = generations._new_name(tmp_path, datetime(2026, 11, 28, 9, 8, 7, microsecond, UTC))
            day, number = name.split("-")
            assert day == "20261128T090807Z" and len(number) == 6
            assert int(number, 16) == microsecond * 16 + chance[0] % 16

    (tmp_path / "generations" / name).mkdir(parents=True)
    again = generations._new_name(tmp_path, datetime(2026, 11, 28, 9, 8, 7, 999_999, UTC))
    assert again == f"{day}-{int(number, 16) + 1:06x}"


def test_a_clock_that_goes_backwards_loses_nothing(root, three, index, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) - timedelta(days=400)

    _, _, third = three
    monkeypatch.setattr(generations, "datetime", Earlier)

    manifest = publish(root, index, MODEL, SPLITTER, [])
    again = publish(root, index, MODEL, SPLITTER, [])

    assert timedelta(399) < datetime.now(UTC) - manifest.built_at < timedelta(401)
    assert generation_names(root) == [again.generation, manifest.generation, third]
    assert open_current(root).manifest == again
    assert rollback(root).manifest == manifest
    assert rollback(root).manifest.generation == third


# --- pruning ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [1, 2, 3, 1000])
def test_pruning_keeps_the_latest(root, three, keep):
    names = sorted(three, reverse=True)

    assert prune(root, keep) == names[keep:]
    assert generation_names(root) == names[:keep]
    assert open_current(root).manifest.generation == names[0]


def test_pruning_after_going_back_spares_what_is_served(root, three):
    first, second, third = three
    rollback(root, first)

    assert prune(root, 2) == [second]
    assert generation_names(root) == [third, first]
    assert prune(root, 1) == [third]
    assert generation_names(root) == [first]
    assert open_current(root).manifest.generation == first


def test_what_cannot_be_removed_is_not_said_to_be(own_folder, index):
    root = own_folder / "index"
    first, second = (publish(root, index, MODEL, SPLITTER, []).generation for _ in range(2))
    (root / "generations").chmod(0o500)

    assert prune(root, 1) == []
    assert generation_names(root) == [second, first]


# --- while others read -----------------------------------------------------------------------------


def test_whoever_reads_while_others_go_back_and_forth_gets_a_whole_index(root, three, index):
    done, found, failures = threading.Event(), set[str](), list[IndexUnusable]()

    def read() -> None:
        while not done.is_set():
            try:
                found.add(open_current(root).manifest.generation)
            except IndexUnusable as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(10):
            for name in three:
                rollback(root, name)
    finally:
        done.set()
        for reader in readers:
            reader.join(30)

    assert failures == []
    assert found <= set(three)
    assert found


class Between(str):
    """The checksum of a model's weights; something happens when it is compared with that in a manifest."""

    happens: Callable[[], object]

    def __ne__(self, other: object) -> bool:
        self.happens()
        return str(self) != str(other)

    __hash__ = str.__hash__


def test_whoever_opens_an_index_that_is_replaced_and_pruned_meanwhile_gets_the_new_one(root, index):
    news: list[str] = []

    def replaced() -> None:
        if len(news) < 3:
            news.append(publish(root, index, MODEL, SPLITTER, []).generation)
            prune(root, 1)

    model = Between(MODEL.sha256)
    model.happens = replaced

    assert open_current(root, model).manifest.generation == news[2]


def test_an_index_that_is_replaced_without_end_is_given_up(root, index):
    count = 0

    def replaced() -> None:
        nonlocal count
        count += 1
        publish(root, index, MODEL, SPLITTER, [])
        prune(root, 1)

    model = Between(MODEL.sha256)
    model.happens = replaced

    with pytest.raises(IndexBusy, match=r"was replaced 10 times while it was opened\. Try again\."):
        open_current(root, model)
    assert count == 10


def test_damage_is_damage_also_when_another_generation_was_made_current_before(root, index):
    second = publish(root, index, MODEL, SPLITTER, []).generation
    count = 0

    def damaging() -> None:
        nonlocal count
        count += 1
        (root / "generations" / second / "documents.jsonl").unlink(missing_ok=True)

    model = Between(MODEL.sha256)
    model.happens = damaging

    with pytest.raises(IndexCorrupt, match=r"documents\.jsonl is missing"):
        open_current(root, model)
    assert count == 1


# --- from a folder ---------------------------------------------------------------------------------


def test_a_folder_is_built_into_an_index(tmp_path):
    folder = corpus(tmp_path / "corpus", "Troops were sent.", "", "A parade took place. Few came.")

    manifest = build(folder, tmp_path / "index", ENCODER).manifest

    opened = open_current(tmp_path / "index", ENCODER.sha256)
    assert opened.manifest == manifest
    assert manifest.model == MODEL
    assert manifest.splitter == SPLITTER | {name: version(name) for name in ("sentencex", "markdown-it-py")}
    assert (manifest.corpus, manifest.reader) == (str(folder), READER)
    assert manifest.counts == {"documents": 2, "passages": 2, "sentences": 3}
    assert manifest.notices == (Notice("1.txt", "empty"),)
    assert [(one.document_id, one.text) for one in opened.index.passages] == [
        ("0", "Troops were sent."),
        ("2", "A parade took place. Few came."),
    ]


def test_a_folder_that_cannot_be_read_changes_nothing(tmp_path):
    folder, root = corpus(tmp_path / "corpus", "Troops were sent."), tmp_path / "index"
    build(folder, root, ENCODER)
    (folder / "0.txt").write_text("", encoding="utf-8")

    unchanged(root, lambda: build(folder, root, ENCODER), CorpusError, "holds no document that can be read")


def test_ctrl_c_while_encoding_changes_nothing(tmp_path):
    folder, root = corpus(tmp_path / "corpus", "Troops were sent."), tmp_path / "index"
    build(folder, root, ENCODER)

    def stop(what: str, _done: int, _total: int) -> None:
        if what == "passages":
            raise KeyboardInterrupt

    unchanged(root, lambda: build(folder, root, ENCODER, stop, full=True), KeyboardInterrupt, None)


def test_file_names_of_any_bytes_can_be_reported(tmp_path):
    folder = corpus(tmp_path / "corpus", "Troops were sent.")
    (folder / "caf\udce9.txt").write_text("Text.", encoding="utf-8")

    build(folder, tmp_path / "index", ENCODER)

    assert generations.read_manifest(tmp_path / "index").notices == (
        Notice("caf\ufffd.txt", "its name is not UTF-8; rename it"),
    )


@pytest.mark.parametrize("name", ["ein Ordner – naïve 👍🏽", "caf\udce9", "[a]*"])
def test_folders_of_any_name_hold_documents_and_index(tmp_path, name):
    place = tmp_path / name
    folder = corpus(place / "corpus", "Troops were sent.")

    first = build(folder, place / "index", ENCODER).manifest

    assert open_current(place / "index", ENCODER.sha256).manifest == first
    assert first.corpus == str(folder)
    assert changes_since(place / "index") == Changes((), (), (), ())
    corpus(folder, "Troops were sent.", "A parade.")
    build(folder, place / "index", ENCODER)
    assert rollback(place / "index").manifest == first


def test_an_index_may_be_reached_by_a_link(tmp_path):
    folder = corpus(tmp_path / "corpus", "Troops were sent.")
    (tmp_path / "real").mkdir()
    (tmp_path / "index").symlink_to(tmp_path / "real")

    manifest = build(folder, tmp_path / "index", ENCODER).manifest

    assert open_current(tmp_path / "real").manifest == manifest
    assert (tmp_path / "index").is_symlink()


@pytest.mark.parametrize("to", ["nowhere", "index"])
def test_a_link_to_nowhere_is_no_index(tmp_path, to):
    folder = corpus(tmp_path / "corpus", "Troops were sent.")
    (tmp_path / "index").symlink_to(tmp_path / to)

    with pytest.raises(IndexUnusable, match=r"could not be written to .*index"):
        build(folder, tmp_path / "index", ENCODER)


def test_a_link_into_the_corpus_is_no_place_for_an_index(tmp_path):
    folder = corpus(tmp_path / "corpus", "Troops were sent.")
    (folder / "sub").mkdir()
    (tmp_path / "index").symlink_to(folder / "sub")

    with pytest.raises(CorpusError, match="must not lie in the folder of documents"):
        build(folder, tmp_path / "index", ENCODER)
    assert list((folder / "sub").iterdir()) == []


# --- large indexes ----------------------------------------------------------------------------------


@pytest.fixture
def much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose index counts as large in every way."""
    monkeypatch.setattr(index_module, "EXACT", 100)
    monkeypatch.setattr(generations, "LARGE", 1)
    texts = [f"Paragraph {n} says that word{n * 7919 % 1009} stands with word{n * 31 % 97} today." for n in range(300)]
    folder = corpus(tmp_path / "corpus", *texts)
    build(folder, tmp_path / "index", ENCODER)
    return folder


def test_a_large_index_finds_what_looking_at_everything_finds(much, tmp_path):
    opened = open_current(tmp_path / "index")
    exact = replace(opened.index, coarse=None)
    some = Filters(tuple(exact.ids[::50]))

    assert opened.manifest.search.endswith("then the sentences of what is near")
    assert opened.index.coarse is not None
    for query in ("What stands with word93?", "paragraph 17", "word62 today"):
        wanted, found = (Retriever(each, ENCODER).search(query) for each in (exact, opened.index))
        assert [hit.passage for hit in found.hits[:3]] == [hit.passage for hit in wanted.hits[:3]]
        assert found.hits[0].sentences == pytest.approx(wanted.hits[0].sentences)
        wanted, found = (Retriever(each, ENCODER).search(query, filters=some) for each in (exact, opened.index))
        assert found == wanted


def test_of_a_large_index_only_what_is_read_is_checked_and_verification_finds_the_rest(much, tmp_path, monkeypatch):
    root = tmp_path / "index"
    path = folder_of(root) / "passages.jsonl"
    monkeypatch.setattr(generations, "LARGE", path.stat().st_size)
    first = open_current(root).index.passages[0]
    path.write_bytes(path.read_bytes().replace(b"Paragraph 299", b"Paragraph 666"))

    index = open_current(root).index
    assert index.passages[0] == first
    place = next(place for place, key in enumerate(index.ids) if key == "299")
    with pytest.raises(IndexCorrupt, match=rf"line {place + 1} of .*passages\.jsonl has changed .*{REMEDY}"):
        index.passages[place]
    assert damage(root, folder_of(root).name) == [f"The index is damaged: {path} has changed since it was written."]
    with pytest.raises(IndexCorrupt, match="has changed since it was written"):
        open_current(root, whole=True)
    assert build(much, root, ENCODER).encoded == 300


@pytest.mark.slow
@pytest.mark.parametrize("sample", [40, 2])
def test_a_change_to_a_large_index_encodes_that_alone(much, tmp_path, monkeypatch, sample):
    """With a small sample of the vectors most changes leave its lists as they are, and are no different either."""
    monkeypatch.setattr(index_module, "_SAMPLE", sample)
    trained: list[int] = []
    kmeans = faiss.Kmeans
    monkeypatch.setattr(faiss, "Kmeans", lambda *a, **k: trained.append(1) or kmeans(*a, **k))
    build(much, tmp_path / "index", ENCODER, full=True)
    trained.clear()
    for number in range(4):
        (much / f"{number}.txt").write_text(f"Another paragraph, number {number * 31}, stands here.", encoding="utf-8")
        assert build(much, tmp_path / "index", ENCODER).encoded == 1
    assert len(trained) == 4 if sample == 40 else len(trained) < 4
    build(much, tmp_path / "full", ENCODER)
    assert read_manifest(tmp_path / "index").files == read_manifest(tmp_path / "full").files


def test_a_large_index_is_given_back_where_much_of_it_is_in_memory(much, tmp_path, monkeypatch):
    given: list[int] = []
    monkeypatch.setattr(storage, "unmap", lambda array: given.append(array.nbytes))
    retriever = Retriever(open_current(tmp_path / "index").index, ENCODER)

    retriever.search("word93")
    assert given == []
    monkeypatch.setattr(storage, "MAPPED", 1)
    retriever.search("word93")
    assert len(given) == 4
