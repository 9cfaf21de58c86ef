"""Builds that encode only what is new, and are no different from those that encode everything."""

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from fakes import FakeEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embeddings.building import indexing, reuse
from embeddings.building.indexing import Changes, build, changes_since
from embeddings.building.unfinished import Unfinished
from embeddings.encoding.encoder import Vectors, Window
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import CorpusError
from embeddings.files import sha256_of
from embeddings.reading import duplicates
from embeddings.reading.documents import Document, NoticeKind, SourceFile, read_documents
from embeddings.searching import lexical, vocabulary
from embeddings.searching.retrieval import Retriever
from embeddings.splitting.passages import Passage, split
from embeddings.storing import generations, storage, verification
from embeddings.storing.generations import Opened, open_current, read_manifest, rollback

WORDS = "troops curfew parade governor mayor court ruling barracks street crowd evening letter vote".split()
QUERIES = ("troops in the street", "When did the court rule?", "curfew 12", "unknown")


class Corpus:
    """A folder of documents that changes at random, the same way for the same seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.numbers = count()
        folder.mkdir()
        for _ in range(4):
            self.add()

    def change(self) -> str:
        """Do one thing to it, and say which."""
        happening = self.random.choice(
            ["add", "add_lines", "edit", "edit", "rename", "move", "copy", "remove", "retitle"]
        )
        getattr(self, happening)()
        return happening

    def add(self) -> None:
        self._write(self._name(".md"), self._title() + self._paragraphs())

    def add_lines(self) -> None:
        rows = [{"_id": f"row {next(self.numbers)}", "title": "", "text": self._paragraphs()} for _ in range(3)]
        self._write(self._name(".jsonl"), "\n".join(map(json.dumps, rows)))

    def edit(self) -> None:
        path = self._any()
        if path.suffix == ".jsonl":
            self._write(path, path.read_text(encoding="utf-8").rpartition("\n")[0] or "\n")
            self.add()
        else:
            parts = path.read_text(encoding="utf-8").split("\n\n")
            parts[self.random.randrange(1, len(parts))] = self._sentence()
            parts.insert(self.random.randrange(1, len(parts) + 1), self._sentence())
            self._write(path, "\n\n".join(parts))

    def rename(self) -> None:
        path = self._any()
        path.rename(self._name(path.suffix))

    def move(self) -> None:
        path = self._any()
        folder = self.folder / self.random.choice(WORDS)
        folder.mkdir(exist_ok=True)
        path.rename(folder / self._name(path.suffix).name)

    def copy(self) -> None:
        path = self._any(".md")
        shutil.copy(path, self._name(".md"))

    def remove(self) -> None:
        if len(self._files()) > 2:
            self._any().unlink()

    def retitle(self) -> None:
        path = self._any(".md")
        self._write(path, self._title() + path.read_text(encoding="utf-8").partition("---\n\n")[2])

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def _any(self, suffix: str = "") -> Path:
        found = [path for path in self._files() if path.suffix == (suffix or path.suffix)]
        if not found:
            self.add()
            return self._any(suffix)
        return self.random.choice(found)

    def _name(self, suffix: str) -> Path:
        return self.folder / f"{next(self.numbers)}{suffix}"

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")

    def _title(self) -> str:
        return f"---\ntitle: {' '.join(self.random.choices(WORDS, k=3))}\n---\n\n"

    def _paragraphs(self) -> str:
        heading = f"\n\n## {self.random.choice(WORDS)}" if self.random.random() < 0.3 else ""
        return "\n\n".join([self._sentence() for _ in range(self.random.randrange(2, 60))]) + heading + "\n\nIt ended."

    def _sentence(self) -> str:
        return (
            f"The {' '.join(self.random.choices(WORDS, k=self.random.randrange(2, 12)))} {self.random.randrange(30)}."
        )


def codes(vectors: Any) -> bytes:
    return faiss.vector_to_array(vectors.codes).tobytes()


def windows_of(documents: Sequence[Document], passages: Sequence[Passage]) -> list[Window]:
    return reuse.plan(documents, passages, np.arange(len(passages)), None, FakeEncoder()).windows


def same(one: Opened, two: Opened) -> None:
    """Passage for passage, bit for bit and score for score."""
    assert one.index.documents == two.index.documents
    assert one.index.passages == two.index.passages
    assert one.index.copies == two.index.copies
    assert one.index.vocabulary == two.index.vocabulary
    assert one.manifest.files == two.manifest.files
    assert one.manifest.counts == two.manifest.counts
    assert one.manifest.notices == two.manifest.notices
    assert codes(one.index.passage_vectors) == codes(two.index.passage_vectors)
    assert codes(one.index.sentence_vectors) == codes(two.index.sentence_vectors)
    for query in QUERIES:
        rankings = [Retriever(opened.index, FakeEncoder()).search(query, 50) for opened in (one, two)]
        assert rankings[0] == rankings[1]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), bursts=st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_whatever_happens_to_a_corpus_the_next_build_equals_a_full_one(tmp_path_factory, seed, bursts):
    folder = tmp_path_factory.mktemp("incremental")
    corpus = Corpus(folder / "corpus", seed)
    build(corpus.folder, folder / "index", FakeEncoder())
    try:
        for burst in bursts:
            before = open_current(folder / "index").index
            known = set(windows_of(before.documents, list(before.passages)))
            for _ in range(burst):
                corpus.change()
            encoder = FakeEncoder()
            built = build(corpus.folder, folder / "index", encoder)

            again = build(corpus.folder, folder / "index", FakeEncoder(), full=True)
            full = open_current(folder / "index")
            assert full.manifest == again.manifest
            rollback(folder / "index", built.manifest.generation)  # not the latest, where nothing had changed
            quick = open_current(folder / "index")
            assert quick.manifest == built.manifest
            same(quick, full)
            encoded = encoder.windows[: built.encoded]  # what follows checks the new index
            assert not known & set(encoded)
    finally:
        shutil.rmtree(folder)


def corpus_of(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return corpus_of(
        tmp_path / "corpus",
        {
            "a.txt": "Troops were sent. The mayor objected.",
            "b.md": "---\ntitle: The parade\n---\nA parade took place. Few came.",
            "c.jsonl": '{"_id": "one", "text": "A letter came."}\n{"_id": "two", "text": "A vote was held."}',
        },
    )


def test_one_new_sentence_is_one_passage_to_encode(folder, tmp_path):
    first = build(folder, tmp_path / "index", FakeEncoder())
    (folder / "a.txt").write_text("Troops were sent. The mayor objected. So did the court.", encoding="utf-8")

    second = build(folder, tmp_path / "index", FakeEncoder())

    assert first.encoded == 4
    assert second.encoded == 1
    assert second.changed


@pytest.mark.parametrize("to", ["z.txt", "de/er/a.txt", "a.md"])
def test_a_moved_file_costs_no_encoding(folder, tmp_path, to):
    build(folder, tmp_path / "index", FakeEncoder())
    (folder / to).parent.mkdir(parents=True, exist_ok=True)
    (folder / "a.txt").rename(folder / to)

    built = build(folder, tmp_path / "index", FakeEncoder())

    assert built.changed
    assert built.encoded == 0
    assert set(built.manifest.documents) == {to.rpartition(".")[0], "b", "one", "two"}


def test_the_same_text_is_encoded_once_however_often_it_stands(tmp_path):
    folder = corpus_of(tmp_path / "corpus", {f"{n}.txt": "Read more." for n in range(20)})

    built = build(folder, tmp_path / "index", FakeEncoder())

    assert built.encoded == 1
    assert built.manifest.counts == {"documents": 20, "passages": 20, "sentences": 20}


def test_when_nothing_changed_the_generation_stays(folder, tmp_path):
    first = build(folder, tmp_path / "index", FakeEncoder())

    second = build(folder, tmp_path / "index", FakeEncoder())

    assert not second.changed
    assert second.manifest == first.manifest == read_manifest(tmp_path / "index")
    assert len(list((tmp_path / "index" / "generations").iterdir())) == 1


def test_a_change_of_what_is_no_text_is_a_new_generation_without_encoding(folder, tmp_path):
    build(folder, tmp_path / "index", FakeEncoder())
    (folder / "b.md").write_text(
        "---\ntitle: The parade\npublished: 2025-06-14\n---\nA parade took place. Few came.", encoding="utf-8"
    )

    built = build(folder, tmp_path / "index", FakeEncoder())

    assert built.encoded == 0
    published = {one.id: one.published for one in open_current(tmp_path / "index").index.documents}
    assert str(published["b"]) == "2025-06-14"


def test_files_that_stayed_the_same_are_not_parsed_again(folder, tmp_path, monkeypatch):
    given_files: list[set[str]] = []

    def spy(corpus: Path, known: dict[str, SourceFile] | None, *others: Any, **options: Any) -> object:
        given_files.append(set(known or {}))
        return read(corpus, known, *others, **options)

    read = indexing.read_documents
    monkeypatch.setattr(indexing, "read_documents", spy)
    for _ in range(2):
        build(folder, tmp_path / "index", FakeEncoder())

    assert given_files == [set(), {"a.txt", "b.md", "c.jsonl"}]


def test_a_document_whose_id_another_had_appears_when_the_other_goes(tmp_path):
    """The file that lost is not remembered as read, so it is read again."""
    folder = corpus_of(tmp_path / "corpus", {"a.md": "The first stands.", "a.txt": "The second stands."})
    root = tmp_path / "index"
    first = build(folder, root, FakeEncoder()).manifest
    build(folder, root, FakeEncoder())
    (folder / "a.md").unlink()

    build(folder, root, FakeEncoder())

    assert [notice.kind for notice in first.notices] == [NoticeKind.FAILED]
    assert [document.text for document in open_current(root).index.documents] == ["The second stands."]
    assert read_manifest(root).notices == ()


def test_a_full_build_encodes_everything(folder, tmp_path):
    first = build(folder, tmp_path / "index", FakeEncoder())

    again = build(folder, tmp_path / "index", FakeEncoder(), full=True)

    assert again.changed
    assert again.encoded == first.encoded


# --- what one changed document costs ---------------------------------------------------------------


class Counting(FakeEncoder):
    """Keeps what its tokenizer was given in `tokenised`."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenised: list[str] = []

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        self.tokenised += texts
        return super().token_spans(texts)


