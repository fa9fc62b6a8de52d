"""`make release-check`: whether what is here is ready to be tagged as the version that it says it is."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from paylatch.version import VERSION
from supply_chain.tools import ROOT

# The contract of the last release, and what is served now.
COPIES = {
    "openapi/released.json": "functions/orders/openapi.json",
    "openapi/released_asyncapi.json": "docs/asyncapi.json",
}


def main() -> int:
    """Print what is missing; the process's exit status."""
    faults = [*faults_of(ROOT, VERSION)]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return int(bool(faults))


def faults_of(root: Path, version: str) -> Iterator[str]:
    """Each thing that is to be done before the tag, as a sentence."""
    yield from _faults_of_changelog((root / "CHANGELOG.md").read_text(), version)
    for released, present in COPIES.items():
        if _contract(root / released) != _contract(root / present):
            yield f"{released} is not {present}: copy the one over the other."
    for page in ("CHANGELOG.md", "README.md"):
        if "Nothing has been released yet" in (root / page).read_text():
            yield f"{page} says that nothing has been released yet."
    if f"\n### {version}\n" not in (root / "docs" / "releases.md").read_text():
        yield f"docs/releases.md has no upgrade notes under the heading {version}."


def _faults_of_changelog(changelog: str, version: str) -> Iterator[str]:
    unreleased = re.search(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if unreleased is None or unreleased[1].strip():
        yield "CHANGELOG.md: [Unreleased] must be there, and empty: what it has belongs to the version."
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        yield f"CHANGELOG.md has no heading [{version}] with its date."


def _contract(path: Path) -> object:
    return json.loads(path.read_text())


if __name__ == "__main__":
    sys.exit(main())
