"""Presentations, OpenDocument texts and electronic books: their form is kept, and nothing comes from elsewhere."""

import re
from datetime import date
from typing import Any

import pytest
import samples
from lxml import etree
from pptx.util import Inches

from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft, Remark, Unreadable
from embeddings.reading.sandbox import Sandbox


def only(suffix: str, data: bytes) -> Draft:
    """The document of a file that nothing is remarked on."""
    (draft,) = extract(suffix, "a", data)
    assert isinstance(draft, Draft)
    return draft


# --- presentations ---------------------------------------------------------------------------------


def lecture(deck: Any) -> None:
    """Three slides: a title, a list with notes and a box, a table; and a hidden one."""
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = "Rivers"
    first.placeholders[1].text = "Lecture 4"
    second = deck.slides.add_slide(deck.slide_layouts[1])
    second.shapes.title.text = "How they\vrise"
    body = second.placeholders[1].text_frame
    body.text = "Rain"
    for level, words in ((1, "in spring"), (1, "and in autumn"), (0, "Snow")):
        paragraph = body.add_paragraph()
        paragraph.text, paragraph.level = words, level
    low, high = (second.shapes.add_textbox(Inches(1), Inches(at), Inches(2), Inches(1)) for at in (5, 4))
    low.text_frame.text, high.text_frame.text = "Below.", "Above."
    second.notes_slide.notes_text_frame.text = "Ask who has seen a flood."
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "Levels"
    table = third.shapes.add_table(3, 2, 0, 0, Inches(4), Inches(2)).table
    for row, cells in enumerate((("Day", "Metres"), ("Monday", "2.1"), ("Tuesday", "2.4"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    hidden = deck.slides.add_slide(deck.slide_layouts[0])
    hidden.shapes.title.text = "Not yet"
    hidden.element.set("show", "0")


def test_a_slide_is_a_page_with_its_title_its_lists_and_its_notes():
    draft, remark = extract(".pptx", "a", samples.slides(lecture))

    assert isinstance(draft, Draft)
    assert draft.title == "Rivers"
    assert draft.text == (
        "# Rivers\n\nLecture 4\n\n"
        "# How they rise\n\n- Rain\n  - in spring\n  - and in autumn\n- Snow\n\nAbove.\n\nBelow.\n\n"
        "Ask who has seen a flood.\n\n"
        "# Levels\n\n| Day | Metres |\n|---|---|\n| Monday Tuesday | 2.1 |\n| Monday Tuesday | 2.4 |"
    )
    assert [draft.text[at : at + 6] for at in draft.pages[:3]] == ["# Rive", "# How ", "# Leve"]
    assert remark == Remark("1 hidden slide left out")


def test_groups_are_opened_and_numbers_counted():
    def write(deck: Any) -> None:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        box = slide.shapes.add_group_shape().shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame
        for words in ("Open it.", "Close it."):
            paragraph = box.paragraphs[0] if words == "Open it." else box.add_paragraph()
            paragraph.text = words
            paragraph._p.get_or_add_pPr().insert(0, paragraph._p.get_or_add_pPr().makeelement(NUMBERED, {}))

    assert only(".pptx", samples.slides(write)).text == "1. Open it.\n2. Close it."


NUMBERED = "{http://schemas.openxmlformats.org/drawingml/2006/main}buAutoNum"


def test_a_slide_is_read_as_its_layout_and_its_rows_say():
    def write(deck: Any) -> None:
        compared = deck.slides.add_slide(deck.slide_layouts[4])
        for place, words in zip(compared.placeholders, ("Which way", "Old", "slow", "New", "fast"), strict=False):
            place.text = words
        rows = deck.slides.add_slide(deck.slide_layouts[6]).shapes
        group = rows.add_group_shape()
        for shapes, left, top, words in (
            *((rows, 5.0, 2.0, "2"), (rows, 1.0, 2.04, "1"), (rows, 5.0, 3.0, "4"), (rows, 1.0, 3.0, "3")),
            *((group.shapes, 1.0, 5.0, "5"), (group.shapes, 1.0, 6.0, "6"), (rows, 6.0, 5.0, "7")),
        ):
            shapes.add_textbox(Inches(left), Inches(top), Inches(1), Inches(0.5)).text_frame.text = words

    text = only(".pptx", samples.slides(write)).text
    assert text.split() == "# Which way Old slow New fast 1 2 3 4 5 6 7".split()


def test_what_stands_in_two_forms_is_read_in_one_and_formulas_by_their_signs():
    spaces = (
        f'xmlns:mc="{EITHER}" xmlns:m="{EITHER}" xmlns:f="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    )

    def write(deck: Any) -> None:
        shapes = deck.slides.add_slide(deck.slide_layouts[5]).shapes
        box = shapes.title
        box.text_frame.text = "If "
        box.text_frame.paragraphs[0]._p.append(etree.fromstring(f"<f:oMath {spaces}><f:t>x=5</f:t></f:oMath>"))
        either = etree.fromstring(f"<mc:AlternateContent {spaces}><mc:Choice/><mc:Fallback/></mc:AlternateContent>")
        shapes._spTree.append(either)
        either[0].append(box._element)
        either[1].append(etree.fromstring(f"<f:oMath {spaces}><f:t>no</f:t></f:oMath>"))

    assert only(".pptx", samples.slides(write)).text == "# If x=5"


EITHER = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def test_what_is_set_in_a_fixed_pitch_is_code():
    def write(deck: Any) -> None:
        box = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, 9, 9).text_frame
        for words, face in (
            ("Run:", "Arial"),
            ("make", "Consolas"),
            ("", "Arial"),
            ("  it", "Consolas"),
            ("End.", None),
        ):
            paragraph = box.add_paragraph()
            if words:
                paragraph.add_run().text = words
                paragraph.runs[0].font.name = face

    assert only(".pptx", samples.slides(write)).text == "Run:\n\n```\nmake\n\n  it\n```\n\nEnd."


def test_steps_go_on_where_a_slide_says_so():
    def write(deck: Any) -> None:
        box = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, 9, 9).text_frame
        box.text = "Close it."
        properties = box.paragraphs[0]._p.get_or_add_pPr()
        properties.append(properties.makeelement(NUMBERED, {"startAt": "4"}))

    assert only(".pptx", samples.slides(write)).text == "4. Close it."


def test_the_title_of_a_presentation_is_that_of_its_properties_or_of_its_first_slide():
    def named(deck: Any) -> None:
        deck.core_properties.title = "<Presentation title here>"
        lecture(deck)

    def titled(deck: Any) -> None:
        deck.core_properties.title = "Hydrology"
        lecture(deck)

    drafts = [extract(".pptx", "a", samples.slides(write))[0] for write in (named, titled)]

    assert [draft.title for draft in drafts if isinstance(draft, Draft)] == ["Rivers", "Hydrology"]


def test_a_presentation_without_text_is_refused():
    with pytest.raises(Unreadable, match="holds no text"):
        extract(".pptx", "a", samples.slides(lambda deck: deck.slides.add_slide(deck.slide_layouts[6])))


# --- Word documents --------------------------------------------------------------------------------


def _math(tree: str) -> str:
    """Office Math, with `sSup` for `m:sSup`, and a word for `m:r` with that text."""
    return re.sub(r">([^<>]+)<", r"><m:r><m:t>\1</m:t></m:r><", re.sub(r"<(/?)(?=\w)", r"<\1m:", tree))


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        ("<e>F=ma</e>", "F=ma"),
        ("<sSup><e>E=mc</e><sup>2</sup></sSup>", "E=mc²"),
        ("<sSup><e>e</e><sup>-x</sup></sSup>", "e^(-x)"),
        ("<sSub><e>x</e><sub>1</sub></sSub>", "x₁"),
        ("<f><num>a+b</num><den>2</den></f>", "(a+b)/2"),
        ("<rad><deg/><e>2</e></rad>", "√2"),
        ("<func><fName>sin</fName><e>x</e></func>", "sin x"),
        ("<e>f</e><d><e>x</e></d>", "f(x)"),
        ('<d><dPr><begChr m:val="["/><sepChr m:val=","/><endChr m:val="["/></dPr><e>0</e><e>1</e></d>', "[0,1["),
        ('<nary><naryPr><chr m:val="∑"/></naryPr><sub>1</sub><sup>n</sup><e>x</e></nary>', "∑₁^n x"),
    ],
)
def test_a_formula_stands_in_its_line(tree, text):
    space = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    math = f'<m:oMath xmlns:m="{space}">{_math(tree)}</m:oMath>'

    body = f"<w:p><w:r><w:t>It is </w:t></w:r>{math}<w:r><w:t> here.</w:t></w:r></w:p>"
    assert only(".docx", samples.word_of(body)).text == f"It is {text} here."


