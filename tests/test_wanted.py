"""What a question wants by its form, and which sentences can hold it."""

from datetime import date

import pytest
from fakes import FakeEncoder, document, opened
from hypothesis import given
from hypothesis import strategies as st

from bot.english.voices import voice_of
from bot.question.forms import QuestionForm
from bot.question.offices import Office
from bot.question.speech import Words, asks_who_says, in_full
from bot.question.wanted import Wanted

INDEX = opened(
    [document("a", "Karen Bass extended the curfew. Gavin Newsom spoke of the troops. The account calls it sad.")],
    FakeEncoder(),
).index


def may_be_in(question: str, sentence: str, *before: str) -> bool:
    return Wanted.of(QuestionForm.of(question), INDEX.lexical).may_be_in(sentence, voice_of(sentence, before))


# --- somebody's words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "who", "topic"),
    [
        ("What did Karen Bass say about the curfew?", {"karen", "bass"}, {"curfew"}),
        ("How does Newsom describe the deployment?", {"newsom"}, set()),
        ("What has the ACLU said?", {"aclu"}, set()),
        ("According to the ACLU, how many came?", {"aclu"}, set()),
        ("How many came, according to the ACLU?", {"aclu"}, set()),
        ("What does the account call the parade?", set(), set()),
    ],
)
def test_a_question_for_somebodys_words_says_whose_and_about_what(question: str, who: set[str], topic: set[str]):
    words = Words.of(question)

    assert words is not None
    assert (words.who, words.topic) == (who, topic)


@pytest.mark.parametrize(
    "question",
    [
        "What do people say about the curfew?",
        "What did he say?",
        "What do the articles say about Bass?",
        "What did Bass do about the curfew?",
        "What did Trump's campaign say?",
        "What did the president say?",
        "How did Newsom respond to the raids?",
        "What turnout did the Windy City see?",
        "Who said so?",
        "",
    ],
)
def test_other_questions_are_for_nobodys_words(question: str):
    assert Words.of(question) is None


@pytest.mark.parametrize(
    ("question", "who", "rest"),
    [
        ("What was Karen Bass's reaction to the raids?", {"karen", "bass"}, "to the raids"),
        ("Newsom's take on the parade?", {"newsom"}, "on the parade"),
        ("How did Newsom respond to the raids?", {"newsom"}, "to the raids"),
        ("Why does the ACLU say that it will sue?", {"aclu"}, "that it will sue"),
        ("What reason did Bass give for the curfew?", {"bass"}, "for the curfew"),
        ("What did Bass say of it?", {"bass"}, "it"),
    ],
)
def test_where_documents_report_what_people_say_a_reaction_or_a_view_is_somebodys_words(
    question: str, who: set[str], rest: str
):
    words = Words.of(question, reported=True)

    assert words is not None
    assert (words.who, words.rest) == (who, rest)


@pytest.mark.parametrize(
    "question",
    [
        "How does it respond to a reset?",
        "What was the mayor's reaction to the raids?",
        "What was Karen Bass's lawyer's reaction to the raids?",
        "Why did Bass go?",
        "What time did Bass give?",
    ],
)
def test_whose_words_has_to_be_named_there_too(question: str):
    assert Words.of(question, reported=True) is None


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("Lee", "Ann Lee"),
        ("Ms. Lee", "Ann Lee"),
        ("President Lee", "Ann Lee"),
        ("Bo Lee", "Bo Lee"),
        ("the lee", "the lee"),
        ("Holm", "Holm"),
        ("", ""),
    ],
)
def test_a_last_name_is_that_of_the_person_who_is_called_so_most_often(name: str, full: str):
    assert (
        in_full(name, ["Ann Lee came. But Lee spoke, Ms. Lee spoke, Bo Lee left.", "President Lee is Ann Lee."]) == full
    )


