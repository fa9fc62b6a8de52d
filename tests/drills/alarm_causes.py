"""What raises alarms, once each on purpose: what payers, gateways and operators do wrong, and missing rights."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from local import aws
from local.example_orders import PAYMENT
from local.sandbox_client import SandboxClient
from tests.drills.functions import set_variables, variables_of
from tests.drills.secrets import read_secret, store_secret
from tests.drills.shop import Attempt, Shop, until

NOWHERE = "http://127.0.0.1:9"
_versions = count()
Cause = Callable[[Shop], None]


def _paid(shop: Shop) -> Attempt:
    attempt = shop.lock(shop.place())
    shop.pay(attempt)
    until(lambda: shop.status(attempt.order_id) == "paid", within=15)
    return attempt


def _faults(shop: Shop, attempt: Attempt, plan: Mapping[str, Any]) -> None:
    SandboxClient(shop.stack.sandbox_url).set_faults(attempt.attempt_id, plan).expect(200)


def too_little_is_paid(shop: Shop) -> None:
    attempt = shop.lock(shop.place())
    _faults(shop, attempt, {"payment": {"amount": 1}})
    shop.pay(attempt)


def money_goes_back_by_hand(shop: Shop) -> None:
    SandboxClient(shop.stack.sandbox_url).refund(_paid(shop).attempt_id).expect(200, 201)


def a_payer_disputes(shop: Shop) -> None:
    SandboxClient(shop.stack.sandbox_url).dispute(_paid(shop).attempt_id, "open").expect(200, 201)


def the_gateway_refuses_a_refund(shop: Shop) -> None:
    attempt = _paid(shop)
    _faults(shop, attempt, {"refund": {"fault": "refuse"}})
    shop.stack.client("seller").refund(attempt.order_id, uuid.uuid4().hex).expect(201)
    until(lambda: any(each["status"] == "refused" for each in shop.order(attempt.order_id)["refunds"]), within=90)


def the_secret_lacks_its_key(shop: Shop) -> None:
    secret = read_secret(shop.stack, "sandbox")
    store_secret(shop.stack, "sandbox", {"api_key": ""})
    with _changed(shop, "PaymentRequestsFunction", {"DRILL_VERSION": str(next(_versions))}):
        _try_to_pay(shop)
        store_secret(shop.stack, "sandbox", secret)


def the_table_is_another(shop: Shop) -> None:
    with _changed(shop, "PaymentRequestsFunction", {"PAYLATCH_TABLE": "no-such-table"}):
        _try_to_pay(shop)


def the_queue_takes_no_timers(shop: Shop) -> None:
    shop.lock(shop.place(), expires_in=60)
    with _changed(shop, "TimeoutSweepsFunction", {"PAYLATCH_TIMER_QUEUE": f"{NOWHERE}/no-such-queue"}):
        _invoke(shop, "TimeoutSweepsFunction")


def the_gateway_gives_no_statement(shop: Shop) -> None:
    with _changed(shop, "OperationsFunction", {"PAYLATCH_SANDBOX_URL": NOWHERE}):
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
        shop.stack.client("operator").reconcile(yesterday)


def _try_to_pay(shop: Shop) -> None:
    shop.stack.client("buyer").request_payment(shop.place(), PAYMENT, uuid.uuid4().hex)


def _invoke(shop: Shop, logical_id: str) -> None:
    client = aws.session().client("lambda", endpoint_url=shop.stack.aws_endpoint_url)
    client.invoke(FunctionName=shop.stack.functions[logical_id], Payload=b"{}")


@contextmanager
def _changed(shop: Shop, logical_id: str, variables: Mapping[str, str]) -> Iterator[None]:
    """Within this context, the function has these variables; afterwards those from before."""
    before = variables_of(shop.stack, logical_id)
    set_variables(shop.stack, logical_id, variables)
    try:
        yield
    finally:
        set_variables(shop.stack, logical_id, before)
        time.sleep(1)


# By alarm; the one that changes the gateway's secret is the last.
CAUSES: Mapping[str, Cause] = {
    "PaymentsMismatched": too_little_is_paid,
    "MoneyReturned": money_goes_back_by_hand,
    "DisputesOpened": a_payer_disputes,
    "RefundsRefused": the_gateway_refuses_a_refund,
    "ReconciliationFailing": the_gateway_gives_no_statement,
    "TimersMissing": the_queue_takes_no_timers,
    "StoreRefusesUs": the_table_is_another,
    "GatewayRefusesUs": the_secret_lacks_its_key,
}
