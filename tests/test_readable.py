"""Readable: Markdown's marks are left out, and nothing else is changed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import MARKS

from bot.readable import readable, wraps

PIECES = [*MARKS, "```", "\n", "a", "Bc", " ", "-", "1. "]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1. Open **[[Settings|the settings]]**.", "1. Open the settings."),
        ("> [!tip] Good\n> See ![[img.png]] and ![a cat](x.png).", "[tip] Good\nSee img.png and a cat."),
        ("> [!faq]- [[How#Here|How]]?\n> \\*So\\*.", "[faq] How?\n*So*."),
        ("| A   | **B** |\n|-----|:-:|\n| 5 MB     | 200 MB   |", "A | B\n5 MB | 200 MB"),
        ("```sh\nrun *x* [y](z)\n```\nThen *go*.", "run *x* [y](z)\nThen go."),
        (
            "See the [release\npage](https://a.example/x) or **both\n  of them**.",
            "See the release\npage or both\n  of them.",
        ),
        ("A [list\n\nof](x) and [more\n- of](x) or *a\n* b*.", "A [list\n\nof](x) and [more\n- of](x) or *a\n* b*."),
        ("> [!TIP]\n> ```sh\n>   a >> b\n>\n> > c\n> ```\n> Then *go*.", "[TIP]\n  a >> b\n\n> c\nThen go."),
        ("> ```\na\n > b", "a\nb"),
        ("```\n> a\n```", "> a"),
        ("Use `a*b*c` or `[x](y)`.", "Use `a*b*c` or `[x](y)`."),
        ("2*3*4 = 24, snake_case_name, [sic], f(x) [1] (2)", "2*3*4 = 24, snake_case_name, [sic], f(x) [1] (2)"),
        (": Turns it *on*.\n: Off.", "Turns it on.\n: Off."),
        ("He _really_ said __no__.", "He really said no."),
        ("- One\n  - [Two](http://a.example 'x')", "- One\n  - [Two](http://a.example 'x')"),
        ("```\n```", "```\n```"),
    ],
)
def test_marks_are_left_out(text, shown):
    assert readable(text).text == shown


@given(texts)
def test_characters_are_only_left_out(text):
    found = readable(text)

    assert "".join(text[at] for at in found.places) == found.text
    assert list(found.places) == sorted(set(found.places))
    assert bool(found.text.strip()) == bool(text.strip())


@given(texts, st.integers(0, 60), st.integers(0, 60))
def test_a_span_keeps_what_is_left_of_it(text, start, size):
    found = readable(text)
    span = found.span(start, start + size)

    assert found.text[slice(*span)] == "".join(text[at] for at in found.places if start <= at < start + size)


@given(st.text("ab .,;1'\"-\n", max_size=60))
def test_text_without_marks_is_shown_as_it_is(text):
    if not re.search(r"^ {0,3}>", text, re.MULTILINE):
        assert readable(text).text == text


PROSE = """The sync server stores everything that you send to it, and keeps what
you delete for thirty days. After that it is gone and will not be back
for good."""


def shown(text: str, start: int = 0) -> str:
    return readable(text[start:], wraps(text, start, len(text))).text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (PROSE, PROSE.replace("\n", " ")),
        (PROSE.replace("\n", "\r\n"), PROSE.replace("\n", " ")),
        ("> [!NOTE]\n> " + PROSE.replace("\n", "\n> "), "[NOTE]\n" + PROSE.replace("\n", " ")),
        ("- " + PROSE.replace("\n", "\n  ") + "\n- Short", "- " + PROSE.replace("\n", " ") + "\n- Short"),
        (f"{PROSE}\n\n{PROSE}", f"{PROSE.replace(chr(10), ' ')}\n\n{PROSE.replace(chr(10), ' ')}"),
        ("Term\n: " + PROSE.replace("\n", "\n  "), "Term\n: " + PROSE.replace("\n", " ")),
        ("12 Main Street\nSpringfield\nUSA", "12 Main Street\nSpringfield\nUSA"),
        (PROSE.replace("\n", "  \n"), PROSE.replace("\n", "  \n")),
        (f"```\n{PROSE}\n```", PROSE),
        (f"# {PROSE}", PROSE.replace("\nfor", " for")),
        (f"| {PROSE[:68]} | 1 |\n| {PROSE[:68]} | 2 |", f"{PROSE[:68]} | 1\n{PROSE[:68]} | 2"),
        (f"{PROSE[:67]}.\nIs it?", f"{PROSE[:67]}.\nIs it?"),
        (f"{PROSE[:60]} | 1\n{PROSE[:60]} | 2", f"{PROSE[:60]} | 1\n{PROSE[:60]} | 2"),
        (f"{PROSE[:68]}:\n$a + b$", f"{PROSE[:68]}:\n$a + b$"),
        (f"{PROSE[:69]} {PROSE[:69]}\nand more.", f"{PROSE[:69]} {PROSE[:69]}\nand more."),
    ],
)
def test_the_end_of_a_line_that_an_editor_wrapped_is_a_space(text: str, read: str):
    assert shown(text) == read


def test_what_is_wrapped_is_seen_by_the_lines_around_a_quotation():
    assert shown(PROSE, PROSE.index("After")) == "After that it is gone and will not be back for good."
    assert shown(PROSE, PROSE.index("you")) == PROSE[PROSE.index("you") :].replace("\n", " ")


@given(texts | st.text("\n\x0b\x0c\r\u2028 >a", max_size=20), st.integers(0, 30))
def test_a_line_that_is_wrapped_ends_with_a_space(text: str, start: int):
    whole = f"{PROSE} {text}"
    wrapped = wraps(whole, start, len(whole))
    found = readable(whole[start:], wrapped)

    assert all(whole[start + at] == "\n" for at in wrapped)
    assert all(
        whole[start + at] == each or (whole[start + at], each) == ("\n", " ")
        for at, each in zip(found.places, found.text, strict=True)
    )
