"""Which sentences an answer is made of: alone understandable, one for each fact, and who else says the same."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import pytest
from fakes import document, opened

from bot.answering.evidence import Evidence
from bot.answering.extracts import ROOM, StatementKind
from bot.answering.statements import LONGEST_RUN, MOST_STATEMENTS, Choice, choose, quoted, refers_back, same_fact
from bot.english.voices import Voice, VoiceKind
from embeddings.reading.documents import Document
from embeddings.searching.index import Index
from embeddings.splitting.passages import Span


def index_of(*documents: Document) -> Index:
    return opened(documents).index


def evidence(index: Index, key: str, sentence: str) -> Evidence:
    """This sentence of the document, in the first passage that holds it."""
    start = index.document_of[key].text.index(sentence)
    span = Span(start, start + len(sentence))
    passage = next(passage for passage in index.passages_of[key] if span in passage.sentences)
    return Evidence(sentence, passage, *span, 1.0, 0.9, index, None)


REST = ("Nobody in the valley had seen ships before.", "Snow fell for weeks on every roof.", "A choir sang until dawn.")


def each_in_a_document(*sentences: str, before: Sequence[str] = ()) -> tuple[Index, list[Evidence]]:
    """The sentences as evidence, each of a document of its own, whose other words keep it from being a copy.

    Of `before` each one stands in front of its sentence.
    """
    texts = [" ".join(filter(None, pair)) for pair in zip_longest(before, sentences)]
    documents = [document(f"d{n}", f"{text} {REST[n % 3]} Text {n}.") for n, text in enumerate(texts)]
    index = index_of(*documents)
    return index, [evidence(index, f"d{n}", one) for n, one in enumerate(sentences)]


def shown(choices: tuple[Choice, ...]) -> list[tuple[str, ...]]:
    """Of each choice the documents that say it."""
    return [tuple(one.document_id for one in (choice.shown, *choice.also)) for choice in choices]


# --- which are chosen ------------------------------------------------------------------------------


def test_an_answer_has_at_most_four_statements_in_the_order_given():
    index, found = each_in_a_document(*(f"The {animal} came." for animal in "goat whale zebra horse otter".split()))

    assert MOST_STATEMENTS == 4
    assert shown(choose(found, 0.5, index)) == [("d0",), ("d1",), ("d2",), ("d3",)]
    assert choose((), 0.5, index) == ()


def test_sentences_below_the_threshold_are_left_out_unless_they_repeat_one_that_is_not():
    index, found = each_in_a_document("The goat came home.", "The whale came home.", "The whale came home!")
    made = [replace(one, confidence=sure) for one, sure in zip(found, (0.49, 0.5, 0.1), strict=True)]

    assert shown(choose(made, 0.5, index)) == [("d1", "d2")]


def test_when_the_best_gives_the_number_asked_for_so_do_the_others():
    index, (number, other) = each_in_a_document("Seven goats came.", "The whale came.")
    number = replace(number, count=Span(0, 5))

    assert shown(choose((number, other), 0.5, index)) == [("d0",)]
    assert shown(choose((other, number), 0.5, index)) == [("d1",), ("d0",)]


GOAT = "The old goat lives in the town of Oslo."


@pytest.mark.parametrize(
    ("sentence", "same"),
    [
        ("The old goat lives in the town of Oslo.", True),
        ("In the town of Oslo lives an old goat!", True),
        ("The old goats lived in the towns of Oslo.", True),
        ("The brown goat lives in the village of Oslo.", False),
        ("The old goat lives in the town of Bergen.", False),
        ("The old goat lives in the town of Oslo, says Lee, a farmer.", False),
        ("The old goat does not live in the town of Oslo.", False),
        ("The old goat never lives in the town of Oslo.", False),
        ("The old goat never fails to live in the town of Oslo.", True),
        ("The 2 old goats live in the town of Oslo.", False),
        ("The two old goats live in the town of Oslo.", False),
        ("Bergen is where the old goat lives in the town.", False),
    ],
)
def test_a_name_a_number_or_a_negation_makes_another_fact(sentence: str, same: bool):
    assert same_fact(GOAT, sentence) is same_fact(sentence, GOAT) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Donald Trump sent the troops to the coast.", "President Trump sent the troops to the coast.", True),
        ("Trump sent the troops to the coast.", "Donald Trump sent the troops to the coast.", True),
        (
            "ICE held the workers of the farm.",
            "Immigration and Customs Enforcement held the workers of the farm.",
            False,
        ),
        (
            "The agents of ICE held all workers of that big farm by the old road.",
            "The agents of Immigration and Customs Enforcement held all workers of that big farm by the old road.",
            True,
        ),
        ("Goats live high in the hills of Virginia.", "Goats live high in the hills of West Virginia.", False),
        ("The plane to New York City was late by hours.", "The plane to Kansas City was late by hours.", False),
        (
            "He sent 2,000 National Guard troops to Los Angeles.",
            "He sent 4,000 National Guard troops to Los Angeles.",
            False,
        ),
        (
            "He sent 4,000 National Guard troops to Los Angeles.",
            "He sent 4000 National Guard troops to Los Angeles!",
            True,
        ),
    ],
)
def test_names_are_the_same_without_titles_and_in_short(one: str, other: str, same: bool):
    assert same_fact(one, other) is same_fact(other, one) is same


def test_other_accounts_that_say_the_same_are_kept_one_an_account():
    text = "The old goat lives in the town of Oslo. It eats grass. In the town of Oslo lives the old goat."
    first, other = document("a", GOAT + " Nobody knows why it came there."), document("b", text)
    index = index_of(first, other)

    found = [
        evidence(index, "a", GOAT),
        evidence(index, "b", GOAT),
        evidence(index, "b", "In the town of Oslo lives the old goat."),
    ]

    assert shown(choose(found, 0.5, index)) == [("a", "b")]
    assert shown(choose(found[1:], 0.5, index)) == [("b",)], "nobody agrees with himself"


def test_a_copy_does_not_count_as_another_account():
    index = index_of(*(document(key, GOAT) for key in "ab"))

    assert index.copies
    assert shown(choose([evidence(index, key, GOAT) for key in "ab"], 0.5, index)) == [("a",)]


def test_what_somebody_says_is_not_grouped_with_what_a_document_says_itself():
    opening = 'Ann Lee said: "It rained.'  # and her quotation goes on
    index, found = each_in_a_document(GOAT, GOAT, GOAT, before=("", opening, opening))
    assert [one.voice for one in found[1:]] == [Voice(VoiceKind.SPEAKER, "Ann Lee")] * 2

    assert shown(choose(found, 0.5, index)) == [("d0",), ("d1", "d2")]


@pytest.mark.parametrize(("name", "same"), [("Anna Berg", True), ("Berg", True), ("Mary Dahl", False), (None, True)])
def test_what_somebody_says_is_grouped_with_what_the_same_one_says_elsewhere(name: str | None, same: bool):
    said = "She said that the old goat lives in the town of Oslo."
    before = [f"{who} spoke to the farmers." if who else "" for who in ("Anna Berg", name)]
    index, (one, other) = each_in_a_document(said, said, before=before)

    assert (one.voice.name, other.voice.name) == ("Anna Berg", name)
    assert shown(choose((one, other), 0.5, index)) == ([("d0", "d1")] if same else [("d0",), ("d1",)])


def test_days_that_stand_behind_a_sentence_do_not_set_it_apart():
    behind = {"a": "Snow fell yesterday.", "b": "A choir sang two days ago."}
    index = index_of(*(document(key, f"{GOAT} {text}", published="2025-06-16") for key, text in behind.items()))

    assert shown(choose([evidence(index, key, GOAT) for key in behind], 0.5, index)) == [("a", "b")]


def test_the_same_words_of_another_day_are_another_fact():
    march = "Thousands of people marched through the city on Sunday."
    index = index_of(
        document("a", f"{march} {REST[0]}", published="2025-06-16"),
        document("b", f"{march} {REST[1]}", published="2025-06-16"),
        document("c", f"{march} {REST[2]}", published="2025-06-23"),
    )
    found = [evidence(index, key, march) for key in "abc"]

    assert shown(choose(found, 0.5, index)) == [("a", "b"), ("c",)]


# --- what is quoted --------------------------------------------------------------------------------


def run(text: str, sentence: str) -> str:
    index = index_of(document("a", text))
    made = quoted(evidence(index, "a", sentence), index)
    passage = made.passage
    assert passage.start <= made.span.start < made.span.end <= passage.end
    assert text[slice(*made.span)].endswith(sentence)
    return text[slice(*made.span)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Ann Lee came. She left at noon.", "She left at noon."),
        ("Ann Lee came. Then she left at noon.", "Then she left at noon."),
        ("Ann Lee came. On Sunday, she left.", "On Sunday, she left."),
        ("Ann Lee came. In May 1999 she left.", "In May 1999 she left."),
        ("The ship came. Built in Oslo, it was old.", "Built in Oslo, it was old."),
        ("Troops came. But the agency said no.", "But the agency said no."),
        ("Troops came. This was a surprise.", "This was a surprise."),
        ("Troops came. Those numbers were wrong.", "Those numbers were wrong."),
        ("Two versions came. Prior to these versions, nothing worked.", "Prior to these versions, nothing worked."),
        ("Oslo froze. As a result, nobody came.", "As a result, nobody came."),
        ("Ann Lee came.\n\nShe left at noon.", "She left at noon."),
        ("Ann Lee came.\n\nBut, she said, it froze.", "But, she said, it froze."),
        ("Ann Lee came. She left. She was late.", "She was late."),
    ],
)
def test_a_sentence_that_refers_back_is_quoted_with_the_one_before(text: str, sentence: str):
    assert run(text, sentence) == text


@pytest.mark.parametrize(
    "sentence",
    [
        "It is raining in Oslo.",
        "It was cold.",
        "It is clear that troops came.",
        "It took years to build the harbour.",
        "Those who came left at noon.",
        "This year, fewer people came.",
        "In his speech, Lee said so.",
        "Both Lee and Berg came.",
        "So far, nobody came.",
        "“He left,” said Berg.",
        "The president left.",
    ],
)
def test_a_sentence_that_makes_sense_alone_is_quoted_alone(sentence: str):
    assert not refers_back(sentence)
    assert run(f"Ann Lee came. {sentence}", sentence) == sentence


def test_the_rest_of_a_quotation_refers_back():
    assert refers_back("Nobody came,” said Lee.") and not refers_back("“Nobody came,” said Lee.")
    assert refers_back('Nobody came," said Lee.') and not refers_back('"Nobody came," said Lee.')
    assert refers_back('Nobody came," said Lee, "and sheep did."') and not refers_back('"Nobody came, said Lee.')


def test_what_begins_a_new_paragraph_with_however_stands_alone():
    assert run("Ann Lee came.\n\nHowever, Oslo froze.", "However, Oslo froze.") == "However, Oslo froze."
    assert run("Ann Lee came.\nHowever, Oslo froze.", "However, Oslo froze.") == "However, Oslo froze."
    wrapped = "Ann Lee\ncame.\nHowever, Oslo froze."
    assert run(wrapped, "However, Oslo froze.") == wrapped, "a line of wrapped text is no paragraph"


def test_a_quotation_goes_back_two_sentences_at_most_and_never_becomes_long():
    text = "Ann Lee came. She sat. She ate. She left."
    assert run(text, "She left.") == "She sat. She ate. She left."

    long = f"Ann Lee came{' and came' * 60}. She left."
    assert len(long) > LONGEST_RUN
    assert run(long, "She left.") == "She left."

    longest = f"Ann Lee c{'a' * (LONGEST_RUN - len('Ann Lee cme. She left.'))}me. She left."
    assert len(longest) == LONGEST_RUN
    assert run(longest, "She left.") == longest


def test_a_heading_is_not_crossed():
    assert run("# One\n\nAnn Lee came.\n\n# Two\n\nShe left.", "She left.") == "She left."


def test_the_sentence_before_may_stand_in_the_passage_before():
    text = " ".join(f"It has {number} goats on its hill." for number in range(100))
    index = index_of(document("a", text))
    before, passage = index.passages[:2]
    assert passage.sentences[0] == before.sentences[-1], "they share a sentence"
    span = passage.sentences[0]
    found = Evidence(text[slice(*span)], passage, *span, 1.0, 0.9, index, None)

    made = quoted(found, index)

    assert made.passage is before
    assert made.span == (before.sentences[-3].start, span.end)


def test_a_sentence_that_another_quotation_begins_with_is_not_shown_again():
    index = index_of(document("a", "Ann Lee came to Oslo. She left at noon. Berg stayed."))
    found = [evidence(index, "a", one) for one in ("She left at noon.", "Ann Lee came to Oslo.", "Berg stayed.")]

    choices = choose(found, 0.5, index)

    assert [index.document_of["a"].text[slice(*choice.shown.span)] for choice in choices] == [
        "Ann Lee came to Oslo. She left at noon.",
        "Berg stayed.",
    ]


LED = "These clays may be fired:"


@pytest.mark.parametrize(
    ("behind", "quotation", "kind"),
    [
        ("\n\n- white clay\n- red clay\n\nAll else melts.", "\n\n- white clay\n- red clay", StatementKind.LIST),
        ("\n\n1. white clay\n2. red clay\n", "\n\n1. white clay\n2. red clay", StatementKind.STEPS),
        ("\n\n- white clay of the river\n\n# Kilns\n\n- large", "\n\n- white clay of the river", StatementKind.LIST),
        ("\n\nWhite ones.", "", StatementKind.SENTENCE),
        ("\n\n- " + "clay " * ROOM + "\n- red clay\n", "", StatementKind.SENTENCE),
        (" white ones.\n\n- red clay", " white ones.", StatementKind.SENTENCE),
    ],
)
def test_a_sentence_that_leads_to_a_list_is_quoted_with_it(behind: str, quotation: str, kind: StatementKind):
    text = LED + behind
    index = index_of(document("a", text))
    first = text[slice(*index.passages[0].sentences[0])]

    made = quoted(evidence(index, "a", first), index)

    assert (text[slice(*made.span)], made.kind) == (LED + quotation, kind)
    assert made.passage is index.passages[0] and made.evidence.sentence == first
