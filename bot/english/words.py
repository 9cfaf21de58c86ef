"""The words of a claim and of a sentence: which stand for the same, which exclude each other, which only come near.

The tables are our own, of general and of reporting English. A row of `_SAME` can be exchanged freely; one of `_NEAR`
can in some sentences, so that whoever relies on it asks somebody who reads the whole sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.english.numerals import NUMBER_WORDS
from embeddings.splitting.terms import terms


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: `key` is the same for words that mean the same; it is empty for words without a meaning."""

    text: str
    stem: str
    key: str
    start: int
    end: int
    name: bool = False
    possessive: bool = False
    apart: bool = False
    """Whether a punctuation mark stands between it and the word before."""

    @property
    def low(self) -> str:
        """It in small letters, but for a month that is no verb: "May"."""
        return self.text if self.text == _MAY and self.key else self.text.lower()


FUNCTION = frozenset(
    "a an the and or but nor so yet as at be been being is are was were am by for from had has have having he her hers "
    "him his i if in into it its itself me my of off on onto our out she that their them themselves then there these "
    "they this those to too up us was we what when where which while who whom whose why will with within you your how "
    "did do does doing done can could would should shall may might must also just very still already now own such "
    "both each been over about around through during across toward towards upon than ago s t re ve ll d m much "
    "more most least some any other others even so however since meanwhile nevertheless among not no never none cannot "
    "without neither hardly nobody nothing further several number".split()
)
"""Words whose meaning is looked at elsewhere, or that have none of their own."""

PAST = dict(
    pair.split(":")
    for pair in "ate:eat became:become began:begin begun:begin bore:bear bought:buy broke:break broken:break "
    "brought:bring built:build came:come caught:catch chose:choose chosen:choose dealt:deal drawn:draw drew:draw "
    "driven:drive drove:drive fallen:fall fell:fall felt:feel fled:flee flew:fly forbade:forbid forbidden:forbid "
    "forgave:forgive forgot:forget fought:fight found:find froze:freeze gave:give given:give gone:go got:get "
    "grew:grow grown:grow heard:hear held:hold hid:hide kept:keep knew:know known:know laid:lay led:lead left:leave "
    "lost:lose made:make meant:mean met:meet paid:pay ran:run risen:rise rose:rise said:say sang:sing sank:sink "
    "sat:sit saw:see seen:see sent:send shaken:shake shook:shake shot:shoot shown:show slept:sleep sold:sell "
    "sought:seek spent:spend spoke:speak spoken:speak stole:steal stolen:steal stood:stand struck:strike sued:sue "
    "swept:sweep sworn:swear taken:take taught:teach thought:think threw:throw thrown:throw told:tell took:take "
    "torn:tear understood:understand went:go withdrawn:withdraw withdrew:withdraw woke:wake won:win wore:wear "
    "worn:wear wrote:write put:put read:read set:set shut:shut cut:cut hit:hit hurt:hurt "
    "spread:spread run:run".split()
)
"""Past forms that the stemmer does not know, with what they are forms of."""
_WHOLE = frozenset(
    "office important university authority executive international objective experiment experience emergency organ "
    "general news arms objection organization".split()
)
"""Words that the stemmer would take for forms of "officer", "import", "universe", "author", and so on."""

_PHRASES = {
    "set off": "spark", "touch off": "spark", "step up": "increase", "ramp up": "increase", "scale up": "increase",
    "scale back": "decrease", "scale down": "decrease", "cut back": "decrease", "carry out": "conduct",
    "call for": "demand", "call on": "urge", "call up": "mobilize", "call in": "mobilize", "call off": "cancel",
    "put down": "quell", "pick out": "select", "single out": "select", "bring up": "mention", "take up": "mention",
    "file suit": "sue", "file lawsuit": "sue", "bring suit": "sue", "go to court": "sue", "take to court": "sue",
    "win back": "regain", "get back": "regain", "take back": "regain", "break out": "erupt", "turn down": "reject",
    "point out": "say", "set up": "establish", "shut down": "close", "kick off": "begin", "get under way": "begin",
    "go on": "continue", "carry on": "continue", "keep up": "continue", "look at": "consider",
    "look into": "consider", "take part": "participate", "take place": "", "turn out": "", "show up": "",
    "lash out": "criticize", "speak out": "criticize", "step down": "resign", "crack down": "crackdown",
    "take over": "seize", "deal with": "handle", "cope with": "handle", "be home to": "house", "serve as": "",
    "work as": "", "one of": "", "no fewer than": "", "no less than": "", "across country": "nationwide",
    "around country": "nationwide", "law enforcement": "police", "urban center": "city", "take ~ to court": "sue",
    "bring ~ to court": "sue",
}  # fmt: skip
"""What a few words say that stand one after the other, but for an article, or where a "~" is for a few words."""
_GAP = 3

