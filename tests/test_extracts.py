"""Extracts: whole steps, lists, tables and sections, exact, and never cut in the middle."""

import numpy as np
import pytest
from fakes import FakeEncoder, FakeReader, answerer, document, opened
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answers import Answer, NoAnswer, Question
from bot.answering.confidence import OF_PASSAGES, Regression, logistic
from bot.answering.extracts import LONGEST, NAMED, ROOM, StatementKind, confidence, with_block, with_named_first
from bot.contract import answer_json
from bot.discord.answer import answer_page
from embeddings.searching.retrieval import Retriever

STEPS = "\n".join(f"{n}. Turn the blue valve number {n} slowly to the left." for n in range(1, 8))
MANUAL = f"""# Boiler manual

The boiler is heated with wood.

## Descale the boiler

Descaling removes chalk.

To descale the boiler:

{STEPS}

The boiler is clean now.

## Limits

Here are the limits of the boiler:

| Model | Pressure |
|-------|----------|
| Small | 3 bar    |
| Large | 5 bar    |

## Restart

Run this to restart the boiler:

```sh
boiler --restart
```
"""
OTHERS = [
    document(f"other{n}", f"# Page {n}\n\nThe garden has {n} roses.\n\nApples grow in the orchard.") for n in range(5)
]


def ask(question: str, text: str = MANUAL, threshold: float = 0.0) -> Answer | NoAnswer:
    return answerer([document("manual", text, "Boiler manual"), *OTHERS], threshold, FakeReader()).ask(
        Question(question)
    )


def quotation(question: str, text: str = MANUAL) -> tuple[StatementKind, str]:
    answer = ask(question, text)
    assert isinstance(answer, Answer)
    (statement,) = answer.statements
    citation = statement.citation
    assert citation.quote == citation.document.text[citation.start : citation.end]
    return statement.kind, citation.quote


def test_steps_come_whole_with_what_leads_them_in():
    kind, quote = quotation("How do I descale the boiler?")

    assert kind is StatementKind.STEPS
    assert f"To descale the boiler:\n\n{STEPS}" in quote
    assert "##" not in quote


def test_a_short_section_comes_whole_and_ends_at_the_next_heading():
    _, quote = quotation("How do I descale the boiler?")

    assert quote.startswith("Descaling removes chalk.")
    assert quote.endswith("The boiler is clean now.")


def test_what_leads_into_sections_comes_with_them():
    lead = "Back up the whole greenhouse every single night.\n\n## What to keep\n\n1. The seeds.\n2. The tools."
    further = f"{lead}\n\n## Where\n\n{'Sheds are dry. ' * ROOM}"

    kind, quote = quotation("How do I back up the greenhouse?", further)

    assert quote.startswith(lead) and len(quote.split()) <= ROOM + 10 and kind is StatementKind.STEPS


def test_what_stands_before_a_passage_at_the_end_of_a_section_comes_with_it_where_there_is_room():
    before = " ".join(f"The orchard has row {n} of apple trees." for n in range(ROOM))
    near = "The pump has a lever."
    page = f"# Pumps\n\n{before}\n\n{near}\n\nAlternatively, turn the crank of the broken pump by hand."

    _, quote = quotation("How do I turn the crank of the broken pump by hand?", page)

    assert near in quote and quote.endswith("by hand.")
    assert ROOM - 10 <= len(quote.split()) <= ROOM


def test_a_section_of_the_same_name_is_another():
    twice = "# Valves\n\n## Open\n\nTurn the red handle to the left.\n\n## Open\n\nThe orchard is open on Mondays."

    assert quotation("How do I open the red handle?", twice)[1] == "Turn the red handle to the left."


def test_a_table_comes_with_its_header():
    kind, quote = quotation("How do I find the limits of the boiler?")

    assert kind is StatementKind.TABLE
    assert quote.endswith("| Model | Pressure |\n|-------|----------|\n| Small | 3 bar    |\n| Large | 5 bar    |")


@pytest.mark.parametrize(("more", "whole"), [(60, True), (120, False)])
def test_a_sentence_comes_with_the_beginning_of_its_item_unless_that_is_long(more, whole):
    item = f"- interval: the time between two readings, {'and ' * more}on. Defaults to 60 s."
    index = opened([document("a", f"# Options\n\nThese are there.\n\n{item}\n- name: what it is called.")]).index
    passage = next(each for each in index.passages if "Defaults" in each.text)
    span = next(each for each in passage.sentences if index.documents[0].text[slice(*each)] == "Defaults to 60 s.")

    found = with_block(passage, span, index)

    assert (found is not None) is whole
    if found:
        assert index.documents[0].text[slice(*found.span)] == item
        assert found.kind is StatementKind.SENTENCE


