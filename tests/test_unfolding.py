"""What a page shows on demand is read where it stands: answers, tabs, and what they are called."""

import time

import pytest

from embeddings.reading.formats import Draft
from embeddings.reading.web.unfolding import unfold
from embeddings.reading.web.webpages import parse, read_page

LONG = "Boost the server for two months, then open a ticket in the support channel and wait until someone answers"
FIRST = "Members ask us these things most often; who finds no answer here writes to us and gets one in two days."
SECRET = "Machines alone are told of this sentence, which is as long as others and so may be taken for main text."


def _read(body: str) -> list[str]:
    """The blocks of a page of a site."""
    html = (
        f"<html><head><script src='a.js'></script></head><body><nav>Home</nav><main><p>{FIRST}</p>{body}</main></body>"
    )
    (draft,) = read_page(html.encode(), "a")
    assert isinstance(draft, Draft)
    first, *others = draft.text.split("\n\n")
    assert first == FIRST
    return others


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("<details><summary>How so?</summary>", f"<p>{LONG}.</p></details>"),
        ("<div class='item'><button>How so?</button>", f"<div><p>{LONG}.</p></div></div>"),
        ("<button aria-controls='a'>How so?</button>", f"<div id='a' hidden><p>{LONG}.</p></div>"),
        ("<a class='accordion-toggle' href='#a'>How so?</a>", f"<div aria-hidden='true'><p>{LONG}.</p></div>"),
        ("<div class='faq-question'>How so?</div>", f"<div style='display: none'><p>{LONG}.</p></div>"),
        (
            "<p class='Question'><span>How</span> so?</p>",
            f"<div class='a hide' hidden='until-found'><p>{LONG}.</p></div>",
        ),
    ],
)
def test_an_answer_that_unfolds_stands_beneath_its_question(question, answer):
    assert _read(f"{question}{answer}<p>{FIRST}</p>") == ["**How so?**", f"{LONG}.", FIRST]


def test_what_a_heading_unfolds_stands_beneath_it():
    button, panel = (
        "<button aria-controls='a'>Returns</button>",
        f"<div id='a' role='region' hidden><p>{LONG}.</p></div>",
    )

    assert _read(f"<h3>{button}</h3>{panel}<p>{FIRST}</p>") == ["### Returns", f"{LONG}.", FIRST]


@pytest.mark.parametrize(
    "title",
    [
        "<details><summary><b>Returns</b></summary>",
        "<div class='accordion-header'><button aria-expanded='false'>Returns \u25be</button></div>",
        "<a data-toggle='collapse' href='#a'>Returns</a>",
    ],
)
def test_what_unfolds_a_text_is_its_title(title):
    assert _read(f"{title}<div><p>{LONG}.</p></div><p>{FIRST}</p>") == ["**Returns**", f"{LONG}.", FIRST]


def test_a_button_for_more_is_no_title():
    assert _read(f"<p>{LONG}.</p><button aria-expanded='false'>Show more</button><p>{FIRST}</p>") == [f"{LONG}.", FIRST]


def test_a_short_page_is_what_stands_in_its_main_part():
    html = "<html><body><nav>Home</nav><div>Sign in</div><main><h1>Mail</h1><p>Open Settings.</p></main></body></html>"

    (draft,) = read_page(html.encode(), "a")

    assert isinstance(draft, Draft)
    assert draft.text == "# Mail\n\nOpen Settings."


def test_each_tab_is_read_beneath_its_name():
    tabs = "<ul role='tablist'><li role='tab'>Linux</li><li role='tab'>macOS</li></ul>"
    panels = f"<div role='tabpanel'><p>{LONG}.</p></div><div role='tabpanel' hidden>On macOS: {LONG}.</div>"

    assert _read(f"<div>{tabs}{panels}</div><p>{FIRST}</p>") == [
        "Linux", f"{LONG}.", "macOS", f"On macOS: {LONG}.", FIRST,
    ]  # fmt: skip
    assert _read(f"<div>{tabs}{tabs}{panels}</div><p>{FIRST}</p>")[-2:] == [f"On macOS: {LONG}.", FIRST]


def test_tabs_within_tabs_lose_no_words():
    inner = "<ul role='tablist'><li role='tab'>One</li> and more</ul>"
    tabs = f"<div><ul role='tablist'><li role='tab'>Outer {inner}</li></ul><div role='tabpanel'>{LONG}.</div></div>"

    assert f"{LONG}." in _read(f"{tabs}<p>{FIRST}</p>")
    assert "and more" in " ".join(_read(f"<div>{inner}<div role='tabpanel'>{LONG}.</div></div><p>{FIRST}</p>"))


def test_what_nobody_asks_for_stays_hidden():
    assert _read(f"<p>{LONG}.</p><p hidden>{SECRET}</p><div style='display:none'>{SECRET}</div><p>{FIRST}</p>") == [
        f"{LONG}.", FIRST,
    ]  # fmt: skip
    menu = f"<header><button aria-controls='m'>Menu</button><div id='m' hidden><p>{SECRET}</p></div></header>"
    assert _read(f"{menu}<p>{LONG}.</p>") == [f"{LONG}."]


def test_a_page_of_no_site_is_read_whole():
    callout = "<figure class='callout'><div>Ask first.</div></figure><ul class='toggle'><li>Now.</li></ul>"
    html = f"<html><body><article><p>{LONG}.</p>{callout}<p>{FIRST}</p><p>{FIRST}</p></article></body></html>"

    (draft,) = read_page(html.encode(), "a")

    assert isinstance(draft, Draft)
    assert draft.text.split("\n\n") == [f"{LONG}.", "Ask first.", "- Now.", FIRST, FIRST]


@pytest.mark.parametrize(
    "body",
    [
        "<div class=tabbed-set><input type=radio id=a><input type=radio id=b><div><label for=a>One</label>"
        "<label for=b>Two</label></div><div><div><p>{}.</p></div><div><p>{}!</p></div></div></div>",
        "<div class=sd-tab-set><input type=radio id=a><label for=a>One</label><div><p>{}.</p></div>"
        "<input type=radio id=b><label for=b>Two</label><div><p>{}!</p></div></div>",
        "<div><div><input type=radio id=a><label for=a>One</label><input type=radio id=b><label for=b>Two</label></div>"
        "<div><div><p>{}.</p></div><div><p>{}!</p></div></div></div>",
    ],
)
def test_tabs_without_a_script_are_named_too(body):
    assert _read(body.format(LONG, LONG)) == ["One", f"{LONG}.", "Two", f"{LONG}!"]


def test_choices_of_a_form_are_no_tabs():
    body = (
        "<div><input type=radio id=a><label for=a>Yes</label><br><input type=radio id=b><label for=b>No</label></div>"
    )

    assert _read(f"{body}<p>{LONG}.</p>") == ["Yes", "No", f"{LONG}."]


@pytest.mark.parametrize(
    "unit",
    [
        "<div><input type=radio id=a><label for=a>b</label><div>c</div>",
        "<ul role=tablist><li role=tab>a</ul><p role=tabpanel>b", "<div><ul role=tablist><li role=tab>a</ul>",
        "<button>a?</button>", "<p hidden>a?", "<div class=faq>", "<a aria-controls=a>b</a><i id=a hidden>c</i>",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length(unit):
    page = parse(f"<html><body>{unit * (200_000 // len(unit))}</body></html>" if "<div" not in unit else unit * 80)
    began = time.process_time()

    unfold(page)

    assert time.process_time() - began < 5
