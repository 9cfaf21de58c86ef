"""Targets: everything that makes documents of a file's bytes, and passages of documents."""

import io
import json
import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import samples
from fakes import FakeEncoder
from openpyxl import Workbook

from embeddings.reading import extraction, formats
from embeddings.reading.documents import Document
from embeddings.reading.duplicates import find_copies, shinglings
from embeddings.reading.formats import Draft, Unreadable, limited
from embeddings.reading.marks import unmarked
from embeddings.reading.markup.components import laid_out
from embeddings.reading.markup.front_matter import front_matter
from embeddings.reading.markup.mdx import without_components, without_sure_components
from embeddings.reading.markup.shortcodes import as_components, without_shortcodes
from embeddings.reading.markup.tags import without_tags
from embeddings.reading.sandbox import Sandbox
from embeddings.searching.vocabulary import Vocabulary
from embeddings.splitting.passages import split
from embeddings.splitting.structure import blocks
from fuzz.target import ROOT, Target, documents, fields_of, pieces, questions, seed, text_of

_ENCODER = FakeEncoder()
_SANDBOX = Sandbox()
_EMPTY = samples.word(lambda _: None)
_OURS = os.fspath(ROOT / "embeddings")
_HTML = (
    "<html><head><title>A page</title><meta charset=utf-8></head><body><h1>One</h1><p>Some <b>text</b>, <i>more</i>."
    "<ul><li>a<li>b<ol><li>c</ol></ul><table><tr><th>k<th>v<tr><td colspan=3>2</table><pre><code>x = 1\n</code></pre>"
    "<dl><dt>t<dd>d</dl><blockquote>q</blockquote><details><summary>s</summary>i</details><nav>n</nav>"
    "<ul role=tablist><li role=tab>u</ul><div role=tabpanel hidden>v</div><button aria-controls=w>Why?</button>"
    "<div id=w style='display:none'>x</div><div class='admonition tip'><p class=title>t</p>y</div>"
    "<div><input type=radio id=r><label for=r>z</label><div>q</div></div></body></html>"
)
_WIKI = (
    "= A =\n{{Infobox\n| a = b\n| c = [[d|e]]\n}}\n'''Text''' {{f|g}}[[File:i.png|thumb|j]]\n# k\n#* l\n#: m\n; n : o\n"
    "{|\n|+ p\n! q !! r\n|-\n| rowspan=2 | s || t\n|}\n w\n{{Note|x}}"
)
_EXPORT = (
    "<mediawiki><siteinfo><base>https://a.org/b/c</base></siteinfo><page><title>A</title><ns>0</ns><revision><text>"
    f"{_WIKI}</text></revision></page><page><title>B</title><redirect title='A'/></page></mediawiki>"
).encode()
_CHAT = (
    b'{"guild": {"name": "A"}, "messages": [{"type": "Default", "timestamp": "2026-01-05T10:02", "content": "b", '
    b'"author": {"name": "c"}}, {"type": "message", "date": "2026-01-05", "from": "d", "text": ["e", {"text": "f"}]}]}'
)
_MDX = (
    'import A from "./a"\n\nexport const x = {a: 1}\n\n# Title\n\n<A b={1}>\n\nText {x}.\n\n</A>\n\n<Tab>one</Tab>\n'
    '<Steps>\n  <Step title="c">\n    d\n  </Step>\n</Steps>\n<Note>e</Note>'
)
_SHORTCODES = (
    "# A {#a}\n\n{{< b c='d' caption='e' >}}\n\n{{% i %}}x{{% /i %}} [f]({{< ref 'g' >}})\n{% h %}`{% i %}`\n{: .j }\n"
    "{% hint style='k' %}\nl\n{% endhint %}\n{{< tab m >}}\n![n][image1]\n{{< /tab >}}\n[image1]: <data:a>\n"
)
_MARKDOWN = (
    "# A\n\ntext\n\n1. one\n   - two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\n\n> q\n\nTerm\n: meaning\n",
    "Setext\n===\n\n## B {#b}\n\n* a\n* b\n\n    code\n\n<div>\n\n[link](x.md) ![i](y)\n\n---\n\n!!! note\n    text\n",
)
_QUARTO = (
    "---\nformat: revealjs\n---\n# A {-}\n\n::: {.callout-tip title='b'}\nText [c]{.d}.\n:::\n\n::: columns\ne\n:::\n\n"
    "```{r f, echo=TRUE}\n#| eval: false\nx\n```\n\n. . .\n\n```{=html}\n<b>g</b>\n```\n"
    "| h   | i |\n|-----|---|\n| 1 | 2 |\n"
)
_MYST = (
    "(a)=\n# A\n\n```{note} B\n:class: tip\nText {kbd}`c`, {ref}`d <e>`.\n```\n\n"
    ":::{card}\n````{code-block} sh\nx\n````\n:::\n```{figure} f.png\n---\nalt: g\n---\n```\n"
)
_NOTEBOOK = (
    '{"cells": [{"cell_type": "markdown", "source": ["# A\\n", "a"]}, {"cell_type": "code", "source": "x"}],'
    ' "metadata": {"language_info": {"name": "b"}}}'
)
_RST = (
    "Title\n=====\n\nText *em* ``code`` `link <x>`_.\n\n.. note:: A note\n\n   More.\n\n.. code-block::\n\n   x\n\n"
    "=== ===\na   b\n=== ===\n1   2\n=== ===\n\n1. one\n2. two\n\nterm\n  meaning\n\n.. image:: x.png\n\n:field: v\n"
)
_ASCIIDOC = (
    "= A\nB\n:c: d\n\n[[e]]\n== F\n\n{c} *g* `h` <<e>> link:i[j]\n\n. k\n+\n----\nl\n----\n** m\n\nn:: o\n\n[NOTE]"
    '\n====\np\n====\n\n[cols="1,2"]\n|===\n2+|q |r\na|s\n|===\n\nTitle\n-----\n\nifdef::t[]\nu +\nv\nendif::[]\n'
)
_MAIL = (
    b"From: A <a@example.org>\nTo: b@a.example\nSubject: =?utf-8?q?A_subject?=\nDate: Mon, 16 Jun 2025 10:00:00 +0200\n"
    b"Message-ID: <1@example.org>\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n--x\n"
    b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nSome text=20here.\n--x\n"
    b"Content-Type: text/html\n\n<p>Some <b>text</b>\n--x--\n"
)
_VTT = (
    b"WEBVTT\n\nNOTE a\n\n1\n00:00:01.000 --> 00:00:02.500 align:start\n<v Ana Berg>Yes &amp; <i>no</i>.</v>\n\n"
    b"00:02.500 --> 00:04.000\n- Bo: No.\n- Why<00:00:03.000><c> not</c>?\n"
)
_SRT = b"1\n00:00:01,000 --> 00:00:02,500\nAna: Yes.\n\n2\n00:00:02,500 --> 00:00:04,000\n- <b>No</b>.\n"
_WORD = (
    '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Title</w:t></w:r></w:p>'
    '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>item</w:t></w:r></w:p>'
    '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'
    "<w:p><w:r><w:t>cell</w:t><w:br/></w:r></w:p></w:tc></w:tr></w:tbl>"
)
_ODT = (
    '<text:h text:outline-level="2">a</text:h><text:list><text:list-item><text:p>b<text:s text:c="2"/></text:p>'
    "<text:list/></text:list-item></text:list><table:table><table:table-row><table:table-cell "
    'table:number-columns-spanned="2"><text:p>c</text:p></table:table-cell></table:table-row></table:table>'
)
_ODS = (
    '<table:table table:name="a"><table:table-column table:visibility="collapse"/><table:table-row '
    'table:number-rows-repeated="3"><table:table-cell table:number-rows-spanned="2" table:number-columns-repeated="2">'
    "<text:p>b</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table>"
)
_CSV = (
    'Fees of 2026\n\nfee;"price, in $";note\nWeek;9,5;<p>a</p>\n"a ""b""\nc";-1 200,50 %;\n\nMonth;30;\n\n'
    "Source: d e f g h i\n"
)
_SHEET = "xl/worksheets/sheet1.xml"
_NUMBERS = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)
_ROW = json.dumps({"_id": "a", "title": "T", "text": "Some text.", "published": "2025-06-16", "aliases": ["b", 1]})
_YAML = "---\ntitle: A\npublished: 2025-06-16\naliases: [a, 'b']\nabout: >\n  more\n---\ntext"


