"""Whether a sentence says what a claim says, word by word: strict rules that need no model.

Every word of a claim that carries meaning has to have its counterpart in the sentence, its names and numbers above
all, with the same actor, the same negation and the same certainty. Words count as the same by their stem, or when a
short list of general English says so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.answering.counts import counted
from bot.answering.words import ADVERSE, PAST, Word, excludes, has_family, is_near, key, narrower, read
from embeddings.passages import Span


@dataclass(frozen=True, slots=True)
class Clash:
    """What a claim says and what the sentence says in its place."""

    kind: str
    """`number`, `word`, `negation` or `name`."""
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
    """Words without one that a sentence must have."""
    light: tuple[Word, ...]
    """Words without one that may only be said otherwise: verbs and adverbs."""
    near: tuple[Word, ...]
    """Words whose counterpart says the same only if the sentence as a whole does."""
    clashes: tuple[Clash, ...]
    doubts: tuple[str, ...]
    """Why the sentence does not bear the claim out though the words are there."""

    words: int
    """How many words that are no names have their counterpart."""
    start: int
    """Where in the sentence the first counterpart stands."""
    titled: bool = False
    """Whether it says what somebody is right beside the name, as in "Mayor Anna Berg", and not in a quotation."""

    @property
    def complete(self) -> bool:
        """Whether every word has its counterpart and nothing speaks against it."""
        return not (self.missing or self.light or self.near or self.clashes or self.doubts)


def align(claim: str, sentence: str, before: str = "", context: str = "") -> Alignment:
    """Compare a sentence with a claim.

    `before` is the sentence before it, which may name whom a pronoun means; `context` what stands around it, where
    "the protests" may have a name.
    """
    ours, theirs = read(claim), read(sentence)
    wanted = [word for word in ours if word.key]
    place, missing = _places(wanted, theirs, sentence)
    missing = _named_around(_named_before(missing, theirs, before), wanted, theirs, place, context)
    near, missing = _near(missing, wanted, theirs, place)
    numbers = list(counted(claim, sentence))
    clashes = [
        Clash("number", claim[slice(*mine.span)], sentence[slice(*its.span)], its.span)
        for mine, its in (pair for pair in numbers if isinstance(pair, tuple))
    ]
    opposed, missing = _opposites(missing, theirs, set(place.values()))
    clashes += opposed
    window = _window(place, theirs)
    clashes += _negations(ours, theirs, window)
    rivals, missing = _rivals(missing, ours, theirs, set(place.values()))
    clashes += rivals
    light = tuple(word for word in missing if _is_light(word, ours))
    heavy = tuple(word for word in missing if word not in light)
    named = _is_apposition(ours, wanted, theirs, place)
    doubts = [] if named else _uncertain(ours, theirs, window, set(place.values()))
    doubts += _qualified(ours, theirs, place)
    if light and any(word.key in ADVERSE for word in [*light, *_unused(theirs, place)]):
        doubts.append("it may say the opposite")
    if False in numbers:
        doubts.append("a number of the claim is not in it")
    if named is False:
        doubts.append("it says this of others")
    if not _same_actor(ours, theirs, {id(wanted[number]): at for number, at in place.items()}):
        doubts.append("somebody else does it")
    if not _same_order(ours, wanted, theirs, place):
        doubts.append("it says this of others")
    total = len(wanted) + len(numbers)
    found = len(wanted) - len(missing) - len(near) - len(rivals) - len(opposed) + numbers.count(True)
    start = min((theirs[at].start for at in place.values()), default=0)
    return Alignment(
        share=max(0.0, found / total) if total else 0.0,
        missing=heavy,
        light=light,
        near=near,
        clashes=tuple(clashes),
        doubts=tuple(doubts),
        words=sum(not wanted[number].name for number in place),
        start=start,
        titled=bool(named) and len(re.findall('["“”]', sentence[:start])) % 2 == 0,
    )


def _is_light(word: Word, words: Sequence[Word]) -> bool:
    """Whether it is a verb or an adverb, as far as its form and its neighbours tell."""
    at = next(at for at, each in enumerate(words) if each is word)
    before = words[at - 1].text.lower() if at else ""
    after = words[at + 1].text.lower() if at + 1 < len(words) else ""
    if word.name or has_family(word) or before in _ARTICLES or after in _AUXILIARY:
        return False
    return word.text.endswith(("ed", "ing", "ly")) or word.text.lower() in PAST or word.key in _VERBS


_ARTICLES = frozenset("the a an this that these those his her its their our my your of".split())
_VERBS = {
    key(word)
    for word in "deploy begin increase aim order use mean show allow leave arrive lead influence compare support make "
    "call take send".split()
}


# --- which word stands for which -----------------------------------------------------------------


def _places(wanted: Sequence[Word], theirs: Sequence[Word], sentence: str) -> tuple[dict[int, int], list[Word]]:
    """For each word of the claim, by its place among `wanted`, the word of the sentence; and those without one."""
    acronyms = _acronyms(theirs)
    place: dict[int, int] = {}
    spelled = _acronyms(wanted)
    short = {w.text.replace(".", "").lower(): n for n, w in enumerate(theirs) if w.text.isupper()}
    by_acronym = {
        member: short[letters] for letters, members in spelled.items() if letters in short for member in members
    }
    taken: dict[int, int] = {}
    last = -1
    for number, word in enumerate(wanted):
        options = [at for at, other in enumerate(theirs) if other.key == word.key]
        plain = word.text.replace(".", "").lower()
        if not options and word.text.replace(".", "").isupper() and plain in acronyms:
            options = [acronyms[plain][-1]]
        if not options and number in by_acronym:
            options = [by_acronym[number]]
        unused = [at for at in options if at not in taken]
        if unused:
            place[number] = last = min(unused, key=lambda at: (abs(at - last - 1), at))
            taken[last] = number
    for number, word in enumerate(wanted):
        wide = narrower(word.key) if number not in place else ()
        for at, other in enumerate(theirs):
            if other.key in wide and abs(taken.get(at, number) - number) <= 1:  # "people protested" for "protesters"
                place[number] = at
    return place, [word for number, word in enumerate(wanted) if number not in place]


def _near(
    missing: list[Word], wanted: Sequence[Word], theirs: Sequence[Word], place: dict[int, int]
) -> tuple[tuple[Word, ...], list[Word]]:
    """The missing words for which a word of the sentence that is not taken may stand, which is noted; the others."""
    found = []
    for number, word in enumerate(wanted):
        if word in missing and number not in place:
            taken = set(place.values())
            free = [at for at, other in enumerate(theirs) if other.key and at not in taken and is_near(word, other)]
            if free:
                last = next((place[before] for before in range(number - 1, -1, -1) if before in place), -1)
                place[number] = min(free, key=lambda at: (abs(at - last - 1), at))
                found.append(word)
    return tuple(found), [word for word in missing if word not in found]


def _acronyms(words: Sequence[Word]) -> dict[str, tuple[int, ...]]:
    """The initials of every run of capitalised words, "of" and "and" left out, with the places of these words."""
    found: dict[str, tuple[int, ...]] = {}
    run: list[int] = []
    for at, word in enumerate([*words, Word("", "", "", 0, 0)]):
        if word.text[:1].isupper() and (len(word.text) == 1 or not word.text.isupper()):
            run.append(at)
        elif word.text not in ("of", "and", "for", "the") or not run:
            for first in range(len(run)):
                for last in range(first + 2, len(run) + 1):
                    part = tuple(run[first:last])
                    found.setdefault("".join(words[at].text[0] for at in part).lower(), part)
            run = []
    return found


def _named_before(missing: list[Word], theirs: Sequence[Word], before: str) -> list[Word]:
    """The missing words without the name that the sentence before begins with, where a pronoun stands for it."""
    if not before or not any(word.text.lower() in ("he", "she", "they", "it", "his", "her") for word in theirs[:6]):
        return missing
    opening = []
    for word in read(before):
        if word.text[0].isupper():
            opening.append(key(word.text.lower()))
        elif opening or word.key:
            break
    return [word for word in missing if not (word.name and word.key in opening)]


def _named_around(
    missing: list[Word], wanted: Sequence[Word], theirs: Sequence[Word], place: dict[int, int], context: str
) -> list[Word]:
    """The missing words without the name of what the sentence calls "the protests", where the context names it."""
    around = [word.key for word in read(context)] if any(word.name for word in missing) else []
    found: list[Word] = []
    for number in range(len(wanted) - 1, -1, -1):
        word, following = wanted[number], wanted[number + 1] if number + 1 < len(wanted) else None
        if word not in missing or not word.name or following is None:
            continue
        at = place.get(number + 1)
        definite = at is not None and theirs[max(0, at - 1)].text.lower() in ("the", "these", "those")
        if (definite or following in found) and (word.key, following.key) in pairwise(around):
            found.append(word)
    return [word for word in missing if word not in found]


def _unused(theirs: Sequence[Word], place: dict[int, int]) -> list[Word]:
    return [theirs[at] for at in range(*_window(place, theirs)) if at not in place.values()]


# --- what speaks against it ----------------------------------------------------------------------


def _opposites(missing: list[Word], theirs: Sequence[Word], used: set[int]) -> tuple[list[Clash], list[Word]]:
    """Missing words of which the sentence has the opposite, or another of the same family; and the other ones."""
    clashes, rest = [], []
    for word in missing:
        other = next(
            (each for at, each in enumerate(theirs) if at not in used and each.key and excludes(word, each)), None
        )
        if other:
            clashes.append(Clash("word", word.text, other.text, Span(other.start, other.end)))
        else:
            rest.append(word)
    return clashes, rest


_NEGATIONS = frozenset("not no never none cannot without neither nor hardly nobody nothing".split())
_NO_NEGATION = re.compile(r"\bno (?:more|less|\w+er) than\b|\bnot only\b", re.IGNORECASE)


def _window(place: dict[int, int], theirs: Sequence[Word]) -> tuple[int, int]:
    if not place:
        return 0, 0
    return max(0, min(place.values()) - 4), max(place.values()) + 1


def _negations(ours: Sequence[Word], theirs: Sequence[Word], window: tuple[int, int]) -> list[Clash]:
    mine, its = _negated(ours), _negated(theirs[slice(*window)])
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


def _rivals(
    missing: list[Word], ours: Sequence[Word], theirs: Sequence[Word], used: set[int]
) -> tuple[list[Clash], list[Word]]:
    """A missing name in whose place the sentence has another one, after the same preposition; and the other words."""
    clashes, rest = [], []
    heads = {id(word): _role(ours, at) for at, word in enumerate(ours)}
    for word in missing:
        role = heads.get(id(word), "")
        other = None
        if word.name and role:
            other = next(
                (
                    each
                    for at, each in enumerate(theirs)
                    if at not in used and each.name and _role(theirs, at) == role and each.key != word.key
                ),
                None,
            )
        if other:
            clashes.append(Clash("name", word.text, other.text, Span(other.start, other.end)))
        else:
            rest.append(word)
    return clashes, rest


_PLACING = {"in": "in", "at": "in", "near": "in", "outside": "in", "to": "to", "into": "to", "from": "from"}


def _role(words: Sequence[Word], at: int) -> str:
    """In which place a name stands: the preposition of its run of names, or `first` where it opens the text."""
    while at and (words[at - 1].name or words[at - 1].text.lower() == "the") and not words[at].apart:
        at -= 1
    if at == 0 or words[at].apart:
        return "first"
    return _PLACING.get(words[at - 1].text.lower(), "")


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


def _uncertain(ours: Sequence[Word], theirs: Sequence[Word], window: tuple[int, int], used: set[int]) -> list[str]:
    """In which ways the sentence says less than that it is so, where the claim does not say the same."""
    mine, its = _kinds(ours, range(len(ours))), _kinds(theirs, range(*window))
    less = _kinds(theirs, (at for at in range(*window) if at not in used)) - mine
    if mine & _NOT_YET:
        less -= {_FUTURE}
    return [*(f"only {reason}" for reason in sorted(less)), *(["as certain"] if _POSSIBLY in mine - its else [])]


def _qualified(ours: Sequence[Word], theirs: Sequence[Word], place: dict[int, int]) -> list[str]:
    """The words before a counterpart that make it another thing, as in "deputy mayor", where the claim has none."""
    mine = {word.text.lower() for word in ours}
    before = (theirs[at - 1].text.lower() for at in place.values() if at)
    return [f'it says "{low}"' for low in dict.fromkeys(before) if low in _QUALIFIED and low not in mine]


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

_BE = frozenset("is are was were be been being".split())
_AUXILIARY = _BE | frozenset("has have had will would did do does can could may might must should shall".split())
_PREPOSITIONS = frozenset(
    "in at of to from against with for on near into over under before after outside across "
    "around along among between within".split()
)
_AMOUNTS = frozenset(
    "handful couple number dozens hundreds thousands millions majority group crowd crowds part lot".split()
)
"""What "of" may stand behind without a change of who does it: "a handful of demonstrators"."""


def _actor(words: Sequence[Word]) -> tuple[int, int] | None:
    """Where the subject's last word and the verb of a plain sentence stand; None where that is not plain."""
    at = 0
    opening = words[0].text.lower() if words else ""
    if opening in _PREPOSITIONS or opening in ("according", "during", "since"):
        return None
    head = -1
    while at < len(words):
        text = words[at].text
        low = text.lower()
        if head >= 0 and low in _PREPOSITIONS:
            return _verb_after(words, at, head)
        if head >= 0 and (low in _AUXILIARY or (not words[at].name and _looks_a_verb(low))):
            return _verb_after(words, at, head)
        if words[at].key:
            head = at
        at += 1
    return None


