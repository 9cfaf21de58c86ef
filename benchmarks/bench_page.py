"""The page of benchmarks: tables and a picture of what bench.py measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

PLAIN, OURS = "plain", "Footnote"
PICTURE = "benchmarks.svg"
Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table: which figure, what it is called, and how it is written."""

    key: str
    name: str
    scale: float = 1
    unit: str = ""
    digits: int = 0

    def show(self, value: float | None) -> str:
        """The figure with its unit."""
        return "–" if value is None else f"{value * self.scale:,.{self.digits}f}{self.unit and ' ' + self.unit}"


@dataclass(frozen=True, slots=True)
class Aim:
    """What was aimed at: at least (or, for times, at most) so many times the figure of every other system."""

    key: str
    name: str
    times: float
    at_least: bool = False


TABLE = (
    Measure("rate_wall", "ingestion, passages a second", digits=1),
    Measure("rate_cpu", "ingestion, passages a second of processor time", digits=1),
    Measure("p50_wall", "a query, p50", 1000, "ms", 1),
    Measure("p95_wall", "a query, p95", 1000, "ms", 1),
    Measure("p50_cpu", "a query, p50 of processor time", 1000, "ms", 1),
    Measure("p95_cpu", "a query, p95 of processor time", 1000, "ms", 1),
    Measure("update_wall", "a changed document", 1000, "ms"),
    Measure("update_cpu", "a changed document, processor time", 1000, "ms"),
    Measure("cold_wall", "cold start: process start to first passages", 1, "s", 2),
    Measure("cold_cpu", "cold start, processor time", 1, "s", 2),
    Measure("resident", "resident memory after the first query", 1 / 1024**2, "MiB"),
    Measure("bytes", "index on disk", 1 / 1024, "KiB"),
    Measure("recall_1", "right document first", 100, "%", 1),
    Measure("recall_10", "right document among ten passages", 100, "%", 1),
)
AIMS = (
    Aim("rate", "Ingestion, passages a second", 3, at_least=True),
    Aim("p50", "A query's p50", 1 / 3),
    Aim("cold", "Cold start", 0.15),
)
_DOES = """
- **Ingestion** is from the passages' texts to an index in memory and on disk, with a model that is loaded and warm.
  All are given the same passages: those that Footnote cuts. Footnote alone is given the files instead, and does a
  whole build of them: it reads and cuts the documents, adds vectors of sentences, BM25, vocabulary and checksums,
  and opens and checks what it wrote. What it does once for a model, comparing its vectors with those of
  sentence-transformers, is not counted.
- **A query** is from its text to the ids of ten passages; Footnote looks at three views of each, the others at one.
- **A changed document** (one sentence more) is left on disk as each system documents it: deleted and added again
  by id, or by the next build (Footnote), which reads and checks the folder and publishes a new generation.
  LlamaIndex documents `update_ref_doc`, but its FAISS store then keeps the old vectors, and a query that meets one
  raises KeyError; so its nodes are deleted by their ids, in the store that can do that.
- **Cold start** is a new process that loads the model, opens the index and answers one query.
- Processor time is that of all of a process's threads. Settings are each system's defaults; FAISS searches exactly.
  The index holds the texts, too; Footnote's also vectors of every sentence.
"""


def write(folder: Path, run: Mapping[str, Any]) -> None:
    """Write `benchmarks.md` and its picture into the folder."""
    results = {name: result for name, result in run["results"].items() if "failed" not in result}
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / PICTURE
    page = "\n".join([*_head(run), *_aims(results), *_table(results), *_failed(run), *_rest(run, results)])
    picture.write_text(svg(results), encoding="utf-8")
    (folder / "benchmarks.md").write_text(page.rstrip("\n") + "\n", encoding="utf-8")


def ratio(results: Results, key: str, name: str, base: str = PLAIN) -> float | None:
    """A system's figure as a multiple of another's; None where one of them is missing or the other is 0."""
    ours, theirs = results[name].get(key), results.get(base, {}).get(key)
    return None if ours is None or not theirs else ours / theirs


def verdict(results: Results, aim: Aim, clock: str) -> str:
    """Whether an aim is met against every other system, in words; `clock` is "wall" or "cpu"."""
    key = f"{aim.key}_{clock}"
    found = {name: ratio(results, key, OURS, name) for name in results if name != OURS}
    times = {name: value for name, value in found.items() if value is not None}
    missed = [name for name, value in times.items() if (value < aim.times if aim.at_least else value > aim.times)]
    shown = ", ".join(f"{name} {value:.2f}" for name, value in times.items())
    told = f"**missed** against {', '.join(missed)}" if missed else "met"
    return f"{told} ({shown})"


