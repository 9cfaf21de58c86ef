"""The offline side of Footnote: build an index of a folder of documents, look after it, search it, measure it."""

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from embeddings.building import unfinished
from embeddings.building.indexing import Built, Changes, build, changes_since
from embeddings.building.watching import changing
from embeddings.corpora import ALL, find_corpus
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import (
    BadRequest,
    FootnoteError,
    IndexBusy,
    IndexCorrupt,
    IndexForbidden,
    IndexUnreachable,
    IndexUnusable,
)
from embeddings.process import INTERRUPTED, interruptible
from embeddings.progress import Bar, plain
from embeddings.reading.documents import NoticeKind
from embeddings.searching import evaluation
from embeddings.searching.retrieval import Retriever
from embeddings.settings import IndexSettings, environment, use_utf8
from embeddings.storing import generations, verification
from embeddings.storing.lock import holder, locked
from embeddings.storing.stores import Store, address_of, store_of

_LABELS = {NoticeKind.FAILED: "not read", NoticeKind.IGNORED: "ignored", NoticeKind.PARTIAL: "in part"}
_CHANGES = 20
"""Most lines that are shown of what changed, or is wrong."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code.

    0; 1 when an index was built, but some files are not in it; 2 on bad input; 130 after Ctrl-C.
    """
    use_utf8()
    try:
        settings = IndexSettings.load(environment())
        options = _parser(settings).parse_args(arguments)
        code = _run(options, _chosen(options, settings))
        sys.stdout.flush()
    except FootnoteError as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:  # a full disk behind standard output, a path that no system takes
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The index is as it was before.", file=sys.stderr)
        return INTERRUPTED
    return code


