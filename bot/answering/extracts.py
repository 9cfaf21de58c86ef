"""What answers where no single sentence does: steps, a list, a table, code or a passage, whole."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from bot.answering.confidence import Regression, logistic
from bot.answering.rows import first_line
from bot.question.numbered import Numbered
from embeddings.reading.documents import Document
from embeddings.searching.index import Hit, Index, Ranking
from embeddings.searching.retrieval import Retriever
from embeddings.splitting.passages import PATH, Passage, Span
from embeddings.splitting.structure import ITEMS, Block, BlockKind, blocks
from embeddings.splitting.terms import term_set, terms
from embeddings.splitting.turns import Turn

ROOM = 220
"""Words up to which an extract goes on behind its passage, or takes in its whole section."""
LONGEST = 400
"""Words up to which a list or a table that the passage cuts is quoted whole."""
ITEM = 100
"""Words up to which an item of a list is quoted from its beginning on."""
NAMED = 0.7
"""How sure it is at least that a passage answers whose name is what is asked about: of 40 such, in the
collections that choices are made on, 37 did."""
_COMPARED, _FEW = 9, 3
"""Passages that the first one of a ranking is compared with, and how many of other documents are too few for that."""
_NEAR = 4
"""Passages of the same section, on either side, that an extract may reach into."""

_ASKING = frozenset(terms("mean meaning definition define defined explain work"))
"""What is asked of something ("how does it work"), and no part of its name."""
_NUMBERING = re.compile(
    r"\A(?:(?:chapter|section|part|article|appendix|§) ?)?"
    r"(?:(?:[A-Z]\.)?\d{1,2}(?:\.\d{1,3})*+|(?:[A-Z]|[IVX]{1,5})(?=[.:)]))[.:)]* (?=\S)",
    re.IGNORECASE,
)
"""How a numbered heading begins: "6.1.2 Drop brake test", "A.10: Macros", "Chapter 3. Pumps", not "2026 plans"."""
_CAPTION = re.compile(r"(?:\*\*|__)?Table [\dA-Z]")
"""How the caption of a table begins: "Table 3 - Issuance"."""
_FIRST_CODE = 100
"""Numbers from here on count no sections and rules."""
_ITEM = re.compile(r"[>\s]*(?P<number>\d{1,9})[.)]")


class StatementKind(Enum):
    """What a quotation is: for an extract, what most of it is."""

    SENTENCE = "sentence"
    STEPS = "steps"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    PASSAGE = "passage"


@dataclass(frozen=True, slots=True)
class Extract:
    """Characters of a document that begin in `passage`, and what most of them are."""

    passage: Passage
    span: Span
    kind: StatementKind


def features(ranking: Ranking, retriever: Retriever) -> tuple[float, ...]:
    """What tells whether the first passage of a retriever's ranking answers, in the order of `OF_PASSAGES`."""
    best, *others = ranking.hits
    label_cosine = retriever.label_cosine(ranking.query, best.passage)
    above = best.dense - median(hit.dense for hit in ranking.hits)
    elsewhere = [hit.fused for hit in _elsewhere(best.passage, others)]
    return best.dense, label_cosine, above, best.fused - median(elsewhere) if elsewhere else 0.0


def _elsewhere(best: Passage, others: Sequence[Hit]) -> list[Hit]:
    """The first passages of other documents; where those are too few, of other sections."""
    apart = [hit for hit in others if hit.passage.document_id != best.document_id]
    if len(apart) < _FEW:
        apart = [hit for hit in others if hit.passage.heading != best.heading]
    return apart[:_COMPARED]


def confidence(ranking: Ranking, retriever: Retriever, fitted: Regression, doubt: float = 0.0) -> float:
    """How probable it is that the first passage answers, less sure by `doubt`, as a logit.

    0 for an empty ranking, and where no document has a word of the question; `NAMED` at least where it stands under the
    very name that the question asks about.
    """
    if not ranking.hits or not any(map(retriever.index.lexical.knows, terms(ranking.query))):
        return 0.0
    sure = logistic(fitted.odds(features(ranking, retriever)) - doubt)
    return max(sure, NAMED) if _is_named(ranking.hits[0].passage, _wanted(ranking), retriever.index) else sure


class _Unit(NamedTuple):
    """A sentence, and the block that it stands in."""

    span: Span
    block: Block
    words: int

    def goes_with(self, other: "_Unit") -> bool:
        """Whether both are of one list, table, quotation or block of code."""
        return self.block.group is not None and self.block.group == other.block.group


