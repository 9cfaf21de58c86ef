"""A small deterministic model, and indexes made with it: real objects, without the seconds a real model takes."""

import hashlib
import json
import re
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.prose.draft import Draft, Dropped
from bot.prose.gate import Checked, Gate, Ground, Kept
from bot.prose.grounding import UNSAID
from bot.reader.reading import Probabilities, Reader, Reading
from embeddings.building.indexing import make_index
from embeddings.encoding.encoder import Vectors, Window
from embeddings.reading.documents import Document
from embeddings.splitting.terms import terms
from embeddings.storing.generations import Manifest, Model, Opened

_WORD = re.compile(r"\w+|[^\w\s]")


class FakeEncoder:
    """Adds up one fixed direction for each word: texts that share words are near each other."""

    name = runtime = "fake"
    sha256 = hashlib.sha256(b"fake").hexdigest()
    max_tokens = 254

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.queries: list[str] = []
        self.windows: list[Window] = []

    def settle(self, texts: Sequence[str]) -> None:
        """See Encoder: there is nothing to choose."""

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """See Encoder; keeps what it was given in `queries`."""
        self.queries += queries
        return self._vectors(queries)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self._vectors(texts)

    def encode_windows(self, windows: Sequence[Window], progress: Callable[[int], None] | None = None) -> list[Vectors]:
        """See Encoder; keeps what it was given in `windows`."""
        self.windows += windows
        if progress:
            progress(len(windows))
        return [self._vectors([text, *(text[start:end] for start, end in spans)]) for text, spans in windows]

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """See Encoder: a token is a word or a punctuation mark."""
        return [[match.span() for match in _WORD.finditer(text)] for text in texts]

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for term in terms(text):
                vectors[row, zlib.crc32(term.encode()) % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class FakeReader:
    """Finds the first number of a passage, the surer the more of the question's terms the passage holds."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[tuple[str, str]]]] = []

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """See Reader; keeps what it was given in `asked`. A token is a word or a punctuation mark."""
        self.asked.append((question, list(passages)))
        return [self._reading(set(terms(question)), text) for _, text in passages]

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """See Reader: the same words support, the same words but for a number contradict."""
        return np.array([self._relation(terms(claim), terms(sentence)) for sentence in sentences]).reshape(-1, 3)

    def _reading(self, asked: set[str], text: str) -> Reading:
        tokens = list(_WORD.finditer(text))
        sure = 8 * len(asked & set(terms(text))) / max(len(asked), 1) - 4
        logits = np.full(len(tokens), -4.0, np.float32)
        number = next((place for place, token in enumerate(tokens) if token[0].isdigit()), None)
        if number is not None:
            logits[number] = sure
        return Reading(sure, logits, logits, np.array([token.span() for token in tokens]).reshape(-1, 2))

    def _relation(self, claim: list[str], sentence: list[str]) -> tuple[float, float, float]:
        one, other = ({term for term in said if not term.isdigit()} for said in (claim, sentence))
        return (0.0, 0.0, 1.0) if one != other else (1.0, 0.0, 0.0) if claim == sentence else (0.0, 1.0, 0.0)


class FakeGate(Gate):
    """Keeps a sentence all of whose terms stand in the quotations that it names."""

    def check(self, drafts: Sequence[Draft], spans: Sequence[Ground]) -> Checked:
        """See Gate."""
        kept, dropped = [], []
        for draft in drafts:
            held = {term for number in draft.numbers for term in terms(spans[number - 1].text)}
            if held.issuperset(terms(draft.text)):
                kept.append(Kept(draft.text, draft.numbers, 1.0))
            else:
                dropped.append(Dropped(draft.text, UNSAID))
        return Checked(tuple(kept), tuple(dropped), len(kept) > 1 and len(dropped) * 3 <= len(drafts))


def document(
    key: str,
    text: str,
    title: str = "",
    published: str | None = None,
    url: str | None = None,
    pages: tuple[int, ...] = (),
    language: str = "",
) -> Document:
    """A document, dated `YYYY-MM-DD`."""
    day = date.fromisoformat(published) if published else None
    return Document(key, title, text, day, url, pages=pages, language=language)


def opened(documents: Iterable[Document], encoder: FakeEncoder | None = None) -> Opened:
    """An index of these documents in memory, as `open_current` would return it."""
    encoder = encoder or FakeEncoder()
    index = make_index(tuple(sorted(documents, key=lambda document: document.id)), encoder)
    manifest = Manifest(
        generation="20260801T120000Z-abcdef",
        built_at=datetime(2026, 8, 1, 12, tzinfo=UTC),
        model=Model(encoder.name, encoder.sha256, encoder.dimension, encoder.runtime),
        splitter={"max_tokens": encoder.max_tokens},
        documents={document.id: document.sha256 for document in index.documents},
        counts={"documents": len(index.documents), "passages": len(index.passages)},
        corpus="",
        reader="",
        notices=(),
        files={},
    )
    return Opened(index, manifest)


def answerer(documents: Iterable[Document], threshold: float = 0.0, reader: Reader | None = None) -> Answerer:
    """An answerer over these documents; it always answers, or with a threshold of 1 never."""
    encoder = FakeEncoder()
    return Answerer(opened(documents, encoder), encoder, threshold, reader)


class SlowAnswerer(Answerer):
    """Answers only once `release` is set; `asked` counts the questions that have reached it."""

    def __init__(self, documents: Iterable[Document]) -> None:
        encoder = FakeEncoder()
        super().__init__(opened(documents, encoder), encoder, threshold=0.0)
        self.release = threading.Event()
        self.asked = 0

    def ask(self, question: Question) -> Answer | NoAnswer:
        """See Answerer."""
        self.asked += 1
        self.release.wait(10)
        return super().ask(question)


class StuckAnswerer(SlowAnswerer):
    """Never ends a question that says "stuck" before `release` is set; answers the others at once."""

    def ask(self, question: Question) -> Answer | NoAnswer:
        """See Answerer."""
        return super().ask(question) if "stuck" in question.text else Answerer.ask(self, question)


class EndlessReader(FakeReader):
    """Computes for ever whatever it is asked, and says on standard error that it does."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """See Reader."""
        print("reading", file=sys.stderr, flush=True)
        while True:
            pass


def sign(folder: Path, **changed: object) -> None:
    """Make every checksum fit what a generation holds now, as somebody who meddles with it would."""
    path = folder / "manifest.json"
    fields = json.loads(path.read_bytes()) | changed
    for name, file in fields["files"].items():
        data = (folder / name).read_bytes()
        file |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    path.write_text(json.dumps(fields), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.sha256").write_text(digest + "\n", encoding="utf-8")
    (folder.parent.parent / "CURRENT").write_text(f"{folder.name} {digest}\n", encoding="utf-8")
