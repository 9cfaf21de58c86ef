"""Whether a sentence of a quotation says what a draft says, by rules that need no model.

A draft falls if anything of it that can be checked word by word is not in the quotation, or says more, or is tied to
something else there: signs, numbers, names, "not", "all", "because", the order of steps, and who says so. What is left
is compared by how many of its words have a counterpart.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from statistics import median

from bot.checking.alignment import Claim, align
from bot.english.attribution import attributions, itself, main_clauses, main_subject
from bot.english.attribution import read as items_of
from bot.english.counts import Count, counts
from bot.english.values import Date, Kind, date_of, mentions
from bot.english.voices import VoiceKind, voice_of
from bot.english.words import Word, is_near, is_past, read
from embeddings.sentences import segment

MOST_CHARACTERS = 600
"""Longer drafts are no sentence."""


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
        """Its words in small letters; the month of May as it is written."""
        return tuple(
            word.text if at and word.text == "May" else word.text.lower().replace("’", "'")
            for at, word in enumerate(self.words)
        )

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
        last = 0
        for word, low in zip(self.words, self.lows, strict=True):
            marked = re.search(r"[,;:()–—]", self.text[last : word.start])
            joint = _JOINTS.get(low, "" if marked else joint) if low != "while" or not marked else ""
            found.append(joint)
            last = word.end
        return tuple(found)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """For each name in which place it stands: behind which preposition, as an owner, before or behind the verb."""
        return tuple(_roles(self.words, self.lows))

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """Its numbers, without those of a time such as "03:40", which has to stand there as it is."""
        return tuple(_bounded(self.text, count) for count in counts(self.text) if not _of_time(self.text, count))

    @cached_property
    def dates(self) -> tuple[Date, ...]:
        """Its dates."""
        found = (date_of(self.text[slice(*span)], self.text[: span.start]) for span in mentions(self.text, Kind.DATE))
        return tuple(date for date in found if date)

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
        if voice.kind is VoiceKind.SPEAKER and voice.name and not any(_keys(voice.name) & one for one in found):
            found.append(_keys(voice.name))
        if voice.kind is VoiceKind.UNATTRIBUTED and not found:
            found.append(frozenset())
        return tuple(filter(None, found)) or tuple(found)

    @cached_property
    def subject_at(self) -> frozenset[int]:
        """Where the words with a meaning stand before the first "is", "can" and the like; none where there is none."""
        first = next((at for at, low in enumerate(self.lows) if low in _AUXILIARIES or low.endswith("n't")), 0)
        return frozenset(at for at in self.content if at < first and not self.clauses[at])

    @cached_property
    def subject(self) -> frozenset[str]:
        """The keys of whom or what it speaks of first; none where that is not plain."""
        items = items_of(self.text)
        for at in main_clauses(items):
            if found := main_subject(items, at):
                return _keys(" ".join(item.text for item in found.words))
        return frozenset()

    @cached_property
    def verb(self) -> int | None:
        """Which word says what its first subject does; None where that is not plain."""
        items = items_of(self.text)
        for at in main_clauses(items):
            if found := main_subject(items, at):
                end = items[found.end - 1].end
                after = [each for each, word in enumerate(self.words) if word.start >= end]
                plain = (each for each in after if self.lows[each] not in _AUXILIARIES | _ADVERBS)
                first = next(plain, None)
                return first if first is not None and self.words[first].key else None
        return None

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
    def known(self) -> frozenset[str]:
        """The keys of the sentence before."""
        return Text(self.before[-1]).keys if self.before else frozenset()

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
    reason: str | None
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


def flaw(draft: str) -> str | None:
    """What no quotation could make good in a draft."""
    if not any(character.isalnum() for character in draft):
        return "It says nothing."
    if len(draft) > MOST_CHARACTERS:
        return "It is too long for a sentence."
    if _MARKUP.search(draft) or any(unicodedata.category(each) in _HIDDEN for each in draft):
        return "It has a link, a mention or mark-up in it."
    if draft.rstrip("\"'”’ ").endswith("?"):
        return "It asks instead of saying something."
    return None


def foreign(draft: Text, quotation: str) -> str | None:
    """The first sign, address, code word, name or number of a draft that its quotation does not have."""
    theirs = _folded(quotation)
    for part in _literal(_folded(draft.text)):
        if not re.search(rf"(?<![\w.]){re.escape(part)}(?!\w)" if part[-1].isalnum() else re.escape(part), theirs):
            return part
    known = {word.key for word in read(quotation)}
    lows = {word.text.lower() for word in read(quotation)}
    for word in draft.words:
        if word.name and word.key not in known and word.text.lower() not in lows:
            return word.text
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
        return Match(place, common / max(1, wanted), 0.0, 0.0, 1.0, "No quotation says this.")
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
        return _because(found, "No quotation says this.")
    return _because(found, next(_objections(draft, quoted, spots), None))


_FIRST, _LEAST = 0.35, 0.5
"""A sentence with fewer of a draft's words is not looked at further: word for word, and with those that come near."""


