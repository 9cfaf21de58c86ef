"""Tags of site generators: what a reader of the page sees is left, and code is as it was."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.documents import read_documents
from embeddings.shortcodes import without_shortcodes

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
        == "## Open the menu Press **Go**, or see [the guide](user/guide#go). The menu, when it is open "
        "Write `{{< hint >}}` or {{</* hint */>}} for a hint, and {{ name }} for a name. "
        "```jinja {% if a %}{{< b >}}{% endif %} ```"
    )


@pytest.mark.parametrize(
    ("tag", "left"),
    [
        ("{{< tab title='Linux' >}}", "Linux"),
        ('{{< img src="a.png" alt="" title="A" >}}', "A"),
        ('{{% ref "a.md" %}}', "a.md"),
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
    ],
)
def test_one_tag(tag, left):
    assert without_shortcodes(tag) == left


@given(st.text("ab{}<>%:#.`/*\"' =\n", max_size=80))
def test_what_has_no_braces_stays_as_it_is(text):
    plain = text.replace("{", "(")

    assert without_shortcodes(plain) == plain


@pytest.mark.parametrize("part", ["{{<", "{%", "{{% a", "<!--", "<!-- - ", "{: a=", "{.a ", " ", "`", 'caption="'])
def test_time_is_linear(part):
    began = time.process_time()
    without_shortcodes("{%" + part * 50_000)

    assert time.process_time() - began < 1
