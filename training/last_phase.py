"""The pairs of the last phase: what people wrote, and of what was made the pairs that a reader still gets wrong.

Most made pairs are soon too easy to teach anything (a passage on another subject), while the few that people wrote to
mislead are what a reader is worst at; so these come twice.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.batches import Pairs
from training.measures import read
from training.model import Network

Scores = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]
TWICE = ("halfdev/human-no", "squad_train/human-no", "timeqa_human/human-no")
"""Written by people to look answerable, and few."""
MADE = ("made/question", "made/cut", "made/mined")
"""Made to look answerable, by exchanging, leaving out or retrieving; at most so many of each are looked at."""
LOOKED_AT = 4_000
HARD = -1.5
"""A made pair is hard when the reader's logit that the passage answers is above this."""
SOME = {
    "squad_train": 12000,
    "squad_train_derived_neg": 3000,
    "squadshifts_newwiki": 4000,
    "squadshifts_newwiki_derived_neg": 2000,
    "squad_sentence": 3000,
    "tydiqa_goldp_en": 2500,
    "qamr": 1500,
    "selqa": 2000,
    "medquad": 2500,
    "made/section": 9000,
    "made/sentence": 3000,
    "made/neutral": 2000,
    "fever_athnlp": 5000,
    "snli_ni": 2000,
    "cad_snli": 2000,
    "breaking_nli": 500,
    "condaqa": 2500,
    "qnli_dev": 2000,
}
"""At most so many of what is easy or of another kind of text."""


def chosen(pairs: Pairs, answer_of: Scores) -> npt.NDArray[np.int64]:
    """The rows of the last phase; `answer_of` gives the reader's answer logits of rows."""
    names = np.array(pairs.sources)[pairs.table[:, 8]]
    chance = np.random.default_rng(1)
    kept = []
    for name in np.unique(names):
        rows = np.flatnonzero(names == name)
        if name in MADE:
            rows = chance.permutation(rows)[:LOOKED_AT]
            rows = rows[answer_of(rows) > HARD]
        elif name in SOME:
            rows = chance.permutation(rows)[: SOME[name]]
        kept += [rows] * (2 if name in TWICE else 1)
        print(f"{name:<36}{len(rows):>8,}", flush=True)
    return np.sort(np.concatenate(kept))


def write(folder: Path, network: Network) -> None:
    """Write the set `last` beside the set `train`, chosen with a reader trained so far."""
    pairs = Pairs.open(folder / "train")
    rows = chosen(pairs, lambda some: read(network, Pairs(pairs.ids, pairs.table[some], pairs.sources)).answer)
    Pairs(pairs.ids, pairs.table[rows], pairs.sources).write(folder / "last")
