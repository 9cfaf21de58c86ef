"""The reader: what its readings say exactly, what is fed to its network, and which weights it takes."""

import random
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes import FakeReader
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from bot.reader.pairs import CLS, LONGEST, SEP, SHARED, PairEncoder
from bot.reader.reading import LONGEST_SPAN, Found, Reader, Reading
from bot.reader.trained import BASE, CLAIMS, SCALE, WEIGHTS, TrainedReader, digest_file
from embeddings.errors import ReaderError
from embeddings.files import sha256_of
from embeddings.splitting.passages import Span
from training.export import export_claims
from training.model import Network, load

OSLO = "Seven goats live in Oslo. The harbour froze in 1900, and nobody came."
shipped = pytest.mark.skipif(not WEIGHTS.exists(), reason="the reader's weights are not here")


# --- readings --------------------------------------------------------------------------------------


def reading(text: str, start: dict[int, float], end: dict[int, float]) -> Reading:
    """A reading of words, with logits of -9 but for those given by the word's number."""
    offsets, at = [], 0
    for word in text.split(" "):
        offsets.append((at, at + len(word)))
        at += len(word) + 1
    logits = [[given.get(place, -9.0) for place in range(len(offsets))] for given in (start, end)]
    return Reading(0.0, np.array(logits[0], np.float32), np.array(logits[1], np.float32), np.array(offsets))


def test_the_best_span_begins_before_it_ends_and_its_margin_is_the_sum_of_both_logits():
    text = "on 5 May 1900 it froze"
    read = reading(text, {1: 2.0, 3: 1.0}, {0: 9.0, 3: 1.5})

    found = read.best()

    assert found == Found(Span(3, 13), 3.5)
    assert text[slice(*found.span)] == "5 May 1900"


def test_within_a_sentence_only_its_own_tokens_count():
    read = reading("it froze in 1900 . goats came", {3: 5.0, 5: 1.0}, {3: 5.0, 5: 0.5})

    assert read.best(0, 18) == Found(Span(12, 16), 10.0)
    assert read.best(19, 29) == Found(Span(19, 24), 1.5)
    assert read.best(19) == read.best(19, 29)
    assert read.best(13, 16) is None, "half a token is none"
    assert read.best(29, 29) is None


def test_a_span_has_a_bounded_length():
    count = LONGEST_SPAN + 1
    read = reading(" ".join("a" * count), {0: 5.0}, {count - 1: 5.0})

    found = read.best()

    assert found is not None and found.margin == -4.0


def test_tokens_without_characters_are_no_answer():
    read = Reading(0.0, np.array([9.0, 1.0]), np.array([9.0, 1.0]), np.array([(0, 0), (0, 3)]))

    assert read.best() == Found(Span(0, 3), 2.0)


def brute_force(read: Reading, start: int, end: int) -> float | None:
    best = None
    for i, (a, b) in enumerate(read.offsets):
        for j in range(i, min(i + LONGEST_SPAN, len(read.offsets))):
            if start <= a < b and read.offsets[j][0] < read.offsets[j][1] <= end and b <= end:
                score = float(read.start[i] + read.end[j])
                best = score if best is None else max(best, score)
    return best


@given(st.integers(0, 2**32 - 1))
def test_the_best_span_is_the_one_that_trying_all_finds(seed: int):
    rng = np.random.default_rng(seed)
    text = " ".join("ab"[: rng.integers(1, 3)] for _ in range(rng.integers(1, 40)))
    read = reading(text, {}, {})
    starts, ends = rng.normal(size=(2, len(read.start))).astype(np.float32)
    read = Reading(0.0, starts, ends, read.offsets)
    start, end = sorted(rng.integers(0, len(text) + 1, 2))

    found, expected = read.best(start, end), brute_force(read, start, end)

    assert (found and found.margin) == pytest.approx(expected)
    assert found is None or start <= found.span.start < found.span.end <= end


# --- input -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pairs() -> PairEncoder:
    return PairEncoder()


def test_a_pair_is_the_question_then_title_and_passage(pairs: PairEncoder):
    (part,) = pairs.parts("how many goats?", "Oslo", "Seven goats.")

    question, title, passage = (pairs.tokens(text)[0] for text in ("how many goats?", "Oslo:", "Seven goats."))
    assert part.ids == [CLS, *question, SEP, *title, *passage, SEP]
    assert part.ids[part.second :] == [*title, *passage, SEP]
    assert part.ids[part.body : part.body + part.tokens] == passage
    assert part.first == 0


def test_without_a_title_the_passage_follows_at_once(pairs: PairEncoder):
    (part,) = pairs.parts("how many goats?", "", "Seven goats.")

    assert part.second == part.body


