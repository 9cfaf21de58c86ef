"""What a few words stand for: a number, a date or a name, compared however it is written.

Numbers and dates are intervals: "over 1,900" has no upper end, "1912" is a year long, "about 1835" some years.
Two of them go together when their intervals meet, two names when one says no more than the other ("Byron" and
"Lord Byron").
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from bot.english.numerals import SCALES, TENS, UNITS
from embeddings.numerals import MONTHS
from embeddings.splitting.passages import Span
from embeddings.splitting.terms import terms, words

_UNITS = dict(zip([*UNITS, *TENS], [*range(1, 20), *range(20, 100, 10)], strict=True))
_LETTERS = {"k": 10**3, "m": 10**6, "bn": 10**9, "b": 10**9}

_Point = int | Fraction

_ABOUT = Fraction(1, 10)
"""By how much of itself a number may be off that is given as "about" so many."""
_ROUNDED = Fraction(1, 20)
"""By how much of itself a number may be off that is rounded."""
_CONVERTED = Fraction(1, 50)
"""By how much two numbers in different units may differ, as both are rounded."""
_YEARS_ABOUT = 3
"""By how many years a date may be off that is given as "about" then."""


class Kind(StrEnum):
    """What can be compared with what."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    WORD = "word"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Number:
    """From `low` to `high`, which is None for "over" so many; `round_to` is the place of its last digit but zeros."""

    low: Fraction
    high: Fraction | None
    unit: str = ""
    round_to: Fraction = Fraction(0)

    kind = Kind.NUMBER

    @property
    def width(self) -> float:
        """How little the number says."""
        return float("inf") if self.high is None else float(self.high - self.low)

    def agrees(self, other: "Value") -> bool | None:
        """Whether both can be true of one thing; None where they cannot be compared."""
        if not isinstance(other, Number):
            return None
        mine, its = (_MEASURES.get(each.unit, (each.unit, Fraction(1))) for each in (self, other))
        if mine[0] != its[0] and self.unit and other.unit:
            return None
        a, b = self._times(mine[1]), other._times(its[1])
        if mine[1] != its[1] and self.unit and other.unit:
            a, b = (each._times(1 - _CONVERTED, 1 + _CONVERTED) for each in (a, b))
        return _meet(a.low, a.high, b.low, b.high) or a._rounds(b) or b._rounds(a)

    def _times(self, factor: Fraction, at_most: Fraction | None = None) -> "Number":
        high = None if self.high is None else self.high * (at_most or factor)
        return Number(self.low * factor, high, self.unit, self.round_to * factor)

    def _rounds(self, other: "Number") -> bool:
        """Whether this is the other one, rounded."""
        if self.low != self.high or other.low != other.high or other.round_to >= self.round_to or self.low < 100:
            return False
        return abs(self.low - other.low) <= min(self.round_to / 2, self.low * _ROUNDED)


@dataclass(frozen=True, slots=True)
class Date:
    """From one day to another, each as (year, month, day); a year of 0 is one that is not given."""

    first: tuple[int, int, int]
    last: tuple[int, int, int]

    kind = Kind.DATE

    @property
    def width(self) -> float:
        """How little the date says, in days."""
        return float(_days(self.last) - _days(self.first)) + (400 if not self.first[0] else 0)

    def agrees(self, other: "Value") -> bool | None:
        """Whether both can be true of one event; None where they cannot be compared."""
        if not isinstance(other, Date):
            return None
        if bool(self.first[0]) == bool(other.first[0]):
            return _meet(_days(self.first), _days(self.last), _days(other.first), _days(other.last))
        dated, yearless = (self, other) if self.first[0] else (other, self)
        if _days(dated.last) - _days(dated.first) >= 31:
            return True
        return dated.first[1:] == yearless.first[1:] or dated.last[1:] == yearless.last[1:]


