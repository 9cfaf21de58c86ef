"""A sentence-transformers model computed by the runtime's graph: BERT or MPNet, pooled by mean or first token."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from tokenizers import Encoding

from embeddings.encoding.encoder import Vectors, Window
from embeddings.encoding.runtime import Shape, States, Transformer, batches, precision, version
from embeddings.encoding.tokens import encode, load_tokenizer
from embeddings.encoding.weights import Array, from_bert, from_mpnet, read_weights

LONGEST = 512
"""Tokens that the models have places for."""
_MODULES = ["Transformer", "Pooling", "Normalize"]
_POOLINGS = {"mean": False, "mean_tokens": False, "cls": True, "cls_token": True}
"""Ways of pooling, in both notations, and whether they take the first token."""
_FAMILIES = {"bert": from_bert, "mpnet": from_mpnet}
_SETTINGS = {"model_type": tuple(_FAMILIES), "position_embedding_type": ("absolute",), "hidden_act": ("gelu",)}


class Unknown(Exception):  # noqa: N818 - says what the model is
    """Why the graph cannot stand for a model."""


class GraphEncoder:
    """See `embeddings.encoding.encoder.Encoder`. Raises Unknown for a model that is put together in another way.

    Whether its vectors are the model's is for a comparison to say (`agreement.py`), not for this class.
    """

    def __init__(self, folder: Path) -> None:
        try:
            inner, pooling = _modules(folder)
            self._first_token = _pools_by_first_token(pooling)
            config = _known_config(inner)
            shape = Shape(config["num_hidden_layers"], config["num_attention_heads"], config["layer_norm_eps"])
            named = _FAMILIES[config["model_type"]]
            self._transformer = Transformer(named(read_weights(inner / "model.safetensors")[0]), shape)
            self._tokenizer = load_tokenizer(inner)
            self._longest = _longest(inner)
        except Unknown:
            raise
        except SafetensorError as error:
            raise Unknown(f"its weights cannot be read ({error})") from error
        except Exception as error:  # the libraries raise many kinds; each means that the graph does not fit
            raise Unknown(f"it lacks what the graph needs ({type(error).__name__}: {error})") from error
        self.dimension: int = config["hidden_size"]
        self.max_tokens: int = self._longest - self._tokenizer.num_special_tokens_to_add(False)
        self.runtime = f"{version()} in {precision()}"

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self.encode_passages(queries)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for rows, _, read in self._read(texts):
            vectors[rows] = self._pooled(read)
        return vectors

    def encode_windows(self, windows: Sequence[Window], progress: Callable[[int], None] | None = None) -> list[Vectors]:
        """See Encoder."""
        found: dict[int, Vectors] = {}
        for rows, encodings, read in self._read([window.text for window in windows]):
            whole = self._pooled(read)
            for place, row in enumerate(rows):
                text, spans = windows[row]
                if self._first_token:
                    parts = self.encode_passages([text[start:end] for start, end in spans])
                else:
                    parts = sentence_vectors(read.states[place], encodings[place].offsets, spans, whole[place])
                found[row] = np.concatenate([whole[place, None], parts])
            if progress:
                progress(len(rows))
        return [found[row] for row in range(len(windows))]

    def _read(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[Encoding], States]]:
        """The texts in batches: which they are, their tokens, and what the layers make of them."""
        encodings = encode(self._tokenizer, texts, self._longest)
        for rows in batches([len(encoding.ids) for encoding in encodings]):
            batch = [encodings[row] for row in rows]
            yield rows, batch, self._transformer([encoding.ids for encoding in batch])

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """See Encoder."""
        encodings: list[Encoding] = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [encoding.offsets for encoding in encodings]

    def _pooled(self, read: States) -> Vectors:
        """One vector of length 1 a text: its first token's, or the mean of all."""
        if self._first_token:
            found = read.states[:, 0]
        else:
            counts = np.arange(read.states.shape[1]) < read.lengths[:, None]
            found = np.einsum("blw,bl->bw", read.states, counts.astype(np.float32))
        return unit(found)


def sentence_vectors(
    states: Array, offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]], whole: Array
) -> Vectors:
    """The means of the sentences' own tokens; `whole` where a sentence has none, because it is behind the last.

    `states` has shape (tokens, width), and `offsets` the characters of each token, (0, 0) of special ones.
    """
    found = np.empty((len(spans), len(whole)), dtype=np.float32)
    first, last = np.array(offsets).T
    for row, (start, end) in enumerate(spans):
        own = np.flatnonzero((first < last) & (first >= start) & (last <= end))
        found[row] = states[own].mean(axis=0) if len(own) else whole
    return unit(found)


def unit(vectors: Array) -> Vectors:
    """The same at length 1, row by row."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Vectors = vectors / np.maximum(lengths, 1e-12)
    return found


def _modules(folder: Path) -> tuple[Path, Path]:
    """The folders of a model's transformer and of its pooling. Raises Unknown for a model made of other modules."""
    modules = _read(folder / "modules.json")
    kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
    if kinds not in (_MODULES, _MODULES[:2]):
        raise Unknown(f"it is made of {', '.join(kinds)}")
    if any((_read(folder / "config_sentence_transformers.json").get("prompts") or {}).values()):
        raise Unknown("it puts prompts before texts")
    return folder / modules[0]["path"], folder / modules[1]["path"]


def _known_config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = _read(folder / "config.json")
    for name, known in _SETTINGS.items():
        if config.get(name, known[0]) not in known:
            raise Unknown(f"its {name} is {config[name]}")
    return config


def _longest(folder: Path) -> int:
    """How many tokens the model reads, its special ones included."""
    settings = _read(folder / "sentence_bert_config.json")
    if settings.get("do_lower_case"):
        raise Unknown("it lowers its texts by itself")
    longest = settings.get("max_seq_length") or _read(folder / "tokenizer_config.json").get("model_max_length")
    return min(longest or LONGEST, LONGEST)


def pools_by_mean(folder: Path) -> bool:
    """Whether a sentence-transformers model is known to pool by the mean of all tokens."""
    try:
        return not _pools_by_first_token(_modules(folder)[1])
    except Unknown:
        return False


def _pools_by_first_token(folder: Path) -> bool:
    """Whether a model's first token stands for a text, or else the mean of all. Raises Unknown."""
    settings = _read(folder / "config.json")
    older = [name.removeprefix("pooling_mode_") for name, used in settings.items() if used is True]
    way = settings.get("pooling_mode") or "+".join(each for each in older if each != "include_prompt")
    if way not in _POOLINGS:
        raise Unknown(f"it pools by {way or 'nothing that is known'}")
    return _POOLINGS[way]


def _read(file: Path) -> Any:
    """A file of settings; without it there are none."""
    return json.loads(file.read_bytes()) if file.is_file() else {}
