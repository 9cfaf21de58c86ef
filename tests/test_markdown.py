"""Markdown: which heading is the title."""

import time

import pytest

from embeddings.markdown import SLAB, first_heading


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
    "unit", ["- a\n", "> ", "[a]: b\n", "```\n", "<a \n", "a\n=\n", "# a\n", "<!--", "[", "* * ", "\t", "1. ", "\\"]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    first_heading(unit * (1_000_000 // len(unit)))

    assert time.process_time() - began < 15
