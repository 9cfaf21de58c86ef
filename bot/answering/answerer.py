"""Questions in, answers out: an Answer made of exact quotations, or a NoAnswer with the nearest ones."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import count, islice

from bot.answering.answers import MAYBE, Answer, Citation, NoAnswer, Question, Searched, Source, Statement
from bot.answering.bylines import is_by
from bot.answering.confidence import Confidence, shipped
from bot.answering.denials import Said, contested, opposed
from bot.answering.disagreement import Disagreement, disagreements
from bot.answering.evidence import Evidence, differing, find_evidence, stated_by
from bot.answering.extracts import Extract, StatementKind, confidence, extract, header, numbered, with_named_first
from bot.answering.naming import named_documents
from bot.answering.navigation import says_nothing, with_asides_last, without_contents, without_directories
from bot.answering.nearness import why_not
from bot.answering.sections import numbered_parts
from bot.answering.statements import MOST_STATEMENTS, Choice, Quoted, about_the_same, choose, quoted, says_the_same
from bot.english.dates import dates_in
from bot.english.verdicts import verdict_on
from bot.english.voices import Voice, VoiceKind, voice_in
from bot.question.content import check_question
from bot.question.forms import Form, QuestionForm
from bot.question.links import has_topic
from bot.question.numbered import is_of_another
from bot.question.speech import Words
from bot.question.wording import Wording
from bot.reader.reading import Reader
from embeddings.encoding.encoder import Encoder
from embeddings.reading.language import SHORT, language_of
from embeddings.searching.index import Hit, Index, Ranking
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.splitting.passages import Span, label_of
from embeddings.splitting.terms import term_set, words
from embeddings.splitting.turns import Turn
from embeddings.storing.generations import Opened

PASSAGES = 10
"""How many of the ranked passages evidence is looked for in, not counting those that repeat others."""
RANKED = 40
"""How many passages are ranked, so that one document, or copies of it, cannot fill all places."""
REPORTED = 0.15
"""Documents report what people say where so large a share of the sentences that are found is somebody's."""
MANY = 200
"""How many are where those are sought in which somebody speaks, or of documents that the question names."""
UNASKED = 0.85
"""How much less sure, as a logit, a passage is to answer a question that does not ask what to do: 0.7 becomes 0.5.
That leaves out all unanswerable ones of this form in benchmarks/development, of which the surest is at 0.60."""
ANSWERED = -0.4
"""The same where a sentence is sure to answer it: 0.4 becomes 0.5. Of 21 such passages, of questions about six open
manuals and rule books, 18 held the answer, and 8 of the sentences."""
NUMBERED = 0.95
"""How sure "rule 6" is the sixth of the rules, and "section 3.6" what has that number: a heading says so."""
MOST_COMPARED = 6
"""Accounts that a comparison shows: with their buttons they fill a message."""
NEAREST = 3
"""How many passages are shown when there is no answer."""
NARROWED = 4
"""Selections of documents by filters for which what was made of them is kept."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it was asked, as it was read (`changed` where that is worth showing), and what was found."""

    question: Question
    changed: str | None
    form: QuestionForm
    ranking: Ranking
    documents: Set[str] = frozenset()
    """Those that may answer, where the question names some; what is found in others is only compared with."""
    speakers: frozenset[str] = frozenset()
    """How transcripts name whoever is asked about, where the ranking is of what he or she says in them."""
    foreign: bool = False
    """Whether it was asked in another language than English, and finds what is in others, which nothing can judge."""


