"""Messages that answer a question, and what such a message says of itself later."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from bot.answering.answers import Answer, Citation, NoAnswer, Statement
from bot.answering.extracts import StatementKind
from bot.checking.claims import Verdict
from bot.conversation import Reply
from bot.discord.language import _, day, everywhere, ngettext, percent
from bot.discord.markup import line, unescaped, unquoted
from bot.discord.page import (
    ANSWERED,
    DISPUTED,
    GONE,
    LOOKUP,
    MAX_TEXT,
    NAME,
    QUESTION,
    READ_AS,
    SILENT,
    WHY,
    Entry,
    Leaf,
    Mix,
    Page,
    Place,
    asked_lines,
    corpus_mark,
    fingerprint,
    foot_of,
    place_of,
)
from bot.discord.quotation import ALSO, LEAF, Cited, is_cut, place_note, statement_entries, voice_note
from bot.discord.verdict import verdict_page
from bot.english.voices import VoiceKind
from bot.prose.writer import Prose, Sentence
from bot.question.context import Turn
from bot.readable import as_read
from embeddings.errors import BadRequest
from embeddings.messages import Message
from embeddings.searching.index import Index
from embeddings.splitting.passages import Span

MOST_MIXED = 12
"""Sources that answer, in the state of a button."""
_VALUE, _SHORT, _SENTENCE, _DISAGREEMENTS = 100, 60, 500, 900
_SILENCE, _UNSURE = Message("Not in the documents."), Message("No sure answer.")


def answer_page(found: Answer | NoAnswer, receipt: str = "", size: int = MAX_TEXT) -> Page:
    """An answer, kept under the id `receipt`, in so many characters, or that there is none.

    A passage that is too long for one message has pages. Raises QuotationError rather than show what does not match.
    """
    question = asked_lines(found.question.text, found.read_as)
    foot = foot_of(found.searched, found.source, receipt)
    if isinstance(found, NoAnswer):
        return _silence_page(found, question, foot)
    head = f"{question}\n{_disagreements(found) if found.disagreements else _answered(found)}"
    also = [citation for said in found.statements for citation in said.also]
    for citation in also:
        citation.check()
    entries, forth = statement_entries(found.statements, size - len(head + foot)), None
    if is_cut(entries[0].texts[1]) and found.statements[0].kind is not StatementKind.SENTENCE:
        cited = Cited.of(found.statements[0].citation, voice_note(found.statements[0]))
        first = _leaf_page(cited, Leaf(_stretch(cited.citation), 0))
        block, page = first.entries[0].texts
        entries, forth = (Entry((block, f"{cited.note}\n{page}"), place_of(cited.citation)),), first.forth
    return Page(
        colour=DISPUTED if found.disagreements else ANSWERED,
        head=head,
        entries=entries,
        foot=foot,
        forth=forth,
        opens=tuple((citation.number, place_of(citation)) for citation in also),
        mix=_mix(found),
        receipt=receipt,
    )


def silence(found: NoAnswer) -> str:
    """That there is no answer, or none that is sure."""
    return _(_UNSURE if found.leads else _SILENCE)


def _silence_page(found: NoAnswer, question: str, foot: str) -> Page:
    """That there is none, and where one may stand: named, as nothing is claimed, with a button that opens each."""
    head = f"**{silence(found)}**\n{question}"
    if not found.nearest and not found.searched.silent:
        head += "\n" + _("No document fits the source and dates you asked for.")
    for citation, why in found.explained:
        citation.check()
        if why and citation.number == 1:
            head += "\n-# " + _("What comes nearest: {reason}").format(reason=line(_(why), WHY))
    if found.leads:
        head += "\n" + _("It may stand here:")
    entries = tuple(Entry((place_note(citation),), place_of(citation)) for citation in found.leads)
    nearest = () if entries else tuple(map(place_of, found.nearest))
    return Page(SILENT, head, entries, foot, mix=_mix(found), nearest=nearest)


def reply_page(given: Reply, receipt: str = "") -> Page:
    """An answer, kept under the id `receipt`, or a verdict. Raises QuotationError as `answer_page`."""
    return verdict_page(given) if isinstance(given, Verdict) else answer_page(given, receipt)


def comparison_page(found: Answer, receipt: str = "") -> Page:
    """What each source says, side by side, kept under the id `receipt`. Raises QuotationError as `answer_page`."""
    head = f"**{_('What each source says')}**\n-# {line(found.question.text, QUESTION)}"
    foot = foot_of(found.searched, found.source, receipt)
    entries = statement_entries(found.statements, MAX_TEXT - len(head + foot))
    return Page(LOOKUP, head, entries, foot, mix=_mix(found), receipt=receipt)


def leaf_page(index: Index, leaf: Leaf) -> Page:
    """A page of a long quotation to be put in the place of another: text and number, no head and no foot.

    One out of range is the last. Raises BadRequest where the index no longer has the quotation.
    """
    row = index.row_of.get(leaf.place.passage_id)
    passage = index.passages[row] if row is not None else None
    span = Span(passage.start + leaf.place.start, passage.start + leaf.place.end) if passage else Span(0, 0)
    siblings = index.passages_of[passage.document_id] if passage else ()
    ends = {end for each in siblings for _, end in each.sentences}
    starts = {start for start, _ in passage.sentences} if passage else set()
    if not passage or span.start not in starts or span.end not in ends or span.start >= span.end:
        raise BadRequest(GONE)
    return _leaf_page(Cited.of(Citation.of(index, 1, passage, span), ""), leaf)


def _leaf_page(cited: "Cited", leaf: Leaf) -> Page:
    leaves = cited.leaves()
    at = min(leaf.number, len(leaves) - 1)
    return Page(
        ANSWERED,
        "",
        (Entry((leaves[at].block(), "-# " + _("Page {number} of {pages}").format(number=at + 1, pages=len(leaves)))),),
        "",
        back=replace(leaf, number=at - 1) if at else None,
        forth=replace(leaf, number=at + 1) if at + 1 < len(leaves) else None,
    )


def note_of(text: str, page: str) -> str:
    """The note below a quotation with the number of another page of it, which is its last line."""
    return text.rpartition("\n")[0] + f"\n{page}"


def _stretch(citation: Citation) -> Place:
    """The whole quotation, be it beyond its passage."""
    first = citation.passage.start
    return Place(citation.passage.id, citation.start - first, citation.end - first)


def with_prose(page: Page, prose: Prose, dropped: bool = False) -> Page | None:
    """An answer's page with what a model wrote below the quotations, also what was `dropped` of it if that is wanted.

    None where nothing of it is to be shown, or there is no room for all of it: no quotation is cut for it.
    """
    if not prose.sentences:
        return None
    lines = [f"**{_('In other words')}**", *map(_sentence, prose.sentences)]
    if dropped:
        lines += [
            f"~~{line(each.text, _SENTENCE)}~~ · " + _("dropped: {reason}").format(reason=line(_(each.reason), WHY))
            for each in prose.dropped
        ]
    entry = Entry(("\n".join([*lines, f"-# {line(' · '.join(map(_, prose.notes)), WHY)}"]),))
    whole = replace(page, entries=(*page.entries, entry))
    longest = LEAF - len(page.entries[0].texts[0]) if isinstance(page.forth, Leaf) else 0
    texts = [whole.head, whole.foot, *(text for each in whole.entries for text in each.texts)]
    if len("".join(texts)) + longest <= MAX_TEXT:
        return whole
    return with_prose(page, prose) if dropped else None


def _sentence(one: Sentence) -> str:
    step = f"{one.step}\\. " if one.step else ""
    numbers = ", ".join(f"**{number}**" for number in one.citations)
    return f"{step}{line(one.text, _SENTENCE)} · " + _("supported by {numbers}").format(numbers=numbers)


def turn_in(texts: Sequence[str]) -> Turn | None:
    """What a message of `reply_page` answers and quotes, by its texts from top to bottom; None for any other message.

    What was cut to fit is not in it, nor are the passages that come near but do not answer.
    """
    if len(texts) < 2:  # a line of ours
        return None
    head, *entries = (text.split("\n") for text in texts)
    asked = next((at for at, text in enumerate(head) if text.startswith("-# ")), None)
    if asked is None:
        return None
    silences, read_as = _read_back()
    read = next((found[1] for text in head[asked + 1 :][:1] if (found := read_as.fullmatch(text))), None)
    question = unescaped(read or head[asked].removeprefix("-# ")).rstrip("…")
    blocks = ["\n".join(text for text in lines if text.startswith("> ")) for lines in entries]
    quoted = (unquoted(block).replace("\n", " ") for block in blocks if block)
    return Turn(question, () if silences.intersection(head) else tuple(quoted))


@cache
def _read_back() -> tuple[frozenset[str], re.Pattern[str]]:
    """In every language the lines that say that there is no answer, and the one that says how a question was read."""
    read_as = "|".join(re.escape(text.format(question="")) for text in everywhere(READ_AS))
    silences = frozenset(f"**{text}**" for one in (_SILENCE, _UNSURE) for text in everywhere(one))
    return silences, re.compile(f"-# (?:{read_as})(.+)")


def _mix(found: Answer | NoAnswer) -> Mix | None:
    """The documents that were searched; None where there are none, or more answer than a button can name."""
    searched, filters = found.searched, found.question.filters
    if not searched.documents or len(searched.addressing) > MOST_MIXED or len(filters.documents) > 1:
        return None
    source = "".join(map(fingerprint, filters.documents))
    corpus = corpus_mark(found.source.corpus)
    return Mix(tuple(map(fingerprint, searched.addressing)), source, filters.after, filters.before, corpus=corpus)


def sureness(confidence: float) -> str:
    """How sure an answer is, in words; none is called certain."""
    return _("{share} sure").format(share=percent(min(confidence, 0.99)))


def _answered(answer: Answer) -> str:
    """The values that are quoted, each once, with who says it and where several are; and how sure the answer is."""
    sure = sureness(answer.confidence)
    said: dict[str, tuple[str, str | None, list[int]]] = {}
    for statement in answer.statements:
        if (value := _value(statement)) is None:
            return f"**{_('Answered')}** · {sure}"
        speaker = statement.voice.name if statement.voice.kind is VoiceKind.SPEAKER else None
        numbers = [statement.citation.number, *(citation.number for citation in statement.also)]
        said.setdefault(f"{value.casefold()} {speaker}", (value, speaker, []))[2].extend(numbers)
    lines = [
        _said(f"**{line(value, _SHORT)}**", speaker) + (f" · {', '.join(map(str, numbers))}" if len(said) > 1 else "")
        for value, speaker, numbers in said.values()
    ]
    return f"{lines[0]} · {sure}" if len(lines) == 1 else "\n".join([*lines, f"-# {sure}"])


def _said(value: str, speaker: str | None) -> str:
    return _("{value}, says {speaker}").format(value=value, speaker=line(speaker, NAME)) if speaker else value


def _value(statement: Statement) -> str | None:
    """The value that a statement gives, where it is short enough to stand alone."""
    if not statement.highlight:
        return None
    shown = as_read(statement.citation)
    value = shown.text[slice(*shown.span(*statement.highlight))].strip()
    return value if value and len(value) <= _SHORT else None


def _disagreements(answer: Answer) -> str:
    """What the documents differ on, each value with its citations and their dates; none vanishes silently."""
    speakers = {
        said.citation.number: said.voice.name for said in answer.statements if said.voice.kind is VoiceKind.SPEAKER
    }
    dated = any(citation.document.published for citation in answer.citations)
    labels = {}
    for citation in answer.citations:
        number, document = citation.number, citation.document
        speaker = speakers.get(number)
        title = f"*{line(document.name, ALSO)}*"
        label = _("{speaker} in {title}").format(speaker=line(speaker, ALSO), title=title) if speaker else title
        facts = [day(document.published) or _("no date")] if dated else []
        if number in answer.repeated:
            facts.append(_("same account as {number}").format(number=answer.repeated[number]))
        labels[number] = f"{number} {label}" + (f" ({', '.join(facts)})" if facts else "")
    lines: list[str] = []
    for disagreement in answer.disagreements:
        changed = " · " + _("a change over time, by their dates") if disagreement.change_over_time else ""
        matter = line(_(disagreement.matter), _VALUE)
        lines.append(f"**{_('The sources differ on {matter}').format(matter=matter)}**{changed}")
        for position in disagreement.positions:
            cited = " · ".join(labels.get(n, f"{n}") for n in position.citations)
            lines.append(f"- **{line(_(position.shown), _VALUE)}** · {cited}")
    shown = lines[:1]
    for text in lines[1:]:
        if len("\n".join([*shown, text])) > _DISAGREEMENTS:
            more = ngettext("and {n} more line", "and {n} more lines", len(lines) - len(shown))
            return "\n".join([*shown, f"-# {more}"])
        shown.append(text)
    return "\n".join(shown)
