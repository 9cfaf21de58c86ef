"""What is fuzzed, and how texts are made of a fuzzer's bytes."""

import json
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIELDS = "\x1e"
"""What stands between the texts that a target takes several of."""
_WORDS, _TEXT = b"\x01", b"\x00"


@dataclass(frozen=True, slots=True)
class Target:
    """A function of bytes, the errors that it may raise, and samples to begin with."""

    run: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    errors: tuple[type[Exception], ...] = ()
    size: int = 4096
    """Most bytes of an input."""
    share: float = 1.0
    """Of the time, beside the others."""


Targets = Mapping[str, Target]


@cache
def questions() -> tuple[str, ...]:
    """Questions, claims and sentences that people wrote, of all forms."""
    rows = [json.loads(row) for path in sorted((ROOT / "benchmarks").glob("*/*.jsonl")) for row in path.open("rb")]
    texts = (row.get(name) for row in rows for name in ("question", "claim", "text"))
    return tuple(dict.fromkeys(text for text in texts if isinstance(text, str)))


@cache
def documents() -> tuple[str, ...]:
    """The documents that come with Footnote, as they lie in their files."""
    return tuple(path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("0*.md")))


@cache
def vocabulary() -> tuple[str, ...]:
    """Words and signs of them, the most frequent first: what a sentence is made of where bytes stand for words."""
    counts = Counter(part for text in (*documents(), *questions()) for part in re.findall(r"\w+|\s|[^\w\s]", text))
    return tuple(part for part, _ in counts.most_common(4000))


def text_of(data: bytes) -> str:
    """Bytes as text: behind a 1, two of them are a word, so that a change of one gives a sentence of other words."""
    if not data.startswith(_WORDS):
        return data[1:].decode("utf-8", errors="replace")
    words = vocabulary()
    parts = [words[number % len(words)] for (number,) in struct.iter_unpack("<H", data[1 : len(data) // 2 * 2 - 1])]
    return "".join(part if before.isspace() or not part[:1].isalnum() else f" {part}" for before, part in _pairs(parts))


def _pairs(parts: list[str]) -> Iterator[tuple[str, str]]:
    return zip(("\n", *parts), parts, strict=False)


def fields_of(data: bytes, number: int) -> list[str]:
    """So many texts, of which those that are missing are empty."""
    found = text_of(data).split(FIELDS, number - 1)
    return found + [""] * (number - len(found))


def seed(*texts: str) -> bytes:
    """The bytes of which `fields_of` makes these texts."""
    return _TEXT + FIELDS.join(texts).encode()


def sentences() -> Iterator[bytes]:
    """Each question as its characters, and as its words."""
    places = {part: place for place, part in enumerate(vocabulary())}
    for text in questions()[::5]:
        yield seed(text)
        parts = [places[part] for part in re.findall(r"\w+|[^\w\s]", text) if part in places]
        yield _WORDS + struct.pack(f"<{len(parts)}H", *parts)


def pieces(texts: Iterable[str], size: int = 1000) -> Iterator[bytes]:
    """Each text, a piece of this size at a time."""
    for text in texts:
        yield from (seed(text[at : at + size]) for at in range(0, len(text), size))


def pairs(texts: Iterable[str], number: int = 2) -> Iterator[bytes]:
    """Each text with those that follow it, as the fields of one input."""
    listed = list(texts)[::3]
    shifted = [islice(listed, start, None) for start in range(number)]
    yield from (seed(*each) for each in zip(*shifted, strict=False))
