"""Whether a sentence of a quotation says what a draft says, by rules that need no model.

A draft falls if anything of it that can be checked word by word is not in the quotation, or says more, or is tied to
something else there: signs, numbers, names, "not", "all", "because", the order of steps, and who says so. What is left
is compared by how many of its words have a counterpart.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

from bot.checking.alignment import AUXILIARIES, NEGATIONS, SOMEBODY_ELSE, Claim, align, counterparts
from bot.english.attribution import Phrase, attributions, itself, subjects
from bot.english.attribution import read as items_of
from bot.english.counts import Count, counts
from bot.english.voices import VoiceKind, voice_of
from bot.english.words import Word, is_past, read
from embeddings.messages import Message
from embeddings.splitting.sentences import segment


@dataclass(frozen=True)
class Text:
    """A sentence of a draft or of a quotation, read once."""

    text: str
    before: tuple[str, ...] = ()
    """The sentences before it, the nearest last."""

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its words; the first is no name only because it begins with a capital."""
        words = read(self.text)
        if len(words) > 1 and not words[0].text.isupper() and not words[1].text[0].isupper():
            return (replace(words[0], name=False), *words[1:])
        return words

    @cached_property
    def lows(self) -> tuple[str, ...]:
        """Its words in small letters."""
        return tuple(word.low.replace("’", "'") for word in self.words)

    @cached_property
    def content(self) -> tuple[int, ...]:
        """Where the words stand that carry meaning."""
        return tuple(at for at, word in enumerate(self.words) if word.key and (at or self.lows[at] not in _CONNECTIVES))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of these words."""
        return frozenset(self.words[at].key for at in self.content)

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """For each word by what its part of the sentence is joined: "if", "because"; empty for the main statement."""
        found: list[str] = []
        joint = ""
        for word, low in zip(self.words, self.lows, strict=True):
            joint = _JOINTS.get(low, "" if word.apart else joint)
            found.append(joint)
        return tuple(found)

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """Its numbers."""
        return counts(self.text)

    @cached_property
    def claim(self) -> Claim:
        """As a claim."""
        return Claim.of(self.text)

    @cached_property
    def speakers(self) -> tuple[frozenset[str], ...]:
        """Whom it names as who says so, each by the keys of the name; an empty set for nobody who is named."""
        found = [
            frozenset({_ITSELF}) if itself(one.who) else _keys(" ".join(item.text for item in one.who))
            for one in attributions(items_of(self.text))
        ]
        voice = voice_of(self.text, self.before)
        if voice.kind is VoiceKind.UNATTRIBUTED and not found:
            found.append(frozenset())
        return tuple(filter(None, found)) or tuple(found)

    @cached_property
    def _opening(self) -> Phrase | None:
        """Of whom or what it speaks first; None where that is not plain."""
        items = items_of(self.text)
        return next((found for _, found in subjects(items)), None)

    @cached_property
    def subject(self) -> frozenset[str]:
        """The keys of whom or what it speaks of first; none where that is not plain."""
        return _keys(" ".join(item.text for item in self._opening.words)) if self._opening else frozenset()

    @cached_property
    def verb(self) -> int | None:
        """Which word says what its first subject does; None where that is not plain."""
        if not self._opening:
            return None
        end = items_of(self.text)[self._opening.end - 1].end
        after = (at for at, word in enumerate(self.words) if word.start >= end)
        first = next((at for at in after if self.lows[at] not in AUXILIARIES), None)
        return first if first is not None and self.words[first].key else None

    @property
    def leans(self) -> bool:
        """Whether it opens with a word that means something said before."""
        return _LEANS.match(self.text) is not None

    @property
    def pronoun(self) -> str | None:
        """The pronoun that it opens with, whatever stands before that."""
        found = _OPENS.match(self.text)
        return found["pronoun"] if found else None

    @property
    def topic(self) -> frozenset[str]:
        """The keys of what it speaks of, looked up in the sentence before where it opens with a pronoun."""
        return Text(self.before[-1]).subject if self.pronoun and self.before else self.subject


@dataclass(frozen=True, slots=True)
class Match:
    """How a draft compares with a sentence of a quotation."""

    place: int
    """Which sentence of the quotation it is, from 0."""
    same: float
    """Of the draft's words that carry meaning: how many stand there too."""
    near: float
    """How many have one that comes near there."""
    moved: float
    """How much of its words stands in another order there."""
    spread: float
    """Of the words there between the first and the last counterpart: how many have none in the draft."""
    reason: Message | None
    """Why the sentence does not hold the draft; None where nothing speaks against it."""

    @property
    def exact(self) -> bool:
        """Whether all words are there, in their order."""
        return self.reason is None and self.same == 1 and not self.moved


