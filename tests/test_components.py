"""What stands in components is read as what it is, however it is indented."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.documents import read_documents
from embeddings.reading.markup.components import laid_out
from embeddings.splitting.structure import BlockKind, blocks

PAGE = """
<CardGroup cols={2}>
  <Card
    title="Build it"
    icon={<Hammer size={2} />}
  >
    Here is how.
  </Card>
</CardGroup>

<Update label="May 5">
    ## Faster

    Some words.

    1. Open it:
       <Warning>
         It is hot.
       </Warning>
    2. Close it.

       ```sh
       a:
       \tb
       ```
</Update>
"""
STEPS = """
<Steps>
  <Step title="Go">
    Press **Go**.

    - Or wait.
  </Step>
  <Step title="Stop">
    <Note>It takes a minute.</Note>
  </Step>
</Steps>

<Steps>
    <Step>
        Come back.
        At once.
    </Step>
    <Step>Leave.</Step>
</Steps>
"""


def _read(tmp_path, text, name="a.mdx"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    (document,) = read_documents(tmp_path).documents
    return document.text


def test_what_is_indented_in_a_component_is_no_code(tmp_path):
    text = _read(tmp_path, PAGE)

    assert re.sub(r"\n{2,}", "\n\n", text.strip()) == (
        "**Build it**\n\nHere is how.\n\n**May 5**\n\n## Faster\n\nSome words.\n\n1. Open it:\n\n   > [!WARNING]\n"
        "   > It is hot.\n\n2. Close it.\n\n   ```sh\n   a:\n   \tb\n   ```"
    )
    kinds = [block.kind for block in blocks(text)]
    assert [kind for kind in kinds if kind is not BlockKind.PARAGRAPH] == [
        BlockKind.HEADING, BlockKind.STEP, BlockKind.STEP, BlockKind.CODE,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.mdx", "a.md"])
def test_steps_are_a_numbered_list(tmp_path, name):
    text = _read(tmp_path, STEPS, name)

    assert re.sub(r"\n{2,}", "\n", text.strip()).split("\n") == [
        "1. **Go**", "   Press **Go**.", "   - Or wait.", "2. **Stop**", "   > [!NOTE]", "   > It takes a minute.",
        "1. Come back.", "   At once.", "2. Leave.",
    ]  # fmt: skip
    assert next(blocks(text)).kind is BlockKind.STEP


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('<Aside type="tip" title="Faster">\nUse it.\n</Aside>', ":::tip Faster\nUse it.\n:::"),
        ("<Callout>\n\tUse it.\n</Callout>", ":::note\nUse it.\n:::"),
        ('<Callout type="2">\nUse it.\n</Callout>', None),
        ("<Note></Note>\n<Tip>\n</Tip>", None),
        ('<Accordion title="Why?">So.</Accordion>', '<Accordion title="Why?">\nSo.\n</Accordion>'),
        ("<Warning>Text on\ntwo lines.</Warning>", ":::warning\nText on\ntwo lines.\n:::"),
        ("<Badge>New</Badge> words\n<b>bold</b>", None),
        ("<Info>Use <b>it</b>.</Info>", ":::info\nUse <b>it</b>.\n:::"),
        ("Use <Info>it</Info>", None),
        ("<Tab>\n    One.\n    <Tab>\n        Two.", None),
        ("<Tab>\n    One.\n    <Card>\n        Two.\n</Tab>", "<Tab>\nOne.\n<Card>\n    Two.\n</Tab>"),
        ("<Tab>\n\n      One.\n    Two.\n</Tab>", "<Tab>\n\nOne.\nTwo.\n</Tab>"),
        ("<pre>\n    One.\n</pre>", None),
        ("```\n<Tab>\n    One.\n</Tab>\n```", None),
        ("<div>\n    One.\n</div>", "<div>\nOne.\n</div>"),
    ],
)
def test_only_what_ends_is_laid_out(written, read):
    assert laid_out(written) == (written if read is None else read)


def test_markdown_keeps_what_may_be_code():
    text = "<div>\n\n    One.\n</div>\n\nSo:\n\n    <Server>\n      <Port>\n        5\n      </Port>\n    </Server>\n"

    assert laid_out(text, sure=True) == text
    assert laid_out(f"<Tab>\n\n    One.\n</Tab>\n{text}", sure=True) == f"<Tab>\n\nOne.\n</Tab>\n{text}"


@given(
    st.text("Ab <>/`*.\t\n", max_size=60) | st.lists(st.sampled_from(["<A>", "</A>", "<b>", "</b>", "a", "  ", "\n"]))
)
def test_words_and_tags_stay_in_their_order(text):
    text = "".join(text)

    assert laid_out(text).split() == text.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["<A>\n", "<A>\n</A>\n", "<b>\n<Step>\n", "<Note>", "<A>\n  b\n", "</A>\n", "<Note>a</Note\n"]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    laid_out(unit * (500_000 // len(unit)))

    assert time.process_time() - began < 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["    a\n", "    a\n\n", "    <Tab>\n    a\n    </Tab>\n", "- a\n    <Tab>\n    b\n    </Tab>\n"]
)
def test_the_time_grows_with_the_length_of_what_is_indented(unit):
    began = time.process_time()

    laid_out("<A>\n</A>\n" + unit * (200_000 // len(unit)), sure=True)

    assert time.process_time() - began < 5
