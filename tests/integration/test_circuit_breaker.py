"""A silent gateway costs a sweep a few queries, not all of its time, and its orders stay visibly locked."""

import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paylatch.domain.errors import (
    GatewayError,
    Misconfigured,
    NotAsked,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Transient,
)
from paylatch.ports import Gateway
from paylatch.use_cases.circuit_breaker import MOST_FAILURES, CircuitBreaker, Failures
from tests.fakes.fixed_gateways import FixedGateways
from tests.fakes.scripted_gateway import ScriptedGateway
from tests.fakes.settable_clock import SettableClock
from tests.integration.shop import TTL, Shop

ORDERS = MOST_FAILURES + 3
SILENT = OutcomeUnknown("sandbox", "no answer")
SUBJECT = object()


def locked_orders(shop: Shop) -> list[str]:
    return [shop.locked(f"key-{number}")[0] for number in range(ORDERS)]


def test_a_gateway_that_does_not_answer_is_asked_only_a_few_times_in_one_run(shop: Shop) -> None:
    orders = locked_orders(shop)
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", *[SILENT] * ORDERS)
    assert shop.sweep()["failed"] == 0
    assert len(shop.gateway.calls("void")) == MOST_FAILURES
    assert {shop.status(order_id) for order_id in orders} == {"releasing"}


def test_the_next_run_asks_it_again(shop: Shop) -> None:
    orders = locked_orders(shop)
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", *[SILENT] * MOST_FAILURES)
    shop.sweep()
    shop.clock.advance(timedelta(minutes=1))
    shop.sweep()
    assert {shop.status(order_id) for order_id in orders} == {"pending_payment"}


def test_a_gateway_that_asks_for_fewer_calls_is_not_silent(shop: Shop) -> None:
    orders = locked_orders(shop)
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", *[RateLimited("sandbox", "429")] * MOST_FAILURES)
    shop.sweep()
    statuses = sorted(shop.status(order_id) for order_id in orders)
    assert statuses == ["pending_payment"] * 3 + ["releasing"] * MOST_FAILURES


class OneSeries:
    """A gateway that gives one series of answers to all calls, and records the calls."""

    name = "sandbox"

    def __init__(self, *answers: Exception | None) -> None:
        self.asked: list[str] = []
        self.answers = list(answers)

    def __getattr__(self, question: str) -> Callable[[object], None]:
        def ask(_: object) -> None:
            self.asked.append(question)
            answer = self.answers.pop(0) if self.answers else None
            if answer is not None:
                raise answer

        return ask


def gateways_of(**gateways: OneSeries) -> CircuitBreaker:
    return CircuitBreaker(FixedGateways(gateways))  # type: ignore[arg-type]


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


def test_an_answer_to_a_question_resets_its_count_of_misconfigurations() -> None:
    almost = [Misconfigured("sandbox", "its secret cannot be read")] * (MOST_FAILURES - 1)
    gateway = OneSeries(*almost, None, *almost)
    gateways = gateways_of(one=gateway)
    for _ in range(2 * MOST_FAILURES):
        with suppress(Misconfigured):
            gateways.named("one").refund(SUBJECT)  # type: ignore[arg-type]
    assert len(gateway.asked) == 2 * MOST_FAILURES


def test_a_call_that_paylatch_itself_did_not_make_neither_counts_as_silence_nor_ends_it() -> None:
    """For lack of time, or because a circuit breaker inside refused it."""
    almost, not_asked = [SILENT] * (MOST_FAILURES - 1), [NotAsked("sandbox", "no time")] * 2 * MOST_FAILURES
    gateway = OneSeries(*almost, *not_asked, SILENT)
    gateways = gateways_of(one=gateway)
    for _ in range(3 * MOST_FAILURES):
        with pytest.raises((OutcomeUnknown, NotAsked)):
            gateways.named("one").void(SUBJECT)  # type: ignore[arg-type]
    assert len(gateway.asked) == 3 * MOST_FAILURES
    with pytest.raises(NotAsked, match="silent"):
        gateways.named("one").void(SUBJECT)  # type: ignore[arg-type]
    assert len(gateway.asked) == 3 * MOST_FAILURES


SIGNS = {"an answer": None, "a 429": RateLimited("sandbox", "429"), "a final no": Refused("sandbox", "no")}


@pytest.mark.parametrize("answer", SIGNS.values(), ids=SIGNS)
def test_a_response_resets_the_failure_count(answer: Exception | None) -> None:
    almost = [SILENT] * (MOST_FAILURES - 1)
    gateway = OneSeries(*almost, answer, *almost)
    gateways = gateways_of(one=gateway)
    for _ in range(2 * MOST_FAILURES):
        ask(gateways, "one")
    assert len(gateway.asked) == 2 * MOST_FAILURES


ANSWERS: dict[str, Exception | None] = {
    "answered": None,
    "not reached": Transient("sandbox", "refused connection"),
    "no answer": SILENT,
    "429": RateLimited("sandbox", "429"),
    "final no": Refused("sandbox", "no"),
    "our secret": Misconfigured("sandbox", "its secret cannot be read"),
}
SILENCES = {"not reached", "no answer"}
QUESTIONS = ["void", "query", "query_payment", "find_attempt", "refund", "query_refund"]
ReceivedRequest = tuple[str, str, str]


def is_asked(gateway: str, question: str, before: list[ReceivedRequest]) -> bool:
    """By all that this run asked before: whether the gateway was silent, or the question misconfigured, too often."""
    received_types = [answer for name, _, answer in before if name == gateway and answer != "our secret"]
    silent = len(list(takewhile(SILENCES.__contains__, reversed(received_types))))
    of_this = [answer for name, asked, answer in before if (name, asked) == (gateway, question)]
    details = [answer for answer in of_this if answer in ("answered", "our secret")]
    misconfigured = len(list(takewhile("our secret".__eq__, reversed(details))))
    return silent < MOST_FAILURES and misconfigured < MOST_FAILURES


