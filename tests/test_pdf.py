"""PDF files: their text, pages and titles, what their fonts and places say of its form, and limits."""

import io
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, ListFlowable, Paragraph, SimpleDocTemplate, Table
from samples import content, drawn_pdf, encrypted_pdf, pdf, raw_pdf

from embeddings import pdf as reading
from embeddings.extraction import extract
from embeddings.formats import Draft, Remark, Unreadable, one_line
from embeddings.layout import Line, written
from embeddings.pdf import _readable


def only(data: bytes) -> Draft:
    """The one document of a file that nothing is remarked on."""
    (found,) = extract(".pdf", "a", data)
    assert isinstance(found, Draft)
    return found


def test_pages_of_a_pdf_follow_each_other_and_are_known_by_where_they_begin():
    pages = [
        "Officials sent 2,000 troops.\nThey left on Saturday.",
        "The governor said that he",
        "had not asked for it.",
    ]

    draft = only(pdf(pages, title="Troops in the city"))

    assert draft.text == (
        "Officials sent 2,000 troops. They left on Saturday.\n\nThe governor said that he had not asked for it."
    )
    assert draft.title == "Troops in the city"
    assert [draft.text[start : start + 9] for start in draft.pages] == [page[:9] for page in pages]


def test_a_pdf_has_no_date_and_no_title_that_nobody_gave():
    draft = only(pdf(["Text."]))

    assert (draft.title, draft.published, draft.url) == ("", None, None)


@pytest.mark.parametrize("title", ["Microsoft Word - Troops v2", "troops_final.docx", "Untitled"])
def test_the_name_of_a_file_is_no_title(title):
    assert only(pdf(["Text."], title=title)).title == ""


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_opens_without_a_password_is_read(algorithm):
    assert only(encrypted_pdf(pdf(["Text."]), "", algorithm)).text == "Text."


def test_a_pdf_that_needs_a_password_is_refused():
    with pytest.raises(Unreadable, match=r"^encrypted with a password; save it without one$"):
        extract(".pdf", "a", encrypted_pdf(pdf(["Text."]), "secret"))


def test_a_pdf_without_text_is_taken_for_a_scan():
    with pytest.raises(Unreadable, match=r"^holds no text \(a scan\?\); run OCR first$"):
        extract(".pdf", "a", pdf(["", ""]))


def test_pages_without_text_are_counted_and_the_others_keep_their_numbers():
    draft, remark = extract(".pdf", "a", pdf(["One.", "", "Three."]))

    assert isinstance(draft, Draft)
    assert (draft.text, draft.pages) == ("One.\n\nThree.", (0, 4, 6))
    assert remark == Remark("1 page of 3 without text (scanned?)")


def test_a_pdf_that_becomes_a_hundred_times_its_size_is_refused():
    data = raw_pdf(content("A word. " * 200_000))

    assert len(data) < 10_000
    with pytest.raises(Unreadable, match=r"^holds more than 1,048,576 characters of text; split it$"):
        extract(".pdf", "a", data)


def test_a_pdf_of_very_many_pages_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_PAGES", 3)
    assert len(only(pdf(["Text."] * 3)).pages) == 3
    with pytest.raises(Unreadable, match=r"^has more than 3 pages; split it$"):
        extract(".pdf", "a", pdf(["Text."] * 4))


@pytest.mark.slow
def test_a_page_that_unpacks_without_end_is_left_out_and_named():
    remark, draft = extract(".pdf", "a", raw_pdf(content("One."), content("Two.", megabytes=300)))

    assert isinstance(draft, Draft)
    assert (draft.text, draft.pages) == ("One.", (0, 4))
    assert isinstance(remark, Remark)
    assert (remark.failed, remark.part) == (True, ", page 2")
    assert remark.reason.startswith("could not be read (Limit reached while decompressing")


# --- form -------------------------------------------------------------------------------------------


def page(*texts: str, number: int = 0, top: float = 700, size: float = 10) -> list[Line]:
    """Lines below each other; "# " before one sets it larger, "* " bold, a blank one leaves a gap."""
    lines: list[Line] = []
    for text in texts:
        top -= 1.2 * size
        kind, words = text[:2], text[2:]
        if kind == "# ":
            lines.append(Line(words, number, 72, top, 1.6 * size))
        elif kind == "* ":
            lines.append(Line(words, number, 72, top, size, bold=True))
        elif text.strip():
            indent = len(text) - len(text.lstrip())
            lines.append(Line(text.strip(), number, 72 + size * indent / 2, top, size))
    return lines


