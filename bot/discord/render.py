"""What a message says: answers and lookups as escaped text that fits into one Discord message."""

import base64
import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial

from bot.answering.answers import Answer, Citation, NoAnswer, Searched, Source, Statement
from bot.answering.extracts import StatementKind
from bot.answering.timeline import Event
from bot.checking.claims import VERDICTS, Relation, Status, Verdict
from bot.conversation import Reply
from bot.discord.language import SPAN, _, day, days, digits, everywhere, month, ngettext, percent
from bot.english.numerals import MONTHS
from bot.english.values import Date
from bot.english.voices import VoiceKind
from bot.prose.writer import Prose, Sentence
from bot.question.context import Turn
from bot.readable import above, readable, spoiling
from embeddings.documents import Document
from embeddings.errors import BadRequest
from embeddings.index import Index
from embeddings.lexical import terms
from embeddings.messages import Message
from embeddings.passages import PATH, Passage, Span

MAX_TEXT = 4000
"""All text of one message in Components V2, in characters; `MAX_CONTENT` is that of an ordinary message."""
MAX_CONTENT = 2000
LEAF = 2200
"""Characters of a long quotation on one page of its message: what stands around it always has room beside them."""
SOURCES_PER_PAGE = 8
MOST_CITED = 6
"""Quotations that fit into a message with their sources and buttons."""
MOST_ALSO = 3
"""Other sources that say the same, named beneath a statement; the rest are counted."""
MOST_MIXED = 12
"""Sources that answer, in the state of a button."""

ANSWERED, DISPUTED, SILENT, LOOKUP = 0x3BA55D, 0xE67E22, 0x80848E, 0x5865F2
_VERDICT = {
    Status.SUPPORTED: ANSWERED,
    Status.CONTRADICTED: DISPUTED,
    Status.DISPUTED: DISPUTED,
    Status.NOT_FOUND: SILENT,
}

_QUESTION, _TITLE, _NAME, _ABOUT, _VALUE, _URL, _ID, _DISAGREEMENTS = 300, 120, 80, 160, 100, 300, 120, 900
_CLAIM, _SENTENCE = 200, 500
_ALSO, _DATES, _WHY, _ROOM, _SHORT = 40, 160, 200, 300, 60
_MARKUP = re.compile(r"[\\`*_~|<>@:#\[\]]|(?<!\S)[-+]|(?i:(?<=discord)|(?<=discordapp))\.")
_TURNING = "\u202a-\u202e\u2066-\u2069"
_ORDINAL = re.compile(r"(?<!\S)[0-9]+(?=[.)])")
_WORD = re.compile(r"\w+")
_LINE = re.compile(r"\S(?:.*\S)?")
_BEFORE_CUT = re.compile(r"(?<=\w)[,;:]$")
_LINK = re.compile(rf"https?://[^\s<>{_TURNING}]+")
_CUT = Message("The quotation goes on: Open shows all of it.")
_CUT_FAR = Message("The quotation goes on: Open, and then Next, show all of it.")
_LED = Message("The quotation begins before this: Open shows all of it.")
_NEAREST = Message("The nearest sentence of each: Open shows it in its passage.")
GONE = Message("This passage is gone: its document was changed or removed since. Ask again.")
SOURCES_GONE = Message("These sources are gone, or may not be seen here. Ask again.")
_SILENCE = Message("Not in the documents.")
_READ_AS = Message("read as: {question}")
_TICKS, _APART = re.compile("```"), "\u200b".join("```")
"""What would end a fence, and the same with nothing that shows between its signs."""
_CODE = re.compile(r"(?<!`)(`[^`\n]+`)(?!`)")
_ESCAPED = re.compile(r"\\(.)|(`[^`\n]+`)|\*\*", re.DOTALL)
"""A character with a backslash before it, code, or what makes text bold."""
_PASSAGES = Message("Nearest passages")
_RELATION = {Relation.SUPPORTS: Message("supports"), Relation.CONTRADICTS: Message("contradicts")}
_PARTS = Message("answers"), Message("copy of one that answers"), Message("silent")


