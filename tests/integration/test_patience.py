"""A gateway that is silent costs a sweep a few questions, not all of its time, and its orders stay visibly locked."""

from datetime import timedelta

from paylatch.domain.errors import OutcomeUnknown
from paylatch.domain.payment import Attempt, SupersededAttempt
from paylatch.ports import VoidAnswer
from paylatch.use_cases.patience import SILENCES
from tests.integration.shop import TTL, Shop


def test_a_silent_gateway_is_asked_only_a_few_times_in_one_run(shop: Shop) -> None:
    orders = [shop.locked(f"key-{number}")[0] for number in range(SILENCES + 3)]
    shop.clock.advance(TTL)
    asked: list[str] = []

    def silent(attempt: Attempt | SupersededAttempt) -> VoidAnswer:
        asked.append(attempt.attempt_id)
        raise OutcomeUnknown("sandbox", "no answer")

    answering = shop.gateway.void
    shop.gateway.void = silent  # type: ignore[method-assign]
    assert shop.sweep()["failed"] == 0
    assert len(asked) == SILENCES
    assert {shop.status(order_id) for order_id in orders} == {"releasing"}

    shop.gateway.void = answering  # type: ignore[method-assign]
    shop.clock.advance(timedelta(minutes=1))
    shop.sweep()
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}
