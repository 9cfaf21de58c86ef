"""Reading a folder: every format, every kind of file that cannot be read, and what is said about it."""

import hashlib
import html
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import pdf, repacked, word

from embeddings.errors import CorpusError
from embeddings.reading import extraction, formats, language
from embeddings.reading.documents import (
    MAX_BYTES,
    MAX_REASON,
    Document,
    Notice,
    NoticeKind,
    SourceFile,
    fingerprints,
    read_documents,
)
from embeddings.reading.documents import _bytes as read_bytes
from embeddings.reading.documents import _read as read_file
from embeddings.reading.formats import Draft, Found, Remark, Unreadable
from embeddings.reading.sandbox import LOST_SECONDS, Sandbox
from embeddings.splitting.passages import split

KEPT = Document("kept", "Kept", "This one is read.")


def folder_of(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files below `folder`, with one that can always be read beside them."""
    for name, content in {"kept.txt": KEPT.text, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def read(folder: Path, files: dict[str, str | bytes]) -> tuple[dict[str, Document], list[Notice]]:
    """The documents by id, less the one that is always there, and the notices."""
    corpus = read_documents(folder_of(folder, files))
    documents = {document.id: document for document in corpus.documents}
    assert documents.pop("kept") == KEPT
    return documents, list(corpus.notices)


GERMAN = "Der Hafen ist im Winter geschlossen, weil das Eis zu dick wird. Im April wird er wieder geöffnet.\n"


def test_what_is_not_in_english_is_read_and_told(tmp_path):
    documents, notices = read(tmp_path, {"a.txt": GERMAN, "b.md": f"# Hafen\n\n{GERMAN}", "c.md": "# `x = 1`\n"})

    assert {key: document.language for key, document in documents.items()} == {"a": "de", "b": "de", "c": ""}
    reason = "not in English (2 German), which is all that answers are judged in; found and named, not quoted"
    assert notices == [Notice("a and 1 other", reason, NoticeKind.PARTIAL)]


def markdown(folder: Path, content: str | bytes) -> tuple[Document, list[str]]:
    """A single Markdown document, `1.md`, and the reasons of its notices."""
    documents, notices = read(folder, {"1.md": content})
    assert list(documents) == ["1"]
    assert all(notice.path == "1.md" and notice.kind == NoticeKind.PARTIAL for notice in notices)
    return documents["1"], [notice.reason for notice in notices]


def skipped(folder: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    """The reasons by file, where nothing but the one file that can be read becomes a document."""
    documents, notices = read(folder, files)
    assert documents == {}
    assert all(notice.kind == NoticeKind.FAILED for notice in notices)
    return {notice.path: notice.reason for notice in notices}


# --- formats ---------------------------------------------------------------------------------------


def test_each_format_is_read_and_ids_are_paths_without_suffix_in_order(tmp_path):
    folder = folder_of(
        tmp_path,
        {
            "b.md": "# The b\n\nText of b.",
            "a/deep/in-two_words.d.txt": "Text of c.",
            "Z.MARKDOWN": "Text of z.",
            "lines.jsonl": '{"_id": "row", "title": "A row", "text": "Text of a row."}\n',
        },
    )

    corpus = read_documents(folder)

    assert corpus.notices == ()
    assert [(document.id, document.title, document.text) for document in corpus.documents] == [
        ("Z", "", "Text of z."),
        ("a/deep/in-two_words.d", "In two words.d", "Text of c."),
        ("b", "The b", "# The b\n\nText of b."),
        ("kept", "Kept", "This one is read."),
        ("row", "A row", "Text of a row."),
    ]


def test_a_document_is_hashed_over_its_text_in_utf8(tmp_path):
    document, _ = markdown(tmp_path, "---\ntitle: T\n---\nCafé 👍🏽\r\n")

    assert document.text == "Café 👍🏽\r\n"
    assert document.sha256 == hashlib.sha256("Café 👍🏽\r\n".encode()).hexdigest()


@pytest.mark.parametrize(("title", "name"), [("A title", "A title"), ("", "the id")])
def test_people_are_shown_the_title_or_else_the_id(title, name):
    assert Document("the id", title, "Text.").name == name


def test_line_ends_stay_as_they_are(tmp_path):
    text = "one\r\ntwo\rthree\n\r\n\u2028four"

    assert read(tmp_path, {"a.txt": text})[0]["a"].text == text


def test_a_byte_order_mark_is_no_text(tmp_path):
    documents, notices = read(
        tmp_path,
        {
            "a.txt": b"\xef\xbb\xbfText.",
            "b.md": b"\xef\xbb\xbf---\ntitle: B\n---\nText.",
            "c.jsonl": b'\xef\xbb\xbf{"_id": "c", "text": "Text."}',
        },
    )

    assert notices == []
    assert [(key, documents[key].title, documents[key].text) for key in "abc"] == [
        ("a", "", "Text."),
        ("b", "B", "Text."),
        ("c", "", "Text."),
    ]


# --- front matter ----------------------------------------------------------------------------------


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_front_matter_is_metadata_and_not_text(tmp_path, line_end):
    lines = ["---", "title: The  title", "published: 2025-06-16", "url: https://x.example/1",
             "about: a note", "---", "", "# Heading", "", "The text.", ""]  # fmt: skip

    document, notices = markdown(tmp_path, line_end.join(lines))

    assert notices == []
    assert document == Document(
        "1",
        "The title",
        line_end.join(["", "# Heading", "", "The text.", ""]),
        date(2025, 6, 16),
        "https://x.example/1",
        "a note",
    )


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("Text.", ""),
        ("# The heading\n\nText.", "The heading"),
        ("Text.\n\n# Later  on ##\n", "Later on"),
        ("# C#\n\nText.", "C#"),
        ("## Not the first level\n\nText.", ""),
        ("#no heading\n", ""),
        ("#\n\nText below a heading of nothing.", ""),
        ("---\ntitle: The title\n---\n# The heading\n", "The title"),
        ("---\ntitle:\n---\n# The heading\n", "The heading"),
        ("# **The** [heading](a.md) {#it}\n", "The heading"),
        ("---\n---\nText.", ""),
        ("---\ntitle: 1984\n---\nText.", "1984"),
        ('+++\ntitle = "The title"\ndate = 2024-01-02\n[menu]\nweight = 1\n+++\n# The heading\n', "The title"),
        ("---\ntitle: 007\n---\nText.", "007"),
        ("---\ntitle: 1.10\n---\nText.", "1.10"),
        ("---\ntitle: 12:30:45\n---\nText.", "12:30:45"),
        ("---\ntitle: 2025-06-16\n---\nText.", "2025-06-16"),
        ("---\ntitle: No\n---\nText.", "No"),
        ("---\ntitle: null\n---\n# The heading\n", "The heading"),
        ("A title\n=======\n\nText.", "A title"),
        ("```sh\n# a comment\n```\n\n# The heading\n", "The heading"),
        ("~~~~\n# a comment\n~~~\n# another\n~~~~\n", ""),
        ("<!--\n\n# a comment\n\n-->\nText.", ""),
        ("    # code\n\nText.", ""),
        ("1. A step\n\n   ```\n# ends the list\n   ```\n", "ends the list"),
        ("> # Said elsewhere\n\n# The heading", "The heading"),
        ("```\n# never closed\n", ""),
        ("Text.\n\n" * 20_000 + "# Too far down", ""),
        ("---\r\nurl: u\r\n---\r\n# The heading\r\nText.", "The heading"),
    ],
)
def test_the_title_is_given_or_the_first_heading(tmp_path, content, title):
    document, notices = markdown(tmp_path, content)

    assert document.title == title
    assert notices == []


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("main/basic-install", "Basic install"),
        ("FAQ", "FAQ"),
        ("notes/Sync over Wi-Fi", "Sync over Wi-Fi"),
        ("docker/index", "Docker"),
        ("docker/README", "Docker"),
        ("index", ""),
        ("01-getting_started", "01 getting started"),
        ("C++ style", "C++ style"),
        ("000_33ae47a5af713751", ""),
        ("2f1c9a7e-8f5b-4a6f-9c3d-0a1b2c3d4e5f", ""),
        ("scan20250611", ""),
        ("2025-06-11", ""),
        ("Untitled", ""),
        ("a", ""),
    ],
)
def test_a_file_without_a_title_is_called_by_its_name(tmp_path, stem, title):
    documents, _ = read(tmp_path, {f"{stem}.md": "Text."})

    assert documents[stem].title == title


def test_a_heading_further_down_is_no_title_where_the_name_is_one(tmp_path):
    sections = "Some text.\n\n# Why\n\nText.\n\n# Terms\n"

    documents, _ = read(tmp_path, {"Plugs.md": sections, "7.md": sections, "a name.md": "# Opening\n\nText."})

    assert {key: document.title for key, document in documents.items()} == {
        "Plugs": "Plugs",
        "7": "Why",
        "a name": "Opening",
    }


def test_the_first_of_several_headings_is_no_title_where_the_name_is_one(tmp_path):
    sections = "# Bard\n\nSings.\n\nWizard\n======\n\nCasts.\n"

    documents, _ = read(tmp_path, {"classes.md": sections, "2.md": sections})

    assert {key: document.title for key, document in documents.items()} == {"classes": "Classes", "2": "Bard"}
    assert "\n# Wizard\n" in documents["classes"].text


def test_a_rule_further_down_is_no_front_matter(tmp_path):
    content = "Text.\n---\ntitle: no.\n---\n"

    document, _ = markdown(tmp_path, content)

    assert (document.title, document.text) == ("", content)


def test_an_opening_rule_without_a_closing_one_is_text(tmp_path):
    content = "---\nText under a rule.\n"

    assert markdown(tmp_path, content)[0].text == content


@pytest.mark.parametrize(
    ("value", "published"),
    [
        ("2025-06-16", date(2025, 6, 16)),
        ("'2025-06-16'", date(2025, 6, 16)),
        ("' 2025-06-16 '", date(2025, 6, 16)),
        ("2025-06-16 23:59:00", date(2025, 6, 16)),
        ("2025-06-16T23:59:00+02:00", date(2025, 6, 16)),
        ("'2025-06-16T23:59:00Z'", date(2025, 6, 16)),
        ("20250616", date(2025, 6, 16)),
        ("2025-06-16 9:30:00 +02:00", date(2025, 6, 16)),
        ("", None),
        ("~", None),
        ("''", None),
        ("null", None),
    ],
)
def test_published_is_a_date(tmp_path, value, published):
    document, notices = markdown(tmp_path, f"---\npublished: {value}\n---\nText.")

    assert document.published == published
    assert notices == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("June", "'June'"),
        ("20251316", "'20251316'"),
        ("2025", "'2025'"),
        ("16.06.2025", "'16.06.2025'"),
        ("'2025-02-31'", "'2025-02-31'"),
        ("2025-02-31", "'2025-02-31'"),
        ("2025-06-16 or later", "'2025-06-16 or later'"),
        ("[2025-06-16]", "['2025-06-16']"),
        ("yes", "'yes'"),
        ("0x" + "f" * 4000, "'0xffffffffff...fffffffffffff'"),
        ("1" + ":59" * 20_000, "'1:59:59:59:5...9:59:59:59:59'"),
        ("9" * 5000, "'999999999999...9999999999999'"),
        ("!!bool perhaps", "'perhaps'"),
        ("!!timestamp soon", "'soon'"),
        ("!!python/object/apply:os.system [exit]", "['exit']"),
    ],
)
def test_a_published_that_is_no_date_is_left_out_and_named(tmp_path, value, shown):
    document, notices = markdown(tmp_path, f"---\npublished: {value}\n---\nText.")

    assert document.published is None
    assert notices == [f"its `published` ({shown}) is not a date like 2025-06-16 and was left out"]


@pytest.mark.parametrize("field", ["title", "url", "about"])
@pytest.mark.parametrize("value", ["[a, b]", "{a: b}", '"\\ud800"'])
def test_a_field_that_is_no_line_of_text_is_left_out_and_named(tmp_path, field, value):
    document, notices = markdown(tmp_path, f"---\n{field}: {value}\n---\nText.")

    assert notices == [f"its `{field}` is not a line of text and was left out"]
    assert not getattr(document, field)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("title: Footnote: a bot", "Footnote: a bot"),
        ("title: Footnote: a bot\r", "Footnote: a bot"),
        ('title: "Footnote": a bot', '"Footnote": a bot'),
        ("title: @at", "@at"),
        ("title: [unclosed", "[unclosed"),
        ("title: *Bold* words", "*Bold* words"),
        ("title:\tAfter a tab", "After a tab"),
        ("title: Footnote: a bot\n  on two lines", "Footnote: a bot on two lines"),
        ("title: 'A title'\ntags: [unclosed", "A title"),
        ("title: >\n  A folded\n  title\n'tags: x", "A folded title"),
        ("tags: [unclosed", ""),
        ("title: " + "[" * 400, "[" * 400),
    ],
)
def test_front_matter_that_is_not_valid_is_read_line_by_line(tmp_path, line, title):
    document, notices = markdown(tmp_path, f"---\n{line}\npublished: 2025-06-16\nabout: a note\n---\nText.")

    assert (document.title, document.published, document.about) == (title, date(2025, 6, 16), "a note")
    assert document.text == "Text."
    assert notices[0].startswith("its front matter is not valid YAML (")
    assert notices[0].endswith(") and was read line by line")
    assert "\n" not in notices[0]
    assert len(notices[0]) < 250


@pytest.mark.parametrize(
    "content", ["- a\n- list", "a sentence", "2025", "A sentence: with a colon: or two.\nAnd another that has none."]
)
def test_what_is_no_mapping_is_text_between_two_rules(tmp_path, content):
    whole = f"---\n{content}\n---\n# The title\n\nText."

    document, notices = markdown(tmp_path, whole)

    assert document.text in (whole, whole.replace(f"{content}\n---", f"## {content}"))
    assert document.title == "The title"
    assert [notice.split(" (")[0] for notice in notices] == ["what stands between two rules"]
    assert notices[0].endswith(" and was read as text")


def test_front_matter_that_refers_to_itself_is_not_followed(tmp_path):
    """Twelve levels of merge keys, 505 bytes, took minutes and gigabytes."""
    levels = "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    content = f"---\na0: &a0 {{x: 1}}\n{levels}title: A title\nabout: *a59\n---\nText."

    document, notices = markdown(tmp_path, content)

    assert (document.title, document.about, document.text) == ("A title", "", "Text.")
    assert notices == [
        "aliases (`*name`) in its front matter are not read",
        "its `about` refers to another line (`*name`) and was left out",
    ]


def test_a_merge_key_without_an_alias_is_named(tmp_path):
    document, notices = markdown(tmp_path, "---\n<<: {title: Merged}\nabout: a note\n---\nText.")

    assert (document.title, document.about) == ("", "a note")
    assert notices == ["merge keys (`<<`) in its front matter are not read"]


def test_a_page_without_text_of_its_own_is_no_failure(tmp_path):
    """Such pages are lists that a website fills; 8 of 194 of one manual."""
    (tmp_path / "a.md").write_text("---\ntitle: T\n---\n \n")
    (tmp_path / "b.md").write_text("Text.")

    assert read_documents(tmp_path).notices == (Notice("a.md", "holds no text of its own", NoticeKind.PARTIAL),)


@pytest.mark.parametrize("name", ["a.md", "a.jsonl"])
def test_a_value_cannot_make_a_long_notice(tmp_path, name):
    """Six in each of six levels made 392,000 characters."""
    value: object = "abcdefgh"
    for _ in range(4):
        value = [value] * 6
    row = json.dumps({"_id": "a", "text": "Text.", "published": value})

    _, notices = read(tmp_path, {name: row if name == "a.jsonl" else f"---\n{row}\n---\nText."})

    assert [len(notice.reason) < 200 for notice in notices] == [True]


def test_a_notice_is_a_line_that_can_be_read():
    notice = Notice("a.txt", "a reason " * 1_000_000)

    assert len(notice.reason) == MAX_REASON
    assert notice.reason.endswith("…")


def test_a_heading_with_a_long_gap_is_read_at_once(tmp_path):
    """The time of the first pattern for headings grew with the cube of the gap: 10,000 took hours."""
    gap = " " * 10_000

    document, _ = markdown(tmp_path, f"# A{gap}B{gap}#\n\nText.")

    assert document.title == "A B"


# --- JSON lines ------------------------------------------------------------------------------------


def test_lines_of_json_carry_every_field(tmp_path):
    row = {"_id": "x 1", "id": "other", "title": "T\n2", "text": "One.\r\nTwo.", "published": "2025-06-16",
           "url": "u", "about": "a", "metadata": {"ignored": 1}}  # fmt: skip

    documents, notices = read(tmp_path, {"rows.jsonl": "\n" + json.dumps(row) + "\r\n\n"})

    assert notices == []
    assert documents == {"x 1": Document("x 1", "T 2", "One.\r\nTwo.", date(2025, 6, 16), "u", "a")}


def test_only_a_line_feed_ends_a_line_of_json(tmp_path):
    text = "One.\u2028Two.\x85Three.\x0bFour."

    documents, notices = read(
        tmp_path, {"rows.jsonl": '{"_id": "a", "text": "One.\u2028Two.\x85Three.\\u000bFour."}\r\n'}
    )

    assert notices == []
    assert documents == {"a": Document("a", "", text)}


@pytest.mark.parametrize(("key", "document_id"), [('"_id": 7', "7"), ('"id": 0', "0"), ('"id": "ä/b"', "ä/b")])
def test_ids_of_lines_are_text_or_numbers(tmp_path, key, document_id):
    documents, _ = read(tmp_path, {"rows.jsonl": f'{{{key}, "text": "Text."}}'})

    assert list(documents) == [document_id]


def test_bad_lines_are_named_by_their_number_and_the_rest_is_kept(tmp_path):
    lines = [
        '{"_id": "good", "text": "Text."}',
        "{'_id': 'quotes', 'text': 'Text.'}",
        '["a", "list"]',
        '{"text": "Text without an id."}',
        '{"_id": null, "id": "unused", "text": "Text."}',
        '{"_id": " ", "text": "Text."}',
        '{"_id": "no text"}',
        '{"_id": "text of numbers", "text": 5}',
        '{"_id": true, "text": "Text."}',
        '{"_id": "nothing", "text": "a \\u0000"}',
        '{"_id": "blank", "text": " \\n"}',
        '{"_id": "half", "text": "a \\ud83d half"}',
        '{"_id": "half \\udc4d", "text": "Text."}',
        "[" * 100_000,
        "9" * 5000,
        '{"_id": "number", "text": "Text.", "title": NaN}',
        '{"_id": "number", "text": "Text.", "title": -Infinity}',
        f'{{"_id": {"9" * 4000}, "text": "Text."}}',
        '{"_id": "good", "text": "Another text."}',
        '{"_id": "whole", "text": "A whole \\ud83d\\udc4d pair."}',
    ]

    documents, notices = read(tmp_path, {"rows.jsonl": "\n".join(lines)})

    assert {key: document.text for key, document in documents.items()} == {
        "good": "Text.",
        "whole": "A whole 👍 pair.",
    }
    reasons = {notice.path: notice.reason for notice in notices[:-1]}
    assert list(reasons) == [f"rows.jsonl:{number}" for number in range(2, 19)]
    short = [reason.split(" (")[0] for reason in reasons.values()]
    half = "holds a NUL or half of a surrogate pair, which is not text; repair it"
    no_id = "has no `_id` that is text or a number"
    assert short == [
        "not valid JSON",
        "not a JSON object",
        *(no_id, no_id, no_id),
        *("has no `text`", "has no `text`"),
        no_id,
        half,
        "empty",
        half,
        half,
        *["not valid JSON"] * 4,
        "has an `_id` longer than 1,000 characters; shorten it",
    ]
    assert str(notices[-1]) == "rows.jsonl: another document has the id 'good' already (rows.jsonl); rename one"


@pytest.mark.parametrize("value", ["1e999", "true", "[[1]]"])
def test_a_title_that_is_no_line_is_left_out_of_a_row(tmp_path, value):
    documents, notices = read(tmp_path, {"rows.jsonl": f'{{"_id": "a", "text": "Text.", "title": {value}}}'})

    assert documents == {"a": Document("a", "", "Text.")}
    assert [notice.reason for notice in notices] == ["its `title` is not a line of text and was left out"]


@pytest.mark.parametrize("name", ["a.md", "a.jsonl"])
def test_what_a_file_declares_has_limits(tmp_path, name):
    row = json.dumps({"_id": "a", "title": "t" * 1_000_000, "about": "a" * 501, "url": "u" * 2001, "text": "The text."})

    documents, notices = read(tmp_path, {name: row if name == "a.jsonl" else f"# {'t' * 60_000}\n\nThe text."})

    assert documents["a"].title == "t" * 499 + "…"
    assert documents["a"].text.endswith("The text.")
    reasons = [notice.reason for notice in notices]
    assert reasons[0] == "its title is longer than 500 characters and was cut"
    assert {notice.kind for notice in notices} == {NoticeKind.PARTIAL}
    if name == "a.jsonl":
        assert (documents["a"].about, documents["a"].url) == ("a" * 499 + "…", None)
        assert reasons[1:] == [
            "its about is longer than 500 characters and was cut",
            "its url is longer than 2,000 characters and was left out",
        ]


def test_a_file_that_a_reader_was_not_written_for_costs_no_other(tmp_path, monkeypatch):
    def unheard_of(data: bytes, stem: str) -> Found:
        yield Draft("first", "The first part.")
        raise ArithmeticError("a number\nnobody thought of")

    monkeypatch.setitem(formats.READERS, ".md", unheard_of)

    documents, notices = read(tmp_path, {"a.md": "Text.", "b.txt": "Text."})

    assert list(documents) == ["b", "first"]
    assert list(map(str, notices)) == ["a.md: could not be read (a number nobody thought of)"]


def test_a_line_that_nobody_thought_of_costs_no_other(tmp_path, monkeypatch):
    loads = formats.json.loads

    def unheard_of(line: str, **options: Any) -> object:
        if "bad" in line:
            raise ArithmeticError("a number nobody thought of")
        return loads(line, **options)

    monkeypatch.setattr(formats.json, "loads", unheard_of)

    documents, notices = read(tmp_path, {"a.jsonl": row("1", "Text.") + row("bad", "Text.") + row("3", "Text.")})

    assert list(documents) == ["1", "3"]
    assert list(map(str, notices)) == ["a.jsonl:2: could not be read (a number nobody thought of)"]


def test_a_line_with_an_unusable_field_is_kept_and_said_so(tmp_path):
    row = {"_id": "a", "title": ["no"], "text": "Text.", "published": "soon", "url": "\udc80"}

    documents, notices = read(tmp_path, {"rows.jsonl": json.dumps(row)})

    assert documents == {"a": Document("a", "", "Text.")}
    assert [(notice.path, notice.reason) for notice in notices] == [
        ("rows.jsonl:1", "its `title` is not a line of text and was left out"),
        ("rows.jsonl:1", "its `url` is not a line of text and was left out"),
        ("rows.jsonl:1", "its `published` ('soon') is not a date like 2025-06-16 and was left out"),
    ]
    assert {notice.kind for notice in notices} == {NoticeKind.PARTIAL}


# --- files that are not documents ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x7fELF\x02\x01\x00\x00", "binary, not text"),
        (b"T\x00e\x00x\x00t\x00", "binary, not text"),
    ],
)
def test_what_is_not_text_is_skipped_by_name(tmp_path, name, content, reason):
    assert skipped(tmp_path, {name: content}) == {name: reason}


def test_control_characters_tell_a_binary_file(tmp_path):
    assert skipped(tmp_path, {"a.txt": "abc\x01\x02\x03" * 9}) == {"a.txt": "binary, not text"}


def test_a_stray_control_character_does_not(tmp_path):
    text = "A form feed \f, a bell \x07 and an escape \x1b in a long enough text." + " More." * 20

    assert read(tmp_path, {"a.txt": text})[0]["a"].text == text


@pytest.mark.parametrize("name", ["a.doc", "a.json", "a", "a.txt.gz"])
def test_a_file_of_another_type_is_named_with_what_is_read(tmp_path, name):
    kind = f"of type {Path(name).suffix}" if Path(name).suffix else "without a suffix"

    documents, notices = read(tmp_path, {name: "Text."})

    assert documents == {}
    reason = f"files {kind} are not read; convert it to .txt, .md, .html, .pdf, .docx or .xlsx"
    assert notices == [Notice(name, reason, NoticeKind.IGNORED)]


def test_many_files_of_other_types_make_one_notice_a_type(tmp_path):
    files: dict[str, str | bytes] = {f"{number:02}.PNG": b"\x89PNG" for number in range(13)}

    _, notices = read(tmp_path, files | {"a/b.png": b"", "c.gif": b"", "Makefile": "all:", "deep/LICENSE": "Yes."})

    assert [(str(notice), notice.kind) for notice in notices] == [
        ("*: 2 files without a suffix are not read, such as Makefile", "ignored"),
        (
            "c.gif: files of type .gif are not read; convert it to .txt, .md, .html, .pdf, .docx or .xlsx",
            "ignored",
        ),
        ("*.png: 14 files of type .png are not read, such as 00.PNG", "ignored"),
    ]


def test_hidden_files_and_the_readme_on_top_are_no_documents(tmp_path):
    documents, notices = read(
        tmp_path,
        {
            ".hidden.txt": "No.",
            "~$report.docx": "Who has it open.",
            ".git/a.txt": "No.",
            "a/.b/c.txt": "No.",
            "README.md": "About the corpus.",
            "a/README.md": "Deeper down it is one.",
        },
    )

    assert notices == []
    assert list(documents) == ["a/README"]


def test_a_hidden_folder_as_the_corpus_is_read(tmp_path):
    folder = folder_of(tmp_path / ".notes", {})

    assert [document.id for document in read_documents(folder).documents] == ["kept"]


def row(key: str, text: str) -> str:
    return json.dumps({"_id": key, "text": text}) + "\n"


def test_of_two_files_with_one_path_but_for_the_suffix_the_first_is_kept(tmp_path):
    documents, notices = read(tmp_path, {"a.md": "First.", "a.txt": "Second."})

    assert documents["a"].text == "First."
    assert list(map(str, notices)) == ["a.txt: another document has the id 'a' already (a.md); rename one"]


def test_what_restructured_text_includes_is_a_document_of_its_own(tmp_path):
    files: dict[str, str | bytes] = {
        "a.rst": "The a\n=====\n\n.. include:: a.rst.inc\n\nAbout a.",
        "a.rst.inc": "Its *b*.",
        "c.inc": "C.",
    }

    documents, notices = read(tmp_path, files)

    assert {key: one.text for key, one in documents.items()} == {"a": "# The a\n\nAbout a.", "a.rst": "Its b."}
    assert [notice.path for notice in notices] == ["c.inc"]


@pytest.mark.parametrize("name", ["0.jsonl", "report.jsonl", "z.jsonl"])
def test_an_id_that_is_declared_does_not_take_the_place_of_a_file(tmp_path, name):
    files: dict[str, str | bytes] = {name: row("report", "A bad text."), "report.md": "The report."}

    documents, notices = read(tmp_path, files)

    assert documents == {"report": Document("report", "Report", "The report.")}
    assert notices == [Notice(name, "another document has the id 'report' already (report.md); rename one")]


def test_an_id_that_a_message_declares_does_not_take_the_place_of_a_file(tmp_path):
    mail = b"From ann\nMessage-ID: <report>\nSubject: s\n\nA bad text."

    documents, notices = read(tmp_path, {"box.mbox": mail, "box/report.txt": "The report."})

    assert documents == {"box/report": Document("box/report", "Report", "The report.")}
    assert [notice.path for notice in notices] == ["box.mbox"]


def test_of_two_files_that_declare_one_id_neither_is_read(tmp_path):
    files: dict[str, str | bytes] = {
        "0.jsonl": row("x", "A bad text.") + row("y", "Another."),
        "a.jsonl": row("x", "A good text."),
        "b.jsonl": row("x", "A third text."),
    }

    documents, notices = read(tmp_path, files)

    assert list(documents) == ["y"]
    assert list(map(str, notices)) == [
        "0.jsonl: another document has the id 'x' in a.jsonl, so neither is read; rename one",
        "a.jsonl: another document has the id 'x' in 0.jsonl, so neither is read; rename one",
        "b.jsonl: another document has the id 'x' in 0.jsonl, so neither is read; rename one",
    ]
    assert {notice.kind for notice in notices} == {NoticeKind.FAILED}


def test_what_two_files_declare_alike_is_read_once(tmp_path):
    documents, notices = read(tmp_path, {"a.jsonl": row("x", "A text."), "b.jsonl": row("x", "A text.")})

    assert documents == {"x": Document("x", "", "A text.")}
    assert list(map(str, notices)) == ["b.jsonl: another document has the id 'x' already (a.jsonl); rename one"]


def test_a_file_that_comes_later_does_not_displace_one_that_is_known(tmp_path):
    before = read_documents(folder_of(tmp_path, {"report.md": "The report."}))
    folder_of(tmp_path, {"0.jsonl": row("report", "A bad text.")})

    after = read_documents(tmp_path, {file.path: file for file in before.files})

    assert after.documents == before.documents


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    folder_of(tmp_path, {})
    with (tmp_path / "a.txt").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)

    assert skipped(tmp_path, {}) == {"a.txt": "larger than 64 MiB; split it"}


def test_a_link_inside_the_folder_is_read(tmp_path):
    folder_of(tmp_path, {"deep/a.txt": "Text."})
    (tmp_path / "b.txt").symlink_to("deep/a.txt")

    documents, notices = read(tmp_path, {})

    assert notices == []
    assert {key: document.text for key, document in documents.items()} == {"deep/a": "Text.", "b": "Text."}


def test_links_that_lead_elsewhere_are_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_text("A secret.", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text("A secret.", encoding="utf-8")
    folder = tmp_path / "corpus"
    folder_of(folder, {"deep/a.txt": "Text.", ".git/config.txt": "A secret.", "deep/.env": "A secret."})
    leaving = "a link that leaves the corpus folder is not followed"
    links = {
        "out.txt": ("../secret.txt", leaving),
        "all": ("../outside", leaving),
        "device.txt": ("/dev/zero", leaving),
        "hidden.txt": (".git/config.txt", "a link to a hidden file is not followed"),
        "deep/hidden.txt": ("../deep/.env", "a link to a hidden file is not followed"),
        "nothing.txt": ("never.txt", "cannot be read (No such file or directory)"),
        "itself.txt": ("itself.txt", "cannot be read (Too many levels of symbolic links)"),
        "loop": (".", "a link to a folder is not followed"),
        "deep/loop.md": ("..", "a link to a folder is not followed"),
    }
    for name, (target, _) in links.items():
        (folder / name).symlink_to(target)

    _, notices = read(folder, {})

    assert {notice.path: notice.reason for notice in notices} == {name: reason for name, (_, reason) in links.items()}


@pytest.mark.parametrize("swapped", ["a.txt", "deep"])
def test_a_link_that_takes_the_place_of_what_was_looked_at_leads_nowhere(tmp_path, monkeypatch, swapped):
    """As somebody does who swaps a file, or the folder it stands in, for a link at the worst moment."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text("A secret.", encoding="utf-8")
    folder = folder_of(tmp_path / "corpus", {"deep/a.txt": "Text."})
    place = folder / "deep" if swapped == "deep" else folder / "deep" / "a.txt"
    target = tmp_path / "outside" / ("" if swapped == "deep" else "a.txt")
    realpath = os.path.realpath

    def swap(path: str | Path, **options: bool) -> str:
        real = realpath(path, **options)
        if Path(path) == folder / "deep" / "a.txt" and not place.is_symlink():
            place.rename(tmp_path / "moved")
            place.symlink_to(target)
        return real

    monkeypatch.setattr(os.path, "realpath", swap)

    corpus = read_documents(folder)

    assert corpus.documents == (KEPT,)
    assert [notice.path for notice in corpus.notices] == ["deep/a.txt"]


@pytest.mark.slow
def test_no_read_of_many_leaves_the_folder_while_links_are_swapped(tmp_path):
    (tmp_path / "secret.txt").write_text("A secret.", encoding="utf-8")
    folder = folder_of(tmp_path / "corpus", {"a.txt": "Text."})
    over = threading.Event()

    def swap() -> None:
        """Put a link to the secret and a file in turns in the place of the document."""
        while not over.is_set():
            (folder / "link").symlink_to(tmp_path / "secret.txt")
            (folder / "link").replace(folder / "a.txt")
            (folder / "file").write_text("Text.", encoding="utf-8")
            (folder / "file").replace(folder / "a.txt")

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen = Counter[bytes | str | None]()
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            seen[read_bytes(folder / "a.txt", folder)] += 1
        except Unreadable:
            seen["refused"] += 1
    over.set()
    swapper.join()

    assert set(seen) == {b"Text.", "refused"}


def test_a_pipe_does_not_hold_up_reading(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")

    assert skipped(tmp_path, {}) == {"pipe.txt": "not a regular file"}


def test_a_name_that_is_not_utf8_is_shown_as_well_as_can_be(tmp_path):
    folder_of(tmp_path, {})
    Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.txt")).write_text("Text.", encoding="utf-8")

    assert skipped(tmp_path, {}) == {"caf\ufffd.txt": "its name is not UTF-8; rename it"}


def test_what_may_not_be_read_is_named(own_folder):
    folder_of(own_folder, {"no.txt": "Text.", "shut/a.txt": "Text.", "listed/b.txt": "Text.", "listed/deep/c.txt": ""})
    (own_folder / "no.txt").chmod(0)
    (own_folder / "shut").chmod(0)
    (own_folder / "listed").chmod(0o400)

    assert skipped(own_folder, {}) == dict.fromkeys(
        ("shut", "no.txt", "listed/b.txt", "listed/deep"), "cannot be read (Permission denied)"
    )


def test_a_file_that_vanishes_while_reading_is_named(tmp_path):
    folder_of(tmp_path, {"a.txt": "Text.", "b.txt": "Text."})

    corpus = read_documents(tmp_path, progress=lambda done, total: (tmp_path / "b.txt").unlink(missing_ok=True))

    assert [document.id for document in corpus.documents] == ["a", "kept"]
    assert [str(notice) for notice in corpus.notices] == ["b.txt: cannot be read (No such file or directory)"]


def test_a_file_of_very_many_bad_lines_is_named_a_few_times(tmp_path):
    _, notices = read(tmp_path, {"rows.jsonl": "no json\n" * 1000})

    assert [notice.path for notice in notices] == [*(f"rows.jsonl:{number}" for number in range(1, 21)), "rows.jsonl"]
    assert notices[-1].reason == "980 other parts of it could not be read either"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{{"_id": {0}, "text": "Text.", "title": []}}', "980 other parts of it were left out or repaired as well"),
        ('{{"_id": "same", "text": "Text {0}."}}', "979 other parts of it could not be read either"),
    ],
)
def test_a_file_of_very_many_odd_lines_is_named_a_few_times(tmp_path, line, reason):
    _, notices = read(tmp_path, {"rows.jsonl": "\n".join(line.format(number) for number in range(1000))})

    assert len(notices) == 21
    assert notices[-1].reason == reason


