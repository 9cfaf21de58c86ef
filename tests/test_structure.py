"""Structure: what the lines of a text are, each in its place."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.markup.markdown import MAX_TITLE_OFFSET, SLAB
from embeddings.splitting.structure import BlockKind, blocks

LINES = [
    "# One",
    "## Two #",
    "```",
    "~~~~",
    "<!--",
    "-->",
    "- a",
    "  - b",
    "1. c",
    "   d",
    "  # In a list",
    "> e",
    "> - f",
    "    # Code",
    "",
    "Text.",
    "Text:",
    "===",
    "---",
    "| a | b |",
    "|---|---|",
    "[g]: h",
    "#\tTab",
]
texts = st.lists(st.sampled_from(LINES), max_size=25).map("\n".join)


def found(text: str) -> list[tuple[str, str]]:
    return [(block.kind.value, text[block.start : block.end].rstrip("\n")) for block in blocks(text)]


def test_a_manual_page_is_read_block_by_block():
    text = """# Import

Do this:

1. Open **Settings**.
   A second line.
   - Or press `,`.

   More of the first step.
2. Choose a file.

| Format | Size |
|:-------|-----:|
| PDF    | 5 MB |

```sh
# no heading
run
```

> [!tip] Good to know
> It takes long.

- One
- Two
"""

    assert found(text) == [
        ("heading", "# Import"),
        ("paragraph", "Do this:"),
        ("step", "1. Open **Settings**.\n   A second line."),
        ("item", "   - Or press `,`."),
        ("paragraph", "   More of the first step."),
        ("step", "2. Choose a file."),
        ("row", "| Format | Size |\n|:-------|-----:|"),
        ("row", "| PDF    | 5 MB |"),
        ("code", "```sh\n# no heading\nrun\n```"),
        ("quotation", "> [!tip] Good to know\n> It takes long."),
        ("item", "- One"),
        ("item", "- Two"),
    ]


def test_terms_stand_with_their_meaning():
    text = "--all\n-a\n: Takes all.\n  And more.\n\nNone: of that\nis one.\n\n> Term\n> : in a quotation\n>\n> Text.\n"

    assert [(block.kind.value, block.group) for block in blocks(text)] == [
        ("definition", 0),
        ("paragraph", None),
        ("quotation", text.index("> Term")),
        ("quotation", text.index("> Term")),
    ]


def test_what_belongs_together_has_one_group():
    text = "Text:\n\n1. One\n   - Two\n2. Three\n\n| a |\n|---|\n| b |\n"

    groups = [block.group for block in blocks(text)]

    assert groups[0] is None
    assert groups[1:] == [text.index("1.")] * 3 + [text.index("| a")] * 2


def test_items_know_how_deep_they_stand():
    assert [block.level for block in blocks("- a\n  - b\n    1. c\n- d")] == [1, 2, 3, 1]


@pytest.mark.parametrize("text", ["", "\n \n", "One.", "One.\n\nTwo\nthree.\n"])
def test_a_text_without_marks_has_paragraphs(text):
    assert [said for _, said in found(text)] == [part.rstrip("\n") for part in re.split(r"\n\n", text) if part.strip()]
    assert all(block.kind is BlockKind.PARAGRAPH for block in blocks(text))


@given(texts)
def test_blocks_are_whole_lines_in_order_and_hold_every_line(text):
    last = 0
    for block in blocks(text):
        assert last <= block.start < block.end <= len(text)
        assert block.start == 0 or text[block.start - 1] == "\n"
        assert block.end == len(text) or text[block.end - 1] == "\n" or text[block.end] in "\r\n"
        assert not text[last : block.start].strip()
        last = block.end
    assert not text[last:].strip()


def kinds(text: str) -> list[BlockKind]:
    """The kind of the block that each line which is not blank stands in."""
    return [block.kind for block in blocks(text) for line in text[block.start : block.end].splitlines() if line.strip()]


@pytest.mark.slow
@given(texts)
def test_lines_are_the_same_in_slabs_and_in_one(text):
    """Those of a text set behind one that is too long for a slab; code may be two blocks where a slab ends."""
    before = "Text.\n\n" * (SLAB // 7 + 1)

    assert kinds(before + text)[len(kinds(before)) :] == kinds(text)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("behind", ["", "\n\nText.\n", "\n# Heading\n", "\n\n| c |\n|---|\n| d |\n"])
def test_a_table_longer_than_several_slabs_is_one_to_its_last_row(end, behind):
    rows = [f"| row {number} | {'x' * 40} |" for number in range(1000)]
    text = "\n".join(("Text.", "", "| a | b |", "|---|---|", *rows)) + behind
    text = text.replace("\n", end)

    found = [text[block.start : block.end].strip() for block in blocks(text) if block.kind is BlockKind.ROW]

    assert found[0] == f"| a | b |{end}|---|---|"
    assert found[1:1001] == rows
    assert found[1001:] == ([f"| c |{end}|---|", "| d |"] if "c" in behind else [])


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["- a\n", "> ", "[a]: b\n", "```\n", "<a \n", "a\n=\n", "# a\n", "<!--", "[", "* * ", "\t", "1. ", "\\", "|"],
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    list(blocks("<\n" + unit * (MAX_TITLE_OFFSET // len(unit))))

    assert time.process_time() - began < 15
