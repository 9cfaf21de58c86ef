"""Vectors of a build that has not ended yet, kept on disk so that an interrupted one loses little."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.encoding.encoder import Vectors, Window
from embeddings.files import open_regular

_EVERY = 10.0
"""Seconds of work that may be lost to a crash."""


class Unfinished:
    """What one model has encoded so far, by the SHA-256 of each window.

    Kept as numbered .npz files in `<index>/unfinished/<model>`, each written aside and renamed, so that a
    file is whole or not there; one that cannot be read is passed over, since all of it can be computed again.
    """

    def __init__(self, root: Path, model_sha256: str, dimension: int) -> None:
        self._root = root
        self._own = _folder(root) / model_sha256[:16]
        self._dimension = dimension
        self._vectors: dict[bytes, Vectors] = {}
        self._waiting: list[tuple[bytes, Vectors]] = []
        self._saved_at = time.monotonic()
        for path in sorted(self._own.glob("*.npz")):
            self._load(path)

    def get(self, window: Window) -> Vectors | None:
        """The vectors of a window as `encode_windows` gave them, if they are among those kept."""
        return self._vectors.get(_key(window))

    def add(self, windows: Sequence[Window], vectors: Sequence[Vectors]) -> None:
        """Keep more; they reach the disk a few seconds later, or with `save`. Raises OSError."""
        self._waiting += zip(map(_key, windows), vectors, strict=True)
        if time.monotonic() - self._saved_at > _EVERY:
            self.save()

    def save(self) -> None:
        """Write what waits to disk. Raises OSError."""
        if self._waiting:
            self._own.mkdir(parents=True, exist_ok=True)
            aside = self._own / f".{os.urandom(4).hex()}"
            keys = np.frombuffer(b"".join(key for key, _ in self._waiting), dtype=np.uint8).reshape(-1, 32)
            try:
                with aside.open("wb") as stream:
                    counts = np.array([len(vectors) for _, vectors in self._waiting], dtype=np.int64)
                    vectors = np.concatenate([vectors for _, vectors in self._waiting])
                    np.savez(stream, keys=keys, counts=counts, vectors=vectors)
                aside.replace(self._own / f"{time.time_ns()}.npz")
            finally:
                aside.unlink(missing_ok=True)
            self._waiting.clear()
        self._saved_at = time.monotonic()

    def remove(self) -> None:
        """Forget everything, of this model and of others: a build has ended."""
        self._vectors.clear()
        self._waiting.clear()
        erase(self._root)

    def _load(self, path: Path) -> None:
        try:
            with open_regular(path) as stream, np.load(stream, allow_pickle=False) as arrays:
                # a zip file, which carries checksums; of what is no array in it, NumPy gives the bytes
                found: list[Any] = [np.asarray(arrays[name]) for name in ("keys", "counts", "vectors")]
        except Exception:  # damaged bytes make the libraries raise errors of any kind
            return
        keys, counts, vectors = found
        if (keys.dtype, keys.shape[1:]) != (np.uint8, (32,)):
            return
        if (counts.dtype, counts.shape) != (np.int64, (len(keys),)) or (counts < 1).any():
            return
        if (vectors.dtype, vectors.shape) != (np.float32, (counts.sum(), self._dimension)):
            return
        each = np.split(vectors, np.cumsum(counts)[:-1])
        self._vectors.update(zip((key.tobytes() for key in keys), each, strict=True))


def erase(root: Path) -> bool:
    """Remove all that was put aside below an index; returns whether nothing of it is left."""
    shutil.rmtree(_folder(root), ignore_errors=True)
    return not _folder(root).exists()


def _folder(root: Path) -> Path:
    return root / "unfinished"


def _key(window: Window) -> bytes:
    return hashlib.sha256(json.dumps(window).encode()).digest()
