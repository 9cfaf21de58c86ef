"""Footnote answers questions about a folder of documents with exact quotations, or says that they do not answer."""

import argparse
import gc
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from bot import version
from bot.logs import redact
from bot.settings import Settings
from embeddings.errors import BadRequest, BadSetting, FootnoteError
from embeddings.process import EX_CONFIG, EX_TEMPFAIL, INTERRUPTED, interruptible, leave
from embeddings.settings import environment, use_utf8

if TYPE_CHECKING:
    from bot.answering.answerer import Answerer
    from bot.live import Live
    from bot.prose.writer import PatientWriter
    from bot.reader.reading import Reader
    from embeddings.corpora import Corpus
    from embeddings.encoding.sentence_encoder import SentenceEncoder
    from embeddings.searching.index import Ranking
    from embeddings.searching.retrieval import Filters
    from embeddings.storing.stores import Store


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code.

    0; 1 when `doctor` or `health` has found an error; 2 on bad input; 130 after Ctrl-C; and those of `run`.
    """
    use_utf8()
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        variables = environment()
        if arguments[:1] == ["doctor"]:  # which says what is wrong with the others
            wrong = Settings.problems(variables)
            variables = {name: text for name, text in variables.items() if name not in wrong}
        settings = Settings.load(variables)
        options = _parser(settings).parse_args(arguments)
        code: int = options.command(options, settings)
        sys.stdout.flush()
    except FootnoteError as error:
        from embeddings.progress import plain

        print(f"error: {plain(redact(str(error)))}", file=sys.stderr)
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
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, meaning: str, build: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=meaning, description=meaning)
        added.set_defaults(command=command)
        added.add_argument(
            "--index",
            type=Path,
            metavar="DIR",
            help=f"folder of the index (default: {settings.index}, from FOOTNOTE_INDEX, or FOOTNOTE_CORPORA)",
        )
        if build:
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
        "something else keeps it from starting; 1 after an error that nobody foresaw; 0 after SIGTERM."
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
    calibrating = add(
        "calibrate",
        _calibrate,
        "Fit the confidence to your own questions. What is fitted is kept beside the index, for the models of now; "
        "a bot that runs takes it when it is started again.",
    )
    calibrating.add_argument(
        "questions",
        metavar="FILE",
        help='JSON lines {"question": …, "answerable": true or false, "gold_ids": [documents that answer, optional]}; '
        "- reads standard input",
    )
    calibrating.add_argument("--try", dest="trying", action="store_true", help="print what would change, keep nothing")
    chatting = add("chat", _chat, "Hold the same conversation in the terminal.")
    for command in (asking, checking, calibrating, chatting):
        command.add_argument("--corpus", metavar="NAME", help="which corpus of FOOTNOTE_CORPORA (default: the first)")
    for command in (asking, checking, chatting):
        command.add_argument(
            "--document", action="append", default=[], metavar="ID", help="ask only this source (repeatable)"
        )
        command.add_argument("--after", metavar="DATE", help="ask only sources published on or after this day")
        command.add_argument("--before", metavar="DATE", help="ask only sources published on or before this day")
        command.add_argument("--as-of", metavar="DATE", help="ask what was known then: the same as --before")
    looking = add(
        "doctor",
        _doctor,
        "Check what the bot needs, and say what to do: settings, index, models, disk, and with Discord its token, "
        "intents, permissions and clock. Nothing is changed. Exit code 1 when there is an error.",
        build=False,
    )
    asking_health = add(
        "health",
        _health,
        "Ask the running bot at FOOTNOTE_HEALTH how it is. Exit code 1 when it is not well, or none answers.",
        build=False,
    )
    for command in (looking, asking_health):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(f"footnote-bot {version()}")
        parser.exit()


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from bot.discord import service  # discord.py is not needed elsewhere

    if hasattr(signal, "SIGPIPE"):  # a connection that the other side has closed is no reason to end
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    service.check_token(settings.token)
    models = _Models(options, settings)  # which load while Discord is asked about the token

    def load() -> "list[Live]":
        lives = models.lives()
        # The garbage collector halts every thread while it looks through all there is: measured, half a second with
        # a model. It need not look through what was loaded until here.
        gc.collect()
        gc.freeze()
        return lives

    code = service.run(models.settings, load)
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
            from bot.conversation import helped_reply

            answerer = models.answerer()
            with _writer(settings, answerer) as writer:

                def answered(row: dict[str, Any]) -> dict[str, Any]:
                    question, session = contract.read_question(row), writer.session()
                    if row.get("history") is not None:
                        found = helped_reply(answerer, question, session, contract.read_history(row))
                    else:
                        found = session.choose(answerer.ask(question))
                    return contract.reply_json(found, row.get("id")) | contract.prose_json(writer, session.write(found))

                return _batch(lines, answered)
    models = _Models(options, settings)
    from bot.answering.answers import Question

    question = Question(options.question, filters)
    answerer = models.answerer()
    with _writer(settings, answerer) as writer:
        session = writer.session()
        answer = session.choose(answerer.ask(question))
        if options.json:
            from bot import contract

            row = contract.answer_json(answer) | contract.prose_json(writer, session.write(answer))
            print(contract.json_text(row, indent=2))
        else:
            from bot import terminal

            console = terminal.begin(question.text)
            terminal.show(console, answer)
            terminal.show_prose(console, session.write(answer), writer.shows_dropped)
    return 0


def _writer(settings: Settings, answerer: "Answerer") -> "PatientWriter":
    from bot.prose.gate import Gate
    from bot.prose.writer import PatientWriter, Writer

    return PatientWriter(Writer(settings, Gate(answerer.reader)))


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


def _calibrate(options: argparse.Namespace, settings: Settings) -> int:
    with _lines(options.questions) as lines:
        models = _Models(options, replace(settings, threshold=0.0))
        from rich.console import Console

        from bot import calibration
        from bot.answering.confidence import Scale
        from embeddings.progress import Bar

        asked = list(calibration.read_labelled(lines))
    answerer = models.live(calibrated=False).open()
    with interruptible(), Bar(Console(stderr=True)) as bar:
        fits = calibration.calibrate(answerer, asked, settings.threshold, bar.show)
    for name, fit in zip(("Sentences", "Whole passages"), fits, strict=True):
        print(f"{name}: {fit}")
    if not any(fit.scale for fit in fits):
        print(
            f"Nothing was fitted: it takes {calibration.FEWEST} questions that are answered rightly and as many that "
            "are not, and surer answers have to be right more often.",
            file=sys.stderr,
        )
        return 2
    if not options.trying:
        sentences, passages = (fit.scale or Scale() for fit in fits)
        calibration.keep(models.root, calibration.Calibration(models.identity, len(asked), sentences, passages))
        print(f"Kept in {models.root / calibration.FILE}; delete that file to undo it.")
    return 0


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
        with _writer(settings, answerer) as writer:
            terminal.converse(
                console,
                answerer,
                lambda: terminal.prompt(console),
                lambda text: Question(text, filters),
                live.newer,
                writer,
            )
    console.print()
    return 0


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from bot.doctor import Level, examine
    from embeddings.progress import plain

    found = []
    for finding in examine(_own_index(options, settings), environment()):
        text = plain(redact(finding.text, settings.secrets))
        found.append({"check": finding.check, "level": finding.level, "text": text})
        if not options.json:
            print(f"{finding.level:<8} {finding.check:<12} {text}", flush=True)
    errors, warnings = (sum(row["level"] == level for row in found) for level in (Level.ERROR, Level.WARNING))
    if options.json:
        print(json.dumps({"version": version(), "ok": not errors, "checks": found}, ensure_ascii=False, indent=2))
    else:
        print(f"footnote-bot {version()}: {errors} errors, {warnings} warnings")
    return 1 if errors else 0


def _health(options: argparse.Namespace, settings: Settings) -> int:
    from bot.health import ask, summary

    if settings.health is None:
        raise BadRequest("FOOTNOTE_HEALTH=no: a running bot shows nowhere how it is.")
    try:
        found = ask(settings.health)
    except (OSError, ValueError) as error:
        print(f"error: No bot answers at {settings.health} ({error}).", file=sys.stderr)
        return 1
    print(json.dumps(found, indent=2) if options.json else summary(found))
    return 0 if found["ok"] else 1


class _Models:
    """Encoder and reader, loaded by two threads, mostly outside of the interpreter.

    Whoever makes one imports what else is needed meanwhile. That is why a command has imports of its own below it.
    """

    def __init__(self, options: argparse.Namespace, settings: Settings) -> None:
        """Raises IndexUnusable where there is no index and none is to be built, BadRequest for an unknown corpus."""
        self.settings = _own_index(options, settings)
        self._corpora = _corpora(options, self.settings)
        self._stores = [_store(self.settings, corpus) for corpus in self._corpora]
        pairs = zip(self._corpora, self._stores, strict=True)
        self._missing = [(corpus, store) for corpus, store in pairs if not store.exists()]
        self._building = options.build
        if self._missing and not options.build:
            self._missing[0][1].manifest()  # says so before the models take their seconds
        aside = ThreadPoolExecutor(3)
        self._encoder = aside.submit(_encoder, settings, self._corpora[0].index)
        self._reader = aside.submit(_reader, settings)
        self._reranker = aside.submit(_reranker, settings)
        aside.shutdown(wait=False)  # takes nothing more on

    @property
    def loading(self) -> bool:
        """Whether a thread still loads one of them."""
        return not (self._encoder.done() and self._reader.done() and self._reranker.done())

    def lives(self, calibrated: bool = True) -> "list[Live]":
        """What answers from each corpus, with an index that is built now if there is none.

        `calibrated` is as sure as the operator's questions ask for.
        """
        from bot.answering.answerer import Answerer
        from bot.calibration import kept
        from bot.live import Live

        encoder = self._encoder.result()
        for corpus, store in self._missing:
            _build(corpus, store, encoder)
        pairs = list(zip(self._corpora, self._stores, strict=True))
        if self._building:
            for corpus, store in pairs:
                _warn_of_other_documents(corpus, store)
        threshold, reader, reorder = self.settings.threshold, self._reader.result(), self._reranker.result()
        own = isinstance(self.settings.reader, Path)
        lives = []
        for corpus, store in pairs:
            confidence = kept(corpus.index, lambda: self.identity) if calibrated else None
            make = partial(Answerer, confidence=confidence, reorder=reorder, corpus=corpus.name, any_language=own)
            lives.append(Live(store, encoder, threshold, reader, make, base=corpus.base))
        return lives

    def live(self, calibrated: bool = True) -> "Live":
        """What answers from the only one."""
        return self.lives(calibrated)[0]

    @property
    def root(self) -> Path:
        """The folder of the only one's index."""
        return self._corpora[0].index

    @property
    def identity(self) -> str:
        """The checksums of the models, which a calibration holds for."""
        from embeddings.encoding.models import fingerprint

        reader, reranker = self.settings.reader, self.settings.reranker
        if isinstance(reader, Path):
            read = fingerprint(reader)
        elif reader:
            from bot.reader.trained import WEIGHTS, digest_file

            read = digest_file(WEIGHTS).read_text(encoding="ascii").strip()
        else:
            read = "none"
        return f"{self._encoder.result().sha256} {read} {fingerprint(reranker) if reranker else 'none'}"

    def answerer(self) -> "Answerer":
        """The index that there is now, and all that answers from it."""
        return self.live().open()


