"""`make test-clients`: generate clients from the contract, compile them, let each buy something, and visit the shop.

The Python client must work. The TypeScript client is left out, with a message, where npm's packages are not installed.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from local import ports, tools
from local.api_client import UnexpectedResponse
from local.progress import say
from local.stack import StackPlan, running
from openapi.document import PUBLISHED
from tests.clients import shop_visit
from tests.clients.losing_api import LosingApi

BIN = tools.LOCAL / "clients" / "bin"
NODE = tools.LOCAL / "node" / "bin"
NODE_PACKAGES = tools.LOCAL / "typescript-client"
TOOLS = NODE_PACKAGES / "node_modules" / ".bin"
EXAMPLES = tools.ROOT / "examples" / "clients"
Purchase = Callable[[Path], None]


def main() -> int:
    """Print each step with its time; 1 where one fails."""
    tools.require()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            use(folder, [python_client(folder), *typescript_client()])
        except (subprocess.CalledProcessError, AssertionError, UnexpectedResponse) as error:
            say(f"failed: {error}")
            return 1
    return 0


def use(folder: Path, purchases: Iterable[Purchase]) -> None:
    """Let the clients and the example shop work with one deployed stack; answers to the clients get lost."""
    stack_file, receivers = folder / "stack.json", list[str]()
    with shop_visit.webhooks_for(receivers) as url:
        parameters = {"WebhookUrl": url, "WebhookLocal": "true"}
        with running(StackPlan(ports.claim(0, 0, 0), folder, parameters=parameters)) as (stack, _):
            stack.write(stack_file)
            with LosingApi(stack.api_url) as losing:
                lossy_file = folder / "lossy-stack.json"
                replace(stack, api_url=losing.url).write(lossy_file)
                for purchase in purchases:
                    purchase(lossy_file)
                    losing.expect_losses()
            with step("Shop and warehouse"), shop_visit.running_shop(stack_file, BIN / "python", folder) as shop:
                receivers += [shop.url, f"http://127.0.0.1:{shop.warehouse.server_port}"]
                shop_visit.visit(shop)
                receivers.clear()


def python_client(folder: Path) -> Purchase:
    """Generate the package into the folder and check its types and the example's; what buys something with it."""
    generated, example = folder / "python", EXAMPLES / "python" / "purchase.py"
    with step("Python: generate"):
        run(BIN / "openapi-python-client", "generate", "--path", PUBLISHED, "--output-path", generated)
    with step("Python: check types"):
        checked = (generated / "paylatch_client", example, shop_visit.SHOP)
        run(BIN / "mypy", "--strict", *checked, cwd=folder, MYPYPATH=generated)

    def purchase(stack_file: Path) -> None:
        with step("Python: buy"):
            run(BIN / "python", example, stack_file, PYTHONPATH=generated)

    return purchase


def typescript_client() -> Iterator[Purchase]:
    """Generate the types and check them and the example; what buys something with them, or nothing without npm."""
    if not (NODE_PACKAGES / "node_modules").is_dir():
        say("TypeScript: left out, because npm could not install its packages")
        return
    for name in ("purchase.ts", "tsconfig.json"):
        shutil.copy(EXAMPLES / "typescript" / name, NODE_PACKAGES)
    with step("TypeScript: generate"):
        run(TOOLS / "openapi-typescript", PUBLISHED, "--output", "paylatch.d.ts", cwd=NODE_PACKAGES)
    with step("TypeScript: check types"):
        run(TOOLS / "tsc", "--project", ".", cwd=NODE_PACKAGES)

    def purchase(stack_file: Path) -> None:
        with step("TypeScript: buy"):
            run(NODE / "node", "purchase.ts", stack_file, cwd=NODE_PACKAGES)

    yield purchase


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Print what is done now, and how long it took."""
    began = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - began:.1f} s")


def run(program: Path, *arguments: str | Path, cwd: Path = tools.ROOT, **environment: Path) -> None:
    """Run a program of the clients. Raises `CalledProcessError` where it fails."""
    # The generator formats with ruff, and npm's programs start node.
    path = os.pathsep.join((str(BIN), str(NODE), os.environ.get("PATH", os.defpath)))
    own = {name: str(value) for name, value in environment.items()}
    subprocess.run([program, *arguments], cwd=cwd, env={**os.environ, "PATH": path, **own}, check=True)


if __name__ == "__main__":
    sys.exit(main())
