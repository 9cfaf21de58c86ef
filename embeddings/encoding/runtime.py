"""BERT and MPNet without torch: one graph of a model's weights, computed by OpenVINO.

The graph is written down here, layer by layer (Devlin et al. 2019; post-norm layers, GELU by the error function), so no
converter is needed and none is run. MPNet differs in a bias of attention by distance (Song et al. 2020). Embedding
tables stay outside: looking rows up in a mapped file costs nothing and keeps tens of megabytes out of memory.
"""

import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings.encoding.weights import Array, let_go

# At import, openvino's converter reports the use to its makers over the network. It is not needed here, and openvino
# does without where it cannot be imported.
sys.modules.setdefault("openvino.tools", None)  # type: ignore[arg-type]
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

_STEP = 16
"""Texts are padded to a multiple of so many tokens, which takes 5 % more time: OpenVINO compiles anew for each shape of
input, and keeps half a megabyte of it."""
_KEPT = "256"
"""For so many operations, what is compiled for a shape is kept; by default for thousands."""
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _KEPT)  # there is no other way to say it

import openvino  # noqa: E402
from openvino import opset13 as op  # noqa: E402

GRAPH = "1"
"""Which writing of the graph this is: another one is compared with the reference again."""
_MASKED = -1e4
_FAR = 128
"""Tokens from which all distances have one bias."""
_TOKENS = 1024
"""Most tokens of a batch, padding included: more at once is slower, as it no longer fits into the processor's cache."""

_core = openvino.Core()


def version() -> str:
    """The runtime's name and version."""
    return f"OpenVINO {openvino.__version__.split('-')[0]}"


def precision() -> str:
    """What this processor computes fastest without losing what is measured: bfloat16 where it is native."""
    native = "BF16" in _core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bfloat16" if native else "float32"


class Shape(NamedTuple):
    """What the weights alone do not tell."""

    layers: int
    heads: int
    epsilon: float = 1e-12
    """Of layer normalisation."""


class States(NamedTuple):
    """The last layer's output for B texts of at most L tokens."""

    states: Array
    """Shape (B, L, width); behind a text's last token they mean nothing."""
    lengths: npt.NDArray[np.int64]
    """Tokens of each text: shape (B,)."""


