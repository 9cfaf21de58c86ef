"""The same story twice is linked; two accounts of one event, a quotation or a form filled in twice are not."""

import dataclasses
import random
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from fakes import FakeEncoder, document
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings.building.indexing import make_index
from embeddings.reading import duplicates
from embeddings.reading.documents import Document, read_documents
from embeddings.reading.duplicates import find_copies, shinglings
from embeddings.storing.storage import read_shinglings, write_index

NOTES = [
    dataclasses.replace(note, published=date(2025, 6, 16))
    for note in read_documents(Path(__file__).parents[1] / "seeds").documents
]
"""Five accounts of one event, of 450 to 650 words, which quote the same people."""
POOL = [word for note in NOTES for word in note.text.split() if word.isalpha()]


def prose(seed: int, count: int) -> str:
    """Words of the notes in an order that no other seed has, with a full stop after every twelfth."""
    drawn = random.Random(seed).choices(POOL, k=count)
    return " ".join(f"{word}." if n % 12 == 0 else word for n, word in enumerate(drawn, 1))


def linked(*texts: str) -> dict[str, str]:
    """What is linked among these texts, called a, b, c …; none has a date."""
    return find_copies([document(key, text) for key, text in zip("abcdefgh", texts, strict=False)])


def headline(text: str) -> str:
    return f"Mayor and President at Odds over Who Commands the Guard\n\n{text}"


def dateline(text: str) -> str:
    return f"By Ann Lee and Bert Moe, staff writers\n\nOSLO, Norway (NWS), June 17, 2025 — {text}"


def without_the_end(text: str) -> str:
    return text.rstrip().rpartition("\n\n")[0]


def typewritten(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(str.maketrans("“”‘’—", "\"\"''-")))


def wrapped(text: str) -> str:
    return re.sub(r"(.{20,60}?) ", "\\1\r\n", text.replace('"', "\u201d").replace("'", "\u2019"))


def noted(text: str) -> str:
    return f"{text}\n\nEditor's note: an earlier version of this story misspelt the name of the mayor's spokesman."


def updated(text: str) -> str:
    return re.sub(r"[0-9]+", lambda number: str(int(number[0]) * 2 + 1), text)


def all_at_once(text: str) -> str:
    return typewritten(headline(dateline(noted(without_the_end(text)))))


CHANGES = [headline, dateline, without_the_end, typewritten, wrapped, noted, updated, all_at_once]


# --- one account -----------------------------------------------------------------------------------


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.id[:3])
def test_the_same_story_is_linked_whatever_a_desk_does_to_it(note: Document, change: Callable[[str], str]):
    again = document("again", change(note.text), published="2030-01-01")

    assert find_copies([*NOTES, again]) == {"again": note.id}


def test_many_versions_of_one_story_are_copies_of_the_first():
    dated = [
        document(f"v{n}", change(NOTES[2].text), published=f"2025-06-{20 - n}")
        for n, change in enumerate([*CHANGES, lambda text: text], 1)
    ]

    assert find_copies(dated) == {f"v{n}": "v9" for n in range(1, 9)}


@pytest.mark.parametrize("text", ["Closed on Monday.", "one", prose(1, 24), prose(1, 400)], ids=len)
def test_texts_of_any_length_with_the_same_words_are_linked(text: str):
    assert linked(text, f"  {text.upper()} \n", prose(2, 40)) in ({"a": "b"}, {"b": "a"})


def test_texts_without_words_are_not():
    assert linked("…", "…", "👍🏽", " ") == {}


# --- two accounts ----------------------------------------------------------------------------------


def test_accounts_of_one_event_that_quote_the_same_people_are_not_linked():
    assert find_copies(NOTES) == {}


def test_articles_that_share_long_quotations_are_not_linked():
    speech = prose(3, 80)

    assert linked(f"{prose(4, 150)} “{speech}” {prose(5, 50)}", f"{prose(6, 60)} “{speech}” {prose(7, 140)}") == {}


@pytest.mark.parametrize("length", [30, 60, 150, 300])
def test_a_document_quoted_whole_inside_a_longer_one_is_not_linked(length: int):
    quoted = prose(8, length)

    assert linked(quoted, f"{prose(9, length)} {quoted} {prose(10, length // 2)}") == {}


@pytest.mark.parametrize(
    "form",
    [
        "No. {} of the ordinance on the keeping of goats within the walls of the city of Oslo is hereby repealed and "
        "ceases to be in force on the first day of the coming year.",
        "Weather for the coast, note {}. Light winds from the south west, mainly dry, with some sunny spells in the "
        "afternoon and a little rain towards the evening. Highest temperature {} degrees, sea moderate, visibility "
        "good. The next note is issued in the evening by the office at the harbour.",
        "Minutes of meeting {}. The chair opened the meeting at seven and noted that it had been called in due form. "
        "The minutes of the last meeting were approved. The treasurer reported {} in cash. There being no other "
        "business, the chair thanked all who had come and closed the meeting. The next meeting is on the first Monday "
        "of the month at the usual place.",
    ],
    ids=["ordinance", "weather", "minutes"],
)
@pytest.mark.parametrize("count", [2, 10, 60])
def test_a_form_filled_in_again_is_not_linked(form: str, count: int):
    assert find_copies([document(f"d{n}", form.format(n + 11, n + 40)) for n in range(count)]) == {}


