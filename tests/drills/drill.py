"""What all drills share: promises with their figures, the table of them, and an orderly end."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.printed_pages import with_table
from local import ports, tools
from local.deploy import DeployFailed
from local.dev import end_on_signals
from local.emulator import EmulatorFailed

PAGE = Path(__file__).parents[2] / "docs" / "drills.md"
INTERRUPTED = 130
_HEADING = "| promise | seen | kept |\n|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence that the drill holds the stack to, and what was seen, with its unit."""

    sentence: str
    seen: str
    kept: bool


Drill = Callable[[Path], Sequence[Promise]]


def run(name: str, purpose: str, drill: Drill) -> int:
    """Run the drill in a folder of its own, print its promises, and put them into `docs/drills.md`.

    The exit code is 1 where a promise was not kept or the stack did not start, and 130 after Ctrl-C.
    """
    end_on_signals()
    print(purpose.strip(), end="\n\n", flush=True)
    try:
        tools.require()
        with tempfile.TemporaryDirectory() as folder:
            return report(name, drill(Path(folder)))
    except (tools.ToolMissing, ports.PortTaken, EmulatorFailed, DeployFailed) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return INTERRUPTED


def report(name: str, promises: Sequence[Promise], page: Path = PAGE) -> int:
    """Print the table, and where all promises were kept, put it into the page; return the exit code.

    A drill without promises has failed too.
    """
    table = table_of(promises)
    print(f"\n{table}", flush=True)
    if not promises or not all(promise.kept for promise in promises):
        return 1
    page.write_text(with_table(page.read_text(), table, name))
    return 0


def table_of(promises: Sequence[Promise]) -> str:
    """The promises as a table, each with what was seen."""
    rows = (f"| {each.sentence} | {each.seen} | {'yes' if each.kept else '**no**'} |\n" for each in promises)
    return _HEADING + "".join(rows)


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"  {text}", flush=True)
