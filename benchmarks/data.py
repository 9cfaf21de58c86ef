"""The public collections that figures are measured on: whether they are here, unaltered, and how they are had.

    python benchmarks/data.py [--shared DIR] [NAME ...]

`data.toml` says where each is from and the SHA-256 of what was measured. A collection that is absent is fetched and
converted where its original form is public; what comes of it is kept only if it is, byte for byte, what was measured.
Ends with 0 if all are here as listed, with 1 if one is missing or differs.

Downloading and converting have not been tried: they were written from the publishers' descriptions of their files.
"""

import argparse
import gzip
import hashlib
import io
import json
import sys
import tarfile
import tomllib
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2] / "shared"
TABLE = Path(__file__).with_name("data.toml")
_TIMEOUT = 60.0
"""Seconds without an answer."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Collection:
    """A public collection: its origin, and by name the SHA-256 of its files, uncompressed."""

    name: str
    folder: str
    origin: str
    commit: str
    licence: str
    obtained: str
    sha256: dict[str, str]
    download: str = ""

    def files(self, shared: Path) -> dict[Path, str]:
        """Where its files lie, with the SHA-256 that they must have."""
        folder = shared / self.folder
        if self.folder == "data":
            folder /= self.name
        return {folder / name: digest for name, digest in self.sha256.items()}


def collections() -> dict[str, Collection]:
    """Every collection by its name, as `data.toml` lists them."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: Collection(name, **entry) for name, entry in table.items()}


def faults(collection: Collection, shared: Path) -> Iterator[str]:
    """What is wrong with the files of a collection: one that is missing, or is not the one measured."""
    for path, digest in collection.files(shared).items():
        if not path.is_file():
            yield f"{path} is missing"
        elif sha256(path) != digest:
            yield f"{path} is not the file that was measured: its SHA-256 is not {digest}"


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal; of a gzipped file it is that of what it holds."""
    with path.open("rb") as stream:
        content = gzip.GzipFile(fileobj=stream) if path.suffix == ".gz" else stream
        return hashlib.file_digest(content, hashlib.sha256).hexdigest()


def fetch(collection: Collection, shared: Path) -> str:
    """Download and convert a collection; returns what kept it from being stored, nothing if it is."""
    try:
        with urllib.request.urlopen(collection.download, timeout=_TIMEOUT) as answer:  # noqa: S310 - of our own table
            original: bytes = answer.read()
        converted = CONVERSIONS[collection.name](original)
    except OSError as error:
        return f"{collection.download} could not be fetched ({error})"
    except (KeyError, TypeError, ValueError, tarfile.TarError) as error:
        return f"{collection.download} is not in the form that is known ({type(error).__name__}: {error})"
    files = {path: (jsonl(converted[path.name]), digest) for path, digest in collection.files(shared).items()}
    for path, (content, digest) in files.items():
        if hashlib.sha256(content).hexdigest() != digest:
            return f"{path.name}, made of {collection.download}, is not the file that was measured"
    for path, (content, _) in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return ""


def jsonl(rows: Rows) -> bytes:
    """Rows as JSON, one a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def squad(original: bytes) -> dict[str, Rows]:
    """Paragraphs and questions of a file of SQuAD 2.0."""
    corpus: Rows = []
    queries: Rows = []
    for article in json.loads(original)["data"]:
        for paragraph in article["paragraphs"]:
            title, text = article["title"], paragraph["context"]
            # only a name for the paragraph
            key = "sq-" + hashlib.sha1(f"{title}\x1f{text}".encode(), usedforsecurity=False).hexdigest()[:12]
            corpus.append({"id": key, "title": title.replace("_", " "), "text": text})
            for question in paragraph["qas"]:
                answers = [] if question["is_impossible"] else question["answers"]
                spans = dict.fromkeys((answer["text"], answer["answer_start"]) for answer in answers)
                plausible = dict.fromkeys(answer["text"] for answer in question.get("plausible_answers", ()))
                queries.append(
                    {
                        "id": f"sq{question['id']}",
                        "question": question["question"],
                        "answers": list(dict.fromkeys(text for text, _ in spans)),
                        "answerable": not question["is_impossible"],
                        "gold_ids": [] if question["is_impossible"] else [key],
                        "related_ids": [key],
                        "gold_spans": [_span(key, text, start) for text, start in spans],
                        "plausible_answers": list(plausible),
                    }
                )
    return {"corpus.jsonl": corpus, "queries.jsonl": queries}


