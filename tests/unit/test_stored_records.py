"""A record's document follows from its dataclass, in both directions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest

from paylatch.domain.money_documents import (
    dispute_document,
    dispute_from,
    payment_document,
    payment_from,
    refund_document,
    refund_from,
)
from paylatch.domain.order import BuyerRight, Content, Event, Line, LineKind
from paylatch.domain.payment import CapturedPayment, Dispute, DisputeStatus, PaymentPlace, Refund, RefundStatus
from paylatch.domain.payment_terms import LateMoney
from paylatch.domain.recorded_events import RecordedEvent
from paylatch.domain.stored_fields import StoredFields, Unreadable
from paylatch.domain.stored_records import UNKNOWN, record_document, record_from

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOON_TEXT = "2026-11-24T12:00:00.000Z"


class Size(StrEnum):
    """Two words."""

    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True)
class Label:
    """A part of a parcel."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A record with a field of every type."""

    key: str
    weight: int
    size: Size
    sent_at: datetime
    labels: tuple[Label, ...]
    tries: int = 0
    note: str | None = None
    seen_at: datetime | None = None
    address: Mapping[str, Any] | None = None
    fragile: bool = False
    insured: bool = True
    kind: Size = Size.SMALL
    words: tuple[Size, ...] | None = None
    detail: Mapping[str, str | int | list[str]] = field(default_factory=dict)


SMALLEST = Parcel(key="k", weight=7, size=Size.LARGE, sent_at=NOON, labels=(Label("a"), Label("b")))
STORED = {
    "weight": 7,
    "size": "large",
    "sent_at": NOON_TEXT,
    "labels": [{"text": "a"}, {"text": "b"}],
    "tries": 0,
}
WHOLE = Parcel(
    key="k",
    weight=7,
    size=Size.SMALL,
    sent_at=NOON,
    labels=(),
    tries=2,
    note="n",
    seen_at=NOON,
    address={"city": "Lund"},
    detail={"a": 1},
    fragile=True,
    insured=False,
    kind=Size.LARGE,
    words=(Size.LARGE, Size.SMALL),
)


def parcel_from(document: Mapping[str, Any]) -> Parcel:
    return record_from(Parcel, StoredFields(document, "parcel"), key="k")


def test_a_field_is_stored_under_its_name_and_what_is_none_or_empty_is_not() -> None:
    assert record_document(SMALLEST, "key") == STORED


def test_a_truth_value_and_a_word_are_stored_only_where_they_are_not_the_default() -> None:
    document = record_document(WHOLE, "key")
    assert {
        name: document[name] for name in document.keys() - STORED.keys() - {"note", "seen_at", "address", "detail"}
    } == {
        "fragile": True,
        "insured": False,
        "kind": "large",
        "words": ["large", "small"],
    }


def test_an_enumeration_is_stored_as_plain_text() -> None:
    assert type(record_document(SMALLEST, "key")["size"]) is str


@pytest.mark.parametrize("parcel", [SMALLEST, WHOLE])
def test_what_is_stored_is_read_back(parcel: Parcel) -> None:
    assert parcel_from(record_document(parcel, "key")) == parcel


def test_a_field_with_a_default_may_be_missing_or_null_and_unknown_ones_are_ignored() -> None:
    stored = {**STORED, "tries": None, "note": None, "address": None, "detail": None, "later": 1}
    assert parcel_from(stored) == SMALLEST