class Answerer:
    """Puts questions to one generation of an index; safe to use from several threads."""

    def __init__(
        self,
        opened: Opened,
        encoder: Encoder,
        threshold: float,
        reader: Reader | None = None,
        confidence: Confidence | None = None,
        reorder: Callable[[Ranking], Ranking] | None = None,
        corpus: str = "",
        undated: int = 0,
        any_language: bool = False,
    ) -> None:
        """`corpus` is its name, where there are several; `confidence` is the shipped one if none is given.

        `reorder` orders the passages of a ranking anew. `undated` documents without a date were left out of the index
        that is to be answered from; see `within`. Answers come from documents in `any_language` only where that is
        said, since the shipped reader knows English alone.
        """
        self.retriever = Retriever(opened.index, encoder)
        self.reader = reader
        self.source = Source(opened.manifest.generation, opened.manifest.built_at, corpus)
        self._threshold = threshold
        self._confidence = confidence or shipped()
        self._reorder = reorder
        self._undated = undated
        self._any_language = any_language

        def narrowed(documents: tuple[str, ...], undated: int) -> Answerer:
            some = Opened(opened.index.only(set(documents)), opened.manifest)
            return Answerer(some, encoder, threshold, reader, confidence, reorder, corpus, undated, any_language)

        self._narrowed = lru_cache(NARROWED)(narrowed)
        self.wording = Wording(
            opened.index.vocabulary,
            opened.index.lexical,
            is_word=lambda word: len(encoder.token_spans([word])[0]) == 1,  # the model knows it whole
        )

    @property
    def index(self) -> Index:
        """The index questions are put to."""
        return self.retriever.index

    def within(self, filters: Filters) -> "Answerer":
        """One that knows nothing of documents that the filters leave out; itself where they leave out none.

        Raises BadRequest for an unknown document.
        """
        documents = self.retriever.documents(filters)
        if len(documents) == len(self.index.documents):
            return self
        named = set(filters.documents or self.index.ids) if filters.after or filters.before else ()
        undated = sum(not entry.published for entry in self.index.entries if entry.id in named)
        return self._narrowed(documents, undated)

    def ask(self, question: Question) -> Answer | NoAnswer:
        """Answer from the documents, or say that they do not. Raises BadRequest for a bad question."""
        return self.within(question.filters)._ask(question)

    def _ask(self, question: Question) -> Answer | NoAnswer:
        asked = self._read(question)
        if asked.foreign:
            return self._unjudged(asked)
        if answer := self._numbered(asked):
            return answer
        procedure = asked.form.answer is Form.PROCEDURE
        if procedure or (asked.speakers and not asked.form.value):
            answer, whole = self._extracted(asked)
            if answer:
                return answer
            if procedure and not asked.form.thing:
                return self._no_answer(asked, self._found(asked, _first(asked.ranking)), whole)
        evidence = self._evidence(asked)
        sure = evidence[0].confidence if evidence else 0.0
        if evidence and sure >= self._threshold:
            return self._answer(asked, evidence)
        whole = asked.form.answer is Form.OPEN and not asked.form.section
        answer = self._extracted(asked, UNASKED)[0] if whole else None
        return answer or self._no_answer(asked, evidence, sure)

    def evidence(self, question: Question) -> tuple[Evidence, ...]:
        """Every sentence of what is read for a question, the best first. Raises BadRequest for a bad question."""
        return self._evidence(self._read(question))

    def compare(self, question: Question) -> Answer | NoAnswer:
        """Answer with the surest sentence of each account, those published first before the others.

        Nothing is left out because another says the same. Raises BadRequest for a bad question.
        """
        return self.within(question.filters)._compare(question)

    def _compare(self, question: Question) -> Answer | NoAnswer:
        asked = self._read(question)
        if asked.foreign:
            return self._unjudged(asked)
        evidence = self._evidence(asked)
        best: dict[str, Evidence] = {}
        for found in evidence:
            if found.confidence >= self._threshold:
                best.setdefault(self.index.account_of(found.passage.document_id), found)
        if not best:
            return self._no_answer(asked, evidence, evidence[0].confidence if evidence else 0.0)
        chosen = sorted(list(best.values())[:MOST_COMPARED], key=lambda found: self._precedence(found)[1:])
        statements = self._statements([Choice(quoted(found, self.index)) for found in chosen])
        return self._answered(asked, evidence[0].confidence, statements)

    def _answered(
        self, asked: _Asked, sure: float, statements: Iterable[Statement], differing: Iterable[Disagreement] = ()
    ) -> Answer:
        said = tuple(statements)
        cited = [*(each.citation for each in said), *(other for each in said for other in each.also)]
        return Answer(
            question=asked.question,
            confidence=sure,
            statements=said,
            disagreements=tuple(differing),
            searched=self.searched(asked.ranking, (citation.document.id for citation in cited)),
            source=self.source,
            read_as=asked.changed,
        )

    def _read(self, question: Question) -> _Asked:
        understood = self.wording.understand(question.whole)
        ranking = self.retriever.search(understood.text, RANKED)
        check_question(understood.text)
        if self._reorder:
            ranking = self._reorder(ranking)
        best = [hit.passage.document_id in self._foreign for hit in ranking.hits[:PASSAGES]]
        if any(best) and 2 * sum(best) >= len(best) and language_of(understood.text, SHORT):
            return _Asked(question, None, QuestionForm.of(ranking.query), ranking, foreign=True)
        ranking = self.in_english(ranking)
        ranking = with_named_first(with_asides_last(without_directories(ranking)), self.index)
        ranking, documents = self._of_named(ranking)
        changed = understood.text if question.meant else understood.changed
        form = QuestionForm.of(ranking.query)
        if form.words and (own := self._written_by(form.words, ranking)):
            form, ranking = QuestionForm.of(ranking.query, authored=True), own
        elif not form.words and Words.of(ranking.query, reported=True) and self._reports(ranking.hits[:PASSAGES]):
            form = QuestionForm.of(ranking.query, reported=True)
        read = _Asked(question, changed, form, ranking, documents)
        if not (speakers := _speakers(ranking.hits)):
            return read
        named = (form.words,) if form.words else Words.naming(ranking.query, speakers)
        return next(filter(None, (self._spoken(read, words) for words in named)), read)

    def in_english(self, ranking: Ranking) -> Ranking:
        """The ranking without the documents that no answer is taken from: those in other languages."""
        if not self._foreign:
            return ranking
        hits = (hit for hit in ranking.hits if hit.passage.document_id not in self._foreign)
        return replace(ranking, hits=tuple(hits))

    @cached_property
    def _foreign(self) -> frozenset[str]:
        return frozenset(entry.id for entry in self.index.entries if entry.language and not self._any_language)

    def _of_named(self, ranking: Ranking) -> tuple[Ranking, Set[str]]:
        """The ranking with the documents that the question names before others, and those that may answer then, if
        something is of them."""
        ranked = {hit.passage.document_id for hit in ranking.hits}
        named = named_documents(ranking.query, self.index, ranked)
        own = [hit for hit in ranking.hits if hit.passage.document_id in named.own]
        if named.own and len(own) < min(PASSAGES, len(ranking.hits)):
            known = {hit.passage.id for hit in own}
            further = without_directories(self.in_english(self.retriever.search(ranking.query, MANY))).hits
            own += [hit for hit in further if hit.passage.document_id in named.own and hit.passage.id not in known]
        others = (hit for hit in ranking.hits if hit.passage.document_id not in named.own)
        return replace(ranking, hits=(*own, *others)[:RANKED]), named.answering if own else frozenset()

    def _reports(self, hits: Sequence[Hit]) -> bool:
        """Whether passages say for a good part what people said."""
        voices = [voice_in(hit.passage, span, self.index) for hit in hits for span in hit.passage.sentences]
        return sum(voice.kind is VoiceKind.SPEAKER for voice in voices) > REPORTED * len(voices)

    def _written_by(self, words: Words, ranking: Ranking) -> Ranking | None:
        """A ranking of what the one wrote whose words are wanted; None where there is none, or others are reported."""
        documents = {hit.passage.document_id for hit in ranking.hits}
        own = {document for document in documents if is_by(self.index.document_of[document], words.who)}
        if not own or self._reports(ranking.hits[:PASSAGES]):
            return None
        return replace(ranking, hits=tuple(hit for hit in ranking.hits if hit.passage.document_id in own))

    def _spoken(self, asked: _Asked, words: Words) -> _Asked | None:
        """The same with what is found for the topic of somebody's words alone, of transcripts only where he or she
        speaks or is named; None where none of it is.
        """
        if not has_topic(words.rest):
            return None
        found = self.in_english(self.retriever.search(words.rest, MANY))
        own = frozenset(filter(words.are_of, _speakers(found.hits)))
        kept = (
            hit
            for hit in found.hits
            if not hit.passage.turns or _turn(hit, own) or words.who <= term_set(hit.passage.text)
        )
        return replace(asked, ranking=replace(found, hits=tuple(islice(kept, RANKED))), speakers=own) if own else None

    def _answer(self, asked: _Asked, evidence: tuple[Evidence, ...]) -> Answer:
        """An answer of sentences, or of a passage and of sentences elsewhere."""
        evidence = about_the_same(evidence, asked.form.text, self._threshold, self.index)
        said = contested(asked.form, evidence, self._threshold, self.index)
        chosen = self._chosen(asked.form, evidence, said)
        cited = [choice.shown for choice in chosen] + [other for choice in chosen for other in choice.also]
        stated = (stated_by(number, found.evidence, self.index) for number, found in enumerate(cited, 1))
        differing = (
            *disagreements(asked.form.value, stated),
            *opposed(asked.form, said, [found.evidence for found in cited], self.index),
        )
        sure = evidence[0].confidence
        if not differing and asked.form.answer is Form.OPEN and (whole := self._whole(asked, evidence, chosen)):
            others = (choice for choice in chosen if not whole.shown.holds(choice.shown.evidence))
            chosen = (whole, *others)[:MOST_STATEMENTS]
            sure = whole.shown.evidence.confidence
        return self._answered(asked, sure, self._statements(chosen), differing)

    def _whole(self, asked: _Asked, evidence: Sequence[Evidence], chosen: Sequence[Choice]) -> Choice | None:
        """The passage that answers an open question, where it is to be quoted instead of the sentences chosen.

        Marked in it is its best sentence, where that is sure enough alone.
        Not instead of a row, or of what is whole already, nor where it matters who says a sentence: where the first one
        is not plainly the document's, or documents report what people say.
        """
        first = chosen[0].shown
        row = first.evidence.sentence.startswith("|")
        if row or first.kind is not StatementKind.SENTENCE or first.evidence.voice.kind is not VoiceKind.DOCUMENT:
            return None
        if self._reports(asked.ranking.hits[:PASSAGES]):
            return None
        found, _, sure = self._extract(asked, ANSWERED)
        whole = Quoted(evidence[0], found.passage, found.span, found.kind) if found else None
        within = list(filter(whole.holds, evidence)) if whole else []
        if not whole or not within or (whole.document_id, whole.span) == (first.document_id, first.span):
            return None
        best = within[0]
        marked = Span(0, len(best.sentence)) if best.confidence >= self._threshold else None
        best = replace(best, confidence=sure, highlight=marked)
        same = (other for choice in chosen if whole.holds(choice.shown.evidence) for other in choice.also)
        also = {self.index.account_of(other.document_id): other for other in same}
        also.pop(self.index.account_of(whole.document_id), None)
        return Choice(replace(whole, evidence=best), tuple(also.values()))

    def _extracted(self, asked: _Asked, doubt: float = 0.0) -> tuple[Answer | None, float]:
        """An answer of one quotation, longer than a sentence, if it is sure enough, and how sure it is."""
        found, turn, sure = self._extract(asked, doubt)
        if not found:
            return None, sure
        citation = Citation.of(self.index, 1, found.passage, found.span)
        voice = Voice(VoiceKind.SPEAKER, turn.speaker) if turn else Voice(VoiceKind.DOCUMENT)
        said = Statement(citation, voice, None, sure, kind=found.kind)
        return self._answered(asked, sure, [said]), sure

    def _extract(self, asked: _Asked, doubt: float) -> tuple[Extract | None, Turn | None, float]:
        """What of the first passage answers, if that is sure enough, in whose turn of a transcript, and how sure."""
        ranking = without_contents(asked.ranking)
        hits = [hit for hit in ranking.hits if not is_of_another(asked.form.text, self._label_of(hit))]
        if asked.speakers:
            hits = [hit for hit in hits if _turn(hit, asked.speakers)]
        ranking = replace(ranking, hits=tuple(hits))
        sure = confidence(ranking, self.retriever, self._confidence.passage, doubt)
        if not ranking.hits or sure < self._threshold:
            return None, None, sure
        if asked.documents and ranking.hits[0].passage.document_id not in asked.documents:
            return None, None, 0.0
        turn = _turn(ranking.hits[0], asked.speakers)
        return extract(ranking.hits[0].passage, self.index, turn), turn, sure

    def _label_of(self, hit: Hit) -> str:
        """The title and the headings that a passage stands under."""
        return label_of(self.index.document_of[hit.passage.document_id].title, hit.passage)

    def _numbered(self, asked: _Asked) -> Answer | None:
        """An answer of what is asked for by its number, from each document that has it, if one does."""
        section, item = asked.form.section, asked.form.numbered
        found = numbered_parts(asked.ranking, section, self.index) if section else []
        if item and found == []:
            found = numbered(asked.ranking, item, self.index)
            plain = self.in_english(self.retriever.search(str(item.number), RANKED))
            found = found or numbered(plain, item, self.index)
        found = (found or [])[:MOST_STATEMENTS]
        cited = [Citation.of(self.index, at, one.passage, one.span) for at, one in enumerate(found, 1)]
        said = [
            Statement(citation, Voice(VoiceKind.DOCUMENT), None, NUMBERED, kind=one.kind)
            for citation, one in zip(cited, found, strict=True)
        ]
        return self._answered(asked, NUMBERED, said) if said else None

    def _chosen(
        self, question: QuestionForm, evidence: tuple[Evidence, ...], said: Sequence[Said]
    ) -> tuple[Choice, ...]:
        """What the answer shows, best first: where documents differ, at least one sentence for each value or side."""
        usual = choose(evidence, self._threshold, self.index)
        differ = (*differing(question, evidence, self.index), *(one.evidence for one in said))
        values = tuple(dict.fromkeys(differ))
        by_sentence = {one.evidence: choice for choice in usual for one in (*choice.also, choice.shown)}

        def showing(found: Evidence) -> Choice:
            same = (choice for choice in usual if says_the_same(found, choice.shown.evidence, self.index))
            return by_sentence.get(found) or next(same, None) or Choice(quoted(found, self.index))

        needed = list(dict.fromkeys(map(showing, values)))
        shown = {choice.shown.evidence for choice in needed}
        others = [choice for choice in usual if choice.shown.evidence not in shown]
        most = max(MOST_STATEMENTS, len(needed))
        return tuple(
            replace(choice, also=tuple(other for other in choice.also if other.evidence not in shown))
            for choice in sorted([*needed, *others][:most], key=lambda choice: evidence.index(choice.shown.evidence))
        )

    def _unjudged(self, asked: _Asked) -> NoAnswer:
        """What was found in another language: where an answer may stand."""
        return self._no_answer(asked, self._found(asked, _first(asked.ranking)), MAYBE)

    def _no_answer(self, asked: _Asked, evidence: Iterable[Evidence], confidence: float) -> NoAnswer:
        best: dict[str, Evidence] = {}
        for found in evidence:
            if len(best) == NEAREST:
                break
            if not says_nothing(found.sentence):
                best.setdefault(found.passage.id, found)
        nearest = [(found.passage, Span(found.start, found.end)) for found in best.values()]
        return NoAnswer(
            question=asked.question,
            confidence=confidence,
            nearest=tuple(Citation.of(self.index, number, *where) for number, where in enumerate(nearest, 1)),
            searched=self.searched(asked.ranking, ()),
            source=self.source,
            reasons=tuple(why_not(asked.form, *where, self.index) for where in nearest),
            read_as=asked.changed,
        )

    def _statements(self, chosen: Sequence[Choice]) -> Iterator[Statement]:
        """Each choice with its citation; those that say the same are numbered after all of these."""
        numbers = count(len(chosen) + 1)
        for number, choice in enumerate(chosen, 1):
            passage, span, found = choice.shown.passage, choice.shown.span, choice.shown.evidence
            citation = Citation.of(self.index, number, passage, span)
            before, mark = found.start - span.start, found.highlight
            above = header(passage, span, self.index)
            yield Statement(
                citation=citation,
                voice=found.voice,
                highlight=Span(before + mark.start, before + mark.end) if mark else None,
                confidence=found.confidence,
                also=tuple(Citation.of(self.index, next(numbers), other.passage, other.span) for other in choice.also),
                dates=dates_in(citation.document, span),
                lead=before,
                verdict=self._verdict(number, found),
                kind=choice.shown.kind,
                parts=(Citation.of(self.index, number, above.passage, above.span),) if above else (),
            )

    def _verdict(self, number: int, found: Evidence) -> Citation | None:
        at = found.passage.sentences.index(Span(found.start, found.end))
        span = verdict_on(found.passage, at)
        return Citation.of(self.index, number, found.passage, span) if span else None

    def _evidence(self, asked: _Asked) -> tuple[Evidence, ...]:
        """The evidence in the ranked passages; what copies say in the same words is there once.

        It is quoted from the document that stands for them all, else from the first published, where that is
        sure enough too.
        """
        if not self.index.copies:
            return self._found(asked, _first(asked.ranking), self.reader)
        said: dict[tuple[str, tuple[str, ...]], Evidence] = {}
        distinct = replace(asked.ranking, hits=tuple(self._distinct(asked.ranking.hits)))
        for found in self._found(asked, distinct, self.reader):
            key = self.index.account_of(found.passage.document_id), _said(found.sentence)
            best = said.setdefault(key, found)
            enough = found.confidence >= self._threshold or best.confidence < self._threshold
            if enough and self._precedence(found) < self._precedence(best):
                said[key] = found
        return tuple(said.values())

    def _found(self, asked: _Asked, ranking: Ranking, reader: Reader | None = None) -> tuple[Evidence, ...]:
        if asked.documents:
            own = (hit for hit in ranking.hits if hit.passage.document_id in asked.documents)
            ranking = replace(ranking, hits=tuple(own))
        evidence = find_evidence(asked.form, ranking, self.index, reader, self._confidence)
        if section := asked.form.section:  # that is nowhere by itself
            return tuple(found for found in evidence if section.is_named_in(found.sentence))
        return evidence

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
            sentences = {_said(passage.text_of(s)) for s in passage.sentences}
            count += len(sentences - before) > len(sentences) / 2
            before |= sentences
            if count > PASSAGES:
                return
            yield hit

    def searched(self, ranking: Ranking, addressing: Iterable[str]) -> Searched:
        """What was searched, and which of it an answer that names these documents is from."""
        return Searched.of(ranking.searched, addressing, self.index.copies, self._undated)


def _speakers(hits: Iterable[Hit]) -> frozenset[str]:
    """Whose turns passages hold."""
    return frozenset(turn.speaker for hit in hits for turn in hit.passage.turns if turn.speaker)


def _turn(hit: Hit, speakers: Collection[str] = ()) -> Turn | None:
    """The turn of a transcript that the best sentence of a hit is of, if possible one that asks nothing.

    Of these speakers alone, if some are given.
    """
    passage, at = hit.passage, hit.passage.start
    said = (
        (not passage.text.endswith("?", 0, span.end - at), cosine, turn)
        for cosine, span in zip(hit.sentences, passage.sentences, strict=True)
        if (turn := passage.turn_at(span.start)) and (not speakers or turn.speaker in speakers)
    )
    best = max(said, key=lambda each: each[:2], default=None)
    return best[2] if best else None


def _first(ranking: Ranking) -> Ranking:
    """The passages that are read."""
    return replace(ranking, hits=ranking.hits[:PASSAGES])


def _said(sentence: str) -> tuple[str, ...]:
    return tuple(words(sentence))
