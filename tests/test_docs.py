"""The documentation is held to the code: settings, commands, files, and the pictures it shows."""

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "seeds/README.md")
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = {
    name: subprocess.run([sys.executable, "-m", name, "--help"], capture_output=True, text=True, check=True, cwd=ROOT)
    for name in ("bot", "embeddings")
}


def test_readme_lists_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? *\|", README, re.MULTILINE))
    assert rows == {field.metadata["variable"]: field.metadata["default"] for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_that_are_named_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


def test_commands_that_are_named_exist() -> None:
    for module, command in re.findall(r"python -m (bot|embeddings) ([a-z]+)", README):
        assert re.search(rf"^ +{command} ", COMMANDS[module].stdout, re.MULTILINE), f"{module} {command}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    here = (ROOT / page).parent
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        assert (here / target).exists(), target


def test_pictures_are_small_and_all_on_their_page() -> None:
    folder = ROOT / "docs" / "pictures"
    shown = re.findall(r"\]\(([^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"))
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.png")}
    assert sorted(shown) == sorted(sizes)
    assert max(sizes.values()) <= 60_000 and sum(sizes.values()) <= 1_500_000


def test_the_readme_shows_three_pictures_at_most_of_those() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert 1 <= len(shown) <= 3
    assert all(name.startswith("docs/pictures/") for name in shown)
    assert not list((ROOT / "docs").glob("*.png"))


def test_architecture_names_files_that_exist_and_leaves_none_out() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:bot|embeddings|tests|benchmarks)/[\w/.]*)`", page):
        assert (ROOT / name).exists(), name
    for path in [*(ROOT / "embeddings").glob("*.py"), *(ROOT / "bot").glob("[!d]*/*.py")]:
        assert path.name == "__init__.py" or path.name in page, path.name


def test_readme_has_the_figures_of_the_evaluation() -> None:
    parts = json.loads((ROOT / "docs" / "evaluation.json").read_text(encoding="utf-8"))["parts"]
    rows = {
        "230 questions over": (parts["golden"]["sections"]["questions"], ("missed", "invented", "first")),
        "support questions to IBM": (
            parts["support"]["sections"]["techqa"],
            ("missed", "invented", "absent", "document", "covered"),
        ),
        "support questions to Wix": (
            parts["support"]["sections"]["wixqa"],
            ("missed", "absent", "document", "covered"),
        ),
        "support questions about a manual": (
            parts["manual"]["sections"]["manual"],
            ("missed", "invented", "absent", "document", "covered"),
        ),
    }
    for begin, (section, measures) in rows.items():
        (row,) = re.findall(rf"^\| {begin}.*$", README, re.MULTILINE)
        shown = [int(number) for number in re.findall(r"(\d+) %", row)]
        assert shown == [round(100 * section["figures"][name]["value"]) for name in measures], begin


def test_pins_are_names_and_versions_and_cover_what_is_asked_for() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    names = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins}
    asked = re.findall(
        r'^    "([\w.-]+)(?:\[|[<>=])', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in asked} <= names
    assert "torch==2.13.0" in pins
