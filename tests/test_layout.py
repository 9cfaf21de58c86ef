"""Lines of pages as a text in Markdown's form, by where they stand and how they are set."""

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embeddings.reading.formats import one_line
from embeddings.reading.pages.layout import written
from embeddings.reading.pages.lines import Line, Page


def page(*texts: str, number: int = 0, top: float = 700, size: float = 10) -> list[Line]:
    """Lines below each other; "# " before one sets it larger, "* " bold, a blank one leaves a gap."""

    def line(text: str, x: float, size: float, bold: bool = False) -> Line:
        first, right = (x + length * size / 2 for length in (len(text.split()[0]), len(text)))
        return Line(text, number, x, top, size, bold, right=right, first=first)

    lines: list[Line] = []
    for text in texts:
        top -= 1.2 * size
        kind, words = text[:2], text[2:]
        if kind == "# ":
            lines.append(line(words, 72, 1.6 * size))
        elif kind == "* ":
            lines.append(line(words, 72, size, bold=True))
        elif text.strip():
            indent = len(text) - len(text.lstrip())
            lines.append(line(text.strip(), 72 + size * indent / 2, size))
    return lines


def text_of(*pages: list[Line], outline: Mapping[tuple[str, int], int] | None = None) -> str:
    return written([Page(lines) for lines in pages], outline or {})[0]


LONG = "The pump has a valve that is opened before it starts."


def test_what_is_larger_or_alone_in_bold_is_a_heading():
    text, _, title = written([Page(page("# Pumps", "", "* Before you start", "", LONG, LONG))], {})

    assert text == f"# Pumps\n\n## Before you start\n\n{LONG} {LONG}"
    assert title == "Pumps"


@pytest.mark.parametrize("bold", ["Warning: it is hot.", "the hot part", "What to bring:"])
def test_a_bold_line_that_ends_or_begins_as_a_sentence_does_is_none(bold):
    assert text_of(page(f"* {bold}", "", LONG)) == f"{bold}\n\n{LONG}"


def test_what_the_outline_leaves_out_is_as_deep_as_its_last_heading_of_that_look():
    """Whatever order Python gives a set, which differs from one process to the next."""
    names = ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel")
    lines = page(*(text for name in (*names, "Other") for text in (f"# {name}", LONG)), number=1)
    outline = {(name.casefold(), 1): depth % 4 for depth, name in enumerate(names)}

    for last in range(4):
        deep = outline | {("hotel", 1): last}
        assert f"{'#' * (last + 2)} Other" in text_of(page(LONG), lines, outline=deep).split("\n\n")


def test_the_file_knows_its_headings_best():
    lines = page("# Pumps", "", "1. Safety", "", "# Loud!", "", LONG, "", "* In bold", "", "2. Use", "", LONG)
    outline = {("safety", 0): 0, ("use", 0): 1, ("noise", 3): 0}

    assert text_of(lines, outline=outline).split("\n\n") == [
        "# Pumps",
        "## 1. Safety",
        "# Loud!",
        LONG,
        "In bold",
        "### 2. Use",
        LONG,
    ]
    later = page("# Loud!", "", "1. Safety", "", "2. Use", number=1)
    assert "# Loud!" not in text_of(page(LONG), later, outline={("safety", 1): 0, ("use", 1): 0})


def test_a_section_with_a_number_is_a_heading_and_its_words_are_whole():
    sections = ("IV. Use", "2.1 Care of the pump")
    for section in sections:
        assert text_of(page(LONG, "", section, "", LONG, LONG)) == f"{LONG}\n\n# {section}\n\n{LONG} {LONG}"
    assert "#" not in text_of(page(LONG, "", "2.5 Litres are enough.", "", LONG, LONG))
    assert text_of(page("# How to take care of the develop-", "# ment", LONG)) == (
        f"# How to take care of the development\n\n{LONG}"
    )


def test_the_line_of_a_table_of_contents_is_not_the_heading_that_it_names():
    first = page("# Contents", "", "Safety", "Use", LONG)
    second = page("Safety", "", LONG, "", "Use", "", LONG, number=1)

    text = text_of(first, second, outline={("safety", 1): 0, ("use", 1): 0})

    assert text == f"# Contents\n\nSafety\nUse\n{LONG}\n\n## Safety\n\n{LONG}\n\n## Use\n\n{LONG}"