def manual(number: int, added: str = "") -> str:
    """A page of two sections, with labels too long not to be tokenised; every sentence and heading names its number."""
    long = f"{' '.join(WORDS)} of page{number}"
    sections = [f"## {section} {long}\n\nThe {long} came. Step page{number} is {section}." for section in "ab"]
    return "\n\n".join([f"---\ntitle: {long}\n---", *sections, added])


@pytest.fixture
def manuals(tmp_path: Path) -> Path:
    """Thirty pages, indexed, and the one in the middle changed since."""
    folder = corpus_of(tmp_path / "corpus", {f"{n:02}.md": manual(n) for n in range(30)})
    build(folder, tmp_path / "index", FakeEncoder())
    corpus_of(folder, {"15.md": manual(15, "More came on page15.")})
    return folder


def test_no_old_passage_is_tokenised_for_one_changed_document(manuals, tmp_path):
    encoder = Counting()

    built = build(manuals, tmp_path / "index", encoder)

    assert built.encoded == 1
    assert len([text for text in encoder.tokenised if "page15" in text]) >= 5
    others = [text for text in encoder.tokenised if "page15" not in text]
    assert len(others) <= verification._PROBES  # the check of what was built encodes these anew


def test_no_old_passage_is_read_for_one_changed_document(manuals, tmp_path, monkeypatch):
    """But some, here the first and the last, to see whether what was written is what was there."""
    read: list[bytes] = []
    monkeypatch.setattr(indexing, "_READ", 2)
    monkeypatch.setattr(verification, "_PROBES", 2)
    parse = storage.parse_passage
    monkeypatch.setattr(storage, "parse_passage", lambda line: read.append(line) or parse(line))

    build(manuals, tmp_path / "index", FakeEncoder())

    assert {*re.findall(rb"of page(\d+)", b"".join(read))} == {b"0", b"15", b"29"}
    build(manuals, tmp_path / "full", FakeEncoder())
    same(open_current(tmp_path / "index"), open_current(tmp_path / "full"))


