"""A model's tokenizer, which is read once for all that use it."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tokenizers import Encoding, Tokenizer

_loading = threading.Lock()


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer in a model's folder, which neither cuts nor pads; threads may share it, and none may change it.

    Raises whatever the library raises for a file that it cannot read.
    """
    with _loading:  # or two threads that want the same one would read it twice
        return _load(folder / "tokenizer.json")


@lru_cache(maxsize=2)
def _load(file: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str], longest: int) -> list[Encoding]:
    """The tokens of texts as a model reads them: at most `longest`, its special ones included."""
    encodings: list[Encoding] = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    room = longest - tokenizer.num_special_tokens_to_add(False)
    for encoding in encodings:
        encoding.truncate(room)
    return [tokenizer.post_process(encoding) for encoding in encodings]
