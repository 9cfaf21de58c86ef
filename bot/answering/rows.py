"""Rows of tables as what they say: under which header they stand, and of what."""

import re
from collections import defaultdict

from embeddings.lexical import term_set
from embeddings.passages import Passage, Span

_CELL = re.compile(r"(?<!\\)\|\s*(?P<words>(?:[^|\\\n]|\\.)*\w(?:[^|\\\n]|\\.)*)")


def header_above(text: str, start: int) -> str:
    """The first line of the table of which a row begins there; "" where no row does, or that line itself.

    >>> header_above("| Fee | Price |\\n|---|---|\\n| Week | 9 |", 26)
    '| Fee | Price |'
    """
    first = _first_line(text, start)
    return text[first : text.index("\n", first)] if first < start else ""


def rows_of_others(passage: Passage, text: str, question: frozenset[str]) -> frozenset[Span]:
    """The rows of a passage that are of something else than the question names, of which their table has a row.

    What a row is of stands in its first cell: asked for the fee of a week, "| Month | 30 |" is of something else than
    "| Week | 9 |", and so is the header. `text` is the document's, `question` the question's terms.
    """
    tables: dict[int, list[tuple[Span, frozenset[str]]]] = defaultdict(list)
    for span in passage.sentences:
        if label := _CELL.match(text, span.start, span.end):
            tables[_first_line(text, span.start)].append((span, term_set(label["words"])))
    others: set[Span] = set()
    for first, rows in tables.items():
        if named := {span for span, label in rows if label and label <= question and span.start > first}:
            others |= {span for span, _ in rows} - named
    return frozenset(others)


def _first_line(text: str, start: int) -> int:
    """Where the table begins of which a row begins there; there itself if none does."""
    first = start
    while first and text.startswith("|", start) and text.startswith("|", above := text.rfind("\n", 0, first - 1) + 1):
        first = above
    return first
