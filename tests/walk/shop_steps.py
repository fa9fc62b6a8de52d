"""What the seller, an operator and the gateway do meanwhile, without a browser."""

import uuid
from collections.abc import Callable
from random import Random

from local.api_client import ApiResponse
from local.example_orders import tea
from tests.walk.fault_plans import FAULT_PLANS, some_fault_plan
from tests.walk.oracle import OrderReading
from tests.walk.walked_orders import Shop, WalkedOrder

# What a call may be answered with beside success: the order changed meanwhile, or the gateway has a fault.
POSSIBLE_ANSWERS = frozenset({200, 201, 202, 409, 412, 429, 502, 503, 504})
ShopStep = Callable[[], ApiResponse]
# By name, each with its weight.
ShopSteps = dict[str, tuple[int, ShopStep]]


def shop_steps(shop: Shop, walked: WalkedOrder, reading: OrderReading, random: Random) -> ShopSteps:
    """The steps that the order's state has."""
    by_status: dict[str, Callable[[Shop, WalkedOrder, OrderReading, Random], ShopSteps]] = {
        "pending_payment": _while_unpaid,
        "in_payment": _while_locked,
        "releasing": _while_locked,
        "paid": _once_paid,
        "review": _in_review,
    }
    of_status = by_status.get(reading.order["payment_status"])
    steps = of_status(shop, walked, reading, random) if of_status else {}
    always: ShopSteps = {
        "plan faults": (3, lambda: _plan_faults(shop, walked, random)),
        "renew the link": (1, lambda: _renew(shop, walked)),
    }
    return {**steps, **always, **_callbacks(shop, walked)}


def _while_unpaid(shop: Shop, walked: WalkedOrder, reading: OrderReading, random: Random) -> ShopSteps:
    seller, order_id, revision = shop.client("seller"), walked.order_id, reading.order["revision"]
    lines, payable = tea(random.randint(1, 9)), not reading.order["payable"]
    return {
        "edit": (6, lambda: seller.edit_order(order_id, {"lines": lines}, revision)),
        "switch payable": (4 if payable else 1, lambda: seller.edit_order(order_id, {"payable": payable}, revision)),
        "cancel the order": (1, lambda: seller.cancel_order(order_id)),
        "declare it paid": (1, lambda: seller.settle_manually(order_id, reading.order["total"])),
    }


def _while_locked(shop: Shop, walked: WalkedOrder, reading: OrderReading, random: Random) -> ShopSteps:
    seller, order_id, attempt_id = shop.client("seller"), walked.order_id, reading.attempt["attempt_id"]
    edit, revision = {"lines": tea(random.randint(1, 9))}, reading.order["revision"]
    return {
        "cancel the payment": (2, lambda: seller.cancel_payment(order_id, attempt_id)),
        "stop and change": (2, lambda: seller.stop_and_change(order_id, attempt_id, edit, revision)),
        "recheck": (1, lambda: seller.recheck(order_id, attempt_id)),
        "edit although it is locked": (1, lambda: seller.edit_order(order_id, edit, revision)),
        "release": (1, lambda: shop.client("operator").release(order_id, attempt_id, "the walk")),
    }


def _once_paid(shop: Shop, walked: WalkedOrder, reading: OrderReading, random: Random) -> ShopSteps:
    seller, order_id, left = shop.client("seller"), walked.order_id, reading.order["ledger"]["kept"]
    if left <= 0 or reading.attempt["gateway"] != "sandbox":
        return {}
    part, attempt_id = random.randint(1, left), reading.attempt["attempt_id"]
    return {
        "refund a part": (3, lambda: seller.refund(order_id, uuid.uuid4().hex, part)),
        "refund the rest": (2, lambda: seller.refund(order_id, uuid.uuid4().hex)),
        "refund by hand at the gateway": (1, lambda: shop.sandbox.refund(attempt_id)),
        "dispute it": (1, lambda: shop.sandbox.dispute(attempt_id, "open")),
        "win the dispute": (int(reading.order["disputed"]), lambda: shop.sandbox.dispute(attempt_id, "won")),
        "lose the dispute": (int(reading.order["disputed"]), lambda: shop.sandbox.dispute(attempt_id, "lost")),
    }


def _in_review(shop: Shop, walked: WalkedOrder, reading: OrderReading, random: Random) -> ShopSteps:
    operator, action = shop.client("operator"), random.choice(("settle", "refund"))
    attempt_id = reading.attempt["attempt_id"]
    return {"decide": (5, lambda: operator.resolve(walked.order_id, attempt_id, action, "the walk"))}


def _plan_faults(shop: Shop, walked: WalkedOrder, random: Random) -> ApiResponse:
    walked.faults = some_fault_plan(random)
    return shop.sandbox.plan_faults(walked.order_id, 2, FAULT_PLANS[walked.faults])


def _callbacks(shop: Shop, walked: WalkedOrder) -> ShopSteps:
    attempts = list(walked.attempts)
    return {"repeat the callbacks": (1, lambda: shop.sandbox.repeat_callbacks(attempts[-1]))} if attempts else {}


def _renew(shop: Shop, walked: WalkedOrder) -> ApiResponse:
    response = shop.client("seller").pay_link(walked.order_id, renew=True)
    walked.link, walked.renewed = str(response.expect(200)["url"]), True
    return response