@pytest.mark.parametrize(
    ("sentence", "possible"),
    [
        ("He spoke on Sunday.", False),
        ("He spoke (Mon, noon).", False),
        ("He spoke (Wed, noon).", True),
        ("He spoke on Wednesday, not on Sunday.", True),
        ("He spoke twice.", True),
        ("He spoke in May.", True),
        ("He spoke on Wednesday in May.", True),
    ],
)
def test_what_is_asked_of_a_day_is_not_said_of_others(sentence: str, possible: bool):
    assert may_be_in("What happened on Wednesday?", sentence) is possible


@pytest.mark.parametrize(
    ("sentence", "possible"),
    [
        ("Mayor Karen Bass said that the curfew would go on.", True),
        ("“The curfew stays,” said Bass.", True),
        ("Bass extended the curfew.", True),
        ("On Sunday, Karen Bass extended the curfew.", True),
        ("The mayor called the curfew needed.", True),
        ("Gavin Newsom said that the curfew was wrong.", False),
        ("The account calls the curfew of Karen Bass brutal.", False),
        ("There were protests against Karen Bass and the curfew.", False),
    ],
)
def test_somebodys_words_stand_where_they_speak_or_act(sentence: str, possible: bool):
    assert may_be_in("What did Karen Bass say about the curfew?", sentence) is possible


def test_a_speaker_named_a_sentence_before_still_speaks():
    before = "Karen Bass spoke on Sunday."

    assert may_be_in("What did Karen Bass say?", "She said that it would go on.", before)
    assert not may_be_in("What did Gavin Newsom say?", "She said that it would go on.", before)


@pytest.mark.parametrize(
    ("question", "off_topic"),
    [
        ("What did Karen Bass say about the troops?", True),
        ("What did Karen Bass say about the curfew?", False),
        ("What did Karen Bass say about lockdowns?", False),  # no document names them: they may be called otherwise
        ("What did Karen Bass say about troops in Oslo?", False),
        ("What did Karen Bass say?", False),
        ("How many troops came?", False),
    ],
)
def test_words_are_off_topic_without_the_one_word_that_documents_have_for_it(question: str, off_topic: bool):
    wanted = Wanted.of(QuestionForm.of(question), INDEX.lexical)

    assert wanted.is_doubtful_in("Karen Bass said that the curfew would go on.", ()) is off_topic


@pytest.mark.parametrize(
    ("sentence", "before", "doubtful"),
    [
        ("They sent troops.", "", True),
        ("They sent no troops.", "", False),
        ("They refused to.", "", False),
        ("They sent Marines.", "They did not send troops.", False),
    ],
)
def test_what_did_not_happen_is_doubtful_where_there_is_no_not(sentence: str, before: str, doubtful: bool):
    wanted = Wanted.of(QuestionForm.of("Why did they not send troops?"), INDEX.lexical)

    assert wanted.is_doubtful_in(sentence, [before]) is doubtful


@pytest.mark.parametrize(
    ("question", "misplaced"),
    [
        ("How many Marines were sent to Chicago?", True),
        ("How many Marines were sent to Los Angeles?", False),
        ("How many Marines were sent to Los Angeles in California?", True),
        ("How many Marines were sent?", False),
    ],
)
def test_a_place_of_the_question_is_looked_for_nearby(question: str, misplaced: bool):
    present = frozenset("marin sent los angel".split())

    assert Wanted.of(QuestionForm.of(question), INDEX.lexical).is_misplaced(present) is misplaced


@pytest.mark.parametrize(
    ("text", "published", "other"),
    [
        ("It froze in 1899 and in 1900.", None, False),
        ("It froze in 1899.", None, True),
        ("It froze.", None, False),
        ("It froze.", date(1900, 2, 1), False),
        ("It froze.", date(1901, 2, 1), True),
        ("It cost $1900 in 1850.", None, True),
    ],
)
def test_a_passage_of_other_years_than_the_question_is_none_of_its_answers(
    text: str, published: date | None, other: bool
):
    assert Wanted.of(QuestionForm.of("Who froze in 1900?"), INDEX.lexical).is_of_other_years(text, published) is other
    assert not Wanted.of(QuestionForm.of("Who froze?"), INDEX.lexical).is_of_other_years(text, published)


