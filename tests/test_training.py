"""How the reader's weights are made: labels that are right, splits kept apart, runs that go on where they stopped."""

import json
import random
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from bot.reader.pairs import PairEncoder
from bot.reader.reading import CONTRADICT, NEUTRAL, SUPPORT
from training import data, negatives
from training.batches import Pairs
from training.export import export
from training.last_phase import HARD, chosen
from training.measures import normalised, overlap, relevance, string_f1
from training.model import load
from training.sources import DOCS, HUMAN, Pair, claims_of, halfdev, questions_of, rows, squad_split
from training.train import State, Trainer, run

SHARED = Path(__file__).resolve().parents[2] / "shared"
GOATS = "The goats came in 1900. Seven of them lived in Oslo. Nobody counted the sheep, and the harbour froze."
SEVEN = Pair("goats", "How many goats lived in Oslo?", "Goats", GOATS, (24, 29), 1)


def labelled(pair: Pair, longest: int = 200) -> str:
    """The tokens that the label of an encoded pair marks, as characters of its passage."""
    encoder = PairEncoder()
    made = data.encode(pair, encoder, longest)
    assert made is not None
    offsets = encoder.tokens(pair.passage)[1]
    return pair.passage[offsets[made.start - made.body][0] : offsets[made.end - made.body][1]]


def test_the_label_of_an_encoded_pair_marks_the_answer():
    assert labelled(SEVEN) == "Seven"
    assert labelled(replace(SEVEN, span=(9, 22))) == "came in 1900", "a token that the span touches belongs to it"


def test_a_pair_whose_answer_is_cut_off_is_not_encoded_and_counts_as_missed_in_an_evaluation():
    late = replace(SEVEN, span=(92, 100))

    assert data.encode(late, PairEncoder(), 24) is None
    assert not len(data.encoded([late], 24, random.Random(1)).table)
    kept = data.encoded([late], 24, None)
    assert kept.table[0, 6] == 1
    assert kept.table[0, 4] == -1


def test_shortened_passages_are_whole_sentences_that_hold_the_answer():
    long = replace(SEVEN, passage=f"{GOATS} " * 30)
    encoder = PairEncoder()
    for seed in range(50):
        short = data.shortened(long, encoder, random.Random(seed))
        assert short.span is not None
        assert short.passage[slice(*short.span)] == "Seven"
        assert short.passage in long.passage
        assert short.passage[-1] == "."
        assert data.encode(short, encoder, data.LONGEST)


def test_made_negatives_lack_the_answer():
    other = Pair(
        "goats", "Who froze?", "Harbour", "Goats of Oslo swam where the sheep once stood, in the harbour.", (0, 5), 1
    )
    sheep = [
        Pair("x", f"Where is sheep {i}?", f"Sheep {i}", f"Sheep {i} is in field {i} of Oslo.", (0, 5), 1)
        for i in range(12)
    ]
    for pair in negatives.mined([SEVEN, other, *sheep], 5, random.Random(1)):
        assert pair.answer == 0
        assert pair.span is None
    [shorter] = negatives.cut(
        [replace(SEVEN, passage=f"{GOATS} {'The wool was sold in the market. ' * 4}")], 1, random.Random(1)
    )
    assert "Seven" not in shorter.passage
    assert shorter.answer == 0


def test_a_changed_question_differs_and_is_not_answered():
    asked = replace(SEVEN, question="How many goats lived in Oslo before 1900?")
    names = ["Bergen", "Turku"]
    made = [negatives.changed_question(asked, names, random.Random(seed)) for seed in range(40)]
    questions = {pair.question for pair in made if pair}

    assert asked.question not in questions
    assert any("Bergen" in question or "Turku" in question for question in questions)
    assert any("after" in question for question in questions)
    assert all(pair.answer == 0 and pair.span is None for pair in made if pair)


def test_a_number_is_exchanged_for_another_of_the_same_form():
    for seed in range(200):
        chance = random.Random(seed)
        assert negatives.other_number("4,000", chance) != "4,000"
        assert 1800 <= int(negatives.other_number("1900", chance)) <= 2000
        assert negatives.exchanged("Seven goats came.", "Seven goats came.", chance) is None, "no figure, no month"


def test_swapped_claims_are_contradicted_by_what_supported_them():
    claim = Pair("fever", "The goats came in 1900.", "", GOATS, None, 1, SUPPORT)
    [made] = negatives.swapped_claims([claim], 1, random.Random(3))

    assert made.relation == CONTRADICT
    assert made.passage == GOATS
    assert "1900" not in made.question