def test_running_heads_and_page_numbers_are_left_out_and_sentences_go_on_across_them():
    def numbered(number: int, text: str) -> list[Line]:
        head = Line(f"{number + 5} SECTION {'AAB'[number]}", number, 72, 780, 8)
        foot = Line("The pump", number, 72, 60, 8)
        return [head, *page(text, number=number), foot, Line(str(number + 1), number, 300, 40, 10)]

    texts = [
        "Open the valve, the lid and the box, and wait for a minute or two",
        "until nothing drips from the pump any more, which may take long,",
        "and close it.",
    ]
    text, starts, _ = written([Page(numbered(number, text)) for number, text in enumerate(texts)], {})

    assert text.startswith(" ".join(texts[:2]))
    assert "and close it." in text
    assert [text[start : start + 9] for start in starts[:2]] == ["Open the ", "until not"]
    assert "SECTION A" not in text


def test_what_is_written_on_every_page_is_kept_once_and_what_differs_everywhere():
    def week(number: int) -> list[Line]:
        own = [f"{LONG} {place} {'ABCD'[number]}" for place in "abcd"]
        return page(f"Week {number + 1}", "Bring a pump.", "", *own, "", f"Due on {number + 2} May", number=number)

    text = text_of(*map(week, range(4)))

    assert [text.count(words) for words in ("Week 1", "Week 4", "Bring a pump.", "Due on 2 May", "Due on 5 May")] == [
        1
    ] * 5


def test_what_all_pages_consist_of_is_kept():
    assert text_of(*(page("A form.", number=number) for number in range(3))) == "\n\n".join(["A form."] * 3)


def test_of_two_pages_only_what_is_smaller_is_a_running_head():
    def copy(number: int) -> list[Line]:
        return [*page("Pay until 3 May.", number=number), Line(f"Page {number + 1}", number, 300, 40, 8)]

    assert text_of(copy(0), copy(1)) == "Pay until 3 May.\n\nPay until 3 May."


def test_titles_of_slides_are_kept_though_they_repeat():
    slides = [page("# Examples", "", f"{LONG} {'ABC'[number]}", number=number) for number in range(3)]

    assert text_of(*slides).count("# Examples") == 3


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Open the valve care-", "fully."), "Open the valve carefully."),
        (("The auto-grading is old; auto-", "grading it is."), "The auto-grading is old; auto-grading it is."),
        (("From Weiß-", "Blau to 3-", "way."), "From Weiß-Blau to 3-way."),
        (("Ask the work-", "shop, where", "all is."), "Ask the workshop, where all is."),
    ],
)
def test_a_word_that_is_parted_at_the_end_of_a_line_is_whole(lines, expected):
    assert text_of(page(*lines)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Acme Ltd.", "5 Main Street in the old", "Oslo"), "Acme Ltd.\n5 Main Street in the old Oslo"),
        (
            ("See https://example.org/", "pumps and http:", "//example.net."),
            "See https://example.org/pumps and http://example.net.",
        ),
        (("In 2010-", "2015 the pre-", "and post-war pumps"), "In 2010-2015 the pre- and post-war pumps"),
    ],
)
def test_a_line_that_ends_long_before_it_had_to_is_one(lines, expected):
    assert text_of(page(*lines)) == expected


def test_lists_are_lists():
    items = ("• a key", "• a lamp that", "  is full", "1. Open it.", "2. Wait for", "   a minute.", "", "", LONG)
    lines = page("You need:", *items)

    assert text_of(lines) == (
        f"You need:\n\n- a key\n- a lamp that is full\n1. Open it.\n2. Wait for a minute.\n\n{LONG}"
    )


def test_an_item_further_right_is_within_the_one_before():
    assert text_of(page("1. Open:", "   • the lid", "   • the valve", "2. Wait.")) == (
        "1. Open:\n   - the lid\n   - the valve\n2. Wait."
    )


