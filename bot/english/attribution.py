"""The grammar of attributions: which phrases of a sentence say what it reports.

A sentence is read as words, marks and quotations. An attribution is a phrase that can speak ("the mayor of Paris") at
the start of a clause, then a verb of saying with what that verb needs to be one ("that …", a quotation).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bot.english.numerals import CALENDAR
from embeddings.numerals import DAYS, MONTHS

_LENGTH = 2000
"""So many characters of a sentence are read."""


class Item(NamedTuple):
    """A word, a mark, or everything from a quotation mark to its counterpart; `start` is where in the sentence."""

    text: str
    low: str
    kind: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends in the sentence."""
        return self.start + len(self.text)

    @property
    def capital(self) -> bool:
        """Whether it is a word that begins with a capital."""
        return self.kind == WORD and self.text.lstrip("\"“‘`' ")[:1].isupper()


WORD, MARK, QUOTE = "word", "mark", "quote"


class Found(NamedTuple):
    """Somebody to whom a sentence attributes its words, with the items where the attribution and its verb stand.

    `aside` is one beside the sentence ("according to …"), not its main clause.
    """

    who: tuple[Item, ...]
    at: int
    verb: int
    aside: bool = False


def attributions(items: Sequence[Item]) -> list[Found]:
    """Every attribution of a sentence, in their order."""
    return sorted((*_according(items), *_spoken(items), *_told(items)), key=lambda found: found.at)


# ------------------------------------------------------------------------------------------------- words and marks

_TOKEN = re.compile(
    r"``|''|[’']s(?!\w)|(?:[A-Z]\.)+(?!\w)|(?:Dr|Mrs?|Ms|St|Prof|Gen|Sen|Rep|Gov|Lt|Col|Sgt|Capt|Jr|Sr|Rev|Hon)\."
    r"|\w+(?:[.’'&/-]\w+)*|[^\w\s]"
)
_CLOSES = {"“": ("”", '"'), "``": ("''",), "„": ("“", "”"), "‘": ("’",), "«": ("»",)}
_QUOTATION = re.compile(r"``|''|[\"“”„«»‘]")
_DASHES = ("—", "–", "―", "--", "-")
_ENDS_SINGLE = re.compile(r"[,.!?]'(?!\w)")
_SMALL = frozenset("of the and in for a an to at on de van von al la with or".split())


def read(sentence: str, inside: bool = False) -> list[Item]:
    """The words and marks of a sentence; a quotation is one item, but a title in quotation marks is a word.

    With `inside`, the sentence begins within a quotation.
    """
    sentence = sentence[:_LENGTH]
    items: list[Item] = []
    start = 0
    open_marks: list[tuple[str, ...]] = [('"', "”", "''")] if inside else []
    for token in _TOKEN.finditer(sentence):
        mark = token[0]
        if not open_marks:
            start = token.start()
        if open_marks and mark in open_marks[-1] and not (mark == '"' and _may_open(sentence, token)):
            open_marks.pop()
            if not open_marks:
                items.append(_quoted(sentence[start : token.end()], start))
        elif closing := _closing(sentence, token):
            open_marks.append(closing)
        elif open_marks:
            continue
        elif mark in ("”", '"', "''") and items and _may_close(sentence[token.start() - 1]):
            items = [Item(sentence[: token.end()], "", QUOTE, 0)]  # a quotation that began before
        elif mark[0].isalnum() or mark in ("'s", "’s"):
            items.append(Item(mark, mark.lower(), WORD, token.start()))
        else:
            items.append(Item(mark, mark, MARK, token.start()))
    return [*items, Item(sentence[start:], "", QUOTE, start)] if open_marks else items


def unfinished(items: Sequence[Item]) -> bool:
    """Whether a sentence ends inside a quotation."""
    return bool(items) and items[-1].kind == QUOTE and items[-1].text.rstrip()[-1:] not in "\"”'’»"


def has_quotation(sentence: str) -> bool:
    """Whether a sentence has a quotation mark."""
    return _QUOTATION.search(sentence) is not None


def ends_in(sentences: Sequence[str]) -> bool:
    """Whether the first quotation mark in these sentences ends a quotation, with a stop, that began before them."""
    marked = next(((one, mark) for one in sentences if (mark := _QUOTATION.search(one))), None)
    return marked is not None and not _closing(*marked) and marked[0][: marked[1].start()].endswith(_STOPPED)


_STOPPED = tuple(",.!?…-—")


def goes_on(sentence: str, spoken: Callable[[], bool]) -> bool:
    """Whether a sentence behind an unfinished quotation is inside it: its first mark closes one.

    Without a mark it is if the quotation was `spoken`, so that it is known to be one.
    """
    first = _QUOTATION.search(sentence)
    return spoken() if first is None else not _closing(sentence, first)


