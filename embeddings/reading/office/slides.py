"""Turn the bytes of a presentation (PPTX) into a draft of a document: a page a slide, with its title as heading."""

import io
import re
from collections.abc import Iterator
from typing import Any

from lxml.etree import _Element
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn

from embeddings.reading.formats import Draft, Found, Remark, Unreadable, cleaned, counted, given_title, one_line
from embeddings.reading.marks import LOWERED, MAX_DEPTH, RAISED, Writer, joined, paged, repeated, whole, with_small
from embeddings.reading.office.formulas import FORMULA, formula
from embeddings.reading.office.packed import NO_TEXT, tree, unpacked

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
_BODIES = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY, PP_PLACEHOLDER.VERTICAL_OBJECT)
_FURNITURE = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER)
_BULLETS = ("a:buChar", "a:buBlip")
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_EITHER = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_FACE = qn("a:latin")
_FIXED = re.compile(r"mono|courier|consol|menlo|code|terminal", re.IGNORECASE)
"""How typefaces of fixed pitch are called."""
_MOST_NESTED = 20
_ROW = 91_440
"""Shapes whose tops differ by less, a tenth of an inch, stand in one row."""


def read_pptx(data: bytes, stem: str) -> Found:
    """A presentation in Markdown's form: what stands on its slides, from the top down, and what the speaker notes.

    Slides that are hidden are left out; pictures and charts are not read. No date of its file is its publication's.
    """
    with unpacked(data):
        presentation = Presentation(io.BytesIO(data))
    shown = [slide.element.get("show") not in ("0", "false") for slide in presentation.slides]
    text, starts = paged(_text(slide) if seen else "" for slide, seen in zip(presentation.slides, shown, strict=True))
    if not text.strip():
        raise Unreadable(NO_TEXT)
    title = given_title(presentation.core_properties.title) or _title(presentation.slides[0])
    yield Draft(stem, text, title, pages=starts)
    if hidden := shown.count(False):
        yield Remark(f"{counted(hidden, 'hidden slide')} left out")


def _title(slide: Any) -> str:
    titles = (shape for shape in slide.placeholders if _kind(shape) in _TITLES and shape.has_text_frame)
    lines = (_words(line) for shape in titles for line in shape.text_frame._txBody.iter(qn("a:p")))
    return one_line(" ".join(lines))


def _text(slide: Any) -> str:
    """A slide: its title, what stands on it from the top down, and its notes."""
    _choose(slide.shapes._element)
    writer = Writer()
    writer.heading(1, _title(slide))
    for shape in _shapes(slide.shapes):
        if shape.has_text_frame:
            _paragraphs(writer, shape.text_frame._txBody, _kind(shape) in _BODIES, _typeface(slide, shape))
        elif getattr(shape, "has_table", False):
            _table(writer, shape.table)
        elif shape.element.tag == qn("p:graphicFrame"):
            _diagram(writer, slide, shape.element)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None:
        _paragraphs(writer, notes._txBody)
    return joined(writer.blocks)