def test_a_number_that_begins_a_line_within_a_sentence_is_no_item():
    assert text_of(page("It was built in the year", "1. and opened in", "2. again", "- no.")) == (
        "It was built in the year 1. and opened in 2. again\n\n- no."
    )


def test_an_indented_line_and_one_further_down_begin_paragraphs():
    assert text_of(page(LONG, f"   {LONG}", "", "", "They left.")) == f"{LONG}\n\n{LONG}\n\nThey left."


def test_a_column_goes_on_in_the_next():
    left = page("Open the valve", "and the lid", "and the box", "and then")
    right = [line._replace(x=300, right=325, first=325) for line in page("wait.")]

    assert text_of([*left, *right]) == "Open the valve and the lid and the box and then wait."


def test_what_is_monospaced_is_code_with_its_indentation_unless_all_is():
    code = [
        Line("def run():", 0, 72, 600, 10, monospaced=True),
        Line("# 5 ```", 0, 96, 588, 10, monospaced=True),
    ]

    assert text_of([*page(LONG), *code]) == f"{LONG}\n\n```\ndef run():\n    # 5 ` ` `\n```"
    assert text_of(code) == "def run():\n\n\\# 5 ```"


def test_marks_in_the_text_are_no_marks():
    assert (
        text_of(page("# of *all* [things](x)", LONG).copy()[1:] + page("## 5 *of* it")) == f"{LONG}\n\n\\## 5 \\*of* it"
    )


@given(
    st.lists(
        st.builds(
            Line,
            text=st.text("aB1.-•#|>*`: ", min_size=1).map(one_line).filter(bool),
            page=st.just(0),
            x=st.sampled_from([72.0, 90.0, 200.0]),
            y=st.integers(0, 20).map(lambda row: 12.0 * row),
            size=st.sampled_from([0.0, 8.0, 10.0, 16.0]),
            bold=st.booleans(),
            monospaced=st.booleans(),
            right=st.sampled_from([100.0, 150.0, 300.0]),
        )
    )
)
@example([Line("1", 0, 72, 0, 0.0)] * 3)
@example([Line("• 1. a", 0, 72, 0, 10.0)])
def test_nothing_is_lost_and_nothing_added(lines: list[Line]):
    def letters(text: str) -> list[str]:
        return sorted(filter(str.isalnum, text))

    text, starts, _ = written([Page(lines), Page([])], {})

    assert letters(text) == letters("".join(line.text for line in lines))
    assert starts == (0, len(text))


def test_a_line_up_the_margin_is_no_heading():
    margin = Line("arXiv:1706.03762v7 [cs.CL] 2 Aug 2023", 0, 20, 300, 0.0)

    assert text_of([margin, *page(LONG)]) == f"arXiv:1706.03762v7 [cs.CL] 2 Aug 2023\n\n{LONG}"


def lines_of(*texts: str) -> list[Line]:
    """As `page`, with much text below."""
    return [*page(*texts), *page(*[LONG] * 15, top=400)]


def on_pages(*edges: str, size: float, pages: int = 4) -> str:
    """The text of pages that each have these lines at the bottom, and much else."""
    found = []
    for number in range(pages):
        own = [line._replace(page=number) for line in lines_of(f"Text {'abcd'[number]} is here and goes on.")]
        foot = [line._replace(page=number) for line in page(*edges, top=60, size=size)]
        found.append([*own, *foot])
    return text_of(*found)


def test_a_running_head_is_left_out_however_large_it_is():
    assert on_pages("Annual report 2023", size=8).count("Annual report") == 0
    assert on_pages("Annual report 2023", size=13).count("Annual report") == 1


def test_a_small_foot_that_says_something_is_kept_where_it_stands_first():
    text = on_pages("Oak Ltd, 5 Mill Lane. Complaints must reach us within 14 days.", "IBAN DE12 3456", size=8)

    assert text.count("Complaints must reach us") == text.count("IBAN") == 1


def test_clauses_and_rules_of_one_line_stay_apart():
    clauses = ("§ 1 The flat is let for use as a home.", "§ 2 The rent is due on the third day of", "each month.")
    rules = (
        "No spam or advertising without permission",
        "Be kind to others in chat",
        "Use English in the main channels",
    )

    assert text_of(page(*clauses)).split("\n\n") == [clauses[0], " ".join(clauses[1:])]
    assert text_of(page(LONG, "", *rules)).split("\n\n") == [LONG, *rules]


