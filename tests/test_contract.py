"""The JSON that tools outside this repository read and write, key by key."""

import dataclasses
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fakes import answerer, document
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answers import Answer, Citation, NoAnswer, Question, Searched, Source, Statement
from bot.answering.disagreement import Disagreement, Position
from bot.contract import MOST_SILENT, answer_json, json_text, read_date, read_history, read_question, read_row
from bot.english.voices import Voice, VoiceKind
from bot.question.context import Turn
from embeddings.errors import BadRequest, QuotationError
from embeddings.searching.retrieval import Filters
from embeddings.splitting.passages import Passage, Span

DOCUMENTS = [
    document("a", "On Friday 2,000 troops were sent to Oslo. It was cold.", "Friday’s report", "2025-06-07", "https://a.no/1"),
    document("b", "By Monday 4,000 troops were sent to Oslo, police said."),
    document("c", "The lake froze."),
]  # fmt: skip
TROOPS = Question("How many troops were sent to Oslo?")
WHO = Question("Who won the World Cup?")
KEYS = {
    "id", "question", "read_as", "status", "confidence", "statements", "disagreements", "citations", "searched",
    "nearest", "index",
}  # fmt: skip
CITATION_KEYS = {
    "number",
    "document",
    "title",
    "published",
    "url",
    "passage",
    "start",
    "end",
    "quote",
    "document_sha256",
    "page",
    "copy_of",
}


def source(number: int) -> Citation:
    text = f"This is sentence {number}."
    found = document(f"doc{number}", text)
    passage = Passage(f"{number:016x}", found.id, "", text, 0, len(text), (Span(0, len(text)),))
    return Citation(number, found, passage, 0, len(text), text)


def answer(**fields: Any) -> Answer:
    statements = tuple(Statement(source(number), Voice(VoiceKind.DOCUMENT), None, 0.5) for number in (1, 2))
    made = Answer(
        question=TROOPS,
        confidence=0.123456,
        statements=statements,
        disagreements=(),
        searched=Searched(("doc1", "doc2"), ()),
        source=Source("generation", datetime(2026, 8, 1, 12, tzinfo=UTC)),
    )
    return dataclasses.replace(made, **fields)


def test_an_answer_in_json():
    asked = answerer(DOCUMENTS)
    row = answer_json(asked.ask(TROOPS), "q1")

    passages = {passage.document_id: passage.id for passage in asked.index.passages}
    confidences = [statement["confidence"] for statement in row["statements"]]
    assert row == {
        "id": "q1",
        "question": "How many troops were sent to Oslo?",
        "read_as": None,
        "status": "disputed",
        "confidence": confidences[0],
        "statements": [
            {
                "quote": "On Friday 2,000 troops were sent to Oslo.",
                "shown": "On Friday 2,000 troops were sent to Oslo.",
                "kind": "sentence",
                "heading": "",
                "parts": [],
                "citation": 1,
                "highlight": [10, 15],
                "voice": {"kind": "document", "name": None},
                "confidence": confidences[0],
                "also": [],
                "dates": [{"text": [3, 9], "date": "2025-06-06"}],
                "verdict": None,
            },
            {
                "quote": "By Monday 4,000 troops were sent to Oslo, police said.",
                "shown": "By Monday 4,000 troops were sent to Oslo, police said.",
                "kind": "sentence",
                "heading": "",
                "parts": [],
                "citation": 2,
                "highlight": [10, 15],
                "voice": {"kind": "speaker", "name": "police"},
                "confidence": confidences[1],
                "also": [],
                "dates": [],
                "verdict": None,
            },
        ],
        "disagreements": [
            {
                "about": "how many troops were sent to Oslo",
                "kind": "number",
                "change_over_time": False,
                "positions": [
                    {"value": "2,000", "citations": [1], "published": ["2025-06-07", "2025-06-07"]},
                    {"value": "4,000", "citations": [2], "published": [None, None]},
                ],
            }
        ],
        "citations": [
            {
                "number": 1,
                "document": "a",
                "title": "Friday’s report",
                "published": "2025-06-07",
                "url": "https://a.no/1",
                "passage": passages["a"],
                "start": 0,
                "end": 41,
                "quote": "On Friday 2,000 troops were sent to Oslo.",
                "document_sha256": DOCUMENTS[0].sha256,
                "page": None,
                "copy_of": None,
            },
            {
                "number": 2,
                "document": "b",
                "title": "",
                "published": None,
                "url": None,
                "passage": passages["b"],
                "start": 0,
                "end": 54,
                "quote": "By Monday 4,000 troops were sent to Oslo, police said.",
                "document_sha256": DOCUMENTS[1].sha256,
                "page": None,
                "copy_of": None,
            },
        ],
        "searched": {
            "documents": 3,
            "accounts": 3,
            "addressing": ["a", "b"],
            "silent": ["c"],
            "repeating": [],
            "undated": 0,
        },
        "nearest": [],
        "index": {"generation": "20260801T120000Z-abcdef", "built_at": "2026-08-01T12:00:00+00:00"},
    }
    assert json.loads(json.dumps(row, ensure_ascii=False)) == row


