"""The languages of the bot: no sentence escapes them, no catalogue lacks any, and what is quoted stays as it is."""

import ast
import dataclasses
import gettext
import io
import re
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from fakes import answerer, document
from loopback import LoopbackDiscord, text_of, walk
from loopback.limits import check_message

from bot.answering.answerer import RANKED
from bot.answering.answers import Answer, Citation, Question, Searched
from bot.answering.timeline import Event, timeline
from bot.checking.claims import Checker
from bot.discord import language
from bot.discord.answer import comparison_page, reply_page, turn_in, with_prose
from bot.discord.client import FootnoteBot
from bot.discord.cogs.check import MENU
from bot.discord.language import ENGLISH, LANGUAGES, _, catalogue_of, day, days, digits, month, ngettext, percent, speak
from bot.discord.ledger import Insights, Quotation, Receipt
from bot.discord.lookup import nearest_page, passage_page, search_page, timeline_page
from bot.discord.page import Mix, Page, Place, fingerprint
from bot.discord.reports import insights_page, receipt_page
from bot.discord.responses import response
from bot.discord.sources import mix_page, sources_page
from bot.discord.verdict import verdict_page, verdicts_page
from bot.discord.views import layout
from bot.english.values import Date
from bot.prose.draft import Dropped
from bot.prose.writer import Prose, Sentence
from bot.settings import Settings
from deploy.texts import TAKES, main, said_in, texts, translations
from embeddings.errors import BadRequest, IndexCorrupt
from embeddings.messages import Message
from embeddings.splitting.passages import Span

ROOT = Path(__file__).resolve().parents[1]
DISCORD = ROOT / "bot" / "discord"
LEFT_OUT = {
    "access.py": "what the doctor finds, on the command line",
    "ledger.py": "SQL",
    "metrics.py": "what a program reads",
    "store.py": "SQL, and why the bot cannot start",
}
"""Files whose sentences no user of Discord reads."""
UNSAID = {
    "check_token": "why the bot cannot start, on the command line",
    "run": "the same",
    "register": "the same",
    "_write": "what the log says",
}
"""Functions whose sentences no user of Discord reads."""
TEXTS = {"{:%H:%M} UTC": "a time of day", "SHA-256 ": "the name of a checksum"}
NAMES = {
    "WHERE": "a part of what the command line says",
    "UNKNOWN_TOKEN": "what the command line says",
}
CALLS = {
    "app_commands.describe": "translated by the Translator, which the commands as Discord gets them are held to",
    "app_commands.Group": "the same",
}


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def escaping(tree: ast.AST) -> Iterator[str]:
    """The sentences in a module, or the parts of them, that no translation can find."""
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return  # a docstring
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) and tree.name in UNSAID:
        return
    if isinstance(tree, ast.Assign) and any(ast.unparse(target) in NAMES for target in tree.targets):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        if " " in tree.value and re.search("[A-Za-z]", tree.value) and tree.value not in TEXTS:
            yield tree.value
        return
    children = list(ast.iter_child_nodes(tree))
    if isinstance(tree, ast.Call):
        called = ast.unparse(tree.func)
        if called in CALLS or ".log." in called:
            return
        children = children[1 + TAKES.get(called, 0) :] if called in TAKES else children
    if isinstance(tree, ast.ClassDef):
        children = [*tree.bases, *tree.decorator_list, *tree.body]  # not the description of a group, or a pattern
    annotations = {getattr(tree, name, None) for name in ("annotation", "returns")}
    for child in children:
        if child not in annotations:
            yield from escaping(child)


@pytest.mark.parametrize("path", sorted({*DISCORD.rglob("*.py")} - {DISCORD / name for name in LEFT_OUT}), ids=str)
def test_no_sentence_escapes_translation(path: Path):
    assert list(escaping(parsed(path))) == []


