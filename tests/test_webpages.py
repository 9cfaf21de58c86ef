"""HTML pages: their main text as a reader sees it, and what they declare of themselves."""

import contextlib
import json
import time
from datetime import date

import pytest
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.documents import Document
from embeddings.reading.formats import Draft, Remark, Unreadable, is_text
from embeddings.reading.web.webpages import charset, parse, read_page, whole_text
from embeddings.splitting.passages import split

ARTICLE = """<!DOCTYPE html><html><head><title>Guard sent to the city | The Paper</title></head><body>
<nav><a href="/">Home</a> <a href="/politics">Politics</a></nav>
<article><h1>Guard sent to the city</h1>
<p>The president sent <b>2,000</b> troops to <a href="/la">Los Angeles</a> on Saturday, officials
said. It was the first time in decades&nbsp;that it happened.</p>
<h2>What the <i>governor</i> said</h2>
<p>He called it <em>“purposefully inflammatory”</em>.<br>He promised to sue the administration over it.</p>
<blockquote><p>This is a quotation of some length that stands on its own in the article.</p></blockquote>
<ul><li>The first item of the list</li><li>The second item of the list</li></ul>
<table><tr><th>City</th><th>Troops</th></tr><tr><td>Los <b>Angeles</b></td><td><p>4,000</p></td></tr></table>
<script>var tracked = "never shown";</script></article>
<aside>Related: another article</aside><footer>© The Paper</footer></body></html>"""


def page(html: str, encoding: str = "utf-8") -> Draft:
    """The document of a page that nothing is remarked on."""
    (draft,) = read_page(html.encode(encoding), "a")
    assert isinstance(draft, Draft)
    return draft


def declaring(head: str) -> str:
    return f"<html><head>{head}</head><body><p>The text.</p></body></html>"


def linked(*things: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)


# --- text ------------------------------------------------------------------------------------------


def test_the_main_text_is_what_a_reader_sees_without_menus_and_marks_of_format():
    assert page(ARTICLE).text == (
        "# Guard sent to the city\n\n"
        "The president sent 2,000 troops to Los Angeles on Saturday, officials said. "
        "It was the first time in decades that it happened.\n\n"
        "## What the governor said\n\n"
        "He called it “purposefully inflammatory”.\nHe promised to sue the administration over it.\n\n"
        "> This is a quotation of some length that stands on its own in the article.\n\n"
        "- The first item of the list\n- The second item of the list\n\n"
        "| City | Troops |\n|---|---|\n| Los Angeles | 4,000 |"
    )


def test_no_words_are_left_out_inside_a_paragraph():
    """trafilatura leaves out elements in the middle of a paragraph that look like buttons to it."""
    paragraph = '<p>Advances the iterator and <span class="share">returns an array with</span> all the values.</p>'
    text = page(f"<html><body><nav></nav><article><h1>Iterators</h1>{paragraph * 6}</article></body></html>").text

    assert "Advances the iterator and returns an array with all the values." in text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hi", "Hi"),
        ("Only text.", "Only text."),
        ("<h1>T</h1><p>Short <b>text</b>, <a href=x>a link</a>.<p>Another", "# T\n\nShort text, a link.\n\nAnother"),
        ("<h2><div>Inside</div></h2>", "## Inside"),
        ("<h1>Two<br>lines</h1>", "# Two lines"),
        ("<p>a<br><br>b</p>", "a\nb"),
        ("<pre>one\n  two\n\nthree</pre>", "one\n  two\n\nthree"),
        ("<p>a\n  b\t c", "a b c"),
        ("<pre hidden>no</pre><p>a\nb", "a b"),
        ("<p>a<script>no</script>b<style>no</style>c<!-- no -->d<noscript>no</noscript>e", "abcde"),
        ("<table><tr><td>a<p>b</p></td><td></td><td>c</td></tr></table>", "a\n\nb\n\nc"),
        ("<select><option>no</select><p hidden>no</p><p>yes", "yes"),
        ("<p>&#0;&#1;nothing &amp; &lt;b&gt;", "nothing & <b>"),
    ],
)
def test_a_page_too_small_to_tell_is_read_whole(html, text):
    assert page(html).text.replace("\ufffd", "") == text


