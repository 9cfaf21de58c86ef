"""Claims in, verdicts out: what the documents say for a claim and against it, sentence by sentence.

A sentence supports a claim when every word of the claim has its counterpart in it, or when the reader is sure that it
does; never when a fact forbids it: another number, name or day, a "not", a "may", one word exchanged (`alignment`). A
document's own voice can support a plain claim; what somebody is only quoted with supports that they said it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.answering.answerer import PASSAGES, RANKED, Answerer
from bot.answering.answers import Citation, Question, Searched, Source, Statement
from bot.checking.alignment import Alignment, Claim, align, subject
from bot.english.verdicts import denies, verdict_on
from bot.english.voices import Voice, VoiceKind, voice_of
from bot.english.words import Word, is_derived, read
from bot.question.content import check_claim
from bot.reader.reading import CONTRADICT, SUPPORT
from embeddings.index import Index, Ranking
from embeddings.passages import Passage, Span

MOST_FINDINGS = 4
"""Statements for a claim, and as many against it."""
NEAREST = 3


class Status(StrEnum):
    """What the documents make of a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    DISPUTED = "disputed"
    NOT_FOUND = "not_found"


VERDICTS = {
    Status.SUPPORTED: "The documents support this.",
    Status.CONTRADICTED: "The documents contradict this.",
    Status.DISPUTED: "The documents disagree about this.",
    Status.NOT_FOUND: "The documents neither support nor contradict this.",
}


class Relation(StrEnum):
    """What a statement does to a claim."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reader may decide. Chosen by `benchmarks/tune_claims.py`."""

    support: float
    """A sentence that says a claim in other words supports it from this probability on."""
    contradict: float
    """A sentence that names all that the claim names contradicts it from this probability on."""


