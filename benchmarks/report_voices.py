"""Who speaks in 762 sentences of public text and of seeds/: what the rules find, against what readers labelled.

    python benchmarks/report_voices.py [development|test|other] [--wrong]

The labels in golden/voices.jsonl refer to sentences by document and place; only seeds/ is ours to ship, so what lies
beside the project is read where it lies, and what is absent is left out. A sentence is checked against its hash.

A named speaker is a person, body or work by its name. Precision is the share of right names among all names given
("police" included), recall the share of named speakers found. A name is right when one is in the other by whole
words, articles and case aside. Intervals are 95 % by drawing sentences again. A label with `second` is one that the
two readers gave differently; `why` says how it was decided. `other` are sentences on other subjects than the news,
which one reader labelled before the rules had been run on them.
"""

import argparse
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from public_data import ROOT
from scoring import Figure, statistic

from bot.english.voices import Voice, VoiceKind, voice_of
from embeddings.reading.documents import read_documents
from training.sources import rows

PROJECT = Path(__file__).resolve().parents[1]
LABELS = PROJECT / "benchmarks" / "golden" / "voices.jsonl"
HALVES = ("development", "test", "other")

Row = Mapping[str, Any]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence, the sentences before it, and who speaks by its label."""

    sentence: str
    before: tuple[str, ...]
    voice: Voice
    named: bool


def report() -> dict[str, dict[str, Figure]]:
    """The figures of each part, by the names that `figures` gives them; one without texts is empty."""
    return {half: figures(labelled(half)) for half in HALVES}


def labelled(half: str) -> list[Labelled]:
    """The sentences of a half whose texts are here."""
    chosen = [row for row in rows(LABELS) if row["half"] == half]
    texts = {source: _texts(source) for source in {row["source"] for row in chosen}}
    return [_sentence(row, text) for row in chosen if (text := texts[row["source"]].get(row["document"]))]


def _sentence(row: Row, text: str) -> Labelled:
    sentence = text[row["start"] : row["end"]]
    if hashlib.sha256(sentence.encode()).hexdigest()[:16] != row["sha256"]:
        raise SystemExit(f"{row['source']} {row['document']}: the text at {row['start']} is not the one labelled.")
    before = tuple(text[start:end] for start, end in row["before"])
    return Labelled(sentence, before, Voice(VoiceKind(row["kind"]), row["name"]), bool(row["named"]))


def _texts(source: str) -> dict[str | int, str]:
    """The documents of a source by their ids; of training sets, by their lines."""
    folder = {"seeds": PROJECT / "seeds", "shared_seeds": ROOT.parent / "seeds"}.get(source)
    if folder:
        return {document.id: document.text for document in read_documents(folder).documents} if folder.exists() else {}
    corpus, training = ROOT / source / "corpus.jsonl", ROOT.parent / "train" / f"{source}.jsonl.gz"
    if corpus.exists():
        return {row["id"]: row["text"] for row in rows(corpus)}
    return {line: row["context"] for line, row in enumerate(rows(training))} if training.exists() else {}


def figures(
    sentences: Sequence[Labelled], voice: Callable[[str, Sequence[str]], Voice] = voice_of
) -> dict[str, Figure]:
    """Precision, recall and F1 of named speakers and of any speaker, and the share of each kind that is right."""
    if not sentences:
        return {}
    found = [voice(one.sentence, one.before) for one in sentences]
    pairs = list(zip(sentences, found, strict=True))
    right = _truths(is_right(one, said) for one, said in pairs)
    given = _truths(said.name is not None for said in found)
    spoken = _truths(said.kind is VoiceKind.SPEAKER for said in found)
    speakers = _truths(one.voice.kind is VoiceKind.SPEAKER for one in sentences)
    named = _truths(one.named for one in sentences)
    same = _truths(one.voice.kind is said.kind for one, said in pairs)
    shares = {
        "named precision": lambda rows: _share(right[rows], given[rows]),
        "named recall": lambda rows: _share(right[rows], named[rows]),
        "named F1": lambda rows: _f1(right[rows], given[rows], named[rows]),
        "speaker precision": lambda rows: _share(right[rows], spoken[rows]),
        "speaker recall": lambda rows: _share(right[rows], speakers[rows]),
        "speaker F1": lambda rows: _f1(right[rows], spoken[rows], speakers[rows]),
        "kind": lambda rows: float(same[rows].mean()),
    }
    result = {name: statistic(len(sentences), share) for name, share in shares.items()}
    for kind in VoiceKind:
        places = [place for place, one in enumerate(sentences) if one.voice.kind is kind]
        if places:
            result[f"kind: {kind}"] = statistic(len(places), _mean_of(same[places]))
    return result


def _mean_of(truths: npt.NDArray[np.bool_]) -> Callable[[npt.NDArray[np.int64]], float]:
    return lambda rows: float(truths[rows].mean())


def is_right(one: Labelled, said: Voice) -> bool:
    """Whether a speaker is found where there is one, with a name that is the labelled one or part of it."""
    if not one.voice.kind is said.kind is VoiceKind.SPEAKER or one.voice.name is None or said.name is None:
        return False
    first, second = (f" {_bare(name)} " for name in (one.voice.name, said.name))
    return first in second or second in first


def _bare(name: str) -> str:
    words = name.lower().replace("’", "'").split()
    return " ".join(words[1:] if words[0] in ("the", "a", "an") and len(words) > 1 else words)


def _truths(values: Iterable[bool]) -> Truths:
    return np.array(list(values), bool)


def _share(right: Truths, among: Truths) -> float:
    return float(right[among].mean()) if among.any() else float("nan")


def _f1(right: Truths, given: Truths, wanted: Truths) -> float:
    precision, recall = _share(right, given), _share(right, wanted)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main() -> None:
    """Print the figures of one part, or of all, and with --wrong the sentences that are judged otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("half", nargs="?", choices=HALVES)
    parser.add_argument("--wrong", action="store_true", help="print the sentences that are judged otherwise")
    asked = parser.parse_args()
    for half in [asked.half] if asked.half else HALVES:
        sentences = labelled(half)
        print(f"| {half}, {len(sentences)} sentences | | 95 % |\n|---|---|---|")
        for name, figure in figures(sentences).items():
            print(f"| {name} ({figure.count}) | {figure.value:.3f} | {figure.low:.3f}–{figure.high:.3f} |")
        for one in sentences if asked.wrong else ():
            said = voice_of(one.sentence, one.before)
            if said.kind is not one.voice.kind or (said.kind is VoiceKind.SPEAKER and not is_right(one, said)):
                print(f"{one.voice.kind} {one.voice.name} | {said.kind} {said.name} | {one.sentence}")


if __name__ == "__main__":
    main()