def _is_apposition(
    ours: Sequence[Word], wanted: Sequence[Word], theirs: Sequence[Word], place: dict[int, int]
) -> bool | None:
    """Whether a sentence has what somebody is right beside the name: "Mayor Anna Berg", "Anna Berg, the mayor".

    None where the claim does not say what somebody is, or the sentence says it with a verb.
    """
    at = next((at for at, word in enumerate(ours) if word.text.lower() in _BE or word.text.lower() == "serves"), 0)
    what = next((n for n in range(at, len(ours)) if ours[n].text.lower() in _PREPOSITIONS), len(ours))
    if not at or not all(word.name for word in ours[:at]) or any(map(_is_verb, ours[at + 1 : what])):
        return None
    spots = {id(wanted[number]): spot for number, spot in place.items()}
    known = [id(word) in spots for word in ours[:what] if word.key]
    who = [spots[id(word)] for word in ours[:at] if id(word) in spots]
    title = [spots[id(word)] for word in ours[at:what] if id(word) in spots]
    both = [*who, *title]
    if not who or not title or not all(known):
        return None
    between = theirs[min(both) : max(both) + 1]
    if any(word.text.lower() in _BE for word in between):
        return None
    beside = max(title) < min(who) or theirs[min(title)].apart or theirs[min(title) - 1].apart
    return beside and sum(bool(word.key) for word in between) == len(set(both))


