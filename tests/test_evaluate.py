"""The evaluation: what is right and wrong about an answer, how sure a figure is, and the page it is written to."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.answering.disagreement import Disagreement, Position
from embeddings.encoding.sentence_encoder import SentenceEncoder

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import evaluate
import evaluation_page
import scoring
from curves import reliability_svg, threshold_svg
from evaluation_page import Section, Table, recorded, recorded_samples, write
from scoring import Figure, figure, figures, score_answer, score_claim, score_exact, score_status
from tune_confidence import INTRODUCED, SIGNS, Asked, Fit

TEXTS = {
    "guard": "Aides met. The president sent 2,000 troops to the city. Later he left.",
    "mayor": "The mayor said that 4,000 troops came. A curfew holds.",
}
SENT = "The president sent 2,000 troops to the city."
CAME = "The mayor said that 4,000 troops came."
CURFEW = "A curfew holds."
VOICES = {SENT: ("document", None), CAME: ("speaker", "Mayor Karen Bass"), CURFEW: ("document", None)}


def answer(*quotes: str, status: str = "answered", marked: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An answer in JSON made of these sentences of TEXTS, each with the value that is marked in it."""
    citations, statements = [], []
    for number, quote in enumerate(quotes, 1):
        document = next(key for key, text in TEXTS.items() if quote in text)
        start = TEXTS[document].index(quote)
        value = (marked or {}).get(quote)
        place = [quote.index(value), quote.index(value) + len(value)] if value else None
        kind, name = VOICES[quote]
        citations.append(
            {"number": number, "document": document, "start": start, "end": start + len(quote), "quote": quote}
        )
        statements.append(
            {"quote": quote, "citation": number, "highlight": place, "voice": {"kind": kind, "name": name}}
        )
    return {
        "status": status,
        "confidence": 0.7,
        "statements": statements,
        "disagreements": [],
        "citations": citations,
        "nearest": [],
    }


def silence(*nearest: str) -> dict[str, Any]:
    """No answer, with these sentences as the nearest ones."""
    found = answer(*nearest)
    return found | {"status": "not_found", "statements": [], "citations": [], "nearest": found["citations"]}


def asked(**changes: Any) -> dict[str, Any]:
    """A golden question that SENT answers."""
    row = {
        "id": "one",
        "kind": "number",
        "status": ["answered"],
        "evidence": [{"document": "guard", "contains": "sent 2,000 troops", "value": "2,000"}],
        "values": [],
        "voice": None,
    }
    return row | changes


# --- figures and intervals -------------------------------------------------------------------------


def test_a_figure_is_the_mean_and_its_interval_that_of_a_share():
    half = figure([0.0, 1.0] * 50)

    assert (half.value, half.count) == (0.5, 100)
    assert half.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.015)
    assert half.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.015)


def test_intervals_are_the_same_each_time_and_narrower_for_more_questions():
    assert figure([0.0, 1.0] * 50) == figure([0.0, 1.0] * 50)
    many = figure([0.0, 1.0] * 800)
    assert many.high - many.low == pytest.approx(0.049, abs=0.006)


def test_where_no_question_differs_the_interval_has_no_width():
    assert figure([1.0] * 20) == Figure(1.0, 1.0, 1.0, 20)


def test_questions_are_drawn_with_replacement_as_many_as_there_are():
    distinct = scoring.statistic(200, lambda rows: len(set(rows.tolist())) / 200 if len(rows) == 200 else 0.0)

    assert distinct.value == 1.0
    assert 0.56 < distinct.low < 0.632 < distinct.high < 0.70


def test_a_measure_counts_only_the_questions_it_applies_to():
    found = figures([{"status": 1.0, "missed": 0.0}, {"status": 0.0, "missed": 1.0}, {"status": 1.0, "invented": 0.0}])

    assert {name: (one.value, one.count) for name, one in found.items()} == {
        "missed": (0.5, 2),
        "invented": (0.0, 1),
        "status": (0.6667, 3),
    }


