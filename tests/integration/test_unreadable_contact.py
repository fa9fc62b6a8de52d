"""A payment opens without the payer's contact where the content that has it cannot be read."""

from paylatch.store.connection import TableConnection
from tests.integration.shop import Shop
from tests.orders_table import client_of


def test_a_payment_opens_although_a_later_release_wrote_the_content(shop: Shop, orders_table: TableConnection) -> None:
    order_id = shop.create(locale="sv")
    key = {"pk": {"S": f"ORDER#{order_id}"}, "sk": {"S": f"CONTENT#{shop.head(order_id).content_id}"}}
    table, client = orders_table.table, client_of(orders_table)
    item = client.get_item(TableName=table, Key=key)["Item"]
    client.put_item(TableName=table, Item={**item, "buyer_may": {"L": [{"S": "gift_wrap"}]}})
    answer = shop.pay(order_id)
    assert (answer.status, shop.status(order_id)) == (201, "in_payment")
    ((_, request),) = [(name, asked) for name, asked in shop.gateway.asked if name == "open"]
    assert (request.email, request.locale) == (None, None)
    assert shop.pay(order_id).body == answer.body
