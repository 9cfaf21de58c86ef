"""Claims in, verdicts out: what the documents say for a claim and against it, sentence by sentence.

A sentence supports a claim only when it says the same of the same, without a "not" or a "may" between them; the rules
are in `alignment`. Where a word is only said in one that comes near, the reader has to agree. Where no sentence says
it so, its numbers are asked for, and what answers is compared (`replies`). A document's own voice can
support a plain claim; what somebody is only quoted with supports that they said it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from bot.answering.answerer import PASSAGES, RANKED, Answerer
from bot.answering.answers import Citation, Question, Searched, Source, Statement
from bot.checking.alignment import NUMBER_ABSENT, SOMEBODY_ELSE, Alignment, Claim, Clash, align
from bot.checking.replies import Place, Reply, replies
from bot.english.verdicts import denies, verdict_on
from bot.english.voices import Voice, VoiceKind, voice_in, voice_of
from bot.english.words import Word, is_firm, is_near, read
from bot.question.content import check_claim
from bot.readable import readable
from bot.reader.reading import CONTRADICT, SUPPORT
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.index import Index, Ranking
from embeddings.searching.retrieval import MAX_QUERY
from embeddings.splitting.passages import Passage, Span
from embeddings.splitting.sentences import segment

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
    Status.SUPPORTED: Message("The documents support this."),
    Status.CONTRADICTED: Message("The documents contradict this."),
    Status.DISPUTED: Message("The documents disagree about this."),
    Status.NOT_FOUND: Message("The documents neither support nor contradict this."),
}


def claims_in(text: str) -> Iterator[str]:
    """The sentences of a text that claim something, in its order: no questions, nothing too long to be looked up.

    >>> list(claims_in("Really? **The bridge was closed on Monday.**"))
    ['The bridge was closed on Monday.']
    """
    for line in readable(text).text.splitlines():
        for sentence in map(str.strip, segment(line)):
            if len(sentence) <= MAX_QUERY and not sentence.endswith("?"):
                with suppress(BadRequest):
                    check_claim(sentence)
                    yield sentence


class Relation(StrEnum):
    """What a statement does to a claim."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"


LIMIT = 0.5
"""A sentence that says some words of the claim in words that come near supports it from this probability on, by the
reader. Chosen by `benchmarks/report_claims.py limit`."""
_HALF = 0.5
"""Of the claim's words, so many are in a sentence at least that the reader is asked."""


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
    support: float
    contradict: float
    relevance: float
    reply: Reply | None = None

    @property
    def document(self) -> str:
        """The id of its document."""
        return self.passage.document_id


_Places = dict[Place, tuple[Passage, float]]
"""Sentences, each with a passage that has it and its cosine with the claim."""


