"""Sentences as a language model wrote them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence of the model's and the numbers (from 1) of the quotations it says it rests on."""

    text: str
    numbers: tuple[int, ...]
    step: int | None = None
    """From 1 for a numbered step."""
