"""How the index grows: `make scale`, or with SIZE=1000000 for the large one.

    python benchmarks/scale.py [--size PASSAGES] [--folder DIR]

The texts are support articles, abstracts, the seeds and a manual, as pages of some passages, again and again in
editions: in each, three words of ten are other words of the collection, and some are new, so that no edition counts as
a copy of another. The pages themselves are encoded. A passage of an edition has the vector of the passage that it was
made from, moved by a part of the difference of two others, so that vectors are spread as real ones are; so have its
sentences. Questions are those that come with the collections, encoded.

Beyond 100,000 passages the index is made of the one of 100,000, without reading files: its documents again and again,
with words exchanged for others as long, so that passages and sentences stay where they are, and vectors moved as above.
Copies are not looked for then.

Each figure is of a process of its own. They are printed as rows of a table, and kept beside the index as
`measured.json`; the table of docs/scale.md is made of these (`--table FILE ...`).
"""

import argparse
import ctypes
import gc
import json
import math
import random
import re
import resource
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from public_data import asked, rows

from bot.live import Live
from embeddings.building.indexing import build
from embeddings.encoding.encoder import Vectors, Window
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.reading.documents import Document, read_documents
from embeddings.searching.index import Index, coarse_vectors, compact_vectors, exact_vectors
from embeddings.searching.lexical import Lexical
from embeddings.searching.retrieval import Filters, Retriever
from embeddings.searching.vocabulary import Vocabulary
from embeddings.splitting.passages import Passage, passage_id
from embeddings.storing import generations
from training.sources import rows as json_lines

PROJECT = Path(__file__).resolve().parents[1]
CACHE = PROJECT / "benchmarks" / ".cache" / "scale"
GOLDEN = PROJECT / "benchmarks" / "golden" / "questions.jsonl"
COLLECTIONS = {"techqa": 400, "wixqa": 200, "scifact": 1500}
"""Of each how many documents."""
PAGE = 8000
"""Characters of a page, about."""
EXCHANGED, NEW = 0.3, 0.002
"""Shares of the words of an edition that are others, and that stand nowhere else."""
MOVED = 0.6
"""How far a vector is moved, as a share of the difference of two others."""
BUILT = 100_000
"""Passages up to which an index is built from files."""
MOST_QUESTIONS = 300
FILTERED = 0.01
"""Share of the documents that the filter lets in."""


def pages() -> list[str]:
    """The collections as Markdown pages."""
    found = [
        (row["title"], row["text"]) for name, most in COLLECTIONS.items() for row in rows(name, "corpus.jsonl")[:most]
    ]
    for folder in (PROJECT / "seeds", PROJECT / "benchmarks" / "manual" / "pages"):
        found += [(document.title, document.text) for document in read_documents(folder).documents]
    made = [""]
    for title, text in found:
        if len(made[-1]) > PAGE:
            made.append("")
        made[-1] += f"## {' '.join(title.split())}\n\n{text}\n\n"
    return made


def questions() -> list[str]:
    """What is asked: the same share of every collection."""
    found = [asked(row) for name in ("techqa", "wixqa") for row in rows(name)]
    found += [" ".join(row["text"].split()) if "text" in row else asked(row) for row in rows("scifact")]
    found += [row["question"] for row in json_lines(GOLDEN)]
    random.Random(1).shuffle(found)
    return found[:MOST_QUESTIONS]


def edition(page: str, words: Sequence[str], number: int, seed: int) -> str:
    """A page with some of its words exchanged; the first edition is the page itself."""
    if not number:
        return page
    rng = random.Random(seed)

    def other(found: re.Match[str]) -> str:
        chance = rng.random()
        if chance < NEW:
            return f"{rng.choice(words)[:4]}{rng.getrandbits(30):x}"
        return rng.choice(words) if chance < EXCHANGED else found[0]

    return re.sub(r"\w+", other, page)


