"""Whether a model's graph gives the vectors that sentence-transformers gives, measured on a corpus and remembered."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from embeddings.encoding.encoder import Computation, Vectors
from embeddings.encoding.runtime import GRAPH

RECORD = "runtime.json"
"""Where it is kept, in the folder of the index."""
SAMPLE = 24
"""Texts that are compared, of those given, spread evenly."""
_SAME = 0.999
"""Cosine from which two vectors count as those of one text."""
_QUERIES, _QUERY_WORDS, _FIRST = 8, 12, 10


class Measure(Protocol):
    """What vectors are compared with; see `Computation`."""

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Encode questions."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Encode texts that may answer."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a graph's vectors compare with the reference's."""

    texts: int
    """How many were compared."""
    cosine: float
    """The least of their cosines."""
    same_first: bool
    """Whether sampled queries find the same ten first passages by both."""

    @property
    def holds(self) -> bool:
        """Whether the graph may stand for the reference."""
        return self.cosine >= _SAME and self.same_first

    def __str__(self) -> str:
        first = "the same" if self.same_first else "other"
        return (
            f"{self.texts} texts compared with sentence-transformers: cosine {self.cosine:.5f}, {first} first passages"
        )

    @classmethod
    def read(cls, root: Path, model: str, runtime: str) -> Self | None:
        """What was measured for this model and runtime, as `write` kept it; None where nothing is."""
        try:
            kept = json.loads((root / RECORD).read_text(encoding="utf-8"))
            return cls(**kept["agreement"]) if kept["key"] == _key(model, runtime) else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, root: Path, model: str, runtime: str) -> None:
        """Keep it in the index's folder; where that cannot be written, it is measured again another time."""
        aside = root / f".{RECORD}-{os.getpid()}"
        with suppress(OSError):
            root.mkdir(parents=True, exist_ok=True)
            try:
                kept = {"key": _key(model, runtime), "agreement": asdict(self)}
                aside.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
                aside.replace(root / RECORD)
            finally:
                aside.unlink(missing_ok=True)


def sample(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The texts of a corpus that are compared, and openings of some of them as queries."""
    distinct = list(dict.fromkeys(texts))
    chosen = [distinct[row] for row in np.unique(np.linspace(0, len(distinct) - 1, SAMPLE).astype(np.int64))]
    return chosen, [" ".join(text.split()[:_QUERY_WORDS]) for text in chosen[:: max(1, len(chosen) // _QUERIES)]]


def compare(graph: Computation, reference: Measure, texts: Sequence[str]) -> Agreement:
    """Encode a sample of texts by both."""
    chosen, queries = sample(texts)
    ours, theirs = (which.encode_passages(chosen) for which in (graph, reference))
    asked, wanted = (which.encode_queries(queries) for which in (graph, reference))
    cosines = [*np.einsum("ij,ij->i", ours, theirs), *np.einsum("ij,ij->i", asked, wanted)]
    same = all(_same_first(ours @ one, theirs @ other) for one, other in zip(asked, wanted, strict=True))
    return Agreement(len(cosines), round(float(min(cosines)), 6), same)


def _same_first(ours: Vectors, theirs: Vectors) -> bool:
    """Whether two scorings have the same first ten, but for texts that are as near as rounding may move them."""
    first = np.argsort(-ours, kind="stable")[:_FIRST]
    least = np.sort(theirs)[::-1][: len(first)].min()
    return bool((theirs[first] >= least - (1 - _SAME)).all())


def _key(model: str, runtime: str) -> list[str]:
    return [model, runtime, GRAPH]
