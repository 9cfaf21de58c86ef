"""Settings: strict, each with a default, and the same in code and in .env.example."""

import dataclasses
import ipaddress
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.settings import Settings
from embeddings.errors import BadSetting
from embeddings.settings import RENAMED, IndexSettings
from embeddings.storing.addresses import Address
from embeddings.storing.stores import Folder, store_of

EXAMPLE = Path(__file__).parent.parent / ".env.example"
FIELDS = {field.metadata["variable"]: field.metadata for field in dataclasses.fields(Settings)}


def test_every_default_is_a_value_that_can_be_used():
    settings = Settings.load({})

    assert settings.index == Path("index")
    assert settings.token == ""
    assert settings.guild is None
    assert settings.queue == 100
    assert settings.private is False
    assert 0 <= settings.threshold <= 1


def test_the_example_lists_every_setting_once_at_its_default_with_an_explanation():
    text = EXAMPLE.read_text(encoding="utf-8")
    paragraphs = text.strip().split("\n\n")[1:]
    listed = {}
    for paragraph in paragraphs:
        *explanation, line = paragraph.splitlines()
        found = re.fullmatch(r"# (\w+)=(.*)", line)
        assert found
        name, default = found.groups()
        assert explanation and all(line.startswith("# ") for line in explanation)
        assert name not in listed
        listed[name] = default

    assert listed == {name: metadata["default"] for name, metadata in FIELDS.items()}


def test_every_setting_explains_itself_in_a_sentence():
    assert all(metadata["meaning"].endswith(".") for metadata in FIELDS.values())


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("FOOTNOTE_THRESHOLD", "0.25", "threshold", 0.25),
        ("FOOTNOTE_THRESHOLD", " 1 ", "threshold", 1.0),
        ("FOOTNOTE_GUILD", "1234567890123456789", "guild", 1234567890123456789),
        ("FOOTNOTE_QUEUE", "1", "queue", 1),
        ("FOOTNOTE_PRIVATE", "Yes", "private", True),
        ("FOOTNOTE_PRIVATE", "off", "private", False),
        ("FOOTNOTE_LOG_LEVEL", "WARNING", "log_level", 30),
        ("FOOTNOTE_QUEUE", "", "queue", 100),
        ("FOOTNOTE_LOG_FORMAT", "JSON", "log_json", True),
        ("FOOTNOTE_HEALTH", "No", "health", None),
        ("FOOTNOTE_HEALTH", "192.0.2.7:80", "health", ("192.0.2.7", 80)),
        ("FOOTNOTE_HEALTH", "[::1]:8377", "health", ("::1", 8377)),
    ],
)
def test_values_are_read(variable, text, field, value):
    assert getattr(Settings.load({variable: text}), field) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("FOOTNOTE_THRESHOLD", "1.5"),
        ("FOOTNOTE_THRESHOLD", "-0.1"),
        ("FOOTNOTE_THRESHOLD", "nan"),
        ("FOOTNOTE_THRESHOLD", "high"),
        ("FOOTNOTE_GUILD", "my server"),
        ("FOOTNOTE_GUILD", "-5"),
        ("FOOTNOTE_GUILD", "²"),
        ("FOOTNOTE_GUILD", "9" * 30),
        ("FOOTNOTE_QUEUE", "0"),
        ("FOOTNOTE_QUEUE", "1001"),
        ("FOOTNOTE_QUEUE", "many"),
        ("FOOTNOTE_PRIVATE", "perhaps"),
        ("FOOTNOTE_LOG_LEVEL", "loud"),
        ("FOOTNOTE_LOG_FORMAT", "xml"),
        ("FOOTNOTE_HEALTH", "localhost:8377"),
        ("FOOTNOTE_HEALTH", "8377"),
        ("FOOTNOTE_HEALTH", "127.0.0.1:0"),
        ("FOOTNOTE_HEALTH", "127.0.0.1:70000"),
    ],
)
def test_values_out_of_bounds_are_refused_by_name(variable, text):
    with pytest.raises(BadSetting, match=f"{variable}=.*cannot be used"):
        Settings.load({variable: text})


MODEL = {"FOOTNOTE_LLM_URL": "http://127.0.0.1:11434/v1", "FOOTNOTE_LLM_MODEL": "small:1b"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434/v1",
        "http://127.8.9.1/v1",
        "http://[::1]:8080/v1",
        "http://localhost:1234/v1",
        "HTTP://LOCALHOST/v1",
    ],
)
def test_a_model_on_this_machine_is_taken(url: str):
    assert Settings.load(MODEL | {"FOOTNOTE_LLM_URL": url}).llm_url == url


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://192.168.1.5:11434/v1",
        "http://0.0.0.0:11434/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "http://localhost./v1",
        "http://2130706433/v1",
        "http://0x7f.1/v1",
        "http://127.1/v1",
        "http://[::ffff:127.0.0.1]/v1",
        "http://[::]/v1",
        "http://[fe80::1]/v1",
        "http://１２７.0.0.1/v1",
    ],
)
def test_a_model_elsewhere_needs_a_word_that_questions_may_leave(url: str):
    with pytest.raises(BadSetting, match="people's questions and passages of your documents would leave this one"):
        Settings.load(MODEL | {"FOOTNOTE_LLM_URL": url})

    assert Settings.load(MODEL | {"FOOTNOTE_LLM_URL": url, "FOOTNOTE_LLM_REMOTE": "yes"}).llm_url == url


