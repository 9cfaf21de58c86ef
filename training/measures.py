"""What a network gets right, given the paragraph: answerability, spans, relations.

    python -m training.measures [--weights FILE] [--articles tune | report]

Prints, for articles of `squad2_halfdev`, the AUROC of answerability and F1 and exact match of spans as SQuAD's own
evaluation compares them. While training, `measures` compares spans by their tokens.
"""

import argparse
import json
import re
import string
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import f1_score, roc_auc_score

from bot.reader.pairs import PairEncoder
from bot.reader.reading import Reading
from bot.reader.trained import WEIGHTS
from training.batches import Pairs
from training.model import Network, load
from training.sources import DOCS, halfdev, rows

Floats = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


class Found(NamedTuple):
    """What a network says of n pairs."""

    answer: Floats
    """Logits that the passage answers: shape (n,)."""
    relation: Floats
    """Logits: shape (n, 3)."""
    span: npt.NDArray[np.int64]
    """First and last token of the best span: shape (n, 2)."""
    margin: Floats
    """By how much it beats that there is no answer: shape (n,)."""


@torch.no_grad()
def read(network: Network, pairs: Pairs) -> Found:
    """What a network says of every pair."""
    was = network.training
    network.eval()
    count = len(pairs.table)
    found = Found(np.zeros(count), np.zeros((count, 3)), np.zeros((count, 2), np.int64), np.zeros(count))
    for batch in pairs.all(network.device):
        with network.arithmetic():
            output = network(batch.ids, batch.second, batch.body, batch.length)
        found.answer[batch.rows] = output.answer.cpu().numpy()
        found.relation[batch.rows] = output.relation.cpu().numpy()
        bounds = zip(batch.body.tolist(), batch.length.tolist(), strict=True)
        logits = zip(output.start.cpu().numpy(), output.end.cpu().numpy(), strict=True)
        for row, (body, length), (start, end) in zip(batch.rows, bounds, logits, strict=True):
            text = slice(body, length - 1)
            tokens = np.arange(body, length)
            reading = Reading(0.0, start[text] - start[0], end[text] - end[0], np.stack([tokens[:-1], tokens[1:]], 1))
            if best := reading.best():
                found.span[row] = best.span.start, best.span.end - 1
                found.margin[row] = best.margin
    network.train(was)
    return found


def relevance(pairs: Pairs, score: Floats) -> float:
    """How often a passage that answers has a higher score than one that does not, of two for one question; NaN where
    no question has both."""
    yes: dict[bytes, list[float]] = defaultdict(list)
    no: dict[bytes, list[float]] = defaultdict(list)
    for (first, _, second, _, _, _, answer), own in zip(pairs.table[:, :7], score, strict=True):
        if answer >= 0:
            (yes if answer else no)[pairs.ids[first : first + second].tobytes()].append(own)
    couples = [a > b for question, scores in yes.items() for a in scores for b in no[question]]
    return float(np.mean(couples)) if couples else float("nan")


def auroc(truth: Truth, score: Floats) -> float:
    """AUROC, or NaN where there is one class only."""
    return float(roc_auc_score(truth, score)) if truth.any() and not truth.all() else float("nan")