def test_each_label_is_tokenised_once_all_together(manuals, monkeypatch):
    given = []
    monkeypatch.setattr(Counting, "token_spans", lambda self, texts: given.append(texts) or [[] for _ in texts])
    documents = read_documents(manuals).documents
    passages = [passage for document in documents for passage in split(document, FakeEncoder())]

    windows = reuse.plan(documents, passages, np.arange(len(passages)), None, Counting()).windows

    assert len(windows) == len(passages) == 60
    assert [len(set(texts)) for texts in given] == [60]


def test_no_file_is_hashed_twice_for_one_changed_document(manuals, tmp_path, monkeypatch):
    hashed: Counter[str] = Counter()

    def counted(path: Path) -> str:
        hashed[str(path)] += 1
        return sha256_of(path)

    monkeypatch.setattr(generations, "sha256_of", counted)
    old, new = read_manifest(tmp_path / "index"), build(manuals, tmp_path / "index", FakeEncoder()).manifest
    assert len(hashed) == len(old.files) + len(new.files) + 2
    assert hashed.pop(str(tmp_path / "index" / "generations" / old.generation / "manifest.json")) == 2  # read above too
    assert set(hashed.values()) == {1}

    hashed.clear()
    assert not build(manuals, tmp_path / "index", FakeEncoder()).changed
    assert len(hashed) == len(new.files) + 1
    assert set(hashed.values()) == {1}