def extract(passage: Passage, index: Index, turn: Turn | None = None) -> Extract:
    """A passage with whole lists, tables and sentences around it, up to `ROOM` words, within its section.

    Behind it first, then before it: how to do something goes on, and "Alternatively" goes on from something. Of a
    transcript it is one turn, or as much of it as has room from where the passage begins, or before.
    """
    document = index.document_of[passage.document_id]
    section, units = _around(document, passage, index)
    if turn:
        units = [unit for unit in units if turn.start <= unit.span.start < turn.end]
    first = next(n for n, unit in enumerate(units) if unit.span.end > passage.start)
    last = max(n for n, unit in enumerate(units) if unit.span.start < passage.end)
    first, last = _whole(units, first)[0], _whole(units, last)[1]
    while last + 1 < len(units):
        further = _end(units, last + 1)
        if sum(unit.words for unit in units[first : further + 1]) > ROOM:
            break
        last = further
    while first:
        further = _whole(units, first - 1)[0]
        if sum(unit.words for unit in units[further : last + 1]) > ROOM:
            break
        first = further
    return _of(units[first : last + 1], section)


def with_named_first(ranking: Ranking, index: Index) -> Ranking:
    """A ranking with what the question names before all else: asked "What is a vault?", what stands under "Vault".

    That is the first of the best passages whose heading, or its document's title where it has none, is made of the
    words that the question asks about, and of no others; a heading's number is none. Of several that stand under it,
    that with which the section begins.
    """
    wanted = _wanted(ranking)
    named = [hit for hit in ranking.hits[: _COMPARED + 1] if _is_named(hit.passage, wanted, index)]
    if not named:
        return ranking
    section = named[0].passage.document_id, named[0].passage.heading
    beside = (hit for hit in named if (hit.passage.document_id, hit.passage.heading) == section)
    first = min(beside, key=lambda hit: hit.passage.start)
    return replace(ranking, hits=(first, *(hit for hit in ranking.hits if hit is not first)))


def _wanted(ranking: Ranking) -> Set[str]:
    """The words that a question asks about."""
    asked = term_set(ranking.query)
    return asked - _ASKING or asked


def _is_named(passage: Passage, wanted: Set[str], index: Index) -> bool:
    return bool(wanted) and term_set(name_of(passage, index)) == wanted


def name_of(passage: Passage, index: Index) -> str:
    """The heading that a passage stands right under, without its number, or else its document's title."""
    name = passage.heading.rpartition(PATH)[2] or index.document_of[passage.document_id].title
    return _NUMBERING.sub("", name)


def numbered(ranking: Ranking, wanted: Numbered, index: Index) -> list[Extract]:
    """The numbered thing that is wanted, from each document that has it among the ranked passages.

    It has a heading of its own, or is an item of a list under a heading, or else a title, that names such things; a
    number of three figures or more is that of its heading wherever in a document that speaks of such things it stands
    ("10.4.18 417 Expectation Failed").
    """
    found: dict[str, Extract] = {}
    labelled = [(hit.passage, labels_of(hit.passage, index)) for hit in ranking.hits]
    for passage, (*above, heading) in labelled:
        of_its_kind = wanted.thing in heading.lower() or any(map(wanted.is_one_of, above))
        if (wanted.is_named(heading) and of_its_kind) or _is_coded(passage, heading, wanted, index):
            found.setdefault(passage.document_id, extract(passage, index))
    for nearest in (True, False):
        for passage, labels in [] if found else labelled:
            if any(map(wanted.is_one_of, labels[-1:] if nearest else labels)) and (
                item := _item(passage, wanted.number, index)
            ):
                found.setdefault(passage.document_id, item)
    return list(found.values())


def _is_coded(passage: Passage, heading: str, wanted: Numbered, index: Index) -> bool:
    """Whether a heading begins with the number, and that with more figures than a section's or a rule's has."""
    if wanted.number < _FIRST_CODE or not wanted.is_named(_NUMBERING.sub("", heading)):
        return False
    return wanted.thing in index.document_of[passage.document_id].text.lower()


def labels_of(passage: Passage, index: Index) -> list[str]:
    """The title of a passage's document, and the headings that it stands under, the outermost first."""
    return [index.document_of[passage.document_id].title, *filter(None, passage.heading.split(PATH))]