# --- formats that libraries read -------------------------------------------------------------------


@pytest.fixture
def every_format(tmp_path: Path) -> Path:
    """A folder with a file of each format."""
    page = '<title>A page</title><meta name="date" content="2025-06-08"><p>Text of a <b>page</b>.</p>'
    mail = b"From: Ann <ann@x.example>\nSubject: A letter\nDate: Sun, 8 Jun 2025 10:00:00 +0000\n\nText of a letter."
    return folder_of(
        tmp_path,
        {
            "a/page.html": page,
            "b.htm": page,
            "c.PDF": pdf(["Page one.", "Page two."], title="A print"),
            "d.docx": word(lambda document: document.add_heading("Part one")),
            "e.eml": mail,
            "f.mbox": b"From ann@x.example Sun Jun  8\n" + mail,
            "g.md": "# A note\n\nText of a note.",
            "h.jsonl": '{"_id": "row", "text": "Text of a row."}',
        },
    )


def test_a_file_of_each_format_is_a_document(every_format):
    corpus = read_documents(every_format)

    letter = ("A letter", "Text of a letter.", date(2025, 6, 8))
    assert corpus.notices == ()
    assert {document.id: (document.title, document.text, document.published) for document in corpus.documents} == {
        "a/page": ("A page", "Text of a page.", date(2025, 6, 8)),
        "b": ("A page", "Text of a page.", date(2025, 6, 8)),
        "c": ("A print", "Page one.\n\nPage two.", None),
        "d": ("", "# Part one", None),
        "e": letter,
        "f/1": letter,
        "g": ("A note", "# A note\n\nText of a note.", None),
        "kept": ("Kept", "This one is read.", None),
        "row": ("", "Text of a row.", None),
    }


