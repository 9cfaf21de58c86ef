"""Retrieval: the same ranking and scores as brute force, filters, and queries of every kind."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
from fakes import FakeEncoder, document, opened

from embeddings.errors import BadRequest
from embeddings.reading.documents import Document
from embeddings.searching.index import Index, Ranking
from embeddings.searching.retrieval import MAX_QUERY, WEIGHTS, Filters, Retriever, Weights
from embeddings.splitting.passages import Span

Scores = npt.NDArray[np.float64]

SINGLE = {name: Weights(*(float(name == other) for other in Weights._fields)) for name in Weights._fields}
MIXED = [Weights(0.35, 0.3, 0.35), Weights(0.6, 0.1, 0.3), Weights(0.0, 0.5, 0.5)]
VOCABULARY = [f"{first}{second}on" for first in "bdfgklmnprst" for second in "aeiou"]


def corpus(seed: int, count: int, longest: int) -> list[Document]:
    """Documents of random sentences; every third without a date."""
    random = np.random.default_rng(seed)

    def sentence() -> str:
        return " ".join(random.choice(VOCABULARY, size=random.integers(8, 16), replace=False)).capitalize() + "."

    return [
        document(
            f"d{number:03}",
            " ".join(sentence() for _ in range(random.integers(1, longest + 1))),
            " ".join(random.choice(VOCABULARY, size=2)),
            None if number % 3 == 2 else f"2025-06-{number % 28 + 1:02}",
        )
        for number in range(count)
    ]


def queries(seed: int, count: int) -> list[str]:
    random = np.random.default_rng(seed)
    return [" ".join(random.choice(VOCABULARY, size=random.integers(1, 8))) for _ in range(count)]


class BruteForce:
    """Every passage scored in every view, in the plainest way."""

    def __init__(self, index: Index, encoder: FakeEncoder) -> None:
        self.index = index
        self.encoder = encoder
        texts, self.sentences = [], []
        for passage in index.passages:
            made = index.document_of[passage.document_id]
            texts.append("\n".join(filter(None, (made.title, passage.heading, passage.text))))
            said = [made.text[start:end] for start, end in passage.sentences]
            self.sentences.append(self.decoded(encoder.encode_passages(said)))
        self.vectors = encoder.encode_passages(texts).astype(np.float64)

    @staticmethod
    def decoded(vectors: npt.NDArray[np.float32]) -> Scores:
        """What is left of vectors in the 8-bit code: the middle of one of 255 steps from -0.5 to 0.5."""
        steps = np.floor((np.clip(vectors, np.float32(-0.5), np.float32(0.5)) + np.float32(0.5)) * np.float32(255))
        return (steps.astype(np.float64) + 0.5) / 255 - 0.5

    def each_sentence(self, query: str) -> list[Scores]:
        vector = self.encoder.encode_queries([query])[0].astype(np.float64)
        return [sentences @ vector for sentences in self.sentences]

    def views(self, query: str) -> tuple[Scores, Scores, Scores]:
        """Dense, best sentence and BM25; shape (passages,) each."""
        dense = self.vectors @ self.encoder.encode_queries([query])[0].astype(np.float64)
        best = np.array([cosines.max() for cosines in self.each_sentence(query)])
        return dense, best, self.index.lexical.scores(query).astype(np.float64)

    def fused(self, query: str, rows: Iterable[int], weights: Weights) -> dict[int, float]:
        """Row -> score from 1, the best, to 0, the last: weighted z-scores over `rows`."""
        rows = np.array(sorted(rows))
        total = np.zeros(len(rows))
        for weight, column in zip(weights, self.views(query), strict=True):
            values = column[rows]
            if values.std() > 1e-9:
                total += weight * (values - values.mean()) / values.std()
        total -= total.min()
        return dict(zip(rows.tolist(), total / total.max() if total.max() > 1e-9 else total + 1, strict=True))


def check(ranking: Ranking, reference: BruteForce, fused: dict[int, float], k: int) -> None:
    """The ranking is the reference's; scores that are equal but for rounding may stand in either order."""
    index = reference.index
    rows = [index.row_of[hit.passage.id] for hit in ranking.hits]
    assert len(set(rows)) == len(rows) == min(k, len(fused))
    best = sorted(fused.values(), reverse=True)[:k]
    assert [hit.score for hit in ranking.hits] == pytest.approx(best, abs=1e-5)
    assert [fused[row] for row in rows] == pytest.approx(best, abs=1e-5)
    dense, _, lexical = reference.views(ranking.query)
    assert [hit.dense for hit in ranking.hits] == pytest.approx(dense[rows], abs=1e-5)
    assert [hit.lexical for hit in ranking.hits] == pytest.approx(lexical[rows], abs=1e-5)
    each = reference.each_sentence(ranking.query)
    for hit, row in zip(ranking.hits, rows, strict=True):
        assert hit.sentences == pytest.approx(each[row], abs=1e-5)


