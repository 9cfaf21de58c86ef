"""What messages say: exact quotations, nothing that pings or formats, always within Discord's limits."""

import dataclasses
import re
from datetime import UTC, date, datetime

import pytest
from fakes import document, opened
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback.limits import check_message, text_of, walk

from bot.answering.answers import MAYBE, Answer, Citation, NoAnswer, Question, Searched, Source, Statement
from bot.answering.disagreement import Disagreement, Position
from bot.answering.extracts import StatementKind
from bot.checking.claims import Status, Verdict
from bot.discord.answer import MOST_MIXED, answer_page, turn_in
from bot.discord.language import ENGLISH, LANGUAGES, _, speak
from bot.discord.lookup import nearest_page, passage_page, search_page, timeline_page
from bot.discord.markup import block_quote, escape, line, unquoted
from bot.discord.page import ANSWERED, DISPUTED, Entry, Mix, Page, Place, corpus_mark, fingerprint, place_of
from bot.discord.page import SILENT as UNFOUND
from bot.discord.responses import FOLDED
from bot.discord.sources import mix_page, page_at, sources_page
from bot.discord.verdict import verdicts_page
from bot.discord.views import ALL, MixButton, NearestButton, layout, passage_view
from bot.english.dates import Dated
from bot.english.voices import Voice, VoiceKind
from bot.question.context import Turn
from bot.readable import MOST_MARKS, readable, spoiling
from embeddings.errors import BadRequest, QuotationError
from embeddings.reading.documents import Document
from embeddings.searching.retrieval import Filters
from embeddings.splitting.passages import Passage, Span

SOURCE = Source("20260801T120000Z-abcdef", datetime(2026, 8, 1, 12, tzinfo=UTC))
SEARCHED, SILENT = Searched(("a",), ("b", "c")), Searched((), ("a", "b"))
HOSTILE = (
    "@everyone <@123> <@&4> <#5> </ask:6> <:emoji:7> <a:emoji:8> <t:1700000000:R> <id:guide> :smile: "
    "https://evil.example/x [click](https://evil.example) `code` ```block``` ||spoiler|| ~~gone~~ __under__ "
    "*it* **bold** _it_ \\* \\@everyone\n# heading\n-# small\n- list\n* list\n+ list\n1. list\n23) list\n"
    "> quote\n>>> long quote\n   - indented\n\n```\nfence\n``` -5 #1 a_b"
)
TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cs"]),
        st.sampled_from(list("\\*_~|`<>@#:[]()-+.\n\r\t 019")),
    ),
    min_size=1,
    max_size=2000,
)
LOCALES = st.sampled_from([ENGLISH, *LANGUAGES])
LONG = st.builds(lambda text, times: (text * times)[:2000], TEXT, st.integers(1, 2000))


def unescape(markdown: str) -> str:
    """Discord's rule for backslashes, with bold markers taken out."""
    return re.sub(r"\\([^0-9A-Za-z\s])|(`[^`\n]+`)|\*\*", lambda match: match[1] or match[2] or "", markdown)


def quoted(entry: Entry) -> str:
    """The text in the block quote of an entry: what stands between fences is code, and shown as it is."""
    block = next(text for text in entry.texts if text.startswith("> "))
    lines, shown, code = block.split("\n"), [], False
    for each in lines:
        assert each.startswith("> ")
        if each == "> ```":
            code = not code
        else:
            assert not code or "```" not in each
            shown.append(each[2:].replace("`\u200b`\u200b`", "```") if code else unescape(each[2:]))
    assert not code, "every fence is closed"
    return "\n".join(shown)


def payload(page: Page) -> dict:
    """The message as it is sent; checked against Discord's limits."""
    message = {"components": layout(page).to_components(), "flags": 1 << 15}
    check_message(message)
    return message


def cite(
    number: int,
    text: str,
    title: str = "A title",
    published: date | None = None,
    pages: tuple[int, ...] = (),
    original: Document | None = None,
) -> Citation:
    source = Document(f"doc{number}", title, text, published, pages=pages)
    passage = Passage(f"{number:016x}", source.id, "", text, 0, len(text), (Span(0, len(text)),))
    return Citation(number, source, passage, 0, len(text), text, original)


def say(citation: Citation, kind: VoiceKind = VoiceKind.DOCUMENT, name: str | None = None, highlight=None):
    return Statement(citation, Voice(kind, name), highlight, 0.9)


def answer(*statements: Statement, text: str = "Who?", disagreements=()) -> Answer:
    return Answer(Question(text), 0.9, statements, tuple(disagreements), SEARCHED, SOURCE)


def no_answer(*nearest: Citation, text: str = "Who?", searched: Searched = SILENT) -> NoAnswer:
    return NoAnswer(Question(text), 0.1, nearest, searched, SOURCE)


# -- escaping


def test_no_comma_stands_before_an_ellipsis():
    assert line("Orders to ICE, troops and lawsuits", 17) == "Orders to ICE…"


@given(TEXT)
def test_taking_the_backslashes_out_gives_the_text(text):
    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escape(text)) == text


