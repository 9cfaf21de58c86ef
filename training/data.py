"""What the reader is trained on, encoded: given pairs, made pairs, cut to lengths that passages have.

Everything is drawn from one seed.
"""

import random
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.reader.pairs import SEP, PairEncoder
from training.batches import Pairs
from training.negatives import (
    changed_questions,
    cut,
    mined,
    neutral_claims,
    swapped_claims,
    swapped_sentences,
    swapped_words,
)
from training.sources import (
    CLAIMS,
    DOCS,
    HUMAN,
    QUESTIONS,
    UNKNOWN,
    Pair,
    claims_of,
    halfdev,
    questions_of,
    rows,
    scifact,
    sentences,
)

LONGEST = 288
"""Tokens of a pair at most, in training."""
LONGEST_CLAIM = 160
"""Tokens of a claim and its evidence, a sentence or a few, at most."""
USUAL = 192
"""Most passages are cut to whole sentences that fit so many."""
MOST = 512
"""Tokens the model can read, so that no question is left out of an evaluation."""
HELD_OUT, HELD_OUT_DOCS = 60, 300
"""At most so many pairs of a source are kept for the learning curve; of sections more, for each has its question's."""
GROUPS = ("human", "docs", "claims")
"""What can be left out: the sets HUMAN, the sets DOCS, and every pair with a relation."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A pair as the reader sees it: [CLS] question [SEP] title: passage [SEP]."""

    ids: list[int]
    second: int
    """Where title and passage begin."""
    body: int
    """Where the passage begins."""
    start: int
    end: int
    """Token of the answer's beginning and its last token; 0 for none, UNKNOWN where unknown. Loose ones have no end."""


def encode(pair: Pair, encoder: PairEncoder, longest: int) -> Encoded | None:
    """A pair of at most `longest` tokens, the passage cut at the end; None if that cuts off the answer."""
    ids, second, body = encoder.label(pair.question, pair.title)
    tokens, offsets = encoder.tokens(pair.passage)
    room = longest - len(ids) - 1
    start = end = UNKNOWN
    if pair.span is not None:
        inside = [i for i, (a, b) in enumerate(offsets[:room]) if a < pair.span[1] and pair.span[0] < b]
        if not inside or (offsets[inside[-1]][1] < pair.span[1] and not pair.loose):
            return None
        start, end = body + inside[0], UNKNOWN if pair.loose else body + inside[-1]
    elif pair.answer == 0:
        start = end = 0
    return Encoded([*ids, *tokens[:room], SEP], second, body, start, end)


def shortened(pair: Pair, encoder: PairEncoder, chance: random.Random) -> Pair:
    """A run of whole sentences that fits, with the answer in it: passages come in many lengths."""
    draw = chance.random()
    room = LONGEST if draw < 0.08 else USUAL if draw < 0.7 else chance.randint(72, USUAL)
    ids, _, _ = encoder.label(pair.question, pair.title)
    offsets = encoder.tokens(pair.passage)[1]
    room -= len(ids) + 1
    if len(offsets) <= room:
        return pair
    found = sentences(pair.passage)
    starts = [a for a, _ in offsets]
    sizes = [int(np.searchsorted(starts, b) - np.searchsorted(starts, a)) for a, b in found]
    if pair.span is None:
        first = last = chance.randrange(len(found))
    else:
        inside = [i for i, (a, b) in enumerate(found) if a < pair.span[1] and pair.span[0] < b]
        if not inside:
            return pair
        first, last = inside[0], inside[-1]
    total = sum(sizes[first : last + 1])
    while True:
        sides = [s for s in (first - 1, last + 1) if 0 <= s < len(found) and total + sizes[s] <= room]
        if not sides:
            break
        side = chance.choice(sides)
        total += sizes[side]
        first, last = min(first, side), max(last, side)
    a, b = found[first][0], found[last][1]
    span = pair.span and (pair.span[0] - a, pair.span[1] - a)
    return replace(pair, passage=pair.passage[a:b], span=span)


def training_pairs(train: Path, data: Path, seed: int, without: Collection[str] = ()) -> list[Pair]:
    """Every pair to train on, in a fixed order, but for those of the GROUPS left out."""
    chance = random.Random(seed)
    left_out = (*(HUMAN if "human" in without else ()), *(DOCS if "docs" in without else ()))
    asked: list[Pair] = []
    for name, most in QUESTIONS.items():
        if name in left_out:
            continue
        found = list(questions_of(name, rows(train / f"{name}.jsonl.gz")))
        asked += chance.sample(found, most) if most and most < len(found) else found
    asked += (own := halfdev(data, "train"))
    claims: list[Pair] = []
    for name, most in CLAIMS.items():
        if name in left_out:
            continue
        found = list(claims_of(name, rows(train / f"{name}.jsonl.gz")))
        claims += chance.sample(found, most) if most and most < len(found) else found
    checked = [p for p in claims if p.source in ("fever_athnlp", "fever_symmetric", "foolmetwice")]
    facts = scifact(data, "train")
    sections = [p for p in asked if p.source in DOCS]
    full = [p for p in asked if p.title and p.source not in (*DOCS, "qamr", "molweni")]
    made = mined([p for p in full if p.source != "nq_swap"], 30_000, chance)
    if sections:
        made += mined(sections, 15_000, chance, "made/section")
    made += cut(full, 9_000, chance)
    made += changed_questions(full, 16_000, chance)
    made += swapped_claims(checked + [p for p in claims if p.source == "mnli_ni"], 3_000, chance)
    made += swapped_sentences(full, 6_000, chance)
    made += neutral_claims(checked, 6_000, chance)
    human = [p for p in asked if p.source in ("squad_train/human-no", "halfdev/human-no")]
    pairs = asked + claims + facts * 2 + made + human * 2 + [p for p in own if p.answer == 1]
    return [p for p in pairs if p.relation == UNKNOWN] if "claims" in without else pairs


