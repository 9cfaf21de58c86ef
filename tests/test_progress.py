"""Progress in a terminal and outside one, and text that cannot drive a terminal."""

import io
import re

import pytest
from rich.console import Console

from embeddings import progress
from embeddings.progress import Bar, plain


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """The time that bars see, in seconds."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_long_work_prints_a_line_every_few_seconds_with_its_rate_and_the_time_left(capsys, clock):
    with Bar(Console(stderr=True)) as bar:
        for done in range(0, 1001, 10):
            bar.show("passages", done, 1000)
            clock[0] += 0.5

    assert capsys.readouterr().err.splitlines() == [
        "passages: 110 of 1,000, 20 a second, 44 s left",
        "passages: 220 of 1,000, 20 a second, 39 s left",
        "passages: 330 of 1,000, 20 a second, 34 s left",
        "passages: 440 of 1,000, 20 a second, 28 s left",
        "passages: 550 of 1,000, 20 a second, 22 s left",
        "passages: 660 of 1,000, 20 a second, 17 s left",
        "passages: 770 of 1,000, 20 a second, 12 s left",
        "passages: 880 of 1,000, 20 a second, 6 s left",
        "passages: 990 of 1,000, 20 a second, 0 s left",
        "passages: 1,000 of 1,000",
    ]


def test_slow_work_says_how_long_it_will_take(capsys, clock):
    with Bar(Console(stderr=True)) as bar:
        for done in range(3):
            bar.show("reading", done, 1000)
            clock[0] += 6

    assert capsys.readouterr().err.splitlines() == [
        "reading: 1 of 1,000, 99 min 54 s left",
        "reading: 2 of 1,000, 99 min 48 s left",
    ]


def test_what_is_done_at_once_is_one_line_however_often_it_is_shown(capsys, clock):
    with Bar(Console(stderr=True)) as bar:
        for done in range(1, 5001):
            bar.show("passages", done, 5000)
            bar.show("sentences", min(done, 2500), 2500) if done <= 2500 else None

    assert capsys.readouterr().err.splitlines() == ["sentences: 2,500 of 2,500", "passages: 5,000 of 5,000"]


def test_each_stage_has_its_own_rate(capsys, clock):
    with Bar(Console(stderr=True)) as bar:
        bar.show("passages", 0, 100)
        clock[0] += 60
        bar.show("sentences", 0, 300)
        clock[0] += 10
        bar.show("sentences", 100, 300)

    assert capsys.readouterr().err.splitlines() == ["sentences: 100 of 300, 10 a second, 20 s left"]


def seen(screen: io.StringIO) -> list[str]:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).replace("\r", "\n").rstrip().splitlines()


def test_in_a_terminal_progress_is_a_bar(capsys):
    screen = io.StringIO()

    with Bar(Console(file=screen, force_terminal=True, width=80)) as bar:
        bar.show("passages", 3, 12)
        bar.show("passages", 12, 12)

    assert re.search(r"passages\s+━+ 12/12", seen(screen)[-1])
    assert capsys.readouterr() == ("", "")


def test_a_bar_shows_how_many_a_second(monkeypatch):
    screen = io.StringIO()
    with Bar(Console(file=screen, force_terminal=True, width=80)) as bar:
        monkeypatch.setattr(progress.time, "monotonic", iter([100.0, 110.0]).__next__)
        bar.show("passages", 0, 50_000)
        bar.show("passages", 12_000, 50_000)
        monkeypatch.undo()

    assert re.search(r"passages\s+━+.* 12000/50000 1,200/s ", seen(screen)[-1])


def test_an_error_ends_the_bar_and_is_raised():
    screen = io.StringIO()

    with pytest.raises(KeyboardInterrupt), Bar(Console(file=screen, force_terminal=True, width=80)) as bar:
        bar.show("passages", 3, 12)
        raise KeyboardInterrupt

    assert screen.getvalue().endswith("\x1b[?25h")  # the cursor is back


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve 👍🏽\tand\nso on", "naïve 👍🏽\tand\nso on"),
        ("\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("one\r\ntwo\rthree", "one \ntwo\ufffdthree"),
        ("a\u202eb\u2066c\x9bd", "a\ufffdb\ufffdc\ufffdd"),
    ],
)
def test_text_cannot_drive_the_terminal_and_keeps_its_places(text, shown):
    assert plain(text) == shown
    assert len(plain(text)) == len(text)
