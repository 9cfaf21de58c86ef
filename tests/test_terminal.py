"""What the terminal shows, line by line; and that no document, title or question can drive it."""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from fakes import FakeEncoder, answerer, document, opened
from rich.console import Console

from bot.answering.answerer import Answerer
from bot.answering.answers import MAYBE, Answer, Citation, NoAnswer, Question
from bot.terminal import HELP, converse, open_citation, show, show_sources
from embeddings.errors import QuotationError
from embeddings.progress import plain

DOCUMENTS = [
    document("a", "On Friday 2,000 troops were sent to Oslo.", "Friday’s report", "2025-06-07", "https://a.no/1"),
    document("b", "By Monday 4,000 troops were sent to Oslo, police said."),
    document("c", "The lake froze."),
]
TROOPS = "How many troops were sent to Oslo?"


def terminal(width: int = 120) -> Console:
    return Console(file=StringIO(), width=width, highlight=False, record=True)


def written(console: Console) -> str:
    """What was printed to a file, without styles."""
    assert isinstance(console.file, StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def shown(answer: Answer | NoAnswer) -> str:
    console = terminal()
    show(console, answer)
    return written(console)


def conversation(asked: Answerer, *lines: str) -> tuple[str, list[str]]:
    """What is written when somebody types these lines, and those that were not read any more."""
    console, rest = terminal(), list(lines)

    def read() -> str:
        if not rest:
            raise EOFError
        return rest.pop(0)

    converse(console, asked, read, Question)
    return written(console), rest


# --- answers ---------------------------------------------------------------------------------------


def test_an_answer():
    answer = answerer([DOCUMENTS[0], DOCUMENTS[2]], threshold=0.4).ask(Question(TROOPS))

    assert shown(answer) == (
        "\n"
        "[1] On Friday 2,000 troops were sent to Oslo.\n"
        "    Friday’s report, in its own words · 2025-06-07\n"
        "    Friday = 6 June 2025 (published 7 June 2025)\n"
        "\n"
        f"1 of 2 sources answers · confidence {answer.confidence:.0%}"
    )


def test_a_disputed_answer_shows_what_the_sources_differ_on_first():
    answer = answerer(DOCUMENTS).ask(Question(TROOPS))

    assert shown(answer) == (
        "The sources differ on how many troops were sent to Oslo:\n"
        "  2,000  [1]\n"
        "  4,000  [2]\n"
        "\n"
        "[1] On Friday 2,000 troops were sent to Oslo.\n"
        "    Friday’s report, in its own words · 2025-06-07\n"
        "    Friday = 6 June 2025 (published 7 June 2025)\n"
        "\n"
        "[2] By Monday 4,000 troops were sent to Oslo, police said.\n"
        "    police, as reported in b\n"
        "\n"
        f"2 of 3 sources answer · confidence {answer.confidence:.0%}"
    )


REST = (
    "The ministry did not say why, ferries stopped at noon, trains an hour later, and most shops on the quay kept "
    "their doors shut while a school near the fortress sent its pupils home and the square before the town hall stood "
    "empty until the morning, when the first boats left the harbour again, fishermen sold cod from the pier as on any "
    "other day of the week, nobody was hurt, the hospital announced, and by the weekend it was all forgotten, but for "
    "the bill that the town sent to the ministry in the spring."
)
VERSIONS = [
    document("a", f"On Friday 2,000 troops were sent to Oslo. {REST}", "Report", "2025-06-07"),
    document("b", f"On Friday 4,000 troops were sent to Oslo. {REST}", "Report", "2025-06-09", pages=(0, 20)),
    document("c", f"On Friday 4,000 troops were sent to Oslo. {REST}", "Report", "2025-06-10"),
]


def test_versions_of_one_account_are_shown_as_one_that_has_changed():
    answer = answerer(VERSIONS).ask(Question(TROOPS))

    text = shown(answer)
    assert text.startswith(
        "The sources differ on how many troops were sent to Oslo (a change over time, by their dates):\n"
        "  2,000  [1]\n"
        "  4,000  [2, same account as 1]\n"
        "\n"
        "[1] On Friday 2,000 troops were sent to Oslo.\n"
        "    Report, in its own words · 2025-06-07\n"
        "    Friday = 6 June 2025 (published 7 June 2025)\n"
        "\n"
        "[2] On Friday 4,000 troops were sent to Oslo.\n"
        "    Report, in its own words · 2025-06-09 · page 1 · copy of a\n"
    )
    assert text.splitlines()[-1].startswith("1 of 3 sources answers (2 are copies) · confidence")


def test_an_opened_citation_says_its_page_and_what_it_is_a_copy_of():
    text, _ = conversation(answerer(VERSIONS), TROOPS, "open 2")

    assert "Report\nb · 2025-06-09 · page 1 · copy of a · passage 1 of 1\n" in text


def test_the_list_of_sources_marks_copies():
    console = terminal()

    show_sources(console, answerer(VERSIONS).index)

    assert written(console).splitlines() == [
        "Source  Title   Published",
        "a       Report  2025-06-07",
        "b       Report  2025-06-09 · copy of a",
        "c       Report  2025-06-10 · copy of a",
    ]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("She said the goats came.", "somebody named before, as reported in a"),
        ("Ann Lee said the goats came.", "Ann Lee, as reported in a"),
        ("Reportedly the goats came.", "unattributed, in a"),
        ("The goats came.", "a, in its own words"),
    ],
)
def test_each_quotation_says_whose_words_it_carries(text: str, who: str):
    lines = shown(answerer([document("a", text)]).ask(Question("Did the goats come?"))).splitlines()

    assert lines[1:3] == [f"[1] {text}", f"    {who}"]


