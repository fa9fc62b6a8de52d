"""The audit after the load: every order, every event and every cent, read behind the API."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from local import aws
from local.stack import Stack
from paylatch.domain.documents import order_from_document
from paylatch.domain.order import Order, PaymentStatus
from paylatch.domain.payment import Attempt, PastAttempt
from paylatch.store.items import document_of
from tests.kill.gateway_ledger import ledger_of

AT_REST = frozenset({PaymentStatus.PENDING_PAYMENT, PaymentStatus.PAID, PaymentStatus.CANCELLED})


@dataclass(slots=True)
class Audit:
    """The findings. `stuck` and `gaps` may still resolve by themselves; the others do not."""

    statuses: Counter[str] = field(default_factory=Counter)
    events: int = 0
    captured: int = 0
    refunded: int = 0
    stuck: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    imbalances: list[str] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)

    @property
    def at_rest(self) -> bool:
        """Whether nothing is owed any more."""
        return not (self.stuck or self.gaps or self.imbalances)


def run_audit(stack: Stack) -> Audit:
    """The audit of the present state. Raises `LedgerUnavailable` where the gateway does not answer with its ledger."""
    found = Audit()
    heads, events = _items(stack)
    for order in heads:
        found.orders.add(order.order_id)
        found.statuses[order.status.value] += 1
        if order.status not in AT_REST or order.refunds_due:
            found.stuck.append(f"{order.order_id} is {order.status}, refunds due: {len(order.refunds_due)}")
        seqs = sorted(events.get(order.order_id, []))
        found.events += len(seqs)
        if seqs != list(range(1, order.version + 1)):
            found.gaps.append(f"{order.order_id} is at version {order.version} and has events {seqs}")
        _audit_order(order, stack, found)
    return found


def _audit_order(order: Order, stack: Stack, found: Audit) -> None:
    """The gateway holds the order's settlement, and no money of any other attempt."""
    for attempt in _attempts(order):
        ledger = ledger_of(stack.sandbox_url, attempt.attempt_id)
        captured, refunded = ledger["captured"], ledger["refunded"]
        found.captured += captured
        found.refunded += refunded
        settles = order.status is PaymentStatus.PAID and order.held_by(attempt.attempt_id)
        if captured - refunded != (order.total if settles else 0):
            found.imbalances.append(
                f"{attempt.attempt_id} ({order.status}, total {order.total}): captured {captured}, refunded {refunded}"
            )


def _attempts(order: Order) -> Iterator[Attempt | PastAttempt]:
    if order.attempt is not None:
        yield order.attempt
    yield from order.past_attempts.values()


def _items(stack: Stack) -> tuple[list[Order], dict[str, list[int]]]:
    client = aws.session().client("dynamodb", endpoint_url=stack.aws_endpoint_url)
    heads: list[Order] = []
    events: dict[str, list[int]] = {}
    for page in client.get_paginator("scan").paginate(TableName=stack.table, ConsistentRead=True):
        for item in page["Items"]:
            kind, _, _ = item["sk"]["S"].partition("#")
            if kind == "HEAD":
                heads.append(order_from_document(document_of(item)))
            elif kind == "EVENT":
                document = document_of(item)
                events.setdefault(document["order_id"], []).append(document["seq"])
    return heads, events
