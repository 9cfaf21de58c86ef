"""Whether a sentence says what a claim says, word by word: strict rules that need no model.

Every word of a claim that carries meaning has to have its counterpart in the sentence, its names and numbers above
all, with the same actor, the same negation and the same certainty. Words count as the same by their stem, or when a
short list of general English says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from bot.answering.values import Kind, Number, value_at
from embeddings.lexical import terms
from embeddings.passages import Span


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: `key` is the same for words that mean the same; it is empty for words without a meaning."""

    text: str
    key: str
    start: int
    end: int
    name: bool = False
    possessive: bool = False
    apart: bool = False
    """Whether a punctuation mark stands between it and the word before."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of a text, and the keys of the words that say what is counted."""

    value: Number
    unit: frozenset[str]
    span: Span


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
    """Of the claim's words, names and numbers: how many have their counterpart."""
    missing: tuple[Word, ...]
    """Words without one that a sentence must have."""
    light: tuple[Word, ...]
    """Words without one that may only be said otherwise: verbs and adverbs."""
    clashes: tuple[Clash, ...]
    doubts: tuple[str, ...]
    """Why the sentence does not bear the claim out though the words are there."""

    words: int
    """How many words that are no names have their counterpart."""
    start: int
    """Where in the sentence the first counterpart stands."""

    @property
    def complete(self) -> bool:
        """Whether every word has its counterpart and nothing speaks against it."""
        return not (self.missing or self.light or self.clashes or self.doubts)


def align(claim: str, sentence: str, before: str = "", context: str = "") -> Alignment:
    """Compare a sentence with a claim.

    `before` is the sentence before it, which may name whom a pronoun means; `context` what stands around it, where
    "the protests" may have a name.
    """
    ours, theirs = read(claim), read(sentence)
    wanted = [word for word in ours if word.key]
    place, missing = _places(wanted, theirs, sentence)
    missing = _named_around(_named_before(missing, theirs, before), wanted, theirs, place, context)
    counts = list(_counted(claim, sentence))
    clashes = [found for found in counts if isinstance(found, Clash)]
    uncounted = sum(found is None for found in counts)
    opposed, missing = _opposites(missing, theirs, set(place.values()))
    clashes += opposed
    window = _window(place, theirs)
    clashes += _negations(ours, theirs, window)
    rivals, missing = _rivals(missing, ours, theirs, set(place.values()))
    clashes += rivals
    light = tuple(word for word in missing if _is_light(word, ours))
    heavy = tuple(word for word in missing if word not in light)
    doubts = [*_uncertain(ours, theirs, window)]
    if light and any(word.key in _ADVERSE for word in [*light, *_unused(theirs, place)]):
        doubts.append("it may say the opposite")
    if uncounted:
        doubts.append("a number of the claim is not in it")
    if not _same_actor(ours, theirs, {id(wanted[number]): at for number, at in place.items()}):
        doubts.append("somebody else does it")
    if not _same_order(ours, wanted, theirs, place):
        doubts.append("it says this of others")
    total = len(wanted) + len(counts)
    found = len(wanted) - len(missing) - len(rivals) - len(opposed) + sum(isinstance(each, bool) for each in counts)
    return Alignment(
        share=max(0.0, found / total) if total else 0.0,
        missing=heavy,
        light=light,
        clashes=tuple(clashes),
        doubts=tuple(doubts),
        words=sum(not wanted[number].name for number in place),
        start=min((theirs[at].start for at in place.values()), default=0),
    )


# --- words ---------------------------------------------------------------------------------------

