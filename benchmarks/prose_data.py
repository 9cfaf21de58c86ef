"""What the gate is measured with: sentences of experts' answers, quotations of their articles, and alterations.

Nothing here is written by a model. The public collections lie beside the project and stay there.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import public_data

from bot.english.words import key, read
from bot.prose.draft import Draft
from bot.prose.gate import Ground
from bot.readable import readable
from embeddings.reading.documents import read_documents
from embeddings.splitting.passages import Span
from embeddings.splitting.sentences import segment
from training.sources import rows

BENCHMARKS = Path(__file__).resolve().parent
LABELS = BENCHMARKS / "development" / "prose_labels.jsonl"
COLLECTIONS = ("wixqa", "mtrag_un")
QUOTED = 8
"""Sentences of an article that a quotation has, at most."""
_LINK = re.compile(r"\[([^\]\n]{0,300})\] ?\((?:https?:|mailto:|/)[^)\s]{0,500}\)")
_BULLET = re.compile(r"\s*(?:[-*•]|(?P<number>\d{1,2})[.)])\s+")
_FEWEST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """An expert's answer as drafts, and quotations of the articles that it rests on."""

    collection: str
    question: str
    drafts: tuple[Draft, ...]
    quotations: tuple["Quotation", ...]

    @property
    def grounds(self) -> list[Ground]:
        """The quotations as the gate takes them."""
        return [quotation.ground for quotation in self.quotations]


class Quotation(NamedTuple):
    """Characters of a document."""

    document: str
    span: Span
    ground: Ground


def answers(collection: str) -> Iterator[Answer]:
    """The experts' answers of a collection, as far as it says that its documents answer."""
    corpus = {row["id"]: row for row in public_data.rows(collection, "corpus.jsonl")}
    for row in public_data.rows(collection):
        if row["answerable"] and row["gold_ids"]:
            quotations = [one for key in row["gold_ids"] for one in cut(corpus[key])]
            yield Answer(collection, row["id"], tuple(drafts(row["answers"][0])), tuple(quotations))


def drafts(answer: str) -> Iterator[Draft]:
    """The sentences of an answer without the targets of links, headings and what ends with a colon left out."""
    for line in readable(_LINK.sub(r"\1", answer)).text.splitlines():
        bullet = _BULLET.match(line)
        rest = line[bullet.end() if bullet else 0 :].strip()
        for sentence in map(str.strip, segment(rest)):
            if len(sentence.split()) >= _FEWEST_WORDS and not sentence.endswith((":", "?")):
                yield Draft(sentence, ())


def cut(document: dict[str, Any]) -> Iterator[Quotation]:
    """A document in quotations of `QUOTED` sentences."""
    spans = list(sentence_spans(document["text"]))
    for first in range(0, len(spans), QUOTED):
        span = Span(spans[first].start, spans[min(first + QUOTED, len(spans)) - 1].end)
        yield quotation(document, span)


def quotation(document: dict[str, Any], span: Span) -> Quotation:
    """Some characters of a document, as a quotation."""
    text = readable(document["text"][span.start : span.end]).text
    return Quotation(document["id"], span, Ground(text, None, document["title"]))


def sentence_spans(text: str) -> Iterator[Span]:
    """Where the sentences of a text stand."""
    at = 0
    for line in text.splitlines():
        for sentence in map(str.strip, segment(line)):
            if sentence:
                at = text.index(sentence, at)
                yield Span(at, at + len(sentence))
                at += len(sentence)


class Labelled(NamedTuple):
    """A sentence, a quotation, and whether somebody who read both found that the one holds the other."""

    over: str
    draft: Draft
    ground: Ground
    supported: bool
    later: bool
    """Whether it was written and labelled after the gate was made."""
    group: str
    """Which of them are not independent: those of one question, or of one document."""