def _item(passage: Passage, number: int, index: Index) -> Extract | None:
    """The item with that number of a numbered list in a passage's section, whole and with its number."""
    document = index.document_of[passage.document_id]
    section, units = _around(document, passage, index)
    lists: dict[int | None, dict[int, None]] = {}
    for unit in units:
        if unit.block.kind is BlockKind.STEP and unit.block.level == 1:
            lists.setdefault(unit.block.group, {})[unit.block.start] = None
    for group, starts in lists.items():
        items = [*starts, len(document.text)]
        first = _ITEM.match(document.text, items[0])
        at = number - int(first["number"]) if first else -1
        marked = _ITEM.match(document.text, items[at]) if 0 <= at < len(starts) else None
        if marked:
            whole = [
                unit for unit in units if unit.block.group == group and items[at] <= unit.span.start < items[at + 1]
            ]
            found = _of(whole, section)
            return replace(found, span=Span(marked.start("number"), found.span.end))
    return None


def up_to(passage: Passage, start: int, ends: Callable[[str], bool], index: Index) -> Extract:
    """What begins at a sentence, up to the first that ends it or to the next heading, within `ROOM` words."""
    document = index.document_of[passage.document_id]
    section, units = _around(document, passage, index)
    until = max(each.end for each in section if each.heading == passage.heading)
    first = next(n for n, unit in enumerate(units) if unit.span.start == start)
    last, words = first, units[first].words
    for n, unit in enumerate(units[first + 1 :], first + 1):
        words += unit.words
        if words > ROOM or unit.span.start >= until or ends(document.text[slice(*unit.span)]):
            break
        last = n
    return _of(units[first : last + 1], section)


def header(passage: Passage, quoted: Span, index: Index) -> Extract | None:
    """The header of the table whose row is quoted; None for what is no row or is the header, and for an empty one."""
    document = index.document_of[passage.document_id]
    if not document.text.startswith("|", quoted.start):
        return None
    start = first_line(document.text, quoted.start)
    passages = index.passages_of[document.id]
    above = next((each for each in reversed(passages[: passages.index(passage) + 1]) if each.start <= start), passage)
    span = next((span for span in above.sentences if span.start == start < quoted.start), None)
    if span is None or not any(map(str.isalnum, document.text[slice(*span)])):
        return None
    return Extract(above, span, StatementKind.TABLE)


def with_block(passage: Passage, quoted: Span, index: Index) -> Extract | None:
    """A run of sentences with the list, table or code that its last one leads to by a colon, or with the whole of the
    code that it is a piece of and what leads to that, or with the rows of the table that it is the header of, or from
    the beginning of the item on that it is of: "- interval: how often it is read. Defaults to 60 s.".

    None where there is no more to either, or more than `ROOM` words, of an item `ITEM`; of a table so many rows are
    quoted.
    """
    document = index.document_of[passage.document_id]
    section, units = _around(document, passage, index)
    first = next((n for n, unit in enumerate(units) if unit.span.start == quoted.start), None)
    last = next((n for n, unit in enumerate(units) if unit.span.end == quoted.end), None)
    if first is None or last is None:
        return None
    start, end = _whole(units, last)
    if units[last].block.kind is BlockKind.CODE:
        start = min(first, start)
    elif document.text[quoted.end - 1] == ":" or _CAPTION.match(document.text, quoted.start):
        start = first
    elif first == last and units[first].block.kind is BlockKind.ROW and units[first] is _header_of(units, units[first]):
        start, end = first, _rows_within(units, first)
    else:
        return _from_item(units, first, last, section)
    found = units[start : end + 1]
    more = start < first or end > last
    return _of(found, section) if more and sum(unit.words for unit in found) <= ROOM else None


def _from_item(units: Sequence[_Unit], first: int, last: int, section: Sequence[Passage]) -> Extract | None:
    """A run of sentences from the beginning of the item of a list on that it is of, where it does not begin there."""
    start = next(n for n, unit in enumerate(units) if unit.block.start == units[first].block.start)
    found = units[start : last + 1]
    if units[first].block.kind not in ITEMS or start == first or sum(unit.words for unit in found) > ITEM:
        return None
    return replace(_of(found, section), kind=StatementKind.SENTENCE)


def _header_of(units: Sequence[_Unit], row: _Unit) -> _Unit:
    """The first row of the table that a row is of."""
    return next(unit for unit in units if unit.block.kind is BlockKind.ROW and unit.block.group == row.block.group)