class Transformer:
    """A model's layers over weights named as `from_bert` and `from_mpnet` do; threads that share one take turns.

    Raises KeyError for weights that are missing.
    """

    def __init__(self, weights: Mapping[str, Array], shape: Shape, precise: bool = False) -> None:
        """With `precise`, float32 is used whatever the processor has."""
        self._words, self._places, self._types = (weights[f"{n}.weight"] for n in ("words", "places", "types"))
        self._bias = bias_by_distance(weights["distances.weight"], len(self._places)) if _is_mpnet(weights) else None
        hint = "f32" if precise or precision() == "float32" else "bf16"
        options = {
            "INFERENCE_PRECISION_HINT": hint,
            "PERFORMANCE_HINT": "LATENCY",
            "CPU_RUNTIME_CACHE_CAPACITY": _KEPT,
        }
        self._request = _core.compile_model(_graph(weights, shape), "CPU", options).create_infer_request()
        self._lock = threading.Lock()

    def __call__(self, ids: Sequence[Sequence[int]], second: Sequence[int] | None = None) -> States:
        """The states of texts given as token ids; `second` says where each one's second segment begins."""
        lengths = np.array([len(row) for row in ids], dtype=np.int64)
        longest = min(-(-int(lengths.max()) // _STEP) * _STEP, len(self._places))
        place = np.arange(longest)
        embedded = np.tile(self._places[:longest], (len(ids), 1, 1))
        for row, tokens in enumerate(ids):
            embedded[row, : len(tokens)] += self._words[tokens]
            let_go(self._words)  # a row brings its neighbours along: in the end that would be all of the table
        if second is None:
            embedded += self._types[0]
        else:
            embedded += self._types[(place >= np.array(second)[:, None]).astype(np.int64)]
        mask = np.where(place < lengths[:, None], 0, _MASKED).astype(np.float32)[:, None, None, :]
        if self._bias is not None:
            mask = mask + self._bias[:, place - place[:, None]]
        with self._lock:
            states = self._request.infer([embedded, mask], share_inputs=True)[0]
        return States(states, lengths)


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The rows of texts of so many tokens in batches of similar length, the longest first, to avoid padding."""
    order = sorted(range(len(lengths)), key=lambda row: lengths[row], reverse=True)
    while order:
        size = max(1, _TOKENS // max(lengths[order[0]], 1))
        yield order[:size]
        del order[:size]


def bias_by_distance(buckets: Array, longest: int) -> Array:
    """What attention adds for a token that stands so far behind the one that looks; from the end on, before it.

    Shape (heads, 2 * longest - 1), for distances 0, 1, … longest - 1, -(longest - 1), … -1. Half of the buckets are for
    tokens before; of each half, half are for one distance each, and the rest grow to `_FAR` by the logarithm
    (Raffel et al. 2020, section 2.1).
    """
    distances = np.concatenate([np.arange(longest), np.arange(1 - longest, 0)])
    half = len(buckets) // 2
    single = half // 2
    far = np.abs(distances)
    with np.errstate(divide="ignore"):
        growing = single + np.log(far / single) / np.log(_FAR / single) * (half - single)
    rows = np.where(far < single, far, np.clip(growing, single, half - 1).astype(np.int64))
    found: Array = buckets[rows + half * (distances > 0)].T
    return found


def _is_mpnet(weights: Mapping[str, Array]) -> bool:
    return "distances.weight" in weights


def _graph(weights: Mapping[str, Array], shape: Shape) -> openvino.Model:
    width = weights["words.weight"].shape[1]
    embedded = op.parameter([-1, -1, width], np.float32)
    mask = op.parameter([-1, shape.heads, -1, -1] if _is_mpnet(weights) else [-1, 1, 1, -1], np.float32)

    def constant(values: int | Sequence[int]) -> openvino.Node:
        return op.constant(np.array(values, dtype=np.int64))

    def weight(name: str) -> openvino.Node:
        return op.constant(weights[name], shared_memory=True)  # not copied before it is packed

    def linear(x: openvino.Node, name: str) -> openvino.Node:
        product = op.matmul(x, weight(f"{name}.weight"), False, True)
        return op.add(product, weight(f"{name}.bias"))

    def normalised(x: openvino.Node, name: str) -> openvino.Node:
        standard = op.mvn(x, constant([-1]), True, shape.epsilon, "inside_sqrt")
        return op.add(op.multiply(standard, weight(f"{name}.weight")), weight(f"{name}.bias"))

    def attention(x: openvino.Node, name: str) -> openvino.Node:
        """Attention over (B, L, width), each head for itself."""
        heads = op.reshape(linear(x, name), constant([0, 0, 3, shape.heads, width // shape.heads]), True)
        parts = op.split(op.transpose(heads, constant([2, 0, 3, 1, 4])), constant(0), 3)
        q, k, v = (op.squeeze(part, constant([0])) for part in parts.outputs())
        mixed = op.scaled_dot_product_attention(q, k, v, mask)
        return op.reshape(op.transpose(mixed, constant([0, 2, 1, 3])), constant([0, 0, width]), True)

    x = normalised(embedded, "norm")
    for i in range(shape.layers):
        layer = f"layers.{i}."
        x = normalised(op.add(x, linear(attention(x, f"{layer}qkv"), f"{layer}out")), f"{layer}norm1")
        inner = op.gelu(linear(x, f"{layer}up"), "erf")
        x = normalised(op.add(x, linear(inner, f"{layer}down")), f"{layer}norm2")
    return openvino.Model([x], [embedded, mask], "bert")
