"""The page on how good answers are: from figures to docs/evaluation.md, its JSON, and the pictures in it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from curves import Bins, reliability_svg, threshold_svg
from scoring import COVERED, RESAMPLES, THRESHOLDS, Errors, Figure, measure_of

from embeddings.storing.storage import write_text

PAGE, DATA, RELIABILITY, COST = "evaluation.md", "evaluation.json", "reliability.svg", "threshold.svg"
PARTS = {
    "golden": "Golden questions over the notes in `seeds/`",
    "originals": "The same questions over the original articles",
    "manual": "Support questions about a manual of our own",
    "support": "Support questions",
    "public": "Public collections",
}
_RELIABILITY = {
    "news": ("golden", "questions"),
    "a manual": ("manual", "manual"),
    "a help desk": ("support", "techqa"),
    "an encyclopaedia": ("public", "squad"),
    "the web": ("public", "clapnq"),
}
"""The collection that stands for each kind."""
_ALTERNATIVES = {RELIABILITY: "How far to trust the confidence", COST: "What a threshold costs"}
_TRUST = """The share of questions that are answerable, by confidence, with how many questions that is of: the golden
questions, the manual of our own, techqa, SQuAD 2.0 and CLAP NQ. Answerable questions and the others weigh the same, as
they do where the confidence is fitted, so on the diagonal it is a probability. What a threshold costs is SQuAD's."""
_KINDS = ("status", "right", "first", "among", "marked", "voice")
"""What is shown by kind."""
_KINDS_OF_SUPPORT = ("missed", "invented", "absent", "document", "covered", "complete", "spans")
"""What is shown by kind of support questions, which have no status."""
_LISTED = ("first", "among", "marked", "voice", "alarm", "exact", "supported", "unsaid")
"""Which measures' questions are listed by id; those with another status than expected have a table."""
_INTRODUCTION = f"""# Evaluation

Written by `make evaluate`; `{DATA}` has the same figures. Every figure is a mean over questions, with the interval
that holds it in {COVERED:.0f} % of {RESAMPLES:,} draws of as many questions with replacement. Where no question differs
from the others, no draw does: of a hundred questions without an error, the next hundred may still have three. A part
that was not measured again, because its data is not there, keeps its figures; each names what it was measured with.
`python benchmarks/data.py` says whether the public collections are there, unaltered, and how each is had; it converts
two of them from their publishers' files, which has not been run.

The two errors are *not found although answerable* and *answered although unanswerable*. Where an answerable question is
not answered, whatever else is asked of its answer counts as wrong too, except the voice, which is judged only where a
sentence that answers is shown. An *acceptable sentence* is one that whoever wrote the question listed. A marked value
is compared as SQuAD does, without articles, punctuation and capitals. A quotation is exact when it is, character for
character, what stands in the document where it is said to stand."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a heading."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """What was measured on one collection."""

    title: str
    text: str
    figures: Mapping[str, Figure]
    kinds: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For each measure, the ids of the questions that it is not perfect for."""
    tables: Sequence[Table] = ()
    errors: Errors = field(default_factory=dict)
    sample: Mapping[str, Figure] = field(default_factory=dict)
    """The figures of the questions that a test asks again."""
    bins: Bins = ()


def recorded(docs: Path) -> dict[str, Any]:
    """The parts that were measured before, as they are in JSON; none where there is no page yet."""
    try:
        parts: dict[str, Any] = json.loads((docs / DATA).read_text(encoding="utf-8"))["parts"]
    except FileNotFoundError:
        return {}
    return parts


def recorded_samples(docs: Path, part: str) -> dict[str, dict[str, Figure]]:
    """What a test holds a part to: by section, the figures of its sample; none where it was not measured."""
    sections = recorded(docs).get(part, {}).get("sections", {})
    return {key: {name: Figure(**one) for name, one in section["sample"].items()} for key, section in sections.items()}


def write(docs: Path, parts: Mapping[str, tuple[Mapping[str, str], Mapping[str, Section]]], threshold: float) -> None:
    """Write the page anew with these parts, each its versions and sections, and those that were measured before.

    All files are written aside first, so that an interruption leaves the old ones.
    """
    measured = {
        name: {"versions": versions, "sections": {key: asdict(section) for key, section in sections.items()}}
        for name, (versions, sections) in parts.items()
    }
    every = recorded(docs) | json.loads(json.dumps(measured))
    drawn = pictures(every, threshold)
    files = {DATA: json.dumps({"parts": every}, ensure_ascii=False, indent=1) + "\n", **drawn}
    files[PAGE] = "\n\n".join(page(every, drawn)) + "\n"
    docs.mkdir(parents=True, exist_ok=True)
    aside = {docs / name: docs / f".{name}.part" for name in files}
    try:
        for part, text in zip(aside.values(), files.values(), strict=True):
            write_text(part, text)
        for path, part in aside.items():
            part.replace(path)
    finally:
        for part in aside.values():
            part.unlink(missing_ok=True)


