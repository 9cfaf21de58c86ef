"""Confidence fitted to an operator's own questions: what is fitted, how it is kept, and when it is not used."""

import json
import math

import numpy as np
import pytest
from fakes import FakeEncoder, answerer, document, opened

from bot import calibration
from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.answering.confidence import OF_PASSAGES, SHIPPED, Confidence, Scale, keep, logistic, shipped
from bot.calibration import Calibration, Labelled, Outcome, Rates
from embeddings.errors import BadRequest

GOATS = [
    document("goats", "Seven goats live in Oslo. The harbour froze."),
    document("frost", "The lake froze in 1900."),
]


def outcomes(rate, count: int = 400, seed: int = 1) -> list[Outcome]:
    """Answers that are right as often as `rate` says of their logit."""
    chance = np.random.default_rng(seed)
    odds = chance.normal(0, 2, count)
    right = chance.random(count) < rate(odds)
    return [Outcome(float(o), False, bool(r), bool(r)) for o, r in zip(odds, right, strict=True)]


def test_questions_of_a_shift_are_shifted_back():
    """Answers are right from a logit of 1.5 on; classes weigh the same, so what is fitted crosses 0 near there."""
    found = calibration.fit(outcomes(lambda odds: 1 / (1 + np.exp(-3 * (odds - 1.5))), 2000))

    assert found is not None
    assert -found.shift / found.slope == pytest.approx(1.0, abs=0.6) and found.slope > 1


def test_what_is_right_already_stays_nearly_as_it_is():
    found = calibration.fit(outcomes(lambda odds: 1 / (1 + np.exp(-odds)), 2000))

    assert found is not None
    assert (found.slope, found.shift) == (pytest.approx(1, abs=0.2), pytest.approx(0, abs=0.2))


def test_too_few_or_misleading_questions_fit_nothing():
    few = outcomes(lambda odds: 1 / (1 + np.exp(-odds)), 2000)[:12]

    assert calibration.fit(few) is None
    assert calibration.fit([]) is None
    assert calibration.fit(outcomes(lambda odds: odds < 0, 2000)) is None, "surer answers are wrong more often"


def test_rates_are_shares_of_answerable_and_of_other_questions():
    found = [Outcome(2.0, False, True, True), Outcome(2.0, False, False, True), Outcome(-1.0, False, False, False)]

    assert Rates.of(found, np.array([one.odds for one in found]), 0.5) == Rates(0.5, 0.0)
    assert Rates.of(found, np.array([-2.0, 2.0, 2.0]), 0.5) == Rates(0.0, 1.0)


def test_a_scale_changes_the_confidence_and_not_the_order():
    scaled = shipped().scaled(Scale(2.0, 1.0), Scale(0.5, -1.0))
    features = np.linspace(0, 1, len(shipped().reading.rank))

    assert scaled.reading.sure.odds(features) == pytest.approx(2 * shipped().reading.sure.odds(features) + 1)
    of_passage = features[: len(shipped().passage.weights)]
    assert scaled.passage.odds(of_passage) == pytest.approx(0.5 * shipped().passage.odds(of_passage) - 1)
    assert np.array_equal(scaled.reading.rank, shipped().reading.rank)


@pytest.mark.parametrize("odds", [-1000.0, -2.0, 0.0, 2.0, 1000.0])
def test_the_logistic_function_of_any_logit(odds):
    assert logistic(odds) + logistic(-odds) == pytest.approx(1)
    assert logistic(odds) == pytest.approx(1 / (1 + math.exp(-odds)) if odds > -700 else 0)


def test_an_answerer_answers_by_the_confidence_it_is_given():
    encoder = FakeEncoder()
    index = opened(GOATS, encoder)
    question = Question("How many goats live in Oslo?")
    asked = Answerer(index, encoder, 0.0).ask(question)
    surer = Answerer(index, encoder, 0.0, confidence=shipped().scaled(Scale(1.0, 1.0), Scale())).ask(question)

    assert math.log(surer.confidence / (1 - surer.confidence)) == pytest.approx(
        math.log(asked.confidence / (1 - asked.confidence)) + 1
    )
    assert isinstance(surer, Answer) and isinstance(asked, Answer)
    assert [one.citation.quote for one in surer.statements] == [one.citation.quote for one in asked.statements]


