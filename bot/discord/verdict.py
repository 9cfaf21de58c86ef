"""Messages that say what the documents say of a claim."""

from collections.abc import Sequence
from dataclasses import replace

from bot.checking.claims import VERDICTS, Relation, Status, Verdict
from bot.discord.language import _, ngettext
from bot.discord.markup import line
from bot.discord.page import ANSWERED, DISPUTED, MAX_TEXT, SILENT, WHY, Entry, Page, asked_lines, foot_of
from bot.discord.quotation import Cited, origin_note, quotation_entries, voice_note
from embeddings.messages import Message

_CLAIM = 200
_VERDICT = {
    Status.SUPPORTED: ANSWERED,
    Status.CONTRADICTED: DISPUTED,
    Status.DISPUTED: DISPUTED,
    Status.NOT_FOUND: SILENT,
}
_RELATION = {Relation.SUPPORTS: Message("supports"), Relation.CONTRADICTS: Message("contradicts")}


def verdict_page(verdict: Verdict) -> Page:
    """What the documents say of a claim. Raises QuotationError rather than show what does not match."""
    head = f"**{_(VERDICTS[verdict.status])}**\n{asked_lines(verdict.question.text, verdict.question.meant)}"
    if verdict.why:
        head += f"\n{line(_(verdict.why), WHY)}"
    foot = foot_of(verdict.searched, verdict.source)
    cited = [Cited.of(citation, origin_note(citation)) for citation in verdict.nearest]
    for finding in verdict.findings:
        said = finding.statement
        cited.append(
            Cited.of(said.citation, f"{voice_note(said)} · **{_(_RELATION[finding.relation])}**", said.highlight)
        )
    return Page(_VERDICT[verdict.status], head, quotation_entries(cited, MAX_TEXT - len(head + foot)), foot)


def verdicts_page(verdicts: Sequence[Verdict], unchecked: int) -> Page:
    """What the documents say of each sentence of a message, the surest finding with it; `unchecked` others follow it.

    Raises QuotationError rather than show what does not match.
    """
    head = f"**{_('Checked against the documents')}**"
    if unchecked:
        head += "\n-# " + ngettext("{n} more sentence not checked", "{n} more sentences not checked", unchecked)
    foot = foot_of(None, verdicts[0].source)
    claims = [f"**{_(VERDICTS[verdict.status])}**\n{line(verdict.question.text, _CLAIM)}" for verdict in verdicts]
    cited = [
        Cited.of(said.citation, voice_note(said), said.highlight)
        for said in (verdict.findings[0].statement for verdict in verdicts if verdict.findings)
    ]
    shown = iter(quotation_entries(cited, MAX_TEXT - len(head + foot + "".join(claims))))
    entries = []
    for verdict, claim in zip(verdicts, claims, strict=True):
        found = next(shown) if verdict.findings else Entry(())
        entries.append(replace(found, texts=(claim, *found.texts)))
    colours = {_VERDICT[verdict.status] for verdict in verdicts}
    colour = DISPUTED if DISPUTED in colours else SILENT if SILENT in colours else ANSWERED
    return Page(colour, head, tuple(entries), foot)
