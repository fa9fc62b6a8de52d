"""`make test-clients`: generate the clients from the contract, compile them, and let each buy something.

The Python client must work. The TypeScript client is left out, with a message, where npm's packages are not installed.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from local import ports, tools
from local.stack import StackPlan, running
from openapi.document import PUBLISHED

BIN = tools.LOCAL / "clients" / "bin"
NODE_PACKAGES = tools.LOCAL / "typescript-client"
EXAMPLES = tools.ROOT / "examples" / "clients"
Purchase = Callable[[Path], None]


def main() -> int:
    """Print each step with its time; 1 where one fails."""
    tools.require()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            purchases = [python_client(folder), *typescript_client()]
            with running(StackPlan(ports.claim(0, 0, 0), folder)) as (stack, _):
                stack.write(folder / "stack.json")
                for purchase in purchases:
                    purchase(folder / "stack.json")
        except subprocess.CalledProcessError as error:
            say(f"failed: {error}")
            return 1
    return 0


def python_client(folder: Path) -> Purchase:
    """Generate the package into the folder and check its types and the example's; what buys something with it."""
    generated, example = folder / "python", EXAMPLES / "python" / "purchase.py"
    with step("Python: generate"):
        run("openapi-python-client", "generate", "--path", PUBLISHED, "--output-path", generated)
    with step("Python: check types"):
        run("mypy", "--strict", generated / "paylatch_client", example, cwd=folder, MYPYPATH=generated)

    def purchase(stack_file: Path) -> None:
        with step("Python: buy"):
            run("python", example, stack_file, PYTHONPATH=generated)

    return purchase


def typescript_client() -> Iterator[Purchase]:
    """Generate the types and check them and the example; what buys something with them, or nothing without npm."""
    if not (NODE_PACKAGES / "node_modules").is_dir():
        say("TypeScript: left out, because npm could not install its packages")
        return
    for name in ("purchase.ts", "tsconfig.json"):
        shutil.copy(EXAMPLES / "typescript" / name, NODE_PACKAGES)
    with step("TypeScript: generate"):
        run("npx", "openapi-typescript", PUBLISHED, "--output", "paylatch.d.ts", cwd=NODE_PACKAGES)
    with step("TypeScript: check types"):
        run("npx", "tsc", "--project", ".", cwd=NODE_PACKAGES)

    def purchase(stack_file: Path) -> None:
        with step("TypeScript: buy"):
            run("node", "purchase.ts", stack_file, cwd=NODE_PACKAGES)

    yield purchase


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is done now, and how long it took."""
    began = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - began:.1f} s")


def run(program: str, *arguments: str | Path, cwd: Path = tools.ROOT, **environment: Path) -> None:
    """Run a program of the clients' environment. Raises `CalledProcessError` where it fails."""
    # The generator formats with ruff, and npm's programs start node: both are found beside the program.
    path = os.pathsep.join((str(BIN), os.environ.get("PATH", os.defpath)))
    own = {name: str(value) for name, value in environment.items()}
    subprocess.run([BIN / program, *arguments], cwd=cwd, env={**os.environ, "PATH": path, **own}, check=True)


def say(line: str) -> None:
    """Print the line now, among the lines of the programs that are run."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
