"""What stands at the same place of many pages: running heads, feet and page numbers, which are no part of the text."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain

from embeddings.reading.pages.lines import Line, grouped, is_level, letters_of, usual_size

_EDGE = 3
"""So many lines at the top of a page, and at its bottom, may be a running head."""
_NEAR = 8
"""Points that the same head may stand higher or lower on another page."""
_GAP = 1.6
"""Times the size of most text that a head stands apart from it, at least, if it changes from part to part."""
_OF_PAGES = re.compile(r"\b(?:page|seite|pagina|página|pág|p)\b", re.IGNORECASE)
_LARGEST_SHARE = 0.3
"""Of a page's characters, that its running heads may be."""
_FEW_CHARACTERS = 600
"""A page that has fewer is a slide's."""
_SENTENCE = 8
"""Words of a sentence at a page's edge that says something."""
_DIGITS = re.compile(r"\d+")
_LINE_NUMBER = re.compile(r"[A-Z]?\d{1,3}[A-Z]?")
"""What counts the lines of a page, in its margin."""
_TOP, _BOTTOM = 10**6, -(10**6)
_Sign = tuple[str, int, int | None]
"""A running head's words, its place, and by how much its number is ahead of the page's, from 0."""


def without_running_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The lines of pages but those at the edge of one that stand at the same place of many others, too.

    They are the same but for the page's number, or change from part to part of the text, with what stands beside them;
    of two pages, which may be a letter and its copy, smaller than most of the text, and on a page of few words no
    larger, as titles of slides would be. What says something is kept where it stands first, and a page of which they
    would be a good part is kept whole.
    """
    pages = _without_line_numbers(pages)
    size = usual_size(line for page in pages for line in page)
    edges: list[dict[int, set[_Sign]]] = []
    for page in pages:
        is_slide = sum(len(line.text) for line in page) < _FEW_CHARACTERS
        largest = (0.95 if len(pages) < 3 else 1.08 if is_slide else math.inf) * size
        edges.append({at: _signs(page, at, page[at].size < 0.95 * size) for at in _at_edges(page, largest)})
    seen = Counter(sign for edge in edges for sign in set().union(*edge.values()))
    several = max(min(3, len(pages)), 2, len(pages) / 3)
    chapters = _chapters(seen, several)
    common = chapters | {sign for sign, times in seen.items() if times >= several and sign[1] not in (_TOP, _BOTTOM)}
    found = [{at: common & signs for at, signs in edge.items() if common & signs} for edge in edges]
    rows = [
        list(_set_apart(page, edge.keys(), heads.keys(), size))
        for page, edge, heads in zip(pages, edges, found, strict=True)
    ]
    apart = [set().union(*map(edge.__getitem__, row)) for edge, row in zip(edges, rows, strict=True)]
    changing = _changing(apart, several)
    of_parts = {place for _, place, _ in changing}
    kept: list[list[Line]] = []
    once: set[str] = set()
    for page, edge, heads, row in zip(pages, edges, found, rows, strict=True):
        said = _said(sorted((page[at] for at in heads), key=lambda line: (-line.y, line.x)), size, once)
        first = {
            at
            for at, signs in heads.items()
            if page[at] in said and all(counts is None and place not in of_parts for _, place, counts in signs)
        }
        left_out = (heads.keys() - first) | {at for at in row if changing & edge[at]}
        left_out |= {at for at in row if any(is_level(page[at], page[head]) for head in left_out)}
        many = sum(len(page[at].text) for at in left_out if page[at].size >= 0.95 * size)
        whole = many > _LARGEST_SHARE * sum(len(line.text) for line in page)
        kept.append([line for at, line in enumerate(page) if whole or at not in left_out])
    return kept


def _without_line_numbers(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The lines of pages but the numbers that stand at the same place of many."""

    def place(line: Line) -> tuple[str, int, int]:
        return line.text, round(line.x / _NEAR), round(line.y / _NEAR)

    numbers = ({place(line) for line in page if _LINE_NUMBER.fullmatch(line.text)} for page in pages)
    seen = Counter(chain.from_iterable(numbers))
    several = max(3, len(pages) / 3)
    return [[line for line in page if seen[place(line)] < several] for page in pages]