@pytest.mark.parametrize(
    ("value", "less", "worse"),
    [
        (0.71, False, False),
        (0.69, False, True),
        (0.95, False, False),
        (0.89, True, False),
        (0.91, True, True),
        (0.1, True, False),
    ],
)
def test_worse_is_beyond_the_interval_in_the_wrong_direction(value: float, less: bool, worse: bool):
    assert Figure(value, 0, 1, 10).worse(Figure(0.8, 0.7, 0.9, 10), less) is worse


def test_figures_of_each_kind_are_of_its_own_questions():
    rows = [{"kind": "date"}, {"kind": "number"}, {"kind": "date"}]
    found = scoring.by_kind(rows, [{"status": 1.0}, {"status": 1.0}, {"status": 0.0}])

    assert {kind: (one["status"].value, one["status"].count) for kind, one in found.items()} == {
        "date": (0.5, 2),
        "number": (1.0, 1),
    }


def test_imperfect_questions_are_named_in_both_directions():
    rows = [{"id": key} for key in "abc"]
    scores = [{"status": 0.0, "invented": 1.0}, {"status": 1.0, "invented": 0.0}, {"status": 1.0, "overlap": 0.5}]

    assert scoring.imperfect(rows, scores) == {"invented": ["a"], "status": ["a"], "overlap": ["c"]}


# --- what is right about an answer -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "given", "expected"),
    [
        (["answered"], "answered", {"status": 1, "missed": 0, "alarm": 0}),
        (["answered"], "disputed", {"status": 0, "missed": 0, "alarm": 1}),
        (["answered"], "not_found", {"status": 0, "missed": 1, "alarm": 0}),
        (["disputed"], "answered", {"status": 0, "missed": 0, "conflict": 0}),
        (["disputed"], "disputed", {"status": 1, "missed": 0, "conflict": 1}),
        (["disputed"], "not_found", {"status": 0, "missed": 1, "conflict": 0}),
        (["answered", "disputed"], "disputed", {"status": 1, "missed": 0}),
        (["answered", "disputed"], "not_found", {"status": 0, "missed": 1}),
        (["not_found"], "not_found", {"status": 1, "invented": 0}),
        (["not_found"], "answered", {"status": 0, "invented": 1}),
        (["not_found"], "disputed", {"status": 0, "invented": 1}),
        (["not_found", "answered"], "answered", {"status": 1}),
        (["not_found", "answered"], "disputed", {"status": 0}),
    ],
)
def test_which_error_a_status_is(accepted: list[str], given: str, expected: dict[str, float]):
    assert score_status({"status": accepted}, {"status": given}) == expected


def test_the_right_sentence_first_with_its_value_marked():
    assert score_answer(asked(), answer(SENT, marked={SENT: "2,000"})) == {
        "status": 1,
        "missed": 0,
        "alarm": 0,
        "first": 1,
        "among": 1,
        "marked": 1,
        "overlap": 1,
    }


def test_the_right_sentence_second_is_among_the_statements_and_not_first():
    score = score_answer(asked(), answer(CURFEW, SENT, marked={SENT: "2,000"}))

    assert (score["first"], score["among"], score["marked"], score["overlap"]) == (0, 1, 0, 0)


def test_the_same_words_in_another_document_are_no_evidence():
    row = asked(evidence=[{"document": "mayor", "contains": "sent 2,000 troops", "value": "2,000"}])

    score = score_answer(row, answer(SENT))
    assert (score["first"], score["among"]) == (0, 0)


def test_a_sentence_in_a_document_that_says_the_same_is_evidence_too():
    agreed = answer(CURFEW, SENT)
    (first, _) = agreed["statements"]
    agreed["statements"] = [first | {"also": [2]}]

    score = score_answer(asked(), agreed)
    assert (score["first"], score["among"]) == (1, 1)
    assert score_answer(asked(), agreed | {"statements": [first]})["first"] == 0


def test_no_answer_to_an_answerable_question_counts_everywhere_but_for_the_voice():
    score = score_answer(asked(voice=[{"kind": "document", "name": None}]), silence(SENT))

    assert score == {"status": 0, "missed": 1, "alarm": 0, "first": 0, "among": 0, "marked": 0, "overlap": 0}


def test_an_answer_to_an_unanswerable_question_is_judged_by_its_status_alone():
    assert score_answer(asked(status=["not_found"], evidence=[]), answer(SENT)) == {"status": 0, "invented": 1}