def test_no_answer_says_so_first_and_what_the_nearest_passages_are_not():
    answer = answerer([DOCUMENTS[0]], threshold=1.0).ask(Question("Who won?"))

    assert shown(answer) == (
        "The documents do not answer this.\n"
        "The nearest passages, which are no answer:\n"
        "\n"
        "[1] On Friday 2,000 troops were sent to Oslo.\n"
        "    Friday’s report · 2025-06-07\n"
        "\n"
        f"None of 1 source answers · confidence {answer.confidence:.0%}"
    )


def test_an_answer_that_is_not_sure_is_said_to_stand_where_it_may():
    answer = answerer([DOCUMENTS[0]], threshold=1.0).ask(Question("Who won?"))

    assert shown(dataclasses.replace(answer, confidence=MAYBE)).startswith(
        "No sure answer.\nIt may stand here:\n\n[1] On Friday"
    )


def test_the_value_asked_for_is_marked_in_its_quotation():
    console = terminal()
    show(console, answerer(DOCUMENTS[:1]).ask(Question(TROOPS)))

    styled = console.export_text(styles=True)
    assert "\x1b[1;36m[1] \x1b[0mOn Friday \x1b[1;4m2,000\x1b[0m troops were sent to Oslo." in styled


def test_a_mark_keeps_its_place_behind_characters_that_are_not_shown():
    console = terminal()
    text = "On\x07 \x1b[31mFriday\r\n2,000 troops were sent to Oslo."
    show(console, answerer([document("a", text)]).ask(Question(TROOPS)))

    assert "\x1b[1;4m2,000\x1b[0m troops" in console.export_text(styles=True)


def test_a_quotation_that_no_longer_holds_is_not_shown():
    answer = answerer(DOCUMENTS).ask(Question(TROOPS))
    assert isinstance(answer, Answer)
    object.__setattr__(answer.citations[0], "quote", "On Friday 9,000 troops were sent to Oslo.")
    console = terminal()

    with pytest.raises(QuotationError):
        show(console, answer)
    with pytest.raises(QuotationError):
        open_citation(console, answerer(DOCUMENTS).index, answer.citations[0])

    assert "9,000" not in written(console)


