"""A model as sentence-transformers computes it: any of them, and what the graph is measured against.

Importing the library and torch takes seconds, so nothing that answers questions imports this module unless it must.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from embeddings.encoder import Vectors
from embeddings.errors import EncoderError

_BATCH = 32


class ReferenceEncoder:
    """See `embeddings.encoder.Encoder`: any sentence-transformers model of a folder, on a CUDA device if there is one.

    Weights must be safetensors, never a pickle, and no code that comes with a model is run. Raises EncoderError when
    the model cannot be loaded. Threads may share one; they take turns.
    """

    def __init__(self, folder: Path) -> None:
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._model = SentenceTransformer(
                str(folder),
                device=device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # the library raises many kinds; each means the model is unusable
            raise EncoderError(f"The model in {folder} could not be loaded: {error}") from error
        self._tokenizer = self._model.tokenizer
        if len(self._tokenizer) <= len(self._tokenizer.all_special_tokens):  # loads, but knows no word
            raise EncoderError(f"The model in {folder} could not be loaded: it holds no tokenizer.")
        self._lock = threading.Lock()  # padding and truncation are state of the one tokenizer
        self.dimension: int = self._model.get_embedding_dimension() or 0
        special: int = self._tokenizer.num_special_tokens_to_add()
        self.max_tokens: int = min(self._model.max_seq_length or 512, 512) - special
        self.runtime = f"sentence-transformers on {device.upper()}"

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """See Encoder."""
        with self._lock:
            vectors = self._model.encode_query(list(queries), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32).reshape(len(queries), self.dimension)

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """See Encoder. Texts of similar length share a batch, which avoids most of the padding."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]), reverse=True)
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            with self._lock:
                vectors[rows] = self._model.encode_document(
                    [texts[row] for row in rows],
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            if progress:
                progress(len(rows))
        return vectors

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """See Encoder."""
        if not texts:
            return []
        with self._lock:
            encoded = self._tokenizer(
                list(texts),
                add_special_tokens=False,
                return_offsets_mapping=True,
                verbose=False,
                truncation=False,
            )
        spans: list[list[tuple[int, int]]] = encoded["offset_mapping"]
        return spans
