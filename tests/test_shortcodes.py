"""Tags of site generators: what a reader of the page sees is left, and code is as it was."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.documents import read_documents
from embeddings.reading.markup.shortcodes import as_components, without_shortcodes
from embeddings.splitting.structure import BlockKind, blocks

PAGE = """---
title: Menus
---
{{% toc %}}
[[toc]]
[TOC]

## Open the menu {#open .wide}

{{< hint style="warning" >}}
Press **Go**, or see [the guide]({{< relref "user/guide#go" >}}).
{{< /hint >}}

{{< figure src="a.png" width="50%" alt="A menu" caption="The menu, when it is open" >}}
{: .center }

{% include note.html content="old" %}
Write `{{< hint >}}` or {{</* hint */>}} for a hint, and {{ name }} for a name.

```jinja
{% if a %}{{< b >}}{% endif %}
```
"""


def test_a_page_is_read_as_people_see_it(tmp_path):
    (tmp_path / "a.md").write_text(PAGE, encoding="utf-8")

    (document,) = read_documents(tmp_path).documents

    assert (
        " ".join(document.text.split())
        == "## Open the menu > [!WARNING] > Press **Go**, or see [the guide](user/guide#go). The menu, when it is open "
        "Write `{{< hint >}}` or {{</* hint */>}} for a hint, and {{ name }} for a name. "
        "```jinja {% if a %}{{< b >}}{% endif %} ```"
    )


@pytest.mark.parametrize(
    ("tag", "left"),
    [
        ("{{< tab title='Linux' >}}", "Linux"),
        ('{{< img src="a.png" alt="" title="A" >}}', "A"),
        ('{{% ref "a.md" %}}', "a.md"),
        ('{{< glossary_tooltip text="Pods" term_id="pod" >}}', "Pods"),
        ("{{<br>}}", ""),
        ("<!-- It cost\n\n5 - or 6 - `euros`. -->", ""),
        ("<!---->", ""),
        ("<!-- a <!-- b -->", "<!-- a "),
        ("`<!-- a -->`", "`<!-- a -->`"),
        ("The valve is red. ^red-1", "The valve is red."),
        ("| a |\n| --- |\n^table", "| a |\n| --- |\n"),
        ("2 ^10", "2 ^10"),
        ("a ^b c", "a ^b c"),
        ("[^note]", "[^note]"),
        ("`a ^b`", "`a ^b`"),
        ("%% not\n\nshown, 100% %%", ""),
        ("Seen. %% not shown %%", "Seen. "),
        ("100%% sure, 50%% not", "100%% sure, 50%% not"),
        ("<!-- a", "<!-- a"),
        ("{%- raw -%}", ""),
        ("{{ site.name }}", "{{ site.name }}"),
        ("{ a: 1 }", "{ a: 1 }"),
        ("a set {.5, 1}, of numbers", "a set {.5, 1}, of numbers"),
        ("a {% b", "a {% b"),
        ('[x](y){:target="_blank"} and on', "[x](y) and on"),
        ("[Go](y_(z)){ .md-button } or [not](y) {.wide}", "[Go](y_(z)) or [not](y)"),
        ("![](a.png){alt='A wheel' width=50%}", "![A wheel](a.png)"),
        ("![A wheel](a.png){alt='Red'} `[a](b){.c}`", "![A wheel](a.png) `[a](b){.c}`"),
        ("f(x){a=1} and [a](b){{ c }}", "f(x){a=1} and [a](b){{ c }}"),
    ],
)
def test_one_tag(tag, left):
    assert without_shortcodes(tag) == left


@given(st.text("ab{}<>%:#.`/*\"' =\n", max_size=80))
def test_what_has_no_braces_stays_as_it_is(text):
    plain = text.replace("{", "(")

    assert without_shortcodes(plain) == plain


@pytest.mark.parametrize(
    "part", ["{{<", "{%", "{{% a", "<!--", "<!-- - ", "{: a=", "{.a ", "](a(b)", "](a){.b", " ", "`", 'caption="']
)
def test_time_is_linear(part):
    began = time.process_time()
    without_shortcodes("{%" + part * 50_000)

    assert time.process_time() - began < 4


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('{% hint style="danger" %}\nNo.\n{% endhint %}', '<Callout type="danger">\nNo.\n</Callout>'),
        ("{%- note -%}\nNo.\n{%- endnote -%}", "<Note>\nNo.\n</Note>"),
        ("{{< hint warning >}}\nNo.\n{{< /hint >}}", '<Callout type="warning">\nNo.\n</Callout>'),
        (
            '{{% alert title="Ask first" color="info" %}}\nNo.\n{{% /alert %}}',
            '<Callout type="info" title="Ask first">\nNo.\n</Callout>',
        ),
        ("  {% tab title='A' %}\n  No.\n  {% endtab %}", '  <Tab title="A">\n  No.\n  </Tab>'),
        ('{% update date="2026-05-01" %}\nNo.\n{% endupdate %}', '<Update title="2026-05-01">\nNo.\n</Update>'),
        ('{{< details "How old?" >}}\nTen.\n{{< /details >}}', '<Accordion title="How old?">\nTen.\n</Accordion>'),
        ("{% hint %}\nNo.\n{% endhint %}", "<Callout>\nNo.\n</Callout>"),
        ('{% note %} and {{< tab "A" >}}', None),
        ("{% note %}\nIt never ends.", None),
        ("```\n{% tab %}\n{% endtab %}\n```\n{% endtab %}", "```\n{% tab %}\n{% endtab %}\n```\n</Tab>"),
    ],
)
def test_what_stands_around_text_is_a_component(written, read):
    assert as_components(written) == (written if read is None else read)


def test_steps_of_gitbook_are_a_numbered_list(tmp_path):
    (tmp_path / "a.md").write_text(
        "{% stepper %}\n{% step %}\n### Connect\n\nClick **Connect**.\n{% endstep %}\n\n"
        "{% step %}\nPay.\n{% endstep %}\n{% endstepper %}\n",
        encoding="utf-8",
    )

    (document,) = read_documents(tmp_path).documents

    assert document.text.split() == "1. **Connect** Click **Connect**. 2. Pay.".split()
    assert [block.kind for block in blocks(document.text)].count(BlockKind.STEP) == 2


def test_a_hint_in_an_item_of_a_list_is_a_callout_there(tmp_path):
    hint = "    {{< note >}}\n    Names must be **unique**.\n    {{< /note >}}"
    (tmp_path / "a.md").write_text(f"1. Create it:\n\n{hint}\n2. Use it.\n\nSo:\n\n    <Note>\n", encoding="utf-8")

    (document,) = read_documents(tmp_path).documents

    assert document.text.split() == "1. Create it: > [!NOTE] > Names must be **unique**. 2. Use it. So: <Note>".split()


def test_files_that_stand_in_the_text_are_left_out():
    picture = f"data:image/png;base64,{'A' * 99_999}"

    left = without_shortcodes(
        f"![][image1] ![A cat]({picture}) ![Dog][dog]\n\n[image1]: <{picture}>\n[dog]: {picture}\n[a]: b"
    )

    assert left == " A cat ![Dog][dog]\n\n\n\n[a]: b"
    assert without_shortcodes("Use `data:` for data: it is short.") == "Use `data:` for data: it is short."
