"""AsciiDoc: its form is kept, its marks are read as what they show, and nothing comes from elsewhere."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.reading.documents import read_documents
from embeddings.reading.formats import Draft, Remark, Unreadable
from embeddings.reading.markup.asciidoc import read_asciidoc
from embeddings.reading.markup.asciidoc_inline import shown, with_attributes


def drafted(source: str) -> Draft:
    """The document of a file that nothing is remarked on."""
    (draft,) = read_asciidoc(source.encode(), "a")
    assert isinstance(draft, Draft)
    return draft


def text_of(source: str) -> str:
    return drafted(source).text


MANUAL = """// A comment.
:product: Pump
= The {product}: a manual
Ana Berg <ana@example.org>
v2.1, 2025-06-16
:description: All about it.

[[install]]
== Install

See <<install>>, xref:other.adoc[the other page] and link:https://example.org[the site^].

. Open *Settings* with kbd:[Ctrl+,].
. Run this:
+
[source,sh]
----
make \\
  it
----
.. Or wait.
. Press btn:[OK].

//-
* One
** Two
* Three

.Keys
[cols="1,2",options="header"]
|===
|Key |What it does

|F5
|Starts `it` again,
at once

2+|Both
|===

NOTE: Mind the
gap.

[WARNING]
====
Do not.
====

-a::
--all:: Takes all.
+
Also what is hidden.
-b:: Takes one.

[quote,Ana Berg]
____
It rained.
____

