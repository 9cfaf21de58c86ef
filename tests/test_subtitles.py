"""Subtitles and transcripts of recordings: what is said, who says it, and when."""

from collections.abc import Callable

import pytest

from embeddings.reading.formats import Draft, Unreadable
from embeddings.reading.subtitles import read_subtitles
from embeddings.splitting.turns import turns


def read(text: str) -> str:
    (draft,) = read_subtitles(text.encode(), "call")
    assert isinstance(draft, Draft)
    return draft.text


def cues(*said: tuple[float, str], point: str = ".") -> list[str]:
    """Captions of a second each, with the second at which each begins."""
    times = [[f"00:00:{at:06.3f}".replace(".", point) for at in (start, start + 1)] for start, _ in said]
    return [f"{start} --> {end}\n{text}" for (start, end), (_, text) in zip(times, said, strict=True)]


def vtt(*said: tuple[float, str]) -> str:
    return "\n\n".join(("WEBVTT", *cues(*said))) + "\n"


def srt(*said: tuple[float, str]) -> str:
    return "\n\n".join(f"{number}\n{cue}" for number, cue in enumerate(cues(*said, point=","), 1)) + "\n"


def test_the_captions_of_one_speaker_are_a_paragraph_that_begins_with_name_and_time():
    text = vtt((1, "<v Ana Berg>I think so."), (2, "<v Ana Berg>We <i>wait</i> &amp; see.</v>"), (3, "<v.loud Bo>No."))

    assert read(text) == "**Ana Berg** (00:00:01): I think so. We wait & see.\n\n**Bo** (00:00:03): No."


def test_each_voice_of_a_caption_is_a_speaker():
    cue = "<v Ana>Where are\nwe?</v>\n<v Bo>In the cellar.</v> <v Ana>Oh.</v>\n- Ssh!"

    assert read(vtt((1, cue))).split("\n\n") == [
        "**Ana** (00:00:01): Where are we?",
        "**Bo** (00:00:01): In the cellar.",
        "**Ana** (00:00:01): Oh.",
        "**Somebody** (00:00:01): Ssh!",
    ]


@pytest.mark.parametrize("form", [vtt, srt])
def test_names_that_come_again_before_a_colon_are_speakers(form: Callable[..., str]):
    said = ((1, "Ana Berg: Are we"), (2, "late?"), (3, "Bo: No."), (4, "Ana Berg: Then wait: now"), (5, "- Bo: I do"))

    assert read(form(*said)).split("\n\n") == [
        "**Ana Berg** (00:00:01): Are we late?",
        "**Bo** (00:00:03): No.",
        "**Ana Berg** (00:00:04): Then wait: now",
        "**Bo** (00:00:05): I do",
    ]


def test_a_name_that_comes_once_is_a_word():
    assert read(srt((1, "Note: it is late"), (2, "So wait"))) == "(00:00:01) Note: it is late So wait"


def test_a_dash_begins_what_somebody_else_says():
    assert read(srt((1, "- Are we late?\n- No, we"), (2, "wait"))).split("\n\n") == [
        "(00:00:01) Are we late?",
        "(00:00:01) No, we wait",
    ]
    named = read(vtt((1, "<v Ana>Are we late?"), (2, "- No.")))
    assert named.split("\n\n")[1] == "**Somebody** (00:00:02): No."


def test_a_line_that_a_scrolling_caption_repeats_stands_once():
    scrolling = vtt((1, " \nhello<00:00:01.500><c> all</c>"), (2, "hello all\n "), (3, "hello all\nwelcome back"))

    assert read(scrolling) == "(00:00:01) hello all welcome back"


def test_a_pause_or_much_that_was_said_begins_a_paragraph():
    assert read(srt((1, "One"), (2, "Two"), (40, "Three"))) == "(00:00:01) One Two\n\n(00:00:40) Three"
    much = read(srt(*((second, f"Sentence {second} of six words here.") for second in range(1, 50))))
    assert [len(paragraph.split()) for paragraph in much.split("\n\n")] == [67, 67, 67, 67, 31]
    endless = read(srt(*((second, f"and {second} words that never come to any end") for second in range(1, 50))))
    assert max(len(paragraph.split()) for paragraph in endless.split("\n\n")) == 154


def test_what_is_read_is_a_transcript():
    lines = ["I think so.", "We wait.", "I do not.", "Thanks.", "I am late."]
    text = read(vtt(*((n, f"<v {('Ana Berg', 'Bo')[n % 2]}>{line}") for n, line in enumerate(lines))))

    assert [turn.speaker for turn in turns(text)] == ["Ana Berg", "Bo", "Ana Berg", "Bo", "Ana Berg"]
    assert text[turns(text)[1].said :].startswith("We wait.")


@pytest.mark.parametrize("text", ["", "WEBVTT\n", "hello", "WEBVTT\n\na --> b\nc\n", "1\n00:00:xx --> 3\nhello\n"])
def test_what_holds_no_captions_is_refused(text: str):
    with pytest.raises(Unreadable):
        list(read_subtitles(text.encode(), "call"))