@pytest.fixture(scope="module")
def small() -> BruteForce:
    """Fewer than 100 passages, so all of them are candidates; passages of a document share sentences."""
    encoder = FakeEncoder()
    index = opened(corpus(1, 24, 40), encoder).index
    assert 30 < len(index.passages) <= 100
    assert index.sentence_vectors.ntotal < index.sentence_counts.sum()
    return BruteForce(index, encoder)


@pytest.fixture(scope="module")
def large() -> BruteForce:
    """Several times as many passages as there are candidates."""
    encoder = FakeEncoder()
    index = opened(corpus(2, 160, 60), encoder).index
    assert len(index.passages) > 300
    return BruteForce(index, encoder)


# --- against brute force ---------------------------------------------------------------------------


def test_the_weights_of_the_views_add_up_to_one():
    assert sum(WEIGHTS) == pytest.approx(1)
    assert min(WEIGHTS) > 0


@pytest.mark.parametrize("weights", [*SINGLE.values(), *MIXED])
def test_ranking_and_scores_are_those_of_brute_force(small, weights):
    retriever = Retriever(small.index, small.encoder, weights)

    for query in queries(10, 6):
        fused = small.fused(query, range(len(small.index.passages)), weights)
        check(retriever.search(query, k=1000), small, fused, 1000)
        check(retriever.search(query, k=7), small, fused, 7)


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(documents=("d003", "d011")), {"d003", "d011"}),
        (Filters(documents=("d007",)), {"d007"}),
        (
            Filters(after=date(2025, 6, 8), before=date(2025, 6, 14)),
            {f"d{n:03}" for n in range(7, 14) if n % 3 != 2},
        ),
    ],
)
def test_filtered_ranking_and_scores_are_those_of_brute_force_without_the_other_documents(small, filters, wanted):
    alone = BruteForce(opened([each for each in small.index.documents if each.id in wanted]).index, small.encoder)

    for weights in MIXED:
        for query in queries(11, 6):
            ranking = Retriever(small.index, small.encoder, weights).search(query, 1000, filters)
            assert ranking.searched == tuple(sorted(wanted))
            check(ranking, alone, alone.fused(query, range(len(alone.index.passages)), weights), 1000)


def test_what_is_filtered_twice_is_ranked_as_if_it_were_filtered_once(small):
    twice = Retriever(small.index.only({"d003", "d007", "d011"}), small.encoder)
    once = Retriever(small.index, small.encoder)

    for query in queries(13, 6):
        chosen = Filters(documents=("d003", "d011"))
        assert twice.search(query, 50, chosen) == once.search(query, 50, chosen)


def test_no_candidate_is_overlooked_where_not_all_are_looked_at(large):
    """Of each view, the best 100 passages, or those of the best 200 sentences, are scored in all views."""
    index = large.index
    retriever = Retriever(index, large.encoder)

    for query in queries(12, 8):
        views = retriever.views(query, large.encoder.encode_queries([query]))
        dense, best, lexical = large.views(query)
        candidates = set(views.rows.tolist())
        assert len(candidates) < len(index.passages)
        assert candidates >= set(np.flatnonzero(dense > np.sort(dense)[-101] + 1e-5))
        assert candidates >= set(np.flatnonzero((lexical > np.sort(lexical)[-101]) & (lexical > 0)))
        at: dict[tuple[str, Span], float] = {}
        for passage, cosines in zip(index.passages, large.each_sentence(query), strict=True):
            at |= {(passage.document_id, span): cosine for span, cosine in zip(passage.sentences, cosines, strict=True)}
        least = np.sort(np.array(list(at.values())))[-201] + 1e-5
        assert candidates >= set(np.flatnonzero(best > least))
        np.testing.assert_allclose(views.dense, dense[views.rows], atol=1e-5)
        np.testing.assert_allclose(views.sentences, best[views.rows], atol=1e-5)
        np.testing.assert_allclose(views.lexical, lexical[views.rows], atol=1e-5)
        check(retriever.search(query, 1000), large, large.fused(query, candidates, WEIGHTS), 1000)


