"""Which sentences of the ranked passages answer a question, and how sure that is."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from math import inf

import numpy as np
import numpy.typing as npt

from bot.answering.confidence import OF_SENTENCES, Confidence, Fitted, logistic, shipped
from bot.answering.disagreement import SURE, Stated, disagreements
from bot.answering.navigation import says_nothing
from bot.answering.rows import Rows, whole_cell
from bot.english.numerals import NUMBER_WORDS
from bot.english.values import Kind, mentions
from bot.english.voices import Voice, voice_in
from bot.question.asked import HOW_MANY, Asked, is_mark
from bot.question.forms import QuestionForm
from bot.question.numbered import is_numbered, is_of_another
from bot.question.speech import Words, in_full
from bot.question.wanted import Wanted
from bot.reader.reading import Found, Reader, Reading
from embeddings.reading.marks import unmarked
from embeddings.searching.index import Hit, Index, Ranking
from embeddings.splitting.passages import PATH, Passage, Span
from embeddings.splitting.terms import STOPWORDS, term_set, terms

MOST_VALUES = 8
"""Different values that an answer shows."""


_OVERLAP = OF_SENTENCES.index("sentence_overlap")
_CLEAR = 12.0
"""Logits beyond this, in either direction, say no more."""
_FIRST = 5.0
"""What puts a cell that its row and column name before other sentences."""
_LAST = 100.0
"""What puts a sentence that cannot be the answer behind all others."""
_HELD = 0.5
"""How sure, as a logit, a sentence at least is that names the office or its holder that was asked for, or the cell of a
table by its row and column."""
_TOLD = 0.75
"""The share of the question's terms, by rarity, that a row and a column name which answer it without more."""
_SURE_VALUE = 0.0
"""What the reader found is marked when its margin over there being no answer is at least this."""
_PLAIN = 1.0
"""A number that plainly counts what is asked for may be less sure by so much, as a logit, and is still compared."""
_SAID = {True: 1.0, False: -2.0, None: 0.0}
"""What it adds, as a logit, that a sentence has the words of the one whose words are wanted, by name, or has not.

Chosen on 110 questions about 300 articles of three newspapers; half or twice of it does as well."""
_INTRODUCED = 50_000
"""In so many characters a document has named in full whom it goes on to call by the last name."""
_SAME_THING = 0.25
"""A number answers only in a sentence with this share of the question's terms, by rarity."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage: `sentence` is the document's text from `start` to `end`."""

    sentence: str
    passage: Passage
    start: int
    end: int
    relevance: float
    """Orders the sentences of one question."""
    confidence: float
    """How probable it is that this sentence answers the question."""
    index: Index = field(compare=False, repr=False)
    """The index that the passage is of."""
    highlight: Span | None
    """Where in the sentence the value stands that was asked for."""
    count: Span | None = None
    """The same where it is plain by the words that a number counts what was asked about."""
    value: Span | None = None
    """Where the best value of the kind asked for stands, however unsure that it is the answer."""
    sure: float = -inf
    """How sure that is, as a logit."""

    @property
    def voice(self) -> Voice:
        """Who speaks in it: read when it is asked for, which is for few of a question's sentences."""
        return voice_in(self.passage, Span(self.start, self.end), self.index)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit with its features, in the order of those of `fitted`."""

    hit: Hit
    span: Span
    features: npt.NDArray[np.float64]
    fitted: Fitted
    found: Found | None = None
    """What the reader found in the sentence, in characters of the passage."""
    given: Found | None = None
    """The same among values of the kind that is asked for."""
    held: Span | None = None
    """Where in the sentence the holder of an office stands, or the office, where that is asked for."""
    named: bool = False
    """Whether it is the row of a table that the question names."""
    cell: Span | None = None
    """Where in such a row the cell stands that is asked for, if that is plain."""
    told: bool = False
    """Whether the names of this row, this column and the document are nearly all that the question asks about."""
    possible: bool = True
    """Whether it can be the answer: not without a number where one is asked for, nor in the words of somebody else, nor
    where no document has any word of the question ("lol")."""
    said: bool | None = None
    """Where somebody's words are wanted, whether it is said by name that the sentence has them; not of transcripts."""

    @property
    def value(self) -> Span | None:
        """Where in the sentence the reader found the answer, if it is sure that it is one."""
        if self.found is None or self.found.margin < _SURE_VALUE:
            return None
        return self._within(self.found.span)

    def _within(self, span: Span) -> Span:
        """Characters of the passage as characters of the sentence."""
        before = self.span.start - self.hit.passage.start
        return Span(span.start - before, span.end - before)

    @property
    def stated(self) -> Span | None:
        """Where in the sentence the best value of the kind asked for stands."""
        return self._within(self.given.span) if self.given else None

    @property
    def odds(self) -> float:
        """The confidence as a logit."""
        if not self.possible:
            return -inf
        fitted = self.fitted.sure.odds(self.features) + _SAID[self.said]
        return max(fitted, _HELD) if self.held or self.told else fitted

    @property
    def sure(self) -> float:
        """How sure it is that this value answers, as a logit: less where the reader would point elsewhere instead."""
        return self.odds - (self.found.margin - self.given.margin) if self.given and self.found else -inf

    @property
    def relevance(self) -> float:
        """Orders the sentences of one question."""
        return (
            float(self.features @ self.fitted.rank)
            + _SAID[self.said]
            + _FIRST * self.told
            - _LAST * (not self.possible)
        )

    @property
    def confidence(self) -> float:
        """How probable it is that this sentence answers the question."""
        return logistic(self.odds)


