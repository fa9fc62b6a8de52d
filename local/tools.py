"""The paths of the tools that the local stack needs; each has its own environment, because their pins conflict."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"

EMULATOR_PYTHON = LOCAL / "emulator" / "bin" / "python"
SAM = LOCAL / "sam" / "bin" / "sam"
WHEELS = LOCAL / "wheels"
STACK_FILE = LOCAL / "stack.json"


class ToolMissing(Exception):
    """A tool that `make` installs is missing."""


def require() -> None:
    """Raise `ToolMissing` for the first missing tool, before anything is started."""
    for tool in (EMULATOR_PYTHON, SAM, WHEELS):
        if not tool.exists():
            raise ToolMissing(f"{tool.relative_to(ROOT)} is missing; run `make setup` first.")