@pytest.mark.parametrize(
    "source",
    [
        'raise BadRequest("No such thing.")',
        'raise BadRequest(f"No {name} here.")',
        'head = f"**{name}** " + " sure"',
        'text = "You asked {} times.".format(3)',
        'send(_("Noted.") + " Thank you.")',
        "_(f'No {name} here.')",
        "Message('No {name} here. ' + more, name='no name')",
        "def page():\n    return Page(head='What happened when')",
    ],
)
def test_a_sentence_that_escapes_is_found(source: str):
    assert list(escaping(ast.parse(source))) or not list(said_in(source))


BELOW = {
    "bot": ("conversation.py", "corpora.py", "worker.py"),
    "bot/answering": ("*.py",),
    "bot/checking": ("*.py",),
    "bot/question": ("*.py",),
    "embeddings": ("retrieval.py",),
}
"""What refuses the requests of people in Discord."""


def test_whatever_is_refused_below_can_be_translated():
    paths = [path for folder, names in BELOW.items() for name in names for path in (ROOT / folder).glob(name)]
    calls = [
        call
        for path in paths
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("BadRequest", "TooLong")
    ]
    assert len(calls) >= 15
    assert [ast.unparse(call) for call in calls if [text for part in call.args for text in escaping(part)]] == []


def test_why_a_sentence_of_a_model_was_dropped_can_be_translated():
    paths = [ROOT / "bot" / "prose" / name for name in ("draft.py", "gate.py", "grounding.py")]
    assert sum(len(list(said_in(path.read_text(encoding="utf-8")))) for path in paths) >= 20
    assert [text for path in paths for text in escaping(parsed(path)) if text.endswith((".", ". "))] == []


# -- the catalogues


def catalogue(name: str) -> Catalog:
    return read_po(io.BytesIO(catalogue_of(name).read_bytes()), locale=name)


def entries(name: str) -> Iterator[tuple[str, str]]:
    """Each text of a catalogue with each of its translations."""
    for entry in catalogue(name):
        forms = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)
        for at, translated in enumerate(translations(entry) if entry.id else ()):
            yield forms[min(at, len(forms) - 1)], translated


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_text_is_translated_and_nothing_else_is(name: str):
    found = catalogue(name)
    assert {entry.id for entry in found} == {entry.id for entry in texts()}
    assert not found.obsolete and not any(entry.fuzzy for entry in found if entry.id)
    assert [text for text, translated in entries(name) if not translated] == []


def signs(text: str) -> Counter[str]:
    """What of a text is no language: what is put into it, marks, commands, settings, addresses."""
    filled = [f"{{{field}}}" for _, field, _, _ in string.Formatter().parse(text) if field is not None]
    kept = re.findall(r"\*+|`|^-# |<[^>]*>|/[a-z]+(?: (?:add|person)\b)?|[A-Z]+_[A-Z_]+=?\w*|\d{4}-\d\d-\d\d|\n", text)
    return Counter(filled + kept)


@pytest.mark.parametrize("name", LANGUAGES)
def test_translations_have_the_same_places_marks_and_names(name: str):
    assert [text for text, translated in entries(name) if signs(text) != signs(translated)] == []
    assert [text for text, translated in entries(name) if translated != translated.strip()] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", LANGUAGES)
def test_a_catalogue_is_as_the_command_writes_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    copy = tmp_path / "footnote.po"
    copy.write_bytes(catalogue_of(name).read_bytes())
    monkeypatch.setattr("deploy.texts.LANGUAGES", (name,))
    monkeypatch.setattr("deploy.texts.catalogue_of", lambda _: copy)

    main()

    assert copy.read_bytes() == catalogue_of(name).read_bytes()


LIMITS = {
    80: "Open|Previous|Next|All sources|Show nearest|Share|Solved|Not it|Ask a person|Show",
    45: "What is wrong with this answer\\?|For the moderators, without your name",
    100: "You may leave this empty\\.|private|public|default",
    32: re.escape(MENU),
}
"""How many characters there is room for: on buttons, above a modal, in its field and in choices, in a menu."""


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("limit", LIMITS)
def test_translations_fit_where_they_are_shown(name: str, limit: int):
    fitting = [translated for text, translated in entries(name) if re.fullmatch(LIMITS[limit], text)]
    assert len(fitting) == LIMITS[limit].replace("\\?", "").count("|") + 1
    assert [text for text in fitting if len(text) > limit] == []


