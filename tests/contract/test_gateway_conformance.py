"""What every gateway adapter keeps, whatever stands behind it. The benches say how to get there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from paylatch.domain.errors import CallbackRejected, Misconfigured, OutcomeUnknown, RateLimited, Transient
from paylatch.domain.payment import Attempt
from paylatch.ports import Callback, Gateway, Notice, NoticeKind, RefundState, SessionState, VoidKind
from tests.contract.benches import BENCHES
from tests.contract.benches.bench import Bench, superseded

SITUATIONS = [(name, situation) for name, kind in BENCHES.items() for situation in kind.situations]
NOTICES = [(name, notice) for name, kind in BENCHES.items() for notice in kind.notices]

every_situation = pytest.mark.parametrize(("bench", "situation"), SITUATIONS, indirect=["bench"])
every_notice = pytest.mark.parametrize(("bench", "notice"), NOTICES, indirect=["bench"])
every_gateway = pytest.mark.parametrize("bench", BENCHES, indirect=True)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with BENCHES[request.param]() as bench:
        yield bench


@every_gateway
def test_opening_twice_with_one_attempt_id_opens_one_session(bench: Bench) -> None:
    request = bench.request()
    session = bench.gateway.open(request)
    assert session.pay_url.startswith("http")
    if bench.opens_again:
        assert bench.gateway.open(request).session_id == session.session_id
        return
    with pytest.raises(OutcomeUnknown):
        bench.gateway.open(request)
    assert bench.gateway.query(bench.attempt(request, session)).state is SessionState.OPEN


@every_situation
def test_a_query_tells_every_state(bench: Bench, situation: str) -> None:
    attempt = bench.bring(situation)
    expected, _ = bench.situations[situation]
    for known in (attempt, superseded(attempt)):
        report = bench.gateway.query(known)
        assert report.state is expected
        if expected is SessionState.PAID:
            assert report.capture is not None
            assert (report.capture.amount, report.capture.currency) == (attempt.amount, attempt.currency)
        else:
            assert report.capture is None


@every_situation
def test_a_void_tells_every_end(bench: Bench, situation: str) -> None:
    attempt = bench.bring(situation)
    _, expected = bench.situations[situation]
    answer = bench.gateway.void(attempt)
    assert answer.kind is expected
    assert (answer.capture is not None) == (expected is VoidKind.ALREADY_PAID)
    if answer.capture:
        assert (answer.capture.amount, answer.capture.currency) == (attempt.amount, attempt.currency)
    assert answer.until == (attempt.deadline if expected is VoidKind.NOT_VOIDABLE else None)


@every_gateway
def test_the_shortest_lock_can_be_had_and_voided_without_its_session(bench: Bench) -> None:
    shortest = timedelta(minutes=1)
    assert bench.gateway.capabilities.shortest_session <= shortest
    request = replace(bench.request(), expires_at=bench.clock.now() + shortest)
    bench.gateway.open(request)
    attempt = replace(bench.attempt(request), deadline=bench.clock.now() + shortest)
    assert bench.gateway.void(attempt).kind in (VoidKind.VOIDED, VoidKind.NOT_VOIDABLE)


@every_situation
def test_what_was_voided_stays_closed(bench: Bench, situation: str) -> None:
    attempt = bench.bring(situation)
    if bench.gateway.void(attempt).kind is not VoidKind.VOIDED:
        return
    assert bench.gateway.void(attempt).kind in (VoidKind.VOIDED, VoidKind.ALREADY_CLOSED)
    assert bench.gateway.query(attempt).state is SessionState.CLOSED


@every_situation
def test_a_superseded_attempt_can_be_voided_too(bench: Bench, situation: str) -> None:
    attempt = bench.bring(situation)
    _, expected = bench.situations[situation]
    kind = bench.gateway.void(superseded(attempt)).kind
    # One that was never opened need not be claimed once nobody can open it any more.
    assert kind is expected or (situation == "never opened" and kind is VoidKind.ALREADY_CLOSED)


def test_the_suite_reaches_every_end_of_a_void() -> None:
    assert {end for kind in BENCHES.values() for _, end in kind.situations.values()} == set(VoidKind)
    for kind in BENCHES.values():
        ends = {end for _, end in kind.situations.values()}
        assert {VoidKind.VOIDED, VoidKind.ALREADY_CLOSED, VoidKind.ALREADY_PAID} <= ends


@every_gateway
def test_a_refund_is_made_once_however_often_it_is_asked_for(bench: Bench) -> None:
    attempt, gateway = bench.paid(), bench.gateway
    capture = gateway.query(attempt).capture
    assert capture is not None
    refund = bench.refund_of(attempt, capture)
    assert gateway.query_refund(refund) is RefundState.UNKNOWN
    assert [gateway.refund(refund) for _ in range(3)] == [RefundState.DONE] * 3
    assert gateway.query_refund(refund) is RefundState.DONE
    assert bench.money(attempt) == (attempt.amount, attempt.amount)


@every_gateway
def test_a_refund_whose_answer_was_lost_is_found_again_and_not_repeated(bench: Bench) -> None:
    attempt = bench.paid()
    capture = bench.gateway.query(attempt).capture
    assert capture is not None
    refund = bench.refund_of(attempt, capture)
    impatient = warmed(bench.impatient(), attempt)
    bench.server.stalls = lambda asked: asked.method == "POST"
    with pytest.raises(OutcomeUnknown):
        impatient.refund(refund)
    bench.server.stalls = lambda asked: False
    assert bench.gateway.query_refund(refund) is RefundState.DONE
    assert bench.gateway.refund(refund) is RefundState.DONE
    assert bench.money(attempt) == (attempt.amount, attempt.amount)


CALLS: dict[str, Callable[[Gateway, Bench, Attempt], object]] = {
    "open": lambda gateway, bench, attempt: gateway.open(bench.request()),
    "query": lambda gateway, bench, attempt: gateway.query(attempt),
    "query_payment": lambda gateway, bench, attempt: gateway.query_payment("pi_1"),
    "find_attempt": lambda gateway, bench, attempt: gateway.find_attempt("pi_1"),
    "void": lambda gateway, bench, attempt: gateway.void(attempt),
}
CALLED = [(name, call) for name, kind in BENCHES.items() for call in CALLS if call != "open" or kind.opening_calls]
every_call = pytest.mark.parametrize(("bench", "call"), CALLED, indirect=["bench"])


@every_call
def test_a_timeout_leaves_the_outcome_unknown(bench: Bench, call: str) -> None:
    attempt = bench.opened()
    gateway = warmed(bench.impatient(), attempt)
    bench.server.stalls = lambda asked: True
    with pytest.raises(OutcomeUnknown):
        CALLS[call](gateway, bench, attempt)


@every_call
def test_a_server_error_leaves_the_outcome_unknown(bench: Bench, call: str) -> None:
    attempt = bench.opened()
    gateway = warmed(bench.gateway, attempt)
    bench.server.failing = 503
    with pytest.raises(OutcomeUnknown):
        CALLS[call](gateway, bench, attempt)


@every_call
def test_what_was_not_executed_is_transient(bench: Bench, call: str) -> None:
    attempt = bench.opened()
    with pytest.raises(Transient):
        CALLS[call](bench.unplugged(), bench, attempt)
    gateway = warmed(bench.gateway, attempt)
    bench.server.failing = 429
    with pytest.raises(RateLimited):
        CALLS[call](gateway, bench, attempt)


@every_call
def test_refused_credentials_are_misconfigured(bench: Bench, call: str) -> None:
    attempt = bench.opened()
    bench.refuse_credentials()
    with pytest.raises(Misconfigured):
        CALLS[call](bench.gateway, bench, attempt)


@every_call
def test_an_empty_secret_is_misconfigured(bench: Bench, call: str) -> None:
    attempt = bench.opened()
    bench.secret.clear()
    with pytest.raises(Misconfigured):
        CALLS[call](bench.gateway, bench, attempt)


@every_notice
def test_a_genuine_callback_says_one_thing(bench: Bench, notice: str) -> None:
    attempt = bench.opened()
    callback = bench.tell(notice, attempt)
    (heard,) = bench.gateway.parse_callback(callback)
    assert heard.kind is bench.notices[notice]
    assert (heard.attempt_id or found_attempt(bench, heard)) == attempt.attempt_id
    if heard.kind in (NoticeKind.PAID, NoticeKind.REFUNDED, NoticeKind.REFUND_FAILED):
        assert heard.capture is not None
        assert (heard.capture.amount, heard.capture.currency) == (attempt.amount, attempt.currency)
    else:
        assert (heard.capture is not None) == (heard.kind is NoticeKind.MONEY_RETURNED)
    assert (heard.dispute is not None) == (heard.kind is NoticeKind.DISPUTED)
    assert bench.gateway.parse_callback(callback) == (heard,)


@every_gateway
def test_a_paid_callback_and_a_query_name_the_payment_alike(bench: Bench) -> None:
    attempt = bench.paid()
    notice = next(name for name, kind in bench.notices.items() if kind is NoticeKind.PAID)
    (heard,) = bench.gateway.parse_callback(bench.tell(notice, attempt))
    assert heard.capture == bench.gateway.query(attempt).capture


@every_notice
def test_callbacks_make_no_call(bench: Bench, notice: str) -> None:
    callback = bench.tell(notice, bench.opened())
    bench.server.asked.clear()
    bench.unplugged().parse_callback(callback)
    assert bench.server.asked == []


@every_gateway
def test_the_previous_secret_is_live_until_it_is_taken_out(bench: Bench) -> None:
    notice, attempt = next(iter(bench.notices)), bench.opened()
    assert bench.gateway.parse_callback(bench.tell(notice, attempt, secret=1))
    with pytest.raises(CallbackRejected):
        bench.gateway.parse_callback(bench.tell(notice, attempt, secret=2))
    bench.retire_previous_secret()
    with pytest.raises(CallbackRejected):
        bench.gateway.parse_callback(bench.tell(notice, attempt, secret=1))
    assert bench.gateway.parse_callback(bench.tell(notice, attempt))


@every_gateway
def test_stale_and_future_callbacks_are_rejected(bench: Bench) -> None:
    if bench.freshness is None:
        pytest.skip("the signature covers no time")
    callback = bench.tell(next(iter(bench.notices)), bench.opened())
    for step in (bench.freshness, timedelta(seconds=1)):
        bench.clock.advance(step)
        if step == bench.freshness:
            assert bench.gateway.parse_callback(callback)
    with pytest.raises(CallbackRejected):
        bench.gateway.parse_callback(callback)
    bench.clock.advance(-bench.freshness - timedelta(minutes=5, seconds=2))
    with pytest.raises(CallbackRejected):
        bench.gateway.parse_callback(callback)


@every_notice
def test_a_callback_with_any_byte_changed_is_rejected(bench: Bench, notice: str) -> None:
    callback = bench.tell(notice, bench.opened())
    for place in range(0, len(callback.body), max(1, len(callback.body) // 60)):
        changed = bytearray(callback.body)
        changed[place] ^= 1
        with pytest.raises(CallbackRejected):
            bench.gateway.parse_callback(replace(callback, body=bytes(changed)))


GARBLED = [b"", b"{}", b"[]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b"sign=&sign_type=RSA2", b"%FF=1", b"a&b&c"]


@every_gateway
@pytest.mark.parametrize("body", GARBLED, ids=range(len(GARBLED)))
def test_garbled_callbacks_are_rejected(bench: Bench, body: bytes) -> None:
    headers = bench.tell(next(iter(bench.notices)), bench.opened()).headers
    for callback in (Callback(headers, body), Callback({}, body), Callback(dict.fromkeys(headers, "\udcff"), body)):
        with pytest.raises(CallbackRejected):
            bench.gateway.parse_callback(callback)


@every_gateway
@pytest.mark.parametrize("spelled", [str.upper, str.title, str.lower], ids=["upper", "title", "lower"])
def test_header_names_count_in_any_case(bench: Bench, spelled: Callable[[str], str]) -> None:
    genuine = bench.tell(next(iter(bench.notices)), bench.opened())
    respelled = Callback({spelled(name): value for name, value in genuine.headers.items()}, genuine.body)
    assert bench.gateway.parse_callback(respelled) == bench.gateway.parse_callback(genuine)


@every_gateway
def test_an_empty_secret_accepts_no_callback(bench: Bench) -> None:
    callback = bench.tell(next(iter(bench.notices)), bench.opened())
    bench.secret.clear()
    with pytest.raises((CallbackRejected, Misconfigured)):
        bench.gateway.parse_callback(callback)


@every_gateway
def test_a_genuine_callback_is_acknowledged(bench: Bench) -> None:
    answer = bench.gateway.acknowledge()
    assert 200 <= answer.status < 300
    assert (answer.body == "success") == (bench.name == "alipay")


@every_gateway
def test_capabilities_are_possible(bench: Bench) -> None:
    able = bench.gateway.capabilities
    assert timedelta() < able.shortest_session < able.longest_session
    assert bench.gateway.name == bench.name


def found_attempt(bench: Bench, heard: Notice) -> str | None:
    """The attempt of a notice that names the payment only."""
    payment = heard.dispute or heard.capture
    found = bench.gateway.find_attempt(payment.payment_id) if payment else None
    return found.attempt_id if found else None


def warmed(gateway: Gateway, attempt: Attempt) -> Gateway:
    """The adapter after its first call: with its library imported and its token, where it needs one."""
    gateway.query(attempt)
    return gateway
