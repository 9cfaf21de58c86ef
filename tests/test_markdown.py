"""Markdown: which heading is the title, and which lines are code."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.markdown import MAX_TITLE_OFFSET, SLAB, code, first_heading

lines = st.lists(
    st.sampled_from(
        ["# One", "## Two", "```", "~~~~", "<!--", "-->", "- a", "  # In a list", "    # Code", "", "Text.", "==="]
    )
)


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


@given(lines)
def test_code_is_found_alike_in_slabs_and_in_one(found):
    """A text set behind one that is too long for a slab has its code in the same places."""
    text = "\n".join(found)
    before = "Text.\n\n" * (SLAB // 7 + 1)

    assert [(start - len(before), end - len(before)) for start, end in code(before + text)] == list(code(text))


@given(lines)
def test_code_begins_and_ends_at_lines_in_order(found):
    text = "\n".join(found)
    last = 0
    for start, end in code(text):
        assert last <= start < end <= len(text)
        assert start == 0 or text[start - 1] == "\n"
        last = end


@pytest.mark.parametrize(
    "unit", ["- a\n", "> ", "[a]: b\n", "```\n", "<a \n", "a\n=\n", "# a\n", "<!--", "[", "* * ", "\t", "1. ", "\\"]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    first_heading(unit * (1_000_000 // len(unit)))
    list(code("<\n" + unit * (MAX_TITLE_OFFSET // len(unit))))

    assert time.process_time() - began < 15
