"""The JSON that other tools read and write: one question in, one answer out."""

import json
import math
import re
from datetime import date
from typing import Any

from bot.answering.answers import Answer, Citation, NoAnswer, Question, Searched, Source, Statement
from bot.answering.disagreement import Position
from bot.checking.claims import Verdict
from bot.conversation import Reply, last_turn
from bot.english.voices import Voice
from bot.prose.writer import PatientWriter, Prose
from bot.question.context import Turn
from bot.readable import as_read
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.retrieval import Filters

_SURROGATE = re.compile("[\ud800-\udfff]")

MOST_SILENT = 25
"""How many silent documents, and how many that repeat others, an answer names; the rest are only counted."""


def reply_json(given: Reply, key: object = None) -> dict[str, Any]:
    """An answer or, where it was asked whether a claim is true, a verdict."""
    return verdict_json(given, key) if isinstance(given, Verdict) else answer_json(given, key)


def prose_json(writer: PatientWriter, prose: Prose | None) -> dict[str, Any]:
    """What a model wrote over an answer, to stand beside the answer's own JSON; nothing at all where no model writes.

    The lists are empty where the model was not asked or did not answer, `prose` also where too little of it was kept.
    """
    if not writer.writes:
        return {}
    return {
        "model": writer.model,
        "prose": [
            {"text": one.text, "citations": list(one.citations), "support": round(one.support, 4)}
            for one in (prose.sentences if prose else ())
        ],
        "dropped": [{"text": one.text, "reason": one.reason} for one in (prose.dropped if prose else ())],
    }


def answer_json(answer: Answer | NoAnswer, key: object = None) -> dict[str, Any]:
    """An answer in the form that `python -m bot ask --json` prints; every quotation is checked once more."""
    statements = answer.statements if isinstance(answer, Answer) else ()
    disagreements = answer.disagreements if isinstance(answer, Answer) else ()
    cited = answer.citations if isinstance(answer, Answer) else ()
    nearest = answer.explained if isinstance(answer, NoAnswer) else ()
    return {
        "id": key,
        "question": answer.question.text,
        "read_as": answer.read_as,
        "status": answer.status,
        "confidence": round(answer.confidence, 4),
        "statements": [_statement(statement) for statement in statements],
        "disagreements": [
            {
                "about": disagreement.about,
                "kind": disagreement.kind.value,
                "change_over_time": disagreement.change_over_time,
                "positions": [
                    {
                        "value": position.value,
                        "citations": list(position.citations),
                        "published": [day and day.isoformat() for day in (position.earliest, position.latest)],
                    }
                    | _side(position)
                    for position in disagreement.positions
                ],
            }
            for disagreement in disagreements
        ],
        "citations": [_citation(citation) for citation in cited],
        "searched": _searched(answer.searched),
        "nearest": [_citation(citation) | {"why": why} for citation, why in nearest],
        "index": _source(answer.source),
    }


def verdict_json(verdict: Verdict, key: object = None) -> dict[str, Any]:
    """A verdict in the form that `python -m bot check --json` prints: that of an answer, each statement with its
    `relation` to the claim, and `why` where nothing was found."""
    return {
        "id": key,
        "question": verdict.question.text,
        "read_as": verdict.question.meant,
        "status": verdict.status.value,
        "confidence": round(verdict.confidence, 4),
        "statements": [
            _statement(finding.statement) | {"relation": finding.relation.value} for finding in verdict.findings
        ],
        "disagreements": [],
        "citations": [_citation(citation) for citation in verdict.citations],
        "searched": _searched(verdict.searched),
        "nearest": [
            _citation(citation) | {"why": verdict.why if n == 0 else None} for n, citation in enumerate(verdict.nearest)
        ],
        "why": verdict.why,
        "index": _source(verdict.source),
    }


def _searched(searched: Searched) -> dict[str, Any]:
    return {
        "documents": searched.documents,
        "accounts": searched.accounts,
        "addressing": list(searched.addressing),
        "silent": list(searched.silent[:MOST_SILENT]),
        "repeating": list(searched.repeating[:MOST_SILENT]),
        "undated": searched.undated,
    }


