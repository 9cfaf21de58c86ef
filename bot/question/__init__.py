"""A question, read once: its spelling and what it asks for."""