def find_evidence(
    question: QuestionForm,
    ranking: Ranking,
    index: Index,
    reader: Reader | None = None,
    confidence: Confidence | None = None,
) -> tuple[Evidence, ...]:
    """Every sentence of the ranked passages as evidence, the best first."""
    best: dict[tuple[str, Span], Candidate] = {}
    for candidate in candidates(question, ranking, index, reader, confidence):
        key = (candidate.hit.passage.document_id, candidate.span)
        if key not in best or candidate.relevance > best[key].relevance:
            best[key] = candidate
    ordered = sorted(best.values(), key=lambda found: (-found.relevance, found.hit.passage.id, found.span))
    return tuple(_evidence(found, question, index) for found in ordered)


def _evidence(found: Candidate, question: QuestionForm, index: Index) -> Evidence:
    passage, span = found.hit.passage, found.span
    sentence = passage.text_of(span)
    same = found.features[_OVERLAP] >= _SAME_THING and not found.named
    told = found.cell if found.told and found.stated else None
    count = told or (counted(question.text, sentence) if same else None)
    marked = count or found.held or _speaker(question, passage, span, index) or _value(question, sentence, found)
    if question.proposed is not None:
        marked = None  # it is answered by yes or no, and by no words of the sentence alone
    elif found.named:
        marked = found.cell
    elif marked and sentence.startswith("|"):
        marked = whole_cell(sentence, marked)
    return Evidence(
        sentence=sentence,
        passage=passage,
        start=span.start,
        end=span.end,
        relevance=found.relevance,
        confidence=found.confidence,
        index=index,
        highlight=_whole(sentence, marked) if marked else None,
        count=count,
        value=(found.cell if found.stated else None) or count or found.stated,
        sure=max(found.odds, SURE) if count and found.odds > SURE - _PLAIN else found.sure,
    )


def _speaker(question: QuestionForm, passage: Passage, span: Span, index: Index) -> Span | None:
    """Where in a sentence the one who speaks is named, when the question is who said something."""
    name = voice_in(passage, span, index).name if question.who_says else None
    at = passage.text_of(span).find(name) if name else -1
    return Span(at, at + len(name)) if name and at >= 0 else None


def _value(question: QuestionForm, sentence: str, found: Candidate) -> Span | None:
    """What the reader is sure of; where a number or date is asked for, the one it takes, or the only one there is."""
    wanted = question.value
    if not wanted or wanted.kind not in (Kind.NUMBER, Kind.DATE):
        return found.value
    fitting = _fitting(question.text, wanted, sentence)
    read = [one for one in fitting if found.value and found.value.start <= one.start and one.end <= found.value.end]
    if len(read) == 1 or not fitting:
        return found.value
    return found.stated if found.value else fitting[0] if len(fitting) == 1 else None


