"""Plain text: the headings that stand alone in it, and what its printed pages repeat."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.markup.plain import laid_out, without_page_breaks


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("Chapter 3: On Valves", "## Chapter 3: On Valves"),
        ("Part II", "# Part II"),
        ("ARTICLE IX.", "## ARTICLE IX."),
        ("Section 12. Definitions.", "### Section 12. Definitions."),
        ("§ 7 Springs", "### § 7 Springs"),
        ("Week 1 - Cells", "## Week 1 - Cells"),
        ("VALVES AND SPRINGS", "## VALVES AND SPRINGS"),
        ("Section 1. Name. The name of it is Valve.", None),
        ("Section 8 housing costs 300 dollars a month.", None),
        ("Title IX bans discrimination!", None),
        ("Chapter 3 is due on October 5", None),
        ("Part I liked most", None),
        ("Act a fool", None),
        ("chapter 3", None),
        ("Section 3's valves", None),
        ("1. They are red.", None),
        ("10 Downing Street", None),
        ("020 7946 0958", None),
        ("4.90 EUR", None),
        ("12 March 2024", None),
        ("I. Newton", None),
        ("Valves", None),
        ("NO", None),
        ("RED:", None),
        ("PASSWORD: HUNTER", None),
        ("PIN CODE 4711", None),
        ("ALL BOOKS MUST GO!", None),
        ("VALVES     SPRINGS", None),
        (f"VALVES {'AND SPRINGS ' * 8}", None),
    ],
)
def test_a_line_that_stands_alone_is_a_heading_by_its_word_and_number_or_capitals(line: str, written: str | None):
    text = "Before it.\n\n{}\n\nIt is red.\n"

    assert laid_out(text.format(line)) == text.format(written or line)
    assert laid_out(f"Before it.\n{line}\n\nIt is red.\n").count("#") == 0


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("1 Valves\n\nRed.\n\n2. Springs\n\nRed.\n", ["## 1 Valves", "## 2. Springs"]),
        ("1 Valves\n\n1.1 Springs\n\nRed.\n\n2 Taps\n\nBlue.\n", ["## 1 Valves", "### 1.1 Springs", "## 2 Taps"]),
        ("A. Valves\n\nRed.\n\nB. Taps\n\nRed.\n\nB.1 on\n\nB.", ["## A. Valves", "## B. Taps", "### B.1 on"]),
        ("IX. Valves\n\nRed.\n\nX. Taps\n\nRed.\n", ["## IX. Valves", "## X. Taps"]),
        ("1. No spam\n\n2. Be kind\n\n3. No links\n\nThese are the rules.\n", []),
        ("1. Keys\n\nOne.\n\n2. No pets\n\n3. Smoke\n\nNo.\n", []),
        ("1. Keys\n\nOne.\n\n2. Heating\nIt costs 80 euros.\n", []),
        ("1. Mix\n\nWell.\n\n2. Bake it.\n\nLong.\n\n3. Eat\n\nNow.\n", []),
        ("1 Valves\n\nDo:\n\n1. Open it.\n\n2. Go.\n\n2 Taps\n\nRed.\n", ["## 1 Valves", "## 2 Taps"]),
        ("Rule 1: Be Kind\n\nRule 2: No Spam\n\nThese are the rules.\n", []),
        ("ADULTS PAY SEVEN\n\nCHILDREN PAY NOTHING\n\nIt opens at nine.\n", []),
        ("ANN BERG\n\nYes.\n\nTHE CHAIR\n\nNo.\n\nANN BERG\n\nYes.\n\nA GUEST\n\nNo.\n", []),
        ("# Valves\n\n1 Red\n\nText.\n\n2 Blue\n\nSprings\n=======\n\nText.\n", ["# Valves", "# Springs"]),
        ("Red.\n\n# Valves\n\nRed.\n\n# Taps\n\nA RED ONE\n\nRed.\n", ["# Valves", "# Taps"]),
        ("Springs\n-------\n\nRED ONES\n\nText.\n", ["## Springs", "## RED ONES"]),
        ("ARTICLE I\nNAME AND PURPOSE\n\nIt is.\n", ["## ARTICLE I NAME AND PURPOSE"]),
        ("Section 1.\nAll powers are\nhere.\n", ["### Section 1."]),
        ("Rules\nNo Running\n\nWalk.\n", []),
        ("Item           Price\n--------------------\nTap               3\n", []),
    ],
)
def test_rows_of_numbers_are_headings_or_none_and_so_are_capitals(text: str, headings: list[str]):
    laid = laid_out(text)

    assert [line for line in laid.splitlines() if line.startswith("#")] == headings
    assert laid_out(laid) == laid or not headings


def test_what_is_no_heading_is_not_made_one_by_its_sign():
    assert (
        laid_out("SETUP\n\nRun this:\n\n# apt install\n\nGo.\n") == "## SETUP\n\nRun this:\n\n\\# apt install\n\nGo.\n"
    )


def test_the_dots_of_a_table_of_contents_are_one_sign():
    entries = ["1.1 Valves ......... 7", "1.2 Taps . . . . 7", "2 Hats .... 12"]

    assert laid_out("\n".join(entries) + "\n") == "1.1 Valves … 7\n\n1.2 Taps … 7\n\n2 Hats … 12\n\n"
    assert laid_out("\n".join(entries[1:]) + "\n") == "\n".join(entries[1:]) + "\n"
    assert laid_out("\n".join(reversed(entries)) + "\n") == "\n".join(reversed(entries)) + "\n"


def test_where_a_text_is_indented_what_is_not_is_a_heading():
    told = "".join(f"       It opens {n} valves\n       at once.\n\n" for n in range(12))
    others = "       304 Not Open\n\n       # A B C D\n\nAnn opens the tap\n       now.\n\nBest\n\n"
    others += "2. Grant. Who has it may open it and close it\n   at once.\n\n"
    others += "Files\n-----\n       a\n\n"
    text = f"NAME\n       valve - opens valves\n\nExit status\n{told}{others}SEE ALSO\n       tap(1)\n"

    laid = laid_out(text)

    headings = [line for line in laid.splitlines() if line.startswith("#")]
    assert headings == ["## NAME", "## Exit status", "## Files", "## SEE ALSO"]
    assert (
        "\n\\# A B C D\n" in laid and "\nvalve - opens valves\n" in laid and "\nIt opens 3 valves\nat once.\n" in laid
    )


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
        [f"Invoice {n}\n\nOf {letter}.\n\nTotal: {n * 31}.50 EUR" for n, letter in enumerate("ABCD")],
        [f"All are\nred and\nso on\n\nWell,\nnot {letter}\nbut red" for letter in "ABCD"],
        [f"Children swim free.\n\nOf {letter}." for letter in "ABCD"],
        [f"Page {n}" for n in range(5)],
    ],
)
def test_what_few_pages_have_or_all_that_they_are_stays(pages: list[str]):
    found = without_page_breaks("\f".join(pages))

    assert all(page.strip() in found for page in pages)


@given(st.text(alphabet="aA1. \n\f#-=", max_size=200))
def test_no_word_is_lost_but_what_pages_repeat(text: str):
    laid = laid_out(text)

    def words(text: str) -> list[str]:
        return [sign for sign in text if sign.isalnum()]

    assert "\f" in text or words(laid) == words(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        ".",
        ". ",
        " .",
        " ",
        "\f",
        "a\n\f",
        "A\n\n",
        "1 A\n\n",
        "  a\n",
        "a . . . 1\n",
        "Section 1 ",
        "x\n# a\n",
        "\n\n# a\n\nx",
        "=\n",
        "1.1.",
        "I",
    ],
)
def test_the_time_grows_with_the_length(unit: str):
    began = time.process_time()

    laid_out(unit * (1_000_000 // len(unit)))

    assert time.process_time() - began < 20