@given(TEXT)
def test_no_character_that_formats_stands_without_a_backslash(text):
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "", escape(text))

    assert not re.search(r"[\\*_~|`<>@:\[\]#]", bare)
    assert not re.search(r"(?m)^\s*([-+]|[0-9]+[.)])", re.sub(r"\\[^0-9A-Za-z\s]", "x", escape(text)))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("@everyone", r"\@everyone"),
        ("<@123>", r"\<\@123\>"),
        ("<t:1:R>", r"\<t\:1\:R\>"),
        ("https://a.example", r"https\://a.example"),
        ("# Title", r"\# Title"),
        ("- item", r"\- item"),
        ("-# small", r"\-\# small"),
        ("12. item", r"12\. item"),
        ("pre-war, 3.5 million", "pre-war, 3\\.5 million"),
        ("[a](b)", r"\[a\](b)"),
        ("a\\b", r"a\\b"),
        ("discord.gg/abc, Discordapp.com/invite/abc", r"discord\.gg/abc, Discordapp\.com/invite/abc"),
    ],
)
def test_escapes(text, escaped):
    assert escape(text) == escaped


@given(TEXT, st.integers(10, 200))
def test_a_line_is_one_line_of_at_most_its_size(text, size):
    shown = line(text, size)

    assert len(shown) <= size
    assert len(shown.splitlines()) <= 1
    flat = re.sub("[\u202a-\u202e\u2066-\u2069]", "\ufffd", " ".join(text.split()))
    spoiled = set(spoiling(flat))
    flat = "".join(letter for at, letter in enumerate(flat) if at not in spoiled)
    assert unescape(shown) == flat or flat.startswith(unescape(shown.removesuffix("…")))


# -- answers


def test_an_answer_says_who_speaks_where_and_when():
    page = answer_page(
        answer(
            say(
                cite(1, "Bass said she would lift it.", "Downtown", date(2025, 6, 10)), VoiceKind.SPEAKER, "Karen Bass"
            ),
            say(cite(2, "It was lifted on Tuesday.", "Curfew")),
            say(cite(3, "It was reportedly lifted.", "Rumours"), VoiceKind.UNATTRIBUTED),
            text="Was the curfew lifted?",
        )
    )

    assert page.head == "-# Was the curfew lifted?\n**Answered** · 90% sure"
    assert [entry.texts for entry in page.entries] == [
        (
            "> Bass said she would lift it.",
            "-# **1** · **Karen Bass**, as reported in *Downtown* · 10 June 2025",
        ),
        ("> It was lifted on Tuesday.", "-# **2** · *Curfew*, in its own words"),
        ("> It was reportedly lifted.", "-# **3** · **Unattributed**, in *Rumours*"),
    ]
    assert page.foot == "-# 1 of 3 sources answers · documents as of 1 August 2026"
    assert quoted(page.entries[0]) == "Bass said she would lift it."


def test_the_value_asked_for_is_bold_inside_the_exact_quotation():
    text = "Some 4,000 troops were sent."
    page = answer_page(answer(say(cite(1, text), highlight=Span(5, 10))))

    assert page.entries[0].texts[0] == "> Some **4,000** troops were sent."
    assert quoted(page.entries[0]) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run:\n```sh\n  ls *.md\n```\nThen *stop*.", "> Run\\:\n> ```\n>   ls *.md\n> ```\n> Then stop."),
        ("```\na\n\nb\n```", "> ```\n> a\n> \n> b\n> ```"),
        ("```\na\n```\n```\n@everyone <@1>\n```\n", "> ```\n> a\n> ```\n> ```\n> @everyone <@1>\n> ```"),
        ("~~~\nto end it: ```\n> quote\n~~~", "> ```\n> to end it: `\u200b`\u200b`\n> > quote\n> ```"),
        ("```\n```\nNothing.", "> Nothing."),
        ("Set `a*b` to `<@1>`, ``c`` or `d", "> Set `a*b` to `<@1>`, \\`\\`c\\`\\` or \\`d"),
        ("Open:\n```\ncut", "> Open\\:\n> ```\n> cut\n> ```"),
    ],
)
def test_code_stands_between_fences_as_it_is(text: str, shown: str):
    page = answer_page(answer(say(cite(1, text), highlight=Span(0, 3))))

    assert page.entries[0].texts[0].replace("**", "") == shown
    payload(page)


def test_disagreement_stands_side_by_side_with_citations_and_dates():
    page = answer_page(
        answer(
            say(cite(1, "2,000 troops.", published=date(2025, 6, 7))),
            say(cite(2, "4,000 troops.")),
            disagreements=[Disagreement("troops sent", (Position("2,000", (1,)), Position("4,000", (2,))))],
        )
    )

    assert page.head == (
        "-# Who?\n**The sources differ on troops sent**\n"
        "- **2,000** · 1 *A title* (7 June 2025)\n- **4,000** · 2 *A title* (no date)"
    )


