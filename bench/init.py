"""`make bench-init`: the processor time that each function takes until it can answer, against boto3 alone.

The functions start as they are deployed: from the layer as `make build` makes it, for this machine's architecture,
under an interpreter of Lambda's version where there is one here.

A pair is two fresh interpreters, one after the other: one imports boto3 and makes a DynamoDB client, the other imports
the function's module and makes the client it works with, part of which Lambda leaves to the first request. Both have
the same search path and read compiled modules. What counts is the median of the pairs' ratios; milliseconds are this
machine's. It is processor time, because other programs on the machine stretch the time on the wall. They also fill
its caches, now and then for the length of a whole measurement: a ratio over its budget is measured once more, by three
times as many pairs, before it counts.
"""

import argparse
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.built_layer import BuiltLayer, built_layer
from local.arguments import at_least_one

ROOT = Path(__file__).resolve().parent.parent
BOTO3 = "import boto3; boto3.client('dynamodb')"
# It has no client.
DESK = "import app"
FUNCTION = "import app; from paylatch.runtime.wiring import ports; ports().store.table.connection.client"
TIMED = "import time; begin = time.process_time(); {code}; print(time.process_time() - begin)"

MORE_PAIRS = 3
MACHINES_BUDGET = 1.15
CALLERS_BUDGET = 1.8
# HTTP functions route and validate requests; gateway callbacks, files, schedules and streams need neither.
BUDGETS: dict[str, float] = {
    "gateway_callbacks": MACHINES_BUDGET,
    "timeout_sweeps": MACHINES_BUDGET,
    "orders": CALLERS_BUDGET,
    "payment_requests": CALLERS_BUDGET,
    "payment_cancellations": CALLERS_BUDGET,
    "operations": CALLERS_BUDGET,
    "pay_page": CALLERS_BUDGET,
    "order_desk": MACHINES_BUDGET,
    "order_events": MACHINES_BUDGET,
    "due_events": MACHINES_BUDGET,
    "timers": MACHINES_BUDGET,
    "reconciliation": MACHINES_BUDGET,
    "webhooks": MACHINES_BUDGET,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """The measurement of one function."""

    function: str
    milliseconds: float
    ratio: float
    budget: float

    @property
    def holds(self) -> bool:
        """Whether the ratio is within the budget."""
        return self.ratio <= self.budget


def judged(function: str, pairs: int, layer: BuiltLayer) -> Figure:
    """One function's measurement; a ratio over its budget is measured again with more pairs."""
    first = measure(function, pairs, layer)
    return first if first.holds else measure(function, MORE_PAIRS * pairs, layer)


def measure(function: str, pairs: int, layer: BuiltLayer) -> Figure:
    """One function's measurement from that many pairs, without the first start of each side."""
    _pair(function, layer)
    seconds = [_pair(function, layer) for _ in range(pairs)]
    ratio = statistics.median(taken / theirs for theirs, taken in seconds)
    return Figure(function, 1000 * statistics.median(taken for _, taken in seconds), ratio, BUDGETS[function])


def _pair(function: str, layer: BuiltLayer) -> tuple[float, float]:
    start = DESK if function == "order_desk" else FUNCTION
    return _seconds(BOTO3, function, layer), _seconds(start, function, layer)


def _seconds(code: str, function: str, layer: BuiltLayer) -> float:
    done = subprocess.run(
        [layer.interpreter, "-c", TIMED.format(code=code)],
        env=environment([ROOT / "functions" / function, layer.packages]),
        cwd=layer.packages,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


def environment(search_path: list[Path]) -> dict[str, str]:
    """The environment of a started function; Lambda's file system, like this one, takes no new bytecode."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, search_path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "Paylatch",
        "PAYLATCH_TABLE": "bench",
        "PAYLATCH_GATEWAYS": "sandbox",
    }


def _row(figure: Figure) -> str:
    verdict = "holds" if figure.holds else "BROKEN"
    return f"{figure.function:<24}{figure.milliseconds:>8.0f} ms{figure.ratio:>8.2f}{figure.budget:>9.2f}   {verdict}"


def main() -> int:
    """Print the table; return 1 where a ratio is over its budget and `--strict` is given."""
    parser = argparse.ArgumentParser(prog='make bench-init ARGS="…"', description=__doc__)
    parser.add_argument("--pairs", type=at_least_one, default=9, help="how many pairs of starts a function")
    parser.add_argument("--strict", action="store_true", help="end with 1 where a budget is broken")
    options = parser.parse_args()
    layer = built_layer()
    print(f"Processor time of import and first client, against boto3 and its client; {layer.description};")
    print(f"median of {options.pairs} pairs\n\n{'function':<24}{'start':>11}{'ratio':>8}{'budget':>9}")
    figures = []
    for function in BUDGETS:
        figures.append(judged(function, options.pairs, layer))
        print(_row(figures[-1]), flush=True)
    return int(options.strict and not all(figure.holds for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