def test_a_value_with_more_words_than_asked_for_is_half_right():
    score = score_answer(asked(), answer(SENT, marked={SENT: "2,000 troops"}))

    assert score["marked"] == 0
    assert score["overlap"] == pytest.approx(2 / 3)


def test_values_are_compared_without_articles_capitals_and_punctuation():
    row = asked(evidence=[{"document": "guard", "contains": SENT, "value": "President."}])

    assert score_answer(row, answer(SENT, marked={SENT: "The president"}))["marked"] == 1


WITHOUT_VALUE = {"document": "mayor", "contains": CAME, "value": None}


@pytest.mark.parametrize("changes", [{"kind": "yes_no"}, {"evidence": [*asked()["evidence"], WITHOUT_VALUE]}])
def test_no_value_is_judged_where_none_is_asked_for(changes: dict[str, Any]):
    assert not {"marked", "overlap"} & score_answer(asked(**changes), answer(SENT)).keys()


@pytest.mark.parametrize(
    ("voice", "right"),
    [
        ({"kind": "speaker", "name": "the mayor"}, 1),
        ({"kind": "speaker", "name": "Los Angeles Mayor Karen Bass"}, 1),
        ({"kind": "speaker", "name": "Karen Smith"}, 0),
        ({"kind": "speaker", "name": "the governor"}, 0),
        ({"kind": "speaker", "name": None}, 1),
        ({"kind": "unattributed", "name": None}, 0),
        ({"kind": "document", "name": None}, 0),
    ],
)
def test_a_voice_is_right_by_kind_and_name(voice: dict[str, Any], right: float):
    row = asked(evidence=[{"document": "mayor", "contains": "4,000 troops", "value": "4,000"}], voice=[voice])

    assert score_answer(row, answer(CURFEW, CAME))["voice"] == right


def test_the_voice_of_a_statement_that_does_not_answer_is_not_judged():
    assert "voice" not in score_answer(asked(voice=[{"kind": "document", "name": None}]), answer(CURFEW))


def test_the_differing_values_that_are_shown():
    row = asked(status=["disputed"], values=["2,000", "4,000", "the 5,000"])
    disputed = answer(SENT, CAME, status="disputed")
    disputed["disagreements"] = [{"about": "", "positions": [{"value": "2,000 troops"}, {"value": "4,000"}]}]
    other = answer(SENT, CAME, status="disputed")
    other["disagreements"] = [{"about": "", "positions": [{"value": "12,000"}, {"value": "4,000"}]}]

    assert score_answer(row, disputed)["values"] == pytest.approx(2 / 3)
    assert score_answer(row, other)["values"] == pytest.approx(1 / 3)
    assert score_answer(row, answer(SENT))["values"] == 0


def test_a_claim_that_is_supported_though_altered_or_made_by_nobody():
    true, altered = {"status": ["supported"], "of": None}, {"status": ["contradicted", "not_found"], "of": "c1"}

    assert score_claim(true, {"status": "supported"}) == {"right": 1}
    assert score_claim(altered, {"status": "not_found"}) == {"right": 1, "supported": 0}
    assert score_claim(altered, {"status": "supported"}) == {"right": 0, "supported": 1}
    assert score_claim(altered, {"status": "disputed"}) == {"right": 0, "supported": 0}
    assert score_claim({"status": ["not_found"], "of": None}, {"status": "supported"}) == {"right": 0, "unsaid": 1}


# --- exactness -------------------------------------------------------------------------------------


def test_quotations_that_stand_where_they_are_said_to_are_exact():
    assert score_exact(answer(SENT, CAME, marked={SENT: "2,000"}), TEXTS) == {"exact": 1}
    assert score_exact(silence(CURFEW), TEXTS) == {"exact": 1}
    assert score_exact(silence(), TEXTS) == {}


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("citations", {"quote": SENT.replace("2,000", "3,000")}),
        ("citations", {"start": 12}),
        ("citations", {"document": "mayor"}),
        ("citations", {"quote": "", "start": 0, "end": 0}),
        ("statements", {"quote": SENT[:-1]}),
        ("statements", {"citation": 2}),
        ("statements", {"highlight": [40, 90]}),
        ("statements", {"highlight": [3, 3]}),
    ],
)
def test_a_quotation_that_is_not_what_the_document_says(where: str, change: dict[str, Any]):
    wrong = answer(SENT, CAME)
    wrong[where][0] |= change

    assert score_exact(wrong, TEXTS) == {"exact": 0}