@pytest.mark.parametrize(
    ("marked", "shown"),
    [
        ("4,000", "**4,000**"),
        (" 4,000 ", " **4,000** "),
        ("4,000\ntroops", "**4,000**\n> **troops**"),
        ("\n 4,000\u00a0\n\ntroops\t", "\n>  **4,000**\u00a0\n> \n> **troops**\t"),
        (" \n ", " \n>  "),
        ("*4*", "**\\*4\\***"),
    ],
)
def test_a_mark_is_bold_line_by_line_and_between_white_space(marked: str, shown: str):
    text = f"Some{marked}came."
    page = answer_page(answer(say(cite(1, text), highlight=Span(4, 4 + len(marked)))))

    assert page.entries[0].texts[0] == f"> Some{shown}came."
    assert quoted(page.entries[0]) == text


def test_a_source_says_its_page_and_what_it_is_a_copy_of():
    original = document("a", "x", "The *first*")
    cited = cite(1, "It was lifted.", "Curfew", date(2025, 6, 10), (0, 0, 0), original)
    note = "10 June 2025 · page 3 · copy of *The \\*first\\**"

    assert answer_page(answer(say(cited))).entries[0].texts[1] == f"-# **1** · *Curfew*, in its own words · {note}"
    assert search_page("curfew", [cited]).entries[0].texts[1] == f"-# **1** · *Curfew* · {note}"


def test_values_of_one_account_are_told_from_those_of_several():
    first = cite(1, "2,000 troops.", published=date(2025, 6, 7))
    found = answer(
        say(first),
        say(cite(2, "4,000 troops.", original=first.document)),
        say(cite(3, "4,000 troops came.")),
        disagreements=[Disagreement("troops sent", (Position("2,000", (1,)), Position("4,000", (2, 3))))],
    )

    assert answer_page(found).head.splitlines()[2:] == [
        "- **2,000** · 1 *A title* (7 June 2025)",
        "- **4,000** · 2 *A title* (no date, same account as 1) · 3 *A title* (no date)",
    ]


def test_the_foot_counts_copies():
    found = dataclasses.replace(answer(say(cite(1, "Some."))), searched=Searched(("a",), ("c",), {"b": "a"}, ("b",)))

    assert answer_page(found).foot == ("-# 1 of 3 sources answers (1 is a copy) · documents as of 1 August 2026")


def test_what_turns_lines_around_stays_in_the_quotation_and_nowhere_else():
    turned = "\u202babc\u2066def"
    found = answer(
        say(cite(1, turned, turned), VoiceKind.SPEAKER, turned),
        text=turned,
        disagreements=[Disagreement(turned, (Position(turned, (1,)),))],
    )
    page = answer_page(found)

    assert quoted(page.entries[0]) == turned
    rest = page.head + page.entries[0].texts[1] + page.foot
    assert rest.count("\ufffdabc\ufffddef") == 7 and not re.search("[\u202a-\u202e\u2066-\u2069]", rest)


def test_what_spoils_a_screen_is_not_shown():
    text = "It e\u0301 \u202efroze" + "\u0301" * 400 + "."
    shown = "It e\u0301 froze" + "\u0301" * MOST_MARKS + "."
    page = answer_page(answer(say(cite(1, text, text)), text=text))

    assert quoted(page.entries[0]) == shown
    assert ("froze" + "\u0301" * MOST_MARKS + ".") in page.head and page.head.count("\u0301") <= 5 + 1
    assert page.entries[0].texts[1].count("\u0301") <= MOST_MARKS + 1


def test_disagreement_that_does_not_fit_is_counted():
    positions = tuple(Position(f"{n} " + "x" * 90, (1,)) for n in range(40))
    page = answer_page(answer(say(cite(1, "Some.")), disagreements=[Disagreement("it", positions)]))

    shown = page.head.count("- **")
    assert 0 < shown < 40
    assert f"-# and {40 - shown} more lines" in page.head


def test_no_answer_is_short_and_leads_to_what_comes_nearest():
    found = dataclasses.replace(no_answer(cite(1, "Something else.", "Elsewhere")), reasons=("Gives no number.",))
    page = answer_page(found)

    assert page.head == "**Not in the documents.**\n-# Who?\n-# What comes nearest: Gives no number."
    assert page.entries == () and page.nearest == (Place(f"{1:016x}", 0, 15),)
    assert page.foot.startswith("-# None of 2 sources answers")
    assert "Show nearest" in str(payload(page))


def test_where_an_answer_may_stand_is_named_once_a_section_and_not_quoted():
    lake, hill = cite(1, "It rained.", "Lake"), cite(3, "It thawed.", "Hill")
    found = no_answer(lake, dataclasses.replace(lake, number=2), hill)
    found = dataclasses.replace(found, confidence=MAYBE, reasons=("Gives no number.",))
    page = answer_page(found)

    assert page.head == "**No sure answer.**\n-# Who?\n-# What comes nearest: Gives no number.\nIt may stand here:"
    assert [entry.texts for entry in page.entries] == [("**Lake**",), ("**Hill**",)]
    assert [entry.place for entry in page.entries] == [place_of(lake), place_of(hill)]
    assert page.nearest == () and page.foot.startswith("-# None of 2 sources answers")
    assert turn_in([page.head, *(text for entry in page.entries for text in entry.texts), page.foot]) == Turn("Who?")


