"""Text in, unit vectors out: the one seam where an embedding model plugs in."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Unit vectors, one a row: float32 of shape (n, dimension)."""


class Window(NamedTuple):
    """A passage as a model reads it, and where its sentences stand in that text, as characters."""

    text: str
    sentences: tuple[tuple[int, int], ...]


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

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode texts that may answer, as above."""

    def encode_windows(self, windows: Sequence[Window], progress: Callable[[int], None] | None = None) -> list[Vectors]:
        """Encode passages together with their sentences: for each, shape (1 + its sentences, dimension).

        The first row is the passage's vector, as `encode_passages` gives it. A model that pools by mean has read the
        sentences with the passage: theirs are means of their own tokens (Günther et al. 2024, "Late Chunking",
        arXiv 2409.04701), which costs nothing and knows what stands around them. `progress` is told how many more
        windows are done.
        """

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
