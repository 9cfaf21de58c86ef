"""The golden questions and claims over the notes that ship: no figure may fall by more than its interval.

`make evaluate` records the figures in docs/evaluation.json. Here a third of the questions is asked again.
"""

import sys
from pathlib import Path

import pytest

from bot.reader.trained import TrainedReader
from embeddings.encoding.sentence_encoder import SentenceEncoder

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

from evaluate import DOCS, SAMPLE, Sections, Setup, golden, versions
from evaluation_page import recorded, recorded_samples
from scoring import MEASURES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def setup(encoder: SentenceEncoder) -> Setup:
    """What ships, and a third of the questions."""
    if "golden" not in recorded(DOCS):
        pytest.skip("nothing is recorded yet: make evaluate")
    return Setup(encoder, TrainedReader(), lambda *_: None, every=SAMPLE)


@pytest.fixture(scope="module")
def measured(setup: Setup) -> Sections:
    """The sample, asked once."""
    return golden(setup)


def test_the_recorded_figures_are_of_these_questions(setup: Setup):
    before, now = recorded(DOCS)["golden"]["versions"], versions("golden", setup)

    assert {name: before[name] for name in before if name.endswith(".jsonl")} == {
        name: now[name] for name in now if name.endswith(".jsonl")
    }, "benchmarks/golden changed: make evaluate"


def test_no_figure_is_worse_by_more_than_its_interval(measured: Sections):
    worse = {
        (key, name): (measured[key].figures[name], figure)
        for key, figures in recorded_samples(DOCS, "golden").items()
        for name, figure in figures.items()
        if measured[key].figures[name].worse(figure, MEASURES[name].less)
    }

    assert worse == {}


def test_every_quotation_is_exact_and_no_altered_claim_is_supported(measured: Sections):
    wrong = {
        (key, name): ids
        for key, section in measured.items()
        for name, ids in section.wrong.items()
        if name in ("exact", "supported")
    }

    assert all("exact" in section.figures for section in measured.values())
    assert wrong == {}