_FUNCTION = frozenset(
    "a an the and or but nor so yet as at be been being is are was were am by for from had has have having he her hers "
    "him his i if in into it its itself me my of off on onto our out she that their them themselves then there these "
    "they this those to too up us was we what when where which while who whom whose why will with within you your how "
    "did do does doing done can could would should shall may might must also just very still already now own such "
    "both each been over about around through during across toward towards upon than ago s t re ve ll d m much "
    "more most least some any other others even so however since meanwhile nevertheless not no never none cannot "
    "without neither hardly nobody nothing further several number".split()
)
"""Words whose meaning is looked at elsewhere, or that have none of their own."""
_NEGATIONS = frozenset("not no never none cannot without neither nor hardly nobody nothing".split())
_NO_NEGATION = re.compile(r"\bno (?:more|fewer|less|later|sooner) than\b|\bnot only\b", re.IGNORECASE)
_NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety dozen dozens hundred hundreds thousand thousands "
    "million millions billion billions trillion trillions"
)
_NUMBER = re.compile(
    rf"(?<![\w.,])(?:\d+(?:,\d{{3}})*(?:\.\d+)?|\bone(?= (?:hundred|thousand|million|billion|trillion))"
    rf"|\b(?:{_NUMBER_WORDS.replace(' ', '|')})\b)"
    rf"(?:[ -](?:{_NUMBER_WORDS.replace(' ', '|')})\b)*(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?:[A-Z]\.){2,}|\d+(?:[.,]\d+)*\w*|[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)*")

# Words that say the same for the purpose of checking a claim: our own list, of general English.
_SAME = [
    "say tell told write wrote post claim declare assert announce add insist argue report remark comment note "
    "maintain according accord allege complain continue acknowledge admit describe statement said",
    "deploy send sent dispatch deployment",
    "begin start began begun commence launch",
    "lawsuit suit sue sued",
    "part participate join joined participant attend attended",
    "take took taken",
    "protester demonstrator marcher",
    "protest demonstrate demonstration rally demonstrated",
    "oppose object resist disagree opposition opposed",
    "immigrant migrant alien",
    "immigration migration",
    "undocumented illegal unauthorized illegally",
    "extend prolong lengthen extension",
    "expand widen broaden expansion",
    "increase raise grow rise rose grew boost",
    "decrease reduce fall fell drop cut decline lower",
    "many numerous",
    "big large great huge massive largest biggest enormous vast",
    "cause trigger spark provoke prompt",
    "small tiny puny little sparse",
    "aim intend plan want goal target seek sought wish intention",
    "detain arrest arrested detention custody",
    "deport expel expulsion deportation remove",
    "order instruct direct command directive instruction",
    "use used employ deploy",
    "city town",
    "nation country",
    "nationwide national",
    "united us american america usa",
    "worker employee staff",
    "official authority authorities",
    "police officer policeman",
    "troop soldier guardsman",
    "person people human individual",
    "popular common widespread",
    "new recent novel",
    "calm quiet peaceful",
    "attack assault attacked",
    "call named dub describe characterize",
    "kill dead death die died",
    "win won victory",
    "lose lost loss defeat",
    "buy bought purchase acquire",
    "build built construct construction",
    "make made produce",
    "show display reveal demonstrate find found",
    "help aid assist",
    "car automobile vehicle",
    "begin open",
    "end finish conclude close stop cease",
    "allow permit let approve authorize",
    "ban forbid prohibit",
    "leave left depart",
    "arrive reach came come",
    "lead led govern control",
    "photo image picture photograph",
    "birthday anniversary",
    "influence shape shaped",
    "compare liken",
    "regular regularly often frequent frequently",
    "wide widely",
    "large-scale mass massive",
    "location place site venue",
    "demand request ask asked urge",
    "promise pledge vow guarantee",
    "offer give gave provide",
    "support back endorse",
]  # fmt: skip
_WIDER = {
    "people": "protester demonstrator resident worker immigrant migrant alien marcher citizen",
    "authority": "official agency",
    "troop": "guard",
    "guard": "troop",
}
"""What a claim may say for what a sentence says more narrowly."""
_FAMILIES = [
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december",
    "first second third fourth fifth last",
    "morning afternoon evening night noon midnight overnight daytime",
    "minute hour day week month year decade century",
    "north south east west",
    "spring summer autumn winter",
    "mayor governor senator minister chancellor secretary attorney judge prosecutor king queen prince",
    "father mother brother sister son daughter husband wife",
    "man woman boy girl",
    "red blue green yellow black white orange",
]
"""Words of one family exclude each other."""
_OPPOSITES = [
    "agree disagree", "accept reject", "support oppose", "increase decrease", "before after", "win lose",
    "allow ban", "begin end", "arrive leave", "legal illegal", "calm violent", "big small", "open close",
    "high low", "more fewer", "true false", "confirm deny", "inside outside", "popular unpopular", "likely unlikely",
    "possible impossible", "attack defend", "public private", "strong weak", "rich poor", "early late",
    "friendly hostile", "safe dangerous", "with without", "include exclude", "pass fail", "hire fire", "buy sell",
    "praise criticize", "praise condemn", "love hate", "guilty innocent", "urban rural", "past future",
    "majority minority", "peaceful violent", "hot cold", "better worse", "always never", "import export",
    "withdraw deploy", "withdraw send", "worsen improve", "activate inhibit", "positive negative",
    "promote prevent", "enhance impair", "enhance suppress", "stimulate inhibit", "induce inhibit", "higher lower",
    "increase inhibit", "increase suppress", "greater less", "upregulate downregulate",
]  # fmt: skip


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return terms(word)[0]


