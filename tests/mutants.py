"""How many changes of the code its tests notice: mutants of evidence, citations, generations and access control.

`make mutants` has mutmut make them (what it changes is in pyproject.toml), below `mutants/`. Tests are collected once;
for each mutant of a sample a fork runs those that reach the changed function, or start a process, which may reach it,
until one fails: first those that have noticed others, then the fastest. It prints what survived, as a change of lines,
and a table.
"""

import argparse
import io
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from itertools import accumulate, zip_longest
from math import inf
from pathlib import Path

import pytest
from mutmut import __main__ as mutmut
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

MUTANTS = Path("mutants")
TESTS = {
    "bot/answering/answers.py": ("answerer", "contract"),
    "bot/answering/evidence.py": ("evidence", "disagreement", "answerer"),
    "bot/answering/statements.py": ("statements", "answerer"),
    "bot/corpora.py": ("corpora",),
    "bot/discord/access.py": ("doctor",),
    "bot/discord/client.py": ("border", "sharing"),
    "bot/discord/views.py": ("border", "sharing"),
    "embeddings/storing/generations.py": ("generations",),
    "embeddings/storing/lock.py": ("lock",),
}
"""The files of tests that hold a module."""
FUNCTIONS = {
    "bot/answering/answers.py": "of|check",
    "bot/discord/client.py": "interaction_check|seen_by|seen_by_all|_seen|private|alone|hidden|for_asker|"
    "_asker|_channel",
    "bot/discord/views.py": "press|_passages|_vote|_holding|_of_corpus",
}
"""Where only a part of a module is about citations or who sees what, its functions."""
PATIENCE = 60
"""Seconds after which a mutant counts as noticed in which a test does not end."""
_STARTS = "subprocess.Popen", "os.fork", "os.posix_spawn"
"""Audit events of a process that is started."""


def made() -> dict[str, list[str]]:
    """Make the mutants; their names, by module."""
    set_mutant_under_test("mutant_generation")
    shutil.rmtree(MUTANTS, ignore_errors=True)  # mutmut takes what lies there for up to date
    MUTANTS.mkdir()
    with redirect_stdout(io.StringIO()):
        mutmut.copy_src_dir()
        mutmut.copy_also_copy_files()
        mutmut.setup_source_paths()
        mutmut.store_lines_covered_by_tests()
        mutmut.create_mutants(1)
    found = {}
    for module in TESTS:
        names = json.loads((MUTANTS / f"{module}.meta").read_bytes())["exit_code_by_key"]
        wanted = re.compile(rf".*(?:ǁ|\.x_)(?:{FUNCTIONS.get(module, '.*')})__mutmut_\d+")
        found[module] = sorted(filter(wanted.fullmatch, names))
    return found


class Loop:
    """A plugin of pytest that runs the collected tests once as they are, and then some of them for each mutant."""

    def __init__(self, names: Sequence[str], seconds: float) -> None:
        self.names, self.survivors, self._seconds = names, list[str](), seconds
        self._took: dict[str, float] = {}
        self._reach: defaultdict[str, set[str]] = defaultdict(set)
        self._starting: set[str] = set()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """See pytest."""
        set_mutant_under_test("stats")
        running = ""

        def watch(event: str, _: object) -> None:
            if event in _STARTS:
                self._starting.add(running)

        sys.addaudithook(watch)
        for item, following in zip_longest(session.items, session.items[1:]):
            running = item.nodeid
            state()._stats.clear()
            began = time.monotonic()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self._took[item.nodeid] = time.monotonic() - began
            for function in state()._stats:
                self._reach[function].add(item.nodeid)
        if session.testsfailed:
            sys.exit("The tests fail without a mutant.")
        starting = frozenset(self._starting)  # before there are forks of our own
        noticed: Counter[str] = Counter()
        for name in self.names:
            reach = self._reach[name.rpartition("__mutmut_")[0]] | starting
            items = [item for item in session.items if item.nodeid in reach]
            items.sort(key=lambda item: (-noticed[item.nodeid], self._took[item.nodeid]))
            spent = accumulate(self._took[item.nodeid] for item in items)
            within = [item for item, took in zip(items, spent, strict=True) if took <= self._seconds]
            killer = self._killer(session, name, within)
            if killer is None:
                self.survivors.append(name)
            noticed[killer or ""] += 1
            print(name, "noticed by" if killer else "SURVIVED", killer or "", file=sys.stderr, flush=True)
        return True

    def _killer(self, session: pytest.Session, name: str, items: Sequence[pytest.Item]) -> str | None:
        """The test that notices a mutant, or that it takes too long; None where none does."""
        end, begin = os.pipe()
        child = os.fork()
        if child == 0:
            os.setpgrp()
            set_mutant_under_test(name)
            for item, following in zip_longest(items, items[1:]):
                signal.alarm(PATIENCE)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    os.write(begin, item.nodeid.encode())
                    os._exit(1)
            os._exit(0)
        os.close(begin)
        _, ended = os.waitpid(child, 0)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what the tests have started
        with os.fdopen(end) as said:
            told = said.read()
        return told or (f"its end with {ended}" if ended else None)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python tests/mutants.py", description=__doc__)
    parser.add_argument("--size", type=int, default=150, help="mutants of each module that are tried")
    parser.add_argument("--seconds", type=float, default=inf, help="of tests that are run for a mutant at most")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as bot/corpora.py, else all of them")
    asked = parser.parse_args()
    names = made()
    os.chdir(MUTANTS)
    rows = []
    for module in asked.modules or TESTS:
        chosen = sorted(random.Random(asked.size).sample(names[module], min(asked.size, len(names[module]))))
        child = os.fork()
        if child == 0:
            loop = Loop(chosen, asked.seconds)
            files = [f"tests/test_{each}.py" for each in TESTS[module]]
            ended = pytest.main(["-q", "-m", "not slow", "-p", "no:cacheprovider", *files], plugins=[loop])
            Path("survivors.json").write_text(json.dumps(loop.survivors), encoding="utf-8")
            os._exit(ended)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"The tests of {module} could not be run.")
        survivors = json.loads(Path("survivors.json").read_bytes())
        rows.append((module, len(names[module]), len(chosen), len(chosen) - len(survivors)))
        os.chdir("..")
        for name in survivors:
            print(name, mutmut.get_diff_for_mutant(name), sep="\n", flush=True)
        os.chdir(MUTANTS)
    print(f"{'module':30}{'mutants':>8}{'tried':>7}{'killed':>8}")
    for module, whole, tried, killed in rows:
        print(f"{module:30}{whole:>8,}{tried:>7,}{killed:>8,}{killed / tried:>6.0%}", flush=True)


if __name__ == "__main__":
    main()