@pytest.mark.parametrize("reader", [indexing.READER, "another"])
def test_words_and_shingles_of_old_documents_are_counted_again_only_where_they_may_differ(
    manuals, tmp_path, monkeypatch, reader
):
    shingled, counted, worded = [], [], []
    shingling, terms, words = duplicates._shingling, lexical.terms, vocabulary._counted
    monkeypatch.setattr(duplicates, "_shingling", lambda text, hashes: shingled.append(text) or shingling(text, hashes))
    monkeypatch.setattr(lexical, "terms", lambda text: counted.append(text) or terms(text))
    monkeypatch.setattr(vocabulary, "_counted", lambda texts: words(worded.append(each.id) or each for each in texts))
    monkeypatch.setattr(indexing, "READER", reader)

    built = build(manuals, tmp_path / "index", FakeEncoder())

    assert built.encoded == 1
    assert (len(shingled), len(counted)) == ((30, 60) if reader == "another" else (1, 1))
    assert worded == ([f"{n:02}" for n in range(30)] if reader == "another" else ["15", "15"])  # as it is and as it was
    build(manuals, tmp_path / "full", FakeEncoder())
    same(open_current(tmp_path / "index"), open_current(tmp_path / "full"))


class OtherEncoder(FakeEncoder):
    """Another model: other weights and other vectors."""

    name = "other"
    sha256 = "ff" * 32

    def __init__(self) -> None:
        super().__init__(dimension=32)


def test_another_model_encodes_everything_and_is_served(folder, tmp_path):
    first = build(folder, tmp_path / "index", FakeEncoder())

    built = build(folder, tmp_path / "index", OtherEncoder())

    assert built.encoded == first.encoded
    opened = open_current(tmp_path / "index", OtherEncoder.sha256)
    assert opened.manifest.model.dimension == opened.index.passage_vectors.d == 32


@pytest.mark.parametrize(
    "name", ["passages.faiss", "documents.jsonl", "manifest.json", "sources.jsonl", "vocabulary.json"]
)
def test_a_damaged_generation_is_not_reused(folder, tmp_path, name):
    root = tmp_path / "index"
    first = build(folder, root, FakeEncoder())
    path = root / "generations" / first.manifest.generation / name
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")

    built = build(folder, root, FakeEncoder())

    assert built.encoded == first.encoded
    assert open_current(root).manifest == built.manifest


class Interrupted(FakeEncoder):
    """Is interrupted after so many slabs of texts."""

    def __init__(self, slabs: int) -> None:
        super().__init__()
        self.slabs = slabs

    def encode_windows(self, windows: Sequence[Window], progress: object = None) -> list[Vectors]:
        if self.slabs == 0:
            raise KeyboardInterrupt
        self.slabs -= 1
        return super().encode_windows(windows)


@pytest.mark.parametrize("slabs", [0, 1, 2])
def test_what_an_interrupted_build_has_encoded_is_kept_for_the_next(tmp_path, slabs, monkeypatch):
    monkeypatch.setattr(indexing, "_SLAB", 10)
    folder = corpus_of(tmp_path / "corpus", {f"{n}.txt": f"The {word} came." for n, word in enumerate(WORDS)})
    root = tmp_path / "index"

    with pytest.raises(KeyboardInterrupt):
        build(folder, root, Interrupted(slabs))
    built = build(folder, root, FakeEncoder())

    assert not (root / "unfinished").exists()
    assert built.encoded == max(0, len(WORDS) - 10 * slabs)
    full = tmp_path / "full"
    build(folder, full, FakeEncoder())
    same(open_current(root), open_current(full))


def test_what_was_put_aside_for_another_number_of_sentences_is_not_taken(folder, tmp_path):
    documents = read_documents(folder).documents
    passages = [passage for document in documents for passage in split(document, FakeEncoder())]
    windows = windows_of(documents, passages)
    kept = Unfinished(tmp_path / "index", FakeEncoder.sha256, 64)
    kept.add(windows, [vectors[:1] for vectors in FakeEncoder().encode_windows(windows)])
    kept.save()

    assert build(folder, tmp_path / "index", FakeEncoder()).encoded == len(windows) == 4