def text_of(*pages: list[Line], outline: Mapping[tuple[str, int], int] | None = None) -> str:
    return written(pages, outline or {})[0]


LONG = "The pump has a valve that is opened before it starts."


def test_what_is_larger_or_alone_in_bold_is_a_heading():
    text, _, title = written([page("# Pumps", "", "* Before you start", "", LONG, LONG)], {})

    assert text == f"# Pumps\n\n## Before you start\n\n{LONG} {LONG}"
    assert title == "Pumps"


@pytest.mark.parametrize("bold", ["Warning: it is hot.", "the hot part", "What to bring:"])
def test_a_bold_line_that_ends_or_begins_as_a_sentence_does_is_none(bold):
    assert text_of(page(f"* {bold}", "", LONG)) == f"{bold}\n\n{LONG}"


def test_the_file_knows_its_headings_best():
    lines = page("# Pumps", "", "1. Safety", "", "# Loud!", "", LONG, "", "* In bold", "", "2. Use", "", LONG)
    outline = {("safety", 0): 0, ("use", 0): 1, ("noise", 3): 0}

    assert text_of(lines, outline=outline).split("\n\n") == [
        "# Pumps",
        "## 1. Safety",
        "# Loud!",
        LONG,
        "In bold",
        "### 2. Use",
        LONG,
    ]
    later = page("# Loud!", "", "1. Safety", "", "2. Use", number=1)
    assert "# Loud!" not in text_of(page(LONG), later, outline={("safety", 1): 0, ("use", 1): 0})


def test_a_section_with_a_number_is_a_heading_and_its_words_are_whole():
    sections = ("IV. Use", "2.1 Care of the pump")
    for section in sections:
        assert text_of(page(LONG, "", section, "", LONG, LONG)) == f"{LONG}\n\n# {section}\n\n{LONG} {LONG}"
    assert "#" not in text_of(page(LONG, "", "2.5 Litres are enough.", "", LONG, LONG))
    assert text_of(page("# How to take care of the develop-", "# ment", LONG)) == (
        f"# How to take care of the development\n\n{LONG}"
    )


def test_the_line_of_a_table_of_contents_is_not_the_heading_that_it_names():
    first = page("# Contents", "", "Safety", "Use", LONG)
    second = page("Safety", "", LONG, "", "Use", "", LONG, number=1)

    text = text_of(first, second, outline={("safety", 1): 0, ("use", 1): 0})

    assert text == f"# Contents\n\nSafety\nUse\n{LONG}\n\n## Safety\n\n{LONG}\n\n## Use\n\n{LONG}"


def test_running_heads_and_page_numbers_are_left_out_and_sentences_go_on_across_them():
    def numbered(number: int, text: str) -> list[Line]:
        head = Line(f"{number + 5} SECTION {'AAB'[number]}", number, 72, 780, 8)
        foot = Line("The pump", number, 72, 60, 8)
        return [head, *page(text, number=number), foot, Line(str(number + 1), number, 300, 40, 10)]

    texts = [
        "Open the valve, the lid and the box, and wait for a minute or two",
        "until nothing drips from the pump any more, which may take long,",
        "and close it.",
    ]
    text, starts, _ = written([numbered(number, text) for number, text in enumerate(texts)], {})

    assert text.startswith(" ".join(texts[:2]))
    assert "and close it." in text
    assert [text[start : start + 9] for start in starts[:2]] == ["Open the ", "until not"]
    assert "SECTION A" not in text


def test_what_is_written_on_every_page_is_kept_once_and_what_differs_everywhere():
    def week(number: int) -> list[Line]:
        own = [f"{LONG} {place} {'ABCD'[number]}" for place in "abcd"]
        return page(f"Week {number + 1}", "Bring a pump.", "", *own, "", f"Due on {number + 2} May", number=number)

    text = text_of(*map(week, range(4)))

    assert [text.count(words) for words in ("Week 1", "Week 4", "Bring a pump.", "Due on 2 May", "Due on 5 May")] == [
        1
    ] * 5


def test_what_all_pages_consist_of_is_kept():
    assert text_of(*(page("A form.", number=number) for number in range(3))) == "\n\n".join(["A form."] * 3)


