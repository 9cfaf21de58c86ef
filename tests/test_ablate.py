"""What rules are worth: each is left out where it is used and put back, and the difference has its interval."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from bot.answering import denials
from bot.english.voices import VoiceKind, voice_of

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import ablate
import ablation_rules
import report_voices

SENTENCE = "According to the ministry, the bridge is safe."


@pytest.mark.parametrize("part", ablate.RULES)
def test_every_rule_is_there_to_be_left_out(part: str):
    for rule in ablate.RULES[part]:
        assert getattr(import_module(rule.module), rule.name) not in (None, rule.without), rule.name


def test_a_rule_is_left_out_and_put_back():
    rule = next(rule for rule in ablate.RULES["voices"] if rule.name == "_according")
    assert voice_of(SENTENCE).kind is VoiceKind.SPEAKER
    with pytest.raises(ZeroDivisionError), ablate.left_out(rule):
        assert voice_of(SENTENCE).kind is VoiceKind.DOCUMENT
        raise ZeroDivisionError
    assert voice_of(SENTENCE).kind is VoiceKind.SPEAKER


def test_a_table_is_left_out_in_every_module_that_uses_it():
    rule = next(rule for rule in ablate.RULES["voices"] if rule.name == "HEADS")
    modules = [import_module(name) for name in (ablation_rules.ATTRIBUTION, ablation_rules.VOICES)]
    with ablate.left_out(rule):
        assert [module.HEADS for module in modules] == [frozenset()] * 2
    assert all("mayor" in module.HEADS for module in modules)


def test_what_a_module_remembers_is_forgotten():
    rule = next(rule for rule in ablate.RULES["denials"] if rule.name == "_negations")
    text = "The mayor has not resigned."
    assert denials._operators(text)
    with ablate.left_out(rule):
        assert not denials._operators(text)
    assert denials._operators(text)


def test_what_a_rule_is_worth():
    found = ablate.worth(np.array([1.0, 1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0]))
    assert (found.value, found.count) == (0.25, 4)
    assert found.low == 0 < found.high
    rule = ablate.RULES["voices"][0]
    page = ablate.page({"voices": [(rule, {"test": found, "none": ablate.worth(np.ones(3), np.ones(3))})]})
    assert "| left out |  | test (4) | none (3) |" in page
    assert "| +25.0 (0.0 to 75.0) | 0 |" in page
    assert ablate.page({}, page) == page


@pytest.mark.slow
def test_the_voices_of_what_ships_are_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(report_voices, "ROOT", tmp_path / "data")  # as where no collection lies beside the project
    found = dict(ablate.ablated("voices", ablate.voices(None)))
    worth = {rule.name: figures["development"].value for rule, figures in found.items()}
    assert worth["_told"] > 0.1
    assert worth["_ahead"] == 0