# --- a citation in its document --------------------------------------------------------------------


class Small(FakeEncoder):
    """A model that reads 80 words: 64 for the title, 16 for a passage."""

    max_tokens = 80


def test_an_opened_citation_stands_in_its_passage_with_the_quotation_marked():
    text = "It was cold. On Friday 2,000 troops were sent to Oslo. Nobody knew why."
    asked = answerer([document("a", text, "A title", "2025-06-07", "https://a.no/1")])
    answer = asked.ask(Question(TROOPS))
    assert isinstance(answer, Answer)
    console = terminal()

    open_citation(console, asked.index, answer.citations[0])

    assert written(console) == f"A title\na · 2025-06-07 · passage 1 of 1 · https://a.no/1\n  {text}"
    marked = "It was cold. \x1b[1;7mOn Friday 2,000 troops were sent to Oslo.\x1b[0m Nobody knew why."
    assert marked in console.export_text(styles=True)


@pytest.mark.parametrize(
    ("number", "where", "before", "after"),
    [(0, "passage 1 of 3", False, True), (12, "passage 2 of 3", True, True), (23, "passage 3 of 3", True, False)],
)
def test_an_opened_passage_shows_whether_the_document_goes_on(number: int, where: str, before: bool, after: bool):
    text = " ".join(f"The goat {goat} lives on hill {goat}." for goat in range(24))
    encoder = Small()
    asked = Answerer(opened([document("a", text)], encoder), encoder, 0.0)
    sentence = f"The goat {number} lives on hill {number}."
    start = text.index(sentence)
    end = start + len(sentence)
    passage = next(passage for passage in asked.index.passages if (start, end) in passage.sentences)
    console = terminal()

    open_citation(console, asked.index, Citation(1, asked.index.documents[0], passage, start, end, sentence))

    lines = written(console).splitlines()
    assert lines[1] == f"a · {where}"
    assert " ".join(line.strip() for line in lines[2:]) == ("… " * before) + passage.text + (" …" * after)


# --- sources ---------------------------------------------------------------------------------------


def test_the_sources_are_listed_with_titles_and_dates():
    console = terminal()

    show_sources(console, answerer(DOCUMENTS).index)

    assert written(console).splitlines() == [
        "Source  Title            Published",
        "a       Friday’s report  2025-06-07",
        "b",
        "c",
    ]


# --- conversation ----------------------------------------------------------------------------------


def test_a_conversation():
    text, rest = conversation(answerer(DOCUMENTS), TROOPS, "open 2", "", "   ")

    answered, opening = re.split(r"confidence \d+%", text)
    assert answered.startswith("The sources differ on how many troops were sent to Oslo:\n")
    assert opening == ("\nb\nb · passage 1 of 1\n  By Monday 4,000 troops were sent to Oslo, police said.")
    assert rest == []


@pytest.mark.parametrize("word", ["quit", "exit", "q", "QUIT", "  Quit  "])
def test_quit_ends_it(word: str):
    assert conversation(answerer(DOCUMENTS), word, TROOPS) == ("", [TROOPS])


def test_end_of_input_ends_it():
    assert conversation(answerer(DOCUMENTS)) == ("", [])


@pytest.mark.parametrize("word", ["help", "HELP", "?"])
def test_help(word: str):
    assert conversation(answerer(DOCUMENTS), word) == (HELP, [])
    assert all(command in HELP for command in ("open 2", "sources", "help", "quit", "Ctrl-D", "Ctrl-C"))


def test_sources():
    text, _ = conversation(answerer(DOCUMENTS), "Sources")

    assert text.splitlines()[1] == "a       Friday’s report  2025-06-07"