def test_no_answer_in_json():
    row = answer_json(answerer(DOCUMENTS, threshold=1.0).ask(WHO))

    assert row.keys() == KEYS
    assert (row["id"], row["status"]) == (None, "not_found")
    assert row["statements"] == row["disagreements"] == row["citations"] == []
    assert row["searched"] == {
        "documents": 3,
        "accounts": 3,
        "addressing": [],
        "silent": ["a", "b", "c"],
        "repeating": [],
        "undated": 0,
    }
    assert [citation["number"] for citation in row["nearest"]] == [1, 2, 3]
    for citation in row["nearest"]:
        assert citation.keys() == {*CITATION_KEYS, "why"}
        text = {found.id: found.text for found in DOCUMENTS}[citation["document"]]
        assert citation["quote"] == text[citation["start"] : citation["end"]]


@pytest.mark.parametrize("key", ["q1", 7, 1.5, None, True, ["a", 1], {"a": None}, "", "\u2028 “é” 👍🏽"])
def test_the_id_comes_back_whatever_it_is(key: object):
    assert answer_json(answer(), key)["id"] == key


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.4, 1.0])
@pytest.mark.parametrize("question", [TROOPS, WHO, Question("Was it cold?"), Question("lake", Filters(("c",)))])
def test_what_holds_for_every_answer(question: Question, threshold: float):
    row = answer_json(answerer(DOCUMENTS, threshold).ask(question))

    assert row.keys() == KEYS
    assert row["status"] in ("answered", "disputed", "not_found")
    assert (row["statements"] == []) == (row["status"] == "not_found") == (row["citations"] == [])
    assert (row["disagreements"] != []) == (row["status"] == "disputed")
    assert row["nearest"] == [] or row["status"] == "not_found"
    assert 0 <= row["confidence"] <= 1
    numbers = [citation["number"] for citation in row["citations"]]
    also = [number for statement in row["statements"] for number in statement["also"]]
    assert numbers == list(range(1, len(numbers) + 1)) == [said["citation"] for said in row["statements"]] + also
    for statement, citation in zip(row["statements"], row["citations"], strict=False):
        assert statement.keys() == {
            "quote", "shown", "kind", "heading", "parts", "citation", "highlight", "voice", "confidence", "also",
            "dates", "verdict",
        }  # fmt: skip
        assert statement["voice"].keys() == {"kind", "name"}
        assert citation.keys() == CITATION_KEYS
        assert statement["quote"] == citation["quote"]
    searched = row["searched"]
    assert searched["documents"] == len(searched["addressing"]) + len(searched["silent"]) + len(searched["repeating"])
    assert searched["addressing"] == list(dict.fromkeys(citation["document"] for citation in row["citations"]))


def test_confidence_has_four_places():
    assert answer_json(answer())["confidence"] == 0.1235


