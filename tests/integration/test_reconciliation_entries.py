"""What an entry of a statement is held against: whose it is, what the head says, and what the gateway then answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.planted_orders import Planted
from paylatch.domain.documents import order_from_document
from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.domain.statement import (
    Discrepancy,
    ListedCapture,
    ListedDispute,
    ListedRefund,
    ListedState,
    Owner,
)
from paylatch.domain.tombstone import tombstone
from paylatch.ports import Metric
from tests.conftest import NOON
from tests.integration.reconciliation_night import ListingGateway, Night, page


@pytest.fixture
def night() -> Night:
    return Night()


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
    counted = (Metric.FOREIGN_PAYMENT, 1, {"gateway": "sandbox", "payment_ids": "pay_of_others"})
    assert night.metrics.counted == [counted]


def test_what_the_list_itself_calls_foreign_is_not_asked_about(night: Night) -> None:
    capture = Capture("pay_of_others", 100, "EUR")
    night.gateway.pages = [page(ListedCapture(capture, Owner(foreign="another stack's"), NOON))]

    assert night.run().progress[0].foreign == 1
    assert night.gateway.asked == []


def test_a_list_without_a_foreign_payment_counts_none(night: Night) -> None:
    night.gateway.pages = [page(night.order())]

    assert night.run().done is True
    assert night.metrics.times(Metric.FOREIGN_PAYMENT) == 0


@pytest.mark.parametrize(("order_id", "foreign"), [("0" * 16, 0), ("9" * 16, 1)])
def test_a_payment_that_names_no_stack_is_ours_where_an_order_has_its_attempt(
    night: Night, order_id: str, foreign: int
) -> None:
    entry = night.order()
    owner = Owner(entry.owner.attempt_id.replace("0" * 16, order_id), stack_named=False)
    night.gateway.pages = [page(replace(entry, owner=owner))]

    assert night.run().progress[0].foreign == foreign
    assert (night.status() == "paid") is not bool(foreign)


def test_a_payment_that_names_no_stack_is_not_ours_where_the_order_never_had_its_attempt(night: Night) -> None:
    entry = night.order()
    owner = Owner(f"{'0' * 16}_77777777", stack_named=False)
    night.gateway.pages = [page(replace(entry, owner=owner))]

    report = night.run()

    assert (report.done, report.progress[0].foreign, night.found()) == (True, 1, [])


def test_a_payment_that_names_no_stack_is_not_ours_where_the_attempt_is_at_another_gateway(night: Night) -> None:
    entry = night.order()
    owner = replace(entry.owner, stack_named=False)
    night.gateways.made["another"] = ListingGateway(night.clock, [page(replace(entry, owner=owner))])

    report = night.run("another")

    assert (report.done, report.progress[0].foreign, night.found()) == (True, 1, [])


def test_a_payment_that_names_no_stack_may_be_of_a_retired_order(night: Night) -> None:
    entry = night.order()
    night.orders.heads["0" * 16] = tombstone(order_from_document(night.orders.heads["0" * 16]), NOON)
    night.gateway.pages = [page(replace(entry, owner=replace(entry.owner, stack_named=False)))]

    report = night.run()

    assert (report.done, report.progress[0].foreign) == (True, 0)
    assert night.found() == [Discrepancy.UNKNOWN_ORDER]


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


@pytest.mark.parametrize("end", [DisputeStatus.WON, DisputeStatus.LOST])
def test_a_dispute_that_is_listed_as_open_and_has_ended_since_is_no_difference(
    night: Night, end: DisputeStatus
) -> None:
    entry = night.order(Planted.DISPUTED)
    (dispute_id,) = night.orders.heads["0" * 16]["disputes"]
    night.orders.heads["0" * 16]["disputes"][dispute_id]["status"] = end.value
    dispute = Dispute(dispute_id, entry.payment_id, 300, "EUR", DisputeStatus.OPEN)
    night.gateway.pages = [page(ListedDispute(dispute, entry.owner, NOON))]

    assert night.run().done is True
    assert night.found() == []


def test_a_total_that_a_refund_of_ours_may_explain_is_asked_about_once_and_not_named(night: Night) -> None:
    entry = night.order(Planted.REFUND_FAILED)
    (refund,) = night.orders.heads["0" * 16]["refunds"].values()
    (payment,) = night.orders.heads["0" * 16]["payments"].values()
    refund |= {"status": "due", "tries": 1}
    payment["returned"] = 0
    returned = replace(entry, capture=replace(entry.capture, returned=entry.capture.amount))
    night.gateway.pages = [page(returned)]

    assert night.run().done is True
    assert (night.found(), night.gateway.asked) == ([], [("query_payment", entry.payment_id)])