def _because(found: Match, reason: str | None) -> Match:
    return Match(found.place, found.same, found.near, found.moved, found.spread, reason)


def _counterparts(draft: Text, quoted: Text) -> tuple[dict[int, int], set[int]]:
    """For the draft's words that carry meaning where their counterparts stand, and which of them only come near."""
    places: dict[str, list[int]] = {}
    for at in quoted.content:
        places.setdefault(quoted.words[at].key, []).append(at)
    spots: dict[int, int] = {}
    taken: set[int] = set()
    last = -1
    for at in draft.content:
        free = [each for each in places.get(draft.words[at].key, ()) if each not in taken]
        if free:
            last = spots[at] = min(free, key=lambda each: abs(each - last - 1))
            taken.add(last)
    near: set[int] = set()
    for at in draft.content:
        if at not in spots:
            free = [
                each for each in quoted.content if each not in taken and is_near(draft.words[at], quoted.words[each])
            ]
            if free:
                before = max((spots[other] for other in spots if other < at), default=-1)
                spots[at] = min(free, key=lambda each: abs(each - before - 1))
                taken.add(spots[at])
                near.add(at)
    return spots, near


def _misplaced(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[Count]:
    """The numbers that the quotation does not give, or gives of something else: another stands next there."""
    last = 0
    """Where in the quotation the word or number stands that comes before this one in the draft."""
    seen = -1
    for count in draft.counts:
        before = [at for at in draft.content if at in spots and seen < draft.words[at].start < count.span.start]
        if before:
            last = quoted.words[spots[before[-1]]].end
        alike = [other for other in quoted.counts if _same_kind(count, other)]
        following = [other for other in alike if other.span.start >= last] if last else []
        tried = following[:1] or alike
        found = next((other for other in tried if _equal(count, other)), None)
        if found is None:
            yield count
        else:
            last, seen = found.span.end, count.span.start


def _same_kind(one: Count, other: Count) -> bool:
    """Whether two numbers may count the same."""
    return one.value.unit == other.value.unit and (not one.unit or not other.unit or bool(one.unit & other.unit))


def _equal(one: Count, other: Count) -> bool:
    """Whether two numbers are the same, as exactly."""
    return (one.value.low, one.value.high) == (other.value.low, other.value.high)


def _bounded(text: str, count: Count) -> Count:
    """A number with the limit that stands behind it, as in "5 A at most"."""
    exact = count.value.low == count.value.high
    found = _BEHIND.match(text, count.span.end) if exact else None
    if not found:
        return count
    least = found["bound"] in ("at least", "or more")
    value = replace(count.value, high=None) if least else replace(count.value, low=Fraction(0))
    return replace(count, value=value)


def _of_time(text: str, count: Count) -> bool:
    return text[: count.span.start].endswith(":") or re.match(r":\d", text[count.span.end :]) is not None


# --- what speaks against it ----------------------------------------------------------------------


def _objections(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Why a sentence of a quotation does not hold a draft, the plainest reason first."""
    if quoted.text.rstrip("\"'”’ ").endswith("?") or "|" in quoted.text:
        yield "Its quotation is a question or a row of a table."
    for count in _misplaced(draft, quoted, spots):
        yield f"“{draft.text[slice(*count.span)]}” is not what the quotation says of this."
    if any(date not in quoted.dates for date in draft.dates):
        yield "Its date is another in the quotation."
    for at in draft.content:
        word = draft.words[at]
        named_before = quoted.pronoun and at in draft.subject_at and word.key in quoted.known
        empty = draft.lows[at] in _EMPTY or draft.lows[max(0, at - 1) : at + 1] in _FOR_EXAMPLE
        if at not in spots and not (empty or named_before):
            yield f"“{word.text}” is not what the quotation says of this."
    yield from _voices(draft, quoted, spots)
    yield from _exchanged(draft, quoted, spots)
    yield from _parted(draft, quoted, spots)
    yield from _unlike(draft, quoted, spots)
    yield from _widened(draft, quoted, spots)
    yield from _skipped(draft, quoted, spots)
    yield from _out_of_place(draft, quoted, spots)
    order = [spots[at] for at in draft.content if at in spots]
    judged = align(draft.claim, quoted.text, quoted.before[-1] if quoted.before else "")
    for doubt in judged.doubts:
        granted = doubt == "only as possible" and "can" in draft.lows and "may" in quoted.lows
        if doubt.startswith(("only", "it says “")) and not granted:
            yield f"The quotation says it {doubt}."
    if len(order) == len(draft.content) and order == [at for at in quoted.content if order[0] <= at <= order[-1]]:
        return  # word for word
    if judged.clashes:
        yield f"The quotation says something else than “{judged.clashes[0].claimed or judged.clashes[0].found}”."
    for doubt in judged.doubts:
        if doubt != "as certain":
            yield f"In the quotation {doubt}."


def _exchanged(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Names that are none in the quotation, and a subject that is another there."""
    capitals = {word.text.lower() for word in quoted.words if word.text[0].isupper()}
    for at, word in enumerate(draft.words):
        if not at or not word.text[0].isupper() or draft.text[word.start - 2 : word.start - 1] in ".!?:":
            continue
        if word.text.lower() not in capitals and not word.key:
            yield f"“{word.text}” is not what the quotation says of this."
        if at - 1 in spots and at in spots and draft.words[at - 1].name and not word.apart:
            gap = [each for each in range(spots[at - 1] + 1, spots[at]) if not quoted.words[each].name]
            if spots[at] < spots[at - 1] or [each for each in gap if quoted.words[each].key]:
                yield f"“{draft.words[at - 1].text} {word.text}” is no name in the quotation."
    subject = [spots[at] for at in draft.subject_at if at in spots]
    rest = [its for at, its in spots.items() if at not in draft.subject_at]
    if subject and rest and min(subject) > max(rest):
        yield "The quotation says it of something else."
    used = set(spots.values())
    if quoted.verb is not None and spots and quoted.verb < min(used) and quoted.verb in _part(quoted, used):
        yield f"It leaves out “{quoted.words[quoted.verb].text}”."
    yield from _narrower(draft, quoted, spots)


def _narrower(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """A word that the quotation sets before the draft's subject, as in "roof vents" for "vents"."""
    head = max(draft.subject_at, default=-1)
    if head not in spots or any(draft.lows[at] in _DEFINITE for at in range(head)):
        return
    first = spots[head]
    while first and first - 1 in spots.values() and not quoted.words[first].apart:
        first -= 1
    word, before = quoted.words[first], quoted.words[first - 1]
    if first and before.key and not (before.name or word.name or word.apart):
        yield f"The quotation says it of “{before.text} {word.text}”."


def _parted(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Two words side by side that stand the other way round, as "mobile menu" for "the menu in the mobile editor"."""
    for at in spots:
        if at + 1 in spots and not draft.words[at + 1].apart and spots[at + 1] < spots[at]:
            between = quoted.lows[spots[at + 1] : spots[at]]
            numbered = re.match(r" \d", quoted.text[quoted.words[spots[at]].end :])
            plain = not (numbered or {*between} & (_AUXILIARIES | _PREPOSITIONS.keys() - {"of"}))
            if not ("of" in between and plain) and not any(
                word.possessive for word in quoted.words[spots[at + 1] : spots[at]]
            ):
                yield f"“{draft.words[at].text} {draft.words[at + 1].text}” is not in the quotation."


def _unlike(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Negations, limits and strong words that only one of the two has, or has of something else."""
    used = set(spots.values())
    part = _part(quoted, used)
    reach = _reach(quoted, used, part)
    mine, its = _negations(draft, range(len(draft.words))), _negations(quoted, reach)
    if len(mine) != len(its):
        yield "It leaves out or adds a “not”."
    for at in mine:
        bound = _bound(draft, at, spots)
        if bound and not any(bound & _bound(quoted, each) for each in its):
            yield "Its “not” belongs to something else in the quotation."
    for at in part:
        low, group = quoted.lows[at], _LIMITS.get(quoted.lows[at])
        if group == "or" and not {_next(quoted, at, -1), _next(quoted, at)} <= used:
            continue
        if group in _OF_NEXT and _next(quoted, at) not in used:
            continue
        if group in _OF_LAST and _next(quoted, at, -1) not in used:
            continue
        if group and not any(_LIMITS.get(own, _GRANTS.get(own)) == group for own in draft.lows):
            yield f"It leaves out “{low}”."
    for at, low in enumerate(draft.lows):
        group = _STRONG.get(low)
        places = [place for place in part if group and _STRONG.get(quoted.lows[place]) == group]
        if group and not places:
            yield f"It says “{low}”, and the quotation does not."
        bound = _bound(draft, at, spots) if group in _BINDING else set()
        if bound and not any(bound & _bound(quoted, place) for place in places):
            yield f"Its “{low}” belongs to something else in the quotation."


def _widened(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """What limits a statement and is left out: of which things, at what times, how many at most, and when it was so."""
    used = set(spots.values())
    part = _part(quoted, used)
    lows, words = quoted.lows, quoted.words
    end = max(used, default=0)
    once = quoted.verb is not None and is_past(lows[quoted.verb])
    keys = {words[at].key for at in used}
    for at in part:
        low, inside = lows[at], words[at - 1].key in keys and at < end and not words[at].apart
        left_out = _next(quoted, at) not in used
        bare = low in _BARE and lows[at - 1] not in _REPORTING and not words[_next(quoted, at)].name
        if inside and left_out and (bare or _is_relative(quoted, at)):
            yield f"The quotation says it of “{words[at - 1].text} {words[at].text} …”."
        if low in _WHEN and at and not words[at].apart and not _WHEN.intersection(draft.lows) and not once:
            stop = next((each for each in part if each > at and words[each].apart), end)
            if end <= stop:
                yield f"It leaves out “{low} …”."
        ordered = not left_out and spots.get(0) == _next(quoted, at)
        if (
            low in ("can", "should", "must", "will", "would")
            and not left_out
            and not ordered
            and _MODAL.isdisjoint(draft.lows)
        ):
            yield f"The quotation says that it {low} be so."
        near = words[at - 1].key in keys and not words[at].apart
        number = re.match(r" (\d+)", quoted.text[words[at].end :]) if near and low in _RANGES else None
        if number and number[1] not in draft.text:
            yield f"It leaves out “{low}{number[0]}”."
        per = low in _TIMES and lows[at - 1] in ("a", "an", "per", "each", "every")
        if per and at not in used and draft.counts:
            yield f"It leaves out “{lows[at - 1]} {low}”."
        bound = _BOUNDS.get(lows[max(0, at - 1) : at + 1])
        after = range(end + 1, at + 1)
        trails = 0 < len(after) <= 3 and not any(words[one].apart or lows[one] in _COORDINATING for one in after)
        ours = trails or _bounds(draft, quoted, words[at].start)
        if bound and ours and not bound.intersection(draft.lows):
            yield f"It leaves out “{lows[at - 1]} {low}”."
    if part and lows[part.start] in _OPENINGS and lows[part.start : part.start + 2] not in _FOR_EXAMPLE:
        stop = next((at for at in part[1:] if words[at].apart), part.start)
        if any(words[at].key and at not in used for at in range(part.start, stop)):
            yield f"It leaves out a part of “{words[part.start].text} …”."
    if "% of " in quoted.text and "% of " not in draft.text and any(one.value.unit for one in draft.counts):
        yield "It leaves out of what it is a part."
    for negation in _negations(quoted, _reach(quoted, used, part)):
        for at in range(negation + 1, part.stop):
            if words[at].apart or lows[at] in _COORDINATING:
                break
            if words[at].key and at not in used:
                yield f"It leaves out “{words[at].text}” behind “{lows[negation]}”."
    for at, its in spots.items():
        mine, theirs = draft.lows[at], lows[its]
        helped = at and draft.lows[at - 1] in _AUXILIARIES | _DEFINITE | _PREPOSITIONS.keys() | {"a", "an", "not"}
        past = is_past(mine) or mine.endswith("ing")
        if is_past(theirs) and lows[its - 1] != "be" and not (helped or past or at in draft.subject_at):
            yield f"The quotation says “{theirs}”, not “{mine}”."
        attribute = its + 1 < len(words) and words[its + 1].key and its + 1 not in used and not words[its + 1].apart
        if attribute and mine.endswith("s") and not theirs.endswith("s") and mine not in lows:
            yield f"The quotation says it of “{theirs} {lows[its + 1]}”."


def _bounds(draft: Text, quoted: Text, place: int) -> bool:
    """Whether the number next to a place of the quotation is one of the draft's."""
    nearest = min(
        quoted.counts, key=lambda one: min(abs(one.span.start - place), abs(one.span.end - place)), default=None
    )
    return nearest is not None and any(
        _equal(one, nearest) or one.value.low == nearest.value.high for one in draft.counts
    )


def _is_relative(text: Text, at: int) -> bool:
    """Whether "that" or the like says there which things are meant."""
    low, then = text.lows[at], text.lows[at + 1] if at + 1 < len(text.lows) else ""
    if low in ("who", "which", "whose"):
        return True
    verb = then in _AUXILIARIES or is_past(then) or then in ("i", "you", "we", "they") or then.endswith("s")
    return low == "that" and verb and text.lows[at - 1] not in _REPORTING


def _skipped(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Words that the draft brings together over others: over another verb, another clause, or what they belong to."""
    lows, words = quoted.lows, quoted.words
    used = set(spots.values())
    if quoted.verb is not None and spots and min(used) < quoted.verb < max(used) and quoted.verb not in used:
        then = min(at for at in used if at > quoted.verb)
        if (
            not {"by", "and", "but", "or"}.intersection(lows[quoted.verb : then])
            and lows[quoted.verb] not in _REPORTING
        ):
            yield f"It leaves out “{words[quoted.verb].text}”."
    for at, then in pairwise(at for at in draft.content if at in spots):
        one, other = spots[at], spots[then]
        mine = set(draft.lows[at + 1 : then])
        gap = range(min(one, other) + 1, max(one, other))
        hidden = [each for each in gap if words[each].key and each not in used]
        joined = mine & {"and", "or"}
        between = {lows[each] for each in gap if not words[each].name}
        compound = other + 1 in used and not words[other + 1].apart and not joined.isdisjoint(between)
        if joined and other < one and (hidden or compound or (joined - between and between & _PREPOSITIONS.keys())):
            yield f"“{draft.words[at].text}” and “{draft.words[then].text}” are not joined so in the quotation."
        if joined or draft.words[then].apart or other < one:
            continue
        for each in gap:
            after = _next(quoted, each)
            starts = lows[each] in ("and", "but", "or") and after not in used and not words[after].name
            if starts or (words[each].apart and lows[each] in _SUBJECTS and lows[each] not in mine):
                yield f"“{draft.words[at].text}” does not belong to “{draft.words[then].text}” in the quotation."
        listed = any(words[each].apart for each in (*gap, other))
        if mine and mine <= _ARTICLES and hidden and not listed and between & _PREPOSITIONS.keys():
            yield f"“{draft.words[at].text}” does not belong to “{draft.words[then].text}” in the quotation."
    for at, its in spots.items():
        head = _head(quoted, its)
        own = draft.words[at].possessive or "of" in draft.lows[max(0, at - 4) : at]
        if head is not None and head not in used and not own and _next(draft, at) - at != 1:
            yield f"It leaves out “{words[head].text} of”."
    yield from _swapped(draft, quoted, spots)


def _head(text: Text, at: int) -> int | None:
    """The word that the one there belongs to by "of"; None where there is none."""
    for each in range(at - 1, max(0, at - 6), -1):
        if text.words[each + 1].apart or text.lows[each] in _COORDINATING:
            return None
        if text.lows[each] == "of":
            return each - 1 if text.words[each - 1].key else None
    return None


def _swapped(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Two names in the same place that stand the other way round, and a time on the other side of "said that"."""
    names = [at for at in spots if draft.words[at].name and draft.roles[at] in _PREPOSITIONS.values()]
    for one, other in pairwise(names):
        if draft.roles[one] == draft.roles[other] and spots[other] < spots[one]:
            gap = range(spots[other] + 1, spots[one])
            if any(quoted.words[at].key and not quoted.words[at].name for at in gap):
                yield f"“{draft.words[one].text}” stands for something else in the quotation."
    mine, its = _reported(draft), _reported(quoted)
    if mine and its and any((at < mine) != (place < its) for at, place in spots.items()):
        yield "The quotation does not say this as what is said."


def _reported(text: Text) -> int | None:
    """Where what somebody says begins behind "said that"; None where that is not plain."""
    said = next((at for at, low in enumerate(text.lows) if low in _REPORTING), len(text.lows))
    return next((at for at in range(said, len(text.lows)) if text.lows[at] == "that"), None)


def _part(text: Text, used: set[int]) -> range:
    """The coordinate parts of a sentence that the used words stand in: between "; ", ", and" or ", but"."""
    starts = [0]
    for at in range(1, len(text.words)):
        between = text.text[text.words[at - 1].end : text.words[at].start]
        if re.search(r"[;:.!?]", between) or (text.words[at].apart and text.lows[at] in _COORDINATING):
            starts.append(at)
    if not used:
        return range(0)
    first = max(start for start in starts if start <= min(used))
    return range(first, next((start for start in starts if start > max(used)), len(text.words)))


_AROUND = 4
"""So many words before the first counterpart, and behind the last, may turn a sentence round."""


def _reach(text: Text, used: set[int], part: range) -> range:
    """The words of a part of a sentence between the used ones and shortly around, to the next mark or "and"."""
    end = max(used, default=-1) + 1
    stop = min(part.stop, end + _AROUND)
    while end < stop and not text.words[end].apart and text.lows[end] not in _COORDINATING:
        end += 1
    return range(max(part.start, min(used, default=0) - _AROUND), end)


def _negations(text: Text, places: Iterable[int]) -> list[int]:
    lows = text.lows
    return [
        at
        for at in places
        if (lows[at] in _NEGATIONS or lows[at].endswith("n't"))
        and not _NO_NEGATION.match(" ".join(lows[at : at + 3]))
        and not (text.words[at].text[0].isupper() and text.words[at + 1 : at + 2] and text.words[at + 1].name)
    ]


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


def _out_of_place(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Words that a "because" or an "if" joins otherwise, names in another place, steps in another order."""
    for at, its in spots.items():
        another = draft.lows[at] != quoted.lows[its] or quoted.lows[its - 1] == "be"
        if another and _is_aim(quoted, its) and not _is_aim(draft, at):
            yield f"The quotation says “to {quoted.words[its].text}”, not that it is so."
        mine, theirs = draft.clauses[at], quoted.clauses[its]
        if mine != theirs:
            yield f"The quotation does not join this by “{mine or theirs}”."
        if {draft.roles[at], quoted.roles[its]} in _OTHERS:
            yield f"“{draft.words[at].text}” stands for something else in the quotation."
    for joint in set(draft.clauses) - set(quoted.clauses):
        yield f"The quotation does not join this by “{joint}”."
    used = set(spots.values())
    part = _part(quoted, used)
    opening = quoted.clauses[part.start] if part else ""
    if opening and opening not in draft.clauses:
        yield f"It leaves out “{quoted.words[part.start].text}”."
    for run in _runs(quoted):
        if used & set(run) and not used.issuperset(run):
            yield "It leaves out a part of a condition."
    for middle in (at for at, low in enumerate(draft.lows) if low in _SEQUENCE):
        bounds = [at for at, low in enumerate(draft.lows) if low in _SEQUENCE and draft.lows[middle] != "then"]
        start = max((at for at in bounds if at < middle), default=-1)
        end = min((at for at in bounds if at > middle), default=len(draft.words))
        first = [spots[at] for at in range(start + 1, middle) if at in spots]
        second = [spots[at] for at in range(middle + 1, end) if at in spots]
        fewest = 1 if draft.lows[middle] == "then" else 2
        if min(len(first), len(second)) >= fewest and median(first) > median(second):
            yield "The quotation has it in another order."
    for at, its in spots.items():
        mine, theirs = _governed(draft, at), _governed(quoted, its)
        if mine in _STRICT and theirs != mine and (theirs or mine != "to"):
            yield f"The quotation does not say “{mine} {draft.words[at].text}”."


def _is_aim(text: Text, at: int) -> bool:
    """Whether "to" or "to be" stands before a word that is no name."""
    before = at - 1 - (at > 1 and text.lows[at - 1] == "be")
    return before >= 0 and text.lows[before] == "to" and not text.words[at].name


def _governed(text: Text, at: int) -> str:
    """The preposition before a word, with a few words between, but no "and"; none for the "to" before a verb."""
    for each in range(at - 1, max(-1, at - 5), -1):
        if text.words[each + 1].apart or text.lows[each] in _COORDINATING:
            return ""
        if found := _PREPOSITIONS.get(text.lows[each]):
            bare = each == at - 1 and not text.words[at].name
            return "" if found == "to" and bare else found
        if text.lows[each] in _AUXILIARIES:
            return ""
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


def _voices(draft: Text, quoted: Text, spots: Mapping[int, int]) -> Iterator[str]:
    """Differences in who says so and with what verb."""
    mine, its = draft.speakers, quoted.speakers
    if its and not mine:
        yield "It leaves out who says so."
    for one in its:
        if mine and not any(_same_speaker(one, other) for other in mine):
            yield "It leaves out who says so."
    for one in mine:
        if not its and one != {_ITSELF}:
            yield "The quotation does not say that somebody says so."
        if its and not any(_same_speaker(one, other) for other in its):
            yield "In the quotation somebody else says so."
    part = _part(quoted, set(spots.values()))
    theirs = {_REPORTING[low] for low in (quoted.lows[at] for at in part) if low in _REPORTING}
    ours = {_REPORTING[low] for low in draft.lows if low in _REPORTING}
    if theirs - ours:
        yield "It leaves out that somebody only says so."
    if ours - theirs:
        yield "In the quotation it is said with another force."


def _same_speaker(one: frozenset[str], other: frozenset[str]) -> bool:
    return one == other or bool(one & other)


def _keys(name: str) -> frozenset[str]:
    return frozenset(word.key for word in read(name) if word.key)


def _roles(words: Sequence[Word], lows: Sequence[str]) -> Iterator[str]:
    role, acted = "", False
    for at, (word, low) in enumerate(zip(words, lows, strict=True)):
        if word.apart or low == "that":
            role, acted = "", False
        if low in _PREPOSITIONS:
            role = _PREPOSITIONS[low]
        elif word.name:
            last = next((each for each in range(at, len(words)) if not words[each].name), len(words))
            described = last < len(words) and words[last].key and not words[last].apart and not is_past(lows[last])
            owner = any(words[each].possessive for each in range(at, last))
            plain = role or ("later" if acted else "first")
            yield "owner" if owner else "" if described else plain
            continue
        elif word.key or low in _AUXILIARIES:
            acted, role = True, ""
        yield ""


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
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_MARKUP = re.compile(
    r"https?:|www\.|<[@#:/!a-z]|(?<!\w)@\w|\]\s?\(|[*`]|\|\||~~|__|^\s*(?:[#>|-]\s|\d+[.)]\s)"
    r"|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\w",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'"(?P<words>[^"]+)"')
_CODE = re.compile(
    r"[_/\\@#=<>{}\[\]|$~^+]|\d[^\W\d]|[^\W\d]\d|\w[.:]\w|\w-\d|\d-[^\W\d]|^--?\w|[a-z][A-Z]|^[A-Z][A-Z0-9]+s?$|^\W*\d+\.\d"
)
_PLAIN = frozenset(" .,;:!?\"'()-&%")
_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-"})


# --- words by their use --------------------------------------------------------------------------


def _groups(*rows: str) -> dict[str, str]:
    """For each word of each row the first one."""
    return {word: row.split()[0] for row in rows for word in row.split()}


_ITSELF = "the document"
_CONNECTIVES = frozenset("additionally furthermore moreover lastly".split())
"""Words that join a draft to the one before, and say nothing else."""
_EMPTY = frozenset("please ensure note tip located various specific".split())
"""Words with a meaning that a draft may add; any other has to be in the quotation, or one that comes near."""
_FOR_EXAMPLE = (("for", "example"), ("for", "instance"))
_NEGATIONS = frozenset("not no never none cannot without neither nor hardly barely scarcely nobody nothing".split())
_NO_NEGATION = re.compile(r"not only\b|no doubt\b", re.IGNORECASE)
_COORDINATING = frozenset("and but while whereas although though which who".split())
_SEQUENCE = frozenset("and then before after".split())
_STRICT = frozenset({"from", "to", "by", "against", "without"})
"""Prepositions that a draft has before a word only where the quotation has."""
_ADVERBS = frozenset("also now then already still since often always never not again only just".split())
_DEFINITE = frozenset("the this these that those its his her their your each every any all".split())
_AUXILIARIES = frozenset(
    "is are was were be been has have had will would can could may might must should did does do".split()
)
_JOINTS = _groups(
    "if when whenever whether provided",
    "because due owing",
    "so therefore thus hence consequently",
    "before",
    "after once",
    "until till",
    "unless",
    "except",
    "than",
    "instead rather",
    "despite although though",
    "which who whom whose",
    "while",
    "how why",
    "unlike",
)
_CONDITIONS = frozenset({"if", "until", "unless", "except", "after", "while"})
_OTHERS = [
    {"from", "to"}, {"first", "by"}, {"first", "later"}, {"first", "owner"}, {"later", "owner"}, {"first", "against"},
    {"first", "to"}, {"first", "from"}, {"later", "by"}, {"by", "to"}, {"by", "against"}, {"by", "owner"},
    {"first", "for"}, {"with", "against"}, {"for", "against"}, {"over", "under"},
]  # fmt: skip
"""In two of these places a name stands for something else."""
_PREPOSITIONS = _groups(
    "in at near within inside", "to into toward towards", "from", "by", "against", "of", "for", "with", "on", "about",
    "over", "under", "between", "than", "via through", "without",
)  # fmt: skip
_BEHIND = re.compile(r"[ -]?(?:[^\W\d]+ ){0,2}(?P<bound>at (?:most|least)|or (?:more|less|fewer))\b")
_BARE = frozenset("with without on under within of".split())
_RANGES = frozenset("under over above below within between".split())
_WHEN = frozenset("when whenever while where if once".split())
_MODAL = frozenset(
    "can could cannot may might able let lets allow allows possible should must will would shall need needs "
    "required".split()
)
_TIMES = frozenset("second minute hour day night week month year".split())
_BOUNDS: dict[tuple[str, ...], set[str]] = {
    ("at", "most"): {"most", "maximum", "up", "more"},
    ("at", "least"): {"least", "minimum", "less", "fewer"},
    ("up", "to"): {"up", "most", "maximum"},
    ("or", "more"): {"more", "least"},
    ("or", "less"): {"less", "most"},
    ("or", "fewer"): {"fewer", "most"},
}
"""Words that bound a number, and what may be said for them."""
_OPENINGS = frozenset("with without for under within during since".split())
_SUBJECTS = frozenset("i you we they he she it".split())
_ARTICLES = frozenset("the a an its his her their your".split())
_LIMITS = _groups(
    "some several certain various",
    "few handful",
    "many numerous",
    "most majority",
    "usually typically generally normally often frequently commonly sometimes occasionally",
    "mostly mainly largely primarily predominantly partly",
    "widely broadly",
    "much",
    "first",
    "second",
    "third",
    "former",
    "temporary temporarily",
    "regularly",
    "almost nearly",
    "likely probably unlikely",
    "or",
    "off",
    "least",
    "sparse",
    "only solely exclusively",
    "may might could possibly perhaps potentially maybe",
    "unless except excepted excluding excludes besides",
    "out",
    "doubt doubts doubted question questions questioned contradicts contradicted",
    "allegation allegations accusation accusations rumour rumours rumor rumors theory theories conspiracy",
    "seem seems seemed appear appears appeared apparently",
    "reportedly allegedly purportedly supposedly alleged purported supposed rumoured rumored",
    "debunked false falsely baseless unfounded discredited untrue misleading unproven unverified",
    "if",
    "until",
    "evidence proof",
    "refuse refuses refused reject rejects rejected",
    "deny denies denied dispute disputes disputed",
    "fail fails failed unable impossible",
    "stop stops stopped prevent prevents prevented avoid avoids avoided block blocks blocked",
    "cancel cancels cancelled canceled abandon abandons abandoned",
    "lack lacks lacked",
)
"""What limits a statement or turns it round: a draft that leaves it out goes further."""
_OF_NEXT = frozenset(
    "some few many most usually mostly widely regularly almost likely least sparse only much first second third former "
    "temporary".split()
)
"""Which of these rows limit the word that follows."""
_OF_LAST = frozenset({"off", "out"})
"""Which of them belong to the word before."""
_GRANTS = {"can": "may", "cannot": "may"}
"""What may be said for the first word of a row of limits, and is no limit itself."""
_STRONG = _groups(
    "all every each entire whole always everyone everybody everything everywhere any both entirely completely fully",
    "only solely exclusively just merely",
    "must required mandatory",
    "need needs",
    "true correct accurate right",
    "should",
    "more most",
    "even",
    "never",
    "because cause causes caused due therefore thus hence consequently result results resulted led lead leads why",
    "first then next finally afterwards later",
    "or",
    "off",
    "out",
    "still already",
    "several many numerous",
    "will",
    "i we our us my me",
    "he him his",
    "she her hers",
)
"""What makes a statement stronger: a draft has it only where the quotation has."""
_BINDING = frozenset({"all", "only", "more", "even", "never", "i"})
"""Which of these rows say something of the words that follow."""
_REPORTING = _groups(
    "claim claims claimed claiming allege alleges alleged assert asserts asserted insist insists insisted contend "
    "contends contended argue argues argued complain complains complained",
    "say says said saying according told wrote writes declared announced",
    "accuse accuses accused blame blames blamed charged",
    "confirm confirms confirmed acknowledged acknowledges admitted admits conceded proved proves revealed reveals",
    "denied denies deny rejected rejects dismissed disputes disputed",
    "calls called describes described denounced denounces",
    "believe believes believed thinks thought",
    "warned warns",
    "promised promises vowed vows pledged threatened threatens",
)
"""Words of saying, by how sure of it they are."""
