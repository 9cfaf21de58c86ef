"""Sources of which one says that something is so, and another that it is not.

A question answered by yes or no puts forward what may be so; to another question, a sentence that denies something
does. A sentence says yes when it holds every word of that without a negation over them, and no when there is one:
"not", "never", "denied that", "no evidence that", "is false". Where it only wonders ("whether", "if", "would", "did
not say") it says neither. What is denied must be what the other one says, and nothing narrower: "not open in winter"
does not deny "open".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from bot.answering.disagreement import Disagreement, Position, one_after_the_other
from bot.answering.evidence import Evidence
from bot.english.counts import counts
from bot.english.values import Kind
from bot.english.verdicts import verdict_on
from bot.english.voices import Voice, VoiceKind
from bot.english.words import Word, read
from bot.question.forms import QuestionForm
from embeddings.searching.index import Index
from embeddings.splitting.passages import Span

MOST_SAID = 3
"""Sentences for either side that an answer shows."""
_LONGEST = 400
"""Characters of a sentence that denies something where nothing was asked of it: longer ones are mostly no sentences."""


class Stance(StrEnum):
    """What a source says to a question of yes or no."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that takes a side, and who speaks in it."""

    evidence: Evidence
    stance: Stance
    voice: Voice


# --- what is denied --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Operator:
    """Words that turn what is in their scope into its opposite, or with `open` leave it open."""

    start: int
    scope: frozenset[str]
    open: bool = False
    refers: bool = False
    """It only points at what was said before: "denied the accusation"."""
    word: bool = False
    """A plain "not", "never" or "no"."""
    names: frozenset[str] = frozenset()
    """Keys of those who deny, where "he" stands for them in what they deny."""


