"""Turn the bytes of text files into drafts of documents: plain text, Markdown in its forms, notebooks, JSON lines."""

import codecs
import json
import math
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from embeddings.reading.marks import unmarked
from embeddings.reading.markup.admonitions import with_callouts
from embeddings.reading.markup.components import laid_out
from embeddings.reading.markup.markdown import first_heading, hashed, narrow, numbered, outside_code
from embeddings.reading.markup.mdx import without_components, without_modules, without_sure_components
from embeddings.reading.markup.myst import without_directives
from embeddings.reading.markup.notebooks import as_markdown
from embeddings.reading.markup.plain import laid_out as laid_out_plain
from embeddings.reading.markup.quarto import as_markdown as quarto_as_markdown
from embeddings.reading.markup.references import linked
from embeddings.reading.markup.shortcodes import as_components, without_shortcodes
from embeddings.reading.markup.tags import without_tags

MAX_TITLE = 500
"""Longest title, in characters: those of public collections have up to 300, and each passage is read with it."""
MAX_ABOUT = 500
"""Longest `about`, in characters: a line that is shown beside the title."""
MAX_URL = 2000
"""Longest address, in characters; browsers and servers take hardly more."""
MAX_ID = 1000
"""Longest id that a file may declare, in characters: it is shown, stored with every passage, and typed in."""
MAX_SHOWN = 60
"""Most characters of a value that a remark shows."""

_SUBTITLE = 100
"""Characters of a subtitle that belongs to what a document is called, at most; a longer one says what it is about."""
_LINES: Mapping[str, tuple[str, ...]] = {"title": (), "url": (), "about": ("description",)}
"""What a document may declare as a line, and under which other name."""
_UNTITLED = {"untitled", "(untitled)", "untitled document", "(anonymous)"}
_UNTITLED |= {"word document", "powerpoint presentation", "slide 1"}
_NAME_OF_FILE = re.compile(
    r"(?:microsoft \w+ - .*|(?:arxiv|doi):.*|.+\.(?:docx?|pptx?|odt|rtf|tex|dvi|indd|pmd|qxd|pdf|e?ps|svg|txt|html?))",
    re.IGNORECASE,
)
"""What a program or an archive calls a document that nobody gave a title."""
_TEMPLATE = re.compile(r"[<\[].*[>\]]|click to .*", re.IGNORECASE)
"""What a template says where a title is to be written."""
_OF_FOLDER = {"index", "_index", "readme"}
_SEPARATORS = re.compile(r"[\s_-]+")
_CODE = 8
"""Letters and digits in one, so many or more, are a hash or the number of a scan."""
_OF_NOTION = re.compile(r"(?<=\S) [0-9a-f]{32}(?=/|$)")
"""What Notion sets behind the name of each page that it exports."""
_DAY_AND_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt]|[ \t]+)\d\d?:\d\d.*")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_GAP = re.compile(r"\n(?:[ \t]*+\n){2,}+")
"""What tags leave that stood alone on their lines."""
_TAGS = re.compile(r"\{[%{]|</[A-Z]")
"""What has to stand alone on its lines: where it may be, these end as all patterns for it expect."""
_ATTRIBUTES = re.compile(r"(?<=\S)[ \t]+\{:?[ \t]*[#.][^{}\n]*\}$")
"""Of a heading, as manuals are written for MkDocs, Pandoc or Docusaurus: `{#backup .wide}`."""
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\u00ad]")
_BYTE_ORDER_MARKS = {  # UTF-32 before UTF-16, whose mark begins with the same bytes
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_EAST_ASIAN = ("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "cp949")
# of this many bytes, one that belongs to no encoding is damage: what is around it is ASCII
_FEW = 1000
_CANDIDATES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "cp850"),
    *("koi8_r", "iso8859_2", "mac_roman", *_EAST_ASIAN),
)


