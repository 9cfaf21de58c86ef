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
    assert first_heading(text) == heading


@pytest.mark.parametrize(
    "unit", ["- a\n", "> ", "[a]: b\n", "```\n", "<a \n", "a\n=\n", "# a\n", "<!--", "[", "* * ", "\t", "1. ", "\\"]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    first_heading(unit * (1_000_000 // len(unit)))

    assert time.process_time() - began < 15