def measures(network: Network, pairs: Pairs) -> dict[str, float]:
    """The measures of encoded pairs: overall, and accuracy by source."""
    found = read(network, pairs)
    start, end, answer, relation, source = pairs.table[:, 4:9].T
    names = np.array(pairs.sources)[source]
    result = {}
    known = answer >= 0
    half = np.char.startswith(names, "halfdev")
    for name, chosen in {"halfdev": half, "other": known & ~half}.items():
        if chosen.any():
            result[f"{name}_auroc"] = auroc(answer[chosen] == 1, found.answer[chosen])
            result[f"{name}_auroc_margin"] = auroc(answer[chosen] == 1, found.margin[chosen])
    in_docs = np.isin(names, DOCS)
    if in_docs.any():
        docs = Pairs(pairs.ids, pairs.table[in_docs], pairs.sources)
        result["relevance"] = relevance(docs, found.answer[in_docs])
    spans = (start > 0) & (end > 0)
    if spans.any():
        gold = np.stack([start, end], 1)[spans]
        scores = np.array([overlap(tuple(g), tuple(s)) for g, s in zip(gold, found.span[spans], strict=True)])
        result["span_f1"], result["span_em"] = float(scores.mean()), float((scores == 1).mean())
    three = relation >= 0
    guess = found.relation.argmax(1)
    if three.any():
        result["relation_accuracy"] = float((guess == relation)[three].mean())
        result["relation_macro_f1"] = float(f1_score(relation[three], guess[three], average="macro"))
    for name in np.unique(names):
        own = names == name
        for label, right, chosen in (
            ("relation", guess == relation, own & three),
            ("answer", (found.answer > 0) == answer, own & known & ~half),
        ):
            if chosen.any():
                result[f"{label}[{name}]"] = float(right[chosen].mean())
    return result


def overlap(gold: tuple[int, int], guess: tuple[int, int]) -> float:
    """F1 of two runs of tokens, each its first and its last."""
    common = min(gold[1], guess[1]) - max(gold[0], guess[0]) + 1
    total = gold[1] - gold[0] + guess[1] - guess[0] + 2
    return max(0.0, 2 * common / total)


def normalised(text: str) -> list[str]:
    """A string's words as SQuAD's evaluation compares them (Rajpurkar et al. 2016, section 6.1)."""
    plain = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", plain).split()


def string_f1(guess: str, gold: str) -> float:
    """F1 of two answers' words."""
    one, two = normalised(guess), normalised(gold)
    common = sum((Counter(one) & Counter(two)).values())
    return float(one == two) if not one or not two else 2 * common / (len(one) + len(two))


def squad(network: Network, data: Path, use: str, pairs: Pairs) -> dict[str, float]:
    """Span F1 and EM against every accepted answer, and AUROC, on articles of `squad2_halfdev`, given the paragraph."""
    found = read(network, pairs)
    asked = halfdev(data, use)
    if len(asked) != len(pairs.table):
        raise ValueError(f"{len(pairs.table)} pairs were encoded of {len(asked)} questions: delete the encoded pairs.")
    questions = rows(data / "squad2_halfdev" / "queries.jsonl")
    accepted = {row["question"]: row["answers"] for row in questions if row["answerable"]}
    encoder = PairEncoder()
    by_title = defaultdict(list)
    f1, em = [], []
    for i, pair in enumerate(asked):
        by_title[pair.title].append(i)
        if pair.span is None:
            continue
        offsets = encoder.tokens(pair.passage)[1]
        first, last = found.span[i] - pairs.table[i, 3]
        guess = pair.passage[offsets[first][0] : offsets[last][1]]
        golds = accepted[pair.question]
        f1.append(max(string_f1(guess, gold) for gold in golds))
        em.append(max(float(normalised(guess) == normalised(gold)) for gold in golds))
    truth = pairs.table[:, 6] == 1
    result = {
        "questions": float(len(asked)),
        "span_f1": float(np.mean(f1)),
        "span_em": float(np.mean(em)),
        "auroc": auroc(truth, found.answer),
        "auroc_margin": auroc(truth, found.margin),
    }
    for title, chosen in by_title.items():
        result[f"auroc[{title}]"] = auroc(truth[chosen], found.answer[chosen])
    return result


def main() -> None:
    """Print the measures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--pairs", type=Path, default=Path("training/run/pairs"), help="encoded pairs")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--articles", choices=("tune", "report"), default="tune")
    given = parser.parse_args()
    pairs = Pairs.open(given.pairs / given.articles)
    asked = np.char.startswith(np.array(pairs.sources)[pairs.table[:, 8]], "halfdev")
    found = squad(load(given.weights), given.data, given.articles, Pairs(pairs.ids, pairs.table[asked], pairs.sources))
    print(json.dumps({name: round(value, 4) for name, value in found.items()}, indent=1))


if __name__ == "__main__":
    main()