def test_items_of_a_word_document_have_their_letters():
    item = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
    )
    numbers = (
        '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/></w:lvl><w:lvl w:ilvl="2"><w:numFmt w:val="upperRoman"/>'
        '</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    )
    body = "".join(map(item.format, "01121"))

    assert only(".docx", samples.word_of(body, numbers)).text == (
        "1. x\n   - (a) x\n   - (b) x\n     - (I) x\n   - (c) x"
    )


def test_hidden_text_of_a_word_document_is_left_out():
    runs = (
        f"<w:r><w:rPr><w:vanish{value}/></w:rPr><w:t>{words}</w:t></w:r>"
        for value, words in (("", "No."), (' w:val="0"', "Yes."))
    )

    draft, remark = extract(".docx", "a", samples.word_of(f"<w:p>{''.join(runs)}</w:p>"))

    assert isinstance(draft, Draft)
    assert draft.text == "Yes."
    assert remark == Remark("hidden text left out")


# --- OpenDocument ----------------------------------------------------------------------------------

STYLES = (
    '<style:style style:name="P1" style:parent-style-name="Preformatted_20_Text"/>'
    '<style:style style:name="P2" style:parent-style-name="Quotations"/>'
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>'
    '<text:list-level-style-bullet text:level="2"/></text:list-style>'
)
REPORT = (
    '<text:p text:style-name="Title">The report</text:p><text:h text:outline-level="2">How to</text:h>'
    '<text:list text:style-name="L1"><text:list-item><text:p>Open<text:s text:c="2"/>it.</text:p><text:list>'
    "<text:list-item><text:p>Or not.</text:p></text:list-item></text:list></text:list-item>"
    "<text:list-item><text:p>Close it.</text:p></text:list-item></text:list>"
    '<text:list text:style-name="L1" text:continue-numbering="true"><text:list-item><text:p>Go.</text:p>'
    '</text:list-item></text:list><text:p text:style-name="P1">make<text:line-break/><text:s text:c="2"/>it</text:p>'
    '<text:p text:style-name="P1">x</text:p>'
    '<text:p text:style-name="P2">It rained.</text:p><text:p text:style-name="P2">A lot.</text:p>'
    "<text:section><text:p>A <text:span>word</text:span><text:note><text:note-body><text:p>No.</text:p>"
    "</text:note-body></text:note> here<office:annotation><text:p>No.</text:p></office:annotation>.</text:p>"
    "</text:section>"
    "<text:tracked-changes><text:p>Deleted.</text:p></text:tracked-changes>"
    "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Day</text:p></table:table-cell>"
    "<table:table-cell><text:p>Metres</text:p></table:table-cell></table:table-row></table:table-header-rows>"
    '<table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>None</text:p></table:table-cell>'
    "<table:covered-table-cell/></table:table-row></table:table><!-- c -->"
)


def test_an_opendocument_text_keeps_its_form():
    draft, remark = extract(".odt", "a", samples.odt(REPORT, STYLES, "<dc:title>Rain</dc:title>"))

    assert isinstance(draft, Draft)
    assert (draft.title, draft.text) == (
        "Rain",
        "# The report\n\n## How to\n\n1. Open it.\n   - Or not.\n2. Close it.\n\n3. Go.\n\n```\nmake\n  it\nx\n```\n\n"
        "> It rained.\n>\n> A lot.\n\nA word here.\n\n| Day | Metres |\n|---|---|\n| None |  |",
    )
    assert remark == Remark("1 footnote left out")


PART = '><text:h text:outline-level="2">B</text:h>'


def test_a_slide_of_an_opendocument_presentation_is_a_page():
    def frame(kind: str, words: str) -> str:
        return f'<draw:frame presentation:class="{kind}"><draw:text-box>{words}</draw:text-box></draw:frame>'

    first = frame("outline", _listed("><text:p>It rains.</text:p>")) + frame("title", "<text:p>Rivers</text:p>")
    notes = f"<presentation:notes>{frame('notes', '<text:p>Ask.</text:p>')}{frame('footer', '')}</presentation:notes>"
    body = "".join(
        f"<draw:page>{slide}</draw:page>" for slide in (first + notes, "", frame("outline", "<text:p>x</text:p>"))
    )

    draft = only(".odp", samples.odt(body, kind="presentation"))

    assert (draft.title, draft.text) == ("Rivers", "# Rivers\n\n- It rains.\n\nAsk.\n\nx")
    assert [draft.text[at] for at in draft.pages] == ["#", "x", "x"]


def test_a_hidden_slide_of_an_opendocument_presentation_is_left_out():
    def slide(style: str, words: str) -> str:
        box = f"<draw:frame><draw:text-box><text:p>{words}</text:p></draw:text-box></draw:frame>"
        return f'<draw:page draw:style-name="{style}">{box}</draw:page>'

    style = (
        '<style:style style:name="dp2" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    body = slide("dp1", "One.") + slide("dp2", "Not yet.") + slide("dp1", "Three.")

    draft, remark = extract(".odp", "a", samples.odt(body, style, kind="presentation"))

    assert isinstance(draft, Draft)
    assert (draft.text, draft.pages) == ("One.\n\nThree.", (0, 6, 6))
    assert remark == Remark("1 hidden slide left out")


@pytest.mark.parametrize(
    "hidden",
    [
        '<text:p>a <text:hidden-text text:is-hidden="true">no</text:hidden-text>b</text:p>',
        '<text:p>a b</text:p><text:p>no<text:hidden-paragraph text:is-hidden="true"/></text:p>',
        '<text:p>a b</text:p><text:section text:display="none"><text:p>no</text:p></text:section>',
        '<text:p>a b</text:p><text:p text:style-name="T1">no</text:p>',
        '<text:p>a <text:span text:style-name="T1">no</text:span>b</text:p>',
    ],
)
def test_hidden_text_of_an_opendocument_text_is_left_out(hidden):
    style = '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'

    draft, remark = extract(".odt", "a", samples.odt(hidden, style))

    assert isinstance(draft, Draft)
    assert draft.text == "a b"
    assert remark == Remark("hidden text left out")


def test_text_that_a_field_does_not_hide_is_read():
    body = '<text:p>a <text:hidden-text text:is-hidden="false">b</text:hidden-text><text:hidden-paragraph/></text:p>'

    assert only(".odt", samples.odt(body)).text == "a b"


def _listed(*items: str, given: str = "") -> str:
    return f"<text:list {given}>{''.join(f'<text:list-item{item}</text:list-item>' for item in items)}</text:list>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            _listed(f'><text:h text:outline-level="1">A</text:h>{_listed(PART)}'),
            "# A\n\n## B",
        ),
        (
            _listed("><text:p>a</text:p>", given='text:style-name="L1" xml:id="x"')
            + "<text:p>b</text:p>"
            + _listed("><text:p>c</text:p>", given='text:style-name="L1" text:continue-list="x"'),
            "1. a\n\nb\n\n2. c",
        ),
        (
            _listed(' text:start-value="5"><text:p>a</text:p>', "><text:p>b</text:p>", given='text:style-name="L1"'),
            "5. a\n6. b",
        ),
        (_listed('><text:p text:style-name="P3">a</text:p>'), "1. a"),
        (
            _listed("><text:p>x</text:p>", "><text:p>y</text:p>", given='text:style-name="L2"'),
            "- (a) x\n- (b) y",
        ),
        (
            "<table:table><table:table-row><table:table-cell><text:h>A</text:h><text:p>b</text:p></table:table-cell>"
            "</table:table-row></table:table>",
            "# A\n\nb",
        ),
        (
            "<table:table>"
            + 2
            * '<table:table-row><table:table-cell table:number-columns-repeated="2"><text:p>a<text:note><text:p>no'
            "</text:p></text:note></text:p></table:table-cell><table:table-cell/></table:table-row>" + "</table:table>",
            "|  |  |  |\n|---|---|---|\n| a | a |  |\n| a | a |  |",
        ),
        (
            "<table:table>" + 2 * "<table:table-row><table:table-cell><text:p>1</text:p></table:table-cell>"
            '<table:table-cell table:number-columns-repeated="2"/><table:table-cell><text:p>4</text:p>'
            '</table:table-cell><table:table-cell table:number-columns-repeated="9"/></table:table-row>'
            + "</table:table>",
            "|  |  |  |  |  |\n|---|---|---|---|---|\n| 1 |  |  | 4 |  |\n| 1 |  |  | 4 |  |",
        ),
        ("<text:illustration-index><text:p>no</text:p></text:illustration-index><text:p>a</text:p>", "a"),
    ],
)
def test_lists_and_tables_of_an_opendocument_text(body, text):
    style = (
        '<style:style style:name="P3" style:list-style-name="L1"/><text:list-style style:name="L2">'
        '<text:list-level-style-number text:level="1" style:num-format="a"/></text:list-style>'
    )

    draft = extract(".odt", "a", samples.odt(body, STYLES + style))[0]

    assert isinstance(draft, Draft)
    assert draft.text == text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"META-INF/manifest.xml": "<encryption-data/>", "content.xml": "x"}, "encrypted with a password"),
        ({"content.xml": "<a/>"}, "holds no text"),
        ({"other.xml": "<a/>"}, "damaged, or not a .odt file"),
        ({"content.xml": b"x" * 300 * 1024**2}, "unpacks to 300 MiB"),
        (
            {"content.xml": f'<!DOCTYPE x [<!ENTITY a "{"b" * 1000}">]><x>{"&a;" * 1000}</x>'},
            "damaged, or not a .odt file",
        ),
        ({"content.xml": "<x>" * 100_000}, "nested too deeply"),
    ],
)
def test_what_is_no_text_that_can_be_read_is_refused(files, reason):
    with Sandbox() as sandbox, pytest.raises(Unreadable) as refused:
        sandbox.extract(".odt", "a", samples.archive(files))

    assert str(refused.value).startswith(reason)


