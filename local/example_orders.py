"""The order that examples and tests place on a local stack, and the payment that they ask for."""

from typing import Any

PAYMENT = {"return_url": "https://shop.example/thanks"}
UNIT_PRICE = 1250


def tea(quantity: int) -> list[dict[str, Any]]:
    """An order's lines: so many packets of tea."""
    return [{"sku": "tea-01", "name": "Green tea", "quantity": quantity, "unit_price": UNIT_PRICE}]


def tea_order(reference: str, buyer_id: str, seller_id: str) -> dict[str, Any]:
    """The body of a new order: two packets of tea."""
    parties = {"buyer_id": buyer_id, "seller_id": seller_id}
    return {"reference": reference, **parties, "currency": "EUR", "lines": tea(quantity=2)}
