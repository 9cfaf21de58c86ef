"""The JSON that other tools read and write: one question in, one answer out."""

import json
from datetime import date
from typing import Any

from bot.answering.answerer import Answer, Citation, NoAnswer, Question, Statement
from embeddings.errors import BadRequest
from embeddings.retrieval import Filters

MOST_SILENT = 25
"""How many silent documents, and how many that repeat others, an answer names; the rest are only counted."""


def answer_json(answer: Answer | NoAnswer, key: object = None) -> dict[str, Any]:
    """An answer in the form that `python -m bot ask --json` prints; every quotation is checked once more."""
    statements = answer.statements if isinstance(answer, Answer) else ()
    disagreements = answer.disagreements if isinstance(answer, Answer) else ()
    nearest = answer.nearest if isinstance(answer, NoAnswer) else ()
    return {
        "id": key,
        "question": answer.question.text,
        "status": answer.status,
        "confidence": round(answer.confidence, 4),
        "statements": [_statement(statement) for statement in statements],
        "disagreements": [
            {
                "about": disagreement.about,
                "positions": [
                    {"value": position.value, "citations": list(position.citations)}
                    for position in disagreement.positions
                ],
            }
            for disagreement in disagreements
        ],
        "citations": [_citation(statement.citation) for statement in statements],
        "searched": {
            "documents": answer.searched.documents,
            "accounts": answer.searched.accounts,
            "addressing": list(answer.searched.addressing),
            "silent": list(answer.searched.silent[:MOST_SILENT]),
            "repeating": list(answer.searched.repeating[:MOST_SILENT]),
        },
        "nearest": [_citation(citation) for citation in nearest],
        "index": {"generation": answer.source.generation, "built_at": answer.source.built_at.isoformat()},
    }


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "quote": statement.citation.quote,
        "citation": statement.citation.number,
        "highlight": list(statement.highlight) if statement.highlight else None,
        "voice": {"kind": statement.voice.kind.value, "name": statement.voice.name},
        "confidence": round(statement.confidence, 4),
    }


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


def read_row(line: str) -> dict[str, Any]:
    """One line of a batch, which has an `id`, as an object. Raises BadRequest for a line of another form."""
    try:
        row = json.loads(line.removeprefix("\ufeff"), parse_constant=_no_number)
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
    filters = Filters(tuple(documents), read_date(row.get("after")), read_date(row.get("before")))
    return Question(row["question"], filters)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def read_date(value: object) -> date | None:
    """A date given as 2025-06-16; None for nothing. Raises BadRequest."""
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise BadRequest(f"{value!r} is not a date. Write it as year-month-day, like 2025-06-16.") from error