@pytest.mark.parametrize("opening", ["open 2", "Open 2", "open  [2]", "OPEN\t2", " open 02 "])
def test_ways_to_open(opening: str):
    text, _ = conversation(answerer(DOCUMENTS), TROOPS, opening)

    assert "b · passage 1 of 1" in text


@pytest.mark.parametrize("number", ["9", "3", "0", "999999999"])
def test_a_citation_that_is_not_there(number: str):
    text, _ = conversation(answerer(DOCUMENTS), TROOPS, f"open {number}", "open 1")

    assert "%\nThe last answer has citations 1 to 2.\nFriday’s report\n" in text


def test_nothing_to_open_yet():
    assert conversation(answerer(DOCUMENTS), "open 1") == (
        "There is nothing to open yet. Ask a question first.",
        [],
    )


def test_an_endless_number_is_only_a_question():
    text, _ = conversation(answerer(DOCUMENTS), f"open {'9' * 1900}", f"open {'9' * 5000}", "open 1")

    assert "of 3 sources answer" in text
    assert "The question is longer than 2000 characters. Ask it in fewer words." in text


def test_the_nearest_passages_can_be_opened_too():
    text, _ = conversation(answerer(DOCUMENTS[2:], threshold=1.0), "Who won?", "open 1")

    assert text.endswith("\nc\nc · passage 1 of 1\n  The lake froze.")


def test_an_error_leaves_the_conversation_and_its_citations():
    text, _ = conversation(answerer(DOCUMENTS), TROOPS, "x" * 2001, "open 2")

    assert "\nThe question is longer than 2000 characters. Ask it in fewer words.\nb\n" in text


# --- nothing drives the terminal -------------------------------------------------------------------

ATTACK = "\u202edesrever\u2066\x1b[2J\x1b]0;owned\x07\x9b31m\x1bPq\x08\x08\x7f\x00\rhidden"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def everything(attack: str) -> Iterator[Callable[[Console], None]]:
    """Every way to print a document whose text, title, id and url hold `attack`, and a question that does."""
    text = f"On Friday 2,000 troops were sent to Oslo {attack}. {attack} said no. The end."
    hostile = document(f"id{attack}", text, f"Title {attack}", None, f"https://a.no/{attack}")
    other = document("b", f"By Monday 4,000 troops were sent to Oslo {attack}.")
    asked, never = answerer([hostile, other]), answerer([hostile, other], threshold=1.0)
    question = Question(f"How many troops were sent to Oslo {attack}?")
    answer = asked.ask(question)
    assert isinstance(answer, Answer) and answer.disagreements
    yield lambda console: show(console, answer)
    yield lambda console: show(console, never.ask(question))
    yield lambda console: show_sources(console, asked.index)
    for citation in answer.citations:
        yield functools.partial(open_citation, index=asked.index, citation=citation)
    broken = never.ask(question)
    assert isinstance(broken, NoAnswer)
    lines = iter([question.text, "open 1", f"open {attack}", "quit"])
    yield lambda console: converse(console, asked, lambda: next(lines), Question)


def test_no_control_character_reaches_the_terminal():
    for printing in everything(ATTACK):
        console = terminal()
        printing(console)

        text = written(console)
        assert not CONTROL.search(text.replace("\n", "")), text
        assert "\N{REPLACEMENT CHARACTER}[2J" in text and "owned" in text, "shown in place, not dropped"


def test_an_error_that_names_a_document_cannot_drive_it_either():
    asked = answerer([document(f"id{ATTACK}", "The lake froze.")])
    answer = asked.ask(Question("lake"))
    assert isinstance(answer, Answer)
    object.__setattr__(answer.citations[0], "quote", "The lake thawed.")
    lines = iter(["lake", "quit"])

    class Broken(Answerer):
        """Returns a quotation that was altered on the way."""

        def __init__(self) -> None:
            pass

        def ask(self, question: Question) -> Answer | NoAnswer:
            assert isinstance(answer, Answer)
            return answer

    console = terminal()
    converse(console, Broken(), lambda: next(lines), Question)

    assert "Nothing was sent; please report this." in " ".join(written(console).split())
    assert not CONTROL.search(written(console).replace("\n", ""))


