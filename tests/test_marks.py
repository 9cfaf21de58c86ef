"""Marks: blocks written in Markdown's form are read as what they are, and shown as they were."""

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from samples import MARKS

from bot.readable import readable
from embeddings.reading.marks import MAX_DEPTH, Table, Writer, escaped, joined
from embeddings.splitting.structure import BlockKind, blocks

PIECES = [*MARKS, "# ", "<b>", "<!--", "~~~", "a", "Bc", " "]
lines = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("> 5 MB", "\\> 5 MB"),
        ("# is no heading\n#1 is none", "\\# is no heading\n#1 is none"),
        ("Call __init__(*args, **kwargs)", "Call \\__init__(\\*args, \\**kwargs)"),
        ("Call `__init__` with _x_", "Call `__init__` with \\_x_"),
        ("See [a](b) and [1]", "See \\[a](b) and \\[1]"),
        ("2 * 3 * 4, snake_case_name, [sic], 1. One, - Two", "2 * 3 * 4, snake_case_name, [sic], 1. One, - Two"),
        ("<!-- in HTML -->", "\\<!-- in HTML -->"),
    ],
)
def test_only_what_would_be_a_mark_gets_a_backslash(text, stored):
    assert escaped(text) == stored
    assert readable(stored).text == text


@given(lines)
def test_text_is_shown_as_it_was(text):
    text = " ".join(text.split())
    if not re.fullmatch(r"[ \t|:-]*|`{3}.*|~{3}.*", text):
        assert readable(escaped(text)).text == text


@given(lines)
@example("[[|**]]")
def test_text_in_a_table_is_shown_as_it_was(text):
    text = " ".join(text.split())
    writer = Writer()
    writer.table([["A", "B"], ["1", text, "2"]], header=True)

    assert readable(joined(writer.blocks)).text == "A | B\n1 | " + f"{text} | 2".lstrip()


@given(lines)
def test_a_paragraph_stays_one(text):
    assume(text.split()[:1] != ["*"])  # what is typed as a list is one
    writer = Writer()
    writer.paragraph(text)

    assert [block.kind for block in blocks(joined(writer.blocks))] == [BlockKind.PARAGRAPH] * bool(text.strip())


def test_blocks_are_read_as_they_were_written():
    writer = Writer()
    writer.heading(2, "Setting up")
    writer.open_list()
    writer.open_item(9)
    writer.paragraph("Open it:")
    writer.code("\n  x = ```\n\n  y\n")
    writer.open_list()
    writer.open_item()
    writer.paragraph("First")
    writer.close()
    writer.close_list()
    writer.close()
    writer.open_item(10)
    writer.paragraph("Close it.")
    writer.close()
    writer.close_list()
    writer.open_quotation()
    writer.paragraph("One.")
    writer.paragraph("Two.")
    writer.close()
    writer.table([["a|b", "1"], ["", ""], ["c", "2"]], header=False)
    writer.term("--all")
    writer.term("-a")
    writer.paragraph("Takes all.")
    writer.question("Why?")
    text = joined(writer.blocks)

    assert text == (
        "## Setting up\n\n9. Open it:\n\n   ````\n     x = ```\n\n     y\n   ````\n   - First\n10. Close it.\n\n"
        "> One.\n>\n> Two.\n\n|  |  |\n|---|---|\n| a\\|b | 1 |\n| c | 2 |\n\n--all\n-a\n: Takes all.\n\n**Why?**"
    )
    assert [(block.kind.value, block.level) for block in blocks(text)] == [
        ("heading", 2),
        ("step", 1),
        ("code", 1),
        ("item", 2),
        ("step", 1),
        ("quotation", 0),
        ("quotation", 0),
        ("row", 0),
        ("row", 0),
        ("row", 0),
        ("definition", 0),
        ("paragraph", 0),
    ]
    assert readable(text).text.split("\n\n")[-3:] == ["a|b | 1\nc | 2", "--all\n-a\n: Takes all.", "Why?"]


def test_what_is_nested_without_end_does_not_grow_without_end():
    writer = Writer()
    for _ in range(200):
        writer.open_quotation()
        writer.paragraph("Text.")

    assert max(map(len, joined(writer.blocks).split("\n"))) == len("> " * MAX_DEPTH + "Text.")


def test_a_cell_stands_in_every_row_and_column_that_it_spans():
    table = Table()
    for row in ([("a", 2, 2), ("1", 1, 1)], [("2", 1, 1)], [("b", 1, 1), ("3", 1, 1), ("c", 2, 1)], [("d", 1, 2)]):
        table.row()
        for text, rows, columns in row:
            table.cell(text, heads=False, rows=rows, columns=columns)

    assert table.rows == [["a", "", "1"], ["a", "", "2"], ["b", "3", "c"], ["d", "", "c"]]


def test_cells_that_span_all_of_a_long_table_do_not_widen_it_without_end():
    table = Table()
    for _ in range(2000):
        table.row()
        table.cell("a", heads=False, rows=9999, columns=9999)

    assert max(map(len, table.rows)) == 200


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["*a* ", "`a` *b* ", "[", "![a](b", "_a", "\\", "`", "[[a|b]]"])
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    escaped(unit * (300_000 // len(unit)))

    assert time.process_time() - began < 5
