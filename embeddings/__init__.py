"""Documents in, ranked passages out: reading, splitting, encoding, indexing and retrieval."""
