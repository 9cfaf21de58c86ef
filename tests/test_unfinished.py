"""Vectors put aside by a build that did not end: kept to the bit, and passed over where they are damaged."""

import hashlib
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder

from embeddings.building.unfinished import Unfinished
from embeddings.encoding.encoder import Window

ENCODER = FakeEncoder(dimension=8)
WINDOWS = [Window(f"Sentence {n} — naïve, or not.", ((0, 8),) * (n % 3)) for n in range(30)]
VECTORS = ENCODER.encode_windows(WINDOWS)


def opened(root: Path, model: str = ENCODER.sha256, dimension: int = 8) -> Unfinished:
    return Unfinished(root, model, dimension)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An index folder where an interrupted build has put all texts aside, in two files."""
    unfinished = opened(tmp_path)
    for rows in (slice(0, 20), slice(20, 30)):
        unfinished.add(WINDOWS[rows], VECTORS[rows])
        unfinished.save()
    assert len(files(tmp_path)) == 2
    return tmp_path


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def known(root: Path) -> list[int]:
    """The places of the texts whose vectors are found; each is exactly what was put aside."""
    unfinished = opened(root)
    found = []
    for place, window in enumerate(WINDOWS):
        vector = unfinished.get(window)
        if vector is not None:
            assert vector.dtype == np.float32
            assert (vector == VECTORS[place]).all()
            found.append(place)
    return found


def test_what_was_put_aside_is_found_to_the_bit(root):
    assert known(root) == list(range(30))
    assert opened(root).get(Window("Another sentence.", ())) is None


def test_nothing_is_there_at_first_and_nothing_is_written_for_nothing(tmp_path):
    unfinished = opened(tmp_path)
    unfinished.save()

    assert unfinished.get(WINDOWS[0]) is None
    assert list(tmp_path.iterdir()) == []


def test_a_few_seconds_of_work_wait_in_memory(tmp_path, monkeypatch):
    unfinished = opened(tmp_path)
    unfinished.add(WINDOWS[:10], VECTORS[:10])
    assert known(tmp_path) == []

    monkeypatch.setattr("embeddings.building.unfinished._EVERY", 0.0)
    unfinished.add(WINDOWS[10:], VECTORS[10:])
    assert known(tmp_path) == list(range(30))


def test_vectors_of_another_model_or_dimension_are_not_found(root):
    assert opened(root, model=hashlib.sha256(b"other").hexdigest()).get(WINDOWS[0]) is None
    assert opened(root, dimension=16).get(WINDOWS[0]) is None


def test_of_one_text_put_aside_twice_the_later_vector_counts(root):
    unfinished = opened(root)
    unfinished.add(WINDOWS[:1], VECTORS[1:2])
    unfinished.save()

    vector = opened(root).get(WINDOWS[0])
    assert vector is not None
    assert (vector == VECTORS[1]).all()


def test_forgetting_removes_what_other_models_left_too(root):
    other = opened(root, model="f" * 64)
    other.add(WINDOWS, VECTORS)
    other.save()

    unfinished = opened(root)
    unfinished.remove()

    assert unfinished.get(WINDOWS[0]) is None
    assert list(root.iterdir()) == []
    unfinished.save()
    assert list(root.iterdir()) == []


def test_a_file_with_any_changed_byte_is_passed_over_or_says_the_same(root):
    path = files(root)[0]
    data = path.read_bytes()
    chance = random.Random(1)
    for place in range(0, len(data), 5):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :])
        assert known(root) in (list(range(20, 30)), list(range(30)))


@pytest.mark.parametrize("kept", [0, 1, 21, 100, 0.5, 0.99])
def test_a_file_that_is_cut_is_passed_over(root, kept):
    path = files(root)[0]
    data = path.read_bytes()
    path.write_bytes(data[: kept if isinstance(kept, int) else int(len(data) * kept)])

    assert known(root) == list(range(20, 30))


@pytest.mark.parametrize(
    "arrays",
    [
        {"keys": np.zeros((2, 32), np.uint8)},
        {"keys": np.zeros((2, 32), np.uint8), "vectors": np.zeros((2, 8), np.float32)},
        {"keys": np.zeros((2, 32), np.uint8), "counts": np.ones(2, np.int64), "vectors": np.zeros((3, 8), np.float32)},
        {"keys": np.zeros((2, 32), np.uint8), "counts": np.ones(3, np.int64), "vectors": np.zeros((3, 8), np.float32)},
        {"keys": np.zeros((2, 32), np.uint8), "counts": np.array([3, -1]), "vectors": np.zeros((2, 8), np.float32)},
        {"keys": np.zeros((2, 16), np.uint8), "counts": np.ones(2, np.int64), "vectors": np.zeros((2, 8), np.float32)},
        {"keys": np.zeros((2, 32), np.uint8), "counts": np.ones(2, np.int64), "vectors": np.zeros((2, 9), np.float32)},
        {"keys": np.zeros((2, 32), np.uint8), "counts": np.ones(2, np.int64), "vectors": np.zeros(2, np.float32)},
        {"keys": np.array(0), "counts": np.array(0), "vectors": np.array(0)},
        {"keys": np.array([["x"] * 32] * 2), "counts": np.array(["x"] * 2), "vectors": np.array([["x"] * 8] * 2)},
        {"keys": np.array([None]), "counts": np.array([None]), "vectors": np.array([None])},
    ],
)
def test_files_of_another_shape_are_passed_over(root, arrays):
    folder = files(root)[0].parent
    np.savez(folder / "0.npz", **arrays)
    np.save(folder / "1.npy", VECTORS[0])
    (folder / "1.npy").rename(folder / "1.npz")
    with zipfile.ZipFile(folder / "4.npz", "w") as archive:
        for name in ("keys", "counts", "vectors"):
            archive.writestr(f"{name}.npy", b"no array")
    (folder / "2.npz").mkdir()
    (folder / "3.npz").symlink_to(folder / "nowhere")
    (folder / ".half").write_bytes(b"half")

    assert known(root) == list(range(30))


def test_a_file_in_the_place_of_the_folder_is_an_error_of_the_system(tmp_path):
    (tmp_path / "unfinished").write_text("a file", encoding="utf-8")
    unfinished = opened(tmp_path)
    unfinished.add(WINDOWS, VECTORS)

    with pytest.raises(OSError, match="unfinished"):
        unfinished.save()


def test_what_could_not_be_saved_is_saved_the_next_time(root):
    shutil.rmtree(root / "unfinished")
    (root / "unfinished").write_text("a file", encoding="utf-8")
    unfinished = opened(root)
    unfinished.add(WINDOWS, VECTORS)
    with pytest.raises(OSError, match="unfinished"):
        unfinished.save()
    (root / "unfinished").unlink()

    unfinished.save()

    assert known(root) == list(range(30))
    assert [path.suffix for path in files(root)] == [".npz"]
