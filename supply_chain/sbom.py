"""`make sbom`: list what ships as CycloneDX, from the pins and without network."""

import base64
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from paylatch.version import VERSION
from supply_chain.tools import ROOT, run, shipped_pins

DESK = ROOT / "web" / "package-lock.json"
_ALGORITHMS = {"sha512": "SHA-512", "sha256": "SHA-256"}
SBOM = ROOT / ".local" / "paylatch.cdx.json"


class SbomFailed(Exception):
    """The tool printed no list."""


def main() -> int:
    """Write the list, and print where it is."""
    document = sbom()
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(document, indent=1) + "\n")
    sys.stdout.write(f"{len(document['components'])} packages: {SBOM.relative_to(ROOT)}\n")
    return 0


def sbom() -> dict[str, Any]:
    """The list of this version: the same for the same source. Raises `SbomFailed`."""
    with shipped_pins() as pins:
        options = ("--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--spec-version", "1.6")
        made = run("cyclonedx-py", "requirements", *options, pins)
    if made.returncode:
        raise SbomFailed(made.stderr)
    document: dict[str, Any] = json.loads(made.stdout)
    root = document["metadata"]["component"]
    root["version"] = VERSION
    by_name = {component["name"]: component["bom-ref"] for component in document["components"]}
    desk = list(desk_components(json.loads(DESK.read_text())["packages"]))
    document["components"] += desk
    direct = sorted(by_name[name] for name in _declared())
    document["dependencies"] = [
        {"ref": root["bom-ref"], "dependsOn": [*direct, *(component["bom-ref"] for component in desk)]},
        *(each for each in document["dependencies"] if each["ref"] != root["bom-ref"]),
    ]
    return document


def desk_components(packages: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the desk is built from: the packages of a `package-lock.json` that are not for development."""
    for path, package in packages.items():
        if path and not package.get("dev"):
            name, version = path.rpartition("node_modules/")[2], package["version"]
            algorithm, _, digest = package["integrity"].partition("-")
            yield {
                "type": "library",
                "bom-ref": f"npm-{name}",
                "name": name,
                "version": version,
                "purl": f"pkg:npm/{quote(name)}@{version}",
                "hashes": [{"alg": _ALGORITHMS[algorithm], "content": base64.b64decode(digest).hex()}],
            }


def _declared() -> list[str]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names: list[str] = [*declared["project"]["dependencies"], *declared["dependency-groups"]["pages"]]
    return names


if __name__ == "__main__":
    sys.exit(main())