def test_a_page_is_known_for_every_character(every_format):
    document = next(document for document in read_documents(every_format).documents if document.id == "c")

    assert [document.page(at) for at in (0, 9, 10, 11, len(document.text) - 1)] == [1, 1, 1, 2, 2]
    assert KEPT.page(0) is None


def test_a_page_without_text_shifts_no_number():
    assert Document("a", "", "Three.", pages=(0, 0, 0)).page(0) == 3


def test_files_are_listed_with_their_hashes_and_what_was_in_them(every_format):
    corpus = read_documents(every_format)

    assert {file.path: file.sha256 for file in corpus.files} == fingerprints(every_format)
    for file in corpus.files:
        data = (every_format / file.path).read_bytes()
        assert (file.sha256, file.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert sorted(document.id for file in corpus.files for document in file.documents) == [
        document.id for document in corpus.documents
    ]


def test_what_has_not_changed_is_not_read_again(every_format, monkeypatch):
    (every_format / "bad.pdf").write_bytes(b"No PDF file.")
    (every_format / "bad.jsonl").write_bytes(b"No JSON.")
    before = read_documents(every_format)
    known = {file.path: file for file in before.files}
    (every_format / "a" / "page.html").rename(every_format / "a" / "moved.html")
    (every_format / "g.md").write_text("# Changed\n\nText.", encoding="utf-8")
    monkeypatch.setattr(Sandbox, "extract", lambda self, suffix, stem, data: [Draft(stem, "Read anew.")])
    monkeypatch.setattr(formats, "READERS", dict.fromkeys(formats.READERS, lambda data, stem: [Draft(stem, "Anew.")]))

    after = read_documents(every_format, known)

    old = {document.id: document for document in before.documents}
    new = {document.id: document for document in after.documents}
    assert {key: new[key].text for key in new if new[key] != old.get(key)} == {"a/moved": "Read anew.", "g": "Anew."}
    assert old.keys() - new.keys() == {"a/page"}
    assert after.notices == before.notices != ()


def test_the_process_that_reads_is_not_started_for_what_is_known(every_format, monkeypatch):
    known = {file.path: file for file in read_documents(every_format).files}
    monkeypatch.setattr(sys, "executable", "/nothing")

    assert read_documents(every_format, known).notices == ()
    assert read_documents(every_format).notices != ()


def test_a_file_that_could_not_be_read_is_kept_with_its_reason(tmp_path):
    folder_of(tmp_path, {"a.pdf": b"No PDF file."})

    corpus = read_documents(tmp_path)

    (failed,) = [file for file in corpus.files if file.path == "a.pdf"]
    assert failed == SourceFile(
        "a.pdf", hashlib.sha256(b"No PDF file.").hexdigest(), 12, (), (Notice("a.pdf", failed.notices[0].reason),)
    )
    assert failed.notices[0].reason.startswith("damaged, or not a .pdf file (")
    assert corpus.notices == failed.notices


def test_a_file_that_was_not_tried_is_named_and_tried_the_next_time(every_format, monkeypatch):
    class Spent(Sandbox):
        def __init__(self) -> None:
            super().__init__()
            self._lost = 2 * LOST_SECONDS

    with monkeypatch.context() as patched:
        patched.setattr("embeddings.reading.documents.Sandbox", Spent)
        first = read_documents(every_format)

    assert {file.path for file in first.files} == {"g.md", "h.jsonl", "kept.txt"}
    reason = "not tried, since files that cannot be read took 20 minutes; build again to go on"
    assert first.notices == tuple(
        Notice(name, reason) for name in ("a/page.html", "b.htm", "c.PDF", "d.docx", "e.eml", "f.mbox")
    )
    second = read_documents(every_format, {file.path: file for file in first.files})
    assert (len(second.documents), second.notices) == (9, ())


def test_fingerprints_leave_out_what_is_not_read(tmp_path):
    folder_of(tmp_path, {"a.png": b"\x89PNG", ".hidden.txt": "No.", "README.md": "No.", "b.pdf": b"No PDF file."})
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "away.txt").symlink_to("/etc/passwd")

    assert fingerprints(tmp_path) == {
        "b.pdf": hashlib.sha256(b"No PDF file.").hexdigest(),
        "kept.txt": hashlib.sha256(KEPT.text.encode()).hexdigest(),
    }
    with pytest.raises(CorpusError):
        fingerprints(tmp_path / "missing")


