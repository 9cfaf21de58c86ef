"""Questions in, answers out: an Answer made of exact quotations, or a NoAnswer with the nearest ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.answering.disagreement import Disagreement, differing_counts, is_exact
from bot.answering.evidence import Evidence, best_sentences, find_evidence
from bot.answering.voices import Voice
from embeddings.documents import Document
from embeddings.encoder import Encoder
from embeddings.errors import QuotationError
from embeddings.generations import Opened
from embeddings.index import Index
from embeddings.passages import Passage, Span
from embeddings.retrieval import Filters, Retriever

PASSAGES = 10
"""How many of the ranked passages evidence is looked for in."""
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

    Raises QuotationError when it is not, also later from `check`.
    """

    number: int
    document: Document
    passage: Passage
    start: int
    end: int
    quote: str

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


@dataclass(frozen=True, slots=True)
class Statement:
    """A quotation that answers, who speaks in it, and the value asked for, as a span of the quotation."""

    citation: Citation
    voice: Voice
    highlight: Span | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Searched:
    """Which documents the question was put to: those the answer is from or that are near it, and the rest."""

    addressing: tuple[str, ...]
    silent: tuple[str, ...]


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

    def __init__(self, opened: Opened, encoder: Encoder, threshold: float) -> None:
        self.retriever = Retriever(opened.index, encoder)
        self.source = Source(opened.manifest.generation, opened.manifest.built_at)
        self._threshold = threshold

    @property
    def index(self) -> Index:
        """The index questions are put to."""
        return self.retriever.index

    def ask(self, question: Question) -> Answer | NoAnswer:
        """Answer from the documents, or say that they do not. Raises BadRequest for a bad question."""
        ranking = self.retriever.search(question.text, PASSAGES, question.filters)
        evidence = find_evidence(ranking, self.index)
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
                searched=_searched(ranking.searched, ()),
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
                    (said.citation.number, said.citation.document.id, said.citation.quote[slice(*said.highlight)])
                    for said in statements
                    if said.highlight and is_exact(said.citation.quote, said.highlight.start)
                ),
            ),
            searched=_searched(ranking.searched, [found.passage.document_id for found in chosen]),
            source=self.source,
        )

    def _citation(self, number: int, evidence: Evidence) -> Citation:
        document = self.index.document_of[evidence.passage.document_id]
        return Citation(number, document, evidence.passage, evidence.start, evidence.end, evidence.sentence)


def _searched(documents: Sequence[str], addressing: Iterable[str]) -> Searched:
    named = tuple(dict.fromkeys(addressing))
    return Searched(named, tuple(key for key in documents if key not in named))
