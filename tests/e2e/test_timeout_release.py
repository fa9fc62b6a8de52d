"""The main lifecycle with a timeout instead of the cancellation: without any call, a timer unlocks the order."""

from datetime import datetime, timedelta

import boto3

from local.smoke_test import SmokeTest
from local.stack import Stack

UNLOCKED_WITHIN = 60 + 30
# I5 is two seconds. The rest is for a machine that does other things too; the minute's sweep would mostly be later.
LATE_BY_AT_MOST = timedelta(seconds=5)


def test_an_unpaid_order_is_released_and_paid_later(
    stack: Stack, emulated_aws: boto3.Session, abandoned_order: str
) -> None:
    client = SmokeTest(stack)
    client.wait_until(abandoned_order, "pending_payment", UNLOCKED_WITHIN)

    client.edit(abandoned_order, revision=1, quantity=1, expected=200)
    client.pay_on_the_hosted_page(client.request_payment(abandoned_order)["pay_url"])
    client.wait_until(abandoned_order, "paid", within=30)

    history = client.read_history(abandoned_order)
    assert [event["seq"] for event in history] == list(range(1, len(history) + 1))
    (unlocked,) = (event for event in history if event["type"] == "OrderUnlocked")
    assert unlocked["detail"]["reason"] == "timed_out"
    (locked, *_) = (event for event in history if event["type"] == "OrderLocked")
    late = datetime.fromisoformat(unlocked["at"]) - datetime.fromisoformat(locked["detail"]["until"])
    assert timedelta(0) <= late <= LATE_BY_AT_MOST
    assert _items(stack, emulated_aws, abandoned_order) == {"HEAD": 1, "CONTENT": 2, "EVENT": len(history)}


def _items(stack: Stack, emulated_aws: boto3.Session, order_id: str) -> dict[str, int]:
    """How many items of each kind the order has in the table."""
    client = emulated_aws.client("dynamodb", endpoint_url=stack.aws_endpoint_url)
    found = client.query(
        TableName=stack.table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"ORDER#{order_id}"}},
    )["Items"]
    kinds = [item["sk"]["S"].partition("#")[0] for item in found]
    return {kind: kinds.count(kind) for kind in kinds}
