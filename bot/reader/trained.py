"""The reader on its trained weights, without torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError

from bot.reader.heads import Heads
from bot.reader.pairs import PairEncoder, Part
from bot.reader.reading import Probabilities, Reading
from embeddings.encoding.models import packaged_model
from embeddings.encoding.runtime import Shape, Transformer, batches
from embeddings.encoding.weights import Array, from_bert, read_weights
from embeddings.errors import ReaderError
from embeddings.files import sha256_of

WEIGHTS = Path(__file__).parent / "weights.safetensors"
BASE = "all-MiniLM-L6-v2"
WIDTH, HEADS, LAYERS, INNER = 384, 12, 6, 1536
HEAD_SHAPES = {
    "span": (2, WIDTH),
    "judge": (WIDTH, 4 * WIDTH + 2),
    "answer": (1, WIDTH),
    "compare": (WIDTH, WIDTH),
    "relation": (3, WIDTH),
}
_REPAIR = "Install Footnote again, or set FOOTNOTE_READER=no to answer without a reader."
_Row = tuple[npt.NDArray[np.float32], ...]
"""A row of an Output."""


class TrainedReader:
    """The transformer with the layers that training changed, over the base model's weights, and its heads.

    Where the processor computes with bfloat16, so does the transformer, unless `precise`; the heads never do. Beside
    the weights stands a file with their SHA-256. Raises ReaderError for weights that are anything else. Threads may
    share one; they take turns.
    """

    def __init__(self, weights: Path = WEIGHTS, precise: bool = False) -> None:
        found = load(weights)
        check(weights)
        self._heads = Heads({name: found[name] for head in HEAD_SHAPES for name in (f"{head}.weight", f"{head}.bias")})
        self._transformer = Transformer(found, Shape(LAYERS, HEADS), precise)
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
        for (row, part), (start, end, answer, _) in zip(parts, self._outputs([p for _, p in parts]), strict=True):
            answers[row] = max(answers[row], answer)
            read = slice(part.first, part.first + part.tokens)
            text = slice(part.body, part.body + part.tokens)
            for kept, logits in ((starts[row], start), (ends[row], end)):
                kept[read] = np.maximum(kept[read], logits[text] - logits[0])
        return [Reading(float(a), s, e, o) for a, s, e, o in zip(answers, starts, ends, offsets, strict=True)]

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """See Reader. Of a sentence too long for the network, the beginning is read."""
        parts = [next(self._encoder.parts(claim, "", sentence)) for sentence in sentences]
        logits = np.array([output[3] for output in self._outputs(parts)], np.float32).reshape(-1, 3)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)

    def _outputs(self, parts: Sequence[Part]) -> list[_Row]:
        """What the network says of each part."""
        found: dict[int, _Row] = {}
        for rows in batches([len(part.ids) for part in parts]):
            batch = [parts[row] for row in rows]
            read = self._transformer([part.ids for part in batch], [part.second for part in batch])
            body = np.array([part.body for part in batch])
            found |= zip(rows, zip(*self._heads.conclude(read.states, body, read.lengths), strict=True), strict=True)
        return [found[row] for row in range(len(parts))]


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
    if not file.is_file():
        raise ReaderError(f"The reader's weights are missing: there is no {file}. {_REPAIR}")
    try:
        weights, about = read_weights(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise ReaderError(f"{file} cannot be read as safetensors ({error}). {_REPAIR}") from error
    frozen = about.get("frozen", "")
    if about.get("base") != BASE or frozen not in map(str, range(LAYERS)):
        raise ReaderError(f"{file} does not say that it is for the upper layers of {BASE}. {_REPAIR}")
    base = from_bert(read_weights(packaged_model() / "model.safetensors")[0])
    if {name: tensor.shape for name, tensor in weights.items()} != _trained_shapes(base, int(frozen)):
        raise ReaderError(f"{file} holds other layers than a reader with {frozen} unchanged ones. {_REPAIR}")
    if not all(np.isfinite(tensor).all() for tensor in weights.values()):
        raise ReaderError(f"{file} holds values that are no numbers. {_REPAIR}")
    return base | weights


def _trained_shapes(base: Mapping[str, Array], frozen: int) -> dict[str, tuple[int, ...]]:
    """The shapes of what training changes: the layers above the frozen ones, and the heads."""
    layers = tuple(f"layers.{i}." for i in range(frozen, LAYERS))
    shapes = {name: tensor.shape for name, tensor in base.items() if name.startswith(layers)}
    for head, shape in HEAD_SHAPES.items():
        shapes |= {f"{head}.weight": shape, f"{head}.bias": shape[:1]}
    return shapes
