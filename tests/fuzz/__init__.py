"""Hostile input made at random, guided by what of Footnote it reaches: `make fuzz`.

A target is a function that gives bytes to a part of Footnote. A find is an error that it does not declare, more than
`SECONDS` of the processor, or `MEMORY` more; see `python -m fuzz --help` for how one is looked at again.
"""
