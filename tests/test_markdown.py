"""Markdown: which heading is the title."""

import time

import pytest

from embeddings.reading.markup.markdown import SLAB, first_heading, hashed, narrow, numbered, outside_code
from embeddings.splitting.structure import BlockKind, blocks


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("", ""),
        ("# One\n# Two", "One"),
        ("   # One #", "One"),
        ("One\r\ntwo\r\n===\r\n", "One\ntwo"),
        ("## Two\n\n# *One* `x`", "*One* `x`"),
        ("#\n\n# One", "One"),
        ("#One", ""),
        ("```\n# no\n```\n# One", "One"),
        ("   ~~~ sh\n# no\n   ~~~\n# One", "One"),
        ("<pre>\n# no\n\n# no\n</pre>\n# One", "One"),
        ("\t# no\n\n# One", "One"),
        ("> # no\n\n- # no\n\n# One", "One"),
        ("x" * SLAB * 3 + "\n\n# One", "One"),
        ("```\n" + "# no\n\n" * SLAB + "```\n# One", ""),
        ("```\n" + "# no\n\n" * (SLAB // 4) + "```\n# One", "One"),
    ],
)
def test_the_title_is_the_first_real_heading_of_level_1(text, heading):
    found = first_heading(text)

    assert (found.text if found else "") == heading


@pytest.mark.parametrize(
    ("before", "opens"),
    [
        ("", True),
        ("<!-- a comment -->\n\n", True),
        ('<p align="center"><img src="x.png"></p>\n\n', True),
        ("[![build](https://x.example/b.svg)](https://x.example) ![logo][l]\n\n", True),
        ("[Home](index.md) | [FAQ][faq]\n\n---\n\n", True),
        ("Some text.\n\n", False),
        ("- [A link](a.md) with text\n\n", False),
        ("## Two\n\n", False),
        ("```\ncode\n```\n", False),
    ],
)
def test_a_text_opens_with_a_heading_that_pictures_and_links_stand_before(before, opens):
    found = first_heading(before + "# One\n\nText.")

    assert found and found.text == "One" and found.opens is opens