def test_what_an_answer_to_a_labelled_question_is():
    asked = answerer(GOATS)
    question = "How many goats live in Oslo?"
    right = calibration.outcome(asked, Labelled(question, True, frozenset({"goats"})))
    elsewhere = calibration.outcome(asked, Labelled(question, True, frozenset({"frost"})))
    any_answer = calibration.outcome(asked, Labelled(question, True, None))
    unanswerable = calibration.outcome(asked, Labelled(question, False, None))

    assert right is not None and elsewhere is not None and any_answer is not None and unanswerable is not None
    assert (right.right, elsewhere.right, any_answer.right, unanswerable.right) == (True, False, True, False)
    assert not right.whole and right.odds == elsewhere.odds
    assert (right.answerable, unanswerable.answerable) == (True, False)


def test_a_calibration_is_kept_for_its_models_only(tmp_path, caplog):
    calibration.keep(tmp_path, Calibration("these", 40, Scale(1.2, -0.5), Scale()))

    found = calibration.kept(tmp_path, lambda: "these")
    assert found is not None
    assert found.reading.sure.intercept == pytest.approx(1.2 * shipped().reading.sure.intercept - 0.5)
    assert found.passage.intercept == shipped().passage.intercept
    assert calibration.kept(tmp_path, lambda: "others") is None
    assert "for other models" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == [calibration.FILE]


def test_without_a_calibration_no_model_is_identified(tmp_path):
    assert calibration.kept(tmp_path, lambda: pytest.fail("needless")) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"models": "these", "questions": 1, "sentences": {"slope": 1}}', "\xff", "[" * 4000),
        '{"models": "these", "questions": 1, "sentences": {"slope": "1"}, "passages": {"slope": 1}}',
        '{"models": "these", "questions": 1, "sentences": {"slope": Infinity}, "passages": {"slope": 1}}',
    ],
)
def test_a_calibration_that_cannot_be_read_is_said_and_left_out(tmp_path, caplog, text):
    (tmp_path / calibration.FILE).write_bytes(text.encode("latin-1"))

    assert calibration.kept(tmp_path, lambda: "these") is None
    assert "cannot be read" in caplog.text and "as shipped" in caplog.text


@pytest.mark.parametrize(
    "row",
    [
        "[]",
        "nonsense",
        '{"question": "", "answerable": true}',
        '{"question": "Who?"}',
        '{"question": "Who?", "answerable": "yes"}',
        '{"question": "Who?", "answerable": true, "gold_ids": "a"}',
        '{"question": "Who?", "answerable": true, "gold_ids": [1]}',
    ],
)
def test_a_bad_line_is_named(row):
    with pytest.raises(BadRequest, match="Line 3: "):
        list(calibration.read_labelled(['{"question": "Who?", "answerable": false}\n', "\n", row]))


def test_a_fitting_script_writes_the_part_it_fitted(tmp_path):
    file = tmp_path / "confidence.json"
    file.write_bytes(SHIPPED.read_bytes())

    fitted = dict(zip(OF_PASSAGES, (1.23456, 2.0, -0.5, 0.0004), strict=True))
    keep("passage", {"sure": fitted}, -0.98765, file)

    found = Confidence.read(file)
    assert found.passage.weights.tolist() == [1.235, 2.0, -0.5, 0.0] and found.passage.intercept == -0.988
    assert np.array_equal(found.reading.rank, shipped().reading.rank)
    keep("passage", {"sure": json.loads(SHIPPED.read_text())["passage"]["sure"]}, shipped().passage.intercept, file)
    assert json.loads(file.read_text()) == json.loads(SHIPPED.read_text())
