"""Who is speaking in a sentence: its document, somebody the document quotes, or nobody it names."""

import re
from dataclasses import dataclass
from enum import StrEnum

_NAME = r"(?:[A-Z][\w’'.-]*|[A-Z]+)(?:\s+(?:(?:of|for|the|and|de|van|von|al)\s+)*[A-Z][\w’'.-]*)*"
_WHO = (
    rf"(?:(?:[Tt]he|[Aa]n?|[Ss]everal|[Mm]any|[Ss]ome|[Ff]ederal|[Ss]tate|[Ll]ocal)\s+)*(?:{_NAME}|(?:[a-z-]+\s+)?%s)"
)
_BODIES = (
    r"(?:account|police|officials|authorities|prosecutors|prosecutor’s office|prosecutor's office|lawyers|"
    r"eyewitnesses|witnesses|reporters|protesters|organi[sz]ers|residents|researchers|authors|analysts|"
    r"spokes(?:man|woman|person)|president|governor|mayor|minister|government|administration|court|judge|"
    r"company|ministry|department|university|study|report)(?:\s+(?:of|in|for)\s+(?:the\s+)?[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*)*)?"
)
_WHO = _WHO.replace("%s", _BODIES)
_VERB = (
    r"(?:says?|said|tells?|told|writes?|wrote|claims?|claimed|states?|stated|argues?|argued|warns?|warned|"
    r"declares?|declared|insists?|insisted|adds?|added|notes?|noted|reports?|reported|announces?|announced|"
    r"calls?|called|describes?|described|denies|denied|accuses?|accused|alleges?|alleged|suggests?|suggested|"
    r"estimates?|estimated|concludes?|concluded|believes?|believed|replies|replied|continued|explains?|"
    r"explained|blames?|blamed|denounces?|denounced|vow(?:s|ed)|pledge[sd]|promise[sd]|predict(?:s|ed)|"
    r"criti[cz]i[sz]e[sd]|condemn(?:s|ed)|tweeted|posted)"
)
_ACCORDING = re.compile(rf"\b[Aa]ccording to (?P<who>{_WHO})")
_SUBJECT = re.compile(
    rf"(?:^|[,;:“\"”’']\s*|\b(?:that|but|and|while|as|then)\s+)(?P<who>{_WHO})(?:,[^,]{{1,80}},)?\s+"
    rf"(?:(?:has|have|had|also|then|later|again|once|openly|repeatedly|once again)\s+)*{_VERB}\b"
)
_INVERTED = re.compile(
    rf"[,”\"’']\s*(?:said|says|wrote|writes|added|claimed|declared|insisted|continued)\s+(?P<who>{_WHO})"
)
_NOBODY = re.compile(
    r"\b(?:reportedly|allegedly|purportedly|it is said|is said to|are said to|is believed to|are believed to|"
    r"sources? (?:say|said)|critics (?:say|said|argue|argued)|supporters (?:say|said)|experts (?:say|said)|"
    r"some (?:say|said|argue|claim)|rumou?red)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"^(?:he|she|they|it|i|we|you|this|that|these|those|who|which)$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)


class VoiceKind(StrEnum):
    """Whose words a sentence carries."""

    DOCUMENT = "document"
    SPEAKER = "speaker"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: `name` is set for a speaker only, as the sentence names them."""

    kind: VoiceKind
    name: str | None = None


def voice_of(sentence: str) -> Voice:
    """Find the speaker a sentence names, by plain patterns of attribution; without one, the document speaks."""
    for pattern in (_ACCORDING, _SUBJECT, _INVERTED):
        for match in pattern.finditer(sentence):
            name = _ARTICLE.sub("", match["who"]).strip(" ,.")
            if not _PRONOUN.match(name):
                return Voice(VoiceKind.SPEAKER, name)
    if _NOBODY.search(sentence):
        return Voice(VoiceKind.UNATTRIBUTED)
    return Voice(VoiceKind.DOCUMENT)