def pictures(parts: Mapping[str, Any], threshold: float) -> dict[str, str]:
    """The two pictures of the confidence, by file name, as far as it was measured."""
    found = {}
    if trusted := _bins(parts):
        found[RELIABILITY] = reliability_svg(trusted)
    if errors := _found(parts, "public", "squad").get("errors"):
        curves = {
            measure_of(name).meaning: list(zip(THRESHOLDS, values, strict=True)) for name, values in errors.items()
        }
        found[COST] = threshold_svg(curves, threshold)
    return found


def _found(parts: Mapping[str, Any], part: str, section: str) -> dict[str, Any]:
    found: dict[str, Any] = parts.get(part, {}).get("sections", {}).get(section, {})
    return found


def _bins(parts: Mapping[str, Any]) -> dict[str, Bins]:
    """How often questions are answerable by confidence, for each kind of collection that was measured."""
    found = {kind: _found(parts, *place).get("bins") for kind, place in _RELIABILITY.items()}
    return {kind: each for kind, each in found.items() if each}


def page(parts: Mapping[str, Any], drawn: Iterable[str]) -> Iterator[str]:
    """The paragraphs of the page, which shows the pictures of these names."""
    yield _INTRODUCTION
    for name, title in PARTS.items():
        if name not in parts:
            continue
        yield f"## {title}"
        yield "\n".join(f"- {what}: {value}" for what, value in parts[name]["versions"].items())
        for section in parts[name]["sections"].values():
            yield from _section(section)
    yield from _trust(_bins(parts), drawn)


def _trust(bins: Mapping[str, Bins], drawn: Iterable[str]) -> Iterator[str]:
    """How far the confidence is to be trusted, for each kind of collection."""
    if not bins:
        return
    yield "## How far to trust the confidence"
    yield _TRUST
    yield " ".join(f"![{_ALTERNATIVES[name]}]({name})" for name in drawn)
    shares = {
        kind: {int(10 * sure): f"{share:.2f} ({count})" for sure, share, count in each} for kind, each in bins.items()
    }
    rows = [(f"{n / 10:g} to {(n + 1) / 10:g}", *(each.get(n, "") for each in shares.values())) for n in range(10)]
    yield table(("confidence", *bins), rows)


def _section(section: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {section['title']}"
    yield section["text"]
    found = {name: Figure(**one) for name, one in section["figures"].items()}
    rows = [(measure_of(name).meaning, *_cells(name, one), str(one.count)) for name, one in found.items()]
    yield table(("", "figure", f"{COVERED:.0f} % interval", "questions"), rows)
    if section["kinds"]:
        yield from _kinds(section["kinds"])
    if section["errors"]:
        yield "Both errors by `FOOTNOTE_THRESHOLD`:"
        names = [measure_of(name).meaning for name in section["errors"]]
        each = zip(THRESHOLDS, *section["errors"].values(), strict=True)
        yield table(("threshold", *names), [(f"{at:g}", *(_percent(rate) for rate in rates)) for at, *rates in each])
    for one in section["tables"]:
        if one["rows"]:
            yield f"{one['title']}:"
            yield table(one["head"], one["rows"])
    wrong = {name: ids for name, ids in section["wrong"].items() if name in _LISTED}
    if wrong:
        yield "Not so, by id:"
        yield "\n".join(f"- {measure_of(name).meaning} ({len(ids)}): {', '.join(ids)}" for name, ids in wrong.items())


def _kinds(kinds: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    measured = {name for found in kinds.values() for name in found}
    names = [name for name in (_KINDS_OF_SUPPORT if "document" in measured else _KINDS) if name in measured]
    rows = []
    for kind, found in kinds.items():
        count = max(one["count"] for one in found.values())
        cells = [" ".join(_cells(name, Figure(**found[name]), "({})")) if name in found else "" for name in names]
        rows.append((kind.replace("_", " "), str(count), *cells))
    yield table(("kind", "", *(measure_of(name).meaning for name in names)), rows)


def _cells(name: str, one: Figure, around: str = "{}") -> tuple[str, str]:
    if not measure_of(name).share:
        return f"{one.value:.2f}", around.format(f"{one.low:.2f} to {one.high:.2f}")
    return _percent(one.value), around.format(f"{_percent(one.low)[:-2]}–{_percent(one.high)}")


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %" if 0 < value < 0.01 or 0.99 < value < 1 else f"{100 * value:.0f} %"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