def _is_verb(word: Word) -> bool:
    return bool(word.key) and not word.name and _looks_a_verb(word.text.lower())


def _looks_a_verb(low: str) -> bool:
    return low.endswith("ed") or low in PAST


def _verb_after(words: Sequence[Word], at: int, head: int) -> tuple[int, int] | None:
    for place in range(at, len(words)):
        low = words[place].text.lower()
        if words[place].key and not words[place].name and (_looks_a_verb(low) or _auxiliary_before(words, place)):
            return head, place
    return None


def _auxiliary_before(words: Sequence[Word], at: int) -> bool:
    while at and words[at - 1].text.lower() in _NEGATIONS:
        at -= 1
    return at > 0 and words[at - 1].text.lower() in _AUXILIARY


def _same_actor(ours: Sequence[Word], theirs: Sequence[Word], place: dict[int, int]) -> bool:
    """Whether who does something in the claim does it in the sentence, as far as that is plain.

    `place` is where each of the claim's words, by its identity, has its counterpart.
    """
    found = _actor(ours)
    if found is None:
        return True
    head, verb = (place.get(id(ours[at])) for at in found)
    if ours[found[1]].key == key("say") and not _same_actor(ours[found[1] + 1 :], theirs, place):
        return False
    if head is None or verb is None or theirs[verb].text.lower() == "according":
        return True
    passive = _is_passive(ours, found[1])
    its_passive = _is_passive(theirs, verb)
    before = _led_by(theirs, head)
    first = head
    while first and theirs[first - 1].name and theirs[first].name and not theirs[first].apart:
        first -= 1
    led = _led_by(theirs, first)
    if led == "the":
        led = _led_by(theirs, first - 1)
    if head > verb:
        return (its_passive and led == "by" and not passive) or (passive and not its_passive and led != "by")
    if led == "by" or led in _PREPOSITIONS or before in _PREPOSITIONS:
        return False
    if passive != its_passive:
        return False
    return not _somebody_between(theirs, head, verb, set(place.values()))


