"""Who speaks when in a transcript: minutes, interviews, hearings, chats.

Such a text has lines that begin with a name: `**Ana Berg** (39:55) - Yes.`, `Ana Berg: Yes.`, `[12:30] <ana> yes`, or a
name in bold on a line of its own. Lists of settings have lines like that too ("Default: 80"), so a text is a transcript
only where such names recur, are no words of the text, and people speak of themselves behind them.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from embeddings.reading.markup.markdown import parts_by_code
from embeddings.splitting.terms import STOPWORDS


class Turn(NamedTuple):
    """What somebody says: characters of a text from `start`, where the label begins, over `said`, where the words do.

    `speaker` is None behind a label that may be a name, and may be a word.
    """

    start: int
    said: int
    end: int
    speaker: str | None


_TURNS, _SPEAKERS = 4, 2
"""A transcript has so many turns and speakers at least."""
_OWN = 0.25
"""In more than this share of the turns, and one turn more, people speak of themselves."""
_COVERED = 0.3
"""Share of the text that the turns are, unless most have a time."""
_WORDED = 0.5
"""A label is a word where the text has it in small letters so often, for each time it stands as a label."""
_HEARD = 400
"""Characters of a turn in which it is looked for whether somebody speaks of himself."""

_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?(?: ?[AP]\.?M\.?)?"
_STAMP = rf"\\?(?:\((?=\[))?[\[(<]?{_CLOCK}\\?[\])>]?(?:\([^()\s]*+\)\)?)?"
"""A time, which may be in brackets and the text of a link."""
_WORD = r"[^\W_][\w.'’&/@-]*+"
_SMALL = re.compile(rf"(?<![\w*])(?=[^\WA-Z\d_]){_WORD}")
_NAME = rf"{_WORD}(?: {_WORD}){{0,4}}?"
_ASIDE = r"(?: ?\([^()\n:]{1,40}\))?"
_LABEL = re.compile(
    r"^[ \t]*+(?:(?:[-*+]|>)[ \t]++)*+"
    rf"(?P<early>\\?[\[(]?(?:\d[\d./-]{{5,9}},? )?{_CLOCK}\\?[\])]?[ \t]*+(?:[-–—][ \t]*+)?)?+(?:"
    rf"(?P<mark>\*\*\*?|__|[*_])(?:From )?(?P<marked>{_NAME}){_ASIDE}(?:, [\w. ]{{1,20}})?(?P<colon> ?:)?"
    rf" ?(?P<stamp>{_STAMP})?:? ?(?P=mark)\*?{_ASIDE}"
    rf"(?:[ \t]*+(?P<later>{_STAMP}))?+[ \t]*+(?P<dash>:|[-–—](?=[ \t]))?+(?:[ \t]*+(?P<last>{_STAMP}))?+"
    rf"|<[@+% ]?(?P<nick>{_WORD})>"
    rf"|(?:From )?(?P<plain>{_NAME})(?: to [Ee]veryone)?{_ASIDE}[ \t]*+"
    rf"(?:(?:[–—] (?:\w+ at |[\d./-]{{6,10}},? )?)?(?P<timed>{_STAMP})[ \t]*+(?:[:–—-]|$)"
    rf"|(?P<led>:)(?=\s|$)(?:[ \t]*+(?P<behind>{_STAMP}))?+|(?=$))"
    r")[ \t]*+(?P<rest>[^\n]*+)$",
    re.MULTILINE,
)
"""The beginning of a line that may name who speaks, with a time before or behind the name."""
_TIMES = ("early", "stamp", "later", "last", "timed", "behind")
_OF_ONESELF = re.compile(r"(?<![\w/:.-])(?:I|me|[Mm]y|[Ww]e|[Oo]ur|[Yy]eah|[Oo]kay|[Tt]hanks)(?![\w/:.-])")
_BREAK = re.compile(r"^(?:#{1,6} |(?:---|\*\*\*|___)[ \t]*$)", re.MULTILINE)
"""A heading or a line across ends a turn."""
_LONGEST = 40


class _Label(NamedTuple):
    """A line that may name who speaks, and where what is said behind it ends."""

    start: int
    said: int
    end: int
    name: str
    timed: bool


def turns(text: str) -> tuple[Turn, ...]:
    """The turns of a transcript, in order; none for any other text.

    >>> said = turns("Ana: Are we late?\\nBo: I am not.\\nAna: I am.\\nBo: We all are.")
    >>> [turn.speaker for turn in said]
    ['Ana', 'Bo', 'Ana', 'Bo']
    """
    labels = list(_labels(text))
    if len(labels) < _TURNS:
        return ()
    counts = Counter(label.name for label in labels)
    small = Counter(found[0].rstrip(".'’") for found in _SMALL.finditer(text))
    again = {name for name, count in counts.items() if count > 1 and not _is_word(name, count, small)}
    if len(again) < _SPEAKERS:
        return ()
    labels = _with_ends(text, labels)
    if not _is_transcript(text, labels, again):
        return ()
    once = {name for name, count in counts.items() if count == 1 and name[0].isupper() and not _is_word(name, 1, small)}
    speakers = again | once
    return tuple(Turn(*label[:3], label.name if label.name in speakers else None) for label in labels)


def turn_at(found: Sequence[Turn], position: int) -> Turn | None:
    """The turn that a character of the text stands in, if it does in any whose speaker is known."""
    at = bisect_right(found, position, key=lambda turn: turn.start) - 1
    return found[at] if at >= 0 and position < found[at].end and found[at].speaker else None


def _labels(text: str) -> Iterator[_Label]:
    """Every line outside of code that may name who speaks; what is said ends with the text."""
    at = 0
    for part, code in parts_by_code(text):
        for found in _LABEL.finditer(text, at, at + len(part)) if not code else ():
            timed = any(found[time] for time in _TIMES)
            alone = not found["rest"]
            name = (found["marked"] or found["nick"] or found["plain"]).rstrip(".")
            named = timed or found["colon"] or found["dash"] or found["led"] or (found["marked"] and alone)
            if named and _is_name(name):
                yield _Label(found.start(), found.start("rest"), len(text), name, timed)
        at += len(part)


def _with_ends(text: str, labels: Sequence[_Label]) -> list[_Label]:
    """The labels, each with its end before the next one, or before a heading or a line across."""
    ends = (*(label.start for label in labels[1:]), len(text))
    found = []
    for label, end in zip(labels, ends, strict=True):
        across = _BREAK.search(text, label.said, end)
        found.append(label._replace(end=across.start() if across else end))
    return found


def _is_name(name: str) -> bool:
    """Whether something can name who speaks: a nickname, words with capitals, "Speaker 2", "Aaron van Loon"."""
    first, *others = name.removeprefix("The ").removeprefix("THE ").split()
    if not 1 < len(name) <= _LONGEST or any(word.lower() in STOPWORDS for word in (first, *others)):
        return False
    if not others:
        return not first[0].isdigit() and re.search(r"/|\.\w", first) is None
    *middle, last = others
    small = any(len(word) > len("van") for word in middle if word[0].islower())
    return not small and first[0].isupper() and (last[0].isupper() or last.isdigit())


def _is_word(name: str, count: int, small: Counter[str]) -> bool:
    """Whether a label is a word or words that the text uses otherwise too: "Default", "Note"."""
    words = [word.lower() for word in name.split() if word[0].isalpha()]
    return not name.islower() and min(map(small.__getitem__, words)) > _WORDED * count


def _is_transcript(text: str, labels: Sequence[_Label], speakers: Collection[str]) -> bool:
    """Whether these names take turns: often enough, over enough of the text, and speaking of themselves.

    Three and more that always follow each other in the same order are the fields of a list.
    """
    said = [label for label in labels if label.name in speakers]
    steps = set(pairwise(label.name for label in said))
    if len(said) < _TURNS or len(steps) <= len(speakers) > _SPEAKERS:
        return False
    own = sum(_OF_ONESELF.search(text, each.said, min(each.said + _HEARD, each.end)) is not None for each in said)
    covered = sum(each.end - each.said for each in said) / len(text)
    timed = sum(label.timed for label in labels) / len(labels)
    return own - 1 > _OWN * len(said) and (covered >= _COVERED or timed > 1 / 2)
