"""Ranked passages in, an answer made of exact quotations out; nothing in here knows of Discord."""