def _check(items: Iterable[object]) -> None:
    """What a reader found becomes documents, whose passages stand where they say."""
    for item in items:
        if isinstance(item, Draft):
            draft, _ = limited(item)
            if draft.text.strip() and formats.is_text(draft.text):
                _check_passages(Document("a", draft.title, draft.text, draft.published, pages=draft.pages))


def _check_passages(document: Document) -> None:
    for passage in split(document, _ENCODER):
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
        assert all(start < end for start, end in passage.sentences)
        document.page(passage.start)


def _text(suffix: str) -> Callable[[bytes], None]:
    return lambda data: _check(formats.READERS[suffix](data, "a"))


def _extracted(suffix: str, data: bytes) -> None:
    """As in the sandbox, where what a library raises becomes a sentence; what our own lines raise is a find."""
    try:
        found = extraction.extract(suffix, "a", data)
    except Unreadable:
        return
    except Exception as error:
        if _inmost(error).startswith(_OURS):
            raise
        return
    _check(found)


def _inmost(error: Exception) -> str:
    return traceback.extract_tb(error.__traceback__)[-1].filename


def _library(suffix: str) -> Callable[[bytes], None]:
    return lambda data: _extracted(suffix, data)


def _word(data: bytes) -> None:
    """A file as it is, or one with this XML in it: at random no archive comes of bytes."""
    if data.startswith(b"PK"):
        _extracted(".docx", data)
        return
    body, numbering = fields_of(data, 2)
    whole = f'<w:document xmlns:w="{samples.W}"><w:body>{body}</w:body></w:document>'
    numbers = f'<w:numbering xmlns:w="{samples.W}">{numbering}</w:numbering>'
    _extracted(".docx", samples.repacked(samples.repacked(_EMPTY, whole.encode()), numbers.encode(), part="numbering"))


