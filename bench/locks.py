"""`make bench-locks`: what a lock costs and whether its answer is true, for Paylatch and for the alternatives.

Each locks one order for one payment and settles it, on an emulated table, with the SDK's retries. Then the same with
the response to the write lost: the SDK sends it again, and what the caller learns is true or false. Write units follow
DynamoDB's rules: each kilobyte begun, each entry of an index, twice for a transaction, and refused writes as well.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import moto

from bench.lock_peers import MINE, REGION, TABLE, Answer, DynamoDbLock, LockPeer, Powertools, PynamoDbModel, Transaction
from bench.metered_client import ClientMeter
from bench.paylatch_lock import PaylatchLock
from bench.printed_pages import with_table
from local.arguments import take_none
from tests.orders_table import table_request

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
PEERS: tuple[type[LockPeer], ...] = (PaylatchLock, Powertools, DynamoDbLock, PynamoDbModel, Transaction)
OPERATIONS = ("lock", "refused lock", "settle")
EXPECTED = {"lock": Answer.DONE, "refused lock": Answer.REFUSED, "settle": Answer.DONE}


@dataclass(frozen=True, slots=True)
class Figure:
    """The cost of one operation, and whether the caller learned the truth after a lost response."""

    requests: int
    units: int
    true_after_loss: bool

    def __str__(self) -> str:
        return f"{self.requests} / {self.units} / {'true' if self.true_after_loss else '**false**'}"


def measure(peer: type[LockPeer], operation: str) -> Figure:
    """One operation of one peer, without and with a lost response."""
    meter, answer = _run(peer, operation, loses=False)
    if answer is not EXPECTED[operation]:
        raise AssertionError(f"{operation}: {answer}")
    _, after_loss = _run(peer, operation, loses=True)
    return Figure(meter.requests, meter.units, after_loss is EXPECTED[operation])


def _run(make: type[LockPeer], operation: str, *, loses: bool) -> tuple[ClientMeter, Answer]:
    with moto.mock_aws():
        plain = boto3.client("dynamodb", region_name=REGION)
        _create_tables(plain)
        peer = make()
        meter = ClientMeter(peer.client, plain, peer.table)
        peer.place()

        def started() -> None:
            meter.start()
            meter.loses_next_write = loses

        return meter, _answer(peer, operation, started)


def _answer(peer: LockPeer, operation: str, started: Callable[[], None]) -> Answer:
    if operation == "settle":
        return peer.settle(started)
    if operation == "refused lock":
        peer.lock("another")
    started()
    return peer.lock(MINE)


def _create_tables(plain: Any) -> None:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    plain.create_table(**table_request())
    plain.create_table(TableName=TABLE, KeySchema=keys, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST")


def rows() -> Iterator[str]:
    """The rows of the table, each as soon as it is measured."""
    yield f"| | {' | '.join(OPERATIONS)} |\n"
    yield "|---" * (1 + len(OPERATIONS)) + "|\n"
    for peer in PEERS:
        yield f"| {peer.name} | {' | '.join(str(measure(peer, operation)) for operation in OPERATIONS)} |\n"


def main() -> int:
    """Measure, print the table and write it into `docs/performance.md`."""
    take_none(__doc__)
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
    }
    print(__doc__)
    table = ""
    for each in rows():
        print(each, end="", flush=True)
        table += each
    PAGE.write_text(with_table(PAGE.read_text(), table, "locks"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
