"""Footnote answers questions about a folder of documents with exact quotations, or says that they do not answer."""

import argparse
import gc
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from bot import terminal
from bot.answering.answerer import Answerer, Question
from bot.answering.claims import Checker
from bot.answering.reader.reading import Reader
from bot.contract import answer_json, json_text, read_claim, read_filters, read_question, read_row, verdict_json
from bot.live import Live
from bot.settings import Settings
from embeddings import generations
from embeddings.errors import BadRequest, FootnoteError
from embeddings.process import INTERRUPTED, interruptible
from embeddings.progress import Bar, plain
from embeddings.retrieval import Filters
from embeddings.sentence_encoder import SentenceEncoder
from embeddings.settings import environment, use_utf8


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 2 on bad input, 130 after Ctrl-C."""
    use_utf8()
    try:
        settings = Settings.load(environment())
        options = _parser(settings).parse_args(arguments)
        code: int = options.command(options, settings)
        sys.stdout.flush()
    except FootnoteError as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:  # a full disk behind standard output, a path that no system takes
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    return code


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, meaning: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=meaning, description=meaning)
        added.set_defaults(command=command)
        added.add_argument(
            "--index",
            type=Path,
            default=settings.index,
            metavar="DIR",
            help="folder of the index (default: %(default)s, from FOOTNOTE_INDEX)",
        )
        added.add_argument(
            "--build",
            action="store_true",
            help="if there is no index yet, build it first (from FOOTNOTE_CORPUS)",
        )
        return added

    add("run", _run, "Run the Discord bot.")
    asking = add("ask", _ask, "Answer one question, or a file of them.")
    asking.add_argument("question", nargs="?", metavar="QUESTION")
    asking.add_argument("--json", action="store_true", help="print the answer as JSON")
    asking.add_argument(
        "--batch",
        metavar="FILE",
        help='answer JSON lines {"id": …, "question": …, "documents": […], "after": …, "before": …, "as_of": …}, one '
        "JSON line each in the same order; - reads standard input",
    )
    checking = add("check", _check, "Check one claim against the documents, or a file of them.")
    checking.add_argument("claim", nargs="?", metavar="CLAIM")
    checking.add_argument("--json", action="store_true", help="print the verdict as JSON")
    checking.add_argument(
        "--batch",
        metavar="FILE",
        help='check JSON lines {"id": …, "claim": …, "documents": […], "after": …, "before": …, "as_of": …}, one '
        "JSON line each in the same order; - reads standard input",
    )
    chatting = add("chat", _chat, "Hold the same conversation in the terminal.")
    for command in (asking, checking, chatting):
        command.add_argument(
            "--document", action="append", default=[], metavar="ID", help="ask only this source (repeatable)"
        )
        command.add_argument("--after", metavar="DATE", help="ask only sources published on or after this day")
        command.add_argument("--before", metavar="DATE", help="ask only sources published on or before this day")
        command.add_argument("--as-of", metavar="DATE", help="ask what was known then: the same as --before")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from bot import client  # discord.py is not needed elsewhere

    if hasattr(signal, "SIGPIPE"):  # a connection that the other side has closed is no reason to end
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    client.check_token(settings.token)  # before the model takes its seconds
    live = _live(options, settings)
    # The garbage collector halts every thread while it looks through all there is: measured, half a second with
    # a model. It need not look through what was loaded until here.
    gc.collect()
    gc.freeze()
    return client.run(replace(settings, index=options.index), live)


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    if (options.question is None) == (options.batch is None):
        raise BadRequest('Give one question in quotes, or --batch FILE: python -m bot ask "Who said what?"')
    if options.batch is not None:
        if _filters(options):
            raise BadRequest("A batch names documents and dates in its lines, not by options.")
        with _lines(options.batch) as lines:
            answerer = _answerer(options, settings)
            return _batch(lines, lambda row: answer_json(answerer.ask(read_question(row)), row.get("id")))
    question = Question(options.question, _filters(options))
    answer = _answerer(options, settings).ask(question)
    if options.json:
        print(json_text(answer_json(answer), indent=2))
    else:
        console = Console(highlight=False)
        console.print(Text(plain(question.text), style="bold"))
        terminal.show(console, answer)
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    if (options.claim is None) == (options.batch is None):
        raise BadRequest('Give one claim in quotes, or --batch FILE: python -m bot check "The bridge was closed."')
    if options.batch is not None:
        if _filters(options):
            raise BadRequest("A batch names documents and dates in its lines, not by options.")
        with _lines(options.batch) as lines:
            checker = Checker(_answerer(options, settings))
            return _batch(lines, lambda row: verdict_json(checker.check(read_claim(row)), row.get("id")))
    claim = Question(options.claim, _filters(options))
    verdict = Checker(_answerer(options, settings)).check(claim)
    if options.json:
        print(json_text(verdict_json(verdict), indent=2))
    else:
        console = Console(highlight=False)
        console.print(Text(plain(claim.text), style="bold"))
        terminal.show_verdict(console, verdict)
    return 0


def _batch(lines: TextIO, reply: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Print one JSON line for each line read; a bad line gets an `error`, and makes the exit code 2."""
    code = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        key: object = None
        try:
            asked = read_row(line)
            key = asked.get("id")
            row = reply(asked)
        except FootnoteError as error:
            row = {"id": key, "line": number, "error": str(error)}
            code = 2
        print(json_text(row), flush=True)
    return code


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    console = Console(highlight=False)
    filters = _filters(options)
    live = _live(options, settings)
    answerer = live.open()
    answerer.retriever.documents(filters)  # an unknown source is said now, not at every question
    count = len(answerer.index.documents)
    with suppress(KeyboardInterrupt), interruptible():
        console.print(Text(f"{count} sources, indexed {answerer.source.built_at:%Y-%m-%d}.", style="dim"))
        console.print(terminal.HELP, style="dim")
        terminal.converse(
            console, answerer, lambda: terminal.prompt(console), lambda text: Question(text, filters), live.newer
        )
    console.print()
    return 0


def _answerer(options: argparse.Namespace, settings: Settings) -> Answerer:
    return _live(options, settings).open()


def _live(options: argparse.Namespace, settings: Settings) -> Live:
    missing = not generations.exists(options.index)
    if missing and not options.build:
        generations.read_manifest(options.index)  # says so before the model takes its seconds
    with ThreadPoolExecutor(1) as aside:
        reader = aside.submit(_reader, settings)  # each takes a moment, mostly outside of the interpreter
        encoder = SentenceEncoder(settings.model, options.index)
    if missing:
        print(f"Indexing {settings.corpus} (once) …", file=sys.stderr, flush=True)
        from embeddings.indexing import build  # what reads documents is not needed to answer

        with interruptible(), Bar(Console(stderr=True)) as bar:
            manifest = build(settings.corpus, options.index, encoder, bar.show).manifest
        for notice in manifest.notices:
            print(f"warning: {plain(str(notice))}", file=sys.stderr)
    return Live(options.index, encoder, settings.threshold, reader.result())


def _reader(settings: Settings) -> Reader | None:
    if not settings.reader:
        return None
    from bot.answering.reader.trained import TrainedReader  # loads the runtime, which takes a moment

    return TrainedReader()


def _filters(options: argparse.Namespace) -> Filters:
    return read_filters(tuple(options.document), options.after, options.before, options.as_of)


@contextmanager
def _lines(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdin
        return
    try:
        stream = Path(name).open(encoding="utf-8", errors="replace")  # noqa: SIM115 - closed below
    except OSError as error:
        raise BadRequest(f"{name} cannot be read: {error.strerror}.") from error
    with stream:
        yield stream