@pytest.mark.parametrize(
    "changed",
    [
        {"FOOTNOTE_LLM_URL": "127.0.0.1:11434"},
        {"FOOTNOTE_LLM_URL": "ftp://127.0.0.1/v1"},
        {"FOOTNOTE_LLM_URL": "http:///v1"},
        {"FOOTNOTE_LLM_URL": "http://127.0.0.1:port/v1"},
        {"FOOTNOTE_LLM_URL": "http://[127.0.0.1/v1"},
        {"FOOTNOTE_LLM_URL": "http://me:sk-secret@127.0.0.1/v1"},
        {"FOOTNOTE_LLM_URL": "http://127.0.0.1/v1?key=sk-secret"},
        {"FOOTNOTE_LLM_URL": "http://example.com@127.0.0.1/v1"},
        {"FOOTNOTE_LLM_KEY": "sk-secret\nx"},
        {"FOOTNOTE_LLM_KEY": "sk-secret…"},
        {"FOOTNOTE_LLM_MODEL": ""},
        {"FOOTNOTE_LLM_TIMEOUT": "0"},
        {"FOOTNOTE_LLM_TIMEOUT": "nan"},
        {"FOOTNOTE_LLM_CALLS": "0"},
        {"FOOTNOTE_LLM_TOKENS": "7"},
        {"FOOTNOTE_LLM_TASKS": "translate"},
        {"FOOTNOTE_LLM_TASKS": ","},
    ],
)
def test_a_model_that_cannot_be_used_is_refused_by_name_and_no_secret_is_told(changed: dict[str, str]):
    (name,) = changed
    with pytest.raises(BadSetting, match=name) as caught:
        Settings.load(MODEL | changed)
    assert "secret" not in str(caught.value)


def test_what_a_model_does_is_named_and_its_key_is_not_shown():
    settings = Settings.load(MODEL | {"FOOTNOTE_LLM_TASKS": " Write, choose,", "FOOTNOTE_LLM_KEY": "sk-secret"})

    assert settings.llm_tasks == {"write", "choose"} and settings.llm_key == "sk-secret"
    assert "secret" not in f"{settings!r} {settings.llm_key!r}"
    assert Settings.load({}).llm_url == "" and Settings.load({}).llm_tasks == {"write"}


def test_an_unknown_setting_is_refused_with_the_nearest_one():
    with pytest.raises(BadSetting, match=r"FOOTNOTE_TRESHOLD.*Did you mean FOOTNOTE_THRESHOLD\?"):
        Settings.load({"FOOTNOTE_TRESHOLD": "0.5"})


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
@pytest.mark.parametrize("kind", [Settings, IndexSettings])
def test_a_name_that_a_setting_had_before_leads_to_the_one_it_has(kind, old, new):
    assert new in FIELDS and old not in FIELDS
    with pytest.raises(BadSetting, match=f"There is no setting {old}: it is called {new}. Rename it"):
        kind.load({old: "x"})


def test_everything_that_is_wrong_is_found_at_once():
    wrong = Settings.problems({"FOOTNOTE_QUEUE": "0", "FOOTNOTE_X": "1", "FOOTNOTE_PRIVATE": "no", "PATH": "/bin"})
    assert list(wrong) == ["FOOTNOTE_X", "FOOTNOTE_QUEUE"]
    assert Settings.problems({}) == {}


def test_health_listens_on_loopback_unless_told_otherwise():
    health = Settings.load({}).health
    assert health and ipaddress.ip_address(health.host).is_loopback


def test_other_programs_variables_are_let_be():
    Settings.load({"PATH": "/bin", "FOOTNOTES": "none", "DISCORD_OTHER": "x"})


def test_the_token_is_not_shown():
    settings = Settings.load({"DISCORD_TOKEN": "abc.def.ghi"})

    assert settings.token == "abc.def.ghi"
    assert "abc" not in repr(settings)
    assert "abc" not in f"{settings!r} {settings.token!r}"


def test_answers_go_by_a_reader_unless_it_is_switched_off():
    assert Settings.load({}).reader is True
    assert Settings.load({"FOOTNOTE_READER": "no"}).reader is False
    with pytest.raises(BadSetting, match="FOOTNOTE_READER='maybe' cannot be used: it must be yes, no or the folder"):
        Settings.load({"FOOTNOTE_READER": "maybe"})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("milvus://db.example", Address("http://db.example:19530")),
        ("milvus+tls://db.example:443/news/?alias=lamps", Address("https://db.example:443", "news", "lamps")),
        ("milvus://[::1]:1", Address("http://[::1]:1")),
        ("milvus:///var/lib/footnote/lite.db?alias=a", Address("/var/lib/footnote/lite.db", alias="a")),
    ],
)
def test_the_address_of_a_store_is_read(text, address):
    assert Settings.load({"FOOTNOTE_STORE": text}).store == address


@pytest.mark.parametrize(
    "text",
    [
        "db.example:19530",
        "http://db.example:19530",
        "milvus://db.example:port",
        "milvus://db.example?alias=No",
        "milvus://db.example?name=a",
        "milvus://root:hidden@db.example",
        "milvus:///no/file",
    ],
)
def test_another_address_of_a_store_is_refused_without_its_password(text):
    with pytest.raises(BadSetting, match=r"^FOOTNOTE_STORE=.* cannot be used: write milvus://HOST:19530 or ") as caught:
        Settings.load({"FOOTNOTE_STORE": text})
    assert "hidden" not in str(caught.value)


def test_each_corpus_has_an_alias_of_its_own():
    names = ("", "a", "a-b", "a_b")
    if find_spec("pymilvus") is None:
        with pytest.raises(BadSetting, match=r"its client is not installed: .*\[milvus\]"):
            store_of(Path("index"), Address("http://db.example:19530"))
    else:
        stores = [store_of(Path("index"), Address("http://db.example:19530"), corpus=name) for name in names]
        assert len({str(store.address) for store in stores}) == len(names)  # type: ignore[attr-defined] # of Milvus
    assert store_of(Path("index"), None) == Folder(Path("index"))
