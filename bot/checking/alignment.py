"""A claim beside a sentence, word by word: which of its words it has, and which facts speak against it.

Each word of a claim that carries meaning looks for its counterpart in the sentence: the same word by its stem, one that
a short list of general English calls the same, or one formed from it. Where all have one, the sentence says what the
claim says. Where some have none, only a reader can tell. Whatever a reader says, a number that is not there, another
day, a "not", or one word exchanged for another forbids that the sentence bears the claim out.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.english.counts import Count, counted, counts, given
from bot.english.words import PAST, Word, excluded, has_family, is_derived, key, narrower, opening, read
from embeddings.passages import Span


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
    """Of the claim's words, names and numbers: how many have their counterpart."""
    missing: tuple[Word, ...]
    """Words without one."""
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
        return not (self.missing or self.clashes or self.doubts)

    @property
    def unnamed(self) -> tuple[Word, ...]:
        """The names, days and the like among the words without a counterpart: nothing else can stand for them."""
        return tuple(word for word in self.missing if word.name or has_family(word))

    @property
    def possible(self) -> bool:
        """Whether no fact forbids that the sentence bears the claim out, in other words perhaps."""
        return not (self.unnamed or self.clashes or self.doubts)


NEAR_COPY = 10
"""A claim of so many words of which a sentence has all but one is its copy with one exchanged, wherever that stands."""


class _Action(NamedTuple):
    """Who does what: the numbers of the last word of the subject and of the verb."""

    subject: int
    verb: int
    passive: bool


class _Part(NamedTuple):
    """A part of a claim, such as one side of "while": the numbers of its words, and its counts."""

    words: tuple[int, ...]
    counts: tuple[Count, ...]


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
    parts: tuple[_Part, ...]
    who: tuple[int, ...]
    what: tuple[int, ...]
    """The numbers of a name, and of what it is said to be: "Anna Berg", "mayor"; none where it says nothing such."""

    @classmethod
    def of(cls, text: str) -> "Claim":
        """Read a claim."""
        words = read(text)
        places = [at for at, word in enumerate(words) if word.key]
        number_of = {at: number for number, at in enumerate(places)}
        wanted = tuple(words[at] for at in places)
        plain = [word.text.replace(".", "") for word in wanted]
        found = counts(text)
        who, what = ([number_of[at] for at in part if at in number_of] for part in _named_and_described(words))
        return cls(
            text=text,
            wanted=wanted,
            counts=found,
            lows=frozenset(word.text.lower() for word in words),
            initials=tuple(letters.lower() if letters.isupper() else "" for letters in plain),
            acronyms=_acronyms(wanted),
            negations=tuple(_negated(words)),
            kinds=frozenset(_kinds(words, range(len(words)))),
            actions=tuple(_Action(number_of[head], number_of[verb], *rest) for head, verb, *rest in _actions(words)),
            parts=tuple(_parts(text, wanted, found)),
            who=tuple(who),
            what=tuple(what),
        )


