"""A Discord channel as DiscordChatExporter writes it: it is known who says what."""

from embeddings.reading.formats import Draft
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