def test_what_was_put_aside_for_removed_text_is_gone_after_the_next_build(folder, tmp_path):
    root = tmp_path / "index"
    build(folder, root, FakeEncoder())
    (folder / "secret.txt").write_text("A secret is told.", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        build(folder, root, Interrupted(1))
    assert len(Unfinished(root, FakeEncoder.sha256, 64)._vectors) == 1
    (folder / "secret.txt").unlink()

    assert not build(folder, root, FakeEncoder()).changed
    assert not (root / "unfinished").exists()


def test_strict_publishes_nothing_when_a_file_cannot_be_read(folder, tmp_path):
    root = tmp_path / "index"
    first = build(folder, root, FakeEncoder())
    (folder / "empty.txt").write_text("", encoding="utf-8")

    with pytest.raises(CorpusError, match=r"(?s)--strict.*empty\.txt"):
        build(folder, root, FakeEncoder(), strict=True)

    assert read_manifest(root) == first.manifest
    assert build(folder, root, FakeEncoder()).changed


@pytest.mark.parametrize("place", ["corpus/index", "corpus"])
def test_the_index_cannot_lie_in_the_corpus(folder, tmp_path, place):
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(CorpusError, match="must not lie in the folder of documents"):
        build(folder, tmp_path / place, FakeEncoder())

    assert sorted(tmp_path.rglob("*")) == before


def test_the_corpus_may_lie_beside_the_generations(tmp_path):
    folder = corpus_of(tmp_path / "index" / "corpus", {"a.txt": "Troops were sent."})

    assert build(folder, tmp_path / "index", FakeEncoder()).changed


def test_a_corpus_that_is_not_there_makes_no_index_folder(tmp_path):
    with pytest.raises(CorpusError, match="There is no folder"):
        build(tmp_path / "corpus", tmp_path / "index", FakeEncoder())

    assert not (tmp_path / "index").exists()


# --- what changed since ----------------------------------------------------------------------------


def test_what_changed_in_the_corpus_since(folder, tmp_path):
    root = tmp_path / "index"
    build(folder, root, FakeEncoder())
    assert changes_since(root) == Changes((), (), (), ())
    assert not changes_since(root)

    (folder / "new.txt").write_text("New.", encoding="utf-8")
    (folder / "b.md").rename(folder / "d.md")
    (folder / "c.jsonl").unlink()
    (folder / "a.txt").write_text("Other.", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")

    assert changes_since(root) == Changes(("new.txt",), ("a.txt",), ("c.jsonl",), (("b.md", "d.md"),))
    assert changes_since(root)
    build(folder, root, FakeEncoder())
    assert not changes_since(root)


def test_a_corpus_that_moved_can_be_named(folder, tmp_path):
    build(folder, tmp_path / "index", FakeEncoder())
    folder.rename(tmp_path / "elsewhere")

    assert changes_since(tmp_path / "index") is None
    assert changes_since(tmp_path / "index", tmp_path / "elsewhere") == Changes((), (), (), ())


# --- with the real model ---------------------------------------------------------------------------


@pytest.mark.slow
def test_with_the_real_model_scores_are_those_of_a_full_build(tmp_path, encoder: SentenceEncoder):
    """Up to what the size of a batch changes in the last digits of 32-bit floats."""
    corpus = Corpus(tmp_path / "corpus", seed=7)
    build(corpus.folder, tmp_path / "index", encoder)
    for _ in range(3):
        for _ in range(3):
            corpus.change()
        build(corpus.folder, tmp_path / "index", encoder)
    build(corpus.folder, tmp_path / "full", encoder)

    one, two = (open_current(tmp_path / name).index for name in ("index", "full"))
    assert one.passages == two.passages
    for first, second, step in (
        (one.passage_vectors, two.passage_vectors, 1e-5),
        (one.sentence_vectors, two.sentence_vectors, 1.01 / 255),
    ):
        pair = [vectors.reconstruct_n(0, vectors.ntotal) for vectors in (first, second)]
        assert np.abs(pair[0] - pair[1]).max() < step
    for query in QUERIES:
        rankings = [Retriever(index, encoder).search(query, 20) for index in (one, two)]
        assert [hit.passage for hit in rankings[0].hits[:3]] == [hit.passage for hit in rankings[1].hits[:3]]
        mine, its = (np.array([hit.score for hit in ranking.hits]) for ranking in rankings)
        assert np.abs(mine - its).max() < 1e-3