def test_a_claim_with_another_word_is_no_longer_supported():
    claims = ["The harbour froze in Oslo.", "Ann Lee counted the sheep.", "Nobody counted the goats in Bergen."]
    pairs = [Pair("fever", claim, "", GOATS, None, -1, SUPPORT) for claim in claims]
    made = [pair for seed in range(30) for pair in negatives.swapped_words(pairs, 3, random.Random(seed))]

    assert made and all(pair.relation == NEUTRAL and pair.passage == GOATS for pair in made)
    words = [set(claim.rstrip(".").split()) for claim in claims]
    for pair in made:
        new = set(pair.question.rstrip(".").split())
        assert any(len(old - new) == len(new - old) == 1 for old in words), pair.question
        (other,) = next(new - old for old in words if len(new - old) == 1)
        assert other.lower() not in GOATS.lower()
    assert not negatives.swapped_words([replace(pair, relation=NEUTRAL) for pair in pairs], 3, random.Random(1))


def test_labels_of_given_rows_are_kept():
    row = {"q": "Who?", "title": None, "context": "Ann came.", "answerable": True, "start": 0, "end": 3, "source": "x"}
    [asked] = questions_of("squad_train", [row])
    assert (asked.span, asked.answer, asked.source) == ((0, 3), 1, "squad_train")
    [not_answered] = questions_of("squad_train", [row | {"answerable": False}])
    assert (not_answered.span, not_answered.answer, not_answered.source) == (None, 0, "squad_train/human-no")
    pairs = list(claims_of("fever_athnlp", [{"a": "c", "b": "e", "label": label} for label in ("support", "neutral")]))
    assert [(p.relation, p.answer) for p in pairs] == [(SUPPORT, 1), (NEUTRAL, 0)]
    [about] = claims_of("selqa", [{"a": "c", "b": "e", "label": "irrelevant"}])
    assert (about.relation, about.answer) == (-1, 0)


def test_of_a_section_the_beginning_is_learned_and_the_end_is_not():
    row = {"q": "How do I feed goats?", "title": "Goats", "context": GOATS, "answerable": True, "start": 24, "end": 100}
    [asked] = questions_of("docs_faq", [row | {"source": "docs-faq:x"}])
    encoder = PairEncoder()

    made = data.encode(asked, encoder, 200)
    assert made is not None
    assert encoder.tokens(GOATS)[1][made.start - made.body] == (24, 29)
    assert made.end == -1
    cut_off = data.encode(asked, encoder, 30)
    assert cut_off is not None, "its beginning is enough"
    assert cut_off.start == made.start


def test_sections_are_no_negatives_of_a_question_that_another_version_of_them_answers():
    herd = "Open the gate and call the herd by its bell. Count every goat as it passes you, then close the gate again."
    asked = Pair("docs_faq", "How do I call the herd?", "Herding", herd, (0, 44), 1, loose=True)
    version = replace(asked, question="How is a herd called?", passage=f"New in 2.0. {herd}")
    edited = replace(asked, question="Which bell?", passage=herd.replace("Open the gate", "Open both gates"))
    others = [
        Pair("docs_faq", f"What is herd {i}?", f"Herd {i}", f"Herd {i} is a list of names.", (0, 4), 1)
        for i in range(12)
    ]
    made = negatives.mined([asked, version, edited, *others], 15, random.Random(1), "made/section")

    found = {pair.passage for pair in made if pair.question == asked.question}
    assert found
    assert not found & {herd, version.passage, edited.passage}
    assert {pair.source for pair in made} == {"made/section"}


def test_relevance_compares_the_passages_of_one_question():
    pairs = data.encoded(
        [Pair("docs_faq", question, "", GOATS, None, answer) for question in ("Who?", "When?") for answer in (1, 0, 0)],
        64,
        None,
    )

    assert relevance(pairs, np.array([2.0, 1, 3, -5, -6, -7])) == 0.75
    assert np.isnan(relevance(Pairs(pairs.ids, pairs.table[[0, 4]], pairs.sources), np.zeros(2)))


def test_spans_are_compared_as_squad_compares_them():
    assert string_f1("the Seven goats", "seven goats!") == 1
    assert string_f1("seven goats", "goats") == pytest.approx(2 / 3)
    assert string_f1("sheep", "goats") == 0
    assert normalised("A goat, an owl.") == ["goat", "owl"]
    assert overlap((3, 6), (5, 6)) == pytest.approx(2 / 3)
    assert overlap((3, 4), (5, 6)) == 0