def _whole(sentence: str, marked: Span) -> Span:
    """What is marked, with the number of a unit that would stand alone ("14 metres"), without half a pair of quotation
    marks."""
    number = _NUMBER_BEFORE.search(sentence, 0, marked.start)
    if number and sentence[marked.start].islower() and not any(map(str.isdigit, sentence[slice(*marked)])):
        marked = Span(number.start(), marked.end)
    text = sentence[slice(*marked)]
    if text.count('"') % 2 and text.strip('"'):
        return Span(marked.start + text.startswith('"'), marked.end - text.endswith('"'))
    return marked


def differing(question: QuestionForm, evidence: Sequence[Evidence], index: Index) -> tuple[Evidence, ...]:
    """Where documents differ, for each value the sentence that gives it most surely, the surest first.

    At most `MOST_VALUES`. When the best sentence gives the number that was asked for, only such numbers are compared.
    """
    compared = [found for found in evidence if found.value and (found.count or not evidence[0].count)]
    compared.sort(key=lambda found: -found.sure)
    differences = disagreements(
        question.value, (stated_by(number, each, index) for number, each in enumerate(compared))
    )
    first = sorted(position.citations[0] for one in differences for position in one.positions)
    return tuple(compared[number] for number in first[:MOST_VALUES])


def stated_by(number: int, found: Evidence, index: Index) -> Stated:
    """What a citation with this number says."""
    document = index.document_of[found.passage.document_id]
    return Stated(number, document.id, found.sentence, found.value, document.published, found.passage.text, found.sure)


def counted(question: str, sentence: str) -> Span | None:
    """For "how many …", the number in the sentence that counts what is asked about, if it is plain which."""
    asked = HOW_MANY.search(question)
    if not asked:
        return None
    wanted = terms(asked[1])[:3]
    found = []
    for number in _COUNT.finditer(sentence):
        if _YEAR.fullmatch(number[0]) or is_mark(sentence, Span(*number.span())):
            continue
        following = terms(" ".join(sentence[number.end() :].split()[:4]))
        if wanted and wanted[0] in following:
            found.append((len(set(wanted) & set(following)), number))
    if not found:
        return None
    most = max(share for share, _ in found)
    best = [number for share, number in found if share == most]
    return Span(*best[0].span()) if len(best) == 1 else None


_YEAR = re.compile(r"(?:19|20)(?!00)\d\d")
"""A number that says when rather than how many: "2016 murder counts"."""
_NUMBER_BEFORE = re.compile(r"(?<![\w.,–-])(?![12]\d{3} )\d[\d.,]{0,20} $")  # no year
_COUNT = re.compile(
    r"(?:\b(?:several|few|many|couple of|half a) )?"  # "several thousand" is not a thousand
    rf"(?<![\w–-])(?:\d++(?:[.,]\d++)*+|(?:{'|'.join(NUMBER_WORDS)})\b)(?:[ -](?:{'|'.join(NUMBER_WORDS)})\b)*+"
    r"(?![–-]?\w| ?%| per ?cent)",  # a part of a word, of a range or of a whole counts nothing
    re.IGNORECASE,
)


def candidates(
    question: QuestionForm,
    ranking: Ranking,
    index: Index,
    reader: Reader | None = None,
    confidence: Confidence | None = None,
) -> Iterator[Candidate]:
    """Every sentence of the ranked passages with what speaks for and against it.

    `confidence` is the shipped one if none is given.
    """
    confidence = confidence or shipped()
    retrieved = _retrieved(question, ranking, index, confidence.retrieval)
    return _read(question, ranking, index, reader, retrieved, confidence.reading) if reader else retrieved


