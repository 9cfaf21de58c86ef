"""Notes, tips and warnings as pages of documentation show them, as block quotations that say what they are."""

import re

from lxml.html import HtmlElement

from embeddings.reading.web.unfolding import begin_with

_BOXES = ("div", "aside", "section")
_CALLOUT = re.compile(r"(?:^|\s)(?:[\w-]*admonition|callout|markdown-alert|custom-block|starlight-aside|alert)(?=\s|$)")
"""A class of a callout, as MkDocs, Sphinx, docutils, Docusaurus, GitHub, VitePress, Starlight and Bootstrap give it."""
_KIND = re.compile(
    r"(?:^|[\s_-])(note|info|tip|hint|success|important|warning|caution|attention|danger|error|seealso|example)(?=\s|$)"
)
_TITLE = re.compile(r"title|heading", re.IGNORECASE)
_LONGEST = 200
"""Characters of a title."""


def mark_callouts(page: HtmlElement) -> None:
    """Make each callout a block quotation with its kind as `data-callout`, and its title, if that says more, bold."""
    for box in [each for each in page.iter(*_BOXES) if _CALLOUT.search(each.get("class", ""))]:
        kind = _KIND.search(box.get("class", ""))
        title = next((each for each in list(box)[:1] if _TITLE.search(each.get("class", ""))), None)
        words = " ".join("".join(title.itertext()).split()) if title is not None else ""
        if not (kind or words) or len(words) > _LONGEST:
            continue
        if title is not None:
            title.drop_tree()
        box.tag = "blockquote"
        box.set("data-callout", kind[1] if kind else "note")
        if words.casefold() not in ("", kind and kind[1]):
            begin_with(box, words)