# -- words


@pytest.mark.parametrize(
    ("locale", "spoken"),
    [
        ("en-US", "Open"),
        ("en-GB", "Open"),
        ("de", "Öffnen"),
        ("es-ES", "Abrir"),
        ("es-419", "Abrir"),
        ("fr", "Ouvrir"),
        ("ja", "Open"),
        ("pt-BR", "Open"),
        ("zh-TW", "Open"),
        (None, "Open"),
    ],
)
def test_a_locale_has_its_language_or_english(locale: str | None, spoken: str):
    speak(locale)

    assert _("Open") == spoken


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ("0 sources", "1 source", "2 sources", "12,345 sources")),
        ("de", ("0 Dokumente", "1 Dokument", "2 Dokumente", "12.345 Dokumente")),
        ("es", ("0 documentos", "1 documento", "2 documentos", "12.345 documentos")),
        ("fr", ("0 document", "1 document", "2 documents", "12\u202f345 documents")),
    ],
)
def test_plurals(locale: str, said: tuple[str, ...]):
    speak(locale)

    assert tuple(ngettext("{n} source", "{n} sources", n) for n in (0, 1, 2, 12345)) == said


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "None of 3 sources answers (1 is a copy), 2 without a date left out"),
        ("de", "3 Dokumente, keines antwortet (1 ist eine Kopie), 2 ohne Datum ausgelassen"),
        ("es", "3 documentos, ninguno responde (1 es una copia), 2 sin fecha omitidos"),
        ("fr", "3 documents, aucune réponse (1 est une copie), 2 sans date écartés"),
    ],
)
def test_a_message_is_said_whole_with_those_in_it(locale: str, said: str):
    speak(locale)

    assert _(Searched((), ("a", "b", "c"), {"b": "a"}, undated=2).summary) == said


def test_a_message_is_a_string_and_what_is_put_into_it_is_not_read():
    text = Message("There is no source called “{name}”. /sources lists them all.", name="{title} Open")
    speak("de")

    assert text == "There is no source called “{title} Open”. /sources lists them all."
    assert _(text) == "Es gibt kein Dokument namens „{title} Open“. /sources listet alle auf."
    assert _("A text that is nobody's.") == "A text that is nobody's." and _("") == ""


@pytest.mark.parametrize(
    ("locale", "one", "many", "third"),
    [
        ("en", "16 June 2025", "1 June 2025 to 3 July 2025", "June 2025"),
        ("de", "16. Juni 2025", "1. Juni 2025 bis 3. Juli 2025", "Juni 2025"),
        ("es", "16 de junio de 2025", "1 de junio de 2025 – 3 de julio de 2025", "junio de 2025"),
        ("fr", "16 juin 2025", "1 juin 2025 – 3 juillet 2025", "juin 2025"),
    ],
)
def test_days_are_written_as_people_write_them(locale: str, one: str, many: str, third: str):
    speak(locale)

    assert day(date(2025, 6, 16)) == one and day(None) == ""
    assert days(date(2025, 6, 1), date(2025, 7, 3)) == many
    assert month(date(2025, 6, 30)) == third


@pytest.mark.parametrize("locale", [ENGLISH, *LANGUAGES])
def test_a_day_that_no_calendar_has_is_shown_as_no_other(locale: str):
    index = answerer([document("a", "The law was signed on June 31, 2025, they say.", "Law")]).index
    speak(locale)
    passage = index.passages[0]
    cited = dataclasses.replace(EVENTS[0].statement, citation=Citation.of(index, 1, passage, passage.sentences[0]))
    no_day = Date((2025, 6, 31), (2025, 6, 31))
    head = timeline_page("law", [Event(cited, no_day, True)], SOURCE).entries[0].texts[0]

    assert head == "**31 June 2025**"


