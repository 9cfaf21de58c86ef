"""What an answer quotes: sentences that make sense alone, one for each fact, and who else says the same."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answering.evidence import Evidence
from bot.answering.extracts import StatementKind, labels_of, name_of, with_block
from bot.english.dates import dates_in
from bot.english.numerals import NUMBER, NUMBER_WORDS
from bot.english.patterns import TITLES, initials
from bot.english.voices import Voice
from embeddings.reading.documents import Document
from embeddings.searching.index import Index
from embeddings.splitting.passages import Passage, Span
from embeddings.splitting.terms import term_set, words

MOST_STATEMENTS = 4
"""Statements of an answer, not counting those that say the same."""
LONGEST_RUN = 500
"""A sentence is not quoted with those before it where together they are longer, in characters."""
_BACK = 2
"""At most so many sentences before the one that answers are quoted with it."""
_NUMBER = re.compile(rf"{NUMBER}|{'|'.join(NUMBER_WORDS)}")
_SAME = 0.6
"""Two sentences that share more than this of their terms (Jaccard) may say the same."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence that was found, and the characters of its document that are quoted.

    These are a run that ends with it, and what it leads to by a colon; of code they are the whole block.
    """

    evidence: Evidence
    passage: Passage
    span: Span
    kind: StatementKind = StatementKind.SENTENCE

    @property
    def document_id(self) -> str:
        """The document that is quoted."""
        return self.passage.document_id

    def holds(self, found: Evidence) -> bool:
        """Whether a sentence begins among what is quoted."""
        return found.passage.document_id == self.document_id and self.span.start <= found.start < self.span.end


@dataclass(frozen=True, slots=True)
class Choice:
    """A quotation that an answer shows, and those of other accounts that say the same."""

    shown: Quoted
    also: tuple[Quoted, ...] = ()


def choose(evidence: Sequence[Evidence], threshold: float, index: Index) -> tuple[Choice, ...]:
    """What an answer is made of, best first: sure enough, and no two that say the same.

    When the best one gives the number that was asked for, so do the others. Sentences of other accounts that
    say the same are kept beside each, one an account.
    """
    chosen: list[Choice] = []
    for found in evidence:
        same = next((n for n, choice in enumerate(chosen) if says_the_same(found, choice.shown.evidence, index)), None)
        if same is not None:
            choice = chosen[same]
            accounts = {index.account_of(one.document_id) for one in (choice.shown, *choice.also)}
            if index.account_of(found.passage.document_id) not in accounts:
                chosen[same] = replace(choice, also=(*choice.also, quoted(found, index)))
        elif (
            len(chosen) < MOST_STATEMENTS
            and found.confidence >= threshold
            and (found.count or not evidence[0].count)
            and not any(_holds(choice.shown, found) for choice in chosen)
        ):
            run = quoted(found, index)
            if not any(_holds(run, choice.shown.evidence) for choice in chosen):
                chosen.append(Choice(run))
    return tuple(chosen)


def about_the_same(evidence: Sequence[Evidence], question: str, threshold: float, index: Index) -> tuple[Evidence, ...]:
    """Sentences without those that say of another thing what the best one says, but for the numbers.

    Asked for a goblin's hit points, "Hit Points 7" under "Goblin" comes before the same of a "Goblin Boss", and "Hit
    Points 26" under "Worg" is of no goblin: neither its title and headings nor what stands before it name one. What
    stands under another's name with the same word in it ("Young Dragon", for an adult dragon) needs all of the name.
    """
    asked = term_set(question)
    form, first = _without_numbers(evidence[0].sentence), term_set(name_of(evidence[0].passage, index))

    def is_of_the_name(found: Evidence) -> bool:
        sure = found.confidence >= threshold and _without_numbers(found.sentence) == form
        return sure and set() < term_set(name_of(found.passage, index)) <= first & asked < first

    best = next(filter(is_of_the_name, evidence), evidence[0])
    names = map(term_set, labels_of(best.passage, index))
    named = frozenset[str]().union(*(name for name in names if name <= asked))
    told = named <= term_set(best.sentence)
    others = (found for found in evidence if found is not best)
    kept = (each for each in others if told or _without_numbers(each.sentence) != form or _is_of(each, named, index))
    return (best, *kept)


def _is_of(found: Evidence, named: frozenset[str], index: Index) -> bool:
    """Whether a sentence is of what is called so, by what it stands under and what is said before it."""
    label = term_set("\n".join(labels_of(found.passage, index)))
    told = term_set(found.passage.text[: found.end - found.passage.start])
    return named <= label | told or (label.isdisjoint(named) and not told.isdisjoint(named))


def _without_numbers(sentence: str) -> frozenset[str]:
    return frozenset(term for term in term_set(sentence) if not any(map(str.isdigit, term)))


def quoted(found: Evidence, index: Index) -> Quoted:
    """The shortest run of sentences that ends with the one found and makes sense alone.

    A sentence that refers back is quoted from the sentence before on, as long as that stands in the same
    section and the whole stays short enough; one that leads to a list by a colon is quoted with it, and a piece of code
    with the rest of that.
    """
    document = index.document_of[found.passage.document_id]
    core = Span(found.start, found.end)
    best = Quoted(found, found.passage, core)
    others = (one for one in index.passages_of[document.id] if one is not found.passage and core in one.sentences)
    for passage in (found.passage, *others):
        run = _run(document, passage, core)
        if run.start < best.span.start:
            best = Quoted(found, passage, run)
    whole = with_block(best.passage, best.span, index)
    return Quoted(found, whole.passage, whole.span, whole.kind) if whole else best


def _run(document: Document, passage: Passage, core: Span) -> Span:
    sentences, text = passage.sentences, document.text
    wrapped = any("\n" in text[slice(*sentence)] for sentence in sentences)
    first = place = sentences.index(core)
    while first > 0 and place - first < _BACK and core.end - sentences[first - 1].start <= LONGEST_RUN:
        between = text[sentences[first - 1].end : sentences[first].start]
        opens = between.count("\n") > wrapped  # in text that is not wrapped every line is a paragraph
        if not (has_pronoun if opens else refers_back)(text[slice(*sentences[first])]):
            break
        first -= 1
    return Span(sentences[first].start, core.end)


def same_fact(one: str, other: str) -> bool:
    """Whether two sentences say the same in nearly the same words: no name, number or negation sets them apart."""
    first, second = term_set(one), term_set(other)
    return (
        len(first & second) > _SAME * len(first | second)
        and _numbers(one) == _numbers(other)
        and len(_DENIES.findall(one)) % 2 == len(_DENIES.findall(other)) % 2
        and _names_agree(one, other)
        and _names_agree(other, one)
    )


def says_the_same(found: Evidence, shown: Evidence, index: Index) -> bool:
    """Whether a sentence repeats another: the same fact, said by the same, of the same day."""
    if not same_fact(found.sentence, shown.sentence) or not _voices_agree(found.voice, shown.voice):
        return False
    one, other = (
        {(dated.first, dated.last) for dated in dates_in(index.document_of[each.passage.document_id], span)}
        for each in (found, shown)
        for span in [Span(each.start, each.end)]
    )
    return not one or not other or one == other


def _holds(shown: Quoted, found: Evidence) -> bool:
    """Whether a sentence is quoted with another one, as what that one refers back to."""
    if found.count and not shown.evidence.count:
        return False
    return shown.holds(found)


def _voices_agree(one: Voice, other: Voice) -> bool:
    first, second = term_set(one.name or ""), term_set(other.name or "")
    return one.kind is other.kind and (not first or not second or not first.isdisjoint(second))


def _names_agree(one: str, other: str) -> bool:
    """Whether every name in one sentence is in the other, be it shorter, without its title, or by first letters."""
    stated, present = term_set(one), term_set(other)
    names = [term_set(name) - TITLES for name in _NAME.findall(other)]
    short_forms = {initials(name) for name in _NAME.findall(other)}
    for name in _NAME.findall(one):
        wanted = (term_set(name) & stated) - TITLES
        shorter = any(name <= wanted and not (wanted - name) & _PARTS for name in names if name)
        short = name.replace(".", "").lower() in short_forms or initials(name) in present
        if not (wanted <= present or shorter or short):
            return False
    return True


_NAME = re.compile(r"\b[A-Z](?:[\w’'-]|\.(?=[A-Z]\b))*(?: (?:(?:of|and|for|the|de|van|von|al) )?[A-Z][\w’'-]*)*")
_PARTS = term_set("north south east west northern southern eastern western new")
"""With these before it, a name is another name."""
_DENIES = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|cannot|without|den(?:y|ies|ied)|refus\w+|fail(?:s|ed)?|false\w*|"
    r"debunked)\b|n[’']t\b",
    re.IGNORECASE,
)


def _numbers(text: str) -> set[str]:
    return {word for word in words(text) if _NUMBER.fullmatch(word)}


def refers_back(sentence: str) -> bool:
    """Whether a sentence cannot be understood without the one before it, by the words that it begins with."""
    return bool(_LINKS.match(sentence)) or has_pronoun(sentence)


def has_pronoun(sentence: str) -> bool:
    """Whether the subject of a sentence is a word for somebody or something before it, or a quotation goes on in it.

    That is so across paragraphs too, where "However" and "In response" may begin something new.
    """
    link = _LINKS.match(sentence)
    rest = sentence[link.end() :].lstrip(" ,") if link else sentence
    opening = _OPENING.match(rest)
    subject = rest[opening.end() :] if opening else rest
    return _ends_quotation(sentence) or bool(_POINTS.match(subject) and not _IMPERSONAL.match(subject))


def _ends_quotation(sentence: str) -> bool:
    """Whether a quotation ends in the sentence that does not begin in it."""
    if first := re.search("[“”]", sentence):
        return first[0] == "”"
    marks = [mark.start() for mark in re.finditer('"', sentence)]
    return len(marks) % 2 == 1 and marks[0] > 0 and not sentence[marks[0] - 1].isspace()


_LINKS = re.compile(
    r"(?:But|And|Yet|Or|Nor|So(?! far| many| much)|However|Nevertheless|Nonetheless|Still(?=,)|Even so|Thus|Hence|"
    r"Therefore|Consequently|Accordingly|Instead|Likewise|Similarly|Conversely|Otherwise|Then|Afterwards?|Thereafter|"
    r"As a (?:result|consequence)(?! of)|As such|For (?:example|instance)|(?:In|By) contrast(?! (?:to|with))|"
    r"In (?:response|turn|return)(?! to)|In other words|On the other hand|At the (?:same )?time(?! of)|"
    r"(?:Since|Until|By) then|Soon after(?:wards)?(?=,)|Shortly after(?:wards)?(?=,)|"
    r"The (?:next|following|same) (?:day|night|week|month|year)|(?:An?|\w+) (?:hour|day|week|month|year)s? later|"
    r"(?:After|Against|Before|Despite|Because of|In|At|By|With|From|Since|During|For|Under|To|On|Of|Among|Given|"
    r"Prior to|Due to|Thanks to|Apart from|Besides|In addition to|Instead of|Unlike|Within|Without) "
    r"(?:this|that|these|those|such)(?! (?:who|which|year|week|month|article|account|note|paper|study|report)\b)|"
    r"(?:One|Two|Three|Some|Many|Most|All|None|Few|Both|Each) of (?:them|these|those|which))\b"
)
_POINTS = re.compile(
    r"(?:he|she|they|it|his|her|its|theirs?|others(?! than)|(?:both|neither)(?! (?:[\w’'-]+ ){1,5}(?:and|n?or) )|"
    r"the latter|the former(?= (?:is|was|has|had|are|were))|such|"
    r"(?:this|that)(?! (?:year|week|month|morning|afternoon|evening|spring|summer|autumn|winter|account|article|note|"
    r"paper|study|report|section|chapter|page|book|guide|document)\b)|"
    r"these(?! days\b)|those(?! (?:who|whom|whose|in|with|of|from|[a-z]+ing)\b))\b",
    re.IGNORECASE,
)
# "It" that stands for what follows, or for nothing
_IMPERSONAL = re.compile(
    r"it(?:[’']s| is| was| has been| remains| remained| became| seems| seemed)"
    r"(?: (?:not|now|also|still|only|often|very|too|\w+ly))* (?:"
    r"(?!an? |the |one )[\w-]+ (?:to \w+ )?(?:that|whether|if|how|why|what|who|when)\b|"
    r"(?:possible|impossible|difficult|hard|easy|important|necessary|common|customary|essential|illegal|vital|"
    r"crucial|fair|wise|soon|time|unclear|unknown|clear|raining|snowing|freezing|until)\b|"
    r"(?:cold|hot|warm|dark|late|early|sunny|windy|quiet)(?! \w)|[^,.]{3,60} who\b)|"
    r"it (?:rained|snowed|(?:takes?|took) [^,.]{2,40} to\b)|"
    r"it (?:seem|appear|turn|follow|happen|emerg)\w*(?: out)? that\b|"
    r"(?:his|her|their) (?:majesty|highness|holiness|excellency)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:In|On|At|By|After|Before|During|Since|For|As|From|Until|Upon|Under|With|Without|Last|Later|Earlier|When|Once|"
    r"Eventually|Finally|Initially|Originally|Currently|Meanwhile|Today|Recently|Soon|Yesterday|Born|Built|Known|Written|"
    r"[A-Z]\w+(?:ed|ing))\b(?: [^\s,]+){0,6}(?:,|(?<=\d)) (?=(?:he|she|they|it|his|her|their|its)\b)"
)
