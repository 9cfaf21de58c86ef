"""Who holds an office, or which office somebody holds: how that is asked for, and how a sentence says it."""

import re
from dataclasses import dataclass

from bot.english.attribution import HEADS
from embeddings.splitting.passages import Span
from embeddings.splitting.terms import term_set, terms

_WHO_HOLDS = re.compile(
    r"^(?:and |so )?who(?:[’']s| (?:is|was|are|were|runs|ran|heads|headed|leads|led|holds|held|serves|served))\b"
    r"(?P<office>[^?]*)",
    re.IGNORECASE,
)
_WHOSE_OFFICE = re.compile(
    r"^what (?:is|was|are) (?P<who>[^?]{2,60}?)(?:[’']s?) (?:\w+ )?(?:job|role|position|title|office|post)\b|"
    r"^who(?:[’']s| is| was) (?P<name>(?-i:[A-Z])[\w’'.-]*(?: (?-i:[A-Z])[\w’'.-]*){1,3}) *\??$",
    re.IGNORECASE,
)
_HOLDING = frozenset(
    terms("run head lead hold serve office current currently role post job charge name called title position person")
)
_PERSON = r"[A-Z][\w’'-]{1,40} (?:[A-Z]\. )?[A-Z][\w’'-]{1,40}"
_RANKS = frozenset("deputy acting former vice senior prime press foreign interior of".split())
_TITLE_WORD = rf"(?:[A-Z][\w’'-]{{1,40}}|{'|'.join(sorted(HEADS | _RANKS))})"
_BEFORE_NAME = re.compile(rf"((?:{_TITLE_WORD} ){{1,30}})({_PERSON})(?! [A-Z])")
_AFTER_NAME = re.compile(rf"({_PERSON}), (?:the |an? )?((?:former |acting |deputy )?[a-z][^,.;:]{{3,60}})(?=[,.;])")


@dataclass(frozen=True, slots=True)
class Office:
    """Who holds an office is wanted, or which office somebody holds."""

    title: frozenset[str]
    holder: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "Office | None":
        """The office or its holder that a question names; None where it asks for something else."""
        if found := _WHOSE_OFFICE.search(question):
            return cls(frozenset(), term_set(found["who"] or found["name"]))
        found = _WHO_HOLDS.search(question)
        title = term_set(found["office"]) - _HOLDING if found and found["office"].strip() else frozenset()
        return cls(title, frozenset()) if title else None

    def held_in(self, sentence: str, present: frozenset[str]) -> Span | None:
        """Where in a sentence the holder of the office stands, or the office of the holder.

        An office is a title before a name or a description beside it. What else the question says of it has to be
        present.
        """
        for title, holder in _offices(sentence):
            stated, person = set(terms(sentence[slice(*title)])), set(terms(sentence[slice(*holder)]))
            if self.holder and (self.holder <= person or person <= self.holder):
                return title
            shared = self.title & stated
            if self.title and 2 * len(shared) >= len(stated) and self.title <= shared | present:
                return holder
        return None

    def is_another_in(self, sentence: str) -> bool:
        """Whether a sentence names the holder of an office that has a word in common with this one."""
        return any(not self.title.isdisjoint(terms(sentence[slice(*title)])) for title, _ in _offices(sentence))


def _offices(sentence: str) -> list[tuple[Span, Span]]:
    """Titles or descriptions in a sentence, each with the name of whoever has it."""
    found = [(Span(*m.span(1)), Span(*m.span(2))) for m in _BEFORE_NAME.finditer(sentence)]
    found += [(Span(*m.span(2)), Span(*m.span(1))) for m in _AFTER_NAME.finditer(sentence)]
    return [(Span(title.start, title.start + len(sentence[slice(*title)].rstrip())), name) for title, name in found]
