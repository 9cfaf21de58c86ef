"""Build an index from a folder of documents, offline."""

from collections.abc import Callable
from pathlib import Path

from embeddings import generations
from embeddings.documents import Document, read_documents
from embeddings.encoder import Encoder, Vectors
from embeddings.errors import CorpusError
from embeddings.generations import Manifest
from embeddings.index import Index, compact_vectors, exact_vectors, sentence_rows
from embeddings.lexical import Lexical
from embeddings.passages import MAX_CHARS, TITLE_TOKENS, Passage, split, text_for_encoder

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done and how many there are."""


def build(corpus: Path, root: Path, encoder: Encoder, progress: Progress | None = None) -> Manifest:
    """Read `corpus`, encode it, and publish the result as the current generation of the index at `root`.

    Raises CorpusError or IndexUnusable; the index that was there then stays as it was.
    """
    read = read_documents(corpus)
    index = make_index(read.documents, encoder, progress)
    return generations.publish(
        root,
        index,
        generations.Model(encoder.name, encoder.sha256, encoder.dimension),
        splitter={"max_tokens": encoder.max_tokens, "max_chars": MAX_CHARS, "title_tokens": TITLE_TOKENS},
        notices=(str(notice) for notice in read.notices),
    )


def make_index(documents: tuple[Document, ...], encoder: Encoder, progress: Progress | None = None) -> Index:
    """Split, encode and index documents, in memory."""
    passages: list[Passage] = []
    texts: list[str] = []
    text_of = {}
    for done, document in enumerate(documents, 1):
        text_of[document.id] = document.text
        for passage in split(document, encoder):
            passages.append(passage)
            texts.append(text_for_encoder(document.title, passage.heading, passage.text, encoder))
        if progress:
            progress("reading", done, len(documents))
    if not passages:
        raise CorpusError("The documents hold headings only, no text that could be quoted. Add some and build again.")
    _, sentences = sentence_rows(passages)
    spoken = [text_of[key][span.start : span.end] for key, span in sentences]
    return Index(
        documents=documents,
        passages=tuple(passages),
        passage_vectors=exact_vectors(_encode("passages", texts, encoder, progress)),
        sentence_vectors=compact_vectors(_encode("sentences", spoken, encoder, progress)),
        lexical=Lexical.of(texts),
    )


def _encode(what: str, texts: list[str], encoder: Encoder, progress: Progress | None) -> Vectors:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(what, done, len(texts))

    return encoder.encode_passages(texts, advance)