def test_tags_in_each_other_without_end_are_refused():
    for tag in (b"<div>", b"<b>", b"<ul><li>"):
        with pytest.raises(Unreadable, match=r"^nested too deeply; save its text as \.txt$"):
            list(read_page(tag * 100_000 + b"Deep.", "a"))


def test_a_text_that_the_parser_would_cut_off_is_refused():
    with pytest.raises(Unreadable, match=r"^a text without marks too long for a page; save its text as \.txt$"):
        list(read_page(b"<p>" + b"Words. " * 2_000_000, "a"))


def test_a_page_without_text_has_none():
    assert page("<html><head><title>x</title></head><body><img src=x></body></html>").text == ""


@given(st.text(alphabet="<>/ab phtd1!-&;\n\x00é\u2028", max_size=100))
def test_whatever_a_page_holds_can_be_stored(html):
    try:
        assert is_text(whole_text(parse(html)))
    except Unreadable as reason:
        assert str(reason) == "holds no text"


# --- encodings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ("<meta charset=koi8-r>", "koi8-r"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-5">', "iso8859-5"),
        ('<?xml version="1.0" encoding="windows-1251"?>', "cp1251"),
        ("", "utf-8"),
        ("", "utf-16"),
    ],
)
def test_the_encoding_that_a_page_declares_is_its_encoding(head, encoding):
    assert page(f"{head}<p>Полиция сообщила.", encoding).text == "Полиция сообщила."


def test_latin_1_is_read_as_browsers_do():
    assert page('<meta charset="iso-8859-1"><p>“Quoted”', "cp1252").text == "“Quoted”"
    assert charset(b'<META HTTP-EQUIV=x CONTENT="text/html; charset=Latin1">') == "cp1252"


@pytest.mark.parametrize("name", ["utf-16", "UTF-16LE", "utf-16be"])
def test_a_page_with_a_tag_that_says_utf_16_is_utf_8(name):
    assert page(f'<meta charset="{name}"><p>“Quoted”').text == "“Quoted”"


def test_an_encoding_that_is_told_is_remarked_on():
    draft, remark = read_page("<p>Le café était fermé à midi, mes élèves".encode("cp1252"), "a")

    assert isinstance(draft, Draft)
    assert draft.text == "Le café était fermé à midi, mes élèves"
    assert remark == Remark("not UTF-8; read as windows-1252")


# --- metadata --------------------------------------------------------------------------------------

NEWS = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "A headline",
    "datePublished": "2025-06-07",
}


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title> A \n title </title>", "A title"),
        ('<title>A title | Paper</title><meta property="og:title" content="A title">', "A title"),
        (linked(NEWS) + "<title>A title | Paper</title>", "A headline"),
        (linked(NEWS, NEWS | {"headline": "Another"}) + "<title>A title</title>", "A title"),
        ("", ""),
    ],
)
def test_the_title_is_the_one_declared(head, title):
    assert page(declaring(head)).title == title


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta property="article:published_time" content="2025-06-08T23:00:00-07:00">', date(2025, 6, 8)),
        ('<meta itemprop="datePublished" content="2025-06-08">', date(2025, 6, 8)),
        ('<meta name="date" content="2025-06-08 10:00">', date(2025, 6, 8)),
        ('<meta name="DC.date.issued" content="2025-06-08">', date(2025, 6, 8)),
        (linked(NEWS), date(2025, 6, 7)),
        (linked([{"@type": "Organization"}, NEWS]), date(2025, 6, 7)),
        (linked({"@graph": [{"@type": "WebPage", "datePublished": "2020-01-01"}, NEWS]}), date(2025, 6, 7)),
        (linked(NEWS | {"@type": ["Report", "Thing"]}), date(2025, 6, 7)),
        (linked({"@type": "Person", "datePublished": "2025-06-07"}), None),
        (linked(NEWS, NEWS | {"datePublished": "2025-06-08"}), None),
        ('<meta name="date" content="2020-01-01">' + linked(NEWS), date(2025, 6, 7)),
        ('<meta property="article:modified_time" content="2025-06-08">', None),
        ('<script type="application/ld+json">{"datePublished": </script>', None),
        (f'<script type="application/ld+json">{"[" * 100_000}</script>', None),
        ("", None),
    ],
)
def test_the_date_is_the_one_declared_for_publication(head, published):
    assert page(declaring(head)).published == published


