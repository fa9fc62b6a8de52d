"""Every adapter reports returned money, whether we or others refunded it."""

import pytest

from paylatch.domain.errors import Refused
from paylatch.domain.payment import Attempt, Capture, PaymentPlace, Refund, RefundStatus
from paylatch.domain.refund_request import RefundRequest
from paylatch.domain.transitions.attempt_changes import captured_payment
from paylatch.ports import FoundAttempt, RefundState, SessionState, VoidKind
from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.contract.gateway_drivers.gateway_driver import GatewayDriver

PART = 200


def captures(driver: GatewayDriver, attempt: Attempt) -> list[Capture]:
    """The money of a paid attempt: as the query of the attempt, the refused void and the query of the payment report
    it.
    """
    report, answer = driver.gateway.query(attempt), driver.gateway.void(attempt)
    assert (report.state, answer.kind) == (SessionState.PAID, VoidKind.ALREADY_PAID)
    assert report.capture
    assert answer.capture
    asked = driver.gateway.query_payment(report.capture.payment_id)
    assert asked
    return [report.capture, answer.capture, asked]


def paid(driver: GatewayDriver) -> tuple[Attempt, Capture]:
    attempt = driver.paid()
    return attempt, captures(driver, attempt)[0]


def test_all_of_an_untouched_payment_is_held(driver: GatewayDriver) -> None:
    attempt, capture = paid(driver)
    assert (capture.amount, capture.currency, capture.returned) == (attempt.amount, attempt.currency, 0)
    assert captures(driver, attempt) == [capture] * 3


def test_a_part_that_was_refunded_by_hand_is_returned(driver: GatewayDriver) -> None:
    attempt, _ = paid(driver)
    for _ in range(2):
        driver.refund_by_hand(attempt, PART)
    seen = 2 * PART if driver.gateway.capabilities.shows_partial_refunds else 0
    assert {(capture.amount, capture.returned) for capture in captures(driver, attempt)} == {(attempt.amount, seen)}


def test_what_was_refunded_whole_by_hand_is_paid_and_all_of_it_returned(driver: GatewayDriver) -> None:
    attempt, _ = paid(driver)
    driver.refund_by_hand(attempt, PART)
    driver.refund_by_hand(attempt, attempt.amount - PART)
    seen = captures(driver, attempt)
    assert {(capture.amount, capture.returned) for capture in seen} == {(attempt.amount, attempt.amount)}
    assert [capture.held for capture in seen] == [0, 0, 0]


def test_our_own_refund_is_returned(driver: GatewayDriver) -> None:
    attempt, capture = paid(driver)
    assert driver.gateway.refund(driver.refund_of(attempt, capture)) is RefundState.DONE
    assert [seen.returned for seen in captures(driver, attempt)] == [attempt.amount] * 3


def test_a_refund_asks_for_what_is_still_held(driver: GatewayDriver) -> None:
    attempt, capture = paid(driver)
    driver.refund_by_hand(attempt, PART)
    refund = driver.refund_of(attempt, capture)
    if not driver.gateway.capabilities.shows_partial_refunds:
        # The held sum is not reported: it is not guessed, an operator decides.
        with pytest.raises(Refused):
            driver.gateway.refund(refund)
        assert driver.money(attempt) == (attempt.amount, PART)
        return
    assert [driver.gateway.refund(refund) for _ in range(2)] == [RefundState.DONE] * 2
    assert driver.gateway.query_refund(refund) is RefundState.DONE
    assert driver.money(attempt) == (attempt.amount, attempt.amount)


def test_a_refund_of_what_was_refunded_before_is_done_and_moves_nothing(driver: GatewayDriver) -> None:
    attempt, capture = paid(driver)
    driver.refund_by_hand(attempt, attempt.amount)
    assert driver.gateway.refund(driver.refund_of(attempt, capture)) is RefundState.DONE
    assert driver.money(attempt) == (attempt.amount, attempt.amount)


REFUSALS = [(name, why) for name, kind in GATEWAY_DRIVERS.items() for why in kind.refusals]


