"""Fuzz the targets, one after the other, each in a process of its own: `python -m fuzz` with `tests` on the path."""

import argparse
import json
import logging
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path

from fuzz.target import ROOT, Target

MODULES = ("documents", "english", "messages", "files")
CACHE = Path(__file__).parent / ".cache"
SECONDS, MEMORY = 2.0, 500 * 1024
"""Of the processor, and kilobytes, that one input may take."""
HANGS = 20.0
"""Seconds of the processor after which an input is interrupted."""


class HangError(BaseException):
    """Something takes far too long; no part of Footnote catches this."""


def targets() -> dict[str, Target]:
    """All targets, by name."""
    return {name: target for each in MODULES for name, target in import_module(f"fuzz.{each}").TARGETS.items()}


def target_of(name: str) -> Target:
    """One target, without loading those of the other modules."""
    every = (import_module(f"fuzz.{each}").TARGETS for each in MODULES)
    return next(found[name] for found in every if name in found)


def attempt(target: Target, data: bytes) -> str | None:
    """Run a target once; what was found, as a traceback or a sentence."""
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        target.run(data)
    except target.errors:
        pass
    except BaseException:  # a library's panic, and HangError, are no Exception
        return traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    taken = time.process_time() - began
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if taken > SECONDS:
        return f"TooSlow: {taken:.1f} seconds"
    return f"TooLarge: {more // 1024} MB" if more > MEMORY else None


def kind(found: str) -> str:
    """What finds of the same cause have in common: the error's type and where it arose."""
    places = re.findall(r'File "([^"]+)", line (\d+)', found)
    return " ".join((found.strip().splitlines()[-1].split(":")[0], *(places[-1] if places else ())))


def folder(kind: str, name: str) -> Path:
    """Where inputs of a target are kept."""
    path = CACHE / kind / name.replace(" ", "-")
    path.mkdir(parents=True, exist_ok=True)
    return path


def fuzz(name: str, target: Target, seconds: float) -> None:
    """Fuzz a target in this process, which ends with it; counts and finds lie in the cache."""
    import atheris

    finds, corpus = folder("finds", name), folder("corpus", name)
    for number, data in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(data)
    seen: set[str] = set()
    executions, began, written = 0, time.monotonic(), 0.0

    def one(data: bytes) -> None:
        nonlocal executions, written
        found = attempt(target, data)
        executions += 1
        if found and kind(found) not in seen:
            seen.add(kind(found))
            (finds / f"{len(seen)}").write_bytes(data)
            (finds / f"{len(seen)}.txt").write_text(found, encoding="utf-8")
        if (now := time.monotonic()) - written > 1:
            written = now
            counted(name).write_text(json.dumps([executions, now - began]), encoding="utf-8")
            if now - began > seconds:
                os._exit(0)

    options = ("-rss_limit_mb=6144", "-timeout=120", "-verbosity=0", "-detect_leaks=0", f"-max_len={target.size}")
    atheris.Setup([name, *options, f"-artifact_prefix={finds}/", str(corpus)], one)
    atheris.Fuzz()


def counted(name: str) -> Path:
    """Where a process writes how often it has run its target, and for how many seconds."""
    return folder("counts", name) / "counts.json"


def run(names: list[str], seconds: float) -> int:
    """Fuzz each of them for its share of the time and print a table; 1 if anything was found."""
    import atheris  # of the extra `fuzz`

    with atheris.instrument_imports(include=["bot", "embeddings"], enable_loader_override=False):
        every = targets()
    chosen = {name: every[name] for name in names or every}
    whole = sum(target.share for target in chosen.values())
    executions = spent = failed = 0.0
    for name, target in chosen.items():
        shutil.rmtree(folder("finds", name))
        counted(name).write_text("[0, 0]", encoding="utf-8")
        child = os.fork()
        if child == 0:
            with (folder("stderr", name) / "stderr").open("wb") as stream:
                os.dup2(stream.fileno(), sys.stderr.fileno())
            fuzz(name, target, seconds * target.share / whole)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        finds = confirmed(name) + ([f"its process ended with {code}: see {folder('stderr', name)}"] if code else [])
        ran, took = json.loads(counted(name).read_bytes())
        print(f"{name:20}{ran:>12,}{took:>8.0f} s{len(finds):>4} finds", *finds, sep="\n", flush=True)
        executions, spent, failed = executions + ran, spent + took, failed + len(finds)
    print(f"{'in all':20}{executions:>12,.0f}{spent:>8.0f} s{failed:>4.0f} finds")
    return int(failed > 0)


def confirmed(name: str) -> list[str]:
    """What is found again without the fuzzer's instruments, which make everything slower."""
    found = []
    for path in sorted(folder("finds", name).glob("*.txt")):
        command = [sys.executable, "-m", "fuzz", "--input", str(path.with_suffix("")), name]
        again = subprocess.run(command, capture_output=True, text=True, check=False)
        if again.returncode:
            found.append(f"{path.with_suffix('')}\n{again.stdout}{again.stderr}")
    return found


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="TARGET", help="what to fuzz, else everything")
    parser.add_argument("--seconds", type=float, default=600, help="how long in all")
    parser.add_argument("--input", type=Path, help="only run the target on this file, and say what is found")
    asked = parser.parse_args()
    logging.disable()

    def hang(*_: object) -> None:
        raise HangError("interrupted")

    signal.signal(signal.SIGVTALRM, hang)
    os.environ["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    CACHE.mkdir(exist_ok=True)
    memory = "/dev/shm"  # noqa: S108 - files of a moment, in a folder of their own
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as own:
        os.environ["TMPDIR"] = tempfile.tempdir = own
        if asked.input:
            found = attempt(target_of(asked.names[0]), asked.input.read_bytes())
            print(found or "nothing was found")
            return int(found is not None)
        return run(asked.names, asked.seconds)


if __name__ == "__main__":
    sys.exit(main())