def test_a_date_in_the_text_or_the_address_is_no_declaration():
    html = declaring('<link rel="canonical" href="https://paper.example/2025/06/08/guard">')

    assert page(html.replace("The text.", "Published on 2025-06-08. <time>June 8, 2025</time>")).published is None


def test_a_date_that_cannot_be_read_is_left_out_and_named():
    draft, remark = read_page(declaring('<meta name="date" content="June 8, 2025">').encode(), "a")

    assert isinstance(draft, Draft)
    assert draft.published is None
    assert remark == Remark("its date ('June 8, 2025') is not like 2025-06-16 and was left out")


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ('<link rel="canonical" href="https://paper.example/a">', "https://paper.example/a"),
        ('<meta property="og:url" content="https://paper.example/b">', "https://paper.example/b"),
        ('<link rel=canonical href="/a"><meta property="og:url" content="http://x.example">', "http://x.example"),
        ('<link rel=canonical href="javascript:alert(1)">', None),
        ('<link rel="stylesheet" href="https://paper.example/style.css">', None),
    ],
)
def test_the_address_is_the_one_declared(head, url):
    assert page(declaring(head)).url == url


# --- form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ol><li>One<li>Two <ul><li>a<li>b</ul><li>Three</ol>", "1. One\n2. Two\n   - a\n   - b\n3. Three"),
        ("<ol start=4><li>Four<li value=7>Seven<li><p>Eight<p>More</ol>", "4. Four\n7. Seven\n8. Eight\n\n   More"),
        ("<ol type=a><li>One<li>Two</ol>", "- (a) One\n- (b) Two"),
        ("<ol style='list-style-type:Upper-Roman' start=4><li>One</ol>", "- (IV) One"),
        ("<ol type=1 start=0><li>One</ol>", "0. One"),
        ("<ul><li>Run:<pre>a\n\n  b</pre>then</ul>", "- Run:\n\n  ```\n  a\n\n    b\n  ```\n\n  then"),
        ("<p>Do<pre><code class=language-sh>x = ```\n</code></pre>", "Do\n\n````\nx = ```\n````"),
        ("<p>Use <code>a_b</code>, <code>*x*</code> or _y_", "Use `a_b`, `*x*` or \\_y_"),
        ("<blockquote><p>a<p>b</blockquote>c", "> a\n>\n> b\n\nc"),
        ("<dl><dt>Term<dt>Word<dd>Meaning<dd>More</dl>", "Term\nWord\n: Meaning\n\nMore"),
        ("<p>&gt; 5 MB<br># 6", "\\> 5 MB\n\\# 6"),
        ("<h2>Part<a href=#part>¶</a></h2>", "## Part"),
        ("<h2><code>init</code> it</h2>", "## init it"),
    ],
)
def test_the_form_of_a_page_is_kept_as_in_markdown(html, text):
    assert page(html).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<tr><th>A<th>B<tr><td>1|2<td>2", "| A | B |\n|---|---|\n| 1\\|2 | 2 |"),
        ("<tr><td>k<td>v<tr><td>l<td>w", "|  |  |\n|---|---|\n| k | v |\n| l | w |"),
        ("<tr><th>A<td>1<tr><th>B<td>2", "|  |  |\n|---|---|\n| A | 1 |\n| B | 2 |"),
        (
            "<caption>C</caption><tr><th>A<th>B<tr><td rowspan=2>x<td>1<tr><td><ul><li>2<li>3</ul>",
            "C\n\n| A | B |\n|---|---|\n| x | 1 |\n| x | 2 3 |",
        ),
        ("<tr><th colspan=2>A<th>B<tr><td>1<td>2<td>3", "| A |  | B |\n|---|---|---|\n| 1 | 2 | 3 |"),
        (
            "<tr><th>Item<th>Price<tr><td>A<td rowspan=2>10<tr><td>B<tr><td>C<td>20",
            "| Item | Price |\n|---|---|\n| A | 10 |\n| B | 10 |\n| C | 20 |",
        ),
        ("<tr><td><h2>Menu</h2>x<td>y<tr><td>z", "## Menu\n\nx\n\ny\n\nz"),
        ("<tr><td>a<tr><td><table><tr><th>A<th>B<tr><td>1<td>2</table>", "a\n\n| A | B |\n|---|---|\n| 1 | 2 |"),
    ],
)
def test_a_table_of_data_is_one_and_one_that_arranges_the_page_is_not(html, text):
    assert page(f"<table>{html}</table>").text == text


