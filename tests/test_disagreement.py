"""Values side by side: what is asked for, what merges, what takes no side, and what is no disagreement."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.disagreement import Disagreement, Stated, disagreements
from bot.english.values import Kind, mentions
from bot.question.asked import asked
from embeddings.splitting.passages import Span

TROOPS = "How many National Guard troops were sent to Los Angeles?"
BORN = "When was Ann Lee born?"
DIRECTOR = 'Who is the director of the film "Goats"?'
SPORT = "What sport is Ann Lee associated with?"


def stated(
    number: int, account: str, value: str, sentence: str = "{}", published: str | None = None, sure: float = 3.0
) -> Stated:
    """What a citation says, with its value at the braces."""
    start = sentence.index("{}")
    whole = sentence.replace("{}", value)
    day = date.fromisoformat(published) if published else None
    return Stated(number, account, whole, Span(start, start + len(value)), day, whole, sure)


def values(found: tuple[Disagreement, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """The positions of the one disagreement."""
    return [(position.value, position.citations) for one in found for position in one.positions]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (TROOPS, Kind.NUMBER),
        ("What is the population of Oslo?", Kind.NUMBER),
        ("How large was the crowd?", Kind.NUMBER),
        (BORN, Kind.DATE),
        ("In which year was the house built?", Kind.DATE),
        (DIRECTOR, Kind.NAME),
        ("Who wrote the book?", Kind.NAME),
        ("Where is the school located?", Kind.NAME),
        (SPORT, Kind.WORD),
        ("Which party does Lee belong to?", Kind.WORD),
        ("Who is Stephen Miller?", None),
        ("Which cities did Trump name?", None),
        ("What did Newsom say?", None),
        ("Who criticised the raids?", None),
        ("Where were the troops sent?", None),
        ("Was it 2,000 or 4,000 troops that went to Oslo?", Kind.NUMBER),
        ("is it five thousand or six thousand", Kind.NUMBER),
        ("Did he come in 1910 or in 1912?", Kind.DATE),
        ("Was it Ann Lee or Bo Kim who called?", Kind.NAME),
        ("What's the number of troops in Oslo?", Kind.NUMBER),
        ("Did Ann Lee or her son come?", None),
        ("Why did people protest?", None),
        ("And when will the museum open?", Kind.DATE),
        ("What happened when the river rose?", None),
    ],
)
def test_only_a_question_for_one_value_of_a_kind_can_have_answers_that_differ(question: str, kind: Kind | None):
    wanted = asked(question)

    assert (wanted.kind if wanted else None) == kind


def test_numbers_of_different_things_do_not_differ():
    length = asked("What is the maximum length of a post?")
    said = [stated(1, "a", "500", "Posts have {} characters."), stated(2, "b", "25", "Lists have {} accounts.")]

    assert disagreements(length, said) == ()
    assert values(disagreements(length, [*said, stated(3, "c", "300", "It has {} characters.")])) == [
        ("500", (1,)),
        ("300", (3,)),
    ]


def test_values_that_differ_stand_side_by_side_in_the_order_of_their_citations():
    found = disagreements(asked(TROOPS), [stated(2, "b", "4,000"), stated(1, "a", "2,000"), stated(3, "c", "700")])

    assert values(found) == [("2,000", (1,)), ("4,000", (2,)), ("700", (3,))]
    assert found[0].about == "how many National Guard troops were sent to Los Angeles"
    assert found[0].kind is Kind.NUMBER and not found[0].change_over_time


def test_equal_values_merge_however_they_are_written_and_the_first_writing_is_shown():
    counts = [(1, "a", "four thousand"), (2, "b", "2,000"), (3, "c", "4,000"), (4, "d", "4K")]

    assert values(disagreements(asked(TROOPS), [stated(*one) for one in counts])) == [
        ("four thousand", (1, 3, 4)),
        ("2,000", (2,)),
    ]


@pytest.mark.parametrize(
    ("question", "given"),
    [
        (TROOPS, []),
        (TROOPS, [(1, "a", "2,000")]),
        (TROOPS, [(1, "a", "2,000"), (2, "b", "2000"), (3, "c", "two thousand")]),
        (TROOPS, [(1, "a", "2,000"), (2, "a", "4,000")]),
        (TROOPS, [(1, "a", "2,000"), (2, "b", "thousands")]),
        (TROOPS, [(1, "a", "2,000"), (2, "b", "1,987")]),
        (BORN, [(1, "a", "19 June 1910"), (2, "b", "June 1910"), (3, "c", "1910")]),
        (DIRECTOR, [(1, "a", "Lord Byron"), (2, "b", "Byron")]),
        (SPORT, [(1, "a", "American football"), (2, "b", "football")]),
        ("Who is Ann Lee?", [(1, "a", "a singer"), (2, "b", "a farmer")]),
    ],
    ids=["nothing", "one", "the same", "one account", "vague", "rounded", "precision", "name", "sport", "description"],
)
def test_what_is_no_disagreement(question: str, given: list[tuple[int, str, str]]):
    assert disagreements(asked(question), [stated(*one) for one in given]) == ()


def test_more_than_so_many_agrees_with_what_is_more():
    found = disagreements(
        asked(TROOPS),
        [stated(1, "a", "2,000", "He sent {} troops."), stated(2, "b", "1,900", "He sent more than {} troops.")],
    )

    assert found == ()


def test_a_value_that_goes_with_two_that_differ_takes_no_side():
    given = [stated(1, "a", "2,000"), stated(2, "b", "4,000"), stated(3, "c", "thousands")]

    assert values(disagreements(asked(TROOPS), given)) == [("2,000", (1,)), ("4,000", (2,))]


def test_counts_of_different_places_are_not_compared():
    question = "How many people protested?"
    here = stated(1, "a", "200,000", "In Los Angeles {} people protested.")
    there = stated(2, "b", "50,000", "In New York {} people protested.")
    again = stated(3, "c", "75,000", "In New York {} people protested.")

    assert disagreements(asked(question), [here, there]) == ()
    assert values(disagreements(asked(question), [here, there, again])) == [("50,000", (2,)), ("75,000", (3,))]


def test_counts_of_different_things_are_not_compared():
    question = "How many people protested in Los Angeles?"
    people = stated(1, "a", "200,000", "In Los Angeles {} protesters came.")
    states = stated(2, "b", "50", "People protested in all {} states.")
    others = stated(3, "c", "100,000", "Some {} protesters came.")

    assert disagreements(asked(question), [people, states]) == ()
    assert values(disagreements(asked(question), [people, states, others])) == [("200,000", (1,)), ("100,000", (3,))]


def test_a_place_asked_for_by_its_letters_is_no_other_place():
    question = "how many troops are in LA??"
    one = stated(1, "a", "2,000", "He sent {} troops to Los Angeles.")
    other = stated(2, "b", "4,000", "He sent {} troops.")

    assert values(disagreements(asked(question), [one, other])) == [("2,000", (1,)), ("4,000", (2,))]


@pytest.mark.parametrize(
    "question",
    [
        "Was it 2,000 or 4,000 troops that went to LA?",
        "is it 2000 troops or 4000?",
        "So which is it, 2,000 or 4,000 troops?",
        "was it two thousand or four thousand troops",
    ],
)
def test_of_two_values_that_a_question_names_both_are_shown_and_no_other(question: str):
    given = [
        stated(1, "a", "2,000", "He decided to send {} troops to Los Angeles.", sure=-3.0),
        stated(2, "b", "4,000", "He sent {} troops."),
        stated(3, "c", "700", "He sent {} troops."),
        stated(4, "d", "thousands", "He sent {} of troops."),
    ]

    found = disagreements(asked(question), given)

    assert values(found) == [("2,000", (1,)), ("4,000", (2,))]
    assert found[0].about == question
    assert disagreements(asked(question), given[1:]) == ()


def test_of_two_numbers_the_one_that_counts_what_is_asked_for_fits():
    wanted = asked("How many troops came?")
    sentence = "He sent 700 Marines and 4,000 Guard troops."

    assert wanted and [wanted.fits(sentence, span) for span in mentions(sentence, Kind.NUMBER)] == [False, True]


def test_the_mark_of_an_item_is_no_value():
    wanted = asked("How hot is it baked?")
    sentence = "> 3. Bake it at 400 degrees."

    assert wanted and [sentence[slice(*span)] for span in mentions(sentence, Kind.NUMBER)] == ["3", "400"]
    assert [wanted.fits(sentence, span) for span in mentions(sentence, Kind.NUMBER)] == [False, True]


def test_somebody_can_have_several_jobs_but_is_defined_by_one():
    question = "What is Ann Lee's job?"
    called = [
        stated(1, "a", "deputy chief", "Ann Lee, {} of staff, spoke."),
        stated(2, "b", "adviser", "An {}, Ann Lee."),
    ]
    defined = [stated(1, "a", "chef", "Ann Lee is a Canadian {}."), stated(2, "b", "painter", "Ann Lee was a {}.")]

    assert disagreements(asked(question), called) == ()
    assert values(disagreements(asked(question), defined)) == [("chef", (1,)), ("painter", (2,))]


def test_words_must_be_surer_than_names_and_numbers():
    teams = [stated(1, "a", "golf", sure=-2.0), stated(2, "b", "chess", sure=-2.0)]
    people = [stated(1, "a", "Frank Oz", sure=-2.0), stated(2, "b", "Elia Kazan", sure=-2.0)]

    assert disagreements(asked(SPORT), teams) == () != disagreements(asked(DIRECTOR), people)
    assert disagreements(asked(SPORT), teams, surer=0.25) != ()


def test_a_document_that_names_both_does_not_contradict_the_other():
    both = stated(1, "a", "linebacker", "He was an American football {}.")
    other = stated(2, "b", "American football")

    assert disagreements(asked(SPORT), [both, other]) == ()


def test_dates_and_names_differ_too():
    born = [stated(1, "a", "19 June 1910"), stated(2, "b", "January 1, 1900")]
    led = [stated(1, "a", "Frank Oz"), stated(2, "b", "Elia Kazan")]

    assert values(disagreements(asked(BORN), born)) == [("19 June 1910", (1,)), ("January 1, 1900", (2,))]
    assert values(disagreements(asked(DIRECTOR), led)) == [("Frank Oz", (1,)), ("Elia Kazan", (2,))]
    assert disagreements(asked(DIRECTOR), led)[0].kind is Kind.NAME


def test_two_values_must_both_be_sure_and_others_stand_beside_them():
    sure, unsure, doubtful = stated(1, "a", "2,000"), stated(2, "b", "4,000"), stated(3, "c", "700")
    between, below = replace(doubtful, sure=0.0), replace(doubtful, sure=-1.0)

    assert disagreements(asked(TROOPS), [sure, replace(unsure, sure=0.9)], sure=1.0, shown=0.0) == ()
    assert values(disagreements(asked(TROOPS), [sure, unsure, between], sure=1.0, shown=0.0))[2:] == [("700", (3,))]
    assert values(disagreements(asked(TROOPS), [sure, unsure, below], sure=1.0, shown=0.0))[2:] == []


def test_of_an_account_the_surest_value_counts():
    given = [stated(1, "a", "2,000", sure=2.0), stated(2, "a", "4,000", sure=1.0), stated(3, "b", "2,000", sure=2.0)]

    assert disagreements(asked(TROOPS), given) == ()


@pytest.mark.parametrize(
    ("first", "second", "change"),
    [
        ("2025-06-08", "2025-06-16", True),
        ("2025-06-16", "2025-06-08", True),
        ("2025-06-16", "2025-06-16", False),
        (None, "2025-06-16", False),
        (None, None, False),
    ],
)
def test_a_later_count_is_a_change_over_time_only_if_the_dates_say_so(
    first: str | None, second: str | None, change: bool
):
    found = disagreements(
        asked(TROOPS), [stated(1, "a", "2,000", published=first), stated(2, "b", "4,000", published=second)]
    )

    assert found[0].change_over_time is change
    if change and first and second:
        assert [position.earliest for position in found[0].positions] == sorted(
            [date.fromisoformat(first), date.fromisoformat(second)]
        )


def test_a_date_of_birth_does_not_change_over_time():
    born = [
        stated(1, "a", "1910", published="2025-06-08"),
        stated(2, "b", "1912", published="2025-06-16"),
    ]

    assert not disagreements(asked(BORN), born)[0].change_over_time


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("So, HOW MANY troops came, according to Lee?", "how many troops came"),
        ("How many U.S. troops came? Say it.", "how many U.S. troops came"),
        ("What is the population of Oslo?", "What is the population of Oslo?"),
    ],
)
def test_what_the_values_are_about(question: str, about: str):
    assert disagreements(asked(question), [stated(1, "a", "1"), stated(2, "b", "2")])[0].about == about


_VALUES = st.sampled_from(["2,000", "four thousand", "4,000", "1,987", "thousands", "700", "millions", "half", "?"])
_STATED = st.builds(
    lambda account, value, before, sure, day: (account, value, before, sure, day),
    st.sampled_from("abcd"),
    _VALUES,
    st.sampled_from(["{}", "over {}", "about {} troops", "In Oslo {}", "up to {}"]),
    st.sampled_from([-9.0, -3.0, 0.0, 3.0]),
    st.sampled_from([None, "2025-06-08", "2025-06-16"]),
)


@given(st.lists(_STATED, max_size=7), st.randoms())
def test_the_order_makes_no_difference_and_every_value_stands_in_its_citation(given, random):
    everything = [
        stated(number, account, value, sentence, day, sure)
        for number, (account, value, sentence, sure, day) in enumerate(given, 1)
    ]
    shuffled = random.sample(everything, len(everything))
    found = disagreements(asked(TROOPS), everything)
    sentences = {one.number: one.sentence for one in everything}

    assert disagreements(asked(TROOPS), shuffled) == found
    for position in (position for one in found for position in one.positions):
        assert position.value in sentences[position.citations[0]]
        assert list(position.citations) == sorted(set(position.citations))
    assert all(len(one.positions) > 1 for one in found)