def scifact(original: bytes) -> dict[str, Rows]:
    """Abstracts and claims of SciFact's release; its development claims are those that are reported on."""
    with tarfile.open(fileobj=io.BytesIO(original)) as archive:
        held = {Path(member.name).name: archive.extractfile(member) for member in archive if member.isfile()}
        lines = {
            name: [json.loads(line) for line in stream]
            for name in ("corpus.jsonl", "claims_dev.jsonl", "claims_train.jsonl")
            if (stream := held[name])
        }
    corpus = [
        {
            "id": str(row["doc_id"]),
            "title": row["title"],
            "text": " ".join(sentence.strip() for sentence in row["abstract"]),
            "sentences": [sentence.strip() for sentence in row["abstract"]],
        }
        for row in lines["corpus.jsonl"]
    ]
    sentences = {row["id"]: row["sentences"] for row in corpus}
    found = {"corpus.jsonl": corpus}
    for name, claims in (("queries.jsonl", "claims_dev.jsonl"), ("queries_train.jsonl", "claims_train.jsonl")):
        found[name] = [_claim(row, sentences) for row in lines[claims]]
    return found


def _claim(row: Mapping[str, Any], sentences: Mapping[str, list[str]]) -> dict[str, Any]:
    labels = [each["label"] for sets in row["evidence"].values() for each in sets]
    gold = {
        key: sorted({number for each in sets for number in each["sentences"]}) for key, sets in row["evidence"].items()
    }
    return {
        "id": str(row["id"]),
        "question": row["claim"],
        "answers": labels[:1],
        "answerable": bool(labels),
        "gold_ids": [str(key) for key in row["cited_doc_ids"]],
        "label": labels[0] if labels else "NOT_ENOUGH_INFO",
        "gold_sentence_idx": gold,
        "gold_spans": [
            _span(key, sentences[key][number], sum(len(each) + 1 for each in sentences[key][:number]))
            for key, numbers in gold.items()
            for number in numbers
        ],
    }


def _span(key: str, text: str, start: int) -> dict[str, Any]:
    return {"doc_id": key, "text": text, "start": start, "end": start + len(text)}


CONVERSIONS: Mapping[str, Callable[[bytes], dict[str, Rows]]] = {"scifact": scifact, "squad2_halfdev": squad}
"""What makes the rows of each file from the original, where that is one file of a public form."""


def main(arguments: list[str] | None = None) -> int:
    """Check every collection, fetch what is missing where that is possible, and say what is still wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these collections")
    parser.add_argument("--shared", type=Path, default=SHARED, metavar="DIR", help="default: %(default)s")
    given = parser.parse_args(arguments)
    known = collections()
    if unknown := set(given.names) - known.keys():
        parser.error(f"there is no collection {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    every = [known[name] for name in given.names or known]
    return 1 if sum(not here(collection, given.shared) for collection in every) else 0


def here(collection: Collection, shared: Path) -> bool:
    """Whether a collection is here as it was measured, after it was fetched if it was not; says so."""
    wrong = list(faults(collection, shared))
    absent = not any(path.exists() for path in collection.files(shared))
    if absent and collection.download:
        failure = fetch(collection, shared)
        wrong = [failure] if failure else []
    about = f"{collection.name} ({collection.origin} @ {collection.commit}, {collection.licence})"
    if not wrong:
        print(f"{about}: here, as it was measured")
        return True
    print("\n  ".join([f"{about}:", *wrong, f"How it is had: {collection.obtained}"]), file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main())
