"""DOCX files: their text and titles; and the limits on what files may unpack to."""

from collections.abc import Callable

import pytest
from docx.document import Document as Word
from samples import pdf, repacked, word, word_of

from embeddings.reading import extraction
from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft, Remark, Unreadable
from embeddings.reading.sandbox import SUFFIXES, Sandbox


def only(suffix: str, data: bytes) -> Draft:
    """The one document of a file that nothing is remarked on."""
    (found,) = extract(suffix, "a", data)
    assert isinstance(found, Draft)
    return found


def test_every_suffix_that_is_sent_to_the_process_is_read_there():
    assert set(SUFFIXES) == set(extraction._READERS)


# --- limits ----------------------------------------------------------------------------------------


def test_a_document_longer_than_any_is_refused_and_a_mailbox_of_several_is_read(monkeypatch):
    letter = b"From a\nSubject: s\n\n" + b"Text. " * 10 + b"\n\n"
    monkeypatch.setattr(extraction, "MAX_DOCUMENT", 60)
    assert len(extract(".mbox", "a", letter * 3)) == 3
    with pytest.raises(Unreadable, match=r"^holds more than 60 characters of text; split it$"):
        extract(".eml", "a", letter.replace(b"Text. ", b"Longer. "))


def test_a_text_of_very_many_characters_is_refused(monkeypatch):
    monkeypatch.setattr(extraction, "MAX_TEXT", 10)
    for suffix, data in ((".pdf", pdf(["Text of a page."])), (".docx", word(lambda d: d.add_paragraph("Text of it.")))):
        with pytest.raises(Unreadable, match=r"^holds more than 10 characters of text; split it$"):
            extract(suffix, "a", data)


# --- DOCX ------------------------------------------------------------------------------------------


def report(document: Word) -> None:
    """A document with a title, headings, a table and formatting."""
    document.core_properties.title = " Troops in  the city "
    document.add_heading("Troops", 0)
    document.add_heading("What happened", 1)
    document.add_paragraph("Officials sent ").add_run("2,000").bold = True
    document.add_heading("In figures", 2)
    table = document.add_table(2, 2)
    for at, text in enumerate(["City", "Troops", "Los Angeles", "4,000\nor more"]):
        table.cell(at // 2, at % 2).text = text
    document.add_paragraph("Text below the table.\nOn two lines.")


def test_a_word_document_is_read_in_order_with_headings_and_rows_of_tables():
    draft = only(".docx", word(report))

    assert draft.text == (
        "# Troops\n\n# What happened\n\nOfficials sent 2,000\n\n## In figures\n\n"
        "| City | Troops |\n|---|---|\n| Los Angeles | 4,000 or more |\n\nText below the table.\nOn two lines."
    )
    assert (draft.title, draft.published, draft.pages) == ("Troops in the city", None, ())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<w:p><w:r><w:t>Sent </w:t></w:r><w:ins><w:r><w:t>2,000</w:t></w:r></w:ins></w:p>", "Sent 2,000"),
        ("<w:p><w:r><w:t>Sent</w:t></w:r><w:del><w:r><w:delText> 4,000</w:delText></w:r></w:del></w:p>", "Sent"),
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>Held.</w:t></w:r></w:p></w:sdtContent></w:sdt>", "Held."),
        ("<w:p><w:hyperlink><w:r><w:t>A link</w:t></w:r></w:hyperlink><w:r><w:t>.</w:t></w:r></w:p>", "A link."),
        ("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p><w:p/>", "a\tb\nc"),
        (
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc>"
            "<w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
            "a\n\nb\n\nc",
        ),
        ("<w:p><w:r><w:instrText> PAGE </w:instrText><w:t>7</w:t></w:r></w:p>", "7"),
    ],
)
def test_what_a_reader_of_a_word_document_sees_is_read(body, text):
    assert only(".docx", word_of(body)).text == text


def test_a_style_made_from_a_heading_is_one():
    def write(document: Word) -> None:
        style = document.styles.add_style("Our heading", 1)
        style.base_style = document.styles["Heading 3"]  # the stub knows no inheritance
        document.add_paragraph("A part", style)
        document.add_paragraph("Text.")

    assert only(".docx", word(write)).text == "### A part\n\nText."


