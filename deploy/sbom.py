"""What is installed here as CycloneDX JSON: `make sbom`. https://cyclonedx.org/docs/1.6/json/"""

import json
import re
import sys
from importlib.metadata import Distribution, distributions
from typing import Any

from bot import version
from bot.reader.trained import CLAIMS, WEIGHTS
from embeddings.encoding.models import DEFAULT_MODEL, packaged_model
from embeddings.files import sha256_of


def sbom() -> dict[str, Any]:
    """The bill of materials: every package of this environment, and the weights of the models."""
    found = {_key(each.name): each for each in distributions() if each.name}
    application = found.pop("footnote-bot", None)
    packages = [_package(key, found[key]) for key in sorted(found)]
    models = [
        _model("footnote-reader", WEIGHTS.name, sha256_of(WEIGHTS)),
        _model("footnote-reader-for-claims", CLAIMS, sha256_of(WEIGHTS.with_name(CLAIMS))),
        _model(DEFAULT_MODEL, "model.safetensors", sha256_of(packaged_model() / "model.safetensors")),
    ]
    about = {"type": "application", "bom-ref": "footnote-bot", "name": "footnote-bot", "version": version()}
    needed = _requirements(application, found) if application else []
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": [*packages, *models],
        "dependencies": [
            {"ref": "footnote-bot", "dependsOn": needed},
            *({"ref": key, "dependsOn": _requirements(found[key], found)} for key in sorted(found)),
        ],
    }


def _package(key: str, distribution: Distribution) -> dict[str, Any]:
    purl = f"pkg:pypi/{key}@{distribution.version.replace('+', '%2B')}"
    licence = distribution.metadata["License-Expression"] or distribution.metadata["License"] or ""
    told = [{"license": {"name": licence.splitlines()[0]}}] if licence.strip() else []
    return {
        "type": "library",
        "bom-ref": key,
        "name": distribution.name,
        "version": distribution.version,
        "purl": purl,
        "licenses": told,
    }


def _model(name: str, file: str, digest: str) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{name}",
        "name": name,
        "version": file,
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }


def _requirements(distribution: Distribution, among: dict[str, Distribution]) -> list[str]:
    """The packages that one asks for and that are installed."""
    asked = (re.match(r"[\w.-]+", line) for line in distribution.requires or ())
    return sorted({key for name in asked if name and (key := _key(name[0])) in among})


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    json.dump(sbom(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
