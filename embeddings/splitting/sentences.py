"""The sentences of a text, by sentencex."""

import re

import sentencex

_PANICS = re.compile(r"(?<=[^\s.!?…。])(\s*)[^\S\x00-\x7f](?=\.)")
"""White space beyond ASCII right before a full stop, behind a word: sentencex 1.0.32 cuts that character in two."""

_PICTURE = re.compile(r"!(?=\[\[|\[[^\[\]\n]{0,200}\]\()")
"""The mark of a picture, which ends no sentence: "Select ![a wheel](wheel.png) **Settings**."."""


_ABBREVIATED = re.compile(
    r"\b(?:Ms|Mx|Amb|Atty|Messrs|(?:Eqs?|Figs|Sect|Vol|Ch|Tab|Est|approx)(?=\. ?\d)|[A-Z][a-z]*-[A-Z](?=\.[A-Z]\.)"
    r"|[ap]\.m(?=\. (?:[A-Z]{2,4}|[A-Z][a-z]{2,5}day)\b))\."
)
"""A full stop that sentencex takes for the end of a sentence: "Ms. May", "at 5 p.m. Monday", "D-N.Y."."""

_EXCLAIMED = re.compile(r"[!?][\"”’']+\s*$")
_WHO_SAID = re.compile(
    r"(?=the |[A-Z])(?:[^.!?:;\"“”]|(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen))\.|\.(?=,)){2,80} "
    r"(?:said|says|asked|asks|wrote|writes|added|told|tweeted|recalled|exclaimed|continued|replied|shouted|demanded)"
    r"(?:[.,]|(?<=told) (?!that\b)"
    r"| (?:on|in|at|during|after|before|to|of|from|as|early|late|last|this|\w+(?:day|ly))\b)"
)
"""Who speaks, behind a quotation that ends with its own mark: "“Why?” Ms. May asked on Monday."."""
_OPENING = re.compile(r"(?<=\s)[\"“‘']\Z")
"""A mark that opens the quotation behind it, which sentencex leaves before it where nothing closes it."""

_NOTED = re.compile(r"[⁰¹²³⁴-⁹]+(?:[,–-][⁰¹²³⁴-⁹]+)*(?!\S)\s*")
"""The numbers of notes right behind a sentence, which sentencex leaves before the next one."""
_CLOSING = re.compile(r"(?P<mark>[*_]{1,3})(?:\s+|$)")
"""The end of emphasis, with the white space behind it."""
_RUN_IN = re.compile(r"\s*(?:(?:[-*+>]|\d{1,9}[.)])\s+)*(?P<mark>[*_]{1,3})[^*_\n]{1,40}")
"""A few words with which a paragraph opens, emphasised, as its heading."""


def segment(text: str) -> list[str]:
    """The sentences of an English text, each with the white space behind it: joined, they are the text.

    Emphasis that ends with a sentence ends in it; it ends none that goes on behind it with a small letter, nor one
    that it is the heading of. A question or an exclamation that is quoted goes with who says it.

    >>> segment("**Goats.** They eat **grass...** and hay. **Do not feed them!** They are fed.")
    ['**Goats.** They eat **grass...** and hay. ', '**Do not feed them!** ', 'They are fed.']
    >>> segment('"Why not?" Ms. May asked at 5 p.m. Monday. "Who knows?" She left.')
    ['"Why not?" Ms. May asked at 5 p.m. Monday. ', '"Who knows?" ', 'She left.']
    >>> segment("He met her.⁴⁶³ She left.")
    ['He met her.⁴⁶³ ', 'She left.']
    >>> segment('"I did," she said. "And I would again.')
    ['"I did," she said. ', '"And I would again.']
    """
    read = _ABBREVIATED.sub(lambda found: f"{found[0][:-1]}_", _PICTURE.sub("~", _PANICS.sub(r"\1 ", text)))
    found = sentencex.get_sentence_boundaries("en", read)
    sentences: list[str] = []
    for boundary in found:
        sentence = text[boundary["start_index"] : boundary["end_index"]]
        if sentences and (opening := _OPENING.search(sentences[-1])) and not sentence[:1].isspace():
            sentences[-1] = sentences[-1][: opening.start()]
            sentence = opening[0] + sentence
        if sentences and not sentences[-1][-1:].isspace() and (noted := _NOTED.match(sentence)):
            sentences[-1] += noted[0]
            sentence = sentence[noted.end() :]
        closing = _CLOSING.match(sentence) if sentences else None
        if sentences and _EXCLAIMED.search(sentences[-1]) and _WHO_SAID.match(sentence):
            sentences[-1] += sentence
            sentence = ""
        elif closing and not sentences[-1][-1:].isspace() and sentences[-1].count(closing["mark"]) % 2:
            heads = len(sentences) <= 2 and _RUN_IN.fullmatch("".join(sentences)) is not None
            if heads:
                sentences = ["".join(sentences)]
            goes_on = heads or sentence[closing.end() :][:1].islower()
            own = len(sentence) if goes_on else closing.end()
            sentences[-1] += sentence[:own]
            sentence = sentence[own:]
        sentences += [sentence] if sentence else []
    return sentences
