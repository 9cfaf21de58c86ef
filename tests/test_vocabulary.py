"""The words, spellings and names of documents, counted when an index is built and ready when it is opened."""

import random
import re
import time
from pathlib import Path

import pytest
from fakes import FakeEncoder, document
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answerer import Answerer
from bot.answering.answers import Question
from embeddings.building.indexing import build
from embeddings.searching.vocabulary import _CAPITALS, MOST_WORDS, Vocabulary, Words
from embeddings.storing import generations

TEXT = (
    "In Los Angeles, the Department of Health met the National Guard. Los Angeles is large. "
    "Los Angeles, said Ann O'Neil. The Department of Health did not march; the marines march. LA. "
    "ICE came, and ICE went."
)


def of(*texts: str) -> Vocabulary:
    return Vocabulary.of([document(str(n), text) for n, text in enumerate(texts)])


def test_words_are_counted_in_lower_case_in_titles_and_texts():
    vocabulary = Vocabulary.of([document("a", "The cat’s 2 cats, THE cat_1.", "A cat")])

    assert vocabulary.counts == {"a": 1, "cat": 2, "the": 2, "cat’s": 1, "cats": 1}


def test_a_word_has_capitals_where_it_is_never_written_without():
    vocabulary = of(TEXT, "He saw the Parade. The parade was long.")

    assert vocabulary.capitals["angeles"] == "Angeles"
    assert vocabulary.capitals["ice"] == "ICE"
    assert not {"the", "march", "parade"} & vocabulary.capitals.keys()


def test_a_word_has_a_capital_where_it_is_hardly_ever_written_without():
    of = Vocabulary.of(
        [document("a", "We saw Holm. " * 20 + "We saw oslo. " + "We saw Oslo. " * 19 + "He asked holm.")]
    )

    assert of.capitals.get("holm") == "Holm"
    assert "oslo" not in of.capitals


def test_the_capitals_of_a_headline_say_nothing():
    of = Vocabulary.of([document("a", "In Oslo they deal.", title="Drug Dealers Deferred by Mayor of Oslo")])
    named = Vocabulary.of([document("a", "In Oslo they deal.", title="Port Council of Oslo")])

    assert not {"drug dealers", "deferred"} & {*of.names, *of.capitals}
    assert of.counts["dealers"] == 1
    assert "port council of oslo" in named.names


def test_names_have_their_usual_spelling_and_initials():
    vocabulary = of(3 * f"{TEXT} ")

    assert vocabulary.names["los angeles"] == "Los Angeles"
    assert vocabulary.names["department of health"] == "Department of Health"
    assert vocabulary.initials == {
        "AON": "Ann O'Neil",
        "DH": "Department of Health",
        "DOH": "Department of Health",
        "LA": "Los Angeles",
        "NG": "National Guard",
    }


def test_of_a_long_name_only_the_initials_are_kept():
    name = "Alpha Beta Gamma Delta Epsilon Zeta"
    vocabulary = of(3 * f"Of {name} it is said, of {name} Eta too. ")

    assert name.count(" ") + 1 == MOST_WORDS
    assert vocabulary.names == {name.lower(): name}
    assert vocabulary.initials == {"ABGDEZ": name, "ABGDEZE": f"{name} Eta"}


def test_a_name_that_is_hardly_there_has_no_initials():
    text = (
        "The Novel Approach and the Novel Approach of GitHub B.V. won. " + 3 * "GitHub B.V. and Machine Account won. "
    )

    assert of(text).initials == {"MA": "Machine Account"}


@given(
    st.text(alphabet="AbI_9 -’\n") | st.lists(st.sampled_from(["A", "Bob", "In", " of", " the", " and", " ", "-", "a"]))
)
def test_names_are_those_of_the_plain_pattern_that_takes_quadratic_time(typed: str | list[str]):
    text = "".join(typed)
    plain = re.compile(r"[A-Z][\w’'-]*(?:(?: (?:of|the|and|for))* [A-Z][\w’'-]*)+")

    assert [run for run in _CAPITALS.findall(text) if " " in run] == plain.findall(text)


@pytest.mark.parametrize(
    "unit", ["ACGT", "A ", "In ", "The ", "A of ", "A and ", "And ", "A’", "A-b", "Ab of the ", "of the ", "A_", "a A,"]
)
def test_a_document_of_one_thing_repeated_is_counted_at_once(unit: str):
    """The quadratic pattern took 37 seconds for 30,000 characters of ACGT."""
    began = time.process_time()
    of(unit * (300_000 // len(unit)))

    assert time.process_time() - began < 10


def test_nothing_is_counted_when_an_index_is_opened_or_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    corpus, root = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.md").write_text(3 * f"{TEXT} ", encoding="utf-8")
    build(corpus, root, FakeEncoder())
    monkeypatch.delattr(Vocabulary, "of")

    opened = generations.open_current(root)
    answer = Answerer(opened, FakeEncoder(), 0.0).ask(Question("Is LA large?"))

    assert opened.index.vocabulary.initials["LA"] == "Los Angeles"
    assert answer.read_as == "Is Los Angeles large?"


@pytest.mark.parametrize("seed", range(3))
def test_words_counted_by_difference_are_those_counted_anew(seed):
    some = random.Random(seed)
    words = "Los Angeles the mayor of New York City said that DHS and Karen Bass left LA for la".split()
    documents = [document(str(n), " ".join(some.choices(words, k=30)), title="A Title") for n in range(8)]
    before, removed, added = Words.of(documents[:5]), documents[:2], documents[5:]

    now = Words.of(added, removed, before)

    anew = Words.of([*added, *documents[2:5]])
    assert now == anew
    assert [list(each) for each in (now.words, now.inside, now.runs)] == [
        sorted(each) for each in (anew.words, anew.inside, anew.runs)
    ]
    assert Vocabulary.counted(now) == Vocabulary.of([*documents[2:5], *added])


def test_of_a_changed_document_only_the_words_it_has_now_are_in_the_index(tmp_path: Path):
    corpus, root = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.md").write_text("Boats of Brindle Moor sank.", encoding="utf-8")
    (corpus / "b.md").write_text("Boats of High Harbour came.", encoding="utf-8")
    build(corpus, root, FakeEncoder())
    (corpus / "a.md").write_text("Boats sank.", encoding="utf-8")

    build(corpus, root, FakeEncoder())

    vocabulary = generations.open_current(root).index.vocabulary
    assert vocabulary == of("Boats sank.", "Boats of High Harbour came.")
    assert "brindle moor" not in vocabulary.names
