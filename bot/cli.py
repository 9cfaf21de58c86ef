"""Footnote answers questions about a folder of documents with exact quotations, or says that they do not answer."""

import argparse
import gc
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from bot.settings import Settings
from embeddings.errors import BadRequest, BadSetting, FootnoteError
from embeddings.process import EX_CONFIG, EX_TEMPFAIL, INTERRUPTED, interruptible, leave
from embeddings.settings import environment, use_utf8

if TYPE_CHECKING:
    from bot.answering.answerer import Answerer
    from bot.live import Live
    from bot.reader.reading import Reader
    from embeddings.corpora import Corpus
    from embeddings.retrieval import Filters
    from embeddings.sentence_encoder import SentenceEncoder


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 2 on bad input, 130 after Ctrl-C, and those of `run`."""
    use_utf8()
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        settings = Settings.load(environment())
        options = _parser(settings).parse_args(arguments)
        code: int = options.command(options, settings)
        sys.stdout.flush()
    except FootnoteError as error:
        from embeddings.progress import plain

        print(f"error: {plain(str(error))}", file=sys.stderr)
        return EX_CONFIG if isinstance(error, BadSetting) and arguments[:1] == ["run"] else 2
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
            metavar="DIR",
            help=f"folder of the index (default: {settings.index}, from FOOTNOTE_INDEX, or FOOTNOTE_CORPORA)",
        )
        added.add_argument(
            "--build",
            action="store_true",
            help="if there is no index yet, build it first (from FOOTNOTE_CORPUS, or FOOTNOTE_CORPORA)",
        )
        return added

    running = add("run", _run, "Run the Discord bot.")
    running.epilog = (
        f"Exit codes: {EX_CONFIG} when the token or a setting has to be corrected before it is started again; "
        f"{EX_TEMPFAIL} when Discord cannot be reached, or another process is this bot already (try again); 2 when "
        "something else keeps it from starting; 0 after SIGTERM."
    )
    asking = add("ask", _ask, "Answer one question, or a file of them.")
    asking.add_argument("question", nargs="?", metavar="QUESTION")
    asking.add_argument("--json", action="store_true", help="print the answer as JSON")
    asking.add_argument(
        "--batch",
        metavar="FILE",
        help='answer JSON lines {"id": …, "question": …, "history": [earlier questions], "documents": […], "after": …, '
        '"before": …, "as_of": …}, one JSON line each in the same order; - reads standard input',
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
        command.add_argument("--corpus", metavar="NAME", help="which corpus of FOOTNOTE_CORPORA (default: the first)")
        command.add_argument(
            "--document", action="append", default=[], metavar="ID", help="ask only this source (repeatable)"
        )
        command.add_argument("--after", metavar="DATE", help="ask only sources published on or after this day")
        command.add_argument("--before", metavar="DATE", help="ask only sources published on or before this day")
        command.add_argument("--as-of", metavar="DATE", help="ask what was known then: the same as --before")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from bot.discord import client  # discord.py is not needed elsewhere

    if hasattr(signal, "SIGPIPE"):  # a connection that the other side has closed is no reason to end
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    client.check_token(settings.token)
    models = _Models(options, settings)  # which load while Discord is asked about the token

    def load() -> "list[Live]":
        lives = models.lives()
        # The garbage collector halts every thread while it looks through all there is: measured, half a second with
        # a model. It need not look through what was loaded until here.
        gc.collect()
        gc.freeze()
        return lives

    code = client.run(models.settings, load)
    if models.loading:  # the interpreter would wait for them
        leave(code)
    return code


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    if (options.question is None) == (options.batch is None):
        raise BadRequest('Give one question in quotes, or --batch FILE: python -m bot ask "Who said what?"')
    filters = _filters(options)
    if options.batch is not None:
        if filters:
            raise BadRequest("A batch names documents and dates in its lines, not by options.")
        with _lines(options.batch) as lines:
            models = _Models(options, settings)
            from bot import contract
            from bot.conversation import reply

            answerer = models.answerer()

            def answered(row: dict[str, Any]) -> dict[str, Any]:
                question, goes_on = contract.read_question(row), row.get("history") is not None
                found = reply(answerer, question, contract.read_history(row)) if goes_on else answerer.ask(question)
                return contract.reply_json(found, row.get("id"))

            return _batch(lines, answered)
    models = _Models(options, settings)
    from bot.answering.answers import Question

    question = Question(options.question, filters)
    answer = models.answerer().ask(question)
    if options.json:
        from bot import contract

        print(contract.json_text(contract.answer_json(answer), indent=2))
    else:
        from bot import terminal

        console = terminal.begin(question.text)
        terminal.show(console, answer)
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    if (options.claim is None) == (options.batch is None):
        raise BadRequest('Give one claim in quotes, or --batch FILE: python -m bot check "The bridge was closed."')
    filters = _filters(options)
    if options.batch is not None:
        if filters:
            raise BadRequest("A batch names documents and dates in its lines, not by options.")
        with _lines(options.batch) as lines:
            models = _Models(options, settings)
            from bot import contract
            from bot.checking.claims import Checker

            check = Checker(models.answerer()).check
            return _batch(lines, lambda row: contract.verdict_json(check(contract.read_claim(row)), row.get("id")))
    models = _Models(options, settings)
    from bot.answering.answers import Question
    from bot.checking.claims import Checker

    claim = Question(options.claim, filters)
    verdict = Checker(models.answerer()).check(claim)
    if options.json:
        from bot import contract

        print(contract.json_text(contract.verdict_json(verdict), indent=2))
    else:
        from bot import terminal

        console = terminal.begin(claim.text)
        terminal.show_verdict(console, verdict)
    return 0


def _batch(lines: TextIO, reply: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Print one JSON line for each line read; a bad line gets an `error`, and makes the exit code 2."""
    from bot.contract import json_text, read_row

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
    filters = _filters(options)
    models = _Models(options, settings)
    from rich.console import Console
    from rich.text import Text

    from bot import terminal
    from bot.answering.answers import Question

    console = Console(highlight=False)
    live = models.live()
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


