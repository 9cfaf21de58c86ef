"""Whether a sentence says what a claim says, word by word: strict rules that need no model.

Every word of a claim that carries meaning has to have its counterpart in the sentence, its names and numbers above
all, with the same actor, the same negation and the same certainty. Words count as the same by their stem, or when a
short list of general English says so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from bot.english.attribution import HEADS
from bot.english.counts import Count, counted, counts
from bot.english.words import Word, excluded, hints, is_near, is_past, key, read
from embeddings.messages import Message
from embeddings.numerals import MONTHS
from embeddings.splitting.passages import Span

SOMEBODY_ELSE = Message("somebody else does it")
"""A doubt: the words are there, but another subject has them."""
NUMBER_ABSENT = Message("a number of the claim is not in it")
"""A doubt: nothing is said of what the claim counts."""


@dataclass(frozen=True, slots=True)
class Clash:
    """What a claim says and what the sentence says in its place."""

    kind: str
    """`number`, `word` or `negation`."""
    claimed: str
    found: str
    span: Span | None = None
    """Where the sentence says it."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a sentence compares with a claim."""

    share: float
    """Of the claim's words, names and numbers: how many have their counterpart, those that only come near left out."""
    missing: tuple[Word, ...]
    """Words without one."""
    near: tuple[Word, ...]
    """Words whose counterpart says the same only if the sentence as a whole does."""
    clashes: tuple[Clash, ...]
    doubts: tuple[str, ...]
    """Why the sentence does not bear the claim out though the words are there."""
    start: int
    """Where in the sentence the first counterpart stands."""
    titled: bool = False
    """Whether it says what somebody is right beside the name, as in "Mayor Anna Berg", and not in a quotation."""

    @property
    def complete(self) -> bool:
        """Whether every word has its counterpart and nothing speaks against it."""
        return not (self.missing or self.near or self.clashes or self.doubts)


class _Action(NamedTuple):
    """Who does what: the numbers of the last word of the subject and of the verb."""

    subject: int
    verb: int
    passive: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, read once for all the sentences that it is compared with.

    Its words that carry meaning go by their numbers: their places among `wanted`.
    """

    text: str
    wanted: tuple[Word, ...]
    counts: tuple[Count, ...]
    lows: frozenset[str]
    """All of its words, in small letters."""
    initials: tuple[str, ...]
    """Of each word that carries meaning: "dhs" where it is written "DHS" or "D.H.S.", else nothing."""
    acronyms: Mapping[str, tuple[int, ...]]
    """The initials of names that it spells out, with the numbers of their words."""
    negations: tuple[Word, ...]
    kinds: frozenset[str]
    """In which ways it says less than that something is so."""
    actions: tuple[_Action, ...]
    """Who says or does what; what is said to be done, last."""
    who: tuple[int, ...]
    what: tuple[int, ...]
    """The numbers of a name, and of what it is said to be: "Anna Berg", "mayor"; none where it says nothing such."""
    names: tuple[tuple[int, ...], ...]
    """The numbers of the words of each name of several."""

    @classmethod
    def of(cls, text: str) -> "Claim":
        """Read a claim."""
        words = read(text)
        places = [at for at, word in enumerate(words) if word.key]
        number_of = {at: number for number, at in enumerate(places)}
        wanted = tuple(words[at] for at in places)
        plain = [word.text.replace(".", "") for word in wanted]
        who, what = ([number_of[at] for at in part if at in number_of] for part in _named_and_described(words))
        return cls(
            text=text,
            wanted=wanted,
            counts=counts(text),
            lows=frozenset(word.text.lower() for word in words),
            initials=tuple(letters.lower() if letters.isupper() else "" for letters in plain),
            acronyms=_acronyms(wanted),
            negations=tuple(_negated(words)),
            kinds=frozenset(_kinds(words, range(len(words)))),
            actions=tuple(_Action(number_of[head], number_of[verb], *rest) for head, verb, *rest in _actions(words)),
            who=tuple(who),
            what=tuple(what),
            names=tuple(_names(wanted, places)),
        )

    def called_in(self, text: str) -> dict[int, int]:
        """The words of a name that a document gives once with its last word, by their numbers, with that word's.

        "Anna Berg" and "Mayor Berg" are called "Berg" where the document has "Mayor Anna Berg", and nobody else of that
        name.
        """
        called = {}
        for *first, last in self.names:
            places = re.finditer(rf"{re.escape(self.wanted[last].text)}\b", text)
            before = [text[max(0, place.start() - _BEFORE) : place.start()] for place in places]
            ours = [self.wanted[number].text.lower() for number in first]
            others = {found[1].lower() for each in before if (found := _CAPITAL.search(each))}
            if others - {*ours, *HEADS, *_TITLES}:
                continue
            for number, word in zip(first, ours, strict=True):
                near = re.compile(rf"\b{re.escape(word)} (?:\w+\.? ){{0,2}}\Z", re.IGNORECASE)
                if any(map(near.search, before)):
                    called[number] = last
        return called


_BEFORE = 100
"""So many characters before a surname may hold the rest of the name."""
_CAPITAL = re.compile(r"\b([A-Z]\w+) \Z")
_TITLES = frozenset("mr mrs ms dr".split())


def _names(wanted: Sequence[Word], places: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The numbers of the words of each name of more than one."""
    runs: list[list[int]] = [[]]
    for number, (word, at) in enumerate(zip(wanted, places, strict=True)):
        if not (runs[-1] and word.name and not word.apart and at == places[number - 1] + 1):
            runs.append([])
        if word.text[0].isupper():
            runs[-1].append(number)
    return (tuple(run) for run in runs if len(run) > 1)