def test_values_and_names_are_passed_on():
    statements = (
        Statement(source(1), Voice(VoiceKind.UNATTRIBUTED), Span(8, 16), 0.5),
        Statement(source(2), Voice(VoiceKind.SPEAKER, "Ann Lee"), None, 0.25),
    )
    disagreement = Disagreement("how many", (Position("1", (1,)), Position("2", (2,))))

    row = answer_json(answer(statements=statements, disagreements=(disagreement,)))

    assert row["status"] == "disputed"
    assert [statement["highlight"] for statement in row["statements"]] == [[8, 16], None]
    assert [statement["voice"] for statement in row["statements"]] == [
        {"kind": "unattributed", "name": None},
        {"kind": "speaker", "name": "Ann Lee"},
    ]
    assert [statement["confidence"] for statement in row["statements"]] == [0.5, 0.25]


def test_at_most_25_silent_documents_are_named_and_all_are_counted():
    silent = tuple(f"silent{number}" for number in range(60))

    searched = answer_json(answer(searched=Searched(("doc1", "doc2"), silent)))["searched"]

    assert searched == {
        "documents": 62,
        "accounts": 62,
        "addressing": ["doc1", "doc2"],
        "silent": list(silent[:25]),
        "repeating": [],
        "undated": 0,
    }
    assert MOST_SILENT == 25


def test_copies_and_pages_in_json():
    same = "On Friday 2,000 troops were sent to Oslo. It was cold."
    documents = [document("a", same, pages=(0, 42)), document("b", same.upper(), published="2025-06-07"), DOCUMENTS[2]]

    asked = answerer(documents)
    row = answer_json(asked.ask(TROOPS))

    assert row["searched"] == {
        "documents": 3,
        "accounts": 2,
        "addressing": ["b"],
        "silent": ["c"],
        "repeating": ["a"],
        "undated": 0,
    }
    assert (row["citations"][0]["page"], row["citations"][0]["copy_of"]) == (None, None)
    row = answer_json(asked.ask(Question("When was it cold, on Friday?", Filters(("a",)))))
    assert [(citation["page"], citation["copy_of"]) for citation in row["citations"]] == [(1, None), (2, None)]
    assert row["searched"]["accounts"] == 1
    (passage,) = asked.index.passages_of["a"]
    cited = Citation.of(asked.index, 1, passage, passage.sentences[1])
    row = answer_json(NoAnswer(TROOPS, 0.1, (cited,), Searched((), ("a", "b", "c")), asked.source))
    assert (row["nearest"][0]["page"], row["nearest"][0]["copy_of"]) == (2, "b")


@pytest.mark.parametrize("answered", [True, False])
def test_every_quotation_is_checked_before_it_leaves(answered: bool):
    full = answer()
    citation = full.citations[1]
    nothing = NoAnswer(TROOPS, 0.1, full.citations, Searched((), ("doc1", "doc2")), full.source)
    made = full if answered else nothing
    answer_json(made)

    object.__setattr__(citation, "quote", "This is no sentence.")

    with pytest.raises(QuotationError):
        answer_json(made)


# --- a batch's lines -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ('{"question": "Who?"}', Question("Who?")),
        ('\ufeff{"question": "Who?"}\r\n', Question("Who?")),
        ('{"id": 1, "question": "你好 👍🏽", "other": [1]}', Question("你好 👍🏽")),
        ('{"question": "Who?", "documents": null, "after": null, "before": ""}', Question("Who?")),
        ('{"question": "Who?", "documents": []}', Question("Who?")),
        ('{"question": "Who?", "documents": ["a", "b/c"]}', Question("Who?", Filters(("a", "b/c")))),
        (
            '{"question": "Who?", "after": "2025-06-07", "before": " 2025-06-16 "}',
            Question("Who?", Filters((), date(2025, 6, 7), date(2025, 6, 16))),
        ),
    ],
)
def test_the_question_of_a_line(line: str, question: Question):
    assert read_question(read_row(line)) == question


@pytest.mark.parametrize(
    ("history", "earlier"),
    [
        ("[]", None),
        ("null", None),
        ('["How many came to Oslo?"]', Turn("How many came to Oslo?")),
        ('["How many came to Oslo?", "and to Bergen?", "thanks"]', Turn("How many came to Bergen?")),
    ],
)
def test_the_history_of_a_line(history: str, earlier: Turn | None):
    assert read_history(read_row(f'{{"question": "Who?", "history": {history}}}')) == earlier
    assert read_history(read_row('{"question": "Who?"}')) is None


