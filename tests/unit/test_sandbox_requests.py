"""The requests that the sandbox refuses, and its errors."""

import json
from typing import Any

import pytest
from sandbox.fault_plan import CallbackFault, Fault, FaultKind, FaultPlan, PaymentFault
from sandbox.requests import FAULT_PLAN, LONGEST_BODY, OPENING, PLANNED_FAULTS, REFUND_ORDER, InvalidBody, read_body

GOOD: dict[str, Any] = {
    "attempt_id": "7ZQ4M2K9X0B5T1WD_3N8RV6YA",
    "amount": 4990,
    "currency": "EUR",
    "expires_at": "2026-11-24T12:15:00.000Z",
    "return_url": "https://shop.example/",
    "callback_url": "http://127.0.0.1:3000/gateways/sandbox/callbacks",
    "description": "R-1001",
    "shop": "Corner Shop",
}


def opening(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_a_good_opening_is_read() -> None:
    read = read_body(OPENING, opening(faults={"void": {"fault": "in_progress", "times": 1}}))
    assert read.terms().amount == 4990
    assert read.faults == FaultPlan(void=Fault(FaultKind.IN_PROGRESS, times=1))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("attempt_id", ""),
        ("attempt_id", "a" * 33),
        ("attempt_id", "a/b"),
        ("attempt_id", "cs_looks_like_a_session"),
        ("attempt_id", 7),
        ("amount", 0),
        ("amount", -1),
        ("amount", 10**15 + 1),
        ("amount", 1.5),
        ("amount", "4990"),
        ("amount", True),
        ("currency", "eur"),
        ("currency", "EURO"),
        ("expires_at", "2026-11-24T12:15:00"),
        ("expires_at", "soon"),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "https://"),
        ("return_url", "https://[broken"),
        ("return_url", "https://shop.example/\n"),
        ("return_url", "https://shop.example/" + "a" * 2000),
        ("callback_url", "file:///etc/passwd"),
        ("description", ""),
        ("description", "a" * 201),
        ("shop", "a" * 101),
        ("shop", None),
        ("unknown", 1),
    ],
)
def test_a_bad_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(InvalidBody) as refused:
        read_body(OPENING, opening(**{field: value}))
    assert list(refused.value.fields) == [field]


def test_every_missing_field_is_named() -> None:
    with pytest.raises(InvalidBody) as refused:
        read_body(OPENING, b"{}")
    assert set(refused.value.fields) == set(GOOD)


@pytest.mark.parametrize("body", [b"[]", b"null", b"{", b"\xff", b'{"a":' * 2000, b" " * (LONGEST_BODY + 1)])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidBody):
        read_body(OPENING, body)


@pytest.mark.parametrize(
    ("fault_plan", "field"),
    [
        ({"query": {"fault": "in_progress"}}, "query"),
        ({"void": {"fault": "pending"}}, "void"),
        ({"refund": {"fault": "not_voidable"}}, "refund"),
        ({"void": {"fault": "explode"}}, "void.fault"),
        ({"void": {"fault": "refuse", "times": 0}}, "void.times"),
        ({"void": {"fault": "refuse", "seconds": 100_000}}, "void.seconds"),
        ({"payment": {"amount": -1}}, "payment.amount"),
        ({"callbacks": {"copies": 100}}, "callbacks.copies"),
        ({"callbacks": {"late": True}}, "callbacks.late"),
        ({"link_outlives": -1}, "link_outlives"),
    ],
)
def test_an_unknown_fault_is_named(fault_plan: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidBody) as refused:
        read_body(FAULT_PLAN, json.dumps(fault_plan).encode())
    assert list(refused.value.fields) == [field]


def test_an_empty_fault_plan_has_no_faults() -> None:
    assert read_body(FAULT_PLAN, b"") == read_body(FAULT_PLAN, b"{}") == FaultPlan()


def test_a_whole_fault_plan_is_read() -> None:
    plan = read_body(
        PLANNED_FAULTS,
        b'{"sessions": 2, "faults": {"open": {"fault": "hang", "seconds": 1}, "payment": {"amount": 1},'
        b' "callbacks": {"delay": 5, "copies": 2}}}',
    )
    assert plan.sessions == 2
    assert plan.faults == FaultPlan(
        open=Fault(FaultKind.HANG, seconds=1),
        payment=PaymentFault(amount=1),
        callbacks=CallbackFault(delay=5, copies=2),
    )


def test_a_refund_names_its_payment() -> None:
    with pytest.raises(InvalidBody) as refused:
        read_body(REFUND_ORDER, b'{"refund_id": "r 1", "amount": 0}')
    assert set(refused.value.fields) == {"refund_id", "payment_id", "amount"}
