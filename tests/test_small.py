"""Raised and lowered words, in every format that has them."""

from typing import Any

import pytest
from samples import epub, odt, slides, word_of

from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft

RAISED = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{}</w:t></w:r>'
LOWERED = RAISED.replace("superscript", "subscript")
SPAN = '<text:span text:style-name="{}">{{}}</text:span>'
HEIGHTS = "".join(
    f'<style:style style:name="{name}"><style:text-properties style:text-position="{height}"/></style:style>'
    for name, height in (("h", "super 58%"), ("l", "-33% 58%"))
)


def _sums(raised: str, lowered: str, plain: str = "{}") -> str:
    """A line with a power, a unit, a formula, an ordinal and a note, in a format's own marks."""
    parts = (
        *(("10", raised, "6"), (" m", raised, "2"), (", H", lowered, "2")),
        *(("O, the 1", raised, "st"), (" word", raised, "3")),
    )
    return "".join(plain.format(before) + mark.format(words) for before, mark, words in parts)


def _deck(deck: Any) -> None:
    frame = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, 9, 9).text_frame
    for at, part in enumerate(_sums("|^{}|", "|_{}|").split("|")):
        run = frame.paragraphs[0].add_run()
        run.text = part.strip("^_")
        if at % 2:
            run.font._element.set("baseline", "30000" if part[0] == "^" else "-25000")


@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        (".html", lambda: f"<p>{_sums('<sup>{}</sup>', '<sub>{}</sub>')}".encode()),
        (".html", lambda: f"<p>{_sums('<sup><a>{}</a></sup>', '<sub>{}</sub>')}".encode()),
        (".rst", lambda: _sums("\\ :sup:`{}`\\ ", "\\ :sub:`{}`\\ ").encode()),
        (".adoc", lambda: _sums("^{}^", "~{}~").encode()),
        (".docx", lambda: word_of(f"<w:p>{_sums(RAISED, LOWERED, '<w:r><w:t>{}</w:t></w:r>')}</w:p>")),
        (".pptx", lambda: slides(_deck)),
        (".odt", lambda: odt(f"<text:p>{_sums(SPAN.format('h'), SPAN.format('l'))}</text:p>", HEIGHTS)),
        (".epub", lambda: epub({"a.xhtml": f"<p>{_sums('<sup>{}</sup>', '<sub>{}</sub>')}</p>"})),
    ],
)
def test_a_power_is_no_longer_number(suffix, make):
    (draft,) = extract(suffix, "a", make())

    assert isinstance(draft, Draft)
    assert draft.text == "10^6 m², H₂O, the 1st word ³"
