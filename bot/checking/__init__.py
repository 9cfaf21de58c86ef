"""A claim against the documents."""