@pytest.mark.parametrize("history", ['"Who?"', "[1]", "[null]", '{"a": 1}', "7"])
def test_a_history_that_is_no_list_of_questions_is_refused(history: str):
    with pytest.raises(BadRequest, match="not a list of earlier questions"):
        read_history(read_row(f'{{"question": "Who?", "history": {history}}}'))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Who?", "not JSON"),
        ("", "not JSON"),
        ('{"question": "Who?"', "not JSON"),
        ('{"question": "Who?"} {}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("1" * 5000, "not JSON: 11111111111111111111… is too large a number"),
        ('{"id": 1e999, "question": "Who?"}', "not JSON: 1e999 is too large a number"),
        ('{"id": [{"a": -1e400}], "question": "Who?"}', "not JSON: -1e400 is too large a number"),
        ('{"id": -' + "9" * 5000 + ', "question": "Who?"}', "not JSON: -9999999999999999999… is too large a number"),
        ('{"id": NaN, "question": "Who?"}', "not JSON: NaN is not a JSON number"),
        ('{"id": -Infinity, "question": "Who?"}', "not JSON: -Infinity is not a JSON number"),
        ('"Who?"', 'not an object with a "question"'),
        ('["Who?"]', 'not an object with a "question"'),
        ("null", 'not an object with a "question"'),
        ("7", 'not an object with a "question"'),
        ("{}", 'not an object with a "question"'),
        ('{"query": "Who?"}', 'not an object with a "question"'),
        ('{"question": null}', 'not an object with a "question"'),
        ('{"question": ["Who?"]}', 'not an object with a "question"'),
        ('{"question": "Who?", "documents": "a"}', '"documents" is not a list'),
        ('{"question": "Who?", "documents": ""}', '"documents" is not a list'),
        ('{"question": "Who?", "documents": {}}', '"documents" is not a list'),
        ('{"question": "Who?", "documents": false}', '"documents" is not a list'),
        ('{"question": "Who?", "documents": ["a", 1]}', '"documents" is not a list'),
        ('{"question": "Who?", "after": "June"}', "'June' is not a date.*year-month-day, like 2025-06-16"),
        ('{"question": "Who?", "before": "2025-02-30"}', "'2025-02-30' is not a date"),
        ('{"question": "Who?", "before": 0}', "0 is not a date"),
        ('{"question": "Who?", "before": ["2025-06-16"]}', "is not a date"),
    ],
)
def test_a_line_that_cannot_be_asked(line: str, reason: str):
    with pytest.raises(BadRequest, match=reason):
        read_question(read_row(line))


@pytest.mark.parametrize(
    "key",
    [
        "1e308",
        "-0.0",
        "0.1",
        "9" * 4300,
        '"\\ud800"',
        '"\\udfff\\ud800x"',
        '{"\\udc00": ["\\ud83d\\ude00"]}',
        '"\\u0000\\u2028"',
    ],
)
def test_an_id_of_a_line_can_be_written_again(key: str):
    read = read_row(f'{{"id": {key}, "question": "Who?"}}')["id"]

    written = json_text({"id": read})

    assert json.loads(written.encode("utf-8"))["id"] == json.loads(key) == read


def test_an_id_is_never_nested_too_deeply_to_be_written():
    refused = []
    for depth in (10, 500, *range(900, 1000), 5000):
        try:
            row = read_row('{"id": ' + "[" * depth + "]" * depth + "}")
        except BadRequest as error:
            refused.append(depth)
            assert "not JSON" in str(error)
        else:
            json_text({"id": row["id"], "line": 1})
    assert 10 not in refused and 5000 in refused