def _groups(rows: Sequence[str]) -> dict[str, str]:
    """The first word of each row for every stem in it; a stem stays with its first row."""
    found: dict[str, str] = {}
    for row in rows:
        first, *_ = names = [_stem(word) for word in row.split()]
        for name in names:
            found.setdefault(name, found.get(first, first))
    return found


_KEYS = _groups(_SAME)
_FAMILY_OF = {_stem(word): row for row in _FAMILIES for word in row.split()}
_OPPOSITE: dict[str, set[str]] = {}
for _row in _OPPOSITES:
    _one, _other = (_KEYS.get(_stem(word), _stem(word)) for word in _row.split())
    _OPPOSITE.setdefault(_one, set()).add(_other)
    _OPPOSITE.setdefault(_other, set()).add(_one)
_NARROWER = {
    _KEYS.get(_stem(wide), _stem(wide)): {_KEYS.get(_stem(word), _stem(word)) for word in narrow.split()}
    for wide, narrow in _WIDER.items()
}


@lru_cache(maxsize=2_000)
def read(text: str) -> tuple[Word, ...]:
    """The words of a text; numbers, which `_counts` reads, have no key."""
    numbers = [match.span() for match in _NUMBER.finditer(text)]
    first = True
    found: list[Word] = []
    for match in _WORD.finditer(text):
        written, (start, end) = match[0], match.span()
        if written == "s" and text[start - 1 : start] in ("'", "’"):
            continue
        plain = written.replace(".", "").replace("’", "'").lower()
        capital = written[0].isupper()
        opens, first = first, False
        name = capital and (not opens or (written.isupper() and len(plain) > 1))
        us = plain == "us" and written.isupper()
        counted = any(a <= start < b for a, b in numbers)
        key = "" if counted or (plain in _FUNCTION and not us) or plain.endswith("n't") else _key(plain)
        if key and capital and opens:
            name = name or not _common(plain)
        found.append(
            Word(
                text=written,
                key=key,
                start=start,
                end=end,
                name=name and bool(key),
                possessive=text[end : end + 2] in ("'s", "’s"),
                apart=bool(re.search(r"[,;:()–—\"“”]", text[found[-1].end if found else 0 : start])),
            )
        )
    return tuple(found)


def _key(plain: str) -> str:
    stem = _stem(plain)
    return _KEYS.get(stem, stem)


def _common(plain: str) -> bool:
    """Whether a word at the beginning of a text, which has a capital there anyway, is no name."""
    stem = _stem(plain)
    return stem in _KEYS or plain.endswith(("s", "ed", "ing", "ly", "tion", "ment", "ity", "er", "al"))


