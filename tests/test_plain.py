"""Plain text: the headings that stand alone in it, and what its printed pages repeat."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.markup.plain import laid_out, without_page_breaks


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("1 Valves", "## 1 Valves"),
        ("1. Valves", "## 1. Valves"),
        ("2.1 Springs", "### 2.1 Springs"),
        ("A.2.3  Springs", "#### A.2.3  Springs"),
        ("IV. The Valve", "## IV. The Valve"),
        ("Chapter 3: On valves", "## Chapter 3: On valves"),
        ("Part II", "# Part II"),
        ("ARTICLE IX.", "## ARTICLE IX."),
        ("Section 12. Definitions.", "### Section 12. Definitions."),
        ("§ 7 Springs", "### § 7 Springs"),
        ("VALVES AND SPRINGS", "## VALVES AND SPRINGS"),
        ("1. They are red.", None),
        ("1 valve", None),
        ("1984 Valves", None),
        ("Valves", None),
        ("chapter 3 is long", None),
        ("Section 3's valves", None),
        ("Part 2, which is red", None),
        ("NO", None),
        ("RED:", None),
        ("X = 1 * Y", None),
        ("1.1 Valves ......... 7", "1.1 Valves … 7\n"),
        ("1.1 Valves . . . . . iv", "1.1 Valves … iv\n"),
        ("Red ... 7 of them", None),
        ("1 Valves     Springs", None),
        (f"1 Valves {'and springs ' * 8}", None),
    ],
)
def test_a_line_that_stands_alone_is_a_heading_by_its_number_or_capitals(line: str, written: str | None):
    text = "Before it.\n\n{}\n\nIt is red.\n"

    assert laid_out(text.format(line)) == text.format(written or line)
    assert laid_out(f"Before it.\n{line}\n\nIt is red.\n").count("#") == 0


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("1. No spam\n\n2. Be kind\n\n3. No links\n\nThese are the rules.\n", []),
        (
            "1 Valves\n\n1.1 Springs\n\nRed.\n\n1.2 Cones\n\nBlue.\n",
            ["## 1 Valves", "### 1.1 Springs", "### 1.2 Cones"],
        ),
        ("ANN BERG\n\nYes.\n\nTHE CHAIR\n\nNo.\n\nANN BERG\n\nYes.\n\nTHE CHAIR\n\nNo.\n", []),
        ("# Valves\n\n1 Red ones\n\nText.\n\nSprings\n=======\n\nText.\n", ["# Valves", "# Springs"]),
        ("Springs\n-------\n\n1 Red ones\n\nText.\n", ["## Springs", "## 1 Red ones"]),
    ],
)
def test_lists_and_names_that_recur_are_no_headings(text: str, headings: list[str]):
    assert [line for line in laid_out(text).splitlines() if line.startswith("#")] == headings


def test_where_a_text_is_indented_what_is_not_is_a_heading():
    told = "".join(f"       It opens {n} valves\n       at once.\n\n" for n in range(12))
    others = "       304 Not Open\n\n       A B C D\n\n2. Grant. Who has it may open it and close it\n   at once.\n\n"
    text = f"NAME\n       valve - opens valves\n\nExit status\n{told}{others}SEE ALSO\n       tap(1)\n"

    laid = laid_out(text)

    assert [line for line in laid.splitlines() if line.startswith("#")] == ["## NAME", "## Exit status", "## SEE ALSO"]
    assert "\nvalve - opens valves\n" in laid and "\nIt opens 3 valves\nat once.\n" in laid


def test_what_pages_repeat_is_left_out_and_a_sentence_across_them_is_whole():
    head, told = "RFC 1        Valves\n\n\n", "   All are\n   number {} of\n"
    pages = [f"{head}{told.format(n)}\nBerg        [Page {n}]\n" for n in range(1, 5)]

    text = without_page_breaks("\f\n".join([*pages, f"{head}   the red ones.\n\n   Last.\n"]))

    assert text == "\n\n".join(told.format(n).rstrip() for n in range(1, 5)) + "\n   the red ones.\n\n   Last."


@pytest.mark.parametrize(
    "pages",
    [
        ["A\n\nb\n", "A\n\nc\n"],
        [f"{letter}\n\n{letter.lower()}" for letter in "ABCDE"],
        [f"All are\nred and\nnumber {n}\n\nWell,\nnot {letter}\nbut red" for n, letter in enumerate("ABCD")],
        [f"Page {n}" for n in range(5)],
    ],
)
def test_what_few_pages_have_or_all_that_they_are_stays(pages: list[str]):
    found = without_page_breaks("\f".join(pages))

    assert all(page.strip() in found for page in pages[1 if "All" in pages[0] else 0 :])


@given(st.text(alphabet="aA1. \n\f#-=", max_size=200))
def test_no_word_is_lost_but_what_pages_repeat(text: str):
    laid = laid_out(text)

    def words(text: str) -> list[str]:
        return [sign for sign in text if sign.isalnum()]

    assert "\f" in text or words(laid) == words(text)
    assert "\f" in laid or laid_out(laid) == laid or "#" not in laid


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [".", ". ", " .", " ", "\f", "a\n\f", "A\n\n", "1 A\n\n", "  a\n", "a . . . 1\n", "Section 1 ", "=\n", "1.1.", "I"],
)
def test_the_time_grows_with_the_length(unit: str):
    began = time.process_time()

    laid_out(unit * (1_000_000 // len(unit)))

    assert time.process_time() - began < 20
