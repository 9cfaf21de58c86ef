"""Chats as DiscordChatExporter and Telegram export them: it is known who says what."""

import json

import pytest

from embeddings.reading.documents import MAX_BYTES, fingerprints, read_documents
from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft, Unreadable
from embeddings.reading.web.webpages import read_page
from embeddings.splitting.turns import turns

SAID = [
    ("ana", "How do I get the role?"),
    ("Bo Berg", "Boost it, then ask me."),
    ("ana", "I did."),
    ("Bo Berg", "My turn."),
]


def _message(author: str, words: str) -> str:
    return (
        "<div class=chatlog__message-group><div class=chatlog__message><div class=chatlog__message-primary>"
        "<div class=chatlog__reply><span class=chatlog__reply-content>Earlier words</span></div>"
        f"<div class=chatlog__header><span class=chatlog__author title=x>{author}</span><span class=chatlog__timestamp>"
        f"<a href=#1>1/5/2026 10:02 AM</a></span></div><div class=chatlog__content><span>{words}</span></div>"
        "<div class=chatlog__reactions>3</div></div></div></div>"
    )


def test_each_message_is_a_turn_of_who_wrote_it():
    messages = "".join(_message(author, words) for author, words in SAID)
    head = "<html><head><title>Club / faq</title><script></script></head>"
    page = f"{head}<body>{messages}<div class=postamble>4</div></body></html>"

    (draft,) = read_page(page.encode(), "faq")

    assert isinstance(draft, Draft)
    assert draft.title == "Club / faq"
    assert draft.text.startswith("[1/5/2026 10:02 AM] ana:\n\nHow do I get the role?\n\n[1/5/2026 10:02 AM] Bo Berg:")
    assert "Earlier" not in draft.text
    assert [(turn.speaker, draft.text[turn.said : turn.end].strip()) for turn in turns(draft.text)] == SAID


def test_classes_alone_make_no_channel():
    page = "<html class=chatlog__reply><body><div class=chatlog__header><p>a</p></div><p>b</p></body></html>"

    (draft,) = read_page(page.encode(), "faq")

    assert isinstance(draft, Draft)
    assert draft.text == "a\n\nb"


def _json(*messages: object, **more: object) -> bytes:
    return json.dumps({**more, "messages": list(messages)}).encode()


def test_a_channel_in_json_is_a_transcript():
    data = _json(
        *(
            {
                "type": "Default",
                "timestamp": f"2026-01-05T10:0{at}:30.1+00:00",
                "content": words,
                "author": {"name": who},
            }
            for at, (who, words) in enumerate(SAID)
        ),
        {"type": "GuildMemberJoin", "timestamp": "2026-01-05", "content": "Joined.", "author": {"name": "cy"}},
        {
            "type": "Reply",
            "timestamp": "2026-01-05T11:00:00",
            "content": "More.",
            "author": {"name": "b", "nickname": "Bo Berg"},
        },
        {"type": "Default", "timestamp": "2026-01-05T11:01:00", "content": "", "author": {"name": "ana"}},
        guild={"name": "Club"},
        channel={"name": "faq"},
    )

    (draft,) = extract(".json", "faq", data)

    assert isinstance(draft, Draft)
    assert draft.title == "Club / faq"
    assert draft.text.startswith("[2026-01-05 10:00] ana:\n\nHow do I get the role?\n\n[2026-01-05 10:01] Bo Berg:")
    said = [*SAID[:3], ("Bo Berg", "My turn.\n\nMore.")]
    assert [(turn.speaker, draft.text[turn.said : turn.end].strip()) for turn in turns(draft.text)] == said


def test_a_chat_of_telegram_is_a_transcript():
    linked = ["See ", {"type": "link", "text": "https://a.org"}, "."]
    data = _json(
        {"type": "message", "date": "2026-01-05T10:02:03", "from": "Ana", "text": linked},
        {"type": "service", "date": "2026-01-05T10:02:03", "actor": "Ana", "text": ""},
        {"type": "message", "date": "2026-01-06T10:02:03", "from": "Ana", "text": "Hi"},
        name="Club",
    )

    (draft,) = extract(".json", "a", data)

    assert isinstance(draft, Draft)
    assert (draft.title, draft.text) == (
        "Club",
        "[2026-01-05 10:02] Ana:\n\nSee https://a.org.\n\n[2026-01-06 10:02] Ana:\n\nHi",
    )


@pytest.mark.parametrize("data", [b"[1]", b"{}", b'{"messages": 1}', b"[" * 100_000, b"nothing"])
def test_other_json_is_no_chat(data):
    with pytest.raises(Unreadable, match="no chat"):
        extract(".json", "a", data)


@pytest.mark.parametrize(
    "message", [None, 1, {}, {"author": 1}, {"author": {"name": ["a"]}, "content": [1, {"text": 2}]}]
)
def test_what_is_no_message_is_left_out(message):
    (draft,) = extract(".json", "a", _json(message, {"from": "Ana", "text": "Hi"}))

    assert isinstance(draft, Draft)
    assert draft.text.endswith("Ana:\n\nHi")


def test_xml_and_json_that_are_no_exports_are_ignored_together(tmp_path):
    for name in ("a.json", "b.json", "pom.xml"):
        (tmp_path / name).write_text(
            '{"messages": {"a": "b"}}' if name != "pom.xml" else "<project/>", encoding="utf-8"
        )
    (tmp_path / "c.json").write_bytes(_json({"from": "Ana", "text": "Hi"}))
    with (tmp_path / "b.json").open("r+b") as large:
        large.truncate(MAX_BYTES + 1)

    corpus = read_documents(tmp_path)

    assert [document.id for document in corpus.documents] == ["c"]
    assert list(fingerprints(tmp_path)) == ["c.json"]
    assert [str(notice) for notice in corpus.notices] == [
        "*.json: 2 files of type .json are not read, such as a.json",
        "pom.xml: files of type .xml are not read; convert it to .txt, .md, .html, .pdf, .docx or .xlsx",
    ]
