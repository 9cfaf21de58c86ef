"""Who speaks when in a transcript, and which texts are none."""

import time
from itertools import pairwise

import pytest
from fakes import FakeEncoder, FakeReader, answerer, document, opened
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.answers import Answer, Question
from bot.checking.claims import Checker
from bot.english.voices import Voice, VoiceKind, voice_in
from embeddings.splitting.passages import split, text_for_encoder
from embeddings.splitting.turns import turn_at, turns

FAKE = FakeEncoder()
LINES = (
    ("Ana Berg", "I am sure that the bridge is safe."),
    ("Bo", "We heard otherwise."),
    ("Ana Berg", "Then I ask you to show me."),
    ("Bo", "Okay, I will."),
    ("Ana Berg", "Thanks, that is all I ask."),
)
FORMS = {
    "name, colon": "{0}: {1}",
    "bold, colon within": "**{0}:** {1}",
    "bold, colon behind": "**{0}**: {1}",
    "bold, time in brackets, dash": "**{0}** (39:55) - {1}",
    "bold, time with a link": "**{0}** [1:17:33](https://example.org/watch?v=1&t=5s): {1}",
    "bold, alone with a link in brackets": "**{0}** ([1:17:33](https://youtu.be/a?t=4653))\n{1}",
    "bold, alone on its line": "**{0}**\n{1}",
    "bold, a colon at its end, alone": "**{0}:**\n{1}",
    "in a list": "* {0}:\n {1}",
    "a time behind": "{0}: 00:01:30\n\n{1}",
    "a time before": "[12:30] {0}: {1}",
    "a date and a time before": "01/02/24, 12:30 - {0}: {1}",
    "Discord's": "{0} — 11/29/2026 12:30 PM\n{1}",
    "Discord's of that day": "{0} — Today at 12:30 PM\n{1}",
    "an exporter's": "[11/29/2026 12:30 PM] {0}\n{1}",
    "Slack's": "{0}  12:30 PM\n{1}",
    "a telephone's": "[29/11/2026, 12:30:45] {0}: {1}",
    "a chat's": "11:03:22 From {0} to Everyone: {1}",
    "whom for": "{0} (City of Oslo): {1}",
    "an office behind": "**{0}, mayor:** {1}",
}


def transcript(form: str, lines: tuple[tuple[str, str], ...] = LINES) -> str:
    return "\n\n".join(form.format(*line) for line in lines)


def said(text: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, text[turn.said : turn.end].strip()) for turn in turns(text)]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_of_a_label_names_who_speaks(form):
    assert said(transcript(form)) == list(LINES)


@pytest.mark.parametrize(
    "name", ["THE CHAIR", "Mr. Berg", "SEN. BERG", "Speaker 2", "Aaron van Loon", "J.-P. Élan", "pk910"]
)
def test_whoever_speaks_is_named_as_the_text_does(name):
    lines = tuple((name if who == "Bo" else who, text) for who, text in LINES)

    assert said(transcript("{0}: {1}", lines)) == list(lines)


def test_nicknames_between_angle_brackets_speak_in_a_chat():
    lines = tuple((name.split()[0].lower(), text) for name, text in LINES)

    assert said(transcript("[12:30] <{0}> {1}", lines)) == list(lines)
    assert said(transcript("12:30 <@{0}> {1}", lines)) == list(lines)


def test_what_follows_in_further_paragraphs_is_still_his():
    text = transcript("{0}: {1}") + "\n\nThe river rises."

    assert said(text)[-1] == ("Ana Berg", "Thanks, that is all I ask.\n\nThe river rises.")


@pytest.mark.parametrize("across", ["## Next item", "---"])
def test_a_heading_or_a_line_across_ends_a_turn(across):
    text = f"{transcript('{0}: {1}')}\n\n{across}\n\nThe council met in May."

    assert said(text)[-1] == LINES[-1]
    assert turn_at(turns(text), text.index("The council")) is None


def test_who_speaks_once_speaks_too_where_others_do_again():
    text = transcript("{0}: {1}", (*LINES, ("Cleo", "I was late.")))

    assert said(text)[-1] == ("Cleo", "I was late.")


