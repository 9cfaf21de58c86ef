"""pip's report of what it would install, on standard input, as requirements with hashes: `make lock`."""

import json
import sys
from typing import Any

HEAD = """\
# Every package of the image, by the SHA-256 of its file for Linux on x86-64 with Python 3.11; made by `make lock`.
# pip install --require-hashes --no-deps --requirement deploy/requirements.lock
"""


def lock(report: dict[str, Any], own: str = "footnote-bot") -> str:
    """The requirements that pip has resolved, without our own package."""
    lines = []
    for found in report["install"]:
        name, version = found["metadata"]["name"], found["metadata"]["version"]
        if name != own:
            digest = found["download_info"]["archive_info"]["hashes"]["sha256"]
            lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    return HEAD + "".join(sorted(lines, key=str.lower))


if __name__ == "__main__":
    sys.stdout.write(lock(json.load(sys.stdin)))
