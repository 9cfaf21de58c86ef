"""What only leads elsewhere: pictures, lists of links to other pages, of sources: they answer nothing themselves.

And what is beside the point: the notes of a release say what changed then, and exercises ask, they do not tell.
"""

import re
from dataclasses import replace

from bot.english.voices import SIGNED
from embeddings.searching.index import Hit, Ranking
from embeddings.splitting.passages import PATH, Passage

_PICTURE = re.compile(r"!\[[^\[\]\n]{0,200}\]\([^()\n]{0,400}\)|!\[\[[^\[\]\n]{1,400}\]\]")
_LINK = re.compile(r"\[[^\[\]\n]{1,200}\]\((?![a-z][a-z0-9+.-]{1,20}:)[^()\n]{1,400}\)", re.IGNORECASE)
"""To another page or place of the folder: an address with a scheme may be what is asked for."""
_MARK = re.compile(r"[\s>]*+(?:[*+|-]|\d{1,9}[.)])(?:\s*\d{1,9}[.)])?")
"""How an item of a list or a row of a table begins."""

_BIBLIOGRAPHY = re.compile(
    r"(?:.* > )?[\d. ]*(?:references|bibliography|(?:works|literature) cited|literatur(?:verzeichnis)?|bibliographie|"
    r"références|referencias|bibliografía)",
    re.IGNORECASE,
)
_INDEX = re.compile(
    r"(?:.* > )?(?:(?:table of )?contents|index|inhalt(?:sverzeichnis)?|stichwortverzeichnis|sommaire|"
    r"table des matières|índice|indice)",
    re.IGNORECASE,
)
_PAGED = re.compile(r"\d(?: \|)?$|, ?\d")
"""An entry that says on which page something stands: "Causby, 1–3"."""
_NUMBER = r"\d++(?:\.\d++)++[\w.+-]*+"
_DAY = r"(?:[\W_]*+(?:\d++(?:st|nd|rd|th)?+|(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*+))*+[\W_]*+"
_RELEASE = re.compile(
    rf"(?:(?!version |release )[\w-]++ )?+(?:version|release|v\.?) ?{_NUMBER}{_DAY}|\[?\d++\.\d++\.\d[\w.+-]*+{_DAY}|"
    rf"(?:[\w-]++ )?+{_NUMBER}(?=.*\b(?:19|20)\d\d\b){_DAY}|change[ -]?log\b.*",
    re.IGNORECASE,
)
"""The heading of a release's notes: "Version 1.0.8 (2016-10-17)", "[2.1.0]", "3.2 - 5 May 2021"; not "3.2 Setup"."""
_OF_RELEASES = re.compile(
    r"\d\.\d|\b(?:version|release|chang|new(?:er|est)?\b|latest|updat|upgrad|since\b|add(?:ed|s)\b|introduc|remov|renam|"
    r"deprecat|when\b|no longer|any ?more)",
    re.IGNORECASE,
)
"""What a question says that the notes of releases may answer."""
_EXERCISES = re.compile(
    r"[\d. ]*(?:exercises?|quiz(?:zes)?|problem sets?|practice problems|(?:review|practice|study|discussion) questions|"
    r"(?:übungs)?aufgaben|übungen|exercices|ejercicios)(?: [\d.]+)?",
    re.IGNORECASE,
)
_OF_EXERCISES = re.compile(r"\b(?:exercise|quiz|problem|question|practi[cs]|assignment|homework|task)", re.IGNORECASE)
"""What a question says that exercises may answer."""
_SOURCE = re.compile(r"\b(?:1[5-9]|20)\d\d\b|\bdoi\b|https?://|\bn\.\s?d\.|\]\(", re.IGNORECASE)
_NOTE = re.compile(r"\A[⁰¹²³⁴-⁹]")
"""How a note begins: "¹² See the report of 2016."."""
_NEXT = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+\.)[ \t])")


def says_nothing(sentence: str) -> bool:
    """Whether a sentence is nothing but pictures, or an item of a list or a row that is nothing but links to pages.

    Or says whose a block quotation is: "> — Ann Lee". "[MIT](LICENSE)", alone in its paragraph, may be what is asked
    for.

    >>> says_nothing("![A map](map.png)"), says_nothing("[MIT](LICENSE)")
    (True, False)
    >>> says_nothing("* [Rally points](rally.md)"), says_nothing("* [Rally points](rally.md): where to land")
    (True, False)
    """
    if sentence.startswith((">", "—", "--")) and SIGNED.match(sentence):
        return True
    words = _PICTURE.sub("", sentence)
    mark = _MARK.match(words)
    left = _LINK.sub("", words[mark.end() :]) if mark else words
    return not any(map(str.isalnum, left))


def without_contents(ranking: Ranking) -> Ranking:
    """A ranking without tables of contents: passages of which more than half says nothing, pictures not counted."""
    return replace(ranking, hits=tuple(hit for hit in ranking.hits if not _is_contents(hit.passage)))


def without_directories(ranking: Ranking) -> Ranking:
    """A ranking without lists of sources or of pages: below "References", with years; below "Index", with pages."""
    return replace(ranking, hits=tuple(hit for hit in ranking.hits if not _is_directory(hit.passage)))


def with_asides_last(ranking: Ranking) -> Ranking:
    """A ranking with the notes of releases and exercises behind all else, unless the question may be about them.

    Every option and every mistake of a program is named in its releases' notes, in few words and without what to do,
    and all that a lesson teaches in its exercises. The notes below a text, which say whence it has what it says, are
    last, too.
    """
    releases, exercises = _OF_RELEASES.search(ranking.query), _OF_EXERCISES.search(ranking.query)

    def is_aside(hit: Hit) -> bool:
        if (not releases and is_of_release(hit.passage)) or (not exercises and _is_exercise(hit.passage)):
            return True
        return _most(_NOTE, hit.passage)

    return replace(ranking, hits=tuple(sorted(ranking.hits, key=is_aside)))


def is_of_release(passage: Passage) -> bool:
    """Whether a passage is of the notes of a release, by its headings: "Change Log > Version 1.0.8 (2016-10-17)"."""
    return any(_RELEASE.fullmatch(heading) for heading in passage.heading.split(PATH))


def _is_exercise(passage: Passage) -> bool:
    """Whether a passage stands below a heading such as "Exercises" or "Review questions"."""
    return any(_EXERCISES.fullmatch(heading) for heading in passage.heading.split(PATH))


def _is_contents(passage: Passage) -> bool:
    sentences = map(passage.text_of, passage.sentences)
    silent = [says_nothing(each) for each in sentences if any(map(str.isalnum, _PICTURE.sub("", each)))]
    return 2 * sum(silent) > len(silent) or not silent


def _is_directory(passage: Passage) -> bool:
    """Whether it is below a heading such as "References", and most of its entries have a year or lead to a place, or
    below one such as "Index" or "Contents", and most of them have a page."""
    if _BIBLIOGRAPHY.fullmatch(passage.heading):
        return _most(_SOURCE, passage)
    return _INDEX.fullmatch(passage.heading) is not None and _most(_PAGED, passage)


def _most(pattern: re.Pattern[str], passage: Passage) -> bool:
    """Whether most entries of a list have what a pattern finds."""
    entries = [entry.strip() for entry in _NEXT.split(passage.text) if any(map(str.isalnum, entry))]
    return 2 * sum(pattern.search(entry) is not None for entry in entries) > len(entries)