def _own_index(options: argparse.Namespace, settings: Settings) -> Settings:
    """The settings with the index that a command was given, if it was."""
    return replace(settings, index=options.index, corpora=(), store=None) if options.index else settings


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


def _store(settings: Settings, corpus: "Corpus") -> "Store":
    from embeddings.storing.stores import store_of

    return store_of(corpus.index, settings.store, settings.store_token, corpus.name)


def _warn_of_other_documents(corpus: "Corpus", store: "Store") -> None:
    indexed = store.manifest().corpus
    if indexed != str(corpus.documents.resolve()):
        print(
            f"warning: The index holds the documents of {indexed}; make index reads {corpus.documents}.",
            file=sys.stderr,
        )


def _build(corpus: "Corpus", store: "Store", encoder: "SentenceEncoder") -> None:
    from rich.console import Console

    from embeddings.building.indexing import build
    from embeddings.progress import Bar, plain
    from embeddings.reading import language

    print(f"Indexing {corpus.documents} (once) …", file=sys.stderr, flush=True)
    with interruptible(), Bar(Console(stderr=True)) as bar:
        manifest = build(corpus.documents, corpus.index, encoder, bar.show).manifest
        store.follow(corpus.index)
    language.let_go()
    for notice in manifest.notices:
        print(f"warning: {plain(str(notice))}", file=sys.stderr)


def _encoder(settings: Settings, root: Path) -> "SentenceEncoder":
    from embeddings.encoding.sentence_encoder import SentenceEncoder

    return SentenceEncoder(settings.model, root)


def _reader(settings: Settings) -> "Reader | None":
    if not settings.reader:
        return None
    from bot.reader.trained import TrainedReader

    shipped = TrainedReader()
    if settings.reader is True:
        return shipped
    from bot.reader.operators import SpanReader

    return SpanReader(settings.reader, shipped)


def _reranker(settings: Settings) -> "Callable[[Ranking], Ranking] | None":
    if settings.reranker is None:
        return None
    from bot.reader.operators import Reranker

    return Reranker(settings.reranker).reorder


def _filters(options: argparse.Namespace) -> "Filters":
    given = tuple(options.document), options.after, options.before, options.as_of
    if given == ((), None, None, None):
        from embeddings.searching.retrieval import Filters

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
