"""`make secrets`: find what has the form of a secret in the files that git keeps.

Passwords have no form: the plug-ins that guess by a name or by randomness find ids and hashes here, and are left out.
"""

import json
import sys
from pathlib import Path
from typing import Any

from supply_chain.tools import run

KNOWN = Path(__file__).with_name("example_secrets.json")
GUESSING = ("Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector", "IPPublicDetector")


class ScanFailed(Exception):
    """The tool printed no findings."""


def main() -> int:
    """Print what is found and is no known example; 1 where there is any."""
    known = {example["sha1"] for example in json.loads(KNOWN.read_text())}
    found = [(file, one) for file, ones in findings().items() for one in ones if one["hashed_secret"] not in known]
    for file, one in found:
        sys.stdout.write(f"{file}:{one['line_number']}: {one['type']} (SHA-1 {one['hashed_secret']})\n")
    if found:
        sys.stdout.write(f"Revoke it. A made-up one goes into {KNOWN.name}, with its reason.\n")
    return int(bool(found))


def findings(*files: str) -> dict[str, list[dict[str, Any]]]:
    """What is found in the files, by file; without names, in all that git keeps. Raises `ScanFailed`."""
    left_out = [option for plugin in GUESSING for option in ("--disable-plugin", plugin)]
    scan = run("detect-secrets", "scan", *left_out, *files)
    if scan.returncode:
        raise ScanFailed(scan.stderr)
    results: dict[str, list[dict[str, Any]]] = json.loads(scan.stdout)["results"]
    return results


if __name__ == "__main__":
    sys.exit(main())