class Unreadable(Exception):  # noqa: N818 - says what the file is
    """Why a file, or a part of it, is not read: what it is, and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as it was found in a file, unchecked; `part` is where in the file, such as `:12` for a line."""

    id: str
    text: str
    title: str = ""
    published: date | None = None
    url: str | None = None
    about: str = ""
    aliases: str = ""
    pages: tuple[int, ...] = ()
    part: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said about a file or a `part` of it; `failed` where that part was not read at all."""

    reason: str
    failed: bool = False
    part: str = ""


Found = Iterator[Draft | Remark]
"""What a reader yields for a file."""


def read_plain(data: bytes, stem: str) -> Found:
    """A text file: one document."""
    text, remarks = decode(data)
    yield Draft(stem, laid_out_plain(text))
    yield from remarks


def read_markdown(data: bytes, stem: str) -> Found:
    """A Markdown file: one document, with what its front matter declares.

    Its title may be a heading of level 1: the one that it opens with, if that is the only one, or the first if its
    name gives no title.
    """
    yield from _markdown(data, stem, _shown)


def _shown(text: str) -> str:
    """What Markdown shows, whatever generator it is for."""
    text = laid_out(as_components(without_directives(text)), sure=True)
    return without_tags(without_shortcodes(without_sure_components(text)))


def read_notebook(data: bytes, stem: str) -> Found:
    """A Jupyter notebook, as Markdown."""
    text, remarks = decode(data)
    try:
        text = as_markdown(text)
    except ValueError as error:
        raise Unreadable(f"not a Jupyter notebook that can be read ({summary(error)})") from error
    if not text.strip():
        raise Unreadable("holds no text")
    yield from read_markdown(text.encode(errors="replace"), stem)
    yield from remarks


def read_mdx(data: bytes, stem: str) -> Found:
    """An MDX file, as Markdown without its components' tags."""
    yield from _markdown(data, stem, _shown_of_mdx)


def _shown_of_mdx(text: str) -> str:
    text = without_components(without_tags(laid_out(without_modules(text))))
    return outside_code(text, partial(_GAP.sub, "\n\n"))


def read_quarto(data: bytes, stem: str) -> Found:
    """A Quarto or R Markdown file, as Markdown without what its pages do not show."""
    yield from _markdown(data, stem, _shown, quarto_as_markdown)


def _markdown(
    data: bytes,
    stem: str,
    shown: Callable[[str], str],
    as_declared: Callable[[str, Mapping[str, Any]], str] = lambda text, meta: text,
) -> Found:
    from embeddings.reading.markup.front_matter import front_matter  # YAML, which nothing but a build needs

    text, remarks = decode(data)
    if _TAGS.search(text):
        text = text.replace("\r\n", "\n")
    meta, begin, said = front_matter(text)
    fields, reasons = declared(meta)
    text = numbered(hashed(with_callouts(narrow(shown(as_declared(linked(text[begin:]), meta))))))
    heading = first_heading(text)
    is_title = heading and heading.opens and heading.alone
    if heading and not fields.get("title") and (is_title or not title_of_name(stem)):
        fields["title"] = one_line(unmarked(heading_text(heading.text)))
    yield Draft(stem, text, **fields)
    yield from remarks
    yield from map(Remark, (*said, *reasons))


def read_lines(data: bytes, stem: str) -> Found:
    """A file of JSON objects, one document a line; a bad line is remarked on and the others are read."""
    if any(data.startswith(mark) for mark in _BYTE_ORDER_MARKS):
        data = decode(data)[0].encode()
    if b"\x00" in data:
        raise Unreadable("binary, not text")
    if not data.strip():
        raise Unreadable("empty")
    for number, line in enumerate(data.split(b"\n"), 1):
        part = f":{number}"
        if not line.strip():
            continue
        try:
            draft, reasons = _row(line, part)
        except Unreadable as bad:
            yield Remark(str(bad), failed=True, part=part)
        except Exception as error:  # what no line that was thought of raises
            yield Remark(f"could not be read ({summary(error)})", failed=True, part=part)
        else:
            yield draft
            for reason in reasons:
                yield Remark(reason, part=part)


READERS = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".mdx": read_mdx,
    ".qmd": read_quarto,
    ".rmd": read_quarto,
    ".ipynb": read_notebook,
    ".jsonl": read_lines,
}


