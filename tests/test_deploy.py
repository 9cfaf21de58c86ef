"""What ships for servers, as far as it can be tried here: container, units, hashes, the bill of materials."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.lock import OTHER_MODELS, lock
from embeddings.encoding.models import MISSING
from embeddings.process import EX_CONFIG, EX_TEMPFAIL

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
PIN = re.compile(r"([\w.-]+)==([\w.]+)(?:\+cpu)? --hash=sha256:[0-9a-f]{64}")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pin(line: str) -> list[str]:
    """The name and version of a line of the lock."""
    found = PIN.fullmatch(line)
    assert found, line
    return list(found.groups())


def key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# -- hashes and the bill of materials


def test_the_lock_has_a_hash_for_each_package_that_is_asked_for():
    lines, fewer = (text(f"deploy/{name}.lock").splitlines()[2:] for name in ("requirements", "serving"))
    locked = {key(name): version for name, version in map(pin, lines)}
    pinned = {key(name): version for name, version in (line.split("==") for line in text("constraints.txt").split())}
    asked = tomllib.loads(text("pyproject.toml"))["project"]["dependencies"]
    build = tomllib.loads(text("pyproject.toml"))["build-system"]["requires"]

    direct = {key(re.split(r"[^\w.-]", line)[0]) for line in asked + build}
    assert direct <= locked.keys()
    assert set(fewer) < set(lines) and direct - {key(pin(line)[0]) for line in fewer} == set(OTHER_MODELS)
    for name, version in locked.items():
        assert pinned.get(name, version) == version, name
    assert locked.keys() - pinned.keys() <= {"setuptools"}


def test_a_lock_is_made_of_what_pip_reports():
    asked = {
        "footnote-bot": ["Zebra[fast]", "aio-http>=1", "torch", 'pytest; extra == "dev"'],
        "Zebra": ['stripes; extra == "fast"', 'spots; extra == "slow"', 'paint; sys_platform == "none"'],
        "torch": ["sympy", "AIO_http"],
    } | {name: [] for name in ("aio.http", "stripes", "spots", "paint", "sympy", "pytest", "setuptools")}
    report = {
        "install": [
            {
                "metadata": {"name": name, "version": "1.0", "requires_dist": needs},
                "download_info": {"archive_info": {"hashes": {"sha256": 64 * name[0].lower()}}},
            }
            for name, needs in asked.items()
        ]
    }
    serving = ["aio.http", "setuptools", "stripes", "Zebra"]
    for without, names in ((["Torch"], serving), ([], sorted([*serving, "sympy", "torch"], key=str.lower))):
        made = lock(report, without).splitlines()
        assert made == [f"{name}==1.0 --hash=sha256:{64 * name[0].lower()}" for name in names]


@pytest.mark.slow
def test_with_the_packages_of_the_image_alone_documents_are_read_and_questions_answered(tmp_path: Path):
    """An interpreter that finds these and no others, of those that are installed here."""
    site, names = tmp_path / "site", {key(pin(line)[0]) for line in text("deploy/serving.lock").splitlines()[2:]}
    site.mkdir()
    for distribution in (each for each in distributions() if key(each.name) in names):
        for top in {file.parts[0] for file in distribution.files or ()} - {".."}:
            if not (site / top).exists():
                (site / top).symlink_to(str(distribution.locate_file(top)))
    assert not {"torch", "sentence_transformers", "transformers", "scipy"} & {each.name for each in site.iterdir()}
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.md").write_text("The bridge over the Wuhle was closed on 3 May 2024.", encoding="utf-8")
    environment = {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{site}",
        "PATH": os.environ["PATH"],
        "FOOTNOTE_CORPUS": str(documents),
        "FOOTNOTE_INDEX": str(tmp_path / "index"),
    }
    for command in (["embeddings", "build"], ["bot", "ask", "When was the bridge closed?"]):
        done = subprocess.run(
            [sys.executable, "-S", "-m", *command], env=environment, cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    refused = subprocess.run(
        [sys.executable, "-S", "-m", "bot", "ask", "When was the bridge closed?"],
        env=environment | {"FOOTNOTE_READER": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (refused.returncode, refused.stderr.strip().splitlines()[-1]) == (2, f"error: {MISSING}")
    kept = json.loads((tmp_path / "index" / "runtime.json").read_bytes())
    assert "3 May 2024" in done.stdout and kept["agreement"]["cosine"] > 0.999


def test_the_bill_of_materials_names_every_package_and_both_models():
    made = subprocess.run([sys.executable, "-m", "deploy.sbom"], cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(made.stdout)
    components = {each["bom-ref"]: each for each in found["components"]}

    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    assert len(components) == len(found["components"])
    for line in text("deploy/requirements.lock").splitlines()[2:]:
        name, version = pin(line)
        assert components[key(name)]["purl"].split("%2B")[0] == f"pkg:pypi/{key(name)}@{version}"
    models = [each for each in components.values() if each["type"] == "machine-learning-model"]
    reader, claims, encoder = (each["hashes"][0]["content"] for each in models)
    assert reader == text("bot/reader/weights.sha256").strip() and len(encoder) == 64
    assert claims == text("bot/reader/claims.sha256").strip()
    refs = {each["ref"]: each["dependsOn"] for each in found["dependencies"]}
    assert {need for needs in refs.values() for need in needs} <= components.keys()
    assert "aiohttp" in refs["discord-py"]


# -- the container


def test_what_the_dockerfile_copies_is_there_and_reaches_the_builder():
    sent = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", text("Dockerfile"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}

    assert names == sent
    assert all((ROOT / name).exists() for name in names)
    assert ".env" not in sent and not any(name.startswith(("seeds", "index")) for name in sent)


def test_the_image_runs_as_nobody_in_particular_and_looks_after_its_health():
    lines = text("Dockerfile")
    assert re.search(r"^USER 10001:10001$", lines, re.MULTILINE)
    assert lines.index("USER 10001") < lines.index("ENTRYPOINT")
    assert 'CMD ["python", "-m", "bot", "health"]' in lines
    assert "--require-hashes" in lines
    assert set(re.findall(r"^FROM (\S+)", lines, re.MULTILINE)) == {"python:3.11-slim-bookworm"}


def test_the_containers_may_do_little():
    services = yaml.safe_load(text("compose.yaml"))["services"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
        assert "./documents:/documents:ro" in service["volumes"]
        assert not {"ports", "privileged", "devices", "cap_add", "user"} & service.keys()
    assert services["bot"]["restart"] == "unless-stopped"


def test_the_index_is_built_without_a_network_and_a_token():
    index = yaml.safe_load(text("compose.yaml"))["services"]["index"]
    unit = (DEPLOY / "footnote-index.service").read_text(encoding="utf-8")

    assert index["network_mode"] == "none" and "env_file" not in index
    assert "PrivateNetwork=yes" in unit and "EnvironmentFile" not in unit and "AF_INET" not in unit


def entered(folder: Path, script: str) -> subprocess.Popen[str]:
    """The container's entry point, with a Python that does this."""
    fake = folder / "python"
    fake.write_text("#!/bin/sh\n" + textwrap.dedent(script), encoding="utf-8")
    fake.chmod(0o755)
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}
    command = ["/bin/sh", str(DEPLOY / "entrypoint.sh"), "run"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("code", [0, 2, EX_TEMPFAIL])
def test_the_entry_point_ends_as_the_bot_does(tmp_path: Path, code: int):
    child = entered(tmp_path, f'echo "$@"; exit {code}')
    out, _ = child.communicate(timeout=30)

    assert (child.returncode, out) == (code, "-m bot run\n")


def test_the_entry_point_waits_where_another_start_would_change_nothing(tmp_path: Path, patience: None):
    child = entered(tmp_path, f'echo "error: the token" >&2; exit {EX_CONFIG}')
    assert child.stderr
    assert child.stderr.readline() == "error: the token\n"
    assert child.stderr.readline().startswith("Correct it, then start the container again")
    time.sleep(0.2)
    assert child.poll() is None
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=30)
    assert child.returncode == EX_CONFIG