def _read(
    question: QuestionForm,
    ranking: Ranking,
    index: Index,
    reader: Reader,
    retrieved: Iterable[Candidate],
    fitted: Fitted,
) -> Iterator[Candidate]:
    """Every sentence as it was retrieved, with what the reader makes of it and of its passage."""
    labels = [(index.document_of[hit.passage.document_id].title, hit.passage.heading) for hit in ranking.hits]
    texts = [
        (": ".join(filter(None, label)), hit.passage.text) for label, hit in zip(labels, ranking.hits, strict=True)
    ]
    read = dict(zip((hit.passage.id for hit in ranking.hits), reader.read(question.text, texts), strict=True))
    answers = {key: float(np.clip(reading.answer, -_CLEAR, _CLEAR)) for key, reading in read.items()}
    sentences = []
    for candidate in retrieved:
        passage, span = candidate.hit.passage, candidate.span
        found = read[passage.id].best(span.start - passage.start, span.end - passage.start)
        margin = float(np.clip(found.margin, -_CLEAR, _CLEAR)) if found else -_CLEAR
        sentences.append((candidate, found, margin))
    likely = [each for each in sentences if each[0].possible] or sentences
    most_answer = max((answers[candidate.hit.passage.id] for candidate, _, _ in likely), default=0.0)
    most_margin = max((margin for _, _, margin in likely), default=0.0)
    best = {key: reading.best() for key, reading in read.items()}
    for key in {candidate.hit.passage.id for candidate, _, _ in sentences if not candidate.possible}:
        there = [found for candidate, found, _ in likely if found and candidate.hit.passage.id == key]
        best[key] = max(there, key=lambda found: found.margin, default=None)
    wanted = question.value
    for candidate, found, margin in sentences:
        answer = answers[candidate.hit.passage.id]
        holds = found is not None and found == best[candidate.hit.passage.id]
        features = (answer, most_answer - answer, margin, most_margin - margin, float(holds))
        yield replace(
            candidate,
            features=np.append(candidate.features, features),
            fitted=fitted,
            found=found,
            given=_best_of_kind(question.text, wanted, candidate, read[candidate.hit.passage.id]) if wanted else None,
        )


def _best_of_kind(question: str, wanted: Asked, candidate: Candidate, reading: Reading) -> Found | None:
    """What answers best in a sentence among the values of the kind asked for."""
    passage, span = candidate.hit.passage, candidate.span
    start, end = span.start - passage.start, span.end - passage.start
    found = []
    for mention in _fitting(question, wanted, passage.text[start:end]):
        whole = Span(start + mention.start, start + mention.end)
        best = reading.best(*whole)
        if best:
            found.append(best if wanted.kind in (Kind.NAME, Kind.WORD) else Found(whole, best.margin))
    return max(found, key=lambda one: one.margin, default=None)


def _fitting(question: str, wanted: Asked, sentence: str) -> list[Span]:
    """The values of the kind asked for; of several numbers those of the part that names what the question names.

    "In Oslo were 5, in Bergen 7": each part with a name of its own counts something of its own.
    """
    found = [mention for mention in mentions(sentence, wanted.kind) if wanted.fits(sentence, mention)]
    if wanted.kind is not Kind.NUMBER or len(found) < 2:
        return found
    names = _names(question)
    bounds = [0, *(joint.end() for joint in _JOINT.finditer(sentence)), len(sentence)]
    parts = [Span(*ends) for ends in pairwise(bounds)]
    naming = [part for part in parts if not names.isdisjoint(terms(sentence[slice(*part)]))]
    others = [part for part in parts if part not in naming and _names(sentence[slice(*part)])]
    if len(naming) != 1 or not others:
        return found
    return [mention for mention in found if naming[0].start <= mention.start < naming[0].end] or found


def _is_said(words: Words | None, sentence: str, voice: Voice, stated: frozenset[str]) -> bool | None:
    """Whether a sentence of this voice has the words that are wanted, if any are.

    Neither is said of one in which he only acts, nor of his words where they name nothing of what they are to be about.
    """
    if not words or not words.who:
        return None
    if not words.are_in(voice):
        return None if words.are_by_subject_of(sentence) else False
    return True if not words.topic or not words.topic.isdisjoint(stated) else None


