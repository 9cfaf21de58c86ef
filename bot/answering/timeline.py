"""What happened when: the sentences nearest to a subject that are dated, in the order of their days."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.answering.answers import Citation, Statement
from bot.answering.statements import same_fact
from bot.english.dates import dates_in
from bot.english.values import Date, Kind, date_of, mentions
from bot.english.voices import voice_in
from embeddings.reading.documents import Document
from embeddings.searching.index import Index, Ranking
from embeddings.splitting.passages import Passage, Span

MOST_EVENTS = 6
"""Sentences that a timeline shows: with their buttons they fill a message."""
_BEHIND = 0.8
"""A sentence belongs to the subject when its cosine is at least this share of that of the nearest one."""

_FAR = 9999
"""The year of what has no end, as "since June 2020"."""


@dataclass(frozen=True, slots=True)
class Event:
    """A sentence, and the days it is dated to: those it names, or that of its document's publication."""

    statement: Statement
    when: Date
    said: bool
    """Whether the sentence itself says when; else `when` is when its document was published."""


def timeline(ranking: Ranking, index: Index) -> tuple[Event, ...]:
    """The sentences nearest to the query that are dated, the earliest first; of those that say the same only one.

    A sentence that names several days is dated to the first it names. "Sunday" and "June 14" count where it is plain
    which are meant.
    """
    nearest = sorted(_sentences(ranking), key=lambda found: -found[0])
    enough = nearest[0][0] * _BEHIND if nearest else 0.0
    events: list[Event] = []
    for cosine, passage, span in nearest:
        if len(events) == MOST_EVENTS or cosine < enough:
            break
        citation = Citation.of(index, len(events) + 1, passage, span)
        if any(same_fact(citation.quote, event.statement.citation.quote) for event in events):
            continue
        if found := _when(citation.document, span):
            when, mark = found
            events.append(
                Event(Statement(citation, voice_in(passage, span, index), mark, cosine), when, mark is not None)
            )
    return tuple(sorted(events, key=lambda event: (event.when.first, event.when.last)))


def _sentences(ranking: Ranking) -> Iterator[tuple[float, Passage, Span]]:
    seen: set[tuple[str, Span]] = set()
    for hit in ranking.hits:
        for span, cosine in zip(hit.passage.sentences, hit.sentences, strict=True):
            if (key := (hit.passage.document_id, span)) not in seen:
                seen.add(key)
                yield float(cosine), hit.passage, span


def _when(document: Document, span: Span) -> tuple[Date, Span | None] | None:
    """The days a sentence is dated to, and the words of it that say so; None where nothing dates it."""
    text, published = document.text[span.start : span.end], document.published
    relative = dates_in(document, span)
    dated = [(each.span, Date(each.first.timetuple()[:3], each.last.timetuple()[:3])) for each in relative]
    for where in mentions(text, Kind.DATE):
        found = date_of(text[slice(*where)], text[: where.start])
        if found and found.first[0] > 0 and found.last[0] < _FAR:
            dated.append((where, found))
    if dated:
        mark, when = min(dated, key=lambda each: each[0].start)
        return when, mark
    return (Date(published.timetuple()[:3], published.timetuple()[:3]), None) if published else None