def _opendocument(data: bytes) -> None:
    """A file whose body is this XML."""
    (body,) = fields_of(data, 1)
    _extracted(".odt", samples.odt(body))


def _sheet(data: bytes) -> None:
    """A workbook as it is, or one whose sheet is this XML."""
    whole = data.startswith(b"PK")
    _extracted(".xlsx", data if whole else samples.archive({**samples.unpacked(next(_books())), _SHEET: data}))


def _ods(data: bytes) -> None:
    """A spreadsheet whose body is this XML."""
    (body,) = fields_of(data, 1)
    _extracted(".ods", samples.odt(body, kind="spreadsheet"))


def _pdf(data: bytes) -> None:
    """A file as it is, or one whose page has this content."""
    _extracted(".pdf", data if data.startswith(b"%PDF") else samples.raw_pdf(samples.zlib.compress(data)))


def _in_sandbox(data: bytes) -> None:
    """The process that reads in earnest, which has to answer whatever comes."""
    suffixes = tuple(extraction._READERS)
    _check(_SANDBOX.extract(suffixes[data[0] % len(suffixes)] if data else ".pdf", "a", data[1:]))


def _front_matter(data: bytes) -> None:
    meta, begin, _ = front_matter(text_of(data))
    assert begin >= 0
    formats.declared(meta)


def _structure(data: bytes) -> None:
    text = text_of(data)
    end = 0
    for block in blocks(text):
        assert end <= block.start < block.end <= len(text)
        assert not re.search(r"\w", text[end : block.start])
        end = block.end
    assert not re.search(r"\w", text[end:])
    for line in text.splitlines():
        unmarked(line)


def _mdx(data: bytes) -> None:
    without_components(laid_out(text_of(data)))
    without_sure_components(laid_out(text_of(data), sure=True))


def _tags(data: bytes) -> None:
    without_tags(text_of(data))


def _shortcodes(data: bytes) -> None:
    without_shortcodes(as_components(text_of(data)))


def _passages(data: bytes) -> None:
    title, text = fields_of(data, 2)
    if text.strip() and formats.is_text(text):
        _check_passages(Document("a", title[:500], text))


def _corpus(data: bytes) -> None:
    """Several documents: which are copies, and the words of all."""
    found = [Document(str(n), "", text) for n, text in enumerate(fields_of(data, 4)) if text.strip()]
    copies = find_copies(found, shinglings(found))
    assert all(original not in copies for original in copies.values())
    vocabulary = Vocabulary.of(found)
    assert all(vocabulary.counts.values())


