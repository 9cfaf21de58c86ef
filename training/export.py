"""From checkpoints to what ships: the layers that training changed, and their SHA-256 beside them."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from bot.reader.trained import BASE, CLAIMS, SCALE, digest_file
from embeddings.files import sha256_of
from training.model import load


def export(runs: Sequence[Path], out: Path) -> None:
    """Write the weights of a run's checkpoint in bfloat16, half as large; of several runs their mean.

    So do Wortsman et al. 2022, "Model soups". Raises ValueError where the runs trained different layers.
    """
    found = [load_file(run / "checkpoint" / "weights.safetensors") for run in runs]
    if any(weights.keys() != found[0].keys() for weights in found):
        raise ValueError(f"{', '.join(map(str, runs))} trained different layers: their mean is no reader.")
    mean = {name: torch.stack([weights[name] for weights in found]).mean(0).bfloat16() for name in found[0]}
    frozen = min(int(name.split(".")[1]) for name in mean if name.startswith("layers."))
    _save(mean, out, {"base": BASE, "frozen": str(frozen)})


def export_claims(run: Path, weights: Path) -> Path:
    """Write beside a reader's weights what a run for claims, which began with them, changed; return the file.

    A layer's matrix is written as its change, in integers of eight bits with a scale for each row, which moves it less
    than bfloat16 would; the heads for questions are left out.
    """
    before = load(weights).state_dict()
    found = {}
    for name, tensor in load_file(run / "checkpoint" / "weights.safetensors").items():
        if name.startswith(("span.", "judge.", "answer.")):
            continue
        if name.startswith("layers.") and tensor.dim() == 2:
            change = tensor - before[name]
            scale = change.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / 127
            found[name], found[name + SCALE] = (change / scale).round().to(torch.int8), scale
        else:
            found[name] = tensor.bfloat16()
    _save(found, out := weights.with_name(CLAIMS), {"over": sha256_of(weights)})
    return out


def _save(weights: dict[str, torch.Tensor], file: Path, about: dict[str, str]) -> None:
    save_file(weights, file, about)
    digest_file(file).write_text(sha256_of(file) + "\n", encoding="ascii")