def align(claim: Claim, sentence: str) -> Alignment:
    """Compare a sentence with a claim, in a time that grows with the length of either, not with its square."""
    wanted, theirs = claim.wanted, read(sentence)
    place = _places(claim, theirs)
    _derive(claim, theirs, place)
    missing = [number for number in range(len(wanted)) if number not in place]
    used = set(place.values())
    stated = counts(sentence)
    numbers = list(counted(claim.counts, stated))
    clashes = [
        Clash("number", claim.text[slice(*mine.span)], sentence[slice(*its.span)], its.span)
        for mine, its in (pair for pair in numbers if isinstance(pair, tuple))
    ]
    opposed, missing = _opposites(claim, missing, theirs, used)
    window = _window(used)
    clashes += opposed + _negations(claim, theirs, window)
    named = _is_apposition(claim, theirs, place)
    doubts = [
        *([] if named else _uncertain(claim, theirs, window, used)),
        *_qualified(claim, theirs, place),
        *_exchanged(claim, theirs, place, missing, used),
    ]
    if len(missing) == 1 and len(wanted) >= NEAR_COPY:
        doubts.append(f'it does not say "{wanted[missing[0]].text}"')
    if False in numbers:
        doubts.append("a number of the claim is not in it")
    if not all(_is_done_by(action, theirs, place, used) for action in claim.actions):
        doubts.append("somebody else does it")
    if named is False or _apart(claim, sentence, theirs, place, stated):
        doubts.append("it says this of another")
    start = min((theirs[at].start for at in used), default=0)
    total = len(wanted) + len(numbers)
    found = len(wanted) - len(missing) - len(opposed) + numbers.count(True)
    return Alignment(
        share=max(0.0, found / total) if total else 0.0,
        missing=tuple(wanted[number] for number in missing),
        clashes=tuple(clashes),
        doubts=tuple(doubts),
        start=start,
        titled=bool(named) and len(re.findall('["“”]', sentence[:start])) % 2 == 0,
    )


# --- which word stands for which -----------------------------------------------------------------


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
    for number, word in enumerate(claim.wanted):
        wide = narrower(word.key) if number not in place else ()
        for at in sorted(at for each in wide for at in spots.get(each, ())):
            if abs(taken.get(at, number) - number) <= 1:  # "people protested" for "protesters"
                place[number] = at
    return place


def _next_to(last: int, places: Iterable[int]) -> int:
    """The one of some places that is nearest to where the next word should stand."""
    return min(places, key=lambda at: (abs(at - last - 1), at))


def _derive(claim: Claim, theirs: Sequence[Word], place: dict[int, int]) -> None:
    """Note the words that are formed from one of the claim's and not taken, for those that have no counterpart."""
    taken = set(place.values())
    alike: dict[str, list[int]] = {}
    for at, other in enumerate(theirs):
        if other.key and at not in taken:
            alike.setdefault(opening(other), []).append(at)
    last = -1
    for number, word in enumerate(claim.wanted):
        if number not in place and not word.name:
            free = [at for at in alike.get(opening(word), ()) if at not in taken and is_derived(word, theirs[at])]
            if free:
                place[number] = _next_to(last, free)
                taken.add(place[number])
        last = place.get(number, last)


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
        places = [first[each] for each in excluded(word.key) if each in first]
        if places:
            other = theirs[min(places)]
            clashes.append(Clash("word", word.text, other.text, Span(other.start, other.end)))
        else:
            rest.append(number)
    return clashes, rest


_NEGATIONS = frozenset("not no never none cannot without neither nor hardly nobody nothing".split())
_NO_NEGATION = re.compile(r"\bno (?:more|less|\w+er) than\b|\bnot only\b", re.IGNORECASE)


def _window(used: set[int]) -> tuple[int, int]:
    return (max(0, min(used) - 4), max(used) + 1) if used else (0, 0)


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
        if (texts[at] in _NEGATIONS or texts[at].endswith(("n't", "n’t")))
        and not _NO_NEGATION.match(" ".join(texts[at : at + 3]))
        and not (word.text[0].isupper() and words[at + 1 : at + 2] and words[at + 1].text[0].isupper())  # "No Kings"
    ]


def _exchanged(
    claim: Claim, theirs: Sequence[Word], place: Mapping[int, int], missing: Iterable[int], used: set[int]
) -> Iterator[str]:
    """Words of the claim in whose very place the sentence has another: those on either side are the same.

    "The mill was painted in May" is not said by "The mill was closed in May". Verbs of saying behind a name are
    exchanged freely, "Berg said" for "Berg charged": who speaks is looked at elsewhere.
    """
    keyed = [at for at, word in enumerate(theirs) if word.key]
    rank = {at: n for n, at in enumerate(keyed)}
    last = len(claim.wanted) - 1
    for number in missing:
        word = claim.wanted[number]
        before, after = rank.get(place.get(number - 1, -1)), rank.get(place.get(number + 1, -1))
        slot = before + 1 if before is not None else after - 1 if after is not None and not number else -1
        if not 0 <= slot < len(keyed) or keyed[slot] in used:
            continue
        its = theirs[keyed[slot]]
        ends = slot + 1 == len(keyed) or theirs[keyed[slot + 1]].apart
        if not (ends if number == last else after == slot + 1):
            continue
        if not (number and word.key == _SAY and claim.wanted[number - 1].name and _looks_a_verb(its.text.lower())):
            yield f'it says "{its.text}" for "{word.text}"'