def _files(*suffixed: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(suffixed)


def _encoded(*texts: str) -> Callable[[], Iterator[bytes]]:
    """Each text in UTF-8, and the first in other encodings."""
    more = [texts[0].encode(name, "ignore") for name in ("utf-16", "cp1252", "utf-8-sig")]
    return lambda: iter([*(text.encode() for text in texts), *more])


def _words() -> Iterator[bytes]:
    yield seed(_WORD, _NUMBERS)
    yield seed("<w:p><w:r><w:t>text</w:t></w:r></w:p>", "")
    yield samples.word(lambda made: made.add_paragraph("Some text."))


def _pdfs() -> Iterator[bytes]:
    yield samples.pdf(["Some text.\nMore."], "A title")
    yield samples.raw_pdf(samples.content("Some text"), samples.content("More"))
    yield samples.pictures_pdf([b"Some text in di\x0ccult fonts."], [b"\x01\x02\x03 A B"])
    yield b"BT /F1 12 Tf 72 700 Td (Some text) Tj [(mo) -250 (re)] TJ T* ' ET q 1 0 0 1 0 0 cm Q"


def _books() -> Iterator[bytes]:
    """Workbooks, and the XML of a sheet."""
    book, file = Workbook(), io.BytesIO()
    for row in (("Fee", "Price"), ("Week", 9.5), (date(2026, 3, 1), True), ("All", "=B2")):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(file)
    yield file.getvalue()
    yield samples.unpacked(file.getvalue())[_SHEET]


def _each() -> Iterator[bytes]:
    every = {
        ".html": _HTML.encode(),
        ".pdf": next(_pdfs()),
        ".docx": list(_words())[-1],
        ".xlsx": next(_books()),
        ".csv": _CSV.encode(),
        ".rst": _RST.encode(),
        ".eml": _MAIL,
        ".mbox": b"From a\n" + _MAIL,
        ".vtt": _VTT,
        ".srt": _SRT,
        ".wiki": _WIKI.encode(),
        ".xml": _EXPORT,
        ".json": _CHAT,
    }
    suffixes = list(extraction._READERS)
    yield from (bytes([suffixes.index(suffix)]) + data for suffix, data in every.items())


_MARKED = (*_MARKDOWN, *(text[:2000] for text in documents()), _YAML, _MDX, _MYST)

TARGETS = {
    "plain": Target(_text(".txt"), _encoded(*(text[:600] for text in documents())), (Unreadable,), 1024),
    "markdown": Target(_text(".md"), _encoded(*_MARKED), (Unreadable,), share=2),
    "mdx": Target(_text(".mdx"), _encoded(_MDX, *_MARKDOWN), (Unreadable,)),
    "quarto": Target(_text(".qmd"), _encoded(_QUARTO, *_MARKDOWN), (Unreadable,)),
    "notebook": Target(_text(".ipynb"), _encoded(_NOTEBOOK), (Unreadable,)),
    "tags": Target(_tags, lambda: map(seed, (_HTML, _MDX, *_MARKDOWN)), share=3),
    "mdx components": Target(_mdx, lambda: map(seed, (_MDX, _HTML, *_MARKDOWN)), share=3),
    "shortcodes": Target(_shortcodes, lambda: map(seed, (_SHORTCODES, _MDX, *_MARKDOWN)), share=3),
    "jsonl": Target(_text(".jsonl"), _encoded(_ROW, f"{_ROW}\n{_ROW}"), (Unreadable,), share=2),
    "html": Target(_library(".html"), _encoded(_HTML), size=2048, share=0.5),
    "rst": Target(_library(".rst"), _encoded(_RST), size=2048, share=0.5),
    "asciidoc": Target(_library(".adoc"), _encoded(_ASCIIDOC), (Unreadable,), size=2048),
    "wiki": Target(_library(".wiki"), _encoded(_WIKI), (Unreadable,), size=2048),
    "wiki export": Target(_library(".xml"), _files(_EXPORT), (Unreadable,), size=2048, share=0.5),
    "chat": Target(_library(".json"), _files(_CHAT), (Unreadable,), share=0.5),
    "opendocument": Target(_opendocument, lambda: [seed(_ODT)], size=4096, share=0.5),
    "csv": Target(_library(".csv"), _encoded(_CSV, "a\tb\n1\t2\n", "a,b\n1,2\n"), (Unreadable,)),
    "xlsx": Target(_sheet, _books, size=16_384, share=0.5),
    "ods": Target(_ods, lambda: [seed(_ODS)], size=4096, share=0.5),
    "mail": Target(_library(".eml"), _files(_MAIL), share=0.5),
    "mailbox": Target(_library(".mbox"), _files(b"From a\n" + _MAIL + b"\nFrom b\n" + _MAIL), share=0.5),
    "vtt": Target(_library(".vtt"), _files(_VTT), (Unreadable,), share=0.5),
    "srt": Target(_library(".srt"), _files(_SRT), (Unreadable,), share=0.5),
    "docx": Target(_word, _words, size=16_384, share=0.5),
    "pdf": Target(_pdf, _pdfs, share=0.5),
    "sandbox": Target(_in_sandbox, _each, (Unreadable,), 16_384, share=0.5),
    "front matter": Target(_front_matter, lambda: [seed(_YAML), *map(seed, documents())], share=2),
    "structure": Target(_structure, lambda: [*map(seed, _MARKED), *pieces(documents())], share=2),
    "passages": Target(_passages, lambda: (seed("Title", text) for text in _MARKED)),
    "corpus": Target(_corpus, lambda: [seed(*questions()[:4]), seed(documents()[0][:500], documents()[0][:500])]),
}
