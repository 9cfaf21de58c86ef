"""BM25 over the words of passages: exact names and numbers, where vectors are weak."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import Stemmer

from embeddings.files import open_regular, read_text

# Chosen, with everything else equal, on the tuning questions of benchmarks/tune_fusion.py among five pairs:
# passages are short and much alike in length, so little is gained by correcting for it.
_K1, _B = 0.9, 0.4

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")
_THOUSANDS = re.compile(r",(?=\d{3}(?:\D|$))")
STOPWORDS = frozenset(
    "a an and are as at be but by for from had has have he her his i if in into is it its me my no not of on "
    "or our she so such that the their them then there these they this to us was we were what when where "
    "which who whom whose why will with you your how did do does doing done been being am can could would "
    "should shall may might must about many much".split()
)


def words(text: str) -> list[str]:
    """The lower-case words of a text, in order: numbers lose their thousands separators."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [_THOUSANDS.sub("", word) for word in _WORD.findall(folded)]


@dataclass(frozen=True)
class Lexical:
    """Postings of stemmed words, scored by BM25 (Robertson and Zaragoza 2009; Lucene's variant as bm25s computes it).

    bm25s weighs every posting when texts are indexed, so that a score is a sum; it is not needed to look one up.
    """

    size: int
    """How many texts are indexed."""
    vocabulary: Mapping[str, int]
    """The number of each term."""
    bounds: npt.NDArray[np.int64]
    """Where the postings of each term begin, and the last one's end: shape (terms + 1,)."""
    rows: npt.NDArray[np.int32]
    """The text of each posting, once a term: shape (postings,)."""
    weights: npt.NDArray[np.float32]
    """What the term adds to that text's score: shape (postings,)."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Index the texts; row i of every score belongs to texts[i]."""
        import bm25s  # takes a moment, and is not needed to answer

        words_of = [terms(text) for text in texts]
        if not any(words_of):  # bm25s cannot index nothing; no query holds this word
            words_of = [[""] for _ in texts] or [[""]]
        index = bm25s.BM25(method="lucene", k1=_K1, b=_B)
        index.index(words_of, show_progress=False)
        found = index.scores
        return cls(len(texts), index.vocab_dict, found["indptr"].astype(np.int64), found["indices"], found["data"])

    def scores(self, query: str) -> npt.NDArray[np.float32]:
        """The BM25 score of every text for the query, at least 0; shape (texts,)."""
        scores = np.zeros(self.size, dtype=np.float32)
        for term in terms(query):
            postings = self._postings(term)
            scores[self.rows[postings]] += self.weights[postings]
        return scores

    def knows(self, term: str) -> bool:
        """Whether a term as `terms` gives it occurs in any text."""
        return term in self.vocabulary

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term of `terms`; greatest for one that never occurs."""
        postings = self._postings(term)
        count = postings.stop - postings.start
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
        """Read what `save` wrote."""
        about = json.loads(read_text(folder / "vocabulary.json"))
        arrays = {name: _array(folder / f"{name}.npy") for name in _ARRAYS}
        return cls(about["size"], about["vocabulary"], **arrays)

    def _postings(self, term: str) -> slice:
        number = self.vocabulary.get(term)
        return slice(0, 0) if number is None else slice(int(self.bounds[number]), int(self.bounds[number + 1]))


_ARRAYS = ("bounds", "rows", "weights")


def _array(file: Path) -> npt.NDArray[Any]:
    with open_regular(file) as stream:
        found: npt.NDArray[Any] = np.load(stream, allow_pickle=False)
    return found


_stemmer = Stemmer.Stemmer("english")


def terms(text: str) -> list[str]:
    """The stems of the words that carry meaning; all words where a text has no other."""
    found = words(text)
    kept = [word for word in found if word not in STOPWORDS] or found
    stems: list[str] = _stemmer.stemWords(kept)
    return stems