@given(st.text(), st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_whatever_stands_in_a_line_its_answer_is_json(question: str, key: object):
    line = json.dumps({"id": key, "question": question})
    try:
        row = read_row(line)
    except BadRequest:
        assert any(number in line for number in ("NaN", "Infinity"))
        return
    assert json.loads(json_text({"id": row["id"], "question": row["question"]}).encode("utf-8"))["id"] == key


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (None, None),
        ("", None),
        ("2025-06-16", date(2025, 6, 16)),
        (" 2025-06-16\n", date(2025, 6, 16)),
        ("20250616", date(2025, 6, 16)),
        ("0001-01-01", date.min),
    ],
)
def test_a_date(value: object, day: date | None):
    assert read_date(value) == day


@pytest.mark.parametrize(
    "value", ["yesterday", "16.06.2025", "06/16/2025", "2025-13-01", "2025-06", "2025-06-16T12:00", "  ", False, 1e9]
)
def test_what_is_no_date(value: object):
    with pytest.raises(BadRequest, match="is not a date"):
        read_date(value)


# --- who says the same, days, and why not ------------------------------------------------------------


def test_those_who_say_the_same_are_citations_after_those_of_the_statements():
    same = "Seven goats were sent to Oslo in spring."
    documents = [
        document("a", f"{same} Nobody in the valley had seen ships before."),
        document("b", f"{same} Snow fell for weeks on every roof."),
        document("c", "Seven goats were seen on a ship, and nobody knew why."),
    ]

    row = answer_json(answerer(documents).ask(Question("How many goats were sent to Oslo?")))

    first = row["statements"][0]
    assert first["quote"] == same and first["citation"] == 1
    (number,) = first["also"]
    assert number == len(row["statements"]) + 1
    also = row["citations"][number - 1]
    assert (also["number"], also["quote"]) == (number, same)
    assert {row["citations"][0]["document"], also["document"]} == {"a", "b"}
    assert {"a", "b"} <= set(row["searched"]["addressing"])


def test_days_are_given_from_the_published_date_and_within_the_quotation():
    text = "Ann Lee came to Oslo. She said last week that goats came on Sunday."
    documents = [document("a", text, published="2025-06-16")]

    (statement,) = answer_json(answerer(documents).ask(Question("When did goats come?")))["statements"][:1]

    assert statement["quote"] == text
    assert [(text[slice(*found["text"])], found["date"]) for found in statement["dates"]] == [
        ("last week", {"from": "2025-06-09", "to": "2025-06-15"}),
        ("Sunday", "2025-06-15"),
    ]


def test_the_nearest_passages_say_why_they_do_not_answer():
    row = answer_json(answerer(DOCUMENTS, threshold=1.0).ask(Question("How many troops were sent to Chicago?")))

    assert {citation["document"]: citation["why"] for citation in row["nearest"]} == {
        "a": "Speaks of Oslo, not of Chicago.",
        "b": "Speaks of Oslo, not of Chicago.",
        "c": "Does not mention Chicago.",
    }


def test_as_of_is_one_more_day_before_which_documents_were_published():
    def before(**dates: str) -> date | None:
        return read_question({"question": "Who?", **dates}).filters.before

    assert before(as_of="2025-06-16") == date(2025, 6, 16)
    assert before(as_of="2025-06-16", before="2025-06-10") == date(2025, 6, 10)
    assert before(as_of="2025-06-16", before="2025-06-20") == date(2025, 6, 16)
    assert before() is None
    with pytest.raises(BadRequest, match="is not a date"):
        before(as_of="June")


def test_documents_without_a_date_are_counted_where_dates_are_asked_for():
    asked = Question("How many troops were sent to Oslo?", Filters(before=date(2025, 6, 16)))

    row = answer_json(answerer(DOCUMENTS).ask(asked))

    assert (row["searched"]["documents"], row["searched"]["undated"]) == (1, 2)


def test_what_a_document_itself_says_of_a_claim_travels_with_it():
    text = "The mayor claimed, without evidence, that goats had voted in Oslo."
    (statement,) = answer_json(answerer([document("a", text)]).ask(Question("Who voted in Oslo?")))["statements"]

    verdict = statement["verdict"]
    assert verdict["quote"] == "without evidence" == text[verdict["start"] : verdict["end"]]