def test_a_second_line_of_a_clause_hangs():
    assert text_of(page("1.2 They apply here. They do not", "    apply there, and not elsewhere.")) == (
        "1.2 They apply here. They do not apply there, and not elsewhere."
    )


def test_a_note_at_the_end_of_a_page_does_not_cut_a_sentence():
    first = [*page("Open the valve and wait until nothing"), *page("1 Or the tap, see p. 3.", top=60, size=8)]
    second = page("drips from the pump.", number=1)

    assert text_of(first, second) == (
        "Open the valve and wait until nothing drips from the pump.\n\n1 Or the tap, see p. 3."
    )


@pytest.mark.parametrize("between", ["Figure 2: A pump.", "Tab. 1 Pumps", "TABLE 1 Pumps"])
def test_a_figure_does_not_cut_a_sentence(between):
    first = [*page("Open the valve and wait until nothing", top=80)]
    second = [*page(between, number=1, top=700, size=9), *page("drips from the pump.", number=1, top=600)]

    assert text_of(first, second) == f"Open the valve and wait until nothing drips from the pump.\n\n{between}"
    closed = page("Wait until nothing drips.", top=80)
    assert text_of(closed, second) == f"Wait until nothing drips.\n\n{between}\n\ndrips from the pump."


@pytest.mark.parametrize("line", ["Figure 2: A pump", "Table 12 Fees", "f (x) = a + b", "A ::= Nil | B"])
def test_a_caption_and_a_formula_are_no_headings(line):
    assert text_of(page(f"# {line}", "", LONG)).startswith(f"{line}\n\n")


def test_a_star_is_that_of_a_note_where_a_word_has_one():
    assert text_of(page("Children* pay half.", "", " * up to the age of 14")) == (
        "Children* pay half.\n\n\\* up to the age of 14"
    )
    assert text_of(page("You need:", "", " * a key", " * a lamp")) == "You need:\n\n- a key\n- a lamp"


def test_a_heading_right_below_another_one_is_within_it():
    assert text_of(page("# Tables", "", "", "# Fees of 2024", "", LONG, "", "# Use", "", LONG)) == (
        f"# Tables\n\n## Fees of 2024\n\n{LONG}\n\n# Use\n\n{LONG}"
    )


def test_a_sentence_that_begins_in_bold_is_whole():
    first = page(f"* Note: {LONG} Do not let it")
    rest = page(f"run dry, {LONG.lower()}", top=688)

    assert text_of([*first, *rest]) == f"Note: {LONG} Do not let it run dry, {LONG.lower()}"


def test_the_numbers_of_lines_in_a_margin_are_left_out():
    def transcript(number: int) -> list[Line]:
        margin = [Line(str(at + 1), number, 40, line.y, 10) for at, line in enumerate(page(*[LONG] * 4))]
        return [*margin, *page(*[f"Speaker {'abcd'[number]} has 7 pumps."] * 4, number=number)]

    text = text_of(*map(transcript, range(4)))

    assert text.count("Speaker") == text.count("7") == 16
    assert not set("1234") & set(text)


def test_entries_of_a_table_of_contents_are_lines_without_dots():
    lines = [Line(f"1.{n} On pumps{' .' * 30} {n}", 0, 72, 700 - 12 * n, 10, right=500, first=85) for n in range(1, 4)]

    text, _, _ = written([Page([*lines, Line("Name: .........", 0, 72, 600, 10, right=200, first=100)])], {})

    assert text == "1.1 On pumps … 1\n1.2 On pumps … 2\n1.3 On pumps … 3\n\nName: …"


def test_an_outline_may_leave_out_the_letters_that_number_headings():
    lines = page(LONG, "", "II. Care", "", LONG, "", "(a) Of the valve", "", LONG, "", "B Use", "", LONG)
    outline = {("care", 0): 0, ("ofthevalve", 0): 1, ("use", 0): 0}

    headings = [line for line in text_of(lines, outline=outline).splitlines() if line.startswith("#")]

    assert headings == ["## II. Care", "### (a) Of the valve", "## B Use"]