def test_a_line_in_bold_or_underlined_is_a_heading_above_what_is_not():
    def write(document: Word) -> None:
        document.add_heading("Guide", 1)
        for line in ("Summer term", "Setting up:"):
            document.add_paragraph().add_run(line).bold = True
        document.add_paragraph()
        document.add_paragraph("Plug it in. ").add_run("Never open it").bold = True
        document.add_heading("Care", 2)
        document.add_paragraph().add_run("Cleaning").underline = True
        document.add_paragraph("Use water.", "List Bullet")
        document.add_paragraph("", "List Bullet").add_run("No soap").bold = True
        for line in ("Never open it.", "[1, 2]", "4", "a) red", "Figure 1: Lid", "Tea\t2.50", "No dogs"):
            document.add_paragraph().add_run(line).bold = True
            document.add_paragraph("So it is.") if line != "No dogs" else None
        for line in ("No cats", "No birds"):
            document.add_paragraph().add_run(line).bold = True
        document.add_paragraph("Done.")
        document.add_paragraph("Really.")
        document.add_paragraph().add_run("The end").bold = True

    assert only(".docx", word(write)).text == (
        "# Guide\n\nSummer term\n\n## Setting up:\n\nPlug it in. Never open it\n\n## Care\n\n### Cleaning\n\n"
        "- Use water.\n- No soap\n\nNever open it.\n\nSo it is.\n\n[1, 2]\n\nSo it is.\n\n4\n\nSo it is.\n\n"
        "a) red\n\nSo it is.\n\nFigure 1: Lid\n\nSo it is.\n\nTea\t2.50\n\nSo it is.\n\n"
        "No dogs\n\nNo cats\n\nNo birds\n\nDone.\n\nReally.\n\nThe end"
    )


def test_where_most_is_in_bold_no_line_is_a_heading_for_that():
    def write(document: Word) -> None:
        for line in ("One", "Two", "Three"):
            document.add_paragraph().add_run(f"{line} more").bold = True
            document.add_paragraph().add_run(f"{line} words, all in bold.").bold = True
        document.add_paragraph("Text.")

    assert "#" not in only(".docx", word(write)).text


def manual(document: Word) -> None:
    """How something is done, in the styles that Word comes with."""
    document.add_heading("Set up", 1)
    document.add_paragraph("Plug it in.", "List Number")
    document.add_paragraph("Run this:", "List Number")
    document.styles.add_style("Source Code", 1)
    document.add_paragraph("make", "Source Code")
    document.add_paragraph("  make test", "Source Code")
    document.add_paragraph("A lamp is lit.", "List Bullet 2")
    document.add_paragraph("Wait.", "List Continue")
    document.add_paragraph("Unplug it.", "List Number")
    document.add_paragraph("That is all.")
    document.add_paragraph("> 5 volts", "List Bullet")
    document.add_paragraph("So it is said.", "Quote")
    document.add_paragraph().add_run("Does it break?").bold = True
    document.add_paragraph("No.")


def test_a_word_document_keeps_its_form():
    assert only(".docx", word(manual)).text == (
        "# Set up\n\n1. Plug it in.\n2. Run this:\n\n   ```\n   make\n     make test\n   ```\n   - A lamp is lit.\n\n"
        "     Wait.\n3. Unplug it.\n\nThat is all.\n\n- \\> 5 volts\n\n> So it is said.\n\n**Does it break?**\n\nNo."
    )


