"""Offline: from a folder of documents to a new generation, with what the one before it has."""
