"""A message as its parts from top to bottom, and where its buttons lead."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date

from bot.answering.answers import Citation, Searched, Source
from bot.discord.language import _, day
from bot.discord.markup import line
from embeddings.messages import Message

MAX_TEXT = 4000
"""All text of one message in Components V2, in characters."""
ANSWERED, DISPUTED, SILENT, LOOKUP = 0x3BA55D, 0xE67E22, 0x80848E, 0x5865F2
"""Colours."""
QUESTION, TITLE, NAME, WHY = 300, 120, 80, 200
"""Characters of a question, a title, a name and a reason that are shown."""
GONE = Message("This passage is gone: its document was changed or removed since. Ask again.")
READ_AS = Message("read as: {question}")


@dataclass(frozen=True, slots=True)
class Place:
    """A passage, and the characters of its text that are marked: none when they are 0 to 0."""

    passage_id: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Mix:
    """What it takes to list the documents that were searched, those that answer first: short enough for a button.

    Documents are named by their `fingerprint`: `source` is the one that was asked, "" where all were.
    """

    addressing: tuple[str, ...]
    source: str = ""
    after: date | None = None
    before: date | None = None
    page: int = 0
    corpus: str = ""
    """What `corpus_mark` makes of the corpus's name."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page, counted from 0, of the only quotation of a message, whose place may end in a later passage.

    `asker` is the one who may turn to it; 0 for everybody.
    """

    place: Place
    number: int
    asker: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of a message, of one to three texts; with a place, it has a button that opens it."""

    texts: tuple[str, ...]
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A message: its parts from top to bottom. A turn leads to a passage, or to a page of the sources."""

    colour: int
    head: str
    entries: tuple[Entry, ...]
    foot: str
    back: "Place | int | Mix | Leaf | None" = None
    forth: "Place | int | Mix | Leaf | None" = None
    opens: tuple[tuple[int, Place], ...] = ()
    """Citations by number that no entry shows, and where each opens."""
    mix: "Mix | None" = None
    nearest: tuple[Place, ...] = ()
    """What comes nearest where there is no answer."""
    share: int = 0
    """Who may make it public, where it is private and may be."""
    receipt: str = ""
    """The id under which the answer is kept, if it is: it can be voted on."""
    corpus: str = ""
    """What `corpus_mark` makes of the name of the corpus whose sources are listed."""


def fingerprint(document_id: str) -> str:
    """Four characters that stand for a document in a button."""
    return base64.urlsafe_b64encode(hashlib.sha256(document_id.encode()).digest()[:3]).decode()


def corpus_mark(corpus: str) -> str:
    """Four characters that stand for a corpus in a button; none for the one that has no name."""
    return fingerprint(corpus) if corpus else ""


def place_of(citation: Citation) -> Place:
    """Where a quotation is opened: what of it is in its passage."""
    passage = citation.passage
    return Place(passage.id, citation.start - passage.start, min(citation.end, passage.end) - passage.start)


def asked_lines(question: str, read_as: str | None) -> str:
    """The lines of a head that `turn_in` reads: what was asked, and how it was read."""
    read = "\n-# " + _(READ_AS).format(question=line(read_as, QUESTION)) if read_as else ""
    return f"-# {line(question, QUESTION)}{read}"


def foot_of(searched: Searched | None, source: Source, receipt: str = "") -> str:
    """The last line: how many sources answer, of which state of the documents, and the id of a receipt."""
    counts = f"{_(searched.summary)} · " if searched else ""
    counts += f"{line(source.corpus, NAME)}, " if source.corpus else ""
    dated = _("documents as of {day}").format(day=day(source.built_at.date()))
    return f"-# {counts}{dated}" + (" · " + _("receipt {id}").format(id=receipt) if receipt else "")
