"""Footnote's own parts, each beside what it cannot do without, for bench.py.

Machines are shared and noisy, so compare ratios, not times. Every figure is a median of several rounds in which
baseline and Footnote take turns.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.answering.answerer import Answerer
from bot.answering.answers import Question
from bot.reader.trained import TrainedReader
from embeddings.building.indexing import build, make_index
from embeddings.encoding.encoder import Vectors
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.reading.documents import Document, read_documents
from embeddings.searching.index import Index, compact_vectors, exact_vectors, sentence_rows
from embeddings.searching.lexical import Lexical
from embeddings.searching.retrieval import Retriever
from embeddings.searching.vocabulary import Vocabulary
from embeddings.splitting.passages import Passage, split, text_for_encoder
from embeddings.storing import generations

ROUNDS = 3
REBUILDS = 2
REBUILT = 100
PASSAGES = 20_000
READ = 10
QUESTION = "How many National Guard troops were sent to Los Angeles?"
SEEDS = Path(__file__).resolve().parents[1] / "seeds"


def medians(*tasks: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Median seconds of each task, which take turns, after one round that does not count."""
    taken: list[list[float]] = [[] for _ in tasks]
    for _ in range(rounds + 1):
        for times, task in zip(taken, tasks, strict=True):
            start = time.perf_counter()
            task()
            times.append(time.perf_counter() - start)
    return [statistics.median(times[1:]) for times in taken]


def shuffled(documents: tuple[Document, ...], count: int) -> tuple[Document, ...]:
    """Documents made of the seeds' sentences in random order: as many as asked, all different."""
    rng = random.Random(1)
    sentences = [line for document in documents for line in document.text.split("\n") if line]
    return tuple(Document(f"{n:06}", f"Note {n}", "\n\n".join(rng.sample(sentences, 12))) for n in range(count))


def unit(rng: np.random.Generator, count: int, dimension: int) -> Vectors:
    """Random unit vectors: how they point does not matter to how long a search takes."""
    vectors = rng.standard_normal((count, dimension), dtype=np.float32)
    units: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units


def large_index(documents: tuple[Document, ...], encoder: SentenceEncoder) -> Index:
    """An index of about PASSAGES passages of real text with random vectors."""
    made, passages = [], list[Passage]()
    for document in shuffled(documents, PASSAGES):
        made.append(document)
        passages += split(document, encoder)
        if len(passages) >= PASSAGES:
            break
    rng = np.random.default_rng(1)
    return Index(
        documents=tuple(made),
        passages=tuple(passages),
        passage_vectors=exact_vectors(unit(rng, len(passages), encoder.dimension)),
        sentence_vectors=compact_vectors(unit(rng, len(sentence_rows(passages)[1]), encoder.dimension)),
        lexical=Lexical.of([passage.text for passage in passages]),
        vocabulary=Vocabulary.of(made),
    )


def rebuilding(documents: tuple[Document, ...], encoder: SentenceEncoder) -> tuple[int, list[float]]:
    """How many passages, and the median seconds of building all of them and of building after one file changed."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, root = Path(folder, "corpus"), Path(folder, "index")
        corpus.mkdir()
        for document in documents:
            (corpus / f"{document.id}.txt").write_text(document.text, encoding="utf-8")
        passages = build(corpus, root, encoder).manifest.counts["passages"]
        changing = corpus / f"{documents[0].id}.txt"

        def change() -> None:
            with changing.open("a", encoding="utf-8") as stream:
                stream.write("\n\nOne more sentence stands here.")
            build(corpus, root, encoder)

        return passages, medians(lambda: build(corpus, root, encoder, full=True), change, rounds=REBUILDS)


@dataclass(frozen=True, slots=True)
class Part:
    """What a part took beside its baseline, both in seconds."""

    what: str
    baseline: str
    base: float
    ours: float


def measure(encoder: SentenceEncoder) -> list[Part]:
    """Every part, with a line on standard error for each."""
    reader, seeds = TrainedReader(), read_documents(SEEDS).documents
    parts = list[Part]()

    def part(what: str, baseline: str, base: float, ours: float) -> None:
        print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
        parts.append(Part(what, baseline, base, ours))

    sample = shuffled(seeds, 20)
    pieces = [(document, passage) for document in sample for passage in split(document, encoder)]
    texts = [text_for_encoder(document.title, passage, encoder) for document, passage in pieces]
    base, ours = medians(lambda: encoder.encode_passages(texts), lambda: make_index(sample, encoder))
    part(f"an index of {len(texts)} passages in memory", "encoding the passages alone", base, ours)

    passages, (base, ours) = rebuilding(shuffled(seeds, REBUILT), encoder)
    part(f"a build after one of {REBUILT} files changed, {passages} passages", "building all of it", base, ours)

    index = large_index(seeds, encoder)
    retriever, vector = Retriever(index, encoder), encoder.encode_queries([QUESTION])
    matrix = index.passage_vectors.reconstruct_n(0, index.passage_vectors.ntotal)
    base, ours = medians(lambda: np.argsort(-(matrix @ vector[0]))[:10], lambda: retriever.views(QUESTION, vector))
    count = f"{len(index.passages):,} passages"
    part(f"a search of {count} by three views, question encoded", "NumPy over passage vectors alone", base, ours)

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        model = generations.Model(encoder.name, encoder.sha256, encoder.dimension, encoder.runtime)
        generations.publish(root, index, model, {}, ())
        opened = generations.open_current(root, encoder.sha256)
        base, ours = medians(
            lambda: [path.read_bytes() for path in root.rglob("*") if path.is_file()],
            lambda: generations.open_current(root, encoder.sha256),
        )
    part(f"opening and verifying an index of {count}", "reading its files", base, ours)
    found = [(index.document_of[passage.document_id].title, passage.text) for passage in index.passages[:READ]]
    answerer = Answerer(opened, encoder, threshold=0.0, reader=reader)
    base, ours = medians(
        lambda: (encoder.encode_queries([QUESTION]), reader.read(QUESTION, found)),
        lambda: answerer.ask(Question(QUESTION)),
    )
    part(f"an answer over {count}", f"encoding the question and reading {READ} passages", base, ours)
    base, ours = medians(
        lambda: encoder.encode_passages([f"{title}\n{text}" for title, text in found]),
        lambda: reader.read(QUESTION, found),
    )
    part(f"reading {READ} passages", "encoding them", base, ours)
    return parts