def test_what_comes_nearest_claims_to_be_no_answer():
    index = opened([document("a", "One came. She left. It froze.", "Lake")]).index
    place = Place(index.passages[0].id, 10, 19)
    page = nearest_page(index, [place])

    payload(page)
    assert page.head.endswith("They come nearest, but do not answer the question.")
    assert page.entries == (Entry(("> She left.", "-# **1** · *Lake*"), place),)
    for forged in (Place("0" * 16, 0, 9), Place(place.passage_id, 3, 9), Place(place.passage_id, 9, 3)):
        assert nearest_page(index, [forged, place]).entries[0].place == place
        with pytest.raises(BadRequest):
            nearest_page(index, [forged])


async def test_the_button_to_the_nearest_holds_their_places():
    places = tuple(Place(f"{n:016x}", 1234, 5678) for n in range(3))
    custom_id = NearestButton(places).item.custom_id

    assert custom_id and len(custom_id) <= 100
    match = NearestButton.__discord_ui_compiled_template__.fullmatch(custom_id)
    assert match
    assert (await NearestButton.from_custom_id(None, None, match)).places == places  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "head"),
    [
        ([("4,000 came.", "4,000", None)], "**4,000** · 90% sure"),
        ([("4,000 came.", "4,000", "Ann Lee")], "**4,000**, says Ann Lee · 90% sure"),
        ([("Some 4,000.", "4,000", None), ("4,000 came.", "4,000", None)], "**4,000** · 90% sure"),
        (
            [("Some 4,000.", "4,000", None), ("9 came.", "9", "Ann Lee"), ("4,000 came.", "4,000", None)],
            "**4,000** · 1, 3\n**9**, says Ann Lee · 2\n-# 90% sure",
        ),
        ([("4,000 came.", "4,000", None), ("It was long.", None, None)], "**Answered** · 90% sure"),
        ([("a" * 61, "a" * 61, None)], "**Answered** · 90% sure"),
    ],
)
def test_values_come_first_with_who_says_them_and_where(said: list[tuple[str, str | None, str | None]], head: str):
    statements = []
    for number, (text, value, speaker) in enumerate(said, 1):
        mark = Span(text.index(value), text.index(value) + len(value)) if value else None
        kind = VoiceKind.SPEAKER if speaker else VoiceKind.DOCUMENT
        statements.append(say(cite(number, text), kind, speaker, mark))

    assert answer_page(answer(*statements)).head == f"-# Who?\n{head}"


def test_a_source_with_an_address_is_linked():
    cited = cite(1, "It was lifted.", "Curfew")
    for url, shown in (("https://a.example/b", " · [original](<https://a.example/b>)"), ("javascript:x", "")):
        document = dataclasses.replace(cited.document, url=url)
        page = search_page("curfew", [dataclasses.replace(cited, document=document)])
        assert page.entries[0].texts[1] == f"-# **1** · *Curfew*{shown}"


def test_no_answer_with_nothing_to_search_names_the_filter():
    page = answer_page(no_answer(searched=Searched((), ())))

    assert "No document fits the source and dates" in page.head
    assert page.entries == ()


@pytest.mark.parametrize("make", [lambda citation: answer(say(citation)), no_answer])
def test_a_quotation_that_no_longer_matches_is_not_rendered(make):
    citation = cite(1, "The true words.")
    object.__setattr__(citation, "quote", "Other words.....")

    with pytest.raises(QuotationError):
        answer_page(make(citation))


@given(st.lists(TEXT | LONG, min_size=1, max_size=4), TEXT, TEXT, TEXT, st.data())
@settings(max_examples=150, deadline=None)
def test_any_answer_fits_and_every_quotation_in_it_is_exact(texts, title, question, name, data):
    statements = []
    for number, text in enumerate(texts, 1):
        start = data.draw(st.integers(0, len(text)))
        highlight = data.draw(st.none() | st.just(Span(start, data.draw(st.integers(start, len(text))))))
        kind = data.draw(st.sampled_from(VoiceKind))
        pages = data.draw(st.sampled_from([(), (0,), (0,) * 12_345]))
        original = data.draw(st.none() | st.just(document("original", "x", question)))
        statements.append(say(cite(number, text, title, date.max, pages, original), kind, name, highlight))
    differing = [Disagreement(name, tuple(Position(text, (1, 2)) for text in texts))]
    speak(data.draw(LOCALES))
    page = answer_page(answer(*statements, text=question, disagreements=data.draw(st.sampled_from([(), differing]))))

    payload(page)
    cuts = [
        _("The quotation goes on: Open shows all of it."),
        _("The quotation goes on: Open, and then Next, show all of it."),
    ]
    for entry, text in zip(page.entries, (readable(text).text for text in texts), strict=True):
        assert text.startswith(quoted(entry)) and quoted(entry)
        assert any(cut in entry.texts[1] for cut in cuts) == (quoted(entry) != text)


@given(st.lists(TEXT | LONG, min_size=0, max_size=5), TEXT, LOCALES)
@settings(max_examples=50, deadline=None)
def test_any_search_and_any_refusal_fit(texts, title, locale):
    speak(locale)
    original = document("original", "x", title)
    citations = [cite(number, text, title, date.max, (0,) * 99, original) for number, text in enumerate(texts, 1)]

    payload(search_page(title, citations))
    payload(answer_page(no_answer(*citations[:3], text=title)))