def _rows_within(units: Sequence[_Unit], header: int) -> int:
    """The last row of a table, or the last that is within `ROOM` words from its header on."""
    end, words = header, units[header].words
    while end + 1 < len(units) and units[end].goes_with(units[end + 1]) and words + units[end + 1].words <= ROOM:
        end += 1
        words += units[end].words
    return end


def _of(units: Sequence[_Unit], section: Sequence[Passage]) -> Extract:
    """Sentences that follow each other in a section."""
    span = Span(units[0].span.start, units[-1].span.end)
    begins = next(one for one in section if one.start <= span.start < one.end)
    return Extract(begins, span, _kind(units))


def _around(document: Document, passage: Passage, index: Index) -> tuple[list[Passage], list[_Unit]]:
    """The passages of a passage's section, and its sentences with their blocks."""
    section = _section(index.passages_of[document.id], passage)
    return section, _units(document, section, passage)


def _section(passages: Sequence[Passage], passage: Passage) -> list[Passage]:
    """The passages under the same heading, a few on either side, and behind them those under headings within it."""
    at = passages.index(passage)
    first, last = at, at
    while first and at - first < _NEAR and passages[first - 1].heading == passage.heading:
        first -= 1
    while last + 1 < len(passages) and last - at < _NEAR and _is_within(passages[last + 1], passage):
        last += 1
    return list(passages[first : last + 1])


def _is_within(other: Passage, passage: Passage) -> bool:
    """Whether another passage is under the same heading, or under one within it, as all are within the whole text."""
    return not passage.heading or f"{other.heading}{PATH}".startswith(f"{passage.heading}{PATH}")


def _units(document: Document, section: Sequence[Passage], passage: Passage) -> list[_Unit]:
    """The sentences of a section, each with its block; none from beyond a heading, and no line across."""
    start, end = section[0].start, section[-1].end
    found = [
        block._replace(start=block.start + start, end=block.end + start) for block in blocks(document.text[start:end])
    ]
    starts = [block.start for block in found]
    units = []
    silent = not any(map(str.isalnum, passage.text))
    spans = {span for each in section for span in each.sentences}
    for span in sorted(span for span in spans if silent or any(map(str.isalnum, document.text[slice(*span)]))):
        block = found[max(bisect_right(starts, span.start) - 1, 0)]
        units.append(_Unit(span, block, len(document.text[span.start : span.end].split())))
    headings = [block.start for block in found if block.kind is BlockKind.HEADING]
    again = [each.start for each in section if each.heading == passage.heading]
    after = max((at for at in headings if at <= passage.start), default=start)
    before = min((at for at in headings if passage.end <= at < again[-1]), default=end)
    return [unit for unit in _led_in(document, units) if after <= unit.span.start < before]


def _led_in(document: Document, units: Sequence[_Unit]) -> list[_Unit]:
    """A sentence that ends with a colon belongs to the list, table or code behind it, and a caption to its table."""
    led = list(units)
    for n, (unit, following) in enumerate(pairwise(units)):
        of_table = following.block.kind is BlockKind.ROW and _CAPTION.match(document.text, unit.span.start)
        if unit.block.group is None and (of_table or document.text[unit.span.end - 1] == ":"):
            led[n] = unit._replace(block=unit.block._replace(group=following.block.group))
    return led


def _whole(units: Sequence[_Unit], at: int) -> tuple[int, int]:
    """The first and the last sentence of the list, table or code that a sentence is of; itself where it is of none.

    And where that is longer than `LONGEST` words, which is cut where the passage is.
    """
    start, end = at, _end(units, at)
    while start and units[start].goes_with(units[start - 1]):
        start -= 1
    long = sum(unit.words for unit in units[start : end + 1]) > LONGEST
    return (at, at) if long else (start, end)


def _end(units: Sequence[_Unit], at: int) -> int:
    """Where what a sentence belongs to ends."""
    while at + 1 < len(units) and units[at].goes_with(units[at + 1]):
        at += 1
    return at


def _kind(units: Sequence[_Unit]) -> StatementKind:
    words = {kind: sum(unit.words for unit in units if unit.block.kind is kind) for kind in BlockKind}
    half = sum(words.values()) / 2
    if sum(unit.block.kind is BlockKind.STEP for unit in units) > 1:
        return StatementKind.STEPS
    for kind, name in (
        (BlockKind.ROW, StatementKind.TABLE),
        (BlockKind.CODE, StatementKind.CODE),
        (BlockKind.ITEM, StatementKind.LIST),
    ):
        if words[kind] > half:
            return name
    return StatementKind.PASSAGE