@pytest.mark.parametrize(
    ("after", "alone"),
    [
        ("", True),
        ("\n\n## Two\n\n```\n# no\n```\n", True),
        ("\n\n# Two\n", False),
        ("\n\n" + "x\n\n" * SLAB + "# Two", False),
        ("\n\nTwo\n===\n", False),
        ("\n\n#\n", True),
    ],
)
def test_a_heading_is_alone_where_no_other_is_of_its_level(after: str, alone: bool):
    found = first_heading("# One" + after)

    assert found and found.text == "One" and found.alone is alone


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("One\r\n===\r\n\r\nText.", "# One\r\n\r\nText."),
        ("Two\n-----------", "## Two"),
        ("  *Two*:\n--\n", "## *Two*:\n"),
        ("Why?\n----\n", "## Why?\n"),
        ("It is **red.**\n---\n", "It is **red.**\n---\n"),
        ("It is\nred\n---\n", "It is\nred\n---\n"),
        ("![](a.png)\n---\nText", "![](a.png)\n---\nText"),
        ("Text\n\n---\n\n***\n===\n", "Text\n\n---\n\n***\n===\n"),
        ("> Two\n> ---\n\n- Two\n  ---\n", "> Two\n> ---\n\n- Two\n  ---\n"),
        ("| a |\n|---|\n| b |\n", "| a |\n|---|\n| b |\n"),
        ("a | b\n--|--\nc | d\n", "a | b\n--|--\nc | d\n"),
        ("```\nOne\n===\n```\n\n    One\n    ===\n", "```\nOne\n===\n```\n\n    One\n    ===\n"),
        ("```\n" + "a\n\n" * SLAB + "One\n===\n```\nOne\n===", "```\n" + "a\n\n" * SLAB + "One\n===\n```\n# One"),
        ("x\n\n" * SLAB + "One\n===\ny", "x\n\n" * SLAB + "# One\ny"),
    ],
)
def test_an_underlined_heading_is_written_as_others_are(text: str, written: str):
    assert hashed(text) == written
    assert hashed(written) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [("Valves\n======\n", "# Valves\n"), ("Valves\n-----\n", "## Valves\n"), ("The valves of it\n---\n", None)],
)
def test_in_plain_text_the_line_beneath_a_heading_is_as_long_as_it(text: str, written: str | None):
    assert hashed(text, plain=True) == (written or text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["- a\n", "> ", "[a]: b\n", "```\n", "<a \n", "a\n=\n", "# a\n", "<!--", "[", "* * ", "\t", "1. ", "\\"]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    first_heading(unit * (1_000_000 // len(unit)))
    hashed(unit * (1_000_000 // len(unit)))

    assert time.process_time() - began < 15


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("1. a\n   more\n1. b\n\n   1. x\n   1. y\n\n1. c\n", "1. a\n   more\n2. b\n\n   1. x\n   2. y\n\n3. c\n"),
        ("> 1. a\n> 1. b", "> 1. a\n> 2. b"),
        ("- 1. a\n  1. b\n", "- 1. a\n  2. b\n"),
        ("1. 1. a\n   1. b\n1. c", "1. 1. a\n   2. b\n2. c"),
        ("7) a\n7) b", "7) a\n8) b"),
        ("0. a\n0. b", "0. a\n1. b"),
        ("```\n1. a\n1. b\n```\n", "```\n1. a\n1. b\n```\n"),
        ("1. a\n- b\n1. c\n1. d", "1. a\n- b\n1. c\n2. d"),
        ("1. a\n2. b\n\ntext\n\n1. c", "1. a\n2. b\n\ntext\n\n1. c"),
    ],
)
def test_items_are_numbered_as_they_are_shown(text, counted):
    assert numbered(text) == counted


@pytest.mark.parametrize(
    "item", ["1. item\n   more\n\n   > said\n", "> 1. item\n>    more\n", "1. item\n\n   ```\n   x\n   ```\n"]
)
def test_what_belongs_to_an_item_still_does_where_its_number_grows(item):
    text = item * 12

    def forms(text: str) -> list[BlockKind]:
        return [block.kind for block in blocks(text)]

    assert forms(numbered(text)) == forms(text)
    assert "12. item" in numbered(text)


@pytest.mark.parametrize(
    ("text", "narrowed"),
    [
        ("|  a  |    |\n|-----|----|\n|     |  b |", "| a | |\n|---|---|\n| | b |"),
        ("> | a   |\n> |:---:|\n> | `x   \\|   y`   |", "> | a |\n> |:---:|\n> | `x   \\|   y` |"),
        ("  | a   |\n  |-----|\n\n| b   |", "  | a |\n  |---|\n\n| b   |"),
        ("```\n| a   |\n|-----|\n```", "```\n| a   |\n|-----|\n```"),
        ("|   o   |\n|  /|\\  |", "|   o   |\n|  /|\\  |"),
    ],
)
def test_tables_are_as_narrow_as_their_words(text, narrowed):
    assert narrow(text) == narrowed


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a\n```\na\n```\na", "b\n```\na\n```\nb"),
        ("<!--\n```\na\n```\n-->\na", "<!--\n```\nb\n```\n-->\nb"),
        ("<!-- a -->\n```\na\n```\na", "<!-- b -->\n```\na\n```\nb"),
        ("```\n<!--\na\n```\na -->", "```\n<!--\na\n```\nb -->"),
        ("<!--\n```\na\n```\na\n<!--", "<!--\n```\na\n```\nb\n<!--"),
    ],
)
def test_within_a_comment_there_is_no_block_of_code(text, read):
    assert outside_code(text, lambda part: part.replace("a", "b")) == read
