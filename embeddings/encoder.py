"""Text in, unit vectors out: the one seam where an embedding model plugs in."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Unit vectors, one a row: float32 of shape (n, dimension)."""


class Computation(Protocol):
    """What computes a model's vectors. Queries and passages may be encoded differently, so each has its method."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads, not counting its own special tokens."""

    @property
    def runtime(self) -> str:
        """What computes, in words."""

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Encode questions: shape (len(queries), dimension), rows of length 1."""

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Encode passages or sentences, as above; `progress` is told how many more texts are done."""

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The character span (start, end) of each token of each text, without special tokens."""


class Encoder(Computation, Protocol):
    """An embedding model: what computes, and which model that is."""

    @property
    def name(self) -> str:
        """The model's name, as the operator gave it."""

    @property
    def sha256(self) -> str:
        """What identifies the model: two encoders with the same one give the same vectors, but for rounding."""

    def settle(self, texts: Sequence[str]) -> None:
        """Be told texts of a corpus before the first of them is encoded: the time to choose what computes them."""