@pytest.mark.parametrize("change", [{"end": 3}, {"start": 5, "end": 5, "quote": ""}])
def test_the_nearest_passages_are_held_against_the_documents_too(change: dict[str, Any]):
    wrong = silence(CURFEW)
    wrong["nearest"][0] |= change

    assert score_exact(wrong, TEXTS) == {"exact": 0}


# --- thresholds and trust --------------------------------------------------------------------------


def test_both_errors_by_threshold_which_itself_is_enough_for_an_answer():
    errors = scoring.both_errors(np.array([0.2, 0.5, 0.5, 0.9]), np.array([True, True, False, False]))

    assert errors["missed"] == [0, 0, 0.5, 0.5, 0.5, 1, 1, 1, 1]
    assert errors["invented"] == [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]


def test_the_share_of_answerable_questions_by_confidence_weighs_both_kinds_the_same():
    sure, answerable = np.array([0.05, 0.62, 0.68, 0.64, 1.0]), np.array([False, True, False, False, True])

    low, middle, high = scoring.bins(sure, answerable)
    assert low == pytest.approx((0.05, 0.0, 1))
    assert middle == pytest.approx(((0.62 * 3 + 0.68 * 2 + 0.64 * 2) / 7, 3 / 7, 3))
    assert high == pytest.approx((1.0, 1.0, 1))


def test_how_often_an_answerable_question_has_more_confidence_than_another():
    truth = np.array([True, True, False, False])

    assert scoring.auroc(np.array([0.9, 0.8, 0.2, 0.1]), truth) == 1
    assert scoring.auroc(np.array([0.1, 0.8, 0.2, 0.1]), truth) == (0.5 + 0 + 1 + 1) / 4
    assert scoring.auroc(np.array([0.5, 0.5, 0.5, 0.5]), truth) == 0.5
    assert np.isnan(scoring.auroc(np.array([0.5, 0.6]), np.array([True, True])))


def rows(article: str, kind: str, best: float, holds: tuple[int, ...], count: int) -> list[Asked]:
    return [Asked(article, kind, np.array([[best - 1], [best], [best - 2]]), np.array(holds, bool))] * count


def test_what_introduces_something_is_weighed_last_and_moves_no_other_weight():
    features = np.zeros((40, 3, len(SIGNS)))
    features[:, :, 0] = np.random.default_rng(0).normal(size=(40, 3))
    features[:, 1, INTRODUCED] = np.linspace(0.5, 1, 40)
    holds = np.arange(3) == np.where(np.arange(40) % 8, 1, 0)[:, None]  # it answers seven of eight
    asked = [Asked("a", "answered", *each) for each in zip(features, holds, strict=True)]
    weights = np.eye(1, len(SIGNS))[0]
    fit = Fit(slice(None), weights, weights, -1.0)

    fitted = fit.introducing(asked)

    right = [np.mean([row.holds[one.order(row)[0]] for row in asked]) for one in (fit, fitted)]
    assert right[0] < 0.3 and right[1] > 0.7
    assert fitted.rank[INTRODUCED] > 1 and fitted.sure[INTRODUCED] > 1
    for before, after in ((fit.rank, fitted.rank), (fit.sure, fitted.sure)):
        assert np.flatnonzero(before != after).tolist() == [INTRODUCED]
    assert Fit.of(asked, slice(None)).rank[INTRODUCED] == 0, "the others are fitted without it"


def test_the_figures_of_a_collection_with_half_of_it_left_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evaluate, "FITTED", Fit(slice(None), np.array([1.0]), np.array([1.0]), 0.0))
    some = rows("a", "answered", 3.0, (0, 1, 0), 6) + rows("a", "answered", -3.0, (1, 0, 0), 2)
    none = rows("a", "not answered", 3.5, (0, 0, 0), 1) + rows("a", "not answered", -4.0, (0, 0, 0), 3)

    found = evaluate.confidences(some + none + rows("a", "left out", -5.0, (0, 0, 0), 4))

    values = {name: (one.value, one.count) for name, one in found.figures.items()}
    assert values == {
        "missed": (0.25, 8),
        "near": (0.25, 4),
        "absent": (0.0, 4),
        "best": (0.75, 8),
        "three": (1.0, 8),
        "auroc_near": (0.75, 12),
        "auroc_absent": (1.0, 12),
    }
    assert found.errors["missed"][3] == 0.25 and found.errors["near"][8] == 0.25
    assert sum(count for *_, count in found.bins) == 16


