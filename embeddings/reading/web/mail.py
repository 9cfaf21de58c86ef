"""Turn e-mail messages into drafts of documents: one file a message, or a mailbox of many."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from typing import Any

from embeddings.reading.formats import MAX_ID, Draft, Found, Remark, Unreadable, cleaned, decode, one_line, summary
from embeddings.reading.web.webpages import as_browsers_read, charset, parse, whole_text

_SEPARATOR = re.compile(rb"^From [^\n]*\n(?=[!-9;-~]+:)", re.MULTILINE)  # counts where it follows a blank line
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mail(data: bytes, stem: str) -> Found:
    """An `.eml` file: one message."""
    yield from _read(_message(data), stem, "")


def read_mailbox(data: bytes, stem: str) -> Found:
    """An `.mbox` file: one document a message; one that cannot be read is remarked on."""
    taken: set[str] = set()
    starts = [
        match.span()
        for match in _SEPARATOR.finditer(data)
        if match.start() == 0 or data.endswith((b"\n\n", b"\n\r\n"), 0, match.start())
    ]
    if not starts:
        raise Unreadable("holds no message; a mailbox begins with a line `From …`")
    ends = [start for start, _ in starts[1:]] + [len(data)]
    for number, ((_, start), end) in enumerate(zip(starts, ends, strict=True), 1):
        part = f":{number}"
        try:
            message = _message(_QUOTED_FROM.sub(rb"\1", data[start:end]))
            key = one_line(str(message.get("Message-ID", ""))).strip("<> ")
            key = key if key and key not in taken and len(key) <= MAX_ID else str(number)
            taken.add(key)
            yield from list(_read(message, f"{stem}/{key}", part))
        except Unreadable as reason:
            yield Remark(str(reason), failed=True, part=part)
        except Exception as error:  # headers can be wrong in more ways than the library knows
            yield Remark(f"not a message that can be read ({summary(error)})", failed=True, part=part)


def _message(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=default)
    if not message.keys():
        raise Unreadable("not a message: it has no headers")
    return message


def _read(message: EmailMessage, key: str, part: str) -> Found:
    body = message.get_body(("plain", "html"))
    payload: Any = body.get_payload(decode=True) if body else None
    if not body or not payload or not payload.strip():
        raise Unreadable("holds no text; save what is attached beside it")
    declared = as_browsers_read(body.get_content_charset() or "")
    if body.get_content_subtype() == "html":
        text, remarks = decode(payload, declared or charset(payload))
        text = whole_text(parse(text))
    else:
        text, remarks = decode(payload, declared)
        text = cleaned(text.replace("\r\n", "\n")).strip("\n")
    sent = getattr(message.get("Date"), "datetime", None)
    yield Draft(
        key,
        text,
        one_line(str(message.get("Subject", ""))),
        sent.date() if sent else None,
        about=_sender(message),
        part=part,
    )
    for remark in remarks:
        yield Remark(remark.reason, part=part)
    attached = [one_line(item.get_filename() or item.get_content_type()) for item in _attachments(message)]
    if attached:
        yield Remark(f"what is attached was left out: {', '.join(attached)[:160]}", part=part)


def _attachments(message: EmailMessage) -> list[EmailMessage]:
    return list(message.iter_attachments()) if message.is_multipart() else []


def _sender(message: EmailMessage) -> str:
    addresses = getattr(message.get("From"), "addresses", ())
    name = one_line(addresses[0].display_name or addresses[0].addr_spec) if addresses else ""
    return f"Email from {name}" if name else ""
