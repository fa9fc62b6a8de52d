"""The sandbox's ledger over HTTP: refunds by hand and disputes, as testers make them and the shop hears of them."""

from collections.abc import Iterator

import pytest

from tests.fakes.sandbox_terms import ATTEMPT_ID
from tests.integration.sandbox_stage import SandboxStage, sandbox_stage


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxStage]:
    with sandbox_stage(monkeypatch) as stage:
        yield stage


@pytest.fixture
def payment_id(stage: SandboxStage) -> str:
    name = stage.open().document["session_id"]
    stage.page(name, "pay")
    payment_id: str = stage.api("GET", f"/sessions/{name}").document["payment"]["payment_id"]
    return payment_id


def returned(stage: SandboxStage, payment_id: str) -> int:
    payment = stage.api("GET", f"/payments/{payment_id}").document["payment"]
    assert payment == stage.api("GET", f"/sessions/{ATTEMPT_ID}").document["payment"]
    assert payment == stage.api("POST", f"/sessions/{ATTEMPT_ID}/void", {}).document["payment"]
    amount: int = payment["returned"]
    return amount


def test_a_tester_refunds_by_hand_and_the_shop_is_told_at_once(stage: SandboxStage, payment_id: str) -> None:
    assert returned(stage, payment_id) == 0
    part = stage.api("POST", f"/sessions/{ATTEMPT_ID}/refunds", {"amount": 990}, key=None)
    assert (part.status, part.document["refunded"]) == (200, 990)
    assert returned(stage, payment_id) == 990
    rest = stage.api("POST", f"/sessions/{ATTEMPT_ID}/refunds", key=None)
    assert (rest.status, rest.document["refunded"]) == (200, 4990)
    assert returned(stage, payment_id) == 4990
    assert stage.api("POST", f"/sessions/{ATTEMPT_ID}/refunds", key=None).document["code"] == "nothing-held"
    assert stage.shop.heard() == ["payment.succeeded", "payment.refunded", "payment.refunded"]


@pytest.mark.parametrize(("decision", "lost"), [("won", 0), ("lost", 1000)])
def test_a_tester_plays_a_dispute(stage: SandboxStage, payment_id: str, decision: str, lost: int) -> None:
    opened = stage.api("PUT", f"/sessions/{ATTEMPT_ID}/dispute", {"status": "open", "amount": 1000}, key=None)
    assert (opened.document["dispute"]["status"], opened.document["lost"]) == ("open", 0)
    refund = {"refund_id": "r1", "payment_id": payment_id, "amount": 10}
    assert stage.api("POST", "/refunds", refund).document["code"] == "payment-disputed"
    ended = stage.api("PUT", f"/sessions/{ATTEMPT_ID}/dispute", {"status": decision}, key=None)
    assert (ended.document["dispute"]["status"], ended.document["lost"]) == (decision, lost)
    assert returned(stage, payment_id) == lost
    assert stage.shop.heard() == ["payment.succeeded", "dispute.opened", f"dispute.{decision}"]


def test_what_cannot_be_disputed_or_refunded_is_refused_by_name(stage: SandboxStage) -> None:
    stage.open()
    for method, path, body, code in (
        ("PUT", "dispute", {"status": "open"}, "dispute-impossible"),
        ("PUT", "dispute", {"status": "lost"}, "dispute-impossible"),
        ("POST", "refunds", {"amount": 1}, "refund-exceeds-payment"),
    ):
        answer = stage.api(method, f"/sessions/{ATTEMPT_ID}/{path}", body, key=None)
        assert (answer.status, answer.document["code"]) == (409, code)
    for method, path, body in (("PUT", "dispute", {"status": "odd"}), ("POST", "refunds", {"amount": 0})):
        assert stage.api(method, f"/sessions/{ATTEMPT_ID}/{path}", body, key=None).status == 422
    assert stage.api("POST", "/sessions/nobody/refunds", key=None).document["code"] == "session-not-found"


def test_only_the_shop_may_ask_for_a_payment_and_one_that_was_never_made_is_404(
    stage: SandboxStage, payment_id: str
) -> None:
    assert stage.api("GET", f"/payments/{payment_id}", key=None).status == 401
    assert stage.api("GET", f"/payments/{payment_id}").document["attempt_id"] == ATTEMPT_ID
    for unknown in ("pay_aaaaaaaaaaaaaaaa", payment_id.upper(), payment_id.removeprefix("pay_")):
        assert stage.api("GET", f"/payments/{unknown}").document["code"] == "payment-not-found"


def test_a_payment_that_was_not_made_yet_is_404(stage: SandboxStage) -> None:
    name = stage.open().document["session_id"]
    assert stage.api("GET", f"/payments/{name.replace('cs_', 'pay_')}").document["code"] == "payment-not-found"