def test_a_part_of_a_year_is_shown_by_its_months():
    early = Event(EVENTS[0].statement, Date((2018, 1, 1), (2018, 6, 31)), True)

    assert timeline_page("law", [early], SOURCE).entries[0].texts[0] == "**January 2018 to June 2018**"


def test_shares_and_numbers():
    said = []
    for locale in (ENGLISH, *LANGUAGES):
        speak(locale)
        said.append((percent(0.93), digits(1234567), digits(2.5)))

    assert said == [
        ("93%", "1,234,567", "2"),
        ("93\xa0%", "1.234.567", "2"),
        ("93\xa0%", "1.234.567", "2"),
        ("93\xa0%", "1\u202f234\u202f567", "2"),
    ]


# -- pages


DOCUMENTS = [
    document(
        "troops",
        "The governor objected on 8 June 2025. Some 4,000 troops were sent to the city, @everyone said.\n\n"
        "The mayor, Karen Bass, said the troops would leave on Tuesday.",
        "Troops in the city",
        "2025-06-16",
        "https://news.example/troops",
    ),
    document("early", "Some 2,000 troops were sent to the city, the army said.", "The first day", "2025-06-07"),
    document("copy", "Some 2,000 troops were sent to the city, the army said.", "The first day again", "2025-06-09"),
    document("undated", "The parade was small, according to those who saw it.", "Rumours"),
]
ASKED = "How many troops were sent to the city?"
SERVED = answerer(DOCUMENTS)
INDEX = SERVED.index
SOURCE = SERVED.source
CITED = [Citation.of(INDEX, n, one, one.sentences[0]) for n, one in enumerate(INDEX.passages, 1)]
EVENTS = timeline(SERVED.retriever.search(ASKED, RANKED), INDEX)
ANSWER, NONE = SERVED.ask(Question(ASKED)), answerer(DOCUMENTS, threshold=1.0).ask(Question("Who won in Oslo?"))
COMPARED = SERVED.compare(Question(ASKED))
assert isinstance(ANSWER, Answer) and isinstance(COMPARED, Answer)
CHECKED = [
    Checker(SERVED).check(Question(claim))
    for claim in (
        "Some 2,000 troops were sent to the city.",
        "Some 9 troops were sent to the city.",
        "Oslo lost a war.",
    )
]
AT = datetime(2026, 11, 27, 21, 5, tzinfo=UTC)
RECEIPT = Receipt("k7q2mxab", AT, "disputed", 0.83, SOURCE.generation, AT, tuple(map(Quotation.of, CITED)))
MOVED = answerer(DOCUMENTS[1:]).index
INSIGHTS = Insights(
    daily={AT.date(): {"answered": 3, "not_found": 1}},
    up=1,
    down=0,
    documents=(("troops", 2), ("x", 1)),
    disliked=(("early", 1),),
    reasons=("no",),
    asked=((ASKED, 2),),
    unanswered=(("Who won in Oslo?", 1),),
)
PAGES: dict[str, Callable[[], Page]] = {
    "answer": lambda: reply_page(ANSWER, "k7q2mxab"),
    "none": lambda: reply_page(NONE),
    "comparison": partial(comparison_page, COMPARED),
    "timeline": lambda: timeline_page("troops", EVENTS, SOURCE),
    "no timeline": lambda: timeline_page("troops", (), SOURCE),
    "supported": lambda: verdict_page(CHECKED[0]),
    "contradicted": lambda: verdict_page(CHECKED[1]),
    "neither": lambda: verdict_page(CHECKED[2]),
    "message": lambda: verdicts_page(CHECKED, 2),
    "search": lambda: search_page(ASKED, CITED),
    "nearest": lambda: nearest_page(INDEX, [Place(INDEX.passages[0].id, *CITED[0].passage.sentences[0])]),
    "passage": lambda: passage_page(INDEX, INDEX.passages[0], Span(0, 0)),
    "sources": lambda: sources_page(INDEX, 0, "archive"),
    "mix": lambda: mix_page(INDEX, Mix((fingerprint("troops"), fingerprint("gone")))),
    "receipt": lambda: receipt_page(MOVED, RECEIPT),
    "prose": lambda: prose_page(reply_page(ANSWER)),
    "insights": lambda: insights_page(INDEX, INSIGHTS, 7, questions=False),
}