def test_a_disagreement_is_scored_by_whether_documents_differ_and_what_is_shown():
    case = evaluate.report_disagreement.Case("How tall?", True, frozenset({"9 metr", "7 metr"}), True, ())
    positions = (Position("9 metres", ()), Position("3 feet", ()))

    assert evaluate.disagreement_scores(case, (Disagreement("", positions),)) == {"conflict": 1, "values": 0.5}
    assert evaluate.disagreement_scores(case, ()) == {"conflict": 0, "values": 0}
    agreed = replace(case, differ=False)
    assert evaluate.disagreement_scores(agreed, (Disagreement("", positions),)) == {"alarm": 1}
    assert evaluate.disagreement_scores(agreed, ()) == {"alarm": 0}


FACTS = {
    "Chess": ("The chess world cup was held in Goa in 2025.", "Where was the chess world cup held?"),
    "Crane": ("The tallest crane of the port lifts 1,200 tonnes.", "How much does the tallest crane lift?"),
    "Warsaw": ("The delta of the river covers 40 square miles.", "How large is the delta of the river?"),
    "Eagle": ("The eagle of the valley was first ringed by Ada Brown.", "Who first ringed the eagle of the valley?"),
}
NOWHERE = "Which king abolished the tax on windows and salt?"


@pytest.mark.slow
def test_public_collections_are_measured_from_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: SentenceEncoder
):
    title = "Warsaw"  # one of the articles that are reported
    corpus = [{"id": key, "title": key, "text": text} for key, (text, _) in FACTS.items()]
    queries = [
        {"question": question, "answerable": True, "related_ids": [key], "gold_spans": [span]}
        for key, (_, question) in FACTS.items()
        for span in [{"doc_id": key, "start": 0, "end": 9}]
    ]
    queries.append({"question": NOWHERE, "answerable": False, "related_ids": [title], "gold_spans": []})
    rows = [row | {"id": str(number)} for number, row in enumerate(queries)]
    absent = {"id": "absent", "title": title, "text": "The delta was first drawn on a map in 1702."}
    left_out = {
        "id": "left out",
        "related_ids": ["absent"],
        "answerable": True,
        "question": "When was it drawn on a map?",
    }
    put(tmp_path / "clapnq_dev", corpus, rows * 6)
    put(tmp_path / "squad2_halfdev", [*corpus, absent], [*rows, left_out | {"gold_spans": []}])
    monkeypatch.setattr(evaluate.public_data, "ROOT", tmp_path)
    monkeypatch.setattr(evaluate.public_data, "_CACHE", tmp_path / "cache")
    setup = evaluate.Setup(encoder, evaluate.TrainedReader(), lambda *_: None, data=tmp_path)

    squad, clapnq = evaluate.squad(setup), evaluate.clapnq(setup)

    assert {name: squad.figures[name].count for name in ("missed", "near", "absent")} == dict.fromkeys(
        ("missed", "near", "absent"), 1
    )
    assert squad.figures["best"].value == 1
    assert (clapnq.figures["missed"].count, clapnq.figures["invented"].count) == (24, 6)
    assert clapnq.figures["auroc"].value == clapnq.figures["best"].value == 1
    assert clapnq.errors["invented"][8] == 0
    assert "0 % are not found although answerable and 0 % answered" in clapnq.text