def _source(source: Source) -> dict[str, str]:
    named = {"corpus": source.corpus} if source.corpus else {}
    return {"generation": source.generation, "built_at": source.built_at.isoformat()} | named


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "quote": statement.citation.quote,
        "shown": as_read(statement.citation).text,
        "kind": statement.kind.value,
        "heading": statement.citation.passage.heading,
        "parts": [_citation(part) for part in statement.parts],
        "citation": statement.citation.number,
        "highlight": list(statement.highlight) if statement.highlight else None,
        "voice": _voice(statement.voice),
        "confidence": round(statement.confidence, 4),
        "also": [citation.number for citation in statement.also],
        "dates": [
            {
                "text": list(dated.span),
                "date": dated.first.isoformat()
                if dated.first == dated.last
                else {"from": dated.first.isoformat(), "to": dated.last.isoformat()},
            }
            for dated in statement.dates
        ],
        "verdict": _verdict(statement.verdict) if statement.verdict else None,
    }


def _side(position: Position) -> dict[str, Any]:
    """Of a statement that says yes or no: which, and who says so, for each of its citations."""
    if position.stance is None:
        return {}
    return {"stance": position.stance, "voices": [_voice(voice) for voice in position.voices]}


def _voice(voice: Voice) -> dict[str, Any]:
    return {"kind": voice.kind.value, "name": voice.name}


def _verdict(verdict: Citation) -> dict[str, Any]:
    verdict.check()
    return {"quote": verdict.quote, "start": verdict.start, "end": verdict.end}


def _citation(citation: Citation) -> dict[str, Any]:
    citation.check()
    document = citation.document
    return {
        "number": citation.number,
        "document": document.id,
        "title": document.title,
        "published": document.published.isoformat() if document.published else None,
        "url": document.url,
        "passage": citation.passage.id,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "document_sha256": document.sha256,
        "page": citation.page,
        "copy_of": citation.original.id if citation.original else None,
    }


def json_text(value: object, indent: int | None = None) -> str:
    """A value as JSON that can be encoded: half of a surrogate pair, which only an `id` may hold, is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read_row(line: str) -> dict[str, Any]:
    """One line of a batch, which has an `id`, as an object that can be written again.

    Raises BadRequest for a line of another form.
    """
    try:
        row = json.loads(line.removeprefix("\ufeff"), parse_constant=_no_number, parse_float=_finite, parse_int=_whole)
        json.dumps([[row]])  # what is nested so deeply that it could be read and not be written, is refused here
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The line is not JSON: {error}.") from error
    if not isinstance(row, dict):
        raise BadRequest('The line is not an object with a "question".')
    return row


def read_question(row: dict[str, Any]) -> Question:
    """The question that a row of a batch asks. Raises BadRequest for one that cannot be asked."""
    if not isinstance(row.get("question"), str):
        raise BadRequest('The line is not an object with a "question".')
    documents = [] if row.get("documents") is None else row["documents"]
    if not isinstance(documents, list) or not all(isinstance(key, str) for key in documents):
        raise BadRequest('"documents" is not a list of document ids.')
    filters = read_filters(tuple(documents), row.get("after"), row.get("before"), row.get("as_of"))
    return Question(row["question"], filters)


def read_history(row: dict[str, Any]) -> Turn | None:
    """What the question of a row goes on from, by the earlier questions of its `history`, oldest first.

    Raises BadRequest for a history that is no list of texts.
    """
    history = row.get("history") or []
    if not isinstance(history, list) or not all(isinstance(question, str) for question in history):
        raise BadRequest('"history" is not a list of earlier questions.')
    return last_turn(history)


def read_claim(row: dict[str, Any]) -> Question:
    """The claim that a row of a batch puts forward. Raises BadRequest for one that cannot be checked."""
    if not isinstance(row.get("claim"), str):
        raise BadRequest('The line is not an object with a "claim".')
    return read_question(row | {"question": row["claim"]})


def read_filters(documents: tuple[str, ...], after: object, before: object, as_of: object) -> Filters:
    """Which documents to ask; `as_of` is one more day before which they were published. Raises BadRequest."""
    latest = [day for day in (read_date(before), read_date(as_of)) if day]
    return Filters(documents, read_date(after), min(latest, default=None))


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):  # which would be written as Infinity
        raise ValueError(f"{_begin(digits)} is too large a number")
    return number


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # more digits than Python converts
        raise ValueError(f"{_begin(digits)} is too large a number") from None


def _begin(digits: str) -> str:
    return digits if len(digits) <= 20 else f"{digits[:20]}…"


def read_date(value: object) -> date | None:
    """A date given as 2025-06-16; None for nothing. Raises BadRequest."""
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise BadRequest(
            Message("{text} is not a date. Write it as year-month-day, like 2025-06-16.", text=repr(value))
        ) from error