def labelled() -> Iterator[Labelled]:
    """The labelled sentences; those of the public collections only where these are."""
    own = {
        (name, one.id): {"id": one.id, "title": one.title, "text": one.text}
        for name, folder in (("manual", BENCHMARKS / "manual" / "pages"), ("seeds", BENCHMARKS.parent / "seeds"))
        for one in read_documents(folder).documents
    }
    public = {name: _public(name) for name in COLLECTIONS if (public_data.ROOT / name).is_dir()}
    for row in labels():
        span = Span(row["start"], row["end"])
        over = row["over"]
        if "sentence" in row:
            ground = quotation(own[over, row["document"]], span).ground
            draft, group = Draft(row["sentence"], ()), row["document"]
        elif over in public:
            corpus, by_question = public[over]
            ground = quotation(corpus[row["document"]], span).ground
            draft, group = by_question[row["question"]].drafts[row["number"]], row["question"]
        else:
            continue
        yield Labelled(over, draft, ground, row["supported"], row.get("later", False), group)


def _public(name: str) -> tuple[dict[str, Any], dict[str, Answer]]:
    corpus = {row["id"]: row for row in public_data.rows(name, "corpus.jsonl")}
    return corpus, {one.question: one for one in answers(name)}


def labels() -> list[dict[str, Any]]:
    """The rows of `prose_labels.jsonl`."""
    return rows(LABELS)


# --- alterations ---------------------------------------------------------------------------------


class Altered(NamedTuple):
    """Drafts of which the last, or with steps all, say something that the quotations do not say."""

    kind: str
    drafts: tuple[Draft, ...]
    original: tuple[Draft, ...]
    """The same drafts before they were altered; none for a sentence of another answer."""
    quotations: tuple[Quotation, ...]
    collection: str = ""
    question: str = ""


_VERB = re.compile(r"\b(?P<verb>is|are|was|were|can|will|must|should|has|have|had|may|does|do)\b(?! not)")
_DIGITS = re.compile(r"(?<![\w.:])\d+(?:,\d{3})*(?![\w:]|\.\d)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+\b")
_WORD = re.compile(r"\b[a-z]{4,}\b")
_SOFT = {
    **dict.fromkeys(("some", "many", "most"), "all"),
    **dict.fromkeys(("usually", "often"), "always"),
    "may": "will",
    "can": "must",
}
_SOFTER = re.compile(rf"\b(?:{'|'.join(_SOFT)})\b")
_PARTS = re.compile(r"(?P<one>.+?)(?P<joint>,? and then | and |, then | before | after )(?P<other>.+?)(?P<end>[.!]?)$")
_FROM_TO = re.compile(r"\bfrom (?P<one>(?:the )?(?!the\b)\w+) to (?P<other>(?:the )?(?!the\b)\w+)\b")
_IF = re.compile(r"(?:If|When|Unless) [^,]{8,200}, (?P<rest>[a-z].{10,})")
_ORDERS = frozenset(
    "click go select choose enter add open tap type press check enable disable set scroll hover turn log copy paste "
    "make use connect save remove delete upload update create close stop start wait".split()
)


def altered(every: list[Answer], chance: random.Random, most: int) -> Iterator[Altered]:
    """Sentences of answers changed so that they are no longer true, at most so many of each kind."""
    made: dict[str, int] = defaultdict(int)
    places = [(answer, at) for answer in every for at in range(len(answer.drafts))]
    chance.shuffle(places)
    for answer, at in places:
        draft = answer.drafts[at]
        for kind, alter in ALTERATIONS.items():
            if made[kind] < most and (text := alter(draft.text, answer, chance)) and text != draft.text:
                made[kind] += 1
                yield _altered(kind, answer, (Draft(text, ()),), (draft,))
        following = answer.drafts[at + 1 : at + 2]
        if following and made["steps"] < most and all(_is_order(one.text) for one in (draft, *following)):
            pair = draft.text, following[0].text
            if pair[0] != pair[1]:
                made["steps"] += 1
                swapped = tuple(Draft(text, (), number) for number, text in enumerate(reversed(pair), 1))
                yield _altered("steps", answer, swapped, tuple(Draft(text, (), n) for n, text in enumerate(pair, 1)))
        if made["article"] < most:
            other = chance.choice(every)
            if other.question != answer.question and not _stands(draft.text, other):
                made["article"] += 1
                yield Altered(
                    "article", (Draft(draft.text, ()),), (), other.quotations, other.collection, other.question
                )