_SAME = [
    "say tell write post claim declare assert announce add insist argue report remark comment note maintain according "
    "accord allege complain continue acknowledge admit describe statement "
    "estimate",
    "deploy send dispatch deployment",
    "begin start commence launch",
    "lawsuit suit sue litigation",
    "part participate join participant attend",
    "protester demonstrator marcher",
    "protest demonstrate demonstration rally",
    "oppose object resist disagree opposition objection against",
    "immigrant migrant alien",
    "immigration migration",
    "undocumented illegal unauthorized illegally",
    "extend prolong lengthen extension",
    "expand widen broaden expansion",
    "increase raise grow rise growth boost",
    "decrease reduce fall drop cut decline lower",
    "many numerous",
    "big large great huge massive enormous vast",
    "biggest largest greatest",
    "bigger larger greater",
    "cause trigger spark provoke prompt",
    "small tiny puny little sparse",
    "aim intend plan want goal target seek wish intention",
    "detain arrest detention custody",
    "deport expel expulsion deportation remove",
    "order instruct direct command directive instruction",
    "use employ deploy",
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
    "attack assault",
    "call named dub characterize",
    "kill dead death die",
    "win victory",
    "lose loss defeat",
    "buy purchase acquire",
    "build construct construction",
    "make produce",
    "show display reveal demonstrate find",
    "help aid assist",
    "car automobile vehicle",
    "begin open",
    "end finish conclude close stop cease",
    "allow permit let approve authorize",
    "ban forbid prohibit",
    "leave depart",
    "senator sen",
    "governor gov",
    "representative rep congressman congresswoman",
    "arrive reach come",
    "lead govern control run",
    "photo image picture photograph",
    "birthday anniversary",
    "influence shape",
    "compare liken",
    "regular regularly often frequent frequently",
    "wide widely",
    "large-scale mass massive",
    "location place site venue",
    "demand request ask urge",
    "promise pledge vow guarantee",
    "offer give provide",
    "support back endorse",
    "day daily",
    "week weekly",
    "month monthly",
    "year yearly annual",
]  # fmt: skip
_NEAR = [
    "say call describe name brand label term consider", "attack denounce",
    "announce unveil reveal disclose declare promise", "warn caution alert fear",
    "criticize condemn denounce slam blast lash rebuke decry deplore criticise", "accuse blame charge fault",
    "praise hail applaud laud welcome commend", "insist maintain stress emphasize reiterate repeat",
    "concede acknowledge admit accept recognize confess grant",
    "urge ask demand request press appeal encourage tell instruct order", "threaten warn",
    "mention raise cite discuss address", "deny reject dismiss refute dispute", "predict forecast expect anticipate",
    "promise pledge vow swear offer assure", "sue challenge litigate court", "court judge judiciary tribunal",
    "contest challenge dispute question", "arrest detain custody jail hold apprehend", "raid sweep",
    "suppress quell crush repress subdue curb", "fire use launch", "clash fight confront battle",
    "attack storm target strike", "injure wound hurt harm", "hurt harm damage affect weaken impact",
    "endanger threaten risk danger jeopardize peril", "protect guard safeguard defend secure shield protection",
    "violence unrest riot disorder turmoil", "crowd turnout attendance audience protester demonstrator",
    "gather assemble meet come", "erupt begin spark",
    "provoke incite inflame stoke fuel provocation incitement instigate", "anger outrage fury",
    "fierce intense heated strong", "run control govern lead rule govern", "official authority government leader",
    "policy measure plan agenda program", "plan scheme proposal program",
    "order directive instruction command decree direct", "decision move step measure choice decide",
    "agency department ministry", "federal national", "president head leader", "worker employee staff laborer",
    "farm farming agriculture agricultural farmer", "immigrant migrant foreigner newcomer", "border frontier",
    "vote ballot election poll", "voter electorate", "fraud cheating cheat", "rule regulation law",
    "authority power right jurisdiction", "role part function", "job work position post",
    "few handful several couple", "many numerous several lot plenty", "majority most",
    "large huge sizable substantial major", "small modest minor slight tiny sparse thin few", "average mean",
    "minimum least", "maximum most", "increase step ramp intensify escalate expand boost",
    "reduce cut lower shrink curb trim", "expand widen enlarge", "extend prolong continue last",
    "continue proceed persist remain", "end expire", "begin erupt launch open",
    "cause spark trigger provoke ignite lead fuel produce follow result", "happen occur unfold",
    "hold stage organize host", "organize organizer arrange coordinate host help",
    "send deploy dispatch mobilize move order", "arrive come reach land", "leave depart exit",
    "choose select target name", "target focus aim concentrate", "goal target objective purpose ambition",
    "want wish seek aim hope desire", "try attempt seek effort", "achieve accomplish reach attain fulfil realize",
    "execute conduct perform implement fulfil accomplish", "think believe consider regard view deem",
    "like favor prefer", "dislike hate detest loathe despise", "oppose against resist object reject",
    "support favor endorse", "help assist aid contribute", "show depict portray feature indicate suggest",
    "photo picture image footage", "video footage film", "report account article",
    "post message statement write publish", "write post publish pen", "city municipality metropolis",
    "place location site venue spot", "area region district zone", "country nation state", "street road",
    "building facility structure", "house accommodate shelter", "live reside dwell home inhabit",
    "people resident citizen inhabitant population", "family relative household",
    "troop soldier military force member", "police officer cop", "agent officer operative", "leader chief boss",
    "adviser aide counselor consultant", "expert specialist scholar", "analysis analyst study research",
    "lawyer attorney counsel", "reporter journalist correspondent", "activist campaigner advocate",
    "opponent critic rival", "supporter backer follower ally", "witness eyewitness onlooker bystander",
    "cruel barbaric inhumane harsh brutal", "important key central crucial significant",
    "chief key principal central primary main", "new recent fresh latest", "calm quiet", "slow sluggish",
    "fast quick rapid swift", "bizarre strange odd weird", "likely probable",
    "impossible unfeasible unrealistic infeasible", "difficult hard tough", "clear unambiguous plain obvious",
    "full complete total whole entire", "deliberate intentional", "broad widespread wide",
    "largely mostly mainly generally", "openly publicly overtly", "temporary interim provisional temporarily",
    "lengthy long", "final last", "get obtain receive gain", "regain recover retake reclaim want", "take seize grab",
    "destroy ruin wreck devastate", "become change transform convert turn", "change alter shift",
    "celebrate mark honor", "see witness watch view observe attend", "visit tour travel", "meet encounter face",
    "face encounter confront experience suffer subject", "handle contend tackle manage",
    "consider explore weigh study examine contemplate", "identify recognize locate", "check inspect examine verify",
    "search look hunt", "force compel oblige require", "require need must",
    "prevent block stop hinder obstruct impede thwart", "delay postpone defer suspend",
    "scrap drop abandon cancel withdraw", "refuse decline reject", "resign quit", "appoint name nominate",
    "release free liberate", "save rescue", "fund finance pay", "cost price expense", "fear worry concern",
    "exceed surpass top outnumber", "stay remain keep", "quote cite", "credit attribute",
    "echo repeat parrot", "spread share circulate", "evidence proof",
    "false untrue incorrect wrong debunked", "significant substantial considerable large", "mass large widespread",
    "industry sector business trade", "company firm business corporation", "fight battle struggle campaign",
    "campaign drive effort push", "idea concept notion", "topic theme subject issue", "grievance complaint",
    "threat danger risk", "walk pace", "phase stage", "decline decay deterioration", "parade procession",
    "duty task mission", "resist defy defiance",
]  # fmt: skip
_FAMILIES = [
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december",
    "first second third fourth fifth",
    "morning afternoon evening night noon midnight overnight daytime",
    "minute hour day week month year decade century",
    "north south east west",
    "summer autumn winter",
    "mayor governor senator minister chancellor secretary attorney prosecutor king queen prince",
    "father mother brother sister son daughter husband wife",
    "man woman boy girl",
    "red blue green yellow black white orange",
    "democrat republican",
    "marine army navy",
]
"""Words of one family exclude each other."""
_OPPOSITES = [
    "agree disagree", "accept reject", "support oppose", "increase decrease", "before after", "win lose", "allow ban",
    "begin end", "arrive leave", "legal illegal", "calm violent", "big small", "high low",
    "true false", "confirm deny", "inside outside", "popular unpopular", "likely unlikely", "possible impossible",
    "attack defend", "public private", "strong weak", "rich poor", "early late", "friendly hostile", "safe dangerous",
    "include exclude", "pass fail", "hire fire", "buy sell", "praise criticize", "praise condemn",
    "love hate", "guilty innocent", "urban rural", "past future", "majority minority", "hot cold",
    "better worse", "import export", "withdraw deploy", "worsen improve",
    "activate inhibit", "positive negative", "promote prevent", "enhance impair", "enhance suppress",
    "stimulate inhibit", "induce inhibit", "higher lower", "increase inhibit", "increase suppress", "greater less",
    "upregulate downregulate", "bigger smaller", "expand reduce", "calm chaos", "welcome criticize",
    "expand limit", "import deport",
]  # fmt: skip
_ADVERSE = (
    "disagree oppose object reject refuse deny stop fail dispute halt cancel lift withdraw prevent avoid block resist "
    "criticize condemn ban lose abandon drop reverse delay postpone suspend scrap"
)
"""What turns a sentence into its opposite: nothing else stands for these, nor these for another."""
_COMMON = 4
"""So many letters, or more, are common to words that are formed from each other."""
_DERIVED = re.compile(r"(?:r|t|er|or|ist|ant|ent|ation|ion|ment|al|ic|ical|y|i|e|s|is|ys|ing|iti|ship|ism)?")
"""What may follow on the common beginning of two words that are formed from each other."""


