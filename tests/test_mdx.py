"""MDX: what a reader of its page sees is left, and code is as it was."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.documents import Document, read_documents
from embeddings.mdx import without_components
from embeddings.structure import BlockKind, blocks

PAGE = """---
title: Install it
description: How to install it.
aliases: [Setup, setting up]
---
import Tabs from '@theme/Tabs';
import {
  TabItem,
} from '@theme/TabItem';

export const width = 5;

# Install

{/* nobody sees this */}
<Tabs groupId="os" defaultValue={{a: "mac"}} onChange={() => go(1)}>
  <TabItem value="mac">

1. Press `<Tab>`.
2. If 2 < 3 and 4 > 3, run this:

   ```jsx
   import X from 'x'

   <X/>
   ```

  </TabItem>
</Tabs>

<Note
  type="warning"
>
Please
import nothing. See <https://a.example>.
</Note>
"""


def test_a_page_is_read_as_markdown(tmp_path):
    (tmp_path / "a.mdx").write_text(PAGE, encoding="utf-8")

    (document,) = read_documents(tmp_path).documents

    assert (document.title, document.about, document.aliases) == (
        "Install it",
        "How to install it.",
        "Setup; setting up",
    )
    assert document.label == "Install it; Setup; setting up"
    assert [block.kind for block in blocks(document.text)] == [
        BlockKind.HEADING, BlockKind.STEP, BlockKind.STEP, BlockKind.CODE, BlockKind.PARAGRAPH,
    ]  # fmt: skip
    assert (
        document.text.split()
        == (
            "# Install 1. Press `<Tab>`. 2. If 2 < 3 and 4 > 3, run this: ```jsx import X from 'x' <X/> ``` "
            "Please import nothing. See <https://a.example>."
        ).split()
    )


@given(st.text("ab >/{}\"'`~*.\n", max_size=80))
def test_nothing_but_tags_and_comments_is_left_out(text):
    assert without_components(text) == text.lstrip("\n") or "{/*" in text


@pytest.mark.parametrize(
    "unit", ["<a ", '<a "', "<a {", "<a {{", "{/*", "{/* *", "```\n", "`", "\n \n", "import a\n", "<a '<a \""]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    without_components(unit * (500_000 // len(unit)))

    assert time.process_time() - began < 5


def test_other_names_are_read_with_the_title():
    assert Document("a", "", "Text.", aliases="One").label == "One"
    assert Document("a", "Title", "Text.").label == "Title"
