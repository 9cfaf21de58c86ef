"""What answers where a number of a claim is asked for in its place: it gives the same number, or another.

A claim is checked by a question, after Wang et al., "Asking and Answering Questions to Evaluate the Factual Consistency
of Summaries" (2020), which is the claim with a question word where the number stands. Names were tried, too: over
news, what so gave the claim's name bore the claim out in one case of three.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from bot.answering.answerer import Answerer
from bot.answering.answers import Question
from bot.checking.alignment import Claim
from bot.english.counts import counted, counts
from bot.english.numerals import CALENDAR
from embeddings.errors import BadRequest
from embeddings.splitting.passages import Passage, Span

SAME = 0.65
"""What gives the same counts if it answers as surely as this."""
OTHER = 0.75
"""What gives another number counts if nothing answers more surely, and it as surely as this."""
MOST = 4
"""Questions for one claim."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A sentence that answers such a question, with the claim's number or with another."""

    claimed: str
    given: str
    span: Span
    """Where the sentence gives it."""
    same: bool

    @property
    def is_date(self) -> bool:
        """Whether the number says when, which says nothing of what: much else is of that year."""
        return _DATE.search(self.claimed) is not None


_DATE = re.compile(rf"\b(?:{CALENDAR})\b|^(?:1[5-9]|20)\d\d$")
Place = tuple[str, Span]
"""A sentence: the id of its document, and its characters there."""


def replies(answerer: Answerer, claim: Claim) -> dict[Place, tuple[Passage, Reply]]:
    """The sentences that answer where the numbers of a claim are asked for, with their passages."""
    found: dict[Place, tuple[Passage, Reply]] = {}
    for question, claimed in islice(asked_for(claim), MOST):
        with suppress(BadRequest):
            surest = True
            for each in answerer.evidence(Question(question)):
                if each.highlight is None or each.confidence < SAME:
                    continue
                given = each.sentence[slice(*each.highlight)]
                both = next(counted(counts(claimed), counts(given)), False)
                if both is True or (both and surest and each.confidence >= OTHER):
                    place = each.passage.document_id, Span(each.start, each.end)
                    found.setdefault(place, (each.passage, Reply(claimed, given, each.highlight, both is True)))
                surest = False
    return found


_SHARE = re.compile(r"\s*(?:%|percent|per cent)")
_MEASURED = re.compile(r"[$€£]|%|percent|per cent|(?:m|b|tr)illion")


def asked_for(claim: Claim) -> Iterator[tuple[str, str]]:
    """A question for each number of a claim, with that number.

    >>> next(asked_for(Claim.of("The mayor gave 61 paid speeches.")))
    ('The mayor gave how many paid speeches?', '61')
    """
    for count in claim.counts:
        begins, ends = count.span.start, count.span.end
        begins -= claim.text[:begins].endswith(("$", "€", "£"))
        if share := _SHARE.match(claim.text, ends):
            ends = share.end()
        claimed = claim.text[begins:ends]
        asking = "what year" if "a year" in count.unit else "how much" if _MEASURED.search(claimed) else "how many"
        yield f"{claim.text[:begins]}{asking}{claim.text[ends:].rstrip(' .!')}?", claimed
