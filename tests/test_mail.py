"""Messages and mailboxes: text, subject, date and sender, and what is left out."""

from datetime import date
from email.message import EmailMessage

import pytest

from embeddings.reading.formats import Draft, Found, Remark, Unreadable
from embeddings.reading.web.mail import read_mail, read_mailbox


def message(text: str = "The text.\n", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {"From": "Ann Other <ann@paper.example>", "Subject": "A subject", "Date": "Sun, 08 Jun 2025 23:30:00 -0700"}
    for name, value in (given | headers).items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def drafts(found: Found) -> list[Draft]:
    return [item for item in found if isinstance(item, Draft)]


def test_a_message_is_a_document_with_what_its_headers_declare():
    made = message("Dear editor,\n\nwe sent 2,000 troops. Où ?\n", Subject="Troops –  a correction")

    assert list(read_mail(made.as_bytes(), "letters/1")) == [
        Draft(
            "letters/1",
            "Dear editor,\n\nwe sent 2,000 troops. Où ?",
            "Troops – a correction",
            date(2025, 6, 8),
            about="Email from Ann Other",
        )
    ]


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("Date", "some day", "published", None),
        ("From", "ann@paper.example", "about", "Email from ann@paper.example"),
        ("From", "", "about", ""),
        ("Subject", "", "title", ""),
        ("Subject", "=?utf-8?q?Caf=C3=A9?=", "title", "Café"),
    ],
)
def test_what_is_not_declared_is_not_guessed(name, value, field, expected):
    (draft,) = drafts(read_mail(message(**{name: value}).as_bytes(), "a"))

    assert getattr(draft, field) == expected


def test_line_ends_of_the_wire_are_not_part_of_the_text():
    data = message("One.\nTwo.\n").as_bytes().replace(b"\n", b"\r\n")

    assert [draft.text for draft in drafts(read_mail(data, "a"))] == ["One.\nTwo."]


def test_the_plain_part_is_read_rather_than_the_html_one():
    made = message("Plain.")
    made.add_alternative("<p>Html.</p>", subtype="html")

    assert [draft.text for draft in drafts(read_mail(made.as_bytes(), "a"))] == ["Plain."]


def test_a_message_of_html_is_read_as_a_page():
    made = message()
    made.set_content("<h1>News</h1><p>Short <b>text</b>.<script>no</script></p>", subtype="html")

    assert [draft.text for draft in drafts(read_mail(made.as_bytes(), "a"))] == ["# News\n\nShort text."]


def test_what_is_attached_is_named():
    made = message()
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="report.pdf")
    made.add_attachment("name,value", subtype="csv")

    assert list(read_mail(made.as_bytes(), "a"))[1:] == [Remark("what is attached was left out: report.pdf, text/csv")]


@pytest.mark.parametrize("declared", ["windows-1252", "utf-8", "no-such-charset"])
def test_a_wrong_charset_costs_no_text(declared):
    text = "Le café était fermé à midi, mes élèves"
    data = f"Subject: s\nContent-Type: text/plain; charset={declared}\n\n".encode() + text.encode("cp1252")

    assert [draft.text for draft in drafts(read_mail(data, "a"))] == [text]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_latin_1_is_read_as_mail_programs_do(kind):
    data = f"Subject: s\nContent-Type: text/{kind}; charset=ISO-8859-1\n\n".encode() + "“It costs 5 €”".encode("cp1252")

    assert [draft.text for draft in drafts(read_mail(data, "a"))] == ["“It costs 5 €”"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\n\nText without headers.", "not a message: it has no headers"),
        (b"Subject: s\n\n \n", "holds no text; save what is attached beside it"),
        (b"Subject: s\nContent-Type: image/png\n\nabc", "holds no text; save what is attached beside it"),
    ],
)
def test_what_is_no_message_is_refused(data, reason):
    with pytest.raises(Unreadable) as refused:
        list(read_mail(data, "a"))

    assert str(refused.value) == reason


def mailbox(*messages: bytes) -> bytes:
    return b"".join(b"From ann@paper.example Sun Jun  8 23:30:00 2025\n" + data + b"\n\n" for data in messages)


def test_a_mailbox_holds_a_document_a_message():
    data = mailbox(
        message("One.\n\nFrom here on it is still one.\n>From quoted.", Message_ID="<1@paper.example>").as_bytes(),
        message("Two.").as_bytes(),
        message("Three.", Message_ID="<1@paper.example>").as_bytes(),
        b"Subject: none\n\n",
        message("Five.", Message_ID="<5@paper.example>").as_bytes(),
    )

    found = list(read_mailbox(data, "box"))

    assert [(draft.id, draft.text, draft.part) for draft in drafts(iter(found))] == [
        ("box/1@paper.example", "One.\n\nFrom here on it is still one.\nFrom quoted.", ":1"),
        ("box/2", "Two.", ":2"),
        ("box/3", "Three.", ":3"),
        ("box/5@paper.example", "Five.", ":5"),
    ]
    assert [item for item in found if isinstance(item, Remark)] == [
        Remark("holds no text; save what is attached beside it", failed=True, part=":4")
    ]


def test_a_message_whose_id_is_no_line_is_known_by_its_number():
    data = mailbox(message("One.", Message_ID=f"<{'1' * 2000}@paper.example>").as_bytes())

    assert [draft.id for draft in drafts(read_mailbox(data, "box"))] == ["box/1"]


def test_a_mailbox_with_line_ends_of_windows_is_read():
    data = mailbox(message("One.").as_bytes(), message("Two.").as_bytes()).replace(b"\n", b"\r\n")

    assert [draft.text for draft in drafts(read_mailbox(data, "box"))] == ["One.", "Two."]


def test_a_file_without_messages_is_no_mailbox():
    with pytest.raises(Unreadable, match=r"^holds no message; a mailbox begins with a line `From …`$"):
        list(read_mailbox(b"Subject: s\n\nText.", "box"))
