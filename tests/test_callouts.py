"""Callouts of built documentation: block quotations that say what they are."""

import pytest

from embeddings.reading.web.webpages import main_text, parse

FIRST = "Members ask us these things most often; who finds no answer here writes to us and gets one in two days."
TEXT = "Never open the lid while it runs, since what is in there is hot and under pressure."


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("<div class='admonition warning'><p class=admonition-title>Warning</p><p>{}</p></div>", "[!WARNING]"),
        ("<aside class='admonition tip'><p class=admonition-title>Tip</p><p>{}</p></aside>", "[!TIP]"),
        ("<div class='admonition note'><p class=admonition-title>On lids</p><p>{}</p></div>", "[!NOTE]\n>\n> On lids"),
        (
            "<div class='theme-admonition theme-admonition-info'><div class=aHeading_x>info</div><p>{}</p></div>",
            "[!INFO]",
        ),
        (
            "<div class='markdown-alert markdown-alert-caution'><p class=markdown-alert-title>Caution<p>{}</div>",
            "[!CAUTION]",
        ),
        ("<div class='danger custom-block'><p class=custom-block-title>DANGER</p><p>{}</p></div>", "[!DANGER]"),
        (
            "<aside class='starlight-aside starlight-aside--note'><p class=starlight-aside__title>Note<p>{}</aside>",
            "[!NOTE]",
        ),
        ("<div class='alert alert-danger'>{}</div>", "[!DANGER]"),
        ("<div class=admonition><p class=admonition-title>To do</p><p>{}</p></div>", "[!NOTE]\n>\n> To do"),
    ],
)
def test_a_callout_says_what_it_is(box, expected):
    page = f"<body><nav>Home</nav><main><h1>Lids</h1><p>{FIRST}</p>{box.format(TEXT)}<p>{FIRST}</p></main></body>"

    assert main_text(parse(page)) == f"# Lids\n\n{FIRST}\n\n> {expected}\n>\n> {TEXT}\n\n{FIRST}"


@pytest.mark.parametrize(
    "box",
    ["<div class=alert>{}</div>", "<div class=alerting>{}</div>", "<div class=custom-block-list><p>{}</p></div>"],
)
def test_what_has_no_kind_and_no_title_is_text(box):
    assert main_text(parse(f"<body><p>{FIRST}</p>{box.format(TEXT)}</body>")) == f"{FIRST}\n\n{TEXT}"


def test_a_page_cannot_write_marks_by_a_callouts_kind():
    page = f"<body><blockquote data-callout='x] **'>{TEXT}</blockquote></body>"

    assert main_text(parse(page)) == f"> {TEXT}"
