"""An erasure takes from an event what people wrote; the words that the product writes itself stay."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from paylatch.domain.erasure import erased_event
from paylatch.domain.recorded_events import RecordedEvent

SOLD_BY = "b7a0c5d2"


def event(type_: str, actor: str, **detail: Any) -> RecordedEvent:
    return RecordedEvent(
        order_id="0000000000000001",
        seq=7,
        type=type_,
        at=datetime(2026, 11, 24, 12, tzinfo=UTC),
        actor=actor,
        payment_status="paid",
        revision=1,
        seller_id=SOLD_BY,
        detail={"amount": 100, **detail},
    )


@pytest.mark.parametrize("type_", ["RefundDue", "RefundIssued"])
def test_a_reason_that_a_person_wrote_is_erased(type_: str) -> None:
    asked = event(type_, SOLD_BY, reason="Lord Byron sent it back.")
    assert erased_event(asked) == replace(asked, detail={"amount": 100, "reason": "erased"})


@pytest.mark.parametrize("name", ["sweep", "gateway:sandbox"])
def test_a_reason_that_an_operator_wrote_is_erased_whatever_their_name(name: str) -> None:
    asked = replace(event("RefundIssued", name, reason="Lord Byron sent it back."), role="operator")
    assert (asked.actor_role, erased_event(asked).detail["reason"]) == ("operator", "erased")


@pytest.mark.parametrize(
    ("type_", "actor", "reason"),
    [
        ("RefundDue", "gateway:sandbox", "the order was paid already"),
        ("RefundDue", "sweep", "the order was cancelled"),
        ("OrderUnlocked", SOLD_BY, "cancelled"),
        ("OrderCancelled", "sweep", "expired"),
    ],
)
def test_a_reason_that_the_product_wrote_stays(type_: str, actor: str, reason: str) -> None:
    ours = event(type_, actor, reason=reason)
    assert erased_event(ours) is ours