def _altered(kind: str, answer: Answer, drafts: tuple[Draft, ...], original: tuple[Draft, ...]) -> Altered:
    return Altered(kind, drafts, original, answer.quotations, answer.collection, answer.question)


def _stands(sentence: str, answer: Answer) -> bool:
    plain = re.sub(r"\W+", " ", sentence.lower()).strip()
    return any(plain in re.sub(r"\W+", " ", one.ground.text.lower()) for one in answer.quotations)


def _is_order(sentence: str) -> bool:
    return sentence.split()[0].lower() in _ORDERS


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:] if sentence[1:2].islower() else sentence


def _number(text: str, answer: Answer, chance: random.Random) -> str | None:
    found = list(_DIGITS.finditer(text))
    if not found:
        return None
    one = chance.choice(found)
    value = int(one[0].replace(",", ""))
    return text[: one.start()] + f"{chance.choice([value * 2, value + 1, value * 3 + 7]):,}" + text[one.end() :]


def _name(text: str, answer: Answer, chance: random.Random) -> str | None:
    found = list(_NAME.finditer(text))
    names: list[str] = sorted({name for one in answer.quotations for name in _NAME.findall(one.ground.text)})
    if not found or not names:
        return None
    one = chance.choice(found)
    return text[: one.start()] + chance.choice(names) + text[one.end() :]


def _negated(text: str, answer: Answer, chance: random.Random) -> str | None:
    if re.search(r" not\b|n't\b", text):
        return re.sub(r"\bcannot\b", "can", re.sub(r" not\b|n't\b", "", text, count=1))
    if _is_order(text):
        return f"Do not {_lower(text)}"
    return _VERB.sub(r"\g<verb> not", text, count=1)


def _order(text: str, answer: Answer, chance: random.Random) -> str | None:
    parts = _PARTS.match(text)
    if (
        parts
        and (_is_order(text) or parts["joint"].strip() != "and")
        and min(len(parts[n].split()) for n in (1, 3)) > 1
    ):
        first = parts["other"]
        return f"{first[0].upper()}{first[1:]}{parts['joint']}{_lower(parts['one'])}{parts['end']}"
    moved = _FROM_TO.sub(r"from \g<other> to \g<one>", text)
    return moved if moved != text else None


def _cause(text: str, answer: Answer, chance: random.Random) -> str | None:
    others = [one.text for one in answer.drafts if one.text != text and not _is_order(one.text)]
    if not others or _is_order(text):
        return None
    joint = chance.choice([" because ", ", so ", ", which is why "])
    return f"{text.rstrip('.')}{joint}{_lower(chance.choice(others))}"


def _scope(text: str, answer: Answer, chance: random.Random) -> str | None:
    if _SOFTER.search(text):
        return _SOFTER.sub(lambda found: _SOFT[found[0]], text, count=1)
    strong = chance.choice(["always", "only"])
    return _VERB.sub(rf"\g<verb> {strong}", text, count=1) if not _is_order(text) else None


def _merged(text: str, answer: Answer, chance: random.Random) -> str | None:
    """The beginning of one sentence, up to its verb, with the rest of another."""
    others = [one.text for one in answer.drafts if one.text != text and _VERB.search(one.text)]
    mine = _VERB.search(text)
    if not others or not mine or _is_order(text):
        return None
    other = chance.choice(others)
    its = _VERB.search(other)
    return text[: mine.start()] + other[its.start() :] if its and other[: its.start()] != text[: mine.start()] else None


def _worded(text: str, answer: Answer, chance: random.Random) -> str | None:
    """A word of the sentence exchanged for another of the articles that ends alike."""
    one = chance.choice(list(_WORD.finditer(text)) or [None])
    if one is None or not read(one[0]) or not read(one[0])[0].key:
        return None
    words = sorted({word for quoted in answer.quotations for word in _WORD.findall(quoted.ground.text)})
    alike = [word for word in words if word[-2:] == one[0][-2:] and key(word) != key(one[0])]
    return text[: one.start()] + chance.choice(alike) + text[one.end() :] if alike else None