@dataclass(frozen=True, slots=True)
class Name:
    """A person, a place or anything else that is named, by its words."""

    words: tuple[str, ...]

    kind = Kind.NAME

    @property
    def width(self) -> float:
        """How little the name says: the more words, the less is left open."""
        return -float(len(self.words))

    def agrees(self, other: "Value") -> bool | None:
        """Whether one says no more than the other; None where they cannot be compared."""
        if not isinstance(other, Name):
            return None
        few, many = sorted((self.words, other.words), key=len)
        if not few:
            return None
        if _within(few, many) or (len(few) == len(many) and _within(many, few)):
            return True
        if "".join(few) == "".join(many):
            return True
        return len(few) == 1 < len(many) and few[0] == "".join(word[0] for word in many)


Value = Number | Date | Name


def value_at(sentence: str, span: Span, kind: Kind, last: bool = False) -> Value | None:
    """What the words at `span` of a sentence stand for, with those before and after them that qualify it.

    Of the two ends of a life, "(1834–1909)", a date is the first, or with `last` the other one. None where there is
    no value of this kind.
    """
    written = sentence[span.start : span.end]
    if kind in (Kind.NAME, Kind.WORD):
        return name_of(written)
    if kind is Kind.DATE:
        return date_of(written, sentence[: span.start], last)
    found = next(iter(_NUMBER.finditer(sentence, span.start)), None)
    return _number(sentence, found) if found and found.start() < span.end else None


def mentions(text: str, kind: Kind) -> list[Span]:
    """Where values of a kind may stand in a text, in order; of two days that a dash joins both together."""
    if kind is Kind.DATE:
        return [Span(*span) for span in _joined(text, _dates(text, 0))]
    if kind is Kind.STATEMENT:
        return []
    pattern = {Kind.NUMBER: _NUMBER, Kind.NAME: _PROPER, Kind.WORD: _PHRASE}[kind]
    return [Span(*found.span()) for found in pattern.finditer(text)]


def _joined(text: str, dates: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    start = 0
    for at, match in enumerate(dates):
        start = match.start() if at == 0 or not _TO_DATE.fullmatch(text[dates[at - 1].end() : match.start()]) else start
        if at + 1 == len(dates) or not _TO_DATE.fullmatch(text[match.end() : dates[at + 1].start()]):
            yield start, match.end()


# --- numbers ---------------------------------------------------------------------------------------

_WORDED = "|".join([*_UNITS, *SCALES, "dozens", "hundreds", "thousands", "millions", "billions", "trillions"])
_NUMBER = re.compile(
    r"(?P<some>\b(?:several|a few|few|many|a couple(?: of)?|half an?|tens of|hundreds of|dozens of) )?"
    rf"(?P<value>(?<![\w.,–-])(?:\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\b(?:{_WORDED})\b)"
    rf"(?:(?:[ -]| and )(?:{_WORDED})\b)*(?:(?:k|K|bn|m|M)\b)?)",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:over|more than|greater than|at least|no (?:fewer|less) than|upwards of|exceed\w*|above)(?: an?)?\s+$", re.I
)
_UNDER = re.compile(r"\b(?:under|below|less than|fewer than|at most|up to|no more than|as many as)(?: an?)?\s+$", re.I)
_ROUGHLY = re.compile(
    r"(?:\b(?:about|around|nearly|almost|some|roughly|approximately|approx\.?|an? estimated|estimated at|close to|"
    r"circa|c\.|ca\.)(?: an?)?\s*|~\s*)$",
    re.I,
)
_UNTIL = re.compile(r"(?: to |–|-|—| and )(?P<value>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w,])")
_UNIT = re.compile(r"[ -]?(?P<unit>%|(?:per ?cent|percent(?:age)?|square [a-z]+|cubic [a-z]+|[a-z]+[²³23]?)\b)", re.I)
_MONEY = re.compile(r"(?P<unit>US\$|\$|£|€|USD |EUR |GBP |Rs\.? )$")

