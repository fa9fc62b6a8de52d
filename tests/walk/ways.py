"""How an order comes to each state of its payment page."""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pay_page.order_view import JUST_PAID_LASTS
from pay_page.page_view import PageState

from local import aws
from local.example_orders import PAYMENT, tea
from local.sandbox_client import submit_hosted_page
from paylatch.domain.timestamps import as_text
from paylatch.domain.transitions.attempt_changes import MOST_ATTEMPTS
from paylatch.store.items import item_of
from paylatch.store.keys import head_key
from tests.walk.devices import Device
from tests.walk.walked_orders import Shop, WalkedOrder

Way = Callable[[Shop, WalkedOrder, Device], None]
_TAKES_PAYMENTS_FOR = timedelta(seconds=4)
_A_PART = 100


def ways() -> Mapping[PageState, Way]:
    """By state; each takes a new order there, and raises `UnexpectedResponse` or Playwright's `Error` if it cannot."""
    return {
        PageState.OWED: lambda *_: None,
        PageState.CHANGED: _changed,
        PageState.OPENING: _opening,
        PageState.BEING_PAID: lambda shop, walked, _: _begin(shop, walked),
        PageState.STOPPING: _stopping,
        PageState.PROCESSING: lambda shop, walked, _: _pay(shop, walked, {"payment": {"seconds": 60}}),
        PageState.JUST_PAID: lambda shop, walked, _: _pay(shop, walked),
        PageState.PAID: _paid_earlier,
        PageState.PARTLY_REFUNDED: lambda shop, walked, _: _refunded(shop, walked, _A_PART),
        PageState.REFUNDED: lambda shop, walked, _: _refunded(shop, walked, None),
        PageState.UNDER_REVIEW: lambda shop, walked, _: _pay(shop, walked, {"payment": {"amount": _A_PART}}),
        PageState.NOT_PAYABLE: lambda shop, walked, _: _edit(shop, walked, payable=False),
        PageState.TOO_MANY_ATTEMPTS: _out_of_attempts,
        PageState.CANCELLED: _cancelled,
        PageState.EXPIRED: _expired,
    }


def _edit(shop: Shop, walked: WalkedOrder, **change: Any) -> None:
    revision = shop.read(walked).order["revision"]
    shop.client("seller").edit_order(walked.order_id, change, revision).expect(200)


def _changed(shop: Shop, walked: WalkedOrder, device: Device) -> None:
    """The payer has the page of an earlier revision, and has only to press its button."""
    device.page.goto(walked.link)
    _edit(shop, walked, lines=tea(7))


def _opening(shop: Shop, walked: WalkedOrder, _: Device) -> None:
    shop.sandbox.plan_faults(walked.order_id, 1, {"open": {"fault": "unavailable"}}).expect(200)
    _request(shop, walked, 503)


def _begin(shop: Shop, walked: WalkedOrder) -> None:
    _request(shop, walked, 201)


def _request(shop: Shop, walked: WalkedOrder, status: int) -> None:
    shop.client("buyer").request_payment(walked.order_id, PAYMENT, uuid.uuid4().hex).expect(status)


def _stopping(shop: Shop, walked: WalkedOrder, _: Device) -> None:
    shop.sandbox.plan_faults(walked.order_id, 1, {"void": {"fault": "unavailable"}}).expect(200)
    _begin(shop, walked)
    attempt_id = shop.read(walked).attempt["attempt_id"]
    shop.client("seller").cancel_payment(walked.order_id, attempt_id).expect(202)


def _pay(shop: Shop, walked: WalkedOrder, faults: Mapping[str, Any] | None = None) -> None:
    shop.sandbox.plan_faults(walked.order_id, 1, faults or {}).expect(200)
    _begin(shop, walked)
    submit_hosted_page(shop.read(walked).attempt["pay_url"], "pay")


def _paid_earlier(shop: Shop, walked: WalkedOrder, _: Device) -> None:
    _pay(shop, walked)
    # The rest of the minutes is longer than a walk.
    _write(shop, walked, paid_at=as_text(datetime.now(UTC) - 2 * JUST_PAID_LASTS))


def _refunded(shop: Shop, walked: WalkedOrder, amount: int | None) -> None:
    _pay(shop, walked)
    shop.client("seller").refund(walked.order_id, uuid.uuid4().hex, amount).expect(200, 201, 202)


def _out_of_attempts(shop: Shop, walked: WalkedOrder, _: Device) -> None:
    # A hundred payments take longer than a walk.
    _write(shop, walked, attempts_made=MOST_ATTEMPTS)
    walked.out_of_attempts = True


def _cancelled(shop: Shop, walked: WalkedOrder, _: Device) -> None:
    shop.client("seller").cancel_order(walked.order_id).expect(200)


def _expired(shop: Shop, walked: WalkedOrder, _: Device) -> None:
    pay_by = datetime.now(UTC) + _TAKES_PAYMENTS_FOR
    _edit(shop, walked, pay_by=as_text(pay_by))
    time.sleep(max(0.0, (pay_by - datetime.now(UTC)).total_seconds()))


def _write(shop: Shop, walked: WalkedOrder, **fields: Any) -> None:
    """Write one field of the order's head into the table."""
    ((name, value),) = item_of(fields).items()
    aws.session().client("dynamodb", endpoint_url=shop.stack.aws_endpoint_url).update_item(
        TableName=shop.stack.table,
        Key=item_of(head_key(walked.order_id)),
        UpdateExpression="SET #field = :value",
        ExpressionAttributeNames={"#field": name},
        ExpressionAttributeValues={":value": value},
    )
