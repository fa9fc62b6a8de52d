"""One call of every store operation, for tests of the requests sent."""

from collections.abc import Callable
from datetime import timedelta

from sandbox.fault_plan import FaultPlan
from sandbox.ports import ANY_ORDER
from sandbox.statement import ListKind
from sandbox.store import DynamoSessionStore

from paylatch.domain.documents import order_from_document
from paylatch.domain.listing import Listing, ListingIndex, Position
from paylatch.domain.order import Content, Line
from paylatch.domain.statement import Discrepancy, Finding, StatementKind
from paylatch.ports import Index, StatementProgress
from paylatch.store.dynamodb import DynamoOrderStore
from paylatch.store.statements import DynamoReconciliationStore
from tests.fakes.sandbox_samples import NOON, open_session
from tests.recorded_events import event_of
from tests.transition_cases import LATER, ORDER_ID, fitting, head_of

CONTENT = Content((Line("tea-01", "Green tea", 2, 1250),), None, None)
ORDER_CALLS: dict[str, Callable[[DynamoOrderStore], object]] = {
    "apply": lambda store: store.apply(ORDER_ID, fitting("create")[1]),
    "read_head": lambda store: store.read_head(ORDER_ID),
    "is_retired": lambda store: store.is_retired(ORDER_ID),
    "put_content": lambda store: store.put_content(ORDER_ID, "C1", CONTENT),
    "read_content": lambda store: store.read_content(ORDER_ID, "C1"),
    "remove_content": lambda store: store.remove_content(ORDER_ID, "C1"),
    "content_ids": lambda store: store.content_ids(ORDER_ID),
    "read_history": lambda store: store.read_history(ORDER_ID, after=7, limit=20),
    "record_events": lambda store: store.record_events([event_of(order_from_document(head_of("new")))]),
    "list_entries": lambda store: store.list_entries(Listing(ListingIndex.BY_BUYER, "b"), Position(NOON, ORDER_ID), 20),
    "find_reference": lambda store: store.find_reference("s", "r", 20),
    "read_heads": lambda store: store.read_heads([ORDER_ID]),
    "read_contents": lambda store: store.read_contents([(ORDER_ID, "C1")]),
    "claim_question": lambda store: store.claim_question(ORDER_ID, NOON, timedelta(seconds=5)),
    "due": lambda store: [list(source.read()) for source in store.due(Index.DUE, NOON)],
    "timers_in": lambda store: [list(source.read(NOON, LATER)) for source in store.timers_in(Index.DUE)],
}
SANDBOX_CALLS: dict[str, Callable[[DynamoSessionStore], object]] = {
    "read": lambda store: store.read("s1"),
    "write": lambda store: store.write(open_session()),
    "due": lambda store: list(store.due(NOON)),
    "listed": lambda store: store.listed(ListKind.CAPTURES, NOON, LATER, None),
    "read_all": lambda store: store.read_all(["s1"]),
    "link_refund": lambda store: store.link_refund("r1", "s1"),
    "session_of_refund": lambda store: store.session_of_refund("r1"),
    "plan": lambda store: store.plan(ANY_ORDER, FaultPlan(), 1),
    "take_planned": lambda store: store.take_planned(ANY_ORDER),
}
DAY = "2026-11-24"
PROGRESS = StatementProgress(gateway="sandbox", day=DAY, kind=StatementKind.CAPTURES, until=NOON, version=1)
FINDING = Finding(
    gateway="sandbox",
    day=DAY,
    discrepancy=Discrepancy.MISSING_WEBHOOK,
    subject="pay_1",
    payment_id="pay_1",
    attempt_id=f"{ORDER_ID}_1",
    amount=2500,
    currency="EUR",
)
RECONCILIATION_CALLS: dict[str, Callable[[DynamoReconciliationStore], object]] = {
    "read_progress": lambda store: store.read_progress("sandbox", DAY),
    "save_progress": lambda store: store.save_progress(PROGRESS, NOON),
    "add_finding": lambda store: store.add_finding(FINDING, NOON),
    "findings": lambda store: store.findings("sandbox", DAY, 20),
    "open_findings": lambda store: store.open_findings(20),
    "mark_handled": lambda store: store.mark_handled(FINDING.key, "operator-1", NOON),
    "mark_explained": lambda store: store.mark_explained(FINDING.key, NOON),
}