_SPELLED = {
    "%": ("%", "percent", "per cent", "percentage"),
    "m": ("m", "metre", "meter"),
    "km": ("km", "kilometre", "kilometer"),
    "mi": ("mi", "mile"),
    "ft": ("ft", "foot", "feet"),
    "km2": ("km2", "km²", "square kilometre", "square kilometer"),
    "mi2": ("square mile",),
    "ha": ("ha", "hectare"),
    "acre": ("acre",),
    "kg": ("kg", "kilogram"),
    "lb": ("lb", "pound"),
    "t": ("ton", "tonne"),
    "cc": ("cc", "cubic centimetre", "cubic centimeter"),
    "year": ("year",),
    "month": ("month",),
    "week": ("week",),
    "day": ("day",),
    "hour": ("hour",),
    "minute": ("minute", "min"),
}
_NAMED = {spelled + plural: unit for unit, each in _SPELLED.items() for spelled in each for plural in ("", "s")}
_MEASURES = {
    "m": ("m", Fraction(1)),
    "km": ("m", Fraction(1000)),
    "mi": ("m", Fraction(1609344, 1000)),
    "ft": ("m", Fraction(3048, 10000)),
    "km2": ("m2", Fraction(10**6)),
    "mi2": ("m2", Fraction(2589988)),
    "ha": ("m2", Fraction(10**4)),
    "acre": ("m2", Fraction(4047)),
    "kg": ("kg", Fraction(1)),
    "lb": ("kg", Fraction(45359, 10**5)),
    "t": ("kg", Fraction(1000)),
    "week": ("day", Fraction(7)),
    "day": ("day", Fraction(1)),
    "hour": ("day", Fraction(1, 24)),
    "minute": ("day", Fraction(1, 1440)),
    "year": ("year", Fraction(1)),
    "month": ("year", Fraction(1, 12)),
}


def count_of(written: str) -> Fraction | None:
    """The number that "4,000", "four thousand", "4K" or "1.5 million" stands for; None for no exact one."""
    total = group = Fraction(0)
    found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?|[a-z]+", written.lower())
    for word in found:
        if word[0].isdigit():
            group += Fraction(word.replace(",", ""))
        elif word in _UNITS:
            group += _UNITS[word]
        elif word in _LETTERS:
            group = (group or Fraction(1)) * _LETTERS[word]
        elif SCALES.get(word, 1000) < 1000:
            group = (group or Fraction(1)) * SCALES[word]
        elif word in SCALES:
            total, group = total + (group or 1) * SCALES[word], Fraction(0)
        elif word != "and":
            return None
    return total + group if found else None


def number_of(written: str) -> Number | None:
    """The first number of a text."""
    found = _NUMBER.search(written)
    return _number(written, found) if found else None


def _number(sentence: str, found: re.Match[str]) -> Number | None:
    before, value, some = sentence[: found.start()], found["value"].lower(), (found["some"] or "").lower()
    unit = _unit(sentence, found)
    last = words(value)[-1]
    if last.endswith("s") and last.removesuffix("s") in SCALES:
        scale = Fraction(SCALES[last.removesuffix("s")])
        low = {"tens of": 10, "dozens of": 12, "hundreds of": 100}.get(some.strip(), 1) * scale
        high = None if scale >= 10**6 else low * (10 if some.strip() in ("tens of", "hundreds of") else 1000)
        return Number(low, high, unit)
    exact = count_of(value)
    if exact is None:
        return None
    if some.strip() in ("half a", "half an"):
        return Number(exact / 2, exact / 2, unit)
    if some:
        return Number(exact * 2, exact * 10, unit)
    if _OVER.search(before) or sentence[found.end() :].startswith("+"):
        return Number(exact, None, unit)
    if _UNDER.search(before):
        return Number(Fraction(0), exact, unit)
    if until := _UNTIL.match(sentence, found.end()):
        high = count_of(until["value"])
        if (
            high is not None
            and high > exact
            and (sentence[found.end()] != " " or re.search(r"\b(?:between|from)\s+$", before))
        ):
            return Number(exact, high, unit)
    if _ROUGHLY.search(before):
        return Number(exact * (1 - _ABOUT), exact * (1 + _ABOUT), unit)
    return Number(exact, exact, unit, _last_place(exact))