class _Models:
    """Encoder and reader, loaded by two threads, mostly outside of the interpreter.

    Whoever makes one imports what else is needed meanwhile. That is why a command has imports of its own below it.
    """

    def __init__(self, options: argparse.Namespace, settings: Settings) -> None:
        """Raises IndexUnusable where there is no index and none is to be built, BadRequest for an unknown corpus."""
        from embeddings import generations

        self.settings = replace(settings, index=options.index, corpora=()) if options.index else settings
        self._corpora = _corpora(options, self.settings)
        self._missing = [corpus for corpus in self._corpora if not generations.exists(corpus.index)]
        self._building = options.build
        if self._missing and not options.build:
            generations.read_manifest(self._missing[0].index)  # says so before the models take their seconds
        aside = ThreadPoolExecutor(2)
        self._encoder = aside.submit(_encoder, settings, self._corpora[0].index)
        self._reader = aside.submit(_reader, settings)
        aside.shutdown(wait=False)  # takes nothing more on

    @property
    def loading(self) -> bool:
        """Whether a thread still loads one of them."""
        return not (self._encoder.done() and self._reader.done())

    def lives(self) -> "list[Live]":
        """What answers from each corpus, with an index that is built now if there is none."""
        from bot.live import Live

        encoder = self._encoder.result()
        for corpus in self._missing:
            _build(corpus, encoder)
        if self._building:
            for corpus in self._corpora:
                _warn_of_other_documents(corpus)
        threshold, reader = self.settings.threshold, self._reader.result()
        return [
            Live(corpus.index, encoder, threshold, reader, corpus=corpus.name, base=corpus.base)
            for corpus in self._corpora
        ]

    def live(self) -> "Live":
        """What answers from the only one."""
        return self.lives()[0]

    def answerer(self) -> "Answerer":
        """The index that there is now, and all that answers from it."""
        return self.live().open()


def _corpora(options: argparse.Namespace, settings: Settings) -> "Sequence[Corpus]":
    """What a command is for: all corpora for `run`, else one."""
    from embeddings.corpora import Corpus, find_corpus

    name = getattr(options, "corpus", None)
    if not settings.corpora:
        if name:
            raise BadRequest(f"There is no corpus {name!r}: FOOTNOTE_CORPORA names no file, or --index is given.")
        return [Corpus("", settings.corpus, settings.index, base=settings.base_url)]
    if options.command is _run:
        return settings.corpora
    return [find_corpus(settings.corpora, name) if name else settings.corpora[0]]


def _warn_of_other_documents(corpus: "Corpus") -> None:
    from embeddings import generations

    indexed = generations.read_manifest(corpus.index).corpus
    if indexed != str(corpus.documents.resolve()):
        print(
            f"warning: The index holds the documents of {indexed}; make index reads {corpus.documents}.",
            file=sys.stderr,
        )


def _build(corpus: "Corpus", encoder: "SentenceEncoder") -> None:
    from rich.console import Console

    from embeddings.indexing import build
    from embeddings.progress import Bar, plain

    print(f"Indexing {corpus.documents} (once) …", file=sys.stderr, flush=True)
    with interruptible(), Bar(Console(stderr=True)) as bar:
        manifest = build(corpus.documents, corpus.index, encoder, bar.show).manifest
    for notice in manifest.notices:
        print(f"warning: {plain(str(notice))}", file=sys.stderr)


def _encoder(settings: Settings, root: Path) -> "SentenceEncoder":
    from embeddings.sentence_encoder import SentenceEncoder

    return SentenceEncoder(settings.model, root)


def _reader(settings: Settings) -> "Reader | None":
    if not settings.reader:
        return None
    from bot.reader.trained import TrainedReader

    return TrainedReader()


def _filters(options: argparse.Namespace) -> "Filters":
    given = tuple(options.document), options.after, options.before, options.as_of
    if given == ((), None, None, None):
        from embeddings.retrieval import Filters

        return Filters()
    from bot.contract import read_filters

    return read_filters(*given)


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