def _parser(settings: IndexSettings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embeddings", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, meaning: str, index: bool = True, model: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=meaning, description=meaning)
        added.set_defaults(command=command)
        if index:
            added.add_argument(
                "--index",
                type=Path,
                metavar="DIR",
                help=f"folder of the index (default: {settings.index}, from FOOTNOTE_INDEX)",
            )
        if model:
            added.add_argument(
                "--model",
                default=settings.model,
                help="embedding model (default: %(default)s, from FOOTNOTE_MODEL)",
            )
        return added

    building = add(
        "build",
        _build,
        "Read a folder of documents and build the index that is served. Only new text is encoded. What is "
        "served stays whole, whatever happens. Exit code 1 means that some files could not be read.",
    )
    building.add_argument(
        "--corpus",
        metavar="DIR",
        help=f"folder of documents (default: {settings.corpus}, from FOOTNOTE_CORPUS); where FOOTNOTE_CORPORA names "
        f"several and no --index is given, the name of one, or {ALL} (default: {ALL})",
    )
    building.add_argument("--full", action="store_true", help="encode everything again, also what has not changed")
    building.add_argument("--strict", action="store_true", help="build nothing if any file cannot be read")
    building.add_argument(
        "--allow-empty",
        action="store_true",
        help="if the folder holds no document any more, serve an index without any, which answers nothing",
    )
    building.add_argument("--watch", action="store_true", help="go on, and build again whenever the folder changes")
    searching = add("search", _search, "Print the passages that are nearest to a query.")
    searching.add_argument("query", metavar="QUERY")
    searching.add_argument("-k", type=_count, default=5, metavar="N", help="how many (default: %(default)s)")
    status = add("status", _status, "Say what the index holds, and what changed in its corpus since.", model=False)
    status.add_argument(
        "--corpus",
        metavar="DIR",
        help=f"compare with this folder, if it moved; of FOOTNOTE_CORPORA the name of one, or {ALL} (default: {ALL})",
    )
    verifying = add("verify", _verify, "Check every byte and every offset of the index.", model=False)
    rolling = add("rollback", _rollback, "Serve an earlier generation again, after checking it.", model=False)
    for command in (verifying, rolling):
        which = "the current one" if command is verifying else "the one before the current"
        command.add_argument("generation", nargs="?", metavar="GENERATION", help=f"which (default: {which})")
    pruning = add(
        "prune",
        _prune,
        "Remove old generations from the disk, never the one that is served; --keep 1 "
        "leaves nothing else, also not what an interrupted build has put aside.",
        model=False,
    )
    pruning.add_argument(
        "--keep",
        type=_count,
        default=1,
        metavar="N",
        help="how many stay, the served one included (default: %(default)s)",
    )
    evaluating = add(
        "evaluate",
        _evaluate,
        "Measure retrieval on a folder in BEIR layout (corpus.jsonl, queries.jsonl, "
        "qrels/test.tsv). Its index is built in a temporary folder.",
        index=False,
    )
    evaluating.add_argument("folder", type=Path, metavar="DIR")
    evaluating.add_argument("--split", default="test", help="which qrels to read (default: %(default)s)")
    for command in (searching, verifying, rolling, pruning):
        command.add_argument("--corpus", metavar="NAME", help="which corpus, where FOOTNOTE_CORPORA names several")
    for command in (searching, status, verifying, rolling, pruning, evaluating):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _chosen(options: argparse.Namespace, settings: IndexSettings) -> list[argparse.Namespace]:
    """The options for each corpus that a command is for, which is one unless a file names several."""
    chosen = vars(options) | {"name": "", "address": settings.store, "token": settings.store_token}
    if "index" not in options:
        return [options]
    if options.index is None and settings.corpora:
        if options.corpus is None and options.command not in (_build, _status):
            names = ", ".join(corpus.name for corpus in settings.corpora)
            raise BadRequest(f"FOOTNOTE_CORPORA names several corpora. Say which, by --corpus NAME: {names}.")
        every = options.corpus in (None, ALL)
        corpora = settings.corpora if every else [find_corpus(settings.corpora, options.corpus)]
        return [
            argparse.Namespace(**chosen | {"name": one.name, "corpus": one.documents, "index": one.index})
            for one in corpora
        ]
    if options.corpus and options.command not in (_build, _status):
        raise BadRequest(f"There is no corpus {options.corpus!r}: FOOTNOTE_CORPORA names no file, or --index is given.")
    documents = Path(options.corpus) if options.corpus else settings.corpus if options.command is _build else None
    if options.index:  # which is another index than the one that is served
        chosen |= {"address": None}
    return [argparse.Namespace(**chosen | {"corpus": documents, "index": options.index or settings.index})]


def _run(options: argparse.Namespace, chosen: list[argparse.Namespace]) -> int:
    """Run a command for each; an error of one, where there are several, is said, and the others are seen to."""
    if getattr(options, "watch", False):
        return _watch(chosen)
    if len(chosen) == 1:
        code: int = options.command(chosen[0])
        return code
    codes: list[int] = []
    for one in chosen:
        try:
            codes.append(options.command(one))
        except FootnoteError as error:
            print(f"error: {one.name}: {plain(str(error))}", file=sys.stderr)
            codes.append(2)
    return max(codes)


def _build(options: argparse.Namespace) -> int:
    console = Console(stderr=True)
    if console.is_terminal:
        console.print("Loading the model …", style="dim")
    encoder = SentenceEncoder(options.model, options.index)
    with interruptible():
        return _build_once(options, encoder, console)


def _build_once(options: argparse.Namespace, encoder: SentenceEncoder, console: Console) -> int:
    with Bar(console) as bar:
        built = build(
            options.corpus,
            options.index,
            encoder,
            bar.show,
            full=options.full,
            strict=options.strict,
            allow_empty=options.allow_empty,
        )
        _store(options).follow(options.index)
    for notice in built.manifest.notices:
        print(f"warning: {plain(str(notice))}", file=sys.stderr)
    print(_built(built, options), flush=True)
    return 1 if any(notice.kind is NoticeKind.FAILED for notice in built.manifest.notices) else 0


def _built(built: Built, options: argparse.Namespace) -> str:
    manifest, counts = built.manifest, built.manifest.counts
    if not built.changed:
        said = f"Nothing has changed in {options.corpus}: generation {manifest.generation} stays"
    else:
        said = (
            f"Indexed {counts['documents']:,} documents from {options.corpus} into {options.index}: "
            f"{counts['passages']:,} passages ({built.encoded:,} encoded anew), "
            f"{counts['sentences']:,} sentences, generation {manifest.generation}"
        )
    failed = sum(notice.kind is NoticeKind.FAILED for notice in manifest.notices)
    return said + (f"; {failed} could not be read, see above." if failed else ".")


def _watch(chosen: list[argparse.Namespace]) -> int:
    """Build now and after every burst of changes in a folder, until Ctrl-C."""
    console = Console(stderr=True)
    if console.is_terminal:
        console.print("Loading the model …", style="dim")
    encoders = [SentenceEncoder(options.model, options.index) for options in chosen]
    with interruptible():
        try:
            looks = [_looks(options, encoder, console) for options, encoder in zip(chosen, encoders, strict=True)]
            for _ in zip(*looks, strict=True):
                pass
        except KeyboardInterrupt:
            print("\nStopped watching. The index stays as it is.", file=sys.stderr)
        return INTERRUPTED


def _looks(options: argparse.Namespace, encoder: SentenceEncoder, console: Console) -> Iterator[None]:
    """At every look for changes of one folder, build if there are any; an error is said and the next change awaited."""
    due = waiting = False
    for changed in changing(options.corpus):
        due |= changed
        if due:
            try:
                _build_once(options, encoder, console)
                due = waiting = options.full = False
            except (FootnoteError, OSError) as error:
                due = isinstance(error, IndexBusy)
                if not (due and waiting):
                    print(f"error: {plain(str(error))}", file=sys.stderr, flush=True)
                waiting = due
            if not due:
                print(f"Watching {options.corpus}; Ctrl-C ends it.", flush=True)
        yield


def _search(options: argparse.Namespace) -> int:
    retriever = _retriever(options)
    ranking = retriever.search(options.query, options.k)
    rows = []
    for hit in ranking.hits:
        document = retriever.index.document_of[hit.passage.document_id]
        rows.append(
            {
                "document": document.id,
                "title": document.title,
                "published": document.published.isoformat() if document.published else None,
                "passage": hit.passage.id,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "text": hit.passage.text,
                "score": round(hit.score, 4),
                "views": {
                    "dense": round(hit.dense, 4),
                    "sentences": round(max(hit.sentences), 4),
                    "lexical": round(hit.lexical, 4),
                },
            }
        )
    if options.json:
        _print_json({"query": ranking.query, "hits": rows})
        return 0
    for place, row in enumerate(rows, 1):
        print(
            f"{place}. {plain(str(row['title'] or row['document']))}  ({plain(str(row['document']))}, characters "
            f"{row['start']}-{row['end']}, score {row['score']})\n{plain(str(row['text']))}\n"
        )
    return 0


def _status(options: argparse.Namespace) -> int:
    manifest = generations.read_manifest(options.index)
    size = sum(file["bytes"] for file in manifest.files.values())
    age = max(datetime.now(UTC) - manifest.built_at, timedelta(0))
    changes = changes_since(options.index, options.corpus)
    others = [name for name in generations.generation_names(options.index) if name != manifest.generation]
    writer = holder(options.index)
    address = options.address and address_of(options.address, options.name)
    if options.json:
        _print_json(
            ({"corpus_name": options.name} if options.name else {})
            | dataclasses.asdict(manifest)
            | {
                "built_at": manifest.built_at.isoformat(),
                "bytes": size,
                "age_seconds": round(age.total_seconds()),
                "changes": changes._asdict() if changes is not None else None,
                "other_generations": others,
                "being_changed_by": dataclasses.asdict(writer) if writer else None,
                "store": str(address) if address else None,
            },
            indent=None if options.name else 2,
        )
        return 0
    if options.name:
        print(f"[corpora.{options.name}]")
    print(
        f"generation  {manifest.generation}, built {manifest.built_at:%Y-%m-%d %H:%M} UTC ({_age(age)} ago)\n"
        f"model       {manifest.model.name}, fingerprint {manifest.model.sha256[:12]}…, "
        f"{manifest.model.dimension} dimensions\n"
        f"runtime     {manifest.model.runtime}\nsize        {size / 1024**2:.1f} MiB\n"
        f"store       {f'Milvus: {address}' if address else 'the folder of the index'}"
    )
    for what, count in manifest.counts.items():
        print(f"{what:<11} {count:,}")
    print(f"corpus      {plain(str(options.corpus or manifest.corpus))}")
    print("\n".join(f"            {plain(line)}" for line in _changed(changes)))
    for name in others:
        print(f"also here   {name}")
    if writer:
        print(f"just now    being changed: {plain(str(writer))}")
    for notice in manifest.notices:
        print(f"{_LABELS[notice.kind]:<11} {plain(str(notice))}")
    return 0


def _changed(changes: Changes | None) -> list[str]:
    if changes is None:
        return ["is not there any more, so what changed since cannot be said; see --corpus"]
    if not changes:
        return ["has not changed since"]
    lines = [f"{sign} {path}" for sign, paths in zip("+~-", changes[:3], strict=True) for path in paths]
    lines += [f"> {before} is now {after}" for before, after in changes.moved]
    return ["has changed since: python -m embeddings build", *lines[:_CHANGES]] + (
        [f"and {len(lines) - _CHANGES:,} more changes"] if len(lines) > _CHANGES else []
    )


def _verify(options: argparse.Namespace) -> int:
    name = options.generation or generations.current_name(options.index)
    if name is None:
        name = generations.read_manifest(options.index).generation  # raises, and says why there is none
    if name not in generations.generation_names(options.index):
        raise BadRequest(f"There is no generation {name!r} in {options.index}; status lists them.")
    found = generations.damage(options.index, name)
    if not found:
        try:
            found = list(verification.problems(generations.open_generation(options.index, name)))
            found += [] if found else _store(options).problems(options.index, name)
        except (IndexForbidden, IndexUnreachable):
            raise
        except IndexUnusable as error:
            found = [str(error)]
    if found and name not in generations.generation_names(options.index):
        raise IndexUnusable(
            f"Generation {name} was removed while it was checked. Verify again: python -m embeddings verify"
        )
    if options.json:
        _print_json({"generation": name, "ok": not found, "problems": found})
        return 2 if found else 0
    if not found:
        print(f"Generation {name} is whole: every byte and every offset is as it was written.")
        return 0
    for problem in found[:_CHANGES]:
        print(plain(problem), file=sys.stderr)
    problems = "a problem" if len(found) == 1 else f"{len(found):,} problems"
    raise IndexCorrupt(
        f"Generation {name} has {problems}. Build again (python -m embeddings build), or go back to an earlier "
        "generation (python -m embeddings rollback [GENERATION])."
    )


def _rollback(options: argparse.Namespace) -> int:
    if not generations.generation_names(options.index):
        generations.read_manifest(options.index)  # raises, before a folder is made for the lock
    with interruptible(), locked(options.index, "rollback"):
        generations.sweep(options.index)
        before = generations.current_name(options.index)
        manifest = generations.rollback(options.index, options.generation).manifest
    _store(options).follow(options.index)
    if options.json:
        _print_json({"generation": manifest.generation, "before": before, "counts": dict(manifest.counts)})
        return 0
    earlier = f"; before it was {before}" if before else ""
    print(
        f"Serving generation {manifest.generation} again ({manifest.counts['documents']:,} documents, built "
        f"{manifest.built_at:%Y-%m-%d %H:%M} UTC, model {manifest.model.name}){earlier}."
    )
    return 0


def _prune(options: argparse.Namespace) -> int:
    generations.read_manifest(options.index)  # without a current one, nothing says which to spare
    with interruptible(), locked(options.index, "prune"):
        generations.sweep(options.index)
        removed = generations.prune(options.index, options.keep)
        kept = generations.generation_names(options.index)
        gone = options.keep > 1 or unfinished.erase(options.index)
        if len(kept) > options.keep or generations.leftovers(options.index) or not gone:
            raise IndexUnusable(
                f"Not all could be removed from {options.index}. Check the folder's permissions, then prune again."
            )
    _store(options).follow(options.index)
    if options.json:
        _print_json({"removed": removed, "kept": kept})
        return 0
    print(f"Generations removed: {', '.join(removed) or 'none'}. Left: {', '.join(kept)}.")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    collection = evaluation.read_collection(options.folder, options.split)
    if not (options.folder / "corpus.jsonl").is_file():
        raise FootnoteError(f"{options.folder} has no corpus.jsonl; it is not in BEIR layout.")
    encoder = SentenceEncoder(options.model)
    with interruptible(), tempfile.TemporaryDirectory() as folder, Bar(Console(stderr=True)) as bar:
        corpus, root = Path(folder, "corpus"), Path(folder, "index")
        corpus.mkdir()
        shutil.copy(options.folder / "corpus.jsonl", corpus)
        build(corpus, root, encoder, bar.show)
        opened = generations.open_current(root, encoder.sha256)
    with interruptible(), Bar(Console(stderr=True)) as bar:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            bar.show("queries", done, len(collection.queries))

        found = evaluation.run(Retriever(opened.index, encoder), collection, advance)
    measured = evaluation.measures(collection.qrels, found)
    counts = opened.manifest.counts
    if options.json:
        _print_json({"queries": len(collection.queries)} | dict(counts) | {"measures": measured})
        return 0
    print(f"{len(collection.queries)} queries, {counts['documents']} documents, {counts['passages']} passages")
    for name, value in measured.items():
        print(f"{name:<12} {value:.4f}")
    return 0


def _retriever(options: argparse.Namespace) -> Retriever:
    encoder = SentenceEncoder(options.model, options.index)
    return Retriever(_store(options).open(encoder.sha256).index, encoder)


def _store(options: argparse.Namespace) -> Store:
    return store_of(options.index, options.address, options.token, options.name)


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError("a number from 1 to 1000 is needed")
    return number


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds()) // 3600
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours >= 2 else f"{age.seconds // 60} minutes"


def _print_json(value: object, indent: int | None = 2) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=indent))
