"""The sentences of a text, by sentencex."""

import re

import sentencex

_PANICS = re.compile(r"(?<=[^\s.!?…。])(\s*)[^\S\x00-\x7f](?=\.)")
"""White space beyond ASCII right before a full stop, behind a word: sentencex 1.0.32 cuts that character in two."""

_PICTURE = re.compile(r"!(?=\[\[|\[[^\[\]\n]{0,200}\]\()")
"""The mark of a picture, which ends no sentence: "Select ![a wheel](wheel.png) **Settings**."."""


_CLOSING = re.compile(r"(?P<mark>[*_]{1,3})(?:\s+|$)")
"""The end of emphasis, with the white space behind it."""
_RUN_IN = re.compile(r"\s*(?:(?:[-*+>]|\d{1,9}[.)])\s+)*(?P<mark>[*_]{1,3})[^*_\n]{1,40}")
"""A few words with which a paragraph opens, emphasised, as its heading."""


def segment(text: str) -> list[str]:
    """The sentences of an English text, each with the white space behind it: joined, they are the text.

    Emphasis that ends with a sentence ends in it; it ends none that goes on behind it with a small letter, nor one
    that it is the heading of.

    >>> segment("**Goats.** They eat **grass...** and hay. **Do not feed them!** They are fed.")
    ['**Goats.** They eat **grass...** and hay. ', '**Do not feed them!** ', 'They are fed.']
    """
    read = _PICTURE.sub("~", _PANICS.sub(r"\1 ", text))
    found = sentencex.get_sentence_boundaries("en", read)
    sentences: list[str] = []
    for boundary in found:
        sentence = text[boundary["start_index"] : boundary["end_index"]]
        closing = _CLOSING.match(sentence) if sentences else None
        if closing and not sentences[-1][-1:].isspace() and sentences[-1].count(closing["mark"]) % 2:
            heads = len(sentences) <= 2 and _RUN_IN.fullmatch("".join(sentences)) is not None
            if heads:
                sentences = ["".join(sentences)]
            goes_on = heads or sentence[closing.end() :][:1].islower()
            own = len(sentence) if goes_on else closing.end()
            sentences[-1] += sentence[:own]
            sentence = sentence[own:]
        sentences += [sentence] if sentence else []
    return sentences