SENTENCES = (Sentence("Some 4,000 came.", (1,), 0.9), Sentence("They left.", (1, 2), 0.9))
REASON = Message("It leaves out “{words}”.", words="mostly")


def prose_page(page: Page) -> Page:
    """What a model wrote below an answer."""
    written = Prose("small:1b", SENTENCES, (Dropped("All stayed.", REASON),))
    whole = with_prose(page, written, dropped=True)
    assert whole
    return whole


def sent(view: discord.ui.LayoutView) -> dict[str, Any]:
    """The message as Discord gets it, which keeps its limits."""
    message = {"components": view.to_components(), "flags": 1 << 15}
    check_message(message)
    return message


@pytest.mark.parametrize("name", PAGES)
def test_a_page_differs_in_nothing_but_what_the_bot_says(name: str):
    shown = {}
    for locale in (ENGLISH, *LANGUAGES):
        speak(locale)
        shown[locale] = sent(layout(PAGES[name]()))

    texts = {locale: text_of(message) for locale, message in shown.items()}
    assert len(set(texts.values())) == 1 + len(LANGUAGES)
    blocks = {locale: re.findall("^> .*$", text, re.MULTILINE) for locale, text in texts.items()}
    ids = {locale: [part.get("custom_id") for part in walk(each["components"])] for locale, each in shown.items()}
    for locale in LANGUAGES:
        assert blocks[locale] == blocks[ENGLISH] and ids[locale] == ids[ENGLISH]


class Marked(gettext.NullTranslations):
    """A language in which everything is said in English, between signs."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


QUOTED = sorted(
    {
        *(line for each in DOCUMENTS for line in (*each.text.split("\n"), each.title, each.id)),
        *("Who won in Oslo?", ASKED, *(each.question.text for each in CHECKED)),
        *(
            "Some 4,000 came.",
            "They left.",
            "All stayed.",
            "small:1b",
            "Karen Bass",
            "2,000",
            "4,000",
            "how many troops were sent to the city",
            "how many troops",
            "troops",
            "archive",
        ),
        *("k7q2mxab", SOURCE.generation, "UTC", "https://news.example/troops", "to the city", "no"),
    },
    key=len,
    reverse=True,
)
"""What is in the pages and is not the bot's own."""


