"""Make the reader's weights, from the public data to the file that ships.

    python -m training [--train ../shared/train] [--data ../shared/data] [--folder training/run]

Stop it (Ctrl-C) and start it again at any time: it goes on where it stopped. On two cores it takes about three hours.
"""

import argparse
import os
from pathlib import Path

import torch

from bot.answering.reader.trained import WEIGHTS
from training import data, last_phase
from training.export import export
from training.model import load
from training.train import FROZEN, State, Trainer, run

FOLDER = Path("training/run")
RATE = 1.2e-4
FIRST, SECOND, DECAY = 84_000, 150_000, 60_000
"""Examples: when the first phase ends, when the constant part of the last one does, how many its decay takes."""


def main() -> None:
    """Do what is not done yet."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--train", type=Path, default=Path("../shared/train"), help="default: %(default)s")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="default: %(default)s")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="pairs and checkpoints (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the weights (default: those the bot uses)")
    parser.add_argument("--first", type=int, default=FIRST, metavar="N", help="examples of all pairs (%(default)s)")
    parser.add_argument("--second", type=int, default=SECOND, metavar="N", help="then of the last (to %(default)s)")
    parser.add_argument("--decay", type=int, default=DECAY, metavar="N", help="then with a falling rate (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    torch.manual_seed(given.seed)
    pairs, folder = given.folder / "pairs", given.folder / "run"
    if not (pairs / "report").exists():
        print("Encoding the pairs ...", flush=True)
        data.write(given.train, given.data, pairs, given.seed)
    trainer = Trainer.of(folder, State(given.seed, RATE, FROZEN))
    if trainer.state.pairs == "train" and not run(trainer, pairs, given.first):
        return
    if not (pairs / "last").exists():
        print("Choosing the pairs of the last phase ...", flush=True)
        last_phase.write(pairs, load(folder / "checkpoint" / "weights.safetensors"))
    trainer.state.turn_to("last")
    if trainer.state.decay_from < 0 and not run(trainer, pairs, given.second):
        return
    trainer.state.decay(given.decay)
    if run(trainer, pairs):
        export(folder, given.out)
        print(f"{given.out}: {given.out.stat().st_size / 2**20:.1f} MiB, of {trainer.state.examples:,} examples")


if __name__ == "__main__":
    main()
