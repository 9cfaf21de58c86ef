"""Which language a document or a question is in, if that is surely not English, the one that answers are judged in."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

SURE = 0.75
"""How probable the language of a document must be. Of 3,700 of manuals, laws, newspapers and courses, which hold code
and tables too, none in English has another one as probable as that, and of 73 in other languages that say more than a
form all have."""
SHORT = 0.3
"""And that of a question, which says less: all of 26 in Spanish and Portuguese, and 3 in 1,000 of 2,022 in English."""
BEGINNING = 10_000
"""Characters of a document that are looked at."""
_NAMED = 3
"""Languages that are named."""
_CREOLES = {"pcm"}
"""What questions in curt English are taken for otherwise: Nigerian Pidgin."""
_NO_WORDS = "zxx"
"""The code of what is no language, such as a listing."""


def language_of(text: str, sure: float = SURE) -> str:
    """The ISO 639 code of the language of a text; empty for English, for no language, and where it is not sure.

    >>> language_of("Der Hafen ist im Winter geschlossen, weil das Eis zu dick wird.")
    'de'
    >>> language_of("The harbour is closed in winter, as the ice is too thick.")
    ''
    """
    identifier = _identifier()
    if identifier is None:
        return ""
    code, probability = identifier.classify(text[:BEGINNING])
    return str(code) if code not in ("en", _NO_WORDS) and probability >= sure else ""


def names_of(codes: Sequence[str]) -> str:
    """The languages of documents in words, the most frequent first: "31 Portuguese, 2 German, 9 others"."""
    from babel import Locale

    names = Locale("en").languages
    most = [(names.get(code, code), count) for code, count in Counter(codes).most_common(_NAMED)]
    others = len(codes) - sum(count for _, count in most)
    return ", ".join(f"{count:,} {name}" for name, count in (*most, ("others", others)) if count)


def let_go() -> None:
    """Give back the model's 100 MB, where a process goes on after a build."""
    _identifier.cache_clear()


@lru_cache(1)
def _identifier() -> Any:
    """The model, which takes 0.7 s and some memory; None where there is no room to unpack it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError:
        return None
    identifier.set_languages([code for code in identifier.nb_classes if code not in _CREOLES])
    return identifier