def put(folder: Path, corpus: list[dict[str, Any]], queries: list[dict[str, Any]]) -> None:
    folder.mkdir()
    for name, lines in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        (folder / name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")


# --- the pictures ----------------------------------------------------------------------------------


def points(svg: str, colour: str) -> list[list[float]]:
    """The path of a colour, in shares of the picture's axes: 0 to 1 to the right and up."""
    elements = list(ElementTree.fromstring(svg).iter())  # noqa: S314 - our own
    paths = {one.get("stroke"): one.get("d", "") for one in elements if one.get("d")}
    texts = {one.text: one for one in elements if one.text}
    left, right = (float(texts[name].get("x", "")) for name in ("0", "1"))
    bottom, top = (float(texts[name].get("y", "")) - 4 for name in ("0 %", "100 %"))
    assert left < right and top < bottom
    pairs = re.findall(r"([\d.]+) ([\d.]+)", paths[colour])
    return [[(float(x) - left) / (right - left), (bottom - float(y)) / (bottom - top)] for x, y in pairs]


def test_the_pictures_show_the_figures_where_they_belong():
    trust = reliability_svg({"news": [(0.25, 0.1, 5), (0.75, 1.0, 20)], "the web": [(0.5, 0.5, 1)]})
    cost = threshold_svg({"a < b": [(0.1, 0.0), (0.9, 0.5)], "other": [(0.1, 1.0), (0.9, 0.25)]}, 0.4)

    assert points(trust, "#b2182b") == pytest.approx(np.array([[0.25, 0.1], [0.75, 1.0]]))
    assert points(trust, "#2166ac") == pytest.approx(np.array([[0.5, 0.5]]))
    assert points(cost, "#b2182b") == pytest.approx(np.array([[0.1, 0.0], [0.9, 0.5]]))
    assert points(cost, "#2166ac") == pytest.approx(np.array([[0.1, 1.0], [0.9, 0.25]]))
    assert points(cost, "#888") == pytest.approx(np.array([[0.4, 0.0], [0.4, 1.0]]))
    assert "a &lt; b" in cost and "FOOTNOTE_THRESHOLD" in cost


# --- the page --------------------------------------------------------------------------------------


def part(value: float, **more: Any) -> tuple[dict[str, str], dict[str, Section]]:
    found = {"missed": Figure(value, 0.1, 0.3, 40)}
    return {"threshold": "0.4"}, {"questions": Section("Questions", "Some.", found, sample=found, **more)}


def test_a_part_that_is_measured_alone_leaves_the_others_as_they_are(tmp_path: Path):
    write(tmp_path, {"golden": part(0.2), "public": part(0.25)}, 0.4)
    write(tmp_path, {"golden": part(0.15)}, 0.4)

    page = (tmp_path / "evaluation.md").read_text(encoding="utf-8")
    line = "| not found although answerable | {} | 10–30 % | 40 |"
    assert line.format("15 %") in page and line.format("25 %") in page and line.format("20 %") not in page
    assert list(recorded(tmp_path)) == ["golden", "public"]
    assert recorded_samples(tmp_path, "golden") == {"questions": {"missed": Figure(0.15, 0.1, 0.3, 40)}}
    assert recorded_samples(tmp_path, "originals") == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evaluation.json", "evaluation.md"]


def test_the_page_shows_kinds_failures_thresholds_and_pictures(tmp_path: Path):
    more = {
        "kinds": {"near_miss": {"status": Figure(0.5, 0.25, 0.75, 8)}},
        "wrong": {"first": ["q1", "q7"], "status": ["q1"]},
        "tables": [Table("Other", ("id", "text"), [("q1", "A | B?")])],
        "errors": {"missed": [0.1] * 9, "invented": [0.995] * 9},
        "bins": [(0.5, 0.25, 4)],
    }
    said, sections = part(0.2, **more)
    write(tmp_path, {"public": (said, {"squad": sections["questions"]})}, 0.4)

    page = (tmp_path / "evaluation.md").read_text(encoding="utf-8")
    for line in (
        "| near miss | 8 | 50 % (25–75 %) |",
        "- first statement holds an acceptable sentence (2): q1, q7",
        "| q1 | A \\| B? |",
        "| 0.4 | 10 % | 99.5 % |",
        "| 0.5 to 0.6 | 0.25 (4) |",
    ):
        assert line in page.splitlines()
    for name in re.findall(r"\(([\w.]+\.svg)\)", page):
        assert "</svg>" in (tmp_path / name).read_text(encoding="utf-8")
    assert {path.suffix for path in tmp_path.iterdir()} == {".md", ".json", ".svg"}


def test_support_questions_are_shown_by_kind_with_what_is_measured_of_them(tmp_path: Path):
    kinds = {"open": {"missed": Figure(0.25, 0, 0.5, 8), "document": Figure(0.75, 0.5, 1, 8)}}
    shown = Section("Manual", "", {}, kinds)
    write(tmp_path, {"manual": ({}, {"manual": shown})}, 0.4)

    lines = (tmp_path / "evaluation.md").read_text(encoding="utf-8").splitlines()
    assert "| open | 8 | 25 % (0–50 %) | 75 % (50–100 %) |" in lines


def test_an_interruption_while_writing_leaves_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {"golden": part(0.2)}, 0.4)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    real = evaluation_page.write_text

    def interrupted(path: Path, text: str) -> str:
        if path.name.startswith(".evaluation.md"):
            raise KeyboardInterrupt
        return real(path, text)

    monkeypatch.setattr(evaluation_page, "write_text", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, {"golden": part(0.9)}, 0.4)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, encoder: SentenceEncoder) -> None:
    """No model is loaded a second time, and nothing is read."""
    monkeypatch.setattr(evaluate, "SentenceEncoder", lambda *_: encoder)
    monkeypatch.setattr(evaluate, "TrainedReader", lambda: None)


