"""Orders of a deployed stack that hold personal data wherever people can write some, and what is left of it."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.example_orders import UNIT_PRICE
from local.sandbox_client import SandboxClient
from tests.drills.shop import Attempt, Shop, until
from tests.drills.table import items_of
from tests.integration.personal_orders import CASH, PERSONAL, REASON, TEXTS

PAID_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class PersonalOrders:
    """Orders that are over, with contents of three revisions, and refunds and settlements with words of people."""

    shop: Shop

    def cancelled(self) -> str:
        """Edited twice and cancelled."""
        order_id = self.edited()
        self.shop.stack.client("service").cancel_order(order_id).expect(200)
        return order_id

    def settled(self) -> str:
        """Paid in cash, with a receipt that names a person."""
        order_id = self.edited()
        settled = self.shop.stack.client("operator").call("POST", f"/orders/{order_id}/settlement", CASH)
        settled.expect(200)
        return order_id

    def refunded(self) -> str:
        """Paid at the gateway, and a packet of tea refunded for a reason that names a person."""
        order_id = self.edited()
        self.shop.pay(self.shop.lock(order_id))
        self.shop.has_status(order_id, "paid", PAID_WITHIN)
        self.refund(order_id)
        until(lambda: self.has_no_open_refund(order_id), PAID_WITHIN)
        return order_id

    def locked(self) -> Attempt:
        """Locked for a payment that nobody makes."""
        return self.shop.lock(self.edited())

    def owed(self) -> str:
        """Paid at the gateway, which refuses the refund that was asked for."""
        attempt = self.locked()
        refusal = {"refund": {"fault": "refuse"}}
        SandboxClient(self.shop.stack.sandbox_url).set_faults(attempt.attempt_id, refusal).expect(200)
        self.shop.pay(attempt)
        self.shop.has_status(attempt.order_id, "paid", PAID_WITHIN)
        self.refund(attempt.order_id)
        return attempt.order_id

    def refund(self, order_id: str) -> None:
        """Refund a packet of tea."""
        self.shop.stack.client("seller").refund(order_id, uuid.uuid4().hex, UNIT_PRICE, REASON).expect(201)

    def has_no_open_refund(self, order_id: str) -> bool:
        """Whether the gateway confirmed all refunds."""
        return all(each["status"] == "refunded" for each in self.shop.order(order_id)["refunds"])

    def edited(self) -> str:
        """A pending order with three contents."""
        order_id, seller = self.shop.place(fields=PERSONAL), self.shop.stack.client("seller")
        seller.edit_order(order_id, {"note": "Mrs King is at home"}, revision=1).expect(200)
        seller.edit_order(order_id, {"email": "mrs.king@example.org"}, revision=2).expect(200)
        return order_id


def texts_in(document: object) -> list[str]:
    """The personal texts in a document."""
    stored = json.dumps(document, default=str, ensure_ascii=False)
    return [text for text in TEXTS if text in stored]


def orders_with_texts(shop: Shop, order_ids: Iterable[str]) -> list[str]:
    """The orders among them of which the table has personal texts in any item."""
    items = items_of(shop.stack)
    return [each for each in order_ids if texts_in([item for item in items if each in item["pk"]["S"]])]


def contents_of(shop: Shop, order_id: str) -> Sequence[Mapping[str, Any]]:
    """The contents of the order in the table."""
    return [
        item
        for item in items_of(shop.stack)
        if item["pk"]["S"] == f"ORDER#{order_id}" and item["sk"]["S"].startswith("CONTENT#")
    ]
