"""Jupyter notebooks as Markdown: their text, and their code in fences; not what the code printed."""

import json
from typing import Any

from embeddings.reading.marks import fenced


def as_markdown(text: str) -> str:
    """The cells of a notebook of version 4, one below the other. Raises ValueError for anything else.

    >>> print(as_markdown('{"cells": [{"cell_type": "code", "source": ["a = 1\\\\n", "b = 2"]}]}'))
    ```
    a = 1
    b = 2
    ```
    """
    try:
        notebook = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("not a notebook of version 4, with cells")
    language = _language(notebook.get("metadata"))
    cells = (_cell(cell, language) for cell in notebook["cells"] if isinstance(cell, dict))
    return "\n\n".join(filter(None, cells))


def _cell(cell: dict[str, Any], language: str) -> str:
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str)).strip("\n")
    if cell.get("cell_type") == "markdown":
        return text
    if cell.get("cell_type") != "code" or not text.strip():
        return ""
    return fenced(text, language)


def _language(metadata: object) -> str:
    """The language of the code, by its name, if that is one word."""
    about = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = about.get("name") if isinstance(about, dict) else None
    return name if isinstance(name, str) and name.isalnum() else ""
