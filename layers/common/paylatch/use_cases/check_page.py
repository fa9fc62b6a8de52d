"""One page of a gateway's statement: each entry is compared with the head of its order."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from paylatch.domain.error_ids import concerning
from paylatch.domain.errors import AttemptNotFound, CallPostponed, NotAsked, StoreUnavailable
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import order_id_of
from paylatch.domain.limits import TRIES
from paylatch.domain.order import Order
from paylatch.domain.statement import Finding, Owner, StatementEntry
from paylatch.ports import HasTime, Heads, Metric, Ports, ReconciliationStore
from paylatch.use_cases.due_orders import counted
from paylatch.use_cases.put_right import Case, put_right
from paylatch.use_cases.read_order import attempt_of


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a run works with; `open_findings` are those of the gateway that were open before, by payment."""

    store: ReconciliationStore
    ports: Ports
    has_time: HasTime
    open_findings: Mapping[str, Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """The outcome of a page. `stopped`: time ran out before its end."""

    foreign: int = 0
    failed: int = 0
    stopped: bool = False


def check_page(gateway: str, entries: Sequence[StatementEntry], run: Reconciliation) -> CheckedPage:
    """Compare each entry with its order's head; one that fails is counted, and delays no other.

    Raises a gateway error where the owner of a payment cannot be found out, `CallPostponed` or `NotAsked` where the
    gateway's rate ran out, and what reading the heads raises.
    """
    owned = [(entry, _owner(gateway, entry, run.ports)) for entry in entries]
    order_ids = {order_id for _, owner in owned if (order_id := order_id_of(owner.attempt_id))}
    heads = _heads(sorted(order_ids), run.ports)
    ours = [(entry, owner.attempt_id) for entry, owner in owned if _is_ours(owner, gateway, heads)]
    foreign = [entry for entry, owner in owned if not _is_ours(owner, gateway, heads)]
    failed = 0
    for entry, attempt_id in ours:
        if not run.has_time():
            return CheckedPage(failed=failed, stopped=True)
        known = tuple(run.open_findings.get(entry.payment_id, ()))
        case = Case(gateway, entry, attempt_id, run.store, run.ports, known, set())
        try:
            with concerning(attempt_id=attempt_id, gateway=gateway):
                put_right(case, heads.found.get(case.order_id), heads.retired.get(case.order_id))
        except (CallPostponed, NotAsked):
            raise
        except Exception as error:  # a failing entry must not hide the others
            failed += 1
            run.ports.metrics.fail(error, counted(error, Metric.RECONCILIATION_FAILED), order_id=case.order_id)
    _count_foreign(gateway, foreign, run.ports)
    return CheckedPage(len(foreign), failed)


def _owner(gateway: str, entry: StatementEntry, ports: Ports) -> Owner:
    if entry.owner.foreign or entry.owner.attempt_id:
        return entry.owner
    found = ports.gateways.named(gateway).find_attempt(entry.payment_id)
    if found is None:
        return Owner(foreign="its payment is none of this stack's")
    return Owner(found.attempt_id, found.stack_named)


def _is_ours(owner: Owner, gateway: str, heads: Heads) -> bool:
    order_id = order_id_of(owner.attempt_id)
    if order_id is None:
        return False
    # A payment that names no stack is this one's where an order here has its attempt, or may have had it.
    if owner.stack_named or order_id in heads.retired:
        return True
    head = heads.found.get(order_id)
    with suppress(AttemptNotFound):
        return isinstance(head, Order) and attempt_of(head, owner.attempt_id).gateway == gateway
    return False


def _heads(order_ids: Sequence[str], ports: Ports) -> Heads:
    """The heads of these orders. Raises `StoreUnavailable` where the database did not get to all of them."""
    read = Heads({}, tuple(order_ids))
    for _ in range(TRIES):
        if not read.unprocessed:
            return read
        more = ports.store.read_heads(read.unprocessed)
        read = Heads({**read.found, **more.found}, more.unprocessed, {**read.retired, **more.retired})
    raise StoreUnavailable("the database did not get to all heads of a page")


def _count_foreign(gateway: str, entries: Sequence[StatementEntry], ports: Ports) -> None:
    if entries:
        payment_ids = " ".join(sorted({entry.payment_id for entry in entries}))
        ports.metrics.count(Metric.FOREIGN_PAYMENT, len(entries), gateway=gateway, payment_ids=payment_ids)