@pytest.mark.parametrize(
    "html",
    [
        "<h3><button>How long does it take?</button></h3><div>Two days.</div>",
        "<dl><dt>How long does it take?<dd><p>Two days.</dl>",
        "<details><summary>How long does it take?</summary>Two days.</details>",
        "<p><b>How long does it take?</b><p>Two days.",
        "<ul><li><h4>How long does it take?</h4><p>Two days.</ul>",
    ],
)
def test_a_question_is_the_heading_of_its_answer(html):
    (passage,) = split(Document("a", "", page(html).text), FakeEncoder())

    assert (passage.heading, passage.text) == ("How long does it take?", "Two days.")


def test_half_a_list_chosen_is_the_whole():
    """trafilatura leaves out items that are only a link."""
    items = "".join(f"<li>Press the button with number {n} and wait until it blinks.</li>" for n in range(1, 5))
    prose = "<p>The machine is started by a number of steps, which are to be taken in this order, each once.</p>" * 4
    text = page(f"<nav></nav><article><h1>Start</h1>{prose}<ol>{items}<li><a href=/x>Ok</a></li></ol></article>").text

    assert text.endswith(
        "3. Press the button with number 3 and wait until it blinks.\n"
        "4. Press the button with number 4 and wait until it blinks.\n5. Ok"
    )


def test_what_stands_among_the_chosen_text_is_kept():
    """trafilatura leaves out lists, headings and last paragraphs with links."""
    prose = "<p>The system uses a dedicated account for recovery, and it works as follows on every machine.</p>"
    answers = (
        f"<div><h3><span>How does it work?</span></h3><div>{prose}<ol><li>Create an account.</li><li>Lock it</li></ol>"
        f"</div></div><div><h3><span>Is it safe?</span></h3><div>{prose}</div></div><div><h3>Who built it?</h3>"
        "<p>Ann did it all alone, see <a href=a>her page</a> or <a href=b>this</a>.</p><dl><dt>Price<dd>Free</dl></div>"
    )
    around = (
        "<div class='share'><p>Share this with all of your friends.</p></div><span>Advertisement</span>"
        "<div><ul><li><a href=a>On other locks</a></li><li><a href=b>More</a></li></ul></div>"
    )
    text = page(
        f"<body><nav>Home</nav><div id=top>A banner of this site tells you all its news.</div><main>{answers}{around}"
        "</main><div>The last words, which are by the makers of this site.</div></body>"
    ).text

    paragraph = prose.removeprefix("<p>").removesuffix("</p>")
    assert text.split("\n\n") == [
        "### How does it work?", paragraph, "1. Create an account.\n2. Lock it", "### Is it safe?", paragraph,
        "### Who built it?", "Ann did it all alone, see her page or this.", "Price\n: Free",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["<ul><li>", "<table><tr><td>", "<blockquote>", "<td rowspan=9999 colspan=9999>a", "<code>", "<pre>", "<dt>a"],
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    with contextlib.suppress(Unreadable):
        whole_text(parse(f"<table>{unit * (20_000 // len(unit))}"))
        whole_text(parse(f"<table>{(unit * 20 + '</table></ul></pre></blockquote>') * 500}"))

    assert time.process_time() - began < 20
