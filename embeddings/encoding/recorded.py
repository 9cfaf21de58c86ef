"""Vectors that sentence-transformers gave once, for where that library is not installed."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embeddings.encoding.encoder import Vectors
from embeddings.encoding.models import MISSING
from embeddings.encoding.weights import read_weights
from embeddings.errors import EncoderError

FILE = Path(__file__).parent / "recorded.safetensors"
"""Vectors of the default model, with its SHA-256 and the texts; `python -m deploy.recorded` made it."""


class RecordedEncoder:
    """The vectors of `texts`, and of the queries that a comparison makes of them, by look-up.

    `model` is the SHA-256 of a model. Raises EncoderError where none of its vectors are recorded.
    """

    def __init__(self, model: str) -> None:
        tensors, about = read_weights(FILE)
        if about["model"] != model:
            raise EncoderError(f"{MISSING} No vectors of this model are recorded that it could be compared with.")
        self.texts: list[str] = json.loads(about["texts"])
        self._vectors = dict(zip([*self.texts, *json.loads(about["queries"])], tensors["vectors"], strict=True))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder; KeyError for a text that was not recorded."""
        return np.stack([self._vectors[text] for text in texts])

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """The same, as the model puts no prompt before a query."""
        return self.encode_passages(queries)