def test_of_a_long_question_the_beginning_is_read_and_of_a_long_title_the_end(pairs: PairEncoder):
    (part,) = pairs.parts("goat " * 200, "a " * 50 + "b", "Seven.")

    assert part.second == 66
    assert part.body - part.second == 32
    assert part.ids[part.body - 2 : part.body] == pairs.tokens("b:")[0]


@pytest.mark.parametrize("words", [1, LONGEST - 7, LONGEST - 6, LONGEST - 5, 700, 701, 2000])
def test_parts_cover_a_long_passage_and_overlap(pairs: PairEncoder, words: int):
    text = "goat " * words
    tokens = pairs.tokens(text)[0]

    parts = list(pairs.parts("a b", "c", text))

    assert all(len(part.ids) <= LONGEST for part in parts)
    assert [part.ids[part.body : -1] for part in parts] == [tokens[p.first : p.first + p.tokens] for p in parts]
    assert parts[0].first == 0 and parts[-1].first + parts[-1].tokens == len(tokens) == words
    assert all(a.first + a.tokens - b.first == SHARED for a, b in pairwise(parts))


def test_offsets_are_of_the_text_itself_whatever_it_holds(pairs: PairEncoder):
    text = "Zürich 🐐 naïve\u0301 “4,000” 北京\r\n  \u200b Ⅷ ﬁn"
    ids, offsets = pairs.tokens(text)

    assert len(ids) == len(offsets)
    assert all(0 <= a <= b <= len(text) for a, b in offsets)
    assert {"Zürich", "4", "000", "北", "京"} <= {text[a:b] for a, b in offsets}


# --- the trained one -------------------------------------------------------------------------------


def untrained(folder: Path, **metadata: str) -> Path:
    """Weights of the right shape, drawn from one seed."""
    torch.manual_seed(1)
    changed = Network(frozen=2).changed()
    tensors = {name: tensor.detach().bfloat16() for name, tensor in changed.items()}
    file = folder / "weights.safetensors"
    save_file(tensors, file, {"base": BASE, "frozen": "2"} | metadata)
    digest_file(file).write_text(sha256_of(file), encoding="ascii")
    if not metadata:
        trained_for_claims(file)
    return file


def trained_for_claims(file: Path) -> dict[str, torch.Tensor]:
    """Write beside such weights what claims need otherwise; return what it was made of."""
    checkpoint = file.parent / "run" / "checkpoint" / "weights.safetensors"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(2)
    weights = {name: tensor.float() + 0.02 * torch.randn(tensor.shape) for name, tensor in load_file(file).items()}
    save_file(weights, checkpoint)
    export_claims(file.parent / "run", file)
    return weights


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> TrainedReader:
    return TrainedReader(untrained(tmp_path_factory.mktemp("reader")), precise=True)


TEXTS = [
    ("Oslo", OSLO),
    ("", "The lake froze."),
    ("A title that is long", "goat " * 120),
    ("", "🐐 Zürich: 4,000 naïve"),
]


def near(one: Reading, other: Reading) -> bool:
    pairs = ((one.answer, other.answer), (one.start, other.start), (one.end, other.end))
    return all(np.allclose(a, b, atol=1e-2, rtol=0) for a, b in pairs) and np.array_equal(one.offsets, other.offsets)


def test_both_readers_are_readers(reader: TrainedReader):
    readers: list[Reader] = [reader, FakeReader()]

    for each in readers:
        (read,) = each.read("how many goats?", [("", OSLO)])
        assert read.start.shape == read.end.shape == read.offsets.shape[:1]
        shares = each.compare("a goat came", ["a goat came", "it rained"])
        assert shares.shape == (2, 3) and np.allclose(shares.sum(axis=1), 1)
        assert each.read("anything", []) == [] and each.compare("anything", []).shape == (0, 3)


def test_a_passage_is_read_the_same_alone_and_among_others(reader: TrainedReader):
    together = reader.read("how many goats?", TEXTS)
    alone = [reader.read("how many goats?", [text])[0] for text in TEXTS]

    assert all(map(near, together, alone))
    assert all(map(near, reader.read("how many goats?", TEXTS[::-1]), together[::-1]))
    assert np.allclose(
        reader.compare("a", [text for _, text in TEXTS])[1], reader.compare("a", [TEXTS[1][1]])[0], atol=1e-2
    )


def test_question_title_and_text_all_matter(reader: TrainedReader):
    first, question, title, text = (
        reader.read(asked, [passage])[0].answer
        for asked, passage in [
            ("how many goats?", ("Oslo", OSLO)),
            ("who came?", ("Oslo", OSLO)),
            ("how many goats?", ("", OSLO)),
            ("how many goats?", ("Oslo", "The lake froze.")),
        ]
    )
    assert len({first, question, title, text}) == 4


