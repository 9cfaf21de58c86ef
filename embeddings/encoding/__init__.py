"""Text in, unit vectors out: the operator's model, computed without torch where that gives the same."""