# --- books -----------------------------------------------------------------------------------------


def test_a_book_is_its_chapters_in_order_under_their_headings():
    book = samples.epub(
        {
            "one.xhtml": '<h1>The river</h1><p>It <i epub:type="pagebreak">7</i>rises.</p><aside><p>A box.</p></aside>',
            "b%20two.xhtml": '<p>It falls.</p><aside epub:type="footnote">No.</aside>',
        },
        "<dc:title>Water</dc:title><dc:date>2012-02-20T00:00:00Z</dc:date>",
        {"b%20two.xhtml": "The sea"},
    )
    renamed = samples.archive({name.replace("%20", " "): data for name, data in samples.unpacked(book).items()})

    draft, remark = extract(".epub", "a", renamed)

    assert isinstance(draft, Draft)
    assert remark == Remark("1 footnote left out")
    assert (draft.title, draft.published) == ("Water", date(2012, 2, 20))
    assert draft.text == "# The river\n\nIt rises.\n\nA box.\n\n# The sea\n\nIt falls."


def test_the_contents_name_a_chapter_only_where_they_lead_to_its_beginning():
    middle = '<p>It rises.</p><p id="a">Part two</p>'

    assert (
        only(".epub", samples.epub({"a.xhtml": middle}, contents={"a.xhtml": "Part two"})).text
        == "It rises.\n\nPart two"
    )
    begins = '<p id="a">PART TWO</p><p>It rises.</p>'
    assert (
        only(".epub", samples.epub({"a.xhtml": begins}, contents={"a.xhtml": "Part two"})).text
        == "# Part two\n\nIt rises."
    )


