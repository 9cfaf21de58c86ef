"""From a checkpoint to what ships: the layers that training changed, in bfloat16, and their SHA-256 beside them."""

from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

from bot.answering.reader.trained import digest_file
from embeddings.files import sha256_of


def export(run: Path, out: Path) -> None:
    """Write a checkpoint's weights, half as large."""
    with safe_open(run / "checkpoint" / "weights.safetensors", "pt") as opened:
        weights = {name: opened.get_tensor(name).bfloat16() for name in opened.keys()}  # noqa: SIM118 - it is no mapping
        save_file(weights, out, opened.metadata())
    digest_file(out).write_text(sha256_of(out) + "\n", encoding="ascii")
