"""An order is unlocked for the reason that its release was begun for, whichever call completes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.errors import OutcomeUnknown
from paylatch.ports import SessionReport, SessionState
from tests.integration.shop import TTL, Shop

SILENCE = OutcomeUnknown("sandbox", "nobody there")
AGO = timedelta(minutes=16)
WHY = {"reason": "The gateway closed our account."}


def cancelled(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.cancel_payment(order_id, attempt_id)


def timed_out(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.clock.advance(TTL)
    shop.sweep()


def declined(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.callback(shop.gateway.signed("session.declined", attempt_id))


def gateway_reports(kind: str) -> Callable[[Shop, str, str], None]:
    def end(shop: Shop, order_id: str, attempt_id: str) -> None:
        shop.callback(shop.gateway.signed(kind, attempt_id))

    return end


def run_sweep(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.sweep()


def cancel_again(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.cancel_payment(order_id, attempt_id)


def operator_rechecks(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.gateway.answer_with("query", SessionReport(SessionState.CLOSED))
    shop.operator("recheck", order_id, attempt_id)


def operator_releases(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.operator("release", order_id, attempt_id, body=WHY)


def payment_already_returned(shop: Shop, order_id: str, attempt_id: str) -> None:
    capture = shop.gateway.capture_payment(attempt_id)
    shop.gateway.money[attempt_id] = replace(capture, returned=capture.amount)
    event_type = shop.gateway.signed("payment.succeeded", attempt_id, capture, stated_at=shop.clock.now() - AGO)
    shop.callback(event_type)


ENDS = {
    "session.closed": gateway_reports("session.closed"),
    "session.expired": gateway_reports("session.expired"),
    "session.declined": gateway_reports("session.declined"),
    "the sweep": run_sweep,
    "another cancellation": cancel_again,
    "an operator's recheck": operator_rechecks,
    "an operator's release": operator_releases,
    "money that came and went": payment_already_returned,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("begin", [cancelled, timed_out, declined], ids=lambda begin: begin.__name__)
def test_a_release_keeps_the_reason_that_it_was_begun_for(
    shop: Shop, begin: Callable[[Shop, str, str], None], end: str
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.answer_with("void", SILENCE)
    begin(shop, order_id, attempt_id)
    assert shop.status(order_id) == "releasing"
    # By its time alone the end would have another reason.
    shop.clock.advance(timedelta(minutes=1) if begin is timed_out else TTL + timedelta(minutes=1))
    ENDS[end](shop, order_id, attempt_id)
    assert shop.status(order_id) == "pending_payment"
    reason = begin.__name__
    assert shop.head(order_id).past_attempts[attempt_id].status == reason
    assert dict(shop.head(order_id).last_event.detail or {})["reason"] == reason
