"""Which quotations of an answer a model chose: it can only take away and reorder."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from bot.answering.answerer import NEAREST
from bot.answering.answers import Answer, NoAnswer, Searched, Statement
from embeddings.messages import Message

NOT_CHOSEN = Message("A model that was asked finds no answer in it.")

_NUMBERS = re.compile(r"[0-9]{1,3}(?:, ?[0-9]{1,3}){0,30}")


def parse_choice(text: str, statements: int) -> tuple[int, ...] | None:
    """The numbers that a model names, in its order; () where it says none, None for a reply of any other form.

    >>> parse_choice("3,1", 4), parse_choice("none", 4), parse_choice("5", 4), parse_choice("The third.", 4)
    ((3, 1), (), None, None)
    """
    said = text.strip().lower().removesuffix(".")
    if said == "none":
        return ()
    if not _NUMBERS.fullmatch(said):
        return None
    numbers = tuple(dict.fromkeys(int(number) for number in said.split(",")))
    return numbers if all(1 <= number <= statements for number in numbers) else None


def chosen(answer: Answer, numbers: Sequence[int]) -> Answer | NoAnswer:
    """The answer with these of its statements alone, counted from 1, in this order; without any, that there is none."""
    if not numbers:
        return _none(answer)
    left = [answer.statements[number - 1] for number in numbers]
    behind = count(len(left) + 1)
    statements = tuple(_renumbered(statement, number, behind) for number, statement in enumerate(left, 1))
    chosen = replace(answer, confidence=max(each.confidence for each in left), statements=statements)
    cited = (citation.document.id for citation in chosen.citations)
    return replace(chosen, searched=_searched(answer.searched, cited))


def _none(answer: Answer) -> NoAnswer:
    first = [statement.citation for statement in answer.statements[:NEAREST]]
    nearest = tuple(replace(each, number=number) for number, each in enumerate(first, 1))
    return NoAnswer(
        question=answer.question,
        confidence=answer.confidence,
        nearest=nearest,
        searched=_searched(answer.searched, ()),
        source=answer.source,
        reasons=(NOT_CHOSEN,) * len(nearest),
        read_as=answer.read_as,
    )


def _renumbered(statement: Statement, number: int, behind: "count[int]") -> Statement:
    """The statement as the one of this number; those that say the same are numbered behind all statements."""
    verdict = replace(statement.verdict, number=number) if statement.verdict else None
    return replace(
        statement,
        citation=replace(statement.citation, number=number),
        also=tuple(replace(each, number=next(behind)) for each in statement.also),
        parts=tuple(replace(part, number=number) for part in statement.parts),
        verdict=verdict,
    )


def _searched(searched: Searched, cited: Iterable[str]) -> Searched:
    """What was searched, where only the documents `cited` have a part in the answer."""
    every = (*searched.addressing, *searched.repeating, *searched.silent)
    return Searched.of(every, cited, searched.copies, searched.undated)