def _closing(sentence: str, token: re.Match[str]) -> tuple[str, ...]:
    """The marks that close the quotation that this token opens; none if it opens none."""
    mark = token[0]
    if mark == '"':
        return ('"',) if _may_open(sentence, token) else ()
    if mark == "'":
        return ("'",) if _may_open(sentence, token) and _ENDS_SINGLE.search(sentence, token.end()) else ()
    if (mark == "‘" and "’" not in sentence[token.end() :]) or (mark == "``" and "''" not in sentence[token.end() :]):
        return ()
    return _CLOSES.get(mark, ())


def _may_close(before: str) -> bool:
    """Whether a mark behind this character can end a quotation that began before: not the one of `a=""` or 5"."""
    return before.isalpha() or before in ",.!?;:…)]-–—%’' "


def _may_open(sentence: str, token: re.Match[str]) -> bool:
    before, after = sentence[: token.start()][-1:], sentence[token.end() :][:1]
    return (not before or before.isspace() or before in '([—–“‘"') and (not after.isspace() or not before)


def _quoted(text: str, start: int) -> Item:
    words = text.strip("\"“”`'‘’„«» ").split()
    whole = text.rstrip("\"”'’» ")[-1:] not in ",.!?;:—…"
    title = whole and 0 < len(words) <= 6 and words[0][0].isupper()
    if title and all(word[0].isupper() or word[0].isdigit() or word in _SMALL for word in words):
        return Item(text, text.lower(), WORD, start)
    return Item(text, "", QUOTE, start)


# ------------------------------------------------------------------------------------------------- words by their use

PRONOUNS = frozenset("he she they it".split())
OBJECTS = {"him": "he", "his": "he", "her": "she", "them": "they", "their": "they"}
_SELF = frozenset("i we our my us i've i'd i'm we've".split())
_ARTICLES = frozenset(
    "the a an his her its their your one another several many some most other others two three four five both these "
    "those this no any each every more all few such".split()
)
_LINKS = frozenset("of for in at from with on to de van von der den al la du del di da bin ibn".split())
_PARTICLES = frozenset("de van von der den la du del di da al bin ibn".split())
_OPENINGS = _LINKS | frozenset(
    "during after before since following despite among throughout upon by under unlike".split()
)
_STOPS = frozenset(
    "that which who whom whose where when while because if as than but and or nor so then though although however "
    "since after before until unless whether by about into onto over under between through during against without "
    "within what why how there here not never n't throughout despite following among near upon via amid around along "
    "behind beyond above below besides except including according unlike edit i me you he she it we they him them us "
    "himself herself itself themselves".split()
)
_AUXILIARIES = frozenset(
    "is are was were be been being am has have had having do does did will would can could may might shall should "
    "must cannot won't can't didn't doesn't don't isn't wasn't aren't weren't wouldn't couldn't".split()
)
_ADVERBS = frozenset(
    "also then later again once even still already first ever often now always soon thus therefore further instead "
    "himself herself themselves itself sometimes too just only recently rather indeed meanwhile moreover furthermore "
    "additionally conversely consequently nevertheless today hence worldwide like next afterwards earlier "
    "perhaps maybe right".split()
)
_BREAKS = _STOPS | _LINKS | _AUXILIARIES | _ADVERBS | _ARTICLES
_MONTHS = frozenset(word.lower() for word in (*MONTHS, *DAYS)) - {"may"}
_NOBODY = frozenset("let lets let's let’s".split())
_WHEN = frozenset(
    "over in on the this last past late early weekend week month year morning afternoon evening night".split()
)
"""What may stand between who speaks and the verb, two words of it at least: "Lee over the weekend denied"."""
_CONJUNCTIONS = frozenset("but and while as".split())
_LEADS = _CONJUNCTIONS | frozenset("yet so though although then however".split())
_WORKS = frozenset(
    "study studies report reports survey surveys poll polls analysis analyses review paper article research census "
    "investigation investigations audit editorial".split()
)
HEADS = _WORKS | frozenset(
    "account police official officials authority authorities agency agencies prosecutor prosecutors lawyer lawyers "
    "attorney witness witnesses eyewitness eyewitnesses reporter reporters protester protesters protestors organizer "
    "organizers organiser organisers resident residents researcher researchers scientist scientists author authors "
    "analyst analysts president governor mayor minister ministry government administration court courts judge "
    "company department university institute institution spokesman spokeswoman spokesperson office book newspaper "
    "magazine website statement letter document documents memo memorandum bureau committee commission council union "
    "army navy military church party campaign team club band league association organization organisation foundation "
    "group groups network station channel label studio historian historians scholar scholars critic critics reviewer "
    "reviewers expert experts economist economists doctor doctors physician physicians engineer owner manager director "
    "chief chairman chairwoman secretary general king queen prince pope bishop emperor senator congressman "
    "congresswoman philosopher journalist journalists columnist editor writer poet novelist producer singer musician "
    "actor actress comedian coach captain leader leaders activist activists advocate advocates neighbour neighbours "
    "neighbor neighbors farmer farmers worker workers teacher teachers student students patient patients parent "
    "parents mother father wife husband son daughter brother sister friend friends crowd people man woman men women "
    "biographer folklorist philologist psychologist geographer theologian physicist chemist biologist archaeologist "
    "anthropologist linguist sociologist mathematician astronomer curator designer architect source sources creator "
    "founder fans user users buyer seller customer customers legend tradition data figures estimates agents soldiers "
    "troops victim victims driver inspector officer officers detective colleague colleagues supporters opponents "
    "proponents detractors staff members players employees citizens voters lawmakers senators writers editors pastor "
    "aide aides priest narrator commander lieutenant observers skeptics sceptics commentators others some many "
    "websites candidate candidates nominee nominees".split()
)
_ANYBODY = frozenset(
    "sources source critics supporters experts observers some many people others proponents opponents detractors "
    "skeptics sceptics commentators scholars historians reviewers legend tradition most".split()
)
_OWN = frozenset("account article note title".split())