def test_the_last_phase_keeps_what_people_wrote_and_of_what_was_made_the_hard_ones():
    sources = ["halfdev/human-no", "made/question", "halfdev"]
    table = np.zeros((6, 9), np.int32)
    table[:, 8] = [0, 1, 1, 1, 2, 2]
    rows_kept = chosen(
        Pairs(np.zeros(0, np.uint16), table, sources), lambda some: np.where(some == 2, HARD + 1, HARD - 1)
    )

    assert rows_kept.tolist() == [0, 0, 2, 4, 5]


# --- with the network -------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty encoded pairs as a training, tuning and held-out set."""
    pairs = []
    for number in range(40):
        text = f"Goat {number} came in {1900 + number}. It lived in Oslo with {number} sheep and two old dogs."
        start = text.index("came in ") + 8
        pairs.append(Pair("halfdev", f"When did goat {number} come?", "Goats", text, (start, start + 4), 1))
        pairs.append(Pair("halfdev", f"Who fed goat {number}?", "Goats", text, None, 0))
        pairs.append(Pair("fever", f"Goat {number} came in 1850.", "", text, None, -1, CONTRADICT))
    made = data.encoded(pairs, 64, None)
    for name in ("train", "tune", "held_out"):
        made.write(tmp_path / name)
    return tmp_path