def test_a_shared_sentence_brings_both_its_passages():
    filler = [
        document(f"x{n:03}", f"Tree leaf wood {VOCABULARY[n % 60]} {VOCABULARY[n * 7 % 60]}.") for n in range(240)
    ]
    said = [f"S{n} " + " ".join(VOCABULARY[n * 6 : n * 6 + 6] * 5) + " end." for n in range(10)]
    index = opened([*filler, document("a", " ".join(said))]).index
    one, two = index.passages_of["a"][:2]
    shared = one.sentences[-1]
    assert shared == two.sentences[0]
    query = index.document_of["a"].text[shared.start : shared.end]

    hits = Retriever(index, FakeEncoder(), SINGLE["sentences"]).search(query).hits

    assert {hit.passage.id for hit in hits[:2]} == {one.id, two.id}
    assert hits[0].sentences[-1] == hits[1].sentences[0] or hits[1].sentences[-1] == hits[0].sentences[0]


def test_equal_scores_keep_the_order_of_the_documents():
    index = opened([document(key, "Troops were sent to the city.") for key in "cadb"]).index

    hits = Retriever(index, FakeEncoder()).search("troops").hits

    assert [(hit.passage.document_id, hit.score) for hit in hits] == [("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)]


def test_the_best_hit_scores_one_and_the_last_candidate_nothing(small):
    hits = Retriever(small.index, small.encoder).search(VOCABULARY[0], 1000).hits

    assert hits[0].score == 1.0
    assert hits[-1].score == 0.0


# --- filters ---------------------------------------------------------------------------------------

DATED = [
    document("early", "Troops were sent early.", published="2025-06-07"),
    document("late", "Troops were sent late.", published="2025-06-09"),
    document("middle", "Troops were sent between.", published="2025-06-08"),
    document("undated", "Troops were sent some day."),
]


@pytest.mark.parametrize(
    ("filters", "searched"),
    [
        (None, ("early", "late", "middle", "undated")),
        (Filters(), ("early", "late", "middle", "undated")),
        (Filters(("undated", "late")), ("late", "undated")),
        (Filters(("late", "late")), ("late",)),
        (Filters(after=date(2025, 6, 8)), ("late", "middle")),
        (Filters(after=date(2025, 6, 9)), ("late",)),
        (Filters(after=date(2025, 6, 10)), ()),
        (Filters(before=date(2025, 6, 8)), ("early", "middle")),
        (Filters(before=date(2025, 6, 7)), ("early",)),
        (Filters(before=date(2025, 6, 6)), ()),
        (Filters(after=date(2025, 6, 8), before=date(2025, 6, 8)), ("middle",)),
        (Filters(after=date(2025, 6, 10), before=date(2025, 6, 30)), ()),
        (Filters(("early", "late", "undated"), after=date(2025, 6, 8)), ("late",)),
        (Filters(("undated",), before=date(2026, 1, 1)), ()),
    ],
)
def test_filters_choose_the_documents_that_are_searched(filters, searched):
    ranking = Retriever(opened(DATED).index, FakeEncoder()).search("troops", 10, filters)

    assert ranking.searched == searched
    assert sorted(hit.passage.document_id for hit in ranking.hits) == list(searched)


def test_dates_without_a_day_between_them_are_refused():
    with pytest.raises(BadRequest) as raised:
        Filters(after=date(2025, 6, 9), before=date(2025, 6, 8))

    assert str(raised.value) == "There is no day between these two: `after` must not be later than `before`."


def test_a_document_that_is_not_in_the_index_is_refused_by_its_id():
    with pytest.raises(BadRequest, match=r"There is no document 'lat' in the index\. See the list of sources\."):
        Retriever(opened(DATED).index, FakeEncoder()).search("troops", 10, Filters(("late", "lat")))


def test_documents_without_passages_are_searched_in_vain():
    index = opened([document("a", "# Only a heading"), document("b", "Troops were sent.")]).index
    retriever = Retriever(index, FakeEncoder())

    assert retriever.search("troops", 10, Filters(("a",))) == Ranking("troops", (), ("a",))
    assert retriever.search("troops").searched == ("a", "b")


# --- queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "The question is empty. Ask something."),
        (" \r\n\t\u00a0\u2028", "The question is empty. Ask something."),
        ("a " * 1001, "The question is longer than 2000 characters. Ask it in fewer words."),
        ("x" * 2001, "The question is longer than 2000 characters. Ask it in fewer words."),
        ("half \ud83d a pair", "The question holds half of a surrogate pair, which is not text."),
        ("\udc80", "The question holds half of a surrogate pair, which is not text."),
    ],
)
def test_queries_that_cannot_be_put_are_refused(query, reason):
    with pytest.raises(BadRequest) as raised:
        Retriever(opened(DATED).index, FakeEncoder()).search(query)

    assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("  late\r\n troops\t", "late troops"),
        ("late" + " " * 3000 + "troops", "late troops"),
        ("x" * MAX_QUERY, "x" * MAX_QUERY),
        ("late \x00 \u202e troops 👍🏽", "late \x00 \u202e troops 👍🏽"),
    ],
)
def test_the_query_is_one_line_to_the_model(query, read):
    encoder = FakeEncoder()

    ranking = Retriever(opened(DATED, encoder).index, encoder).search(query)

    assert ranking.query == read
    assert encoder.queries == [read]
    assert len(ranking.hits) == 4


