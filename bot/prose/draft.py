"""What a model wrote, read strictly: one sentence a line, each with the numbers of the quotations it rests on."""

import re
import unicodedata
from dataclasses import dataclass

from embeddings.messages import Message

MOST_SENTENCES = 6
MOST_CHARACTERS = 240
"""Of a sentence."""
MOST_LINES = 40
"""Lines that are looked at."""
MOST_NAMED = 8
"""Quotations that one sentence may name."""

OFF_FORM = Message("It does not end with the numbers of its quotations.")
NOT_THERE = Message("It names a quotation that is not there.")
TOO_LONG = Message("It is longer than {most} characters.", most=MOST_CHARACTERS)
TOO_MANY = Message("It comes after {most} sentences.", most=MOST_SENTENCES)
MARKED_UP = Message("It holds a link, a mention or mark-up.")
NO_TEXT = Message("It holds signs that are no text.")
TWICE = Message("It was said before.")
CUT_OFF = Message("The model was cut off.")

_STEP = re.compile(r"([0-9]{1,2})[.)] ")
_NUMBERS = re.compile(r"[0-9]{1,3}(?:, ?[0-9]{1,3}){0,15}")
_LIST_MARKS = ("- ", "* ", "+ ", "# ", "## ", "### ", "> ", "• ", "|")
_MARKUP = (
    *("**", "__", "~~", "||", "`", "](", "<@", "<#", "<:", "<a:", "<t:", "</", "://", "www.", "discord.gg", "mailto:"),
    *("@everyone", "@here"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence of a model's and the numbers (from 1) of the quotations it says it rests on."""

    text: str
    numbers: tuple[int, ...]
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that is not shown, and why: a short sentence for people."""

    text: str
    reason: Message


def parse_drafts(text: str, spans: int, finished: bool = True) -> tuple[list[Draft], list[Dropped]]:
    """The sentences of a reply of one a line, `text [3,7]`, a step behind its number; and the lines off that form.

    Numbers are those of `spans` quotations, from 1 on. The last line of a reply that is not finished is dropped.
    """
    drafts: list[Draft] = []
    dropped: list[Dropped] = []
    lines = [line for each in text.splitlines() if (line := " ".join(each.split()))]
    for number, line in enumerate(lines[:MOST_LINES], 1):
        draft = _draft(line)
        reason = _off(line, draft, spans, drafts) if finished or number < len(lines) else CUT_OFF
        if draft is None or reason:
            dropped.append(Dropped(_shown(line), reason or OFF_FORM))
        else:
            drafts.append(draft)
    return drafts, dropped


def without_thoughts(text: str) -> str:
    """A reply without the thoughts that some models write before it, between <think> and </think>."""
    text = text.strip()
    return text.partition("</think>")[2].strip() if text.startswith("<think>") else text


def _draft(line: str) -> Draft | None:
    """A line as a sentence and its numbers; None where it is off form."""
    numbered = _STEP.match(line)
    step = int(numbered[1]) if numbered else None
    rest, stop = _without_stop(line[numbered.end() :] if numbered else line)
    numbers: list[int] = []
    while rest.endswith("]"):
        before, _, inside = rest[:-1].rpartition("[")
        if not _NUMBERS.fullmatch(inside.strip()):
            return None
        numbers[:0] = [int(number) for number in inside.split(",")]
        rest = before.rstrip()
    if not rest or not numbers:
        return None
    return Draft(rest if rest[-1] in ".!?:" else rest + stop, tuple(dict.fromkeys(numbers)), step)


def _without_stop(text: str) -> tuple[str, str]:
    """A text without the full stop behind its brackets, and that stop, as in "The office opens at nine [2]."."""
    return (text[:-1].rstrip(), ".") if text.endswith("].") else (text, "")


def _off(line: str, draft: Draft | None, spans: int, before: list[Draft]) -> Message | None:
    """Why a line cannot be taken for a sentence; None where it can."""
    if not all(_is_text(character) for character in line):
        return NO_TEXT
    if line.startswith(_LIST_MARKS) or any(mark in line.lower() for mark in _MARKUP):
        return MARKED_UP
    if draft is None:
        return OFF_FORM
    if len(draft.text) > MOST_CHARACTERS:
        return TOO_LONG
    if len(draft.numbers) > MOST_NAMED or not all(1 <= number <= spans for number in draft.numbers):
        return NOT_THERE
    if any(draft.text.casefold() == other.text.casefold() for other in before):
        return TWICE
    return TOO_MANY if len(before) >= MOST_SENTENCES else None


def _is_text(character: str) -> bool:
    """Whether a character shows as itself: no control, no mark that turns lines round or hides, nothing unassigned."""
    return unicodedata.category(character)[0] != "C"


def _shown(line: str) -> str:
    """A line that was dropped, as it may be shown."""
    text = "".join(character for character in line[: MOST_CHARACTERS + 1] if _is_text(character))
    return text if len(line) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
