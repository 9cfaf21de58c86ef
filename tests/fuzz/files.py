"""Targets: files that an operator writes, and those that Footnote wrote, damaged."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from fakes import FakeEncoder, sign

from bot import calibration
from bot.discord import store
from bot.settings import Settings
from embeddings import settings
from embeddings.building import indexing, unfinished
from embeddings.corpora import read_corpora
from embeddings.encoding.encoder import Window
from embeddings.errors import BadRequest, BadSetting, IndexUnusable, StoreUnusable
from embeddings.storing import generations, lock, verification
from fuzz.target import ROOT, Target, documents

_FOLDER = Path(tempfile.mkdtemp())
_WINDOW = Window("Some text.", ((0, 10),))
_ENCODER = FakeEncoder(16)


def _written(name: str, data: bytes) -> Path:
    path = _FOLDER / name
    path.write_bytes(data)
    return path


def _dotenv(data: bytes) -> None:
    """The settings of a file, and not those of this process."""
    read = settings.environment(_written(".env", data))
    Settings.load({name: value for name, value in read.items() if name not in os.environ})


def _corpora(data: bytes) -> None:
    read_corpora(_written("corpora.toml", data))


def _calibration(data: bytes) -> None:
    """What was fitted to an operator's questions: used, or as if it were not there."""
    _written(calibration.FILE, data)
    if found := calibration.kept(_FOLDER, lambda: "m"):
        found.passage.odds([0.5] * len(found.passage.weights))


def _labelled(data: bytes) -> None:
    list(calibration.read_labelled(data.decode("utf-8", errors="replace").splitlines()))


def _store(data: bytes) -> None:
    """The bot's memory: looked at, and then opened."""
    path = _written("store.sqlite3", data)
    for name in ("store.sqlite3-wal", "store.sqlite3-shm"):
        (_FOLDER / name).unlink(missing_ok=True)
    store.inspect(path)
    with closing(store.Store(path)) as opened:
        opened.role(1)


def _lock(data: bytes) -> None:
    """A lock's file while somebody has it, of which only the name is read."""
    _written("lock", data)
    str(lock._named(_FOLDER / "lock"))


def _unfinished(data: bytes) -> None:
    """Vectors of an interrupted build."""
    folder = next(_UNFINISHED.glob("unfinished/*"))
    (folder / "1.npz").write_bytes(data)
    unfinished.Unfinished(_UNFINISHED, _ENCODER.sha256, 16).get(_WINDOW)


def _index() -> Path:
    root = Path(tempfile.mkdtemp(dir=_FOLDER))
    corpus = root / "corpus"
    corpus.mkdir()
    for n, text in enumerate(
        ("# One\n\nSome text here. It has 700 words.", "Another text, of others.", documents()[0][:500])
    ):
        (corpus / f"{n}.md").write_text(text, encoding="utf-8")
    indexing.build(corpus, root / "index", _ENCODER)
    return root / "index"


_ROOT = _index()
_GENERATION = _ROOT / "generations" / generations.generation_names(_ROOT)[0]
_NAMES = ("CURRENT", *sorted(str(path.relative_to(_ROOT)) for path in _GENERATION.rglob("*") if path.is_file()))
_SOUND = {name: (_ROOT / name).read_bytes() for name in _NAMES}
_UNFINISHED = Path(tempfile.mkdtemp(dir=_FOLDER))
_KEPT = unfinished.Unfinished(_UNFINISHED, _ENCODER.sha256, 16)
_KEPT.add([_WINDOW], _ENCODER.encode_windows([_WINDOW]))
_KEPT.save()


def _damaged(data: bytes, signed: bool) -> None:
    """One file of an index with other bytes; with the right checksums, if it is signed."""
    if not data:
        return
    name = _NAMES[data[0] % len(_NAMES)]
    path = _ROOT / name
    whole = _changed(_SOUND[name], data[1:])
    try:
        path.write_bytes(whole)
        if signed and name != "CURRENT" and "manifest" not in name:
            sign(_GENERATION)
        opened = generations.open_current(_ROOT, _ENCODER.sha256)
        assert signed or whole == _SOUND[name] or name == "CURRENT" or name.endswith("manifest.sha256"), name
        list(verification.problems(opened))
    finally:
        for each in {name, "CURRENT", *(name for name in _NAMES if "manifest" in name)}:
            (_ROOT / each).write_bytes(_SOUND[each])


def _changed(sound: bytes, edits: bytes) -> bytes:
    """A file's bytes with some replaced: of each five a place and what stands there, else cut off, or all of it."""
    if edits[:1] == b"\xff":
        return edits[1:]
    if edits[:1] == b"\xfe":
        return sound[: len(sound) * edits[1] // 256] if len(edits) > 1 else b""
    changed = bytearray(sound)
    for at in range(0, len(edits) - 4, 5):
        place = int.from_bytes(edits[at : at + 4], "little") % max(1, len(changed))
        changed[place : place + 1] = edits[at + 4 : at + 5]
    return bytes(changed)


def _edits() -> Iterator[bytes]:
    for place in range(len(_NAMES)):
        yield bytes([place]) + b"\xff" + _SOUND[_NAMES[place]][:3000]
        yield bytes([place]) + b"\xfe\x80"
        yield bytes([place]) + b"\x07\x00\x00\x00\x00"


def _file(*paths: Path) -> Callable[[], Iterator[bytes]]:
    return lambda: (path.read_bytes() for path in paths)


_TOML = (
    b'[corpora.manual]\ndocuments = "a"\nindex = "b"\nservers = [1]\nroles = [2, 3]\nbase = "https://a.example"\n\n'
    b'[corpora.news]\ndocuments = "c"\nindex = "d"\ndirect = true\nchannels = [4]\n'
)
_SCALES = (
    b'{"models": "m", "questions": 20, "sentences": {"slope": 1.0, "shift": 0.5}, "passages": {"slope": 1, "shift": 0}}'
)
_DEEP = b"[" * 4000


def _stores() -> Iterator[bytes]:
    path = _FOLDER / "sample.sqlite3"
    with closing(store.Store(path)) as made:
        made.claim("person", 1)
    yield path.read_bytes()


TARGETS = {
    "settings": Target(_dotenv, _file(ROOT / ".env.example"), (BadSetting,)),
    "corpora": Target(_corpora, lambda: [_TOML, b"a = " + _DEEP, b"a = " + b"9" * 4090], (BadSetting,)),
    "calibration": Target(_calibration, lambda: [_SCALES, _DEEP, _SCALES.replace(b"1.0", b'"1"')], share=2),
    "labelled": Target(
        _labelled, lambda: [b'{"question": "Who?", "answerable": true, "gold_ids": ["a"]}'], (BadRequest,), share=3
    ),
    "store": Target(_store, _stores, (StoreUnusable,), 65_536, share=0.5),
    "lock": Target(_lock, lambda: [b'{"doing": "a", "pid": 1, "host": "b", "since": "2026-01-01T00:00:00"}'], share=2),
    "unfinished": Target(_unfinished, _file(*_UNFINISHED.glob("unfinished/*/*.npz")), size=8192, share=0.5),
    "damaged index": Target(lambda data: _damaged(data, signed=False), _edits, (IndexUnusable,)),
    "forged index": Target(lambda data: _damaged(data, signed=True), _edits, (IndexUnusable,)),
}
