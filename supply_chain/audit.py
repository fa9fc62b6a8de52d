"""`make audit`: ask databases of known faults about every package that ships.

Ends with 1 where a fault is known. Where no database answers, it says so; with `--strict` it ends with 1 then too.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from supply_chain.tools import run, shipped_pins

# The first one that answers is enough: both have the advisories of PyPI.
SOURCES = ("pypi", "osv")
Package = Mapping[str, Any]


def main() -> int:
    """Print what is known."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="fail where no database answers")
    strict = parser.parse_args().strict
    for source in SOURCES:
        packages = asked(source)
        if any("skip_reason" not in package for package in packages):
            return report(source, packages, strict=strict)
        sys.stdout.write(f"{source}: no answer about any package\n")
    sys.stdout.write("Nothing was audited: no database of known faults answers from here.\n")
    return int(strict)


def asked(source: str) -> list[Package]:
    """Each package with its known faults, or the reason why there is no answer; none without any answer."""
    with shipped_pins() as pins:
        options = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")
        answer = run("pip-audit", *options, "--vulnerability-service", source, "--timeout", "10", "--requirement", pins)
    try:
        found: list[Package] = json.loads(answer.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        return []
    return found


def report(source: str, packages: Sequence[Package], *, strict: bool) -> int:
    """Print the known faults and what was left out; 1 where a fault is known, or, strictly, a package was left out."""
    faults = [(package, fault) for package in packages for fault in package.get("vulns", ())]
    left_out = [package["name"] for package in packages if "skip_reason" in package]
    for package, fault in faults:
        fixed = ", ".join(fault["fix_versions"]) or "no version"
        sys.stdout.write(f"{package['name']} {package['version']}: {fault['id']}, fixed in {fixed}\n")
    sys.stdout.write(f"{source}: {len(packages) - len(left_out)} packages, {len(faults)} known faults\n")
    if left_out:
        sys.stdout.write(f"not audited: {', '.join(left_out)}\n")
    return int(bool(faults) or (strict and bool(left_out)))


if __name__ == "__main__":
    sys.exit(main())
