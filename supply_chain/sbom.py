"""`make sbom`: list what ships as CycloneDX, from the pins and without network."""

import json
import sys
import tomllib
from typing import Any

from paylatch.version import VERSION
from supply_chain.tools import ROOT, run, shipped_pins

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
    direct = sorted(by_name[name] for name in _declared())
    document["dependencies"] = [
        {"ref": root["bom-ref"], "dependsOn": direct},
        *(each for each in document["dependencies"] if each["ref"] != root["bom-ref"]),
    ]
    return document


def _declared() -> list[str]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names: list[str] = [*declared["project"]["dependencies"], *declared["dependency-groups"]["pages"]]
    return names


if __name__ == "__main__":
    sys.exit(main())