_CONTRAST = re.compile(
    r";|,? (?:while|whereas|but|although|though|unlike|compared (?:with|to)|in contrast (?:with|to))\b"
)
_LISTED = re.compile(rf"{_CONTRAST.pattern}|,(?!\d)| and\b")


def _starts(text: str, pattern: re.Pattern[str]) -> list[int]:
    return [match.end() for match in pattern.finditer(text)]


def _parts(text: str, wanted: Sequence[Word], found: Sequence[Count]) -> Iterator[_Part]:
    """The sides of a contrast, and of several counts each with what it belongs to."""
    starts = _starts(text, _LISTED if len(found) > 1 else _CONTRAST)
    words: list[list[int]] = [[] for _ in range(len(starts) + 1)]
    numbers: list[list[Count]] = [[] for _ in words]
    for number, word in enumerate(wanted):
        words[bisect_right(starts, word.start)].append(number)
    for count in found:
        numbers[bisect_right(starts, count.span.start)].append(count)
    yield from (_Part(tuple(each), tuple(some)) for each, some in zip(words, numbers, strict=True))


def _apart(
    claim: Claim, sentence: str, theirs: Sequence[Word], place: Mapping[int, int], stated: Sequence[Count]
) -> bool:
    """Whether the sentence says of two things apart what a part of the claim says of one.

    "The large box holds 40 cups" is not said by "The small box holds 40 cups, while the large box holds 90".
    """
    return _sides_mixed(claim, sentence, theirs, place) or _counts_mixed(claim, sentence, theirs, place, stated)


def _sides_mixed(claim: Claim, sentence: str, theirs: Sequence[Word], place: Mapping[int, int]) -> bool:
    """Whether a part's words are on both sides of a contrast, each of which speaks of something else too."""
    starts = [start for start in _starts(sentence, _CONTRAST) if _is_clause(theirs, start)]
    if not starts:
        return False
    sides = [bisect_right(starts, word.start) for word in theirs]
    where: dict[str, set[int]] = {}
    for at, word in enumerate(theirs):
        where.setdefault(word.key, set()).add(sides[at])
    for part in claim.parts:
        own = {place[number] for number in part.words if number in place}
        others = {sides[at] for at, word in enumerate(theirs) if word.key and at not in own}
        only = {sides[at] for at in own if len(where[theirs[at].key]) == 1}
        if len(only & others) > 1:
            return True
    return False


def _is_clause(words: Sequence[Word], start: int) -> bool:
    """Whether what begins here has a subject and a verb of its own: "but the mill is", not "but is" or "but a mill"."""
    following = [word for word in words if word.start >= start]
    verb = next((at for at, word in enumerate(following) if _is_finite(word)), 0)
    return any(word.key for word in following[:verb])


def _is_finite(word: Word) -> bool:
    low = word.text.lower()
    return low in _AUXILIARY or (not word.name and (_looks_a_verb(low) or (bool(word.key) and low.endswith("s"))))


