"""`python -m bot doctor`: what keeps the bot from starting or from answering, and what to do about it."""

import asyncio
import difflib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

from bot.health import ask, summary
from bot.settings import Settings
from embeddings.building.indexing import changes_since
from embeddings.corpora import Corpus
from embeddings.encoding.models import fingerprint, model_folder
from embeddings.errors import EncoderError, FootnoteError, IndexUnusable
from embeddings.files import sha256_of
from embeddings.reading.documents import NoticeKind
from embeddings.storing import generations
from embeddings.storing.stores import store_of

_LIKE = 0.85
"""How much a variable is like a setting (difflib's ratio) where it is taken for a slip."""
_ROOM = 100 * 2**20
"""Bytes that a disk should have beside those of a build."""


class Level(StrEnum):
    """How much a finding matters: an error keeps the bot from starting or answering."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


Said = tuple[Level, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check, in sentences."""

    level: Level
    check: str
    text: str


def examine(settings: Settings, variables: Mapping[str, str]) -> Iterator[Finding]:
    """Check everything, and give what is found as it is found; nothing is changed by it.

    `variables` are those that the settings were read from, without those that cannot be used.
    """
    from bot.discord.access import examine as examine_access  # discord.py takes a while
    from bot.prose.endpoint import probe

    checks: dict[str, Callable[[], Iterator[Said]]] = {"settings": partial(_settings, variables)}
    for corpus in settings.corpora or (Corpus("", settings.corpus, settings.index),):
        own = replace(settings, corpus=corpus.documents, index=corpus.index)
        of = f" of {corpus.name}" if corpus.name else ""
        checks |= {f"documents{of}": partial(_documents, own), f"index{of}": partial(_index, own, corpus.name)}
    checks |= {
        "model": partial(_model, settings),
        "reader": partial(_reader, settings),
        "disk": partial(_disk, settings),
        "store": partial(_store, settings),
        "health": partial(_health, settings),
    }
    for name, check in checks.items():
        try:
            for level, text in check():
                yield Finding(level, name, text)
        except (FootnoteError, OSError) as error:
            yield Finding(Level.ERROR, name, str(error))
    works, text = asyncio.run(probe(settings))
    yield Finding(Level.OK if works else Level.WARNING, "language model", text)
    yield from asyncio.run(examine_access(settings))


def _settings(variables: Mapping[str, str]) -> Iterator[Said]:
    wrong, known = Settings.problems(variables), Settings.variables()
    for text in wrong.values():
        yield Level.ERROR, text
    for name in variables.keys() - wrong.keys() - set(known):
        for meant in difflib.get_close_matches(name, known, n=1, cutoff=_LIKE):
            yield Level.WARNING, f"{name} is no setting. Did you mean {meant}?"
    given = [name for name in known if variables.get(name, "").strip() and name not in wrong]
    yield Level.OK, f"given are {', '.join(given) or 'none'}; the others are at their defaults"


def _documents(settings: Settings) -> Iterator[Said]:
    if not settings.corpus.is_dir():
        yield (
            Level.WARNING,
            f"there is no folder {settings.corpus}; an index that is there is served without it. Name the folder of "
            "documents in FOOTNOTE_CORPUS.",
        )
        return
    try:
        changes = changes_since(settings.index, settings.corpus)
    except IndexUnusable:
        yield Level.OK, f"the folder {settings.corpus} is there"
        return
    if not changes:
        yield Level.OK, f"nothing has changed in {settings.corpus} since the index was built"
        return
    counts = zip(("new", "changed", "removed", "moved"), changes, strict=True)
    said = ", ".join(f"{len(files)} {how}" for how, files in counts if files)
    yield Level.WARNING, f"files in {settings.corpus} since the index was built: {said}. make index reads them."


def _index(settings: Settings, corpus: str) -> Iterator[Said]:
    try:
        model = fingerprint(model_folder(settings.model))
    except (EncoderError, OSError):  # as the check of the model says
        model = None
    store = store_of(settings.index, settings.store, settings.store_token, corpus)
    manifest = store.open(model, whole=True).manifest
    age = datetime.now(UTC) - manifest.built_at
    counts = manifest.counts
    yield (
        Level.OK,
        f"generation {manifest.generation} of format {generations.FORMAT}, {_ago(age)}, {counts['documents']:,} "
        f"documents, {counts['passages']:,} passages; "
        + ("every byte is as it was written" if settings.store is None else f"served from Milvus, {settings.store}"),
    )
    failed = sum(notice.kind is NoticeKind.FAILED for notice in manifest.notices)
    if failed:
        yield Level.WARNING, f"{failed} files could not be read: python -m embeddings status lists them."
    if age < timedelta(minutes=-1):
        yield Level.WARNING, "it was built in the future. Set the clock of this machine."


def _model(settings: Settings) -> Iterator[Said]:
    folder = model_folder(settings.model)
    yield Level.OK, f"{settings.model} is in {folder}, SHA-256 {fingerprint(folder)}"


def _reader(settings: Settings) -> Iterator[Said]:
    if not settings.reader:
        yield Level.OK, "not used (FOOTNOTE_READER=no)"
        return
    from bot.reader.trained import CLAIMS, WEIGHTS, check

    for file in (WEIGHTS, WEIGHTS.with_name(CLAIMS)):
        check(file)
        yield Level.OK, f"{file.name} is as it was written, SHA-256 {sha256_of(file)}"
    for used in (settings.reader, settings.reranker):
        if isinstance(used, Path):
            yield Level.OK, f"{used} is used too, SHA-256 {fingerprint(used)}"


def _disk(settings: Settings) -> Iterator[Said]:
    folder = next(path for path in (settings.index.absolute(), *settings.index.absolute().parents) if path.exists())
    free, needed = shutil.disk_usage(folder).free, _ROOM
    with suppress(IndexUnusable):  # as the check of the index says
        needed += sum(int(file["bytes"]) for file in generations.read_manifest(settings.index).files.values())
    mb = 2**20
    if free < needed:
        yield (
            Level.WARNING,
            f"{free // mb:,} MB are free where {folder} lies, and a build needs about {needed // mb:,}. Make room, or "
            "remove old generations: python -m embeddings prune --keep 1",
        )
    else:
        yield Level.OK, f"{free // mb:,} MB are free where {folder} lies; a build needs about {needed // mb:,}"
    if not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        needs = settings.keep_days or settings.first_responder
        yield (
            Level.ERROR if needs else Level.WARNING,
            f"{folder} may not be written by this user, so nothing can be kept there. Give the user that Footnote runs "
            "as the permission to write it.",
        )


def _store(settings: Settings) -> Iterator[Said]:
    from bot.discord.store import FILE, inspect

    path = settings.index / FILE
    inspect(path)
    yield Level.OK, f"{path} can be read" if path.exists() else f"{path} will be made at the first start"


def _health(settings: Settings) -> Iterator[Said]:
    if settings.health is None:
        yield Level.OK, "not shown (FOOTNOTE_HEALTH=no)"
        return
    try:
        found = ask(settings.health)
    except ValueError:
        yield (
            Level.WARNING,
            f"something else answers at {settings.health}. Set FOOTNOTE_HEALTH to another address, or to no.",
        )
    except OSError:
        yield Level.OK, f"no bot answers at {settings.health}: none is running"
    else:
        yield Level.OK if found["ok"] else Level.WARNING, f"the bot at {settings.health} is {summary(found)}"


def _ago(age: timedelta) -> str:
    hours = max(0, int(age.total_seconds())) // 3600
    return f"built {hours // 24} days ago" if hours >= 48 else f"built {hours} hours ago"