# --- a quotation ---------------------------------------------------------------------------------


@lru_cache(maxsize=500)
def sentences(text: str) -> tuple[Text, ...]:
    """The sentences of a quotation that can hold another: no questions, no rows of tables."""
    found: list[str] = []
    for line in text.splitlines():
        found += filter(None, map(str.strip, segment(line.strip())))
    return tuple(Text(one, tuple(found[max(0, at - 4) : at])) for at, one in enumerate(found))


def foreign(draft: Text, quotation: str) -> str | None:
    """The first sign, address, code word or quoted words of a draft that its quotation does not have."""
    theirs = _folded(quotation)
    for part in _literal(_folded(draft.text)):
        if not re.search(rf"(?<![\w.]){re.escape(part)}(?!\w)" if part[-1].isalnum() else re.escape(part), theirs):
            return part
    return None


@lru_cache(maxsize=500)
def said_by(quoted: Text, speaker: str | None) -> Text:
    """A sentence of a quotation with whoever says it, where it does not say so itself."""
    return Text(f"{speaker} said: {quoted.text}", quoted.before) if speaker and not quoted.speakers else quoted


def compare(draft: Text, quoted: Text, place: int) -> Match:
    """Compare a draft with a sentence of a quotation."""
    wanted = len(draft.content) + len(draft.counts)
    common = sum(draft.words[at].key in quoted.keys for at in draft.content) + len(draft.counts)
    if common < _FIRST * wanted or not wanted:
        return Match(place, common / max(1, wanted), 0.0, 0.0, 1.0, UNSAID)
    spots, near = _counterparts(draft, quoted)
    numbers = len(draft.counts) - sum(1 for _ in _misplaced(draft, quoted, spots))
    order = [spots[at] for at in draft.content if at in spots]
    used = set(order)
    inside = [at for at in quoted.content if order and min(order) <= at <= max(order)]
    found = Match(
        place=place,
        same=(len(spots) - len(near) + numbers) / wanted,
        near=len(near) / wanted,
        moved=sum(one > other for one, other in pairwise(order)) / max(1, len(order) - 1),
        spread=sum(at not in used for at in inside) / len(inside) if inside else 1.0,
        reason=None,
    )
    if found.same + found.near < _LEAST:
        return replace(found, reason=UNSAID)
    pair = _Pair(draft, quoted, spots)
    return replace(found, reason=next((reason for rule in _RULES for reason in rule(pair)), None))


UNSAID = Message("No quotation says this.")
_FIRST, _LEAST = 0.35, 0.5
"""A sentence with fewer of a draft's words is not looked at further: word for word, and with those that come near."""


def _counterparts(draft: Text, quoted: Text) -> tuple[dict[int, int], set[int]]:
    """For the draft's words that carry meaning where their counterparts stand, and which of them only come near."""
    place, near = counterparts(draft.claim, quoted.words)
    skipped = len(draft.claim.wanted) - len(draft.content)
    at = dict(enumerate(draft.content, skipped))
    return {at[each]: its for each, its in place.items() if each in at}, {at[each] for each in near if each in at}