def _head(run: Mapping[str, Any]) -> list[str]:
    on = run["machine"]
    judged = (
        ""
        if any("recall_1" in one and one["recall_1"] is not None for one in run["results"].values())
        else (" The judged collection was not there, so nothing is said of recall.")
    )
    return [
        "# Benchmarks",
        "",
        "Footnote's retrieval beside plain sentence-transformers with FAISS, LangChain, LlamaIndex and txtai. This "
        "page is written by `make bench`; nothing on it is edited by hand.",
        "",
        f"{run['passages']} passages ({run['corpus']}), {run['questions']} questions, the model all-MiniLM-L6-v2 for "
        f"all. {_rounds(run['rounds'])} in which the systems took turns, each in a process of its own.{judged}",
        "",
        f"Measured on {on['date']}: {on['processor']}, {on['cores']} cores, {on['system']}, Python "
        f"{on['python']}. The load was "
        f"{on['load']:.1f} before the run and {on['load_after']:.1f} after it, which took {on['minutes']:.0f} minutes: "
        + (
            "**other work ran beside it**, so compare ratios and processor time, not seconds."
            if on["load"] > 0.5
            else "nothing much ran beside it."
        ),
        "",
        f"![Footnote beside four others: ingestion, a query, cold start]({PICTURE})",
        "",
    ]


def _rounds(count: int) -> str:
    return (
        f"Each figure is the median of {count} rounds" if count > 1 else "**Only one round was measured**, a rough one,"
    )


def _aims(results: Results) -> list[str]:
    lines = ["## What was aimed at", ""]
    if OURS not in results:
        return [*lines, "Footnote could not be measured.", ""]
    lines += [
        "| Footnote, as a multiple of each of the others | aim | wall clock | processor time |",
        "|---|---|---|---|",
    ]
    for aim in AIMS:
        bound = f"{'at least' if aim.at_least else 'at most'} {aim.times:.2g} of every one"
        lines.append(f"| {aim.name} | {bound} | {verdict(results, aim, 'wall')} | {verdict(results, aim, 'cpu')} |")
    return [*lines, ""]


def _table(results: Results) -> list[str]:
    lines = ["## All figures", "", "In brackets: as a multiple of the plain one.", ""]
    lines += ["| | " + " | ".join(results) + " |", "|---" + "|---:" * len(results) + "|"]
    for measure in TABLE:
        cells = []
        for name, result in results.items():
            times = ratio(results, measure.key, name) if name != PLAIN else None
            cells.append(measure.show(result.get(measure.key)) + ("" if times is None else f" ({times:.2f})"))
        lines.append(f"| {measure.name} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _failed(run: Mapping[str, Any]) -> list[str]:
    failed = [f"- {name}: {one['failed']}" for name, one in run["results"].items() if "failed" in one]
    return ["Not measured:", "", *failed, ""] if failed else []


def _rest(run: Mapping[str, Any], results: Results) -> list[str]:
    lines = ["## What is compared", *_DOES.splitlines(), "", "| | versions and licences |", "|---|---|"]
    for name, result in results.items():
        versions = "; ".join(f"{package} {number} ({of})" for package, (number, of) in result["versions"].items())
        lines.append(f"| {name} | {versions} |")
    lines.append("")
    if run["parts"]:
        lines += ["## Footnote's parts", "", "Each beside what it cannot do without, in the same minutes.", ""]
        lines += ["| | took | its baseline | took | ratio |", "|---|---:|---|---:|---:|"]
        lines += [
            f"| {part['what']} | {1000 * part['ours']:,.1f} ms | {part['baseline']} | {1000 * part['base']:,.1f} ms "
            f"| {part['ours'] / part['base']:.2f} |"
            for part in run["parts"]
        ]
    return lines


_PANELS = (
    Measure("rate_wall", "Ingestion, passages a second (more is better)", digits=1),
    Measure("p50_wall", "A query's p50, ms (less is better)", 1000, digits=1),
    Measure("cold_wall", "Cold start, s (less is better)", digits=2),
)
_LEFT, _BAR, _ROW, _HEAD = 96, 380, 24, 40


def svg(results: Results) -> str:
    """Three groups of bars, one a system, by the wall clock."""
    height = len(_PANELS) * (_HEAD + _ROW * len(results)) + 16
    width = _LEFT + _BAR + 80
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="13" fill="#222" role="img"><title>Footnote beside others</title>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    top = 0
    for panel in _PANELS:
        parts += _panel(panel, results, top)
        top += _HEAD + _ROW * len(results)
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Measure, results: Results, top: int) -> Sequence[str]:
    parts = [f'<text x="8" y="{top + 28}" font-weight="bold">{escape(panel.name)}</text>']
    most = max((result[panel.key] for result in results.values()), default=1)
    for row, (name, result) in enumerate(results.items()):
        y = top + _HEAD + row * _ROW
        length = _BAR * result[panel.key] / most
        colour = "#2166ac" if name == OURS else "#b0b0b0"
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect x="{_LEFT}" y="{y + 2}" width="{length:.1f}" height="16" fill="{colour}"/>')
        shown = panel.show(result[panel.key])
        parts.append(f'<text x="{_LEFT + length + 6:.1f}" y="{y + 14}">{shown}</text>')
    return parts
