"""Links of Markdown that name an address which stands elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reading.markup.references import linked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[t][a], [a][] and [A].\n\n[a]: /u 'T'\n", "[t](/u), [a](/u) and [A](/u).\n\n"),
        ("[![alt][img]][link]\n\n[img]: a.png\n[link]: https://x.org\n", "[![alt](a.png)](https://x.org)\n\n"),
        ("[t][a b]\n\n[A  b]: <http://x.org/(c d)>", "[t](http://x.org/%28c%20d%29)\n\n"),
        ("[a]\n\n[a]: /first\n[a]: /second\n", "[a](/first)\n\n"),
        ("[a](x.md), [[a]], \\[a], `[a]`, [t][b]\n\n[a]: /u\n", "[a](x.md), [[a]], \\[a], `[a]`, [t][b]\n\n"),
        ("[^1] and [ ]\n\n[^1]: http://x.org\n", "[^1] and [ ]\n\n[^1]: http://x.org\n"),
        ("[Note]: yes\n\n[Note] x", "[Note]: yes\n\n[Note] x"),
        ("```\n[a]: /u\n```\n[a]\n", "```\n[a]: /u\n```\n[a]\n"),
        ("[a]\n\n```\n[a]\n```\n\n[a]: /u\n", "[a](/u)\n\n```\n[a]\n```\n\n"),
    ],
)
def test_a_link_has_its_address_where_it_stands(text: str, shown: str):
    assert linked(text) == shown


@given(st.text(alphabet="[]()!`\\<>ab: \n", max_size=60))
def test_what_names_no_address_stays_as_it_is(text: str):
    assert linked(text) == text
    assert linked(f"{text}\n\n[z]: /u").rstrip("\n") in (text.rstrip("\n"), f"{text}\n\n[z]: /u".rstrip("\n"))