def test_contents_that_are_no_xml_and_pictures_among_the_chapters_harm_nothing():
    files = samples.unpacked(samples.epub({"a.xhtml": "<p>Text.</p>", "b.jpg": "x"}))
    files["book/nav.xhtml"] = b"<nav><a href='a.xhtml'>Tom & Jerry&nbsp;</a></nav>"
    files["book/package.opf"] = files["book/package.opf"].replace(b'"b.jpg"', b'"b.jpg" media-type="image/jpeg"')

    assert "Text." in only(".epub", samples.archive(files)).text


@pytest.mark.parametrize("day", ["2012", "<x/>", "2012-13-45", "0101-01-01T00:00:00+00:00"])
def test_no_day_is_guessed(day):
    (draft, *_) = extract(".epub", "a", samples.epub({"a.xhtml": "<p>Text.</p>"}, f"<dc:date>{day}</dc:date>"))

    assert isinstance(draft, Draft)
    assert draft.published is None


def test_contents_of_the_second_version_name_chapters_too():
    files = samples.unpacked(samples.epub({"a.xhtml": "<p>Text.</p>"}))
    point = '<navPoint><navLabel><text>Part one</text></navLabel><content src="a.xhtml"/></navPoint>'
    files["book/toc.ncx"] = f"<ncx><navMap>{point}</navMap></ncx>".encode()
    item = b'<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
    files["book/package.opf"] = files["book/package.opf"].replace(b"</manifest>", item)

    assert only(".epub", samples.archive(files)).text == "# Part one\n\nText."


