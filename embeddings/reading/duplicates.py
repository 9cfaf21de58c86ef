"""Documents that are one account: the same story under another headline, cut shorter, or with a note added."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings.reading.documents import Document

Shingles = npt.NDArray[np.uint64]
"""Hashes of the runs of `_WIDTH` words of a text: ascending, each once."""

DIGEST = 16
"""Bytes of the digest of a text's words."""
_WIDTH = 5
_COMMON = 20
"""A shingle in more distinct texts than this is a form's or a page's, and says nothing about whose account it is."""
_SKETCH = 32
"""How many of a text's least shingles find its candidates, and the share of them that two candidates have in common."""
_CANDIDATE = 1 / 3

# Independent articles about one event reach a resemblance of 0.08, though they quote the same speeches. One article and
# itself with another headline, dateline and a note, and without its last paragraph, has 0.81 and more; 0.59 where
# that paragraph was a third. Short texts about different things, made alike, reach 0.89 ("Fuding Railway Station").
_RESEMBLANCE = 0.65
_SHORT, _SHORT_RESEMBLANCE = 100, 0.9
_SHORTEST = 25
"""Below this many words of its own a text is a copy only when all its words are the same."""

_WORD = re.compile(r"\w+")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_STEP, _HALF = np.uint64(29), np.uint64(32)


class Shingling(NamedTuple):
    """What of a text is compared with others."""

    words: bytes
    """A digest of all its words in order; empty where it has none."""
    shingles: Shingles
    """Of those of its words that are its own; none where it has less than `_SHORTEST` words."""


def shinglings(documents: Iterable[Document], known: Mapping[str, Shingling] | None = None) -> dict[str, Shingling]:
    """The shingling of each distinct text, by its SHA-256; those of `known` are not made again."""
    hashes = _Hashes()
    found: dict[str, Shingling] = {}
    for document in documents:
        if document.sha256 not in found:
            old = known.get(document.sha256) if known else None
            found[document.sha256] = old or _shingling(document.text, hashes)
    return found


def find_copies(documents: Sequence[Document], known: Mapping[str, Shingling] | None = None) -> dict[str, str]:
    """The id of every near-duplicate document, and the id of the document that it is a copy of.

    Of several versions the one first published stands for all; where no date is known, the longest. Every
    copy resembles the document it is linked to: most of their shingles (runs of five words, whatever the
    case, punctuation and white space between them) are the same. It is resemblance and not containment, so a
    note quoted whole in a report is no copy of it. Lines quoted with `>` are another's words and do not
    count, and neither do shingles that very many texts have, which are those of a form. Texts of less than
    100 words must be almost the same, without a number replaced by another.

    The method is that of Broder, "On the resemblance and containment of documents" (1997): candidates
    share enough of their least hashes, and every candidate is then compared in full.

    `known` are the `shinglings` of some of the texts.
    """
    ranked = sorted(documents, key=_rank)
    first_with: dict[bytes, int] = {}
    same: dict[int, int] = {}
    texts: dict[int, Shingles] = {}
    found = shinglings(documents, known)
    for n, document in enumerate(ranked):
        words, shingles = found[document.sha256]
        first = first_with.setdefault(words, n) if words else n
        if first != n:
            same[n] = first
        else:
            texts[n] = shingles
    _leave_out_common(texts)
    copies: dict[int, int] = {}
    for one, other in _candidates(texts):
        if one in copies or other in copies:
            continue
        if _resemble(texts[one], texts[other], ranked[one], ranked[other]):
            copies[other] = one
    copies |= {n: copies.get(first, first) for n, first in same.items()}
    return {ranked[n].id: ranked[first].id for n, first in sorted(copies.items())}


def _rank(document: Document) -> tuple[date, int, str]:
    return document.published or date.max, -len(document.text), document.id


class _Hashes(dict[str, int]):
    """A word's 32-bit hash, the same in every run."""

    def __missing__(self, word: str) -> int:
        value = self[word] = zlib.crc32(word.encode())
        return value


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _shingling(text: str, hashes: _Hashes) -> Shingling:
    words = _words(text)
    digest = blake2b(" ".join(words).encode(), digest_size=DIGEST).digest() if words else b""
    if len(words) < _SHORTEST:
        words = []
    elif ">" in text:
        words = _words(_QUOTED_LINE.sub("", text))
    return Shingling(digest, _shingles(words, hashes))


def _shingles(words: list[str], hashes: _Hashes) -> Shingles:
    count = len(words) - _WIDTH + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    codes = np.fromiter(map(hashes.__getitem__, words), dtype=np.uint64, count=len(words))
    mixed = codes[:count].copy()
    for n in range(1, _WIDTH):
        mixed = (mixed ^ (mixed >> _STEP)) * _MULTIPLIER + codes[n : n + count]
    mixed = (mixed ^ (mixed >> _STEP)) * _MULTIPLIER
    mixed = np.sort(mixed ^ (mixed >> _HALF))
    return np.concatenate([mixed[:1], mixed[1:][mixed[1:] != mixed[:-1]]])


def _leave_out_common(texts: dict[int, Shingles]) -> None:
    """Take shingles of more than `_COMMON` texts out of all, and texts that then have too few of their own."""
    everything = np.sort(np.concatenate([*texts.values(), np.empty(0, dtype=np.uint64)]))
    common = np.unique(everything[:-_COMMON][everything[:-_COMMON] == everything[_COMMON:]])
    for n, shingles in list(texts.items()):
        if len(common):
            nearest = common[np.searchsorted(common, shingles).clip(max=len(common) - 1)]
            texts[n] = shingles[nearest != shingles]
        if len(texts[n]) < _SHORTEST - _WIDTH + 1:
            del texts[n]


def _candidates(texts: dict[int, Shingles]) -> Iterator[tuple[int, int]]:
    """Pairs that share enough of their least shingles, the better ranked first in each and among all."""
    if not texts:
        return
    sizes = np.zeros(max(texts) + 1, dtype=np.int64)
    for n, shingles in texts.items():
        sizes[n] = min(len(shingles), _SKETCH)
    sketches = np.concatenate([shingles[:_SKETCH] for shingles in texts.values()])
    owners = np.repeat(list(texts), sizes[list(texts)])
    order = np.argsort(sketches, kind="stable")
    sketches, owners = sketches[order], owners[order]
    pairs = np.concatenate(
        [
            owners[:-step][together] * len(sizes) + owners[step:][together]
            for step in range(1, min(_COMMON, len(owners)))
            for together in [sketches[:-step] == sketches[step:]]
        ]
    )
    pairs, shared = np.unique(pairs, return_counts=True)
    ones, others = np.divmod(pairs, len(sizes))
    enough = shared >= _CANDIDATE * np.minimum(sizes[ones], sizes[others])
    yield from zip(ones[enough].tolist(), others[enough].tolist(), strict=True)


def _resemble(one: Shingles, other: Shingles, first: Document, second: Document) -> bool:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    resemblance = shared / (len(one) + len(other) - shared)
    if min(len(one), len(other)) > _SHORT - _WIDTH:
        return resemblance >= _RESEMBLANCE
    numbers, others = _numbers(first), _numbers(second)
    return resemblance >= _SHORT_RESEMBLANCE and (numbers <= others or others <= numbers)


def _numbers(document: Document) -> set[str]:
    return {word for word in _words(document.text) if word[0].isdigit()}
