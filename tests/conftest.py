"""Shared by all tests: the real embedding model, loaded once, and a user whom file permissions bind."""

import codecs
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from loopback import LoopbackDiscord

from bot.discord.language import ENGLISH, speak
from embeddings.encoding.sentence_encoder import SentenceEncoder

NOBODY = 65534

if "PYTEST_XDIST_WORKER" in os.environ:  # one of several processes, which would else wait for each other's threads
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the tests in the background lets them, and every process they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    """The model that ships with Footnote; what is settled about it is kept in its `root`."""
    return SentenceEncoder(root=tmp_path_factory.mktemp("model"))


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """An empty folder, used as somebody whom permissions bind: root steps down until the test is over."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if root:
            codecs.lookup("cp437")  # of archives: what Python may not read now, it would never look for again
            os.chown(folder, NOBODY, NOBODY)
            try:
                os.seteuid(NOBODY)
                list(folder.iterdir())
            except OSError as error:
                os.seteuid(0)
                pytest.skip(f"root cannot step down here: {error}")
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            for parent, _, _ in os.walk(folder):
                Path(parent).chmod(0o700)


@pytest.fixture
def patience() -> Iterator[None]:
    """A minute for a test that would else wait for ever."""

    def over(*_: object) -> None:
        raise TimeoutError("something is waited for that never comes")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def same_signals() -> Iterator[None]:
    """Put back what a command run in this process does to signals: the real one has a process of its own."""
    before = signal.getsignal(signal.SIGPIPE)
    yield
    signal.signal(signal.SIGPIPE, before)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Let no test speak the language of the one before."""
    yield
    speak(ENGLISH)


@pytest.fixture
async def server() -> AsyncIterator[LoopbackDiscord]:
    """The Discord that tests run the real client against."""
    async with LoopbackDiscord(patience=20) as server:
        with server.attach():
            yield server