class Checker:
    """Checks claims against the index of an answerer, with its reader where it has one."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer

    @property
    def index(self) -> Index:
        """The index claims are checked against."""
        return self._answerer.index

    def check(self, claim: Question) -> Verdict:
        """What the documents say for the claim and against it. Raises BadRequest for one that cannot be looked up."""
        answerer = self._answerer.within(claim.filters)
        if answerer is not self._answerer:
            return Checker(answerer).check(claim)
        ranking, sentences = self.compare(claim)
        found, why = judge(claim.whole, sentences)
        if not found and answerer.reader:
            sentences = self._asked(claim.whole, ranking, sentences)
            found, why = judge(claim.whole, sentences)
        findings = self._findings(found)
        status = _status(findings)
        near = [] if findings else _nearest(sentences, why[1] if why else None)
        return Verdict(
            question=claim,
            status=status,
            confidence=max((finding.statement.confidence for finding in findings), default=0.0),
            findings=findings,
            nearest=tuple(Citation.of(self.index, n, one.passage, one.span) for n, one in enumerate(near, 1)),
            why=None if findings or why is None else why[0],
            searched=answerer.searched(ranking, (finding.statement.citation.document.id for finding in findings)),
            source=answerer.source,
        )

    def compare(self, claim: Question) -> tuple[Ranking, list[Compared]]:
        """What was found for a claim, and every sentence of it beside the claim. Raises BadRequest as `check`."""
        wanted = RANKED if self.index.copies else PASSAGES
        ranking = self._answerer.in_english(self._answerer.retriever.search(claim.whole, wanted, claim.filters))
        check_claim(claim.whole)
        return ranking, self._compared(Claim.of(claim.whole), self._places(ranking), {})

    def _asked(self, claim: str, ranking: Ranking, sentences: Sequence[Compared]) -> list[Compared]:
        """The sentences beside a claim, those anew, and more, that answer where its numbers are asked for."""
        read_once = Claim.of(claim)
        given = replies(self._answerer, read_once)
        known = self._places(ranking)
        places: _Places = {}
        for place, (passage, _) in given.items():
            places[place] = known.get(place, (passage, 0.0))
        again = self._compared(read_once, places, {place: reply for place, (_, reply) in given.items()})
        return [*{(one.document, one.span): one for one in (*sentences, *again)}.values()]

    def _places(self, ranking: Ranking) -> _Places:
        places: _Places = {}
        for hit in ranking.hits:
            for span, cosine in zip(hit.passage.sentences, hit.sentences, strict=True):
                places.setdefault((hit.passage.document_id, span), (hit.passage, cosine))
        return places

    def _compared(self, claim: Claim, places: _Places, given: Mapping[Place, Reply]) -> list[Compared]:
        """The sentences in these places beside a claim, with what some of them answer."""
        texts = [self._text(document, span) for document, span in places]
        documents = {document for document, _ in places}
        called = {each: claim.called_in(self.index.document_of[each].text) for each in documents}
        aligned = [align(claim, text, called[document]) for text, (document, _) in zip(texts, places, strict=True)]
        replied = [given.get(place) for place in places]
        shares = self._read(claim.text, texts, aligned, replied)
        return [
            Compared(passage, span, text, voice_in(passage, span, self.index), alignment, *share, cosine, reply)
            for ((_, span), (passage, cosine)), text, alignment, share, reply in zip(
                places.items(), texts, aligned, shares, replied, strict=True
            )
        ]

    def _read(
        self, claim: str, texts: Sequence[str], aligned: Sequence[Alignment], replied: Sequence[Reply | None]
    ) -> list[tuple[float, float]]:
        """What the reader says of the sentences that could matter: support and contradiction."""
        shares = [(0.0, 0.0)] * len(texts)
        reader = self._answerer.reader
        rows = [
            row
            for row, found in enumerate(aligned)
            if (replied[row] or (found.share >= _HALF and not found.doubts)) and not any(map(is_firm, found.missing))
        ]
        if reader is None or not rows:
            return shares
        distinct = list(dict.fromkeys(texts[row] for row in rows))
        said = dict(zip(distinct, reader.compare(claim, distinct), strict=True))
        for row in rows:
            shares[row] = float(said[texts[row]][SUPPORT]), float(said[texts[row]][CONTRADICT])
        return shares

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
                    citation=Citation.of(self.index, number, sentence.passage, sentence.span),
                    voice=sentence.voice,
                    highlight=_clash(sentence) if relation is Relation.CONTRADICTS else None,
                    confidence=_sureness(sentence, relation),
                ),
                relation,
            )
            for number, (sentence, relation) in enumerate(chosen, 1)
        )


def judge(
    claim: str, sentences: Sequence[Compared], limit: float = LIMIT
) -> tuple[list[tuple[Compared, Relation]], tuple[str, Compared] | None]:
    """The sentences for and against a claim; where there is none, why, and the sentence it is said of."""
    said, denied = voice_of(claim), denies(claim)
    attributed = said.kind is not VoiceKind.DOCUMENT or _ATTRIBUTES.search(claim) is not None
    supports: list[Compared] = []
    against: list[Compared] = []
    refused: list[Compared] = []
    claimed: list[tuple[Compared, Compared | None]] = []
    for sentence in sentences:
        own = sentence.voice.kind is VoiceKind.DOCUMENT or sentence.alignment.titled
        own = own or (attributed and _same_speaker(claim, said, sentence.voice))
        if _bears_out(sentence, limit):
            if denies(sentence.text) and not denied and own:
                refused.append(sentence)
            elif attributed and not own:
                pass
            elif own and (attributed or not _is_judgement(sentence)):
                supports.append(sentence)
            else:
                claimed.append((sentence, None if denied else _rejection(sentences, sentence)))
        elif (clash := _only_clash(sentence)) and (own or clash.kind == "number"):
            against.append(sentence)
    where = {sentence.document for sentence in supports}
    against = [sentence for sentence in against if sentence.document not in where] + refused
    found = [(sentence, Relation.SUPPORTS) for sentence in supports]
    found += [(sentence, Relation.CONTRADICTS) for sentence in against]
    for sentence, rejection in claimed:
        if rejection and not supports:
            found += [(sentence, Relation.SUPPORTS), (rejection, Relation.CONTRADICTS)]
    if found:
        return found, None
    if claimed:
        first = claimed[0][0]
        why = Message("Only claimed by {speaker}; no source says so in its own words.", speaker=_speaker(first))
        return [], (why, first)
    return [], _why(claim, sentences)


def _bears_out(sentence: Compared, limit: float) -> bool:
    """Whether a sentence says what the claim says, whoever speaks."""
    found = sentence.alignment
    if found.clashes or found.doubts:
        return False
    if sentence.reply and sentence.reply.same and not sentence.reply.is_date and sentence.support >= limit:
        return not any(map(is_firm, found.missing))
    if found.missing:
        return False
    return not found.near or (found.share >= _HALF and sentence.support >= limit)


def _only_clash(sentence: Compared) -> Clash | None:
    """What one thing a sentence says otherwise than the claim, all else being the same."""
    found = sentence.alignment
    if (reply := sentence.reply) and not reply.same and sentence.contradict >= _HALF:
        plain = all(clash.kind == "number" for clash in found.clashes) and not any(map(is_firm, found.missing))
        if plain and {*found.doubts} <= {SOMEBODY_ELSE, NUMBER_ABSENT}:
            return Clash("number", reply.claimed, reply.given, reply.span)
    if found.doubts or found.missing or found.near or found.share < _HALF or len(found.clashes) != 1:
        return None
    return found.clashes[0]


# --- voices --------------------------------------------------------------------------------------

_JUDGES = re.compile(r"\b(?:the|this) (?:account|article|note|report) (?:calls|describes|considers|concludes)\b", re.I)
"""A document's own judgement, which is no fact."""
_ATTRIBUTES = re.compile(
    r"\b(?:accus|blam|denounc|describ|compar|call|complain|list|repeat|urg|promis|offer|acknowledg|report|warn|confirm|"
    r"condemn|critici[sz]|estimat|vow|threaten|admit|conced)",
    re.I,
)