def test_progress_counts_every_file_that_is_read(tmp_path):
    seen: list[tuple[int, int]] = []
    folder_of(tmp_path, {"a.txt": "Text.", "b.txt": "", "c.png": ""})

    read_documents(tmp_path, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.slow
def test_a_file_that_never_ends_a_bomb_and_a_crash_stop_nothing(every_format, monkeypatch):
    """The pages in the folder come from a crashed process, a stopped one and a new one."""
    monkeypatch.setattr("embeddings.reading.documents.Sandbox", lambda: Sandbox(seconds=6))
    folder_of(
        every_format,
        {"0 slow.html": b"<nav></nav>" + b"<p>x" * 200_000, "1 bomb.docx": repacked(word(str), b"<w", megabytes=200)},
    )
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        """After the second file, which starts the process again, kill that."""
        for pid in children() if done in (3, 4) else ():
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    corpus = read_documents(every_format, progress=kill)

    assert len(corpus.documents) == 9
    assert [notice.path for notice in corpus.notices] == ["0 slow.html", "1 bomb.docx"]
    assert corpus.notices[0].reason.startswith("not read within 6 seconds; ")
    assert corpus.notices[1].reason.startswith("unpacks to ")
    assert killed
    assert not children()


def children() -> list[int]:
    """The processes that this one has started and that have not ended."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in listed]


PASSAGES = FakeEncoder()


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_whatever_is_read_can_be_stored_and_cut(texts):
    """Text files, pages and mail with any characters: every passage is the text between its offsets."""
    joined = "\n\n".join(texts)
    mail = EmailMessage()
    mail["Subject"] = "A subject"
    mail.set_content(joined, cte="base64")
    files = {
        ".txt": joined.encode(errors="replace"),
        ".md": joined.encode(errors="replace"),
        ".jsonl": json.dumps({"_id": 1, "text": joined}).encode(),
        ".html": f"<h1>{html.escape(texts[0])}</h1><p>{html.escape(joined)}".encode(errors="replace"),
        ".eml": mail.as_bytes(),
    }
    for suffix, data in files.items():
        for read in read_file(f"a{suffix}", data, InThisProcess()):
            if isinstance(read, Document):
                assert read.text.encode().decode() == read.text
                for passage in split(read, PASSAGES):
                    assert passage.text == read.text[passage.start : passage.end]


class InThisProcess(Sandbox):
    """Reads without the other process, hundreds of times a second."""

    def extract(self, suffix: str, stem: str, data: bytes) -> list[Draft | Remark]:
        return extraction.extract(suffix, stem, data)


# --- no corpus -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["missing", "a file"])
def test_a_folder_that_is_none_is_an_error_with_a_remedy(tmp_path, name):
    (tmp_path / "a file").touch()

    with pytest.raises(CorpusError) as raised:
        read_documents(tmp_path / name)

    assert (
        str(raised.value) == f"There is no folder {tmp_path / name}. Name another with --corpus DIR or FOOTNOTE_CORPUS."
    )


def test_an_empty_folder_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(CorpusError) as raised:
        read_documents(tmp_path)

    assert str(raised.value) == (
        f"{tmp_path} holds no document that can be read. "
        "Put .txt, .md, .html, .pdf, .docx or .xlsx files with text in it and build again. "
        "If it is meant to be empty, so that nothing is answered any more: python -m embeddings build --allow-empty"
    )


def test_a_folder_of_unreadable_files_says_why(tmp_path):
    for number in range(7):
        (tmp_path / f"{number}.txt").touch()

    with pytest.raises(CorpusError) as raised:
        read_documents(tmp_path)

    assert str(raised.value).splitlines()[1:] == [f"  {number}.txt: empty" for number in range(5)]


@pytest.mark.parametrize(
    ("name", "title", "label"),
    [
        ("hive13", "Bylaws", "Bylaws; hive13"),
        ("towns/belmont-bylaws", "Bylaws", "Bylaws; towns belmont"),
        ("fox", "Mayor Holds Talks on the Bridge", "Mayor Holds Talks on the Bridge"),
        ("docs/index", "Pumps", "Pumps; docs"),
        ("000_33ae47a5af713751", "Pumps", "Pumps"),
        ("swg21963265", "Pumps", "Pumps"),
        ("https://example.org/pumps", "Pumps", "Pumps"),
    ],
)
def test_passages_are_found_by_the_name_of_their_file(name: str, title: str, label: str):
    assert Document(name, title, "Text.").label == label


def test_the_model_of_languages_is_loaded_again_where_it_was_let_go():
    language.let_go()

    assert language.language_of(GERMAN) == "de"