@pytest.mark.usefixtures("loaded")
def test_ctrl_c_leaves_the_page_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    write(tmp_path, {"golden": part(0.2)}, 0.4)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupted(_: evaluate.Setup) -> dict[str, Section]:
        raise KeyboardInterrupt

    monkeypatch.setitem(evaluate.MEASURED, "golden", lambda _: part(0.9)[1])
    monkeypatch.setitem(evaluate.MEASURED, "originals", interrupted)

    assert evaluate.main(["--docs", str(tmp_path)]) == 130
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert "nothing was written" in capsys.readouterr().err


@pytest.mark.usefixtures("loaded")
def test_parts_whose_data_is_not_there_are_left_out_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(evaluate.MEASURED, "golden", lambda _: part(0.2)[1])
    monkeypatch.setitem(evaluate.MEASURED, "manual", lambda _: {})
    monkeypatch.setattr(evaluate.report_support, "UNSEEN_MANUALS", ())
    missing = str(tmp_path / "nowhere")

    assert evaluate.main(["--docs", str(tmp_path), "--data", missing, "--originals", missing]) == 0
    said = capsys.readouterr().err
    assert f"the original articles are left out: there is no folder {missing}" in said
    assert f"the public collections are left out: there is no folder {missing}" in said
    assert "the support questions of silverbullet, syncthing, techqa, wixqa are left out" in said
    assert list(recorded(tmp_path)) == ["golden"]


@pytest.mark.usefixtures("loaded")
def test_a_golden_file_that_is_no_json_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "questions.jsonl").write_text('{"id": "q1"\n', encoding="utf-8")
    (tmp_path / "claims.jsonl").write_text("", encoding="utf-8")

    assert evaluate.main(["--only", "golden", "--golden", str(tmp_path), "--docs", str(tmp_path)]) == 2
    assert "questions.jsonl cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "evaluation.md").exists()


def test_the_golden_files_have_what_is_scored():
    questions = evaluate.read_rows(evaluate.GOLDEN / "questions.jsonl")
    claims = evaluate.read_rows(evaluate.GOLDEN / "claims.jsonl")
    stated = {path.stem: path.read_text(encoding="utf-8") for path in evaluate.SEEDS.glob("*.md")}

    for row in questions:
        assert set(row["status"]) <= {"answered", "disputed", "not_found"} and row["status"]
        for one in row["evidence"]:
            assert scoring.spaced(one["contains"]) in scoring.spaced(stated[one["document"]]), row["id"]
        assert json.dumps(row["voice"]) == "null" or all({"kind", "name"} <= one.keys() for one in row["voice"])
    unanswerable = sum(row["status"] == ["not_found"] for row in questions)
    assert len(questions) >= 150 and unanswerable >= len(questions) / 3
    assert len(claims) >= 60
    for row in claims:
        assert set(row["status"]) <= {"supported", "contradicted", "disputed", "not_found"} and row["status"]
        assert row["of"] is None or "supported" not in row["status"]