def test_a_name_exchanged_in_a_short_text_is_not_a_copy():
    text = "The station of {} lies on the coastal line between the two ports and was opened in 1935 by the old company."

    assert linked(text.format("Fuding"), text.format("Mount Taimu")) == {}
    long = f"{text} {prose(11, 60)}"
    assert linked(long.format("Fuding"), long.format("Mount Taimu")) == {}


def test_a_long_form_of_which_there_are_many_is_not_linked_but_the_same_one_twice_is():
    form, own = prose(12, 400), [prose(100 + n, 120) for n in range(30)]
    filled = [document(f"d{n:02}", f"{form} {mine} {form[:400]}") for n, mine in enumerate(own)]

    assert find_copies(filled) == {}
    assert find_copies([*filled, document("e", headline(filled[7].text))]) in ({"e": "d07"}, {"d07": "e"})


def test_posts_that_quote_each_other_line_by_line_are_not_linked():
    first = prose(13, 120)
    lines = re.sub(r"^", "> ", re.sub(r"(.{60}\S*) ", "\\1\n", first), flags=re.MULTILINE)

    assert linked(first, f"{lines}\n\n{prose(14, 30)}", f"{lines}\n\n{prose(15, 30)}") == {}
    assert linked(first, f"{lines}\n\nI agree.") == {}


# --- which one stands for the others ---------------------------------------------------------------

STORY = prose(16, 200)


@pytest.mark.parametrize(
    ("versions", "original"),
    [
        ([document("a", STORY, published="2025-06-09"), document("b", noted(STORY), published="2025-06-08")], "b"),
        ([document("a", STORY), document("b", noted(STORY), published="2025-06-08")], "b"),
        ([document("a", STORY), document("b", noted(STORY))], "b"),
        ([document("b", STORY), document("a", STORY)], "a"),
    ],
    ids=["the first published", "the one with a date", "the longest", "the least id"],
)
def test_the_one_that_stands_for_all(versions: list[Document], original: str):
    (copy,) = {"a", "b"} - {original}

    assert find_copies(versions) == find_copies(versions[::-1]) == {copy: original}


def test_the_same_words_as_a_copy_are_a_copy_of_what_that_is_a_copy_of():
    assert linked(noted(STORY), STORY, STORY.upper()) == {"b": "a", "c": "a"}


parts = st.lists(st.integers(0, 9), min_size=1, max_size=8)


@settings(deadline=None, database=None, derandomize=True, max_examples=60)
@given(st.lists(parts, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_every_copy_leads_to_an_original_whatever_the_order(texts: list[list[int]], order: random.Random):
    documents = [
        document(f"d{n}", " ".join(prose(part, 40) for part in text), published="2025-06-10" if n % 3 else None)
        for n, text in enumerate(texts)
    ]
    copies = find_copies(documents)
    order.shuffle(documents)

    assert find_copies(documents) == copies
    assert copies.keys() <= {one.id for one in documents} and copies.keys().isdisjoint(copies.values())


def test_no_documents_have_no_copies():
    assert find_copies([]) == find_copies([document("a", "One.")]) == {}


@pytest.mark.slow
def test_twenty_thousand_documents_take_seconds():
    """Among them a story in twenty versions each for a thousand stories, and a form filled in two thousand times."""
    form = prose(17, 190)
    documents = [document(f"form{n}", f"{form} No. {n} of {n + 7} is granted to number {n * 3}.") for n in range(2000)]
    documents += [document(f"other{n}", prose(10_000 + n, 200)) for n in range(8000)]
    documents += [
        document(f"story{n}-{version:02}", f"Version {version} {prose(n, 200)}", published="2025-06-10")
        for n in range(20, 520)
        for version in range(20)
    ]
    start = time.process_time()
    copies = find_copies(documents)

    assert time.process_time() - start < 30
    assert len(copies) == 500 * 19
    assert all(copy.split("-")[0] == original.split("-")[0] for copy, original in copies.items())


def test_shinglings_that_were_kept_find_the_same_copies(tmp_path, monkeypatch):
    copy = document("copy", headline(NOTES[0].text))
    others = [document("none", "👍"), document("short", "Too short to be compared."), document("again", NOTES[1].text)]
    documents = [*NOTES, copy, *others]
    made = shinglings(documents)
    index = make_index(tuple(documents), FakeEncoder())
    write_index(tmp_path, index, (), made)

    kept = read_shinglings(tmp_path)

    assert kept.keys() == made.keys() == {each.sha256 for each in documents}
    for key, (words, shingles) in kept.items():
        assert words == made[key].words
        assert shingles.tolist() == made[key].shingles.tolist()
        assert shingles.dtype == made[key].shingles.dtype
    copies = find_copies(documents)
    monkeypatch.setattr(duplicates, "_shingling", None)  # none is made again
    assert find_copies(documents, kept) == copies == {"copy": NOTES[0].id, "again": NOTES[1].id}