class Base:
    """The pages, encoded: what editions take their vectors from."""

    def __init__(self, root: Path) -> None:
        self.encoder = SentenceEncoder(root=root)
        corpus, index = root / "corpus", root / "index"
        if not (root / "questions.npy").exists():
            corpus.mkdir(parents=True, exist_ok=True)
            for number, page in enumerate(pages()):
                (corpus / f"{number:05}.md").write_text(f"# Page {number}\n\n{page}", encoding="utf-8")
            began = time.perf_counter()
            built = build(corpus, index, self.encoder)
            rate = built.manifest.counts["passages"] / (time.perf_counter() - began)
            (root / "rate.json").write_text(json.dumps(rate), encoding="utf-8")
            np.save(root / "questions.npy", self.encoder.encode_queries(questions()))
        self.rate: float = json.loads((root / "rate.json").read_text(encoding="utf-8"))
        self.pages = [path.read_text(encoding="utf-8").partition("\n\n")[2] for path in sorted(corpus.glob("*.md"))]
        self.queries = dict(zip(questions(), np.load(root / "questions.npy"), strict=True))
        self._root = root

    @cached_property
    def index(self) -> Index:
        """The pages' own index."""
        return generations.open_current(self._root / "index").index

    @cached_property
    def passages(self) -> dict[int, list[tuple[frozenset[str], int]]]:
        """Of each page its passages, as their words and their rows."""
        found: dict[int, list[tuple[frozenset[str], int]]] = {}
        for row, passage in enumerate(self.index.passages):
            found.setdefault(int(passage.document_id), []).append((frozenset(passage.text.split()), row))
        return found

    @cached_property
    def vectors(self) -> tuple[Vectors, Vectors]:
        """Those of passages and of sentences."""
        index = self.index
        every = (index.passage_vectors, index.sentence_vectors)
        one, other = (each.reconstruct_batch(np.arange(each.ntotal)) for each in every)
        return one, other


class EditionEncoder:
    """An encoder that knows the pages; what it gives for a text is the same each time. See Encoder."""

    name, runtime, sha256 = "editions", "taken from the pages'", "0" * 64

    def __init__(self, base: Base) -> None:
        self._base = base
        self.dimension, self.max_tokens = base.encoder.dimension, base.encoder.max_tokens
        self.token_spans = base.encoder.token_spans

    def settle(self, texts: Sequence[str]) -> None:
        """There is nothing to choose."""

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Of the questions only."""
        return np.stack([self._base.queries[query] for query in queries])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See the module."""
        return np.stack([self._window(Window(text, ()))[0] for text in texts])

    def encode_windows(self, windows: Sequence[Window], progress: Callable[[int], None] | None = None) -> list[Vectors]:
        """See the module."""
        return [self._window(window) for window in windows]

    def _window(self, window: Window) -> Vectors:
        own, sentences = self._base.vectors
        rng = np.random.default_rng(zlib.crc32(window.text.encode()))
        one, other = own[rng.integers(len(own), size=2)]
        page = int(window.text.split(maxsplit=2)[1].rstrip(","))  # of "Page 12, edition 3"
        words = set(window.text.split())
        row = max(self._base.passages[page], key=lambda each: len(words & each[0]))[1]
        first, count = self._base.index.first_sentence[row], self._base.index.sentence_counts[row]
        chosen = [int(first) + zlib.crc32(window.text[a:b].encode()) % int(count) for a, b in window.sentences]
        found = np.concatenate([own[row : row + 1], sentences[chosen]]) + MOVED * (one - other)
        return _unit(found).astype(np.float32)


def write_corpus(base: Base, folder: Path, size: int) -> None:
    """Write editions until there are about so many passages."""
    words = re.findall(r"\w+", " ".join(base.pages))
    count = math.ceil(size * len(base.pages) / base.index.passage_vectors.ntotal)
    for number in range(count):
        numbered, page = divmod(number, len(base.pages))
        text = edition(base.pages[page], words, numbered, number)
        path = folder / f"{numbered:05}" / f"{page:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Page {page}, edition {numbered}\n\n{text}", encoding="utf-8")


def resident(field: str = "Rss") -> float:
    """Megabytes of this process."""
    text = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return float(re.findall(rf"^{field}:\s+(\d+)", text, re.MULTILINE)[0]) / 1024