def test_the_entry_point_hands_a_signal_on_and_waits_for_the_bot_to_end(tmp_path: Path, patience: None):
    child = entered(tmp_path, 'trap "sleep 0.3; echo goodbye; exit 0" TERM; echo ready; while :; do sleep 0.05; done')
    assert child.stdout and child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGTERM)
    out, _ = child.communicate(timeout=30)

    assert (child.returncode, out) == (0, "goodbye\n")


# -- systemd


def test_the_unit_is_hardened():
    for path in UNITS:
        unit = path.read_text(encoding="utf-8")
        for line in ("NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes"):
            assert f"\n{line}\n" in unit, path.name
    bot = (DEPLOY / "footnote.service").read_text(encoding="utf-8")
    assert f"\nRestartPreventExitStatus={EX_CONFIG}\n" in bot and "\nRestart=on-failure\n" in bot


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_little_that_a_unit_is_exposed_to(path: Path):
    try:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", path],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("there is no systemd-analyze here")
    if "Overall exposure" not in done.stdout:
        pytest.skip(f"this systemd-analyze cannot do it: {done.stderr}")
    assert done.returncode == 0, done.stdout


def test_a_unit_starts_commands_that_exist():
    help_of = {
        name: subprocess.run([sys.executable, "-m", name, "--help"], cwd=ROOT, capture_output=True, text=True).stdout
        for name in ("bot", "embeddings")
    }
    for path in UNITS:
        module, command = re.findall(r"^ExecStart=\S+ -m (\w+) (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)[
            0
        ]
        assert re.search(rf"^ +{command} ", help_of[module], re.MULTILINE)
