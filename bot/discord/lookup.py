"""Messages that look something up: passages near to a query, one in its document, what happened when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.answering.answers import Citation, Source
from bot.answering.timeline import Event
from bot.discord.language import SPAN, _, day, month
from bot.discord.markup import block_quote, is_link, line, longest_prefix, matching_words
from bot.discord.page import GONE, LOOKUP, MAX_TEXT, QUESTION, TITLE, Entry, Page, Place, foot_of, place_of
from bot.discord.quotation import Cited, date_facts, further_facts, origin_note, quotation_entries, voice_note
from bot.english.values import Date
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.numerals import MONTHS
from embeddings.reading.documents import Document
from embeddings.searching.index import Index
from embeddings.splitting.passages import Passage, Span

MOST_CITED = 6
"""Quotations that fit into a message with their sources and buttons."""
_URL, _ID = 300, 120
_NEAREST = Message("The nearest sentence of each: Open shows it in its passage.")
_PASSAGES = Message("Nearest passages")


def search_page(query: str, citations: Sequence[Citation]) -> Page:
    """The passages nearest to a query, each by the sentence that is cited."""
    head = f"**{_(_PASSAGES)}**\n-# {line(query, QUESTION)}"
    return cited_page(head, citations, f"-# {_(_NEAREST)}", query)


def nearest_page(index: Index, places: Sequence[Place]) -> Page:
    """The passages nearest to a question that has no answer. Raises BadRequest when the index holds none any more."""
    citations = [citation for n, place in enumerate(places, 1) if (citation := _cite(index, n, place))]
    if not citations:
        raise BadRequest(GONE)
    head = f"**{_(_PASSAGES)}**\n" + _("They come nearest, but do not answer the question.")
    return cited_page(head, citations, f"-# {_(_NEAREST)}")


def cited_page(head: str, citations: Sequence[Citation], foot: str, query: str = "") -> Page:
    """Quotations, each with its source, or with a button alone those that there is no room for.

    Words of the query are bold in them, in whatever form they stand there.
    Raises QuotationError rather than show what does not match.
    """
    cited = [Cited.of(citation, origin_note(citation)) for citation in citations[:MOST_CITED]]
    if query:
        cited = [replace(each, words=matching_words(each.text, query)) for each in cited]
    opens = tuple((citation.number, place_of(citation)) for citation in citations[MOST_CITED:])
    return Page(LOOKUP, head, quotation_entries(cited, MAX_TEXT - len(head + foot)), foot, opens=opens)


def _cite(index: Index, number: int, place: Place) -> Citation | None:
    """The sentences at a place; None where the index no longer has them.

    Of what they are a copy is left out: the question may have been put to some documents only.
    """
    row = index.row_of.get(place.passage_id)
    if row is None or not (quoted := quoted_span(index.passages[row], place)):
        return None
    return replace(Citation.of(index, number, index.passages[row], quoted), original=None)


def quoted_span(passage: Passage, place: Place) -> Span | None:
    """Where in its document stands what is marked at a place; None unless these are whole sentences of the passage.

    A button can be forged, or older than the way sentences are cut now.
    """
    quoted = Span(passage.start + place.start, passage.start + place.end)
    starts, ends = zip(*passage.sentences, strict=True)
    return quoted if quoted.start in starts and quoted.end in ends and quoted.start < quoted.end else None


def passage_page(index: Index, passage: Passage, mark: Span) -> Page:
    """A passage in its document, with the marked characters in bold, between its neighbours."""
    document, siblings = index.document_of[passage.document_id], index.passages_of[passage.document_id]
    before, after = index.neighbours(passage)
    place = _("passage {number} of {passages}").format(number=siblings.index(passage) + 1, passages=len(siblings))
    facts = [*date_facts(document), place]
    facts += further_facts(document.page(passage.start + mark.start), index.original_of(document.id))
    if passage.heading:
        facts.append(line(passage.heading, TITLE))
    head = f"### {line(document.name, TITLE)}\n" + " · ".join(facts) + _address(document)
    foot = "-# " + _("source {id}").format(id=line(document.id, _ID))
    body = _body(passage.text, mark, MAX_TEXT - len(head + foot))
    return Page(
        colour=LOOKUP,
        head=head,
        entries=(Entry(body),),
        foot=foot,
        back=Place(before.id) if before else None,
        forth=Place(after.id) if after else None,
    )


def _body(text: str, mark: Span, size: int) -> tuple[str, ...]:
    """A passage's text; where it does not fit, from the mark on, and cut at the end."""
    if len(block := block_quote(text, [mark])) <= size:
        return (block,)
    early = ("-# " + _("The passage begins before this."),) if mark.start else ()
    late = "-# " + _("The passage goes on after this.")
    rest, mark = text[mark.start :], Span(0, mark.end - mark.start)
    shown = longest_prefix(rest, size - len("".join(early) + late), lambda part: block_quote(part, [mark]))
    return (*early, block_quote(shown, [mark]), *((late,) if len(shown) < len(rest) else ()))


def _address(document: Document) -> str:
    if not document.url:
        return ""
    return f"\n<{document.url}>" if is_link(document.url) else f"\n{line(document.url, _URL)}"


def timeline_page(subject: str, events: Sequence[Event], source: Source) -> Page:
    """Dated sentences in the order of their days. Raises QuotationError rather than show what does not match."""
    head = f"**{_('What happened when')}**\n-# {line(subject, QUESTION)}"
    if not events:
        head += "\n" + _("No sentence about this was found that has a date.")
    foot = foot_of(None, source)
    if not all(event.said for event in events):
        foot += " · " + _("*published* where a sentence does not say when")
    dates = [f"**{_days(event.when)}**" + ("" if event.said else f" *{_('published')}*") for event in events]
    cited = [
        Cited.of(event.statement.citation, voice_note(event.statement), event.statement.highlight) for event in events
    ]
    entries = quotation_entries(cited, MAX_TEXT - len(head + foot + "".join(dates)))
    dated = [replace(entry, texts=(when, *entry.texts)) for when, entry in zip(dates, entries, strict=True)]
    return Page(LOOKUP, head, tuple(dated), foot)


def _days(when: Date) -> str:
    """Days as people write them: one, a month, some years, or from one to another."""
    (year, month_of, first), (end, last_month, last) = when.first, when.last
    if when.first == when.last:
        return _day_of(when.first)
    if (first, last) == (1, 31) and (month_of, last_month) == (1, 12):
        return f"{year}" if year == end else _(SPAN).format(first=year, last=end)
    if (year, month_of, first, last) == (end, last_month, 1, 31):
        return month(date(year, month_of, 1))
    if (first, last) == (1, 31) and year > 0:
        return _(SPAN).format(first=month(date(year, month_of, 1)), last=month(date(end, last_month, 1)))
    return _(SPAN).format(first=_day_of(when.first), last=_day_of(when.last))


def _day_of(when: tuple[int, int, int]) -> str:
    """A day, also one that no calendar has: that is shown as it is, and in English."""
    try:
        return day(date(*when))
    except ValueError:
        year, month_of, number_of = when
        return f"{number_of} {MONTHS[month_of - 1]} {year}"