LIMITS = Limits(support=0.7, contradict=0.8)
READ = 24
"""So many sentences are read at most for a claim: those that share most words with it, and those nearest to it."""
_HALF = 0.5
LONGEST = 40
"""Words: of a longer claim, the reader does not see the end, so it is not asked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement for or against a claim; what it marks are the words that differ from the claim's."""

    statement: Statement
    relation: Relation


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the documents say of a claim; `nearest` is empty unless they say nothing, and `why` says why they do not."""

    question: Question
    status: Status
    confidence: float
    findings: tuple[Finding, ...]
    nearest: tuple[Citation, ...]
    why: str | None
    searched: Searched
    source: Source

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the findings, in the order of their numbers."""
        return tuple(finding.statement.citation for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Compared:
    """A sentence of the ranked passages beside a claim: `support` and `contradict` are the reader's probabilities."""

    passage: Passage
    span: Span
    text: str
    voice: Voice
    alignment: Alignment
    relevance: float
    support: float = 0.0
    contradict: float = 0.0

    @property
    def document(self) -> str:
        """The id of its document."""
        return self.passage.document_id


class Checker:
    """Checks claims against the index of an answerer, with its reader where it has one."""

    def __init__(self, answerer: Answerer, limits: Limits = LIMITS) -> None:
        self._answerer = answerer
        self._limits = limits

    @property
    def index(self) -> Index:
        """The index claims are checked against."""
        return self._answerer.index

    def check(self, claim: Question) -> Verdict:
        """What the documents say for the claim and against it. Raises BadRequest for one that cannot be looked up."""
        answerer = self._answerer
        ranking, sentences = self.compare(claim)
        found, why = judge(claim.text, sentences, self._limits)
        findings = self._findings(found)
        status = _status(findings)
        near = [] if findings else _nearest(sentences, why[1] if why else None)
        return Verdict(
            question=claim,
            status=status,
            confidence=max((finding.statement.confidence for finding in findings), default=0.0),
            findings=findings,
            nearest=tuple(self._citation(n, sentence) for n, sentence in enumerate(near, 1)),
            why=None if findings or why is None else why[0],
            searched=answerer.searched(
                ranking, (finding.statement.citation.document.id for finding in findings), claim.filters
            ),
            source=answerer.source,
        )

    def compare(self, claim: Question) -> tuple[Ranking, list[Compared]]:
        """What was found for a claim, and every sentence of it beside the claim. Raises BadRequest as `check`."""
        ranking = self._answerer.retriever.search(claim.text, RANKED if self.index.copies else PASSAGES, claim.filters)
        check_claim(claim.text)
        return ranking, self._sentences(claim.text, ranking)

    def _sentences(self, claim: str, ranking: Ranking) -> list[Compared]:
        places: dict[tuple[str, Span], tuple[Passage, float]] = {}
        for hit in ranking.hits:
            for span, cosine in zip(hit.passage.sentences, hit.sentences, strict=True):
                places.setdefault((hit.passage.document_id, span), (hit.passage, cosine))
        texts = [self._text(document, span) for document, span in places]
        read_once = Claim.of(claim)
        found = [
            Compared(passage, span, text, _voice(passage, span), align(read_once, text), relevance=cosine)
            for ((_, span), (passage, cosine)), text in zip(places.items(), texts, strict=True)
        ]
        return self._read(read_once, found)

    def _read(self, claim: Claim, found: list[Compared]) -> list[Compared]:
        """The same, with what the reader says of the sentences that could matter."""
        reader = self._answerer.reader
        rows = [row for row, each in enumerate(found) if not each.alignment.unnamed]
        rows.sort(key=lambda row: (-found[row].alignment.share, -found[row].relevance))
        nearest = sorted(rows, key=lambda row: -found[row].relevance)
        rows = list(dict.fromkeys(row for pair in zip(rows, nearest, strict=True) for row in pair))[:READ]
        if reader is None or not rows or len(claim.lows) > LONGEST:
            return found
        said = reader.compare(claim.text, [found[row].text for row in rows])
        for row, shares in zip(rows, said, strict=True):
            found[row] = replace(found[row], support=float(shares[SUPPORT]), contradict=float(shares[CONTRADICT]))
        return found

    def _text(self, document: str, span: Span) -> str:
        return self.index.document_of[document].text[span.start : span.end]

    def _findings(self, found: Iterable[tuple[Compared, Relation]]) -> tuple[Finding, ...]:
        """At most so many of each kind, one for each account and wording, the surest first."""
        chosen: list[tuple[Compared, Relation]] = []
        for sentence, relation in sorted(found, key=lambda each: -_sureness(*each)):
            same = [other for other, its in chosen if its is relation]
            said = {(self.index.account_of(other.document), other.text) for other in same}
            if len(same) < MOST_FINDINGS and (self.index.account_of(sentence.document), sentence.text) not in said:
                chosen.append((sentence, relation))
        chosen.sort(key=lambda each: each[1] is not Relation.SUPPORTS)
        return tuple(
            Finding(
                Statement(
                    citation=self._citation(number, sentence),
                    voice=sentence.voice,
                    highlight=_differs(sentence.alignment) if relation is Relation.CONTRADICTS else None,
                    confidence=_sureness(sentence, relation),
                ),
                relation,
            )
            for number, (sentence, relation) in enumerate(chosen, 1)
        )

    def _citation(self, number: int, sentence: Compared) -> Citation:
        document = self.index.document_of[sentence.passage.document_id]
        original = self.index.original_of(document.id)
        return Citation(number, document, sentence.passage, *sentence.span, sentence.text, original)


def judge(
    claim: str, sentences: Sequence[Compared], limits: Limits
) -> tuple[list[tuple[Compared, Relation]], tuple[str, Compared] | None]:
    """The sentences for and against a claim; where there is none, why, and the sentence it is said of."""
    said, denied, acting = voice_of(claim), denies(claim), subject(claim)
    attributed = said.kind is not VoiceKind.DOCUMENT or _JUDGES.search(claim) is not None
    supports: list[Compared] = []
    against: list[Compared] = []
    refused: list[Compared] = []
    claimed: list[tuple[Compared, Compared | None]] = []
    for sentence in sentences:
        own = sentence.voice.kind is VoiceKind.DOCUMENT or sentence.alignment.titled
        own = own or _same_speaker(said, acting, sentence.voice)
        if _bears_out(sentence, limits):
            if denies(sentence.text) and not denied and own:
                refused.append(sentence)
            elif own and (attributed or not _is_judgement(sentence)):
                supports.append(sentence)
            elif not attributed:
                claimed.append((sentence, None if denied else _rejection(sentences, sentence)))
        elif _contradicts(sentence, limits) and (own or _gives_another_number(sentence)):
            against.append(sentence)
    where = {sentence.document for sentence in supports}
    against = [sentence for sentence in against if sentence.document not in where] + refused
    if any(map(_gives_another_number, against)) and not supports:
        supports = [sentence for sentence in sentences if _may_bear_out(sentence)]
    found = [(sentence, Relation.SUPPORTS) for sentence in supports]
    found += [(sentence, Relation.CONTRADICTS) for sentence in against]
    for sentence, rejection in claimed:
        if rejection and not supports:
            found += [(sentence, Relation.SUPPORTS), (rejection, Relation.CONTRADICTS)]
    if found:
        return found, None
    if claimed:
        return [], (f"Only claimed by {_speaker(claimed[0][0])}; no source says so in its own words.", claimed[0][0])
    return [], _why(claim, sentences)


def _bears_out(sentence: Compared, limits: Limits) -> bool:
    """Whether a sentence says what the claim says, whoever speaks."""
    found = sentence.alignment
    return found.complete or (found.possible and sentence.support >= limits.support)


def _may_bear_out(sentence: Compared) -> bool:
    """Whether a sentence more probably says a claim, which others give another number for, than not."""
    found = sentence.alignment
    own = sentence.voice.kind is VoiceKind.DOCUMENT
    return own and found.possible and found.share >= _HALF and sentence.support > sentence.contradict


def _contradicts(sentence: Compared, limits: Limits) -> bool:
    """Whether a sentence says one thing otherwise than the claim and all else the same, or the reader is sure."""
    found = sentence.alignment
    if not found.missing and not found.doubts and found.share >= _HALF and len(found.clashes) == 1:
        return True
    return not found.unnamed and sentence.contradict >= limits.contradict


def _gives_another_number(sentence: Compared) -> bool:
    return any(clash.kind == "number" for clash in sentence.alignment.clashes)


# --- voices --------------------------------------------------------------------------------------

_JUDGES = re.compile(r"\b(?:the|this) (?:account|article|note|report) (?:calls|describes|considers|concludes)\b", re.I)
"""A document's own judgement, which is no fact."""


def _is_judgement(sentence: Compared) -> bool:
    """Whether what aligns with the claim is what the document "calls" something."""
    judged = _JUDGES.search(sentence.text)
    return judged is not None and judged.start() < sentence.alignment.start


def _same_speaker(said: Voice, acting: Sequence[Word], other: Voice) -> bool:
    """Whether the one whom a sentence quotes is who says it in the claim, or who does what it says."""
    if other.name is None:
        return said.kind is other.kind and said.name is None
    theirs = _words(other.name)
    if said.kind is VoiceKind.SPEAKER and said.name:
        ours = _words(said.name)
        return bool(ours and theirs) and (_all_in(ours, theirs) or _all_in(theirs, ours))
    keys = {word.key for word in theirs if word.name} or {word.key for word in theirs}
    return any(word.key in keys for word in acting)


def _all_in(some: Sequence[Word], others: Sequence[Word]) -> bool:
    return all(any(one.key == other.key or is_derived(one, other) for other in others) for one in some)


def _voice(passage: Passage, span: Span) -> Voice:
    sentences = [passage.text[s.start - passage.start : s.end - passage.start] for s in passage.sentences]
    place = passage.sentences.index(span)
    return voice_of(sentences[place], sentences[:place])


def _words(text: str) -> list[Word]:
    return [word for word in read(text) if word.key]


def _rejection(sentences: Sequence[Compared], of: Compared) -> Compared | None:
    """The sentence in which the document itself rejects what a sentence claims: this one, or one beside it."""
    said = verdict_on(of.passage, of.passage.sentences.index(of.span))
    if said is None:
        return None
    return next(
        other
        for other in sentences
        if other.document == of.document and other.span.start <= said.start and said.end <= other.span.end
    )


def _speaker(sentence: Compared) -> str:
    if sentence.voice.kind is VoiceKind.DOCUMENT:
        return "one source, as its own judgement"
    return sentence.voice.name or "somebody the source does not name here"


# --- what is said of the outcome -----------------------------------------------------------------


def _status(findings: Sequence[Finding]) -> Status:
    relations = {finding.relation for finding in findings}
    if len(relations) == 2:
        return Status.DISPUTED
    if not relations:
        return Status.NOT_FOUND
    return Status.SUPPORTED if Relation.SUPPORTS in relations else Status.CONTRADICTED


def _why(claim: str, sentences: Sequence[Compared]) -> tuple[str, Compared] | None:
    """Why the sentence that comes nearest says nothing of the claim, where that is plain."""
    for sentence in sorted(sentences, key=lambda each: (-each.alignment.share, -each.relevance)):
        found = sentence.alignment
        if found.share < 0.6:
            return None
        if found.clashes:
            clash = found.clashes[0]
            if clash.kind == "negation":
                return "The nearest sentence says the opposite of a part of it.", sentence
            its, mine = _whole(sentence.text, clash.found), _whole(claim, clash.claimed)
            return f"The nearest sentence speaks of {its}, not {mine}.", sentence
        if found.missing:
            lacks = (*found.unnamed, *found.missing)[0]
            return f"The nearest sentence does not mention {_whole(claim, lacks.text)}.", sentence
        if found.doubts:
            return f"The nearest sentence has its words, but {found.doubts[0]}.", sentence
    return None


def _whole(text: str, part: str) -> str:
    """The whole name that a word of a text belongs to: "Anna Berg" for "Berg"."""
    words = read(text)
    at = next((at for at, word in enumerate(words) if word.text == part and word.name), None)
    if at is None:
        return part
    first = last = at
    while first and words[first - 1].name and not words[first].apart:
        first -= 1
    while last + 1 < len(words) and words[last + 1].name and not words[last + 1].apart:
        last += 1
    return text[words[first].start : words[last].end]


def _nearest(sentences: Sequence[Compared], first: Compared | None) -> list[Compared]:
    """One sentence of each of the nearest passages, and before them the one that is spoken of."""
    ordered = sorted(sentences, key=lambda each: (each is not first, -each.alignment.share - each.relevance))
    best: dict[str, Compared] = {}
    for sentence in ordered:
        best.setdefault(sentence.passage.id, sentence)
    return list(best.values())[:NEAREST]


def _differs(alignment: Alignment) -> Span | None:
    return alignment.clashes[0].span if alignment.clashes else None


def _sureness(sentence: Compared, relation: Relation) -> float:
    """How probable the relation is: by the share of words that agree, and by the reader."""
    by_reader = sentence.support if relation is Relation.SUPPORTS else sentence.contradict
    return round((sentence.alignment.share + by_reader) / 2, 4)
