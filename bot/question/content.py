"""Whether there is anything in a question that could be looked up, or in a claim that could be checked."""

import re
from collections.abc import Sequence

from bot.english.counts import counts
from bot.english.patterns import HELPING, WORD
from bot.english.words import FUNCTION, PAST, Word, is_past, key, read
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.splitting.terms import STOPWORDS, words

_ASKS_NOTHING = Message("This question names nothing that could be looked up: say who or what it is about.")
_CLAIMS_NOTHING = Message(
    "This says nothing that could be checked: write what you want to know as a whole sentence, such as “The bridge was "
    "closed on Monday.”"
)
_HELPING = re.compile(rf"{HELPING}|be|been|being")
_BEFORE_NOUNS = frozenset(
    "the a an this that these those his her its their our my your no some any all both each every another other many "
    "few several more most in at of to from against with for on by near into over under before after outside across "
    "around along among between within about during since until and or".split()
)
"""What stands before a noun, so that the word behind is no verb."""
_EMPTY = {key(word) for word in "happen occur say true false right wrong correct real fact case thing way".split()}
"""Words that say something only together with others: "it happened", "that is true"."""
_HEADLINE = 5
"""From so many words on, capitals on all of them do not make them names."""
_DOING = {key(word) for word in PAST.values()} | {key(word) for word in "deploy call aim order use".split()}


def check_question(text: str) -> None:
    """Raise BadRequest for a question in which no word carries meaning.

    A word such as "us" does in capitals ("the US"), and where it has one as a part of a name ("The Who").
    """
    if any(word not in STOPWORDS and any(map(str.isalnum, word)) for word in words(text)):
        return
    written = WORD.findall(text)
    shouted = len(written) > 1 and all(word.isupper() for word in written)
    names = [word for at, word in enumerate(written) if word[0].isupper() and word != "I" and (at or word.isupper())]
    if shouted or not any(len(word) > 1 for word in names):
        raise BadRequest(_ASKS_NOTHING)


def check_claim(text: str) -> None:
    """Raise BadRequest for what claims nothing: names alone ("in Oslo"), or what leaves open what it is about.

    "It happened" and "that is false" do, "Berg lied" and "Oslo is in Norway" do not.
    """
    found = read(text)
    verbs = [at for at in range(len(found)) if _is_verb(found, at)]
    content = [word for word in found if word.key and word.key not in _EMPTY]
    names = [at for at, word in enumerate(found) if word.name]
    said = any(not word.name or is_past(word.text.lower()) or word.key in _DOING for word in content)
    counted = bool(names) and bool(counts(text))
    related = any(min(names, default=at) < at < max(names, default=at) for at in verbs)
    headline = len(content) >= _HEADLINE and all(word.name for word in content)
    if not headline and not (verbs and (said or counted or related)):
        raise BadRequest(_CLAIMS_NOTHING)


def _is_verb(found: Sequence[Word], at: int) -> bool:
    """Whether a word may be a verb: by its form, or as far as the word before lets it be one.

    Behind a number it is a noun ("5 meets"), but for one that tells one thing from others ("Section 3 meets").
    """
    word, before = found[at], found[at - 1] if at else None
    low = word.text.lower()
    if _HELPING.fullmatch(low) or is_past(low):
        return True
    if before is None or low in FUNCTION or low[0].isdigit() or (word.name and word.key not in _DOING):
        return False
    numbering = at > 1 and found[at - 2].text[0].isupper() and found[at - 2].text.lower() not in FUNCTION
    return before.text.lower() not in _BEFORE_NOUNS and (numbering or not before.text[0].isdigit())
