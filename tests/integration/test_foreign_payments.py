"""Callbacks of other stacks and shops on the same gateway account: acknowledged, counted, and never acted on."""

from dataclasses import replace
from typing import Any

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.ids import ATTEMPT_SUFFIX_LENGTH
from paylatch.domain.payment import Capture, Dispute, DisputeStatus
from paylatch.ports import (
    FoundAttempt,
    GatewayEvent,
    GatewayEventKind,
    Metric,
    SessionReport,
    SessionState,
    VoidAnswer,
    VoidKind,
)
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.integration.shop import Shop

OTHER_STACK = "paylatch-staging"
LOST = f"7777777777777777_{'7' * ATTEMPT_SUFFIX_LENGTH}"
DISPUTE = Dispute("dp_1", "pay_1", 2500, "EUR", DisputeStatus.LOST)
SAYINGS = (
    "payment.succeeded",
    "payment.failed",
    "payment.processing",
    "session.expired",
    "session.closed",
    "session.declined",
    "refund.succeeded",
    "refund.failed",
    "payment.refunded",
    "dispute.opened",
    "dispute.lost",
)


def said(shop: Shop, saying: str, attempt_id: str, stack: str) -> Any:
    """A genuine callback about a payment of that stack."""
    if saying.startswith("dispute."):
        status = DisputeStatus.LOST if saying.endswith("lost") else DisputeStatus.OPEN
        return shop.gateway.signed(saying, attempt_id, dispute=replace(DISPUTE, status=status), stack=stack)
    return shop.gateway.signed(saying, attempt_id, Capture("pay_1", 2500, "EUR", returned=100), stack=stack)


def counted(shop: Shop, metric: Metric) -> list[dict[str, str | int]]:
    return [details for named, _, details in shop.metrics.counted if named is metric]


@pytest.mark.parametrize("saying", SAYINGS)
def test_a_callback_of_another_stack_changes_no_order_whatever_its_ids(shop: Shop, saying: str) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    shop.gateway.capture_payment(attempt_id)
    shop.metrics.counted.clear()
    assert shop.callback(said(shop, saying, attempt_id, OTHER_STACK)).status == 204
    assert shop.head(order_id) == before
    assert shop.gateway.calls("void") == []
    (details,) = counted(shop, Metric.FOREIGN_PAYMENT)
    assert [metric for metric, _, _ in shop.metrics.counted] == [Metric.FOREIGN_PAYMENT]
    assert (details["gateway"], details["said"]) == ("sandbox", saying)
    assert details["cause"] == f"it names the stack {OTHER_STACK}"


def test_a_foreign_payment_goes_on_record_with_all_that_is_known_of_it(shop: Shop) -> None:
    shop.callback(said(shop, "payment.succeeded", "cart_123", ""))
    assert counted(shop, Metric.FOREIGN_PAYMENT) == [
        {
            "gateway": "sandbox",
            "said": "payment.succeeded",
            "payment_id": "pay_1",
            "amount": "2500",
            "currency": "EUR",
            "cause": "it names no attempt",
        }
    ]


@pytest.mark.parametrize("saying", SAYINGS)
def test_a_payment_without_a_stack_is_foreign_where_its_order_is_not_here(shop: Shop, saying: str) -> None:
    assert shop.callback(said(shop, saying, LOST, "")).status == 204
    assert [metric for metric, _, _ in shop.metrics.counted] == [Metric.FOREIGN_PAYMENT]


@pytest.mark.parametrize("saying", SAYINGS)
def test_a_payment_without_a_stack_is_foreign_where_the_order_does_not_know_its_attempt(
    shop: Shop, saying: str
) -> None:
    order_id, _ = shop.locked()
    before = shop.head(order_id)
    shop.metrics.counted.clear()
    assert shop.callback(said(shop, saying, f"{order_id}_{'7' * ATTEMPT_SUFFIX_LENGTH}", "")).status == 204
    assert shop.head(order_id) == before
    (details,) = counted(shop, Metric.FOREIGN_PAYMENT)
    assert details["cause"] == "it names no stack, and no order here knows its attempt"


def test_a_payment_without_a_stack_is_ours_where_the_order_knows_its_attempt(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    capture = shop.gateway.capture_payment(attempt_id)
    shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, capture, stack=""))
    assert shop.status(order_id) == "paid"
    assert counted(shop, Metric.FOREIGN_PAYMENT) == []


UNHEARD = ("payment.failed", "payment.processing")


@pytest.mark.parametrize("saying", [saying for saying in SAYINGS if saying not in UNHEARD])
def test_a_payment_of_this_stack_whose_order_is_not_here_rings(shop: Shop, saying: str) -> None:
    shop.gateway.money[LOST] = Capture("pay_1", 2500, "EUR", returned=100)
    answer = shop.callback(said(shop, saying, LOST, "paylatch"))
    assert counted(shop, Metric.UNKNOWN_PAYMENT)
    assert counted(shop, Metric.FOREIGN_PAYMENT) == []
    assert answer.status == 404


