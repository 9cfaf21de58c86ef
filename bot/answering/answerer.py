"""Questions in, answers out: an Answer made of exact quotations, or a NoAnswer with the nearest ones."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.answering.disagreement import Disagreement, differing_counts, is_exact
from bot.answering.evidence import Evidence, best_sentences, find_evidence
from bot.answering.reader.reading import Reader
from bot.answering.voices import Voice
from embeddings.documents import Document
from embeddings.encoder import Encoder
from embeddings.errors import QuotationError
from embeddings.generations import Opened
from embeddings.index import Hit, Index, Ranking
from embeddings.lexical import words
from embeddings.passages import Passage, Span
from embeddings.retrieval import Filters, Retriever

PASSAGES = 10
"""How many of the ranked passages evidence is looked for in, not counting those that repeat others."""
RANKED = 40
"""How many passages are ranked where documents are copies of others, so that one account cannot fill all places."""
NEAREST = 3
"""How many passages are shown when there is no answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, and of which documents."""

    text: str
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation: `quote` is `document.text[start:end]`, and nothing else can be made.

    `original` is the document that `document` is a copy of. Raises QuotationError when the quotation is
    not what stands there, also later from `check`.
    """

    number: int
    document: Document
    passage: Passage
    start: int
    end: int
    quote: str
    original: Document | None = None

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """Hold the quotation against its document once more, as is done before it is sent."""
        text, passage = self.document.text, self.passage
        exact = self.quote and len(self.quote) == self.end - self.start and text[self.start : self.end] == self.quote
        inside = 0 <= passage.start <= self.start < self.end <= passage.end
        if not exact or not inside or passage.document_id != self.document.id:
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


@dataclass(frozen=True, slots=True)
class Statement:
    """A quotation that answers, who speaks in it, and the value asked for, as a span of the quotation."""

    citation: Citation
    voice: Voice
    highlight: Span | None
    confidence: float


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
        """The counts in words: "5 sources searched (2 are copies): 2 answer, 1 is silent"."""
        answer, silent = self._accounts(self.addressing), self._accounts(self.silent)
        copies = self.documents - self.accounts
        parts = [f"{answer:,} answer{'s' if answer == 1 else ''}" if answer else "none answers"]
        if answer and silent:
            parts.append(f"{silent:,} {'is' if silent == 1 else 'are'} silent")
        copied = f" ({copies:,} {'is a copy' if copies == 1 else 'are copies'})" if copies else ""
        return f"{self.documents:,} source{'' if self.documents == 1 else 's'} searched{copied}: {', '.join(parts)}"

    def _accounts(self, documents: Iterable[str]) -> int:
        return len({self.copies.get(key, key) for key in documents})


@dataclass(frozen=True, slots=True)
class Source:
    """The state of the index an answer comes from."""

    generation: str
    built_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say: statements, best first, each with a citation of its own."""

    question: Question
    confidence: float
    statements: tuple[Statement, ...]
    disagreements: tuple[Disagreement, ...]
    searched: Searched
    source: Source

    @property
    def status(self) -> str:
        """`answered`, or `disputed` when documents disagree."""
        return "disputed" if self.disagreements else "answered"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the statements, in the order of their numbers."""
        return tuple(statement.citation for statement in self.statements)

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
    """The documents do not answer; `nearest` are the passages that come closest, and claim nothing."""

    question: Question
    confidence: float
    nearest: tuple[Citation, ...]
    searched: Searched
    source: Source

    status = "not_found"


