"""PDF files: their text, pages and titles, and limits."""

import zlib

import pytest
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, Paragraph
from samples import content, drawn_pdf, encrypted_pdf, flowing_pdf, pdf, pictures_pdf, raw_pdf

from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft, Remark, Unreadable
from embeddings.reading.pages import pdf as reading
from embeddings.reading.pages.pdf import _readable

LONG = "The pump has a valve that is opened before it starts."


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


@pytest.mark.parametrize("bits", [40, 128])
def test_a_pdf_that_opens_without_a_password_is_read(bits):
    assert only(encrypted_pdf("Text.", "", bits)).text == "Text."


def test_a_pdf_that_needs_a_password_is_refused():
    with pytest.raises(Unreadable, match=r"^encrypted with a password; save it without one$"):
        extract(".pdf", "a", encrypted_pdf("Text.", "secret"))


def test_a_pdf_without_text_is_taken_for_a_scan():
    with pytest.raises(Unreadable, match=r"^holds no text \(a scan\?\); run OCR first$"):
        extract(".pdf", "a", pdf(["", ""]))


def test_pages_without_text_are_counted_and_the_others_keep_their_numbers():
    draft, remark = extract(".pdf", "a", pdf(["One.", "", "Three."]))

    assert isinstance(draft, Draft)
    assert (draft.text, draft.pages) == ("One.\n\nThree.", (0, 4, 6))
    assert remark == Remark("1 page of 3 without text (scanned?)")


def test_a_pdf_that_becomes_a_hundred_times_its_size_is_refused():
    data = raw_pdf(content(") Tj (".join(["A word. " * 100] * 2000)))

    assert len(data) < 10_000
    with pytest.raises(Unreadable, match=r"^holds more than 1,048,576 characters of text; split it$"):
        extract(".pdf", "a", data)


def test_a_pdf_of_very_many_pages_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_PAGES", 3)
    assert len(only(pdf(["Text."] * 3)).pages) == 3
    with pytest.raises(Unreadable, match=r"^has more than 3 pages; split it$"):
        extract(".pdf", "a", pdf(["Text."] * 4))


@pytest.mark.slow
def test_a_page_that_unpacks_to_very_much_is_read():
    assert only(raw_pdf(content("One."), content("Two.", megabytes=300))).text == "One.\n\nTwo."


def test_capitals_alone_set_a_heading_apart_and_what_follows_it_may_be_a_list():
    rules = ("SERVER RULES", "1. Be kind.", "2. No adverts.", "NASA")

    assert only(flowing_pdf(*rules)).text == "# SERVER RULES\n\n1. Be kind.\n2. No adverts.\n\nNASA"


def test_a_mark_that_stands_beside_its_item_makes_a_list():
    def items(*texts: str, **how: str) -> ListFlowable:
        return ListFlowable([Paragraph(text) for text in texts], **how)

    numbered = items("Close the <b>valve</b>.", f"{LONG} {LONG} {LONG}", bulletType="1", bulletFormat="%s.")
    marked = items("a wrench", "two cloths", bulletType="bullet")

    first, second = only(flowing_pdf(numbered, "You need:", marked)).text.split("\n\nYou need:\n\n")

    assert first == f"1. Close the valve.\n2. {LONG} {LONG} {LONG}"
    assert second == "- a wrench\n- two cloths"


def test_raised_and_lowered_characters_belong_to_their_word():
    assert only(flowing_pdf("An area of 5 m<super>2</super> and CO<sub>2</sub> in it.")).text == (
        "An area of 5 m² and CO₂ in it."
    )


def test_a_power_is_no_longer_number_and_a_note_no_part_of_a_word():
    assert only(flowing_pdf("It takes 10<super>15</super> steps<super>3</super> on the 1<super>st</super>.")).text == (
        "It takes 10^15 steps ³ on the 1st."
    )
    assert only(flowing_pdf("<super>3</super>The steps.")).text == "³ The steps."


def test_a_sign_that_no_font_names_does_not_hide_a_power():
    line = rb"BT /F1 12 Tf 72 700 Td (In 10) Tj /F1 7 Tf 5 Ts (\0176\016) Tj 0 Ts /F1 12 Tf ( steps.) Tj ET"

    assert only(raw_pdf(zlib.compress(line))).text == "In 10^6 steps."


def test_pictures_of_letters_are_read_where_their_codes_are_those_of_letters():
    lines = (
        b'The sequence of runs is \\dif\x0ccult" to com-',
        b"pare {see pages 3{4.",
        *([b"More words on what is seen."] * 4),
    )

    draft = only(pictures_pdf(lines, lines[1:2]))

    assert draft.text.startswith("The sequence of runs is “difficult” to compare –see pages 3–4.\n\nMore words")


def test_pictures_of_letters_that_tell_their_size_are_what_the_file_says():
    assert only(pictures_pdf([b"ANNUAL REPORT {2026}"], size=10)).text == "ANNUAL REPORT {2026}"


def test_pictures_of_letters_in_an_order_of_their_own_are_for_eyes_only():
    garbled = [bytes(range(1, 30)), b"% * + , - ! HIJKLMNOP QROST UVWTPQ RXWY OR ZTQR"]

    with pytest.raises(Unreadable, match=r"^its fonts do not say which letters they draw; run OCR first$"):
        extract(".pdf", "a", pictures_pdf(garbled, garbled))

    draft, remark = extract(
        ".pdf", "a", pictures_pdf([b"More words on what is seen."], [b"And some more."], garbled[1:])
    )
    assert isinstance(draft, Draft)
    assert draft.text == "More words on what is seen.\n\nAnd some more."
    assert remark == Remark("1 page of 3 in fonts that do not say which letters they draw")


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Pumps and valves", "Pumps and valves"),
        ("Pumps &amp; their valves in the old house", "Pumps and valves"),
        ("Proceedings Template", "Pumps and valves"),
        ("arXiv:0501170v3 [math.CO] 25 Jan 2005", "Pumps and valves"),
        ("The pump, a valve and when it starts", "The pump, a valve and when it starts"),
        ("Pumps and <i>valves</i>", "Pumps and valves"),
    ],
)
def test_a_title_that_is_printed_nowhere_is_that_of_something_else(given, title):
    def draw(canvas: Canvas) -> None:
        canvas.setTitle(given)
        canvas.setFontSize(20)
        canvas.drawString(72, 700, "Pumps and valves*")
        canvas.setFontSize(10)
        canvas.drawString(72, 650, LONG)

    assert only(drawn_pdf(draw)).title == title


def test_an_accent_that_is_drawn_by_itself_belongs_to_its_letter():
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "B")
        for accent in ("o", "\u00a8"):
            canvas.drawString(80, 700, accent)
        canvas.drawString(86.7, 700, "rsch")

    assert only(drawn_pdf(draw)).text == "B\u00f6rsch"


def test_text_that_is_drawn_twice_is_read_once():
    def draw(canvas: Canvas) -> None:
        for away in (0, 0.4):
            canvas.drawString(72 + away, 700, "A voucher.")
            canvas.drawString(72 + away, 600, "It is valid.")

    assert only(drawn_pdf(draw)).text == "A voucher.\n\nIt is valid."


def test_ligatures_are_letters():
    assert _readable("e\ufb00ect of \ufb01re") == "effect of fire"


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
