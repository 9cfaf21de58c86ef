"""The reader: a small model that says of a question and a passage whether, and where, the passage answers."""
