"""What a question gets: an Answer made of exact quotations, or a NoAnswer with the nearest ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest

from bot.answering.disagreement import Disagreement
from bot.answering.extracts import StatementKind
from bot.english.dates import Dated
from bot.english.voices import Voice
from embeddings.errors import QuotationError
from embeddings.messages import Message
from embeddings.reading.documents import Document
from embeddings.searching.index import Index
from embeddings.searching.retrieval import Filters
from embeddings.splitting.passages import PATH, Passage, Span

MAYBE = 0.2
"""From this confidence on, what comes nearest is named as where an answer may stand. Of 50 answerable questions about a
help desk and two open manuals that were not answered, 44 reach it, and 38 of these have the page that answers there."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, and of which documents."""

    text: str
    filters: Filters = Filters()
    meant: str | None = None
    """The question as it stands alone, where it goes on from an earlier one."""

    @property
    def whole(self) -> str:
        """What is put to the documents."""
        return self.meant or self.text


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation: `quote` is `document.text[start:end]`, and nothing else can be made.

    It begins in `passage`; one of several paragraphs may end in another. `original` is the document that `document` is
    a copy of. Raises QuotationError when the quotation is not what stands there, also later from `check`.
    """

    number: int
    document: Document
    passage: Passage
    start: int
    end: int
    quote: str
    original: Document | None = None

    @classmethod
    def of(cls, index: Index, number: int, passage: Passage, quoted: Span) -> "Citation":
        """The quotation of these characters of the passage's document. Raises QuotationError."""
        document = index.document_of[passage.document_id]
        quote, original = document.text[quoted.start : quoted.end], index.original_of(document.id)
        return cls(number, document, passage, quoted.start, quoted.end, quote, original)

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """Hold the quotation against its document once more, as is done before it is sent."""
        text, passage = self.document.text, self.passage
        exact = self.quote and len(self.quote) == self.end - self.start and text[self.start : self.end] == self.quote
        begins = 0 <= passage.start <= self.start < passage.end
        if not exact or not begins or passage.document_id != self.document.id:
            raise QuotationError(
                f"Characters {self.start} to {self.end} of {self.document.id} are not the quotation that "
                "was to be shown. Nothing was sent; please report this."
            )

    @property
    def account(self) -> str:
        """The id of the document that stands for all copies of this one."""
        return self.original.id if self.original else self.document.id

    @property
    def page(self) -> int | None:
        """The page on which the quotation begins, for documents that have pages."""
        return self.document.page(self.start)

    @property
    def section(self) -> str:
        """The headings above the quotation, without the document's own name, which is shown beside them."""
        name, *others = self.passage.heading.split(PATH)
        return PATH.join(others if name == self.document.name else [name, *others])


@dataclass(frozen=True, slots=True)
class Statement:
    """A quotation that answers, who speaks in it, and the value asked for, as a span of the quotation.

    `kind` says what is quoted: a sentence, or whole steps, a table, a passage. `parts` are quotations that belong to it
    and stand elsewhere: the header of a table, for a row.
    `also` are quotations of other accounts that say the same, `dates` the days that words like "Sunday" in the
    quotation mean. The first `lead` characters of the quotation are there so that the rest can be understood.
    `verdict` is what the document itself says of a claim that it reports: "without evidence".
    """

    citation: Citation
    voice: Voice
    highlight: Span | None
    confidence: float
    also: tuple[Citation, ...] = ()
    dates: tuple[Dated, ...] = ()
    lead: int = 0
    verdict: Citation | None = None
    kind: StatementKind = StatementKind.SENTENCE
    parts: tuple[Citation, ...] = ()

    def dates_in_words(self, shown: Callable[[date, date], str]) -> str:
        """The days as a line: "Sunday = 15 June 2025 (published 16 June 2025)"; "" where there are none.

        `shown` writes those from one to another.
        """
        quote, published = self.citation.quote, self.citation.document.published
        days = {quote[slice(*dated.span)]: shown(dated.first, dated.last) for dated in self.dates}
        if not days or not published:
            return ""
        line = ", ".join(f"{words} = {meant}" for words, meant in days.items())
        return Message("{days} (published {day})", days=line, day=shown(published, published))


