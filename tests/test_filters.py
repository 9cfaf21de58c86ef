"""Filters: an answer knows nothing of a document that is left out, not its words, nor that it is there."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import pytest
from fakes import FakeEncoder, FakeReader, document, opened

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, NoAnswer, Question
from bot.checking.claims import Checker
from bot.contract import answer_json, verdict_json
from bot.discord.answer import comparison_page, reply_page
from bot.discord.ledger import Quotation, Receipt
from bot.discord.lookup import nearest_page
from bot.discord.page import Page
from bot.discord.reports import receipt_page, receipt_text
from bot.discord.sources import mix_page
from bot.discord.views import layout
from embeddings.reading.documents import Document
from embeddings.searching.index import Index
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.splitting.terms import STOPWORDS, words

STORY = (
    "On Friday {} troops were sent to Oslo. The ministry did not say why. Ferries stopped at noon and trains an hour "
    "later, the port office wrote, and most shops on the quay kept their doors shut. A school near the fortress sent "
    "its pupils home. In the evening the square before the town hall was empty, and just the snow ploughs went up and "
    "down the hill until the morning, when the first boats left the harbour again. Fishermen sold cod from the pier "
    "as on any other day of the week. Nobody was hurt, the hospital announced."
)
DOCUMENTS = [
    document("gazette", "Vermilion Gazette. " + STORY.format("4,000"), "Gazette of Zanzibar", "2025-06-08"),
    document("herald", STORY.format("4,000") + " Our desk wrote this.", "Herald", "2025-06-10"),
    document("courier", STORY.format("2,000"), "Courier", "2025-06-12", "https://courier.example"),
    document(
        "office",
        "The Zanzibar Harbour Office counted the quadrilles. The Zanzibar Harbour Office was strict. It met the "
        "Zanzibar Harbour Office of old, and the Zanzibar Harbour Office shut.\n\n# Afterwards\n\nMagistrate "
        "Quillfeather said 12 troops were sent to Oslo.",
        "Harbours of the isles",
        "2025-06-09",
    ),
    document("lake", "The lake froze in Oslo. Seven goats crossed it on foot.", "Lake", "2025-06-11"),
    document("note", "Nine goats were perhaps seen there, wrote Ada Winterbottom.", "Note"),
]
QUESTIONS = [
    "How many troops were sent to Oslo?",
    "Did magistrate quillfether count the quadriles of the ZHO?",
    "what did the zanzibar harbour office count?",
    "How many goats crosssed the lake?",
    "What did Ada Winterbotom write about the lake?",
    "How do I send troops to Oslo?",
]
SUBSETS = [keys for count in (1, 2, 5) for keys in combinations([each.id for each in DOCUMENTS], count)]
FILTERS = [
    *(Filters(keys) for keys in SUBSETS if len(keys) != 2),
    *(Filters(before=each.published) for each in DOCUMENTS if each.published),
]
FILTERS += [Filters(after=each.published) for each in DOCUMENTS if each.published]


WHOLE = opened(DOCUMENTS)


class Subwords(FakeEncoder):
    """Knows no word of more than six letters whole, so that it may be a slip."""

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """See Encoder."""
        return [
            [
                part
                for start, end in spans
                for part in ([(start, start + 3), (start + 3, end)] if end - start > 6 else [(start, end)])
            ]
            for spans in super().token_spans(texts)
        ]


def answerer(documents: Iterable[Document], threshold: float = 0.0) -> Answerer:
    encoder = Subwords()
    return Answerer(opened(documents, encoder), encoder, threshold, FakeReader())


def vectors(found: Index) -> list[np.ndarray]:
    every = (found.passage_vectors, found.sentence_vectors)
    return [each.reconstruct_batch(np.arange(each.ntotal)) for each in every]


@pytest.mark.parametrize("keys", SUBSETS, ids="-".join)
def test_an_index_of_some_documents_is_what_would_be_built_of_them(keys: tuple[str, ...]):
    some, built = WHOLE.index.only(keys), opened([each for each in DOCUMENTS if each.id in keys]).index

    assert (some.documents, some.passages, some.copies) == (built.documents, built.passages, built.copies)
    assert (some.vocabulary, some.counts) == (built.vocabulary, built.counts)
    assert some.first_sentence.tolist() == built.first_sentence.tolist()
    assert some.lexical.vocabulary == built.lexical.vocabulary
    for name in ("bounds", "rows", "counts", "weights"):
        one, two = getattr(some.lexical, name), getattr(built.lexical, name)
        assert (one.dtype, one.tolist()) == (two.dtype, two.tolist())
    assert all(np.array_equal(one, other) for one, other in zip(vectors(some), vectors(built), strict=True))
    for query in QUESTIONS:
        assert Retriever(some, FakeEncoder()).search(query) == Retriever(built, FakeEncoder()).search(query)


def test_an_index_of_no_documents_is_empty():
    none = WHOLE.index.only(())

    assert none.counts == {"documents": 0, "passages": 0, "sentences": 0}
    assert (none.copies, none.vocabulary.counts, none.lexical.size) == ({}, {}, 0)


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.0, 1.0])
@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_that_of_an_index_of_these_documents_alone(question: str, threshold: float):
    everything = answerer(DOCUMENTS, threshold)
    for keys in SUBSETS[::4]:
        alone = answerer([each for each in DOCUMENTS if each.id in keys], threshold)
        asked = Question(question, Filters(keys))

        assert answer_json(everything.ask(asked)) == answer_json(alone.ask(Question(question)))
        assert answer_json(everything.compare(asked)) == answer_json(alone.compare(Question(question)))
        assert verdict_json(Checker(everything).check(asked)) == verdict_json(Checker(alone).check(Question(question)))


# -- no word of another document


def known(documents: Iterable[Document]) -> set[str]:
    """Words of documents that the message itself does not need, as it does "this" and the days of a date."""
    return {
        word
        for each in documents
        for word in words(f"{each.id} {each.title} {each.text} {each.url or ''}")
        if len(word) > 3
    } - STOPWORDS


def shown(page: Page) -> str:
    return json.dumps(layout(page).to_components(), ensure_ascii=False)


def messages(asked: Answerer, found: Answer | NoAnswer) -> list[str]:
    """All that Discord is sent of an answer: the message, and what its buttons and its receipt open."""
    index, page = asked.index, reply_page(found)
    sent = [page, *([mix_page(index, page.mix)] if page.mix else [])]
    sent += [nearest_page(index, page.nearest)] if page.nearest else []
    if isinstance(found, NoAnswer):
        return list(map(shown, sent))
    quoted = tuple(map(Quotation.of, found.citations))
    now = datetime(2026, 8, 1, tzinfo=UTC)
    receipt = Receipt("abcd2345", now, found.status, 0.9, found.source.generation, now, quoted)
    return [*map(shown, [*sent, comparison_page(found), receipt_page(index, receipt)]), receipt_text(index, receipt)]


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.0, 1.0])
@pytest.mark.parametrize("question", QUESTIONS)
def test_no_word_of_a_document_that_is_left_out_is_shown(question: str, threshold: float):
    asked = answerer(DOCUMENTS, threshold)
    for filters in FILTERS:
        let_in = asked.retriever.documents(filters)
        others = [each for each in DOCUMENTS if each.id not in let_in]
        secret = known(others) - known(each for each in DOCUMENTS if each.id in let_in) - set(words(question))
        put = Question(question, filters)
        answers = [asked.ask(put), asked.compare(put)]
        verdict = Checker(asked).check(put)
        texts = [json.dumps(answer_json(each), ensure_ascii=False) for each in answers]
        texts += [json.dumps(verdict_json(verdict), ensure_ascii=False), shown(reply_page(verdict))]
        texts += [text for each in answers for text in messages(asked, each)]

        for text in texts:
            assert not secret.intersection(words(text)), (filters, secret.intersection(words(text)), text)


def test_slips_names_and_initials_are_read_where_the_document_is_let_in():
    """The same questions do take words from it then: the test above would fail otherwise without a filter."""
    asked = answerer(DOCUMENTS)

    read = asked.ask(Question(QUESTIONS[1])).read_as
    alone = asked.ask(Question(QUESTIONS[1], Filters(("lake", "note")))).read_as
    assert read and "quillfeather" in read.lower() and "Zanzibar Harbour Office" in read
    assert alone is None


def test_a_copy_is_named_as_one_where_its_original_is_let_in():
    asked = answerer(DOCUMENTS)

    def copies(*keys: str) -> set[str]:
        found = asked.ask(Question(QUESTIONS[0], Filters(keys)))
        assert isinstance(found, Answer)
        return {each.original.id for each in found.citations if each.original} | set(found.searched.copies.values())

    assert copies("gazette", "herald") == {"gazette"}
    assert copies("herald", "courier") == {"herald"}, "copies of a document that is left out are copies of each other"
    assert copies("herald", "lake") == set()


def test_what_is_left_out_for_want_of_a_date_is_counted_and_no_more():
    asked = answerer(DOCUMENTS)
    (lake,) = (each for each in DOCUMENTS if each.id == "lake")

    found = asked.ask(Question(QUESTIONS[3], Filters(before=lake.published)))

    assert found.searched.undated == 1
    assert asked.ask(Question(QUESTIONS[3])).searched.undated == 0


def test_a_filter_that_lets_all_in_changes_nothing():
    asked = answerer(DOCUMENTS)

    assert asked.within(Filters(tuple(each.id for each in DOCUMENTS))) is asked.within(Filters()) is asked
    assert asked.within(Filters(("lake",))) is asked.within(Filters(("lake", "lake"))), "made once"
