"""A model as sentence-transformers computes it: any of them, and what the graph is measured against.

Importing the library and torch takes seconds, so nothing that answers questions imports this module unless it must.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers.utils import logging

from embeddings.encoding.encoder import Vectors, Window
from embeddings.encoding.graph import pools_by_mean, sentence_vectors, unit
from embeddings.errors import EncoderError

_BATCH = 32


class ReferenceEncoder:
    """See `Encoder`: any sentence-transformers model of a folder, on a CUDA device if there is one.

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
        self._by_mean = pools_by_mean(folder)
        self.dimension: int = self._model.get_embedding_dimension() or 0
        special: int = self._tokenizer.num_special_tokens_to_add()
        self.max_tokens: int = min(self._model.max_seq_length or 512, 512) - special
        self.runtime = f"sentence-transformers on {device.upper()}"

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """See Encoder."""
        with self._lock:
            vectors = self._model.encode_query(list(queries), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32).reshape(len(queries), self.dimension)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        with self._lock:
            vectors = self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dimension)

    def encode_windows(self, windows: Sequence[Window], progress: Callable[[int], None] | None = None) -> list[Vectors]:
        """See Encoder. Windows of similar length share a batch, which avoids most of the padding."""
        found: dict[int, Vectors] = {}
        order = sorted(range(len(windows)), key=lambda row: len(windows[row].text), reverse=True)
        for first in range(0, len(order), _BATCH):
            rows = order[first : first + _BATCH]
            batch = [windows[row] for row in rows]
            found |= zip(rows, self._together(batch) if self._by_mean else map(self._apart, batch), strict=True)
            if progress:
                progress(len(rows))
        return [found[row] for row in range(len(windows))]

    def _together(self, windows: Sequence[Window]) -> Iterator[Vectors]:
        """Passages and sentences as means of what the layers make of their tokens."""
        texts = [window.text for window in windows]
        with self._lock:
            states = self._model.encode_document(texts, output_value="token_embeddings", show_progress_bar=False)
            read = self._tokenizer(texts, truncation=True, return_offsets_mapping=True, verbose=False)
        for window, tokens, offsets in zip(windows, states, read["offset_mapping"], strict=True):
            tokens = tokens.cpu().numpy()
            whole = unit(tokens.mean(axis=0, keepdims=True))
            yield np.concatenate([whole, sentence_vectors(tokens, offsets, window.sentences, whole[0])])

    def _apart(self, window: Window) -> Vectors:
        return self.encode_passages([window.text, *(window.text[start:end] for start, end in window.sentences)])

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