def stem(word: str) -> str:
    """The stem of a word in small letters; that of "go" for "went". The word itself where it has no stem, as "ﾞ"."""
    single = word.removesuffix("s")
    if word in _WHOLE or single in _WHOLE:
        return (word if word in _WHOLE else single) + "_"
    found: list[str] = terms(PAST.get(word, word))
    return found[0] if found else word


def _groups(rows: Sequence[str]) -> dict[str, str]:
    """The first word of each row for every stem in it; a stem stays with its first row."""
    found: dict[str, str] = {}
    for row in rows:
        first, *_ = names = [stem(word) for word in row.split()]
        for name in names:
            found.setdefault(name, found.get(first, first))
    return found


_KEYS = _groups(_SAME)


def key(word: str) -> str:
    """The same for all words that say what this one says, which is in small letters."""
    return _KEYS.get(stem(word), stem(word))


_FAMILY_OF = {key(word): row for row in _FAMILIES for word in row.split()}
_OPPOSITE: dict[str, set[str]] = {}
for _row in _OPPOSITES:
    for _one in _row.split():
        _OPPOSITE.setdefault(key(_one), set()).update(key(other) for other in _row.split() if other != _one)
_EXCLUDED = {
    each: frozenset(_OPPOSITE.get(each, ())).union(
        other for other, row in _FAMILY_OF.items() if row == _FAMILY_OF.get(each)
    )
    for each in (*_OPPOSITE, *_FAMILY_OF)
}
_NEAR_ROWS: dict[str, set[int]] = {}
for _number, _row in enumerate(_NEAR):
    for _one in _row.split():
        _NEAR_ROWS.setdefault(stem(_one), set()).add(_number)