def _counts_mixed(
    claim: Claim, sentence: str, theirs: Sequence[Word], place: Mapping[int, int], stated: Sequence[Count]
) -> bool:
    """Whether a count stands with something else, and what the claim gives it for stands with another count."""
    if len(stated) < 2:
        return False
    starts = _starts(sentence, _LISTED)
    segments = [bisect_right(starts, word.start) for word in theirs]
    counting = {bisect_right(starts, count.span.start) for count in stated}
    units = frozenset[str]().union(*(count.unit for count in stated))
    for part in claim.parts:
        own = {place[number] for number in part.words if number in place}
        rivals = {
            segments[at] for at, word in enumerate(theirs) if word.key and at not in own and word.key not in units
        }
        elsewhere = {segments[at] for at in own if theirs[at].key not in units} & counting
        for count in part.counts:
            its = given(count, stated)
            segment = bisect_right(starts, its.span.start) if its else -1
            if segment in rivals and elsewhere - {segment}:
                return True
    return False


_POSSIBLE = {
    "as what will be": "will would shall going",
    "as possible": "could may might possible possibly likely perhaps potentially",
    "as an aim": "aim aims aimed plan plans planned intend intends intended want wants wanted hope hopes hoped goal "
    "seek seeks sought wish wished effort means meant",
    "as a promise or a threat": "promise promises promised vow vowed pledge pledged threaten threatened threatens",
    "as an order": "order ordered orders instruct instructed direct directed directing tell told ask asked asking urge "
    "urged demand demanded command must",
    "as what seems so": "seem seems seemed appear appears appeared",
    "under a condition": "if unless whether",
    "as what one believes": "believe believes believed think thinks thought suspect suspects suspected "
    "consider considers",
}
_QUALIFIED = frozenset(
    "deputy vice former ex acting assistant alleged suspected attempted failed fake planned proposed possible "
    "potential so-called supposed".split()
)
"""What stands before a noun and makes it another thing."""
_FUTURE, _POSSIBLY = "as what will be", "as possible"
_NOT_YET = {_FUTURE, "as an aim", "as an order", "as a promise or a threat"}
"""Whoever says one of these does not say that it has happened either."""
_KIND_OF = {word: reason for reason, row in _POSSIBLE.items() for word in row.split()}


def _uncertain(claim: Claim, theirs: Sequence[Word], window: tuple[int, int], used: set[int]) -> list[str]:
    """In which ways the sentence says less than that it is so, where the claim does not say the same."""
    mine, its = claim.kinds, _kinds(theirs, range(*window))
    less = _kinds(theirs, (at for at in range(*window) if at not in used)) - mine
    if mine & _NOT_YET:
        less -= {_FUTURE}
    return [*(f"only {reason}" for reason in sorted(less)), *(["as certain"] if _POSSIBLY in mine - its else [])]


def _qualified(claim: Claim, theirs: Sequence[Word], place: dict[int, int]) -> list[str]:
    """The words before a counterpart that make it another thing, as in "deputy mayor", where the claim has none."""
    before = (theirs[at - 1].text.lower() for at in place.values() if at)
    return [f'it says "{low}"' for low in dict.fromkeys(before) if low in _QUALIFIED and low not in claim.lows]


def _kinds(words: Sequence[Word], places: Iterable[int]) -> set[str]:
    found = set()
    for at in places:
        low = words[at].text.lower()
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
_AUXILIARY = _BE | frozenset("has have had will would did do does can could may might must should shall".split())
_PRONOUNS = frozenset("he she it they".split())
_PREPOSITIONS = frozenset(
    "in at of to from against with for on near into over under before after outside across "
    "around along among between within".split()
)


def subject(text: str) -> list[Word]:
    """The words before the first verb of a text: who does what it says, if anybody does."""
    words = read(text)
    verb = next((at for at, word in enumerate(words) if at and (_is_finite(word) or _says(word))), 0)
    return [word for word in words[:verb] if word.key and not word.possessive]


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
    at = 0
    first = words[0].text.lower() if words else ""
    if first in _PREPOSITIONS or first in ("according", "during", "since"):
        return None
    head = -1
    while at < len(words):
        text = words[at].text
        low = text.lower()
        if head >= 0 and low in _PREPOSITIONS:
            return _verb_after(words, at, head)
        if head >= 0 and (low in _AUXILIARY or _says(words[at]) or (not words[at].name and _looks_a_verb(low))):
            return _verb_after(words, at, head)
        if words[at].key:
            head = at
        at += 1
    return None