@pytest.mark.parametrize("name", PAGES)
def test_whatever_the_bot_says_on_a_page_has_gone_through_the_catalogue(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(language, "_catalogue", lambda _: Marked())
    speak("de")
    message = sent(layout(PAGES[name]()))
    said = "\n".join([text_of(message), *(part.get("label") or "" for part in walk(message["components"]))])

    bare = said.replace("\\", "").replace("**", "")
    bare = re.sub("^> .*$", "", bare, flags=re.MULTILINE)
    bare = re.sub(r"\d+\. [A-Z]\w+ \d{4}", "", bare)  # a date, by Babel
    while (inner := re.sub("⟦[^⟦⟧]*⟧", "", bare)) != bare:
        bare = inner
    for each in QUOTED:
        bare = bare.replace(each.replace("@", ""), "").replace(each, "")
    assert re.findall("[A-Za-z]{2,}", bare) == []


@pytest.mark.parametrize("locale", [ENGLISH, *LANGUAGES])
def test_an_answer_is_read_back_in_every_language(locale: str):
    read = dataclasses.replace(ANSWER, read_as="how many troops were sent to Oslo")
    assert isinstance(read, Answer)
    speak(locale)
    answered, none = (layout(reply_page(found)).to_components() for found in (read, NONE))
    speak("ja")  # whoever goes on may have another

    turn, silence = (
        turn_in([part["content"] for part in walk(parts) if part.get("content")]) for parts in (answered, none)
    )
    assert (
        turn and turn.question == "how many troops were sent to Oslo" and len(turn.quotations) == len(read.statements)
    )
    assert silence and silence.question == "Who won in Oslo?" and silence.quotations == ()


@pytest.mark.parametrize("locale", [ENGLISH, *LANGUAGES])
def test_the_longest_answer_of_the_first_responder_fits(locale: str):
    text = "\n\n".join(f"{n}. Turn the brass valve {n} times to the left, and then wait. " * 9 for n in range(1, 30))
    found = answerer([document("valve", f"# Turning the valve\n\n{text}", "Valve")]).ask(
        Question("How do I turn the valve?")
    )
    assert isinstance(found, Answer)
    speak(locale)

    sent(response(found, 1 << 60, 1 << 61, "k7q2mxab"))


# -- in Discord


@asynccontextmanager
async def running(server: LoopbackDiscord, folder: Path, threshold: float = 0.0, **changes: Any):
    """The bot, connected; at the end Discord must have refused nothing."""
    settings = dataclasses.replace(Settings.load({}), index=folder, **changes)
    bot = FootnoteBot(settings, answerer(DOCUMENTS, threshold), guild_ready_timeout=0.05)
    async with server.running(bot):
        yield bot
    assert server.refusals == []


def labels(message: dict[str, Any]) -> set[str]:
    return {part["label"] for part in walk(message["components"]) if part.get("label")}


async def test_commands_are_described_in_every_language_and_keep_their_names(server: LoopbackDiscord, tmp_path: Path):
    async with running(server, tmp_path, corpora=None):
        ((_, payload),) = server.syncs

    def described(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for part in parts:
            yield part
            yield from described(part.get("options", []))

    menu = next(command for command in payload if command["type"] == 3)
    assert menu["name_localizations"]["de"] == "Mit den Dokumenten abgleichen"
    for part in described([command for command in payload if command["type"] == 1]):
        found = part["description_localizations"]
        assert set(found) == {"de", "es-ES", "es-419", "fr"}
        assert part["description"] not in found.values() and not part.get("name_localizations")
        assert all(len(text) <= 100 for text in found.values())


async def test_whoever_asks_is_answered_in_their_language(server: LoopbackDiscord, tmp_path: Path):
    reader = server.member("leser", locale="de")
    async with running(server, tmp_path):
        asked = await reader.slash("ask", {"question": ASKED})
        answer = await asked.settled()
        assert "> Some **4,000** troops were sent to the city" in asked.text
        assert "Dokumente vom Stand 1. August 2026" in asked.text and "documents as of" not in asked.text
        assert {"Öffnen", "Alle Dokumente"} <= labels(answer)

        first = next(part["custom_id"] for part in walk(answer["components"]) if part.get("label") == "Öffnen")
        assert first.startswith("Open:")
        opened = await server.user.click(answer, first)
        assert "passage 1 of" in text_of(await opened.settled())
        opened = await reader.click(answer, first)
        assert "Stelle 1 von" in text_of(await opened.settled())

        refused = await reader.slash("ask", {"question": ASKED, "after": "gestern"})
        assert text_of(await refused.settled()).startswith("'gestern' ist kein Datum.")


async def test_in_a_community_everybody_reads_its_language_and_each_alone_their_own(
    server: LoopbackDiscord, tmp_path: Path
):
    server.world.guild.update(preferred_locale="fr", features=["COMMUNITY"])
    reader = server.member("leser", locale="de")
    async with running(server, tmp_path):
        asked = await reader.slash("ask", {"question": ASKED})
        await asked.settled()
        assert "documents au 1 août 2026" in asked.text
        asked = await reader.slash("ask", {"question": ASKED, "private": True})
        await asked.settled()
        assert "Dokumente vom Stand 1. August 2026" in asked.text


async def test_that_there_is_no_answer_is_said_to_the_asker_in_their_language(server: LoopbackDiscord, tmp_path: Path):
    server.world.guild.update(preferred_locale="fr", features=["COMMUNITY"])
    reader = server.member("leser", locale="de")
    async with running(server, tmp_path, threshold=1.0):
        asked = await reader.slash("ask", {"question": "Who won in Oslo?"})
        told = await asked.followed_up()
        assert text_of(told).startswith("**Steht nicht in den Dokumenten.**\n-# Who won in Oslo?")


async def test_a_mention_is_answered_in_the_language_of_its_server(server: LoopbackDiscord, tmp_path: Path):
    server.world.guild.update(preferred_locale="es-ES")
    async with running(server, tmp_path):
        answer = await server.answer(await server.user.say(ASKED, mention=True))
        assert "documentos a 1 de agosto de 2026" in text_of(answer)
        greeted = await server.answer(await server.user.say("", mention=True))
        assert greeted["content"].startswith("Mencióname")


async def test_a_direct_message_is_answered_in_what_its_writer_used_last(server: LoopbackDiscord, tmp_path: Path):
    reader = server.member("lectrice", locale="fr")
    async with running(server, tmp_path):
        first = await server.answer(await reader.dm(ASKED))
        await (await reader.slash("sources", dm=True)).settled()
        second = await server.answer(await reader.dm(ASKED))
        assert "documents as of 1 August 2026" in text_of(first)
        assert "documents au 1 août 2026" in text_of(second)


async def test_a_vote_is_asked_about_and_noted_in_their_language(server: LoopbackDiscord, tmp_path: Path):
    reader = server.member("leser", locale="de")
    async with running(server, tmp_path):
        answer = await (await reader.slash("ask", {"question": ASKED})).settled()
        ids = [part.get("custom_id", "") for part in walk(answer["components"])]
        asked = await reader.click(answer, next(each for each in ids if each.startswith("vote:down")))
        assert (await asked.acknowledged())["data"]["title"] == "Was stimmt an dieser Antwort nicht?"
        noted = await reader.submit(asked, "Zu alt.")
        assert text_of(await noted.settled()) == "Notiert, danke."


async def test_what_is_for_whoever_runs_the_bot_is_named_in_general(server: LoopbackDiscord, tmp_path: Path):
    error = IndexCorrupt("/srv/index/texts is not the file that was written.")
    async with running(server, tmp_path) as bot:
        assert bot.explain(error) == str(error)
        speak("de")
        assert bot.explain(error).startswith("Das ließ sich nicht beantworten. Warum, steht im Protokoll")
        assert bot.explain(BadRequest(Message("The question was deleted."))) == "Die Frage wurde gelöscht."


@pytest.mark.slow
def test_a_language_without_a_catalogue_gets_one_with_everything_to_translate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    made = tmp_path / "it" / "footnote.po"
    monkeypatch.setattr("deploy.texts.LANGUAGES", ("it",))
    monkeypatch.setattr("deploy.texts.catalogue_of", lambda _: made)

    main()

    count = len(texts())
    assert capsys.readouterr().out == f"it: {count} texts, {count} of them without a translation\n"
    assert len(read_po(io.BytesIO(made.read_bytes()))) == count


def test_a_command_that_speaks_english_loads_no_catalogue():
    code = "import bot.terminal, sys; sys.exit(bool({'babel', 'discord'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


async def test_another_validator_takes_what_is_said_in_german(tmp_path: Path):
    settings = dataclasses.replace(Settings.load({}), index=tmp_path)
    async with simcord.run(FootnoteBot(settings, answerer(DOCUMENTS)), settle_timeout=30) as env:
        guild = env.create_guild("Archiv", preferred_locale="de")
        reader, channel = guild.add_member(env.create_user("leser")), guild.create_text_channel("fragen")
        assert env.bot.user is not None
        await reader.send(channel, f"<@{env.bot.user.id}> {ASKED}")
        message = channel.last_message
    assert message is not None
    parts = [part if isinstance(part, dict) else part.to_dict() for part in message.components]
    assert "Die Quellen widersprechen sich" in text_of({"components": parts})
