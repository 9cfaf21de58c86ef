"""The days that "Sunday", "last week" or "June 14" mean, counted from when a document was published.

Only what is plain is resolved: words inside a quotation, days whose tense is not clear, and sentences that speak
of other years stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.english.numerals import UNITS, YEAR
from embeddings.numerals import DAYS, MONTHS
from embeddings.reading.documents import Document
from embeddings.splitting.passages import Span

_FAR = 300
"""Days: a day of a month that lies further away may well be meant in another year."""
_NEARBY = 400
"""Characters before a text in which a year says when it plays."""


@dataclass(frozen=True, slots=True)
class Dated:
    """Characters of a text, and the days they mean, from `first` to `last`."""

    span: Span
    first: date
    last: date


def month_of(day: date) -> str:
    """The month and the year of a day, in English.

    >>> month_of(date(2010, 12, 2))
    'December 2010'
    """
    return f"{MONTHS[day.month - 1]} {day.year}"


def dates_in(document: Document, quoted: Span) -> tuple[Dated, ...]:
    """The relative dates in these characters of a document that are plain; none where its own date is unknown.

    Their spans count from the first of the characters. A text that speaks of another year, there or shortly
    before, tells of that year's Sundays.
    """
    published, text = document.published, document.text[quoted.start : quoted.end]
    earlier = YEAR.findall(document.text[max(0, quoted.start - _NEARBY) : quoted.start])[-1:]
    if not published or any(int(year) != published.year for year in earlier + YEAR.findall(text)):
        return ()
    speech = [Span(*match.span()) for match in _SPEECH.finditer(text)]
    found = [
        Dated(Span(*match.span("when")), *days)
        for match, days in _found(text, published)
        if not any(span.start <= match.start("when") < span.end for span in speech)
    ]
    found.sort(key=lambda dated: (dated.span.start, -dated.span.end))
    return tuple(
        dated for n, dated in enumerate(found) if not any(dated.span.start < other.span.end for other in found[:n])
    )


def _found(text: str, published: date) -> Iterator[tuple[re.Match[str], tuple[date, date]]]:
    """Every relative date with its first and last day."""
    for match in _NEAR.finditer(text):
        day = published + timedelta(_NEAR_DAYS[match["when"].lower()])
        yield match, (day, day)
    for match in _AGO.finditer(text):
        count = match["count"]
        day = published - timedelta(int(count) if count.isdigit() else UNITS.index(count.lower()) + 1)
        yield match, (day, day)
    for match in _PERIOD.finditer(text):
        yield match, _period(match["unit"].lower(), match["which"].lower(), published)
    for match in _MONTH_DAY.finditer(text):
        if meant := _month_day(match, _tense(text, match), published):
            yield match, (meant, meant)
    for match in _WEEKDAY.finditer(text):
        if meant := _weekday(match, _tense(text, match), published):
            yield match, (meant, meant)


def _weekday(match: re.Match[str], tense: int, published: date) -> date | None:
    """The day: of "last" and "next", only where the calendar week does not matter for what is meant."""
    weekday = DAYS.index(match["day"])
    before = published - timedelta((published.weekday() - weekday) % 7)
    after = published + timedelta((weekday - published.weekday()) % 7 or 7)
    which = (match["which"] or "").lower()
    if which == "last":
        before = before if before < published else before - timedelta(7)
        return before if weekday >= published.weekday() else None
    if which == "next":
        return after if weekday <= published.weekday() else None
    if which == "this past":
        return before if before < published else before - timedelta(7)
    if which == "this coming":
        return after
    return before if tense < 0 else after if tense > 0 else None


def _month_day(match: re.Match[str], tense: int, published: date) -> date | None:
    month = MONTHS.index(match["month"] or match["month2"]) + 1
    day = int(match["date"] or match["date2"])
    near = [found for year in (-1, 0, 1) if (found := _date(published.year + year, month, day))]
    if tense < 0:
        near = [found for found in near if 0 <= (published - found).days <= _FAR][-1:]
    else:
        near = [found for found in near if tense > 0 and 0 < (found - published).days <= _FAR][:1]
    if not near or (match["named"] and DAYS[near[0].weekday()] != match["named"]):
        return None
    return near[0]


def _period(unit: str, which: str, published: date) -> tuple[date, date]:
    """A calendar week (from Monday), month or year: the one before, that of the publication, or the next."""
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        first = published - timedelta(published.weekday()) + timedelta(7 * step)
        return first, first + timedelta(6)
    if unit == "month":
        months = published.year * 12 + published.month - 1 + step
        first, after = (date(number // 12, number % 12 + 1, 1) for number in (months, months + 1))
        return first, after - timedelta(1)
    return date(published.year + step, 1, 1), date(published.year + step, 12, 31)


def _tense(text: str, match: re.Match[str]) -> int:
    """Whether a day lies before the publication (-1) or after it (1), by the verbs around it; 0 if it is not plain.

    Those of its own clause count; where it opens a sentence, the first verb that follows.
    """
    breaks = [Span(0, 0), *(Span(*found.span()) for found in _CLAUSE.finditer(text)), Span(len(text), len(text))]
    start = max(found.end for found in breaks if found.end <= match.start("when"))
    end = min(found.start for found in breaks if found.start >= match.end("when"))
    own = {kind for kind, pattern in _TENSES.items() if pattern.search(text, start, end)}
    if not own:
        following = {found.start(): kind for kind, pattern in _TENSES.items() if (found := pattern.search(text, end))}
        own = {following[min(following)]} if following else set()
    return own.pop() if len(own) == 1 else 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_NEAR_DAYS = {"yesterday": -1, "last night": -1, "earlier today": 0, "later today": 0, "tonight": 0, "tomorrow": 1}
_ANY_DAY, _ANY_MONTH = "|".join(DAYS), "|".join(MONTHS)

_SPEECH = re.compile(r"“[^”]*”?|\"[^\"]*\"?")
_NEAR = re.compile(rf"(?<!\bof )(?<!\ba )(?<!\bthe )(?<!\bbetter )\b(?P<when>{'|'.join(_NEAR_DAYS)})\b", re.IGNORECASE)
_AGO = re.compile(rf"\b(?P<when>(?P<count>\d{{1,2}}|{'|'.join(UNITS[:10])}) days? ago)\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"(?<!\bthe )(?<!\bhis )(?<!\bher )(?<!\btheir )(?<!\bits )(?<!\bour )(?<!\bmy )(?<!\bof )(?<!\ba )(?<![’']s )"
    r"\b(?P<when>(?P<which>last|this|next) (?P<unit>week|month|year))\b(?! of\b|-)",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?P<when>(?:\b(?P<named>{_ANY_DAY}),? )?\b"
    rf"(?:(?P<month>{_ANY_MONTH}) (?P<date>[0-3]?\d)(?:st|nd|rd|th)?|"
    rf"(?P<date2>[0-3]?\d)(?:st|nd|rd|th)? (?:of )?(?P<month2>{_ANY_MONTH})))\b(?!,? \d{{3,4}}\b|[–-]\d|:\d)"
)
_WEEKDAY = re.compile(
    r"(?<!Good )(?<!Black )(?<!Bloody )(?<!Easter )(?<!Palm )(?<!Super )(?<!Cyber )(?<!Ash )(?<!Holy )(?<!Giving )"
    r"(?<!\ba )(?<!\bevery )(?<!\bEvery )(?<!\beach )(?<!\bany )(?<!\bthe )(?<!\bThe )(?<!\bmost )"
    rf"\b(?P<when>(?:(?P<which>[Ll]ast|[Nn]ext|[Tt]his past|[Tt]his coming) )?(?P<day>{_ANY_DAY}))"
    rf"(?![\w-]| [A-Z]|,? (?:\d\d?(?!\d|,\d)|(?:{_ANY_MONTH}) \d)| (?:and|or|to|through) (?:{_ANY_DAY}))"
)
_CLAUSE = re.compile(r"[;:—–,]|\b(?:that|which|who|where|when|while|but|and|after|before|because|since|as|although)\b")
_PAST = re.compile(
    r"(?<!\bbe )\b(?:(?!need|speed|feed|seed|indeed|hundred|exceed|proceed|succeed|bleed|unprecedented|united)\w{2,}ed|"
    r"was|were|had|"
    r"said|told|wrote|sent|went|took|came|began|made|saw|held|met|left|broke|fell|rose|ran|gave|got|found|lost|won|led|"
    r"shot|drove|stood|spoke|brought|fought|thought|bought|caught|kept|felt|struck|grew|knew|drew|flew|threw|sued|died|"
    r"became|did|paid|sat|swore|flooded|chose|built|heard|laid|sought)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:will|shall|going to|(?:is|are) (?:set|due|scheduled|expected|planned|to)|plans? to|upcoming)\b",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:would|could|might|may|should|if|(?:was|were) to|(?:planned|scheduled|set|due|expected|slated) (?:for|on))\b"
)
_TENSES = {0: _UNSURE, -1: _PAST, 1: _AHEAD}