def test_a_label_that_is_a_word_of_the_text_ends_a_turn_but_names_nobody():
    text = transcript("{0}: {1}", (*LINES, ("Decision", "It was a decision to wait.")))

    assert said(text)[-1] == (None, "It was a decision to wait.")
    assert turn_at(turns(text), len(text) - 1) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The mayor said: we wait.\n\nThe council said: we do not.",
        "\n\n".join(f"**Type:** String\n**Default:** {n}\n**Description:** What we set for you." for n in range(6)),
        "\n\n".join(f"Note: I save {n} files.\n\nWarning: a note says that we lose them." for n in range(2)),
        "\n\n".join("Q: Can I leave?\n\nA: Yes, we let you." for _ in range(6)),
        "\n\n".join(f"Step {n}: open my page.\n\nResult: we see it." for n in range(6)),
        "```\n" + transcript("{0}: {1}") + "\n```",
        "\n".join(f"Oslo: {n}\nBergen: {n + 1}" for n in range(9)),
        "\n".join("https://example.org/me\nhttp://example.com/my" for _ in range(5)),
    ],
    ids=["empty", "reported", "settings", "notes", "an FAQ", "steps", "code", "a list", "addresses"],
)
def test_what_is_no_transcript_has_no_turns(text):
    assert turns(text) == ()


