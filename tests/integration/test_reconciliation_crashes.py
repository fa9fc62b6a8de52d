"""A run of the reconciliation that ends before or after any one of its calls is made good by the next run."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bench.planted_orders import PART, Planted, samples
from bench.simulated_statement import night_after
from paylatch.domain.ids import derived_refund_id
from paylatch.domain.payment import Capture, Dispute, DisputeStatus, Refund
from paylatch.domain.statement import (
    Finding,
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    Owner,
    StatementEntry,
    StatementKind,
)
from paylatch.ports import Capabilities, Ports, RefundState, StatementPage, StatementWindow
from paylatch.use_cases.reconcile import reconcile_days
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock

SAMPLES = samples()
KINDS = (
    Planted.MISSING_WEBHOOK,
    Planted.DOUBLE_CAPTURE,
    Planted.PARTIAL_REFUND,
    Planted.WRONG_AMOUNT,
    Planted.CAPTURED_AFTER_CANCEL,
    Planted.DISPUTE_LOST,
    Planted.REFUND_FAILED,
    Planted.UNKNOWN_ORDER,
)


class Crash(BaseException):
    """The function ends here."""


class CrashAt:
    """Counts the calls of what it wraps, and ends the run before or after one of them."""

    def __init__(self, place: int | None, *, after: bool = False) -> None:
        self.calls = 0
        self._place = place
        self._after = after

    def wrap(self, wrapped: object) -> Any:
        crash = self

        class Wrapped:
            def __getattr__(self, name: str) -> Any:
                attribute = getattr(wrapped, name)
                return crash.counted(attribute) if callable(attribute) else attribute

        return Wrapped()

    def counted(self, call: Any) -> Any:
        def crashing(*subject: Any) -> Any:
            place, self.calls = self.calls, self.calls + 1
            if place == self._place and not self._after:
                raise Crash
            answer = call(*subject)
            if place == self._place:
                raise Crash
            return answer

        return crashing


class StatementOfKinds(ScriptedGateway):
    """Lists one entry of each kind, two on a page."""

    def __init__(self, clock: SettableClock) -> None:
        super().__init__(clock)
        self.capabilities = Capabilities(
            void_is_final=True,
            shortest_session=timedelta(minutes=1),
            longest_session=timedelta(days=1),
            reports_disputes=True,
            statements=frozenset({StatementKind.CHANGES}),
        )
        self.entries = [self._entry(number, kind) for number, kind in enumerate(KINDS)]

    def list_statement(self, kind: StatementKind, window: StatementWindow, cursor: str | None) -> StatementPage:
        start = int(cursor or 0)
        end = start + 2
        return StatementPage(tuple(self.entries[start:end]), str(end) if end < len(self.entries) else None)

    def query_refund(self, refund: Refund) -> RefundState:
        failed = {entry.refund_id for entry in self.entries if isinstance(entry, ListedRefund)}
        return RefundState.FAILED if refund.refund_id in failed else RefundState.UNKNOWN

    def _entry(self, number: int, kind: Planted) -> StatementEntry:
        sample = SAMPLES[kind]
        name = sample.second_attempt_id or sample.attempt_id
        attempt_id = name.replace(sample.order_id, order_id_of(number))
        wrong = kind is Planted.WRONG_AMOUNT
        returned = PART if kind in (Planted.PARTIAL_REFUND, Planted.DISPUTE_LOST) else 0
        capture = Capture(f"pay_{attempt_id}", sample.amount - wrong, "EUR", returned)
        self.money[attempt_id] = capture
        owner = Owner(attempt_id)
        if kind is Planted.DISPUTE_LOST:
            dispute = Dispute("dp_1", capture.payment_id, PART, "EUR", DisputeStatus.LOST)
            return ListedDispute(dispute, owner, NOON)
        if kind is Planted.REFUND_FAILED:
            refund_id = derived_refund_id(attempt_id, capture.payment_id)
            return ListedRefund(refund_id, capture, ListedState.FAILED, owner, NOON, is_ours=True)
        return ListedCapture(capture, owner, NOON)


def order_id_of(number: int) -> str:
    return f"{number:016d}"


class Environment:
    """What outlasts a run."""

    def __init__(self) -> None:
        self.clock = SettableClock(night_after())
        self.orders, self.kept = MemoryOrderStore(), MemoryReconciliationStore()
        self.gateway, self.metrics = StatementOfKinds(self.clock), RecordedMetrics()
        self.ids = SequentialIdGenerator()
        for number, kind in enumerate(KINDS):
            if kind is not Planted.UNKNOWN_ORDER:
                self.orders.heads[order_id_of(number)] = SAMPLES[kind].head(order_id_of(number))

    def run(self, crash: CrashAt) -> bool:
        gateways = FixedGateways({"sandbox": crash.wrap(self.gateway)})
        ports = Ports(crash.wrap(self.orders), gateways, self.clock, self.ids, self.metrics)
        (report,) = reconcile_days([NOON.date()], ["sandbox"], lambda: True, crash.wrap(self.kept), ports)
        return report.done

    def outcome(self) -> tuple[list[Finding], Mapping[str, Any]]:
        """What was found, and each order's money, without ids and times of writes."""
        found = sorted(self.kept.found.values(), key=lambda finding: (finding.discrepancy, finding.subject))
        return found, {order_id: _money_of(head) for order_id, head in self.orders.heads.items()}


def _money_of(head: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("payment_status", "version", "payments", "refunds", "disputes")
    return {name: head[name] for name in names}


def undisturbed() -> tuple[Environment, int]:
    environment, crash = Environment(), CrashAt(None)
    assert environment.run(crash) is True
    return environment, crash.calls


WHOLE, CALLS = undisturbed()


def test_without_a_crash_each_kind_is_found_and_put_right() -> None:
    found, _ = WHOLE.outcome()
    assert len(found) == len(KINDS)
    assert [finding.discrepancy.value for finding in found if not finding.put_right] == ["unknown_order"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", range(CALLS))
def test_a_run_that_ends_at_any_call_is_made_good_by_the_next(place: int, after: bool) -> None:
    environment = Environment()
    with pytest.raises(Crash):
        environment.run(CrashAt(place, after=after))

    assert environment.run(CrashAt(None)) is True
    assert environment.outcome() == WHOLE.outcome()
    assert environment.metrics.failed == []


def test_the_same_day_again_writes_nothing() -> None:
    environment, calls = undisturbed()
    before = environment.outcome()
    again = CrashAt(None)

    assert environment.run(again) is True
    assert environment.outcome() == before
    assert again.calls < calls
    # The progress is read, and what the gateway lists is known.
    assert again.calls == 1


def test_a_day_that_begins_anew_finds_everything_explained() -> None:
    environment, _ = undisturbed()
    heads = environment.outcome()[1]
    environment.kept = MemoryReconciliationStore()
    environment.gateway.entries = [
        entry
        for entry in environment.gateway.entries
        # A failed refund is due again, and the order that does not exist is found in each run.
        if not (isinstance(entry, ListedCapture) and entry.owner.attempt_id.startswith(order_id_of(7)))
    ]

    assert environment.run(CrashAt(None)) is True
    assert environment.outcome() == ([], heads)


def test_what_another_run_put_right_between_list_and_question_is_no_difference() -> None:
    environment, other = Environment(), CrashAt(None)
    environment.gateway.during("query_payment", lambda: environment.run(other))

    environment.run(CrashAt(None))

    found, heads = environment.outcome()
    assert heads == WHOLE.outcome()[1]
    assert found == WHOLE.outcome()[0]
    assert environment.metrics.failed == []
