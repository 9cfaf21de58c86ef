"""What a document itself says of a claim that it reports: "debunked", "without evidence", "falsely claimed".

Only the document's own words count: what a speaker whom it quotes calls false is that speaker's voice.
"""

import re
from collections.abc import Sequence

from bot.english.attribution import QUOTE, Found, Item, attributions, itself, read
from bot.english.voices import VoiceKind, voice_of
from embeddings.splitting.passages import Passage, Span

_RUN = 4
"""A plural such as "these statements" reaches so many sentences back."""

_FALSE = (
    r"(?:debunked|false|baseless|unfounded|groundless|discredited|disproved|disproven|unproven|unproved|unsupported|"
    r"unsubstantiated|unverified|untrue|misleading|inaccurate|incorrect|fabricated|bogus|refuted|a lie|lies|a myth)"
)
_CLAIM = (
    r"(?:claims?|statements?|allegations?|assertions?|accusations?|charges?|remarks?|comments?|theor(?:y|ies)|rumou?rs?|"
    r"figures?|numbers?|stor(?:y|ies)|arguments?|insinuations?|conspiracy theor(?:y|ies))"
)
_PROOF = r"(?:evidence|proof|basis|foundation|support|substantiation)"
_WITHOUT = (
    rf"(?:without (?:(?:offering|providing|citing|giving|presenting|showing|any|credible|factual) ){{0,2}}{_PROOF}"
    rf"|(?:offer(?:ed|s|ing)?|provid(?:ed|es|ing)|cit(?:ed|es|ing)|g(?:ave|ives|iving)|present(?:ed|s|ing)|ha[ds]|"
    rf"there (?:is|was)) no (?:\w+ )?{_PROOF}|no (?:\w+ )?{_PROOF} (?:exists?|supports?|was|is))"
)
_ADVERB = re.compile(r"(?:falsely|wrongly|baselessly|incorrectly|inaccurately|misleadingly|untruthfully)\b", re.I)
_WITHOUT_PROOF = re.compile(rf"\b{_WITHOUT}\b", re.I)
_FALSE_CLAIM = re.compile(
    rf"\b{_FALSE} (?:and (?:\w+ )?{_FALSE} |\w+ )?{_CLAIM}\b|"
    r"\bconspiracy theor(?:y|ies)\b(?: of the [\w ]{1,100}?(?=[,.]))?",
    re.I,
)
_CALLS = re.compile(
    r"\b(?:the|this) (?:account|article|note) (?:calls?|called|describes?|considers?|labels?|says?|finds?)\b"
    rf"[^,;.]{{0,300}}?\b{_FALSE}\b|"
    rf"\b(?:which|that) (?:it|the account|the article) (?:calls?|describes? as|considers?) {_FALSE}\b",
    re.I,
)
_IS_FALSE = re.compile(
    rf"\b(?:is|are|was|were|has been|have been|being) (?:\w+ly )?{_FALSE}\b|\b{_ADVERB.pattern}|\b{_WITHOUT}\b"
    rf"|\b{_FALSE} (?:\w+ )?{_CLAIM}\b|\b(?:calls?|describes?|considers?|labels?) (?:[\w’']+ ){{1,4}}{_FALSE}\b",
    re.I,
)
_DENIES = re.compile(
    r"\b(?:den(?:y|ies|ied)|(?:reject|dismiss|disput|refut|debunk)(?:e?[sd]|es|ed)?)\b"
    r" (?:\w+ )?(?:that|the|this|those|these|any|all|an?)\b",
    re.I,
)
_THESE = re.compile(rf"\b(?:these|those|both|all|such|h(?:is|er)|their) (?:\w+ ){{0,2}}{_CLAIM}\b", re.I)
_THIS = re.compile(
    rf"\b(?:this|that|the|h(?:is|er)|their) (?:[\w’']+ )?{_CLAIM}\b|^(?:this|that|it) (?:is|was)\b", re.I
)
_FOLLOWING = re.compile(rf"\b(?:the )?following (?:\w+ )?{_CLAIM}\b", re.I)
_UNSURE = re.compile(
    r"\b(?:not|n[’']t|never|whether|if|(?-i:may)|might|could|would|neither|nor|unclear)\b(?:\W+\w+){0,3}\W*$", re.I
)
_BY_OTHERS = re.compile(
    r"\W+by (?!the (?:account|article|note)\b)|\b(?:in|according to) (?:the )?[\w ’']+(?:view|words|opinion)\b", re.I
)
_REPORTS = re.compile(
    r"(?:the|this) (?:account|article|note) (?:\w+ )?(?:says?|adds?|notes?|points out|explains?) that ", re.I
)
_REPEATS = re.compile(
    r"\b(?:repeat|promot|spread|push|parrot|echo|amplif|peddl|mak|made|revive|rais)\w*(?:\W+\w+){0,2}\W+$", re.I
)