_NOT = frozenset("not no never none cannot neither nor nobody nothing hardly".split())
_PROOF = re.compile(
    r"(?:no|not any|never any|hardly any) (?:\w+ ){0,2}?(?:evidence|proof|indication|signs?|basis|truth|support|reason)"
    r"(?: (?:whatsoever|at all|exists?|is|was|has been \w+))?(?: (?:that|of|for|to believe(?: that)?|in|to)\b)?",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|denials?|reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?|refut(?:e|es|ed|ing)|rebut(?:s|ted)?|"
    r"disput(?:e|es|ed|ing)|contradict(?:s|ed|ing)?|debunk(?:s|ed|ing)?|disprov(?:e|es|ed|en|ing)|rul(?:e|es|ed) out|"
    r"doubt(?:s|ed)?)\b",
    re.IGNORECASE,
)
_FALSE = re.compile(
    r"\b(?:false(?:ly|hood)?|untrue|baseless(?:ly)?|unfounded|groundless|fabricated|invented|a lie|lies|a hoax|a myth|"
    r"wrongly|incorrect(?:ly)?|fake|nonsense|made up|discredited)\b",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(
    r"[\w’' -]{0,40}?\b(?:that|of|about|claimed|said|stated|accused|reported|alleged)\b (?=\w)", re.IGNORECASE
)
_CLAIM_THAT = re.compile(
    r"(?:claims?|accusations?|allegations?|charges?|reports?|rumou?rs?|suggestions?|idea|notion|theory|assertions?|"
    r"stor(?:y|ies)) (?:that|of|about)\b",
    re.IGNORECASE,
)
_PARTLY = frozenset(
    "some many most few several other others another all every both half each only much alone entirely fully "
    "completely exactly quite enough solely wholly altogether very too as".split()
)
"""A not beside one of these denies only a part, or only how or how much."""
_CLAIMS = frozenset(
    word.key
    for word in read(
        "the evidence proof indication sign basis truth support claim accusation allegation charge report rumour rumor "
        "story assertion statement suggestion finding were said anything wrongdoing idea "
        "true case fact correct"
    )
    if word.key
)
"""What is denied without saying again what it was."""
_BREAKS = frozenset("but although though while whereas however and because since despite according unless".split())
_LEADS = frozenset("that because although though while since when who which whether if whereas but and as".split())
_PRONOUNS = frozenset("he she they it we i him her them us there his their its".split())
_OPEN = frozenset(
    "whether if unless may might could would should will shall possibly perhaps maybe unclear unknown uncertain unsure "
    "asks ask asked asking wonder wondered question questioned investigate investigating investigates plan plans "
    "planned want wants wanted hope hopes hoped fear fears feared threaten threatened threatens promise promised vow "
    "vowed order ordered urge urged demand demanded propose proposed seek sought try tried attempt attempted nearly "
    "almost until likely unlikely suspected potentially".split()
)
"""What stands behind one of these is not said to be so."""


def _words(text: str) -> tuple[Word, ...]:
    """The words of a text; numbers have their value for a key."""
    values = {count.span.start: f"#{count.value.low}" for count in counts(text)}
    return tuple(replace(word, key=values[word.start]) if word.start in values else word for word in read(text))


def _keys(words: Sequence[Word]) -> frozenset[str]:
    return frozenset(word.key for word in words if word.key)


def _operators(text: str) -> tuple[_Operator, ...]:
    """Everything that negates, denies or calls false in a sentence, with what it reaches."""
    words = _words(text)
    found = [*_negations(text, words), *_denials(text, words)]
    return tuple(sorted(found, key=lambda one: one.start))


def _negations(text: str, words: Sequence[Word]) -> Iterator[_Operator]:
    for at, word in enumerate(words):
        low, titled = word.text.lower(), word.text[0].isupper() and at and not word.apart  # "No Kings", "No. 2"
        if titled or not (low in _NOT or low.endswith(("n't", "n’t"))):
            continue
        if proof := _PROOF.match(text, word.start):
            after = [each for each in words if each.start >= proof.end()]
            proven = [each for each in words if word.start < each.start < proof.end()]
            yield _Operator(word.start, _keys([*proven, *after[: _until(after, 0)]]))
            continue
        end = _until(words, at + 1)
        clause = [*words[_since(words, at) : at], *words[at + 1 : end]]
        lows = {each.text.lower() for each in clause}
        partly = not lows.isdisjoint(_PARTLY) or any(each.text.lower() == "because" for each in words[at:])
        yield _Operator(word.start, _keys(clause), open=partly, word=True)


def _until(words: Sequence[Word], at: int) -> int:
    """Where the clause ends that goes on at a word."""
    return next((n for n in range(at, len(words)) if words[n].apart or words[n].text.lower() in _BREAKS), len(words))


def _since(words: Sequence[Word], at: int) -> int:
    """Where the clause begins that a word stands in, with its subject, even where commas part them."""
    start = at
    while start:
        low = words[start - 1].text.lower()
        inside = words[start:at]
        subject = any(word.key or word.text.lower() in _PRONOUNS for word in inside)
        if subject and (words[start].apart or low in _LEADS):
            break
        start -= 1
    return start


def _denials(text: str, words: Sequence[Word]) -> Iterator[_Operator]:
    for match in [*_DENIES.finditer(text), *_FALSE.finditer(text)]:
        before = [word for word in words if word.end <= match.start()]
        claim = [word.end for word in before if _CLAIM_THAT.match(text, word.start)]
        after = [word for word in words if word.start >= match.end()]
        if not after and not before:
            continue
        passive = bool(before) and before[-1].text.lower() in ("is", "are", "was", "were", "been", "be", "being")
        leads = _LEADS_ON.match(text, match.end())
        reach = after[: _until(after, 1 if after and not after[0].apart else 0)]
        said = _keys(reach) - _CLAIMS
        if match.re is _FALSE and not leads:
            said = frozenset()
        if passive and match.re is _DENIES and not (after and after[0].text.lower() == "that"):
            said = frozenset()
        if said:
            pronoun = any(word.text.lower() in _PRONOUNS for word in reach[:3]) or reach[0].text.endswith("ing")
            yield _Operator(match.start(), said, names=_keys(before[-6:]) if pronoun else frozenset())
        else:
            before = [word for word in before if word.start > max(claim, default=-1)]
            yield _Operator(match.start(), _keys(before), refers=not claim)


# --- which side a sentence takes -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Taken:
    """The side that a sentence takes, its words, and of a denial what it denies."""

    said: Said
    keys: frozenset[str]
    denied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is put forward: its words by their keys, and those of them that name somebody or something."""

    keys: frozenset[str]
    names: frozenset[str]
    lows: frozenset[str]
    subject: frozenset[str]
    """Those that a pronoun may stand for: names, and the word it begins with."""

    @classmethod
    def of(cls, text: str) -> "_Asked":
        words = _words(text)
        names = frozenset(word.key for word in words if word.name)
        firsts = {
            word.key
            for word, following in pairwise(words)
            if word.name and following.name and not following.apart and not word.possessive
        }
        last_name = frozenset(names - firsts)
        keys = _keys(words) - frozenset(firsts)
        first = [word.key for word in words if word.key in keys][:1]
        return cls(keys, last_name, frozenset(word.text.lower() for word in words), last_name.union(first))

    def covered(self, keys: frozenset[str], around: frozenset[str]) -> bool:
        """Whether a text with these keys speaks of all of it, where a pronoun may stand for who or what it is about."""
        missing = self.keys - keys
        return missing <= self.subject & around and bool(self.keys - self.names - missing)


def _stance(asked: _Asked, text: str, around: frozenset[str]) -> tuple[Stance, frozenset[str]] | None:
    """Which side a sentence takes, and what it denies; `around` are keys of what its pronouns may stand for."""
    words = _words(text)
    keys = _keys(words)
    missing = asked.keys - keys
    turned = _turned(missing, words, asked.lows)
    missing = missing - turned.keys()
    core = asked.keys - asked.names or asked.keys
    if not asked.covered(asked.keys - missing, around):
        return None
    last = max((word.end for word in words if word.key in asked.keys), default=0)
    open_to = (each for each in words if each.start < last and each.key not in asked.keys)
    if text.rstrip().endswith("?") or any(each.low in _OPEN - asked.lows for each in open_to):
        return None
    inside = core - missing
    over = [one for one in _operators(text) if one.scope & inside]
    astray = any(one.refers for one in _operators(text) if one not in over)
    if any(one.open for one in over) or len(over) + len(turned) > 1 or astray:
        return None
    if not over and not turned:
        return Stance.YES, frozenset()
    if turned:
        at = words.index(next(iter(turned.values())))
        return Stance.NO, _keys(words[_since(words, at) : at])
    denied = over[0].scope
    if not over[0].refers and not inside - asked.subject <= denied | _subject(text, over[0]):
        return None  # only a part of it is denied
    return Stance.NO, denied


def _subject(text: str, operator: _Operator) -> frozenset[str]:
    """Keys of what stands before it, where the one who does it is named outside of what is denied."""
    return _keys([word for word in _words(text) if word.end <= operator.start])


_AFFIX = re.compile(r"(?:un|in|im|il|ir|dis|non-?)(?=\w{4})", re.IGNORECASE)


def _turned(missing: frozenset[str], words: Sequence[Word], asked: frozenset[str]) -> Mapping[str, Word]:
    """Words that are missing but for a prefix that turns them around: "safe" of "unsafe", or the other way round."""
    found = {}
    for low in asked:
        prefix = _AFFIX.match(low)
        rest, whole = (read(low[prefix.end() :]), read(low)) if prefix else ((), ())
        other = next((word for word in words if rest and word.key == rest[0].key), None)
        if other and whole and whole[0].key in missing:
            found[whole[0].key] = other
    for word in words:
        prefix = _AFFIX.match(word.text)
        rest = read(word.text[prefix.end() :]) if prefix else ()
        if rest and rest[0].key in missing:
            found[rest[0].key] = word
    return found


# --- what is contested -----------------------------------------------------------------------------


def contested(question: QuestionForm, evidence: Sequence[Evidence], threshold: float, index: Index) -> tuple[Said, ...]:
    """The sentences that say yes and those that say no, the best first, where sources contradict each other.

    `evidence` is that for the question, best first; sentences of a source that contradicts nobody but itself, in its
    own voice, are no dispute.
    """
    asked = _Asked.of(question.proposed) if question.proposed else None
    if (asked and len(asked.keys) < 2) or (asked is None and question.value):
        return ()
    taken = _taken(asked, evidence) if asked else _claimed(evidence, threshold)
    pairs = [(yes, no) for yes in taken for no in taken if _contradict(asked, yes, no, index)]
    sides = [one.said for one in taken if any(one is yes or one is no for yes, no in pairs)]
    return tuple(_first(sides, Stance.YES, index) + _first(sides, Stance.NO, index))


def _first(sides: Sequence[Said], stance: Stance, index: Index) -> list[Said]:
    """The best for a side, one for each account and speaker."""
    best: dict[tuple[str, str | None], Said] = {}
    for one in sides:
        if one.stance is stance:
            best.setdefault((index.account_of(one.evidence.passage.document_id), one.voice.name), one)
    return list(best.values())[:MOST_SAID]


def _taken(asked: _Asked, evidence: Sequence[Evidence]) -> list[_Taken]:
    """The side that each sentence takes to a question of yes or no."""
    titles = _titled(evidence)
    found: list[_Taken] = []
    for each in evidence:
        around = titles.get(_last_name(each.sentence), frozenset())
        if side := _stance(asked, each.sentence, around):
            keys = _keys(_words(each.sentence)) | (around & asked.keys)
            found.append(_Taken(_said(each, side[0]), keys, side[1]))
    return [*found, *_answers_to(found, evidence)]


def _said(evidence: Evidence, stance: Stance) -> Said:
    """The side with the one who takes it: of a denial whoever denies, where a verb says so."""
    if stance is Stance.NO and (found := _DENIER.search(evidence.sentence) or _DENIED_BY.search(evidence.sentence)):
        who = found["who"].strip(" .")
        name = who[0].lower() + who[1:] if who.startswith(("The ", "A ", "An ")) else who
        return Said(evidence, stance, Voice(VoiceKind.SPEAKER, name))
    return Said(evidence, stance, evidence.voice)


_DENYING = r"(?:den(?:y|ies|ied)|rejects?|rejected|dismiss(?:es|ed)?|refut(?:es?|ed)|disput(?:es?|ed)|rebut(?:s|ted)?)"
_DENIER = re.compile(
    r"(?:^|[,;:—] |\b(?:which|but|and|that|although|though|while) )(?!which |but |and |that |who |he |she |it |they )"
    rf"(?P<who>(?:(?!(?:is|was|were|are|be|been|that|which|who)\b)[\w’'.-]+ ){{1,6}}?)"
    rf"(?:(?:\w+ly|also|again|has|have|had|both|later) )*{_DENYING}\b",
    re.IGNORECASE,
)
_DENIED_BY = re.compile(rf"\b{_DENYING} by (?P<who>(?:the |an? )?[\w’'.-]+(?: [A-Z][\w’'.-]+)*)", re.IGNORECASE)


def _titled(evidence: Sequence[Evidence]) -> dict[str, frozenset[str]]:
    """For each name what stands before it: "mayor" for the Holm of "Mayor Petra Holm"."""
    found: dict[str, frozenset[str]] = {}
    for each in evidence:
        words = _words(each.sentence)
        for at, word in enumerate(words[:-1]):
            run = at + 1
            while run < len(words) and words[run].name and not words[run].apart:
                run += 1
            titled = word.key and words[at + 1].name and not words[at + 1].apart and word.text[0].isupper()
            if titled and run > at + 1:
                key = words[run - 1].key
                found[key] = found.get(key, frozenset()) | {word.key}
    return found


def _last_name(sentence: str) -> str:
    words = _words(sentence)
    names = [n for n, word in enumerate(words) if word.text[0].isupper() and word.key]
    last = ""
    for n in names:
        if last and n - 1 not in names:
            break
        last = words[n].key
    return last


def _answers_to(taken: Sequence[_Taken], evidence: Sequence[Evidence]) -> Iterator[_Taken]:
    """Sentences that reject what the one before says ("The firm denies it."), and the document's own verdict."""
    places = {(each.passage.document_id, each.start): each for each in evidence}
    known = {(one.said.evidence.passage.document_id, one.said.evidence.start) for one in taken}
    for one in taken:
        each = one.said.evidence
        passage = each.passage
        if one.said.stance is not Stance.YES:
            continue
        at = passage.sentences.index(Span(each.start, each.end))
        after = [span.start for span in passage.sentences[at + 1 : at + 2]]
        verdict = verdict_on(passage, at) if one.said.voice.kind is not VoiceKind.DOCUMENT else None
        for start in {*after, *([verdict.start] if verdict else [])}:
            other = places.get((passage.document_id, start))
            if other is None or (passage.document_id, other.start) in known:
                continue
            refers = [o for o in _operators(other.sentence) if o.refers or not o.scope]
            if (verdict and verdict.start == start) or (len(refers) == 1 == len(_operators(other.sentence))):
                known.add((passage.document_id, other.start))
                yield _Taken(_said(other, Stance.NO), one.keys, frozenset())


def _claimed(evidence: Sequence[Evidence], threshold: float) -> list[_Taken]:
    """What sentences deny, and what others say of it, where the question is not one of yes or no."""
    found: dict[tuple[str, int, Stance], _Taken] = {}
    for each in (each for each in evidence if len(each.sentence) <= _LONGEST):
        for one in _operators(each.sentence):
            denied = one.scope | one.names
            if one.open or one.refers or len(one.scope) < (3 if one.word else 2):
                continue
            asked = _Asked(denied, frozenset(), frozenset(), frozenset())
            if _stance(asked, each.sentence, frozenset()) is None:
                continue
            for other in evidence:
                sure = max(each.confidence, other.confidence) >= threshold and len(other.sentence) <= _LONGEST
                side = None if other is each or not sure else _stance(asked, other.sentence, frozenset())
                if side and side[0] is Stance.YES:
                    yes = _Taken(_said(other, Stance.YES), _keys(_words(other.sentence)))
                    found[other.passage.document_id, other.start, Stance.YES] = yes
                    no = _Taken(_said(each, Stance.NO), _keys(_words(each.sentence)), denied)
                    found[each.passage.document_id, each.start, Stance.NO] = no
    return [
        one for (key, start, side), one in found.items() if side is Stance.NO or (key, start, Stance.NO) not in found
    ]


def _contradict(asked: _Asked | None, yes: _Taken, no: _Taken, index: Index) -> bool:
    """Whether one says what the other denies, and nothing less; nobody contradicts himself."""
    if yes.said.stance is not Stance.YES or no.said.stance is not Stance.NO:
        return False
    one, other = (index.account_of(each.said.evidence.passage.document_id) for each in (yes, no))
    if one == other and yes.said.voice == no.said.voice:
        return False
    return no.denied <= yes.keys | (asked.keys if asked else frozenset()) | _CLAIMS


# --- as positions ----------------------------------------------------------------------------------

_NOW = re.compile(r"(?:is|are|has|have|does|do|can|will)\b", re.IGNORECASE)


def opposed(
    question: QuestionForm, said: Sequence[Said], cited: Sequence[Evidence], index: Index
) -> tuple[Disagreement, ...]:
    """The disagreement of those sentences among the ones cited, which are numbered from 1 on."""
    positions = [_position(stance, said, cited, index) for stance in Stance]
    if not said or not all(position.citations for position in positions):
        return ()
    changed = _changed(question.text, positions, said)
    if changed:
        positions.sort(key=lambda position: position.earliest or date.min)
    return (Disagreement(question.text.strip(), tuple(positions), Kind.STATEMENT, changed),)


def _position(stance: Stance, said: Sequence[Said], cited: Sequence[Evidence], index: Index) -> Position:
    numbered = [(cited.index(one.evidence) + 1, one) for one in said if one.stance is stance and one.evidence in cited]
    numbered.sort(key=lambda each: each[0])
    published = [index.document_of[one.evidence.passage.document_id].published for _, one in numbered]
    dates = [day for day in published if day]
    return Position(
        value=numbered[0][1].evidence.sentence if numbered else "",
        citations=tuple(number for number, _ in numbered),
        earliest=min(dates, default=None),
        latest=max(dates, default=None),
        dated=all(published),
        stance=stance.value,
        voices=tuple(one.voice for _, one in numbered),
    )


def _changed(question: str, positions: Sequence[Position], said: Sequence[Said]) -> bool:
    """Whether what the sources say in their own words became so, or ceased to be so, between their dates."""
    if not one_after_the_other(positions) or any(one.voice.kind is not VoiceKind.DOCUMENT for one in said):
        return False
    first = min(positions, key=lambda position: position.earliest or date.min)
    return first.stance == Stance.NO.value or _NOW.match(question.strip()) is not None
