"""Encoded pairs in batches of similar length, the same for the same seed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

LENGTHS = (40, 64, 96, 128, 160, 192, 288, 384, 512)
"""Pairs are padded to the next of these, so that few shapes are compiled and little is wasted."""
TOKENS = 4608
"""Tokens of a batch, padding included, where nothing else is said."""


class Batch(NamedTuple):
    """B pairs padded to L tokens: `ids` is (B, L), all others (B,). Encoded and Pair explain them."""

    ids: Tensor
    second: Tensor
    body: Tensor
    length: Tensor
    start: Tensor
    end: Tensor
    answer: Tensor
    relation: Tensor
    rows: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Encoded pairs: `ids` are the tokens of all, one after the other; a row of `table` is first token, length, where
    segment two and the passage begin, first and last token of the span, answer, relation, number of its source."""

    ids: npt.NDArray[np.uint16]
    table: npt.NDArray[np.int32]
    sources: list[str]

    @classmethod
    def open(cls, folder: Path) -> "Pairs":
        """Open the arrays of a folder."""
        names = json.loads((folder / "sources.json").read_text())
        return cls(np.load(folder / "ids.npy"), np.load(folder / "table.npy"), names)

    def write(self, folder: Path) -> None:
        """Write the arrays to a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "ids.npy", self.ids)
        np.save(folder / "table.npy", self.table)
        (folder / "sources.json").write_text(json.dumps(self.sources, indent=1))

    def batch(self, chosen: npt.NDArray[np.int64], padded: int, device: torch.device | str = "cpu") -> Batch:
        """These rows, padded to so many tokens."""
        ids = np.zeros((len(chosen), padded), np.int64)
        for i, row in enumerate(chosen):
            first, length = self.table[row, :2]
            ids[i, :length] = self.ids[first : first + length]
        columns = [torch.from_numpy(self.table[chosen, c].astype(np.int64)).to(device) for c in (2, 3, 1, 4, 5, 6, 7)]
        second, body, length, start, end, answer, relation = columns
        return Batch(torch.from_numpy(ids).to(device), second, body, length, start, end, answer, relation, chosen)

    def plan(self, seed: int, epoch: int, tokens: int) -> list[tuple[int, npt.NDArray[np.int64]]]:
        """The batches of an epoch in order: padded length, rows. A batch has at most so many tokens, padding included.
        What does not fill one waits for other epochs."""
        chance = np.random.default_rng([seed, epoch])
        rows = chance.permutation(len(self.table))
        planned = []
        for padded, inside in self._by_length(rows):
            size = tokens // padded
            planned += [(padded, inside[i : i + size]) for i in range(0, len(inside) - size + 1, size)]
        return [planned[i] for i in chance.permutation(len(planned))]

    def all(self, device: torch.device | str = "cpu") -> Iterator[Batch]:
        """Every row once, shortest first; for evaluation."""
        for padded, inside in self._by_length(np.arange(len(self.table))):
            size = max(1, TOKENS // padded)
            for i in range(0, len(inside), size):
                yield self.batch(inside[i : i + size], padded, device)

    def _by_length(self, rows: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        bucket = np.searchsorted(LENGTHS, self.table[rows, 1])
        for i, padded in enumerate(LENGTHS):
            yield padded, rows[bucket == i]