_HEADS: dict[str, list[tuple[list[str], str]]] = {}
for _phrase, _meaning in _PHRASES.items():
    _first, *_rest = _phrase.split()
    _HEADS.setdefault(stem(_first), []).append((_rest, _meaning))
ADVERSE = frozenset(key(word) for word in _ADVERSE.split())


def excluded(by: str) -> frozenset[str]:
    """The keys of the words that cannot be said beside one with this key: opposites, and others of its family."""
    return _EXCLUDED.get(by, frozenset())


def excludes(one: Word, other: Word) -> bool:
    """Whether two words are opposites, or two of one family, such as "Monday" and "Tuesday"."""
    return other.key in excluded(one.key)


def is_past(low: str) -> bool:
    """Whether a word in small letters has the form of a verb's past: "asked", "went", "red" too."""
    return low.endswith("ed") or low in PAST


def is_firm(word: Word) -> bool:
    """Whether only the same word can stand for it: a name, or one that excludes others, as "Monday" does."""
    return word.name or word.key in _FAMILY_OF or word.key in ADVERSE


def hints(word: Word) -> tuple[int | str, ...]:
    """What a word shares one of with every word that comes near: rows of our table, its first letters."""
    return (*_NEAR_ROWS.get(word.stem, ()), word.stem[:_COMMON])


