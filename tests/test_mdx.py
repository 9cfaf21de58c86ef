"""MDX: what a reader of its page sees is left, and code is as it was."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.documents import Document, read_documents
from embeddings.reading.markup.mdx import without_components, without_sure_components
from embeddings.splitting.structure import BlockKind, blocks

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
        BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.STEP, BlockKind.STEP, BlockKind.CODE, BlockKind.QUOTATION,
    ]  # fmt: skip
    assert (
        document.text.split()
        == (
            "# Install **mac** 1. Press `<Tab>`. 2. If 2 < 3 and 4 > 3, run this: ```jsx import X from 'x' <X/> ``` "
            "> [!NOTE] > Please > import nothing. See <https://a.example>."
        ).split()
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('Press <Key mod="cmd" k="z" /> twice.', "Press cmd z twice."),
        ('<TabItem value="mac" label="macOS">\n\nOpen it.\n\n</TabItem>', "**macOS**\n\nOpen it.\n\n"),
        ('See <Link to="/a/b">there</Link> and <Icon src="a/b.svg" />.', "See there and ."),
        ('<Method name="sum" args={[{ of: "n" }]} returns="Promise<int>" />', "sum"),
        (
            '<ParamField query="page" type="integer" default="1">\nWhich one.\n</ParamField>',
            "**page** (integer, default: 1)\n\nWhich one.\n",
        ),
        ('<ResponseField name="required" required={false}>\n\nNo.\n</ResponseField>', "**required**\n\nNo.\n"),
        ('<ParamField body="id" type="string" required />', "**id** (string, required)"),
        ("- <Steps>\n- Go.\n- </Steps>", "- \n- Go.\n- "),
        ('Type <Name> and `<Key k="z" />`, {/* or */} <name@host.example>.', None),
        ("So:\n\n    <Server>\n      <Port>5</Port>\n    </Server>\n\n\t<Key k='z' />\n", None),
        ("```\n<Server><Port>5</Port></Server>\n```\n<Volume>/<Name>", None),
        ("<details>\n<summary>More</summary>\n</details>", None),
    ],
)
def test_markdown_may_hold_components(written, read):
    assert without_sure_components(written) == (written if read is None else read)


@pytest.mark.parametrize("name", ["a.mdx", "a.md"])
def test_lines_may_end_as_windows_ends_them(tmp_path, name):
    (tmp_path / name).write_bytes(b'<Steps>\r\n  <Step title="Go">\r\n    Run it.\r\n  </Step>\r\n</Steps>\r\n')

    (document,) = read_documents(tmp_path).documents

    assert document.text.split() == "1. **Go** Run it.".split()


@given(st.text("Ab >/{}\"'`~*.= \n", max_size=80))
def test_what_is_left_of_markdown_is_of_its_letters(text):
    left = iter(text)

    assert all(letter in left for letter in without_sure_components(text).replace("**", "")) or "**" in text


@given(st.text("ab >/{}\"'`~*.\n", max_size=80))
def test_nothing_but_tags_and_comments_is_left_out(text):
    assert without_components(text) == text.lstrip("\n") or "{/*" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["<a ", '<a "', "<a {", "<a {{", "{/*", "{/* *", "```\n", "`", "\n \n", "import a\n", "<a '<a \""]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    without_components(unit * (500_000 // len(unit)))
    without_sure_components(f"<A{unit * (500_000 // len(unit))}")

    assert time.process_time() - began < 5


def test_other_names_are_read_with_the_title():
    assert Document("a", "", "Text.", aliases="One").label == "One"
    assert Document("a", "Title", "Text.").label == "Title"