def test_the_documents_own_words_are_not_those_of_the_people_in_it():
    question = "How does the account describe the parade?"

    assert may_be_in(question, "The account calls the parade puny.")
    assert not may_be_in(question, "Gavin Newsom said that the parade was puny.")


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Who said that it was wrong?", True),
        ("who has called it an incitement", True),
        ("Who was it that warned of damage?", True),
        ("Who filed the suit?", False),
        ("What did they say?", False),
    ],
)
def test_a_question_may_be_who_said_something(question: str, asks: bool):
    assert asks_who_says(question) is asks


# --- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "with_it", "without"),
    [
        ("How many came?", "Dozens came.", "People came."),
        ("At what time does the curfew start?", "It starts at 8 p.m.", "Karen Bass extended the curfew by two days."),
        ("How much did the parade cost?", "It cost $40 million.", "The parade was expensive."),
        ("How much was Lee's bail?", "It was set at 250,000.", "The 24-page indictment was read."),
        ("How much does a sword cost?", "Sword, 15 gp", "A 6-foot sword."),
        ("What percentage of workers left?", "Half of them left.", "Workers left."),
        ("How long will it last?", "It lasts until Friday.", "It is necessary."),
        ("When did it start?", "It started after the raid.", "Karen Bass extended it."),
        ("What is the case number?", "The case is 25-cv-4870.", "California filed a suit."),
        ("How old is she?", "She is 71.", "She is old."),
        ("max total size of an upload", "Files of up to 5 MB are taken.", "Large files are refused."),
        ("default scan interval?", "It scans every hour, every day.", "The interval between scans, in seconds."),
        ("which udp port does discovery use", "It uses 21027/UDP.", "It uses UDP."),
        ("oldest android version that works", "It needs Android 8.1.", "The app is for Android."),
        ("in which version was it added", "It came with 1.2.", "It was added later."),
        ("what does a licence cost per seat", "It is free.", "Licences are sold by the seat."),
        ("price of the standard plan", "It is $4.", "The plan is cheap."),
    ],
)
def test_a_value_cannot_stand_where_there_is_none_of_its_kind(question: str, with_it: str, without: str):
    assert may_be_in(question, with_it)
    assert not may_be_in(question, without)


@pytest.mark.parametrize(
    "question",
    [
        "What is the maximum security prison called?",
        "default time format in templates",
        "Which version of the story is true?",
        "Which port did they leave from?",
        "What is the largest city?",
        "Who limits the rate?",
    ],
)
def test_what_only_sounds_like_a_figure_may_stand_anywhere(question: str):
    assert may_be_in(question, "They have a name for it.")


@pytest.mark.parametrize("question", ["How much did it help?", "What happened?", "Who came?", "How does it end?"])
def test_other_questions_need_no_value(question: str):
    assert may_be_in(question, "People came.")


# --- offices ---------------------------------------------------------------------------------------

CABINET = (
    "Trump told Attorney General Pam Bondi, Defense Secretary Pete Hegseth and Homeland Security Secretary Kristi Noem."
)


def held(question: str, sentence: str, present: str = "") -> str | None:
    office = Office.of(question)
    span = office.held_in(sentence, frozenset(present.split())) if office else None
    return sentence[slice(*span)] if span else None


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("Who is the attorney general?", CABINET, "Pam Bondi"),
        ("Who runs Homeland Security?", CABINET, "Kristi Noem"),
        ("who holds the office of defense secretary", CABINET, "Pete Hegseth"),
        ("Who is Pam Bondi?", CABINET, "Attorney General"),
        ("What is Kristi Noem's job?", CABINET, "Homeland Security Secretary"),
        ("Who is Stephen Miller?", "Stephen Miller, deputy chief of staff, spoke.", "deputy chief of staff"),
        (
            "Who is Stephen Miller?",
            "White House deputy chief of staff Stephen Miller spoke.",
            "White House deputy chief of staff",
        ),
        ("Who is the White House chief of staff?", "White House chief of staff Susie Wiles spoke.", "Susie Wiles"),
        ("Who is Ana Ruiz?", "It was said that Ana Ruiz spoke.", None),
        ("Who is the Secretary of State?", CABINET, None),
        ("Who is the surgeon general?", CABINET, None),
        ("Who came?", CABINET, None),
        ("What is the job?", CABINET, None),
    ],
)
def test_a_title_before_a_name_or_a_description_behind_it_says_who_holds_an_office(
    question: str, sentence: str, found: str | None
):
    assert held(question, sentence) == found


