"""The contract of every gateway adapter, run on the drivers of all gateways."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.errors import CallbackRejected, Misconfigured, OutcomeUnknown, RateLimited, Transient
from paylatch.domain.payment import Attempt
from paylatch.gateways.gateway_http import turns_taken_by
from paylatch.ports import Callback, Gateway, GatewayEvent, GatewayEventKind, RefundState, SessionState, VoidKind
from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.contract.gateway_drivers.gateway_driver import GatewayDriver, superseded

SITUATIONS = [(name, situation) for name, kind in GATEWAY_DRIVERS.items() for situation in kind.situations]
GATEWAY_EVENTS = [
    (name, gateway_event) for name, kind in GATEWAY_DRIVERS.items() for gateway_event in kind.gateway_events
]

every_situation = pytest.mark.parametrize(("driver", "situation"), SITUATIONS, indirect=["driver"])
every_gateway_event = pytest.mark.parametrize(("driver", "gateway_event"), GATEWAY_EVENTS, indirect=["driver"])
every_gateway = pytest.mark.parametrize("driver", GATEWAY_DRIVERS, indirect=True)


@pytest.fixture
def driver(request: pytest.FixtureRequest) -> Iterator[GatewayDriver]:
    with GATEWAY_DRIVERS[request.param]() as driver:
        yield driver


@every_gateway
def test_opening_twice_with_one_attempt_id_opens_one_session(driver: GatewayDriver) -> None:
    request = driver.request()
    session = driver.gateway.open(request)
    assert session.pay_url.startswith("http")
    if driver.opens_again:
        assert driver.gateway.open(request).session_id == session.session_id
        return
    with pytest.raises(OutcomeUnknown):
        driver.gateway.open(request)
    assert driver.gateway.query(driver.attempt(request, session)).state is SessionState.OPEN


@every_gateway
def test_every_request_of_a_call_takes_a_turn_of_the_gateway_s_rate(driver: GatewayDriver) -> None:
    """Whatever it asks first, or for a token: the gateway counts requests, not calls of the port."""
    open_, paid = driver.opened(), driver.paid()
    capture = driver.gateway.query(paid).capture
    assert capture is not None
    refund = driver.refund_of(paid, capture)
    calls: dict[str, Callable[[], object]] = {
        "query": lambda: driver.gateway.query(open_),
        "query_payment": lambda: driver.gateway.query_payment(capture.payment_id),
        "find_attempt": lambda: driver.gateway.find_attempt(capture.payment_id),
        "void": lambda: driver.gateway.void(open_),
        "refund": lambda: driver.gateway.refund(refund),
        "query_refund": lambda: driver.gateway.query_refund(refund),
    }
    for name, call in calls.items():
        turns: list[int] = []
        before = len(driver.server.asked)
        with turns_taken_by(lambda turns=turns: turns.append(len(driver.server.asked))):  # type: ignore[misc]
            call()
        assert turns == list(range(before, len(driver.server.asked))), f"{name}: a turn before each request"
        assert turns, name


@every_situation
def test_a_query_reports_every_state(driver: GatewayDriver, situation: str) -> None:
    attempt = driver.attempt_in(situation)
    expected, _ = driver.situations[situation]
    for known in (attempt, superseded(attempt)):
        report = driver.gateway.query(known)
        assert report.state is expected
        if expected is SessionState.PAID:
            assert report.capture is not None
            assert (report.capture.amount, report.capture.currency) == (attempt.amount, attempt.currency)
        else:
            assert report.capture is None


@every_situation
def test_a_void_reports_every_result(driver: GatewayDriver, situation: str) -> None:
    attempt = driver.attempt_in(situation)
    _, expected = driver.situations[situation]
    answer = driver.gateway.void(attempt)
    assert answer.kind is expected
    assert (answer.capture is not None) == (expected is VoidKind.ALREADY_PAID)
    if answer.capture:
        assert (answer.capture.amount, answer.capture.currency) == (attempt.amount, attempt.currency)
    assert answer.until == (attempt.deadline if expected is VoidKind.NOT_VOIDABLE else None)


@every_gateway
def test_the_shortest_lock_can_be_had_and_voided_without_its_session(driver: GatewayDriver) -> None:
    shortest = timedelta(minutes=1)
    assert driver.gateway.capabilities.shortest_session <= shortest
    request = replace(driver.request(), expires_at=driver.clock.now() + shortest)
    driver.gateway.open(request)
    attempt = replace(driver.attempt(request), deadline=driver.clock.now() + shortest)
    assert driver.gateway.void(attempt).kind in (VoidKind.VOIDED, VoidKind.NOT_VOIDABLE)


@every_situation
def test_what_was_voided_stays_closed(driver: GatewayDriver, situation: str) -> None:
    attempt = driver.attempt_in(situation)
    if driver.gateway.void(attempt).kind is not VoidKind.VOIDED:
        return
    assert driver.gateway.void(attempt).kind in (VoidKind.VOIDED, VoidKind.ALREADY_CLOSED)
    assert driver.gateway.query(attempt).state is SessionState.CLOSED


@every_situation
def test_a_superseded_attempt_can_be_voided_too(driver: GatewayDriver, situation: str) -> None:
    attempt = driver.attempt_in(situation)
    _, expected = driver.situations[situation]
    kind = driver.gateway.void(superseded(attempt)).kind
    # An attempt that was never opened need not be claimed once it cannot be opened any more.
    assert kind is expected or (situation == "never opened" and kind is VoidKind.ALREADY_CLOSED)


def test_the_suite_reaches_every_end_of_a_void() -> None:
    assert {end for kind in GATEWAY_DRIVERS.values() for _, end in kind.situations.values()} == set(VoidKind)
    for kind in GATEWAY_DRIVERS.values():
        ends = {end for _, end in kind.situations.values()}
        assert {VoidKind.VOIDED, VoidKind.ALREADY_CLOSED, VoidKind.ALREADY_PAID} <= ends


@every_gateway
def test_a_refund_is_made_once_however_often_it_is_asked_for(driver: GatewayDriver) -> None:
    attempt, gateway = driver.paid(), driver.gateway
    capture = gateway.query(attempt).capture
    assert capture is not None
    refund = driver.refund_of(attempt, capture)
    assert gateway.query_refund(refund) is RefundState.UNKNOWN
    assert [gateway.refund(refund) for _ in range(3)] == [RefundState.DONE] * 3
    assert gateway.query_refund(refund) is RefundState.DONE
    assert driver.money(attempt) == (attempt.amount, attempt.amount)


@every_gateway
def test_a_refund_whose_answer_was_lost_is_found_again_and_not_repeated(driver: GatewayDriver) -> None:
    attempt = driver.paid()
    capture = driver.gateway.query(attempt).capture
    assert capture is not None
    refund = driver.refund_of(attempt, capture)
    with_short_timeout = warmed(driver.with_short_timeout(), attempt)
    driver.server.stalls = lambda asked: asked.method == "POST"
    with pytest.raises(OutcomeUnknown):
        with_short_timeout.refund(refund)
    driver.server.stalls = lambda asked: False
    assert driver.gateway.query_refund(refund) is RefundState.DONE
    assert driver.gateway.refund(refund) is RefundState.DONE
    assert driver.money(attempt) == (attempt.amount, attempt.amount)


CALLS: dict[str, Callable[[Gateway, GatewayDriver, Attempt], object]] = {
    "open": lambda gateway, driver, attempt: gateway.open(driver.request()),
    "query": lambda gateway, driver, attempt: gateway.query(attempt),
    "query_payment": lambda gateway, driver, attempt: gateway.query_payment("pi_1"),
    "find_attempt": lambda gateway, driver, attempt: gateway.find_attempt("pi_1"),
    "void": lambda gateway, driver, attempt: gateway.void(attempt),
}
CALLED = [
    (name, call) for name, kind in GATEWAY_DRIVERS.items() for call in CALLS if call != "open" or kind.opening_calls
]
MOST_CALLS = 20
every_call = pytest.mark.parametrize(("driver", "call"), CALLED, indirect=["driver"])


@every_call
def test_a_timeout_leaves_the_outcome_unknown(driver: GatewayDriver, call: str) -> None:
    attempt = driver.opened()
    gateway = warmed(driver.with_short_timeout(), attempt)
    driver.server.stalls = lambda asked: True
    with pytest.raises(OutcomeUnknown):
        CALLS[call](gateway, driver, attempt)


@every_call
def test_a_server_error_leaves_the_outcome_unknown(driver: GatewayDriver, call: str) -> None:
    attempt = driver.opened()
    gateway = warmed(driver.gateway, attempt)
    driver.server.failing = 503
    with pytest.raises(OutcomeUnknown):
        CALLS[call](gateway, driver, attempt)


@every_call
def test_what_was_not_executed_is_transient(driver: GatewayDriver, call: str) -> None:
    attempt = driver.opened()
    with pytest.raises(Transient):
        CALLS[call](driver.with_closed_port(), driver, attempt)
    gateway = warmed(driver.gateway, attempt)
    driver.server.failing = 429
    with pytest.raises(RateLimited):
        CALLS[call](gateway, driver, attempt)


@every_call
def test_refused_credentials_are_misconfigured(driver: GatewayDriver, call: str) -> None:
    attempt = driver.opened()
    driver.refuse_credentials()
    with pytest.raises(Misconfigured):
        CALLS[call](driver.gateway, driver, attempt)


@every_call
def test_an_empty_secret_is_misconfigured(driver: GatewayDriver, call: str) -> None:
    attempt = driver.opened()
    driver.secret.clear()
    with pytest.raises(Misconfigured):
        CALLS[call](driver.gateway, driver, attempt)


@every_gateway_event
def test_a_genuine_callback_gives_one_event(driver: GatewayDriver, gateway_event: str) -> None:
    attempt = driver.opened()
    callback = driver.callback_for(gateway_event, attempt)
    (event,) = driver.gateway.parse_callback(callback)
    assert event.kind is driver.gateway_events[gateway_event]
    assert (event.attempt_id or found_attempt(driver, event)) == attempt.attempt_id
    if event.kind in (GatewayEventKind.PAID, GatewayEventKind.REFUNDED, GatewayEventKind.REFUND_FAILED):
        assert event.capture is not None
        assert (event.capture.amount, event.capture.currency) == (attempt.amount, attempt.currency)
    else:
        assert (event.capture is not None) == (event.kind is GatewayEventKind.MONEY_RETURNED)
    assert (event.dispute is not None) == (event.kind is GatewayEventKind.DISPUTED)
    assert driver.gateway.parse_callback(callback) == (event,)


@every_gateway
def test_a_paid_callback_and_a_query_name_the_payment_alike(driver: GatewayDriver) -> None:
    attempt = driver.paid()
    gateway_event = next(name for name, kind in driver.gateway_events.items() if kind is GatewayEventKind.PAID)
    (event,) = driver.gateway.parse_callback(driver.callback_for(gateway_event, attempt))
    assert event.capture == driver.gateway.query(attempt).capture


@every_gateway_event
def test_callbacks_make_no_call(driver: GatewayDriver, gateway_event: str) -> None:
    callback = driver.callback_for(gateway_event, driver.opened())
    driver.server.asked.clear()
    driver.with_closed_port().parse_callback(callback)
    assert driver.server.asked == []


@every_gateway
def test_the_previous_secret_is_live_until_it_is_taken_out(driver: GatewayDriver) -> None:
    gateway_event, attempt = next(iter(driver.gateway_events)), driver.opened()
    assert driver.gateway.parse_callback(driver.callback_for(gateway_event, attempt, secret=1))
    with pytest.raises(CallbackRejected):
        driver.gateway.parse_callback(driver.callback_for(gateway_event, attempt, secret=2))
    driver.retire_previous_secret()
    with pytest.raises(CallbackRejected):
        driver.gateway.parse_callback(driver.callback_for(gateway_event, attempt, secret=1))
    assert driver.gateway.parse_callback(driver.callback_for(gateway_event, attempt))


@every_gateway
def test_stale_and_future_callbacks_are_rejected(driver: GatewayDriver) -> None:
    if driver.freshness is None:
        pytest.skip("the signature covers no time")
    callback = driver.callback_for(next(iter(driver.gateway_events)), driver.opened())
    for step in (driver.freshness, timedelta(seconds=1)):
        driver.clock.advance(step)
        if step == driver.freshness:
            assert driver.gateway.parse_callback(callback)
    with pytest.raises(CallbackRejected):
        driver.gateway.parse_callback(callback)
    driver.clock.advance(-driver.freshness - timedelta(minutes=5, seconds=2))
    with pytest.raises(CallbackRejected):
        driver.gateway.parse_callback(callback)


@every_gateway_event
def test_a_callback_with_any_byte_changed_is_rejected(driver: GatewayDriver, gateway_event: str) -> None:
    callback = driver.callback_for(gateway_event, driver.opened())
    for place in range(0, len(callback.body), max(1, len(callback.body) // 60)):
        changed = bytearray(callback.body)
        changed[place] ^= 1
        with pytest.raises(CallbackRejected):
            driver.gateway.parse_callback(replace(callback, body=bytes(changed)))


GARBLED = [b"", b"{}", b"[]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b"sign=&sign_type=RSA2", b"%FF=1", b"a&b&c"]


@every_gateway
@pytest.mark.parametrize("body", GARBLED, ids=range(len(GARBLED)))
def test_garbled_callbacks_are_rejected(driver: GatewayDriver, body: bytes) -> None:
    headers = driver.callback_for(next(iter(driver.gateway_events)), driver.opened()).headers
    for callback in (Callback(headers, body), Callback({}, body), Callback(dict.fromkeys(headers, "\udcff"), body)):
        with pytest.raises(CallbackRejected):
            driver.gateway.parse_callback(callback)


@every_gateway
@pytest.mark.parametrize("spelled", [str.upper, str.title, str.lower], ids=["upper", "title", "lower"])
def test_header_names_count_in_any_case(driver: GatewayDriver, spelled: Callable[[str], str]) -> None:
    genuine = driver.callback_for(next(iter(driver.gateway_events)), driver.opened())
    respelled = Callback({spelled(name): value for name, value in genuine.headers.items()}, genuine.body)
    assert driver.gateway.parse_callback(respelled) == driver.gateway.parse_callback(genuine)


@every_gateway
def test_an_empty_secret_accepts_no_callback(driver: GatewayDriver) -> None:
    callback = driver.callback_for(next(iter(driver.gateway_events)), driver.opened())
    driver.secret.clear()
    with pytest.raises((CallbackRejected, Misconfigured)):
        driver.gateway.parse_callback(callback)


@every_gateway
def test_a_genuine_callback_is_acknowledged(driver: GatewayDriver) -> None:
    answer = driver.gateway.acknowledge()
    assert 200 <= answer.status < 300
    assert (answer.body == "success") == (driver.name == "alipay")


@every_gateway
def test_capabilities_are_possible(driver: GatewayDriver) -> None:
    able = driver.gateway.capabilities
    assert timedelta() < able.shortest_session < able.longest_session
    assert driver.gateway.name == driver.name


def found_attempt(driver: GatewayDriver, event: GatewayEvent) -> str | None:
    """The attempt of an event that names only the payment."""
    payment = event.dispute or event.capture
    found = driver.gateway.find_attempt(payment.payment_id) if payment else None
    return found.attempt_id if found else None


def warmed(gateway: Gateway, attempt: Attempt) -> Gateway:
    """The adapter after its first answer: with its library imported and its token, where it needs one.

    On a slow machine a short time-out ends some calls before.
    """
    for _ in range(MOST_CALLS):
        with contextlib.suppress(OutcomeUnknown):
            gateway.query(attempt)
            return gateway
    raise AssertionError("no answer")
