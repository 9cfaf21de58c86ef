"""What the ledger tells, as pages and as a file."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from fakes import document, opened
from hypothesis import given
from hypothesis import strategies as st
from loopback.limits import check_message, text_of, walk
from PIL import Image, ImageColor

from bot.answering.answers import Citation
from bot.discord.chart import COLOURS, chart
from bot.discord.ledger import MOST_LISTED, Insights, Quotation, Receipt
from bot.discord.lookup import MOST_CITED
from bot.discord.page import Page
from bot.discord.reports import insights_page, receipt_page, receipt_text
from bot.discord.views import OPEN, layout
from embeddings.searching.index import Index

URL = f"https://example.org/{'a' * 270}"
AT = datetime(2026, 11, 27, 21, 5, tzinfo=UTC)
DAY = AT.date()
TEXT = "One came. She left."
INDEX = opened([document("a", TEXT, "Lake"), document("b", "Ships sank here.", "Harbour")]).index
CHANGED = opened([document("a", "One went. She left.", "Lake")]).index


def shown(page: Page) -> str:
    message = {"components": layout(page).to_components(), "flags": 1 << 15}
    check_message(message)
    return text_of(message)


def receipt(index: Index) -> Receipt:
    cited = [Citation.of(index, n, one, one.sentences[0]) for n, one in enumerate(index.passages, 1)]
    return Receipt("k7q2mxab", AT, "answered", 0.83, "20261127T210000Z-abcdef", AT, tuple(map(Quotation.of, cited)))


def test_a_receipt_shows_the_quotations_with_when_and_from_what():
    text = shown(receipt_page(INDEX, receipt(INDEX)))

    assert text.startswith("**Receipt k7q2mxab**\nAnswered, 27 November 2026, 21:05 UTC · 83% sure")
    assert "> One came." in text and "> Ships sank here." in text
    assert text.endswith("of 27 November 2026 · every quotation stands where it stood")


def test_a_receipt_says_what_has_changed_and_what_is_gone():
    text = shown(receipt_page(CHANGED, receipt(INDEX)))

    assert "**1** · *Lake* was changed since: these words no longer stand there" in text
    assert "**2** · its document b is gone" in text
    assert "One came" not in text and "every quotation" not in text


def test_a_receipt_of_many_quotations_fits_and_opens_them_all():
    said = "One came to the harbour. "
    texts = [document(f"{n:02}" + "_" * 90, f"{said}Ships sank {n}.", "*" * 150, url=URL) for n in range(12)]
    index, others = opened(texts).index, opened([*texts[:3], document("z", "None.")]).index
    made = receipt(index)
    view = layout(receipt_page(index, made)).to_components()

    labels = [part["label"] for part in walk(view) if part.get("label", "").startswith(OPEN)]
    assert labels == [OPEN] * MOST_CITED + [f"{OPEN} {n}" for n in range(MOST_CITED + 1, 13)]
    assert "> One came to the harbour." in shown(receipt_page(index, made))
    assert "and 1 more no longer stands there" in shown(receipt_page(others, made))


def test_a_receipt_as_a_file_has_places_and_checksums():
    made = receipt(INDEX)
    text = receipt_text(INDEX, made)

    assert "> One came.\n\n[1] a, characters 0 to 9\n" in text
    assert all(quoted.sha256 in text for quoted in made.quotations)
    assert "> (its document b is gone)" in receipt_text(CHANGED, made)


def test_insights_count_and_have_bars():
    found = Insights(
        {DAY: {"answered": 4, "not_found": 2}, DAY + timedelta(1): {"answered": 3, "disputed": 1}},
        5,
        1,
        (("a", 8), ("gone", 2)),
        (("a", 1),),
        ("Too *old*",),
        (),
        (),
    )
    text = shown(insights_page(INDEX, found, 30, questions=False))

    assert text.startswith(
        "**10 questions in 30 days**\n"
        "🟩 7 answered · 🟦 1 answered, the sources differ · 🟧 2 not in the documents\n👍 5 · 👎 1"
    )
    assert "`████████████` 8 · Lake\n`███         ` 2 · gone (gone)" in text
    assert "- Too \\*old\\*" in text and "Questions are not kept" in text
    assert "Asked most" not in text
    long = Insights({DAY: {"answered": 1}}, 0, 0, (("Title " * 20, 1),), (), (), (), ())
    assert "· Title Title Title Title Title Title Title…" in shown(insights_page(INDEX, long, 30, questions=False))


@given(st.lists(st.text(min_size=1, max_size=400), min_size=1, max_size=MOST_LISTED, unique=True))
def test_any_insights_fit(texts: list[str]):
    counted = tuple((text, 10**6) for text in texts)
    found = Insights({DAY: {"answered": 10**6}}, 10**6, 10**6, counted, counted, tuple(texts), counted, counted)

    shown(insights_page(INDEX, found, 365, questions=True))


def pixels(picture: bytes, colour: str) -> int:
    """How many pixels of a picture have a colour."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    wanted = ImageColor.getrgb(colour)
    return sum(count for count, each in image.getcolors(1 << 24) or () if each == wanted)


def test_a_picture_of_insights_has_a_bar_for_each_day_as_high_as_its_count():
    daily = {DAY: {"answered": 4, "disputed": 2}, DAY + timedelta(2): {"answered": 4, "not_found": 1}}
    answered, disputed, lacking = (pixels(chart(daily, DAY, DAY + timedelta(9)), COLOURS[key]) for key in COLOURS)

    assert answered / disputed == pytest.approx(4, rel=0.05) and disputed / lacking == pytest.approx(2, rel=0.05)
    weekly = chart({DAY: {"answered": 1}, DAY + timedelta(6): {"answered": 1}}, DAY, DAY + timedelta(364))
    assert 0 < pixels(weekly, COLOURS["answered"]) < 0.05 * answered * 9
    assert not pixels(chart({}, DAY, DAY), COLOURS["answered"])