def test_of_two_pages_only_what_is_smaller_is_a_running_head():
    def copy(number: int) -> list[Line]:
        return [*page("Pay until 3 May.", number=number), Line(f"Page {number + 1}", number, 300, 40, 8)]

    assert text_of(copy(0), copy(1)) == "Pay until 3 May.\n\nPay until 3 May."


def test_titles_of_slides_are_kept_though_they_repeat():
    slides = [page("# Examples", "", f"{LONG} {'ABC'[number]}", number=number) for number in range(3)]

    assert text_of(*slides).count("# Examples") == 3


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Open the valve care-", "fully."), "Open the valve carefully."),
        (("The auto-grading is old; auto-", "grading it is."), "The auto-grading is old; auto-grading it is."),
        (("From Weiß-", "Blau to 3-", "way."), "From Weiß-Blau to 3-way."),
        (("Ask the work-", "shop, where", "all is."), "Ask the workshop, where all is."),
    ],
)
def test_a_word_that_is_parted_at_the_end_of_a_line_is_whole(lines, expected):
    assert text_of(page(*lines)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Acme Ltd.", "5 Main Street in the old", "Oslo"), "Acme Ltd.\n5 Main Street in the old Oslo"),
        (
            ("See https://example.org/", "pumps and http:", "//example.net."),
            "See https://example.org/pumps and http://example.net.",
        ),
        (("In 2010-", "2015 the pre-", "and post-war pumps"), "In 2010-2015 the pre- and post-war pumps"),
    ],
)
def test_a_line_that_ends_long_before_it_had_to_is_one(lines, expected):
    assert text_of(page(*lines)) == expected


def test_lists_are_lists():
    items = ("• a key", "• a lamp that", "  is full", "1. Open it.", "2. Wait for", "   a minute.", "", "", LONG)
    lines = page("You need:", *items)

    assert text_of(lines) == (
        f"You need:\n\n- a key\n- a lamp that is full\n1. Open it.\n2. Wait for a minute.\n\n{LONG}"
    )


def test_an_item_further_right_is_within_the_one_before():
    assert text_of(page("1. Open:", "   • the lid", "   • the valve", "2. Wait.")) == (
        "1. Open:\n   - the lid\n   - the valve\n2. Wait."
    )


def test_a_number_that_begins_a_line_within_a_sentence_is_no_item():
    assert text_of(page("It was built in the year", "1. and opened in", "2. again", "- no.")) == (
        "It was built in the year 1. and opened in 2. again\n\n- no."
    )


def test_an_indented_line_and_one_further_down_begin_paragraphs():
    assert text_of(page(LONG, f"   {LONG}", "", "", "They left.")) == f"{LONG}\n\n{LONG}\n\nThey left."


def test_a_column_goes_on_in_the_next():
    left = page("Open the valve", "and the lid", "and the box", "and then")
    right = [line._replace(x=300) for line in page("wait.")]

    assert text_of([*left, *right]) == "Open the valve and the lid and the box and then wait."


def test_what_is_monospaced_is_code_with_its_indentation_unless_all_is():
    code = [
        Line("def run():", 0, 72, 600, 10, monospaced=True),
        Line("# 5 ```", 0, 96, 588, 10, monospaced=True),
    ]

    assert text_of([*page(LONG), *code]) == f"{LONG}\n\n```\ndef run():\n    # 5 ` ` `\n```"
    assert text_of(code) == "def run():\n\n\\# 5 ```"


def test_marks_in_the_text_are_no_marks():
    assert (
        text_of(page("# of *all* [things](x)", LONG).copy()[1:] + page("## 5 *of* it")) == f"{LONG}\n\n\\## 5 \\*of* it"
    )


@given(
    st.lists(
        st.builds(
            Line,
            text=st.text("aB1.-•#|>*`: ", min_size=1).map(one_line).filter(bool),
            page=st.just(0),
            x=st.sampled_from([72.0, 90.0, 200.0]),
            y=st.integers(0, 20).map(lambda row: 12.0 * row),
            size=st.sampled_from([0.0, 8.0, 10.0, 16.0]),
            bold=st.booleans(),
            monospaced=st.booleans(),
            cells=st.just(()),
        )
    )
)
def test_nothing_is_lost_and_nothing_added(lines: list[Line]):
    def letters(text: str) -> list[str]:
        return sorted(filter(str.isalnum, text))

    text, starts, _ = written([lines, []], {})

    assert letters(text) == letters("".join(line.text for line in lines))
    assert starts == (0, len(text))


