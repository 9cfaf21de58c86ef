"""What the ledger tells: a receipt of an answer, and what was asked in a place, as pages and as a file."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answering.answers import Citation
from bot.discord.answer import sureness
from bot.discord.language import _, day, digits, ngettext
from bot.discord.ledger import Insights, Quotation, Receipt, sha256_of
from bot.discord.lookup import cited_page
from bot.discord.markup import line
from bot.discord.page import LOOKUP, Entry, Page
from embeddings.messages import Message
from embeddings.searching.index import Index
from embeddings.splitting.passages import Span

_WHEN = "{:%H:%M} UTC"
_BAR = 12
"""Blocks of the longest bar."""
_LABEL, _NAME = 80, 44
_MOST_GONE = 8
"""Quotations that no longer stand in their documents, of which it is said why."""
_OUTCOMES = {
    "answered": (Message("Answered"), Message("{number} answered"), "\N{LARGE GREEN SQUARE}"),
    "disputed": (
        Message("Answered, the sources differ"),
        Message("{number} answered, the sources differ"),
        "\N{LARGE BLUE SQUARE}",
    ),
    "not_found": (
        Message("Not in the documents"),
        Message("{number} not in the documents"),
        "\N{LARGE ORANGE SQUARE}",
    ),
}
"""What is said of one answer, and of a number of them, and the colour of these in the picture."""


def receipt_page(index: Index, receipt: Receipt) -> Page:
    """The quotations of an answer as they stand today, and which of them no longer do."""
    citations = [citation for quoted in receipt.quotations if (citation := _standing(index, quoted))]
    gone = [quoted for quoted in receipt.quotations if quoted.number not in {each.number for each in citations}]
    lines = [
        f"**{_('Receipt {id}').format(id=receipt.id)}**",
        f"{_given(receipt)} · {sureness(receipt.confidence)}",
    ]
    lines += [f"-# **{quoted.number}** · {_lost(index, quoted)}" for quoted in gone[:_MOST_GONE]]
    more = len(gone) - _MOST_GONE
    if more > 0:
        lines.append(
            "-# " + ngettext("and {n} more no longer stands there", "and {n} more no longer stand there", more)
        )
    built = day(receipt.built_at.date())
    foot = "-# " + _("index {generation} of {day}").format(generation=line(receipt.generation, _LABEL), day=built)
    if receipt.quotations and not gone:
        foot += " · " + _("every quotation stands where it stood")
    return cited_page("\n".join(lines), citations, foot)


def receipt_text(index: Index, receipt: Receipt) -> str:
    """The same in Markdown, with the place and the SHA-256 of every quotation."""
    sure = _("{share} sure").format(share=f"{receipt.confidence:.2f}")
    built = _("Index {generation}, built {time}.")
    lines = [f"# {_('Receipt {id}').format(id=receipt.id)}", "", f"{_given(receipt)}, {sure}."]
    lines += [built.format(generation=receipt.generation, time=receipt.built_at.isoformat())]
    for quoted in receipt.quotations:
        citation = _standing(index, quoted)
        said = citation.quote if citation else f"({_lost(index, quoted)})"
        lines += ["", *(f"> {part}" for part in said.splitlines()), ""]
        place = _("characters {start} to {end}").format(start=quoted.start, end=quoted.end)
        lines += [f"[{quoted.number}] {quoted.document}, {place}"]
        lines += [f"SHA-256 {quoted.sha256}"]
    return "\n".join(lines) + "\n"


def insights_page(index: Index, found: Insights, days: int, questions: bool) -> Page:
    """What was asked in a place within some days; `questions` says whether they are kept."""
    outcomes = found.outcomes
    total = ngettext("{n} question", "{n} questions", sum(outcomes.values()))
    shares = [
        f"{square} {_(words).format(number=digits(outcomes.get(key, 0)))}"
        for key, (_one, words, square) in _OUTCOMES.items()
    ]
    head = ngettext("{questions} in {n} day", "{questions} in {n} days", days, questions=total)
    votes = f"\N{THUMBS UP SIGN} {digits(found.up)} · \N{THUMBS DOWN SIGN} {digits(found.down)}"
    parts = [
        (_("Quoted most"), _bars([(_name(index, key), count) for key, count in found.documents])),
        (_("Quoted in answers that people did not like"), _bars([(_name(index, key), n) for key, n in found.disliked])),
        (_("What they wrote"), [f"- {line(reason, 200)}" for reason in found.reasons]),
        (_("Asked most"), _bars(found.asked)),
        (_("Asked most without an answer"), _bars(found.unanswered)),
    ]
    entries = tuple(Entry(("\n".join([f"**{title}**", *lines]),)) for title, lines in parts if lines)
    kept = (
        _("Of this server alone. Questions are kept.")
        if questions
        else _("Of this server alone. Questions are not kept; FOOTNOTE_KEEP_QUESTIONS=yes keeps them.")
    )
    return Page(LOOKUP, f"**{head}**\n{' · '.join(shares)}\n{votes}", entries, f"-# {kept}")


def _standing(index: Index, quoted: Quotation) -> Citation | None:
    """The quotation, if the same words still stand there.

    Of what it is a copy is left out: the question may have been put to some documents only.
    """
    document = index.document_of.get(quoted.document)
    if not document or sha256_of(document.text[quoted.start : quoted.end]) != quoted.sha256:
        return None
    holding = (each for each in index.passages_of[document.id] if each.start <= quoted.start < each.end)
    passage = next(holding, None)
    if passage is None:
        return None
    return replace(Citation.of(index, quoted.number, passage, Span(quoted.start, quoted.end)), original=None)


def _lost(index: Index, quoted: Quotation) -> str:
    document = index.document_of.get(quoted.document)
    if not document:
        return _("its document {id} is gone").format(id=line(quoted.document, _LABEL))
    title = line(document.name, _LABEL)
    return _("*{title}* was changed since: these words no longer stand there").format(title=title)


def _given(receipt: Receipt) -> str:
    return f"{_(_OUTCOMES[receipt.outcome][0])}, {day(receipt.at.date())}, {_WHEN.format(receipt.at)}"


def _name(index: Index, document: str) -> str:
    return (
        index.document_of[document].name
        if document in index.document_of
        else _("{document} (gone)").format(document=document)
    )


def _bars(counts: Sequence[tuple[str, int]]) -> list[str]:
    """A line each, with a bar as long as its count."""
    most = max((count for _, count in counts), default=1)
    return [
        f"`{'█' * max(1, _BAR * count // most):<{_BAR}}` {digits(count)} · {line(name, _NAME)}"
        for name, count in counts
    ]