def _last_place(number: Fraction) -> Fraction:
    """Of 1,900 it is 100."""
    place = Fraction(1)
    if number.denominator > 1 or not number:
        return Fraction(0)
    while not number.numerator % (place * 10):
        place *= 10
    return place


def _unit(sentence: str, found: re.Match[str]) -> str:
    if money := _MONEY.search(sentence[: found.start("value")]):
        return money["unit"].strip()
    after = _UNIT.match(sentence, found.end())
    return _NAMED.get(after["unit"].lower(), "") if after else ""


# --- dates -----------------------------------------------------------------------------------------

_MONTH = rf"(?P<month>{'|'.join(f'{month}|{month[:3]}(?:t)?[.]?' for month in MONTHS)})"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[12]\d{3})"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_DAY}(?: of)? {_MONTH},? {_YEAR}(?!\d)",
        rf"\b{_MONTH} {_DAY},? {_YEAR}(?!\d)",
        r"\b(?P<year>[12]\d{3})-(?P<month>[01]\d)-(?P<day>[0-3]\d)\b",
        rf"\b{_MONTH},? {_YEAR}(?!\d)",
        r"\b(?P<year>\d{1,4}) ?(?P<bc>B\.?C\.?(?:E\.?)?)(?!\w)",
        r"\b(?P<decade>[12]\d{2}0)['’]?s\b",
        r"\b(?P<century>\d{1,2})(?:st|nd|rd|th)[ -]century\b(?: ?(?P<bc>B\.?C\.?(?:E\.?)?)(?!\w))?",
        rf"(?<![\d,.]){_YEAR}(?![\d,]\d)(?!\d)",
        rf"(?<!\d){_DAY}(?: of)? {_MONTH}\b",
        rf"\b{_MONTH} {_DAY}\b(?!,\d)",
    )
)
_TO_YEAR = re.compile(
    r" ?(?:–|-|—|/|\bto\b|\bor\b|\band\b|\buntil\b) ?(?:early |late )?(?P<year>\d{2}(?:\d{2})?)(?![\d–-])"
)
_TO_DATE = re.compile(r" ?(?:–|-|—) ?|, died |; died ")
_EARLY = re.compile(r"\b(?P<part>early|mid|late)(?:[ -]in)?[ -](?:the )?$", re.IGNORECASE)
_AROUND = re.compile(r"(?:\b(?:about|around|circa|c\.|ca\.|approximately|roughly)|~) ?$", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|prior to|by|until) $", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:after|since) $", re.IGNORECASE)
_FIRST, _LAST = (-9999, 1, 1), (9999, 12, 31)


def date_of(written: str, before: str = "", last: bool = False) -> Date | None:
    """The date that a text gives, to the day, month, year, decade or century; of two days the first, or the `last`."""
    text = before + written
    found = _dates(text, len(before))
    if not found:
        return None
    match = found[0]
    if last and len(found) > 1 and _TO_DATE.fullmatch(text[match.end() : found[1].start()]):
        match = found[1]
    return _date(text, match, last)


def _dates(text: str, start: int) -> list[re.Match[str]]:
    """Dates from `start` on, the fullest where several could be read, in order."""
    found = [match for pattern in _DATES for match in pattern.finditer(text, start)]
    kept: list[re.Match[str]] = []
    for match in sorted(found, key=lambda match: (match.start(), -match.end())):
        if not kept or match.start() >= kept[-1].end():
            kept.append(match)
    return kept


