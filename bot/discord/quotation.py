"""Quotations as the parts of a message: text, note and mark, in the room that there is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answering.answers import Citation, Statement
from bot.answering.extracts import StatementKind
from bot.discord.language import _, day, days, digits, ngettext
from bot.discord.markup import block_quote, is_link, line, longest_prefix
from bot.discord.page import NAME, TITLE, Entry, place_of
from bot.english.voices import VoiceKind
from bot.readable import above, as_read
from embeddings.messages import Message
from embeddings.reading.documents import Document
from embeddings.splitting.passages import Span

LEAF = 2200
"""Characters of a long quotation on one page of its message: what stands around it always has room beside them."""
MOST_ALSO = 3
"""Other sources that say the same, named beneath a statement; the rest are counted."""
ALSO = 40
"""Characters of a title or a name where there is little room."""
_DATES, _ROOM = 160, 300
_CUT = Message("The quotation goes on: Open shows all of it.")
_CUT_FAR = Message("The quotation goes on: Open, and then Next, show all of it.")
_LED = Message("The quotation begins before this: Open shows all of it.")


@dataclass(frozen=True, slots=True)
class Cited:
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
    def of(cls, citation: Citation, note: str, mark: Span | None = None, lead: int = 0) -> "Cited":
        """The quotation as people read it, and where in that stands what stood at `mark`, and up to `lead`."""
        shown = as_read(citation)
        marked, led = shown.span(*mark) if mark else None, shown.span(0, lead).end
        return cls(citation, note, shown.text, marked, led, shown.code)

    def below(self, parts: Sequence[Citation]) -> "Cited":
        """The quotation below others that belong to it, each on lines of its own."""
        first = above(parts)
        mark = Span(self.mark.start + len(first), self.mark.end + len(first)) if self.mark else None
        code = tuple(Span(start + len(first), end + len(first)) for start, end in self.code)
        return replace(self, text=first + self.text, mark=mark, lead=0 if first else self.lead, code=code)

    def block(self, end: int | None = None) -> str:
        """The quotation in a block quote, up to a character."""
        return block_quote(self.text[:end], (self.mark,) if self.mark else self.words, self.code)

    def beginning(self, text: str) -> str:
        """The quotation in a block quote as far as this text, with which it begins."""
        return self.block(len(text))

    def without_lead(self) -> "Cited":
        """The quotation from where it is more than a lead."""

        def moved(span: Span) -> Span:
            return Span(max(span.start - self.lead, 0), span.end - self.lead)

        mark = moved(self.mark) if self.mark and self.mark.start >= self.lead else None
        code = tuple(moved(span) for span in self.code if span.end > self.lead)
        return replace(self, text=self.text[self.lead :], mark=mark, lead=0, code=code)

    def leaves(self) -> list["Cited"]:
        """The quotation in parts of at most `LEAF` characters as a block, which end with a line or a word."""
        parts, rest = [], self
        while len(rest.block()) > LEAF:
            shown = longest_prefix(rest.text, LEAF, rest.beginning)
            lines = shown.rfind("\n")
            end = lines if lines > len(shown) // 2 else len(shown)
            parts.append(replace(rest, text=rest.text[:end]))
            skipped = len(rest.text) - len(rest.text[end:].lstrip(" \n" if end == len(shown) else "\n"))
            rest = replace(rest, lead=skipped).without_lead()
        return [*parts, rest]

    def unlinked(self) -> "Cited":
        """The quotation without the link to its original."""
        link = "".join(f" · {each}" for each in _link(self.citation.document))
        return replace(self, note=self.note.replace(link, "")) if link else self


def statement_entries(statements: Sequence[Statement], size: int) -> tuple[Entry, ...]:
    """Each statement with its notes: the longer ones as far as they leave room for the quotations."""
    full = [
        Cited.of(said.citation, _notes(said, names=True), said.highlight, said.lead).below(said.parts)
        for said in statements
    ]
    brief = [replace(cited, note=_notes(said, names=False)) for cited, said in zip(full, statements, strict=True)]
    short = sum(min(len(cited.text), _ROOM) + len(cited.note) for cited in full) > size
    return quotation_entries(brief if short else full, size)


def _notes(statement: Statement, names: bool) -> str:
    """Who speaks and where; then who says the same, and which days are meant."""
    notes = [voice_note(statement)]
    if statement.verdict:
        statement.verdict.check()
        quoted = line(statement.verdict.quote, NAME)
        notes.append("-# " + _("the source itself on this: “{words}”").format(words=quoted))
    shown = [
        f"**{each.number}**" + (f" *{line(each.document.name, ALSO)}*" if names else "") for each in statement.also
    ][:MOST_ALSO]
    if shown:
        more, named = len(statement.also) - len(shown), ", ".join(shown)
        named = ngettext("{named} and {n} more", "{named} and {n} more", more, named=named) if more else named
        notes.append("-# " + _("also in {named}").format(named=named))
    if names and (dates := statement.dates_in_words(days)):
        notes.append(f"-# {line(_(dates), _DATES)}")
    return "\n".join(notes)


def quotation_entries(cited: Sequence[Cited], size: int) -> tuple[Entry, ...]:
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
    return tuple(Entry(_fitting(each, shares[n]), place_of(each.citation)) for n, each in enumerate(cited))


def _fitting(cited: Cited, size: int) -> tuple[str, str]:
    """The block quote and its note; a quotation longer than `size` loses its lead, else it is cut between words."""
    if len(block := cited.block()) <= size:
        return block, cited.note
    if cited.lead:
        cited = cited.without_lead()
        if len(block := cited.block()) <= size - len(led := _small(_LED)):
            return block, cited.note + led
    cut = _small(_CUT if cited.citation.end <= cited.citation.passage.end else _CUT_FAR)
    shown = longest_prefix(cited.text, size - len(cut), cited.beginning)
    return cited.block(len(shown)), cited.note + cut


def is_cut(note: str) -> bool:
    """Whether the note below a quotation says that it goes on."""
    return note.endswith((_small(_CUT), _small(_CUT_FAR)))


def _small(note: Message) -> str:
    """A note of ours on a line of its own, in small letters."""
    return f"\n-# {_(note)}"


def voice_note(statement: Statement) -> str:
    """The note that says who speaks, and where."""
    citation, voice = statement.citation, statement.voice
    title = f"*{line(citation.document.name, TITLE)}*"
    if voice.kind is VoiceKind.SPEAKER:
        name = f"**{line(voice.name, NAME)}**" if voice.name else _("Somebody named before")
        who = _("{name}, as reported in {title}").format(name=name, title=title)
    elif voice.kind is VoiceKind.DOCUMENT:
        who = _("{title}, in its own words").format(title=title)
    else:
        who = _("**Unattributed**, in {title}").format(title=title)
    heading = line(citation.section, NAME) if statement.kind is not StatementKind.SENTENCE else ""
    return " · ".join(filter(None, [f"-# **{citation.number}**", who, heading, _facts(citation)]))


def place_note(citation: Citation) -> str:
    """Where a passage stands that is not quoted."""
    heading = line(citation.section, NAME)
    return " · ".join(filter(None, [f"**{line(citation.document.name, TITLE)}**", heading, _facts(citation)]))


def origin_note(citation: Citation) -> str:
    """The note that says where a quotation is from."""
    return " · ".join(
        filter(None, [f"-# **{citation.number}**", f"*{line(citation.document.name, TITLE)}*", _facts(citation)])
    )


def _facts(citation: Citation) -> str:
    return " · ".join(
        [*date_facts(citation.document), *further_facts(citation.page, citation.original), *_link(citation.document)]
    )


def date_facts(document: Document) -> list[str]:
    """When a document was published, where that is known."""
    return [day(document.published)] if document.published else []


def _link(document: Document) -> list[str]:
    """A link to where the document came from, where its address is one."""
    return [f"[{_('original')}](<{document.url}>)"] if is_link(document.url) else []


def further_facts(page: int | None, original: Document | None) -> list[str]:
    """What only some documents have: a page, and another document that they are a copy of."""
    paged = [_("page {number}").format(number=digits(page))] if page else []
    return [*paged, _("copy of *{title}*").format(title=line(original.name, NAME))] if original else paged