def test_a_line_up_the_margin_is_no_heading():
    margin = Line("arXiv:1706.03762v7 [cs.CL] 2 Aug 2023", 0, 20, 300, 0.0)

    assert text_of([margin, *page(LONG)]) == f"arXiv:1706.03762v7 [cs.CL] 2 Aug 2023\n\n{LONG}"


def laid_out(*flowables: Flowable) -> str:
    """The text of a file in which these stand below each other."""
    stream = io.BytesIO()
    SimpleDocTemplate(stream, invariant=1).build(list(flowables))
    return only(stream.getvalue()).text


def paragraph(text: str) -> Paragraph:
    return Paragraph(text, ParagraphStyle("plain", fontSize=10, leading=12))


def test_capitals_alone_set_a_heading_apart_and_what_follows_it_may_be_a_list():
    rules = ("SERVER RULES", "1. Be kind.", "2. No adverts.", "NASA")

    assert laid_out(*map(paragraph, rules)) == "# SERVER RULES\n\n1. Be kind.\n2. No adverts.\n\nNASA"


def test_a_mark_that_stands_beside_its_item_makes_a_list():
    numbered = ListFlowable([paragraph("Close the <b>valve</b>."), paragraph(f"{LONG} {LONG} {LONG}")], bulletType="1")
    marked = ListFlowable([paragraph("a wrench"), paragraph("two cloths")], bulletType="bullet")

    first, second = laid_out(numbered, paragraph("You need:"), marked).split("\n\nYou need:\n\n")

    assert first.startswith("1. Close the valve.\n2. The pump")
    assert second == "- a wrench\n- two cloths"


def test_what_stands_in_rows_and_columns_is_a_table():
    models = Table([["Model", "Weight"], ["A1", "12 kg"], ["A2", paragraph(LONG + " It weighs 15 kg.")]], [80, 120])
    shares = Table([["Homework", "40 %"], ["", "20 %"], ["Exam | oral", "40 %"]])

    assert laid_out(models, paragraph("Shares:"), shares) == (
        "| Model | Weight |\n|---|---|\n| A1 | 12 kg |\n"
        f"| A2 | {LONG} It weighs 15 kg. |\n\nShares:\n\n"
        "|  |  |\n|---|---|\n| Homework | 40 % |\n|  | 20 % |\n| Exam \\| oral | 40 % |"
    )


def test_columns_of_prose_that_are_written_line_by_line_are_no_table():
    words = "The pump moves water from the lower tank to the upper tank, slowly."
    lines = [Line(words, 0, x, y, 10) for y in (700.0, 688.0) for x in (72.0, 400.0)]

    assert "|" not in text_of(lines)


def test_ligatures_are_letters():
    assert _readable("e\ufb00ect of \ufb01re \x7f") == "effect of fire •"


def test_a_file_is_read_by_its_fonts_and_its_outline():
    def draw(canvas: Canvas) -> None:
        def line(text: str, y: float, font: str, size: float) -> None:
            canvas.setFont(font, size)
            canvas.drawString(72, y, text)

        line("Pump manual", 760, "Helvetica-Bold", 20)
        line("Safety", 720, "Helvetica-Bold", 10)
        canvas.bookmarkPage("safety")
        canvas.addOutlineEntry("Safety", "safety", 0)
        line("Open the valve first.", 700, "Helvetica", 10)
        line("make pump", 670, "Courier", 10)
        canvas.saveState()
        canvas.rotate(90)
        line("DRAFT of a page", 300, "Helvetica", 30)
        canvas.restoreState()
        canvas.showPage()
        line("Use", 760, "Helvetica-Bold", 10)
        canvas.bookmarkPage("use")
        canvas.addOutlineEntry("Use", "use", 0)
        line("Turn it on.", 740, "Helvetica", 10)

    draft = only(drawn_pdf(draw))

    assert draft.text == (
        "# Pump manual\n\n## Safety\n\nOpen the valve first.\n\n```\nmake pump\n```\n\nDRAFT of a page\n\n"
        "## Use\n\nTurn it on."
    )
    assert (draft.title, draft.text[draft.pages[1] :][:6]) == ("Pump manual", "## Use")
