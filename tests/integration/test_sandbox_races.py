"""Payer, shop and schedule act on one session at the same moment: each gets a true answer."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.fakes.sandbox_samples import ATTEMPT_ID
from tests.integration.sandbox_harness import SandboxHarness, sandbox_harness

THREADS = 12


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxHarness]:
    with sandbox_harness(monkeypatch) as harness:
        yield harness


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("_", range(5))
def test_pay_or_void_never_both(harness: SandboxHarness, _: int) -> None:
    name = harness.open().document["session_id"]

    def pay() -> int:
        return harness.page(name, "pay").status

    def void() -> str:
        result: str = harness.api("POST", f"/sessions/{ATTEMPT_ID}/void").document["result"]
        return result

    answers = at_once(*[pay, void] * (THREADS // 2))
    paid, voided = set(answers[0::2]), answers[1::2]
    ledger = harness.api("GET", f"/ledger/{ATTEMPT_ID}").document
    if ledger["captured"]:
        assert (paid, set(voided)) == ({303}, {"already_paid"})
        # At least once: another process may send the callback before the first has recorded its delivery.
        assert set(harness.shop.received_types()) == {"payment.succeeded"}
    else:
        assert (paid, voided.count("voided")) == ({409}, 1)
        assert harness.shop.received_types() == []


def test_many_openings_make_one_session(harness: SandboxHarness) -> None:
    answers = at_once(*[harness.open] * THREADS)
    assert sorted(answer.status for answer in answers) == [200] * (THREADS - 1) + [201]
    assert len({answer.document["session_id"] for answer in answers}) == 1


def test_opening_and_voiding_what_is_not_open_yet(harness: SandboxHarness) -> None:
    def void() -> Any:
        return harness.api("POST", f"/sessions/{ATTEMPT_ID}/void")

    opened, voided = at_once(harness.open, void)
    assert voided.document["result"] == "voided"
    assert opened.status in (201, 409)
    assert harness.api("GET", f"/sessions/{ATTEMPT_ID}").document["status"] == "closed"


def test_one_refund_id_gives_the_money_back_once(harness: SandboxHarness) -> None:
    name = harness.open().document["session_id"]
    harness.page(name, "pay")
    payment_id = harness.api("GET", f"/sessions/{name}").document["payment"]["payment_id"]
    order = {"refund_id": "r1", "payment_id": payment_id, "amount": 4990}
    answers = at_once(*[lambda: harness.api("POST", "/refunds", order)] * THREADS)
    assert {answer.document["status"] for answer in answers} == {"done"}
    assert harness.api("GET", f"/ledger/{ATTEMPT_ID}").document["refunded"] == 4990


def test_faults_planned_for_one_session_affect_one(harness: SandboxHarness) -> None:
    harness.api("PUT", "/faults", {"sessions": 3, "faults": {"open": {"fault": "busy"}}})
    answers = at_once(*[lambda number=number: harness.open(attempt_id=f"a{number}") for number in range(THREADS)])
    assert sorted(answer.status for answer in answers) == [201] * (THREADS - 3) + [429] * 3
