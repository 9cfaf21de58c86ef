"""What the directives and roles of Sphinx hold, in reStructuredText and in MyST's Markdown, by their names."""

OF_CODE = frozenset("code code-block sourcecode code-cell prompt testcode console ipython".split())
"""Directives of lines of code."""
UNSEEN = frozenset(
    "toctree contents tableofcontents index highlight module currentmodule py:module literalinclude raw include meta "
    "bibliography sectionauthor codeauthor tabularcolumns".split()
)
"""Directives whose text nobody who reads the page sees, or that only take in other files."""
SINCE = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}
"""As Sphinx shows them."""
OF_WORDS = frozenset("ref doc term any numref guilabel menuselection kbd abbr download sub sup cite eq".split())
"""Roles whose text is words; that of all others is a name in code."""
