"""The reader on its trained weights, without torch."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError

from bot.reader.heads import Heads
from bot.reader.pairs import PairEncoder, Part
from bot.reader.reading import Probabilities, Reading
from embeddings.encoding.models import packaged_model
from embeddings.encoding.runtime import Shape, States, Transformer, batches
from embeddings.encoding.weights import Array, from_bert, read_weights
from embeddings.errors import ReaderError
from embeddings.files import sha256_of

WEIGHTS = Path(__file__).parent / "weights.safetensors"
CLAIMS = "claims.safetensors"
"""Stands beside a reader's weights: what training for claims alone changed of them."""
BASE = "all-MiniLM-L6-v2"
WIDTH, HEADS, LAYERS, INNER = 384, 12, 6, 1536
HEAD_SHAPES = {
    "span": (2, WIDTH),
    "judge": (WIDTH, 4 * WIDTH + 2),
    "answer": (1, WIDTH),
    "compare": (WIDTH, WIDTH),
    "relation": (3, WIDTH),
}
SCALE = ".scale"
"""Behind a matrix's name: what its changes, written as integers, are multiplied by, row by row."""
_REPAIR = "Install Footnote again, or set FOOTNOTE_READER=no to answer without a reader."


class TrainedReader:
    """Two transformers over the base model's weights, with the layers that training changed, and their heads: one finds
    answers, the other, which is built when it is first asked, compares claims.

    Where the processor computes with bfloat16, so do they, unless `precise`; the heads never do. Beside the weights
    stands what claims need otherwise, and beside both a file with their SHA-256. Raises ReaderError for weights that
    are anything else. Threads may share one; they take turns.
    """

    def __init__(self, weights: Path = WEIGHTS, precise: bool = False) -> None:
        found = load(weights)
        for file in (weights, weights.with_name(CLAIMS)):
            check(file)
        self._network = _Network(found, precise)
        self._weights, self._precise = weights, precise
        self._claims: _Network | None = None
        self._building = threading.Lock()
        self._encoder = PairEncoder()

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """See Reader. A passage too long for the network is read in parts, and its best part answers; one
        without a token does not answer."""
        parts = [
            (row, part)
            for row, (title, text) in enumerate(passages)
            for part in self._encoder.parts(question, title, text)
            if part.tokens
        ]
        offsets = [np.array(self._encoder.tokens(text)[1], np.int64).reshape(-1, 2) for _, text in passages]
        answers = np.full(len(passages), -np.inf, np.float32)
        starts, ends = ([np.full(len(tokens), -np.inf, np.float32) for tokens in offsets] for _ in range(2))
        for at, states in self._network.read([part for _, part in parts]):
            batch = [parts[i] for i in at]
            body = np.array([part.body for _, part in batch])
            output = self._network.heads.conclude(states.states, body, states.lengths)
            for (row, part), start, end, answer in zip(batch, *output, strict=True):
                answers[row] = max(answers[row], answer)
                read = slice(part.first, part.first + part.tokens)
                text = slice(part.body, part.body + part.tokens)
                for kept, logits in ((starts[row], start), (ends[row], end)):
                    kept[read] = np.maximum(kept[read], logits[text] - logits[0])
        return [Reading(float(a), s, e, o) for a, s, e, o in zip(answers, starts, ends, offsets, strict=True)]

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """See Reader. Of a sentence too long for the network, the beginning is read."""
        with self._building:
            if self._claims is None:
                self._claims = _Network(load_claims(self._weights), self._precise)
        network = self._claims
        logits = np.zeros((len(sentences), 3), np.float32)
        for at, states in network.read([next(self._encoder.parts(claim, "", sentence)) for sentence in sentences]):
            logits[at] = network.heads.relate(states.states)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


class _Network:
    """A transformer and its heads."""

    def __init__(self, weights: Mapping[str, Array], precise: bool) -> None:
        self.heads = Heads({name: weights[name] for head in HEAD_SHAPES for name in (f"{head}.weight", f"{head}.bias")})
        self._transformer = Transformer(weights, Shape(LAYERS, HEADS), precise)

    def read(self, parts: Sequence[Part]) -> Iterator[tuple[list[int], States]]:
        """The states of all parts in batches, each with the places of its parts."""
        for at in batches([len(part.ids) for part in parts]):
            yield at, self._transformer([parts[i].ids for i in at], [parts[i].second for i in at])


def digest_file(weights: Path) -> Path:
    """Where the SHA-256 of a reader's weights stands, in hexadecimal."""
    return weights.with_suffix(".sha256")


def check(weights: Path) -> None:
    """Raise ReaderError where weights are not those whose SHA-256 stands beside them."""
    try:
        if digest_file(weights).read_text(encoding="ascii").strip() == sha256_of(weights):
            return
    except (OSError, ValueError) as error:
        raise ReaderError(f"{digest_file(weights)} cannot be read ({error}). {_REPAIR}") from error
    raise ReaderError(f"{weights} has changed since it was written: its SHA-256 is another. {_REPAIR}")


def load(file: Path) -> dict[str, Array]:
    """A reader's weights over those of the base model, by the names of `weights.py`. Raises ReaderError."""
    weights, about = _read(file)
    frozen = about.get("frozen", "")
    if about.get("base") != BASE or frozen not in map(str, range(LAYERS)):
        raise ReaderError(f"{file} does not say that it is for the upper layers of {BASE}. {_REPAIR}")
    base = from_bert(read_weights(packaged_model() / "model.safetensors")[0])
    if {name: tensor.shape for name, tensor in weights.items()} != _trained_shapes(base, int(frozen)):
        raise ReaderError(f"{file} holds other layers than a reader with {frozen} unchanged ones. {_REPAIR}")
    return base | weights


def load_claims(weights: Path) -> dict[str, Array]:
    """A reader's weights with what stands beside them for claims. Raises ReaderError.

    Of a matrix the change is written, as integers of eight bits and a scale for each row; all else is written whole.
    """
    file = weights.with_name(CLAIMS)
    changed, about = _read(file)
    if about.get("over") != sha256_of(weights):
        raise ReaderError(f"{file} is not for {weights.name} as it is here. {_REPAIR}")
    found = load(weights)
    for name, change in changed.items():
        if name.endswith(SCALE):
            continue
        scale = changed.get(name + SCALE, np.ones((len(change), 1), np.float32))
        if name not in found or found[name].shape != change.shape or scale.shape != (len(change), 1):
            raise ReaderError(f"{file} holds other layers than {weights.name}. {_REPAIR}")
        found[name] = found[name] + change * scale if name + SCALE in changed else change
    return found


def _read(file: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """The numbers in a file of weights, and what it says of itself. Raises ReaderError."""
    if not file.is_file():
        raise ReaderError(f"The reader's weights are missing: there is no {file}. {_REPAIR}")
    try:
        weights, about = read_weights(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise ReaderError(f"{file} cannot be read as safetensors ({error}). {_REPAIR}") from error
    if not all(np.isfinite(tensor).all() for tensor in weights.values()):
        raise ReaderError(f"{file} holds values that are no numbers. {_REPAIR}")
    return weights, about


def _trained_shapes(base: Mapping[str, Array], frozen: int) -> dict[str, tuple[int, ...]]:
    """The shapes of what training changes: the layers above the frozen ones, and the heads."""
    layers = tuple(f"layers.{i}." for i in range(frozen, LAYERS))
    shapes = {name: tensor.shape for name, tensor in base.items() if name.startswith(layers)}
    for head, shape in HEAD_SHAPES.items():
        shapes |= {f"{head}.weight": shape, f"{head}.bias": shape[:1]}
    return shapes
