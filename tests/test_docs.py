"""The documentation is held to the code: settings, commands, files, and the pictures it shows."""

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from embeddings.process import EX_CONFIG, EX_TEMPFAIL

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "seeds/README.md"),
    *("docs/decisions.md", "docs/operation.md", "docs/security.md"),
)
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


@pytest.mark.parametrize("page", ["README.md", "docs/operation.md"])
def test_commands_that_are_named_exist(page: str) -> None:
    for module, command in re.findall(
        r"python -m (bot|embeddings)\s+([a-z]+)", (ROOT / page).read_text(encoding="utf-8")
    ):
        assert re.search(rf"^ +{command}\b", COMMANDS[module].stdout, re.MULTILINE), f"{module} {command}"


def test_the_threat_model_names_tests_that_exist_in_every_line() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    tests = {
        name
        for path in (ROOT / "tests").glob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
    assert len(rows) >= 30
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named and set(named) <= tests, row


def test_the_page_of_operation_explains_every_check_exit_code_and_metric() -> None:
    page = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
    source = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("bot/doctor.py", "bot/discord/access.py"))
    checks = set(re.findall(r'"(\w+)(?:\{of\})?": partial', source))
    checks |= set(re.findall(r'Finding\([^,]+, "([\w ]+)"', source))
    table = page[page.index("By check of") :]
    assert len(checks) >= 14 and all(f"`{name}`" in table for name in checks), checks
    for code in (0, 1, 2, EX_CONFIG, EX_TEMPFAIL):
        assert f"\n| {code} | " in page
    metrics = (ROOT / "bot" / "discord" / "metrics.py").read_text(encoding="utf-8")
    for name in re.findall(r'^ +\("(\w+)", "', metrics, re.MULTILINE):
        assert f"`footnote_{name}" in page, name
    for name in re.findall(r'"(footnote_\w+)"', metrics):
        assert f"`{name}" in page, name


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


def test_architecture_has_every_folder_and_names_only_files_that_exist() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    packages = [ROOT / name for name in ("bot", "embeddings", "training", "tests", "benchmarks", "deploy")]
    files = {path.name for package in packages for path in package.rglob("*.py")}
    assert set(re.findall(r"`(?:[\w/]+/)?(\w+\.py)`", page)) <= files
    rows = set(re.findall(r"^\| `([a-z/]+)/`", page, re.MULTILINE))
    assert all((ROOT / row).is_dir() for row in rows)
    folders = {path.parent.relative_to(ROOT).as_posix() for package in packages[:2] for path in package.glob("*/*.py")}
    assert folders <= rows
    assert len(page.splitlines()) < 60, "it is one page"


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
