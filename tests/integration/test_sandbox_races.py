"""Payer, shop and time reach for one session at the same moment: each hears what really happened."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.fakes.sandbox_terms import ATTEMPT_ID
from tests.integration.sandbox_stage import SandboxStage, sandbox_stage

THREADS = 12


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxStage]:
    with sandbox_stage(monkeypatch) as stage:
        yield stage


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("_", range(5))
def test_pay_or_void_never_both(stage: SandboxStage, _: int) -> None:
    name = stage.open().document["session_id"]

    def pay() -> int:
        return stage.page(name, "pay").status

    def void() -> str:
        result: str = stage.api("POST", f"/sessions/{ATTEMPT_ID}/void").document["result"]
        return result

    answers = at_once(*[pay, void] * (THREADS // 2))
    paid, voided = set(answers[0::2]), answers[1::2]
    books = stage.api("GET", f"/books/{ATTEMPT_ID}").document
    if books["captured"]:
        assert (paid, set(voided)) == ({303}, {"already_paid"})
        # At least once: another page may carry the message before the first has noted that it was heard.
        assert set(stage.shop.heard()) == {"payment.succeeded"}
    else:
        assert (paid, voided.count("voided")) == ({409}, 1)
        assert stage.shop.heard() == []


def test_many_openings_make_one_session(stage: SandboxStage) -> None:
    answers = at_once(*[stage.open] * THREADS)
    assert sorted(answer.status for answer in answers) == [200] * (THREADS - 1) + [201]
    assert len({answer.document["session_id"] for answer in answers}) == 1


def test_opening_and_voiding_what_is_not_open_yet(stage: SandboxStage) -> None:
    def void() -> Any:
        return stage.api("POST", f"/sessions/{ATTEMPT_ID}/void")

    opened, voided = at_once(stage.open, void)
    assert voided.document["result"] == "voided"
    assert opened.status in (201, 409)
    assert stage.api("GET", f"/sessions/{ATTEMPT_ID}").document["status"] == "closed"


def test_one_refund_id_gives_the_money_back_once(stage: SandboxStage) -> None:
    name = stage.open().document["session_id"]
    stage.page(name, "pay")
    payment_id = stage.api("GET", f"/sessions/{name}").document["payment"]["payment_id"]
    order = {"refund_id": "r1", "payment_id": payment_id, "amount": 4990}
    answers = at_once(*[lambda: stage.api("POST", "/refunds", order)] * THREADS)
    assert {answer.document["status"] for answer in answers} == {"done"}
    assert stage.api("GET", f"/books/{ATTEMPT_ID}").document["refunded"] == 4990


def test_a_plan_for_one_session_spoils_one(stage: SandboxStage) -> None:
    stage.api("PUT", "/misbehaviour", {"sessions": 3, "misbehave": {"open": {"fault": "busy"}}})
    answers = at_once(*[lambda number=number: stage.open(attempt_id=f"a{number}") for number in range(THREADS)])
    assert sorted(answer.status for answer in answers) == [201] * (THREADS - 3) + [429] * 3
