"""BM25 over the words of passages: exact names and numbers, where vectors are weak."""

import json
import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from embeddings.files import read_text
from embeddings.records import mapped_array
from embeddings.splitting.terms import terms

# Chosen, with everything else equal, on the tuning questions of benchmarks/tune_fusion.py among five pairs:
# passages are short and much alike in length, so little is gained by correcting for it.
_K1, _B = 0.9, 0.4

_RUN = 256
"""Texts of which the highest score is looked for first, so that not all have to be ordered."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lexical:
    """Postings of stemmed words, scored by BM25 (Robertson and Zaragoza 2009).

    It is Lucene's variant without its constant factor (Kamphuis et al. 2020, "Which BM25 do you mean?"). What is kept
    is how often each text has each term; what that adds to a score depends on all texts.
    """

    size: int
    """How many texts are indexed."""
    vocabulary: Mapping[str, int]
    """The number of each term, in their alphabetical order."""
    bounds: npt.NDArray[np.int64]
    """Where the postings of each term begin, and the last one's end: shape (terms + 1,)."""
    rows: npt.NDArray[np.int32]
    """The text of each posting, ascending, once a term: shape (postings,)."""
    counts: npt.NDArray[np.int32]
    """How often the term stands in that text: shape (postings,)."""
    weights: npt.NDArray[np.float32]
    """What each posting's term adds to the score of its text: shape (postings,)."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Index the texts; row i of every score belongs to texts[i]."""
        none = np.empty(0, dtype=np.int32)
        return cls._weighed(0, {}, np.zeros(1, dtype=np.int64), none, none).renewed(range(len(texts)), texts)

    @classmethod
    def _weighed(
        cls,
        size: int,
        vocabulary: Mapping[str, int],
        bounds: Numbers,
        rows: npt.NDArray[np.int32],
        counts: npt.NDArray[np.int32],
    ) -> Self:
        lengths = np.bincount(rows, counts, size)
        holding = np.diff(bounds)
        rarity = np.log(1 + (size - holding + 0.5) / (holding + 0.5)).astype(np.float32)
        norm = _K1 * (1 - _B + _B * lengths / (lengths.mean() if len(rows) else 1))
        weights = (np.repeat(rarity, holding) * (counts / (counts + norm[rows]))).astype(np.float32)
        return cls(size, vocabulary, bounds, rows, counts, weights)

    def renewed(self, places: Sequence[int] | npt.NDArray[np.int64], texts: Sequence[str]) -> Self:
        """The same as `of`, for texts of which some are indexed here, whose words are not counted again.

        Text i is that of row `places[i]` here, or texts[places[i] - size] where that is no row.
        """
        chosen = np.asarray(places, dtype=np.int64)
        rows = np.full(self.size + 1, -1)
        rows[chosen.clip(max=self.size)[::-1]] = np.arange(len(chosen))[::-1]  # of several that are one text the first
        rows[self.size] = -1
        others = np.flatnonzero(rows[chosen.clip(max=self.size)] != np.arange(len(chosen)))
        old = np.unique(chosen[others][chosen[others] < self.size])
        numbers = dict(self.vocabulary)
        held, held_counts, lengths = self._of_rows(old)
        new, new_counts, new_lengths = array("q"), array("i"), array("q")
        for text in texts:  # counted one after the other: the words of all would not fit into memory
            found = Counter(terms(text))
            new.extend(numbers.setdefault(term, len(numbers)) for term in found)
            new_counts.extend(found.values())
            new_lengths.append(len(found))
        lengths = np.concatenate([lengths, new_lengths]).astype(np.int64)
        sources = np.where(chosen < self.size, np.searchsorted(old, chosen), chosen - self.size + len(old))[others]
        postings = ranges((np.cumsum(lengths) - lengths)[sources], lengths[sources])
        moved = rows[self.rows]
        kept = np.flatnonzero(moved >= 0)
        return self._sorted(
            len(chosen),
            list(numbers),
            np.concatenate([self._numbers(kept), np.concatenate([held, new])[postings]]),
            np.concatenate([moved[kept], np.repeat(others, lengths[sources])]),
            np.concatenate([self.counts[kept], np.concatenate([held_counts, new_counts])[postings]]),
        )

    def _numbers(self, postings: Numbers) -> Numbers:
        """The terms of these postings."""
        return np.repeat(np.arange(len(self.vocabulary)), np.diff(self.bounds))[postings]

    def _of_rows(self, rows: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """The terms and counts of the postings of some texts, one behind the other, and how many each has."""
        postings = np.flatnonzero(np.isin(self.rows, rows))
        postings = postings[np.argsort(self.rows[postings], kind="stable")]
        lengths = np.bincount(np.searchsorted(rows, self.rows[postings]), minlength=len(rows))
        return self._numbers(postings), self.counts[postings].astype(np.int64), lengths

    @classmethod
    def _sorted(cls, size: int, names: Sequence[str], numbered: Numbers, rows: Numbers, counts: Numbers) -> Self:
        """Order postings by their terms, by the alphabet, and these by row; terms without any are left out."""
        ranked = sorted(np.flatnonzero(np.bincount(numbered)).tolist(), key=names.__getitem__)
        rank = np.empty(len(names), dtype=np.int64)
        rank[ranked] = np.arange(len(ranked))
        places = rank[numbered] * size + rows
        order = np.argsort(places, kind="stable")  # which takes little time where most are in order
        bounds = np.searchsorted(places[order], np.arange(len(ranked) + 1) * size)
        vocabulary = {names[number]: place for place, number in enumerate(ranked)}
        return cls._weighed(size, vocabulary, bounds, rows[order].astype(np.int32), counts[order].astype(np.int32))

    def only(self, rows: Numbers) -> Self:
        """The same as `of`, for the texts of these rows, which are ascending."""
        places = np.full(self.size, -1, dtype=np.int32)
        places[rows] = np.arange(len(rows), dtype=np.int32)
        kept = np.flatnonzero((places >= 0)[self.rows])
        bounds = np.searchsorted(kept, self.bounds)
        held = np.diff(bounds) > 0
        vocabulary = {term: number for number, term in enumerate(compress(self.vocabulary, held.tolist()))}
        bounds = np.append(bounds[:-1][held], len(kept))
        return self._weighed(len(rows), vocabulary, bounds, places[self.rows[kept]], self.counts[kept])

    def scores(self, query: str) -> npt.NDArray[np.float32]:
        """The BM25 score of every text for the query, at least 0; shape (texts,)."""
        scores = np.zeros(self.size, dtype=np.float32)
        for term in terms(query):
            postings = self.postings(term)
            np.add.at(scores, self.rows[postings], self.weights[postings])
        return scores

    def highest(self, query: str, k: int) -> Numbers:
        """The `k` texts of the highest scores for the query, in no order; only those above 0."""
        scores = self.scores(query)
        tops = np.maximum.reduceat(scores, np.arange(0, self.size, _RUN))  # of `k` runs the best are so many already
        least = np.partition(tops, -k)[-k] if len(tops) > k else 0
        found: Numbers = np.flatnonzero((scores >= least) & (scores > 0))
        return found[np.argpartition(-scores[found], k - 1)[:k]] if len(found) > k else found

    def scores_of(self, query: str, rows: Numbers) -> npt.NDArray[np.float32]:
        """The scores of some texts for the query; shape (rows,)."""
        scores = np.zeros(len(rows), dtype=np.float32)
        for term in terms(query):
            postings = self.postings(term)
            held = self.rows[postings]
            places = np.searchsorted(held, rows)
            found = np.flatnonzero(places < len(held))
            found = found[held[places[found]] == rows[found]]
            scores[found] += self.weights[postings][places[found]]
        return scores

    def knows(self, term: str) -> bool:
        """Whether a term as `terms` gives it occurs in any text."""
        return self.holding(term) > 0

    def holding(self, term: str) -> int:
        """How many texts hold a term of `terms`."""
        postings = self.postings(term)
        return int(postings.stop - postings.start)

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term of `terms`; greatest for one that never occurs."""
        count = self.holding(term)
        return math.log(1 + (self.size - count + 0.5) / (count + 0.5))

    def save(self, folder: Path) -> None:
        """Write the postings as .npy and .json files into a new folder."""
        folder.mkdir()
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)
        about = {"size": self.size, "vocabulary": self.vocabulary}
        (folder / "vocabulary.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote; the postings are mapped into memory."""
        about = json.loads(read_text(folder / "vocabulary.json"))
        arrays = {name: mapped_array(folder / f"{name}.npy") for name in _ARRAYS}
        return cls(about["size"], about["vocabulary"], **arrays)

    def postings(self, term: str) -> slice:
        """Where the postings of a term of `terms` stand."""
        number = self.vocabulary.get(term)
        return slice(0, 0) if number is None else slice(int(self.bounds[number]), int(self.bounds[number + 1]))


_ARRAYS = ("bounds", "rows", "counts", "weights")


def ranges(starts: Numbers, counts: Numbers) -> Numbers:
    """So many numbers from each start on, one range behind the other.

    >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(counts)
    found: Numbers = np.repeat(starts - ends + counts, counts) + np.arange(counts.sum())
    return found
