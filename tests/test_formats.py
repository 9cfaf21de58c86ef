"""Text files: encodings told or refused, front matter and JSON lines (the rest is in test_documents.py)."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.formats import (
    Draft,
    Remark,
    Unreadable,
    cleaned,
    decode,
    is_text,
    one_line,
    read_lines,
    read_markdown,
    read_notebook,
    read_plain,
)
from embeddings.reading.markup.front_matter import MAX_FRONT_MATTER

FRENCH = "Le café était fermé à midi. Où êtes-vous allés, mes élèves ? « Ça va », répondit-il."
GERMAN = "Die Straße ist für Fußgänger gesperrt. Wir hören später Näheres über die Größe."
ENGLISH = "The mayor said it wasn’t “needed” — and “unhelpful”. The troops’ role is unclear."
POLISH = "Zażółć gęślą jaźń. Święto odbyło się w Łodzi, gdzie było dużo ludzi."
RUSSIAN = "Полиция сообщила, что две тысячи солдат прибыли в город в субботу вечером."
GREEK = "Η αστυνομία είπε ότι δύο χιλιάδες στρατιώτες έφτασαν στην πόλη."
JAPANESE = "警察によると、二千人の兵士が土曜日の夜に市に到着しました。これはテストです。"
CHINESE = "警方表示，两千名士兵于周六晚上抵达该市。市长说这是不必要的。"
KOREAN = "경찰은 토요일 밤에 2천 명의 군인이 도시에 도착했다고 밝혔다."


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (FRENCH, "cp1252", "windows-1252"),
        (FRENCH, "latin-1", "windows-1252"),
        (GERMAN, "cp1252", "windows-1252"),
        (ENGLISH, "cp1252", "windows-1252"),
        ("The café is open today.", "cp1252", "windows-1252"),
        (POLISH, "cp1250", "windows-1250"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (GREEK, "cp1253", "windows-1253"),
        (JAPANESE, "shift_jis", "cp932"),
        (JAPANESE, "euc_jp", "euc-jp"),
        (CHINESE, "gb18030", "gb18030"),
        (KOREAN, "euc_kr", "cp949"),
    ],
)
def test_an_encoding_is_told_from_the_bytes_and_named(text, encoding, name):
    assert decode(text.encode(encoding)) == (text, [Remark(f"not UTF-8; read as {name}")])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_what_unicode_marks_is_read_without_a_remark(encoding):
    assert decode(JAPANESE.encode(encoding)) == (JAPANESE, [])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_either_order_of_bytes_is_read_where_it_is_marked(encoding):
    assert decode("\ufeffText.".encode(encoding)) == ("Text.", [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("Text without a mark.".encode("utf-16-le"), "binary, not text"),
        (b"\xff\xfeT\x00e\x00x", "damaged UTF-16; save it again as UTF-8"),
        (b"abc " * 100 + b"\xff\xfe\x81\x8d", "neither UTF-8 nor another encoding that can be told; save it as UTF-8"),
        (bytes(range(128, 256)) * 4, "neither UTF-8 nor another encoding that can be told; save it as UTF-8"),
        (b"\x7fELF\x02\x01\x00\x00\xff", "binary, not text"),
        (b"a\x01b\x02", "binary, not text"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
    ],
)
def test_what_cannot_be_told_is_refused(data, reason):
    with pytest.raises(Unreadable) as refused:
        decode(data)

    assert str(refused.value) == reason


def test_damaged_utf8_is_still_read_as_utf8():
    data = FRENCH.encode()[:-1] + "é".encode()[:1]

    text, remarks = decode(data)

    assert text == FRENCH[:-1] + "\ufffd"
    assert remarks == [Remark("1 place in it not UTF-8, shown as \ufffd")]


def test_few_bytes_of_no_encoding_do_not_cost_a_long_text():
    notes = b"Minutes of the meeting on governance.\n" * 60

    text, remarks = decode(notes + b"\x81\xff Code vs. talk.")

    assert text.endswith("\ufffd\ufffd Code vs. talk.")
    assert remarks == [Remark("2 places in it not UTF-8, shown as \ufffd")]


def test_a_page_that_says_utf8_and_is_not_in_several_places_is_still_that():
    assert decode("Café ".encode() + b"\xe9 \xe9", "utf-8") == (
        "Café \ufffd \ufffd",
        [Remark("2 places in it not UTF-8, shown as \ufffd")],
    )


@pytest.mark.parametrize("charset", ["us-ascii", "no-such-charset", "utf-7\x00"])
def test_a_charset_that_is_declared_and_wrong_gives_way_to_utf8(charset):
    text, remarks = decode(FRENCH.encode(), charset)

    assert text == FRENCH
    assert [remark.reason.endswith("as it says; read as UTF-8") for remark in remarks] == [True]


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "shift_jis"]))
def test_whatever_is_read_can_be_stored(text, encoding):
    try:
        read, _ = decode(text.encode(encoding, errors="ignore"))
    except Unreadable:
        return
    assert is_text(read)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(data):
    for reader in (read_plain, read_markdown, read_lines):
        try:
            found = list(reader(data, "a"))
        except Unreadable as reason:
            assert "\n" not in str(reason)
        else:
            assert all(is_text(item.text) for item in found if isinstance(item, Draft))


@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=50))
def test_text_of_libraries_is_made_storable(text):
    assert is_text(cleaned(text))
    assert is_text(one_line(text))
    assert "\n" not in one_line(text)


def test_half_of_a_surrogate_pair_is_replaced_and_a_whole_one_joined():
    assert cleaned("a\ud83d b\ud83d\udc4d\x00c\x08") == "a\ufffd b👍c"


def test_a_bad_byte_costs_one_line_of_json_only():
    rows = [json.dumps({"_id": key, "text": "Café."}, ensure_ascii=False).encode() for key in "abc"]
    rows[1] = rows[1].replace("é".encode(), b"\xe9")

    found = list(read_lines(b"\n".join(rows), "rows"))

    assert found == [
        Draft("a", "Café.", part=":1"),
        Remark("not UTF-8 (byte 25); save it as UTF-8", failed=True, part=":2"),
        Draft("c", "Café.", part=":3"),
    ]


def test_lines_of_json_in_utf16_are_read():
    assert list(read_lines('{"_id": "a", "text": "Café."}\n'.encode("utf-16"), "rows")) == [
        Draft("a", "Café.", part=":1")
    ]


def test_front_matter_of_any_length_is_not_parsed():
    text = "---\n" + "a: b\n" * MAX_FRONT_MATTER + "---\nText."

    assert list(read_markdown(text.encode(), "a")) == [
        Draft("a", text),
        Remark("its front matter is longer than 65,536 characters and was read as text"),
    ]


@pytest.mark.parametrize(
    ("value", "title"),
    [("[a, b]", "The heading"), ('"\\ud800"', "The heading"), ('""', "The heading"), ("Given", "Given")],
)
def test_markdown_without_a_usable_title_has_its_first_heading(value, title):
    draft = next(read_markdown(f"---\ntitle: {value}\npublished: 20250616\n---\n# The heading\n\nText.".encode(), "a"))

    assert isinstance(draft, Draft)
    assert (draft.title, draft.published) == (title, date(2025, 6, 16))


def notebook(*cells: object, **others: object) -> bytes:
    return json.dumps({"cells": cells, "nbformat": 4, **others}).encode()


def test_a_notebook_is_its_text_and_its_code():
    cells = (
        {"cell_type": "markdown", "source": ["# Boilers\n", "\n", "How they *heat*."]},
        {"cell_type": "code", "source": "print('```')\n", "outputs": [{"text": ["```\n"]}], "execution_count": 1},
        {"cell_type": "code", "source": []},
        {"cell_type": "raw", "source": ["not shown"]},
        {"cell_type": "markdown", "source": ":::{note}\nHot.\n:::"},
        {"cell_type": "markdown", "source": [1, None, "Warm."]},
        "no cell",
    )
    data = notebook(*cells, metadata={"language_info": {"name": "python"}})

    (draft,) = read_notebook(data, "a/b")

    assert isinstance(draft, Draft)
    assert draft.title == "Boilers"
    assert draft.text.split("\n\n") == [
        "# Boilers",
        "How they *heat*.",
        "````python\nprint('```')\n````",
        "> [!NOTE]\n> Hot.",
        "Warm.",
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "not a Jupyter notebook"),
        (b"[" * 100_000, "not a Jupyter notebook"),
        (b"[]", "version 4"),
        (b'{"worksheets": []}', "version 4"),
        (b'{"cells": []}', "holds no text"),
        (b'{"cells": [{"cell_type": "code"}], "metadata": [1]}', "holds no text"),
    ],
)
def test_what_is_no_notebook_is_refused(data, reason):
    with pytest.raises(Unreadable, match=reason):
        list(read_notebook(data, "a"))