def align(claim: Claim, sentence: str, called: Mapping[int, int] | None = None) -> Alignment:
    """Compare a sentence with a claim, in a time that grows with the length of either, not with its square.

    `called` are the words of the claim's names that its document does not repeat (`Claim.called_in`).
    """
    wanted, theirs = claim.wanted, read(sentence)
    place = _places(claim, theirs)
    missing = [number for number in range(len(wanted)) if number not in place]
    missing = [number for number in missing if not called or called.get(number) not in place]
    near, missing = _near(claim, missing, theirs, place)
    used = set(place.values())
    numbers = list(counted(claim.counts, counts(sentence)))
    clashes = [
        Clash("number", claim.text[slice(*mine.span)], sentence[slice(*its.span)], its.span)
        for mine, its in (pair for pair in numbers if isinstance(pair, tuple))
    ]
    opposed, missing = _opposites(claim, missing, theirs, used)
    clashes += opposed
    window = (max(0, min(used) - 4), max(used) + 1) if used else (0, 0)
    clashes += _negations(claim, theirs, window)
    named = _is_apposition(claim, theirs, place)
    doubts = [] if named else _uncertain(claim, theirs, window, used)
    doubts += _qualified(claim, theirs, place)
    if False in numbers:
        doubts.append(NUMBER_ABSENT)
    if named is False:
        doubts.append(Message("it says this of others"))
    if not all(_is_done_by(action, theirs, place, used) for action in claim.actions):
        doubts.append(SOMEBODY_ELSE)
    if _is_of_another_place(claim, theirs, place):
        doubts.append(Message("it says this of another place"))
    total = len(wanted) + len(numbers)
    found = len(wanted) - len(missing) - len(near) - len(opposed) + numbers.count(True)
    start = min((theirs[at].start for at in used), default=0)
    return Alignment(
        share=max(0.0, found / total) if total else 0.0,
        missing=tuple(wanted[number] for number in missing),
        near=near,
        clashes=tuple(clashes),
        doubts=tuple(doubts),
        start=start,
        titled=bool(named) and len(re.findall('["“”]', sentence[:start])) % 2 == 0,
    )


# --- which word stands for which -----------------------------------------------------------------


def counterparts(claim: Claim, theirs: Sequence[Word]) -> tuple[dict[int, int], set[int]]:
    """Where the claim's words that carry meaning have counterparts, by their numbers; and which only come near."""
    place = _places(claim, theirs)
    same = set(place)
    _near(claim, [number for number in range(len(claim.wanted)) if number not in place], theirs, place)
    return place, place.keys() - same


