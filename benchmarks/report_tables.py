"""How the tables of PDF files are found: precision and recall of cells that are neighbours, as ICDAR 2013 counted them.

    python benchmarks/report_tables.py FOLDER [--files]

The competition's 67 public documents of the European Union and the United States lie, with the cells of their 156
tables, in tabulapdf/tabula-java (src/test/resources/technology/tabula/icdar2013-dataset, seen at 2cdf3b4); FOLDER is a
copy of one of its two halves, or of both. A relation is a pair of cells that are next to each other in a row or a
column, blank ones aside; it is found if the same two texts are neighbours in a table of the document's Markdown
(Göbel et al., "A Methodology for Evaluating Algorithms for Table Understanding in PDF Documents", 2012, section 4).
Tables have to be found first, so one that is missed costs all its relations; one that is invented costs precision.
"""

import argparse
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bot.answering.rows import cells
from embeddings.reading.formats import Draft
from embeddings.reading.pages.pdf import read_pdf
from embeddings.splitting.passages import Span

_IGNORED = re.compile(r"[\W_]")
_ROW = re.compile(r"\|.*\|")
_RULE = re.compile(r"(?:\|-+)+\|")

Relation = tuple[str, str, str]
Cells = Mapping[tuple[int, int], tuple[int, str]]
"""By row and column: a cell's number, which it has in each place that it spans, and its text."""


class Counted(NamedTuple):
    """Relations of the truth, those found, and those of both."""

    true: int
    found: int
    right: int

    def __str__(self) -> str:
        precision, recall = self.right / max(1, self.found), self.right / max(1, self.true)
        f1 = 2 * self.right / max(1, self.true + self.found)
        return f"recall {100 * recall:.1f}  precision {100 * precision:.1f}  F1 {100 * f1:.1f}"


def relations(cells: Cells) -> Counter[Relation]:
    """The neighbours among the cells of a table, each pair once."""
    pairs: set[tuple[int, int, str]] = set()
    texts = {number: text for number, text in cells.values() if text}
    for direction, along in (("right", 0), ("below", 1)):
        last = (-1, 0)
        for place in sorted(cells, key=lambda place: (place[along], place[1 - along])):
            line, (number, text) = place[along], cells[place]
            if text and last[0] == line and last[1] != number:
                pairs.add((last[1], number, direction))
            last = (line, number) if text else last
    return Counter((texts[one], texts[other], direction) for one, other, direction in pairs)


def true_tables(path: Path) -> Iterator[Cells]:
    """The tables that a file of the competition describes."""
    for table in ET.parse(path).getroot().iter("table"):  # noqa: S314 - a file of one's own choice
        cells: dict[tuple[int, int], tuple[int, str]] = {}
        for region in table.iter("region"):
            down, across = (int(region.get(f"{name}-increment") or 0) for name in ("row", "col"))
            for number, cell in enumerate(region.iter("cell"), len(cells)):
                text = _plain(" ".join(content.text or "" for content in cell.iter("content")))
                row, column = int(cell.get("start-row", 0)), int(cell.get("start-col", 0))
                for at in range(row, int(cell.get("end-row", row)) + 1):
                    for beside in range(column, int(cell.get("end-col", column)) + 1):
                        cells[at + down, beside + across] = number, text
        yield cells


def found_tables(text: str) -> Iterator[Cells]:
    """The tables of a text in Markdown's form."""
    row, found = 0, dict[tuple[int, int], tuple[int, str]]()
    for line in (*text.split("\n"), ""):
        if not _ROW.fullmatch(line):
            if found:
                yield found
            row, found = 0, {}
        elif not _RULE.fullmatch(line):
            for column, cell in enumerate(cells(line, Span(0, len(line)))):
                found[row, column] = len(found), _plain(line[slice(*cell)])
            row += 1


def counted(path: Path) -> Counted:
    """What is found in a PDF file, which lies beside the files that describe its tables."""
    names = path.with_suffix("").name.rstrip("ab")
    true = _all(cells for truth in sorted(path.parent.glob(f"{names}*-str.xml")) for cells in true_tables(truth))
    drafts = [found for found in read_pdf(path.read_bytes(), path.stem) if isinstance(found, Draft)]
    found = _all(cells for draft in drafts for cells in found_tables(draft.text))
    return Counted(true.total(), found.total(), (true & found).total())


def _all(tables: Iterable[Cells]) -> Counter[Relation]:
    return sum(map(relations, tables), Counter[Relation]())


def _plain(text: str) -> str:
    return _IGNORED.sub("", text).casefold()


def main() -> None:
    """Count what is found in all files of a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="PDF files and the -str.xml files beside them")
    parser.add_argument("--files", action="store_true", help="a line for each file, too")
    options = parser.parse_args()
    results = {path: counted(path) for path in sorted(options.folder.rglob("*.pdf"))}
    if not results:
        parser.error(f"{options.folder} holds no PDF file")
    for path, result in results.items() if options.files else ():
        print(f"{path.stem:12} {result}")
    print(f"{len(results)} files: {Counted(*map(sum, zip(*results.values(), strict=True)))}")


if __name__ == "__main__":
    main()
