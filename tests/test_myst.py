"""MyST: directives as what they hold, roles as their words, and any other text as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.formats import Draft, read_markdown
from embeddings.reading.markup.myst import without_directives


def stored(text: str) -> str:
    (draft,) = read_markdown(text.encode(), "a")
    assert isinstance(draft, Draft)
    return draft.text.strip()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (":::{note}\nOpen *it*.\n:::", "> [!NOTE]\n> Open *it*."),
        ("```{warning} Hot\n:class: big\n\nWait.\n```\nGo.", "> [!WARNING] Hot\n>\n> Wait.\n\nGo."),
        ("```{admonition} Hot\n:class: tip\nWait.\n```", "> [!TIP] Hot\n>\n> Wait."),
        ("(here)=\n# A\n\n% aside\n+++\nb", "# A\n\nb"),
        ("```{toctree}\n:maxdepth: 2\n\na\n```\n\nb", "b"),
        ("````{note}\n```{toctree}\na\n```\nb\n````", "> [!NOTE]\n> b"),
        ("```{code-block} sh\n:linenos:\nrun {x}`y`\n```", "```sh\nrun {x}`y`\n```"),
        ("````{code-block} md\n```{note}\na\n```\n````", "````md\n```{note}\na\n```\n````"),
        (":::{code} sh\nrun\n:::", "```sh\nrun\n```"),
        ("```{math}\na^2\n```", "```\na^2\n```"),
        ("```{image} a.png\n:alt: The menu\n```", "![The menu](a.png)"),
        ("```{figure} a.png\n---\nalt: Menu\nwidth: 5px\n---\nThe **menu**.\n```", "![Menu](a.png)\nThe **menu**."),
        ("```{figure} a.png\n---\nThe menu.\n```", "![](a.png)\n---\nThe menu."),
        ("```{versionchanged} 2.0\nIt is new.\n```", "Changed in version 2.0\nIt is new."),
        (":::{dropdown} More\nHere.\n:::", "**More**\n\nHere."),
        ("::::{grid} 1 2\n:::{card} One\nHere.\n:::\n::::", "**One**\n\nHere."),
        ("(a)=\nPress {kbd}`Go`, see {ref}`the\npage <a>` and {doc}`b`.", "Press Go, see the\npage and b."),
        ("(a)=\n{py:class}`~a.b.C`, {func}`f <a.f>`, {code}`x`", "`C`, f, `x`"),
        ("In {numref}`Chapter %s <ch:files>`, or {doc}`here`.", "In Chapter files, or here."),
        ("(a)=\nUse `{ref}` or ``{kbd}`x` ``.", "Use `{ref}` or ``{kbd}`x` ``."),
        ("(a)=\nSee [](/b/c) and ![](d.png).", "See b/c and ![](d.png)."),
        ("(a)=\n```python\n% x = {a}`b`\n(b)=\n```", "```python\n% x = {a}`b`\n(b)=\n```"),
        ("(a)=\n```{note}\nNever ended.", ":::note\nNever ended."),
    ],
)  # fmt: skip
def test_directives_and_roles_are_read_as_what_they_hold(text: str, shown: str):
    assert stored(text) == shown


def test_lines_may_end_as_windows_has_them():
    text = "(a)=\n# A\n\n```{figure} a.png\n---\nalt: Menu\n---\nThe menu.\n```\n\n:::{note}\n:class: b\nHot.\n:::\n\nc"

    assert stored(text.replace("\n", "\r\n")).replace("\r", "") == stored(text)


@pytest.mark.parametrize(
    "text", ["See {kbd}`a`.", "% of it", "```sh\n(a)=b\n```", ":::note\nx\n:::", "f(a)= b", "{a}`b`"]
)
def test_a_text_without_directives_or_targets_stays_as_it_is(text: str):
    assert without_directives(text) == text


LINES = ["(a)=", "```{note} A", "````{tip}", ":::{card}", "```{code-block} sh", "```", "````", ":::", ":alt: b", "---",
         "> ```{note}", "Text {kbd}`c`", "`d`", "% e", "  ```{image} f", "```sh", "alt: g"]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=15).map("\n".join))
def test_no_text_of_it_is_lost(text: str):
    found = without_directives(f"(a)=\n{text}")

    assert found.count("`d`") == text.count("`d`") or "sh" in text
    assert found.count("Text") == text.count("Text")