@pytest.mark.parametrize(
    "markup", ["[bold]", "[/]", "[/bold]", "[red]x[/red]", "[link=https://e.no]x", ":smile:", "\\[", "[1]"]
)
def test_markup_shows_as_it_is(markup: str):
    for printing in everything(markup):
        console = terminal(width=300)
        printing(console)

        assert markup in written(console)
        assert "https://e.no\x1b" not in console.export_text(styles=True)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain text,\ttabs\nand lines", "plain text,\ttabs\nand lines"),
        ("a\r\nb", "a \nb"),
        ("a\rb\x1b[0m\x9b", "a\ufffdb\ufffd[0m\ufffd"),
        ("\u202e\u2066turned\u2069", "\ufffd\ufffdturned\ufffd"),
        ("é 你 👍🏽 \u200d", "é 你 👍🏽 \u200d"),
    ],
)
def test_plain_text_keeps_every_character_in_its_place(text: str, seen: str):
    assert plain(text) == seen
    assert len(seen) == len(text)


# --- who says the same, who is silent, and why not ---------------------------------------------------

SAME = "Seven goats were sent to Oslo in spring."
AGREEING = [
    document("a", f"{SAME} Nobody in the valley had seen ships before.", "First"),
    document("b", f"{SAME} Snow fell for weeks on every roof.", "Second"),
    document("c", "The lake froze in the far north."),
]
GOATS = "How many goats were sent to Oslo?"


def test_sources_that_say_the_same_are_named_and_can_be_opened():
    text, _ = conversation(answerer(AGREEING), GOATS, "open 2")

    first, second = re.findall(r"^ *(?:also in \[2\] )?(First|Second)\b", text.split("\n5 ")[0], re.MULTILINE)[:2]
    assert {first, second} == {"First", "Second"}
    assert f"[1] {SAME}" in text and f"also in [2] {second}" in text
    assert text.endswith(f"{second}\nb · passage 1 of 1\n  {SAME} Snow fell for weeks on every roof.") or (
        text.endswith(f"{second}\na · passage 1 of 1\n  {SAME} Nobody in the valley had seen ships before.")
    )


def test_mix_lists_who_answers_and_who_is_silent():
    text, _ = conversation(answerer(AGREEING), GOATS, "mix")

    listed = text.split("Published")[-1].splitlines()[1:]
    assert sorted(line.split()[:2] for line in listed[:2]) == [["answers", "a"], ["answers", "b"]]
    assert listed[2].split()[:2] == ["silent", "c"]
    assert listed[-1] == "2 of 3 sources answer"


def test_mix_before_any_question_says_what_to_do():
    assert "There is no answer yet. Ask a question first." in conversation(answerer(AGREEING), "mix")[0]


def test_the_nearest_passages_say_why_they_do_not_answer():
    text = shown(answerer(DOCUMENTS, threshold=1.0).ask(Question("How many troops were sent to Chicago?")))

    assert "Friday’s report · 2025-06-07\n    Speaks of Oslo, not of Chicago." in text
    assert "c\n    Does not mention Chicago." in text


def test_a_conversation_goes_on_from_what_was_asked_and_quoted():
    text, _ = conversation(answerer(DOCUMENTS), TROOPS, "and by Monday?", "is this true?", "who said that?", "open 1")

    assert "read as: How many troops were sent to Oslo, by Monday?" in text
    assert "The documents support this." in text
    assert text.index("read as: who said") > text.index("The documents support this.")


def test_what_goes_on_from_nothing_is_asked_back():
    text, _ = conversation(answerer(DOCUMENTS), "and in Bergen?", TROOPS)

    assert text.startswith("This goes on from something I cannot see. Ask it as a whole question")
    assert "2,000 troops" in text
