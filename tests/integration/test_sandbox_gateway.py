"""The sandbox gateway's calls, by shop, payer, tester and schedule."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from paylatch.gateways.sandbox.credentials import signing_secret
from paylatch.gateways.signatures import verify_standard_webhook
from tests.fakes.sandbox_samples import ATTEMPT_ID, ORDER_ID
from tests.integration.sandbox_harness import API_KEY, OPENING, SandboxHarness, sandbox_harness


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxHarness]:
    with sandbox_harness(monkeypatch) as harness:
        yield harness


def session_id(harness: SandboxHarness, **changes: Any) -> str:
    opened = harness.open(**changes)
    assert opened.status == 201
    name: str = opened.document["session_id"]
    return name


def faults(harness: SandboxHarness, **fault_plan: Any) -> None:
    assert harness.api("POST", f"/sessions/{ATTEMPT_ID}/faults", fault_plan, key=None).status == 200


def test_opening_twice_gives_the_same_session(harness: SandboxHarness) -> None:
    first, second = harness.open(), harness.open()
    assert (first.status, second.status) == (201, 200)
    assert first.document == second.document
    assert first.document["pay_url"] == f"https://sandbox.example.com/pay/{first.document['session_id']}"
    assert first.document["status"] == "open"


def test_opening_twice_with_different_terms_is_refused(harness: SandboxHarness) -> None:
    harness.open()
    refused = harness.open(amount=1)
    assert (refused.status, refused.document["code"]) == (409, "attempt-differs")


def test_opening_again_later_returns_the_current_state(harness: SandboxHarness) -> None:
    harness.page(session_id(harness), "pay")
    assert harness.open().document["status"] == "paid"


@pytest.mark.parametrize("name", ["PAYLATCH_SANDBOX_URL"])
def test_pay_urls_follow_the_configured_address(
    harness: SandboxHarness, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:3001/")
    assert harness.open().document["pay_url"].startswith("http://127.0.0.1:3001/pay/cs_")


def test_an_opening_that_would_be_over_is_refused(harness: SandboxHarness) -> None:
    refused = harness.open(expires_at="2026-11-24T12:00:00.000Z")
    assert (refused.status, refused.document["fields"]) == (422, {"expires_at": "is past"})


def test_a_bad_body_is_refused_with_the_field_named(harness: SandboxHarness) -> None:
    refused = harness.open(amount=-5, currency="euro")
    assert refused.status == 422
    assert set(refused.document["fields"]) == {"amount", "currency"}
    assert harness.api("POST", "/sessions", "{").status == 422
    assert harness.send("POST", "/sessions", "%%%", {"authorization": f"Bearer {API_KEY}"}, base64=True).status == 400
    assert harness.api("POST", "/sessions", "x" * 20_000).status == 422


SHOPS_ONLY = [
    ("POST", "/sessions"),
    ("GET", "/sessions"),
    ("GET", f"/sessions/{ATTEMPT_ID}"),
    ("POST", f"/sessions/{ATTEMPT_ID}/void"),
    ("POST", "/refunds"),
    ("GET", "/refunds/r1"),
    ("PUT", "/faults"),
]


@pytest.mark.parametrize("key", [None, "", "wrong", "k\u00e9y"])
@pytest.mark.parametrize(("method", "path"), SHOPS_ONLY)
def test_what_is_the_shops_needs_its_key(harness: SandboxHarness, method: str, path: str, key: str | None) -> None:
    refused = harness.api(method, path, OPENING, key=key)
    assert (refused.status, refused.document["code"]) == (401, "unauthorized")
    assert harness.sandbox.store.read("cs_fhgg5u3nuwxv2iqh") is None


def test_the_previous_key_still_opens(harness: SandboxHarness) -> None:
    assert harness.api("POST", "/sessions", OPENING, key="old-key").status == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("DELETE", "/sessions"), ("GET", "/pay/cs_short"), ("GET", "/sessions/a%2Fb")],
)
def test_what_is_not_there_is_404(harness: SandboxHarness, method: str, path: str) -> None:
    assert harness.api(method, path).document["code"] == "no-such-route"


def test_a_session_is_found_by_either_of_its_names(harness: SandboxHarness) -> None:
    name = session_id(harness)
    by_session = harness.api("GET", f"/sessions/{name}")
    assert by_session.document == harness.api("GET", f"/sessions/{ATTEMPT_ID}").document
    assert by_session.document == harness.api("GET", "/sessions", query=f"attempt_id={ATTEMPT_ID}").document
    unknown = harness.api("GET", "/sessions/never_opened")
    assert (unknown.status, unknown.document["code"]) == (404, "session-not-found")
    assert harness.api("GET", "/sessions").status == 422


def test_the_payer_sees_the_page_and_pays(harness: SandboxHarness) -> None:
    name = session_id(harness)
    shown = harness.page(name)
    assert shown.status == 200
    assert "49.90" in shown.body
    assert shown.headers["content-type"].startswith("text/html")
    submitted = harness.page(name, "pay")
    assert (submitted.status, submitted.headers["location"]) == (303, name)
    assert "Paid" in harness.page(name).body
    assert harness.api("GET", f"/sessions/{name}").document["payment"]["amount"] == 4990


def test_the_callback_is_signed_so_that_the_shop_can_verify_it(harness: SandboxHarness) -> None:
    harness.page(session_id(harness), "pay")
    (request,) = harness.shop.got
    assert request.url == OPENING["callback_url"]
    verify_standard_webhook(
        "sandbox", request.headers, request.body or b"", [signing_secret(API_KEY)], harness.clock.now()
    )


def test_paying_twice_captures_once(harness: SandboxHarness) -> None:
    name = session_id(harness)
    assert [harness.page(name, "pay").status for _ in range(2)] == [303, 303]
    assert harness.shop.received_types() == ["payment.succeeded"]


def test_a_declined_try_can_be_repeated(harness: SandboxHarness) -> None:
    name = session_id(harness)
    assert harness.page(name, "decline").status == 303
    assert "declined" in harness.page(name).body
    harness.page(name, "pay")
    assert harness.shop.received_types() == ["payment.failed", "payment.succeeded"]


def test_a_voided_session_shows_its_status_and_cannot_be_paid(harness: SandboxHarness) -> None:
    name = session_id(harness)
    assert harness.api("POST", f"/sessions/{name}/void", {}).document == {"result": "voided"}
    assert harness.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "already_closed"}
    submitted = harness.page(name, "pay")
    assert submitted.status == 409
    assert "This payment is closed" in submitted.body
    assert harness.shop.got == []


def test_what_was_voided_before_it_was_opened_is_never_opened(harness: SandboxHarness) -> None:
    assert harness.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "voided"}
    assert harness.open().status == 409
    assert harness.api("GET", f"/sessions/{ATTEMPT_ID}").document["status"] == "closed"
    assert harness.api("POST", "/sessions/cs_aaaaaaaaaaaaaaaa/void").status == 404


def test_a_paid_session_answers_a_void_with_the_money(harness: SandboxHarness) -> None:
    name = session_id(harness)
    harness.page(name, "pay")
    voided = harness.api("POST", f"/sessions/{name}/void").document
    assert voided["result"] == "already_paid"
    assert (voided["payment"]["amount"], voided["payment"]["currency"]) == (4990, "EUR")


def test_the_schedule_expires_sessions_and_reports_it(harness: SandboxHarness) -> None:
    name = session_id(harness)
    assert harness.run_schedule() == 0
    harness.clock.advance(timedelta(minutes=15))
    assert harness.run_schedule() == 1
    assert harness.shop.received_types() == ["session.expired"]
    assert "expired" in harness.page(name).body
    assert harness.page(name, "pay").status == 409
    assert harness.run_schedule() == 0


def test_a_reported_expiry_stays_true(harness: SandboxHarness) -> None:
    name = session_id(harness)
    harness.clock.advance(timedelta(minutes=15))
    assert harness.api("GET", f"/sessions/{name}").document["status"] == "expired"
    harness.clock.advance(timedelta(minutes=-1))
    assert harness.page(name, "pay").status == 409


@pytest.mark.parametrize("status", [301, 400, 500])
def test_a_callback_that_is_not_accepted_is_tried_again_until_it_is(harness: SandboxHarness, status: int) -> None:
    harness.shop.status = status
    harness.page(session_id(harness), "pay")
    assert harness.run_schedule() == 0
    harness.clock.advance(timedelta(minutes=1))
    assert harness.run_schedule() == 1
    harness.shop.status = 200
    harness.clock.advance(timedelta(minutes=1))
    assert (harness.run_schedule(), harness.run_schedule()) == (1, 0)
    assert len({request.headers["webhook-id"] for request in harness.shop.got}) == 1
    assert len({request.body for request in harness.shop.got}) == 1
    assert len(harness.shop.got) == 3


def test_a_shop_that_is_down_loses_no_callback_and_no_payment(harness: SandboxHarness) -> None:
    harness.shop.down = True
    name = session_id(harness)
    assert harness.page(name, "pay").status == 303
    harness.shop.down = False
    harness.clock.advance(timedelta(minutes=1))
    harness.run_schedule()
    assert harness.shop.received_types() == ["payment.succeeded"]


def test_a_crash_before_the_first_try_loses_no_callback(
    harness: SandboxHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = session_id(harness)

    class Crash(BaseException):
        """The end of the process."""

    def crash(_: object) -> None:
        raise Crash

    monkeypatch.setattr(type(harness.shop), "__call__", lambda *_: crash(None))
    with pytest.raises(Crash):
        harness.page(name, "pay")
    monkeypatch.undo()
    harness.clock.advance(timedelta(minutes=1))
    harness.sandbox.session_service.deliver_due(name)
    assert harness.shop.received_types() == ["payment.succeeded"]


def test_one_session_that_fails_delays_no_other(harness: SandboxHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [session_id(harness, attempt_id=f"attempt_{number}") for number in range(5)]
    read = type(harness.sandbox.store).read

    def broken(store: Any, name: str) -> Any:
        if name == names[2]:
            raise RuntimeError("this item is broken")
        return read(store, name)

    monkeypatch.setattr(type(harness.sandbox.store), "read", broken)
    harness.clock.advance(timedelta(minutes=15))
    assert harness.run_schedule() == 5
    assert len(harness.shop.got) == 4


def test_the_schedule_stops_before_its_time_runs_out(harness: SandboxHarness) -> None:
    session_id(harness)
    harness.clock.advance(timedelta(minutes=15))
    assert harness.run_schedule(milliseconds=10_000) == 0
    assert harness.run_schedule() == 1


def paid_payment(harness: SandboxHarness) -> str:
    name = session_id(harness)
    harness.page(name, "pay")
    payment_id: str = harness.api("GET", f"/sessions/{name}").document["payment"]["payment_id"]
    return payment_id


def test_money_goes_back_once(harness: SandboxHarness) -> None:
    order = {"refund_id": "r1", "payment_id": paid_payment(harness), "amount": 4990}
    for _ in range(2):
        assert harness.api("POST", "/refunds", order).document == {"refund_id": "r1", "amount": 4990, "status": "done"}
    assert harness.api("GET", "/refunds/r1").document["status"] == "done"
    ledger = harness.api("GET", f"/ledger/{ATTEMPT_ID}", key=None).document
    assert (ledger["captured"], ledger["refunded"]) == (4990, 4990)
    assert harness.api("POST", "/refunds", order | {"refund_id": "r2"}).document["code"] == "refund-exceeds-payment"
    assert harness.api("POST", "/refunds", order | {"amount": 1}).document["code"] == "refund-differs"
    other = order | {"payment_id": "pay_aaaaaaaaaaaaaaaa"}
    assert harness.api("POST", "/refunds", other).document["code"] == "refund-differs"


def test_unknown_refunds_and_payments_are_404(harness: SandboxHarness) -> None:
    assert harness.api("GET", "/refunds/r1").document["code"] == "refund-not-found"
    order = {"refund_id": "r1", "payment_id": "pay_aaaaaaaaaaaaaaaa", "amount": 1}
    assert harness.api("POST", "/refunds", order).document["code"] == "session-not-found"


def test_a_pending_refund_is_done_by_the_schedule(harness: SandboxHarness) -> None:
    order = {"refund_id": "r1", "payment_id": paid_payment(harness), "amount": 4990}
    faults(harness, refund={"fault": "pending", "seconds": 90})
    assert harness.api("POST", "/refunds", order).document["status"] == "pending"
    harness.clock.advance(timedelta(seconds=90))
    harness.run_schedule()
    assert harness.api("GET", "/refunds/r1").document["status"] == "done"
    assert harness.shop.received_types() == ["payment.succeeded", "refund.succeeded"]


def test_faults_can_be_planned_for_the_next_sessions_of_an_order(harness: SandboxHarness) -> None:
    plan = {"sessions": 1, "faults": {"open": {"fault": "refuse"}}}
    assert harness.api("PUT", f"/orders/{ORDER_ID}/faults", plan, key=None).status == 200
    assert harness.open(attempt_id="of_another_order", order_id="ANOTHER").status == 201
    assert harness.open(order_id=ORDER_ID).status == 422
    assert harness.open(order_id=ORDER_ID).status == 201


def test_faults_can_be_planned_for_the_next_sessions_of_all_orders(harness: SandboxHarness) -> None:
    plan = {"sessions": 2, "faults": {"open": {"fault": "no_answer"}, "void": {"fault": "in_progress"}}}
    assert harness.api("PUT", "/faults", plan).status == 200
    assert harness.open().status == 504
    assert harness.open().status == 200
    assert harness.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "in_progress"}
    assert harness.open(attempt_id="second").status == 504
    assert harness.open(attempt_id="third").status == 201


def test_opening_faults_are_for_later_sessions(harness: SandboxHarness) -> None:
    session_id(harness)
    refused = harness.api("POST", f"/sessions/{ATTEMPT_ID}/faults", {"open": {"fault": "busy"}}, key=None)
    assert (refused.status, list(refused.document["fields"])) == (422, ["open"])
    assert harness.api("POST", "/sessions/never_opened/faults", {}, key=None).status == 404


def test_a_lost_callback_can_be_asked_for(harness: SandboxHarness) -> None:
    name = session_id(harness, faults={"callbacks": {"lost": True}})
    harness.page(name, "pay")
    harness.clock.advance(timedelta(days=1))
    harness.run_schedule()
    assert harness.shop.got == []
    again = harness.api("POST", f"/sessions/{name}/callbacks", {"again": True}, key=None)
    assert harness.shop.received_types() == ["payment.succeeded"]
    assert again.document["callbacks"][0]["delivered_at"] == "2026-11-25T12:00:00.000Z"


def test_callbacks_can_be_repeated_days_later_under_the_same_id(harness: SandboxHarness) -> None:
    name = session_id(harness, faults={"callbacks": {"copies": 2}})
    harness.page(name, "pay")
    harness.clock.advance(timedelta(days=3))
    harness.api("POST", f"/sessions/{name}/callbacks", {"again": True}, key=None)
    assert harness.shop.received_types() == ["payment.succeeded"] * 4
    assert len({request.headers["webhook-id"] for request in harness.shop.got}) == 1


def test_a_hang_holds_the_answer_back(harness: SandboxHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    session_id(harness, faults={"void": {"fault": "hang", "seconds": 3600}})
    assert harness.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "voided"}
    assert pauses[-1] == 10


@pytest.mark.parametrize("action", ["", "steal", "PAY"])
def test_an_unknown_action_does_nothing(harness: SandboxHarness, action: str) -> None:
    name = session_id(harness)
    assert harness.page(name, action).status == 400
    assert harness.api("GET", f"/sessions/{name}").document["status"] == "open"


def test_pages_of_no_session_and_other_methods(harness: SandboxHarness) -> None:
    assert harness.page("cs_aaaaaaaaaaaaaaaa").status == 404
    assert harness.page("cs_aaaaaaaaaaaaaaaa", "pay").status == 404
    assert harness.send("HEAD", f"/pay/{session_id(harness)}").status == 200
    assert harness.send("DELETE", "/pay/cs_aaaaaaaaaaaaaaaa").status == 405