def is_firm(word: Word) -> bool:
    """Whether only the same word can stand for it: a name, or one that excludes others, as "Monday" does."""
    return word.name or word.key in _FAMILY_OF or word.key in _ADVERSE


def _is_light(word: Word, words: Sequence[Word]) -> bool:
    """Whether it is a verb or an adverb, as far as its form and its neighbours tell."""
    at = next(at for at, each in enumerate(words) if each is word)
    before = words[at - 1].text.lower() if at else ""
    after = words[at + 1].text.lower() if at + 1 < len(words) else ""
    if word.name or word.key in _FAMILY_OF or before in _ARTICLES or after in _AUXILIARY:
        return False
    return word.text.endswith(("ed", "ing", "ly")) or word.text.lower() in _IRREGULAR or word.key in _VERBS


_ARTICLES = frozenset("the a an this that these those his her its their our my your of".split())
_VERBS = {
    _KEYS.get(_stem(word), _stem(word))
    for word in "deploy begin increase aim order use mean show allow leave arrive lead influence compare support make "
    "call take send".split()
}


# --- which word stands for which -----------------------------------------------------------------


def _places(wanted: Sequence[Word], theirs: Sequence[Word], sentence: str) -> tuple[dict[int, int], list[Word]]:
    """For each word of the claim, by its place among `wanted`, the word of the sentence; and those without one."""
    acronyms = _acronyms(theirs)
    place: dict[int, int] = {}
    missing: list[Word] = []
    spelled = _acronyms(wanted)
    short = {w.text.replace(".", "").lower(): n for n, w in enumerate(theirs) if w.text.isupper()}
    by_acronym = {
        member: short[letters] for letters, members in spelled.items() if letters in short for member in members
    }
    taken: set[int] = set()
    last = -1
    for number, word in enumerate(wanted):
        options = [at for at, other in enumerate(theirs) if other.key == word.key]
        narrow = [at for at, other in enumerate(theirs) if other.key in _NARROWER.get(word.key, ())]
        plain = word.text.replace(".", "").lower()
        if not options and word.text.replace(".", "").isupper() and plain in acronyms:
            options = [acronyms[plain][-1]]
        if not options and number in by_acronym:
            options = [by_acronym[number]]
        unused = [at for at in options if at not in taken] or narrow
        if not unused:
            missing.append(word)
            continue
        place[number] = last = min(unused, key=lambda at: (abs(at - last - 1), at))
        if options:
            taken.add(last)
    return place, missing


def _acronyms(words: Sequence[Word]) -> dict[str, tuple[int, ...]]:
    """The initials of every run of capitalised words, "of" and "and" left out, with the places of these words."""
    found: dict[str, tuple[int, ...]] = {}
    run: list[int] = []
    for at, word in enumerate([*words, Word("", "", 0, 0)]):
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
            opening.append(_key(word.text.lower()))
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


# --- numbers -------------------------------------------------------------------------------------


_YEAR = re.compile(r"[12]\d{3}")
_DATING = re.compile(
    r"(?:\b(?:in|since|by|until|from|before|after|during|of|early|late)|"
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: \d{1,2},)?) $"
)


@lru_cache(maxsize=2_000)
def counts(text: str) -> tuple[Count, ...]:
    """The numbers of a text."""
    words = read(text)
    found = []
    for match in _NUMBER.finditer(text):
        span = Span(*match.span())
        value = value_at(text, span, Kind.NUMBER)
        if isinstance(value, Number):
            found.append(Count(value, _unit(text, words, span), span))
    return tuple(found)


def _unit(text: str, words: Sequence[Word], span: Span) -> frozenset[str]:
    """The words after a number until something else begins; "a year" for what looks like one."""
    if _YEAR.fullmatch(text, span.start, span.end) and _DATING.search(text[: span.start]):
        return frozenset({"a year"})
    unit: list[str] = []
    at = span.end
    for word in words:
        if word.start < span.end:
            continue
        between = text[at : word.start]
        joins = word.text.lower() in ("of", "the", "a", "an", "more", "other")
        if re.search(r"[,;:.()\"“”]", between) or (not word.key and not joins) or len(unit) == 4:
            break
        if word.key:
            unit.append(word.key)
        at = word.end
    return frozenset(unit)


