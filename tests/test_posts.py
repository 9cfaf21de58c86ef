"""What is a question among posts, and that what was labelled can be found in the documents."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.question.posts import asks
from training.sources import rows

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import report_posts

ROWS: list[dict[str, Any]] = rows(report_posts.HERE / "development" / "posts.jsonl")


@pytest.mark.parametrize(
    "post",
    [
        "How do I export my notes", "how many people came", "hi all, where is the key kept", "What is it?",
        "who is Berg",
        "Red light\nThe light has been red since Monday. What does that mean?", "does anyone know how to open the vent",
        "btw: is there an app for that", "I have tried everything. Please help", "it stopped overnight, any ideas",
        "nothing works - what can I do", "what's remigration?", "can I use two of them", "why does it stop",
        "I am unable to open the vent", "> it is red\nHow do I make it green", "```\nred\n```\nwhat does this mean?",
        "can anyone tell me how to open the vent", "I need to know the price", "anyone know where the key is?",
    ],
)  # fmt: skip
def test_a_question_or_a_call_for_help_asks(post: str):
    assert asks(post)


@pytest.mark.parametrize(
    "post",
    [
        "", "?", "right?", "nice, isn't it?", "lol", "thanks, that worked!", "hello everyone", "👍", "What a day!",
        "Finally done with the second house.", "When the wind rises, the vents close.", "What we need is rain",
        "> how do I open it?\nwith the button", "`what is this?`", "```\nwhat is this?\n```", "https://example.org/?q=what",
        "is fixed now", "have a nice evening", "it is in the manual", "Who knows.", "<@123> <#4?>",
        "anyone from Lisbon here?", "who else is up?", "how are you all doing?", "can you believe they did that??",
        "why am I not surprised?", "does anyone here play chess?", "isn't it ironic that it works now?",
    ],
)  # fmt: skip
def test_chatter_and_what_others_wrote_asks_nothing(post: str):
    assert not asks(post)


@pytest.mark.parametrize("unit", ["what ", "how do i ", "anyone knows ", "a, ", "`", "?", ".a", "hi ", "x - ", "<@"])
def test_no_post_takes_long(unit: str, patience: None):
    asks(unit * (4000 // len(unit)))


def test_no_greeting_thanks_or_statement_of_the_labelled_posts_asks():
    assert [
        row["text"] for row in ROWS if row["kind"] in ("greeting", "thanks", "statement", "chatter") and _asks(row)
    ] == []


def test_most_of_the_labelled_questions_ask():
    missed = [row["id"] for row in ROWS if row["kind"] == "question" and not _asks(row)]
    assert len(missed) <= 0.1 * sum(row["kind"] == "question" for row in ROWS)


def _asks(row: dict[str, Any]) -> bool:
    return asks("\n".join(filter(None, [row["title"], row["text"]])))


def test_posts_have_their_labels_and_what_answers_them_is_in_the_documents():
    kinds = Counter(row["kind"] for row in ROWS)
    texts = {
        name: "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
        for name, folder in report_posts.CORPORA.items()
    }
    assert len(ROWS) >= 150 and len({row["id"] for row in ROWS}) == len(ROWS)
    assert kinds.keys() == {"greeting", "chatter", "statement", "thanks", "rhetorical", "off_topic", "question"}
    for row in ROWS:
        assert row["kind"] == "question" or not row["contains"], row["id"]
        assert all(passage in texts[row["over"]] for passage in row["contains"]), row["id"]
