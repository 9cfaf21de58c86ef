"""A model's weights as arrays, without the library that trained it: safetensors, mapped into memory."""

import json
import math
import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

Array = npt.NDArray[np.float32]

LAYER = ("qkv", "out", "norm1", "up", "down", "norm2")
"""The parts of a transformer layer, as `from_bert` names them."""

_OTHERS = frozenset("BOOL U8 U16 U32 U64 I16 I32 I64".split())
_HEADER = 8
"""Bytes before a safetensors header that say how long it is."""


def read_weights(file: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """The tensors of a safetensors file by name, as float32, and what the file says of itself.

    What is kept in float32 stays on the disk until it is used (and is copied if it is written to); bfloat16, float16
    and integers of eight bits are copied, other integers (which some files number positions with) left out. Raises
    OSError, or SafetensorError for a damaged file.
    """
    with safe_open(file, "np"):  # checks the header against the file's length
        pass
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(_HEADER), "little")
        header: dict[str, Any] = json.loads(stream.read(size))
    about = header.pop("__metadata__", {})
    data = np.memmap(file, np.uint8, "c", _HEADER + size) if header else np.empty(0, np.uint8)
    return {name: _tensor(name, entry, data) for name, entry in header.items() if entry["dtype"] not in _OTHERS}, about


def let_go(tensor: Array) -> None:
    """Take the file that a tensor of `read_weights` is mapped from out of memory; what is used again is read again.

    Nothing may have been written to any tensor of that file: it would be lost.
    """
    behind: object = tensor
    while isinstance(behind, np.ndarray):
        behind = behind.base
    if isinstance(behind, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        behind.madvise(mmap.MADV_DONTNEED)


def _tensor(name: str, entry: Mapping[str, Any], data: npt.NDArray[np.uint8]) -> Array:
    first, last = entry["data_offsets"]
    raw, shape = data[first:last], tuple(entry["shape"])
    match entry["dtype"]:
        case "F32" if (_HEADER + first) % 4 == 0:
            found = raw.view("<f4")
        case "F32":
            found = np.frombuffer(raw.tobytes(), "<f4")
        case "F16":
            found = np.frombuffer(raw.tobytes(), "<f2").astype(np.float32)
        case "BF16":  # the upper half of a float32
            found = (np.frombuffer(raw.tobytes(), "<u2").astype(np.uint32) << 16).view(np.float32)
        case "I8":
            found = np.frombuffer(raw.tobytes(), "i1").astype(np.float32)
        case other:
            raise SafetensorError(f"{name} is of type {other}")
    if found.size != math.prod(shape):
        raise SafetensorError(f"{name} has not the size that it says")
    return found.reshape(shape)


def from_bert(bert: Mapping[str, Array]) -> dict[str, Array]:
    """The weights of a Hugging Face BERT by shorter names, with query, key and value in one matrix.

    Raises KeyError for a part that is missing.
    """
    bert = {name.removeprefix("bert."): tensor for name, tensor in bert.items()}
    ours = _embedding(bert)
    ours["types.weight"] = bert["embeddings.token_type_embeddings.weight"]
    qkv = [f"attention.self.{part}" for part in ("query", "key", "value")]
    return ours | _layers(bert, qkv, "attention.output.dense", "attention.output.LayerNorm")


def from_mpnet(mpnet: Mapping[str, Array]) -> dict[str, Array]:
    """The weights of a Hugging Face MPNet (Song et al. 2020, arXiv 2004.09297) by the same names.

    It has no segments, its first two places stand for padding, and its attention has a bias by distance:
    `distances.weight` of shape (buckets, heads). Raises KeyError for a part that is missing.
    """
    mpnet = {name.removeprefix("mpnet."): tensor for name, tensor in mpnet.items()}
    ours = _embedding(mpnet)
    ours["places.weight"] = ours["places.weight"][2:]
    ours["types.weight"] = np.zeros((1, ours["words.weight"].shape[1]), np.float32)
    ours["distances.weight"] = mpnet["encoder.relative_attention_bias.weight"]
    qkv = [f"attention.attn.{part}" for part in "qkv"]
    return ours | _layers(mpnet, qkv, "attention.attn.o", "attention.LayerNorm")


def _embedding(weights: Mapping[str, Array]) -> dict[str, Array]:
    names = {
        "embeddings.word_embeddings.weight": "words.weight",
        "embeddings.position_embeddings.weight": "places.weight",
        "embeddings.LayerNorm.weight": "norm.weight",
        "embeddings.LayerNorm.bias": "norm.bias",
    }
    return {new: weights[old] for old, new in names.items()}


def _layers(weights: Mapping[str, Array], qkv: Sequence[str], out: str, norm: str) -> dict[str, Array]:
    """Each layer's weights, given what the parts of attention are called in a layer; all others have one name."""
    ours: dict[str, Array] = {}
    parts = dict(zip(LAYER[1:], (out, norm, "intermediate.dense", "output.dense", "output.LayerNorm"), strict=True))
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    for i in range(layers):
        base = f"encoder.layer.{i}."
        for kind in ("weight", "bias"):
            ours[f"layers.{i}.qkv.{kind}"] = np.concatenate([weights[f"{base}{part}.{kind}"] for part in qkv])
            for new, old in parts.items():
                ours[f"layers.{i}.{new}.{kind}"] = weights[f"{base}{old}.{kind}"]
    return ours