class Answerer:
    """Puts questions to one generation of an index; safe to use from several threads."""

    def __init__(self, opened: Opened, encoder: Encoder, threshold: float, reader: Reader | None = None) -> None:
        self.retriever = Retriever(opened.index, encoder)
        self._reader = reader
        self.source = Source(opened.manifest.generation, opened.manifest.built_at)
        self._threshold = threshold

    @property
    def index(self) -> Index:
        """The index questions are put to."""
        return self.retriever.index

    def ask(self, question: Question) -> Answer | NoAnswer:
        """Answer from the documents, or say that they do not. Raises BadRequest for a bad question."""
        ranking = self.retriever.search(question.text, RANKED if self.index.copies else PASSAGES, question.filters)
        evidence = self._evidence(ranking)
        confidence = evidence[0].confidence if evidence else 0.0
        if not evidence or confidence < self._threshold:
            best: dict[str, Evidence] = {}
            for found in evidence:
                best.setdefault(found.passage.id, found)
            nearest = list(best.values())
            return NoAnswer(
                question=question,
                confidence=confidence,
                nearest=tuple(self._citation(n, found) for n, found in enumerate(nearest[:NEAREST], 1)),
                searched=self._searched(ranking, ()),
                source=self.source,
            )
        chosen = best_sentences(evidence, self._threshold)
        statements = tuple(
            Statement(self._citation(number, found), found.voice, found.highlight, found.confidence)
            for number, found in enumerate(chosen, 1)
        )
        return Answer(
            question=question,
            confidence=confidence,
            statements=statements,
            disagreements=differing_counts(
                question.text,
                (
                    (number, found.passage.document_id, found.sentence[slice(*found.count)])
                    for number, found in enumerate(chosen, 1)
                    if found.count and is_exact(found.sentence, found.count.start)
                ),
            ),
            searched=self._searched(ranking, (found.passage.document_id for found in chosen)),
            source=self.source,
        )

    def _evidence(self, ranking: Ranking) -> tuple[Evidence, ...]:
        """The evidence in the ranked passages; what copies say in the same words is there once.

        It is quoted from the document that stands for them all, else from the first published, where that is
        sure enough too.
        """
        if not self.index.copies:
            return find_evidence(ranking, self.index, self._reader)
        said: dict[tuple[str, tuple[str, ...]], Evidence] = {}
        distinct = replace(ranking, hits=tuple(self._distinct(ranking.hits)))
        for found in find_evidence(distinct, self.index, self._reader):
            key = self.index.account_of(found.passage.document_id), _said(found.sentence)
            best = said.setdefault(key, found)
            enough = found.confidence >= self._threshold or best.confidence < self._threshold
            if enough and self._precedence(found) < self._precedence(best):
                said[key] = found
        return tuple(said.values())

    def _precedence(self, evidence: Evidence) -> tuple[bool, date, str]:
        document = self.index.document_of[evidence.passage.document_id]
        return document.id in self.index.copies, document.published or date.max, document.id

    def _distinct(self, hits: Iterable[Hit]) -> Iterator[Hit]:
        """The best hits, until `PASSAGES` of them say for the greater part what their account has not said before."""
        said: dict[str, set[tuple[str, ...]]] = {}
        count = 0
        for hit in hits:
            passage = hit.passage
            before = said.setdefault(self.index.account_of(passage.document_id), set())
            sentences = {
                _said(passage.text[s.start - passage.start : s.end - passage.start]) for s in passage.sentences
            }
            count += len(sentences - before) > len(sentences) / 2
            before |= sentences
            if count > PASSAGES:
                return
            yield hit

    def _citation(self, number: int, evidence: Evidence) -> Citation:
        document = self.index.document_of[evidence.passage.document_id]
        original = self.index.original_of(document.id)
        return Citation(number, document, evidence.passage, evidence.start, evidence.end, evidence.sentence, original)

    def _searched(self, ranking: Ranking, addressing: Iterable[str]) -> Searched:
        index = self.index
        named = tuple(dict.fromkeys(addressing))
        accounts = {index.account_of(key) for key in named}
        others = [key for key in ranking.searched if key not in named]
        return Searched(
            addressing=named,
            silent=tuple(key for key in others if index.account_of(key) not in accounts),
            copies={key: index.copies[key] for key in ranking.searched if key in index.copies},
            repeating=tuple(key for key in others if index.account_of(key) in accounts),
        )


def _said(sentence: str) -> tuple[str, ...]:
    return tuple(words(sentence))
