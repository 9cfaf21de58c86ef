"""How `bench.py` talks to a system in a process and an environment of its own: JSON lines in, JSON lines out.

    {"do": "ingest", "passages": [{"id", "text", "document", "title", "whole"}, …]}   {"wall", "cpu", "bytes"}
    {"do": "query", "text": …}                                  {"wall", "cpu", "found": [ids], "resident"}
    {"do": "update", "removed": [ids], "passages": [as above]}                        {"wall", "cpu", "bytes"}
    {"do": "versions", "packages": [names]}                                           {name: [version, licence]}

`text` is what the model reads of a passage; `document`, `title` and `whole` are the id, title and text of its document.

A system is started as `python SCRIPT MODEL FOLDER`: the model's folder, and where its index lies on disk. Times are in
seconds, sizes in bytes. What fails is answered by {"error": …}. Only the standard library is used, since every
environment has it.
"""

import importlib.metadata
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, Protocol

K = 10
"""Passages asked for."""


class System(Protocol):
    """What is measured; made of the model's folder and the index's."""

    def ingest(self, passages: list[dict[str, str]]) -> None:
        """Index these passages and nothing else, and leave the index on disk."""

    def query(self, text: str) -> list[str]:
        """The ids of the K best passages, best first; the index on disk is opened if none is in memory."""

    def update(self, removed: list[str], passages: list[dict[str, str]]) -> None:
        """Replace the passages of one document, of which `removed` are the old ids, and leave that on disk."""

    def size(self) -> int:
        """Bytes on disk of what it needs to answer, the texts of the passages included, the model not."""


def serve(system: System) -> None:
    """Answer requests until there are no more."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not stand between the answers
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = _answer(system, request.pop("do"), request)
        except Exception as error:  # whatever a library raises is a result
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=out, flush=True)


def _answer(system: System, do: str, request: dict[str, Any]) -> dict[str, Any]:
    if do == "versions":
        return {name: _version(name) for name in request["packages"]}
    wall, cpu = time.perf_counter(), time.process_time()
    found = {"ingest": system.ingest, "query": system.query, "update": system.update}[do](**request)
    answer = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if do == "query":
        return answer | {"found": found, "resident": _resident()}
    return answer | {"bytes": system.size()}


def _version(package: str) -> list[str]:
    about = importlib.metadata.metadata(package)
    named = [line.split(" :: ")[-1] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    licence = about.get("License-Expression") or ", ".join(named) or about.get("License") or "not stated"
    return [about["Version"], licence]


def _resident() -> int:
    """Resident memory in bytes; the most it ever was where only that can be known."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def size_of(folder: Path) -> int:
    """Bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def arguments() -> tuple[str, Path]:
    """The model's folder and the index's, as they were given."""
    model, folder = sys.argv[1:]
    return model, Path(folder)