def _unconditional(text: str, answer: Answer, chance: random.Random) -> str | None:
    found = _IF.match(text)
    return found["rest"][0].upper() + found["rest"][1:] if found else None


Alteration = Callable[[str, Answer, random.Random], str | None]
ALTERATIONS: dict[str, Alteration] = {
    "number": _number,
    "name": _name,
    "negation": _negated,
    "order": _order,
    "cause": _cause,
    "scope": _scope,
    "merged": _merged,
    "word": _worded,
    "condition": _unconditional,
}
KINDS = {
    "number": "another number",
    "name": "another name",
    "negation": "a “not” added or left out",
    "order": "parts of a sentence in another order",
    "steps": "two steps exchanged",
    "cause": "two true sentences joined as cause and effect",
    "scope": "“all” for “some”, “must” for “can”, “only” added",
    "merged": "the beginning of one sentence, the end of another",
    "word": "another word of the articles",
    "condition": "a condition left out",
    "article": "a sentence of another answer",
}


# --- who says so ---------------------------------------------------------------------------------

_SAYS = r"(?:said|says|claimed|claims|wrote|warned|argues|charged|added|insisted|asserted|concludes|points out)"
_TOLD = re.compile(rf"(?P<who>[A-Z][^,]{{2,60}}?) (?:has |have )?{_SAYS}(?: on \w+| again)? that (?P<rest>[^“\"]+)$")
_ACCORDING = re.compile(r"(?:According to [^,]+, )?(?P<rest>[^,]+?)(?:, according to [^,.]+)?(?:, which [^.]+)?\.?$")
_SPEAKERS = ("Donald Trump", "Karen Bass", "Gavin Newsom", "Stephen Miller", "California", "The account", "The ACLU")
_SURER = (
    (re.compile(r"\b(?:said|claimed|argues|says|warned|asserted) that\b"), "confirmed that"),
    (re.compile(r"\b(?:could|may|might)\b"), "will"),
    (re.compile(r"\b(?:largely|widely|often|regularly|seems to have|appears to have) "), ""),
)
_QUALIFIED = re.compile(r"\b(?:more than|at least|over|no more than) (?=a\b|\d)", re.IGNORECASE)
VOICES = {
    "original": "nothing",
    "speaker": "the speaker left out",
    "swapped": "another speaker",
    "surer": "“claimed” made “confirmed”, “could” made “will”, “largely” left out",
    "qualified": "“more than” left out before a number",
}


def voiced() -> Iterator[Altered]:
    """The sentences of the notes that ship, as they are and with another speaker, or none, or surer."""
    chance = random.Random(1)
    for note in read_documents(BENCHMARKS.parent / "seeds").documents:
        document = {"id": note.id, "title": note.title, "text": note.text}
        quotations = tuple(cut(document))
        for span in sentence_spans(note.text):
            sentence = readable(note.text[span.start : span.end]).text
            for kind, text in _revoiced(sentence, chance):
                yield Altered(kind, (Draft(text, ()),), (Draft(sentence, ()),), quotations)


def _revoiced(sentence: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    yield "original", sentence
    told, according = _TOLD.match(sentence), _ACCORDING.match(sentence)
    found = told or (according if "ccording to" in sentence else None)
    if found and found["rest"] != sentence:
        yield "speaker", f"{found['rest'][0].upper()}{found['rest'][1:].rstrip('.')}."
    if told and told["who"] in sentence:
        others = [name for name in _SPEAKERS if name.split()[-1] not in told["who"]]
        yield "swapped", sentence.replace(told["who"], chance.choice(others), 1)
    for pattern, surer in _SURER:
        if pattern.search(sentence):
            yield "surer", pattern.sub(surer, sentence, count=1)
    if _QUALIFIED.search(sentence):
        yield "qualified", _QUALIFIED.sub("", sentence, count=1)
