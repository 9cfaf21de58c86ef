"""A question as it was typed, in the words and the spelling of the documents."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from embeddings.lexical import STOPWORDS, Lexical, terms

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
_NAME = re.compile(r"[A-Z][\w’'-]*(?:(?: (?:of|the|and|for))* [A-Z][\w’'-]*)+")
_CAPITAL_INSIDE = re.compile(r"(?<=[^\W_] |[,;] )[A-Z][^\W\d_]*(?:[’'][^\W\d_]+)*")
"""A word with a capital that does not owe it to the beginning of a sentence."""
_SHORTHAND = {
    "ppl": "people", "govt": "government", "gov’t": "government", "gov't": "government", "natl": "national",
    "intl": "international", "dept": "department", "pls": "please", "plz": "please", "abt": "about", "bc": "because",
    "cuz": "because", "b4": "before", "yr": "year", "yrs": "years", "u": "you", "r": "are", "ur": "your", "wat": "what",
    "wut": "what", "whats": "what's", "whos": "who's", "hows": "how's", "wheres": "where's", "didnt": "didn't",
    "doesnt": "doesn't", "isnt": "isn't", "prez": "president", "pres": "president", "tho": "though", "rn": "now",
    "teh": "the", "thru": "through",
}  # fmt: skip
_OPENING = re.compile(
    r"^(?:(?:hi|hello|hey|heya|yo|sup|ok|okay|k|so|well|wait|hmm+|um+|uh+|erm|lol|btw|please|pls|thanks|"
    r"thank you|sorry|quick question|good (?:morning|afternoon|evening|day)|excuse me|dear)\b"
    r"(?:,? (?:bot|footnote|there|all|everyone|everybody|guys|folks|friends?|genius|dude|man|mate|buddy|team|again))*"
    r"[\s,.!:;)(–—-]*)+(?=\w)",
    re.IGNORECASE,
)
_SHORTEST, _SHORT, _LONG = 4, 5, 8
"""From how many letters on a word is taken for a slip: in the order of its letters alone, in one, in two."""
_OPENERS = frozenset("before after during since until under near against between across despite following".split())
_ENDINGS = frozenset("er ers ist ists ful less able ly ness ship ships".split())
"""A word that has one of these behind the stem of another is a word of its own."""
_MOST_WORDS = 6
"""Names of more words are not looked for."""
_CLEARLY = 3
"""What stands for initials is there so many times as often as they are, and as anything else with them."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is put to the index."""

    text: str
    changed: str | None
    """The same where words were taken for others, and so worth showing; else None."""


class Wording:
    """The words of an index's documents, with what a reader may have meant by others.

    `lexical` has their stems. `is_word` says of a lower-case word whether it is one of the language, so that it is no
    slip of the keyboard even if no document holds it.
    """

    def __init__(self, texts: Iterable[str], lexical: Lexical, is_word: Callable[[str], bool]) -> None:
        self._lexical, self._is_word = lexical, is_word
        words: Counter[str] = Counter()
        inside: Counter[str] = Counter()
        runs: Counter[str] = Counter()
        for text in texts:
            words.update(_WORD.findall(text))
            inside.update(_CAPITAL_INSIDE.findall(text))
            runs.update(_NAME.findall(text))
        self._counts: Counter[str] = Counter()
        for word, count in words.items():
            self._counts[word.lower()] += count
        self._capitals = {word.lower(): word for word, _ in reversed(inside.most_common()) if word.lower() not in words}
        names: Counter[str] = Counter()
        for run, count in runs.items():
            for name in _parts(run):
                names[name] += count
        self._names = {name.lower(): name for name, _ in reversed(names.most_common())}
        self._initials = {
            short: name
            for short, name in _by_initials(names).items()
            if names[name] >= _CLEARLY * self._counts[short.lower()]
        }
        self._long = [word for word in self._counts if len(word) >= _SHORTEST]

    def understand(self, question: str) -> Understood:
        """The question without a greeting, with shorthand written out, slips put right, and names with capitals."""
        text = _OPENING.sub("", question.strip(), count=1)
        meant = _WORD.sub(lambda found: self._meant(found[0]), text)
        plain = self._with_capitals(meant)
        return Understood(plain, plain if meant != text else None)

    def _meant(self, word: str) -> str:
        """What a word was meant to be: itself where the documents or the language have it."""
        low = word.lower()
        if word.isupper() and word in self._initials:
            return self._initials[word]
        if low in self._counts or any(map(self._lexical.knows, terms(low))):
            return word
        if low in _SHORTHAND:
            return _SHORTHAND[low]
        if len(low) < _SHORTEST or self._is_word(low):
            return word
        most = 2 if len(low) >= _LONG and word == low else 1
        found = process.extract(low, self._long, scorer=OSA.distance, score_cutoff=most, limit=None)
        near = [
            (distance, -self._counts[other], other)
            for other, distance, _ in found
            if other[0] == low[0]
            and (len(low) >= _SHORT or sorted(other) == sorted(low))
            and not any(low == stem + end for stem in terms(other) for end in _ENDINGS)
        ]
        return min(near)[2] if near else word

    def _with_capitals(self, text: str) -> str:
        """The text with capitals where the documents write nothing else."""
        words = list(_WORD.finditer(text))
        parts, at, end = [], 0, 0
        while at < len(words):
            last = next(
                (n for n in range(min(at + _MOST_WORDS, len(words)), at + 1, -1) if self._named(text, words, at, n)), 0
            )
            found = words[at : last or at + 1]
            stated = text[found[0].start() : found[-1].end()]
            parts += [text[end : found[0].start()], self._names[stated.lower()] if last else self._capital(stated)]
            at, end = at + len(found), found[-1].end()
        return "".join([*parts, text[end:]])

    def _named(self, text: str, words: Sequence[re.Match[str]], first: int, behind: int) -> bool:
        return text[words[first].start() : words[behind - 1].end()].lower() in self._names

    def _capital(self, word: str) -> str:
        best = self._capitals.get(word, word)
        return word if word in STOPWORDS or (best.isupper() and self._is_word(word)) else best


def _parts(name: str) -> Iterator[str]:
    """A run of words with capitals, and what "and" joins in it, each without an opening such as "In"."""
    for part in dict.fromkeys([name, *name.split(" and ")]):
        words = part.split()
        while words and words[0].lower() in STOPWORDS | _OPENERS:
            del words[0]
        while words and words[-1].lower() in STOPWORDS:
            del words[-1]
        if len(words) > 1:
            yield " ".join(words)


def _by_initials(names: Counter[str]) -> dict[str, str]:
    """What stands for initials where that is plain: one name with them, or one far more often than any other."""
    found: dict[str, Counter[str]] = {}
    for name, count in names.items():
        for letter in (r"\b[A-Z]", r"\b[A-Za-z]"):  # DHS, the Department of Homeland Security; DOJ, that of Justice
            found.setdefault("".join(re.findall(letter, name)).upper(), Counter())[name] = count
    plain = {}
    for initials, each in found.items():
        alone = Counter({name: count for name, count in each.items() if " and " not in name}) or each
        (first, most), *others = alone.most_common(2)
        if not others or most >= _CLEARLY * others[0][1]:
            plain[initials] = first
    return plain
