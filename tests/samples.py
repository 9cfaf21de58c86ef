"""Real files of the formats that libraries read, made by the tests' own code."""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import docx
from docx.document import Document as Word
from pptx import Presentation
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

MARKS = ["**", "*", "_", "__", "[[", "]]", "[", "](x.md)", "]", "|", "> ", "[!tip]", "`"]
"""What Markdown's marks are made of."""
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def drawn_pdf(draw: Callable[[Canvas], object], encryption: StandardEncryption | None = None) -> bytes:
    """A PDF file with what `draw` puts on its pages."""
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=1, encrypt=encryption)
    draw(canvas)
    canvas.save()
    return stream.getvalue()


def flowing_pdf(*flowables: str | Flowable) -> bytes:
    """A PDF file in which these stand below each other; a string is a paragraph."""
    stream = io.BytesIO()
    style = ParagraphStyle("plain", fontSize=10, leading=12)
    parts = [Paragraph(one, style) if isinstance(one, str) else one for one in flowables]
    SimpleDocTemplate(stream, invariant=1).build(parts)
    return stream.getvalue()


def pdf(pages: Sequence[str], title: str = "") -> bytes:
    """A PDF file with the lines of each page."""

    def draw(canvas: Canvas) -> None:
        if title:
            canvas.setTitle(title)
        for page in pages:
            text = canvas.beginText(72, 770)
            for line in page.split("\n"):
                text.textLine(line)
            canvas.drawText(text)
            canvas.showPage()

    return drawn_pdf(draw)


def encrypted_pdf(text: str, password: str, bits: int = 128) -> bytes:
    """A PDF file with a line of text, which opens with `password`."""
    encryption = StandardEncryption(password, "the owner's", strength=bits)
    return drawn_pdf(lambda canvas: canvas.drawString(72, 770, text), encryption)


def raw_pdf(*contents: bytes, font: bytes = b"/Subtype/Type1/BaseFont/Helvetica", last: bytes = b"null") -> bytes:
    """A PDF file written by hand, whose pages have these compressed content streams, with an object behind them."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}>>".encode(),
        b"<</Type/Font" + font + b">>",
    ]
    for at, content in enumerate(contents):
        resources = "/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R{resources}/Contents {5 + 2 * at} 0 R>>".encode())
        objects.append(f"<</Length {len(content)}/Filter/FlateDecode>>stream\n".encode() + content + b"\nendstream")
    objects.append(last)
    data = b"%PDF-1.4\n"
    entries = "0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        entries += f"{len(data):010} 00000 n \n"
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + f"xref\n0 {len(objects) + 1}\n{entries}{end}".encode()


def pictures_pdf(*pages: Sequence[bytes], size: float = 0.24) -> bytes:
    """A PDF file with lines of codes in a font of pictures (Type 3), as large as 10 points look.

    dvips made such files, whose size is that of a dot.
    """
    wide = {"f": 0.306, "i": 0.278, "l": 0.278, "m": 0.833, "r": 0.392, "s": 0.394, "t": 0.389, "w": 0.722, "e": 0.444}
    widths = " ".join(f"{10 * wide.get(chr(code), 0.5) / size:.3f}" for code in range(256))
    names = " ".join(f"/g{code}" for code in range(256))
    pictures = "".join(f"/g{code} {4 + 2 * len(pages)} 0 R" for code in range(256))
    font = (
        f"/Subtype/Type3/FontBBox[0 0 50 50]/FontMatrix[1 0 0 1 0 0]/CharProcs<<{pictures}>>"
        f"/Encoding<</Differences[0 {names}]>>/FirstChar 0/LastChar 255/Widths[{widths}]"
    )
    wide_and_high = (1 / size, 7 / size)
    picture = b"20 0 0 0 %f %f d1 0 0 %f %f re f" % (*wide_and_high, *wide_and_high)
    contents = (
        b"".join(
            b"BT /F1 %f Tf 72 %d Td <%s> Tj ET\n" % (size, 700 - 12 * at, line.hex().encode())
            for at, line in enumerate(page)
        )
        for page in pages
    )
    last = b"<</Length %d>>stream\n%s\nendstream" % (len(picture), picture)
    return raw_pdf(*map(zlib.compress, contents), font=font.encode(), last=last)


def content(text: str, megabytes: int = 0) -> bytes:
    """The compressed content stream of a page, with so many megabytes of spaces behind its text."""
    packer = zlib.compressobj(9)
    packed = packer.compress(f"BT /F1 12 Tf ({text}) Tj ET\n".encode())
    packed += b"".join(packer.compress(b" " * 10**6) for _ in range(megabytes))
    return packed + packer.flush()


def word(write: Callable[[Word], object]) -> bytes:
    """A DOCX file with what `write` puts into it."""
    document = docx.Document()
    write(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def word_of(body: str, numbering: str = "") -> bytes:
    """A DOCX file whose body, and its numberings, are this XML of WordprocessingML, with the prefix `w`."""
    data = repacked(word(lambda _: None), f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode())
    numbers = f'<w:numbering xmlns:w="{W}">{numbering}</w:numbering>'.encode()
    return repacked(data, numbers, part="numbering") if numbering else data


def repacked(data: bytes, document: bytes, megabytes: int = 0, part: str = "document") -> bytes:
    """The same DOCX file with another `document.xml`, or other part, and so many megabytes of spaces behind that."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != f"word/{part}.xml":
                new.writestr(entry, old.read(entry))
        with new.open(f"word/{part}.xml", "w") as stored:
            stored.write(document)
            for _ in range(megabytes):
                stored.write(b" " * 10**6)
    return stream.getvalue()


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """A ZIP file with these files in it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return stream.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files in a ZIP file."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def odt(body: str, styles: str = "", meta: str = "", kind: str = "text") -> bytes:
    """An ODT file, or one of another kind, with this in its body, among its automatic styles and in its properties."""
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("style", "style"),
            ("presentation", "presentation"),
        )
    )
    drawn = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    content = (
        f"<office:document-content {spaces} {drawn}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    about = f"<office:document-meta {spaces} {drawn}><office:meta>{meta}</office:meta></office:document-meta>"
    return archive({"content.xml": content, "meta.xml": about})


def epub(chapters: Mapping[str, str], about: str = "", contents: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """An EPUB file with these bodies of chapters, with this in its metadata, and contents that name chapters."""
    items = "".join(f'<item id="{at}" href="{name}"/>' for at, name in enumerate(chapters))
    places = "".join(f'<itemref idref="{at}"/>' for at in range(len(chapters)))
    links = "".join(f'<li><a href="{name}#a">{label}</a></li>' for name, label in contents.items())
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<metadata>{about}</metadata><manifest><item id="nav" href="nav.xhtml" properties="nav"/>{items}</manifest>'
        f'<spine><itemref idref="nav"/>{places}</spine></package>'
    )
    pages = {
        f"book/{name}": f"<html><head><title>x</title></head><body>{body}</body></html>"
        for name, body in chapters.items()
    }
    container = '<container><rootfiles><rootfile full-path="book/package.opf"/></rootfiles></container>'
    return archive(
        {
            "META-INF/container.xml": container,
            "book/package.opf": package,
            "book/nav.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>{links}</ol></nav></body></html>',
            **pages,
        }
    )


def slides(write: Callable[[Any], object]) -> bytes:
    """A PPTX file with what `write` puts into it."""
    presentation = Presentation()
    write(presentation)
    stream = io.BytesIO()
    presentation.save(stream)
    return stream.getvalue()
