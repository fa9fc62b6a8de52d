"""One emulator against the store in memory, step by step."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from paylatch.domain.transitions import attempt_changes
from paylatch.ports import Applied, Rejected
from paylatch.store.connection import TableConnection
from tests.contract.store_drivers import DynamoStoreDriver
from tests.differential.emulators import EMULATORS
from tests.differential.official import OfficialMissing
from tests.differential.sequences import Step, Walk

MOST_DIFFERENCES = 10
SETTLES_WITHIN = 2.0


@dataclass(slots=True)
class Report:
    """The result of one comparison. `absent` says why the emulator could not run."""

    emulator: str
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    seconds: float = 0.0
    absent: str = ""


def compare(emulator: str, seed: int, operations: int) -> Report:
    """Run the walk of that seed on that emulator."""
    report = Report(emulator)
    begin = time.monotonic()
    try:
        with EMULATORS[emulator]() as table:
            _play(_steps(seed, operations), table, report)
    except OfficialMissing as error:
        report.absent = str(error)
    report.seconds = time.monotonic() - begin
    return report


def _steps(seed: int, operations: int) -> list[Step]:
    # So few that walks evict attempts, and request evicted ones again.
    with patch.object(attempt_changes, "KEPT_ATTEMPTS", 1):
        return Walk(seed).steps(operations)


def _play(steps: list[Step], table: TableConnection, report: Report) -> None:
    driver, requests = DynamoStoreDriver(table), _Requests(table)
    parted: set[str | None] = set()
    for place, step in enumerate(steps):
        order_id = step.operation.order_id
        # After a first difference the two orders diverge, so an order's difference is reported once.
        if order_id in parted or len(report.differences) >= MOST_DIFFERENCES:
            continue
        answer = _settled(step, driver)
        report.counts[_kind(step)] += 1
        if answer != step.answer:
            parted.add(order_id)
            report.differences.append(_difference(place, step, answer, requests.last))


def _settled(step: Step, driver: DynamoStoreDriver) -> Any:
    """The answer; an index is given time to catch up with the table."""
    until = time.monotonic() + (SETTLES_WITHIN if step.operation.kind == "index" else 0)
    while (answer := step.operation.on(driver)) != step.answer and time.monotonic() < until:
        time.sleep(0.1)
    return answer


def _kind(step: Step) -> str:
    match step.answer:
        case Applied():
            return "applied"
        case Rejected():
            return "rejected"
    return step.operation.kind


def _difference(place: int, step: Step, answer: Any, request: str) -> str:
    return (
        f"step {place}, order {step.operation.order_id}: {step.operation.description}\n"
        f"  in memory: {step.answer}\n  here:      {answer}\n  request:   {request}"
    )


class _Requests:
    """Keeps the last request that a connection sent."""

    def __init__(self, table: TableConnection) -> None:
        self.last = ""
        table.connection.client.meta.events.register("provide-client-params.dynamodb.*", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.last = f"{model.name} {json.dumps(params, ensure_ascii=False, default=repr)}"