def trained(folder: Path, into: Path, stops: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """The weights after a run that ends, and is taken up again, at each of these numbers of examples."""
    torch.manual_seed(1)
    trainer = Trainer(into, State(seed=1, rate=1e-4, frozen=4, dropout=0.1, tokens=64 * 8), compiled=False)
    for number, stop in enumerate(stops):
        if number:
            trainer = Trainer.resume(into, compiled=False)
        assert run(trainer, folder, stop)
    return load_file(into / "checkpoint" / "weights.safetensors")


@pytest.mark.slow
def test_a_run_learns_and_one_that_was_interrupted_ends_as_an_unbroken_one(folder, tmp_path):
    whole = trained(folder, tmp_path / "whole", (64,))
    broken = trained(folder, tmp_path / "broken", (24, 40, 64))

    assert whole.keys() == broken.keys()
    assert all(torch.allclose(whole[name], broken[name], rtol=0, atol=1e-5) for name in whole)
    lines = [json.loads(line) for line in (tmp_path / "whole" / "curve.jsonl").read_text().splitlines()]
    assert lines[-1]["examples"] >= 64
    assert 0 <= lines[-2]["tune/halfdev_auroc"] <= 1


@pytest.mark.slow
def test_what_is_exported_is_half_as_large_and_loads(folder, tmp_path):
    weights = trained(folder, tmp_path / "run", (16,))
    export([tmp_path / "run"], tmp_path / "weights.safetensors")

    network = load(tmp_path / "weights.safetensors")
    assert (tmp_path / "weights.safetensors").stat().st_size < 0.51 * sum(4 * w.numel() for w in weights.values())
    for name, parameter in network.changed().items():
        assert torch.equal(parameter, weights[name].bfloat16().float())


@pytest.mark.slow
def test_several_runs_are_exported_as_their_mean_and_others_are_refused(folder, tmp_path):
    one, other = trained(folder, tmp_path / "one", (16,)), trained(folder, tmp_path / "other", (32,))
    export([tmp_path / "one", tmp_path / "other"], tmp_path / "weights.safetensors")

    for name, parameter in load(tmp_path / "weights.safetensors").changed().items():
        assert torch.equal(parameter, ((one[name] + other[name]) / 2).bfloat16().float())
    Trainer(tmp_path / "deeper", State(seed=1, rate=1e-4, frozen=3), compiled=False).save()
    with pytest.raises(ValueError, match="different layers"):
        export([tmp_path / "one", tmp_path / "deeper"], tmp_path / "weights.safetensors")


@pytest.mark.slow
def test_a_run_starts_with_the_weights_it_is_given_and_goes_on_with_its_own(folder, tmp_path):
    trained(folder, tmp_path / "one", (16,))
    export([tmp_path / "one"], tmp_path / "weights.safetensors")
    given = load(tmp_path / "weights.safetensors").changed()
    state = State(seed=2, rate=1e-4, frozen=3, dropout=0.1)

    started = Trainer.of(tmp_path / "two", state, tmp_path / "weights.safetensors", compiled=False)
    assert all(torch.equal(started.changed[name], parameter) for name, parameter in given.items())
    with torch.no_grad():
        started.changed["answer.bias"].add_(1)
    started.save()
    other = State(seed=3, rate=1e-5, frozen=3)
    again = Trainer.of(tmp_path / "two", other, tmp_path / "weights.safetensors", compiled=False)
    assert torch.equal(again.changed["answer.bias"], given["answer.bias"] + 1)
    assert again.state.dropout == 0.1


@pytest.mark.slow
def test_how_far_spans_are_from_those_of_a_teacher_is_part_of_the_loss(folder, tmp_path):
    trained(folder, tmp_path / "one", (16,))
    export([tmp_path / "one"], tmp_path / "weights.safetensors")
    trainer = Trainer.of(
        tmp_path / "two", State(seed=2, rate=1e-2, frozen=4), tmp_path / "weights.safetensors", compiled=False
    )
    trainer.teacher = load(tmp_path / "weights.safetensors")
    batch = Pairs.open(folder / "train").batch(np.arange(6), 64)

    first, *later = (trainer.learn(batch) for _ in range(30))

    assert first.taught.item() < 1e-3 < 0.01 < max(lost.taught.item() for lost in later)
    assert torch.allclose(later[-1].total() - later[-1].taught, later[-1]._replace(taught=torch.zeros(())).total())


# --- with the public data ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "train").exists(), reason="the public training data is not here")
def test_groups_of_data_can_be_left_out(monkeypatch):
    """Of each set the first pairs only."""
    monkeypatch.setattr(data, "rows", lambda path: islice(rows(path), 300))

    def sources(pairs: list[Pair]) -> set[str]:
        return {pair.source.split("/")[0] for pair in pairs} | {p.source for p in pairs if p.source.startswith("made")}

    every = data.training_pairs(SHARED / "train", SHARED / "data", 1)
    left = data.training_pairs(SHARED / "train", SHARED / "data", 1, ("human", "docs", "claims"))
    whole, rest = sources(every), sources(left)
    assert all(pair.relation == -1 for pair in left)
    assert {*HUMAN, *DOCS, "made/section", "scifact", "made/swap"} <= whole
    assert not rest & {*HUMAN, *DOCS, "made/section", "scifact", "made/swap"}
    assert "squad_train" in rest


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "train").exists(), reason="the public training data is not here")
def test_claims_are_read_as_they_are_checked_and_none_that_is_reported(monkeypatch, tmp_path):
    """Without a title, nothing known but the relation, and nothing cut off."""
    monkeypatch.setattr(data, "rows", lambda path: islice(rows(path), 200))
    reported = {row["question"] for row in rows(SHARED / "data" / "scifact" / "queries.jsonl")}

    pairs = data.claim_pairs(SHARED / "train", SHARED / "data", 1)
    data.write_claims(SHARED / "train", SHARED / "data", tmp_path, 1)

    made = {"made/swap", "made/neutral", "made/sentence", "made/word"}
    assert {"scifact", "mnli_ni", *made} <= {pair.source for pair in pairs}
    assert not {pair.question for pair in pairs} & reported
    assert {(pair.title, pair.answer) for pair in pairs} == {("", -1)} and all(pair.relation >= 0 for pair in pairs)
    written = Pairs.open(tmp_path / "train")
    assert set(written.table[:, 7]) == {0, 1, 2} and (written.table[:, 1] < data.LONGEST_CLAIM).all()
    assert (written.table[:, 4:7] == -1).all()


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "train").exists(), reason="the public training data is not here")
def test_no_question_and_no_paragraph_that_is_reported_is_trained_on(monkeypatch):
    """Mined pairs are left out: each has the question of one pair and the passage of another."""
    monkeypatch.setattr(data, "mined", lambda *_: [])
    reported = halfdev(SHARED / "data", "report")
    pairs = data.training_pairs(SHARED / "train", SHARED / "data", seed=1)
    trained_on = {pair.passage for pair in pairs}
    questions = {pair.question.lower() for pair in pairs}
    reported_claims = {row["question"] for row in rows(SHARED / "data" / "scifact" / "queries.jsonl")}

    assert len(reported) == 1906
    assert not trained_on & {pair.passage for pair in reported}
    assert not questions & {pair.question.lower() for pair in reported}
    assert not {pair.question for pair in pairs} & reported_claims
    titles = [set(found) for found in squad_split().values()]
    assert not titles[0] & titles[1] | titles[0] & titles[2] | titles[1] & titles[2]
    assert not {pair.title.replace("_", " ") for pair in pairs if pair.source.startswith("halfdev")} - titles[0]
