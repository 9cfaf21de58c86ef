"""The offline side of Footnote: build an index of a folder of documents, search it, look at it, measure it."""

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from embeddings import evaluation, generations
from embeddings.encoder import SentenceEncoder
from embeddings.errors import FootnoteError
from embeddings.indexing import build
from embeddings.progress import Bar, plain
from embeddings.retrieval import Retriever
from embeddings.settings import IndexSettings, environment, use_utf8


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 2 on bad input, 130 after Ctrl-C."""
    use_utf8()
    try:
        settings = IndexSettings.load(environment())
        options = _parser(settings).parse_args(arguments)
        code: int = options.command(options)
    except FootnoteError as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:  # a full disk behind standard output, a path that no system takes
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The index is as it was before.", file=sys.stderr)
        return 130
    return code


def _parser(settings: IndexSettings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embeddings", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, meaning: str, index: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=meaning, description=meaning)
        added.set_defaults(command=command)
        if index:
            added.add_argument(
                "--index",
                type=Path,
                default=settings.index,
                metavar="DIR",
                help="folder of the index (default: %(default)s, from FOOTNOTE_INDEX)",
            )
        added.add_argument(
            "--model",
            default=settings.model,
            help="embedding model (default: %(default)s, from FOOTNOTE_MODEL)",
        )
        return added

    building = add("build", _build, "Read a folder of documents and build the index that is served.")
    building.add_argument(
        "--corpus",
        type=Path,
        default=settings.corpus,
        metavar="DIR",
        help="folder of documents (default: %(default)s, from FOOTNOTE_CORPUS)",
    )
    searching = add("search", _search, "Print the passages that are nearest to a query.")
    searching.add_argument("query", metavar="QUERY")
    searching.add_argument("-k", type=_count, default=5, metavar="N", help="how many (default: %(default)s)")
    status = add("status", _status, "Say what the index holds.")
    evaluating = add(
        "evaluate",
        _evaluate,
        "Measure retrieval on a folder in BEIR layout (corpus.jsonl, queries.jsonl, "
        "qrels/test.tsv). Its index is built in a temporary folder.",
        index=False,
    )
    evaluating.add_argument("folder", type=Path, metavar="DIR")
    evaluating.add_argument("--split", default="test", help="which qrels to read (default: %(default)s)")
    for command in (searching, status, evaluating):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _build(options: argparse.Namespace) -> int:
    console = Console(stderr=True)
    with console.status("Loading the model …") if console.is_terminal else nullcontext():
        encoder = SentenceEncoder(options.model)
    with Bar(console) as bar:
        manifest = build(options.corpus, options.index, encoder, bar.show)
    for notice in manifest.notices:
        print(f"warning: {plain(notice)}", file=sys.stderr)
    counts = manifest.counts
    print(
        f"Indexed {counts['documents']} documents from {options.corpus} into {options.index}: "
        f"{counts['passages']} passages, {counts['sentences']} sentences, generation {manifest.generation}"
        + (f"; {len(manifest.notices)} warnings above." if manifest.notices else ".")
    )
    return 0


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
    if options.json:
        _print_json(dataclasses.asdict(manifest) | {"built_at": manifest.built_at.isoformat()})
        return 0
    size = sum(file["bytes"] for file in manifest.files.values())
    age = datetime.now(UTC) - manifest.built_at
    print(
        f"generation  {manifest.generation}, built {manifest.built_at:%Y-%m-%d %H:%M} UTC "
        f"({age.days} days ago)\nmodel       {manifest.model.name}, weights {manifest.model.sha256[:12]}…, "
        f"{manifest.model.dimension} dimensions\nsize        {size / 1024**2:.1f} MiB"
    )
    for what, count in manifest.counts.items():
        print(f"{what:<11} {count}")
    for notice in manifest.notices:
        print(f"warning     {plain(notice)}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    collection = evaluation.read_collection(options.folder, options.split)
    if not (options.folder / "corpus.jsonl").is_file():
        raise FootnoteError(f"{options.folder} has no corpus.jsonl; it is not in BEIR layout.")
    encoder = SentenceEncoder(options.model)
    with tempfile.TemporaryDirectory() as folder, Bar(Console(stderr=True)) as bar:
        corpus, root = Path(folder, "corpus"), Path(folder, "index")
        corpus.mkdir()
        shutil.copy(options.folder / "corpus.jsonl", corpus)
        build(corpus, root, encoder, bar.show)
        opened = generations.open_current(root, encoder.sha256)
    with Bar(Console(stderr=True)) as bar:
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
    encoder = SentenceEncoder(options.model)
    return Retriever(generations.open_current(options.index, encoder.sha256).index, encoder)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError("from 1 to 1000")
    return number


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    sys.exit(main())
