"""Quarto and R Markdown: a reader of the page's code, callouts and columns, and nothing that only lays out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.documents import read_documents
from embeddings.reading.markup.quarto import as_markdown
from embeddings.splitting.structure import BlockKind, blocks

PAGE = """---
title: "HW 1"
subtitle: "Due Friday"
format: html
---

```{r setup}
#| include: false
library(countdown)
```

## Getting started {.smaller}

::: {.callout-important collapse="true"}
## Late work
It loses 5 points **a day**.
:::

:::: columns
::: {.column width="50%"}
On the left, [underlined]{.underline}.
:::

::: {.column width="50%"}
![](plot.png){width=40%}
:::
::::

. . .

1.  Fit it:

    ```{r fit, fig.alt="`mpg` by {weight}"}
    #| message: false

    lm(mpg ~ wt)
    ```

::: nonincremental
- Then plot it.
:::

```r
hist(x) # {r, echo=FALSE}
```

```{python}
#| echo: false
print("hidden")
```

```{=html}
<iframe src="a.html"></iframe>
```
Use `::: columns` and `{r, echo=FALSE}`. It is `r nrow(cars)` rows.
"""

READ = """Due Friday

## Getting started

> [!IMPORTANT] Late work
>
> It loses 5 points **a day**.

On the left, underlined.

![](plot.png)

1.  Fit it:

    ```r
    lm(mpg ~ wt)
    ```

- Then plot it.

```r
hist(x) # {r, echo=FALSE}
```

Use `::: columns` and `{r, echo=FALSE}`. It is `r nrow(cars)` rows."""


def _document(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    (document,) = read_documents(tmp_path).documents
    return document


def _lines(text):
    return [line for line in text.splitlines() if line.strip(" >")]


@pytest.mark.parametrize("name", ["hw.qmd", "hw.Rmd", "hw.rmd"])
def test_a_page_reads_as_it_is_shown(tmp_path, name):
    document = _document(tmp_path, name, PAGE)
    assert document.title == "HW 1: Due Friday"
    assert _lines(document.text) == _lines(READ)


def test_line_ends_of_windows_are_read_too(tmp_path):
    assert _lines(_document(tmp_path, "hw.qmd", PAGE.replace("\n", "\r\n")).text) == _lines(READ)


@pytest.mark.parametrize(
    ("declared", "shown"),
    [
        ("format: html", True),
        ("format:\n  revealjs:\n    theme: a.scss", False),
        ("format: revealjs\nexecute:\n  echo: true", True),
        ("execute:\n  echo: false", False),
        ("output: html_document", True),
    ],
)
def test_the_front_matter_says_whether_code_is_shown(tmp_path, declared, shown):
    chunks = "```{r}\nplot(cars)\n```\n\n```{r}\n#| echo: true\nlm(y ~ x)\n```\n"
    text = f"---\ntitle: A\n{declared}\n---\nSee.\n\n{chunks}"
    document = _document(tmp_path, "a.qmd", text)
    code = [
        document.text[each.start : each.end].strip() for each in blocks(document.text) if each.kind is BlockKind.CODE
    ]
    assert code == (["```r\nplot(cars)\n```"] if shown else []) + ["```r\nlm(y ~ x)\n```"]


def test_theorems_of_bookdown_are_text(tmp_path):
    text = '# A\n\n```{theorem, pyth}\nIt is so.\n```\n\n::: {.proof #p name="Short"}\nClear.\n:::\n'
    assert _lines(_document(tmp_path, "a.Rmd", text).text) == ["# A", "It is so.", "> [!PROOF] Short", "> Clear."]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$\sqrt[3]{x}$ and $\sqrt[n]{a+b}$", r"$\sqrt[3]{x}$ and $\sqrt[n]{a+b}$"),
        (r"\begin{array}[t]{ll}", r"\begin{array}[t]{ll}"),
        ("as [a-z]{2} or (ab){3}", "as [a-z]{2} or (ab){3}"),
        (r"\text{Cl}^{-}", r"\text{Cl}^{-}"),
        ("[docs][d]{.external}", "[docs][d]{.external}"),
        ("[]{#here}So [small]{style='a: b'}", "So small"),
        ('## One {background-color="black"}', "## One"),
        ("# (PART) Basics {-}", "# Basics"),
        ("Press {{< kbd Ctrl-C >}}.", "Press Ctrl-C."),
        ('```{r, echo=FALSE, fig.cap="Miles, by weight."}\nplot(x)\n```', "\nMiles, by weight.\n"),
        ("```{r}\n#| fig-cap: Miles by weight.\nplot(x)\n```\n", "```r\nplot(x)\n```\n\nMiles by weight.\n"),
        ('```{r, include=FALSE, fig.cap="No."}\nplot(x)\n```', ""),
        ("```{block2, type='note'}\nIt is text.\n```", "It is text.\n"),
        ("```{comment}\nIt is none.\n```", ""),
        ("```{r, echo=FALSE}\nx\n\n# Heading\n", "```{r, echo=FALSE}\nx\n\n# Heading\n"),
    ],
)
def test_parts_of_a_page(source, shown):
    assert as_markdown(source, {}) == shown


def test_the_first_chunk_may_hide_all_others():
    setup = "```{r, include=FALSE}\nknitr::opts_chunk$set(message = FALSE, echo = FALSE)\n```\n"
    assert as_markdown(setup + "```{r}\nx\n```\n```{r, echo=TRUE}\ny\n```\n", {}) == "```r\ny\n```\n"


def test_abstract_and_a_front_matter_that_ends_with_points(tmp_path):
    document = _document(tmp_path, "a.qmd", "---\ntitle: A\nabstract: It is so.\n...\n\n# One\n")
    assert (document.title, document.text.split()) == ("A", ["It", "is", "so.", "#", "One"])


def test_code_that_is_not_closed_stays(tmp_path):
    assert "lm(y ~ x)" in _document(tmp_path, "a.Rmd", "# A\n\n```{r}\nlm(y ~ x)\n").text


def test_a_page_about_chunks_shows_them():
    text = "``` {{r}}\n#| echo: false\n1 + 1\n```\n"
    assert as_markdown(text, {}) == text


@given(st.text(alphabet="`~:{}[]()#|rR.=- \na1", max_size=80))
def test_any_text_is_read(text):
    read = as_markdown(text, {"format": "html"})
    assert set(read) <= set(text) | set("{.}'")