def _looks_a_verb(low: str) -> bool:
    return low.endswith("ed") or low in PAST


def _says(word: Word) -> bool:
    return word.key == _SAY and word.text.endswith("s")


def _verb_after(words: Sequence[Word], at: int, head: int) -> tuple[int, int] | None:
    for place in range(at, len(words)):
        low = words[place].text.lower()
        if (
            words[place].key
            and not words[place].name
            and (_looks_a_verb(low) or _says(words[place]) or _auxiliary_before(words, place))
        ):
            return head, place
    return None


def _auxiliary_before(words: Sequence[Word], at: int) -> bool:
    while at and words[at - 1].text.lower() in _NEGATIONS:
        at -= 1
    return at > 0 and words[at - 1].text.lower() in _AUXILIARY


def _is_done_by(action: _Action, theirs: Sequence[Word], place: Mapping[int, int], used: set[int]) -> bool:
    """Whether who does something in the claim does it in the sentence, as far as that is plain.

    "Police attacked" is not said by "the crowd attacked police", but by "the crowd was attacked by police"; "Berg sold
    it" is not said by "Berg said that Dahl sold it".
    """
    head, verb = place.get(action.subject), place.get(action.verb)
    if head is None or verb is None or head == verb or not _stands_as_verb(theirs, verb):
        return True
    passive = _is_passive(theirs, verb)
    if head < verb:
        return passive == action.passive and not _somebody_between(theirs, head, verb, used)
    first = head
    while first and theirs[first - 1].name and theirs[first].name and not theirs[first].apart:
        first -= 1
    led = _led_by(theirs, first)
    by = (_led_by(theirs, first - 1) if led == "the" else led) == "by"
    return not passive and not by if action.passive else passive and by


def _stands_as_verb(words: Sequence[Word], at: int) -> bool:
    low = words[at].text.lower()
    return low != "according" and (_looks_a_verb(low) or low.endswith(("s", "ing")) or _auxiliary_before(words, at))


def _led_by(words: Sequence[Word], at: int) -> str:
    return words[at - 1].text.lower() if at and not words[at].apart else ""


def _is_passive(words: Sequence[Word], verb: int) -> bool:
    low = words[verb].text.lower()
    near = [word.text.lower() for word in words[max(0, verb - 3) : verb]]
    return (low.endswith("ed") or low in PAST) and any(text in _BE for text in near)


def _somebody_between(theirs: Sequence[Word], head: int, verb: int, used: set[int]) -> bool:
    """Whether another name, or another's words, come between the actor and what is done.

    A name belongs to the actor where it is one of a list, or of a phrase between commas or prepositions.
    """
    joined, names = False, True
    if theirs[verb - 1].text.lower() in _PRONOUNS:
        return False
    for at in range(head + 1, verb):
        word, low = theirs[at], theirs[at].text.lower()
        names = names and word.name
        if at not in used and (word.key == _SAY or low in ("called", "calls")):
            return True
        if at not in used and word.name and not joined and not names:
            return True
        joined = joined or low in ("and", "or") or low in _PREPOSITIONS
    return False


def _named_and_described(words: Sequence[Word]) -> tuple[range, range]:
    """Where a name stands and where what it is said to be, as in "Anna Berg is the mayor of"; nowhere in others."""
    at = next((at for at, word in enumerate(words) if word.text.lower() in _BE or word.text.lower() == "serves"), 0)
    end = next((n for n in range(at, len(words)) if words[n].text.lower() in _PREPOSITIONS), len(words))
    if not all(word.name for word in words[:at]) or any(map(_is_verb, words[at + 1 : end])):
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


def _is_verb(word: Word) -> bool:
    return bool(word.key) and not word.name and _looks_a_verb(word.text.lower())