def test_a_long_quotation_is_cut_between_words_and_says_so():
    text = "Seven words are in this one sentence. " * 52
    page = answer_page(answer(*(say(cite(number, text.strip())) for number in range(1, 5))))

    for entry in page.entries:
        shown = quoted(entry)
        assert 500 < len(shown) < len(text)
        assert text.startswith(shown + " ")
        assert entry.texts[1].endswith("\n-# The quotation goes on: Open shows all of it.")


def test_a_quotation_longer_than_its_passage_says_that_it_takes_more_than_one_page_to_see():
    index = opened([document("d", "Some words stand in each of these sentences. " * 120)]).index
    first, last = index.passages[0], index.passages[-1]
    page = search_page("words", [Citation.of(index, 1, first, Span(first.start, last.end))])

    assert page.entries[0].texts[1].endswith("\n-# The quotation goes on: Open, and then Next, show all of it.")
    payload(page)


@pytest.mark.parametrize(("title", "shown"), [("The lake", "Boats"), ("Another", "The lake > Boats")])
def test_the_heading_above_an_extract_does_not_say_the_title_again(title, shown):
    index = opened([document("d", "# The lake\n\n## Boats\n\nThey sail.", title)]).index
    (passage,) = index.passages
    said = say(Citation.of(index, 1, passage, passage.sentences[0]))
    extract = dataclasses.replace(said, kind=StatementKind.PASSAGE)

    for statement, heading in ((extract, [escape(shown)]), (said, [])):
        parts = answer_page(answer(statement)).entries[0].texts[1].split(" · ")
        assert parts == ["-# **1**", f"*{title}*, in its own words", *heading]


@pytest.mark.parametrize(
    ("statuses", "colour"),
    [
        ([Status.SUPPORTED], ANSWERED),
        ([Status.SUPPORTED, Status.NOT_FOUND], UNFOUND),
        ([Status.SUPPORTED, Status.NOT_FOUND, Status.CONTRADICTED], DISPUTED),
    ],
)
def test_a_checked_message_has_the_colour_of_its_worst_sentence(statuses, colour):
    verdicts = [Verdict(Question("It sank."), status, 0.9, (), (), None, SILENT, SOURCE) for status in statuses]
    page = verdicts_page(verdicts, 0)

    assert page.colour == colour
    payload(page)


def test_a_timeline_without_a_date_says_so():
    page = timeline_page("the lake", [], SOURCE)

    assert page.head.endswith("-# the lake\nNo sentence about this was found that has a date.")
    payload(page)


def test_a_short_quotation_leaves_its_room_to_the_long_one():
    long = "word " * 399 + "word"
    page = answer_page(answer(say(cite(1, "Short.")), say(cite(2, long))))

    assert quoted(page.entries[1]) == long


# -- hostile texts


def test_nothing_in_a_document_or_a_question_pings_formats_or_links():
    found = answer(
        say(cite(1, HOSTILE, HOSTILE), VoiceKind.SPEAKER, HOSTILE),
        text=HOSTILE,
        disagreements=[Disagreement(HOSTILE, (Position(HOSTILE, (1,)),))],
    )
    page = answer_page(found)
    text = text_of(payload(page))

    assert quoted(page.entries[0]) == readable(HOSTILE).text
    text = re.sub(r"(?m)^> ```\n(?:> .*\n)*?> ```$", "> code", text)  # in which nothing is active
    text = re.sub(r"\\.|`[^`\n]+`", lambda found: found[0] if found[0].startswith("\\") else "code", text)
    for active in ("@everyone", "<@", "<#", "</", "<:", "<a:", "<t:", "<id:", "://", "](", "`", "||", "~~", ":smile"):
        assert re.search(rf"(?<!\\){re.escape(active)}", text) is None, active
    starts = [part.lstrip("> ") for part in text.split("\n")]
    ours = ("-# 1 of 3 sources", "- **", "-# \\@everyone", "-# **1**")
    assert [start for start in starts if re.match(r"#|-|\+|>|[0-9]+[.)]", start) and not start.startswith(ours)] == []


# -- passages and sources


def test_a_passage_is_shown_in_its_document_with_the_quotation_marked():
    index = opened(
        [document("d", "# Part\n\nFirst sentence. Second sentence.", "Title", "2025-06-10", "https://a.example/x_y")]
    ).index
    (passage,) = index.passages
    page = passage_page(index, passage, Span(0, 15))

    assert page.head.splitlines() == [
        "### Title",
        "10 June 2025 · passage 1 of 1 · Part",
        "<https://a.example/x_y>",
    ]
    assert page.entries == (Entry(("> **First sentence.** Second sentence.",)),)
    assert page.foot == "-# source d"
    assert page.back is None and page.forth is None
    payload(page)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://a.example/> @everyone", "https://" + "a" * 600, "x y", "https://a.no/\u202ex"],
)
def test_an_address_that_is_no_plain_link_is_shown_as_text(url):
    index = opened([document("d", "A sentence.", url=url)]).index
    page = passage_page(index, index.passages[0], Span(0, 0))

    assert "<http" not in page.head
    payload(page)