def _forms(verbs: str) -> frozenset[str]:
    """Present and past of regular verbs; an irregular one is given as its forms, with strokes between them."""
    forms: set[str] = set()
    for verb in verbs.split():
        if "/" in verb:
            forms |= set(verb.split("/"))
        elif verb.endswith("y") and verb[-2] not in "aeiou":
            forms |= {verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied"}
        elif verb.endswith("e"):
            forms |= {verb, f"{verb}s", f"{verb}d"}
        else:
            forms |= {verb, f"{verb}es" if verb.endswith(("s", "ch", "sh")) else f"{verb}s", f"{verb}ed"}
    return frozenset(forms)


def _participles(verbs: frozenset[str]) -> frozenset[str]:
    """What a verb of which there are these forms ends in "-ing" as: "admitting" of "admit" and "admitted"."""
    bases = {verb for verb in verbs if not verb.endswith(("s", "ed"))}
    doubled = {base + base[-1] for base in bases if f"{base}{base[-1]}ed" in verbs}
    others = {base[:-1] if base.endswith("e") else base for base in bases if base + base[-1] not in doubled}
    return frozenset(f"{stem}ing" for stem in doubled | others)


_SAY = _forms(
    "say/says/said insist allege warn deny complain reply remark quip/quips/quipped joke testify tweet lament vow "
    "promise pledge opine argue contend caution counter retort rail accuse blame criticize criticise condemn denounce "
    "praise boast bemoan decry deplore lambast lambaste applaud commend ridicule attest"
)
_STATE = _forms(
    "claim announce declare assert maintain note observe report state estimate remember believe think/thinks/thought "
    "suggest conclude explain write/writes/wrote add confirm acknowledge admit/admits/admitted concede predict propose "
    "elaborate hypothesize speculate recall reveal charge feel/feels/felt indicate find/finds/found show/shows/showed "
    "comment stress emphasize emphasise post respond answer point theorize theorise postulate reason agree stipulate "
    "imply demonstrate determine reiterate ascribe attribute urge recommend express affirm proclaim posit surmise "
    "infer hint reckon fear doubt hold/holds/held"
)
_TELL = _forms("tell/tells/told inform remind assure notify")
_UTTER = _forms("continue ask shout exclaim message credit repeat mutter whisper cry yell")
_DESCRIBE = _forms("describe label brand regard view portray characterise characterize depict dismiss hail liken")
_CALL = _forms("call consider")
_FIND = _forms("find/finds/found show/shows/showed reveal indicate demonstrate confirm determine suggest imply")
_FOUND_OUT = _forms("find/finds/found suggest")
_ESTIMATE = _forms("estimate suggest")
_DOING = _forms("recall admit suggest propose recommend acknowledge")
_ITS = _SAY | _forms("claim state estimate")
_NO_PARTICIPLES = _forms("regard consider hold")
"""Verbs whose participles say something else."""
_BEFORE_NAME = _forms(
    "say/says/said write/writes/wrote add claim declare insist continue explain note ask reply shout argue warn remark "
    "conclude recall joke exclaim state report announce observe tweet admit/admits/admitted respond cry mutter whisper "
    "yell"
)
_SAYING_SO = _participles(_SAY | _STATE | _TELL | _DESCRIBE | _CALL) - _participles(_FIND | _NO_PARTICIPLES)
_SAYING = _SAY | _STATE | _TELL | _UTTER | _DESCRIBE | _CALL
_UNLIKE_CLAIMS = _FIND | _CALL | _DESCRIBE
_PLURALS = frozenset(verb for verb in _SAYING if not verb.endswith(("s", "ed"))) - frozenset(
    "said wrote thought felt found held told cried".split()
)
_NOUNS_TOO = frozenset(
    "claim claims report reports estimate estimates note notes state states charge charges call calls finds point "
    "points post posts view views show shows label labels brand hold comment comments reason answer answers promise "
    "blame message add tweet tweets find found account praise reply replies".split()
)
_RELATIVES = frozenset("who whom whose which that when where".split())
_SUBORDINATE = frozenset("when while after as if although though because since before until".split())
_FINITE = _AUXILIARIES | frozenset("wanted needs need wants".split())


# ------------------------------------------------------------------------------------------------- who can speak


class Phrase(NamedTuple):
    """Words that name or describe somebody, and the item after them."""

    words: tuple[Item, ...]
    end: int


def phrase_at(items: Sequence[Item], at: int, subject: bool = True) -> Phrase | None:
    """The longest run of words from `at` that can be a subject; if it is none, as far as a name or a noun goes."""
    if at < len(items) and items[at].low in PRONOUNS | _SELF:
        return Phrase(tuple(items[at : at + 1]), at + 1)
    if at == 0 and items and _participle(items):
        return None
    end, lower = at, 0
    while end < min(len(items), at + 16):
        item = items[end]
        if (item.kind != WORD and item.text != "&") or item.low in PRONOUNS | _SELF:
            break
        acronym = len(item.text) > 2 and item.text.isupper()
        if item.capital and (acronym or end > at or item.low not in _BREAKS - _ARTICLES - _PARTICLES):
            lower = 0
        elif item.low in _ARTICLES and (end == at or items[end - 1].low in _LINKS | _ARTICLES):
            pass
        elif end > at and (item.low in _LINKS or (item.low == "and" and items[end - 1].kind == WORD)):
            if not _leads_on(items, end, subject):
                break
        elif end == at and item.low in ("later", "early"):
            pass
        elif item.low in _BREAKS or item.low.endswith("ly") or (_is_verb(items, end) and (subject or end == at)):
            break
        else:
            lower += 1
            if lower > 6 or (not subject and named(items[at:end]) and not _described(items, end)):
                break
        end += 1
    while end > at and items[end - 1].low in _LINKS:
        end -= 1
    if not subject and not named(items[at:end]):
        end = next((place + 1 for place in range(end - 1, at - 1, -1) if items[place].low in HEADS), at)
    words = tuple(items[at:end])
    return None if all(item.low in _ARTICLES - _ANYBODY for item in words) else Phrase(words, end)


def _described(items: Sequence[Item], at: int) -> bool:
    """Whether a word behind a name is part of it: "officials", or "historical" before "commission"."""
    return items[at].low == "'s" or any(item.low in HEADS for item in items[at : at + 2])


def _participle(items: Sequence[Item]) -> bool:
    """Whether a sentence begins with a word such as "Compelled", "Recently" or "Last", which is no name."""
    alone = len(items) < 2 or not items[1].capital
    word = items[0].low
    return alone and (word.endswith(("ly", "ing", "ed")) or word in ("last", "close")) and word not in HEADS


def _leads_on(items: Sequence[Item], at: int, subject: bool) -> bool:
    """Whether a link such as "of" is followed by more of the phrase."""
    link = items[at].low
    following = next((item for item in items[at + 1 : at + 4] if item.low not in _ARTICLES | _LINKS), None)
    if following is None or following.kind != WORD:
        return False
    if link == "and":
        return (following.capital and items[at - 1].capital) or (subject and following.low in HEADS)
    if link in ("to", "on", "with"):
        return following.capital
    return following.capital or (subject and following.low not in _STOPS | _AUXILIARIES)


def named(words: Sequence[Item]) -> bool:
    """Whether there is a name among the words."""
    return any(item.capital and item.low not in _ARTICLES for item in words)


def head(words: Sequence[Item]) -> str:
    """The noun that a phrase is about, in lower case: "officials" of "officials in California"."""
    link = next((at for at, item in enumerate(words) if at and item.low in _LINKS and not item.capital), len(words))
    return words[link - 1].low


def plain(words: Sequence[Item]) -> str:
    """A name as it stands inside a sentence: "the account", "ACLU" for "The ACLU", "Lee" for "Lee on Monday"."""
    text = " ".join(item.text.strip('"“” ') for item in words)
    text = re.sub(r" ([’']s)\b", r"\1", text)
    text = _AROUND_NAME.sub("", text)
    return re.sub(r"^The ", "the ", text)


_AROUND_NAME = re.compile(rf"^[Tt]he (?=[A-Z])|[’']s?$| (?:on|in|early|late) (?:{CALENDAR})$")


def itself(words: Sequence[Item]) -> bool:
    """Whether a document speaks of itself or of its own work."""
    if words[0].low in _SELF or words[0].low in ("this", "these", "present", "further"):
        return True
    return head(words) in _OWN and words[0].low in ("the", "this")


def anybody(words: Sequence[Item]) -> bool:
    """Whether a phrase says no more than that there are such people: "critics", "many historians"."""
    if len(words) == 1 and words[0].low in ("reports", "estimates"):
        return True
    if named(words[1:]) or any(item.low in _LINKS for item in words):
        return head(words) in ("critics", "detractors", "supporters", "source", "sources")
    return head(words) in _ANYBODY or (words[0].low in ("many", "some", "most") and len(words) < 4)


def _can_speak(words: Sequence[Item], verb: str, start: int, stated: bool = False) -> bool:
    """Whether a phrase from item `start` on can be the subject of a verb of saying; `stated`, one with "that"."""
    if verb in _PLURALS and words[0].low not in ("they", "i", "we") and not _plural(words):
        return False
    if words[0].low in _MONTHS or words[0].low in _NOBODY or (words[0].low.endswith("ing") and not words[0].capital):
        return False
    if words[0].low in PRONOUNS | _SELF:
        return words[0].low != "it" or verb in _ITS
    noun = head(words)
    if noun in ("analysis", "analyses") and verb in _FIND - _FOUND_OUT:
        return False
    if noun in HEADS or noun.endswith(("ists", "ians", "men", "women")):
        return True
    if start == 0 and words[0].low not in _ARTICLES and len(words) > 1 and not words[1].capital:
        words = words[1:]  # its capital only begins the sentence
    if verb in _FIND:
        if not words[-1].capital or words[-1].text[0] in '"“':
            return False
        names = [item for item in words if named([item]) and not any(letter.isdigit() for letter in item.text)]
        return bool(names)
    return named(words) or (
        (verb in _SAY or (stated and verb not in _UNLIKE_CLAIMS))
        and (words[0].low in _ARTICLES or words[-1].low.endswith("s"))
    )


def _plural(words: Sequence[Item]) -> bool:
    if any(item.low in ("people", "police", "many", "some") for item in words):
        return True
    return head(words).endswith("s")


# ------------------------------------------------------------------------------------------------- "according to"


def _according(items: Sequence[Item]) -> Iterator[Found]:
    """ "According to X"."""
    for at in range(len(items) - 2):
        if [item.low for item in items[at : at + 2]] != ["according", "to"]:
            continue
        phrase = phrase_at(items, at + 2, subject=False)
        if items[at + 2].low in ("him", "them"):
            yield Found((items[at + 2],), at, at, aside=True)
        elif phrase:
            yield Found(phrase.words, at, at, aside=True)


def _spoken(items: Sequence[Item]) -> Iterator[Found]:
    """A quotation or a comma, a verb, and then who speaks: "…, said the mayor"; by name where that stands behind it.

    Also who speaks right behind the quotation that opens a sentence, whatever the verb: "“…,” a memo reads".
    """
    opening = items[0] if len(items) > 2 and items[0].kind == QUOTE and items[0].text.count(" ") > 2 else None
    if opening and opening.text.rstrip(_MARKS).endswith(_GOES_ON) and not _past(items[1]):
        phrase = phrase_at(items, 1)
        if phrase and phrase.end < len(items) and (named(phrase.words) or head(phrase.words) in HEADS):
            yield Found(phrase.words, 1, 1)
    for at in range(1, len(items) - 1):
        quoted = items[at - 1].kind == QUOTE
        ended = quoted and items[at - 1].text.rstrip(_MARKS).endswith(_GOES_ON) and _past(items[at])
        if ended or (items[at].low in _BEFORE_NAME and (quoted or (items[at - 1].text == "," and at > 1))):
            phrase = phrase_at(items, at + 1, subject=False)
            if quoted and phrase is None and items[at + 1].low in _ARTICLES:
                phrase = phrase_at(items, at + 1)
                if phrase and ended and head(phrase.words) not in HEADS:
                    continue
            if phrase and (quoted or items[at].low in ("said", "says", "wrote", "writes")):
                yield Found(_by_name(items, phrase).words, at, at)


def _past(item: Item) -> bool:
    """Whether a word has the form of a verb with somebody behind it: "reads", "summarized"."""
    return item.low.endswith(("ed", "s")) and item.text.islower() and item.low not in _BREAKS | PRONOUNS


_MARKS = "\"'”’» "
_GOES_ON = (",", "?", "!")
"""The ends of a quotation that a sentence goes on behind."""


def _named_beside(items: Sequence[Item], phrase: Phrase) -> Phrase:
    """The name between commas behind a phrase that could be of several: "Ann Lee" of "another Democrat, Ann Lee,"."""
    name = _apposed(items, phrase) if phrase.words[0].low in ("a", "an", "another", "one") else None
    return name if name and any(item.text == "," for item in items[name.end : name.end + 1]) else phrase


def _by_name(items: Sequence[Item], phrase: Phrase) -> Phrase:
    """The name behind a phrase that has none: "Ann Lee" of "the legislator, Ann Lee"."""
    return phrase if named(phrase.words) else _apposed(items, phrase) or phrase


def _apposed(items: Sequence[Item], phrase: Phrase) -> Phrase | None:
    """The name right behind a phrase and a comma."""
    at = phrase.end
    if at + 2 > len(items) or items[at].text != "," or not items[at + 1].capital:
        return None
    return phrase_at(items, at + 1, subject=False)


# ------------------------------------------------------------------------------------------------- "the mayor said"


def _told(items: Sequence[Item]) -> Iterator[Found]:
    """Who speaks, then a verb."""
    for at in clauses(items):
        phrase = phrase_at(items, at)
        if phrase is None:
            continue
        verb = _verb_after(items, phrase)
        if verb is not None and _reports(items, at, phrase, verb):
            yield Found(_named_beside(items, phrase).words, at, verb)
    yield from _also_told(items)


def _also_told(items: Sequence[Item]) -> Iterator[Found]:
    """The subject of a sentence with a later verb of its own: "X left and said that …", "X left, saying “…”"."""
    begins, first = next(subjects(items), (0, None))
    if first is None:
        return
    for at in range(first.end, len(items) - 1):
        if items[at].low in _RELATIVES:
            return
        if items[at - 1].low in ("and", "but") and (verb := _direct_verb(items, at)) is not None:
            word, following = items[verb].low, items[verb + 1 : verb + 3]
            claims = any(item.low == "that" or item.kind == QUOTE for item in following)
            if claims and word not in _FIND | _UTTER and _can_speak(first.words, word, begins):
                yield Found(first.words, at, verb)
        elif items[at].low in _SAYING_SO and _beside(items, at):
            quoted = any(item.kind == QUOTE for item in items[at + 1 : at + 9])
            if quoted and _can_speak(first.words, "claimed", begins):
                yield Found(first.words, at, at)


def _beside(items: Sequence[Item], at: int) -> bool:
    """Whether a participle belongs to the subject of its sentence: "…, calling", "and saying", "by stating"."""
    before = next((item.text for item in reversed(items[:at]) if not item.low.endswith("ly")), "")
    return before in (",", "and", "by", "statement", *_DASHES)


def introduced(items: Sequence[Item]) -> Found | None:
    """The subject of a sentence that leads to a quotation by a colon: "Lee was quick to reply: “…”"."""
    colon = next((at for at in range(1, len(items) - 1) if items[at].text == ":" and items[at + 1].kind == QUOTE), None)
    if colon is None or not _is_sentence(items[colon + 1].text):
        return None
    if items[0].low in _BEFORE_NAME and (speaker := phrase_at(items[:colon], 1, subject=False)):
        return Found(speaker.words, 1, colon)
    for at, subject in subjects(items[:colon]):
        noun = head(subject.words)
        if named(subject.words) or subject.words[0].low in PRONOUNS - {"it"} or noun in HEADS:
            return Found(subject.words, at, colon)
    return None


def _is_sentence(quotation: str) -> bool:
    """Whether a quotation is more than a word, and ends as a sentence does, within its marks, or goes on behind it."""
    said = quotation.rstrip("\"'”’» ")
    return " " in said and (said == quotation.rstrip() or said.endswith(_STOPPED))


def main_clauses(items: Sequence[Item]) -> list[int]:
    """Where a clause begins, that behind "When he came, " first."""
    places = list(clauses(items))
    if not items or items[0].low not in _SUBORDINATE | _OPENINGS:
        return places
    comma = next((at for at, item in enumerate(items) if item.text == ","), -1)
    first = [1] if items[0].low in _SUBORDINATE else []
    return sorted({*places, *first}, key=lambda at: (at < comma, at))


def subjects(items: Sequence[Item]) -> Iterator[tuple[int, Phrase]]:
    """Where a main clause begins, and its subject, of each that has one."""
    begins = _past_dateline(items)
    for at in main_clauses(items):
        if at >= begins and (subject := main_subject(items, at)):
            yield at, subject


def _past_dateline(items: Sequence[Item]) -> int:
    """Past where a report is from: "WASHINGTON —", "AUGUSTA, Me. —"."""
    if not items or len(items[0].text) < 3 or not items[0].text.isupper():
        return 0
    return next((at + 1 for at, item in enumerate(items[:6]) if item.text in _DASHES), 0)


def main_subject(items: Sequence[Item], at: int) -> Phrase | None:
    """The phrase at the start of a clause, as far as its verb, if a verb can follow."""
    phrase = phrase_at(items, at)
    if phrase is None:
        return None
    words = _without_verb(phrase.words)
    end = _past_aside(items, phrase.end) if named(words) or head(words) in HEADS else phrase.end
    follows = end < len(items) and items[end].text not in ",;:."
    return Phrase(words, at + len(words)) if follows or len(words) < len(phrase.words) else None


def _past_aside(items: Sequence[Item], at: int) -> int:
    """Past ", who led Oslo until 2012," and ", D-Md.,", behind which a verb may stand."""
    if at >= len(items) or items[at].text != ",":
        return at
    comma = next((place for place in range(at + 1, min(at + 20, len(items))) if items[place].text == ","), at)
    following = items[comma + 1] if comma + 1 < len(items) else None
    return comma + 1 if comma > at and following and not following.capital and following.low not in _STOPS else at


def _without_verb(words: tuple[Item, ...]) -> tuple[Item, ...]:
    """A phrase up to the first word that its name or noun does not take in: "Trump" of "Trump made"."""
    for at in range(1, len(words)):
        known = named(words[at - 1 : at]) or words[at - 1].low in HEADS
        other = words[at].text.islower() and words[at].low not in HEADS | _LINKS | _ARTICLES | {"and", "'s", "’s"}
        first = all(item.low in _ARTICLES for item in words[: at - 1])
        described = first and any(word.text in HEADS for word in words[at : at + 2])  # "the Republican candidate"
        if known and other and not described:
            return words[:at]
    return words


def clauses(items: Sequence[Item]) -> Iterator[int]:
    """Where a clause can begin whose verb reports what the sentence says."""
    opening = True
    for at, item in enumerate(items):
        if opening and (item.low in _LEADS or (at and item.text.isdigit())):
            continue
        if opening:
            yield at
            if at == 0 and item.low in _OPENINGS:
                yield from _after_opening(items)
        opening = item.kind == QUOTE or item.text in (",", ";", ":", "—", "–", "―", "--", ")", "]")
        if item.low in _CONJUNCTIONS:
            pair = 0 < at < len(items) - 1 and items[at - 1].capital and items[at + 1].capital
            opening = not pair


def _after_opening(items: Sequence[Item]) -> Iterator[int]:
    """Where the subject may stand behind "In 2019", or "he" behind any opening, with no comma between.

    Another name may be of the opening itself: "After the vote, Mr. Lee, …, said".
    """
    for at in range(1, min(9, len(items))):
        if items[at].kind != WORD or items[at].low in _AUXILIARIES | _STOPS - PRONOUNS:
            return
        dated = items[at - 1].low in _MONTHS or items[at - 1].text.isdecimal()
        if items[at].low in PRONOUNS or (dated and (items[at].capital or items[at].low in _ARTICLES)):
            yield at


def _verb_after(items: Sequence[Item], phrase: Phrase) -> int | None:
    """The verb of saying that a phrase is the subject of, past brackets, an apposition and "has repeatedly"."""
    at = phrase.end
    if at < len(items) and items[at].text == "(":
        at = _past_brackets(items, at)
    verb = _direct_verb(items, at)
    if verb is None:
        when = next((place for place in range(at, len(items)) if items[place].low not in _WHEN), at)
        verb = _direct_verb(items, when) if when > at + 1 else None
    if verb is None and at < len(items) and items[at].text == ",":
        for comma in range(at + (not _names(items, phrase)), min(at + 40, len(items))):
            verb = _direct_verb(items, comma + 1) if items[comma].text == "," else None
            if verb is not None:
                aside = items[at + 1 : comma]
                party = (aside and "-" in aside[0].text) or any(item.low in _LINKS for item in aside[1:2])  # "R-S.C."
                listed = aside and aside[0].capital and not party and items[verb].low in _CALL | _DESCRIBE
                return None if listed else verb
    return verb


def _names(items: Sequence[Item], phrase: Phrase) -> bool:
    """Whether a phrase is the name of what stands before it: "Ann Lee" of "its auditor, Ann Lee, told"."""
    begins = phrase.end - len(phrase.words)
    beside = begins > 1 and items[begins - 1].text == "," and items[begins - 2].kind == WORD
    return beside and not items[begins - 2].capital and items[begins].text[0].isupper()


def _past_brackets(items: Sequence[Item], at: int) -> int:
    return next((place + 1 for place in range(at, min(at + 20, len(items))) if items[place].text == ")"), at)


def _direct_verb(items: Sequence[Item], at: int) -> int | None:
    at = _past_adverbs(items, at)
    while at < len(items) and items[at].low in ("has", "have", "had", "would", "did", "does", "do", "will"):
        at = _past_adverbs(items, at + 1)
    if [item.low for item in items[at : at + 3]] in (["went", "on", "to"], ["goes", "on", "to"], ["going", "on", "to"]):
        at += 3
    return at if at < len(items) and items[at].low in _SAYING else None


def _past_adverbs(items: Sequence[Item], at: int) -> int:
    while at < len(items) and (items[at].low in _ADVERBS or items[at].low.endswith("ly")):
        at += 1
    return at


def _is_verb(items: Sequence[Item], at: int) -> bool:
    """Whether a word at `at` is a verb of saying rather than a noun such as "report"."""
    word = items[at].low
    if word not in _SAYING or word not in _NOUNS_TOO:
        return word in _SAYING
    if at and (items[at - 1].low in _LINKS | _ARTICLES or items[at - 1].low.endswith(("'s", "’s", "s'", "s’"))):
        return False
    after = _past_adverbs(items, at + 1)
    return after == len(items) or items[after].low not in _SAYING | _AUXILIARIES


def _reports(items: Sequence[Item], start: int, phrase: Phrase, verb: int) -> bool:
    """Whether the verb reports what somebody says, unlike "found a key", "told the hour", "called troops in"."""
    word, rest = items[verb].low, items[verb + 1 : verb + 21]
    stated = bool(rest) and (rest[0].low == "that" or rest[0].kind == QUOTE)
    infinitive = items[verb - 1].low == "to"
    if not _can_speak(phrase.words, "said" if infinitive else word, start, stated):
        return False
    begins = next((at for at in range(verb, phrase.end, -1) if items[at - 1].text == ","), phrase.end)
    if any(item.low in ("not", "n't", "never", "nothing") for item in items[begins:verb]):
        return False
    following = rest[0].low if rest else "."
    quoted = start > 0 and items[start - 1].kind == QUOTE
    aside = quoted or (start > 0 and (items[start - 1].text in ",—–―" or items[start - 1].low == "as"))
    ends = not rest or rest[0].kind == QUOTE or following in (",", ".", ":", "—", "–", "―", ";", "!", "?", "without")
    if word in _SAY:
        nothing = following in ("no", "nothing", "little", "goodbye", "hello", "so")
        return ends or (not nothing and not (following == "on" and word.startswith("insist")))
    return (aside and (ends or quoted)) or _has_content(phrase.words, word, rest)


def _has_content(who: Sequence[Item], verb: str, rest: Sequence[Item]) -> bool:
    """Whether what follows a verb is what somebody says."""
    near = rest[:10]
    following = rest[0].low if rest else "."
    quotation = any(item.kind == QUOTE for item in near)
    if verb in _CALL | _DESCRIBE:
        return _names_it(who, verb, rest)
    if verb in _UTTER:
        question = any(item.low in ("how", "whether", "if", "what", "why", "where") for item in rest[:4])
        return quotation or (verb in ("ask", "asks", "asked") and question)
    said = any(item.low == "that" for item in near) or (verb in ("wrote", "writes") and quotation)
    if following in ("in", "of", "back", "for", "off") and not said:
        return False
    if verb in _TELL:
        return quotation or said or _is_clause(rest[1:])
    if any(item.low == "that" and _reaches(rest[:at]) for at, item in enumerate(near)) or following == ":":
        return True
    side = next((at for at, item in enumerate(rest) if item.low in _RELATIVES), len(rest))
    if verb not in _FIND and any(item.kind == QUOTE for item in rest[:side]):
        return True
    if verb in _DOING and following.endswith("ing"):
        return True
    if head(who) in _WORKS or verb in _ESTIMATE:
        return following != "to"
    if verb in ("claimed", "claims", "claim"):
        triumph = any(item.low in ("victory", "responsibility", "credit") for item in near[:3])
        return following == "to" or triumph or _is_clause(rest)
    return _is_clause(rest)


def _reaches(between: Sequence[Item]) -> bool:
    """Whether "that" after these words belongs to the verb: "wrote in a letter that", not "found a man that"."""
    if not between:
        return True
    first = between[0].low
    inserted = first == "," == between[-1].low and len(between) > 1
    return (
        inserted or first in _LINKS | _ADVERBS or first.endswith("ly") or first in ("out", "reporters", "as", "without")
    )


def _is_clause(rest: Sequence[Item]) -> bool:
    """Whether what follows a verb is a sentence of its own, "that" left out."""
    if not rest or rest[0].kind != WORD:
        return False
    if rest[0].low in PRONOUNS | {"there", "we", "i"}:
        return True
    for item in rest[1:10]:
        if item.kind != WORD or item.low in ("that", "which", "who", "when", "where", "as", "and", "to"):
            return False
        if item.low in _FINITE:
            return True
    return False


def _names_it(who: Sequence[Item], verb: str, rest: Sequence[Item]) -> bool:
    """ "described X as …", "called it “…”", "calls it a lie"."""
    words = [item.low for item in rest[:12]]
    if not words or words[0] in ("back", "for", "on", "upon", "off", "out"):
        return False
    if any(item.kind == QUOTE for item in rest[:8]):
        return True
    if verb in _CALL:
        return words[0] in ("it", "him", "her", "them", "this") and words[1:2] in (["a"], ["an"])
    return "as" in words[1:] or (verb == "described" and head(who) in HEADS - _WORKS and _plural(who))
