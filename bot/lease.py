"""One process a bot: a lease beside the index, which ends with the process that has it, however that ends."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embeddings.errors import BotRunning
from embeddings.storing.lock import HeldError, acquire, release

log = logging.getLogger("footnote")


@contextmanager
def leased(root: Path, application: int) -> Iterator[None]:
    """Keep other processes that serve the index at `root` from being the same bot meanwhile.

    Two would answer every mention twice. `application` is the bot's id with Discord: several bots may serve one index.
    Raises BotRunning when another process is it. Where the folder cannot be written, nobody is kept out, and the log
    says so.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = acquire(root / f"bot-{application}.lock", "bot")
    except HeldError as error:
        who = str(error.holder) if error.holder else "a process that is not named"
        raise BotRunning(
            f"This bot runs already ({who}). End that process first: the next one can start then."
        ) from error
    except OSError as error:
        log.warning("A second process of this bot would not be noticed: %s cannot be written (%s)", root, error)
        yield
        return
    try:
        yield
    finally:
        release(lock)
