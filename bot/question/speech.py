"""Whose words a question asks for, and who is asked to have said something."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from bot.english.attribution import attributions, itself, plain, read, subjects
from bot.english.patterns import TITLES
from bot.english.voices import Voice, VoiceKind
from embeddings.splitting.terms import STOPWORDS, term_set, terms

NAME = re.compile(r"\b[A-Z][\w’'-]*")
_SAYING = (
    "say says said think thinks thought claim claims claimed write writes wrote written post posts posted tweet tweets "
    "announce announced argue argues argued tell tells told declare declared stated promise promised warn warns warned "
    "believe believes believed comment commented mention mentioned demand demanded complain complained suggest "
    "suggested explain explained allege alleged admit admitted acknowledge acknowledged deny denied insist insisted"
).split()
_JUDGING = (
    "call calls called describe describes described characterize characterise characterized characterised label "
    "labels labelled accuse accuses accused blame blames blamed denounce denounced criticize criticise criticized "
    "criticised compare compares compared consider considers considered portray portrays portrayed refer refers "
    "referred conclude concludes concluded"
).split()
_VERBS = "|".join(sorted({*_SAYING, *_JUDGING}, key=len, reverse=True))
_SAID = re.compile(
    r"\b(?:what|how|whom?|which (?:words?|terms?|names?|reasons?)|in (?:what|which) words)(?: \w+){0,2}? "
    rf"(?:did|does|do|has|have|had) (?P<who>[^,?]{{1,60}}?) (?:\w+ly |also |just |then )?(?P<verb>{_VERBS})\b"
    r"(?P<rest>[^?]*)",
    re.IGNORECASE,
)
_REPLIES = (
    "reaction response reply answer explanation excuse justification take view views opinion thought thoughts argument "
    "arguments criticism comment comments statement position stance read defence defense version complaint advice"
).split()
_REPORTED = re.compile(
    r"^(?:and |so )?(?:what(?:[’']?s| is| was| are| were) )?([^,?]{2,60}?)[’']s? (?:own |first )?"
    rf"(?:{'|'.join(_REPLIES)}) (?=(?:to|on|of|for|about|against|that|when|after)\b)([^?]*)"
    r"|\bhow (?:did|does|do|has|have|had) ([^,?]{1,60}?) "
    r"(?:react|respond|answer|reply|justify|defend|hit back|push back)(?:ed|s)?\b([^?]*)"
    r"|\bwhy (?:did|does|do|has|have|had) ([^,?]{1,60}?) "
    rf"(?:{_VERBS})\b([^?]*)"
    r"|\bwhat (?:\w+ )?(?:reasons?|excuse|explanation|justification|arguments?) (?:did|does|do|has|have) "
    r"([^,?]{1,60}?) (?:give|given|offer|offered|cite|cited|make|made)\b([^?]*)",
    re.IGNORECASE,
)
"""Who, and what about, of words that are only somebody's where documents report what people say; a program reacts and
responds too."""
_WHO_SAYS = re.compile(
    rf"^(?:and |so )?who (?:was it (?:that|who) |else )?(?:\w+ly |has |had |have )*(?:{_VERBS})\b", re.IGNORECASE
)
_BY = re.compile(
    r"^(?P<rest>[^?]*?),? ?\b(?:according to|in the (?:words|view|opinion|eyes) of) (?P<who>[^,?]{1,60})", re.IGNORECASE
)
_ITSELF = re.compile(
    r"\b(?:accounts?|articles?|sources?|documents?|reports?|notes?|texts?|authors?|papers?|outlets?|newspapers?|stories|"
    r"story|pieces?|files?|writers?)$",
    re.IGNORECASE,
)
_OWNS = re.compile(r"[’']s? \w")
_ABOUT = re.compile(
    r"\s*(?:in (?:[a-z]+ )?\d{4} )?(?:about|on|of|regarding|concerning) (?=.*\w)(.*)", re.IGNORECASE | re.DOTALL
)


def in_full(name: str, texts: Iterable[str]) -> str:
    """A last name with the first name that stands before it most often in some texts: "Ann Lee" for "Ms. Lee".

    Any other name as it is.
    """
    *before, last = name.split() or [""]
    if not set(terms(" ".join(before))) <= TITLES or not last[:1].isupper():
        return name
    pattern = re.compile(rf"\b([A-Z][\w’'-]+) {re.escape(last)}\b")
    first = Counter(found[1] for text in texts for found in pattern.finditer(text))
    known = [(count, one) for one, count in first.items() if not set(terms(one)) <= TITLES | STOPWORDS]
    return f"{max(known)[1]} {last}" if known else name


def asks_who_says(question: str) -> bool:
    """Whether a question is who said something."""
    return _WHO_SAYS.search(question) is not None


_NAMED = re.compile(r"(?:\b(against|of|for|by|to|with|from|about|on|than) )?\b[A-Z][\w-]*(?: [A-Z][\w-]*)*+([’']s?\b)?")
"""A name, with what makes it only the name of somebody something is against, of or for."""
_NAME_RUN = re.compile(r"(?<!^)\b[A-Z][\w’'-]*(?:\.? [A-Z][\w’'-]*)*")
_STANDS_FOR = re.compile(
    r"\b(?:he|she|they|it|him|her|them|who|president|governor|mayor|senator|minister|secretary|chief|king|queen)\b",
    re.I,
)
"""What may stand for the one who is named in the question."""


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody's words are wanted: `who` are the terms of the name, none for the document itself.

    `topic` is what they are to be about, none where the question asks what somebody calls a thing: who calls it
    something does not name it. `rest` is what the question says they are about.
    """

    name: str
    who: frozenset[str]
    topic: frozenset[str]
    rest: str

    @classmethod
    def of(cls, question: str, reported: bool = False) -> "Words | None":
        """Whose words a question asks for, and about what; None where it asks for something else.

        With `reported`, also where it asks for an explanation, a reaction or a view, of whoever is in the documents.
        """
        found = _SAID.search(question) or _BY.search(question)
        if not found and reported and (reply := _REPORTED.search(question)):
            who, rest = (each for each in reply.groups() if each is not None)
            return cls._of(who, rest)
        if not found or not found["who"].strip() or _OWNS.search(found["who"]):
            return None
        about = _ABOUT.match(found["rest"])
        topic = term_set(about[1]) & term_set(question) if about else frozenset()
        if _ITSELF.search(found["who"].strip()):
            verb = found.groupdict().get("verb") or ""
            return cls(found["who"], frozenset(), topic, "") if verb.lower() in _JUDGING else None
        return cls._of(found["who"], about[1] if about else found["rest"], topic)

    @classmethod
    def _of(cls, name: str, rest: str, topic: frozenset[str] = frozenset()) -> "Words | None":
        who = frozenset(term for found in NAME.findall(name) for term in terms(found)) - TITLES
        return cls(name.strip(), who, topic - who, rest.strip()) if who and not _OWNS.search(name) else None

    @classmethod
    def naming(cls, question: str, speakers: Iterable[str]) -> "Iterator[Words]":
        """For each name in a question, whatever else it asks, the words of whoever has it: "does Ana Berg like tea".

        What some `speakers` are called is a name in small letters too: "what did ana say".
        """
        called = (
            re.search(rf"(?<!\w){re.escape(name)}(?!\w)", question) for name in sorted(speakers) if name.islower()
        )
        for found in (*filter(None, called), *_NAME_RUN.finditer(question)):
            who = term_set(found[0]) - TITLES
            rest = " ".join(f"{question[: found.start()]} {question[found.end() :]}".split())
            if who:
                yield cls(found[0], who, frozenset(), rest)

    def are_of(self, speaker: str) -> bool:
        """Whether this may be whose words are wanted: by the whole name, a part of it, or its initials."""
        name = term_set(speaker)
        initials = "".join(word[0] for word in NAME.findall(self.name))
        plain = name - TITLES
        return self.who <= name or (bool(plain) and plain <= self.who) or (len(initials) > 1 and speaker == initials)

    def are_in(self, voice: Voice) -> bool:
        """Whether a sentence of this voice is said by the one whose words are wanted, by name."""
        return voice.name is not None and self.are_of(voice.name)

    def are_by_subject_of(self, sentence: str) -> bool:
        """Whether the one whose words are wanted is what a sentence is about, by name: also "Lee, who has said so."."""
        items = read(sentence)
        name = [*takewhile(lambda item: item.capital, items)]
        called = [name] if name and [item.text for item in items[len(name) : len(name) + 1]] == [","] else []
        return any(self.are_of(plain(words)) for words in (*called, *(found.words for _, found in subjects(items))))

    def may_be_in(self, sentence: str, voice: Voice) -> bool:
        """Whether a sentence of this voice can hold them: neither somebody else nor the document plainly speaks."""
        if not self.who:
            return voice.kind is VoiceKind.DOCUMENT
        if voice.kind is VoiceKind.SPEAKER and voice.name:
            return self.are_in(voice)
        items = read(sentence)
        if any(itself(found.words) for _, found in subjects(items)) or any(
            itself(found.who) for found in attributions(items)
        ):
            return False
        acting = [found[0] for found in _NAMED.finditer(sentence) if not found[1] and not found[2]]
        return any(not self.who.isdisjoint(terms(name)) for name in acting) or bool(_STANDS_FOR.search(sentence))