def _places(claim: Claim, theirs: Sequence[Word]) -> dict[int, int]:
    """The words of the claim that have a counterpart, by their numbers, with the place of that in the sentence."""
    spots: dict[str, list[int]] = {}
    for at, word in enumerate(theirs):
        spots.setdefault(word.key, []).append(at)
    acronyms = _acronyms(theirs)
    short = {word.text.replace(".", "").lower(): at for at, word in enumerate(theirs) if word.text.isupper()}
    spelled = {number: at for letters, at in short.items() for number in claim.acronyms.get(letters, ())}
    place: dict[int, int] = {}
    taken: dict[int, int] = {}
    last = -1
    for number, word in enumerate(claim.wanted):
        options: Sequence[int] = spots.get(word.key, ())
        if not options and claim.initials[number] in acronyms:
            options = acronyms[claim.initials[number]][-1:]
        if not options and number in spelled:
            options = [spelled[number]]
        unused = [at for at in options if at not in taken]
        if unused:
            place[number] = last = _next_to(last, unused)
            taken[last] = number
    return place


def _next_to(last: int, places: Iterable[int]) -> int:
    """The one of some places that is nearest to where the next word should stand."""
    return min(places, key=lambda at: (abs(at - last - 1), at))


def _near(
    claim: Claim, missing: list[int], theirs: Sequence[Word], place: dict[int, int]
) -> tuple[tuple[Word, ...], list[int]]:
    """The missing words for which a word of the sentence that is not taken may stand, which is noted; the others."""
    taken = set(place.values())
    hinting: dict[int | str, list[int]] = {}
    for at, other in enumerate(theirs):
        if other.key and at not in taken:
            for hint in hints(other):
                hinting.setdefault(hint, []).append(at)
    wanting = {number for number in missing if number not in place and not claim.wanted[number].name}
    options: dict[str, list[int]] = {}
    found: set[int] = set()
    last = -1
    for number, word in enumerate(claim.wanted):
        if number in wanting:
            if word.stem not in options:
                hinted = {at for hint in hints(word) for at in hinting.get(hint, ())}
                options[word.stem] = [at for at in hinted if is_near(word, theirs[at])]
            free = [at for at in options[word.stem] if at not in taken]
            if free:
                place[number] = _next_to(last, free)
                taken.add(place[number])
                found.add(number)
        last = place.get(number, last)
    return tuple(claim.wanted[number] for number in sorted(found)), [each for each in missing if each not in found]


_MOST_INITIALS = 6
"""Names of more words do not go by their initials."""


def _acronyms(words: Sequence[Word]) -> dict[str, tuple[int, ...]]:
    """The initials of every run of capitalised words, "of" and "and" left out, with the places of these words."""
    found: dict[str, tuple[int, ...]] = {}
    run: list[int] = []
    for at, word in enumerate([*words, Word("", "", "", 0, 0)]):
        if word.text[:1].isupper() and (len(word.text) == 1 or not word.text.isupper()):
            run.append(at)
        elif word.text not in ("of", "and", "for", "the") or not run:
            for first in range(len(run)):
                for last in range(first + 2, min(first + _MOST_INITIALS, len(run)) + 1):
                    part = tuple(run[first:last])
                    found.setdefault("".join(words[at].text[0] for at in part).lower(), part)
            run = []
    return found


# --- what speaks against it ----------------------------------------------------------------------


def _opposites(
    claim: Claim, missing: list[int], theirs: Sequence[Word], used: set[int]
) -> tuple[list[Clash], list[int]]:
    """Missing words of which the sentence has the opposite, or another of the same family; and the other ones."""
    first: dict[str, int] = {}
    for at, each in enumerate(theirs):
        if at not in used:
            first.setdefault(each.key, at)
    clashes, rest = [], []
    for number in missing:
        word = claim.wanted[number]
        found = (first[each] for each in excluded(word.key) if each in first)
        places = [at for at in found if word.key not in _MONTHS or {word.text, theirs[at].text} <= {*MONTHS}]
        if places:
            other = theirs[min(places)]
            clashes.append(Clash("word", word.text, other.text, Span(other.start, other.end)))
        else:
            rest.append(number)
    return clashes, rest


