"""Whether a sentence says what a claim says: which words stand for which, and what stands in the way."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checking.alignment import Claim, align
from bot.english.words import excludes, hints, is_near, key, read, stem


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("The owner sued the town.", "The owner filed a lawsuit against the town."),
        ("The owner took the town to court.", "The owner sued the town."),
        ("The ban set off strikes.", "The ban sparked strikes."),
        ("Some 75,000 turned out in Oslo.", "In Oslo there were 75,000 of them."),
        ("The mill made 40 carts daily.", "The mill made 40 carts a day."),
        ("Voss was one of the hosts.", "Voss was among the hosts."),
        ("Anna Berg is the mayor.", "Mayor Anna Berg wants to open the bridge."),
        ("Anna Berg is the mayor.", "Anna Berg, the mayor, ordered a curfew."),
        ("The sailors were not drunk.", "The sailors were never drunk."),
        ("The council did not want the boats sold.", "The council did not want Anna Berg to sell the boats."),
        ("Sailors marched to the mill.", "A handful of sailors marched to the mill."),
        ("The relay switches at most 5 A.", "The relay switches 5 A at most."),
        ("The password has at least 12 letters.", "The password has 12 letters or more."),
    ],
)
def test_what_a_sentence_says_in_other_words(claim: str, sentence: str):
    assert align(Claim.of(claim), sentence).complete


@pytest.mark.parametrize(
    ("claim", "complete"),
    [
        ("Ann Lee met Bo Hansen in Bergen.", False),
        ("Ann Lee met Bo Hansen in Oslo.", True),
    ],
)
def test_a_place_that_stands_in_another_clause_is_that_of_something_else(claim: str, complete: bool):
    said = "Although Ann Lee had worked in Bergen for years, in Oslo Ann Lee met Bo Hansen."

    assert align(Claim.of(claim), said).complete is complete
    assert align(Claim.of("They met in Bergen."), "In Oslo, Bergen and Voss they met.").complete
    both = "In Bergen, which was under a curfew, Ann Lee met Bo Hansen outside Voss Hall."
    assert align(Claim.of("Ann Lee met Bo Hansen outside Voss Hall in Bergen."), both).complete


def test_a_word_without_a_stem_is_its_own():
    assert stem("ﾞ") == "ﾞ" and align(Claim.of("The ﾞ froze in May."), "The ﾞ froze in May.")


@pytest.mark.parametrize("limit", ["at most", "or less", "or fewer"])
def test_a_limit_behind_a_number_limits_it(limit: str):
    assert not align(Claim.of("The mill made 40 carts a day."), f"The mill made 40 carts {limit} a day.").complete
    assert align(Claim.of("The mill made 40 carts a day."), "The mill made 40 carts, more or less, a day.").complete


@pytest.mark.parametrize(
    ("claim", "near"),
    [
        ("The committee picked out three towns.", []),
        ("The army is based in Voss.", None),
        ("Harbour workers cautioned the council.", ["cautioned"]),
        ("Harbour workers alarmed the council.", None),
    ],
)
def test_a_word_that_comes_near_is_noted_so_that_the_reader_can_be_asked(claim: str, near: list[str] | None):
    sentence = "The committee singled out three towns. Harbour workers warned the council."
    found = align(Claim.of(claim), sentence)
    assert not found.complete or near == []
    assert (None if found.missing else [word.text for word in found.near]) == near


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("Anna Berg is the mayor.", "Deputy Mayor Anna Berg opened the bridge."),
        ("Erik Dahl is the mayor.", "Mayor Anna Berg and Sheriff Erik Dahl met."),
        ("Erik Dahl is a thief.", "Anna Berg called Erik Dahl a thief."),
        ("The bridge may have been sold.", "The bridge was sold."),
        ("The mayor sold the boats.", "The former mayor sold the boats."),
        ("The party is led by Democrats.", "The party is led by Republicans."),
        ("Forty people were shot by people.", "Forty people were shot."),
        ("The mayor went to the office.", "The mayor went to the officer."),
        ("Importing grain is important.", "Importing grain is import."),
        ("The school opened.", "The school may have opened."),
        ("The school opened in May.", "The school opened in June."),
        ("An expert signed the report on Monday.", "A so-called expert signed the report on Monday."),
        ("The council opposed the sale.", "The council supported the sale."),
    ],
)
def test_what_looks_alike_and_is_another_thing(claim: str, sentence: str):
    assert not align(Claim.of(claim), sentence).complete


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("The union marched in Oslo.", "The union met in Oslo in April."),
        ("The talks last long.", "The first talks are long."),
        ("The police spring into action.", "The police went into action in summer."),
        ("Critics judge the plan bad.", "Critics in the governor's office call the plan bad."),
    ],
)
def test_a_word_that_is_of_a_family_by_its_letters_alone_contradicts_nothing(claim: str, sentence: str):
    assert not align(Claim.of(claim), sentence).clashes


def test_may_is_a_month_where_it_is_written_as_one():
    assert align(Claim.of("The school opened in May 2019."), "The school opened in May 2019.").complete
    assert align(Claim.of("The bridge was shut by Berg."), "The bridge was shut in May by Berg.").complete
    assert align(Claim.of("The school opened in May."), "The school opened in June.").clashes


def test_a_title_beside_a_name_is_the_documents_own_unless_it_stands_in_a_quotation():
    claim = "Anna Berg is the mayor."
    assert align(Claim.of(claim), "Dahl wrote that he wants Mayor Anna Berg to go.").titled
    assert not align(Claim.of(claim), 'Dahl wrote: "I want Mayor Anna Berg to go."').titled


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("warned", "cautioned", True),
        ("analysts", "analyses", True),
        ("voters", "vote", True),
        ("Monday", "Tuesday", False),
        ("mayor", "governor", False),
        ("marines", "army", False),
        ("arrested", "injured", False),
        ("inside", "outside", False),
        ("rejected", "said", False),
        ("house", "horse", False),
    ],
)
def test_siblings_and_opposites_do_not_come_near(one: str, other: str, near: bool):
    first, second = read(f"they {one}")[1], read(f"they {other}")[1]
    assert is_near(first, second) is is_near(second, first) is near


@pytest.mark.parametrize(("one", "other"), [("went", "going"), ("sent", "deployed"), ("drew", "drawn")])
def test_forms_of_a_word_have_one_key(one: str, other: str):
    assert key(one) == key(other)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_text_says_what_it_says_and_what_excludes_does_not_come_near(one: str, other: str):
    found = align(Claim.of(one), one)
    assert not found.missing and not found.near
    for first in read(one):
        for second in read(other):
            assert not (excludes(first, second) and is_near(first, second))
            assert not is_near(first, second) or set(hints(first)) & set(hints(second))


@pytest.mark.parametrize("claim", ["The DHS sued the town.", "The D.H.S. sued the town."])
def test_a_name_goes_by_its_initials(claim: str):
    assert not align(Claim.of(claim), "The town was sued by the Department of Homeland Security.").missing
    assert align(Claim.of(claim), "The town was sued by the Department of Labor.").missing


LONG = {
    "capitals": "A B C D E F G H I J ",
    "names": "Trump Deployed The Guard And Marines To Los Angeles After Protests Of Raids By Federal Agents ",
    "prose": "the council warned the harbour workers of the storm and ordered them to leave the mill at once ",
    "a word that comes near": "cautioned ",
    "a word that stands there": "workers ",
    "sayings": "Anna Berg said that ",
    "numbers": "1 2 3 4 5 ",
    "years": "in 1999 and ",
    "negations": "not the mayor no ",
    "quotation marks": '"a" ',
    "brackets": "(a) ",
    "names of days": "in Oslo on Monday and Tuesday ",
    "phrases": "take the take a bring the ",
}


@pytest.mark.slow
@pytest.mark.parametrize("part", LONG.values(), ids=LONG)
def test_a_text_twice_as_long_is_not_much_more_than_twice_the_work(part: str):
    other = "On Monday 40 harbour workers in Oslo warned Anna Berg, the mayor, that they may not stay (a)."

    def work(length: int) -> int:
        text = (part * length)[:length]
        return calls_of(lambda: (align(Claim.of(text), other), align(Claim.of(other), text)))

    work(2000)  # stems are remembered
    assert work(1999) <= 2.5 * work(1000)


def calls_of(act: Callable[[], object]) -> int:
    """How many calls something makes, of functions of Python or of C."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls
