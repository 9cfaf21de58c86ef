"""What a reader says of a passage, and the seam where a reader plugs in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from embeddings.splitting.passages import Span

Logits = npt.NDArray[np.float32]
Probabilities = npt.NDArray[np.float32]
"""Of support, contradict and neutral, one row a sentence: shape (n, 3)."""

SUPPORT, CONTRADICT, NEUTRAL = range(3)
LONGEST_SPAN = 24
"""Tokens."""


class Found(NamedTuple):
    """Characters of a passage that may be the answer, and by how much they beat that there is none."""

    span: Span
    margin: float


@dataclass(frozen=True)
class Reading:
    """What a reader says of one passage of n tokens."""

    answer: float
    """Logit that the passage answers the question."""
    start: Logits
    """For each token how well an answer begins there, over the logit that there is none: shape (n,)."""
    end: Logits
    """The same for an answer's last token."""
    offsets: npt.NDArray[np.int64]
    """The characters of each token: shape (n, 2)."""

    def best(self, start: int = 0, end: int | None = None) -> Found | None:
        """The best span within characters `start` to `end` of the passage; None where no token lies within."""
        first, last = self.offsets.T
        inside = (first >= start) & (first < last)
        if end is not None:
            inside &= last <= end
        tokens = np.flatnonzero(inside)
        if not len(tokens):
            return None
        scores = self.start[tokens, None] + self.end[None, tokens]
        apart = tokens[None] - tokens[:, None]
        scores = np.where((apart >= 0) & (apart < LONGEST_SPAN), scores, -np.inf)
        a, b = np.unravel_index(scores.argmax(), scores.shape)
        return Found(Span(int(first[tokens[a]]), int(last[tokens[b]])), float(scores[a, b]))


class Reader(Protocol):
    """A model that reads; safe to use from several threads."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """What it says of each passage, given as title, which may be empty, and text."""

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """How probable it is that each sentence supports the claim, contradicts it, or neither."""
