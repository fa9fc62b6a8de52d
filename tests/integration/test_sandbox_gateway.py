"""The sandbox gateway as its callers meet it: shop, payer, tester and schedule."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from paylatch.gateways.sandbox_credentials import signing_secret
from paylatch.gateways.signatures import verify_standard_webhook
from tests.fakes.sandbox_terms import ATTEMPT_ID, ORDER_ID
from tests.integration.sandbox_stage import API_KEY, OPENING, SandboxStage, sandbox_stage


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxStage]:
    with sandbox_stage(monkeypatch) as stage:
        yield stage


def session_id(stage: SandboxStage, **changes: Any) -> str:
    opened = stage.open(**changes)
    assert opened.status == 201
    name: str = opened.document["session_id"]
    return name


def misbehave(stage: SandboxStage, **misbehaviour: Any) -> None:
    assert stage.api("POST", f"/sessions/{ATTEMPT_ID}/misbehaviour", misbehaviour, key=None).status == 200


def test_opening_twice_gives_the_same_session(stage: SandboxStage) -> None:
    first, second = stage.open(), stage.open()
    assert (first.status, second.status) == (201, 200)
    assert first.document == second.document
    assert first.document["pay_url"] == f"https://sandbox.example.com/pay/{first.document['session_id']}"
    assert first.document["status"] == "open"


def test_opening_twice_with_different_terms_is_refused(stage: SandboxStage) -> None:
    stage.open()
    refused = stage.open(amount=1)
    assert (refused.status, refused.document["code"]) == (409, "attempt-differs")


def test_opening_again_later_tells_what_became_of_it(stage: SandboxStage) -> None:
    stage.page(session_id(stage), "pay")
    assert stage.open().document["status"] == "paid"


@pytest.mark.parametrize("name", ["PAYLATCH_SANDBOX_URL"])
def test_pay_urls_follow_the_configured_address(
    stage: SandboxStage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:3001/")
    assert stage.open().document["pay_url"].startswith("http://127.0.0.1:3001/pay/cs_")


def test_an_opening_that_would_be_over_is_refused(stage: SandboxStage) -> None:
    refused = stage.open(expires_at="2026-11-24T12:00:00.000Z")
    assert (refused.status, refused.document["fields"]) == (422, {"expires_at": "is past"})


def test_a_bad_body_is_refused_with_the_field_named(stage: SandboxStage) -> None:
    refused = stage.open(amount=-5, currency="euro")
    assert refused.status == 422
    assert set(refused.document["fields"]) == {"amount", "currency"}
    assert stage.api("POST", "/sessions", "{").status == 422
    assert stage.send("POST", "/sessions", "%%%", {"authorization": f"Bearer {API_KEY}"}, base64=True).status == 400
    assert stage.api("POST", "/sessions", "x" * 20_000).status == 422


SHOPS_ONLY = [
    ("POST", "/sessions"),
    ("GET", "/sessions"),
    ("GET", f"/sessions/{ATTEMPT_ID}"),
    ("POST", f"/sessions/{ATTEMPT_ID}/void"),
    ("POST", "/refunds"),
    ("GET", "/refunds/r1"),
    ("PUT", "/misbehaviour"),
]


@pytest.mark.parametrize("key", [None, "", "wrong", "k\u00e9y"])
@pytest.mark.parametrize(("method", "path"), SHOPS_ONLY)
def test_what_is_the_shops_needs_its_key(stage: SandboxStage, method: str, path: str, key: str | None) -> None:
    refused = stage.api(method, path, OPENING, key=key)
    assert (refused.status, refused.document["code"]) == (401, "unauthorized")
    assert stage.sandbox.store.read("cs_fhgg5u3nuwxv2iqh") is None


def test_the_previous_key_still_opens(stage: SandboxStage) -> None:
    assert stage.api("POST", "/sessions", OPENING, key="old-key").status == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("DELETE", "/sessions"), ("GET", "/pay/cs_short"), ("GET", "/sessions/a%2Fb")],
)
def test_what_is_not_there_is_404(stage: SandboxStage, method: str, path: str) -> None:
    assert stage.api(method, path).document["code"] == "no-such-route"


def test_a_session_is_found_by_either_of_its_names(stage: SandboxStage) -> None:
    name = session_id(stage)
    by_session = stage.api("GET", f"/sessions/{name}")
    assert by_session.document == stage.api("GET", f"/sessions/{ATTEMPT_ID}").document
    assert by_session.document == stage.api("GET", "/sessions", query=f"attempt_id={ATTEMPT_ID}").document
    unknown = stage.api("GET", "/sessions/never_opened")
    assert (unknown.status, unknown.document["code"]) == (404, "session-not-found")
    assert stage.api("GET", "/sessions").status == 422


def test_the_payer_sees_the_page_and_pays(stage: SandboxStage) -> None:
    name = session_id(stage)
    shown = stage.page(name)
    assert shown.status == 200
    assert "49.90" in shown.text
    assert shown.headers["content-type"].startswith("text/html")
    pressed = stage.page(name, "pay")
    assert (pressed.status, pressed.headers["location"]) == (303, name)
    assert "Paid" in stage.page(name).text
    assert stage.api("GET", f"/sessions/{name}").document["payment"]["amount"] == 4990


def test_the_callback_is_signed_so_that_the_shop_can_verify_it(stage: SandboxStage) -> None:
    stage.page(session_id(stage), "pay")
    (request,) = stage.shop.got
    assert request.url == OPENING["callback_url"]
    verify_standard_webhook(
        "sandbox", request.headers, request.body or b"", [signing_secret(API_KEY)], stage.clock.now()
    )


def test_paying_twice_captures_once(stage: SandboxStage) -> None:
    name = session_id(stage)
    assert [stage.page(name, "pay").status for _ in range(2)] == [303, 303]
    assert stage.shop.heard() == ["payment.succeeded"]


def test_a_declined_try_can_be_repeated(stage: SandboxStage) -> None:
    name = session_id(stage)
    assert stage.page(name, "decline").status == 303
    assert "declined" in stage.page(name).text
    stage.page(name, "pay")
    assert stage.shop.heard() == ["payment.failed", "payment.succeeded"]


def test_a_voided_session_says_so_and_cannot_be_paid(stage: SandboxStage) -> None:
    name = session_id(stage)
    assert stage.api("POST", f"/sessions/{name}/void", {}).document == {"result": "voided"}
    assert stage.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "already_closed"}
    pressed = stage.page(name, "pay")
    assert pressed.status == 409
    assert "This payment is closed" in pressed.text
    assert stage.shop.got == []


def test_what_was_voided_before_it_was_opened_is_never_opened(stage: SandboxStage) -> None:
    assert stage.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "voided"}
    assert stage.open().status == 409
    assert stage.api("GET", f"/sessions/{ATTEMPT_ID}").document["status"] == "closed"
    assert stage.api("POST", "/sessions/cs_aaaaaaaaaaaaaaaa/void").status == 404


def test_a_paid_session_answers_a_void_with_the_money(stage: SandboxStage) -> None:
    name = session_id(stage)
    stage.page(name, "pay")
    voided = stage.api("POST", f"/sessions/{name}/void").document
    assert voided["result"] == "already_paid"
    assert (voided["payment"]["amount"], voided["payment"]["currency"]) == (4990, "EUR")


def test_the_schedule_expires_sessions_and_tells_the_shop(stage: SandboxStage) -> None:
    name = session_id(stage)
    assert stage.minute() == 0
    stage.clock.advance(timedelta(minutes=15))
    assert stage.minute() == 1
    assert stage.shop.heard() == ["session.expired"]
    assert "expired" in stage.page(name).text
    assert stage.page(name, "pay").status == 409
    assert stage.minute() == 0


def test_what_was_told_about_an_expiry_stays_true(stage: SandboxStage) -> None:
    name = session_id(stage)
    stage.clock.advance(timedelta(minutes=15))
    assert stage.api("GET", f"/sessions/{name}").document["status"] == "expired"
    stage.clock.advance(timedelta(minutes=-1))
    assert stage.page(name, "pay").status == 409


@pytest.mark.parametrize("status", [301, 400, 500])
def test_a_callback_that_is_not_accepted_is_tried_again_until_it_is(stage: SandboxStage, status: int) -> None:
    stage.shop.status = status
    stage.page(session_id(stage), "pay")
    assert stage.minute() == 0
    stage.clock.advance(timedelta(minutes=1))
    assert stage.minute() == 1
    stage.shop.status = 200
    stage.clock.advance(timedelta(minutes=1))
    assert (stage.minute(), stage.minute()) == (1, 0)
    assert len({request.headers["webhook-id"] for request in stage.shop.got}) == 1
    assert len({request.body for request in stage.shop.got}) == 1
    assert len(stage.shop.got) == 3


def test_a_shop_that_is_down_loses_no_callback_and_no_payment(stage: SandboxStage) -> None:
    stage.shop.down = True
    name = session_id(stage)
    assert stage.page(name, "pay").status == 303
    stage.shop.down = False
    stage.clock.advance(timedelta(minutes=1))
    stage.minute()
    assert stage.shop.heard() == ["payment.succeeded"]


def test_a_crash_before_the_first_try_loses_no_callback(stage: SandboxStage, monkeypatch: pytest.MonkeyPatch) -> None:
    name = session_id(stage)

    class Crash(BaseException):
        """The end of the process."""

    def crash(_: object) -> None:
        raise Crash

    monkeypatch.setattr(type(stage.shop), "__call__", lambda *_: crash(None))
    with pytest.raises(Crash):
        stage.page(name, "pay")
    monkeypatch.undo()
    stage.clock.advance(timedelta(minutes=1))
    stage.sandbox.keeper.tell(name)
    assert stage.shop.heard() == ["payment.succeeded"]


def test_one_session_that_fails_delays_no_other(stage: SandboxStage, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [session_id(stage, attempt_id=f"attempt_{number}") for number in range(5)]
    read = type(stage.sandbox.store).read

    def broken(store: Any, name: str) -> Any:
        if name == names[2]:
            raise RuntimeError("this item is broken")
        return read(store, name)

    monkeypatch.setattr(type(stage.sandbox.store), "read", broken)
    stage.clock.advance(timedelta(minutes=15))
    assert stage.minute() == 5
    assert len(stage.shop.got) == 4


def test_the_schedule_stops_before_its_time_runs_out(stage: SandboxStage) -> None:
    session_id(stage)
    stage.clock.advance(timedelta(minutes=15))
    assert stage.minute(milliseconds=10_000) == 0
    assert stage.minute() == 1


def paid_payment(stage: SandboxStage) -> str:
    name = session_id(stage)
    stage.page(name, "pay")
    payment_id: str = stage.api("GET", f"/sessions/{name}").document["payment"]["payment_id"]
    return payment_id


def test_money_goes_back_once(stage: SandboxStage) -> None:
    order = {"refund_id": "r1", "payment_id": paid_payment(stage), "amount": 4990}
    for _ in range(2):
        assert stage.api("POST", "/refunds", order).document == {"refund_id": "r1", "amount": 4990, "status": "done"}
    assert stage.api("GET", "/refunds/r1").document["status"] == "done"
    books = stage.api("GET", f"/books/{ATTEMPT_ID}", key=None).document
    assert (books["captured"], books["refunded"]) == (4990, 4990)
    assert stage.api("POST", "/refunds", order | {"refund_id": "r2"}).document["code"] == "refund-exceeds-payment"
    assert stage.api("POST", "/refunds", order | {"amount": 1}).document["code"] == "refund-differs"
    other = order | {"payment_id": "pay_aaaaaaaaaaaaaaaa"}
    assert stage.api("POST", "/refunds", other).document["code"] == "refund-differs"


def test_unknown_refunds_and_payments_are_404(stage: SandboxStage) -> None:
    assert stage.api("GET", "/refunds/r1").document["code"] == "refund-not-found"
    order = {"refund_id": "r1", "payment_id": "pay_aaaaaaaaaaaaaaaa", "amount": 1}
    assert stage.api("POST", "/refunds", order).document["code"] == "session-not-found"


def test_a_pending_refund_is_done_by_the_schedule(stage: SandboxStage) -> None:
    order = {"refund_id": "r1", "payment_id": paid_payment(stage), "amount": 4990}
    misbehave(stage, refund={"fault": "pending", "seconds": 90})
    assert stage.api("POST", "/refunds", order).document["status"] == "pending"
    stage.clock.advance(timedelta(seconds=90))
    stage.minute()
    assert stage.api("GET", "/refunds/r1").document["status"] == "done"
    assert stage.shop.heard() == ["payment.succeeded", "refund.succeeded"]


def test_the_next_sessions_of_an_order_can_be_told_to_misbehave(stage: SandboxStage) -> None:
    plan = {"sessions": 1, "misbehave": {"open": {"fault": "refuse"}}}
    assert stage.api("PUT", f"/orders/{ORDER_ID}/misbehaviour", plan, key=None).status == 200
    assert stage.open(attempt_id="of_another_order", order_id="ANOTHER").status == 201
    assert stage.open(order_id=ORDER_ID).status == 422
    assert stage.open(order_id=ORDER_ID).status == 201


def test_the_next_sessions_of_all_can_be_told_to_misbehave(stage: SandboxStage) -> None:
    plan = {"sessions": 2, "misbehave": {"open": {"fault": "no_answer"}, "void": {"fault": "in_progress"}}}
    assert stage.api("PUT", "/misbehaviour", plan).status == 200
    assert stage.open().status == 504
    assert stage.open().status == 200
    assert stage.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "in_progress"}
    assert stage.open(attempt_id="second").status == 504
    assert stage.open(attempt_id="third").status == 201


def test_misbehaviour_of_the_opening_is_for_sessions_to_come(stage: SandboxStage) -> None:
    session_id(stage)
    refused = stage.api("POST", f"/sessions/{ATTEMPT_ID}/misbehaviour", {"open": {"fault": "busy"}}, key=None)
    assert (refused.status, list(refused.document["fields"])) == (422, ["open"])
    assert stage.api("POST", "/sessions/never_opened/misbehaviour", {}, key=None).status == 404


def test_a_lost_callback_can_be_asked_for(stage: SandboxStage) -> None:
    name = session_id(stage, misbehave={"callbacks": {"lost": True}})
    stage.page(name, "pay")
    stage.clock.advance(timedelta(days=1))
    stage.minute()
    assert stage.shop.got == []
    again = stage.api("POST", f"/sessions/{name}/callbacks", {"again": True}, key=None)
    assert stage.shop.heard() == ["payment.succeeded"]
    assert again.document["callbacks"][0]["delivered_at"] == "2026-11-25T12:00:00.000Z"


def test_callbacks_can_be_repeated_days_later_under_the_same_id(stage: SandboxStage) -> None:
    name = session_id(stage, misbehave={"callbacks": {"copies": 2}})
    stage.page(name, "pay")
    stage.clock.advance(timedelta(days=3))
    stage.api("POST", f"/sessions/{name}/callbacks", {"again": True}, key=None)
    assert stage.shop.heard() == ["payment.succeeded"] * 4
    assert len({request.headers["webhook-id"] for request in stage.shop.got}) == 1


def test_a_hang_holds_the_answer_back(stage: SandboxStage, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    session_id(stage, misbehave={"void": {"fault": "hang", "seconds": 3600}})
    assert stage.api("POST", f"/sessions/{ATTEMPT_ID}/void").document == {"result": "voided"}
    assert pauses[-1] == 10


@pytest.mark.parametrize("action", ["", "steal", "PAY"])
def test_an_unknown_action_does_nothing(stage: SandboxStage, action: str) -> None:
    name = session_id(stage)
    assert stage.page(name, action).status == 400
    assert stage.api("GET", f"/sessions/{name}").document["status"] == "open"


def test_pages_of_no_session_and_other_methods(stage: SandboxStage) -> None:
    assert stage.page("cs_aaaaaaaaaaaaaaaa").status == 404
    assert stage.page("cs_aaaaaaaaaaaaaaaa", "pay").status == 404
    assert stage.send("HEAD", f"/pay/{session_id(stage)}").status == 200
    assert stage.send("DELETE", "/pay/cs_aaaaaaaaaaaaaaaa").status == 405
