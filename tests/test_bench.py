"""The benchmark: systems in processes of their own, and the page that is written of them."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from embeddings.encoding.sentence_encoder import SentenceEncoder

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import bench
import bench_page
from bench import OURS, PLAIN, Candidate, Failure, Work
from bench_page import AIMS, verdict, write

FIGURES = {
    **dict.fromkeys(("rate_cpu", "p50_cpu", "p95_wall", "p95_cpu", "update_wall", "update_cpu", "cold_cpu"), 1.0),
    **{"resident": 2**20, "bytes": 2**10, "recall_1": 0.5, "recall_10": 1.0, "versions": {"numpy": ["2", "BSD"]}},
}


def figures(rate: float, p50: float, cold: float) -> dict[str, Any]:
    return FIGURES | {"rate_wall": rate, "p50_wall": p50, "cold_wall": cold}


RESULTS = {"plain": figures(10, 0.03, 5), "other": figures(11, 0.06, 10), "Footnote": figures(32, 0.011, 0.8)}


def run(results: dict[str, Any]) -> dict[str, Any]:
    on = {"date": "2026-01-31", "processor": "P", "cores": 2, "system": "Linux", "python": "3.11"}
    on |= {"load": 1.5, "load_after": 2.5, "minutes": 7.4}
    part = {"what": "reading", "baseline": "encoding", "base": 0.1, "ours": 0.05}
    counts = {"corpus": "paragraphs", "passages": 3, "questions": 2, "rounds": 1}
    return {"machine": on, "results": results, "parts": [part], **counts}


def test_an_aim_is_missed_where_one_of_the_others_is_too_near() -> None:
    rate, p50, cold = (verdict(RESULTS, aim, "wall") for aim in AIMS)
    assert rate == "**missed** against other (plain 3.20, other 2.91)"
    assert p50 == "**missed** against plain (plain 0.37, other 0.18)"
    assert cold == "**missed** against plain (plain 0.16, other 0.08)"
    assert verdict(RESULTS | {"other": figures(10, 1, 9)}, AIMS[0], "wall") == "met (plain 3.20, other 3.20)"


def test_page_and_picture_say_what_was_measured_and_what_failed(tmp_path: Path) -> None:
    write(tmp_path, run({**RESULTS, "absent": {"failed": "no such package"}}))
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "| ingestion, passages a second | 10.0 | 11.0 (1.10) | 32.0 (3.20) |" in page
    assert "- absent: no such package" in page
    assert "**other work ran beside it**" in page
    assert "| reading | 50.0 ms | encoding | 100.0 ms | 0.50 |" in page
    drawn = ElementTree.parse(tmp_path / bench_page.PICTURE).getroot()  # noqa: S314 - our own
    bars = [float(bar.get("width", 0)) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert bars[0] / bars[2] == pytest.approx(10 / 32, abs=0.001)


def test_what_cannot_be_installed_or_started_is_told_and_stops_nothing(
    tmp_path: Path, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Work("none", [{"id": "a", "document": "a", "text": "", "title": "", "whole": ""}], [("", None)])
    monkeypatch.setattr(bench, "environment", lambda candidate, folder: Path(sys.executable))
    found = list(bench.compare([Candidate("gone", "no_such_script", ())], given, encoder, 2, tmp_path))[1]
    assert found.keys() == {"gone"}
    assert "No such file" in found["gone"]["failed"]


def test_an_error_of_a_system_is_raised_with_its_words(tmp_path: Path) -> None:
    with bench.Process(Path(sys.executable), OURS, tmp_path) as process:
        with pytest.raises(Failure, match=r"query: .*python -m embeddings build"):
            process.ask("query", text="before there is an index")
        with pytest.raises(Failure, match="ingest: TypeError"):
            process.ask("ingest")


@pytest.mark.slow
def test_ours_and_plain_find_and_forget_the_same(tmp_path: Path, encoder: SentenceEncoder) -> None:
    texts = {"sea": "The harbour closes at nine.", "air": "The airport opened in 1965.", "art": "Rembrandt died poor."}
    documents = [bench.Document(key, key.title(), text) for key, text in texts.items()]
    passages = bench.cut(documents, 10, encoder)
    removed, new = bench.changed(passages, encoder, 7)
    for candidate in (PLAIN, OURS):
        folder = tmp_path / candidate.script
        folder.mkdir()
        with bench.Process(Path(sys.executable), candidate, folder) as process:
            assert process.ask("ingest", passages=passages)["bytes"] > 0
            found = process.ask("query", text="When did the airport open?")
            assert found["found"][0] == removed[0] == passages[1]["id"]
            assert found["resident"] > 2**20
            process.ask("update", removed=removed, passages=new)
            found = process.ask("query", text="What was added as number 7 to the airport?")["found"]
            assert found[0] == new[0]["id"]
            assert removed[0] not in found
        with bench.Process(Path(sys.executable), candidate, folder) as process:
            assert process.ask("query", text="Whose art?")["found"][0] == passages[2]["id"]
