"""Parts of documents that are asked for by number: "what does section 3.6 of the bylaws say"."""

import re
from typing import NamedTuple, Self

from bot.english.numerals import ORDINAL, ordinal
from embeddings.numerals import roman

_SAME = {"sec": "section", "art": "article", "ch": "chapter", "§": "section", "by-law": "bylaw", "para": "paragraph"}
_THING = (
    r"section|article|chapter|part|title|clause|paragraph|by-?law|rule|policy|appendix|annex|schedule|amendment|"
    r"exhibit|lesson|unit|module|sec\b|art\b|ch\b|para\b|§"
)
_NUMBER = r"\d{1,4}(?:[.-]\d{1,4}){0,4}[a-z]?(?![\w-])|[ivxlc]{1,7}\b|[a-z]\b"
_APART = r"(?:[. ]*(?:number |no\.? ?|nr\.? ?|# ?)?(?=\d)|[. ]+)"
_PART = (
    rf"(?:(?P<thing>{_THING}){_APART}(?P<number>{_NUMBER})(?:\([a-z\d]{{1,4}}\))*|"
    rf"(?P<place>{ORDINAL}) (?P<counted>{_THING})|"
    r"(?P<alone>\d{1,4}(?:[.-]\d{1,4}){1,4}[a-z]?)(?![\w-]))"
)
_ASKS = re.compile(
    r"(?:(?:hi|hey|please|pls|so),? )*"
    r"(?:(?:what(?:['’]?s| is| are| does| do| did)?|show|quote|post|give|tell|read|explain|cite|find|open) )?"
    r"(?:me |us )?(?:in |under |inside |about )?(?:the |your |our )?"
    rf"{_PART}(?:,? (?:of|in|from|under|for) (?P<within>.{{2,100}}?))?"
    r"(?:,? (?:say|state|about|mean|cover|contain|require|allow|provide|exactly|please|pls|again)s?)* ?[?!.]*",
    re.IGNORECASE,
)
"""On a line without blanks beside each other."""
_MENTIONED = re.compile(rf"(?<![\w.-]){_PART}", re.IGNORECASE)
_WITHIN = re.compile(rf"(?:the |your |our )?{_PART}(?:,? (?:of|in|from) (?P<within>.+))?", re.IGNORECASE)
_LABEL = re.compile(
    rf"[\W_]{{0,9}}+(?:(?P<thing>{_THING}){_APART}(?P<number>{_NUMBER})|"
    r"(?P<alone>\d{1,4}(?:[.-]\d{1,4}){0,4}[a-z]?(?![\w-])|[IVXLC]{1,7}(?=[.:)]|$)|[A-Z](?=[.:)])))(?=\W|$)",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"[ivx]|[ivxlc]{2,}")
"""A "c" or an "l" alone is a letter."""
_UNSAID = ("section", "clause", "paragraph", "chapter", "rule", "policy", "lesson")
"""What a heading that begins with a number may be without saying so."""


class Label(NamedTuple):
    """How a part is numbered: as what ("article"), "" where that is not said, and its number, in figures."""

    thing: str
    number: str

    @classmethod
    def at(cls, text: str) -> Self | None:
        """That with which a heading or a paragraph begins.

        >>> Label.at("ARTICLE XII: Amendments"), Label.at("3.6 Dues"), Label.at("Section 4."), Label.at("In 3 days")
        (Label(thing='article', number='12'), Label(thing='', number='3.6'), Label(thing='section', number='4'), None)
        """
        return cls.of(found) if (found := _LABEL.match(text)) else None

    @classmethod
    def of(cls, found: re.Match[str]) -> Self:
        """That which a pattern of this module found."""
        said = {name: (text or "").lower() for name, text in found.groupdict().items()}
        thing = said["thing"] or said.get("counted", "")
        if said.get("place"):
            return cls(_SAME.get(thing, thing), str(ordinal(said["place"])))
        number = said["number"] or said["alone"]
        in_letters = thing and _ROMAN.fullmatch(number)
        return cls(_SAME.get(thing, thing), str(roman(number)) if in_letters else number)

    @staticmethod
    def alone(text: str) -> bool:
        """Whether a text is nothing but a label: "Appendix C"."""
        found = _LABEL.match(text)
        return found is not None and not any(map(str.isalnum, text[found.end() :]))

    def is_called(self, other: "Label", as_such: bool) -> bool:
        """Whether another label is this one: as such a thing, or else one that does not say what it numbers.

        "3.6 Dues" may be section 3.6; "II. Results" is not article II of anything, nor "C. Acronyms" an appendix.
        """
        if self.number != other.number:
            return False
        if as_such:
            return not self.thing or self.thing == other.thing
        return not other.thing and (not self.thing or self.thing in _UNSAID)


class Section(NamedTuple):
    """A part that a question asks for, the parts that it is within, the nearest first, and what names its document.

    >>> Section.of("what does section 2 of article V of our bylaws say?")
    Section(label=Label(thing='section', number='2'), parts=(Label(thing='article', number='5'),), within='our bylaws')
    >>> Section.of("What is 60-720 about").label, Section.of("what does section 8 housing cost")
    (Label(thing='', number='60-720'), None)
    """

    label: Label
    parts: tuple[Label, ...]
    within: str

    @classmethod
    def of(cls, question: str) -> Self | None:
        """That which a question asks for, if it asks for nothing else."""
        found = _ASKS.fullmatch(" ".join(question.split()))
        if not found:
            return None
        label, within = Label.of(found), found["within"] or ""
        parts = []
        while part := _WITHIN.fullmatch(within):
            parts.append(Label.of(part))
            within = part["within"] or ""
        return cls(label, tuple(parts), within)

    def is_named_in(self, text: str) -> bool:
        """Whether a text names the part, and those that it is within, and says more: "as section 3.6 says"."""
        if Label.alone(text):
            return False
        named = [Label.of(found) for found in _MENTIONED.finditer(text)]
        return all(any(one.is_called(other, bool(other.thing)) for other in named) for one in (self.label, *self.parts))
