"""A question as it was typed, in the words and the spelling of the documents."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from embeddings.searching.lexical import Lexical
from embeddings.searching.retrieval import MAX_QUERY
from embeddings.searching.vocabulary import MOST_WORDS, WORD, Vocabulary
from embeddings.splitting.terms import STOPWORDS, terms

_SHORTHAND = {
    "ppl": "people", "govt": "government", "gov’t": "government", "gov't": "government", "natl": "national",
    "intl": "international", "dept": "department", "pls": "please", "plz": "please", "abt": "about", "bc": "because",
    "cuz": "because", "yr": "year", "yrs": "years", "u": "you", "r": "are", "ur": "your", "wat": "what",
    "wut": "what", "prez": "president", "pres": "president", "tho": "though", "rn": "now", "teh": "the",
    "thru": "through", "tmrw": "tomorrow", "tmr": "tomorrow", "hw": "homework", "prof": "professor", "pw": "password",
    "pwd": "password", "cmd": "command", "deps": "dependencies", "msg": "message", "msgs": "messages", "pic": "picture",
    "pics": "pictures", "vid": "video", "vids": "videos", "smth": "something", "lil": "little", "acct": "account",
    "env": "environment", "config": "configuration",
}  # fmt: skip
_CONTRACTIONS = (
    "what's who's how's where's that's there's i'm i've you're you've they're they've don't didn't doesn't "
    "can't isn't aren't wasn't weren't hasn't haven't hadn't couldn't shouldn't wouldn't"
).split()
"""What is no other word where the apostrophe is left out."""
_CONTRACTED = {word.replace("'", ""): word for word in _CONTRACTIONS}
_SPOKEN = (
    (re.compile(r"\bwt[fh](?=['’]?s\b| \w)", re.IGNORECASE), "what"),
    (re.compile(r"\b(what|who|how|why|where) the (?:hell|heck|fuck|f\*+k?)(?=['’]?s\b| \w)", re.IGNORECASE), r"\1"),
    (re.compile(r"(?<!\S)w/o(?=\s)", re.IGNORECASE), "without"),
    (re.compile(r"(?<!\S)w/(?=\s)", re.IGNORECASE), "with"),
    (re.compile(r"\bb4\b", re.IGNORECASE), "before"),
)
"""What is said for one word and is no word itself: "wtf is a goat", "how the hell do I milk it", "w/o a goat"."""
_OPENING = re.compile(
    r"^(?:(?:hi|hello|hey|heya|yo|sup|ok|okay|k|so|well|wait|hmm+|um+|uh+|erm|lol|btw|please|pls|thanks|"
    r"thank you|sorry|quick question|good (?:morning|afternoon|evening|day)|excuse me|dear)\b"
    r"(?:,? (?:bot|footnote|there|all|everyone|everybody|guys|folks|friends?|genius|dude|man|mate|buddy|team|again))*"
    r"[\s,.!:;)(–—-]*)+(?=\w)",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"(?P<how>(?:\w+ ){0,3})(?:bot|footnote)\s*[,.!:;–—-]+\s*(?=\w)", re.IGNORECASE)
"""The bot itself, spoken to, however it is called."""
_GREETING = re.compile(_OPENING.pattern.removesuffix(r"(?=\w)") + "$", re.IGNORECASE)
_SHORTEST, _SHORT, _LONG = 4, 5, 8
"""From how many letters on a word is taken for a slip: in the order of its letters alone, in one, in two."""
_SPELLINGS = (("our", "or"), ("is", "iz"), ("ys", "yz"), ("enc", "ens"), ("tre", "ter"), ("ll", "l"), ("ogue", "og"))
"""What British and American English write differently: colour, organise, analyse, licence, centre, labelled."""
_PREFIX = re.compile(r"(?:over|under|out|re|un|mis|pre|fore|non|anti|counter)(?=\w{4})")
_ENDING = re.compile(r"(?<=\w{4})(?:s|es|ed|d|ing|ly|ers?)$")
"""What a word of the language may have in front of it or behind: "overrode", "reckoned"."""
_ENDINGS = frozenset("er ers ist ists ful less able ly ness ship ships".split())
"""A word that has one of these behind the stem of another is a word of its own: "leader", "astronomer"."""


def _spellings(word: str) -> Iterator[str]:
    """The word as it is spelt on the other side of the Atlantic, if it is: "licence", "license"."""
    for british, american in _SPELLINGS:
        for one, other in ((british, american), (american, british)):
            at = word.rfind(one)
            if at > 1 and len(word) > _SHORT:
                yield f"{word[:at]}{other}{word[at + len(one) :]}"


def is_greeting(text: str) -> bool:
    """Whether a text is a greeting, or thanks, and nothing else: "hello there!"."""
    return _GREETING.match(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is put to the index."""

    text: str
    changed: str | None
    """The same where words were taken for others, and so worth showing; else None."""


