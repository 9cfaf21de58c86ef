"""Who may import whom, read from the sources themselves."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path.relative_to(ROOT).as_posix() for package in ("bot", "embeddings") for path in (ROOT / package).rglob("*.py")
)
LAYERS = {
    "embeddings": ("reading", "splitting", "encoding", "searching", "storing", "building"),
    "bot": ("english", "question", "answering", "checking", "prose", "discord"),
}
"""Of the folders of a package, each may import those before it."""


def imported(source: str, path: str) -> set[str]:
    """The full names of the modules that a file imports anywhere in it, by statement or by call."""
    package = Path(path).parent.parts
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = [*above, *([node.module] if node.module else [])]
            names |= {".".join([*module, alias.name]) for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            names |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return names


def imports(source: str, path: str, package: str) -> bool:
    return any(name.split(".")[0] == package for name in imported(source, path))


@pytest.mark.parametrize("path", [path for path in SOURCES if path.startswith("embeddings/")])
def test_embeddings_never_imports_bot(path):
    assert not imports((ROOT / path).read_text(encoding="utf-8"), path, "bot")


@pytest.mark.parametrize("path", SOURCES)
def test_discord_is_imported_only_where_discord_is_spoken_to(path):
    if not path.startswith("bot/discord/"):
        assert not imports((ROOT / path).read_text(encoding="utf-8"), path, "discord")


@pytest.mark.parametrize("path", [path for path in SOURCES if path.split("/")[1] in LAYERS[path.split("/")[0]]])
def test_a_folder_knows_those_before_it_only(path):
    package, folder, *_ = path.split("/")
    above = LAYERS[package][LAYERS[package].index(folder) + 1 :]
    names = imported((ROOT / path).read_text(encoding="utf-8"), path)
    assert not [name for name in names if name.startswith(tuple(f"{package}.{layer}." for layer in above))]


def test_all_folders_are_looked_at():
    assert {"embeddings/searching/index.py", "bot/answering/answerer.py", "bot/discord/cogs/ask.py"} <= set(SOURCES)
    assert {f"{package}/{layer}" for package, layers in LAYERS.items() for layer in layers} <= {
        "/".join(path.split("/")[:2]) for path in SOURCES
    }
    assert imports((ROOT / "bot/discord/client.py").read_text(encoding="utf-8"), "bot/discord/client.py", "discord")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import bot", True),
        ("import os, bot.answering.answerer as a", True),
        ("from bot import settings", True),
        ("from bot.settings import Settings", True),
        ("def late():\n    from bot import settings", True),
        ("if TYPE_CHECKING:\n    import bot", True),
        ("importlib.import_module('bot.settings')", True),
        ("__import__('bot')", True),
        ("from .. import bot", True),
        ("import bottle, robot.bot", False),
        ("from embeddings import bot", False),
        ("from . import bot", False),
        ("'import bot'", False),
    ],
)
def test_every_way_to_import_is_seen(source, found):
    assert imports(source, "embeddings/any.py", "bot") is found