def claim_pairs(train: Path, data: Path, seed: int) -> list[Pair]:
    """Every claim with its evidence, and what is made of them, in a fixed order: all that is known is the relation."""
    chance = random.Random(seed)
    claims = [pair for name in CLAIMS for pair in claims_of(name, rows(train / f"{name}.jsonl.gz"))]
    claims = [pair for pair in claims if pair.relation != UNKNOWN]
    asked = [pair for name in QUESTIONS for pair in questions_of(name, rows(train / f"{name}.jsonl.gz"))]
    full = [pair for pair in asked if pair.title and pair.source not in (*DOCS, "qamr", "molweni")]
    checked = [p for p in claims if p.source in ("fever_athnlp", "fever_symmetric", "foolmetwice")]
    made = swapped_claims(checked + [p for p in claims if p.source == "mnli_ni"], 6_000, chance)
    made += swapped_sentences(full, 20_000, chance)
    made += neutral_claims(checked, 8_000, chance)
    made += swapped_words(claims + made, 25_000, chance)
    return [replace(pair, title="", answer=UNKNOWN) for pair in claims + scifact(data, "train") * 2 + made]


def held_out(pair: Pair) -> bool:
    """Whether a pair is kept for the learning curve: every 40th article, or text where there is no title."""
    if pair.source.startswith(("halfdev", "scifact")):
        return False
    return zlib.crc32((pair.title or pair.passage).encode()) % 40 == 0


def tuning_pairs(data: Path) -> list[Pair]:
    """Pairs that are for tuning: four articles of `squad2_halfdev` and a third of SciFact's training claims."""
    return halfdev(data, "tune") + scifact(data, "tune")


def dressed(pair: Pair, chance: random.Random) -> Pair:
    """Sometimes without title, sometimes without question mark, as people type.

    Of SQuAD half, since most of its unanswerable questions come without a title, which must not tell them.
    """
    if pair.title and chance.random() < (0.5 if pair.source.startswith("squad") else 0.15):
        pair = replace(pair, title="")
    if chance.random() < 0.25:
        pair = replace(pair, question=pair.question.rstrip("? ."))
    return pair


def encoded(pairs: Sequence[Pair], longest: int, chance: random.Random | None) -> Pairs:
    """Encode pairs; with `chance`, shorten and dress them, and leave out those whose answer is cut off."""
    encoder = PairEncoder()
    ids: list[int] = []
    table: list[tuple[int, ...]] = []
    names: dict[str, int] = {}
    for pair in pairs:
        shown = shortened(dressed(pair, chance), encoder, chance) if chance else pair
        made = encode(shown, encoder, longest)
        if made is None and not chance:  # in an evaluation it counts as missed
            made = encode(replace(shown, span=None), encoder, longest)
        if made is None:
            continue
        source = names.setdefault(pair.source, len(names))
        place = (len(ids), len(made.ids), made.second, made.body, made.start, made.end)
        table.append((*place, pair.answer, pair.relation, source))
        ids += made.ids
    return Pairs(np.array(ids, np.uint16), np.array(table, np.int32), list(names))


def write_claims(train: Path, collections: Path, folder: Path, seed: int) -> None:
    """Write the sets train, held_out and tune of claims to a folder. One with evidence too long is left out, since
    what bears it out could be cut off."""
    encoder = PairEncoder()
    chance = random.Random(seed)
    pairs = [dressed(pair, chance) for pair in claim_pairs(train, collections, seed)]
    pairs = [p for p in pairs if sum(len(encoder.tokens(t)[1]) for t in (p.question, p.passage)) < LONGEST_CLAIM - 3]
    encoded([pair for pair in pairs if not held_out(pair)], LONGEST_CLAIM, None).write(folder / "train")
    encoded([pair for pair in pairs if held_out(pair)], LONGEST_CLAIM, None).write(folder / "held_out")
    tuned = [replace(pair, title="", answer=UNKNOWN) for pair in scifact(collections, "tune")]
    encoded(tuned, LONGEST_CLAIM, None).write(folder / "tune")


def write(train: Path, collections: Path, folder: Path, seed: int, without: Collection[str] = ()) -> None:
    """Write the sets train, held_out, tune and report to a folder, and say how many pairs there are of each source."""
    pairs = training_pairs(train, collections, seed, without)
    chance = random.Random(seed)
    made = encoded([pair for pair in pairs if not held_out(pair)], LONGEST, chance)
    made.write(folder / "train")
    for source, count in sorted(zip(made.sources, np.bincount(made.table[:, 8]), strict=True)):
        print(f"{source:<36}{count:>8,}", flush=True)
    seen = Counter[str]()
    curve = []
    for pair in chance.sample(pairs, len(pairs)):
        if held_out(pair) and seen[pair.source] < (HELD_OUT_DOCS if pair.source in DOCS else HELD_OUT):
            seen[pair.source] += 1
            curve.append(pair)
    encoded(curve, LONGEST, chance).write(folder / "held_out")
    encoded(tuning_pairs(collections), MOST, None).write(folder / "tune")
    encoded(halfdev(collections, "report"), MOST, None).write(folder / "report")