class Wording:
    """What a reader may have meant by words, going by those of an index's documents.

    `lexical` has the stems of the `vocabulary`. `is_word` says of a lower-case word whether it is one of the language,
    so that it is no slip of the keyboard even if no document holds it.
    """

    def __init__(self, vocabulary: Vocabulary, lexical: Lexical, is_word: Callable[[str], bool]) -> None:
        self._vocabulary, self._lexical, self._is_word = vocabulary, lexical, is_word

    @cached_property
    def _long(self) -> list[str]:
        """The words that a slip may have been meant to be; made for the first slip, not for every index opened."""
        return [word for word in self._vocabulary.counts if len(word) >= _SHORTEST]

    def understand(self, question: str) -> Understood:
        """The question as the documents would put it.

        It is without a greeting and what the bot is called, with shorthand written out, slips put right, and names with
        capitals. One that is too long to be searched for comes back as it is.
        """
        if len(" ".join(question.split())) > MAX_QUERY:
            return Understood(question, None)
        text = _OPENING.sub("", question.strip(), count=1)
        if (addressed := _ADDRESSED.match(text)) and all(map(self._is_address, addressed["how"].lower().split())):
            text = text[addressed.end() :]
        for said, meaning in _SPOKEN:
            text = said.sub(meaning, text)
        text = WORD.sub(lambda found: _CONTRACTED.get(found[0].lower(), found[0]), text)
        meant = WORD.sub(lambda found: self._meant(found[0]), text)
        plain = self._with_capitals(meant)
        return Understood(plain, plain if meant != text else None)

    def _is_address(self, word: str) -> bool:
        """Whether a word only says how somebody is called, by what documents know nothing of: "you stupid bot"."""
        return word == "you" or (word not in STOPWORDS and not any(map(self._lexical.knows, terms(word))))

    def _meant(self, word: str) -> str:
        """What a word was meant to be: itself where the documents or the language have it."""
        low = word.lower()
        if word.isupper() and word in self._vocabulary.initials:
            return self._vocabulary.initials[word]
        if low in _CONTRACTIONS or low in self._vocabulary.counts or any(map(self._lexical.knows, terms(low))):
            return word
        if word[:2].isupper() and not word.isupper():  # initials with an ending: "DMing", "NPCs"
            return word
        if low in _SHORTHAND:
            return _SHORTHAND[low]
        if spelt := next(filter(self._vocabulary.counts.__contains__, _spellings(low)), None):
            return spelt
        if len(low) < _SHORTEST or self._is_one(low):
            return word
        from rapidfuzz import process  # only a word that nobody knows needs it
        from rapidfuzz.distance import OSA

        most = 2 if len(low) >= _LONG and word == low else 1
        found = process.extract(low, self._long, scorer=OSA.distance, score_cutoff=most, limit=None)
        near = [
            (distance, -self._vocabulary.counts[other], other)
            for other, distance, _ in found
            if other[0] == low[0]
            and (len(low) >= _SHORT or sorted(other) == sorted(low))
            and not any(low == stem + end for stem in (*terms(other), other.removesuffix("y")) for end in _ENDINGS)
        ]
        return min(near)[2] if near else word

    def _is_one(self, word: str) -> bool:
        """Whether it is a word of the language, or one with an ending or another in front: "reckoned", "overrode"."""
        bare = {word, _PREFIX.sub("", word), _ENDING.sub("", word)}
        return any(map(self._is_word, (*bare, *(f"{each}e" for each in bare))))

    def _with_capitals(self, text: str) -> str:
        """The text with capitals where the documents write nothing else."""
        words = list(WORD.finditer(text))
        parts, at, end = [], 0, 0
        while at < len(words):
            for last in range(min(at + MOST_WORDS, len(words)), at, -1):
                stated = text[words[at].start() : words[last - 1].end()]
                if last > at + 1 and stated.lower() in self._vocabulary.names:
                    spelt = self._vocabulary.names[stated.lower()]
                    break
            else:
                spelt = self._capital(stated)
            found = words[at:last]
            parts += [text[end : found[0].start()], spelt]
            at, end = at + len(found), found[-1].end()
        return "".join([*parts, text[end:]])

    def _capital(self, word: str) -> str:
        best = self._vocabulary.capitals.get(word, word)
        return word if word in STOPWORDS or (best.isupper() and self._is_word(word)) else best
