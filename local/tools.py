"""Where `make` puts the tools that the local stack runs on. Each has its own environment: their pins conflict."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"

EMULATOR_PYTHON = LOCAL / "emulator" / "bin" / "python"
SAM = LOCAL / "sam" / "bin" / "sam"
WHEELS = LOCAL / "wheels"
STACK_FILE = LOCAL / "stack.json"


class ToolMissing(Exception):
    """Something that `make` installs is not there."""


def require() -> None:
    """Say in one sentence what is missing, before anything is started."""
    for tool in (EMULATOR_PYTHON, SAM, WHEELS):
        if not tool.exists():
            raise ToolMissing(f"{tool.relative_to(ROOT)} is missing; run `make setup` first.")