def verdict_on(passage: Passage, at: int) -> Span | None:
    """Where in the document it characterises, in its own words, the claim that sentence number `at` reports.

    In the same sentence that is a part of it ("without evidence"); in a sentence next to it that refers back ("these
    claims") or ahead ("the following claim"), the whole of that sentence. A transcript has no words of its own.
    """
    if passage.turn_at(passage.sentences[at].start):
        return None
    sentences = [passage.text_of(span) for span in passage.sentences]
    found = _within(sentences[at])
    if found is not None:
        start = passage.sentences[at].start
        return Span(start + found.start, start + found.end)
    other = _beside(sentences, at)
    return passage.sentences[other] if other is not None else None


def denies(text: str) -> bool:
    """Whether a text says, in whoever's words, that something is false, unproven or denied."""
    return any(pattern.search(text) for pattern in (_IS_FALSE, _FALSE_CLAIM, _DENIES))


def _within(sentence: str) -> Span | None:
    """The document's characterisation inside the sentence that reports the claim."""
    items = read(sentence)
    said = [one for one in attributions(items) if not one.aside]
    speaker = next((one for one in said if not itself(one.who)), None)
    if speaker and any(itself(one.who) and one.at < speaker.at for one in said):
        speaker = None
    text = _without_quotations(sentence, items)
    longer_first = (_CALLS, _WITHOUT_PROOF, _ADVERB, _FALSE_CLAIM)
    matches = (match for pattern in longer_first for match in pattern.finditer(text))
    return next((Span(*match.span()) for match in matches if _is_own(text, items, match, speaker)), None)


def _is_own(text: str, items: Sequence[Item], match: re.Match[str], speaker: Found | None) -> bool:
    """Whether these words are the document's: beside the verb of saying, before it, or where it speaks of itself."""
    before = text[: match.start()]
    if _UNSURE.search(before[-40:]) or _BY_OTHERS.match(text[match.end() :]):
        return False
    if match.re is _CALLS:
        return bool(before.strip())  # otherwise there is no claim beside it
    adverb = match.re is _ADVERB
    if speaker is None and not adverb:
        return match.re is _FALSE_CLAIM and _REPEATS.search(before) is not None
    if speaker is None:
        return _CLAIMING.match(text[match.end() :]) is not None or _CLAIMED.search(before) is not None
    verb = items[speaker.verb]
    between = text[verb.end : match.start()]
    if match.start() < verb.start:
        return not adverb or not text[match.end() : verb.start].strip() or match.start() > items[speaker.at].start
    if len(between.split()) <= 1 and "that" not in between.split():
        return match.re is not _FALSE_CLAIM
    if match.re is _WITHOUT_PROOF:
        return before.rstrip().endswith((",", "”", '"', "—", "–"))
    return match.re is _FALSE_CLAIM and _REPEATS.search(before) is not None


_CLAIMING = re.compile(
    r"\W+(?:claim|say|said|assert|stat|suggest|alleg|argu|describ|call|insist|declar|tell|told)", re.I
)
_CLAIMED = re.compile(r"\b(?:claim|assert|stat|suggest|accus|alleg|argu|describ|insist|declar)\w*\W+$", re.I)


def _beside(sentences: Sequence[str], at: int) -> int | None:
    """The sentence next to a claim, or behind a run of claims by the same speaker, in which the document judges it."""
    claim = voice_of(sentences[at], sentences[:at])
    if claim.kind is VoiceKind.DOCUMENT and not _REPEATED.search(sentences[at]):
        return None
    if at and _judges(sentences, at - 1) and _FOLLOWING.search(sentences[at - 1]):
        return at - 1
    for other in range(at + 1, min(at + 1 + _RUN, len(sentences))):
        if _judges(sentences, other):
            if _REPEATED.search(sentences[other]):
                return None  # it judges a claim that it reports itself
            refers = _THESE.search(sentences[other]) or (other == at + 1 and _THIS.search(sentences[other]))
            return other if refers else None
        if voice_of(sentences[other], sentences[:other]) != claim or claim.kind is VoiceKind.DOCUMENT:
            return None
    return None


_REPEATED = re.compile(rf"\b(?:repeat|promot|spread|push|mak|made)\w* (?:\w+ ){{0,3}}{_CLAIM}\b", re.I)


def _judges(sentences: Sequence[str], at: int) -> bool:
    """Whether the document, not somebody it quotes, says in this sentence that something is false or unproven."""
    sentence = sentences[at]
    if voice_of(sentence, sentences[:at]).kind is not VoiceKind.DOCUMENT:
        return False
    frame = _REPORTS.match(sentence)
    reported = sentence[frame.end() :] if frame else ""
    if frame and voice_of(reported[:1].upper() + reported[1:]).kind is not VoiceKind.DOCUMENT:
        return False
    text = _without_quotations(sentence, read(sentence))
    match = _IS_FALSE.search(text)
    if match is None or text.rstrip().endswith("?"):
        return False
    return not _UNSURE.search(text[: match.start()][-40:]) and not _BY_OTHERS.match(text[match.end() :])


def _without_quotations(sentence: str, items: Sequence[Item]) -> str:
    """The sentence with every quotation blanked out, so that what stands in one is not taken for the document's."""
    for item in items:
        if item.kind == QUOTE:
            sentence = sentence[: item.start] + '"' + " " * (len(item.text) - 2) + '"' + sentence[item.end :]
    return sentence
