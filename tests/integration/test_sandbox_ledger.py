"""The sandbox's ledger over HTTP: refunds by hand and disputes, as testers make them and callbacks report them."""

from collections.abc import Iterator

import pytest

from tests.fakes.sandbox_samples import ATTEMPT_ID
from tests.integration.sandbox_harness import SandboxHarness, sandbox_harness


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxHarness]:
    with sandbox_harness(monkeypatch) as harness:
        yield harness


@pytest.fixture
def payment_id(harness: SandboxHarness) -> str:
    name = harness.open().document["session_id"]
    harness.page(name, "pay")
    payment_id: str = harness.api("GET", f"/sessions/{name}").document["payment"]["payment_id"]
    return payment_id


def returned(harness: SandboxHarness, payment_id: str) -> int:
    payment = harness.api("GET", f"/payments/{payment_id}").document["payment"]
    assert payment == harness.api("GET", f"/sessions/{ATTEMPT_ID}").document["payment"]
    assert payment == harness.api("POST", f"/sessions/{ATTEMPT_ID}/void", {}).document["payment"]
    amount: int = payment["returned"]
    return amount


def test_a_manual_refund_by_a_tester_is_reported_at_once(harness: SandboxHarness, payment_id: str) -> None:
    assert returned(harness, payment_id) == 0
    part = harness.api("POST", f"/sessions/{ATTEMPT_ID}/refunds", {"amount": 990}, key=None)
    assert (part.status, part.document["refunded"]) == (200, 990)
    assert returned(harness, payment_id) == 990
    rest = harness.api("POST", f"/sessions/{ATTEMPT_ID}/refunds", key=None)
    assert (rest.status, rest.document["refunded"]) == (200, 4990)
    assert returned(harness, payment_id) == 4990
    assert harness.api("POST", f"/sessions/{ATTEMPT_ID}/refunds", key=None).document["code"] == "nothing-held"
    assert harness.shop.received_types() == ["payment.succeeded", "payment.refunded", "payment.refunded"]


@pytest.mark.parametrize(("decision", "lost"), [("won", 0), ("lost", 1000)])
def test_a_tester_can_open_and_decide_a_dispute(
    harness: SandboxHarness, payment_id: str, decision: str, lost: int
) -> None:
    opened = harness.api("PUT", f"/sessions/{ATTEMPT_ID}/dispute", {"status": "open", "amount": 1000}, key=None)
    assert (opened.document["dispute"]["status"], opened.document["lost"]) == ("open", 0)
    refund = {"refund_id": "r1", "payment_id": payment_id, "amount": 10}
    assert harness.api("POST", "/refunds", refund).document["code"] == "payment-disputed"
    ended = harness.api("PUT", f"/sessions/{ATTEMPT_ID}/dispute", {"status": decision}, key=None)
    assert (ended.document["dispute"]["status"], ended.document["lost"]) == (decision, lost)
    assert returned(harness, payment_id) == lost
    assert harness.shop.received_types() == ["payment.succeeded", "dispute.opened", f"dispute.{decision}"]


def test_what_cannot_be_disputed_or_refunded_is_refused_by_name(harness: SandboxHarness) -> None:
    harness.open()
    for method, path, body, code in (
        ("PUT", "dispute", {"status": "open"}, "dispute-impossible"),
        ("PUT", "dispute", {"status": "lost"}, "dispute-impossible"),
        ("POST", "refunds", {"amount": 1}, "refund-exceeds-payment"),
    ):
        answer = harness.api(method, f"/sessions/{ATTEMPT_ID}/{path}", body, key=None)
        assert (answer.status, answer.document["code"]) == (409, code)
    for method, path, body in (("PUT", "dispute", {"status": "odd"}), ("POST", "refunds", {"amount": 0})):
        assert harness.api(method, f"/sessions/{ATTEMPT_ID}/{path}", body, key=None).status == 422
    assert harness.api("POST", "/sessions/nobody/refunds", key=None).document["code"] == "session-not-found"


def test_only_the_shop_may_ask_for_a_payment_and_one_that_was_never_made_is_404(
    harness: SandboxHarness, payment_id: str
) -> None:
    assert harness.api("GET", f"/payments/{payment_id}", key=None).status == 401
    assert harness.api("GET", f"/payments/{payment_id}").document["attempt_id"] == ATTEMPT_ID
    for unknown in ("pay_aaaaaaaaaaaaaaaa", payment_id.upper(), payment_id.removeprefix("pay_")):
        assert harness.api("GET", f"/payments/{unknown}").document["code"] == "payment-not-found"


def test_a_payment_that_was_not_made_yet_is_404(harness: SandboxHarness) -> None:
    name = harness.open().document["session_id"]
    assert harness.api("GET", f"/payments/{name.replace('cs_', 'pay_')}").document["code"] == "payment-not-found"
