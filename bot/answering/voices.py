"""Who is speaking in a sentence: its document, somebody the document quotes, or nobody it names."""

import re
from dataclasses import dataclass
from enum import StrEnum


class VoiceKind(StrEnum):
    """Whose words a sentence carries."""

    DOCUMENT = "document"
    SPEAKER = "speaker"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks. A speaker's `name` is as the sentence gives it, None where it says only "he" or "she"."""

    kind: VoiceKind
    name: str | None = None


def voice_of(sentence: str) -> Voice:
    """Find whom a sentence attributes its words to, by plain patterns; without one, the document speaks."""
    patterns = (_ACCORDING, _SPEAKS, _SPOKEN, _WENT_ON)
    found = [match for pattern in patterns for match in pattern.finditer(sentence)]
    found = [match for match in found if not _ANYBODY.fullmatch(match["who"])]
    if not found and (_NOBODY.search(sentence) or _QUOTED.fullmatch(sentence)):
        return Voice(VoiceKind.UNATTRIBUTED)
    if not found:
        return Voice(VoiceKind.DOCUMENT)
    names = [match["who"] for match in found if not _PRONOUN.fullmatch(match["who"])]
    if names and _ITSELF.fullmatch(names[0]):
        return Voice(VoiceKind.DOCUMENT)
    return Voice(VoiceKind.SPEAKER, _plain_name(names[0]) if names else None)


def _plain_name(who: str) -> str:
    """A name as it stands inside a sentence: "the account", and "ACLU" rather than "the ACLU."."""
    who = re.sub(r"^[Tt]he (?=[A-Z])|(?<!\.[A-Z])\.$", "", who)
    return re.sub(r"^The ", "the ", who)


# Words that begin a sentence with a capital, and are no name
_OPENING = (
    r"(?:The|An?|His|Her|Its|Their|Our|My|This|That|These|Those|As|And|But|Yet|So|Then|If|When|While|After|Before|"
    r"Because|Since|Though|Although|However|In|On|At)(?![\w.’'-])"
)
_WORD = rf"(?!{_OPENING})(?:(?:[A-Z]\.)+|[A-ZÀ-ÖØ-ÞĀ-Ž][\w’'-]*\.?)"
_NAME = rf"{_WORD}(?: (?:(?:of|for|the|and|de|van|von|al) )*{_WORD})*"
_BODY = (
    r"(?:(?!(?:and|but|that|which|while|as|what) )[\w.’'-]+ ){0,2}(?i:account|police|officials|authorities|agency|"
    r"agencies|prosecutors?|lawyers?|witness(?:es)?|eyewitness(?:es)?|reporters?|protesters|organi[sz]ers?|residents|"
    r"researchers|scientists|authors|analysts|analyses|president|governor|mayor|minister|government|administration|"
    r"court|judge|company|ministry|department|university|study|report|survey|spokes(?:man|woman|person)|office)"
    rf"(?: (?:of|in|for|at) (?:the )?{_NAME})?"
)
_WHO = rf"(?P<who>(?:(?:[Tt]he|[Aa]n?|[Ss]everal|[Mm]any|[Ss]ome) )?(?:{_NAME}|{_BODY})|[Hh]e|[Ss]he|[Tt]hey)"
_SAY = (
    r"says?|said|tells?|told|writes?|wrote|claims?|claimed|argues?|argued|warns?|warned|declares?|declared|"
    r"insists?|insisted|adds|added|notes?|noted|reported|announces?|announced|describes?|described|denies|denied|"
    r"accuses?|accused|alleges?|alleged|suggests?|suggested|estimates?|estimated|concludes?|concluded|believes?|"
    r"believed|replies|replied|explains?|explained|blames?|blamed|denounces?|denounced|vow(?:s|ed)|promise[sd]|"
    r"predict(?:s|ed)|criti[cz]i[sz]e[sd]|condemn(?:s|ed)|posted|asserts?|asserted|considers?|considered|complain(?:s|ed)|"
    r"(?:state|charge)[sd] that|point(?:s|ed) out|maintain(?:s|ed) that|admits|admitted|acknowledge[sd]|testifie[sd]|"
    r"tweeted"
)
_CALLED = r"calls?\b(?=[^.]*[\"“‘])|called\b(?=[^.]*[\"“‘])"  # with a quotation: not "called troops in"
_BETWEEN = r"(?:(?:has|have|had|also|then|later|again|once|openly|repeatedly) )*"

_ACCORDING = re.compile(rf"\b[Aa]ccording to {_WHO}")
_SPEAKS = re.compile(
    rf"(?:^|[,;:—–] ?|[\"“”] ?|\b(?:[Tt]hat|[Bb]ut|[Aa]nd|[Ww]hile|[Aa]s) ){_WHO}(?:, [^,]{{1,80}},)? "
    rf"{_BETWEEN}(?:(?:{_SAY})\b|{_CALLED})"
)
_SPOKEN = re.compile(rf"[,”\"’'] ?(?:said|says|wrote|writes|added|claimed|declared|insisted|continued) {_WHO}")
_WENT_ON = re.compile(rf"[”\"’'] ?{_WHO} continued\b")
_QUOTED = re.compile(r"[“\"][^“”\"]*(?:[”\"]\W*)?")  # from its first to its last word
_ANYBODY = re.compile(r"sources?|critics|supporters|experts|observers|some|many|people", re.IGNORECASE)
_NOBODY = re.compile(
    r"\b(?:reportedly|allegedly|purportedly|it is said|(?:is|are|was|were) (?:said|believed|thought|alleged) to|"
    r"(?:sources?|critics|supporters|experts|observers|some|many|people) (?:says?|said|argued?|claim(?:ed)?|believed?)|"
    r"rumou?red)\b",
    re.IGNORECASE,
)
_ITSELF = re.compile(r"(?:the|this) (?:account|article|note)", re.IGNORECASE)  # a document speaking of itself
_PRONOUN = re.compile(r"he|she|they", re.IGNORECASE)