@given(
    st.lists(st.sampled_from(["Ana: I am.", "**Bo** (1:2)", "\n", "Bo:", "# A", "> ", "---", "I", "```", "[1:20] "]))
)
def test_turns_follow_each_other(parts):
    text = "\n".join(parts)

    found = turns(text)

    assert all(0 <= turn.start <= turn.said <= turn.end <= len(text) for turn in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_a_long_transcript_is_read_quickly():
    text = transcript("**{0}** (39:55) - {1}", LINES * 2000)
    began = time.process_time()

    assert len(turns(text)) == 10_000

    assert time.process_time() - began < 10


# --- passages and voices -------------------------------------------------------------------------


def test_the_speaker_of_a_turn_speaks_in_place_of_the_document():
    index = opened([document("a", transcript("{0}: {1}"))]).index
    spoken = {
        passage.text[span.start - passage.start : span.end - passage.start]: voice_in(passage, span, index)
        for passage in index.passages
        for span in passage.sentences
    }

    assert spoken["Bo: We heard otherwise."] == Voice(VoiceKind.SPEAKER, "Bo")
    assert spoken["Ana Berg: Then I ask you to show me."] == Voice(VoiceKind.SPEAKER, "Ana Berg")


def test_somebody_whom_a_speaker_quotes_speaks_for_himself():
    lines = (*LINES, ("Bo", "The mayor said that the bridge was closed."))
    index = opened([document("a", transcript("{0}: {1}", lines))]).index
    *_, last = index.passages

    assert voice_in(last, last.sentences[-1], index) == Voice(VoiceKind.SPEAKER, "the mayor")


def test_lines_of_one_paragraph_are_sentences_of_their_own():
    text = "\n".join(f"{name}: {words.rstrip('.')}" for name, words in LINES)
    sentences = [text[slice(*span)] for passage in split(document("a", text), FAKE) for span in passage.sentences]

    assert list(dict.fromkeys(sentences)) == text.splitlines()


def test_a_passage_that_begins_in_a_turn_is_encoded_with_who_speaks():
    long = " ".join(f"I say that this is sentence number {n} of mine." for n in range(400))
    passages = split(document("a", transcript("{0}: {1}", (*LINES, ("Ana Berg", long)))), FAKE)

    assert passages[0].speaker == ""
    assert passages[-1].speaker == "Ana Berg"
    assert text_for_encoder("Minutes", passages[-1], FAKE).startswith("Minutes\nAna Berg\n")
    assert all(len(FAKE.token_spans([text_for_encoder("Minutes", one, FAKE)])[0]) <= 254 for one in passages)


# --- answers -------------------------------------------------------------------------------------

MINUTES = """Ana Berg: I think that the bridge has to be closed for the winter. The deck is cracked.

Bo: We heard otherwise. The bridge is safe in my opinion, and the engineers of the harbour agree with me.

Ana Berg: Then I ask you to show me what they wrote.

Bo: Okay, I will. The budget is another matter, of which we have to speak in May.

CD: Thanks. I would like to say that the bridge is a monument.

Bo: I know.

CD: We all know."""


@pytest.mark.parametrize(
    ("question", "speaker", "words"),
    [
        ("What did Bo say about the bridge?", "Bo", "The bridge is safe in my opinion"),
        ("What did Ana Berg say about the bridge?", "Ana Berg", "the bridge has to be closed"),
        ("What does Berg think about the bridge?", "Ana Berg", "the bridge has to be closed"),
        ("What did Cleo Dahl say about the bridge?", "CD", "the bridge is a monument"),
        ("Why does Ana Berg want the bridge to be closed?", "Ana Berg", "the bridge has to be closed"),
        ("Is the bridge safe in the eyes of Bo?", "Bo", "The bridge is safe in my opinion"),
    ],
)
@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_what_somebody_says_of_a_thing_is_quoted_of_his_own_turn(question, speaker, words, threshold):
    answer = answerer([document("a", MINUTES)], threshold, FakeReader()).ask(Question(question))

    first = answer.statements[0].citation if isinstance(answer, Answer) else answer.nearest[0]
    turn = turn_at(turns(MINUTES), first.start)
    assert turn and turn.speaker == speaker and words in MINUTES[turn.start : turn.end]
    if isinstance(answer, Answer):
        assert {said.voice for said in answer.statements} == {Voice(VoiceKind.SPEAKER, speaker)}


def test_nicknames_in_small_letters_are_names_where_they_speak():
    chat = MINUTES.replace("Bo:", "bo_23:")
    answer = answerer([document("a", chat)], 0.0, FakeReader()).ask(Question("what did bo_23 say about the bridge"))

    assert isinstance(answer, Answer)
    assert {said.voice for said in answer.statements} == {Voice(VoiceKind.SPEAKER, "bo_23")}


@pytest.mark.parametrize("question", ["Who is Ana Berg?", "What did Ana Berg say?", "What did Mary Lee say about tea?"])
def test_without_a_topic_or_a_speaker_of_that_name_all_turns_are_searched(question):
    asked = answerer([document("a", MINUTES)], 0.5, FakeReader())._read(Question(question))

    assert not asked.speakers


def test_what_a_speaker_asks_is_no_answer():
    asking = MINUTES.replace("Ana Berg: Then I ask you to show me what they wrote.", "Ana Berg: Is the bridge safe?")
    answer = answerer([document("a", asking)], 0.0, FakeReader()).ask(
        Question("What did Ana Berg say: is the bridge safe?")
    )

    assert isinstance(answer, Answer)
    assert all(not said.citation.quote.endswith("?") for said in answer.statements)


def test_a_whole_turn_that_answers_is_said_by_its_speaker():
    answer = answerer([document("a", MINUTES)], 0.0, FakeReader()).ask(Question("How do I close the bridge?"))

    assert isinstance(answer, Answer)
    (said,) = answer.statements
    turn = turn_at(turns(MINUTES), said.citation.start)
    assert turn and said.voice == Voice(VoiceKind.SPEAKER, turn.speaker)
    assert said.citation.quote == MINUTES[turn.start : turn.end].strip()


def test_a_claim_is_borne_out_by_what_somebody_says_only_as_his_words():
    checker = Checker(answerer([document("a", MINUTES)], 0.5, FakeReader()))

    found = checker.check(Question("Bo said that the bridge is safe in his opinion.")).findings

    assert all(finding.statement.voice.kind is VoiceKind.SPEAKER for finding in found)
    assert not checker.check(Question("The bridge is a monument.")).findings


def test_no_sentence_of_a_list_is_of_two_speakers():
    said = "\n".join(f"  {name}: {words}" for name, words in LINES)
    (passage,) = split(document("a", f"- The meeting\n{said}"), FAKE)

    assert len(turns(passage.text)) == len(LINES)
    starts = {turn.start for turn in turns(passage.text)}
    assert not any(span.start < start < span.end for span in passage.sentences for start in starts)
