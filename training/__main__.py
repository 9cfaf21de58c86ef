"""Make the reader's weights, from the public data to the file that ships.

    python -m training [--train ../shared/train] [--data ../shared/data] [--folder training/run]
    python -m training --average training/one training/other
    python -m training --claims --epochs 3 --dropout 0

First it trains layers that find answers, then, from these, layers that compare claims. Stop it (Ctrl-C) and start it
again at any time: it goes on where it stopped. It trains on a GPU where torch finds one.
Layers, drop-out, rate, seed and batches are those a run was started with.
"""

import argparse
import os
from pathlib import Path

import torch

from bot.reader.trained import CLAIMS, LAYERS, WEIGHTS
from training import data, last_phase
from training.batches import TOKENS, Pairs
from training.export import export, export_claims
from training.model import load
from training.train import State, Trainer, run

FIRST, LAST, DECAY = 0.40, 0.31, 0.29
"""Shares of a run's examples: over all pairs, over those of the last phase, and over these with a falling rate."""
DECAY_OF_CLAIMS = 0.5
"""The share of a run's examples with a falling rate, where it is about claims."""


def main() -> None:
    """Do what is not done yet."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, default=Path("../shared/train"), help="default: %(default)s")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="default: %(default)s")
    parser.add_argument(
        "--folder", type=Path, default=Path("training/run"), help="pairs and checkpoints (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the weights (default: those the bot uses)")
    parser.add_argument(
        "--average",
        type=Path,
        nargs="+",
        metavar="FOLDER",
        help="only write the mean of these runs; what claims need is trained over it with --claims",
    )
    parser.add_argument(
        "--start", type=Path, metavar="FILE", help="begin with a reader's weights, not the base model's"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="FILE", help="a reader's weights, whose spans the new one shall keep"
    )
    parser.add_argument(
        "--without", nargs="+", choices=(*data.GROUPS, "first", "last"), default=[], help="data, or a phase"
    )
    parser.add_argument("--claims", action="store_true", help="train for claims alone, over the weights that are there")
    parser.add_argument("--epochs", type=float, default=2.0, metavar="N", help="default: %(default)s")
    parser.add_argument("--layers", type=int, choices=range(1, LAYERS + 1), default=4, help="trained (%(default)s)")
    parser.add_argument("--dropout", type=float, default=0.1, help="default: %(default)s")
    parser.add_argument("--rate", type=float, default=1.2e-4, help="default: %(default)s")
    parser.add_argument("--tokens", type=int, default=TOKENS, help="of a batch (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.average:
        export([folder / "run" for folder in given.average], given.out)
        return
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    if (given.claims or answers(given)) and claims(given):
        print(f"{given.out} and {CLAIMS} beside it are written.")


def answers(given: argparse.Namespace) -> bool:
    """Train the layers that find answers, and write them; False where that was stopped."""
    pairs, folder = given.folder / "pairs", given.folder / "run"
    if not (pairs / "report").exists():
        print("Encoding the pairs ...", flush=True)
        data.write(given.train, given.data, pairs, given.seed, given.without)
    trainer = Trainer.of(folder, state(given), given.start)
    if given.teacher:
        trainer.teacher = load(given.teacher).to(trainer.network.device)
    examples = given.epochs * len(Pairs.open(pairs / "train").table)
    if "last" not in given.without:
        first = "first" not in given.without and trainer.state.pairs == "train"
        if first and not run(trainer, pairs, round(FIRST * examples)):
            return False
        if not (pairs / "last").exists():
            print("Choosing the pairs of the last phase ...", flush=True)
            last_phase.write(pairs, trainer.network)
        trainer.state.turn_to("last")
    if trainer.state.decay_from < 0 and not run(trainer, pairs, round((FIRST + LAST) * examples)):
        return False
    trainer.state.decay(round(DECAY * examples))
    if not run(trainer, pairs):
        return False
    export([folder], given.out)
    return True


def claims(given: argparse.Namespace) -> bool:
    """Train the same layers for claims, from the weights there are, and write them; False where that was stopped."""
    pairs, folder = given.folder / "claim_pairs", given.folder / "claims"
    if not (pairs / "tune").exists():
        print("Encoding the claims ...", flush=True)
        data.write_claims(given.train, given.data, pairs, given.seed)
    trainer = Trainer.of(folder, state(given), given.out)
    examples = given.epochs * len(Pairs.open(pairs / "train").table)
    if trainer.state.decay_from < 0 and not run(trainer, pairs, round((1 - DECAY_OF_CLAIMS) * examples)):
        return False
    trainer.state.decay(round(DECAY_OF_CLAIMS * examples))
    if not run(trainer, pairs):
        return False
    export_claims(folder, given.out)
    return True


def state(given: argparse.Namespace) -> State:
    """What a run starts with."""
    return State(given.seed, given.rate, LAYERS - given.layers, given.dropout, given.tokens)


if __name__ == "__main__":
    main()