_MONTHS = frozenset(key(month.lower()) for month in MONTHS)
"""Some are verbs too: they march."""
NEGATIONS = frozenset("not no never none cannot without neither nor hardly nobody nothing".split())
_NO_NEGATION = re.compile(r"\bno (?:more|less|\w+er) than\b|\bnot only\b", re.IGNORECASE)


def _negations(claim: Claim, theirs: Sequence[Word], window: tuple[int, int]) -> list[Clash]:
    mine, its = claim.negations, _negated(theirs[slice(*window)])
    if len(mine) % 2 == len(its) % 2:
        return []
    found = its[0] if its else None
    span = Span(found.start, found.end) if found else None
    return [Clash("negation", mine[0].text if mine else "", found.text if found else "", span)]


def _negated(words: Sequence[Word]) -> list[Word]:
    texts = [word.text.lower() for word in words]
    return [
        word
        for at, word in enumerate(words)
        if (texts[at] in NEGATIONS or texts[at].endswith(("n't", "n’t")))
        and not _NO_NEGATION.match(" ".join(texts[at : at + 3]))
        and not (word.text[0].isupper() and words[at + 1 : at + 2] and words[at + 1].text[0].isupper())  # "No Kings"
    ]


_ALLEGED = Message("as what is alleged")
"""What stands anywhere before what is said to be so: "allegations that nominee Ann Lee did"."""
_POSSIBLE = {
    Message("as what will be"): "will would shall going",
    Message("as possible"): "could may might possible possibly likely perhaps potentially",
    Message(
        "as an aim"
    ): "aim aims aimed plan plans planned intend intends intended want wants wanted hope hopes hoped goal "
    "seek seeks sought wish wished effort means meant",
    Message(
        "as a promise or a threat"
    ): "promise promises promised vow vowed pledge pledged threaten threatened threatens",
    Message(
        "as an order"
    ): "order ordered orders instruct instructed direct directed directing tell told ask asked asking urge "
    "urged demand demanded command must",
    Message("as what seems so"): "seem seems seemed appear appears appeared",
    Message("under a condition"): "if unless whether",
    _ALLEGED: "allegation allegations alleged allegedly accusation accusations",
    Message("as what one believes"): "believe believes believed think thinks thought suspect suspects suspected "
    "consider considers",
}
_QUALIFIED = re.compile(
    r"(?:\b(?:deputy|vice|former|ex|acting|assistant|alleged|suspected|attempted|failed|fake|planned|proposed|possible|"
    r"potential|supposed)|\bso called)$"
)
"""What stands before a noun and makes it another thing."""
_FUTURE, _POSSIBLY = Message("as what will be"), Message("as possible")
_NOT_YET = {_FUTURE, "as an aim", "as an order", "as a promise or a threat"}
"""Whoever says one of these does not say that it has happened either."""
_KIND_OF = {word: reason for reason, row in _POSSIBLE.items() for word in row.split()}


def _uncertain(claim: Claim, theirs: Sequence[Word], window: tuple[int, int], used: set[int]) -> list[str]:
    """In which ways the sentence says less than that it is so, where the claim does not say the same."""
    mine, its = claim.kinds, _kinds(theirs, range(*window))
    less = _kinds(theirs, (at for at in range(*window) if at not in used)) - mine
    less |= ({_ALLEGED} & _kinds(theirs, range(window[0]))) - mine
    if mine & _NOT_YET:
        less -= {_FUTURE}
    weaker: list[str] = [Message("only {reason}", reason=reason) for reason in sorted(less)]
    return [*weaker, Message("as certain")] if _POSSIBLY in mine - its else weaker


