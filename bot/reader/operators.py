"""Models of the operator's own: any that answers by a span, in the reader's place, and any that re-ranks passages.

Importing transformers and torch takes seconds, so this module is imported only where such a model is set. It raises
ReaderError where they are not installed.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.reader.reading import Probabilities, Reader, Reading
from embeddings.encoding.models import MISSING
from embeddings.errors import ReaderError
from embeddings.searching.index import Ranking

try:
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer
    from transformers.utils import logging
except ModuleNotFoundError as error:
    raise ReaderError(MISSING) from error

BATCH = 8
"""Windows that are read at a time."""
LONGEST = 384
"""Tokens of a window."""
OVERLAP, QUESTION = 6, 4
"""Two windows of a long passage share one token in six of a window's; a question may take one in four."""
RANKED_AGAIN = 20
"""Passages that a re-ranker puts in order."""


class SpanReader:
    """A model of transformers that answers by a span, from a folder; safe to use from several threads.

    It finds answers; what supports a claim is left to `claims`, since such models do not say. Weights must be
    safetensors, and no code that comes with a model is run. Raises ReaderError for a folder that cannot be used.
    """

    def __init__(self, folder: Path, claims: Reader) -> None:
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model, told = AutoModelForQuestionAnswering.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                output_loading_info=True,
            )
        except Exception as error:  # the library raises many kinds; each means the model is unusable
            raise ReaderError(f"The reader in {folder} could not be loaded: {error}") from error
        if told["missing_keys"]:  # which the library fills with chance
            raise ReaderError(f"The model in {folder} was not trained to find answers: it lacks their weights.")
        if not self._tokenizer.is_fast:
            raise ReaderError(f"The reader in {folder} has no fast tokenizer, so its answers have no exact place.")
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model: Any = model.eval().to(self._device)
        self._longest = min(self._tokenizer.model_max_length, LONGEST)
        self._claims = claims
        self._lock = threading.Lock()  # truncation is state of the one tokenizer

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """See Reader. A passage too long for the model is read in windows, and each token counts where it does best."""
        with self._lock:
            return self._read(question, passages) if passages else []

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """See Reader: by the reader that was given for it."""
        return self._claims.compare(claim, sentences)

    def _read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        bodies = [len(f"{title}\n") if title else 0 for title, _ in passages]
        texts = [f"{title}\n{text}" if title else text for title, text in passages]
        windows = self._tokenizer(
            [self._shortened(question)] * len(texts),
            texts,
            truncation="only_second",
            max_length=self._longest,
            stride=self._longest // OVERLAP,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            padding=True,
            return_tensors="pt",
        )
        offsets = windows.pop("offset_mapping").tolist()
        of_passage = windows.pop("overflow_to_sample_mapping").tolist()
        starts, ends = self._logits(windows)
        found: list[dict[tuple[int, int], tuple[float, float]]] = [{} for _ in passages]
        for row, passage in enumerate(of_passage):
            here, body = found[passage], bodies[passage]
            begins, stops = starts[row] - starts[row, 0], ends[row] - ends[row, 0]
            for token, part in enumerate(windows.sequence_ids(row)):
                first, last = offsets[row][token]
                if part == 1 and first >= body and last > first:
                    key = first - body, last - body
                    best = here.get(key, (-np.inf, -np.inf))
                    here[key] = max(best[0], float(begins[token])), max(best[1], float(stops[token]))
        return [_reading(tokens) for tokens in found]

    def _shortened(self, question: str) -> str:
        """As much of a question as leaves room for a passage."""
        tokens = self._tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        room = self._longest // QUESTION
        return question if len(tokens) <= room else question[: tokens[room - 1][1]]

    @torch.inference_mode()
    def _logits(self, windows: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """The logits that an answer starts and ends at each token of each window: shape (windows, tokens)."""
        parts = []
        for first in range(0, len(windows["input_ids"]), BATCH):
            batch = {name: tensor[first : first + BATCH].to(self._device) for name, tensor in windows.items()}
            output = self._model(**batch)
            parts.append((output.start_logits.float().cpu().numpy(), output.end_logits.float().cpu().numpy()))
        starts, ends = zip(*parts, strict=True)
        return np.concatenate(starts), np.concatenate(ends)


def _reading(tokens: dict[tuple[int, int], tuple[float, float]]) -> Reading:
    """What was found of a passage's tokens, by the characters of each; the answer is as likely as its best span."""
    places = sorted(tokens)
    logits = np.array([tokens[place] for place in places], np.float32).reshape(-1, 2)
    reading = Reading(-np.inf, logits[:, 0], logits[:, 1], np.array(places, np.int64).reshape(-1, 2))
    best = reading.best()
    return replace(reading, answer=best.margin) if best else reading


class Reranker:
    """A CrossEncoder of sentence-transformers, from a folder, which orders the first passages of a ranking anew.

    Raises ReaderError for a folder that cannot be used, or whose model gives several scores.
    """

    def __init__(self, folder: Path) -> None:
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = CrossEncoder(
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # the library raises many kinds; each means the model is unusable
            raise ReaderError(f"The re-ranker in {folder} could not be loaded: {error}") from error
        if self._model.num_labels != 1:
            raise ReaderError(f"The model in {folder} gives {self._model.num_labels} scores; a re-ranker gives one.")
        self._lock = threading.Lock()

    def reorder(self, ranking: Ranking) -> Ranking:
        """The same passages, the first `RANKED_AGAIN` in this model's order.

        The scores stay where they were, and passages change places: so confidence, which goes by how scores are
        spread, means what it meant.
        """
        first = ranking.hits[:RANKED_AGAIN]
        if len(first) < 2:
            return ranking
        with self._lock:
            scores = self._model.predict([(ranking.query, hit.passage.text) for hit in first], show_progress_bar=False)
        places = np.argsort(-np.asarray(scores, np.float32), kind="stable")
        moved = tuple(
            replace(first[place], score=before.score, fused=before.fused)
            for before, place in zip(first, places.tolist(), strict=True)
        )
        return replace(ranking, hits=(*moved, *ranking.hits[RANKED_AGAIN:]))
