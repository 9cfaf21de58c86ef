"""In which language people are told things: that of their Discord where there is a catalogue of it, else English.

Quotations, titles, names and what a model writes never pass through here.
"""

import gettext
import io
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path

from embeddings.messages import Message

ENGLISH = "en"
LANGUAGES = "de", "es", "fr"
"""Those that there are catalogues of, besides English."""
SPAN = Message("{first} to {last}")
"""Of days or years."""
CATALOGUES = Path(__file__).parent / "locales"

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
"""Of whoever is answered in this task."""


def language_of(locale: object) -> str:
    """The language for a locale of Discord's, such as `es-419`; English for None."""
    language = str(locale).partition("-")[0]
    return language if language in LANGUAGES else ENGLISH


def speak(locale: object) -> None:
    """Say what follows in this task in the language for a locale of Discord's."""
    _language.set(language_of(locale))


def catalogue_of(language: str) -> Path:
    """The file with the texts in a language."""
    return CATALOGUES / language / "LC_MESSAGES" / "footnote.po"


def _(text: str) -> str:
    """A text of ours in the language in use, with what was put into it; what no catalogue has stays as it is."""
    if not isinstance(text, Message):
        return in_language(text, _language.get())
    if text.number is None:
        template = in_language(text.template, _language.get())
    else:
        template = _catalogue(_language.get()).ngettext(text.template, text.plural, text.number)
    return (
        template.format(**{name: _written(value) for name, value in text.values.items()}) if text.values else template
    )


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """As `_`, of the text for a number of things, which is the value `n` in it."""
    return _(Message.counted(one, many, count, **values))


def everywhere(text: str) -> tuple[str, ...]:
    """A text of ours in every language."""
    return tuple(in_language(text, language) for language in (ENGLISH, *LANGUAGES))


def in_language(text: str, language: str) -> str:
    """A text of ours in this language."""
    return _catalogue(language).gettext(text) if text else ""  # a catalogue has its own description under ""


def in_english() -> bool:
    """Whether what follows in this task is said in English."""
    return _language.get() == ENGLISH


def digits(value: float) -> str:
    """A number without decimals."""
    if (language := _language.get()) == ENGLISH:
        return f"{value:,.0f}"
    from babel.numbers import format_decimal

    return format_decimal(round(value), locale=language)


def percent(share: float) -> str:
    """A share of 1 in hundredths."""
    if (language := _language.get()) == ENGLISH:
        return f"{share:.0%}"
    from babel.numbers import format_percent

    return format_percent(round(100 * share) / 100, locale=language)


def day(when: date | None) -> str:
    """A date as people write it, without a leading zero; "" where none is known."""
    if when is None:
        return ""
    if (language := _language.get()) == ENGLISH:
        return f"{when.day} {when:%B} {when.year}"
    from babel.dates import format_date

    return format_date(when, "long", locale=language)


def days(first: date, last: date) -> str:
    """A day, or days from one to another."""
    return day(first) if first == last else _(SPAN).format(first=day(first), last=day(last))


def month(when: date) -> str:
    """The month of a date, with its year."""
    if (language := _language.get()) == ENGLISH:
        return f"{when:%B} {when.year}"
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", when, locale=language)


def _written(value: object) -> object:
    if isinstance(value, Message):
        return _(value)
    return digits(value) if isinstance(value, int) else value


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The texts of a language, read when they are first asked for."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(catalogue_of(language).read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
