"""An order is given back for the reason that its release was begun for, whoever brings the end of it."""

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


def the_gateways_word(kind: str) -> Callable[[Shop, str, str], None]:
    def end(shop: Shop, order_id: str, attempt_id: str) -> None:
        shop.callback(shop.gateway.signed(kind, attempt_id))

    return end


def the_sweep(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.sweep()


def another_cancellation(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.cancel_payment(order_id, attempt_id)


def an_operators_recheck(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.gateway.will("query", SessionReport(SessionState.CLOSED))
    shop.operator("recheck", order_id, attempt_id)


def an_operators_release(shop: Shop, order_id: str, attempt_id: str) -> None:
    shop.operator("release", order_id, attempt_id, body=WHY)


def money_that_came_and_went(shop: Shop, order_id: str, attempt_id: str) -> None:
    capture = shop.gateway.take_money(attempt_id)
    shop.gateway.money[attempt_id] = replace(capture, returned=capture.amount)
    news = shop.gateway.signed("payment.succeeded", attempt_id, capture, stated_at=shop.clock.now() - AGO)
    shop.callback(news)


ENDS = {
    "session.closed": the_gateways_word("session.closed"),
    "session.expired": the_gateways_word("session.expired"),
    "session.declined": the_gateways_word("session.declined"),
    "the sweep": the_sweep,
    "another cancellation": another_cancellation,
    "an operator's recheck": an_operators_recheck,
    "an operator's release": an_operators_release,
    "money that came and went": money_that_came_and_went,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("begin", [cancelled, timed_out, declined], ids=lambda begin: begin.__name__)
def test_a_release_keeps_the_reason_that_it_was_begun_for(
    shop: Shop, begin: Callable[[Shop, str, str], None], end: str
) -> None:
    order_id, attempt_id = shop.locked()
    shop.gateway.will("void", SILENCE)
    begin(shop, order_id, attempt_id)
    assert shop.status(order_id) == "releasing"
    # By its time alone the end would have another reason.
    shop.clock.advance(timedelta(minutes=1) if begin is timed_out else TTL + timedelta(minutes=1))
    ENDS[end](shop, order_id, attempt_id)
    assert shop.status(order_id) == "pending_payment"
    reason = begin.__name__
    assert shop.head(order_id).past_attempts[attempt_id].status == reason
    assert dict(shop.head(order_id).last_event.detail or {})["reason"] == reason
