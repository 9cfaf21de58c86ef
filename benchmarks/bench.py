"""Footnote's retrieval beside sentence-transformers with FAISS, LangChain, LlamaIndex and txtai: `make bench`.

Writes docs/benchmarks.md and its picture. Each of the others runs in an environment of its own, made under
`benchmarks/.cache`, with the model, the texts and the questions that all are given. They take turns, round by round, so
that whatever else the machine does hits all alike; every figure is a median over the rounds.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import bench_page
import bench_parts
import numpy as np
import public_data
from tune_fusion import REPORTED_SQUAD

from embeddings.encoding.models import packaged_model
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.reading.documents import Document, read_documents
from embeddings.splitting.passages import split, text_for_encoder

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ENVIRONMENTS = HERE / ".cache" / "rivals"
LAST = HERE / ".cache" / "bench.json"
WARM, READY = 16, 4
"""Passages and questions by which a process gets ready before anything is counted."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A system that is measured: its script in `rivals/`, and which packages' versions the page names."""

    name: str
    script: str
    packages: tuple[str, ...]

    @property
    def requirements(self) -> Path:
        """What to install for it; no file for what Footnote's own environment has."""
        return HERE / "rivals" / f"{self.script}.txt"


PLAIN = Candidate("plain", "plain", ("sentence-transformers", "torch", "faiss-cpu"))
OURS = Candidate("Footnote", "footnote", ("openvino", "faiss-cpu", "PyStemmer"))
CANDIDATES = (
    PLAIN,
    Candidate("LangChain", "with_langchain", ("langchain-core", "langchain-community", "langchain-huggingface")),
    Candidate("LlamaIndex", "with_llamaindex", ("llama-index-core", "llama-index-vector-stores-faiss")),
    Candidate("txtai", "with_txtai", ("txtai",)),
    OURS,
)


@dataclass(frozen=True, slots=True)
class Work:
    """What all are given: passages as rivals/protocol.py has them, and questions, each with its right document."""

    corpus: str
    passages: list[dict[str, str]]
    questions: list[tuple[str, str | None]]


class Failure(Exception):  # noqa: N818 - what a benchmark reports, not a mistake of its own
    """A system could not be installed, or did not do what it was asked; says why."""


