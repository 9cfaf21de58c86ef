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


def test_code_that_is_not_closed_stays(tmp_path):
    assert "lm(y ~ x)" in _document(tmp_path, "a.Rmd", "# A\n\n```{r}\nlm(y ~ x)\n").text


def test_a_page_about_chunks_shows_them():
    text = "``` {{r}}\n#| echo: false\n1 + 1\n```\n"
    assert as_markdown(text, {}) == text


@given(st.text(alphabet="`~:{}[]()#|rR.=- \na1", max_size=80))
def test_any_text_is_read(text):
    read = as_markdown(text, {"format": "html"})
    assert set(read) <= set(text) | set("{.}'")
