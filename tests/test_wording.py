"""What is made of a question as people type it: greetings, shorthand, slips of the keyboard, names in lower case."""

import pytest
from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from bot.question.wording import Wording
from embeddings.searching.lexical import Lexical
from embeddings.searching.vocabulary import Vocabulary

ENGLISH = frozenset("may ice portland mayor marry gold reckon rode".split())
TEXTS = [
    "Mayor Karen Bass of Los Angeles extended a curfew. In Los Angeles, Governor Gavin Newsom left New York City.",
    "The marines were told in March. Officials of the National Guard said that 4,000 arrests were made in Los Angeles.",
    "The Department of Health will march. ICE made arrests; the Department of Health did not. New York City is large, "
    "larger than New York City was. A Department of Health has to help in Los Angeles.",
]


def of(texts: list[str]) -> Wording:
    documents = [document(str(n), text) for n, text in enumerate(texts)]
    return Wording(Vocabulary.of(documents), Lexical.of(texts), is_word=ENGLISH.__contains__)


@pytest.fixture(scope="module")
def wording() -> Wording:
    return of(TEXTS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how many arests were made", "how many arrests were made"),
        ("who extended the curfiew?", "who extended the curfew?"),
        ("the govenor spoke", "the governor spoke"),
        ("natl gaurd arrests", "national Guard arrests"),
        ("how many ppl came", "how many people came"),
        ("is it open tmrw", "is it open tomorrow"),
        ("How many troops in LA?", "How many troops in Los Angeles?"),
        ("who marched in NYC", "who marched in New York City"),
        ("what did the DOH do", "what did the Department of Health do"),
    ],
)
def test_shorthand_slips_and_initials_become_the_words_of_the_documents(wording: Wording, typed: str, meant: str):
    understood = wording.understand(typed)

    assert understood.text.lower() == meant.lower()
    assert understood.changed == understood.text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Whats the curfew", "what's the curfew"),
        ("im in oslo and dont know whos the governor", "i'm in oslo and don't know who's the governor"),
        ("were there arrests, and its cause", "were there arrests, and its cause"),
        ("wtf is a bridge", "what is a bridge"),
        ("how the hell is it open w/o a bridge", "how is it open without a bridge"),
        ("is it open b4 noon", "is it open before noon"),
        ("it is open wtf", "it is open wtf"),
    ],
)
def test_what_is_put_in_or_left_out_without_being_worth_showing(wording: Wording, typed: str, meant: str):
    understood = wording.understand(typed)

    assert understood.text.lower() == meant.lower()
    assert understood.changed is None


def test_a_contraction_is_one_whatever_documents_hold():
    assert of(["The whats and the whys."]).understand("whats new").text == "what's new"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("what licence does it have", "It has an MIT license."),
        ("which colours are there", "There are three colors."),
        ("can i customize it", "You can customise it."),
        ("is it licensed", "It is licensed."),
        ("where is the center", "It is in the centre."),
        ("are items labelled", "Items are labeled."),
        ("analyze the catalog", "Analyse the catalogue."),
    ],
)
def test_either_english_is_understood(typed: str, written: str):
    understood = of([written]).understand(typed)

    assert set(understood.text.lower().split()) & set(written.lower().rstrip(".").split()) - {"is", "it", "the"}


@pytest.mark.parametrize(
    "typed",
    [
        "Did Portland have a curfew?",  # a word of the language, though no document has it
        "who is the mayor",
        "Who marched in Oslo?",  # too short to be a slip of anything
        "Is it 4,000?",
        "Who are the curfewless?",  # a word of its own
        "WHAT DID ICE DO",
        "¿Qué?",
    ],
)
def test_what_may_be_meant_as_it_stands_is_left(wording: Wording, typed: str):
    assert wording.understand(typed).changed is None


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("hi bot, good morning :) who spoke", "who spoke"),
        ("ok so who spoke?", "who spoke?"),
        ("Hello there! Thanks again. Who spoke?", "Who spoke?"),
        ("who spoke to karen bass in new york city", "who spoke to Karen Bass in New York City"),
        ("was gavin newsom in los angeles?", "was Gavin Newsom in Los Angeles?"),
        ("Hit the road", "Hit the road"),
        ("hi", "hi"),
        ("", ""),
    ],
)
def test_a_greeting_goes_and_names_get_their_capitals_without_a_word(wording: Wording, typed: str, asked: str):
    understood = wording.understand(typed)

    assert (understood.text, understood.changed) == (asked, None)


def test_words_that_documents_write_both_ways_keep_the_case_they_were_typed_in(wording: Wording):
    assert wording.understand("when did they march").text == "when did they march"


def test_initials_that_the_documents_use_themselves_stand_for_a_name_that_they_use_far_more():
    assert of(["Los Angeles. " * 3 + "LA."]).understand("rain in LA").text == "rain in Los Angeles"
    assert of(["Los Angeles. " * 2 + "LA."]).understand("rain in LA").changed is None


def test_initials_of_several_names_stand_for_none():
    wording = of(["Los Angeles and Los Alamos. In Los Alamos and in Los Angeles it rained."])

    assert wording.understand("rain in LA").changed is None


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_read_again(typed: str):
    wording = of(TEXTS)

    understood = wording.understand(typed)
    assert understood.changed in (None, understood.text)


@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_any_documents_give_their_words(texts: list[str]):
    assert of(texts).understand("How many goats?").text


@pytest.mark.parametrize("typed", ["hi " * 5_000 + "troops", "arests " * 5_000, "x" * 50_000])
def test_a_question_too_long_to_be_searched_for_is_not_read(wording: Wording, typed: str):
    understood = wording.understand(typed)

    assert (understood.text, understood.changed) == (typed, None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("who reckoned so", "who reckoned so"),
        ("they overrode it", "they overrode it"),
        ("who resoned so", "who reasoned so"),
    ],
)
def test_a_word_with_an_ending_or_another_in_front_is_no_slip(typed: str, meant: str):
    assert of(["They reasoned that it would override them."]).understand(typed).text == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DMing for a necromancer", "DMing for a necromancer"),
        ("dming for necromansy", "doing for necromancy"),
        ("who is the photographer", "who is the photographer"),
    ],
)
def test_initials_with_an_ending_and_who_does_a_thing_are_no_slips(typed: str, meant: str):
    assert of(["She is doing necromancy and photography."]).understand(typed).text == meant


@pytest.mark.parametrize(
    ("typed", "put"),
    [
        ("you stupid bot, how late is it", "how late is it"),
        ("Bot: how late is it", "how late is it"),
        ("hey useless footnote!! how late is it", "how late is it"),
        ("curfew bot, how late is it", "curfew bot, how late is it"),  # what documents know may be what is asked about
        ("is the bot, on Sunday, late", "is the bot, on Sunday, late"),
        ("how late is the bot, on Sunday", "how late is the bot, on Sunday"),
        ("bot", "bot"),
    ],
)
def test_what_the_bot_is_called_is_no_part_of_a_question(wording: Wording, typed: str, put: str):
    assert wording.understand(typed).text == put