def test_a_chapter_that_is_not_there_is_remarked_on():
    files = samples.unpacked(samples.epub(dict.fromkeys(("a.xhtml", "b.xhtml", "c.xhtml"), "<p>Text.</p>")))
    del files["book/b.xhtml"]
    files["book/c.xhtml"] = b" "

    draft, remark = extract(".epub", "a", samples.archive(files))
    assert isinstance(draft, Draft)
    assert (draft.text, remark) == ("Text.", Remark("2 chapters named, but not in it or not to be read"))


def test_a_protected_book_is_refused():
    files = samples.unpacked(samples.epub({"a.xhtml": "<p>Text.</p>"}))
    files["META-INF/encryption.xml"] = b"<e Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/>"

    with pytest.raises(Unreadable, match="protected"):
        extract(".epub", "a", samples.archive(files))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".pptx", ".odt", ".epub"])
def test_no_file_is_read_that_is_not_in_the_archive(suffix, tmp_path):
    (tmp_path / "secret").write_text("A secret.", encoding="utf-8")
    entity = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    if suffix == ".pptx":
        files = samples.unpacked(samples.slides(lecture))
        name = "ppt/slides/slide1.xml"
        files[name] = entity.encode() + files[name].split(b"?>", 1)[1].replace(b"Lecture 4", b"Lecture &a;")
    elif suffix == ".odt":
        files = samples.unpacked(samples.odt("<text:p>Text &amp;a;</text:p>"))
        files["content.xml"] = entity.encode() + files["content.xml"].replace(b"&amp;a;", b"&a;")
    else:
        files = samples.unpacked(samples.epub({"a.xhtml": "<p>Text.</p>"}, "<dc:title>B &amp;a;</dc:title>"))
        name = "book/package.opf"
        files[name] = entity.encode() + files[name].replace(b"&amp;a;", b"&a;")

    with Sandbox() as sandbox:
        found = sandbox.extract(suffix, "a", samples.archive(files))

    assert isinstance(found[0], Draft)
    assert "secret" not in found[0].text + found[0].title