def test_spans_are_the_text_s_own_characters(reader: TrainedReader):
    for (_, text), read in zip(TEXTS, reader.read("how many?", TEXTS), strict=True):
        found = read.best()
        assert found is not None
        piece = text[slice(*found.span)]
        assert piece and piece == piece.strip()


def test_a_passage_longer_than_the_network_reads_is_read_to_its_end(reader: TrainedReader):
    text = " ".join(f"Goat number {number} came." for number in range(300))

    (read,) = reader.read("how many?", [("", text)])

    assert len(read.start) == len(read.offsets) > LONGEST * 2
    assert np.isfinite(read.start).all() and np.isfinite(read.end).all() and np.isfinite(read.answer)
    assert read.offsets[-1][1] == len(text)
    early = reader.read("how many?", [("", text[:500])])[0]
    assert read.answer != early.answer


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\n\n"])
def test_a_passage_without_a_word_does_not_answer(reader: TrainedReader, text: str):
    read, other = reader.read("how many?", [("Oslo", text), ("", OSLO)])

    assert read.answer == -np.inf and read.best() is None
    assert near(other, reader.read("how many?", [("", OSLO)])[0])


@pytest.mark.slow
def test_threads_that_share_a_reader_get_what_one_alone_would(reader: TrainedReader):
    questions = [f"how many goats came in {year}?" for year in range(1900, 1904)]
    expected = [reader.read(question, TEXTS) for question in questions]
    found: dict[int, list[Reading]] = {}

    def ask(number: int) -> None:
        found[number] = reader.read(questions[number], TEXTS)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(questions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(near(a, b) for number, read in found.items() for a, b in zip(read, expected[number], strict=True))
    assert len(found) == len(questions)


# --- its weights -----------------------------------------------------------------------------------


def test_weights_that_are_missing_are_asked_for(tmp_path: Path):
    with pytest.raises(ReaderError, match=r"weights are missing.*FOOTNOTE_READER=no"):
        TrainedReader(tmp_path / "weights.safetensors")


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x80\x04pickle", b"\xff" * 64])
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes):
    file = tmp_path / "weights.safetensors"
    file.write_bytes(content)

    with pytest.raises(ReaderError, match="cannot be read as safetensors"):
        TrainedReader(file)


@pytest.mark.slow
@pytest.mark.parametrize(
    "metadata", [{"base": "another"}, {"frozen": ""}, {"frozen": "-1"}, {"frozen": "6"}, {"frozen": "x"}]
)
def test_weights_for_another_model_are_refused(tmp_path: Path, metadata: dict[str, str]):
    file = untrained(tmp_path, **metadata)

    with pytest.raises(ReaderError, match="does not say that it is for the upper layers"):
        TrainedReader(file)


def test_weights_with_other_layers_shapes_or_values_are_refused(tmp_path: Path):
    file = untrained(tmp_path)
    weights = load_file(file)
    metadata = {"base": BASE, "frozen": "2"}
    wrong = {
        "other layers": weights | {"more": torch.zeros(1)},
        "holds other": {name: tensor for name, tensor in weights.items() if name != "span.bias"},
        "than a reader with": weights | {"span.bias": torch.zeros(3)},
        "no numbers": weights | {"span.bias": torch.tensor([1.0, float("nan")])},
    }
    for message, tensors in wrong.items():
        save_file(tensors, file, metadata)
        with pytest.raises(ReaderError, match=message):
            TrainedReader(file)
    save_file(weights, file, metadata | {"frozen": "3"})
    with pytest.raises(ReaderError, match="other layers than a reader with 3"):
        TrainedReader(file)


def test_weights_that_changed_since_they_were_written_are_refused(tmp_path: Path):
    file = untrained(tmp_path)
    data = bytearray(file.read_bytes())
    data[-20_000:-10_000:2] = bytes(5_000)  # still numbers, the lower halves of some
    file.write_bytes(data)

    with pytest.raises(ReaderError, match=r"has changed since it was written.*FOOTNOTE_READER=no"):
        TrainedReader(file)


def test_weights_without_their_digest_are_refused(tmp_path: Path):
    file = untrained(tmp_path)
    digest_file(file).unlink()

    with pytest.raises(ReaderError, match=r"weights\.sha256 cannot be read"):
        TrainedReader(file)


