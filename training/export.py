"""From checkpoints to what ships: the layers that training changed, in bfloat16, and their SHA-256 beside them."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from bot.reader.trained import BASE, digest_file
from embeddings.files import sha256_of


def export(runs: Sequence[Path], out: Path) -> None:
    """Write the weights of a run's checkpoint, half as large; of several runs their mean (Wortsman et al. 2022, "Model
    soups"). Raises ValueError where the runs trained different layers."""
    found = [load_file(run / "checkpoint" / "weights.safetensors") for run in runs]
    if any(weights.keys() != found[0].keys() for weights in found):
        raise ValueError(f"{', '.join(map(str, runs))} trained different layers: their mean is no reader.")
    mean = {name: torch.stack([weights[name] for weights in found]).mean(0).bfloat16() for name in found[0]}
    frozen = min(int(name.split(".")[1]) for name in mean if name.startswith("layers."))
    save_file(mean, out, {"base": BASE, "frozen": str(frozen)})
    digest_file(out).write_text(sha256_of(out) + "\n", encoding="ascii")
