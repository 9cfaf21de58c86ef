"""Turn subtitles, and the transcripts that recordings come with, into drafts of documents: `.vtt` and `.srt`."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from io import StringIO

from webvtt import Caption, WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from embeddings.reading.formats import Draft, Found, Unreadable, decode, one_line

_VOICE = re.compile(r"<(?:v(?:\.[^\s<>]*+)?[ \t]++([^<>\n]++)|/v)>")
"""Where somebody begins to speak, whom the group names, or ends."""
_NAMED = re.compile(r"(?:- )?(?P<name>[^\W\d_a-z][\w.'’-]*(?: [^\W_a-z][\w.'’-]*){0,3}): +(?=\S)")
"""How somebody who speaks is named, more than once, where the format's own way is not used: "Ana Berg: Yes"."""
_OTHER = "- "
"""Before what somebody else says, who is not named."""
_SOMEBODY = "Somebody"
_PAUSE = 4
"""Seconds without a word behind which a paragraph begins."""
_LONG, _LONGEST = 60, 150
"""Words behind which one begins with the next sentence, and with the next caption."""


@dataclass
class _Paragraph:
    """What one speaker says from a time on, up to a second in which it ends; "" for a speaker who is not known."""

    speaker: str
    begins: str
    ends: int
    words: list[str] = field(default_factory=list)

    def goes_on(self, speaker: str, begins: int) -> bool:
        """Whether what is said from this second on belongs to it."""
        long = len(self.words) > _LONGEST or (len(self.words) > _LONG and self.words[-1][-1] in ".!?")
        return speaker == self.speaker and not long and begins - self.ends <= _PAUSE

    def __str__(self) -> str:
        said = " ".join(self.words)
        return f"**{self.speaker}** ({self.begins}): {said}" if self.speaker else f"({self.begins}) {said}"


def read_subtitles(data: bytes, stem: str) -> Found:
    """A file of either format: what is said, in paragraphs that begin with who says it, if that is known, and when."""
    text, remarks = decode(data)
    kind = "vtt" if text.startswith("WEBVTT") else "srt"
    try:
        captions = WebVTT.from_buffer(StringIO(text), kind).captions
    except (MalformedCaptionError, MalformedFileError) as error:
        raise Unreadable("no subtitles that can be read") from error
    said = "\n\n".join(map(str, _paragraphs(captions)))
    if not said:
        raise Unreadable("holds no text")
    yield Draft(stem, said)
    yield from remarks


def _paragraphs(captions: Iterable[Caption]) -> Iterator[_Paragraph]:
    """What is said, without the lines that a caption repeats of the one before, as captions that scroll do."""
    lines = [(caption, voice, line) for caption in captions for voice, line in _lines(caption)]
    labels = Counter(found["name"] for _, _, line in lines if (found := _NAMED.match(line)))
    names = {name for name, count in labels.items() if count > 1}
    named = bool(names) or any(voice for _, voice, _ in lines)
    current: _Paragraph | None = None
    last = ""
    for caption, voice, line in lines:
        if line == last:
            continue
        last, said = line, line.removeprefix(_OTHER)
        label = _NAMED.match(line)
        other = said != line
        if voice:
            speaker, other = voice, False
        elif label and label["name"] in names:
            speaker, said, other = label["name"], line[label.end() :], False
        elif other:
            speaker = _SOMEBODY if named else ""
        else:
            speaker = current.speaker if current else ""
        if current is None or other or not current.goes_on(speaker, caption.start_in_seconds):
            if current:
                yield current
            current = _Paragraph(speaker, caption.start.partition(".")[0], 0)
        current.words += said.split()
        current.ends = caption.end_in_seconds
    if current:
        yield current


def _lines(caption: Caption) -> Iterator[tuple[str, str]]:
    """Each line of a caption behind who says it, or "" where it does not say who."""
    before, *parts = _VOICE.split(caption.raw_text)
    for voice, said in (("", before), *zip(parts[::2], parts[1::2], strict=True)):
        for line in Caption(text=said).text.splitlines():
            if words := one_line(unescape(line)):
                yield one_line(voice or ""), words
