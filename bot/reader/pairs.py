"""Pairs of a question and a passage as the reader sees them, in training as in serving."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from embeddings.encoding.models import packaged_model
from embeddings.encoding.tokens import load_tokenizer

CLS, SEP = 101, 102
QUESTION_TOKENS, TITLE_TOKENS = 64, 32
"""Most tokens of a question, of which the first are kept, and of a title, of which the last."""
LONGEST = 384
"""Most tokens of a pair when it is read; longer passages are read in parts."""
SHARED = 64
"""Tokens that two parts of a passage have in common."""


@dataclass(frozen=True, slots=True)
class Part:
    """A question and some of a passage's tokens: [CLS] question [SEP] title: passage [SEP]."""

    ids: list[int]
    second: int
    """Where title and passage begin."""
    body: int
    """Where the passage begins."""
    first: int
    """Which of the passage's tokens stands there."""

    @property
    def tokens(self) -> int:
        """How many of the passage's tokens are in this part."""
        return len(self.ids) - self.body - 1


class PairEncoder:
    """Turns pairs into token ids and tells which characters a token is; safe to use from several threads."""

    def __init__(self) -> None:
        self._tokenizer = load_tokenizer(packaged_model())
        self.tokens = lru_cache(maxsize=1_000)(self._tokens)

    def _tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The ids of a text's tokens, and the characters of each."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return encoding.ids, encoding.offsets

    def label(self, question: str, title: str) -> tuple[list[int], int, int]:
        """The tokens before the passage's text, where segment two begins, and where the text will."""
        first = [CLS, *self.tokens(question)[0][:QUESTION_TOKENS], SEP]
        head = self.tokens(f"{title}:")[0][-TITLE_TOKENS:] if title else []
        return [*first, *head], len(first), len(first) + len(head)

    def parts(self, question: str, title: str, passage: str, longest: int = LONGEST) -> Iterator[Part]:
        """A passage whole, or in parts of at most `longest` tokens that overlap."""
        label, second, body = self.label(question, title)
        tokens = self.tokens(passage)[0]
        room = longest - body - 1
        for first in range(0, max(len(tokens) - SHARED, 1), room - SHARED):
            yield Part([*label, *tokens[first : first + room], SEP], second, body, first)
            if first + room >= len(tokens):
                return
