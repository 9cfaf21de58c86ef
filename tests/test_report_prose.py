"""What is published about the gate: the page is what its figures say, and the figures hold."""

import json
import math
import sys
from pathlib import Path
from random import Random

import pytest

from bot.prose.draft import Draft
from bot.prose.gate import ERRS, Gate
from bot.reader.trained import TrainedReader

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import prose_data
import report_prose
from prose_data import Answer, altered, cut, drafts, labelled, labels, voiced

ROOT = Path(__file__).parents[1]
FIGURES = json.loads((ROOT / "docs" / "prose.json").read_text(encoding="utf-8"))


def test_the_page_is_what_its_figures_say():
    assert (ROOT / "docs" / "prose.md").read_text(encoding="utf-8") == report_prose.page(FIGURES)


def test_what_is_said_under_prose_about_errors_is_what_was_measured():
    right, kept = FIGURES["first asked"]["precise"]
    assert math.ceil(100 * (1 - right / kept)) == ERRS


def test_the_bars_are_met():
    covered, supported = FIGURES["labelled"]["all"]["covered"]
    assert covered >= 0.6 * supported
    for kinds in FIGURES["altered"].values():
        kept, made = (sum(kind["all"][at] for kind in kinds.values()) for at in (0, 1))
        assert kept <= 0.05 * made


def test_labels_have_an_id_each_and_texts_only_where_they_may_be_here():
    rows = labels()
    assert len({row["id"] for row in rows}) == len(rows) >= 300
    assert {row["over"] for row in rows if "sentence" in row} == {"manual", "seeds"}
    assert {row["over"] for row in rows if "question" in row} == {"wixqa", "mtrag_un"}


def test_labels_point_at_what_they_are_about():
    own = [one for one in labelled() if one.over in ("manual", "seeds")]
    assert len(own) >= 150
    assert all(one.ground.text.strip() and one.draft.text for one in own)


@pytest.mark.slow
def test_the_figures_over_our_own_documents_are_reproduced():
    gate = Gate(TrainedReader())
    found = report_prose.of_labelled(gate)
    for over in ("manual", "seeds"):
        for name, (part, _) in found[over].items():
            assert abs(part - FIGURES["labelled"][over][name][0]) <= 2, (over, name)


def test_sentences_of_an_answer_lose_their_links_and_lists():
    answer = "Do this:\n1. Go to [Settings] (https://example.com/a) and wait.\n- Really?\nThat is all there is."
    assert [one.text for one in drafts(answer)] == ["Go to Settings and wait.", "That is all there is."]


PAGE = {
    "id": "page",
    "title": "A page",
    "text": "If the pump is dry, it can be 5 minutes late. The alarm was raised by Anna. Some valves may close.",
}


def test_every_sentence_is_altered_into_another():
    answer = Answer("own", "q1", tuple(drafts(PAGE["text"])), tuple(cut(PAGE)))
    other = Answer("own", "q2", (Draft("The gate stands open at night.", ()),), tuple(cut({**PAGE, "text": "A gate."})))
    found = list(altered([answer, other], Random(1), 5))
    assert {"number", "negation", "scope", "merged", "condition", "article", "cause"} <= {one.kind for one in found}
    assert {one.kind for one in found} <= set(prose_data.KINDS)
    assert all(not one.original or one.original[-1].text != one.drafts[-1].text for one in found)


def test_notes_are_altered_in_who_says_so():
    found = list(voiced())
    assert {one.kind for one in found} == set(prose_data.VOICES)
    assert all(one.drafts[0].text != one.original[0].text for one in found if one.kind != "original")


def test_a_share_has_its_interval():
    assert report_prose.share((5, 10)) == "50.0 % (18.7–81.3)"
    assert report_prose.share((0, 0)) == "–"