def _said(heads: Sequence[Line], size: float, before: set[str]) -> set[Line]:
    """Of a page's heads, those that say something which none before did: as large as the text, or in a sentence."""
    said = {line for line in heads if line.size >= 0.95 * size}
    for small in grouped(
        (line for line in heads if line.size < 0.95 * size), lambda line, group: not _is_next(line, group)
    ):
        if any(line.text.endswith((".", "!", "?")) and len(line.text.split()) >= _SENTENCE for line in small):
            said |= set(small)
    new = {
        line for line in said if letters_of(line.text) and not _OF_PAGES.search(line.text) and line.text not in before
    }
    before |= {line.text for line in new}
    return new


def _is_next(line: Line, group: Sequence[Line]) -> bool:
    return 0 < group[-1].y - line.y < 2 * line.size


def _at_edges(page: Sequence[Line], largest: float) -> Iterator[int]:
    """Which lines of a page are the outermost at its top and its bottom; those beside each other count once."""
    rows: dict[int, list[int]] = {}
    for at, line in enumerate(page):
        rows.setdefault(round(line.y / 2), []).append(at)
    places = sorted(rows)
    for place in {*places[:_EDGE], *places[-_EDGE:]}:
        yield from (at for at in rows[place] if len(rows[place]) <= _EDGE and page[at].size <= largest)


def _set_apart(page: Sequence[Line], edge: Set[int], heads: Set[int], size: float) -> Iterator[int]:
    """Which lines at the edges of a page, but for its common heads, are the first or the last, apart from the rest."""
    levels = sorted({line.y for at, line in enumerate(page) if at not in heads})
    for outer, inner in ((levels[:1], levels[1:]), (levels[-1:], levels[-2::-1])) if levels else ():
        further = next((y for y in inner if abs(y - outer[0]) > 0.4 * size), None)
        if further is not None and abs(further - outer[0]) > _GAP * size:
            yield from (at for at in edge - heads if abs(page[at].y - outer[0]) <= 0.4 * size)


def _signs(page: Sequence[Line], at: int, smaller: bool) -> set[_Sign]:
    """What a running head shares with others: its words at its place, apart from a number that counts as pages do.

    Such a number may be the invoice's or the week's, so what stands with it is smaller, or says "page", or nothing;
    or it is the head of a chapter, which differs between pages: "12 Pumps", outermost.
    """
    line = page[at]
    places = (round(line.y / _NEAR), -1 - round(line.y / _NEAR + 0.5))
    signs: set[_Sign] = {(line.text, place, None) for place in places}
    edges = [
        edge for edge, outermost in ((_TOP, max), (_BOTTOM, min)) if line.y == outermost(other.y for other in page)
    ]
    for number in _DIGITS.finditer(line.text):
        rest = f"{line.text[: number.start()]}#{line.text[number.end() :]}"
        if len(number[0]) > 4:
            continue
        counts = int(number[0]) - line.page
        if smaller or _OF_PAGES.search(rest) or not letters_of(rest):
            signs |= {(rest, place, counts) for place in places}
        signs |= {(rest, edge, counts) for edge in edges}
    return signs


def _changing(apart: Iterable[set[_Sign]], several: float) -> set[_Sign]:
    """Heads that change from part to part of a text: on many pages there stands at one place what another has there."""
    seen = Counter(sign for page in apart for sign in page if sign[2] is None and letters_of(sign[0]))
    again = {sign: times for sign, times in seen.items() if times > 1}
    often: Counter[int] = Counter()
    for (_, place, _), times in again.items():
        often[place] += times
    return {sign for sign in again if often[sign[1]] >= several}


def _chapters(seen: Mapping[_Sign, int], several: float) -> set[_Sign]:
    """Heads that count on from each other, of which one at least is on several pages."""
    chapters: set[_Sign] = set()
    groups: dict[tuple[int, int], list[_Sign]] = {}
    for sign in seen:
        words, place, counts = sign
        if place in (_TOP, _BOTTOM) and counts is not None and letters_of(words):
            groups.setdefault((place, counts), []).append(sign)
    for group in groups.values():
        if len(group) > 1 and max(seen[sign] for sign in group) > 1 and sum(seen[sign] for sign in group) >= several:
            chapters |= set(group)
    return chapters