STEPS = st.lists(
    st.tuples(st.sampled_from(["one", "two"]), st.sampled_from(QUESTIONS[:3]), st.sampled_from(list(ANSWERS))),
    max_size=40,
)


@given(first=STEPS, then=STEPS)
def test_whatever_gateways_answer_they_are_asked_until_they_failed_three_times_in_a_row_in_this_run(
    first: list[ReceivedRequest], then: list[ReceivedRequest]
) -> None:
    made = {"one": OneSeries(), "two": OneSeries()}
    # The next run begins anew, with the same adapters.
    for steps in (first, then):
        gateways, before = gateways_of(**made), list[ReceivedRequest]()
        for gateway, question, answer in steps:
            expected, made[gateway].answers = is_asked(gateway, question, before), [ANSWERS[answer]]
            made[gateway].asked.clear()
            raised = outcome_of(gateways, gateway, question)
            assert made[gateway].asked == ([question] if expected else [])
            if expected:
                assert raised is ANSWERS[answer]
                before.append((gateway, question, answer))
            else:
                assert isinstance(raised, Transient | Misconfigured)
                assert "not asked" in raised.cause


def outcome_of(gateways: CircuitBreaker, gateway: str, question: str) -> GatewayError | None:
    try:
        getattr(gateways.named(gateway), question)(SUBJECT)
    except GatewayError as error:
        return error
    return None


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_of_the_port_is_watched_but_opening(question: str) -> None:
    gateway = OneSeries(*[SILENT] * MOST_FAILURES)
    gateways = gateways_of(one=gateway)
    for _ in range(MOST_FAILURES + 1):
        with suppress(OutcomeUnknown, Transient):
            getattr(gateways.named("one"), question)(SUBJECT)
    assert len(gateway.asked) == MOST_FAILURES


def test_what_the_port_asks_of_a_gateway_is_known_here() -> None:
    asked = {name for name, _ in inspect.getmembers(Gateway, inspect.isfunction) if not name.startswith("_")}
    # A sweep opens no session and takes no callback.
    assert asked - {"open", "parse_callback", "acknowledge"} == set(QUESTIONS)


def test_in_one_run_orders_at_another_gateway_are_not_held_up_by_a_silent_one(shop: Shop) -> None:
    other = ScriptedGateway(shop.clock)
    shop.gateways.made["other"] = other
    silent = locked_orders(shop)
    speaking = [shop.locked(f"other-{number}", gateway="other")[0] for number in range(ORDERS)]
    shop.clock.advance(TTL)
    shop.gateway.answer_with("void", *[SILENT] * ORDERS)
    shop.sweep()
    assert {shop.status(order_id) for order_id in silent} == {"releasing"}
    assert {shop.status(order_id) for order_id in speaking} == {"pending_payment"}
    assert (len(shop.gateway.calls("void")), len(other.calls("void"))) == (MOST_FAILURES, ORDERS)


LASTS = timedelta(seconds=15)


def lasting(gateway: OneSeries, clock: SettableClock) -> CircuitBreaker:
    return CircuitBreaker(FixedGateways({"one": gateway}), failures=Failures(clock, LASTS))  # type: ignore[dict-item]


def ask_while_it_is_asked(gateways: CircuitBreaker, gateway: OneSeries) -> int:
    """How many calls it gets before it is not asked."""
    before = len(gateway.asked)
    with suppress(NotAsked):
        while True:
            with suppress(OutcomeUnknown):
                ask_or_raise(gateways)
    return len(gateway.asked) - before


def test_a_breaker_that_lasts_is_shared_by_runs_and_asks_again_after_its_time(clock: SettableClock) -> None:
    silent = OneSeries(*[SILENT] * (MOST_FAILURES + 1))
    gateways = lasting(silent, clock)
    assert ask_while_it_is_asked(gateways, silent) == MOST_FAILURES
    clock.advance(LASTS - timedelta(milliseconds=1))
    with pytest.raises(NotAsked):
        ask_or_raise(gateways)
    clock.advance(timedelta(milliseconds=1))
    with pytest.raises(OutcomeUnknown):
        ask_or_raise(gateways)


def test_a_gateway_that_stays_silent_costs_one_timeout_each_time_it_is_asked_again(clock: SettableClock) -> None:
    silent = OneSeries(*[SILENT] * 4 * MOST_FAILURES)
    gateways = lasting(silent, clock)
    ask_while_it_is_asked(gateways, silent)
    for _ in range(3):
        clock.advance(LASTS)
        assert ask_while_it_is_asked(gateways, silent) == 1


def test_a_gateway_that_responds_when_it_is_asked_again_may_be_silent_three_times_more(clock: SettableClock) -> None:
    recovered = OneSeries(*[SILENT] * MOST_FAILURES, None, *[SILENT] * (MOST_FAILURES + 1))
    gateways = lasting(recovered, clock)
    ask_while_it_is_asked(gateways, recovered)
    clock.advance(LASTS)
    ask_or_raise(gateways)
    assert ask_while_it_is_asked(gateways, recovered) == MOST_FAILURES


def ask_or_raise(gateways: CircuitBreaker) -> None:
    gateways.named("one").void(SUBJECT)  # type: ignore[arg-type]


def test_failures_are_counted_by_many_threads() -> None:
    failures = Failures()
    with ThreadPoolExecutor(8) as pool:
        for number in range(400):
            pool.submit(failures.add, (f"gateway {number % 100}", ""))
    counts = [failures.are_too_many((f"gateway {number}", "")) for number in range(100)]
    assert counts == [True] * 100
