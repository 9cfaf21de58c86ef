"""Questions in, answers out: an Answer made of exact quotations, or a NoAnswer with the nearest ones."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count, zip_longest

from bot.answering.content import check_question
from bot.answering.dates import Dated, dates_in
from bot.answering.denials import Said, contested, opposed
from bot.answering.disagreement import Disagreement, disagreements
from bot.answering.evidence import Evidence, differing, find_evidence, stated_by
from bot.answering.extracts import StatementKind, confidence, extract, header
from bot.answering.forms import Form, form_of
from bot.answering.nearness import why_not
from bot.answering.reader.reading import Reader
from bot.answering.statements import MOST_STATEMENTS, Choice, choose, quoted
from bot.answering.verdicts import verdict_on
from bot.answering.voices import Voice, VoiceKind
from bot.answering.wording import Understood, Wording
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
"""How many passages are ranked, so that one document, or copies of it, cannot fill all places."""
UNASKED = 1.1
"""How much less sure, as a logit, a passage is to answer a question that does not ask what to do: 0.75 becomes 0.5.
That leaves out all unanswerable ones of this form in benchmarks/development, of which the surest is at 0.57."""
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

    def dates_in_words(self, shown: Callable[[date], str]) -> str:
        """The days as a line: "Sunday = 15 June 2025 (published 16 June 2025)", each as `shown` writes it."""
        quote, published = self.citation.quote, self.citation.document.published
        days = {
            quote[slice(*dated.span)]: shown(dated.first)
            if dated.first == dated.last
            else f"{shown(dated.first)} to {shown(dated.last)}"
            for dated in self.dates
        }
        line = ", ".join(f"{words} = {meant}" for words, meant in days.items())
        return f"{line} (published {shown(published)})" if line and published else ""


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
        undated = f", {self.undated:,} without a date left out" if self.undated else ""
        searched = f"{self.documents:,} source{'' if self.documents == 1 else 's'} searched"
        return f"{searched}{copied}: {', '.join(parts)}{undated}"

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
    read_as: str | None = None
    """The question as it was put to the documents, where words of it were taken for others."""

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


class Answerer:
    """Puts questions to one generation of an index; safe to use from several threads."""

    def __init__(self, opened: Opened, encoder: Encoder, threshold: float, reader: Reader | None = None) -> None:
        self.retriever = Retriever(opened.index, encoder)
        self.reader = reader
        self.source = Source(opened.manifest.generation, opened.manifest.built_at)
        self._threshold = threshold
        self.wording = Wording(
            opened.index.vocabulary,
            opened.index.lexical,
            is_word=lambda word: len(encoder.token_spans([word])[0]) == 1,  # the model knows it whole
        )

    @property
    def index(self) -> Index:
        """The index questions are put to."""
        return self.retriever.index

    def ask(self, question: Question) -> Answer | NoAnswer:
        """Answer from the documents, or say that they do not. Raises BadRequest for a bad question."""
        asked = self.wording.understand(question.text)
        ranking = self.retriever.search(asked.text, RANKED, question.filters)
        check_question(asked.text)
        form = form_of(asked.text)
        if form is Form.PROCEDURE:
            whole = confidence(ranking, self.index)
            if ranking.hits and whole >= self._threshold:
                return self._extracted(question, asked, ranking, whole)
            return self._no_answer(question, asked, ranking, find_evidence(_first(ranking), self.index), whole)
        evidence = self._evidence(ranking)
        sure = evidence[0].confidence if evidence else 0.0
        if not evidence or sure < self._threshold:
            if form is Form.OPEN and ranking.hits:
                whole = confidence(ranking, self.index, UNASKED)
                if whole >= self._threshold:
                    return self._extracted(question, asked, ranking, whole)
            return self._no_answer(question, asked, ranking, evidence, sure)
        said = contested(asked.text, evidence, self._threshold, self.index)
        chosen = self._chosen(asked.text, evidence, said)
        statements = tuple(self._statements(chosen))
        cited = [choice.shown for choice in chosen] + [other for choice in chosen for other in choice.also]
        return Answer(
            question=question,
            confidence=sure,
            statements=statements,
            disagreements=(
                *disagreements(
                    asked.text,
                    (stated_by(number, found.evidence, self.index) for number, found in enumerate(cited, 1)),
                ),
                *opposed(asked.text, said, [found.evidence for found in cited], self.index),
            ),
            searched=self.searched(ranking, (found.document_id for found in cited), question.filters),
            source=self.source,
            read_as=asked.changed,
        )

    def _extracted(self, question: Question, asked: Understood, ranking: Ranking, sure: float) -> Answer:
        """An answer of one quotation, longer than a sentence."""
        found = extract(ranking.hits[0].passage, self.index)
        citation = self._citation(1, found.passage, found.span)
        return Answer(
            question=question,
            confidence=sure,
            statements=(Statement(citation, Voice(VoiceKind.DOCUMENT), None, sure, kind=found.kind),),
            disagreements=(),
            searched=self.searched(ranking, [citation.document.id], question.filters),
            source=self.source,
            read_as=asked.changed,
        )

    def _chosen(self, question: str, evidence: tuple[Evidence, ...], said: Sequence[Said]) -> tuple[Choice, ...]:
        """What the answer shows, best first: where documents differ, at least one sentence for each value or side."""
        usual = choose(evidence, self._threshold, self.index)
        differ = (*differing(question, evidence, self.index), *(one.evidence for one in said))
        values = tuple(dict.fromkeys(differ))
        by_sentence = {one.evidence: choice for choice in usual for one in (*choice.also, choice.shown)}
        needed = list(dict.fromkeys(by_sentence.get(found, Choice(quoted(found, self.index))) for found in values))
        shown = {choice.shown.evidence for choice in needed}
        others = [choice for choice in usual if choice.shown.evidence not in shown]
        most = max(MOST_STATEMENTS, len(needed))
        return tuple(
            replace(choice, also=tuple(other for other in choice.also if other.evidence not in shown))
            for choice in sorted([*needed, *others][:most], key=lambda choice: evidence.index(choice.shown.evidence))
        )

    def _no_answer(
        self,
        question: Question,
        asked: Understood,
        ranking: Ranking,
        evidence: Iterable[Evidence],
        confidence: float,
    ) -> NoAnswer:
        best: dict[str, Evidence] = {}
        for found in evidence:
            best.setdefault(found.passage.id, found)
        nearest = list(best.values())[:NEAREST]
        return NoAnswer(
            question=question,
            confidence=confidence,
            nearest=tuple(
                self._citation(number, found.passage, Span(found.start, found.end))
                for number, found in enumerate(nearest, 1)
            ),
            searched=self.searched(ranking, (), question.filters),
            source=self.source,
            reasons=tuple(
                why_not(asked.text, found.passage, Span(found.start, found.end), self.index) for found in nearest
            ),
            read_as=asked.changed,
        )

    def _statements(self, chosen: Sequence[Choice]) -> Iterator[Statement]:
        """Each choice with its citation; those that say the same are numbered after all of these."""
        numbers = count(len(chosen) + 1)
        for number, choice in enumerate(chosen, 1):
            passage, span, found = choice.shown.passage, choice.shown.span, choice.shown.evidence
            citation, before, mark = self._citation(number, passage, span), found.start - span.start, found.highlight
            yield Statement(
                citation=citation,
                voice=found.voice,
                highlight=Span(before + mark.start, before + mark.end) if mark else None,
                confidence=found.confidence,
                also=tuple(self._citation(next(numbers), other.passage, other.span) for other in choice.also),
                dates=dates_in(citation.document, span),
                lead=before,
                verdict=self._verdict(number, found),
                parts=self._parts(number, choice.shown.passage, span),
            )

    def _parts(self, number: int, passage: Passage, span: Span) -> tuple[Citation, ...]:
        above = header(passage, span, self.index)
        return (self._citation(number, above.passage, above.span),) if above else ()

    def _verdict(self, number: int, found: Evidence) -> Citation | None:
        at = found.passage.sentences.index(Span(found.start, found.end))
        span = verdict_on(found.passage, at)
        return self._citation(number, found.passage, span) if span else None

    def _evidence(self, ranking: Ranking) -> tuple[Evidence, ...]:
        """The evidence in the ranked passages; what copies say in the same words is there once.

        It is quoted from the document that stands for them all, else from the first published, where that is
        sure enough too.
        """
        if not self.index.copies:
            return find_evidence(_first(ranking), self.index, self.reader)
        said: dict[tuple[str, tuple[str, ...]], Evidence] = {}
        distinct = replace(ranking, hits=tuple(self._distinct(ranking.hits)))
        for found in find_evidence(distinct, self.index, self.reader):
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

    def _citation(self, number: int, passage: Passage, quoted: Span) -> Citation:
        document = self.index.document_of[passage.document_id]
        quote, original = document.text[quoted.start : quoted.end], self.index.original_of(document.id)
        return Citation(number, document, passage, quoted.start, quoted.end, quote, original)

    def searched(self, ranking: Ranking, addressing: Iterable[str], filters: Filters | None = None) -> Searched:
        """What was searched, and which of it an answer that names these documents is from."""
        index = self.index
        named = tuple(dict.fromkeys(addressing))
        accounts = {index.account_of(key) for key in named}
        others = [key for key in ranking.searched if key not in named]
        return Searched(
            addressing=named,
            silent=tuple(key for key in others if index.account_of(key) not in accounts),
            copies={key: index.copies[key] for key in ranking.searched if key in index.copies},
            repeating=tuple(key for key in others if index.account_of(key) in accounts),
            undated=self._undated(filters) if filters else 0,
        )

    def _undated(self, filters: Filters) -> int:
        if not filters.after and not filters.before:
            return 0
        named = filters.documents or self.index.document_of
        return sum(not self.index.document_of[key].published for key in named)


def _first(ranking: Ranking) -> Ranking:
    """The passages that are read."""
    return replace(ranking, hits=ranking.hits[:PASSAGES])


def _said(sentence: str) -> tuple[str, ...]:
    return tuple(words(sentence))