@dataclass(frozen=True, slots=True)
class Place:
    """A passage, and the characters of its text that are marked: none when they are 0 to 0."""

    passage_id: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Mix:
    """What it takes to list the documents that were searched, those that answer first: short enough for a button.

    Documents are named by their `fingerprint`: `source` is the one that was asked, "" where all were.
    """

    addressing: tuple[str, ...]
    source: str = ""
    after: date | None = None
    before: date | None = None
    page: int = 0
    corpus: str = ""
    """What `corpus_mark` makes of the corpus's name."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page, counted from 0, of the only quotation of a message, whose place may end in a later passage.

    `asker` is the one who may turn to it; 0 for everybody.
    """

    place: Place
    number: int
    asker: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a message, of one to three texts; with a place, it has a button that opens it."""

    texts: tuple[str, ...]
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A message: its parts from top to bottom. A turn leads to a passage, or to a page of the sources."""

    colour: int
    head: str
    entries: tuple[Entry, ...]
    foot: str
    back: "Place | int | Mix | Leaf | None" = None
    forth: "Place | int | Mix | Leaf | None" = None
    opens: tuple[tuple[int, Place], ...] = ()
    """Citations by number that no entry shows, and where each opens."""
    mix: "Mix | None" = None
    nearest: tuple[Place, ...] = ()
    """What comes nearest where there is no answer."""
    share: int = 0
    """Who may make it public, where it is private and may be."""
    receipt: str = ""
    """The id under which the answer is kept, if it is: it can be voted on."""
    corpus: str = ""
    """What `corpus_mark` makes of the name of the corpus whose sources are listed."""


def escape(text: str) -> str:
    """The text in Discord's markdown, so that it shows as it is.

    A backslash stands before everything that could format, mention, link, invite or become an emoji, and before
    what would begin a heading or a list. Taking the backslashes out again gives the text.
    """
    return _ORDINAL.sub(r"\g<0>\\", _MARKUP.sub(r"\\\g<0>", text))


