"""The layer as `make build` makes it, for the architecture and the interpreter that measure it on this machine."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ROOT / "layers"
# Built into one folder, as Lambda mounts those of a function; what a function does not import costs it nothing.
TARGETS = {"pages": "build-PagesLayer", "common": "build-CommonLayer"}
UV = ROOT / ".local" / "uv" / "bin" / "uv"
BUILDS = ROOT / ".aws-sam"


@dataclass(frozen=True, slots=True)
class BuiltLayer:
    """A built layer: the folder that Lambda mounts as `/opt/python`, and the interpreter that it was compiled by."""

    packages: Path
    interpreter: str
    description: str


def built_layer() -> BuiltLayer:
    """Build the layers by their own Makefiles, with the wheels of this machine's architecture.

    Where no interpreter of Lambda's version is installed, the layer is built for the running one, and the description
    says so.
    """
    lambdas = _make("common", "interpreter", f"UV={UV}")
    interpreter = lambdas or sys.executable
    version = _version_of(interpreter)
    architecture = platform.machine()
    artifacts = BUILDS / f"layer-{architecture}"
    shutil.rmtree(artifacts, ignore_errors=True)
    for layer, target in TARGETS.items():
        _make(
            layer,
            target,
            f"UV={UV}",
            f"ARTIFACTS_DIR={artifacts}",
            f"PLATFORM_OF_LAMBDA={architecture}-manylinux2014",
            f"PYTHON_OF_LAMBDA={version}",
            f"COMPILER={interpreter}",
        )
    missing = "" if lambdas else ", because none of Lambda's version is installed here"
    return BuiltLayer(artifacts / "python", interpreter, f"layer for {architecture} under Python {version}{missing}")


def _version_of(interpreter: str) -> str:
    show = "import sys; print('{}.{}'.format(*sys.version_info))"
    return subprocess.run([interpreter, "-c", show], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def _make(layer: str, *arguments: str) -> str:
    done = subprocess.run(
        ["make", "--silent", "--no-print-directory", "-C", str(LAYERS / layer), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()
