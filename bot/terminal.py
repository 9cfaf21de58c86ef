"""Answers in a terminal: shown with numbered citations that can be opened, one by one or in conversation."""

import re
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.answering.answerer import Answerer
from bot.answering.answers import Answer, Citation, NoAnswer, Question, Searched
from bot.checking.claims import VERDICTS, Status, Verdict
from bot.conversation import Reply, helped_reply, turn_of
from bot.discord.language import days
from bot.english.voices import Voice, VoiceKind
from bot.prose.writer import PatientWriter, Prose
from bot.question.context import Turn
from bot.question.links import has_topic
from bot.readable import above, as_read
from embeddings.errors import BadRequest, FootnoteError
from embeddings.progress import plain
from embeddings.reading.documents import Document
from embeddings.searching.index import Index

HELP = """Ask anything about the documents, go on with "and in Oslo?", "who said that?", "is this true?", or type
  open 2     to see citation 2 in its document
  sources    to list the documents
  mix        to see which of them the last answer is from, and which are silent
  help       to see this again
  quit       to leave (so do Ctrl-D and Ctrl-C)"""


def begin(asked: str) -> Console:
    """A console for one answer or verdict, which begins with what was asked."""
    console = Console(highlight=False)
    console.print(Text(plain(asked), style="bold"))
    return console


def show(console: Console, answer: Answer | NoAnswer) -> None:
    """Print an answer; every quotation is checked once more."""
    if answer.read_as:
        console.print(Text(f"read as: {plain(answer.read_as)}", style="dim"))
    if isinstance(answer, NoAnswer):
        said, nearest = (
            ("No sure answer.", "It may stand here:")
            if answer.leads
            else ("The documents do not answer this.", "The nearest passages, which are no answer:")
        )
        console.print(Text(said, style="bold yellow"))
        if answer.nearest:
            console.print(nearest, style="dim")
        for citation, why in answer.explained:
            _show_citation(console, citation, None, None)
            _note(console, citation.section)
            _note(console, why or "")
    else:
        for disagreement in answer.disagreements:
            changed = " (a change over time, by their dates)" if disagreement.change_over_time else ""
            console.print(Text(f"The sources differ on {plain(disagreement.matter)}{changed}:", style="bold yellow"))
            repeated = answer.repeated
            for position in disagreement.positions:
                numbers = "".join(
                    f"[{number}, same account as {repeated[number]}]" if number in repeated else f"[{number}]"
                    for number in position.citations
                )
                console.print(Text(f"  {plain(position.shown)}  {numbers}"))
        for statement in answer.statements:
            _show_citation(console, statement.citation, statement.highlight, statement.voice, statement.parts)
            if statement.verdict:
                _note(console, f"the source itself on this: “{statement.verdict.quote}”")
            _note(console, statement.dates_in_words(days))
            if statement.also:
                _note(
                    console, "also in " + ", ".join(f"[{each.number}] {each.document.name}" for each in statement.also)
                )
    console.print(Text(_summary(answer), style="dim"))


def show_prose(console: Console, prose: Prose | None, dropped: bool = False) -> None:
    """Print what a model wrote over an answer, if anything of it is shown; on request what was `dropped` as well."""
    if prose is None or not prose.sentences:
        return
    console.print(Text("\nIn other words", style="bold"))
    for one in prose.sentences:
        step = f"{one.step}. " if one.step else ""
        supported = ", ".join(map(str, one.citations))
        console.print(Text.assemble(f"{step}{plain(one.text)} ", (f"[supported by {supported}]", "cyan")))
    for each in prose.dropped if dropped else ():
        console.print(Text.assemble((plain(each.text), "strike dim"), (f" {plain(each.reason)}", "dim")))
    console.print(Text(plain(prose.summary), style="dim"))


def show_verdict(console: Console, verdict: Verdict) -> None:
    """Print what the documents say of a claim; every quotation is checked once more."""
    if verdict.question.meant:
        console.print(Text(f"read as: {plain(verdict.question.meant)}", style="dim"))
    console.print(
        Text(VERDICTS[verdict.status], style="bold yellow" if verdict.status is not Status.SUPPORTED else "bold")
    )
    if verdict.why:
        console.print(Text(plain(verdict.why)))
    if verdict.nearest:
        console.print("The nearest passages, which do not bear it out:", style="dim")
    for citation in verdict.nearest:
        _show_citation(console, citation, None, None)
    for finding in verdict.findings:
        statement = finding.statement
        _show_citation(console, statement.citation, statement.highlight, statement.voice)
        _note(console, finding.relation.value)
    console.print(Text(f"\n{verdict.searched.summary}", style="dim"))


def show_sources(console: Console, index: Index) -> None:
    """Print a list of the documents."""
    table = Table("Source", "Title", "Published", box=None, pad_edge=False, header_style="dim")
    for document in index.documents:
        facts = _facts(document, None, index.original_of(document.id))
        table.add_row(Text(plain(document.id)), Text(plain(document.title)), Text(plain(facts)))
    console.print(table)


def show_mix(console: Console, index: Index, searched: Searched) -> None:
    """Print which of the searched documents an answer is from, and which are silent."""
    table = Table("", "Source", "Title", "Published", box=None, pad_edge=False, header_style="dim")
    for part, keys in (("answers", searched.addressing), ("copy", searched.repeating), ("silent", searched.silent)):
        for document in (index.document_of[key] for key in keys):
            facts = _facts(document, None, index.original_of(document.id))
            table.add_row(part, Text(plain(document.id)), Text(plain(document.title)), Text(plain(facts)))
    console.print(table)
    console.print(Text(searched.summary, style="dim"))