def line(text: str, size: int) -> str:
    """The text escaped, on one line, and cut with an ellipsis to at most `size` characters.

    It stands beside words of ours, so characters that turn the direction of writing are replaced. In a
    quotation most stay: it is a paragraph of its own, and no such character reaches beyond its paragraph.
    """
    text = re.sub(f"[{_TURNING}]", "\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
    spoiled = set(spoiling(text))
    text = "".join(character for at, character in enumerate(text) if at not in spoiled)
    if len(escape(text)) <= size:
        return escape(text)
    return escape(_BEFORE_CUT.sub("", _prefix(text, size - 1, escape))) + "…"


def plain(text: str) -> str:
    """An error's sentence as the content of an ordinary message."""
    return line(text, MAX_CONTENT)


def answer_page(found: Answer | NoAnswer, receipt: str = "", size: int = MAX_TEXT) -> Page:
    """An answer, kept under the id `receipt`, in so many characters, or that there is none.

    A passage that is too long for one message has pages. Raises QuotationError rather than show what does not match.
    """
    question = _asked(found.question.text, found.read_as)
    foot = _foot(found.searched, found.source, receipt)
    if isinstance(found, NoAnswer):
        head = f"**{_(_SILENCE)}**\n{question}"
        if not found.nearest and not found.searched.silent:
            head += "\n" + _("No document fits the source and dates you asked for.")
        for citation, why in found.explained[:1]:
            citation.check()
            if why:
                head += "\n-# " + _("What comes nearest: {reason}").format(reason=line(_(why), _WHY))
        return Page(SILENT, head, (), foot, mix=_mix(found), nearest=tuple(map(_place, found.nearest)))
    head = f"{question}\n{_disagreements(found) if found.disagreements else _answered(found)}"
    also = [citation for said in found.statements for citation in said.also]
    for citation in also:
        citation.check()
    entries, forth = _statements(found.statements, size - len(head + foot)), None
    if (
        entries[0].texts[1].endswith((_small(_CUT), _small(_CUT_FAR)))
        and found.statements[0].kind is not StatementKind.SENTENCE
    ):
        cited = _Cited.of(found.statements[0].citation, _voice(found.statements[0]))
        first = _leaf_page(cited, Leaf(_stretch(cited.citation), 0))
        block, page = first.entries[0].texts
        entries, forth = (Entry((block, f"{cited.note}\n{page}"), _place(cited.citation)),), first.forth
    return Page(
        colour=DISPUTED if found.disagreements else ANSWERED,
        head=head,
        entries=entries,
        foot=foot,
        forth=forth,
        opens=tuple((citation.number, _place(citation)) for citation in also),
        mix=_mix(found),
        receipt=receipt,
    )


def reply_page(given: Reply, receipt: str = "") -> Page:
    """An answer, kept under the id `receipt`, or a verdict. Raises QuotationError as `answer_page`."""
    return verdict_page(given) if isinstance(given, Verdict) else answer_page(given, receipt)


def leaf_page(index: Index, leaf: Leaf) -> Page:
    """A page of a long quotation to be put in the place of another: text and number, no head and no foot.

    One out of range is the last. Raises BadRequest where the index no longer has the quotation.
    """
    row = index.row_of.get(leaf.place.passage_id)
    passage = index.passages[row] if row is not None else None
    span = Span(passage.start + leaf.place.start, passage.start + leaf.place.end) if passage else Span(0, 0)
    siblings = index.passages_of[passage.document_id] if passage else ()
    ends = {end for each in siblings for _, end in each.sentences}
    starts = {start for start, _ in passage.sentences} if passage else set()
    if not passage or span.start not in starts or span.end not in ends or span.start >= span.end:
        raise BadRequest(GONE)
    return _leaf_page(_Cited.of(Citation.of(index, 1, passage, span), ""), leaf)


def _leaf_page(cited: "_Cited", leaf: Leaf) -> Page:
    leaves = cited.leaves()
    at = min(leaf.number, len(leaves) - 1)
    return Page(
        ANSWERED,
        "",
        (Entry((leaves[at].block(), "-# " + _("Page {number} of {pages}").format(number=at + 1, pages=len(leaves)))),),
        "",
        back=replace(leaf, number=at - 1) if at else None,
        forth=replace(leaf, number=at + 1) if at + 1 < len(leaves) else None,
    )


def note_of(text: str, page: str) -> str:
    """The note below a quotation with the number of another page of it, which is its last line."""
    return text.rpartition("\n")[0] + f"\n{page}"


def _stretch(citation: Citation) -> Place:
    """The whole quotation, be it beyond its passage."""
    first = citation.passage.start
    return Place(citation.passage.id, citation.start - first, citation.end - first)


def with_prose(page: Page, prose: Prose, dropped: bool = False) -> Page | None:
    """An answer's page with what a model wrote below the quotations, also what was `dropped` of it if that is wanted.

    None where nothing of it is to be shown, or there is no room for all of it: no quotation is cut for it.
    """
    if not prose.sentences:
        return None
    lines = [f"**{_('In other words')}**", *map(_sentence, prose.sentences)]
    if dropped:
        lines += [
            f"~~{line(each.text, _SENTENCE)}~~ · " + _("dropped: {reason}").format(reason=line(_(each.reason), _WHY))
            for each in prose.dropped
        ]
    entry = Entry(("\n".join([*lines, f"-# {line(' · '.join(map(_, prose.notes)), _WHY)}"]),))
    whole = replace(page, entries=(*page.entries, entry))
    longest = LEAF - len(page.entries[0].texts[0]) if isinstance(page.forth, Leaf) else 0
    texts = [whole.head, whole.foot, *(text for each in whole.entries for text in each.texts)]
    if len("".join(texts)) + longest <= MAX_TEXT:
        return whole
    return with_prose(page, prose) if dropped else None


def _sentence(one: Sentence) -> str:
    step = f"{one.step}\\. " if one.step else ""
    numbers = ", ".join(f"**{number}**" for number in one.citations)
    return f"{step}{line(one.text, _SENTENCE)} · " + _("supported by {numbers}").format(numbers=numbers)


def turn_in(texts: Sequence[str]) -> Turn | None:
    """What a message of `reply_page` answers and quotes, by its texts from top to bottom; None for any other message.

    What was cut to fit is not in it, nor are the passages that come near but do not answer.
    """
    if len(texts) < 2:  # a line of ours
        return None
    head, *entries = (text.split("\n") for text in texts)
    asked = next((at for at, text in enumerate(head) if text.startswith("-# ")), None)
    if asked is None:
        return None
    silences, read_as = _read_back()
    read = next((found[1] for text in head[asked + 1 :][:1] if (found := read_as.fullmatch(text))), None)
    question = _unescaped(read or head[asked].removeprefix("-# ")).rstrip("…")
    blocks = ["\n".join(text for text in lines if text.startswith("> ")) for lines in entries]
    quoted = (unquoted(block).replace("\n", " ") for block in blocks if block)
    return Turn(question, () if silences.intersection(head) else tuple(quoted))


@cache
def _read_back() -> tuple[frozenset[str], re.Pattern[str]]:
    """In every language the line that says that there is no answer, and the one that says how a question was read."""
    read_as = "|".join(re.escape(text.format(question="")) for text in everywhere(_READ_AS))
    return frozenset(f"**{text}**" for text in everywhere(_SILENCE)), re.compile(f"-# (?:{read_as})(.+)")


def verdict_page(verdict: Verdict) -> Page:
    """What the documents say of a claim. Raises QuotationError rather than show what does not match."""
    head = f"**{_(VERDICTS[verdict.status])}**\n{_asked(verdict.question.text, verdict.question.meant)}"
    if verdict.why:
        head += f"\n{line(_(verdict.why), _WHY)}"
    foot = _foot(verdict.searched, verdict.source)
    cited = [_Cited.of(citation, _origin(citation)) for citation in verdict.nearest]
    for finding in verdict.findings:
        said = finding.statement
        cited.append(_Cited.of(said.citation, f"{_voice(said)} · **{_(_RELATION[finding.relation])}**", said.highlight))
    return Page(_VERDICT[verdict.status], head, _entries(cited, MAX_TEXT - len(head + foot)), foot)


def comparison_page(found: Answer, receipt: str = "") -> Page:
    """What each source says, side by side, kept under the id `receipt`. Raises QuotationError as `answer_page`."""
    head = f"**{_('What each source says')}**\n-# {line(found.question.text, _QUESTION)}"
    foot = _foot(found.searched, found.source, receipt)
    entries = _statements(found.statements, MAX_TEXT - len(head + foot))
    return Page(LOOKUP, head, entries, foot, mix=_mix(found), receipt=receipt)


def timeline_page(subject: str, events: Sequence[Event], source: Source) -> Page:
    """Dated sentences in the order of their days. Raises QuotationError rather than show what does not match."""
    head = f"**{_('What happened when')}**\n-# {line(subject, _QUESTION)}"
    if not events:
        head += "\n" + _("No sentence about this was found that has a date.")
    foot = _foot(None, source)
    if not all(event.said for event in events):
        foot += " · " + _("*published* where a sentence does not say when")
    dates = [f"**{_days(event.when)}**" + ("" if event.said else f" *{_('published')}*") for event in events]
    cited = [
        _Cited.of(event.statement.citation, _voice(event.statement), event.statement.highlight) for event in events
    ]
    entries = _entries(cited, MAX_TEXT - len(head + foot + "".join(dates)))
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
    return _(SPAN).format(first=_day_of(when.first), last=_day_of(when.last))


def _day_of(when: tuple[int, int, int]) -> str:
    """A day, also one that no calendar has: that is shown as it is, and in English."""
    try:
        return day(date(*when))
    except ValueError:
        year, month_of, number_of = when
        return f"{number_of} {MONTHS[month_of - 1]} {year}"


def verdicts_page(verdicts: Sequence[Verdict], unchecked: int) -> Page:
    """What the documents say of each sentence of a message, the surest finding with it; `unchecked` others follow it.

    Raises QuotationError rather than show what does not match.
    """
    head = f"**{_('Checked against the documents')}**"
    if unchecked:
        head += "\n-# " + ngettext("{n} more sentence not checked", "{n} more sentences not checked", unchecked)
    foot = _foot(None, verdicts[0].source)
    claims = [f"**{_(VERDICTS[verdict.status])}**\n{line(verdict.question.text, _CLAIM)}" for verdict in verdicts]
    cited = [
        _Cited.of(said.citation, _voice(said), said.highlight)
        for said in (verdict.findings[0].statement for verdict in verdicts if verdict.findings)
    ]
    shown = iter(_entries(cited, MAX_TEXT - len(head + foot + "".join(claims))))
    entries = []
    for verdict, claim in zip(verdicts, claims, strict=True):
        found = next(shown) if verdict.findings else Entry(())
        entries.append(replace(found, texts=(claim, *found.texts)))
    colours = {_VERDICT[verdict.status] for verdict in verdicts}
    colour = DISPUTED if DISPUTED in colours else SILENT if SILENT in colours else ANSWERED
    return Page(colour, head, tuple(entries), foot)


def search_page(query: str, citations: Sequence[Citation]) -> Page:
    """The passages nearest to a query, each by the sentence that is cited."""
    head = f"**{_(_PASSAGES)}**\n-# {line(query, _QUESTION)}"
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
    cited = [_Cited.of(citation, _origin(citation)) for citation in citations[:MOST_CITED]]
    if query:
        cited = [replace(each, words=_matching(each.text, query)) for each in cited]
    opens = tuple((citation.number, _place(citation)) for citation in citations[MOST_CITED:])
    return Page(LOOKUP, head, _entries(cited, MAX_TEXT - len(head + foot)), foot, opens=opens)


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
    facts = [*_dated(document), place]
    facts += _extra(document.page(passage.start + mark.start), index.original_of(document.id))
    if passage.heading:
        facts.append(line(passage.heading, _TITLE))
    head = f"### {line(document.name, _TITLE)}\n" + " · ".join(facts) + _address(document)
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
        head=_("{sources} in {corpus}").format(sources=head, corpus=line(corpus, _NAME)) if corpus else head,
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


def fingerprint(document_id: str) -> str:
    """Four characters that stand for a document in a button."""
    return base64.urlsafe_b64encode(hashlib.sha256(document_id.encode()).digest()[:3]).decode()


def corpus_mark(corpus: str) -> str:
    """Four characters that stand for a corpus in a button; none for the one that has no name."""
    return fingerprint(corpus) if corpus else ""


def _asked(question: str, read_as: str | None) -> str:
    """The lines of a head that `turn_in` reads: what was asked, and how it was read."""
    read = "\n-# " + _(_READ_AS).format(question=line(read_as, _QUESTION)) if read_as else ""
    return f"-# {line(question, _QUESTION)}{read}"


def _unescaped(text: str) -> str:
    """The text that `escape` was given, whatever of it is bold."""
    return _ESCAPED.sub(r"\1\2", text)


def _mix(found: Answer | NoAnswer) -> Mix | None:
    """The documents that were searched; None where there are none, or more answer than a button can name."""
    searched, filters = found.searched, found.question.filters
    if not searched.documents or len(searched.addressing) > MOST_MIXED or len(filters.documents) > 1:
        return None
    source = "".join(map(fingerprint, filters.documents))
    corpus = corpus_mark(found.source.corpus)
    return Mix(tuple(map(fingerprint, searched.addressing)), source, filters.after, filters.before, corpus=corpus)


@dataclass(frozen=True, slots=True)
class _Cited:
    """A quotation as it is shown, the note beneath, what is marked, how many characters only lead to the rest, and what
    is code."""

    citation: Citation
    note: str
    text: str
    mark: Span | None
    lead: int
    code: tuple[Span, ...] = ()
    words: tuple[Span, ...] = ()
    """What is marked where there is no mark."""

    @classmethod
    def of(cls, citation: Citation, note: str, mark: Span | None = None, lead: int = 0) -> "_Cited":
        """The quotation as people read it, and where in that stands what stood at `mark`, and up to `lead`."""
        shown = readable(citation.quote)
        marked, led = shown.span(*mark) if mark else None, shown.span(0, lead).end
        return cls(citation, note, shown.text, marked, led, shown.code)

    def below(self, parts: Sequence[Citation]) -> "_Cited":
        """The quotation below others that belong to it, each on lines of its own."""
        first = above(parts)
        mark = Span(self.mark.start + len(first), self.mark.end + len(first)) if self.mark else None
        code = tuple(Span(start + len(first), end + len(first)) for start, end in self.code)
        return replace(self, text=first + self.text, mark=mark, lead=0 if first else self.lead, code=code)

    def block(self, end: int | None = None) -> str:
        """The quotation in a block quote, up to a character."""
        return _block(self.text[:end], (self.mark,) if self.mark else self.words, self.code)

    def without_lead(self) -> "_Cited":
        """The quotation from where it is more than a lead."""

        def moved(span: Span) -> Span:
            return Span(max(span.start - self.lead, 0), span.end - self.lead)

        mark = moved(self.mark) if self.mark and self.mark.start >= self.lead else None
        code = tuple(moved(span) for span in self.code if span.end > self.lead)
        return replace(self, text=self.text[self.lead :], mark=mark, lead=0, code=code)

    def leaves(self) -> list["_Cited"]:
        """The quotation in parts of at most `LEAF` characters as a block, which end with a line or a word."""
        parts, rest = [], self
        while len(rest.block()) > LEAF:
            shown = _prefix(rest.text, LEAF, partial(_beginning, rest))
            lines = shown.rfind("\n")
            end = lines if lines > len(shown) // 2 else len(shown)
            parts.append(replace(rest, text=rest.text[:end]))
            skipped = len(rest.text) - len(rest.text[end:].lstrip(" \n" if end == len(shown) else "\n"))
            rest = replace(rest, lead=skipped).without_lead()
        return [*parts, rest]

    def unlinked(self) -> "_Cited":
        """The quotation without the link to its original."""
        link = "".join(f" · {each}" for each in _link(self.citation.document))
        return replace(self, note=self.note.replace(link, "")) if link else self


def _beginning(cited: _Cited, text: str) -> str:
    return cited.block(len(text))


def _statements(statements: Sequence[Statement], size: int) -> tuple[Entry, ...]:
    """Each statement with its notes: the longer ones as far as they leave room for the quotations."""
    full = [
        _Cited.of(said.citation, _notes(said, names=True), said.highlight, said.lead).below(said.parts)
        for said in statements
    ]
    brief = [replace(cited, note=_notes(said, names=False)) for cited, said in zip(full, statements, strict=True)]
    short = sum(min(len(cited.text), _ROOM) + len(cited.note) for cited in full) > size
    return _entries(brief if short else full, size)


def _notes(statement: Statement, names: bool) -> str:
    """Who speaks and where; then who says the same, and which days are meant."""
    notes = [_voice(statement)]
    if statement.verdict:
        statement.verdict.check()
        quoted = line(statement.verdict.quote, _NAME)
        notes.append("-# " + _("the source itself on this: “{words}”").format(words=quoted))
    shown = [
        f"**{each.number}**" + (f" *{line(each.document.name, _ALSO)}*" if names else "") for each in statement.also
    ][:MOST_ALSO]
    if shown:
        more, named = len(statement.also) - len(shown), ", ".join(shown)
        named = ngettext("{named} and {n} more", "{named} and {n} more", more, named=named) if more else named
        notes.append("-# " + _("also in {named}").format(named=named))
    if names and (dates := statement.dates_in_words(days)):
        notes.append(f"-# {line(_(dates), _DATES)}")
    return "\n".join(notes)


def _entries(cited: Sequence[_Cited], size: int) -> tuple[Entry, ...]:
    """Each quotation in a block quote above its note, all within `size` characters together.

    The room is shared equally; what a short quotation leaves goes to the longer ones. Where there is little of it,
    links to the originals are left out.
    """
    for each in cited:
        each.citation.check()
    if sum(min(len(each.text), _ROOM) + len(each.note) for each in cited) > size:
        cited = [each.unlinked() for each in cited]
    size -= sum(len(each.note) for each in cited)
    wanted = sorted((len(each.block()), n) for n, each in enumerate(cited))
    shares: dict[int, int] = {}
    for place, (want, n) in enumerate(wanted):
        shares[n] = min(want, size // (len(cited) - place))
        size -= shares[n]
    return tuple(Entry(_fitting(each, shares[n]), _place(each.citation)) for n, each in enumerate(cited))


def _place(citation: Citation) -> Place:
    passage = citation.passage
    return Place(passage.id, citation.start - passage.start, min(citation.end, passage.end) - passage.start)


def _matching(text: str, query: str) -> tuple[Span, ...]:
    """The words of a text that are words of the query, but for those that are shown as code."""
    wanted, code = set(terms(query)), [found.span() for found in _CODE.finditer(text)]
    return tuple(
        Span(*word.span())
        for word in _WORD.finditer(text)
        if not wanted.isdisjoint(terms(word[0])) and not any(start <= word.start() < end for start, end in code)
    )


def _block(text: str, marks: Sequence[Span] = (), code: Sequence[Span] = ()) -> str:
    """The text in a block quote, the marked characters in bold, lines of code between fences."""
    parts, at = [], 0
    for start, end in code:
        if start >= len(text):
            break
        if start > at:
            parts.append(_marked(text[at : start - 1], marks, at))
        parts.append(f"```\n{_TICKS.sub(_APART, text[start:end])}\n```")
        at = end + 1
    if at < len(text) or not parts:
        parts.append(_marked(text[at:], marks, at))
    return "> " + "\n".join(parts).replace("\n", "\n> ")


def _marked(text: str, marks: Sequence[Span], first: int) -> str:
    """A part of a text, which begins at its character `first`, escaped, and bold where the text is marked."""
    parts, at = [], 0
    for mark in marks:
        start, end = max(mark.start - first, at), min(mark.end - first, len(text))
        if start < end:
            parts += [_with_code(text[at:start]), _LINE.sub(r"**\g<0>**", escape(text[start:end]))]
            at = end
    return "".join([*parts, _with_code(text[at:])])


def _with_code(text: str) -> str:
    """The text escaped but for what stands between single backticks in one line: that is shown as code, as it is."""
    return "".join(part if at % 2 else escape(part) for at, part in enumerate(_CODE.split(text)))


def unquoted(block: str) -> str:
    """The text that is in a block quote of `_block`."""
    lines, fenced = [], False
    for each in block.split("\n"):
        shown = each.removeprefix("> ")
        if shown == "```":
            fenced = not fenced
        else:
            lines.append(shown.replace(_APART, "```") if fenced else _unescaped(shown))
    return "\n".join(lines)


def _small(note: Message) -> str:
    """A note of ours on a line of its own, in small letters."""
    return f"\n-# {_(note)}"


def _fitting(cited: _Cited, size: int) -> tuple[str, str]:
    """The block quote and its note; a quotation longer than `size` loses its lead, else it is cut between words."""
    if len(block := cited.block()) <= size:
        return block, cited.note
    if cited.lead:
        cited = cited.without_lead()
        if len(block := cited.block()) <= size - len(led := _small(_LED)):
            return block, cited.note + led
    cut = _small(_CUT if cited.citation.end <= cited.citation.passage.end else _CUT_FAR)
    shown = _prefix(cited.text, size - len(cut), lambda part: cited.block(len(part)))
    return cited.block(len(shown)), cited.note + cut


def _prefix(text: str, size: int, form: Callable[[str], str]) -> str:
    """The longest beginning of the text that is at most `size` long once formed, ending with a word."""
    end = bisect_right(range(1, len(text) + 1), size, key=lambda n: len(form(text[:n])))
    if end == len(text):
        return text
    word = re.match(r"(?s).*\S(?=\s)", text[: end + 1])
    return text[: word.end() if word and word.end() > end // 2 else end]


def _body(text: str, mark: Span, size: int) -> tuple[str, ...]:
    """A passage's text; where it does not fit, from the mark on, and cut at the end."""
    if len(block := _block(text, [mark])) <= size:
        return (block,)
    early = ("-# " + _("The passage begins before this."),) if mark.start else ()
    late = "-# " + _("The passage goes on after this.")
    rest, mark = text[mark.start :], Span(0, mark.end - mark.start)
    shown = _prefix(rest, size - len("".join(early) + late), lambda part: _block(part, [mark]))
    return (*early, _block(shown, [mark]), *((late,) if len(shown) < len(rest) else ()))


def _voice(statement: Statement) -> str:
    citation, voice = statement.citation, statement.voice
    title = f"*{line(citation.document.name, _TITLE)}*"
    if voice.kind is VoiceKind.SPEAKER:
        name = f"**{line(voice.name, _NAME)}**" if voice.name else _("Somebody named before")
        who = _("{name}, as reported in {title}").format(name=name, title=title)
    elif voice.kind is VoiceKind.DOCUMENT:
        who = _("{title}, in its own words").format(title=title)
    else:
        who = _("**Unattributed**, in {title}").format(title=title)
    heading = line(_below(citation), _NAME) if statement.kind is not StatementKind.SENTENCE else ""
    return " · ".join(filter(None, [f"-# **{citation.number}**", who, heading, _facts(citation)]))


def _below(citation: Citation) -> str:
    """The headings above a quotation, without the document's own name, which stands beside them."""
    name, *others = citation.passage.heading.split(PATH)
    return PATH.join(others if name == citation.document.name else [name, *others])


def _origin(citation: Citation) -> str:
    return " · ".join(
        filter(None, [f"-# **{citation.number}**", f"*{line(citation.document.name, _TITLE)}*", _facts(citation)])
    )


def _facts(citation: Citation) -> str:
    return " · ".join(
        [*_dated(citation.document), *_extra(citation.page, citation.original), *_link(citation.document)]
    )


def _dated(document: Document) -> list[str]:
    return [day(document.published)] if document.published else []


def _link(document: Document) -> list[str]:
    """A link to where the document came from, where its address is one."""
    return [f"[{_('original')}](<{document.url}>)"] if _is_link(document.url) else []


def _extra(page: int | None, original: Document | None) -> list[str]:
    """What only some documents have: a page, and another document that they are a copy of."""
    paged = [_("page {number}").format(number=digits(page))] if page else []
    return [*paged, _("copy of *{title}*").format(title=line(original.name, _NAME))] if original else paged


def sureness(confidence: float) -> str:
    """How sure an answer is, in words; none is called certain."""
    return _("{share} sure").format(share=percent(min(confidence, 0.99)))


def _answered(answer: Answer) -> str:
    """The values that are quoted, each once, with who says it and where several are; and how sure the answer is."""
    sure = sureness(answer.confidence)
    said: dict[str, tuple[str, str | None, list[int]]] = {}
    for statement in answer.statements:
        if (value := _value(statement)) is None:
            return f"**{_('Answered')}** · {sure}"
        speaker = statement.voice.name if statement.voice.kind is VoiceKind.SPEAKER else None
        numbers = [statement.citation.number, *(citation.number for citation in statement.also)]
        said.setdefault(f"{value.casefold()} {speaker}", (value, speaker, []))[2].extend(numbers)
    lines = [
        _said(f"**{line(value, _SHORT)}**", speaker) + (f" · {', '.join(map(str, numbers))}" if len(said) > 1 else "")
        for value, speaker, numbers in said.values()
    ]
    return f"{lines[0]} · {sure}" if len(lines) == 1 else "\n".join([*lines, f"-# {sure}"])


def _said(value: str, speaker: str | None) -> str:
    return _("{value}, says {speaker}").format(value=value, speaker=line(speaker, _NAME)) if speaker else value


def _value(statement: Statement) -> str | None:
    """The value that a statement gives, where it is short enough to stand alone."""
    if not statement.highlight:
        return None
    shown = readable(statement.citation.quote)
    value = shown.text[slice(*shown.span(*statement.highlight))].strip()
    return value if value and len(value) <= _SHORT else None


def _disagreements(answer: Answer) -> str:
    """What the documents differ on, each value with its citations and their dates; none vanishes silently."""
    speakers = {
        said.citation.number: said.voice.name for said in answer.statements if said.voice.kind is VoiceKind.SPEAKER
    }
    dated = any(citation.document.published for citation in answer.citations)
    labels = {}
    for citation in answer.citations:
        number, document = citation.number, citation.document
        speaker = speakers.get(number)
        title = f"*{line(document.name, _ALSO)}*"
        label = _("{speaker} in {title}").format(speaker=line(speaker, _ALSO), title=title) if speaker else title
        facts = [day(document.published) or _("no date")] if dated else []
        if number in answer.repeated:
            facts.append(_("same account as {number}").format(number=answer.repeated[number]))
        labels[number] = f"{number} {label}" + (f" ({', '.join(facts)})" if facts else "")
    lines: list[str] = []
    for disagreement in answer.disagreements:
        changed = " · " + _("a change over time, by their dates") if disagreement.change_over_time else ""
        matter = line(_(disagreement.matter), _VALUE)
        lines.append(f"**{_('The sources differ on {matter}').format(matter=matter)}**{changed}")
        for position in disagreement.positions:
            cited = " · ".join(labels.get(n, f"{n}") for n in position.citations)
            lines.append(f"- **{line(_(position.shown), _VALUE)}** · {cited}")
    shown = lines[:1]
    for text in lines[1:]:
        if len("\n".join([*shown, text])) > _DISAGREEMENTS:
            more = ngettext("and {n} more line", "and {n} more lines", len(lines) - len(shown))
            return "\n".join([*shown, f"-# {more}"])
        shown.append(text)
    return "\n".join(shown)


def _foot(searched: Searched | None, source: Source, receipt: str = "") -> str:
    counts = f"{_(searched.summary)} · " if searched else ""
    counts += f"{line(source.corpus, _NAME)}, " if source.corpus else ""
    dated = _("documents as of {day}").format(day=day(source.built_at.date()))
    return f"-# {counts}{dated}" + (" · " + _("receipt {id}").format(id=receipt) if receipt else "")


def _source(index: Index, document: Document, original: str | None, part: str = "") -> Entry:
    passages = index.passages_of[document.id]
    about = f"\n-# {line(document.about, _ABOUT)}" if document.about else ""
    facts = [
        *_dated(document),
        ngettext("{n} passage", "{n} passages", len(passages)),
        *_extra(None, index.document_of[original] if original else None),
    ]
    facts = [f"**{_(part)}**", *facts] if part else facts
    place = Place(passages[0].id) if passages else None
    return Entry((f"**{line(document.name, _TITLE)}**\n-# {' · '.join(facts)}{about}",), place)


def _address(document: Document) -> str:
    if not document.url:
        return ""
    return f"\n<{document.url}>" if _is_link(document.url) else f"\n{line(document.url, _URL)}"


def _is_link(url: str | None) -> bool:
    return bool(url and _LINK.fullmatch(url) and len(url) <= _URL)
