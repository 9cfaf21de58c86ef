"""What the reader concludes from the states of its transformer: where the answer is, whether there is one, relation."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings.encoding.weights import Array

MASKED = -1e4

_erf = np.frompyfunc(math.erf, 1, 1)


class Output(NamedTuple):
    """What the reader says of B pairs of at most L tokens."""

    start: Array
    """Logits (B, L) of where the answer begins; position 0 is "no answer", masked positions are very negative."""
    end: Array
    """The same for its last token."""
    answer: Array
    """Logit (B,) that the passage answers the question."""


class Heads:
    """The heads of `training.model.Network`, in float32: they are small, and rounding them moves what is shown."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

    def conclude(self, states: Array, body: npt.NDArray[np.int64], length: npt.NDArray[np.int64]) -> Output:
        """From states (B, L, width) of pairs whose passage's text begins at `body` and which have `length` tokens."""
        place = np.arange(states.shape[1])
        allowed = (place >= body[:, None]) & (place < length[:, None] - 1)
        logits = self._linear("span", states)
        text = np.where(allowed[..., None], logits, np.float32(MASKED))
        null = logits[:, 0]
        odds = np.exp(text - text.max(axis=1, keepdims=True))
        total = odds.sum(axis=1)
        seen = np.einsum("blk,blw->bkw", odds / total[:, None], states)
        asked = (place < body[:, None]).astype(np.float32)
        question = np.einsum("bl,blw->bw", asked, states) / asked.sum(axis=1, keepdims=True)
        margin = text.max(axis=1) + np.log(total) - null
        first = states[:, 0]
        joint = np.concatenate([first, question, seen.reshape(len(states), -1), margin], axis=-1)
        answer = self._linear("answer", _gelu(self._linear("judge", joint)))[:, 0]
        both = np.where((place == 0)[:, None], null[:, None], text)
        return Output(both[..., 0], both[..., 1], answer)

    def relate(self, states: Array) -> Array:
        """Logits (B, 3) that a passage supports, contradicts or is neutral to a claim, from states (B, L, width)."""
        return self._linear("relation", _gelu(self._linear("compare", states[:, 0])))

    def _linear(self, name: str, x: Array) -> Array:
        product: Array = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product


def _gelu(x: Array) -> Array:
    changed: Array = x * (0.5 + 0.5 * _erf(x / math.sqrt(2)).astype(np.float32))
    return changed
