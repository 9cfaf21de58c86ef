"""Prose that a language model writes under an answer: what it may say, and which of its sentences are shown."""