def test_what_claims_need_is_of_these_weights_or_refused(tmp_path: Path):
    file = untrained(tmp_path)
    claims = file.with_name(CLAIMS)
    changed, about = load_file(claims), {"over": sha256_of(file)}
    other = {"over": "0" * 64}
    wrong = [
        ("is not for weights.safetensors", changed, other),
        ("holds other layers", changed | {"layers.9.up.weight": torch.zeros(2, 2)}, about),
        ("holds other layers", changed | {f"layers.2.up.weight{SCALE}": torch.ones(3, 1)}, about),
        ("no numbers", changed | {"relation.bias": torch.tensor([1.0, 2.0, float("inf")])}, about),
    ]
    for message, tensors, says in wrong:
        save_file(tensors, claims, says)
        digest_file(claims).write_text(sha256_of(claims), encoding="ascii")
        with pytest.raises(ReaderError, match=message):
            TrainedReader(file).compare("a goat came", ["a goat came"])
    claims.write_bytes(b"other")
    with pytest.raises(ReaderError, match=r"claims\.safetensors has changed since it was written"):
        TrainedReader(file)


def test_what_training_for_claims_changed_is_written_in_a_quarter_of_the_room(tmp_path: Path):
    file = untrained(tmp_path)
    before, wanted, network = load(file).state_dict(), trained_for_claims(file), load(file, claims=True)

    for name, tensor in network.changed().items():
        if name.startswith(("span.", "judge.", "answer.")):
            assert torch.equal(tensor, before[name]), "what answers questions is not touched"
        elif name.startswith("layers.") and tensor.dim() == 2:
            step = (wanted[name] - before[name]).abs().amax(1, keepdim=True) / 127
            assert ((tensor - wanted[name]).abs() <= 0.51 * step).all()
        else:
            assert torch.equal(tensor, wanted[name].bfloat16().float())
    whole = sum(4 * tensor.numel() for name, tensor in wanted.items() if not name.startswith(("span.", "judge.")))
    assert file.with_name(CLAIMS).stat().st_size < 0.28 * whole


@pytest.mark.slow
def test_it_says_what_the_network_it_was_trained_as_says(tmp_path: Path, pairs: PairEncoder):
    file = untrained(tmp_path)
    network, question = load(file), "how many goats?"
    read = TrainedReader(file, precise=True).read(question, TEXTS)
    related = TrainedReader(file, precise=True).compare(question, [text for _, text in TEXTS])

    for (title, text), found in zip(TEXTS, read, strict=True):
        (part,) = pairs.parts(question, title, text)
        places = torch.tensor([[part.second, part.body, len(part.ids)]]).T
        with torch.inference_mode():
            output = network(torch.tensor([part.ids]), *places)
        assert found.answer == pytest.approx(float(output.answer), abs=1e-3)
        for ours, theirs in ((found.start, output.start), (found.end, output.end)):
            expected = theirs[0, part.body : part.body + part.tokens] - theirs[0, 0]
            np.testing.assert_allclose(ours, expected, atol=1e-3)
    network = load(file, claims=True)
    for (_, text), shares in zip(TEXTS, related, strict=True):
        (part,) = pairs.parts(question, "", text)
        places = torch.tensor([[part.second, part.body, len(part.ids)]]).T
        with torch.inference_mode():
            output = network(torch.tensor([part.ids]), *places)
        np.testing.assert_allclose(shares, torch.softmax(output.relation[0], -1), atol=1e-3)


@pytest.mark.slow
def test_bfloat16_changes_little(tmp_path: Path):
    file = untrained(tmp_path)
    one, other = (TrainedReader(file, precise).read("how many goats?", TEXTS) for precise in (True, False))

    for exact, fast in zip(one, other, strict=True):
        assert exact.answer == pytest.approx(fast.answer, abs=0.2)
        assert np.abs(exact.start - fast.start).max() < 0.5


@shipped
@pytest.mark.slow
def test_the_shipped_reader_finds_values_and_knows_when_there_is_none():
    reader = TrainedReader()
    passages = [("Oslo", OSLO), ("", "The lake froze in 1950.")]

    goats, other = reader.read("How many goats live in Oslo?", passages)
    found = goats.best()
    assert found is not None and OSLO[slice(*found.span)] == "Seven"
    assert goats.answer > 0 > other.answer
    king, _ = reader.read("Who is the king of Spain?", passages)
    assert king.answer < 0


@shipped
@pytest.mark.slow
def test_the_shipped_reader_tells_what_supports_from_what_contradicts():
    claims = ["Seven goats live in Oslo.", "Ann Lee was born in 1900."]
    random.Random(1).shuffle(claims)
    reader = TrainedReader()

    for claim in claims:
        same, changed, unrelated = reader.compare(
            claim, [claim, claim.replace("Seven", "Nine").replace("1900", "1950"), "It rained."]
        )
        assert same.argmax() == 0 and changed.argmax() == 1 and unrelated.argmax() == 2