@given(TEXT | LONG, TEXT, st.data())
@settings(max_examples=100, deadline=None)
def test_any_passage_fits_and_shows_the_marked_text_exactly(text, title, data):
    start = data.draw(st.integers(0, len(text) - 1))
    mark = Span(start, data.draw(st.integers(start, len(text))))
    index = opened([document("d", "x", "t")]).index
    whole = dataclasses.replace(index.documents[0], title=title, text=text, url=title, pages=(0,) * 1234)
    first = dataclasses.replace(whole, id="first")
    passage = dataclasses.replace(index.passages[0], text=text, end=len(text), heading=title)
    index = dataclasses.replace(index, documents=(whole, first), passages=(passage,), copies={"d": "first"})
    page = passage_page(index, passage, mark)

    payload(page)
    (entry,) = page.entries
    assert quoted(entry) and quoted(entry) in text
    assert ("begins before this" in entry.texts[0]) <= (start > 0)
    assert (quoted(entry) == text) == (len(entry.texts) == 1)


def test_a_passage_too_long_for_a_message_is_shown_from_its_quotation_on():
    text = "*" * 1700 + " The quoted words. " + "*" * 400
    index = opened([document("d", "x", "t")]).index
    whole = dataclasses.replace(index.documents[0], text=text)
    passage = dataclasses.replace(index.passages[0], text=text, end=len(text))
    page = passage_page(dataclasses.replace(index, documents=(whole,), passages=(passage,)), passage, Span(1701, 1718))

    early, body = page.entries[0].texts
    assert early == "-# The passage begins before this."
    assert body.startswith("> **The quoted words.** ")
    payload(page)


def test_sources_are_listed_by_title_in_pages():
    documents = [document(f"id{n:02}", f"Text number {n}.", f"Title {n:02}", "2025-06-10") for n in range(26)]
    index = opened(documents).index
    pages = [sources_page(index, number) for number in range(4)]

    assert [len(page.entries) for page in pages] == [8, 8, 8, 2]
    assert pages[0].entries[0].texts == ("**Title 00**\n-# 10 June 2025 · 1 passage",)
    assert [(page.back, page.forth) for page in pages] == [(None, 1), (0, 2), (1, 3), (2, None)]
    assert sources_page(index, 99) == pages[3]
    assert pages[0].head == "**26 sources**"
    for page in pages:
        payload(page)


def test_sources_and_passages_say_what_they_are_a_copy_of_and_their_page():
    text = "On page one. On page two."
    index = opened(
        [
            document("a", text, "Second", "2025-06-10", pages=(0, 13)),
            document("b", text, "First", "2025-06-09"),
        ]
    ).index
    (passage,) = index.passages_of["a"]

    assert [entry.texts[0].splitlines()[1] for entry in sources_page(index, 0).entries] == [
        "-# 9 June 2025 · 1 passage",
        "-# 10 June 2025 · 1 passage · copy of *First*",
    ]
    head = passage_page(index, passage, Span(13, 25)).head
    assert head.splitlines()[1] == "10 June 2025 · passage 1 of 1 · page 2 · copy of *First*"
    assert "page 1 " in passage_page(index, passage, Span(0, 0)).head


