"""Pages of a wiki: MediaWiki's marks as Markdown's, and exports of many pages."""

import time

import pytest

from embeddings.reading.extraction import extract
from embeddings.reading.formats import Draft, Remark, Unreadable
from embeddings.reading.markup.wikitext import as_markdown

INFOBOX = """{{Infobox item
| name = Iron Sword
| image = Sword.png
| max_damage = 6{{ref|1}}
| sold by = * [[Smith]]
* [[Baker|the baker]]
| style =
| color = #ff8800
| height = 2 m
| width = 200px
}}
Text."""
TABLE = """{| class="wikitable"
|+ Rates
! Enemy !! Rate
|-
| Zombie || 2%
|-
| rowspan="2" | Ghost
| 5%
|-
| 7% at<br>night
|}"""


@pytest.mark.parametrize(
    ("wikitext", "markdown"),
    [
        ("One\ntwo.\n\nThree.", "One two.\n\nThree."),
        ("== Use ==\n=== More ===\nText.", "## Use\n\n### More\n\nText."),
        ("'''Bold''' and ''it'' of 5 m<sup>2</sup>&nbsp;<!-- no -->here__NOTOC__", "Bold and it of 5 m² here"),
        ("[[Page]], [[page two|words]], [[A (item)|]], [[:Category:B]]", "Page, words, A, Category:B"),
        ("[https://a.org words] https://b.org [https://c.org]", "words https://b.org https://c.org"),
        ("Text[[Category:A]]<ref name=a>p. 3</ref><references />\n[[de:Seite]]", "Text"),
        ("[[File:a.png|thumb|200px|A ''big'' [[cat]]]]\nText [[File:b.png|left]]", "A big cat\n\nText"),
        ("* a\n** b\n* c", "- a\n  - b\n- c"),
        ("# a\n#* b\n# c\n#: more\n#d", "1. a\n   - b\n2. c\n\n   more\n3. d"),
        ("# a <syntaxhighlight lang=sh>\nx\n</syntaxhighlight>\n# b", "1. a\n\n   ```sh\n   x\n   ```\n2. b"),
        ("; Rare : under 5%\n:indented", "Rare\n: under 5%\n\nindented"),
        ("Run <code>make</code> or <source lang=c>x = 1;</source>", "Run `make` or `x = 1;`"),
        ("<pre>\n a = 1\n [[b]]\n</pre>\n typed\n  more", "```\n a = 1\n [[b]]\n```\n\n```\ntyped\n more\n```"),
        ("<pre>a &lt; b &#7;c</pre>", "```\na < b c\n```"),
        ("<nowiki>[[a]]</nowiki> and <math>a^2</math>", "\\[\\[a]] and a^2"),
        ("a<br>b\n<blockquote>Said.</blockquote>", "a\nb\n\n> Said."),
        ("{{Note|Do [[not]].}}\n{{Main|A|B}}\n{{stub}}", "> [!NOTE]\n>\n> Do not.\n\nMain: A, B"),
        (
            "Two {{Item|Iron}} for {{price|5|gold|note=x}}{{cite web|title=y}}{{#if:a|b}}{{PAGENAME}}",
            "Two Iron for 5 gold",
        ),
        (
            INFOBOX,
            "|  |  |\n|---|---|\n| Name | Iron Sword |\n| Max damage | 6 |\n| Sold by | Smith, the baker |"
            "\n| Height | 2 m |\n\nText.",
        ),
        (
            TABLE,
            "Rates\n\n| Enemy | Rate |\n|---|---|\n| Zombie | 2% |\n| Ghost | 5% |\n| Ghost | 7% at night |",
        ),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("{| \n| a\n|}", "|  |\n|---|\n| a |"),
        ("unclosed {{template and [[link\n{| table", "unclosed {{template and [[link {| table"),
    ],
)
def test_wikitext_is_read_as_it_is_shown(wikitext, markdown):
    assert as_markdown(wikitext) == markdown


def export(*pages: str, base: str = "https://a.org/wiki/Main") -> bytes:
    head = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">'
    return f"{head}<siteinfo><base>{base}</base></siteinfo>{''.join(pages)}</mediawiki>".encode()


def wiki_page(title: str, *texts: str, ns: int = 0, more: str = "") -> str:
    revisions = "".join(f"<revision><text>{text}</text></revision>" for text in texts)
    return f"<page><title>{title}</title><ns>{ns}</ns>{more}{revisions}</page>"


def test_an_export_is_a_document_a_page_by_its_last_revision_and_other_names():
    data = export(
        wiki_page("Iron Sword", "Old.", "A '''sword'''."),
        wiki_page("Sword", "#REDIRECT [[Iron Sword]]", more='<redirect title="Iron Sword" />'),
        wiki_page("Blade", "#Weiterleitung [[Iron Sword#Use]]"),
        wiki_page("Talk:Iron Sword", "Is it?", ns=1),
        wiki_page("Template:A", "b", ns=10),
        wiki_page("Wiki:Rules", "Be nice.", ns=4),
        wiki_page("Empty", "{{stub}}"),
    )

    sword, rules = extract(".xml", "game", data)

    assert sword == Draft(
        "game/Iron Sword",
        "A sword.",
        "Iron Sword",
        url="https://a.org/wiki/Iron_Sword",
        aliases="Sword; Blade",
        part=":Iron Sword",
    )
    assert isinstance(rules, Draft)
    assert (rules.id, rules.text) == ("game/Wiki:Rules", "Be nice.")


def test_a_damaged_export_is_read_as_far_as_it_goes():
    page, remark = extract(".xml", "a", export(wiki_page("A", "One."), "<page><title>B"))

    assert isinstance(page, Draft)
    assert isinstance(remark, Remark)
    assert page.title == "A"
    assert remark.failed
    assert "what stands behind “A” is not read" in remark.reason


def test_an_export_without_articles_is_refused():
    with pytest.raises(Unreadable, match="holds no article"):
        extract(".xml", "a", export(wiki_page("Talk:A", "b", ns=1)))


def test_an_entity_of_an_export_is_not_unfolded():
    bomb = b'<!DOCTYPE m [<!ENTITY a "' + b"x" * 1000 + b'">]>' + export(wiki_page("A", "&a;&a; One."))

    found = extract(".xml", "a", bomb)

    assert not any(isinstance(each, Draft) and "xx" in each.text for each in found)


def test_a_page_in_a_file_is_called_by_its_first_heading():
    (draft,) = extract(".mediawiki", "a", b"= Swords =\n== Use ==\nText.")

    assert isinstance(draft, Draft)
    assert (draft.id, draft.title) == ("a", "Swords")


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["'''", "*#", "{{a}}", "\n* a", "\n#:* a", "== a ==\n", "\n|-\n| a || b", "[[a]] ", "<br>", " a\n"]
)
def test_the_time_grows_with_the_length(unit):
    began = time.process_time()

    as_markdown(f"{{|{unit * (60_000 // len(unit))}")

    assert time.process_time() - began < 10
