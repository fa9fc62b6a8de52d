"""A gateway that is silent costs a sweep a few questions, not all of its time, and its orders stay visibly locked."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from paylatch.domain.errors import Misconfigured, OutcomeUnknown, RateLimited, Refused, Transient
from paylatch.use_cases.circuit_breaker import MOST_FAILURES, CircuitBreaker
from tests.fakes.chosen_gateways import ChosenGateways
from tests.integration.shop import TTL, Shop

ORDERS = MOST_FAILURES + 3
SILENT = OutcomeUnknown("sandbox", "no answer")
SUBJECT = object()


def locked_orders(shop: Shop) -> list[str]:
    return [shop.locked(f"key-{number}")[0] for number in range(ORDERS)]


def test_a_silent_gateway_is_asked_only_a_few_times_in_one_run(shop: Shop) -> None:
    orders = locked_orders(shop)
    shop.clock.advance(TTL)
    shop.gateway.will("void", *[SILENT] * ORDERS)
    assert shop.sweep()["failed"] == 0
    assert len(shop.gateway.calls("void")) == MOST_FAILURES
    assert {shop.status(order_id) for order_id in orders} == {"releasing"}


def test_the_next_run_asks_it_again(shop: Shop) -> None:
    orders = locked_orders(shop)
    shop.clock.advance(TTL)
    shop.gateway.will("void", *[SILENT] * MOST_FAILURES)
    shop.sweep()
    shop.clock.advance(timedelta(minutes=1))
    shop.sweep()
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}


def test_a_gateway_that_asks_for_fewer_calls_is_not_silent(shop: Shop) -> None:
    orders = locked_orders(shop)
    shop.clock.advance(TTL)
    shop.gateway.will("void", *[RateLimited("sandbox", "429")] * MOST_FAILURES)
    shop.sweep()
    statuses = sorted(shop.status(order_id) for order_id in orders)
    assert statuses == ["pending_payment"] * 3 + ["releasing"] * MOST_FAILURES


class OneSeries:
    """A gateway that gives one series of answers to whatever it is asked, and notes the questions."""

    name = "sandbox"

    def __init__(self, *answers: Exception | None) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    def __getattr__(self, question: str) -> Callable[[object], None]:
        def ask(_: object) -> None:
            self.asked.append(question)
            answer = self._answers.pop(0) if self._answers else None
            if answer is not None:
                raise answer

        return ask


def gateways_of(**gateways: OneSeries) -> CircuitBreaker:
    return CircuitBreaker(ChosenGateways(gateways))  # type: ignore[arg-type]


def ask(gateways: CircuitBreaker, name: str, question: str = "void") -> None:
    with suppress(OutcomeUnknown, RateLimited, Refused):
        getattr(gateways.named(name), question)(SUBJECT)


@pytest.mark.parametrize("question", ["void", "query", "query_payment", "refund", "query_refund"])
def test_nothing_is_asked_of_a_gateway_that_was_silent_and_another_is_asked_on(question: str) -> None:
    silent, speaking = OneSeries(*[SILENT] * MOST_FAILURES), OneSeries()
    gateways = gateways_of(one=silent, two=speaking)
    for _ in range(MOST_FAILURES):
        ask(gateways, "one")
    with pytest.raises(Transient, match="not asked"):
        getattr(gateways.named("one"), question)(SUBJECT)
    assert silent.asked == ["void"] * MOST_FAILURES
    ask(gateways, "two", question)
    assert speaking.asked == [question], "though both adapters have one name"


def test_a_gateway_that_is_misconfigured_for_one_question_is_asked_the_others() -> None:
    gateway = OneSeries(*[Misconfigured("sandbox", "its secret cannot be read")] * MOST_FAILURES)
    gateways = gateways_of(one=gateway)
    for _ in range(MOST_FAILURES + 2):
        with pytest.raises(Misconfigured):
            gateways.named("one").refund(SUBJECT)  # type: ignore[arg-type]
    ask(gateways, "one", "void")
    assert gateway.asked == ["refund"] * MOST_FAILURES + ["void"]


SIGNS = {"an answer": None, "a 429": RateLimited("sandbox", "429"), "a final no": Refused("sandbox", "no")}


@pytest.mark.parametrize("answer", SIGNS.values(), ids=SIGNS)
def test_a_sign_of_life_begins_the_count_anew(answer: Exception | None) -> None:
    almost = [SILENT] * (MOST_FAILURES - 1)
    gateway = OneSeries(*almost, answer, *almost)
    gateways = gateways_of(one=gateway)
    for _ in range(2 * MOST_FAILURES):
        ask(gateways, "one")
    assert len(gateway.asked) == 2 * MOST_FAILURES
