"""An order's payment link: asked for, renewed, and shown to nobody else."""

import json
import re
from urllib.parse import quote

import pytest

from paylatch.domain.errors import Refused
from paylatch.domain.ids import LINK_ID_PATTERN
from paylatch.runtime.redaction import redacted
from paylatch.store.connection import TableConnection
from tests.integration.pay_pages import Tab, pay_link
from tests.integration.shop import PAGES_URL, Shop
from tests.lambda_events import BUYER, SELLER, SERVICE, Person
from tests.orders_table import client_of as table_client

BY = pytest.mark.parametrize("person", [BUYER, SELLER, SERVICE], ids=["buyer", "seller", "service"])


@BY
def test_its_buyer_its_seller_and_a_service_get_the_link(shop: Shop, person: Person) -> None:
    order_id = shop.create()
    answer = shop.call("pay_link", order_id, body={}, person=person)
    assert answer.status == 200
    assert set(answer.body) == {"url"}
    order_part, _, link_id = answer.body["url"].rpartition("/")
    assert order_part == f"{PAGES_URL}/pay/{order_id}"
    assert shop.head(order_id).link_id == link_id
    assert re.fullmatch(LINK_ID_PATTERN, link_id)


def test_a_second_request_gives_the_same_link_and_writes_nothing(shop: Shop) -> None:
    order_id = shop.create()
    first, version = pay_link(shop, order_id), shop.head(order_id).version
    assert pay_link(shop, order_id, BUYER) == first
    assert shop.head(order_id).version == version


def test_a_renewed_link_is_another_one_and_the_old_one_works_no_more(shop: Shop) -> None:
    order_id = shop.create()
    old = pay_link(shop, order_id)
    new = pay_link(shop, order_id, renew=True)
    assert old != new
    assert (Tab.opened(old).response.status, Tab.opened(new).response.status) == (404, 200)


@pytest.mark.parametrize("status", ["pending_payment", "in_payment", "paid", "cancelled"])
def test_the_link_is_there_in_any_status_and_changes_none(shop: Shop, status: str) -> None:
    order_id = shop.create()
    if status in ("in_payment", "paid"):
        attempt_id = shop.pay(order_id).body["attempt_id"]
        if status == "paid":
            shop.money(attempt_id)
    elif status == "cancelled":
        shop.call("order_cancel", order_id)
    before = shop.head(order_id)
    assert Tab.opened(pay_link(shop, order_id)).response.status == 200
    after = shop.head(order_id)
    assert (after.status, after.revision, after.attempt) == (before.status, before.revision, before.attempt)
    assert after.status.value == status


def test_the_shop_s_address_is_kept_until_another_one_is_given(shop: Shop) -> None:
    order_id = shop.create()
    path = pay_link(shop, order_id, return_url="https://shop.test/thanks")
    assert pay_link(shop, order_id) == path
    assert "https://shop.test/thanks" in Tab.opened(path).html
    assert pay_link(shop, order_id, return_url="https://shop.test/again") == path
    assert "https://shop.test/again" in Tab.opened(path).html
    renewed = pay_link(shop, order_id, renew=True)
    assert "https://shop.test/again" in Tab.opened(renewed).html


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"renew": "yes"}, "renew"),
        ({"return_url": "javascript:alert(1)"}, "return_url"),
        ({"return_url": "https://shop.test/?attempt_id=1"}, "return_url"),
        ({"link_id": "A" * 26}, "link_id"),
    ],
)
def test_a_bad_request_names_its_field_and_makes_no_link(shop: Shop, body: dict[str, object], field: str) -> None:
    order_id = shop.create()
    answer = shop.call("pay_link", order_id, body=body, person=SERVICE)
    assert (answer.status, [fault["field"] for fault in answer.body["errors"]]) == (400, [field])
    assert shop.head(order_id).link_id is None


def test_no_order_event_history_or_log_names_the_link(
    shop: Shop, orders_table: TableConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = shop.create()
    path = pay_link(shop, order_id)
    link_id = path.rpartition("/")[2]
    Tab.opened(path).pay()
    for person in (BUYER, SELLER, SERVICE):
        assert link_id not in json.dumps(shop.read(order_id, person).body)
        payment = shop.call("payment_read", order_id, attempt_id=shop.holder(order_id), person=person)
        assert link_id not in json.dumps(payment.body)
    Tab.opened(path.replace(order_id, "7777777777777777"))
    stored = table_client(orders_table).scan(TableName=orders_table.table)["Items"]
    events = [item.get("last_event") for item in stored] + [item for item in stored if "EVENT" in item["sk"]["S"]]
    assert link_id not in json.dumps(events, default=str)
    assert link_id not in capsys.readouterr().out
    assert link_id not in json.dumps([fields for _, fields in shop.metrics.failed])


def test_a_gateway_that_repeats_the_link_in_its_refusal_puts_it_into_no_event(shop: Shop) -> None:
    order_id = shop.create()
    path = pay_link(shop, order_id)
    order_part, _, link_id = path.rpartition("/")
    words = f"success_url={quote(PAGES_URL + path, safe='')} is not taken, nor is {PAGES_URL}{order_part}/{link_id}"
    shop.gateway.answer_with("open", Refused("sandbox", words))
    Tab.opened(path).pay()
    event = shop.head(order_id).last_event
    assert (event.type, "is not taken" in json.dumps(event.detail)) == ("OrderUnlocked", True)
    assert link_id not in json.dumps(event.detail)


def test_the_log_s_redaction_leaves_a_link_out() -> None:
    link_id = "7Q2ZC4N8XW1KT5RVB0HJ6M3D9P"
    assert link_id not in redacted(f"success_url=https%3A%2F%2Fpages.test%2Fpay%2F0K3VJ8Q5ZB6T1W2X%2F{link_id}%3Fa=1")
    assert link_id not in redacted(f"https%3a%2f%2fpages.test%2fpay%2f0K3VJ8Q5ZB6T1W2X%2f{link_id}")
    assert link_id not in redacted(f"GET /pay/0K3VJ8Q5ZB6T1W2X/{link_id} failed; {link_id}")
    assert "0K3VJ8Q5ZB6T1W2X_7H2M9QRT" in redacted("payment 0K3VJ8Q5ZB6T1W2X_7H2M9QRT failed")
