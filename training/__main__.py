"""Make the reader's weights, from the public data to the file that ships.

    python -m training [--train ../shared/train] [--data ../shared/data] [--folder training/run]
    python -m training --average training/one training/other

Stop it (Ctrl-C) and start it again at any time: it goes on where it stopped. It trains on a GPU where torch finds one.
Layers, drop-out, rate, seed and batches are those a run was started with.
"""

import argparse
import os
from pathlib import Path

import torch

from bot.reader.trained import LAYERS, WEIGHTS
from training import data, last_phase
from training.batches import TOKENS, Pairs
from training.export import export
from training.model import load
from training.train import State, Trainer, run

FIRST, LAST, DECAY = 0.40, 0.31, 0.29
"""Shares of a run's examples: over all pairs, over those of the last phase, and over these with a falling rate."""


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
    parser.add_argument("--average", type=Path, nargs="+", metavar="FOLDER", help="only write the mean of these runs")
    parser.add_argument(
        "--start", type=Path, metavar="FILE", help="begin with a reader's weights, not the base model's"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="FILE", help="a reader's weights, whose spans the new one shall keep"
    )
    parser.add_argument(
        "--without", nargs="+", choices=(*data.GROUPS, "first", "last"), default=[], help="data, or a phase"
    )
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
    pairs, folder = given.folder / "pairs", given.folder / "run"
    if not (pairs / "report").exists():
        print("Encoding the pairs ...", flush=True)
        data.write(given.train, given.data, pairs, given.seed, given.without)
    state = State(given.seed, given.rate, LAYERS - given.layers, given.dropout, given.tokens)
    trainer = Trainer.of(folder, state, given.start)
    if given.teacher:
        trainer.teacher = load(given.teacher).to(trainer.network.device)
    examples = given.epochs * len(Pairs.open(pairs / "train").table)
    if "last" not in given.without:
        first = "first" not in given.without and trainer.state.pairs == "train"
        if first and not run(trainer, pairs, round(FIRST * examples)):
            return
        if not (pairs / "last").exists():
            print("Choosing the pairs of the last phase ...", flush=True)
            last_phase.write(pairs, trainer.network)
        trainer.state.turn_to("last")
    if trainer.state.decay_from < 0 and not run(trainer, pairs, round((FIRST + LAST) * examples)):
        return
    trainer.state.decay(round(DECAY * examples))
    if run(trainer, pairs):
        export([folder], given.out)
        print(f"{given.out}: {given.out.stat().st_size / 2**20:.1f} MiB, of {trainer.state.examples:,} examples")


if __name__ == "__main__":
    main()
