"""Passages with their vectors and words, and the ranking of them that a query gets."""