def test_what_else_is_asked_of_an_office_has_to_be_there():
    sentence = "Mayor Karen Bass extended the curfew."

    assert held("Who is the mayor of Chicago?", sentence) is None
    assert held("Who is the mayor of Chicago?", sentence, "chicago curfew") == "Karen Bass"


def test_the_holder_of_another_office_of_that_name_is_another():
    assert Office(frozenset(["secretari", "state"]), frozenset()).is_another_in(CABINET)
    assert not Office(frozenset(["surgeon"]), frozenset()).is_another_in(CABINET)


# --- what something is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "sentence", "share"),
    [
        ("What is a curfew?", "A curfew keeps people at home.", 1.0),
        ("what are curfews", "The **Curfew** is a rule.", 1.0),
        ("What is a curfew?", "The mayor of the city extended the curfew.", 0.0),
        ("What is the sad curfew?", "A curfew is a rule.", 0.5),  # both terms are as rare
        ("What is a troop?", "A troop is a part of an army.", 0.5),  # half of the heading's two terms
        ("What is an army?", "An army is large.", 0.0),  # no name of anything here
    ],
)
def test_a_sentence_introduces_what_it_begins_with_where_that_is_the_name_of_its_section(
    question: str, sentence: str, share: float
):
    names = [frozenset[str](), frozenset(["curfew"]), frozenset(["troop", "guard"])]

    found = Wanted.of(QuestionForm.of(question), INDEX.lexical).introduced(sentence, names)

    assert found == pytest.approx(share)


PIECES = "who what did does is was say said call according to by in of the Bass mayor not 1st 1900 year ? , ’s".split()


@given(st.lists(st.sampled_from(["", *PIECES])).map(" ".join) | st.text(max_size=60), st.text(max_size=60))
def test_any_question_can_be_read_and_held_against_any_sentence(question: str, sentence: str):
    wanted = Wanted.of(QuestionForm.of(question or "?"), INDEX.lexical) if question.split() else None
    words, office = Words.of(question), Office.of(question)

    assert words is None or words.may_be_in(sentence, voice_of(sentence)) in (True, False)
    assert office is None or office.held_in(sentence, frozenset()) is None or sentence
    assert wanted is None or wanted.may_be_in(sentence, voice_of(sentence, [sentence])) in (True, False)


@pytest.mark.parametrize(
    ("sentence", "by"),
    [
        ("Mayor Karen Bass has seen the curfew.", True),
        ("On Sunday, Bass saw it.", True),
        ("Mayor Karen Bass, who has said Sunday that it goes on.", True),
        ("They saw Karen Bass, who has said so.", False),
        ("Gavin Newsom saw Bass.", False),
        ("", False),
    ],
)
def test_whose_words_are_wanted_may_be_what_a_sentence_is_about(sentence: str, by: bool):
    words = Words.of("What did Karen Bass say?")

    assert words is not None
    assert words.are_by_subject_of(sentence) is by


def test_a_report_is_of_the_year_and_the_month_in_which_it_was_published():
    wanted = Wanted.of(QuestionForm.of("Who froze in the March 1900 storm?"), INDEX.lexical)
    assert wanted.dated(date(1900, 3, 2)) == {"march", "1900"}
    assert wanted.dated(date(1900, 6, 2)) == {"1900"}
    assert not wanted.dated(date(1901, 6, 2))


@pytest.mark.parametrize("sentence", ["It closes on Monday.", "It closes at 5 pm.", "It closes on Monday at noon."])
def test_who_asks_for_two_kinds_of_values_may_be_given_either(sentence: str):
    assert may_be_in("On what day and at what time does it close?", sentence)
    assert not may_be_in("On what day and at what time does it close?", "It closes.")