def open_citation(console: Console, index: Index, citation: Citation) -> None:
    """Print the passage of a citation in its document, with the quotation marked."""
    citation.check()
    passage, document = citation.passage, citation.document
    siblings = index.passages_of[document.id]
    console.print(Text(plain(document.name), style="bold"))
    place = f"passage {siblings.index(passage) + 1} of {len(siblings)}"
    where = " · ".join(filter(None, [document.id, _cited(citation), place, document.url]))
    console.print(Text(plain(where), style="dim"))
    before, after = index.neighbours(passage)
    text = Text()
    if before:
        text.append("… ", style="dim")
    text.append(plain(passage.text[: citation.start - passage.start]))
    text.append(plain(citation.quote), style="bold reverse")
    text.append(plain(passage.text[citation.end - passage.start :]))
    if after:
        text.append(" …", style="dim")
    console.print(Padding(text, (0, 0, 0, 2)))


def converse(
    console: Console,
    answerer: Answerer,
    read: Callable[[], str],
    make: Callable[[str], Question],
    newer: Callable[[], Answerer | None] = lambda: None,
    writer: PatientWriter | None = None,
) -> None:
    """Answer what `read` returns until it raises EOFError or says quit; `newer` returns an index built since.

    A question may go on from the one before. Prose is a `writer`'s.
    """
    writer = writer or PatientWriter.idle()
    answer: Reply | None = None
    earlier: Turn | None = None
    while True:
        try:
            line = read().strip()
        except EOFError:
            return
        if line.lower() in ("quit", "exit", "q"):
            return
        if found := newer():
            answerer, answer = found, None
            count = len(answerer.index.documents)
            console.print(Text(f"The index has changed: {count} sources now.", style="dim"))
        try:
            if opening := re.fullmatch(r"open\s+\[?(\d{1,9})\]?", line, re.IGNORECASE):
                open_citation(console, answerer.index, _numbered(answer, int(opening[1])))
            elif line.lower() == "sources":
                show_sources(console, answerer.index)
            elif line.lower() == "mix":
                show_mix(console, answerer.index, _last(answer).searched)
            elif line.lower() in ("help", "?"):
                console.print(HELP, highlight=False)
            elif line:
                session = writer.session()
                answer = helped_reply(answerer, make(line), session, earlier)
                earlier = turn_of(answer) if has_topic(answer.question.whole) else earlier
                if isinstance(answer, Verdict):
                    show_verdict(console, answer)
                else:
                    show(console, answer)
                show_prose(console, session.write(answer), writer.shows_dropped)
        except FootnoteError as error:
            console.print(Text(plain(str(error)), style="red"))


def prompt(console: Console) -> str:
    """Read a line; the prompt shows only where somebody sits at a terminal."""
    if sys.stdin.isatty():
        return console.input("[bold cyan]› [/]")
    return input()


def _last(answer: Reply | None) -> Reply:
    if answer is None:
        raise BadRequest("There is no answer yet. Ask a question first.")
    return answer


def _numbered(answer: Reply | None, number: int) -> Citation:
    citations = answer.nearest if isinstance(answer, NoAnswer) else answer.citations if answer else ()
    if not citations:
        raise BadRequest("There is nothing to open yet. Ask a question first.")
    if not 1 <= number <= len(citations):
        raise BadRequest(f"The last answer has citations 1 to {len(citations)}.")
    return citations[number - 1]


def _show_citation(
    console: Console,
    citation: Citation,
    highlight: tuple[int, int] | None,
    voice: Voice | None,
    parts: Sequence[Citation] = (),
) -> None:
    citation.check()
    shown = as_read(citation)
    quote = Text(plain(shown.text))
    if highlight:
        quote.stylize("bold underline", *shown.span(*highlight))
    number, first = (f"[{citation.number}] ", "bold cyan"), (plain(above(parts)), "dim")
    console.print(Padding(Text.assemble(number, first, quote), (1, 0, 0, 0)))
    source = " · ".join(filter(None, [_source(citation.document.name, voice), _cited(citation)]))
    console.print(Padding(Text(plain(source), style="dim"), (0, 0, 0, 4)))


def _note(console: Console, text: str) -> None:
    if text:
        console.print(Padding(Text(plain(text), style="dim"), (0, 0, 0, 4)))


def _source(title: str, voice: Voice | None) -> str:
    if voice is None:
        return title
    if voice.kind is VoiceKind.DOCUMENT:
        return f"{title}, in its own words"
    if voice.kind is VoiceKind.UNATTRIBUTED:
        return f"unattributed, in {title}"
    return f"{voice.name or 'somebody named before'}, as reported in {title}"


def _summary(answer: Answer | NoAnswer) -> str:
    return f"\n{answer.searched.summary} · confidence {answer.confidence:.0%}"


def _cited(citation: Citation) -> str:
    return _facts(citation.document, citation.page, citation.original)


def _facts(document: Document, page: int | None, original: Document | None) -> str:
    facts = [document.published.isoformat()] if document.published else []
    if page:
        facts.append(f"page {page}")
    if original:
        facts.append(f"copy of {original.id}")
    return " · ".join(facts)