@given(st.lists(TEXT, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_any_list_of_sources_fits(titles):
    index = opened([document("d", "x", "t")]).index
    documents = tuple(
        dataclasses.replace(index.documents[0], id=f"{n}{title}", title=title, about=title)
        for n, title in enumerate(titles)
    )
    passages = tuple(
        dataclasses.replace(index.passages[0], id=f"{n:016x}", document_id=each.id) for n, each in enumerate(documents)
    )
    copies = {each.id: documents[0].id for each in documents[1:]}
    page = sources_page(dataclasses.replace(index, documents=documents, passages=passages, copies=copies), 0)

    payload(page)


def test_every_custom_id_of_a_message_is_its_own():
    citation = cite(1, "The same words.")
    message = payload(answer_page(answer(say(citation), say(citation), say(citation))))
    ids = [part["custom_id"] for part in walk(message["components"]) if "custom_id" in part]

    assert len(ids) == len(set(ids)) == 4


# -- who says the same, days, and what comes before a sentence


def labels(message: dict) -> list[str]:
    return [part["label"] for part in walk(message["components"]) if part["type"] == 2]


def test_who_says_the_same_is_named_and_has_a_button():
    said = dataclasses.replace(say(cite(1, "Some.")), also=(cite(2, "Same.", "Second"), cite(3, "Same!", "Third")))
    page = answer_page(answer(said))
    message = payload(page)

    assert "-# also in **2** *Second*, **3** *Third*" in page.entries[0].texts[1]
    assert labels(message) == ["Open", "All sources", "Open 2", "Open 3"]


def test_of_many_who_say_the_same_three_are_named_and_the_rest_counted():
    said = dataclasses.replace(say(cite(1, "Some.")), also=tuple(cite(n, "Same.", f"T{n}") for n in range(2, 9)))

    assert answer_page(answer(said)).entries[0].texts[1].endswith("**2** *T2*, **3** *T3*, **4** *T4* and 4 more")


def test_days_stand_beneath_the_statement():
    citation = cite(1, "He came on Sunday, last week.", published=date(2025, 6, 16))
    dates = (
        Dated(Span(11, 17), date(2025, 6, 15), date(2025, 6, 15)),
        Dated(Span(19, 28), date(2025, 6, 9), date(2025, 6, 15)),
    )
    page = answer_page(answer(dataclasses.replace(say(citation), dates=dates)))

    shown = "-# Sunday = 15 June 2025, last week = 9 June 2025 to 15 June 2025 (published 16 June 2025)"
    assert unescape(page.entries[0].texts[1].splitlines()[-1]) == shown


def test_what_only_leads_to_a_sentence_is_left_out_where_there_is_no_room():
    lead, rest = "Long before. " * 100, "She came on Sunday, " + "and so on " * 60
    crowd = [say(cite(n, "x " * 900)) for n in range(2, 5)]
    said = dataclasses.replace(say(cite(1, lead + rest)), lead=len(lead), highlight=Span(len(lead), len(lead) + 3))

    entry = answer_page(answer(said, *crowd)).entries[0]

    assert quoted(entry) == rest
    assert entry.texts[0].startswith("> **She** came")
    assert entry.texts[1].endswith("The quotation begins before this: Open shows all of it.")


@settings(deadline=None, max_examples=30)
@given(LONG, st.integers(1, 8), st.integers(0, 20), LOCALES)
def test_any_answer_fits_with_all_that_can_stand_beneath_it(text, statements, also, locale):
    speak(locale)
    published = date(2025, 6, 16)
    made = [
        dataclasses.replace(
            say(cite(n, text, text, published), VoiceKind.SPEAKER, text),
            also=tuple(cite(100 + n * 20 + m, text, text, published) for m in range(also)),
            dates=tuple(Dated(Span(m, m + 1), published, published) for m in range(min(3, len(text)))),
            lead=len(text) // 2,
        )
        for n in range(1, statements + 1)
    ]

    message = payload(answer_page(answer(*made)))

    assert labels(message)[:statements] == [_("Open")] * statements


def test_a_citation_that_says_the_same_is_checked_too():
    also = cite(2, "Same.")
    object.__setattr__(also, "quote", "Some.")

    with pytest.raises(QuotationError):
        answer_page(answer(dataclasses.replace(say(cite(1, "Some.")), also=(also,))))


# -- all sources of an answer

INDEX = opened(
    [
        document("a", "Seven goats came to Oslo in spring, and nobody knew why.", "Goats", "2025-06-07"),
        document("b", "The lake froze.", "Lake", "2025-06-20"),
        document("c", "The harbour was full of ships.", "Harbour"),
        document("d", "Seven goats came to Oslo in spring, and nobody knew why.", "Goats again", "2025-06-08"),
    ]
).index


def listed(page: Page) -> list[tuple[str, str]]:
    texts = ["".join(entry.texts) for entry in page.entries]
    return [re.findall(r"\*\*([^*]*)\*\*", text)[1::-1] for text in texts]  # type: ignore[misc]


def test_a_line_of_ours_is_nothing_to_go_on_from():
    assert turn_in([FOLDED]) is turn_in(["-# About 4 questions are before yours."]) is turn_in([]) is None


def test_all_sources_of_an_answer_those_that_answer_first():
    page = mix_page(INDEX, Mix((fingerprint("a"),)))
    payload(page)

    assert page.head == "**4 sources searched**\n-# 1 answer, 2 silent, 1 copy"
    assert listed(page) == [
        ["answers", "Goats"],
        ["copy of one that answers", "Goats again"],
        ["silent", "Lake"],
        ["silent", "Harbour"],
    ]


def test_only_sources_that_were_asked_are_listed():
    assert listed(mix_page(INDEX, Mix((), before=date(2025, 6, 7)))) == [["silent", "Goats"]]
    assert listed(mix_page(INDEX, Mix((), after=date(2025, 6, 20)))) == [["silent", "Lake"]]
    assert listed(mix_page(INDEX, Mix((), source=fingerprint("c")))) == [["silent", "Harbour"]]


def test_a_source_that_is_gone_is_counted():
    assert "1 source of that answer is no longer here." in mix_page(INDEX, Mix((fingerprint("gone"),))).head


async def test_the_button_holds_all_it_needs():
    long = tuple(fingerprint(str(number)) for number in range(MOST_MIXED))
    full = Mix(long, fingerprint("x"), date(2025, 6, 7), date.max, 123456)
    for mix in (Mix(()), full, dataclasses.replace(full, corpus=corpus_mark("staff"))):
        custom_id = MixButton(ALL, mix).item.custom_id
        assert custom_id and len(custom_id) <= 100
        match = MixButton.__discord_ui_compiled_template__.fullmatch(custom_id)
        assert match
        assert (await MixButton.from_custom_id(None, None, match)).mix == mix  # type: ignore[arg-type]


def test_an_answer_has_the_button_that_lists_its_sources():
    filters = Filters(("a",), None, date(2025, 6, 16))
    found = dataclasses.replace(answer(say(cite(1, "Some."))), question=Question("Who?", filters))

    assert answer_page(found).mix == Mix((fingerprint("a"),), fingerprint("a"), None, date(2025, 6, 16))
    assert answer_page(no_answer(searched=Searched((), ()))).mix is None
    many = Searched(tuple(map(str, range(MOST_MIXED + 1))), ())
    assert answer_page(dataclasses.replace(found, searched=many)).mix is None


def test_many_sources_are_listed_page_by_page():
    index = opened([document(f"d{n:02}", f"Text {n} of many.", f"T{n:02}") for n in range(20)]).index
    first = mix_page(index, Mix((fingerprint("d19"),)))
    assert listed(first)[0] == ["answers", "T19"] and len(first.entries) == 8
    assert first.back is None and isinstance(first.forth, Mix)
    last = mix_page(index, dataclasses.replace(first.forth, page=9))
    assert len(last.entries) == 4 and last.forth is None and last.foot.startswith("-# Page 3 of 3. ")
    payload(mix_page(index, first.forth))


@pytest.mark.parametrize(
    ("place", "page"),
    [("1", 0), ("3", 2), ("0", 0), ("99", 98), ("t", 0), ("T08", 1), (" t1", 1), ("t16", 2), ("z", 2)],
)
def test_the_list_of_sources_begins_at_a_page_or_a_title(place: str, page: int):
    index = opened([document(f"d{n:02}", f"Text {n} of many.", f"T{n:02}") for n in range(20)]).index

    assert page_at(index, place) == page
    payload(sources_page(index, page_at(index, place)))


def test_what_is_searched_for_is_bold_in_what_is_found():
    text = "Curfews were `curfew --on` lifted, the [curfew] too.\n\n```\ncurfew\n```"
    index = opened([document("a", text)]).index
    (passage,) = index.passages
    cited = Citation.of(index, 1, passage, Span(passage.start, passage.end))
    shown = search_page("the lifting of a curfew", [cited]).entries[0].texts[0]

    assert "**Curfews** were `curfew --on` **lifted**, the \\[**curfew**\\] too." in shown
    assert "> ```\n> curfew\n> ```" in shown
    assert "**" not in search_page("harbour", [cited]).entries[0].texts[0]


def test_an_opened_passage_marks_a_run_of_sentences_and_nothing_less():
    index = opened([document("a", "One came. She left. It froze.")]).index

    def marked(start: int, end: int) -> list[str]:
        message = {"components": passage_view(index, Place(index.passages[0].id, start, end)).to_components()}
        return re.findall(r"\*\*([^*]+)\*\*", text_of(message))

    assert marked(0, 19) == ["One came. She left."]
    assert marked(10, 19) == ["She left."]
    assert marked(0, 12) == marked(3, 9) == marked(10, 9) == []


# -- reading an answer back


def texts(page: Page) -> list[str]:
    return [page.head, *(text for entry in page.entries for text in entry.texts), page.foot]


@given(st.lists(TEXT, min_size=1, max_size=3), st.text(min_size=1, max_size=100), st.none() | TEXT.filter(str.strip))
@settings(max_examples=100, deadline=None)
def test_a_message_says_again_what_was_asked_and_quoted(quotes, question, read_as):
    given_answer = dataclasses.replace(
        answer(*map(say, map(cite, range(1, 9), quotes)), text=question), read_as=read_as
    )
    turn = turn_in(texts(answer_page(given_answer)))

    assert turn is not None
    flat = " ".join(re.sub("[\u202a-\u202e\u2066-\u2069]", "\ufffd", read_as or question).split())
    assert flat.rstrip("…").startswith(turn.question) and (turn.question or not flat.strip("…"))
    for quote, again in zip(quotes, turn.quotations, strict=True):
        assert " ".join(readable(quote).text.split("\n")).startswith(again)


def test_what_does_not_answer_is_not_read_back_as_an_answer():
    turn = turn_in(texts(answer_page(no_answer(cite(1, "A near passage."), text="Who spoke?"))))
    assert turn == Turn("Who spoke?")


def test_a_message_that_answers_nothing_is_none():
    index = opened([document("a", "One. Two.", "A")]).index
    assert turn_in(texts(sources_page(index, 0))) is None
    assert turn_in([]) is None
    assert turn_in(["Ask me a question."]) is None


@pytest.mark.parametrize(
    ("text", "marked", "shown"),
    [
        ("Set `port` to 8 now.", "port", "> Set **`port`** to 8 now."),
        ("Set `port 8` now.", "8", "> Set **`port 8`** now."),
        ("Set `port` to 8 now.", "port` to 8", "> Set **`port` to 8** now."),
        ("Set a` b to c.", "b", "> Set a` **b** to c."),
        ("`a` or `b`", "a` or `b", "> **`a` or `b`**"),
    ],
)
def test_code_of_which_a_part_is_marked_is_bold_as_a_whole(text, marked, shown):
    at = text.index(marked)

    assert block_quote(text, [Span(at, at + len(marked))]).replace("\\", "") == shown


@given(st.text("`a* \\_\n", max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_what_is_marked_can_be_read_back(text, start, length):
    assert unquoted(block_quote(text, [Span(start, start + length)])) == text