def names_payment_only(shop: Shop, kind: GatewayEventKind) -> Any:
    """A callback that does not say whose the payment is."""
    capture = None if kind is GatewayEventKind.DISPUTED else Capture("pay_1", 0, "XXX")
    dispute = DISPUTE if kind is GatewayEventKind.DISPUTED else None
    shop.gateway.gateway_events = (GatewayEvent(kind, "", capture, dispute=dispute),)
    return shop.gateway.signed("payment.refunded", LOST, Capture("pay_1", 1, "EUR"))


PAYMENT_ONLY = (GatewayEventKind.DISPUTED, GatewayEventKind.MONEY_RETURNED, GatewayEventKind.UNKNOWN)


@pytest.mark.parametrize("kind", PAYMENT_ONLY)
def test_a_payment_that_is_not_ours_by_the_gateways_answer_is_foreign(shop: Shop, kind: GatewayEventKind) -> None:
    assert shop.callback(names_payment_only(shop, kind)).status == 204
    (details,) = counted(shop, Metric.FOREIGN_PAYMENT)
    assert (details["payment_id"], details["said"]) == ("pay_1", kind.value)


@pytest.mark.parametrize("kind", PAYMENT_ONLY)
def test_a_payment_that_names_no_stack_to_the_gateway_either_is_foreign(shop: Shop, kind: GatewayEventKind) -> None:
    shop.gateway.answer_with("find_attempt", FoundAttempt(LOST, stack_named=False))
    assert shop.callback(names_payment_only(shop, kind)).status == 204
    assert len(counted(shop, Metric.FOREIGN_PAYMENT)) == 1


@pytest.mark.parametrize("kind", PAYMENT_ONLY)
def test_a_callback_is_retried_while_the_owner_of_its_payment_is_unknown(shop: Shop, kind: GatewayEventKind) -> None:
    shop.gateway.answer_with("find_attempt", OutcomeUnknown("sandbox", "no answer"))
    assert shop.callback(names_payment_only(shop, kind)).status == 503
    assert counted(shop, Metric.FOREIGN_PAYMENT) == []


def test_a_foreign_payment_may_be_described_at_any_length(shop: Shop) -> None:
    callback = shop.gateway.signed("payment.succeeded", "cart" * 250_000, Capture("pay" * 100, 1, "EUR"))
    assert shop.callback(callback).status == 204
    (details,) = counted(shop, Metric.FOREIGN_PAYMENT)
    assert len(str(details["payment_id"])) == 255


def test_a_status_that_the_gateway_does_not_document_changes_nothing_and_is_named(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    shop.gateway.gateway_events = (
        GatewayEvent(GatewayEventKind.UNKNOWN, attempt_id, cause="status FROZEN is not known"),
    )
    answer = shop.callback(shop.gateway.signed("payment.succeeded", attempt_id, Capture("pay_1", 2500, "EUR")))
    assert (answer.status, answer.code) == (503, "gateway-unavailable")
    assert shop.head(order_id) == before
    ((_, line),) = shop.metrics.failed
    assert (line["attempt_id"], "FROZEN" in line["cause"]) == (attempt_id, True)


OFF = "automatic collection is off"


def test_an_uncollected_payment_is_counted_as_misconfiguration_when_it_is_reported(
    shop: Shop,
) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    shop.gateway.gateway_events = (GatewayEvent(GatewayEventKind.IN_PROGRESS, attempt_id, misconfiguration=OFF),)
    details = shop.gateway.signed("payment.processing", attempt_id)
    assert shop.callback(details).status == 204
    assert shop.head(order_id) == before
    assert counted(shop, Metric.GATEWAY_MISCONFIGURED) == [
        {"gateway": "sandbox", "cause": OFF, "attempt_id": attempt_id}
    ]


def test_a_payment_that_the_gateway_does_not_collect_is_counted_as_misconfiguration_when_it_is_asked_about(
    shop: Shop,
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("query", SessionReport(SessionState.IN_PROGRESS, misconfiguration=OFF))
    assert shop.operator("recheck", order_id, attempt_id).status == 200
    assert [details["cause"] for details in counted(shop, Metric.GATEWAY_MISCONFIGURED)] == [OFF]


def test_a_payment_that_the_gateway_does_not_collect_is_counted_as_misconfiguration_when_it_is_voided(
    shop: Shop,
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", VoidAnswer(VoidKind.VOIDED, misconfiguration=OFF))
    shop.cancel_payment(order_id, attempt_id)
    assert shop.status(order_id) == "pending_payment"
    assert [details["cause"] for details in counted(shop, Metric.GATEWAY_MISCONFIGURED)] == [OFF]


def test_a_payment_without_a_stack_is_foreign_where_its_attempt_was_made_at_another_gateway(shop: Shop) -> None:
    order_id, attempt_id = shop.locked()
    before = shop.head(order_id)
    elsewhere = shop.gateways.made["elsewhere"] = ScriptedGateway(shop.clock, "elsewhere")
    details = elsewhere.signed("payment.succeeded", attempt_id, Capture("pay_1", 2500, "EUR"), stack="")
    assert shop.callback(details, "elsewhere").status == 204
    assert shop.head(order_id) == before
    assert len(counted(shop, Metric.FOREIGN_PAYMENT)) == 1