def _date(text: str, match: re.Match[str], last: bool) -> Date:
    given, ahead = match.groupdict(), text[: match.start()]
    if given.get("century"):
        end = int(given["century"]) * 100
        years = (-end, 99 - end) if given.get("bc") else (end - 99, end)
        first, final = (years[0], 1, 1), (years[1], 12, 31)
    elif given.get("decade"):
        year = int(given["decade"])
        first, final = (year, 1, 1), (year + (99 if year % 100 == 0 else 9), 12, 31)
    else:
        year = int(given.get("year") or 0) * (-1 if given.get("bc") else 1)
        month, day = _month(given.get("month")), int(given.get("day") or 0)
        first, final = (year, month or 1, day or 1), (year, month or 12, day or 31)
        until = _TO_YEAR.match(text, match.end()) if year > 0 and not day else None
        if until:
            digits = until["year"]
            end = int(digits) if len(digits) == 4 else year - year % 100 + int(digits)
            if end > year:
                first, final = ((end, 1, 1) if last else first), (end, 12, 31)
    if part := _EARLY.search(ahead):
        first, final = _part(first, final, part["part"].lower())
    if _AROUND.search(ahead) and final[0] > 0:
        first, final = (first[0] - _YEARS_ABOUT, 1, 1), (final[0] + _YEARS_ABOUT, 12, 31)
    if first[0] and _BEFORE.search(ahead):
        first = _FIRST
    if first[0] and _AFTER.search(ahead):
        final = _LAST
    return Date(first, final)


def _part(first: tuple[int, int, int], last: tuple[int, int, int], part: str) -> tuple[tuple[int, int, int], ...]:
    """The early, middle or late part of a decade or a year, generously: half of it."""
    years = last[0] - first[0]
    if years:
        at = {"early": 0, "mid": years // 4, "late": years // 2}[part]
        return (first[0] + at, 1, 1), (first[0] + at + years // 2 + 1, 12, 31)
    if first[1] != 1 or last[1] != 12:
        return first, last
    at = {"early": 1, "mid": 4, "late": 7}[part]
    return (first[0], at, 1), (last[0], at + 5, 31)


def _month(written: str | None) -> int:
    if written and written.isdigit():
        return min(int(written), 12)
    return next((n for n, month in enumerate(MONTHS, 1) if written and month[:3].lower() == written[:3].lower()), 0)


def _days(day: tuple[int, int, int]) -> int:
    """A number that orders days."""
    return (day[0] * 12 + day[1] - 1) * 31 + day[2] - 1


# --- names -----------------------------------------------------------------------------------------


_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w’'-]*(?:\.(?=[A-Z]|[ ][A-Z])|(?<=\b[A-Z])\.)?"
_PROPER = re.compile(
    rf"(?<!\w){_CAPITAL}(?:(?:,? |,? (?:of|the|and|de|da|di|del|van|von|der|al|bin|ibn|la|le|&) |-){_CAPITAL}|"
    r", (?=Jr)| \d+(?!\w))*"
)
_BREAK = (
    r"is|was|are|were|be|been|being|has|have|had|a|an|the|and|or|but|by|in|on|at|for|from|to|with|as|who|which|that|than|then|"
    r"this|these|his|her|its|their|he|she|it|they|also|known|called|named|born|played|plays|playing|became|into|during|"
    r"of|not|no|other|first|former|retired|professional|about|after|before|until|since"
)
_PHRASE = re.compile(
    rf"(?<![\w-])(?!(?:{_BREAK})\b)[^\W\d][\w’'.-]*(?:[ /](?!(?:{_BREAK})\b)[^\W\d][\w’'-]*)*", re.IGNORECASE
)


def name_of(written: str) -> Name | None:
    """The words of a name, without accents, endings and articles; None where there are none."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
    plain = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b)", r"\1", plain).replace("’", "'").replace("'s", "")
    found = tuple(dict.fromkeys(terms(plain))) or tuple(dict.fromkeys(words(plain)))
    return Name(found) if found else None


def _within(few: Sequence[str], many: Sequence[str]) -> bool:
    return all(any(_same_word(word, its) for its in many) for word in few)


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) == 1 and long[0] == short) or (len(short) >= 4 and long.startswith(short))


def _meet(low: _Point, high: _Point | None, other_low: _Point, other_high: _Point | None) -> bool:
    return (high is None or other_low <= high) and (other_high is None or low <= other_high)
