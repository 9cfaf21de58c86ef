"""Targets: what is read of a question, of a claim, of the sentences of documents, and of what a model wrote."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

from fakes import FakeReader, answerer

from bot import contract
from bot.checking.alignment import Claim, align
from bot.checking.claims import claims_in
from bot.english import attribution, counts, dates, values, verdicts, voices, words
from bot.logs import redact
from bot.prose import choice, draft, gate, understanding
from bot.question import content, links, posts, proposed, speech
from bot.question.asked import asked
from bot.question.context import Turn, resolve
from bot.question.forms import QuestionForm
from bot.question.wanted import Wanted
from bot.question.wording import is_greeting
from bot.readable import readable, spoiling
from embeddings.errors import BadRequest
from embeddings.reading.documents import Document
from embeddings.splitting.passages import Passage, Span
from fuzz.target import Target, documents, fields_of, pairs, pieces, questions, seed, sentences, text_of

_ANSWERER = answerer(
    [Document(str(n), "", text, date(2025, 6, 16)) for n, text in enumerate(documents())], reader=FakeReader()
)
_GATES = gate.Gate(None), gate.Gate(FakeReader())


def _question(data: bytes) -> None:
    text = text_of(data)
    content.check_question(text)
    form = QuestionForm.of(text)
    wanted = Wanted.of(form, _ANSWERER.index.lexical)
    for sentence in ("He sent 700 Marines, Mayor Karen Bass said on Sunday.", text):
        wanted.may_be_in(sentence, voices.voice_of(sentence, ["Newsom sued."], None, [text]))
        wanted.kind_missing(sentence)
    if found := asked(text):
        found.fits(text, Span(0, len(text)))
    links.link(text)
    links.is_question(text)
    links.part_of(text)
    posts.asks(text)
    proposed.proposed(text)
    speech.asks_who_says(text)
    is_greeting(text)


def _conversation(data: bytes) -> None:
    question, before, quotation = fields_of(data, 3)
    if found := resolve(question, Turn(before, (quotation,) if quotation else ())):
        assert found.text.strip()


def _wording(data: bytes) -> None:
    _ANSWERER.wording.understand(text_of(data))


def _claim(data: bytes) -> None:
    claim, sentence = fields_of(data, 2)
    align(Claim.of(claim), sentence)
    align(Claim.of(sentence), claim)
    list(claims_in(claim))


def _sentence(data: bytes) -> None:
    """Who speaks in a sentence, of what, when and how many."""
    sentence, before = fields_of(data, 2)
    _within(sentence, (found.name for found in [voices.voice_of(sentence, [before] if before else [])] if found.name))
    items = attribution.read(sentence)
    attribution.attributions(items)
    counts.counts(sentence)
    words.read(sentence)
    verdicts.denies(sentence)
    whole = f"{before}\n{sentence}"
    document = Document("a", "", whole, date(2025, 6, 16))
    cut = Span(len(before) + 1, len(whole))
    passage = Passage("0" * 16, "a", "", whole, 0, len(whole), (Span(0, len(before)), cut))
    verdicts.verdict_on(passage, 1)
    for dated in dates.dates_in(document, cut):
        assert dated.first <= dated.last


def _within(sentence: str, names: Iterator[str]) -> None:
    for name in names:
        assert name.strip()


def _value(data: bytes) -> None:
    """Values, what they are, and whether they agree."""
    text = text_of(data)
    for kind in values.Kind:
        found = [
            values.value_at(text, span, kind, last) for span in values.mentions(text, kind) for last in (True, False)
        ]
        known = [value for value in found if value]
        for one, other in pairwise(known[:50]):
            assert one.agrees(other) == other.agrees(one)
        assert all(value.agrees(value) is not False for value in known)
    values.number_of(text)
    values.count_of(text)
    values.date_of(text)
    values.name_of(text)


def _draft(data: bytes) -> None:
    """What a model wrote, before quotations."""
    reply, quotation, speaker = fields_of(data, 3)
    drafts, _ = draft.parse_drafts(draft.without_thoughts(reply), 3)
    grounds = [
        gate.Ground(quotation, speaker or None, "Title"),
        gate.Ground(speaker, None, ""),
        gate.Ground("", "", ""),
    ]
    for each in _GATES:
        checked = each.check(drafts, grounds)
        assert len(checked.kept) + len(checked.dropped) == len(drafts)
    choice.parse_choice(reply, 3)
    understanding.understood(reply, quotation, Turn(speaker))


def _row(data: bytes) -> None:
    """A line of a batch."""
    row = contract.read_row(data.decode("utf-8", errors="replace"))
    contract.json_text(row)
    for read in (contract.read_question, contract.read_claim, contract.read_history):
        try:
            read(row)
        except BadRequest:
            continue


def _readable(data: bytes) -> None:
    """A quotation as people read it, and a line of the log."""
    text = text_of(data)
    shown = readable(text)
    assert 0 <= shown.span(0, len(text)).end <= len(shown.text)
    list(spoiling(text))
    redact(text, ("secret",))


def _fields(number: int) -> Callable[[], Iterator[bytes]]:
    return lambda: pairs(questions(), number)


def _drafts() -> Iterator[bytes]:
    for one, other in pairwise(questions()):
        yield seed(f"{one} [1]\n1. {other} [2,3]\n- x", one, "Karen Bass")
    yield seed("<think>no</think>1, 2", "Who won?", "Who lost?")


_ROWS = (
    b'{"id": 1, "question": "Who won?", "documents": ["a"], "after": "2025-06-16", "history": ["Who lost?"]}',
    b'{"claim": "He won.", "as_of": 20250616, "question": "\\ud800", "x": [1e5, null, {"a": []}]}',
)

TARGETS = {
    "question": Target(_question, sentences, (BadRequest,), 600, share=2),
    "conversation": Target(_conversation, _fields(3), (BadRequest,), 900, share=4),
    "wording": Target(_wording, sentences, (), 300, share=3),
    "claim": Target(_claim, _fields(3), (BadRequest,), 900, share=2),
    "sentence": Target(_sentence, lambda: [*sentences(), *pairs(questions())], (), 900, share=2),
    "value": Target(_value, sentences, (), 400, share=3),
    "draft": Target(_draft, _drafts, (), 900),
    "batch": Target(_row, lambda: _ROWS, (BadRequest,), share=4),
    "readable": Target(_readable, lambda: pieces(documents()), share=3),
}