def test_a_part_and_what_it_is_called_are_one_heading():
    lines = page("* BY-LAWS", "* ARTICLE I", "", "* Meetings", "", LONG, "", "* ARTICLE II", "", "* Officers", "", LONG)

    assert text_of(lines).split("\n\n") == ["# BY-LAWS", "## ARTICLE I Meetings", LONG, "## ARTICLE II Officers", LONG]
    assert text_of(page(LONG, "* Section 5", LONG, LONG)).split("\n\n") == [LONG, "# Section 5", f"{LONG} {LONG}"]
    assert "#" not in text_of(page(LONG, "Article 5 of this agreement does not apply to pumps.", LONG))


@pytest.mark.parametrize("note", ["[Adopted 5-29-2013]", "STM, approved 10-8-2013]"])
def test_a_note_in_brackets_is_no_heading(note):
    assert text_of(page(f"* {note}", "", LONG)) == f"{note}\n\n{LONG}"


def test_when_a_text_was_revised_is_not_what_it_is_called():
    pages = [Page(page("# Last Revised January 2024", "", "# By-laws of the town", "", LONG, LONG))]

    assert written(pages, {})[2] == "By-laws of the town"


def entries(*texts: str, number: int = 0) -> list[Line]:
    return page("", "", "", *(f"{text} {'.' * 20} {at}" for at, text in enumerate(texts, 1)), number=number)


def test_a_table_of_contents_is_left_out():
    names = ("Safety", "Use", "Care", "Repair", "Storage")
    contents = [*page("# Contents"), *entries(*names), *page("Notes on page numbers", top=500)]
    others = [page(f"# {name}", LONG, number=number) for number, name in enumerate(names, 1)]

    text = text_of(contents, *others)

    assert text.startswith("# Contents\n\nNotes on page numbers\n\n# Safety\n\n")
    assert "…" not in text
    assert text_of(entries(*names)).count("…") == 5, "prices, of a single page"
    falling = page(*(f"{name} {'.' * 20} {9 - at}" for at, name in enumerate(names)))
    assert text_of(falling, *[[]] * 9).count("…") == 5, "prices that fall"


def test_a_table_of_contents_goes_on_on_the_next_page():
    first, second = entries("Safety", "Use", "Care", "Repair", "Storage"), entries("Waste", number=1)

    assert text_of(first, second, *[[]] * 4) == ""


def headed(heads: list[str], size: float = 10) -> str:
    """The text of pages with a head each, set apart, and beside it what stands on no other page."""
    found = []
    for number, head in enumerate(heads):
        beside = Line(f"Art. {'abcdefghijkl'[number]}", number, 400, 760, size, right=460)
        own = page(f"Text {'abcdefghijkl'[number]} is here and goes on.", *[LONG] * 15, number=number)
        found.append([*own, Line(head, number, 72, 760, size, right=200), beside])
    return text_of(*found)


def test_a_running_head_that_changes_from_part_to_part_is_left_out_with_what_stands_beside_it():
    text = headed(["Safety", "Safety", "Use of pumps", "Use of pumps", "Use of pumps", "Care", "Care"])

    assert not any(word in text for word in ("Safety", "Use of", "Care", "Art."))


def test_what_stands_on_top_of_each_page_and_is_another_each_time_is_text():
    text = headed(["Safety", "Safety", "Rain", "Snow", "Ice", "Wind", "Sun", "Hail"])

    assert all(word in text for word in ("Safety", "Rain", "Hail", "Art. h"))


def test_text_of_a_column_that_is_drawn_later_is_read_where_it_stands():
    headings, texts = (
        page("* Safety", "", "", "* Use", "", ""),
        page("", "Wear gloves near any of the pumps.", "", "", LONG),
    )
    in_columns = [*page("Left one", "", "Left two"), *(line._replace(x=300, right=500) for line in page(LONG, LONG))]

    assert text_of([*headings, *texts]).split("\n\n") == ["# Safety", texts[0].text, "# Use", LONG]
    assert text_of(in_columns).startswith("Left one\n\nLeft two"), "the next column"