////
Not this.
////
"""


def test_a_manual_keeps_its_form():
    draft = drafted(MANUAL)

    assert (draft.title, draft.published, draft.about) == ("The Pump: a manual", date(2025, 6, 16), "All about it.")
    assert draft.text == (
        "# The Pump: a manual\n\n## Install\n\nSee Install, the other page and the site.\n\n"
        "1. Open Settings with Ctrl+,.\n2. Run this:\n\n   ```\n   make \\\n     it\n   ```\n   1. Or wait.\n"
        "3. Press OK.\n\n- One\n  - Two\n- Three\n\nKeys:\n\n"
        "| Key | What it does |\n|---|---|\n| F5 | Starts `it` again, at once |\n| Both |  |\n\n"
        "> [!NOTE]\n>\n> Mind the gap.\n\n> [!WARNING]\n>\n> Do not.\n\n"
        "-a\n--all\n: Takes all.\n\nAlso what is hidden.\n\n-b\n: Takes one.\n\n> It rained.\n>\n> — Ana Berg"
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Title\n=====\n\nPart\n----\n\nText.", "# Title\n\n## Part\n\nText."),
        ("git-add(1)\n==========\n\nNAME\n----\ngit-add - Adds", "# git-add(1)\n\n## NAME\n\ngit-add - Adds"),
        ("Text:\n\n----\na\n----\n", "Text:\n\n```\na\n```"),
        ("[qanda]\nIs it free::\n  It is.\n\n  Twice.", "**Is it free**\n\nIt is.\n\n```\nTwice.\n```"),
        ("Does it work?::\n\n\tYes.\n+\nAlways.", "**Does it work?**\n\nYes.\n\nAlways."),
        ("*Is it free?*\n\nYes.", "**Is it free?**\n\nYes."),
        (" literal\n  more", "```\nliteral\n more\n```"),
        ("[synopsis]\ngit add\n[--all]", "```\ngit add\n[--all]\n```"),
        ("One +\ntwo", "One\ntwo"),
        ("* a\n\n* b\n\n\n. c", "- a\n- b\n  1. c"),
        ("* a\n\n// x\n* b", "- a\n\n- b"),
        ("* a\nb\n* [x] c", "- a b\n- c"),
        ("<1> First\n<2> Second", "1. First\n2. Second"),
        ("[start=4]\n. a\n. b", "4. a\n5. b"),
        ("[upperalpha,start=4]\n. a\n. See D.", "- (D) a\n- (E) See D."),
        ("b. a\nc. b\nd\n\n. c", "- b. a\n- c. b d\n  1. c"),
        ("--\nOpen\n\n* a\n--", "Open\n\n- a"),
        ("|===\n|A |B\n\n|1\n|a\\|b\n|===", "| A | B |\n|---|---|\n| 1 | a\\|b |"),
        (",===\na,b\n1,2\n,===", "|  |  |\n|---|---|\n| a | b |\n| 1 | 2 |"),
        (':===\na:"b\nc:d\n:===', '|  |  |\n|---|---|\n| a | "b |\n| c | d |'),
        (',===\na,"b, or\nc"\n\n1,2\n,===', "|  |  |\n|---|---|\n| a | b, or c |\n| 1 | 2 |"),
        ('[cols="2*"]\n|===\n.2+|x |1\n|2\n|===', "|  |  |\n|---|---|\n| x | 1 |\n| x | 2 |"),
        ("|===\n|1 .3+|x\n|2\n|3\n|4 |y\n|===", "|  |  |\n|---|---|\n| 1 | x |\n| 2 | x |\n| 3 | x |\n| 4 | y |"),
        ("|===\n|a 2*|b\n|===", "|  |  |  |\n|---|---|---|\n| a | b | b |"),
        ("image::a.png[A pump]\n\n.How it looks\nimage::b.png[]\n\nText.", "How it looks\n\nText."),
        ("ifdef::env-github[]\nNo.\nendif::[]\nifdef::linux[]\nYes.\nendif::linux[]", "Yes."),
        ("----\n\\ifdef::a[]\nx\n----", "```\nifdef::a[]\nx\n```"),
        ("include::other.adoc[]\n\n++++\n<b>\n++++\n\n'''\n\nText.", "Text."),
        ("----\nnever closed", "```\nnever closed\n```"),
        (". k\n\n.-n:: b", "1. k\n\n   .-n\n   : b"),
        ("1. one\n\npara\n\n2. two", "1. one\n\npara\n\n2. two"),
        ("[cols=2]\n|===\n|A\n|B\n|c\n|d\n|===", "|  |  |\n|---|---|\n| A | B |\n| c | d |"),
        ("[separator=;]\n|===\n;a;b|c\n;d;e\n|===", "|  |  |\n|---|---|\n| a | b\\|c |\n| d | e |"),
        ("|===\n|a a|One:\n\n* x\n\n----\ny\n----\n|b |z +\n2\n|===", "| a | One: x y |\n|---|---|\n| b | z 2 |"),
        (
            "Text include::a.adoc[] more.\n\n----\ninclude::b[]\n----\n\nUse `include::c[]`.",
            "Text more.\n\nUse `include::c[]`.",
        ),
        ("NAME\n----\nifdef::a[]\nx\nendif::a[]\n\n// no", "## NAME\n\nx"),
        ("ex::include[x]\n\nvideo::a.mp4[]\n\nEnd.", "End."),
        ('[quote, "The [book]"]\n____\nq\n____', "> q\n>\n> — The [book]"),
        ('[id="a"]\n== Part {b}\n\n:b: B\n\n<<a>>', "## Part {b}\n\nPart B"),
        ("[NOTE]\nOne.\n\nTIP: Two.", "> [!NOTE]\n>\n> One.\n\n> [!TIP]\n>\n> Two."),
    ],
)
def test_blocks_are_read_as_what_they_are(source, text):
    assert text_of(source) == text


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("*bold*, _it_, #mark#, [.red]#role#, **b**old", "bold, it, mark, role, bold"),
        ("`code`, `+a*b*+`, ``x``, +a_b_c+, pass:[*x*]", "`code`, `a*b*`, `x`, a_b_c, *x*"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("https://a.example[A site], https://b.example", "A site, https://b.example"),
        ("link:a.html[Here,window=_blank] mailto:a@b.example[]", "Here a@b.example"),
        ("{url-a}/b[The page^]", "The page"),
        ("<<a>>, <<b,words>>, <<some-place>>, xref:c.adoc#a[]", "Part A, words, some place, Part A"),
        ("menu:File[Save > As], btn:[OK]", "File > Save > As, OK"),
        ("Water.footnote:[Cold.] ((pump)) (((a,b)))", "Water. (Cold.) pump "),
        ("image:x.png[A button] image:y_z.png[y_z.png]", "A button "),
        ("10^6^, m^2^, H~2~O", "10^6, m², H₂O"),
        ("\"`quoted`\" and '`single`' and ``old''", "“quoted” and ‘single’ and “old”"),
        (r"\*not bold* \{name} &amp; &nbsp;.", "*not bold* {name} &  ."),
        ("linkgit:git-log[1]", "git-log(1)"),
        ("[[here]]Text. [[[A1]]]", "Text. [A1]"),
        ("[.cmd]`oc get` and [.path]_a_b.rb_ and _snake_case_", "`oc get` and a_b.rb and snake_case"),
        ("pass:q[_a_ b] and pass:[_a_]", "a b and _a_"),
        ("javadoc:org.Foo.Bar[] and javadoc:a.B#c()[the API]", "Bar and the API"),
        ("`cout << a, b >> c;` and `<<x>>` and <<<<<<< <<a,>>", "`cout << a, b >> c;` and `<<x>>` and <<<<<<< Part A"),
        ("xref:b.adoc[image:b/c.png[,220]] `+{nbsp}+`", "b `{nbsp}`"),
    ],
)
def test_marks_within_a_line_are_what_they_show(line, read):
    assert shown(line, {}, {"a": "Part A"}) == read


def test_attributes_stand_for_their_values():
    assert with_attributes("{a} {b} {empty}{unset}", {"a": "{b}!", "b": "B"}) == "B! B {unset}"
    assert with_attributes("{a}", {"a": "{a}{a}"}).count("{a}") <= 8


def test_what_stands_below_the_title_is_an_author_an_attribute_or_text():
    assert text_of("= T\nAna Berg, Bo Lund\n:v: 1\n\n{v}") == "# T\n\n1"
    assert text_of("= T\nThis is all about it.\n:v: 1\n\n{v}") == "# T\n\nThis is all about it.\n\n1"
    assert text_of("= T\n:v: pass:q[_a_]\n\n{v}") == "# T\n\na"


def test_a_file_that_only_includes_others_is_no_document():
    assert list(read_asciidoc(b"include::a.adoc[]\n", "a")) == [
        Remark("holds no text of its own, only what it includes")
    ]


def test_a_chapter_is_called_by_the_heading_that_it_opens_with():
    assert drafted("[[zones]]\n== Zones\n\nText.").title == "Zones"
    assert drafted("Text.\n\n== Zones").title == ""


def test_a_date_that_is_none_is_left_out():
    assert drafted("= A\nAna Berg\nv1.0\n\nText.").published is None
    draft, remark = read_asciidoc(b"= A\n:revdate: 2024-02-30\n\nText.", "a")
    assert isinstance(draft, Draft)
    assert isinstance(remark, Remark)
    assert (draft.published, remark.reason[:16]) == (None, "its `published` ")


def test_a_file_without_text_is_refused():
    with pytest.raises(Unreadable, match="holds no text"):
        list(read_asciidoc(b":a: b\n// x\n", "a"))


def test_files_of_either_suffix_are_documents(tmp_path):
    (tmp_path / "a.adoc").write_text("= One\n\nText.", encoding="utf-8")
    (tmp_path / "part two.asciidoc").write_text("Text.", encoding="utf-8")

    found = read_documents(tmp_path)

    assert [(document.id, document.title) for document in found.documents] == [("a", "One"), ("part two", "Part two")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    ["* a\n" * 20_000, "|===\n" + "|a " * 50_000, "[[a]]\n" * 20_000, "a::\n" * 20_000, "====\n" * 20_000]
    + [
        f"{mark}a " * 20_000
        for mark in ("*", "_", "`", "+", "<<", "{b}", "link:x[", "kbd:[\\]", "pass:[", "[", "((", '"`', "^")
    ],
)
def test_a_long_text_is_read_quickly(source):
    began = time.process_time()
    list(read_asciidoc(f"Text.\n\n{source}".encode(), "a"))
    assert time.process_time() - began < 10


_LINES = """text|= A|== B|* a|** b|. c|a::|b:: c|+|----|==========|____|--|[NOTE]|[source]|.T|NOTE: d|||:a: b
`c` *d*| lit|<1> f|//|'bar'===|'bar'a 'bar'b""".replace("\n", "|").split("|")


@given(st.lists(st.sampled_from(_LINES), max_size=30))
@settings(max_examples=300)
def test_words_are_never_lost_nor_made(lines):
    """Whatever stands in which order: each word of prose is read once."""
    numbered = [line.replace("text", f"word{at}").replace("'bar'", "|") for at, line in enumerate(lines)]
    words = [line for line in numbered if line.startswith("word")]
    try:
        found = text_of("\n".join(numbered))
    except Unreadable:
        found = ""
    hidden = [word for word in words if word not in found.split()]
    assert not hidden or _may_hide(lines)
    assert all(found.split().count(word) <= 1 for word in words)


def _may_hide(lines: list[str]) -> bool:
    """Nothing here hides prose but a header, where a line below the title may be an author."""
    return "= A" in lines