def decode(data: bytes, charset: str | None = None) -> tuple[str, list[Remark]]:
    """The text of `data`, in the `charset` that it declares if it does, and a remark where that was not plain.

    Raises Unreadable where the encoding cannot be told.
    """
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            charset = encoding
            break
    try:
        return _checked(data.decode(charset or "utf-8")), []
    except (ValueError, LookupError) as error:  # an encoding that is none raises either
        if charset and charset in _BYTE_ORDER_MARKS.values():
            raise Unreadable(f"damaged {charset.removesuffix('-sig').upper()}; save it again as UTF-8") from error
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    if not damaged:
        return _checked(text), [Remark(f"not {one_line(str(charset))}, as it says; read as UTF-8")]
    sound = len(text) - len(text.encode("ascii", "ignore")) - damaged
    likely = sound > (0 if charset == "utf-8" else damaged)  # by chance, other bytes hardly ever make UTF-8
    if b"\x00" in data:
        raise Unreadable("binary, not text")
    if not likely and (detected := _detect(data)):
        return _checked(data.decode(detected)), [Remark(f"not UTF-8; read as {_name(detected)}")]
    if likely or damaged <= len(data) // _FEW:
        return _checked(text), [Remark(f"{counted(damaged, 'place')} in it not UTF-8, shown as \ufffd")]
    raise Unreadable("neither UTF-8 nor another encoding that can be told; save it as UTF-8")


def _detect(data: bytes) -> str | None:
    """The encoding that reads best, windows-1252 if that reads as well as any; None if several do."""
    from charset_normalizer import from_bytes  # only files that are not UTF-8 need it

    matches = list(from_bytes(data, cp_isolation=list(_CANDIDATES), enable_fallback=False))
    best = matches[0] if matches else None
    if best and best.chaos <= 0.1:
        peers = [
            match
            for match in matches
            if match.chaos <= best.chaos + 0.05 and match.coherence >= best.coherence - 0.1 and _decodes(data, match)
        ]
        if any("cp1252" in match.could_be_from_charset for match in peers):
            return "cp1252"
        if len(peers) == 1 and (peers[0].coherence or peers[0].encoding in _EAST_ASIAN):
            return str(peers[0].encoding)
    return None


def _decodes(data: bytes, match: Any) -> bool:
    try:
        data.decode(match.encoding)
    except UnicodeDecodeError:
        return False
    return True


def _name(encoding: str) -> str:
    """An encoding as people know it: windows-1252 for cp1252."""
    return re.sub(r"^cp(?=125)", "windows-", encoding).replace("_", "-")


def _checked(text: str) -> str:
    if "\x00" in text or len(_CONTROL.findall(text)) > len(text) // 100:
        raise Unreadable("binary, not text")
    if not text.strip():
        raise Unreadable("empty")
    return text


