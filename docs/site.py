"""Lays out the source of the docs' site as the repository is, so that each link is the same in both: `make docs`."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / ".local" / "site-source"
MERMAID = ROOT / ".local" / "mermaid" / "mermaid.min.js"
FILES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "NOTICE")
FOLDERS = ("docs", "examples")
# Without it the theme would load the real one from another origin. Diagrams stay the text that they are written in.
_NO_MERMAID = """\
const shown = text => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const drawn = text => ({svg: `<pre style="overflow: auto">${shown(text)}</pre>`});
window.mermaid = {initialize() {}, render: async (_, text) => drawn(text)};
"""
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "node_modules")


def main() -> None:
    """Write the source anew."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(ROOT / name, SOURCE / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, SOURCE / name, ignore=_LEFT_OUT)
    drawn = MERMAID.read_text() if MERMAID.exists() else _NO_MERMAID
    (SOURCE / MERMAID.name).write_text(drawn)


if __name__ == "__main__":
    main()
