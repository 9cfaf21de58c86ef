"""The reader on its trained weights."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from bot.answering.reader.model import LAYERS, Network, Output, from_bert
from bot.answering.reader.pairs import PairEncoder, Part
from bot.answering.reader.reading import Probabilities, Reading
from embeddings.encoder import packaged_model
from embeddings.errors import ReaderError

WEIGHTS = Path(__file__).parent / "weights.safetensors"
BASE = "all-MiniLM-L6-v2"
_REPAIR = "Install Footnote again, or set FOOTNOTE_READER=no to answer without a reader."
_Row = tuple[npt.NDArray[np.float32], ...]
"""A row of an Output."""
_TOKENS = 2560
"""Most tokens of a batch, padding included: more at once is no faster on a CPU."""
_FAST = torch.cpu.get_capabilities().get("avx512_bf16", False)


class TrainedReader:
    """The network with the layers that training changed, from a safetensors file, over the base model's weights.

    Where the processor computes with bfloat16, so does the transformer; the heads never do. Raises ReaderError for
    a file that is anything else. Threads may share one; they take turns.
    """

    def __init__(self, weights: Path = WEIGHTS, fast: bool = _FAST) -> None:
        self._network = load(weights)
        self._fast = fast
        if fast:
            for module in self._network.layers.modules():
                if isinstance(module, torch.nn.Linear):
                    module.to(torch.bfloat16)
        self._encoder = PairEncoder()
        self._lock = threading.Lock()

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
        """What the network says of each part; parts of similar length share a batch, to avoid padding."""
        found: dict[int, _Row] = {}
        order = sorted(range(len(parts)), key=lambda row: len(parts[row].ids), reverse=True)
        while order:
            size = max(1, _TOKENS // len(parts[order[0]].ids))
            rows, order = order[:size], order[size:]
            with self._lock:
                output = self._forward([parts[row] for row in rows])
            found |= zip(rows, zip(*(column.numpy() for column in output), strict=True), strict=True)
        return [found[row] for row in range(len(parts))]

    @torch.inference_mode()
    def _forward(self, parts: Sequence[Part]) -> Output:
        ids = torch.zeros(len(parts), len(parts[0].ids), dtype=torch.long)
        for row, part in zip(ids, parts, strict=True):
            row[: len(part.ids)] = torch.tensor(part.ids)
        second, body, length = torch.tensor([(part.second, part.body, len(part.ids)) for part in parts]).T
        network = self._network
        with torch.autocast("cpu", torch.bfloat16, enabled=self._fast):
            states = network.middle(network.lower(ids, second, length), length)
        return network.conclude(states.float(), body, length)


def load(file: Path) -> Network:
    """The network with these weights over the base model's. Raises ReaderError."""
    if not file.is_file():
        raise ReaderError(f"The reader's weights are missing: there is no {file}. {_REPAIR}")
    try:
        with safe_open(file, "pt") as opened:
            about = opened.metadata() or {}
            weights = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - it is no mapping
    except (SafetensorError, OSError) as error:
        raise ReaderError(f"{file} cannot be read as safetensors ({error}). {_REPAIR}") from error
    frozen = about.get("frozen", "")
    if about.get("base") != BASE or frozen not in map(str, range(LAYERS)):
        raise ReaderError(f"{file} does not say that it is for the upper layers of {BASE}. {_REPAIR}")
    with torch.device("meta"):
        network = Network(int(frozen)).eval().requires_grad_(False)
    wanted = {name: tensor.shape for name, tensor in network.changed().items()}
    if {name: tensor.shape for name, tensor in weights.items()} != wanted:
        raise ReaderError(f"{file} holds other layers than a reader with {frozen} unchanged ones. {_REPAIR}")
    if not all(tensor.is_floating_point() and tensor.isfinite().all() for tensor in weights.values()):
        raise ReaderError(f"{file} holds values that are no numbers. {_REPAIR}")
    base = from_bert(load_file(packaged_model() / "model.safetensors"))
    network.load_state_dict(base | {name: tensor.float() for name, tensor in weights.items()}, assign=True)
    return network
