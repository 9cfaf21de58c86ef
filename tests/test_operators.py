"""An operator's own models: any that answers by a span, and any that orders passages anew."""

import json

import numpy as np
import pytest
import torch
from fakes import FakeEncoder, FakeReader, document, opened
from safetensors.torch import load_file, save_file
from tokenizers import BertWordPieceTokenizer
from transformers import (  # type: ignore[attr-defined] # made when it is asked for
    BertConfig,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertModel,
    BertTokenizerFast,
)

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Question
from bot.reader.operators import RANKED_AGAIN, Reranker, SpanReader
from embeddings.errors import ReaderError
from embeddings.searching.retrieval import Retriever

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,?!:"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
TEXT = "Seven goats live in Oslo. The harbour froze in 1900."


def made(folder, kind, **options):
    """A tiny BERT of chance weights that spells its words, in a folder."""
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.5,
        **options,
    )
    kind(config).save_pretrained(folder)
    words = folder / "vocab.txt"
    words.write_text("\n".join(VOCABULARY), encoding="utf-8")
    BertTokenizerFast(
        tokenizer_object=BertWordPieceTokenizer(str(words))._tokenizer, model_max_length=128
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def spans(tmp_path_factory):
    return made(tmp_path_factory.mktemp("spans"), BertForQuestionAnswering)


def test_a_reading_has_the_characters_of_the_passage_though_the_model_reads_the_title_too(spans):
    reader = SpanReader(spans, FakeReader())

    with_title, without = (reader.read("How many?", [(title, TEXT)])[0] for title in ("Goats: Oslo", ""))

    for reading in (with_title, without):
        assert [TEXT[a:b] for a, b in reading.offsets] == [letter for letter in TEXT if letter != " "]
        assert len(reading.start) == len(reading.end) == len(reading.offsets)
        assert np.isfinite(reading.start).all() and np.isfinite(reading.end).all()
        best = reading.best()
        assert best is not None and reading.answer == best.margin
    assert not np.allclose(with_title.start, without.start), "the title is read"


def test_a_logit_is_that_over_there_being_no_answer(spans):
    reader = SpanReader(spans, FakeReader())
    (reading,) = reader.read("How many?", [("", TEXT)])
    tokens = reader._tokenizer("How many?", TEXT, return_tensors="pt")
    with torch.inference_mode():
        output = reader._model(**tokens)

    first = tokens.sequence_ids(0).index(1)
    assert reading.start == pytest.approx(
        (output.start_logits[0, first:-1] - output.start_logits[0, 0]).numpy(), abs=1e-4
    )
    assert reading.end == pytest.approx((output.end_logits[0, first:-1] - output.end_logits[0, 0]).numpy(), abs=1e-4)


def test_passages_of_any_length_are_read_whole_and_each_for_itself(spans):
    reader = SpanReader(spans, FakeReader())
    long = " ".join(f"Goat {number} lives on hill {number}." for number in range(40))

    several = reader.read("Which hill? " * 30, [("", TEXT), ("Hills", long), ("", "")])

    assert [TEXT[a:b] for a, b in several[0].offsets] == [letter for letter in TEXT if letter != " "]
    assert [long[a:b] for a, b in several[1].offsets] == [letter for letter in long if letter != " "]
    assert several[2].answer == -np.inf and several[2].best() is None
    assert reader.read("Who?", []) == []
    alone = reader.read("Which hill? " * 30, [("Hills", long)])[0]
    assert alone.start == pytest.approx(several[1].start, abs=1e-3)


def test_claims_are_left_to_the_reader_that_knows_them(spans):
    shares = SpanReader(spans, FakeReader()).compare("Goats live in Oslo.", [TEXT, "Nothing."])

    assert np.array_equal(shares, FakeReader().compare("Goats live in Oslo.", [TEXT, "Nothing."]))


def test_an_answer_with_it_is_an_exact_quotation(spans):
    encoder = FakeEncoder()
    index = opened([document("goats", TEXT), document("frost", "The lake froze in 1900.")], encoder)

    found = Answerer(index, encoder, 0.0, SpanReader(spans, FakeReader())).ask(Question("How many goats live in Oslo?"))

    assert isinstance(found, Answer)
    for statement in found.statements:
        cited = statement.citation
        assert cited.quote == cited.document.text[cited.start : cited.end]


def test_what_is_no_such_model_is_refused(tmp_path, spans):
    with pytest.raises(ReaderError, match="could not be loaded"):
        SpanReader(tmp_path, FakeReader())
    with pytest.raises(ReaderError, match="not trained to find answers"):
        SpanReader(made(tmp_path / "encoder", BertModel), FakeReader())
    with pytest.raises(ReaderError, match="could not be loaded"):
        Reranker(tmp_path)
    with pytest.raises(ReaderError, match="gives 3 scores"):
        Reranker(made(tmp_path / "labels", BertForSequenceClassification, num_labels=3))


def test_weights_that_are_a_pickle_are_refused(tmp_path, spans):
    folder = made(tmp_path / "pickled", BertForQuestionAnswering)
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")

    with pytest.raises(ReaderError, match="could not be loaded"):
        SpanReader(folder, FakeReader())
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert SpanReader(folder, FakeReader()).read("Who?", [("", TEXT)])


def test_a_reranker_exchanges_passages_and_leaves_scores_where_they_were(tmp_path):
    encoder = FakeEncoder()
    documents = [document(f"d{number}", f"Goat number {number} lives on hill {number}.") for number in range(25)]
    ranking = Retriever(opened(documents, encoder).index, encoder).search("Where does goat number 7 live?", 25)
    reranker = Reranker(made(tmp_path / "ranks", BertForSequenceClassification, num_labels=1))

    found = reranker.reorder(ranking)

    assert sorted(hit.passage.id for hit in found.hits) == sorted(hit.passage.id for hit in ranking.hits)
    assert [(hit.score, hit.fused) for hit in found.hits] == [(hit.score, hit.fused) for hit in ranking.hits]
    assert found.hits[RANKED_AGAIN:] == ranking.hits[RANKED_AGAIN:]
    scores = reranker._model.predict([(ranking.query, hit.passage.text) for hit in found.hits[:RANKED_AGAIN]])
    assert all(np.diff(scores) <= 1e-5), "the first ones stand in its order"
    own = {hit.passage.id: (hit.dense, hit.lexical, hit.sentences) for hit in ranking.hits}
    assert all(own[hit.passage.id] == (hit.dense, hit.lexical, hit.sentences) for hit in found.hits)
    assert json.loads((tmp_path / "ranks" / "config.json").read_text())["architectures"]
