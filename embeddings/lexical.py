"""BM25 over the words of passages: exact names and numbers, where vectors are weak."""

import math
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

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


class Lexical:
    """Postings of stemmed words, scored by BM25 (Robertson and Zaragoza 2009; Lucene's variant in bm25s)."""

    def __init__(self, postings: Any) -> None:
        self._postings = postings

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lexical":
        """Index the texts; row i of every score belongs to texts[i]."""
        postings = bm25s.BM25(method="lucene", k1=_K1, b=_B)
        words_of = [terms(text) for text in texts]
        if not any(words_of):  # bm25s cannot index nothing; no query holds this word
            words_of = [[""] for _ in texts] or [[""]]
        postings.index(words_of, show_progress=False)
        postings.scores["num_docs"] = len(texts)
        return cls(postings)

    @property
    def size(self) -> int:
        """How many texts are indexed."""
        return int(self._postings.scores["num_docs"])

    def scores(self, query: str) -> npt.NDArray[np.float32]:
        """The BM25 score of every text for the query, at least 0; shape (texts,)."""
        known = [term for term in terms(query) if self.knows(term)]
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        scores: npt.NDArray[np.float32] = self._postings.get_scores(known)
        return scores

    def knows(self, term: str) -> bool:
        """Whether a term as `terms` gives it occurs in any text."""
        return term in self._postings.vocab_dict

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term of `terms`; greatest for one that never occurs."""
        bounds = self._postings.scores["indptr"]
        row = self._postings.vocab_dict.get(term)
        count = 0 if row is None else int(bounds[row + 1] - bounds[row])
        return math.log(1 + (self.size - count + 0.5) / (count + 0.5))

    def save(self, folder: Path) -> None:
        """Write the postings as .npy and .json files."""
        self._postings.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "Lexical":
        """Read what `save` wrote."""
        return cls(bm25s.BM25.load(folder, load_corpus=False))


_stemmer = Stemmer.Stemmer("english")


def terms(text: str) -> list[str]:
    """The stems of the words that carry meaning; all words where a text has no other."""
    found = words(text)
    kept = [word for word in found if word not in STOPWORDS] or found
    stems: list[str] = _stemmer.stemWords(kept)
    return stems
