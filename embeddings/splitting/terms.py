"""The words of a text that are counted and compared: without their endings, and without those that say nothing."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

from embeddings.numerals import IN_FULL

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")
_THOUSANDS = re.compile(r",(?=\d{3}(?:\D|$))")
STOPWORDS = frozenset(
    "a an and are as at be but by for from had has have he her his i if in into is it its me my no not of on "
    "or our she so such that the their them then there these they this to us was we were what when where "
    "which who whom whose why will with you your how did do does doing done been being am can could would "
    "should shall may might must about many much".split()
)
_IN_FULL = {short.lower(): name.lower() for short, name in IN_FULL.items()}


def words(text: str) -> list[str]:
    """The lower-case words of a text, in order: numbers lose their thousands separators, months and days are whole.

    >>> words("Due Thu, Mar 3: 1,200 lines")
    ['due', 'thursday', 'march', '3', '1200', 'lines']
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = _WORD.findall(folded)
    return [_THOUSANDS.sub("", word) if "," in word else _IN_FULL.get(word, word) for word in found]


_stemmer = Stemmer.Stemmer("english")


def terms(text: str) -> list[str]:
    """The stems of the words that carry meaning; all words where a text has no other."""
    found = words(text)
    kept = [word for word in found if word not in STOPWORDS] or found
    stems: list[str] = _stemmer.stemWords(kept)
    return stems


@lru_cache(maxsize=10_000)
def term_set(text: str) -> frozenset[str]:
    """The distinct terms of a text. Those of the last texts are kept: the sentences of a ranking are compared often."""
    return frozenset(terms(text))