def _counted(claim: str, sentence: str) -> Iterator[Clash | bool | None]:
    """For each number of the claim: True when the sentence gives it, a clash when it gives another, None for none."""
    theirs = counts(sentence)
    for ours in counts(claim):
        if any(_same_number(ours.value, other.value) and _same_unit(ours, other) for other in theirs):
            yield True
            continue
        alike = [other for other in theirs if _same_unit(ours, other, narrower=False)]
        other = next((other for other in alike if _differ(ours.value, other.value)), None)
        same_value = any(_same_number(ours.value, each.value) for each in theirs)
        if other is None or (same_value and len(alike) > 1):
            yield None
        else:
            yield Clash("number", _written(claim, ours), _written(sentence, other), other.span)


def _written(text: str, count: Count) -> str:
    return text[count.span.start : count.span.end]


def _same_unit(one: Count, other: Count, narrower: bool = True) -> bool:
    if one.value.unit and other.value.unit and one.value.unit != other.value.unit:
        return False
    wanted = one.unit.union(*(_NARROWER.get(key, set()) for key in one.unit)) if narrower else one.unit
    if not narrower and not one.unit:
        return not other.unit
    return not one.unit or bool(wanted & other.unit)


def _base(number: Number) -> object:
    return number.high if not number.low else number.low


def _is_vague(number: Number) -> bool:
    """Whether it is given as "thousands" or "millions"."""
    return (number.high or 10**12) >= 1000 * number.low > 0 and not number.round_to and _is_power(number.low)


def _is_power(value: Fraction) -> bool:
    return value in (12, 10**3, 10**6, 10**9, 10**12)


def _same_number(claimed: Number, found: Number) -> bool:
    """Whether the sentence gives the claim's number: the same one, or "thousands" for 4,000."""
    if (claimed.low, claimed.high) == (found.low, found.high):
        return True
    if claimed.low == claimed.high == found.low and found.high is None:
        return True  # "5 million" where the sentence says "more than 5 million"
    if claimed.low != claimed.high and found.low == found.high == (claimed.low + (claimed.high or 0)) / 2:
        return True  # "about 4,000" for 4,000
    wide = claimed.high is not None and claimed.high >= 1000 * claimed.low > 0
    return wide and claimed.low <= found.low and found.low <= (claimed.high or found.low)


def _differ(claimed: Number, found: Number) -> bool:
    """Whether the sentence gives another number, rather than the same one more or less precisely."""
    if _is_vague(claimed) or _is_vague(found):
        return not claimed.agrees(found)
    if bool(claimed.low) != bool(found.low) and _base(claimed) == _base(found):
        return claimed.high != found.high or claimed.low != found.low
    return _base(claimed) != _base(found)


# --- what speaks against it ----------------------------------------------------------------------


def _opposites(missing: list[Word], theirs: Sequence[Word], used: set[int]) -> tuple[list[Clash], list[Word]]:
    """Missing words of which the sentence has the opposite, or another of the same family; and the other ones."""
    clashes, rest = [], []
    for word in missing:
        family = _FAMILY_OF.get(word.key, "")
        other = next(
            (
                other
                for at, other in enumerate(theirs)
                if at not in used
                and other.key
                and (other.key in _OPPOSITE.get(word.key, ()) or (family and _FAMILY_OF.get(other.key) == family))
            ),
            None,
        )
        if other:
            clashes.append(Clash("word", word.text, other.text, Span(other.start, other.end)))
        else:
            rest.append(word)
    return clashes, rest