@pytest.mark.parametrize(("driver", "why"), REFUSALS, indirect=["driver"])
def test_a_refused_refund_says_whether_it_may_be_retried(driver: GatewayDriver, why: str) -> None:
    attempt, capture = paid(driver)
    refund, expected = driver.refund_of(attempt, capture), driver.refusals[why]
    driver.refuse_refunds(why)
    if isinstance(expected, RefundState):
        assert driver.gateway.refund(refund) is expected
        return
    with pytest.raises(expected) as refused:
        driver.gateway.refund(refund)
    assert refused.type is expected or (expected is Refused and issubclass(refused.type, Refused))
    driver.allow_refunds()
    assert driver.gateway.refund(refund) is RefundState.DONE
    assert driver.money(attempt) == (attempt.amount, attempt.amount)


@pytest.mark.parametrize(("driver", "why"), REFUSALS, indirect=["driver"])
def test_a_refused_refund_of_the_remainder_says_whether_it_may_be_retried(driver: GatewayDriver, why: str) -> None:
    """After a partial refund by others, the request is for the remainder, and refused by the same codes."""
    attempt, capture = paid(driver)
    expected = driver.refusals[why]
    if not driver.gateway.capabilities.shows_partial_refunds or isinstance(expected, RefundState):
        return
    driver.refund_by_hand(attempt, PART)
    driver.refuse_refunds(why)
    with pytest.raises(expected) as refused:
        driver.gateway.refund(driver.refund_of(attempt, capture))
    assert refused.type is expected or (expected is Refused and issubclass(refused.type, Refused))


def test_every_gateway_has_a_final_a_temporary_and_a_rate_limit_refusal() -> None:
    for kind in GATEWAY_DRIVERS.values():
        assert {expected.__name__ for expected in kind.refusals.values() if isinstance(expected, type)} >= {
            *("Refused", "Transient", "RateLimited")
        }


def test_a_payment_that_the_gateway_does_not_know_is_none(driver: GatewayDriver) -> None:
    driver.paid()
    for payment_id in ("pi_of_nobody", "pay_of_nobody", "NOBODYS", "20261124220014000000009999"):
        assert driver.gateway.query_payment(payment_id) is None
        assert driver.gateway.find_attempt(payment_id) is None


def test_the_attempt_of_a_payment_is_found(driver: GatewayDriver) -> None:
    (attempt, capture), (other, theirs) = paid(driver), paid(driver)
    assert driver.gateway.find_attempt(capture.payment_id) == FoundAttempt(attempt.attempt_id)
    assert driver.gateway.find_attempt(theirs.payment_id) == FoundAttempt(other.attempt_id)


def requested(driver: GatewayDriver, attempt: Attempt, capture: Capture, amount: int, key: str) -> Refund:
    """A refund of a part of the payment, as the shop requests it."""
    request = RefundRequest(attempt.attempt_id[:16], amount, "it came back", key)
    payment = captured_payment(attempt.attempt_id, driver.name, capture, PaymentPlace.SETTLED, driver.clock.now())
    return request.refund(payment, amount, RefundStatus.DUE, driver.clock.now())


def test_several_refunds_of_one_payment_are_each_made_once(driver: GatewayDriver) -> None:
    attempt, capture = paid(driver)
    first, second = (requested(driver, attempt, capture, PART, key) for key in ("return-1", "return-2"))
    assert driver.gateway.query_refund(first) is RefundState.UNKNOWN
    for refund in (first, first, second, second, first):
        assert driver.gateway.refund(refund) is RefundState.DONE
    assert driver.money(attempt) == (attempt.amount, 2 * PART)
    third = requested(driver, attempt, capture, PART, "return-3")
    assert [driver.gateway.query_refund(refund) for refund in (first, second)] == [RefundState.DONE] * 2
    assert driver.gateway.query_refund(third) is RefundState.UNKNOWN


def test_partial_refunds_of_ours_are_counted_once_beside_one_by_hand(driver: GatewayDriver) -> None:
    attempt, capture = paid(driver)
    driver.gateway.refund(requested(driver, attempt, capture, PART, "return-1"))
    driver.refund_by_hand(attempt, PART + 1)
    seen = 2 * PART + 1 if driver.gateway.capabilities.shows_partial_refunds else 0
    assert {shown.returned for shown in captures(driver, attempt)} == {seen}