@pytest.mark.parametrize("query", ["the of and", "🎉", "?", "never heard", "\u200d"])
def test_a_query_without_a_known_word_still_ranks(query):
    ranking = Retriever(opened(DATED).index, FakeEncoder()).search(query)

    assert len(ranking.hits) == 4
    assert {hit.lexical for hit in ranking.hits} == {0.0}
    assert ranking.hits[0].score == 1.0


def test_a_query_of_stopwords_finds_a_text_of_stopwords():
    index = opened([*DATED, document("h", "To be or not to be.")]).index

    assert Retriever(index, FakeEncoder()).search("to be").hits[0].passage.document_id == "h"


@pytest.mark.parametrize("query", ["Troops", "🎉", "the"])
@pytest.mark.parametrize("text", ["Troops.", "🎉", "The"])
@pytest.mark.parametrize("filters", [None, Filters(("a",))])
def test_a_corpus_of_one_sentence_answers(query, text, filters):
    index = opened([document("a", text)]).index

    (hit,) = Retriever(index, FakeEncoder()).search(query, 10, filters).hits

    assert (hit.passage.text, hit.score, len(hit.sentences)) == (text, 1.0, 1)


@pytest.mark.parametrize(("k", "count"), [(1, 1), (3, 3), (4, 4), (5, 4), (100_000, 4)])
def test_k_hits_at_most(k, count):
    retriever = Retriever(opened(DATED).index, FakeEncoder())

    assert retriever.search("late troops", k).hits == retriever.search("late troops", 4).hits[:k]
    assert len(retriever.search("late troops", k).hits) == count


def test_eight_threads_get_what_one_gets():
    encoder = FakeEncoder()
    documents = corpus(3, 40, 20)
    asked = [
        (query, filters)
        for query in queries(13, 10)
        for filters in (None, Filters(("d001", "d002", "d030")), Filters(after=date(2025, 6, 10)))
    ]
    alone = Retriever(opened(documents, encoder).index, encoder)
    expected = [alone.search(query, 20, filters) for query, filters in asked]
    shared = Retriever(opened(documents, encoder).index, encoder)  # nothing of it is computed yet
    together = threading.Barrier(8)

    def ask_all(shift: int) -> list[Ranking]:
        together.wait(30)
        found = [shared.search(query, 20, filters) for query, filters in asked[shift:] + asked[:shift]]
        return found[len(asked) - shift :] + found[: len(asked) - shift]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(ask_all, range(8)))

    assert [result == expected for result in results] == [True] * 8