@pytest.mark.parametrize("name", ["weight", "size", "sent_at", "labels"])
def test_a_field_without_a_default_is_required_and_named(name: str) -> None:
    with pytest.raises(Unreadable, match=rf"^parcel\.{name} "):
        parcel_from({key: value for key, value in STORED.items() if key != name})


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"weight": "7"}, "parcel.weight is not of type int"),
        ({"weight": True}, "parcel.weight is not of type int"),
        ({"size": "medium"}, "parcel.size is not known"),
        ({"sent_at": "noon"}, "parcel.sent_at is not a timestamp"),
        ({"seen_at": "noon"}, "parcel.seen_at is not a timestamp"),
        ({"note": 1}, "parcel.note is not of type str"),
        ({"labels": [{"text": "a"}, {}]}, "parcel.labels.1.text is missing"),
        ({"labels": {}}, "parcel.labels is not of type list"),
        ({"address": "Lund"}, "parcel.address is not of type mapping"),
        ({"fragile": 1}, "parcel.fragile is not of type bool"),
        ({"kind": "medium"}, "parcel.kind is not known"),
        ({"words": ["small", "medium"]}, "parcel.words.1 is not known"),
        ({"words": "small"}, "parcel.words is not of type list"),
    ],
)
def test_a_malformed_field_is_named(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(Unreadable, match=f"^{problem}$"):
        parcel_from({**STORED, **changed})


def test_a_map_keeps_what_a_later_release_stores_in_it() -> None:
    assert parcel_from({**STORED, "address": {"city": "Lund", "floor": 3}}).address == {"city": "Lund", "floor": 3}


@dataclass(frozen=True)
class Box:
    """A record that keeps what it does not know."""

    text: str
    unknown: Mapping[str, Any] = field(default_factory=dict)


def test_a_record_with_a_place_for_it_keeps_what_a_later_release_stored_and_writes_it_again() -> None:
    stored = {"text": "a", "later": {"deep": {1, 2}}, "none": None}
    box = record_from(Box, StoredFields(stored))
    assert box == Box("a", {"later": {"deep": {1, 2}}, "none": None})
    assert record_document(box) == stored


def test_a_type_without_a_stored_form_is_refused() -> None:
    @dataclass(frozen=True)
    class Scale:
        weight: float

    with pytest.raises(TypeError, match="no stored form of <class 'float'>"):
        record_document(Scale(1.5))


PAYMENT = CapturedPayment(
    payment_id="p",
    attempt_id="0K3VJ8Q5ZB6T1W2X_7H2M9QRT",
    gateway="sandbox",
    amount=5,
    currency="EUR",
    place=PaymentPlace.CLAIMED,
    since=NOON,
    returned=1,
    next_at=NOON,
    tries=3,
)
REFUND = Refund(
    payment_id="p",
    attempt_id=PAYMENT.attempt_id,
    gateway="sandbox",
    amount=4,
    currency="EUR",
    status=RefundStatus.DUE,
    reason="r",
    since=NOON,
    next_at=NOON,
    tries=2,
    own_id="own",
    fingerprint="f",
    made=3,
    failed_try=3,
)
DISPUTE = Dispute("d", "p", 4, "EUR", DisputeStatus.OPEN, NOON, NOON)


def test_a_payment_a_refund_and_a_dispute_lose_no_field() -> None:
    assert payment_from("p", StoredFields(payment_document(PAYMENT))) == PAYMENT
    assert refund_from("own", StoredFields(refund_document(REFUND)), {"p": PAYMENT}) == REFUND
    assert dispute_from("d", StoredFields(dispute_document(DISPUTE))) == DISPUTE


WHOLE_RECORDS = [
    PAYMENT,
    REFUND,
    DISPUTE,
    Content(
        (Line("s", "n", 1, 2),),
        {"city": "Lund"},
        "note",
        (BuyerRight.NOTE,),
        "ada@example.com",
        "sv-SE",
        {"city": "Malmö"},
        {"channel": "web"},
        False,
        NOON,
        LateMoney.REFUND,
    ),
    Line("s", "n", 1, -2, LineKind.DISCOUNT, True, 3),
    Event("w", "OrderPaid", NOON, "sweep", "a", {"late": 1}, NOON, "operator"),
    RecordedEvent(
        order_id="o",
        seq=2,
        type="OrderPaid",
        at=NOON,
        actor="sweep",
        attempt_id="a",
        payment_status="paid",
        revision=1,
        detail={"late": 1},
        role="operator",
        changes={"total": {"from": 1, "to": 2}},
        content_id="c",
        previous_content_id="p",
        reference="2026-1001",
        buyer_id="b",
        seller_id="s",
    ),
]


@pytest.mark.parametrize("record", WHOLE_RECORDS, ids=lambda record: type(record).__name__)
def test_every_field_of_a_record_has_a_stored_form(record: Any) -> None:
    document = record_document(record)
    assert list(document) == [each.name for each in fields(record) if each.name != UNKNOWN], (
        "this file: a value for every field"
    )
    assert record_from(type(record), StoredFields(document)) == record


def test_a_payment_that_nobody_asks_about_again_stores_no_tries() -> None:
    settled = CapturedPayment(
        payment_id="p",
        attempt_id="a",
        gateway="sandbox",
        amount=5,
        currency="EUR",
        place=PaymentPlace.SETTLED,
        since=NOON,
    )
    assert payment_document(settled) == {
        "attempt_id": "a",
        "gateway": "sandbox",
        "amount": 5,
        "currency": "EUR",
        "place": "settled",
        "since": NOON_TEXT,
        "returned": 0,
    }