def _kind(shape: Any) -> Any:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _shapes(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """The shapes in the order that they are read in: what the layout has places for, then rows from the top down.

    A group stands in its row as a whole. Titles, footers and the like are left out.
    """
    shown = [shape for shape in shapes if _kind(shape) not in (*_TITLES, *_FURNITURE)]
    placed = [shape for shape in shown if _kind(shape) in _BODIES]
    yield from sorted(placed, key=lambda shape: shape.placeholder_format.idx)
    rows: list[list[Any]] = []
    for shape in sorted((shape for shape in shown if shape not in placed), key=_top):
        if rows and _top(shape) - _top(rows[-1][0]) < _ROW:
            rows[-1].append(shape)
        else:
            rows.append([shape])
    for row in rows:
        for shape in sorted(row, key=lambda shape: shape.left or 0):
            if hasattr(shape, "shapes") and depth < _MOST_NESTED:
                yield from _shapes(shape.shapes, depth + 1)
            else:
                yield shape


def _top(shape: Any) -> int:
    return shape.top or 0


def _choose(tree: _Element) -> None:
    """What a file has in two forms, for newer and older programs, as formulas are: the first that is known."""
    for either in list(tree.iter(f"{{{_EITHER}}}AlternateContent")):
        parent = either.getparent()
        if parent is None:
            continue
        holds_shapes = hasattr(parent, "iter_shape_elms")
        forms = ([each for each in form if not holds_shapes or hasattr(each, "has_ph_elm")] for form in either)
        for at, element in enumerate(next(filter(None, forms), []), parent.index(either)):
            parent.insert(at, element)
        parent.remove(either)


def _typeface(slide: Any, shape: Any) -> str:
    """What the text of a shape is set in, where that or its place in the layout says so."""
    styled = [shape.element]
    if shape.is_placeholder:
        at = shape.placeholder_format.idx
        styled += [place.element for place in slide.slide_layout.placeholders if place.placeholder_format.idx == at]
    faces = (face for element in styled for style in element.iter(qn("a:lstStyle")) for face in style.iter(_FACE))
    return next((face.get("typeface", "") for face in faces), "")


def _paragraphs(writer: Writer, body: _Element, listed: bool = False, typeface: str = "") -> None:
    """The paragraphs of a shape; `listed` says that they are items of a list where they do not say it themselves.

    Those that are set in a `typeface` of fixed pitch are code.
    """
    code: list[str] = []
    open_levels: list[int] = []
    numbers: dict[int, int] = {}

    def close(level: int) -> None:
        while open_levels and open_levels[-1] > level:
            writer.close()
            writer.close_list()
            numbers.pop(open_levels.pop(), None)

    paragraphs = [(paragraph, _words(paragraph)) for paragraph in body.iter(qn("a:p"))]
    alone = sum(bool(words.strip()) for _, words in paragraphs) < 2
    for paragraph, words in paragraphs:
        if not words.strip():
            code += [""] if code else []
            continue
        if _is_code(paragraph, typeface):
            close(-1)
            code.append("\n".join(line.rstrip() for line in _lines(paragraph)))
            continue
        writer.code("\n".join(code))
        code.clear()
        given = paragraph.find(qn("a:pPr"))
        level = min(int(given.get("lvl", 0)) if given is not None else 0, MAX_DEPTH)
        numbering = given.find(qn("a:buAutoNum")) if given is not None else None
        marked = numbering is not None or (
            given is not None and any(given.find(qn(mark)) is not None for mark in _BULLETS)
        )
        plain = given is not None and given.find(qn("a:buNone")) is not None
        if plain or not (marked or (listed and not alone)):
            close(-1)
            writer.paragraph(words)
            continue
        close(level)
        if open_levels and open_levels[-1] == level:
            writer.close()
        else:
            writer.open_list()
            open_levels.append(level)
        if numbering is not None:
            numbers[level] = numbers.get(level, whole(numbering.get("startAt"), 1) - 1) + 1
        writer.open_item(numbers[level] if numbering is not None else None)
        writer.paragraph(words)
    close(-1)
    writer.code("\n".join(code))


def _is_code(paragraph: _Element, typeface: str) -> bool:
    """Whether all its words are set in a typeface of fixed pitch, by themselves or as the whole shape is."""
    for run in paragraph.iter(qn("a:r")):
        face = next(run.iter(_FACE), None)
        if not _FIXED.search(typeface if face is None else face.get("typeface", "")):
            return False
    return True


def _words(paragraph: _Element) -> str:
    """The text of a paragraph, with the line ends in it."""
    return "\n".join(filter(None, (" ".join(line.split()) for line in _lines(paragraph))))


def _lines(paragraph: _Element) -> list[str]:
    parts = (
        "\n" if element.tag == qn("a:br") else formula(element) if element.tag == FORMULA else _run(element)
        for element in paragraph.iter(qn("a:t"), qn("a:br"), FORMULA)
    )
    return cleaned(with_small("".join(parts)).replace("\v", "\n")).split("\n")


def _run(text: _Element) -> str:
    """The words of a run, raised or lowered as its properties say."""
    words = text.text or ""
    given = text.getparent().find(qn("a:rPr"))
    height = "" if given is None else given.get("baseline", "")
    if height.strip("-0") in ("", "%"):
        return words
    return (LOWERED if height.startswith("-") else RAISED).format(words)


def _table(writer: Writer, table: Any) -> None:
    rows: list[list[str]] = []
    for row in table.rows:
        cells = [one_line(cell.text_frame.text) for cell in row.cells]
        for column, cell in enumerate(row.cells):
            if cell._tc.vMerge and rows and column < len(rows[-1]):
                cells[column] = repeated(rows[-1][column])
        rows.append(cells)
    writer.table(rows, bool(table.first_row))


def _diagram(writer: Writer, slide: Any, frame: _Element) -> None:
    """The words of a diagram (SmartArt), as a list."""
    for ids in frame.iter(f"{{{_DIAGRAM}}}relIds"):
        part = slide.part.rels.get(ids.get(qn("r:dm"), ""))
        if part is None or part.is_external:
            continue
        root = tree(part.target_part.blob)
        writer.bullets(filter(None, map(_words, root.iter(qn("a:p")))))
