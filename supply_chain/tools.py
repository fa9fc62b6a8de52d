"""The programs that `make` installs in `.local/supply-chain`, and what they look at."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".local" / "supply-chain" / "bin"
LAYERS = sorted((ROOT / "layers").glob("*/requirements.txt"))


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it in the project's folder; what it printed. It can have failed."""
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    command = [BIN / program, *arguments]
    return subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)


@contextmanager
def shipped_pins() -> Iterator[Path]:
    """A file with the pins of all layers: every package that a function loads."""
    with TemporaryDirectory() as folder:
        pins = Path(folder) / "requirements.txt"
        pins.write_text("".join(layer.read_text() for layer in LAYERS))
        yield pins
