"""The night after a day with planted orders, and a gateway that lists the pages that a test gives it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bench.planted_orders import Planted, samples
from bench.simulated_statement import night_after
from paylatch.domain.payment import Capture
from paylatch.domain.statement import (
    Discrepancy,
    ListedCapture,
    Owner,
    StatementEntry,
    StatementKind,
)
from paylatch.ports import Capabilities, Ports, StatementPage, StatementWindow
from paylatch.use_cases.reconcile import DayReport, reconcile_days
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock

CAPTURES = Capabilities(
    void_is_final=True,
    shortest_session=timedelta(minutes=1),
    longest_session=timedelta(days=1),
    reports_disputes=True,
    statements=frozenset({StatementKind.CAPTURES}),
)


class ListingGateway(ScriptedGateway):
    """Lists the pages that a test gives it; a page that is an error is raised."""

    def __init__(self, clock: SettableClock, pages: Sequence[StatementPage | Exception]) -> None:
        super().__init__(clock)
        self.capabilities = CAPTURES
        self.pages: Sequence[StatementPage | Exception] = list(pages)
        self.windows: list[StatementWindow] = []

    def list_statement(self, kind: StatementKind, window: StatementWindow, cursor: str | None) -> StatementPage:
        assert kind is StatementKind.CAPTURES
        self.windows.append(window)
        page = self.pages[int(cursor or 0)]
        if isinstance(page, Exception):
            raise page
        return page


@dataclass
class Night:
    """The night after a day with one order that waits for its payment, and a gateway with these pages."""

    pages: list[StatementPage | Exception] = field(default_factory=list)
    kept: MemoryReconciliationStore = field(default_factory=MemoryReconciliationStore)
    clock: SettableClock = field(default_factory=lambda: SettableClock(night_after()))
    metrics: RecordedMetrics = field(default_factory=RecordedMetrics)
    orders: MemoryOrderStore = field(default_factory=MemoryOrderStore)

    def __post_init__(self) -> None:
        self.gateway = ListingGateway(self.clock, self.pages)
        self.gateways = FixedGateways({"sandbox": self.gateway})

    def order(self, kind: Planted = Planted.MISSING_WEBHOOK, order_id: str = "0" * 16) -> ListedCapture:
        """One more order, and its capture as the gateway lists it."""
        sample = samples()[kind]
        self.orders.heads[order_id] = sample.head(order_id)
        attempt_id = sample.attempt_id.replace(sample.order_id, order_id)
        capture = Capture(f"pay_{attempt_id}", sample.amount, "EUR")
        self.gateway.money[attempt_id] = capture
        return ListedCapture(capture, Owner(attempt_id), NOON)

    def run(self, *gateways: str, has_time: Callable[[], bool] = lambda: True, day: int = 0) -> DayReport:
        ports = Ports(self.orders, self.gateways, self.clock, SequentialIdGenerator(), self.metrics)
        date = NOON.date() + timedelta(days=day)
        (report,) = reconcile_days([date], gateways or ("sandbox",), has_time, self.kept, ports)
        return report

    def status(self, order_id: str = "0" * 16) -> str:
        status: str = self.orders.heads[order_id]["payment_status"]
        return status

    def found(self) -> list[Discrepancy]:
        return sorted(finding.discrepancy for finding in self.kept.found.values())


def page(*entries: StatementEntry, cursor: str | None = None) -> StatementPage:
    return StatementPage(entries, cursor)