@dataclass(frozen=True, slots=True)
class Searched:
    """Which documents the question was put to: those the answer is from, and those that have no part in it.

    `copies` holds those of them that are copies, and of which document. Where one copy of an account answers,
    the others are neither.
    """

    addressing: tuple[str, ...]
    silent: tuple[str, ...]
    copies: Mapping[str, str] = field(default_factory=dict, hash=False)
    repeating: tuple[str, ...] = ()
    """Those whose account answers through another of its copies."""
    undated: int = 0
    """How many others were left out because a date was asked for and theirs is not known."""

    @classmethod
    def of(cls, searched: Sequence[str], cited: Iterable[str], copies: Mapping[str, str], undated: int) -> "Searched":
        """What was searched, where the documents `cited` have a part in the answer."""
        addressing = tuple(dict.fromkeys(cited))
        accounts = {copies.get(key, key) for key in addressing}
        others = [key for key in searched if key not in addressing]
        return cls(
            addressing=addressing,
            silent=tuple(key for key in others if copies.get(key, key) not in accounts),
            copies={key: copies[key] for key in searched if key in copies},
            repeating=tuple(key for key in others if copies.get(key, key) in accounts),
            undated=undated,
        )

    @property
    def documents(self) -> int:
        """How many documents were searched."""
        return len(self.addressing) + len(self.silent) + len(self.repeating)

    @property
    def accounts(self) -> int:
        """How many accounts these documents give: all copies of a document give one with it."""
        return self._accounts(self.addressing) + self._accounts(self.silent)

    @property
    def summary(self) -> str:
        """The counts in words: "2 of 5 sources answer (2 are copies)"."""
        answer, copies = self._accounts(self.addressing), self.documents - self.accounts
        sources = Message.counted("{n} source", "{n} sources", self.documents)
        if not self.documents:
            said = Message("No source was searched")
        elif not answer:
            said = Message("None of {sources} answers", sources=sources)
        else:
            said = Message.counted("{n} of {sources} answers", "{n} of {sources} answer", answer, sources=sources)
        if copies:
            said = Message.counted("{said} ({n} is a copy)", "{said} ({n} are copies)", copies, said=said)
        if self.undated:
            said = Message.counted(
                "{said}, {n} without a date left out", "{said}, {n} without a date left out", self.undated, said=said
            )
        return said

    def _accounts(self, documents: Iterable[str]) -> int:
        return len({self.copies.get(key, key) for key in documents})


@dataclass(frozen=True, slots=True)
class Source:
    """The state of the index an answer comes from."""

    generation: str
    built_at: datetime
    corpus: str = ""
    """The name of the corpus, where there are several."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say: statements, best first, each with a citation of its own."""

    question: Question
    confidence: float
    statements: tuple[Statement, ...]
    disagreements: tuple[Disagreement, ...]
    searched: Searched
    source: Source
    read_as: str | None = None
    """The question as it was put to the documents, where it goes on from another or words were taken for others."""

    @property
    def status(self) -> str:
        """`answered`, or `disputed` when documents disagree."""
        return "disputed" if self.disagreements else "answered"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the statements, then of those that say the same, in the order of their numbers."""
        also = [citation for statement in self.statements for citation in statement.also]
        return tuple(statement.citation for statement in self.statements) + tuple(also)

    @property
    def repeated(self) -> dict[int, int]:
        """Citations of another copy of an account that is cited before, and the number of that earlier citation."""
        first: dict[str, Citation] = {}
        return {
            citation.number: earlier.number
            for citation in self.citations
            for earlier in [first.setdefault(citation.account, citation)]
            if earlier.document.id != citation.document.id
        }


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The documents do not answer; `nearest` are the passages that come closest, and claim nothing.

    `reasons` says of each why it does not answer, or None.
    """

    question: Question
    confidence: float
    nearest: tuple[Citation, ...]
    searched: Searched
    source: Source
    reasons: tuple[str | None, ...] = ()
    read_as: str | None = None

    status = "not_found"

    @property
    def explained(self) -> tuple[tuple[Citation, str | None], ...]:
        """The nearest passages, each with why it does not answer, where that is known."""
        return tuple(zip_longest(self.nearest, self.reasons[: len(self.nearest)]))

    @property
    def leads(self) -> tuple[Citation, ...]:
        """Where an answer may stand: the nearest passages, one of each section, where it is MAYBE sure or more."""
        sections: dict[tuple[str, str], Citation] = {}
        for citation in self.nearest if self.confidence >= MAYBE else ():
            sections.setdefault((citation.document.id, citation.passage.heading), citation)
        return tuple(sections.values())
