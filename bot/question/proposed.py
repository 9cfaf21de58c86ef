"""What a question that is answered by yes or no puts forward."""

import re

from bot.english.patterns import HELPING

_OPENING = r"(?:(?:so|and|but|ok|okay|hey|hi|well|wait|um|please|sorry|also|now|then|lol|no|yes)\b[,:!.…\s]*)*"
_SOURCES = r"(?:the |any |these |your )?(?:sources?|documents?|articles?|reports?|accounts?)"
_WHETHER_TRUE = re.compile(
    rf"{_OPENING}(?:(?:is|was) (?:it|that|there) (?:really |actually )?(?:true|correct|right|a fact|the case|any truth)"
    rf"(?: (?:in|to) (?:the )?(?:claims?|reports?|rumou?rs?))?(?: that)?|true that|"
    rf"(?:do|does|did) {_SOURCES} (?:say|agree|claim|report|confirm|think)(?: that| if| whether)?|"
    rf"(?:do|can|could|would) (?:you|we|u) (?:know|confirm|tell me|say) (?:if|whether|that)|"
    rf"(?:i|we|people|someone|they) (?:wonder|heard|hear|say|said|keep saying|claim)(?: that| if| whether)?) ",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(rf"{_OPENING}{HELPING} (?!you\b|we\b|i\b|u\b|anyone know)", re.IGNORECASE)
_TAG = re.compile(
    r"(?:[,;–—-] *+|(?<! ) ++|)\b(?:or not|right|or no|yes or no|is (?:that|this|it) (?:true|right|correct|so)|"
    r"really|true|correct)[?!. ]*$",
    re.IGNORECASE,
)
_NOT_ONE = re.compile(r"\b(?:how|who|whom|whose|what|why|which|where)\b", re.IGNORECASE)
_STRESS = re.compile(r"\b(?:really|actually|truly|ever|in fact|indeed|even|at all|supposedly|allegedly)\b ?", re.I)


def proposed(question: str) -> str | None:
    """What a question that is answered by yes or no asks of; None for any other."""
    text = _TAG.sub("?", question.strip())
    frame = _WHETHER_TRUE.match(text) or _YES_OR_NO.match(text)
    if not frame:
        return None
    rest = text[frame.end() :]
    if _NOT_ONE.search(rest) or re.search(r"\bor\b", rest):
        return None
    return _STRESS.sub("", rest).rstrip("?! .") or None
