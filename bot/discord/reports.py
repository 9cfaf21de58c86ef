"""What the ledger tells: a receipt of an answer, and what was asked in a place, as pages and as a file."""

from collections.abc import Sequence
from dataclasses import replace

from bot.answering.answers import Citation
from bot.discord.ledger import Insights, Quotation, Receipt, sha256_of
from bot.discord.render import LOOKUP, Entry, Page, cited_page, day, line
from embeddings.formats import counted
from embeddings.index import Index
from embeddings.passages import Span

_WHEN = "{:%H:%M} UTC"
_BAR = 12
"""Blocks of the longest bar."""
_LABEL, _NAME = 80, 44
_MOST_GONE = 8
"""Quotations that no longer stand in their documents, of which it is said why."""
_OUTCOMES = {"answered": "answered", "disputed": "answered, the sources differ", "not_found": "not in the documents"}


def receipt_page(index: Index, receipt: Receipt) -> Page:
    """The quotations of an answer as they stand today, and which of them no longer do."""
    citations = [citation for quoted in receipt.quotations if (citation := _standing(index, quoted))]
    gone = [quoted for quoted in receipt.quotations if quoted.number not in {each.number for each in citations}]
    lines = [f"**Receipt {receipt.id}**", f"{_given(receipt)} · {min(receipt.confidence, 0.99):.0%} sure"]
    lines += [f"-# **{quoted.number}** · {_lost(index, quoted)}" for quoted in gone[:_MOST_GONE]]
    more = len(gone) - _MOST_GONE
    lines += [f"-# and {more:,} more no longer stand{'s' if more == 1 else ''} there"] if more > 0 else []
    foot = f"-# index {line(receipt.generation, _LABEL)} of {day(receipt.built_at.date())}"
    if receipt.quotations and not gone:
        foot += " · every quotation stands where it stood"
    return cited_page("\n".join(lines), citations, foot)


def receipt_text(index: Index, receipt: Receipt) -> str:
    """The same in Markdown, with the place and the SHA-256 of every quotation."""
    lines = [f"# Receipt {receipt.id}", "", f"{_given(receipt)}, {receipt.confidence:.2f} sure."]
    lines += [f"Index {receipt.generation}, built {receipt.built_at.isoformat()}."]
    for quoted in receipt.quotations:
        citation = _standing(index, quoted)
        said = citation.quote if citation else f"({_lost(index, quoted)})"
        lines += ["", *(f"> {part}" for part in said.splitlines()), ""]
        lines += [f"[{quoted.number}] {quoted.document}, characters {quoted.start} to {quoted.end}"]
        lines += [f"SHA-256 {quoted.sha256}"]
    return "\n".join(lines) + "\n"


def insights_page(index: Index, found: Insights, days: int, questions: bool) -> Page:
    """What was asked in a place within some days; `questions` says whether they are kept."""
    total = sum(found.outcomes.values())
    shares = [f"{found.outcomes.get(key, 0):,} {words}" for key, words in _OUTCOMES.items()]
    head = f"**{counted(total, 'question')} in {counted(days, 'day')}**\n"
    head += f"{' · '.join(shares)}\n\N{THUMBS UP SIGN} {found.up:,} · \N{THUMBS DOWN SIGN} {found.down:,}"
    parts = [
        ("Quoted most", _bars([(_name(index, key), count) for key, count in found.documents])),
        ("Quoted in answers that people did not like", _bars([(_name(index, key), n) for key, n in found.disliked])),
        ("What they wrote", [f"- {line(reason, 200)}" for reason in found.reasons]),
        ("Asked most", _bars(found.asked)),
        ("Asked most without an answer", _bars(found.unanswered)),
    ]
    entries = tuple(Entry(("\n".join([f"**{title}**", *lines]),)) for title, lines in parts if lines)
    kept = "are kept" if questions else "are not kept; FOOTNOTE_KEEP_QUESTIONS=yes keeps them"
    return Page(LOOKUP, head, entries, f"-# Of this server alone. Questions {kept}.")


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
        return f"its document {line(quoted.document, _LABEL)} is gone"
    return f"*{line(document.name, _LABEL)}* was changed since: these words no longer stand there"


def _given(receipt: Receipt) -> str:
    return f"{_OUTCOMES[receipt.outcome].capitalize()}, {day(receipt.at.date())}, {_WHEN.format(receipt.at)}"


def _name(index: Index, document: str) -> str:
    return index.document_of[document].name if document in index.document_of else f"{document} (gone)"


def _bars(counts: Sequence[tuple[str, int]]) -> list[str]:
    """A line each, with a bar as long as its count."""
    most = max((count for _, count in counts), default=1)
    return [f"`{'█' * max(1, _BAR * count // most):<{_BAR}}` {count:,} · {line(name, _NAME)}" for name, count in counts]