def _misplaced(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[Count]:
    """The numbers that the quotation does not give, or gives of something else: another stands next there."""
    last = 0
    """Where in the quotation the word or number stands that comes before this one in the draft."""
    seen = -1
    for number, count in enumerate(draft.counts):
        stop = draft.counts[number + 1].span.start if number + 1 < len(draft.counts) else len(draft.text)
        placed = [at for at in draft.content if at in spots]
        before = [at for at in placed if seen < draft.words[at].start < count.span.start]
        after = [quoted.words[spots[at]].start for at in placed if count.span.end < draft.words[at].start < stop]
        if before:
            last = quoted.words[spots[before[-1]]].end
        alike = [other for other in quoted.counts if count.value.unit == other.value.unit]
        tried = [other for other in alike if other.span.start >= last][:1]
        if not last and after:
            tried = [other for other in alike if other.span.end <= after[0]][-1:]
        exact = count.value.low, count.value.high
        found = next((other for other in tried or alike if (other.value.low, other.value.high) == exact), None)
        if found is None:
            yield count
        else:
            last, seen = found.span.end, count.span.start


# --- what speaks against it ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Pair:
    """A draft and a sentence of a quotation; `spots` has where the counterparts of the draft's words stand."""

    draft: Text
    quoted: Text
    spots: Mapping[int, int]

    @cached_property
    def used(self) -> frozenset[int]:
        """The words of the quotation that are counterparts."""
        return frozenset(self.spots.values())

    @cached_property
    def end(self) -> int:
        """The last of these."""
        return max(self.used, default=0)

    @cached_property
    def part(self) -> range:
        """The coordinate parts of the quotation that they stand in: between "; ", ", and" or ", but"."""
        if not self.used:
            return range(0)
        text = self.quoted
        first = 0
        for at in range(1, len(text.words)):
            between = text.text[text.words[at - 1].end : text.words[at].start]
            if re.search(r"[;:.!?]", between) or (text.words[at].apart and text.lows[at] in _COORDINATING):
                if at > self.end:
                    return range(first, at)
                first = at if at <= min(self.used) else first
        return range(first, len(text.words))

    @cached_property
    def reach(self) -> range:
        """The words there between the used ones and shortly around, to the next mark or "and"."""
        text, end = self.quoted, max(self.used, default=-1) + 1
        stop = min(self.part.stop, end + _AROUND)
        while end < stop and not text.words[end].apart and text.lows[end] not in _COORDINATING:
            end += 1
        return range(max(self.part.start, min(self.used, default=0) - _AROUND), end)


_AROUND = 4
"""So many words before the first counterpart, and behind the last, may turn a sentence round."""


def _added(pair: _Pair) -> Iterator[Message]:
    """Numbers and words that the quotation does not have, or has of something else."""
    draft, quoted = pair.draft, pair.quoted
    if quoted.text.rstrip("\"'”’ ").endswith("?") or "|" in quoted.text:
        yield Message("Its quotation is a question or a row of a table.")
    for count in _misplaced(draft, quoted, pair.spots):
        yield _not_said(draft.text[slice(*count.span)])
    capitals = {word.text.lower() for word in quoted.words if word.text[0].isupper()}
    for at, word in enumerate(draft.words):
        inside = at > 0 and draft.text[word.start - 2 : word.start - 1] not in ".!?:"
        renamed = inside and word.text[0].isupper() and not word.key and draft.lows[at] not in capitals
        if renamed or (at in draft.content and at not in pair.spots and draft.lows[at] not in _EMPTY):
            yield _not_said(word.text)


def _not_said(*words: str) -> Message:
    return Message("“{words}” is not what the quotation says of this.", words=" ".join(words))


def _left_out(*words: str) -> Message:
    return Message("It leaves out “{words}”.", words=" ".join(words))


def _only_of(*words: str) -> Message:
    return Message("The quotation says it of “{words}”.", words=" ".join(words))


def _elsewhere(word: str) -> Message:
    return Message("“{word}” belongs to something else in the quotation.", word=word)


def _voices(pair: _Pair) -> Iterator[Message]:
    """Differences in who says so and with what verb."""
    mine, its = pair.draft.speakers, pair.quoted.speakers
    theirs = {_REPORTING[low] for low in (pair.quoted.lows[at] for at in pair.part) if low in _REPORTING}
    named = not its or any(one == other or one & other for one in its for other in mine)
    if not named or theirs - {_REPORTING.get(low) for low in pair.draft.lows}:
        yield Message("It leaves out who says so.")


def _actors(pair: _Pair) -> Iterator[Message]:
    """Somebody else who does it, a word such as "deputy" left out, and names put together of two."""
    draft, quoted, spots = pair.draft, pair.quoted, pair.spots
    verbatim = _weighty(draft, spots.keys()) == _weighty(quoted, spots.values())
    for doubt in align(draft.claim, quoted.text).doubts:
        if doubt.startswith("it says") or (doubt == SOMEBODY_ELSE and not verbatim):
            yield Message("In the quotation {reason}.", reason=doubt)
    for at, word in enumerate(draft.words):
        if {at - 1, at} <= spots.keys() and word.name and draft.words[at - 1].name and not word.apart:
            gap = range(spots[at - 1] + 1, spots[at])
            if spots[at] < spots[at - 1] or not all(quoted.words[each].name for each in gap):
                yield _not_said(draft.words[at - 1].text, word.text)


def _weighty(text: Text, used: Collection[int]) -> list[str]:
    """The words with a meaning, and auxiliaries, from the first of some words to the last."""
    places = range(min(used, default=0), max(used, default=-1) + 1)
    return [text.lows[at] for at in places if text.words[at].key or text.lows[at] in AUXILIARIES]


def _narrower(pair: _Pair) -> Iterator[Message]:
    """A word that the quotation sets before the draft's subject, as in "roof vents" for "vents"."""
    draft, quoted = pair.draft, pair.quoted
    head = min(draft.content, default=-1)
    if head not in pair.spots or any(draft.lows[at] in _DEFINITE for at in range(head)):
        return
    first = pair.spots[head]
    while first and first - 1 in pair.used and not quoted.words[first].apart:
        first -= 1
    word, before = quoted.words[first], quoted.words[first - 1]
    if first and before.key and not (before.name or word.name or word.apart):
        yield _only_of(before.text, word.text)


def _parted(pair: _Pair) -> Iterator[Message]:
    """Two words side by side that stand the other way round, as "mobile menu" for "the menu in the mobile editor"."""
    draft, quoted, spots = pair.draft, pair.quoted, pair.spots
    for at, its in spots.items():
        if at + 1 in spots and not draft.words[at + 1].apart and spots[at + 1] < its:
            between = {*quoted.lows[spots[at + 1] : its]}
            plain = "of" in between and not between & (_PREPOSITIONS.keys() - {"of"})
            numbered = re.match(r" \d", quoted.text[quoted.words[its].end :])
            if numbered or not plain:
                yield _not_said(draft.words[at].text, draft.words[at + 1].text)


def _negated(pair: _Pair) -> Iterator[Message]:
    """A "not" that only one of the two has, or has of something else, and words behind it that are left out."""
    draft, quoted = pair.draft, pair.quoted
    mine, its = _negations(draft, range(len(draft.words))), _negations(quoted, pair.reach)
    if len(mine) != len(its):
        yield Message("It leaves out or adds a “not”.")
    for at in mine:
        bound = _bound(draft, at, pair.spots)
        if bound and not any(bound & _bound(quoted, each) for each in its):
            yield _elsewhere(draft.words[at].text)
    for negation in its:
        for at in range(negation + 1, pair.part.stop):
            if quoted.words[at].apart or quoted.lows[at] in _COORDINATING:
                break
            if quoted.words[at].key and at not in pair.used:
                yield _left_out(quoted.words[at].text)


def _limited(pair: _Pair) -> Iterator[Message]:
    """Words of the quotation that limit it, and that the draft leaves out."""
    quoted, used = pair.quoted, pair.used
    for at in pair.part:
        group = _LIMITS.get(quoted.lows[at])
        before, after = _next(quoted, at, -1) in used, _next(quoted, at) in used
        bound = {_OF_NEXT: after, _OF_LAST: before}
        if group == "or":
            limits = after and (before or quoted.words[at].apart)
        else:
            limits = all(counts for groups, counts in bound.items() if group in groups)
        if group and limits and not any(_LIMITS.get(own, _GRANTS.get(own)) == group for own in pair.draft.lows):
            yield _left_out(quoted.lows[at])


def _stronger(pair: _Pair) -> Iterator[Message]:
    """Words of the draft that make it stronger than the quotation."""
    draft, quoted = pair.draft, pair.quoted
    for at, group in ((at, _STRONG[low]) for at, low in enumerate(draft.lows) if low in _STRONG):
        places = [place for place in pair.part if _STRONG.get(quoted.lows[place]) == group]
        bound = _bound(draft, at, pair.spots) if group in _BINDING else set()
        if not places or (bound and not any(bound & _bound(quoted, place) for place in places)):
            yield _elsewhere(draft.words[at].text) if places else _not_said(draft.words[at].text)


def _widened(pair: _Pair) -> Iterator[Message]:
    """What limits a statement and is left out: of which things, at what times, how many at most, and when it was so."""
    draft, quoted, used = pair.draft, pair.quoted, pair.used
    lows, words = quoted.lows, quoted.words
    once = quoted.verb is not None and is_past(lows[quoted.verb])
    keys = {words[at].key for at in used}
    for at in pair.part:
        low, after = lows[at], _next(quoted, at)
        behind = at > 0 and words[at - 1].key in keys and not words[at].apart
        bare = low in _NARROWING and not words[after].name
        if behind and at < pair.end and after not in used and (bare or _is_relative(quoted, at)):
            yield _only_of(words[at - 1].text, words[at].text, "…")
        if low in _WHEN and at and not words[at].apart and not _WHEN.intersection(draft.lows) and not once:
            stop = next((each for each in pair.part if each > at and words[each].apart), pair.end)
            if pair.end <= stop:
                yield _left_out(low, "…")
        ordered = pair.spots.get(0) == after
        if low in _ASKED and after in used and not ordered and low not in draft.lows:
            yield _left_out(low)
        number = _LIMIT.match(quoted.text, words[at - 1].end) if behind else None
        if number and number["number"] not in draft.text:
            yield _left_out(number[0].strip())
        if low in _TIMES and lows[at - 1] in _EACH and at not in used and draft.counts:
            yield _left_out(lows[at - 1], low)
    if "% of " in quoted.text and "% of " not in draft.text and any(one.value.unit for one in draft.counts):
        yield _left_out("of")


def _is_relative(text: Text, at: int) -> bool:
    """Whether "that" or the like says there which things are meant."""
    low, then = text.lows[at], text.lows[at + 1] if at + 1 < len(text.lows) else ""
    if low in ("who", "which", "whose"):
        return True
    verb = then in AUXILIARIES or is_past(then) or then in ("i", "you", "we", "they") or then.endswith("s")
    return low == "that" and verb


def _opened(pair: _Pair) -> Iterator[Message]:
    """What the part of the quotation opens with: a condition, or the things and times that it is limited to."""
    quoted, part = pair.quoted, pair.part
    if not part:
        return
    opening = quoted.clauses[part.start]
    stop = next((at for at in part[1:] if quoted.words[at].apart or at in pair.used), part.start)
    limits = quoted.lows[part.start] in _NARROWING and quoted.lows[part.start : part.start + 2] not in _CONNECTING
    left = any(quoted.words[at].key and at not in pair.used for at in range(part.start, stop))
    if (opening and opening not in pair.draft.clauses) or (limits and left):
        yield _left_out(quoted.words[part.start].text, "…")
    for run in _runs(quoted):
        if pair.used & set(run) and not pair.used.issuperset(run):
            yield Message("It leaves out a part of a condition.")


def _inflected(pair: _Pair) -> Iterator[Message]:
    """What was so, and is said to be so; and a noun that only describes another in the quotation."""
    draft, quoted = pair.draft, pair.quoted
    for at, its in pair.spots.items():
        mine, theirs = draft.lows[at], quoted.lows[its]
        if is_past(theirs) and not (is_past(mine) or mine.endswith("ing")):
            yield _otherwise(theirs, mine)
        then = quoted.words[its + 1] if its + 1 < len(quoted.words) else None
        attribute = then and then.key and its + 1 not in pair.used
        if then and attribute and mine.endswith("s") and not theirs.endswith("s") and mine not in quoted.lows:
            yield _only_of(theirs, then.text)


def _otherwise(theirs: str, mine: str) -> Message:
    return Message("The quotation says “{theirs}”, not “{mine}”.", theirs=theirs, mine=mine)


def _skipped(pair: _Pair) -> Iterator[Message]:
    """Words that the draft brings together over others: over another verb, another clause, or what they belong to."""
    draft, quoted, spots, used = pair.draft, pair.quoted, pair.spots, pair.used
    lows, words = quoted.lows, quoted.words
    if quoted.verb is not None and used and min(used) < quoted.verb < pair.end and quoted.verb not in used:
        then = min(at for at in used if at > quoted.verb)
        if not {"by", "and", "but", "or"}.intersection(lows[quoted.verb : then]):
            yield _left_out(words[quoted.verb].text)
    for at, then in pairwise(at for at in draft.content if at in spots):
        if _is_torn(pair, at, then):
            yield Message(
                "“{one}” and “{other}” do not belong together in the quotation.",
                one=draft.words[at].text,
                other=draft.words[then].text,
            )
    for at, its in spots.items():
        head = _head(quoted, its)
        if head is not None and head not in used and _next(draft, at) - at != 1:
            yield _left_out(words[head].text, "of")


def _is_torn(pair: _Pair, at: int, then: int) -> bool:
    """Whether two words that follow each other in the draft belong to different things in the quotation."""
    draft, quoted, used = pair.draft, pair.quoted, pair.used
    lows, words = quoted.lows, quoted.words
    one, other = pair.spots[at], pair.spots[then]
    mine = set(draft.lows[at + 1 : then])
    gap = range(min(one, other) + 1, max(one, other))
    hidden = any(words[each].key and each not in used for each in gap)
    joined = mine & {"and", "or"}
    between = {lows[each] for each in gap if not words[each].name}
    if joined and other < one:
        compound = other + 1 in used and not words[other + 1].apart and not joined.isdisjoint(between)
        return hidden or compound
    if joined or draft.words[then].apart or other < one:
        return False
    for each in gap:
        after = _next(quoted, each)
        starts = lows[each] in ("and", "but", "or") and after not in used and not words[after].name
        if starts or (words[each].apart and lows[each] in _SUBJECTS and lows[each] not in mine):
            return True
    listed = any(words[each].apart for each in (*gap, other))
    return bool(mine and mine <= _ARTICLES and hidden and not listed and between & _PREPOSITIONS.keys())


def _head(text: Text, at: int) -> int | None:
    """The word that the one there belongs to by "of"; None where there is none."""
    for each in range(at - 1, max(0, at - 6), -1):
        if text.words[each + 1].apart or text.lows[each] in _COORDINATING:
            return None
        if text.lows[each] == "of":
            return each - 1 if text.words[each - 1].key else None
    return None


def _reported(text: Text) -> int | None:
    """Where what somebody says begins behind "said that"; None where that is not plain."""
    said = next((at for at, low in enumerate(text.lows) if low in _REPORTING), len(text.lows))
    return next((at for at in range(said, len(text.lows)) if text.lows[at] == "that"), None)


def _negations(text: Text, places: Iterable[int]) -> list[int]:
    return [at for at in places if text.lows[at] in _NEGATIONS or text.lows[at].endswith("n't")]


def _bound(text: Text, at: int, spots: Mapping[int, int] | None = None) -> set[int]:
    """Which two words with a meaning follow next in the same clause: their counterparts, given `spots`; -1 for none."""
    found: list[int] = []
    for each in range(at + 1, min(at + 6, len(text.words))):
        if text.words[each].apart or text.lows[each] in ("and", "or", "but") or len(found) == 2:
            break
        if found and text.lows[each] in _PREPOSITIONS:
            break
        if text.words[each].key:
            found.append(each)
    return set(found) if spots is None else {spots.get(each, -1) for each in found}


def _next(text: Text, at: int, step: int = 1) -> int:
    """The next word with a meaning, or the last one before; -1 for none."""
    places = [each for each in text.content if (each - at) * step > 0]
    return -1 if not places else places[0] if step > 0 else places[-1]


def _moved(pair: _Pair) -> Iterator[Message]:
    """Words that an "if" joins otherwise, names and things in another place, what is only wanted, another order."""
    draft, quoted, spots = pair.draft, pair.quoted, pair.spots
    said, its_said = _reported(draft), _reported(quoted)
    for at, its in spots.items():
        mine, theirs = draft.lows[at], quoted.lows[its]
        if mine != theirs and _is_aim(quoted, its) and not _is_aim(draft, at):
            yield _otherwise(f"to {theirs}", mine)
        joint = draft.clauses[at] or quoted.clauses[its]
        if draft.clauses[at] != quoted.clauses[its]:
            yield Message("The quotation does not join this by “{word}”.", word=joint)
        if _governed(draft, at) == "to" and _governed(quoted, its) not in ("to", ""):
            yield _elsewhere(draft.words[at].text)
        if said and its_said and (at < said) != (its < its_said):
            yield _elsewhere(draft.words[at].text)
    bounds = [at for at, low in enumerate(draft.lows) if low in _SEQUENCE]
    for before, middle, after in zip([-1, *bounds], bounds, [*bounds[1:], len(draft.words)], strict=False):
        first = [spots[at] for at in range(before + 1, middle) if at in spots]
        second = [spots[at] for at in range(middle + 1, after) if at in spots]
        if first and second and median(first) > median(second):
            yield Message("The quotation has it in another order.")


def _is_aim(text: Text, at: int) -> bool:
    """Whether "to" or "to be" stands before a word that is no name."""
    before = at - 1 - (at > 1 and text.lows[at - 1] == "be")
    return before >= 0 and text.lows[before] == "to" and not text.words[at].name


def _governed(text: Text, at: int) -> str:
    """The preposition before a word, with a few words between, but no "and"; none for the "to" before a verb."""
    for each in range(at - 1, max(-1, at - 5), -1):
        if text.words[each + 1].apart:
            return ""
        if found := _PREPOSITIONS.get(text.lows[each]):
            return "" if found == "to" and each == at - 1 and not text.words[at].name else found
    return ""


def _runs(text: Text) -> Iterator[list[int]]:
    """The words with a meaning of each condition or time that a sentence sets, with a time within it."""
    run: list[int] = []
    for joint, group in groupby(range(len(text.words)), key=lambda at: text.clauses[at]):
        places = list(group)
        if run and (joint not in _CONDITIONS or text.words[places[0]].apart):
            yield run
            run = []
        if joint in _CONDITIONS:
            run += [at for at in places if text.words[at].key]
    if run:
        yield run


_RULES = (
    *(_added, _voices, _actors, _narrower, _parted, _negated, _limited, _stronger, _widened, _opened, _inflected),
    *(_skipped, _moved),
)


def _keys(name: str) -> frozenset[str]:
    return frozenset(word.key for word in read(name) if word.key)


# --- form ----------------------------------------------------------------------------------------


def _folded(text: str) -> str:
    """A text with plain quotation marks, dashes and spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHIC).split())


def _literal(text: str) -> Iterator[str]:
    """What has to stand in a quotation character for character: quoted words, code words, addresses, rare signs."""
    for quoted in _QUOTED.finditer(text):
        yield quoted["words"].strip(" .,")
    for token in text.split():
        bare = token.strip("\"'.,;:!?()")
        if bare and _CODE.search(bare):
            yield bare
        yield from (sign for sign in token if not (sign.isalnum() or sign in _PLAIN))


_CONNECTIVE = (
    r"(?:however|also|additionally|moreover|furthermore|but|and|or|then|instead|in addition|for (?:example|instance)|"
    r"otherwise|if (?:so|not)|therefore|thus|as a result|in (?:this|that|such|these) \w+|"
    r"(?:to do|for|after|before) this|meanwhile|similarly|likewise|nevertheless|alternatively)\b,? ?"
)
_PRONOUN = r"he|she|they|it|this|that|these|those|his|her|their|its|such|both|him|them|the (?:former|latter|same)"
_LEANS = re.compile(rf"(?:{_CONNECTIVE}|(?:{_PRONOUN})\b)", re.IGNORECASE)
_OPENS = re.compile(
    rf"(?:{_CONNECTIVE}){{0,2}}(?P<pronoun>he|she|they|it|his|her|their|its|him|them|the (?:former|latter)|"
    r"(?:this|that|these|those|both|such)"
    r"(?= (?:is|are|was|were|has|have|had|can|could|will|would|may|might|must|should|does|do|did|\w+s|\w+ed)\b))\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"(?P<words>[^"]+)"')
_CODE = re.compile(
    r"[_/\\@#=<>{}\[\]|$~^+]|\d[^\W\d]|[^\W\d]\d|\w[.:]\w|\w-\d|\d-[^\W\d]|^--?\w|[a-z][A-Z]|^[A-Z][A-Z0-9]+s?$|^\W*\d+\.\d"
)
_PLAIN = frozenset(" .,;:!?\"'()-&%")
_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-"})
_LIMIT = re.compile(
    r" (?:for |by )?(?:than|under|over|above|below|within|between|up to|at most|at least|no more than) (?P<number>\d+)"
)
"""A limit in a number, behind what it limits: "adults under 65", "free for up to 8 stations"."""


# --- words by their use --------------------------------------------------------------------------

_WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
)


def _groups(table: str) -> dict[str, str]:
    """For each word of each row of a table the first one of the row."""
    rows = (row.split() for part in _WORDS[table].values() for row in part)
    return {word: row[0] for row in rows for word in row}


def _first(table: str, part: str) -> frozenset[str]:
    """What the rows of a part of a table go by."""
    return frozenset(row.split()[0] for row in _WORDS[table][part])


_LIMITS, _STRONG, _REPORTING, _JOINTS, _PREPOSITIONS = map(_groups, _WORDS)
_OF_NEXT, _OF_LAST, _BINDING = _first("limits", "next"), _first("limits", "last"), _first("strong", "binding")
_GRANTS = {"can": "may", "cannot": "may"}
"""What may be said for the first word of a row of limits, and is no limit itself."""
_ITSELF = "the document"
_CONNECTIVES = frozenset("additionally furthermore moreover lastly".split())
"""Words that join a draft to the one before, and say nothing else."""
_EMPTY = frozenset("please ensure note tip located various specific".split())
"""Words with a meaning that a draft may add; any other has to be in the quotation, or one that comes near."""
_CONNECTING = (("for", "example"), ("for", "instance"), ("in", "addition"))
"""What opens a sentence as a preposition does, and limits nothing."""
_NEGATIONS = NEGATIONS | {"barely", "scarcely"}
_COORDINATING = frozenset("and but while whereas although though which who".split())
_SEQUENCE = frozenset("and then before after".split())
_DEFINITE = frozenset("the this these that those its his her their your each every any all".split())
_CONDITIONS = frozenset({"if", "after"})
_NARROWING = frozenset("in with without for under within during since on of".split())
"""Prepositions that say which things are meant, or when."""
_WHEN = frozenset("when whenever while where if once".split())
_ASKED = frozenset("can should must will would".split())
_TIMES = frozenset("second minute hour day night week month year".split())
_EACH = frozenset("a an per each every".split())
_SUBJECTS = frozenset("i you we they he she it".split())
_ARTICLES = frozenset("the a an its his her their your".split())
