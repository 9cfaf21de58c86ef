"""BM25: against its formula, written out here, and the words it counts."""

import math

import bm25s
import numpy as np
import pytest

from embeddings.searching.lexical import _B as B
from embeddings.searching.lexical import _K1 as K1
from embeddings.searching.lexical import Lexical
from embeddings.splitting.terms import terms, words


def bm25(texts: list[str], query: str) -> list[float]:
    """Lucene's BM25 as Kamphuis et al. 2020 ("Which BM25 do you mean?") give it, without its constant factor."""
    counted = [terms(text) for text in texts]
    mean = sum(map(len, counted)) / len(counted)
    scores = []
    for found in counted:
        score = 0.0
        for term in terms(query):
            holding = sum(term in other for other in counted)
            frequency = found.count(term)
            rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            score += rarity * frequency / (frequency + K1 * (1 - B + B * len(found) / mean))
        scores.append(score)
    return scores


def random_texts(seed: int, count: int) -> list[str]:
    random = np.random.default_rng(seed)
    vocabulary = [f"word{chr(97 + n)}" for n in range(20)]
    return [" ".join(random.choice(vocabulary, size=random.integers(0, 30))) for _ in range(count)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "query", ["worda", "worda wordb wordc", "worda worda wordb", "worda unknown", "the worda of it", "wordz unknown"]
)
def test_scores_are_those_of_the_formula(seed, query):
    texts = random_texts(seed, 40)

    scores = Lexical.of(texts).scores(query)

    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, bm25(texts, query), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("query", ["", "🎉", "unknown", "the of and", "?!"])
def test_a_query_without_known_words_scores_nothing(query):
    assert Lexical.of(["Troops were sent.", "A parade."]).scores(query).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("texts", [["🎉"], ["🎉", "", "…"]])
def test_texts_without_any_word_can_be_indexed_and_found_by_none(tmp_path, texts):
    lexical = Lexical.of(texts)
    lexical.save(tmp_path / "lexical")

    for one in (lexical, Lexical.load(tmp_path / "lexical")):
        for query in ("🎉", "word", ""):
            assert one.scores(query).tolist() == [0.0] * len(texts)
        assert not one.knows("word")


def test_texts_without_words_may_stand_among_others():
    scores = Lexical.of(["🎉", "A parade of troops."]).scores("parade")

    assert scores[0] == 0.0
    assert scores[1] > 0.0


def test_what_was_saved_scores_the_same(tmp_path):
    texts = random_texts(5, 30)
    lexical = Lexical.of(texts)

    lexical.save(tmp_path / "lexical")
    loaded = Lexical.load(tmp_path / "lexical")

    for text in texts:
        assert loaded.scores(text).tolist() == lexical.scores(text).tolist()
    assert loaded.rarity("worda") == lexical.rarity("worda")


@pytest.mark.parametrize("seed", range(3))
def test_weights_are_those_of_bm25s_to_the_bit(seed):
    texts = random_texts(seed, 60)
    lexical = Lexical.of(texts)
    reference = bm25s.BM25(method="lucene", k1=K1, b=B)
    reference.index([terms(text) for text in texts], show_progress=False)

    for text in texts:
        for term in terms(text):
            assert lexical.scores(term).tolist() == reference.get_scores([term]).tolist()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("run", [1, 7, 256])
def test_the_highest_and_the_scores_of_some_are_those_of_all(seed, run, monkeypatch):
    monkeypatch.setattr("embeddings.searching.lexical._RUN", run)
    texts = random_texts(seed, 60)
    lexical = Lexical.of(texts)
    rows = np.random.default_rng(seed).permutation(60)[:25]

    for text in texts[:20]:
        scores = lexical.scores(text)
        highest = lexical.highest(text, 5)
        assert lexical.scores_of(text, rows).tolist() == scores[rows].tolist()
        assert sorted(scores[highest]) == sorted(scores[scores > 0])[-5:]
    assert lexical.highest("nowhere", 5).tolist() == []


@pytest.mark.parametrize("seed", range(3))
def test_what_is_renewed_is_what_is_indexed_at_once(seed):
    random = np.random.default_rng(seed)
    old, new = random_texts(seed, 30), [*random_texts(seed + 10, 5), "🎉", "a word that no other has"]
    places = random.integers(0, len(old) + len(new), size=40)

    renewed = Lexical.of(old).renewed(places, new)
    at_once = Lexical.of([[*old, *new][place] for place in places])

    assert list(renewed.vocabulary.items()) == list(at_once.vocabulary.items())
    for name in ("bounds", "rows", "counts", "weights"):
        one, two = getattr(renewed, name), getattr(at_once, name)
        assert one.dtype == two.dtype
        assert one.tolist() == two.tolist()


def test_rarity_is_the_inverse_document_frequency():
    lexical = Lexical.of(["troops and troops", "troops", "parade"])

    assert [lexical.rarity(term) for term in ("troop", "parad", "never")] == pytest.approx(
        [math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5), math.log(1 + 3.5 / 0.5)]
    )
    assert [lexical.knows(term) for term in ("troop", "troops", "never")] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Troops", ["the", "troops"]),
        ("2,000 or 1,234,567 men", ["2000", "or", "1234567", "men"]),
        ("3.5 and 1,5 and 12,34", ["3.5", "and", "1,5", "and", "12,34"]),
        ("in 2025, 300 left", ["in", "2025", "300", "left"]),
        ("U.S.-led", ["u", "s", "led"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("ﬁne ２０００ №", ["fine", "2000", "no"]),
        ("cafe\u0301 café", ["café", "café"]),
        ("👍 … ?", []),
    ],
)
def test_words_are_folded_and_numbers_lose_their_separators(text, found):
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Which troops were sent?", ["troop", "sent"]),
        ("arrests arrested arresting", ["arrest", "arrest", "arrest"]),
        ("To be or not to be", ["to", "be", "or", "not", "to", "be"]),
        ("", []),
    ],
)
def test_terms_are_stems_of_the_words_that_carry_meaning(text, found):
    assert terms(text) == found
