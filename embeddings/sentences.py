"""The sentences of a text, by sentencex."""

import re

import sentencex

_PANICS = re.compile(r"(?<=[^\s.!?…。])(\s*)[^\S\x00-\x7f](?=\.)")
"""White space beyond ASCII right before a full stop, behind a word: sentencex 1.0.32 cuts that character in two."""


def segment(text: str) -> list[str]:
    """The sentences of an English text, each with the white space behind it: joined, they are the text."""
    found = sentencex.get_sentence_boundaries("en", _PANICS.sub(r"\1 ", text))
    return [text[boundary["start_index"] : boundary["end_index"]] for boundary in found]