def test_code_comes_as_its_block():
    kind, quote = quotation("How do I restart the boiler?")

    assert kind is StatementKind.CODE or "Run this" in quote
    assert quote.endswith("```sh\nboiler --restart\n```")


@pytest.mark.parametrize("count", [3, 30, 60, 400])
def test_steps_are_never_cut_in_the_middle_unless_they_are_very_long(count):
    steps = [f"{n}. Turn valve {n} to the left side." for n in range(1, count + 1)]
    text = "# Boiler\n\n## Descale\n\nDescale the boiler:\n\n" + "\n".join(steps) + "\n\n## Other\n\nNothing."

    _, quote = quotation("How do I descale the boiler?", text)

    size = len(" ".join(steps).split())
    if size + 3 <= LONGEST:
        assert "\n".join(steps) in quote
    assert len(quote.split()) <= max(LONGEST, ROOM)


def test_a_value_is_still_quoted_in_its_sentence():
    answer = ask("How many roses does the garden of page 3 have?")

    assert isinstance(answer, Answer)
    assert {statement.kind for statement in answer.statements} == {StatementKind.SENTENCE}


WHY = """# Boiler manual

## Wood

The boiler burns wood of 20 centimetres. Coal would melt its grate. So never burn coal in the boiler.
"""


def test_an_open_question_is_answered_with_the_passage_that_is_marked_and_sentences_from_elsewhere():
    elsewhere = document("coal", "# Coal\n\nNever burn 3 kinds of coal in the boiler.\n\nCoal is black.", "Coal")
    asked = answerer([document("manual", WHY, "Boiler manual"), elsewhere, *OTHERS], 0.1, FakeReader())
    answer = asked.ask(Question("Is it possible to burn coal in the boiler of wood?"))

    assert isinstance(answer, Answer)
    whole, other, *_ = answer.statements
    quote = whole.citation.quote
    assert (whole.kind, quote) == (StatementKind.PASSAGE, WHY.split("\n\n")[2].strip())
    assert whole.highlight and quote[slice(*whole.highlight)] == "The boiler burns wood of 20 centimetres."
    assert (other.kind, other.citation.document.id) == (StatementKind.SENTENCE, "coal")
    assert answer.confidence == whole.confidence


def test_where_it_matters_who_says_a_sentence_it_is_quoted_alone():
    text = "# Boiler manual\n\nIt burns wood. Ann Lee said that it is possible to burn coal in the boiler."
    answer = ask("Is it possible to burn coal in the boiler?", text, 0.1)

    assert isinstance(answer, Answer)
    assert answer.statements[0].kind is StatementKind.SENTENCE
    assert answer.statements[0].voice.name == "Ann Lee"


def test_a_row_that_answers_comes_with_the_header_of_its_table():
    answer = ask("What is the pressure of the large model?")

    assert isinstance(answer, Answer)
    row = next(said for said in answer.statements if said.citation.quote == "| Large | 5 bar    |")
    assert [part.quote for part in row.parts] == ["| Model | Pressure |\n|-------|----------|"]
    assert answer_json(answer)["statements"][answer.statements.index(row)]["parts"][0]["quote"] == row.parts[0].quote
    assert "Model \\| Pressure\n> Large \\| " in "\n".join(entry.texts[0] for entry in answer_page(answer).entries)


@pytest.mark.parametrize("lines", [60, 600])
def test_a_piece_of_code_comes_with_the_rest_of_it(lines):
    code = "\n".join(f"open--valve-{n}--slowly--and-fully" for n in range(lines))
    text = f"# Boiler\n\nThe boiler starts so:\n\n```sh\n{code}\nboiler pressure-limit 17\n```\n\nIt is warm."

    answer = ask("How many is the boiler pressure-limit?", text)

    assert isinstance(answer, Answer)
    said = answer.statements[0]
    whole = f"The boiler starts so:\n\n```sh\n{code}\nboiler pressure-limit 17\n```"
    assert (said.citation.quote == whole) is (lines < ROOM)
    assert said.citation.quote.endswith("boiler pressure-limit 17\n```")
    assert said.kind is (StatementKind.CODE if lines < ROOM else StatementKind.SENTENCE)


def test_what_no_passage_answers_is_not_answered():
    answer = ask("How do I bake bread?", threshold=0.5)

    assert isinstance(answer, NoAnswer)
    assert answer.nearest


def test_nothing_is_read_for_a_procedure():
    reader = FakeReader()

    answerer([document("manual", MANUAL)], 0.0, reader).ask(Question("How do I descale the boiler?"))

    assert not reader.asked


