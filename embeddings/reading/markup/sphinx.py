"""What the directives and roles of Sphinx hold, in reStructuredText and in MyST's Markdown, by their names."""

OF_CODE = frozenset("code code-block sourcecode code-cell prompt testcode console ipython".split())
"""Directives of lines of code."""
UNSEEN = frozenset(
    "toctree contents tableofcontents index highlight module currentmodule py:module literalinclude raw include meta "
    "bibliography sectionauthor codeauthor tabularcolumns".split()
)
"""Directives whose text nobody who reads the page sees, or that only take in other files."""
_SINCE = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}
OF_WORDS = frozenset("ref doc term any numref guilabel menuselection kbd abbr download sub sup cite eq".split())
"""Roles whose text is words; that of all others is a name in code."""


def since(name: str, argument: str) -> str | None:
    """What a directive of that name says of a version, as Sphinx shows it; None for another directive.

    >>> since("versionadded", "2.0 The pump."), since("deprecated", "3.1"), since("note", "2.0")
    ('Added in version 2.0: The pump.', 'Deprecated since version 3.1', None)
    """
    version, _, more = argument.partition(" ")
    return f"{_SINCE[name]} {version}: {more}".rstrip(": ") if name in _SINCE else None


def numbered(words: str, target: str) -> str:
    """What a reference shows whose words have a place for the number of what they lead to: its name instead.

    >>> numbered("Chapter %s", "ch:linear"), numbered("there", "ch:linear")
    ('Chapter linear', 'there')
    """
    name = target.rpartition(":")[2]
    return words.replace("%s", name).replace("{number}", name).replace("{name}", name)