def percentiles(taken: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds."""
    return float(np.percentile(taken, 50)) * 1e3, float(np.percentile(taken, 95)) * 1e3


def built(base: Base, folder: Path, what: str) -> dict[str, Any]:
    """Build, and say how long it took and how much memory."""
    began, used = time.perf_counter(), time.process_time()
    manifest = build(folder / "corpus", folder / "index", EditionEncoder(base)).manifest
    return {
        f"{what}_s": time.perf_counter() - began,
        f"{what}_processor_s": time.process_time() - used,
        f"{what}_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "counts": dict(manifest.counts),
    }


def _build(base: Base, folder: Path) -> dict[str, Any]:
    return built(base, folder, "build") | _files(base, folder)


def _files(base: Base, folder: Path) -> dict[str, Any]:
    newest = next((folder / "index" / "generations").iterdir())
    files = {str(path.relative_to(newest)): path.stat().st_size for path in newest.rglob("*") if path.is_file()}
    return {"files": files, "encoding_per_s": base.rate}


def _multiply(base: Base, folder: Path) -> dict[str, Any]:
    """An index of many times the documents of the one of `BUILT` passages."""
    began = time.perf_counter()
    source, rng = generations.open_current(CACHE / str(BUILT) / "index").index, np.random.default_rng(1)
    exchange = _exchange(base)
    own, sentences = (each.reconstruct_n(0, each.ntotal) for each in (source.passage_vectors, source.sentence_vectors))
    ends = source.first_sentence + source.sentence_counts
    documents: list[Document] = []
    passages: list[Passage] = []
    vectors, sentence_vectors = exact_vectors(own[:0]), compact_vectors(own[:0])
    for number in range(int(folder.name) // BUILT):
        for document in source.documents:
            key, text = f"{number:03}/{document.id}", exchange(document.text, number)
            documents.append(Document(key, document.title, text))
            seen: Counter[str] = Counter()
            for passage in source.passages_of[document.id]:
                said = text[passage.start : passage.end]
                passages.append(replace(passage, id=passage_id(key, said, seen[said]), document_id=key, text=said))
                seen[said] += 1
        moved = MOVED * (own[rng.permutation(len(own))] - own[rng.permutation(len(own))]) * bool(number)
        vectors.add(_unit(own + moved))
        moved = np.repeat(moved, np.diff(ends, prepend=0), axis=0)
        sentence_vectors.add(np.clip(_unit(sentences + moved), -0.5, 0.5))
        print(f"  {len(passages):,} passages, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    lexical = Lexical.of([passage.text for passage in passages])
    print(f"  postings, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    vocabulary = Vocabulary.of(documents)
    print(f"  vocabulary, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    coarse = coarse_vectors(vectors)
    print(f"  coarse vectors, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    index = Index(documents, passages, vectors, sentence_vectors, lexical, vocabulary, {}, coarse)
    encoder = EditionEncoder(base)
    model = generations.Model(encoder.name, encoder.sha256, encoder.dimension, encoder.runtime)
    manifest = generations.publish(folder / "index", index, model, {}, ())
    return {"counts": dict(manifest.counts), "multiply_s": time.perf_counter() - began, **_files(base, folder)}


def _exchange(base: Base) -> Callable[[str, int], str]:
    """Exchange words of five letters and more for others as long; a text's first edition is itself."""
    of_length: dict[int, list[str]] = {}
    for word in re.findall(r"\w{5,}", " ".join(base.pages)):
        of_length.setdefault(len(word), []).append(word)
    rng = random.Random(2)

    def other(found: re.Match[str]) -> str:
        chance, word = rng.random(), found[0]
        if chance >= EXCHANGED or len(word) not in of_length:
            return word
        if chance < NEW:
            return f"{rng.getrandbits(4 * len(word)):0{len(word)}x}"
        return rng.choice(of_length[len(word)])

    return lambda text, number: re.sub(r"\w{5,}", other, text) if number else text


def _unit(vectors: Vectors) -> Vectors:
    found: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def _update(base: Base, folder: Path) -> dict[str, Any]:
    changed = sorted((folder / "corpus").rglob("*.md"))[7]
    changed.write_text(
        changed.read_text(encoding="utf-8") + "\n\nOne more sentence stands here now.\n", encoding="utf-8"
    )
    found = built(base, folder, "update")
    newest, *_ = sorted((folder / "index" / "generations").iterdir(), reverse=True)
    written = sum(p.stat().st_size for p in newest.rglob("*") if p.is_file() and p.stat().st_nlink == 1)
    return {key: value for key, value in found.items() if key != "counts"} | {"update_written": written}


def _open(base: Base, folder: Path) -> dict[str, Any]:
    encoder = EditionEncoder(base)
    gc.collect()
    _trim()
    before, began = resident(), time.perf_counter()
    answerer = Live(folder / "index", encoder, 0.5).open()
    took = time.perf_counter() - began
    return {"open_s": took, "open_mb": resident() - before, "passages": len(answerer.index.passages)}


def _ask(base: Base, folder: Path) -> dict[str, Any]:
    encoder, asking = EditionEncoder(base), list(base.queries)
    before = resident()
    answerer = Live(folder / "index", encoder, 0.5).open()
    retriever = answerer.retriever
    for question in asking[:10]:
        retriever.search(question)
    taken, used, found = _timed(retriever, asking)
    p50, p95 = percentiles(taken)
    print(f"  asked: {p50:.1f} {p95:.1f} ms", flush=True, file=sys.stderr)
    after = resident()
    result: dict[str, Any] = {"p50_ms": p50, "p95_ms": p95}
    result["p50_processor_ms"], result["p95_processor_ms"] = percentiles(used)
    result |= {"asked_mb": after - before, "asked_total_mb": after}
    ids = random.Random(3).sample(list(answerer.index.ids), max(1, round(FILTERED * len(answerer.index.ids))))
    began = time.perf_counter()
    within = retriever.within(Filters(tuple(ids)))
    result["filter_s"] = time.perf_counter() - began
    taken, _, _ = _timed(within, asking)
    result["filter_p50_ms"], result["filter_p95_ms"] = percentiles(taken)
    result["filter_recall"] = _recall(within, asking[:100])
    result |= _recalls(retriever, asking, found)
    return result


def _timed(retriever: Retriever, asking: Sequence[str]) -> tuple[list[float], list[float], list[list[str]]]:
    """Of each question the seconds and the processor's, and the passages that were found."""
    taken, used, found = [], [], []
    for question in asking:
        began, before = time.perf_counter(), time.process_time()
        ranking = retriever.search(question)
        taken.append(time.perf_counter() - began)
        used.append(time.process_time() - before)
        found.append([hit.passage.id for hit in ranking.hits])
    return taken, used, found


def _recall(retriever: Retriever, asking: Sequence[str]) -> float:
    """Of the ten passages nearest by their vectors the share that is found among as many."""
    index, shares = retriever.index, []
    for question in asking:
        vector = retriever._encoder.encode_queries([question])
        _, wanted = index.passage_vectors.search(vector, 10)
        found = retriever.views(question, vector)
        best = found.rows[np.argsort(-found.dense, kind="stable")[:10]]
        shares.append(len({*wanted[0].tolist()} & {*best.tolist()}) / max(1, (wanted >= 0).sum()))
    return float(np.mean(shares))


def _recalls(retriever: Retriever, asking: Sequence[str], found: list[list[str]]) -> dict[str, float]:
    asking = asking[:150]
    exact = Retriever(replace(retriever.index, coarse=None), retriever._encoder)  # which looks at every vector
    _, _, want = _timed(exact, asking)
    shares = [len(set(a) & set(b)) / max(1, len(b)) for a, b in zip(found, want, strict=False)]
    first = [a[:1] == b[:1] for a, b in zip(found, want, strict=False)]
    return {
        "recall_vectors": _recall(retriever, asking),
        "recall_ranking": float(np.mean(shares)),
        "same_first": float(np.mean(first)),
    }


def _share_index(base: Base, folder: Path) -> dict[str, Any]:
    """Two processes with the index, after the same questions: what each holds, and what of it is its own part."""
    script = [sys.executable, __file__, "--folder", str(folder), "--stage", "hold"]
    both = [subprocess.Popen(script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603
    found = []
    for each in both:
        each.stdout.readline()  # type: ignore[union-attr]
    for each in both:
        text = Path(f"/proc/{each.pid}/smaps_rollup").read_text(encoding="ascii")
        found.append(
            {key: int(re.findall(rf"^{key}:\s+(\d+)", text, re.MULTILINE)[0]) // 1024 for key in ("Rss", "Pss")}
        )
    for each in both:
        each.communicate("\n")
    return {"two": found}


def _hold(base: Base, folder: Path) -> dict[str, Any]:
    answerer = Live(folder / "index", EditionEncoder(base), 0.5).open()
    _timed(answerer.retriever, list(base.queries))
    gc.collect()
    _trim()
    print("ready", flush=True)
    sys.stdin.readline()
    return {}


def _trim() -> None:
    """Give memory back that was let go of, so that it is not counted."""
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)


STAGES: dict[str, Callable[[Base, Path], dict[str, Any]]] = {
    "build": _build,
    "multiply": _multiply,
    "open": _open,
    "ask": _ask,
    "two": _share_index,
    "update": _update,
    "hold": _hold,
}

ROWS: dict[str, Callable[[dict[str, Any]], float]] = {
    "passages": lambda m: m["counts"]["passages"],
    "documents": lambda m: m["counts"]["documents"],
    "sentences": lambda m: m["counts"]["sentences"],
    "build without encoding, s": lambda m: m["build_s"],
    "of that processor time, s": lambda m: m["build_processor_s"],
    "build with encoding, h (from the rate)": lambda m: (
        m["build_s"] / 3600 + m["counts"]["passages"] / m["encoding_per_s"] / 3600
    ),
    "build, most memory, MB": lambda m: m["build_peak_mb"],
    "on disk, bytes a passage": lambda m: sum(m["files"].values()) / m["counts"]["passages"],
    "open, s": lambda m: m["open_s"],
    "resident after opening, bytes a passage": lambda m: m["open_mb"] * 2**20 / m["counts"]["passages"],
    "resident after the questions, MB (the whole process)": lambda m: m["asked_total_mb"],
    "a question, p50, ms": lambda m: m["p50_ms"],
    "a question, p95, ms": lambda m: m["p95_ms"],
    "a question, p50, processor time, ms": lambda m: m["p50_processor_ms"],
    "a question, p95, processor time, ms": lambda m: m["p95_processor_ms"],
    "filter that keeps 1 %: first, s": lambda m: m["filter_s"],
    "filter that keeps 1 %: a question, p95, ms": lambda m: m["filter_p95_ms"],
    "filter that keeps 1 %: recall@10": lambda m: m["filter_recall"],
    "recall@10 of passage vectors": lambda m: m["recall_vectors"],
    "recall@10 of the ranking": lambda m: m["recall_ranking"],
    "the same passage first": lambda m: m["same_first"],
    "one document changed, s": lambda m: m["update_s"],
    "one document changed, processor time, s": lambda m: m["update_processor_s"],
    "of that written, MB": lambda m: m["update_written"] / 2**20,
    "two processes, Pss of each, MB": lambda m: m["two"][0]["Pss"],
    "two processes, Rss of each, MB": lambda m: m["two"][0]["Rss"],
}


def table(measured: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The figures by size, in Markdown, with the exponents that fit what grows: figure ~ passages ** exponent."""
    measured = sorted(measured, key=lambda each: each["counts"]["passages"])
    sizes = [each["counts"]["passages"] for each in measured]
    yield "| | " + " | ".join(f"{10 ** round(math.log10(size)):,}" for size in sizes) + " | exponent |"
    yield "|---|" + "---:|" * (len(sizes) + 1)
    for name, value in ROWS.items():
        figures = [value(each) if _has(value, each) else math.nan for each in measured]
        known = np.log([each for each in zip(sizes, figures, strict=True) if each[1] > 0]).reshape(-1, 2)
        grows = len(known) > 1 and not any(word in name for word in ("recall", "bytes", "same", "passages"))
        fit = f"{np.polyfit(known[:, 0], known[:, 1], 1)[0]:.2f}" if grows else ""
        yield f"| {name} | " + " | ".join(_shown(each) for each in figures) + f" | {fit} |"


def _has(value: Callable[[dict[str, Any]], float], measured: dict[str, Any]) -> bool:
    try:
        return math.isfinite(value(measured))
    except KeyError:
        return False


def _shown(figure: float) -> str:
    if math.isnan(figure):
        return "–"
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def main() -> None:
    """Run the stages one after the other, each in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--stage", choices=STAGES)
    parser.add_argument("--stages")
    parser.add_argument("--table", type=Path, nargs="+")
    options = parser.parse_args()
    if options.table:
        print(*table([json.loads(path.read_text(encoding="utf-8")) for path in options.table]), sep="\n")
        return
    folder: Path = options.folder or CACHE / str(options.size)
    base = Base(CACHE / "base")
    if options.stage:
        print(json.dumps(STAGES[options.stage](base, folder)), flush=True)
        return
    if options.size <= BUILT and not (folder / "corpus").exists():
        write_corpus(base, folder / "corpus", options.size)
    kept = folder / "measured.json"
    measured: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    del base
    usual = "build,open,ask,two,update" if options.size <= BUILT else "multiply,open,ask,two"
    for stage in (options.stages or usual).split(","):
        began = time.perf_counter()
        command = [sys.executable, __file__, "--folder", str(folder), "--stage", stage]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        measured |= json.loads(done.stdout.splitlines()[-1])
        kept.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        print(f"{time.strftime('%H:%M:%S')} {stage}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(*table([measured]), sep="\n")


if __name__ == "__main__":
    main()
