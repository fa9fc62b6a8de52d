"""Lays out the source of the docs' site as the repository is, so that each link is the same in both: `make docs`."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / ".local" / "site-source"
MERMAID = ROOT / ".local" / "mermaid" / "mermaid.min.js"
FILES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "NOTICE")
FOLDERS = ("docs", "examples")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "node_modules")


def main() -> None:
    """Write the source anew."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(ROOT / name, SOURCE / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, SOURCE / name, ignore=_LEFT_OUT)
    if MERMAID.exists():
        shutil.copyfile(MERMAID, SOURCE / MERMAID.name)


if __name__ == "__main__":
    main()