_ADVERSE = frozenset(
    _key(word)
    for word in "disagree oppose object reject refuse deny stop fail dispute halt cancel lift withdraw prevent avoid "
    "block resist criticize condemn ban lose abandon drop reverse delay postpone suspend scrap".split()
)
"""What turns a sentence into its opposite: no other verb stands for these, nor these for another."""


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
_FUTURE = "as what will be"
_NOT_YET = {_FUTURE, "as an aim", "as an order", "as a promise or a threat"}
"""Whoever says one of these does not say that it has happened either."""
_KIND_OF = {word: reason for reason, row in _POSSIBLE.items() for word in row.split()}


def _uncertain(ours: Sequence[Word], theirs: Sequence[Word], window: tuple[int, int]) -> list[str]:
    """In which ways the sentence says less than that it is so, where the claim does not say the same."""
    mine = _kinds(ours, (0, len(ours)))
    its = _kinds(theirs, window)
    if mine & _NOT_YET:
        its -= {_FUTURE}
    return [f"only {reason}" for reason in sorted(its - mine)]


def _kinds(words: Sequence[Word], window: tuple[int, int]) -> set[str]:
    found = set()
    for at in range(*window):
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
_PREPOSITIONS = frozenset("in at of to from against with for on near into over under before after outside".split())
_IRREGULAR = frozenset(
    "sent said told wrote took began made went came got gave led ran won lost met held kept left found thought brought "
    "bought built caught fought felt heard knew meant paid put read saw sold set shot shut spoke spent stood stole "
    "struck taught threw understood wore fell rose grew drew drove ate flew forgot forgave froze hid".split()
)


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


def _looks_a_verb(low: str) -> bool:
    return low.endswith("ed") or low in _IRREGULAR


def _verb_after(words: Sequence[Word], at: int, head: int) -> tuple[int, int] | None:
    for place in range(at, len(words)):
        low = words[place].text.lower()
        if (
            words[place].key
            and not words[place].name
            and (_looks_a_verb(low) or words[place - 1].text.lower() in _AUXILIARY)
        ):
            return head, place
    return None


def _same_actor(ours: Sequence[Word], theirs: Sequence[Word], place: dict[int, int]) -> bool:
    """Whether who does something in the claim does it in the sentence, as far as that is plain.

    `place` is where each of the claim's words, by its identity, has its counterpart.
    """
    found = _actor(ours)
    if found is None:
        return True
    head, verb = (place.get(id(ours[at])) for at in found)
    if ours[found[1]].key == _key("say") and not _same_actor(ours[found[1] + 1 :], theirs, place):
        return False
    if head is None or verb is None or theirs[verb].text.lower() == "according":
        return True
    passive = _is_passive(ours, found[1])
    its_passive = _is_passive(theirs, verb)
    before = theirs[head - 1].text.lower() if head and not theirs[head].apart else ""
    first = head
    while first and theirs[first - 1].name and theirs[first].name and not theirs[first].apart:
        first -= 1
    led = theirs[first - 1].text.lower() if first and not theirs[first].apart else ""
    if led == "the" and first > 1:
        led = theirs[first - 2].text.lower()
    if head > verb:
        return (its_passive and led == "by" and not passive) or (passive and not its_passive and led != "by")
    if led in _PREPOSITIONS or before in _PREPOSITIONS:
        return False
    if passive != its_passive:
        return False
    return not _somebody_between(theirs, head, verb, set(place.values()))


def _is_passive(words: Sequence[Word], verb: int) -> bool:
    low = words[verb].text.lower()
    near = [word.text.lower() for word in words[max(0, verb - 3) : verb]]
    return (low.endswith("ed") or low in _IRREGULAR) and any(text in _BE for text in near)


def _somebody_between(theirs: Sequence[Word], head: int, verb: int, used: set[int]) -> bool:
    """Whether another name, or another's words, come between the actor and what is done."""
    for at in range(head + 1, verb):
        word = theirs[at]
        if at in used:
            continue
        if word.key == _key("say") or word.text.lower() in ("called", "calls"):
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