def _named(speaker: str | None, words: Words | None) -> frozenset[str]:
    """The terms that a speaker's name stands for: of whose words are wanted, all of the name in the question."""
    if speaker and words and words.are_of(speaker):
        return words.who
    return term_set(speaker) if speaker else frozenset()


def _names(text: str) -> set[str]:
    return {term for word in _CAPITAL.findall(text) if word.lower() not in STOPWORDS for term in terms(word)}


_CAPITAL = re.compile(r"\b[A-Z][\w-]*")
_JOINT = re.compile(r"[,;:] (?:and |while |but )?| (?:and|while|but|compared with|versus) ")


def _retrieved(form: QuestionForm, ranking: Ranking, index: Index, fitted: Fitted) -> Iterator[Candidate]:
    question = Wanted.of(form, index.lexical)
    unheard_of = bool(question.terms) and not question.known
    counts = form.value is not None and form.value.kind is Kind.NUMBER
    documents = dict.fromkeys(hit.passage.document_id for hit in ranking.hits) if form.words else ()
    texts = [index.document_of[key].text[:_INTRODUCED] for key in documents]
    full_name = cache(lambda name: in_full(name, texts))
    for hit in ranking.hits:
        passage = hit.passage
        document = index.document_of[passage.document_id]
        heading = f"{document.title}\n{passage.heading}"
        label = term_set(f"{document.label}\n{passage.heading}")
        if document.published:
            label |= question.dated(document.published)
        names = (term_set(document.title), term_set(passage.heading.rpartition(PATH)[2]))
        held_terms = label | term_set(passage.text) | term_set(passage.speaker)
        passage_overlap = question.overlap(held_terms)
        rows = Rows(passage, document.text, form.text, question.terms)
        elsewhere, numbered = is_of_another(form.text, heading), is_numbered(form.text, heading)
        if question.years:
            dated = "\n".join((heading, passage.text, *rows.headers))
            elsewhere = elsewhere or question.is_of_other_years(dated, document.published)
        uncounted = bool(question.numbers) and question.numbers.isdisjoint(held_terms)
        before: list[str] = []
        for span, cosine in zip(passage.sentences, hit.sentences, strict=True):
            sentence = passage.text_of(span)
            turn = passage.turn_at(span.start)
            voice = voice_in(passage, span, index) if form.words else None
            if voice and voice.name:
                voice = replace(voice, name=full_name(voice.name))
            speaker = voice.name if voice else turn.speaker if turn else None
            own = term_set(sentence)
            header = frozenset[str]() if own.isdisjoint(question.terms) else rows.header(span)
            stated = own | header | _named(speaker, form.words)
            nearby = label | stated | (term_set(before[-1]) if before and not header else frozenset())
            office = question.office
            held = office.held_in(sentence, nearby) if office else None
            another = office is not None and held is None and office.is_another_in(sentence)
            doubtful = uncounted or another or question.is_doubtful_in(sentence, before)
            features = (
                cosine,
                hit.dense,
                hit.score,
                question.overlap(stated),
                question.overlap(nearby),
                passage_overlap,
                question.names_missing(nearby),
                float(question.kind_missing(sentence)),
                float(doubtful and held is None),
                float(question.is_misplaced(nearby) and held is None),
                question.introduced(sentence, names),
            )
            # A picture or a link to another page says nothing, nor a speaker's name or question, nor an FAQ's heading
            asks = "?" in sentence and unmarked(sentence).rstrip("*_").endswith("?")
            asks = asks and (turn is not None or form.words is None)
            says = not (asks or says_nothing(sentence)) and (turn is None or span.end > turn.said)
            cell = rows.value(span, counts) if span in rows.named else None
            yield Candidate(
                hit,
                span,
                np.array(features),
                fitted,
                held=held,
                cell=cell.span if cell else None,
                told=cell is not None and question.overlap(label | cell.of) >= _TOLD,
                named=span in rows.named,
                possible=says
                and not (unheard_of or elsewhere or span in rows.others)
                and (numbered or not is_of_another(form.text, sentence))
                and question.may_be_in(sentence, voice),
                said=_is_said(form.words, sentence, voice, stated) if voice and not turn else None,
            )
            before.append(sentence)
