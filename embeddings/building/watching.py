"""When a folder may have changed, for as long as anybody asks."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_DEBOUNCE, _STEP = 3000, 500
"""Milliseconds: a burst of changes is over when nothing changed for a step, and at the latest after the former."""
_LOOK = 1000
"""Milliseconds between two looks for changes, for the end of somebody else's build, or for the folder to come back."""


def changing(folder: Path) -> Iterator[bool]:
    """Every second or so: whether the folder may have changed since the last time, as at the first.

    Watching goes on in the background, so what changes during a build is found after it; and a folder that is
    removed is watched again once there is another in its place.
    """
    from watchfiles import watch

    while True:
        place, new = _place(folder), True
        if place is None:
            yield True
            while _place(folder) is None:
                time.sleep(_LOOK / 1000)
            continue
        with suppress(FileNotFoundError):  # removed just now
            for found in watch(
                folder,
                debounce=_DEBOUNCE,
                step=_STEP,
                rust_timeout=_LOOK,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            ):
                if _place(folder) != place:
                    break
                yield new or bool(found)
                new = False


def _place(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another of its name; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if folder.is_dir() else None
