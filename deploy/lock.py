"""Requirements with hashes, from pip's report of what it would install on standard input: `make lock`."""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

OWN = "footnote-bot"
OTHER_MODELS = ("sentence-transformers", "torch")
"""What only models other than the default ones are computed with."""
FILES = {"requirements.lock": (), "serving.lock": OTHER_MODELS}
"""The files, and what is left out of each with all that only this needs."""
HEAD = """\
# By the SHA-256 of their files for Linux on x86-64 with Python 3.11: {what}. Made by `make lock`.
# pip install --require-hashes --no-deps --requirement deploy/{name}
"""


def lock(report: dict[str, Any], without: Iterable[str] = ()) -> str:
    """The requirements that pip has resolved, in the order of their names, without our own package."""
    found = {_key(each["metadata"]["name"]): each for each in report["install"]}
    skipped, names, left = set(map(_key, without)), {"setuptools"}, [Requirement(OWN)]  # which builds our own package
    while left:
        needed = left.pop()
        for line in found[_key(needed.name)]["metadata"].get("requires_dist", ()):
            asked = Requirement(line)
            name = _key(asked.name)
            if name not in names | skipped and _applies(asked, needed.extras):
                names.add(name)
                left.append(asked)
    lines = []
    for name in names:
        about, digest = found[name]["metadata"], found[name]["download_info"]["archive_info"]["hashes"]["sha256"]
        lines.append(f"{about['name']}=={about['version']} --hash=sha256:{digest}\n")
    return "".join(sorted(lines, key=str.lower))


def _applies(asked: Requirement, extras: Iterable[str]) -> bool:
    """Whether a package asks for another here, with these extras of its own."""
    return asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    pips = json.load(sys.stdin)
    for file, without in FILES.items():
        what = f"every package of the image, without {' and '.join(without)}" if without else "every package"
        text = HEAD.format(what=what, name=file) + lock(pips, without)
        (Path(__file__).parent / file).write_text(text, encoding="utf-8")
