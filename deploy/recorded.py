"""Records vectors of the default model as sentence-transformers gives them: `python -m deploy.recorded`."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from embeddings.encoding.agreement import sample
from embeddings.encoding.models import fingerprint, packaged_model
from embeddings.encoding.recorded import FILE
from embeddings.encoding.reference import ReferenceEncoder
from embeddings.reading.documents import read_documents
from embeddings.splitting.passages import split

ROOT = Path(__file__).resolve().parents[1]
OTHERS = (
    "?",
    "1,234.50 € on 3/4",
    "naïve nai\u0308ve",
    "你好，世界。",
    "नमस्ते दुनिया",
    "👍🏽 ok",
    "x" * 500,
    "word " * 500,
)
"""Beside passages of docs/: what a tokenizer could read in another way."""


def main() -> None:
    """Write the file that comes with Footnote."""
    encoder = ReferenceEncoder(packaged_model())
    documents = read_documents(ROOT / "docs").documents
    passages = [passage.text for document in documents for passage in split(document, encoder)]
    texts, queries = sample([*passages[:: len(passages) // 16], *OTHERS])
    about = {"model": fingerprint(packaged_model()), "texts": json.dumps(texts), "queries": json.dumps(queries)}
    vectors = np.concatenate([encoder.encode_passages(texts), encoder.encode_queries(queries)])
    save_file({"vectors": vectors}, FILE, about)


if __name__ == "__main__":
    main()