class Process:
    """A system in a process of its own, from its start; a context manager, after which it has ended."""

    def __init__(self, python: Path, candidate: Candidate, folder: Path) -> None:
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true", "PYTHONPATH": ""}
        if not candidate.requirements.exists():
            environment["PYTHONPATH"] = str(ROOT)
        script = HERE / "rivals" / f"{candidate.script}.py"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(  # noqa: S603
            [python, script, packaged_model(), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        if kind:
            self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._log.close()

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """What it answers to one request. Raises Failure."""
        assert self._process.stdin and self._process.stdout  # noqa: S101 - both are pipes
        with suppress(BrokenPipeError):
            print(json.dumps({"do": do, **request}), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            self._log.seek(0)
            said = self._log.read().decode(errors="replace").strip().splitlines()
            raise Failure(f"it ended: {said[-1] if said else 'without a word'}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failure(f"{do}: {answer['error']}")
        return answer


def environment(candidate: Candidate, folder: Path) -> Path:
    """The interpreter that has what the candidate needs, in an environment made on first use. Raises Failure."""
    if not candidate.requirements.exists():
        return Path(sys.executable)
    place, wanted = folder / candidate.script, candidate.requirements.read_text(encoding="utf-8")
    python, ready = place / "bin" / "python", place / ".ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
        say(f"{candidate.name}: making its environment (once, some minutes)")
        pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        shared = pinned(folder)
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(place)],
            [str(each) for each in (python, *pip, "-r", candidate.requirements, "-c", shared)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode:
                raise Failure(f"its environment could not be made: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
        ready.write_text(wanted, encoding="utf-8")
    return python


def pinned(folder: Path) -> Path:
    """A file of constraints: the same versions for all of what computes, from constraints.txt."""
    names = ("torch", "sentence-transformers", "transformers", "faiss-cpu", "numpy")
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "constraints.txt"
    path.write_text("".join(f"{line}\n" for line in lines if line.partition("==")[0] in names), encoding="utf-8")
    return path


def work(passages: int, questions: int, encoder: SentenceEncoder) -> Work:
    """SQuAD's first paragraphs, and questions spread over those that tune_fusion.py left out; else what is shipped."""
    if not public_data.ROOT.is_dir():
        documents = read_documents(ROOT / "seeds").documents
        rows = (HERE / "development" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        asked = [(json.loads(row)["question"], None) for row in rows]
        return Work(
            "the documents in `seeds/`, not judged", cut(documents, passages, encoder), spread(asked, questions)
        )
    documents = tuple(
        Document(row["id"], row["title"].replace("_", " "), row["text"])
        for row in public_data.rows("squad2_halfdev", "corpus.jsonl")
    )
    pieces = cut(documents, passages, encoder)
    there = {piece["document"] for piece in pieces}
    answerable = [row for row in public_data.rows("squad2_halfdev") if row["answerable"]][:REPORTED_SQUAD]
    asked = [(row["question"], row["gold_ids"][0]) for row in answerable if row["gold_ids"][0] in there]
    return Work("paragraphs of SQuAD 2.0", pieces, spread(asked, questions))


def cut(documents: Sequence[Document], most: int, encoder: SentenceEncoder) -> list[dict[str, str]]:
    """The passages of the first documents, as many as asked for, and no document in part."""
    made = list[dict[str, str]]()
    for document in documents:
        parts = split(document, encoder)
        if made and len(made) + len(parts) > most:
            break
        made += [
            {
                "id": part.id,
                "text": text_for_encoder(document.title, part, encoder),
                "document": document.id,
                "title": document.title,
                "whole": document.text,
            }
            for part in parts
        ]
    return made


def spread(rows: Sequence[Any], count: int) -> list[Any]:
    """So many of the rows, evenly spaced."""
    return [rows[number * len(rows) // min(count, len(rows))] for number in range(min(count, len(rows)))]


def changed(passages: list[dict[str, str]], encoder: SentenceEncoder, number: int) -> tuple[list[str], list[Any]]:
    """One document with another sentence at its end: the ids of its old passages, and its new ones."""
    key = passages[len(passages) // 2]["document"]
    old = [passage for passage in passages if passage["document"] == key]
    text = f"{old[0]['whole']} This sentence was added as number {number}."
    return [passage["id"] for passage in old], cut([Document(key, old[0]["title"], text)], len(passages), encoder)


def measure(python: Path, candidate: Candidate, given: Work, encoder: SentenceEncoder, root: Path) -> dict[str, Any]:
    """One round of one system: what each thing it does took. Raises Failure."""
    folder = root / candidate.script
    folder.mkdir(exist_ok=True)
    found: dict[str, Any] = {}
    document_of = {passage["id"]: passage["document"] for passage in given.passages}
    with Process(python, candidate, folder) as process:
        found["versions"] = process.ask("versions", packages=candidate.packages)
        process.ask("ingest", passages=given.passages[:WARM])
        ingested = process.ask("ingest", passages=given.passages)
        for clock in ("wall", "cpu"):
            found[f"rate_{clock}"] = len(given.passages) / ingested[clock]
        found["bytes"] = ingested["bytes"]
        for question, _ in given.questions[:READY]:
            process.ask("query", text=question)
        asked = [(process.ask("query", text=question), gold) for question, gold in given.questions]
        for clock in ("wall", "cpu"):
            taken = [answer[clock] for answer, _ in asked]
            found[f"p50_{clock}"], found[f"p95_{clock}"] = map(float, np.percentile(taken, [50, 95]))
        for k in (1, 10):
            right = [gold in ranked(answer["found"], document_of)[:k] for answer, gold in asked if gold]
            found[f"recall_{k}"] = statistics.mean(right) if right else None
        removed, passages = changed(given.passages, encoder, 1)
        updated = process.ask("update", removed=removed, passages=passages)
        found |= {"update_wall": updated["wall"], "update_cpu": updated["cpu"]}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with Process(python, candidate, folder) as process:
        answer = process.ask("query", text=given.questions[0][0])
        found["cold_wall"] = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found["cold_cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return found | {"resident": answer["resident"]}


def ranked(found: list[str], document_of: dict[str, str]) -> list[str]:
    """The documents of the passages found, each once, best first."""
    return list(dict.fromkeys(document_of[key] for key in found))


def medians(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Each figure's median over the rounds; what is no number is as in the last."""
    return {
        key: statistics.median(one[key] for one in rounds) if isinstance(value, int | float) else value
        for key, value in rounds[-1].items()
    }


def compare(
    candidates: Sequence[Candidate], given: Work, encoder: SentenceEncoder, rounds: int, environments: Path
) -> Iterator[dict[str, dict[str, Any]]]:
    """After each round, every system's figures so far by its name, or {"failed": why}."""
    failed: dict[str, dict[str, Any]] = {}
    measured: dict[str, list[dict[str, Any]]] = {candidate.name: [] for candidate in candidates}
    with tempfile.TemporaryDirectory() as name:
        for number in range(1, rounds + 1):
            for candidate in candidates:
                if candidate.name in failed:
                    continue
                say(f"round {number} of {rounds}: {candidate.name}")
                try:
                    python = environment(candidate, environments)
                    measured[candidate.name].append(measure(python, candidate, given, encoder, Path(name)))
                except Failure as reason:
                    say(f"{candidate.name}: {reason}")
                    failed[candidate.name] = {"failed": str(reason)}
            yield {name: failed.get(name) or medians(taken) for name, taken in measured.items()}


def say(what: str) -> None:
    """Tell the operator, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d"),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure everything, then write the page; returns the exit code, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=300, help="about how many (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=150, help="how many (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how many (default: %(default)s)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="systems to measure, plain and Footnote as well")
    parser.add_argument("--no-parts", action="store_true", help="without Footnote's parts over 20,000 passages")
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS, help="where those of the others are made")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="folder of the page (default: docs)")
    parser.add_argument(
        "--page", action="store_true", help="write the page of the last run, as far as it came; measure nothing"
    )
    options = parser.parse_args(arguments)
    try:
        if not options.page:
            run(options)
        bench_page.write(options.out, json.loads(LAST.read_text(encoding="utf-8")))
    except KeyboardInterrupt:
        print("\nStopped; the page is as it was.", file=sys.stderr)
        return 130
    print(f"written: {options.out / 'benchmarks.md'}", file=sys.stderr)
    return 0


def run(options: argparse.Namespace) -> None:
    """Measure as the options say, and keep the figures in `LAST`."""
    about, start = machine(), time.perf_counter()
    LAST.parent.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in CANDIDATES if not options.only or one in (PLAIN, OURS) or one.name in options.only]
    encoder = SentenceEncoder(root=HERE / ".cache" / "model")
    given = work(options.passages, options.questions, encoder)
    kept: dict[str, Any] = {"corpus": given.corpus, "passages": len(given.passages), "questions": len(given.questions)}
    for done, results in enumerate(compare(chosen, given, encoder, options.rounds, options.environments), 1):
        ended = {"minutes": (time.perf_counter() - start) / 60, "load_after": os.getloadavg()[0]}
        kept |= {"machine": about | ended, "rounds": done, "results": results, "parts": []}
        keep(kept)
    if not options.no_parts:
        keep(kept | {"parts": [asdict(part) for part in bench_parts.measure(encoder)]})


def keep(figures: dict[str, Any]) -> None:
    """Leave the figures for the page, all or nothing."""
    aside = LAST.with_suffix(".new")
    aside.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    aside.replace(LAST)


if __name__ == "__main__":
    sys.exit(main())