def _row(line: bytes, part: str) -> tuple[Draft, list[str]]:
    try:
        row = json.loads(line.decode(), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not valid JSON ({summary(error)})") from error
    if not isinstance(row, dict):
        raise Unreadable("not a JSON object")
    key = row.get("_id", row.get("id"))
    if not isinstance(key, str | int) or isinstance(key, bool) or not str(key).strip():
        raise Unreadable("has no `_id` that is text or a number")
    if len(str(key)) > MAX_ID:
        raise Unreadable(f"has an `_id` longer than {MAX_ID:,} characters; shorten it")
    if not isinstance(row.get("text"), str):
        raise Unreadable("has no `text`")
    fields, reasons = declared(row)
    return Draft(str(key), row["text"], **fields, part=part), reasons


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def declared(meta: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields of a document that `meta` declares; what cannot be used is named, not guessed."""
    fields: dict[str, Any] = {}
    reasons: list[str] = []
    for key, others in _LINES.items():
        value = next((meta[name] for name in (key, *others) if meta.get(name) is not None), None)
        if _is_line(value) and is_text(str(value)):
            fields[key] = " ".join(str(value).split())
        elif value is not None:
            reasons.append(f"its `{key}` is not a line of text and was left out")
    subtitle = meta.get("subtitle")
    if fields.get("title") and _is_line(subtitle) and is_text(str(subtitle)) and len(str(subtitle)) <= _SUBTITLE:
        fields["title"] = f"{fields['title']}: {one_line(str(subtitle))}"
    aliases = meta.get("aliases")
    named = [aliases] if _is_line(aliases) else aliases or []
    if isinstance(named, list) and all(_is_line(name) and is_text(str(name)) for name in named):
        fields["aliases"] = "; ".join(one_line(str(name)) for name in named)
    else:
        reasons.append("its `aliases` are not lines of text and were left out")
    try:
        fields["published"] = _date(meta.get("published"))
    except ValueError:
        shown = cut(reprlib.repr(meta["published"]), MAX_SHOWN)
        reasons.append(f"its `published` ({shown}) is not a date like 2025-06-16 and was left out")
    return fields, reasons


def _is_line(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int) and not isinstance(value, bool)


def limited(draft: Draft) -> tuple[Draft, list[str]]:
    """A draft with what it declares held to its limits, and what became of that which was longer."""
    fields: dict[str, str | None] = {}
    reasons: list[str] = []
    for key, value, limit in (
        ("title", draft.title, MAX_TITLE),
        ("about", draft.about, MAX_ABOUT),
        ("aliases", draft.aliases, MAX_TITLE),
    ):
        if len(value) > limit:
            fields[key] = cut(value, limit)
            reasons.append(f"its {key} is longer than {limit:,} characters and was cut")
    if len(draft.url or "") > MAX_URL:
        fields["url"] = None  # cut, it would lead elsewhere
        reasons.append(f"its url is longer than {MAX_URL:,} characters and was left out")
    return replace(draft, **fields), reasons  # type: ignore[arg-type] # these fields are text


def _date(value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 10**7 <= value < 10**8:
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("not a date")
    value = value.strip()
    if match := _DAY_AND_TIME.fullmatch(value):  # also times that are YAML but not ISO 8601
        value = match[1]
    return datetime.fromisoformat(value).date()


def heading_text(line: str) -> str:
    """A Markdown heading, given without its `# `, less the hashes and attributes that may close it.

    >>> heading_text("Backups ##"), heading_text("Backups {#backup .wide}")
    ('Backups', 'Backups')
    """
    line = _ATTRIBUTES.sub("", line.rstrip())
    opened = line.rstrip("#")
    return opened.rstrip() if opened[-1:].isspace() else line


def given_title(title: str | None) -> str:
    """The title among a file's properties, unless a program wrote it where nobody gave one."""
    line = one_line(title or "")
    return "" if line.lower() in _UNTITLED or _NAME_OF_FILE.fullmatch(line) or _TEMPLATE.fullmatch(line) else line


def title_of_name(stem: str) -> str:
    """The title that a file's name gives, as site generators make one; "" for a name that is none, such as a hash.

    A page that stands for its folder is named by it; hyphens of a name with spaces are its own.

    >>> title_of_name("main/basic-install"), title_of_name("docker/index"), title_of_name("Sync over Wi-Fi")
    ('Basic install', 'Docker', 'Sync over Wi-Fi')
    >>> title_of_name("000_33ae47a5af713751"), title_of_name("Rules 0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    ('', 'Rules')
    """
    *folders, name = _OF_NOTION.sub("", stem).split("/")
    if name.lower() in _OF_FOLDER:
        name = folders[-1] if folders else ""
    words = name.split() if " " in name else _SEPARATORS.sub(" ", name).split()
    codes = (len(word) >= _CODE and word.isalnum() and not (word.isalpha() or word.isdigit()) for word in words)
    if not any(len(word) > 2 and word.isalpha() for word in words) or any(codes):
        return ""
    title = given_title(" ".join(words))
    return title[:1].upper() + title[1:] if title.islower() else title


def cut(text: str, limit: int) -> str:
    """Text of at most `limit` characters: where some are left out, an ellipsis is the last."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def is_text(text: str) -> bool:
    """Whether UTF-8 can hold it, which half of a surrogate pair is too little for, and no NUL is in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def one_line(text: str) -> str:
    """Text on one line, without characters that are none."""
    return " ".join(cleaned(text).split())


def cleaned(text: str) -> str:
    """Text without control characters and soft hyphens; half of a surrogate pair stands as U+FFFD."""
    return _NOT_TEXT.sub("", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def counted(count: int, noun: str) -> str:
    """A number and what it counts: 1 place, 2,000 places."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def summary(error: BaseException) -> str:
    """What an error of a library says, on a line that is not too long."""
    return one_line(str(error))[:160] or type(error).__name__