def test_steps_count_as_word_does():
    """Levels of one numbering, another numbering of the same form that begins anew, and one that is unknown."""
    numbered = (
        "<w:p><w:pPr><w:numPr><w:ilvl w:val='{}'/><w:numId w:val='{}'/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>"
    )
    numbers = (
        "<w:abstractNum w:abstractNumId='7'><w:lvl w:ilvl='0'><w:start w:val='3'/><w:numFmt w:val='decimal'/></w:lvl>"
        "<w:lvl w:ilvl='1'><w:numFmt w:val='lowerLetter'/></w:lvl><w:lvl w:ilvl='2'><w:numFmt w:val='bullet'/></w:lvl>"
        "</w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num><w:num w:numId='2'><w:abstractNumId "
        "w:val='7'/><w:lvlOverride w:ilvl='0'><w:startOverride w:val='1'/></w:lvlOverride></w:num>"
    )
    body = "".join(numbered.format(*item) for item in ("01", "11", "11", "21", "01", "11", "02", "02", "09", "00"))
    data = word_of(body, numbers)

    assert only(".docx", data).text == (
        "3. x\n   - (a) x\n   - (b) x\n     - x\n4. x\n   - (a) x\n1. x\n2. x\n- x\n\nx"
    )


@pytest.mark.parametrize(
    ("look", "header"),
    [
        ("<w:tblPr><w:tblLook w:val='0020'/></w:tblPr>", True),
        ("<w:tblPr><w:tblLook w:firstRow='0'/></w:tblPr>", False),
        ("", False),
    ],
)
def test_a_table_has_a_header_where_its_look_says_so(look, header):
    cell = "<w:tc>{}<w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = [
        cell.format("<w:tcPr><w:vMerge w:val='restart'/></w:tcPr>", "a") + cell.format("", "b"),
        cell.format("<w:tcPr><w:vMerge/></w:tcPr>", "") + cell.format("", "c"),
    ]
    text = only(".docx", word_of(f"<w:tbl>{look}{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>")).text

    assert text == ("| a | b |\n|---|---|\n" if header else "|  |  |\n|---|---|\n| a | b |\n") + "| a | c |"


def test_footnotes_are_counted():
    body = '<w:p><w:r><w:t>Text.</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'

    assert extract(".docx", "a", word_of(body))[1:] == [Remark("1 footnote left out")]


def test_a_word_document_without_text_is_refused():
    with pytest.raises(Unreadable, match=r"^holds no text$"):
        extract(".docx", "a", word(lambda _: None))


@pytest.mark.slow
def test_a_word_document_that_unpacks_to_far_more_than_its_size_is_not_opened():
    with pytest.raises(Unreadable, match=r"^unpacks to \d+ MiB, which no document of its size does; save it anew$"):
        extract(".docx", "a", repacked(word(report), b"<w", megabytes=200))


ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<w:sdt>" * 100_000, "nested too deeply; save its text as .txt"),
        (f'<!DOCTYPE x [<!ENTITY l0 "lol">{ENTITIES}]><x>&l11;</x>', "damaged, or not a .docx file (Maximum entity"),
    ],
)
def test_a_word_document_cannot_nest_or_multiply_without_end(xml, reason):
    with Sandbox() as sandbox, pytest.raises(Unreadable) as refused:
        sandbox.extract(".docx", "a", repacked(word(report), xml.replace("<w:sdt>", '<w:sdt xmlns:w="w">', 1).encode()))

    assert str(refused.value).startswith(reason)


def test_a_word_document_reads_no_other_file(tmp_path):
    (tmp_path / "secret").write_text("A secret.", encoding="utf-8")
    entity = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    body = word_of("<w:p><w:r><w:t>Text &#65; </w:t></w:r></w:p><w:p><w:r><w:t>&#38;a;</w:t></w:r></w:p>")
    xml = f'{entity}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>' + (
        "<w:p><w:r><w:t>Text.</w:t></w:r></w:p><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>"
    )

    assert only(".docx", repacked(body, xml.encode())).text == "Text."


def test_cut_off_files_are_refused_or_read_in_part():
    """Whatever the place of the cut, the library's error is the only thing that can come out."""
    makers: list[tuple[str, Callable[[], bytes]]] = [
        (".pdf", lambda: pdf(["Text."] * 3)),
        (".docx", lambda: word(report)),
    ]
    with Sandbox() as sandbox:
        for suffix, make in makers:
            data = make()
            for cut in range(0, len(data), len(data) // 10):
                try:
                    found = sandbox.extract(suffix, "a", data[:cut])
                except Unreadable as reason:
                    assert "crashed" not in str(reason)
                else:
                    assert found
