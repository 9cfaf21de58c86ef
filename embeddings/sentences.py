"""The sentences of a text, by sentencex."""

import re

import sentencex

_PANICS = re.compile(r"(?<=[^\s.!?…。])(\s*)[^\S\x00-\x7f](?=\.)")
"""White space beyond ASCII right before a full stop, behind a word: sentencex 1.0.32 cuts that character in two."""

_PICTURE = re.compile(r"!(?=\[\[|\[[^\[\]\n]{0,200}\]\()")
"""The mark of a picture, which ends no sentence: "Select ![a wheel](wheel.png) **Settings**."."""


def segment(text: str) -> list[str]:
    """The sentences of an English text, each with the white space behind it: joined, they are the text."""
    read = _PICTURE.sub("~", _PANICS.sub(r"\1 ", text))
    found = sentencex.get_sentence_boundaries("en", read)
    return [text[boundary["start_index"] : boundary["end_index"]] for boundary in found]
