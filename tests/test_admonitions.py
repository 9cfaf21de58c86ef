"""Admonitions of site generators: they are read as callouts, only marks are left out, and code is as it was."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.readable import readable
from embeddings.reading.documents import read_documents
from embeddings.reading.marks import MAX_DEPTH
from embeddings.reading.markup.admonitions import with_callouts
from embeddings.splitting.structure import BlockKind, blocks

COLONS = """---
title: Install
---
import Part from './_part.md';
import { Tab, type Other } from "@theme/Tabs"

# Install

:::note

Back up **first**.

:::
Then go on.

1. Run it:

   ::: warning[Slow [disks](a.md)]{#slow}
   ```sh
   echo ":::"
   :::
   ```
   :::

2. Wait.

::::tip Alternate containers
:::details Click me {open}
Any will do.
:::
So it is.
::::

```md
:::note
import Part from './_part.md';
:::
```
"""

BODIES = """# Set up

Look:
!!! note
    Back up **first**.

    ```sh
    if a; then
    \tb
    fi
    ```

    - One

        !!! tip inline end "Two"
            Deeper.
??? "Folded"
    Then go on.

===! "Windows"

    1. Click.

=== "Linux"
    Type.
???+ warning Slow disks
    Wait.

!!! danger ""
\tStop.

        !!! note
            shown
Wow!!! Great.
"""


def kinds(text: str) -> list[BlockKind]:
    return [block.kind for block in blocks(text)]


def test_what_stands_between_colons(tmp_path):
    (tmp_path / "a.md").write_text(COLONS, encoding="utf-8")

    (document,) = read_documents(tmp_path).documents

    assert (
        document.text.strip()
        == """# Install

> [!NOTE]
> Back up **first**.

Then go on.

1. Run it:

   > [!WARNING] Slow [disks](a.md)
   >
   > ```sh
   > echo ":::"
   > :::
   > ```

2. Wait.

> [!TIP] Alternate containers
>
> > [!DETAILS] Click me
> >
> > Any will do.
>
> So it is.

```md
:::note
import Part from './_part.md';
:::
```"""
    )
    assert readable("> [!NOTE]\n> Back up **first**.\n").text == "[NOTE]\nBack up first.\n"
    assert kinds(document.text) == [
        BlockKind.HEADING, BlockKind.QUOTATION, BlockKind.PARAGRAPH, BlockKind.STEP, BlockKind.PARAGRAPH,
        BlockKind.CODE, BlockKind.STEP, *[BlockKind.QUOTATION] * 4, BlockKind.CODE,
    ]  # fmt: skip


def test_what_is_indented(tmp_path):
    (tmp_path / "a.markdown").write_text(BODIES, encoding="utf-8")

    (document,) = read_documents(tmp_path).documents

    assert (
        document.text
        == """# Set up

Look:

> [!NOTE]
> Back up **first**.
>
> ```sh
> if a; then
> \tb
> fi
> ```
>
> - One
>
>     > [!TIP] Two
>     >
>     > Deeper.

**Folded**

Then go on.

**Windows**

1. Click.

**Linux**

Type.

> [!WARNING] Slow disks
>
> Wait.

> [!DANGER]
> Stop.
>
>     !!! note
>         shown

Wow!!! Great.
"""
    )


def test_mdx_has_them_too(tmp_path):
    (tmp_path / "a.mdx").write_text("import A from './a'\n\n<A>\n\n:::tip\nGo.\n:::\n\n</A>\n", encoding="utf-8")

    (document,) = read_documents(tmp_path).documents

    assert document.text.strip() == "> [!TIP]\n> Go."


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("::: code-group\n```sh [npm]\nnpm\n```\n:::\n", "```sh [npm]\nnpm\n```\n"),
        ("A\n::: code-group\nB\n:::\nC", "A\n\nB\n\nC"),
        (":::note\r\n\r\nText\r\n\r\n:::\r\n", "> [!NOTE]\n> Text\r\n"),
        (":::note\nA\n::::\nB", "> [!NOTE]\n> A\n\nB"),
        ("::::note\n:::tip\nA\n::::\nB", "> [!NOTE]\n> :::tip\n> A\n\nB"),
        ("::: tip\nA\n:::\n::: tip\nB\n:::", "> [!TIP]\n> A\n\n> [!TIP]\n> B"),
        ("- ```\n  :::note\n  ```\n  :::tip\n  A\n  :::", "- ```\n  :::note\n  ```\n\n  > [!TIP]\n  > A"),
        ("!!! note\n    ```\n    open\nB", "> [!NOTE]\n> ```\n> open\n\nB"),
        ('??? "A *b*"\n    C', "A *b*\n\nC"),
        ("!!! my-note\n    A", "A"),
        (":::tip The “online” guide\nA\n:::", "> [!TIP] The “online” guide\n>\n> A"),
        ("import './a.css';\n\nA", "\nA"),
        ("A\n\nimport B, * as C from '../b'\nimport D from 'd';\n\nE", "A\n\n\nE"),
    ],
)
def test_one(text, read):
    assert with_callouts(text).rstrip() == read.rstrip()


@pytest.mark.parametrize(
    "text",
    [
        ":::note\nNever closed.\n",
        ":::\nNever opened.\n:::\n",
        "Wow!!! great\n    indented\n",
        "!!!\n    indented\n",
        "!!! great\nnot indented\n",
        "???\n\n    Why?\n",
        "Title\n===\n\n    code\n",
        "=== equal\n    code\n",
        "    :::note\n    code\n    :::\n",
        "```\n!!! note\n    A\n:::tip\n:::\n```\n",
        "~~~~\n~~~\n:::tip\n:::\n",
        "Write `:::note` and `:::`, or\n`!!! note`.\n  \n\tEnd \r\n",
        "import the settings from 'old.json', then go on.\n",
        "Text goes on,\nimport A from './a';\n",
        'import "fmt"\n',
        "import numpy as np\nfrom a import b\n",
    ],
)
def test_what_is_none_stays_as_it_is(text):
    assert with_callouts(text) == text


def test_they_are_nested_no_deeper_than_quotations():
    deep = "".join(f"{':' * (30 - depth)}note\n" for depth in range(20))

    read = with_callouts(f"{deep}Text\n" + "".join(f"{':' * (11 + depth)}\n" for depth in range(20)))

    assert f"\n{'> ' * MAX_DEPTH}Text" in read
    assert read.count("[!NOTE]") == 20


_LINE = st.sampled_from(
    [
        "", "", "w", "a b", "- i", "1. s", "> q", "```", "~~~", "`c`", ":::", ":::", "::::", ":::note", ":::tip[t u]",
        "::::info v", "::: code-group", "!!! note", '!!! warning "x y"', "??? tip z", '???+ "m"', '=== "n"', "===",
    ]
)  # fmt: skip
_PAGE = st.lists(st.tuples(st.sampled_from(["", "  ", "   ", "    ", "\t", "        "]), _LINE), max_size=25)


@given(_PAGE)
def test_no_word_is_lost(page):
    text = "\n".join(indent + line for indent, line in page)

    words = [word.lower() for word in re.findall(r"\w+", text.replace("code-group", ""))]

    assert [word.lower() for word in re.findall(r"\w+", with_callouts(text).replace("code-group", ""))] == words


@given(st.text("ab:!?=\n \t`-1.>\"'{}[]", max_size=80))
def test_what_has_no_marks_stays_as_it_is(text):
    plain = text.replace(":", "(").replace("!", "(").replace("?", "(").replace("=", "(")

    assert with_callouts(plain) == plain


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        ":::note\n", "::::a\n:::a\n", ":::a\n:::\n", ":", ":::a [", ":::a {.", "!!! a\n    b\n", "!!! a\n\n", '!!! a "',
        '=== "', "??? ", "- ", "- a\n", "\t", "`", "```\n", "import a, ", "import {", "import '", "inline ", "\n", "> ",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    with_callouts(":::" + unit * (500_000 // len(unit)))
    with_callouts(f"!!! {unit * (500_000 // len(unit))}\n    b")

    assert time.process_time() - began < 20


def test_the_text_grows_with_the_length():
    steps = "".join(f"{' ' * depth}- a\n{' ' * depth}  :::a\n" for depth in range(0, 400, 2))

    text = steps + "\n" * 5000 + "a" + "\n:::" * 200

    assert len(with_callouts(text)) < 60 * len(text)


PANDOC = """::::::::::::::::::::::::: challenge ::::::::::

## Exercise 1

Do it.

:::::::::::::::: solution

Done.

::::::::
::::::::::::::::::::::::::::::::::::::::::::::

::: {.callout-tip title="Go [far](a.md)" icon=false}
Go.
:::

::: {#wide .column width="50%"}
Beside.
:::

::: {#thm-line}
## The {one} line
So it is.
:::

::: {.callout-note title="The {dplyr} package"}
Load it.
:::
"""


def test_what_pandoc_divides_ends_with_any_colons_and_is_called_what_its_heading_says():
    assert with_callouts(PANDOC).splitlines() == [
        "> [!CHALLENGE] Exercise 1",
        ">",
        "> Do it.",
        ">",
        "> > [!SOLUTION]",
        "> > Done.",
        "",
        "> [!TIP] Go [far](a.md)",
        ">",
        "> Go.",
        "",
        "Beside.",
        "",
        "> [!THEOREM] The {one} line",
        ">",
        "> So it is.",
        "",
        "> [!NOTE] The {dplyr} package",
        ">",
        "> Load it.",
    ]


def test_a_heading_further_down_is_no_title():
    assert with_callouts(":::note\nFirst.\n\n## Then\n:::").splitlines()[0] == "> [!NOTE]"
