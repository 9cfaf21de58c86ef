"""Messages that list sources: all there are, or those that a question was put to."""

from bisect import bisect_left
from dataclasses import replace

from bot.discord.language import _, ngettext
from bot.discord.markup import line
from bot.discord.page import LOOKUP, NAME, TITLE, Entry, Mix, Page, Place, corpus_mark, fingerprint
from bot.discord.quotation import date_facts, further_facts
from embeddings.messages import Message
from embeddings.reading.documents import Document
from embeddings.searching.index import Index

SOURCES_PER_PAGE = 8
SOURCES_GONE = Message("These sources are gone, or may not be seen here. Ask again.")
_ABOUT = 160
_PARTS = Message("answers"), Message("copy of one that answers"), Message("silent")


def sources_page(index: Index, number: int, corpus: str = "") -> Page:
    """One page of the list of documents by title; a number out of range gives the last page.

    `corpus` is its name, where there are several.
    """
    listed = sorted(index.entries, key=lambda entry: (entry.name.casefold(), entry.id))
    last = max(len(listed) - 1, 0) // SOURCES_PER_PAGE
    number = min(number, last)
    shown = listed[number * SOURCES_PER_PAGE :][:SOURCES_PER_PAGE]
    head = f"**{ngettext('{n} source', '{n} sources', len(listed))}**"
    return Page(
        colour=LOOKUP,
        head=_("{sources} in {corpus}").format(sources=head, corpus=line(corpus, NAME)) if corpus else head,
        entries=tuple(_source(index, index.document_of[entry.id], index.copies.get(entry.id)) for entry in shown),
        foot=f"-# {_page_of(number, last)}" + _("/source opens one by its name."),
        back=number - 1 if number else None,
        forth=number + 1 if number < last else None,
        corpus=corpus_mark(corpus),
    )


def page_at(index: Index, place: str) -> int:
    """The page of the list of documents, counted from 0, that somebody means by its number or how a title begins."""
    place = place.strip().casefold()
    if place.isascii() and place.isdigit():
        return max(int(place), 1) - 1
    return bisect_left(sorted(entry.name.casefold() for entry in index.entries), place) // SOURCES_PER_PAGE


def mix_page(index: Index, mix: Mix) -> Page:
    """One page of the documents that a question was put to: those that answer, their copies, those that are silent.

    A page out of range gives the last one.
    """
    prints = {key: fingerprint(key) for key in index.ids}
    searched = [
        entry.id
        for entry in index.entries
        if (not mix.source or prints[entry.id] == mix.source) and entry.is_published(mix.after, mix.before)
    ]
    copied = index.copies_among(set(searched))
    accounts = {copied.get(key, key) for key in searched if prints[key] in mix.addressing}
    answering: list[str] = []
    copies: list[str] = []
    silent: list[str] = []
    for key in searched:
        if prints[key] in mix.addressing:
            answering.append(key)
        else:
            (copies if copied.get(key, key) in accounts else silent).append(key)
    listed = [(part, one) for part, some in zip(_PARTS, (answering, copies, silent), strict=True) for one in some]
    last = max(len(listed) - 1, 0) // SOURCES_PER_PAGE
    number = min(mix.page, last)
    gone = len(mix.addressing) - len(answering)
    counts = [
        ngettext("{n} answer", "{n} answer", len(answering)),
        ngettext("{n} silent", "{n} silent", len(silent)),
        *([ngettext("{n} copy", "{n} copies", len(copies))] if copies else []),
    ]
    head = f"**{ngettext('{n} source searched', '{n} sources searched', len(searched))}**\n-# {', '.join(counts)}"
    if gone:
        head += "\n-# " + ngettext(
            "{n} source of that answer is no longer here.", "{n} sources of that answer are no longer here.", gone
        )
    return Page(
        colour=LOOKUP,
        head=head,
        entries=tuple(
            _source(index, index.document_of[key], copied.get(key), part)
            for part, key in listed[number * SOURCES_PER_PAGE :][:SOURCES_PER_PAGE]
        ),
        foot=f"-# {_page_of(number, last)}" + _("Open shows a source from its beginning."),
        back=replace(mix, page=number - 1) if number else None,
        forth=replace(mix, page=number + 1) if number < last else None,
    )


def _page_of(number: int, last: int) -> str:
    """Which page this is, counted from 0; "" where there is only one."""
    return _("Page {number} of {pages}.").format(number=number + 1, pages=last + 1) + " " if last else ""


def _source(index: Index, document: Document, original: str | None, part: str = "") -> Entry:
    passages = index.passages_of[document.id]
    about = f"\n-# {line(document.about, _ABOUT)}" if document.about else ""
    facts = [
        *date_facts(document),
        ngettext("{n} passage", "{n} passages", len(passages)),
        *further_facts(None, index.document_of[original] if original else None),
    ]
    facts = [f"**{_(part)}**", *facts] if part else facts
    place = Place(passages[0].id) if passages else None
    return Entry((f"**{line(document.name, TITLE)}**\n-# {' · '.join(facts)}{about}",), place)