def _qualified(claim: Claim, theirs: Sequence[Word], place: dict[int, int]) -> list[str]:
    """The words before a counterpart that make it another thing, as in "deputy mayor", where the claim has none."""
    before = (" ".join(word.text.lower() for word in theirs[max(at - 2, 0) : at]) for at in place.values())
    qualified = (found[0] for each in dict.fromkeys(before) if (found := _QUALIFIED.search(each)))
    return [
        Message('it says "{word}"', word=low.replace(" ", "-"))
        for low in qualified
        if not claim.lows.issuperset(low.split())
    ]


def _is_of_another_place(claim: Claim, theirs: Sequence[Word], place: Mapping[int, int]) -> bool:
    """Whether a place of the claim stands in a clause without its other words, and these beside another place.

    "They first met in Oslo", and "Although Ann worked in Oslo at that time, they first met in Bergen".
    """
    clauses = list(accumulate(word.apart for word in theirs))
    said = {clauses[at] for number, at in place.items() if not claim.wanted[number].name}
    used = {*place.values()}
    others = any(clauses[at] in said for at in range(len(theirs)) if at not in used and _is_place(theirs, at))
    own = (
        clauses[place[number]]
        for number, word in enumerate(claim.wanted)
        if number in place and word.name and _IN.search(claim.text, 0, word.start)
    )
    return others and any(clause not in said and clauses.count(clause) >= _CLAUSE for clause in own)


def _is_place(words: Sequence[Word], at: int) -> bool:
    """Whether a word is a name behind a preposition of place."""
    before = [word.text.lower() for word in words[max(at - 2, 0) : at] if word.text.lower() != "the"]
    return words[at].name and bool(before) and before[-1] in _WHERE


_WHERE = frozenset({"in", "at", "near", "outside"})
_IN = re.compile(r"\b(?:in|at|near|outside) (?:the )?\Z")
_CLAUSE = 5
"""Words of what is a clause, and no name of a list, at least."""


def _kinds(words: Sequence[Word], places: Iterable[int]) -> set[str]:
    found: set[str] = set()
    for at in places:
        low = words[at].low
        after = words[at + 1].text.lower() if at + 1 < len(words) else ""
        if low in _BE and after == "to":
            found.add(_FUTURE)
        if low in _KIND_OF and not _is_thing(words, at):
            found.add(_KIND_OF[low])
    return found


def _is_thing(words: Sequence[Word], at: int) -> bool:
    """Whether a word that can be a verb is none here: "Trump's order", "the plan"."""
    before = words[at - 1] if at else None
    return before is not None and (
        (before.possessive and bool(words[at].key) and not words[at].apart)
        or before.text.lower() in ("the", "an", "this", "his", "her")
    )


# --- who does it ---------------------------------------------------------------------------------

_SAY = key("say")
_BE = frozenset("is are was were be been being".split())
AUXILIARIES = _BE | frozenset("has have had will would did do does can could may might must should shall".split())
_PREPOSITIONS = frozenset(
    "in at of to from against with for on near into over under before after outside across "
    "around along among between within".split()
)
_AMOUNTS = frozenset(
    "handful couple number dozens hundreds thousands millions majority group crowd crowds part lot".split()
)
"""What "of" may stand behind without a change of who does it: "a handful of demonstrators"."""


def _actions(words: Sequence[Word]) -> Iterator[tuple[int, int, bool]]:
    """Where the last word of a subject and its verb stand, and whether it is passive; then those of what is said."""
    start = 0
    while found := _actor(words[start:]):
        head, verb = found
        yield start + head, start + verb, _is_passive(words[start:], verb)
        start += verb + 1
        if words[start - 1].key != _SAY:
            return


def _actor(words: Sequence[Word]) -> tuple[int, int] | None:
    """Where the subject's last word and the verb of a plain sentence stand; None where that is not plain."""
    opening = words[0].text.lower() if words else ""
    if opening in _PREPOSITIONS or opening in ("according", "during", "since"):
        return None
    head = -1
    for at, word in enumerate(words):
        low = word.text.lower()
        if head >= 0 and (low in _PREPOSITIONS or low in AUXILIARIES or (not word.name and is_past(low))):
            return _verb_after(words, at, head)
        if word.key:
            head = at
    return None