LINES = ["## Valve", "Turn the valve.", "To turn the valve:", "1. Open the valve.", "2. Close it.", "- A valve", "",
         "| a |", "|---|", "```", "> Valve.", "**Why a valve?**"]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=20).map("\n".join))
def test_any_text_gives_an_exact_quotation(text):
    answer = ask("How do I turn the valve?", "The valve.\n\n" + text)

    for statement in answer.statements if isinstance(answer, Answer) else ():
        statement.citation.check()
        assert statement.citation.quote.strip() == statement.citation.quote


@pytest.mark.parametrize("lead", ["", "These are the ranks:\n\n"])
@pytest.mark.parametrize("rows", [1, 2, 200])
def test_the_header_of_a_table_that_answers_comes_with_its_rows(rows, lead):
    lines = ["| Duty | Junior gardener | Senior gardener |", "|---|---|---|"]
    lines += [f"| Bed {n} | waters the bed | plans the bed |" for n in range(rows)]
    table = "\n".join(lines)
    answer = ask("What is the difference between a junior gardener and a senior gardener?", f"# Ranks\n\n{lead}{table}")

    assert isinstance(answer, Answer)
    kind, quote = answer.statements[0].kind, answer.statements[0].citation.quote
    assert kind is StatementKind.TABLE
    assert table.startswith(quote) and quote.count("\n") >= 2
    assert len(quote.split()) <= ROOM
    assert rows == 200 or quote == table


def test_a_line_across_is_no_part_of_a_quotation():
    _, quoted = quotation(
        "how do i prime the pump?", "# Lamp\n\nIt is lit.\n\n# Pump\n\nPrime the pump by hand.\n\n---\n"
    )

    assert quoted == "Prime the pump by hand."


@pytest.mark.parametrize("sentences", [3, 5, 7, 9])
def test_a_list_is_quoted_whole_or_not_at_all_however_long_what_stands_before_it(sentences: int):
    words = " ".join(f"word{n}" for n in range(25))
    steps = "\n".join(f"{n}. Turn {words}." for n in range(1, 11))
    intro = " ".join(f"The pump hums at {n} {words}." for n in range(sentences))

    _, quoted = quotation("how do i prime the pump?", f"# Pump\n\nPrime the pump. {intro}\n\nDo this:\n\n{steps}\n")

    assert ("Do this:" in quoted) == quoted.endswith(f"10. Turn {words}.")


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("What is a vault?", "Guide > Vault"),
        ("what does vault mean", "Guide > Vault"),
        ("How does the vault work?", "Guide > Vault"),
        ("explain vault", "Guide > Vault"),
        ("What is the vault switcher?", "Guide > Vault switcher"),
        ("What is the vault window?", "Guide > Vault switcher"),
    ],
)
@pytest.mark.parametrize("number", ["", "6.1.2 ", "A.10: ", "Chapter 3. ", "IV. "])
def test_what_stands_under_the_very_name_comes_first(question: str, heading: str, number: str):
    text = (
        "# Guide\n\n## Vault switcher\n\nA vault is opened by the vault switcher, and the vault window lists each."
        f"\n\n## {number}Vault\n\nA folder that holds your notes."
    )
    encoder = FakeEncoder()
    index = opened([document("guide", text), *OTHERS], encoder).index
    retriever = Retriever(index, encoder)
    ranking = retriever.search(question)
    doubtful = Regression(np.zeros(len(OF_PASSAGES)), -3.0)

    named = with_named_first(ranking, index)

    heading = heading.replace("> Vault", f"> {number}Vault") if heading.endswith("> Vault") else heading
    is_named = heading.endswith(("> Vault", f"{number}Vault")) or "switcher" in question
    assert confidence(named, retriever, doubtful) == pytest.approx(NAMED if is_named else logistic(-3))
    assert ranking.hits[0].passage.heading == "Guide > Vault switcher"
    assert named.hits[0].passage.heading == heading
    assert sorted(hit.passage.id for hit in named.hits) == sorted(hit.passage.id for hit in ranking.hits)


def test_what_is_asked_for_by_its_name_begins_where_its_section_does():
    told = " ".join(f"It hums at {n} when the boiler is cold." for n in range(60))
    text = f"# Guide\n\n## Vault\n\nA folder that holds notes. {told} The vault works as a vault, a vault is a vault.\n"
    encoder = FakeEncoder()
    index = opened([document("guide", text), *OTHERS], encoder).index
    ranking = Retriever(index, encoder).search("How does the vault work?")

    named = with_named_first(ranking, index).hits[0].passage

    assert ranking.hits[0].passage.text.endswith("a vault is a vault.")
    assert (named.heading, named.text[:27]) == ("Guide > Vault", "A folder that holds notes. ")