def _is_judgement(sentence: Compared) -> bool:
    """Whether what aligns with the claim is what the document "calls" something."""
    judged = _JUDGES.search(sentence.text)
    return judged is not None and judged.start() < sentence.alignment.start


def _same_speaker(claim: str, said: Voice, other: Voice) -> bool:
    """Whether the one whom a sentence quotes is named in the claim as who says it."""
    if other.name is None:
        return said.kind is other.kind and said.name is None
    theirs = _words(other.name)
    if said.kind is VoiceKind.SPEAKER and said.name:
        ours = _words(said.name)
        return bool(ours and theirs) and (_all_in(ours, theirs) or _all_in(theirs, ours))
    verb = _ATTRIBUTES.search(claim)
    before = claim[: verb.start()] if verb and " by " not in claim else claim
    keys = {word.key for word in theirs}
    return any(word.key in keys for word in _words(before))


def _all_in(some: Sequence[Word], others: Sequence[Word]) -> bool:
    return all(any(one.key == other.key or is_near(one, other) for other in others) for one in some)


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
        return Message("one source, as its own judgement")
    return sentence.voice.name or Message("somebody the source does not name here")


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
                return Message("The nearest sentence says the opposite of a part of it."), sentence
            its, mine = _whole(sentence.text, clash.found), _whole(claim, clash.claimed)
            return Message("The nearest sentence speaks of {its}, not {mine}.", its=its, mine=mine), sentence
        if found.missing:
            missing = _whole(claim, found.missing[0].text)
            return Message("The nearest sentence does not mention {missing}.", missing=missing), sentence
        if found.doubts:
            return Message("The nearest sentence has its words, but {doubt}.", doubt=found.doubts[0]), sentence
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


def _clash(sentence: Compared) -> Span | None:
    if sentence.reply and not sentence.reply.same:
        return sentence.reply.span
    return next((clash.span for clash in sentence.alignment.clashes), None)


def _sureness(sentence: Compared, relation: Relation) -> float:
    """How probable the relation is: by the share of words that agree, and by the reader."""
    by_reader = sentence.support if relation is Relation.SUPPORTS else sentence.contradict
    return round((sentence.alignment.share + by_reader) / 2, 4)