def _led_by(words: Sequence[Word], at: int) -> str:
    """The word before, unless a mark or an amount stands there: "a handful of" leads nothing."""
    led = words[at - 1].text.lower() if at and not words[at].apart else ""
    return "" if led == "of" and at > 1 and words[at - 2].text.lower() in _AMOUNTS else led


def _is_passive(words: Sequence[Word], verb: int) -> bool:
    low = words[verb].text.lower()
    near = [word.text.lower() for word in words[max(0, verb - 3) : verb]]
    return (low.endswith("ed") or low in PAST) and any(text in _BE for text in near)


def _somebody_between(theirs: Sequence[Word], head: int, verb: int, used: set[int]) -> bool:
    """Whether another name, or another's words, come between the actor and what is done."""
    for at in range(head + 1, verb):
        word = theirs[at]
        if at in used:
            continue
        if word.key == key("say") or word.text.lower() in ("called", "calls"):
            return True
        if word.name and not _listed(theirs, head, at):
            return True
    return False


def _listed(theirs: Sequence[Word], head: int, at: int) -> bool:
    """Whether a name belongs to the actor: one of a list, or of a phrase between commas or prepositions."""
    return any(
        word.text.lower() in ("and", "or") or word.text.lower() in _PREPOSITIONS for word in theirs[head + 1 : at]
    ) or all(word.name for word in theirs[head + 1 : at + 1])


def _same_order(ours: Sequence[Word], wanted: Sequence[Word], theirs: Sequence[Word], place: dict[int, int]) -> bool:
    """Whether what is compared by "than" stands on the same side of it."""
    than = [word.start for word in theirs if word.text.lower() == "than"]
    if not than or all(word.text.lower() != "than" for word in ours):
        return True
    names = [number for number, word in enumerate(wanted) if word.name and number in place]
    ordered = [place[number] for number in names]
    split = than[-1]
    sides = [theirs[at].start > split for at in ordered]
    return sides == sorted(sides)
