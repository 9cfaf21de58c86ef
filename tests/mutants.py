"""How many changes of the code its tests notice: mutants of evidence, citations, generations and access control.

`make mutants` makes them by mutmut (its settings are in pyproject.toml) and runs, for a sample of each module, the
tests that reach what was changed. It prints what survived as a change of lines, and a table.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

MUTANTS = Path("mutants")
SURVIVED, UNTESTED = 0, (5, 33)
"""Exit codes that mutmut keeps: the tests passed, or there were none; whatever else came is a kill."""


def mutmut(*arguments: str) -> str:
    """Run it, and return what it prints."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout


def modules() -> dict[str, dict[str, int | None]]:
    """For each module the exit code of each of its mutants; None where it was not tried."""
    return {
        str(path.relative_to(MUTANTS)).removesuffix(".meta"): json.loads(path.read_bytes())["exit_code_by_key"]
        for path in sorted(MUTANTS.rglob("*.py.meta"))
    }


def sampled(names: Sequence[str], size: int) -> list[str]:
    """So many of them, always the same."""
    return sorted(random.Random(size).sample(sorted(names), min(size, len(names))))


def table(chosen: dict[str, list[str]], survivors: Iterable[str]) -> None:
    """Print how many of each module's were killed."""
    left = set(survivors)
    print(f"{'module':34}{'mutants':>8}{'tried':>7}{'killed':>8}")
    for module, codes in modules().items():
        tried = chosen[module]
        killed = sum(name not in left for name in tried)
        print(f"{module:34}{len(codes):>8,}{len(tried):>7,}{killed:>8,}{killed / max(1, len(tried)):>7.0%}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python tests/mutants.py", description=__doc__)
    parser.add_argument("--size", type=int, default=150, help="mutants of each module that are tried")
    parser.add_argument("--only", default="", help="a part of the name of the modules that are tried")
    asked = parser.parse_args()
    mutmut("run", "--max-children", "1", "embeddings.lock.x_release__*")  # makes those of all modules
    chosen = {
        module: sampled(list(codes), asked.size) if asked.only in module else [] for module, codes in modules().items()
    }
    mutmut("run", "--max-children", "1", *(name for names in chosen.values() for name in names))
    found = {name: code for codes in modules().values() for name, code in codes.items()}
    survivors = [name for names in chosen.values() for name in names if found[name] in (SURVIVED, *UNTESTED, None)]
    for name in survivors:
        print(mutmut("show", name))
    table(chosen, survivors)


if __name__ == "__main__":
    main()
