"""How a run of the reconciliation goes on: pages, time, rates, failures, crashes, and two runs at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bench.planted_orders import Planted, samples
from bench.simulated_statement import SimulatedStatement, night_after
from paylatch.domain.errors import CallPostponed, Misconfigured, OutcomeUnknown, StoreUnavailable, Transient
from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.domain.statement import (
    Discrepancy,
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    Owner,
    StatementEntry,
    StatementKind,
)
from paylatch.ports import Capabilities, Gateway, Heads, Metric, Ports, StatementPage, StatementWindow
from paylatch.store.connection import TableConnection
from paylatch.store.statements import KEPT, DynamoReconciliationStore
from paylatch.use_cases.reconcile import MOST_TRIES, DayReport, reconcile_days
from tests.conftest import NOON
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.memory_order_store import MemoryOrderStore
from tests.fakes.memory_reconciliation_store import MemoryReconciliationStore
from tests.fakes.recorded_metrics import RecordedMetrics
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.sequential_id_generator import SequentialIdGenerator
from tests.fakes.settable_clock import SettableClock
from tests.orders_table import client_of

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
        self.pages = list(pages)
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


@pytest.fixture
def night() -> Night:
    return Night()


def test_a_day_is_listed_with_two_hours_around_it(night: Night) -> None:
    night.gateway.pages = [page()]
    night.run()
    (window,) = night.gateway.windows
    assert (window.since.isoformat(), window.until.isoformat()) == (
        "2026-11-23T22:00:00+00:00",
        "2026-11-25T02:00:00+00:00",
    )


def test_the_last_quarter_of_an_hour_is_left_to_callbacks(night: Night) -> None:
    night.gateway.pages = [page()]
    night.clock.advance(NOON - night.clock.now())
    assert night.run().done is True
    assert night.gateway.windows[0].until == NOON - timedelta(minutes=15)


def test_a_run_whose_time_ends_is_gone_on_with_at_the_same_page(night: Night) -> None:
    night.gateway.pages = [page(cursor="1"), page(night.order(), cursor="2"), page()]
    times = iter([True, False])

    assert night.run(has_time=lambda: next(times)).done is False
    (state,) = night.kept.progress.values()
    assert (state.cursor, state.pages) == ("1", 1)
    assert night.run().done is True
    assert len(night.gateway.windows) == 3
    assert night.status() == "paid"


def test_a_page_that_was_not_finished_is_begun_again_and_nothing_is_counted_twice(night: Night) -> None:
    first, second = night.order(), night.order(order_id="1" * 16)
    night.gateway.pages = [page(first, second)]
    times = iter([True, True, False])

    assert night.run(has_time=lambda: next(times)).done is False
    assert (night.status(), night.status("1" * 16)) == ("paid", "in_payment")
    assert night.run().done is True
    assert night.status("1" * 16) == "paid"
    assert night.metrics.times(Metric.STATEMENT_DIFFERS) == 2


def test_two_runs_at_once_do_every_payment_once(night: Night) -> None:
    entry = night.order()
    night.gateway.pages = [page(entry)]
    night.gateway.during("query_payment", night.run)

    assert night.run().done is False
    assert night.run().done is True
    assert night.status() == "paid"
    assert night.metrics.times(Metric.ORDER_PAID) == night.metrics.times(Metric.STATEMENT_DIFFERS) == 1


class CrashingStore(MemoryOrderStore):
    """Its next write is lost together with the function that made it."""

    crashes = False

    def apply(self, order_id: str, transition: Any) -> Any:
        if self.crashes:
            self.crashes = False
            raise KeyboardInterrupt
        return super().apply(order_id, transition)


def test_a_crash_after_a_difference_was_written_down_is_made_good_by_the_next_run() -> None:
    night = Night(orders=CrashingStore())
    night.gateway.pages = [page(night.order())]
    cast("CrashingStore", night.orders).crashes = True

    with pytest.raises(KeyboardInterrupt):
        night.run()
    assert (night.found(), night.status()) == ([Discrepancy.MISSING_WEBHOOK], "in_payment")

    assert night.run().done is True
    assert night.status() == "paid"
    assert night.metrics.times(Metric.STATEMENT_DIFFERS) == 1


@pytest.mark.parametrize(
    "error", [Transient("sandbox", "busy"), OutcomeUnknown("sandbox", "silent"), Misconfigured("sandbox", "no key")]
)
def test_a_list_that_is_not_given_is_asked_for_again_and_delays_no_other_gateway(
    night: Night, error: Exception
) -> None:
    other = ListingGateway(night.clock, [page()])
    night.gateways.made["another"] = other
    night.gateway.pages = [error]

    assert night.run("sandbox", "another").done is False
    assert len(other.windows) == 1
    assert len(night.metrics.failed) == 1
    night.gateway.pages = [page(night.order())]
    assert night.run("sandbox", "another").done is True
    assert night.status() == "paid"


def test_a_gateway_that_the_stack_does_not_have_is_a_misconfiguration_of_its_own(night: Night) -> None:
    night.gateway.pages = [page(night.order())]
    assert night.run("nowhere", "sandbox").done is False
    assert night.status() == "paid"
    assert night.metrics.times(Metric.GATEWAY_MISCONFIGURED) == 1


def test_a_gateway_that_lists_the_same_page_again_does_not_hold_the_run(night: Night) -> None:
    night.gateway.pages = [page(cursor="1"), page(cursor="1")]
    assert night.run().done is False
    assert len(night.gateway.windows) == 2


def test_an_entry_that_fails_delays_no_other_and_is_left_after_three_runs(night: Night) -> None:
    failing, other = night.order(), night.order(order_id="1" * 16)
    night.gateway.pages = [page(failing, other, cursor="1"), page()]
    night.gateway.answer_with("query_payment", *[Transient("sandbox", "busy")] * 2)

    assert night.run().done is False
    assert (night.status(), night.status("1" * 16)) == ("in_payment", "in_payment")
    night.gateway.answer_with("query_payment", *[Transient("sandbox", "busy")] * (MOST_TRIES - 1))
    assert night.run().done is False
    assert night.run().done is True
    assert night.metrics.times(Metric.RECONCILIATION_FAILED) == 2 * 2


def test_a_rate_that_is_used_up_ends_the_run_without_a_failure(night: Night) -> None:
    night.gateway.pages = [page(night.order())]
    night.gateway.answer_with("query_payment", CallPostponed("sandbox", 7.0))

    assert night.run().done is False
    assert night.metrics.failed == []
    assert night.run().done is True
    assert night.status() == "paid"


class CountingGateways(FixedGateways):
    """Counts how often an adapter is asked for: each is a piece of work of its own for a rate."""

    named_times = 0

    def named(self, name: str) -> Gateway:
        self.named_times += 1
        return super().named(name)


def test_all_calls_of_a_run_are_one_piece_of_work_for_the_gateways_rate(night: Night) -> None:
    night.gateway.pages = [page(night.order(), cursor="1"), page(night.order(order_id="1" * 16))]
    night.gateways = counting = CountingGateways({"sandbox": night.gateway})

    assert night.run().done is True
    assert counting.named_times == 1


def test_a_refund_and_a_dispute_whose_list_names_nobody_are_asked_about(night: Night) -> None:
    entry = night.order(Planted.PAID)
    returned = replace(entry.capture, returned=100)
    night.gateway.money[entry.owner.attempt_id] = returned
    dispute = Dispute("dp_1", entry.payment_id, 50, "EUR", DisputeStatus.OPEN)
    refund = ListedRefund("re_1", Capture(entry.payment_id, 0, "EUR"), ListedState.DONE, Owner(), NOON)
    night.gateway.pages = [page(refund, ListedDispute(dispute, Owner(), NOON))]

    assert night.run().done is True
    assert night.found() == [Discrepancy.DISPUTE_UNRECORDED, Discrepancy.PARTIAL_REFUND]


def test_what_names_nobody_and_belongs_to_nobody_here_is_foreign(night: Night) -> None:
    capture = Capture("pay_of_others", 100, "EUR")
    night.gateway.pages = [page(ListedRefund("re_1", capture, ListedState.DONE, Owner(), NOON))]

    report = night.run()

    assert (report.done, report.progress[0].foreign, night.found()) == (True, 1, [])


@pytest.mark.parametrize(("order_id", "foreign"), [("0" * 16, 0), ("9" * 16, 1)])
def test_a_payment_that_names_no_stack_is_ours_where_an_order_has_its_attempt(
    night: Night, order_id: str, foreign: int
) -> None:
    entry = night.order()
    owner = Owner(entry.owner.attempt_id.replace("0" * 16, order_id), stack_named=False)
    night.gateway.pages = [page(replace(entry, owner=owner))]

    assert night.run().progress[0].foreign == foreign
    assert (night.status() == "paid") is not bool(foreign)


def test_an_order_that_cannot_be_read_is_named_and_hides_no_other(night: Night) -> None:
    unreadable, other = night.order(), night.order(order_id="1" * 16)
    del night.orders.heads["0" * 16]["payment_status"]
    night.gateway.pages = [page(unreadable, other)]

    assert night.run().done is True
    assert night.found() == [Discrepancy.MISSING_WEBHOOK, Discrepancy.UNREADABLE_ORDER]


def test_a_listed_payment_that_the_gateway_does_not_know_is_named_and_changes_nothing(night: Night) -> None:
    entry = night.order()
    night.gateway.money.clear()
    night.gateway.pages = [page(entry)]

    assert night.run().done is True
    assert (night.found(), night.status()) == ([Discrepancy.NOT_SHOWN], "in_payment")


def test_another_sum_than_is_recorded_is_left_to_a_person(night: Night) -> None:
    entry = night.order(Planted.PAID)
    wrong = replace(entry.capture, amount=entry.capture.amount + 1)
    night.gateway.money[entry.owner.attempt_id] = wrong
    before = dict(night.orders.heads["0" * 16])
    night.gateway.pages = [page(replace(entry, capture=wrong))]

    assert night.run().done is True
    assert [(found.discrepancy, found.put_right) for found in night.kept.found.values()] == [
        (Discrepancy.WRONG_AMOUNT, False)
    ]
    assert night.orders.heads["0" * 16] == before


def test_a_refund_by_hand_that_failed_is_left_to_a_person(night: Night) -> None:
    entry = night.order(Planted.RETURNED)
    night.gateway.pages = [page(ListedRefund("re_1", entry.capture, ListedState.FAILED, entry.owner, NOON))]

    assert night.run().done is True
    assert [(found.discrepancy, found.put_right) for found in night.kept.found.values()] == [
        (Discrepancy.RETURNED_LESS, False)
    ]


def test_a_list_that_is_older_than_the_head_is_no_difference(night: Night) -> None:
    entry = night.order(Planted.RETURNED)
    night.gateway.pages = [page(entry)]

    assert night.run().done is True
    assert night.found() == []


def test_a_lost_dispute_without_its_money_is_made_good(night: Night) -> None:
    entry = night.order(Planted.DISPUTED)
    (dispute_id,) = night.orders.heads["0" * 16]["disputes"]
    night.orders.heads["0" * 16]["disputes"][dispute_id]["status"] = "lost"
    night.gateway.money[entry.owner.attempt_id] = replace(entry.capture, returned=300)
    dispute = Dispute(dispute_id, entry.payment_id, 300, "EUR", DisputeStatus.LOST)
    night.gateway.pages = [page(ListedDispute(dispute, entry.owner, NOON))]

    assert night.run().done is True
    assert night.found() == [Discrepancy.DISPUTE_LOST]
    (payment,) = night.orders.heads["0" * 16]["payments"].values()
    assert payment["returned"] == 300


def test_an_entry_of_the_hours_around_a_day_is_found_once_for_both_days(night: Night) -> None:
    entry = night.order()
    night.gateway.money.clear()
    night.gateway.pages = [page(entry)]

    night.run()
    night.clock.advance(timedelta(days=1))
    night.run(day=1)

    assert len(night.gateway.windows) == 2
    assert night.metrics.times(Metric.STATEMENT_DIFFERS) == 1


class SlowTable(MemoryOrderStore):
    """Gives one head of a batch at a time."""

    def read_heads(self, order_ids: Sequence[str]) -> Heads:
        return Heads(super().read_heads(order_ids[:1]).found, tuple(order_ids[1:]))


@pytest.mark.parametrize(("orders", "done"), [(3, True), (9, False)])
def test_heads_that_the_database_did_not_get_to_are_read_again(orders: int, done: bool) -> None:
    night = Night(orders=SlowTable())
    night.gateway.pages = [page(*(night.order(order_id=f"{number:016d}") for number in range(orders)))]

    assert night.run().done is done
    assert {night.status(f"{number:016d}") for number in range(orders)} == {"paid" if done else "in_payment"}


def test_a_list_of_many_pages_is_gone_through_in_many_short_runs() -> None:
    statement = SimulatedStatement(450)
    kept, metrics, clock = MemoryReconciliationStore(), RecordedMetrics(), SettableClock(night_after())
    gateways = FixedGateways({"sandbox": cast("Any", statement)})
    ports = Ports(statement.orders, gateways, clock, SequentialIdGenerator(), metrics)
    runs = 0
    done = False
    while not done and runs < 20:
        begun = sum(statement.calls[kind.value] for kind in StatementKind)

        def one_page(begun: int = begun) -> bool:
            return sum(statement.calls[kind.value] for kind in StatementKind) - begun < 2

        (report,) = reconcile_days([NOON.date()], ["sandbox"], one_page, kept, ports)
        done, runs = report.done, runs + 1
    assert (done, sum(state.pages for state in report.progress)) == (True, 7)
    assert 1 < runs < 20
    assert {(found.discrepancy, found.subject) for found in kept.found.values()} == set(statement.planted())


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryReconciliationStore()
    return DynamoReconciliationStore(request.getfixturevalue("orders_table"))


def test_both_stores_keep_progress_by_its_version_and_findings_once(store: Any) -> None:
    night = Night(kept=store)
    entry = night.order()
    night.gateway.pages = [page(entry, cursor="1"), page()]
    assert night.run().done is True

    day = NOON.date().isoformat()
    (state,) = store.read_progress("sandbox", day)
    assert (state.done, state.listed, state.pages, state.version) == (True, 1, 2, 2)
    assert store.save_progress(state, NOON) is False
    assert store.save_progress(replace(state, version=3), NOON) is True
    (finding,) = store.findings("sandbox", day, 10)
    assert store.add_finding(replace(finding, amount=1), NOON) is False
    assert store.findings("sandbox", day, 10) == (finding,)
    assert store.findings("sandbox", "2026-11-23", 10) == store.findings("sandbox", day, 0) == ()
    assert store.read_progress("another", day) == ()


def test_what_is_kept_expires_and_no_order_index_or_stream_takes_it_for_an_order(orders_table: TableConnection) -> None:
    night = Night(kept=cast("Any", DynamoReconciliationStore(orders_table)))
    night.gateway.pages = [page(night.order())]
    night.run()

    items = client_of(orders_table).scan(TableName=orders_table.table)["Items"]

    assert {item["pk"]["S"] for item in items} == {"STATEMENT#sandbox#2026-11-24"}
    assert {item["sk"]["S"].partition("#")[0] for item in items} == {"PROGRESS", "FINDING"}
    assert {int(item["ttl"]["N"]) for item in items} == {int((night.clock.now() + KEPT).timestamp())}
    assert not any({"shard", "seller_id", "buyer_id"} & item.keys() for item in items)


def test_a_database_that_does_not_answer_ends_the_list_and_not_the_others(night: Night) -> None:
    class Silent(MemoryReconciliationStore):
        def read_progress(self, gateway: str, day: str) -> Any:
            if gateway == "another":
                raise StoreUnavailable("no answer")
            return super().read_progress(gateway, day)

    night.kept = Silent()
    night.gateways.made["another"] = ListingGateway(night.clock, [page()])
    night.gateway.pages = [page(night.order())]

    assert night.run("another", "sandbox").done is False
    assert night.status() == "paid"