def is_near(one: Word, other: Word) -> bool:
    """Whether the one may say what the other says, if all the rest of the sentence agrees."""
    if one.name or other.name or excludes(one, other) or (one.key in ADVERSE) != (other.key in ADVERSE):
        return False
    if _NEAR_ROWS.get(one.stem, set()) & _NEAR_ROWS.get(other.stem, set()):
        return True
    return _is_derived(one.stem, other.stem)


def _is_derived(one: str, other: str) -> bool:
    common = 0
    while common < min(len(one), len(other)) and one[common] == other[common]:
        common += 1
    whole = common == _COMMON == min(len(one), len(other))
    return (common > _COMMON or whole) and all(_DERIVED.fullmatch(each[common:]) for each in (one, other))


_COUNTING = "|".join(word for word in NUMBER_WORDS if word not in ("one", "half"))
NUMBER = re.compile(
    rf"(?<![\w.,])(?:\d+(?:,\d{{3}})*(?:\.\d+)?|\bone(?= (?:hundred|thousand|million|billion|trillion))"
    rf"|\b(?:{_COUNTING})\b)(?:[ -](?:{_COUNTING})\b)*(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?:[A-Z]\.){2,}|\d+(?:[.,]\d+)*\w*|[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)*")


_MAY = "May"
_DAY = re.compile(r" \d")


@lru_cache(maxsize=2_000)
def read(text: str) -> tuple[Word, ...]:
    """The words of a text; numbers, which `counts` reads, have no key."""
    in_numbers = {at for match in NUMBER.finditer(text) for at in range(*match.span())}
    written = [
        match for match in _WORD.finditer(text) if match[0] != "s" or not text.endswith(("'", "’"), 0, match.start())
    ]
    plain = [match[0].replace(".", "").replace("’", "'").lower() for match in written]
    said = dict(_phrases(plain))
    found: list[Word] = []
    for at, match in enumerate(written):
        start, end = match.span()
        low = plain[at]
        us = low == "us" and match[0].isupper()
        month = match[0] == _MAY and (at > 0 or bool(_DAY.match(text, end)))
        empty = start in in_numbers or (low in FUNCTION and not (us or month)) or low.endswith("n't")
        meaning = said.get(at, "" if empty else low)
        shouted = match[0].isupper() and len(low) > 1
        found.append(
            Word(
                text=match[0],
                stem=stem(meaning) if meaning else "",
                key=key(meaning) if meaning else "",
                start=start,
                end=end,
                name=bool(meaning) and match[0][0].isupper() and (at > 0 or shouted or not _is_common(low)),
                possessive=text[end : end + 2] in ("'s", "’s"),
                apart=bool(re.search(r"[,;:()–—\"“”]", text[found[-1].end if found else 0 : start])),
            )
        )
    return tuple(found)


def _phrases(plain: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What the phrases among these words mean, at the place of their first word; the others then mean nothing."""
    stems = [stem(low) if low.isalpha() else "" for low in plain]
    for at, first in enumerate(stems):
        for rest, meaning in _HEADS.get(first, ()):
            places = _places(plain, stems, at + 1, rest)
            if places:
                yield at, meaning
                yield from ((each, "") for each in places)


def _places(plain: Sequence[str], stems: Sequence[str], at: int, rest: Sequence[str]) -> list[int]:
    """Where the words of a phrase stand from a place on, one after the other but for articles; none if they do not."""
    places: list[int] = []
    gap = 0
    for wanted in rest:
        if wanted == "~":
            gap = _GAP
            continue
        while at < len(plain) and stems[at] != stem(wanted) and (gap or plain[at] in ("a", "an", "the")):
            gap -= plain[at] not in ("a", "an", "the")
            at += 1
        if at >= len(plain) or stems[at] != stem(wanted):
            return []
        places.append(at)
        at, gap = at + 1, 0
    return places


def _is_common(plain: str) -> bool:
    """Whether a word at the beginning of a text, which has a capital there anyway, is no name."""
    return stem(plain) in _KEYS or plain.endswith(("s", "ed", "ing", "ly", "tion", "ment", "ity", "er", "al"))