def _named_and_described(words: Sequence[Word]) -> tuple[range, range]:
    """Where a name stands and where what it is said to be, as in "Anna Berg is the mayor of"; nowhere in others."""
    at = next((at for at, word in enumerate(words) if word.text.lower() in _BE or word.text.lower() == "serves"), 0)
    end = next((n for n in range(at, len(words)) if words[n].text.lower() in _PREPOSITIONS), len(words))
    verbs = (word for word in words[at + 1 : end] if word.key and not word.name and is_past(word.text.lower()))
    if not all(word.name for word in words[:at]) or any(verbs):
        return range(0), range(0)
    return range(at), range(at, end)


def _is_apposition(claim: Claim, theirs: Sequence[Word], place: dict[int, int]) -> bool | None:
    """Whether a sentence has what somebody is right beside the name: "Mayor Anna Berg", "Anna Berg, the mayor".

    None where the claim does not say what somebody is, or the sentence says it with a verb.
    """
    if not claim.who or not claim.what or any(number not in place for number in (*claim.who, *claim.what)):
        return None
    who, title = [place[number] for number in claim.who], [place[number] for number in claim.what]
    both = [*who, *title]
    between = theirs[min(both) : max(both) + 1]
    if any(word.text.lower() in _BE for word in between):
        return None
    beside = max(title) < min(who) or theirs[min(title)].apart or theirs[min(title) - 1].apart
    return beside and sum(bool(word.key) for word in between) == len(set(both))


def _verb_after(words: Sequence[Word], at: int, head: int) -> tuple[int, int] | None:
    for place, word in enumerate(words[at:], at):
        if word.key and not word.name and (is_past(word.text.lower()) or _auxiliary_before(words, place)):
            return head, place
    return None


def _auxiliary_before(words: Sequence[Word], at: int) -> bool:
    while at and words[at - 1].text.lower() in NEGATIONS:
        at -= 1
    return at > 0 and words[at - 1].text.lower() in AUXILIARIES


def _is_done_by(action: _Action, theirs: Sequence[Word], place: dict[int, int], used: set[int]) -> bool:
    """Whether who does something in the claim does it in the sentence, as far as that is plain."""
    head, verb = place.get(action.subject), place.get(action.verb)
    if head is None or verb is None or theirs[verb].text.lower() == "according":
        return True
    its_passive = _is_passive(theirs, verb)
    first = head
    while first and theirs[first - 1].name and theirs[first].name and not theirs[first].apart:
        first -= 1
    led = _led_by(theirs, first)
    if led == "the":
        led = _led_by(theirs, first - 1)
    if head > verb:
        return action.passive != its_passive and (led == "by") is its_passive
    if led == "by" or not _PREPOSITIONS.isdisjoint((led, _led_by(theirs, head))):
        return False
    return action.passive == its_passive and not _somebody_between(theirs, head, verb, used)


def _led_by(words: Sequence[Word], at: int) -> str:
    """The word before, unless a mark or an amount stands there: "a handful of" leads nothing."""
    led = words[at - 1].text.lower() if at and not words[at].apart else ""
    return "" if led == "of" and at > 1 and words[at - 2].text.lower() in _AMOUNTS else led


def _is_passive(words: Sequence[Word], verb: int) -> bool:
    low = words[verb].text.lower()
    near = [word.text.lower() for word in words[max(0, verb - 3) : verb]]
    return is_past(low) and any(text in _BE for text in near)


def _somebody_between(theirs: Sequence[Word], head: int, verb: int, used: set[int]) -> bool:
    """Whether another name, or another's words, come between the actor and what is done.

    A name belongs to the actor where it is one of a list, or of a phrase between commas or prepositions.
    """
    joined, names = False, True
    for at in range(head + 1, verb):
        word, low = theirs[at], theirs[at].text.lower()
        names = names and word.name
        if at not in used:
            if word.key == _SAY or low in ("called", "calls"):
                return True
            if word.name and not joined and not names:
                return True
        joined = joined or low in ("and", "or") or low in _PREPOSITIONS
    return False
