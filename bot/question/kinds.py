"""The kind of value that a question asks for, and what a sentence that gives one holds."""

import re
from dataclasses import dataclass

from bot.english.numerals import CALENDAR, NUMBER_WORDS

HOW = (
    "many|much|old|long|far|often|frequently|big|large|small|tall|high|low|heavy|fast|slow|wide|deep|thick|thin|hot|cold|"
    "warm|soon|early|late|quickly"
)
"""What "how" asks the degree of, in words of which a number mostly tells: not "how well", nor "how close"."""
_NUMBERED = (
    rf"\d|\b(?:{'|'.join(NUMBER_WORDS)}|couple|pair|single|several|few|many|most|no|none|nobody|all|every|each|once|"
    r"twice)\b"
)
_VALUES = (
    (
        "time of day",
        r"\b(?:at )?(?:what|which) (?:time|hour)\b(?! (?:period|frame|zone|span))",
        r"\d ?(?:[ap]\.?m\b|o[’']clock)|\d:\d\d|\b(?:noon|midnight|midday|dawn|dusk|sunrise|sunset|hours?|morning|"
        r"afternoon|evening|night)\b",
    ),
    (
        "sum of money",
        r"\bhow much (?:money\b|(?:d(?:oes|id|o)|w(?:ill|ould|as|ere)|is)\b[^?]{0,300}"
        r"\b(?:costs?|pay|paid|spen[dt]|earn|bail|fined?|rais(?:e|ed)|budget|salary|fee)\b)|"
        r"\bwhat (?:is|was|were|are) (?:the |its |their )?(?:\w+ )?(?:costs?|price|budget|salary|fee)\b|"
        r"\bwhat (?:do|does|did|will|would) [^?]{1,100}\bcosts?\b|^(?:the |its )?(?:prices?|costs?|fees?) (?:of|for)\b",
        r"[$€£¥]|\b(?:dollars?|euros?|pounds?|cents?|pence|yen|francs?|rupees?|free|nothing)\b|"
        r"\b\d++(?:[.,]\d++)*+(?!-[a-z])",
    ),
    (
        "share",
        r"\b(?:what|which) (?:percentage|percent|per ?cent|share|proportion|fraction)\b",
        rf"%|\bper ?cent|\bpercent|\bthirds?\b|\bquarters?\b|\bfifths?\b|\bmajority\b|{_NUMBERED}",
    ),
    (
        "number",
        r"\bhow (?:many|old|tall|high|low|heavy|fast|slow|wide|deep|thick|thin)\b|"
        r"\bwhat (?:\w+ ){0,3}?number\b(?! (?:one|of (?:ways|reasons)))",
        _NUMBERED,
    ),
    (
        "figure",
        r"\b(?:max(?:imum)?|min(?:imum)?|default) (?:[\w-]+ ){0,2}?(?:number|amount|size|length|depth|level|age|count|"
        r"width|height|speed|rate|duration|time(?! (?:format|zone))|interval|timeout|zoom|limit|distance|capacity|"
        r"memory|ram|space|port)\b|"
        r"\b(?:tcp|udp|https?|network|listening) ports?\b|\bport number\b|\b(?:size|age|time|rate|speed) limit\b|"
        r"\b(?:oldest|lowest|earliest|min(?:imum)?|newest|latest|(?:since|in|from|with) (?:which|what)) "
        r"(?:[\w.-]+ ){0,2}?version\b|\b(?:longest|shortest|largest|smallest|highest|lowest) (?:allowed|possible)\b",
        rf"{_NUMBERED}|\b(?:unlimited|latest|newest|limit\w*)\b",
    ),
    (
        "measure",
        r"\bhow (?:long|far|often|frequently|soon|early|late|quickly)\b",
        rf"{_NUMBERED}|\b(?:hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|minutes?|seconds?|until|since|"
        r"daily|weekly|monthly|yearly|annually|always|never|often|rarely|regularly|forever|permanent\w*|brief\w*|"
        r"temporar\w+|long|longer|short\w*|miles?|kilomet\w+|far|immediate\w*|instant\w*|soon\w*|before|after|overnight)\b",
    ),
    (
        "temperature",
        r"\bhow (?:hot|cold|warm)\b|\b(?:what|which) (?:\w+ )?temp(?:erature)?s?\b",
        r"\d|°|\b(?:degrees?|hot|warm|cold|cool|lukewarm|boil\w*|freez\w*|simmer\w*|room|heat)\b",
    ),
    (
        "date",
        r"^(?:and |so )?when (?:is|was|were|are|did|does|do|will|would|has|have|had|can|could)\b|"
        r"\b(?:what|which) (?:year|date|day|month)\b",
        rf"\d|\b(?:{CALENDAR}|today|yesterday|tomorrow|centur(?:y|ies)|years?|months?|weeks?|weekend|days?|night|morning|"
        r"evening|afternoon|when|after|before|during|since|until|following|once|upon|spring|summer|autumn|fall|winter|"
        r"Easter|Christmas|late|early|end|beginning|start|age|era|period|time|soon|later|while|as)\b",
    ),
)
"""Kinds of value: how a question asks for one, and what every sentence that gives one holds."""
_COMPILED = tuple((kind, re.compile(asked, re.I), re.compile(held, re.I)) for kind, asked, held in _VALUES)


@dataclass(frozen=True, slots=True)
class Valued:
    """A kind of value that a question asks for: a "number", a "date", a "time of day"; of several kinds the first."""

    kind: str
    patterns: tuple[re.Pattern[str], ...]

    @classmethod
    def of(cls, question: str) -> "Valued | None":
        """The kind; None where a question asks for none that shows in the words."""
        found = [(kind, held) for kind, asked, held in _COMPILED if asked.search(question)]
        return cls(found[0][0], tuple(held for _, held in found)) if found else None

    def may_be_in(self, text: str) -> bool:
        """Whether a text can hold a value of one of these kinds: "on what day and at what time" asks for two."""
        return any(pattern.search(text) for pattern in self.patterns)
